import { beforeAll, describe, expect, test } from "vitest";

import { runBacktest } from "../../../src/research/backtest.ts";
import type { BacktestResult } from "../../../src/research/backtest.ts";
import {
  backtestReport,
  sharpeText,
  TRADE_ROWS_MAX,
  warningsOf,
} from "../../../src/research/report.ts";
import { defineStrategy, Side } from "../../../src/strategies/strategy.ts";
import { quoteLine, START_MILLIS, writeLines } from "./capture.ts";

const HOSTILE = `<img src=x onerror=alert(1)>"'&`;

async function run(): Promise<BacktestResult> {
  const factory = defineStrategy({
    name: "hostile",
    about: HOSTILE,
    parameters: {
      word: { type: "choice", choices: [HOSTILE], default: HOSTILE, about: "hostile" },
    },
    needs: () => ({ timeframes: [], indicators: [] }),
    create(context) {
      let quotes = 0;
      return {
        onQuote(instrument) {
          quotes += 1;
          if (quotes > 4) return;
          const side = quotes % 2 === 1 ? Side.Buy : Side.Sell;
          context.order({ instrument, side, qtyLots: 50_000 });
        },
      };
    },
  });
  const lines = Array.from({ length: 6 }, (_, index) =>
    quoteLine(
      START_MILLIS + index * 2000,
      2_000_000 + index * 500,
      1e5,
      2_000_100 + index * 500,
      1e5,
    ),
  );
  const file = writeLines("testusdt.txt", lines);
  return runBacktest({ factory, files: [file], takerFeeBps: 1 });
}

let result: BacktestResult;
let html = "";

beforeAll(async () => {
  result = await run();
  html = backtestReport(result);
});

describe("safety", () => {
  test("what came from outside is escaped everywhere", () => {
    const evil: BacktestResult = {
      ...result,
      strategy: { ...result.strategy, name: HOSTILE },
      files: result.files.map((file) => ({ ...file, name: HOSTILE })),
      fault: { what: HOSTILE },
      inferredInstruments: [HOSTILE],
      rejects: { [HOSTILE]: 1 },
      currency: { ...result.currency, code: HOSTILE },
      instruments: result.instruments.map((one) => ({
        ...one,
        instrument: { ...one.instrument, symbol: HOSTILE },
      })),
    };
    const page = backtestReport(evil);
    expect(page).not.toContain("<img");
    expect(page.split("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;").length).toBeGreaterThan(
      8,
    );
  });

  test("the page asks for nothing and runs nothing", () => {
    expect(html).toContain("default-src &#39;none&#39;");
    expect(html).not.toMatch(
      /<(script|link|iframe|object|img)|<[^>]*\s(src|href|on\w+)=|url\(|@import/i,
    );
  });
});

describe("contents", () => {
  test("figures, trades, hashes and the limits of the model are on it", () => {
    expect(result.trades).toHaveLength(2);
    const [first] = result.trades;
    expect(first).toMatchObject({ entryTicks: 2_000_100, exitTicks: 2_000_500 });
    // 0.5 BTC, +4.00 each: gross 2.00, fees 1.0001 and 1.0003 (1 bps of 10,000.50 and 10,002.50).
    for (const text of [
      ...["hostile backtest", "20001.00", "20005.00", "0.50000", result.stateHash],
      ...[result.coreSha256, result.files[0]!.sha256, "needs 30 days, has 1", "No latency"],
      ...["Not advice", "Equity, USDT", "2 closed trades: too few", "prefers-color-scheme:dark"],
    ]) {
      expect(html, text).toContain(text);
    }
    expect(html.match(/<circle/g)).toHaveLength(2);
    expect(html.match(/<polygon/g)).toHaveLength(2);
  });

  test("the trade table is bounded and says what it leaves out", () => {
    const [trip] = result.trades;
    const trades = Array.from({ length: TRADE_ROWS_MAX + 7 }, () => trip!);
    const page = backtestReport({ ...result, trades });
    expect(page).toContain(`The first ${TRADE_ROWS_MAX} of ${TRADE_ROWS_MAX + 7} trades.`);
    expect(page.match(/<td>long<\/td>/g)).toHaveLength(TRADE_ROWS_MAX);
  });

  test("a run without trades has a page that says so", () => {
    const page = backtestReport({
      ...{ ...result, trades: [] },
      curve: { millis: [], equityMinor: [], priceTicks: new Map() },
    });
    expect(page).toContain("No trade was closed.");
    expect(page).toContain("Too little data for a chart.");
  });
});

describe("warnings", () => {
  test("missing quotes, faults, open positions and free trading are told", () => {
    const notes = warningsOf({
      ...result,
      counts: { ...result.counts, quotes: 0 },
      fault: { what: "it threw" },
      ...{ makerFeeBps: 0, takerFeeBps: 0, rejects: { NumberMalformed: 3 } },
      files: result.files.map((file) => ({ ...file, rejects: 3 })),
      instruments: result.instruments.map((one) => ({ ...one, lots: 5 })),
    }).join("\n");
    for (const text of [
      "no quotes",
      "it threw",
      "No fees",
      "3 lines",
      "NumberMalformed 3",
      "still open",
    ]) {
      expect(notes).toContain(text);
    }
  });

  test("a ratio that cannot be said is n/a", () => {
    expect([sharpeText(undefined), sharpeText(1.234)]).toEqual(["n/a", "1.23"]);
  });
});
