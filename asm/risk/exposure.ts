// Limits few accounts have: restricted list, stale price, drawdown, exposure over all positions,
// leverage, concentration, duplicates.
//
// Exposure is counted at the marks and in the worst case: each position as large as its open orders
// can make it. Gross is the sum over all positions that settle in the same currency; net is the
// signed sum as if every order of the asked side filled and none of the other. An order that makes
// its position's worst case no worse is not asked for gross, leverage and concentration, so that
// closing is always possible; net is asked of its own side.
//
// tidy: tested by test/asm/risk/exposure.test.ts
import { ACC_POSITIONS_FIRST } from "../accounts/account";
import { balanceAt, BAL_CASH } from "../accounts/balance";
import { nowNanos } from "../clock";
import {
  O_GROSS,
  O_MARGIN_NEED,
  O_SIDE_NET,
} from "../layout";
import { productHigh } from "../math/wide";
import { valueMinor } from "../positions/kind";
import { closesLeg, legWorstLots } from "../positions/leg";
import { NOTIONAL_MINOR_MAX } from "../positions/notional";
import {
  accountUnrealizedMinor,
  positionAt,
  POS_ACCOUNT,
  POS_BALANCE,
  POS_INSTRUMENT,
  POS_LOTS,
  POS_NEXT,
  POS_OPEN_BUY,
  POS_OPEN_SELL,
  POS_SIDE,
} from "../positions/position";
import {
  markIsOlder,
  markTicks,
  tradedAt,
  TRD_SETTLEMENT,
} from "../positions/traded";
import { Refusal, Side } from "../vocab";
import { isDrawnDown } from "./drawdown";
import { duplicateRefusal } from "./duplicate";
import { Asked, ASKED_EXPOSURE, EFF_ASKED, EFF_RESTRICTED, EFF_UNTIL } from "./effective";
import {
  hit,
  LIM_CONCENTRATION,
  LIM_DRAWDOWN,
  LIM_DUPLICATE_MILLIS,
  LIM_GROSS,
  LIM_LEVERAGE,
  LIM_NET,
  LIM_STALE_MILLIS,
} from "./limits";
import { hasInitial, marginMinor, RATE_INITIAL } from "./margin";

/** Sums stop here; a limit is at most half of it. */
const SUM_MAX: i64 = 1 << 62;

/** Asks what `limits` asks beyond check.ts; arguments as `riskRefusal`, the price as given. */
export function rareRefusal(
  limits: usize,
  owner: usize,
  position: usize,
  traded: usize,
  side: i32,
  priceTicks: i64,
  qtyLots: i64,
  addedLots: i64,
  isNew: bool,
): i32 {
  const asked = load<u32>(limits, EFF_ASKED);
  if (((<i32>load<u8>(limits, EFF_RESTRICTED) >> side) & 1) != 0) return Refusal.Restricted;
  if ((asked & Asked.Stated) != 0) {
    const until = load<i64>(limits, EFF_UNTIL);
    if (until < 0) return hit(Refusal.PriceUnknown, 0);
    if (nowNanos() > until) return hit(Refusal.PriceStale, 0);
  }
  if ((asked & Asked.Stale) != 0) {
    const millis = load<u32>(limits, LIM_STALE_MILLIS);
    if (markTicks(traded) == 0) return hit(Refusal.PriceUnknown, millis);
    if (markIsOlder(traded, millis)) return hit(Refusal.PriceStale, millis);
  }
  if ((asked & Asked.Drawdown) != 0 && isDrawnDown(limits, position)) {
    return hit(Refusal.DrawdownLimit, load<i64>(limits, LIM_DRAWDOWN));
  }
  if ((asked & ASKED_EXPOSURE) != 0 && addedLots > 0) {
    const refusal = exposureRefusal(limits, owner, position, traded, side, addedLots);
    if (refusal != Refusal.None) return refusal;
  }
  if (!isNew || (asked & Asked.Duplicate) == 0) return Refusal.None;
  const millis = load<u32>(limits, LIM_DUPLICATE_MILLIS);
  return duplicateRefusal(position, side, priceTicks, qtyLots, millis);
}

/** Cash and unrealized PnL in the instrument's settlement currency. */
export function equityMinor(position: usize, traded: usize): i64 {
  const balance = load<u32>(position, POS_BALANCE);
  const cash = balance == 0 ? 0 : load<i64>(balanceAt(balance), BAL_CASH);
  const currency = <u32>load<u16>(traded, TRD_SETTLEMENT);
  return cash + accountUnrealizedMinor(load<u32>(position, POS_ACCOUNT), currency);
}

