import { describe, expect, test } from "vitest";
import { BLOCK_BODY, TIMER_INSTRUMENTS_MAX } from "../../asm/layout.ts";
import {
  BookRule,
  CandleQuality,
  INDICATOR_FACTOR,
  INDICATOR_FACTOR_2,
  IndicatorKind,
  InstrumentKind,
  Kind,
  MODEL_THRESHOLD,
  ModelRule,
  Refusal,
  Side,
} from "../../asm/vocab.ts";
import { seeded } from "../reference/random.ts";
import { MarketCore, marketModule, ofKind } from "./market-core.ts";
import type { Fields, Out } from "./market-core.ts";

const module = await marketModule();
const SECOND = 1_000_000_000n;
const BASE = 1_723_161_600n * SECOND;
const MINUTE = 60n * SECOND;

const trade = (instrument: number, priceTicks: number, qtyLots = 1): Fields => ({
  instrument,
  priceTicks,
  qtyLots,
  aggressor: Side.Buy,
});
const frame = (instrument: number, slot: number, seconds: number): Fields => ({
  instrument,
  slot,
  periodMillis: seconds * 1000,
});
const sma = (instrument: number, period: number, slot = 0, timeframe = 0): Fields => ({
  instrument,
  timeframe,
  slot,
  indicatorKind: IndicatorKind.Sma,
  period,
});
const model = (instrument: number, threshold = 0, extra: Fields = {}): Fields => ({
  instrument,
  id: 7,
  rule: ModelRule.CrossForming,
  modelFlags: 1,
  threshold,
  ...extra,
});
const names = (outs: Out[]): string[] => outs.map((out) => out.name);
const answer = (outs: Out[]): unknown[] => outs.map((out) => [out.name, out.reason]);

describe("configuration for every instrument", () => {
  test("reaches those specified before and after it", () => {
    const core = new MarketCore(module);
    core.spec(1);
    expect(names(core.apply(Kind.Timeframe, frame(0, 0, 60), BASE))).toEqual(["ConfigAccepted"]);
    expect(names(core.apply(Kind.Indicator, sma(0, 1), BASE))).toEqual(["ConfigAccepted"]);
    core.spec(2);
    for (const instrument of [1, 2]) core.apply(Kind.Trade, trade(instrument, 50), BASE);
    const outs = core.timers(BASE + MINUTE);
    expect(outs.map((out) => [out.instrument, out.name])).toEqual([
      [1, "CandleClosed"],
      [1, "IndicatorValue"],
      [2, "CandleClosed"],
      [2, "IndicatorValue"],
    ]);
    expect(ofKind(outs, Kind.IndicatorValue).map((out) => [out.warm, out.value1])).toEqual([
      [1, 50],
      [1, 50],
    ]);
  });

  test("leaves an instrument's own setting alone", () => {
    const core = new MarketCore(module);
    core.spec(1);
    core.apply(Kind.Timeframe, frame(1, 0, 300), BASE);
    core.apply(Kind.Timeframe, frame(0, 0, 60), BASE);
    core.apply(Kind.Trade, trade(1, 50), BASE);
    expect(core.deadline).toBe(BASE + 300n * SECOND);
  });

  test("sent again is accepted and changes nothing; another in its place is denied", () => {
    const core = new MarketCore(module);
    core.spec(1);
    core.apply(Kind.Timeframe, frame(0, 0, 60), BASE);
    core.apply(Kind.Indicator, sma(0, 5), BASE);
    const hash = core.stateHash();
    expect(names(core.apply(Kind.Timeframe, frame(0, 0, 60), BASE))).toEqual(["ConfigAccepted"]);
    expect(names(core.apply(Kind.Timeframe, frame(1, 0, 60), BASE))).toEqual(["ConfigAccepted"]);
    expect(names(core.apply(Kind.Indicator, sma(1, 5), BASE))).toEqual(["ConfigAccepted"]);
    const denied = ["ConfigDenied", Refusal.ConfigConflict];
    expect(answer(core.apply(Kind.Timeframe, frame(0, 0, 30), BASE))).toEqual([denied]);
    expect(answer(core.apply(Kind.Timeframe, frame(0, 1, 60), BASE))).toEqual([denied]);
    expect(answer(core.apply(Kind.Indicator, sma(0, 6), BASE))).toEqual([denied]);
    expect(core.stateHash()).toBe(hash);
  });

  test("is denied whole when the arena has no room for all", () => {
    const core = new MarketCore(module);
    for (let id = 1; id < 4096; id++) core.spec(id);
    core.apply(Kind.Timeframe, frame(0, 0, 60), BASE);
    let denied: Out | undefined;
    for (let slot = 0; slot < 16 && denied === undefined; slot++) {
      const hash = core.stateHash();
      const [out] = core.apply(Kind.Indicator, sma(0, 1024, slot), BASE);
      if (out!.name !== "ConfigDenied") continue;
      denied = out;
      expect(core.stateHash(), "state after the denial").toBe(hash);
    }
    expect(denied?.reason).toBe(Refusal.ArenaFull);
  });
});

