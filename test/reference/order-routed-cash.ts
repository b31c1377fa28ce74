// Cash instruments at venues again: what an order there holds back, and what its fills move.
import { OrderType, Side } from "../../asm/vocab.ts";
import { isCash, notional } from "./order-kind.ts";
import type { TwinMoney } from "./order-money.ts";
import type { TwinOrder } from "./order-twin.ts";

/** Price at which an order is held: the dearer one while an amend is out; undefined = as it was. */
export function priceAtVenue({ type, side, price, route }: TwinOrder): number | undefined {
  if (type !== Number(OrderType.Limit) || side !== Number(Side.Buy)) return undefined;
  return Math.max(price, route?.amend?.price ?? 0);
}

/** Base and quote change hands, `times` 1, or get back what they had, -1; nobody waives. */
export function moveAtVenue(
  money: TwinMoney,
  touch: (account: number, currency: number) => void,
  order: TwinOrder,
  price: number,
  qty: number,
  times: bigint,
): void {
  const spec = money.spec(order.instrument);
  if (!isCash(spec) || qty === 0) return;
  const isBuy = order.side === Number(Side.Buy);
  const sign = isBuy ? times : -times;
  money.balance(order.account, spec.base).cash += sign * BigInt(qty) * spec.baseMinor;
  money.balance(order.account, spec.settlement).cash -= sign * notional(spec, price, qty, isBuy);
  touch(order.account, spec.base);
  touch(order.account, spec.settlement);
}
