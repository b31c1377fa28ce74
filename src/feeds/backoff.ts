// How long to wait before the next attempt: exponential with full jitter, bounded.
//
// Full jitter (a uniform draw from zero to the limit) spreads clients that lost the same venue at
// the same moment best: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.

/** Waits in milliseconds; `draw` gives numbers in [0, 1). */
export class Backoff {
  readonly #minMillis: number;
  readonly #maxMillis: number;
  readonly #draw: () => number;
  #attempt = 0;

  constructor(minMillis: number, maxMillis: number, draw: () => number) {
    this.#minMillis = minMillis;
    this.#maxMillis = maxMillis;
    this.#draw = draw;
  }

  /** The next wait, below `limitMillis`, which doubles with each call up to the maximum. */
  nextMillis(): number {
    const limit = this.limitMillis;
    this.#attempt += 1;
    return this.#draw() * limit;
  }

  /** Upper end of the next wait. */
  get limitMillis(): number {
    // 2^30 is beyond any limit; a larger power would lose the product.
    const factor = 2 ** Math.min(this.#attempt, 30);
    return Math.min(this.#maxMillis, this.#minMillis * factor);
  }

  /** Begins at the shortest wait again. */
  reset(): void {
    this.#attempt = 0;
  }
}
