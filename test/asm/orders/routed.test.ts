// Orders at a venue, step by step: what is asked, what an answer changes, and what is only counted.
import { beforeEach, describe, expect, test } from "vitest";
import {
  ROUTES_MAX,
  ROUTES_OPEN_MAX,
  O_ROUTES,
  O_ROUTES_OPEN,
  VENUE_ROWS,
  VENUE_ROW_BYTES,
} from "../../../asm/layout.ts";
import {
  AmendField,
  CancelReason,
  Execution,
  Kind,
  NEW_PRICE_TICKS,
  ORDER_CLIENT_ID,
  OrderState,
  QueryScope,
  Refusal,
  ReportFlag,
  ReportIgnored,
  Side,
  VenueFault,
} from "../../../asm/vocab.ts";
import { OrderCore, only, type Fields, type Out } from "../order-core.ts";

const VENUE = 7;
const MILLI = 1e6;
let core: OrderCore;
let order: bigint;

beforeEach(() => {
  core = OrderCore.create();
  core.send(Kind.Currency, { id: 2, minorExponent: -2, code: "FEE" });
  core.instrument(1, { execution: Execution.Routed, venue: VENUE, referenceTicks: 100 });
  core.account(1);
  core.account(2);
  const asked = core.send(Kind.VenueStatus, { venue: VENUE, state: 1, timeoutMillis: 100 });
  const listing = only(asked, Kind.VenueQuery)[0]!["number"];
  core.send(Kind.ReconcileBegin, { venue: VENUE, listing });
  core.send(Kind.ReconcileEnd, { venue: VENUE, listing });
  const outs = core.order({ clientId: 1, priceTicks: 100, qtyLots: 10 });
  order = only(outs, Kind.OrderPending)[0]!["orderId"];
});

const names = (outs: Out[]): string[] => outs.map((out) => Kind[out["kind"] as Kind]);
const say = (kind: Kind, fields: Fields = {}): Out[] =>
  core.send(kind, { orderId: order, venue: VENUE, filledLots: -1, ...fields });
const fill = (fillId: number, qtyLots: number, fields: Fields = {}): Out[] =>
  say(Kind.VenueFill, { fillId, qtyLots, priceTicks: 100, ...fields });
const cancel = (): Out[] => core.send(Kind.OrderCancel, { account: 1, clientId: 1 });
const amend = (qtyLots: number, priceTicks = 100): Out[] =>
  core.send(Kind.OrderAmend, {
    ...{ account: 1, clientId: 1, priceTicks, qtyLots },
    fields: AmendField.Qty | AmendField.Price,
  });
const reason = (outs: Out[]): string => Refusal[outs[0]!["reason"] as Refusal];
const query = (): Out[] => core.send(Kind.StateQuery, { account: 1 });
const position = (): Out => only(query(), Kind.PositionState)[0]!;
const ignored = (why: ReportIgnored): number =>
  core.core.view.getUint32(VENUE_ROWS + VENUE_ROW_BYTES + 32 + why * 4, true);

/** Time passes; what timers did. */
function wait(millis: number): Out[] {
  core.nowNanos += millis * MILLI;
  return core.send(Kind.TopOfBook, { instrument: 99 });
}

describe("what is asked", () => {
  test("a new order is pending, counted as open, and sent once under its own id", () => {
    const outs = core.order({ clientId: 2, priceTicks: 101, qtyLots: 3, tag: 5n });
    expect(names(outs)).toEqual(["OrderPending", "VenueOrderNew"]);
    expect(outs[0]).toMatchObject({ state: OrderState.Pending, leavesLots: 3 });
    const same = { orderId: outs[0]!["orderId"], venue: VENUE, clientId: 2n };
    expect(outs[1]).toMatchObject({ ...same, priceTicks: 101, qtyLots: 3, side: Side.Buy });
    expect(position()["openBuyLots"]).toBe(13);
    expect(reason(core.order({ clientId: 2, priceTicks: 1 }))).toBe("ClientOrderIdDuplicate");
  });

  test("a second amend, and one of an order nobody confirmed, must wait", () => {
    expect(reason(amend(20))).toBe("RequestPending");
    say(Kind.VenueAccepted);
    expect(names(amend(20))).toEqual(["VenueOrderAmend", "OrderPending"]);
    expect(position()["openBuyLots"], "lots an amend would add count at once").toBe(20);
    expect(reason(amend(21))).toBe("RequestPending");
    cancel();
    expect(reason(amend(21))).toBe("CancelPending");
    expect(reason(cancel())).toBe("CancelPending");
    say(Kind.VenueCanceled, { filledLots: 0 });
    expect(position()["openBuyLots"]).toBe(0);
    expect(reason(amend(21))).toBe("OrderNotOpen");
  });

  test("a kill switch asks venues to cancel, and keeps the reason", () => {
    const outs = core.send(Kind.KillSwitch, { scope: 2, account: 1, state: 1, cancelOpen: 1 });
    expect(names(outs)).toContain("VenueOrderCancel");
    const ended = say(Kind.VenueCanceled, { filledLots: 0 });
    expect(ended[0]).toMatchObject({ reason: CancelReason.KillSwitch, leavesLots: 10 });
  });

  test("an amend changes nothing until the venue agrees, and gives back when it does not", () => {
    say(Kind.VenueAccepted);
    amend(20, 99);
    const kept = only(query(), Kind.OrderStateRow)[0];
    expect(kept).toMatchObject({ priceTicks: 100, leavesLots: 10, state: OrderState.PendingAmend });
    expect(names(say(Kind.VenueAmendRejected))).toEqual(["AmendDenied"]);
    expect(position()["openBuyLots"]).toBe(10);
    amend(20, 99);
    const done = say(Kind.VenueAmended, { qtyLots: 20, priceTicks: 99 });
    expect(done[0]).toMatchObject({ priceTicks: 99, leavesLots: 20, state: OrderState.Live });
  });
});

