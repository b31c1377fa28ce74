// Decimal text of a venue as whole ticks or lots, exactly: digits are counted, never a float made.
//
// A step is mantissa x 10^exponent. With `scale` = decimals of the step, the text is read up to
// that many decimals as one integer; what follows must be zeros, or the value lies between two
// steps.
// tidy: tested by test/asm/parse/binance.test.ts
import { Refusal, SPEC_LOT_EXPONENT, SPEC_LOT_MANTISSA } from "../vocab";
import { SPEC_TICK_EXPONENT, SPEC_TICK_MANTISSA } from "../vocab";
import { F_CURSOR, F_LOT_DIVISOR, F_LOT_SCALE, F_TICK_DIVISOR, F_TICK_SCALE } from "./frame";
import { digitCount, eightDigits, firstDigits, isDigit } from "./json";

/** 10^0 to 10^8, constants of the module. */
export const POWERS: usize = memory.data<u64>([
  1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
]);

/** Largest integer a further digit may follow without leaving 63 bits. */
export const DECIMAL_LIMIT: u64 = 922337203685477579;

/** Loads tick and lot of the instrument's spec record at `spec` for `ticksAt` and `lotsAt`. */
export function decimalPrepare(spec: usize): void {
  const tick = <i32>load<i8>(spec, SPEC_TICK_EXPONENT);
  const lot = <i32>load<i8>(spec, SPEC_LOT_EXPONENT);
  store<i32>(F_TICK_SCALE, tick < 0 ? -tick : 0);
  store<i64>(F_TICK_DIVISOR, stepDivisor(load<i64>(spec, SPEC_TICK_MANTISSA), tick));
  store<i32>(F_LOT_SCALE, lot < 0 ? -lot : 0);
  store<i64>(F_LOT_DIVISOR, stepDivisor(load<i64>(spec, SPEC_LOT_MANTISSA), lot));
}

/** The step in units of 10^-scale; 0 when 63 bits do not hold it. */
// @ts-ignore: decorator
@inline
function stepDivisor(mantissa: i64, exponent: i32): i64 {
  for (; exponent > 0; exponent--) {
    if (mantissa > <i64>DECIMAL_LIMIT) return 0;
    mantissa *= 10;
  }
  return mantissa;
}

/** Price text at `p`, closed by `close`, in ticks >= 0; minus a refusal. See `decimalSteps`. */
// @ts-ignore: decorator
@inline
export function ticksAt(p: usize, end: usize, close: u32): i64 {
  const scale = load<i32>(F_TICK_SCALE);
  return decimalSteps(p, end, close, scale, load<i64>(F_TICK_DIVISOR), Refusal.PriceNotOnTick);
}

/** Quantity text at `p`, closed by `close`, in lots >= 0; minus a refusal. */
// @ts-ignore: decorator
@inline
export function lotsAt(p: usize, end: usize, close: u32): i64 {
  const scale = load<i32>(F_LOT_SCALE);
  return decimalSteps(p, end, close, scale, load<i64>(F_LOT_DIVISOR), Refusal.QtyNotOnLot);
}

/**
 * Steps in `\d+(\.\d+)?` at `p`, which byte `close` (or the end, when `close` is 0) must follow.
 * Leaves the address of that byte in F_CURSOR. Refusals, negative: NumberMalformed, NumberOverflow
 * (63 bits), `offStep`.
 */
export function decimalSteps(
  p: usize,
  end: usize,
  close: u32,
  scale: i32,
  divisor: i64,
  offStep: i32,
): i64 {
  const fast = shortSteps(p, end, close, scale);
  if (fast >= 0) return divisor == 1 ? fast : divided(fast, divisor, offStep);
  let value: u64 = 0;
  const first = p;
  while (p < end) {
    const digit = <u32>load<u8>(p) - 0x30;
    if (digit > 9) break;
    if (value > DECIMAL_LIMIT) return -Refusal.NumberOverflow;
    value = value * 10 + digit;
    p++;
  }
  if (p == first) return -Refusal.NumberMalformed;
  let isOff = false;
  if (p < end && load<u8>(p) == 0x2e) {
    const fraction = ++p;
    while (p < end && scale > 0) {
      const digit = <u32>load<u8>(p) - 0x30;
      if (digit > 9) break;
      if (value > DECIMAL_LIMIT) return -Refusal.NumberOverflow;
      value = value * 10 + digit;
      scale--;
      p++;
    }
    p = skipZeros(p, end);
    while (p < end && isDigit(load<u8>(p))) {
      isOff = true;
      p++;
    }
    if (p == fraction) return -Refusal.NumberMalformed;
  }
  const isClosed = p < end ? <u32>load<u8>(p) == close : close == 0;
  if (!isClosed) return -Refusal.NumberMalformed;
  store<usize>(F_CURSOR, p);
  if (isOff) return -offStep;
  for (; scale > 0 && value != 0; scale--) {
    if (value > DECIMAL_LIMIT) return -Refusal.NumberOverflow;
    value *= 10;
  }
  return divisor == 1 ? <i64>value : divided(<i64>value, divisor, offStep);
}

