// Steps of the wall clock, and engine time that never goes back.
import { expect, test } from "vitest";
import { Role } from "../../../asm/vocab.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { Core } from "../../../src/core/core.ts";
import { ClockBase } from "../../../src/oms/clock-base.ts";
import { Hands } from "./hands.ts";

const build = loadBuild();

function make(): {
  core: Core;
  hands: Hands;
  base: ClockBase;
  reports: number[];
  take: () => bigint;
} {
  const core = Core.create(build, { roles: Role.Both });
  const hands = new Hands();
  const clock = hands.clock();
  const reports: number[] = [];
  const base = new ClockBase(core, clock, (nanos) => reports.push(nanos));
  const take = (): bigint => {
    core.run(clock.nowNanos(), 100);
    core.discard();
    return core.tsEngineNanos;
  };
  return { core, hands, base, reports, take };
}

test("a forward step becomes a new base", () => {
  const { core, hands, base, reports, take } = make();
  base.begin();
  take();
  const before = core.clockBaseNanos;
  hands.wall += 3_600_000;
  expect(base.follow()).toBe(true);
  take();
  expect(core.clockBaseNanos - before).toBe(3_600_000_000_000n);
  expect(reports).toEqual([]);
  expect(base.follow(), "once").toBe(false);
});

test("a backward step is reported once, not followed, and time goes on at its pace", () => {
  const { core, hands, base, reports, take } = make();
  base.begin();
  take();
  const before = core.clockBaseNanos;
  hands.wall -= 3_600_000;
  expect([base.follow(), base.follow()]).toEqual([false, false]);
  expect(reports).toEqual([3_600_000_000_000]);
  expect(core.control.waiting(), "no record").toBe(0);
  hands.pass(5_000);
  base.follow();
  expect(core.clockBaseNanos).toBe(before);
  expect(reports).toHaveLength(1);
  hands.wall -= 60_000;
  base.follow();
  expect(reports, "a further step is a further report").toHaveLength(2);
  hands.wall += 3_660_000 + 500;
  expect(base.follow(), "the wall clock is ahead again").toBe(true);
});

test("a run whose wall clock lies behind its journal goes on where the journal ended", () => {
  const { core, hands, base, reports, take } = make();
  base.begin();
  take();
  hands.pass(10_000);
  base.follow();
  hands.wall += 1000;
  base.follow();
  const seen = take();
  // The next process: the wall clock has gone back an hour, its own monotonic zero is new.
  const later = new Hands();
  later.wall = hands.wall - 3_600_000;
  const clock = later.clock();
  const again = new ClockBase(core, clock, (nanos) => reports.push(nanos));
  again.begin();
  later.pass(250);
  core.run(clock.nowNanos(), 100);
  expect(core.clockBaseNanos).toBe(seen);
  expect(reports).toHaveLength(1);
  expect(again.follow(), "the raised base is kept").toBe(false);
  expect(reports).toHaveLength(1);
  expect(core.clockBaseNanos + BigInt(clock.nowNanos())).toBe(seen + 250_000_000n);
});

test("drift below the limit changes nothing", () => {
  const { hands, base, reports } = make();
  base.begin();
  for (const millis of [90, -180, 95]) {
    hands.wall += millis;
    expect(base.follow()).toBe(false);
  }
  expect(reports).toEqual([]);
});
