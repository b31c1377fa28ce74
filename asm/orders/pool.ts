// Order slots, the client order id index, and the lists of open orders by account.
//
// An order id is (generation << 32) | slot, so a cancel by id needs no hash, and a stale id of a
// slot used again is noticed. Closed orders stay known for a while (ORDERS_CLOSED_MAX), first in,
// first out, so that a repeated client id is refused and a late cancel hears "not open" instead of
// "unknown"; then the slot is zeroed and goes to the free list, last in, first out, which keeps
// the live part of the table small and warm. The index uses linear probing with backward shift:
// no tombstones, the same table after the same commands.
//
// tidy: tested by test/asm/orders/bounds.test.ts
import {
  ACCOUNT_ROWS,
  ACCOUNT_ROW_BYTES,
  CLIENT_INDEX,
  CLIENT_INDEX_ENTRIES,
  CLIENT_INDEX_SHIFT,
  O_CLOSED,
  O_CLOSED_FIRST,
  O_CLOSED_LAST,
  O_ORDERS,
  O_ORDERS_FREE,
  O_ORDERS_OPEN,
  ORDERS_CLOSED_MAX,
  ORDERS_MAX,
  ORDER_COLD_LOCK,
  ORDER_COLD_NEXT,
  ORDER_COLD_PREV,
  ORDER_COLD_ROUTE,
  ORDER_COLD_ROWS,
  ORDER_COLD_SHIFT,
  ORDER_COLD_TERMS,
  ORDER_MORE_ROWS,
  ORDER_MORE_SHIFT,
  ORDER_ROWS,
  ORDER_ROW_ACCOUNT,
  ORDER_ROW_CLIENT_ID,
  ORDER_ROW_FLAGS,
  ORDER_ROW_GENERATION,
  ORDER_ROW_NEXT,
  ORDER_ROW_POSITION,
  ORDER_ROW_SHIFT,
  ORDER_ROW_STATE,
  ORDER_ROW_TIF,
  ORDER_TERMS_ROWS,
  ORDER_TERMS_SHIFT,
  POSITION_ROWS,
  POSITION_ROW_BYTES,
} from "../layout";
import { ACC_ORDERS_FIRST, ACC_ORDERS_OPEN } from "../accounts/account";
import { POS_ORDERS_OPEN } from "../positions/position";
import { OrderFlag, OrderState } from "../vocab";
import { cashLeave } from "./cash";
import { linkForget } from "./contingency";
import { expiryUnplace, isTimed } from "./expiry";
import { reduceLeave } from "./reduce";
import { routeForget } from "./route";
import { parentLeft } from "./parent-child";

const ENTRY_CLIENT_ID: i32 = 0; // u64
const ENTRY_ACCOUNT: i32 = 8; // u32
const ENTRY_ORDER: i32 = 12; // u32, 0 = the entry is empty
const ENTRY_MASK: u32 = CLIENT_INDEX_ENTRIES - 1;
/**
 * Clients count their orders up, so 64 following ids of an account lie together (1 KiB): a line and
 * a page of its own for each id would miss the caches at every new order. Each group begins at
 * another place of its 64, so that the first ids of many accounts do not meet.
 */
const GROUP_SHIFT: u32 = 6;
const GROUP_MASK: u32 = (1 << GROUP_SHIFT) - 1;

/** Closed orders looked at before they are forgotten: as many as a command mostly closes. */
const CLOSED_AHEAD: i32 = 4;

/** Address of an order's hot line. */
// @ts-ignore: decorator
@inline
export function orderAt(slot: u32): usize {
  return <usize>ORDER_ROWS + (<usize>slot << ORDER_ROW_SHIFT);
}

/** Address of an order's cold half line. */
// @ts-ignore: decorator
@inline
export function orderColdAt(slot: u32): usize {
  return <usize>ORDER_COLD_ROWS + (<usize>slot << ORDER_COLD_SHIFT);
}

