// Margin: the part of its exposure an account must own, by instrument, in tiers.
//
// Three rates: initial, asked of an order as exposure.ts sums it; call and maintenance, asked of
// what is held, whenever a mark or money moves (orders/margin-call.ts). Rates of a tier are of the
// exposure above its beginning, so the need grows without steps; each tier is rounded up.
// An instrument may have a call margin and nothing to liquidate for.
// A record sets one tier and drops those above it: a schedule is sent from tier 0 upwards.
//
// tidy: tested by test/asm/risk/margin.test.ts
import { MARGIN_ROWS, MARGIN_ROW_BYTES, MARGIN_TIERS_MAX, O_MARGINS } from "../layout";
import { isCash, valueMinor } from "../positions/kind";
import { NOTIONAL_MINOR_MAX } from "../positions/notional";
import { tradedAt, TRD_EXECUTION, TRD_ID } from "../positions/traded";
import {
  Execution,
  MARGIN_CALL_BPS,
  MARGIN_FROM_MINOR,
  MARGIN_INITIAL_BPS,
  MARGIN_MAINTENANCE_BPS,
  MARGIN_TIER,
  REC_INSTRUMENT,
  Refusal,
} from "../vocab";
import { limitsExpire } from "./limits";

const BPS: i64 = 10000;
const TIER_BYTES: i32 = 16;
const TIER_FROM: i32 = 0; // i64, minor
/** Rates of a tier, u16 bps. */
export const RATE_INITIAL: i32 = 8;
export const RATE_CALL: i32 = 10;
export const RATE_MAINTENANCE: i32 = 12;
const MRG_TIERS: i32 = 128; // u32, how many
export const MRG_FIRST: i32 = 132; // u32, position that came to hold the instrument last
export const MRG_LOW: i32 = 136; // i64, ticks: from here
export const MRG_HIGH: i32 = 144; // i64, to here the mark means nothing to any holder
export const MRG_MARK_NEXT: i32 = 152; // u32, next instrument whose mark left its band
export const MRG_MARKED: i32 = 156; // u8, on that list

/** Address of an instrument's margin. */
// @ts-ignore: decorator
@inline
export function marginAt(instrument: u32): usize {
  return <usize>MARGIN_ROWS + <usize>instrument * MARGIN_ROW_BYTES;
}

/** Takes a MarginSchedule record. */
export function marginApply(rec: usize): Refusal {
  const instrument = load<u32>(rec, REC_INSTRUMENT);
  const traded = tradedAt(instrument);
  if (traded == 0) return Refusal.UnknownInstrument;
  const row = marginAt(instrument);
  const initial = load<u32>(rec, MARGIN_INITIAL_BPS);
  const maintenance = load<u32>(rec, MARGIN_MAINTENANCE_BPS);
  const asked = load<u32>(rec, MARGIN_CALL_BPS);
  const call = asked == 0 ? maintenance : asked;
  if (max(initial, max(call, maintenance)) > <u32>BPS) return Refusal.ParameterInvalid;
  if (call < maintenance || (initial != 0 && initial < call)) return Refusal.ParameterInvalid;
  if (call != 0) {
    // A balance has no margin, and what a venue holds it closes itself.
    if (isCash(traded)) return Refusal.InstrumentKindUnsupported;
    if (load<u8>(traded, TRD_EXECUTION) == Execution.Routed) return Refusal.ExecutionUnsupported;
  }
  const tier = <u32>load<u8>(rec, MARGIN_TIER);
  const from = load<i64>(rec, MARGIN_FROM_MINOR);
  if (tier >= <u32>MARGIN_TIERS_MAX || !tierFits(row, tier, from, initial, call, maintenance)) {
    return Refusal.ParameterInvalid;
  }
  const at = row + <usize>tier * TIER_BYTES;
  memory.fill(at, 0, (MARGIN_TIERS_MAX - tier) * TIER_BYTES);
  store<i64>(at, from, TIER_FROM);
  store<u16>(at, <u16>initial, RATE_INITIAL);
  store<u16>(at, <u16>call, RATE_CALL);
  store<u16>(at, <u16>maintenance, RATE_MAINTENANCE);
  store<u32>(row, initial + call == 0 ? tier : tier + 1, MRG_TIERS);
  if (call != 0) store<u8>(O_MARGINS, 1);
  limitsExpire();
  return Refusal.None;
}

/** A tier follows the one below it, with a later beginning and no lower rate. */
function tierFits(row: usize, tier: u32, from: i64, initial: u32, call: u32, least: u32): bool {
  if (tier == 0) return from == 0;
  if (tier > load<u32>(row, MRG_TIERS)) return false;
  const below = row + <usize>(tier - 1) * TIER_BYTES;
  return (
    from > load<i64>(below, TIER_FROM) &&
    initial >= load<u16>(below, RATE_INITIAL) &&
    call >= load<u16>(below, RATE_CALL) &&
    least >= load<u16>(below, RATE_MAINTENANCE)
  );
}

/** True when orders in the instrument need initial margin: the last tier has the highest rate. */
export function hasInitial(traded: usize): bool {
  const row = marginAt(load<u32>(traded, TRD_ID));
  const tiers = load<u32>(row, MRG_TIERS);
  return tiers != 0 && load<u16>(row + <usize>(tiers - 1) * TIER_BYTES, RATE_INITIAL) != 0;
}

/** Margin of an exposure (0 to 2^60 minor units) at one of the rates RATE_*. */
export function marginMinor(traded: usize, exposureMinor: i64, rate: i32): i64 {
  const row = marginAt(load<u32>(traded, TRD_ID));
  const tiers = load<u32>(row, MRG_TIERS);
  let need: i64 = 0;
  for (let tier: u32 = 0; tier < tiers; tier++) {
    const at = row + <usize>tier * TIER_BYTES;
    const from = load<i64>(at, TIER_FROM);
    if (exposureMinor <= from) break;
    const next = load<i64>(at + TIER_BYTES, TIER_FROM);
    const to = tier + 1 < tiers ? min(exposureMinor, next) : exposureMinor;
    need += shareUp(to - from, load<u16>(at + rate));
  }
  return need;
}

/** money x bps / 10,000, rounded up; split so that nothing overflows. */
// @ts-ignore: decorator
@inline
function shareUp(money: i64, bps: u32): i64 {
  const whole = money / BPS;
  const rest = money - whole * BPS;
  return whole * <i64>bps + (rest * <i64>bps + (BPS - 1)) / BPS;
}

/** Exposure of held lots (either sign) at a mark, rounded up, at most 2^60. */
// @ts-ignore: decorator
@inline
export function exposureMinor(traded: usize, markTicks: i64, lots: i64): i64 {
  const money = valueMinor(traded, markTicks, lots < 0 ? -lots : lots, true);
  return money < 0 ? NOTIONAL_MINOR_MAX : money;
}
