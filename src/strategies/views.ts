// What a callback receives: one object per kind, moved over the record's bytes, never copied.
//
// A getter reads its field when it is asked for, so an event nobody looks at costs two stores and
// no garbage. The price of that: a view is valid only during the callback. Keep numbers, not views.
import {
  CANDLE_BUY_LOTS,
  CANDLE_CLOSE_TICKS,
  CANDLE_HIGH_TICKS,
  CANDLE_INDEX,
  CANDLE_LOW_TICKS,
  CANDLE_OPEN_NANOS,
  CANDLE_OPEN_TICKS,
  CANDLE_PERIOD_MILLIS,
  CANDLE_QUALITY,
  CANDLE_TRADES,
  CANDLE_VOLUME_LOTS,
  EVENT_FILLED_LOTS,
  EVENT_LEAVES_LOTS,
  EVENT_PRICE_TICKS,
  EVENT_REASON,
  EVENT_SIDE,
  EVENT_STATE,
  FILL_FEE_MINOR,
  FILL_LEAVES_LOTS,
  FILL_LIQUIDITY,
  FILL_PRICE_TICKS,
  FILL_QTY_LOTS,
  FILL_REALIZED_MINOR,
  FILL_SIDE,
  FILL_STATE,
  Flag,
  POSITION_LOTS,
  POSITION_MARK_TICKS,
  POSITION_REALIZED_MINOR,
  POSITION_UNREALIZED_MINOR,
  QUOTE_ASK_LOTS,
  QUOTE_ASK_TICKS,
  QUOTE_BID_LOTS,
  QUOTE_BID_TICKS,
  REC_FLAGS,
  REC_KIND,
  REC_TS_ENGINE,
  TRADE_AGGRESSOR,
  TRADE_PRICE_TICKS,
  TRADE_QTY_LOTS,
  VALUE_1,
  VALUE_2,
  VALUE_3,
  VALUE_WARM,
} from "../../asm/vocab.ts";
import type { CancelReason, Kind, Liquidity, OrderState, Refusal, Side } from "../../asm/vocab.ts";
import { readI64 } from "../protocol.ts";
import { readOrderNumber } from "../strategy-past.ts";

const NONE = new DataView(new ArrayBuffer(256));

/**
 * Nanoseconds since the epoch at byte `at`, as milliseconds rounded to a microsecond: a double has
 * no room for nanoseconds of this century, and a bigint would be garbage.
 */
export function readMillis(view: DataView, at: number): number {
  const nanos = view.getInt32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true);
  return Math.round(nanos / 1000) / 1000;
}

/** The record under a view; its own fields are on the subclasses. */
export class RecordView {
  protected view: DataView = NONE;
  protected at = 0;

  /** Moves the view; the host does this before each callback. */
  point(view: DataView, at: number): void {
    this.view = view;
    this.at = at;
  }

  /** Engine time in milliseconds since the epoch, with a fraction. */
  get tsEngineMillis(): number {
    return readMillis(this.view, this.at + REC_TS_ENGINE);
  }

  /** Engine time, exact; makes a bigint. */
  get tsEngineNanos(): bigint {
    return this.view.getBigInt64(this.at + REC_TS_ENGINE, true);
  }

  /** True when the book or clock behind the record could not be trusted. */
  get isUntrusted(): boolean {
    return (this.view.getUint16(this.at + REC_FLAGS, true) & Flag.Untrusted) !== 0;
  }
}

/** A public print. */
export class TradeView extends RecordView {
  get priceTicks(): number {
    return readI64(this.view, this.at + TRADE_PRICE_TICKS);
  }
  get qtyLots(): number {
    return readI64(this.view, this.at + TRADE_QTY_LOTS);
  }
  get aggressor(): Side {
    return this.view.getUint8(this.at + TRADE_AGGRESSOR);
  }
}

/** Best bid and ask; a missing side has 0 lots. */
export class QuoteView extends RecordView {
  get bidTicks(): number {
    return readI64(this.view, this.at + QUOTE_BID_TICKS);
  }
  get bidLots(): number {
    return readI64(this.view, this.at + QUOTE_BID_LOTS);
  }
  get askTicks(): number {
    return readI64(this.view, this.at + QUOTE_ASK_TICKS);
  }
  get askLots(): number {
    return readI64(this.view, this.at + QUOTE_ASK_LOTS);
  }
}

