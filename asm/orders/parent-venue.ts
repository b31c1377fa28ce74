// Parents whose children go to a venue: nothing is certain before the venue has said it.
//
// A child there counts as working until the venue has ended it, in flight and in doubt too, and
// while it works no other is sent: so what a parent has out and has filled is never more than it
// asked for. Another price or quantity first asks the child to end, and its end wakes the parent.
// A venue's refusal counts as a denial. A parent that ends waits for the end of its child, so that
// ParentDone says all that was filled; a fill or correction later than that says it once more.
//
// tidy: tested by test/asm/orders/parent-venue.test.ts
import { nowNanos } from "../clock";
import {
  O_PARENT,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_STATE,
  ORDER_ROW_TIF,
  ORDER_TERMS_PARENT_NUMBER,
  PARENT_DENIALS_MAX,
} from "../layout";
import { addProduct128, sub128 } from "../math/wide";
import { tradedAt, TRD_EXECUTION } from "../positions/traded";
import {
  Algorithm,
  CancelReason,
  Execution,
  Kind,
  OrderState,
  ParentFlag,
  ParentState,
  Refusal,
  TimeInForce,
} from "../vocab";
import { deadlinePublish } from "./expiry";
import {
  parentAt,
  parentDueSet,
  parentIsOpen,
  PAR_ALGORITHM,
  PAR_BASE_LOTS,
  PAR_BASE_TURNOVER,
  PAR_CHILD,
  PAR_COST,
  PAR_DENIALS,
  PAR_END,
  PAR_ENDING,
  PAR_FEES,
  PAR_FILLED,
  PAR_FLAGS,
  PAR_INSTRUMENT,
  PAR_NUMBER,
  PAR_QTY,
  PAR_REASON,
  PAR_REFUSED,
  PAR_SAID,
} from "./parent";
import { ICEBERG_NANOS, parentOf, RETRY_NANOS } from "./parent-child";
import { parentReport } from "./parent-report";
import { orderAt, orderTermsAt } from "./pool";
import { routeOf, RTE_CANCEL_REASON, RTE_END_REASON, venueIsUp, venueOf } from "./route";
import { routedIsLeaving } from "./routed";
import { cancelOpen } from "./stop";
import { volumeAt, VOL_LOTS, VOL_TURNOVER } from "./volume";

/** Keeps what the market traded while a parent at a venue worked: what it did may be said again. */
export function venueDone(row: usize): void {
  if (!parentIsRouted(row)) return;
  const market = volumeAt(load<u32>(row, PAR_INSTRUMENT));
  store<i64>(row, load<i64>(market, VOL_LOTS) - load<i64>(row, PAR_BASE_LOTS), PAR_BASE_LOTS);
  const low = load<u64>(row, PAR_BASE_TURNOVER);
  const high = load<i64>(row, PAR_BASE_TURNOVER + 8);
  v128.store(row + PAR_BASE_TURNOVER, v128.load(market + VOL_TURNOVER));
  sub128(row + PAR_BASE_TURNOVER, low, high);
  store<u8>(row, 1, PAR_SAID);
}

/** True when children of the parent go to a venue. */
// @ts-ignore: decorator
@inline
export function parentIsRouted(row: usize): bool {
  const traded = tradedAt(load<u32>(row, PAR_INSTRUMENT));
  return load<u8>(traded, TRD_EXECUTION) == Execution.Routed;
}

/** VenueDown while no child could be sent to the parent's venue. */
export function venueBlock(row: usize): i32 {
  if (!parentIsRouted(row)) return Refusal.None;
  return venueIsUp(venueOf(load<u32>(row, PAR_INSTRUMENT))) ? Refusal.None : Refusal.VenueDown;
}

/** Asks the venue to end the open child; what takes what it can ends by itself. */
export function venueCancel(child: u32): void {
  const order = orderAt(child);
  if (routedIsLeaving(child, load<u8>(order, ORDER_ROW_STATE))) return;
  cancelOpen(child, CancelReason.Parent);
}

/** Asks the child to make room for another one; an immediate one makes it anyway. */
export function venueReplace(child: u32): void {
  if (load<u8>(orderAt(child), ORDER_ROW_TIF) == TimeInForce.Gtc) venueCancel(child);
}

/**
 * True when a parent that is to end has to wait for its child; the first such state and reason
 * stay. Its end is said once the child has ended, by a turn of its own.
 */
export function venueEnding(parent: u32, state: i32, reason: i32): bool {
  const row = parentAt(parent);
  const child = load<u32>(row, PAR_CHILD);
  if (child == 0 || !parentIsRouted(row)) return false;
  if (load<u8>(row, PAR_ENDING) != 0) return true;
  store<u8>(row, <u8>state, PAR_ENDING);
  store<u16>(row, <u16>reason, PAR_REASON);
  store<u8>(row, ParentFlag.Ending, PAR_FLAGS);
  venueCancel(child);
  parentDueSet(parent, i64.MAX_VALUE);
  deadlinePublish();
  parentReport(Kind.ParentProgress, parent);
  return true;
}

