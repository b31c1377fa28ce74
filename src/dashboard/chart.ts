// The candle chart: TradingView Lightweight Charts behind five calls.
//
// The library owns its canvases and knows nothing of ticks or records; this module turns them into
// its series and redraws only what a frame changed. Its logo would insert a style element, which
// the page's content policy forbids: the attribution is a link of ours below the chart.
//
// tidy: tested by test/acceptance/dashboard.test.ts
import {
  CandlestickSeries,
  ColorType,
  createChart,
  createSeriesMarkers,
  createTextWatermark,
  CrosshairMode,
  HistogramSeries,
  LineSeries,
  LineStyle,
} from "lightweight-charts";
import type {
  IChartApi,
  ISeriesApi,
  ISeriesMarkersPluginApi,
  ITextWatermarkPluginApi,
  SeriesMarker,
  Time,
  UTCTimestamp,
} from "lightweight-charts";
import { IndicatorKind, Side } from "../../asm/vocab.ts";
import type { FillRecord } from "../protocol.ts";
import type { Candle } from "./candle-series.ts";
import { REDRAW_ALL } from "./candle-series.ts";
import { millisOf, stepText, stepValue } from "./format.ts";
import type { MarketRow } from "./market.ts";
import type { Overlay, OverlayPoint } from "./overlay.ts";
import { themeColor } from "./theme.ts";

/** Candles that fit the first view; the rest is a drag away. */
const CANDLES_SHOWN = 120;
/** Share of the pane's height the volume takes. */
const VOLUME_SHARE = 0.16;

interface OverlayLine {
  series: ISeriesApi<"Line"> | ISeriesApi<"Histogram">;
  /** Index of the value in the point. */
  value: number;
  color: string;
}

/** One chart in one element. */
export class CandleChart {
  readonly #chart: IChartApi;
  readonly #candles: ISeriesApi<"Candlestick">;
  readonly #volume: ISeriesApi<"Histogram">;
  readonly #markers: ISeriesMarkersPluginApi<Time>;
  readonly #watermark: ITextWatermarkPluginApi<Time>;
  readonly #lines = new Map<Overlay, OverlayLine[]>();
  /** Candles the library has. */
  #drawn = 0;
  #step = 1;
  #simulated = false;
  #volumeUp = "";
  #volumeDown = "";

