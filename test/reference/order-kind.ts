// What the twin knows of an instrument's money: fractions, currencies, and the kinds of booking.
import { InstrumentKind } from "../../asm/vocab.ts";

export interface TwinSpec {
  kind: InstrumentKind;
  settlement: number;
  /** Linear and cash: minor units of the settlement currency per tick x lot. */
  num: bigint;
  den: bigint;
  /** Cash: the base and its minor units in a lot. Inverse: unused. */
  base: number;
  baseMinor: bigint;
  /** Inverse: minor units of the base x ticks per lot. */
  inverseNum: bigint;
  inverseDen: bigint;
}

/** Of the fuzz: num / den minor units per tick x lot, with a remainder on purpose. */
export const LINEAR: TwinSpec = {
  ...{ kind: InstrumentKind.LinearPerpetual, settlement: 1, num: 3n, den: 7n },
  ...{ base: 1, baseMinor: 0n, inverseNum: 0n, inverseDen: 1n },
};
const CASH = [InstrumentKind.Spot, InstrumentKind.Fx, InstrumentKind.Equity];
const PARTS = 1024n;

/** floor(a / b), b > 0. */
export function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return quotient * b > a ? quotient - 1n : quotient;
}

/** ceil(a / b), b > 0. */
export function ceilDiv(a: bigint, b: bigint): bigint {
  return -floorDiv(-a, b);
}

export function isInverse({ kind }: TwinSpec): boolean {
  return kind === InstrumentKind.InversePerpetual || kind === InstrumentKind.InverseFuture;
}

export function isCash({ kind }: TwinSpec): boolean {
  return CASH.includes(kind);
}

/** True when an auction may trade it. */
export function isCallable(spec: TwinSpec): boolean {
  const { kind } = spec;
  if (isCash(spec)) return true;
  return kind === InstrumentKind.LinearPerpetual || kind === InstrumentKind.InversePerpetual;
}

/** What a quantity of either sign costs at a price: ticks x lots, or minus 1/1024 minor. */
export function flow(spec: TwinSpec, price: number, lots: number): bigint {
  if (!isInverse(spec)) return BigInt(price) * BigInt(lots);
  const parts = BigInt(Math.abs(lots)) * spec.inverseNum * PARTS;
  const value = floorDiv(parts, spec.inverseDen * BigInt(price));
  return lots > 0 ? -value : value;
}

/** Money of a flow as a fraction of settlement minor units. */
export function scale(spec: TwinSpec): [bigint, bigint] {
  return isInverse(spec) ? [1n, PARTS] : [spec.num, spec.den];
}

/** Value of a quantity in settlement minor units. */
export function notional(spec: TwinSpec, price: number, lots: number, isUp: boolean): bigint {
  const [num, den] = scale(spec);
  const value = flow(spec, price, lots) * (isInverse(spec) ? -num : num);
  return isUp ? ceilDiv(value, den) : floorDiv(value, den);
}
