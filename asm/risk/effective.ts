// The limits that hold for one position: the strictest of every row that applies, in one row.
//
// Limits change a few times a day and are asked before every order, so the rows of all scopes are
// folded once, beside the position, and asked as one. Any record that may change a limit raises a
// number; a row of another number, or of another strategy's limits, is folded anew when it is asked
// for. It says nothing the limit rows do not say, and is left out of the state hash as indexes are.
//
// tidy: tested by test/asm/risk/limits.test.ts
import { ACCOUNT_HOUSE, ACC_FLAGS } from "../accounts/account";
import { conversionUntil, convertKnown, UNCONVERTED } from "../accounts/conversion";
import { EFFECTIVE_ROWS, O_LIMITS_GENERATION, POSITION_ROWS } from "../layout";
import { TRD_SETTLEMENT } from "../positions/traded";
import { strategyAt, STR_LIMITS } from "../strategies/strategy";
import { Scope } from "../vocab";
import {
  limitsAt,
  limitsOf,
  LIM_COLLAR_BPS,
  LIM_CONCENTRATION,
  LIM_CURRENCY,
  LIM_DRAWDOWN,
  LIM_DUPLICATE_MILLIS,
  LIM_GROSS,
  LIM_LEVERAGE,
  LIM_LOSS,
  LIM_NET,
  LIM_NOTIONAL,
  LIM_ORDERS_ACCOUNT,
  LIM_ORDERS_PAIR,
  LIM_POSITION,
  LIM_QTY,
  LIM_RATE,
  LIM_REPEATS,
  LIM_REPEATS_MILLIS,
  LIM_STALE_MILLIS,
} from "./limits";
import { hasInitial } from "./margin";
import { restrictedSides } from "./restricted";

// Behind the fields of a limits row.
export const EFF_RESTRICTED: i32 = 106; // u8, bit of a side: 1 << Side
export const EFF_RATES: i32 = 107; // u8, bit of a scope that counts messages: 1 << Scope
export const EFF_ASKED: i32 = 108; // u32, bits of Asked
export const EFF_GENERATION: i32 = 112; // u32
export const EFF_STRATEGY: i32 = 116; // u32, limits slot of the strategy that is in it
export const EFF_UNTIL: i32 = 120; // i64, end of the marks it is converted at, -1 = one is missing

/** What there is to ask beside quantity, open orders and position, which are always compared. */
export enum Asked {
  Notional = 1,
  Collar = 2,
  Loss = 4,
  Restricted = 8,
  Stale = 16,
  Drawdown = 32,
  Gross = 64,
  Net = 128,
  Leverage = 256,
  Concentration = 512,
  Duplicate = 1024,
  Margin = 2048,
  /** A limit of money is stated in another currency. */
  Stated = 4096,
}

/** Those few accounts have. */
export const ASKED_EXPOSURE: u32 =
  Asked.Gross | Asked.Net | Asked.Leverage | Asked.Concentration | Asked.Margin;
export const ASKED_RARE: u32 =
  Asked.Restricted |
  Asked.Stale |
  Asked.Drawdown |
  Asked.Duplicate |
  Asked.Stated |
  ASKED_EXPOSURE;

/** Address of the limits that hold for an order of the strategy (slot, 0 = none) in a position. */
// @ts-ignore: decorator
@inline
export function effectiveAt(
  account: usize,
  strategy: u32,
  position: usize,
  traded: usize,
): usize {
  const row = position + (EFFECTIVE_ROWS - POSITION_ROWS);
  const own = strategy == 0 ? 0 : load<u32>(strategyAt(strategy), STR_LIMITS);
  const isOld = load<u32>(row, EFF_GENERATION) ^ load<u32>(O_LIMITS_GENERATION);
  if ((isOld | (load<u32>(row, EFF_STRATEGY) ^ own)) != 0) {
    fold(row, account, strategy, position, traded);
  }
  return row;
}

/** House accounts have no limits. */
function fold(row: usize, account: usize, strategy: u32, position: usize, traded: usize): void {
  clear(row);
  const own = strategy == 0 ? 0 : load<u32>(strategyAt(strategy), STR_LIMITS);
  store<u32>(row, load<u32>(O_LIMITS_GENERATION), EFF_GENERATION);
  store<u32>(row, own, EFF_STRATEGY);
  if ((load<u8>(account, ACC_FLAGS) & ACCOUNT_HOUSE) != 0) return;
  let rates: i32 = 0;
  for (let scope: i32 = Scope.Global; scope <= Scope.AccountInstrument; scope++) {
    const slot = limitsOf(scope, account, strategy, position, traded);
    if (slot == 0) continue;
    const limits = limitsAt(slot);
    if (load<u32>(limits, LIM_RATE) != 0) rates |= 1 << scope;
    foldRow(row, limits, load<u16>(traded, TRD_SETTLEMENT));
  }
  store<u8>(row, <u8>rates, EFF_RATES);
  store<u8>(row, <u8>restrictedSides(account, traded), EFF_RESTRICTED);
  store<u32>(row, asked(row) | (hasInitial(traded) ? Asked.Margin : 0), EFF_ASKED);
}

