// Plain ways to average, written from their definitions; undefined where there is no value yet.

/** A line of a twin. */
export type Line = (number | undefined)[];

export const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);
export const mean = (values: readonly number[]): number => sum(values) / values.length;
/** The one rule for flat markets. */
export const ratio = (a: number, b: number): number => (b === 0 ? 0 : a / b);

/** What `compute` makes of each full window of `period`; a hole in the window makes a hole. */
export function windowed(
  values: readonly (number | undefined)[],
  period: number,
  compute: (window: number[]) => number,
): Line {
  return values.map((_, i) => {
    const window = i + 1 < period ? [] : values.slice(i + 1 - period, i + 1);
    if (window.length === 0 || window.includes(undefined)) return undefined;
    return compute(window as number[]);
  });
}

/** Exponential average with weight 2 / (period + 1), from the mean of the first `period` values. */
export function ema(values: readonly (number | undefined)[], period: number): Line {
  return smoothed(values, period, 2 / (period + 1));
}

/** Wilder's average: weight 1 / period. */
export function wilder(values: readonly (number | undefined)[], period: number): Line {
  return smoothed(values, period, 1 / period);
}

function smoothed(values: readonly (number | undefined)[], period: number, weight: number): Line {
  const from = values.findIndex((value) => value !== undefined);
  let average: number | undefined;
  return values.map((value, i) => {
    if (from < 0 || value === undefined || i < from + period - 1) return undefined;
    if (average === undefined) average = mean(values.slice(from, i + 1) as number[]);
    else average += weight * (value - average);
    return average;
  });
}

/** Exponential average that begins with the first value. */
export function emaFirst(values: readonly (number | undefined)[], weight: number): Line {
  let average: number | undefined;
  return values.map((value) => {
    if (value === undefined) return undefined;
    average = average === undefined ? value : average + weight * (value - average);
    return average;
  });
}

/** Lines side by side: a row where all have a value. */
export function rows(...lines: Line[]): (number[] | undefined)[] {
  return lines[0]!.map((_, i) => {
    const row = lines.map((line) => line[i]);
    return row.includes(undefined) ? undefined : (row as number[]);
  });
}

/** Element by element. */
export function zip(compute: (...values: number[]) => number, ...lines: Line[]): Line {
  return lines[0]!.map((_, i) => {
    const row = lines.map((line) => line[i]);
    return row.includes(undefined) ? undefined : compute(...(row as number[]));
  });
}
