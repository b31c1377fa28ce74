// ParentProgress and ParentDone: what a parent did, and what it cost.
//
// Sums are exact: ticks x lots of all fills and of the market, 128 bits. Two benchmarks: the middle
// of the quote when the parent began (kept as bid + ask, so half ticks), and the average price of
// the market over the parent's life. A cost is positive when we paid more, or got less, than the
// benchmark; money is rounded against us and leaves out fees, which have their own field. What is
// not filled has a cost too, against the first benchmark at the middle of now (Perold's shortfall
// is both together and the fees).
//
// tidy: tested by test/asm/orders/parent.test.ts
import { accountAt, ACC_ID, ACC_TENANT } from "../accounts/account";
import { O_WIDE } from "../layout";
import { addProduct128, divideUnsigned128, mulDiv64, negate128, sub128 } from "../math/wide";
import { outBegin, outEnd } from "../output";
import { scaleSaturated } from "../positions/notional";
import {
  markTicks,
  tradedAt,
  TRD_ASK_LOTS,
  TRD_ASK_TICKS,
  TRD_BID_LOTS,
  TRD_BID_TICKS,
  TRD_DEN,
  TRD_EXECUTION,
  TRD_NUM,
} from "../positions/traded";
import {
  Execution,
  ORDER_ACCOUNT,
  ORDER_CLIENT_ID,
  ORDER_STRATEGY,
  ORDER_TENANT,
  PROGRESS_ALGORITHM,
  PROGRESS_ARRIVAL_HALF_TICKS,
  PROGRESS_CELLS,
  PROGRESS_CHILDREN,
  PROGRESS_COST_LOW,
  PROGRESS_DENIALS,
  PROGRESS_END_NANOS,
  PROGRESS_FEES_MINOR,
  PROGRESS_FILLED_LOTS,
  PROGRESS_FLAGS,
  PROGRESS_POSITION_SIDE,
  PROGRESS_MARKET_LOTS,
  PROGRESS_NOW_HALF_TICKS,
  PROGRESS_OPPORTUNITY_MINOR,
  PROGRESS_QTY_LOTS,
  PROGRESS_REASON,
  PROGRESS_SESSION,
  PROGRESS_SHARE_BPS,
  PROGRESS_SHORTFALL_LOW,
  PROGRESS_SHORTFALL_MINOR,
  PROGRESS_SIDE,
  PROGRESS_SLIPPAGE_LOW,
  PROGRESS_SLIPPAGE_MINOR,
  PROGRESS_START_NANOS,
  PROGRESS_STATE,
  PROGRESS_TAG,
  PROGRESS_TARGET_LOTS,
  PROGRESS_TURNOVER_LOW,
  Side,
} from "../vocab";
import {
  parentAt,
  PAR_ACCOUNT,
  PAR_ALGORITHM,
  PAR_ARRIVAL,
  PAR_BASE_LOTS,
  PAR_BASE_TURNOVER,
  PAR_CHILDREN,
  PAR_CLIENT_ID,
  PAR_COST,
  PAR_DENIALS,
  PAR_END,
  PAR_FEES,
  PAR_FILLED,
  PAR_FLAGS,
  PAR_INSTRUMENT,
  PAR_QTY,
  PAR_REASON,
  PAR_SAID,
  PAR_SESSION,
  PAR_POSITION_SIDE,
  PAR_SIDE,
  PAR_START,
  PAR_STATE,
  PAR_STRATEGY,
  PAR_TAG,
  PAR_TARGET,
} from "./parent";
import { volumeAt, VOL_LOTS, VOL_TURNOVER } from "./volume";

const BPS: i64 = 10000;

