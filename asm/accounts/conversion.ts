// What one currency is worth in another: ConversionMark records, and amounts converted by them.
//
// A mark is the exact fraction of minor units per minor unit, made once when it arrives. The mark
// of the pair counts; its inverse stands in where the pair has none; no chain of marks is followed,
// because two roundings and two ages would hide in one figure. Amounts are signed and rounded down,
// so what an account has counts for less and what it owes for more.
import { nowNanos } from "../clock";
import {
  CONVERSIONS_MAX,
  CONVERSION_INDEX,
  CONVERSION_INDEX_ENTRIES,
  CONVERSION_ROWS,
  CONVERSION_ROW_BYTES,
  O_CONVERSIONS,
} from "../layout";
import { gcd64, mulDiv64, mulDivFits, productFits } from "../math/wide";
import { currencyIsKnown, currencyMinorExponent } from "../reference/currency";
import {
  CONVERSION_DEN,
  CONVERSION_FROM,
  CONVERSION_NUM,
  CONVERSION_STALE_MILLIS,
  CONVERSION_TO,
  Refusal,
} from "../vocab";

const CNV_PAIR: i32 = 0; // u32, from << 16 | to
const CNV_STALE_MILLIS: i32 = 4; // u32, 0 = never
const CNV_NUM: i32 = 8; // i64, minor units of `to` per minor unit of `from`, reduced
const CNV_DEN: i32 = 16; // i64
const CNV_NANOS: i32 = 24; // i64, engine time of the mark

/** What `convertMinor` returns when there is no usable mark or the amount does not fit. */
export const UNCONVERTED: i64 = i64.MIN_VALUE;
const NANOS_PER_MILLI: i64 = 1000000;

// @ts-ignore: decorator
@inline
function conversionAt(slot: u32): usize {
  return <usize>CONVERSION_ROWS + <usize>slot * CONVERSION_ROW_BYTES;
}

function entryOf(pair: u32): usize {
  const mask: u32 = CONVERSION_INDEX_ENTRIES - 1;
  let index = ((pair * 0x9e3779b1) >> 19) & mask;
  while (true) {
    const entry = <usize>CONVERSION_INDEX + (<usize>index << 2);
    const slot = load<u32>(entry);
    if (slot == 0 || load<u32>(conversionAt(slot), CNV_PAIR) == pair) return entry;
    index = (index + 1) & mask;
  }
}

/** Takes a ConversionMark record: the newest mark of a pair replaces the one before. */
export function conversionApply(rec: usize): Refusal {
  const from = <u32>load<u16>(rec, CONVERSION_FROM);
  const to = <u32>load<u16>(rec, CONVERSION_TO);
  if (!currencyIsKnown(from) || !currencyIsKnown(to)) return Refusal.UnknownCurrency;
  let num = load<i64>(rec, CONVERSION_NUM);
  let den = load<i64>(rec, CONVERSION_DEN);
  if (from == to || num <= 0 || den <= 0) return Refusal.ParameterInvalid;
  const common = gcd64(num, den);
  num /= common;
  den /= common;
  let exponent = currencyMinorExponent(from) - currencyMinorExponent(to);
  for (; exponent > 0; exponent--) {
    if (den % 10 == 0) den /= 10;
    else if (productFits(num, 10)) num *= 10;
    else return Refusal.AmountOverflow;
  }
  for (; exponent < 0; exponent++) {
    if (num % 10 == 0) num /= 10;
    else if (productFits(den, 10)) den *= 10;
    else return Refusal.AmountOverflow;
  }
  const entry = entryOf((from << 16) | to);
  let slot = load<u32>(entry);
  if (slot == 0) {
    slot = load<u32>(O_CONVERSIONS);
    if (slot >= <u32>CONVERSIONS_MAX) return Refusal.LimitsFull;
    store<u32>(O_CONVERSIONS, slot + 1);
    store<u32>(entry, slot);
  }
  const row = conversionAt(slot);
  store<u32>(row, (from << 16) | to, CNV_PAIR);
  store<u32>(row, load<u32>(rec, CONVERSION_STALE_MILLIS), CNV_STALE_MILLIS);
  store<i64>(row, num, CNV_NUM);
  store<i64>(row, den, CNV_DEN);
  store<i64>(row, nowNanos(), CNV_NANOS);
  return Refusal.None;
}

/** Row of the pair's mark, else of its inverse; 0 when neither is known. */
function rowOf(from: u32, to: u32): usize {
  let slot = load<u32>(entryOf((from << 16) | to));
  if (slot == 0) slot = load<u32>(entryOf((to << 16) | from));
  return slot == 0 ? 0 : conversionAt(slot);
}

/**
 * Why amounts of `from` cannot be told in `to`: PriceUnknown without a mark, PriceStale when it is
 * older than it may be, None otherwise.
 */
export function conversionRefusal(from: u32, to: u32): Refusal {
  if (from == to) return Refusal.None;
  const row = rowOf(from, to);
  if (row == 0) return Refusal.PriceUnknown;
  const staleMillis = load<u32>(row, CNV_STALE_MILLIS);
  if (staleMillis == 0) return Refusal.None;
  const age = nowNanos() - load<i64>(row, CNV_NANOS);
  return age > <i64>staleMillis * NANOS_PER_MILLI ? Refusal.PriceStale : Refusal.None;
}

/** Engine time until which the pair's mark may be used; -1 without one, i64.MAX_VALUE for good. */
export function conversionUntil(from: u32, to: u32): i64 {
  const row = rowOf(from, to);
  if (row == 0) return -1;
  const staleMillis = load<u32>(row, CNV_STALE_MILLIS);
  if (staleMillis == 0) return i64.MAX_VALUE;
  return load<i64>(row, CNV_NANOS) + <i64>staleMillis * NANOS_PER_MILLI;
}

/**
 * A signed amount of minor units of `from` in minor units of `to`, rounded down: against the
 * account that has it. For what an account must pay give the amount negative and negate the
 * result, which rounds up. UNCONVERTED when `conversionRefusal` has a reason or the result does
 * not fit 64 bits; `amountMinor` is above i64.MIN_VALUE.
 */
export function convertMinor(amountMinor: i64, from: u32, to: u32): i64 {
  if (from == to) return amountMinor;
  return conversionRefusal(from, to) != Refusal.None
    ? UNCONVERTED
    : convertKnown(amountMinor, from, to);
}

/** As `convertMinor` for two currencies, at the newest mark however old it is. */
export function convertKnown(amountMinor: i64, from: u32, to: u32): i64 {
  const row = rowOf(from, to);
  if (row == 0) return UNCONVERTED;
  const isDirect = load<u32>(row, CNV_PAIR) == ((from << 16) | to);
  const above = load<i64>(row, CNV_NUM);
  const below = load<i64>(row, CNV_DEN);
  const num = isDirect ? above : below;
  const den = isDirect ? below : above;
  return mulDivFits(amountMinor, num, den) ? mulDiv64(amountMinor, num, den) : UNCONVERTED;
}
