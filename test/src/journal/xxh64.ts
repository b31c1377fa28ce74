// XXH64 written plainly from its public specification: the slow twin of asm/math/hash.ts.

const MASK = (1n << 64n) - 1n;
const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;

const rotate = (value: bigint, bits: bigint): bigint =>
  ((value << bits) | (value >> (64n - bits))) & MASK;
const times = (a: bigint, b: bigint): bigint => (a * b) & MASK;
const round = (acc: bigint, lane: bigint): bigint =>
  times(rotate((acc + times(lane, PRIME_2)) & MASK, 31n), PRIME_1);

export function xxh64(bytes: Uint8Array, seed = 0n): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let hash = (seed + PRIME_5) & MASK;
  if (bytes.length >= 32) {
    const lanes = [seed + PRIME_1 + PRIME_2, seed + PRIME_2, seed, seed - PRIME_1];
    let [a, b, c, d] = lanes.map((one) => one & MASK) as [bigint, bigint, bigint, bigint];
    for (; at + 32 <= bytes.length; at += 32) {
      a = round(a, view.getBigUint64(at, true));
      b = round(b, view.getBigUint64(at + 8, true));
      c = round(c, view.getBigUint64(at + 16, true));
      d = round(d, view.getBigUint64(at + 24, true));
    }
    hash = (rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n)) & MASK;
    for (const lane of [a, b, c, d]) {
      hash = (times(hash ^ round(0n, lane), PRIME_1) + PRIME_4) & MASK;
    }
  }
  hash = (hash + BigInt(bytes.length)) & MASK;
  for (; at + 8 <= bytes.length; at += 8) {
    const mixed = hash ^ round(0n, view.getBigUint64(at, true));
    hash = (times(rotate(mixed, 27n), PRIME_1) + PRIME_4) & MASK;
  }
  if (at + 4 <= bytes.length) {
    const mixed = hash ^ times(BigInt(view.getUint32(at, true)), PRIME_1);
    hash = (times(rotate(mixed, 23n), PRIME_2) + PRIME_3) & MASK;
    at += 4;
  }
  for (; at < bytes.length; at += 1) {
    hash = times(rotate(hash ^ times(BigInt(bytes[at]!), PRIME_5), 11n), PRIME_1);
  }
  hash = times(hash ^ (hash >> 33n), PRIME_2);
  hash = times(hash ^ (hash >> 29n), PRIME_3);
  return hash ^ (hash >> 32n);
}
