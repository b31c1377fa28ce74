import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { MARKET_INSTRUMENTS, MARKET_INSTRUMENT_BYTES, MI_TOP } from "../../../asm/layout.ts";
import { BookRule, Flag, Kind } from "../../../asm/vocab.ts";
import { BookTwin } from "../../reference/l2.ts";
import { MarketCore, marketModule, ofKind } from "../market-core.ts";
import type { Out } from "../market-core.ts";

const module = await marketModule();
const WHOLE = Flag.First | Flag.Last;
const quote = (bidTicks: number, askTicks: number, updateId: number): Record<string, number> => ({
  instrument: 1,
  bidTicks,
  bidLots: 1,
  askTicks,
  askLots: 1,
  updateId,
});
const tops = (outs: Out[]): unknown[] =>
  ofKind(outs, Kind.TopOfBook).map((out) => [
    out.bidTicks,
    out.askTicks,
    out.flags & Flag.Untrusted,
  ]);

describe("the top", () => {
  test("follows quotes of an instrument without a book, and is said only when it changes", () => {
    const core = new MarketCore(module);
    core.spec(1);
    expect(tops(core.apply(Kind.Quote, quote(10, 12, 5), 0n))).toEqual([[10, 12, 0]]);
    expect(tops(core.apply(Kind.Quote, quote(10, 12, 6), 0n))).toEqual([]);
    expect(tops(core.apply(Kind.Quote, quote(9, 11, 4), 0n)), "older").toEqual([]);
    expect(tops(core.apply(Kind.Quote, quote(9, 11, 0), 0n)), "without an id").toEqual([
      [9, 11, 0],
    ]);
  });

  test("comes from the newer of book and quote, and a quote never edits the book", () => {
    const core = new MarketCore(module);
    core.spec(1, 10, BookRule.FirstIsNext);
    const book = (kind: Kind, id: number, bid: number): Out[] =>
      core.apply(
        kind,
        {
          instrument: 1,
          flags: WHOLE,
          firstId: id,
          lastId: id,
          bids: [{ priceTicks: bid, qtyLots: 1 }],
          asks: [{ priceTicks: 20, qtyLots: 1 }],
        },
        0n,
      );
    expect(tops(core.apply(Kind.Quote, quote(11, 20, 3), 0n)), "no book yet").toEqual([
      [11, 20, 32],
    ]);
    expect(tops(book(Kind.BookSnapshot, 5, 10))).toEqual([[10, 20, 0]]);
    expect(tops(core.apply(Kind.Quote, quote(15, 20, 7), 0n))).toEqual([[15, 20, 0]]);
    expect(tops(book(Kind.BookDelta, 6, 12)), "the quote of 7 knows more").toEqual([]);
    expect(tops(book(Kind.BookDelta, 7, 13)), "equal ids are equal states").toEqual([[13, 20, 0]]);
    const cleared = core.apply(Kind.BookClear, { instrument: 1 }, 0n);
    expect(tops(cleared)).toEqual([[0, 0, Flag.Untrusted]]);
  });
});

// ------------------------------------------------------------------------ recorded venue streams

const DATA = join(
  dirname(fileURLToPath(import.meta.url)),
  "../../../../shared/data/binance-raw-collector",
);
const CAPTURES = [
  { file: "spot-btcusdt_20240808.gz", rule: BookRule.FirstIsNext, tick: 100, lot: 1e8 },
  { file: "usdm-btcusdt_20240808.gz", rule: BookRule.PrevIsLast, tick: 100, lot: 1e3 },
  { file: "cm-btcusd_perp_20240808.gz", rule: BookRule.PrevIsLast, tick: 100, lot: 1 },
];
type Pair = [string, string];
const PART = 12;

if (!existsSync(DATA)) console.warn(`no ${DATA}: recorded Binance streams are not checked`);

if (!existsSync(DATA)) console.warn(`skipped, recorded stream: ${DATA} is absent`);

describe.skipIf(!existsSync(DATA))("a recorded Binance stream", () => {
  test.each(CAPTURES)("$file joins its snapshot and agrees with bookTicker", (capture) => {
    const seen = replay(capture);
    expect(seen.trust, "one loss said at the start, then trusted to the end").toEqual([0, 1]);
    expect(seen.compared, "tops compared at equal ids").toBeGreaterThan(20);
    expect(seen.differing).toEqual([]);
    expect(seen.twinDiffers).toEqual([]);
  });

  test("loses trust when a line is missing and says which id it expected", () => {
    const seen = replay({ ...CAPTURES[0]!, skipDelta: 20 });
    expect(seen.trust).toEqual([0, 1, 0]);
  });
});

interface Seen {
  trust: number[];
  compared: number;
  differing: string[];
  twinDiffers: string[];
}

