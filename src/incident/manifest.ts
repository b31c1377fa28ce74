// What an incident file says of itself, and which configuration goes into it.
//
// tidy: tested by test/src/cli/incident-command.test.ts
import type { Config, OptionKey } from "../config.ts";

/** manifest.json. 64-bit values are text. */
export interface Manifest {
  /** Version of the engine, and the Node it was exported with. */
  engine: string;
  node: string;
  createdUtc: string;
  /** What the person who exported it said. */
  note: string;
  /** sha256 of core.wasm, here and of the builds that wrote the blocks (first 8 bytes). */
  core: string;
  writtenBy: string[];
  layout: number;
  behavior: number;
  schema: number;
  memoryPages: number;
  stream: number;
  roles: number;
  /** Last sequence in the snapshot; 0: none, the journal is here from its first block. */
  snapshotSequence: number;
  /** The range that was asked for; blocks are whole, so the slice may hold more. */
  fromSequence: number;
  toSequence: number;
  /** Last sequence of the slice. */
  lastSequence: number;
  fromNanos: string;
  lastNanos: string;
  /** Inputs in the slice, from the snapshot on. */
  records: number;
  /** State hashes behind the last input, market and order, as this export computed them. */
  stateHash: string;
  /** Why the replay ended before the slice does; "" when it did not. */
  trap: string;
  /** Options whose values are not exported. */
  optionsLeftOut: string[];
}

/**
 * Options whose values leave the machine. A list of what may, never of what may not: an option
 * somebody adds stays at home until it is named here. Texts, addresses and paths are not: they can
 * carry passwords, names of people and of machines.
 */
export const OPTIONS_EXPORTED = [
  "mode",
  "feed",
  "execution",
  "paperQueue",
  "paperQueuePower",
  "topology",
  "gateway",
  "ack",
  "spin",
  "simInstruments",
  "simSeed",
  "simSpeed",
  "timeframes",
  "accountCash",
  "feeMakerBps",
  "feeTakerBps",
  "limitNotional",
  "limitLossDay",
  "limitCollarBps",
  "limitOrdersPerSecond",
  "journalSegmentBytes",
  "journalReserveBytes",
  "snapshotRecords",
  "snapshotsKept",
] as const satisfies readonly OptionKey[];

/** The exported part of a configuration. */
export function exportedOptions(config: Config): Partial<Config> {
  return Object.fromEntries(OPTIONS_EXPORTED.map((key) => [key, config[key]]));
}
