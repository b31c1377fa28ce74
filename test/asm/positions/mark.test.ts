// The mark a position is valued at: its source, its age, and what stands in while there is none.
import { beforeEach, expect, test } from "vitest";
import { Execution, InstrumentKind, Kind, MarkSource, Side } from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

const MILLI = 1e6;
let core: OrderCore;
beforeEach(() => {
  core = OrderCore.create();
  core.send(Kind.Currency, { id: 2, minorExponent: -8, code: "BTC" });
  for (const id of [1, 2]) core.account(id);
});

const quote = (bidTicks: number, askTicks: number, lots = 9): Out[] =>
  core.send(Kind.TopOfBook, { instrument: 1, bidTicks, bidLots: lots, askTicks, askLots: 9 });

/** 4 lots bought at 100 on paper. */
function hold(fields: Fields): void {
  core.instrument(1, { execution: Execution.Paper, staleMillis: 10, ...fields });
  quote(99, 100);
  core.order({ account: 1, clientId: 1, priceTicks: 100, qtyLots: 4 });
}

/** Mark, its source, stale or not, and unrealized PnL. */
function valued(): unknown[] {
  const row = only(core.send(Kind.StateQuery, { account: 1 }), Kind.PositionState)[0]!;
  return [row["markTicks"], row["markSource"], row["markStale"], row["unrealizedMinor"]];
}

test.each([
  [MarkSource.Last, 103, 12],
  [MarkSource.Mid, 105, 20],
  [MarkSource.Mark, 107, 28],
])("source %i takes its own price among three", (markSource, ticks, pnl) => {
  hold({ markSource });
  core.send(Kind.TradePrint, { instrument: 1, priceTicks: 103, qtyLots: 1 });
  quote(104, 107);
  core.send(Kind.MarkChange, { instrument: 1, priceTicks: 107 });
  expect(valued(), "a mid between ticks is rounded down").toEqual([ticks, markSource, 0, pnl]);
});

test.each([
  [MarkSource.Last, Kind.TradePrint, { priceTicks: 103, qtyLots: 1 }],
  [MarkSource.Mid, Kind.TopOfBook, { bidTicks: 102, bidLots: 1, askTicks: 104, askLots: 1 }],
  [MarkSource.Mark, Kind.MarkChange, { priceTicks: 103 }],
])("a mark of source %i is stale when it is older than allowed", (markSource, kind, row) => {
  hold({ markSource });
  core.nowNanos = 5 * MILLI;
  core.send(kind, { instrument: 1, ...row });
  core.nowNanos = 15 * MILLI;
  expect(valued(), "as old as it may be").toEqual([103, markSource, 0, 12]);
  core.nowNanos += 1;
  expect(valued(), "it still values, and says so").toEqual([103, markSource, 1, 12]);
  core.send(kind, { instrument: 1, ...row });
  expect(valued(), "the same price anew").toEqual([103, markSource, 0, 12]);
});

test("another source's price does not make a mark young", () => {
  hold({ markSource: MarkSource.Mark });
  core.send(Kind.MarkChange, { instrument: 1, priceTicks: 103 });
  core.nowNanos = 11 * MILLI;
  core.send(Kind.TradePrint, { instrument: 1, priceTicks: 90, qtyLots: 1 });
  quote(80, 90);
  expect(valued()).toEqual([103, MarkSource.Mark, 1, 12]);
});

test("a missing side makes no mid: the reference stands in, which never ages, else nothing", () => {
  hold({ markSource: MarkSource.Mid });
  quote(104, 106, 0);
  core.nowNanos = 99 * MILLI;
  expect(valued()).toEqual([0, MarkSource.Mid, 0, 0]);
  core = OrderCore.create();
  core.account(1);
  hold({ markSource: MarkSource.Mid, referenceTicks: 101 });
  quote(104, 106, 0);
  core.nowNanos = 99 * MILLI;
  expect(valued()).toEqual([101, MarkSource.Mid, 0, 4]);
});

test("a mark that is no price is not taken", () => {
  hold({ markSource: MarkSource.Mark });
  for (const priceTicks of [103, 0, -5]) core.send(Kind.MarkChange, { instrument: 1, priceTicks });
  expect(valued()[0]).toBe(103);
});

test("inverse futures: PnL at the mark in the base, settled at it at the expiry", () => {
  const specKind = InstrumentKind.InverseFuture;
  const inverse = { specKind, base: 2, settlement: 2, tickMantissa: 5, tickExponent: -1 };
  const expiryNanos = 1_704_067_200_000_000_000n + 1_000n;
  core.instrument(1, { ...inverse, markSource: MarkSource.Mark, expiryNanos });
  const order = { priceTicks: 100_000, qtyLots: 7_000 };
  core.order({ ...order, account: 2, side: Side.Sell, clientId: 1 });
  core.order({ ...order, account: 1, clientId: 1 });
  core.send(Kind.MarkChange, { instrument: 1, priceTicks: 125_000 });
  // 7000 USD are 0.14 of the base at 50 000 and 0.112 at 62 500.
  expect(valued()).toEqual([125_000, MarkSource.Mark, 0, 2_800_000]);
  core.nowNanos = 1_000;
  const settled = only(core.send(Kind.StateQuery, { account: 99 }), Kind.PositionChanged);
  expect(settled.map((out) => [out["account"], out["lots"], out["realizedMinor"]])).toEqual([
    [2, 0, -2_800_000],
    [1, 0, 2_800_000],
  ]);
  expect(core.money(2)).toBe(0n);
});
