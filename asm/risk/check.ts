// The check before every order and amend that may increase what is at risk.
//
// One row says what is asked of this position (effective.ts), and one pass asks it in a fixed
// order: messages, quantity, notional, collar, open orders, position, loss, then what few accounts
// have (exposure.ts): restricted, stale price, drawdown, gross and net exposure, leverage,
// concentration, margin, duplicate. The refusal names the first limit that is hit, and its value is
// left in O_LIMIT_VALUE. All counters are kept up to date by the order path; only what depends on
// marks of several instruments walks the account's positions, because a mark moves without it.
//
// tidy: tested by test/asm/risk/limits.test.ts
import {
  ACC_ORDERS_OPEN,
  ACC_RATE_ACCOUNT,
  ACC_RATE_GLOBAL,
} from "../accounts/account";
import { dayIsBelow } from "../accounts/day";
import { nowNanos } from "../clock";
import { O_GLOBAL_LIMITS, O_LIMIT_VALUE } from "../layout";
import { valueMinor } from "../positions/kind";
import { closesLeg } from "../positions/leg";
import { QTY_LOTS_MAX } from "../positions/notional";
import {
  POS_LOTS,
  POS_OPEN_BUY,
  POS_OPEN_SELL,
  POS_ORDERS_OPEN,
  POS_RATE_INSTRUMENT,
  POS_RATE_PAIR,
} from "../positions/position";
import { subHeldLots } from "../positions/sub-account";
import {
  markIsStale,
  markTicks,
  TRD_ASK_TICKS,
  TRD_BAND_BPS,
  TRD_LIMITS,
  TRD_BID_TICKS,
  TRD_NOTIONAL_MIN,
  TRD_PRODUCT_MAX,
} from "../positions/traded";
import { strategyAt, STR_ID, STR_RATE } from "../strategies/strategy";
import { Refusal, Scope, Side } from "../vocab";
import { bandReferenceTicks } from "./band";
import { Asked, ASKED_RARE, effectiveAt, EFF_ASKED, EFF_RATES } from "./effective";
import { rareRefusal } from "./exposure";
import {
  hit,
  limitsAt,
  limitsOf,
  LIM_COLLAR_BPS,
  LIM_LOSS,
  LIM_NOTIONAL,
  LIM_ORDERS_ACCOUNT,
  LIM_ORDERS_PAIR,
  LIM_POSITION,
  LIM_QTY,
  LIM_RATE,
  LIM_RATE_NANOS,
} from "./limits";
import { rateTenantAt } from "./watch";

const BPS: i64 = 10000;

/**
 * Why an order of the side may not enter, 0 when it may. `owner`, `position` and `traded` are
 * addresses, `strategy` a slot; `priceTicks` is its limit (0 = at market), `qtyLots` its whole
 * leaves, `addedLots` what it adds to the leaves of its side (for an amend the difference), `isNew`
 * says that one more order would be open. Asks switches nothing.
 */
// @ts-ignore: decorator
@inline
export function riskRefusal(
  owner: usize,
  strategy: u32,
  position: usize,
  traded: usize,
  side: i32,
  priceTicks: i64,
  qtyLots: i64,
  addedLots: i64,
  isNew: bool,
): i32 {
  const lots = load<i64>(position, POS_LOTS);
  const buys = load<i64>(position, POS_OPEN_BUY);
  const sells = load<i64>(position, POS_OPEN_SELL);
  let all = select<i64>(-lots, lots, lots < 0) + buys + sells + max<i64>(addedLots, 0);
  if (strategy != 0) all += ownLots(strategy, position);
  if (all > QTY_LOTS_MAX) return Refusal.NotionalOverflow;
  const isBuy = side == Side.Buy;
  const worst = worstTicks(traded, isBuy, priceTicks);
  const price = priceTicks == 0 ? worst : priceTicks;
  const bounds: i32 = boundsRefusal(traded, worst, price, qtyLots, all);
  if (bounds != Refusal.None) return bounds;
  const limits = effectiveAt(owner, strategy, position, traded);
  const rates = <i32>load<u8>(limits, EFF_RATES);
  if (rates != 0 && isOverRate(rates, owner, strategy, position, traded)) return Refusal.RateLimit;
  // A limit on what does not grow is not asked: compared with nothing it holds.
  const held = select<i64>(lots + buys, sells - lots, isBuy);
  const most = load<i64>(limits, LIM_POSITION);
  const isFar = addedLots > 0 && held + addedLots > most && !closesLeg(position, side);
  const order: i32 = limitsRefusal(limits, owner, position, traded, price, qtyLots, isNew, isFar);
  if (order != Refusal.None) return order;
  if ((load<u32>(limits, EFF_ASKED) & ASKED_RARE) == 0) return Refusal.None;
  return rareRefusal(limits, owner, position, traded, side, priceTicks, qtyLots, addedLots, isNew);
}

/** Lots of a strategy that others of the account may cover: its own money must fit as well. */
function ownLots(strategy: u32, position: usize): i64 {
  return subHeldLots(position, load<u16>(strategyAt(strategy), STR_ID));
}

