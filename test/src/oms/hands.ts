// A clock whose hands a test moves.
import { Clock, type ClockSource } from "../../../src/clock.ts";

/** Both hands of a clock, in milliseconds; `stepMillis` passes at every reading. */
export class Hands implements ClockSource {
  monotonic = 1000;
  wall = 1_790_000_000_000;
  stepMillis = 0;

  monotonicMillis(): number {
    this.pass(this.stepMillis);
    return this.monotonic;
  }

  wallMillis(): number {
    return this.wall;
  }

  /** Time passes on both hands. */
  pass(millis: number): void {
    this.monotonic += millis;
    this.wall += millis;
  }

  clock(): Clock {
    return Clock.of(this);
  }
}
