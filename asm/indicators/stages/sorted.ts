// The last `period` inputs in order of size: what lies in the middle, how many lie below.
//
// An input is found by halving and takes its place by moving the greater ones: O(log period) looks
// and one memory move. A forming value is answered for without being put in.
// tidy: tested by test/asm/indicators/families.test.ts
import { RING_BASE_BYTES, ringOldest, ringPush } from "./window";

// The ring of arrivals, then the same inputs sorted.
/** Bytes of a stage beside 16 for each input. */
export const SORTED_BASE_BYTES: i32 = RING_BASE_BYTES;

// @ts-ignore: decorator
@inline
function sortedAt(s: usize, period: i32): usize {
  return s + RING_BASE_BYTES + (<usize>period << 3);
}

/** Inputs kept when number `n` comes. */
// @ts-ignore: decorator
@inline
function keptOf(n: i32, period: i32): i32 {
  return min(n - 1, period);
}

/** How many of the first `count` at `from` are below `value`, or at most it. */
function countBelow(from: usize, count: i32, value: f64, isEqualToo: bool): i32 {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = load<f64>(from + (<usize>middle << 3));
    if (other < value || (isEqualToo && other == value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many of the kept inputs before number `n` are below `value`, or at most it. */
export function sortedBelow(s: usize, value: f64, n: i32, period: i32, isEqualToo: bool): i32 {
  return countBelow(sortedAt(s, period), keptOf(n, period), value, isEqualToo);
}

/** Input number `k`, from 0, by size of the full window that ends with `value`; `n` >= period. */
export function sortedWith(s: usize, k: i32, value: f64, n: i32, period: i32): f64 {
  const from = sortedAt(s, period);
  const kept = keptOf(n, period);
  const isFull = kept == period;
  const out = isFull ? countBelow(from, kept, ringOldest(s, period), false) : kept;
  let place = countBelow(from, kept, value, false);
  // The oldest leaves: those above it come down by one.
  if (isFull && out < place) place--;
  if (k == place) return value;
  const old = k < place ? k : k - 1;
  return load<f64>(from + (<usize>(old >= out ? old + 1 : old) << 3));
}

/** Takes an input in, and the oldest out of a full window. */
export function sortedPush(s: usize, value: f64, n: i32, period: i32): void {
  const from = sortedAt(s, period);
  let kept = keptOf(n, period);
  if (kept == period) {
    const out = from + (<usize>countBelow(from, kept, ringOldest(s, period), false) << 3);
    kept--;
    memory.copy(out, out + 8, from + (<usize>kept << 3) - out);
  }
  const place = from + (<usize>countBelow(from, kept, value, false) << 3);
  memory.copy(place + 8, place, from + (<usize>kept << 3) - place);
  store<f64>(place, value);
  ringPush(s, value, period);
}
