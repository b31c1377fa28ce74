// What each strategy has: its parts of the account's positions, summed by currency, and its orders.
//
// The core keeps a part for every strategy that traded in a position, and strategy 0 as what is
// left of it. A position none of them traded in has no parts: all of it is strategy 0's, so that
// the rows here add up to the account.
import type { PartRecord, PositionRecord } from "../protocol.ts";
import type { Own } from "./own.ts";

/** A part of a position, or a whole one that no strategy traded in. */
export type Part = Pick<
  PartRecord | PositionRecord,
  | ("instrument" | "side" | "lots" | "settlement")
  | ("realizedMinor" | "unrealizedMinor" | "feesMinor" | "fundingMinor")
>;

/** What a strategy has in one currency; sums in its minor units. */
export interface StrategySum {
  /** 0 = orders without a strategy. */
  strategy: number;
  settlement: number;
  /** Those that hold lots, by instrument. */
  parts: Part[];
  realizedMinor: number;
  unrealizedMinor: number;
  feesMinor: number;
  /** Above 0 = paid. */
  fundingMinor: number;
  /** Open orders of the strategy, in all currencies. */
  orders: number;
}

/** Sums by strategy and currency; strategy 0 comes last, and only when others have something. */
export function strategySums(own: Own): StrategySum[] {
  const sums = new Map<string, StrategySum>();
  const shared = new Set<string>();
  const orders = new Map<number, number>();
  for (const { strategy } of own.orders.values()) {
    orders.set(strategy, (orders.get(strategy) ?? 0) + 1);
  }
  const add = (strategy: number, part: Part): void => {
    const key = `${strategy}/${part.settlement}`;
    let sum = sums.get(key);
    if (sum === undefined) {
      const { settlement } = part;
      const zero = { realizedMinor: 0, unrealizedMinor: 0, feesMinor: 0, fundingMinor: 0 };
      sum = { strategy, settlement, parts: [], ...zero, orders: orders.get(strategy) ?? 0 };
      sums.set(key, sum);
    }
    if (part.lots !== 0) sum.parts.push(part);
    sum.realizedMinor += part.realizedMinor;
    sum.unrealizedMinor += part.unrealizedMinor;
    sum.feesMinor += part.feesMinor;
    sum.fundingMinor += part.fundingMinor;
  };
  for (const part of own.parts) {
    shared.add(`${part.instrument}/${part.side}`);
    add(part.strategy, part);
  }
  if (shared.size === 0) return [];
  for (const position of own.positions.values()) {
    if (!shared.has(`${position.instrument}/${position.side}`)) add(0, position);
  }
  for (const { parts } of sums.values()) parts.sort((a, b) => a.instrument - b.instrument);
  const rank = (strategy: number): number => (strategy === 0 ? Infinity : strategy);
  return [...sums.values()].sort((a, b) => {
    return rank(a.strategy) - rank(b.strategy) || a.settlement - b.settlement;
  });
}