describe("an Indicator record is denied", () => {
  test.each([
    ["without its timeframe", { timeframe: 3, period: 5 }, Refusal.UnknownTimeframe],
    ["timeframe slot 8", { timeframe: 8, period: 5 }, Refusal.UnknownTimeframe],
    ["slot 16", { slot: 16, period: 5 }, Refusal.IndicatorsFull],
    ["kind 0", { indicatorKind: 0, period: 5 }, Refusal.UnknownIndicator],
    ["kind 65535", { indicatorKind: 65535, period: 5 }, Refusal.UnknownIndicator],
    ["period 0", { period: 0 }, Refusal.PeriodInvalid],
    ["period 1025", { period: 1025 }, Refusal.PeriodInvalid],
    ["period below 0", { period: -1 }, Refusal.PeriodInvalid],
    ["unknown flags", { period: 5, indicatorFlags: 1 }, Refusal.ParameterInvalid],
    ["MACD without a signal", { indicatorKind: 4, period: 12, period2: 26 }, Refusal.PeriodInvalid],
    ["Bollinger without a factor", { indicatorKind: 5, period: 20 }, Refusal.ParameterInvalid],
    ["Bollinger below 0", { indicatorKind: 5, period: 20, factor: -1 }, Refusal.ParameterInvalid],
    ["Bollinger of 1001", { indicatorKind: 5, period: 20, factor: 1001 }, Refusal.ParameterInvalid],
    ["VWAP flag 2", { indicatorKind: 7, indicatorFlags: 2 }, Refusal.ParameterInvalid],
    ["unknown instrument", { instrument: 9, period: 5 }, Refusal.UnknownInstrument],
  ])("%s", (_, fields, reason) => {
    const core = new MarketCore(module);
    core.spec(1);
    core.apply(Kind.Timeframe, frame(1, 0, 60), BASE);
    const hash = core.stateHash();
    const record = { instrument: 1, indicatorKind: IndicatorKind.Sma, ...fields };
    const outs = core.apply(Kind.Indicator, record, BASE);
    expect(answer(outs)).toEqual([["ConfigDenied", reason]]);
    expect(core.stateHash(), "state after a denial").toBe(hash);
  });
});

describe("a mark price or funding rate", () => {
  const next = BASE + MINUTE;

  test("goes on to the order role as it came", () => {
    const core = new MarketCore(module);
    core.spec(1, 0, BookRule.None, InstrumentKind.LinearPerpetual);
    const mark = core.apply(Kind.MarkPrice, { instrument: 1, priceTicks: 7 }, BASE);
    expect(mark.map((out) => [out.name, out["priceTicks"]])).toEqual([["MarkChange", 7]]);
    const funding = { instrument: 1, value: -0.25, nextNanos: next };
    const outs = core.apply(Kind.FundingRate, funding, BASE);
    expect(outs.map((out) => [out.name, out["value"], out["nextNanos"]])).toEqual([
      ["FundingChange", -0.25, next],
    ]);
  });

  test.each<[string, Kind, Fields, Refusal]>([
    ["no price", Kind.MarkPrice, {}, Refusal.PriceNotPositive],
    ["a price too large", Kind.MarkPrice, { priceTicks: 2 ** 52 + 1 }, Refusal.NumberOverflow],
    ["an unknown instrument", Kind.MarkPrice, { instrument: 9 }, Refusal.UnknownInstrument],
    ["of a spot", Kind.FundingRate, { instrument: 2 }, Refusal.InstrumentKindUnsupported],
    ["above the whole", Kind.FundingRate, { value: 1.01 }, Refusal.ParameterInvalid],
    ["below minus the whole", Kind.FundingRate, { value: -1.01 }, Refusal.ParameterInvalid],
    ["for now", Kind.FundingRate, { nextNanos: BASE }, Refusal.TimeBackwards],
  ])("is refused: %s", (_, kind, fields, reason) => {
    const core = new MarketCore(module);
    core.spec(1, 0, BookRule.None, InstrumentKind.LinearPerpetual);
    core.spec(2);
    const record = kind === Kind.MarkPrice ? {} : { value: 0.01, nextNanos: next };
    const outs = core.apply(kind, { instrument: 1, ...record, ...fields }, BASE);
    expect(answer(outs)).toEqual([["MarketRefusal", reason]]);
  });
});

