// Candles of one instrument and timeframe, oldest first: history, closed, forming and trades
// merged.
//
// Four sources overlap after every subscribe and reconnect, so the rule is fixed here: a closed
// candle is final; a forming one replaces what is not closed; a trade moves only the prices of the
// candle that forms, for a chart that does not wait for the next forming record. Volume comes from
// candles alone: a trade may already be counted in the forming candle that arrived before it.
import type { CandleRecord } from "../protocol.ts";
import { millisOf } from "./format.ts";

/** Candles kept; when a quarter more have come, the oldest are dropped. */
export const SERIES_CANDLES_MAX = 1200;

/** One candle in ticks and lots; `openMillis` is the start of its period. */
export interface Candle {
  openMillis: number;
  openTicks: number;
  highTicks: number;
  lowTicks: number;
  closeTicks: number;
  volumeLots: number;
  closed: boolean;
  /** Bits of enum CandleQuality. */
  quality: number;
}

/** What the chart must redraw: from this index on, or everything. */
export const REDRAW_ALL = -1;
/** Nothing changed. */
export const REDRAW_NONE = Infinity;

/** The page's candle of a CandleClosed or CandleForming record. */
export function candleOf(record: CandleRecord, closed: boolean): Candle {
  return {
    openMillis: millisOf(record.openNanos),
    openTicks: record.openTicks,
    highTicks: record.highTicks,
    lowTicks: record.lowTicks,
    closeTicks: record.closeTicks,
    volumeLots: record.volumeLots,
    closed,
    quality: record.quality,
  };
}

/** Candles of one chart; bounded by SERIES_CANDLES_MAX and a quarter. */
export class CandleSeries {
  readonly periodMillis: number;
  /** Ascending by openMillis, one candle a period at most. */
  candles: Candle[] = [];
  #redrawFrom = REDRAW_ALL;

  constructor(periodMillis: number) {
    this.periodMillis = periodMillis;
  }

  /** Start of the newest closed candle, where values of indicators belong; 0 when there is none. */
  get closedMillis(): number {
    for (let at = this.candles.length - 1; at >= 0; at -= 1) {
      const candle = this.candles[at];
      if (candle?.closed === true) return candle.openMillis;
    }
    return 0;
  }

  /** The newest candle. */
  get last(): Candle | undefined {
    return this.candles.at(-1);
  }

  /** Joins the answer to a history request with what came in meanwhile. */
  load(history: readonly Candle[]): void {
    for (const candle of history) this.apply(candle);
    this.#redrawFrom = REDRAW_ALL;
  }

  /** Puts a closed or forming candle in its place; a closed one is never replaced by a forming. */
  apply(candle: Candle): void {
    let at = this.candles.length;
    while (at > 0 && (this.candles[at - 1] as Candle).openMillis > candle.openMillis) at -= 1;
    const same = this.candles[at - 1];
    if (same?.openMillis === candle.openMillis) {
      if (same.closed && !candle.closed) return;
      this.candles[at - 1] = candle;
      this.#mark(at - 1);
      return;
    }
    if (at < this.candles.length) {
      if (!candle.closed) return;
      this.candles.splice(at, 0, candle);
      this.#redrawFrom = REDRAW_ALL;
      return;
    }
    this.candles.push(candle);
    this.#mark(at);
    this.#trim();
  }

  /** Moves the prices of the forming candle, or opens the next; a late trade changes nothing. */
  trade(priceTicks: number, millis: number): void {
    const openMillis = Math.floor(millis / this.periodMillis) * this.periodMillis;
    const last = this.last;
    if (last === undefined || openMillis > last.openMillis) {
      // Before the history has come a lone candle would only flash.
      if (last === undefined) return;
      const ticks = priceTicks;
      this.apply({
        ...{ openMillis, openTicks: ticks, highTicks: ticks, lowTicks: ticks, closeTicks: ticks },
        ...{ volumeLots: 0, closed: false, quality: 0 },
      });
      return;
    }
    if (openMillis < last.openMillis || last.closed) return;
    last.closeTicks = priceTicks;
    if (priceTicks > last.highTicks) last.highTicks = priceTicks;
    if (priceTicks < last.lowTicks) last.lowTicks = priceTicks;
    this.#mark(this.candles.length - 1);
  }

  /** Index from which the chart must redraw since the last call, REDRAW_ALL or REDRAW_NONE. */
  takeRedraw(): number {
    const from = this.#redrawFrom;
    this.#redrawFrom = REDRAW_NONE;
    return from;
  }

  #mark(index: number): void {
    this.#redrawFrom = Math.min(this.#redrawFrom, index);
  }

  #trim(): void {
    if (this.candles.length <= SERIES_CANDLES_MAX * 1.25) return;
    this.candles = this.candles.slice(-SERIES_CANDLES_MAX);
    this.#redrawFrom = REDRAW_ALL;
  }
}
