// Products of ticks, lots and money that must be exact or refused: notional, cost of a close,
// realized and unrealized money.
//
// A product of price and quantity has up to 127 bits and the scale to money up to 63 more, so each
// step has a fast path for what fits 64 bits and an exact one for what does not.
//
// tidy: tested by test/asm/positions/position.test.ts
import { add128, divideUnsigned128, highUnsigned, productFits, productHigh } from "../math/wide";

/** Largest notional in minor units that is taken: sums of a few stay far inside 64 bits. */
export const NOTIONAL_MINOR_MAX: i64 = 1 << 60;
/** Largest price in ticks and quantity in lots; the host reads both as doubles without loss. */
export const PRICE_TICKS_MAX: i64 = (1 << 53) - 1;
export const QTY_LOTS_MAX: i64 = (1 << 53) - 1;

/**
 * priceTicks x qtyLots x num / den in minor units, rounded up or down; -1 above
 * NOTIONAL_MINOR_MAX. Price, quantity, num and den are positive.
 */
// @ts-ignore: decorator
@inline
export function notionalMinor(
  priceTicks: i64,
  qtyLots: i64,
  num: i64,
  den: i64,
  isUp: bool,
): i64 {
  // What most orders have, and a tick x lot worth whole minor units: below 2^62 and no division.
  const product = priceTicks * qtyLots;
  const high = ((priceTicks | qtyLots) >> 31) | (product >> 42) | (num >> 20) | (den ^ 1);
  if (high != 0) return notionalScaled(priceTicks, qtyLots, num, den, isUp);
  return product * num > NOTIONAL_MINOR_MAX ? -1 : product * num;
}

/** As `notionalMinor`, without its shortcut. */
export function notionalScaled(priceTicks: i64, qtyLots: i64, num: i64, den: i64, isUp: bool): i64 {
  if ((priceTicks | qtyLots) >> 31 == 0) {
    const product = priceTicks * qtyLots;
    if (((product | num) >> 31) == 0 || productFits(product, num)) {
      const scaled = product * num;
      if (den == 1) return scaled > NOTIONAL_MINOR_MAX ? -1 : scaled;
      const whole = scaled / den;
      const result = isUp && whole * den != scaled ? whole + 1 : whole;
      return result > NOTIONAL_MINOR_MAX ? -1 : result;
    }
  }
  return notionalWide(priceTicks, qtyLots, <u64>num, <u64>den, isUp);
}

function notionalWide(priceTicks: i64, qtyLots: i64, num: u64, den: u64, isUp: bool): i64 {
  const low = <u64>(priceTicks * qtyLots);
  const high = <u64>productHigh(priceTicks, qtyLots);
  if (highUnsigned(high, num) != 0) return -1;
  const carry = highUnsigned(low, num);
  const scaledHigh = high * num + carry;
  if (scaledHigh < carry || scaledHigh >= den) return -1;
  const scaledLow = low * num;
  let whole = divideUnsigned128(scaledHigh, scaledLow, den);
  if (whole > <u64>NOTIONAL_MINOR_MAX) return -1;
  if (isUp && whole * den != scaledLow) whole++;
  return whole > <u64>NOTIONAL_MINOR_MAX ? -1 : <i64>whole;
}

/**
 * Takes the share of `closeLots` of `openLots` (both positive, close <= open) out of the cost at
 * `costAt` and writes it, signed as the cost, to the 16 bytes at `shareAt`. Rounded toward zero:
 * the remainder stays in the position, and the last lot takes all of it.
 */
export function costShare(costAt: usize, closeLots: i64, openLots: i64, shareAt: usize): void {
  const low = load<u64>(costAt);
  const high = load<i64>(costAt, 8);
  if (closeLots == openLots) {
    store<u64>(shareAt, low);
    store<i64>(shareAt, high, 8);
    store<u64>(costAt, 0);
    store<i64>(costAt, 0, 8);
    return;
  }
  const isNegative = high < 0;
  const absLow = isNegative ? 0 - low : low;
  const absHigh = isNegative ? <u64>~high + <u64>(low == 0) : <u64>high;
  const average = divideUnsigned128(absHigh, absLow, <u64>openLots);
  const rest = absLow - average * <u64>openLots;
  const close = <u64>closeLots;
  const extra = (rest | close) >> 32 == 0
    ? (rest * close) / <u64>openLots
    : divideUnsigned128(highUnsigned(rest, close), rest * close, <u64>openLots);
  const product = average * close;
  const shareLow = product + extra;
  const shareHigh = highUnsigned(average, close) + <u64>(shareLow < product);
  const signedLow = isNegative ? 0 - shareLow : shareLow;
  const signedHigh = isNegative ? ~(<i64>shareHigh) + <i64>(shareLow == 0) : <i64>shareHigh;
  store<u64>(shareAt, signedLow);
  store<i64>(shareAt, signedHigh, 8);
  // cost - share
  store<u64>(costAt, low - signedLow);
  store<i64>(costAt, high - signedHigh - <i64>(low < signedLow), 8);
}

