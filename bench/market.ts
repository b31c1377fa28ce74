// The market role per tick: ring pop, sequencing, journal copy, candles, indicators at close.
//
// 1000 instruments trade in turn, 100 trades each a minute, so one tick in a hundred closes a
// 1-minute candle; six timeframes roll up and each carries the seven indicators, computed at close
// only. Instruments come in a shuffled order, because an order of addresses would flatter the
// caches. The floor is the same ticks through a core that has nothing to do with them: ring,
// sequence and copy remain.
import { RING_FEED_CELLS } from "../asm/layout.ts";
import {
  CELL_SHIFT,
  Execution,
  Flag,
  IndicatorKind,
  InstrumentKind,
  Kind,
  Role,
  Side,
  TRADE_AGGRESSOR,
  TRADE_PRICE_TICKS,
  TRADE_QTY_LOTS,
  REC_FLAGS,
  REC_INSTRUMENT,
  REC_KIND,
  REC_TS_ENGINE,
  RECORD_BYTES_MAX,
} from "../asm/vocab.ts";
import { loadBuild } from "../src/core/build.ts";
import { Core } from "../src/core/core.ts";
import { encode } from "../src/protocol.ts";
import { plantedSlowdown, type BenchMain, type BenchMetric, type Slowdown } from "./report.ts";

const INSTRUMENTS = 1000;
const TICKS_PER_MINUTE = INSTRUMENTS * 100;
const TICK_NANOS = 60_000_000_000n / BigInt(TICKS_PER_MINUTE);
const START_NANOS = 1_723_161_600_000_000_000n;
const PERIODS_SECONDS = [60, 300, 900, 3600, 14_400, 86_400];
const BATCH = RING_FEED_CELLS >> 4;
const WARM_MINUTES = 40;

enum Work {
  None,
  Candles,
  /** The seven kinds, one of each. */
  Indicators,
  /** Twelve, five of them of a kind already there with another period. */
  Twelve,
  /** Those twelve, and after each tick a look at all that forms in its instrument. */
  Peeks,
}
/** Kind and periods of the twelve; no period is above 50. */
const TWELVE: readonly (readonly [IndicatorKind, number])[] = [
  [IndicatorKind.Sma, 20],
  [IndicatorKind.Sma, 50],
  [IndicatorKind.Ema, 9],
  [IndicatorKind.Ema, 20],
  [IndicatorKind.Ema, 50],
  [IndicatorKind.Rsi, 14],
  [IndicatorKind.Rsi, 7],
  [IndicatorKind.Macd, 12],
  [IndicatorKind.Bollinger, 20],
  [IndicatorKind.Atr, 14],
  [IndicatorKind.Atr, 7],
  [IndicatorKind.Vwap, 0],
];
const SEVEN: readonly (readonly [IndicatorKind, number])[] = [
  [IndicatorKind.Sma, 20],
  [IndicatorKind.Ema, 20],
  [IndicatorKind.Rsi, 14],
  [IndicatorKind.Macd, 12],
  [IndicatorKind.Bollinger, 20],
  [IndicatorKind.Atr, 14],
  [IndicatorKind.Vwap, 0],
];

/** Rate of `run` with the market role alone, and the same with candles only. */
export const main: BenchMain = async ({ small }) => {
  const minutes = small ? 5 : 40;
  const full = measure(minutes, Work.Indicators);
  const bare = measure(minutes, Work.Candles);
  const twelve = measure(minutes, Work.Twelve);
  const peeks = measure(Math.ceil(minutes / 4), Work.Peeks);
  const floor = measure(minutes, Work.None);
  const metrics: BenchMetric[] = [
    line("close only, 6 timeframes, 1000 instruments", full, floor),
    line("candles only, 6 timeframes, 1000 instruments", bare, floor),
    line("close only, 6 timeframes, 12 indicators, 1000 instruments", twelve, floor),
    line("all peeked every tick, 6 timeframes, 12 indicators, 1000 instruments", peeks, floor),
  ];
  return {
    name: "market",
    hash: full.hash,
    scope:
      "Core.run with the market role: feed ring pop, timers, sequence, copy into the block, " +
      "candles, 7 indicators x 6 timeframes at close, output records with their hash; without " +
      "filling the feed ring, sealing and draining; best of the run's quarters. Peeked: after " +
      "each tick one instrumentPeek, 6 forming candles and 72 values as records. Floor: the same " +
      "without candles",
    metrics,
    conditions: {
      seed: 1,
      ticks: full.ticks,
      instruments: INSTRUMENTS,
      candlesClosed: full.closed,
    },
  };
};

