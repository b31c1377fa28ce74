// Liquidity pools: prices beyond which stops rest, and whether a run on them held.
//
// Equal highs and lows of internal swings, the extremes of the previous day and week, those of a
// session that is over. A pool is taken by the first trade beyond it. A close back within the
// candles of the sweep setting makes it a sweep, else it was a break; both end it.
// tidy: tested by test/asm/structure/structure.test.ts
import { outEnd } from "../output";
import { STRUCTURE_TOUCHES, StructureFlag, StructureKind, StructureState } from "../vocab";
import { eventAt, eventBegin, nextId } from "./event";
import {
  averageRange,
  candleEntry,
  K_CLOSE,
  K_HIGH,
  K_LOW,
  M_ABOVE,
  M_BELOW,
  M_KNOWN_NUMBER,
  M_NUMBER,
  M_POOL_FACTOR,
  M_POOLS,
  M_SWEEP,
  sideOf,
} from "./machine";

/** Pools, and unpaired swings, a machine keeps. */
export const POOLS_MAX: u32 = 64;
// The table: how many pools and how many swings, the pools by age, the swings by age.
const TABLE_SWINGS: i32 = 4; // u32
const TABLE_HEAD: usize = 64;
const P_ID: i32 = 0; // u32
const P_PARENT: i32 = 4; // u32
const P_STATE: i32 = 8; // u8, enum StructureState
const P_DOWN: i32 = 9; // u8, 1 = a pool of lows: it is taken downward
const P_FLAGS: i32 = 10; // u16, bits of StructureFlag
const P_TOUCHES: i32 = 12; // u16, swings in it
const P_NUMBER: i32 = 16; // u32, candle it lies at
const P_TAKEN: i32 = 20; // u32, candle that went beyond it
const P_LOW: i32 = 24; // i64 ticks
const P_HIGH: i32 = 32; // i64 ticks
const P_NANOS: i32 = 40; // i64, open of its candle
const POOL_BYTES: usize = 48;
// A swing without its equal, not closed beyond.
const W_PRICE: i32 = 0; // i64 ticks
const W_NANOS: i32 = 8; // i64
const W_NUMBER: i32 = 16; // u32
const W_ID: i32 = 20; // u32
const W_DOWN: i32 = 24; // u8
const SWING_BYTES: usize = 32;
const SWINGS_AT: usize = TABLE_HEAD + 64 * POOL_BYTES;
/** Bytes of the table. */
export const POOL_TABLE_BYTES: i32 = 64 + 64 * 48 + 64 * 32;

// @ts-ignore: decorator
@inline
function poolAt(table: usize, i: u32): usize {
  return table + TABLE_HEAD + <usize>i * POOL_BYTES;
}

// @ts-ignore: decorator
@inline
function swingAt(table: usize, i: u32): usize {
  return table + SWINGS_AT + <usize>i * SWING_BYTES;
}

// @ts-ignore: decorator
@inline
function wayOf(at: usize): i64 {
  return load<u8>(at, P_DOWN) != 0 ? -1 : 1;
}

/** The price beyond which the stops rest. */
// @ts-ignore: decorator
@inline
function edgeOf(at: usize, way: i64): i64 {
  return way > 0 ? load<i64>(at, P_HIGH) : load<i64>(at, P_LOW);
}

function tell(m: usize, at: usize, state: i32, priceTicks: i64): void {
  store<u8>(at, <u8>state, P_STATE);
  // What runs upward into it comes back down: the pool points against the way it is taken.
  const side = sideOf(-wayOf(at));
  const flags: u32 = load<u16>(at, P_FLAGS);
  const rec = eventBegin(m, StructureKind.LiquidityPool, state, side, flags, load<u32>(at, P_ID));
  eventAt(
    rec,
    load<u32>(at, P_PARENT),
    load<i64>(at, P_LOW),
    load<i64>(at, P_HIGH),
    load<i64>(at, P_NANOS),
    load<u32>(at, P_NUMBER),
    priceTicks,
  );
  store<u16>(rec, load<u16>(at, P_TOUCHES), STRUCTURE_TOUCHES);
  outEnd(rec);
}

