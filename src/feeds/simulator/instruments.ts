// The simulated instruments: what they are called, what a tick and a lot are, how they behave.
//
// One table serves both sides: the simulator's private core, where orders of the agents meet
// (execution Internal), and the engine, which trades them on paper. Every symbol and currency code
// starts with SIM-, so that no screen, file or log can take it for a market that exists.
import {
  Execution,
  InstrumentKind,
  InstrumentPhase,
  MarkSource,
  SpecFlag,
} from "../../../asm/vocab.ts";
import type { Kind } from "../../../asm/vocab.ts";
import { AlphaError } from "../../errors.ts";
import type { FieldsOf } from "../../protocol.ts";

/** Venue number in simulated specs, trades and quotes. */
export const SIMULATOR_VENUE = 900;
/** Settlement money of all simulated instruments, counted in millionths. */
export const SIMULATOR_QUOTE_CODE = "SIM-USD";
const QUOTE_MINOR_EXPONENT = -6;
const BASE_MINOR_EXPONENT = -8;
/** Currency ids from here: first SIM-USD, then one per instrument. Below 1024 with all of them. */
export const SIMULATOR_CURRENCY_FIRST = 800;
/** Window of the private book; covers some per cent of every price here. */
const LADDER_TICKS = 4096;
const MARK_STALE_MILLIS = 10_000;

/** One simulated instrument. */
export interface SimulatedInstrument {
  /** Text form, starts with SIM-. */
  symbol: string;
  /** Price step: mantissa x 10^exponent of SIM-USD. */
  tickMantissa: number;
  tickExponent: number;
  /** Quantity step: 10^exponent. */
  lotExponent: number;
  /** Price at the start when nobody gives another. */
  startTicks: number;
  /** Standard deviation of the fundamental value over one second, in basis points. */
  volatilityBps: number;
  /** Share of it that the market factor explains, as a correlation in [0, 1). */
  marketCorrelation: number;
  /** Multiplies all arrival rates; 1 is some 30 public records a second. */
  activity: number;
  /** Median size of a taker's order. */
  medianLots: number;
}

type Row = [string, [number, number], number, number, number, number, number, number];

// symbol, tick, lot exponent, start, volatility, correlation, activity, median notional in SIM-USD.
// Ticks are 0.1 to 2.5 bps of the price: large-tick and small-tick books, as on real venues.
const ROWS: readonly Row[] = [
  ["SIM-BTC", [5, -1], -4, 64_250, 1.2, 0.85, 1.5, 1500],
  ["SIM-ETH", [5, -2], -3, 3_150, 1.4, 0.85, 1.4, 1200],
  ["SIM-SOL", [1, -2], -2, 148.2, 1.9, 0.75, 1.3, 800],
  ["SIM-BNB", [5, -2], -3, 585.4, 1.3, 0.7, 1, 800],
  ["SIM-XRP", [1, -4], 0, 0.524, 1.8, 0.6, 1.2, 600],
  ["SIM-ADA", [1, -4], 0, 0.391, 1.9, 0.65, 1, 500],
  ["SIM-DOGE", [1, -5], 0, 0.1245, 2.2, 0.55, 1.2, 500],
  ["SIM-AVAX", [5, -3], -2, 27.4, 2.1, 0.65, 1, 500],
  ["SIM-LINK", [1, -3], -2, 13.85, 2, 0.65, 0.9, 500],
  ["SIM-DOT", [1, -3], -2, 6.12, 1.9, 0.65, 0.8, 400],
  ["SIM-LTC", [1, -2], -3, 72.4, 1.6, 0.6, 0.9, 600],
  ["SIM-BCH", [5, -2], -3, 348.5, 1.8, 0.55, 0.8, 600],
  ["SIM-UNI", [1, -3], -2, 8.24, 2.3, 0.6, 0.8, 400],
  ["SIM-ATOM", [1, -3], -2, 6.87, 2, 0.6, 0.7, 400],
  ["SIM-XLM", [1, -5], 0, 0.0983, 1.9, 0.5, 0.7, 300],
  ["SIM-NEAR", [1, -3], -2, 5.12, 2.4, 0.6, 0.8, 400],
  ["SIM-ETC", [5, -3], -2, 21.35, 2, 0.6, 0.7, 400],
  ["SIM-APT", [1, -3], -2, 7.42, 2.4, 0.55, 0.8, 400],
  ["SIM-ARB", [1, -4], -1, 0.748, 2.5, 0.6, 0.9, 400],
  ["SIM-FIL", [1, -3], -2, 4.215, 2.2, 0.55, 0.7, 300],
];

