// What the compared inputs reached of auctions, phases and bands.
import {
  InstrumentPhase,
  Kind,
  Liquidity,
  OrderType,
  Refusal,
  StateChange,
  TimeInForce,
} from "../../asm/vocab.ts";
import type { Row } from "../reference/order-twin.ts";

const SIDES = ["even", "buys left", "sells left"];

/** Notes what an input reached. */
export function auctionNote(
  kind: Kind,
  row: Row,
  outs: Row[],
  count: (what: string) => void,
): void {
  const has = (wanted: Kind): boolean => outs.some((out) => out["kind"] === wanted);
  for (const out of outs) {
    const side = SIDES[Number(out["side"] ?? 0)]!;
    const isNone = Number(out["qtyLots"] ?? 0) === 0;
    switch (out["kind"]) {
      case Kind.AuctionIndicative:
        count(`indicative by ${Kind[kind]}, ${isNone ? "none" : side}`);
        break;
      case Kind.AuctionUncrossed:
        count(`uncross to ${String(out["phase"])}, ${isNone ? "nothing" : side}`);
        if (has(Kind.OrderTriggered)) count("an uncross triggers");
        if (has(Kind.OrderRefreshed)) count("an uncross refreshes a slice");
        break;
      case Kind.TradingStateChanged:
        if (Number(out["change"] ?? 0) !== StateChange.Phase) break;
        count(`phase ${String(out["state"])} by ${out["reason"] === 0 ? Kind[kind] : "band"}`);
        break;
      case Kind.Fill:
        if (out["liquidity"] === Liquidity.Auction) count("filled in an auction");
        break;
      case Kind.OrderExpired:
        if (Number(out["tif"]) >= TimeInForce.AtOpen) count(`over, tif ${String(out["tif"])}`);
        break;
      case Kind.OrderAccepted:
        if (Number(row["tif"]) >= TimeInForce.AtOpen) {
          const type = row["type"] === OrderType.Market ? "market" : "limit";
          count(`${type} ${TimeInForce[Number(row["tif"])]!}`);
        }
        break;
      case Kind.ConfigDenied:
        count(`${Kind[kind]} denied ${Refusal[Number(out["reason"])]!}`);
    }
  }
}

export function auctionWanted(): string[] {
  const all = ["filled in an auction", "an uncross triggers", "an uncross refreshes a slice"];
  for (const side of SIDES) {
    all.push(`indicative by OrderNew, ${side}`);
    all.push(`uncross to ${InstrumentPhase.Continuous}, ${side}`);
  }
  all.push("indicative by OrderCancel, none", "indicative by AuctionCall, none");
  for (const phase of [3, 4, 5]) all.push(`uncross to ${phase}, nothing`);
  all.push("phase 2 by AuctionCall", "phase 3 by AuctionUncross");
  for (const phase of [1, 2, 3, 4, 5]) all.push(`phase ${phase} by InstrumentState`);
  all.push("over, tif 6", "over, tif 7");
  for (const tif of ["AtOpen", "AtClose"]) all.push(`market ${tif}`, `limit ${tif}`);
  for (const kind of ["AuctionCall", "AuctionUncross"]) {
    for (const why of ["UnknownInstrument", "ExecutionUnsupported", "ParameterInvalid"]) {
      all.push(`${kind} denied ${why}`);
    }
  }
  all.push("AuctionUncross denied ConfigConflict", "InstrumentState denied ConfigConflict");
  all.push("OrderDenied PriceOutsideBand", "AmendDenied PriceOutsideBand");
  return all;
}
