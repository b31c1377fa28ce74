// What the compared inputs reached of cash instruments: pairs, brackets, auctions, adjustments.
import { CancelReason, Kind, OrderType, Refusal } from "../../asm/vocab.ts";
import type { Row } from "../reference/order-twin.ts";

const REASONS = [CancelReason.Oco, CancelReason.Ouo, CancelReason.Parent, CancelReason.ReduceOnly];

/** Counts the records of one input about `instruments`. */
export function noteCash(
  kind: Kind,
  row: Row,
  outs: Row[],
  instruments: number[],
  count: (what: string) => void,
): void {
  const note = (what: string): void => count(`cash: ${what}`);
  for (const out of outs) {
    if (!instruments.includes(Number(out["instrument"]))) continue;
    const reason = Number(out["reason"] ?? 0);
    const isLinked = Number(out["linkedClientId"] ?? 0) !== 0;
    if (out["kind"] === Kind.OrderAccepted && isLinked) note(`linked ${row["contingency"] ?? 0}`);
    if (out["kind"] === Kind.OrderAmended && isLinked) note("a linked order is amended");
    if (out["kind"] === Kind.OrderReleased) note(out["detail"] === 1 ? "grew" : "released");
    if (out["kind"] === Kind.OrderReduced) {
      note(reason === CancelReason.Ouo ? "a leg shrinks" : "reduce-only shrinks");
    }
    if (out["kind"] === Kind.OrderTriggered && isLinked) note("a linked order is triggered");
    if (out["kind"] === Kind.OrderCanceled) note(`canceled ${CancelReason[reason]}`);
    if (out["kind"] === Kind.AuctionUncrossed && Number(out["qtyLots"]) > 0) note("uncrossed");
    if (out["kind"] === Kind.OrderDenied && reason === Refusal.BalanceInsufficient && isLinked) {
      note("a linked order is not covered");
    }
    const isMarket = out["kind"] === Kind.OrderDenied && out["type"] === OrderType.Market;
    if (isMarket && reason === Refusal.OrderTypeUnsupported) note("a call refuses a market buy");
    if (kind === Kind.PositionAdjust && out["configKind"] === kind) {
      note(`adjusted, ${Number(row["lots"]) > 0 ? "in" : "out"}, ${Refusal[reason]}`);
    }
  }
}

export function cashWanted(): string[] {
  const all = [1, 2, 3, 4, 5].map((kind) => `linked ${kind}`);
  all.push(...REASONS.map((reason) => `canceled ${CancelReason[reason]}`));
  all.push("a linked order is amended", "released", "grew", "a leg shrinks", "uncrossed");
  all.push("reduce-only shrinks", "a linked order is triggered", "a linked order is not covered");
  all.push("a call refuses a market buy", "adjusted, in, None", "adjusted, out, None");
  all.push("adjusted, out, BalanceInsufficient");
  return all.map((what) => `cash: ${what}`);
}
