// A parent's turn: where it should be by now, and the child that takes it there.
//
// Turns come with Timers, one parent a Timer, so that each has the bounds of one command. A child
// is for what the schedule asks until the next turn, less what is filled. Behind by more than the
// drift limit, it crosses the spread; a child that may not cross (limit, empty book) rests at the
// touch instead. Nothing is sent while the instrument does not trade: the parent waits, and then is
// behind like any other. A kill switch ends it.
//
// tidy: tested by test/asm/orders/parent.test.ts
import { accountAt } from "../accounts/account";
import { nowNanos } from "../clock";
import { PARENT_CHILDREN_MAX, PARENT_DENIALS_MAX } from "../layout";
import { mulDiv64 } from "../math/wide";
import { tradedAt, TRD_QTY_MAX } from "../positions/traded";
import { diskRefusal, switchRefusal } from "../risk/switch";
import { strategyFind } from "../strategies/strategy";
import { Algorithm, ChildStyle, Kind, ParentFlag, ParentState, Refusal } from "../vocab";
import { deadlinePublish } from "./expiry";
import {
  parentAt,
  parentDueSet,
  parentFirst,
  parentForget,
  PAR_ACCOUNT,
  PAR_ALGORITHM,
  PAR_ARRIVAL,
  PAR_BASE_LOTS,
  PAR_BASE_TURNOVER,
  PAR_CHILD,
  PAR_CHILD_MAX,
  PAR_CHILD_MIN,
  PAR_CHILDREN,
  PAR_DRIFT_BPS,
  PAR_END,
  PAR_ENDING,
  PAR_FILLED,
  PAR_FLAGS,
  PAR_INSTRUMENT,
  PAR_INTERVAL,
  PAR_LIMIT,
  PAR_QTY,
  PAR_REASON,
  PAR_REFUSED,
  PAR_START,
  PAR_STATE,
  PAR_STRATEGY,
  PAR_STYLE,
  PAR_TARGET,
} from "./parent";
import {
  canCross,
  childCancel,
  childIsSame,
  childSend,
  ICEBERG_NANOS,
  RETRY_NANOS,
  touchTicks,
} from "./parent-child";
import { middleHalfTicks, parentReport } from "./parent-report";
import { sliceOf, targetLots } from "./parent-target";
import { endingState, venueBlock, venueDone, venueEnding, venueReplace } from "./parent-venue";
import { isRouted } from "./route";
import { volumeAt, volumeWatch, VOL_LOTS, VOL_TURNOVER } from "./volume";

const BPS: i64 = 10000;

/** Takes the turn of the parent that is due first. */
export function parentTurn(): void {
  const parent = parentFirst();
  const row = parentAt(parent);
  if (load<u8>(row, PAR_ENDING) != 0) {
    const state = endingState(row);
    return parentEnd(parent, state, load<u16>(row, PAR_REASON));
  }
  if (load<i64>(row, PAR_FILLED) >= load<i64>(row, PAR_QTY)) {
    return parentEnd(parent, ParentState.Filled, Refusal.None);
  }
  const now = nowNanos();
  if (now >= load<i64>(row, PAR_END)) {
    return parentEnd(parent, ParentState.Expired, Refusal.None);
  }
  const traded = tradedAt(load<u32>(row, PAR_INSTRUMENT));
  const owner = accountAt(load<u32>(row, PAR_ACCOUNT));
  const strategy = strategyFind(load<u16>(row, PAR_STRATEGY));
  let block: i32 = switchRefusal(owner, strategy, traded);
  if (block == Refusal.None) block = venueBlock(row);
  // A child is one more order; those that are open trade on.
  if (block == Refusal.None) block = diskRefusal();
  if (block == Refusal.KillSwitchOn) return parentEnd(parent, ParentState.Canceled, block);
  const wasBlocked = load<u16>(row, PAR_REASON) == block && block != Refusal.None;
  if (load<u8>(row, PAR_STATE) == ParentState.Waiting) begin(row);
  if (load<i64>(row, PAR_ARRIVAL) == 0 && load<i64>(row, PAR_FILLED) == 0) {
    store<i64>(row, middleHalfTicks(traded), PAR_ARRIVAL);
  }
  store<u8>(row, 0, PAR_FLAGS);
  store<u16>(row, <u16>block, PAR_REASON);
  parentDueSet(parent, nextNanos(row, now));
  const slice = sliceOf(row, now);
  const dueLots = scheduled(row, parent, slice);
  store<i64>(row, targetLots(parent, slice + 1), PAR_TARGET);
  if (block == Refusal.None && !work(parent, row, traded, dueLots)) return;
  const isIceberg = load<u8>(row, PAR_ALGORITHM) == Algorithm.Iceberg;
  // A slice in the book wakes its parent itself.
  if (isIceberg && load<u32>(row, PAR_CHILD) != 0) parentDueSet(parent, load<i64>(row, PAR_END));
  // Waiting is said once, not at every turn of a halt.
  if (!wasBlocked) parentReport(Kind.ParentProgress, parent);
}

