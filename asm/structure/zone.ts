// Zones: order blocks and fair value gaps, and the one life both have.
//
// Formed, touched, halved, filled by trades; broken by a candle that closes through; then flipped
// when price comes back to it from the other side, dead when a candle closes through that. Each
// zone waits for one price at a time, so a trade that reaches none of these prices changes nothing.
// A dead zone leaves its table at once; the table is in order of age, and when it is full the
// oldest is evicted, aloud.
// tidy: tested by test/asm/structure/structure.test.ts
import { outEnd } from "../output";
import {
  STRUCTURE_FILL,
  STRUCTURE_TOUCHES,
  StructureFamily,
  StructureFlag,
  StructureKind,
  StructureState,
} from "../vocab";
import { eventAt, eventBegin, nextId } from "./event";
import {
  hasFamily,
  K_CLOSE,
  K_HIGH,
  K_LOW,
  M_ABOVE,
  M_BELOW,
  M_BLOCKS,
  M_KNOWN_NUMBER,
  sideOf,
} from "./machine";

/** Zones of one kind a machine keeps. */
export const ZONES_MAX: u32 = 64;
// A table: how many there are, then the zones, oldest first.
const TABLE_HEAD: usize = 64;
const Z_ID: i32 = 0; // u32
const Z_PARENT: i32 = 4; // u32
const Z_STATE: i32 = 8; // u8, enum StructureState
const Z_KIND: i32 = 9; // u8, enum StructureKind
const Z_FLAGS: i32 = 10; // u16, bits of StructureFlag
const Z_TOUCHES: i32 = 12; // u16
const Z_DOWN: i32 = 14; // u8, 1 = it points down: price comes to it from below
const Z_NUMBER: i32 = 16; // u32, candle it lies at
const Z_SEEN: i32 = 20; // u32, last candle that reached it
const Z_LOW: i32 = 24; // i64 ticks
const Z_HIGH: i32 = 32; // i64 ticks
const Z_NANOS: i32 = 40; // i64, open of its candle
const Z_REACHED: i32 = 48; // i64 ticks, how far price came into it; valid once touched
const Z_BAIT: i32 = 56; // i64 ticks, inducement: an internal swing before a fresh block
const Z_BAIT_ID: i32 = 64; // u32, 0 = there is none yet
const Z_BAIT_STATE: i32 = 68; // u32, enum StructureState
const Z_BAIT_NANOS: i32 = 72; // i64
const Z_BAIT_NUMBER: i32 = 80; // u32
const ZONE_BYTES: usize = 88;
/** Bytes of a table. */
export const ZONE_TABLE_BYTES: i32 = 64 + 64 * 88;

// @ts-ignore: decorator
@inline
function zoneAt(table: usize, i: u32): usize {
  return table + TABLE_HEAD + <usize>i * ZONE_BYTES;
}

// @ts-ignore: decorator
@inline
function wayOf(at: usize): i64 {
  return load<u8>(at, Z_DOWN) != 0 ? -1 : 1;
}

/** Edge that price meets first, as the zone's way sees it. */
// @ts-ignore: decorator
@inline
function nearOf(at: usize, way: i64): i64 {
  return way > 0 ? load<i64>(at, Z_HIGH) : -load<i64>(at, Z_LOW);
}

/** Edge that price must close beyond to break it. */
// @ts-ignore: decorator
@inline
function farOf(at: usize, way: i64): i64 {
  return way > 0 ? load<i64>(at, Z_LOW) : -load<i64>(at, Z_HIGH);
}

/** Adds a zone and says so. A table that is full loses its oldest. */
export function zoneForm(
  m: usize,
  table: usize,
  kind: i32,
  way: i64,
  flags: u32,
  parent: u32,
  lowTicks: i64,
  highTicks: i64,
  openNanos: i64,
  number: u32,
  priceTicks: i64,
): u32 {
  if (load<u32>(table) == ZONES_MAX) {
    zoneTell(m, zoneAt(table, 0), StructureState.Evicted, priceTicks);
    remove(table, 0);
  }
  const count = load<u32>(table);
  store<u32>(table, count + 1);
  const at = zoneAt(table, count);
  const id = nextId(m);
  store<u32>(at, id, Z_ID);
  store<u32>(at, parent, Z_PARENT);
  store<u8>(at, <u8>kind, Z_KIND);
  store<u16>(at, <u16>flags, Z_FLAGS);
  store<u8>(at, way > 0 ? 0 : 1, Z_DOWN);
  store<u32>(at, number, Z_NUMBER);
  store<i64>(at, lowTicks, Z_LOW);
  store<i64>(at, highTicks, Z_HIGH);
  store<i64>(at, openNanos, Z_NANOS);
  zoneTell(m, at, StructureState.Formed, priceTicks);
  return id;
}

