// Strategy sub-accounts: parts of a position that add up to it, to the minor unit.
import { beforeEach, expect, test } from "vitest";
import { SUBS_MAX, SUBS_PER_POSITION_MAX } from "../../../asm/layout.ts";
import {
  InstrumentKind,
  Kind,
  ORDER_CLIENT_ID,
  ORDER_STRATEGY,
  PositionMode,
  PositionSide,
  QueryPart,
  REC_INSTRUMENT,
  Refusal,
  Side,
} from "../../../asm/vocab.ts";
import { BASE_NANOS, only, OrderCore, type Fields, type Out } from "../order-core.ts";

const COLUMNS = ["lots", "realizedMinor", "feesMinor", "unrealizedMinor", "tradedLots"] as const;
let core: OrderCore;
let next = 1;

beforeEach(() => {
  core = OrderCore.create();
  // 3/7 of a minor unit per tick x lot: everything has a remainder.
  core.instrument(1, { multiplierNum: 3, multiplierDen: 7 });
  for (const id of [1, 2, 3]) core.account(id);
  for (const id of [7, 8]) core.send(Kind.Strategy, { id, account: 1 });
  core.send(Kind.FeeSchedule, { makerPerBillion: 1_000_000, takerPerBillion: 3_000_000 });
  next = 1;
});

function order(fields: Fields): Out[] {
  return core.order({ clientId: next++, priceTicks: 100, ...fields });
}

/** Account 1 trades with account 2 under a strategy. */
function trade(strategy: number, side: Side, qtyLots: number, priceTicks: number): Out[] {
  order({ account: 2, side: side === Side.Buy ? Side.Sell : Side.Buy, qtyLots, priceTicks });
  return order({ strategy, side, qtyLots, priceTicks });
}

function state(account = 1): Out[] {
  return core.send(Kind.StateQuery, { account });
}

function parts(): Out[] {
  return only(state(), Kind.StrategyState);
}

function expectSums(outs = state()): void {
  for (const position of only(outs, Kind.PositionState)) {
    const own = only(outs, Kind.StrategyState).filter(
      (part) => part["instrument"] === position["instrument"] && part["side"] === position["side"],
    );
    if (own.length === 0) continue;
    const sum = (name: string): number =>
      own.reduce((all, part) => all + Number((part as Record<string, unknown>)[name]), 0);
    for (const name of COLUMNS) expect([name, sum(name)]).toEqual([name, position[name]]);
    expect(own.reduce((all, part) => all + part["cost"], 0n)).toBe(position["cost"]);
    expect(sum("bookedMinor")).toBe(position["realizedMinor"] - position["feesMinor"]);
  }
}

test("strategies on both sides of a flat account have each their own position and result", () => {
  trade(7, Side.Buy, 7, 100);
  trade(8, Side.Sell, 7, 110);
  const rows = parts().map((row) => [row["strategy"], row["lots"], row["unrealizedMinor"]]);
  expect(rows).toEqual([
    [0, 0, -30],
    [8, -7, 0],
    [7, 7, 30],
  ]);
  const [position] = only(state(), Kind.PositionState);
  expect([position!["lots"], position!["realizedMinor"]], "realized by netting").toEqual([0, 30]);
  expectSums();
});

test("realized by the strategy's own average, booked as the account did", () => {
  trade(7, Side.Buy, 7, 100);
  trade(0, Side.Buy, 7, 120);
  trade(7, Side.Sell, 7, 110);
  const seven = parts().find((row) => row["strategy"] === 7)!;
  expect(seven["realizedMinor"], "10 ticks x 7 lots x 3/7").toBe(30);
  expect(seven["bookedMinor"], "the account's average was 110").toBe(0 - seven["feesMinor"]);
  expect(seven["tradedLots"]).toBe(14);
  const rest = parts().find((row) => row["strategy"] === 0)!;
  expect([rest["lots"], rest["tradedLots"]]).toEqual([7, 7]);
  expectSums();
});

