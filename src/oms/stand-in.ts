// Somebody whose inputs a fork makes anew instead of reading them from the journal.
//
// tidy: tested by test/src/venues/venue-stand-in.test.ts
import type { StateAt } from "./timeline.ts";

/** An input and the engine time at which it arrives. */
export interface Arrival {
  record: Uint8Array;
  tsNanos: bigint;
}

/** Bytes that hold records, and the engine time at which they were said. */
export interface Heard {
  u8: Uint8Array;
  view: DataView;
  tsEngineNanos: bigint;
}

/** One life of it, beside one core. */
export interface StandIn {
  /** Whether an input of the journal came from the one it stands for. */
  owns(record: Uint8Array): boolean;
  /** What was said, bytes [from, to): by the core, or by a market worker in front of it. */
  hear(heard: Heard, from: number, to: number): void;
  /** Its next input at or before a time, in order; undefined when there is none. */
  next(tsNanos: bigint): Arrival | undefined;
}

/** The same one twice: as it was, and as the fork has it. */
export interface Recast {
  /** One line for the report: the change, and what the base line is. */
  says: string;
  baseSays: string;
  base(state: StateAt): StandIn;
  fork(state: StateAt): StandIn;
}
