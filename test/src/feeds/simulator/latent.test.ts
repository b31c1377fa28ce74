import { describe, expect, test } from "vitest";
import {
  nullTwin,
  simulatorConfig,
  STEP_SECONDS,
  type SimulatorConfig,
} from "../../../../src/feeds/simulator/config.ts";
import { correlation } from "../../../../src/feeds/simulator/facts.ts";
import { SIMULATED_INSTRUMENTS } from "../../../../src/feeds/simulator/instruments.ts";
import {
  Latent,
  Regime,
  SIGNAL_SECONDS,
  signalGain,
} from "../../../../src/feeds/simulator/latent.ts";

const SECOND = Math.round(1 / STEP_SECONDS);
const HORIZON = SIGNAL_SECONDS * SECOND;

/** Signal now and volatility-scaled return of the value over the next horizon, all instruments. */
function signalAndReturns(config: SimulatorConfig, horizons: number): [number[], number[]] {
  const latent = new Latent(config);
  const signals: number[] = [];
  const returns: number[] = [];
  for (let horizon = 0; horizon < horizons; horizon++) {
    const values = latent.valueTicks.slice();
    const volatility = latent.volatility.slice();
    signals.push(...latent.signal);
    for (let step = 0; step < HORIZON; step++) latent.step();
    latent.valueTicks.forEach((value, i) => {
      const scaled = (value / values[i]! - 1) / volatility[i]!;
      // Jumps are bounded here, so that a handful of them does not decide a correlation.
      returns.push(Math.max(-10, Math.min(10, scaled)));
    });
  }
  return [signals, returns];
}

describe("the planted signal", () => {
  // Uncorrelated instruments, so that every horizon of each is one independent observation.
  const instruments = SIMULATED_INSTRUMENTS.map((one) => ({ ...one, marketCorrelation: 0 }));
  const horizons = 150;
  const error = 1 / Math.sqrt(horizons * instruments.length);

  test.each([0.1, 0.3])("predicts the value's return with correlation alpha = %f", (alpha) => {
    const config = simulatorConfig({ seed: 3, alpha, drift: 0, instruments });
    const measured = correlation(...signalAndReturns(config, horizons));
    // Jumps and changing volatility are noise on top: a fifth may be lost, nothing may be won.
    expect(measured).toBeGreaterThan(0.75 * alpha - 3 * error);
    expect(measured).toBeLessThan(alpha + 3 * error);
  });

  test("means nothing in the twin, which draws the same random numbers", () => {
    const config = simulatorConfig({ seed: 3, alpha: 0.3, instruments });
    const twin = nullTwin(config);
    const [signals, returns] = signalAndReturns(twin, horizons);
    expect(Math.abs(correlation(signals, returns)) / error, "standard errors").toBeLessThan(3);
    expect(signalAndReturns(config, 3)[0], "the same signal").toEqual(signals.slice(0, 60));
  });

  test("has the gain that the definition asks for", () => {
    const alpha = 0.15;
    const k = signalGain(alpha);
    const T = SIGNAL_SECONDS;
    const explained = k * T * (1 - Math.exp(-1));
    const total = Math.sqrt(T + 2 * k * k * T * T * Math.exp(-1));
    expect(explained / total).toBeCloseTo(alpha, 12);
    expect(signalGain(0)).toBe(0);
  });
});

describe("the hidden state", () => {
  test("visits every regime, jumps, and keeps its mean volatility", () => {
    const latent = new Latent(simulatorConfig({ seed: 9 }));
    const seen = new Set<number>();
    let liveliness = 0;
    const seconds = 1500;
    for (let second = 0; second < seconds; second++) {
      for (let step = 0; step < SECOND; step++) latent.step();
      for (const regime of latent.regime) seen.add(regime);
      for (const value of latent.liveliness) liveliness += value;
    }
    expect([...seen].sort()).toEqual([
      Regime.Calm,
      Regime.Rising,
      Regime.Falling,
      Regime.Turbulent,
    ]);
    const jumps = latent.jumps.reduce((sum, count) => sum + count, 0);
    expect(jumps, "one per 300 s and instrument, and the market's").toBeGreaterThan(60);
    expect(jumps).toBeLessThan(220);
    const mean = liveliness / seconds / latent.liveliness.length;
    expect(mean).toBeGreaterThan(0.6);
    expect(mean).toBeLessThan(1.5);
  });

  test("moves instruments together as their market correlation says", () => {
    const pair = [0.8, 0.8].map((marketCorrelation, i) => ({
      ...SIMULATED_INSTRUMENTS[i]!,
      marketCorrelation,
    }));
    const latent = new Latent(simulatorConfig({ seed: 5, alpha: 0, drift: 0, instruments: pair }));
    const columns: [number[], number[]] = [[], []];
    for (let second = 0; second < 2000; second++) {
      const before = latent.valueTicks.slice();
      for (let step = 0; step < SECOND; step++) latent.step();
      latent.valueTicks.forEach((value, i) => {
        const scaled = (value / before[i]! - 1) / latent.volatility[i]!;
        columns[i]!.push(Math.max(-4, Math.min(4, scaled)));
      });
    }
    expect(correlation(...columns)).toBeGreaterThan(0.54);
    expect(correlation(...columns)).toBeLessThan(0.72);
  });

  test("starts at the given prices and never leaves a sane range within hours", () => {
    const latent = new Latent(simulatorConfig({ seed: 21 }));
    const start = SIMULATED_INSTRUMENTS.map(({ startTicks }) => startTicks);
    expect([...latent.valueTicks]).toEqual(start);
    for (let step = 0; step < 3600 * SECOND; step++) latent.step();
    latent.valueTicks.forEach((value, i) => {
      expect(value / start[i]!).toBeGreaterThan(0.8);
      expect(value / start[i]!).toBeLessThan(1.25);
      expect(value).not.toBe(start[i]);
    });
  });
});
