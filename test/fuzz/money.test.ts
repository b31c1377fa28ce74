// A million products and quotients of money against bigints: notional, cost of a close, realized
// money with its remainder, conversion. Operands are drawn by their length in bits, so that every
// path (64 bits, 128 bits, refused) is taken about as often.
import { expect, test } from "vitest";
import { SCRATCH } from "../../asm/layout.ts";
import { Kernels } from "../asm/kernels.ts";
import { ceilDiv, floorDiv } from "../reference/order-kind.ts";
import { seeded } from "../reference/random.ts";

const CASES = 250_000;
const NOTIONAL_MAX = 1n << 60n;
const I64_MAX = (1n << 63n) - 1n;

const kernels = await Kernels.create();
const random = seeded(20_261_121);

/** A number of 1 to `bits` bits, each length as likely as another; at least 1. */
function draw(bits: number): bigint {
  const length = 1 + Math.floor(random() * bits);
  const high = BigInt(Math.floor(random() * 0x8000_0000));
  const low = BigInt(Math.floor(random() * 0x1_0000_0000));
  const whole = (high << 32n) | low | (1n << 62n);
  return whole >> BigInt(63 - length);
}

/** Writes a signed 128-bit number. */
function put128(at: number, value: bigint): void {
  kernels.view.setBigUint64(at, BigInt.asUintN(64, value), true);
  kernels.view.setBigInt64(at + 8, BigInt.asIntN(64, value >> 64n), true);
}

function get128(at: number): bigint {
  return (kernels.view.getBigInt64(at + 8, true) << 64n) | kernels.view.getBigUint64(at, true);
}

/** Counts the cases in which the two differ; the first is told. */
function compare(one: () => [unknown, unknown, string]): void {
  let different = 0;
  let first = "";
  for (let at = 0; at < CASES; at++) {
    const [core, exact, what] = one();
    if (core === exact) continue;
    if (different++ === 0) first = `${what}: core ${String(core)}, exact ${String(exact)}`;
  }
  expect(different, first).toBe(0);
}

test("a notional is exact, rounded as asked, and refused above 2^60", () => {
  const notional = kernels.bigint("notionalMinor");
  const taken = [0, 0];
  compare(() => {
    const [price, qty, num, den] = [draw(53), draw(53), draw(62), draw(62)];
    const isUp = random() < 0.5;
    const product = price * qty * num;
    const value = isUp ? ceilDiv(product, den) : product / den;
    const exact = value > NOTIONAL_MAX ? -1n : value;
    taken[exact < 0n ? 1 : 0]!++;
    const core = notional(price, qty, num, den, isUp ? 1 : 0);
    return [core, exact, `${price} x ${qty} x ${num} / ${den}`];
  });
  expect(Math.min(...taken), "both taken and refused").toBeGreaterThan(CASES / 20);
});

test("the cost of a close is its share, and with what stays it is the whole", () => {
  const share = kernels.number("costShare");
  compare(() => {
    const open = draw(53);
    const close = 1n + (draw(53) % open);
    const average = draw(53);
    const sign = random() < 0.5 ? -1n : 1n;
    const cost = sign * (average * open + (draw(53) % open));
    put128(SCRATCH, cost);
    share(SCRATCH, close, open, SCRATCH + 16);
    const exact = (cost * close) / open;
    const isWhole = get128(SCRATCH) + get128(SCRATCH + 16) === cost;
    return [isWhole ? get128(SCRATCH + 16) : "not whole", exact, `${cost} x ${close} / ${open}`];
  });
});

test("realized money and its remainder are the exact sum", () => {
  const carry = kernels.bigint("scaleCarry");
  compare(() => {
    const den = draw(62);
    const num = draw(62);
    const before = draw(62) % den;
    // What the limit on notionals lets through: the money of the value is below 2^61.
    const most = ((1n << 61n) * den) / num;
    const value = (random() < 0.5 ? -1n : 1n) * (most === 0n ? 0n : draw(126) % most);
    put128(SCRATCH, value);
    kernels.view.setBigInt64(SCRATCH + 16, before, true);
    const core = carry(SCRATCH, num, den, SCRATCH + 16);
    const after = kernels.view.getBigInt64(SCRATCH + 16, true);
    const total = value * num + before;
    const exact = floorDiv(total, den);
    const isRest = core * den + after === total && after >= 0n && after < den;
    return [isRest ? core : "a wrong remainder", exact, `${value} x ${num} + ${before} / ${den}`];
  });
});

test("a conversion is rounded down, and refused when it does not fit", () => {
  const [fits, convert] = [kernels.number("mulDivFits"), kernels.bigint("mulDiv64")];
  const taken = [0, 0];
  compare(() => {
    const amount = (random() < 0.5 ? -1n : 1n) * draw(62);
    const [num, den] = [draw(62), draw(62)];
    const product = amount * num;
    const size = (product < 0n ? -product : product) / den;
    // A negative result is one lower where it is rounded; that one case more is refused or not.
    const canTake = size <= I64_MAX;
    const isTaken = fits(amount, num, den) !== 0;
    taken[isTaken ? 0 : 1]!++;
    const what = `${amount} x ${num} / ${den}`;
    if (!canTake || !isTaken) return [isTaken, canTake, what];
    return [convert(amount, num, den), floorDiv(product, den), what];
  });
  expect(Math.min(...taken), "both taken and refused").toBeGreaterThan(CASES / 20);
});
