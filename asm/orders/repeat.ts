// The same OrderNew again: the answer it got, marked Replayed, and never a second order.
//
// A client that lost the answer sends the order again under the same id. An order we still know is
// answered with what it is now; one that was denied is denied for the same reason, whatever holds
// by now, for a client that was told "no" does not expect a fill. The session may be another one,
// all else must be the same; an id that comes with other content is refused.
//
// An order keeps 24 bits of a digest of its content: two contents that differ are taken for one
// once in 16 million, and then too nothing trades, the answer names the order there is. Denials
// lie in a ring; what only says "not now" (message rate, full tables, a venue that is down) is not
// kept, so that nobody can wash it out faster than his rate limit lets him send.
//
// tidy: tested by test/asm/orders/repeat.test.ts
import {
  DENIALS_MAX,
  DENIAL_INDEX,
  DENIAL_INDEX_ENTRIES,
  DENIAL_ROWS,
  DENIAL_ROW_BYTES,
  O_DENIALS,
  O_LIMIT_VALUE,
  ORDER_COLD_CONTENT,
  ORDER_ROW_STATE,
} from "../layout";
import { avalanche, mixPair } from "../math/hash";
import { outEnd, outFlag } from "../output";
import {
  EVENT_SESSION,
  Flag,
  Kind,
  NEW_DISPLAY_LOTS,
  NEW_EXPIRES_NANOS,
  NEW_LINKED_CLIENT_ID,
  NEW_MODEL,
  NEW_PRICE_TICKS,
  NEW_QTY_LOTS,
  NEW_SESSION,
  NEW_STOP_TICKS,
  NEW_TAG,
  NEW_TRAIL_OFFSET,
  NEW_TYPE,
  ORDER_CLIENT_ID,
  ORDER_STRATEGY,
  OrderState,
  REC_INSTRUMENT,
  Refusal,
} from "../vocab";
import { denialBegin, denyNew, eventBegin } from "./event";
import { orderAt, orderColdAt } from "./pool";
import { routeOf, RTE_END_REASON } from "./route";

const DENIAL_CLIENT_ID: i32 = 0; // u64
const DENIAL_CONTENT: i32 = 8; // u64
const DENIAL_LIMIT: i32 = 16; // i64
const DENIAL_ACCOUNT: i32 = 24; // u32, account slot
const DENIAL_REASON: i32 = 28; // u16, enum Refusal
const ENTRY_MASK: u32 = DENIAL_INDEX_ENTRIES - 1;
/** The other bits of ORDER_COLD_CONTENT are other fields. */
export const MARK_MASK: u32 = 0xffffff00;
const LANE: u64 = 0x27d4eb2f165667c5;
/** Ids from here on are the core's own and never come twice. */
export const OWN_IDS: u64 = 1 << 63;

/** Digest of all an OrderNew says but who sent it: not its account, client id and session. */
// @ts-ignore: decorator
@inline
function contentOf(rec: usize): u64 {
  const where = <u64>load<u32>(rec, REC_INSTRUMENT) | (<u64>load<u16>(rec, ORDER_STRATEGY) << 32);
  // One word each: type to trail unit; model, algorithm and position side.
  let hash = mixPair(LANE, load<u64>(rec, NEW_PRICE_TICKS), load<u64>(rec, NEW_QTY_LOTS));
  hash = mixPair(hash, load<u64>(rec, NEW_TYPE), load<u64>(rec, NEW_TAG));
  hash = mixPair(hash, where, load<u32>(rec, NEW_MODEL));
  const stop = load<u64>(rec, NEW_STOP_TICKS);
  const display = load<u64>(rec, NEW_DISPLAY_LOTS);
  const trail = load<u64>(rec, NEW_TRAIL_OFFSET);
  const expires = load<u64>(rec, NEW_EXPIRES_NANOS);
  const linked = load<u64>(rec, NEW_LINKED_CLIENT_ID);
  if ((stop | display | trail | expires | linked) != 0) {
    hash = mixPair(mixPair(mixPair(hash, stop, display), trail, expires), linked, 0);
  }
  return avalanche(hash);
}

/** What an order keeps of its OrderNew, as ORDER_COLD_CONTENT wants it. */
// @ts-ignore: decorator
@inline
export function contentMark(rec: usize): u32 {
  return markOf(contentOf(rec));
}

/** What an order keeps of a digest: its upper 24 bits, where ORDER_COLD_CONTENT has them. */
// @ts-ignore: decorator
@inline
export function markOf(content: u64): u32 {
  return <u32>(content >> 32) & MARK_MASK;
}

/** True when the order was made by what has this digest. */
// @ts-ignore: decorator
@inline
export function isMadeBy(slot: u32, content: u64): bool {
  return (load<u32>(orderColdAt(slot), ORDER_COLD_CONTENT) & MARK_MASK) == markOf(content);
}

/**
 * Answers an OrderNew that was sent before, or whose id names another order; false when it is new.
 * `known` is the order of that id, 0 for none.
 */
