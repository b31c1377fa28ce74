// Fees: parts per billion of a fill's notional, by account or for everyone, maker and taker.
//
// Rounded against the trader twice (notional, then fee), so that a fee is never too small and a
// rebate never too large; what rounding leaves stays in the fee ledger.
import { accountAt, accountFind, ACC_FEES_CURRENCY, ACC_FEES_MAKER } from "./account";
import { ACC_FEES_OWN, ACC_FEES_TAKER } from "./account";
import {
  FEE_TIERS_MAX,
  O_FEES_ASSET,
  O_FEES_CURRENCY,
  O_FEES_MAKER,
  O_FEES_TAKER,
  O_FEES_TIERED,
} from "../layout";
import { mulDiv64 } from "../math/wide";
import { currencyIsKnown } from "../reference/currency";
import {
  FEES_ACCOUNT,
  FEES_CURRENCY,
  FEES_MAKER_PER_BILLION,
  FEES_TAKER_PER_BILLION,
  FEES_TIER,
  FEES_VOLUME_FROM_MINOR,
  Refusal,
} from "../vocab";
import { tierApply, tierOf, tierRate } from "./tiers";

const PER_BILLION: i64 = 1000000000;
const RATE_MAX: i32 = 1000000000;

/**
 * Takes a FeeSchedule record: everyone's, an account's own, or a tier of everyone's. A tier has a
 * volume above 0 (0 takes it off) and pays in the currency of everyone's schedule.
 */
export function feesApply(rec: usize): Refusal {
  const maker = load<i32>(rec, FEES_MAKER_PER_BILLION);
  const taker = load<i32>(rec, FEES_TAKER_PER_BILLION);
  if (maker > RATE_MAX || maker < -RATE_MAX) return Refusal.ParameterInvalid;
  if (taker > RATE_MAX || taker < -RATE_MAX) return Refusal.ParameterInvalid;
  const id = load<u32>(rec, FEES_ACCOUNT);
  const tier = <i32>load<u16>(rec, FEES_TIER);
  const currency = load<u16>(rec, FEES_CURRENCY);
  const from = load<i64>(rec, FEES_VOLUME_FROM_MINOR);
  if (tier != 0) {
    const isTier = id == 0 && currency == 0 && from >= 0 && tier < FEE_TIERS_MAX;
    if (!isTier) return Refusal.ParameterInvalid;
    tierApply(rec);
    store<u8>(O_FEES_TIERED, 1);
    return Refusal.None;
  }
  if (from != 0) return Refusal.ParameterInvalid;
  if (currency != 0 && !currencyIsKnown(currency)) return Refusal.UnknownCurrency;
  const slot = id == 0 ? 0 : accountFind(id);
  if (id != 0 && slot == 0) return Refusal.UnknownAccount;
  if (currency != 0) store<u8>(O_FEES_ASSET, 1);
  if (id == 0) {
    store<i32>(O_FEES_MAKER, maker);
    store<i32>(O_FEES_TAKER, taker);
    store<u16>(O_FEES_CURRENCY, currency);
    return Refusal.None;
  }
  store<i32>(accountAt(slot), maker, ACC_FEES_MAKER);
  store<i32>(accountAt(slot), taker, ACC_FEES_TAKER);
  store<u8>(accountAt(slot), 1, ACC_FEES_OWN);
  store<u16>(accountAt(slot), currency, ACC_FEES_CURRENCY);
  return Refusal.None;
}

/** The account's rate in parts per billion; negative is a rebate. */
// @ts-ignore: decorator
@inline
export function feeRate(account: usize, isMaker: bool): i64 {
  if (load<u8>(account, ACC_FEES_OWN) == 0) {
    const tier = load<u8>(O_FEES_TIERED) == 0 ? 0 : tierOf(account);
    if (tier != 0) return tierRate(tier, isMaker);
    return isMaker ? load<i32>(O_FEES_MAKER) : load<i32>(O_FEES_TAKER);
  }
  return isMaker ? load<i32>(account, ACC_FEES_MAKER) : load<i32>(account, ACC_FEES_TAKER);
}

/** The higher of an account's two rates, 0 when both are rebates. */
export function feeRateDearest(account: usize): i64 {
  return max<i64>(max<i64>(feeRate(account, true), feeRate(account, false)), 0);
}

/** Currency in which an account's fees are to be paid, 0 = the settlement currency. */
export function feeCurrency(account: usize): u32 {
  const isOwn = load<u8>(account, ACC_FEES_OWN) != 0;
  return isOwn ? load<u16>(account, ACC_FEES_CURRENCY) : load<u16>(O_FEES_CURRENCY);
}

/**
 * Fee of a notional at `rate` parts per billion, rounded up (a rebate toward zero). The notional
 * comes rounded up for a fee and down for a rebate.
 */
// @ts-ignore: decorator
@inline
export function feeMinor(notionalMinor: i64, rate: i64): i64 {
  if (rate == 0) return 0;
  if (rate < 0) return -mulDiv64(notionalMinor, -rate, PER_BILLION);
  return -mulDiv64(-notionalMinor, rate, PER_BILLION);
}
