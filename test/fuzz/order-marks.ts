// Mark prices and funding rates of the fuzz; some for instruments that pay none, some too late.
import { Kind } from "../../asm/vocab.ts";
import type { Row } from "../reference/order-twin.ts";

const MINUTE_NANOS = 60e9;

/** A MarkChange or FundingChange; `pick(n)` is a whole number below n. */
export function randomMark(
  pick: (most: number) => number,
  instrument: number,
  drift: number,
  nowNanos: bigint,
): [Kind, Row] {
  if (pick(2) === 0) return [Kind.MarkChange, { instrument, priceTicks: drift + pick(31) - 15 }];
  // Parts per billion, mostly some basis points; a rate beyond the whole is none.
  const billion = pick(20) === 0 ? pick(1_200_000_000) : pick(5_000_000);
  const value = ((pick(2) === 0 ? -1 : 1) * billion) / 1e9;
  const nextNanos = nowNanos + BigInt((pick(40) - 1) * MINUTE_NANOS);
  return [Kind.FundingChange, { instrument, value, nextNanos }];
}
