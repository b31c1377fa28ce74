// What it costs to keep what happened: commands made durable in groups, one command made durable
// by itself, and the journal's share of a turn at level "written".
//
// The engine is the real one: core, sealed block, one write, the sync thread. Left out: sockets.
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

import { BLOCK_HEADER_BYTES, CELL_BYTES, Role, Stage } from "../asm/vocab.ts";
import { loadBuild } from "../src/core/build.ts";
import { hex } from "../src/core/core.ts";
import type { Engine } from "../src/oms/engine.ts";
import { DurableSink, feedEngine, inFolder, passes, startEngine } from "./journaled.ts";
import { ACCOUNTS } from "./order-stream.ts";
import {
  distribution,
  plantedSlowdown,
  type BenchMetric,
  type BenchOptions,
  type BenchResult,
} from "./report.ts";

const PASS_COMMANDS = 500_000;
const PASSES = 4;
const SMALL_COMMANDS = 100_000;
/** Single commands; the first of them are not counted. */
const SINGLES = 3_000;
const SMALL_SINGLES = 400;
const SINGLES_WARM = 200;
/** Bytes written before each bare fdatasync: as a block of one command has. */
const BLOCK_BYTES = BLOCK_HEADER_BYTES + 2 * CELL_BYTES;
const FLOOR_FILE_BYTES = 4 << 20;

async function until(isThere: () => boolean): Promise<void> {
  while (!isThere()) await new Promise((next) => setImmediate(next));
}

/** Millions of commands a second, from the first into the ring to the last one durable. */
async function throughput(isSmall: boolean): Promise<{ metric: BenchMetric; hash: string }> {
  return inFolder("journal", async (dir) => {
    const [commands, count] = isSmall ? [SMALL_COMMANDS, 1] : [PASS_COMMANDS, PASSES];
    const streams = [...passes(commands, count)];
    const sink = new DurableSink();
    const engine = startEngine({ build: loadBuild(), dir, accounts: count * ACCOUNTS, sink });
    const slow = plantedSlowdown("journal");
    const startMillis = performance.now();
    for (const stream of streams) await feedEngine(engine, stream);
    const { journal } = engine.kept!;
    journal.requestSync();
    await until(() => journal.syncedSequence >= engine.core.sequence);
    slow(startMillis);
    const seconds = (performance.now() - startMillis) / 1000;
    const hash = hex(engine.core.stateHash(Role.Order));
    await engine.stop();
    const value = (commands * count) / seconds / 1e6;
    return { metric: { metric: "durable commands", value, unit: "M/s" }, hash };
  });
}

/** Bare write and fdatasync of as many bytes, into a file that is written already. */
class BareFile {
  private readonly fd: number;
  private readonly bytes = new Uint8Array(BLOCK_BYTES).fill(1);
  private position = 0;

  constructor(dir: string) {
    this.fd = openSync(join(dir, "bare"), "w");
    writeSync(this.fd, new Uint8Array(FLOOR_FILE_BYTES));
    fdatasyncSync(this.fd);
  }

  commit(): number {
    const startMillis = performance.now();
    writeSync(this.fd, this.bytes, 0, BLOCK_BYTES, this.position);
    fdatasyncSync(this.fd);
    this.position = (this.position + BLOCK_BYTES) % (FLOOR_FILE_BYTES - BLOCK_BYTES);
    return performance.now() - startMillis;
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** One command at a time, in turns with the bare file, so that both meet the same disk. */
async function singles(isSmall: boolean): Promise<BenchMetric> {
  return inFolder("commit", async (dir) => {
    const count = (isSmall ? SMALL_SINGLES : SINGLES) + SINGLES_WARM;
    const [stream] = [...passes(count, 1, 1)];
    const sink = new DurableSink();
    const engine = startEngine({ build: loadBuild(), dir, accounts: ACCOUNTS, sink });
    await until(() => engine.kept!.journal.syncedSequence >= engine.core.sequence);
    const bare = new BareFile(dir);
    const [durable, floor] = [[], []] as [number[], number[]];
    for (const one of singleSteps(stream!.words, stream!.batchEnds)) {
      durable.push((await commitOne(engine, sink, one)) * 1e3);
      floor.push(bare.commit() * 1e3);
    }
    bare.close();
    await engine.stop();
    const [commit, bareCommit] = [warmed(durable), warmed(floor)];
    return {
      ...{ metric: "durable commit p50", value: commit.p50, unit: "us" },
      ...{ floor: bareCommit.p50, ...commit },
    };
  });
}

function warmed(samples: number[]): ReturnType<typeof distribution> {
  return distribution(Float64Array.from(samples.slice(SINGLES_WARM)));
}

/** The journal's share of a turn with one command while nobody waits for the disk. */
async function written(isSmall: boolean): Promise<BenchMetric> {
  return inFolder("written", async (dir) => {
    const count = (isSmall ? SMALL_SINGLES : SINGLES) + SINGLES_WARM;
    const [stream] = [...passes(count, 1, 1)];
    const samples: number[] = [];
    const onStage = (stage: Stage, nanos: number): void => {
      if (stage === Stage.Journal) samples.push(nanos / 1e3);
    };
    const engine = startEngine({ build: loadBuild(), dir, accounts: ACCOUNTS, onStage });
    samples.length = 0;
    await feedEngine(engine, stream!);
    const share = warmed(samples.slice(0, count));
    await engine.stop();
    return { metric: "written added to journey p50", value: share.p50, unit: "us", ...share };
  });
}

function* singleSteps(words: Int32Array, ends: number[]): Generator<Int32Array, void> {
  let from = 0;
  for (const end of ends) {
    yield words.subarray(from >> 2, end >> 2);
    from = end;
  }
}

/** Milliseconds from the command's way into the ring to its durable acknowledgement. */
function commitOne(engine: Engine, sink: DurableSink, words: Int32Array): Promise<number> {
  const slow = plantedSlowdown("journal");
  return new Promise((done) => {
    const startMillis = performance.now();
    engine.command.pushRun(words, 0, words.length << 2);
    engine.command.publish();
    engine.turn();
    const sequence = engine.core.sequence;
    sink.onDurable = (durable) => {
      if (durable < sequence) return;
      sink.onDurable = () => undefined;
      slow(startMillis);
      done(performance.now() - startMillis);
    };
  });
}

/** `small` takes 100k commands and 400 single ones, else 2 million and 3000. */
export async function main(options: BenchOptions): Promise<BenchResult> {
  const { metric, hash } = await throughput(options.small);
  const metrics = [metric, await singles(options.small), await written(options.small)];
  return {
    name: "journal",
    hash,
    scope:
      "order path of the orders bench with a journal on the project's disk; durable commands: to " +
      "the last fdatasync; durable commit: one command into the ring to its durable " +
      "acknowledgement, floor: bare write and fdatasync of a block's bytes, in turns with it; " +
      "written: seal and write of a block of one command while nobody waits for the disk",
    metrics,
    conditions: { commands: options.small ? SMALL_COMMANDS : PASS_COMMANDS * PASSES },
  };
}
