// Slow plain twin of candles that trades complete: all trades at once, each candle measured anew.
//
// Written from the rules of asm/candles/README.md: a trade older than the newest one of the last
// closed candle is late and belongs to none; the others fill a candle in order of arrival until its
// measure, taken over the whole candle, reaches the threshold. bigint for what is counted, f64 for
// expectations.
import { CandleMeasure, CandleType } from "../../asm/vocab.ts";

/** One trade; `side` 1 a buyer, 2 a seller, 0 unknown. */
export interface Tick {
  tsNanos: bigint;
  price: bigint;
  qty: bigint;
  side: number;
}

/** What a candle is made of. */
export interface DrivenKind {
  type: CandleType;
  threshold: bigint;
  measure?: CandleMeasure;
  windowCandles?: number;
}

export interface DrivenCandle {
  openNanos: bigint;
  open: bigint;
  high: bigint;
  low: bigint;
  close: bigint;
  volume: bigint;
  buy: bigint;
  turnover: bigint;
  trades: number;
  late: number;
}

export interface Batch {
  /** Each closed candle with the index of the trade that completed it. */
  closed: { at: number; candle: DrivenCandle }[];
  /** Indexes of late trades. */
  late: number[];
  forming: DrivenCandle | undefined;
}

/** All candles of a row of trades in order of arrival. */
export function drivenCandles(kind: DrivenKind, ticks: readonly Tick[]): Batch {
  if (kind.type === CandleType.Renko) return bricks(kind.threshold, ticks);
  const batch: Batch = { closed: [], late: [], forming: undefined };
  const expected = new Expectation(kind);
  const sign = tickRule();
  let group: Signed[] = [];
  let late = 0;
  let newest: bigint | undefined;
  let floor: bigint | undefined;
  ticks.forEach((tick, at) => {
    if (floor !== undefined && tick.tsNanos < floor) {
      batch.late.push(at);
      late += 1;
      return;
    }
    group.push({ ...tick, sign: sign(tick) });
    newest = newest === undefined || tick.tsNanos > newest ? tick.tsNanos : newest;
    if (measure(kind, group) < expected.threshold) return;
    batch.closed.push({ at, candle: candleOf(group, late) });
    expected.learn(group);
    floor = newest;
    group = [];
    late = 0;
  });
  if (group.length > 0) batch.forming = candleOf(group, late);
  return batch;
}

