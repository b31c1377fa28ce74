// Queues of paper orders: how far forward quotes and trades bring an order, worked out by hand.
import { beforeEach, describe, expect, test } from "vitest";
import { QUEUE_ORDERS_MAX } from "../../../asm/layout.ts";
import {
  AmendField,
  Execution,
  Kind,
  NEW_QTY_LOTS,
  ORDER_CLIENT_ID,
  QueueModel,
  Refusal,
  Side,
} from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields } from "../order-core.ts";

const AVERSE = 1;
const CUBE = 2;
const LINEAR = 3;
const THROUGH = 4;
let core: OrderCore;
let next = 1;

beforeEach(() => {
  core = OrderCore.create();
  const execution = Execution.Paper;
  core.instrument(AVERSE, { execution, queueModel: QueueModel.RiskAverse });
  core.instrument(CUBE, { execution, queueModel: QueueModel.Power });
  core.instrument(LINEAR, { execution, queueModel: QueueModel.Power, queuePower: 1 });
  core.instrument(THROUGH, { execution });
  for (const id of [1, 2]) core.account(id);
  next = 1;
});

/** A buy at the bid of 100 unless the fields say otherwise; its client id. */
function order(fields: Fields = {}): number {
  core.order({ instrument: AVERSE, clientId: next, priceTicks: 100, qtyLots: 5, ...fields });
  return next++;
}

function quote(bidLots: number, fields: Fields = {}): number[][] {
  const ask = { askTicks: 103, askLots: 50 };
  return fills(Kind.TopOfBook, { bidTicks: 100, bidLots, ...ask, ...fields });
}

/** A seller hits the bid of 100; [client id, lots] of the fills. */
function trade(qtyLots: number, fields: Fields = {}): number[][] {
  return fills(Kind.TradePrint, { priceTicks: 100, qtyLots, aggressor: Side.Sell, ...fields });
}

function fills(kind: Kind, fields: Fields): number[][] {
  const outs = core.send(kind, { instrument: AVERSE, ...fields });
  return only(outs, Kind.Fill).map((fill) => [Number(fill["clientId"]), Number(fill["qtyLots"])]);
}

function amend(clientId: number, fields: Fields): void {
  core.send(Kind.OrderAmend, { account: 1, clientId, ...fields });
}

describe("risk-averse", () => {
  test("what is left of a trade behind the lots ahead is ours, and never more than that", () => {
    quote(20);
    const id = order();
    expect(trade(15), "15 of 20 ahead").toEqual([]);
    expect(trade(7), "5 ahead, 2 reach us").toEqual([[id, 2]]);
    expect(trade(9), "3 of ours are left").toEqual([[id, 3]]);
    expect(core.money()).toBe(0n);
  });

  test("the lots of one trade are taken once, own orders by time", () => {
    quote(10);
    const first = order();
    const second = order({ account: 2 });
    expect(trade(18)).toEqual([
      [first, 5],
      [second, 3],
    ]);
  });

  test("who joined later stands behind what was shown by then", () => {
    quote(10);
    const first = order();
    quote(30);
    const second = order({ account: 2 });
    expect(trade(16), "10 ahead, 5 ours; 1 more of the 20 between").toEqual([[first, 5]]);
    expect(trade(18), "19 were ahead of the second: 30 less the 11 that traded").toEqual([]);
    expect(trade(2), "1 ahead").toEqual([[second, 1]]);
  });

  test("canceled lots lie behind us until the level is smaller than what lay ahead", () => {
    quote(20);
    const id = order();
    quote(30);
    quote(21);
    expect(trade(20), "still 20 ahead").toEqual([]);
    expect(trade(1)).toEqual([[id, 1]]);
    next = 10;
    quote(40);
    const late = order({ account: 2 });
    quote(4);
    expect(trade(4 + 4), "the first's 4, then 4 ahead of the second").toEqual([[id, 4]]);
    expect(trade(1)).toEqual([[late, 1]]);
  });

  test("above the best bid nobody is ahead, also when others join the price later", () => {
    quote(20);
    const id = order({ priceTicks: 101 });
    quote(50, { bidTicks: 101 });
    expect(trade(3, { priceTicks: 101 })).toEqual([[id, 3]]);
  });

  test("below the best bid the place is unknown until the price becomes the best", () => {
    quote(20);
    const id = order({ priceTicks: 99 });
    expect(trade(500, { priceTicks: 99 }), "unknown: fills nothing").toEqual([]);
    quote(8, { bidTicks: 99 });
    expect(trade(9, { priceTicks: 99 }), "8 shown").toEqual([[id, 1]]);
  });

  test("a best bid below our price has left nobody ahead", () => {
    quote(20);
    const id = order();
    quote(7, { bidTicks: 98 });
    expect(trade(2)).toEqual([[id, 2]]);
  });

  test("an empty side teaches nothing", () => {
    quote(0);
    const id = order();
    quote(0, { askTicks: 104 });
    expect(trade(100)).toEqual([]);
    quote(6);
    expect(trade(7)).toEqual([[id, 1]]);
  });

  test("an untrusted quote teaches nothing", () => {
    quote(20);
    order();
    core.send(Kind.BookTrust, { instrument: AVERSE, state: 0 });
    quote(1);
    core.send(Kind.BookTrust, { instrument: AVERSE, state: 1 });
    expect(trade(20)).toEqual([]);
  });

  test("sells are the mirror of buys", () => {
    quote(20);
    const id = order({ side: Side.Sell, priceTicks: 103 });
    const sale = { priceTicks: 103, aggressor: Side.Buy };
    expect(trade(49, sale)).toEqual([]);
    expect(trade(3, { ...sale, aggressor: Side.Sell }), "it hit no ask").toEqual([]);
    expect(trade(3, sale), "1 ahead").toEqual([[id, 2]]);
  });

  test("a trade without aggressor counts for the side whose best it printed at", () => {
    quote(5);
    const buy = order();
    const sell = order({ side: Side.Sell, priceTicks: 103, account: 2 });
    expect(trade(6, { aggressor: 0 })).toEqual([[buy, 1]]);
    expect(trade(51, { aggressor: 0, priceTicks: 103 })).toEqual([[sell, 1]]);
    expect(trade(90, { aggressor: 0, priceTicks: 102 }), "between the sides").toEqual([]);
  });

  test("a trade through the price fills whatever lay ahead, and only once", () => {
    quote(20);
    const deep = order({ priceTicks: 99 });
    const id = order();
    quote(3, { bidTicks: 99 });
    quote(3, { bidTicks: 99, askTicks: 104 });
    expect(trade(9, { priceTicks: 99 }), "5 through, 3 ahead, 1 reaches").toEqual([
      [id, 5],
      [deep, 1],
    ]);
  });
});