test("a NaN in a configuration record's bytes is denied", () => {
  const core = new MarketCore(module);
  core.spec(1);
  core.apply(Kind.Timeframe, frame(1, 0, 60), BASE);
  core.apply(Kind.Indicator, sma(1, 3), BASE);
  const deny = (kind: Kind, fields: Fields, at: number): unknown[] => {
    core.apply(kind, fields, BASE);
    core.view.setFloat64(BLOCK_BODY + at, NaN, true);
    core.step(BASE);
    return answer(core.drain());
  };
  const bands = { instrument: 1, slot: 1, indicatorKind: IndicatorKind.Bollinger, period: 5 };
  const denied = [["ConfigDenied", Refusal.ParameterInvalid]];
  expect(deny(Kind.Indicator, { ...bands, factor: 0 }, INDICATOR_FACTOR)).toEqual(denied);
  expect(deny(Kind.Indicator, { ...bands, factor: 0 }, INDICATOR_FACTOR_2)).toEqual(denied);
  expect(deny(Kind.ModelConfig, model(1), MODEL_THRESHOLD)).toEqual(denied);
});

describe("timers", () => {
  test("close a bounded number of instruments a record and stay due for the rest", () => {
    const core = new MarketCore(module);
    const count = TIMER_INSTRUMENTS_MAX * 2 + 10;
    core.apply(Kind.Timeframe, frame(0, 0, 60), BASE);
    for (let id = 1; id <= count; id++) core.spec(id);
    for (let id = count; id >= 1; id--) core.apply(Kind.Trade, trade(id, 5), BASE);
    const outs = core.timers(BASE + MINUTE);
    expect(new Set(outs.map((out) => out.cause)).size, "three Timer records").toBe(3);
    expect(outs.map((out) => out.instrument)).toEqual(
      Array.from({ length: count }, (_, i) => i + 1),
    );
    expect(core.deadline).toBeUndefined();
  });
});