function remove(table: usize, i: u32): void {
  const count = load<u32>(table) - 1;
  store<u32>(table, count);
  const at = zoneAt(table, i);
  memory.copy(at, at + ZONE_BYTES, <usize>(count - i) * ZONE_BYTES);
  memory.fill(zoneAt(table, count), 0, ZONE_BYTES);
}

/** Sets the state and tells it. */
function zoneTell(m: usize, at: usize, state: i32, priceTicks: i64): void {
  store<u8>(at, <u8>state, Z_STATE);
  const side = sideOf(wayOf(at));
  const rec = eventBegin(m, load<u8>(at, Z_KIND), state, side, load<u16>(at, Z_FLAGS), zoneId(at));
  eventAt(
    rec,
    load<u32>(at, Z_PARENT),
    load<i64>(at, Z_LOW),
    load<i64>(at, Z_HIGH),
    load<i64>(at, Z_NANOS),
    load<u32>(at, Z_NUMBER),
    priceTicks,
  );
  store<u16>(rec, load<u16>(at, Z_TOUCHES), STRUCTURE_TOUCHES);
  store<f64>(rec, fillOf(at), STRUCTURE_FILL);
  outEnd(rec);
}

// @ts-ignore: decorator
@inline
function zoneId(at: usize): u32 {
  return load<u32>(at, Z_ID);
}

/** Part of the zone that was traded into; a zone without height is full once it is touched. */
function fillOf(at: usize): f64 {
  if (load<u16>(at, Z_TOUCHES) == 0) return 0;
  const height = load<i64>(at, Z_HIGH) - load<i64>(at, Z_LOW);
  if (height == 0) return 1;
  const way = wayOf(at);
  const into = nearOf(at, way) - way * load<i64>(at, Z_REACHED);
  return min<f64>(<f64>into / <f64>height, 1);
}

/** Price the zone waits for, as its way sees it, going down; i64.MIN_VALUE for none. */
function awaited(at: usize, way: i64, state: i32): i64 {
  if (load<u32>(at, Z_BAIT_STATE) == StructureState.Formed) return way * load<i64>(at, Z_BAIT) - 1;
  if (state == StructureState.Formed) return nearOf(at, way);
  if (state == StructureState.Touched) return (nearOf(at, way) + farOf(at, way)) >> 1;
  return state == StructureState.Halved ? farOf(at, way) : i64.MIN_VALUE;
}

/**
 * Lets the zones of a table see prices from `lowTicks` to `highTicks`, a trade or a candle: each
 * takes all steps the prices reach.
 */
export function zonesReach(m: usize, table: usize, lowTicks: i64, highTicks: i64): void {
  for (let i: u32 = 0, n = load<u32>(table); i < n; i++) {
    zoneReach(m, zoneAt(table, i), lowTicks, highTicks);
  }
}

// @ts-ignore: decorator
@inline
function zoneReach(m: usize, at: usize, lowTicks: i64, highTicks: i64): void {
  const state: i32 = load<u8>(at, Z_STATE);
  const way = wayOf(at);
  if (state < StructureState.Broken) {
    const priceTicks = way > 0 ? lowTicks : highTicks;
    if (load<u32>(at, Z_BAIT_STATE) == StructureState.Formed) baitReach(m, at, way, priceTicks);
    if (way * priceTicks <= nearOf(at, way)) enter(m, at, way, priceTicks);
  } else if (state == StructureState.Broken) {
    // Price comes back to it from its far side.
    const priceTicks = way > 0 ? highTicks : lowTicks;
    if (way * priceTicks >= farOf(at, way)) zoneTell(m, at, StructureState.Flipped, priceTicks);
  }
}

