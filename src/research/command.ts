// `alphapulse backtest STRATEGY --data FILE...`: options in, a report and a few lines out.
//
// The command line's own words are checked here and nowhere else; what runs is `runBacktest`, the
// same function a program calls.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { AlphaError } from "../errors.ts";
import { rangeText } from "../strategies/parameters.ts";
import { SHIPPED } from "../strategies/shipped.ts";
import { runBacktest, VENUE_NAMES } from "./backtest.ts";
import type { BacktestProgress, BacktestResult } from "./backtest.ts";
import { netMinor } from "./performance.ts";
import { backtestReport, sharpeText, warningsOf } from "./report.ts";
import { loadStrategy } from "./strategy-file.ts";
import { exactText, percentText, signedText, spanText, timeText, withThousands } from "./text.ts";

/** Options as the command line gives them; numbers are texts. */
export interface BacktestCommandOptions {
  /** Name of a shipped strategy or path of a .ts or .js file. */
  strategy: string;
  data: readonly string[];
  /** Deposit in the settlement currency. */
  cash?: string | undefined;
  /** `name=value` of the strategy's parameters. */
  param?: readonly string[] | undefined;
  makerBps?: string | undefined;
  takerBps?: string | undefined;
  /** spot, usdm, coinm or file; guessed when left out. */
  venue?: string | undefined;
  /** Name of the instrument of a CSV file. */
  symbol?: string | undefined;
  /** Path of the HTML report. */
  out?: string | undefined;
  json?: boolean | undefined;
}

/** Where the command writes; `cacheDir` keeps bundled strategy files. */
export interface CommandIo {
  stdout(text: string): void;
  stderr(text: string): void;
  /** stderr is a terminal: progress is drawn there. */
  isTty?: boolean;
  cacheDir?: string;
}

/** Report file when none is named. */
export const REPORT_NAME = "backtest.html";

/** Characters of the drawn progress. */
const PROGRESS_CELLS = 24;

/**
 * Runs the command and returns its exit code: 0, or 1 when the strategy threw. Throws AlphaError
 * for everything the user can correct, before anything is played where that is possible.
 */
export async function backtestCommand(
  options: BacktestCommandOptions,
  io: CommandIo,
): Promise<number> {
  const loaded = await loadStrategy(options.strategy, io.cacheDir);
  const result = await runBacktest({
    factory: loaded.factory,
    parameters: paramsOf(options.param ?? []),
    strategySha256: loaded.sha256,
    files: options.data,
    probe: {
      ...(options.venue === undefined ? {} : { venue: venueOf(options.venue) }),
      ...(options.symbol === undefined ? {} : { name: options.symbol }),
    },
    ...(options.cash === undefined ? {} : { cash: options.cash }),
    ...(options.makerBps === undefined ? {} : { makerFeeBps: bpsOf(options.makerBps) }),
    ...(options.takerBps === undefined ? {} : { takerFeeBps: bpsOf(options.takerBps) }),
    ...(io.isTty === true ? { onProgress: (progress) => drawProgress(io, progress) } : {}),
  });
  if (io.isTty === true) io.stderr("\r\u001b[K");
  const path = resolve(options.out ?? REPORT_NAME);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, backtestReport(result));
  io.stdout(
    options.json === true ? `${JSON.stringify(resultJson(result, path))}\n` : summary(result, path),
  );
  return result.fault === undefined ? 0 : 1;
}

/** Shipped strategies with their parameters, for `--help`. */
export function strategyList(): string {
  return SHIPPED.map((factory) => {
    const rows = Object.entries(factory.parameters).map(
      ([name, one]) => `    ${name}=${one.default}  (${rangeText(one)})  ${one.about}`,
    );
    return [`  ${factory.name}  ${factory.about}`, ...rows].join("\n");
  }).join("\n");
}

function paramsOf(texts: readonly string[]): Record<string, string> {
  const values: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const text of texts) {
    const at = text.indexOf("=");
    if (at <= 0) {
      throw new AlphaError(
        "PARAMETER_SHAPE",
        `"${text}" is not name=value`,
        "write --param stopAtr=2.5",
      );
    }
    values[text.slice(0, at)] = text.slice(at + 1);
  }
  return values;
}

