// Answers that come late, out of turn or too many: nothing is undone, hidden or asked in vain.
import { beforeEach, expect, test } from "vitest";
import { CANCELS_PER_COMMAND_MAX, VENUE_ROWS, VENUE_ROW_BYTES } from "../../../asm/layout.ts";
import {
  AmendField,
  CancelReason,
  Execution,
  InstrumentKind,
  Kind,
  ORDER_CLIENT_ID,
  OrderState,
  OrderType,
  QueryScope,
  Refusal,
  ReportFlag,
  ReportIgnored,
  Scope,
  Side,
  TimeInForce,
  VenueFault,
} from "../../../asm/vocab.ts";
import { BASE_NANOS, OrderCore, only, type Fields, type Out } from "../order-core.ts";

const VENUE = 7;
const MILLI = 1e6;
const EXPIRY_NANOS = 3_600e9;
let core: OrderCore;
let order: bigint;

beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1, { execution: Execution.Routed, venue: VENUE, referenceTicks: 100 });
  core.instrument(2, {
    ...{ execution: Execution.Routed, venue: VENUE, referenceTicks: 100 },
    ...{ specKind: InstrumentKind.Future, expiryNanos: BASE_NANOS + BigInt(EXPIRY_NANOS) },
  });
  core.account(1);
  link();
  const outs = core.order({ clientId: 1, priceTicks: 100, qtyLots: 10 });
  order = only(outs, Kind.OrderPending)[0]!["orderId"];
});

const names = (outs: Out[]): string[] => outs.map((out) => Kind[out["kind"] as Kind]);
const say = (kind: Kind, fields: Fields = {}): Out[] =>
  core.send(kind, { orderId: order, venue: VENUE, filledLots: -1, ...fields });
const amend = (qtyLots: number, priceTicks: number): bigint => {
  const fields = AmendField.Qty | AmendField.Price;
  const what = { account: 1, clientId: 1, fields, qtyLots, priceTicks };
  return only(core.send(Kind.OrderAmend, what), Kind.VenueOrderAmend)[0]!["number"];
};
const ignored = (why: ReportIgnored): number =>
  core.core.view.getUint32(VENUE_ROWS + VENUE_ROW_BYTES + 32 + why * 4, true);
const row = (): Out => only(core.send(Kind.StateQuery, { account: 1 }), Kind.OrderStateRow).at(-1);

function listing(): unknown {
  const asked = core.send(Kind.VenueStatus, { venue: VENUE, state: 1, timeoutMillis: 100 });
  return only(asked, Kind.VenueQuery)[0]!["number"];
}

function link(): void {
  const number = listing();
  core.send(Kind.ReconcileBegin, { venue: VENUE, listing: number });
  core.send(Kind.ReconcileEnd, { venue: VENUE, listing: number });
}

/** Time passes; what timers did. */
function wait(millis: number): Out[] {
  core.nowNanos += millis * MILLI;
  return core.send(Kind.TopOfBook, { instrument: 99 });
}

test("a listing older than an amend and its fills ends nothing, the order is asked for", () => {
  say(Kind.VenueAccepted);
  amend(30, 95);
  const request = listing();
  say(Kind.VenueFill, { fillId: 1, qtyLots: 17, priceTicks: 95 });
  core.send(Kind.ReconcileBegin, { venue: VENUE, listing: request });
  const old = { request, reportFlags: ReportFlag.Listed, qtyLots: 10, priceTicks: 100 };
  expect(say(Kind.VenueAccepted, { ...old, filledLots: 0 }), "ten lots, and 17 filled").toEqual([]);
  const end = { venue: VENUE, listing: request, records: 1 };
  const asked = only(core.send(Kind.ReconcileEnd, end), Kind.VenueQuery)[0]!;
  expect(row()).toMatchObject({ state: OrderState.InDoubt, filledLots: 17 });
  const answer = { request: asked["number"], qtyLots: 30, filledLots: 17, priceTicks: 95 };
  const outs = say(Kind.VenueAccepted, answer);
  expect(outs[0]).toMatchObject({ state: OrderState.PartlyFilled, leavesLots: 13 });
});

test("an amend that came too late asks what became of the order: fills may be lost", () => {
  say(Kind.VenueAccepted);
  amend(12, 101);
  const outs = say(Kind.VenueAmendRejected, { reason: Refusal.OrderNotOpen });
  expect(names(outs)).toEqual(["AmendDenied", "VenueQuery"]);
  const request = only(outs, Kind.VenueQuery)[0]!["number"];
  expect(row()["state"]).toBe(OrderState.InDoubt);
  say(Kind.VenueFill, { fillId: 1, qtyLots: 10, priceTicks: 100 });
  expect(say(Kind.VenueAccepted, { request, filledLots: 10 }), "it was filled").toEqual([]);
});

test("the report of an amend that an answer told of does not undo the next amend", () => {
  say(Kind.VenueAccepted);
  const terms = [
    { qtyLots: 20, priceTicks: 99 },
    { qtyLots: 30, priceTicks: 98 },
  ];
  const numbers = terms.map(({ qtyLots, priceTicks }) => {
    const number = amend(qtyLots, priceTicks);
    const request = only(wait(100), Kind.VenueQuery)[0]!["number"];
    say(Kind.VenueAccepted, { request, filledLots: 0, qtyLots, priceTicks });
    return number;
  });
  expect(say(Kind.VenueAmended, { request: numbers[0], ...terms[0] })).toEqual([]);
  expect(row()).toMatchObject({ leavesLots: 30, priceTicks: 98 });
  expect(ignored(ReportIgnored.Stale)).toBe(1);
});