describe("an answer that does not come", () => {
  test("puts the order in doubt and asks, ever less often, and nothing is sent again", () => {
    const first = wait(100);
    expect(names(first)).toEqual(["OrderInDoubt", "VenueQuery"]);
    expect(first[0]).toMatchObject({ reason: Refusal.VenueTimeout, state: OrderState.InDoubt });
    expect(first[1]).toMatchObject({ scope: QueryScope.Order, orderId: order });
    expect(names(wait(100)), "after one timeout").toEqual(["VenueQuery"]);
    expect(names(wait(100)), "not after one more").toEqual([]);
    expect(names(wait(100)), "after two").toEqual(["VenueQuery"]);
    let asked = 0;
    for (let at = 0; at < 1000; at++) asked += names(wait(100)).length;
    expect(asked, "at most every 64 timeouts in the end").toBeLessThan(22);
  });

  test("an old answer does not end the doubt, the answer to the last question does", () => {
    const [, asked] = wait(100);
    expect(names(say(Kind.VenueAccepted, { filledLots: 0 }))).toEqual(["OrderAccepted"]);
    expect(only(query(), Kind.OrderStateRow)[0]!["state"]).toBe(OrderState.InDoubt);
    const request = asked!["number"];
    const done = say(Kind.VenueAccepted, { request, filledLots: 0, qtyLots: 10, priceTicks: 100 });
    expect(done[0]).toMatchObject({ state: OrderState.Live });
    say(Kind.VenueAccepted);
    expect(ignored(ReportIgnored.Duplicate)).toBe(1);
  });

  test("an order unknown twice never got there, and is canceled if it turns up later", () => {
    let [, asked] = wait(100);
    expect(say(Kind.VenueUnknown, { request: asked!["number"] })).toEqual([]);
    [asked] = wait(100);
    const ended = say(Kind.VenueUnknown, { request: asked!["number"] });
    expect(names(ended)).toEqual(["OrderRejected"]);
    expect(ended[0]).toMatchObject({ reason: Refusal.VenueTimeout, state: OrderState.Rejected });
    expect(position()["openBuyLots"]).toBe(0);
    const again = core.order({ clientId: 1, priceTicks: 100, qtyLots: 10 });
    expect(names(again)).toEqual(["OrderRejected"]);
    expect(again[0], "the same order again").toMatchObject({ reason: Refusal.VenueTimeout });
    const late = say(Kind.VenueAccepted, { qtyLots: 10, filledLots: 0 });
    expect(names(late)).toEqual(["VenueFault", "VenueOrderCancel"]);
    expect(late[0]!["fault"]).toBe(VenueFault.UnwantedOrder);
  });

  test("an order the venue had confirmed and forgot ends canceled, and that is reported", () => {
    fill(1, 4);
    cancel();
    let [, asked] = wait(100);
    say(Kind.VenueUnknown, { request: asked!["number"] });
    [asked] = wait(100);
    const ended = say(Kind.VenueUnknown, { request: asked!["number"] });
    expect(names(ended)).toEqual(["VenueFault", "OrderCanceled"]);
    expect(ended[0]!["fault"]).toBe(VenueFault.OrderForgotten);
  });

  test("a cancel of an order in doubt goes out when the doubt ends", () => {
    const [, asked] = wait(100);
    expect(names(cancel())).toEqual(["OrderPending"]);
    const request = asked!["number"];
    const outs = say(Kind.VenueAccepted, { request, filledLots: 0, qtyLots: 10, priceTicks: 100 });
    expect(names(outs)).toEqual(["OrderAccepted", "VenueOrderCancel", "OrderPending"]);
  });

  test("an amend nobody answered is what the venue's answer says", () => {
    say(Kind.VenueAccepted);
    amend(20, 99);
    let [, asked] = wait(100);
    let outs = say(Kind.VenueAccepted, {
      ...{ request: asked!["number"], filledLots: 0, qtyLots: 20, priceTicks: 99 },
    });
    expect(outs[0]).toMatchObject({ kind: Kind.OrderAmended, leavesLots: 20, priceTicks: 99 });
    amend(30, 98);
    [, asked] = wait(100);
    outs = say(Kind.VenueAccepted, {
      ...{ request: asked!["number"], filledLots: 0, qtyLots: 20, priceTicks: 99 },
    });
    expect(outs[0]).toMatchObject({ kind: Kind.AmendDenied, reason: Refusal.VenueTimeout });
    expect(position()["openBuyLots"]).toBe(20);
  });
});

