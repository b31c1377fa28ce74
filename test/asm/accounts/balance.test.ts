// Cash: deposits, withdrawals, their bounds, the UTC day, and the sum that is always zero.
import { beforeEach, expect, test } from "vitest";
import { CASH_AMOUNT_MINOR, Kind, Refusal, Side } from "../../../asm/vocab.ts";
import { only, OrderCore, type Out } from "../order-core.ts";

// The host reads money as doubles, so a test that looks at cash stays below 2^53; the bound of the
// core is 2^61 of deposits a currency.
const DEPOSITS_MAX = 2n ** 61n;
const DAY_NANOS = 86_400e9;

let core: OrderCore;
beforeEach(() => {
  core = OrderCore.create();
  core.send(Kind.Currency, { id: 2, minorExponent: -2, code: "EUR" });
  core.instrument(1);
  for (const id of [1, 2]) core.account(id);
});

function adjust(account: number, amountMinor: number | bigint, currency = 1): Out[] {
  return core.send(Kind.CashAdjust, { account, currency, amountMinor });
}

function why(outs: Out[]): string {
  return Refusal[outs[0]!["reason"] as Refusal];
}

/** A lot bought and sold between the accounts: account 1 realizes `minor` with its second order. */
function realize(minor: number, clientId: number): Out {
  core.order({ account: 2, clientId, side: Side.Sell, priceTicks: 1_000 });
  core.order({ account: 1, clientId, priceTicks: 1_000 });
  core.order({ account: 2, clientId: clientId + 1, priceTicks: 1_000 + minor });
  const outs = core.order({
    account: 1,
    clientId: clientId + 1,
    side: Side.Sell,
    priceTicks: 1_000 + minor,
  });
  return only(outs, Kind.BalanceChanged).find((out) => out["account"] === 1)!;
}

test("a deposit is answered, then reported, in its own currency only", () => {
  const outs = adjust(1, 500);
  expect(outs.map((out) => Kind[out["kind"] as Kind])).toEqual([
    "ConfigAccepted",
    "BalanceChanged",
  ]);
  expect([outs[1]!["account"], outs[1]!["currency"], outs[1]!["cashMinor"]]).toEqual([1, 1, 500]);
  expect(adjust(1, 30, 2)[1]!["cashMinor"]).toBe(30);
  expect(adjust(1, 1)[1]!["cashMinor"]).toBe(501);
  expect([core.money(1), core.money(2)]).toEqual([0n, 0n]);
});

test("a withdrawal takes all there is and not one unit more", () => {
  adjust(1, 500);
  adjust(1, 900, 2);
  expect(why(adjust(1, -501)), "other currencies do not count").toBe("BalanceInsufficient");
  expect(adjust(1, -500)[1]!["cashMinor"]).toBe(0);
  expect(why(adjust(1, -1))).toBe("BalanceInsufficient");
  expect(why(adjust(2, -1)), "an account without a balance").toBe("BalanceInsufficient");
  expect(core.money()).toBe(0n);
});

test("an unknown account or currency is refused", () => {
  expect(why(adjust(99, 1))).toBe("UnknownAccount");
  expect(why(adjust(1, 1, 9))).toBe("UnknownCurrency");
  expect(why(adjust(1, 1, 0))).toBe("UnknownCurrency");
});

test("deposits of a currency stop at 2^61 over all accounts, and go on when some leave", () => {
  const put = (account: number, amountMinor: bigint): void => {
    // Without answers: such cash does not fit the host's numbers.
    core.sendMany(Kind.CashAdjust, { account, currency: 1 }, 1, (view, at) => {
      view.setBigInt64(at + CASH_AMOUNT_MINOR, amountMinor, true);
    });
  };
  put(1, DEPOSITS_MAX - 10n);
  expect(why(adjust(2, 11)), "one more than the bound").toBe("AmountOverflow");
  expect(why(adjust(2, 10)), "up to the bound").toBe("None");
  expect(why(adjust(2, 1))).toBe("AmountOverflow");
  expect(core.money()).toBe(0n);
  put(1, -1_000n);
  expect(why(adjust(2, 990))).toBe("None");
  expect(why(adjust(2, 11))).toBe("AmountOverflow");
  put(2, DEPOSITS_MAX + 1n);
  put(2, -(2n ** 63n));
  expect(adjust(2, 1)[1]!["cashMinor"], "neither was booked").toBe(1_001);
  expect(core.money()).toBe(0n);
});

test("realized of the day begins at zero at 00:00 UTC, cash does not", () => {
  core.nowNanos = DAY_NANOS - 1;
  expect(realize(7, 1)["realizedDayMinor"]).toBe(7);
  expect(realize(-3, 3)["realizedDayMinor"]).toBe(4);
  core.nowNanos = DAY_NANOS;
  const deposit = adjust(1, 100)[1]!;
  expect([deposit["realizedDayMinor"], deposit["cashMinor"]]).toEqual([0, 104]);
  const next = realize(5, 5);
  expect([next["realizedDayMinor"], next["cashMinor"]]).toEqual([5, 109]);
  core.nowNanos = 3 * DAY_NANOS;
  const state = only(core.send(Kind.StateQuery, { account: 1 }), Kind.AccountState)[0]!;
  expect([state["realizedDayMinor"], state["cashMinor"]]).toEqual([0, 109]);
  expect(core.money()).toBe(0n);
});

test("a balance an input changes many times is reported once, after everything else", () => {
  for (const clientId of [1, 2, 3]) {
    core.order({ account: 2, clientId, side: Side.Sell, priceTicks: 1_000 });
  }
  const outs = core.order({ account: 1, clientId: 1, priceTicks: 1_000, qtyLots: 3 });
  expect(only(outs, Kind.Fill).length).toBe(6);
  const tail = outs.slice(-2).map((out) => [Kind[out["kind"] as Kind], out["account"]]);
  expect(tail, "the maker's changed first").toEqual([
    ["BalanceChanged", 2],
    ["BalanceChanged", 1],
  ]);
  expect(only(outs, Kind.BalanceChanged).length).toBe(2);
});

test("unrealized follows the mark of every position that settles in the currency", () => {
  core.instrument(2);
  core.order({ account: 2, clientId: 1, side: Side.Sell, priceTicks: 1_000, qtyLots: 10 });
  core.order({ account: 1, clientId: 1, priceTicks: 1_000, qtyLots: 10 });
  core.order({ account: 2, clientId: 2, side: Side.Sell, priceTicks: 1_004 });
  const outs = core.order({ account: 1, clientId: 2, priceTicks: 1_004 });
  const said = only(outs, Kind.BalanceChanged).find((out) => out["account"] === 1)!;
  expect(said["unrealizedMinor"], "moves with marks, so it is said when asked for").toBe(0);
  const [mine] = only(core.send(Kind.StateQuery, { account: 1 }), Kind.AccountState);
  expect([mine!["unrealizedMinor"], mine!["cashMinor"]], "10 lots x 4 ticks").toEqual([40, 0]);
});
