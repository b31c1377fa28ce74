// The tables of risk at their bounds: what is full says so, or errs toward stopping sooner.
import { expect, test } from "vitest";
import { REPEATS_MAX, RESTRICTIONS_MAX, SUBS_PER_POSITION_MAX } from "../../../asm/layout.ts";
import * as v from "../../../asm/vocab.ts";
import { Kind, Refusal, Scope, Side, TimeInForce } from "../../../asm/vocab.ts";
import { only, OrderCore, type Out } from "../order-core.ts";

const PRICE = 10_000;

function reason(outs: Out[]): string {
  return Refusal[Number(outs[0]!["reason"])]!;
}

/** Accounts 1 to `count`. */
function accounts(core: OrderCore, count: number): void {
  core.sendMany(Kind.Account, { currency: 1 }, count, (view, at, index) => {
    view.setUint32(at + v.ACCOUNT_ID, index + 1, true);
  });
}

test("restrictions end with their table, and known ones can still be set and lifted", () => {
  const core = OrderCore.create();
  core.instrument(1);
  accounts(core, RESTRICTIONS_MAX + 1);
  const row = { instrument: 1, scope: Scope.Account, state: 1 };
  core.sendMany(Kind.RestrictedList, row, RESTRICTIONS_MAX - 1, (view, at, index) => {
    view.setUint32(at + v.SWITCH_ACCOUNT, index + 1, true);
  });
  const restrict = (account: number, state = 1): string =>
    reason(core.send(Kind.RestrictedList, { ...row, account, state }));
  expect(restrict(RESTRICTIONS_MAX)).toBe("LimitsFull");
  expect(restrict(RESTRICTIONS_MAX - 1, 0)).toBe("None");
  expect(restrict(1)).toBe("None");
  const order = (account: number): string =>
    reason(core.order({ clientId: 1, account, priceTicks: PRICE }));
  expect([order(1), order(RESTRICTIONS_MAX - 1), order(RESTRICTIONS_MAX)]).toEqual([
    ...["Restricted", "None", "None"],
  ]);
});

test("executions beyond the table are counted together, so they stop a strategy sooner", () => {
  const core = OrderCore.create();
  const [strategies, instruments, seller] = [512, 33, 9];
  // As many accounts as it takes for every strategy to have a part of its account's position.
  const owners = strategies / SUBS_PER_POSITION_MAX;
  const ownerOf = (strategy: number): number => 1 + ((strategy - 1) % owners);
  for (let id = 1; id <= seller; id++) core.account(id);
  core.sendMany(Kind.Strategy, {}, strategies, (view, at, index) => {
    view.setUint16(at + v.STRATEGY_ID, index + 1, true);
    view.setUint32(at + v.STRATEGY_ACCOUNT, ownerOf(index + 1), true);
  });
  core.send(Kind.RiskLimits, { scope: Scope.Global, repeatsMax: 3, repeatsWindowMillis: 1_000 });
  const shape = { tif: TimeInForce.Gtc, type: v.OrderType.Limit, qtyLots: 1 };
  let clientId = 0;
  for (let instrument = 1; instrument <= instruments; instrument++) {
    core.instrument(instrument, { ladderTicks: 64 });
    const sell = {
      account: seller,
      instrument,
      side: Side.Sell,
      priceTicks: PRICE,
      qtyLots: 2_000,
    };
    core.order({ ...sell, clientId: instrument });
    // The last instrument has the pairs for which no row is left but the first one.
    const count = Math.min(strategies, REPEATS_MAX - 1 - (instrument - 1) * strategies);
    const buy = { ...shape, instrument, side: Side.Buy, priceTicks: PRICE };
    core.sendMany(Kind.OrderNew, buy, count, (view, at, index) => {
      view.setUint16(at + v.ORDER_STRATEGY, index + 1, true);
      view.setUint32(at + v.ORDER_ACCOUNT, ownerOf(index + 1), true);
      view.setBigUint64(at + v.ORDER_CLIENT_ID, BigInt(++clientId), true);
    });
    if (count < strategies) break;
  }
  expect(clientId, "every row is taken").toBe(REPEATS_MAX - 1);
  const last = Math.ceil((REPEATS_MAX - 1) / strategies);
  const trade = (strategy: number, instrument: number): Out[] =>
    core.order({
      ...{ account: ownerOf(strategy), strategy, instrument },
      ...{ clientId: ++clientId, priceTicks: PRICE },
    });
  const stops = (outs: Out[]): unknown[] =>
    only(outs, Kind.RiskEvent).map((out) => out["strategy"]);
  const spare = last + 1;
  core.instrument(spare, { ladderTicks: 64 });
  core.order({
    clientId: 99,
    account: seller,
    instrument: spare,
    side: Side.Sell,
    priceTicks: PRICE,
    qtyLots: 50,
  });
  expect(stops(trade(1, spare))).toEqual([]);
  expect(stops(trade(2, spare))).toEqual([]);
  expect(stops(trade(3, spare)), "the third of all that share the row").toEqual([3]);
  expect(stops(trade(4, 1)), "its own row: its second").toEqual([]);
  expect(stops(trade(4, 1)), "its own row: its third").toEqual([4]);
  core.send(Kind.RiskRelease, { account: ownerOf(3), strategy: 3, scope: Scope.Strategy });
  expect(reason(trade(3, spare))).toBe("None");
});
