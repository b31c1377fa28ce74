// Parents: schedules that add up, children under drift limits, ends of every kind, exact costs.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, test } from "vitest";
import {
  H_DEADLINE_ORDER,
  PARENT_CHILDREN_MAX,
  PARENT_DENIALS_MAX,
  PARENT_SLICES_MAX,
  PARENTS_MAX,
  PARENTS_PER_ACCOUNT_MAX,
} from "../../../asm/layout.ts";
import {
  Algorithm,
  CancelReason,
  ChildStyle,
  Execution,
  InstrumentPhase,
  Kind,
  ORDER_ACCOUNT,
  ORDER_CLIENT_ID,
  OrderFlag,
  ParentFlag,
  ParentState,
  Refusal,
  Scope,
  SelfTrade,
  Side,
} from "../../../asm/vocab.ts";
import { seeded } from "../../reference/random.ts";
import { BASE_NANOS, only, OrderCore, type Fields, type Out } from "../order-core.ts";

const SECOND = 1_000_000_000;
const DAY = 86_400 * SECOND;
const BOOK = 1;
const PAPER = 2;
/** Of the parents' account, of the one that makes the market, and of one more. */
const [OWN, MARKET] = [1, 2];

let core: OrderCore;
let next = 1;
beforeEach(() => {
  core = OrderCore.create();
  core.instrument(BOOK);
  core.instrument(PAPER, { execution: Execution.Paper });
  for (const id of [OWN, MARKET, 3]) core.account(id);
  next = 1000;
});

function at(seconds: number): bigint {
  return BASE_NANOS + BigInt(Math.round(seconds * SECOND));
}

function deadline(): bigint {
  return core.core.view.getBigInt64(H_DEADLINE_ORDER, true);
}

/** Ten slices of a second, bought on paper at any price, crossing the spread. */
function parent(fields: Fields = {}): Out[] {
  return core.send(Kind.ParentNew, {
    instrument: PAPER,
    account: OWN,
    clientId: 7,
    algorithm: Algorithm.Twap,
    side: Side.Buy,
    style: ChildStyle.Aggressive,
    qtyLots: 100,
    endNanos: at(core.nowNanos / SECOND + 10),
    intervalNanos: SECOND,
    ...fields,
  });
}

function quote(bidTicks: number, askTicks: number, lots = 1_000_000): Out[] {
  const sides = { bidTicks, bidLots: lots, askTicks, askLots: lots };
  return core.send(Kind.TopOfBook, { instrument: PAPER, ...sides });
}

function print(priceTicks: number, qtyLots: number): Out[] {
  return core.send(Kind.TradePrint, { instrument: PAPER, priceTicks, qtyLots });
}

/** Lets time pass; the answers of the timers. */
function until(seconds: number): Out[] {
  core.nowNanos = Math.round(seconds * SECOND);
  return core.send(Kind.CashAdjust, { account: 3, currency: 1, amountMinor: 1 });
}

/** Rests an order of the market account in the internal book. */
function rest(side: Side, priceTicks: number, qtyLots: number): Out[] {
  return core.order({ account: MARKET, clientId: next++, side, priceTicks, qtyLots });
}

function reports(outs: Out[]): Out[] {
  return outs.filter(
    (out) => out["kind"] === Kind.ParentProgress || out["kind"] === Kind.ParentDone,
  );
}

function fills(outs: Out[]): number[] {
  return only(outs, Kind.Fill).map((out) => Number(out["qtyLots"]));
}

function refusal(outs: Out[], kind: Kind = Kind.OrderDenied): string | undefined {
  const [out] = only(outs, kind);
  return out === undefined ? undefined : Refusal[out["reason"] as Refusal];
}

