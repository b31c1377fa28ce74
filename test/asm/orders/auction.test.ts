// Auctions: what a call takes, what price an uncross finds, who trades, and how much one input may.
import { beforeEach, describe, expect, test } from "vitest";
import {
  AUCTION_STEPS_MAX,
  H_DEADLINE_ORDER,
  H_TIMERS,
  INDICATIVE_VISITS_MAX,
} from "../../../asm/layout.ts";
import {
  CancelReason,
  Execution,
  InstrumentPhase,
  Kind,
  Liquidity,
  NEW_PRICE_TICKS,
  ORDER_CLIENT_ID,
  OrderFlag,
  OrderType,
  Refusal,
  SelfTrade,
  Side,
  TimeInForce,
} from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

const PAPER = 2;
const BIG = 3;
let core: OrderCore;
let next = 1;

beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1);
  core.instrument(PAPER, { execution: Execution.Paper });
  core.instrument(BIG, { ladderTicks: 4096 });
  for (const id of [1, 2, 3]) core.account(id);
  next = 1;
});

function buy(priceTicks: number, qtyLots: number, fields: Fields = {}): Out[] {
  return core.order({ account: 1, clientId: next++, priceTicks, qtyLots, ...fields });
}

function sell(priceTicks: number, qtyLots: number, fields: Fields = {}): Out[] {
  return buy(priceTicks, qtyLots, { account: 2, side: Side.Sell, ...fields });
}

const MARKET = { type: OrderType.Market };

function call(fields: Fields = {}): Out[] {
  return core.send(Kind.AuctionCall, { instrument: 1, ...fields });
}

function uncross(fields: Fields = {}): Out[] {
  return core.send(Kind.AuctionUncross, { instrument: 1, ...fields });
}

/** Price, lots, surplus with its sign. */
function found(outs: Out[], kind = Kind.AuctionUncrossed): number[] {
  const { priceTicks, qtyLots, surplusLots, side } = only(outs, kind)[0] as unknown as Found;
  return [priceTicks, qtyLots, side === Side.Sell ? -surplusLots : surplusLots];
}

interface Found {
  priceTicks: number;
  qtyLots: number;
  surplusLots: number;
  side: Side;
}

function fills(outs: Out[]): number[][] {
  return only(outs, Kind.Fill).map((fill) =>
    [fill["clientId"], fill["priceTicks"], fill["qtyLots"]].map(Number),
  );
}

function phase(outs: Out[]): number[] {
  return only(outs, Kind.TradingStateChanged).map((out) => Number(out["state"]));
}

