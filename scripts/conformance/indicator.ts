// Indicator vectors: bars become trades, trades become candles, candles become IndicatorValue
// records; nothing of the core is called but its record interface.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import {
  CandleType,
  Execution,
  Flag,
  IndicatorKind,
  InstrumentKind,
  InstrumentPhase,
  Kind,
  Role,
  Side,
} from "../../asm/vocab.ts";
import type { RecordFields } from "../../src/protocol.ts";
import { failed, type Outcome, passed, unsupported } from "../../src/cases/outcome.ts";
import { RecordCore } from "../../src/core/record-core.ts";

/** Prices of the sources have up to four decimals. */
const TICKS = 10_000;
const INSTRUMENT = 1;
const PERIOD_MILLIS = 1000;
const PERIOD_NANOS = 1_000_000_000n;
/** 2024-01-01T00:00:00Z: a day's start, so that a session's average begins with the series. */
const START_NANOS = 1_704_067_200_000_000_000n;

interface Bar {
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

type Options = Record<string, number>;

/** One record of a vector file, as far as it is read here. */
export interface IndicatorVector {
  lib?: string;
  fn: string;
  options: Options;
  begIdx: number;
  inputs?: Record<string, number[]>;
  /** One of these three, by file. */
  values?: Record<string, (number | null)[]>;
  outputs?: Record<string, number[]>;
  points?: [string, number, number][];
}

export interface IndicatorFile {
  inputs: { series?: string } | string;
  tolerance: { abs?: number; rel?: number };
  expected: IndicatorVector[];
}

interface Settings {
  /** Of the Indicator record. */
  fields: RecordFields & { indicatorKind: IndicatorKind };
  /** Names of the lines in the order of value1 to value3. */
  lines: string[];
}

/** Settings of a vector's function; a text says why there are none. */
function settingsOf({ fn, options, lib = "" }: IndicatorVector): Settings | string {
  const { Sma, Ema, Rsi, Macd, Bollinger, Atr, Vwap } = IndicatorKind;
  if (lib.startsWith("technicalindicators")) return "another convention (technicalindicators)";
  const period = options["timePeriod"] ?? options["period"] ?? 0;
  switch (fn) {
    case "SMA":
    case "sma":
      return { fields: { indicatorKind: Sma, period }, lines: [] };
    case "EMA":
      return { fields: { indicatorKind: Ema, period }, lines: [] };
    case "RSI":
    case "rsi":
      return { fields: { indicatorKind: Rsi, period }, lines: [] };
    case "ATR":
      return { fields: { indicatorKind: Atr, period }, lines: [] };
    case "MACD":
      return {
        fields: {
          indicatorKind: Macd,
          period: options["fastPeriod"] ?? 0,
          period2: options["slowPeriod"] ?? 0,
          period3: options["signalPeriod"] ?? 0,
        },
        lines: ["MACD", "MACDSignal", "MACDHist"],
      };
    case "bbands": {
      const lines = ["bbands_middle", "bbands_upper", "bbands_lower"];
      const factor = options["stddev"] ?? 2;
      return { fields: { indicatorKind: Bollinger, period, factor }, lines };
    }
    case "VWAP":
      return { fields: { indicatorKind: Vwap, indicatorFlags: 1 }, lines: [] };
    case "ema":
    case "macd":
    case "atr":
      return "another convention (seeded with the first value)";
    default:
      return "indicator not computed yet";
  }
}

/** Runs every record of an indicator file. */
export function runIndicators(path: string, file: IndicatorFile): Outcome[] {
  const shared =
    typeof file.inputs === "object" && file.inputs.series !== undefined
      ? seriesOf(join(dirname(path), file.inputs.series))
      : undefined;
  return file.expected.map((vector, at) => {
    const id = `${at} ${vector.lib ?? ""} ${vector.fn} ${JSON.stringify(vector.options)}`;
    const settings = settingsOf(vector);
    if (typeof settings === "string") return unsupported(id, settings);
    const bars = shared ?? barsOf(vector.inputs ?? {});
    if (bars === undefined) return unsupported(id, "no input series");
    const isWeighted = settings.fields.indicatorKind === IndicatorKind.Vwap;
    if (isWeighted && bars.some((bar) => bar.volume === 0)) {
      return unsupported(id, "a candle without volume is not made of trades");
    }
    return judge(id, vector, settings, valuesOf(settings, bars), file.tolerance);
  });
}

function seriesOf(path: string): Bar[] {
  const rows = readFileSync(path, "utf8").trim().split("\n").slice(1);
  return rows.map((row) => {
    const [, open, high, low, close, volume] = row.split(",").map(Number);
    return { open: open!, high: high!, low: low!, close: close!, volume: volume! };
  });
}

function barsOf(inputs: Record<string, number[]>): Bar[] | undefined {
  const closes = inputs["real"] ?? inputs["close"];
  return closes?.map((close, at) => ({
    open: inputs["open"]?.[at] ?? close,
    high: inputs["high"]?.[at] ?? close,
    low: inputs["low"]?.[at] ?? close,
    close,
    volume: inputs["volume"]?.[at] ?? 1,
  }));
}

/** The indicator's values by candle; undefined while it warms up. */
function valuesOf(settings: Settings, bars: readonly Bar[]): (number[] | undefined)[] {
  const core = new RecordCore(Role.Market);
  core.send(Kind.Timeframe, { slot: 0, type: CandleType.Time, periodMillis: PERIOD_MILLIS });
  core.send(Kind.Indicator, { timeframe: 0, slot: 0, ...settings.fields });
  core.send(Kind.InstrumentSpec, VECTOR_SPEC);
  const unit = settings.fields.indicatorKind === IndicatorKind.Rsi ? 1 : TICKS;
  const values: (number[] | undefined)[] = [];
  const take = (bar: number, price: number, qtyLots: number, part: number): void => {
    const tsEngineNanos = START_NANOS + BigInt(bar) * PERIOD_NANOS + BigInt(part) * 1000n;
    const priceTicks = Math.round(price * TICKS);
    const trade = { instrument: INSTRUMENT, priceTicks, qtyLots, aggressor: Side.Buy };
    for (const answer of core.send(Kind.Trade, { ...trade, tsEngineNanos, flags: Flag.Timed })) {
      if (answer.kind !== Kind.IndicatorValue) continue;
      const { value1, value2, value3 } = answer as unknown as Record<string, number>;
      values.push(
        answer["warm"] === 1 ? [value1! / unit, value2! / unit, value3! / unit] : undefined,
      );
    }
  };
  bars.forEach(({ open, high, low, close, volume }, bar) => {
    // The same quantity four times: sums and averages over the candle keep their proportions.
    const qtyLots = Math.max(1, Math.round(volume));
    [open, high, low, close].forEach((price, part) => take(bar, price, qtyLots, part));
  });
  const last = bars[bars.length - 1];
  if (last !== undefined) take(bars.length, last.close, 1, 0);
  return values;
}

/** The instrument all series are traded as. */
export const VECTOR_SPEC = {
  instrument: INSTRUMENT,
  version: 1,
  specKind: InstrumentKind.Spot,
  execution: Execution.Paper,
  base: 1,
  quote: 1,
  settlement: 1,
  tickMantissa: 1,
  tickExponent: -4,
  lotMantissa: 1,
  lotExponent: 0,
  multiplierNum: 1,
  multiplierDen: 1,
  phase: InstrumentPhase.Continuous,
  symbol: "VECTOR",
};

function judge(
  id: string,
  vector: IndicatorVector,
  settings: Settings,
  values: readonly (number[] | undefined)[],
  tolerance: { abs?: number; rel?: number },
): Outcome {
  const { abs = 0, rel = 0 } = tolerance;
  const begIdx = values.findIndex((row) => row !== undefined);
  if (begIdx !== vector.begIdx) return failed(id, { begIdx: vector.begIdx }, { begIdx });
  for (const [name, index, value] of pointsOf(vector)) {
    const line = Math.max(0, settings.lines.indexOf(name));
    const candle = vector.begIdx + index;
    const actual = values[candle]?.[line];
    const isNear = actual !== undefined && Math.abs(actual - value) <= abs + rel * Math.abs(value);
    if (!isNear)
      return failed(id, { line: name, candle, value }, { line: name, candle, value: actual });
  }
  return passed(id);
}

/** Every number a vector names: line, candles since begIdx, value. */
function pointsOf({ values, outputs, points }: IndicatorVector): [string, number, number][] {
  if (points !== undefined) return points;
  return Object.entries(values ?? outputs ?? {}).flatMap(([name, line]) =>
    line.flatMap((value, at): [string, number, number][] =>
      value === null ? [] : [[name, at, value]],
    ),
  );
}
