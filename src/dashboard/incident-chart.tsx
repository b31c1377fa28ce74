// Candles of the selected instrument up to the cursor, with the fills of the slice.
import { useEffect, useRef } from "preact/hooks";
import { CandleType, Kind, SpecFlag } from "../../asm/vocab.ts";
import { isRecord } from "../protocol.ts";
import { CandleChart } from "./chart.ts";
import { candleOf, REDRAW_ALL, type Candle } from "./candle-series.ts";
import { NO_VALUE, periodText, stepText } from "./format.ts";
import type { Shown } from "./incident-link.ts";
import { specOf, stepsOf } from "./incident-names.ts";
import type { IncidentState } from "./incident-state.ts";
import type { MarketRow } from "./market.ts";

/** Chart with its symbol and timeframes. */
export function IncidentChart({ state }: { state: IncidentState }) {
  const [opened, shown] = [state.opened.value, state.shown.value];
  const instrument = state.instrument.value;
  if (opened === undefined) return <section class="panel chart-panel" />;
  const steps = stepsOf(opened, instrument);
  const trade = shown?.trades.find((one) => one.instrument === instrument);
  const last = trade !== undefined && isRecord(trade, Kind.TradePrint) ? trade : undefined;
  const frames = opened.reference.timeframes.filter(
    (one) => one.instrument === 0 && one["type"] === Number(CandleType.Time),
  );
  return (
    <section class="panel chart-panel" aria-label="Chart">
      <div class="panel-head chart-head">
        <h2 class="symbol">{steps.symbol}</h2>
        <span class="last">
          {last === undefined ? NO_VALUE : stepText(last.priceTicks, steps.price)}
        </span>
        <div class="spring" />
        <div class="segments" role="group" aria-label="Timeframe">
          {frames.map((one) => (
            <button
              key={Number(one["slot"])}
              aria-pressed={one["slot"] === state.timeframe.value}
              onClick={() => state.select(instrument, Number(one["slot"]))}
            >
              {periodText(Number(one["periodMillis"]))}
            </button>
          ))}
        </div>
      </div>
      <div class="chart-box">
        <Canvas state={state} />
        {shown !== undefined && candlesOf(shown).length === 0 && (
          <p class="veil">No candle of it up to this point.</p>
        )}
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

function Canvas({ state }: { state: IncidentState }) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (element.current === null) return undefined;
    const chart = new CandleChart(element.current);
    let shownKey = "";
    const redraw = (): void => {
      const [opened, shown] = [state.opened.peek(), state.shown.peek()];
      if (opened === undefined || shown === undefined) return;
      const spec = specOf(opened, shown.instrument);
      const key = `${shown.instrument}/${shown.timeframe}`;
      const isNew = key !== shownKey;
      const candles = candlesOf(shown);
      const { price } = stepsOf(opened, shown.instrument);
      const isSimulated = ((spec?.specFlags ?? 0) & SpecFlag.Simulated) !== 0;
      if (isNew) chart.setInstrument({ price } as MarketRow, isSimulated);
      chart.draw(candles, REDRAW_ALL, !isNew && candles.length > 0);
      const fills = shown.fills.flatMap((one) => (isRecord(one, Kind.Fill) ? [one] : []));
      chart.setFills(fills, shown.instrument, candles);
      // An empty chart has no view that could be kept.
      shownKey = candles.length === 0 ? "" : key;
    };
    const stopTheme = state.theme.subscribe(() => {
      chart.applyTheme();
      redraw();
    });
    const stop = state.shown.subscribe(redraw);
    return () => {
      for (const end of [stop, stopTheme]) end();
      chart.close();
    };
  }, []);
  return <div class="chart" ref={element} data-testid="chart" />;
}

/** Closed candles and the one that forms. */
function candlesOf({ candles, forming }: Shown): Candle[] {
  const found: Candle[] = [];
  for (const record of candles) {
    if (isRecord(record, Kind.CandleClosed)) found.push(candleOf(record, true));
  }
  if (forming !== undefined && isRecord(forming, Kind.CandleForming)) {
    const candle = candleOf(forming, false);
    if (candle.openMillis > (found.at(-1)?.openMillis ?? 0)) found.push(candle);
  }
  return found;
}
