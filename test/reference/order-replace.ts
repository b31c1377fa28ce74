// OrderReplace of the twin: the new order as somebody would have written it.
import { AmendField, OrderState, OrderType, Refusal, TimeInForce } from "../../asm/vocab.ts";
import { isFamily } from "./order-links.ts";
import type { Row, TwinOrder } from "./order-twin.ts";

const PRICED = [OrderType.Limit, OrderType.StopLimit, OrderType.LimitIfTouched] as number[];
const WAITING = [OrderType.Stop, OrderType.StopLimit] as number[];
const TOUCHED = [OrderType.LimitIfTouched, OrderType.MarketIfTouched] as number[];
const TRAILING = [OrderType.TrailingStop, OrderType.TrailingStopLimit] as number[];

/** The order that shall take the place of `it`, and what is wrong with asking for it. */
export function replacement(
  row: Row,
  it: TwinOrder,
  baseNanos: bigint,
  isRouted: boolean,
): { wanted: Row; refusal: number } {
  const n = (name: string): number => Number(row[name] ?? 0);
  const fields = n("fields");
  const isPriced = PRICED.includes(it.type) || it.type === OrderType.TrailingStopLimit;
  const qtyLots = fields & AmendField.Qty ? n("qtyLots") - it.filled : it.leaves;
  const wanted: Row = {
    instrument: it.instrument,
    account: it.account,
    strategy: it.strategy,
    clientId: n("newClientId"),
    priceTicks: it.price,
    qtyLots,
    type: it.type,
    side: it.side,
    positionSide: it.positionSide,
    tif: it.tif,
    orderFlags: it.orderFlags,
    selfTrade: it.selfTrade,
    displayLots: Math.min(it.display, qtyLots),
  };
  if (it.tif === TimeInForce.Gtd) wanted["expiresNanos"] = baseNanos + BigInt(it.expires);
  if (WAITING.includes(it.type) || TOUCHED.includes(it.type)) wanted["stopTicks"] = it.stop;
  if (TRAILING.includes(it.type)) {
    const { unit, offset, limit } = it.trail!;
    Object.assign(wanted, { trailUnit: unit, trailOffset: offset });
    if (it.type === OrderType.TrailingStopLimit) wanted["priceTicks"] = limit;
  }
  const { pair, sibling } = it.family;
  if (sibling !== undefined) {
    Object.assign(wanted, { contingency: pair, linkedClientId: sibling.clientId });
  }
  if (fields & AmendField.Price) wanted["priceTicks"] = n("priceTicks");
  if (fields & AmendField.Stop) wanted["stopTicks"] = n("stopTicks");
  if (fields & AmendField.Display) wanted["displayLots"] = n("displayLots");
  if (fields & AmendField.Trail) wanted["trailOffset"] = n("trailOffset");
  if (fields & AmendField.Expires) wanted["expiresNanos"] = BigInt(row["expiresNanos"] ?? 0);
  let refusal = 0;
  if (it.state === OrderState.Held) refusal = Refusal.FlagUnsupported;
  else if (it.parent !== undefined) refusal = Refusal.AlgorithmUnsupported;
  else if (isRouted) refusal = Refusal.ExecutionUnsupported;
  else if (isFamily(it)) refusal = Refusal.ContingencyInvalid;
  else if (fields > 63) refusal = Refusal.FlagUnsupported;
  else if (n("newClientId") === 0) refusal = Refusal.ClientOrderIdMissing;
  else if (fields & AmendField.Price && !isPriced) refusal = Refusal.FlagUnsupported;
  else if (fields & AmendField.Qty && n("qtyLots") <= 0) refusal = Refusal.QtyNotPositive;
  else if (fields & AmendField.Qty && qtyLots <= 0) refusal = Refusal.AmendBelowFilled;
  return { wanted, refusal };
}
