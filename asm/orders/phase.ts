// Phases of an instrument: what is taken in which, and how one follows another.
//
// | phase      | new, amend                    | cancel, mass | matching    | triggers | expiry |
// |------------|-------------------------------|--------------|-------------|----------|--------|
// | PreOpen    | InstrumentNotContinuous (505) | yes          | no          | no       | yes    |
// | Call       | internal: yes, see call.ts;   | yes          | the uncross | no       | yes    |
// |            | else 505                      |              |             |          |        |
// | Continuous | yes                           | yes          | yes         | yes      | yes    |
// | Halted     | InstrumentHalted (506)        | yes          | no          | no       | yes    |
// | Closed     | InstrumentClosed (507)        | yes          | no          | no       | yes    |
//
// Any phase may follow any other, but for one thing: a book that crosses, or that holds orders for
// an auction, becomes continuous by an uncross only (ConfigConflict). So a call that was broken off
// by a halt is taken up again by the next call. Stops reached meanwhile are released when the
// instrument is continuous again. Paper orders follow the public market in every phase.
//
// tidy: tested by test/asm/orders/phase.test.ts
import { l3Best, NO_RANK } from "../books/ladder";
import {
  AUC_BUY_FIRST,
  AUC_ONLY,
  AUC_SAID_LOTS,
  AUC_SAID_PRICE,
  AUC_SAID_SURPLUS,
  AUC_SELL_FIRST,
  AUC_UNCROSSING,
} from "../layout";
import { outBegin, outEnd } from "../output";
import {
  GUARD_CALL,
  tradedAt,
  TRD_BUYS,
  TRD_EXECUTION,
  TRD_GUARD,
  TRD_ID,
  TRD_PHASE,
  TRD_SELLS,
} from "../positions/traded";
import { isCallable } from "../positions/kind";
import {
  Execution,
  InstrumentPhase,
  Kind,
  REC_INSTRUMENT,
  Refusal,
  Scope,
  SWITCH_CELLS,
  SWITCH_REASON,
  SWITCH_SCOPE,
  SWITCH_STATE,
} from "../vocab";
import { auctionAt } from "./auction-price";
import { topTouch } from "./top";

/** Why an InstrumentState record may not set its phase. */
export function phaseRefusal(rec: usize): Refusal {
  const traded = tradedAt(load<u32>(rec, REC_INSTRUMENT));
  if (traded == 0) return Refusal.UnknownInstrument;
  const phase = <i32>load<u8>(rec, SWITCH_STATE);
  if (phase == InstrumentPhase.Unknown || phase > InstrumentPhase.Closed) {
    return Refusal.ParameterInvalid;
  }
  const isInternal = load<u8>(traded, TRD_EXECUTION) == Execution.Internal;
  if (phase == InstrumentPhase.Call && isInternal && !isCallable(traded)) {
    return Refusal.InstrumentKindUnsupported;
  }
  if (load<u8>(auctionAt(traded), AUC_UNCROSSING) != 0) return Refusal.ConfigConflict;
  const isStuck = phase == InstrumentPhase.Continuous && needsUncross(traded);
  return isStuck ? Refusal.ConfigConflict : Refusal.None;
}

/** Takes an InstrumentState record that was not refused. */
export function phaseApply(rec: usize): void {
  phaseMove(tradedAt(load<u32>(rec, REC_INSTRUMENT)), load<u8>(rec, SWITCH_STATE), 0);
}

/** True when buys and sells of an internal book cross. */
// @ts-ignore: decorator
@inline
export function isCrossed(traded: usize): bool {
  const bid = l3Best(load<u32>(traded, TRD_BUYS));
  const ask = l3Best(load<u32>(traded, TRD_SELLS));
  return bid != NO_RANK && ask != NO_RANK && bid >= -ask;
}

function needsUncross(traded: usize): bool {
  if (load<u8>(traded, TRD_EXECUTION) != Execution.Internal) return false;
  if (load<u32>(traded, TRD_BUYS) == 0) return false;
  const row = auctionAt(traded);
  const waits = load<u32>(row, AUC_BUY_FIRST) | load<u32>(row, AUC_SELL_FIRST);
  return (waits | load<u32>(row, AUC_ONLY)) != 0 || isCrossed(traded);
}

/** Sets the phase and says so when it is another; `reason` is a Refusal, 0 = by command. */
export function phaseMove(traded: usize, phase: i32, reason: i32): void {
  if (load<u8>(traded, TRD_PHASE) == phase) return;
  store<u8>(traded, <u8>phase, TRD_PHASE);
  if (load<u8>(traded, TRD_EXECUTION) == Execution.Internal) {
    const isCall = phase == InstrumentPhase.Call;
    const guard = <i32>load<u8>(traded, TRD_GUARD) & ~GUARD_CALL;
    store<u8>(traded, <u8>(isCall ? guard | GUARD_CALL : guard), TRD_GUARD);
    const row = auctionAt(traded);
    store<i64>(row, 0, AUC_SAID_PRICE);
    store<i64>(row, 0, AUC_SAID_LOTS);
    store<i64>(row, 0, AUC_SAID_SURPLUS);
    if (load<u32>(traded, TRD_BUYS) != 0) topTouch(traded);
  }
  const out = outBegin(Kind.TradingStateChanged, SWITCH_CELLS, load<u32>(traded, TRD_ID));
  store<u8>(out, Scope.Instrument, SWITCH_SCOPE);
  store<u8>(out, <u8>phase, SWITCH_STATE);
  store<u16>(out, <u16>reason, SWITCH_REASON);
  outEnd(out);
}
