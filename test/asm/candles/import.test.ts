import { describe, expect, test } from "vitest";
import { CandleQuality, IndicatorKind, Kind, Refusal } from "../../../asm/vocab.ts";
import { seeded } from "../../reference/random.ts";
import { MarketCore, marketModule, ofKind } from "../market-core.ts";
import type { Fields, Out } from "../market-core.ts";

const module = await marketModule();
const SECOND = 1_000_000_000n;
const MINUTE = 60n * SECOND;
const BASE = 1_723_161_600n * SECOND; // a Friday, 00:00 UTC
const PERIODS = [60, 300, 900, 3600, 86_400];
const LATER = BASE + 40n * 86_400n * SECOND;

function build(periodsSeconds: number[]): MarketCore {
  const core = new MarketCore(module);
  core.spec(1);
  periodsSeconds.forEach((seconds, slot) => {
    core.apply(Kind.Timeframe, { instrument: 1, slot, periodMillis: seconds * 1000 }, BASE);
    const ema = { instrument: 1, timeframe: slot, indicatorKind: IndicatorKind.Ema, period: 4 };
    core.apply(Kind.Indicator, ema, BASE);
    const vwap = { ...ema, slot: 1, indicatorKind: IndicatorKind.Vwap, indicatorFlags: 1 };
    core.apply(Kind.Indicator, { ...vwap, period: 0 }, BASE);
  });
  return core;
}

const flat = (openNanos: bigint, price: number, extra: Fields = {}): Fields => ({
  ...{ instrument: 1, openNanos, openTicks: price, highTicks: price, lowTicks: price },
  ...{ closeTicks: price, volumeLots: 10, ...extra },
});
const trade = (priceTicks: number): Fields => ({ instrument: 1, priceTicks, qtyLots: 1 });
const slots = (outs: Out[]): unknown[] =>
  ofKind(outs, Kind.CandleClosed).map((out) => [out.timeframe, out.trades]);
const answer = (outs: Out[]): unknown[] => outs.map((out) => [out.name, out.reason]);

/** What a candle or value says, without how and when it became known. */
function facts(outs: Out[]): unknown[] {
  return outs
    .filter((out) => ["CandleClosed", "IndicatorValue"].includes(out.name))
    .map(({ tsEngineNanos: _ts, cause: _cause, sequence: _number, flags: _flags, ...rest }) => {
      const bits = CandleQuality.Gap | CandleQuality.LateTrades;
      return "quality" in rest ? { ...rest, quality: Number(rest.quality) & bits } : rest;
    });
}

const bySlot = (all: unknown[], slot: number): unknown[] =>
  all.filter((one) => (one as { timeframe: number }).timeframe === slot);

/** Random trades with silences of minutes and hours; all a core with `PERIODS` made of them. */
function traded(core: MarketCore, seed: number, trades: number): Out[] {
  const random = seeded(seed);
  const outs: Out[] = [];
  let now = BASE;
  let price = 10_000;
  for (let i = 0; i < trades; i++) {
    const pause = random() < 0.02 ? random() * 9000 : random() * 50;
    now += BigInt(Math.floor(pause * 1e9));
    price += Math.floor((random() - 0.5) * 20);
    const fields = {
      ...trade(price),
      qtyLots: 1 + Math.floor(random() * 9),
      aggressor: 1 + (i % 2),
    };
    outs.push(...core.apply(Kind.Trade, fields, now));
  }
  return outs;
}

/** CandleImport fields of a closed candle. */
function again(out: Out): Fields {
  const { openNanos, openTicks, highTicks, lowTicks, closeTicks, volumeLots } = out;
  const { buyLots, turnover, trades, periodMillis, timeframe, quality } = out;
  const numbers = { openTicks, highTicks, lowTicks, closeTicks, volumeLots, buyLots };
  return {
    instrument: 1,
    timeframe,
    openNanos,
    periodMillis,
    quality,
    turnover,
    trades,
    ...numbers,
  };
}

