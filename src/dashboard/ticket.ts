// The order ticket without its form: which fields apply, what is wrong in words, and the records.
//
// A ticket keeps every field's text, also of fields that do not apply now: who changes the type and
// back finds what was typed. Only fields that apply are checked and sent.
import {
  Contingency,
  OrderFlag,
  OrderType,
  PositionSide,
  Side,
  TimeInForce,
  TrailUnit,
} from "../../asm/vocab.ts";
import type { Kind } from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import type { FieldsOf } from "../protocol.ts";
import { formatSteps, stepsOf } from "../units.ts";
import type { Step } from "./format.ts";

/** What is attached to an order. */
export type Attached = "none" | "bracket" | "oco";

/** Everything a visitor can enter; texts as typed. */
export interface Ticket {
  side: Side;
  type: OrderType;
  tif: TimeInForce;
  qty: string;
  /** Limit price; of a trailing stop-limit the limit's distance from the stop. */
  price: string;
  /** Trigger price of stops and if-touched orders. */
  trigger: string;
  trail: string;
  trailUnit: TrailUnit;
  /** "2026-11-21T18:00", UTC. */
  expires: string;
  /** Quantity an iceberg shows, empty = all of it. */
  shown: string;
  postOnly: boolean;
  reduceOnly: boolean;
  /** The leg, Long or Short; asked for and sent in hedging accounts only. */
  positionSide: PositionSide;
  attached: Attached;
  /** Stop and target of a bracket. */
  stop: string;
  target: string;
  /** Trigger of the stop that a limit order is paired with. */
  otherStop: string;
}

export type Field = keyof Ticket;

/** What the ticket's instrument and the clock say. */
export interface TicketContext {
  instrument: number;
  priceStep: Step;
  qtyStep: Step;
  /** The account keeps a long and a short leg, and the instrument is no cash. */
  isHedging: boolean;
  nowMillis: number;
}

type NewFields = FieldsOf<Kind.OrderNew>;

const PERCENT_STEP: Step = { mantissa: 1n, exponent: -2 };
const BPS_MAX = 9_999;
const TRAILING: readonly OrderType[] = [OrderType.TrailingStop, OrderType.TrailingStopLimit];
const PRICED: readonly OrderType[] = [
  OrderType.Limit,
  OrderType.StopLimit,
  OrderType.LimitIfTouched,
  OrderType.TrailingStopLimit,
];
const TRIGGERED: readonly OrderType[] = [
  OrderType.Stop,
  OrderType.StopLimit,
  OrderType.LimitIfTouched,
  OrderType.MarketIfTouched,
];
const AT_ONCE: readonly TimeInForce[] = [TimeInForce.Ioc, TimeInForce.Fok];
const RESTING: readonly TimeInForce[] = [TimeInForce.Gtc, TimeInForce.Day, TimeInForce.Gtd];

/** Types in the order of a list, with their names. */
export const TYPE_NAMES: readonly (readonly [OrderType, string])[] = [
  [OrderType.Limit, "Limit"],
  [OrderType.Market, "Market"],
  [OrderType.Stop, "Stop"],
  [OrderType.StopLimit, "Stop-limit"],
  [OrderType.TrailingStop, "Trailing stop"],
  [OrderType.TrailingStopLimit, "Trailing stop-limit"],
  [OrderType.LimitIfTouched, "Limit if touched"],
  [OrderType.MarketIfTouched, "Market if touched"],
];

/** Times in force, with what they mean. */
export const TIF_NAMES: readonly (readonly [TimeInForce, string, string])[] = [
  [TimeInForce.Gtc, "GTC", "until it is canceled"],
  [TimeInForce.Day, "DAY", "until 00:00 UTC"],
  [TimeInForce.Gtd, "GTD", "until a time"],
  [TimeInForce.Ioc, "IOC", "at once, the rest is canceled"],
  [TimeInForce.Fok, "FOK", "at once and whole, or not at all"],
];

/** An empty ticket: buy, limit, until canceled. */
export function emptyTicket(): Ticket {
  const texts = { qty: "", price: "", trigger: "", trail: "", expires: "", shown: "" };
  return {
    ...{ side: Side.Buy, type: OrderType.Limit, tif: TimeInForce.Gtc, ...texts },
    ...{ trailUnit: TrailUnit.Ticks, postOnly: false, reduceOnly: false },
    positionSide: PositionSide.Long,
    ...{ attached: "none", stop: "", target: "", otherStop: "" },
  };
}

/** Times in force the type has, the usual one first. A market order does not rest. */
export function timesInForce(type: OrderType): readonly TimeInForce[] {
  return type === OrderType.Market ? AT_ONCE : [...RESTING, ...AT_ONCE];
}

