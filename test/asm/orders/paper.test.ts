// Paper fills at public prices: what is no price here is passed by, and trips nothing.
import { beforeEach, expect, test } from "vitest";
import { Execution, Kind } from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields } from "../order-core.ts";

let core: OrderCore;

beforeEach(() => {
  core = OrderCore.create();
  core.account(1);
  core.instrument(2, { execution: Execution.Paper });
  // A fee, so that the value of a fill is asked for.
  core.send(Kind.FeeSchedule, { account: 1, makerPerBillion: 1_000, takerPerBillion: 1_000 });
  core.send(Kind.TopOfBook, { instrument: 2, bidTicks: 99, bidLots: 5, askTicks: 101, askLots: 5 });
  core.order({ instrument: 2, clientId: 1, priceTicks: 100, qtyLots: 10 });
});

const fills = (kind: Kind, fields: Fields): number =>
  only(core.send(kind, { instrument: 2, ...fields }), Kind.Fill).length;

test.each([-5, 0])("a public trade at %i fills nothing and is no last price", (priceTicks) => {
  const outs = core.send(Kind.TradePrint, { instrument: 2, priceTicks, qtyLots: 3 });
  expect(only(outs, Kind.Fill)).toEqual([]);
  expect(fills(Kind.TradePrint, { priceTicks: 99, qtyLots: 3 }), "the next one is taken").toBe(1);
});

test("a quote with a side below one tick is passed by, an empty side is none", () => {
  expect(fills(Kind.TopOfBook, { bidTicks: -9, bidLots: 1, askTicks: -7, askLots: 3 })).toBe(0);
  expect(fills(Kind.TopOfBook, { bidTicks: 98, bidLots: 1, askTicks: 0, askLots: 3 })).toBe(0);
  expect(fills(Kind.TopOfBook, { bidTicks: 0, bidLots: 0, askTicks: 100, askLots: 3 })).toBe(1);
  expect(core.money()).toBe(0n);
});
