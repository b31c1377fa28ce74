// Units as types: a number that carries its unit at no run-time cost, so that a price is never
// passed for a quantity. The core keeps these as i64; on the host they are exact below 2^53.
import { AlphaError } from "./errors.ts";

declare const unit: unique symbol;
/** A `T` that is a quantity of unit `N`; made by the functions below or by a cast at an edge. */
export type Unit<T, N extends string> = T & { readonly [unit]: N };

export type PriceTicks = Unit<number, "PriceTicks">;
export type QtyLots = Unit<number, "QtyLots">;
export type Minor = Unit<number, "Minor">;
export type Nanos = Unit<number, "Nanos">;
export type InstrumentId = Unit<number, "InstrumentId">;
export type AccountId = Unit<number, "AccountId">;
export type ClientOrderId = Unit<bigint, "ClientOrderId">;

/** A decimal text as integer mantissa and exponent: "0.010" is 10 x 10^-3, reduced to 1 x 10^-2. */
export interface Decimal {
  mantissa: bigint;
  exponent: number;
}

/** Parses plain decimal text (optional sign, digits, one point); throws UNIT_MALFORMED. */
export function parseDecimal(text: string): Decimal {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) {
    throw new AlphaError("UNIT_MALFORMED", `"${text}" is not a decimal number`, "write 0.01");
  }
  const fraction = (match[3] ?? "").replace(/0+$/, "");
  let mantissa = BigInt(`${match[2]}${fraction}`);
  let exponent = 0 - fraction.length;
  while (mantissa !== 0n && mantissa % 10n === 0n) {
    mantissa /= 10n;
    exponent += 1;
  }
  if (mantissa === 0n) exponent = 0;
  return { mantissa: match[1] === "-" ? -mantissa : mantissa, exponent };
}

/** Text of `count` steps of mantissa x 10^exponent, with the step's decimals. */
export function formatSteps(count: number | bigint, mantissa: bigint, exponent: number): string {
  const value = BigInt(count) * mantissa;
  const sign = value < 0n ? "-" : "";
  const digits = (value < 0n ? -value : value).toString();
  if (exponent >= 0) return sign + digits + "0".repeat(value === 0n ? 0 : exponent);
  const padded = digits.padStart(1 - exponent, "0");
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

/**
 * How many steps of mantissa x 10^exponent a decimal text is; throws UNIT_STEP when it is not a
 * whole number of them and UNIT_RANGE when it does not fit a number exactly.
 */
export function stepsOf(text: string, mantissa: bigint, exponent: number): number {
  const value = parseDecimal(text);
  const shift = value.exponent - exponent;
  const scaled = shift >= 0 ? value.mantissa * 10n ** BigInt(shift) : value.mantissa;
  const step = shift >= 0 ? mantissa : mantissa * 10n ** BigInt(-shift);
  if (scaled % step !== 0n) {
    const size = formatSteps(1, mantissa, exponent);
    throw new AlphaError(
      "UNIT_STEP",
      `${text} is not a multiple of ${size}`,
      `use steps of ${size}`,
    );
  }
  return safeNumber(scaled / step);
}

/** The bigint as a number; throws UNIT_RANGE beyond 2^53 - 1. */
export function safeNumber(value: bigint): number {
  const result = Number(value);
  if (!Number.isSafeInteger(result)) {
    throw new AlphaError("UNIT_RANGE", `${value} does not fit 53 bits`, "use a coarser unit");
  }
  return result;
}
