// Random limits, restrictions and releases: what the risk check is asked in the fuzz.
import { Kind, Scope, Side } from "../../asm/vocab.ts";
import type { Row } from "../reference/order-twin.ts";

/** A number from 0 to most - 1. */
export type Pick = (most: number) => number;

/** One limit of each kind, of a size that orders of the stream meet now and then. */
const MAKERS: ((pick: Pick) => Row)[] = [
  (pick) => ({ qtyLotsMax: 10 + pick(50) }),
  (pick) => ({ notionalMinorMax: 2_000 + pick(20_000) }),
  (pick) => ({ collarBps: 20 + pick(1_000) }),
  (pick) => ({ rateMax: 1 + pick(3), rateWindowMillis: 1 + pick(4) }),
  // The rarest refusals need many open orders in one place, or the same order again.
  (pick) => ({ ordersOpenMax: 1 + pick(3) }),
  (pick) => ({ ordersOpenMax: 1 + pick(2) }),
  (pick) => ({ ordersOpenMax: 1 + pick(3) }),
  (pick) => ({ positionLotsMax: 10 + pick(140) }),
  (pick) => ({ lossMinorMax: 50 + pick(3_000) }),
  (pick) => ({ drawdownMinorMax: 50 + pick(4_000) }),
  (pick) => ({ grossMinorMax: 4_000 + pick(50_000) }),
  (pick) => ({ netMinorMax: 4_000 + pick(50_000) }),
  (pick) => ({ leverageMax: 20 + pick(300) }),
  (pick) => ({ concentrationBps: 1_000 + pick(20_000) }),
  (pick) => ({ staleMillis: 1 + pick(4) }),
  (pick) => ({ duplicateMillis: 100 + pick(900) }),
  (pick) => ({ duplicateMillis: 100 + pick(900) }),
  (pick) => ({ repeatsMax: 1 + pick(4), repeatsWindowMillis: 5 + pick(50) }),
];

/** Fields of a RiskLimits record: one kind, now and then several. */
export function randomLimits(pick: Pick): Row {
  const row = MAKERS[pick(MAKERS.length)]!(pick);
  for (const make of MAKERS) if (pick(16) === 0) Object.assign(row, make(pick));
  if (pick(100) === 0) row["repeatsWindowMillis"] = 0;
  return row;
}

/** A RestrictedList record without its state. */
export function randomRestriction(pick: Pick, who: Row): Row {
  const scope = pick(20) === 0 ? Scope.Strategy : pick(Scope.Account + 1);
  const side = pick(40) === 0 ? Side.Sell + 1 : pick(Side.Sell + 1);
  const { account = 0, instrument = 0 } = who;
  return { scope, account, instrument, side };
}

/** A RiskRelease, mostly of a strategy that may be stopped. */
export function randomRelease(pick: Pick, who: Row): [Kind, Row] {
  const { strategy = 0, account = 0, instrument = 0, clientId = 0 } = who;
  const scope = pick(20) === 0 ? Scope.Global : Scope.Strategy;
  return [Kind.RiskRelease, { strategy, account, instrument, clientId, scope }];
}

/** A MarginSchedule: one rate or all three, now and then a further tier, or one that is wrong. */
export function randomSchedule(pick: Pick, instrument: number, tiers: number): Row {
  const initialBps = 500 + pick(pick(20) === 0 ? 20_000 : 9_000);
  if (pick(3) === 0) return { instrument, initialBps };
  const maintenanceBps = pick(25) === 0 ? initialBps + 1 : 100 + pick(initialBps - 100);
  const callBps = pick(2) === 0 ? 0 : maintenanceBps + pick(initialBps - maintenanceBps + 1);
  const rates = { instrument, initialBps: pick(4) === 0 ? 0 : initialBps, maintenanceBps, callBps };
  if (tiers === 0 || pick(3) !== 0) return rates;
  // Above what is there, mostly.
  const more = {
    initialBps: 10_000 - pick(900),
    callBps: 9_000 + pick(100),
    maintenanceBps: 9_000,
  };
  const tier = pick(12) === 0 ? pick(10) : tiers;
  return { instrument, ...more, tier, fromMinor: 3_000 + tier * 3_000 + pick(2_000) };
}

/** A MarginSchedule that few accounts of the stream can bear. */
export function tightSchedule(pick: Pick, instrument: number): Row {
  const maintenanceBps = 3_000 + pick(6_500);
  const callBps = pick(2) === 0 ? 0 : maintenanceBps + pick(500);
  return { instrument, initialBps: pick(2) * 10_000, maintenanceBps, callBps };
}
