// Exact money at the edges of 64 bits, against BigInt.
import { expect, test } from "vitest";
import { Kind, OrderState, Refusal, Side } from "../../../asm/vocab.ts";
import { only, OrderCore } from "../order-core.ts";
import { floorDiv } from "../../reference/order-money.ts";

test.each([
  [2 ** 40 + 12_345, 2 ** 40 - 7, 2 ** 40 + 3, 2 ** 25],
  [2 ** 50 + 1, 2 ** 49 + 5, 2 ** 20 + 3, 2 ** 10 + 1],
  [999_999_999_989, 1_000_000_000_039, 600_011, 7],
])(
  "products beyond 64 bits realize exactly: buy at %i, sell at %i, %i lots, %i closed first",
  (buy, sell, lots, first) => {
    const core = OrderCore.create();
    core.account(1);
    core.account(2);
    // 3 / (7 x 10^9) minor units per tick x lot.
    core.instrument(1, { tickExponent: -11, multiplierNum: 3, multiplierDen: 7 });
    let clientId = 0;
    const trade = (side: Side, priceTicks: number, qtyLots: number): bigint => {
      const other = side === Side.Buy ? Side.Sell : Side.Buy;
      core.order({ account: 2, clientId: ++clientId, side: other, priceTicks, qtyLots });
      const outs = core.order({ account: 1, clientId: ++clientId, side, priceTicks, qtyLots });
      const fill = only(outs, Kind.Fill).find((out) => out["account"] === 1);
      expect(fill, `trade ${side} ${priceTicks} x ${qtyLots} ${outs[0]!["reason"]}`).toBeDefined();
      expect(core.money(), "conserved").toBe(0n);
      return BigInt(fill!["realizedMinor"]);
    };
    const money = (raw: bigint): bigint => floorDiv(raw * 3n, 7_000_000_000n);
    trade(Side.Buy, buy, lots);
    trade(Side.Buy, buy + 1, 3);
    const cost = BigInt(buy) * BigInt(lots) + BigInt(buy + 1) * 3n;
    const share = (cost * BigInt(first)) / BigInt(lots + 3);
    const one = BigInt(sell) * BigInt(first) - share;
    expect(trade(Side.Sell, sell, first)).toBe(money(one));
    const rest = lots + 3 - first;
    const two = one + BigInt(sell) * BigInt(rest) - (cost - share);
    expect(trade(Side.Sell, sell, rest), "the sum is exact, the remainder was carried").toBe(
      money(two) - money(one),
    );
  },
);

test("a notional that does not fit is refused and changes nothing", () => {
  const core = OrderCore.create();
  core.account(1);
  core.instrument(1);
  const hash = core.core.stateHash(2);
  const big = { clientId: 1, priceTicks: 2 ** 40 };
  const denied = core.order({ ...big, qtyLots: 2 ** 20 + 1 })[0]!;
  expect([Refusal[denied["reason"]], Kind[denied["kind"]]]).toEqual([
    "NotionalOverflow",
    "OrderDenied",
  ]);
  expect(core.order({ ...big, qtyLots: 2 ** 20 })[0]!["kind"], "2^60 passes").toBe(
    Kind.OrderAccepted,
  );
  expect(core.core.stateHash(2)).not.toBe(hash);
});

test("a closed order never changes again: late cancels and amends are refused", () => {
  const core = OrderCore.create();
  core.account(1);
  core.account(2);
  core.instrument(1);
  core.order({ clientId: 1, priceTicks: 10 });
  core.order({ account: 2, clientId: 1, side: Side.Sell, priceTicks: 10 });
  for (const kind of [Kind.OrderCancel, Kind.OrderAmend]) {
    const out = core.send(kind, {
      account: 1,
      clientId: 1,
      ...(kind === Kind.OrderAmend ? { fields: 1, priceTicks: 9 } : {}),
    })[0]!;
    expect([Refusal[out["reason"]], OrderState[out["state"]]]).toEqual(["OrderNotOpen", "Filled"]);
  }
});
