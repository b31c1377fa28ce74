// Support and resistance: bands where internal swings of either kind came more than once.
//
// A swing opens a band around itself; the second one in it makes the band a level. A close beyond
// it breaks it and turns its side, a second break ends it.
// tidy: tested by test/asm/structure/structure.test.ts
import { outEnd } from "../output";
import { Side, STRUCTURE_TOUCHES, StructureKind, StructureState } from "../vocab";
import { eventAt, eventBegin, nextId } from "./event";
import { averageRange, K_CLOSE, M_LEVELS, M_POOL_FACTOR } from "./machine";

const LEVELS_MAX: u32 = 64;
const TABLE_HEAD: usize = 64;
const L_ID: i32 = 0; // u32, 0 = one swing so far, nothing was told
const L_PARENT: i32 = 4; // u32, the swing that opened it
const L_STATE: i32 = 8; // u8, enum StructureState
const L_SIDE: i32 = 9; // u8, enum Side: Buy supports
const L_TOUCHES: i32 = 10; // u16
const L_NUMBER: i32 = 12; // u32
const L_LOW: i32 = 16; // i64 ticks
const L_HIGH: i32 = 24; // i64 ticks
const L_NANOS: i32 = 32; // i64
const LEVEL_BYTES: usize = 40;
/** Bytes of the table. */
export const LEVEL_TABLE_BYTES: i32 = 64 + 64 * 40;

// @ts-ignore: decorator
@inline
function levelAt(table: usize, i: u32): usize {
  return table + TABLE_HEAD + <usize>i * LEVEL_BYTES;
}

function tell(m: usize, at: usize, state: i32, priceTicks: i64): void {
  store<u8>(at, <u8>state, L_STATE);
  const side = load<u8>(at, L_SIDE);
  const rec = eventBegin(m, StructureKind.Level, state, side, 0, load<u32>(at, L_ID));
  eventAt(
    rec,
    load<u32>(at, L_PARENT),
    load<i64>(at, L_LOW),
    load<i64>(at, L_HIGH),
    load<i64>(at, L_NANOS),
    load<u32>(at, L_NUMBER),
    priceTicks,
  );
  store<u16>(rec, load<u16>(at, L_TOUCHES), STRUCTURE_TOUCHES);
  outEnd(rec);
}

function remove(table: usize, i: u32): void {
  const count = load<u32>(table) - 1;
  store<u32>(table, count);
  const at = levelAt(table, i);
  memory.copy(at, at + LEVEL_BYTES, <usize>(count - i) * LEVEL_BYTES);
  memory.fill(levelAt(table, count), 0, LEVEL_BYTES);
}

/** Lets the levels see a close. */
export function levelsClose(m: usize, table: usize, entry: usize): void {
  const close = load<i64>(entry, K_CLOSE);
  for (let i: u32 = 0; i < load<u32>(table); i++) {
    const at = levelAt(table, i);
    if (load<u32>(at, L_ID) == 0) continue;
    const isSupport = load<u8>(at, L_SIDE) == Side.Buy;
    if (isSupport ? close >= load<i64>(at, L_LOW) : close <= load<i64>(at, L_HIGH)) continue;
    if (load<u8>(at, L_STATE) == StructureState.Broken) {
      tell(m, at, StructureState.Dead, close);
      remove(table, i);
      i--;
      continue;
    }
    store<u8>(at, <u8>(isSupport ? Side.Sell : Side.Buy), L_SIDE);
    tell(m, at, StructureState.Broken, close);
  }
}

/** An internal swing was confirmed: it touches the oldest band it lies in, or opens one. */
export function levelSwing(
  m: usize,
  side: u8,
  priceTicks: i64,
  openNanos: i64,
  number: u32,
  id: u32,
): void {
  const table = <usize>load<u32>(m, M_LEVELS);
  const average = averageRange(m);
  if (table == 0 || average == 0) return;
  for (let i: u32 = 0, n = load<u32>(table); i < n; i++) {
    const at = levelAt(table, i);
    if (priceTicks < load<i64>(at, L_LOW) || priceTicks > load<i64>(at, L_HIGH)) continue;
    const touches = load<u16>(at, L_TOUCHES);
    if (touches < 65535) store<u16>(at, touches + 1, L_TOUCHES);
    store<u8>(at, side, L_SIDE);
    if (load<u32>(at, L_ID) != 0) return tell(m, at, StructureState.Touched, priceTicks);
    store<u32>(at, nextId(m), L_ID);
    return tell(m, at, StructureState.Formed, priceTicks);
  }
  if (load<u32>(table) == LEVELS_MAX) {
    const oldest = levelAt(table, 0);
    if (load<u32>(oldest, L_ID) != 0) tell(m, oldest, StructureState.Evicted, priceTicks);
    remove(table, 0);
  }
  const count = load<u32>(table);
  store<u32>(table, count + 1);
  const at = levelAt(table, count);
  const half = <i64>floor(load<f64>(m, M_POOL_FACTOR) * average);
  store<u32>(at, id, L_PARENT);
  store<u8>(at, side, L_SIDE);
  store<u16>(at, 1, L_TOUCHES);
  store<u32>(at, number, L_NUMBER);
  store<i64>(at, priceTicks - half, L_LOW);
  store<i64>(at, priceTicks + half, L_HIGH);
  store<i64>(at, openNanos, L_NANOS);
}
