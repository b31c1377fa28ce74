// Parents whose children go to a venue: one child until its end is known, whatever gets lost.
import { beforeEach, describe, expect, test } from "vitest";
import { PARENT_DENIALS_MAX, PARENTS_MAX } from "../../../asm/layout.ts";
import {
  Algorithm,
  CancelReason,
  ChildStyle,
  Execution,
  InstrumentKind,
  Kind,
  OrderType,
  ParentFlag,
  ParentState,
  Refusal,
  Scope,
  Side,
  TimeInForce,
} from "../../../asm/vocab.ts";
import { BASE_NANOS, only, OrderCore, type Fields, type Out } from "../order-core.ts";

const VENUE = 7;
const SECOND = 1_000_000_000;
const OWN = 1;

let core: OrderCore;
let fillIds = 0;
/** The request of the child that was sent last. */
let sent: Out;

beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1, { execution: Execution.Routed, venue: VENUE });
  core.account(OWN);
  core.account(3);
  fillIds = 0;
  link();
  quote(99, 101);
});

const at = (seconds: number): bigint => BASE_NANOS + BigInt(Math.round(seconds * SECOND));
const reports = (outs: Out[]): Out[] =>
  outs.filter((out) => [Kind.ParentProgress, Kind.ParentDone].includes(out["kind"]));
const done = (outs: Out[]): Out | undefined => only(outs, Kind.ParentDone)[0];
const sends = (outs: Out[]): Out[] => only(outs, Kind.VenueOrderNew);

/** Remembers the child that `outs` sent, if one. */
function noted(outs: Out[]): Out[] {
  sent = sends(outs).at(-1) ?? sent;
  return outs;
}

function link(timeoutMillis = 600_000): Out[] {
  const asked = core.send(Kind.VenueStatus, { venue: VENUE, state: 1, timeoutMillis });
  const listing = only(asked, Kind.VenueQuery)[0]!["number"];
  core.send(Kind.ReconcileBegin, { venue: VENUE, listing });
  return core.send(Kind.ReconcileEnd, { venue: VENUE, listing });
}

function quote(bidTicks: number, askTicks: number): void {
  const sides = { bidTicks, bidLots: 100, askTicks, askLots: 100 };
  core.send(Kind.TopOfBook, { instrument: 1, ...sides });
}

/** Ten slices of a second, ten lots each, resting at the bid. */
function parent(fields: Fields = {}): Out[] {
  return noted(
    core.send(Kind.ParentNew, {
      ...{ instrument: 1, account: OWN, clientId: 7, algorithm: Algorithm.Twap, side: Side.Buy },
      ...{ style: ChildStyle.Passive, qtyLots: 100, intervalNanos: SECOND },
      endNanos: at(core.nowNanos / SECOND + 10),
      ...fields,
    }),
  );
}

/** Lets time pass; the answers of the timers. */
function until(seconds: number): Out[] {
  core.nowNanos = Math.round(seconds * SECOND);
  return noted(core.send(Kind.CashAdjust, { account: 3, currency: 1, amountMinor: 1 }));
}

/** A report about the child sent last, or about `child`, and what its parent does at once. */
function say(kind: Kind, fields: Fields = {}, child = sent): Out[] {
  const about = { orderId: child["orderId"], venue: VENUE, filledLots: -1 };
  return noted(core.send(kind, { ...about, ...fields }));
}
const fill = (qtyLots: number, priceTicks = 99, child = sent): Out[] =>
  say(Kind.VenueFill, { fillId: ++fillIds, qtyLots, priceTicks }, child);
const stop = (): Out[] => core.send(Kind.ParentCancel, { account: OWN, clientId: 7 });

