// Each limit at its boundary: the limit passes, one more is refused and names the limit's value.
import { beforeEach, describe, expect, test } from "vitest";
import {
  Execution,
  Kind,
  Refusal,
  Scope,
  Side,
  TimeInForce,
  TradingMode,
} from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

let core: OrderCore;
let clientId = 0;

beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1, { referenceTicks: 10_000 });
  core.instrument(2, { execution: Execution.Paper, staleMillis: 1000 });
  for (const id of [1, 2]) {
    core.account(id);
    core.send(Kind.CashAdjust, { account: id, currency: 1, amountMinor: 1_000_000 });
  }
  clientId = 0;
});

function order(fields: Fields = {}): Out {
  return core.order({ clientId: ++clientId, priceTicks: 10_000, qtyLots: 1, ...fields })[0]!;
}

function limits(fields: Fields): void {
  const out = core.send(Kind.RiskLimits, { scope: Scope.Global, ...fields })[0]!;
  expect(out["kind"], "limits accepted").toBe(Kind.ConfigAccepted);
}

function expectAccepted(out: Out): void {
  expect([Kind[out["kind"]], Refusal[out["reason"]]]).toEqual(["OrderAccepted", "None"]);
}

function expectDenied(out: Out, refusal: Refusal, limit: number): void {
  const found = [Kind[out["kind"]], Refusal[out["reason"]], out["limit"]];
  expect(found).toEqual(["OrderDenied", Refusal[refusal], limit]);
}

const SCOPES: [string, Fields][] = [
  ["global", { scope: Scope.Global }],
  ["tenant", { scope: Scope.Tenant, tenant: 0 }],
  ["account", { scope: Scope.Account, account: 1 }],
  ["instrument", { scope: Scope.Instrument, instrument: 1 }],
  ["account x instrument", { scope: Scope.AccountInstrument, account: 1, instrument: 1 }],
  ["strategy", { scope: Scope.Strategy, strategy: 7 }],
];

describe.each(SCOPES)("in the %s scope", (_name, scope) => {
  beforeEach(() => {
    core.send(Kind.Strategy, { id: 7, account: 1 });
  });
  const mine = (fields: Fields): Out => order({ strategy: 7, ...fields });

  test("quantity", () => {
    limits({ ...scope, qtyLotsMax: 10 });
    expectAccepted(mine({ qtyLots: 10 }));
    expectDenied(mine({ qtyLots: 11 }), Refusal.QtyLimit, 10);
  });

  test("notional", () => {
    limits({ ...scope, notionalMinorMax: 50_000 });
    expectAccepted(mine({ qtyLots: 5 }));
    expectDenied(mine({ qtyLots: 5, priceTicks: 10_001 }), Refusal.NotionalLimit, 50_000);
  });

  test("collar", () => {
    limits({ ...scope, collarBps: 100 });
    expectAccepted(mine({ priceTicks: 9_900 }));
    expectDenied(mine({ priceTicks: 9_899 }), Refusal.PriceCollar, 100);
    expectAccepted(mine({ priceTicks: 10_100 }));
    expectDenied(mine({ priceTicks: 10_101 }), Refusal.PriceCollar, 100);
  });

  test("messages: a new window begins when the old one is over, not before", () => {
    limits({ ...scope, rateMax: 3, rateWindowMillis: 10 });
    for (let message = 0; message < 3; message++) expectAccepted(mine({ priceTicks: 9_000 }));
    core.nowNanos = 9_999_999;
    expectDenied(mine({}), Refusal.RateLimit, 3);
    core.nowNanos = 10_000_000;
    expectAccepted(mine({}));
  });

  test("open orders", () => {
    limits({ ...scope, ordersOpenMax: 2 });
    expectAccepted(mine({}));
    expectAccepted(mine({}));
    expectDenied(mine({}), Refusal.OpenOrdersLimit, 2);
    core.send(Kind.OrderCancel, { account: 1, clientId });
    core.send(Kind.OrderCancel, { account: 1, clientId: 1 });
    expectAccepted(mine({}));
  });

  test("position: the worst case over open orders of the side", () => {
    limits({ ...scope, positionLotsMax: 10 });
    expectAccepted(mine({ qtyLots: 6 }));
    expectAccepted(mine({ qtyLots: 4 }));
    expectDenied(mine({ qtyLots: 1 }), Refusal.PositionLimit, 10);
    expectAccepted(mine({ qtyLots: 10, side: Side.Sell, priceTicks: 11_000 }));
    const amended = core.send(Kind.OrderAmend, { account: 1, clientId: 1, fields: 2, qtyLots: 7 });
    expect(amended[0]!["reason"]).toBe(Refusal.PositionLimit);
  });

  test("loss of the day, and the next day forgets it", () => {
    limits({ ...scope, lossMinorMax: 500 });
    // Account 1 buys 5 at 10,000 and sells them at 9,900: it has lost exactly 500.
    order({ account: 2, side: Side.Sell, qtyLots: 5 });
    expectAccepted(mine({ qtyLots: 5 }));
    order({ account: 2, qtyLots: 6, priceTicks: 9_900 });
    expectAccepted(mine({ qtyLots: 5, side: Side.Sell, priceTicks: 9_900 }));
    expectAccepted(mine({ qtyLots: 1, side: Side.Sell, priceTicks: 9_900 }));
    // One lot short from 9,900; at 9,901 one more is lost.
    order({ account: 2, side: Side.Sell, priceTicks: 9_901 });
    expectAccepted(mine({ priceTicks: 9_901 }));
    expectDenied(mine({}), Refusal.LossLimit, 500);
    core.nowNanos = 86_400_000_000_000;
    expectAccepted(mine({}));
  });
});

