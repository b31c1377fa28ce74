// Limit rows and where they hang: global, tenant, account, strategy, instrument, account x
// instrument.
//
// A scope says for whom a limit counts; what is measured is always the account's (its messages, its
// open orders, its loss, its position in the instrument), except that open orders and messages of
// the instrument scopes are those of the account in that instrument. Every row that applies is
// asked, so the strictest decides. A record replaces the whole row of its scope; 0 = no limit.
import { accountAt, accountFind, ACC_LIMITS, ACC_TENANT } from "../accounts/account";
import {
  LIMITS_MAX,
  LIMITS_ROWS,
  LIMITS_ROW_BYTES,
  O_GLOBAL_LIMITS,
  O_LIMIT_VALUE,
  O_LIMITS,
  O_LIMITS_GENERATION,
  O_LIMITS_STATED,
  TENANT_LIMITS,
} from "../layout";
import { positionAt, positionFind, positionTake, POS_LIMITS } from "../positions/position";
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
  LIMITS_TENANT,
  PositionSide,
  REC_INSTRUMENT,
  Refusal,
  Scope,
} from "../vocab";

// Written once and asked before every order: "no limit" is the largest number, so that the smaller
// of two is always the stricter. Only for rates and duplicates 0 = none.
export const LIM_QTY: i32 = 0; // i64, lots
export const LIM_NOTIONAL: i32 = 8; // i64, minor
export const LIM_POSITION: i32 = 16; // i64, lots
export const LIM_LOSS: i32 = 24; // i64, minor
export const LIM_DRAWDOWN: i32 = 32; // i64, minor
export const LIM_GROSS: i32 = 40; // i64, minor
export const LIM_NET: i32 = 48; // i64, minor
export const LIM_RATE_NANOS: i32 = 56; // i64, window of the messages
export const LIM_RATE: i32 = 64; // u32, messages, 0 = none
export const LIM_DUPLICATE_MILLIS: i32 = 68; // u32, 0 = none
export const LIM_COLLAR_BPS: i32 = 72; // u32
export const LIM_ORDERS_ACCOUNT: i32 = 76; // u32, open orders of the account
export const LIM_ORDERS_PAIR: i32 = 80; // u32, open orders of the account in the instrument
export const LIM_LEVERAGE: i32 = 84; // u32, hundredths
export const LIM_CONCENTRATION: i32 = 88; // u32, bps of equity
export const LIM_STALE_MILLIS: i32 = 92; // u32
export const LIM_REPEATS: i32 = 96; // u32, executions
export const LIM_REPEATS_MILLIS: i32 = 100; // u32
export const LIM_CURRENCY: i32 = 104; // u16, what money limits are stated in; 0 = each its own

/** Leaves the limit that was hit for the answer to say; returns the refusal. */
// @ts-ignore: decorator
@inline
export function hit(refusal: Refusal, limit: i64): i32 {
  store<i64>(O_LIMIT_VALUE, limit);
  return refusal;
}

/** Address of a limits row; slot 0 is never asked. */
// @ts-ignore: decorator
@inline
export function limitsAt(slot: u32): usize {
  return <usize>LIMITS_ROWS + <usize>slot * LIMITS_ROW_BYTES;
}

/** Makes every effective row an old one: limits, or whom they hold for, have changed. */
export function limitsExpire(): void {
  store<u32>(O_LIMITS_GENERATION, load<u32>(O_LIMITS_GENERATION) + 1);
}

/** Takes a RiskLimits record. */
export function limitsApply(rec: usize): Refusal {
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
    if (<i32>load<u8>(rec, LIMITS_SCOPE) == Scope.AccountInstrument) legsLimit(rec, slot);
  }
  limitsWrite(limitsAt(slot), rec);
  if (load<u16>(rec, LIMITS_CURRENCY) != 0) store<u8>(O_LIMITS_STATED, 1);
  limitsExpire();
  return Refusal.None;
}

/** The first limits of a pair hold for the legs there are; a later leg takes them over. */
function legsLimit(rec: usize, limits: u32): void {
  const account = accountFind(load<u32>(rec, LIMITS_ACCOUNT));
  for (let leg: u32 = PositionSide.Long; leg <= <u32>PositionSide.Short; leg++) {
    const slot = positionFind(account, load<u32>(rec, REC_INSTRUMENT), leg);
    if (slot != 0) store<u32>(positionAt(slot), limits, POS_LIMITS);
  }
}

