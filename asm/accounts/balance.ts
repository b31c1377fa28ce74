// Cash by account and currency, and the house ledgers that keep every currency's sum at zero.
//
// Cash = deposits + realized PnL - fees. Whatever an account realizes is taken from the street
// ledger of that currency (the other side of every fill, until that side realizes it too), fees go
// to the fee ledger, funding to its own, deposits are counted: cash + street + fees + funding -
// deposits is 0 at all times.
// A balance changed by an input is put on a list and reported once, at the input's end.
import { accountAt, ACC_BALANCES_FIRST, ACC_ID, ACC_KILLED, ACC_MODE } from "./account";
import { ACC_CURRENCY, ACC_ORDERS_OPEN, ACC_TENANT } from "./account";
import { DAY_NANOS, nowNanos } from "../clock";
import {
  BALANCES_MAX,
  BALANCE_ROWS,
  BALANCE_ROW_BYTES,
  LEDGER_ROWS,
  LEDGER_ROW_BYTES,
  O_BALANCES,
  O_TOUCHED_FIRST,
  O_TOUCHED_LAST,
} from "../layout";
import { outBegin, outEnd } from "../output";
import { accountUnrealizedMinor } from "../positions/position";
import { currencyIsKnown, currencyMinorExponent } from "../reference/currency";
import {
  BALANCE_CASH_MINOR,
  BALANCE_CELLS,
  BALANCE_CURRENCY,
  BALANCE_EQUITY_MINOR,
  BALANCE_EQUITY_REASON,
  BALANCE_FEES_MINOR,
  BALANCE_KILLED,
  BALANCE_LOCKED_MINOR,
  BALANCE_MINOR_EXPONENT,
  BALANCE_MODE,
  BALANCE_ORDERS_OPEN,
  BALANCE_POSITION_MODE,
  BALANCE_REALIZED_DAY_MINOR,
  BALANCE_REPORTING,
  BALANCE_UNREALIZED_MINOR,
  CASH_ACCOUNT,
  CASH_AMOUNT_MINOR,
  CASH_CURRENCY,
  Kind,
  ORDER_ACCOUNT,
  ORDER_TENANT,
  Refusal,
} from "../vocab";
import { accountFind, isHedging } from "./account";
import { dayIsBounded, dayMoved } from "./day";
import { equityMinor, equityRefusal } from "./equity";

export const BAL_ACCOUNT: i32 = 0; // u32, account slot
export const BAL_CURRENCY: i32 = 4; // u16
export const BAL_TOUCHED: i32 = 6; // u8, on the list of this input
export const BAL_PEAK: i32 = 7; // u8, 1 = its highest PnL is watched (risk/drawdown.ts)
export const BAL_CASH: i32 = 8; // i64
export const BAL_DEPOSITS: i32 = 16; // i64
export const BAL_REALIZED_DAY: i32 = 24; // i64, of the day below
export const BAL_DAY: i32 = 32; // i64, UTC days since the epoch
export const BAL_FEES: i32 = 40; // i64
export const BAL_NEXT: i32 = 48; // u32, next balance of the account
export const BAL_TOUCHED_NEXT: i32 = 52; // u32
export const BAL_LOCKED: i32 = 56; // i64, held back for open orders of cash instruments

export const LEDGER_STREET: i32 = 0; // i64
export const LEDGER_FEES: i32 = 8; // i64
export const LEDGER_DEPOSITS: i32 = 16; // i64
export const LEDGER_FUNDING: i32 = 24; // i64

/** Largest cash or ledger amount; beyond it a deposit is refused and a fill is a defect. */
export const CASH_MINOR_MAX: i64 = 1 << 62;

/** Address of a balance row. */
// @ts-ignore: decorator
@inline
export function balanceAt(slot: u32): usize {
  return <usize>BALANCE_ROWS + <usize>slot * BALANCE_ROW_BYTES;
}

/** Address of a currency's house ledgers. */
// @ts-ignore: decorator
@inline
export function ledgerAt(currency: u32): usize {
  return <usize>LEDGER_ROWS + <usize>currency * LEDGER_ROW_BYTES;
}

/** Slot of the account's balance in a currency, 0 when there is none; an account has few. */
export function balanceFind(account: u32, currency: u32): u32 {
  let slot = load<u32>(accountAt(account), ACC_BALANCES_FIRST);
  while (slot != 0 && load<u16>(balanceAt(slot), BAL_CURRENCY) != currency) {
    slot = load<u32>(balanceAt(slot), BAL_NEXT);
  }
  return slot;
}

/** As `balanceFind`, made when missing; 0 when the table is full. */
export function balanceTake(account: u32, currency: u32): u32 {
  const known = balanceFind(account, currency);
  if (known != 0) return known;
  const slot = load<u32>(O_BALANCES);
  if (slot >= <u32>BALANCES_MAX) return 0;
  store<u32>(O_BALANCES, slot + 1);
  const row = balanceAt(slot);
  const owner = accountAt(account);
  store<u32>(row, account, BAL_ACCOUNT);
  store<u16>(row, <u16>currency, BAL_CURRENCY);
  store<u32>(row, load<u32>(owner, ACC_BALANCES_FIRST), BAL_NEXT);
  store<u32>(owner, slot, ACC_BALANCES_FIRST);
  return slot;
}

