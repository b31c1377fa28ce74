// Margin calls: equity of an account in a currency against the margin of what it holds.
//
// Asked at the end of an input, of the balances it changed, in the order of their first change, and
// then, by slot, of those whom a mark that moved could have taken across a line: below the call
// margin (MarginCall begins), back (it is over), below maintenance margin (liquidation starts). So
// that a mark is cheap, each holder of an instrument has a band of marks: what lies between equity
// and the next line is shared out among all positions of the account in the currency, and no mark
// inside all bands can use it up. An instrument knows the narrowest band of all its holders; only a
// mark outside it walks them, and only accounts outside their own band are summed. Positions in
// instruments without a schedule count too: they move equity. What is worth 1/ticks has no band.
//
// Without any schedule nothing of this is ever touched; house accounts are not asked.
//
// tidy: tested by test/asm/orders/margin-call.test.ts
import {
  accountAt,
  ACCOUNT_HOUSE,
  ACC_BALANCES_FIRST,
  ACC_FLAGS,
  ACC_ID,
  ACC_MODE,
  ACC_TENANT,
} from "../accounts/account";
import {
  balanceAt,
  BAL_ACCOUNT,
  BAL_CURRENCY,
  BAL_NEXT,
  BAL_TOUCHED_NEXT,
} from "../accounts/balance";
import {
  CALLS_PER_INPUT_MAX,
  CALL_ROWS,
  CALL_ROW_BYTES,
  O_BALANCES,
  O_CALLS,
  O_CALLS_FIRST,
  O_CALL_EQUITY,
  O_CALL_EXPOSURE,
  O_CALL_MAINTENANCE,
  O_CALL_NEED,
  O_MARGINS,
  O_MARKS_FIRST,
  O_TOUCHED_FIRST,
} from "../layout";
import { outBegin, outEnd } from "../output";
import { positionAt, POS_BALANCE } from "../positions/position";
import {
  markTicks,
  tradedAt,
  TRD_ID,
  TRD_SETTLEMENT,
} from "../positions/traded";
import {
  marginAt,
  MRG_FIRST,
  MRG_HIGH,
  MRG_LOW,
  MRG_MARKED,
  MRG_MARK_NEXT,
} from "../risk/margin";
import {
  CALL_CELLS,
  CALL_CURRENCY,
  CALL_EQUITY_MINOR,
  CALL_EXPOSURE_MINOR,
  CALL_MAINTENANCE_MINOR,
  CALL_NEED_MINOR,
  CALL_STATE,
  Kind,
  ORDER_ACCOUNT,
  ORDER_TENANT,
  REC_INSTRUMENT,
  REC_KIND,
  TradingMode,
} from "../vocab";
import { liquidationStart } from "./liquidation";
import { bandsSet, holdAt, HLD_HIGH, HLD_LOW, HLD_NEXT } from "./margin-band";
import { isShort } from "./margin-sums";
import { defer } from "./stop";

const CLL_NEXT: i32 = 0; // u32, balance
const CLL_QUEUED: i32 = 4; // u8
const CLL_CALLED: i32 = 5; // u8

// @ts-ignore: decorator
@inline
function callAt(balance: u32): usize {
  return <usize>CALL_ROWS + <usize>balance * CALL_ROW_BYTES;
}

// Whom to ask ----------------------------------------------------------------------------------

/** Takes note that the mark of an instrument may have moved. */
export function marginSee(traded: usize): void {
  const row = marginAt(load<u32>(traded, TRD_ID));
  if (load<u32>(row, MRG_FIRST) == 0 || load<u8>(row, MRG_MARKED) != 0) return;
  const mark = markTicks(traded);
  if (mark >= load<i64>(row, MRG_LOW) && mark <= load<i64>(row, MRG_HIGH)) return;
  store<u8>(row, 1, MRG_MARKED);
  store<u32>(row, load<u32>(O_MARKS_FIRST), MRG_MARK_NEXT);
  store<u32>(O_MARKS_FIRST, load<u32>(traded, TRD_ID));
}

/** Asks everyone whose margin an input may have touched; `rec` is the input. */
export function callsOfInput(rec: usize): void {
  const family = load<u16>(rec, REC_KIND) >> 8;
  const isMarket = family == 0x03 || family == 0x04;
  const traded = isMarket ? tradedAt(load<u32>(rec, REC_INSTRUMENT)) : 0;
  if (traded != 0) marginSee(traded);
  let slot = load<u32>(O_TOUCHED_FIRST);
  while (slot != 0) {
    callAsk(slot);
    slot = load<u32>(balanceAt(slot), BAL_TOUCHED_NEXT);
  }
  while (load<u32>(O_MARKS_FIRST) != 0 && holdersQueue(load<u32>(O_MARKS_FIRST)));
  let left = CALLS_PER_INPUT_MAX;
  for (let next = load<u32>(O_CALLS_FIRST); next != 0 && left > 0; left--) {
    store<u32>(O_CALLS_FIRST, load<u32>(callAt(next), CLL_NEXT));
    store<u32>(callAt(next), 0, CLL_NEXT);
    store<u8>(callAt(next), 0, CLL_QUEUED);
    store<u32>(O_CALLS, load<u32>(O_CALLS) - 1);
    callAsk(next);
    next = load<u32>(O_CALLS_FIRST);
  }
  if ((load<u32>(O_CALLS_FIRST) | load<u32>(O_MARKS_FIRST)) != 0) defer();
}

/**
 * Queues the holders whose band the mark left; false when there were too many for one input, which
 * come with the next Timer.
 */
