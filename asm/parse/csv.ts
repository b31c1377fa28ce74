// One line of a trades file: `time,price,quantity,side`, as every exporter writes it.
//
// Quoted fields are refused and not read: a quote in such a file means that its columns are
// something else. Columns behind the fourth are refused for the same reason.
import { Refusal, Side } from "../vocab";
import { lotsAt, ticksAt, timeNanosAt } from "./decimal";
import { emitBeginAt, emitTrade } from "./emit";
import { F_CURSOR, F_DEFAULT, F_INSTRUMENT } from "./frame";
import { fieldsReset, instrumentFrom } from "./fields";

/**
 * The line between two addresses (no line end) as one Trade of the default instrument, committed
 * and not published. `unit` forces the time's digits (10, 13, 16, 19), 0 lets them decide; `id` is
 * the line's number, since the file has no trade ids. Returns 1 or minus a Refusal.
 */
export function csvTrade(
  from: usize,
  end: usize,
  venue: i32,
  unit: i32,
  id: u64,
  ring: usize,
): i32 {
  fieldsReset();
  instrumentFrom(load<u32>(F_DEFAULT));
  if (load<u32>(F_INSTRUMENT) == 0) return -Refusal.SymbolUnknown;
  const nanos = timeNanosAt(from, end, unit);
  let p = load<usize>(F_CURSOR);
  if (p < end && load<u8>(p) != 0x2c) return -Refusal.CsvMalformed;
  if (p >= end) return -Refusal.CsvMalformed;
  if (nanos < 0) return <i32>nanos;
  const ticks = ticksAt(p + 1, end, 0x2c);
  if (ticks < 0) return <i32>ticks;
  const lots = lotsAt(load<usize>(F_CURSOR) + 1, end, 0x2c);
  if (lots < 0) return <i32>lots;
  if (ticks == 0) return -Refusal.PriceNotPositive;
  if (lots == 0) return -Refusal.QtyNotPositive;
  p = load<usize>(F_CURSOR) + 1;
  const side = sideOf(p, end);
  if (side == Side.None) return -Refusal.SideInvalid;
  emitBeginAt(nanos, 1, venue, ring);
  return emitTrade(ticks, lots, id, 0, side);
}

/** buy, b, 1 or sell, s, -1 in either case, up to the end of the line. */
function sideOf(p: usize, end: usize): Side {
  const bytes = end - p;
  if (p >= end) return Side.None;
  const c = load<u8>(p);
  const letter = c | 0x20;
  if (bytes == 1) {
    if (letter == 0x62 || c == 0x31) return Side.Buy;
    return letter == 0x73 ? Side.Sell : Side.None;
  }
  if (bytes == 2) return load<u16>(p) == 0x312d ? Side.Sell : Side.None;
  // Bit 5 set makes letters lower case.
  if (bytes == 3 && letter == 0x62 && (load<u16>(p, 1) | 0x2020) == 0x7975) return Side.Buy;
  if (bytes == 4 && (load<u32>(p) | 0x20202020) == 0x6c6c6573) return Side.Sell;
  return Side.None;
}

/** True for a first line that names columns: it begins with a letter. */
export function csvIsHeader(from: usize, end: usize): bool {
  return from < end && <u32>(load<u8>(from) | 0x20) - 0x61 <= 25;
}
