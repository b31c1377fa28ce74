// A process that journals as fast as it can and says, line by line, what it may acknowledge; killed
// by journal-kill.test.ts, and refused system calls by system-faults.test.ts.
// Arguments: folder, worker URL; then blocks to write before it ends (0: it never does), bytes of a
// segment and of the reserve.

import { writeSync } from "node:fs";
import { AlphaError } from "../../src/errors.ts";
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

const [dir = "", worker = "", blocks = "0", segment = "65536", reserve = "0"] =
  process.argv.slice(2);
const blocksMax = Number(blocks);
let hasFailed = false;
let isWaiting = false;

/** Says the fault once; an engine acknowledges nothing after it and ends. */
function fail(error: unknown): void {
  if (hasFailed) return;
  hasFailed = true;
  process.exitCode = 1;
  say(`fault ${error instanceof AlphaError ? error.line() : String(error)}`);
}

function main(): void {
  const { journal, tail } = Journal.open({
    ...{ dir, stream: 0, build: BUILD, hash: xxh64, worker: new URL(worker) },
    ...{ segmentBytes: Number(segment), reserveBytes: Number(reserve) },
    onSynced: (sequence) => {
      say(`durable ${sequence}`);
      if (isWaiting && sequence === sealer.sequence) setImmediate(turn);
      if (blocksMax > 0 && sealer.index - tail.blockIndex >= blocksMax) void end();
    },
    onFault: (fault) => {
      fail(fault);
      if (blocksMax > 0) void end();
    },
  });
  const sealer = new Sealer(xxh64);
  sealer.index = tail.blockIndex;
  sealer.sequence = tail.sequence;
  sealer.prevHash = tail.prevHash;

  async function end(): Promise<void> {
    try {
      await journal.close();
      if (!hasFailed) say("closed");
    } catch (error) {
      fail(error);
    }
  }

  function turn(): void {
    if (hasFailed) return;
    if (blocksMax > 0 && sealer.index - tail.blockIndex >= blocksMax) return;
    try {
      const { bytes, firstSequence, records } = sealer.seal(1 + (sealer.index % 6));
      journal.append(bytes, 0, bytes.length, firstSequence, records);
    } catch (error) {
      fail(error);
      return void end();
    }
    say(`written ${sealer.sequence}`);
    journal.requestSync();
    // One that ends waits for the disk now and then, so that each kind of sync has its turn.
    isWaiting = blocksMax > 0 && sealer.index % 3 === 0;
    if (!isWaiting) setImmediate(turn);
  }

  turn();
}

try {
  main();
} catch (error) {
  fail(error);
}
