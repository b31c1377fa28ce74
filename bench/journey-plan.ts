// What the three processes of the journey agree on: the ticks, the instrument, their messages.
import type { AckLevel } from "../asm/vocab.ts";
import type { TopologyName } from "../src/oms/topology.ts";

export const INSTRUMENT = 1;
/** Account of the strategy and of the client that listens. */
export const TAKER = 1;
/** House account whose orders are the liquidity. */
export const MAKER = 2;
/** Middle of the book and of the ticks. */
export const MIDDLE_TICKS = 1_000_000;
/** Distance of the first ticks from the middle; grows by one every so many ticks. */
const REACH_TICKS = 100;
const REACH_GROWS_EVERY = 1000;

/**
 * Price of tick number `n`: above the middle for even n, below for odd.
 *
 * The line it must cross lies between the closes of earlier candles. The reach only grows, so every
 * price lies beyond every earlier close of its own side, hence beyond the line: every tick flips.
 */
export function tickTicks(n: number): number {
  const reach = REACH_TICKS + Math.floor(n / REACH_GROWS_EVERY);
  return n % 2 === 0 ? MIDDLE_TICKS + reach : MIDDLE_TICKS - reach;
}

/** What the engine's process is asked. */
export type EngineRequest =
  | { type: "open"; topology: TopologyName; spin: boolean; dir: string; warmTicks: number }
  | { type: "lag" }
  | { type: "profile"; on: boolean };

/** An engine that listens and is warm. */
export interface OpenAnswer {
  port: number;
  /** Private half of the client's key. */
  pem: string;
  /** Ticks taken so far, an even number; the next tick has this number. */
  ticks: number;
  /** Signals given so far; from here on one for each tick. */
  signals: number;
}

/** Event loop of the engine since the last question, milliseconds beyond the timer's period. */
export interface LagAnswer {
  p999Millis: number;
  maxMillis: number;
  /** Medians of the loop turn's stages since the last question, for people. */
  stages: string;
}

/** Allocations of a thread since profiling began. */
export interface ProfileAnswer {
  objects: number;
  bytes: number;
  /** Places that allocate, most objects first. */
  places: { place: string; objects: number; bytes: number }[];
}

/** Allocations of the engine's thread. */
export interface EngineProfileAnswer extends ProfileAnswer {
  /** Loop turns in the same time. */
  turns: number;
}

/** What the client's process is asked. */
export type ClientRequest =
  | { type: "connect"; port: number; pem: string; level: AckLevel }
  | {
      type: "run";
      /** Number of the first tick and of the signal it must cause. */
      firstTick: number;
      firstSignal: number;
      ticks: number;
      ratePerSecond: number;
      /** Samples of the first ticks are dropped. */
      dropTicks: number;
      /** Ticks sent together, each in its frame; 1 = each at its time. */
      burst: number;
      /** Ticks without their fill beyond which no more are sent, whatever is due; 0 = no bound. */
      openTicksMax: number;
    };

/** One run as the client saw it. */
export interface RunAnswer {
  /** From the intended time to the complete fill, microseconds, dropped ticks left out. */
  micros: Float64Array;
  /** Ticks without their complete fill. */
  lost: number;
  /** Refusals and cancels of any kind. */
  denied: number;
  /** Ticks sent per second of schedule, or of the time they took if that was longer. */
  achievedPerSecond: number;
  /** Price, quantity and side of every fill, in order. */
  hash: string;
  frames: number;
  /** Gaps between turns of the client's own spinning loop, microseconds. */
  gapP999Micros: number;
  gapMaxMicros: number;
  /** First thing that went wrong, empty when nothing did. */
  fault: string;
}