// @ts-ignore: decorator
@inline
function divided(value: i64, divisor: i64, offStep: i32): i64 {
  if (divisor <= 0) return -Refusal.NumberOverflow;
  return value % divisor != 0 ? -offStep : value / divisor;
}

/**
 * The usual text, up to 7 digits, a point, up to 8 digits, in two words instead of a loop; -1 for
 * any other, also for one between two steps.
 */
// @ts-ignore: decorator
@inline
function shortSteps(p: usize, end: usize, close: u32, scale: i32): i64 {
  const whole = load<u64>(p);
  const count = digitCount(whole);
  if (count == 0 || count == 8 || scale > 8) return -1;
  let value = firstDigits(whole, count);
  p += count;
  if (load<u8>(p) != 0x2e) {
    if (scale != 0 || p >= end || <u32>load<u8>(p) != close) return -1;
    store<usize>(F_CURSOR, p);
    return <i64>value;
  }
  const part = load<u64>(p + 1);
  const digits = digitCount(part);
  p += digits + 1;
  if (digits == 0 || p >= end || <u32>load<u8>(p) != close) return -1;
  // Bytes behind the last digit become zeros, as if the venue had padded to eight.
  const kept: u64 = digits == 8 ? 0 : u64.MAX_VALUE << (<u64>digits << 3);
  const zeros = (part ^ 0x3030303030303030) & ~kept;
  if (scale < 8 && zeros >> (<u64>scale << 3) != 0) return -1;
  if (scale > 0) {
    value = value * load<u64>(POWERS + (<usize>scale << 3));
    value += firstDigits(zeros | 0x3030303030303030, scale);
  }
  store<usize>(F_CURSOR, p);
  return <i64>value;
}

/** Passes zeros, eight at a time: venues pad to eight decimals. */
// @ts-ignore: decorator
@inline
function skipZeros(p: usize, end: usize): usize {
  while (p < end) {
    const word = load<u64>(p) ^ 0x3030303030303030;
    p += word == 0 ? 8 : <usize>(ctz(word) >> 3);
    if (word != 0) break;
  }
  return min(p, end);
}

/**
 * A time of 10, 13, 16 or 19 digits (s, ms, us, ns since 1970) at `p` as nanoseconds; `unit` forces
 * one of those counts, 0 lets the digits decide. Minus a refusal otherwise; end in F_CURSOR.
 */
export function timeNanosAt(p: usize, end: usize, unit: i32): i64 {
  const first = p;
  let value: i64 = 0;
  for (let i = 0; i < 2 && p + 8 <= end && digitCount(load<u64>(p)) == 8; i++) {
    value = value * 100000000 + <i64>eightDigits(load<u64>(p));
    p += 8;
  }
  while (p < end && isDigit(load<u8>(p))) {
    if (p - first >= 19) return -Refusal.NumberOverflow;
    value = value * 10 + (load<u8>(p) - 0x30);
    p++;
  }
  const digits = <i32>(p - first);
  store<usize>(F_CURSOR, p);
  if (digits == 0) return -Refusal.NumberMalformed;
  if (value < 0) return -Refusal.NumberOverflow;
  if (unit == 0) unit = digits;
  if (unit == 19) return value;
  let factor: i64 = 0;
  if (unit == 16) factor = 1000;
  if (unit == 13) factor = 1000000;
  if (unit == 10) factor = 1000000000;
  if (factor == 0) return -Refusal.NumberMalformed;
  if (value > i64.MAX_VALUE / factor) return -Refusal.NumberOverflow;
  return value * factor;
}
