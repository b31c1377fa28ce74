// Random orders that depend on others: pairs, children and brackets of orders the twin knows.
import {
  Contingency,
  OrderFlag,
  OrderState,
  OrderType,
  SelfTrade,
  Side,
  TimeInForce,
} from "../../asm/vocab.ts";
import { closes } from "../reference/order-leg.ts";
import { isTrailing } from "../reference/order-trail.ts";
import { withFields } from "../reference/row.ts";
import type { OrderTwin, Row, TwinOrder } from "../reference/order-twin.ts";

/** The order `row` as one that names another, mostly one it may depend on. */
export function linkedRow(
  row: Row,
  random: () => number,
  twin: OrderTwin,
  internal: readonly number[],
): Row {
  const pick = (most: number): number => Math.floor(random() * most);
  const own = twin.open.get(Number(row["account"])) ?? [];
  // Recent orders: the legs of one family come close together.
  const near = random() < 0.7 ? own.slice(0, 6) : own;
  // Of those that wait for their parent there are few.
  const held = own.filter((order) => order.state === OrderState.Held);
  // Nor do many only reduce a position, and could have a second exit.
  const exits = own.filter(isExit);
  const alone = exits.length > 0 && random() < 0.2 ? exits : near;
  const those = held.length > 0 && random() < 0.1 ? held : alone;
  const other = those[pick(those.length)];
  // Children grow with each fill of their parent, which is rare: more of them, of such as fill.
  const partly = own.find(({ state, instrument, family, type }) => {
    const mayFeed = internal.includes(instrument) && type === OrderType.Limit && !family.parent;
    return mayFeed && state === OrderState.PartlyFilled;
  });
  if (partly !== undefined && random() < 0.2) return behind(row, partly, random);
  const some = random() < 0.3 ? Contingency.Oto : 1 + pick(5);
  const isHeld = other?.state === OrderState.Held && random() < 0.5;
  const contingency = isHeld ? 1 + pick(2) : random() < 0.02 ? pick(8) : some;
  if (other === undefined || random() < 0.04) {
    const linkedClientId = pick(Number(row["clientId"]) + 2);
    return withFields(row, { contingency, linkedClientId });
  }
  if (isExit(other) && random() < 0.7) return exit(row, 1 + pick(2), other);
  const isPair = contingency <= Contingency.Ouo;
  if (isPair && other.price > 0 && random() < 0.12) return crossing(row, contingency, other);
  const isBracket = contingency >= Contingency.BracketStop;
  const plain = isBracket && random() < 0.9 ? bracketType(contingency, pick) : row["type"]!;
  // Stops that are armed by their parent's first fill grow with the next one.
  const isStopChild = contingency === Contingency.Oto && random() < 0.32;
  const type = isStopChild ? OrderType.Stop : plain;
  const isStop = Number(type) > OrderType.Limit && !isTrailing(Number(type));
  const near1 = (): number => Number(row["priceTicks"]) + pick(9) - 4;
  const side = isBracket && random() < 0.95 ? Side.Sell + Side.Buy - other.side : row["side"]!;
  // A target that trades on its release, so that its stop is met while it is still held.
  const isKeen = contingency === Contingency.BracketTarget && random() < 0.4;
  const priceTicks = Number(row["priceTicks"]) + (isKeen ? (side === Side.Buy ? 14 : -14) : 0);
  const isBlank = contingency >= Contingency.Oto && random() < 0.95;
  return withFields(row, {
    contingency,
    linkedClientId: other.clientId,
    instrument: random() < 0.97 ? other.instrument : row["instrument"]!,
    side,
    type,
    priceTicks,
    stopTicks: isStop ? Number(row["stopTicks"]) || near1() : 0,
    orderFlags: isBlank ? 0 : row["orderFlags"]!,
    // A child as large as its parent, or larger or smaller.
    qtyLots: random() < 0.5 ? other.leaves + other.filled : row["qtyLots"]!,
  });
}

/**
 * A linked order on a leg: mostly the exit of what its parent opens, or a second exit of a leg;
 * else one that opens.
 */
export function linkedLeg(row: Row, leg: number, random: () => number, twin: OrderTwin): Row {
  if (random() < 0.05) return withFields(row, { positionSide: leg });
  const other = twin.orders.get(`${row["account"]}/${row["linkedClientId"]}`);
  if (other === undefined) return withFields(row, { positionSide: row["side"]! });
  const isPair = Number(row["contingency"]) <= Contingency.Ouo;
  const isSecond = isPair && closes(other.positionSide, other.side);
  if (!isSecond && (isPair || random() < 0.25))
    return withFields(row, { positionSide: row["side"]! });
  const side = isPair ? other.side : Side.Sell + Side.Buy - other.side;
  const displayLots = random() < 0.9 ? 0 : row["displayLots"]!;
  return withFields(row, { side, displayLots, positionSide: other.positionSide });
}

/** True for an order that only reduces a position, alone. */
function isExit({ orderFlags, family }: TwinOrder): boolean {
  return (orderFlags & OrderFlag.ReduceOnly) !== 0 && family.pair === 0;
}

/** The second of two orders that close the same position. */
function exit(row: Row, contingency: number, other: TwinOrder): Row {
  const { instrument, side, leaves } = other;
  const pair = { contingency, linkedClientId: other.clientId, instrument, side };
  const only = { displayLots: 0, orderFlags: OrderFlag.ReduceOnly, qtyLots: leaves };
  return Object.assign({}, row, pair, only);
}

/** A leg that trades with the other one when that is first at its price. */
function crossing(row: Row, contingency: number, other: TwinOrder): Row {
  return withFields(row, {
    contingency,
    linkedClientId: other.clientId,
    instrument: other.instrument,
    side: Side.Sell + Side.Buy - other.side,
    type: OrderType.Limit,
    priceTicks: other.price,
    stopTicks: 0,
    trailUnit: 0,
    trailOffset: 0,
    selfTrade: SelfTrade.Allow,
  });
}

/** A child that rests, or is armed, behind the next fill of its parent. */
function behind(row: Row, parent: TwinOrder, random: () => number): Row {
  const isStop = random() < 0.4;
  const away = 1 + Math.floor(random() * 5);
  const down = parent.side === Side.Buy ? -away : away;
  return withFields(row, {
    contingency: Contingency.Oto,
    linkedClientId: parent.clientId,
    instrument: parent.instrument,
    side: parent.side,
    orderFlags: 0,
    tif: TimeInForce.Gtc,
    trailUnit: 0,
    trailOffset: 0,
    displayLots: 0,
    expiresNanos: 0,
    type: isStop ? OrderType.Stop : OrderType.Limit,
    priceTicks: parent.price + down,
    stopTicks: isStop ? parent.price - 3 * down : 0,
    qtyLots: parent.leaves + parent.filled,
  });
}

function bracketType(contingency: number, pick: (most: number) => number): OrderType {
  const stops = [OrderType.Stop, OrderType.StopLimit];
  const targets = [OrderType.Limit, OrderType.LimitIfTouched, OrderType.MarketIfTouched];
  return contingency === Contingency.BracketStop ? stops[pick(2)]! : targets[pick(3)]!;
}
