// 128-bit arithmetic against BigInt.
import { beforeAll, expect, test } from "vitest";
import { SCRATCH } from "../../../asm/layout.ts";
import { Kernels } from "../kernels.ts";

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;
const EDGES = [
  ...[MIN, MIN + 1n, -(2n ** 62n), -(2n ** 32n) - 1n, -(2n ** 32n), -(2n ** 32n) + 1n, -10n, -2n],
  ...[-1n, 0n, 1n, 2n, 3n, 10n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 32n + 1n, 2n ** 53n],
  ...[2n ** 62n, MAX - 1n, MAX],
];
const RANDOM_COUNT = 1_000_000;

let core: Kernels;
let s0 = 0x9e3779b9;
let s1 = 0x243f6a88;

beforeAll(async () => {
  core = await Kernels.create();
});

/** xorshift64 in two words: 32 bits a call. */
function bits32(): number {
  let a = s0 ^ (s0 << 10);
  a ^= (s1 >>> 13) ^ s1 ^ (s1 << 10);
  s0 = s1;
  s1 = a >>> 0;
  return s1;
}

const words = new Uint32Array(2);
const signed = new BigInt64Array(words.buffer);
const unsigned = new BigUint64Array(words.buffer);

/** A random i64 whose length in bits is random too. */
function draw(): bigint {
  words[0] = bits32();
  words[1] = bits32();
  signed[0] = signed[0]! >> BigInt(bits32() & 63);
  return signed[0];
}

function* operands(): Generator<[bigint, bigint]> {
  for (const a of EDGES) for (const b of EDGES) yield [a, b];
  for (let i = 0; i < RANDOM_COUNT; i++) yield [draw(), draw()];
}

function at128(): bigint {
  return (core.view.getBigInt64(SCRATCH + 8, true) << 64n) | core.view.getBigUint64(SCRATCH, true);
}

function put128(value: bigint): void {
  core.view.setBigUint64(SCRATCH, BigInt.asUintN(64, value), true);
  core.view.setBigInt64(SCRATCH + 8, BigInt.asIntN(64, value >> 64n), true);
}

function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

test("products, their sums and whether they fit agree with BigInt over a million pairs", () => {
  const high = core.bigint("productHigh");
  const fits = core.number("productFits");
  const add = core.number("addProduct128");
  put128(0n);
  let sum = 0n;
  let pairs = 0;
  for (const [a, b] of operands()) {
    const product = a * b;
    if (high(a, b) !== product >> 64n) throw new Error(`high of ${a} x ${b}`);
    if ((fits(a, b) !== 0) !== (product >= MIN && product <= MAX))
      throw new Error(`fits ${a} x ${b}`);
    add(SCRATCH, a, b);
    sum = BigInt.asIntN(128, sum + product);
    pairs += 1;
    if ((pairs & 63) === 0 && at128() !== sum) throw new Error(`sum after ${a} x ${b}`);
  }
  expect(pairs).toBeGreaterThan(1_000_000);
  expect(at128()).toBe(sum);
});

test("add128 and sub128 carry and borrow through the low word", () => {
  const add = core.number("add128");
  const sub = core.number("sub128");
  const values = EDGES.flatMap((high) =>
    EDGES.map((low) => (high << 64n) | BigInt.asUintN(64, low)),
  );
  for (const [index, value] of values.entries()) {
    const other = values[(index * 7 + 3) % values.length]!;
    const low = BigInt.asUintN(64, other);
    const high = BigInt.asIntN(64, other >> 64n);
    put128(value);
    add(SCRATCH, low, high);
    expect(at128()).toBe(BigInt.asIntN(128, value + other));
    sub(SCRATCH, low, high);
    expect(at128(), "adding and taking away changes nothing").toBe(value);
    put128(value);
    sub(SCRATCH, low, high);
    expect(at128()).toBe(BigInt.asIntN(128, value - other));
  }
});

test("128 by 64 bit quotients agree with BigInt over a million divisions", () => {
  const divide = core.bigint("divideUnsigned128");
  const divisors = EDGES.map((edge) => BigInt.asUintN(64, edge)).filter((edge) => edge > 0n);
  const check = (high: bigint, low: bigint, den: bigint): void => {
    const quotient = BigInt.asUintN(64, divide(high, low, den));
    if (quotient !== ((high << 64n) | low) / den) throw new Error(`(${high}, ${low}) / ${den}`);
  };
  for (const den of divisors) {
    for (const low of divisors)
      for (const high of [0n, 1n, den / 2n, den - 1n]) {
        if (high < den) check(high, low, den);
      }
  }
  for (let i = 0; i < RANDOM_COUNT; i++) {
    draw();
    const den = unsigned[0]! === 0n ? 1n : unsigned[0]!;
    draw();
    const high = unsigned[0]! % den;
    draw();
    check(high, unsigned[0]!, den);
  }
  expect(() => divide(5n, 0n, 5n)).toThrow(/quotient fits/);
  expect(() => divide(0n, 5n, 0n)).toThrow(/division by zero/);
});

test("mulDiv64 rounds down, and mulDivFits says beforehand whether it will be taken", () => {
  const mulDiv = core.bigint("mulDiv64");
  const fits = core.number("mulDivFits");
  let refused = 0;
  const check = (a: bigint, num: bigint, den: bigint): void => {
    const expected = floorDiv(a * num, den);
    const isFit = fits(a, num, den) !== 0;
    if (isFit) {
      if (mulDiv(a, num, den) !== expected) throw new Error(`${a} x ${num} / ${den}`);
    } else {
      refused += 1;
      if (expected > MIN && expected <= MAX) throw new Error(`refused ${a} x ${num} / ${den}`);
    }
  };
  const scales = EDGES.filter((edge) => edge >= 0n);
  for (const a of EDGES)
    for (const num of scales) for (const den of scales) if (den > 0n) check(a, num, den);
  for (let i = 0; i < RANDOM_COUNT; i++) {
    const num = draw();
    const den = draw();
    check(draw(), num < 0n ? ~num : num, den <= 0n ? 1n - (den === MIN ? den + 1n : den) : den);
  }
  expect(refused, "some must not fit, or the check proves nothing").toBeGreaterThan(1000);
  expect(fits(MAX, MAX, MAX), "the largest result fits").toBe(1);
  expect(() => mulDiv(MAX, 3n, 2n)).toThrow(/scaled amount fits/);
  expect(() => mulDiv(1n, -1n, 2n)).toThrow(/scale is not negative/);
});

test("gcd64 divides both and nothing larger does", () => {
  const gcd = core.bigint("gcd64");
  const reference = (a: bigint, b: bigint): bigint => (b === 0n ? a : reference(b, a % b));
  for (let i = 0; i < 10_000; i++) {
    const a = (draw() & MAX) + (i % 2 === 0 ? 0n : 1n);
    const b = draw() & MAX;
    if (a <= 0n || b <= 0n) continue;
    expect(gcd(a, b)).toBe(reference(a, b));
  }
});

test("toFloat128 is right to a part in 2^52, of any sign and length", () => {
  const toFloat = core.number("toFloat128");
  for (let i = 0; i < 20_000; i++) {
    const value = draw() * draw();
    put128(value);
    const float = toFloat(SCRATCH);
    const error = Math.abs(float - Number(value));
    expect(error).toBeLessThanOrEqual(Math.abs(Number(value)) * 2 ** -52);
  }
  for (const value of [0n, -1n, MIN, MAX, MIN - 1n, MAX + 1n]) {
    put128(value);
    expect(toFloat(SCRATCH)).toBe(Number(value));
  }
});
