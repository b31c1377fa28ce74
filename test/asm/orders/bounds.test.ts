// Every bound of the order role, reached: what one input may do, and how much the tables hold.
//
// The client id index (2,097,152 entries) cannot fill before the order table (1,048,576 slots), so
// ClientOrderIdsFull has no case here: OrdersFull always comes first.
import { beforeEach, describe, expect, test } from "vitest";
import {
  ACCOUNTS_MAX,
  BALANCES_MAX,
  BOOK_WINDOW_TICKS_MAX,
  CANCELS_PER_COMMAND_MAX,
  CLIENT_INDEX_ENTRIES,
  FILLS_PER_COMMAND_MAX,
  INSTRUMENTS_MAX,
  LIMITS_MAX,
  ORDERS_CLOSED_MAX,
  ORDERS_MAX,
  POSITIONS_MAX,
  QUERY_ROWS_MAX,
  STRATEGIES_MAX,
} from "../../../asm/layout.ts";
import {
  ACCOUNT_ID,
  CancelReason,
  CASH_ACCOUNT,
  CASH_CURRENCY,
  Execution,
  Kind,
  LIMITS_ACCOUNT,
  ORDER_ACCOUNT,
  ORDER_CLIENT_ID,
  OrderType,
  REC_INSTRUMENT,
  Refusal,
  Scope,
  SelfTrade,
  Side,
  STRATEGY_ID,
  TimeInForce,
} from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

let core: OrderCore;
beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1);
  core.account(1);
  core.account(2);
});

const LIMIT = { instrument: 1, account: 1, type: OrderType.Limit, tif: TimeInForce.Gtc };

/** `count` resting one-lot buys at 100 with client ids from `from`. */
function rest(count: number, from = 1, fields: Fields = {}): void {
  const order = { ...LIMIT, side: Side.Buy, priceTicks: 100, qtyLots: 1, ...fields };
  core.sendMany(Kind.OrderNew, order, count, (view, at, index) => {
    view.setBigUint64(at + ORDER_CLIENT_ID, BigInt(from + index), true);
  });
}

function open(account = 1): number {
  const end = core.send(Kind.StateQuery, { account }).at(-1);
  const other = 2; // one balance and one position
  return end["done"] + end["left"] - other;
}

function sell(qtyLots: number, fields: Fields = {}): Out[] {
  const order = { clientId: 1, account: 2, side: Side.Sell, priceTicks: 100, qtyLots };
  return core.order({ tif: TimeInForce.Ioc, ...order, ...fields });
}

function reason(out: Out | undefined): [string, string] {
  return [Kind[out!["kind"] as Kind], Refusal[out!["reason"] as Refusal]];
}

describe(`one input fills at most ${FILLS_PER_COMMAND_MAX} orders`, () => {
  test.each([TimeInForce.Gtc, TimeInForce.Ioc])("the rest is canceled, TIF %i", (tif) => {
    rest(FILLS_PER_COMMAND_MAX + 1);
    const outs = sell(FILLS_PER_COMMAND_MAX + 900, { tif });
    expect(only(outs, Kind.Fill).length).toBe(FILLS_PER_COMMAND_MAX * 2);
    const canceled = only(outs, Kind.OrderCanceled);
    expect(canceled.map((out) => [out.account, out.reason, out.leavesLots].map(Number))).toEqual([
      [2, CancelReason.SweepLimit, 900],
    ]);
    expect(open(), "the order behind the bound still rests").toBe(1);
    expect(core.money()).toBe(0n);
  });

  test("an order that needs exactly as many fills is filled whole", () => {
    rest(FILLS_PER_COMMAND_MAX);
    const outs = sell(FILLS_PER_COMMAND_MAX);
    expect(only(outs, Kind.OrderCanceled)).toEqual([]);
    expect(open()).toBe(0);
  });

  test("fill-or-kill knows the bound: as many fills pass, one more kills", () => {
    rest(FILLS_PER_COMMAND_MAX + 1);
    const killed = sell(FILLS_PER_COMMAND_MAX + 1, { tif: TimeInForce.Fok });
    expect(only(killed, Kind.Fill)).toEqual([]);
    expect(only(killed, Kind.OrderCanceled)[0]!["reason"]).toBe(CancelReason.FillOrKill);
    const filled = sell(FILLS_PER_COMMAND_MAX, { clientId: 2, tif: TimeInForce.Fok });
    expect(only(filled, Kind.Fill).length).toBe(FILLS_PER_COMMAND_MAX * 2);
  });

  test("self-trade cancels count as fills do", () => {
    rest(FILLS_PER_COMMAND_MAX + 1);
    const rule = { account: 1, selfTrade: SelfTrade.CancelOldest, clientId: 9_999_999 };
    const canceled = only(sell(5, rule), Kind.OrderCanceled).map((out) => Number(out["reason"]));
    expect(canceled.filter((why) => why === Number(CancelReason.SelfTrade)).length).toBe(
      FILLS_PER_COMMAND_MAX,
    );
    expect(canceled.at(-1)).toBe(CancelReason.SweepLimit);
    expect(open()).toBe(1);
  });

  test("a paper quote or trade goes on with the next record, and takes no lots twice", () => {
    core.instrument(2, { execution: Execution.Paper });
    rest(FILLS_PER_COMMAND_MAX + 3, 1, { instrument: 2 });
    const quote = { instrument: 2, askTicks: 100, askLots: FILLS_PER_COMMAND_MAX + 1 };
    const fills = (kind: Kind, fields: Fields): number =>
      only(core.send(kind, fields), Kind.Fill).length;
    expect(fills(Kind.TopOfBook, quote)).toBe(FILLS_PER_COMMAND_MAX);
    expect(fills(Kind.TopOfBook, quote), "one lot of the same quote is left").toBe(1);
    expect(fills(Kind.TopOfBook, quote)).toBe(0);
    rest(FILLS_PER_COMMAND_MAX, 10_000, { instrument: 2 });
    const trade = { instrument: 2, priceTicks: 99, qtyLots: 1_000_000 };
    expect(fills(Kind.TradePrint, trade)).toBe(FILLS_PER_COMMAND_MAX);
    expect(fills(Kind.TradePrint, trade)).toBe(2);
    expect(core.money()).toBe(0n);
  });
});

