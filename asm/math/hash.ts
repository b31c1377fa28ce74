// XXH64 (Yann Collet, public specification) over memory: block checksums and state hashes.
//
// Chosen because it runs near memory speed without tables and has published vectors, so that a
// journal can be checked by anyone. It detects damage, not forgery; blocks reserve room for a seal.

const PRIME_1: u64 = 0x9e3779b185ebca87;
const PRIME_2: u64 = 0xc2b2ae3d27d4eb4f;
const PRIME_3: u64 = 0x165667b19e3779f9;
const PRIME_4: u64 = 0x85ebca77c2b2ae63;
const PRIME_5: u64 = 0x27d4eb2f165667c5;

// @ts-ignore: decorator
@inline
function round(accumulator: u64, lane: u64): u64 {
  return rotl<u64>(accumulator + lane * PRIME_2, 31) * PRIME_1;
}

// @ts-ignore: decorator
@inline
function merge(hash: u64, accumulator: u64): u64 {
  return (hash ^ round(0, accumulator)) * PRIME_1 + PRIME_4;
}

/** Spreads every bit of a word over all of them. */
// @ts-ignore: decorator
@inline
export function avalanche(hash: u64): u64 {
  hash = (hash ^ (hash >> 33)) * PRIME_2;
  hash = (hash ^ (hash >> 29)) * PRIME_3;
  return hash ^ (hash >> 32);
}

/**
 * Folds two words into one of several independent lanes with one multiplication, where XXH64's
 * round has two a word. A bijection of each of the three for the other two given.
 */
// @ts-ignore: decorator
@inline
export function mixPair(lane: u64, first: u64, second: u64): u64 {
  return rotl<u64>((lane ^ first) * PRIME_1 + second, 31);
}

/** Folds one word into a rolling hash; order matters. Not XXH64, only its round. */
// @ts-ignore: decorator
@inline
export function mix64(hash: u64, value: u64): u64 {
  return rotl<u64>(hash ^ round(0, value), 27) * PRIME_1 + PRIME_4;
}

/** XXH64 of `bytes` bytes at `at`. */
export function xxh64(at: usize, bytes: usize, seed: u64): u64 {
  const end = at + bytes;
  let hash: u64;
  if (bytes >= 32) {
    let a = seed + PRIME_1 + PRIME_2;
    let b = seed + PRIME_2;
    let c = seed;
    let d = seed - PRIME_1;
    const limit = end - 32;
    do {
      a = round(a, load<u64>(at));
      b = round(b, load<u64>(at, 8));
      c = round(c, load<u64>(at, 16));
      d = round(d, load<u64>(at, 24));
      at += 32;
    } while (at <= limit);
    hash = rotl<u64>(a, 1) + rotl<u64>(b, 7) + rotl<u64>(c, 12) + rotl<u64>(d, 18);
    hash = merge(merge(merge(merge(hash, a), b), c), d);
  } else {
    hash = seed + PRIME_5;
  }
  return avalanche(tail(hash + bytes, at, end));
}

/** The last 0 to 31 bytes. */
function tail(hash: u64, at: usize, end: usize): u64 {
  while (at + 8 <= end) {
    hash = rotl<u64>(hash ^ round(0, load<u64>(at)), 27) * PRIME_1 + PRIME_4;
    at += 8;
  }
  if (at + 4 <= end) {
    hash = rotl<u64>(hash ^ (<u64>load<u32>(at) * PRIME_1), 23) * PRIME_2 + PRIME_3;
    at += 4;
  }
  while (at < end) {
    hash = rotl<u64>(hash ^ (<u64>load<u8>(at) * PRIME_5), 11) * PRIME_1;
    at++;
  }
  return hash;
}
