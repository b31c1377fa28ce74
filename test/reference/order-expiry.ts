// An amend of the expiry in the twin: all else that is named must be as it is.
import { AmendField, OrderState, Refusal, TimeInForce } from "../../asm/vocab.ts";
import { isTrailing } from "./order-trail.ts";
import type { Row, TwinOrder } from "./order-twin.ts";

/** Why the expiry of `it` cannot become what the row says; its switches are asked after that. */
export function expiryAmendRefusal(
  row: Row,
  it: TwinOrder,
  baseNanos: bigint,
  nowNanos: number,
): number {
  const n = (name: string): number => Number(row[name] ?? 0);
  const fields = n("fields");
  const isFixed = it.state === OrderState.Held || isTrailing(it.type);
  const may = isFixed ? 32 : 32 | 7;
  if ((fields & ~may) !== 0 || n("newClientId") !== 0) return Refusal.FlagUnsupported;
  const isOther =
    (fields & AmendField.Price && n("priceTicks") !== it.price) ||
    (fields & AmendField.Qty && n("qtyLots") !== it.leaves + it.filled) ||
    (fields & AmendField.Stop && n("stopTicks") !== it.stop);
  if (isOther) return Refusal.FlagUnsupported;
  const expires = BigInt(row["expiresNanos"] ?? 0) - baseNanos;
  if (it.tif !== TimeInForce.Gtd || expires <= BigInt(nowNanos)) return Refusal.ExpiryInvalid;
  return Number(expires) === it.expires ? Refusal.AmendNothing : 0;
}