/** Price came into a zone that holds. */
function enter(m: usize, at: usize, way: i64, priceTicks: i64): void {
  let state: i32 = load<u8>(at, Z_STATE);
  const number = load<u32>(m, M_KNOWN_NUMBER);
  if (load<u32>(at, Z_SEEN) != number) {
    store<u32>(at, number, Z_SEEN);
    const touches = load<u16>(at, Z_TOUCHES);
    if (touches < 65535) store<u16>(at, touches + 1, Z_TOUCHES);
  }
  const price = way * priceTicks;
  const isDeeper = state == StructureState.Formed || price < way * load<i64>(at, Z_REACHED);
  if (isDeeper) store<i64>(at, priceTicks, Z_REACHED);
  while (price <= awaited(at, way, state)) {
    state += 1;
    zoneTell(m, at, state, priceTicks);
  }
}

/**
 * An internal swing was confirmed that points along `way`: it is the inducement of every fresh
 * block of that way which it lies before and which has none yet.
 */
export function zonesBait(m: usize, way: i64, priceTicks: i64, openNanos: i64, number: u32): void {
  const table = <usize>load<u32>(m, M_BLOCKS);
  if (table == 0 || !hasFamily(m, StructureFamily.Inducements)) return;
  for (let i: u32 = 0, n = load<u32>(table); i < n; i++) {
    const at = zoneAt(table, i);
    if (wayOf(at) != way || load<u8>(at, Z_STATE) != StructureState.Formed) continue;
    if (load<u32>(at, Z_BAIT_ID) != 0 || way * priceTicks <= nearOf(at, way)) continue;
    store<i64>(at, priceTicks, Z_BAIT);
    store<u32>(at, nextId(m), Z_BAIT_ID);
    store<i64>(at, openNanos, Z_BAIT_NANOS);
    store<u32>(at, number, Z_BAIT_NUMBER);
    baitTell(m, at, StructureState.Formed, priceTicks);
  }
}

function baitReach(m: usize, at: usize, way: i64, priceTicks: i64): void {
  if (way * priceTicks >= way * load<i64>(at, Z_BAIT)) return;
  store<u16>(at, load<u16>(at, Z_FLAGS) | <u16>StructureFlag.InducementTaken, Z_FLAGS);
  baitTell(m, at, StructureState.Taken, priceTicks);
}

function baitTell(m: usize, at: usize, state: i32, priceTicks: i64): void {
  store<u32>(at, state, Z_BAIT_STATE);
  const side = sideOf(wayOf(at));
  const kind = StructureKind.Inducement;
  const rec = eventBegin(m, kind, state, side, 0, load<u32>(at, Z_BAIT_ID));
  const price = load<i64>(at, Z_BAIT);
  const nanos = load<i64>(at, Z_BAIT_NANOS);
  eventAt(rec, zoneId(at), price, price, nanos, load<u32>(at, Z_BAIT_NUMBER), priceTicks);
  outEnd(rec);
}

/** Lets the zones of a table see a closed candle: its range, then its close. */
export function zonesClose(m: usize, table: usize, entry: usize): void {
  const low = load<i64>(entry, K_LOW);
  const high = load<i64>(entry, K_HIGH);
  const close = load<i64>(entry, K_CLOSE);
  for (let i: u32 = 0; i < load<u32>(table); i++) {
    const at = zoneAt(table, i);
    zoneReach(m, at, low, high);
    const way = wayOf(at);
    if (<i32>load<u8>(at, Z_STATE) < StructureState.Broken) {
      if (way * close < farOf(at, way)) zoneTell(m, at, StructureState.Broken, close);
    } else if (way * close > nearOf(at, way)) {
      zoneTell(m, at, StructureState.Dead, close);
      remove(table, i);
      i--;
    }
  }
}

/** Narrows the machine's boundaries to the prices the zones of a table wait for. */
export function zonesNarrow(m: usize, table: usize): void {
  let above = load<i64>(m, M_ABOVE);
  let below = load<i64>(m, M_BELOW);
  for (let i: u32 = 0, n = load<u32>(table); i < n; i++) {
    const at = zoneAt(table, i);
    const state: i32 = load<u8>(at, Z_STATE);
    let way = wayOf(at);
    let price = awaited(at, way, state);
    if (state == StructureState.Broken) {
      price = -farOf(at, way);
      way = -way;
    }
    if (price == i64.MIN_VALUE) continue;
    if (way > 0) below = max(below, price);
    else above = min(above, -price);
  }
  store<i64>(m, above, M_ABOVE);
  store<i64>(m, below, M_BELOW);
}