describe("schedules", () => {
  test("TWAP fills even slices at their times, and ends when it is filled", () => {
    quote(99, 101);
    const first = parent({ qtyLots: 105 });
    expect(reports(first)[0]).toMatchObject({ state: ParentState.Waiting, filledLots: 0 });
    expect(fills(first)).toEqual([10]);
    expect(deadline()).toBe(at(1));
    const outs = until(9.5);
    expect(fills(outs)).toEqual([11, 10, 11, 10, 11, 10, 11, 10, 11]);
    const times = only(outs, Kind.Fill).map((out) => out["tsEngineNanos"]);
    expect(times).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((seconds) => at(seconds)));
    const [done] = only(outs, Kind.ParentDone);
    expect(done).toMatchObject({ state: ParentState.Filled, filledLots: 105, children: 10 });
    expect(core.money()).toBe(0n);
  });

  test("a child is an order of the engine that names its parent", () => {
    quote(99, 101);
    const [accepted] = only(parent({ tag: 5 }), Kind.OrderAccepted);
    expect(accepted).toMatchObject({ orderFlags: OrderFlag.Engine, linkedClientId: 7n, tag: 5n });
    expect(accepted!["clientId"] >> 62n).toBe(3n);
  });

  test("VWAP follows the curve of the instrument, also within a bin", () => {
    const weights = Array.from({ length: 24 }, (_, hour) => (hour === 0 ? 1 : hour === 1 ? 3 : 0));
    core.send(Kind.VolumeCurve, { instrument: PAPER, bins: 24, weights });
    quote(99, 101);
    const times = { endNanos: at(7200), intervalNanos: 1800 * SECOND };
    const outs = [...parent({ algorithm: Algorithm.Vwap, qtyLots: 800, ...times }), ...until(7100)];
    expect(fills(outs)).toEqual([100, 100, 300, 300]);
  });

  test("a curve goes on over midnight", () => {
    const weights = [1, 2];
    core.send(Kind.VolumeCurve, { instrument: PAPER, bins: 2, weights });
    core.nowNanos = DAY / 2;
    quote(99, 101);
    const times = { endNanos: at(86_400 * 2), intervalNanos: DAY / 2 };
    const outs = parent({ algorithm: Algorithm.Vwap, qtyLots: 50, ...times });
    expect(fills([...outs, ...until(86_400 * 2 - 1)])).toEqual([20, 10, 20]);
  });

  test("a new curve that asks for less pauses the parent and says so", () => {
    const bins = (first: number, last: number): number[] => [first, 0, 0, 0, 0, 0, 0, last];
    const curve = (first: number, last: number): Fields => {
      const [head = 0, ...tail] = bins(first, last);
      return { instrument: PAPER, bins: 8, weights: [head, head, ...tail.slice(0, 5), last] };
    };
    core.send(Kind.VolumeCurve, curve(1, 1));
    quote(99, 101);
    const times = { endNanos: at(86_400), intervalNanos: 10_800 * SECOND };
    expect(fills(parent({ algorithm: Algorithm.Vwap, qtyLots: 90, ...times }))).toEqual([30]);
    core.send(Kind.VolumeCurve, curve(1, 8));
    const outs = until(10_800);
    expect(fills(outs)).toEqual([]);
    expect(reports(outs)[0]).toMatchObject({ progressFlags: ParentFlag.Ahead, targetLots: 18 });
  });

  test("POV takes its share of what all trade together, itself included", () => {
    quote(99, 101);
    parent({ algorithm: Algorithm.Pov, shareBps: 2000 });
    print(100, 41);
    const outs = until(1);
    expect(fills(outs)).toEqual([10]);
    expect(reports(outs)[0]).toMatchObject({ marketLots: 41, shareBps: 1960 });
    expect(fills(until(2)), "own fills make no volume").toEqual([]);
    print(100, 39);
    expect(fills(until(3))).toEqual([10]);
  });

  test("POV in an internal book leaves its own trades out of the others'", () => {
    rest(Side.Sell, 100, 50);
    parent({ instrument: BOOK, algorithm: Algorithm.Pov, shareBps: 5000 });
    core.order({ account: 3, clientId: 1, priceTicks: 100, qtyLots: 8 });
    expect(fills(until(1))).toEqual([8, 8]);
    const outs = until(3);
    expect(fills(outs)).toEqual([]);
    expect(reports(outs).at(-1)).toMatchObject({ marketLots: 16, shareBps: 5000 });
  });

  test("slices add up to the quantity whatever the parameters are", () => {
    const random = seeded(7);
    const pick = (most: number): number => 1 + Math.floor(random() * most);
    core.send(Kind.VolumeCurve, {
      instrument: PAPER,
      bins: 48,
      weights: Array.from({ length: 48 }, () => pick(1_048_576)),
    });
    for (let round = 0; round < 60; round++) {
      quote(99, 101, 2 ** 46);
      const now = core.nowNanos;
      const qtyLots = pick(10 ** (1 + (round % 12)));
      const interval = pick(900) * SECOND;
      const length = interval * pick(40) + pick(interval);
      const outs = parent({
        clientId: 100 + round,
        algorithm: [1, 2, 4][round % 3],
        qtyLots,
        endNanos: BASE_NANOS + BigInt(now) + BigInt(length),
        intervalNanos: interval,
        riskAversion: random() * 1e-3,
        volatility: random() * 10,
        impact: 0.01 + random(),
        impactLasting: 0,
        side: 1 + (round % 2),
      });
      core.nowNanos = now + length;
      const all = [...outs, ...until(core.nowNanos / SECOND)];
      const sum = fills(all).reduce((a, b) => a + b, 0);
      expect(sum, `round ${round}`).toBe(qtyLots);
      expect(only(all, Kind.ParentDone)[0]).toMatchObject({ state: ParentState.Filled });
      const targets = only(all, Kind.ParentProgress).map((out) => Number(out["targetLots"]));
      expect(
        [...targets].sort((a, b) => a - b),
        "targets never fall",
      ).toEqual(targets);
    }
    expect(core.money()).toBe(0n);
  });
});

