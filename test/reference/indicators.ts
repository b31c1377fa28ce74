// Slow plain twins of the indicator kernels: whole series in, every value computed from scratch.
//
// Written from the definitions (TA-Lib's seeds), with the window summed anew for each candle and no
// state between candles. A line is undefined where there is no value yet.

/** What an indicator reads of a candle. */
export interface Prices {
  high: number;
  low: number;
  close: number;
  volume: number;
  endMillis?: number;
}
/** Lines of one candle. */
export type Row = number[] | undefined;

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: number[]): number => sum(values) / values.length;

/** Mean of the last `period` closes. */
export function smaTwin(bars: Prices[], period: number): Row[] {
  return bars.map((_, i) =>
    i + 1 < period ? undefined : [mean(closes(bars).slice(i + 1 - period, i + 1))],
  );
}

function closes(bars: Prices[]): number[] {
  return bars.map((bar) => bar.close);
}

/** EMA of a series whose first `from` entries are left out; seeded with the mean of `period`. */
function emaSeries(values: number[], period: number, from = 0): (number | undefined)[] {
  const out: (number | undefined)[] = [];
  let average: number | undefined;
  values.forEach((value, i) => {
    if (i === from + period - 1) average = mean(values.slice(from, i + 1));
    else if (average !== undefined) average += (2 / (period + 1)) * (value - average);
    out.push(average);
  });
  return out;
}

/** Exponential average of closes. */
export function emaTwin(bars: Prices[], period: number): Row[] {
  return emaSeries(closes(bars), period).map((value) => (value === undefined ? value : [value]));
}

/** MACD, signal, histogram; both averages start with candle `slow`. */
export function macdTwin(bars: Prices[], fast: number, slow: number, signal: number): Row[] {
  const quick = emaSeries(closes(bars), fast, slow - fast);
  const calm = emaSeries(closes(bars), slow);
  const line = quick.map((value, i) => (i < slow - 1 ? 0 : value! - calm[i]!));
  const average = emaSeries(line, signal, slow - 1);
  return line.map((value, i) => {
    const other = average[i];
    return other === undefined ? undefined : [value, other, value - other];
  });
}

/** Wilder's average of `values[1..]`. */
function wilder(values: number[], period: number): (number | undefined)[] {
  let average: number | undefined;
  return values.map((value, i) => {
    if (i === period) average = mean(values.slice(1, i + 1));
    else if (average !== undefined) average = (average * (period - 1) + value) / period;
    return average;
  });
}

/** Relative strength index. */
export function rsiTwin(bars: Prices[], period: number): Row[] {
  const moves = bars.map((bar, i) => (i === 0 ? 0 : bar.close - bars[i - 1]!.close));
  const gains = wilder(
    moves.map((move) => Math.max(0, move)),
    period,
  );
  const losses = wilder(
    moves.map((move) => Math.max(0, -move)),
    period,
  );
  return gains.map((gain, i) => {
    if (gain === undefined) return undefined;
    const total = gain + losses[i]!;
    return [total < 1e-14 ? 0 : (100 * gain) / total];
  });
}

/** Average true range. */
export function atrTwin(bars: Prices[], period: number): Row[] {
  const ranges = bars.map((bar, i) => {
    const before = bars[i - 1]?.close ?? bar.close;
    return Math.max(bar.high - bar.low, Math.abs(bar.high - before), Math.abs(bar.low - before));
  });
  return wilder(ranges, period).map((value) => (value === undefined ? value : [value]));
}

/** Middle, upper, lower band; population deviation, from exact integers. */
export function bollingerTwin(bars: Prices[], period: number, up: number, down = up): Row[] {
  const values = closes(bars).map(BigInt);
  const count = BigInt(period);
  return values.map((_, i) => {
    if (i + 1 < period) return undefined;
    const window = values.slice(i + 1 - period, i + 1);
    const total = window.reduce((left, right) => left + right, 0n);
    const squares = window.reduce((left, value) => left + (count * value - total) ** 2n, 0n);
    const deviation = Math.sqrt(Number(squares) / Number(count ** 3n));
    const middle = Number(total) / period;
    return [middle, middle + up * deviation, middle - down * deviation];
  });
}

/** Volume-weighted typical price since the start of the UTC day, or ever. */
export function vwapTwin(bars: Prices[], isCumulative: boolean): Row[] {
  return bars.map((bar, i) => {
    const day = dayOf(bar);
    const used = bars.slice(0, i + 1).filter((one) => isCumulative || dayOf(one) === day);
    const lots = used.reduce((total, one) => total + BigInt(one.volume), 0n);
    const worth = used.reduce(
      (total, one) => total + BigInt(one.high + one.low + one.close) * BigInt(one.volume),
      0n,
    );
    return lots === 0n ? undefined : [Number(worth) / (3 * Number(lots))];
  });
}

function dayOf(bar: Prices): number {
  return Math.floor(((bar.endMillis ?? 60_000) - 1) / 86_400_000);
}
