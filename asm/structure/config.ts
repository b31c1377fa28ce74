// StructureConfig records: what is wrong with one, what it takes, the machine it makes.
// tidy: tested by test/asm/structure/config.test.ts
import { arenaAlloc } from "../arena";
import { timeframeAt } from "../candles/timeframe";
import { MI_STRUCTURE, MI_STRUCTURES, TIMEFRAMES_MAX } from "../layout";
import {
  Refusal,
  REC_PAYLOAD,
  Role,
  SMC_BODY_FACTOR,
  SMC_EXTERNAL_CANDLES,
  SMC_FAMILIES,
  SMC_FLAGS,
  SMC_GAP_FACTOR,
  SMC_GAP_TICKS,
  SMC_INTERNAL_CANDLES,
  SMC_POOL_FACTOR,
  SMC_SWEEP_CANDLES,
  SMC_TIMEFRAME,
  SMC_TURN_FACTOR,
  StructureFamily,
  StructureFlag,
} from "../vocab";
import {
  BLOCK_BEFORE_MAX,
  CANDLE_ENTRY_BYTES,
  M_BLOCKS,
  M_BODY_FACTOR,
  M_FAMILIES,
  M_FLAGS,
  M_GAP_FACTOR,
  M_GAP_TICKS,
  M_GAPS,
  M_HEAD_BYTES,
  M_INSTRUMENT,
  M_LEVELS,
  M_POOL_FACTOR,
  M_POOLS,
  M_RING,
  M_RING_MASK,
  M_SCALES,
  M_SETTINGS,
  M_SWEEP,
  M_TIMEFRAME,
  M_TURN_FACTOR,
  SWING_CANDLES_MAX,
} from "./machine";
import { LEVEL_TABLE_BYTES } from "./level";
import { POOL_TABLE_BYTES } from "./pool";
import { boundsRefresh, machineAt, machineNarrow } from "./structure";
import { S_CANDLES, S_FLAGS, SCALE_BYTES } from "./swing";
import { ZONE_TABLE_BYTES } from "./zone";

const SETTINGS_BYTES: usize = 48;
const FACTOR_MAX: f64 = 1000;
const GAP_TICKS_MAX: i32 = 1000000000;

/** What is wrong with a StructureConfig record by itself. */
export function structureRefusal(rec: usize): Refusal {
  if (load<u8>(rec, SMC_TIMEFRAME) >= <u8>TIMEFRAMES_MAX) return Refusal.UnknownTimeframe;
  if (load<u8>(rec, SMC_FLAGS) > 3) return Refusal.ParameterInvalid;
  if (load<u16>(rec, SMC_FAMILIES) > <u16>StructureFamily.All) return Refusal.ParameterInvalid;
  const isLong =
    <i32>load<u16>(rec, SMC_INTERNAL_CANDLES) > SWING_CANDLES_MAX ||
    <i32>load<u16>(rec, SMC_EXTERNAL_CANDLES) > SWING_CANDLES_MAX ||
    <i32>load<u16>(rec, SMC_SWEEP_CANDLES) > SWING_CANDLES_MAX;
  if (isLong) return Refusal.PeriodInvalid;
  const gap = load<i32>(rec, SMC_GAP_TICKS);
  if (gap < -1 || gap > GAP_TICKS_MAX) return Refusal.ParameterInvalid;
  const gapFactor = load<f64>(rec, SMC_GAP_FACTOR);
  const isFit =
    (gapFactor == -1 || isFactor(gapFactor)) &&
    isFactor(load<f64>(rec, SMC_BODY_FACTOR)) &&
    isFactor(load<f64>(rec, SMC_POOL_FACTOR)) &&
    isFactor(load<f64>(rec, SMC_TURN_FACTOR));
  return isFit ? Refusal.None : Refusal.ParameterInvalid;
}

/** Written so that NaN fails. */
function isFactor(factor: f64): bool {
  return factor >= 0 && factor <= FACTOR_MAX;
}

/** What keeps a valid record from this instrument; a machine keeps its settings once it has any. */
export function structureConflict(instrument: usize, rec: usize): Refusal {
  const slot = load<u8>(rec, SMC_TIMEFRAME);
  if (timeframeAt(instrument, slot) == 0) return Refusal.UnknownTimeframe;
  const m = machineAt(instrument, slot);
  if (m == 0) return Refusal.None;
  const isSame = memory.compare(m + M_SETTINGS, rec + REC_PAYLOAD, SETTINGS_BYTES) == 0;
  return isSame ? Refusal.AlreadyConfigured : Refusal.ConfigConflict;
}

/** Entries of the candle ring: a swing's candles, and those before it where its block may lie. */
function ringEntries(rec: usize): u32 {
  const candles = max(internalOf(rec), externalOf(rec)) + BLOCK_BEFORE_MAX + 2;
  return <u32>1 << (32 - clz<u32>(candles - 1));
}