describe("implementation shortfall", () => {
  const shortfall = { algorithm: Algorithm.ImplementationShortfall };

  /** Lots still held after each slice. */
  function holdings(fields: Fields): number[] {
    quote(99, 101, 2 ** 52);
    const outs = [...parent({ ...shortfall, ...fields }), ...until(6 * 86_400)];
    let held = Number(fields["qtyLots"]);
    return fills(outs).map((lots) => (held -= lots));
  }

  const path = fileURLToPath(
    new URL("../../../../shared/oracles/stats_quant.json", import.meta.url),
  );
  test.skipIf(!existsSync(path))(
    "has the trajectory of Almgren and Chriss's example",
    (context) => {
      const all = JSON.parse(readFileSync(path, "utf8")) as {
        expected: { id: string; expected: { holdings: number[] } }[];
      };
      const vector = all.expected.find((one) => one.id === "almgren-chriss");
      if (vector === undefined) return context.skip("the oracles hold no such vector");
      // Their time is in days, ours in seconds; a million lots each keep rounding below 1e-6.
      const lots = 1_000_000;
      const held = holdings({
        qtyLots: 1_000_000 * lots,
        endNanos: at(5 * 86_400),
        intervalNanos: DAY,
        riskAversion: 1e-6,
        volatility: 0.95 / Math.sqrt(86_400),
        impact: 2.5e-6 * 86_400,
        impactLasting: 2.5e-7,
      });
      const wanted = vector.expected.holdings.slice(1);
      held.forEach((one, slice) => {
        expect(Math.abs(one / lots - wanted[slice]!)).toBeLessThanOrEqual(
          wanted[slice]! * 1e-6 + 1e-6,
        );
      });
      expect(held.length).toBe(5);
    },
  );

  test("is the closed form with sinh, for other parameters too", () => {
    const [aversion, volatility, impact, lasting] = [3e-4, 0.8, 0.05, 0.01];
    const qtyLots = 10 ** 12;
    const held = holdings({
      qtyLots,
      endNanos: at(8),
      riskAversion: aversion,
      volatility,
      impact,
      impactLasting: lasting,
    });
    const eta = impact - lasting / 2;
    const kappa = Math.acosh(1 + (aversion * volatility ** 2) / eta / 2);
    held.forEach((one, slice) => {
      const wanted = (qtyLots * Math.sinh(kappa * (7 - slice))) / Math.sinh(kappa * 8);
      expect(Math.abs(one - wanted), `slice ${slice}`).toBeLessThan(2);
    });
    expect(held.length).toBe(8);
  });

  test("without risk aversion is TWAP, with very much all at once", () => {
    expect(holdings({ qtyLots: 50, impact: 1, endNanos: at(5) })).toEqual([40, 30, 20, 10, 0]);
    core = OrderCore.create();
    core.instrument(PAPER, { execution: Execution.Paper });
    for (const id of [OWN, 3]) core.account(id);
    const greedy = { riskAversion: 1e9, volatility: 1e3, impact: 1e-3, endNanos: at(5) };
    expect(holdings({ qtyLots: 50, ...greedy })[0]).toBeLessThanOrEqual(1);
  });

  test.each([
    ["no impact", {}],
    ["a negative aversion", { impact: 1, riskAversion: -1 }],
    ["a lasting impact that eats the temporary one", { impact: 1, impactLasting: 2 }],
    ["a decay beyond all numbers", { impact: 1e-300, riskAversion: 1e300, volatility: 1 }],
  ])("%s is refused", (_what, fields: Fields) => {
    expect(refusal(parent({ ...shortfall, ...fields }))).toBe("ParameterInvalid");
  });
});

