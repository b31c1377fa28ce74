// Public records of one ring as columns per instrument: what the table of facts is made of.
//
// For tests, benches and research; the engine itself never makes such arrays.
//
// tidy: tested by test/sim/simulator.test.ts
import {
  Kind,
  QUOTE_ASK_LOTS,
  QUOTE_ASK_TICKS,
  QUOTE_BID_LOTS,
  QUOTE_BID_TICKS,
  REC_INSTRUMENT,
  REC_KIND,
  REC_TS_ENGINE,
  TRADE_AGGRESSOR,
  TRADE_PRICE_TICKS,
  TRADE_QTY_LOTS,
  Side,
} from "../../../asm/vocab.ts";
import { readI64 } from "../../protocol.ts";
import type { Ring } from "../../rings/ring.ts";

/** Trades of one instrument in their order. */
export interface TradeColumns {
  timeMillis: number[];
  priceTicks: number[];
  qtyLots: number[];
  /** +1 an aggressive buyer, -1 a seller. */
  sign: number[];
}

/** Quotes of one instrument in their order; a missing side has 0 lots. */
export interface QuoteColumns {
  timeMillis: number[];
  bidTicks: number[];
  bidLots: number[];
  askTicks: number[];
  askLots: number[];
}

/** Trades and quotes by instrument id; grows as records are taken. */
export class PublicColumns {
  readonly trades = new Map<number, TradeColumns>();
  readonly quotes = new Map<number, QuoteColumns>();
  /** Records taken. */
  records = 0;

  /**
   * Takes all waiting records of the ring and gives their room back. Times are the records' own
   * (Flag.Timed), in milliseconds since `fromNanos`; other kinds are passed over.
   */
  take(ring: Ring, fromNanos: bigint): void {
    for (let at = ring.next(); at >= 0; at = ring.next()) {
      const view = ring.view;
      const kind = view.getUint16(at + REC_KIND, true);
      const instrument = view.getUint32(at + REC_INSTRUMENT, true);
      const millis = Number(view.getBigInt64(at + REC_TS_ENGINE, true) - fromNanos) / 1e6;
      if (kind === Kind.Trade) this.addTrade(view, at, instrument, millis);
      else if (kind === Kind.Quote) this.addQuote(view, at, instrument, millis);
      this.records++;
      ring.skip(ring.cellsAt(at));
    }
    ring.release();
  }

  private addTrade(view: DataView, at: number, instrument: number, millis: number): void {
    let trades = this.trades.get(instrument);
    if (trades === undefined) {
      trades = { timeMillis: [], priceTicks: [], qtyLots: [], sign: [] };
      this.trades.set(instrument, trades);
    }
    trades.timeMillis.push(millis);
    trades.priceTicks.push(readI64(view, at + TRADE_PRICE_TICKS));
    trades.qtyLots.push(readI64(view, at + TRADE_QTY_LOTS));
    trades.sign.push(view.getUint8(at + TRADE_AGGRESSOR) === Side.Buy ? 1 : -1);
  }

  private addQuote(view: DataView, at: number, instrument: number, millis: number): void {
    let quotes = this.quotes.get(instrument);
    if (quotes === undefined) {
      quotes = { timeMillis: [], bidTicks: [], bidLots: [], askTicks: [], askLots: [] };
      this.quotes.set(instrument, quotes);
    }
    quotes.timeMillis.push(millis);
    quotes.bidTicks.push(readI64(view, at + QUOTE_BID_TICKS));
    quotes.bidLots.push(readI64(view, at + QUOTE_BID_LOTS));
    quotes.askTicks.push(readI64(view, at + QUOTE_ASK_TICKS));
    quotes.askLots.push(readI64(view, at + QUOTE_ASK_LOTS));
  }
}
