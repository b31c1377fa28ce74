// Raw captures of Kraken and OKX (a line is a receive time and a frame): every book with its
// checksums.
//
// The core sums the digits of ticks and lots, so an instrument's tick and lot are read off the
// text: Kraken writes all decimals of a pair always, OKX as many as a number needs.
//
// tidy: tested by test/golden/books.test.ts
import { BookRule, Flag, Kind } from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import { BookRun, type SentLevel, type Trust } from "./book-run.ts";

type TextLevel = [price: string, qty: string];

/** One message about a book. */
interface Message {
  isSnapshot: boolean;
  bids: TextLevel[];
  asks: TextLevel[];
  /** As an unsigned number; undefined where the venue sent none. */
  checksum: number | undefined;
  lastId: number;
  prevId: number;
}

interface Found {
  symbol: string;
  bookRule: BookRule;
  bookLevels: number;
  messages: Message[];
}

/** What came of one book of a capture. */
export interface CaptureBook {
  symbol: string;
  messages: number;
  checksums: number;
  /** Of them not equal: the book is untrusted then, until a snapshot. */
  mismatches: number;
  trusts: Trust[];
}

/** OKX's channel `books`. */
const OKX_LEVELS = 400;

/** Rebuilds every book of a capture; throws BOOK_FILE_MALFORMED where a line is none. */
export function captureRun(text: string): CaptureBook[] {
  return [...booksOf(text).values()].map(runBook);
}

function booksOf(text: string): Map<string, Found> {
  const books = new Map<string, Found>();
  for (const [at, line] of text.split("\n").entries()) {
    // Lines that begin with an address are what the client sent.
    const body = /^\d+(?:\.\d+)?: (.*)$/.exec(line)?.[1];
    if (body === undefined) continue;
    const frame = parse(body, at);
    const found = Array.isArray(frame) ? krakenMessage(frame) : okxMessage(frame as OkxFrame);
    if (found === undefined) continue;
    const { message, ...book } = found;
    const known = books.get(book.symbol) ?? { ...book, messages: [] };
    known.messages.push(message);
    books.set(book.symbol, known);
  }
  return books;
}

function parse(body: string, at: number): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    const what = `line ${at + 1} is no JSON: ${body.slice(0, 60)}`;
    throw new AlphaError("BOOK_FILE_MALFORMED", what, "a line is a time and a frame", cause);
  }
}

type KrakenPart = Partial<Record<"as" | "bs" | "a" | "b", [string, string, ...string[]][]>> & {
  c?: string;
};
type Read = Omit<Found, "messages"> & { message: Message };

/** [channel, part, part?, "book-1000", pair] */
function krakenMessage(frame: unknown[]): Read | undefined {
  const [channel, symbol] = frame.slice(-2) as [string, string];
  if (typeof channel !== "string" || !channel.startsWith("book-")) return undefined;
  const part = Object.assign({}, ...(frame.slice(1, -2) as KrakenPart[])) as KrakenPart;
  const side = (name: "a" | "b"): TextLevel[] =>
    (part[`${name}s`] ?? part[name] ?? []).map(([price, qty]) => [price, qty]);
  const message = {
    isSnapshot: part.as !== undefined || part.bs !== undefined,
    bids: side("b"),
    asks: side("a"),
    checksum: part.c === undefined ? undefined : Number(part.c),
    lastId: 0,
    prevId: 0,
  };
  const bookLevels = Number(channel.slice("book-".length));
  return { symbol, bookRule: BookRule.Checksum, bookLevels, message };
}

interface OkxFrame {
  arg?: { channel: string; instId: string };
  action?: "snapshot" | "update";
  data?: OkxBook[];
}

interface OkxBook {
  bids: TextLevel[];
  asks: TextLevel[];
  checksum: number;
  seqId?: number;
  prevSeqId?: number;
}

function okxMessage({ arg, action, data }: OkxFrame): Read | undefined {
  const book = data?.[0];
  if (arg?.channel !== "books" || action === undefined || book === undefined) return undefined;
  const { bids, asks, checksum, seqId = 0, prevSeqId = 0 } = book;
  const ids = { lastId: seqId, prevId: Math.max(prevSeqId, 0) };
  // The venue reads the sum as a signed number.
  const sides = { bids, asks, checksum: checksum >>> 0 };
  const message = { isSnapshot: action === "snapshot", ...sides, ...ids };
  return { symbol: arg.instId, bookRule: BookRule.Okx, bookLevels: OKX_LEVELS, message };
}

function runBook({ symbol, bookRule, bookLevels, messages }: Found): CaptureBook {
  const prices = messages.flatMap(({ bids, asks }) => [...bids, ...asks]);
  const tick = Math.max(0, ...prices.map(([price]) => decimals(price)));
  const lot = Math.max(0, ...prices.map(([, qty]) => decimals(qty)));
  const steps = { tickExponent: -tick, lotExponent: -lot };
  const run = new BookRun({ bookRule, bookLevels, ...steps });
  let checksums = 0;
  for (const { isSnapshot, bids, asks, checksum, lastId, prevId } of messages) {
    const whole = ([price, qty]: TextLevel): SentLevel => [scaled(price, tick), scaled(qty, lot)];
    const kind = isSnapshot ? Kind.BookSnapshot : Kind.BookDelta;
    const ids = { firstId: lastId, lastId, prevId };
    // The checksum ends the group, so that a wrong book is never said to be right.
    const isEnd = checksum === undefined;
    run.sendLevels(kind, { bids: bids.map(whole), asks: asks.map(whole) }, ids, isEnd);
    if (checksum === undefined) continue;
    checksums += 1;
    run.send(Kind.BookChecksum, { flags: Flag.Last, value: checksum });
  }
  const { trusts } = run;
  const mismatches = trusts.filter(({ reason }) => reason === "ChecksumMismatch").length;
  return { symbol, messages: messages.length, checksums, mismatches, trusts };
}

function decimals(text: string): number {
  const point = text.indexOf(".");
  return point < 0 ? 0 : text.length - point - 1;
}

/** Decimal text in units of 10^-`scale`. */
export function scaled(text: string, scale: number): bigint {
  const [whole = "", fraction = ""] = text.split(".");
  if (/^\d+(\.\d+)?$/.test(text)) return BigInt(whole + fraction.padEnd(scale, "0"));
  const what = `"${text}" is no price or quantity`;
  throw new AlphaError("BOOK_FILE_MALFORMED", what, "use the capture as it was recorded");
}
