// Swings and what breaks them, on two scales: internal (small k) and external (large k).
//
// A scale has two halves, one for each way: the half of `way` 1 keeps the last swing high, breaks
// it upward and knows the lowest low since, from which the leg that may break it starts. The other
// half is its mirror image and the same code.
// tidy: tested by test/asm/structure/structure.test.ts
import { outEnd } from "../output";
import {
  StructureFamily,
  StructureFlag,
  StructureKind,
  StructureOption,
  StructureState,
} from "../vocab";
import { eventAt, eventBegin, nextId } from "./event";
import {
  BLOCK_BEFORE_MAX,
  bottomOf,
  breaksByWick,
  candleEntry,
  hasFamily,
  K_CLOSE,
  K_HIGH,
  K_LOW,
  K_MARKS,
  K_OPEN,
  K_OPEN_NANOS,
  K_SINCE_DOWN,
  K_SINCE_UP,
  M_BLOCKS,
  M_FIRST,
  M_FLAGS,
  M_NUMBER,
  MARK_BODY_DOWN,
  MARK_BODY_UP,
  MARK_GAP_DOWN,
  MARK_GAP_UP,
  sideOf,
  topOf,
} from "./machine";
import { levelSwing } from "./level";
import { poolSwing } from "./pool";
import { rangeEnd, rangeForm } from "./range";
import { zoneForm, zonesBait } from "./zone";

// A scale: head, then the half upward and the half downward.
export const S_CANDLES: i32 = 0; // u32, k
const S_WAY: i32 = 4; // i32, trend: 1, -1, 0 = none yet
export const S_FLAGS: i32 = 8; // u32, StructureFlag.Internal or 0
const HALVES: usize = 64;
const HALF_BYTES: usize = 192;
export const SCALE_BYTES: i32 = 448;

const H_PENDING: i32 = 0; // i64, top of the swing that waits for its k candles, as the way sees it
const H_PENDING_NUMBER: i32 = 8; // u32, 0 = none
const H_LIVE: i32 = 12; // u32, 1 = the last swing was not broken
const H_PRICE: i32 = 16; // i64 ticks, the last swing
const H_NANOS: i32 = 24; // i64
const H_NUMBER: i32 = 32; // u32
const H_ID: i32 = 36; // u32, 0 = there was none yet
const H_GUARD: i32 = 40; // i64 ticks, the protected level that changes character when it breaks
const H_GUARD_NANOS: i32 = 48; // i64
const H_GUARD_NUMBER: i32 = 56; // u32
const H_GUARD_ID: i32 = 60; // u32, the break that set it, 0 = none
const H_LEG: usize = 64; // extreme since the last swing
const H_TURN: usize = 128; // extreme since the break that set the protected level

// An extreme: the candle a leg starts from, and what the leg has shown since.
const E_PRICE: i32 = 0; // i64 ticks
const E_NANOS: i32 = 8; // i64
const E_NUMBER: i32 = 16; // u32, 0 = none
const E_MARKS: i32 = 20; // u32, bits below
const E_BLOCK_NUMBER: i32 = 24; // u32, last candle against the leg at or before it, 0 = none
const E_BLOCK_NANOS: i32 = 32; // i64
const E_BLOCK_LOW: i32 = 40; // i64 ticks
const E_BLOCK_HIGH: i32 = 48; // i64 ticks
const EXTREME_BYTES: usize = 64;
const LEG_BODY: u32 = 1;
const LEG_GAP: u32 = 2;
const LEG_DISPLACED: u32 = LEG_BODY | LEG_GAP;

// @ts-ignore: decorator
@inline
function halfOf(scale: usize, way: i64): usize {
  return scale + HALVES + (way > 0 ? 0 : HALF_BYTES);
}

/** Folds the candle that closed into the scale: breaks first, then swings it confirms. */
export function scaleClose(m: usize, scale: usize): void {
  scaleBreak(m, scale, 1);
  scaleBreak(m, scale, -1);
  scaleConfirm(m, scale, 1);
  scaleConfirm(m, scale, -1);
}

