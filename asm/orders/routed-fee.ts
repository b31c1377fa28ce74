// The fee of a fill at a venue: the venue's if it gives one, else what the account's schedule says,
// in the currency it says.
//
// A fee in a currency that we do not know is reported and not booked. A fee the venue gives in
// another currency than the settlement's is in no position's fees: there is no mark it was made at.
//
// tidy: tested by test/asm/orders/routed-cash.test.ts
import { accountAt } from "../accounts/account";
import { balanceBook, balanceGain, balanceTake } from "../accounts/balance";
import { O_FEES_ASSET, O_FEE_MINOR, ORDER_ROW_ACCOUNT } from "../layout";
import { isCash } from "../positions/kind";
import { POS_BALANCE, POS_FEES } from "../positions/position";
import { TRD_SETTLEMENT } from "../positions/traded";
import { currencyIsKnown } from "../reference/currency";
import {
  REPORT_FEE_CURRENCY,
  REPORT_FEE_MINOR,
  REPORT_FLAGS,
  REPORT_LIQUIDITY,
  REPORT_PRICE_TICKS,
  REPORT_QTY_LOTS,
  ReportFlag,
  VenueFault,
} from "../vocab";
import { feeAsset, feeAssetBook } from "./fee-asset";
import { feeOf } from "./fill";
import { orderAt } from "./pool";
import { faultReport } from "./request";
import { routedCashMove } from "./routed-cash";

// @ts-ignore: decorator
@inline
function isGiven(rec: usize): bool {
  return (<i32>load<u8>(rec, REPORT_FLAGS) & ReportFlag.FeeGiven) != 0;
}

/** Currency of the fee; 0 when the venue names one that we do not know. */
export function feeCurrency(rec: usize, venue: u32, slot: u32, traded: usize): u32 {
  const settlement = <u32>load<u16>(traded, TRD_SETTLEMENT);
  const said = <u32>load<u16>(rec, REPORT_FEE_CURRENCY);
  if (!isGiven(rec) || said == 0 || said == settlement) return settlement;
  const account = load<u32>(orderAt(slot), ORDER_ROW_ACCOUNT);
  if (currencyIsKnown(said) && balanceTake(account, said) != 0) return said;
  const fee = load<i64>(rec, REPORT_FEE_MINOR);
  faultReport(rec, venue, slot, VenueFault.FeeCurrencyUnknown, 0, fee);
  return 0;
}

/** The fee: of the venue in its currency (0 in one unknown), else of the schedule in settlement. */
export function feeSaid(rec: usize, slot: u32, traded: usize, currency: u32): i64 {
  if (isGiven(rec)) return currency == 0 ? 0 : load<i64>(rec, REPORT_FEE_MINOR);
  const owner = accountAt(load<u32>(orderAt(slot), ORDER_ROW_ACCOUNT));
  const price = load<i64>(rec, REPORT_PRICE_TICKS);
  const qty = load<i64>(rec, REPORT_QTY_LOTS);
  return feeOf(owner, traded, price, qty, load<u8>(rec, REPORT_LIQUIDITY));
}

/** As `feeAsset` for a fee of the schedule: the currency it is paid in instead, 0 = its own. */
export function feeInstead(rec: usize, slot: u32, fee: i64): u32 {
  if (load<u8>(O_FEES_ASSET) == 0 || isGiven(rec)) return 0;
  return feeAsset(slot, load<i64>(rec, REPORT_QTY_LOTS), load<u8>(rec, REPORT_LIQUIDITY), fee);
}

/** Books money and fee of a fill at `asset`, what `feeInstead` said; nothing of its lock. */
export function fillMoney(
  rec: usize,
  slot: u32,
  position: usize,
  traded: usize,
  realized: i64,
  currency: u32,
  fee: i64,
  asset: u32,
): void {
  let booked = realized;
  if (isCash(traded)) {
    const price = load<i64>(rec, REPORT_PRICE_TICKS);
    routedCashMove(slot, traded, price, load<i64>(rec, REPORT_QTY_LOTS), 1);
    balanceGain(load<u32>(position, POS_BALANCE), realized);
    booked = 0;
  }
  if (asset == 0) return feeMoney(slot, position, traded, booked, currency, fee);
  feeMoney(slot, position, traded, booked, 0, 0);
  store<i64>(position, load<i64>(position, POS_FEES) + fee, POS_FEES);
  feeAssetBook(slot, asset);
}

/** Books realized money, and a fee in a currency; 0 = a currency that we do not know. */
export function feeMoney(
  slot: u32,
  position: usize,
  traded: usize,
  realized: i64,
  currency: u32,
  fee: i64,
): void {
  const isSame = currency == <u32>load<u16>(traded, TRD_SETTLEMENT);
  balanceBook(load<u32>(position, POS_BALANCE), realized, isSame ? fee : 0);
  if (isSame) store<i64>(position, load<i64>(position, POS_FEES) + fee, POS_FEES);
  else if (currency != 0) {
    const account = load<u32>(orderAt(slot), ORDER_ROW_ACCOUNT);
    balanceBook(balanceTake(account, currency), 0, fee);
  }
}

/** What a strategy is charged of a fee: nothing of one the venue took in another currency. */
export function feeOwn(traded: usize, currency: u32, fee: i64, asset: u32): i64 {
  return asset != 0 || currency == <u32>load<u16>(traded, TRD_SETTLEMENT) ? fee : 0;
}

/** Fee in the record: the amount that was paid. */
export function feePaid(fee: i64, asset: u32): i64 {
  return asset != 0 ? load<i64>(O_FEE_MINOR) : fee;
}
