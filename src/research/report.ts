// The report of a backtest: one HTML file that needs nothing else and says what it does not know.
//
// No script and no request: the content policy forbids both, so a report can be mailed and opened
// anywhere. Everything that came from outside (names, parameters, faults) is escaped.
import { CancelReason, Refusal, Side } from "../../asm/vocab.ts";
import type { StrategyInstrument } from "../strategies/instrument.ts";
import type { BacktestResult } from "./backtest.ts";
import { axisText, lineChart, MARKS_MAX } from "./chart.ts";
import type { Mark } from "./chart.ts";
import { DAYS_PER_YEAR, netMinor, SHARPE_DAYS_MIN } from "./performance.ts";
import type { RoundTrip } from "./recorder.ts";
import { REPORT_STYLE } from "./style.ts";
import {
  escapeHtml,
  exactText,
  moneyText,
  percentText,
  signedText,
  spanText,
  timeText,
  withThousands,
} from "./text.ts";

/** Rows of the trade table; the report says how many are left out. */
export const TRADE_ROWS_MAX = 500;
/** Price charts, one an instrument. */
export const PRICE_CHARTS_MAX = 8;
/** Trades below which a result says little. */
const TRADES_ENOUGH = 30;

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The whole page. */
export function backtestReport(result: BacktestResult): string {
  const title = `${result.strategy.name} backtest`;
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="${escapeHtml(POLICY)}">`,
    `<meta name="viewport" content="width=device-width,initial-scale=1">`,
    `<title>${escapeHtml(title)}</title><style>${REPORT_STYLE}</style></head><body><main>`,
    header(result),
    warnings(result),
    figures(result),
    equityPanel(result),
    ...pricePanels(result),
    instrumentPanel(result),
    tradePanel(result),
    modelPanel(result),
    originPanel(result),
    `</main></body></html>\n`,
  ].join("\n");
}

function header(result: BacktestResult): string {
  const { strategy, fromMillis, toMillis } = result;
  const names = result.instruments.map((one) => one.instrument.symbol).join(", ");
  const span = `${timeText(fromMillis).slice(0, 19)} to ${timeText(toMillis).slice(0, 19)} UTC`;
  return `<header><p class="eyebrow">Backtest on recorded data, paper execution. Not advice.</p>
<h1>${escapeHtml(strategy.name)}</h1>
<p class="muted">${escapeHtml(strategy.about)}</p>
<p>${escapeHtml(names)} &middot; ${span} &middot; ${spanText(toMillis - fromMillis)}</p></header>`;
}

/** What a reader must know before the figures; empty when there is nothing. */
export function warningsOf(result: BacktestResult): string[] {
  const { performance, counts } = result;
  const list: string[] = [];
  if (result.fault !== undefined) {
    list.push(`The strategy threw and was stopped; the run ends there. ${result.fault.what}`);
  }
  if (counts.quotes === 0) {
    list.push(
      "The data has no quotes. Paper execution fills market orders at the quote, so they " +
        "cannot fill here; use a capture with best bid and ask.",
    );
  }
  if (performance.trades < TRADES_ENOUGH) {
    list.push(
      `${performance.trades} closed trades: too few to tell skill from luck ` +
        `(at least ${TRADES_ENOUGH}, better hundreds, over many days).`,
    );
  }
  const untrusted = result.denials.get(Refusal.BookUntrusted) ?? 0;
  if (untrusted > 0) {
    list.push(
      `${untrusted} orders were denied because the book could not be trusted at that time ` +
        "(a gap in the data, or no snapshot yet).",
    );
  }
  const open = result.instruments.filter((one) => one.lots !== 0);
  if (open.length > 0) {
    const names = open.map((one) => one.instrument.symbol).join(", ");
    list.push(`A position is still open at the end (${names}); it counts at the last mark.`);
  }
  const rejects = result.files.reduce((sum, file) => sum + file.rejects, 0);
  if (rejects > 0) {
    const why = Object.entries(result.rejects).map(([name, count]) => `${name} ${count}`);
    list.push(`${rejects} lines of the data were refused and not played (${why.join(", ")}).`);
  }
  if (result.inferredInstruments.length > 0) {
    const names = result.inferredInstruments.join(", ");
    list.push(`Price and quantity steps of ${names} are inferred from the file's decimals.`);
  }
  if (result.makerFeeBps === 0 && result.takerFeeBps === 0) list.push("No fees are charged.");
  return list;
}

function warnings(result: BacktestResult): string {
  const list = warningsOf(result);
  if (list.length === 0) return "";
  const items = list.map((one) => `<li>${escapeHtml(one)}</li>`).join("");
  return `<section class="panel warn"><h2>Read this first</h2><ul>${items}</ul></section>`;
}

// ------------------------------------------------------------------------------- key figures

