// Turn swings (directional change): a high is one once price has come back from it by a multiple of
// the average true range, told by the very trade that does it.
// tidy: tested by test/asm/structure/structure.test.ts
import { outEnd } from "../output";
import { StructureFamily, StructureKind, StructureState } from "../vocab";
import { eventAt, eventBegin, nextId } from "./event";
import {
  averageRange,
  hasFamily,
  M_ABOVE,
  M_BELOW,
  M_KNOWN_NANOS,
  M_KNOWN_NUMBER,
  M_TURN,
  M_TURN_FACTOR,
  sideOf,
} from "./machine";

const T_WAY: i32 = 0; // i32, 1 = looking for a high, -1 = for a low, 0 = for either
const T_SEEN: i32 = 4; // u32, 1 = a trade was seen
// The running extremes, high then low; while looking for one of them only that one counts.
const T_HIGH: i32 = 8; // i64 ticks, i64 nanoseconds of its trade, u32 candle
const T_LOW: i32 = 32;
const X_NANOS: i32 = 8;
const X_NUMBER: i32 = 16;
/** Bytes of this in the machine's head. */
export const TURN_BYTES: i32 = 56;

/** True while turn swings are looked for: there must be an average to measure with. */
// @ts-ignore: decorator
@inline
function isOn(m: usize): bool {
  return hasFamily(m, StructureFamily.TurnSwings) && averageRange(m) != 0;
}

function extend(m: usize, at: usize, priceTicks: i64): void {
  store<i64>(at, priceTicks);
  store<i64>(at, load<i64>(m, M_KNOWN_NANOS), X_NANOS);
  store<u32>(at, load<u32>(m, M_KNOWN_NUMBER), X_NUMBER);
}

/** Price at which the extreme of `way` is confirmed, as the way sees it, going down. */
function turnPrice(m: usize, way: i64): i64 {
  const extreme = way * load<i64>(m + M_TURN + (way > 0 ? T_HIGH : T_LOW));
  return <i64>floor(<f64>extreme - load<f64>(m, M_TURN_FACTOR) * averageRange(m));
}

/** Lets the turn see a trade. */
export function turnTrade(m: usize, priceTicks: i64): void {
  if (!isOn(m)) return;
  const at = m + M_TURN;
  if (load<u32>(at, T_SEEN) == 0) {
    store<u32>(at, 1, T_SEEN);
    extend(m, at + T_HIGH, priceTicks);
    extend(m, at + T_LOW, priceTicks);
    return;
  }
  const looks = load<i32>(at, T_WAY);
  if (looks >= 0 && turned(m, 1, priceTicks)) return;
  if (looks <= 0) turned(m, -1, priceTicks);
}

/** Moves or confirms the extreme of `way`; true when it was confirmed. */
function turned(m: usize, way: i64, priceTicks: i64): bool {
  const at = m + M_TURN + (way > 0 ? T_HIGH : T_LOW);
  if (way * priceTicks > way * load<i64>(at)) {
    extend(m, at, priceTicks);
    return false;
  }
  if (way * priceTicks > turnPrice(m, way)) return false;
  const side = sideOf(-way);
  const kind = StructureKind.TurnSwing;
  const rec = eventBegin(m, kind, StructureState.Formed, side, 0, nextId(m));
  const extreme = load<i64>(at);
  eventAt(rec, 0, extreme, extreme, load<i64>(at, X_NANOS), load<u32>(at, X_NUMBER), priceTicks);
  outEnd(rec);
  store<i32>(m + M_TURN, <i32>-way, T_WAY);
  extend(m, m + M_TURN + (way > 0 ? T_LOW : T_HIGH), priceTicks);
  return true;
}

/** Narrows the machine's boundaries to new extremes and to the prices that confirm them. */
export function turnNarrow(m: usize): void {
  if (!isOn(m)) return;
  const at = m + M_TURN;
  const looks = load<i32>(at, T_WAY);
  let above = load<i64>(m, M_ABOVE);
  let below = load<i64>(m, M_BELOW);
  if (load<u32>(at, T_SEEN) == 0) {
    // Whatever trades first begins it.
    above = i64.MIN_VALUE;
  } else {
    if (looks >= 0) {
      above = min(above, load<i64>(at, T_HIGH) + 1);
      below = max(below, turnPrice(m, 1));
    }
    if (looks <= 0) {
      below = max(below, load<i64>(at, T_LOW) - 1);
      above = min(above, -turnPrice(m, -1));
    }
  }
  store<i64>(m, above, M_ABOVE);
  store<i64>(m, below, M_BELOW);
}
