// Texts of reports: escaping, money, times and shares, the same on page and terminal.
import { formatSteps } from "../units.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text safe inside HTML elements and quoted attributes; control characters become blanks. */
export function escapeHtml(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]/g, " ").replace(/[&<>"']/g, (char) => ESCAPES[char]!);
}

/** Minor units as decimal text with two decimals (four below 1), thousands separated. */
export function moneyText(minor: number, minorExponent: number): string {
  const value = minor * 10 ** minorExponent;
  const digits = Math.abs(value) >= 1 || minor === 0 ? 2 : 4;
  return withThousands(value.toFixed(digits));
}

/** As `moneyText`, with a plus sign for gains. */
export function signedText(minor: number, minorExponent: number): string {
  return `${minor > 0 ? "+" : ""}${moneyText(minor, minorExponent)}`;
}

/** Every decimal of an amount, for tooltips and JSON. */
export function exactText(minor: number, minorExponent: number): string {
  return formatSteps(Math.round(minor), 1n, minorExponent);
}

/** "1234567.5" as "1,234,567.5". */
export function withThousands(text: string): string {
  const [whole = "", fraction] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** A share as percent with two decimals; more where two would show nothing. */
export function percentText(share: number): string {
  const percent = share * 100;
  const size = Math.abs(percent);
  const digits = size === 0 || size >= 0.1 ? 2 : size >= 0.001 ? 4 : 7;
  return `${percent.toFixed(digits)} %`;
}

/** UTC to the millisecond: "2024-08-09 00:01:02.345". */
export function timeText(millis: number): string {
  if (!(millis > 0)) return "-";
  return new Date(Math.floor(millis)).toISOString().replace("T", " ").replace("Z", "");
}

/** A span: "2 d 3 h", "4 min 05 s", "12.3 s". */
export function spanText(millis: number): string {
  const seconds = millis / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(Math.floor(seconds % 60)).padStart(2, "0")} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
