// The page's state: plain data that records overwrite, and one signal a section that says "look
// again".
//
// Records arrive by the thousand a second and a screen shows sixty pictures of it, so reductions
// touch only plain objects and mark their section; the signals move once an animation frame. What
// changes rarely (connection, reference data, selection) is a signal of its own.
import { signal } from "@preact/signals";
import { AckLevel, CandleType, Kind } from "../../asm/vocab.ts";
import type {
  DecodedRecord,
  IndicatorRecord,
  ReferenceData,
  StrategyInfo,
  TimeframeInfo,
} from "../protocol.ts";
import { isRecord } from "../protocol.ts";
import { candleOf, CandleSeries } from "./candle-series.ts";
import { millisOf } from "./format.ts";
import { Market } from "./market.ts";
import type { Overlay } from "./overlay.ts";
import { overlayOf, overlayPush } from "./overlay.ts";
import { Own } from "./own.ts";
import type { StageRow } from "./stage-latency.ts";

/** Where the connection stands; every phase but `live` is explained on the page. */
export type Link =
  | { phase: "connecting" }
  | { phase: "live" }
  | { phase: "waiting"; attempt: number; retryAtMillis: number; why: string }
  | { phase: "locked"; why: string };

/** What the server said about itself. */
export interface EngineInfo {
  engine: string;
  build: string;
  mode: string;
  simulated: boolean;
}

/** Something that went wrong, in words, until it is dismissed. */
export interface Fault {
  what: string;
  remedy: string;
}

/** Round trip of a ping, and the engine's clock minus ours where known, in milliseconds. */
export interface Pulse {
  roundTripMillis: number;
  skewMillis: number | undefined;
}

/** Parts of the page that redraw together. */
export type Section = "rows" | "trades" | "own" | "chart";

/** Calls back at the next animation frame. */
export type Schedule = (run: () => void) => void;

const DAY_MILLIS = 86_400_000;

/** Everything the page shows. */
export class Store {
  readonly link = signal<Link>({ phase: "connecting" });
  readonly engine = signal<EngineInfo | undefined>(undefined);
  readonly level = signal<AckLevel>(AckLevel.Written);
  readonly pulse = signal<Pulse | undefined>(undefined);
  readonly fault = signal<Fault | undefined>(undefined);
  readonly reference = signal<ReferenceData | undefined>(undefined);
  /** Selected instrument, 0 before the reference data. */
  readonly instrument = signal(0);
  /** Selected timeframe slot, -1 when there is none. */
  readonly timeframe = signal(-1);
  readonly simulated = signal(false);
  readonly stages = signal<StageRow[] | undefined>(undefined);
  /** Why there is no latency table, "" when there is one. */
  readonly stagesFault = signal("");
  /** Counts of redraws by section; a component reads its section's to be called again. */
  readonly versions = { rows: signal(0), trades: signal(0), own: signal(0), chart: signal(0) };

  readonly market = new Market();
  readonly own = new Own();
  series = new CandleSeries(60_000);
  overlays: Overlay[] = [];
  /** True from a new selection until its candles have come. */
  historyPending = true;
  /** Moves with every new selection, so that the chart knows a new series from a redraw. */
  chartEpoch = 0;
  readonly #schedule: Schedule;
  readonly #dirty = new Set<Section>();
  readonly #strategies = new Map<number, StrategyInfo>();

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  /** Says that a section has something new; it redraws at the next frame. */
  mark(section: Section): void {
    const isFirst = this.#dirty.size === 0;
    this.#dirty.add(section);
    if (isFirst) this.#schedule(() => this.#flush());
  }

  /** Takes the reference data and, the first time, selects an instrument and a timeframe. */
  setReference(reference: ReferenceData): void {
    this.market.setInstruments(reference.instruments);
    for (const strategy of reference.strategies) this.#strategies.set(strategy.id, strategy);
    this.reference.value = reference;
    this.#noteSimulated();
    const before = [this.instrument.peek(), this.timeframe.peek()];
    const [first] = [...reference.instruments].sort((a, b) => a.id - b.id);
    if (first !== undefined && !this.market.rows.has(this.instrument.peek())) {
      this.instrument.value = first.id;
    }
    this.#keepTimeframe();
    // After a reconnect the chart stays and the new history is joined to it.
    if (before[0] !== this.instrument.peek() || before[1] !== this.timeframe.peek()) {
      this.resetChart();
    }
    this.mark("rows");
  }

  /** Time candles of the selected instrument, shortest period first. */
  timeframes(): TimeframeInfo[] {
    const found = new Map<number, TimeframeInfo>();
    for (const one of this.reference.peek()?.timeframes ?? []) {
      const isOurs = one.instrument === 0 || one.instrument === this.instrument.peek();
      if (isOurs && one.candleType === Number(CandleType.Time)) found.set(one.periodMillis, one);
    }
    return [...found.values()].sort((a, b) => a.periodMillis - b.periodMillis);
  }

  /** Slot of the UTC day's candles, undefined when the engine makes none. */
  daySlot(): number | undefined {
    return this.timeframes().find((one) => one.periodMillis === DAY_MILLIS)?.slot;
  }

