// Values of indicators for the chart: one line set per indicator slot, beside the candles.
//
// A value belongs to the candle that had just closed when the core made it, so it is placed there
// and never moved. Values that are not warm are dropped: 0 would draw a line to the ground.
import { IndicatorKind } from "../../asm/vocab.ts";
import type { IndicatorInfo, IndicatorRecord } from "../protocol.ts";
import { SERIES_CANDLES_MAX } from "./candle-series.ts";

/** Where an indicator is drawn: over the candles, or in a pane of its own below them. */
export type OverlayPlace = "price" | "pane";

/** Values of one candle; as many as the indicator has. */
export interface OverlayPoint {
  openMillis: number;
  values: number[];
}

/** One indicator of the chart. `points` ascend by openMillis. */
export interface Overlay {
  info: IndicatorInfo;
  place: OverlayPlace;
  /** True when its values are prices in ticks. */
  inTicks: boolean;
  points: OverlayPoint[];
  /** Which of the line colors of style.css, from 1 to LINE_COLORS. */
  color: number;
}

/** Line colors of style.css; a chart with more indicators begins again. */
export const LINE_COLORS = 7;

/** Kinds in the price's own unit lie over the candles. */
export function overlayPlace(kind: number): OverlayPlace {
  const isPrice =
    kind === IndicatorKind.Sma ||
    kind === IndicatorKind.Ema ||
    kind === IndicatorKind.Bollinger ||
    kind === IndicatorKind.Vwap;
  return isPrice ? "price" : "pane";
}

/** A new, empty overlay of the indicator at this index of the chart's list. */
export function overlayOf(info: IndicatorInfo, index: number): Overlay {
  const place = overlayPlace(info.kind);
  const inTicks =
    place === "price" || info.kind === IndicatorKind.Macd || info.kind === IndicatorKind.Atr;
  return { info, place, inTicks, points: [], color: (index % LINE_COLORS) + 1 };
}

/** Adds a value at the candle that closed last; returns whether the chart has something new. */
export function overlayPush(
  overlay: Overlay,
  record: IndicatorRecord,
  openMillis: number,
): boolean {
  if (record.warm === 0 || openMillis === 0) return false;
  const values = [record.value1, record.value2, record.value3].slice(0, Math.max(1, record.count));
  const { points } = overlay;
  const last = points.at(-1);
  if (last !== undefined && last.openMillis > openMillis) return false;
  if (last?.openMillis === openMillis) last.values = values;
  else points.push({ openMillis, values });
  if (points.length > SERIES_CANDLES_MAX * 1.25) {
    points.splice(0, points.length - SERIES_CANDLES_MAX);
  }
  return true;
}
