// The internal book through records: what it holds and who trades next, against a sorted array,
// with a window so small that prices leave it all the time.
import { beforeEach, describe, expect, test } from "vitest";
import { AmendField, Kind, OrderType, Side, TimeInForce } from "../../../asm/vocab.ts";
import { only, OrderCore, type Out } from "../order-core.ts";
import { seeded } from "../../reference/random.ts";

const WINDOW = 64;
const MAKER = 1;
const TAKER = 2;

/** An order the array holds; arrays are kept best first, then by arrival. */
interface Resting {
  clientId: number;
  price: number;
  lots: number;
}

/** One internal book and the two sorted arrays it must equal. */
class Book {
  readonly core = OrderCore.create();
  readonly sides: Record<number, Resting[]> = { [Side.Buy]: [], [Side.Sell]: [] };
  private clientId = 0;
  private top: number[] = [0, 0, 0, 0];

  constructor(ladderTicks = WINDOW) {
    this.core.instrument(1, { ladderTicks });
    this.core.account(MAKER);
    this.core.account(TAKER);
  }

  add(side: Side, priceTicks: number, qtyLots = 1): number {
    const clientId = ++this.clientId;
    const outs = this.core.order({ account: MAKER, clientId, side, priceTicks, qtyLots });
    expect(outs[0]!["kind"], `add ${side} ${priceTicks}`).toBe(Kind.OrderAccepted);
    this.insert(side, { clientId, price: priceTicks, lots: qtyLots });
    this.expectTop(outs);
    return clientId;
  }

  private insert(side: Side, order: Resting): void {
    const list = this.sides[side]!;
    const sign = side === Side.Buy ? 1 : -1;
    const at = list.findIndex((one) => (order.price - one.price) * sign > 0);
    list.splice(at < 0 ? list.length : at, 0, order);
  }

  cancel(side: Side, clientId: number): void {
    const list = this.sides[side]!;
    const at = list.findIndex((one) => one.clientId === clientId);
    const out = this.core.send(Kind.OrderCancel, { account: MAKER, clientId });
    const [order] = list.splice(at, 1);
    expect([out[0]!["kind"], out[0]!["leavesLots"]]).toEqual([Kind.OrderCanceled, order!.lots]);
    this.expectTop(out);
  }

  /** Another price, other lots, or both; loses the place unless the lots alone fall. */
  amend(side: Side, clientId: number, priceTicks: number, lots: number): void {
    const list = this.sides[side]!;
    const at = list.findIndex((one) => one.clientId === clientId);
    const order = list[at]!;
    if (order.price === priceTicks && order.lots === lots) return;
    const filled = this.filled.get(clientId) ?? 0;
    const fields = AmendField.Price | AmendField.Qty;
    const change = { fields, priceTicks, qtyLots: lots + filled };
    const outs = this.core.send(Kind.OrderAmend, { account: MAKER, clientId, ...change });
    const isKept = order.price === priceTicks && lots < order.lots;
    expect([outs[0]!["kind"], outs[0]!["detail"]]).toEqual([Kind.OrderAmended, isKept ? 1 : 0]);
    if (isKept) order.lots = lots;
    else {
      list.splice(at, 1);
      this.insert(side, { clientId, price: priceTicks, lots });
    }
    this.expectTop(outs);
  }

  private readonly filled = new Map<number, number>();

  /** Takes `lots` from a side and checks who gave them, in order and at which price. */
  take(side: Side, lots: number): void {
    const wanted: [number, number, number][] = [];
    const list = this.sides[side]!;
    for (let left = lots; left > 0 && list.length > 0;) {
      const order = list[0]!;
      const qty = Math.min(left, order.lots);
      wanted.push([order.clientId, order.price, qty]);
      this.filled.set(order.clientId, (this.filled.get(order.clientId) ?? 0) + qty);
      order.lots -= qty;
      left -= qty;
      if (order.lots === 0) list.shift();
    }
    const outs = this.core.order({
      account: TAKER,
      clientId: ++this.clientId,
      side: side === Side.Buy ? Side.Sell : Side.Buy,
      type: OrderType.Market,
      tif: TimeInForce.Ioc,
      qtyLots: lots,
    });
    const given = only(outs, Kind.Fill)
      .filter((fill) => fill["account"] === MAKER)
      .map((fill) => [fill.clientId, fill.priceTicks, fill.qtyLots].map(Number));
    expect(given, "who traded, in order").toEqual(wanted);
    this.expectTop(outs);
  }

  /** The published top is the arrays' top, and is published when it changes, not otherwise. */
  private expectTop(outs: Out[]): void {
    const best = (side: Side): number[] => {
      const list = this.sides[side]!;
      const price = list[0]?.price ?? 0;
      const level = list.filter((one) => one.price === price);
      return [price, level.reduce((sum, one) => sum + one.lots, 0)];
    };
    const top = [...best(Side.Buy), ...best(Side.Sell)];
    const names = ["bidTicks", "bidLots", "askTicks", "askLots"] as const;
    const told = only(outs, Kind.BookTop).map((out) => names.map((name) => Number(out[name])));
    expect(told, "published top").toEqual(String(top) === String(this.top) ? [] : [top]);
    this.top = top;
  }

  /** Empties both sides by trading and checks every order on the way. */
  drain(): void {
    for (const side of [Side.Buy, Side.Sell]) {
      while (this.sides[side]!.length > 0) this.take(side, 1 + (this.sides[side]!.length % 7));
    }
  }
}

let book: Book;
beforeEach(() => {
  book = new Book();
});

