// A strategy that trades each Signal of its model to a target position, at market.
//
// Its orders take the same path as any client's: risk, client order ids, limits, kill switches. The
// id is its strategy number and a count, with the top bit set, so that it never meets a client's.
import { accountAt, ACC_ID } from "../accounts/account";
import { nowNanos } from "../clock";
import { O_COMMAND, O_STRATEGIES } from "../layout";
import { orderSubmit } from "../orders/command";
import { positionAt, positionFind, POS_LOTS } from "../positions/position";
import {
  CELL_BYTES,
  Kind,
  NEW_CELLS,
  NEW_MODEL,
  NEW_QTY_LOTS,
  NEW_SIDE,
  NEW_TAG,
  NEW_TIF,
  NEW_TYPE,
  ORDER_ACCOUNT,
  ORDER_CLIENT_ID,
  ORDER_STRATEGY,
  OrderType,
  REC_INSTRUMENT,
  REC_KIND,
  SIGNAL_EXPIRES_NANOS,
  SIGNAL_ID,
  SIGNAL_KIND,
  SIGNAL_MODEL,
  SIGNAL_SIDE,
  SignalKind,
  Side,
  StrategyKind,
  TimeInForce,
} from "../vocab";
import {
  strategyAt,
  STRATEGY_RUNNING,
  STR_ACCOUNT,
  STR_FLAGS,
  STR_ID,
  STR_KIND,
  STR_MODEL,
  STR_ORDERS,
  STR_QTY,
} from "./strategy";

/** Takes a Signal: every running follower of its model acts, in the order they were configured. */
export function signalApply(rec: usize): void {
  const expiresNanos = load<i64>(rec, SIGNAL_EXPIRES_NANOS);
  if (expiresNanos != 0 && expiresNanos <= nowNanos()) return;
  const model = load<u16>(rec, SIGNAL_MODEL);
  const strategies = load<u32>(O_STRATEGIES);
  for (let slot: u32 = 1; slot < strategies; slot++) {
    const row = strategyAt(slot);
    if (load<u8>(row, STR_KIND) != StrategyKind.SignalFollower) continue;
    if ((load<u8>(row, STR_FLAGS) & STRATEGY_RUNNING) == 0) continue;
    if (load<u16>(row, STR_MODEL) == model) follow(row, rec);
  }
}

/** Sends the order that takes the account's position to the signal's target. */
function follow(row: usize, rec: usize): void {
  const side = <i32>load<u8>(rec, SIGNAL_SIDE);
  const kind = load<u16>(rec, SIGNAL_KIND);
  if (kind != SignalKind.Exit && side != Side.Buy && side != Side.Sell) return;
  const account = load<u32>(row, STR_ACCOUNT);
  const instrument = load<u32>(rec, REC_INSTRUMENT);
  const lots = load<i64>(positionAt(positionFind(account, instrument, 0)), POS_LOTS);
  const qty = load<i64>(row, STR_QTY);
  const target = kind == SignalKind.Exit ? 0 : side == Side.Buy ? qty : -qty;
  if (kind == SignalKind.None || target == lots) return;
  const orders = load<u64>(row, STR_ORDERS) + 1;
  store<u64>(row, orders, STR_ORDERS);
  const strategy = load<u16>(row, STR_ID);
  memory.fill(O_COMMAND, 0, NEW_CELLS * CELL_BYTES);
  store<u16>(O_COMMAND, Kind.OrderNew, REC_KIND);
  store<u32>(O_COMMAND, instrument, REC_INSTRUMENT);
  store<u32>(O_COMMAND, load<u32>(accountAt(account), ACC_ID), ORDER_ACCOUNT);
  store<u16>(O_COMMAND, strategy, ORDER_STRATEGY);
  const id = (<u64>1 << 63) | (<u64>strategy << 40) | (orders & 0xffffffffff);
  store<u64>(O_COMMAND, id, ORDER_CLIENT_ID);
  store<u8>(O_COMMAND, OrderType.Market, NEW_TYPE);
  store<u8>(O_COMMAND, TimeInForce.Ioc, NEW_TIF);
  store<u8>(O_COMMAND, <u8>(target > lots ? Side.Buy : Side.Sell), NEW_SIDE);
  store<i64>(O_COMMAND, target > lots ? target - lots : lots - target, NEW_QTY_LOTS);
  store<u16>(O_COMMAND, load<u16>(rec, SIGNAL_MODEL), NEW_MODEL);
  store<u64>(O_COMMAND, load<u64>(rec, SIGNAL_ID), NEW_TAG);
  orderSubmit(O_COMMAND);
}
