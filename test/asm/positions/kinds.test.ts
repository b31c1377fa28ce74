// Inverse contracts against bigints: the value of a fill, PnL in the base, nothing made or lost.
import { expect, test } from "vitest";
import { InstrumentKind, Kind, Refusal, Side, SpecFlag } from "../../../asm/vocab.ts";
import { floorDiv } from "../../reference/order-kind.ts";
import { seeded } from "../../reference/random.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

function make(fields: Fields = {}): OrderCore {
  const core = OrderCore.create();
  core.send(Kind.Currency, { id: 2, minorExponent: -8, code: "BTC" });
  // A lot is one USD, a tick half a USD: 2 x 10^8 satoshi x ticks a lot.
  const inverse = { specKind: InstrumentKind.InversePerpetual, base: 2, settlement: 2 };
  core.instrument(1, { ...inverse, tickMantissa: 5, tickExponent: -1, ...fields });
  for (const id of [1, 2]) core.account(id);
  return core;
}

const value = (price: number, lots: number): bigint =>
  (BigInt(lots) * 200_000_000n * 1024n) / BigInt(price);

test("a long inverse position gains what its contracts cost less of the base", () => {
  const core = make();
  let clientId = 0;
  const trade = (side: Side, priceTicks: number, qtyLots: number): number => {
    core.order({ account: 2, side: 3 - side, priceTicks, qtyLots, clientId: ++clientId });
    const outs = core.order({ account: 1, side, priceTicks, qtyLots, clientId: ++clientId });
    const fills = only(outs, Kind.Fill).filter((out) => out["account"] === 1);
    expect(core.money(2)).toBe(0n);
    return fills[0]!["realizedMinor"];
  };
  expect(trade(Side.Buy, 100_000, 7_000)).toBe(0);
  const gain = value(100_000, 7_000) - value(125_000, 7_000);
  expect(trade(Side.Sell, 125_000, 7_000), "2 800 000 satoshi").toBe(Number(gain / 1024n));
  expect(gain / 1024n).toBe(2_800_000n);
  // The cost is what was sold of the base, in 1/1024 of its unit: below 0 when long.
  const row = (): Out => only(core.send(Kind.StateQuery, { account: 1 }), Kind.PositionState)[0]!;
  expect([row()["lots"], row()["cost"]]).toEqual([0, 0n]);
  trade(Side.Buy, 90_001, 7_000);
  trade(Side.Buy, 110_003, 1);
  expect(row()["cost"]).toBe(-value(90_001, 7_000) - value(110_003, 1));
  const whole = value(90_001, 7_000) + value(110_003, 1);
  trade(Side.Sell, 90_001, 5_000);
  expect(row()["cost"], "the share is rounded toward zero").toBe(
    -(whole - (whole * 5_000n) / 7_001n),
  );
  trade(Side.Sell, 90_001, 2_001);
  expect([row()["lots"], row()["cost"]]).toEqual([0, 0n]);
  trade(Side.Sell, 125_000, 7_000);
  expect(trade(Side.Buy, 100_000, 7_000), "a short one gains as it falls").toBe(2_800_000);
});

test("trades at odd prices make and lose no unit, and flat means realized", () => {
  const core = make();
  const random = seeded(7);
  const flow = [0n, 0n, 0n];
  let lots = 0;
  for (let clientId = 1; clientId <= 1_000; clientId++) {
    const isLast = clientId === 1_000;
    const qtyLots = isLast ? Math.abs(lots) : 1 + Math.floor(random() * 999);
    if (qtyLots === 0) break;
    const side = isLast ? (lots > 0 ? 2 : 1) : 1 + Math.floor(random() * 2);
    const priceTicks = 1 + Math.floor(random() * 199_999);
    core.order({ account: 2, side: 3 - side, priceTicks, qtyLots, clientId });
    core.order({ account: 1, side, priceTicks, qtyLots, clientId });
    lots += side === 1 ? qtyLots : -qtyLots;
    flow[1]! += (side === 1 ? 1n : -1n) * value(priceTicks, qtyLots);
    if (clientId % 100 === 0) expect(core.money(2)).toBe(0n);
  }
  const rows = [1, 2].map(
    (account) => only(core.send(Kind.StateQuery, { account }), Kind.PositionState)[0]!,
  );
  expect(rows.map((row) => row["lots"])).toEqual([0, 0]);
  const floor = (parts: bigint): number => Number(floorDiv(parts, 1024n));
  expect(rows.map((row) => row["realizedMinor"])).toEqual([floor(flow[1]!), floor(-flow[1]!)]);
});

test.each([
  ["an option", { specKind: InstrumentKind.Option }, "InstrumentKindUnsupported"],
  [
    "equity on margin",
    { specKind: InstrumentKind.Equity, settlement: 1, specFlags: SpecFlag.Margin },
    "InstrumentKindUnsupported",
  ],
  ["an inverse that settles in its quote", { settlement: 1 }, "InstrumentKindUnsupported"],
  [
    "a currency pair on margin",
    { specKind: InstrumentKind.Fx, specFlags: SpecFlag.Margin },
    "None",
  ],
  ["equity for cash", { specKind: InstrumentKind.Equity, settlement: 1 }, "BalanceInsufficient"],
  [
    "cash whose lot is no whole minor unit",
    { specKind: InstrumentKind.Spot, settlement: 1, lotExponent: -9 },
    "InstrumentKindUnsupported",
  ],
])("%s: an order is answered %s", (_name, fields, reason) => {
  const core = make(fields);
  const outs = core.order({ account: 1, clientId: 1, priceTicks: 10 });
  expect(Refusal[outs[0]!["reason"] as Refusal]).toBe(reason);
});

test("more inverse contracts than have a value at one tick are refused", () => {
  const core = make();
  const most = Number((1n << 62n) / (200_000_000n * 1024n));
  const order = { account: 1, priceTicks: 60_000 };
  expect(core.order({ ...order, clientId: 1, qtyLots: most })[0]!["reason"]).toBe(Refusal.None);
  const denied = core.order({ ...order, clientId: 2, qtyLots: 1 })[0]!;
  expect(Refusal[denied["reason"] as Refusal]).toBe("NotionalOverflow");
});