describe("fills", () => {
  test("come before the confirmation, twice, and are booked once", () => {
    const outs = fill(1, 4, { venueOrderId: 77n });
    expect(names(outs)).toEqual(["Fill", "PositionChanged", "BalanceChanged"]);
    expect(outs[0]).toMatchObject({ venueId: 1n, leavesLots: 6, state: OrderState.PartlyFilled });
    expect(fill(1, 4)).toEqual([]);
    expect(ignored(ReportIgnored.Duplicate)).toBe(1);
    expect(position()["lots"]).toBe(4);
    expect(only(cancel(), Kind.VenueOrderCancel)[0]!["venueOrderId"], "learned").toBe(77n);
  });

  test("after the end are booked and reported; the end stays", () => {
    say(Kind.VenueCanceled);
    const outs = fill(1, 4);
    expect(names(outs)).toEqual(["Fill", "PositionChanged", "VenueFault", "BalanceChanged"]);
    expect(outs[0]).toMatchObject({ state: OrderState.Canceled, filledLots: 4, leavesLots: 6 });
    expect(only(outs, Kind.VenueFault)[0]!["fault"]).toBe(VenueFault.LateFill);
    expect(core.money()).toBe(0n);
  });

  test("beyond the order are booked whole and reported, and the venue is asked", () => {
    const outs = fill(1, 15);
    expect(outs[0]).toMatchObject({ state: OrderState.InDoubt, qtyLots: 15, leavesLots: 0 });
    expect(only(outs, Kind.VenueFault)[0]).toMatchObject({
      ...{ fault: VenueFault.Overfill, expected: 10, received: 15 },
    });
    expect(position()).toMatchObject({ lots: 15, openBuyLots: 0 });
    const request = only(outs, Kind.VenueQuery)[0]!["number"];
    const ended = say(Kind.VenueAccepted, { request, qtyLots: 10, filledLots: 15 });
    expect(ended[0]).toMatchObject({ state: OrderState.Filled, filledLots: 15, leavesLots: 0 });
  });

  test("of nobody's order are kept with the instrument and booked to no account", () => {
    const orphan = { orderId: 999n << 32n, fillId: 5, qtyLots: 3, priceTicks: 100, side: 1 };
    const outs = core.send(Kind.VenueFill, { instrument: 1, venue: VENUE, ...orphan });
    expect(names(outs)).toEqual(["VenueFault"]);
    expect(outs[0]).toMatchObject({ fault: VenueFault.OrphanFill, expected: 3, fillId: 5n });
    expect(position()["lots"]).toBe(0);
    const where = { instrument: 1, venue: VENUE };
    expect(core.send(Kind.VenuePosition, { ...where, lots: 3 }), "explains it").toEqual([]);
    const differs = core.send(Kind.VenuePosition, { ...where, lots: 4 });
    expect(differs[0]).toMatchObject({
      ...{ fault: VenueFault.PositionDifference, expected: 3, received: 4 },
    });
    expect(position()["lots"], "nothing is overwritten").toBe(0);
    const agrees = core.send(Kind.VenuePosition, { ...where, lots: 3 });
    expect(agrees[0]).toMatchObject({ expected: 3, received: 3 });
  });

  test.each([
    ["no id", { fillId: 0 }],
    ["no price", { priceTicks: 0 }],
    ["negative lots", { qtyLots: -1 }],
    ["lots beyond a double", { qtyLots: 2n ** 53n }],
    ["money beyond 2^60", { qtyLots: 2 ** 40, priceTicks: 2 ** 40 }],
    ["a fee beyond a double", { feeMinor: 2n ** 60n, reportFlags: ReportFlag.FeeGiven }],
  ])("with %s are reported and not booked", (_, fields) => {
    const outs = fill(1, 4, fields);
    expect(names(outs)).toEqual(["VenueFault"]);
    expect(outs[0]!["fault"]).toBe(VenueFault.FillOutOfRange);
    expect(position()["lots"]).toBe(0);
  });

  test("take the venue's fee, in its currency, before any schedule", () => {
    core.send(Kind.FeeSchedule, { makerPerBillion: 10_000_000, takerPerBillion: 10_000_000 });
    expect(fill(1, 1)[0]!["feeMinor"], "schedule").toBe(1);
    const reportFlags = ReportFlag.FeeGiven;
    const given = fill(2, 1, { reportFlags, feeMinor: -7 });
    expect(given[0]).toMatchObject({ feeMinor: -7, feeCurrency: 1 });
    const other = fill(3, 1, { reportFlags, feeMinor: 9, feeCurrency: 2 });
    expect(other[0]).toMatchObject({ feeMinor: 9, feeCurrency: 2 });
    const cash = only(query(), Kind.AccountState).map((row) => [row["currency"], row["cashMinor"]]);
    expect(cash).toContainEqual([2, -9]);
    const unknown = fill(4, 1, { reportFlags, feeMinor: 9, feeCurrency: 999 });
    expect(unknown[0]!["fault"]).toBe(VenueFault.FeeCurrencyUnknown);
    expect(core.money(1)).toBe(0n);
    expect(core.money(2)).toBe(0n);
  });

  test("that an end names and nobody saw keep their lots open until they come", () => {
    const outs = say(Kind.VenueCanceled, { filledLots: 7 });
    expect(names(outs)).toEqual(["OrderInDoubt"]);
    expect(position()["openBuyLots"]).toBe(7);
    expect(names(wait(100)), "they are asked for").toEqual(["VenueQuery"]);
    fill(1, 3);
    const last = fill(2, 4);
    expect(names(last)).toContain("OrderCanceled");
    expect(only(last, Kind.OrderCanceled)[0]).toMatchObject({ filledLots: 7, leavesLots: 3 });
    expect(position()["openBuyLots"]).toBe(0);
  });
});