/** Address of an order's terms; all zero unless ORDER_COLD_TERMS is set. */
// @ts-ignore: decorator
@inline
export function orderTermsAt(slot: u32): usize {
  return <usize>ORDER_TERMS_ROWS + (<usize>slot << ORDER_TERMS_SHIFT);
}

/** Address of what a trailing or reduce-only order has beside its terms. */
// @ts-ignore: decorator
@inline
export function orderMoreAt(slot: u32): usize {
  return <usize>ORDER_MORE_ROWS + (<usize>slot << ORDER_MORE_SHIFT);
}

/** The public id of the order in `slot`. */
// @ts-ignore: decorator
@inline
export function orderId(slot: u32): u64 {
  return (<u64>load<u32>(orderAt(slot), ORDER_ROW_GENERATION) << 32) | <u64>slot;
}

/** Slot of a public order id, 0 when it names no order we still know. */
export function orderById(id: u64): u32 {
  const slot = <u32>id;
  if (slot == 0 || slot >= load<u32>(O_ORDERS)) return 0;
  const order = orderAt(slot);
  if (load<u32>(order, ORDER_ROW_GENERATION) != <u32>(id >> 32)) return 0;
  return load<u8>(order, ORDER_ROW_STATE) == OrderState.None ? 0 : slot;
}

/** True when another order fits. */
// @ts-ignore: decorator
@inline
export function orderHasRoom(): bool {
  return load<u32>(O_ORDERS_FREE) != 0 || load<u32>(O_ORDERS) < <u32>ORDERS_MAX;
}

/** Takes a zeroed slot (state None) with its next generation; ask `orderHasRoom` first. */
export function orderTake(): u32 {
  let slot = load<u32>(O_ORDERS_FREE);
  if (slot != 0) {
    store<u32>(O_ORDERS_FREE, load<u32>(orderAt(slot), ORDER_ROW_NEXT));
    store<u32>(orderAt(slot), 0, ORDER_ROW_NEXT);
  } else {
    slot = load<u32>(O_ORDERS);
    assert(slot > 0 && slot < <u32>ORDERS_MAX, "an order slot is free");
    store<u32>(O_ORDERS, slot + 1);
  }
  const order = orderAt(slot);
  store<u32>(order, load<u32>(order, ORDER_ROW_GENERATION) + 1, ORDER_ROW_GENERATION);
  return slot;
}

/** Enters an accepted order into its account's list, the counts and the client id index. */
export function orderEnter(slot: u32): void {
  const order = orderAt(slot);
  const account = load<u32>(order, ORDER_ROW_ACCOUNT);
  const at = accountRow(account);
  const first = load<u32>(at, ACC_ORDERS_FIRST);
  store<u32>(orderColdAt(slot), first, ORDER_COLD_NEXT);
  if (first != 0) store<u32>(orderColdAt(first), slot, ORDER_COLD_PREV);
  store<u32>(at, slot, ACC_ORDERS_FIRST);
  countOpen(order, at, 1);
  indexInsert(account, load<u64>(order, ORDER_ROW_CLIENT_ID), slot);
}

/** Takes a closed order (out of its book, state terminal) out of the account's open orders. */
export function orderLeave(slot: u32): void {
  const order = orderAt(slot);
  if (isTimed(<i32>load<u8>(order, ORDER_ROW_TIF))) expiryUnplace(slot);
  if ((load<u8>(order, ORDER_ROW_FLAGS) & OrderFlag.ReduceOnly) != 0) reduceLeave(slot);
  const at = accountRow(load<u32>(order, ORDER_ROW_ACCOUNT));
  const cold = orderColdAt(slot);
  const next = load<u32>(cold, ORDER_COLD_NEXT);
  const prev = load<u32>(cold, ORDER_COLD_PREV);
  if (prev != 0) store<u32>(orderColdAt(prev), next, ORDER_COLD_NEXT);
  else store<u32>(at, next, ACC_ORDERS_FIRST);
  if (next != 0) store<u32>(orderColdAt(next), prev, ORDER_COLD_PREV);
  store<u64>(cold, 0, ORDER_COLD_NEXT);
  if (load<u8>(cold, ORDER_COLD_LOCK) != 0) cashLeave(slot);
  countOpen(order, at, -1);
  if (load<u8>(cold, ORDER_COLD_TERMS) != 0) parentLeft(slot);
  closedPush(slot);
}

