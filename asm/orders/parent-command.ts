// ParentNew and ParentCancel, and what becomes of parents when many orders are canceled at once.
//
// A parent is refused as an order is: who, shape, duplicate, capacity, switches. Limits are not
// asked: they hold for each child. Whoever cancels all orders of a scope, or kills it, ends its
// parents too, or they would put back what was just taken out.
//
// tidy: tested by test/asm/orders/parent.test.ts
import { accountAt, accountFind, ACC_ID, ACC_TENANT } from "../accounts/account";
import { nowNanos } from "../clock";
import {
  O_LIMIT_VALUE,
  O_PARENTS,
  O_PARENTS_OPEN,
  PARENT_SLICES_MAX,
} from "../layout";
import { outEnd } from "../output";
import { isInverse } from "../positions/kind";
import { QTY_LOTS_MAX } from "../positions/notional";
import {
  kindIsSupported,
  tradedAt,
  TRD_BUYS,
  TRD_EXECUTION,
  TRD_KIND,
  TRD_QTY_MIN,
} from "../positions/traded";
import { diskRefusal, switchRefusal } from "../risk/switch";
import { strategyFind } from "../strategies/strategy";
import {
  Algorithm,
  CANCEL_SESSION,
  ChildStyle,
  EVENT_LEAVES_LOTS,
  EVENT_POSITION_SIDE,
  EVENT_PRICE_TICKS,
  EVENT_SESSION,
  EVENT_SIDE,
  EVENT_STATE,
  EVENT_TAG,
  Execution,
  Kind,
  ORDER_ACCOUNT,
  ORDER_CLIENT_ID,
  ORDER_STRATEGY,
  OrderState,
  PARENT_ALGORITHM,
  PARENT_CHILD_MAX_LOTS,
  PARENT_CHILD_MIN_LOTS,
  PARENT_DRIFT_BPS,
  PARENT_END_NANOS,
  PARENT_INTERVAL_NANOS,
  PARENT_LIMIT_TICKS,
  PARENT_MODEL,
  PARENT_POSITION_SIDE,
  PARENT_QTY_LOTS,
  PARENT_SELF_TRADE,
  PARENT_SESSION,
  PARENT_SHARE_BPS,
  PARENT_SIDE,
  PARENT_START_NANOS,
  PARENT_STYLE,
  PARENT_TAG,
  ParentState,
  REC_INSTRUMENT,
  Refusal,
  Scope,
  SelfTrade,
  Side,
  SWITCH_ACCOUNT,
  SWITCH_SCOPE,
  SWITCH_STRATEGY,
  SWITCH_TENANT,
} from "../vocab";
import { priceRefusal, whoRefusal } from "./command";
import { deny } from "./event";
import { deadlinePublish } from "./expiry";
import { legRefusal } from "./leg";
import {
  parentAt,
  parentDueSet,
  parentFind,
  parentIsOpen,
  parentRoomRefusal,
  parentTake,
  PAR_ACCOUNT,
  PAR_ALGORITHM,
  PAR_CHILD_MAX,
  PAR_CHILD_MIN,
  PAR_CLIENT_ID,
  PAR_DECAY,
  PAR_DRIFT_BPS,
  PAR_END,
  PAR_ENDING,
  PAR_INSTRUMENT,
  PAR_INTERVAL,
  PAR_LIMIT,
  PAR_MODEL,
  PAR_POSITION_SIDE,
  PAR_QTY,
  PAR_SELF_TRADE,
  PAR_SESSION,
  PAR_SHARE_BPS,
  PAR_SIDE,
  PAR_SLICES,
  PAR_START,
  PAR_STATE,
  PAR_STRATEGY,
  PAR_STYLE,
  PAR_TAG,
} from "./parent";
import { inverseLotsMax } from "./parent-cost";
import { parentReport } from "./parent-report";
import { parentBase, parentEnd } from "./parent-step";
import { decayOf } from "./parent-target";
import { curveBetween, volumeWatch } from "./volume";

const CLIENT_ID_TOP: u64 = 1 << 63;
const BPS: u32 = 10000;
/** Largest own share of the volume: above it a parent would mostly follow itself. */
const SHARE_BPS_MAX: u32 = 5000;
const INTERVAL_NANOS_MIN: i64 = 1000000;
const PARENT_NANOS_MAX: i64 = 7 * 86400000000000;

