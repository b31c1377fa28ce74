// The mark at which an account would be liquidated, for one of its positions.
//
// tidy: tested by test/asm/orders/liquidation-price.test.ts
import { accountAt, ACCOUNT_HOUSE, ACC_FLAGS } from "../accounts/account";
import { O_CALL_BALANCE, O_CALL_EQUITY, O_CALL_MAINTENANCE, O_MARGINS } from "../layout";
import { isCash } from "../positions/kind";
import { PRICE_TICKS_MAX } from "../positions/notional";
import {
  POS_ACCOUNT,
  POS_BALANCE,
  POS_INSTRUMENT,
  POS_LOTS,
  unrealizedAt,
} from "../positions/position";
import { markTicks, tradedAt } from "../positions/traded";
import { exposureMinor, marginMinor, RATE_MAINTENANCE } from "../risk/margin";
import { marginSums } from "./margin-sums";

/**
 * The first mark, from the present one in the direction that costs the position, at which equity in
 * its settlement currency is below maintenance margin; 0 when there is none, or the instrument has
 * no maintenance margin; the present mark when it is below already.
 *
 * An approximation by a single position: all other marks stay where they are, open orders do not
 * fill, no fee or funding is paid. Under it the figure is exact but for roundings: found by
 * bisection over 2^53 ticks, for what is owned less what is needed only falls in that direction.
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
  const equity = load<i64>(O_CALL_EQUITY) - unrealizedAt(position, traded, mark);
  const need = load<i64>(O_CALL_MAINTENANCE) - needAt(position, traded, mark);
  const room = equity - need;
  if (isBelow(position, traded, mark, room)) return mark;
  let held = mark;
  let below: i64 = lots > 0 ? 1 : PRICE_TICKS_MAX;
  if (!isBelow(position, traded, below, room)) return 0;
  while (held - below > 1 || below - held > 1) {
    const middle = (held + below) >> 1;
    if (isBelow(position, traded, middle, room)) below = middle;
    else held = middle;
  }
  return below;
}

/** Maintenance margin of the position at a mark. */
function needAt(position: usize, traded: usize, ticks: i64): i64 {
  const exposure = exposureMinor(traded, ticks, load<i64>(position, POS_LOTS));
  return marginMinor(traded, exposure, RATE_MAINTENANCE);
}

/** True when the account is below at this mark; `room` is what it owns beyond all else it holds. */
function isBelow(position: usize, traded: usize, ticks: i64, room: i64): bool {
  return room + unrealizedAt(position, traded, ticks) < needAt(position, traded, ticks);
}
