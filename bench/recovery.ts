// How long a start takes, and what a snapshot costs those who trade meanwhile.
//
// A journal of the published mix is written by the engine, then engines come up from it: from the
// first block on, and from a follower's snapshot with a tail behind it. Each start is a new core;
// opening the journal with its checks is inside.
import { CELL_SHIFT, Role } from "../asm/vocab.ts";
import { loadBuild } from "../src/core/build.ts";
import { hex, type CoreBuild } from "../src/core/core.ts";
import type { Engine } from "../src/oms/engine.ts";
import { FollowerLink } from "../src/oms/follower-link.ts";
import { Follower } from "../src/oms/follower.ts";
import { feedEngine, inFolder, openEngine, passes, startEngine } from "./journaled.ts";
import { ACCOUNTS } from "./order-stream.ts";
import {
  distribution,
  plantedSlowdown,
  type BenchMetric,
  type BenchOptions,
  type BenchResult,
} from "./report.ts";

const PASS_COMMANDS = 1_000_000;
const PASSES = 10;
const SMALL_COMMANDS = 20_000;
/** Commands of the tail behind the snapshot. */
const TAIL = 1_000_000;
const HOT_COMMANDS = 200_000;
const SMALL_HOT_COMMANDS = 60_000;
/** Part of the commands that is not timed: until the compilers are done and the follower is up. */
const HOT_WARM_SHARE = 0.25;
/** Inputs between snapshots while the hot path is timed: it never rests. */
const SNAPSHOT_RECORDS = 2_000;

interface Size {
  commands: number;
  passes: number;
  tail: number;
  hot: number;
}

/** Seconds of a start from the folder; checks that it came up where the journal ended. */
async function start(build: CoreBuild, dir: string, expected: string): Promise<number> {
  const slow = plantedSlowdown("recovery");
  const startMillis = performance.now();
  const engine = openEngine({ build, dir, accounts: 0 });
  engine.recover();
  slow(startMillis);
  const seconds = (performance.now() - startMillis) / 1000;
  const hash = hex(engine.core.stateHash(Role.Order));
  await engine.stop();
  if (hash !== expected) throw new Error(`recovered ${hash}, the engine had ${expected}`);
  return seconds;
}

async function starts(
  build: CoreBuild,
  size: Size,
): Promise<{ metrics: BenchMetric[]; hash: string }> {
  return inFolder("recovery", async (dir) => {
    const accounts = (size.passes + 1) * ACCOUNTS;
    const live = startEngine({ build, dir, accounts });
    const streams = passes(size.commands, size.passes + 1);
    for (let pass = 0; pass < size.passes; pass++) {
      await feedEngine(live, streams.next().value!);
    }
    const whole = hex(live.core.stateHash(Role.Order));
    await halt(live);
    const replaySeconds = await start(build, dir, whole);
    const follower = new Follower({ build, dir, stream: 0, roles: Role.Order, keep: 1 });
    while (follower.step(256) > 0);
    const snapshot = follower.snapshot()!;
    follower.close();
    const again = startEngine({ build, dir, accounts });
    const last = streams.next().value!;
    const batches = Math.ceil((size.tail / size.commands) * last.batchEnds.length);
    await feedEngine(again, { ...last, batchEnds: last.batchEnds.slice(0, batches) });
    const hash = hex(again.core.stateHash(Role.Order));
    await halt(again);
    const tailSeconds = await start(build, dir, hash);
    const events = `${(size.commands * size.passes) / 1e6}M`;
    return {
      hash,
      metrics: [
        { metric: `${size.tail / 1e6}M tail + snapshot`, value: tailSeconds, unit: "s" },
        { metric: `${events} events replayed`, value: replaySeconds, unit: "s" },
        { metric: "snapshot taken", value: snapshot.millis, unit: "ms" },
        { metric: "snapshot", value: snapshot.bytes, unit: "bytes" },
      ],
    };
  });
}

/** As a kill leaves it, but for the lock: no checkpoint that a start would have to verify. */
async function halt(engine: Engine): Promise<void> {
  await engine.kept!.journal.close();
  await engine.stop().catch(() => undefined);
}

/** Microseconds of each command's turn, journal write included. */
async function hotTurns(build: CoreBuild, size: Size, isFollowed: boolean): Promise<Float64Array> {
  return inFolder("hot", async (dir) => {
    const engine = startEngine({ build, dir, accounts: ACCOUNTS });
    let taken = 0;
    const data = { dir, stream: 0, roles: Role.Order, keep: 2, everyRecords: SNAPSHOT_RECORDS };
    const fail = (fault: Error): never => {
      throw fault;
    };
    const follower = isFollowed ? new FollowerLink(data, () => (taken += 1), fail) : undefined;
    const [stream] = [...passes(size.hot, 1, 1)];
    const { words, batchEnds } = stream!;
    const samples = new Float64Array(batchEnds.length);
    const warm = Math.floor(batchEnds.length * HOT_WARM_SHARE);
    let from = 0;
    let before = 0;
    for (const [index, end] of batchEnds.entries()) {
      if (index === warm) {
        while (isFollowed && taken === 0) await new Promise((next) => setTimeout(next, 10));
        before = taken;
      }
      const startMillis = performance.now();
      engine.command.push(words, from, (end - from) >> CELL_SHIFT);
      engine.command.publish();
      engine.turn();
      samples[index] = (performance.now() - startMillis) * 1e3;
      from = end;
      // As between frames of a socket: the follower's messages and timers have their turn.
      if (index % 32 === 0) await new Promise((next) => setImmediate(next));
    }
    await follower?.stop();
    await engine.stop();
    if (isFollowed && taken === before) throw new Error("no snapshot was taken while it was timed");
    return samples.slice(warm);
  });
}

async function hotMetric(build: CoreBuild, size: Size): Promise<BenchMetric> {
  await hotTurns(build, size, false);
  const alone = distribution(await hotTurns(build, size, false));
  const followed = distribution(await hotTurns(build, size, true));
  return {
    ...{ metric: "hot p99 while a snapshot is taken", value: followed.p99, unit: "us" },
    ...{ floor: alone.p99, ...followed },
  };
}

/** `small` replays 40k events with a tail of 20k, else 10 million with a tail of one. */
export async function main(options: BenchOptions): Promise<BenchResult> {
  const build = loadBuild();
  const full = { commands: PASS_COMMANDS, passes: PASSES, tail: TAIL, hot: HOT_COMMANDS };
  const small = {
    commands: SMALL_COMMANDS,
    passes: 2,
    tail: SMALL_COMMANDS,
    hot: SMALL_HOT_COMMANDS,
  };
  const size = options.small ? small : full;
  const { metrics, hash } = await starts(build, size);
  return {
    name: "recovery",
    hash,
    scope:
      "start of an order engine from its journal: lock, check of all blocks read, replay; with a " +
      "follower's snapshot, or from the first block; hot p99: a command's turn with its " +
      "journal write while a follower takes one snapshot after the other, floor: without follower",
    metrics: [...metrics, await hotMetric(build, size)],
    conditions: { commands: size.commands * size.passes, tail: size.tail },
  };
}
