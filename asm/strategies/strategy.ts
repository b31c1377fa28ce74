// Strategies the core knows: whose they are, whether they run, and their switches.
import { accountFind } from "../accounts/account";
import {
  O_STRATEGIES,
  STRATEGIES_MAX,
  STRATEGY_ROWS,
  STRATEGY_ROW_BYTES,
  STRATEGY_SLOTS,
} from "../layout";
import {
  Refusal,
  STRATEGY_ACCOUNT,
  STRATEGY_FLAGS,
  STRATEGY_ID,
  STRATEGY_KIND,
  STRATEGY_MODEL,
  STRATEGY_QTY_LOTS,
  STRATEGY_TENANT,
  StrategyKind,
} from "../vocab";
import { QTY_LOTS_MAX } from "../positions/notional";

export const STR_ID: i32 = 0; // u16
export const STR_TENANT: i32 = 2; // u16
export const STR_ACCOUNT: i32 = 4; // u32, account slot
export const STR_KIND: i32 = 8; // u8, enum StrategyKind
export const STR_FLAGS: i32 = 9; // u8
export const STR_MODEL: i32 = 10; // u16
export const STR_LIMITS: i32 = 12; // u32, limits slot
export const STR_KILLED: i32 = 16; // u8
export const STR_MODE: i32 = 17; // u8, enum TradingMode
export const STR_STOPPED: i32 = 18; // u8, traded too often, until a human releases it
export const STR_QTY: i32 = 24; // i64, lots of the target position
export const STR_ORDERS: i32 = 32; // u64, orders it has sent; makes its client ids
export const STR_RATE: i32 = 40; // i64 window start, u32 messages

/** Bit of STR_FLAGS. */
export const STRATEGY_RUNNING: u32 = 1;

/** Address of a strategy's row. */
// @ts-ignore: decorator
@inline
export function strategyAt(slot: u32): usize {
  return <usize>STRATEGY_ROWS + <usize>slot * STRATEGY_ROW_BYTES;
}

/** Slot of a strategy id, 0 when unknown. */
// @ts-ignore: decorator
@inline
export function strategyFind(id: u32): u32 {
  return load<u16>(<usize>STRATEGY_SLOTS + (<usize>(id & 0xffff) << 1));
}

/** Takes a Strategy record: a new one, or other flags, model and target of a known one. */
export function strategyApply(rec: usize): Refusal {
  const id = <u32>load<u16>(rec, STRATEGY_ID);
  if (id == 0) return Refusal.UnknownStrategy;
  const account = accountFind(load<u32>(rec, STRATEGY_ACCOUNT));
  if (account == 0) return Refusal.UnknownAccount;
  const kind = <i32>load<u8>(rec, STRATEGY_KIND);
  const qty = load<i64>(rec, STRATEGY_QTY_LOTS);
  if (kind > StrategyKind.SignalFollower) return Refusal.ParameterInvalid;
  if (qty < 0 || qty > QTY_LOTS_MAX) return Refusal.ParameterInvalid;
  if (kind == StrategyKind.SignalFollower && qty == 0) return Refusal.ParameterInvalid;
  if (load<u8>(rec, STRATEGY_FLAGS) > STRATEGY_RUNNING) return Refusal.FlagUnsupported;
  let slot = strategyFind(id);
  if (slot != 0 && load<u32>(strategyAt(slot), STR_ACCOUNT) != account) {
    return Refusal.ConfigConflict;
  }
  if (slot == 0) {
    slot = load<u32>(O_STRATEGIES);
    if (slot >= <u32>STRATEGIES_MAX) return Refusal.StrategiesFull;
    store<u32>(O_STRATEGIES, slot + 1);
    store<u16>(<usize>STRATEGY_SLOTS + (<usize>id << 1), <u16>slot);
  }
  const row = strategyAt(slot);
  store<u16>(row, <u16>id, STR_ID);
  store<u16>(row, load<u16>(rec, STRATEGY_TENANT), STR_TENANT);
  store<u32>(row, account, STR_ACCOUNT);
  store<u8>(row, kind, STR_KIND);
  store<u8>(row, load<u8>(rec, STRATEGY_FLAGS), STR_FLAGS);
  store<u16>(row, load<u16>(rec, STRATEGY_MODEL), STR_MODEL);
  store<i64>(row, qty, STR_QTY);
  return Refusal.None;
}
