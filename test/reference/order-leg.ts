// Legs of hedging accounts in the twin: who has them, what closes them, when the mode may change.
import { Execution, OrderFlag, PositionMode, Refusal, Side } from "../../asm/vocab.ts";
import { isCash } from "./order-kind.ts";
import type { TwinPosition } from "./order-money.ts";
import type { OrderTwin, Row } from "./order-twin.ts";

const [LONG, SHORT] = [1, 2];

/** True when an order of this side makes the leg smaller; never of a netted position (0). */
export function closes(positionSide: number, side: number): boolean {
  if (positionSide === LONG) return side === Side.Sell;
  return positionSide === SHORT && side === Side.Buy;
}

/** Instructions of an order; what closes a leg only reduces it. */
export function flagsOf(row: Row): number {
  const flags = Number(row["orderFlags"] ?? 0);
  const isClosing = closes(Number(row["positionSide"] ?? 0), Number(row["side"] ?? 0));
  return isClosing ? flags | OrderFlag.ReduceOnly : flags;
}

/** Why the account may not name this leg, or none, in the instrument. */
export function legRefusal(twin: OrderTwin, row: Row): number {
  const leg = Number(row["positionSide"] ?? 0);
  const instrument = Number(row["instrument"]);
  const hasLegs = twin.accounts.get(Number(row["account"]))!.mode === PositionMode.Hedging;
  if (!hasLegs || isCash(twin.money.spec(instrument))) {
    return leg === 0 ? 0 : Refusal.PositionSideInvalid;
  }
  if (leg === 0) return Refusal.PositionSideMissing;
  if (leg !== LONG && leg !== SHORT) return Refusal.PositionSideInvalid;
  const isRouted = twin.instruments.get(instrument)!.execution === Execution.Routed;
  return isRouted ? Refusal.ExecutionUnsupported : 0;
}

/** Only an account without contracts, orders and parents changes its mode. */
export function modeRefusal(twin: OrderTwin, id: number, mode: number): number {
  const account = twin.accounts.get(id);
  if (account === undefined || account.mode === mode) return 0;
  const holds = twin.money
    .positionsOf(id)
    .some(({ lots, instrument }) => lots !== 0 && !isCash(twin.money.spec(instrument)));
  const works = twin.parents.open().some((parent) => parent.account === id);
  const isBusy = holds || works || (twin.open.get(id)?.length ?? 0) > 0;
  return isBusy ? Refusal.ConfigConflict : 0;
}

/** Lots a position can come to on its worse side; a leg only on its own. */
export function worstLots(
  { lots, side }: TwinPosition,
  open: { buys: number; sells: number },
  more: { buys: number; sells: number },
): number {
  const bought = lots + open.buys + more.buys;
  const sold = -lots + open.sells + more.sells;
  if (side === LONG) return bought;
  return side === SHORT ? sold : Math.max(bought, sold);
}
