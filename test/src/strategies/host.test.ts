import { describe, expect, test } from "vitest";

import {
  Kind,
  MASS_SCOPE,
  NEW_PRICE_TICKS,
  NEW_QTY_LOTS,
  NEW_SIDE,
  NEW_TIF,
  NEW_TYPE,
  ORDER_ACCOUNT,
  ORDER_CLIENT_ID,
  ORDER_STRATEGY,
  REC_KIND,
  Scope,
} from "../../../asm/vocab.ts";
import { decode } from "../../../src/protocol.ts";
import type { Ring } from "../../../src/rings/ring.ts";
import { StrategyHost } from "../../../src/strategies/host.ts";
import type { StrategyFault } from "../../../src/strategies/host.ts";
import {
  clientOrderId,
  defineStrategy,
  IndicatorKind,
  OrderState,
  OrderType,
  Side,
  TimeInForce,
} from "../../../src/strategies/strategy.ts";
import type {
  Strategy,
  StrategyContext,
  StrategyFactory,
} from "../../../src/strategies/strategy.ts";
import { commandRing, instrument, Outputs } from "./records.ts";

const SECOND = 1_000_000_000n;
const NOW = 1_700_000_000n * SECOND;

function factory(create: (context: StrategyContext) => Strategy, name = "probe"): StrategyFactory {
  return defineStrategy({
    name,
    about: "looks at what the host gives it",
    parameters: {},
    needs: () => ({
      timeframes: [1000],
      indicators: [{ name: "atr", kind: IndicatorKind.Atr, periodMillis: 1000, period: 5 }],
    }),
    create: (context) => create(context),
  });
}

interface World {
  host: StrategyHost;
  ring: Ring;
  faults: StrategyFault[];
  context: StrategyContext;
}

function world(create: (context: StrategyContext) => Strategy, strategyId = 7): World {
  const ring = commandRing();
  const faults: StrategyFault[] = [];
  const host = new StrategyHost({ command: ring, onFault: (fault) => faults.push(fault) });
  let context!: StrategyContext;
  host.add({
    factory: factory((given) => {
      context = given;
      return create(given);
    }),
    ...{ strategyId, account: 3, instruments: [instrument(1), instrument(2)] },
  });
  return { host, ring, faults, context };
}

function collect(host: StrategyHost, outputs: Outputs): void {
  host.collect(outputs.u8, outputs.view, 0, outputs.end);
}

function commands(ring: Ring): number[] {
  const found: number[] = [];
  for (let at = ring.next(); at >= 0; at = ring.next()) {
    found.push(at);
    ring.skip(ring.cellsAt(at));
  }
  return found;
}

const quote = (outputs: Outputs, id = 1, tsEngineNanos = NOW): Outputs =>
  outputs.add(Kind.TopOfBook, {
    ...{ instrument: id, tsEngineNanos, bidTicks: 100, bidLots: 5, askTicks: 102, askLots: 6 },
  });

