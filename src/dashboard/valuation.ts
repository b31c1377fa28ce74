// What positions are worth now: unrealized PnL at the present mark, and equity.
//
// The core states a position's unrealized PnL when the position changes and is silent while only
// the mark moves, so the page values it again between records. It does so only where its own
// formula gives the core's figure at the core's mark; where it does not (inverse contracts, a
// multiplier), the core's last figure is shown as it is. The core's figures remain the ones that
// count.
import { MarkSource } from "../../asm/vocab.ts";
import type { BalanceRecord, CurrencyInfo, PositionRecord } from "../protocol.ts";
import type { MarketRow } from "./market.ts";

/** Minor units by which the core's rounding may differ from ours. */
const ROUNDING_MINOR = 1;

/** A position's value now. Money in minor units of the settlement currency. */
export interface Valuation {
  unrealizedMinor: number;
  markTicks: number;
  /** False when the mark is the one of the position's last record. */
  isLive: boolean;
}

/** Values a position at the row's prices, or as the core did last. */
export function valuePosition(
  position: PositionRecord,
  row: MarketRow | undefined,
  currency: CurrencyInfo | undefined,
): Valuation {
  const { unrealizedMinor, markTicks } = position;
  const stated = { unrealizedMinor, markTicks, isLive: false };
  if (row === undefined || currency === undefined) return stated;
  const mark = markOf(position, row);
  if (mark === 0 || markTicks === 0) return stated;
  const atTheirMark = pnlMinor(position, markTicks, row, currency);
  if (Math.abs(atTheirMark - unrealizedMinor) > ROUNDING_MINOR) return stated;
  const now = pnlMinor(position, mark, row, currency);
  return { unrealizedMinor: now, markTicks: mark, isLive: true };
}

/** Sums over the positions of one account and settlement currency, in minor units. */
export interface AccountSum {
  realizedMinor: number;
  unrealizedMinor: number;
  equityMinor: number;
}

/** Cash is deposits + realized - fees already, so equity adds only what is unrealized. */
export function sumAccount(
  balance: BalanceRecord,
  positions: Iterable<PositionRecord>,
  value: (position: PositionRecord) => Valuation,
): AccountSum {
  let realizedMinor = 0;
  let unrealizedMinor = 0;
  for (const position of positions) {
    if (position.account !== balance.account) continue;
    if (position.settlement !== balance.currency) continue;
    realizedMinor += position.realizedMinor;
    unrealizedMinor += value(position).unrealizedMinor;
  }
  return { realizedMinor, unrealizedMinor, equityMinor: balance.cashMinor + unrealizedMinor };
}

function markOf(position: PositionRecord, row: MarketRow): number {
  if (position.markSource === Number(MarkSource.Last)) return row.lastTicks;
  if (position.markSource !== Number(MarkSource.Mid)) return 0;
  if (row.bidLots === 0 || row.askLots === 0) return 0;
  return (row.bidTicks + row.askTicks) / 2;
}

/** (lots x mark - cost) in minor units, rounded down. Twice the mark, because a mid may be half. */
function pnlMinor(
  { lots, cost }: PositionRecord,
  markTicks: number,
  { price, qty }: MarketRow,
  { minorExponent }: CurrencyInfo,
): number {
  const twice = BigInt(lots) * BigInt(Math.round(markTicks * 2)) - cost * 2n;
  const scaled = twice * price.mantissa * qty.mantissa;
  const exponent = price.exponent + qty.exponent - minorExponent;
  if (exponent >= 0) return Number(floorDivide(scaled * 10n ** BigInt(exponent), 2n));
  return Number(floorDivide(scaled, 2n * 10n ** BigInt(-exponent)));
}

/** price x lots of a linear instrument in minor units, rounded up. */
export function orderMinor(
  priceTicks: number,
  lots: number,
  { price, qty }: MarketRow,
  { minorExponent }: CurrencyInfo,
): number {
  const scaled = BigInt(priceTicks) * BigInt(lots) * price.mantissa * qty.mantissa;
  const exponent = price.exponent + qty.exponent - minorExponent;
  if (exponent >= 0) return Number(scaled * 10n ** BigInt(exponent));
  return Number(-floorDivide(-scaled, 10n ** BigInt(-exponent)));
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}
