import { describe, expect, test } from "vitest";
import {
  Contingency,
  OrderFlag,
  OrderType,
  PositionSide,
  Side,
  TimeInForce,
  TrailUnit,
} from "../../../asm/vocab.ts";
import type { Field, Ticket, TicketContext } from "../../../src/dashboard/ticket.ts";
import {
  attachable,
  closesLeg,
  emptyTicket,
  faultsOf,
  fieldsOf,
  recordsOf,
  timesInForce,
  TYPE_NAMES,
  withType,
} from "../../../src/dashboard/ticket.ts";

const NOW = Date.parse("2026-11-21T12:00Z");
const CONTEXT: TicketContext = {
  instrument: 4,
  priceStep: { mantissa: 5n, exponent: -1 },
  qtyStep: { mantissa: 1n, exponent: -3 },
  isHedging: false,
  nowMillis: NOW,
};

function ticket(part: Partial<Ticket>): Ticket {
  return { ...emptyTicket(), qty: "1.5", price: "100", ...part };
}

function extras(part: Partial<Ticket>): Field[] {
  const always = ["side", "type", "tif", "qty", "reduceOnly", "attached"];
  return [...fieldsOf(ticket(part), false)].filter((field) => !always.includes(field)).sort();
}

function send(part: Partial<Ticket>): Record<string, unknown>[] {
  let next = 7n;
  return recordsOf(ticket(part), CONTEXT, () => next++).map((fields) => ({ ...fields }));
}

describe("fields", () => {
  test.each<[string, OrderType, Field[]]>([
    ["limit", OrderType.Limit, ["postOnly", "price", "shown"]],
    ["market", OrderType.Market, []],
    ["stop", OrderType.Stop, ["trigger"]],
    ["stop-limit", OrderType.StopLimit, ["price", "trigger"]],
    ["limit if touched", OrderType.LimitIfTouched, ["price", "trigger"]],
    ["market if touched", OrderType.MarketIfTouched, ["trigger"]],
    ["trailing stop", OrderType.TrailingStop, ["trail", "trailUnit"]],
    ["trailing stop-limit", OrderType.TrailingStopLimit, ["price", "trail", "trailUnit"]],
  ])("of a %s are those it has", (_name, type, fields) => {
    expect(extras({ type })).toEqual(fields);
    expect(TYPE_NAMES.map(([one]) => one)).toContain(type);
  });

  test("appear with what asks for them", () => {
    expect(extras({ tif: TimeInForce.Gtd })).toContain("expires");
    expect(extras({ tif: TimeInForce.Fok }), "does not rest").toEqual(["price"]);
    expect(extras({ attached: "bracket" })).toEqual(
      expect.arrayContaining(["stop", "target"]) as Field[],
    );
    expect(extras({ attached: "oco" })).toContain("otherStop");
    expect(extras({ attached: "bracket", reduceOnly: true })).not.toContain("stop");
    expect(attachable(ticket({ type: OrderType.Stop }), false)).not.toContain("oco");
  });

  test("a market order does not rest: its times in force are those at once", () => {
    expect(timesInForce(OrderType.Market)).toEqual([TimeInForce.Ioc, TimeInForce.Fok]);
    const market = withType(ticket({ tif: TimeInForce.Day }), OrderType.Market);
    expect(market.tif).toBe(TimeInForce.Ioc);
    const limit = withType(market, OrderType.Limit);
    expect(limit.tif, "nobody chose that it is to end at once").toBe(TimeInForce.Gtc);
    const kept = withType({ ...limit, tif: TimeInForce.Ioc }, OrderType.StopLimit);
    expect(kept.tif, "what was chosen stays where the type has it").toBe(TimeInForce.Ioc);
    expect(market.price, "what was typed is kept").toBe("100");
  });
});

describe("faults in words", () => {
  test.each<[Partial<Ticket>, Field, string]>([
    [{ qty: "" }, "qty", "Enter a quantity."],
    [{ qty: "0" }, "qty", "More than zero, please."],
    [{ qty: "-1" }, "qty", "More than zero, please."],
    [{ qty: "1.0005" }, "qty", "In steps of 0.001, please."],
    [{ qty: "one" }, "qty", "This is no number."],
    [{ qty: "99999999999999999" }, "qty", "This is too much."],
    [{ price: "100.2" }, "price", "In steps of 0.5, please."],
    [{ type: OrderType.Stop }, "trigger", "Enter a trigger price."],
    [{ type: OrderType.TrailingStop }, "trail", "Enter a distance."],
    [{ shown: "2" }, "shown", "No more than the whole quantity."],
    [{ tif: TimeInForce.Gtd }, "expires", "Say until when, in UTC."],
    [{ tif: TimeInForce.Gtd, expires: "2026-11-21T11:59" }, "expires", "This time is over."],
    [
      { attached: "bracket", stop: "101", target: "110" },
      "stop",
      "The stop of a buy lies below its price.",
    ],
    [
      { attached: "bracket", stop: "99", target: "100" },
      "target",
      "The target of a buy lies above its price.",
    ],
    [
      { side: Side.Sell, attached: "bracket", stop: "99", target: "90" },
      "stop",
      "The stop of a sell lies above its price.",
    ],
    [
      { type: OrderType.Market, tif: TimeInForce.Ioc, attached: "bracket", stop: "9", target: "8" },
      "stop",
      "The stop of a buy lies below its price.",
    ],
    [{ attached: "oco", otherStop: "99" }, "otherStop", "The stop of a buy lies above its limit."],
  ])("%o: %s", (part, field, words) => {
    expect(Object.fromEntries(faultsOf(ticket(part), CONTEXT))).toEqual({ [field]: words });
  });

  test("a trail in percent stays below 100", () => {
    const part = { type: OrderType.TrailingStop, trailUnit: TrailUnit.Bps };
    expect(faultsOf(ticket({ ...part, trail: "2.5" }), CONTEXT).size).toBe(0);
    expect(faultsOf(ticket({ ...part, trail: "100" }), CONTEXT).has("trail")).toBe(true);
    expect(faultsOf(ticket({ ...part, trail: "0.001" }), CONTEXT).has("trail")).toBe(true);
  });

  test("fields that do not apply are not asked", () => {
    const part = { type: OrderType.Market, tif: TimeInForce.Ioc, price: "nonsense" };
    expect(faultsOf(ticket(part), CONTEXT).size).toBe(0);
  });
});

