// Fee schedules of the fuzz: everyone's, an account's own, and tiers that some days' trading earns.
import { Kind } from "../../asm/vocab.ts";
import type { Row } from "../reference/order-twin.ts";
import { withFields } from "../reference/row.ts";

/** A FeeSchedule; `pick(n)` is a whole number below n. */
export function randomFees(pick: (most: number) => number, someone: number): [Kind, Row] {
  const rates: Row = {
    makerPerBillion: pick(2) === 0 ? -1_000_000 * pick(6) : 1_000_000 * pick(6),
    takerPerBillion: pick(4) * 1_000_000 + (pick(50) === 0 ? 2_000_000_000 : 0),
  };
  const isTier = pick(2) === 0;
  const account = pick(isTier ? 20 : 2) === 0 ? someone : 0;
  const currency = pick(isTier ? 20 : 2) === 0 ? pick(4) : 0;
  const row = withFields(rates, { account, currency });
  if (!isTier)
    return [Kind.FeeSchedule, withFields(row, { volumeFromMinor: pick(30) === 0 ? 1 : 0 })];
  const volumeFromMinor = pick(6) === 0 ? pick(2) - 1 : 1 + pick(400_000);
  return [Kind.FeeSchedule, withFields(row, { tier: 1 + pick(16), volumeFromMinor })];
}