/**
 * As `riskRefusal` for lots that were held until now, `qtyLots` with what was free before: no
 * message and no new order. What only reduces the position is asked for money that does not fit.
 */
export function releaseRefusal(
  owner: usize,
  strategy: u32,
  position: usize,
  traded: usize,
  side: i32,
  priceTicks: i64,
  qtyLots: i64,
  addedLots: i64,
): i32 {
  const lots = load<i64>(position, POS_LOTS);
  const buys = load<i64>(position, POS_OPEN_BUY);
  const sells = load<i64>(position, POS_OPEN_SELL);
  let all = select<i64>(-lots, lots, lots < 0) + buys + sells + addedLots;
  if (strategy != 0) all += ownLots(strategy, position);
  if (all > QTY_LOTS_MAX) return Refusal.NotionalOverflow;
  const isBuy = side == Side.Buy;
  const worst = worstTicks(traded, isBuy, priceTicks);
  const price = priceTicks == 0 ? worst : priceTicks;
  const bounds: i32 = boundsRefusal(traded, worst, price, qtyLots, all);
  if (bounds == Refusal.NotionalOverflow) return bounds;
  if (qtyLots <= select<i64>(-lots, lots, isBuy)) return Refusal.None;
  if (bounds != Refusal.None) return bounds;
  const limits = effectiveAt(owner, strategy, position, traded);
  const held = select<i64>(lots + buys, sells - lots, isBuy);
  const isFar = held + addedLots > load<i64>(limits, LIM_POSITION);
  const order: i32 = limitsRefusal(limits, owner, position, traded, price, qtyLots, false, isFar);
  if (order != Refusal.None) return order;
  if ((load<u32>(limits, EFF_ASKED) & ASKED_RARE) == 0) return Refusal.None;
  return rareRefusal(limits, owner, position, traded, side, priceTicks, qtyLots, addedLots, false);
}

/**
 * The dearest price the order may trade at now; for a market order the opposite best, 0 if none.
 */
// @ts-ignore: decorator
@inline
function worstTicks(traded: usize, isBuy: bool, priceTicks: i64): i64 {
  const bid = load<i64>(traded, TRD_BID_TICKS);
  const ask = load<i64>(traded, TRD_ASK_TICKS);
  const buying = priceTicks != 0 ? priceTicks : ask;
  const selling = select<i64>(priceTicks, bid, priceTicks > bid);
  return select<i64>(buying, selling, isBuy);
}

// Bounds of the instrument ---------------------------------------------------------------------

/**
 * Refusals that hold for everyone: the spec's band, money that does not fit, too small an order.
 * `worstTicks` is the dearest price the order may trade at (0 = unknown), `priceTicks` its limit or
 * what a market order would trade at, `worstLots` the position if every open order and this one
 * filled.
 */
// @ts-ignore: decorator
@inline
function boundsRefusal(
  traded: usize,
  worstTicks: i64,
  priceTicks: i64,
  qtyLots: i64,
  worstLots: i64,
): i32 {
  if (worstTicks == 0) return Refusal.None;
  // Both below 2^31: the product fits, and its largest value is known. Others are multiplied out.
  const isSmall = (worstTicks | worstLots) >> 31 == 0;
  if (!isSmall || worstTicks * worstLots > load<i64>(traded, TRD_PRODUCT_MAX)) {
    if (valueMinor(traded, worstTicks, worstLots, true) < 0) return Refusal.NotionalOverflow;
  }
  const asked = load<i64>(traded, TRD_NOTIONAL_MIN) | <i64>load<u32>(traded, TRD_BAND_BPS);
  return asked == 0 ? Refusal.None : specRefusal(traded, priceTicks, qtyLots);
}

/** What only some specs ask for: a least notional, a band around the mark. */
function specRefusal(traded: usize, priceTicks: i64, qtyLots: i64): i32 {
  const least = load<i64>(traded, TRD_NOTIONAL_MIN);
  if (least > 0) {
    const money = valueMinor(traded, priceTicks, qtyLots, false);
    // Money beyond counting is not too little.
    if (money >= 0 && money < least) return hit(Refusal.NotionalBelowMin, least);
  }
  const band = load<u32>(traded, TRD_BAND_BPS);
  if (band == 0) return Refusal.None;
  const reference = bandReferenceTicks(traded);
  if (reference == 0 || !isOutside(priceTicks, reference, band)) return Refusal.None;
  return hit(Refusal.PriceOutsideBand, band);
}

/** True when |price - reference| is more than `bps` of the reference. */
// @ts-ignore: decorator
@inline
function isOutside(priceTicks: i64, referenceTicks: i64, bps: u32): bool {
  const above = priceTicks - referenceTicks;
  const distance = select<i64>(above, -above, above > 0);
  if (bps >= 1 << 20) return false;
  if (referenceTicks >> 40 == 0 && distance >> 40 == 0) {
    return distance * BPS > referenceTicks * bps;
  }
  return isOutsideWide(distance, referenceTicks, bps);
}