describe(`one input cancels at most ${CANCELS_PER_COMMAND_MAX} orders`, () => {
  function counts(outs: Out[]): number[] {
    const end = outs.at(-1)["kind"] === Kind.BookTop ? outs.at(-2) : outs.at(-1);
    expect(Kind[end["kind"] as Kind]).toBe("MassCanceled");
    return [only(outs, Kind.OrderCanceled).length, end["done"], end["left"]];
  }

  test("a mass cancel says how many are left and the next one goes on", () => {
    rest(CANCELS_PER_COMMAND_MAX + 5);
    rest(7, 1_000_000, { side: Side.Sell, priceTicks: 200 });
    const mass = { account: 1, scope: Scope.Account, side: Side.Buy };
    const most = CANCELS_PER_COMMAND_MAX;
    expect(counts(core.send(Kind.MassCancel, mass))).toEqual([most, most, 5]);
    expect(counts(core.send(Kind.MassCancel, mass))).toEqual([5, 5, 0]);
    expect(counts(core.send(Kind.MassCancel, mass))).toEqual([0, 0, 0]);
    expect(open(), "the other side stays").toBe(7);
  });

  test("a kill switch has the same bound over all accounts, and the next one goes on", () => {
    rest(CANCELS_PER_COMMAND_MAX - 2);
    rest(10, 1, { account: 2 });
    const kill = { scope: Scope.Global, state: 1, cancelOpen: 1 };
    const most = CANCELS_PER_COMMAND_MAX;
    expect(counts(core.send(Kind.KillSwitch, kill))).toEqual([most, most, 8]);
    expect(counts(core.send(Kind.KillSwitch, kill))).toEqual([8, 8, 0]);
  });
});

test(`a query sends ${QUERY_ROWS_MAX} rows and says how many it left out`, () => {
  rest(QUERY_ROWS_MAX + 1);
  const outs = core.send(Kind.StateQuery, { account: 1, clientId: 5 });
  expect(outs.length).toBe(QUERY_ROWS_MAX + 1);
  const end = outs.at(-1);
  expect([end["done"], end["left"]], "one balance, one position, the orders").toEqual([
    QUERY_ROWS_MAX,
    3,
  ]);
});