describe("children", () => {
  test("passive ones rest at the touch and follow it; the same child keeps its place", () => {
    rest(Side.Buy, 95, 5);
    const outs = parent({ instrument: BOOK, style: ChildStyle.Passive });
    const [first] = only(outs, Kind.OrderAccepted);
    expect(first).toMatchObject({ priceTicks: 95, leavesLots: 10 });
    rest(Side.Buy, 96, 5);
    const moved = until(1);
    expect(only(moved, Kind.OrderCanceled)[0]).toMatchObject({ reason: CancelReason.Parent });
    expect(only(moved, Kind.OrderAccepted)[0]).toMatchObject({ priceTicks: 96, leavesLots: 20 });
  });

  test("a child that is already right is left alone", () => {
    rest(Side.Buy, 95, 5);
    parent({ instrument: BOOK, style: ChildStyle.Passive, childMaxLots: 4 });
    const outs = until(1);
    expect(only(outs, Kind.OrderCanceled)).toEqual([]);
    expect(only(outs, Kind.OrderAccepted)).toEqual([]);
    expect(reports(outs).length).toBe(1);
  });

  test("no child is worse than the limit, and one that may not cross rests", () => {
    quote(99, 101);
    const outs = parent({ limitTicks: 98, driftBps: 1 });
    expect(only(outs, Kind.OrderAccepted)[0]).toMatchObject({ priceTicks: 98, leavesLots: 10 });
    const [progress] = reports(until(1));
    expect(progress).toMatchObject({
      reason: Refusal.PriceOutsideBand,
      progressFlags: ParentFlag.Behind | ParentFlag.Breach,
    });
    expect(fills(quote(96, 98))).toEqual([20]);
  });

  test("behind by more than the drift limit a passive parent crosses the spread", () => {
    quote(99, 101);
    const outs = parent({ style: ChildStyle.Passive, driftBps: 1000 });
    expect(fills(outs)).toEqual([]);
    expect(fills(until(1)), "10 of 100 behind is the limit").toEqual([]);
    const crossing = until(2);
    expect(fills(crossing)).toEqual([30]);
    expect(reports(crossing)[0]).toMatchObject({ progressFlags: ParentFlag.Behind });
    expect(reports(until(3))[0]).toMatchObject({ progressFlags: 0 });
  });

  test("what crossing does not catch up is a breach", () => {
    quote(99, 101, 4);
    parent({ style: ChildStyle.Passive, driftBps: 500 });
    const outs = until(1);
    expect(fills(outs)).toEqual([4]);
    const flags = ParentFlag.Behind | ParentFlag.Breach;
    expect(reports(outs)[0]).toMatchObject({ progressFlags: flags, filledLots: 4 });
  });

  test("too small a slice waits for the next; too large a one is cut", () => {
    quote(99, 101);
    expect(fills([...parent({ childMinLots: 15 }), ...until(3)])).toEqual([20, 20]);
    core.send(Kind.ParentCancel, { account: OWN, clientId: 7 });
    const capped = [...parent({ clientId: 8, childMaxLots: 6 }), ...until(30)];
    expect(fills(capped).every((lots) => lots === 6)).toBe(true);
    expect(only(capped, Kind.ParentDone)[0]).toMatchObject({
      state: ParentState.Expired,
      filledLots: 60,
    });
  });

  test("a client cannot amend one; it may cancel it, and the parent goes on", () => {
    quote(99, 101);
    const [child] = only(parent({ style: ChildStyle.Passive }), Kind.OrderAccepted);
    const which = { account: OWN, clientId: 0, orderId: child!["orderId"] };
    const amend = { ...which, fields: 2, qtyLots: 500 };
    expect(refusal(core.send(Kind.OrderAmend, amend), Kind.AmendDenied)).toBe("NotOwner");
    expect(only(core.send(Kind.OrderCancel, which), Kind.OrderCanceled).length).toBe(1);
    expect(only(until(1), Kind.OrderAccepted)[0]).toMatchObject({ leavesLots: 20 });
  });

  test("an order of a client cannot name an algorithm", () => {
    const outs = core.order({ clientId: 5, priceTicks: 5, algorithm: Algorithm.Twap });
    expect(refusal(outs)).toBe("AlgorithmUnsupported");
  });
});

describe("icebergs", () => {
  const iceberg = {
    instrument: BOOK,
    algorithm: Algorithm.Iceberg,
    limitTicks: 100,
    childMaxLots: 4,
    qtyLots: 10,
    endNanos: 0,
    intervalNanos: 0,
  };

  test("the next slice comes when the former is filled, at the same time", () => {
    expect(only(parent(iceberg), Kind.OrderAccepted)[0]).toMatchObject({ leavesLots: 4 });
    expect(deadline(), "a slice in the book wants no timer").toBe(0x7fffffffffffffffn);
    const sell = (qtyLots: number): Out[] => rest(Side.Sell, 100, qtyLots);
    expect(only(sell(3), Kind.ParentProgress)).toEqual([]);
    const outs = sell(1);
    expect(only(outs, Kind.OrderAccepted)[1]).toMatchObject({ leavesLots: 4 });
    sell(4);
    const done = only(sell(2), Kind.ParentDone);
    expect(done[0]).toMatchObject({ state: ParentState.Filled, filledLots: 10, children: 3 });
    expect(core.money()).toBe(0n);
  });

  test("a sweep takes the slice only; a marketable one goes on until it rests", () => {
    rest(Side.Sell, 99, 9);
    const outs = parent(iceberg);
    expect(fills(outs).filter((_, side) => side % 2 === 0)).toEqual([4, 4, 1]);
    expect(only(outs, Kind.OrderAccepted).length).toBe(3);
    expect(reports(outs).at(-1)).toMatchObject({ filledLots: 9 });
  });

  test("a slice its owner cancels comes back after a second", () => {
    const [child] = only(parent(iceberg), Kind.OrderAccepted);
    const which = { account: OWN, clientId: 0, orderId: child!["orderId"] };
    expect(only(core.send(Kind.OrderCancel, which), Kind.OrderAccepted)).toEqual([]);
    expect(only(until(1), Kind.OrderAccepted).length).toBe(1);
  });

  test("it ends at its end", () => {
    parent({ ...iceberg, endNanos: at(5) });
    const outs = until(5);
    expect(only(outs, Kind.OrderCanceled)[0]).toMatchObject({ reason: CancelReason.Parent });
    expect(only(outs, Kind.ParentDone)[0]).toMatchObject({ state: ParentState.Expired });
    expect(deadline()).toBe(0x7fffffffffffffffn);
  });
});

