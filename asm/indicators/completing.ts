// Closing candles that a trade completed, each at the trade that did it.
// tidy: tested by test/asm/candles/driven.test.ts
import { candleBegin, CANDLE_STATE_BYTES, C_CLOSE } from "../candles/candle";
import { drivenAt, drivenClear } from "../candles/driven";
import { D_TIME } from "../candles/driven-slot";
import { renkoBrick, renkoIsOwed, RENKO_BRICKS_PER_INPUT_MAX } from "../candles/renko";
import { T_REACHED, T_TYPE } from "../candles/timeframe";
import { MI_DRIVEN } from "../layout";
import { CandleType } from "../vocab";
import { closeCandle } from "./closing";

/** Closes what is complete, in the order of slots; of bricks as many as one input may. */
export function closeComplete(instrument: usize, id: u32): void {
  let bricks = RENKO_BRICKS_PER_INPUT_MAX;
  for (let i: u32 = 0, n: u32 = load<u8>(instrument, MI_DRIVEN); i < n; i++) {
    const at = drivenAt(instrument, i);
    if (load<u8>(at, T_REACHED) == 0) continue;
    if (load<u8>(at, T_TYPE) != CandleType.Renko) closeOne(instrument, id, at);
    else while (bricks > 0 && closeBrick(instrument, id, at)) bricks--;
  }
}

function closeOne(instrument: usize, id: u32, at: usize): void {
  closeCandle(instrument, id, at, at, false);
  drivenClear(at);
  memory.fill(at, 0, CANDLE_STATE_BYTES);
}

/** Closes one owed brick; false when none is owed. */
function closeBrick(instrument: usize, id: u32, at: usize): bool {
  if (load<u8>(at, T_REACHED) == 0) return false;
  renkoBrick(at);
  const close = load<i64>(at, C_CLOSE);
  closeOne(instrument, id, at);
  if (!renkoIsOwed(at)) return true;
  // The next brick of the same trade: no trade of its own, at the newest time there is.
  const tsNanos = load<i64>(at, D_TIME);
  candleBegin(at, max(tsNanos, 0) + 1, tsNanos, close);
  store<u8>(at, 1, T_REACHED);
  return true;
}
