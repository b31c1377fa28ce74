// The image of a core is its whole state: a core made from it goes on as the one it was taken of.
import { expect, test } from "vitest";
import { Role } from "../../../asm/vocab.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { Core } from "../../../src/core/core.ts";
import { imagePage, imagePages, isImagePage } from "../../../src/core/image.ts";
import { put, record, setupRecords, ticks } from "../../asm/spine-core.ts";
import { OrderRun, type Input } from "../../fuzz/order-run.ts";
import { OrderStream } from "../../fuzz/order-stream.ts";
import { seeded } from "../../reference/random.ts";
import { OrderCore } from "../../asm/order-core.ts";
import { writeRow } from "../../fuzz/order-bytes.ts";
import { Kind } from "../../../asm/vocab.ts";

const build = loadBuild();

function copyImage(from: Core, to: Core): number {
  const pages = imagePages(from);
  for (const page of pages) imagePage(to, page).set(imagePage(from, page));
  return pages.length;
}

test("an empty core is one page, and only pages of state are any", () => {
  const core = Core.create(build, { roles: Role.Both });
  core.warm();
  core.u8.fill(7, core.blockAt, core.blockAt + 4096);
  expect([...imagePages(core)]).toHaveLength(1);
  expect(isImagePage(imagePages(core)[0]!)).toBe(true);
  expect([0, core.blockAt >> 12, 1e6].map(isImagePage)).toEqual([false, false, false]);
});

test("no page that holds anything is passed over", () => {
  const run = new OrderRun(4);
  const stream = new OrderStream(seeded(4), run.twin);
  for (let step = 0; step < 1_000; step++) {
    const [kind, row] = stream.next();
    run.apply({ nowNanos: stream.nowNanos, kind, row });
  }
  const { core } = run.core;
  const pages = new Set(imagePages(core));
  const passed: number[] = [];
  for (let page = 0; page << 12 < core.u8.length; page++) {
    if (!isImagePage(page) || pages.has(page)) continue;
    if (core.i32.subarray(page << 10, (page + 1) << 10).some((word) => word !== 0))
      passed.push(page);
  }
  expect(passed).toEqual([]);
});

test.each([1, 2, 3])("orders of every kind go on, seed %i", (seed) => {
  const run = new OrderRun(seed);
  const stream = new OrderStream(seeded(seed), run.twin);
  const inputs: Input[] = Array.from({ length: 1_500 }, () => {
    const [kind, row] = stream.next();
    const input = { nowNanos: stream.nowNanos, kind, row };
    const { wrong } = run.apply(input);
    if (wrong !== undefined) throw new Error(wrong);
    return input;
  });
  const live = new OrderRun(seed).core;
  let copy: OrderCore | undefined;
  const give = (core: OrderCore, { nowNanos, kind, row }: Input): void => {
    core.nowNanos = nowNanos;
    core.apply(kind, row, writeRow);
    core.drain(() => undefined);
  };
  inputs.forEach((input, at) => {
    if (at % 500 === 400) {
      copy = OrderCore.create();
      expect(copyImage(live.core, copy.core)).toBeGreaterThan(10);
    }
    give(live, input);
    if (copy === undefined) return;
    give(copy, input);
    if (at % 50 === 0) {
      expect(copy.core.stateHash(Role.Order), `input ${at}`).toBe(live.core.stateHash(Role.Order));
    }
  });
  expect(live.core.stateHash(Role.Order)).toBe(run.core.core.stateHash(Role.Order));
});

test("candles, indicators and a strategy of the core go on", () => {
  const make = (): Core => {
    const core = Core.create(build, { roles: Role.Both });
    put(core.control, record(Kind.ClockBase, { baseNanos: 1_790_000_000_000_000_000n }));
    for (const bytes of setupRecords()) put(core.control, bytes);
    return core;
  };
  const work = (core: Core): void => {
    while (core.isBusy()) {
      core.run(-1, 256);
      core.discard();
      core.drain(() => undefined);
    }
  };
  const live = make();
  work(live);
  let copy: Core | undefined;
  ticks(2_000).forEach((bytes, at) => {
    if (at === 900) copyImage(live, (copy = Core.create(build, { roles: Role.Both })));
    for (const core of copy === undefined ? [live] : [live, copy]) {
      put(core.feed, bytes);
      work(core);
    }
  });
  expect(copy!.stateHashText()).toBe(live.stateHashText());
});
