// How much of its limits an account uses: one figure each, beside the limit where there is one.
//
// The core says which limits hold in the selected instrument and what is used of them. Where the
// page sees a figure move between two answers (position, open orders, the day's result, the largest
// open order) it counts itself, as the core does: a position with all open orders of a side filled,
// and the day's loss as what was realized since 00:00 UTC with what is open at the mark.
import { LimitFlag, PositionSide, Refusal, Scope, Side } from "../../asm/vocab.ts";
import type { LimitStateRecord, OrderEventRecord, PositionRecord } from "../protocol.ts";
import type { Own } from "./own.ts";
import type { Valuation } from "./valuation.ts";

/** What a figure is counted in: hundredths of equity, or hundredths of a percent of it. */
export type UseUnit = "lots" | "count" | "minor" | "times" | "bps";

/** One figure beside its limit. */
export interface Use {
  name: string;
  /** What it is, for whoever points at it. */
  about: string;
  /** What is shown. */
  value: number;
  /** What counts against the limit, at least 0. */
  used: number;
  /** 0 = no limit. */
  limit: number;
  unit: UseUnit;
  currency: number;
  isSigned: boolean;
  /** False when a price is missing, so that nothing can be said of the use. */
  isKnown: boolean;
}

interface Told {
  name: string;
  about: string;
  unit: UseUnit;
}

/** What the core alone counts. */
const TOLD: Partial<Record<Refusal, Told>> = {
  [Refusal.DrawdownLimit]: {
    ...{ name: "Drawdown", unit: "minor" },
    about: "Fall of the result from the highest value an order saw",
  },
  [Refusal.GrossExposureLimit]: {
    ...{ name: "Gross exposure", unit: "minor" },
    about: "All positions at their marks, open orders filled",
  },
  [Refusal.NetExposureLimit]: {
    ...{ name: "Net exposure", unit: "minor" },
    about: "Long less short at the marks, open orders of one side filled",
  },
  [Refusal.LeverageLimit]: {
    ...{ name: "Leverage", unit: "times" },
    about: "Gross exposure over equity",
  },
  [Refusal.ConcentrationLimit]: {
    ...{ name: "Concentration", unit: "bps" },
    about: "This instrument's exposure over equity",
  },
  [Refusal.MarginInsufficient]: {
    ...{ name: "Initial margin", unit: "minor" },
    about: "What all positions need of the equity",
  },
};

const MESSAGES_OF: Partial<Record<Scope, string>> = {
  [Scope.Global]: "Messages (all)",
  [Scope.Tenant]: "Messages (tenant)",
  [Scope.Account]: "Messages",
  [Scope.Instrument]: "Messages (instrument)",
  [Scope.AccountInstrument]: "Messages here",
};

const NO_LIMIT = { limit: 0, currency: 0, isSigned: false, isKnown: true };

/** How the page values what the core does not say anew with every tick. */
export interface Valuer {
  valueOf(position: PositionRecord): Valuation;
  /** Money an open order is about, in minor units; undefined when the page cannot tell. */
  notionalOf(order: OrderEventRecord): number | undefined;
}