test("the strictest of the limits that apply decides", () => {
  limits({ qtyLotsMax: 10 });
  limits({ scope: Scope.Account, account: 1, qtyLotsMax: 4 });
  expectDenied(order({ qtyLots: 5 }), Refusal.QtyLimit, 4);
  expectAccepted(order({ account: 2, qtyLots: 10 }));
  expectDenied(order({ account: 2, qtyLots: 11 }), Refusal.QtyLimit, 10);
});

const sell = { side: Side.Sell, qtyLots: 1, priceTicks: 11_000 };
describe.each([
  ["collar", { collarBps: 100 }, { collarBps: 500 }, [], { priceTicks: 9_800 }, "PriceCollar", 100],
  ["open orders", { ordersOpenMax: 1 }, { ordersOpenMax: 3 }, [sell], {}, "OpenOrdersLimit", 1],
  [
    ...(["leverage", { leverageMax: 5 }, { leverageMax: 90 }] as const),
    ...([[], { qtyLots: 10 }, "LeverageLimit", 5] as const),
  ],
  [
    ...(["concentration", { concentrationBps: 500 }, { concentrationBps: 9_000 }] as const),
    ...([[], { qtyLots: 10 }, "ConcentrationLimit", 500] as const),
  ],
  ["stale", { staleMillis: 5 }, { staleMillis: 900 }, [], { instrument: 2 }, "PriceStale", 5],
] as [string, Fields, Fields, Fields[], Fields, string, number][])(
  "of two limits of %s",
  (_name, strict, loose, before, beyond, refusal, value) => {
    const account = { scope: Scope.Account, account: 1 };
    test.each([
      ["wider", strict, loose],
      ["narrower", loose, strict],
    ])("the strictest decides, also when the %s scope has it", (_scope, wide, narrow) => {
      limits(wide);
      limits({ ...narrow, ...account });
      core.send(Kind.TradePrint, { instrument: 2, priceTicks: 10_000, qtyLots: 1 });
      core.nowNanos = 6_000_000;
      for (const fields of before) expectAccepted(order(fields));
      const denied = order(beyond);
      const found = [Refusal[denied["reason"] as Refusal], denied["limit"]];
      expect(found).toEqual([refusal, value]);
    });
  },
);

test("a limit that needs a price refuses without one, and with one that is stale", () => {
  limits({ collarBps: 100 });
  expectDenied(order({ instrument: 2 }), Refusal.PriceUnknown, 100);
  core.send(Kind.TradePrint, { instrument: 2, priceTicks: 10_000, qtyLots: 1 });
  core.nowNanos = 1_000_000_000;
  expectAccepted(order({ instrument: 2 }));
  core.nowNanos = 1_000_000_001;
  expectDenied(order({ instrument: 2 }), Refusal.PriceStale, 100);
});

