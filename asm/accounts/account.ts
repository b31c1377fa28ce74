// Accounts: who may trade, their switches, and the heads of their lists.
//
// Account ids come from outside (u32), rows are dense: an index with linear probing maps them once
// per command; everything behind refers to the slot. Accounts are never removed, only closed.
import {
  ACCOUNTS_MAX,
  ACCOUNT_INDEX,
  ACCOUNT_INDEX_ENTRIES,
  ACCOUNT_ROWS,
  ACCOUNT_ROW_BYTES,
  O_ACCOUNTS,
} from "../layout";
import { currencyIsKnown } from "../reference/currency";
import {
  ACCOUNT_CURRENCY,
  ACCOUNT_FLAGS,
  ACCOUNT_ID,
  ACCOUNT_POSITION_MODE,
  ACCOUNT_SELF_TRADE,
  ACCOUNT_TENANT,
  PositionMode,
  Refusal,
  SelfTrade,
} from "../vocab";

export const ACC_ID: i32 = 0; // u32
export const ACC_TENANT: i32 = 4; // u16
export const ACC_CURRENCY: i32 = 6; // u16
export const ACC_FLAGS: i32 = 8; // u8
export const ACC_SELF_TRADE: i32 = 9; // u8
export const ACC_KILLED: i32 = 10; // u8
export const ACC_MODE: i32 = 11; // u8, enum TradingMode
export const ACC_ORDERS_OPEN: i32 = 12; // u32
export const ACC_ORDERS_FIRST: i32 = 16; // u32, newest open order
export const ACC_POSITIONS_FIRST: i32 = 20; // u32
export const ACC_BALANCES_FIRST: i32 = 24; // u32
export const ACC_LIMITS: i32 = 28; // u32, limits slot
export const ACC_FEES_MAKER: i32 = 32; // i32, parts per billion
export const ACC_FEES_TAKER: i32 = 36; // i32
export const ACC_FEES_OWN: i32 = 40; // u8, 1 = the two above count
export const ACC_FEES_CURRENCY: i32 = 42; // u16, 0 = settlement
export const ACC_RATE_GLOBAL: i32 = 48; // i64 window start, u32 messages
export const ACC_RATE_ACCOUNT: i32 = 64;

/** Bits of ACC_FLAGS. */
export const ACCOUNT_CLOSED: u32 = 1;
export const ACCOUNT_HOUSE: u32 = 2;
/** Set from the record's position mode, never by its flags. */
export const ACCOUNT_HEDGING: u32 = 128;

/** Address of an account's row. */
// @ts-ignore: decorator
@inline
export function accountAt(slot: u32): usize {
  return <usize>ACCOUNT_ROWS + <usize>slot * ACCOUNT_ROW_BYTES;
}

// @ts-ignore: decorator
@inline
function entryOf(id: u32): usize {
  const mask: u32 = ACCOUNT_INDEX_ENTRIES - 1;
  let index = ((id * 0x9e3779b1) >> 17) & mask;
  while (true) {
    const entry = <usize>ACCOUNT_INDEX + (<usize>index << 2);
    const slot = load<u32>(entry);
    if (slot == 0 || load<u32>(accountAt(slot), ACC_ID) == id) return entry;
    index = (index + 1) & mask;
  }
}

/** Slot of an account id, 0 when unknown. */
// @ts-ignore: decorator
@inline
export function accountFind(id: u32): u32 {
  return load<u32>(entryOf(id));
}

/** True when the account keeps a long and a short leg side by side. */
// @ts-ignore: decorator
@inline
export function isHedging(account: usize): bool {
  return (load<u8>(account, ACC_FLAGS) & ACCOUNT_HEDGING) != 0;
}

/**
 * Takes an Account record: a new account, or new flags, self-trade rule and position mode of a
 * known one (whether the mode may change is orders/leg.ts's question).
 */
export function accountApply(rec: usize): Refusal {
  const id = load<u32>(rec, ACCOUNT_ID);
  if (id == 0) return Refusal.UnknownAccount;
  if (!currencyIsKnown(load<u16>(rec, ACCOUNT_CURRENCY))) return Refusal.UnknownCurrency;
  if (<i32>load<u8>(rec, ACCOUNT_POSITION_MODE) > PositionMode.Hedging) {
    return Refusal.ParameterInvalid;
  }
  if (<i32>load<u8>(rec, ACCOUNT_SELF_TRADE) > SelfTrade.Decrement) {
    return Refusal.SelfTradeInvalid;
  }
  if (load<u8>(rec, ACCOUNT_FLAGS) > (ACCOUNT_CLOSED | ACCOUNT_HOUSE)) {
    return Refusal.FlagUnsupported;
  }
  const entry = entryOf(id);
  const known = load<u32>(entry);
  if (known != 0 && !isSame(accountAt(known), rec)) return Refusal.ConfigConflict;
  const slot = known != 0 ? known : load<u32>(O_ACCOUNTS);
  if (slot >= <u32>ACCOUNTS_MAX) return Refusal.AccountsFull;
  if (known == 0) {
    store<u32>(O_ACCOUNTS, slot + 1);
    store<u32>(entry, slot);
  }
  accountWrite(accountAt(slot), rec);
  return Refusal.None;
}

/** Tenant and currency of an account never change. */
function isSame(account: usize, rec: usize): bool {
  return (
    load<u16>(account, ACC_TENANT) == load<u16>(rec, ACCOUNT_TENANT) &&
    load<u16>(account, ACC_CURRENCY) == load<u16>(rec, ACCOUNT_CURRENCY)
  );
}

function accountWrite(account: usize, rec: usize): void {
  const rule = <i32>load<u8>(rec, ACCOUNT_SELF_TRADE);
  store<u32>(account, load<u32>(rec, ACCOUNT_ID), ACC_ID);
  store<u16>(account, load<u16>(rec, ACCOUNT_TENANT), ACC_TENANT);
  store<u16>(account, load<u16>(rec, ACCOUNT_CURRENCY), ACC_CURRENCY);
  const hasLegs = load<u8>(rec, ACCOUNT_POSITION_MODE) == PositionMode.Hedging;
  const flags = <u32>load<u8>(rec, ACCOUNT_FLAGS) | (hasLegs ? ACCOUNT_HEDGING : 0);
  store<u8>(account, <u8>flags, ACC_FLAGS);
  store<u8>(account, <u8>(rule == 0 ? SelfTrade.Allow : rule), ACC_SELF_TRADE);
}