function internalOf(rec: usize): u32 {
  const candles = load<u16>(rec, SMC_INTERNAL_CANDLES);
  return candles == 0 ? 5 : candles;
}

function externalOf(rec: usize): u32 {
  const candles = load<u16>(rec, SMC_EXTERNAL_CANDLES);
  return candles == 0 ? 50 : candles;
}

function familiesOf(rec: usize): u32 {
  const families = load<u16>(rec, SMC_FAMILIES);
  return families == 0 ? StructureFamily.All : families;
}

/** Bytes of the machine a record makes. */
export function structureBytes(rec: usize): i32 {
  const families = familiesOf(rec);
  let bytes = M_HEAD_BYTES + <i32>ringEntries(rec) * CANDLE_ENTRY_BYTES;
  if ((families & StructureFamily.OrderBlocks) != 0) bytes += ZONE_TABLE_BYTES;
  if ((families & StructureFamily.FairValueGaps) != 0) bytes += ZONE_TABLE_BYTES;
  if ((families & StructureFamily.LiquidityPools) != 0) bytes += POOL_TABLE_BYTES;
  if ((families & StructureFamily.Levels) != 0) bytes += LEVEL_TABLE_BYTES;
  return bytes;
}

/** Adds the machine of a record that `structureRefusal` and `structureConflict` let pass. */
export function structureAdd(instrument: usize, id: u32, rec: usize): Refusal {
  const m = arenaAlloc(Role.Market, structureBytes(rec));
  if (m == 0) return Refusal.ArenaFull;
  const slot = load<u8>(rec, SMC_TIMEFRAME);
  store<u32>(m, id, M_INSTRUMENT);
  memory.copy(m + M_SETTINGS, rec + REC_PAYLOAD, SETTINGS_BYTES);
  settle(m, rec);
  place(m, rec);
  store<u32>(instrument + (<usize>slot << 2), <u32>m, MI_STRUCTURE);
  store<u8>(instrument, load<u8>(instrument, MI_STRUCTURES) + 1, MI_STRUCTURES);
  machineNarrow(m);
  boundsRefresh(instrument);
  return Refusal.None;
}

/** Where the ring and the tables of the families lie, one behind the other. */
function place(m: usize, rec: usize): void {
  const families = familiesOf(rec);
  const entries = ringEntries(rec);
  store<u32>(m, <u32>m + M_HEAD_BYTES, M_RING);
  store<u32>(m, entries - 1, M_RING_MASK);
  let next = m + M_HEAD_BYTES + <usize>entries * CANDLE_ENTRY_BYTES;
  if ((families & StructureFamily.OrderBlocks) != 0) {
    store<u32>(m, <u32>next, M_BLOCKS);
    next += ZONE_TABLE_BYTES;
  }
  if ((families & StructureFamily.FairValueGaps) != 0) {
    store<u32>(m, <u32>next, M_GAPS);
    next += ZONE_TABLE_BYTES;
  }
  if ((families & StructureFamily.LiquidityPools) != 0) {
    store<u32>(m, <u32>next, M_POOLS);
    next += POOL_TABLE_BYTES;
  }
  if ((families & StructureFamily.Levels) != 0) store<u32>(m, <u32>next, M_LEVELS);
}

/** The settings, defaults in place of zeros. */
function settle(m: usize, rec: usize): void {
  store<u8>(m, load<u8>(rec, SMC_TIMEFRAME), M_TIMEFRAME);
  store<u8>(m, load<u8>(rec, SMC_FLAGS), M_FLAGS);
  store<u16>(m, <u16>familiesOf(rec), M_FAMILIES);
  const sweep = load<u16>(rec, SMC_SWEEP_CANDLES);
  store<u32>(m, sweep == 0 ? 3 : sweep, M_SWEEP);
  const gap = load<i32>(rec, SMC_GAP_TICKS);
  store<i64>(m, gap == 0 ? 2 : max(0, gap), M_GAP_TICKS);
  const gapFactor = load<f64>(rec, SMC_GAP_FACTOR);
  store<f64>(m, gapFactor == -1 ? 0 : orDefault(gapFactor, 0.1), M_GAP_FACTOR);
  store<f64>(m, orDefault(load<f64>(rec, SMC_BODY_FACTOR), 1.5), M_BODY_FACTOR);
  store<f64>(m, orDefault(load<f64>(rec, SMC_POOL_FACTOR), 0.1), M_POOL_FACTOR);
  store<f64>(m, orDefault(load<f64>(rec, SMC_TURN_FACTOR), 1.5), M_TURN_FACTOR);
  store<u32>(m + M_SCALES, internalOf(rec), S_CANDLES);
  store<u32>(m + M_SCALES, StructureFlag.Internal, S_FLAGS);
  store<u32>(m + M_SCALES + SCALE_BYTES, externalOf(rec), S_CANDLES);
}

function orDefault(value: f64, standard: f64): f64 {
  return value == 0 ? standard : value;
}