/** Takes a ParentNew. */
export function parentNew(rec: usize): void {
  store<i64>(O_LIMIT_VALUE, 0);
  const account = accountFind(load<u32>(rec, ORDER_ACCOUNT));
  const traded = tradedAt(load<u32>(rec, REC_INSTRUMENT));
  const clientId = load<u64>(rec, ORDER_CLIENT_ID);
  let refusal: i32 = whoRefusal(rec, account, traded);
  if (refusal == Refusal.None) {
    refusal = legRefusal(accountAt(account), load<u8>(rec, PARENT_POSITION_SIDE), traded);
  }
  if (refusal == Refusal.None) refusal = shapeRefusal(rec, traded);
  if (refusal == Refusal.None) refusal = scheduleRefusal(rec);
  if (refusal == Refusal.None && parentFind(account, clientId) != 0) {
    refusal = Refusal.ClientOrderIdDuplicate;
  }
  if (refusal == Refusal.None) refusal = parentRoomRefusal(account);
  if (refusal == Refusal.None) {
    const strategy = strategyFind(load<u16>(rec, ORDER_STRATEGY));
    const block: i32 = switchRefusal(accountAt(account), strategy, traded);
    // Else only a full disk is in its way: a parent can wait until its instrument trades.
    refusal = block == Refusal.KillSwitchOn ? block : <i32>diskRefusal();
  }
  if (refusal != Refusal.None) return denyParent(rec, refusal);
  const parent = parentMake(rec, account);
  volumeWatch(load<u32>(rec, REC_INSTRUMENT), 1);
  parentBase(parentAt(parent));
  parentDueSet(parent, load<i64>(parentAt(parent), PAR_START));
  deadlinePublish();
  parentReport(Kind.ParentProgress, parent);
}

/** What is wrong with a parent by itself, but for its times. */
function shapeRefusal(rec: usize, traded: usize): Refusal {
  if (load<u64>(rec, ORDER_CLIENT_ID) >= CLIENT_ID_TOP) return Refusal.ClientOrderIdMissing;
  if (!kindIsSupported(load<u8>(traded, TRD_KIND))) return Refusal.InstrumentKindUnsupported;
  const isAtVenue = load<u8>(traded, TRD_EXECUTION) == Execution.Routed;
  if (load<u32>(traded, TRD_BUYS) == 0 && !isAtVenue) return Refusal.ArenaFull;
  const side = <i32>load<u8>(rec, PARENT_SIDE);
  if (side != Side.Buy && side != Side.Sell) return Refusal.SideInvalid;
  const algorithm = <i32>load<u8>(rec, PARENT_ALGORITHM);
  if (algorithm < Algorithm.Twap || algorithm > Algorithm.Iceberg) {
    return Refusal.AlgorithmUnsupported;
  }
  if (<i32>load<u8>(rec, PARENT_STYLE) > ChildStyle.Aggressive) return Refusal.FlagUnsupported;
  if (<i32>load<u8>(rec, PARENT_SELF_TRADE) > SelfTrade.Decrement) return Refusal.SelfTradeInvalid;
  const qty = load<i64>(rec, PARENT_QTY_LOTS);
  if (qty <= 0) return Refusal.QtyNotPositive;
  if (qty < load<i64>(traded, TRD_QTY_MIN)) return Refusal.QtyBelowMin;
  const qtyMax = isInverse(traded) ? inverseLotsMax(traded) : QTY_LOTS_MAX;
  if (qty > min(qtyMax, QTY_LOTS_MAX)) return Refusal.QtyAboveMax;
  const isIceberg = algorithm == Algorithm.Iceberg;
  const limit = load<i64>(rec, PARENT_LIMIT_TICKS);
  if (limit != 0 || isIceberg) {
    const price = priceRefusal(traded, limit);
    if (price != Refusal.None) return price;
  }
  const least = load<i64>(rec, PARENT_CHILD_MIN_LOTS);
  const most = load<i64>(rec, PARENT_CHILD_MAX_LOTS);
  if (least < 0 || most < 0 || (most != 0 && least > most)) return Refusal.DisplayInvalid;
  if (isIceberg && (most == 0 || least != 0)) return Refusal.DisplayInvalid;
  return parametersRefusal(rec, algorithm);
}

function parametersRefusal(rec: usize, algorithm: i32): Refusal {
  if (load<u32>(rec, PARENT_DRIFT_BPS) > BPS) return Refusal.ParameterInvalid;
  const share = <u32>load<u16>(rec, PARENT_SHARE_BPS);
  const isPov = algorithm == Algorithm.Pov;
  const isGood = isPov ? share > 0 && share <= SHARE_BPS_MAX : share == 0;
  return isGood ? Refusal.None : Refusal.ParameterInvalid;
}

