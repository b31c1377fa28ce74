import { describe, expect, test } from "vitest";
import { CandleQuality, Kind, Refusal } from "../../../asm/vocab.ts";
import { CandleTwin } from "../../reference/candle.ts";
import type { TwinCandle } from "../../reference/candle.ts";
import { seeded } from "../../reference/random.ts";
import { MarketCore, marketModule, ofKind } from "../market-core.ts";
import type { Out } from "../market-core.ts";

const module = await marketModule();
const SECOND = 1_000_000_000n;
const BASE = 1_723_161_600n * SECOND; // a Friday, 00:00 UTC

function build(periodsSeconds: number[], instrument = 1): MarketCore {
  const core = new MarketCore(module);
  core.spec(instrument);
  periodsSeconds.forEach((seconds, slot) => {
    const fields = { instrument, slot, periodMillis: seconds * 1000 };
    const [answer] = core.apply(Kind.Timeframe, fields, BASE);
    expect(answer?.name).toBe("ConfigAccepted");
  });
  return core;
}

function plain(out: Out): TwinCandle {
  return {
    slot: out.timeframe,
    openNanos: out.openNanos,
    open: BigInt(out.openTicks),
    high: BigInt(out.highTicks),
    low: BigInt(out.lowTicks),
    close: BigInt(out.closeTicks),
    volume: BigInt(out.volumeLots),
    buy: BigInt(out.buyLots),
    turnover: out.turnover,
    trades: out.trades,
    late: out.lateTrades,
    quality: out.quality,
    index: Number(out.index),
  };
}

const candles = (outs: Out[]): TwinCandle[] => ofKind(outs, Kind.CandleClosed).map(plain);

/** One random step: a trade with a venue time around the clock's, a gap, or silence. */
function runBoth(periods: number[], seed: number, steps: number, wild: boolean): number {
  const core = build(periods);
  const twin = new CandleTwin(periods.map((period) => BigInt(period) * SECOND));
  const random = seeded(seed);
  let now = BASE;
  let price = 10_000n;
  let total = 0;
  for (let step = 0; step < steps; step++) {
    const pause = random() < 0.03 ? random() * 900 : random() * 8;
    now += BigInt(Math.floor(pause * 1e9));
    const expected: TwinCandle[] = [];
    for (let due = twin.deadline(); due !== undefined && due <= now; due = twin.deadline()) {
      expected.push(...twin.close(due));
    }
    if (random() < 0.01) {
      twin.gap();
      expect(candles(core.apply(Kind.FeedGap, { instrument: 1 }, now))).toEqual(expected);
      continue;
    }
    const skew = Math.floor((random() - 0.6) * (wild ? 90e6 : 2e6));
    price += BigInt(Math.floor((random() - 0.5) * 20));
    const qty = random() < 0.05 ? 2 ** 40 : 1 + Math.floor(random() * 100);
    const isBuy = random() < 0.5;
    const scaled = random() < 0.1 ? price * 10_000_000_000n : price;
    const fields = {
      instrument: 1,
      priceTicks: Number(scaled),
      qtyLots: qty,
      venueOffsetMicros: skew,
    };
    const outs = core.apply(Kind.Trade, { ...fields, aggressor: isBuy ? 1 : 2 }, now);
    const print = { tsNanos: now + BigInt(skew) * 1000n, price: scaled, qty: BigInt(qty), isBuy };
    const { closed, isLate } = twin.trade(print);
    expect(candles(outs), `step ${step}`).toEqual([...expected, ...closed]);
    expect((ofKind(outs, Kind.TradePrint)[0]!.flags & 0x40) !== 0, `late, step ${step}`).toBe(
      isLate,
    );
    expect(core.deadline, `deadline, step ${step}`).toBe(twin.deadline());
    periods.forEach((_, slot) => {
      const peek = core.peek("candlePeek", 1, slot);
      expect(peek && plain(peek), `forming ${slot}, step ${step}`).toEqual(twin.forming(slot));
    });
    total += closed.length + expected.length;
  }
  return total;
}

describe("rolled-up timeframes equal direct aggregation", () => {
  const nested = [60, 300, 900, 3600, 14_400, 86_400];
  test.each([1, 2, 3])("six nested ones, small skew, seed %i", (seed) => {
    expect(runBoth(nested, seed, 1000, false)).toBeGreaterThan(100);
  });
  test.each([4, 5])("six nested ones, wild skew and late trades, seed %i", (seed) => {
    expect(runBoth(nested, seed, 1000, true)).toBeGreaterThan(100);
  });
  test.each([6, 7, 8])("several roots in any order of slots, seed %i", (seed) => {
    expect(runBoth([180, 90, 60, 25_200, 604_800, 7, 120, 360], seed, 800, true)).toBeGreaterThan(
      150,
    );
  });
});

const trade = (priceTicks: number, venueOffsetMicros = 0): Record<string, number> => ({
  instrument: 1,
  priceTicks,
  qtyLots: 1,
  aggressor: 1,
  venueOffsetMicros,
});

