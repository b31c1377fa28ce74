// Fees: parts per billion of a fill's notional, by account or for everyone, maker and taker.
//
// Rounded against the trader twice (notional, then fee), so that a fee is never too small and a
// rebate never too large; what rounding leaves stays in the fee ledger.
import { accountAt, accountFind, ACC_FEES_MAKER, ACC_FEES_OWN, ACC_FEES_TAKER } from "./account";
import { O_FEES_MAKER, O_FEES_TAKER } from "../layout";
import { mulDiv64 } from "../math/wide";
import {
  FEES_ACCOUNT,
  FEES_CURRENCY,
  FEES_MAKER_PER_BILLION,
  FEES_TAKER_PER_BILLION,
  FEES_TIER,
  FEES_VOLUME_FROM_MINOR,
  Refusal,
} from "../vocab";

const PER_BILLION: i64 = 1000000000;
const RATE_MAX: i32 = 1000000000;

/** Takes a FeeSchedule record; tiers and fees in another currency are not supported yet. */
export function feesApply(rec: usize): Refusal {
  const maker = load<i32>(rec, FEES_MAKER_PER_BILLION);
  const taker = load<i32>(rec, FEES_TAKER_PER_BILLION);
  if (maker > RATE_MAX || maker < -RATE_MAX) return Refusal.ParameterInvalid;
  if (taker > RATE_MAX || taker < -RATE_MAX) return Refusal.ParameterInvalid;
  if (load<u16>(rec, FEES_CURRENCY) != 0 || load<u16>(rec, FEES_TIER) != 0) {
    return Refusal.ParameterInvalid;
  }
  if (load<i64>(rec, FEES_VOLUME_FROM_MINOR) != 0) return Refusal.ParameterInvalid;
  const id = load<u32>(rec, FEES_ACCOUNT);
  if (id == 0) {
    store<i32>(O_FEES_MAKER, maker);
    store<i32>(O_FEES_TAKER, taker);
    return Refusal.None;
  }
  const slot = accountFind(id);
  if (slot == 0) return Refusal.UnknownAccount;
  store<i32>(accountAt(slot), maker, ACC_FEES_MAKER);
  store<i32>(accountAt(slot), taker, ACC_FEES_TAKER);
  store<u8>(accountAt(slot), 1, ACC_FEES_OWN);
  return Refusal.None;
}

/** The account's rate in parts per billion; negative is a rebate. */
// @ts-ignore: decorator
@inline
export function feeRate(account: usize, isMaker: bool): i64 {
  if (load<u8>(account, ACC_FEES_OWN) == 0) {
    return isMaker ? load<i32>(O_FEES_MAKER) : load<i32>(O_FEES_TAKER);
  }
  return isMaker ? load<i32>(account, ACC_FEES_MAKER) : load<i32>(account, ACC_FEES_TAKER);
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