function bpsOf(text: string): number {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  const what = `a fee of "${text}" is not a number of basis points`;
  throw new AlphaError("BACKTEST_FEE", what, "write --taker-bps 4.5");
}

function venueOf(text: string): number {
  const venue = Object.hasOwn(VENUE_NAMES, text) ? VENUE_NAMES[text] : undefined;
  if (venue !== undefined) return venue;
  const known = Object.keys(VENUE_NAMES).join(", ");
  throw new AlphaError("BACKTEST_VENUE", `there is no venue "${text}"`, `use one of: ${known}`);
}

function drawProgress(io: CommandIo, progress: BacktestProgress): void {
  const share = progress.files > 0 ? progress.filesDone / progress.files : 0;
  const full = Math.round(share * PROGRESS_CELLS);
  const cells = `${"#".repeat(full)}${".".repeat(PROGRESS_CELLS - full)}`;
  const time = timeText(progress.dataMillis).slice(0, 19);
  const records = withThousands(String(progress.records));
  const files = `file ${Math.min(progress.filesDone + 1, progress.files)}/${progress.files}`;
  io.stderr(`\r\u001b[K[${cells}] ${files}  ${records} records  at ${time}`);
}

// --------------------------------------------------------------------------- what is printed

function summary(result: BacktestResult, path: string): string {
  const { performance: p, currency } = result;
  const { code, minorExponent } = currency;
  const net = `${signedText(p.totalMinor, minorExponent)} ${code} (${percentText(p.totalReturn)})`;
  const fees = exactText(p.feesMinor, minorExponent);
  const win = p.winRate === undefined ? "n/a" : percentText(p.winRate);
  const rows = [
    ["strategy", result.strategy.name],
    ["data", `${timeText(result.fromMillis)} to ${timeText(result.toMillis)} UTC`],
    ["net result", net],
    ["max drawdown", percentText(p.drawdownMax)],
    ["trades", `${p.trades}, win rate ${win}`],
    ["fees", `${fees} ${code}`],
    ["sharpe", p.sharpe === undefined ? "n/a (needs 30 days)" : sharpeText(p.sharpe)],
    ["in market", `${percentText(p.exposure)} of ${spanText(p.spanMillis)}`],
    ["speed", `${withThousands(String(result.speed.recordsPerSecond))} records/s`],
    ["state hash", result.stateHash],
    ["report", path],
  ];
  const lines = rows.map(([name, value]) => `${String(name).padEnd(14)}${value}`);
  const notes = warningsOf(result).map((text) => `note: ${text}`);
  return `${[...lines, ...notes].join("\n")}\n`;
}

/** The result as data: exact decimal texts for money, undefined figures left out. */
function resultJson(result: BacktestResult, path: string): Record<string, unknown> {
  const exponent = result.currency.minorExponent;
  const money = (minor: number | undefined): string | undefined =>
    minor === undefined ? undefined : exactText(minor, exponent);
  const { performance: p } = result;
  return {
    strategy: result.strategy,
    files: result.files,
    coreSha256: result.coreSha256,
    stateHash: result.stateHash,
    currency: result.currency.code,
    cashStart: money(result.cashStartMinor),
    cashEnd: money(result.cashEndMinor),
    equityEnd: money(result.equityEndMinor),
    net: money(p.totalMinor),
    totalReturn: p.totalReturn,
    drawdownMax: p.drawdownMax,
    fees: money(p.feesMinor),
    tradeCount: p.trades,
    winRate: p.winRate,
    gainLossRatio: p.gainLossRatio,
    expectancy: money(p.expectancyMinor),
    exposure: p.exposure,
    sharpe: p.sharpe,
    counts: result.counts,
    trades: result.trades.map((trip) => ({ ...trip, net: money(netMinor(trip)) })),
    notes: warningsOf(result),
    fault: result.fault,
    speed: result.speed,
    report: path,
  };
}