interface Signed extends Tick {
  sign: bigint;
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);
const sum = (values: bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
const most = (values: bigint[]): bigint => values.reduce((a, b) => (a > b ? a : b));
const least = (values: bigint[]): bigint => values.reduce((a, b) => (a < b ? a : b));

/** The side of the aggressor, else the sign of the last change of price. */
function tickRule(): (tick: Tick) => bigint {
  let last: bigint | undefined;
  let rule = 0n;
  return ({ price, side }) => {
    if (last !== undefined && price !== last) rule = price > last ? 1n : -1n;
    last = price;
    if (side === 1) return 1n;
    return side === 2 ? -1n : rule;
  };
}

function weight(kind: DrivenKind, tick: Tick): bigint {
  if ((kind.measure ?? CandleMeasure.Trades) === CandleMeasure.Trades) return 1n;
  return kind.measure === CandleMeasure.Volume ? tick.qty : abs(tick.price) * tick.qty;
}

function measure(kind: DrivenKind, group: Signed[]): bigint {
  const prices = group.map((one) => one.price);
  switch (kind.type) {
    case CandleType.Trades:
      return BigInt(group.length);
    case CandleType.Volume:
      return sum(group.map((one) => one.qty));
    case CandleType.Notional:
      return sum(group.map((one) => abs(one.price) * one.qty));
    case CandleType.Range:
      return most(prices) - least(prices);
    case CandleType.Imbalance:
      return abs(sum(group.map((one) => one.sign * weight(kind, one))));
    default:
      return most([side(kind, group, 1n), side(kind, group, -1n)]);
  }
}

function side(kind: DrivenKind, group: Signed[], sign: bigint): bigint {
  return sum(group.filter((one) => one.sign === sign).map((one) => weight(kind, one)));
}

/** Lopez de Prado's expected threshold, within a sixteenth and sixteen times the first. */
class Expectation {
  threshold: bigint;
  private readonly kind: DrivenKind;
  private trades = 0;
  private means: number[] = [];

  constructor(kind: DrivenKind) {
    this.kind = kind;
    this.threshold = kind.threshold;
  }

  learn(group: Signed[]): void {
    const { windowCandles = 0, threshold, type } = this.kind;
    if (windowCandles === 0) return;
    const buys = side(this.kind, group, 1n);
    const sells = side(this.kind, group, -1n);
    const sums = type === CandleType.Run ? [buys, sells] : [buys - sells];
    const means = sums.map((one) => Number(one) / group.length);
    const alpha = this.trades === 0 ? 1 : 2 / (windowCandles + 1);
    this.trades += alpha * (group.length - this.trades);
    this.means = means.map((mean, i) => {
      const before = this.means[i] ?? 0;
      return before + alpha * (mean - before);
    });
    const perTrade = type === CandleType.Run ? Math.max(...this.means) : Math.abs(this.means[0]!);
    const expected = BigInt(Math.ceil(this.trades * perTrade));
    const low = most([threshold / 16n, 1n]);
    const high = least([threshold * 16n, 1n << 60n]);
    this.threshold = most([low, least([high, expected])]);
  }
}

function candleOf(group: readonly Tick[], late: number): DrivenCandle {
  const prices = group.map((one) => one.price);
  return {
    openNanos: group[0]!.tsNanos,
    open: prices[0]!,
    high: most(prices),
    low: least(prices),
    close: prices[prices.length - 1]!,
    volume: sum(group.map((one) => one.qty)),
    buy: sum(group.filter((one) => one.side === 1).map((one) => one.qty)),
    turnover: sum(group.map((one) => one.price * one.qty)),
    trades: group.length,
    late,
  };
}

/** Bricks on the grid of whole heights; a jump of more than 4096 heights starts again. */
function bricks(height: bigint, ticks: readonly Tick[]): Batch {
  const batch: Batch = { closed: [], late: [], forming: undefined };
  let low: bigint | undefined;
  let group: Tick[] = [];
  let late = 0;
  let newest: bigint | undefined;
  let floor: bigint | undefined;
  const cell = (price: bigint): bigint => price - (((price % height) + height) % height);
  const shape = (candle: DrivenCandle, open: bigint, close: bigint): DrivenCandle => ({
    ...candle,
    ...{ open, close, high: most([open, close]), low: least([open, close]) },
  });
  ticks.forEach((tick, at) => {
    if (floor !== undefined && tick.tsNanos < floor) {
      batch.late.push(at);
      late += 1;
      return;
    }
    group.push(tick);
    newest = newest === undefined || tick.tsNanos > newest ? tick.tsNanos : newest;
    low ??= cell(tick.price);
    const away = tick.price > low ? tick.price - low - height : low - tick.price;
    if (away / height > 4096n) low = cell(tick.price);
    let made = candleOf(group, late);
    while (tick.price >= low + 2n * height || tick.price <= low - height) {
      const isUp = tick.price > low;
      const open = isUp ? low + height : low;
      const candle = shape(made, open, isUp ? open + height : open - height);
      batch.closed.push({ at, candle });
      low = candle.low;
      made = { ...made, openNanos: newest, volume: 0n, buy: 0n, turnover: 0n, trades: 0, late: 0 };
      group = [];
      late = 0;
      floor = newest;
    }
  });
  if (group.length > 0 && low !== undefined) {
    const made = candleOf(group, late);
    const open = most([low, least([made.close, low + height])]);
    batch.forming = shape(made, open, made.close);
  }
  return batch;
}
