// What is recalled: the newest of each kind and key, in order, however much there was before.
import { expect, test } from "vitest";
import { Kind, Side } from "../../../asm/vocab.ts";
import { HISTORY_CANDLES } from "../../../src/gateway/state.ts";
import { CANDLES_KEPT, Recollection } from "../../../src/oms/recollection.ts";
import { decode } from "../../../src/protocol.ts";
import { clientOrderId } from "../../../src/strategies/strategy.ts";
import { Outputs } from "../strategies/records.ts";

function collect(into: Recollection, outputs: Outputs): void {
  into.collect(outputs.u8, outputs.view, 0, outputs.end);
}

function recalled(from: Recollection): Record<string, unknown>[] {
  return [...from.records()].map((bytes) => {
    return decode(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0);
  });
}

test("as many candles as the gateway shows", () => {
  expect(CANDLES_KEPT).toBe(HISTORY_CANDLES);
});

test("the newest candles of a timeframe, oldest first, and the newest best prices", () => {
  const recollection = new Recollection();
  for (let at = 0; at < CANDLES_KEPT + 70; at += 1) {
    const outputs = new Outputs(4096)
      .add(Kind.CandleClosed, { instrument: 1, timeframe: 0, openNanos: BigInt(at) })
      .add(Kind.CandleClosed, { instrument: 1, timeframe: 3, openNanos: BigInt(1000 + at) })
      .add(Kind.TopOfBook, { instrument: 1, bidTicks: at + 5, askTicks: at + 6 });
    collect(recollection, outputs);
  }
  const starts = (timeframe: number): number[] =>
    recalled(recollection)
      .filter((one) => one["timeframe"] === timeframe)
      .map((one) => Number(one["openNanos"]));
  expect(recalled(recollection)).toHaveLength(2 * CANDLES_KEPT + 1);
  const tops = recalled(recollection).filter((one) => one["name"] === "TopOfBook");
  expect(tops.map((one) => Number(one["bidTicks"]))).toEqual([CANDLES_KEPT + 74]);
  expect(starts(0)).toEqual(Array.from({ length: CANDLES_KEPT }, (_, at) => 70 + at));
  expect(starts(3)).toEqual(Array.from({ length: CANDLES_KEPT }, (_, at) => 1070 + at));
});

test("one trade an instrument, one value a slot, one position a side, pasts of strategies", () => {
  const recollection = new Recollection();
  const own = { instrument: 2, account: 3, strategy: 7, clientId: clientOrderId(7, 5) };
  for (const step of [1, 2, 3]) {
    const outputs = new Outputs(8192);
    for (const instrument of [1, 2]) {
      outputs.add(Kind.TradePrint, { instrument, priceTicks: 100 * instrument + step });
      outputs.add(Kind.IndicatorValue, { instrument, timeframe: 1, slot: 4, value1: step });
    }
    for (const side of [0, 1, 2]) {
      outputs.add(Kind.PositionChanged, {
        instrument: 2,
        account: 3,
        side,
        lots: step,
      });
    }
    outputs.add(Kind.Fill, { ...own, side: Side.Buy, priceTicks: 50, qtyLots: step });
    collect(recollection, outputs);
  }
  const all = recalled(recollection);
  expect(all).toHaveLength(2 + 2 + 3);
  const prices = all.filter((one) => one["name"] === "TradePrint").map((one) => one["priceTicks"]);
  expect(prices.map(Number)).toEqual([103, 203]);
  const lots = all.filter((one) => one["name"] === "PositionChanged").map((one) => one["lots"]);
  expect(lots.map(Number)).toEqual([3, 3, 3]);
  const books = [{ instrument: 2, lots: 6, entryTicks: 50 }];
  expect(recollection.pasts.list()).toEqual([
    { strategyId: 7, account: 3, lastNumber: 5, fills: 3, books },
  ]);
});