  /** Strategies by id; a record of the configuration may have changed them. */
  strategies(): StrategyInfo[] {
    return [...this.#strategies.values()];
  }

  /** Shows another instrument; false when it is shown already or unknown. */
  select(instrument: number): boolean {
    if (instrument === this.instrument.peek() || !this.market.rows.has(instrument)) return false;
    this.instrument.value = instrument;
    this.#keepTimeframe();
    this.market.trades = [];
    this.resetChart();
    this.mark("trades");
    this.mark("rows");
    return true;
  }

  /** Shows another timeframe; false when it is shown already. */
  selectTimeframe(slot: number): boolean {
    if (slot === this.timeframe.peek()) return false;
    this.timeframe.value = slot;
    this.resetChart();
    return true;
  }

  /** Empties the chart for the selection; its history follows. */
  resetChart(): void {
    const [instrument, slot] = [this.instrument.peek(), this.timeframe.peek()];
    const period = this.timeframes().find((one) => one.slot === slot)?.periodMillis ?? 60_000;
    this.series = new CandleSeries(period);
    this.overlays = (this.reference.peek()?.indicators ?? [])
      .filter((one) => one.timeframe === slot)
      .filter((one) => one.instrument === 0 || one.instrument === instrument)
      .map((one, index) => overlayOf(one, index));
    this.historyPending = true;
    this.chartEpoch += 1;
    this.mark("chart");
  }

  /** Takes closed candles and indicator values of a history answer, oldest first. */
  loadHistory(instrument: number, timeframe: number, records: readonly DecodedRecord[]): void {
    if (instrument !== this.instrument.peek() || timeframe !== this.timeframe.peek()) return;
    const candles = records.flatMap((record) =>
      isRecord(record, Kind.CandleClosed) ? [candleOf(record, true)] : [],
    );
    this.series.load(candles);
    let closedMillis = 0;
    for (const record of records) {
      if (isRecord(record, Kind.CandleClosed)) closedMillis = millisOf(record.openNanos);
      else if (isRecord(record, Kind.IndicatorValue)) this.#overlay(record, closedMillis);
    }
    this.historyPending = false;
    this.mark("chart");
  }

  /**
   * A record of the stream that covers all instruments: their rows, not the chart. `ticksKnown`: a
   * faster stream has told quotes and trades of this instrument already.
   */
  applyOverview(record: DecodedRecord, ticksKnown: boolean): void {
    if (ticksKnown && isRecord(record, Kind.TopOfBook, Kind.TradePrint)) return;
    if (isRecord(record, Kind.TopOfBook)) this.market.applyQuote(record);
    else if (isRecord(record, Kind.TradePrint)) this.market.applyTrade(record);
    else if (isRecord(record, Kind.CandleForming, Kind.CandleClosed)) this.market.applyDay(record);
    else if (isRecord(record, Kind.BookTrust)) {
      this.market.applyTrust(record.instrument, record.state === 1);
    } else return;
    this.#noteSimulated();
    this.mark("rows");
  }

  /** A record of the selected instrument's own stream. `isState`: of a snapshot, not news. */
  applyDetail(record: DecodedRecord, isState: boolean): void {
    if (record.instrument !== this.instrument.peek()) return;
    if (isRecord(record, Kind.TopOfBook)) {
      this.market.applyQuote(record);
      this.mark("rows");
    } else if (isRecord(record, Kind.TradePrint)) {
      this.market.applyTrade(record);
      const venueMillis = millisOf(record.tsEngineNanos) + record.venueOffsetMicros / 1000;
      this.series.trade(record.priceTicks, venueMillis);
      if (!isState || this.market.trades.length === 0) this.market.pushTrade(record);
      this.mark("rows");
      this.mark("trades");
      this.mark("chart");
    } else if (isRecord(record, Kind.CandleClosed, Kind.CandleForming)) {
      if (record.timeframe !== this.timeframe.peek()) return;
      this.series.apply(candleOf(record, record.kind === Number(Kind.CandleClosed)));
      this.mark("chart");
    } else if (isRecord(record, Kind.IndicatorValue)) {
      this.#overlay(record, this.series.closedMillis);
    } else this.applyOverview(record, false);
    this.#noteSimulated();
  }

  /** A record of the own stream. */
  applyOwn(record: DecodedRecord): void {
    if (isRecord(record, Kind.Strategy)) {
      const known = this.#strategies.get(record.id);
      const running = (record.strategyFlags & 1) !== 0;
      if (known !== undefined) this.#strategies.set(record.id, { ...known, running });
      this.mark("own");
    } else if (this.own.apply(record)) {
      this.mark("own");
      if (record.kind === Number(Kind.Fill)) this.mark("chart");
    }
  }

  /** Keeps the selected timeframe where the instrument has it, else takes its shortest. */
  #keepTimeframe(): void {
    const timeframes = this.timeframes();
    if (timeframes.some(({ slot }) => slot === this.timeframe.peek())) return;
    this.timeframe.value = timeframes[0]?.slot ?? -1;
  }

  #overlay(record: IndicatorRecord, closedMillis: number): void {
    if (record.timeframe !== this.timeframe.peek()) return;
    const overlay = this.overlays.find(({ info }) => info.slot === record.slot);
    if (overlay !== undefined && overlayPush(overlay, record, closedMillis)) this.mark("chart");
  }

  #noteSimulated(): void {
    const simulated = this.market.simulated || this.engine.peek()?.simulated === true;
    if (simulated && !this.simulated.peek()) this.simulated.value = true;
  }

  #flush(): void {
    const sections = [...this.#dirty];
    this.#dirty.clear();
    for (const section of sections) this.versions[section].value += 1;
  }
}
