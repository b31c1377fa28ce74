// Liquidation: an account below maintenance margin loses its orders, then its positions.
//
// Its mode is LIQUIDATING from the input that found it until no currency of it is below its call
// margin any more, or nothing that needs margin is left; then it is REDUCE_ONLY (HALTED if it was),
// until a human sets another mode. Work is done by Timers of the same time, one account a Timer and
// one step each, so that every step has the bounds of one command: first all orders and parents are
// canceled, then the position of the largest call margin is closed by an IOC market order at what
// the market gives, and so on. Limits are not asked: these orders are the house's. What cannot be
// done now (phase, untrusted book, kill switch, a halt on any level but the account's own, nobody
// there) is tried again after a second, then two, up to 64. What venues hold they close themselves.
//
// tidy: tested by test/asm/orders/liquidation.test.ts
import {
  accountAt,
  ACC_BALANCES_FIRST,
  ACC_ID,
  ACC_MODE,
  ACC_POSITIONS_FIRST,
  ACC_TENANT,
} from "../accounts/account";
import { balanceAt, BAL_CURRENCY, BAL_NEXT } from "../accounts/balance";
import { nowNanos } from "../clock";
import {
  O_COMMAND,
  O_LIQUIDATION_DUE,
  O_LIQUIDATION_FIRST,
  O_LIQUIDATION_LAST,
  O_LIQUIDATION_ORDERS,
} from "../layout";
import { isCash } from "../positions/kind";
import {
  positionAt,
  POS_ACCOUNT,
  POS_INSTRUMENT,
  POS_LOTS,
  POS_NEXT,
  POS_SIDE,
} from "../positions/position";
import {
  markTicks,
  tradedAt,
  TRD_BUYS,
  TRD_PHASE,
  TRD_QTY_MAX,
  TRD_SETTLEMENT,
} from "../positions/traded";
import { exposureMinor, marginMinor, RATE_CALL } from "../risk/margin";
import { modeTell } from "../risk/state-change";
import { stricter, switchState } from "../risk/switch";
import {
  watchAt,
  WATCH_LIQUIDATION_DUE,
  WATCH_LIQUIDATION_IDLE,
  WATCH_LIQUIDATION_NEXT,
  WATCH_MODE_AFTER,
} from "../risk/watch";
import {
  CELL_BYTES,
  InstrumentPhase,
  Kind,
  NEW_CELLS,
  NEW_FLAGS,
  NEW_POSITION_SIDE,
  NEW_QTY_LOTS,
  NEW_SIDE,
  NEW_TIF,
  NEW_TYPE,
  ORDER_ACCOUNT,
  ORDER_CLIENT_ID,
  ORDER_TENANT,
  OrderFlag,
  OrderType,
  REC_INSTRUMENT,
  REC_KIND,
  Refusal,
  Side,
  TimeInForce,
  TradingMode,
} from "../vocab";
import { orderOpen } from "./command";
import { deadlinePublish } from "./expiry";
import { isShort } from "./margin-sums";
import { liquidationCancel } from "./mass";
import { orderHasRoom } from "./pool";

/** Top bits of a closing order's client id: no client, strategy or parent has them so. */
const LIQUIDATION_ID_TOP: u64 = 5 << 61;
/** Pause after a step that closed nothing; each further one in a row doubles it, six times. */
const RETRY_NANOS: i64 = 1000000000;
const RETRY_DOUBLED_MAX: u32 = 6;

