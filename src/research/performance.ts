// Key figures of a backtest, each defined here once; what cannot be said is undefined, not zero.
import type { Recorder, RoundTrip } from "./recorder.ts";

/** Daily returns below which no Sharpe ratio is shown. */
export const SHARPE_DAYS_MIN = 30;
/** Days a year for annualization: these markets never close. */
export const DAYS_PER_YEAR = 365;

/** Figures over the whole run; money in settlement minor units. */
export interface Performance {
  /** Equity at the end minus cash at the start: realized, unrealized and fees. */
  totalMinor: number;
  /** The same as a share of the cash at the start. */
  totalReturn: number;
  drawdownMinorMax: number;
  /** Share of the peak. */
  drawdownMax: number;
  feesMinor: number;
  trades: number;
  wins: number;
  /** Share of trades that ended above zero after fees; undefined without trades. */
  winRate: number | undefined;
  /** Sum of winning trades over sum of losing ones, after fees; undefined without losers. */
  gainLossRatio: number | undefined;
  /** Mean of a trade after fees. */
  expectancyMinor: number | undefined;
  bestMinor: number | undefined;
  worstMinor: number | undefined;
  /** Share of the time with any position open. */
  exposure: number;
  spanMillis: number;
  dailyReturns: number;
  /** Annualized by sqrt(365), risk-free rate 0; undefined below 30 daily returns. */
  sharpe: number | undefined;
}

/** A trade's result after fees. */
export function netMinor(trip: RoundTrip): number {
  return trip.grossMinor - trip.feesMinor;
}

/** The figures of a finished recorder. */
export function performanceOf(recorder: Recorder): Performance {
  const nets = recorder.trips.map(netMinor);
  const gains = sum(nets.filter((net) => net > 0));
  const losses = -sum(nets.filter((net) => net < 0));
  const wins = nets.filter((net) => net > 0).length;
  const totalMinor = recorder.equityMinor() - recorder.cashStartMinor;
  const spanMillis = recorder.lastMillis - recorder.firstMillis;
  const returns = dailyReturns(recorder.cashStartMinor, recorder.daily);
  const hasTrades = nets.length > 0;
  return {
    totalMinor,
    totalReturn: recorder.cashStartMinor > 0 ? totalMinor / recorder.cashStartMinor : 0,
    drawdownMinorMax: recorder.drawdownMinorMax,
    drawdownMax: recorder.drawdownMax,
    feesMinor: sum(recorder.summaries().map((one) => one.feesMinor)),
    trades: nets.length + recorder.tripsDropped,
    wins,
    winRate: hasTrades ? wins / nets.length : undefined,
    gainLossRatio: losses > 0 ? gains / losses : undefined,
    expectancyMinor: hasTrades ? sum(nets) / nets.length : undefined,
    bestMinor: hasTrades ? nets.reduce((best, net) => Math.max(best, net)) : undefined,
    worstMinor: hasTrades ? nets.reduce((worst, net) => Math.min(worst, net)) : undefined,
    exposure: spanMillis > 0 ? recorder.marketMillis / spanMillis : 0,
    spanMillis,
    dailyReturns: returns.length,
    sharpe: sharpeRatio(returns),
  };
}

/** Simple returns from day to day; the first day starts with the cash. */
export function dailyReturns(
  cashStartMinor: number,
  daily: readonly { equityMinor: number }[],
): number[] {
  let before = cashStartMinor;
  return daily.map(({ equityMinor }) => {
    const value = before > 0 ? equityMinor / before - 1 : 0;
    before = equityMinor;
    return value;
  });
}

/** Mean over sample standard deviation, times sqrt(365); undefined below 30 returns or flat. */
export function sharpeRatio(returns: readonly number[]): number | undefined {
  if (returns.length < SHARPE_DAYS_MIN) return undefined;
  const mean = sum(returns) / returns.length;
  const variance = sum(returns.map((one) => (one - mean) ** 2)) / (returns.length - 1);
  return variance > 0 ? (mean / Math.sqrt(variance)) * Math.sqrt(DAYS_PER_YEAR) : undefined;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