function limitsRefusal(rec: usize): Refusal {
  const negative =
    load<i64>(rec, LIMITS_QTY_LOTS_MAX) |
    load<i64>(rec, LIMITS_NOTIONAL_MINOR_MAX) |
    load<i64>(rec, LIMITS_POSITION_LOTS_MAX) |
    load<i64>(rec, LIMITS_LOSS_MINOR_MAX) |
    load<i64>(rec, LIMITS_DRAWDOWN_MINOR_MAX) |
    load<i64>(rec, LIMITS_GROSS_MINOR_MAX) |
    load<i64>(rec, LIMITS_NET_MINOR_MAX);
  if (negative < 0) return Refusal.ParameterInvalid;
  const hasRate = load<u32>(rec, LIMITS_RATE_MAX) != 0;
  if (hasRate != (load<u32>(rec, LIMITS_RATE_WINDOW_MILLIS) != 0)) return Refusal.ParameterInvalid;
  const hasRepeats = load<u32>(rec, LIMITS_REPEATS_MAX) != 0;
  if (hasRepeats != (load<u32>(rec, LIMITS_REPEATS_WINDOW_MILLIS) != 0)) {
    return Refusal.ParameterInvalid;
  }
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
    case Scope.Tenant:
      return tenantLimitsAt(load<u16>(rec, LIMITS_TENANT));
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
      const position = positionTake(account, load<u32>(rec, REC_INSTRUMENT), 0);
      return position == 0 ? <usize>Refusal.PositionsFull : positionAt(position) + POS_LIMITS;
    }
    default:
      return Refusal.ScopeInvalid;
  }
}

// @ts-ignore: decorator
@inline
function tenantLimitsAt(tenant: u32): usize {
  return <usize>TENANT_LIMITS + (<usize>tenant << 2);
}

/** Limits slot of one scope for whoever sends the order, 0 when it has none. */
export function limitsOf(
  scope: i32,
  account: usize,
  strategy: u32,
  position: usize,
  traded: usize,
): u32 {
  switch (scope) {
    case Scope.Global:
      return load<u32>(O_GLOBAL_LIMITS);
    case Scope.Tenant:
      return load<u32>(tenantLimitsAt(load<u16>(account, ACC_TENANT)));
    case Scope.Account:
      return load<u32>(account, ACC_LIMITS);
    case Scope.Strategy:
      return strategy == 0 ? 0 : load<u32>(strategyAt(strategy), STR_LIMITS);
    case Scope.Instrument:
      return load<u32>(traded, TRD_LIMITS);
    default:
      return load<u32>(position, POS_LIMITS);
  }
}

// @ts-ignore: decorator
@inline
function longOf(row: usize, rec: usize, from: i32, to: i32): void {
  const limit = load<i64>(rec + from);
  store<i64>(row + to, limit == 0 ? i64.MAX_VALUE : limit);
}

// @ts-ignore: decorator
@inline
function shortOf(row: usize, rec: usize, from: i32, to: i32): void {
  const limit = load<u32>(rec + from);
  store<u32>(row + to, limit == 0 ? u32.MAX_VALUE : limit);
}

function limitsWrite(row: usize, rec: usize): void {
  const scope = <i32>load<u8>(rec, LIMITS_SCOPE);
  const isPair = scope == Scope.Instrument || scope == Scope.AccountInstrument;
  longOf(row, rec, LIMITS_QTY_LOTS_MAX, LIM_QTY);
  longOf(row, rec, LIMITS_NOTIONAL_MINOR_MAX, LIM_NOTIONAL);
  longOf(row, rec, LIMITS_POSITION_LOTS_MAX, LIM_POSITION);
  longOf(row, rec, LIMITS_LOSS_MINOR_MAX, LIM_LOSS);
  longOf(row, rec, LIMITS_DRAWDOWN_MINOR_MAX, LIM_DRAWDOWN);
  longOf(row, rec, LIMITS_GROSS_MINOR_MAX, LIM_GROSS);
  longOf(row, rec, LIMITS_NET_MINOR_MAX, LIM_NET);
  store<i64>(row, <i64>load<u32>(rec, LIMITS_RATE_WINDOW_MILLIS) * 1000000, LIM_RATE_NANOS);
  store<u32>(row, load<u32>(rec, LIMITS_RATE_MAX), LIM_RATE);
  store<u32>(row, load<u32>(rec, LIMITS_DUPLICATE_MILLIS), LIM_DUPLICATE_MILLIS);
  shortOf(row, rec, LIMITS_COLLAR_BPS, LIM_COLLAR_BPS);
  store<u32>(row, u32.MAX_VALUE, LIM_ORDERS_ACCOUNT);
  store<u32>(row, u32.MAX_VALUE, LIM_ORDERS_PAIR);
  shortOf(row, rec, LIMITS_ORDERS_OPEN_MAX, isPair ? LIM_ORDERS_PAIR : LIM_ORDERS_ACCOUNT);
  shortOf(row, rec, LIMITS_LEVERAGE_MAX, LIM_LEVERAGE);
  shortOf(row, rec, LIMITS_CONCENTRATION_BPS, LIM_CONCENTRATION);
  shortOf(row, rec, LIMITS_STALE_MILLIS, LIM_STALE_MILLIS);
  shortOf(row, rec, LIMITS_REPEATS_MAX, LIM_REPEATS);
  store<u32>(row, load<u32>(rec, LIMITS_REPEATS_WINDOW_MILLIS), LIM_REPEATS_MILLIS);
  store<u16>(row, load<u16>(rec, LIMITS_CURRENCY), LIM_CURRENCY);
}