function figures(result: BacktestResult): string {
  const { performance: p, currency } = result;
  const { code, minorExponent } = currency;
  const money = (minor: number | undefined): string =>
    minor === undefined ? "n/a" : signedText(minor, minorExponent);
  const tone = (minor: number | undefined): string =>
    minor === undefined || minor === 0 ? "" : minor > 0 ? "gain" : "loss";
  const fill = `${percentText(p.exposure)}`;
  const cells = [
    figure("Net result", money(p.totalMinor), `${code}, after fees`, tone(p.totalMinor)),
    figure("Return", percentText(p.totalReturn), "of the deposit", tone(p.totalMinor)),
    figure(
      "Max drawdown",
      percentText(p.drawdownMax),
      `${moneyText(p.drawdownMinorMax, minorExponent)} ${code} from the peak`,
    ),
    figure("Closed trades", withThousands(String(p.trades)), "round trips, flat to flat"),
    figure("Win rate", shareText(p.winRate), `${p.wins} of ${p.trades} after fees`),
    figure("Profit factor", ratioText(p.gainLossRatio), "gains over losses, after fees"),
    figure("Expectancy", money(p.expectancyMinor), `${code} a trade`, tone(p.expectancyMinor)),
    figure("Fees paid", moneyText(p.feesMinor, minorExponent), code),
    figure("Best trade", money(p.bestMinor), code, tone(p.bestMinor)),
    figure("Worst trade", money(p.worstMinor), code, tone(p.worstMinor)),
    figure("Time in market", fill, `of ${spanText(p.spanMillis)}`),
    figure("Sharpe ratio", sharpeText(p.sharpe), sharpeNote(p.dailyReturns)),
  ];
  return `<dl class="panel figures">${cells.join("")}</dl>`;
}

function figure(name: string, value: string, note: string, tone = ""): string {
  const small = `<small>${escapeHtml(note)}</small>`;
  const shown = `<dd class="${tone}">${escapeHtml(value)}${small}</dd>`;
  return `<div><dt>${escapeHtml(name)}</dt>${shown}</div>`;
}

function shareText(share: number | undefined): string {
  return share === undefined ? "n/a" : percentText(share);
}

function ratioText(ratio: number | undefined): string {
  return ratio === undefined ? "n/a" : ratio.toFixed(2);
}

/** "n/a (needs 30 days)" below 30 daily returns. */
export function sharpeText(sharpe: number | undefined): string {
  return sharpe === undefined ? "n/a" : sharpe.toFixed(2);
}

function sharpeNote(dailyReturns: number): string {
  return dailyReturns < SHARPE_DAYS_MIN
    ? `needs ${SHARPE_DAYS_MIN} days, has ${dailyReturns}`
    : `daily returns, sqrt(${DAYS_PER_YEAR}) a year`;
}

// ------------------------------------------------------------------------------- charts

function equityPanel(result: BacktestResult): string {
  const { millis, equityMinor } = result.curve;
  const scale = 10 ** result.currency.minorExponent;
  const equity = equityMinor.map((minor) => minor * scale);
  const start = result.cashStartMinor * scale;
  let peak = start;
  const drawdown = equity.map((value) => {
    peak = Math.max(peak, value);
    return peak > 0 ? (value / peak - 1) * 100 : 0;
  });
  const code = result.currency.code;
  const decimals = decimalsFor(equity);
  return `<section class="panel"><h2>Equity, ${escapeHtml(code)}</h2>${lineChart({
    label: `Equity over time in ${code}`,
    ...{ millis, values: equity, tone: "equity", heightPx: 260, baseline: start },
    format: (value) => axisText(value, decimals),
  })}<h2>Drawdown, % of the peak</h2>${lineChart({
    label: "Drawdown over time in percent of the peak",
    ...{ millis, values: drawdown, tone: "drawdown", heightPx: 140, fillTo: 0 },
    format: (value) => `${axisText(value, decimalsFor(drawdown))} %`,
  })}<p class="legend"><span>Dashed: the deposit.</span>
<span>Open lots count at the middle of the quote.</span></p></section>`;
}

/** Decimals that tell neighboring values of an axis apart. */
function decimalsFor(values: readonly number[]): number {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const span = high - low;
  return span > 0 ? Math.min(8, Math.max(0, Math.ceil(1 - Math.log10(span)))) : 2;
}