/**
 * The ticket with another type; a time in force that the type lacks becomes its usual one, and so
 * does that of a market order, which never had another: nobody chose it.
 */
export function withType(ticket: Ticket, type: OrderType): Ticket {
  const tifs = timesInForce(type);
  const isForced = ticket.type === OrderType.Market && type !== OrderType.Market;
  const tif = !isForced && tifs.includes(ticket.tif) ? ticket.tif : (tifs[0] ?? TimeInForce.Gtc);
  return { ...ticket, type, tif };
}

/** True when the order would make its leg smaller: then it only reduces, and stands alone. */
export function closesLeg({ positionSide, side }: Ticket): boolean {
  return (positionSide === PositionSide.Long) !== (side === Side.Buy);
}

/** Fields that apply to the ticket as it stands, in an account with legs or without. */
export function fieldsOf(ticket: Ticket, isHedging: boolean): Set<Field> {
  const { type, tif, attached } = ticket;
  const fields = new Set<Field>(["side", "type", "tif", "qty"]);
  fields.add(isHedging ? "positionSide" : "reduceOnly");
  const rests = type === OrderType.Limit && RESTING.includes(tif);
  if (PRICED.includes(type)) fields.add("price");
  if (TRIGGERED.includes(type)) fields.add("trigger");
  if (TRAILING.includes(type)) fields.add("trail").add("trailUnit");
  if (tif === TimeInForce.Gtd) fields.add("expires");
  if (rests) fields.add("shown").add("postOnly");
  if (isHedging ? closesLeg(ticket) : ticket.reduceOnly) return fields;
  fields.add("attached");
  if (attached === "bracket" && !isHedging) fields.add("stop").add("target");
  if (attached === "oco" && rests) fields.add("otherStop");
  return fields;
}

/**
 * What may be attached to the ticket: an OCO pairs a resting limit order with a stop. A bracket's
 * legs would close one of a hedging account, where they cannot be linked.
 */
export function attachable(ticket: Ticket, isHedging: boolean): Attached[] {
  const rests = ticket.type === OrderType.Limit && RESTING.includes(ticket.tif);
  const all: Attached[] = rests ? ["none", "bracket", "oco"] : ["none", "bracket"];
  return isHedging ? all.filter((one) => one !== "bracket") : all;
}

/** What is wrong, by field, in words; empty when the ticket can be sent. */
export function faultsOf(ticket: Ticket, context: TicketContext): Map<Field, string> {
  const faults = new Map<Field, string>();
  const { priceStep, qtyStep, isHedging } = context;
  const shown = fieldsOf(ticket, isHedging);
  const check = (field: Field, what: string, step: Step): number | undefined => {
    if (!shown.has(field)) return undefined;
    const [count, fault] = amountOf(String(ticket[field]), what, step);
    if (fault !== "") faults.set(field, fault);
    return count;
  };
  const qty = check("qty", "a quantity", qtyStep);
  if (ticket.type === OrderType.TrailingStopLimit) {
    const [, fault] = distanceOf(ticket.price, priceStep);
    if (fault !== "") faults.set("price", fault);
  } else check("price", "a price", priceStep);
  check("trigger", "a trigger price", priceStep);
  const isPercent = ticket.trailUnit === TrailUnit.Bps;
  const trail = check("trail", "a distance", isPercent ? PERCENT_STEP : priceStep);
  if (isPercent && (trail ?? 0) > BPS_MAX) faults.set("trail", "Less than 100 percent, please.");
  if (ticket.shown !== "") {
    const lots = check("shown", "a quantity to show", qtyStep);
    if ((lots ?? 0) > (qty ?? Infinity)) faults.set("shown", "No more than the whole quantity.");
  }
  checkExpiry(ticket, context, faults);
  checkLegs(ticket, check, faults, priceStep);
  return faults;
}

function checkExpiry(ticket: Ticket, context: TicketContext, faults: Map<Field, string>): void {
  if (ticket.tif !== TimeInForce.Gtd) return;
  const millis = expiresMillis(ticket);
  if (Number.isNaN(millis)) faults.set("expires", "Say until when, in UTC.");
  else if (millis <= context.nowMillis) faults.set("expires", "This time is over.");
}

type Check = (field: Field, what: string, step: Step) => number | undefined;

