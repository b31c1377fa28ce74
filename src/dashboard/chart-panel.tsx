// The chart with its instrument, timeframe buttons and legend; drives the chart once a frame.
import { useEffect, useRef } from "preact/hooks";
import { CandleChart } from "./chart.ts";
import { REDRAW_ALL, REDRAW_NONE } from "./candle-series.ts";
import { NO_VALUE, percentText, periodText, stepText } from "./format.ts";
import { changePercent } from "./market.ts";
import type { Page } from "./page.ts";
import { tone } from "./page.ts";

/** What the chart shows already, to redraw only what is new. */
interface Drawn {
  epoch: number;
  instrument: number;
  simulated: boolean;
  fills: number;
  fillsAt: unknown;
  points: number;
  /** Indicators that have values: an empty pane would only take room. */
  overlays: number;
  historyPending: boolean;
}

/** Toolbar and chart of the selected instrument. */
export function ChartPanel({ page }: { page: Page }) {
  return (
    <section class="panel chart-panel" aria-label="Chart">
      <div class="panel-head chart-head">
        <Quote page={page} />
        <div class="spring" />
        <Timeframes page={page} />
      </div>
      <div class="chart-box">
        <ChartCanvas page={page} />
        <Legend page={page} />
        <ChartState page={page} />
      </div>
      <p class="attribution">
        <span>Times in UTC · Charts by</span>
        <a href="https://www.tradingview.com/" target="_blank" rel="noopener noreferrer">
          TradingView
        </a>
      </p>
    </section>
  );
}

function Quote({ page }: { page: Page }) {
  const { store } = page;
  void store.versions.rows.value;
  const row = store.market.rows.get(store.instrument.value);
  if (row === undefined) return <h2 class="symbol">{NO_VALUE}</h2>;
  const change = changePercent(row);
  return (
    <>
      <h2 class="symbol">{row.symbol}</h2>
      <span class={`last ${row.direction > 0 ? "up" : row.direction < 0 ? "down" : ""}`}>
        {row.lastTicks === 0 ? NO_VALUE : stepText(row.lastTicks, row.price)}
      </span>
      <span class={`${tone(change ?? 0)} change`}>
        {change === undefined ? "" : percentText(change)}
      </span>
    </>
  );
}

function Timeframes({ page }: { page: Page }) {
  const { store } = page;
  void store.reference.value;
  void store.instrument.value;
  const selected = store.timeframe.value;
  return (
    <div class="segments" role="group" aria-label="Timeframe">
      {store.timeframes().map(({ slot, periodMillis }) => (
        <button
          key={slot}
          aria-pressed={slot === selected}
          onClick={() => page.selectTimeframe(slot)}
        >
          {periodText(periodMillis)}
        </button>
      ))}
    </div>
  );
}

function Legend({ page }: { page: Page }) {
  void page.store.versions.chart.value;
  const { overlays } = page.store;
  const hasValues = overlays.length === 0 || overlays.some(({ points }) => points.length > 0);
  return (
    <div class="legend">
      {overlays.map(({ info, color }) => (
        <span key={`${info.instrument}/${info.slot}`}>
          <i class={`key key-${color}`} />
          {info.label}
        </span>
      ))}
      {hasValues || <span>Lines begin with the next candle.</span>}
    </div>
  );
}

function ChartState({ page }: { page: Page }) {
  const { store } = page;
  void store.versions.chart.value;
  if (store.link.value.phase === "connecting") return <p class="veil">Connecting…</p>;
  if (store.series.candles.length > 0) return null;
  if (store.reference.value !== undefined && store.timeframe.value < 0) {
    return <p class="veil">The engine makes no time candles: add a timeframe to its config.</p>;
  }
  if (store.historyPending) return <p class="veil">Loading candles…</p>;
  return <p class="veil">No candle yet: the first appears with the first trade.</p>;
}

function ChartCanvas({ page }: { page: Page }) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (element.current === null) return undefined;
    const chart = new CandleChart(element.current);
    const drawn: Drawn = {
      ...{ epoch: -1, instrument: -1, simulated: false, fills: -1, fillsAt: null, points: 0 },
      overlays: 0,
      historyPending: true,
    };
    const stopTheme = page.theme.subscribe(() => redrawAll(chart, page, drawn));
    const stop = page.store.versions.chart.subscribe(() => redraw(chart, page, drawn));
    const stopSimulated = page.store.simulated.subscribe(() => redraw(chart, page, drawn));
    return () => {
      for (const end of [stop, stopTheme, stopSimulated]) end();
      chart.close();
    };
  }, []);
  return <div class="chart" ref={element} data-testid="chart" />;
}

/** Colors of candles and markers are in their data: a new theme sets all of it again. */
function redrawAll(chart: CandleChart, page: Page, drawn: Drawn): void {
  chart.applyTheme();
  if (drawn.epoch < 0) return;
  chart.draw(page.store.series.candles, REDRAW_ALL, true);
  drawn.fills = -1;
  drawFills(chart, page, drawn);
}

function redraw(chart: CandleChart, page: Page, drawn: Drawn): void {
  const { store } = page;
  const row = store.market.rows.get(store.instrument.peek());
  if (row === undefined) return;
  const isNew = drawn.epoch !== store.chartEpoch;
  const simulated = store.simulated.peek();
  if (drawn.instrument !== row.id || drawn.simulated !== simulated) {
    chart.setInstrument(row, simulated);
    drawn.instrument = row.id;
    drawn.simulated = simulated;
  }
  const { candles } = store.series;
  const from = store.series.takeRedraw();
  const hasLoaded = drawn.historyPending && !store.historyPending;
  if (isNew || from !== REDRAW_NONE) {
    chart.draw(candles, isNew ? REDRAW_ALL : from, !isNew && !hasLoaded);
  }
  drawOverlays(chart, page, drawn, hasLoaded);
  drawn.epoch = store.chartEpoch;
  drawn.historyPending = store.historyPending;
  if (isNew || hasLoaded) drawn.fills = -1;
  drawFills(chart, page, drawn);
}

function drawOverlays(chart: CandleChart, page: Page, drawn: Drawn, all: boolean): void {
  const shown = page.store.overlays.filter((overlay) => overlay.points.length > 0);
  const points = shown.reduce((sum, overlay) => sum + overlay.points.length, 0);
  if (drawn.epoch !== page.store.chartEpoch || shown.length !== drawn.overlays) {
    chart.setOverlays(shown);
  } else if (points !== drawn.points || all) {
    for (const overlay of shown) chart.drawOverlay(overlay, all);
  }
  drawn.points = points;
  drawn.overlays = shown.length;
}

function drawFills(chart: CandleChart, page: Page, drawn: Drawn): void {
  const { fills } = page.store.own;
  const [newest] = fills;
  if (drawn.fills === fills.length && drawn.fillsAt === newest) return;
  drawn.fills = fills.length;
  drawn.fillsAt = newest;
  chart.setFills(fills, page.store.instrument.peek(), page.store.series.candles);
}
