// The records that configure an engine, and the same facts as reference data for its clients.
//
// Built in one place from the configuration, so that what the core was told and what a client is
// told cannot differ. A catalog is a list of records in the order in which they must be applied.
import {
  IndicatorKind,
  InstrumentKind,
  Kind,
  RECORD_BYTES_MAX,
  SpecFlag,
} from "../../asm/vocab.ts";
import { encode, type FieldsFor, type ReferenceData } from "../protocol.ts";
import { timeframeChoices } from "../timeframe.ts";

/** An indicator on every timeframe of every instrument. */
export interface IndicatorChoice {
  kind: IndicatorKind;
  label: string;
  period: number;
  period2?: number;
  period3?: number;
  factor?: number;
}

/** What every engine computes unless told otherwise. */
export const INDICATORS: readonly IndicatorChoice[] = [
  { kind: IndicatorKind.Ema, label: "EMA 20", period: 20 },
  { kind: IndicatorKind.Sma, label: "SMA 50", period: 50 },
  { kind: IndicatorKind.Rsi, label: "RSI 14", period: 14 },
  { kind: IndicatorKind.Macd, label: "MACD 12 26 9", period: 12, period2: 26, period3: 9 },
  { kind: IndicatorKind.Bollinger, label: "Bollinger 20 x2", period: 20, factor: 2 },
  { kind: IndicatorKind.Atr, label: "ATR 14", period: 14 },
  { kind: IndicatorKind.Vwap, label: "VWAP", period: 1 },
];

/** Smallest unit of every currency here: 10^-8, as venues count. */
export const MINOR_EXPONENT = -8;

/** Collects records and reference data. */
export class Catalog {
  readonly records: Uint8Array[] = [];
  readonly reference: ReferenceData = {
    instruments: [],
    currencies: [],
    timeframes: [],
    indicators: [],
    strategies: [],
  };
  /** Fields of the Indicator records, as strategies take over slots that exist. */
  readonly indicatorFields: FieldsFor<Kind.Indicator>[] = [];
  private readonly currencyIds = new Map<string, number>();

  /** Appends one configuration record. */
  add<K extends Kind>(kind: K, fields: FieldsFor<K>): void {
    const bytes = new Uint8Array(RECORD_BYTES_MAX);
    const length = encode(new DataView(bytes.buffer), 0, kind, fields);
    this.records.push(bytes.slice(0, length));
  }

  /** Id of a currency, configured at its first mention. */
  currency(code: string): number {
    const known = this.currencyIds.get(code);
    if (known !== undefined) return known;
    const id = this.currencyIds.size + 1;
    this.currencyWithId(id, code, MINOR_EXPONENT);
    return id;
  }

  /** Configures a currency under an id of the caller's. */
  currencyWithId(id: number, code: string, minorExponent: number): void {
    this.currencyIds.set(code, id);
    this.add(Kind.Currency, { id, minorExponent, code });
    this.reference.currencies.push({ id, code, minorExponent });
  }

  /** Appends an instrument from its InstrumentSpec fields. */
  instrument(fields: FieldsFor<Kind.InstrumentSpec>): void {
    this.add(Kind.InstrumentSpec, fields);
    this.reference.instruments.push({
      id: Number(fields.instrument),
      symbol: String(fields.symbol),
      kind: Number(fields.specKind),
      execution: Number(fields.execution),
      venue: Number(fields.venue ?? 0),
      base: Number(fields.base),
      quote: Number(fields.quote),
      settlement: Number(fields.settlement),
      tickMantissa: String(fields.tickMantissa),
      tickExponent: Number(fields.tickExponent),
      lotMantissa: String(fields.lotMantissa),
      lotExponent: Number(fields.lotExponent),
      simulated: (Number(fields.specFlags ?? 0) & SpecFlag.Simulated) !== 0,
      ...(isCash(fields) ? { cash: true } : {}),
    });
  }

  /** The same timeframes and indicators for every instrument: templates, sent before specs. */
  market(timeframes: readonly string[], indicators: readonly IndicatorChoice[]): void {
    for (const { text, ...fields } of timeframeChoices(timeframes)) {
      const { slot, type, periodMillis } = fields;
      this.add(Kind.Timeframe, fields);
      const info = { instrument: 0, slot, candleType: type, periodMillis, label: text };
      this.reference.timeframes.push(info);
      indicators.forEach((choice, index) => this.indicator(slot, index, choice));
    }
  }

  private indicator(timeframe: number, slot: number, choice: IndicatorChoice): void {
    const { kind, label, period, period2 = 0, period3 = 0, factor = 0 } = choice;
    const fields = { timeframe, slot, indicatorKind: kind, period, period2, period3, factor };
    this.add(Kind.Indicator, fields);
    this.indicatorFields.push(fields);
    this.reference.indicators.push({ instrument: 0, timeframe, slot, kind, label });
  }
}

/** As the core books it: spot, currency pairs and equities that are not on margin. */
function isCash({ specKind, specFlags }: FieldsFor<Kind.InstrumentSpec>): boolean {
  const kinds: number[] = [InstrumentKind.Spot, InstrumentKind.Fx, InstrumentKind.Equity];
  return kinds.includes(Number(specKind)) && (Number(specFlags ?? 0) & SpecFlag.Margin) === 0;
}
