// Renko bricks: price alone, in steps of the brick's height.
//
// Bricks lie on the grid of whole multiples of the height, so that two runs that began at different
// trades draw the same ones. The cell that holds the first trade counts as the brick before. An up
// brick is complete when a trade reaches one height above the last brick, a down brick one height
// below it: a reversal takes two heights from the last close. One trade may complete many; the
// first has all trades since the brick before, the others none.
// tidy: tested by test/asm/candles/driven.test.ts
import { CandleQuality } from "../vocab";
import { C_CLOSE, C_HIGH, C_LOW, C_OPEN, C_QUALITY } from "./candle";
import { D_ANCHORED, D_LAST, D_LOW, D_THRESHOLD } from "./driven-slot";

/** Bricks one trade may make; a longer jump makes none and begins again where it ends. */
export const RENKO_BRICKS_PER_TRADE_MAX: i64 = 4096;
/** Bricks one input closes of a timeframe; the rest follow with Timers of the same time. */
export const RENKO_BRICKS_PER_INPUT_MAX: i32 = 64;

/** Takes a trade's price into the begun candle. */
export function renkoFold(at: usize, priceTicks: i64): void {
  const height = load<i64>(at, D_THRESHOLD);
  store<i64>(at, priceTicks, D_LAST);
  if (load<u8>(at, D_ANCHORED) == 0) {
    store<u8>(at, 1, D_ANCHORED);
    return store<i64>(at, cellOf(priceTicks, height), D_LOW);
  }
  const low = load<i64>(at, D_LOW);
  const distance = priceTicks > low ? priceTicks - low - height : low - priceTicks;
  if (distance / height <= RENKO_BRICKS_PER_TRADE_MAX) return;
  store<i64>(at, cellOf(priceTicks, height), D_LOW);
  store<u32>(at, load<u32>(at, C_QUALITY) | CandleQuality.Gap, C_QUALITY);
}

/** Lower edge of the cell of the grid that holds the price. */
function cellOf(priceTicks: i64, height: i64): i64 {
  const rest = priceTicks % height;
  return priceTicks - (rest < 0 ? rest + height : rest);
}

/** True while the last trade lies a brick or more away from the last one. */
export function renkoIsOwed(at: usize): bool {
  const height = load<i64>(at, D_THRESHOLD);
  const low = load<i64>(at, D_LOW);
  const target = load<i64>(at, D_LAST);
  return target >= low + 2 * height || target <= low - height;
}

/** Gives the begun candle the prices of the next owed brick, which becomes the last one. */
export function renkoBrick(at: usize): void {
  const height = load<i64>(at, D_THRESHOLD);
  const low = load<i64>(at, D_LOW);
  const isUp = load<i64>(at, D_LAST) > low;
  const open = isUp ? low + height : low;
  const close = isUp ? open + height : open - height;
  prices(at, open, close);
  store<i64>(at, min(open, close), D_LOW);
}

/** Gives a copy of the begun candle, `out`, the prices of the brick as far as it has come. */
export function renkoForming(at: usize, out: usize): void {
  const low = load<i64>(at, D_LOW);
  const close = load<i64>(out, C_CLOSE);
  prices(out, max(low, min(close, low + load<i64>(at, D_THRESHOLD))), close);
}

function prices(at: usize, open: i64, close: i64): void {
  store<i64>(at, open, C_OPEN);
  store<i64>(at, max(open, close), C_HIGH);
  store<i64>(at, min(open, close), C_LOW);
  store<i64>(at, close, C_CLOSE);
}
