// What an incident's page and its thread say to each other.
//
// tidy: tested by test/acceptance/incident.test.ts
import type { EventGroup, WalkSample } from "../incident/walk-index.ts";
import type { WalkEnd, WalkView } from "../incident/walk.ts";
import type { Manifest } from "../incident/manifest.ts";
import type { CurrencyRecord, DecodedRecord, SpecRecord } from "../protocol.ts";
import type { Fault } from "./store.ts";

/** Groups of events by their number in `Opened.marks`. */
export const GROUP_NAMES: readonly EventGroup[] = ["fill", "denied", "risk", "gap", "engine"];

/** Records of the configuration that give names. */
export interface Reference {
  specs: SpecRecord[];
  currencies: CurrencyRecord[];
  timeframes: DecodedRecord[];
  strategies: DecodedRecord[];
}

/** A slice that was gone through. */
export interface Opened {
  manifest: Manifest | undefined;
  texts: Record<string, string>;
  bytes: number;
  /** sha256 of the core that runs. */
  core: string;
  end: WalkEnd;
  firstSequence: number;
  snapshotSequence: number;
  /** Snapshots that were not taken, and why. */
  refused: string[];
  reference: Reference;
  samples: WalkSample[];
  eventsLeft: number;
  marks: { sequence: Float64Array; millis: Float64Array; group: Uint8Array };
}

/** The cursor and what goes with it. */
export interface Shown extends WalkView {
  instrument: number;
  timeframe: number;
  candles: DecodedRecord[];
  forming: DecodedRecord | undefined;
  fills: DecodedRecord[];
  /** "" unless it was asked for. */
  stateHash: string;
}

/** A place to go to. */
export type Place = { sequence: number } | { millis: number };

export type Ask =
  | { id: number; do: "open"; files: readonly File[] }
  | {
      id: number;
      do: "show";
      at: Place;
      instrument: number;
      timeframe: number;
      wantsHash: boolean;
    };

export type Answer =
  | { id: number; progress: { part: string; share: number } }
  | { id: number; opened: Opened }
  | { id: number; shown: Shown }
  | { id: number; fault: Fault & { code: string } };