describe("ends", () => {
  const passive = { style: ChildStyle.Passive };
  function done(outs: Out[]): Out | undefined {
    return only(outs, Kind.ParentDone)[0];
  }

  test("a cancel takes the child along; then the parent is not open", () => {
    quote(99, 101);
    parent(passive);
    const which = { account: OWN, clientId: 7 };
    const outs = core.send(Kind.ParentCancel, which);
    expect(outs.map((out) => out["kind"])).toEqual([Kind.OrderCanceled, Kind.ParentDone]);
    expect(done(outs)).toMatchObject({ state: ParentState.Canceled });
    expect(deadline()).toBe(0x7fffffffffffffffn);
    const denied = (fields: Fields): string | undefined =>
      refusal(core.send(Kind.ParentCancel, fields), Kind.CancelDenied);
    expect(denied(which)).toBe("OrderNotOpen");
    expect(denied({ account: OWN, clientId: 9 })).toBe("UnknownOrder");
    expect(denied({ account: MARKET, clientId: 7 })).toBe("UnknownOrder");
    expect(denied({ account: 99, clientId: 7 })).toBe("UnknownAccount");
    expect(refusal(parent())).toBe("ClientOrderIdDuplicate");
  });

  test("what is not filled by the end stays unfilled", () => {
    quote(99, 101);
    parent(passive);
    const outs = until(10);
    expect(done(outs)).toMatchObject({ state: ParentState.Expired, filledLots: 0, reason: 0 });
    expect(only(outs, Kind.OrderCanceled).at(-1)).toMatchObject({ reason: CancelReason.Parent });
  });

  test("it goes on over the end of a day", () => {
    core.nowNanos = DAY - 5 * SECOND;
    quote(99, 101);
    parent();
    expect(done(until(86_400 + 5))).toMatchObject({ filledLots: 100, state: ParentState.Filled });
  });

  test("a start to come waits; then it takes its own arrival price", () => {
    quote(99, 101);
    const outs = parent({ startNanos: at(5), endNanos: at(15) });
    expect(fills(outs)).toEqual([]);
    expect(deadline()).toBe(at(5));
    print(100, 30);
    quote(109, 111);
    expect(fills(until(4.9))).toEqual([]);
    const [progress] = reports(until(5));
    expect(progress).toMatchObject({ arrivalHalfTicks: 220, marketLots: 0, filledLots: 10 });
  });

  test.each([
    ["with its orders", 1],
    ["at its next turn", 0],
  ])("a kill switch ends it %s", (_how, cancelOpen) => {
    quote(99, 101);
    parent(passive);
    const kill = { scope: Scope.Account, account: OWN, state: 1, cancelOpen };
    const killed = core.send(Kind.KillSwitch, kill);
    const outs = cancelOpen === 1 ? killed : until(1);
    expect(done(outs)).toMatchObject({
      state: ParentState.Canceled,
      reason: Refusal.KillSwitchOn,
    });
    expect(refusal(parent({ clientId: 8 }))).toBe("KillSwitchOn");
  });

  test("a kill of another scope leaves it alone, one of its own ends it", () => {
    core.send(Kind.Strategy, { id: 7, account: OWN });
    const scopes: [Fields, boolean][] = [
      [{ scope: Scope.Account, account: MARKET }, false],
      [{ scope: Scope.Strategy, strategy: 7 }, true],
      [{ scope: Scope.Instrument, instrument: BOOK }, false],
      [{ scope: Scope.Instrument, instrument: PAPER }, true],
      [{ scope: Scope.Tenant, tenant: 3 }, false],
      [{ scope: Scope.Tenant, tenant: 0 }, true],
      [{ scope: Scope.Global }, true],
    ];
    quote(99, 101);
    for (const [scope, isMeant] of scopes) {
      const clientId = next++;
      parent({ ...passive, clientId, strategy: 7 });
      const outs = core.send(Kind.KillSwitch, { ...scope, state: 1, cancelOpen: 1 });
      expect(done(outs) !== undefined, JSON.stringify(scope)).toBe(isMeant);
      core.send(Kind.KillSwitch, { ...scope, state: 0 });
      core.send(Kind.ParentCancel, { account: OWN, clientId });
    }
  });

  test("a mass cancel ends the parents of its scope", () => {
    quote(99, 101);
    parent({ ...passive, side: Side.Sell });
    const mass = { account: OWN, scope: Scope.AccountInstrument, instrument: PAPER };
    expect(done(core.send(Kind.MassCancel, { ...mass, side: Side.Buy }))).toBe(undefined);
    expect(done(core.send(Kind.MassCancel, { ...mass, instrument: BOOK }))).toBe(undefined);
    const outs = core.send(Kind.MassCancel, mass);
    expect(outs.map((out) => out["kind"])).toEqual([
      Kind.OrderCanceled,
      Kind.ParentDone,
      Kind.MassCanceled,
    ]);
    expect(outs.at(-1)).toMatchObject({ done: 1, left: 0 });
  });

  test("while the instrument is halted nothing is sent; then the parent catches up", () => {
    quote(99, 101);
    parent();
    const halt = (state: number): Out[] =>
      core.send(Kind.InstrumentState, { instrument: PAPER, state });
    halt(InstrumentPhase.Halted);
    const outs = until(3);
    expect(fills(outs)).toEqual([]);
    expect(reports(outs).at(-1)).toMatchObject({ reason: Refusal.InstrumentHalted });
    halt(InstrumentPhase.Continuous);
    expect(fills(until(4))).toEqual([40]);
  });

  test(`denied children are tried again after longer pauses, ${PARENT_DENIALS_MAX} in all`, () => {
    quote(99, 101);
    core.send(Kind.RiskLimits, { scope: Scope.Account, account: OWN, qtyLotsMax: 5 });
    const outs = [...parent(), ...until(60)];
    const denied = only(outs, Kind.OrderDenied);
    const seconds = denied.map((out) => Number(out["tsEngineNanos"] - at(0)) / SECOND);
    expect(seconds).toEqual([0, 0.25, 0.75, 1.75, 3.75, 7.75]);
    expect(done(outs)).toMatchObject({
      state: ParentState.Denied,
      reason: Refusal.QtyLimit,
      denials: PARENT_DENIALS_MAX,
    });
  });

  test("a child that passes begins the count of denials again", () => {
    quote(99, 101);
    const limit = (qtyLotsMax: number): Out[] =>
      core.send(Kind.RiskLimits, { scope: Scope.Account, account: OWN, qtyLotsMax });
    limit(5);
    parent();
    until(2);
    limit(0);
    expect(fills(until(4)).length).toBeGreaterThan(0);
    limit(5);
    expect(done(until(8))).toBe(undefined);
  });

  test("its own orders in the way follow the self-trade rule, and it goes on", () => {
    rest(Side.Sell, 101, 5);
    core.order({ account: OWN, clientId: 3, side: Side.Sell, priceTicks: 100, qtyLots: 5 });
    const outs = parent({ instrument: BOOK, selfTrade: SelfTrade.CancelNewest });
    expect(only(outs, Kind.OrderCanceled)[0]).toMatchObject({ reason: CancelReason.SelfTrade });
    core.send(Kind.OrderCancel, { account: OWN, clientId: 3 });
    expect(fills(until(1))).toEqual([5, 5]);
  });
});

