// Margin calls: once for every crossing, whatever crossed it, and never one too few.
import { beforeEach, expect, test } from "vitest";
import { CALLS_PER_INPUT_MAX } from "../../../asm/layout.ts";
import { Kind, Side } from "../../../asm/vocab.ts";
import { seeded } from "../../reference/random.ts";
import { only } from "../order-core.ts";
import { calls, MAKER, MarginCore, MARK } from "./margin-core.ts";

let margin: MarginCore;

beforeEach(() => {
  margin = new MarginCore();
});

/** 50 lots at 10,000: 500,000 of exposure; a call below 100,000, liquidation below 50,000. */
const SCHEDULE = { initialBps: 2_000, callBps: 2_000, maintenanceBps: 1_000 };

test("a mark that takes equity below the call margin calls once, and back ends it once", () => {
  margin.schedule(SCHEDULE);
  expect(calls(margin.trade(1, 50))).toEqual([]);
  const begins = margin.mark(9_999);
  expect(calls(begins)).toEqual([[1, 1]]);
  // Equity 99,950; 20 % of 499,950 is 99,990.
  const { equityMinor, needMinor, maintenanceMinor, exposureMinor } = only(
    begins,
    Kind.MarginCall,
  )[0]!;
  expect([equityMinor, needMinor, maintenanceMinor, exposureMinor]).toEqual([
    ...[99_950, 99_990, 49_995, 499_950],
  ]);
  expect(calls(margin.mark(9_990)), "called already").toEqual([]);
  expect(calls(margin.mark(MARK)), "equal is enough").toEqual([[1, 0]]);
  expect(calls(margin.mark(9_999))).toEqual([[1, 1]]);
});

test("a short position is called by a rising mark", () => {
  margin.schedule(SCHEDULE);
  margin.trade(1, -50);
  expect(calls(margin.mark(9_000))).toEqual([]);
  expect(calls(margin.mark(MARK))).toEqual([]);
  expect(calls(margin.mark(10_001))).toEqual([[1, 1]]);
});

test("a withdrawal, a fill, a schedule and an account's flags call as marks do", () => {
  margin.schedule(SCHEDULE);
  margin.trade(1, 50);
  expect(calls(margin.cash(1, -1)), "a withdrawal").toEqual([[1, 1]]);
  expect(calls(margin.cash(1, 1)), "a deposit").toEqual([[1, 0]]);
  margin.schedule({ ...SCHEDULE, initialBps: 0 });
  expect(calls(margin.trade(1, 1)), "a fill").toEqual([[1, 1]]);
  expect(calls(margin.trade(1, -1)), "a fill that closes").toEqual([[1, 0]]);
  expect(calls(margin.schedule({ callBps: 2_001, maintenanceBps: 1 })), "a schedule").toEqual([
    [1, 1],
  ]);
  const house = { accountFlags: 2 };
  expect(calls(margin.core.account(1, house)), "house accounts are not asked").toEqual([[1, 0]]);
  expect(calls(margin.core.account(1)), "and are again").toEqual([[1, 1]]);
  expect(calls(margin.schedule({ initialBps: 0 })), "no schedule any more").toEqual([[1, 0]]);
});

test("a position in an instrument without a schedule moves equity and counts", () => {
  margin.schedule(SCHEDULE);
  margin.trade(1, 40);
  margin.trade(1, 10, 2);
  expect(calls(margin.mark(8_001, 2)), "80,010 left of 80,000").toEqual([]);
  expect(calls(margin.mark(7_999, 2))).toEqual([[1, 1]]);
  margin.trade(1, -10, 2, 7_999);
  expect(calls(margin.cash(1, 10))).toEqual([[1, 0]]);
});

test("bands never hide a crossing: every mark of a walk, against sums made anew", () => {
  const random = seeded(5);
  const pick = (most: number): number => Math.floor(random() * most);
  margin = new MarginCore(8);
  margin.schedule({ callBps: 1_700 });
  margin.schedule({ callBps: 2_300, tier: 1, fromMinor: 300_000 });
  const held = new Map<number, number[]>();
  for (let id = 1; id <= 8; id++) {
    const lots = [pick(80) - 40, pick(40) - 20];
    held.set(id, lots);
    lots.forEach((count, at) => count !== 0 && margin.trade(id, count, at + 1));
  }
  const marks = [MARK, MARK];
  const need = (exposure: number): number =>
    Math.ceil((Math.min(exposure, 300_000) * 1_700) / 10_000) +
    Math.ceil((Math.max(exposure - 300_000, 0) * 2_300) / 10_000);
  const called = new Set<number>();
  let crossings = 0;
  for (let step = 0; step < 3_000; step++) {
    const at = pick(2);
    const wave = 2_500 * Math.sin(step / (90 + 40 * at));
    marks[at] = Math.round(MARK + wave) + pick(301) - 150;
    const outs = margin.mark(marks[at], at + 1);
    const expected: number[][] = [];
    for (const [id, [first, second]] of held) {
      const equity = 100_000 + first! * (marks[0]! - MARK) + second! * (marks[1]! - MARK);
      const asked = need(Math.abs(first!) * marks[0]!);
      const isShort = equity < asked;
      if (isShort !== called.has(id)) expected.push([id, Number(isShort)]);
      if (isShort) called.add(id);
      else called.delete(id);
    }
    crossings += expected.length;
    expect(calls(outs), `step ${step}, marks ${marks.join(" ")}`).toEqual(expected);
  }
  expect(crossings).toBeGreaterThan(20);
});

test("more accounts than one input may ask are asked by the Timers that follow", () => {
  const count = CALLS_PER_INPUT_MAX + 200;
  margin = new MarginCore(0);
  for (let id = 100; id < 100 + count; id++) {
    margin.core.account(id);
    margin.cash(id, 100_000);
  }
  margin.order({ account: MAKER, side: Side.Sell, qtyLots: 50 * count });
  margin.schedule({ callBps: 2_000, maintenanceBps: 1_000 });
  for (let id = 100; id < 100 + count; id++) {
    expect(calls(margin.order({ account: id, qtyLots: 50 }))).toEqual([]);
  }
  const outs = margin.mark(9_999);
  const byInput = new Map<string, number[]>();
  for (const out of only(outs, Kind.MarginCall)) {
    const cause = String(out["cause"]);
    byInput.set(cause, [...(byInput.get(cause) ?? []), Number(out["account"])]);
  }
  const inputs = [...byInput.values()];
  expect(
    inputs.map((ids) => ids.length),
    "the order, then a Timer",
  ).toEqual([...[CALLS_PER_INPUT_MAX, 200]]);
  for (const ids of inputs) expect(ids, "by slot").toEqual([...ids].sort((a, b) => a - b));
  expect(new Set(inputs.flat()).size).toBe(count);
  expect(calls(margin.mark(9_998)), "nobody twice").toEqual([]);
});
