// Price bands: what a market order may not trade at, and the trade that halts the market.
import { beforeEach, describe, expect, test } from "vitest";
import {
  InstrumentPhase,
  Kind,
  OrderType,
  Refusal,
  Side,
  SpecFlag,
  TimeInForce,
} from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

const VOLATILE = 2;
const STATIC = 3;
let core: OrderCore;
let next = 1;

beforeEach(() => {
  core = OrderCore.create();
  // 5 % of 1000: from 950 to 1050.
  core.instrument(1, { bandBps: 500, referenceTicks: 1000 });
  const flags = SpecFlag.VolatilityHalt;
  core.instrument(VOLATILE, { bandBps: 500, referenceTicks: 1000, specFlags: flags });
  const fixed = { bandBps: 500, referenceTicks: 1000, specFlags: SpecFlag.BandStatic };
  core.instrument(STATIC, fixed);
  for (const id of [1, 2, 3]) core.account(id);
  next = 1;
});

function order(side: Side, priceTicks: number, qtyLots: number, fields: Fields = {}): Out[] {
  const account = side === Side.Buy ? 1 : 2;
  return core.order({ account, clientId: next++, side, priceTicks, qtyLots, ...fields });
}

function market(side: Side, qtyLots: number, fields: Fields = {}): Out[] {
  return order(side, 0, qtyLots, { type: OrderType.Market, account: 3, ...fields });
}

function prices(outs: Out[]): number[] {
  const mine = only(outs, Kind.Fill).filter((fill) => fill["account"] === 3);
  return mine.map((fill) => Number(fill["priceTicks"]));
}

/** Asks at 1045 and 1060 that stay where they are while the mark falls to 1005. */
function spread(instrument: number): void {
  order(Side.Sell, 1045, 5, { instrument });
  order(Side.Buy, 1040, 1, { instrument });
  order(Side.Sell, 1040, 1, { instrument });
  order(Side.Sell, 1060, 5, { instrument });
  order(Side.Buy, 1005, 1, { instrument });
  order(Side.Sell, 1005, 1, { instrument });
}

test("a limit outside the band is refused, also as an amend; its ends are inside", () => {
  order(Side.Buy, 950, 1);
  for (const price of [949, 1051]) {
    expect(order(Side.Buy, price, 1)[0]!["reason"]).toBe(Refusal.PriceOutsideBand);
    const amend = { account: 1, clientId: 1, fields: 1, priceTicks: price };
    expect(core.send(Kind.OrderAmend, amend)[0]!["reason"]).toBe(Refusal.PriceOutsideBand);
  }
  expect(order(Side.Sell, 1050, 1)[0]!["kind"]).toBe(Kind.OrderAccepted);
});

test("a market order trades up to the band, and what is left is canceled", () => {
  spread(1);
  const outs = market(Side.Buy, 9);
  expect(prices(outs)).toEqual([1045]);
  const [canceled] = only(outs, Kind.OrderCanceled);
  expect([canceled!["leavesLots"], only(outs, Kind.TradingStateChanged).length]).toEqual([4, 0]);
});

test("a stop that becomes a market order is held to the band as well", () => {
  spread(1);
  order(Side.Buy, 0, 9, { type: OrderType.Stop, stopTicks: 1006, account: 3 });
  order(Side.Buy, 1008, 1);
  const outs = order(Side.Sell, 1008, 1);
  expect(prices(outs)).toEqual([1045]);
});

test("fill-or-kill at market is killed when the band holds back what it needs", () => {
  spread(1);
  expect(prices(market(Side.Buy, 6, { tif: TimeInForce.Fok }))).toEqual([]);
  expect(prices(market(Side.Buy, 5, { tif: TimeInForce.Fok }))).toEqual([1045]);
});

test("a static band does not move with the market", () => {
  order(Side.Buy, 1049, 1, { instrument: STATIC });
  order(Side.Sell, 1049, 1, { instrument: STATIC });
  const refused = order(Side.Buy, 1051, 1, { instrument: STATIC })[0]!;
  expect(refused["reason"]).toBe(Refusal.PriceOutsideBand);
  order(Side.Buy, 1049, 1);
  order(Side.Sell, 1049, 1);
  expect(order(Side.Buy, 1051, 1)[0]!["kind"]).toBe(Kind.OrderAccepted);
});

describe("under VolatilityHalt", () => {
  test("the trade that would leave the band halts the market instead, and says why", () => {
    spread(VOLATILE);
    const outs = market(Side.Buy, 9, { instrument: VOLATILE });
    expect(prices(outs)).toEqual([1045]);
    // The trade at 1045 moves the band for the next order, not for this one.
    const [halt] = only(outs, Kind.TradingStateChanged);
    expect([halt!["state"], halt!["reason"]]).toEqual([
      InstrumentPhase.Halted,
      Refusal.PriceOutsideBand,
    ]);
    const refused = order(Side.Buy, 1045, 1, { instrument: VOLATILE })[0]!;
    expect(refused["reason"]).toBe(Refusal.InstrumentHalted);
  });

  test("an auction ends the halt", () => {
    spread(VOLATILE);
    market(Side.Buy, 9, { instrument: VOLATILE });
    core.send(Kind.AuctionCall, { instrument: VOLATILE });
    order(Side.Buy, 1060, 2, { instrument: VOLATILE });
    const outs = core.send(Kind.AuctionUncross, { instrument: VOLATILE });
    expect(only(outs, Kind.Fill).map((fill) => Number(fill["priceTicks"]))).toEqual([1060, 1060]);
    const [phase] = only(outs, Kind.TradingStateChanged);
    expect(phase!["state"]).toBe(InstrumentPhase.Continuous);
  });

  test("no order of the stops behind it is released into the halt", () => {
    spread(VOLATILE);
    const stop = { type: OrderType.Stop, stopTicks: 1045, instrument: VOLATILE };
    order(Side.Buy, 0, 1, { ...stop, account: 3 });
    const outs = market(Side.Buy, 9, { instrument: VOLATILE });
    expect(only(outs, Kind.OrderTriggered)).toEqual([]);
  });
});
