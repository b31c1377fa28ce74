// Line charts as inline SVG: no script, no request, readable without either color scheme.
//
// Colors are classes of the page's style sheet. Numbers are rounded to a tenth of a pixel, which
// keeps a chart of 4,096 points below 60 KB.
import { escapeHtml, withThousands } from "./text.ts";

const WIDTH = 960;
const LEFT = 78;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 24;
const TICKS_WANTED = 5;
/** Marks drawn in one chart; more would hide the line. */
export const MARKS_MAX = 400;

/** A point in a chart: an entry or an exit. */
export interface Mark {
  millis: number;
  value: number;
  /** CSS class: buy, sell, exit. */
  shape: "buy" | "sell" | "exit";
  title: string;
}

export interface ChartOptions {
  /** Said to those who do not see it. */
  label: string;
  millis: readonly number[];
  values: readonly number[];
  /** CSS class of the line: equity, drawdown, price. */
  tone: "equity" | "drawdown" | "price";
  heightPx: number;
  /** Text of a value at the axis. */
  format: (value: number) => string;
  /** A level drawn across, such as the cash at the start. */
  baseline?: number;
  /** Fills from the line to this value. */
  fillTo?: number;
  marks?: readonly Mark[];
}

interface Scale {
  from: number;
  to: number;
  at(value: number): number;
}

/** The chart as an `<svg>` element; a sentence when there is nothing to draw. */
export function lineChart(options: ChartOptions): string {
  const { millis, values } = options;
  if (values.length < 2) return `<p class="empty">Too little data for a chart.</p>`;
  const x = scaleOf(millis[0]!, millis.at(-1)!, LEFT, WIDTH - RIGHT);
  const y = valueScale(options);
  const height = options.heightPx;
  return [
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(options.label)}">`,
    valueAxis(y, options.format),
    timeAxis(x, height),
    area(options, x, y),
    `<path class="line ${options.tone}" d="${path(millis, values, x, y)}"/>`,
    baseline(options, y),
    ...(options.marks ?? []).slice(0, MARKS_MAX).map((mark) => markShape(mark, x, y)),
    `</svg>`,
  ].join("");
}

function valueScale({ values, baseline, fillTo, marks, heightPx }: ChartOptions): Scale {
  let low = Infinity;
  let high = -Infinity;
  const take = (value: number | undefined): void => {
    if (value === undefined) return;
    low = Math.min(low, value);
    high = Math.max(high, value);
  };
  for (const value of values) take(value);
  for (const mark of marks ?? []) take(mark.value);
  take(baseline);
  take(fillTo);
  const margin = high > low ? (high - low) * 0.06 : Math.max(Math.abs(high) * 0.001, 1e-9);
  return scaleOf(low - margin, high + margin, heightPx - BOTTOM, TOP);
}

function scaleOf(from: number, to: number, start: number, end: number): Scale {
  const factor = to > from ? (end - start) / (to - from) : 0;
  return { from, to, at: (value) => Math.round((start + (value - from) * factor) * 10) / 10 };
}

function path(millis: readonly number[], values: readonly number[], x: Scale, y: Scale): string {
  return values
    .map((value, at) => `${at === 0 ? "M" : "L"}${x.at(millis[at]!)} ${y.at(value)}`)
    .join("");
}

function area(options: ChartOptions, x: Scale, y: Scale): string {
  if (options.fillTo === undefined) return "";
  const { millis, values } = options;
  const floor = y.at(options.fillTo);
  const end = `L${x.at(millis.at(-1)!)} ${floor}L${x.at(millis[0]!)} ${floor}Z`;
  return `<path class="area ${options.tone}" d="${path(millis, values, x, y)}${end}"/>`;
}

function baseline(options: ChartOptions, y: Scale): string {
  if (options.baseline === undefined) return "";
  const at = y.at(options.baseline);
  return `<line class="baseline" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/>`;
}

function valueAxis(y: Scale, format: (value: number) => string): string {
  return stepsBetween(y.from, y.to)
    .map((value) => {
      const at = y.at(value);
      const text = escapeHtml(format(value));
      const line = `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/>`;
      const place = `x="${LEFT - 8}" y="${at + 4}" text-anchor="end"`;
      return `${line}<text class="axis" ${place}>${text}</text>`;
    })
    .join("");
}

/** Round values between two, about five of them. */
export function stepsBetween(from: number, to: number): number[] {
  const raw = (to - from) / TICKS_WANTED;
  if (!(raw > 0)) return [from];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= raw) ?? raw;
  const first = Math.ceil(from / step);
  const count = Math.floor(to / step) - first + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, index) => (first + index) * step);
}

const TIME_STEPS_SECONDS = [
  ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200],
  ...[86_400, 172_800, 604_800, 1_209_600, 2_592_000, 7_776_000, 31_536_000],
];

function timeAxis(x: Scale, height: number): string {
  const spanSeconds = (x.to - x.from) / 1000;
  const seconds = TIME_STEPS_SECONDS.find((one) => spanSeconds / one <= 8) ?? 31_536_000;
  const step = seconds * 1000;
  const parts: string[] = [];
  for (let at = Math.ceil(x.from / step) * step; at <= x.to; at += step) {
    const iso = new Date(at).toISOString();
    const text =
      seconds >= 86_400 ? iso.slice(0, 10) : seconds >= 60 ? iso.slice(11, 16) : iso.slice(11, 19);
    const place = Math.min(Math.max(x.at(at), LEFT + 14), WIDTH - RIGHT - 20);
    parts.push(
      `<line class="grid" x1="${x.at(at)}" x2="${x.at(at)}" y1="${TOP}" y2="${height - BOTTOM}"/>`,
      `<text class="axis" x="${place}" y="${height - 7}" text-anchor="middle">${text}</text>`,
    );
  }
  return parts.join("");
}

function markShape(mark: Mark, x: Scale, y: Scale): string {
  const at = x.at(mark.millis);
  const level = y.at(mark.value);
  const title = `<title>${escapeHtml(mark.title)}</title>`;
  if (mark.shape === "exit") {
    return `<circle class="mark exit" cx="${at}" cy="${level}" r="3.5">${title}</circle>`;
  }
  const up = mark.shape === "buy";
  const tip = up ? level + 2 : level - 2;
  const foot = up ? level + 11 : level - 11;
  const points = `${at},${tip} ${at - 5},${foot} ${at + 5},${foot}`;
  return `<polygon class="mark ${mark.shape}" points="${points}">${title}</polygon>`;
}

/** A number for an axis: thousands separated, no more decimals than the steps need. */
export function axisText(value: number, decimalsMax: number): string {
  const text = value.toFixed(decimalsMax);
  return withThousands(decimalsMax > 0 ? text.replace(/\.?0+$/, "") : text);
}