/** Puts an account (slot) that is not in liquidation there; its first step is due at once. */
export function liquidationStart(account: u32): void {
  const owner = accountAt(account);
  const watch = watchAt(owner);
  const mode = stricter(load<u8>(owner, ACC_MODE), TradingMode.ReduceOnly);
  store<u8>(watch, <u8>mode, WATCH_MODE_AFTER);
  store<u8>(owner, TradingMode.Liquidating, ACC_MODE);
  modeTell(account, TradingMode.Liquidating, Refusal.MarginInsufficient);
  const last = load<u32>(O_LIQUIDATION_LAST);
  if (last == 0) store<u32>(O_LIQUIDATION_FIRST, account);
  else store<u32>(watchAt(accountAt(last)), account, WATCH_LIQUIDATION_NEXT);
  store<u32>(O_LIQUIDATION_LAST, account);
  store<u32>(watch, 0, WATCH_LIQUIDATION_NEXT);
  store<i64>(watch, nowNanos(), WATCH_LIQUIDATION_DUE);
  duePublish();
}

/** True when an account in liquidation has something to do. */
export function liquidationIsDue(): bool {
  const due = load<i64>(O_LIQUIDATION_DUE);
  return due != 0 && due <= nowNanos();
}

/** Takes one step of the account that is due first. */
export function liquidationTurn(): void {
  const account = firstDue();
  const watch = watchAt(accountAt(account));
  const next = step(account);
  const idle = <u32>load<u8>(watch, WATCH_LIQUIDATION_IDLE);
  const pause = next == Step.Nothing ? RETRY_NANOS << idle : 0;
  const idleAfter = next == Step.Nothing ? min(idle + 1, RETRY_DOUBLED_MAX) : 0;
  store<u8>(watch, <u8>idleAfter, WATCH_LIQUIDATION_IDLE);
  store<i64>(watch, nowNanos() + pause, WATCH_LIQUIDATION_DUE);
  if (next == Step.Over) end(account);
  duePublish();
}

/** Of those due at the same time the one that is in liquidation the longest. */
function firstDue(): u32 {
  let found: u32 = 0;
  let least = i64.MAX_VALUE;
  let account = load<u32>(O_LIQUIDATION_FIRST);
  while (account != 0) {
    const watch = watchAt(accountAt(account));
    const due = load<i64>(watch, WATCH_LIQUIDATION_DUE);
    if (due < least) {
      least = due;
      found = account;
    }
    account = load<u32>(watch, WATCH_LIQUIDATION_NEXT);
  }
  return found;
}

function duePublish(): void {
  const first = firstDue();
  const due = first == 0 ? 0 : load<i64>(watchAt(accountAt(first)), WATCH_LIQUIDATION_DUE);
  store<i64>(O_LIQUIDATION_DUE, due);
  deadlinePublish();
}

/** What came of a step. */
enum Step {
  /** Something; the next one is due at once. */
  Done = 0,
  /** There is something to do that cannot be done now. */
  Nothing = 1,
  Over = 2,
}

function step(account: u32): Step {
  if (liquidationCancel(account)) return Step.Done;
  let isLeft = false;
  let balance = load<u32>(accountAt(account), ACC_BALANCES_FIRST);
  while (balance != 0) {
    if (isShort(balance)) {
      isLeft = true;
      const position = dearest(account, load<u16>(balanceAt(balance), BAL_CURRENCY));
      if (position != 0) return closeOut(position) ? Step.Done : Step.Nothing;
    }
    balance = load<u32>(balanceAt(balance), BAL_NEXT);
  }
  return isLeft ? Step.Nothing : Step.Over;
}

/** Position (slot) of the largest call margin among those that can trade now, 0 if none. */
function dearest(account: u32, currency: u32): u32 {
  const owner = accountAt(account);
  let found: u32 = 0;
  let most: i64 = 0;
  let slot = load<u32>(owner, ACC_POSITIONS_FIRST);
  while (slot != 0) {
    const position = positionAt(slot);
    const traded = tradedAt(load<u32>(position, POS_INSTRUMENT));
    const lots = load<i64>(position, POS_LOTS);
    const mark = markTicks(traded);
    const isIts = load<u16>(traded, TRD_SETTLEMENT) == currency && !isCash(traded);
    if (isIts && lots != 0 && mark > 0 && canTrade(owner, traded)) {
      const need = marginMinor(traded, exposureMinor(traded, mark, lots), RATE_CALL);
      if (need > most) {
        most = need;
        found = slot;
      }
    }
    slot = load<u32>(position, POS_NEXT);
  }
  return found;
}

