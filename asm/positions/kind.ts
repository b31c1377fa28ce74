// Kinds of instruments: how a fill becomes money.
//
// Linear contracts (perpetual, future, spot or currency pairs on margin) are worth ticks x lots.
// Inverse contracts are worth lots / ticks of the base: a fill's value is fixed once, in 1/1024 of
// a minor unit and rounded down, for both of its sides, so that nothing is made or lost; cost and
// realized PnL of a position are sums of such values. Cash instruments (spot, currency pairs,
// equities) move balances; their position only counts what was traded and gained.
//
// tidy: tested by test/asm/positions/kinds.test.ts
import { KIND_ROWS, KIND_ROW_BYTES } from "../layout";
import { gcd64, mulDiv64, mulDivFits, productFits } from "../math/wide";
import { currencyMinorExponent } from "../reference/currency";
import {
  InstrumentKind,
  REC_INSTRUMENT,
  SPEC_BASE,
  SPEC_EXPIRY_NANOS,
  SPEC_FLAGS,
  SPEC_KIND,
  SPEC_LOT_EXPONENT,
  SPEC_LOT_MANTISSA,
  SPEC_MULTIPLIER_DEN,
  SPEC_MULTIPLIER_NUM,
  SPEC_QUOTE,
  SPEC_SETTLEMENT,
  SPEC_TICK_EXPONENT,
  SPEC_TICK_MANTISSA,
  SpecFlag,
} from "../vocab";
import { notionalMinor } from "./notional";
import { TRD_DEN, TRD_ID, TRD_KIND, TRD_NUM } from "./traded";

export const KND_NUM: i32 = 0; // i64; inverse: 1/1024 minor of the base x ticks per lot, reduced
export const KND_DEN: i32 = 8; // i64
export const KND_LOTS_MAX: i32 = 16; // i64; inverse: lots whose value fits at one tick
export const KND_BASE_MINOR: i32 = 24; // i64; cash: minor units of the base in a lot
export const KND_BASE: i32 = 32; // u16
export const KND_SETTLED: i32 = 34; // u8, 1 = expired and settled
export const KND_CURSOR: i32 = 36; // u32, next position slot to settle, 0 = not begun
export const KND_EXPIRY: i32 = 40; // i64, 0 = none
export const KND_SETTLE_TICKS: i32 = 48; // i64
export const KND_DUE: i32 = 56; // i64, when settlement is tried, 0 = never

/** Parts of a minor unit in which an inverse contract's value is kept. */
export const INVERSE_PARTS: i64 = 1024;
const VALUE_MAX: i64 = 1 << 62;

/** Address of what an instrument of a special kind needs. */
// @ts-ignore: decorator
@inline
export function kindAt(instrument: u32): usize {
  return <usize>KIND_ROWS + <usize>instrument * KIND_ROW_BYTES;
}

/** True for contracts worth lots / ticks. */
// @ts-ignore: decorator
@inline
export function isInverse(traded: usize): bool {
  const kind = <i32>load<u8>(traded, TRD_KIND);
  return kind == InstrumentKind.InversePerpetual || kind == InstrumentKind.InverseFuture;
}

/**
 * True when an auction may trade it: what settles in the midst of a call would leave orders that
 * wait there.
 */
export function isCallable(traded: usize): bool {
  const kind = <i32>load<u8>(traded, TRD_KIND);
  if (kind == InstrumentKind.Spot) return true;
  return kind == InstrumentKind.LinearPerpetual || kind == InstrumentKind.InversePerpetual;
}

/** True when fills move balances of base and quote. */
// @ts-ignore: decorator
@inline
export function isCash(traded: usize): bool {
  return load<u8>(traded, TRD_KIND) == InstrumentKind.Spot;
}

/**
 * The kind by which an instrument is booked: Spot for all cash instruments, LinearPerpetual for all
 * that live on margin without end, Option for what cannot be booked: options, equity on margin,
 * cash that does not settle in its quote or whose lot is no whole number of minor units of the
 * base, inverse contracts that do not settle in their base or whose value does not fit.
 */
export function kindOpen(spec: usize): i32 {
  const kind = <i32>load<u8>(spec, SPEC_KIND);
  const row = kindAt(load<u32>(spec, REC_INSTRUMENT));
  store<u16>(row, load<u16>(spec, SPEC_BASE), KND_BASE);
  switch (kind) {
    case InstrumentKind.Spot:
    case InstrumentKind.Fx:
    case InstrumentKind.Equity:
      if ((load<u32>(spec, SPEC_FLAGS) & SpecFlag.Margin) == 0) return cashOpen(row, spec);
      return kind == InstrumentKind.Equity ? InstrumentKind.Option : InstrumentKind.LinearPerpetual;
    case InstrumentKind.LinearPerpetual:
      return kind;
    case InstrumentKind.Future:
      store<i64>(row, load<i64>(spec, SPEC_EXPIRY_NANOS), KND_EXPIRY);
      return kind;
    case InstrumentKind.InverseFuture:
      store<i64>(row, load<i64>(spec, SPEC_EXPIRY_NANOS), KND_EXPIRY);
      return inverseOpen(row, spec) ? kind : InstrumentKind.Option;
    case InstrumentKind.InversePerpetual:
      return inverseOpen(row, spec) ? kind : InstrumentKind.Option;
    default:
      return InstrumentKind.Option;
  }
}

