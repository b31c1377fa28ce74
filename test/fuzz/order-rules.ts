// Random changes of an instrument's rules, and what they came to.
import { Kind, Refusal, SpecFlag } from "../../asm/vocab.ts";
import type { Row } from "../reference/order-twin.ts";

/** Fields of a spec that another version may change, one or two of them changed. */
export function randomRules(pick: (most: number) => number, row: Row): Row {
  const changes: Row[] = [
    { qtyMinLots: 2 + pick(20) },
    { qtyMaxLots: 20 + pick(40) },
    { priceStepTicks: 2 + pick(3) },
    { qtyStepLots: 2 + pick(4) },
    { priceStepTicks: 5 },
    { qtyStepLots: 5 },
    { staleMillis: 1 + pick(60_000) },
    { specFlags: Number(row["specFlags"] ?? 0) ^ SpecFlag.StopStrict },
    { bandBps: Number(row["bandBps"] ?? 0) === 0 ? 0 : 40 + pick(900) },
  ];
  return { ...changes[pick(changes.length)], ...changes[pick(changes.length)] };
}

export function noteRules(kind: Kind, outs: Row[], count: (what: string) => void): void {
  for (const out of outs) {
    if (out["configKind"] === Kind.InstrumentSpec) {
      count(`rules changed, ${Refusal[Number(out["reason"])]}`);
    }
    const reason = Number(out["reason"] ?? 0);
    const isStep =
      reason === Number(Refusal.PriceNotOnTick) || reason === Number(Refusal.QtyNotOnLot);
    if (isStep) count(`${Kind[kind]} off its step, ${Refusal[reason]}`);
  }
}

export function rulesWanted(): string[] {
  const all = ["None", "ConfigConflict"].map((why) => `rules changed, ${why}`);
  for (const kind of ["OrderNew", "OrderAmend", "OrderReplace"]) {
    for (const why of ["PriceNotOnTick", "QtyNotOnLot"]) all.push(`${kind} off its step, ${why}`);
  }
  return [...all, "OrderDenied QtyBelowMin", "OrderDenied QtyAboveMax"];
}
