// Reads what the next commands will need, before their turn.
//
// With many live orders a command waits for memory several times in a row: the entry of its id, the
// order, its neighbors, the level it goes to. Of a few commands at once those waits overlap.
// WebAssembly cannot ask for a line without reading it, so lines are read and folded into one word
// of the scratch region. Nothing is decided here and no state is written: what is read may be
// wrong (an entry that belongs to another id), and then the command waits as it would without.
//
// tidy: tested by test/asm/orders/ahead.test.ts
import { accountFind } from "../accounts/account";
import { l3GuessBits, l3GuessFirst, l3GuessLast } from "../books/ladder";
import {
  AHEAD,
  AHEAD_SUM,
  EFFECTIVE_ROWS,
  INSTRUMENTS_MAX,
  O_ORDERS_OPEN,
  ORDER_ROW_NEXT,
  ORDER_ROW_POSITION,
  ORDER_ROW_PREV,
  ORDER_ROW_PRICE,
  ORDER_ROW_SIDE,
  POSITION_ROWS,
  TRADED_ROWS,
  TRADED_ROW_BYTES,
} from "../layout";
import { positionAt, positionFind, POS_OPEN_SELL } from "../positions/position";
import { TRD_BUYS, TRD_SELLS } from "../positions/traded";
import { EFF_ASKED } from "../risk/effective";
import {
  AMEND_PRICE_TICKS,
  CELL_SHIFT,
  Flag,
  Kind,
  NEW_POSITION_SIDE,
  NEW_PRICE_TICKS,
  NEW_SIDE,
  ORDER_ACCOUNT,
  ORDER_CLIENT_ID,
  REC_INSTRUMENT,
  RECORD_CELLS_MAX,
  RING_CAPACITY,
  RING_DATA,
  RING_HEAD_SEEN,
  RING_READ,
  Side,
} from "../vocab";
import { closedAhead, orderAt, orderColdAt, orderGuess } from "./pool";

/** Commands looked at together; more waits than a processor keeps open at once gain nothing. */
const GROUP: usize = 8;
/** So few orders and their books stay in a cache, all but the entries of their ids. */
const OPEN_FEW: u32 = 8192;

// What one pass found of a command for the next.
const ROW_BYTES: usize = 32;
const AHEAD_REC: i32 = 0; // u32, address of the command
const AHEAD_SLOT: i32 = 4; // u32, its order, 0 = none yet
const AHEAD_ACCOUNT: i32 = 8; // u32, account slot
const AHEAD_SIDE: i32 = 12; // u32, address of its side of the book
const AHEAD_OTHER: i32 = 16; // u32, address of the other side
const AHEAD_LAST: i32 = 20; // u32, slot of the order it comes behind

/** Reads for the commands in `ring` from `rec` on, the next; returns for how many, at least 1. */
export function commandsAhead(ring: usize, rec: usize): i32 {
  const waiting = load<u32>(ring, RING_HEAD_SEEN) - load<u32>(ring, RING_READ);
  if (waiting <= <u32>RECORD_CELLS_MAX) return aloneRead(rec);
  const end = entriesRead(ring);
  let sum = load<u64>(AHEAD_SUM) + closedAhead();
  for (let row: usize = AHEAD; row < end; row += ROW_BYTES) {
    const slot = load<u32>(row, AHEAD_SLOT);
    sum += load<u64>(orderAt(slot), ORDER_ROW_PRICE) ^ load<u64>(orderColdAt(slot));
  }
  if (load<u32>(O_ORDERS_OPEN) > OPEN_FEW) {
    sum += tradedRead(end);
    sum += positionsRead(end);
    sum += levelsRead(end);
    sum += neighborsRead(end);
  }
  store<u64>(AHEAD_SUM, sum);
  return <i32>((end - AHEAD) / ROW_BYTES);
}

/** One by itself shares its waits with nobody, but with what it may close. */
// @ts-ignore: decorator
@inline
function aloneRead(rec: usize): i32 {
  if (load<u16>(rec) != Kind.OrderAmend) {
    store<u64>(AHEAD_SUM, load<u64>(AHEAD_SUM) + closedAhead());
  }
  return 1;
}

