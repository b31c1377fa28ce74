// StateQuery: an account's balances, positions and open orders as records, for a client that
// connects or resumes. Bounded by QUERY_ROWS_MAX rows; the end record says how many were left out.
//
// tidy: tested by test/asm/accounts/account.test.ts
import {
  accountFind,
  accountAt,
  ACC_BALANCES_FIRST,
  ACC_ORDERS_FIRST,
  ACC_POSITIONS_FIRST,
} from "../accounts/account";
import { balanceAt, balanceWrite, BAL_NEXT } from "../accounts/balance";
import { O_LIMIT_VALUE, ORDER_COLD_NEXT, QUERY_ROWS_MAX } from "../layout";
import { outBegin, outEnd } from "../output";
import { positionAt, positionWrite, POS_NEXT } from "../positions/position";
import { subsQuery } from "../positions/sub-account";
import {
  Kind,
  ORDER_ACCOUNT,
  ORDER_CLIENT_ID,
  QUERY_CELLS,
  QUERY_SESSION,
  REC_INSTRUMENT,
  QUERY_LEFT,
  QUERY_DONE,
} from "../vocab";
import { orderEvent } from "./event";
import { orderColdAt } from "./pool";

/** Takes a StateQuery; an unknown account has no rows. */
export function stateQuery(rec: usize): void {
  store<i64>(O_LIMIT_VALUE, 0);
  const account = accountFind(load<u32>(rec, ORDER_ACCOUNT));
  let rows: u32 = 0;
  const most: u32 = QUERY_ROWS_MAX;
  if (account != 0) {
    const owner = accountAt(account);
    let slot = load<u32>(owner, ACC_BALANCES_FIRST);
    for (; slot != 0; rows++) {
      if (rows < most) balanceWrite(Kind.AccountState, balanceAt(slot));
      slot = load<u32>(balanceAt(slot), BAL_NEXT);
    }
    slot = load<u32>(owner, ACC_POSITIONS_FIRST);
    for (; slot != 0; rows++) {
      if (rows < most) positionWrite(Kind.PositionState, positionAt(slot));
      slot = load<u32>(positionAt(slot), POS_NEXT);
    }
    slot = load<u32>(owner, ACC_POSITIONS_FIRST);
    for (; slot != 0; slot = load<u32>(positionAt(slot), POS_NEXT)) {
      rows = subsQuery(positionAt(slot), rows, most);
    }
    slot = load<u32>(owner, ACC_ORDERS_FIRST);
    for (; slot != 0; rows++) {
      if (rows < most) orderEvent(Kind.OrderStateRow, slot, 0, 0);
      slot = load<u32>(orderColdAt(slot), ORDER_COLD_NEXT);
    }
  }
  const out = outBegin(Kind.StateQueryEnd, QUERY_CELLS, load<u32>(rec, REC_INSTRUMENT));
  store<u32>(out, load<u32>(rec, ORDER_ACCOUNT), ORDER_ACCOUNT);
  store<u64>(out, load<u64>(rec, ORDER_CLIENT_ID), ORDER_CLIENT_ID);
  store<u32>(out, load<u32>(rec, QUERY_SESSION), QUERY_SESSION);
  store<u32>(out, rows > most ? rows - most : 0, QUERY_LEFT);
  store<u32>(out, min(rows, most), QUERY_DONE);
  outEnd(out);
}