/** Every figure that is always shown, with its limit, then those that have a limit only. */
export function usesOf(own: Own, instrument: number, valuer: Valuer): Use[] {
  const { limits } = own;
  const find = (reason: Refusal, scope = 0): LimitStateRecord | undefined =>
    limits
      .filter((one) => one.reason === Number(reason) && (scope === 0 || one.scope === scope))
      .sort((a, b) => b.used - a.used)[0];
  const limitOf = (reason: Refusal, scope = 0): number => find(reason, scope)?.limit ?? 0;
  const positions = [...own.positions.values()];
  // Of a hedging account the leg that is used the most.
  const legs = [PositionSide.None, PositionSide.Long, PositionSide.Short];
  const legUses = legs.map((leg) => legUse(own, positions, instrument, leg));
  const { lots } = legUses.reduce((most, one) =>
    Math.abs(one.lots) > Math.abs(most.lots) ? one : most,
  );
  const worst = Math.max(...legUses.map((one) => one.worst));
  const here = [...own.orders.values()].filter((one) => one.instrument === instrument);
  const count = own.orders.size;
  const uses: Use[] = [
    {
      ...{ ...NO_LIMIT, name: "Position", value: lots, used: Math.abs(lots), unit: "lots" },
      ...{ isSigned: true, about: "Held of this instrument" },
    },
    {
      ...{ ...NO_LIMIT, name: "If all fills", value: worst, used: worst, unit: "lots" },
      ...{ limit: limitOf(Refusal.PositionLimit), about: "Position with open orders filled" },
    },
    {
      ...{ ...NO_LIMIT, name: "Open orders", value: count, used: count, unit: "count" },
      ...{ limit: limitOf(Refusal.OpenOrdersLimit, Scope.Account), about: "Of the account" },
    },
  ];
  const pair = limitOf(Refusal.OpenOrdersLimit, Scope.AccountInstrument);
  if (pair !== 0) {
    const use = { value: here.length, used: here.length, unit: "count" as const, limit: pair };
    uses.push({ ...NO_LIMIT, ...use, name: "Open orders here", about: "In this instrument" });
  }
  uses.push(...ordersOf(here, find, valuer), ...daysOf(own, positions, find, valuer));
  // Each leg of a hedging account is told; what is the account's is the same of both.
  const isLong = (one: LimitStateRecord, reason: number): boolean =>
    one.reason === reason && one.side === Number(PositionSide.Long);
  const once = limits.filter((one) => {
    const isShort = one.side === Number(PositionSide.Short);
    return !isShort || !limits.some((other) => isLong(other, one.reason));
  });
  return [...uses, ...once.flatMap((one) => toldOf(one))];
}

/** The largest open order beside the limits of one order. */
function ordersOf(
  here: OrderEventRecord[],
  find: (reason: Refusal) => LimitStateRecord | undefined,
  valuer: Valuer,
): Use[] {
  const uses: Use[] = [];
  const qty = find(Refusal.QtyLimit);
  if (qty !== undefined) {
    const used = Math.max(0, ...here.map((one) => one.leavesLots));
    const what = { name: "Largest order", about: "Quantity of the largest open order" };
    uses.push({ ...NO_LIMIT, ...what, value: used, used, limit: qty.limit, unit: "lots" });
  }
  const notional = find(Refusal.NotionalLimit);
  if (notional === undefined) return uses;
  const worth = here.map((one) => valuer.notionalOf(one));
  const used = Math.max(0, ...worth.map((one) => one ?? 0));
  const isKnown = !worth.includes(undefined);
  const { limit, currency } = notional;
  const what = { name: "Order value", about: "Notional of the largest open order" };
  uses.push({
    ...{ ...NO_LIMIT, ...what, value: used, used, limit, currency, unit: "minor", isKnown },
  });
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

/** The day's result in each currency, the loss beside its limit. */
function daysOf(
  own: Own,
  positions: PositionRecord[],
  find: (reason: Refusal) => LimitStateRecord | undefined,
  valuer: Valuer,
): Use[] {
  const loss = find(Refusal.LossLimit);
  return [...own.balances.values()].map(({ currency, realizedDayMinor }) => {
    const open = positions.filter((one) => one.settlement === currency);
    const unrealized = open.reduce((sum, one) => sum + valuer.valueOf(one).unrealizedMinor, 0);
    const value = realizedDayMinor + unrealized;
    const limit = loss?.currency === currency ? loss.limit : 0;
    const used = Math.max(0, -value);
    const what = { name: "Today", about: "Realized since 00:00 UTC, and open; a loss counts" };
    return { ...NO_LIMIT, ...what, value, used, limit, unit: "minor", currency, isSigned: true };
  });
}

function toldOf(one: LimitStateRecord): Use[] {
  const { used, limit, currency, limitFlags } = one;
  const isKnown = (limitFlags & LimitFlag.Unknown) === 0;
  const rest = { ...NO_LIMIT, value: used, used, limit, currency, isKnown };
  if (one.reason === Number(Refusal.RateLimit)) {
    const name = MESSAGES_OF[one.scope as Scope] ?? "Messages";
    return [{ ...rest, name, about: "Orders and amends in the present window", unit: "count" }];
  }
  const told = TOLD[one.reason as Refusal];
  return told === undefined ? [] : [{ ...rest, ...told }];
}
