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
  priceMin: number;
  /** 0 = none. */
  priceMax: number;
  priceStep: number;
  qtyStep: number;
}

const NO_BOUNDS = { qtyMin: 1, qtyMax: 0, priceMin: 1, priceMax: 0 };
const SENT = [
  ...["version", "qtyMinLots", "qtyMaxLots", "priceStepTicks", "qtyStepLots"],
  ...["priceMinTicks", "priceMaxTicks"],
];
const NOTHING_SENT = "1,0,0,0,0,0,0";
export const NO_RULES: TwinRules = {
  version: 1,
  sent: NOTHING_SENT,
  priceStep: 1,
  qtyStep: 1,
  ...NO_BOUNDS,
};

const PRICED = [OrderType.Limit, OrderType.StopLimit, OrderType.LimitIfTouched] as number[];

/** Takes a changed spec; what makes prices and lots may not change, and no version comes twice. */
export function rulesChange(it: TwinInstrument, row: Row): number {
  const n = (name: string): number => Number(row[name] ?? 0);
  const isEmpty = n("qtyMaxLots") > 0 && n("qtyMaxLots") < n("qtyMinLots");
  const isShut = n("priceMaxTicks") > 0 && n("priceMaxTicks") < n("priceMinTicks");
  if (isEmpty || isShut) return Refusal.ConfigInvalid;
  if (n("tickExponent") !== -2) return Refusal.ConfigConflict;
  const [version, qtyMax] = [n("version"), n("qtyMaxLots")];
  const steps = { priceStep: n("priceStepTicks") || 1, qtyStep: n("qtyStepLots") || 1 };
  const sent = String(SENT.map(n));
  const prices = { priceMin: n("priceMinTicks") || 1, priceMax: n("priceMaxTicks") };
  const rules = { version, sent, qtyMin: n("qtyMinLots") || 1, qtyMax, ...prices, ...steps };
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

/** Asked of what an order or amend names; orders that rest keep a price that is out of bounds. */
export function priceRefusal({ rules }: TwinInstrument, ticks: number): number {
  if (ticks <= 0) return Refusal.PriceNotPositive;
  return ticks === withinRules(rules, ticks) ? 0 : Refusal.PriceOutsideSpec;
}

/** The nearest price within the bounds. */
export function withinRules({ priceMin, priceMax }: TwinRules, ticks: number): number {
  return Math.max(priceMin, priceMax === 0 ? ticks : Math.min(priceMax, ticks));
}

export function qtyRefusal({ rules }: TwinInstrument, lots: number): number {
  if (lots <= 0) return Refusal.QtyNotPositive;
  if (lots < rules.qtyMin) return Refusal.QtyBelowMin;
  return rules.qtyMax !== 0 && lots > rules.qtyMax ? Refusal.QtyAboveMax : 0;
}