describe("amends", () => {
  test("a lower quantity keeps the place", () => {
    quote(10);
    const id = order();
    quote(30);
    amend(id, { fields: AmendField.Qty, qtyLots: 2 });
    expect(trade(13)).toEqual([[id, 2]]);
  });

  test.each([
    ["a higher quantity", [{ fields: AmendField.Qty, qtyLots: 6 }]],
    [
      "another price and back",
      [
        { fields: AmendField.Price, priceTicks: 99 },
        { fields: AmendField.Price, priceTicks: 100 },
      ],
    ],
  ])("%s joins behind all that is shown by then", (_what, steps) => {
    quote(10);
    const id = order();
    quote(30);
    for (const step of steps) amend(id, step);
    expect(trade(30)).toEqual([]);
    expect(trade(1)).toEqual([[id, 1]]);
  });
});

describe("by powers", () => {
  // 30 ahead and 10 behind, 20 canceled. n = 1: share 30/40, so 15 lay ahead, and 15 are left.
  // n = 3: 27000/28000 of 20 is 19.28, rounded down 19, and 11 are left.
  test.each([
    ["linear", LINEAR, 15],
    ["cubes, the default", CUBE, 11],
  ])("%s: canceled lots lie ahead by the share that does", (_what, instrument, ahead) => {
    quote(30, { instrument });
    const id = order({ instrument });
    quote(40, { instrument });
    quote(20, { instrument });
    expect(trade(ahead, { instrument })).toEqual([]);
    expect(trade(1, { instrument })).toEqual([[id, 1]]);
  });

  test("lots that traded are not canceled lots", () => {
    quote(40, { instrument: LINEAR });
    const id = order({ instrument: LINEAR });
    expect(trade(10, { instrument: LINEAR })).toEqual([]);
    quote(30, { instrument: LINEAR });
    expect(trade(30, { instrument: LINEAR }), "30 ahead, none of them gone").toEqual([]);
    expect(trade(1, { instrument: LINEAR })).toEqual([[id, 1]]);
  });

  test("more is canceled than lay behind: the rest lay ahead", () => {
    quote(30, { instrument: CUBE });
    const id = order({ instrument: CUBE });
    quote(31, { instrument: CUBE });
    quote(2, { instrument: CUBE });
    expect(trade(4, { instrument: CUBE }), "2 at most are ahead").toEqual([[id, 2]]);
  });
});

test("without a model a trade at the price fills nothing", () => {
  quote(1, { instrument: THROUGH });
  order({ instrument: THROUGH });
  expect(trade(100, { instrument: THROUGH })).toEqual([]);
  expect(trade(100, { instrument: THROUGH, priceTicks: 99 }).length).toBe(1);
});

test.each([
  ["an internal instrument has no queue model", { queueModel: QueueModel.RiskAverse }],
  ["unknown models", { execution: Execution.Paper, queueModel: 3 }],
  ["an exponent without its model", { execution: Execution.Paper, queueModel: 1, queuePower: 2 }],
  ["an exponent above 8", { execution: Execution.Paper, queueModel: 2, queuePower: 9 }],
])("refused: %s", (_what, fields) => {
  const [answer] = core.instrument(9, fields);
  expect([answer!["kind"], answer!["reason"]]).toEqual([Kind.ConfigDenied, Refusal.ConfigInvalid]);
});

test("one trade moves QUEUE_ORDERS_MAX orders forward, those behind keep their place", () => {
  quote(10);
  const count = QUEUE_ORDERS_MAX + 1;
  const fields = { instrument: AVERSE, account: 1, type: 2, side: 1, tif: 1, priceTicks: 100 };
  core.sendMany(Kind.OrderNew, { ...fields, qtyLots: 1 }, count, (view, at, index) => {
    view.setBigUint64(at + ORDER_CLIENT_ID, BigInt(index + 1), true);
    view.setBigInt64(at + NEW_QTY_LOTS, 1n, true);
  });
  expect(trade(10)).toEqual([]);
  expect(trade(QUEUE_ORDERS_MAX).length, "those moved to the front").toBe(QUEUE_ORDERS_MAX);
  expect(trade(10), "the last still has 10 ahead").toEqual([]);
  expect(trade(1)).toEqual([[count, 1]]);
});
