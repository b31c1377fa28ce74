// Limit rows and where they hang: global, account, strategy, instrument, account x instrument.
//
// A scope says for whom a limit counts; what is measured is always the account's (its messages, its
// open orders, its loss, its position in the instrument), except that open orders and messages of
// the instrument scopes are those of the account in that instrument. Every row that applies is
// asked, so the strictest decides. A record replaces the whole row of its scope; 0 = no limit.
import { accountAt, accountFind, ACC_LIMITS } from "../accounts/account";
import { LIMITS_MAX, LIMITS_ROWS, LIMITS_ROW_BYTES, O_GLOBAL_LIMITS, O_LIMITS } from "../layout";
import { positionAt, positionTake, POS_LIMITS } from "../positions/position";
import { tradedAt, TRD_LIMITS } from "../positions/traded";
import { currencyIsKnown } from "../reference/currency";
import { strategyAt, strategyFind, STR_LIMITS } from "../strategies/strategy";
import {
  LIMITS_ACCOUNT,
  LIMITS_COLLAR_BPS,
  LIMITS_CONCENTRATION_BPS,
  LIMITS_CURRENCY,
  LIMITS_DRAWDOWN_MINOR_MAX,
  LIMITS_DUPLICATE_MILLIS,
  LIMITS_GROSS_MINOR_MAX,
  LIMITS_LEVERAGE_MAX,
  LIMITS_LOSS_MINOR_MAX,
  LIMITS_NET_MINOR_MAX,
  LIMITS_NOTIONAL_MINOR_MAX,
  LIMITS_ORDERS_OPEN_MAX,
  LIMITS_POSITION_LOTS_MAX,
  LIMITS_QTY_LOTS_MAX,
  LIMITS_RATE_MAX,
  LIMITS_RATE_WINDOW_MILLIS,
  LIMITS_REPEATS_MAX,
  LIMITS_REPEATS_WINDOW_MILLIS,
  LIMITS_SCOPE,
  LIMITS_STALE_MILLIS,
  LIMITS_STRATEGY,
  REC_INSTRUMENT,
  Refusal,
  Scope,
} from "../vocab";

// Written once and asked before every order: "no limit" is the largest number where a comparison is
// all there is to ask, and 0 where not asking saves work.
export const LIM_QTY: i32 = 0; // i64, lots, the largest = none
export const LIM_NOTIONAL: i32 = 8; // i64, minor
export const LIM_POSITION: i32 = 16; // i64, lots, the largest = none
export const LIM_LOSS: i32 = 24; // i64, minor
export const LIM_COLLAR_BPS: i32 = 32; // u32
export const LIM_RATE: i32 = 36; // u32, messages
export const LIM_WINDOW_MILLIS: i32 = 40; // u32
export const LIM_ORDERS_OPEN: i32 = 44; // u32, the largest = none
export const LIM_CURRENCY: i32 = 48; // u16, money limits count only for it; 0 = every currency

/** Address of a limits row; slot 0 is never asked. */
// @ts-ignore: decorator
@inline
export function limitsAt(slot: u32): usize {
  return <usize>LIMITS_ROWS + <usize>slot * LIMITS_ROW_BYTES;
}

/** Takes a RiskLimits record; a limit the core does not measure yet is refused, never ignored. */
export function limitsApply(rec: usize): Refusal {
  if (hasUnmeasured(rec)) return Refusal.ParameterInvalid;
  const refusal = limitsRefusal(rec);
  if (refusal != Refusal.None) return refusal;
  const holder = limitsHolder(rec);
  if (holder < 1000) return <i32>holder;
  let slot = load<u32>(holder);
  if (slot == 0) {
    slot = load<u32>(O_LIMITS);
    if (slot >= <u32>LIMITS_MAX) return Refusal.LimitsFull;
    store<u32>(O_LIMITS, slot + 1);
    store<u32>(holder, slot);
  }
  limitsWrite(limitsAt(slot), rec);
  return Refusal.None;
}

