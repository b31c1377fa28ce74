// LimitState: what an account uses of the limits that hold for it, one record a limit.
//
// In answer to a StateQuery for limits, and by the same figures as the check before an order: the
// effective row, the counters of the order path, exposure in the worst case at the marks. A limit
// of one order (quantity, notional) is told without a use; the reader has the orders. An account
// that never traded the instrument is asked through slot 0, the flat position that never changes.
//
// tidy: tested by test/asm/risk/limit-state.test.ts
import {
  accountAt,
  ACC_ID,
  ACC_ORDERS_OPEN,
  ACC_POSITIONS_FIRST,
  ACC_RATE_ACCOUNT,
  ACC_RATE_GLOBAL,
  ACC_TENANT,
  isHedging,
} from "../accounts/account";
import {
  balanceAt,
  balanceFind,
  BAL_CASH,
  BAL_DEPOSITS,
  realizedTodayMinor,
} from "../accounts/balance";
import { nowNanos } from "../clock";
import {
  EFFECTIVE_ROWS,
  O_GROSS,
  O_LIMITS_GENERATION,
  O_MARGIN_NEED,
  O_SIDE_NET,
  PEAK_ROWS,
  PEAK_ROW_BYTES,
} from "../layout";
import { mulDiv64 } from "../math/wide";
import { outBegin, outEnd } from "../output";
import {
  accountUnrealizedMinor,
  positionAt,
  positionFind,
  POS_INSTRUMENT,
  POS_NEXT,
  POS_ORDERS_OPEN,
  POS_RATE_INSTRUMENT,
  POS_RATE_PAIR,
  POS_SIDE,
} from "../positions/position";
import { markTicks, tradedAt, TRD_SETTLEMENT } from "../positions/traded";
import {
  Kind,
  LIMIT_STATE_CELLS,
  LIMIT_STATE_CURRENCY,
  LIMIT_FLAGS,
  LIMIT_STATE_LIMIT,
  LIMIT_STATE_REASON,
  LIMIT_STATE_SCOPE,
  LIMIT_STATE_SIDE,
  LIMIT_STATE_USED,
  LIMIT_STATE_USED_MAX,
  LimitFlag,
  ORDER_ACCOUNT,
  ORDER_TENANT,
  PositionSide,
  Refusal,
  Scope,
  Side,
} from "../vocab";
import { Asked, effectiveAt, EFF_ASKED, EFF_GENERATION, EFF_RATES } from "./effective";
import { exposureWalk, moneyUp, worstLots } from "./exposure";
import {
  limitsAt,
  limitsOf,
  LIM_CONCENTRATION,
  LIM_DRAWDOWN,
  LIM_GROSS,
  LIM_LEVERAGE,
  LIM_LOSS,
  LIM_NET,
  LIM_NOTIONAL,
  LIM_ORDERS_ACCOUNT,
  LIM_ORDERS_PAIR,
  LIM_POSITION,
  LIM_QTY,
  LIM_RATE,
  LIM_RATE_NANOS,
} from "./limits";
import { rateTenantAt } from "./watch";

/** Most records one position causes: 12 kinds, open orders twice, messages five times. */
export const LIMIT_STATES_MAX: u32 = 17;

/**
 * Writes the LimitState records of an account (slot) in an instrument, or in every instrument it
 * has a position in (0), at most `most` and never part of a position's. Returns how many there are.
 */
export function limitStates(account: u32, instrument: u32, most: u32): u32 {
  if (instrument != 0) {
    if (tradedAt(instrument) == 0) return 0;
    const rows = legStates(account, instrument);
    return rows != 0 ? rows : statesOf(account, positionFind(account, instrument, 0), instrument);
  }
  let rows: u32 = 0;
  let slot = load<u32>(accountAt(account), ACC_POSITIONS_FIRST);
  while (slot != 0 && rows + LIMIT_STATES_MAX <= most) {
    rows += statesOf(account, slot, load<u32>(positionAt(slot), POS_INSTRUMENT));
    slot = load<u32>(positionAt(slot), POS_NEXT);
  }
  return rows;
}

/** Of the legs there are, long first; 0 when the account has none in the instrument. */
function legStates(account: u32, instrument: u32): u32 {
  if (!isHedging(accountAt(account))) return 0;
  let rows: u32 = 0;
  for (let leg: u32 = PositionSide.Long; leg <= <u32>PositionSide.Short; leg++) {
    const slot = positionFind(account, instrument, leg);
    if (slot != 0) rows += statesOf(account, slot, instrument);
  }
  return rows;
}

