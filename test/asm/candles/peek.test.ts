import { expect, test } from "vitest";
import { PEEK } from "../../../asm/layout.ts";
import { CandleType, IndicatorKind, Kind } from "../../../asm/vocab.ts";
import { decode } from "../../../src/protocol.ts";
import { seeded } from "../../reference/random.ts";
import { MarketCore, marketModule } from "../market-core.ts";
import type { Fields, Out } from "../market-core.ts";

const module = await marketModule();
const SECOND = 1_000_000_000n;
const BASE = 1_723_161_600n * SECOND;

const FRAMES: Fields[] = [
  { periodMillis: 60_000 },
  { periodMillis: 300_000 },
  { periodMillis: 420_000 },
  { periodMillis: 3_600_000 },
  { periodMillis: 90_000 },
  { type: CandleType.Volume, threshold: 200 },
  { type: CandleType.Renko, threshold: 9 },
  { type: CandleType.HeikinAshi, source: 3 },
];
const KINDS = [IndicatorKind.Ema, IndicatorKind.Bollinger, IndicatorKind.Macd, IndicatorKind.Vwap];

function build(): MarketCore {
  const core = new MarketCore(module);
  core.spec(1);
  FRAMES.forEach((frame, slot) => {
    core.apply(Kind.Timeframe, { instrument: 1, slot, ...frame }, BASE);
    KINDS.forEach((indicatorKind, i) => {
      const periods =
        indicatorKind === IndicatorKind.Vwap ? {} : { period: 3, period2: 5, period3: 2 };
      const fields = { instrument: 1, timeframe: slot, slot: 2 * i, indicatorKind, factor: 2 };
      const factor = indicatorKind === IndicatorKind.Bollinger ? 2 : 0;
      core.apply(Kind.Indicator, { ...fields, ...periods, factor }, BASE);
    });
  });
  return core;
}

function all(core: MarketCore): Out[] {
  const bytes = core.call("instrumentPeek", 1);
  const outs: Out[] = [];
  for (let at = PEEK; at < PEEK + bytes;) {
    const out = decode(core.view, at) as unknown as Out;
    outs.push(out);
    at += 64 * (1 + (out.flags & 3));
  }
  return outs;
}

test.each([1, 2, 3, 4])("all at once is what each alone is, history too, seed %i", (seed) => {
  const core = build();
  const random = seeded(seed);
  let now = BASE + 3600n * SECOND;
  let price = 1000;
  let compared = 0;
  for (let step = 0; step < 500; step++) {
    now += BigInt(Math.floor(random() * (random() < 0.1 ? 500 : 30))) * SECOND;
    price += Math.floor((random() - 0.5) * 15);
    const openNanos =
      ((now - BigInt(Math.floor(random() * 900)) * SECOND) / (60n * SECOND)) * 60n * SECOND;
    const prices = { openTicks: price, highTicks: price, lowTicks: price, closeTicks: price };
    if (step % 150 < 20) {
      core.apply(Kind.CandleImport, { instrument: 1, openNanos, ...prices, volumeLots: 5 }, now);
    } else {
      const skew = -Math.floor(random() * 90e6);
      const fields = { instrument: 1, priceTicks: price, qtyLots: 1 + (step % 50) };
      core.apply(
        Kind.Trade,
        { ...fields, venueOffsetMicros: skew, aggressor: 1 + (step % 2) },
        now,
      );
    }
    const before = core.stateHash();
    const got = all(core);
    const want: Out[] = [];
    for (const slot of [0, 4, 1, 2, 3, 5, 6, 7]) {
      const candle = core.peek("candlePeek", 1, slot);
      if (candle === undefined) continue;
      want.push(candle);
      KINDS.forEach((_, i) => want.push(core.peek("indicatorPeek", 1, slot, 2 * i)!));
    }
    expect(got, `step ${step}`).toEqual(want);
    expect(core.stateHash(), "a peek changes nothing").toBe(before);
    compared += got.length;
  }
  expect(compared).toBeGreaterThan(8000);
  expect(core.call("instrumentPeek", 2), "an instrument that is not there").toBe(0);
});