describe("history rolls up as trades would", () => {
  test.each([1, 2, 3, 4])("minutes imported long after, seed %i", (seed) => {
    const made = traded(build(PERIODS), seed, 1500);
    const minutes = ofKind(made, Kind.CandleClosed).filter((out) => out.timeframe === 0);
    const core = build(PERIODS);
    const outs = minutes.flatMap((out) => core.apply(Kind.CandleImport, again(out), LATER));
    expect(ofKind(outs, Kind.MarketRefusal)).toEqual([]);
    const [want, got] = [facts(made), facts(outs)];
    PERIODS.forEach((_, slot) => {
      const mine = bySlot(got, slot);
      expect(mine.length, `slot ${slot}`).toBeGreaterThan(slot === 4 ? 2 : 20);
      expect(mine, `slot ${slot}`).toEqual(bySlot(want, slot).slice(0, mine.length));
      expect(bySlot(want, slot).length - mine.length, `held back in ${slot}`).toBeLessThanOrEqual(
        3,
      );
    });
    expect(core.deadline, "the clock closes no history").toBeUndefined();
  });

  test.each([5, 6])("and trades go on behind it, seed %i", (seed) => {
    const whole = build(PERIODS);
    const made = traded(whole, seed, 700);
    const cut = 60n * MINUTE + BASE;
    const minutes = ofKind(made, Kind.CandleClosed).filter(
      (out) => out.timeframe === 0 && out.openNanos < cut,
    );
    const core = build(PERIODS);
    const outs = minutes.flatMap((out) => core.apply(Kind.CandleImport, again(out), cut));
    const random = seeded(seed);
    // The same trades once more, those before the cut left out.
    let now = BASE;
    let price = 10_000;
    for (let i = 0; i < 700; i++) {
      const pause = random() < 0.02 ? random() * 9000 : random() * 50;
      now += BigInt(Math.floor(pause * 1e9));
      price += Math.floor((random() - 0.5) * 20);
      const qtyLots = 1 + Math.floor(random() * 9);
      if (now < cut) continue;
      const fields = { ...trade(price), qtyLots, aggressor: 1 + (i % 2) };
      outs.push(...core.apply(Kind.Trade, fields, now));
    }
    PERIODS.forEach((_, slot) => {
      expect(bySlot(facts(outs), slot), `slot ${slot}`).toEqual(bySlot(facts(made), slot));
    });
  });
});

describe("imported candles", () => {
  test("carry their bit and number, and no clock closes what grows from them", () => {
    const core = build([60, 300]);
    const [first] = core.apply(Kind.CandleImport, flat(BASE, 100), BASE + MINUTE);
    expect([first!.name, first!.quality, first!.index]).toEqual(["CandleClosed", 8, 1n]);
    expect(core.timers(BASE + 100n * MINUTE)).toEqual([]);
    const next = flat(BASE + 5n * MINUTE, 200);
    const outs = core.apply(Kind.CandleImport, next, BASE + 100n * MINUTE);
    expect(ofKind(outs, Kind.CandleClosed).map((out) => [out.timeframe, out.closeTicks])).toEqual([
      [1, 100],
      [0, 200],
    ]);
  });

  test("close the longer candle they make whole at once", () => {
    const core = build([60, 300]);
    const last = BASE + 4n * MINUTE;
    const outs = core.apply(Kind.CandleImport, flat(last, 7, { trades: 2 }), last + MINUTE);
    expect(slots(outs)).toEqual([
      [0, 2],
      [1, 2],
    ]);
  });

  test("may come while newer trades form a candle, not after one of trades closed", () => {
    const core = build([60, 300]);
    const now = BASE + 12n * MINUTE + SECOND;
    core.apply(Kind.Trade, trade(500), now);
    for (let i = 0n; i < 11n; i++) {
      const outs = core.apply(Kind.CandleImport, flat(BASE + i * MINUTE, 100), now);
      expect(ofKind(outs, Kind.MarketRefusal)).toEqual([]);
    }
    const forming = core.peek("candlePeek", 1, 1)!;
    expect([forming.openNanos, forming.trades], "history and the minute of trades").toEqual([
      BASE + 10n * MINUTE,
      1,
    ]);
    const outs = core.timers(BASE + 13n * MINUTE);
    expect(ofKind(outs, Kind.CandleClosed).map((out) => [out.timeframe, out.closeTicks])).toEqual([
      [0, 500],
    ]);
    expect(core.deadline, "in time again").toBe(BASE + 15n * MINUTE);
    const late = core.apply(Kind.CandleImport, flat(BASE + 11n * MINUTE, 100), BASE + 13n * MINUTE);
    expect(answer(late)).toEqual([["MarketRefusal", Refusal.TimeBackwards]]);
    const [whole] = ofKind(core.timers(BASE + 15n * MINUTE), Kind.CandleClosed);
    expect([whole!.openTicks, whole!.closeTicks, whole!.volumeLots]).toEqual([100, 500, 11]);
    expect(whole!.quality, "partly history").toBe(CandleQuality.Imported);
  });

  test("wait for the candle of trades that ends with what they began", () => {
    const core = build([60, 300, 3600]);
    const now = BASE + 59n * MINUTE + 30n * SECOND;
    for (let i = 50n; i < 59n; i++) core.apply(Kind.CandleImport, flat(BASE + i * MINUTE, 9), now);
    core.apply(Kind.Trade, trade(500), now);
    const closed = ofKind(core.timers(BASE + 60n * MINUTE), Kind.CandleClosed);
    expect(closed.map((out) => [out.timeframe, out.closeTicks, out.volumeLots])).toEqual([
      [0, 500, 1],
      [1, 500, 41],
      [2, 500, 91],
    ]);
  });

  test("of each timeframe come longest first and do not count twice", () => {
    const core = build([60, 300]);
    const now = BASE + 12n * MINUTE;
    const far = { timeframe: 1, volumeLots: 1000 };
    core.apply(Kind.CandleImport, flat(BASE, 1, far), now);
    core.apply(Kind.CandleImport, flat(BASE + 5n * MINUTE, 2, far), now);
    let outs: Out[] = [];
    for (let i = 0n; i < 12n; i++) {
      outs = core.apply(Kind.CandleImport, flat(BASE + i * MINUTE, 3), now);
      expect(ofKind(outs, Kind.CandleClosed).map((out) => out.timeframe)).toEqual([0]);
    }
    expect(core.peek("candlePeek", 1, 1)!.volumeLots).toBe(20);
    const old = { ...trade(9), venueOffsetMicros: -200_000_000 };
    expect(core.apply(Kind.Trade, old, now)[0]!.flags & 0x40, "before what is closed").toBe(0x40);
  });

  test("make the first candle of trades Partial unless it began at its start", () => {
    for (const [offset, quality] of [
      [SECOND, CandleQuality.Partial],
      [0n, CandleQuality.Good],
    ] as const) {
      const core = build([60]);
      core.apply(Kind.CandleImport, flat(BASE, 1), BASE + MINUTE);
      core.apply(Kind.Trade, trade(1), BASE + MINUTE + offset);
      const [closed] = core.timers(BASE + 2n * MINUTE);
      expect([closed!.index, closed!.quality]).toEqual([2n, quality]);
    }
  });
});

