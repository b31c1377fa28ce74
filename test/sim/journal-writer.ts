// A process that journals as fast as it can and says, line by line, what it may acknowledge; killed
// by journal-kill.test.ts. Arguments: folder, worker URL.

import { writeSync } from "node:fs";
import { Journal } from "../../src/journal/journal.ts";
import { BUILD, Sealer } from "../src/journal/sealer.ts";
import { xxh64 } from "../src/journal/xxh64.ts";

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Says a whole line, however slowly the parent reads. */
function say(line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

const [dir = "", worker = ""] = process.argv.slice(2);
const { journal, tail } = Journal.open({
  ...{ dir, stream: 0, build: BUILD, hash: xxh64, segmentBytes: 65_536, worker: new URL(worker) },
  onSynced: (sequence) => say(`durable ${sequence}`),
  onFault: (fault) => say(`fault ${fault.line()}`),
});
const sealer = new Sealer(xxh64);
sealer.index = tail.blockIndex;
sealer.sequence = tail.sequence;
sealer.prevHash = tail.prevHash;

function turn(): void {
  const { bytes, firstSequence, records } = sealer.seal(1 + (sealer.index % 6));
  journal.append(bytes, 0, bytes.length, firstSequence, records);
  say(`written ${sealer.sequence}`);
  journal.requestSync();
  setImmediate(turn);
}

turn();
