// Parents: orders that the core works over time as many children. Their rows and deadlines.
//
// A parent is a row of its own table, never an order: it rests nowhere, and its children are orders
// like any other. Open parents lie in a heap by the time they act next, then by arrival; its first
// entry is a deadline of the order role. A closed row stays known until it is needed again, so that
// a repeated client id is refused for as long as there is room to remember it.
//
// tidy: tested by test/asm/orders/parent.test.ts
import {
  O_PARENTS,
  O_PARENTS_CLOSED_FIRST,
  O_PARENTS_CLOSED_LAST,
  O_PARENTS_OPEN,
  O_PARENT_NUMBER,
  PARENT_HEAP,
  PARENT_ROWS,
  PARENT_ROW_BYTES,
  PARENTS_MAX,
  PARENTS_PER_ACCOUNT_MAX,
} from "../layout";
import { ParentState, Refusal } from "../vocab";

export const PAR_ACCOUNT: i32 = 0; // u32, account slot
export const PAR_INSTRUMENT: i32 = 4; // u32
export const PAR_STRATEGY: i32 = 8; // u16
export const PAR_ALGORITHM: i32 = 10; // u8
export const PAR_SIDE: i32 = 11; // u8
export const PAR_STYLE: i32 = 12; // u8
export const PAR_SELF_TRADE: i32 = 13; // u8
export const PAR_STATE: i32 = 14; // u8, enum ParentState
export const PAR_FLAGS: i32 = 15; // u8, bits of ParentFlag
export const PAR_CLIENT_ID: i32 = 16; // u64
export const PAR_QTY: i32 = 24; // i64
export const PAR_FILLED: i32 = 32; // i64
export const PAR_LIMIT: i32 = 40; // i64, ticks
export const PAR_START: i32 = 48; // i64
export const PAR_END: i32 = 56; // i64, i64.MAX_VALUE = none
export const PAR_INTERVAL: i32 = 64; // i64
export const PAR_CHILD_MIN: i32 = 72; // i64
export const PAR_CHILD_MAX: i32 = 80; // i64
export const PAR_SESSION: i32 = 88; // u32
export const PAR_MODEL: i32 = 92; // u16
export const PAR_SHARE_BPS: i32 = 94; // u16
export const PAR_TAG: i32 = 96; // u64
export const PAR_DRIFT_BPS: i32 = 104; // u32
export const PAR_SLICES: i32 = 108; // u32
export const PAR_DECAY: i32 = 112; // f64, Almgren and Chriss's kappa times the interval
export const PAR_TARGET: i32 = 120; // i64
export const PAR_COST: i32 = 128; // 16 bytes, sum of ticks x lots
export const PAR_FEES: i32 = 144; // i64
export const PAR_ARRIVAL: i32 = 152; // i64, half ticks
export const PAR_BASE_LOTS: i32 = 160; // i64, what its market had traded at the start
export const PAR_BASE_TURNOVER: i32 = 168; // 16 bytes
export const PAR_CHILD: i32 = 184; // u32, order slot of the open child
export const PAR_CHILDREN: i32 = 188; // u32
export const PAR_REFUSED: i32 = 192; // u32, denials since a child was accepted
export const PAR_DENIALS: i32 = 196; // u32
export const PAR_NUMBER: i32 = 200; // u64, parents made before it
export const PAR_PLACE: i32 = 208; // u32, place in the heap, from 1
export const PAR_NEXT: i32 = 212; // u32, in the list of closed ones
export const PAR_REASON: i32 = 216; // u16, enum Refusal
export const PAR_POSITION_SIDE: i32 = 218; // u8, enum PositionSide
export const PAR_SAID: i32 = 220; // u8, 1 = done at a venue: the market's sums are of its life
export const PAR_ENDING: i32 = 219; // u8, enum ParentState it will have once its child has ended

const NODE_SHIFT: i32 = 4;
const NODE_DUE: i32 = 0; // i64
const NODE_PARENT: i32 = 8; // u32

/** Address of a parent's row. */
// @ts-ignore: decorator
@inline
export function parentAt(parent: u32): usize {
  return <usize>PARENT_ROWS + <usize>parent * PARENT_ROW_BYTES;
}

// @ts-ignore: decorator
@inline
export function parentIsOpen(row: usize): bool {
  const state = load<u8>(row, PAR_STATE);
  return state == ParentState.Waiting || state == ParentState.Working;
}

/** Row of the account's parent with this client id, open or still known; 0 when there is none. */
export function parentFind(account: u32, clientId: u64): u32 {
  const rows = load<u32>(O_PARENTS);
  for (let parent: u32 = 1; parent < rows; parent++) {
    const row = parentAt(parent);
    if (load<u64>(row, PAR_CLIENT_ID) == clientId && load<u32>(row, PAR_ACCOUNT) == account) {
      return parent;
    }
  }
  return 0;
}

/** OrdersFull when the account, or the table, holds as many open parents as it may. */
export function parentRoomRefusal(account: u32): Refusal {
  if (load<u32>(O_PARENTS_OPEN) >= <u32>PARENTS_MAX - 1) return Refusal.OrdersFull;
  let open = 0;
  const rows = load<u32>(O_PARENTS);
  for (let parent: u32 = 1; parent < rows; parent++) {
    const row = parentAt(parent);
    if (load<u32>(row, PAR_ACCOUNT) == account && parentIsOpen(row)) open++;
  }
  return open >= PARENTS_PER_ACCOUNT_MAX ? Refusal.OrdersFull : Refusal.None;
}