test("reports of no venue, no order, or nonsense change nothing and are counted", () => {
  const before = core.core.stateHash(2);
  expect(core.send(Kind.VenueAccepted, { venue: 8, orderId: order })).toEqual([]);
  expect(core.core.stateHash(2), "venue 8 is unknown").not.toBe(0n);
  expect(before).not.toBe(0n);
  expect(say(Kind.VenueAccepted, { orderId: 1n << 40n })).toEqual([]);
  expect(ignored(ReportIgnored.UnknownOrder)).toBe(1);
  say(Kind.VenueAccepted);
  amend(20);
  expect(say(Kind.VenueAmended, { qtyLots: -5 })).toEqual([]);
  expect(ignored(ReportIgnored.Malformed)).toBe(1);
  expect(say(Kind.VenueCancelRejected)).toEqual([]);
  expect(say(Kind.VenueUnknown, { request: 12_345n })).toEqual([]);
  expect(ignored(ReportIgnored.Stale)).toBe(2);
});

test("venues take ROUTES_OPEN_MAX orders, all are in doubt at once, rows come back", () => {
  const model = { instrument: 1, account: 2, side: Side.Buy, type: 2, tif: 1, qtyLots: 1 };
  core.sendMany(Kind.OrderNew, { ...model, priceTicks: 1 }, ROUTES_OPEN_MAX, (view, at, index) => {
    view.setBigUint64(at + ORDER_CLIENT_ID, BigInt(index + 1), true);
    view.setBigInt64(at + NEW_PRICE_TICKS, 100n, true);
  });
  expect(core.core.view.getUint32(O_ROUTES_OPEN, true)).toBe(ROUTES_OPEN_MAX);
  expect(reason(core.order({ account: 2, clientId: 99_999, priceTicks: 1 }))).toBe("OrdersFull");
  const down = core.send(Kind.VenueStatus, { venue: VENUE, state: 0 });
  expect(only(down, Kind.OrderInDoubt).length).toBe(ROUTES_OPEN_MAX);
  expect(reason(core.order({ account: 2, clientId: 99_998, priceTicks: 1 }))).toBe("OrdersFull");
  for (const row of only(down, Kind.OrderInDoubt)) {
    core.apply(Kind.VenueCanceled, { orderId: row["orderId"], venue: VENUE, filledLots: 0 });
    core.core.drain(() => undefined);
  }
  expect(core.core.view.getUint32(O_ROUTES_OPEN, true)).toBe(0);
  expect(core.core.view.getUint32(O_ROUTES, true)).toBeLessThanOrEqual(ROUTES_MAX);
  expect(reason(core.order({ account: 2, clientId: 99_997, priceTicks: 1 }))).toBe("VenueDown");
});