describe("the flip rule", () => {
  const build = (threshold = 0): MarketCore => {
    const core = new MarketCore(module);
    core.spec(1);
    core.apply(Kind.Timeframe, frame(1, 0, 60), BASE);
    core.apply(Kind.Indicator, sma(1, 3), BASE);
    expect(names(core.apply(Kind.ModelConfig, model(1, threshold), BASE))).toEqual([
      "ConfigAccepted",
    ]);
    return core;
  };
  const sides = (core: MarketCore, prices: number[], from = BASE): number[][] =>
    prices.map((price, i) =>
      ofKind(core.apply(Kind.Trade, trade(1, price), from + BigInt(i) * SECOND), Kind.Signal).map(
        (out) => out.side,
      ),
    );
  const warm = (core: MarketCore): bigint => {
    core.apply(Kind.Trade, trade(1, 100), BASE);
    core.apply(Kind.Trade, trade(1, 100), BASE + MINUTE);
    return BASE + 2n * MINUTE;
  };

  test("says nothing before the indicator is warm, nor at the first side it sees", () => {
    const core = build();
    expect(sides(core, [1, 1000, 1, 1000]).flat()).toEqual([]);
    const next = warm(build());
    expect(sides(core, [110], next).flat()).toEqual([]);
  });

  test("signals each change of side once, with the trade's price", () => {
    const core = build();
    const from = warm(core);
    // Line at price p with closes 100, 100: (200 + p) / 3, so above 100 is above the line.
    expect(sides(core, [110, 120, 90, 80, 101, 100, 99], from)).toEqual([
      [],
      [],
      [Side.Sell],
      [],
      [Side.Buy],
      [],
      [Side.Sell],
    ]);
  });

  test("holds its side inside the threshold", () => {
    const core = build(10);
    expect(sides(core, [130, 100, 86, 84, 114, 116], warm(core))).toEqual([
      [],
      [],
      [],
      [Side.Sell],
      [],
      [Side.Buy],
    ]);
  });

  test("forgets the side while it is off", () => {
    const core = build();
    const from = warm(core);
    sides(core, [110], from);
    core.apply(Kind.ModelConfig, model(1, 0, { modelFlags: 0 }), from);
    expect(sides(core, [90], from).flat()).toEqual([]);
    core.apply(Kind.ModelConfig, model(1), from);
    expect(sides(core, [90, 110], from)).toEqual([[], [Side.Buy]]);
  });

  test.each([
    ["id 0", { id: 0 }, Refusal.ConfigInvalid],
    ["an unknown rule", { rule: 9 }, Refusal.ParameterInvalid],
    ["a threshold below 0", { threshold: -1 }, Refusal.ParameterInvalid],
    ["no such timeframe", { timeframe: 2 }, Refusal.UnknownTimeframe],
    ["no such indicator", { indicator: 2 }, Refusal.UnknownIndicator],
    ["an indicator that is no price", { indicator: 1 }, Refusal.ParameterInvalid],
  ])("is denied with %s", (_, fields, reason) => {
    const core = build();
    const rsi = { instrument: 1, slot: 1, indicatorKind: IndicatorKind.Rsi, period: 14 };
    core.apply(Kind.Indicator, rsi, BASE);
    const outs = core.apply(Kind.ModelConfig, model(1, 0, fields), BASE);
    expect(answer(outs)).toEqual([["ConfigDenied", reason]]);
  });
});

describe("what a trade gives", () => {
  test("comes in one order: closed candles with their indicators, the trade, signals", () => {
    const core = new MarketCore(module);
    core.spec(1);
    core.apply(Kind.Timeframe, frame(1, 0, 60), BASE);
    core.apply(Kind.Indicator, sma(1, 2), BASE);
    core.apply(Kind.ModelConfig, model(1), BASE);
    core.apply(Kind.Trade, trade(1, 100), BASE);
    core.apply(Kind.Trade, trade(1, 110), BASE + MINUTE);
    const jump = { ...trade(1, 50), venueOffsetMicros: 61_000_000 };
    expect(names(core.apply(Kind.Trade, jump, BASE + MINUTE))).toEqual([
      "CandleClosed",
      "IndicatorValue",
      "TradePrint",
      "Signal",
    ]);
  });

  test("is a refusal when it has no quantity, no instrument, or does not fit", () => {
    const core = new MarketCore(module);
    core.spec(1);
    const reasons = [trade(1, 5, 0), trade(2, 5), trade(1, 2 ** 53 - 1), trade(1, 5, 2 ** 53 - 1)];
    expect(reasons.map((fields) => core.apply(Kind.Trade, fields, BASE)[0]!.reason)).toEqual([
      Refusal.QtyNotPositive,
      Refusal.UnknownInstrument,
      Refusal.NumberOverflow,
      Refusal.NumberOverflow,
    ]);
  });

  test("marks the candles that a gap touched, and the next one where none had begun", () => {
    const core = new MarketCore(module);
    core.spec(1);
    core.apply(Kind.Timeframe, frame(1, 0, 60), BASE);
    core.apply(Kind.FeedGap, { instrument: 1 }, BASE);
    core.apply(Kind.Trade, trade(1, 100), BASE);
    core.apply(Kind.Trade, trade(1, 100), BASE + MINUTE);
    const outs = core.apply(Kind.FeedGap, { instrument: 0 }, BASE + MINUTE);
    const done = core.timers(BASE + 2n * MINUTE);
    expect([...outs, ...done].map((out) => out.quality)).toEqual([CandleQuality.Gap]);
  });
});

