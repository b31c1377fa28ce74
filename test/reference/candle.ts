// Slow plain twin of candles: every timeframe aggregates its own trades, nothing is rolled up.
//
// The rules it shares with the core are the published ones: buckets of venue time, closed by a
// later trade or by the clock; a trade is late when the timeframe's root (the end of the chain
// "longest shorter period that divides mine") has shut its bucket or begun a later one; late trades
// are counted with the root's next candle and fold nowhere.

/** One trade. */
export interface Print {
  tsNanos: bigint;
  price: bigint;
  qty: bigint;
  isBuy: boolean;
}

/** A finished candle, or a forming one. */
export interface TwinCandle {
  slot: number;
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
  quality: number;
  index: number;
}

interface Frame {
  slot: number;
  period: bigint;
  root: Frame;
  trades: Print[];
  late: number;
  gap: boolean;
  pendingGap: boolean;
  /** Roots: no trade before. */
  floor: bigint;
  closed: number;
}

const WEEK = 604_800n * 1_000_000_000n;
const MONDAY = 345_600n * 1_000_000_000n;

/** Start of the bucket. */
export function startOf(ts: bigint, period: bigint): bigint {
  const origin = period === WEEK ? MONDAY : 0n;
  const rest = (((ts - origin) % period) + period) % period;
  return ts - rest;
}

/** Candles of one instrument; `periods` in nanoseconds by slot. */
export class CandleTwin {
  private readonly frames: Frame[];

  constructor(periods: bigint[]) {
    this.frames = periods
      .map((period, slot) => ({ slot, period }) as Frame)
      .sort((left, right) => (left.period < right.period ? -1 : 1));
    this.frames.forEach((frame, i) => {
      Object.assign(frame, { trades: [], late: 0, gap: false, pendingGap: false });
      Object.assign(frame, { floor: 0n, closed: 0 });
      const below = this.frames.slice(0, i).reverse();
      const source = below.find((one) => nests(frame.period, one.period));
      frame.root = source?.root ?? frame;
    });
  }

  /** When the next candle ends, undefined when none is begun. */
  deadline(): bigint | undefined {
    const ends = this.frames.filter(isBegun).map(endOf);
    return ends.length === 0 ? undefined : ends.reduce((a, b) => (a < b ? a : b));
  }

  /** Closes everything that ends at or before `until`. */
  close(until: bigint): TwinCandle[] {
    const closed: TwinCandle[] = [];
    for (const frame of this.frames) {
      if (!isBegun(frame) || endOf(frame) > until) continue;
      closed.push(candleOf(frame, frame.closed + 1));
      const end = endOf(frame);
      if (frame.root === frame) {
        for (const other of this.frames) {
          if (other.root === frame && other !== frame) other.late += frame.late;
        }
      }
      frame.root.floor = end > frame.root.floor ? end : frame.root.floor;
      Object.assign(frame, { trades: [], late: 0, gap: false, closed: frame.closed + 1 });
    }
    return closed;
  }

  /** Takes a trade; `isLate` when a root could not. */
  trade(print: Print): { closed: TwinCandle[]; isLate: boolean } {
    const closed = this.close(print.tsNanos);
    let isLate = false;
    for (const root of this.frames.filter((frame) => frame.root === frame)) {
      const from = isBegun(root) ? startOf(root.trades[0]!.tsNanos, root.period) : root.floor;
      if (print.tsNanos < from) {
        root.late += 1;
        isLate = true;
        continue;
      }
      for (const frame of this.frames.filter((one) => one.root === root)) {
        if (!isBegun(frame)) {
          frame.gap = root.pendingGap;
        }
        frame.gap ||= root.pendingGap;
        frame.trades.push(print);
      }
      root.pendingGap = false;
    }
    return { closed, isLate };
  }

  /** Something was not seen. */
  gap(): void {
    for (const frame of this.frames) {
      if (isBegun(frame)) frame.gap = true;
      else if (frame.root === frame) frame.pendingGap = true;
    }
  }

  /** The candle as it stands. */
  forming(slot: number): TwinCandle | undefined {
    const frame = this.frames.find((one) => one.slot === slot)!;
    if (!isBegun(frame)) return undefined;
    const late = frame.late + (frame.root === frame || !isBegun(frame.root) ? 0 : frame.root.late);
    return candleOf({ ...frame, late }, frame.closed);
  }
}

function nests(long: bigint, short: bigint): boolean {
  return long % short === 0n && (long !== WEEK || MONDAY % short === 0n);
}

function isBegun(frame: Frame): boolean {
  return frame.trades.length > 0;
}

function endOf(frame: Frame): bigint {
  return startOf(frame.trades[0]!.tsNanos, frame.period) + frame.period;
}

function candleOf(frame: Frame, index: number): TwinCandle {
  const { trades, late } = frame;
  const start = startOf(trades[0]!.tsNanos, frame.period);
  const prices = trades.map((trade) => trade.price);
  const isPartial = frame.closed === 0 && trades[0]!.tsNanos > start;
  return {
    slot: frame.slot,
    openNanos: start,
    open: prices[0]!,
    high: prices.reduce((a, b) => (a > b ? a : b)),
    low: prices.reduce((a, b) => (a < b ? a : b)),
    close: prices[prices.length - 1]!,
    volume: trades.reduce((total, trade) => total + trade.qty, 0n),
    buy: trades.reduce((total, trade) => total + (trade.isBuy ? trade.qty : 0n), 0n),
    turnover: trades.reduce((total, trade) => total + trade.price * trade.qty, 0n),
    trades: trades.length,
    late,
    quality: (frame.gap ? 1 : 0) | (late > 0 ? 2 : 0) | (isPartial ? 4 : 0),
    index,
  };
}