/** State in which a parent ends whose child is gone: what was filled whole after all is Filled. */
export function endingState(row: usize): i32 {
  store<u8>(row, 0, PAR_FLAGS);
  if (load<i64>(row, PAR_FILLED) < load<i64>(row, PAR_QTY)) return load<u8>(row, PAR_ENDING);
  store<u16>(row, 0, PAR_REASON);
  return ParentState.Filled;
}

/** Remembers which parent's child an order is: a row may be another parent's one day. */
export function venueAdopt(order: u32): void {
  const row = parentAt(load<u32>(O_PARENT));
  store<u32>(orderTermsAt(order), <u32>load<u64>(row, PAR_NUMBER), ORDER_TERMS_PARENT_NUMBER);
}

/** Row of the parent of an order at a venue, 0 when it has none or it is forgotten. */
function rowOf(order: u32): u32 {
  const parent = parentOf(order);
  if (parent == 0) return 0;
  const number = <u32>load<u64>(parentAt(parent), PAR_NUMBER);
  return number == load<u32>(orderTermsAt(order), ORDER_TERMS_PARENT_NUMBER) ? parent : 0;
}

/** Counts a fill at a venue, or with `times` -1 takes one back; a done parent says it again. */
export function venueFilled(order: u32, ticks: i64, lots: i64, fee: i64, times: i64): void {
  const parent = rowOf(order);
  if (parent == 0) return;
  const row = parentAt(parent);
  const filled = load<i64>(row, PAR_FILLED) + times * lots;
  store<i64>(row, filled, PAR_FILLED);
  addProduct128(row + PAR_COST, ticks, times * lots);
  store<i64>(row, load<i64>(row, PAR_FEES) + fee, PAR_FEES);
  if (times < 0 || lots == 0 || !parentIsOpen(row) || load<u8>(row, PAR_ENDING) != 0) return;
  // What works now may be too much from here on.
  const isLate = load<u32>(row, PAR_CHILD) != order;
  if (isLate || filled >= load<i64>(row, PAR_QTY)) wake(parent, nowNanos());
}

/** Says the figures of a parent that was done before its fills were. */
export function venueAgain(order: u32): void {
  const parent = rowOf(order);
  if (parent != 0 && !parentIsOpen(parentAt(parent))) parentReport(Kind.ParentDone, parent);
}

/**
 * Takes note of the end of a child at a venue, filled or not. A refusal there is a denial with its
 * pause; an end that was waited for wakes the parent now, as does the last fill.
 */
export function venueLeft(order: u32, parent: u32): void {
  const row = parentAt(parent);
  if (load<u32>(row, PAR_CHILD) != order) return;
  store<u32>(row, 0, PAR_CHILD);
  const route = routeOf(order);
  const state = <i32>load<u8>(orderAt(order), ORDER_ROW_STATE);
  if (state == OrderState.Rejected) return rejected(parent, row, load<u16>(route, RTE_END_REASON));
  store<u32>(row, 0, PAR_REFUSED);
  const isDone = load<i64>(row, PAR_FILLED) >= load<i64>(row, PAR_QTY);
  const isAsked = load<u16>(route, RTE_CANCEL_REASON) == CancelReason.Parent;
  if (isDone || isAsked || load<u8>(row, PAR_ENDING) != 0) return wake(parent, nowNanos());
  if (load<u8>(row, PAR_ALGORITHM) != Algorithm.Iceberg) return;
  wake(parent, state == OrderState.Filled ? nowNanos() : nowNanos() + ICEBERG_NANOS);
}

function rejected(parent: u32, row: usize, reason: u16): void {
  const refused = load<u32>(row, PAR_REFUSED) + 1;
  store<u32>(row, refused, PAR_REFUSED);
  store<u32>(row, load<u32>(row, PAR_DENIALS) + 1, PAR_DENIALS);
  if (load<u8>(row, PAR_ENDING) != 0) return wake(parent, nowNanos());
  store<u16>(row, reason, PAR_REASON);
  if (refused < <u32>PARENT_DENIALS_MAX) {
    return wake(parent, nowNanos() + (RETRY_NANOS << <i64>(refused - 1)));
  }
  store<u8>(row, ParentState.Denied, PAR_ENDING);
  wake(parent, nowNanos());
}

function wake(parent: u32, dueNanos: i64): void {
  parentDueSet(parent, min(dueNanos, max(nowNanos(), load<i64>(parentAt(parent), PAR_END))));
  deadlinePublish();
}
