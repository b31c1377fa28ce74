// Initial margin: the part of its exposure an account must own before an order.
//
// Needed for every position at its worst case over open orders, at the marks, and compared with
// equity, as exposure.ts sums both. Maintenance margin is not watched, so a schedule that asks for
// it is refused.
//
// tidy: tested by test/asm/risk/exposure.test.ts
import { MARGIN_ROWS } from "../layout";
import { tradedAt, TRD_ID } from "../positions/traded";
import { MARGIN_INITIAL_BPS, MARGIN_MAINTENANCE_BPS, REC_INSTRUMENT, Refusal } from "../vocab";
import { limitsExpire } from "./limits";

const BPS: i64 = 10000;

// @ts-ignore: decorator
@inline
function rowAt(instrument: u32): usize {
  return <usize>MARGIN_ROWS + (<usize>instrument << 2);
}

/** Takes a MarginSchedule record. */
export function marginApply(rec: usize): Refusal {
  const instrument = load<u32>(rec, REC_INSTRUMENT);
  const initial = load<u32>(rec, MARGIN_INITIAL_BPS);
  if (tradedAt(instrument) == 0) return Refusal.UnknownInstrument;
  if (initial > <u32>BPS || load<u32>(rec, MARGIN_MAINTENANCE_BPS) != 0) {
    return Refusal.ParameterInvalid;
  }
  store<u32>(rowAt(instrument), initial);
  limitsExpire();
  return Refusal.None;
}

/** Initial margin of an instrument in bps of exposure, 0 = none is needed. */
// @ts-ignore: decorator
@inline
export function initialBps(traded: usize): u32 {
  return load<u32>(rowAt(load<u32>(traded, TRD_ID)));
}

/** exposure x bps / 10,000, rounded up; split so that nothing overflows. */
// @ts-ignore: decorator
@inline
export function marginMinor(exposureMinor: i64, bps: u32): i64 {
  const whole = exposureMinor / BPS;
  const rest = exposureMinor - whole * BPS;
  return whole * <i64>bps + (rest * <i64>bps + (BPS - 1)) / BPS;
}
