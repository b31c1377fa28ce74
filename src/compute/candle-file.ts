// A file of candles: a table with a line of names, or JSON rows; plain or gzip.
//
// Prices become ticks and volumes lots of the finest decimal that occurs, so that the core computes
// with the very numbers that were written.
import { AlphaError } from "../errors.ts";

/** One candle as it was read: prices in ticks, volume in lots, nanoseconds since the epoch. */
export interface FileCandle {
  /** As the file has it; "" without a time. */
  time: string;
  openNanos: bigint;
  openTicks: bigint;
  highTicks: bigint;
  lowTicks: bigint;
  closeTicks: bigint;
  volumeLots: bigint;
}

export interface CandleFile {
  candles: FileCandle[];
  /** Price of a tick and quantity of a lot: powers of ten. */
  tick: number;
  lot: number;
  periodMillis: number;
  /** Candles have the times of the file; else they are numbered, one a second. */
  isTimed: boolean;
}

/** Greatest number of ticks or lots the core takes. */
const UNITS_MAX = 2n ** 52n;
const DECIMALS_MAX = 12;
/** Numbered candles begin at the start of a day: 2024-01-01. */
const NUMBERED_START_NANOS = 1_704_067_200_000_000_000n;
const NUMBERED_PERIOD_MILLIS = 1000;
const WEEK_MILLIS = 604_800_000;
/** Weeks begin on Monday; 1970-01-05 was one. */
const MONDAY_MILLIS = 345_600_000;
const NAMES: Record<string, readonly string[]> = {
  time: ["time", "date", "datetime", "timestamp", "open_time", "opentime", "unix", "bar"],
  open: ["open", "o"],
  high: ["high", "h"],
  low: ["low", "l"],
  close: ["close", "c", "last", "price", "real"],
  volume: ["volume", "v", "vol", "tickvol"],
};

/**
 * Reads the text of a candle file. `close` is needed; the other prices default to it, volume to 1.
 * Throws CANDLE_FILE with the line that is wrong.
 */
export function readCandles(path: string, text: string): CandleFile {
  const rows = text.trimStart().startsWith("[") ? jsonRows(path, text) : tableRows(path, text);
  if (rows.length === 0) throw bad(path, 1, "it has no candles", "give at least one row");
  const [tickDecimals, lotDecimals] = decimalsOf(path, rows);
  const times = rows.map((row) => millisOf(row.time));
  const periodMillis = periodOf(times);
  const isTimed = periodMillis > 0;
  const candles = rows.map((row, i): FileCandle => {
    const units = (value: string, decimals: number): bigint =>
      unitsOf(path, row.line, value, decimals);
    const [openTicks, highTicks, lowTicks, closeTicks] = [
      row.open,
      row.high,
      row.low,
      row.close,
    ].map((price) => units(price, tickDecimals)) as [bigint, bigint, bigint, bigint];
    const least = [openTicks, closeTicks].reduce((a, b) => (a < b ? a : b));
    const most = [openTicks, closeTicks].reduce((a, b) => (a > b ? a : b));
    if (lowTicks > least || highTicks < most) {
      const what = `open ${row.open}, high ${row.high}, low ${row.low}, close ${row.close}`;
      throw bad(path, row.line, what, "a candle's open and close lie between its low and its high");
    }
    const openNanos = isTimed
      ? BigInt(times[i]!) * 1_000_000n
      : NUMBERED_START_NANOS + BigInt(i * NUMBERED_PERIOD_MILLIS) * 1_000_000n;
    const prices = { openTicks, highTicks, lowTicks, closeTicks };
    return { time: row.time, openNanos, ...prices, volumeLots: units(row.volume, lotDecimals) };
  });
  return {
    candles,
    tick: 10 ** -tickDecimals,
    lot: 10 ** -lotDecimals,
    periodMillis: isTimed ? periodMillis : NUMBERED_PERIOD_MILLIS,
    isTimed,
  };
}

type Row = Record<"time" | "open" | "high" | "low" | "close" | "volume", string> & { line: number };

function tableRows(path: string, text: string): Row[] {
  const lines = text.split(/\r?\n/);
  const head = (lines[0] ?? "").replace(/^\uFEFF/, "");
  const cut = [",", ";", "\t"].find((one) => head.includes(one)) ?? ",";
  const columns = columnsOf(path, head.split(cut));
  const rows: Row[] = [];
  for (const [i, line] of lines.entries()) {
    if (i === 0 || line.trim() === "") continue;
    const cells = line.split(cut).map((cell) => cell.trim());
    rows.push(rowOf(i + 1, (name) => cells[columns[name] ?? -1]));
  }
  return rows;
}

