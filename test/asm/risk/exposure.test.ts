// Limits over all positions, and the ones few accounts have, each at its boundary: the limit
// passes, one more is refused and names the limit's value.
import { beforeEach, expect, test } from "vitest";
import { Execution, Kind, OrderType, Refusal, Scope, Side } from "../../../asm/vocab.ts";
import { OrderCore, type Fields, type Out } from "../order-core.ts";

let core: OrderCore;
let clientId = 0;

beforeEach(() => {
  core = OrderCore.create();
  // Instrument 3 has no mark until it trades.
  for (const id of [1, 2]) core.instrument(id, { referenceTicks: 10_000 });
  core.instrument(3, { execution: Execution.Paper });
  for (const id of [1, 2]) {
    core.account(id, { tenant: id });
    core.send(Kind.CashAdjust, { account: id, currency: 1, amountMinor: 100_000 });
  }
  clientId = 0;
});

function order(fields: Fields = {}): Out {
  return core.order({ clientId: ++clientId, priceTicks: 10_000, qtyLots: 1, ...fields })[0]!;
}

/** Account 1 trades with account 2 at 10,000. */
function trade(side: Side, qtyLots: number, instrument = 1, priceTicks = 10_000): void {
  order({
    account: 2,
    side: side === Side.Buy ? Side.Sell : Side.Buy,
    qtyLots,
    instrument,
    priceTicks,
  });
  accepted(order({ side, qtyLots, instrument, priceTicks }));
}

function limits(fields: Fields): void {
  const out = core.send(Kind.RiskLimits, { scope: Scope.Account, account: 1, ...fields })[0]!;
  expect(out["kind"], "limits accepted").toBe(Kind.ConfigAccepted);
}

function accepted(out: Out): void {
  expect([Kind[out["kind"]], Refusal[out["reason"]]]).toEqual(["OrderAccepted", "None"]);
}

function denied(out: Out, refusal: Refusal, limit: number): void {
  const found = [Kind[out["kind"]], Refusal[out["reason"]], out["limit"]];
  expect(found).toEqual(["OrderDenied", Refusal[refusal], limit]);
}

test("gross exposure sums the worst case of every position, and lets what closes pass", () => {
  limits({ grossMinorMax: 100_000 });
  trade(Side.Buy, 4);
  accepted(order({ side: Side.Sell, instrument: 2, qtyLots: 5 }));
  accepted(order({ qtyLots: 1, priceTicks: 9_000 }));
  denied(order({ qtyLots: 1, priceTicks: 9_000 }), Refusal.GrossExposureLimit, 100_000);
  accepted(order({ side: Side.Sell, qtyLots: 9, priceTicks: 12_000 }));
  denied(order({ side: Side.Sell, qtyLots: 1 }), Refusal.GrossExposureLimit, 100_000);
  const amend = { account: 1, clientId: 4, fields: 2, qtyLots: 2 };
  expect(core.send(Kind.OrderAmend, amend)[0]!["reason"]).toBe(Refusal.GrossExposureLimit);
});

test("gross exposure moves with the mark, and closing stays possible beyond it", () => {
  limits({ grossMinorMax: 60_000 });
  trade(Side.Buy, 5);
  order({ account: 2, side: Side.Sell, priceTicks: 13_000 });
  accepted(order({ priceTicks: 13_000 }));
  denied(order({ priceTicks: 9_000 }), Refusal.GrossExposureLimit, 60_000);
  accepted(order({ side: Side.Sell, qtyLots: 6, priceTicks: 14_000 }));
});

test("net exposure lets a hedge pass and is asked of the order's own side", () => {
  limits({ netMinorMax: 50_000 });
  trade(Side.Buy, 5);
  denied(order({ instrument: 2 }), Refusal.NetExposureLimit, 50_000);
  accepted(order({ side: Side.Sell, instrument: 2, qtyLots: 10, priceTicks: 11_000 }));
  denied(order({ side: Side.Sell, instrument: 2 }), Refusal.NetExposureLimit, 50_000);
  denied(order({ instrument: 2 }), Refusal.NetExposureLimit, 50_000);
});

