// Market data of the page: one row an instrument, and the recent trades of the selected one.
//
// Rows are plain objects that records overwrite; nothing is allocated per record but a trade's own
// line, and the page reads them once an animation frame. Everything is bounded.
import type { Side } from "../../asm/vocab.ts";
import { Flag, Kind } from "../../asm/vocab.ts";
import type { CandleRecord, InstrumentInfo, QuoteRecord, TradeRecord } from "../protocol.ts";
import type { Step } from "./format.ts";
import { millisOf, percentChange } from "./format.ts";

/** Lines of the trades list. */
export const TRADES_MAX = 50;

/** What the page knows of one instrument. Prices in ticks, 0 = not seen yet. */
export interface MarketRow {
  id: number;
  symbol: string;
  price: Step;
  qty: Step;
  quote: number;
  settlement: number;
  simulated: boolean;
  /** Fills move balances; there are no legs. */
  cash: boolean;
  lastTicks: number;
  /** 1 when the last trade was above the one before, -1 below. */
  direction: number;
  bidTicks: number;
  bidLots: number;
  askTicks: number;
  askLots: number;
  /** Open of the UTC day's candle, or the first trade seen when there is none. */
  openTicks: number;
  openIsDay: boolean;
  untrusted: boolean;
}

/** One public trade. `key` is unique on the page, for keyed lists. */
export interface TradeLine {
  key: number;
  millis: number;
  priceTicks: number;
  qtyLots: number;
  aggressor: Side;
}

/** Rows by instrument, and the trades of the selected instrument, newest first. */
export class Market {
  readonly rows = new Map<number, MarketRow>();
  trades: TradeLine[] = [];
  /** True once a record or an instrument said that it is simulated. */
  simulated = false;
  #keyNext = 1;

  /** Takes the instruments of the reference data; values of known ones stay. */
  setInstruments(instruments: readonly InstrumentInfo[]): void {
    for (const info of instruments) {
      const row = this.rows.get(info.id) ?? emptyRow(info.id);
      row.symbol = info.symbol;
      row.price = { mantissa: BigInt(info.tickMantissa), exponent: info.tickExponent };
      row.qty = { mantissa: BigInt(info.lotMantissa), exponent: info.lotExponent };
      row.quote = info.quote;
      row.settlement = info.settlement;
      row.simulated ||= info.simulated;
      row.cash = info.cash === true;
      this.simulated ||= info.simulated;
      this.rows.set(info.id, row);
    }
  }

  /** Takes a best bid and ask. */
  applyQuote(record: QuoteRecord): void {
    const row = this.rows.get(record.instrument);
    if (row === undefined) return;
    this.#noteFlags(row, record.flags);
    row.bidTicks = record.bidTicks;
    row.bidLots = record.bidLots;
    row.askTicks = record.askTicks;
    row.askLots = record.askLots;
  }

  /** Takes a public trade as the instrument's last price. */
  applyTrade(record: TradeRecord): void {
    const row = this.rows.get(record.instrument);
    if (row === undefined) return;
    this.#noteFlags(row, record.flags);
    if (row.lastTicks !== 0 && record.priceTicks !== row.lastTicks) {
      row.direction = record.priceTicks > row.lastTicks ? 1 : -1;
    }
    row.lastTicks = record.priceTicks;
    if (row.openTicks === 0) row.openTicks = record.priceTicks;
  }

  /**
   * Takes a candle of the UTC day, the base of the change column: the open of the day that forms,
   * or the close of the day that has ended.
   */
  applyDay(record: CandleRecord): void {
    const row = this.rows.get(record.instrument);
    if (row === undefined) return;
    this.#noteFlags(row, record.flags);
    const isForming = record.kind === Number(Kind.CandleForming);
    row.openTicks = isForming ? record.openTicks : record.closeTicks;
    row.openIsDay = true;
    if (row.lastTicks === 0) row.lastTicks = record.closeTicks;
  }

  /** Puts a trade on top of the list of recent trades. */
  pushTrade(record: TradeRecord): void {
    this.trades.unshift({
      key: this.#keyNext,
      millis: millisOf(record.tsEngineNanos),
      priceTicks: record.priceTicks,
      qtyLots: record.qtyLots,
      aggressor: record.aggressor,
    });
    this.#keyNext += 1;
    if (this.trades.length > TRADES_MAX) this.trades.length = TRADES_MAX;
  }

  /** Marks or clears an instrument whose book cannot be trusted. */
  applyTrust(instrument: number, trusted: boolean): void {
    const row = this.rows.get(instrument);
    if (row !== undefined) row.untrusted = !trusted;
  }

  #noteFlags(row: MarketRow, flags: number): void {
    if ((flags & Flag.Simulated) === 0) return;
    row.simulated = true;
    this.simulated = true;
  }
}

/** Ask minus bid in ticks; undefined while a side is missing. */
export function spreadTicks(row: MarketRow): number | undefined {
  if (row.bidLots === 0 || row.askLots === 0) return undefined;
  return row.askTicks - row.bidTicks;
}

/** Change since the open in percent, as shown; undefined before the first price. */
export function changePercent(row: MarketRow): number | undefined {
  if (row.lastTicks === 0 || row.openTicks === 0) return undefined;
  return percentChange(row.openTicks, row.lastTicks);
}

/** Share of the bid in the lots of the best level, 0 to 1; 0.5 while the book is empty. */
export function imbalance(row: MarketRow): number {
  const lots = row.bidLots + row.askLots;
  return lots === 0 ? 0.5 : row.bidLots / lots;
}

function emptyRow(id: number): MarketRow {
  const step = { mantissa: 1n, exponent: 0 };
  return {
    ...{ id, symbol: "", price: step, qty: step, quote: 0, settlement: 0, simulated: false },
    cash: false,
    ...{ lastTicks: 0, direction: 0, bidTicks: 0, bidLots: 0, askTicks: 0, askLots: 0 },
    ...{ openTicks: 0, openIsDay: false, untrusted: false },
  };
}
