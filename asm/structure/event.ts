// Every step of every object leaves through here: one StructureEvent record.
// tidy: tested by test/asm/structure/structure.test.ts
import { outBegin } from "../output";
import {
  Kind,
  STRUCTURE_CELLS,
  STRUCTURE_FLAGS,
  STRUCTURE_HIGH_TICKS,
  STRUCTURE_ID,
  STRUCTURE_KIND,
  STRUCTURE_KNOWN_INDEX,
  STRUCTURE_KNOWN_NANOS,
  STRUCTURE_LOW_TICKS,
  STRUCTURE_ORIGIN_INDEX,
  STRUCTURE_ORIGIN_NANOS,
  STRUCTURE_PARENT,
  STRUCTURE_PRICE_TICKS,
  STRUCTURE_SIDE,
  STRUCTURE_STATE,
  STRUCTURE_TIMEFRAME,
} from "../vocab";
import { M_INSTRUMENT, M_KNOWN_NANOS, M_KNOWN_NUMBER, M_LAST_ID, M_TIMEFRAME } from "./machine";

/** The next id of the machine's objects. */
// @ts-ignore: decorator
@inline
export function nextId(m: usize): u32 {
  const id = load<u32>(m, M_LAST_ID) + 1;
  store<u32>(m, id, M_LAST_ID);
  return id;
}

/** Opens an event of what the machine is looking at; `eventAt` and `outEnd` complete it. */
export function eventBegin(m: usize, kind: i32, state: i32, side: u8, flags: u32, id: u32): usize {
  const rec = outBegin(Kind.StructureEvent, STRUCTURE_CELLS, load<u32>(m, M_INSTRUMENT));
  store<u8>(rec, load<u8>(m, M_TIMEFRAME), STRUCTURE_TIMEFRAME);
  store<u8>(rec, <u8>kind, STRUCTURE_KIND);
  store<u8>(rec, <u8>state, STRUCTURE_STATE);
  store<u8>(rec, side, STRUCTURE_SIDE);
  store<u16>(rec, <u16>flags, STRUCTURE_FLAGS);
  store<u32>(rec, id, STRUCTURE_ID);
  store<i64>(rec, load<i64>(m, M_KNOWN_NANOS), STRUCTURE_KNOWN_NANOS);
  store<u64>(rec, load<u32>(m, M_KNOWN_NUMBER), STRUCTURE_KNOWN_INDEX);
  return rec;
}

/** Where the object lies: its prices, its candle, what it grew from, and the price that told it. */
export function eventAt(
  rec: usize,
  parent: u32,
  lowTicks: i64,
  highTicks: i64,
  openNanos: i64,
  number: u32,
  priceTicks: i64,
): void {
  store<u32>(rec, parent, STRUCTURE_PARENT);
  store<i64>(rec, lowTicks, STRUCTURE_LOW_TICKS);
  store<i64>(rec, highTicks, STRUCTURE_HIGH_TICKS);
  store<i64>(rec, openNanos, STRUCTURE_ORIGIN_NANOS);
  store<u64>(rec, number, STRUCTURE_ORIGIN_INDEX);
  store<i64>(rec, priceTicks, STRUCTURE_PRICE_TICKS);
}
