// LOBSTER message and order book files: a book order by order, compared with every row.
//
// A file begins amid the day and shows ten levels, so two things cannot be known from messages:
// whose lots rested before, and what lies at a price that comes into sight from behind the last
// level. The first row is told to the book as lots without ids, and so is each price that comes
// into sight; everything in sight before must then be equal, row by row.
//
// tidy: tested by test/golden/books.test.ts
import { BookRule, ExecutionPrint, Flag, Kind, Side } from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import { BookRun } from "./book-run.ts";
import type { BookLevel } from "../core/record-core.ts";

const EMPTY_TICKS = 9_999_999_999;
const FIELDS = 6;
const ORDERS_MAX = 200_000;
const LEVELS_MAX = 10_000;

/** A line of a message file; prices are dollars x 10000. */
export interface LobsterMessage {
  /** 1 new, 2 canceled in part, 3 deleted, 4 executed, 5 executed unseen, 6 cross, 7 halt. */
  type: number;
  id: bigint;
  lots: number;
  priceTicks: number;
  /** Of the resting order. */
  side: Side;
}

/** Both sides of one row, best first. */
export interface LobsterRow {
  bids: BookLevel[];
  asks: BookLevel[];
}

/** What came of a pair of files. */
export interface LobsterResult {
  rows: number;
  /** Rows in which no price came into sight. */
  closed: number;
  trades: number;
  trusts: BookRun["trusts"];
  /** Rows whose levels in sight differ. */
  differing: { row: number; expected: LobsterRow; actual: LobsterRow }[];
}

/** Lines of a message file; throws BOOK_FILE_MALFORMED. */
export function lobsterMessages(text: string): LobsterMessage[] {
  return lines(text).map((line, at) => {
    const parts = line.split(",");
    const [, type, , lots, priceTicks, direction] = parts.map(Number);
    const side = direction === 1 ? Side.Buy : Side.Sell;
    const isFine = parts.length >= FIELDS && type! >= 1 && type! <= 7 && Number.isFinite(lots);
    if (!isFine || !/^\d+$/.test(parts[2]!) || !Number.isFinite(priceTicks)) {
      const what = `line ${at + 1} of the messages is "${line.slice(0, 60)}"`;
      throw new AlphaError("BOOK_FILE_MALFORMED", what, "a line is time,type,id,size,price,side");
    }
    return { type: type!, id: BigInt(parts[2]!), lots: lots!, priceTicks: priceTicks!, side };
  });
}

/** Lines of an order book file: ask price, ask size, bid price, bid size for each level. */
export function lobsterRows(text: string): LobsterRow[] {
  return lines(text).map((line) => {
    const numbers = line.split(",").map(Number);
    const row: LobsterRow = { bids: [], asks: [] };
    for (let at = 0; at + 3 < numbers.length; at += 4) {
      const [ask, askLots, bid, bidLots] = numbers.slice(at, at + 4) as [
        ...[number, number, number, number],
      ];
      if (ask !== EMPTY_TICKS) row.asks.push([ask, askLots]);
      if (bid !== -EMPTY_TICKS) row.bids.push([bid, bidLots]);
    }
    return row;
  });
}

function lines(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line !== "");
}

/** Sends one message to a book; halts change none. */
export function lobsterSend(run: BookRun, message: LobsterMessage): void {
  const { type, id, lots: qtyLots, priceTicks, side } = message;
  const fields = { flags: Flag.First | Flag.Last, id, side, priceTicks, qtyLots };
  if (type === 1) run.send(Kind.BookOrderAdd, fields);
  else if (type === 2 || type === 3) run.send(Kind.BookOrderDelete, fields);
  else if (type === 4) {
    run.send(Kind.BookOrderExecute, { ...fields, printable: ExecutionPrint.AtOrder });
  } else if (type < 7) {
    const aggressor = side === Side.Buy ? Side.Sell : Side.Buy;
    run.send(Kind.Trade, { priceTicks, qtyLots, aggressor });
  }
}

/** Steps through both files; row k is the state after message k. */
export function lobsterRun(messages: LobsterMessage[], rows: LobsterRow[]): LobsterResult {
  const run = lobsterBook();
  const result: LobsterResult = {
    ...{ rows: rows.length, closed: 0, trades: 0, trusts: run.trusts, differing: [] },
  };
  const first = rows[0];
  if (first === undefined) return result;
  run.sendLevels(Kind.BookSnapshot, first);
  for (let at = 1; at < rows.length && at < messages.length; at++) {
    lobsterSend(run, messages[at]!);
    const row = rows[at]!;
    const levels = Math.max(row.bids.length, row.asks.length);
    const book = run.levels(levels);
    const bids = step(book.bids, row.bids, rows[at - 1]!.bids, (price) => -price);
    const asks = step(book.asks, row.asks, rows[at - 1]!.asks, (price) => price);
    if (bids.told.length + asks.told.length > 0) {
      run.sendLevels(Kind.BookDelta, { bids: bids.told, asks: asks.told });
    }
    result.closed += bids.hasNew || asks.hasNew ? 0 : 1;
    if (bids.isEqual && asks.isEqual) continue;
    const actual = { bids: book.bids, asks: book.asks };
    result.differing.push({ row: at, expected: row, actual });
  }
  result.trades = run.trades;
  return result;
}

/** A book for one file. */
export function lobsterBook(): BookRun {
  const room = { bookLevels: LEVELS_MAX, bookOrders: ORDERS_MAX };
  return new BookRun({ bookRule: BookRule.Unseen, ...room, tickExponent: -4, lotExponent: 0 });
}

interface Step {
  isEqual: boolean;
  hasNew: boolean;
  /** Levels behind what was in sight before, as the row has them; 0 lots where it has none. */
  told: BookLevel[];
}

/** Compares what was in sight before; `rank` grows away from the market. */
function step(
  book: BookLevel[],
  row: BookLevel[],
  before: BookLevel[],
  rank: (price: number) => number,
): Step {
  // A side that was not full showed everything.
  const isFull = before.length >= row.length && before.length > 0;
  const edge = isFull ? rank(before[before.length - 1]![0]) : Infinity;
  const isIn = ([price]: BookLevel): boolean => rank(price) <= edge;
  const isEqual = JSON.stringify(book.filter(isIn)) === JSON.stringify(row.filter(isIn));
  const beyond = row.filter((level) => !isIn(level));
  const stale = book.filter(
    (level) => !isIn(level) && !beyond.some(([price]) => price === level[0]),
  );
  const gone = stale.map(([price]): BookLevel => [price, 0]);
  const told = JSON.stringify(book) === JSON.stringify(row) ? [] : [...beyond, ...gone];
  return { isEqual, hasNew: beyond.length > 0, told };
}
