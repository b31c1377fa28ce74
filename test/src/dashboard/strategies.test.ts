import { beforeEach, expect, test } from "vitest";
import { Kind, OrderState, PositionSide, QueryPart } from "../../../asm/vocab.ts";
import { Own } from "../../../src/dashboard/own.ts";
import { strategySums } from "../../../src/dashboard/strategies.ts";
import { decoded } from "./records.ts";

let own: Own;
beforeEach(() => {
  own = new Own();
});

const part = (strategy: number, instrument: number, lots: number, fields: object = {}): void => {
  const money = { realizedMinor: 10, unrealizedMinor: 20, feesMinor: 3, fundingMinor: 4 };
  const what = { account: 1, strategy, instrument, lots, settlement: 1, ...money, ...fields };
  own.apply(decoded(Kind.StrategyState, what));
};

const position = (instrument: number, lots: number, fields: object = {}): void => {
  const money = { realizedMinor: 100, unrealizedMinor: 200, feesMinor: 30, fundingMinor: 40 };
  const what = { account: 1, instrument, lots, settlement: 1, ...money, ...fields };
  own.apply(decoded(Kind.PositionState, what));
};

const end = (): unknown =>
  own.apply(decoded(Kind.StateQueryEnd, { account: 1, part: QueryPart.Strategies }));

test("a strategy's parts add up by currency, those without lots in money only", () => {
  position(8, 5);
  position(9, 0);
  for (const [instrument, lots] of [
    [9, 0],
    [8, 5],
  ]) {
    part(7, instrument!, lots!);
    part(0, instrument!, 0, { realizedMinor: -1 });
  }
  part(7, 12, 2, { settlement: 2 });
  end();
  const sums = strategySums(own);
  expect(sums.map(({ strategy, settlement }) => [strategy, settlement])).toEqual([
    [7, 1],
    [7, 2],
    [0, 1],
  ]);
  const { realizedMinor, unrealizedMinor, feesMinor, fundingMinor } = sums[0]!;
  expect([realizedMinor, unrealizedMinor, feesMinor, fundingMinor]).toEqual([20, 40, 6, 8]);
  expect(sums[0]!.parts.map(({ instrument, lots }) => [instrument, lots])).toEqual([[8, 5]]);
});

test("a position that no strategy traded in is all strategy 0's, one leg by itself too", () => {
  position(8, 5);
  position(8, -3, { side: PositionSide.Short });
  position(9, 6);
  part(7, 8, 5);
  part(0, 8, 0);
  end();
  const [seven, none] = strategySums(own);
  expect(seven!.parts.length).toBe(1);
  expect(none!.parts.map(({ instrument, lots }) => [instrument, lots])).toEqual([
    [8, -3],
    [9, 6],
  ]);
  expect(none!.realizedMinor, "10 of the part, 100 of each position").toBe(210);
  expect(none!.fundingMinor).toBe(84);
});

test("open orders count with their strategy", () => {
  for (const [clientId, strategy] of [
    [1n, 7],
    [2n, 7],
    [3n, 0],
  ] as const) {
    const order = { account: 1, clientId, orderId: clientId, strategy, state: OrderState.Live };
    own.apply(decoded(Kind.OrderAccepted, order));
  }
  part(7, 8, 5);
  part(0, 8, 0);
  end();
  expect(strategySums(own).map(({ orders }) => orders)).toEqual([2, 1]);
});

test("without a strategy that traded there is nothing to tell apart", () => {
  position(8, 5);
  expect(strategySums(own)).toEqual([]);
});
