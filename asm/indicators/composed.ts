// Indicators composed of stages: a slot's longer header, and the one function that runs a kernel.
//
// A kernel is one function (slot, state, candle, out, keep): it writes its values to `out` and says
// whether they mean something. With `keep` it closes the candle, without it changes nothing, so a
// forming value and a closed one are the same code. Before its first value it writes nothing.
// Settings come from the slot, state begins as zeros; how many bytes, `shape.ts` says.
// tidy: tested by test/asm/indicators/families.test.ts
import {
  INDICATOR_ANCHOR_SECONDS,
  INDICATOR_FACTOR_3,
  INDICATOR_PERIOD_4,
  INDICATOR_SOURCE,
  INDICATOR_SOURCE_2,
} from "../vocab";
import { run } from "./families";
import { shapeLines } from "./shape";
import {
  closeSlot,
  I_ANCHOR,
  I_FACTOR_3,
  I_LINES,
  I_PERIOD_4,
  I_SOURCE,
  I_SOURCE_2,
  I_WIDE,
} from "./slot";

/** Writes the settings that only composed kernels have. */
export function composedInit(at: usize, rec: usize, kind: i32): void {
  store<u8>(at, <u8>shapeLines(kind), I_LINES);
  store<u8>(at, load<u8>(rec, INDICATOR_SOURCE), I_SOURCE);
  store<u8>(at, load<u8>(rec, INDICATOR_SOURCE_2), I_SOURCE_2);
  store<i32>(at, load<i32>(rec, INDICATOR_PERIOD_4), I_PERIOD_4);
  store<f64>(at, load<f64>(rec, INDICATOR_FACTOR_3), I_FACTOR_3);
  store<u32>(at, load<u32>(rec, INDICATOR_ANCHOR_SECONDS), I_ANCHOR);
}

/** True when the slot has the record's settings of this kind. */
export function composedIsSame(at: usize, rec: usize): bool {
  return (
    load<u8>(at, I_SOURCE) == load<u8>(rec, INDICATOR_SOURCE) &&
    load<u8>(at, I_SOURCE_2) == load<u8>(rec, INDICATOR_SOURCE_2) &&
    load<i32>(at, I_PERIOD_4) == load<i32>(rec, INDICATOR_PERIOD_4) &&
    load<f64>(at, I_FACTOR_3) == load<f64>(rec, INDICATOR_FACTOR_3) &&
    load<u32>(at, I_ANCHOR) == load<u32>(rec, INDICATOR_ANCHOR_SECONDS)
  );
}

// @ts-ignore: decorator
@inline
function stateAt(at: usize): usize {
  return at + I_WIDE + (<usize>load<u8>(at, I_LINES) << 3);
}

/** Closes a candle: values and warmth are then in the slot. */
export function composedPush(at: usize, candle: usize): void {
  // What a kernel leaves out before its first value is zeros.
  closeSlot(at, run(at, stateAt(at), candle, at + I_WIDE, true));
}

/** Writes what `composedPush` would give to `out`, zeroed by the caller. State untouched. */
export function composedPeek(at: usize, candle: usize, out: usize): bool {
  return run(at, stateAt(at), candle, out, false);
}
