// The proof that money is conserved, by adding everything up again. For tests and drills: it walks
// every balance and position.
import {
  BALANCE_ROWS,
  BALANCE_ROW_BYTES,
  INSTRUMENTS_MAX,
  LOCK_MINOR,
  LOCK_ROWS,
  LOCK_ROW_BYTES,
  O_BALANCES,
  O_ORDERS,
  O_POSITIONS,
  ORDER_COLD_LOCK,
  ORDER_COLD_ROWS,
  ORDER_COLD_SHIFT,
  ORDER_ROWS,
  ORDER_ROW_ACCOUNT,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_POSITION,
  ORDER_ROW_SHIFT,
  ORDER_ROW_SIDE,
  SCRATCH,
  TRADED_ROWS,
  TRADED_ROW_BYTES,
} from "../layout";
import { add128, addProduct128, sub128 } from "../math/wide";
import { besideOf, BSD_FUNDING } from "../positions/beside";
import { kindAt, KND_BASE } from "../positions/kind";
import {
  positionAt,
  POS_BALANCE,
  POS_COST,
  POS_INSTRUMENT,
  POS_LOTS,
  POS_REALIZED,
  POS_REMAINDER,
} from "../positions/position";
import {
  tradedAt,
  TRD_DEN,
  TRD_ID,
  TRD_NUM,
  TRD_SETTLEMENT,
  TRD_STREET_FLOW,
  TRD_STREET_LOTS,
} from "../positions/traded";
import { Side } from "../vocab";
import { balanceAt, balanceFind, BAL_CASH, BAL_CURRENCY, BAL_LOCKED, ledgerAt } from "./balance";
import { LEDGER_DEPOSITS, LEDGER_FEES, LEDGER_FUNDING, LEDGER_STREET } from "./balance";

/**
 * 0 when nothing was made or lost in `currency`: cash of all accounts + street + fees + funding
 * - deposits.
 * The street ledger in turn must hold exactly what the positions say: per instrument, realized
 * money (with its remainder) x den = (open cost - street flow) x num, and lots add up to 0. A
 * breach there returns i64.MIN_VALUE + instrument; i64.MIN_VALUE alone when positions paid another
 * funding than the ledger got; i64.MIN_VALUE + INSTRUMENTS_MAX + balance slot when its open orders
 * hold back another sum than it says.
 */
export function moneyCheck(currency: i32): i64 {
  for (let id = 1; id < INSTRUMENTS_MAX; id++) {
    const traded = <usize>TRADED_ROWS + <usize>id * TRADED_ROW_BYTES;
    if (load<u32>(traded, TRD_ID) == 0 || load<u16>(traded, TRD_SETTLEMENT) != currency) continue;
    if (!positionsAddUp(<u32>id, traded)) return i64.MIN_VALUE + id;
  }
  const wrong = lockWrong(currency);
  if (wrong != 0) return i64.MIN_VALUE + INSTRUMENTS_MAX + wrong;
  const ledger = ledgerAt(currency);
  if (fundingPaid(currency) != load<i64>(ledger, LEDGER_FUNDING)) return i64.MIN_VALUE;
  let sum = load<i64>(ledger, LEDGER_STREET) + load<i64>(ledger, LEDGER_FEES);
  sum += load<i64>(ledger, LEDGER_FUNDING);
  for (let slot: u32 = 1; slot < load<u32>(O_BALANCES); slot++) {
    const row = <usize>BALANCE_ROWS + <usize>slot * BALANCE_ROW_BYTES;
    if (load<u16>(row, BAL_CURRENCY) == currency) sum += load<i64>(row, BAL_CASH);
  }
  return sum - load<i64>(ledger, LEDGER_DEPOSITS);
}

