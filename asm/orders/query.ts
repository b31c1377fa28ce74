// StateQuery: an account's balances, positions, open orders and open parents as records, for a
// client that connects or resumes; or the limits that hold for it, or the parts of strategies, for
// one that watches them.
// Bounded by QUERY_ROWS_MAX rows; the end record says how many were left out.
//
// tidy: tested by test/asm/orders/query.test.ts
import {
  accountFind,
  accountAt,
  ACC_BALANCES_FIRST,
  ACC_ORDERS_FIRST,
  ACC_POSITIONS_FIRST,
} from "../accounts/account";
import { balanceAt, balanceWrite, BAL_NEXT } from "../accounts/balance";
import {
  O_CALL_BALANCE,
  O_LIMIT_VALUE,
  O_PARENTS,
  O_PARENTS_OPEN,
  ORDER_COLD_NEXT,
  QUERY_ROWS_MAX,
} from "../layout";
import { outBegin, outEnd } from "../output";
import { positionAt, positionBegin, POS_NEXT } from "../positions/position";
import { subsQuery } from "../positions/sub-account";
import { limitStates } from "../risk/limit-state";
import {
  Kind,
  POSITION_LIQUIDATION_TICKS,
  ORDER_ACCOUNT,
  ORDER_CLIENT_ID,
  QUERY_CELLS,
  QUERY_SESSION,
  REC_INSTRUMENT,
  QUERY_LEFT,
  QUERY_DONE,
  QUERY_PART,
  QueryPart,
} from "../vocab";
import { orderEvent } from "./event";
import { liquidationTicks } from "./liquidation-price";
import { parentAt, parentIsOpen, PAR_ACCOUNT } from "./parent";
import { parentReport } from "./parent-report";
import { orderColdAt } from "./pool";

/** Takes a StateQuery; an unknown account has no rows. */
export function stateQuery(rec: usize): void {
  store<i64>(O_LIMIT_VALUE, 0);
  store<u32>(O_CALL_BALANCE, 0);
  const account = accountFind(load<u32>(rec, ORDER_ACCOUNT));
  let rows: u32 = 0;
  const most: u32 = QUERY_ROWS_MAX;
  const part = load<u8>(rec, QUERY_PART);
  if (account != 0 && part == QueryPart.Limits) {
    rows = limitStates(account, load<u32>(rec, REC_INSTRUMENT), most);
  } else if (account != 0 && part == QueryPart.Strategies) {
    rows = partRows(account, 0, most);
  } else if (account != 0) {
    const owner = accountAt(account);
    let slot = load<u32>(owner, ACC_BALANCES_FIRST);
    for (; slot != 0; rows++) {
      if (rows < most) balanceWrite(Kind.AccountState, balanceAt(slot));
      slot = load<u32>(balanceAt(slot), BAL_NEXT);
    }
    slot = load<u32>(owner, ACC_POSITIONS_FIRST);
    for (; slot != 0; rows++) {
      if (rows < most) positionState(positionAt(slot));
      slot = load<u32>(positionAt(slot), POS_NEXT);
    }
    rows = partRows(account, rows, most);
    slot = load<u32>(owner, ACC_ORDERS_FIRST);
    for (; slot != 0; rows++) {
      if (rows < most) orderEvent(Kind.OrderStateRow, slot, 0, 0);
      slot = load<u32>(orderColdAt(slot), ORDER_COLD_NEXT);
    }
    rows = parentRows(account, rows, most);
  }
  const out = outBegin(Kind.StateQueryEnd, QUERY_CELLS, load<u32>(rec, REC_INSTRUMENT));
  store<u32>(out, load<u32>(rec, ORDER_ACCOUNT), ORDER_ACCOUNT);
  store<u64>(out, load<u64>(rec, ORDER_CLIENT_ID), ORDER_CLIENT_ID);
  store<u32>(out, load<u32>(rec, QUERY_SESSION), QUERY_SESSION);
  store<u32>(out, rows > most ? rows - most : 0, QUERY_LEFT);
  store<u32>(out, min(rows, most), QUERY_DONE);
  store<u8>(out, part, QUERY_PART);
  outEnd(out);
}

function positionState(row: usize): void {
  const out = positionBegin(Kind.PositionState, row);
  store<i64>(out, liquidationTicks(row), POSITION_LIQUIDATION_TICKS);
  outEnd(out);
}

/** Writes what strategies have of the account's positions; counts as `parentRows` does. */
function partRows(account: u32, rows: u32, most: u32): u32 {
  let slot = load<u32>(accountAt(account), ACC_POSITIONS_FIRST);
  for (; slot != 0; slot = load<u32>(positionAt(slot), POS_NEXT)) {
    rows = subsQuery(positionAt(slot), rows, most);
  }
  return rows;
}

/** Writes the account's open parents by row; `rows` counts those before, and then all. */
function parentRows(account: u32, rows: u32, most: u32): u32 {
  if (load<u32>(O_PARENTS_OPEN) == 0) return rows;
  const end = load<u32>(O_PARENTS);
  for (let parent: u32 = 1; parent < end; parent++) {
    const row = parentAt(parent);
    if (load<u32>(row, PAR_ACCOUNT) != account || !parentIsOpen(row)) continue;
    if (rows < most) parentReport(Kind.ParentStateRow, parent);
    rows++;
  }
  return rows;
}
