import { describe, expect, test } from "vitest";
import {
  CandleMeasure,
  CandleQuality,
  CandleType,
  IndicatorKind,
  Kind,
  Refusal,
} from "../../../asm/vocab.ts";
import { drivenCandles } from "../../reference/driven-candle.ts";
import type { DrivenCandle, DrivenKind, Tick } from "../../reference/driven-candle.ts";
import { seeded } from "../../reference/random.ts";
import { MarketCore, marketModule, ofKind } from "../market-core.ts";
import type { Fields, Out } from "../market-core.ts";

const module = await marketModule();
const SECOND = 1_000_000_000n;
const BASE = 1_723_161_600n * SECOND;
const DEEP = process.env["ALPHAPULSE_DEEP"] === "1";
const { Trades, Volume, Notional } = CandleMeasure;

function build(kinds: readonly DrivenKind[], instruments = 1): MarketCore {
  const core = new MarketCore(module);
  for (let instrument = 1; instrument <= instruments; instrument++) {
    core.spec(instrument);
    kinds.forEach(({ type, threshold, measure, windowCandles }, slot) => {
      const fields = { instrument, slot, type, threshold, measure, windowCandles };
      const [answer] = core.apply(Kind.Timeframe, fields, BASE);
      expect(answer!.name, `slot ${slot}`).toBe("ConfigAccepted");
    });
  }
  return core;
}

function plain(out: Out): DrivenCandle {
  return {
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
  };
}

const fieldsOf = (tick: Tick, now: bigint, instrument = 1): Fields => ({
  instrument,
  priceTicks: Number(tick.price),
  qtyLots: Number(tick.qty),
  aggressor: tick.side,
  venueOffsetMicros: Number((tick.tsNanos - now) / 1000n),
});

/** Flat stretches, drifts, jumps, unknown sides, extreme prices and sizes, late trades. */
function ticksOf(seed: number, count: number): { ticks: Tick[]; times: bigint[] } {
  const random = seeded(seed);
  const times: bigint[] = [];
  let now = BASE;
  let price = seed % 3 === 0 ? -40n : 10_000n;
  const isExtreme = seed % 5 === 0;
  const ticks = Array.from({ length: count }, () => {
    now += BigInt(Math.floor(random() * 3e6)) * 1000n;
    times.push(now);
    if (random() < 0.6) price += BigInt(Math.floor((random() - 0.5) * 9));
    if (random() < 0.01) price += BigInt(Math.floor((random() - 0.5) * 4000));
    const isHuge = isExtreme && random() < 0.02;
    const skew = random() < 0.2 ? BigInt(Math.floor(random() * 4e6)) * -1000n : 0n;
    return {
      tsNanos: now + skew,
      price: isHuge ? 2n ** 50n - price : price,
      qty: isHuge ? 2n ** 50n : BigInt(1 + Math.floor(random() * 50)),
      side: random() < 0.3 ? 0 : random() < 0.5 + 0.4 * Math.sin(times.length / 40) ? 1 : 2,
    };
  });
  return { ticks, times };
}

/** Eight kinds with thresholds that give candles of a few to a few hundred trades. */
function kindsOf(seed: number): DrivenKind[] {
  const random = seeded(seed + 1000);
  const upTo = (most: number): bigint => BigInt(1 + Math.floor(random() * most));
  const measure = [Trades, Volume, Notional][seed % 3]!;
  const scale = [20, 500, 4_000_000][seed % 3]!;
  const windowCandles = seed % 2 === 0 ? 0 : 1 + Math.floor(random() * 30);
  return [
    { type: CandleType.Trades, threshold: upTo(40) },
    { type: CandleType.Volume, threshold: upTo(900) },
    { type: CandleType.Notional, threshold: upTo(9_000_000) },
    { type: CandleType.Range, threshold: upTo(40) },
    { type: CandleType.Imbalance, threshold: upTo(scale), measure },
    {
      type: CandleType.Imbalance,
      threshold: upTo(scale),
      measure,
      windowCandles: windowCandles + 1,
    },
    { type: CandleType.Run, threshold: upTo(scale), measure, windowCandles },
    { type: CandleType.Renko, threshold: 1n + upTo(12) },
  ];
}