function cashOpen(row: usize, spec: usize): i32 {
  const quote = load<u16>(spec, SPEC_QUOTE);
  const base = load<u16>(spec, SPEC_BASE);
  if (load<u16>(spec, SPEC_SETTLEMENT) != quote || base == quote) return InstrumentKind.Option;
  const num = load<i64>(spec, SPEC_LOT_MANTISSA);
  const multiplier = load<i64>(spec, SPEC_MULTIPLIER_NUM);
  if (!productFits(num, multiplier)) return InstrumentKind.Option;
  const exponent = <i32>load<i8>(spec, SPEC_LOT_EXPONENT) - currencyMinorExponent(base);
  const den = load<i64>(spec, SPEC_MULTIPLIER_DEN);
  if (!fractionWrite(row, num * multiplier, den, exponent)) return InstrumentKind.Option;
  if (load<i64>(row, KND_DEN) != 1) return InstrumentKind.Option;
  store<i64>(row, load<i64>(row, KND_NUM), KND_BASE_MINOR);
  return InstrumentKind.Spot;
}

function inverseOpen(row: usize, spec: usize): bool {
  if (load<u16>(spec, SPEC_SETTLEMENT) != load<u16>(spec, SPEC_BASE)) return false;
  const lot = load<i64>(spec, SPEC_LOT_MANTISSA);
  const multiplier = load<i64>(spec, SPEC_MULTIPLIER_NUM);
  const tick = load<i64>(spec, SPEC_TICK_MANTISSA);
  const divisor = load<i64>(spec, SPEC_MULTIPLIER_DEN);
  if (!productFits(lot, multiplier) || !productFits(lot * multiplier, INVERSE_PARTS)) return false;
  if (!productFits(tick, divisor)) return false;
  const exponent =
    <i32>load<i8>(spec, SPEC_LOT_EXPONENT) -
    <i32>load<i8>(spec, SPEC_TICK_EXPONENT) -
    currencyMinorExponent(load<u16>(spec, SPEC_SETTLEMENT));
  if (!fractionWrite(row, lot * multiplier * INVERSE_PARTS, tick * divisor, exponent)) return false;
  const num = load<i64>(row, KND_NUM);
  const den = load<i64>(row, KND_DEN);
  const most = mulDivFits(VALUE_MAX, den, num) ? mulDiv64(VALUE_MAX, den, num) : VALUE_MAX;
  store<i64>(row, most, KND_LOTS_MAX);
  return most > 0;
}

/** Stores num x 10^exponent / den as a reduced fraction; false when it does not fit 64 bits. */
function fractionWrite(row: usize, num: i64, den: i64, exponent: i32): bool {
  const first = gcd64(num, den);
  num /= first;
  den /= first;
  for (; exponent > 0; exponent--) {
    if (den % 10 == 0) den /= 10;
    else if (productFits(num, 10)) num *= 10;
    else return false;
  }
  for (; exponent < 0; exponent++) {
    if (num % 10 == 0) num /= 10;
    else if (productFits(den, 10)) den *= 10;
    else return false;
  }
  const common = gcd64(num, den);
  store<i64>(row, num / common, KND_NUM);
  store<i64>(row, den / common, KND_DEN);
  return true;
}

/**
 * floor(qtyLots x num / (den x priceTicks)): value of inverse contracts, 1/1024 minor of the base.
 * Price and quantity are positive; the quantity is at most the kind's LOTS_MAX.
 */
export function inverseValue(traded: usize, priceTicks: i64, qtyLots: i64): i64 {
  const row = kindAt(load<u32>(traded, TRD_ID));
  // floor(floor(a / b) / c) = floor(a / (b x c)), so the product of den and price is never made.
  return mulDiv64(qtyLots, load<i64>(row, KND_NUM), load<i64>(row, KND_DEN)) / priceTicks;
}

/**
 * Value of a quantity at a price in settlement minor units, rounded up or down, for any kind; -1
 * above NOTIONAL_MINOR_MAX, and for inverse contracts above the quantity that fits.
 */
export function valueMinor(traded: usize, priceTicks: i64, qtyLots: i64, isUp: bool): i64 {
  if (!isInverse(traded)) {
    const num = load<i64>(traded, TRD_NUM);
    return notionalMinor(priceTicks, qtyLots, num, load<i64>(traded, TRD_DEN), isUp);
  }
  if (qtyLots > load<i64>(kindAt(load<u32>(traded, TRD_ID)), KND_LOTS_MAX)) return -1;
  const value = inverseValue(traded, priceTicks, qtyLots);
  return isUp ? (value + INVERSE_PARTS - 1) / INVERSE_PARTS : value / INVERSE_PARTS;
}