/** Ends an open parent: its child is canceled, and what it did is said once more. */
export function parentEnd(parent: u32, state: i32, reason: i32): void {
  if (venueEnding(parent, state, reason)) return;
  const row = parentAt(parent);
  childCancel(row);
  store<u8>(row, <u8>state, PAR_STATE);
  store<u16>(row, <u16>reason, PAR_REASON);
  parentReport(Kind.ParentDone, parent);
  venueDone(row);
  volumeWatch(load<u32>(row, PAR_INSTRUMENT), -1);
  parentForget(parent);
  deadlinePublish();
}

/** Remembers what the market has traded so far. */
export function parentBase(row: usize): void {
  const market = volumeAt(load<u32>(row, PAR_INSTRUMENT));
  store<i64>(row, load<i64>(market, VOL_LOTS), PAR_BASE_LOTS);
  v128.store(row + PAR_BASE_TURNOVER, v128.load(market + VOL_TURNOVER));
}

function begin(row: usize): void {
  store<u8>(row, ParentState.Working, PAR_STATE);
  parentBase(row);
}

/** The next slice, or the end when it comes first. */
function nextNanos(row: usize, now: i64): i64 {
  const end = load<i64>(row, PAR_END);
  if (load<u8>(row, PAR_ALGORITHM) == Algorithm.Iceberg) return min(end, now + ICEBERG_NANOS);
  const next = load<i64>(row, PAR_START) + (sliceOf(row, now) + 1) * load<i64>(row, PAR_INTERVAL);
  return min(end, next);
}

/** Lots that should be filled by now; of a share of the volume, what the last turn asked for. */
function scheduled(row: usize, parent: u32, slice: i64): i64 {
  const algorithm = <i32>load<u8>(row, PAR_ALGORITHM);
  if (algorithm == Algorithm.Iceberg) return 0;
  return algorithm == Algorithm.Pov ? load<i64>(row, PAR_TARGET) : targetLots(parent, slice);
}

/** Brings the child in line with the schedule; false when the parent has ended. */
function work(parent: u32, row: usize, traded: usize, dueLots: i64): bool {
  const filled = load<i64>(row, PAR_FILLED);
  const needLots = load<i64>(row, PAR_TARGET) - filled;
  if (needLots <= 0) {
    childCancel(row);
    if (needLots < 0) store<u8>(row, ParentFlag.Ahead, PAR_FLAGS);
    return true;
  }
  const driftBps = <i64>load<u32>(row, PAR_DRIFT_BPS);
  const drift = driftBps == 0 ? i64.MAX_VALUE : mulDiv64(load<i64>(row, PAR_QTY), driftBps, BPS);
  const isBehind = dueLots - filled > drift;
  if (isBehind) store<u8>(row, ParentFlag.Behind, PAR_FLAGS);
  if (!serve(parent, row, traded, needLots, isBehind)) return false;
  if (isBehind && dueLots - load<i64>(row, PAR_FILLED) > drift) {
    store<u8>(row, ParentFlag.Behind | ParentFlag.Breach, PAR_FLAGS);
  }
  return true;
}

/** Sends or keeps the child for `needLots`; false when the parent has ended. */
function serve(parent: u32, row: usize, traded: usize, needLots: i64, isBehind: bool): bool {
  let qty = capped(needLots, load<i64>(row, PAR_CHILD_MAX));
  qty = capped(qty, load<i64>(traded, TRD_QTY_MAX));
  const isLast = qty == load<i64>(row, PAR_QTY) - load<i64>(row, PAR_FILLED);
  // Too small for a child of its own: the next slice takes it along.
  if (qty < load<i64>(row, PAR_CHILD_MIN) && !isLast) return true;
  const wantsCross = isBehind || load<u8>(row, PAR_STYLE) == ChildStyle.Aggressive;
  const isIceberg = load<u8>(row, PAR_ALGORITHM) == Algorithm.Iceberg;
  const crosses = wantsCross && !isIceberg && canCross(row, traded);
  const price = crosses ? load<i64>(row, PAR_LIMIT) : touchTicks(row, traded);
  if (!crosses && price == 0) {
    store<u16>(row, Refusal.PriceUnknown, PAR_REASON);
    return true;
  }
  if (!crosses && (isIceberg ? load<u32>(row, PAR_CHILD) != 0 : childIsSame(row, price, qty))) {
    return true;
  }
  const child = load<u32>(row, PAR_CHILD);
  if (child != 0 && isRouted(child)) {
    venueReplace(child);
    return true;
  }
  childCancel(row);
  if (load<u32>(row, PAR_CHILDREN) >= <u32>PARENT_CHILDREN_MAX) {
    parentEnd(parent, ParentState.Denied, Refusal.RepeatedExecution);
    return false;
  }
  if (childSend(parent, crosses, price, qty)) return true;
  return retry(parent, row);
}

// @ts-ignore: decorator
@inline
function capped(lots: i64, most: i64): i64 {
  return most != 0 && lots > most ? most : lots;
}

/** After a denial: another try after a pause, or the end. */
function retry(parent: u32, row: usize): bool {
  const denials = load<u32>(row, PAR_REFUSED);
  if (denials >= <u32>PARENT_DENIALS_MAX) {
    parentEnd(parent, ParentState.Denied, <i32>load<u16>(row, PAR_REASON));
    return false;
  }
  const pause = RETRY_NANOS << <i64>(denials - 1);
  parentDueSet(parent, min(load<i64>(row, PAR_END), nowNanos() + pause));
  return true;
}
