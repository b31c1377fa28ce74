// Dispatch of the order role: every record that wants an answer gets one, and what the core cannot
// do is refused under its own number before anything changes.
import { beforeEach, describe, expect, test } from "vitest";
import { ORDER, ORDER_HEAD_BYTES } from "../../asm/layout.ts";
import {
  AmendField,
  Execution,
  InstrumentKind,
  InstrumentPhase,
  Kind,
  OrderType,
  Refusal,
  Role,
  Scope,
  Side,
  SpecFlag,
  TimeInForce,
} from "../../asm/vocab.ts";
import { only, OrderCore, type Fields, type Out } from "./order-core.ts";

const [PERPETUAL, EQUITY_MARGIN, OPTION, ROUTED, NO_BASE, BOUNDED] = [1, 2, 3, 4, 5, 6];
const FOREIGN = 7;

let core: OrderCore;

beforeEach(() => {
  core = OrderCore.create();
  core.instrument(PERPETUAL);
  core.instrument(EQUITY_MARGIN, { specKind: InstrumentKind.Equity, specFlags: SpecFlag.Margin });
  core.instrument(OPTION, { specKind: InstrumentKind.Option });
  core.instrument(ROUTED, { execution: Execution.Routed });
  core.instrument(NO_BASE, { specKind: InstrumentKind.Spot });
  const lots = { qtyMinLots: 5, qtyMaxLots: 50, notionalMinMinor: 1_000 };
  const prices = { priceMinTicks: 100, priceMaxTicks: 200, bandBps: 1_000, referenceTicks: 150 };
  core.instrument(BOUNDED, { ...lots, ...prices });
  core.instrument(FOREIGN, { tenant: 9 });
  core.account(1);
  core.account(2);
  core.send(Kind.Strategy, { id: 7, account: 1 });
});

/** Hash of the role's counts, list heads and global switches: nothing was made or changed. */
function headHash(): bigint {
  return BigInt.asUintN(64, core.core.exports.xxh64(ORDER, ORDER_HEAD_BYTES, 0n));
}

function name(out: Out | undefined): [string, string] {
  return [Kind[out!["kind"] as Kind], Refusal[out!["reason"] as Refusal]];
}

/** Sends a record that must be refused by exactly one answer, and must change nothing. */
function expectRefused(kind: Kind, fields: Fields, as: Kind, refusal: Refusal): Out {
  const outs = core.send(kind, fields);
  expect(outs.map(name)).toEqual([[Kind[as], Refusal[refusal]]]);
  expect(core.money(), "money").toBe(0n);
  return outs[0]!;
}

const GOOD = { clientId: 1, priceTicks: 100, qtyLots: 10 };

