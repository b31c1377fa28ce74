// How much of its limits an account uses: position, open orders, loss of the day.
//
// As the core counts: a position with all open orders of a side filled, and the day's loss as what
// was realized since 00:00 UTC with what is open at the mark. A figure without a limit is shown
// all the same.
import { PositionSide, Side } from "../../asm/vocab.ts";
import type { PositionRecord } from "../protocol.ts";
import type { Own } from "./own.ts";
import type { Valuation } from "./valuation.ts";

/** One figure beside its limit. */
export interface Use {
  name: string;
  /** What is shown. */
  value: number;
  /** What counts against the limit, at least 0. */
  used: number;
  /** 0 = no limit. */
  limit: number;
  unit: "lots" | "count" | "minor";
  currency: number;
  isSigned: boolean;
}

/** Position and worst case of an instrument, open orders and result of the day. */
export function usesOf(
  own: Own,
  instrument: number,
  valueOf: (position: PositionRecord) => Valuation,
): Use[] {
  const positions = [...own.positions.values()];
  // Of a hedging account the leg that is used the most.
  const legs = [PositionSide.None, PositionSide.Long, PositionSide.Short];
  const used = legs.map((leg) => legUse(own, positions, instrument, leg));
  const { lots } = used.reduce((most, one) =>
    Math.abs(one.lots) > Math.abs(most.lots) ? one : most,
  );
  const worst = Math.max(...used.map((one) => one.worst));
  const none = { limit: 0, currency: 0, isSigned: false };
  const uses: Use[] = [
    { ...none, name: "Position", value: lots, used: Math.abs(lots), unit: "lots", isSigned: true },
    { ...none, name: "If all fills", value: worst, used: worst, unit: "lots" },
    { ...none, name: "Open orders", value: own.orders.size, used: own.orders.size, unit: "count" },
  ];
  for (const balance of own.balances.values()) {
    const { currency } = balance;
    const open = positions.filter((one) => one.settlement === currency);
    const unrealized = open.reduce((sum, one) => sum + valueOf(one).unrealizedMinor, 0);
    const value = balance.realizedDayMinor + unrealized;
    const used = Math.max(0, -value);
    uses.push({ ...none, name: "Today", value, used, unit: "minor", currency, isSigned: true });
  }
  return uses;
}

/** Lots of a position or leg, and those it can come to; what closes a leg takes it nowhere. */
function legUse(
  own: Own,
  positions: PositionRecord[],
  instrument: number,
  leg: PositionSide,
): { lots: number; worst: number } {
  const isHere = (one: { instrument: number }, of: number): boolean =>
    one.instrument === instrument && of === Number(leg);
  const lots = positions.find((one) => isHere(one, one.side))?.lots ?? 0;
  // The position's own counts are of its last fill: an order may have come or gone since.
  const leaves = (side: Side): number =>
    [...own.orders.values()]
      .filter((one) => isHere(one, one.positionSide) && one.side === side)
      .reduce((sum, one) => sum + one.leavesLots, 0);
  const bought = leg === PositionSide.Short ? 0 : lots + leaves(Side.Buy);
  const sold = leg === PositionSide.Long ? 0 : leaves(Side.Sell) - lots;
  return { lots, worst: Math.max(bought, sold, 0) };
}