describe("a call", () => {
  test("takes orders that cross and trades nothing; the public book is empty until it ends", () => {
    buy(99, 5);
    const begun = call();
    expect(begun.map((out) => Kind[out["kind"] as Kind])).toEqual([
      "ConfigAccepted",
      "TradingStateChanged",
      "BookTop",
    ]);
    expect([begun[2]!["bidLots"], begun[2]!["askLots"]]).toEqual([0, 0]);
    const outs = [...buy(102, 10), ...sell(100, 10)];
    expect(only(outs, Kind.OrderAccepted).length).toBe(2);
    expect(only(outs, Kind.Fill).concat(only(outs, Kind.BookTop))).toEqual([]);
    expect(only(uncross(), Kind.BookTop)[0]!["bidTicks"], "99 is left").toBe(99);
    expect(core.money()).toBe(0n);
  });

  test.each([
    ["IOC", { tif: TimeInForce.Ioc }, Refusal.TimeInForceUnsupported],
    ["FOK", { tif: TimeInForce.Fok }, Refusal.TimeInForceUnsupported],
    ["post-only", { orderFlags: OrderFlag.PostOnly }, Refusal.FlagUnsupported],
    ["AtClose", { tif: TimeInForce.AtClose }, Refusal.TimeInForceUnsupported],
    ["a stop AtOpen", { type: OrderType.Stop, stopTicks: 90, priceTicks: 0, tif: 6 }, 302],
  ])("refuses %s by name", (_what, fields, refusal) => {
    call();
    const denied = buy(100, 1, fields)[0]!;
    expect(Refusal[denied["reason"] as Refusal]).toBe(Refusal[refusal]);
  });

  test("AtOpen and AtClose are refused outside of the call they are for", () => {
    for (const tif of [TimeInForce.AtOpen, TimeInForce.AtClose]) {
      expect(buy(100, 1, { tif })[0]!["reason"]).toBe(Refusal.TimeInForceUnsupported);
    }
    call({ phase: InstrumentPhase.Closed });
    expect(buy(100, 1, { tif: TimeInForce.AtOpen })[0]!["reason"]).toBe(302);
    expect(buy(100, 1, { tif: TimeInForce.AtClose })[0]!["kind"]).toBe(Kind.OrderAccepted);
  });

  test("says the indicative price when it changes, and on request", () => {
    call();
    expect(only(buy(103, 20), Kind.AuctionIndicative)).toEqual([]);
    expect(found(sell(100, 10), Kind.AuctionIndicative)).toEqual([103, 10, 10]);
    expect(only(buy(90, 1), Kind.AuctionIndicative), "nothing changes").toEqual([]);
    expect(found(sell(99, 30), Kind.AuctionIndicative)).toEqual([99, 20, -10]);
    const again = call({ referenceTicks: 101 });
    expect(found(again, Kind.AuctionIndicative)).toEqual([99, 20, -10]);
    expect(only(again, Kind.AuctionIndicative)[0]!["referenceTicks"]).toBe(101);
    const canceled = core.send(Kind.OrderCancel, { account: 1, clientId: 1 });
    expect(found(canceled, Kind.AuctionIndicative), "nothing would trade").toEqual([0, 0, 0]);
  });

  test("a market order that waits is canceled like any other, and no amend is taken", () => {
    call();
    for (let count = 0; count < 3; count++) buy(0, 5, MARKET);
    const amend = { account: 1, clientId: 2, fields: 2, qtyLots: 3 };
    expect(core.send(Kind.OrderAmend, amend)[0]!["reason"]).toBe(Refusal.FlagUnsupported);
    const canceled = core.send(Kind.OrderCancel, { account: 1, clientId: 2 })[0]!;
    expect(canceled["kind"]).toBe(Kind.OrderCanceled);
    sell(100, 7);
    expect(fills(uncross()).map(([id, , qty]) => [id, qty])).toEqual([
      [1, 5],
      [4, 5],
      [3, 2],
      [4, 2],
    ]);
  });

  test("is of internal books, and an uncross is of a call", () => {
    const reason = (outs: Out[]): string => Refusal[outs[0]!["reason"] as Refusal];
    expect(reason(uncross())).toBe("ConfigConflict");
    expect(reason(call({ instrument: PAPER }))).toBe("ExecutionUnsupported");
    expect(reason(call({ instrument: 9 }))).toBe("UnknownInstrument");
    expect(reason(call({ phase: InstrumentPhase.Call }))).toBe("ParameterInvalid");
    expect(reason(call({ referenceTicks: -1 }))).toBe("ParameterInvalid");
  });
});

describe("the price", () => {
  type Order = [side: "B" | "S", price: number, qty: number];
  const rows: [string, Order[], number, number[]][] = [
    [
      "most volume",
      [
        ["B", 102, 5],
        ["B", 101, 5],
        ["S", 100, 5],
        ["S", 101, 5],
      ],
      0,
      [101, 10, 0],
    ],
    [
      "least surplus",
      [
        ["B", 105, 10],
        ["B", 103, 5],
        ["S", 100, 10],
      ],
      100,
      [105, 10, 0],
    ],
    [
      "buy pressure: the highest",
      [
        ["B", 103, 20],
        ["S", 100, 10],
      ],
      100,
      [103, 10, 10],
    ],
    [
      "sell pressure: the lowest",
      [
        ["B", 103, 10],
        ["S", 100, 20],
      ],
      103,
      [100, 10, -10],
    ],
    [
      "near the reference, above",
      [
        ["B", 104, 10],
        ["S", 100, 10],
      ],
      103,
      [104, 10, 0],
    ],
    [
      "near the reference, below",
      [
        ["B", 104, 10],
        ["S", 100, 10],
      ],
      101,
      [100, 10, 0],
    ],
    [
      "as near: the lower",
      [
        ["B", 104, 10],
        ["S", 100, 10],
      ],
      102,
      [100, 10, 0],
    ],
    [
      "market against market at the reference",
      [
        ["B", 0, 10],
        ["S", 0, 4],
      ],
      50,
      [50, 4, 6],
    ],
    [
      "market against market, no reference",
      [
        ["B", 0, 10],
        ["S", 0, 4],
      ],
      0,
      [0, 0, 0],
    ],
    [
      "market buys beside better bids",
      [
        ["B", 0, 9],
        ["B", 102, 1],
        ["S", 100, 5],
      ],
      0,
      [102, 5, 5],
    ],
    [
      "no cross",
      [
        ["B", 99, 5],
        ["S", 100, 5],
      ],
      0,
      [0, 0, 0],
    ],
    [
      "the next level leaves less on one side",
      [
        ["B", 106, 5],
        ["B", 102, 3],
        ["S", 100, 5],
        ["S", 104, 2],
      ],
      102,
      [104, 5, -2],
    ],
  ];
  test.each(rows)("%s", (_what, orders, referenceTicks, expected) => {
    call();
    for (const [side, price, qty] of orders) {
      (side === "B" ? buy : sell)(price, qty, price === 0 ? MARKET : {});
    }
    expect(found(uncross({ referenceTicks }))).toEqual(expected);
    expect(core.money()).toBe(0n);
  });

  test.each([
    [1, 90, 5],
    [101, 100, 5],
    [102, 100, 5],
    [103, 105, -5],
    [104, 105, -5],
    [300, 110, -5],
  ])("as much left to buy below as to sell above: the nearest to %i", (reference, price, left) => {
    call();
    for (const [ticks, lots] of [
      [110, 10],
      [100, 5],
    ] as const) {
      buy(ticks, lots);
      sell(200 - ticks + (lots === 5 ? 5 : 0), lots);
    }
    expect(found(uncross({ referenceTicks: reference }))).toEqual([price, 10, left]);
  });

  test("no reference given: the last trade", () => {
    buy(103, 1);
    sell(103, 1);
    call();
    buy(104, 10);
    sell(100, 10);
    expect(found(uncross())).toEqual([104, 10, 0]);
  });
});