/** The entries of the ids, from which the orders are known; returns where the rows end. */
// @ts-ignore: decorator
@inline
function entriesRead(ring: usize): usize {
  const head = load<u32>(ring, RING_HEAD_SEEN);
  const mask = load<u32>(ring, RING_CAPACITY) - 1;
  let at = load<u32>(ring, RING_READ);
  let row: usize = AHEAD;
  while (at != head && row < <usize>AHEAD + GROUP * ROW_BYTES) {
    const rec = ring + RING_DATA + (<usize>(at & mask) << CELL_SHIFT);
    const account = accountFind(load<u32>(rec, ORDER_ACCOUNT));
    store<u32>(row, <u32>rec, AHEAD_REC);
    store<u32>(row, orderGuess(account, load<u64>(rec, ORDER_CLIENT_ID)), AHEAD_SLOT);
    store<u32>(row, account, AHEAD_ACCOUNT);
    at += 1 + ((load<u32>(rec) >> 16) & Flag.CellsMask);
    row += ROW_BYTES;
  }
  return row;
}

/** Instruments, and which side of their books is meant. */
// @ts-ignore: decorator
@inline
function tradedRead(end: usize): u64 {
  let sum: u64 = 0;
  for (let row: usize = AHEAD; row < end; row += ROW_BYTES) {
    const rec = <usize>load<u32>(row, AHEAD_REC);
    const slot = load<u32>(row, AHEAD_SLOT);
    const instrument = min<u32>(load<u32>(rec, REC_INSTRUMENT), INSTRUMENTS_MAX - 1);
    const traded = <usize>TRADED_ROWS + <usize>instrument * TRADED_ROW_BYTES;
    const known = load<u8>(orderAt(slot), ORDER_ROW_SIDE);
    const isBuy = (slot == 0 ? load<u8>(rec, NEW_SIDE) : known) == Side.Buy;
    store<u32>(row, load<u32>(traded + select<i32>(TRD_BUYS, TRD_SELLS, isBuy)), AHEAD_SIDE);
    store<u32>(row, load<u32>(traded + select<i32>(TRD_SELLS, TRD_BUYS, isBuy)), AHEAD_OTHER);
    sum ^= load<u64>(traded, 64) ^ load<u64>(traded, 128) ^ load<u64>(traded, 192);
  }
  return sum;
}

/** Positions, their limits, and the heads of both sides. */
// @ts-ignore: decorator
@inline
function positionsRead(end: usize): u64 {
  let sum: u64 = 0;
  for (let row: usize = AHEAD; row < end; row += ROW_BYTES) {
    const slot = load<u32>(row, AHEAD_SLOT);
    const known = load<u32>(orderAt(slot), ORDER_ROW_POSITION);
    const position = positionAt(slot == 0 ? positionOf(row) : known);
    const limits = position + (EFFECTIVE_ROWS - POSITION_ROWS);
    sum ^= load<u64>(position) ^ load<u64>(position, POS_OPEN_SELL);
    sum ^= load<u64>(limits) ^ load<u64>(limits, EFF_ASKED);
    sum ^= load<u64>(load<u32>(row, AHEAD_SIDE)) ^ load<u64>(load<u32>(row, AHEAD_OTHER));
  }
  return sum;
}

function positionOf(row: usize): u32 {
  const rec = <usize>load<u32>(row, AHEAD_REC);
  const leg = <u32>load<u8>(rec, NEW_POSITION_SIDE);
  return positionFind(load<u32>(row, AHEAD_ACCOUNT), load<u32>(rec, REC_INSTRUMENT), leg);
}

/** The level an order is in and the one it goes to. */
// @ts-ignore: decorator
@inline
function levelsRead(end: usize): u64 {
  let sum: u64 = 0;
  for (let row: usize = AHEAD; row < end; row += ROW_BYTES) {
    const side = <usize>load<u32>(row, AHEAD_SIDE);
    if (side == 0) continue;
    const slot = load<u32>(row, AHEAD_SLOT);
    const rec = <usize>load<u32>(row, AHEAD_REC);
    const priceAt = select<i32>(NEW_PRICE_TICKS, AMEND_PRICE_TICKS, slot == 0);
    const price = load<i64>(rec + priceAt);
    store<u32>(row, l3GuessLast(side, price), AHEAD_LAST);
    const from = load<i64>(orderAt(slot), ORDER_ROW_PRICE);
    sum ^= l3GuessFirst(side, from) ^ l3GuessBits(side, from) ^ l3GuessBits(side, price);
  }
  return sum;
}

/** The orders whose links change: around the old place, and before the new one. */
// @ts-ignore: decorator
@inline
function neighborsRead(end: usize): u64 {
  let sum: u64 = 0;
  for (let row: usize = AHEAD; row < end; row += ROW_BYTES) {
    const order = orderAt(load<u32>(row, AHEAD_SLOT));
    sum ^= load<u64>(orderAt(load<u32>(order, ORDER_ROW_NEXT)));
    sum ^= load<u64>(orderAt(load<u32>(order, ORDER_ROW_PREV)));
    sum ^= load<u64>(orderAt(load<u32>(row, AHEAD_LAST)));
  }
  return sum;
}