describe("dispatch", () => {
  test("each kind goes to its callback with its fields and the record's time", () => {
    const seen: unknown[] = [];
    const { host, context } = world(() => ({
      onTrade: (i, t) => seen.push(["trade", i.symbol, t.priceTicks, t.qtyLots, t.aggressor]),
      onQuote: (i, q) => seen.push(["quote", i.id, q.bidTicks, q.askLots, context.nowMillis]),
      onCandle: (_i, period, c) => seen.push(["candle", period, c.highTicks, c.closeTicks]),
      onIndicator: (_i, name, v) => seen.push([name, v.isWarm, v.value]),
    }));
    host.start();
    const outputs = new Outputs()
      .add(Kind.TradePrint, { instrument: 2, priceTicks: 101, qtyLots: 4, aggressor: Side.Sell })
      .add(Kind.BalanceChanged, { account: 3 })
      .add(Kind.CandleClosed, { instrument: 1, periodMillis: 1000, highTicks: 9, closeTicks: 8 })
      .add(Kind.IndicatorValue, { instrument: 1, timeframe: 0, slot: 0, warm: 1, value1: 2.5 });
    collect(host, quote(outputs));
    expect(seen).toEqual([
      ["trade", "TEST-2", 101, 4, Side.Sell],
      ["candle", 1000, 9, 8],
      ["atr", true, 2.5],
      ["quote", 1, 100, 6, 1_700_000_000_000],
    ]);
  });

  test("nothing arrives of other instruments, other timeframes and undeclared indicators", () => {
    const seen: string[] = [];
    const { host } = world(() => ({
      onQuote: () => seen.push("quote"),
      onCandle: () => seen.push("candle"),
      onIndicator: () => seen.push("indicator"),
    }));
    host.start();
    const outputs = quote(new Outputs(), 3)
      .add(Kind.CandleClosed, { instrument: 1, periodMillis: 60_000 })
      .add(Kind.IndicatorValue, { instrument: 1, timeframe: 0, slot: 1 });
    collect(host, outputs);
    expect(seen).toEqual([]);
  });

  test("nothing arrives before the start and after the stop", () => {
    let quotes = 0;
    const { host, ring } = world(() => ({ onQuote: () => quotes++ }));
    collect(host, quote(new Outputs()));
    host.start();
    collect(host, quote(new Outputs()));
    host.stop();
    collect(host, quote(new Outputs()));
    expect(quotes).toBe(1);
    const kinds = commands(ring).map((at) => ring.view.getUint16(at + REC_KIND, true));
    expect(kinds, "a stop cancels what is open").toEqual([Kind.MassCancel]);
  });

  test("a callback makes no garbage for the records it looks at", () => {
    let sum = 0;
    const { host } = world(() => ({
      onQuote: (_i, q) => (sum += q.bidTicks + q.askLots + q.tsEngineMillis),
      onTrade: (_i, t) => (sum += t.priceTicks),
    }));
    host.start();
    const outputs = new Outputs();
    for (let index = 0; index < 2000; index++) {
      quote(outputs, 1).add(Kind.TradePrint, { instrument: 2, priceTicks: 101, qtyLots: 4 });
    }
    for (let round = 0; round < 200; round++) collect(host, outputs);
    const before = process.memoryUsage().heapUsed;
    for (let round = 0; round < 100; round++) collect(host, outputs);
    const grown = process.memoryUsage().heapUsed - before;
    expect(sum).toBeGreaterThan(0);
    // 400,000 records: one object each would be over 9 MB. A number in a closure may be boxed.
    expect(grown, "bytes for 400,000 records").toBeLessThan(16_000_000);
  });
});