describe("costs", () => {
  test("are sums against arrival and against the market, exact, ours when positive", () => {
    core.send(Kind.FeeSchedule, { takerPerBillion: 1_000_000 });
    quote(99, 102);
    parent({ qtyLots: 30, endNanos: at(3), tag: 9 });
    print(104, 6);
    quote(103, 105);
    print(100, 5);
    const outs = until(2);
    const cost = 10 * 102 + 20 * 105;
    const [done] = only(outs, Kind.ParentDone);
    // The market traded 6 x 104 + 5 x 100 = 1124 in 11 lots: 30 lots of it are worth 3065.45.
    expect(done).toMatchObject({
      state: ParentState.Filled,
      arrivalHalfTicks: 201,
      cost: BigInt(cost),
      turnover: 1124n,
      marketLots: 11,
      shortfall: BigInt(2 * cost - 201 * 30),
      shortfallMinor: Math.ceil((2 * cost - 201 * 30) / 2),
      slippage: BigInt(cost - 3065),
      slippageMinor: cost - 3065,
      shareBps: Math.floor((30 * 10_000) / 41),
      feesMinor: 2 + 2 + 2,
      tag: 9n,
    });
  });

  test("a sale below arrival costs as a purchase above it does", () => {
    quote(100, 102);
    const [done] = only(
      parent({ side: Side.Sell, qtyLots: 10, intervalNanos: 10 * SECOND }),
      0x062e,
    );
    expect(done).toMatchObject({ shortfall: 20n, shortfallMinor: 10, cost: 1000n, slippage: 0n });
  });

  test("lots not filled cost what the middle has moved against us since arrival", () => {
    quote(99, 102);
    parent({ qtyLots: 30, endNanos: at(3) });
    quote(104, 107);
    const [bought] = reports(until(1)).slice(-1);
    expect(bought).toMatchObject({ filledLots: 20, nowHalfTicks: 211, opportunityMinor: 50 });
    core.send(Kind.ParentCancel, { account: OWN, clientId: 1 });
    const outs = parent({ clientId: 2, side: Side.Sell, qtyLots: 9, endNanos: at(30) });
    quote(99, 102);
    outs.push(...core.send(Kind.ParentCancel, { account: OWN, clientId: 2 }));
    const [canceled] = only(outs, Kind.ParentDone);
    // 10 half ticks down for each lot not sold.
    const left = 9 - Number(canceled!["filledLots"]);
    expect(left).toBeGreaterThan(0);
    expect(canceled).toMatchObject({ nowHalfTicks: 201, opportunityMinor: 5 * left });
  });

  test("without a two-sided quote arrival is the mark, and unknown without one", () => {
    const [first] = reports(parent()).slice(1);
    expect(first).toMatchObject({ arrivalHalfTicks: 0, reason: Refusal.PriceUnknown });
    print(77, 1);
    expect(reports(until(1))[0]).toMatchObject({ arrivalHalfTicks: 154 });
  });

  test("sums beyond 64 bits are exact", () => {
    const core64 = OrderCore.create();
    core = core64;
    // A tick x lot is worth so little that the money fits where the sum does not.
    const spec = { tickExponent: -9, lotExponent: -9, execution: Execution.Paper };
    core.instrument(PAPER, spec);
    for (const id of [OWN, 3]) core.account(id);
    const [price, lots] = [2 ** 40 + 1, 2 ** 45 - 1];
    quote(price - 2, price, 2 ** 52);
    print(price - 1, 2 ** 44);
    const outs = [...parent({ qtyLots: lots, endNanos: at(2) }), ...until(0.5)];
    print(price - 1, 2 ** 44 + 1);
    const [done] = only([...outs, ...until(2)], Kind.ParentDone);
    const cost = BigInt(price) * BigInt(lots);
    expect(done!["cost"]).toBe(cost);
    expect(done!["turnover"]).toBe(BigInt(price - 1) * (2n ** 44n + 1n));
    expect(done!["slippage"]).toBe(BigInt(lots));
    expect(done!["shortfall"]).toBe(2n * BigInt(lots));
  });
});

