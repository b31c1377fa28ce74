// What an instrument costs, as configuration hands it out of the arena.
import { expect, test } from "vitest";
import { H_MARKET_ARENA, MARKET_INSTRUMENT_BYTES } from "../../../asm/layout.ts";
import { IndicatorKind, Kind } from "../../../asm/vocab.ts";
import { MarketCore, marketModule } from "../market-core.ts";

const module = await marketModule();
const KIB = 1024;
const GOAL_BYTES = 24 * KIB;
const PERIODS_SECONDS = [60, 300, 900, 3600, 14_400, 86_400];
/** The kinds that charts show most, twice those with windows; every period is 50, the longest. */
const TWELVE = [
  ...[IndicatorKind.Sma, IndicatorKind.Sma, IndicatorKind.Ema, IndicatorKind.Ema],
  ...[IndicatorKind.Rsi, IndicatorKind.Rsi, IndicatorKind.Macd, IndicatorKind.Macd],
  ...[IndicatorKind.Bollinger, IndicatorKind.Atr, IndicatorKind.Atr, IndicatorKind.Vwap],
];

function bytesOf(configure: (core: MarketCore) => void): number {
  const core = new MarketCore(module);
  core.spec(1);
  const before = core.view.getUint32(H_MARKET_ARENA, true);
  configure(core);
  return before - core.view.getUint32(H_MARKET_ARENA, true) + MARKET_INSTRUMENT_BYTES;
}

test("6 timeframes with 12 indicators of period 50 take at most 24 KiB", () => {
  const bytes = bytesOf((core) => {
    PERIODS_SECONDS.forEach((seconds, timeframe) => {
      const frame = { instrument: 1, slot: timeframe, periodMillis: seconds * 1000 };
      expect(core.apply(Kind.Timeframe, frame, 0n)[0]!.name).toBe("ConfigAccepted");
      TWELVE.forEach((indicatorKind, slot) => {
        const isVwap = indicatorKind === IndicatorKind.Vwap;
        const periods = isVwap ? {} : { period: 50, period2: 49, period3: 50 };
        const factor = indicatorKind === IndicatorKind.Bollinger ? 2 : 0;
        const fields = { instrument: 1, timeframe, slot, indicatorKind, ...periods, factor };
        expect(core.apply(Kind.Indicator, fields, 0n)[0]!.name).toBe("ConfigAccepted");
      });
    });
  });
  console.log(`6 timeframes x 12 indicators: ${(bytes / KIB).toFixed(1)} KiB an instrument`);
  expect(bytes).toBeLessThanOrEqual(GOAL_BYTES);
});

test("a candle that trades complete takes 320 bytes, one that is smoothed 256", () => {
  const add = (core: MarketCore, fields: Record<string, unknown>): void => {
    expect(core.apply(Kind.Timeframe, { instrument: 1, ...fields }, 0n)[0]!.name).toBe(
      "ConfigAccepted",
    );
  };
  const base = MARKET_INSTRUMENT_BYTES;
  const one = bytesOf((core) => add(core, { slot: 0, type: 2, threshold: 5 }));
  expect(one - base).toBe(320);
  const two = bytesOf((core) => {
    add(core, { slot: 0, periodMillis: 1000 });
    add(core, { slot: 1, type: 6, source: 0 });
  });
  expect(two - base).toBe(192 + 256);
});