describe("an uncross", () => {
  test("trades market orders first, then by price and time, and cancels what they leave", () => {
    call();
    buy(101, 5);
    buy(101, 2);
    buy(0, 5, MARKET);
    sell(0, 30, MARKET);
    const outs = uncross({ referenceTicks: 100 });
    expect(fills(outs).filter(([id]) => id !== 4)).toEqual([
      [3, 101, 5],
      [1, 101, 5],
      [2, 101, 2],
    ]);
    const [canceled] = only(outs, Kind.OrderCanceled);
    expect([canceled!["reason"], canceled!["leavesLots"]]).toEqual([CancelReason.Auction, 18]);
    expect(only(outs, Kind.Fill).every((one) => one["liquidity"] === Liquidity.Auction)).toBe(true);
    expect(only(outs, Kind.BookPrint).every((one) => one["aggressor"] === Side.None)).toBe(true);
    expect(phase(outs)).toEqual([InstrumentPhase.Continuous]);
  });

  test("counts all lots of an iceberg and trades it slice after slice, behind its level", () => {
    call();
    sell(100, 9, { displayLots: 3 });
    sell(100, 4);
    const outs = buy(100, 12);
    expect(found(outs, Kind.AuctionIndicative)).toEqual([100, 12, -1]);
    expect(fills(uncross()).filter(([id]) => id !== 3)).toEqual([
      [1, 100, 3],
      [2, 100, 4],
      [1, 100, 3],
      [1, 100, 2],
    ]);
  });

  test("lets an account trade with itself: nobody chose whom to meet", () => {
    call();
    buy(101, 5, { selfTrade: SelfTrade.CancelBoth });
    sell(100, 5, { account: 1, selfTrade: SelfTrade.CancelBoth });
    const outs = uncross();
    expect(only(outs, Kind.Fill).length).toBe(2);
    expect(only(outs, Kind.OrderCanceled)).toEqual([]);
  });

  test("expires AtOpen orders it leaves, in part filled or not, and rests the others", () => {
    call();
    buy(101, 5, { tif: TimeInForce.AtOpen });
    buy(99, 5, { tif: TimeInForce.AtOpen });
    buy(98, 5);
    sell(100, 2);
    const expired = only(uncross(), Kind.OrderExpired);
    expect(expired.map((out) => [out["clientId"], out["leavesLots"]].map(Number))).toEqual([
      [1, 3],
      [2, 5],
    ]);
    const rows = only(core.send(Kind.StateQuery, { account: 1 }), Kind.OrderStateRow);
    expect(rows.map((row) => row["priceTicks"])).toEqual([98]);
  });

  test("releases stops its price reached when it is over, and not before", () => {
    const stop = { type: OrderType.Stop, stopTicks: 105, account: 3 };
    buy(0, 2, stop);
    call();
    buy(105, 5);
    sell(105, 5);
    sell(107, 2);
    const kinds = uncross().map((out) => Kind[out["kind"] as Kind]);
    const at = kinds.indexOf("OrderTriggered");
    expect(at).toBeGreaterThan(kinds.indexOf("TradingStateChanged"));
    expect(kinds.indexOf("TradingStateChanged")).toBeGreaterThan(
      kinds.lastIndexOf("BookPrint", at),
    );
  });

  test("that closes the market leaves the stops armed", () => {
    buy(0, 2, { type: OrderType.Stop, stopTicks: 105 });
    call({ phase: InstrumentPhase.Closed });
    buy(105, 5);
    sell(105, 5);
    const outs = uncross();
    expect(phase(outs)).toEqual([InstrumentPhase.Closed]);
    expect(only(outs, Kind.OrderTriggered)).toEqual([]);
    const state = { instrument: 1, state: InstrumentPhase.Continuous };
    const opened = core.send(Kind.InstrumentState, state);
    expect(only(opened, Kind.OrderTriggered).length).toBe(1);
  });

  test("cancels an order whose money the price would break, and trades the rest", () => {
    call();
    // A market order is checked at no price, and nobody could know this one.
    const huge = 2 ** 52;
    sell(0, 2 ** 20, { account: 3, ...MARKET });
    sell(huge, 1);
    buy(huge, 4);
    const outs = uncross();
    expect(found(outs)).toEqual([huge, 4, 3 - 2 ** 20]);
    const [canceled] = only(outs, Kind.OrderCanceled);
    expect([Number(canceled!["clientId"]), canceled!["reason"]]).toEqual([1, CancelReason.Auction]);
    expect(fills(outs)).toEqual([
      [3, huge, 1],
      [2, huge, 1],
    ]);
    expect(core.money()).toBe(0n);
  });
});