function bySlot(outs: Out[], slot: number, instrument = 1): Out[] {
  return ofKind(outs, Kind.CandleClosed).filter(
    (out) => out.timeframe === slot && out.instrument === instrument,
  );
}

describe("every type equals recomputation from all trades", () => {
  const count = DEEP ? 20_000 : 700;
  const seeds = Array.from({ length: DEEP ? 400 : 10 }, (_, i) => i + 1);
  test.each(seeds)("candles, times, late trades, forming ones, seed %i", (seed) => {
    const kinds = kindsOf(seed);
    const { ticks, times } = ticksOf(seed, count);
    const batches = kinds.map((kind) => drivenCandles(kind, ticks));
    const core = build(kinds);
    const found: { at: number; candle: DrivenCandle }[][] = kinds.map(() => []);
    const indexes = kinds.map(() => 0n);
    let owner = -1;
    ticks.forEach((tick, at) => {
      const due = core.timers(times[at]!);
      const outs = core.apply(Kind.Trade, fieldsOf(tick, times[at]!), times[at]!);
      for (const [all, by] of [
        [due, owner],
        [outs, at],
      ] as const) {
        for (const out of ofKind(all, Kind.CandleClosed)) {
          found[out.timeframe]!.push({ at: by, candle: plain(out) });
          expect(out.index).toBe((indexes[out.timeframe]! += 1n));
          expect([out.type, out.periodMillis]).toEqual([kinds[out.timeframe]!.type, 0]);
        }
      }
      const isLate = batches.some((batch) => batch.late.includes(at));
      const print = ofKind(outs, Kind.TradePrint)[0]!;
      expect((print.flags & 0x40) !== 0, `late, trade ${at}`).toBe(isLate);
      owner = at;
    });
    for (const out of ofKind(core.timers(times.at(-1)), Kind.CandleClosed)) {
      found[out.timeframe]!.push({ at: owner, candle: plain(out) });
    }
    kinds.forEach((kind, slot) => {
      const name = CandleType[kind.type];
      expect(found[slot], `${name} ${kind.threshold}`).toEqual(batches[slot]!.closed);
      const forming = core.peek("candlePeek", 1, slot);
      expect(forming && plain(forming), `forming ${name}`).toEqual(batches[slot]!.forming);
    });
  });
});

test.each([1, 2, 3])("how instruments interleave changes nothing, seed %i", (seed) => {
  const random = seeded(seed + 50);
  const kinds = kindsOf(seed);
  const streams = [1, 2, 3].map((i) => ticksOf(seed * 10 + i, 200));
  const core = build(kinds, 3);
  const places = [0, 0, 0];
  const outs: Out[] = [];
  let now = BASE;
  for (let left = 600; left > 0; left--) {
    const open = places.flatMap((place, i) => (place < 200 ? [i] : []));
    const i = open[Math.floor(random() * open.length)]!;
    const tick = streams[i]!.ticks[places[i]!]!;
    const at = streams[i]!.times[places[i]!]!;
    now = at > now ? at : now;
    places[i] = places[i]! + 1;
    const quote = { instrument: i + 1, bidTicks: 1, bidLots: 1, askTicks: 2, askLots: 1 };
    if (random() < 0.2) outs.push(...core.apply(Kind.Quote, quote, now));
    // One trade may lie hours before the clock now: venue time is what counts.
    outs.push(...core.apply(Kind.Trade, fieldsOf(tick, now, i + 1), now));
  }
  outs.push(...core.timers(now));
  streams.forEach(({ ticks }, i) => {
    kinds.forEach((kind, slot) => {
      const want = drivenCandles(kind, ticks).closed.map((one) => one.candle);
      expect(bySlot(outs, slot, i + 1).map(plain), `${CandleType[kind.type]}`).toEqual(want);
    });
  });
});

