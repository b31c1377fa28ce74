import { beforeEach, describe, expect, test } from "vitest";
import { CandleType, Flag, IndicatorKind, Kind, Side } from "../../../asm/vocab.ts";
import { Store } from "../../../src/dashboard/store.ts";
import type { ReferenceData } from "../../../src/protocol.ts";
import { decoded } from "./records.ts";

const INFO = {
  ...{ kind: 1, execution: 2, venue: 1, base: 2, quote: 1, settlement: 1, simulated: false },
  ...{ tickMantissa: "1", tickExponent: -2, lotMantissa: "1", lotExponent: -4 },
};
const REFERENCE: ReferenceData = {
  instruments: [
    { ...INFO, id: 2, symbol: "ETH" },
    { ...INFO, id: 1, symbol: "BTC" },
  ],
  currencies: [],
  timeframes: [
    { instrument: 0, slot: 1, candleType: CandleType.Time, periodMillis: 300_000 },
    { instrument: 0, slot: 0, candleType: CandleType.Time, periodMillis: 60_000 },
    { instrument: 0, slot: 5, candleType: CandleType.Time, periodMillis: 86_400_000 },
    { instrument: 0, slot: 6, candleType: CandleType.Volume, periodMillis: 0 },
    { instrument: 2, slot: 7, candleType: CandleType.Time, periodMillis: 900_000 },
  ],
  indicators: [
    { instrument: 0, timeframe: 0, slot: 0, kind: IndicatorKind.Ema, label: "EMA 20" },
    { instrument: 2, timeframe: 0, slot: 1, kind: IndicatorKind.Rsi, label: "RSI 14" },
    { instrument: 0, timeframe: 1, slot: 0, kind: IndicatorKind.Sma, label: "SMA 50" },
  ],
  strategies: [{ id: 1, name: "demo", account: 1, kind: 1, running: true }],
};

let frames: (() => void)[];
let store: Store;
const nextFrame = (): void => frames.splice(0).forEach((run) => run());
const MINUTE_NANOS = 60_000_000_000n;
const closed = (minute: bigint, closeTicks: number, timeframe = 0) =>
  decoded(Kind.CandleClosed, {
    ...{ instrument: 1, timeframe, openNanos: minute * MINUTE_NANOS, periodMillis: 60_000 },
    ...{ openTicks: 100, highTicks: 110, lowTicks: 90, closeTicks },
  });
const ema = (value1: number) =>
  decoded(Kind.IndicatorValue, {
    ...{ instrument: 1, timeframe: 0, slot: 0, valueKind: IndicatorKind.Ema },
    ...{ warm: 1, count: 1, value1 },
  });
const trade = (instrument: number, priceTicks: number, flags = 0) =>
  decoded(Kind.TradePrint, {
    ...{ instrument, priceTicks, flags, qtyLots: 1, aggressor: Side.Sell },
    tsEngineNanos: 3n * MINUTE_NANOS + 1n,
  });

beforeEach(() => {
  frames = [];
  store = new Store((run) => void frames.push(run));
  store.setReference(REFERENCE);
  nextFrame();
});

describe("the selection", () => {
  test("begins with the first instrument and the shortest time candle", () => {
    expect(store.instrument.value).toBe(1);
    expect(store.timeframe.value).toBe(0);
    expect(
      store.timeframes().map(({ slot }) => slot),
      "by period, ours only",
    ).toEqual([0, 1, 5]);
    expect(store.daySlot()).toBe(5);
    expect(store.overlays.map(({ info }) => info.label)).toEqual(["EMA 20"]);
  });

  test("of another instrument empties chart and trades, and keeps a timeframe both have", () => {
    store.selectTimeframe(1);
    store.applyDetail(trade(1, 100), false);
    const epoch = store.chartEpoch;
    expect(store.select(2)).toBe(true);
    expect(store.market.trades).toEqual([]);
    expect(store.chartEpoch).toBe(epoch + 1);
    expect(store.timeframe.value).toBe(1);
    store.selectTimeframe(7);
    store.select(1);
    expect(store.timeframe.value, "BTC has no slot 7").toBe(0);
    expect(store.select(99), "unknown").toBe(false);
  });

  test("keeps chart and values when the reference data come again after a reconnect", () => {
    store.loadHistory(1, 0, [closed(1n, 101)]);
    store.setReference(REFERENCE);
    expect(store.series.candles.length).toBe(1);
  });
});