function replay(capture: (typeof CAPTURES)[number] & { skipDelta?: number }): Seen {
  const core = new MarketCore(module);
  core.spec(1, 20_000, capture.rule);
  const twin = new BookTwin(20_000);
  const seen: Seen = { trust: [], compared: 0, differing: [], twinDiffers: [] };
  const tickers = new Map<number, string>();
  const bookTops = new Map<number, string>();
  const waiting: Message[] = [];
  let lastId: number | undefined;
  let deltas = 0;
  const note = (outs: Out[]): void => {
    for (const out of ofKind(outs, Kind.BookTrust)) seen.trust.push(out.state);
  };
  for (const message of messages(join(DATA, capture.file))) {
    if (message.bookTicker !== undefined) {
      tickers.set(message.last, message.bookTicker);
      continue;
    }
    if (message.isSnapshot) {
      lastId = message.last;
      note(send(core, Kind.BookSnapshot, message, capture));
      fold(twin, message, capture);
      for (const one of waiting) if (one.last > lastId) fold(twin, one, capture);
    } else {
      deltas += 1;
      if (deltas === capture.skipDelta) continue;
      note(send(core, Kind.BookDelta, message, capture));
      if (lastId === undefined) waiting.push(message);
      else fold(twin, message, capture);
    }
    if (lastId === undefined) continue;
    const [bid, ask] = twin.top();
    bookTops.set(message.last, `${bid[0]} ${bid[1]} ${ask[0]} ${ask[1]}`);
    const top = topOf(core);
    if (top !== bookTops.get(message.last) && capture.skipDelta === undefined) {
      seen.twinDiffers.push(`${message.last}: ${top}`);
    }
  }
  for (const [id, top] of bookTops) {
    const ticker = tickers.get(id);
    if (ticker === undefined) continue;
    seen.compared += 1;
    const text = scaledTop(ticker.split(" "), capture);
    if (text !== top) seen.differing.push(`${id}: book ${top}, ticker ${text}`);
  }
  return seen;
}

function scaledTop(parts: string[], { tick, lot }: { tick: number; lot: number }): string {
  const units = [tick, lot, tick, lot];
  return parts.map((part, i) => Math.round(Number(part) * units[i]!)).join(" ");
}

function topOf(core: MarketCore): string {
  const at = MARKET_INSTRUMENTS + MARKET_INSTRUMENT_BYTES + MI_TOP;
  return [0, 8, 16, 24].map((field) => Number(core.view.getBigInt64(at + field, true))).join(" ");
}

interface Message {
  isSnapshot: boolean;
  first: number;
  last: number;
  prev: number;
  bids: Pair[];
  asks: Pair[];
  bookTicker?: string;
}

function* messages(path: string): Generator<Message> {
  for (const line of gunzipSync(readFileSync(path)).toString("utf8").split("\n")) {
    const json = line.slice(line.indexOf(" ") + 1);
    if (!json.includes("depth") && !json.includes("bookTicker") && !json.includes("lastUpdateId")) {
      continue;
    }
    const body = JSON.parse(json);
    const data = body.data ?? body;
    if (data.lastUpdateId !== undefined) {
      const { lastUpdateId: last, bids, asks } = data;
      yield { isSnapshot: true, first: last, last, prev: 0, bids, asks };
    } else if (data.e === "depthUpdate") {
      yield {
        isSnapshot: false,
        first: data.U,
        last: data.u,
        prev: data.pu ?? 0,
        bids: data.b,
        asks: data.a,
      };
    } else {
      const bookTicker = `${data.b} ${data.B} ${data.a} ${data.A}`;
      yield { isSnapshot: false, first: 0, last: data.u, prev: 0, bids: [], asks: [], bookTicker };
    }
  }
}

function fold(
  twin: BookTwin,
  message: Message,
  { tick, lot }: { tick: number; lot: number },
): void {
  if (message.isSnapshot) twin.clear();
  for (const [price, qty] of message.bids)
    twin.set(false, Math.round(+price * tick), Math.round(+qty * lot));
  for (const [price, qty] of message.asks)
    twin.set(true, Math.round(+price * tick), Math.round(+qty * lot));
}

/** Cuts a message into records of at most twelve levels. */
function send(
  core: MarketCore,
  kind: Kind,
  message: Message,
  { tick, lot }: { tick: number; lot: number },
): Out[] {
  const all = [
    ...message.bids.map((pair) => ({ pair, isAsk: false })),
    ...message.asks.map((pair) => ({ pair, isAsk: true })),
  ].map(({ pair, isAsk }) => ({
    isAsk,
    priceTicks: Math.round(Number(pair[0]) * tick),
    qtyLots: Math.round(Number(pair[1]) * lot),
  }));
  const outs: Out[] = [];
  for (let from = 0; from === 0 || from < all.length; from += PART) {
    const part = all.slice(from, from + PART);
    const flags = (from === 0 ? Flag.First : 0) | (from + PART >= all.length ? Flag.Last : 0);
    const side = (isAsk: boolean): unknown[] =>
      part
        .filter((one) => one.isAsk === isAsk)
        .map(({ priceTicks, qtyLots }) => ({ priceTicks, qtyLots }));
    const ids = { firstId: message.first, lastId: message.last, prevId: message.prev };
    const fields = { instrument: 1, flags, ...ids, bids: side(false), asks: side(true) };
    outs.push(...core.apply(kind, fields, 0n));
  }
  return outs;
}
