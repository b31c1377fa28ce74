// The present state of the market as the gateway has seen it: what a snapshot is made of.
//
// Last top of book and trade, last value of each indicator, and the last closed candles of each
// timeframe, as the bytes the core wrote. All of it is bounded and can be rebuilt, so nobody asks
// the core for it.
//
// tidy: tested by test/src/gateway/server.test.ts
import { CELL_BYTES, CELL_SHIFT, Kind, VALUE_SLOT, VALUE_TIMEFRAME } from "../../asm/vocab.ts";
import { CANDLE_CELLS, CANDLE_TIMEFRAME } from "../../asm/vocab.ts";
import type { MarketStream } from "./market.ts";
import { Want } from "./market.ts";

/** Closed candles kept per instrument and timeframe. */
export const HISTORY_CANDLES = 600;
const CANDLE_BYTES = CANDLE_CELLS * CELL_BYTES;
const TIMEFRAMES_MAX = 32;
const INDICATORS_MAX = 256;

/** Closed candles of one instrument and timeframe, oldest overwritten. */
class CandleHistory {
  private readonly u8: Uint8Array;
  private readonly candlesMax: number;
  private written = 0;

  constructor(candlesMax: number) {
    this.candlesMax = candlesMax;
    this.u8 = new Uint8Array(candlesMax * CANDLE_BYTES);
  }

  push(source: Uint8Array, from: number): void {
    copyBytes(source, from, this.u8, (this.written % this.candlesMax) * CANDLE_BYTES, CANDLE_BYTES);
    this.written += 1;
  }

  /** The last `count` candles, oldest first. */
  last(count: number): Uint8Array {
    const held = Math.min(count, this.written, this.candlesMax);
    const result = new Uint8Array(held * CANDLE_BYTES);
    for (let index = 0; index < held; index += 1) {
      const from = ((this.written - held + index) % this.candlesMax) * CANDLE_BYTES;
      result.set(this.u8.subarray(from, from + CANDLE_BYTES), index * CANDLE_BYTES);
    }
    return result;
  }
}

/** What is known of one instrument. */
class InstrumentMemory {
  top: Uint8Array | undefined;
  trade: Uint8Array | undefined;
  readonly candles: (CandleHistory | undefined)[] = [];
  readonly values = new Map<number, Uint8Array>();
}

/** All instruments that have shown a sign of life. */
export class MarketMemory {
  private readonly instruments = new Map<number, InstrumentMemory>();
  private readonly historyCandles: number;

  constructor(historyCandles = HISTORY_CANDLES) {
    this.historyCandles = historyCandles;
  }

  /** Keeps a record of the market role. Allocates only the first time a slot is seen. */
  keep(u8: Uint8Array, at: number, kind: number, instrument: number, cells: number): void {
    let memory = this.instruments.get(instrument);
    if (memory === undefined) {
      memory = new InstrumentMemory();
      this.instruments.set(instrument, memory);
    }
    const bytes = cells << CELL_SHIFT;
    if (kind === Kind.TopOfBook) {
      memory.top ??= new Uint8Array(bytes);
      copyBytes(u8, at, memory.top, 0, bytes);
    } else if (kind === Kind.TradePrint) {
      memory.trade ??= new Uint8Array(bytes);
      copyBytes(u8, at, memory.trade, 0, bytes);
    } else if (kind === Kind.CandleClosed) {
      const timeframe = u8[at + CANDLE_TIMEFRAME] ?? 0;
      if (timeframe >= TIMEFRAMES_MAX) return;
      const history = (memory.candles[timeframe] ??= new CandleHistory(this.historyCandles));
      history.push(u8, at);
    } else if (kind === Kind.IndicatorValue) {
      const slot = ((u8[at + VALUE_TIMEFRAME] ?? 0) << 8) | (u8[at + VALUE_SLOT] ?? 0);
      let value = memory.values.get(slot);
      if (value === undefined) {
        if (memory.values.size >= INDICATORS_MAX) return;
        value = new Uint8Array(bytes);
        memory.values.set(slot, value);
      }
      copyBytes(u8, at, value, 0, bytes);
    }
  }

  /** The last closed candles of a slot as records, oldest first; empty when there are none. */
  candles(instrument: number, timeframe: number, count: number): Uint8Array {
    const history = this.instruments.get(instrument)?.candles[timeframe];
    return history?.last(count) ?? new Uint8Array(0);
  }

  /**
   * Records that make the present state for a subscription, in pieces of whole records: candles
   * (`candlesEach` a timeframe), indicator values, top of book, last trade.
   */
  snapshot(stream: MarketStream, candlesEach: number): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    if (stream.instrument !== 0) {
      this.pieces(stream, stream.instrument, candlesEach, pieces);
    } else {
      // Everything of every instrument would be megabytes: each one's last candle is the state.
      for (const id of this.instruments.keys()) this.pieces(stream, id, 1, pieces);
    }
    return pieces;
  }

  private pieces(
    stream: MarketStream,
    instrument: number,
    candlesEach: number,
    pieces: Uint8Array[],
  ): void {
    const memory = this.instruments.get(instrument);
    if (memory === undefined) return;
    memory.candles.forEach((history, timeframe) => {
      if (history === undefined || !stream.takes(Want.Candles, timeframe)) return;
      const bytes = history.last(candlesEach);
      for (let at = 0; at < bytes.length; at += CANDLE_BYTES) {
        pieces.push(bytes.subarray(at, at + CANDLE_BYTES));
      }
    });
    if (stream.takes(Want.Indicators, 0)) pieces.push(...memory.values.values());
    if (!stream.takes(Want.Ticks, 0)) return;
    if (memory.trade !== undefined) pieces.push(memory.trade);
    if (memory.top !== undefined) pieces.push(memory.top);
  }
}

function copyBytes(
  source: Uint8Array,
  from: number,
  target: Uint8Array,
  to: number,
  bytes: number,
): void {
  for (let index = 0; index < bytes; index += 1) target[to + index] = source[from + index] ?? 0;
}