test.each([
  ["TWAP", { algorithm: Algorithm.Twap }],
  ["VWAP", { algorithm: Algorithm.Vwap }],
  ["POV", { algorithm: Algorithm.Pov, shareBps: 5000 }],
  ["shortfall", { algorithm: Algorithm.ImplementationShortfall, impact: 1, volatility: 1 }],
  ["iceberg", { algorithm: Algorithm.Iceberg, childMaxLots: 20, limitTicks: 99, intervalNanos: 0 }],
])("%s works its quantity in children at the venue, and no more", (_, fields) => {
  const weights = Array.from({ length: 24 }, () => 5);
  core.send(Kind.VolumeCurve, { instrument: 1, bins: 24, weights });
  const all = parent(fields);
  const filled = new Set<Out>();
  for (let slice = 0; slice < 10; slice++) {
    core.send(Kind.TradePrint, { instrument: 1, priceTicks: 100, qtyLots: 50 });
    for (const child of sends(all).filter((one) => !filled.has(one))) {
      filled.add(child);
      say(Kind.VenueAccepted, {}, child);
      all.push(...fill(Number(child["qtyLots"]), 99, child));
    }
    all.push(...until(slice + 1 - 0.01), ...until(slice + 1));
  }
  const lots = sends(all).reduce((sum, out) => sum + Number(out["qtyLots"]), 0);
  expect(lots).toBe(100);
  expect(done(all)).toMatchObject({ state: ParentState.Filled, filledLots: 100, cost: 9900n });
  expect(core.money()).toBe(0n);
});

describe("one child at a time", () => {
  test("a child in flight is working: the next slice asks it to end first", () => {
    parent();
    expect(sent).toMatchObject({ qtyLots: 10, type: OrderType.Limit, tif: TimeInForce.Gtc });
    const next = until(1);
    expect(sends(next), "20 lots are due, ten are out").toEqual([]);
    expect(only(next, Kind.VenueOrderCancel)).toHaveLength(1);
    expect(only(until(2), Kind.VenueOrderCancel), "asked once").toEqual([]);
    const gone = say(Kind.VenueCanceled, { filledLots: 0 });
    expect(sends([...gone, ...until(2)])).toHaveLength(1);
    expect(sent).toMatchObject({ qtyLots: 30 });
  });

  test("a fill on its way while its cancel is out is not sent again", () => {
    parent();
    until(1);
    fill(4);
    until(1.5);
    say(Kind.VenueCanceled, { filledLots: 6 });
    expect(sends(until(1.6)), "two lots are missing").toEqual([]);
    const late = fill(2);
    expect(sends([...late, ...until(1.7)])).toHaveLength(1);
    expect(sent).toMatchObject({ qtyLots: 14 });
  });

  test("an unknown child is working until the venue has said twice that it is not there", () => {
    link(100);
    parent();
    let request = only(until(0.2), Kind.VenueQuery).at(-1)["number"];
    expect(sends(until(0.3)), "in doubt").toEqual([]);
    say(Kind.VenueUnknown, { request });
    const again = only(until(1.5), Kind.VenueQuery);
    request = again.at(-1)["number"];
    const gone = say(Kind.VenueUnknown, { request });
    expect(only(gone, Kind.OrderRejected)[0]!["reason"]).toBe(Refusal.VenueTimeout);
    expect(sends([...gone, ...until(1.6)]), "after a pause").toEqual([]);
    expect(sends(until(1.8))).toHaveLength(1);
    expect(sent).toMatchObject({ qtyLots: 20 });
  });

  test("an immediate child is not canceled: it makes room by itself", () => {
    parent({ style: ChildStyle.Aggressive });
    expect(sent).toMatchObject({ type: OrderType.Market, tif: TimeInForce.Ioc });
    expect(only(until(1), Kind.VenueOrderCancel)).toEqual([]);
    fill(3, 101);
    say(Kind.VenueCanceled, { filledLots: 3 });
    expect(sends(until(2))).toHaveLength(1);
    expect(sent).toMatchObject({ qtyLots: 27 });
  });

  test("a late fill of an ended child makes the working one smaller", () => {
    parent();
    const first = sent;
    until(1);
    say(Kind.VenueCanceled, { filledLots: 0 });
    expect(sends(until(1.1)).concat(sent).at(-1)).toMatchObject({ qtyLots: 20 });
    say(Kind.VenueAccepted);
    const late = [...fill(10, 99, first), ...until(1.2)];
    expect(only(late, Kind.VenueOrderCancel)).toHaveLength(1);
    const gone = say(Kind.VenueCanceled, { filledLots: 0 });
    expect(sends([...gone, ...until(1.3)])[0]).toMatchObject({ qtyLots: 10 });
  });
});