test("leverage is gross exposure over equity, in hundredths", () => {
  limits({ leverageMax: 200 });
  accepted(order({ qtyLots: 20, priceTicks: 9_000 }));
  denied(order({ qtyLots: 1, priceTicks: 9_000 }), Refusal.LeverageLimit, 200);
  core.send(Kind.CashAdjust, { account: 1, currency: 1, amountMinor: 5_000 });
  accepted(order({ qtyLots: 1, priceTicks: 9_000 }));
});

test("concentration is one position's exposure over equity", () => {
  limits({ concentrationBps: 3_000 });
  accepted(order({ qtyLots: 3, priceTicks: 9_000 }));
  denied(order({ qtyLots: 1, priceTicks: 9_000 }), Refusal.ConcentrationLimit, 3_000);
  accepted(order({ qtyLots: 3, priceTicks: 9_000, instrument: 2 }));
});

test("initial margin is a share of all positions' worst case, at most what is owned", () => {
  const schedule = (fields: Fields): string => {
    const out = core.send(Kind.MarginSchedule, { instrument: 1, ...fields })[0]!;
    return Refusal[Number(out["reason"])]!;
  };
  expect(schedule({ initialBps: 10_001 })).toBe("ParameterInvalid");
  expect(schedule({ instrument: 9, initialBps: 1 })).toBe("UnknownInstrument");
  expect(schedule({ initialBps: 2_500 })).toBe("None");
  expect(schedule({ instrument: 2, initialBps: 5_000 })).toBe("None");
  accepted(order({ qtyLots: 20, priceTicks: 9_000 }));
  accepted(order({ qtyLots: 10, priceTicks: 9_000, instrument: 2 }));
  denied(order({ priceTicks: 9_000 }), Refusal.MarginInsufficient, 100_000);
  accepted(order({ side: Side.Sell, qtyLots: 20, priceTicks: 11_000 }));
  denied(order({ side: Side.Sell, priceTicks: 11_000 }), Refusal.MarginInsufficient, 100_000);
  expect(schedule({ initialBps: 0 })).toBe("None");
  accepted(order({ priceTicks: 9_000 }));
});

test("exposure that cannot be valued is refused", () => {
  limits({ grossMinorMax: 1_000_000 });
  denied(order({ instrument: 3 }), Refusal.PriceUnknown, 0);
  core.send(Kind.TradePrint, { instrument: 3, priceTicks: 10_000, qtyLots: 1 });
  accepted(order({ instrument: 3 }));
});

test("drawdown counts from the highest PnL seen, and money paid in or out is none of it", () => {
  limits({ drawdownMinorMax: 1_000 });
  trade(Side.Buy, 10);
  order({ account: 2, side: Side.Sell, priceTicks: 10_300 });
  accepted(order({ priceTicks: 10_300 }));
  accepted(order({ priceTicks: 9_000 }));
  core.send(Kind.CashAdjust, { account: 1, currency: 1, amountMinor: -50_000 });
  accepted(order({ priceTicks: 8_999 }));
  // 11 lots: the mark falls by 91, 1,001 below the peak of 3,000.
  order({ account: 2, side: Side.Sell, priceTicks: 10_209 });
  order({ account: 2, priceTicks: 10_209 });
  denied(order({ priceTicks: 8_998 }), Refusal.DrawdownLimit, 1_000);
});

test("a price older than the limit refuses, the static reference never ages", () => {
  limits({ staleMillis: 10 });
  core.nowNanos = 86_400_000_000_000;
  accepted(order());
  denied(order({ instrument: 3 }), Refusal.PriceUnknown, 10);
  core.send(Kind.TradePrint, { instrument: 3, priceTicks: 10_000, qtyLots: 1 });
  core.nowNanos += 10_000_000;
  accepted(order({ instrument: 3 }));
  core.nowNanos += 1;
  denied(order({ instrument: 3 }), Refusal.PriceStale, 10);
});

