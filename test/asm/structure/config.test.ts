// StructureConfig records through the market role: who gets a machine, what is refused, trades to
// events.
import { describe, expect, test } from "vitest";
import { Kind, Refusal, Side, StructureFamily, StructureState } from "../../../asm/vocab.ts";
import { MarketCore, marketModule, ofKind } from "../market-core.ts";
import type { Fields, Out } from "../market-core.ts";

const module = await marketModule();
const MINUTE = 60_000_000_000n;
const BASE = 1_723_161_600_000_000_000n;

const names = (outs: Out[]): string[] => outs.map((out) => out.name);

function withTimeframe(instrument = 0): MarketCore {
  const core = new MarketCore(module);
  core.spec(1);
  core.apply(Kind.Timeframe, { instrument, slot: 0, periodMillis: 60_000 }, BASE);
  return core;
}

/** Trades of one candle after another, each a list of prices. */
function trade(core: MarketCore, candles: number[][], instrument = 1, from = BASE): Out[] {
  return candles.flatMap((prices, at) =>
    prices.flatMap((priceTicks, part) => {
      const fields = { instrument, priceTicks, qtyLots: 1, aggressor: Side.Buy };
      return core.apply(Kind.Trade, fields, from + BigInt(at) * MINUTE + BigInt(part));
    }),
  );
}

const GAP = [[100, 110, 90, 105], [106, 140, 106, 138], [138, 150, 130, 148], [148]];

describe("a StructureConfig record", () => {
  test("for every instrument reaches those specified before and after it", () => {
    const core = withTimeframe();
    const fields = { timeframe: 0, families: StructureFamily.FairValueGaps };
    expect(names(core.apply(Kind.StructureConfig, fields, BASE))).toEqual(["ConfigAccepted"]);
    core.spec(2);
    for (const instrument of [1, 2]) {
      const outs = trade(core, GAP, instrument, BASE + BigInt(instrument) * 10n * MINUTE);
      const told = ofKind(outs, Kind.StructureEvent).filter((out) => out.instrument === instrument);
      expect(told.map((out) => [out.instrument, out.state, out.lowTicks, out.highTicks])).toEqual([
        [instrument, StructureState.Formed, 110, 130],
      ]);
    }
  });

  test("sent again is accepted and changes nothing; another in its place is denied", () => {
    const core = withTimeframe();
    core.apply(Kind.StructureConfig, { timeframe: 0 }, BASE);
    const hash = core.stateHash();
    for (const instrument of [0, 1]) {
      const same = core.apply(Kind.StructureConfig, { instrument, timeframe: 0 }, BASE);
      expect(names(same)).toEqual(["ConfigAccepted"]);
      const other = { instrument, timeframe: 0, internalCandles: 7 };
      const [denied] = core.apply(Kind.StructureConfig, other, BASE);
      expect([denied!.name, denied!.reason]).toEqual(["ConfigDenied", Refusal.ConfigConflict]);
    }
    expect(core.stateHash()).toBe(hash);
  });

  test.each<[string, Fields, Refusal]>([
    ["without its timeframe", { timeframe: 1 }, Refusal.UnknownTimeframe],
    ["timeframe slot 8", { timeframe: 8 }, Refusal.UnknownTimeframe],
    ["unknown options", { smcFlags: 4 }, Refusal.ParameterInvalid],
    ["unknown families", { families: 4096 }, Refusal.ParameterInvalid],
    ["swings of 101 candles", { externalCandles: 101 }, Refusal.PeriodInvalid],
    ["internal swings of 101", { internalCandles: 101 }, Refusal.PeriodInvalid],
    ["sweeps of 101 candles", { sweepCandles: 101 }, Refusal.PeriodInvalid],
    ["a gap of -2 ticks", { gapTicks: -2 }, Refusal.ParameterInvalid],
    ["a gap factor of -0.5", { gapFactor: -0.5 }, Refusal.ParameterInvalid],
    ["a body factor of 1001", { bodyFactor: 1001 }, Refusal.ParameterInvalid],
    ["a pool factor of 1001", { poolFactor: 1001 }, Refusal.ParameterInvalid],
    ["a turn factor below 0", { turnFactor: -1 }, Refusal.ParameterInvalid],
    ["unknown instrument", { instrument: 9 }, Refusal.UnknownInstrument],
  ])("%s is denied", (_, fields, reason) => {
    const core = withTimeframe();
    const hash = core.stateHash();
    const record = { instrument: 1, timeframe: 0, ...fields };
    const outs = core.apply(Kind.StructureConfig, record, BASE);
    expect(outs.map((out) => [out.name, out.reason])).toEqual([["ConfigDenied", reason]]);
    expect(core.stateHash(), "state after a denial").toBe(hash);
  });

  test("is denied whole when the arena has no room for all", () => {
    const core = new MarketCore(module);
    for (let id = 1; id < 4096; id++) core.spec(id);
    let denied: Out | undefined;
    for (let slot = 0; slot < 8 && denied === undefined; slot++) {
      core.apply(Kind.Timeframe, { slot, periodMillis: 60_000 * (slot + 1) }, BASE);
      const hash = core.stateHash();
      const [out] = core.apply(Kind.StructureConfig, { timeframe: slot }, BASE);
      if (out!.name !== "ConfigDenied") continue;
      denied = out;
      expect(core.stateHash(), "state after the denial").toBe(hash);
    }
    expect(denied?.reason).toBe(Refusal.ArenaFull);
  });
});

describe("trades", () => {
  test("tell at once what they reach; a close tells what it breaks", () => {
    const core = withTimeframe();
    core.apply(
      Kind.StructureConfig,
      { timeframe: 0, families: StructureFamily.FairValueGaps },
      BASE,
    );
    const outs = trade(core, [...GAP.slice(0, 3), [148, 131, 129, 120, 109], [108]]);
    const told = ofKind(outs, Kind.StructureEvent);
    const { Formed, Touched, Halved, Broken } = StructureState;
    const { Filled } = StructureState;
    const after = (candle: number, part: number): bigint =>
      BASE + BigInt(candle) * MINUTE + BigInt(part);
    expect(told.map((out) => [out.state, out.knownNanos, out.fill, out.priceTicks])).toEqual([
      [Formed, after(3, 0), 0, 148],
      [Touched, after(3, 2), 0.05, 129],
      [Halved, after(3, 3), 0.5, 120],
      [Filled, after(3, 4), 1, 109],
      [Broken, after(4, 0), 1, 109],
    ]);
    expect(told.map((out) => out.knownIndex)).toEqual([3n, 4n, 4n, 4n, 4n]);
  });

  test("that are late are not looked at", () => {
    const core = withTimeframe();
    core.apply(
      Kind.StructureConfig,
      { timeframe: 0, families: StructureFamily.FairValueGaps },
      BASE,
    );
    trade(core, GAP);
    const late = { instrument: 1, priceTicks: 120, qtyLots: 1, venueOffsetMicros: -60_000_000 };
    const outs = core.apply(Kind.Trade, late, BASE + 3n * MINUTE + 10n);
    expect(ofKind(outs, Kind.StructureEvent)).toEqual([]);
  });
});