function holdersQueue(instrument: u32): bool {
  const row = marginAt(instrument);
  const mark = markTicks(tradedAt(instrument));
  let low: i64 = 0;
  let high: i64 = i64.MAX_VALUE;
  let slot = load<u32>(row, MRG_FIRST);
  while (slot != 0) {
    const hold = holdAt(slot);
    const from = load<i64>(hold, HLD_LOW);
    const to = load<i64>(hold, HLD_HIGH);
    if (mark < from || mark > to) {
      if (load<u32>(O_CALLS) >= <u32>CALLS_PER_INPUT_MAX) return false;
      callQueue(load<u32>(positionAt(slot), POS_BALANCE));
    } else {
      low = max(low, from);
      high = min(high, to);
    }
    slot = load<u32>(hold, HLD_NEXT);
  }
  store<i64>(row, low, MRG_LOW);
  store<i64>(row, high, MRG_HIGH);
  store<u32>(O_MARKS_FIRST, load<u32>(row, MRG_MARK_NEXT));
  store<u8>(row, 0, MRG_MARKED);
  return true;
}

/** Puts a balance among those to ask, which lie in the order of their slots. */
function callQueue(balance: u32): void {
  const row = callAt(balance);
  if (load<u8>(row, CLL_QUEUED) != 0) return;
  let before: u32 = 0;
  let after = load<u32>(O_CALLS_FIRST);
  while (after != 0 && after < balance) {
    before = after;
    after = load<u32>(callAt(after), CLL_NEXT);
  }
  store<u32>(row, after, CLL_NEXT);
  store<u8>(row, 1, CLL_QUEUED);
  store<u32>(before == 0 ? <usize>O_CALLS_FIRST : callAt(before) + CLL_NEXT, balance);
  store<u32>(O_CALLS, load<u32>(O_CALLS) + 1);
}

/** A schedule changed: everyone with a balance in the settlement currency is asked. */
export function callsOfSchedule(rec: usize): void {
  if (load<u8>(O_MARGINS) == 0) return;
  const traded = tradedAt(load<u32>(rec, REC_INSTRUMENT));
  const currency = load<u16>(traded, TRD_SETTLEMENT);
  // Highest slot first: each is then the first of the queue.
  for (let slot = load<u32>(O_BALANCES) - 1; slot > 0; slot--) {
    if (load<u16>(balanceAt(slot), BAL_CURRENCY) == currency) callQueue(slot);
  }
}

/** An account's flags changed: whether it is asked depends on them. */
export function callsOfAccount(account: u32): void {
  if (load<u8>(O_MARGINS) == 0) return;
  let slot = load<u32>(accountAt(account), ACC_BALANCES_FIRST);
  while (slot != 0) {
    callQueue(slot);
    slot = load<u32>(balanceAt(slot), BAL_NEXT);
  }
}

// What is asked --------------------------------------------------------------------------------

function callAsk(balance: u32): void {
  const row = callAt(balance);
  const short = isShort(balance);
  const owner = accountAt(load<u32>(balanceAt(balance), BAL_ACCOUNT));
  if ((load<u8>(row, CLL_CALLED) != 0) != short) {
    store<u8>(row, <u8>short, CLL_CALLED);
    callWrite(Kind.MarginCall, balance, short ? 1 : 0);
  }
  const need = load<i64>(O_CALL_NEED);
  const isHouse = (load<u8>(owner, ACC_FLAGS) & ACCOUNT_HOUSE) != 0;
  const least = load<i64>(O_CALL_MAINTENANCE);
  const isBelow = short && least != 0 && load<i64>(O_CALL_EQUITY) < least;
  if (isBelow && load<u8>(owner, ACC_MODE) != TradingMode.Liquidating) {
    callWrite(Kind.LiquidationStarted, balance, 1);
    liquidationStart(load<u32>(balanceAt(balance), BAL_ACCOUNT));
  }
  bandsSet(balance, isHouse || need == 0, roomMinor(owner, short));
}

/** Minor units that may be lost (or, by who is called, won) before the next line is crossed. */
function roomMinor(owner: usize, short: bool): i64 {
  const equity = load<i64>(O_CALL_EQUITY);
  const need = load<i64>(O_CALL_NEED);
  if (!short) return equity - need;
  const back = need - equity - 1;
  if (load<u8>(owner, ACC_MODE) == TradingMode.Liquidating) return back;
  return min(back, equity - load<i64>(O_CALL_MAINTENANCE));
}

function callWrite(kind: i32, balance: u32, state: i32): void {
  const row = balanceAt(balance);
  const owner = accountAt(load<u32>(row, BAL_ACCOUNT));
  const out = outBegin(kind, CALL_CELLS, 0);
  store<u32>(out, load<u32>(owner, ACC_ID), ORDER_ACCOUNT);
  store<u16>(out, load<u16>(owner, ACC_TENANT), ORDER_TENANT);
  store<u16>(out, load<u16>(row, BAL_CURRENCY), CALL_CURRENCY);
  store<u8>(out, <u8>state, CALL_STATE);
  store<i64>(out, load<i64>(O_CALL_EQUITY), CALL_EQUITY_MINOR);
  store<i64>(out, load<i64>(O_CALL_NEED), CALL_NEED_MINOR);
  store<i64>(out, load<i64>(O_CALL_MAINTENANCE), CALL_MAINTENANCE_MINOR);
  store<i64>(out, load<i64>(O_CALL_EXPOSURE), CALL_EXPOSURE_MINOR);
  outEnd(out);
}