/** Writes a ParentProgress or ParentDone. */
export function parentReport(kind: i32, parent: u32): void {
  const row = parentAt(parent);
  const owner = accountAt(load<u32>(row, PAR_ACCOUNT));
  const out = outBegin(kind, PROGRESS_CELLS, load<u32>(row, PAR_INSTRUMENT));
  store<u32>(out, load<u32>(owner, ACC_ID), ORDER_ACCOUNT);
  store<u16>(out, load<u16>(row, PAR_STRATEGY), ORDER_STRATEGY);
  store<u16>(out, load<u16>(owner, ACC_TENANT), ORDER_TENANT);
  store<u64>(out, load<u64>(row, PAR_CLIENT_ID), ORDER_CLIENT_ID);
  store<u32>(out, load<u32>(row, PAR_CHILDREN), PROGRESS_CHILDREN);
  store<u32>(out, load<u32>(row, PAR_DENIALS), PROGRESS_DENIALS);
  store<u32>(out, load<u32>(row, PAR_SESSION), PROGRESS_SESSION);
  store<u16>(out, load<u16>(row, PAR_REASON), PROGRESS_REASON);
  store<u8>(out, load<u8>(row, PAR_STATE), PROGRESS_STATE);
  store<u8>(out, load<u8>(row, PAR_SIDE), PROGRESS_SIDE);
  store<u8>(out, load<u8>(row, PAR_POSITION_SIDE), PROGRESS_POSITION_SIDE);
  store<i64>(out, load<i64>(row, PAR_QTY), PROGRESS_QTY_LOTS);
  store<i64>(out, load<i64>(row, PAR_FILLED), PROGRESS_FILLED_LOTS);
  store<i64>(out, load<i64>(row, PAR_TARGET), PROGRESS_TARGET_LOTS);
  store<i64>(out, load<i64>(row, PAR_ARRIVAL), PROGRESS_ARRIVAL_HALF_TICKS);
  store<i64>(out, load<i64>(row, PAR_FEES), PROGRESS_FEES_MINOR);
  store<i64>(out, load<i64>(row, PAR_START), PROGRESS_START_NANOS);
  const end = load<i64>(row, PAR_END);
  store<i64>(out, end == i64.MAX_VALUE ? 0 : end, PROGRESS_END_NANOS);
  store<u8>(out, load<u8>(row, PAR_ALGORITHM), PROGRESS_ALGORITHM);
  store<u8>(out, load<u8>(row, PAR_FLAGS), PROGRESS_FLAGS);
  store<u64>(out, load<u64>(row, PAR_TAG), PROGRESS_TAG);
  v128.store(out + PROGRESS_COST_LOW, v128.load(row + PAR_COST));
  marketWrite(out, row);
  if (load<i64>(row, PAR_FILLED) != 0) costWrite(out, row);
  opportunityWrite(out, row);
  outEnd(out);
}

/** Bid plus ask; without both, twice the mark; 0 when that is unknown too. */
export function middleHalfTicks(traded: usize): i64 {
  if (load<i64>(traded, TRD_BID_LOTS) != 0 && load<i64>(traded, TRD_ASK_LOTS) != 0) {
    return load<i64>(traded, TRD_BID_TICKS) + load<i64>(traded, TRD_ASK_TICKS);
  }
  return markTicks(traded) * 2;
}

/** The other half of the shortfall: what waiting has cost the lots that are not filled. */
function opportunityWrite(out: usize, row: usize): void {
  const traded = tradedAt(load<u32>(row, PAR_INSTRUMENT));
  const now = middleHalfTicks(traded);
  store<i64>(out, now, PROGRESS_NOW_HALF_TICKS);
  const arrival = load<i64>(row, PAR_ARRIVAL);
  const open = load<i64>(row, PAR_QTY) - load<i64>(row, PAR_FILLED);
  if (now == 0 || arrival == 0 || open <= 0) return;
  const isBuy = <i32>load<u8>(row, PAR_SIDE) == Side.Buy;
  store<u64>(O_WIDE, 0);
  store<i64>(O_WIDE, 0, 8);
  addProduct128(O_WIDE, isBuy ? now - arrival : arrival - now, open);
  store<i64>(out, moneyOf(O_WIDE, traded, true), PROGRESS_OPPORTUNITY_MINOR);
}

