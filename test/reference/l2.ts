// Slow plain twin of a price book: two Maps, sorted when asked, cut to the best levels.

/** Price and quantity. */
export type TwinLevel = [price: number, qty: number];

/** A book of the best `levelsMax` prices a side. */
export class BookTwin {
  private bids = new Map<number, number>();
  private asks = new Map<number, number>();
  private readonly levelsMax: number;

  constructor(levelsMax: number) {
    this.levelsMax = levelsMax;
  }

  /** Forgets everything. */
  clear(): void {
    this.bids.clear();
    this.asks.clear();
  }

  /** Sets or, with 0, removes a level; then only the best stay. */
  set(isAsk: boolean, price: number, qty: number): void {
    const side = isAsk ? this.asks : this.bids;
    if (qty <= 0) side.delete(price);
    else side.set(price, qty);
    if (side.size <= this.levelsMax) return;
    const prices = [...side.keys()];
    side.delete(isAsk ? Math.max(...prices) : Math.min(...prices));
  }

  /** Levels of a side, best first. */
  levels(isAsk: boolean): TwinLevel[] {
    const side = isAsk ? this.asks : this.bids;
    return [...side].sort(([left], [right]) => (isAsk ? left - right : right - left));
  }

  /** Best bid and ask, [0, 0] for an empty side. */
  top(): [TwinLevel, TwinLevel] {
    const best = (prices: Iterable<number>, pick: (...all: number[]) => number): number => {
      let found = NaN;
      for (const price of prices) found = Number.isNaN(found) ? price : pick(found, price);
      return found;
    };
    const bid = best(this.bids.keys(), Math.max);
    const ask = best(this.asks.keys(), Math.min);
    return [
      [this.bids.size === 0 ? 0 : bid, this.bids.get(bid) ?? 0],
      [this.asks.size === 0 ? 0 : ask, this.asks.get(ask) ?? 0],
    ];
  }
}