function line(metric: string, run: Measured, floor: Measured): BenchMetric {
  const rate = ({ ticks, seconds }: Measured): number => ticks / seconds / 1e6;
  return { metric, value: rate(run), unit: "M ticks/s", floor: rate(floor) };
}

interface Measured {
  ticks: number;
  seconds: number;
  closed: number;
  hash: string;
}

function measure(minutes: number, work: Work): Measured {
  const roles = work === Work.None ? Role.Order : Role.Market;
  const core = Core.create(loadBuild(), { roles, stream: 1 });
  if (work !== Work.None) configure(core, work);
  const feed = new TickFeed(core, work === Work.None ? "none" : "market", work === Work.Peeks);
  feed.run(WARM_MINUTES * TICKS_PER_MINUTE);
  // Whole minutes, so that every quarter closes as many candles.
  const quarter = Math.ceil(minutes / 4) * TICKS_PER_MINUTE;
  let seconds = Infinity;
  for (let part = 0; part < 4; part++) seconds = Math.min(seconds, feed.run(quarter));
  if (feed.closed === 0 && work !== Work.None)
    throw new Error("no candle closed: nothing was measured");
  const hash = core.stateHash(Role.Market).toString(16).padStart(16, "0");
  return { ticks: quarter, seconds, closed: feed.closed, hash };
}

function configure(core: Core, work: Work): void {
  const words = new Int32Array(RECORD_BYTES_MAX >> 2);
  const record = new DataView(words.buffer);
  const send: Send = (kind, fields) => {
    const bytes = encode(record, 0, kind as Kind.Trade, fields as never);
    core.control.push(words, 0, bytes >> CELL_SHIFT);
    core.control.publish();
    core.run(-1, 16);
    core.discard();
    core.drain(() => undefined);
    if (core.refused > 0) throw new Error(`kind ${kind} was refused`);
  };
  send(Kind.Currency, { id: 1, minorExponent: -2, code: "USD" });
  // As the engine does: what all instruments have stands first, so each gets its memory in a piece.
  const isTemplateFirst = work === Work.Twelve || work === Work.Peeks;
  if (isTemplateFirst) templates(send, work);
  for (let instrument = 1; instrument <= INSTRUMENTS; instrument++) {
    const money = { base: 1, quote: 1, settlement: 1, multiplierNum: 1, multiplierDen: 1 };
    const steps = { tickMantissa: 1, tickExponent: -2, lotMantissa: 1 };
    const kinds = { specKind: InstrumentKind.Spot, execution: Execution.Paper };
    const symbol = `B-${instrument}`;
    send(Kind.InstrumentSpec, { instrument, version: 1, symbol, ...money, ...steps, ...kinds });
  }
  // The older lines keep their order, their slots and with them the hash of their state.
  if (!isTemplateFirst) templates(send, work);
}

type Send = (kind: Kind, fields: Record<string, unknown>) => void;

function templates(send: Send, work: Work): void {
  PERIODS_SECONDS.forEach((seconds, slot) => {
    send(Kind.Timeframe, { instrument: 0, slot, periodMillis: seconds * 1000 });
    if (work === Work.Candles) return;
    (work === Work.Indicators ? SEVEN : TWELVE).forEach(([kind, period], i) => {
      const place = work === Work.Indicators ? Number(kind) : i;
      const fields = { indicatorKind: kind, period, period2: 26, period3: 9 };
      const factor = kind === IndicatorKind.Bollinger ? 2 : 0;
      send(Kind.Indicator, { instrument: 0, timeframe: slot, slot: place, ...fields, factor });
    });
  });
}

