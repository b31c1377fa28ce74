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
