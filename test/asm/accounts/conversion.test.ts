// Conversion marks: amounts rounded down, refused when the mark is unknown or old; equity of both.
import { beforeEach, expect, test } from "vitest";
import { Kind, Refusal, Side } from "../../../asm/vocab.ts";
import { CONVERSIONS_MAX } from "../../../asm/layout.ts";
import { floorDiv } from "../../reference/order-money.ts";
import { only, OrderCore, type Fields } from "../order-core.ts";

let core: OrderCore;
beforeEach(() => {
  core = OrderCore.create();
  core.send(Kind.Currency, { id: 2, minorExponent: -8, code: "BTC" });
  core.send(Kind.Currency, { id: 3, minorExponent: 0, code: "JPY" });
  core.account(1);
  core.instrument(1);
});

function mark(fields: Fields): string {
  const out = core.send(Kind.ConversionMark, fields)[0]!;
  return Refusal[out["reason"] as Refusal];
}

function deposit(currency: number, amountMinor: number): void {
  core.send(Kind.CashAdjust, { account: 1, currency, amountMinor });
}

/** Equity in USD cents, or the name of the refusal. */
function equity(): number | string {
  const rows = only(core.send(Kind.StateQuery, { account: 1 }), Kind.AccountState);
  const said = new Set(rows.map((row) => `${row["equityReason"]} ${row["equityMinor"]}`));
  expect(said.size, "every balance says the same equity").toBe(1);
  expect(rows[0]!["reporting"]).toBe(1);
  const reason = rows[0]!["equityReason"] as Refusal;
  return reason === Refusal.None ? rows[0]!["equityMinor"] : Refusal[reason];
}

test("an account in its own currency needs no mark", () => {
  deposit(1, 12_345);
  expect(equity()).toBe(12_345);
});

test("a currency without a mark makes the equity unknown, an empty balance in it does not", () => {
  deposit(1, 100);
  deposit(2, 1);
  expect(equity()).toBe("PriceUnknown");
  deposit(2, -1);
  expect(equity()).toBe(100);
});

test.each([
  [3, 1, 30_000, 1, 0],
  [123_456_789, 65_432, 7, 1, 1],
  [99_999_999, 1, 3, 1, 2],
  [1, 1, 1_000_000, 1, 0],
])("%i satoshi at %i / %i are rounded down", (satoshi, num, den) => {
  expect(mark({ from: 2, to: 1, num, den })).toBe("None");
  deposit(2, satoshi);
  const exact = floorDiv(BigInt(satoshi) * BigInt(num) * 100n, BigInt(den) * 100_000_000n);
  expect(equity()).toBe(Number(exact));
});

test("the inverse of a mark stands in, the pair's own mark goes before it", () => {
  deposit(2, 100_000_000);
  expect(mark({ from: 1, to: 2, num: 1, den: 50_000 })).toBe("None");
  expect(equity()).toBe(5_000_000);
  expect(mark({ from: 2, to: 1, num: 49_000, den: 1 })).toBe("None");
  expect(equity()).toBe(4_900_000);
});

test("no chain of marks is followed", () => {
  mark({ from: 2, to: 3, num: 7_000_000, den: 1 });
  mark({ from: 3, to: 1, num: 1, den: 150 });
  deposit(2, 5);
  expect(equity()).toBe("PriceUnknown");
});

test("a mark is stale one nanosecond after its time, and a newer one is fresh", () => {
  deposit(2, 100_000_000);
  core.nowNanos = 1_000;
  mark({ from: 2, to: 1, num: 10, den: 1, staleMillis: 5 });
  core.nowNanos = 5_001_000;
  expect(equity()).toBe(1_000);
  core.nowNanos = 5_001_001;
  expect(equity()).toBe("PriceStale");
  mark({ from: 2, to: 1, num: 11, den: 1, staleMillis: 5 });
  expect(equity()).toBe(1_100);
});

test("what is owed is rounded up: a loss in another currency counts for more", () => {
  core.instrument(2, { settlement: 2, tickExponent: -8 });
  for (const id of [2, 3]) core.account(id);
  const at = (account: number, side: Side, priceTicks: number, clientId: number): void => {
    core.order({ instrument: 2, account, side, priceTicks, clientId });
  };
  at(1, Side.Buy, 10, 1);
  at(2, Side.Sell, 10, 1);
  at(1, Side.Sell, 7, 2);
  at(3, Side.Buy, 7, 1);
  deposit(1, 100);
  mark({ from: 2, to: 1, num: 1_000_000, den: 3 });
  expect(equity(), "3 satoshi at 1/3 cent are a cent less").toBe(100 - 1);
  expect(core.money(2)).toBe(0n);
});

test("an amount that does not fit is no amount", () => {
  mark({ from: 3, to: 1, num: 2 ** 50, den: 1 });
  deposit(3, 2 ** 50);
  expect(equity()).toBe("AmountOverflow");
});

test.each([
  [{ from: 2, to: 2, num: 1, den: 1 }, "ParameterInvalid"],
  [{ from: 2, to: 1, num: 0, den: 1 }, "ParameterInvalid"],
  [{ from: 2, to: 1, num: 1, den: -1 }, "ParameterInvalid"],
  [{ from: 2, to: 9, num: 1, den: 1 }, "UnknownCurrency"],
  [{ from: 0, to: 1, num: 1, den: 1 }, "UnknownCurrency"],
  [{ from: 1, to: 2, num: 2 ** 52, den: 1 }, "None"],
  [{ from: 3, to: 2, num: 2 ** 52, den: 1 }, "None"],
  [{ from: 3, to: 2, num: 2 ** 52 + 1, den: 2 ** 30 + 1 }, "None"],
])("a mark of %j is answered %s", (fields, reason) => {
  if (reason === "None" && fields.num > 2 ** 50) reason = fits(fields) ? "None" : "AmountOverflow";
  expect(mark(fields)).toBe(reason);
});

/** True when the reduced fraction of minor units fits 63 bits. */
function fits({
  from,
  to,
  num,
  den,
}: {
  from: number;
  to: number;
  num: number;
  den: number;
}): boolean {
  const exponents = [0, -2, -8, 0];
  const shift = exponents[from]! - exponents[to]!;
  const above = BigInt(num) * 10n ** BigInt(Math.max(shift, 0));
  const below = BigInt(den) * 10n ** BigInt(Math.max(-shift, 0));
  return above < 1n << 63n && below < 1n << 63n;
}

test("the table of marks has an end, and a known pair is still taken there", () => {
  for (let id = 4; id < 70; id++)
    core.send(Kind.Currency, { id, minorExponent: 0, code: `C${id}` });
  let taken = 1;
  let reason = "None";
  for (let from = 4; from < 70 && reason === "None"; from++) {
    for (let to = 4; to < 70 && reason === "None"; to++) {
      if (from !== to) reason = mark({ from, to, num: 1, den: 1 });
      if (from !== to && reason === "None") taken++;
    }
  }
  expect(taken).toBe(CONVERSIONS_MAX);
  expect(reason).toBe("LimitsFull");
  expect(mark({ from: 4, to: 5, num: 2, den: 1 })).toBe("None");
});
