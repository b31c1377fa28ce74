// Mark prices and funding rates of venues: checked, and handed on to the order role.
//
// tidy: tested by test/asm/market.test.ts
import { nowNanos } from "../clock";
import { outBegin, outEnd } from "../output";
import {
  InstrumentKind,
  Kind,
  MARK_CELLS,
  MARK_NEXT_NANOS,
  MARK_PRICE_TICKS,
  MARK_VALUE,
  REC_INSTRUMENT,
  REC_KIND,
  REC_PAYLOAD,
  Refusal,
} from "../vocab";

/** Largest price taken: 1024 of them fit an i64, and f64 holds each exactly. */
const PRICE_TICKS_MAX: i64 = 4503599627370496;

/**
 * Why a MarkPrice or FundingRate of an instrument of this kind is not taken: a price that is none,
 * a rate beyond the whole value, of what is no perpetual, or for a time that has come.
 */
export function markRefusal(rec: usize, kind: i32): Refusal {
  if (load<u16>(rec, REC_KIND) == Kind.MarkPrice) {
    const ticks = load<i64>(rec, MARK_PRICE_TICKS);
    if (ticks <= 0) return Refusal.PriceNotPositive;
    return ticks > PRICE_TICKS_MAX ? Refusal.NumberOverflow : Refusal.None;
  }
  if (kind != InstrumentKind.LinearPerpetual && kind != InstrumentKind.InversePerpetual) {
    return Refusal.InstrumentKindUnsupported;
  }
  const rate = load<f64>(rec, MARK_VALUE);
  // Not a number is not within bounds either.
  if (!(rate >= -1 && rate <= 1)) return Refusal.ParameterInvalid;
  return load<i64>(rec, MARK_NEXT_NANOS) > nowNanos() ? Refusal.None : Refusal.TimeBackwards;
}

/** Hands on a record that was not refused. */
export function markEcho(rec: usize): void {
  const isMark = load<u16>(rec, REC_KIND) == Kind.MarkPrice;
  const kind = isMark ? Kind.MarkChange : Kind.FundingChange;
  const out = outBegin(kind, MARK_CELLS, load<u32>(rec, REC_INSTRUMENT));
  v128.store(out + REC_PAYLOAD, v128.load(rec + REC_PAYLOAD));
  v128.store(out + REC_PAYLOAD, v128.load(rec + REC_PAYLOAD, 16), 16);
  outEnd(out);
}
