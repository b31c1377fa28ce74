// The peak from which drawdown counts: what is looked at, and what is not.
import { beforeEach, expect, test } from "vitest";
import { Kind, Refusal, Scope, Side } from "../../../asm/vocab.ts";
import { OrderCore, type Fields } from "../order-core.ts";

let core: OrderCore;
let clientId = 0;

beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1, { referenceTicks: 10_000 });
  for (const id of [1, 2, 3]) {
    core.account(id);
    core.send(Kind.CashAdjust, { account: id, currency: 1, amountMinor: 100_000 });
  }
  clientId = 0;
  const scope = { scope: Scope.Account, account: 1 };
  core.send(Kind.RiskLimits, { ...scope, drawdownMinorMax: 1_000 });
});

function order(fields: Fields): string {
  const out = core.order({ clientId: ++clientId, ...fields })[0]!;
  return Refusal[Number(out["reason"])]!;
}

/** Account 1 buys or sells at once; account 2 is the other side. */
function trade(side: Side, qtyLots: number, priceTicks: number): string {
  const other = side === Side.Buy ? Side.Sell : Side.Buy;
  order({ account: 2, side: other, qtyLots, priceTicks });
  return order({ side, qtyLots, priceTicks });
}

/** Others trade one lot: the mark moves and account 1 has no part in it. */
function mark(priceTicks: number): void {
  order({ account: 2, side: Side.Sell, priceTicks });
  order({ account: 3, priceTicks });
}

test("a gain realized by a resting order counts although no order was asked for in between", () => {
  expect(trade(Side.Buy, 10, 10_000)).toBe("None");
  // Asked before the gain: the peak it sees is 0.
  expect(order({ side: Side.Sell, qtyLots: 5, priceTicks: 10_400 })).toBe("None");
  order({ account: 3, qtyLots: 5, priceTicks: 10_400 });
  // At the fill: 5 x 400 realized and 5 x 400 open. At 10,150: 2,000 + 750.
  mark(10_150);
  expect(order({ priceTicks: 9_000 }), "4,000 less 2,750").toBe("DrawdownLimit");
});

test("what marks alone made and took back was not seen", () => {
  expect(trade(Side.Buy, 10, 10_000)).toBe("None");
  mark(10_400);
  mark(10_000);
  expect(order({ priceTicks: 9_000 })).toBe("None");
});

test("an account nobody asks for drawdown is not looked at", () => {
  trade(Side.Buy, 10, 10_000);
  // Account 2 is short: it made 4,000 here and lost it again, both by fills.
  trade(Side.Sell, 5, 9_600);
  trade(Side.Buy, 5, 10_000);
  const scope = { scope: Scope.Account, account: 2 };
  core.send(Kind.RiskLimits, { ...scope, drawdownMinorMax: 1_000 });
  expect(order({ account: 2, priceTicks: 9_000 }), "4,000 lie behind it, 2,000 are left").toBe(
    "None",
  );
});