function removePool(table: usize, i: u32): void {
  const count = load<u32>(table) - 1;
  store<u32>(table, count);
  const at = poolAt(table, i);
  memory.copy(at, at + POOL_BYTES, <usize>(count - i) * POOL_BYTES);
  memory.fill(poolAt(table, count), 0, POOL_BYTES);
}

/** Forms a pool of `flags` with `touches` swings; a full table loses its oldest, aloud. */
export function poolForm(
  m: usize,
  way: i64,
  flags: u32,
  touches: u32,
  parent: u32,
  lowTicks: i64,
  highTicks: i64,
  openNanos: i64,
  number: u32,
): void {
  const table = <usize>load<u32>(m, M_POOLS);
  if (table == 0) return;
  const close = load<i64>(candleEntry(m, load<u32>(m, M_NUMBER)), K_CLOSE);
  if (load<u32>(table) == POOLS_MAX) {
    tell(m, poolAt(table, 0), StructureState.Evicted, close);
    removePool(table, 0);
  }
  const count = load<u32>(table);
  store<u32>(table, count + 1);
  const at = poolAt(table, count);
  store<u32>(at, nextId(m), P_ID);
  store<u32>(at, parent, P_PARENT);
  store<u8>(at, way > 0 ? 0 : 1, P_DOWN);
  store<u16>(at, <u16>flags, P_FLAGS);
  store<u16>(at, <u16>touches, P_TOUCHES);
  store<u32>(at, number, P_NUMBER);
  store<i64>(at, lowTicks, P_LOW);
  store<i64>(at, highTicks, P_HIGH);
  store<i64>(at, openNanos, P_NANOS);
  tell(m, at, StructureState.Formed, close);
}

/** Ends the pools of a flag that are still there: the next day's or week's take their place. */
export function poolsReplace(m: usize, flag: u32): void {
  const table = <usize>load<u32>(m, M_POOLS);
  if (table == 0) return;
  const close = load<i64>(candleEntry(m, load<u32>(m, M_NUMBER)), K_CLOSE);
  for (let i: u32 = 0; i < load<u32>(table); i++) {
    const at = poolAt(table, i);
    if ((load<u16>(at, P_FLAGS) & flag) == 0) continue;
    tell(m, at, StructureState.Dead, close);
    removePool(table, i);
    i--;
  }
}

/** Lets the pools see a trade. */
export function poolsReach(m: usize, table: usize, lowTicks: i64, highTicks: i64): void {
  for (let i: u32 = 0, n = load<u32>(table); i < n; i++) {
    reach(m, poolAt(table, i), lowTicks, highTicks);
  }
}

// @ts-ignore: decorator
@inline
function reach(m: usize, at: usize, lowTicks: i64, highTicks: i64): void {
  if (load<u8>(at, P_STATE) == StructureState.Taken) return;
  const way = wayOf(at);
  const priceTicks = way > 0 ? highTicks : lowTicks;
  if (way * priceTicks <= way * edgeOf(at, way)) return;
  store<u32>(at, load<u32>(m, M_KNOWN_NUMBER), P_TAKEN);
  tell(m, at, StructureState.Taken, priceTicks);
}

/** Lets pools and unpaired swings see a closed candle. */
export function poolsClose(m: usize, table: usize, entry: usize): void {
  const low = load<i64>(entry, K_LOW);
  const high = load<i64>(entry, K_HIGH);
  const close = load<i64>(entry, K_CLOSE);
  const number = load<u32>(m, M_NUMBER);
  for (let i: u32 = 0; i < load<u32>(table); i++) {
    const at = poolAt(table, i);
    reach(m, at, low, high);
    if (load<u8>(at, P_STATE) != StructureState.Taken) continue;
    const way = wayOf(at);
    const isBack = way * close < way * edgeOf(at, way);
    if (!isBack && number - load<u32>(at, P_TAKEN) + 1 < load<u32>(m, M_SWEEP)) continue;
    tell(m, at, isBack ? StructureState.Swept : StructureState.Broken, close);
    removePool(table, i);
    i--;
  }
  for (let i: u32 = 0; i < load<u32>(table, TABLE_SWINGS); i++) {
    const at = swingAt(table, i);
    const way: i64 = load<u8>(at, W_DOWN) != 0 ? -1 : 1;
    if (way * close <= way * load<i64>(at, W_PRICE)) continue;
    removeSwing(table, i);
    i--;
  }
}

