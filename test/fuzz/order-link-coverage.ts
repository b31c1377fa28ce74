// What the compared inputs reached of orders that depend on each other.
import { CancelReason, Kind, Liquidity, OrderState } from "../../asm/vocab.ts";
import type { Row } from "../reference/order-twin.ts";

const CASCADES = [CancelReason.Oco, CancelReason.Ouo, CancelReason.Parent];
const REDUCED = [OrderState.Armed, OrderState.Live, OrderState.PartlyFilled];

/** Counts the records of one input; `count` is told each thing that was reached. */
export function noteLinks(kind: Kind, row: Row, outs: Row[], count: (what: string) => void): void {
  for (const [at, out] of outs.entries()) {
    const state = OrderState[Number(out["state"])];
    const where = `instrument ${out["instrument"]}`;
    if (out["kind"] === Kind.OrderAccepted && row["contingency"] !== 0) {
      if (row["contingency"] !== undefined)
        count(`linked ${row["contingency"]}, ${state}, ${where}`);
    }
    const isLeg = kind === Kind.OrderReplace && Number(out["linkedClientId"]) !== 0;
    if (isLeg && out["kind"] === Kind.OrderAccepted) count(`a leg is replaced, ${state}`);
    if (out["kind"] === Kind.OrderReleased) {
      const how = out["detail"] === 1 ? "grew" : "released";
      count(`${how} ${state}, ${where}`);
      if (how === "released") count(`released by ${Kind[kind]}`);
    }
    if (out["kind"] === Kind.OrderReduced) count(`reduced ${state}`);
    if (out["kind"] === Kind.OrderAmended && out["state"] === OrderState.Held) {
      count(`amended while held, stop ${Number(out["stopTicks"]) !== 0}`);
    }
    if (out["kind"] === Kind.AmendDenied && out["state"] === OrderState.Held) {
      count("amend denied while held");
    }
    if (out["kind"] !== Kind.OrderCanceled) continue;
    const reason = Number(out["reason"]) as CancelReason;
    const last = outs[at - 1];
    const isOwn =
      last?.["kind"] === Kind.OrderCanceled && last["reason"] === CancelReason.ReduceOnly;
    if (CASCADES.includes(reason) && isOwn) {
      count(`a leg with nothing to reduce takes the other, ${CancelReason[reason]}`);
    }
    if (CASCADES.includes(reason)) {
      count(`${CancelReason[reason]} by ${Kind[kind]}`);
      // The child of an algorithm's parent may be the first that is told of.
      const before = outs[at - 1] ?? {};
      if (before["kind"] === Kind.OrderTriggered) count("the trigger cancels the other leg");
      const isTaker = before["kind"] === Kind.PositionChanged && isLastTaker(outs, at, out);
      if (isTaker) count("a trade cancels its own aggressor");
    }
    if (reason === CancelReason.Limit) count("a limit refuses a release");
    if (reason === CancelReason.ReduceOnly && kind !== Kind.OrderCancel) {
      count("a mode refuses a release");
    }
  }
}

/** True when the canceled order is the aggressor of the trade just before. */
function isLastTaker(outs: Row[], at: number, canceled: Row): boolean {
  const fill = outs.slice(0, at).findLast((out) => out["kind"] === Kind.Fill);
  return fill?.["liquidity"] === Liquidity.Taker && fill["orderId"] === canceled["orderId"];
}

/** Counts what expired before an input, and what ended with it. */
export function noteLinkExpiries(outs: Row[], count: (what: string) => void): void {
  for (const out of outs) {
    if (out["kind"] === Kind.OrderCanceled) {
      count(`${CancelReason[Number(out["reason"])]} by an expiry`);
    }
  }
}

export function linksWanted(): string[] {
  const all = ["the trigger cancels the other leg", "a trade cancels its own aggressor"];
  for (const instrument of [1, 2]) {
    for (const kind of [1, 2]) {
      for (const state of ["Held", "Live"]) {
        all.push(`linked ${kind}, ${state}, instrument ${instrument}`);
      }
      if (instrument === 1) all.push(`linked ${kind}, Armed, instrument 1`);
    }
    for (const kind of [3, 4, 5]) all.push(`linked ${kind}, Held, instrument ${instrument}`);
    for (const state of ["Armed", "Live"]) {
      all.push(`released ${state}, instrument ${instrument}`);
      all.push(`grew ${state}, instrument ${instrument}`);
    }
  }
  for (const state of REDUCED) all.push(`reduced ${OrderState[state]}`);
  for (const how of ["OrderNew", "OrderAmend", "TopOfBook", "TradePrint"]) {
    all.push(`released by ${how}`, `Oco by ${how}`, `Ouo by ${how}`);
  }
  for (const why of ["Oco", "Ouo", "Parent"]) {
    all.push(`${why} by OrderCancel`, `${why} by MassCancel`, `${why} by an expiry`);
  }
  for (const why of ["Oco", "Ouo"]) {
    all.push(`a leg with nothing to reduce takes the other, ${why}`);
  }
  all.push("Ouo by KillSwitch", "a leg is replaced, Live", "a leg is replaced, Armed");
  all.push("amended while held, stop true", "amended while held, stop false");
  all.push("amend denied while held", "a limit refuses a release", "a mode refuses a release");
  all.push("OrderDenied ContingencyInvalid", "OrderDenied LinkedOrderUnknown");
  return all;
}