// @ts-ignore: decorator
@inline
function addTo(at: usize, by: i64): void {
  const after = load<i64>(at) + by;
  assert(after <= CASH_MINOR_MAX && after >= -CASH_MINOR_MAX, "money stays within its range");
  store<i64>(at, after);
}

/** UTC day of engine time, days since the epoch. */
// @ts-ignore: decorator
@inline
export function dayNow(): i64 {
  return nowNanos() / DAY_NANOS;
}

/** Realized PnL of the current UTC day. */
// @ts-ignore: decorator
@inline
export function realizedTodayMinor(row: usize): i64 {
  // A product instead of a division: this is asked before every order.
  const sinceStart = <u64>(nowNanos() - load<i64>(row, BAL_DAY) * DAY_NANOS);
  return sinceStart < <u64>DAY_NANOS ? load<i64>(row, BAL_REALIZED_DAY) : 0;
}

/** Books what one side of a fill realized and paid; the house ledgers take the other side. */
export function balanceBook(slot: u32, realizedMinor: i64, feeMinor: i64): void {
  const row = balanceAt(slot);
  const ledger = ledgerAt(load<u16>(row, BAL_CURRENCY));
  const today = realizedTodayMinor(row);
  store<i64>(row, dayNow(), BAL_DAY);
  store<i64>(row, today, BAL_REALIZED_DAY);
  addTo(row + BAL_CASH, realizedMinor - feeMinor);
  addTo(row + BAL_REALIZED_DAY, realizedMinor);
  addTo(row + BAL_FEES, feeMinor);
  addTo(ledger + LEDGER_STREET, -realizedMinor);
  addTo(ledger + LEDGER_FEES, feeMinor);
  if (dayIsBounded(slot)) dayMoved(slot, realizedMinor);
  balanceTouch(slot);
}

/** Books money that changes hands for something else; the street ledger takes the other side. */
export function balanceMove(slot: u32, amountMinor: i64): void {
  const row = balanceAt(slot);
  addTo(row + BAL_CASH, amountMinor);
  addTo(ledgerAt(load<u16>(row, BAL_CURRENCY)) + LEDGER_STREET, -amountMinor);
  balanceTouch(slot);
}

/** Books PnL that no cash follows: what a cash instrument's position gained today. */
export function balanceGain(slot: u32, realizedMinor: i64): void {
  const row = balanceAt(slot);
  const today = realizedTodayMinor(row);
  store<i64>(row, dayNow(), BAL_DAY);
  store<i64>(row, today + realizedMinor, BAL_REALIZED_DAY);
  if (dayIsBounded(slot)) dayMoved(slot, realizedMinor);
}

/** Books funding paid (> 0) or received; it counts as a result of the day, no side of a trade. */
export function balanceFund(slot: u32, paidMinor: i64): void {
  const row = balanceAt(slot);
  const today = realizedTodayMinor(row);
  store<i64>(row, dayNow(), BAL_DAY);
  store<i64>(row, today - paidMinor, BAL_REALIZED_DAY);
  if (dayIsBounded(slot)) dayMoved(slot, -paidMinor);
  addTo(row + BAL_CASH, -paidMinor);
  addTo(ledgerAt(load<u16>(row, BAL_CURRENCY)) + LEDGER_FUNDING, paidMinor);
  balanceTouch(slot);
}

/** Cash that no open order holds back; negative when house accounts or losses took more. */
// @ts-ignore: decorator
@inline
export function balanceFree(slot: u32): i64 {
  return load<i64>(balanceAt(slot), BAL_CASH) - load<i64>(balanceAt(slot), BAL_LOCKED);
}

/** Holds back `byMinor` more (or less) of a balance. */
export function balanceLock(slot: u32, byMinor: i64): void {
  const row = balanceAt(slot);
  const after = load<i64>(row, BAL_LOCKED) + byMinor;
  assert(after >= 0, "no less than nothing is held back");
  store<i64>(row, after, BAL_LOCKED);
  if (byMinor != 0) balanceTouch(slot);
}

/** As `balanceLock` for the length of a question; what was lent is put back in the same input. */
export function balanceLend(slot: u32, byMinor: i64): void {
  const row = balanceAt(slot);
  store<i64>(row, load<i64>(row, BAL_LOCKED) + byMinor, BAL_LOCKED);
}

