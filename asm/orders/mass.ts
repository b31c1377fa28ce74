// Cancels of many orders at once: by their account, or by a kill switch.
//
// At most CANCELS_PER_COMMAND_MAX orders per input; the answer says how many matching orders are
// still open, and the caller repeats.
//
// tidy: tested by test/asm/orders/bounds.test.ts
import {
  accountAt,
  accountFind,
  ACC_ID,
  ACC_ORDERS_FIRST,
  ACC_ORDERS_OPEN,
  ACC_TENANT,
} from "../accounts/account";
import {
  CANCELS_PER_COMMAND_MAX,
  O_ACCOUNTS,
  O_LIMIT_VALUE,
  O_PARENTS_OPEN,
  O_STEPS,
  O_WALK,
  ORDER_COLD_NEXT,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_SIDE,
  ORDER_ROW_STATE,
  ORDER_ROW_STRATEGY,
} from "../layout";
import { outBegin, outEnd } from "../output";
import {
  CancelReason,
  Kind,
  MASS_CELLS,
  MASS_SCOPE,
  MASS_SESSION,
  MASS_SIDE,
  ORDER_ACCOUNT,
  ORDER_CLIENT_ID,
  ORDER_STRATEGY,
  ORDER_TENANT,
  REC_INSTRUMENT,
  Refusal,
  Scope,
  SWITCH_ACCOUNT,
  SWITCH_SCOPE,
  SWITCH_STRATEGY,
  SWITCH_TENANT,
  MASS_LEFT,
  MASS_DONE,
  OrderState,
} from "../vocab";
import { denyMass } from "./event";
import { parentsCancel, parentsKill } from "./parent-command";
import { orderAt, orderColdAt } from "./pool";
import { routedIsLeaving } from "./routed";
import { cancelOpen } from "./stop";

/** Takes a MassCancel: own orders of an account, all or those of a strategy or an instrument. */
export function massCancel(rec: usize): void {
  store<i64>(O_LIMIT_VALUE, 0);
  const account = accountFind(load<u32>(rec, ORDER_ACCOUNT));
  if (account == 0) return denyMass(rec, Refusal.UnknownAccount);
  const scope = <i32>load<u8>(rec, MASS_SCOPE);
  const isKnown =
    scope == Scope.Account || scope == Scope.Strategy || scope == Scope.AccountInstrument;
  if (!isKnown) return denyMass(rec, Refusal.ScopeInvalid);
  const strategy = scope == Scope.Strategy ? <u32>load<u16>(rec, ORDER_STRATEGY) : 0;
  const instrument = scope == Scope.AccountInstrument ? load<u32>(rec, REC_INSTRUMENT) : 0;
  const side = <i32>load<u8>(rec, MASS_SIDE);
  const done = cancelOf(account, strategy, instrument, side, CancelReason.Mass, 0);
  parentsCancel(account, strategy, instrument, side);
  const left = countOf(account, strategy, instrument, side);
  const out = outBegin(Kind.MassCanceled, MASS_CELLS, load<u32>(rec, REC_INSTRUMENT));
  store<u32>(out, load<u32>(rec, ORDER_ACCOUNT), ORDER_ACCOUNT);
  store<u16>(out, load<u16>(rec, ORDER_STRATEGY), ORDER_STRATEGY);
  store<u16>(out, load<u16>(accountAt(account), ACC_TENANT), ORDER_TENANT);
  store<u64>(out, load<u64>(rec, ORDER_CLIENT_ID), ORDER_CLIENT_ID);
  store<u8>(out, <u8>scope, MASS_SCOPE);
  store<u8>(out, <u8>side, MASS_SIDE);
  store<u32>(out, load<u32>(rec, MASS_SESSION), MASS_SESSION);
  store<u32>(out, left, MASS_LEFT);
  store<u32>(out, done, MASS_DONE);
  outEnd(out);
}