describe("orders", () => {
  test("leave as OrderNew with account, strategy and a client id of the strategy's range", () => {
    const numbers: number[] = [];
    const { host, ring, context } = world(() => ({
      onQuote(i) {
        numbers.push(context.buy({ instrument: i, qtyLots: 5 }));
        numbers.push(context.sell({ instrument: i, qtyLots: 2, priceTicks: 105 }));
      },
    }));
    host.start();
    collect(host, quote(new Outputs()));
    const [market = -1, limit = -1] = commands(ring);
    const view = ring.view;
    expect(numbers).toEqual([1, 2]);
    expect(view.getUint32(market + ORDER_ACCOUNT, true)).toBe(3);
    expect(view.getUint16(market + ORDER_STRATEGY, true)).toBe(7);
    expect(view.getBigUint64(market + ORDER_CLIENT_ID, true)).toBe(clientOrderId(7, 1));
    expect(view.getUint8(market + NEW_TYPE)).toBe(OrderType.Market);
    expect(view.getUint8(market + NEW_TIF)).toBe(TimeInForce.Ioc);
    expect(view.getUint8(market + NEW_SIDE)).toBe(Side.Buy);
    expect(Number(view.getBigInt64(market + NEW_QTY_LOTS, true))).toBe(5);
    expect(decode(view, limit)).toMatchObject({
      ...{ name: "OrderNew", instrument: 1, type: OrderType.Limit, tif: TimeInForce.Gtc },
      ...{ side: Side.Sell, priceTicks: 105, qtyLots: 2, clientId: (7n << 48n) + 2n },
    });
    expect(Number(view.getBigInt64(limit + NEW_PRICE_TICKS, true))).toBe(105);
  });

  test("fills move the own position before the callback sees them", () => {
    const seen: unknown[] = [];
    const { host, context } = world(() => ({
      onFill: (i, fill) => {
        const { lots, entryTicks } = context.position(i);
        seen.push([fill.orderNumber, fill.feeMinor, lots, entryTicks]);
      },
    }));
    host.start();
    const fill = (number: number, side: Side, priceTicks: number, qtyLots: number) => ({
      ...{ instrument: 1, account: 3, strategy: 7, clientId: clientOrderId(7, number), side },
      ...{ priceTicks, qtyLots, feeMinor: 11, state: OrderState.Filled },
    });
    const outputs = new Outputs()
      .add(Kind.Fill, fill(1, Side.Buy, 100, 10))
      .add(Kind.Fill, fill(2, Side.Buy, 130, 5))
      .add(Kind.Fill, fill(3, Side.Sell, 120, 20))
      .add(Kind.Fill, { ...fill(4, Side.Sell, 120, 20), account: 9 })
      .add(Kind.Fill, { ...fill(5, Side.Sell, 120, 20), strategy: 8 });
    collect(host, outputs);
    expect(seen).toEqual([
      [1, 11, 10, 100],
      [2, 11, 15, 110],
      [3, 11, -5, 120],
    ]);
  });

  test("numbers and positions continue after a replay, and nobody is called meanwhile", () => {
    let calls = 0;
    const { host, ring, context } = world(() => ({
      onFill: () => calls++,
      onOrder: () => calls++,
      onQuote: (i) => context.buy({ instrument: i, qtyLots: 1 }),
    }));
    const base = { instrument: 1, account: 3, strategy: 7 };
    const outputs = new Outputs()
      .add(Kind.OrderAccepted, { ...base, clientId: clientOrderId(7, 41) })
      .add(Kind.Fill, {
        ...{ ...base, clientId: clientOrderId(7, 41), side: Side.Buy, priceTicks: 90, qtyLots: 4 },
      })
      .add(Kind.OrderDenied, { ...base, clientId: clientOrderId(7, 42) });
    quote(outputs);
    host.recovered(outputs.u8, outputs.view, 0, outputs.end);
    expect([calls, ring.waiting()]).toEqual([0, 0]);
    host.start();
    expect(context.position(context.instruments[0]!).lots).toBe(4);
    collect(host, quote(new Outputs()));
    const [at = -1] = commands(ring);
    expect(ring.view.getBigUint64(at + ORDER_CLIENT_ID, true)).toBe(clientOrderId(7, 43));
  });
});

test("a strategy that is added after the replay goes on behind its past", () => {
  const ring = commandRing();
  const host = new StrategyHost({ command: ring });
  const own = { instrument: 1, account: 3, strategy: 7, clientId: clientOrderId(7, 41) };
  const fill = { ...own, side: Side.Sell, priceTicks: 90, qtyLots: 4 };
  const outputs = new Outputs().add(Kind.OrderAccepted, own).add(Kind.Fill, fill);
  const book = { instrument: 1, lots: 10, entryTicks: 88.5 };
  host.restored([{ strategyId: 7, account: 3, lastNumber: 12, fills: 5, books: [book] }]);
  host.recovered(outputs.u8, outputs.view, 0, outputs.end);
  let context!: StrategyContext;
  host.add({
    ...{ strategyId: 7, account: 3, instruments: [instrument(1)], parameters: {} },
    factory: factory((made) => {
      context = made;
      return { onQuote: (i) => context.buy({ instrument: i, qtyLots: 1 }) };
    }),
  });
  host.start();
  expect(context.position(context.instruments[0]!)).toMatchObject({ lots: 6, entryTicks: 88.5 });
  expect(host.status()[0]!.fills).toBe(6);
  collect(host, quote(new Outputs()));
  const [at = -1] = commands(ring);
  expect(ring.view.getBigUint64(at + ORDER_CLIENT_ID, true)).toBe(clientOrderId(7, 42));
});