describe("an order is denied", () => {
  test.each([
    ["of an unknown account", { account: 99 }, Refusal.UnknownAccount],
    ["without a client id", { clientId: 0 }, Refusal.ClientOrderIdMissing],
    [
      "with an id of the core's own strategies",
      { clientId: 1n << 63n },
      Refusal.ClientOrderIdMissing,
    ],
    ["of an unknown instrument", { instrument: 99 }, Refusal.UnknownInstrument],
    ["of instrument 0", { instrument: 0 }, Refusal.UnknownInstrument],
    ["beyond the table", { instrument: 4_000_000_000 }, Refusal.UnknownInstrument],
    ["of another tenant's instrument", { instrument: FOREIGN }, Refusal.UnknownInstrument],
    ["of an unknown strategy", { strategy: 8 }, Refusal.UnknownStrategy],
    ["of another account's strategy", { account: 2, strategy: 7 }, Refusal.NotOwner],
    ["on equity on margin", { instrument: EQUITY_MARGIN }, Refusal.InstrumentKindUnsupported],
    ["on spot whose base is its quote", { instrument: NO_BASE }, Refusal.InstrumentKindUnsupported],
    ["on an option", { instrument: OPTION }, Refusal.InstrumentKindUnsupported],
    ["at a venue nobody has reached", { instrument: ROUTED }, Refusal.VenueDown],
    ["that is a stop, at a venue", { instrument: ROUTED, type: 3 }, Refusal.OrderTypeUnsupported],
    ["for the day, at a venue", { instrument: ROUTED, tif: 5 }, Refusal.TimeInForceUnsupported],
    [
      "that shows a part, at a venue",
      { instrument: ROUTED, displayLots: 1 },
      Refusal.DisplayInvalid,
    ],
    ["with no side", { side: Side.None }, Refusal.SideInvalid],
    ["with a side that is none", { side: 3 }, Refusal.SideInvalid],
    ["with a stop price", { stopTicks: 1 }, Refusal.StopPriceInvalid],
    ["with a trail unit", { trailUnit: 1 }, Refusal.TrailInvalid],
    ["with a trail", { trailOffset: 1 }, Refusal.TrailInvalid],
    ["that shows more than it has", { displayLots: 11 }, Refusal.DisplayInvalid],
    ["that shows less than nothing", { displayLots: -1 }, Refusal.DisplayInvalid],
    ["that shows a part and never rests", { displayLots: 1, tif: 2 }, Refusal.DisplayInvalid],
    ["with an expiry", { expiresNanos: 1n }, Refusal.ExpiryInvalid],
    ["that is good till no date", { tif: 4 }, Refusal.ExpiryInvalid],
    ["that is for the day and till a date", { tif: 5, expiresNanos: 1n }, Refusal.ExpiryInvalid],
    ["at market for the day", { type: 1, tif: 5 }, Refusal.TimeInForceUnsupported],
    ["with a contingency of nothing", { contingency: 1 }, Refusal.LinkedOrderUnknown],
    ["with a contingency nobody knows", { contingency: 6 }, Refusal.ContingencyInvalid],
    ["with a linked order", { linkedClientId: 1n }, Refusal.LinkedOrderUnknown],
    ["with an algorithm", { algorithm: 1 }, Refusal.AlgorithmUnsupported],
    ["with a leg no netting account has", { positionSide: 1 }, Refusal.PositionSideInvalid],
    ["with a self-trade rule nobody knows", { selfTrade: 6 }, Refusal.SelfTradeInvalid],
    ["that is hidden", { orderFlags: 4 }, Refusal.FlagUnsupported],
    ["that closes the position", { orderFlags: 8 }, Refusal.FlagUnsupported],
    ["that says it is the engine's", { orderFlags: 16 }, Refusal.FlagUnsupported],
    ["that is post-only and IOC", { orderFlags: 1, tif: 2 }, Refusal.FlagUnsupported],
    ["that is post-only at market", { orderFlags: 1, type: 1 }, Refusal.FlagUnsupported],
    ["without lots", { qtyLots: 0 }, Refusal.QtyNotPositive],
    ["with negative lots", { qtyLots: -1 }, Refusal.QtyNotPositive],
    ["without a price", { priceTicks: 0 }, Refusal.PriceNotPositive],
    ["with a negative price", { priceTicks: -1 }, Refusal.PriceNotPositive],
    ["below the least lots", { instrument: BOUNDED, qtyLots: 4 }, Refusal.QtyBelowMin],
    ["above the most lots", { instrument: BOUNDED, qtyLots: 51 }, Refusal.QtyAboveMax],
    ["below the lowest price", { instrument: BOUNDED, priceTicks: 99 }, Refusal.PriceOutsideSpec],
    ["above the highest price", { instrument: BOUNDED, priceTicks: 201 }, Refusal.PriceOutsideSpec],
    [
      "above the band",
      { instrument: BOUNDED, priceTicks: 166, qtyLots: 50 },
      Refusal.PriceOutsideBand,
    ],
    [
      "below the band",
      { instrument: BOUNDED, priceTicks: 134, qtyLots: 50 },
      Refusal.PriceOutsideBand,
    ],
    [
      "below the least notional",
      { instrument: BOUNDED, priceTicks: 142, qtyLots: 7 },
      Refusal.NotionalBelowMin,
    ],
  ] as [string, Fields, Refusal][])("%s", (_what, fields, refusal) => {
    const order = { instrument: PERPETUAL, account: 1, type: 2, side: 1, tif: 1, ...GOOD };
    const before = headHash();
    const out = expectRefused(Kind.OrderNew, { ...order, ...fields }, Kind.OrderDenied, refusal);
    const asked = { ...order, ...fields };
    expect(out["qtyLots"] ?? out["leavesLots"], "echoes the lots").toBe(asked.qtyLots);
    expect(out["orderId"], "no order was made").toBe(0n);
    const isHit = refusal === Refusal.PriceOutsideBand || refusal === Refusal.NotionalBelowMin;
    if (!isHit) expect(headHash(), "counts, lists and switches").toBe(before);
    expect(core.order(GOOD)[0]!["kind"], "the id is still free").toBe(Kind.OrderAccepted);
  });

  test.each([9, 10, 35, 255, 0].map((type) => [OrderType[type] ?? String(type), type]))(
    "of type %s",
    (_what, type) => {
      const fields = { ...GOOD, instrument: 1, account: 1, side: 1, tif: 1, type };
      expectRefused(Kind.OrderNew, fields, Kind.OrderDenied, Refusal.OrderTypeUnsupported);
    },
  );

  test.each([6, 7, 8, 255, 0].map((tif) => [TimeInForce[tif] ?? String(tif), tif]))(
    "with TIF %s",
    (_what, tif) => {
      const fields = { ...GOOD, instrument: 1, account: 1, side: 1, type: 2, tif };
      expectRefused(Kind.OrderNew, fields, Kind.OrderDenied, Refusal.TimeInForceUnsupported);
    },
  );

  test.each([
    [InstrumentPhase.PreOpen, Refusal.InstrumentNotContinuous],
    [InstrumentPhase.Halted, Refusal.InstrumentHalted],
    [InstrumentPhase.Closed, Refusal.InstrumentClosed],
  ])("in phase %i, and so is an amend; a cancel passes", (phase, refusal) => {
    core.order(GOOD);
    core.send(Kind.InstrumentState, { instrument: 1, state: phase });
    expect(name(core.order({ ...GOOD, clientId: 2 })[0])).toEqual([
      "OrderDenied",
      Refusal[refusal],
    ]);
    const amend = { account: 1, clientId: 1, fields: AmendField.Qty, qtyLots: 1 };
    expectRefused(Kind.OrderAmend, amend, Kind.AmendDenied, refusal);
    const canceled = core.send(Kind.OrderCancel, { account: 1, clientId: 1 });
    expect(canceled[0]!["kind"]).toBe(Kind.OrderCanceled);
    core.send(Kind.InstrumentState, { instrument: 1, state: InstrumentPhase.Continuous });
    expect(core.order({ ...GOOD, clientId: 3 })[0]!["kind"]).toBe(Kind.OrderAccepted);
  });
});