test(`the last ${ORDERS_CLOSED_MAX} closed orders stay known, older ids may be used again`, () => {
  const cancel = (clientId: number): string =>
    reason(core.send(Kind.OrderCancel, { account: 1, clientId })[0]).join(" ");
  const again = (clientId: number): string =>
    reason(core.order({ clientId, priceTicks: 99 })[0]).join(" ");
  const first = core.order({ clientId: 1, priceTicks: 100 })[0]!["orderId"];
  rest(ORDERS_CLOSED_MAX, 2);
  core.sendMany(Kind.OrderCancel, { account: 1 }, ORDERS_CLOSED_MAX, (view, at, index) => {
    view.setBigUint64(at + ORDER_CLIENT_ID, BigInt(1 + index), true);
  });
  expect(again(1), "the oldest of the closed").toBe("OrderDenied ClientOrderIdDuplicate");
  expect(cancel(1)).toBe("CancelDenied OrderNotOpen");
  expect(cancel(ORDERS_CLOSED_MAX + 1), "one more closes").toContain("OrderCanceled");
  expect(cancel(1), "the oldest is forgotten").toBe("CancelDenied UnknownOrder");
  expect(cancel(2), "the second is not").toBe("CancelDenied OrderNotOpen");
  expect(again(2)).toBe("OrderDenied ClientOrderIdDuplicate");
  const out = core.order({ clientId: 1, priceTicks: 100 })[0]!;
  expect(Kind[out["kind"] as Kind]).toBe("OrderAccepted");
  const id = out["orderId"];
  expect([id & 0xffff_ffffn, id >> 32n], "its slot, in the next generation").toEqual([
    first & 0xffff_ffffn,
    (first >> 32n) + 1n,
  ]);
  const late = core.send(Kind.OrderCancel, { account: 1, orderId: first })[0];
  expect(reason(late), "the old order's id names nobody").toEqual(["CancelDenied", "UnknownOrder"]);
});