function hasUnmeasured(rec: usize): bool {
  const money =
    load<i64>(rec, LIMITS_DRAWDOWN_MINOR_MAX) |
    load<i64>(rec, LIMITS_GROSS_MINOR_MAX) |
    load<i64>(rec, LIMITS_NET_MINOR_MAX);
  const counts =
    load<u32>(rec, LIMITS_LEVERAGE_MAX) |
    load<u32>(rec, LIMITS_REPEATS_MAX) |
    load<u32>(rec, LIMITS_REPEATS_WINDOW_MILLIS) |
    load<u32>(rec, LIMITS_CONCENTRATION_BPS) |
    load<u32>(rec, LIMITS_STALE_MILLIS) |
    load<u32>(rec, LIMITS_DUPLICATE_MILLIS);
  return money != 0 || counts != 0;
}

function limitsRefusal(rec: usize): Refusal {
  if (load<i64>(rec, LIMITS_QTY_LOTS_MAX) < 0) return Refusal.ParameterInvalid;
  if (load<i64>(rec, LIMITS_NOTIONAL_MINOR_MAX) < 0) return Refusal.ParameterInvalid;
  if (load<i64>(rec, LIMITS_POSITION_LOTS_MAX) < 0) return Refusal.ParameterInvalid;
  if (load<i64>(rec, LIMITS_LOSS_MINOR_MAX) < 0) return Refusal.ParameterInvalid;
  const hasRate = load<u32>(rec, LIMITS_RATE_MAX) != 0;
  if (hasRate != (load<u32>(rec, LIMITS_RATE_WINDOW_MILLIS) != 0)) return Refusal.ParameterInvalid;
  const currency = <u32>load<u16>(rec, LIMITS_CURRENCY);
  return currency == 0 || currencyIsKnown(currency) ? Refusal.None : Refusal.UnknownCurrency;
}

/** Address of the u32 that holds the scope's limits slot, or a Refusal (below 1000). */
function limitsHolder(rec: usize): usize {
  const account = accountFind(load<u32>(rec, LIMITS_ACCOUNT));
  const traded = tradedAt(load<u32>(rec, REC_INSTRUMENT));
  switch (<i32>load<u8>(rec, LIMITS_SCOPE)) {
    case Scope.Global:
      return O_GLOBAL_LIMITS;
    case Scope.Account:
      return account == 0 ? <usize>Refusal.UnknownAccount : accountAt(account) + ACC_LIMITS;
    case Scope.Strategy: {
      const strategy = strategyFind(load<u16>(rec, LIMITS_STRATEGY));
      return strategy == 0 ? <usize>Refusal.UnknownStrategy : strategyAt(strategy) + STR_LIMITS;
    }
    case Scope.Instrument:
      return traded == 0 ? <usize>Refusal.UnknownInstrument : traded + TRD_LIMITS;
    case Scope.AccountInstrument: {
      if (account == 0) return Refusal.UnknownAccount;
      if (traded == 0) return Refusal.UnknownInstrument;
      const position = positionTake(account, load<u32>(rec, REC_INSTRUMENT));
      return position == 0 ? <usize>Refusal.PositionsFull : positionAt(position) + POS_LIMITS;
    }
    default:
      return Refusal.ScopeInvalid;
  }
}

// @ts-ignore: decorator
@inline
function orNone(limit: i64): i64 {
  return limit == 0 ? i64.MAX_VALUE : limit;
}

function limitsWrite(row: usize, rec: usize): void {
  store<i64>(row, orNone(load<i64>(rec, LIMITS_QTY_LOTS_MAX)), LIM_QTY);
  store<i64>(row, load<i64>(rec, LIMITS_NOTIONAL_MINOR_MAX), LIM_NOTIONAL);
  store<i64>(row, orNone(load<i64>(rec, LIMITS_POSITION_LOTS_MAX)), LIM_POSITION);
  store<i64>(row, load<i64>(rec, LIMITS_LOSS_MINOR_MAX), LIM_LOSS);
  store<u32>(row, load<u32>(rec, LIMITS_COLLAR_BPS), LIM_COLLAR_BPS);
  store<u32>(row, load<u32>(rec, LIMITS_RATE_MAX), LIM_RATE);
  store<u32>(row, load<u32>(rec, LIMITS_RATE_WINDOW_MILLIS), LIM_WINDOW_MILLIS);
  const orders = load<u32>(rec, LIMITS_ORDERS_OPEN_MAX);
  store<u32>(row, orders == 0 ? u32.MAX_VALUE : orders, LIM_ORDERS_OPEN);
  store<u16>(row, load<u16>(rec, LIMITS_CURRENCY), LIM_CURRENCY);
}