// @ts-ignore: decorator
@inline
function startOf(rec: usize): i64 {
  return max(load<i64>(rec, PARENT_START_NANOS), nowNanos());
}

/** What is wrong with its times, and with what the algorithm makes of them. */
function scheduleRefusal(rec: usize): Refusal {
  const start = startOf(rec);
  const end = load<i64>(rec, PARENT_END_NANOS);
  const interval = load<i64>(rec, PARENT_INTERVAL_NANOS);
  const algorithm = <i32>load<u8>(rec, PARENT_ALGORITHM);
  if (algorithm == Algorithm.Iceberg) {
    if (interval != 0) return Refusal.PeriodInvalid;
    return end == 0 || end > start ? Refusal.None : Refusal.ExpiryInvalid;
  }
  if (end <= start || end - start > PARENT_NANOS_MAX) return Refusal.ExpiryInvalid;
  if (interval < INTERVAL_NANOS_MIN || interval > end - start) return Refusal.PeriodInvalid;
  if (slicesOf(start, end, interval) > PARENT_SLICES_MAX) return Refusal.PeriodInvalid;
  if (algorithm == Algorithm.Vwap) {
    const volume = curveBetween(load<u32>(rec, REC_INSTRUMENT), start, end);
    return volume > 0 ? Refusal.None : Refusal.ParameterInvalid;
  }
  const isShortfall = algorithm == Algorithm.ImplementationShortfall;
  return isShortfall && decayOf(rec, interval) < 0.0 ? Refusal.ParameterInvalid : Refusal.None;
}

/** The last slice may be shorter than the others. */
// @ts-ignore: decorator
@inline
function slicesOf(start: i64, end: i64, interval: i64): i64 {
  return (end - start - 1) / interval + 1;
}

function parentMake(rec: usize, account: u32): u32 {
  const parent = parentTake();
  const row = parentAt(parent);
  const start = startOf(rec);
  const algorithm = <i32>load<u8>(rec, PARENT_ALGORITHM);
  const isIceberg = algorithm == Algorithm.Iceberg;
  const end = load<i64>(rec, PARENT_END_NANOS);
  const interval = isIceberg ? 1 : load<i64>(rec, PARENT_INTERVAL_NANOS);
  store<u32>(row, account, PAR_ACCOUNT);
  store<u32>(row, load<u32>(rec, REC_INSTRUMENT), PAR_INSTRUMENT);
  store<u16>(row, load<u16>(rec, ORDER_STRATEGY), PAR_STRATEGY);
  store<u8>(row, <u8>algorithm, PAR_ALGORITHM);
  store<u8>(row, load<u8>(rec, PARENT_SIDE), PAR_SIDE);
  store<u8>(row, load<u8>(rec, PARENT_STYLE), PAR_STYLE);
  store<u8>(row, load<u8>(rec, PARENT_SELF_TRADE), PAR_SELF_TRADE);
  store<u8>(row, load<u8>(rec, PARENT_POSITION_SIDE), PAR_POSITION_SIDE);
  store<u8>(row, ParentState.Waiting, PAR_STATE);
  store<u64>(row, load<u64>(rec, ORDER_CLIENT_ID), PAR_CLIENT_ID);
  store<i64>(row, load<i64>(rec, PARENT_QTY_LOTS), PAR_QTY);
  store<i64>(row, load<i64>(rec, PARENT_LIMIT_TICKS), PAR_LIMIT);
  store<i64>(row, start, PAR_START);
  store<i64>(row, end == 0 ? i64.MAX_VALUE : end, PAR_END);
  store<i64>(row, interval, PAR_INTERVAL);
  store<u32>(row, isIceberg ? 1 : <u32>slicesOf(start, end, interval), PAR_SLICES);
  store<i64>(row, load<i64>(rec, PARENT_CHILD_MIN_LOTS), PAR_CHILD_MIN);
  store<i64>(row, load<i64>(rec, PARENT_CHILD_MAX_LOTS), PAR_CHILD_MAX);
  store<u32>(row, load<u32>(rec, PARENT_SESSION), PAR_SESSION);
  store<u16>(row, load<u16>(rec, PARENT_MODEL), PAR_MODEL);
  store<u16>(row, load<u16>(rec, PARENT_SHARE_BPS), PAR_SHARE_BPS);
  store<u64>(row, load<u64>(rec, PARENT_TAG), PAR_TAG);
  store<u32>(row, load<u32>(rec, PARENT_DRIFT_BPS), PAR_DRIFT_BPS);
  const isShortfall = algorithm == Algorithm.ImplementationShortfall;
  store<f64>(row, isShortfall ? decayOf(rec, interval) : 0.0, PAR_DECAY);
  return parent;
}