// ------------------------------------------------------------------------------------ legs

/** Takes candle `number` into an extreme: a new one, or one more candle of its leg. */
function extremeFold(m: usize, at: usize, number: u32, way: i64): void {
  const entry = candleEntry(m, number);
  const start = load<u32>(at, E_NUMBER);
  if (start == 0 || bottomOf(entry, way) < way * load<i64>(at, E_PRICE)) {
    return extremeSet(m, at, number, way);
  }
  const marks: u32 = load<u8>(entry, K_MARKS);
  if ((marks & (way > 0 ? MARK_BODY_UP : MARK_BODY_DOWN)) != 0) {
    store<u32>(at, load<u32>(at, E_MARKS) | LEG_BODY, E_MARKS);
  }
  // The gap's first candle belongs to the leg too.
  if ((marks & (way > 0 ? MARK_GAP_UP : MARK_GAP_DOWN)) != 0 && number >= start + 2) {
    store<u32>(at, load<u32>(at, E_MARKS) | LEG_GAP, E_MARKS);
  }
}

function extremeSet(m: usize, at: usize, number: u32, way: i64): void {
  const entry = candleEntry(m, number);
  store<i64>(at, way * bottomOf(entry, way), E_PRICE);
  store<i64>(at, load<i64>(entry, K_OPEN_NANOS), E_NANOS);
  store<u32>(at, number, E_NUMBER);
  const hasBody = (load<u8>(entry, K_MARKS) & (way > 0 ? MARK_BODY_UP : MARK_BODY_DOWN)) != 0;
  store<u32>(at, hasBody ? LEG_BODY : 0, E_MARKS);
  const before: u32 = load<u8>(entry + (way > 0 ? K_SINCE_DOWN : K_SINCE_UP));
  if (before > BLOCK_BEFORE_MAX) {
    store<u32>(at, 0, E_BLOCK_NUMBER);
    return;
  }
  const block = candleEntry(m, number - before);
  const isBody = (load<u8>(m, M_FLAGS) & StructureOption.ZoneByBody) != 0;
  const open = load<i64>(block, K_OPEN);
  const close = load<i64>(block, K_CLOSE);
  store<u32>(at, number - before, E_BLOCK_NUMBER);
  store<i64>(at, load<i64>(block, K_OPEN_NANOS), E_BLOCK_NANOS);
  store<i64>(at, isBody ? min(open, close) : load<i64>(block, K_LOW), E_BLOCK_LOW);
  store<i64>(at, isBody ? max(open, close) : load<i64>(block, K_HIGH), E_BLOCK_HIGH);
}

// ---------------------------------------------------------------------------------- breaks

function scaleBreak(m: usize, scale: usize, way: i64): void {
  const half = halfOf(scale, way);
  const number = load<u32>(m, M_NUMBER);
  const entry = candleEntry(m, number);
  if (load<u32>(half, H_ID) != 0) extremeFold(m, half + H_LEG, number, way);
  const isInternal = load<u32>(scale, S_FLAGS) != 0;
  if (!isInternal && load<u32>(half, H_GUARD_ID) != 0) extremeFold(m, half + H_TURN, number, way);
  const priceTicks = breaksByWick(m)
    ? way * topOf(entry, way)
    : load<i64>(entry, K_CLOSE);
  const isLive = load<u32>(half, H_LIVE) != 0;
  const isSwing = isLive && way * priceTicks > way * load<i64>(half, H_PRICE);
  const isAgainst = <i64>load<i32>(scale, S_WAY) == -way;
  // A level is used once, also where its break changes nothing.
  if (isSwing) store<u32>(half, 0, H_LIVE);
  if (!isInternal && isAgainst) {
    const isGuard = way * priceTicks > way * load<i64>(half, H_GUARD);
    if (load<u32>(half, H_GUARD_ID) != 0 && isGuard) breakGuard(m, scale, way, priceTicks);
  } else if (isSwing) breakSwing(m, scale, way, priceTicks, isAgainst);
}