/** What the market traded since the start, and our share of it. */
function marketWrite(out: usize, row: usize): void {
  const instrument = load<u32>(row, PAR_INSTRUMENT);
  const market = volumeAt(instrument);
  const base = row + PAR_BASE_TURNOVER;
  const isOver = load<u8>(row, PAR_SAID) != 0;
  let lots = load<i64>(row, PAR_BASE_LOTS);
  if (!isOver) lots = load<i64>(market, VOL_LOTS) - lots;
  store<i64>(out, lots, PROGRESS_MARKET_LOTS);
  v128.store(out + PROGRESS_TURNOVER_LOW, v128.load(isOver ? base : market + VOL_TURNOVER));
  if (!isOver) sub128(out + PROGRESS_TURNOVER_LOW, load<u64>(base), load<i64>(base, 8));
  const isPublic = load<u8>(tradedAt(instrument), TRD_EXECUTION) != Execution.Paper;
  const filled = load<i64>(row, PAR_FILLED);
  // A book's print is counted before its fills; a venue's may come later than they do.
  const all = isPublic ? max(lots, filled) : lots + filled;
  if (all > 0) store<u32>(out, <u32>mulDiv64(filled, BPS, all), PROGRESS_SHARE_BPS);
}

/** Both costs, in price x lots and in money. */
function costWrite(out: usize, row: usize): void {
  const isBuy = <i32>load<u8>(row, PAR_SIDE) == Side.Buy;
  const filled = load<i64>(row, PAR_FILLED);
  const cost = row + PAR_COST;
  const traded = tradedAt(load<u32>(row, PAR_INSTRUMENT));
  const arrival = load<i64>(row, PAR_ARRIVAL);
  if (arrival != 0) {
    const at = out + PROGRESS_SHORTFALL_LOW;
    doubled(at, cost);
    addProduct128(at, -arrival, filled);
    if (!isBuy) negate128(at);
    store<i64>(out, moneyOf(at, traded, true), PROGRESS_SHORTFALL_MINOR);
  }
  const lots = load<i64>(out, PROGRESS_MARKET_LOTS);
  if (lots <= 0) return;
  const at = out + PROGRESS_SLIPPAGE_LOW;
  v128.store(at, v128.load(cost));
  averageTimes(out + PROGRESS_TURNOVER_LOW, lots, filled);
  sub128(at, load<u64>(O_WIDE), load<i64>(O_WIDE, 8));
  if (!isBuy) negate128(at);
  store<i64>(out, moneyOf(at, traded, false), PROGRESS_SLIPPAGE_MINOR);
}

/**
 * floor(turnover x filled / lots) into O_WIDE. The turnover is at most a price times its lots, so
 * the quotient is a price and the rest, below `lots`, times `filled` needs one exact division.
 */
function averageTimes(turnoverAt: usize, lots: i64, filled: i64): void {
  const low = load<u64>(turnoverAt);
  const price = <i64>divideUnsigned128(load<u64>(turnoverAt, 8), low, <u64>lots);
  const rest = <i64>(low - <u64>price * <u64>lots);
  store<u64>(O_WIDE, <u64>mulDiv64(rest, filled, lots));
  store<i64>(O_WIDE, 0, 8);
  addProduct128(O_WIDE, price, filled);
}

function doubled(at: usize, from: usize): void {
  const low = load<u64>(from);
  store<u64>(at, low << 1);
  store<i64>(at, (load<i64>(from, 8) << 1) | (<i64>(low >> 63)), 8);
}

/** Settlement money of a cost, rounded up: more paid, less gained. Saturates far off. */
function moneyOf(at: usize, traded: usize, isHalf: bool): i64 {
  const low = load<u64>(at);
  const high = load<i64>(at, 8);
  const num = load<i64>(traded, TRD_NUM);
  const den = load<i64>(traded, TRD_DEN);
  const negativeLow: u64 = 0 - low;
  const negativeHigh = ~high + <i64>(low == 0);
  const scale = isHalf ? den << 1 : den;
  assert(scale > 0, "twice a denominator fits");
  return -scaleSaturated(negativeLow, negativeHigh, num, scale);
}