/** Writes ticks and lets the core take them; times only the taking. */
class TickFeed {
  closed = 0;
  peekedBytes = 0;
  private readonly core: Core;
  private readonly slowdown: Slowdown;
  private readonly isPeeking: boolean;
  private readonly order: number[];
  private readonly prices: Float64Array;
  private state = 1;
  private tick = 0;

  constructor(core: Core, planted: string, isPeeking: boolean) {
    this.core = core;
    this.isPeeking = isPeeking;
    this.slowdown = plantedSlowdown(planted);
    this.prices = new Float64Array(INSTRUMENTS).fill(100_000);
    this.order = Array.from({ length: INSTRUMENTS }, (_, i) => i + 1);
    for (let i = INSTRUMENTS - 1; i > 0; i--) {
      const j = this.random() % (i + 1);
      [this.order[i], this.order[j]] = [this.order[j]!, this.order[i]!];
    }
  }

  /** xorshift32. */
  private random(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x >>> 0;
    return this.state;
  }

  /** Applies `ticks` ticks; seconds spent in `run`. */
  run(ticks: number): number {
    let nanos = 0n;
    for (let left = ticks; left > 0; left -= BATCH) {
      const count = Math.min(BATCH, left);
      this.fill(count);
      const startMillis = performance.now();
      const from = process.hrtime.bigint();
      while (this.core.feed.waiting() > 0) {
        if (this.isPeeking) this.runPeeking(count);
        else this.core.run(-1, count);
        this.slowdown(startMillis);
        nanos += process.hrtime.bigint() - from;
        this.core.discard();
        this.drain();
        if (this.core.feed.waiting() > 0) return this.stuck();
      }
    }
    return Number(nanos) / 1e9;
  }

  /** One tick at a time, each followed by a look at all that forms in its instrument. */
  private runPeeking(count: number): void {
    const peek = this.core.exports["instrumentPeek"] as (instrument: number) => number;
    let at = this.tick - count;
    for (let i = 0; i < count; i++, at++) {
      this.core.run(-1, 1);
      this.peekedBytes += peek(this.order[at % INSTRUMENTS]!);
    }
  }

  private stuck(): never {
    throw new Error("the core left ticks of one batch in the ring");
  }

  private fill(count: number): void {
    const { view, feed } = this.core;
    for (let i = 0; i < count; i++) {
      const instrument = this.order[this.tick % INSTRUMENTS]!;
      const random = this.random();
      this.prices[instrument - 1]! += (random % 21) - 10;
      const at = feed.reserve(1);
      view.setUint16(at + REC_KIND, Kind.Trade, true);
      view.setUint16(at + REC_FLAGS, Flag.Timed, true);
      view.setUint32(at + REC_INSTRUMENT, instrument, true);
      view.setBigInt64(at + REC_TS_ENGINE, START_NANOS + BigInt(this.tick) * TICK_NANOS, true);
      view.setUint32(at + TRADE_PRICE_TICKS, this.prices[instrument - 1]!, true);
      view.setUint32(at + TRADE_QTY_LOTS, 1 + ((random >>> 8) % 100), true);
      view.setUint8(at + TRADE_AGGRESSOR, random & 65_536 ? Side.Buy : Side.Sell);
      feed.commit();
      this.tick += 1;
    }
    feed.publish();
  }

  private drain(): void {
    const { out, view } = this.core;
    for (let at = out.next(); at >= 0; at = out.next()) {
      if (view.getUint16(at + REC_KIND, true) === (Kind.CandleClosed as number)) this.closed += 1;
      out.skip(out.cellsAt(at));
    }
    out.release();
  }
}
