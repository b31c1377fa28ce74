// Stylized facts of a tape: the numbers by which a simulated market is compared with a real one.
//
// They need only public trades and quotes, so captures of venues go through the same functions. The
// list follows Cont (2001), "Empirical properties of asset returns", and Lillo and Farmer (2004)
// for the memory of order signs.
import type { QuoteColumns, TradeColumns } from "./columns.ts";

/** One instrument's facts. Rates are per second, returns are of the mid price in basis points. */
export interface StylizedFacts {
  seconds: number;
  tradesPerSecond: number;
  quotesPerSecond: number;
  spreadMedianTicks: number;
  spreadMedianBps: number;
  /** Standard deviation of a return over `returnMillis`. */
  deviationBps: number;
  /** Fourth moment over the squared second: 3 for a normal distribution. */
  kurtosis: number;
  /** Hill estimate over the largest 2.5 % of absolute returns; real markets: 2.5 to 5. */
  tailIndex: number;
  /** Autocorrelation of returns at lag 1; near 0. */
  returnAcf1: number;
  /** Mean autocorrelation of absolute returns over lags 1 to 10, and 11 to 60: clustering. */
  absReturnAcf10: number;
  absReturnAcf60: number;
  /** Mean autocorrelation of trade signs over lags 1 to 10, and 11 to 100: long memory. */
  signAcf10: number;
  signAcf100: number;
  /** Mean move of the mid in the direction of a trade over the next second, in half spreads. */
  impactHalfSpreads: number;
}

/** Largest share of absolute returns the tail index is estimated from. */
const TAIL_SHARE = 0.025;
const IMPACT_MILLIS = 1000;

/** Facts of one instrument; returns are taken every `returnMillis`. At least 100 returns. */
export function stylizedFacts(
  trades: TradeColumns,
  quotes: QuoteColumns,
  returnMillis = 1000,
): StylizedFacts {
  const mids = midsOf(quotes, returnMillis);
  const returns = returnsBps(mids);
  const absolutes = returns.map(Math.abs);
  const spreads = spreadsOf(quotes);
  const seconds = (mids.length * returnMillis) / 1000;
  return {
    seconds,
    tradesPerSecond: trades.sign.length / seconds,
    quotesPerSecond: quotes.bidTicks.length / seconds,
    spreadMedianTicks: median(spreads.ticks),
    spreadMedianBps: median(spreads.bps),
    deviationBps: Math.sqrt(moment(returns, 2)),
    kurtosis: moment(returns, 4) / moment(returns, 2) ** 2,
    tailIndex: hillIndex(absolutes, Math.ceil(absolutes.length * TAIL_SHARE)),
    returnAcf1: autocorrelation(returns, 1),
    absReturnAcf10: meanAcf(absolutes, 1, 10),
    absReturnAcf60: meanAcf(absolutes, 11, 60),
    signAcf10: meanAcf(trades.sign, 1, 10),
    signAcf100: meanAcf(trades.sign, 11, 100),
    impactHalfSpreads: impactOf(trades, quotes, median(spreads.ticks) / 2),
  };
}

/** Mid prices in ticks on a grid of `stepMillis`, from the first two-sided quote on. */
export function midsOf(quotes: QuoteColumns, stepMillis: number): number[] {
  const mids: number[] = [];
  let mid = 0;
  let next = 0;
  for (let row = 0; row < quotes.bidTicks.length; row++) {
    const time = quotes.timeMillis[row]!;
    for (; mid > 0 && next <= time; next += stepMillis) mids.push(mid);
    if (quotes.bidLots[row] === 0 || quotes.askLots[row] === 0) continue;
    if (mid === 0) next = Math.ceil(time / stepMillis) * stepMillis;
    mid = (quotes.bidTicks[row]! + quotes.askTicks[row]!) / 2;
  }
  return mids;
}