function statesOf(account: u32, slot: u32, instrument: u32): u32 {
  const owner = accountAt(account);
  const position = positionAt(slot);
  const traded = tradedAt(instrument);
  // The flat position belongs to nobody: its row may be another account's.
  if (slot == 0) store<u32>(EFFECTIVE_ROWS, ~load<u32>(O_LIMITS_GENERATION), EFF_GENERATION);
  const limits = effectiveAt(owner, 0, position, traded);
  return (
    countStates(limits, owner, position, traded, instrument) +
    rateStates(limits, owner, position, traded, instrument) +
    moneyStates(limits, account, position, traded, instrument)
  );
}

/** Whose limit in which instrument, how much, of what (0 = a count); returns 1. */
function say(
  owner: usize,
  position: usize,
  instrument: u32,
  reason: Refusal,
  scope: i32,
  limit: i64,
  used: i64,
  currency: u32,
  flags: i32,
): u32 {
  const out = outBegin(Kind.LimitState, LIMIT_STATE_CELLS, instrument);
  store<u32>(out, load<u32>(owner, ACC_ID), ORDER_ACCOUNT);
  store<u16>(out, load<u16>(owner, ACC_TENANT), ORDER_TENANT);
  store<i64>(out, limit, LIMIT_STATE_LIMIT);
  store<i64>(out, used, LIMIT_STATE_USED);
  store<u16>(out, <u16>reason, LIMIT_STATE_REASON);
  store<u16>(out, <u16>currency, LIMIT_STATE_CURRENCY);
  store<u8>(out, <u8>scope, LIMIT_STATE_SCOPE);
  store<u8>(out, <u8>flags, LIMIT_FLAGS);
  store<u8>(out, load<u8>(position, POS_SIDE), LIMIT_STATE_SIDE);
  outEnd(out);
  return 1;
}

/** Quantity and notional of one order, open orders, position. */
function countStates(
  limits: usize,
  owner: usize,
  position: usize,
  traded: usize,
  instrument: u32,
): u32 {
  let rows: u32 = 0;
  const perOrder = LimitFlag.PerOrder;
  const qty = load<i64>(limits, LIM_QTY);
  if (qty != i64.MAX_VALUE) {
    rows += say(owner, position, instrument, Refusal.QtyLimit, 0, qty, 0, 0, perOrder);
  }
  const notional = load<i64>(limits, LIM_NOTIONAL);
  const currency = load<u16>(traded, TRD_SETTLEMENT);
  if (notional != i64.MAX_VALUE) {
    rows += say(
      owner, position, instrument, Refusal.NotionalLimit, 0, notional, 0, currency, perOrder,
    );
  }
  const reason = Refusal.OpenOrdersLimit;
  const ofAccount = load<u32>(limits, LIM_ORDERS_ACCOUNT);
  if (ofAccount != u32.MAX_VALUE) {
    const used = load<u32>(owner, ACC_ORDERS_OPEN);
    rows += say(owner, position, instrument, reason, Scope.Account, ofAccount, used, 0, 0);
  }
  const ofPair = load<u32>(limits, LIM_ORDERS_PAIR);
  if (ofPair != u32.MAX_VALUE) {
    const used = load<u32>(position, POS_ORDERS_OPEN);
    rows += say(owner, position, instrument, reason, Scope.AccountInstrument, ofPair, used, 0, 0);
  }
  const most = load<i64>(limits, LIM_POSITION);
  if (most == i64.MAX_VALUE) return rows;
  const worst = max<i64>(worstLots(position, Side.None, 0), 0);
  return rows + say(owner, position, instrument, Refusal.PositionLimit, 0, most, worst, 0, 0);
}

/** Messages in the present window of every scope that counts them. */
function rateStates(
  limits: usize,
  owner: usize,
  position: usize,
  traded: usize,
  instrument: u32,
): u32 {
  const rates = <i32>load<u8>(limits, EFF_RATES);
  let rows: u32 = 0;
  for (let scope: i32 = Scope.Global; scope <= Scope.AccountInstrument; scope++) {
    if ((rates & (1 << scope)) == 0) continue;
    const row = limitsAt(limitsOf(scope, owner, 0, position, traded));
    const at = windowAt(scope, owner, position);
    const isOver = nowNanos() - load<i64>(at) >= load<i64>(row, LIM_RATE_NANOS);
    const used: i64 = isOver ? 0 : load<u32>(at, 8);
    rows += say(
      owner, position, instrument, Refusal.RateLimit, scope, load<u32>(row, LIM_RATE), used, 0, 0,
    );
  }
  return rows;
}

/** Without a strategy nobody asks the window of one. */
function windowAt(scope: i32, owner: usize, position: usize): usize {
  if (scope == Scope.Global) return owner + ACC_RATE_GLOBAL;
  if (scope == Scope.Tenant) return rateTenantAt(owner);
  if (scope == Scope.Account) return owner + ACC_RATE_ACCOUNT;
  return position + (scope == Scope.Instrument ? POS_RATE_INSTRUMENT : POS_RATE_PAIR);
}