describe("refusals and links", () => {
  test("a venue's refusal is a denial with a pause, six in a row end the parent", () => {
    parent({ endNanos: at(1000), intervalNanos: 500 * SECOND });
    let outs: Out[] = [];
    for (let time = 1; time <= PARENT_DENIALS_MAX; time++) {
      outs = say(Kind.VenueRejected, { filledLots: 0 });
      expect(sends(outs)).toEqual([]);
      outs.push(...until(core.nowNanos / SECOND + 0.25 * 2 ** (time - 1)));
      expect(sends(outs)).toHaveLength(time < PARENT_DENIALS_MAX ? 1 : 0);
    }
    expect(done(outs)).toMatchObject({
      ...{ state: ParentState.Denied, reason: Refusal.VenueRejected, denials: 6, filledLots: 0 },
    });
  });

  test("a fill between refusals begins their count anew", () => {
    parent({ endNanos: at(1000), intervalNanos: 500 * SECOND, childMaxLots: 1 });
    for (let time = 1; time < PARENT_DENIALS_MAX; time++) {
      say(Kind.VenueRejected, { filledLots: 0 });
      until(core.nowNanos / SECOND + 8);
    }
    fill(1);
    until(500);
    say(Kind.VenueRejected, { filledLots: 0 });
    expect(sends(until(501)), "the first pause").toHaveLength(1);
  });

  test("while the link is down it waits, and says so once", () => {
    core.send(Kind.VenueStatus, { venue: VENUE, state: 0 });
    const outs = [...parent(), ...until(3)];
    expect(sends(outs)).toEqual([]);
    const down = reports(outs).filter((out) => out["reason"] === Refusal.VenueDown);
    expect(down).toHaveLength(1);
    link();
    expect(sends(until(4))[0]).toMatchObject({ qtyLots: 50 });
  });
});