/** Both below 2^53: split so that nothing overflows and nothing is rounded. */
function isOutsideWide(distance: i64, referenceTicks: i64, bps: u32): bool {
  const whole = referenceTicks / BPS;
  const rest = referenceTicks - whole * BPS;
  return distance > whole * <i64>bps + (rest * <i64>bps) / BPS;
}

// Messages -------------------------------------------------------------------------------------

/**
 * Counts one message against the rate limits of the scopes in `rates`; true when one is full. The
 * windows are fixed, each begins with its first message. A message a full window refuses does not
 * count there; one that a later limit refuses has counted.
 */
// @ts-ignore: decorator
@inline
export function isOverRate(
  rates: i32,
  owner: usize,
  strategy: u32,
  position: usize,
  traded: usize,
): bool {
  const isGlobal = (rates & (1 << Scope.Global)) != 0;
  if (isGlobal && isFull(load<u32>(O_GLOBAL_LIMITS), owner + ACC_RATE_GLOBAL)) return true;
  const others = rates & ~(1 << Scope.Global);
  return others != 0 && isOverOther(others, owner, strategy, position, traded);
}

function isOverOther(
  rates: i32,
  owner: usize,
  strategy: u32,
  position: usize,
  traded: usize,
): bool {
  for (let scope: i32 = Scope.Tenant; scope <= Scope.AccountInstrument; scope++) {
    if ((rates & (1 << scope)) == 0) continue;
    const slot = limitsOf(scope, owner, strategy, position, traded);
    if (isFull(slot, windowAt(scope, owner, strategy, position))) return true;
  }
  return false;
}

/** Messages of a tenant or of everyone are counted by account: nobody can use up another's. */
function windowAt(scope: i32, owner: usize, strategy: u32, position: usize): usize {
  if (scope == Scope.Tenant) return rateTenantAt(owner);
  if (scope == Scope.Account) return owner + ACC_RATE_ACCOUNT;
  if (scope == Scope.Strategy) return strategyAt(strategy) + STR_RATE;
  return position + (scope == Scope.Instrument ? POS_RATE_INSTRUMENT : POS_RATE_PAIR);
}

/** Counts a message in the window at `at` unless it is full. */
// @ts-ignore: decorator
@inline
function isFull(limits: u32, at: usize): bool {
  const row = limitsAt(limits);
  const most = load<u32>(row, LIM_RATE);
  const now = nowNanos();
  let count = load<u32>(at, 8);
  if (now - load<i64>(at) >= load<i64>(row, LIM_RATE_NANOS)) {
    store<i64>(at, now);
    count = 0;
  }
  const isOver = count >= most;
  if (isOver) store<i64>(O_LIMIT_VALUE, most);
  store<u32>(at, count + <u32>!isOver, 8);
  return isOver;
}

// Limits most accounts have --------------------------------------------------------------------

// @ts-ignore: decorator
@inline
function limitsRefusal(
  limits: usize,
  owner: usize,
  position: usize,
  traded: usize,
  priceTicks: i64,
  qtyLots: i64,
  isNew: bool,
  isFar: bool,
): i32 {
  const qty = load<i64>(limits, LIM_QTY);
  if (qtyLots > qty) return hit(Refusal.QtyLimit, qty);
  const asked = load<u32>(limits, EFF_ASKED);
  if ((asked & Asked.Notional) != 0) {
    const notional = load<i64>(limits, LIM_NOTIONAL);
    if (priceTicks == 0) return hit(Refusal.PriceUnknown, notional);
    const money = valueMinor(traded, priceTicks, qtyLots, true);
    // -1 is above every limit.
    if (<u64>money > <u64>notional) return hit(Refusal.NotionalLimit, notional);
  }
  if ((asked & Asked.Collar) != 0) {
    const mark = markTicks(traded);
    const collar = load<u32>(limits, LIM_COLLAR_BPS);
    if (mark == 0 || priceTicks == 0) return hit(Refusal.PriceUnknown, collar);
    if (markIsStale(traded)) return hit(Refusal.PriceStale, collar);
    if (isOutside(priceTicks, mark, collar)) return hit(Refusal.PriceCollar, collar);
  }
  if (isNew) {
    const ofAccount = load<u32>(limits, LIM_ORDERS_ACCOUNT);
    if (load<u32>(owner, ACC_ORDERS_OPEN) >= ofAccount) {
      return hit(Refusal.OpenOrdersLimit, ofAccount);
    }
    const ofPair = load<u32>(limits, LIM_ORDERS_PAIR);
    if (load<u32>(position, POS_ORDERS_OPEN) >= ofPair) return hit(Refusal.OpenOrdersLimit, ofPair);
  }
  if (isFar) return hit(Refusal.PositionLimit, load<i64>(limits, LIM_POSITION));
  if ((asked & Asked.Loss) == 0) return Refusal.None;
  const loss = load<i64>(limits, LIM_LOSS);
  return dayIsBelow(position, traded, -loss) ? hit(Refusal.LossLimit, loss) : Refusal.None;
}