const tick = (price: number, extra: Fields = {}): Fields => ({
  ...{ instrument: 1, priceTicks: price, qtyLots: 1, aggressor: 1, ...extra },
});

describe("a candle that trades complete", () => {
  test("holds the whole trade that completed it, and closes behind that trade's print", () => {
    const core = build([{ type: CandleType.Volume, threshold: 10n }]);
    core.apply(Kind.Trade, tick(5, { qtyLots: 9 }), BASE);
    const outs = core.apply(Kind.Trade, tick(6, { qtyLots: 4 }), BASE);
    expect(outs.map((out) => out.name)).toEqual(["TradePrint", "CandleClosed"]);
    expect(outs[1]!.volumeLots).toBe(13);
    expect(core.peek("candlePeek", 1, 0), "nothing is carried over").toBeUndefined();
    expect(core.deadline, "no clock closes it").toBeUndefined();
  });

  test("closes as it was peeked with the same trades, also behind imported ones", () => {
    const indicators = [IndicatorKind.Ema, IndicatorKind.Rsi, IndicatorKind.Vwap];
    const made = (threshold: bigint): MarketCore => {
      const core = build([{ type: CandleType.Trades, threshold }]);
      indicators.forEach((indicatorKind, slot) => {
        const period = indicatorKind === IndicatorKind.Vwap ? 0 : 3;
        core.apply(Kind.Indicator, { instrument: 1, slot, indicatorKind, period }, BASE);
      });
      return core;
    };
    const short = made(7n);
    const random = seeded(3);
    const past: Out[] = [];
    for (let candle = 0; candle < 12; candle++) {
      const long = made(1000n);
      const now = BASE + BigInt(candle) * SECOND;
      for (const out of past) {
        const { openNanos, openTicks, highTicks, lowTicks, closeTicks, volumeLots, buyLots } = out;
        const prices = { openTicks, highTicks, lowTicks, closeTicks, volumeLots, buyLots };
        const fields = { instrument: 1, type: CandleType.Trades, openNanos, ...prices };
        expect(long.apply(Kind.CandleImport, fields, now)[0]!.name).toBe("CandleClosed");
      }
      const trades = Array.from({ length: 7 }, () => tick(1000 + Math.floor(random() * 50)));
      const closed = trades.flatMap((fields) => {
        long.apply(Kind.Trade, fields, now);
        return short.apply(Kind.Trade, fields, now);
      });
      const [whole] = ofKind(closed, Kind.CandleClosed);
      expect(plain(long.peek("candlePeek", 1, 0)!)).toEqual(plain(whole!));
      const values = ofKind(closed, Kind.IndicatorValue).map((out) => [out.warm, out.value1]);
      const peeks = indicators.map((_, slot) => long.peek("indicatorPeek", 1, 0, slot)!);
      expect(peeks.map((out) => [out.warm, out.value1])).toEqual(values);
      past.push(whole!);
    }
  });

  test("counts a trade older than the candle before, with its next candle", () => {
    const core = build([{ type: CandleType.Trades, threshold: 2n }]);
    core.apply(Kind.Trade, tick(1), BASE + 5n * SECOND);
    core.apply(Kind.Trade, tick(2, { venueOffsetMicros: -1_000_000 }), BASE + 5n * SECOND);
    const now = BASE + 6n * SECOND;
    const [old] = core.apply(Kind.Trade, tick(9, { venueOffsetMicros: -1_000_001 }), now);
    expect(old!.flags & 0x40).toBe(0x40);
    core.apply(Kind.Trade, tick(3, { venueOffsetMicros: -1_000_000 }), now);
    const [closed] = ofKind(core.apply(Kind.Trade, tick(4), now), Kind.CandleClosed);
    const { trades, lateTrades, quality, highTicks } = closed!;
    expect([trades, lateTrades, quality, highTicks]).toEqual([2, 1, CandleQuality.LateTrades, 4]);
  });

  test("is marked by a feed gap, the next one when none has begun", () => {
    const core = build([{ type: CandleType.Trades, threshold: 1n }]);
    core.apply(Kind.FeedGap, { instrument: 1 }, BASE);
    const quality = (outs: Out[]): unknown => ofKind(outs, Kind.CandleClosed)[0]!.quality;
    expect(quality(core.apply(Kind.Trade, tick(1), BASE))).toBe(CandleQuality.Gap);
    expect(quality(core.apply(Kind.Trade, tick(1), BASE))).toBe(CandleQuality.Good);
  });

  test("takes history in order of time", () => {
    const core = build([{ type: CandleType.Volume, threshold: 100n }]);
    const prices = { openTicks: 5, highTicks: 5, lowTicks: 5, closeTicks: 5, volumeLots: 120 };
    const past = (openNanos: bigint): Fields => ({
      ...{ instrument: 1, type: CandleType.Volume, openNanos, ...prices },
    });
    const now = BASE + 100n * SECOND;
    const [closed] = core.apply(Kind.CandleImport, past(BASE), now);
    expect([closed!.name, closed!.quality, closed!.openNanos]).toEqual(["CandleClosed", 8, BASE]);
    const reason = (openNanos: bigint): unknown =>
      core.apply(Kind.CandleImport, past(openNanos), now)[0]!.reason;
    expect(reason(BASE - 1n)).toBe(Refusal.TimeBackwards);
    expect(reason(now + 1n)).toBe(Refusal.TimeFarAhead);
    core.apply(Kind.Trade, tick(5), now);
    expect(reason(now), "trades have begun that candle").toBe(Refusal.DuplicateUpdate);
    expect(core.apply(Kind.CandleImport, past(now - SECOND), now)[0]!.name).toBe("CandleClosed");
  });
});

