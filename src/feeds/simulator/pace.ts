// How many steps are due: pacing as arithmetic, so that tests need no clock.
//
// Steps are counted from an origin, never from the last wake-up, so lateness does not add up. After
// a stall at most CATCH_UP_STEPS are made up for; the rest is skipped and counted, because a burst
// of old market data helps nobody.

/** Steps of a stall that are made up for at once. */
export const CATCH_UP_STEPS = 20;

/** The schedule of a running market. */
export class Pacer {
  /** Steps that were never made because the thread was late. */
  skipped = 0;
  private readonly stepMillis: number;
  private originMillis: number;
  private speed: number;
  private scheduled = 0;

  /** Starts at `nowMillis`; `speed` 2 makes simulated time pass twice as fast as the clock. */
  constructor(stepMillis: number, speed: number, nowMillis: number) {
    this.stepMillis = stepMillis;
    this.speed = speed;
    this.originMillis = nowMillis;
  }

  /** Goes on from now at this speed, owing nothing: after a pause, or when the speed changes. */
  restart(speed: number, nowMillis: number): void {
    this.speed = speed;
    this.originMillis = nowMillis;
    this.scheduled = 0;
  }

  /** Steps to make now, at most the catch-up limit; they count as made. */
  take(nowMillis: number): number {
    const reached = Math.floor(((nowMillis - this.originMillis) * this.speed) / this.stepMillis);
    let due = Math.max(0, reached - this.scheduled);
    // At high speed one wake-up brings many steps: the limit grows with it.
    const dueMax = CATCH_UP_STEPS * Math.max(1, Math.ceil(this.speed));
    if (due > dueMax) {
      this.skipped += due - dueMax;
      this.scheduled += due - dueMax;
      due = dueMax;
    }
    this.scheduled += due;
    return due;
  }

  /** Milliseconds to the next step; 0 when it is due. */
  waitMillis(nowMillis: number): number {
    const next = this.originMillis + ((this.scheduled + 1) * this.stepMillis) / this.speed;
    return Math.max(0, next - nowMillis);
  }
}
