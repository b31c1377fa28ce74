// Instruments: what a price tick and a lot are worth, and the rules of the venue.
//
// A slot is the InstrumentSpec record as it came, so that vocab.ts says where its fields lie,
// and behind it what is derived once: the settlement money one tick x lot is worth.
//
// tidy: tested by test/asm/reference/reference.test.ts
import {
  INSTRUMENTS,
  INSTRUMENTS_MAX,
  INSTRUMENT_BYTES,
  INSTRUMENT_MINOR_DEN,
  INSTRUMENT_MINOR_NUM,
  R_INSTRUMENTS,
} from "../layout";
import { gcd64, productFits } from "../math/wide";
import {
  Execution,
  InstrumentKind,
  QueueModel,
  REC_INSTRUMENT,
  REC_PAYLOAD,
  RECORD_BYTES_MAX,
  Refusal,
  SPEC_BASE,
  SPEC_EXECUTION,
  SPEC_EXPIRY_NANOS,
  SPEC_FLAGS,
  SPEC_KIND,
  SPEC_LADDER_TICKS,
  SPEC_LOT_EXPONENT,
  SPEC_LOT_MANTISSA,
  SPEC_MULTIPLIER_DEN,
  SPEC_MULTIPLIER_NUM,
  SPEC_PRICE_MAX_TICKS,
  SPEC_PRICE_MIN_TICKS,
  SPEC_QTY_MAX_LOTS,
  SPEC_QTY_MIN_LOTS,
  SPEC_QTY_STEP_LOTS,
  SPEC_QUEUE_MODEL,
  SPEC_QUEUE_POWER,
  SPEC_QUOTE,
  SPEC_REFERENCE_TICKS,
  SPEC_SETTLEMENT,
  SPEC_SYMBOL,
  SPEC_TENANT,
  SPEC_TICK_EXPONENT,
  SPEC_TICK_MANTISSA,
  SPEC_VERSION,
  SpecFlag,
} from "../vocab";
import { currencyIsKnown, currencyMinorExponent } from "./currency";

/** Policies that may change; the others say how the instrument is booked. */
const FLAGS_CHANGED: u32 = SpecFlag.StopStrict | SpecFlag.VolatilityHalt | SpecFlag.BandStatic;
const EXPONENT_MAX: i32 = 18;
/** Eighth powers of 64-bit lots are far inside f64, and no market is steeper. */
const QUEUE_POWER_MAX: i32 = 8;

// @ts-ignore: decorator
@inline
function slotAt(id: u32): usize {
  return <usize>INSTRUMENTS + <usize>id * INSTRUMENT_BYTES;
}

/** Address of the instrument's slot (SPEC_* and INSTRUMENT_* offsets), 0 when unknown. */
// @ts-ignore: decorator
@inline
export function instrumentAt(id: u32): usize {
  if (id >= load<u32>(R_INSTRUMENTS)) return 0;
  const slot = slotAt(id);
  return load<u32>(slot, SPEC_VERSION) == 0 ? 0 : slot;
}

/**
 * Takes an InstrumentSpec record. The same one again is fine; one of a higher version may have
 * other rules (bounds, steps, band, reference, staleness, stop and band policy), but what prices,
 * lots and money are made of stays for good (ConfigConflict): orders, positions and books are
 * counted in them. A venue that changes those has another instrument.
 */
export function instrumentApply(rec: usize): Refusal {
  const id = load<u32>(rec, REC_INSTRUMENT);
  if (id == 0) return Refusal.UnknownInstrument;
  if (id >= <u32>INSTRUMENTS_MAX) return Refusal.InstrumentsFull;
  const refusal = specRefusal(rec);
  if (refusal != Refusal.None) return refusal;
  const slot = slotAt(id);
  if (load<u32>(slot, SPEC_VERSION) != 0) {
    const bytes = RECORD_BYTES_MAX - REC_PAYLOAD;
    if (isSame(rec, slot, REC_PAYLOAD, RECORD_BYTES_MAX)) return Refusal.AlreadyConfigured;
    if (!isChange(rec, slot)) return Refusal.ConfigConflict;
    memory.copy(slot + REC_PAYLOAD, rec + REC_PAYLOAD, bytes);
    return Refusal.None;
  }
  if (!deriveMinor(rec, slot)) return Refusal.NotionalOverflow;
  memory.copy(slot + REC_PAYLOAD, rec + REC_PAYLOAD, RECORD_BYTES_MAX - REC_PAYLOAD);
  store<u32>(slot, id, REC_INSTRUMENT);
  if (id >= load<u32>(R_INSTRUMENTS)) store<u32>(R_INSTRUMENTS, id + 1);
  return Refusal.None;
}

/** True for a spec of a higher version that differs from the known one in rules only. */
function isChange(rec: usize, slot: usize): bool {
  if (load<u32>(rec, SPEC_VERSION) <= load<u32>(slot, SPEC_VERSION)) return false;
  const flags = load<u32>(rec, SPEC_FLAGS) ^ load<u32>(slot, SPEC_FLAGS);
  return (
    (flags & ~FLAGS_CHANGED) == 0 &&
    isSame(rec, slot, SPEC_KIND, SPEC_QTY_MIN_LOTS) &&
    isSame(rec, slot, SPEC_EXPIRY_NANOS, SPEC_FLAGS) &&
    isSame(rec, slot, SPEC_TENANT, SPEC_REFERENCE_TICKS) &&
    isSame(rec, slot, SPEC_QTY_STEP_LOTS + 4, RECORD_BYTES_MAX)
  );
}