describe("a CandleImport record is refused", () => {
  const good = flat(BASE + 5n * MINUTE, 100);
  test.each([
    ["instrument", { instrument: 9 }, Refusal.UnknownInstrument],
    ["timeframe", { timeframe: 4 }, Refusal.UnknownTimeframe],
    ["period", { periodMillis: 300_000 }, Refusal.PeriodInvalid],
    ["start", { openNanos: BASE + 5n * MINUTE + 1n }, Refusal.PeriodInvalid],
    ["not over yet", { openNanos: BASE + 60n * MINUTE }, Refusal.TimeFarAhead],
    ["closed already", { openNanos: BASE + 3n * MINUTE }, Refusal.TimeBackwards],
    ["before the epoch", { openNanos: -60n * MINUTE }, Refusal.TimeBackwards],
    ["begun by shorter ones", { openNanos: BASE, timeframe: 1 }, Refusal.DuplicateUpdate],
    ["high below the close", { highTicks: 99 }, Refusal.ParameterInvalid],
    ["low above the open", { lowTicks: 101, highTicks: 101 }, Refusal.ParameterInvalid],
    ["more buys than volume", { buyLots: 11 }, Refusal.ParameterInvalid],
    ["unknown quality", { quality: 16 }, Refusal.ParameterInvalid],
    ["another type", { type: 1 }, Refusal.ParameterInvalid],
    ["negative volume", { volumeLots: -1 }, Refusal.QtyNegative],
    ["volume of 2^52 + 1", { volumeLots: 2 ** 52 + 1 }, Refusal.NumberOverflow],
    ["price of 2^52 + 1", { highTicks: 2 ** 52 + 1 }, Refusal.NumberOverflow],
  ])("%s", (_, fields, reason) => {
    const core = build([60, 300]);
    const now = BASE + 60n * MINUTE;
    core.apply(Kind.CandleImport, flat(BASE + 3n * MINUTE, 1), now);
    const before = core.stateHash();
    const outs = core.apply(Kind.CandleImport, { ...good, ...fields }, now);
    expect(answer(outs)).toEqual([["MarketRefusal", reason]]);
    expect(core.stateHash(), "state after a refusal").toBe(before);
  });
});

test.each([1, 2, 3, 4, 5])("any mix of imports, trades and gaps keeps order, seed %i", (seed) => {
  const periods = [60, 120, 180, 300, 900, 3600];
  const core = build(periods);
  const random = seeded(seed);
  let now = BASE + 600n * MINUTE;
  const opened = periods.map(() => 0n);
  let imports = 0;
  for (let step = 0; step < 1500; step++) {
    const timeframe = Math.floor(random() * periods.length);
    const period = BigInt(periods[timeframe]!) * SECOND;
    const back = BigInt(Math.floor(random() ** 2 * 40)) * period;
    const openNanos = ((now - back) / period) * period - period;
    const isImport = random() < 0.9;
    const skew = -Math.floor(random() * 400e6);
    const outs = isImport
      ? core.apply(Kind.CandleImport, flat(openNanos, step + 1, { timeframe }), now)
      : core.apply(Kind.Trade, { ...trade(step + 1), venueOffsetMicros: skew }, now);
    for (const out of ofKind(outs, Kind.CandleClosed)) {
      expect(out.openNanos > opened[out.timeframe]!, `slot ${out.timeframe}, step ${step}`).toBe(
        true,
      );
      opened[out.timeframe] = out.openNanos;
      if (out.openTicks === step + 1 && isImport) imports += 1;
    }
    periods.forEach((_, slot) => {
      const forming = core.peek("candlePeek", 1, slot);
      if (forming) expect(forming.openNanos > opened[slot]!, `forming ${slot}`).toBe(true);
    });
    if (random() < 0.4) now += BigInt(Math.floor(random() * 200)) * SECOND;
  }
  expect(imports).toBeGreaterThan(100);
});