function pricePanels(result: BacktestResult): string[] {
  return result.instruments.slice(0, PRICE_CHARTS_MAX).map(({ instrument }) => {
    const ticks = result.curve.priceTicks.get(instrument.id) ?? [];
    const first = ticks.findIndex((value) => value > 0);
    const from = first < 0 ? ticks.length : first;
    const tick = Number(instrument.tickText);
    const values = ticks.slice(from).map((value) => value * tick);
    const trades = result.trades.filter((trip) => trip.instrument === instrument.id);
    const marks = trades.flatMap((trip) => marksOf(trip, instrument, tick));
    const decimals = decimalsFor(values);
    const left = marks.length > MARKS_MAX ? ` The first ${MARKS_MAX} marks are drawn.` : "";
    const name = escapeHtml(instrument.symbol);
    return `<section class="panel"><h2>${name}, price and trades</h2>${lineChart({
      label: `Price of ${instrument.symbol} with entries and exits`,
      ...{ millis: result.curve.millis.slice(from), values, tone: "price", heightPx: 280, marks },
      format: (value) => axisText(value, decimals),
    })}<p class="legend"><span>Triangle up: bought to open.</span>
<span>Triangle down: sold to open.</span><span>Circle: closed.${left}</span></p></section>`;
  });
}

function marksOf(trip: RoundTrip, instrument: StrategyInstrument, tick: number): Mark[] {
  const side = trip.side === Side.Buy ? "buy" : "sell";
  const qty = instrument.qtyText(trip.qtyLots);
  const entryText = priceText(trip.entryTicks, instrument);
  const exitText = priceText(trip.exitTicks, instrument);
  const entry = trip.entryTicks * tick;
  const exit = trip.exitTicks * tick;
  return [
    {
      ...{ millis: trip.entryMillis, value: entry, shape: side },
      title: `${side} ${qty} at ${entryText}, ${timeText(trip.entryMillis)}`,
    },
    {
      ...{ millis: trip.exitMillis, value: exit, shape: "exit" as const },
      title: `closed ${qty} at ${exitText}, ${timeText(trip.exitMillis)}`,
    },
  ];
}

/** An average price to a tenth of a tick at most. */
function priceText(ticks: number, instrument: StrategyInstrument): string {
  if (Number.isInteger(ticks)) return instrument.priceText(ticks);
  const decimals = (instrument.tickText.split(".")[1]?.length ?? 0) + 1;
  return (ticks * Number(instrument.tickText)).toFixed(decimals);
}

// ------------------------------------------------------------------------------- tables

interface Column {
  name: string;
  isNumber?: boolean;
}

function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cls = (index: number): string => (columns[index]?.isNumber === true ? ` class="n"` : "");
  const head = columns
    .map((one, index) => `<th${cls(index)}>${escapeHtml(one.name)}</th>`)
    .join("");
  const body = rows
    .map((row) => `<tr>${row.map((cell, index) => `<td${cls(index)}>${cell}</td>`).join("")}</tr>`)
    .join("\n");
  const rowGroups = `<thead><tr>${head}</tr></thead><tbody>${body}</tbody>`;
  return `<div class="scroll"><table>${rowGroups}</table></div>`;
}

const n = (name: string): Column => ({ name, isNumber: true });

function instrumentPanel(result: BacktestResult): string {
  const { minorExponent, code } = result.currency;
  const rows = result.instruments.map((one) => {
    const net = one.realizedMinor + one.unrealizedMinor - one.feesMinor;
    const change = one.firstTicks > 0 ? one.lastTicks / one.firstTicks - 1 : 0;
    return [
      escapeHtml(one.instrument.symbol),
      String(one.trips),
      String(one.fills),
      toned(one.realizedMinor, minorExponent),
      moneyText(one.feesMinor, minorExponent),
      toned(one.unrealizedMinor, minorExponent),
      toned(net, minorExponent),
      escapeHtml(one.instrument.qtyText(one.lots)),
      percentText(change),
    ];
  });
  const columns = [
    ...[{ name: "Instrument" }, n("Trades"), n("Fills"), n(`Gross ${code}`), n("Fees")],
    ...[n("Unrealized"), n("Net"), n("Open at end"), n("Price change")],
  ];
  return `<section class="panel"><h2>Instruments</h2>${table(columns, rows)}</section>`;
}

function toned(minor: number, minorExponent: number): string {
  const cls = minor > 0 ? "gain" : minor < 0 ? "loss" : "";
  const exact = exactText(minor, minorExponent);
  return `<span class="${cls}" title="${exact}">${signedText(minor, minorExponent)}</span>`;
}