describe("records", () => {
  test("a limit order in ticks and lots, thousands may be separated", () => {
    const [order, ...more] = send({ price: "1,000.5", shown: "0.5", postOnly: true });
    expect(more).toEqual([]);
    expect(order).toMatchObject({
      ...{ instrument: 4, clientId: 7n, side: Side.Buy, type: OrderType.Limit },
      ...{ tif: TimeInForce.Gtc, qtyLots: 1500, priceTicks: 2001, displayLots: 500 },
      orderFlags: OrderFlag.PostOnly,
    });
  });

  test("what was typed for another type is not sent", () => {
    const part = { trigger: "90", trail: "5", shown: "1", postOnly: true, reduceOnly: true };
    const [order] = send({ ...part, type: OrderType.Market, tif: TimeInForce.Ioc });
    expect(order).toMatchObject({
      ...{ priceTicks: 0, stopTicks: 0, trailOffset: 0, trailUnit: TrailUnit.None },
      ...{ displayLots: 0, orderFlags: OrderFlag.ReduceOnly },
    });
  });

  test("a trail in ticks or in basis points; a limit at a signed distance from its stop", () => {
    const type = OrderType.TrailingStopLimit;
    const [ticks] = send({ type, trail: "2.5", price: "-1" });
    expect(ticks).toMatchObject({ trailOffset: 5, trailUnit: TrailUnit.Ticks, priceTicks: -2 });
    const [percent] = send({ type, trail: "2.5", trailUnit: TrailUnit.Bps, price: "" });
    expect(percent).toMatchObject({ trailOffset: 250, trailUnit: TrailUnit.Bps, priceTicks: 0 });
  });

  test("a time is UTC", () => {
    const [order] = send({ tif: TimeInForce.Gtd, expires: "2026-11-21T18:00" });
    expect(order?.["expiresNanos"]).toBe(BigInt(NOW + 6 * 3600e3) * 1_000_000n);
  });

  test("a bracket is three orders: both exits name the entry and stand on the other side", () => {
    const [entry, stop, target] = send({ attached: "bracket", stop: "95", target: "110" });
    expect(entry).not.toHaveProperty("contingency");
    const exit = { linkedClientId: 7n, side: Side.Sell, qtyLots: 1500, tif: TimeInForce.Gtc };
    expect(stop).toMatchObject({
      ...{ ...exit, clientId: 8n, contingency: Contingency.BracketStop },
      ...{ type: OrderType.Stop, stopTicks: 190 },
    });
    expect(target).toMatchObject({
      ...{ ...exit, clientId: 9n, contingency: Contingency.BracketTarget },
      ...{ type: OrderType.Limit, priceTicks: 220 },
    });
  });

  test("an OCO is a limit order and a stop of the same side that names it", () => {
    const [limit, stop] = send({ attached: "oco", otherStop: "120" });
    expect(limit).toMatchObject({ clientId: 7n, type: OrderType.Limit });
    expect(stop).toMatchObject({
      ...{ clientId: 8n, linkedClientId: 7n, contingency: Contingency.Oco, side: Side.Buy },
      ...{ type: OrderType.Stop, stopTicks: 240, qtyLots: 1500 },
    });
  });
});

describe("in a hedging account", () => {
  const [long, short] = [PositionSide.Long, PositionSide.Short];
  const hedging = { ...CONTEXT, isHedging: true };
  const sent = (part: Partial<Ticket>): unknown => {
    const [order] = recordsOf(ticket(part), hedging, () => 7n);
    return [order!.side, order!.positionSide, order!.orderFlags];
  };

  test("the ticket asks for the leg and sends it; elsewhere it does neither", () => {
    expect(fieldsOf(ticket({}), true).has("positionSide")).toBe(true);
    expect(fieldsOf(ticket({}), true).has("reduceOnly")).toBe(false);
    expect(fieldsOf(ticket({}), false).has("positionSide")).toBe(false);
    expect(sent({ positionSide: long })).toEqual([Side.Buy, long, 0]);
    expect(sent({ positionSide: short, reduceOnly: true })).toEqual([Side.Buy, short, 0]);
    expect(send({ positionSide: short })[0]).toMatchObject({ positionSide: PositionSide.None });
  });

  test("what closes a leg stands alone, what opens one takes no bracket", () => {
    expect(closesLeg(ticket({ positionSide: long }))).toBe(false);
    expect(closesLeg(ticket({ positionSide: short }))).toBe(true);
    expect(fieldsOf(ticket({ positionSide: short }), true).has("attached")).toBe(false);
    expect(attachable(ticket({ positionSide: long }), true)).toEqual(["none", "oco"]);
    const bracket = ticket({ positionSide: long, attached: "bracket" });
    expect(recordsOf(bracket, hedging, () => 7n)).toHaveLength(1);
  });
});
