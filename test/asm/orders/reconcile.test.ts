// The link to a venue: what is asked when it comes up, and what holds until the answer is whole.
import { beforeEach, expect, test } from "vitest";
import { VENUES_MAX } from "../../../asm/layout.ts";
import {
  Execution,
  Kind,
  OrderState,
  QueryScope,
  Refusal,
  ReportFlag,
  VenueFault,
} from "../../../asm/vocab.ts";
import { OrderCore, only, type Fields, type Out } from "../order-core.ts";

const VENUE = 7;
let core: OrderCore;
let clientId = 0;

beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1, { execution: Execution.Routed, venue: VENUE, referenceTicks: 100 });
  core.account(1);
  clientId = 0;
});

const names = (outs: Out[]): string[] => outs.map((out) => Kind[out["kind"] as Kind]);
const up = (): unknown => {
  const outs = core.send(Kind.VenueStatus, { venue: VENUE, state: 1, timeoutMillis: 100 });
  return only(outs, Kind.VenueQuery)[0]!["number"];
};
const down = (): Out[] => core.send(Kind.VenueStatus, { venue: VENUE, state: 0 });
const begin = (listing: unknown): Out[] =>
  core.send(Kind.ReconcileBegin, { venue: VENUE, listing });
const end = (listing: unknown, records: number): Out[] =>
  core.send(Kind.ReconcileEnd, { venue: VENUE, listing, records });
const order = (): Out => core.order({ clientId: ++clientId, priceTicks: 100, qtyLots: 10 })[0]!;
const listed = (kind: Kind, request: unknown, fields: Fields): Out[] =>
  core.send(kind, { venue: VENUE, request, reportFlags: ReportFlag.Listed, ...fields });
const link = (): void => {
  const listing = up();
  begin(listing);
  end(listing, 0);
};

test("orders enter only when the listing is done", () => {
  const denied = (): unknown => Refusal[order()["reason"] as Refusal];
  expect(denied(), "before any status").toBe("VenueDown");
  const listing = up();
  expect(denied(), "asked").toBe("VenueDown");
  begin(listing);
  expect(denied(), "listing").toBe("VenueDown");
  end(listing, 0);
  expect(order()["state"]).toBe(OrderState.Pending);
  down();
  expect(denied(), "down").toBe("VenueDown");
});

test("a lost link puts every open order in doubt, the listing and single answers end it", () => {
  link();
  const [a, b, c] = [order(), order(), order()].map((one) => one["orderId"]);
  expect(names(down())).toEqual(["OrderInDoubt", "OrderInDoubt", "OrderInDoubt", "ConfigAccepted"]);
  const listing = up();
  begin(listing);
  const seen = { filledLots: 4, qtyLots: 10, priceTicks: 100 };
  listed(Kind.VenueFill, listing, { orderId: a, fillId: 1, qtyLots: 4, priceTicks: 100 });
  const resolved = listed(Kind.VenueAccepted, listing, { orderId: a, ...seen });
  expect(resolved[0]).toMatchObject({ state: OrderState.PartlyFilled, leavesLots: 6 });
  const short = listed(Kind.VenueAccepted, listing, { orderId: b, ...seen });
  expect(names(short), "the venue has a fill that we lack").toEqual([]);
  const asked = only(end(listing, 3), Kind.VenueQuery);
  expect(new Set(asked.map((out) => out["orderId"]))).toEqual(new Set([b, c]));
  const request = asked.find((out) => out["orderId"] === c)!["number"];
  const gone = core.send(Kind.VenueCanceled, { orderId: c, venue: VENUE, request, filledLots: 0 });
  expect(names(gone)).toEqual(["OrderCanceled"]);
});

test("a listing with a hole, of another number, or that never ends is asked for again", () => {
  const first = up();
  begin(999n);
  begin(first);
  begin(first);
  const again = only(end(first, 1), Kind.VenueQuery)[0]!;
  expect(again).toMatchObject({ scope: QueryScope.Listing });
  begin(again["number"]);
  core.nowNanos += 100e6;
  const third = only(core.send(Kind.TopOfBook, { instrument: 99 }), Kind.VenueQuery)[0]!;
  expect(third["scope"]).toBe(QueryScope.Listing);
  expect(names(end(again["number"], 0)), "too late").toEqual([]);
  begin(third["number"]);
  expect(names(end(third["number"], 0))).toEqual([]);
  expect(order()["state"]).toBe(OrderState.Pending);
});

test("a listed order that nobody here made is reported, one that ended here is canceled", () => {
  link();
  const mine = order()["orderId"];
  core.send(Kind.VenueCanceled, { orderId: mine, venue: VENUE, filledLots: 0 });
  const listing = up();
  begin(listing);
  const foreign = listed(Kind.VenueAccepted, listing, { orderId: 5n << 32n, qtyLots: 3 });
  expect(foreign[0]!["fault"]).toBe(VenueFault.OrphanOrder);
  const zombie = listed(Kind.VenueAccepted, listing, { orderId: mine, qtyLots: 10 });
  expect(names(zombie)).toEqual(["VenueFault", "VenueOrderCancel"]);
});

test("positions are compared when the listing ends, or when the last doubt does", () => {
  link();
  const mine = order()["orderId"];
  let listing = up();
  const place = { instrument: 1, venue: VENUE, linkFlags: ReportFlag.Listed };
  begin(listing);
  core.send(Kind.VenuePosition, { ...place, listing, lots: 4 });
  const ended = end(listing, 1);
  expect(names(ended), "an order in doubt explains it").toEqual(["VenueQuery"]);
  core.send(Kind.VenueFill, {
    orderId: mine,
    venue: VENUE,
    fillId: 1,
    qtyLots: 4,
    priceTicks: 100,
  });
  const request = ended[0]!["number"];
  const fields = { orderId: mine, venue: VENUE, request, filledLots: 4 };
  const asked = core.send(Kind.VenueCanceled, fields);
  expect(only(asked, Kind.VenueQuery)[0]).toMatchObject({ scope: QueryScope.Position });
  expect(core.send(Kind.VenuePosition, { instrument: 1, venue: VENUE, lots: 4 })).toEqual([]);
  listing = up();
  begin(listing);
  core.send(Kind.VenuePosition, { ...place, listing, lots: 5 });
  expect(end(listing, 1)[0]).toMatchObject({
    ...{ kind: Kind.VenueFault, fault: VenueFault.PositionDifference, expected: 4, received: 5 },
  });
});

test("VENUES_MAX venues are known, one more is refused", () => {
  for (let id = 1; id < VENUES_MAX; id++) core.send(Kind.VenueStatus, { venue: id, state: 0 });
  const outs = core.send(Kind.VenueStatus, { venue: 999, state: 0 });
  expect(only(outs, Kind.ConfigDenied)[0]!["reason"]).toBe(Refusal.VenuesFull);
  const bad = core.send(Kind.VenueStatus, { venue: 1, state: 2 });
  expect(only(bad, Kind.ConfigDenied)[0]!["reason"]).toBe(Refusal.ParameterInvalid);
});
