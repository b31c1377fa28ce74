// An instrument as strategies, backtests and reports see it: ids and steps with their texts.
//
// Built once from the InstrumentSpec record, so that strategy code never parses a price and never
// multiplies floats for money: a tick x lot is worth minorNum / minorDen settlement minor units.
import type { Kind } from "../../asm/vocab.ts";
import { InstrumentKind } from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import type { FieldsOf } from "../protocol.ts";
import { formatSteps } from "../units.ts";

/** Fields of an InstrumentSpec record, as `encode` takes them. */
export type SpecFields = FieldsOf<Kind.InstrumentSpec>;
/** Fields of a Currency record. */
export type CurrencyFields = FieldsOf<Kind.Currency>;

/** Reference data of one instrument; immutable. */
export interface StrategyInstrument {
  readonly id: number;
  readonly symbol: string;
  readonly kind: InstrumentKind;
  /** The tick as text: "0.01". */
  readonly tickText: string;
  /** The lot as text: "0.00001". */
  readonly lotText: string;
  readonly qtyMinLots: number;
  /** Infinity when the venue names none. */
  readonly qtyMaxLots: number;
  readonly settlement: number;
  readonly settlementCode: string;
  readonly settlementMinorExponent: number;
  /** Settlement minor units per tick x lot, exact. */
  readonly minorNum: bigint;
  readonly minorDen: bigint;
  /** The same as a float, for statistics and sizes that are rounded down. */
  readonly minorPerTickLot: number;
  priceText(ticks: number): string;
  qtyText(lots: number): string;
  /** Settlement money with the currency's decimals. */
  moneyText(minor: number | bigint): string;
}

/**
 * Builds the view. Throws INSTRUMENT_KIND for contracts that settle in their base currency
 * (inverse), whose money is not linear in price, and CURRENCY_UNKNOWN.
 */
export function strategyInstrument(
  id: number,
  spec: SpecFields,
  currencies: ReadonlyMap<number, CurrencyFields>,
): StrategyInstrument {
  const kind = Number(spec.specKind ?? 0) as InstrumentKind;
  const symbol = String(spec.symbol ?? "");
  if (kind === InstrumentKind.InversePerpetual || kind === InstrumentKind.InverseFuture) {
    throw new AlphaError(
      "INSTRUMENT_KIND",
      `instrument "${symbol}" settles in its base currency`,
      "use a spot or linear instrument; inverse contracts are not supported here yet",
    );
  }
  const settlement = Number(spec.settlement ?? 0);
  const currency = currencies.get(settlement);
  if (currency === undefined) {
    throw new AlphaError(
      "CURRENCY_UNKNOWN",
      `instrument "${symbol}" settles in currency ${settlement}, which is not defined`,
      "give a Currency record for it",
    );
  }
  return view(id, symbol, kind, spec, currency);
}

function view(
  id: number,
  symbol: string,
  kind: InstrumentKind,
  spec: SpecFields,
  currency: CurrencyFields,
): StrategyInstrument {
  const tick = BigInt(spec.tickMantissa ?? 1);
  const lot = BigInt(spec.lotMantissa ?? 1);
  const tickExponent = Number(spec.tickExponent ?? 0);
  const lotExponent = Number(spec.lotExponent ?? 0);
  const minorExponent = Number(currency.minorExponent ?? 0);
  const shift = tickExponent + lotExponent - minorExponent;
  const num = tick * lot * BigInt(spec.multiplierNum ?? 1) * 10n ** BigInt(Math.max(shift, 0));
  const den = BigInt(spec.multiplierDen ?? 1) * 10n ** BigInt(Math.max(-shift, 0));
  const qtyMaxLots = Number(spec.qtyMaxLots ?? 0);
  return {
    id,
    symbol,
    kind,
    tickText: formatSteps(1, tick, tickExponent),
    lotText: formatSteps(1, lot, lotExponent),
    qtyMinLots: Math.max(1, Number(spec.qtyMinLots ?? 0)),
    qtyMaxLots: qtyMaxLots === 0 ? Infinity : qtyMaxLots,
    settlement: Number(spec.settlement ?? 0),
    settlementCode: String(currency.code ?? ""),
    settlementMinorExponent: minorExponent,
    minorNum: num,
    minorDen: den,
    minorPerTickLot: Number(num) / Number(den),
    priceText: (ticks) => formatSteps(ticks, tick, tickExponent),
    qtyText: (lots) => formatSteps(lots, lot, lotExponent),
    moneyText: (minor) => formatSteps(minor, 1n, minorExponent),
  };
}