describe("Renko bricks", () => {
  test("of one trade are bounded by input and go on with Timers of its time", () => {
    const core = build([{ type: CandleType.Renko, threshold: 10n }]);
    core.apply(Kind.Trade, tick(1005), BASE);
    const first = core.apply(Kind.Trade, tick(1000 + 10 * 202), BASE + SECOND);
    expect(ofKind(first, Kind.CandleClosed).length).toBe(64);
    expect(core.deadline, "the rest is due now").toBe(BASE + SECOND);
    const rest = core.timers(BASE + SECOND);
    const causes = [...new Set(rest.map((out) => out.cause))];
    const byInput = causes.map((cause) => rest.filter((out) => out.cause === cause).length);
    expect(byInput, "bricks of each Timer").toEqual([64, 64, 9]);
    expect(ofKind(rest, Kind.CandleClosed).length).toBe(201 - 64);
    const all = [...first, ...rest].filter((out) => out.name === "CandleClosed");
    expect(all.map((out) => out.closeTicks)).toEqual(
      Array.from({ length: 201 }, (_, i) => 1020 + 10 * i),
    );
    expect(all.map((out) => out.trades)).toEqual([2, ...Array.from({ length: 200 }, () => 0)]);
    expect(core.deadline).toBeUndefined();
  });

  test("are 4096 at most; a longer jump begins again where it ends, marked as a gap", () => {
    const core = build([{ type: CandleType.Renko, threshold: 10n }]);
    core.apply(Kind.Trade, tick(5), BASE);
    const most = core.apply(Kind.Trade, tick(10 + 4096 * 10), BASE);
    const made = ofKind([...most, ...core.timers(BASE)], Kind.CandleClosed);
    expect([made.length, made.at(-1).closeTicks]).toEqual([4096, 40_970]);
    core.apply(Kind.Trade, tick(40_960 - 4098 * 10), BASE);
    expect(core.deadline, "nothing is owed").toBeUndefined();
    const [next] = ofKind(core.apply(Kind.Trade, tick(0), BASE), Kind.CandleClosed);
    expect([next!.openTicks, next!.closeTicks, next!.quality]).toEqual([-10, 0, CandleQuality.Gap]);
  });
});