/** The default table, 20 instruments in this order. */
export const SIMULATED_INSTRUMENTS: readonly SimulatedInstrument[] = ROWS.map(instrumentOf);

function instrumentOf(row: Row): SimulatedInstrument {
  const [symbol, tick, lotExponent, start, volatilityBps, marketCorrelation, activity, usd] = row;
  const [tickMantissa, tickExponent] = tick;
  const startTicks = Math.round(start / (tickMantissa * 10 ** tickExponent));
  const medianLots = Math.max(1, Math.round(usd / start / 10 ** lotExponent));
  return {
    symbol,
    tickMantissa,
    tickExponent,
    lotExponent,
    startTicks,
    volatilityBps,
    marketCorrelation,
    activity,
    medianLots,
  };
}

/** Fields for `encode(view, at, Kind.InstrumentSpec, ...)`; the id is in `instrument`. */
export type SpecFields = FieldsOf<Kind.InstrumentSpec>;
/** Fields for `encode(view, at, Kind.Currency, ...)`. */
export type CurrencyFields = FieldsOf<Kind.Currency>;

/** Where simulated things lie among the engine's ids. */
export interface SimulatedIds {
  /** Id of the first instrument; the others follow in the table's order. Default 1. */
  instrumentFirst?: number;
  /** Default SIMULATOR_CURRENCY_FIRST. */
  currencyFirst?: number;
}

/** Currency records that the specs need: SIM-USD, then each instrument's base. */
export function simulatedCurrencies(
  instruments: readonly SimulatedInstrument[] = SIMULATED_INSTRUMENTS,
  ids: SimulatedIds = {},
): CurrencyFields[] {
  const first = ids.currencyFirst ?? SIMULATOR_CURRENCY_FIRST;
  const quote = { id: first, minorExponent: QUOTE_MINOR_EXPONENT, code: SIMULATOR_QUOTE_CODE };
  return [
    quote,
    ...instruments.map((instrument, index) => ({
      id: first + 1 + index,
      minorExponent: BASE_MINOR_EXPONENT,
      code: instrument.symbol,
    })),
  ];
}

/**
 * InstrumentSpec records: `Execution.Internal` for the private core, `Execution.Paper` or
 * `Execution.Routed` for the engine. SPEC_REFERENCE_TICKS is the start price. Throws
 * SIMULATOR_SYMBOL for a name that does not say what it is.
 */
export function simulatedSpecs(
  execution: Execution.Internal | Execution.Paper | Execution.Routed,
  instruments: readonly SimulatedInstrument[] = SIMULATED_INSTRUMENTS,
  ids: SimulatedIds = {},
): SpecFields[] {
  const quote = ids.currencyFirst ?? SIMULATOR_CURRENCY_FIRST;
  return instruments.map((instrument, index) => {
    if (!instrument.symbol.startsWith("SIM-")) {
      const what = `simulated instrument "${instrument.symbol}"`;
      throw new AlphaError("SIMULATOR_SYMBOL", what, "its symbol must start with SIM-");
    }
    return {
      instrument: (ids.instrumentFirst ?? 1) + index,
      version: 1,
      specKind: InstrumentKind.Spot,
      execution,
      venue: SIMULATOR_VENUE,
      base: quote + 1 + index,
      quote,
      settlement: quote,
      phase: InstrumentPhase.Continuous,
      tickMantissa: instrument.tickMantissa,
      tickExponent: instrument.tickExponent,
      lotExponent: instrument.lotExponent,
      lotMantissa: 1,
      markSource: MarkSource.Mid,
      ladderTicks: execution === Execution.Internal ? LADDER_TICKS : 0,
      multiplierNum: 1,
      multiplierDen: 1,
      qtyMinLots: 1,
      priceMinTicks: 1,
      staleMillis: MARK_STALE_MILLIS,
      symbol: instrument.symbol,
      specFlags: SpecFlag.Simulated | SpecFlag.Margin,
      referenceTicks: instrument.startTicks,
    };
  });
}

/** The same table with other start prices: `{"SIM-BTC": 128_500}`; unknown symbols are ignored. */
export function withStartPrices(
  instruments: readonly SimulatedInstrument[],
  startTicks: Readonly<Record<string, number>>,
): SimulatedInstrument[] {
  return instruments.map((instrument) => {
    const ticks = startTicks[instrument.symbol];
    if (ticks === undefined) return instrument;
    if (!Number.isSafeInteger(ticks) || ticks <= 0) {
      const what = `start price of ${instrument.symbol} is ${ticks} ticks`;
      throw new AlphaError("SIMULATOR_START", what, "give a whole number of ticks above 0");
    }
    return { ...instrument, startTicks: ticks };
  });
}
