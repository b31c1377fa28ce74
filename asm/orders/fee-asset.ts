// Fees in another currency than the settlement's: in the base of a cash instrument, or in a third.
//
// A fee in the base of what was just bought is a share of the lots received. Any other is the fee
// in the settlement currency at the conversion mark, rounded up, and taken only from cash that no
// order holds back. Where there is no mark, or not enough, the fee stays in the settlement
// currency; the fill names the one it was paid in.
//
// tidy: tested by test/asm/orders/fee-asset.test.ts
import { accountAt } from "../accounts/account";
import { balanceBook, balanceFind, balanceFree, balanceTake } from "../accounts/balance";
import { convertMinor, UNCONVERTED } from "../accounts/conversion";
import { feeCurrency, feeMinor, feeRate } from "../accounts/fees";
import {
  O_FEE_MINOR,
  ORDER_ROW_ACCOUNT,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_SIDE,
} from "../layout";
import { isCash, kindAt, KND_BASE, KND_BASE_MINOR } from "../positions/kind";
import { tradedAt, TRD_SETTLEMENT } from "../positions/traded";
import { Liquidity, Side } from "../vocab";
import { orderAt } from "./pool";

/**
 * Currency in which a fill's fee of `fee` settlement minor units is paid when it is another, its
 * amount in O_FEE_MINOR; 0 when it is the settlement currency's. Changes no balance.
 */
export function feeAsset(slot: u32, qtyLots: i64, liquidity: i32, fee: i64): u32 {
  const order = orderAt(slot);
  const account = load<u32>(order, ORDER_ROW_ACCOUNT);
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  const settlement = <u32>load<u16>(traded, TRD_SETTLEMENT);
  const currency = feeCurrency(accountAt(account));
  if (currency == 0 || currency == settlement || fee == 0) return 0;
  const row = kindAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  const isBought = isCash(traded) && load<u8>(order, ORDER_ROW_SIDE) == Side.Buy;
  if (isBought && load<u16>(row, KND_BASE) == currency) {
    const rate = feeRate(accountAt(account), liquidity == Liquidity.Maker);
    store<i64>(O_FEE_MINOR, feeMinor(qtyLots * load<i64>(row, KND_BASE_MINOR), rate));
    return currency;
  }
  const converted = convertMinor(-fee, settlement, currency);
  if (converted == UNCONVERTED) return 0;
  const known = balanceFind(account, currency);
  const free = known == 0 ? 0 : balanceFree(known);
  if (-converted > max<i64>(free, 0)) return 0;
  if (known == 0 && balanceTake(account, currency) == 0) return 0;
  store<i64>(O_FEE_MINOR, -converted);
  return currency;
}

/** Takes what `feeAsset` found, once base and quote have moved. */
export function feeAssetBook(slot: u32, currency: u32): void {
  const account = load<u32>(orderAt(slot), ORDER_ROW_ACCOUNT);
  balanceBook(balanceFind(account, currency), 0, load<i64>(O_FEE_MINOR));
}
