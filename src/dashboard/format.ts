// Numbers as text: prices, quantities, money, durations, times.
//
// Everything on the page passes through here, so that one instrument always shows the same number
// of decimals and a column of figures lines up. Integers stay integers until they are text: ticks
// and lots become decimals by their step, never by a floating product.
import { formatSteps } from "../units.ts";

/** A price or quantity step: mantissa x 10^exponent. */
export interface Step {
  mantissa: bigint;
  exponent: number;
}

/** Of an instrument the reference data does not name: counts are shown as they are. */
export const UNKNOWN_STEP: Step = { mantissa: 1n, exponent: 0 };

/** Shown where there is no value, so that the column keeps its width. */
export const NO_VALUE = "–";

/** Decimals an average price shows beyond those of its tick. */
const AVERAGE_DECIMALS = 2;

/** `count` steps as text with thousands separated: "64,123.50". */
export function stepText(count: number | bigint, step: Step): string {
  return grouped(formatSteps(count, step.mantissa, step.exponent));
}

/** The value of one step as a number, for chart axes; never for money. */
export function stepValue(step: Step): number {
  return Number(`${step.mantissa}e${step.exponent}`);
}

/**
 * Average price of a position: the sum of signed ticks x lots over the signed lots, to two decimals
 * below the tick, rounded half away from zero. NO_VALUE for a flat position.
 */
export function averageText(cost: bigint, lots: number, step: Step): string {
  if (lots === 0) return NO_VALUE;
  const scale = 10n ** BigInt(AVERAGE_DECIMALS);
  const average = divideRound(cost * scale, BigInt(lots));
  return grouped(formatSteps(average, step.mantissa, step.exponent - AVERAGE_DECIMALS));
}

/** Money in minor units of 10^exponent as text with at most `decimalsMax` decimals. */
export function minorText(minor: number | bigint, exponent: number, decimalsMax: number): string {
  const cut = Math.max(0, -exponent - decimalsMax);
  const value = cut === 0 ? BigInt(minor) : divideRound(BigInt(minor), 10n ** BigInt(cut));
  return grouped(formatSteps(value, 1n, exponent + cut));
}

/** The text with a plus sign when the value is above zero. */
export function withSign(text: string, value: number): string {
  return value > 0 ? `+${text}` : text;
}

/**
 * Change from `from` to `to` in percent, rounded to two decimals as it is shown; 0 without a
 * base.
 */
export function percentChange(from: number, to: number): number {
  return from === 0 ? 0 : Math.round(((to - from) / from) * 10_000) / 100;
}

/** A percentage with its sign and two decimals: "+0.42 %". */
export function percentText(percent: number): string {
  // A rounded zero has no sign.
  return withSign(`${(percent === 0 ? 0 : percent).toFixed(2)} %`, percent);
}

/** A duration in seconds with three figures and its unit: "23.4 µs", "1.25 ms", "2.00 s". */
export function secondsText(seconds: number): string {
  if (!Number.isFinite(seconds)) return NO_VALUE;
  const size = Math.abs(seconds);
  if (size < 999.5e-6) return `${threeFigures(seconds * 1e6)} µs`;
  if (size < 999.5e-3) return `${threeFigures(seconds * 1e3)} ms`;
  return `${threeFigures(seconds)} s`;
}

/** Time of day in UTC: "14:03:07". */
export function timeText(millis: number): string {
  return new Date(millis).toISOString().slice(11, 19);
}

/** A timeframe's usual name: "1m", "4h", "1d", "90s". */
export function periodText(periodMillis: number): string {
  const seconds = periodMillis / 1000;
  if (seconds % 86_400 === 0) return `${seconds / 86_400}d`;
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  if (seconds % 60 === 0) return `${seconds / 60}m`;
  return `${seconds}s`;
}

/** Nanoseconds since the epoch as whole milliseconds. */
export function millisOf(nanos: bigint): number {
  return Number(nanos / 1_000_000n);
}

function threeFigures(value: number): string {
  const size = Math.abs(value);
  if (size >= 99.95) return value.toFixed(0);
  return value.toFixed(size >= 9.995 ? 1 : 2);
}

function divideRound(value: bigint, by: bigint): bigint {
  const sign = value < 0n !== by < 0n ? -1n : 1n;
  const size = value < 0n ? -value : value;
  const divisor = by < 0n ? -by : by;
  return (sign * (size * 2n + divisor)) / (divisor * 2n);
}

/** Thousands of the whole part separated by commas. */
function grouped(text: string): string {
  const point = text.indexOf(".");
  const whole = point < 0 ? text : text.slice(0, point);
  if (whole.length <= 3) return text;
  const rest = point < 0 ? "" : text.slice(point);
  return whole.replace(/\B(?=(\d{3})+$)/g, ",") + rest;
}
