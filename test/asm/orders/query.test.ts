// StateQuery: what a client that connects is told, and the bound of one answer.
import { beforeEach, expect, test } from "vitest";
import { QUERY_ROWS_MAX } from "../../../asm/layout.ts";
import {
  Algorithm,
  ChildStyle,
  Execution,
  Kind,
  ORDER_CLIENT_ID,
  ParentState,
  Side,
} from "../../../asm/vocab.ts";
import { BASE_NANOS, only, OrderCore, type Fields, type Out } from "../order-core.ts";

const SECOND = 1_000_000_000;
const PAPER = 2;

let core: OrderCore;
beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1);
  core.instrument(PAPER, { execution: Execution.Paper });
  for (const id of [1, 2]) core.account(id);
});

function parent(clientId: number, fields: Fields = {}): void {
  const out = core.send(Kind.ParentNew, {
    ...{ instrument: PAPER, account: 1, clientId, algorithm: Algorithm.Twap, side: Side.Sell },
    ...{ style: ChildStyle.Aggressive, qtyLots: 100, intervalNanos: SECOND, tag: 9n },
    endNanos: BASE_NANOS + BigInt(10 * SECOND),
    ...fields,
  });
  expect(out[0]!["kind"]).toBe(Kind.ParentProgress);
}

function query(account = 1): Out[] {
  return core.send(Kind.StateQuery, { account, clientId: 5, session: 77 });
}

test("lists balances, positions, orders, then open parents, and ends with their number", () => {
  core.send(Kind.CashAdjust, { account: 1, currency: 1, amountMinor: 500 });
  core.order({ clientId: 3, priceTicks: 900 });
  parent(4);
  const outs = query();
  expect(outs.map((out) => Kind[out["kind"]])).toEqual([
    "AccountState",
    "PositionState",
    "OrderStateRow",
    "ParentStateRow",
    "StateQueryEnd",
  ]);
  expect(outs.at(-1)).toMatchObject({ account: 1, session: 77, done: 4, left: 0 });
});

test("a parent is told whole, waiting or working, of its own account, until it ends", () => {
  core.send(Kind.TopOfBook, {
    ...{ instrument: PAPER, bidTicks: 999, askTicks: 1001, bidLots: 1000, askLots: 1000 },
  });
  parent(4, { startNanos: BASE_NANOS + BigInt(5 * SECOND) });
  parent(6);
  core.nowNanos = 2 * SECOND;
  const rows = only(query(), Kind.ParentStateRow);
  expect(rows.map((row) => [row["clientId"], ParentState[row["state"] as ParentState]])).toEqual([
    [4n, "Waiting"],
    [6n, "Working"],
  ]);
  expect(rows[1]).toMatchObject({ side: Side.Sell, qtyLots: 100, algorithm: Algorithm.Twap });
  expect(rows[1]!["filledLots"], "slices that were due").toBeGreaterThan(0);
  expect(rows[1]!["tag"]).toBe(9n);
  expect(only(query(2), Kind.ParentStateRow), "another account's").toEqual([]);
  core.send(Kind.ParentCancel, { instrument: PAPER, account: 1, clientId: 4 });
  expect(only(query(), Kind.ParentStateRow).map((row) => row["clientId"])).toEqual([6n]);
});

test("what does not fit one answer is counted, parents too", () => {
  const fields = { instrument: 1, account: 1, type: 2, side: Side.Buy, tif: 1, qtyLots: 1 };
  core.sendMany(Kind.OrderNew, { ...fields, priceTicks: 900 }, QUERY_ROWS_MAX, (view, at, index) =>
    view.setBigUint64(at + ORDER_CLIENT_ID, BigInt(index + 1), true),
  );
  parent(999_999);
  const outs = query();
  // Balance, position and parent are three more than fit.
  expect(outs.length).toBe(QUERY_ROWS_MAX + 1);
  expect(outs.at(-1)).toMatchObject({ done: QUERY_ROWS_MAX, left: 3 });
});