/** A bracket's stop lies on the losing side of its target; both of a limit's price. */
function checkLegs(
  ticket: Ticket,
  check: Check,
  faults: Map<Field, string>,
  priceStep: Step,
): void {
  const stop = check("stop", "the stop's price", priceStep);
  const target = check("target", "the target's price", priceStep);
  const other = check("otherStop", "the other stop's price", priceStep);
  const isBuy = ticket.side === Side.Buy;
  const isLimit = ticket.type === OrderType.Limit;
  const price = isLimit ? amountOf(ticket.price, "", priceStep)[0] : undefined;
  const [below, above] = isBuy ? [stop, target] : [target, stop];
  const [low, high]: [Field, Field] = isBuy ? ["stop", "target"] : ["target", "stop"];
  const of = isBuy ? "a buy" : "a sell";
  if (below !== undefined && below >= (price ?? above ?? Infinity)) {
    faults.set(low, `The ${low} of ${of} lies below its price.`);
  }
  if (above !== undefined && price !== undefined && above <= price) {
    faults.set(high, `The ${high} of ${of} lies above its price.`);
  }
  if (other === undefined || price === undefined) return;
  const isBeyond = isBuy ? other > price : other < price;
  const where = isBuy ? "above" : "below";
  if (!isBeyond) faults.set("otherStop", `The stop of ${of} lies ${where} its limit.`);
}

/** A positive number of steps, or what is wrong with the text. */
function amountOf(text: string, what: string, step: Step): [number | undefined, string] {
  if (text.trim() === "") return [undefined, `Enter ${what}.`];
  const [count, fault] = countOf(text, step);
  if (fault !== "") return [undefined, fault];
  return (count ?? 0) > 0 ? [count, ""] : [undefined, "More than zero, please."];
}

/** A signed number of steps; an empty text is no distance. */
function distanceOf(text: string, step: Step): [number | undefined, string] {
  return text.trim() === "" ? [0, ""] : countOf(text, step);
}

function countOf(text: string, { mantissa, exponent }: Step): [number | undefined, string] {
  try {
    return [stepsOf(text.trim().replaceAll(",", ""), mantissa, exponent), ""];
  } catch (fault) {
    if (!(fault instanceof AlphaError)) throw fault;
    const size = formatSteps(1, mantissa, exponent);
    if (fault.code === "UNIT_STEP") return [undefined, `In steps of ${size}, please.`];
    return [undefined, fault.code === "UNIT_RANGE" ? "This is too much." : "This is no number."];
  }
}

function expiresMillis({ expires }: Ticket): number {
  return expires === "" ? NaN : Date.parse(`${expires}Z`);
}

/**
 * The OrderNew fields of a ticket without faults: the order, then what is attached to it, each
 * naming the order by its client id. `draw` gives client ids.
 */
export function recordsOf(ticket: Ticket, context: TicketContext, draw: () => bigint): NewFields[] {
  const { priceStep, qtyStep, instrument, isHedging } = context;
  const shown = fieldsOf(ticket, isHedging);
  const positionSide = isHedging ? ticket.positionSide : PositionSide.None;
  const count = (field: Field, step: Step): number =>
    shown.has(field) ? (countOf(String(ticket[field] || "0"), step)[0] ?? 0) : 0;
  const has = (field: "postOnly" | "reduceOnly"): boolean => shown.has(field) && ticket[field];
  const trailStep = ticket.trailUnit === TrailUnit.Bps ? PERCENT_STEP : priceStep;
  const clientId = draw();
  const qtyLots = count("qty", qtyStep);
  const order: NewFields = {
    instrument,
    clientId,
    side: ticket.side,
    positionSide,
    type: ticket.type,
    tif: ticket.tif,
    qtyLots,
    priceTicks: count("price", priceStep),
    stopTicks: count("trigger", priceStep),
    displayLots: count("shown", qtyStep),
    trailUnit: shown.has("trail") ? ticket.trailUnit : TrailUnit.None,
    trailOffset: count("trail", trailStep),
    expiresNanos: shown.has("expires") ? BigInt(expiresMillis(ticket)) * 1_000_000n : 0n,
    orderFlags:
      (has("postOnly") ? OrderFlag.PostOnly : 0) | (has("reduceOnly") ? OrderFlag.ReduceOnly : 0),
  };
  const leg = (contingency: Contingency, fields: NewFields): NewFields => ({
    ...{ instrument, clientId: draw(), tif: TimeInForce.Gtc, qtyLots, positionSide },
    ...{ contingency, linkedClientId: clientId, ...fields },
  });
  const away = ticket.side === Side.Buy ? Side.Sell : Side.Buy;
  const stopTicks = count("stop", priceStep);
  const protect = { side: away, type: OrderType.Stop, stopTicks };
  const target = { side: away, type: OrderType.Limit, priceTicks: count("target", priceStep) };
  const other = { side: ticket.side, type: OrderType.Stop };
  if (shown.has("stop")) {
    const stop = leg(Contingency.BracketStop, protect);
    return [order, stop, leg(Contingency.BracketTarget, target)];
  }
  if (!shown.has("otherStop")) return [order];
  const otherTicks = count("otherStop", priceStep);
  return [order, leg(Contingency.Oco, { ...other, stopTicks: otherTicks })];
}
