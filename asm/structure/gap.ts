// Fair value gaps: three candles of which the first and the third do not meet.
// tidy: tested by test/asm/structure/structure.test.ts
import { StructureKind } from "../vocab";
import {
  averageRange,
  bottomOf,
  candleEntry,
  K_CLOSE,
  K_MARKS,
  K_OPEN,
  K_OPEN_NANOS,
  M_FIRST,
  M_GAP_FACTOR,
  M_GAPS,
  M_GAP_TICKS,
  M_NUMBER,
  MARK_GAP_DOWN,
  MARK_GAP_UP,
  topOf,
} from "./machine";
import { zoneForm } from "./zone";

/** Looks for a gap that the candle which closed completes, marks the candle, forms the zone. */
export function gapClose(m: usize): void {
  const number = load<u32>(m, M_NUMBER);
  if (number - load<u32>(m, M_FIRST) < 2) return;
  const middle = candleEntry(m, number - 1);
  const body = load<i64>(middle, K_CLOSE) - load<i64>(middle, K_OPEN);
  if (body == 0) return;
  const way: i64 = body > 0 ? 1 : -1;
  const entry = candleEntry(m, number);
  const near = bottomOf(entry, way);
  const far = topOf(candleEntry(m, number - 2), way);
  const height = near - far;
  if (height <= 0 || height < load<i64>(m, M_GAP_TICKS)) return;
  if (<f64>height < load<f64>(m, M_GAP_FACTOR) * averageRange(m)) return;
  const mark = way > 0 ? MARK_GAP_UP : MARK_GAP_DOWN;
  store<u8>(entry, <u8>(<u32>load<u8>(entry, K_MARKS) | mark), K_MARKS);
  const table = <usize>load<u32>(m, M_GAPS);
  if (table == 0) return;
  const low = min(way * near, way * far);
  const high = max(way * near, way * far);
  const nanos = load<i64>(middle, K_OPEN_NANOS);
  const close = load<i64>(entry, K_CLOSE);
  zoneForm(m, table, StructureKind.FairValueGap, way, 0, 0, low, high, nanos, number - 1, close);
}
