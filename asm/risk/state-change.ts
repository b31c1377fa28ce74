// What says that trading may or may not go on: one TradingStateChanged record for every change of a
// kill switch, a mode or a strategy's stop, on whatever level, by whomever, and of the room on the
// journal's disk. A record that sets what is set already says nothing. Phases of instruments say so
// themselves (orders/phase.ts).
//
// tidy: tested by test/asm/risk/state-change.test.ts
import { accountAt, ACC_ID, ACC_TENANT } from "../accounts/account";
import { outBegin, outEnd } from "../output";
import { strategyAt, strategyFind, STR_ACCOUNT } from "../strategies/strategy";
import {
  Kind,
  REC_INSTRUMENT,
  REC_KIND,
  Refusal,
  Scope,
  StateChange,
  SWITCH_ACCOUNT,
  SWITCH_CELLS,
  SWITCH_CHANGE,
  SWITCH_REASON,
  SWITCH_SCOPE,
  SWITCH_STATE,
  SWITCH_STRATEGY,
  SWITCH_TENANT,
  SWITCH_USER,
} from "../vocab";

/** Tells what a KillSwitch or TradingState record changed: only what names its scope is told. */
export function switchTell(rec: usize): void {
  const isKill = load<u16>(rec, REC_KIND) == Kind.KillSwitch;
  const scope = <i32>load<u8>(rec, SWITCH_SCOPE);
  const out = outBegin(Kind.TradingStateChanged, SWITCH_CELLS, 0);
  if (scope == Scope.Instrument) store<u32>(out, load<u32>(rec, REC_INSTRUMENT), REC_INSTRUMENT);
  if (scope == Scope.Tenant) store<u16>(out, load<u16>(rec, SWITCH_TENANT), SWITCH_TENANT);
  if (scope == Scope.Account) store<u32>(out, load<u32>(rec, SWITCH_ACCOUNT), SWITCH_ACCOUNT);
  if (scope == Scope.Strategy) writeStrategy(out, load<u16>(rec, SWITCH_STRATEGY));
  store<u8>(out, <u8>scope, SWITCH_SCOPE);
  store<u8>(out, load<u8>(rec, SWITCH_STATE), SWITCH_STATE);
  store<u16>(out, load<u16>(rec, SWITCH_REASON), SWITCH_REASON);
  store<u8>(out, <u8>(isKill ? StateChange.KillSwitch : StateChange.Mode), SWITCH_CHANGE);
  store<u64>(out, load<u64>(rec, SWITCH_USER), SWITCH_USER);
  outEnd(out);
}

/** Whose strategy it is: what is told of it is told to that account. */
function writeStrategy(out: usize, id: u32): void {
  const owner = accountAt(load<u32>(strategyAt(strategyFind(id)), STR_ACCOUNT));
  store<u16>(out, <u16>id, SWITCH_STRATEGY);
  store<u32>(out, load<u32>(owner, ACC_ID), SWITCH_ACCOUNT);
  store<u16>(out, load<u16>(owner, ACC_TENANT), SWITCH_TENANT);
}

/** Tells that a strategy (by id) was stopped (state 1) or released (0), and why. */
export function stopTell(id: u32, state: i32, reason: i32): void {
  const out = outBegin(Kind.TradingStateChanged, SWITCH_CELLS, 0);
  writeStrategy(out, id);
  store<u8>(out, Scope.Strategy, SWITCH_SCOPE);
  store<u8>(out, <u8>state, SWITCH_STATE);
  store<u16>(out, <u16>reason, SWITCH_REASON);
  store<u8>(out, StateChange.Stopped, SWITCH_CHANGE);
  outEnd(out);
}

/** Tells that the disk of the journal is full (state 1) or has room again (0). */
export function diskTell(state: i32): void {
  const out = outBegin(Kind.TradingStateChanged, SWITCH_CELLS, 0);
  store<u8>(out, Scope.Global, SWITCH_SCOPE);
  store<u8>(out, <u8>state, SWITCH_STATE);
  store<u16>(out, <u16>(state != 0 ? Refusal.DiskFull : Refusal.None), SWITCH_REASON);
  store<u8>(out, StateChange.Disk, SWITCH_CHANGE);
  outEnd(out);
}

/** Tells the mode that the engine itself gave an account (by slot), and why. */
export function modeTell(account: u32, mode: i32, reason: i32): void {
  const owner = accountAt(account);
  const out = outBegin(Kind.TradingStateChanged, SWITCH_CELLS, 0);
  store<u32>(out, load<u32>(owner, ACC_ID), SWITCH_ACCOUNT);
  store<u16>(out, load<u16>(owner, ACC_TENANT), SWITCH_TENANT);
  store<u8>(out, Scope.Account, SWITCH_SCOPE);
  store<u8>(out, <u8>mode, SWITCH_STATE);
  store<u16>(out, <u16>reason, SWITCH_REASON);
  store<u8>(out, StateChange.Mode, SWITCH_CHANGE);
  outEnd(out);
}
