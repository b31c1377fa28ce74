// Pasts of strategies: folded from outputs, the same through a snapshot as through a replay.
import { describe, expect, test } from "vitest";
import { Kind, Side } from "../../asm/vocab.ts";
import { PositionBook, StrategyPasts } from "../../src/strategy-past.ts";
import { clientOrderId } from "../../src/strategies/strategy.ts";
import { Outputs } from "./strategies/records.ts";

describe("position book", () => {
  test("averages entries, keeps the average while it closes, opens anew when it turns", () => {
    const book = new PositionBook();
    book.fill(Side.Buy, 100, 10);
    book.fill(Side.Buy, 110, 30);
    expect([book.lots, book.entryTicks]).toEqual([40, 107.5]);
    book.fill(Side.Sell, 500, 15);
    expect([book.lots, book.entryTicks]).toEqual([25, 107.5]);
    book.fill(Side.Sell, 90, 30);
    expect([book.lots, book.entryTicks]).toEqual([-5, 90]);
    book.fill(Side.Sell, 80, 5);
    expect([book.lots, book.entryTicks]).toEqual([-10, 85]);
    book.fill(Side.Buy, 1, 10);
    expect([book.lots, book.entryTicks]).toEqual([0, 0]);
  });
});

function noteAll(pasts: StrategyPasts, outputs: Outputs): void {
  const { view } = outputs;
  for (let at = 0; at < outputs.end; at += (1 + (view.getUint16(at + 2, true) & 3)) << 6) {
    pasts.note(view, at, view.getUint16(at, true));
  }
}

const first = { instrument: 1, account: 3, strategy: 7, clientId: clientOrderId(7, 41) };
const fill = { ...first, side: Side.Buy, priceTicks: 100, qtyLots: 4 };

test("orders and fills of each strategy, and nothing of others", () => {
  const pasts = new StrategyPasts();
  const outputs = new Outputs()
    .add(Kind.OrderAccepted, first)
    .add(Kind.Fill, fill)
    .add(Kind.OrderDenied, { ...first, clientId: clientOrderId(7, 43) })
    .add(Kind.OrderAccepted, { ...first, strategy: 0, clientId: 5000n })
    .add(Kind.PositionChanged, { instrument: 1, account: 3 })
    // Sent by hand for the strategy: its number is nobody's.
    .add(Kind.Fill, { ...fill, strategy: 9, clientId: 77n });
  noteAll(pasts, outputs);
  const books = [{ instrument: 1, lots: 4, entryTicks: 100 }];
  expect(pasts.list()).toEqual([
    { strategyId: 7, account: 3, lastNumber: 43, fills: 1, books },
    { strategyId: 9, account: 3, lastNumber: 0, fills: 1, books },
  ]);
  expect(pasts.of(8)).toBeUndefined();
});

test("a past that was loaded goes on as the one it was made of", () => {
  const [whole, before, after] = [new StrategyPasts(), new StrategyPasts(), new StrategyPasts()];
  const more = new Outputs().add(Kind.Fill, { ...fill, priceTicks: 107, qtyLots: 3 });
  const start = new Outputs().add(Kind.Fill, fill);
  noteAll(whole, start);
  noteAll(before, start);
  after.load(JSON.parse(JSON.stringify(before.list())) as ReturnType<StrategyPasts["list"]>);
  noteAll(whole, more);
  noteAll(after, more);
  expect(after.list()).toEqual(whole.list());
  expect(whole.of(7)!.books[0]!.entryTicks).toBeCloseTo(103, 12);
});