/** Loss and drawdown, then what is asked of exposure over all positions. */
function moneyStates(
  limits: usize,
  account: u32,
  position: usize,
  traded: usize,
  instrument: u32,
): u32 {
  const asked = load<u32>(limits, EFF_ASKED);
  const onExposure =
    Asked.Gross | Asked.Net | Asked.Leverage | Asked.Concentration | Asked.Margin;
  if ((asked & (Asked.Loss | Asked.Drawdown | onExposure)) == 0) return 0;
  const owner = accountAt(account);
  const currency = <u32>load<u16>(traded, TRD_SETTLEMENT);
  const balance = balanceFind(account, currency);
  const open = accountUnrealizedMinor(account, currency);
  let rows: u32 = 0;
  if ((asked & Asked.Loss) != 0) {
    const day = (balance == 0 ? 0 : realizedTodayMinor(balanceAt(balance))) + open;
    const limit = load<i64>(limits, LIM_LOSS);
    const used = max<i64>(-day, 0);
    rows += say(owner, position, instrument, Refusal.LossLimit, 0, limit, used, currency, 0);
  }
  const cash = balance == 0 ? 0 : load<i64>(balanceAt(balance), BAL_CASH);
  if ((asked & Asked.Drawdown) != 0) {
    const pnl = cash + open - (balance == 0 ? 0 : load<i64>(balanceAt(balance), BAL_DEPOSITS));
    const peak = load<i64>(<usize>PEAK_ROWS + <usize>balance * PEAK_ROW_BYTES);
    const limit = load<i64>(limits, LIM_DRAWDOWN);
    // The highest value is seen by order checks; without a balance there is none.
    const used = balance == 0 ? 0 : max(peak, pnl) - pnl;
    rows += say(owner, position, instrument, Refusal.DrawdownLimit, 0, limit, used, currency, 0);
  }
  if ((asked & onExposure) == 0) return rows;
  const equity = max<i64>(cash + open, 0);
  return rows + exposureStates(limits, owner, position, traded, instrument, equity);
}

/** Gross and net exposure, leverage, concentration, margin; none has a use without every mark. */
function exposureStates(
  limits: usize,
  owner: usize,
  position: usize,
  traded: usize,
  instrument: u32,
  equity: i64,
): u32 {
  const asked = load<u32>(limits, EFF_ASKED);
  const currency = <u32>load<u16>(traded, TRD_SETTLEMENT);
  const isSold = exposureWalk(owner, position, traded, Side.Sell, 0);
  const sold = load<i64>(O_SIDE_NET);
  const isBought = exposureWalk(owner, position, traded, Side.Buy, 0);
  const isKnown = isSold && isBought;
  const flags: i32 = isKnown ? 0 : LimitFlag.Unknown;
  const gross = isKnown ? load<i64>(O_GROSS) : 0;
  const net = isKnown ? max<i64>(max(sold, load<i64>(O_SIDE_NET)), 0) : 0;
  let rows: u32 = 0;
  if ((asked & Asked.Gross) != 0) {
    const limit = load<i64>(limits, LIM_GROSS);
    rows += say(
      owner, position, instrument, Refusal.GrossExposureLimit, 0, limit, gross, currency, flags,
    );
  }
  if ((asked & Asked.Net) != 0) {
    const limit = load<i64>(limits, LIM_NET);
    rows += say(
      owner, position, instrument, Refusal.NetExposureLimit, 0, limit, net, currency, flags,
    );
  }
  if ((asked & Asked.Leverage) != 0) {
    const limit = load<u32>(limits, LIM_LEVERAGE);
    const used = ratio(gross, 100, equity);
    rows += say(owner, position, instrument, Refusal.LeverageLimit, 0, limit, used, 0, flags);
  }
  if ((asked & Asked.Concentration) != 0) {
    const limit = load<u32>(limits, LIM_CONCENTRATION);
    const lots = worstLots(position, Side.None, 0);
    const own = isKnown && lots != 0 ? moneyUp(markTicks(traded), lots, traded) : 0;
    const used = ratio(own, 10000, equity);
    rows += say(owner, position, instrument, Refusal.ConcentrationLimit, 0, limit, used, 0, flags);
  }
  if ((asked & Asked.Margin) == 0) return rows;
  const need = isKnown ? load<i64>(O_MARGIN_NEED) : 0;
  const reason = Refusal.MarginInsufficient;
  return rows + say(owner, position, instrument, reason, 0, equity, need, currency, flags);
}

/** part x unit / whole, rounded down, at most LIMIT_STATE_USED_MAX: also when nothing is owned. */
function ratio(part: i64, unit: i64, whole: i64): i64 {
  if (part == 0) return 0;
  const most: i64 = LIMIT_STATE_USED_MAX;
  return whole <= part / (most / unit) ? most : mulDiv64(part, unit, whole);
}