describe("the chart", () => {
  test("takes history of the selection and drops an answer to an older one", () => {
    store.loadHistory(2, 0, [closed(1n, 101)]);
    expect(store.historyPending).toBe(true);
    store.loadHistory(1, 0, [closed(1n, 101), ema(100.5), closed(2n, 102), ema(101.5)]);
    expect(store.historyPending).toBe(false);
    expect(store.series.candles.map(({ closeTicks }) => closeTicks)).toEqual([101, 102]);
    expect(store.overlays[0]?.points, "a value lies at the candle before it").toEqual([
      { openMillis: 60_000, values: [100.5] },
      { openMillis: 120_000, values: [101.5] },
    ]);
  });

  test("moves with candles, values and trades of the selection only", () => {
    store.loadHistory(1, 0, [closed(1n, 101)]);
    store.applyDetail(closed(2n, 102), false);
    store.applyDetail(ema(101.5), false);
    store.applyDetail(closed(2n, 999, 1), false);
    store.applyDetail(trade(1, 103), false);
    store.applyDetail(trade(2, 777), false);
    const candles = store.series.candles;
    expect(candles.map(({ closeTicks }) => closeTicks)).toEqual([101, 102, 103]);
    expect(store.overlays[0]?.points).toEqual([{ openMillis: 120_000, values: [101.5] }]);
  });
});

test("the overview fills rows, and leaves ticks that a faster stream has told", () => {
  store.applyOverview(trade(2, 500), false);
  expect(store.market.rows.get(2)?.lastTicks).toBe(500);
  store.applyDetail(trade(1, 100), false);
  store.applyOverview(trade(1, 90), true);
  expect(store.market.rows.get(1)?.lastTicks, "250 ms old by now").toBe(100);
  expect(store.market.trades.length, "the list is the selected instrument's").toBe(1);
});

test("a thousand records move a section's signal once a frame", () => {
  const before = store.versions.rows.value;
  for (let at = 0; at < 1000; at += 1) store.applyOverview(trade(2, at), false);
  expect(frames.length, "one frame asked for").toBe(1);
  expect(store.versions.rows.value).toBe(before);
  nextFrame();
  expect(store.versions.rows.value).toBe(before + 1);
  store.applyOverview(trade(2, 1), false);
  expect(frames.length, "the next change asks again").toBe(1);
});

test("is simulated from the first simulated record on", () => {
  store.applyOverview(trade(2, 1), false);
  expect(store.simulated.value).toBe(false);
  store.applyOverview(trade(2, 1, Flag.Simulated), false);
  expect(store.simulated.value).toBe(true);
});

test("own events redraw their panels, and a fill the chart's markers", () => {
  const { own, chart } = store.versions;
  const before = [own.value, chart.value];
  store.applyOwn(decoded(Kind.Fill, { instrument: 1, account: 1, id: 1n, clientId: 1n }));
  nextFrame();
  expect([own.value, chart.value]).toEqual(before.map((count) => count + 1));
  store.applyOwn(decoded(Kind.StateQueryEnd, {}));
  expect(frames.length, "nothing new").toBe(0);
});

test("a strategy that is stopped says so", () => {
  expect(store.strategies()[0]?.running).toBe(true);
  store.applyOwn(decoded(Kind.Strategy, { id: 1, strategyFlags: 0 }));
  expect(store.strategies()[0]).toMatchObject({ name: "demo", running: false });
});
