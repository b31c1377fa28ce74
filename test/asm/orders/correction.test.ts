// A venue takes fills back or corrects them: money comes out as if the wrong fill had never been.
import { beforeEach, expect, test } from "vitest";
import {
  Execution,
  InstrumentKind,
  Kind,
  OrderState,
  Refusal,
  ReportFlag,
  VenueFault,
} from "../../../asm/vocab.ts";
import { OrderCore, only, type Fields, type Out } from "../order-core.ts";

const VENUE = 7;
let core: OrderCore;
let order: bigint;

beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1, { execution: Execution.Routed, venue: VENUE, referenceTicks: 100 });
  core.account(1);
  const asked = core.send(Kind.VenueStatus, { venue: VENUE, state: 1, timeoutMillis: 100 });
  const listing = only(asked, Kind.VenueQuery)[0]!["number"];
  core.send(Kind.ReconcileBegin, { venue: VENUE, listing });
  core.send(Kind.ReconcileEnd, { venue: VENUE, listing });
  const outs = core.order({ clientId: 1, priceTicks: 100, qtyLots: 10 });
  order = only(outs, Kind.OrderPending)[0]!["orderId"];
});

const names = (outs: Out[]): string[] => outs.map((out) => Kind[out["kind"] as Kind]);
const say = (kind: Kind, fields: Fields): Out[] =>
  core.send(kind, { orderId: order, venue: VENUE, filledLots: -1, ...fields });
const fill = (fillId: number, qtyLots: number, priceTicks = 100): Out[] =>
  say(Kind.VenueFill, { fillId, qtyLots, priceTicks });
const correct = (fields: Fields): Out[] =>
  say(Kind.VenueFillCorrected, {
    ...{ fillId: 90, reference: 1, wasQtyLots: 4, wasPriceTicks: 100, qtyLots: 0 },
    ...fields,
  });
const position = (): Out =>
  only(core.send(Kind.StateQuery, { account: 1 }), Kind.PositionState)[0]!;

test("a busted fill leaves neither position nor money, and the order is asked for", () => {
  fill(1, 4);
  const outs = correct({});
  expect(names(outs)).toEqual([
    ...["FillCorrection", "PositionChanged", "VenueQuery", "BalanceChanged"],
  ]);
  expect(outs[0]).toMatchObject({
    ...{ qtyLots: 0, wasQtyLots: 4, wasPriceTicks: 100, correctedId: 1n, venueId: 90n },
    ...{ filledLots: 0, positionLots: 0, realizedMinor: 0, state: OrderState.InDoubt },
  });
  expect(position()).toMatchObject({ lots: 0, cost: 0n, realizedMinor: 0, tradedLots: 0 });
  const request = only(outs, Kind.VenueQuery)[0]!["number"];
  const answer = { request, qtyLots: 10, filledLots: 0, priceTicks: 100 };
  const settled = say(Kind.VenueAccepted, answer);
  expect(settled[0]).toMatchObject({ state: OrderState.Live, leavesLots: 10 });
  expect(position()["openBuyLots"]).toBe(10);
  expect(correct({}), "once").toEqual([]);
  expect(core.money()).toBe(0n);
});

test("a fill at another price costs the other price, also after the position was closed", () => {
  fill(1, 4, 100);
  fill(2, 6, 100);
  core.order({ clientId: 2, side: 2, priceTicks: 110, qtyLots: 10 });
  const sell = only(core.send(Kind.StateQuery, { account: 1 }), Kind.OrderStateRow)[0]!["orderId"];
  say(Kind.VenueFill, { orderId: sell, fillId: 3, qtyLots: 10, priceTicks: 110 });
  expect(position()).toMatchObject({ lots: 0, realizedMinor: 100 });
  const outs = correct({ qtyLots: 4, priceTicks: 103 });
  expect(outs[0]).toMatchObject({ realizedMinor: -12, filledLots: 10, state: OrderState.Filled });
  expect(position(), "4 x (110 - 103) + 6 x (110 - 100)").toMatchObject({
    ...{ lots: 0, cost: 0n, realizedMinor: 88, tradedLots: 20 },
  });
  expect(core.money()).toBe(0n);
});