test("a partial close takes lots, cost and fee of its own strategy alone", () => {
  trade(7, Side.Buy, 7, 100);
  trade(8, Side.Buy, 5, 120);
  trade(7, Side.Sell, 3, 110);
  const rows = parts().map((row) => [row["strategy"], row["lots"], row["cost"], row["feesMinor"]]);
  expect(rows).toEqual([
    [0, 0, expect.anything(), 0],
    [8, 5, 600n, 1],
    [7, 4, 400n, 2],
  ]);
  expectSums();
});

test("their equity adds up to the account's, deposits and rounding with strategy 0", () => {
  core.send(Kind.CashAdjust, { account: 1, currency: 1, amountMinor: 10_000 });
  let dice = 12345;
  const pick = (most: number): number => {
    dice = (dice * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((dice / 2_147_483_648) * most);
  };
  for (let step = 0; step < 200; step++) {
    const strategy = [0, 7, 8][pick(3)]!;
    trade(strategy, 1 + pick(2), 1 + pick(20), 90 + pick(30));
    const outs = state();
    expectSums(outs);
    const equityOf = (one: Out): number =>
      one["realizedMinor"] + one["unrealizedMinor"] - one["feesMinor"];
    const all = only(outs, Kind.StrategyState).reduce((sum, one) => sum + equityOf(one), 0);
    const [account] = only(outs, Kind.AccountState);
    if (only(outs, Kind.StrategyState).length > 0) {
      expect(10_000 + all, `step ${step}`).toBe(account!["equityMinor"]);
    }
  }
  expect(core.money()).toBe(0n);
});

test("an account without strategies has no parts, nor a position none of them traded in", () => {
  core.instrument(2);
  order({ account: 2, side: Side.Sell, qtyLots: 3 });
  order({ qtyLots: 3 });
  expect(parts()).toEqual([]);
  trade(7, Side.Buy, 1, 100);
  order({ account: 2, instrument: 2, side: Side.Sell });
  order({ instrument: 2 });
  expect(parts().map((row) => row["instrument"])).toEqual([1, 1]);
});

test("parts may be asked for alone, as a state lists them", () => {
  trade(7, Side.Buy, 7, 100);
  trade(8, Side.Sell, 2, 110);
  const outs = core.send(Kind.StateQuery, { account: 1, part: QueryPart.Strategies });
  const end = outs.pop()!;
  expect([end["kind"], end["part"], end["done"]]).toEqual([
    Kind.StateQueryEnd,
    QueryPart.Strategies,
    3,
  ]);
  const told = (rows: Out[]): unknown[] => rows.map((row) => [row["strategy"], row["lots"]]);
  expect(outs.every((row) => row["kind"] === Kind.StrategyState)).toBe(true);
  expect(told(outs)).toEqual(told(parts()));
  expect(told(outs)).toEqual([
    [0, 0],
    [8, -2],
    [7, 7],
  ]);
});

test("what comes from outside is strategy 0's, and each leg has parts of its own", () => {
  core.account(3, { positionMode: PositionMode.Hedging });
  core.send(Kind.Strategy, { id: 9, account: 3 });
  const adjusted = { instrument: 1, account: 3, priceTicks: 100 };
  for (const [positionSide, lots] of [
    [PositionSide.Long, 5],
    [PositionSide.Short, -4],
  ]) {
    core.send(Kind.PositionAdjust, { ...adjusted, positionSide, lots });
  }
  order({ account: 2, qtyLots: 2 });
  const side = { side: Side.Sell, positionSide: PositionSide.Short };
  order({ account: 3, strategy: 9, qtyLots: 2, ...side });
  const outs = state(3);
  expectSums(outs);
  const rows = only(outs, Kind.StrategyState).map((row) => [
    row["strategy"],
    row["side"],
    row["lots"],
  ]);
  expect(rows).toEqual([
    [0, PositionSide.Short, -4],
    [9, PositionSide.Short, -2],
  ]);
});

test("a settlement pays out every strategy, also those that cover each other", () => {
  core.instrument(4, { specKind: InstrumentKind.Future, expiryNanos: BASE_NANOS + 1_000n });
  const on = { instrument: 4 };
  for (const [strategy, side, priceTicks] of [
    [7, Side.Buy, 100],
    [8, Side.Sell, 130],
  ]) {
    order({ ...on, account: 2, side: side === Side.Buy ? Side.Sell : Side.Buy, priceTicks });
    order({ ...on, strategy, side, priceTicks });
  }
  core.nowNanos = 2_000;
  const outs = state();
  expectSums(outs);
  const rows = only(outs, Kind.StrategyState).map((row) => [
    row["strategy"],
    row["lots"],
    row["realizedMinor"],
    row["tradedLots"],
  ]);
  expect(rows).toEqual([
    [0, 0, 0, 0],
    [8, 0, 0, 1],
    [7, 0, 30, 1],
  ]);
});

test("a position has parts of so many strategies; the next one is refused, none is not", () => {
  for (let id = 100; id <= 100 + SUBS_PER_POSITION_MAX; id++) {
    core.send(Kind.Strategy, { id, account: 1 });
    const [out] = order({ strategy: id, priceTicks: 1 });
    const isLast = id === 100 + SUBS_PER_POSITION_MAX;
    expect(Refusal[out!["reason"] as Refusal]).toBe(isLast ? "SubAccountsFull" : "None");
  }
  expect(order({ priceTicks: 1 })[0]!["kind"]).toBe(Kind.OrderAccepted);
  expect(parts()).toHaveLength(SUBS_PER_POSITION_MAX + 1);
});

test("the table of parts fills, and the order after is refused", () => {
  const instruments = Math.ceil((SUBS_MAX - 1) / SUBS_PER_POSITION_MAX);
  for (let id = 100; id < 100 + SUBS_PER_POSITION_MAX; id++) {
    core.send(Kind.Strategy, { id, account: 1 });
  }
  for (let id = 2; id <= instruments; id++) core.instrument(id, { ladderTicks: 64 });
  const one = { instrument: 1, account: 1, type: 2, side: Side.Buy, tif: 1, qtyLots: 1 };
  const fields = { ...one, priceTicks: 5, clientId: 1, strategy: 100 };
  core.sendMany(Kind.OrderNew, fields, SUBS_MAX - 1, (view, at, index) => {
    view.setBigUint64(at + ORDER_CLIENT_ID, BigInt(1_000 + index), true);
    view.setUint32(at + REC_INSTRUMENT, 1 + Math.floor(index / SUBS_PER_POSITION_MAX), true);
    view.setUint16(at + ORDER_STRATEGY, 100 + (index % SUBS_PER_POSITION_MAX), true);
  });
  const last = { instrument: instruments, priceTicks: 5, clientId: 5 };
  const [full] = order({ ...last, strategy: 100 + SUBS_PER_POSITION_MAX - 1 });
  expect(Refusal[full!["reason"] as Refusal]).toBe("SubAccountsFull");
  expect(order({ ...last, clientId: 6, strategy: 100 })[0]!["kind"]).toBe(Kind.OrderAccepted);
}, 60_000);

test("lots that strategies hold against each other stay within what money can count", () => {
  const huge = 2 ** 40;
  const trades = (): string[] => {
    const reasons: string[] = [];
    for (let step = 0; step < 20; step++) {
      for (const [strategy, side] of [
        [7, Side.Buy],
        [8, Side.Sell],
      ] as const) {
        const outs = core.order({
          ...{ clientId: next++, account: 1, strategy, side, priceTicks: 1_000_000 },
          qtyLots: huge,
        });
        const denied = only(outs, Kind.OrderDenied)[0];
        if (denied !== undefined) reasons.push(Refusal[denied["reason"] as Refusal]);
      }
    }
    return reasons;
  };
  const reasons = trades();
  expect(new Set(reasons)).toEqual(new Set(["NotionalOverflow"]));
  expectSums();
  expect(core.money()).toBe(0n);
});
