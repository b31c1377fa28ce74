// Cash instruments at venues: what their orders hold back, and what fills and corrections move.
//
// An order holds back from its sending until the venue has ended it, whatever is unknown meanwhile:
// all lots that may still trade there, with those an amend would add, at the dearer of the price it
// has and the price that was asked for. A market buy is held at the public ask. The venue is right:
// a fill costs what it says it does, also beyond what was held back, so a balance may go below what
// other orders hold; nobody waives a fraction, and what is taken back is exactly what was booked.
//
// tidy: tested by test/asm/orders/routed-cash.test.ts
import {
  balanceAt,
  balanceFind,
  balanceMove,
  BAL_CASH,
  BAL_CURRENCY,
  BAL_LOCKED,
  CASH_MINOR_MAX,
  ledgerAt,
  LEDGER_STREET,
} from "../accounts/balance";
import {
  LOCK_MINOR,
  ORDER_COLD_LOCK,
  ORDER_ROW_ACCOUNT,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_LEAVES,
  ORDER_ROW_POSITION,
  ORDER_ROW_PRICE,
  ORDER_ROW_SIDE,
  ORDER_ROW_TYPE,
} from "../layout";
import { productFits } from "../math/wide";
import { kindAt, KND_BASE, KND_BASE_MINOR, valueMinor } from "../positions/kind";
import { NOTIONAL_MINOR_MAX } from "../positions/notional";
import { positionAt, POS_BALANCE } from "../positions/position";
import { tradedAt, TRD_ID } from "../positions/traded";
import { OrderType, Side } from "../vocab";
import { balanceOf, LCK_RATE, LCK_TICKS, lockAt, wantMinor } from "./cash";
import { lockShare } from "./cash-pair";
import { orderAt, orderColdAt } from "./pool";
import { RTE_AMEND, RTE_AMEND_TICKS, RTE_RESERVED } from "./route";

/** Most of a balance, or of the street's ledger, before a fill; the other half is for fees. */
const ROOM_MINOR_MAX: i64 = CASH_MINOR_MAX >> 1;

/**
 * Holds back what an open order at a venue may cost from now on; nothing to do for contracts. Terms
 * that only a venue could have thought of, whose money does not fit, change nothing that is held.
 */
export function routedKeep(slot: u32, route: usize): void {
  if (load<u8>(orderColdAt(slot), ORDER_COLD_LOCK) == 0) return;
  const order = orderAt(slot);
  const row = lockAt(slot);
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  let ticks = load<i64>(row, LCK_TICKS);
  if (side == Side.Buy && load<u8>(order, ORDER_ROW_TYPE) == OrderType.Limit) {
    ticks = load<i64>(order, ORDER_ROW_PRICE);
    if (load<u64>(route, RTE_AMEND) != 0) ticks = max(ticks, load<i64>(route, RTE_AMEND_TICKS));
  }
  const lots = load<i64>(order, ORDER_ROW_LEAVES) + load<i64>(route, RTE_RESERVED);
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  const want = wantMinor(load<i64>(row, LCK_RATE), traded, side, ticks, lots);
  const account = load<u32>(order, ORDER_ROW_ACCOUNT);
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  const balance = balanceAt(balanceOf(account, position, traded, side));
  const others = load<i64>(balance, BAL_LOCKED) - load<i64>(row, LOCK_MINOR);
  if (want < 0 || want > CASH_MINOR_MAX - others) return;
  store<i64>(row, ticks, LCK_TICKS);
  lockShare(slot, 0, want);
}

/** The dearer of what an order at a venue is and what an amend asks for: either may be. */
export function routedTicks(slot: u32, priceTicks: i64): i64 {
  return max(priceTicks, load<i64>(orderAt(slot), ORDER_ROW_PRICE));
}

/** True when both balances, and the street's side of them, have room for a booking. */
export function routedCashFits(slot: u32, traded: usize, priceTicks: i64, qtyLots: i64): bool {
  const order = orderAt(slot);
  const row = kindAt(load<u32>(traded, TRD_ID));
  const minor = load<i64>(row, KND_BASE_MINOR);
  if (!productFits(qtyLots, minor) || qtyLots * minor > NOTIONAL_MINOR_MAX) return false;
  const value = valueMinor(traded, priceTicks, qtyLots, true);
  if (value < 0) return false;
  const base = balanceFind(load<u32>(order, ORDER_ROW_ACCOUNT), load<u16>(row, KND_BASE));
  const quote = load<u32>(positionAt(load<u32>(order, ORDER_ROW_POSITION)), POS_BALANCE);
  return hasRoom(base, qtyLots * minor) && hasRoom(quote, value);
}

function hasRoom(balance: u32, byMinor: i64): bool {
  const row = balanceAt(balance);
  const cash = load<i64>(row, BAL_CASH);
  const street = load<i64>(ledgerAt(load<u16>(row, BAL_CURRENCY)), LEDGER_STREET);
  const most = ROOM_MINOR_MAX - byMinor;
  return cash <= most && cash >= -most && street <= most && street >= -most;
}

/** Moves base and quote for a fill of `slot` at a venue, or with `times` -1 back again. */
export function routedCashMove(
  slot: u32,
  traded: usize,
  priceTicks: i64,
  qtyLots: i64,
  times: i64,
): void {
  const order = orderAt(slot);
  const row = kindAt(load<u32>(traded, TRD_ID));
  const isBuy = load<u8>(order, ORDER_ROW_SIDE) == Side.Buy;
  const sign = isBuy ? times : -times;
  const base = balanceFind(load<u32>(order, ORDER_ROW_ACCOUNT), load<u16>(row, KND_BASE));
  const quote = load<u32>(positionAt(load<u32>(order, ORDER_ROW_POSITION)), POS_BALANCE);
  balanceMove(base, sign * qtyLots * load<i64>(row, KND_BASE_MINOR));
  balanceMove(quote, -sign * valueMinor(traded, priceTicks, qtyLots, isBuy));
}