test("the bounds of a spec are inside: the least and the most pass", () => {
  const bounded = { instrument: BOUNDED, account: 1 };
  const pass: Fields[] = [
    { priceTicks: 165, qtyLots: 50 },
    { priceTicks: 135, qtyLots: 50 },
    { priceTicks: 143, qtyLots: 7 },
  ];
  pass.forEach((fields, at) => {
    const out = core.order({ ...bounded, clientId: at + 1, side: Side.Buy, ...fields });
    expect(name(out[0]), JSON.stringify(fields)).toEqual(["OrderAccepted", "None"]);
  });
});

describe("commands that name an order", () => {
  test.each([
    ["an unknown account", { account: 99, clientId: 1 }, Refusal.UnknownAccount],
    ["an unknown client id", { account: 1, clientId: 2 }, Refusal.UnknownOrder],
    ["an unknown order id", { account: 1, orderId: 99n }, Refusal.UnknownOrder],
    ["no order at all", { account: 1 }, Refusal.UnknownOrder],
    ["the right slot of another generation", { account: 1, orderId: (2n << 32n) | 1n }, 208],
  ] as [string, Fields, Refusal][])("are refused with %s", (_what, fields, refusal) => {
    core.order(GOOD);
    expectRefused(Kind.OrderCancel, fields, Kind.CancelDenied, refusal);
    const amend = { ...fields, fields: AmendField.Price, priceTicks: 9 };
    expectRefused(Kind.OrderAmend, amend, Kind.AmendDenied, refusal);
  });

  test("of another account are refused and tell nothing of its order", () => {
    const id = core.order(GOOD)[0]!["orderId"];
    const who = { account: 2, orderId: id };
    const out = expectRefused(Kind.OrderCancel, who, Kind.CancelDenied, Refusal.NotOwner);
    expect([out["clientId"], out["side"], out["state"], out["filledLots"]]).toEqual([0n, 0, 0, 0]);
    const amend = { ...who, fields: AmendField.Price, priceTicks: 9 };
    expectRefused(Kind.OrderAmend, amend, Kind.AmendDenied, Refusal.NotOwner);
  });

  test.each([
    ["nothing", { fields: 0 }, Refusal.AmendNothing],
    ["what it already is", { fields: 3, priceTicks: 100, qtyLots: 10 }, Refusal.AmendNothing],
    ["a stop", { fields: AmendField.Stop, stopTicks: 1 }, Refusal.FlagUnsupported],
    ["an expiry", { fields: AmendField.Expires }, Refusal.ExpiryInvalid],
    ["a client id", { fields: 1, priceTicks: 9, newClientId: 5n }, Refusal.FlagUnsupported],
    ["no lots", { fields: AmendField.Qty, qtyLots: 0 }, Refusal.QtyNotPositive],
    ["what is filled", { fields: AmendField.Qty, qtyLots: 4 }, Refusal.AmendBelowFilled],
    ["no price", { fields: AmendField.Price, priceTicks: 0 }, Refusal.PriceNotPositive],
  ] as [string, Fields, Refusal][])("an amend to %s is refused", (_what, fields, refusal) => {
    core.order(GOOD);
    core.order({ account: 2, clientId: 1, side: Side.Sell, priceTicks: 100, qtyLots: 4 });
    const who = { account: 1, clientId: 1 };
    const out = expectRefused(Kind.OrderAmend, { ...who, ...fields }, Kind.AmendDenied, refusal);
    expect(out["filledLots"]).toBe(4);
  });

  test("a replace of an unknown order is refused", () => {
    const who = { account: 1, clientId: 1, newClientId: 2n };
    expectRefused(Kind.OrderReplace, who, Kind.AmendDenied, Refusal.UnknownOrder);
  });

  test.each([Scope.Global, Scope.Tenant, Scope.Instrument, 6, 255])(
    "a mass cancel of scope %i is refused: an account cancels its own",
    (scope) => {
      const fields = { account: 1, scope };
      expectRefused(Kind.MassCancel, fields, Kind.CancelDenied, Refusal.ScopeInvalid);
    },
  );

  test("a mass cancel of an unknown account is refused", () => {
    const fields = { account: 99, scope: Scope.Account };
    expectRefused(Kind.MassCancel, fields, Kind.CancelDenied, Refusal.UnknownAccount);
  });

  test("a query of an unknown account has no rows and an end", () => {
    const outs = core.send(Kind.StateQuery, { account: 99, clientId: 5, session: 3 });
    expect(outs.map((out) => [out.kind, out.clientId, out.session].map(Number))).toEqual([
      [Kind.StateQueryEnd, 5, 3],
    ]);
  });
});

