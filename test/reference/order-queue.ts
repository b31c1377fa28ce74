// Queue positions of resting paper orders again, slowly: see the rules in the room's README.
import { Side } from "../../asm/vocab.ts";
import type { Row, TwinInstrument, TwinOrder } from "./order-twin.ts";

/** The queue of one paper instrument. */
export class TwinQueue {
  /** Exponent of the model by powers, 0 = risk-averse. */
  private readonly power: number;
  /** Lots traded at the best price of a side since that best changed. */
  private readonly traded = new Map<Side, number>([
    [Side.Buy, 0],
    [Side.Sell, 0],
  ]);
  /** Public lots ahead; who is missing waits at a price that was never seen. */
  private readonly ahead = new Map<TwinOrder, number>();

  /** What happened since somebody took the notes, for coverage. */
  notes: string[] = [];

  constructor(power: number) {
    this.power = power;
  }

  join(order: TwinOrder, instrument: TwinInstrument): void {
    const [price, lots] = order.side === Side.Buy ? instrument.bid : instrument.ask;
    this.ahead.delete(order);
    if (lots === 0) return;
    if (order.price === price) this.ahead.set(order, lots);
    else if (order.price > price === (order.side === Side.Buy)) this.ahead.set(order, 0);
  }

  /** Before the instrument takes the quote. */
  quote(instrument: TwinInstrument, row: Row, isBlocked: boolean): void {
    this.sideQuote(Side.Buy, instrument, [row["bidTicks"], row["bidLots"]].map(Number), isBlocked);
    this.sideQuote(Side.Sell, instrument, [row["askTicks"], row["askLots"]].map(Number), isBlocked);
  }

  private sideQuote(side: Side, it: TwinInstrument, now: number[], isBlocked: boolean): void {
    const [price, lots] = now as [number, number];
    const [wasPrice, wasLots] = side === Side.Buy ? it.bid : it.ask;
    if (price === wasPrice && lots === wasLots) return;
    const traded = this.traded.get(side)!;
    this.traded.set(side, 0);
    if (isBlocked || lots === 0) return;
    for (const order of side === Side.Buy ? it.buys : it.sells) {
      const isBetter = side === Side.Buy ? order.price > price : order.price < price;
      if (isBetter) this.ahead.set(order, 0);
      else if (order.price === price) {
        const before = this.ahead.get(order) ?? Infinity;
        const level = price === wasPrice ? Math.max(0, wasLots - traded) : 0;
        const canceled = this.canceled(before, level, lots);
        if (before === Infinity) this.notes.push("place learned");
        if (canceled > 0) this.notes.push("canceled ahead");
        if (before !== Infinity && before - canceled > lots) this.notes.push("level shrank below");
        this.ahead.set(order, Math.min(Math.max(0, before - canceled), lots));
      }
    }
  }

  /** Lots ahead that were canceled when a level of `level` lots became `lots`. */
  private canceled(ahead: number, level: number, lots: number): number {
    if (this.power === 0 || ahead === 0 || ahead === Infinity || lots >= level) return 0;
    const front = ahead ** this.power;
    const back = Math.max(0, level - ahead) ** this.power;
    return Math.floor((level - lots) * (front / (front + back)));
  }

  /** Fills each own order with what a trade gives it; `left` is what orders above left of it. */
  trade(
    it: TwinInstrument,
    row: Row,
    left: number,
    fill: (order: TwinOrder, qty: number) => void,
  ): void {
    const price = Number(row["priceTicks"]);
    const side = this.sideHit(it, Number(row["aggressor"] ?? 0), price);
    if (side === Side.None) return;
    const [best] = side === Side.Buy ? it.bid : it.ask;
    if (best === price) this.traded.set(side, this.traded.get(side)! + Number(row["qtyLots"]));
    const queue = side === Side.Buy ? it.buys : it.sells;
    if (queue[0]?.price !== price) return;
    let reach = 0;
    for (;;) {
      const order = queue[0];
      if (order?.price !== price) break;
      reach = Math.max(reach, this.ahead.get(order) ?? Infinity);
      const qty = Math.min(order.leaves, left - reach);
      if (qty <= 0) break;
      left -= qty;
      fill(order, qty);
    }
    for (const order of queue) {
      const own = this.ahead.get(order);
      if (own === undefined || order.price !== price) continue;
      this.ahead.set(order, Math.max(0, own - left));
    }
  }

  private sideHit(it: TwinInstrument, aggressor: number, price: number): Side {
    if (aggressor === Side.Sell) return Side.Buy;
    if (aggressor === Side.Buy) return Side.Sell;
    if (it.bid[1] !== 0 && price <= it.bid[0]) return Side.Buy;
    return it.ask[1] !== 0 && price >= it.ask[0] ? Side.Sell : Side.None;
  }
}
