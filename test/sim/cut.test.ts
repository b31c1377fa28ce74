// The journal of an engine cut at any byte: what recovery gives is the state of that sequence.
//
// test/src/journal/every-byte.test.ts says which blocks are left, for every byte; here a sample of
// the cuts is recovered by a whole engine, and its state hashes are those the engine had then.
import { expect, test } from "vitest";
import { AckLevel, Role } from "../../asm/vocab.ts";
import { loadBuild } from "../../src/core/build.ts";
import { Engine } from "../../src/oms/engine.ts";
import { FaultyDisk } from "./faulty-disk.ts";
import { HandCommitter, Hands } from "./hands.ts";
import { Market, SETUP } from "./market.ts";
import { Draw, FAULTS, type Profile } from "./plan.ts";

const CUTS = process.env["ALPHAPULSE_DEEP"] === "1" ? 5000 : 240;
const STEPS = 40;
const SEGMENT_BYTES = 32_768;
const NO_FAULT = Object.fromEntries(FAULTS.map((kind) => [kind, 0])) as Profile;
const build = loadBuild();
const noDraw = (): number => 0.5;

function engineOn(disk: FaultyDisk, hands: Hands): Engine {
  const engine = new Engine({
    ...{ build, clock: hands.clock(), roles: Role.Both, spin: true },
    journal: {
      ...{ dir: "/data", stream: 0, segmentBytes: SEGMENT_BYTES, disk },
      worker: (start) => new HandCommitter(disk, start),
    },
  });
  // Only touches memory.
  engine.core.warm = () => undefined;
  return engine;
}

const hashesOf = ({ core }: Engine): string =>
  `${core.stateHash(Role.Order)} ${core.stateHash(Role.Market)}`;

/** An engine's files while it lives, and its state behind every block. */
async function life(): Promise<{ files: Map<string, Uint8Array>; states: Map<number, string> }> {
  const hands = new Hands();
  const disk = new FaultyDisk(noDraw);
  const states = new Map<number, string>();
  const draw = new Draw(4);
  const market = new Market(draw, NO_FAULT);
  await hands.own(async () => {
    const engine = engineOn(disk, hands);
    states.set(0, hashesOf(engine));
    engine.addSink({
      collect: () => undefined,
      flush: (level, sequence) => {
        if (level === AckLevel.Written) states.set(sequence, hashesOf(engine));
      },
    });
    engine.recover();
    engine.start();
    engine.configure(SETUP);
    for (let step = 0; step < STEPS; step++) {
      for (let tick = draw.below(48); tick > 0; tick--) market.tick(engine.core);
      for (let command = draw.below(8); command > 0; command--) market.command(engine.core);
      engine.schedule();
      hands.pass(1);
      await Promise.resolve();
    }
    expect(engine.fault).toBeUndefined();
    Object.assign(engine, { isRunning: false, turn: () => undefined });
    hands.forget();
  });
  return { files: disk.backup(), states };
}

test("a journal cut at any byte comes back with the state of its last whole block", async () => {
  const { files, states } = await life();
  const segments = [...files.keys()].filter((path) => path.includes("/segment-")).sort();
  expect(segments.length, "cuts in more than one segment").toBeGreaterThan(3);
  const draw = new Draw(5);
  const reached = new Set<number>();
  for (let cut = 0; cut < CUTS; cut++) {
    const last = draw.below(segments.length);
    const disk = new FaultyDisk(noDraw);
    const left = new Map(segments.slice(0, last).map((path) => [path, files.get(path)!.slice()]));
    const bytes = files.get(segments[last]!)!;
    const at = draw.below(bytes.length);
    left.set(segments[last]!, bytes.slice(0, at));
    disk.restore(left);
    const engine = engineOn(disk, new Hands());
    engine.recover();
    const { sequence } = engine.core;
    const place = `cut at ${at} of ${segments[last]}, back at ${sequence}`;
    expect(hashesOf(engine), place).toBe(states.get(sequence));
    reached.add(sequence);
  }
  expect(reached.size, "cuts that differ").toBeGreaterThan(STEPS / 2);
});