function breakSwing(m: usize, scale: usize, way: i64, priceTicks: i64, isAgainst: bool): void {
  const half = halfOf(scale, way);
  const kind: i32 = isAgainst ? StructureKind.ChangeOfCharacter : StructureKind.BreakOfStructure;
  const leg = half + H_LEG;
  const parent = load<u32>(half, H_ID);
  const level = load<i64>(half, H_PRICE);
  const nanos = load<i64>(half, H_NANOS);
  const number = load<u32>(half, H_NUMBER);
  broken(m, scale, way, kind, leg, parent, level, nanos, number, priceTicks);
}

function breakGuard(m: usize, scale: usize, way: i64, priceTicks: i64): void {
  const half = halfOf(scale, way);
  const leg = half + H_TURN;
  const kind: i32 = StructureKind.ChangeOfCharacter;
  const parent = load<u32>(half, H_GUARD_ID);
  const level = load<i64>(half, H_GUARD);
  const nanos = load<i64>(half, H_GUARD_NANOS);
  const number = load<u32>(half, H_GUARD_NUMBER);
  store<u32>(half, 0, H_GUARD_ID);
  broken(m, scale, way, kind, leg, parent, level, nanos, number, priceTicks);
}

/** Tells the break of a level, what its leg makes of it, and moves the protected level. */
function broken(
  m: usize,
  scale: usize,
  way: i64,
  kind: i32,
  leg: usize,
  parent: u32,
  level: i64,
  nanos: i64,
  number: u32,
  priceTicks: i64,
): void {
  const scaleFlags = load<u32>(scale, S_FLAGS);
  const isDisplaced = (load<u32>(leg, E_MARKS) & LEG_DISPLACED) == LEG_DISPLACED;
  const flags: u32 = scaleFlags | (isDisplaced ? StructureFlag.Displaced : 0);
  store<i32>(scale, <i32>way, S_WAY);
  const id = nextId(m);
  const family = scaleFlags != 0 ? StructureFamily.InternalBreaks : StructureFamily.Breaks;
  const isTold = hasFamily(m, family);
  const side = sideOf(way);
  if (isTold) {
    const rec = eventBegin(m, kind, StructureState.Formed, side, flags, id);
    eventAt(rec, parent, level, level, nanos, number, priceTicks);
    outEnd(rec);
  }
  if (isDisplaced) {
    const isShift = kind == StructureKind.ChangeOfCharacter;
    if (isShift && isTold) shift(m, leg, side, flags, id, priceTicks);
    block(m, leg, way, flags, id, priceTicks);
  }
  if (scaleFlags != 0) return;
  rangeEnd(m, priceTicks);
  protect(m, scale, way, leg, id);
}

/** A change of character with displacement: from the extreme the leg started to where it closed. */
function shift(m: usize, leg: usize, side: u8, flags: u32, parent: u32, priceTicks: i64): void {
  const rec = eventBegin(
    m,
    StructureKind.StructureShift,
    StructureState.Formed,
    side,
    flags,
    nextId(m),
  );
  const start = load<i64>(leg, E_PRICE);
  const low = min(start, priceTicks);
  const high = max(start, priceTicks);
  eventAt(rec, parent, low, high, load<i64>(leg, E_NANOS), load<u32>(leg, E_NUMBER), priceTicks);
  outEnd(rec);
}

/** The last candle against the leg, at or before the extreme it started from. */
function block(m: usize, leg: usize, way: i64, flags: u32, parent: u32, priceTicks: i64): void {
  const table = <usize>load<u32>(m, M_BLOCKS);
  const number = load<u32>(leg, E_BLOCK_NUMBER);
  if (table == 0 || number == 0) return;
  zoneForm(
    m,
    table,
    StructureKind.OrderBlock,
    way,
    flags,
    parent,
    load<i64>(leg, E_BLOCK_LOW),
    load<i64>(leg, E_BLOCK_HIGH),
    load<i64>(leg, E_BLOCK_NANOS),
    number,
    priceTicks,
  );
}