test("the same order again is a duplicate until the window is over", () => {
  limits({ duplicateMillis: 10 });
  accepted(order());
  denied(order(), Refusal.DuplicateOrder, 10);
  accepted(order({ qtyLots: 2 }));
  accepted(order({ side: Side.Sell, priceTicks: 11_000 }));
  accepted(order({ instrument: 2 }));
  accepted(order({ account: 2 }));
  const market = { type: OrderType.Market, tif: 3, priceTicks: 0, qtyLots: 9 };
  accepted(order(market));
  denied(order(market), Refusal.DuplicateOrder, 10);
  core.nowNanos = 9_999_999;
  denied(order(), Refusal.DuplicateOrder, 10);
  core.nowNanos = 10_000_000;
  accepted(order());
});

test("of one position the last four orders are remembered", () => {
  limits({ duplicateMillis: 10 });
  for (let qtyLots = 1; qtyLots <= 5; qtyLots++) accepted(order({ qtyLots, priceTicks: 9_000 }));
  denied(order({ qtyLots: 2, priceTicks: 9_000 }), Refusal.DuplicateOrder, 10);
  accepted(order({ qtyLots: 1, priceTicks: 9_000 }));
});

test("a limit in another currency is told at its mark, and refuses without one", () => {
  core.send(Kind.Currency, { id: 2, minorExponent: -2, code: "EUR" });
  limits({ currency: 2, notionalMinorMax: 1 });
  denied(order(), Refusal.PriceUnknown, 0);
  core.send(Kind.ConversionMark, { from: 2, to: 1, num: 1_000_000_000, den: 1 });
  accepted(order());
});

test.each([
  ["global", { scope: Scope.Global }],
  ["tenant", { scope: Scope.Tenant, tenant: 1 }],
  ["account", { scope: Scope.Account, account: 1 }],
] as [string, Fields][])("the restricted list of the %s scope bars a side", (name, scope) => {
  accepted(order({ priceTicks: 9_000 }));
  const list = (fields: Fields): string => {
    const out = core.send(Kind.RestrictedList, { instrument: 1, ...scope, ...fields })[0]!;
    return Refusal[Number(out["reason"])]!;
  };
  expect(list({ state: 1, side: Side.Buy })).toBe("None");
  denied(order(), Refusal.Restricted, 0);
  const amend = { account: 1, clientId: 1, fields: 1, priceTicks: 9_001 };
  expect(core.send(Kind.OrderAmend, amend)[0]!["reason"]).toBe(Refusal.Restricted);
  accepted(order({ side: Side.Sell, priceTicks: 11_000 }));
  accepted(order({ instrument: 2 }));
  const other = order({ account: 2, priceTicks: 9_000 });
  expect(Refusal[other["reason"]]).toBe(name === "global" ? "Restricted" : "None");
  expect(list({ state: 1, side: 0 })).toBe("None");
  denied(order({ side: Side.Sell, priceTicks: 11_000 }), Refusal.Restricted, 0);
  expect(list({ state: 0, side: 0 })).toBe("None");
  accepted(order());
  expect(list({ scope: Scope.Strategy })).toBe("ScopeInvalid");
  expect(list({ state: 2 })).toBe("ParameterInvalid");
  expect(list({ side: 3 })).toBe("ParameterInvalid");
  expect(list({ instrument: 9 })).toBe("UnknownInstrument");
});

test("the restricted list has an end, and says when it is full", () => {
  for (let id = 10; id < 10 + 4095; id++) core.account(id);
  const list = (account: number): number => {
    const what = { scope: Scope.Account, instrument: 2, account, state: 1 };
    return Number(core.send(Kind.RestrictedList, what)[0]!["reason"]);
  };
  for (let id = 10; id < 10 + 4095; id++) expect(list(id)).toBe(Refusal.None);
  expect(list(1)).toBe(Refusal.LimitsFull);
  expect(list(10), "a known entry needs no room").toBe(Refusal.None);
});
