import { expect, test } from "vitest";
import { IndicatorKind, Kind } from "../../../asm/vocab.ts";
import { SERIES_CANDLES_MAX } from "../../../src/dashboard/candle-series.ts";
import { LINE_COLORS, overlayOf, overlayPush } from "../../../src/dashboard/overlay.ts";
import { record } from "./records.ts";

const info = (kind: IndicatorKind) => ({ instrument: 0, timeframe: 0, slot: 0, kind, label: "x" });
const value = (warm: number, value1: number, count = 1) =>
  record(Kind.IndicatorValue, { warm, count, value1, value2: value1 + 1, value3: value1 + 2 });

test("averages and bands lie over the candles, oscillators in a pane of their own", () => {
  const place = (kind: IndicatorKind): string => overlayOf(info(kind), 0).place;
  const { Sma, Ema, Bollinger, Vwap, Rsi, Macd, Atr } = IndicatorKind;
  expect([Sma, Ema, Bollinger, Vwap].map(place)).toEqual(["price", "price", "price", "price"]);
  expect([Rsi, Macd, Atr].map(place)).toEqual(["pane", "pane", "pane"]);
  expect(overlayOf(info(Rsi), 0).inTicks, "0 to 100").toBe(false);
  expect(overlayOf(info(Macd), 0).inTicks, "a difference of prices").toBe(true);
});

test("a value that is not warm, or has no candle yet, is not drawn", () => {
  const overlay = overlayOf(info(IndicatorKind.Ema), 0);
  expect(overlayPush(overlay, value(0, 0), 1000)).toBe(false);
  expect(overlayPush(overlay, value(1, 5), 0)).toBe(false);
  expect(overlay.points).toEqual([]);
});

test("a value belongs to the closed candle, replaces that candle's, and is never older", () => {
  const overlay = overlayOf(info(IndicatorKind.Bollinger), 0);
  overlayPush(overlay, value(1, 5, 3), 1000);
  overlayPush(overlay, value(1, 6, 3), 2000);
  overlayPush(overlay, value(1, 7, 3), 2000);
  expect(overlayPush(overlay, value(1, 8, 3), 1000)).toBe(false);
  expect(overlay.points).toEqual([
    { openMillis: 1000, values: [5, 6, 7] },
    { openMillis: 2000, values: [7, 8, 9] },
  ]);
});

test("points are bounded and colors begin again", () => {
  const overlay = overlayOf(info(IndicatorKind.Ema), 0);
  for (let at = 1; at <= SERIES_CANDLES_MAX * 2; at += 1) overlayPush(overlay, value(1, at), at);
  expect(overlay.points.length).toBeLessThanOrEqual(SERIES_CANDLES_MAX * 1.25);
  expect(overlay.points.at(-1)?.values).toEqual([SERIES_CANDLES_MAX * 2]);
  expect(overlayOf(info(IndicatorKind.Ema), LINE_COLORS).color).toBe(1);
});
