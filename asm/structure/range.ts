// The dealing range: from the protected level to the last external swing of the trend, and how far
// price has come back into it: half (discount or premium), 62 % (optimal), 79 % (deep), all of it.
//
// A retracement only deepens, so each step is told once; the next swing makes a new range, the next
// break ends it.
// tidy: tested by test/asm/structure/structure.test.ts
import { outEnd } from "../output";
import { STRUCTURE_FILL, StructureFamily, StructureKind, StructureState } from "../vocab";
import { eventAt, eventBegin, nextId } from "./event";
import { hasFamily, M_ABOVE, M_BELOW, M_RANGE, sideOf } from "./machine";

const R_ID: i32 = 0; // u32, 0 = there is none
const R_PARENT: i32 = 4; // u32, the swing
const R_STATE: i32 = 8; // u32, enum StructureState
const R_WAY: i32 = 12; // i32, 1 = it points up: price comes back downward
const R_LOW: i32 = 16; // i64 ticks
const R_HIGH: i32 = 24; // i64 ticks
const R_NANOS: i32 = 32; // i64, open of the swing's candle
const R_REACHED: i32 = 40; // i64 ticks, how far price came back
const R_NUMBER: i32 = 48; // u32
/** Bytes of the range in the machine's head. */
export const RANGE_BYTES: i32 = 56;

function tell(m: usize, at: usize, state: i32, priceTicks: i64): void {
  store<u32>(at, state, R_STATE);
  const way = <i64>load<i32>(at, R_WAY);
  const low = load<i64>(at, R_LOW);
  const high = load<i64>(at, R_HIGH);
  const kind = StructureKind.DealingRange;
  const rec = eventBegin(m, kind, state, sideOf(way), 0, load<u32>(at, R_ID));
  const nanos = load<i64>(at, R_NANOS);
  eventAt(rec, load<u32>(at, R_PARENT), low, high, nanos, load<u32>(at, R_NUMBER), priceTicks);
  const back = way > 0 ? high - load<i64>(at, R_REACHED) : load<i64>(at, R_REACHED) - low;
  store<f64>(rec, min<f64>(<f64>back / <f64>(high - low), 1), STRUCTURE_FILL);
  outEnd(rec);
}

/** A new range from the protected level to the swing; price came back to `reachedTicks` since. */
export function rangeForm(
  m: usize,
  way: i64,
  guardTicks: i64,
  swingTicks: i64,
  reachedTicks: i64,
  openNanos: i64,
  number: u32,
  parent: u32,
): void {
  if (!hasFamily(m, StructureFamily.DealingRanges) || way * swingTicks <= way * guardTicks) return;
  rangeEnd(m, reachedTicks);
  const at = m + M_RANGE;
  store<u32>(at, nextId(m), R_ID);
  store<u32>(at, parent, R_PARENT);
  store<i32>(at, <i32>way, R_WAY);
  store<i64>(at, min(guardTicks, swingTicks), R_LOW);
  store<i64>(at, max(guardTicks, swingTicks), R_HIGH);
  store<i64>(at, openNanos, R_NANOS);
  store<u32>(at, number, R_NUMBER);
  store<i64>(at, swingTicks, R_REACHED);
  tell(m, at, StructureState.Formed, swingTicks);
  rangeReach(m, reachedTicks, reachedTicks);
}

/** Structure was broken, or a later swing makes a new range. */
export function rangeEnd(m: usize, priceTicks: i64): void {
  const at = m + M_RANGE;
  if (load<u32>(at, R_ID) == 0) return;
  tell(m, at, StructureState.Dead, priceTicks);
  memory.fill(at, 0, RANGE_BYTES);
}

/** The state after this one. */
function nextState(state: i32): i32 {
  if (state == StructureState.Formed) return StructureState.Halved;
  if (state == StructureState.Halved) return StructureState.Optimal;
  return state == StructureState.Optimal ? StructureState.Deep : StructureState.Filled;
}

/** Price at which a state begins, as the range's way sees it, going down. */
function stepPrice(at: usize, way: i64, state: i32): i64 {
  const height = load<i64>(at, R_HIGH) - load<i64>(at, R_LOW);
  const top = way > 0 ? load<i64>(at, R_HIGH) : -load<i64>(at, R_LOW);
  if (state == StructureState.Halved) return top - (height * 50 + 99) / 100;
  if (state == StructureState.Optimal) return top - (height * 62 + 99) / 100;
  return state == StructureState.Deep ? top - (height * 79 + 99) / 100 : top - height;
}

/** Lets the range see prices. */
export function rangeReach(m: usize, lowTicks: i64, highTicks: i64): void {
  const at = m + M_RANGE;
  let state: i32 = load<u32>(at, R_STATE);
  if (load<u32>(at, R_ID) == 0 || state == StructureState.Filled) return;
  const way = <i64>load<i32>(at, R_WAY);
  const priceTicks = way > 0 ? lowTicks : highTicks;
  if (way * priceTicks < way * load<i64>(at, R_REACHED)) store<i64>(at, priceTicks, R_REACHED);
  while (state != StructureState.Filled) {
    const next = nextState(state);
    if (way * priceTicks > stepPrice(at, way, next)) return;
    state = next;
    tell(m, at, state, priceTicks);
  }
}

/** Narrows the machine's boundaries to the price of the next step. */
export function rangeNarrow(m: usize): void {
  const at = m + M_RANGE;
  const state: i32 = load<u32>(at, R_STATE);
  if (load<u32>(at, R_ID) == 0 || state == StructureState.Filled) return;
  const way = <i64>load<i32>(at, R_WAY);
  const price = stepPrice(at, way, nextState(state));
  if (way > 0) store<i64>(m, max(load<i64>(m, M_BELOW), price), M_BELOW);
  else store<i64>(m, min(load<i64>(m, M_ABOVE), -price), M_ABOVE);
}