/** Refuses a ParentNew in the words of an order. */
export function denyParent(rec: usize, reason: i32): void {
  const out = deny(Kind.OrderDenied, rec, reason);
  store<u32>(out, load<u32>(rec, PARENT_SESSION), EVENT_SESSION);
  store<u8>(out, OrderState.Denied, EVENT_STATE);
  store<u8>(out, load<u8>(rec, PARENT_SIDE), EVENT_SIDE);
  store<u8>(out, load<u8>(rec, PARENT_POSITION_SIDE), EVENT_POSITION_SIDE);
  store<i64>(out, load<i64>(rec, PARENT_LIMIT_TICKS), EVENT_PRICE_TICKS);
  store<i64>(out, load<i64>(rec, PARENT_QTY_LOTS), EVENT_LEAVES_LOTS);
  store<u64>(out, load<u64>(rec, PARENT_TAG), EVENT_TAG);
  outEnd(out);
}

/** Takes a ParentCancel: the open child is canceled with its parent. */
export function parentCancel(rec: usize): void {
  store<i64>(O_LIMIT_VALUE, 0);
  const account = accountFind(load<u32>(rec, ORDER_ACCOUNT));
  const parent = account == 0 ? 0 : parentFind(account, load<u64>(rec, ORDER_CLIENT_ID));
  const isOpen = parent != 0 && parentIsOpen(parentAt(parent));
  const isEnding = isOpen && load<u8>(parentAt(parent), PAR_ENDING) != 0;
  if (isOpen && !isEnding) {
    return parentEnd(parent, ParentState.Canceled, Refusal.None);
  }
  const unknown = account == 0 ? Refusal.UnknownAccount : Refusal.UnknownOrder;
  const known = isEnding ? Refusal.CancelPending : Refusal.OrderNotOpen;
  const out = deny(Kind.CancelDenied, rec, parent == 0 ? unknown : known);
  store<u32>(out, load<u32>(rec, CANCEL_SESSION), EVENT_SESSION);
  outEnd(out);
}

/** Ends an account's open parents of a strategy, instrument and side; 0 means all of them. */
export function parentsCancel(account: u32, strategy: u32, instrument: u32, side: i32): void {
  if (load<u32>(O_PARENTS_OPEN) == 0) return;
  for (let parent: u32 = 1; parent < load<u32>(O_PARENTS); parent++) {
    const row = parentAt(parent);
    if (!parentIsOpen(row) || load<u32>(row, PAR_ACCOUNT) != account) continue;
    if (strategy != 0 && load<u16>(row, PAR_STRATEGY) != strategy) continue;
    if (instrument != 0 && load<u32>(row, PAR_INSTRUMENT) != instrument) continue;
    if (side != 0 && <i32>load<u8>(row, PAR_SIDE) != side) continue;
    parentEnd(parent, ParentState.Canceled, Refusal.None);
  }
}

/** Ends the open parents a KillSwitch record names. */
export function parentsKill(rec: usize): void {
  if (load<u32>(O_PARENTS_OPEN) == 0) return;
  for (let parent: u32 = 1; parent < load<u32>(O_PARENTS); parent++) {
    const row = parentAt(parent);
    if (!parentIsOpen(row) || !isMeant(rec, row)) continue;
    parentEnd(parent, ParentState.Canceled, Refusal.KillSwitchOn);
  }
}

function isMeant(rec: usize, row: usize): bool {
  const owner = accountAt(load<u32>(row, PAR_ACCOUNT));
  switch (<i32>load<u8>(rec, SWITCH_SCOPE)) {
    case Scope.Global:
      return true;
    case Scope.Tenant:
      return load<u16>(owner, ACC_TENANT) == load<u16>(rec, SWITCH_TENANT);
    case Scope.Account:
      return load<u32>(owner, ACC_ID) == load<u32>(rec, SWITCH_ACCOUNT);
    case Scope.Strategy:
      return load<u16>(row, PAR_STRATEGY) == load<u16>(rec, SWITCH_STRATEGY);
    default:
      return load<u32>(row, PAR_INSTRUMENT) == load<u32>(rec, REC_INSTRUMENT);
  }
}
