// The mark at which an account would be liquidated, for one of its positions.
//
// tidy: tested by test/asm/orders/liquidation-price.test.ts
import { accountAt, ACCOUNT_HOUSE, ACC_FLAGS } from "../accounts/account";
import { O_CALL_BALANCE, O_CALL_EQUITY, O_CALL_MAINTENANCE, O_MARGINS } from "../layout";
import { isCash, valueMinor } from "../positions/kind";
import { PRICE_TICKS_MAX } from "../positions/notional";
import {
  positionAt,
  positionFind,
  POS_ACCOUNT,
  POS_BALANCE,
  POS_INSTRUMENT,
  POS_LOTS,
  POS_SIDE,
  unrealizedAt,
} from "../positions/position";
import { markTicks, tradedAt } from "../positions/traded";
import { exposureMinor, marginMinor, RATE_MAINTENANCE } from "../risk/margin";
import { PositionSide } from "../vocab";
import { marginSums } from "./margin-sums";

/** A leg and the other one add up to it. */
const LEGS: u32 = <u32>PositionSide.Long + <u32>PositionSide.Short;

/**
 * The first mark, from the present one in the direction that costs the position, at which equity in
 * its settlement currency is below maintenance margin; 0 when there is none, or the instrument has
 * no maintenance margin; the present mark when it is below already.
 *
 * An approximation by a single position: all other marks stay where they are, open orders do not
 * fill, no fee or funding is paid. Under it the figure is exact but for roundings: found by
 * bisection over 2^53 ticks, for what is owned less what is needed only falls in that direction.
 * Two legs of an instrument move together, and one that the other covers may have no such mark:
 * rates only grow with exposure, so what is free has one highest mark and falls away from it.
 * Linear and inverse contracts alike. Sums of the account are made once for all its positions in a
 * currency; set O_CALL_BALANCE to 0 before the first.
 */
export function liquidationTicks(position: usize): i64 {
  const lots = load<i64>(position, POS_LOTS);
  if (load<u8>(O_MARGINS) == 0 || lots == 0) return 0;
  const traded = tradedAt(load<u32>(position, POS_INSTRUMENT));
  const owner = accountAt(load<u32>(position, POS_ACCOUNT));
  const mark = markTicks(traded);
  if (mark <= 0 || isCash(traded) || (load<u8>(owner, ACC_FLAGS) & ACCOUNT_HOUSE) != 0) return 0;
  if (needAt(position, traded, mark) == 0) return 0;
  const balance = load<u32>(position, POS_BALANCE);
  if (load<u32>(O_CALL_BALANCE) != balance) marginSums(balance);
  const other = otherLeg(position);
  const here = freeAt(position, traded, mark) + freeAt(other, traded, mark);
  const room = load<i64>(O_CALL_EQUITY) - load<i64>(O_CALL_MAINTENANCE) - here;
  if (isBelow(position, other, traded, mark, room)) return mark;
  let held = mark;
  let below: i64 = lots > 0 ? 1 : PRICE_TICKS_MAX;
  if (load<i64>(other, POS_LOTS) != 0) below = countedTo(position, other, traded, mark, below);
  if (!isBelow(position, other, traded, below, room)) return 0;
  while (held - below > 1 || below - held > 1) {
    const middle = (held + below) >> 1;
    if (isBelow(position, other, traded, middle, room)) below = middle;
    else held = middle;
  }
  return below;
}

/** The leg on the other side of the same instrument; row 0, always flat, of a netted position. */
function otherLeg(position: usize): usize {
  const leg = <u32>load<u8>(position, POS_SIDE);
  if (leg == PositionSide.None) return positionAt(0);
  const account = load<u32>(position, POS_ACCOUNT);
  return positionAt(positionFind(account, load<u32>(position, POS_INSTRUMENT), LEGS - leg));
}

/**
 * The mark to search up to: money that stops at its bound would hide what two legs differ by, so
 * the way is halved until neither is worth more.
 */
function countedTo(position: usize, other: usize, traded: usize, mark: i64, end: i64): i64 {
  const most = max(abs(load<i64>(position, POS_LOTS)), abs(load<i64>(other, POS_LOTS)));
  let to = end;
  while (to != mark && valueMinor(traded, to, most, true) < 0) to = mark + (to - mark) / 2;
  return to;
}

/** Maintenance margin of the position at a mark. */
function needAt(position: usize, traded: usize, ticks: i64): i64 {
  const exposure = exposureMinor(traded, ticks, load<i64>(position, POS_LOTS));
  return marginMinor(traded, exposure, RATE_MAINTENANCE);
}

/** What a position adds to what its account owns beyond its need, at a mark. */
function freeAt(position: usize, traded: usize, ticks: i64): i64 {
  if (load<i64>(position, POS_LOTS) == 0) return 0;
  return unrealizedAt(position, traded, ticks) - needAt(position, traded, ticks);
}

/** True when the account is below at this mark; `room` is what it owns beyond all else it holds. */
function isBelow(position: usize, other: usize, traded: usize, ticks: i64, room: i64): bool {
  return room + freeAt(position, traded, ticks) + freeAt(other, traded, ticks) < 0;
}