describe("configuration is answered once", () => {
  test.each([
    [Kind.Account, { id: 3, currency: 1 }],
    [Kind.Strategy, { id: 9, account: 1 }],
    [Kind.CashAdjust, { account: 1, currency: 1, amountMinor: 5 }],
    [Kind.RiskLimits, { scope: Scope.Global, qtyLotsMax: 5 }],
    [Kind.FeeSchedule, { makerPerBillion: 5 }],
    [Kind.TradingState, { scope: Scope.Global, state: 1 }],
    [Kind.InstrumentState, { instrument: 1, state: 4 }],
    [Kind.KillSwitch, { scope: Scope.Global, state: 1 }],
  ] as [Kind, Fields][])("kind %i is accepted", (kind, fields) => {
    const answers = core
      .send(kind, fields)
      .filter((out) => ![Kind.BalanceChanged, Kind.TradingStateChanged].includes(out.kind as Kind));
    expect(answers.map((out) => [out.kind, out.configKind, out.reason].map(Number))).toEqual([
      [Kind.ConfigAccepted, kind, Refusal.None],
    ]);
  });

  test.each([
    [Kind.Account, { id: 0, currency: 1 }, Refusal.UnknownAccount],
    [Kind.Strategy, { id: 0, account: 1 }, Refusal.UnknownStrategy],
    [Kind.Strategy, { id: 9, account: 99 }, Refusal.UnknownAccount],
    [Kind.Strategy, { id: 7, account: 2 }, Refusal.ConfigConflict],
    [Kind.Strategy, { id: 9, account: 1, strategyKind: 2 }, Refusal.ParameterInvalid],
    [Kind.Strategy, { id: 9, account: 1, strategyKind: 1 }, Refusal.ParameterInvalid],
    [Kind.Strategy, { id: 9, account: 1, strategyFlags: 2 }, Refusal.FlagUnsupported],
    [Kind.Strategy, { id: 9, account: 1, qtyLots: -1 }, Refusal.ParameterInvalid],
    [Kind.RiskLimits, { scope: Scope.Account, account: 99 }, Refusal.UnknownAccount],
    [Kind.RiskLimits, { scope: Scope.Strategy, strategy: 99 }, Refusal.UnknownStrategy],
    [Kind.RiskLimits, { scope: Scope.Instrument, instrument: 99 }, Refusal.UnknownInstrument],
    [Kind.RiskLimits, { scope: 6 }, Refusal.ScopeInvalid],
    [Kind.RiskLimits, { qtyLotsMax: -1 }, Refusal.ParameterInvalid],
    [Kind.RiskLimits, { rateMax: 1 }, Refusal.ParameterInvalid],
    [Kind.RiskLimits, { rateWindowMillis: 1 }, Refusal.ParameterInvalid],
    [Kind.RiskLimits, { currency: 99, lossMinorMax: 1 }, Refusal.UnknownCurrency],
    [Kind.KillSwitch, { scope: Scope.Global, state: 2 }, Refusal.ParameterInvalid],
    [Kind.KillSwitch, { scope: Scope.AccountInstrument, state: 1 }, Refusal.ScopeInvalid],
    [Kind.KillSwitch, { scope: Scope.Account, account: 99, state: 1 }, Refusal.UnknownAccount],
    [Kind.KillSwitch, { scope: Scope.Strategy, strategy: 99, state: 1 }, Refusal.UnknownStrategy],
    [Kind.TradingState, { scope: Scope.Global, state: 3 }, Refusal.ParameterInvalid],
    [Kind.TradingState, { scope: Scope.Instrument, instrument: 99 }, Refusal.UnknownInstrument],
    [Kind.InstrumentState, { instrument: 99, state: 3 }, Refusal.UnknownInstrument],
    [Kind.InstrumentState, { instrument: 1, state: 0 }, Refusal.ParameterInvalid],
    [Kind.InstrumentState, { instrument: 1, state: 6 }, Refusal.ParameterInvalid],
  ] as [Kind, Fields, Refusal][])("kind %i, %j is denied by %i", (kind, fields, refusal) => {
    const before = core.core.stateHash(Role.Order);
    const out = expectRefused(kind, fields, Kind.ConfigDenied, refusal);
    expect(out["configKind"]).toBe(kind);
    expect(core.core.stateHash(Role.Order), "state").toBe(before);
  });
});

