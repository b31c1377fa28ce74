// Another price for a plain resting order: what four of five commands of a busy market are.
//
// It asks what amend.ts and risk/check.ts ask, in one pass without a refusal to carry: everything
// out of the ordinary falls into one word, and any doubt sends the command the long way, which
// decides and says why. Nothing is stored before the last question is answered.
//
// tidy: tested by test/asm/orders/amend-plain.test.ts
import { accountAt } from "../accounts/account";
import { dayIsBelow } from "../accounts/day";
import { l3Best, l3Move } from "../books/ladder";
import {
  EFFECTIVE_ROWS,
  O_LIMITS_GENERATION,
  O_STEPS,
  ORDER_COLD_TAG,
  ORDER_COLD_TERMS,
  ORDER_ROW_ACCOUNT,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_LEAVES,
  ORDER_ROW_POSITION,
  ORDER_ROW_PRICE,
  ORDER_ROW_STATE,
  POSITION_ROWS,
  TRADED_ROWS,
  TRADED_ROW_BYTES,
} from "../layout";
import { outEnd } from "../output";
import { notionalMinor } from "../positions/notional";
import {
  positionAt,
  POS_LOTS,
  POS_OPEN_BUY,
  POS_OPEN_SELL,
} from "../positions/position";
import {
  markTicks,
  TRD_BAND_BPS,
  TRD_BID_TICKS,
  TRD_BUYS,
  TRD_DEN,
  TRD_KIND,
  TRD_NOTIONAL_MIN,
  TRD_NUM,
  TRD_PRICE_MAX,
  TRD_PRICE_MIN,
  TRD_PRODUCT_MAX,
  TRD_SELLS,
  TRD_STALE_MILLIS,
  TRD_STOP_POLICY,
} from "../positions/traded";
import { isOverRate } from "../risk/check";
import { Asked, ASKED_RARE, EFF_ASKED, EFF_GENERATION, EFF_RATES } from "../risk/effective";
import { EFF_STRATEGY } from "../risk/effective";
import { LIM_COLLAR_BPS, LIM_LOSS, LIM_NOTIONAL, LIM_QTY } from "../risk/limits";
import { switchesSet } from "../risk/switch";
import {
  AMEND_FIELDS,
  AMEND_NEW_CLIENT_ID,
  AMEND_PRICE_TICKS,
  AMEND_TAG,
  AmendField,
  Execution,
  InstrumentKind,
  Kind,
  OrderState,
  OrderType,
  Side,
} from "../vocab";
import { eventBegin } from "./event";
import { orderAt, orderColdAt } from "./pool";
import { topTouch } from "./top";

/** State without its last bit (live or partly filled), type, flags and strategy of an order. */
const PLAIN_MASK: u64 = 0xffff00ff00ff00fe;
const PLAIN: u64 = (<u64>OrderType.Limit << 16) | <u64>OrderState.Live;
/** TRD_KIND and TRD_EXECUTION. */
const KIND_PLAIN: u64 = InstrumentKind.LinearPerpetual | (Execution.Internal << 8);
/** TRD_QUEUE_MODEL and TRD_GUARD in the word that begins with TRD_STOP_POLICY. */
const RULES_MASK: u64 = 0xff00ff00;
const BPS: i64 = 10000;

/** Moves the order in `slot`; false when nothing was done, because it is no such command. */
export function amendPlain(rec: usize, account: u32, slot: u32): bool {
  const order = orderAt(slot);
  const traded =
    <usize>TRADED_ROWS + <usize>load<u32>(order, ORDER_ROW_INSTRUMENT) * TRADED_ROW_BYTES;
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  const limits = position + (EFFECTIVE_ROWS - POSITION_ROWS);
  if (oddities(rec, account, slot, order, traded, limits) != 0) return false;
  const traits = load<u64>(order, ORDER_ROW_STATE);
  const isBuy = <u8>(traits >> 8) == Side.Buy;
  const price = load<i64>(rec, AMEND_PRICE_TICKS);
  if (isBeyond(order, position, traded, limits, price, isBuy)) return false;
  const asked = load<u32>(limits, EFF_ASKED);
  if ((asked & Asked.Collar) != 0) {
    const mark = markTicks(traded);
    const above = price - mark;
    const distance = select<i64>(above, -above, above > 0);
    const most = mark * <i64>load<u32>(limits, LIM_COLLAR_BPS);
    if (mark <= 0 || mark >> 31 != 0 || distance * BPS > most) return false;
  }
  if ((asked & Asked.Loss) != 0 && dayIsBelow(position, traded, -load<i64>(limits, LIM_LOSS))) {
    return false;
  }
  // Last, because it counts: a window that is full counts nothing.
  const rates = <i32>load<u8>(limits, EFF_RATES);
  if (rates != 0 && isOverRate(rates, accountAt(account), 0, position, traded)) return false;
  store<u32>(O_STEPS, 0);
  const side: usize = load<u32>(traded + select<i32>(TRD_BUYS, TRD_SELLS, isBuy));
  if (l3Move(side, slot, price)) topTouch(traded);
  const tag = load<u64>(rec, AMEND_TAG);
  if (tag != 0) store<u64>(orderColdAt(slot), tag, ORDER_COLD_TAG);
  outEnd(eventBegin(Kind.OrderAmended, slot, 0, 0));
  return true;
}