/** A balance of the currency whose open orders hold back another sum than it says; 0 = none. */
function lockWrong(currency: i32): u32 {
  const sums: usize = SCRATCH;
  const balances = load<u32>(O_BALANCES);
  memory.fill(sums, 0, <usize>balances << 3);
  for (let slot: u32 = 1; slot < load<u32>(O_ORDERS); slot++) {
    const cold = <usize>ORDER_COLD_ROWS + (<usize>slot << ORDER_COLD_SHIFT);
    if (load<u8>(cold, ORDER_COLD_LOCK) == 0) continue;
    const balance = lockBalance(<usize>ORDER_ROWS + (<usize>slot << ORDER_ROW_SHIFT));
    const at = sums + (<usize>balance << 3);
    const lock = <usize>LOCK_ROWS + <usize>slot * LOCK_ROW_BYTES;
    store<i64>(at, load<i64>(at) + load<i64>(lock, LOCK_MINOR));
  }
  for (let slot: u32 = 1; slot < balances; slot++) {
    const row = balanceAt(slot);
    if (load<u16>(row, BAL_CURRENCY) != currency) continue;
    if (load<i64>(sums + (<usize>slot << 3)) != load<i64>(row, BAL_LOCKED)) return slot;
  }
  return 0;
}

/** Balance that an order takes from: the quote's of a buy, the base's of a sell. */
function lockBalance(order: usize): u32 {
  const isBuy = load<u8>(order, ORDER_ROW_SIDE) == Side.Buy;
  if (isBuy) return load<u32>(positionAt(load<u32>(order, ORDER_ROW_POSITION)), POS_BALANCE);
  const base = load<u16>(kindAt(load<u32>(order, ORDER_ROW_INSTRUMENT)), KND_BASE);
  return balanceFind(load<u32>(order, ORDER_ROW_ACCOUNT), base);
}

/** What all positions that settle in a currency paid. */
function fundingPaid(currency: i32): i64 {
  let sum: i64 = 0;
  for (let slot: u32 = 1; slot < load<u32>(O_POSITIONS); slot++) {
    const row = positionAt(slot);
    const traded = tradedAt(load<u32>(row, POS_INSTRUMENT));
    const isIn = traded != 0 && load<u16>(traded, TRD_SETTLEMENT) == currency;
    if (isIn) sum += load<i64>(besideOf(row), BSD_FUNDING);
  }
  return sum;
}

/** Lots of all positions and the street are 0; realized x den + rest = (cost - flow) x num. */
function positionsAddUp(id: u32, traded: usize): bool {
  const cost: usize = SCRATCH;
  const realized: usize = SCRATCH + 16;
  memory.fill(SCRATCH, 0, 48);
  let lots = load<i64>(traded, TRD_STREET_LOTS);
  for (let slot: u32 = 1; slot < load<u32>(O_POSITIONS); slot++) {
    const row = positionAt(slot);
    if (load<u32>(row, POS_INSTRUMENT) != id) continue;
    lots += load<i64>(row, POS_LOTS);
    add128(cost, load<u64>(row, POS_COST), load<i64>(row, POS_COST + 8));
    addProduct128(realized, load<i64>(row, POS_REALIZED), load<i64>(traded, TRD_DEN));
    add128(realized, load<u64>(row, POS_REMAINDER), 0);
  }
  sub128(cost, load<u64>(traded, TRD_STREET_FLOW), load<i64>(traded, TRD_STREET_FLOW + 8));
  // (cost - flow) x num modulo 2^128 on both sides.
  const num = load<u64>(traded, TRD_NUM);
  const low = load<u64>(cost);
  const scaled: usize = SCRATCH + 32;
  addProduct128(scaled, <i64>low, <i64>num);
  if (<i64>low < 0) store<u64>(scaled, load<u64>(scaled, 8) + num, 8);
  store<u64>(scaled, load<u64>(scaled, 8) + load<u64>(cost, 8) * num, 8);
  return (
    lots == 0 &&
    load<u64>(scaled) == load<u64>(realized) &&
    load<u64>(scaled, 8) == load<u64>(realized, 8)
  );
}