// @ts-ignore: decorator
@inline
function accountRow(account: u32): usize {
  return <usize>ACCOUNT_ROWS + <usize>account * ACCOUNT_ROW_BYTES;
}

// @ts-ignore: decorator
@inline
function countOpen(order: usize, account: usize, by: i32): void {
  const positionSlot = <usize>load<u32>(order, ORDER_ROW_POSITION);
  const position = <usize>POSITION_ROWS + positionSlot * POSITION_ROW_BYTES;
  store<u32>(account, load<u32>(account, ACC_ORDERS_OPEN) + by, ACC_ORDERS_OPEN);
  store<u32>(position, load<u32>(position, POS_ORDERS_OPEN) + by, POS_ORDERS_OPEN);
  store<u32>(O_ORDERS_OPEN, load<u32>(O_ORDERS_OPEN) + by);
}

// Closed orders --------------------------------------------------------------------------------

function closedPush(slot: u32): void {
  const last = load<u32>(O_CLOSED_LAST);
  if (last != 0) store<u32>(orderAt(last), slot, ORDER_ROW_NEXT);
  else store<u32>(O_CLOSED_FIRST, slot);
  store<u32>(O_CLOSED_LAST, slot);
  const count = load<u32>(O_CLOSED) + 1;
  store<u32>(O_CLOSED, count);
  if (count > <u32>ORDERS_CLOSED_MAX) closedForget();
}

/** Forgets the oldest closed order: index entry, both lines; the generation stays. */
function closedForget(): void {
  const slot = load<u32>(O_CLOSED_FIRST);
  const order = orderAt(slot);
  const next = load<u32>(order, ORDER_ROW_NEXT);
  store<u32>(O_CLOSED_FIRST, next);
  if (next == 0) store<u32>(O_CLOSED_LAST, 0);
  store<u32>(O_CLOSED, load<u32>(O_CLOSED) - 1);
  indexRemove(load<u32>(order, ORDER_ROW_ACCOUNT), load<u64>(order, ORDER_ROW_CLIENT_ID));
  const generation = load<u32>(order, ORDER_ROW_GENERATION);
  // Plain stores: a fill of so few bytes is a call out of the compiled code.
  const zero = v128.splat<i64>(0);
  for (let at = 0; at < 1 << ORDER_ROW_SHIFT; at += 16) v128.store(order + at, zero);
  const cold = orderColdAt(slot);
  if (load<u8>(cold, ORDER_COLD_TERMS) != 0) {
    linkForget(slot);
    termsForget(slot);
  }
  for (let at = 0; at < 1 << ORDER_COLD_SHIFT; at += 16) v128.store(cold + at, zero);
  store<u32>(order, generation, ORDER_ROW_GENERATION);
  store<u32>(order, load<u32>(O_ORDERS_FREE), ORDER_ROW_NEXT);
  store<u32>(O_ORDERS_FREE, slot);
}

/**
 * Reads what forgetting the next closed orders will need: those are the oldest lines of all, and
 * each lies elsewhere. The last one's row is read here for the first time, so that the list is
 * walked over rows that were read before. For orders/ahead.ts.
 */
export function closedAhead(): u64 {
  if (load<u32>(O_CLOSED) < <u32>ORDERS_CLOSED_MAX) return 0;
  let slot = load<u32>(O_CLOSED_FIRST);
  let sum: u64 = 0;
  for (let step = 0; step < CLOSED_AHEAD; step++) {
    const order = orderAt(slot);
    const account = load<u32>(order, ORDER_ROW_ACCOUNT);
    sum += orderGuess(account, load<u64>(order, ORDER_ROW_CLIENT_ID));
    sum += load<u64>(orderColdAt(slot));
    slot = load<u32>(order, ORDER_ROW_NEXT);
  }
  return sum + load<u64>(orderAt(slot));
}