function isSame(rec: usize, slot: usize, from: i32, to: i32): bool {
  return memory.compare(rec + from, slot + from, to - from) == 0;
}

/** What is wrong with the spec by itself. */
function specRefusal(rec: usize): Refusal {
  const kind = <i32>load<u8>(rec, SPEC_KIND);
  if (kind < InstrumentKind.Spot || kind > InstrumentKind.Option) return Refusal.ConfigInvalid;
  const execution = <i32>load<u8>(rec, SPEC_EXECUTION);
  if (execution < Execution.Internal || execution > Execution.Routed) return Refusal.ConfigInvalid;
  if (load<u32>(rec, SPEC_VERSION) == 0 || load<u8>(rec, SPEC_SYMBOL) == 0) {
    return Refusal.ConfigInvalid;
  }
  if (!currencyIsKnown(load<u16>(rec, SPEC_QUOTE))) return Refusal.UnknownCurrency;
  if (!currencyIsKnown(load<u16>(rec, SPEC_SETTLEMENT))) return Refusal.UnknownCurrency;
  if (!currencyIsKnown(load<u16>(rec, SPEC_BASE))) return Refusal.UnknownCurrency;
  if (load<i64>(rec, SPEC_TICK_MANTISSA) <= 0 || load<i64>(rec, SPEC_LOT_MANTISSA) <= 0) {
    return Refusal.ConfigInvalid;
  }
  if (load<i64>(rec, SPEC_MULTIPLIER_NUM) <= 0 || load<i64>(rec, SPEC_MULTIPLIER_DEN) <= 0) {
    return Refusal.ConfigInvalid;
  }
  if (isBadExponent(load<i8>(rec, SPEC_TICK_EXPONENT))) return Refusal.ConfigInvalid;
  if (isBadExponent(load<i8>(rec, SPEC_LOT_EXPONENT))) return Refusal.ConfigInvalid;
  const ladder = <i32>load<u16>(rec, SPEC_LADDER_TICKS);
  if (ladder != 0 && (ladder < 64 || (ladder & (ladder - 1)) != 0)) return Refusal.ConfigInvalid;
  return isBadQueue(rec, execution) ? Refusal.ConfigInvalid : boundsRefusal(rec);
}

/** A queue is modeled for paper orders only, and only the model by powers has an exponent. */
function isBadQueue(rec: usize, execution: i32): bool {
  const model = <i32>load<u8>(rec, SPEC_QUEUE_MODEL);
  const power = <i32>load<u8>(rec, SPEC_QUEUE_POWER);
  if (model == QueueModel.Through) return power != 0;
  if (execution != Execution.Paper || model > QueueModel.Power) return true;
  return power > (model == QueueModel.Power ? QUEUE_POWER_MAX : 0);
}

// @ts-ignore: decorator
@inline
function isBadExponent(exponent: i32): bool {
  return exponent < -EXPONENT_MAX || exponent > EXPONENT_MAX;
}

function boundsRefusal(rec: usize): Refusal {
  const qtyMin = load<i64>(rec, SPEC_QTY_MIN_LOTS);
  const qtyMax = load<i64>(rec, SPEC_QTY_MAX_LOTS);
  if (qtyMin < 0 || qtyMax < 0 || (qtyMax > 0 && qtyMax < qtyMin)) return Refusal.ConfigInvalid;
  const priceMin = load<i64>(rec, SPEC_PRICE_MIN_TICKS);
  const priceMax = load<i64>(rec, SPEC_PRICE_MAX_TICKS);
  if (priceMax != 0 && priceMax < priceMin) return Refusal.ConfigInvalid;
  return Refusal.None;
}

/**
 * Settlement minor units per tick x lot: tick x lot x multiplier / 10^minorExponent as a reduced
 * fraction. False when it does not fit 64 bits.
 */
function deriveMinor(rec: usize, slot: usize): bool {
  let num = load<i64>(rec, SPEC_TICK_MANTISSA);
  let den = load<i64>(rec, SPEC_MULTIPLIER_DEN);
  const lot = load<i64>(rec, SPEC_LOT_MANTISSA);
  const multiplier = load<i64>(rec, SPEC_MULTIPLIER_NUM);
  if (!productFits(num, lot)) return false;
  num *= lot;
  if (!productFits(num, multiplier)) return false;
  num *= multiplier;
  let exponent =
    <i32>load<i8>(rec, SPEC_TICK_EXPONENT) +
    <i32>load<i8>(rec, SPEC_LOT_EXPONENT) -
    currencyMinorExponent(load<u16>(rec, SPEC_SETTLEMENT));
  for (; exponent > 0; exponent--) {
    if (!productFits(num, 10)) return false;
    num *= 10;
  }
  for (; exponent < 0; exponent++) {
    if (num % 10 == 0) num /= 10;
    else if (productFits(den, 10)) den *= 10;
    else return false;
  }
  const common = gcd64(num, den);
  store<i64>(slot, num / common, INSTRUMENT_MINOR_NUM);
  store<i64>(slot, den / common, INSTRUMENT_MINOR_DEN);
  return true;
}