test("a house account has no limits, but switches stop it too", () => {
  core.account(3, { flags: 0, accountFlags: 2 });
  limits({ qtyLotsMax: 1 });
  expectAccepted(order({ account: 3, qtyLots: 50 }));
  core.send(Kind.KillSwitch, { scope: Scope.Global, state: 1 });
  expectDenied(order({ account: 3 }), Refusal.KillSwitchOn, 0);
});

describe.each([
  ["global", { scope: Scope.Global }],
  ["tenant", { scope: Scope.Tenant, tenant: 0 }],
  ["account", { scope: Scope.Account, account: 1 }],
  ["strategy", { scope: Scope.Strategy, strategy: 7 }],
  ["instrument", { scope: Scope.Instrument, instrument: 1 }],
] as [string, Fields][])("a kill switch of the %s scope", (_name, scope) => {
  beforeEach(() => {
    core.send(Kind.Strategy, { id: 7, account: 1 });
  });

  test("stays on, refuses orders and amends, lets cancels pass, and goes off on request", () => {
    expectAccepted(order({ strategy: 7 }));
    expectAccepted(order({ strategy: 7, priceTicks: 9_000 }));
    core.send(Kind.KillSwitch, { ...scope, state: 1 });
    for (let day = 1; day < 3; day++) {
      core.nowNanos = day * 86_400_000_000_000;
      expectDenied(order({ strategy: 7 }), Refusal.KillSwitchOn, 0);
    }
    const amend = core.send(Kind.OrderAmend, {
      account: 1,
      clientId: 1,
      fields: 1,
      priceTicks: 9_999,
    });
    expect(amend[0]!["reason"]).toBe(Refusal.KillSwitchOn);
    const cancel = core.send(Kind.OrderCancel, { account: 1, clientId: 1 });
    expect(cancel[0]!["kind"]).toBe(Kind.OrderCanceled);
    core.send(Kind.KillSwitch, { ...scope, state: 0 });
    expectAccepted(order({ strategy: 7 }));
  });

  test("cancels what is open when asked to", () => {
    order({ strategy: 7 });
    order({ strategy: 7, priceTicks: 9_000 });
    const outs = core.send(Kind.KillSwitch, { ...scope, state: 1, cancelOpen: 1 });
    expect(only(outs, Kind.OrderCanceled).length).toBe(2);
    expect(core.money()).toBe(0n);
  });
});

test("halted refuses, reduce-only lets only what reduces pass", () => {
  core.send(Kind.TradingState, { scope: Scope.Account, account: 1, state: TradingMode.Halted });
  expectDenied(order(), Refusal.TradingHalted, 0);
  core.send(Kind.TradingState, { scope: Scope.Account, account: 1, state: TradingMode.Active });
  order({ account: 2, side: Side.Sell, qtyLots: 5 });
  order({ qtyLots: 5 });
  core.send(Kind.TradingState, { scope: Scope.Account, account: 1, state: TradingMode.ReduceOnly });
  expectDenied(order(), Refusal.ReduceOnlyMode, 0);
  expectAccepted(order({ side: Side.Sell, qtyLots: 5, priceTicks: 12_000 }));
  expectDenied(
    order({ side: Side.Sell, qtyLots: 1, priceTicks: 12_000 }),
    Refusal.ReduceOnlyMode,
    0,
  );
});

test("an untrusted book blocks paper orders until it is trusted again", () => {
  core.send(Kind.BookTrust, { instrument: 2, state: 0 });
  expectDenied(order({ instrument: 2 }), Refusal.BookUntrusted, 0);
  core.send(Kind.BookTrust, { instrument: 2, state: 1 });
  expectAccepted(order({ instrument: 2, tif: TimeInForce.Gtc }));
});

test("half a limit is denied: a count without its window, a window without its count", () => {
  for (const name of ["rateMax", "rateWindowMillis", "repeatsMax", "repeatsWindowMillis"]) {
    const out = core.send(Kind.RiskLimits, { scope: Scope.Global, [name]: 1 })[0]!;
    const found = [Kind[out["kind"]], Refusal[out["reason"]]];
    expect(found, name).toEqual(["ConfigDenied", "ParameterInvalid"]);
  }
});
