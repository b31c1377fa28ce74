// Equity: what an account would have if everything were told in its reporting currency now.
//
// Cash and unrealized PnL of each of its currencies, each sum converted at its conversion mark and
// rounded down. One currency that cannot be converted makes the whole unknown: a figure that leaves
// something out is worse than none.
//
// tidy: tested by test/asm/accounts/conversion.test.ts
import { balanceAt, BAL_CASH, BAL_CURRENCY, BAL_NEXT } from "./balance";
import { accountAt, ACC_BALANCES_FIRST, ACC_CURRENCY } from "./account";
import { conversionRefusal, convertMinor, UNCONVERTED } from "./conversion";
import { accountUnrealizedMinor } from "../positions/position";
import { Refusal } from "../vocab";

/** What `equityMinor` returns when `equityRefusal` has a reason. */
export const EQUITY_UNKNOWN: i64 = UNCONVERTED;

// @ts-ignore: decorator
@inline
function sumFits(a: i64, b: i64): bool {
  const sum = a + b;
  return ((a ^ sum) & (b ^ sum)) >= 0;
}

/** Why an account's equity is unknown: a currency it holds has no mark, or a sum overflows. */
export function equityRefusal(account: u32): Refusal {
  const reporting = <u32>load<u16>(accountAt(account), ACC_CURRENCY);
  let slot = load<u32>(accountAt(account), ACC_BALANCES_FIRST);
  while (slot != 0) {
    const row = balanceAt(slot);
    slot = load<u32>(row, BAL_NEXT);
    const currency = <u32>load<u16>(row, BAL_CURRENCY);
    const isEmpty = worthMinor(account, row, currency) == 0;
    const refusal = isEmpty ? Refusal.None : conversionRefusal(currency, reporting);
    if (refusal != Refusal.None) return refusal;
  }
  return equityMinor(account) == EQUITY_UNKNOWN ? Refusal.AmountOverflow : Refusal.None;
}

/** Cash and unrealized PnL of one currency; both lie within +-2^62, so the sum fits. */
function worthMinor(account: u32, row: usize, currency: u32): i64 {
  return load<i64>(row, BAL_CASH) + accountUnrealizedMinor(account, currency);
}

/**
 * The account's equity in minor units of its reporting currency; EQUITY_UNKNOWN when a currency it
 * holds cannot be converted. Walks its balances and, for each, its positions.
 */
export function equityMinor(account: u32): i64 {
  const reporting = <u32>load<u16>(accountAt(account), ACC_CURRENCY);
  let sum: i64 = 0;
  let slot = load<u32>(accountAt(account), ACC_BALANCES_FIRST);
  while (slot != 0) {
    const row = balanceAt(slot);
    slot = load<u32>(row, BAL_NEXT);
    const currency = <u32>load<u16>(row, BAL_CURRENCY);
    const worth = worthMinor(account, row, currency);
    if (worth == 0) continue;
    const converted = convertMinor(worth, currency, reporting);
    if (converted == UNCONVERTED || !sumFits(sum, converted)) return EQUITY_UNKNOWN;
    sum += converted;
  }
  return sum;
}
