// Rules of an instrument that its venue may change: bounds and steps of what is asked for.
import { AmendField, OrderFlag, OrderType, Refusal, SpecFlag } from "../../asm/vocab.ts";
import type { Row, TwinInstrument } from "./order-twin.ts";

export interface TwinRules {
  version: number;
  /** The fields as they were sent. */
  sent: string;
  qtyMin: number;
  /** 0 = none. */
  qtyMax: number;
  priceStep: number;
  qtyStep: number;
}

const NO_STEPS = { qtyMin: 1, qtyMax: 0, priceStep: 1, qtyStep: 1 };
const SENT = ["version", "qtyMinLots", "qtyMaxLots", "priceStepTicks", "qtyStepLots"];
export const NO_RULES: TwinRules = { version: 1, sent: "1,0,0,0,0", ...NO_STEPS };

const PRICED = [OrderType.Limit, OrderType.StopLimit, OrderType.LimitIfTouched] as number[];

/** Takes a changed spec; what makes prices and lots may not change, and no version comes twice. */
export function rulesChange(it: TwinInstrument, row: Row): number {
  const n = (name: string): number => Number(row[name] ?? 0);
  const isEmpty = n("qtyMaxLots") > 0 && n("qtyMaxLots") < n("qtyMinLots");
  if (isEmpty) return Refusal.ConfigInvalid;
  if (n("tickExponent") !== -2) return Refusal.ConfigConflict;
  const [version, qtyMax] = [n("version"), n("qtyMaxLots")];
  const steps = { priceStep: n("priceStepTicks") || 1, qtyStep: n("qtyStepLots") || 1 };
  const sent = String(SENT.map(n));
  const rules = { version, sent, qtyMin: n("qtyMinLots") || 1, qtyMax, ...steps };
  const more = [n("staleMillis"), (n("specFlags") & SpecFlag.StopStrict) !== 0, n("bandBps")];
  const known = [it.staleMillis, it.isStrict, it.auction.band.bps];
  // The same record again is fine, one that says the same in other words is not.
  const isSame = sent === it.rules.sent && String(more) === String(known);
  if (isSame) return 0;
  if (version <= it.rules.version) return Refusal.ConfigConflict;
  it.rules = rules;
  it.staleMillis = n("staleMillis");
  it.isStrict = (n("specFlags") & SpecFlag.StopStrict) !== 0;
  it.auction.band = { ...it.auction.band, bps: n("bandBps") };
  return 0;
}

function isOff(value: number, step: number): boolean {
  return value > 0 && value % step !== 0;
}

/** What a new order names must lie on the steps, unless the engine made it. */
export function newStepRefusal({ rules }: TwinInstrument, row: Row): number {
  if (Number(row["orderFlags"] ?? 0) & OrderFlag.Engine) return 0;
  if (isOff(Number(row["qtyLots"] ?? 0), rules.qtyStep)) return Refusal.QtyNotOnLot;
  const isPriced = PRICED.includes(Number(row["type"]));
  const isOffPrice = isOff(Number(row["priceTicks"] ?? 0), rules.priceStep);
  return isPriced && isOffPrice ? Refusal.PriceNotOnTick : 0;
}

/** What an amend names must; of an order without a limit a price means nothing. */
export function amendStepRefusal({ rules }: TwinInstrument, row: Row, type: number): number {
  const fields = Number(row["fields"] ?? 0);
  const isQty = (fields & AmendField.Qty) !== 0;
  if (isQty && isOff(Number(row["qtyLots"] ?? 0), rules.qtyStep)) return Refusal.QtyNotOnLot;
  const isPrice = (fields & AmendField.Price) !== 0 && PRICED.includes(type);
  const isOffPrice = isOff(Number(row["priceTicks"] ?? 0), rules.priceStep);
  return isPrice && isOffPrice ? Refusal.PriceNotOnTick : 0;
}

export function qtyRefusal({ rules }: TwinInstrument, lots: number): number {
  if (lots <= 0) return Refusal.QtyNotPositive;
  if (lots < rules.qtyMin) return Refusal.QtyBelowMin;
  return rules.qtyMax !== 0 && lots > rules.qtyMax ? Refusal.QtyAboveMax : 0;
}