/**
 * floor((value x num + remainder) / den) of the signed 128-bit value at `valueAt`; the new
 * remainder, 0 to den - 1, replaces the one at `remainderAt`. So the sum of all results and the
 * last remainder is exact, and rounding is always against the account.
 */
export function scaleCarry(valueAt: usize, num: i64, den: i64, remainderAt: usize): i64 {
  const low = load<u64>(valueAt);
  const high = load<i64>(valueAt, 8);
  const carried = load<i64>(remainderAt);
  if (high == <i64>low >> 63 && productFits(<i64>low, num)) {
    const scaled = <i64>low * num;
    if (den == 1) return scaled;
    if (scaled <= i64.MAX_VALUE - carried) {
      const total = scaled + carried;
      let whole = total / den;
      if (whole * den > total) whole--;
      store<i64>(remainderAt, total - whole * den);
      return whole;
    }
  }
  return scaleCarryWide(valueAt, num, den, remainderAt);
}

function scaleCarryWide(valueAt: usize, num: i64, den: i64, remainderAt: usize): i64 {
  const low = load<u64>(valueAt);
  // (high, low) x num modulo 2^128; the notional limit keeps the true product inside.
  store<u64>(valueAt, low * <u64>num);
  const high = load<i64>(valueAt, 8) * num + <i64>highUnsigned(low, <u64>num);
  store<i64>(valueAt, high, 8);
  add128(valueAt, load<u64>(remainderAt), 0);
  const totalLow = load<u64>(valueAt);
  const totalHigh = load<i64>(valueAt, 8);
  const isNegative = totalHigh < 0;
  const absLow = isNegative ? 0 - totalLow : totalLow;
  const absHigh = isNegative ? <u64>~totalHigh + <u64>(totalLow == 0) : <u64>totalHigh;
  let whole = divideUnsigned128(absHigh, absLow, <u64>den);
  assert(whole < <u64>1 << 62, "realized money fits 64 bits");
  const rest = absLow - whole * <u64>den;
  if (!isNegative) {
    store<i64>(remainderAt, <i64>rest);
    return <i64>whole;
  }
  if (rest != 0) whole++;
  store<i64>(remainderAt, rest == 0 ? 0 : den - <i64>rest);
  return -(<i64>whole);
}

/** As `scaleCarry` without carrying, for statistics: saturates at +-NOTIONAL_MINOR_MAX. */
export function scaleSaturated(low: u64, high: i64, num: i64, den: i64): i64 {
  if (high == <i64>low >> 63 && productFits(<i64>low, num)) {
    const scaled = <i64>low * num;
    const whole = den == 1 ? scaled : scaled / den;
    const floored = scaled < 0 && whole * den != scaled ? whole - 1 : whole;
    return max(min(floored, NOTIONAL_MINOR_MAX), -NOTIONAL_MINOR_MAX);
  }
  const isNegative = high < 0;
  const bound = isNegative ? -NOTIONAL_MINOR_MAX : NOTIONAL_MINOR_MAX;
  const absLow = isNegative ? 0 - low : low;
  const absHigh = isNegative ? <u64>~high + <u64>(low == 0) : <u64>high;
  if (highUnsigned(absHigh, <u64>num) != 0) return bound;
  const carry = highUnsigned(absLow, <u64>num);
  const scaledHigh = absHigh * <u64>num + carry;
  if (scaledHigh < carry || scaledHigh >= <u64>den) return bound;
  const scaledLow = absLow * <u64>num;
  let whole = divideUnsigned128(scaledHigh, scaledLow, <u64>den);
  if (whole >= <u64>NOTIONAL_MINOR_MAX) return bound;
  if (isNegative && whole * <u64>den != scaledLow) whole++;
  return isNegative ? -(<i64>whole) : <i64>whole;
}
