// What a StateQuery for limits says: each limit that holds, beside what is used of it.
import { beforeEach, expect, test } from "vitest";
import {
  Execution,
  Kind,
  LIMIT_STATE_USED_MAX,
  LimitFlag,
  QueryPart,
  Refusal,
  Scope,
  Side,
} from "../../../asm/vocab.ts";
import { OrderCore, type Fields, type Out } from "../order-core.ts";

/** Bit of the account's flags. */
const ACCOUNT_HOUSE = 2;

let core: OrderCore;
let clientId = 0;

beforeEach(() => {
  core = OrderCore.create();
  for (const id of [1, 2]) core.instrument(id, { referenceTicks: 10_000 });
  // Instrument 3 has no mark until it trades.
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

/** Account 1 buys from account 2 at 10,000. */
function buy(qtyLots: number, instrument = 1): void {
  order({ account: 2, side: Side.Sell, qtyLots, instrument });
  order({ qtyLots, instrument });
}

function limit(fields: Fields): void {
  const out = core.send(Kind.RiskLimits, { scope: Scope.Account, account: 1, ...fields })[0]!;
  expect(out["kind"], "limits accepted").toBe(Kind.ConfigAccepted);
}

function query(instrument = 1, account = 1): Out[] {
  const outs = core.send(Kind.StateQuery, { account, instrument, part: QueryPart.Limits });
  const end = outs.at(-1);
  expect([end["kind"], end["done"], end["left"]]).toEqual([Kind.StateQueryEnd, outs.length - 1, 0]);
  expect(outs.slice(0, -1).every((out) => out["kind"] === Kind.LimitState)).toBe(true);
  return outs.slice(0, -1);
}

/** "name used/limit" of each row. */
function uses(instrument = 1, account = 1): string[] {
  return query(instrument, account).map(
    (row) => `${Refusal[row["reason"] as Refusal]} ${row["used"]}/${row["limit"]}`,
  );
}

const EVERYTHING = {
  ...{ qtyLotsMax: 50, notionalMinorMax: 400_000, ordersOpenMax: 9, positionLotsMax: 20 },
  ...{ rateMax: 30, rateWindowMillis: 1000, lossMinorMax: 5_000, drawdownMinorMax: 6_000 },
  ...{ grossMinorMax: 300_000, netMinorMax: 250_000, leverageMax: 300, concentrationBps: 9_000 },
};

test("without a limit there is no row; each limit has one, in the order of the check", () => {
  buy(4);
  expect(uses()).toEqual([]);
  limit(EVERYTHING);
  core.send(Kind.MarginSchedule, { instrument: 1, initialBps: 1_000 });
  order({ priceTicks: 9_900, qtyLots: 2 });
  order({ instrument: 2, side: Side.Sell, priceTicks: 10_100, qtyLots: 5 });
  expect(uses()).toEqual([
    "QtyLimit 0/50",
    "NotionalLimit 0/400000",
    "OpenOrdersLimit 2/9",
    "PositionLimit 6/20",
    "RateLimit 2/30",
    "LossLimit 0/5000",
    "DrawdownLimit 0/6000",
    // 6 lots of the first at 10,000, 5 of the second.
    "GrossExposureLimit 110000/300000",
    "NetExposureLimit 60000/250000",
    "LeverageLimit 110/300",
    "ConcentrationLimit 6000/9000",
    // A tenth of 60,000: the second needs no margin.
    "MarginInsufficient 6000/100000",
  ]);
});

test("an order of exactly what is left passes, one more is refused", () => {
  limit({ positionLotsMax: 10, qtyLotsMax: 50 });
  buy(3);
  order({ priceTicks: 9_000, qtyLots: 2 });
  const row = query().find((one) => one["reason"] === Refusal.PositionLimit)!;
  const left = Number(row["limit"]) - Number(row["used"]);
  expect(left).toBe(5);
  expect(order({ priceTicks: 9_000, qtyLots: left + 1 })["reason"]).toBe(Refusal.PositionLimit);
  expect(order({ priceTicks: 9_000, qtyLots: left })["reason"]).toBe(Refusal.None);
  expect(uses()[1]).toBe("PositionLimit 10/10");
});

test("loss and drawdown are what the mark took, and grow with it", () => {
  limit({ lossMinorMax: 5_000, drawdownMinorMax: 6_000 });
  buy(4);
  // Trades of others move the mark: down by 300 for 4 lots.
  core.account(3);
  order({ account: 2, side: Side.Buy, priceTicks: 9_700 });
  order({ account: 3, side: Side.Sell, priceTicks: 9_700 });
  expect(uses()).toEqual(["LossLimit 1200/5000", "DrawdownLimit 1200/6000"]);
});

test("the strictest row of all scopes counts; messages are told for each scope", () => {
  limit({ qtyLotsMax: 50, rateMax: 30, rateWindowMillis: 1000 });
  limit({ scope: Scope.Global, qtyLotsMax: 40, rateMax: 9, rateWindowMillis: 1000 });
  limit({ scope: Scope.Tenant, tenant: 1, rateMax: 8, rateWindowMillis: 1000 });
  const pair = { scope: Scope.AccountInstrument, instrument: 1 };
  limit({ ...pair, ordersOpenMax: 3, rateMax: 7, rateWindowMillis: 1000 });
  limit({ scope: Scope.Instrument, instrument: 1, rateMax: 6, rateWindowMillis: 1000 });
  order();
  const rows = query();
  const shown = rows.map((row) => [
    Refusal[row["reason"] as Refusal],
    Scope[row["scope"] as Scope],
    row["used"],
    row["limit"],
  ]);
  expect(shown).toEqual([
    ["QtyLimit", "Global", 0, 40],
    ["OpenOrdersLimit", "AccountInstrument", 1, 3],
    ["RateLimit", "Global", 1, 9],
    ["RateLimit", "Tenant", 1, 8],
    ["RateLimit", "Account", 1, 30],
    ["RateLimit", "Instrument", 1, 6],
    ["RateLimit", "AccountInstrument", 1, 7],
  ]);
  core.nowNanos += 1_000_000_000;
  const later = query().filter((row) => row["reason"] === Refusal.RateLimit);
  expect(
    later.map((row) => row["used"]),
    "the window is over",
  ).toEqual([0, 0, 0, 0, 0]);
  expect(rows.length, "the bound holds them").toBeLessThanOrEqual(17);
});

test("an account that never traded the instrument is asked too, one after the other", () => {
  limit({ positionLotsMax: 10 });
  core.send(Kind.RiskLimits, { scope: Scope.Account, account: 2, positionLotsMax: 7 });
  expect(uses(2, 1)).toEqual(["PositionLimit 0/10"]);
  expect(uses(2, 2), "not the row of the account before").toEqual(["PositionLimit 0/7"]);
  expect(uses(9, 1), "no such instrument").toEqual([]);
  expect(uses(1, 9), "no such account").toEqual([]);
  expect(uses(0, 1), "no position at all").toEqual([]);
  buy(1);
  buy(2, 2);
  expect(uses(0, 1), "newest first").toEqual(["PositionLimit 2/10", "PositionLimit 1/10"]);
});

test("without a mark exposure is unknown; a limit of one order has no use", () => {
  limit({ grossMinorMax: 300_000, leverageMax: 300, qtyLotsMax: 5 });
  core.send(Kind.RiskLimits, { scope: Scope.Account, account: 1, qtyLotsMax: 5 });
  order({ instrument: 3, qtyLots: 2 });
  limit({ grossMinorMax: 300_000, leverageMax: 300, qtyLotsMax: 5 });
  const flags = query(1).map((row) => [Refusal[row["reason"] as Refusal], row["limitFlags"]]);
  expect(flags).toEqual([
    ["QtyLimit", LimitFlag.PerOrder],
    ["GrossExposureLimit", LimitFlag.Unknown],
    ["LeverageLimit", LimitFlag.Unknown],
  ]);
});

test("a ratio to nothing owned stops at its bound", () => {
  buy(4);
  limit({ leverageMax: 300, concentrationBps: 9_000 });
  core.send(Kind.CashAdjust, { account: 1, currency: 1, amountMinor: -100_000 });
  const most = LIMIT_STATE_USED_MAX;
  expect(uses()).toEqual([`LeverageLimit ${most}/300`, `ConcentrationLimit ${most}/9000`]);
});

test("house accounts have no limits", () => {
  core.account(4, { accountFlags: ACCOUNT_HOUSE });
  core.send(Kind.RiskLimits, { scope: Scope.Global, qtyLotsMax: 5 });
  expect(uses(1, 4)).toEqual([]);
  expect(uses(1, 1)).toEqual(["QtyLimit 0/5"]);
});