/** Relative changes between neighbors, in basis points. */
export function returnsBps(prices: readonly number[]): number[] {
  const returns: number[] = [];
  for (let i = 1; i < prices.length; i++) {
    returns.push((prices[i]! / prices[i - 1]! - 1) * 10_000);
  }
  return returns;
}

/** Tail index by Hill: mean log excess of the `count` largest over the next one, inverted. */
export function hillIndex(values: readonly number[], count: number): number {
  const sorted = Float64Array.from(values).sort().reverse();
  const threshold = sorted[count]!;
  let sum = 0;
  for (let rank = 0; rank < count; rank++) sum += Math.log(sorted[rank]! / threshold);
  return count / sum;
}

/** Sample autocorrelation at one lag. */
export function autocorrelation(values: readonly number[], lag: number): number {
  const mean = meanOf(values);
  let product = 0;
  let square = 0;
  for (let i = 0; i < values.length; i++) {
    square += (values[i]! - mean) ** 2;
    if (i >= lag) product += (values[i]! - mean) * (values[i - lag]! - mean);
  }
  return product / square;
}

/** Pearson correlation of two columns of equal length. */
export function correlation(x: readonly number[], y: readonly number[]): number {
  const meanX = meanOf(x);
  const meanY = meanOf(y);
  let both = 0;
  let ofX = 0;
  let ofY = 0;
  for (let i = 0; i < x.length; i++) {
    both += (x[i]! - meanX) * (y[i]! - meanY);
    ofX += (x[i]! - meanX) ** 2;
    ofY += (y[i]! - meanY) ** 2;
  }
  return both / Math.sqrt(ofX * ofY);
}

/** Lines of a table, one instrument each, for a terminal. */
export function factsTable(rows: ReadonlyMap<string, StylizedFacts>): string {
  const names = Object.keys([...rows.values()][0] ?? {}) as (keyof StylizedFacts)[];
  const lines = [["instrument", ...names].map((name) => name.padStart(12)).join(" ")];
  for (const [instrument, facts] of rows) {
    const cells = names.map((name) =>
      facts[name].toPrecision(4).padStart(Math.max(12, name.length)),
    );
    lines.push([instrument.padStart(12), ...cells].join(" "));
  }
  return lines.join("\n");
}

function meanAcf(values: readonly number[], from: number, to: number): number {
  let sum = 0;
  for (let lag = from; lag <= to; lag++) sum += autocorrelation(values, lag);
  return sum / (to - from + 1);
}

function meanOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function moment(values: readonly number[], power: number): number {
  const mean = meanOf(values);
  let sum = 0;
  for (const value of values) sum += (value - mean) ** power;
  return sum / values.length;
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[sorted.length >> 1] ?? 0;
}

function spreadsOf(quotes: QuoteColumns): { ticks: number[]; bps: number[] } {
  const ticks: number[] = [];
  const bps: number[] = [];
  for (let row = 0; row < quotes.bidTicks.length; row++) {
    if (quotes.bidLots[row] === 0 || quotes.askLots[row] === 0) continue;
    const spread = quotes.askTicks[row]! - quotes.bidTicks[row]!;
    ticks.push(spread);
    bps.push((20_000 * spread) / (quotes.askTicks[row]! + quotes.bidTicks[row]!));
  }
  return { ticks, bps };
}

function impactOf(trades: TradeColumns, quotes: QuoteColumns, halfSpreadTicks: number): number {
  const grid = 100;
  const mids = midsOf(quotes, grid);
  const start = Math.ceil((quotes.timeMillis[0] ?? 0) / grid);
  let sum = 0;
  let count = 0;
  for (let row = 0; row < trades.sign.length; row++) {
    const at = Math.floor(trades.timeMillis[row]! / grid) - start;
    const before = mids[at];
    const after = mids[at + IMPACT_MILLIS / grid];
    if (before === undefined || after === undefined) continue;
    sum += trades.sign[row]! * (after - before);
    count++;
  }
  return sum / count / halfSpreadTicks;
}
