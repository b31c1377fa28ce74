// Structure machines in a real memory, fed with closed candles and trades without candles' own
// work around them.
import {
  BLOCK_BODY,
  H_MARKET_ARENA,
  MARKET_INSTRUMENTS,
  MARKET_INSTRUMENT_BYTES,
  MARKET_SESSIONS,
  MI_STRUCTURE,
  MI_STRUCTURES,
  RING_OUT,
  SESSIONS_MAX,
} from "../../../asm/layout.ts";
import * as v from "../../../asm/vocab.ts";
import { encode } from "../../../src/protocol.ts";
import { Ring } from "../../../src/rings/ring.ts";
import { seeded } from "../../reference/random.ts";
import type { Candle, StructureSettings, Told } from "../../reference/structure.ts";
import { MarketCore, marketModule } from "../market-core.ts";

const INSTRUMENT = 1;
const AT = MARKET_INSTRUMENTS + INSTRUMENT * MARKET_INSTRUMENT_BYTES;
const RECORD = BLOCK_BODY + 1024;

export const MINUTE_NANOS = 60_000_000_000;

const core = new MarketCore(await marketModule());
core.spec(INSTRUMENT);
core.apply(v.Kind.Timeframe, { instrument: INSTRUMENT, slot: 0, periodMillis: 60_000 }, 0n);
const ARENA = core.view.getUint32(H_MARKET_ARENA, true);
const out = new Ring(core.view.buffer as unknown as SharedArrayBuffer, RING_OUT);

/** Fields of a StructureConfig record; what is left out is its default. */
export const DEFAULTS: StructureSettings = {
  ...{ flags: 0, families: v.StructureFamily.All, internal: 5, external: 50, sweep: 3 },
  ...{ gapTicks: 2, gapFactor: 0.1, bodyFactor: 1.5, poolFactor: 0.1, turnFactor: 1.5 },
};

/** The machine of one timeframe; making another one ends it. */
export class Machine {
  constructor(
    settings: StructureSettings,
    windows: readonly (readonly [from: number, to: number][])[] = [],
  ) {
    const { view } = core;
    core.u8.fill(0, MARKET_SESSIONS, MARKET_SESSIONS + SESSIONS_MAX * 32);
    windows.forEach((list, slot) => {
      for (const [from, to] of list) {
        const fields = { slot, openNanos: BigInt(from), closeNanos: BigInt(to) };
        encode(view, RECORD, v.Kind.SessionCalendar, fields);
        if (core.call("sessionRefusal", RECORD) !== 0) throw new Error("window refused");
        core.call("sessionSet", RECORD);
      }
    });
    view.setUint32(H_MARKET_ARENA, ARENA, true);
    for (let at = 0; at < 32; at += 4) view.setUint32(AT + MI_STRUCTURE + at, 0, true);
    view.setUint8(AT + MI_STRUCTURES, 0);
    encode(view, RECORD, v.Kind.StructureConfig, fieldsOf(settings));
    const refusal = core.call("structureRefusal", RECORD);
    if (refusal !== 0) throw new Error(`settings refused: ${refusal}`);
    if (core.call("structureAdd", AT, INSTRUMENT, RECORD) !== 0) throw new Error("arena full");
    this.take();
  }

  close(candle: Candle, endNanos: number): Told[] {
    this.closeOnly(candle, BigInt(endNanos));
    return this.take();
  }

  trade(nanos: number, price: number): Told[] {
    core.call("structuresTrade", AT, BigInt(nanos), BigInt(price));
    return this.take();
  }

  /** Feeds a whole series, then `rest`; the bytes of all its events. */
  run(series: readonly Step[], rest: readonly bigint[] = []): Buffer {
    const trade = core.exports["structuresTrade"] as unknown as TradeCall;
    for (const { traded, nanos, endNanos, prices } of series) {
      for (let i = 0; i < prices.length; i++) trade(AT, nanos + BigInt(i), prices[i]!);
      this.closeOnly(traded.candle, endNanos);
    }
    for (let i = 0; i < rest.length; i++)
      trade(AT, BigInt(series.length * MINUTE_NANOS + i), rest[i]!);
    const parts: Uint8Array[] = [];
    out.publish();
    for (let at = out.next(); at >= 0; at = out.next()) {
      const cells = out.cellsAt(at);
      // The number of a record is given later: until then old bytes lie in its place.
      parts.push(core.u8.slice(at, at + cells * 64).fill(0, v.REC_SEQUENCE, v.REC_TS_ENGINE));
      out.skip(cells);
    }
    out.release();
    return Buffer.concat(parts);
  }

  /** The patterns a candle completes. */
  patterns(candle: Candle, endNanos: number): { bull: number; bear: number } {
    this.closeOnly(candle, BigInt(endNanos));
    const found = { bull: 0, bear: 0 };
    out.publish();
    for (let at = out.next(); at >= 0; at = out.next()) {
      found.bull = core.view.getUint32(at + v.PATTERN_BULLISH, true);
      found.bear = core.view.getUint32(at + v.PATTERN_BEARISH, true);
      out.skip(out.cellsAt(at));
    }
    out.release();
    return found;
  }

