// Orders of hedging accounts: which leg they are about, and which modes an account may change to.
//
// An order that closes a leg is a reduce-only order whether it says so or not: capped at what the
// leg holds when it enters, held to it by every fill, refused when the leg is flat. So no leg ever
// crosses zero. Cash instruments have no legs: there is one holding, and nothing to be short of.
//
// tidy: tested by test/asm/orders/leg.test.ts
import {
  accountAt,
  accountFind,
  ACCOUNT_HEDGING,
  ACC_FLAGS,
  ACC_ORDERS_OPEN,
  ACC_POSITIONS_FIRST,
  isHedging,
} from "../accounts/account";
import { O_PARENTS, O_PARENTS_OPEN, ORDER_ROW_POSITION } from "../layout";
import { isCash } from "../positions/kind";
import { isClosing } from "../positions/leg";
import { positionAt, POS_INSTRUMENT, POS_LOTS, POS_NEXT, POS_SIDE } from "../positions/position";
import { tradedAt, TRD_EXECUTION } from "../positions/traded";
import {
  ACCOUNT_ID,
  ACCOUNT_POSITION_MODE,
  Execution,
  NEW_FLAGS,
  NEW_POSITION_SIDE,
  NEW_SIDE,
  OrderFlag,
  PositionMode,
  PositionSide,
  Refusal,
} from "../vocab";
import { parentAt, parentIsOpen, PAR_ACCOUNT } from "./parent";
import { orderAt } from "./pool";

/**
 * Why an order may not name `leg` (enum PositionSide) in this account and instrument:
 * PositionSideMissing, PositionSideInvalid, or ExecutionUnsupported for legs at a venue, whose own
 * positions are not told by leg.
 */
// @ts-ignore: decorator
@inline
export function legRefusal(owner: usize, leg: u32, traded: usize): Refusal {
  const isPlain = ((load<u8>(owner, ACC_FLAGS) & ACCOUNT_HEDGING) | leg) == 0;
  return isPlain ? Refusal.None : legAsked(owner, leg, traded);
}

function legAsked(owner: usize, leg: u32, traded: usize): Refusal {
  if (!isHedging(owner) || isCash(traded)) {
    return leg == PositionSide.None ? Refusal.None : Refusal.PositionSideInvalid;
  }
  if (leg == PositionSide.None) return Refusal.PositionSideMissing;
  if (leg > <u32>PositionSide.Short) return Refusal.PositionSideInvalid;
  const isAtVenue = load<u8>(traded, TRD_EXECUTION) == Execution.Routed;
  return isAtVenue ? Refusal.ExecutionUnsupported : Refusal.None;
}

/** Instructions of an OrderNew with those its leg implies. */
// @ts-ignore: decorator
@inline
export function flagsOf(rec: usize): i32 {
  const flags = <i32>load<u8>(rec, NEW_FLAGS);
  const leg = <i32>load<u8>(rec, NEW_POSITION_SIDE);
  return isClosing(leg, <i32>load<u8>(rec, NEW_SIDE)) ? flags | OrderFlag.ReduceOnly : flags;
}

/** The leg an order is about (enum PositionSide). */
// @ts-ignore: decorator
@inline
export function legOf(slot: u32): i32 {
  return <i32>load<u8>(positionAt(load<u32>(orderAt(slot), ORDER_ROW_POSITION)), POS_SIDE);
}

/**
 * ConfigConflict when an Account record asks for another position mode of an account that holds
 * contracts, has open orders or works parents; None when there is nothing to ask.
 */
export function modeRefusal(rec: usize): Refusal {
  const account = accountFind(load<u32>(rec, ACCOUNT_ID));
  if (account == 0) return Refusal.None;
  const wants = load<u8>(rec, ACCOUNT_POSITION_MODE) == PositionMode.Hedging;
  if (wants == isHedging(accountAt(account))) return Refusal.None;
  return isIdle(account) ? Refusal.None : Refusal.ConfigConflict;
}

function isIdle(account: u32): bool {
  const owner = accountAt(account);
  if (load<u32>(owner, ACC_ORDERS_OPEN) != 0) return false;
  let slot = load<u32>(owner, ACC_POSITIONS_FIRST);
  while (slot != 0) {
    const row = positionAt(slot);
    slot = load<u32>(row, POS_NEXT);
    if (load<i64>(row, POS_LOTS) == 0) continue;
    if (!isCash(tradedAt(load<u32>(row, POS_INSTRUMENT)))) return false;
  }
  if (load<u32>(O_PARENTS_OPEN) == 0) return true;
  for (let parent: u32 = 1; parent < load<u32>(O_PARENTS); parent++) {
    const row = parentAt(parent);
    if (parentIsOpen(row) && load<u32>(row, PAR_ACCOUNT) == account) return false;
  }
  return true;
}
