// Pieces of a message as Binance writes it, 16 bytes or a word at a time: digits counted, numbers,
// steps, what is around the fields. The caller compares names; quick.ts says why that is enough.
//
// Loads may look past the end of the text inside the memory. Only the last piece asks for the end:
// each one before it is closed by a byte that was checked, so all of it lies before that last one.
// tidy: tested by test/asm/parse/quick.test.ts
import { LEVEL_PRICE_TICKS, LEVEL_QTY_LOTS } from "../vocab";
import { POWERS } from "./decimal";
import { F_LOT_DIVISOR, F_LOT_SCALE, F_TICK_DIVISOR, F_TICK_SCALE } from "./frame";
import { eightDigits, firstDigits } from "./json";

/** Bits of three, five, six and seven bytes at the start of a word. */
export const BYTES_3: u32 = 0xffffff;
export const BYTES_5: u64 = 0xffffffffff;
export const BYTES_6: u64 = 0xffffffffffff;
export const BYTES_7: u64 = 0xffffffffffffff;

/** Where the number text ends that `nonDigits` gave `marks` for: at its second byte of no digit. */
// @ts-ignore: decorator
@inline
export function closeOf(marks: u32): u32 {
  return ctz(marks & (marks - 1));
}

/** One bit a byte of the 16 at `p` that is no digit, and all bits above. */
// @ts-ignore: decorator
@inline
export function nonDigits(p: usize): u32 {
  const values = i8x16.sub(v128.load(p), i8x16.splat(0x30));
  return ~i8x16.bitmask(i8x16.le_u(values, i8x16.splat(9)));
}

/** One bit a byte of the 16 at `p` that is a quote, a backslash or a control byte. */
// @ts-ignore: decorator
@inline
export function textStops(p: usize): u32 {
  const v = v128.load(p);
  const marks = v128.or(i8x16.eq(v, i8x16.splat(0x22)), i8x16.eq(v, i8x16.splat(0x5c)));
  return i8x16.bitmask(v128.or(marks, i8x16.le_u(v, i8x16.splat(0x1f))));
}

/** Digits of the integer at `p`, 1 to 15; 0 for anything else, also for a leading zero. */
// @ts-ignore: decorator
@inline
export function integerDigits(p: usize): u32 {
  const count = ctz(nonDigits(p));
  return count == 16 || load<u8>(p) == 0x30 ? 0 : count;
}

/** Value of the `count` digits at `p`, 1 to 15. */
// @ts-ignore: decorator
@inline
export function integerOf(p: usize, count: u32): u64 {
  if (count <= 8) return firstDigits(load<u64>(p), count);
  return firstDigits(load<u64>(p), count - 8) * 100000000 + eightDigits(load<u64>(p + count - 8));
}

/** Whether 13 digits follow, the first not zero: milliseconds from 2001 to 2286. */
// @ts-ignore: decorator
@inline
export function isMillis(p: usize): bool {
  return ctz(nonDigits(p)) == 13 && load<u8>(p) != 0x30;
}

/**
 * Steps in the text at `p`: `dot` digits, a point, digits up to a quote at `close`, at most eight
 * each. -1 when it is another or lies between two steps.
 */
// @ts-ignore: decorator
@inline
export function quickSteps(p: usize, dot: u32, close: u32, exponent: i32, mantissa: i64): i64 {
  const digits = close - dot - 1;
  const scale = <u64>-exponent;
  // Zero wraps to the largest number: counts of 1 to 8, exponents of 0 to -8.
  if (dot - 1 > 7 || digits - 1 > 7 || scale > 8) return -1;
  if (load<u8>(p + dot) != 0x2e || load<u8>(p + close) != 0x22) return -1;
  // Bytes behind the last digit become zeros, as if the venue had padded to eight.
  const unused = <u64>(64 - (digits << 3));
  const part = ((load<u64>(p + dot, 1) ^ 0x3030303030303030) << unused) >> unused;
  // Two half shifts: one by 64 would be one by 0.
  const half = scale << 2;
  if ((part >> half) >> half != 0) return -1;
  const rest = 32 - half;
  const kept = ((part << rest) << rest) | 0x3030303030303030;
  const whole = firstDigits(load<u64>(p), dot) * load<u64>(POWERS + <usize>(scale << 3));
  const value = <i64>(whole + eightDigits(kept));
  if (mantissa == 1) return value;
  if (mantissa <= 0) return -1;
  const steps = value / mantissa;
  return steps * mantissa == value ? steps : -1;
}

/** Passes what is before the first field, bare or inside a stream's envelope; 0 when unusual. */
// @ts-ignore: decorator
@inline
export function passOpening(p: usize, end: usize): usize {
  if (load<u64>(p) != 0x6d6165727473227b || load<u32>(p, 7) != 0x223a226d) {
    return load<u8>(p) == 0x7b ? p + 1 : 0;
  }
  p += 11;
  let stops = textStops(p);
  while (stops == 0) {
    p += 16;
    if (p >= end) return 0;
    stops = textStops(p);
  }
  p += ctz(stops);
  const isData = load<u64>(p) == 0x2261746164222c22 && load<u16>(p, 8) == 0x7b3a;
  return isData ? p + 10 : 0;
}

/** Bytes of `true` or `false` at `p`; 0 for another. */
// @ts-ignore: decorator
@inline
export function boolBytes(p: usize): u32 {
  const word = load<u32>(p);
  if (word == 0x65757274) return 4;
  return word == 0x736c6166 && load<u8>(p, 4) == 0x65 ? 5 : 0;
}

/** Passes the message's last braces; 0 unless it ends at its place. See `quickMessage`. */
// @ts-ignore: decorator
@inline
export function passEnd(p: usize, end: usize, isInside: bool, isLine: bool): usize {
  if (load<u8>(p) != 0x7d || (isInside && load<u8>(p, 1) != 0x7d)) return 0;
  p += isInside ? 2 : 1;
  if (!isLine) return p == end ? p : 0;
  return p < end && load<u8>(p) == 0x0a ? p : 0;
}

/** Reads `["price","qty"]` of the usual form to the level at `to`; where it ends, or 0. */
// @ts-ignore: decorator
@inline
export function quickLevel(p: usize, end: usize, to: usize): usize {
  if (load<u16>(p) != 0x225b) return 0;
  p += 2;
  let marks = nonDigits(p);
  let close = closeOf(marks);
  let exponent = -load<i32>(F_TICK_SCALE);
  const ticks = quickSteps(p, ctz(marks), close, exponent, load<i64>(F_TICK_DIVISOR));
  p += close;
  if (ticks <= 0 || (load<u32>(p) & BYTES_3) != 0x222c22) return 0;
  p += 3;
  marks = nonDigits(p);
  close = closeOf(marks);
  exponent = -load<i32>(F_LOT_SCALE);
  const lots = quickSteps(p, ctz(marks), close, exponent, load<i64>(F_LOT_DIVISOR));
  p += close + 2;
  if (lots < 0 || load<u16>(p - 2) != 0x5d22 || p > end) return 0;
  store<i64>(to, ticks, LEVEL_PRICE_TICKS);
  store<i64>(to, lots, LEVEL_QTY_LOTS);
  return p;
}
