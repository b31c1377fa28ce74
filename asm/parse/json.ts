// Steps over JSON text without building anything: white space, strings, numbers, whole values.
//
// Every function takes the next byte and the end, touches no byte past the end (a 16-byte load may
// look beyond it inside the memory, its answer is cut), and returns where it stopped, 0 when the
// text is not JSON. What is skipped is checked as strictly as JSON.parse does it, so a message is
// never taken in that the slow path would refuse.
// tidy: tested by test/asm/parse/binance.test.ts

/** Nesting deeper than this is refused; no venue sends more than five. */
export const NESTING_MAX: i32 = 32;

/** Passes blanks, tabs and line ends. */
// @ts-ignore: decorator
@inline
export function skipSpace(p: usize, end: usize): usize {
  while (p < end && load<u8>(p) <= 0x20) {
    const c = load<u8>(p);
    if (c != 0x20 && c != 0x0a && c != 0x0d && c != 0x09) return p;
    p++;
  }
  return p;
}

/** First quote, backslash or control byte at or after `p`; `end` when there is none. */
// @ts-ignore: decorator
@inline
export function stringEnd(p: usize, end: usize): usize {
  while (p < end) {
    const v = v128.load(p);
    const quote = i8x16.eq(v, i8x16.splat(0x22));
    const special = v128.or(i8x16.eq(v, i8x16.splat(0x5c)), i8x16.lt_u(v, i8x16.splat(0x20)));
    const mask = i8x16.bitmask(v128.or(quote, special));
    if (mask != 0) {
      const at = p + ctz(mask);
      return at < end ? at : end;
    }
    p += 16;
  }
  return end;
}

/** Passes a string whose opening quote lies before `p`. */
export function skipString(p: usize, end: usize): usize {
  while (true) {
    p = stringEnd(p, end);
    if (p >= end) return 0;
    const c = load<u8>(p);
    if (c == 0x22) return p + 1;
    if (c != 0x5c) return 0;
    p = skipEscape(p + 1, end);
    if (p == 0) return 0;
  }
}

function skipEscape(p: usize, end: usize): usize {
  if (p >= end) return 0;
  const c = load<u8>(p);
  // " \ / b f n r t
  if (c == 0x22 || c == 0x5c || c == 0x2f || c == 0x62) return p + 1;
  if (c == 0x66 || c == 0x6e || c == 0x72 || c == 0x74) return p + 1;
  if (c != 0x75 || p + 5 > end) return 0;
  for (let i: usize = 1; i <= 4; i++) {
    const digit = load<u8>(p + i);
    const letter = digit | 0x20;
    if (!isDigit(digit) && (letter < 0x61 || letter > 0x66)) return 0;
  }
  return p + 5;
}

// @ts-ignore: decorator
@inline
export function isDigit(c: u32): bool {
  return c - 0x30 <= 9;
}

/** How many of the word's bytes, from the first (lowest), are digits: 0 to 8. */
// @ts-ignore: decorator
@inline
export function digitCount(word: u64): u32 {
  const t = word ^ 0x3030303030303030;
  // Bit 7 of each byte that is no digit; a carry spoils only bytes behind the first such one.
  const other = ((t + 0x7676767676767676) | t) & 0x8080808080808080;
  return other == 0 ? 8 : <u32>(ctz(other) >> 3);
}

/** Value of the word's first `count` digits, 1 to 8. */
// @ts-ignore: decorator
@inline
export function firstDigits(word: u64, count: u32): u64 {
  const shift = <u64>(64 - (count << 3));
  return eightDigits((word << shift) | (0x3030303030303030 & ((<u64>1 << shift) - 1)));
}

/** Value of eight digits loaded as one little-endian word: pairs, then fours, then all. */
// @ts-ignore: decorator
@inline
export function eightDigits(word: u64): u64 {
  word -= 0x3030303030303030;
  word = word * 10 + (word >> 8);
  const even = (word & 0x000000ff000000ff) * 0x000f424000000064;
  const odd = ((word >> 16) & 0x000000ff000000ff) * 0x0000271000000001;
  return (even + odd) >> 32;
}

function skipDigits(p: usize, end: usize): usize {
  while (p < end && isDigit(load<u8>(p))) p++;
  return p;
}

/** Passes a number: `-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?`. */
export function skipNumber(p: usize, end: usize): usize {
  if (p < end && load<u8>(p) == 0x2d) p++;
  if (p >= end || !isDigit(load<u8>(p))) return 0;
  const first = p;
  p = skipDigits(p, end);
  if (load<u8>(first) == 0x30 && p - first > 1) return 0;
  if (p < end && load<u8>(p) == 0x2e) {
    const fraction = p + 1;
    p = skipDigits(fraction, end);
    if (p == fraction) return 0;
  }
  if (p < end && (load<u8>(p) | 0x20) == 0x65) {
    p++;
    if (p < end && (load<u8>(p) == 0x2b || load<u8>(p) == 0x2d)) p++;
    const exponent = p;
    p = skipDigits(exponent, end);
    if (p == exponent) return 0;
  }
  return p;
}

/** Passes `true`, `false` or `null`. */
export function skipLiteral(p: usize, end: usize): usize {
  if (p + 4 > end) return 0;
  const word = load<u32>(p);
  if (word == 0x65757274 || word == 0x6c6c756e) return p + 4; // true, null
  if (word == 0x736c6166 && p + 5 <= end && load<u8>(p + 4) == 0x65) return p + 5; // false
  return 0;
}

function skipScalar(p: usize, end: usize): usize {
  const c = load<u8>(p);
  if (c == 0x22) return skipString(p + 1, end);
  if (c == 0x2d || isDigit(c)) return skipNumber(p, end);
  return skipLiteral(p, end);
}

/** Passes a key and its colon; `p` is at the opening quote. */
function skipKey(p: usize, end: usize): usize {
  if (p >= end || load<u8>(p) != 0x22) return 0;
  p = skipString(p + 1, end);
  if (p == 0) return 0;
  p = skipSpace(p, end);
  if (p >= end || load<u8>(p) != 0x3a) return 0;
  return skipSpace(p + 1, end);
}

/**
 * Passes any value. `depth` is how many brackets are open around it; more than NESTING_MAX refuse.
 * Open brackets are bits of one word (1 = object), so nesting costs no stack.
 */
export function skipValue(p: usize, end: usize, depth: i32): usize {
  let open: u64 = 0;
  const outer = depth;
  while (true) {
    if (p >= end) return 0;
    const c = load<u8>(p);
    if (c == 0x7b || c == 0x5b) {
      depth++;
      if (depth > NESTING_MAX) return 0;
      open = (open << 1) | u64(c == 0x7b);
      p = skipSpace(p + 1, end);
      if (p >= end) return 0;
      // An empty one closes below; in a full one the first value, or key and value, comes next.
      if (load<u8>(p) != c + 2) {
        if (c == 0x7b) p = skipKey(p, end);
        if (p == 0) return 0;
        continue;
      }
    } else {
      p = skipScalar(p, end);
      if (p == 0) return 0;
    }
    // Behind a value, or at the closing bracket of an empty object or array.
    while (true) {
      if (depth == outer) return p;
      p = skipSpace(p, end);
      if (p >= end) return 0;
      const next = load<u8>(p);
      if (next == 0x2c) {
        p = skipSpace(p + 1, end);
        if (open & 1) p = skipKey(p, end);
        if (p == 0) return 0;
        break;
      }
      if (next != (open & 1 ? 0x7d : 0x5d)) return 0;
      open >>= 1;
      depth--;
      p++;
    }
  }
}