test("an answer to a request that was never made does not make the real one an old one", () => {
  say(Kind.VenueAccepted);
  const request = amend(20, 99);
  const terms = { qtyLots: 20, priceTicks: 99 };
  expect(say(Kind.VenueAmended, { request: request + 1_000n, ...terms })).toEqual([]);
  expect(ignored(ReportIgnored.Malformed)).toBe(1);
  expect(names(say(Kind.VenueAmended, { request, ...terms }))).toEqual(["OrderAmended"]);
});

test("a market order keeps no price, whatever its venue shows", () => {
  core.send(Kind.TopOfBook, { instrument: 1, askTicks: 100, askLots: 9, bidTicks: 99, bidLots: 9 });
  const sent = core.order({ clientId: 2, type: OrderType.Market, tif: TimeInForce.Ioc });
  const orderId = sent[0]!["orderId"];
  const request = only(wait(100), Kind.VenueQuery).find((out) => out["orderId"] === orderId)!;
  const fields = {
    orderId,
    request: request["number"],
    priceTicks: 101,
    qtyLots: 1,
    filledLots: 0,
  };
  expect(say(Kind.VenueAccepted, fields)[0]).toMatchObject({ priceTicks: 0 });
});

test("a mass cancel asks each order once, however many a venue has not answered yet", () => {
  const count = CANCELS_PER_COMMAND_MAX + 100;
  const model = { instrument: 1, account: 1, side: Side.Buy, type: 2, tif: 1, qtyLots: 1 };
  core.sendMany(Kind.OrderNew, { ...model, priceTicks: 100 }, count, (view, at, index) => {
    view.setBigUint64(at + ORDER_CLIENT_ID, BigInt(index + 2), true);
  });
  const mass = (): [number, unknown, unknown] => {
    const outs = core.send(Kind.MassCancel, { account: 1, scope: Scope.Account, clientId: 1 });
    const { done, left } = only(outs, Kind.MassCanceled)[0]!;
    return [only(outs, Kind.VenueOrderCancel).length, done, left];
  };
  expect(mass()).toEqual([CANCELS_PER_COMMAND_MAX, CANCELS_PER_COMMAND_MAX, 101]);
  expect(mass(), "those behind the first").toEqual([101, 101, 0]);
  expect(mass(), "nothing is left to ask").toEqual([0, 0, 0]);
});

test("after a new link the first question comes at once, and the second after one timeout", () => {
  for (let round = 0; round < 50; round++) wait(1_000);
  const number = listing();
  core.send(Kind.ReconcileBegin, { venue: VENUE, listing: number });
  const asked = core.send(Kind.ReconcileEnd, { venue: VENUE, listing: number });
  expect(names(asked)).toEqual(["VenueQuery"]);
  expect(names(wait(100)), "long silence before the link counts no more").toEqual(["VenueQuery"]);
});

test("a listing is missed when nothing came for a timeout, not when it is long", () => {
  const number = listing();
  core.send(Kind.ReconcileBegin, { venue: VENUE, listing: number });
  const listed = { request: number, reportFlags: ReportFlag.Listed };
  for (let at = 0; at < 5; at++) {
    expect(only(wait(80), Kind.VenueQuery)).toEqual([]);
    say(Kind.VenueAccepted, { ...listed, qtyLots: 10, filledLots: 0, priceTicks: 100 });
  }
  expect(only(wait(100), Kind.VenueQuery)[0]).toMatchObject({ scope: QueryScope.Listing });
});

test("lots of nobody are kept as far as a position may go, and of the right venue only", () => {
  const orphan = { orderId: 999n << 32n, venue: VENUE, priceTicks: 100, side: Side.Buy };
  const lots = 2 ** 53 - 1;
  const fill = (fillId: number, instrument: number, qtyLots: number): Out =>
    core.send(Kind.VenueFill, { ...orphan, instrument, fillId, qtyLots })[0]!;
  expect(fill(1, 1, lots)).toMatchObject({ fault: VenueFault.OrphanFill, expected: lots });
  expect(fill(2, 1, 1)).toMatchObject({ fault: VenueFault.FillOutOfRange, expected: lots });
  core.instrument(3, { referenceTicks: 100 });
  expect(fill(3, 3, 5), "an instrument of no venue").toMatchObject({ expected: 0, received: 5 });
});

test("a future settles when its venue has ended the last order, fills before that included", () => {
  const sent = core.order({ instrument: 2, clientId: 2, priceTicks: 100, qtyLots: 10 });
  const orderId = sent[0]!["orderId"];
  say(Kind.VenueAccepted, { orderId });
  say(Kind.VenueCanceled);
  core.nowNanos = EXPIRY_NANOS;
  const asked = core.send(Kind.TopOfBook, { instrument: 99 });
  expect(names(asked)).toEqual(["VenueOrderCancel", "OrderPending"]);
  say(Kind.VenueFill, { orderId, fillId: 1, qtyLots: 4, priceTicks: 90 });
  core.send(Kind.TradePrint, { instrument: 2, priceTicks: 95, qtyLots: 1 });
  const ended = say(Kind.VenueCanceled, { orderId, filledLots: 4 });
  expect(ended[0]).toMatchObject({ reason: CancelReason.InstrumentChange, leavesLots: 6 });
  const settled = only(wait(60_000), Kind.PositionChanged)[0];
  const marked = "at the mark of the expiry, not at the trade after it";
  expect(settled, marked).toMatchObject({ lots: 0, realizedMinor: 40 });
  expect(core.money()).toBe(0n);
});