describe("a Timeframe record is denied", () => {
  const first = { instrument: 1, slot: 0, type: CandleType.Volume, threshold: 10 };
  test.each([
    ["type 9", { type: 9, threshold: 1 }, Refusal.ParameterInvalid],
    ["without a threshold", { type: 1 }, Refusal.ParameterInvalid],
    ["below 0", { type: 2, threshold: -1 }, Refusal.ParameterInvalid],
    ["2^32 trades", { type: 1, threshold: 2 ** 32 }, Refusal.ParameterInvalid],
    ["a brick above 2^52", { type: 7, threshold: 2n ** 52n + 1n }, Refusal.ParameterInvalid],
    ["notional above 2^60", { type: 3, threshold: 2n ** 60n + 1n }, Refusal.ParameterInvalid],
    ["volume with a period", { type: 2, threshold: 1, periodMillis: 1000 }, Refusal.PeriodInvalid],
    ["range with a window", { type: 5, threshold: 1, windowCandles: 5 }, Refusal.ParameterInvalid],
    ["trades with a measure", { type: 1, threshold: 1, measure: 1 }, Refusal.ParameterInvalid],
    ["measure 3", { type: 4, threshold: 1, measure: 3 }, Refusal.ParameterInvalid],
    ["window 1025", { type: 8, threshold: 1, windowCandles: 1025 }, Refusal.ParameterInvalid],
    ["volume with a source", { type: 2, threshold: 1, source: 1 }, Refusal.ParameterInvalid],
    ["the same twice", { type: 2, threshold: 10 }, Refusal.ConfigConflict],
    ["a taken slot", { slot: 0, type: 2, threshold: 11 }, Refusal.ConfigConflict],
    ["smoothing nothing", { type: 6, source: 2, slot: 3 }, Refusal.UnknownTimeframe],
    ["smoothing a higher slot", { type: 6, source: 4 }, Refusal.ParameterInvalid],
    ["smoothing with a threshold", { type: 6, threshold: 1 }, Refusal.ParameterInvalid],
  ])("%s", (_, fields, reason) => {
    const core = new MarketCore(module);
    core.spec(1);
    core.apply(Kind.Timeframe, first, BASE);
    const before = core.stateHash();
    const [answer] = core.apply(Kind.Timeframe, { instrument: 1, slot: 1, ...fields }, BASE);
    expect([answer!.name, answer!.reason]).toEqual(["ConfigDenied", reason]);
    expect(core.stateHash(), "state after a denial").toBe(before);
    const again = core.apply(Kind.Timeframe, first, BASE);
    expect(again[0]!.name, "the same again is nothing new").toBe("ConfigAccepted");
  });

  test("for all instruments as for one, and reaches those that come later", () => {
    const core = new MarketCore(module);
    const answers = [
      { slot: 0, type: CandleType.Trades, threshold: 2 },
      { slot: 1, type: CandleType.HeikinAshi, source: 0 },
      { slot: 2, type: CandleType.Trades, threshold: 2 },
      { slot: 2, type: CandleType.HeikinAshi, source: 0 },
      { slot: 4, type: CandleType.HeikinAshi, source: 3 },
    ].map((fields) => core.apply(Kind.Timeframe, { instrument: 0, ...fields }, BASE)[0]!.reason);
    const { ConfigConflict, UnknownTimeframe, None } = Refusal;
    expect(answers).toEqual([None, None, ConfigConflict, ConfigConflict, UnknownTimeframe]);
    core.spec(1);
    core.apply(Kind.Trade, tick(10), BASE);
    const outs = core.apply(Kind.Trade, tick(20), BASE);
    expect(ofKind(outs, Kind.CandleClosed).map((out) => out.type)).toEqual([1, 6]);
  });
});
