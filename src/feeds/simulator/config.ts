// What a run of the simulator depends on: this table and nothing else.
//
// tidy: tested by test/src/feeds/simulator/instruments.test.ts
import { AlphaError } from "../../errors.ts";
import { SIMULATED_INSTRUMENTS, type SimulatedInstrument } from "./instruments.ts";

/** Length of one step of simulated time. All rates and decays are derived from it. */
export const STEP_MILLIS = 10;
export const STEP_SECONDS = STEP_MILLIS / 1000;
/** Bounds the tables of desk and agents; the default market has 20. */
export const SIMULATED_INSTRUMENTS_MAX = 512;
/** A stronger signal would leave no room for its own noise; see latent.ts. */
export const ALPHA_MAX = 0.6;

/** One run; plain data, so that it can be handed to a worker. */
export interface SimulatorConfig {
  /** u32. Equal seeds, instruments and parameters give equal public streams. */
  seed: number;
  instruments: readonly SimulatedInstrument[];
  /** Id of the first instrument in the records; the others follow. */
  instrumentFirst: number;
  /**
   * Strength of the informed traders' knowledge: correlation between their signal and the return
   * of the fundamental value over the next signal horizon (10 s). 0 is the twin without alpha: the
   * same traders trade on the same signal, and it means nothing.
   */
  alpha: number;
  /** Drift of the trending regimes in standard deviations of one second; 0 = no drift. */
  drift: number;
  /** First trade id and quote update id of every instrument. */
  firstId: number;
  /**
   * Nanoseconds since the epoch of step 0 when records shall carry simulated time (Flag.Timed), as
   * recorded data does; undefined: the engine's sequencer stamps them when it takes them.
   */
  timedFromNanos?: bigint;
}

/** The demo's market: 20 instruments, informed traders worth a correlation of 0.15. */
export const SIMULATOR_DEFAULTS: SimulatorConfig = {
  seed: 20_240_701,
  instruments: SIMULATED_INSTRUMENTS,
  instrumentFirst: 1,
  alpha: 0.15,
  drift: 0.05,
  firstId: 1,
};

/** Fills in defaults; throws SIMULATOR_CONFIG with the key that is out of range. */
export function simulatorConfig(given: Partial<SimulatorConfig> = {}): SimulatorConfig {
  const config = { ...SIMULATOR_DEFAULTS, ...given };
  const { seed, instruments, instrumentFirst, alpha, drift, firstId } = config;
  check("seed", seed, 0, 0xffff_ffff, true);
  check("instruments.length", instruments.length, 1, SIMULATED_INSTRUMENTS_MAX, true);
  check("instrumentFirst", instrumentFirst, 1, 0xffff_ffff - SIMULATED_INSTRUMENTS_MAX, true);
  check("alpha", alpha, 0, ALPHA_MAX, false);
  check("drift", drift, 0, 1, false);
  check("firstId", firstId, 1, Number.MAX_SAFE_INTEGER, true);
  for (const instrument of instruments) {
    check(`${instrument.symbol} startTicks`, instrument.startTicks, 100, 1e9, true);
    check(`${instrument.symbol} volatilityBps`, instrument.volatilityBps, 0.01, 100, false);
    check(`${instrument.symbol} marketCorrelation`, instrument.marketCorrelation, 0, 0.99, false);
    check(`${instrument.symbol} activity`, instrument.activity, 0.01, 20, false);
    check(`${instrument.symbol} medianLots`, instrument.medianLots, 1, 1e9, true);
  }
  return config;
}

/** The same market without anything to predict: no alpha, no drift, the same random numbers. */
export function nullTwin(config: SimulatorConfig): SimulatorConfig {
  return { ...config, alpha: 0, drift: 0 };
}

function check(key: string, value: number, low: number, high: number, isWhole: boolean): void {
  const isNumber = isWhole ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (isNumber && value >= low && value <= high) return;
  const kind = isWhole ? "a whole number" : "a number";
  throw new AlphaError(
    "SIMULATOR_CONFIG",
    `simulator ${key} is ${value}`,
    `give ${kind} from ${low} to ${high}`,
  );
}
