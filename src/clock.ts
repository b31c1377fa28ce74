// The only reader of clocks in src: engine time is what this file hands to the core.
//
// Time is a base (wall clock, nanoseconds since the epoch, journaled as a ClockBase record) plus a
// monotonic f64 since that base, because f64 crosses into wasm without a bigint and a monotonic
// clock cannot step. A step of the wall clock, or drift beyond the limit, is reported and becomes
// a new ClockBase record; it never moves the time that is running.

import { AlphaError } from "./errors.ts";

/** Beyond this the engine inserts a new ClockBase record. */
export const WALL_DRIFT_NANOS_MAX = 100e6;

/** Longest wait for the wall clock's next millisecond at start; a frozen clock ends it. */
const EDGE_WAIT_MILLIS_MAX = 5;

/** Readings of two clocks of which the closest pair counts. */
const READ_TRIES = 5;

/** Where a clock reads; `performance` and `Date` in the engine, hands of a test elsewhere. */
export interface ClockSource {
  /** Milliseconds with a fraction, never going back, from any zero. */
  monotonicMillis(): number;
  /** Milliseconds since the Unix epoch. */
  wallMillis(): number;
}

/** A clock's base as plain data, to give another thread the same time. */
export interface ClockOrigin {
  baseEpochNanos: bigint;
  /** `process.hrtime.bigint()` at the base: the one clock that all threads share. */
  baseMonotonicNanos: bigint;
}

const SYSTEM: ClockSource = {
  monotonicMillis: () => performance.now(),
  wallMillis: () => Date.now(),
};

/** Time of one engine. Threads of one engine share its origin. */
export class Clock {
  /** Wall clock at the base, nanoseconds since the Unix epoch; the payload of ClockBase. */
  baseEpochNanos: bigint;
  readonly #source: ClockSource;
  /** `monotonicMillis` at the base. */
  #baseMillis: number;

  private constructor(source: ClockSource, baseEpochNanos: bigint, baseMillis: number) {
    this.#source = source;
    this.baseEpochNanos = baseEpochNanos;
    this.#baseMillis = baseMillis;
  }

  /**
   * A clock whose base is now. Waits for the wall clock's next millisecond (at most 5 ms), so the
   * base is right to microseconds although `Date` counts milliseconds.
   */
  static system(): Clock {
    const startMillis = performance.now();
    const before = Date.now();
    while (Date.now() === before && performance.now() - startMillis < EDGE_WAIT_MILLIS_MAX);
    return Clock.of(SYSTEM);
  }

  /** A clock over another source, whose base is now; for tests and recorded time. */
  static of(source: ClockSource): Clock {
    const wallMillis = source.wallMillis();
    const baseEpochNanos = BigInt(Math.round(wallMillis)) * 1_000_000n;
    return new Clock(source, baseEpochNanos, source.monotonicMillis());
  }

  /** The clock of another thread of this process. Throws CLOCK_ORIGIN for one of the future. */
  static shared(origin: ClockOrigin): Clock {
    const { millis: nowMillis, monotonicNanos } = readTogether();
    const ageNanos = monotonicNanos - origin.baseMonotonicNanos;
    if (ageNanos < 0n) {
      const what = `clock origin lies ${-ageNanos} ns in the future`;
      throw new AlphaError("CLOCK_ORIGIN", what, "pass the origin of a clock of this same boot");
    }
    return new Clock(SYSTEM, origin.baseEpochNanos, nowMillis - Number(ageNanos) / 1e6);
  }

  /** What `Clock.shared` of another thread needs. */
  origin(): ClockOrigin {
    const { millis, monotonicNanos } = readTogether();
    const ageNanos = BigInt(Math.round((millis - this.#baseMillis) * 1e6));
    return {
      baseEpochNanos: this.baseEpochNanos,
      baseMonotonicNanos: monotonicNanos - ageNanos,
    };
  }

  /**
   * Nanoseconds since the base, monotonic, exact to some 10 ns for years; 40 to 80 ns a call. Node
   * returns every clock reading as one 16-byte heap number, so read once per loop turn or frame,
   * not once per record.
   */
  nowNanos(): number {
    return (this.#source.monotonicMillis() - this.#baseMillis) * 1e6;
  }

  /** Nanoseconds since the Unix epoch. Makes a bigint: for edges, not for the hot path. */
  epochNanos(): bigint {
    return this.baseEpochNanos + BigInt(Math.round(this.nowNanos()));
  }

  /** Wall clock minus this clock, in nanoseconds; the wall clock's grain is a millisecond. */
  wallDriftNanos(): number {
    const wallNanos = this.#source.wallMillis() * 1e6;
    return wallNanos - Number(this.baseEpochNanos) - this.nowNanos();
  }

  /**
   * Takes the wall clock's time as the new base when it lies more than 100 ms away, and returns the
   * difference in nanoseconds; 0 when nothing changed. Call it about once per second. After a
   * change `nowNanos` still counts from the same instant, so deadlines keep their distance; the
   * caller journals a ClockBase record with the new `baseEpochNanos`.
   */
  rebase(): number {
    const driftNanos = this.wallDriftNanos();
    if (Math.abs(driftNanos) <= WALL_DRIFT_NANOS_MAX) return 0;
    this.baseEpochNanos += BigInt(Math.round(driftNanos));
    return driftNanos;
  }
}

/**
 * This thread's clock and the one all threads share, read as one instant: the tries whose two
 * readings lie closest together, because a thread that is interrupted between them would carry
 * that pause as a difference for as long as it runs.
 */
function readTogether(): { millis: number; monotonicNanos: bigint } {
  let best = { millis: 0, monotonicNanos: 0n };
  let apartMillis = Infinity;
  for (let tries = 0; tries < READ_TRIES; tries += 1) {
    const before = performance.now();
    const monotonicNanos = process.hrtime.bigint();
    const after = performance.now();
    if (after - before >= apartMillis) continue;
    apartMillis = after - before;
    best = { millis: (before + after) / 2, monotonicNanos };
  }
  return best;
}

/** Wall clock in nanoseconds since the Unix epoch (grain 1 ms): stamps on files, not on events. */
export function wallEpochNanos(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

/** Resolves after `millis` (at least 1 ms in practice). An aborted wait resolves at once. */
export function sleep(millis: number, signal?: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal?.aborted === true) return done();
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      done();
    };
    const timer = setTimeout(finish, millis);
    signal?.addEventListener("abort", finish, { once: true });
  });
}
