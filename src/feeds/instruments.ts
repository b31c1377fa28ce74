// What the instruments of a capture are: a table of well-known ones, a rule for the rest.
//
// A recorded file names its instruments and says nothing of their steps. The table holds what the
// venue published for the captures we know; for others the steps are the decimals the file writes,
// the finest that can occur, and the instrument is marked as inferred so that it can be printed.
import { BookRule, Execution, InstrumentKind, InstrumentPhase, SpecFlag } from "../../asm/vocab.ts";
import type { FeedInstrument } from "../normalize/instrument-map.ts";

/** Venue ids of SPEC_VENUE and of every market record. */
export enum Venue {
  None = 0,
  BinanceSpot = 1,
  BinanceUsdm = 2,
  BinanceCoinm = 3,
  /** A file of trades that names no venue. */
  File = 4,
}

/** An instrument with all that its InstrumentSpec record needs. */
export interface InstrumentInfo extends FeedInstrument {
  kind: InstrumentKind;
  base: string;
  quote: string;
  settlement: string;
  bookRule: BookRule;
  /** Quote units (inverse: of the quote currency) one lot unit stands for. */
  multiplier: number;
  /** Smallest order. */
  qtyMinLots: number;
  /** Steps come from the file's decimals, not from the venue. */
  isInferred: boolean;
}

type Known = Omit<InstrumentInfo, "id" | "isInferred">;

// Binance exchangeInfo of August 2024, checked against the captures of that day in the tests. Spot
// takes orders in steps of 0.00001 BTC, yet its book shows levels of finer quantities (3 updates in
// 5 minutes), so the lot is the eighth decimal it writes and the order step is the minimum.
const KNOWN: Known[] = [
  {
    ...{ venue: Venue.BinanceSpot, name: "BTCUSDT", kind: InstrumentKind.Spot },
    ...{ base: "BTC", quote: "USDT", settlement: "USDT", bookRule: BookRule.FirstIsNext },
    ...{ tickMantissa: 1n, tickExponent: -2, lotMantissa: 1n, lotExponent: -8, multiplier: 1 },
    qtyMinLots: 1000,
  },
  {
    ...{ venue: Venue.BinanceUsdm, name: "BTCUSDT", kind: InstrumentKind.LinearPerpetual },
    ...{ base: "BTC", quote: "USDT", settlement: "USDT", bookRule: BookRule.PrevIsLast },
    ...{ tickMantissa: 1n, tickExponent: -1, lotMantissa: 1n, lotExponent: -3, multiplier: 1 },
    qtyMinLots: 1,
  },
  {
    ...{ venue: Venue.BinanceCoinm, name: "BTCUSD_PERP", kind: InstrumentKind.InversePerpetual },
    ...{ base: "BTC", quote: "USD", settlement: "BTC", bookRule: BookRule.PrevIsLast },
    ...{ tickMantissa: 1n, tickExponent: -1, lotMantissa: 1n, lotExponent: 0, multiplier: 100 },
    qtyMinLots: 1,
  },
];

/** Most decimals a step may have; the core's own limit. */
const DECIMALS_MAX = 18;

/** Quote currencies by which a joined name ("ETHBTC") is split. */
const QUOTES = ["USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USD", "EUR", "BTC", "ETH", "BNB"];

/** The venue's own figures for an instrument, undefined when the table has none. */
export function knownInstrument(
  venue: number,
  name: string,
  id: number,
): InstrumentInfo | undefined {
  const known = KNOWN.find((one) => one.venue === venue && one.name === name.toUpperCase());
  return known === undefined ? undefined : { ...known, id, isInferred: false };
}

/**
 * An instrument whose steps are the decimals a file writes: `priceDecimals` 2 gives a tick of 0.01.
 */
export function inferredInstrument(
  venue: number,
  name: string,
  id: number,
  priceDecimals: number,
  qtyDecimals: number,
): InstrumentInfo {
  const { base, quote } = splitName(name);
  const isSpot = venue === Venue.BinanceSpot || venue === Venue.File;
  const isInverse = venue === Venue.BinanceCoinm;
  const kind = isSpot ? InstrumentKind.Spot : InstrumentKind.LinearPerpetual;
  return {
    ...{ id, venue, name, base, quote, isInferred: true, multiplier: 1, qtyMinLots: 1 },
    kind: isInverse ? InstrumentKind.InversePerpetual : kind,
    settlement: isInverse ? base : quote,
    bookRule: isSpot ? BookRule.FirstIsNext : BookRule.PrevIsLast,
    tickMantissa: 1n,
    tickExponent: -Math.min(priceDecimals, DECIMALS_MAX) || 0,
    lotMantissa: 1n,
    lotExponent: -Math.min(qtyDecimals, DECIMALS_MAX) || 0,
  };
}

/** Base and quote of a venue's joined name; a name without a known quote is priced in USD. */
export function splitName(name: string): { base: string; quote: string } {
  const plain = (name.toUpperCase().split("_")[0] ?? name).replace(/[^A-Z0-9]/g, "");
  const quote = QUOTES.find((one) => plain.length > one.length && plain.endsWith(one));
  if (quote === undefined) return { base: plain.slice(0, 16) || "UNIT", quote: "USD" };
  return { base: plain.slice(0, -quote.length).slice(0, 16), quote };
}

/**
 * Fields of the instrument's InstrumentSpec record for `encode`. `currencyId` gives the id a
 * currency code was configured under.
 */
export function specFields(
  info: InstrumentInfo,
  currencyId: (code: string) => number,
  execution: Execution = Execution.Paper,
) {
  return {
    instrument: info.id,
    version: 1,
    specKind: info.kind,
    execution,
    venue: info.venue,
    base: currencyId(info.base),
    quote: currencyId(info.quote),
    settlement: currencyId(info.settlement),
    bookRule: info.bookRule,
    phase: InstrumentPhase.Continuous,
    tickMantissa: info.tickMantissa,
    tickExponent: info.tickExponent,
    lotMantissa: info.lotMantissa,
    lotExponent: info.lotExponent,
    bookLevels: 1024,
    multiplierNum: info.multiplier,
    multiplierDen: 1,
    qtyMinLots: info.qtyMinLots,
    symbol: info.name,
    // Strategies of the demo go short: spot is booked as a position, not as balances.
    specFlags: info.kind === InstrumentKind.Spot ? SpecFlag.Margin : 0,
  };
}

/** Currency codes the instruments need, each once, in order of first use. */
export function currenciesOf(infos: readonly InstrumentInfo[]): string[] {
  return [...new Set(infos.flatMap((one) => [one.base, one.quote, one.settlement]))];
}