/** The extreme the leg started from is what the other side must break now. */
function protect(m: usize, scale: usize, way: i64, leg: usize, id: u32): void {
  const other = halfOf(scale, -way);
  store<i64>(other, load<i64>(leg, E_PRICE), H_GUARD);
  store<i64>(other, load<i64>(leg, E_NANOS), H_GUARD_NANOS);
  store<u32>(other, load<u32>(leg, E_NUMBER), H_GUARD_NUMBER);
  store<u32>(other, id, H_GUARD_ID);
  store<u32>(halfOf(scale, way), 0, H_GUARD_ID);
  extremeSet(m, other + H_TURN, load<u32>(m, M_NUMBER), -way);
}

// ---------------------------------------------------------------------------------- swings

/** Ends or confirms the waiting swing of `way`, then asks whether this candle may become one. */
function scaleConfirm(m: usize, scale: usize, way: i64): void {
  const half = halfOf(scale, way);
  const number = load<u32>(m, M_NUMBER);
  const candles = load<u32>(scale, S_CANDLES);
  const top = topOf(candleEntry(m, number), way);
  const pending = load<u32>(half, H_PENDING_NUMBER);
  if (pending != 0) {
    if (top > load<i64>(half, H_PENDING)) store<u32>(half, 0, H_PENDING_NUMBER);
    else if (number - pending == candles) confirm(m, scale, way);
  }
  if (number - load<u32>(m, M_FIRST) < candles) return;
  for (let i: u32 = 1; i <= candles; i++) {
    if (topOf(candleEntry(m, number - i), way) >= top) return;
  }
  store<i64>(half, top, H_PENDING);
  store<u32>(half, number, H_PENDING_NUMBER);
}

function confirm(m: usize, scale: usize, way: i64): void {
  const half = halfOf(scale, way);
  const number = load<u32>(half, H_PENDING_NUMBER);
  const entry = candleEntry(m, number);
  const priceTicks = way * load<i64>(half, H_PENDING);
  const nanos = load<i64>(entry, K_OPEN_NANOS);
  const id = nextId(m);
  store<u32>(half, 0, H_PENDING_NUMBER);
  store<i64>(half, priceTicks, H_PRICE);
  store<i64>(half, nanos, H_NANOS);
  store<u32>(half, number, H_NUMBER);
  store<u32>(half, id, H_ID);
  store<u32>(half, 1, H_LIVE);
  memory.fill(half + H_LEG, 0, EXTREME_BYTES);
  for (let i = number + 1, n = load<u32>(m, M_NUMBER); i <= n; i++) {
    extremeFold(m, half + H_LEG, i, way);
  }
  // A high is what a fall starts from: the swing points against the way that breaks it.
  const flags = load<u32>(scale, S_FLAGS);
  const side = sideOf(-way);
  if (hasFamily(m, StructureFamily.Swings)) {
    const rec = eventBegin(m, StructureKind.Swing, StructureState.Formed, side, flags, id);
    eventAt(rec, 0, priceTicks, priceTicks, nanos, number, priceTicks);
    outEnd(rec);
  }
  if (flags != 0) {
    poolSwing(m, way, priceTicks, nanos, number, id);
    levelSwing(m, side, priceTicks, nanos, number, id);
    zonesBait(m, -way, priceTicks, nanos, number);
    return;
  }
  // With the trend, the swing ends a new dealing range.
  const other = halfOf(scale, -way);
  if (<i64>load<i32>(scale, S_WAY) != way || load<u32>(other, H_GUARD_ID) == 0) return;
  const reached = load<i64>(half + H_LEG, E_PRICE);
  rangeForm(m, way, load<i64>(other, H_GUARD), priceTicks, reached, nanos, number, id);
}