function tradePanel(result: BacktestResult): string {
  const { minorExponent, code } = result.currency;
  const byId = new Map(result.instruments.map((one) => [one.instrument.id, one.instrument]));
  const isOneDay =
    timeText(result.fromMillis).slice(0, 10) === timeText(result.toMillis).slice(0, 10);
  const time = (millis: number): string => timeText(millis).slice(isOneDay ? 11 : 0);
  const rows = result.trades.slice(0, TRADE_ROWS_MAX).map((trip, index) => {
    const instrument = byId.get(trip.instrument)!;
    return [
      String(index + 1),
      escapeHtml(instrument.symbol),
      trip.side === Side.Buy ? "long" : "short",
      escapeHtml(instrument.qtyText(trip.qtyLots)),
      time(trip.entryMillis),
      escapeHtml(priceText(trip.entryTicks, instrument)),
      time(trip.exitMillis),
      escapeHtml(priceText(trip.exitTicks, instrument)),
      spanText(trip.exitMillis - trip.entryMillis),
      moneyText(trip.feesMinor, minorExponent),
      toned(netMinor(trip), minorExponent),
    ];
  });
  const columns = [
    ...[n("#"), { name: "Instrument" }, { name: "Side" }, n("Quantity"), { name: "Entry, UTC" }],
    ...[n("Price"), { name: "Exit, UTC" }, n("Price"), n("Held"), n("Fees"), n(`Net ${code}`)],
  ];
  const all = result.trades.length + result.tradesDropped;
  const note =
    all > rows.length ? `<p class="muted">The first ${rows.length} of ${all} trades.</p>` : "";
  const body =
    rows.length === 0 ? `<p class="empty">No trade was closed.</p>` : table(columns, rows);
  return `<section class="panel"><h2>Trades</h2>${note}${body}</section>`;
}

// ------------------------------------------------------------------------------- small print

function modelPanel(result: BacktestResult): string {
  const { makerFeeBps, takerFeeBps, counts } = result;
  return `<section class="panel"><h2>How orders were filled, and what this leaves out</h2>
<div class="columns"><ul>
<li>Market orders fill at the opposite best price, up to the quantity shown there less what this
run has taken since the quote last changed. The rest is canceled.</li>
<li>Resting limit orders fill at their price when the opposite best crosses it, or when a trade
prints through it, up to that trade's quantity.</li>
<li>Fees: maker ${makerFeeBps} bps, taker ${takerFeeBps} bps of notional, rounded against us.</li>
<li>A trade is one round trip from flat to flat; its prices are averages over its fills. Realized
PnL is at average cost.</li></ul><ul>
<li>No latency: an order meets the quote that caused it. Live, it arrives later and often
worse.</li>
<li>No market impact: the recorded market does not answer to our orders, and only the best level is
used.</li>
<li>No queue: position in the queue is not modeled beyond the rule above.</li>
<li>No funding, borrowing or margin calls. One path of one past; nothing here promises
another.</li></ul></div>
<p class="muted">Seen: ${withThousands(String(counts.quotes))} quotes,
${withThousands(String(counts.trades))} trades, ${withThousands(String(counts.candles))} closed
candles. Orders: ${counts.ordersAccepted} accepted, ${counts.ordersDenied}
denied${reasons(result.denials, Refusal)}, ${counts.ordersCanceled}
canceled${reasons(result.cancels, CancelReason)}. Fills: ${counts.fills}, of them
${counts.fillsMaker} as maker.</p></section>`;
}

function reasons(
  map: ReadonlyMap<number, number>,
  names: Readonly<Record<number, string>>,
): string {
  if (map.size === 0) return "";
  const list = [...map].map(([reason, count]) => `${names[reason] ?? reason} ${count}`).join(", ");
  return ` (${escapeHtml(list)})`;
}

function originPanel(result: BacktestResult): string {
  const parameters = Object.entries(result.strategy.parameters).map(([name, value]) => [
    escapeHtml(name),
    escapeHtml(String(value)),
  ]);
  const files = result.files.map((file) => [
    escapeHtml(file.name),
    withThousands(String(file.records)),
    withThousands(String(file.rejects)),
    `<code>${escapeHtml(file.sha256)}</code>`,
  ]);
  const { minorExponent, code } = result.currency;
  const cash = `${moneyText(result.cashStartMinor, minorExponent)} ${code}`;
  const hashes = [
    ["Deposit", escapeHtml(cash)],
    ["Strategy file", code256(result.strategy.sha256, "shipped with this build")],
    ["core.wasm", code256(result.coreSha256, "unknown")],
    ["State at the end", `<code>${escapeHtml(result.stateHash)}</code>`],
  ];
  return `<section class="panel"><h2>Where this came from</h2><div class="columns"><div>
${table([{ name: "Parameter" }, { name: "Value" }], parameters)}</div><div>
${table([{ name: "Identity" }, { name: "sha256 or value" }], hashes)}</div></div>
${table([{ name: "Data file" }, n("Records"), n("Refused"), { name: "sha256" }], files)}
<p class="muted">The same files, parameters and core give the same state hash. Played
${withThousands(String(result.speed.records))} records in ${result.speed.wallSeconds.toFixed(2)} s
(${withThousands(String(result.speed.recordsPerSecond))} records/s on this machine).</p></section>`;
}

function code256(sha256: string, missing: string): string {
  return sha256 === "" ? escapeHtml(missing) : `<code>${escapeHtml(sha256)}</code>`;
}