  private closeOnly(candle: Candle, endNanos: bigint): void {
    const { view } = core;
    view.setUint8(RECORD + v.CANDLE_TIMEFRAME, 0);
    view.setBigInt64(RECORD + v.CANDLE_OPEN_NANOS, BigInt(candle.openNanos), true);
    view.setBigInt64(RECORD + v.CANDLE_OPEN_TICKS, BigInt(candle.open), true);
    view.setBigInt64(RECORD + v.CANDLE_HIGH_TICKS, BigInt(candle.high), true);
    view.setBigInt64(RECORD + v.CANDLE_LOW_TICKS, BigInt(candle.low), true);
    view.setBigInt64(RECORD + v.CANDLE_CLOSE_TICKS, BigInt(candle.close), true);
    view.setBigUint64(RECORD + v.CANDLE_INDEX, BigInt(candle.number), true);
    core.call("structureClose", AT, RECORD, endNanos);
  }

  /** The machine's bytes, to be compared. */
  state(): Buffer {
    const from = core.view.getUint32(H_MARKET_ARENA, true);
    return Buffer.from(core.u8.slice(from, ARENA));
  }

  private take(): Told[] {
    const told: Told[] = [];
    out.publish();
    for (let at = out.next(); at >= 0; at = out.next()) {
      if (core.view.getUint16(at, true) === (v.Kind.StructureEvent as number)) told.push(read(at));
      out.skip(out.cellsAt(at));
    }
    out.release();
    return told;
  }
}

function fieldsOf(settings: StructureSettings): Record<string, number> {
  const { flags, families, internal, external, sweep, gapTicks, gapFactor } = settings;
  const { bodyFactor, poolFactor, turnFactor } = settings;
  return {
    ...{ timeframe: 0, smcFlags: flags, families, internalCandles: internal },
    ...{ externalCandles: external, sweepCandles: sweep },
    gapTicks: gapTicks === 0 ? -1 : gapTicks,
    gapFactor: gapFactor === 0 ? -1 : gapFactor,
    ...{ bodyFactor, poolFactor, turnFactor },
  };
}

function read(at: number): Told {
  const { view } = core;
  const big = (offset: number): number => Number(view.getBigInt64(at + offset, true));
  return {
    kind: view.getUint8(at + v.STRUCTURE_KIND),
    state: view.getUint8(at + v.STRUCTURE_STATE),
    side: view.getUint8(at + v.STRUCTURE_SIDE),
    flags: view.getUint16(at + v.STRUCTURE_FLAGS, true),
    touches: view.getUint16(at + v.STRUCTURE_TOUCHES, true),
    id: view.getUint32(at + v.STRUCTURE_ID, true),
    parent: view.getUint32(at + v.STRUCTURE_PARENT, true),
    low: big(v.STRUCTURE_LOW_TICKS),
    high: big(v.STRUCTURE_HIGH_TICKS),
    originNanos: big(v.STRUCTURE_ORIGIN_NANOS),
    knownNanos: big(v.STRUCTURE_KNOWN_NANOS),
    originIndex: big(v.STRUCTURE_ORIGIN_INDEX),
    knownIndex: big(v.STRUCTURE_KNOWN_INDEX),
    fill: view.getFloat64(at + v.STRUCTURE_FILL, true),
    price: big(v.STRUCTURE_PRICE_TICKS),
  };
}

/** One candle with the prices that traded in it, in order. */
export interface Traded {
  candle: Candle;
  endNanos: number;
  prices: number[];
}

type TradeCall = (at: number, nanos: bigint, price: bigint) => void;

/** A candle with its numbers in the core's types, for runs of many series. */
export interface Step {
  traded: Traded;
  nanos: bigint;
  endNanos: bigint;
  prices: bigint[];
}

export const stepsOf = (series: readonly Traded[]): Step[] =>
  series.map((traded) => ({
    traded,
    nanos: BigInt(traded.candle.openNanos),
    endNanos: BigInt(traded.endNanos),
    prices: traded.prices.map(BigInt),
  }));

/**
 * Random candles of trades: quiet and wild stretches, flat ones, jumps; `scale` moves all prices,
 * to zero or to the largest ones.
 */
export function randomSeries(
  seed: number,
  count: number,
  scale = 10_000,
  periodNanos = MINUTE_NANOS,
): Traded[] {
  const random = seeded(seed);
  let price = scale;
  let step = 4;
  let drift = 0;
  return Array.from({ length: count }, (_, at) => {
    if (random() < 0.05) step = [0, 1, 4, 20, 200][Math.floor(random() * 5)]!;
    if (random() < 0.08) drift = (random() - 0.5) * step;
    if (random() < 0.03) price += Math.round((random() - 0.5) * 400);
    const prices = Array.from({ length: 1 + Math.floor(random() * 6) }, () => {
      price += Math.round((random() - 0.5) * 2 * step + drift);
      return price;
    });
    const [open, close] = [prices[0]!, prices.at(-1)];
    const [low, high] = [Math.min(...prices), Math.max(...prices)];
    const openNanos = at * periodNanos;
    const candle = { number: at + 1, open, high, low, close, openNanos };
    return { candle, endNanos: openNanos + periodNanos, prices };
  });
}