/** A row without limits. */
function clear(row: usize): void {
  memory.fill(row, 0xff, LIM_REPEATS_MILLIS);
  for (let at: i32 = LIM_QTY; at <= LIM_NET; at += 8) store<i64>(row + at, i64.MAX_VALUE);
  store<u32>(row, 0, LIM_DUPLICATE_MILLIS);
  store<u32>(row, 0, LIM_REPEATS_MILLIS);
  store<u16>(row, 0, EFF_RESTRICTED);
  store<u32>(row, 0, EFF_ASKED);
  store<i64>(row, i64.MAX_VALUE, EFF_UNTIL);
}

// @ts-ignore: decorator
@inline
function strictLong(row: usize, limits: usize, at: i32): void {
  store<i64>(row + at, min(load<i64>(row + at), load<i64>(limits + at)));
}

// @ts-ignore: decorator
@inline
function strictShort(row: usize, limits: usize, at: i32): void {
  store<u32>(row + at, min(load<u32>(row + at), load<u32>(limits + at)));
}

function foldRow(row: usize, limits: usize, settlement: u32): void {
  strictLong(row, limits, LIM_QTY);
  strictLong(row, limits, LIM_POSITION);
  strictShort(row, limits, LIM_COLLAR_BPS);
  strictShort(row, limits, LIM_ORDERS_ACCOUNT);
  strictShort(row, limits, LIM_ORDERS_PAIR);
  strictShort(row, limits, LIM_LEVERAGE);
  strictShort(row, limits, LIM_CONCENTRATION);
  strictShort(row, limits, LIM_STALE_MILLIS);
  const duplicate = load<u32>(limits, LIM_DUPLICATE_MILLIS);
  store<u32>(row, max(load<u32>(row, LIM_DUPLICATE_MILLIS), duplicate), LIM_DUPLICATE_MILLIS);
  foldRepeats(row, limits);
  const currency = <u32>load<u16>(limits, LIM_CURRENCY);
  if (currency != 0 && currency != settlement) return foldStated(row, limits, currency, settlement);
  strictLong(row, limits, LIM_NOTIONAL);
  strictLong(row, limits, LIM_LOSS);
  strictLong(row, limits, LIM_DRAWDOWN);
  strictLong(row, limits, LIM_GROSS);
  strictLong(row, limits, LIM_NET);
}

/** Limits of money stated in another currency, told in the settlement one at the newest mark. */
function foldStated(row: usize, limits: usize, currency: u32, settlement: u32): void {
  let isAny = statedLong(row, limits, LIM_NOTIONAL, currency, settlement);
  isAny |= statedLong(row, limits, LIM_LOSS, currency, settlement);
  isAny |= statedLong(row, limits, LIM_DRAWDOWN, currency, settlement);
  isAny |= statedLong(row, limits, LIM_GROSS, currency, settlement);
  isAny |= statedLong(row, limits, LIM_NET, currency, settlement);
  if (isAny == 0) return;
  const until = min(load<i64>(row, EFF_UNTIL), conversionUntil(currency, settlement));
  store<i64>(row, until, EFF_UNTIL);
}

/** Rounded down, but never to nothing: a limit is at least one minor unit. */
function statedLong(row: usize, limits: usize, at: i32, currency: u32, settlement: u32): i32 {
  const limit = load<i64>(limits + at);
  if (limit == i64.MAX_VALUE) return 0;
  const told = convertKnown(limit, currency, settlement);
  if (told != UNCONVERTED) store<i64>(row + at, min(load<i64>(row + at), max<i64>(told, 1)));
  return 1;
}

/** Fewer executions are stricter; of as many, the longer window. */
function foldRepeats(row: usize, limits: usize): void {
  const most = load<u32>(limits, LIM_REPEATS);
  const window = load<u32>(limits, LIM_REPEATS_MILLIS);
  const known = load<u32>(row, LIM_REPEATS);
  if (most > known || (most == known && window <= load<u32>(row, LIM_REPEATS_MILLIS))) return;
  store<u32>(row, most, LIM_REPEATS);
  store<u32>(row, window, LIM_REPEATS_MILLIS);
}

// @ts-ignore: decorator
@inline
function longBit(row: usize, at: i32, bit: u32): u32 {
  return load<i64>(row + at) == i64.MAX_VALUE ? 0 : bit;
}

// @ts-ignore: decorator
@inline
function shortBit(row: usize, at: i32, bit: u32): u32 {
  return load<u32>(row + at) == u32.MAX_VALUE ? 0 : bit;
}

function asked(row: usize): u32 {
  return (
    longBit(row, LIM_NOTIONAL, Asked.Notional) |
    shortBit(row, LIM_COLLAR_BPS, Asked.Collar) |
    longBit(row, LIM_LOSS, Asked.Loss) |
    (load<u8>(row, EFF_RESTRICTED) != 0 ? Asked.Restricted : 0) |
    shortBit(row, LIM_STALE_MILLIS, Asked.Stale) |
    longBit(row, LIM_DRAWDOWN, Asked.Drawdown) |
    longBit(row, LIM_GROSS, Asked.Gross) |
    longBit(row, LIM_NET, Asked.Net) |
    shortBit(row, LIM_LEVERAGE, Asked.Leverage) |
    shortBit(row, LIM_CONCENTRATION, Asked.Concentration) |
    (load<u32>(row, LIM_DUPLICATE_MILLIS) != 0 ? Asked.Duplicate : 0) |
    (load<i64>(row, EFF_UNTIL) != i64.MAX_VALUE ? Asked.Stated : 0)
  );
}