describe("tables that are full refuse by name and go on", () => {
  test(`OrdersFull at ${ORDERS_MAX - 1} orders, until closed ones are forgotten`, () => {
    expect(CLIENT_INDEX_ENTRIES, "the id index cannot be the first to fill").toBeGreaterThan(
      ORDERS_MAX,
    );
    const next = ORDERS_MAX + 10;
    rest(ORDERS_MAX - 2);
    expect(reason(core.order({ clientId: next, priceTicks: 100 })[0])[0]).toBe("OrderAccepted");
    const full = core.order({ clientId: next + 1, priceTicks: 100 });
    expect(full.map(reason)).toEqual([["OrderDenied", "OrdersFull"]]);
    // Closed orders stay known, so room comes back only behind them.
    const mass = { account: 1, scope: Scope.Account };
    core.send(Kind.MassCancel, mass);
    expect(reason(core.order({ clientId: next + 1, priceTicks: 100 })[0])[1]).toBe("OrdersFull");
    core.send(Kind.OrderCancel, { account: 1, clientId: 1 });
    expect(reason(core.order({ clientId: next + 1, priceTicks: 100 })[0])[0]).toBe("OrderAccepted");
    expect(reason(core.order({ clientId: next + 2, priceTicks: 100 })[0])[1]).toBe("OrdersFull");
    expect(core.send(Kind.MassCancel, mass).length).toBeGreaterThan(CANCELS_PER_COMMAND_MAX);
  });

  test(`AccountsFull at ${ACCOUNTS_MAX - 1} accounts; those that are there can be changed`, () => {
    const put = (view: DataView, at: number, index: number): void =>
      view.setUint32(at + ACCOUNT_ID, 3 + index * 7_919, true);
    core.sendMany(Kind.Account, { currency: 1 }, ACCOUNTS_MAX - 3, put);
    expect(reason(core.account(2_000_000_000)[0])).toEqual(["ConfigDenied", "AccountsFull"]);
    expect(reason(core.account(2, { accountFlags: 1 })[0])[0]).toBe("ConfigAccepted");
    expect(reason(core.order({ account: 2, clientId: 1, priceTicks: 1 })[0])[1]).toBe(
      "AccountClosed",
    );
    const last = 3 + (ACCOUNTS_MAX - 4) * 7_919;
    expect(reason(core.order({ account: last, clientId: 1, priceTicks: 1 })[0])[0]).toBe(
      "OrderAccepted",
    );
  });

  test(`PositionsFull at ${POSITIONS_MAX - 1} positions; known ones still trade`, () => {
    const [accounts, instruments] = [129, 1024];
    for (let id = 3; id <= accounts; id++) core.account(id);
    for (let id = 2; id <= instruments; id++) core.instrument(id, { ladderTicks: 64 });
    const order = { ...LIMIT, side: Side.Buy, priceTicks: 100, qtyLots: 1, clientId: 1 };
    core.sendMany(Kind.OrderNew, order, POSITIONS_MAX - 1, (view, at, index) => {
      view.setUint32(at + ORDER_ACCOUNT, 1 + (index >> 10), true);
      view.setUint32(at + REC_INSTRUMENT, 1 + (index & 1023), true);
      view.setBigUint64(at + ORDER_CLIENT_ID, BigInt(index + 1), true);
    });
    const more = { account: accounts, instrument: 1, clientId: 9_000_000, priceTicks: 100 };
    expect(core.order(more).map(reason)).toEqual([["OrderDenied", "PositionsFull"]]);
    const limits = { scope: Scope.AccountInstrument, account: accounts, instrument: 1 };
    expect(reason(core.send(Kind.RiskLimits, limits)[0])).toEqual([
      "ConfigDenied",
      "PositionsFull",
    ]);
    expect(reason(core.order({ ...more, account: 1 })[0])[0]).toBe("OrderAccepted");
  });

  test("ArenaFull: an instrument without memory for its book refuses each order", () => {
    let id = 1;
    let denied: Out[] = [];
    const spec = { ladderTicks: BOOK_WINDOW_TICKS_MAX };
    do {
      core.instrument(++id, spec);
      denied = core.order({ instrument: id, clientId: id, priceTicks: 100 });
    } while (denied[0]!["kind"] === Kind.OrderAccepted && id < INSTRUMENTS_MAX);
    expect(denied.map(reason)).toEqual([["OrderDenied", "ArenaFull"]]);
    expect(id, "books of the largest window fit by the hundreds").toBeGreaterThan(700);
    const small = core.instrument(id + 1, { ladderTicks: 64 });
    expect(Kind[small[0]!["kind"] as Kind]).toBe("ConfigAccepted");
    const quote = { instrument: id, bidTicks: 1, bidLots: 1 };
    expect(core.send(Kind.TopOfBook, quote)).toEqual([]);
  });

  test(`StrategiesFull at ${STRATEGIES_MAX - 1} strategies`, () => {
    core.sendMany(Kind.Strategy, { account: 1 }, STRATEGIES_MAX - 1, (view, at, index) =>
      view.setUint16(at + STRATEGY_ID, index + 1, true),
    );
    const more = core.send(Kind.Strategy, { id: STRATEGIES_MAX, account: 1 });
    expect(more.map(reason)).toEqual([["ConfigDenied", "StrategiesFull"]]);
    expect(reason(core.send(Kind.Strategy, { id: 1, account: 1 })[0])[0]).toBe("ConfigAccepted");
  });

  test(`LimitsFull at ${LIMITS_MAX - 1} rows; a row that is there can be replaced`, () => {
    const accounts = 65;
    for (let id = 3; id <= accounts; id++) core.account(id);
    for (let id = 2; id <= 1024; id++) core.instrument(id, { ladderTicks: 64 });
    const limits = { scope: Scope.AccountInstrument, qtyLotsMax: 5 };
    core.sendMany(Kind.RiskLimits, limits, LIMITS_MAX - 1, (view, at, index) => {
      view.setUint32(at + LIMITS_ACCOUNT, 1 + (index >> 10), true);
      view.setUint32(at + REC_INSTRUMENT, 1 + (index & 1023), true);
    });
    const more = { ...limits, account: accounts, instrument: 1 };
    expect(reason(core.send(Kind.RiskLimits, more)[0])).toEqual(["ConfigDenied", "LimitsFull"]);
    const known = { ...limits, account: 1, instrument: 1, qtyLotsMax: 9 };
    expect(reason(core.send(Kind.RiskLimits, known)[0])[0]).toBe("ConfigAccepted");
  });

  test(`AccountsFull at ${BALANCES_MAX - 1} balances; a deposit to a known one passes`, () => {
    const [accounts, currencies] = [1_024, 65];
    for (let id = 2; id <= currencies; id++) {
      core.send(Kind.Currency, { id, minorExponent: -2, code: `C${id}` });
    }
    core.sendMany(Kind.Account, { currency: 1 }, accounts - 2, (view, at, index) =>
      view.setUint32(at + ACCOUNT_ID, 3 + index, true),
    );
    const put = (view: DataView, at: number, index: number): void => {
      view.setUint32(at + CASH_ACCOUNT, 1 + (index & 1023), true);
      view.setUint16(at + CASH_CURRENCY, 1 + (index >> 10), true);
    };
    core.sendMany(Kind.CashAdjust, { amountMinor: 1 }, BALANCES_MAX - 1, put);
    const more = { account: 1, currency: currencies, amountMinor: 1 };
    expect(reason(core.send(Kind.CashAdjust, more)[0])).toEqual(["ConfigDenied", "AccountsFull"]);
    expect(core.money(currencies), "nothing was booked").toBe(0n);
    const known = core.send(Kind.CashAdjust, { ...more, currency: 1 });
    expect(known.map((out) => out["cashMinor"]).at(-1)).toBe(2);
  });
});