function removeSwing(table: usize, i: u32): void {
  const count = load<u32>(table, TABLE_SWINGS) - 1;
  store<u32>(table, count, TABLE_SWINGS);
  const at = swingAt(table, i);
  memory.copy(at, at + SWING_BYTES, <usize>(count - i) * SWING_BYTES);
  memory.fill(swingAt(table, count), 0, SWING_BYTES);
}

/** An internal swing was confirmed: it joins a pool, makes one with its equal, or waits for one. */
export function poolSwing(
  m: usize,
  way: i64,
  priceTicks: i64,
  openNanos: i64,
  number: u32,
  id: u32,
): void {
  const table = <usize>load<u32>(m, M_POOLS);
  if (table == 0) return;
  const average = averageRange(m);
  if (average != 0 && paired(m, table, way, priceTicks, load<f64>(m, M_POOL_FACTOR) * average)) {
    return;
  }
  if (load<u32>(table, TABLE_SWINGS) == POOLS_MAX) removeSwing(table, 0);
  const count = load<u32>(table, TABLE_SWINGS);
  store<u32>(table, count + 1, TABLE_SWINGS);
  const at = swingAt(table, count);
  store<i64>(at, priceTicks, W_PRICE);
  store<i64>(at, openNanos, W_NANOS);
  store<u32>(at, number, W_NUMBER);
  store<u32>(at, id, W_ID);
  store<u8>(at, way > 0 ? 0 : 1, W_DOWN);
}

/** Finds the swing's equal among pools, then among swings, oldest first; false when it has none. */
function paired(m: usize, table: usize, way: i64, priceTicks: i64, tolerance: f64): bool {
  for (let i: u32 = 0, n = load<u32>(table); i < n; i++) {
    const at = poolAt(table, i);
    const isEqual = (load<u16>(at, P_FLAGS) & StructureFlag.Equal) != 0;
    if (!isEqual || wayOf(at) != way || load<u8>(at, P_STATE) == StructureState.Taken) continue;
    if (<f64>abs(priceTicks - edgeOf(at, way)) > tolerance) continue;
    store<i64>(at, min(priceTicks, load<i64>(at, P_LOW)), P_LOW);
    store<i64>(at, max(priceTicks, load<i64>(at, P_HIGH)), P_HIGH);
    store<u16>(at, load<u16>(at, P_TOUCHES) + 1, P_TOUCHES);
    tell(m, at, StructureState.Touched, priceTicks);
    return true;
  }
  const isDown: u8 = way > 0 ? 0 : 1;
  for (let i: u32 = 0, n = load<u32>(table, TABLE_SWINGS); i < n; i++) {
    const at = swingAt(table, i);
    const price = load<i64>(at, W_PRICE);
    if (load<u8>(at, W_DOWN) != isDown || <f64>abs(priceTicks - price) > tolerance) continue;
    const low = min(price, priceTicks);
    const high = max(price, priceTicks);
    const nanos = load<i64>(at, W_NANOS);
    const number = load<u32>(at, W_NUMBER);
    const parent = load<u32>(at, W_ID);
    removeSwing(table, i);
    poolForm(m, way, StructureFlag.Equal, 2, parent, low, high, nanos, number);
    return true;
  }
  return false;
}

/** Narrows the machine's boundaries to the prices beyond which pools are taken. */
export function poolsNarrow(m: usize, table: usize): void {
  let above = load<i64>(m, M_ABOVE);
  let below = load<i64>(m, M_BELOW);
  for (let i: u32 = 0, n = load<u32>(table); i < n; i++) {
    const at = poolAt(table, i);
    if (load<u8>(at, P_STATE) == StructureState.Taken) continue;
    if (load<u8>(at, P_DOWN) == 0) above = min(above, load<i64>(at, P_HIGH) + 1);
    else below = max(below, load<i64>(at, P_LOW) - 1);
  }
  store<i64>(m, above, M_ABOVE);
  store<i64>(m, below, M_BELOW);
}