describe("a candle", () => {
  test("is closed by the timer at its end, once, and is not followed by empty ones", () => {
    const core = build([60]);
    core.apply(Kind.Trade, trade(100), BASE);
    expect(core.deadline).toBe(BASE + 60n * SECOND);
    const outs = core.timers(BASE + 3600n * SECOND);
    expect(candles(outs).length).toBe(1);
    expect(core.deadline).toBeUndefined();
    const quality = candles(outs)[0]!.quality;
    expect(quality, "its first trade came at its very start").toBe(CandleQuality.Good);
  });

  test("that comes first and began amid its period is Partial, the next is not", () => {
    const core = build([60]);
    core.apply(Kind.Trade, trade(100), BASE + 1n);
    core.apply(Kind.Trade, trade(100), BASE + 61n * SECOND);
    const outs = core.timers(BASE + 200n * SECOND);
    expect(candles(core.apply(Kind.Trade, trade(1), BASE + 300n * SECOND)).length).toBe(0);
    expect(outs.length).toBeGreaterThan(0);
    expect(candles(outs).map((one) => [one.index, one.quality])).toEqual([[2, 0]]);
  });

  test("counts a trade that came after its close with the next candle", () => {
    const core = build([60]);
    core.apply(Kind.Trade, trade(100), BASE);
    core.apply(Kind.Trade, trade(110), BASE + 60n * SECOND);
    const [late] = core.apply(Kind.Trade, trade(1, -1_000_000), BASE + 60n * SECOND);
    expect(late!.flags & 0x40).toBe(0x40);
    const [second] = candles(core.timers(BASE + 120n * SECOND));
    expect([second!.low, second!.late, second!.quality]).toEqual([
      110n,
      1,
      CandleQuality.LateTrades,
    ]);
  });

  test("closes with longer ones at the same boundary, shortest first", () => {
    const core = build([900, 60, 300]);
    core.apply(Kind.Trade, trade(100), BASE);
    core.timers(BASE + 899n * SECOND);
    core.apply(Kind.Trade, trade(101), BASE + 899n * SECOND);
    const slots = candles(core.timers(BASE + 900n * SECOND)).map((one) => one.slot);
    expect(slots).toEqual([1, 2, 0]);
  });

  test("of a week begins on Monday", () => {
    const core = build([604_800]);
    core.apply(Kind.Trade, trade(100), BASE);
    const at = core.peek("candlePeek", 1, 0)!.openNanos;
    expect(new Date(Number(at / 1_000_000n)).toUTCString()).toContain("Mon, 05 Aug 2024 00:00");
  });
});

describe("a timeframe added later", () => {
  test("below a begun candle leaves that one whole", () => {
    const core = build([300]);
    core.apply(Kind.Trade, trade(100), BASE + 70n * SECOND);
    core.apply(
      Kind.Timeframe,
      { instrument: 1, slot: 1, periodMillis: 60_000 },
      BASE + 80n * SECOND,
    );
    core.apply(Kind.Trade, trade(120), BASE + 90n * SECOND);
    const old = core.apply(Kind.Trade, trade(1, -200_000_000), BASE + 95n * SECOND);
    expect(old[0]!.flags & 0x40, "before the begun candle").toBe(0x40);
    const done = candles(core.timers(BASE + 300n * SECOND));
    expect(done.map((one) => [one.slot, one.open, one.close, one.trades])).toEqual([
      [1, 120n, 120n, 1],
      [0, 100n, 120n, 2],
    ]);
  });
});

describe("a Timeframe record is denied", () => {
  test.each([
    ["period 0", { slot: 0, periodMillis: 0 }, Refusal.PeriodInvalid],
    ["half a second", { slot: 0, periodMillis: 1500 }, Refusal.PeriodInvalid],
    ["over a week", { slot: 0, periodMillis: 604_801_000 }, Refusal.PeriodInvalid],
    ["a period of trades", { slot: 0, type: 1, periodMillis: 1000 }, Refusal.PeriodInvalid],
    ["slot 8", { slot: 8, periodMillis: 1000 }, Refusal.TimeframesFull],
    ["a slot that is taken", { slot: 1, periodMillis: 1000 }, Refusal.ConfigConflict],
    ["a period that is taken", { slot: 0, periodMillis: 60_000 }, Refusal.ConfigConflict],
    [
      "unknown instrument",
      { instrument: 9, slot: 0, periodMillis: 1000 },
      Refusal.UnknownInstrument,
    ],
  ])("%s", (_, fields, reason) => {
    const core = new MarketCore(module);
    core.spec(1);
    core.apply(Kind.Timeframe, { instrument: 1, slot: 1, periodMillis: 60_000 }, BASE);
    const before = core.stateHash();
    const [answer] = core.apply(Kind.Timeframe, { instrument: 1, ...fields }, BASE);
    expect([answer!.name, answer!.configKind, answer!.reason]).toEqual([
      "ConfigDenied",
      Kind.Timeframe,
      reason,
    ]);
    expect(core.stateHash(), "state after a denial").toBe(before);
  });
});