// Prices of a buy run upwards to the touch, those of a sell downwards: `worse` takes both there.
describe.each([
  ["buys", Side.Buy, -1],
  ["sells", Side.Sell, 1],
] as [string, Side, number][])("%s", (_name, side, worse) => {
  const at = (distance: number): number => 10_000 + worse * distance;

  test("an order far below the touch waits outside the window and trades last", () => {
    book.add(side, at(0));
    book.add(side, at(5_000));
    book.add(side, at(WINDOW));
    book.add(side, at(1));
    book.take(side, 10);
  });

  test("orders outside keep price before time, and time within a price", () => {
    book.add(side, at(0));
    for (const distance of [900, 500, 900, 700, 500, 5_000, 900]) book.add(side, at(distance));
    book.take(side, 8);
  });

  test("a better price than the window holds moves it; what falls out keeps its order", () => {
    for (const distance of [0, 1, 0, 30, 1]) book.add(side, at(distance));
    book.add(side, at(-40));
    book.add(side, at(-5_000));
    book.add(side, at(0));
    book.add(side, at(-40));
    book.take(side, 9);
  });

  test("when the window empties it moves to the orders that wait outside", () => {
    const first = book.add(side, at(0));
    for (const distance of [3_000, 3_001, 3_000, 9_000]) book.add(side, at(distance));
    book.cancel(side, first);
    book.add(side, at(3_000));
    book.take(side, 5);
  });

  test("near its lower edge the window comes down and takes in those it now holds", () => {
    const top = book.add(side, at(0));
    book.add(side, at(60));
    for (const distance of [70, 66, 70, 90]) book.add(side, at(distance));
    book.cancel(side, top);
    // The best order is now at the edge; the next one below makes the window move.
    book.add(side, at(65));
    book.add(side, at(70));
    book.take(side, 7);
  });

  test("an amend takes an order out of the window, one brings it back behind its equals", () => {
    const ids = [0, 0, 1, 200].map((distance) => book.add(side, at(distance), 2));
    book.amend(side, ids[0]!, at(200), 2);
    book.amend(side, ids[3]!, at(0), 2);
    book.amend(side, ids[1]!, at(200), 3);
    book.amend(side, ids[1]!, at(0), 3);
    book.take(side, 20);
  });

  test("fewer lots keep the place, in the window and outside it", () => {
    const ids = [0, 0, 900, 900].map((distance) => book.add(side, at(distance), 5));
    book.amend(side, ids[0]!, at(0), 2);
    book.amend(side, ids[2]!, at(900), 1);
    book.amend(side, ids[3]!, at(900), 6);
    book.take(side, 5);
    book.take(side, 20);
  });

  test("cancels at the ends and in the middle of the list outside leave the rest in order", () => {
    book.add(side, at(0));
    const ids = [800, 801, 802, 803, 804].map((distance) => book.add(side, at(distance)));
    for (const id of [ids[0]!, ids[2]!, ids[4]!]) book.cancel(side, id);
    book.add(side, at(802));
    book.take(side, 9);
    book.add(side, at(0));
    book.take(side, 1);
  });

  test("a fill-or-kill sees orders outside the window", () => {
    book.add(side, at(0));
    book.add(side, at(4_000), 3);
    const other = side === Side.Buy ? Side.Sell : Side.Buy;
    const order = { account: TAKER, side: other, tif: TimeInForce.Fok, priceTicks: at(4_000) };
    const denied = book.core.order({ ...order, clientId: 900, qtyLots: 5 });
    expect(only(denied, Kind.Fill)).toEqual([]);
    const filled = book.core.order({ ...order, clientId: 901, qtyLots: 4 });
    expect(only(filled, Kind.Fill).length).toBe(4);
  });
});

const KINDS = [
  ["a touch that walks", 3, 40],
  ["a touch that jumps", 500, 300],
  ["prices from one tick up", 40, 60],
] as [string, number, number][];

describe.each(KINDS)("%s", (name, stepTicks, spreadTicks) => {
  test.each([1, 2, 3, 4, 5, 6])("best and order equal a sorted array's, seed %i", (seed) => {
    const random = seeded(seed);
    const pick = (most: number): number => Math.floor(random() * most);
    const low = name === KINDS[2]![0] ? 1 : 2_000;
    const one = new Book(seed % 2 === 0 ? WINDOW : WINDOW * 4);
    let middle = low + 2_000;
    for (let step = 0; step < 1_200; step++) {
      middle = Math.max(low + 1, middle + pick(stepTicks * 2 + 1) - stepTicks);
      const side = pick(2) === 0 ? Side.Buy : Side.Sell;
      const list = one.sides[side]!;
      const opposite = one.sides[side === Side.Buy ? Side.Sell : Side.Buy]![0]?.price;
      const far = random() < 0.1 ? 5_000 : spreadTicks;
      let price = side === Side.Buy ? middle - pick(far) : middle + 1 + pick(far);
      // Resting orders only: the other side is not crossed.
      if (opposite !== undefined) {
        price = side === Side.Buy ? Math.min(price, opposite - 1) : Math.max(price, opposite + 1);
      }
      const dice = random();
      const order = list[pick(list.length)];
      if (price < 1) continue;
      if (dice < 0.5 || order === undefined) one.add(side, price, 1 + pick(9));
      else if (dice < 0.65) one.cancel(side, order.clientId);
      else if (dice < 0.8) one.amend(side, order.clientId, price, 1 + pick(9));
      else if (dice < 0.85) one.amend(side, order.clientId, order.price, 1 + pick(order.lots));
      else one.take(side, 1 + pick(30));
    }
    one.drain();
    expect(one.core.money(), "money").toBe(0n);
  });
});