export function repeatAnswer(rec: usize, account: u32, known: u32): bool {
  const content = contentOf(rec);
  if (known != 0 && isMadeBy(known, content)) {
    orderSay(known, load<u32>(rec, NEW_SESSION));
    return true;
  }
  const reason = denialOf(account, load<u64>(rec, ORDER_CLIENT_ID), content);
  if (reason != 0) {
    const out = denialBegin(rec, reason);
    outFlag(out, Flag.Replayed);
    outEnd(out);
    return true;
  }
  if (known == 0) return false;
  denyNew(rec, Refusal.ClientOrderIdDuplicate);
  return true;
}

/** What became of an order, to the session that asks. */
export function orderSay(slot: u32, session: u32): void {
  const state = <i32>load<u8>(orderAt(slot), ORDER_ROW_STATE);
  let kind = Kind.OrderAccepted;
  if (state == OrderState.Pending) kind = Kind.OrderPending;
  else if (state == OrderState.Rejected) kind = Kind.OrderRejected;
  const isRejected = state == OrderState.Rejected;
  const reason = isRejected ? <i32>load<u16>(routeOf(slot), RTE_END_REASON) : Refusal.None;
  const out = eventBegin(kind, slot, reason, 0);
  store<u32>(out, session, EVENT_SESSION);
  outFlag(out, Flag.Replayed);
  outEnd(out);
}

/** Denies an OrderNew, and remembers it when the answer would be the same again. */
export function refuseNew(rec: usize, account: u32, reason: i32): void {
  const clientId = load<u64>(rec, ORDER_CLIENT_ID);
  const isKept = account != 0 && clientId != 0 && clientId < OWN_IDS;
  if (isKept && !isPassing(reason)) denialKeep(account, clientId, contentOf(rec), reason);
  denyNew(rec, reason);
}

/** True for what only says "not now". */
export function isPassing(reason: i32): bool {
  return reason == Refusal.RateLimit || reason >= Refusal.OrdersFull;
}

// Denials --------------------------------------------------------------------------------------

// @ts-ignore: decorator
@inline
function rowAt(number: u32): usize {
  return <usize>DENIAL_ROWS + <usize>number * DENIAL_ROW_BYTES;
}

// @ts-ignore: decorator
@inline
function entryAt(index: u32): usize {
  return <usize>DENIAL_INDEX + (<usize>index << 1);
}

// @ts-ignore: decorator
@inline
function home(account: u32, clientId: u64, content: u64): u32 {
  return <u32>(mixPair(content, clientId, account) * LANE >> 32) & ENTRY_MASK;
}

function homeOf(row: usize): u32 {
  const clientId = load<u64>(row, DENIAL_CLIENT_ID);
  return home(load<u32>(row, DENIAL_ACCOUNT), clientId, load<u64>(row, DENIAL_CONTENT));
}

/** Why the same was denied before, its limit in O_LIMIT_VALUE; 0 when it was not. */
export function denialOf(account: u32, clientId: u64, content: u64): i32 {
  const denial = denialFind(account, clientId, content);
  if (denial == 0) return 0;
  store<i64>(O_LIMIT_VALUE, load<i64>(denial, DENIAL_LIMIT));
  return load<u16>(denial, DENIAL_REASON);
}

/** Address of the remembered denial, 0 for none. */
function denialFind(account: u32, clientId: u64, content: u64): usize {
  let index = home(account, clientId, content);
  while (true) {
    const number = <u32>load<u16>(entryAt(index));
    if (number == 0) return 0;
    const row = rowAt(number);
    const isOwn = load<u32>(row, DENIAL_ACCOUNT) == account;
    const isSame = load<u64>(row, DENIAL_CONTENT) == content;
    if (isOwn && isSame && load<u64>(row, DENIAL_CLIENT_ID) == clientId) return row;
    index = (index + 1) & ENTRY_MASK;
  }
}

/** Writes a denial over the oldest one. */
export function denialKeep(account: u32, clientId: u64, content: u64, reason: i32): void {
  const count = load<u64>(O_DENIALS);
  const number = <u32>(count % DENIALS_MAX) + 1;
  const row = rowAt(number);
  if (count >= <u64>DENIALS_MAX) forget(number);
  store<u64>(O_DENIALS, count + 1);
  store<u64>(row, clientId, DENIAL_CLIENT_ID);
  store<u64>(row, content, DENIAL_CONTENT);
  store<i64>(row, load<i64>(O_LIMIT_VALUE), DENIAL_LIMIT);
  store<u32>(row, account, DENIAL_ACCOUNT);
  store<u32>(row, <u32>reason, DENIAL_REASON);
  let index = homeOf(row);
  while (load<u16>(entryAt(index)) != 0) index = (index + 1) & ENTRY_MASK;
  store<u16>(entryAt(index), <u16>number);
}

/** Removes a row from the index and shifts back the entries that were pushed past it. */
function forget(number: u32): void {
  let hole = homeOf(rowAt(number));
  while (load<u16>(entryAt(hole)) != number) hole = (hole + 1) & ENTRY_MASK;
  let index = hole;
  while (true) {
    index = (index + 1) & ENTRY_MASK;
    const other = <u32>load<u16>(entryAt(index));
    if (other == 0) break;
    if (((index - homeOf(rowAt(other))) & ENTRY_MASK) < ((index - hole) & ENTRY_MASK)) continue;
    store<u16>(entryAt(hole), <u16>other);
    hole = index;
  }
  store<u16>(entryAt(hole), 0);
}