function exposureRefusal(
  limits: usize,
  owner: usize,
  position: usize,
  traded: usize,
  side: i32,
  addedLots: i64,
): i32 {
  if (!exposureWalk(owner, position, traded, side, addedLots)) return Refusal.PriceUnknown;
  const net = load<i64>(limits, LIM_NET);
  if (load<i64>(O_SIDE_NET) > net) return hit(Refusal.NetExposureLimit, net);
  const before = worstLots(position, Side.None, 0);
  if (worstLots(position, side, addedLots) <= before) return Refusal.None;
  const gross = load<i64>(limits, LIM_GROSS);
  const sum = load<i64>(O_GROSS);
  if (sum > gross) return hit(Refusal.GrossExposureLimit, gross);
  const onEquity = Asked.Leverage | Asked.Concentration | Asked.Margin;
  if ((load<u32>(limits, EFF_ASKED) & onEquity) == 0) return Refusal.None;
  const equity = max<i64>(equityMinor(position, traded), 0);
  const leverage = load<u32>(limits, LIM_LEVERAGE);
  if (leverage != u32.MAX_VALUE && isAbove(sum, 100, equity, leverage)) {
    return hit(Refusal.LeverageLimit, leverage);
  }
  const bps = load<u32>(limits, LIM_CONCENTRATION);
  if (bps != u32.MAX_VALUE) {
    const own = moneyUp(markTicks(traded), worstLots(position, side, addedLots), traded);
    if (isAbove(own, 10000, equity, bps)) return hit(Refusal.ConcentrationLimit, bps);
  }
  if (!hasInitial(traded) || load<i64>(O_MARGIN_NEED) <= equity) return Refusal.None;
  return hit(Refusal.MarginInsufficient, equity);
}

/** True when a x x > b x y; none is negative. */
export function isAbove(a: i64, x: i64, b: i64, y: i64): bool {
  const left = productHigh(a, x);
  const right = productHigh(b, y);
  return left != right ? left > right : <u64>(a * x) > <u64>(b * y);
}

/** Lots of the position if all orders of the worse side fill, with `added` more of `side`. */
// @ts-ignore: decorator
@inline
export function worstLots(position: usize, side: i32, added: i64): i64 {
  const leg = <i32>load<u8>(position, POS_SIDE);
  if (leg != 0) return legWorstLots(position, leg, side, added);
  const lots = load<i64>(position, POS_LOTS);
  const buys = load<i64>(position, POS_OPEN_BUY) + (side == Side.Buy ? added : 0);
  const sells = load<i64>(position, POS_OPEN_SELL) + (side == Side.Sell ? added : 0);
  return max(lots + buys, sells - lots);
}

// @ts-ignore: decorator
@inline
export function moneyUp(mark: i64, lots: i64, traded: usize): i64 {
  const money = valueMinor(traded, mark, lots, true);
  return money < 0 ? NOTIONAL_MINOR_MAX : money;
}

/** Signed lots at the mark, rounded up: what is owed for is not counted as more than it is. */
function moneySigned(mark: i64, lots: i64, traded: usize): i64 {
  if (lots >= 0) return lots == 0 ? 0 : moneyUp(mark, lots, traded);
  const money = valueMinor(traded, mark, -lots, false);
  return money < 0 ? -NOTIONAL_MINOR_MAX : -money;
}

/**
 * Sums gross and net exposure and initial margin of the account with `added` lots more on `side` of
 * `position`; false when something that counts has no mark. One pass over the account's positions,
 * of which there are at most as many as instruments.
 */
export function exposureWalk(
  owner: usize,
  position: usize,
  traded: usize,
  side: i32,
  added: i64,
): bool {
  const currency = load<u16>(traded, TRD_SETTLEMENT);
  let gross: i64 = 0;
  let net: i64 = 0;
  let margin: i64 = 0;
  let slot = load<u32>(owner, ACC_POSITIONS_FIRST);
  while (slot != 0) {
    const row = positionAt(slot);
    slot = load<u32>(row, POS_NEXT);
    const more = row == position ? added : 0;
    const worst = worstLots(row, side, more);
    if (worst == 0) continue;
    const one = tradedAt(load<u32>(row, POS_INSTRUMENT));
    if (load<u16>(one, TRD_SETTLEMENT) != currency) continue;
    const mark = markTicks(one);
    if (mark <= 0) return false;
    const exposure = moneyUp(mark, worst, one);
    gross = min(gross + exposure, SUM_MAX);
    margin = min(margin + marginMinor(one, exposure, RATE_INITIAL), SUM_MAX);
    const lots = load<i64>(row, POS_LOTS);
    const isBuy = side == Side.Buy;
    const open = load<i64>(row + (isBuy ? POS_OPEN_BUY : POS_OPEN_SELL)) + more;
    const reach = (isBuy ? lots : -lots) + open;
    // What closes a leg ends at zero, whatever is open.
    const most = closesLeg(row, side) ? min<i64>(reach, 0) : reach;
    const money = moneySigned(mark, most, one);
    net = max(min(net + money, SUM_MAX), -SUM_MAX);
  }
  store<i64>(O_GROSS, gross);
  store<i64>(O_SIDE_NET, net);
  store<i64>(O_MARGIN_NEED, margin);
  return true;
}