/** Cancels what a KillSwitch record names, over all accounts, and says how many. */
export function switchCancel(rec: usize): void {
  const scope = <i32>load<u8>(rec, SWITCH_SCOPE);
  const strategy = scope == Scope.Strategy ? <u32>load<u16>(rec, SWITCH_STRATEGY) : 0;
  const instrument = scope == Scope.Instrument ? load<u32>(rec, REC_INSTRUMENT) : 0;
  let done: u32 = 0;
  let left: u32 = 0;
  for (let account: u32 = 1; account < load<u32>(O_ACCOUNTS); account++) {
    const owner = accountAt(account);
    if (scope == Scope.Account && load<u32>(owner, ACC_ID) != load<u32>(rec, SWITCH_ACCOUNT)) {
      continue;
    }
    if (scope == Scope.Tenant && load<u16>(owner, ACC_TENANT) != load<u16>(rec, SWITCH_TENANT)) {
      continue;
    }
    done += cancelOf(account, strategy, instrument, 0, CancelReason.KillSwitch, done);
    left += countOf(account, strategy, instrument, 0);
  }
  parentsKill(rec);
  const out = outBegin(Kind.MassCanceled, MASS_CELLS, load<u32>(rec, REC_INSTRUMENT));
  store<u32>(out, load<u32>(rec, SWITCH_ACCOUNT), ORDER_ACCOUNT);
  store<u16>(out, load<u16>(rec, SWITCH_STRATEGY), ORDER_STRATEGY);
  store<u16>(out, load<u16>(rec, SWITCH_TENANT), ORDER_TENANT);
  store<u8>(out, <u8>scope, MASS_SCOPE);
  store<u32>(out, left, MASS_LEFT);
  store<u32>(out, done, MASS_DONE);
  outEnd(out);
}

/** Cancels all of an account in liquidation, as many orders as one input may; true if any. */
export function liquidationCancel(account: u32): bool {
  const owner = accountAt(account);
  const before = load<u32>(owner, ACC_ORDERS_OPEN) + load<u32>(O_PARENTS_OPEN);
  cancelOf(account, 0, 0, 0, CancelReason.Liquidation, 0);
  parentsCancel(account, 0, 0, 0);
  return load<u32>(owner, ACC_ORDERS_OPEN) + load<u32>(O_PARENTS_OPEN) != before;
}

// @ts-ignore: decorator
@inline
function isMeant(slot: u32, strategy: u32, instrument: u32, side: i32): bool {
  const order = orderAt(slot);
  // Asked for and not answered: it stays in the list, and would hide those behind the bound.
  const state = <i32>load<u8>(order, ORDER_ROW_STATE);
  if (state > OrderState.PartlyFilled && routedIsLeaving(slot, state)) return false;
  if (strategy != 0 && load<u16>(order, ORDER_ROW_STRATEGY) != strategy) return false;
  if (instrument != 0 && load<u32>(order, ORDER_ROW_INSTRUMENT) != instrument) return false;
  return side == 0 || load<u8>(order, ORDER_ROW_SIDE) == side;
}

/** Cancels an account's matching orders until the input's bound; returns how many. */
function cancelOf(
  account: u32,
  strategy: u32,
  instrument: u32,
  side: i32,
  reason: i32,
  before: u32,
): u32 {
  let done: u32 = 0;
  let slot = load<u32>(accountAt(account), ACC_ORDERS_FIRST);
  while (slot != 0 && before + done < <u32>CANCELS_PER_COMMAND_MAX) {
    // What ends with an order counts too, and may be the one that would have come next.
    store<u32>(O_WALK, load<u32>(orderColdAt(slot), ORDER_COLD_NEXT));
    if (isMeant(slot, strategy, instrument, side)) {
      const steps = load<u32>(O_STEPS);
      cancelOpen(slot, reason);
      done += 1 + load<u32>(O_STEPS) - steps;
    }
    slot = load<u32>(O_WALK);
  }
  store<u32>(O_WALK, 0);
  return done;
}

function countOf(account: u32, strategy: u32, instrument: u32, side: i32): u32 {
  let count: u32 = 0;
  let slot = load<u32>(accountAt(account), ACC_ORDERS_FIRST);
  while (slot != 0) {
    if (isMeant(slot, strategy, instrument, side)) count++;
    slot = load<u32>(orderColdAt(slot), ORDER_COLD_NEXT);
  }
  return count;
}
