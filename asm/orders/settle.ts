// Futures at their expiry: open orders expire, positions are settled in cash at the mark.
//
// The time of expiry is a deadline of the order role, so nothing trades at or after it. The mark is
// read first, as the middle of our own book would be gone with its orders, and kept from the first
// Timer that finds one; until then it is asked again every minute. Then orders expire, then
// positions by slot are paid, each Timer a bounded part. The street takes the other side, as of a
// paper fill.
//
// tidy: tested by test/asm/orders/settle.test.ts
import { balanceBook } from "../accounts/balance";
import { l3First } from "../books/ladder";
import { nowNanos } from "../clock";
import {
  EXPIRIES_PER_TIMER_MAX,
  O_DUE,
  O_POSITIONS,
  O_WIDE,
  ORDER_TERMS_TRIGGER,
  R_INSTRUMENTS,
  SETTLED_PER_TIMER_MAX,
} from "../layout";
import {
  kindAt,
  KND_CURSOR,
  KND_DUE,
  KND_EXPIRY,
  KND_SETTLED,
  KND_SETTLE_TICKS,
} from "../positions/kind";
import {
  positionAt,
  positionFill,
  positionWrite,
  POS_BALANCE,
  POS_INSTRUMENT,
  POS_LOTS,
} from "../positions/position";
import { subsSettle } from "../positions/sub-account";
import {
  markTicks,
  tradedAt,
  TRD_BUYS,
  TRD_EXECUTION,
  TRD_FALLS,
  TRD_ID,
  TRD_PHASE,
  TRD_RISES,
  TRD_SELLS,
} from "../positions/traded";
import { Execution, InstrumentPhase, Kind, Side } from "../vocab";
import { deadlinePublish, expire } from "./expiry";
import { streetBook } from "./fill";
import { routedExpired } from "./routed";
import { treeFirst } from "./tree";

/** Nanoseconds until an expired instrument without a mark is asked again. */
const RETRY_NANOS: i64 = 60000000000;

/** Notes when an instrument settles, if it does. */
export function settlePlan(instrument: u32): void {
  const row = kindAt(instrument);
  const expiry = load<i64>(row, KND_EXPIRY);
  if (expiry <= 0) return;
  store<i64>(row, expiry, KND_DUE);
  duePublish();
}

/** The earliest of all settlements, for the deadline. */
function duePublish(): void {
  let due: i64 = 0;
  for (let id: u32 = 1; id < load<u32>(R_INSTRUMENTS); id++) {
    const at = load<i64>(kindAt(id), KND_DUE);
    if (at != 0 && (due == 0 || at < due)) due = at;
  }
  store<i64>(O_DUE, due);
  deadlinePublish();
}

/** Settles what is due, a bounded part of one instrument; the rest finds the next Timer. */
export function settleApply(): void {
  for (let id: u32 = 1; id < load<u32>(R_INSTRUMENTS); id++) {
    const due = load<i64>(kindAt(id), KND_DUE);
    if (due == 0 || due > nowNanos()) continue;
    settle(kindAt(id), tradedAt(id));
    break;
  }
  duePublish();
}

function settle(row: usize, traded: usize): void {
  store<u8>(traded, InstrumentPhase.Closed, TRD_PHASE);
  if (load<i64>(row, KND_SETTLE_TICKS) <= 0) store<i64>(row, markTicks(traded), KND_SETTLE_TICKS);
  if (!ordersExpire(traded)) return;
  const isRouted = load<u8>(traded, TRD_EXECUTION) == Execution.Routed;
  if (isRouted && !routedExpired(load<u32>(traded, TRD_ID))) {
    return store<i64>(row, nowNanos() + RETRY_NANOS, KND_DUE);
  }
  if (load<i64>(row, KND_SETTLE_TICKS) <= 0) {
    return store<i64>(row, nowNanos() + RETRY_NANOS, KND_DUE);
  }
  if (!positionsSettle(row, traded)) return;
  store<i64>(row, 0, KND_DUE);
  store<u8>(row, 1, KND_SETTLED);
}

/** Expires the instrument's open orders, as many as one Timer may; true when none is left. */
function ordersExpire(traded: usize): bool {
  for (let done = 0; done < EXPIRIES_PER_TIMER_MAX; done++) {
    const slot = anyOrder(traded);
    if (slot == 0) return true;
    expire(slot);
  }
  return anyOrder(traded) == 0;
}

/** Buys, then sells, best first; then those that wait for a rise, then for a fall. */
function anyOrder(traded: usize): u32 {
  if (load<u32>(traded, TRD_BUYS) == 0) return 0;
  let slot = l3First(load<u32>(traded, TRD_BUYS));
  if (slot == 0) slot = l3First(load<u32>(traded, TRD_SELLS));
  if (slot == 0) slot = treeFirst(traded + TRD_RISES, ORDER_TERMS_TRIGGER);
  return slot != 0 ? slot : treeFirst(traded + TRD_FALLS, ORDER_TERMS_TRIGGER);
}

/** Settles positions from the cursor on; true when the last is done. */
function positionsSettle(row: usize, traded: usize): bool {
  const ticks = load<i64>(row, KND_SETTLE_TICKS);
  const count = load<u32>(O_POSITIONS);
  const from = max<u32>(load<u32>(row, KND_CURSOR), 1);
  const to = min(count, from + SETTLED_PER_TIMER_MAX);
  for (let slot = from; slot < to; slot++) {
    const position = positionAt(slot);
    const isIts = tradedAt(load<u32>(position, POS_INSTRUMENT)) == traded;
    if (!isIts) continue;
    subsSettle(position, traded, ticks);
    if (load<i64>(position, POS_LOTS) != 0) positionSettle(position, traded, ticks);
  }
  store<u32>(row, to, KND_CURSOR);
  return to == count;
}

function positionSettle(position: usize, traded: usize, ticks: i64): void {
  const lots = load<i64>(position, POS_LOTS);
  const side = lots > 0 ? Side.Sell : Side.Buy;
  const qty = lots > 0 ? lots : -lots;
  const realized = positionFill(position, traded, side, ticks, qty, O_WIDE);
  streetBook(traded, side, ticks, qty);
  balanceBook(load<u32>(position, POS_BALANCE), realized, 0);
  positionWrite(Kind.PositionChanged, position);
}