test("derived records of instruments the role does not trade are passed over in silence", () => {
  const before = core.core.stateHash(Role.Order);
  const quote = { bidTicks: 1, bidLots: 1, askTicks: 2, askLots: 1 };
  for (const instrument of [PERPETUAL, 99, 4_000_000_000]) {
    expect(core.send(Kind.TopOfBook, { instrument, ...quote })).toEqual([]);
    expect(core.send(Kind.TradePrint, { instrument, priceTicks: 5, qtyLots: 1 })).toEqual([]);
    expect(core.send(Kind.BookTrust, { instrument, state: 0 })).toEqual([]);
  }
  expect(core.send(Kind.CandleClosed, { instrument: 1 })).toEqual([]);
  expect(core.core.stateHash(Role.Order), "an internal book is its own market").toBe(before);
});

test("a routed or unsupported instrument takes quotes without a book and fills nothing", () => {
  const quote = { bidTicks: 1, bidLots: 1, askTicks: 2, askLots: 1 };
  for (const instrument of [ROUTED, EQUITY_MARGIN, OPTION]) {
    expect(core.send(Kind.TopOfBook, { instrument, ...quote })).toEqual([]);
    expect(core.send(Kind.TradePrint, { instrument, priceTicks: 5, qtyLots: 1 })).toEqual([]);
  }
});

test("a price band holds for the limit of a sell, wherever the bid is", () => {
  core.order({ instrument: BOUNDED, clientId: 1, priceTicks: 150, qtyLots: 10 });
  const sell = { instrument: BOUNDED, account: 2, side: Side.Sell };
  const denied = core.order({ ...sell, clientId: 1, priceTicks: 101, qtyLots: 20 });
  expect(name(denied[0]), "101 is far below 135").toEqual(["OrderDenied", "PriceOutsideBand"]);
  expect(only(denied, Kind.Fill)).toEqual([]);
});
