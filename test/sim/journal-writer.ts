// A process that journals as fast as it can and says, line by line, what it may acknowledge; killed
// by journal-kill.test.ts. Arguments: folder, worker URL.

import { writeSync } from "node:fs";
import { Journal } from "../../src/journal/journal.ts";
import { BUILD, Sealer } from "../src/journal/sealer.ts";
import { xxh64 } from "../src/journal/xxh64.ts";

const [dir = "", worker = ""] = process.argv.slice(2);
const { journal, tail } = Journal.open({
  ...{ dir, stream: 0, build: BUILD, hash: xxh64, segmentBytes: 65_536, worker: new URL(worker) },
  onSynced: (sequence) => writeSync(1, `durable ${sequence}\n`),
  onFault: (fault) => writeSync(1, `fault ${fault.line()}\n`),
});
const sealer = new Sealer(xxh64);
sealer.index = tail.blockIndex;
sealer.sequence = tail.sequence;
sealer.prevHash = tail.prevHash;

function turn(): void {
  const { bytes, firstSequence, records } = sealer.seal(1 + (sealer.index % 6));
  journal.append(bytes, 0, bytes.length, firstSequence, records);
  writeSync(1, `written ${sealer.sequence}\n`);
  journal.requestSync();
  setImmediate(turn);
}

turn();