/** Every kind of input, at random. */
function anyInput(random: () => number, now: bigint): [Kind, Fields, bigint] {
  const instrument = 1 + Math.floor(random() * 5);
  const price = 1000 + Math.floor(random() * 50);
  const dice = random();
  const ts = now + BigInt(Math.floor(random() * 3e9));
  if (dice < 0.7) {
    const venueOffsetMicros = Math.floor((random() - 0.5) * 3e6);
    return [Kind.Trade, { ...trade(instrument, price), venueOffsetMicros }, ts];
  }
  if (dice < 0.8) return [Kind.FeedGap, { instrument }, ts];
  return [
    Kind.Quote,
    { instrument, bidTicks: price, bidLots: 1, askTicks: price + 1, askLots: 2 },
    ts,
  ];
}

test.each([1, 2])("equal inputs give equal outputs and equal bytes, seed %i", (seed) => {
  const run = (peeks: boolean): string => {
    const core = new MarketCore(module);
    const texts: string[] = [];
    for (let id = 1; id <= 5; id++) core.spec(id, id === 3 ? 10 : 0, BookRule.FirstIsNext);
    [60, 300, 90].forEach((seconds, slot) =>
      core.apply(Kind.Timeframe, frame(0, slot, seconds), BASE),
    );
    for (let kind = 1; kind <= 7; kind++) {
      const fields = { slot: kind, indicatorKind: kind, period: 3, period2: 6, period3: 2 };
      const factor = kind === 5 ? 2 : 0;
      core.apply(Kind.Indicator, { instrument: 0, timeframe: kind % 3, ...fields, factor }, BASE);
    }
    const random = seeded(seed);
    let now = BASE;
    for (let i = 0; i < 2000; i++) {
      const [kind, fields, ts] = anyInput(random, now);
      now = ts;
      texts.push(...core.apply(kind, fields, ts).map((out) => `${out.name} ${out.instrument}`));
      if (!peeks) continue;
      const hash = core.stateHash();
      for (let slot = 0; slot < 16; slot++) core.peek("indicatorPeek", 1 + (i % 5), slot % 3, slot);
      expect(core.stateHash(), "state after peeks").toBe(hash);
    }
    return `${texts.join()} ${core.stateHash()}`;
  };
  const first = run(false);
  expect(run(seed === 1), "the same run again").toBe(first);
});

test.each([3, 4])("a peeked value is what the close then publishes, seed %i", (seed) => {
  const core = new MarketCore(module);
  core.spec(1);
  core.apply(Kind.Timeframe, frame(1, 0, 60), BASE);
  core.apply(Kind.Timeframe, frame(1, 1, 300), BASE);
  for (let kind = 1; kind <= 7; kind++) {
    const fields = { slot: kind, indicatorKind: kind, period: 3, period2: 5, period3: 2 };
    const factor = kind === 5 ? 2 : 0;
    for (const timeframe of [0, 1]) {
      core.apply(Kind.Indicator, { instrument: 1, timeframe, ...fields, factor }, BASE);
    }
  }
  const random = seeded(seed);
  let compared = 0;
  for (let i = 0; i < 400; i++) {
    core.apply(
      Kind.Trade,
      trade(1, 1000 + Math.floor(random() * 90), 1 + Math.floor(random() * 9)),
      BASE + BigInt(i) * 20n * SECOND,
    );
    const due = core.deadline!;
    const peeked = [0, 1].flatMap((timeframe) =>
      [1, 2, 3, 4, 5, 6, 7].map((slot) => core.peek("indicatorPeek", 1, timeframe, slot)),
    );
    const closing = due <= BASE + BigInt(i + 1) * 20n * SECOND;
    if (!closing) continue;
    for (const out of ofKind(core.timers(due), Kind.IndicatorValue)) {
      const before = peeked[out.timeframe * 7 + out.slot - 1]!;
      const values = [out.warm, out.value1, out.value2, out.value3];
      expect([before.warm, before.value1, before.value2, before.value3]).toEqual(values);
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(500);
});