test("another quantity and fee move the position and the fees, of an inverse too", () => {
  core.send(Kind.Currency, { id: 2, minorExponent: -8, code: "BTC" });
  const specKind = InstrumentKind.InversePerpetual;
  const spec = { execution: Execution.Routed, venue: VENUE, referenceTicks: 100 };
  core.instrument(2, { ...spec, specKind, base: 2, settlement: 2 });
  const sent = core.order({ instrument: 2, clientId: 2, side: 2, priceTicks: 100, qtyLots: 10 });
  const orderId = sent[0]!["orderId"];
  const fee = { reportFlags: ReportFlag.FeeGiven, orderId };
  say(Kind.VenueFill, { ...fee, fillId: 1, qtyLots: 4, priceTicks: 100, feeMinor: 9 });
  const outs = correct({ ...fee, qtyLots: 7, priceTicks: 101, feeMinor: -3 });
  expect(outs[0]).toMatchObject({ feeMinor: -3, positionLots: -7, filledLots: 7 });
  const rows = only(core.send(Kind.StateQuery, { account: 1 }), Kind.PositionState);
  expect(rows[0]).toMatchObject({ lots: -7, feesMinor: 6, tradedLots: 7 });
  expect(core.money(2)).toBe(0n);
});

test("lots, result and fee of a corrected fill are those of the order's strategy", () => {
  core.send(Kind.Strategy, { id: 7, account: 1 });
  const sent = core.order({ clientId: 2, strategy: 7, priceTicks: 100, qtyLots: 10 });
  const of = { orderId: sent[0]!["orderId"], reportFlags: ReportFlag.FeeGiven };
  say(Kind.VenueFill, { ...of, fillId: 1, qtyLots: 4, priceTicks: 100, feeMinor: 9 });
  correct({ ...of, qtyLots: 7, priceTicks: 101, feeMinor: -3 });
  const rows = only(core.send(Kind.StateQuery, { account: 1 }), Kind.StrategyState);
  expect(rows.find((row) => row["strategy"] === 7)).toMatchObject({
    ...{ lots: 7, cost: 707n, feesMinor: 6, bookedMinor: -6, tradedLots: 7 },
  });
  expect(rows.find((row) => row["strategy"] === 0)).toMatchObject({ lots: 0, feesMinor: 0 });
});

test.each([
  ["a fill that never came", { reference: 77 }, VenueFault.CorrectionUnmatched],
  ["an order nobody here made", { orderId: 5n << 40n }, VenueFault.CorrectionUnmatched],
  ["nothing, without a number of its own", { fillId: 0 }, VenueFault.CorrectionUnmatched],
  ["more than was filled", { wasQtyLots: 5 }, VenueFault.FillOutOfRange],
  ["a fill of no price", { wasPriceTicks: 0 }, VenueFault.FillOutOfRange],
  ["a fill into lots of no price", { qtyLots: 3, priceTicks: 0 }, VenueFault.FillOutOfRange],
  ["a fill into less than nothing", { qtyLots: -1 }, VenueFault.FillOutOfRange],
  ["money beyond 2^60", { qtyLots: 2 ** 40, priceTicks: 2 ** 40 }, VenueFault.FillOutOfRange],
])("a correction of %s is reported and not booked", (_, fields, fault) => {
  fill(1, 4);
  const outs = correct(fields);
  expect(names(outs)).toEqual(["VenueFault"]);
  expect(outs[0]!["fault"]).toBe(fault);
  expect(position()["lots"]).toBe(4);
});

test("a correction before its fill is refused, and taken when it comes again", () => {
  expect(correct({})[0]!["fault"]).toBe(VenueFault.CorrectionUnmatched);
  fill(1, 4);
  expect(names(correct({}))).toContain("FillCorrection");
  expect(fill(1, 4), "the fill is still known").toEqual([]);
  expect(position()["lots"]).toBe(0);
});

test("a venue's balance overwrites nothing: it is refused with a number", () => {
  const ring = core.core.command;
  const at = ring.reserve(1);
  core.core.u8.fill(0, at, at + 64);
  core.core.view.setUint16(at, Kind.VenueBalance, true);
  ring.commit();
  ring.publish();
  const outs = core.send(Kind.TopOfBook, { instrument: 99 });
  expect(only(outs, Kind.ConfigDenied)[0]).toMatchObject({
    ...{ configKind: Kind.VenueBalance, reason: Refusal.KindNotAllowed },
  });
});
