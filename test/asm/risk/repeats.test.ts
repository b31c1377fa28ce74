// A strategy that trades too often is stopped, and only a human lets it go on.
import { beforeEach, expect, test } from "vitest";
import { Kind, Refusal, Scope, Side } from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

let core: OrderCore;
let clientId = 0;

beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1, { referenceTicks: 10_000 });
  core.instrument(2, { referenceTicks: 10_000 });
  for (const id of [1, 2]) {
    core.account(id);
    core.send(Kind.CashAdjust, { account: id, currency: 1, amountMinor: 1_000_000 });
  }
  core.send(Kind.Strategy, { id: 7, account: 1 });
  core.send(Kind.Strategy, { id: 8, account: 1 });
  clientId = 0;
  core.send(Kind.RiskLimits, { scope: Scope.Global, repeatsMax: 3, repeatsWindowMillis: 10 });
});

/** One fill of the strategy: account 2 sells, it buys. */
function trade(strategy: number, instrument = 1): Out[] {
  const priceTicks = 10_000;
  core.order({ clientId: ++clientId, account: 2, instrument, side: Side.Sell, priceTicks });
  return core.order({ clientId: ++clientId, strategy, instrument, priceTicks });
}

function reason(outs: Out[]): string {
  return Refusal[Number(outs[0]!["reason"])]!;
}

function release(fields: Fields = {}): string {
  const what = { account: 1, strategy: 7, scope: Scope.Strategy, ...fields };
  return reason(core.send(Kind.RiskRelease, what));
}

test("the last execution allowed stops the strategy everywhere, and says so once", () => {
  expect(only([...trade(7), ...trade(7)], Kind.RiskEvent)).toEqual([]);
  const event = only(trade(7), Kind.RiskEvent)[0]!;
  const { scope, strategy, account, instrument, state } = event;
  expect({ scope, strategy, account, instrument, state }).toEqual({
    ...{ scope: Scope.Strategy, strategy: 7, account: 1, instrument: 1, state: 1 },
  });
  expect(event["reason"]).toBe(Refusal.RepeatedExecution);
  expect(reason(trade(7))).toBe("RepeatedExecution");
  expect(reason(trade(7, 2)), "in another instrument").toBe("RepeatedExecution");
  expect(reason(trade(8)), "another strategy").toBe("None");
  expect(reason(trade(0)), "a human").toBe("None");
});

test("time does not release it, a human does, and counting begins anew", () => {
  for (let count = 0; count < 3; count++) trade(7);
  core.nowNanos = 3 * 86_400_000_000_000;
  expect(reason(trade(7))).toBe("RepeatedExecution");
  expect(release({ scope: Scope.Global })).toBe("ScopeInvalid");
  expect(release({ strategy: 9 })).toBe("UnknownStrategy");
  expect(release({ account: 2 })).toBe("NotOwner");
  expect(release({ account: 99 })).toBe("UnknownAccount");
  expect(release()).toBe("None");
  for (let count = 0; count < 3; count++) expect(reason(trade(7))).toBe("None");
  expect(reason(trade(7))).toBe("RepeatedExecution");
});

test("a new window begins when the old one is over, and each instrument counts for itself", () => {
  for (let round = 0; round < 4; round++) {
    core.nowNanos = round * 10_000_000;
    for (let count = 0; count < 2; count++) expect(reason(trade(7))).toBe("None");
    for (let count = 0; count < 2; count++) expect(reason(trade(7, 2))).toBe("None");
  }
});

test("fewer executions are stricter, and of as many the longer window", () => {
  core.send(Kind.RiskLimits, {
    ...{ scope: Scope.Strategy, strategy: 7, repeatsMax: 3, repeatsWindowMillis: 1000 },
  });
  for (let count = 0; count < 3; count++) {
    expect(reason(trade(7))).toBe("None");
    core.nowNanos += 20_000_000;
  }
  expect(reason(trade(7))).toBe("RepeatedExecution");
  core.send(Kind.RiskLimits, {
    ...{ scope: Scope.AccountInstrument, account: 1, instrument: 1 },
    ...{ repeatsMax: 1, repeatsWindowMillis: 1 },
  });
  trade(8);
  expect(reason(trade(8))).toBe("RepeatedExecution");
});
