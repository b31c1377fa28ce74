// What the compared inputs reached of hedging accounts: legs opened, closed, capped, refused.
import {
  CancelReason,
  Kind,
  Liquidity,
  OrderState,
  PositionMode,
  Refusal,
} from "../../asm/vocab.ts";
import type { OrderTwin, Row } from "../reference/order-twin.ts";

type Count = (what: string) => void;

/** Notes what an input and its records say of legs. */
export function noteLegs(kind: Kind, row: Row, outs: Row[], twin: OrderTwin, count: Count): void {
  const first = outs[0];
  if (kind === Kind.Account && first?.["kind"] === Kind.ConfigAccepted) {
    count(`position mode ${PositionMode[Number(row["positionMode"] ?? 0)]} accepted`);
  }
  const isDenied = first?.["kind"] === Kind.ConfigDenied;
  if (isDenied && (kind === Kind.Account || kind === Kind.PositionAdjust)) {
    count(`${Kind[kind]} ${Refusal[Number(first["reason"])]}`);
  }
  for (const out of outs) {
    const leg = Number(out["positionSide"] ?? 0);
    if (out["kind"] === Kind.OrderDenied && leg !== Number(out["side"]) && leg !== 0) {
      count(`closing order denied ${Refusal[Number(out["reason"])]}`);
    }
    if (leg === 0) continue;
    const isClosing = leg !== Number(out["side"]);
    if (out["kind"] === Kind.Fill) fill(out, leg, isClosing, twin, count);
    if (out["kind"] === Kind.OrderReduced && isClosing) count("closing order shrinks");
    const isUp = out["reason"] === CancelReason.ReduceOnly;
    if (out["kind"] === Kind.OrderCanceled && isUp) count("closing order dies");
    if (out["kind"] === Kind.OrderTriggered && isClosing) count("closing stop triggers");
    if (out["kind"] === Kind.OrderAmended && isClosing) count("closing order amended");
    if (out["kind"] === Kind.OrderReleased) released(out, isClosing, count);
    if (isClosing && out["kind"] === Kind.OrderCanceled) exitEnds(out, count);
    const isNew = kind === Kind.OrderNew && out["kind"] === Kind.OrderAccepted;
    const isCapped = Number(out["leavesLots"]) < Number(row["qtyLots"]);
    if (isNew && isClosing && isCapped) count("closing order is capped");
    if (kind === Kind.OrderReplace && out["kind"] === Kind.OrderAccepted) count("leg replaced");
  }
}

/** A child of a leg comes into being, or grows. */
function released(out: Row, isClosing: boolean, count: Count): void {
  const how = out["detail"] === 1 ? "grows" : `is released ${OrderState[Number(out["state"])]}`;
  count(isClosing ? `exit of a leg ${how}` : "child opens a leg");
}

/** Why an exit that hangs on another order ends. */
function exitEnds(out: Row, count: Count): void {
  const reason = CancelReason[Number(out["reason"])];
  if (Number(out["linkedClientId"]) !== 0) count(`linked exit of a leg ends, ${reason}`);
}

function fill(out: Row, leg: number, isClosing: boolean, twin: OrderTwin, count: Count): void {
  const [account, instrument] = [Number(out["account"]), Number(out["instrument"])];
  const gain = Number(out["realizedMinor"]);
  count(`leg ${leg} ${isClosing ? "closes" : "opens"}`);
  if (isClosing) count(`leg ${leg} realizes ${gain > 0 ? "a gain" : gain < 0 ? "a loss" : "none"}`);
  if (isClosing && out["positionLots"] === 0) count(`leg ${leg} is flat again`);
  if (out["liquidity"] === Liquidity.Auction) count("leg filled by an auction");
  const other = twin.money.positionsOf(account).find((one) => {
    return one.instrument === instrument && one.side === 3 - leg && one.lots !== 0;
  });
  if (other !== undefined) count("both legs are held");
}

/** What a stream must reach. */
export function legsWanted(): string[] {
  const all = ["both legs are held", "leg filled by an auction", "leg replaced", "a leg settles"];
  for (const leg of [1, 2]) {
    all.push(`leg ${leg} opens`, `leg ${leg} closes`, `leg ${leg} is flat again`);
    all.push(`leg ${leg} realizes a gain`, `leg ${leg} realizes a loss`);
  }
  all.push("closing order is capped", "closing order shrinks", "closing order dies");
  all.push("closing stop triggers", "closing order amended", "child opens a leg");
  all.push("closing order denied ReduceOnlyWouldIncrease");
  all.push("closing order denied ContingencyInvalid", "exit of a leg grows");
  for (const state of ["Armed", "Live"]) all.push(`exit of a leg is released ${state}`);
  for (const why of ["Oco", "Ouo", "Parent", "ReduceOnly"]) {
    all.push(`linked exit of a leg ends, ${why}`);
  }
  all.push("OrderDenied PositionSideMissing", "OrderDenied PositionSideInvalid");
  all.push("PositionAdjust PositionSideMissing", "PositionAdjust PositionSideInvalid");
  all.push("PositionAdjust ReduceOnlyWouldIncrease", "Account ConfigConflict");
  return [...all, "position mode Netting accepted", "position mode Hedging accepted"];
}
