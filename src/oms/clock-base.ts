// ClockBase records: how the wall clock enters an engine, and what happens when it steps.
//
// Engine time never goes back. A base that would put it behind what the journal has seen would
// freeze it (timers, expiries and rate windows with it) until the wall clock caught up, so a
// backward step is reported and not followed: time goes on, monotonic, ahead of the wall clock,
// until the wall clock is ahead again. A forward step becomes a new base.
import { CLOCK_BASE_NANOS, CLOCK_CELLS, Kind, REC_KIND } from "../../asm/vocab.ts";
import { WALL_DRIFT_NANOS_MAX, type Clock } from "../clock.ts";
import type { Core } from "../core/core.ts";
import { AlphaError } from "../errors.ts";

/**
 * Keeps one core's clock base; `onBehind` hears how far the wall clock lies behind, once a step.
 */
export class ClockBase {
  private readonly core: Core;
  private readonly clock: Clock;
  private readonly onBehind: (nanos: number) => void;
  private behindNanos = 0;

  constructor(core: Core, clock: Clock, onBehind: (nanos: number) => void = ignoreStep) {
    this.core = core;
    this.clock = clock;
    this.onBehind = onBehind;
  }

  /** Journals the base of a run; raised so that time goes on where the journal ended. */
  begin(): void {
    const { clock, core } = this;
    const behind = core.tsEngineNanos - clock.epochNanos();
    if (behind > 0n) {
      clock.baseEpochNanos += behind;
      if (Number(behind) > WALL_DRIFT_NANOS_MAX) this.report(Number(behind));
    }
    this.push();
  }

  /** Follows the wall clock when it has stepped forward; true when a record waits to be taken. */
  follow(): boolean {
    const driftNanos = this.clock.wallDriftNanos();
    if (driftNanos < -WALL_DRIFT_NANOS_MAX) {
      if (Math.abs(-driftNanos - this.behindNanos) > WALL_DRIFT_NANOS_MAX) this.report(-driftNanos);
      return false;
    }
    this.behindNanos = 0;
    if (this.clock.rebase() === 0) return false;
    this.push();
    return true;
  }

  private report(nanos: number): void {
    this.behindNanos = nanos;
    this.onBehind(nanos);
  }

  private push(): void {
    const { control, view } = this.core;
    const at = control.reserve(CLOCK_CELLS);
    if (at < 0) {
      throw new AlphaError(
        "CONTROL_FULL",
        "the control ring is full",
        "configure in smaller steps",
      );
    }
    view.setUint16(at + REC_KIND, Kind.ClockBase, true);
    view.setBigInt64(at + CLOCK_BASE_NANOS, this.clock.baseEpochNanos, true);
    control.commit();
    control.publish();
  }
}

function ignoreStep(): void {
  // The order loop reports; a market worker shares its machine and its steps.
}
