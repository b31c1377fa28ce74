// When the next candle must close by time: a binary heap of instruments by their earliest end.
//
// A thousand instruments end their minute together, so a scan at every close would cost a thousand
// slots a thousand times. The order is total (end, then instrument), so the heap's first entry does
// not depend on how it came about, and the header always holds the exact next deadline.
// tidy: tested by test/asm/candles/timeframe.test.ts
import {
  H_DEADLINE_MARKET,
  INSTRUMENTS_MAX,
  MARKET_DEADLINES,
  MARKET_DEADLINE_COUNT,
  MARKET_INSTRUMENTS,
  MARKET_INSTRUMENT_BYTES,
  MI_HEAP,
} from "../layout";

const NODE_SHIFT: i32 = 4;
const NODE_END: i32 = 0; // i64
const NODE_ID: i32 = 8; // u32

// @ts-ignore: decorator
@inline
function nodeAt(place: u32): usize {
  return <usize>MARKET_DEADLINES + (<usize>(place - 1) << NODE_SHIFT);
}

// @ts-ignore: decorator
@inline
function slotOf(id: u32): usize {
  return <usize>MARKET_INSTRUMENTS + <usize>id * MARKET_INSTRUMENT_BYTES;
}

/** Instruments with a begun candle. */
// @ts-ignore: decorator
@inline
export function deadlineCount(): u32 {
  return load<u32>(MARKET_DEADLINE_COUNT);
}

/** The earliest end, i64.MAX_VALUE when no candle is begun. */
export function deadlineFirst(): i64 {
  return deadlineCount() == 0 ? i64.MAX_VALUE : load<i64>(nodeAt(1), NODE_END);
}

/** The instrument with the earliest end (the lowest of equal ones); at least one must be there. */
export function deadlineInstrument(): u32 {
  assert(deadlineCount() > 0, "the heap has a first entry");
  return load<u32>(nodeAt(1), NODE_ID);
}

/** Sets the instrument's earliest end; i64.MAX_VALUE takes it out. O(log instruments). */
export function deadlineSet(id: u32, endNanos: i64): void {
  const place = load<u32>(slotOf(id), MI_HEAP);
  if (endNanos == i64.MAX_VALUE) {
    if (place != 0) remove(place);
  } else if (place == 0) {
    insert(id, endNanos);
  } else if (load<i64>(nodeAt(place), NODE_END) != endNanos) {
    settle(place, id, endNanos);
  } else return;
  store<i64>(H_DEADLINE_MARKET, deadlineFirst());
}

function insert(id: u32, endNanos: i64): void {
  const count = deadlineCount() + 1;
  assert(count <= <u32>INSTRUMENTS_MAX, "an instrument is in the heap once");
  store<u32>(MARKET_DEADLINE_COUNT, count);
  settle(count, id, endNanos);
}

function remove(place: u32): void {
  const count = deadlineCount();
  store<u32>(slotOf(load<u32>(nodeAt(place), NODE_ID)), 0, MI_HEAP);
  store<u32>(MARKET_DEADLINE_COUNT, count - 1);
  const last = nodeAt(count);
  const id = load<u32>(last, NODE_ID);
  const endNanos = load<i64>(last, NODE_END);
  // The place behind the end stays zero: equal heaps have equal bytes.
  memory.fill(last, 0, 1 << NODE_SHIFT);
  if (place != count) settle(place, id, endNanos);
}

/** Puts (id, end) where it belongs, starting from a free place. */
function settle(place: u32, id: u32, endNanos: i64): void {
  while (place > 1 && isBefore(endNanos, id, nodeAt(place >> 1))) {
    move(place >> 1, place);
    place >>= 1;
  }
  const count = deadlineCount();
  for (let child = place << 1; child <= count; child = place << 1) {
    if (child < count && isNodeBefore(child + 1, child)) child++;
    if (isBefore(endNanos, id, nodeAt(child))) break;
    move(child, place);
    place = child;
  }
  put(place, id, endNanos);
}

function isNodeBefore(left: u32, right: u32): bool {
  const at = nodeAt(left);
  return isBefore(load<i64>(at, NODE_END), load<u32>(at, NODE_ID), nodeAt(right));
}

// @ts-ignore: decorator
@inline
function isBefore(endNanos: i64, id: u32, node: usize): bool {
  const other = load<i64>(node, NODE_END);
  return endNanos < other || (endNanos == other && id < load<u32>(node, NODE_ID));
}

function move(from: u32, to: u32): void {
  const at = nodeAt(from);
  put(to, load<u32>(at, NODE_ID), load<i64>(at, NODE_END));
}

function put(place: u32, id: u32, endNanos: i64): void {
  const at = nodeAt(place);
  store<i64>(at, endNanos, NODE_END);
  store<u32>(at, id, NODE_ID);
  store<u32>(slotOf(id), place, MI_HEAP);
}
