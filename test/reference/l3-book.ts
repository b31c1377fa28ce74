// Slow plain twin of a book that comes order by order: a list of orders, everything else looked up.
//
// Written from what a price-time queue is: orders in the order of their arrival. Levels are sums
// over the list, a queue is the list filtered by price; there is no index, no pool, no pointer.

/** A resting order; without an id it stands for lots nobody's id is known for. */
export interface TwinOrder {
  id: bigint | undefined;
  isAsk: boolean;
  price: number;
  lots: number;
}

/** Why a message was not taken; undefined when it was. */
export type TwinRefusal = "duplicate" | "unknown" | "lots" | "exceeds" | "levels" | "orders";

export interface TwinOptions {
  ordersMax: number;
  levelsMax: number;
  /** Ids nobody has seen may come: they rested before the stream began. */
  isUnseen: boolean;
}

/** Orders in order of arrival. */
export class L3Twin {
  orders: TwinOrder[] = [];
  private readonly options: TwinOptions;

  constructor(options: TwinOptions) {
    this.options = options;
  }

  clear(): void {
    this.orders = [];
  }

  add(id: bigint, isAsk: boolean, price: number, lots: number): TwinRefusal | undefined {
    if (this.find(id) !== undefined) return "duplicate";
    if (this.orders.length === this.options.ordersMax) return "orders";
    if (lots <= 0) return "lots";
    if (!this.hasRoom(isAsk, price)) return "levels";
    this.orders.push({ id, isAsk, price, lots });
    return undefined;
  }

  /** New price and lots, and id when `newId` is not 0. */
  modify(
    id: bigint,
    newId: bigint,
    isAsk: boolean,
    price: number,
    lots: number,
  ): TwinRefusal | undefined {
    const order = this.find(id);
    const nextId = newId === 0n ? id : newId;
    if (order === undefined) {
      return this.options.isUnseen ? this.add(nextId, isAsk, price, lots) : "unknown";
    }
    if (nextId === id && price === order.price && lots <= order.lots) {
      if (lots <= 0) return "lots";
      order.lots = lots;
      return undefined;
    }
    if (nextId !== id && this.find(nextId) !== undefined) return "duplicate";
    if (lots <= 0) return "lots";
    // Its own level is still there when room for the new one is looked for.
    if (!this.hasRoom(order.isAsk, price)) return "levels";
    this.orders.splice(this.orders.indexOf(order), 1);
    this.orders.push({ id: nextId, isAsk: order.isAsk, price, lots });
    return undefined;
  }

  /** Takes lots away; 0 takes all. */
  take(id: bigint, isAsk: boolean, price: number, lots: number): TwinRefusal | undefined {
    const order = this.find(id) ?? this.unseen(isAsk, price);
    if (order === undefined) return this.options.isUnseen ? undefined : "unknown";
    if (order.id === undefined && !this.options.isUnseen) return "unknown";
    if (order.id === undefined && lots === 0) return undefined;
    if (lots > order.lots) return "exceeds";
    order.lots -= lots === 0 ? order.lots : lots;
    if (order.lots === 0) this.orders.splice(this.orders.indexOf(order), 1);
    return undefined;
  }

  /** All lots of a price are these, and nobody knows whose. */
  set(isAsk: boolean, price: number, lots: number): TwinRefusal | undefined {
    this.orders = this.orders.filter((one) => one.isAsk !== isAsk || one.price !== price);
    if (lots === 0) return undefined;
    if (this.orders.length === this.options.ordersMax) return "orders";
    if (!this.hasRoom(isAsk, price)) return "levels";
    this.orders.push({ id: undefined, isAsk, price, lots });
    return undefined;
  }

  /** Price, lots and orders of each level, best first. */
  levels(isAsk: boolean): [price: number, lots: number, queue: [id: bigint, lots: number][]][] {
    const mine = this.orders.filter((one) => one.isAsk === isAsk);
    const prices = [...new Set(mine.map(({ price }) => price))];
    prices.sort((left, right) => (isAsk ? left - right : right - left));
    return prices.map((price) => {
      const queue = mine.filter((one) => one.price === price);
      const lots = queue.reduce((sum, one) => sum + one.lots, 0);
      return [price, lots, queue.map((one) => [one.id ?? 0n, one.lots])];
    });
  }

  private find(id: bigint): TwinOrder | undefined {
    return this.orders.find((one) => one.id === id);
  }

  private unseen(isAsk: boolean, price: number): TwinOrder | undefined {
    return this.orders.find(
      (one) => one.id === undefined && one.isAsk === isAsk && one.price === price,
    );
  }

  private hasRoom(isAsk: boolean, price: number): boolean {
    const prices = new Set(
      this.orders.filter((one) => one.isAsk === isAsk).map((one) => one.price),
    );
    return prices.has(price) || prices.size < this.options.levelsMax;
  }
}
