// Numbers of an incident's records as text: prices and quantities by the instrument's steps, money
// by its currency, codes by their words.
//
// tidy: tested by test/src/dashboard/incident-names.test.ts
import {
  Algorithm,
  CancelReason,
  Kind,
  Liquidity,
  OrderState,
  OrderType,
  Refusal,
  Side,
  TimeInForce,
  TradingMode,
} from "../../asm/vocab.ts";
import type { DecodedRecord, SpecRecord } from "../protocol.ts";
import { kindName } from "../protocol.ts";
import { minorText, stepText, timeText, UNKNOWN_STEP, type Step } from "./format.ts";
import type { Opened } from "./incident-link.ts";

/** Steps of price and quantity. */
export interface Steps {
  symbol: string;
  price: Step;
  qty: Step;
  settlement: number;
}

/** The spec of an instrument, if the configuration has one. */
export function specOf(opened: Opened, instrument: number): SpecRecord | undefined {
  return opened.reference.specs.findLast((one) => one.instrument === instrument);
}

/** How an instrument's numbers are read. */
export function stepsOf(opened: Opened, instrument: number): Steps {
  const spec = specOf(opened, instrument);
  if (spec === undefined) {
    return { symbol: `#${instrument}`, price: UNKNOWN_STEP, qty: UNKNOWN_STEP, settlement: 0 };
  }
  return {
    symbol: spec.symbol,
    price: { mantissa: BigInt(spec.tickMantissa), exponent: spec.tickExponent },
    qty: { mantissa: BigInt(spec.lotMantissa), exponent: spec.lotExponent },
    settlement: spec.settlement,
  };
}

/** Money with its currency's decimals, at most two. */
export function moneyOf(opened: Opened, minor: number | bigint, currency: number): string {
  return minorText(minor, exponentOf(opened, currency), 2);
}

/** Decimal exponent of a currency's smallest unit. */
export function exponentOf(opened: Opened, currency: number): number {
  const found = opened.reference.currencies.findLast((one) => one.id === currency);
  return found?.minorExponent ?? 0;
}

/** Code of a currency. */
export function codeOf(opened: Opened, currency: number): string {
  return opened.reference.currencies.findLast((one) => one.id === currency)?.code ?? "";
}

/** Engine time of day with microseconds. */
export function timeOf(nanos: bigint): string {
  const millis = Number(nanos / 1_000_000n);
  const micros = String((nanos / 1000n) % 1_000_000n).padStart(6, "0");
  return `${timeText(millis)}.${micros}`;
}

/** Bytes in words. */
export function stepValueText(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Words of codes, by the field's name. */
const WORDS: Record<string, Record<number, string>> = {
  side: Side,
  aggressor: Side,
  type: OrderType,
  tif: TimeInForce,
  state: OrderState,
  liquidity: Liquidity,
  mode: TradingMode,
  algorithm: Algorithm,
};

/** A field as text: with a word or decimals where the number means one. */
export function fieldText(opened: Opened, record: DecodedRecord, name: string): string {
  const value = record[name];
  if (value === undefined) return "";
  if (typeof value === "object") return JSON.stringify(value);
  if (typeof value === "string") return value;
  const steps = stepsOf(opened, record.instrument);
  if (name.endsWith("Ticks")) return `${stepText(value, steps.price)} (${value})`;
  if (name.endsWith("Lots")) return `${stepText(value, steps.qty)} (${value})`;
  if (name.endsWith("Nanos") && value > 1_000_000_000_000_000n) return timeOf(BigInt(value));
  if (name === "kind" || name === "configKind") return kindName(Number(value));
  const word = wordOf(record.kind, name, Number(value));
  return word === undefined ? String(value) : `${word} (${value})`;
}

function wordOf(kind: number, name: string, value: number): string | undefined {
  if (name === "reason") {
    const words: Record<number, string> = kind === Kind.OrderCanceled ? CancelReason : Refusal;
    return words[value];
  }
  // Of trading states the number means what the record is about.
  if (name === "state" && (kind >> 8 !== 0x06 || kind === Kind.TradingStateChanged))
    return undefined;
  return WORDS[name]?.[value];
}

/** Fields of a record that say something: not its header, no zeros. */
export function tellingFields(record: DecodedRecord): string[] {
  const header = ["kind", "name", "flags", "sequence", "tsEngineNanos", "cause", "instrument"];
  return Object.keys(record).filter((name) => {
    const value = record[name];
    return !header.includes(name) && value !== 0 && value !== 0n && value !== "";
  });
}