describe(`one input takes ${AUCTION_STEPS_MAX} steps of an uncross`, () => {
  const COUNT = AUCTION_STEPS_MAX * 2 + 10;

  function many(side: Side, account: number, fields: Fields): void {
    const model = { instrument: BIG, account, type: OrderType.Limit, side, tif: TimeInForce.Gtc };
    const order = { ...model, qtyLots: 1, priceTicks: 100, ...fields };
    core.sendMany(Kind.OrderNew, order, COUNT, (view, at, index) => {
      view.setBigUint64(at + ORDER_CLIENT_ID, BigInt(10_000 + index), true);
    });
  }

  test("the rest follows with Timers of the same time, at the same price, before all else", () => {
    call({ instrument: BIG, phase: InstrumentPhase.Closed });
    many(Side.Buy, 1, { priceTicks: 120 });
    many(Side.Sell, 2, { priceTicks: 100 });
    // A buy in the ring behind the uncross comes too late for it.
    const outs = uncross({ instrument: BIG, referenceTicks: 100 });
    expect(found(outs)).toEqual([100, COUNT, 0]);
    const traded = only(outs, Kind.Fill);
    expect(traded.length).toBe(COUNT * 2);
    expect(new Set(traded.map((fill) => fill["priceTicks"]))).toEqual(new Set([100]));
    expect(new Set(traded.map((fill) => fill["cause"])).size, "one command, two Timers").toBe(3);
    expect(core.core.view.getBigUint64(H_TIMERS, true)).toBe(2n);
    expect(core.core.view.getBigInt64(H_DEADLINE_ORDER, true)).toBe(0x7fffffffffffffffn);
    expect(phase(outs)).toEqual([InstrumentPhase.Closed]);
    expect(core.money()).toBe(0n);
  });

  test("what is left of market orders is canceled by Timers too", () => {
    call({ instrument: BIG });
    many(Side.Buy, 1, { type: OrderType.Market, priceTicks: 0 });
    const outs = uncross({ instrument: BIG });
    expect(only(outs, Kind.OrderCanceled).length).toBe(COUNT);
    expect(core.core.view.getBigUint64(H_TIMERS, true)).toBe(2n);
    expect(phase(outs)).toEqual([InstrumentPhase.Continuous]);
  });

  test(`an indicative price ${INDICATIVE_VISITS_MAX} levels deep is said on request only`, () => {
    call({ instrument: BIG });
    const model = { instrument: BIG, account: 1, type: OrderType.Limit, side: Side.Buy };
    const order = { ...model, tif: TimeInForce.Gtc, qtyLots: 1, priceTicks: 1 };
    core.sendMany(Kind.OrderNew, order, INDICATIVE_VISITS_MAX + 1, (view, at, index) => {
      view.setBigUint64(at + ORDER_CLIENT_ID, BigInt(10_000 + index), true);
      view.setBigInt64(at + NEW_PRICE_TICKS, BigInt(5000 + index), true);
    });
    const near = sell(5000, INDICATIVE_VISITS_MAX - 10, { instrument: BIG });
    expect(only(near, Kind.AuctionIndicative).length, "near enough").toBe(1);
    const deep = sell(5000, 20, { instrument: BIG });
    expect(only(deep, Kind.AuctionIndicative)).toEqual([]);
    const asked = call({ instrument: BIG });
    expect(found(asked, Kind.AuctionIndicative)[1]).toBe(INDICATIVE_VISITS_MAX + 1);
  });
});