/** A closed candle. */
export class CandleView extends RecordView {
  /** Start of the candle, milliseconds since the epoch. */
  get openMillis(): number {
    return readMillis(this.view, this.at + CANDLE_OPEN_NANOS);
  }
  get periodMillis(): number {
    return this.view.getUint32(this.at + CANDLE_PERIOD_MILLIS, true);
  }
  /** Bits of CandleQuality. */
  get quality(): number {
    return this.view.getUint16(this.at + CANDLE_QUALITY, true);
  }
  get openTicks(): number {
    return readI64(this.view, this.at + CANDLE_OPEN_TICKS);
  }
  get highTicks(): number {
    return readI64(this.view, this.at + CANDLE_HIGH_TICKS);
  }
  get lowTicks(): number {
    return readI64(this.view, this.at + CANDLE_LOW_TICKS);
  }
  get closeTicks(): number {
    return readI64(this.view, this.at + CANDLE_CLOSE_TICKS);
  }
  get volumeLots(): number {
    return readI64(this.view, this.at + CANDLE_VOLUME_LOTS);
  }
  /** Lots of aggressive buyers. */
  get buyLots(): number {
    return readI64(this.view, this.at + CANDLE_BUY_LOTS);
  }
  get trades(): number {
    return this.view.getUint32(this.at + CANDLE_TRADES, true);
  }
  /** Candles closed so far in this timeframe. */
  get index(): number {
    return readI64(this.view, this.at + CANDLE_INDEX);
  }
}

/** The value of one declared indicator at a candle's close. */
export class IndicatorView extends RecordView {
  /** False while it warms up: the values are 0 then and mean nothing. */
  get isWarm(): boolean {
    return this.view.getUint8(this.at + VALUE_WARM) !== 0;
  }
  get value(): number {
    return this.view.getFloat64(this.at + VALUE_1, true);
  }
  get value2(): number {
    return this.view.getFloat64(this.at + VALUE_2, true);
  }
  get value3(): number {
    return this.view.getFloat64(this.at + VALUE_3, true);
  }
}

/** Orders made by a strategy carry its id in the upper 16 bits of the client order id. */
export const ORDER_NUMBER_BITS = 48;
export const ORDER_NUMBER_MAX = 2 ** ORDER_NUMBER_BITS - 1;

/** What happened to one of the strategy's own orders. */
export class OrderView extends RecordView {
  /** OrderAccepted, OrderDenied, OrderCanceled and so on. */
  get kind(): Kind {
    return this.view.getUint16(this.at + REC_KIND, true);
  }
  /** The number that `buy`, `sell` or `order` returned. */
  get orderNumber(): number {
    return readOrderNumber(this.view, this.at);
  }
  get state(): OrderState {
    return this.view.getUint8(this.at + EVENT_STATE);
  }
  get side(): Side {
    return this.view.getUint8(this.at + EVENT_SIDE);
  }
  /** Refusal of a denial, CancelReason of a cancel. */
  get reason(): Refusal | CancelReason {
    return this.view.getUint16(this.at + EVENT_REASON, true);
  }
  get priceTicks(): number {
    return readI64(this.view, this.at + EVENT_PRICE_TICKS);
  }
  get leavesLots(): number {
    return readI64(this.view, this.at + EVENT_LEAVES_LOTS);
  }
  get filledLots(): number {
    return readI64(this.view, this.at + EVENT_FILLED_LOTS);
  }
}

/** A quantity of one of the strategy's own orders that traded. */
export class FillView extends RecordView {
  get orderNumber(): number {
    return readOrderNumber(this.view, this.at);
  }
  get side(): Side {
    return this.view.getUint8(this.at + FILL_SIDE);
  }
  get liquidity(): Liquidity {
    return this.view.getUint8(this.at + FILL_LIQUIDITY);
  }
  get state(): OrderState {
    return this.view.getUint8(this.at + FILL_STATE);
  }
  get priceTicks(): number {
    return readI64(this.view, this.at + FILL_PRICE_TICKS);
  }
  get qtyLots(): number {
    return readI64(this.view, this.at + FILL_QTY_LOTS);
  }
  get leavesLots(): number {
    return readI64(this.view, this.at + FILL_LEAVES_LOTS);
  }
  /** Paid when positive, a rebate when negative. */
  get feeMinor(): number {
    return readI64(this.view, this.at + FILL_FEE_MINOR);
  }
  /** Realized by this fill, before fees. */
  get realizedMinor(): number {
    return readI64(this.view, this.at + FILL_REALIZED_MINOR);
  }
}

/** The core's position row after a change. */
export class PositionView extends RecordView {
  get lots(): number {
    return readI64(this.view, this.at + POSITION_LOTS);
  }
  get realizedMinor(): number {
    return readI64(this.view, this.at + POSITION_REALIZED_MINOR);
  }
  get unrealizedMinor(): number {
    return readI64(this.view, this.at + POSITION_UNREALIZED_MINOR);
  }
  /** 0 = unknown. */
  get markTicks(): number {
    return readI64(this.view, this.at + POSITION_MARK_TICKS);
  }
}