/** Takes a CashAdjust record; a withdrawal may not take more than the cash that is free. */
export function cashApply(rec: usize): Refusal {
  const account = accountFind(load<u32>(rec, CASH_ACCOUNT));
  if (account == 0) return Refusal.UnknownAccount;
  const currency = <u32>load<u16>(rec, CASH_CURRENCY);
  if (!currencyIsKnown(currency)) return Refusal.UnknownCurrency;
  const amount = load<i64>(rec, CASH_AMOUNT_MINOR);
  if (amount > CASH_MINOR_MAX >> 1 || amount < -(CASH_MINOR_MAX >> 1)) {
    return Refusal.AmountOverflow;
  }
  const ledger = ledgerAt(currency);
  const deposits = load<i64>(ledger, LEDGER_DEPOSITS) + amount;
  if (deposits > CASH_MINOR_MAX >> 1 || deposits < -(CASH_MINOR_MAX >> 1)) {
    return Refusal.AmountOverflow;
  }
  const known = balanceFind(account, currency);
  const free = known == 0 ? 0 : balanceFree(known);
  if (amount < 0 && free + amount < 0) return Refusal.BalanceInsufficient;
  const slot = balanceTake(account, currency);
  if (slot == 0) return Refusal.AccountsFull;
  addTo(balanceAt(slot) + BAL_CASH, amount);
  addTo(balanceAt(slot) + BAL_DEPOSITS, amount);
  store<i64>(ledger, deposits, LEDGER_DEPOSITS);
  balanceTouch(slot);
  return Refusal.None;
}

// Reporting ------------------------------------------------------------------------------------

/** Puts a balance on this input's list of changed ones. */
// @ts-ignore: decorator
@inline
function balanceTouch(slot: u32): void {
  const row = balanceAt(slot);
  if (load<u8>(row, BAL_TOUCHED) != 0) return;
  store<u8>(row, 1, BAL_TOUCHED);
  const last = load<u32>(O_TOUCHED_LAST);
  if (last != 0) store<u32>(balanceAt(last), slot, BAL_TOUCHED_NEXT);
  else store<u32>(O_TOUCHED_FIRST, slot);
  store<u32>(O_TOUCHED_LAST, slot);
}

/** Reports every balance this input changed, once, in the order of their first change. */
// @ts-ignore: decorator
@inline
export function balancesReport(): void {
  const first = load<u32>(O_TOUCHED_FIRST);
  if (first != 0) touchedReport(first);
}

function touchedReport(first: u32): void {
  let slot = first;
  store<u32>(O_TOUCHED_FIRST, 0);
  store<u32>(O_TOUCHED_LAST, 0);
  while (slot != 0) {
    const row = balanceAt(slot);
    balanceWrite(Kind.BalanceChanged, row);
    slot = load<u32>(row, BAL_TOUCHED_NEXT);
    store<u32>(row, 0, BAL_TOUCHED_NEXT);
    store<u8>(row, 0, BAL_TOUCHED);
  }
}

/** Writes a BalanceChanged or AccountState record. */
export function balanceWrite(kind: i32, row: usize): void {
  const account = load<u32>(row, BAL_ACCOUNT);
  const owner = accountAt(account);
  const currency = <u32>load<u16>(row, BAL_CURRENCY);
  const out = outBegin(kind, BALANCE_CELLS, 0);
  store<u32>(out, load<u32>(owner, ACC_ID), ORDER_ACCOUNT);
  store<u16>(out, load<u16>(owner, ACC_TENANT), ORDER_TENANT);
  store<u16>(out, <u16>currency, BALANCE_CURRENCY);
  store<i8>(out, <i8>currencyMinorExponent(currency), BALANCE_MINOR_EXPONENT);
  store<i64>(out, load<i64>(row, BAL_CASH), BALANCE_CASH_MINOR);
  store<i64>(out, realizedTodayMinor(row), BALANCE_REALIZED_DAY_MINOR);
  store<i64>(out, load<i64>(row, BAL_FEES), BALANCE_FEES_MINOR);
  store<i64>(out, load<i64>(row, BAL_LOCKED), BALANCE_LOCKED_MINOR);
  store<u32>(out, load<u32>(owner, ACC_ORDERS_OPEN), BALANCE_ORDERS_OPEN);
  store<u8>(out, load<u8>(owner, ACC_MODE), BALANCE_MODE);
  store<u8>(out, load<u8>(owner, ACC_KILLED), BALANCE_KILLED);
  store<u8>(out, <u8>isHedging(owner), BALANCE_POSITION_MODE);
  if (kind == Kind.AccountState) writeEquity(out, account, currency);
  outEnd(out);
}

/** What moves with marks is said when it is asked for: every position is looked at. */
function writeEquity(out: usize, account: u32, currency: u32): void {
  store<i64>(out, accountUnrealizedMinor(account, currency), BALANCE_UNREALIZED_MINOR);
  const refusal = equityRefusal(account);
  store<u16>(out, load<u16>(accountAt(account), ACC_CURRENCY), BALANCE_REPORTING);
  store<u16>(out, <u16>refusal, BALANCE_EQUITY_REASON);
  if (refusal == Refusal.None) store<i64>(out, equityMinor(account), BALANCE_EQUITY_MINOR);
}