describe("bounds", () => {
  test.each<[string, Fields, string]>([
    ["an unknown account", { account: 99 }, "UnknownAccount"],
    ["no client id", { clientId: 0 }, "ClientOrderIdMissing"],
    ["a client id of the core", { clientId: 1n << 63n }, "ClientOrderIdMissing"],
    ["an unknown instrument", { instrument: 9 }, "UnknownInstrument"],
    ["an unknown strategy", { strategy: 9 }, "UnknownStrategy"],
    ["no side", { side: 0 }, "SideInvalid"],
    ["no algorithm", { algorithm: 0 }, "AlgorithmUnsupported"],
    ["an unknown algorithm", { algorithm: 6 }, "AlgorithmUnsupported"],
    ["an unknown style", { style: 2 }, "FlagUnsupported"],
    ["an unknown self-trade rule", { selfTrade: 6 }, "SelfTradeInvalid"],
    ["no quantity", { qtyLots: 0 }, "QtyNotPositive"],
    ["a limit below nothing", { limitTicks: -1 }, "PriceNotPositive"],
    ["a least child above the largest", { childMinLots: 5, childMaxLots: 4 }, "DisplayInvalid"],
    ["more drift than all", { driftBps: 10_001 }, "ParameterInvalid"],
    ["no end", { endNanos: 0 }, "ExpiryInvalid"],
    ["an end before the start", { startNanos: at(20) }, "ExpiryInvalid"],
    ["more than a week", { endNanos: at(604_801) }, "ExpiryInvalid"],
    ["no interval", { intervalNanos: 0 }, "PeriodInvalid"],
    ["an interval longer than the parent", { intervalNanos: 11 * SECOND }, "PeriodInvalid"],
    ["a share without POV", { shareBps: 1 }, "ParameterInvalid"],
    ["POV without a share", { algorithm: Algorithm.Pov }, "ParameterInvalid"],
    ["POV above half", { algorithm: Algorithm.Pov, shareBps: 5001 }, "ParameterInvalid"],
    ["VWAP without a curve", { algorithm: Algorithm.Vwap }, "ParameterInvalid"],
    ["an iceberg without a price", { algorithm: Algorithm.Iceberg }, "PriceNotPositive"],
  ])("%s is refused", (_what, fields, wanted) => {
    const outs = parent(fields);
    expect(refusal(outs)).toBe(wanted);
    expect(reports(outs)).toEqual([]);
    expect(deadline()).toBe(0x7fffffffffffffffn);
  });

  test.each<[string, Fields, string]>([
    ["more bins than there are", { bins: 49 }, "ParameterInvalid"],
    ["bins that do not divide a day", { bins: 7 }, "ParameterInvalid"],
    ["a weight behind the last bin", { bins: 2, weights: [1, 1, 1] }, "ParameterInvalid"],
    ["too heavy a bin", { bins: 1, weights: [1_048_577] }, "ParameterInvalid"],
    ["an unknown instrument", { instrument: 9, bins: 1 }, "UnknownInstrument"],
  ])("a curve with %s is refused", (_what, fields, wanted) => {
    const outs = core.send(Kind.VolumeCurve, { instrument: PAPER, ...fields });
    expect(refusal(outs, Kind.ConfigDenied)).toBe(wanted);
  });

  test(`a parent has at most ${PARENT_SLICES_MAX} slices`, () => {
    const fields = { intervalNanos: 1_000_000 };
    const end = (slices: number): bigint => BASE_NANOS + BigInt(slices) * 1_000_000n;
    expect(refusal(parent({ ...fields, endNanos: end(PARENT_SLICES_MAX) }))).toBe(undefined);
    const tooMany = { clientId: 8, ...fields, endNanos: end(PARENT_SLICES_MAX) + 1n };
    expect(refusal(parent(tooMany))).toBe("PeriodInvalid");
  });

  test(`a parent sends at most ${PARENT_CHILDREN_MAX} children, then it gives up`, () => {
    const one = { algorithm: Algorithm.Iceberg, limitTicks: 100, childMaxLots: 1, style: 0 };
    const times = { endNanos: 0n, intervalNanos: 0 };
    parent({ instrument: BOOK, ...one, ...times, qtyLots: PARENT_CHILDREN_MAX + 5 });
    let done: Out | undefined;
    let sold = 0;
    for (; done === undefined && sold <= PARENT_CHILDREN_MAX; sold++) {
      done = only(rest(Side.Sell, 100, 1), Kind.ParentDone)[0];
    }
    expect(sold, "the last child is worked").toBe(PARENT_CHILDREN_MAX);
    expect(done).toMatchObject({
      state: ParentState.Denied,
      reason: Refusal.RepeatedExecution,
      children: PARENT_CHILDREN_MAX,
      filledLots: PARENT_CHILDREN_MAX,
    });
    expect(core.money()).toBe(0n);
  });

  test(`an account has at most ${PARENTS_PER_ACCOUNT_MAX} parents, all ${PARENTS_MAX - 1}`, () => {
    const later = { startNanos: at(50), endNanos: at(60) };
    const accounts = Math.ceil(PARENTS_MAX / PARENTS_PER_ACCOUNT_MAX) + 1;
    for (let id = 10; id < 10 + accounts; id++) core.account(id);
    const model = { instrument: PAPER, algorithm: Algorithm.Twap, side: 1, qtyLots: 100 };
    const fields = { ...model, ...later, intervalNanos: SECOND };
    core.sendMany(Kind.ParentNew, fields, PARENTS_MAX - 2, (view, place, index) => {
      const account = 10 + Math.floor(index / PARENTS_PER_ACCOUNT_MAX);
      view.setUint32(place + ORDER_ACCOUNT, account, true);
      view.setBigUint64(place + ORDER_CLIENT_ID, BigInt(1 + index), true);
    });
    expect(refusal(parent({ ...later, account: 10, clientId: 5000 }))).toBe("OrdersFull");
    expect(refusal(parent({ ...later, clientId: 1 })), "the last place").toBe(undefined);
    expect(refusal(parent({ ...later, clientId: 2 }))).toBe("OrdersFull");
    const freed = core.send(Kind.ParentCancel, { account: 10, clientId: 3 });
    expect(only(freed, Kind.ParentDone).length).toBe(1);
    expect(refusal(parent({ ...later, clientId: 2 }))).toBe(undefined);
    const outs = until(60);
    const ids = only(outs, Kind.ParentDone).map((out) => Number(out["clientId"]));
    expect(ids.length, "all of them act, each in its own timer").toBe(PARENTS_MAX - 1);
    expect(ids.slice(0, 3), "by arrival").toEqual([1, 2, 4]);
  });
});
