// The machines of an instrument: what a closed candle and a trade mean to them.
//
// A closed candle goes through the objects in one fixed order: those that were known before see its
// range and close, then come new gaps, breaks and swings, smallest scale first. A trade is looked
// at only beyond the nearest price that any object of the instrument waits for.
// tidy: tested by test/asm/structure/structure.test.ts
import {
  MI_ABOVE,
  MI_BELOW,
  MI_STRUCTURE,
  TIMEFRAMES_MAX,
} from "../layout";
import { CANDLE_TIMEFRAME, StructureFamily } from "../vocab";
import { gapClose } from "./gap";
import { levelsClose } from "./level";
import {
  candleEntry,
  candleTake,
  hasFamily,
  K_HIGH,
  K_LOW,
  M_ABOVE,
  M_BELOW,
  M_BLOCKS,
  M_GAPS,
  M_KNOWN_NANOS,
  M_KNOWN_NUMBER,
  M_LEVELS,
  M_NUMBER,
  M_POOLS,
  M_SCALES,
} from "./machine";
import { patternClose } from "./pattern";
import { poolsClose, poolsNarrow, poolsReach } from "./pool";
import { rangeNarrow, rangeReach } from "./range";
import { spansClose } from "./session";
import { scaleClose, SCALE_BYTES } from "./swing";
import { turnNarrow, turnTrade } from "./turn";
import { zonesClose, zonesNarrow, zonesReach } from "./zone";

/** Address of the machine of a timeframe, 0 when there is none. */
// @ts-ignore: decorator
@inline
export function machineAt(instrument: usize, slot: u32): usize {
  return load<u32>(instrument + (<usize>slot << 2), MI_STRUCTURE);
}

/**
 * Hands a CandleClosed record that ends at `endNanos` to the machine of its timeframe, if it has
 * one. O(k of the swings + 64 zones a table), allocates nothing.
 */
export function structureClose(instrument: usize, rec: usize, endNanos: i64): void {
  const m = machineAt(instrument, load<u8>(rec, CANDLE_TIMEFRAME));
  if (m == 0) return;
  machineClose(m, rec, endNanos);
  boundsRefresh(instrument);
}

function machineClose(m: usize, rec: usize, endNanos: i64): void {
  store<i64>(m, endNanos, M_KNOWN_NANOS);
  candleTake(m, rec);
  const entry = candleEntry(m, load<u32>(m, M_NUMBER));
  const blocks = <usize>load<u32>(m, M_BLOCKS);
  const gaps = <usize>load<u32>(m, M_GAPS);
  if (blocks != 0) zonesClose(m, blocks, entry);
  if (gaps != 0) zonesClose(m, gaps, entry);
  rangeReach(m, load<i64>(entry, K_LOW), load<i64>(entry, K_HIGH));
  spansClose(m);
  const pools = <usize>load<u32>(m, M_POOLS);
  const levels = <usize>load<u32>(m, M_LEVELS);
  if (pools != 0) poolsClose(m, pools, entry);
  if (levels != 0) levelsClose(m, levels, entry);
  gapClose(m);
  scaleClose(m, m + M_SCALES);
  scaleClose(m, m + M_SCALES + SCALE_BYTES);
  if (hasFamily(m, StructureFamily.Patterns)) patternClose(m);
  machineNarrow(m);
}

/** Finds the nearest prices that the machine's objects wait for. */
export function machineNarrow(m: usize): void {
  store<i64>(m, i64.MAX_VALUE, M_ABOVE);
  store<i64>(m, i64.MIN_VALUE, M_BELOW);
  const blocks = <usize>load<u32>(m, M_BLOCKS);
  const gaps = <usize>load<u32>(m, M_GAPS);
  const pools = <usize>load<u32>(m, M_POOLS);
  if (blocks != 0) zonesNarrow(m, blocks);
  if (gaps != 0) zonesNarrow(m, gaps);
  rangeNarrow(m);
  if (pools != 0) poolsNarrow(m, pools);
  turnNarrow(m);
}

/** Lets the machines see a trade in time. Two comparisons when nothing waits for its price. */
// @ts-ignore: decorator
@inline
export function structuresTrade(instrument: usize, tsNanos: i64, priceTicks: i64): void {
  const isAbove = priceTicks >= load<i64>(instrument, MI_ABOVE);
  if (isAbove || priceTicks <= load<i64>(instrument, MI_BELOW)) {
    tradeReached(instrument, tsNanos, priceTicks);
  }
}

function tradeReached(instrument: usize, tsNanos: i64, priceTicks: i64): void {
  for (let slot: u32 = 0; slot < <u32>TIMEFRAMES_MAX; slot++) {
    const m = machineAt(instrument, slot);
    if (m == 0) continue;
    if (priceTicks < load<i64>(m, M_ABOVE) && priceTicks > load<i64>(m, M_BELOW)) continue;
    store<i64>(m, tsNanos, M_KNOWN_NANOS);
    store<u32>(m, load<u32>(m, M_NUMBER) + 1, M_KNOWN_NUMBER);
    const blocks = <usize>load<u32>(m, M_BLOCKS);
    const gaps = <usize>load<u32>(m, M_GAPS);
    if (blocks != 0) zonesReach(m, blocks, priceTicks, priceTicks);
    const pools = <usize>load<u32>(m, M_POOLS);
    if (gaps != 0) zonesReach(m, gaps, priceTicks, priceTicks);
    rangeReach(m, priceTicks, priceTicks);
    if (pools != 0) poolsReach(m, pools, priceTicks, priceTicks);
    turnTrade(m, priceTicks);
    machineNarrow(m);
  }
  boundsRefresh(instrument);
}

/** The nearest prices of all machines, where the trade path looks first. */
export function boundsRefresh(instrument: usize): void {
  let above = i64.MAX_VALUE;
  let below = i64.MIN_VALUE;
  for (let slot: u32 = 0; slot < <u32>TIMEFRAMES_MAX; slot++) {
    const m = machineAt(instrument, slot);
    if (m == 0) continue;
    above = min(above, load<i64>(m, M_ABOVE));
    below = max(below, load<i64>(m, M_BELOW));
  }
  store<i64>(instrument, above, MI_ABOVE);
  store<i64>(instrument, below, MI_BELOW);
}