function columnsOf(path: string, names: readonly string[]): Record<string, number> {
  const known = names.map((name) => name.trim().replaceAll('"', "").toLowerCase());
  const columns: Record<string, number> = {};
  for (const [column, words] of Object.entries(NAMES)) {
    const at = known.findIndex((name) => words.includes(name));
    if (at >= 0) columns[column] = at;
  }
  if (columns["close"] !== undefined) return columns;
  const remedy = "the first line names the columns: time, open, high, low, close, volume";
  throw bad(path, 1, `no column "close" in "${names.join(",")}"`, remedy);
}

function jsonRows(path: string, text: string): Row[] {
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch (error) {
    throw new AlphaError("CANDLE_FILE", `${path} is no JSON`, "mend the file", error);
  }
  return (rows as unknown[]).map((row, i) => {
    const cells = row as Record<string, unknown>;
    const names = Object.keys(cells);
    const columns = columnsOf(path, names);
    return rowOf(i + 1, (name) => {
      const value = cells[names[columns[name] ?? -1] ?? ""];
      return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
    });
  });
}

function rowOf(line: number, cell: (name: string) => string | undefined): Row {
  const close = cell("close") ?? "";
  const price = (name: string): string => cell(name) ?? close;
  const prices = { open: price("open"), high: price("high"), low: price("low"), close };
  return { line, time: cell("time") ?? "", ...prices, volume: cell("volume") ?? "1" };
}

/** The most decimals of prices and of volumes. */
function decimalsOf(path: string, rows: readonly Row[]): [number, number] {
  let ticks = 0;
  let lots = 0;
  for (const { line, open, high, low, close, volume } of rows) {
    for (const price of [open, high, low, close])
      ticks = Math.max(ticks, places(path, line, price));
    lots = Math.max(lots, places(path, line, volume));
  }
  return [ticks, lots];
}

const NUMBER = /^[+-]?(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

function places(path: string, line: number, text: string): number {
  const match = NUMBER.exec(text);
  if (match === null) throw bad(path, line, `"${text}" is no number`, "mend the line");
  const fraction = (match[2] ?? "").replace(/0+$/, "").length;
  return Math.min(DECIMALS_MAX, Math.max(0, fraction - Number(match[3] ?? 0)));
}

/** A decimal number in units of 10^-decimals; digits beyond are rounded. */
function unitsOf(path: string, line: number, text: string, decimals: number): bigint {
  const [, whole = "", fraction = "", exponent = "0"] = NUMBER.exec(text)!;
  const digits = `${whole}${fraction}`;
  const shift = decimals - fraction.length + Number(exponent);
  let units = BigInt(digits);
  if (shift >= 0) units *= 10n ** BigInt(shift);
  else units = (units + 10n ** BigInt(-shift) / 2n) / 10n ** BigInt(-shift);
  if (units > UNITS_MAX) {
    const what = `"${text}" has too many digits beside the ${decimals} decimals of others`;
    throw bad(path, line, what, "numbers fit 2^52 of the finest unit that occurs");
  }
  return text.startsWith("-") ? -units : units;
}

/** Milliseconds since the epoch of a time in ISO, seconds, or milli-, micro- or nanoseconds. */
function millisOf(text: string): number {
  if (/^\d{8}$/.test(text)) return Date.parse(text.replace(/(....)(..)(..)/, "$1-$2-$3"));
  if (/^\d+(\.\d+)?$/.test(text)) {
    const value = Number(text);
    const power = value > 1e17 ? 1e-6 : value > 1e14 ? 1e-3 : value > 1e11 ? 1 : 1e3;
    return Math.round(value * power);
  }
  const hasZone = /(Z|[+-]\d\d:?\d\d)$/i.test(text);
  const iso = text.trim().replace(" ", "T");
  return Date.parse(hasZone || !iso.includes("T") ? iso : `${iso}Z`);
}

/** The shortest step between candles when all lie on whole periods of it, in order; else 0. */
function periodOf(times: readonly number[]): number {
  let period = Infinity;
  for (let i = 1; i < times.length; i++) period = Math.min(period, times[i]! - times[i - 1]!);
  const isPeriod = period >= 1000 && period % 1000 === 0 && period <= WEEK_MILLIS;
  if (!isPeriod) return 0;
  const origin = period === WEEK_MILLIS ? MONDAY_MILLIS : 0;
  return times.every((millis) => millis >= 0 && (millis - origin) % period === 0) ? period : 0;
}

function bad(path: string, line: number, what: string, remedy: string): AlphaError {
  return new AlphaError("CANDLE_FILE", `${path} line ${line}: ${what}`, remedy);
}