function canTrade(owner: usize, traded: usize): bool {
  if (load<u32>(traded, TRD_BUYS) == 0) return false;
  if (load<u8>(traded, TRD_PHASE) != InstrumentPhase.Continuous) return false;
  return switchState(owner, 0, traded) <= TradingMode.Liquidating;
}

/**
 * Sends the order that closes a position (slot), or what the spec takes of it; true when any of
 * it filled. */
function closeOut(slot: u32): bool {
  if (!orderHasRoom()) return false;
  const position = positionAt(slot);
  const account = load<u32>(position, POS_ACCOUNT);
  const owner = accountAt(account);
  const instrument = load<u32>(position, POS_INSTRUMENT);
  const traded = tradedAt(instrument);
  const lots = load<i64>(position, POS_LOTS);
  const most = load<i64>(traded, TRD_QTY_MAX);
  const held = lots < 0 ? -lots : lots;
  const qty = most == 0 ? held : min(held, most);
  const number = load<u64>(O_LIQUIDATION_ORDERS) + 1;
  store<u64>(O_LIQUIDATION_ORDERS, number);
  memory.fill(O_COMMAND, 0, NEW_CELLS * CELL_BYTES);
  store<u16>(O_COMMAND, Kind.OrderNew, REC_KIND);
  store<u32>(O_COMMAND, instrument, REC_INSTRUMENT);
  store<u32>(O_COMMAND, load<u32>(owner, ACC_ID), ORDER_ACCOUNT);
  store<u16>(O_COMMAND, load<u16>(owner, ACC_TENANT), ORDER_TENANT);
  store<u64>(O_COMMAND, LIQUIDATION_ID_TOP | number, ORDER_CLIENT_ID);
  store<u8>(O_COMMAND, OrderType.Market, NEW_TYPE);
  store<u8>(O_COMMAND, TimeInForce.Ioc, NEW_TIF);
  store<u8>(O_COMMAND, OrderFlag.ReduceOnly | OrderFlag.Engine, NEW_FLAGS);
  store<u8>(O_COMMAND, <u8>(lots > 0 ? Side.Sell : Side.Buy), NEW_SIDE);
  store<i64>(O_COMMAND, qty, NEW_QTY_LOTS);
  store<u8>(O_COMMAND, load<u8>(position, POS_SIDE), NEW_POSITION_SIDE);
  orderOpen(O_COMMAND, account, slot, traded);
  return load<i64>(position, POS_LOTS) != lots;
}

/** The account goes on in the mode that was kept for it. */
function end(account: u32): void {
  const owner = accountAt(account);
  const mode = load<u8>(watchAt(owner), WATCH_MODE_AFTER);
  store<u8>(owner, mode, ACC_MODE);
  modeTell(account, mode, Refusal.MarginInsufficient);
  let before: u32 = 0;
  let other = load<u32>(O_LIQUIDATION_FIRST);
  while (other != account) {
    before = other;
    other = load<u32>(watchAt(accountAt(other)), WATCH_LIQUIDATION_NEXT);
  }
  const next = load<u32>(watchAt(owner), WATCH_LIQUIDATION_NEXT);
  if (before == 0) store<u32>(O_LIQUIDATION_FIRST, next);
  else store<u32>(watchAt(accountAt(before)), next, WATCH_LIQUIDATION_NEXT);
  if (next == 0) store<u32>(O_LIQUIDATION_LAST, before);
  store<u32>(watchAt(owner), 0, WATCH_LIQUIDATION_NEXT);
  store<i64>(watchAt(owner), 0, WATCH_LIQUIDATION_DUE);
}