describe("faults", () => {
  test("a strategy that throws is stopped, its orders canceled, it is told once", () => {
    const ring = commandRing();
    const faults: StrategyFault[] = [];
    const host = new StrategyHost({ command: ring, onFault: (fault) => faults.push(fault) });
    let good = 0;
    const instruments = [instrument(1)];
    const bad = factory(
      () => ({
        onQuote: () => {
          throw new Error("planned");
        },
      }),
      "bad",
    );
    host.add({ factory: bad, strategyId: 1, account: 3, instruments });
    host.add({
      factory: factory(() => ({ onQuote: () => good++ }), "good"),
      ...{ strategyId: 2, account: 3, instruments },
    });
    host.start();
    const fill = { instrument: 1, account: 3, strategy: 1, clientId: clientOrderId(1, 1) };
    const outputs = new Outputs().add(Kind.Fill, {
      ...{ ...fill, side: Side.Buy, priceTicks: 90, qtyLots: 4 },
    });
    collect(host, quote(quote(outputs)));
    expect(good, "the other strategy goes on").toBe(2);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject({ strategy: "bad", strategyId: 1, openPositions: ["TEST-1"] });
    expect(faults[0]?.what).toContain("planned");
    const [at = -1, ...rest] = commands(ring);
    expect(rest).toEqual([]);
    expect(ring.view.getUint16(at + REC_KIND, true)).toBe(Kind.MassCancel);
    expect(ring.view.getUint8(at + MASS_SCOPE)).toBe(Scope.Strategy);
    expect(ring.view.getUint16(at + ORDER_STRATEGY, true)).toBe(1);
    expect(host.status().map((one) => one.state)).toEqual(["faulted", "running"]);
  });

  test("a loop of orders ends at the limit of a second, and a new second may trade again", () => {
    const { host, ring, faults, context } = world(() => ({
      onQuote: (i) => context.buy({ instrument: i, qtyLots: 1 }),
    }));
    host.start();
    for (let index = 0; index < 50; index++) collect(host, quote(new Outputs()));
    for (let index = 0; index < 50; index++) {
      collect(host, quote(new Outputs(), 1, NOW + SECOND));
    }
    expect(faults).toEqual([]);
    collect(host, quote(new Outputs(), 1, NOW + SECOND + 1n));
    expect(faults[0]?.what).toContain("ORDER_RATE");
    expect(commands(ring)).toHaveLength(101);
  });

  test("a full command ring stops the strategy, and its cancel follows when there is room", () => {
    const ring = commandRing(8);
    const faults: StrategyFault[] = [];
    const host = new StrategyHost({ command: ring, onFault: (fault) => faults.push(fault) });
    let context!: StrategyContext;
    host.add({
      factory: factory((given) => {
        context = given;
        return { onQuote: (i) => context.buy({ instrument: i, qtyLots: 1 }) };
      }),
      ...{ strategyId: 1, account: 3, instruments: [instrument(1)] },
    });
    host.start();
    for (let index = 0; index < 5; index++) collect(host, quote(new Outputs()));
    expect(faults[0]?.what).toContain("COMMANDS_FULL");
    expect(commands(ring)).toHaveLength(4);
    ring.release();
    collect(host, new Outputs());
    collect(host, new Outputs());
    const kinds = commands(ring).map((at) => ring.view.getUint16(at + REC_KIND, true));
    expect(kinds, "canceled once").toEqual([Kind.MassCancel]);
  });

  test("a taken strategy id is refused", () => {
    const { host } = world(() => ({}));
    const again = { factory: factory(() => ({})), account: 3, instruments: [] };
    expect(() => host.add({ ...again, strategyId: 7 })).toThrow(/id 7 is taken/);
    expect(() => host.add({ ...again, strategyId: 0 })).toThrow(/taken or no id/);
  });
});
