// Rules that a venue changes while orders rest: new ones bind what is asked for, what rests stays.
import { beforeEach, describe, expect, test } from "vitest";
import {
  AmendField,
  Execution,
  Kind,
  OrderType,
  Refusal,
  Scope,
  Side,
  SpecFlag,
  TrailUnit,
} from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

let core: OrderCore;
let clientId = 0;
let version = 1;

beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1);
  for (const id of [1, 2]) core.account(id);
  [clientId, version] = [0, 1];
});

const change = (fields: Fields): Out[] => core.instrument(1, { version: ++version, ...fields });
const reason = (outs: Out[]): string => Refusal[outs[0]!["reason"] as Refusal];
const order = (fields: Fields): Out[] =>
  core.order({ clientId: ++clientId, priceTicks: 100, qtyLots: 10, ...fields });
const asked = (fields: Fields): string => reason(order(fields));
const amend = (id: number, fields: Fields): string =>
  reason(core.send(Kind.OrderAmend, { account: 1, clientId: id, ...fields }));

describe("a changed spec", () => {
  test("is taken in a higher version only, and once", () => {
    expect(reason(change({ qtyMinLots: 5 }))).toBe("None");
    const again = core.instrument(1, { version: 2, qtyMinLots: 5 });
    expect(again.map((out) => out.kind)).toEqual([Kind.ConfigAccepted]);
    expect(reason(core.instrument(1, { version: 2, qtyMinLots: 6 }))).toBe("ConfigConflict");
    expect(reason(core.instrument(1))).toBe("ConfigConflict");
    expect(asked({ qtyLots: 4 })).toBe("QtyBelowMin");
  });

  test("of what prices, lots and money are made of is refused, orders or none", () => {
    const others: Fields[] = [
      ...[{ tickMantissa: 5 }, { tickExponent: -3 }, { lotMantissa: 5 }, { lotExponent: -1 }],
      ...[{ multiplierNum: 2 }, { multiplierDen: 2 }, { specKind: 1 }, { markSource: 1 }],
      ...[{ execution: Execution.Paper }, { expiryNanos: 1n }, { symbol: "X" }, { tenant: 1 }],
      ...[{ ladderTicks: 64 }, { phase: 2 }, { specFlags: SpecFlag.Margin }, { bookLevels: 1 }],
      ...[{ venue: 1 }, { bookRule: 1 }, { shard: 1 }],
    ];
    for (const fields of others) {
      expect(reason(change(fields)), JSON.stringify(Object.keys(fields))).toBe("ConfigConflict");
    }
    expect(reason(change({ qtyMinLots: 6, qtyMaxLots: 5 }))).toBe("ConfigInvalid");
    expect(asked({})).toBe("None");
  });

  test("binds new orders and amends, and leaves what rests where it is", () => {
    order({ priceTicks: 101, qtyLots: 7 });
    order({ type: OrderType.Stop, stopTicks: 113, priceTicks: 0, qtyLots: 7 });
    change({ priceStepTicks: 5, qtyStepLots: 5, priceMinTicks: 50, priceMaxTicks: 200 });
    const rows = only(core.send(Kind.StateQuery, { account: 1 }), Kind.OrderStateRow);
    expect(rows.map((row) => [row["priceTicks"], row["leavesLots"]])).toEqual([
      [0, 7],
      [101, 7],
    ]);
    expect(asked({ priceTicks: 101 })).toBe("PriceNotOnTick");
    expect(asked({ qtyLots: 7 })).toBe("QtyNotOnLot");
    expect(asked({ priceTicks: 45 })).toBe("PriceOutsideSpec");
    expect(asked({ priceTicks: 205 })).toBe("PriceOutsideSpec");
    const { Price, Qty, Stop } = AmendField;
    expect(amend(1, { fields: Price, priceTicks: 102 })).toBe("PriceNotOnTick");
    expect(amend(1, { fields: Qty, qtyLots: 6 })).toBe("QtyNotOnLot");
    expect(amend(1, { fields: Qty, qtyLots: 5 }), "at its old price").toBe("None");
    expect(amend(1, { fields: Price, priceTicks: 105 })).toBe("None");
    expect(amend(2, { fields: Qty, qtyLots: 6 })).toBe("QtyNotOnLot");
    expect(amend(2, { fields: Stop, stopTicks: 114 }), "a stop is no price to trade at").toBe(
      "None",
    );
    const outs = core.order({
      account: 2,
      clientId: 1,
      side: Side.Sell,
      priceTicks: 105,
      qtyLots: 5,
    });
    expect(only(outs, Kind.Fill)).toHaveLength(2);
    const replaced = { account: 1, clientId: 2, newClientId: 90, fields: 0 };
    expect(reason(core.send(Kind.OrderReplace, replaced)), "is new").toBe("QtyNotOnLot");
    change({});
    expect(asked({ priceTicks: 101, qtyLots: 7 })).toBe("None");
  });

  test("steps of held, if-touched and trailing orders", () => {
    order({ priceTicks: 90 });
    change({ priceStepTicks: 5, qtyStepLots: 5 });
    const child = { contingency: 3, linkedClientId: 1, side: Side.Sell };
    expect(asked({ ...child, priceTicks: 121 })).toBe("PriceNotOnTick");
    expect(asked({ ...child, priceTicks: 120 })).toBe("None");
    expect(amend(clientId, { fields: AmendField.Price, priceTicks: 121 })).toBe("PriceNotOnTick");
    expect(amend(clientId, { fields: AmendField.Qty, qtyLots: 11 })).toBe("QtyNotOnLot");
    const touched = { type: OrderType.LimitIfTouched, stopTicks: 83 };
    expect(asked({ ...touched, priceTicks: 84 })).toBe("PriceNotOnTick");
    order({ priceTicks: 110, account: 2, side: Side.Sell, qtyLots: 5 });
    order({ priceTicks: 110, qtyLots: 5 });
    const trail = {
      type: OrderType.TrailingStopLimit,
      side: Side.Sell,
      trailUnit: TrailUnit.Ticks,
    };
    expect(asked({ ...trail, trailOffset: 3, priceTicks: -1 }), "distances have none").toBe("None");
    expect(amend(clientId, { fields: AmendField.Price, priceTicks: -2 })).toBe("None");
    expect(amend(clientId, { fields: AmendField.Qty, qtyLots: 9 })).toBe("QtyNotOnLot");
  });

  test("market and fill-or-kill orders still trade across a book with steps and no band", () => {
    order({ account: 2, side: Side.Sell, priceTicks: 100 });
    order({ account: 2, side: Side.Sell, priceTicks: 150 });
    change({ priceStepTicks: 10, qtyStepLots: 10 });
    const outs = order({ type: OrderType.Market, priceTicks: 0, qtyLots: 20, tif: 3 });
    expect(only(outs, Kind.Fill).map((fill) => fill["priceTicks"])).toEqual([100, 100, 150, 150]);
  });

  test("a band, its policy and a stop policy change with it", () => {
    order({ account: 2, side: Side.Sell, priceTicks: 100 });
    order({});
    order({ account: 2, side: Side.Sell, priceTicks: 130 });
    change({
      bandBps: 1000,
      specFlags: SpecFlag.StopStrict | SpecFlag.BandStatic,
      referenceTicks: 90,
    });
    expect(asked({ priceTicks: 100 })).toBe("PriceOutsideBand");
    expect(asked({ priceTicks: 99 })).toBe("None");
    expect(asked({ type: OrderType.Stop, priceTicks: 0, stopTicks: 95 })).toBe("StopThroughMarket");
    change({});
    expect(asked({ type: OrderType.Market, priceTicks: 0, tif: 2 })).toBe("None");
    expect(asked({ type: OrderType.Stop, priceTicks: 0, stopTicks: 95 })).toBe("None");
  });

  test("another static reference asks for margin anew", () => {
    change({ referenceTicks: 100 });
    const schedule = { instrument: 1, initialBps: 2000, maintenanceBps: 1000, callBps: 1500 };
    expect(reason(core.send(Kind.MarginSchedule, schedule))).toBe("None");
    core.send(Kind.CashAdjust, { account: 1, currency: 1, amountMinor: 300 });
    core.send(Kind.PositionAdjust, { account: 1, instrument: 1, lots: 10, priceTicks: 100 });
    const outs = change({ referenceTicks: 80 });
    expect(only(outs, Kind.MarginCall).map((out) => out["account"])).toEqual([1]);
    core.send(Kind.KillSwitch, { scope: Scope.Account, account: 1, state: 0 });
  });
});