/** 0 when only a price is asked for, and order, instrument, switches and limits are plain. */
// @ts-ignore: decorator
@inline
function oddities(
  rec: usize,
  account: u32,
  slot: u32,
  order: usize,
  traded: usize,
  limits: usize,
): u64 {
  // What nobody has (slot 0) is not live.
  let odd = (load<u64>(order, ORDER_ROW_STATE) & PLAIN_MASK) ^ PLAIN;
  odd |= load<u8>(orderColdAt(slot), ORDER_COLD_TERMS);
  odd |= load<u32>(order, ORDER_ROW_ACCOUNT) ^ account;
  odd |= <u64>(load<u8>(rec, AMEND_FIELDS) ^ <u8>AmendField.Price);
  odd |= load<u64>(rec, AMEND_NEW_CLIENT_ID);
  odd |= (<u64>load<u16>(traded, TRD_KIND)) ^ KIND_PLAIN;
  odd |= (<u64>load<u32>(traded, TRD_STOP_POLICY)) & RULES_MASK;
  odd |= load<u64>(traded, TRD_NOTIONAL_MIN);
  odd |= load<u32>(traded, TRD_BAND_BPS) | load<u32>(traded, TRD_STALE_MILLIS);
  odd |= switchesSet(accountAt(account), traded);
  odd |= load<u32>(limits, EFF_GENERATION) ^ load<u32>(O_LIMITS_GENERATION);
  odd |= load<u32>(limits, EFF_STRATEGY);
  return odd | (load<u32>(limits, EFF_ASKED) & ASKED_RARE);
}

/** True when the price changes nothing, would trade, or may be beyond a bound or a limit. */
// @ts-ignore: decorator
@inline
function isBeyond(
  order: usize,
  position: usize,
  traded: usize,
  limits: usize,
  price: i64,
  isBuy: bool,
): bool {
  const lots = load<i64>(position, POS_LOTS);
  const open = load<i64>(position, POS_OPEN_BUY) + load<i64>(position, POS_OPEN_SELL);
  const all = select<i64>(-lots, lots, lots < 0) + open;
  const leaves = load<i64>(order, ORDER_ROW_LEAVES);
  const bid = load<i64>(traded, TRD_BID_TICKS);
  const worst = select<i64>(price, max(price, bid), isBuy);
  if (((price - 1) | worst | all | leaves) >> 31 != 0) return true;
  if (worst * all > load<i64>(traded, TRD_PRODUCT_MAX)) return true;
  const most = load<i64>(traded, TRD_PRICE_MAX);
  // None (0) is the largest of all when 1 is taken off.
  if (price < load<i64>(traded, TRD_PRICE_MIN) || <u64>(price - 1) > <u64>(most - 1)) return true;
  // Ranks of buys are prices, of sells their negatives.
  const other: usize = load<u32>(traded + select<i32>(TRD_SELLS, TRD_BUYS, isBuy));
  if (l3Best(other) >= select<i64>(-price, price, isBuy)) return true;
  if (price == load<i64>(order, ORDER_ROW_PRICE) || leaves > load<i64>(limits, LIM_QTY)) {
    return true;
  }
  const num = load<i64>(traded, TRD_NUM);
  const money = notionalMinor(price, leaves, num, load<i64>(traded, TRD_DEN), true);
  return <u64>money > <u64>load<i64>(limits, LIM_NOTIONAL);
}
