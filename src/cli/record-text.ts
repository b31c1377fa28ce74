// Records as lines: field names of protocol.ts, prices and quantities as the instrument shows them.
//
// A field loses the unit in its name when it is printed in the instrument's or currency's own; what
// cannot be converted stays an integer under its full name. Fields that are zero are left out.
//
// tidy: tested by test/src/cli/journal-command.test.ts
import {
  CancelReason,
  Execution,
  InstrumentKind,
  Kind,
  Liquidity,
  OrderState,
  OrderType,
  Refusal,
  Role,
  Scope,
  Side,
  TimeInForce,
} from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import { formatNanos } from "../journal/stat.ts";
import { decode, isRecord, kindName } from "../protocol.ts";
import type {
  CurrencyRecord,
  DecodedRecord,
  FieldValue,
  Level,
  RecordHeader,
  SpecRecord,
} from "../protocol.ts";
import { formatSteps } from "../units.ts";

const HEADER = new Set(["kind", "name", "flags", "instrument", "sequence", "tsEngineNanos"]);

/** Fields that are numbers of an enumeration, whatever the kind. */
const WORDS: Record<string, Record<number, string>> = {
  side: Side,
  aggressor: Side,
  type: OrderType,
  tif: TimeInForce,
  scope: Scope,
  liquidity: Liquidity,
  specKind: InstrumentKind,
  execution: Execution,
  configKind: Kind,
  role: Role,
};

/** Ends of names that say a price, a quantity, money. */
const UNIT = /(Ticks|Lots|Minor)(Max|Min)?$/;

/** Prints records; specs and currencies are learned from the records it is shown. */
export class RecordText {
  readonly specs = new Map<number, SpecRecord>();
  readonly currencies = new Map<number, CurrencyRecord>();

  /** Takes note of a spec or a currency. */
  learn(record: RecordHeader): void {
    if (isRecord(record, Kind.InstrumentSpec)) this.specs.set(record.instrument, record);
    else if (isRecord(record, Kind.Currency)) this.currencies.set(record.id, record);
  }

  units(instrument: number): Units {
    return new Units(this.specs.get(instrument));
  }

  /** Name of an instrument; its number when no spec is known, "" for none. */
  symbol(instrument: number): string {
    if (instrument === 0) return "";
    return this.specs.get(instrument)?.symbol ?? `instrument ${instrument}`;
  }

  /** Minor units of a currency as money: "12.34 USD"; as they are when it is not known. */
  money(minor: number | bigint, currency: number): string {
    const known = this.currencies.get(currency);
    if (known === undefined) return `${minor} minor`;
    return `${formatSteps(minor, 1n, known.minorExponent)} ${known.code}`;
  }

  /** "#12  2026-..Z  Trade  TEST-1  price=100.25 qty=3". */
  line(record: DecodedRecord): string {
    const { sequence, tsEngineNanos, name, instrument } = record;
    const head = `#${sequence}  ${formatNanos(String(tsEngineNanos))}  ${name}`;
    const symbol = this.symbol(instrument);
    const fields = this.fields(record).join(" ");
    return [head, symbol, fields].filter((part) => part !== "").join("  ");
  }

  /** Every field that is not zero, as "name=value". */
  fields(record: RecordHeader): string[] {
    const said: string[] = [];
    for (const [name, value] of Object.entries(record as DecodedRecord)) {
      if (HEADER.has(name) || isZero(value)) continue;
      said.push(this.field(record as DecodedRecord, name, value));
    }
    return said;
  }

  private field(record: DecodedRecord, name: string, value: FieldValue): string {
    if (Array.isArray(value)) return `${name}=${this.list(record, value)}`;
    if (typeof value === "string") return `${name}=${value}`;
    const word = wordOf(record, name, Number(value));
    if (word !== undefined) return `${name}=${word}`;
    if (typeof value === "bigint" && name.endsWith("Nanos")) {
      return `${name.slice(0, -5)}=${formatNanos(String(value))}`;
    }
    const unit = UNIT.exec(name);
    const text = unit === null ? undefined : this.inUnits(record, name, unit[1] ?? "", value);
    return text === undefined ? `${name}=${value}` : `${name.replace(UNIT, "$2")}=${text}`;
  }

