// How long an input has stood still, counted from exact comparisons.
//
// Whether a window is flat may not be read from its mean or its deviation: those are rounded.
// tidy: tested by test/asm/indicators/families.test.ts

/** Bytes of a stage: the last input f64, how often in a row it came u32, u32 unused. */
export const STILL_BYTES: i32 = 16;
/** More than every period; a count stands still here. */
const COUNT_MAX: u32 = 65536;

/** How many inputs in a row, this one counted, are the same number. `n` counts inputs from 1. */
export function stillStage(s: usize, value: f64, n: i32, keep: bool): i32 {
  const isSame = n > 1 && load<f64>(s) == value;
  const count = isSame ? min(load<u32>(s, 8) + 1, COUNT_MAX) : 1;
  if (keep) {
    store<f64>(s, value);
    store<u32>(s, count, 8);
  }
  return <i32>count;
}
