// History as input: a candle that closed elsewhere takes the way of one that closes here.
// tidy: tested by test/asm/candles/import.test.ts
import { importRefusal, importWrite } from "../candles/import";
import { CANDLE_STATE_BYTES } from "../candles/candle";
import {
  timeframeAt,
  timeframeHistory,
  timeframesRefresh,
  T_FLOOR,
  T_PERIOD,
  T_ROOT,
} from "../candles/timeframe";
import { MI_END, PEEK } from "../layout";
import { CANDLE_OPEN_NANOS, CANDLE_TIMEFRAME, Refusal } from "../vocab";
import { closeCandle, closeDue, closeImported } from "./closing";

// Bytes in flight behind the answers of peeks.
const WORK: usize = PEEK + 1536;

/**
 * Closes the candle of a CandleImport record in its timeframe: record, indicators, longer candles.
 * Before it closes what ended by its start, as a trade would, and after it the longer candles it
 * makes whole; history of another root is left alone, it may come later. A refusal leaves the state
 * untouched.
 */
export function candleImport(instrument: usize, id: u32, rec: usize): Refusal {
  const at = timeframeAt(instrument, load<u8>(rec, CANDLE_TIMEFRAME));
  if (at == 0) return Refusal.UnknownTimeframe;
  const refusal = importRefusal(at, rec);
  if (refusal != Refusal.None) return refusal;
  const root = load<u8>(at, T_ROOT);
  const start = load<i64>(rec, CANDLE_OPEN_NANOS);
  if (load<i64>(instrument, MI_END) <= start) closeDue(instrument, id, start);
  else closeImported(instrument, id, root, start);
  memory.fill(WORK, 0, CANDLE_STATE_BYTES);
  importWrite(WORK, at, rec);
  closeCandle(instrument, id, at, WORK, true);
  timeframeHistory(instrument, at);
  const end = start + load<i64>(at, T_PERIOD);
  store<i64>(at, end, T_FLOOR);
  closeImported(instrument, id, root, end);
  timeframesRefresh(instrument, id);
  return Refusal.None;
}