  private inUnits(
    record: DecodedRecord,
    name: string,
    unit: string,
    value: number | bigint,
  ): string | undefined {
    const spec = this.specs.get(record.instrument);
    if (unit === "Minor") {
      const currency = currencyOf(record, name, spec);
      return this.currencies.has(currency) ? this.money(value, currency) : undefined;
    }
    if (spec === undefined || record.kind === (Kind.InstrumentSpec as number)) return undefined;
    const units = new Units(spec);
    return unit === "Ticks" ? units.price(Number(value)) : units.qty(Number(value));
  }

  private list(record: DecodedRecord, value: readonly Level[] | readonly number[]): string {
    const units = this.units(record.instrument);
    const parts = value.map((one) =>
      typeof one === "number"
        ? String(one)
        : `${units.qty(one.qtyLots)}@${units.price(one.priceTicks)}`,
    );
    return `[${parts.join(" ")}]`;
  }
}

/** The record at `at`; only its header when a value does not fit, which nobody should hide. */
export function decodeAny(view: DataView, at: number): DecodedRecord {
  try {
    return decode(view, at);
  } catch (error) {
    if (!(error instanceof AlphaError)) throw error;
    const kind = view.getUint16(at, true);
    return {
      ...{ kind, name: kindName(kind), flags: view.getUint16(at + 2, true) },
      instrument: view.getUint32(at + 4, true),
      sequence: view.getBigUint64(at + 8, true),
      tsEngineNanos: view.getBigInt64(at + 16, true),
      cause: view.getBigUint64(at + 24, true),
      unreadable: error.message,
    };
  }
}

/** JSON of anything decoded; 64-bit values are decimal text. */
export function toJson(value: unknown, indent?: number): string {
  const plain = (_name: string, one: unknown): unknown =>
    typeof one === "bigint" ? String(one) : one;
  return JSON.stringify(value, plain, indent);
}

function isZero(value: FieldValue): boolean {
  return Array.isArray(value) ? value.length === 0 : value === 0 || value === 0n || value === "";
}

function currencyOf(record: DecodedRecord, name: string, spec: SpecRecord | undefined): number {
  const isFee = name.startsWith("fee") && Number(record["feeCurrency"] ?? 0) !== 0;
  const own = isFee ? record["feeCurrency"] : (record["currency"] ?? record["settlement"]);
  return Number(own ?? spec?.settlement ?? 0);
}

function wordOf(record: DecodedRecord, name: string, value: number): string | undefined {
  const { kind } = record;
  if (name === "reason") {
    const isCancel =
      kind === (Kind.OrderCanceled as number) || kind === (Kind.VenueCanceled as number);
    const words: Record<number, string> = isCancel ? CancelReason : Refusal;
    return words[value];
  }
  // Order events and fills; elsewhere a state is a switch, a phase, a link.
  if (name === "state")
    return kind >> 8 === 0x06 && "orderId" in record ? OrderState[value] : undefined;
  return WORDS[name]?.[value];
}

/** Ticks and lots as decimals; as they are when the journal has no spec. */
export class Units {
  private readonly spec: SpecRecord | undefined;

  constructor(spec: SpecRecord | undefined) {
    this.spec = spec;
  }

  price(ticks: number): string {
    const { spec } = this;
    if (spec === undefined) return `${ticks} ticks`;
    return formatSteps(ticks, BigInt(spec.tickMantissa), spec.tickExponent);
  }

  qty(lots: number): string {
    const { spec } = this;
    if (spec === undefined) return `${lots} lots`;
    return formatSteps(lots, BigInt(spec.lotMantissa), spec.lotExponent);
  }

  /** Words with the instrument's name in front. */
  say(words: string): string {
    return this.spec === undefined ? words : `${this.spec.symbol} ${words}`;
  }
}
