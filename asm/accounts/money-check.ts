// The proof that money is conserved, by adding everything up again. For tests and drills: it walks
// every balance and position.
import {
  BALANCE_ROWS,
  BALANCE_ROW_BYTES,
  INSTRUMENTS_MAX,
  O_BALANCES,
  O_POSITIONS,
  SCRATCH,
  TRADED_ROWS,
  TRADED_ROW_BYTES,
} from "../layout";
import { add128, addProduct128, sub128 } from "../math/wide";
import { besideOf, BSD_FUNDING } from "../positions/beside";
import {
  positionAt,
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
import { BAL_CASH, BAL_CURRENCY, ledgerAt } from "./balance";
import { LEDGER_DEPOSITS, LEDGER_FEES, LEDGER_FUNDING, LEDGER_STREET } from "./balance";

/**
 * 0 when nothing was made or lost in `currency`: cash of all accounts + street + fees + funding
 * - deposits.
 * The street ledger in turn must hold exactly what the positions say: per instrument, realized
 * money (with its remainder) x den = (open cost - street flow) x num, and lots add up to 0. A
 * breach there returns i64.MIN_VALUE + instrument; i64.MIN_VALUE alone when positions paid another
 * funding than the ledger got.
 */
export function moneyCheck(currency: i32): i64 {
  for (let id = 1; id < INSTRUMENTS_MAX; id++) {
    const traded = <usize>TRADED_ROWS + <usize>id * TRADED_ROW_BYTES;
    if (load<u32>(traded, TRD_ID) == 0 || load<u16>(traded, TRD_SETTLEMENT) != currency) continue;
    if (!positionsAddUp(<u32>id, traded)) return i64.MIN_VALUE + id;
  }
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
