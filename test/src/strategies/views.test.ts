import { expect, test } from "vitest";

import { Flag, Kind } from "../../../asm/vocab.ts";
import { encode } from "../../../src/protocol.ts";
import { clientOrderId } from "../../../src/strategies/strategy.ts";
import {
  CandleView,
  FillView,
  ORDER_NUMBER_MAX,
  OrderView,
  PositionView,
  QuoteView,
  readMillis,
} from "../../../src/strategies/views.ts";
import { readOrderNumber, readOrderOwner } from "../../../src/strategy-past.ts";

const view = new DataView(new ArrayBuffer(512));

test("time is milliseconds to the microsecond, exact where asked for", () => {
  encode(view, 64, Kind.TopOfBook, { tsEngineNanos: 1_723_161_253_937_085_768n });
  const quote = new QuoteView();
  quote.point(view, 64);
  expect(quote.tsEngineMillis).toBe(1_723_161_253_937.086);
  expect(quote.tsEngineNanos).toBe(1_723_161_253_937_085_768n);
  view.setBigInt64(0, 1_723_075_200_010_000_000n, true);
  expect(readMillis(view, 0)).toBe(1_723_075_200_010);
});

test("one view reads whatever record it is moved to", () => {
  encode(view, 0, Kind.TopOfBook, { bidTicks: -5, bidLots: 2 ** 40, flags: Flag.Untrusted });
  encode(view, 128, Kind.TopOfBook, { bidTicks: 7, askTicks: 9, askLots: 3 });
  const quote = new QuoteView();
  quote.point(view, 0);
  expect([quote.bidTicks, quote.bidLots, quote.isUntrusted]).toEqual([-5, 2 ** 40, true]);
  quote.point(view, 128);
  expect([quote.bidTicks, quote.askTicks, quote.askLots]).toEqual([7, 9, 3]);
  expect(quote.isUntrusted).toBe(false);
});

test("a number beyond 2^53 throws instead of being rounded", () => {
  encode(view, 0, Kind.CandleClosed, { highTicks: 2n ** 60n });
  const candle = new CandleView();
  candle.point(view, 0);
  expect(() => candle.highTicks).toThrow(/53 bits/);
});

test("candles, fills and positions read their fields", () => {
  encode(view, 0, Kind.CandleClosed, {
    ...{ openNanos: 1_700_000_000_000_000_000n, periodMillis: 5000, openTicks: 1, highTicks: 4 },
    ...{
      lowTicks: -2,
      closeTicks: 3,
      volumeLots: 9,
      buyLots: 5,
      trades: 6,
      index: 12n,
      quality: 5,
    },
  });
  const candle = new CandleView();
  candle.point(view, 0);
  const { openMillis, periodMillis, openTicks, highTicks, lowTicks, closeTicks } = candle;
  expect([openMillis, periodMillis]).toEqual([1_700_000_000_000, 5000]);
  expect([openTicks, highTicks, lowTicks, closeTicks]).toEqual([1, 4, -2, 3]);
  const { volumeLots, buyLots, trades, index, quality } = candle;
  expect([volumeLots, buyLots, trades, index, quality]).toEqual([9, 5, 6, 12, 5]);
  encode(view, 0, Kind.Fill, { priceTicks: 8, qtyLots: 2, feeMinor: -4, realizedMinor: -77 });
  const fill = new FillView();
  fill.point(view, 0);
  expect([fill.priceTicks, fill.qtyLots, fill.feeMinor, fill.realizedMinor]).toEqual([
    8, 2, -4, -77,
  ]);
  encode(view, 0, Kind.PositionChanged, { lots: -3, unrealizedMinor: -9, markTicks: 5 });
  const position = new PositionView();
  position.point(view, 0);
  expect([position.lots, position.unrealizedMinor, position.markTicks]).toEqual([-3, -9, 5]);
});

test("a client order id splits into strategy and number, also at the ends of its range", () => {
  for (const [owner, number] of [
    [1, 1],
    [65_535, ORDER_NUMBER_MAX],
    [300, 2 ** 32 + 5],
  ] as const) {
    encode(view, 0, Kind.OrderAccepted, { clientId: clientOrderId(owner, number) });
    expect([readOrderOwner(view, 0), readOrderNumber(view, 0)]).toEqual([owner, number]);
    const order = new OrderView();
    order.point(view, 0);
    expect([order.orderNumber, order.kind]).toEqual([number, Kind.OrderAccepted]);
  }
});
