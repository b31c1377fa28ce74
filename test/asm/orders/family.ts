// Orders that depend on each other and their records in short, for the tests of pairs and children.
import {
  CancelReason,
  Kind,
  OrderState,
  OrderType,
  Side,
  TimeInForce,
} from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

/** Account 1 has the families, account 2 trades with them. */
export class Family {
  readonly core = OrderCore.create();
  private next = 1000;

  constructor(fields: Fields = {}) {
    this.core.instrument(1, fields);
    for (const account of [1, 2, 3]) this.core.account(account);
  }

  /** An order of account 1: a sell of 5 at 110 unless the fields say otherwise. */
  order(clientId: number, fields: Fields = {}): Out[] {
    const order = { clientId, side: Side.Sell, priceTicks: 110, qtyLots: 5 };
    return this.core.order({ ...order, ...fields });
  }

  /** A market stop to sell 5 at 90. */
  stop(clientId: number, fields: Fields = {}): Out[] {
    const stop = { type: OrderType.Stop, stopTicks: 90, priceTicks: 0 };
    return this.order(clientId, { ...stop, ...fields });
  }

  /** Account 2 takes what rests. */
  take(side: Side, qtyLots: number, priceTicks: number): Out[] {
    const tif = TimeInForce.Ioc;
    return this.core.order({ account: 2, clientId: this.next++, side, qtyLots, priceTicks, tif });
  }

  /** Accounts 2 and 3 trade one lot at a price, so that it is the last. */
  trade(priceTicks: number): Out[] {
    this.core.order({ account: 3, clientId: this.next++, priceTicks, side: Side.Sell });
    return this.core.order({ account: 2, clientId: this.next++, priceTicks });
  }

  cancel(clientId: number): Out[] {
    return this.core.send(Kind.OrderCancel, { account: 1, clientId });
  }

  /** Open orders of account 1: client id to state and leaves. */
  open(): Record<number, [string, number]> {
    const rows = only(this.core.send(Kind.StateQuery, { account: 1 }), Kind.OrderStateRow);
    return Object.fromEntries(
      rows.map((row) => [
        Number(row["clientId"]),
        [OrderState[Number(row["state"])]!, Number(row["leavesLots"])] as [string, number],
      ]),
    );
  }

  /** Open lots of account 1: buys, sells. */
  openLots(): number[] {
    const rows = this.core.send(Kind.StateQuery, { account: 1 });
    const [position] = only(rows, Kind.PositionState);
    return [Number(position!["openBuyLots"]), Number(position!["openSellLots"])];
  }
}

/** What the records say of account 1's orders, without its fills' other side. */
export function said(outs: Out[]): string[] {
  return outs.flatMap((out) => {
    if (out["account"] !== 1 || out["clientId"] === undefined) return [];
    const [id, leaves, limit] = ["clientId", "leavesLots", "limit"].map((name) =>
      Number(out[name as "limit"]),
    );
    switch (out["kind"] as Kind) {
      case Kind.OrderAccepted:
        return [`accepted ${id} ${OrderState[Number(out["state"])]}`];
      case Kind.OrderCanceled:
        return [`canceled ${id} ${leaves} ${CancelReason[Number(out["reason"])]}`];
      case Kind.OrderExpired:
        return [`expired ${id}`];
      case Kind.OrderTriggered:
        return [`triggered ${id}`];
      case Kind.OrderReduced:
        return [`reduced ${id} by ${limit} to ${leaves}`];
      case Kind.OrderReleased:
        return [`${out["detail"] === 1 ? "grew" : "released"} ${id} by ${limit} to ${leaves}`];
      case Kind.OrderDecremented:
        return [`decremented ${id} by ${limit}`];
      case Kind.Fill:
        return [`filled ${id} ${Number(out["qtyLots"])}`];
      default:
        return [];
    }
  });
}