function termsForget(slot: u32): void {
  const route = load<u32>(orderColdAt(slot), ORDER_COLD_ROUTE);
  if (route != 0) routeForget(route);
  const zero = v128.splat<i64>(0);
  const terms = orderTermsAt(slot);
  for (let at = 0; at < 1 << ORDER_TERMS_SHIFT; at += 16) v128.store(terms + at, zero);
  const more = orderMoreAt(slot);
  for (let at = 0; at < 1 << ORDER_MORE_SHIFT; at += 16) v128.store(more + at, zero);
}

// Client order ids -----------------------------------------------------------------------------

// @ts-ignore: decorator
@inline
function home(account: u32, clientId: u64): u32 {
  const mixed = ((clientId >> GROUP_SHIFT) ^ (<u64>account << 40)) * 0x9e3779b97f4a7c15;
  const group = <u32>(mixed >> 40) << GROUP_SHIFT;
  return (group | ((<u32>clientId + <u32>(mixed >> 58)) & GROUP_MASK)) & ENTRY_MASK;
}

// @ts-ignore: decorator
@inline
function entryAt(index: u32): usize {
  return <usize>CLIENT_INDEX + (<usize>index << CLIENT_INDEX_SHIFT);
}

/** Index of the entry of (account slot, client id), or of the empty entry where it would lie. */
// @ts-ignore: decorator
@inline
function indexFind(account: u32, clientId: u64): u32 {
  let index = home(account, clientId);
  while (true) {
    const entry = entryAt(index);
    if (load<u32>(entry, ENTRY_ORDER) == 0) return index;
    const isSame = load<u64>(entry, ENTRY_CLIENT_ID) == clientId;
    if (isSame && load<u32>(entry, ENTRY_ACCOUNT) == account) return index;
    index = (index + 1) & ENTRY_MASK;
  }
}

/** Slot of the account's order with this client id, open or recently closed; 0 when unknown. */
export function orderByClientId(account: u32, clientId: u64): u32 {
  return load<u32>(entryAt(indexFind(account, clientId)), ENTRY_ORDER);
}

/** Slot in the entry where the order of this id lies unless another one pushed it on. */
// @ts-ignore: decorator
@inline
export function orderGuess(account: u32, clientId: u64): u32 {
  return load<u32>(entryAt(home(account, clientId)), ENTRY_ORDER);
}

function indexInsert(account: u32, clientId: u64, slot: u32): void {
  const entry = entryAt(indexFind(account, clientId));
  assert(load<u32>(entry, ENTRY_ORDER) == 0, "a client id is known once");
  store<u64>(entry, clientId, ENTRY_CLIENT_ID);
  store<u32>(entry, account, ENTRY_ACCOUNT);
  store<u32>(entry, slot, ENTRY_ORDER);
}

/** Removes an entry and shifts back those that were pushed past it. */
function indexRemove(account: u32, clientId: u64): void {
  let hole = indexFind(account, clientId);
  assert(load<u32>(entryAt(hole), ENTRY_ORDER) != 0, "a known order is in the index");
  let index = hole;
  while (true) {
    index = (index + 1) & ENTRY_MASK;
    const entry = entryAt(index);
    if (load<u32>(entry, ENTRY_ORDER) == 0) break;
    const wanted = home(load<u32>(entry, ENTRY_ACCOUNT), load<u64>(entry, ENTRY_CLIENT_ID));
    if (((index - wanted) & ENTRY_MASK) < ((index - hole) & ENTRY_MASK)) continue;
    v128.store(entryAt(hole), v128.load(entry));
    hole = index;
  }
  v128.store(entryAt(hole), v128.splat<i64>(0));
}
