// The engine's clock against ours, from the stamps of records that have just come.
//
// A record can only arrive after it was stamped, so the youngest one of the last seconds is
// nearest to the truth: what is left between the clocks is its way here, taken as half a round
// trip.

/** Seconds whose youngest record decides. */
const WINDOW_SECONDS = 10;

/** The least age a second, over the last ten seconds. */
export class ClockSkew {
  #ages: { second: number; millis: number }[] = [];

  /** Takes a record's stamp and the moment it came, both in milliseconds since the epoch. */
  push(engineMillis: number, nowMillis: number): void {
    const second = Math.floor(nowMillis / 1000);
    const millis = nowMillis - engineMillis;
    const last = this.#ages.at(-1);
    if (last?.second === second) last.millis = Math.min(last.millis, millis);
    else {
      this.#ages.push({ second, millis });
      if (this.#ages.length > WINDOW_SECONDS) this.#ages.shift();
    }
  }

  /** The engine's clock minus ours in milliseconds; undefined before the first record. */
  skewMillis(roundTripMillis: number): number | undefined {
    if (this.#ages.length === 0) return undefined;
    const youngest = Math.min(...this.#ages.map(({ millis }) => millis));
    return roundTripMillis / 2 - youngest;
  }
}