/** Takes a zeroed row, a new one or that of the parent closed the longest. */
export function parentTake(): u32 {
  if (load<u32>(O_PARENTS) == 0) store<u32>(O_PARENTS, 1);
  let parent = load<u32>(O_PARENTS);
  if (parent < <u32>PARENTS_MAX) store<u32>(O_PARENTS, parent + 1);
  else {
    parent = load<u32>(O_PARENTS_CLOSED_FIRST);
    assert(parent != 0, "a parent row is free");
    const next = load<u32>(parentAt(parent), PAR_NEXT);
    store<u32>(O_PARENTS_CLOSED_FIRST, next);
    if (next == 0) store<u32>(O_PARENTS_CLOSED_LAST, 0);
    memory.fill(parentAt(parent), 0, PARENT_ROW_BYTES);
  }
  const number = load<u64>(O_PARENT_NUMBER) + 1;
  store<u64>(O_PARENT_NUMBER, number);
  store<u64>(parentAt(parent), number, PAR_NUMBER);
  return parent;
}

/** Takes a closed parent out of the heap and remembers it behind the others. */
export function parentForget(parent: u32): void {
  heapRemove(load<u32>(parentAt(parent), PAR_PLACE));
  const last = load<u32>(O_PARENTS_CLOSED_LAST);
  if (last != 0) store<u32>(parentAt(last), parent, PAR_NEXT);
  else store<u32>(O_PARENTS_CLOSED_FIRST, parent);
  store<u32>(O_PARENTS_CLOSED_LAST, parent);
}

// Deadlines ------------------------------------------------------------------------------------

// @ts-ignore: decorator
@inline
function nodeAt(place: u32): usize {
  return <usize>PARENT_HEAP + (<usize>(place - 1) << NODE_SHIFT);
}

/** When the first open parent acts next; i64.MAX_VALUE when there is none. */
// @ts-ignore: decorator
@inline
export function parentDueNanos(): i64 {
  return load<u32>(O_PARENTS_OPEN) == 0 ? i64.MAX_VALUE : load<i64>(nodeAt(1), NODE_DUE);
}

/** The parent that acts first; at least one must be open. */
export function parentFirst(): u32 {
  assert(load<u32>(O_PARENTS_OPEN) != 0, "the heap has a first entry");
  return load<u32>(nodeAt(1), NODE_PARENT);
}

/** Sets when an open parent acts next, and enters a new one; the caller publishes the deadline. */
export function parentDueSet(parent: u32, dueNanos: i64): void {
  let place = load<u32>(parentAt(parent), PAR_PLACE);
  if (place == 0) {
    place = load<u32>(O_PARENTS_OPEN) + 1;
    assert(place < <u32>PARENTS_MAX, "a parent is in the heap once");
    store<u32>(O_PARENTS_OPEN, place);
  }
  heapSettle(place, parent, dueNanos);
}

function heapRemove(place: u32): void {
  const count = load<u32>(O_PARENTS_OPEN);
  assert(place != 0 && place <= count, "an open parent is in the heap");
  store<u32>(parentAt(load<u32>(nodeAt(place), NODE_PARENT)), 0, PAR_PLACE);
  store<u32>(O_PARENTS_OPEN, count - 1);
  const last = nodeAt(count);
  const parent = load<u32>(last, NODE_PARENT);
  const dueNanos = load<i64>(last, NODE_DUE);
  memory.fill(last, 0, 1 << NODE_SHIFT);
  if (place != count) heapSettle(place, parent, dueNanos);
}

/** Puts an entry at its place, from `place` on up or down. */
function heapSettle(place: u32, parent: u32, dueNanos: i64): void {
  while (place > 1 && isBefore(dueNanos, parent, nodeAt(place >> 1))) {
    heapPut(place, load<u32>(nodeAt(place >> 1), NODE_PARENT), load<i64>(nodeAt(place >> 1)));
    place >>= 1;
  }
  const count = load<u32>(O_PARENTS_OPEN);
  while (true) {
    let child = place << 1;
    if (child > count) break;
    if (child < count) {
      const right = nodeAt(child + 1);
      if (isBefore(load<i64>(right), load<u32>(right, NODE_PARENT), nodeAt(child))) child++;
    }
    const node = nodeAt(child);
    if (isBefore(dueNanos, parent, node)) break;
    heapPut(place, load<u32>(node, NODE_PARENT), load<i64>(node));
    place = child;
  }
  heapPut(place, parent, dueNanos);
}

/** True when the entry comes before the one at `node`, or is it. */
// @ts-ignore: decorator
@inline
function isBefore(dueNanos: i64, parent: u32, node: usize): bool {
  const other = load<i64>(node, NODE_DUE);
  if (dueNanos != other) return dueNanos < other;
  const number = load<u64>(parentAt(parent), PAR_NUMBER);
  return number <= load<u64>(parentAt(load<u32>(node, NODE_PARENT)), PAR_NUMBER);
}

// @ts-ignore: decorator
@inline
function heapPut(place: u32, parent: u32, dueNanos: i64): void {
  store<i64>(nodeAt(place), dueNanos, NODE_DUE);
  store<u32>(nodeAt(place), parent, NODE_PARENT);
  store<u32>(parentAt(parent), place, PAR_PLACE);
}