  constructor(element: HTMLElement) {
    this.#chart = createChart(element, {
      autoSize: true,
      layout: { attributionLogo: false, fontSize: 11, panes: { enableResize: true } },
      rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.08, bottom: 0.2 } },
      timeScale: { borderVisible: false, timeVisible: true, rightOffset: 6, minBarSpacing: 2 },
      crosshair: { mode: CrosshairMode.Normal },
    });
    this.#candles = this.#chart.addSeries(CandlestickSeries, { borderVisible: false });
    this.#volume = this.#chart.addSeries(HistogramSeries, {
      ...{ priceScaleId: "volume", lastValueVisible: false, priceLineVisible: false },
    });
    const margins = { scaleMargins: { top: 1 - VOLUME_SHARE, bottom: 0 } };
    this.#chart.priceScale("volume").applyOptions(margins);
    this.#markers = createSeriesMarkers(this.#candles, []);
    const pane = this.#chart.panes()[0];
    if (pane === undefined) throw new Error("a chart has a pane");
    this.#watermark = createTextWatermark(pane, { lines: [] });
    this.applyTheme();
  }

  /** Reads the page's colors again, after the theme has changed. */
  applyTheme(): void {
    const [up, down, grid] = [themeColor("up"), themeColor("down"), themeColor("chart-grid")];
    const [muted, line] = [themeColor("muted"), themeColor("line")];
    this.#chart.applyOptions({
      layout: {
        background: { type: ColorType.Solid, color: themeColor("panel") },
        textColor: muted,
        fontFamily: themeColor("font"),
        panes: { separatorColor: line, separatorHoverColor: themeColor("hover") },
      },
      grid: { vertLines: { color: grid }, horzLines: { color: grid } },
      crosshair: {
        vertLine: { color: muted, labelBackgroundColor: themeColor("chart-label") },
        horzLine: { color: muted, labelBackgroundColor: themeColor("chart-label") },
      },
    });
    this.#candles.applyOptions({
      ...{ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down },
    });
    this.#volumeUp = themeColor("volume-up");
    this.#volumeDown = themeColor("volume-down");
    for (const lines of this.#lines.values()) {
      for (const { series, color } of lines) series.applyOptions({ color: themeColor(color) });
    }
    this.#drawWatermark();
  }

  /** Prepares the axis for an instrument; the candles come with `draw`. */
  setInstrument(row: MarketRow, simulated: boolean): void {
    this.#step = stepValue(row.price);
    const { mantissa, exponent } = row.price;
    const format = (price: number): string =>
      stepText(Math.round(price / this.#step), { mantissa, exponent });
    this.#candles.applyOptions({
      priceFormat: { type: "custom", minMove: this.#step, formatter: format },
    });
    this.#simulated = simulated;
    this.#drawWatermark();
  }

  /** Draws candles from an index on; REDRAW_ALL replaces everything and shows the newest. */
  draw(candles: readonly Candle[], from: number, keepView: boolean): void {
    if (from === REDRAW_ALL) {
      this.#candles.setData(candles.map((candle) => this.#priceOf(candle)));
      this.#volume.setData(candles.map((candle) => this.#volumeOf(candle)));
      this.#drawn = candles.length;
      if (!keepView) this.#showNewest(candles.length);
      return;
    }
    for (let at = from; at < candles.length; at += 1) {
      const candle = candles[at];
      if (candle === undefined) continue;
      // The library takes its newest and what follows it; older ones only with the flag.
      const isOlder = at < this.#drawn - 1;
      this.#candles.update(this.#priceOf(candle), isOlder);
      this.#volume.update(this.#volumeOf(candle), isOlder);
    }
    this.#drawn = candles.length;
  }

  /** Replaces the indicators: lines over the candles first, panes below in their order. */
  setOverlays(overlays: readonly Overlay[]): void {
    for (const lines of this.#lines.values()) {
      for (const { series } of lines) this.#chart.removeSeries(series);
    }
    this.#lines.clear();
    let pane = 0;
    for (const overlay of overlays) {
      if (overlay.place === "pane") pane += 1;
      this.#lines.set(overlay, this.#linesOf(overlay, overlay.place === "pane" ? pane : 0));
      this.drawOverlay(overlay, true);
    }
    this.#chart.panes().forEach((one, index) => {
      one.setStretchFactor(index === 0 ? 4 : 1);
      if (index === 0) return;
      one.priceScale("right").applyOptions({ scaleMargins: { top: 0.12, bottom: 0.12 } });
    });
  }

  /** Draws the newest value of an indicator, or all of them. */
  drawOverlay(overlay: Overlay, all: boolean): void {
    for (const { series, value } of this.#lines.get(overlay) ?? []) {
      const scale = overlay.inTicks ? this.#step : 1;
      const pointOf = (point: OverlayPoint): { time: UTCTimestamp; value: number } => ({
        time: secondsOf(point.openMillis),
        value: (point.values[value] ?? NaN) * scale,
      });
      if (all) series.setData(overlay.points.map(pointOf));
      else {
        const last = overlay.points.at(-1);
        if (last !== undefined) series.update(pointOf(last));
      }
    }
  }

  /** Shows own fills at the candle they happened in, one arrow a side; fills are newest first. */
  setFills(fills: readonly FillRecord[], instrument: number, candles: readonly Candle[]): void {
    const counts = new Map<string, { time: UTCTimestamp; isBuy: boolean; fills: number }>();
    for (let at = fills.length - 1; at >= 0; at -= 1) {
      const fill = fills[at];
      if (fill?.instrument !== instrument) continue;
      const time = candleTime(millisOf(fill.tsEngineNanos), candles);
      if (time === undefined) continue;
      const isBuy = fill.side === Number(Side.Buy);
      const key = `${time}/${isBuy}`;
      const before = counts.get(key)?.fills ?? 0;
      counts.set(key, { time, isBuy, fills: before + 1 });
    }
    const markers = [...counts.values()].map(({ time, isBuy, fills: count }) =>
      markerOf(time, isBuy, count),
    );
    this.#markers.setMarkers(markers.sort((a, b) => Number(a.time) - Number(b.time)));
  }

  #linesOf(overlay: Overlay, pane: number): OverlayLine[] {
    const { kind } = overlay.info;
    const isMacd = kind === IndicatorKind.Macd;
    const count = isMacd || kind === IndicatorKind.Bollinger ? 3 : 1;
    return Array.from({ length: count }, (_, value) => {
      // One color an indicator: bands are dashed, the signal line of a MACD is gray.
      const color = isMacd && value > 0 ? ["muted", "chart-label"][value - 1] : undefined;
      const name = color ?? `line-${overlay.color}`;
      const common = { color: themeColor(name), priceLineVisible: false, lastValueVisible: false };
      if (isMacd && value === 2) {
        const series = this.#chart.addSeries(HistogramSeries, { ...common, base: 0 }, pane);
        return { series, value, color: name };
      }
      const isBand = kind === IndicatorKind.Bollinger && value > 0;
      const series = this.#chart.addSeries(
        LineSeries,
        {
          ...common,
          lineWidth: 1,
          lineStyle: isBand ? LineStyle.Dashed : LineStyle.Solid,
          crosshairMarkerVisible: false,
          lastValueVisible: pane > 0 && value === 0,
        },
        pane,
      );
      return { series, value, color: name };
    });
  }

  #priceOf(candle: Candle): {
    time: UTCTimestamp;
    open: number;
    high: number;
    low: number;
    close: number;
  } {
    return {
      time: secondsOf(candle.openMillis),
      open: candle.openTicks * this.#step,
      high: candle.highTicks * this.#step,
      low: candle.lowTicks * this.#step,
      close: candle.closeTicks * this.#step,
    };
  }

  #volumeOf(candle: Candle): { time: UTCTimestamp; value: number; color: string } {
    const isUp = candle.closeTicks >= candle.openTicks;
    const color = isUp ? this.#volumeUp : this.#volumeDown;
    return { time: secondsOf(candle.openMillis), value: candle.volumeLots, color };
  }

  #showNewest(count: number): void {
    const to = count + 6;
    this.#chart.timeScale().setVisibleLogicalRange({ from: to - CANDLES_SHOWN, to });
  }

  #drawWatermark(): void {
    const line = {
      ...{ text: "SIMULATED", color: themeColor("watermark"), fontSize: 64, fontStyle: "bold" },
      fontFamily: themeColor("font"),
    };
    const lines = this.#simulated ? [line] : [];
    this.#watermark.applyOptions({ horzAlign: "center", vertAlign: "center", lines });
  }

  /** Frees the canvases. */
  close(): void {
    this.#chart.remove();
  }
}

function markerOf(time: UTCTimestamp, isBuy: boolean, count: number): SeriesMarker<Time> {
  return {
    time,
    position: isBuy ? "belowBar" : "aboveBar",
    shape: isBuy ? "arrowUp" : "arrowDown",
    color: themeColor(isBuy ? "up" : "down"),
    size: 0.8,
    ...(count > 1 ? { text: `×${count}` } : {}),
  };
}

/** Time of the candle a moment falls into; undefined before the first. */
function candleTime(millis: number, candles: readonly Candle[]): UTCTimestamp | undefined {
  for (let at = candles.length - 1; at >= 0; at -= 1) {
    const candle = candles[at] as Candle;
    if (candle.openMillis <= millis) return secondsOf(candle.openMillis);
  }
  return undefined;
}

function secondsOf(millis: number): UTCTimestamp {
  return (millis / 1000) as UTCTimestamp;
}