describe("ends", () => {
  test("a parent that ends waits for its child, whose fills it counts", () => {
    parent();
    fill(4);
    const outs = stop();
    expect(reports(outs)).toMatchObject([
      { kind: Kind.ParentProgress, progressFlags: ParentFlag.Ending, filledLots: 4 },
    ]);
    expect(only(outs, Kind.VenueOrderCancel)).toHaveLength(1);
    expect(only(stop(), Kind.CancelDenied)[0]!["reason"]).toBe(Refusal.CancelPending);
    fill(3);
    expect(reports(until(20)), "its own end says nothing either").toEqual([]);
    const gone = [...say(Kind.VenueCanceled, { filledLots: 7 }), ...until(21)];
    expect(done(gone)).toMatchObject({ state: ParentState.Canceled, filledLots: 7, children: 1 });
    expect(only(gone, Kind.OrderCanceled)[0]!["reason"]).toBe(CancelReason.Parent);
  });

  test("one that was filled whole while it waited is filled", () => {
    parent({ qtyLots: 10, intervalNanos: 10 * SECOND });
    stop();
    expect(done([...fill(10), ...until(1)])).toMatchObject({
      ...{ state: ParentState.Filled, reason: 0, progressFlags: 0 },
    });
  });

  test.each([
    ["a kill switch", { scope: Scope.Account, account: OWN, state: 1, cancelOpen: 1 }, true],
    ["a mass cancel", { scope: Scope.Account, account: OWN }, false],
  ])("%s ends parent and child, the child at its venue first", (_, fields, isKill) => {
    parent();
    const outs = core.send(isKill ? Kind.KillSwitch : Kind.MassCancel, fields);
    expect(only(outs, Kind.VenueOrderCancel)).toHaveLength(1);
    expect(done(outs)).toBeUndefined();
    const gone = [...say(Kind.VenueCanceled, { filledLots: 0 }), ...until(1)];
    expect(done(gone)).toMatchObject({
      ...{ state: ParentState.Canceled, reason: isKill ? Refusal.KillSwitchOn : 0 },
    });
  });

  test("a fill or bust after the end says the figures again, of the market as it was then", () => {
    parent({ qtyLots: 10, intervalNanos: 10 * SECOND });
    core.send(Kind.TradePrint, { instrument: 1, priceTicks: 100, qtyLots: 40 });
    fill(4);
    stop();
    const gone = [...say(Kind.VenueCanceled, { filledLots: 4 }), ...until(1)];
    expect(done(gone)).toMatchObject({ filledLots: 4, marketLots: 40, shareBps: 1000 });
    core.send(Kind.TradePrint, { instrument: 1, priceTicks: 100, qtyLots: 40 });
    expect(done(fill(2))).toMatchObject({ filledLots: 6, cost: 594n, marketLots: 40 });
    const bust = { fillId: 99, reference: 1, wasQtyLots: 4, wasPriceTicks: 99, qtyLots: 0 };
    expect(done(say(Kind.VenueFillCorrected, bust))).toMatchObject({ filledLots: 2, cost: 198n });
    expect(core.money()).toBe(0n);
  });

  test("a fill whose parent is forgotten is nobody else's", () => {
    parent({ qtyLots: 10 });
    const child = sent;
    stop();
    say(Kind.VenueCanceled, { filledLots: 0 });
    until(1);
    for (let id = 0; id < PARENTS_MAX; id++) {
      parent({ clientId: 100 + id, qtyLots: 10, startNanos: at(5), endNanos: at(20) });
      if (id + 2 < PARENTS_MAX) core.send(Kind.ParentCancel, { account: OWN, clientId: 100 + id });
    }
    const outs = fill(10, 99, child);
    expect(only(outs, Kind.Fill)).toHaveLength(1);
    expect(reports(outs)).toEqual([]);
    const rows = only(core.send(Kind.StateQuery, { account: OWN }), Kind.ParentStateRow);
    expect(rows.map((row) => row["filledLots"])).toEqual(rows.map(() => 0));
    expect(rows.length).toBeGreaterThan(0);
  });
});

test("a busted fill of a working child is asked for again when the child has ended", () => {
  parent({ qtyLots: 10, intervalNanos: 10 * SECOND });
  fill(10);
  const bust = { fillId: 99, reference: 1, wasQtyLots: 4, wasPriceTicks: 99, qtyLots: 0 };
  // The turn that would have said Filled finds four lots missing.
  const outs = [...say(Kind.VenueFillCorrected, bust), ...until(0.5), ...until(10)];
  expect(done(outs)).toMatchObject({ filledLots: 6, qtyLots: 10 });
});

test("cash at a venue is worked as contracts are, its balance held for the child alone", () => {
  core.send(Kind.Currency, { id: 2, minorExponent: -8, code: "BTC" });
  const spot = { specKind: InstrumentKind.Spot, base: 2, lotExponent: -3 };
  core.instrument(2, { ...spot, execution: Execution.Routed, venue: VENUE });
  core.send(Kind.CashAdjust, { account: OWN, currency: 1, amountMinor: 100_000 });
  const sides = { bidTicks: 1_000_000, bidLots: 9, askTicks: 1_000_100, askLots: 9 };
  core.send(Kind.TopOfBook, { instrument: 2, ...sides });
  parent({ instrument: 2, qtyLots: 50 });
  const held = (): unknown =>
    only(core.send(Kind.StateQuery, { account: OWN }), Kind.AccountState).find(
      (row) => row["currency"] === 1,
    )!["lockedMinor"];
  expect(sent).toMatchObject({ qtyLots: 5 });
  expect(held()).toBe(5_000);
  fill(5, 1_000_000);
  expect(held()).toBe(0);
  until(1);
  expect(held()).toBe(5_000);
  expect([core.money(1), core.money(2)]).toEqual([0n, 0n]);
});
