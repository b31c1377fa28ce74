// Trailing stops of the twin: every stop is computed anew from the best trade it has seen.
import { AmendField, OrderType, Refusal, Side, TrailUnit } from "../../asm/vocab.ts";
import { amendStepRefusal, qtyRefusal } from "./order-rules.ts";
import type { Row, TwinInstrument, TwinOrder } from "./order-twin.ts";

export interface TwinTrail {
  unit: number;
  offset: number;
  /** Ticks from the stop to the limit. */
  limit: number;
  /** The trade the stop was computed from. */
  anchor: number;
  /** When it was: one that moved later stands behind. */
  arrival: number;
}

let arrivals = 0;

export function isTrailing(type: number): boolean {
  return type === OrderType.TrailingStop || type === OrderType.TrailingStopLimit;
}

/** The trail of a new order that begins at the last trade. */
export function newTrail(row: Row, last: number): TwinTrail {
  const limit = row["type"] === OrderType.TrailingStopLimit ? n(row, "priceTicks") : 0;
  return {
    unit: n(row, "trailUnit"),
    offset: n(row, "trailOffset"),
    limit,
    anchor: last,
    arrival: 0,
  };
}

/** The stop: as far from the anchor as said, in whole ticks rounded away from it. */
export function stopOf(side: number, { unit, offset, anchor }: TwinTrail): number {
  const ticks = unit === TrailUnit.Ticks ? offset : Math.ceil((anchor * offset) / 10_000);
  return side === Side.Buy ? anchor + ticks : anchor - ticks;
}

/** The limit price an order names, directly or from its stop. */
export function limitOf(row: Row, last: number): number {
  if (row["type"] !== OrderType.TrailingStopLimit) return n(row, "priceTicks");
  return n(row, "priceTicks") + stopOf(n(row, "side"), newTrail(row, last));
}

export function trailRefusal(row: Row, last: number): number {
  const trail = newTrail(row, last);
  if (n(row, "stopTicks") !== 0) return Refusal.StopPriceInvalid;
  if (!isGood(trail)) return Refusal.TrailInvalid;
  if (last === 0) return Refusal.PriceUnknown;
  return stopOf(n(row, "side"), trail) <= 0 ? Refusal.TrailInvalid : 0;
}

function isGood({ unit, offset }: TwinTrail): boolean {
  if (offset <= 0) return false;
  return unit === TrailUnit.Ticks || (unit === TrailUnit.Bps && offset < 10_000);
}

/** Puts the order at the stop and the limit of its trail. */
export function startTrail(order: TwinOrder, trail: TwinTrail): void {
  order.trail = { ...trail, arrival: ++arrivals };
  order.stop = stopOf(order.side, trail);
  // No spec of the fuzz bounds prices, so a limit is held to be a price and no more.
  const isPriced = order.type === OrderType.TrailingStopLimit;
  if (isPriced) order.price = Math.max(1, order.stop + trail.limit);
}

/** Moves the stops of the trades since the last call; returns the orders moved, in order. */
export function followTrades(instrument: TwinInstrument): TwinOrder[] {
  const prices = instrument.unfollowed;
  instrument.unfollowed = [];
  if (prices.length === 0) return [];
  const moved: TwinOrder[] = [];
  for (const side of [Side.Sell, Side.Buy]) {
    const best = side === Side.Sell ? Math.max(...prices) : Math.min(...prices);
    const due = instrument.armed.flatMap((order) => {
      if (order.trail === undefined || order.side !== side) return [];
      const at = movesAt(order, order.trail);
      return (side === Side.Sell ? at <= best : at >= best) ? [{ order, at }] : [];
    });
    const sign = side === Side.Sell ? 1 : -1;
    due.sort((a, b) => sign * (a.at - b.at) || a.order.trail!.arrival - b.order.trail!.arrival);
    for (const { order } of due) {
      startTrail(order, { ...order.trail!, anchor: best });
      instrument.armed.splice(instrument.armed.indexOf(order), 1);
      instrument.armed.push(order);
      moved.push(order);
    }
  }
  // A record is made of each as it is now, and none moves twice.
  return moved;
}

/** The first better price that gives another stop. */
function movesAt(order: TwinOrder, trail: TwinTrail): number {
  const step = order.side === Side.Sell ? 1 : -1;
  let anchor = trail.anchor + step;
  while (stopOf(order.side, { ...trail, anchor }) === order.stop) anchor += step;
  return anchor;
}

/** What an amend asks a trailing order to be, and what is wrong with its shape. */
export function amendedTrail(
  row: Row,
  it: TwinOrder,
  was: TwinTrail,
  instrument: TwinInstrument,
): {
  trail: TwinTrail;
  stop: number;
  price: number;
  leaves: number;
  isKept: boolean;
  refusal: number;
} {
  const fields = n(row, "fields");
  const trail = { ...was };
  if (fields & AmendField.Trail) trail.offset = n(row, "trailOffset");
  if (fields & AmendField.Price) trail.limit = n(row, "priceTicks");
  const leaves = fields & AmendField.Qty ? n(row, "qtyLots") : it.leaves;
  const isPlace = trail.offset === was.offset && trail.limit === was.limit;
  const isPriced = it.type === OrderType.TrailingStopLimit;
  const stop = isPlace ? it.stop : stopOf(it.side, trail);
  const price = isPlace || !isPriced ? it.price : stop + trail.limit;
  const known = AmendField.Price | AmendField.Qty | AmendField.Trail;
  // The price of a trailing order is a distance, which has no step.
  const isQty = (fields & AmendField.Qty) !== 0;
  const step = amendStepRefusal(instrument, row, it.type);
  const size = step || (isQty ? qtyRefusal(instrument, leaves) : 0);
  let refusal = 0;
  if (fields & ~known) refusal = Refusal.FlagUnsupported;
  else if (fields === 0) refusal = Refusal.AmendNothing;
  else if (size !== 0) refusal = size;
  else if (fields & AmendField.Price && !isPriced) refusal = Refusal.FlagUnsupported;
  else if (!isGood(trail)) refusal = Refusal.TrailInvalid;
  else if (isPlace && leaves === it.leaves) refusal = Refusal.AmendNothing;
  else if (stop <= 0) refusal = Refusal.TrailInvalid;
  else if (isPriced && price <= 0) refusal = Refusal.PriceNotPositive;
  return { trail, stop, price, leaves, isKept: isPlace && leaves < it.leaves, refusal };
}

function n(row: Row, name: string): number {
  return Number(row[name] ?? 0);
}
