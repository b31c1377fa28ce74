// The same OrderNew again: the answer it got, marked Replayed, and nothing else happens.
import { beforeEach, describe, expect, test } from "vitest";
import {
  CancelReason,
  Flag,
  Kind,
  OrderState,
  Refusal,
  Scope,
  Side,
  TimeInForce,
} from "../../../asm/vocab.ts";
import { DENIALS_MAX } from "../../../asm/layout.ts";
import { ORDER_CLIENT_ID } from "../../../asm/vocab.ts";
import { OrderCore, type Fields, type Out } from "../order-core.ts";

let core: OrderCore;

beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1);
  core.account(1);
  core.account(2);
});

const FIRST: Fields = { clientId: 1, priceTicks: 100, qtyLots: 5, tag: 7n, session: 11 };

/** Sends an order again, from another session; its only answer, which must be marked. */
function again(fields: Fields): Out {
  const outs = core.order({ ...fields, session: 12 });
  expect(outs.length, "one record, no trade, no balance, no book").toBe(1);
  expect(Number(outs[0]!["flags"]) & Flag.Replayed, "marked").toBe(Flag.Replayed);
  expect(outs[0]!["session"], "to who asks").toBe(12);
  return outs[0]!;
}

function denial(outs: Out[]): string {
  expect(outs.length).toBe(1);
  expect(Number(outs[0]!["flags"]) & Flag.Replayed, "not an answer of before").toBe(0);
  return Refusal[Number(outs[0]!["reason"])]!;
}

const name = (out: Out): string => `${Kind[out.kind]} ${OrderState[Number(out["state"])]}`;

describe("an order that was accepted", () => {
  test("is answered with the order there is, not entered again", () => {
    const [accepted] = core.order(FIRST);
    const replay = again(FIRST);
    const same = { ...accepted, sequence: 0, cause: 0, flags: 0, session: 0 };
    expect({ ...replay, sequence: 0, cause: 0, flags: 0, session: 0 }).toEqual(same);
    const query = core.send(Kind.StateQuery, { account: 1, clientId: 9 });
    expect(query.filter((out) => out.kind === (Kind.OrderStateRow as number)).length).toBe(1);
  });

  test("is said as it is now: filled in part, amended, filled, canceled", () => {
    core.order(FIRST);
    core.order({ account: 2, clientId: 1, side: Side.Sell, priceTicks: 100, qtyLots: 2 });
    expect(again(FIRST)).toMatchObject({ leavesLots: 3, filledLots: 2 });
    core.send(Kind.OrderAmend, { account: 1, clientId: 1, fields: 3, priceTicks: 90, qtyLots: 9 });
    expect(again(FIRST)).toMatchObject({ priceTicks: 90, leavesLots: 7, filledLots: 2 });
    core.order({ account: 2, clientId: 2, side: Side.Sell, priceTicks: 90, qtyLots: 7 });
    expect(name(again(FIRST))).toBe("OrderAccepted Filled");
    const other = { ...FIRST, clientId: 2 };
    core.order(other);
    core.send(Kind.OrderCancel, { account: 1, clientId: 2 });
    expect(again(other)).toMatchObject({ state: OrderState.Canceled, reason: CancelReason.None });
  });

  test("is answered though it would be refused by now", () => {
    const linked = { ...FIRST, clientId: 3, contingency: 3, linkedClientId: 1 };
    core.order(FIRST);
    core.order(linked);
    core.send(Kind.OrderCancel, { account: 1, clientId: 1 });
    expect(name(again(linked)), "its parent is gone").toBe("OrderAccepted Canceled");
    core.account(1, { accountFlags: 1 });
    core.send(Kind.KillSwitch, { scope: Scope.Global, state: 1 });
    expect(name(again(FIRST))).toBe("OrderAccepted Canceled");
  });

  test("refuses its id to any other content, field by field", () => {
    const stop = { ...FIRST, type: 4, stopTicks: 120, priceTicks: 121 };
    core.order(stop);
    const others: Fields[] = [
      { priceTicks: 122 },
      { qtyLots: 6 },
      { tag: 8n },
      { side: Side.Sell },
      { type: 6 },
      { tif: TimeInForce.Day },
      { tif: TimeInForce.Gtd, expiresNanos: 1n << 62n },
      { orderFlags: 2 },
      { selfTrade: 1 },
      { stopTicks: 119 },
      { displayLots: 1 },
      { trailOffset: 1 },
      { trailUnit: 1 },
      { contingency: 1 },
      { linkedClientId: 5 },
      { strategy: 3 },
      { model: 3 },
      { algorithm: 1 },
      { positionSide: 1 },
      { trigger: 1 },
      { instrument: 2 },
    ];
    for (const other of others) {
      expect(denial(core.order({ ...stop, ...other })), JSON.stringify(Object.keys(other))).toBe(
        "ClientOrderIdDuplicate",
      );
    }
    expect(name(again(stop))).toBe("OrderAccepted Armed");
  });

  test("of another account is another order", () => {
    core.order(FIRST);
    expect(name(core.order({ ...FIRST, account: 2 })[0]!)).toBe("OrderAccepted Live");
  });

  test("a message rate does not count what is sent again", () => {
    const limits = { scope: Scope.Account, account: 1, rateMax: 2, rateWindowMillis: 1000 };
    core.send(Kind.RiskLimits, limits);
    core.order(FIRST);
    for (let count = 0; count < 5; count++) again(FIRST);
    expect(name(core.order({ ...FIRST, clientId: 2 })[0]!)).toBe("OrderAccepted Live");
    expect(denial(core.order({ ...FIRST, clientId: 3 }))).toBe("RateLimit");
  });
});

describe("an order that was denied", () => {
  const limits = { scope: Scope.Account, account: 1 };
  const large = { ...FIRST, qtyLots: 20 };

  test("is denied again for the same reason, with the same limit, whatever holds by now", () => {
    core.send(Kind.RiskLimits, { ...limits, qtyLotsMax: 10 });
    expect(denial(core.order(large))).toBe("QtyLimit");
    core.send(Kind.RiskLimits, { ...limits, qtyLotsMax: 30 });
    const replay = again(large);
    expect([Refusal[Number(replay["reason"])], Number(replay["limit"])]).toEqual(["QtyLimit", 10]);
    expect(name(core.order({ ...large, clientId: 2 })[0]!), "another id").toBe(
      "OrderAccepted Live",
    );
  });

  test("leaves its id to another content, and is still denied after that", () => {
    core.send(Kind.RiskLimits, { ...limits, qtyLotsMax: 10 });
    core.order(large);
    expect(name(core.order(FIRST)[0]!)).toBe("OrderAccepted Live");
    expect(Number(again(large)["reason"])).toBe(Refusal.QtyLimit);
    expect(name(again(FIRST))).toBe("OrderAccepted Live");
  });

  test("for its message rate only may come again", () => {
    core.send(Kind.RiskLimits, { ...limits, rateMax: 1, rateWindowMillis: 1000 });
    core.order(FIRST);
    const second = { ...FIRST, clientId: 2 };
    expect(denial(core.order(second))).toBe("RateLimit");
    core.nowNanos += 3e9;
    expect(name(core.order(second)[0]!)).toBe("OrderAccepted Live");
  });

  test(`is remembered among the last ${DENIALS_MAX}, whoever sent them`, () => {
    const bad = { instrument: 1, account: 1, type: 2, tif: 1, side: 1, qtyLots: 1 };
    const deny = (first: number, count: number): void => {
      core.sendMany(Kind.OrderNew, { ...bad, priceTicks: 0 }, count, (view, at, index) => {
        view.setBigUint64(at + ORDER_CLIENT_ID, BigInt(first + index), true);
      });
    };
    const isKnown = (clientId: number): boolean => {
      const [out] = core.order({ ...bad, clientId });
      return (Number(out!["flags"]) & Flag.Replayed) !== 0;
    };
    deny(1, DENIALS_MAX);
    for (const id of [1, 2, DENIALS_MAX]) expect(isKnown(id), `${id}`).toBe(true);
    deny(DENIALS_MAX + 1, 1);
    expect(isKnown(2)).toBe(true);
    expect(isKnown(1), "the oldest made room; this try is the newest now").toBe(false);
    expect([isKnown(3), isKnown(1), isKnown(2)]).toEqual([true, true, false]);
    // Three times around, so that every place of the index was taken and left.
    deny(20_000, 3 * DENIALS_MAX);
    const last = 20_000 + 3 * DENIALS_MAX - 1;
    for (let id = last; id > last - DENIALS_MAX; id -= 97) expect(isKnown(id)).toBe(true);
    expect(isKnown(last - DENIALS_MAX)).toBe(false);
  });
});

describe("an order that was replaced", () => {
  const replace = (fields: Fields = {}): Out[] => {
    const what = { account: 1, clientId: 1, newClientId: 2, fields: 1, priceTicks: 90 };
    return core.send(Kind.OrderReplace, { ...what, ...fields });
  };
  const replayed = (outs: Out[]): Out => {
    expect(outs.length).toBe(1);
    expect(Number(outs[0]!["flags"]) & Flag.Replayed).toBe(Flag.Replayed);
    return outs[0]!;
  };

  test("is answered with the new order as it is now, to who asks", () => {
    core.order(FIRST);
    const first = replace().filter((out) => out.kind !== (Kind.BookTop as number));
    expect(first.map(name)).toEqual(["OrderCanceled Canceled", "OrderAccepted Live"]);
    expect(replayed(replace({ session: 12 }))).toMatchObject({
      ...{ kind: Kind.OrderAccepted, clientId: 2n, priceTicks: 90, leavesLots: 5, session: 12 },
      state: OrderState.Live,
    });
    core.order({ account: 2, clientId: 1, side: Side.Sell, priceTicks: 90, qtyLots: 5 });
    expect(name(replayed(replace()))).toBe("OrderAccepted Filled");
    const query = core.send(Kind.StateQuery, { account: 1, clientId: 9 });
    expect(query.filter((out) => out.kind === (Kind.OrderStateRow as number))).toEqual([]);
  });

  test("leaves its new id to no other request, of either kind", () => {
    core.order(FIRST);
    replace();
    const others: Fields[] = [
      ...[{ priceTicks: 91 }, { qtyLots: 1 }, { stopTicks: 1 }, { displayLots: 1 }],
      ...[{ trailOffset: 1 }, { expiresNanos: 1n }, { tag: 1n }, { fields: 3 }, { instrument: 1 }],
      ...[{ strategy: 1 }, { orderId: 1n }],
    ];
    for (const other of others) expect(denial(replace(other))).toBe("OrderNotOpen");
    core.order({ ...FIRST, clientId: 3 });
    expect(denial(replace({ clientId: 3 }))).toBe("ClientOrderIdDuplicate");
    expect(denial(core.order({ ...FIRST, clientId: 2, priceTicks: 90 }))).toBe(
      "ClientOrderIdDuplicate",
    );
  });

  test("or not, is denied again for the same reason, whatever holds by now", () => {
    core.order(FIRST);
    core.send(Kind.RiskLimits, { scope: Scope.Account, account: 1, qtyLotsMax: 10 });
    const large = { fields: 2, qtyLots: 20 };
    expect(denial(replace(large))).toBe("QtyLimit");
    core.send(Kind.RiskLimits, { scope: Scope.Account, account: 1, qtyLotsMax: 30 });
    const again = replayed(replace(large));
    expect(again).toMatchObject({ kind: Kind.AmendDenied, reason: Refusal.QtyLimit, limit: 10 });
    expect(again["state"], "the order it names, as it is").toBe(OrderState.Live);
    expect(replace({ ...large, newClientId: 3 }).map(name)[1]).toBe("OrderAccepted Live");
  });

  test("an amend, which has no id of its own, changes nothing when it comes again", () => {
    core.order(FIRST);
    const amend = (): Out[] =>
      core.send(Kind.OrderAmend, {
        account: 1,
        clientId: 1,
        fields: 3,
        priceTicks: 90,
        qtyLots: 9,
      });
    expect(name(amend()[0]!)).toBe("OrderAmended Live");
    expect(denial(amend())).toBe("AmendNothing");
    core.order({ account: 2, clientId: 1, side: Side.Sell, priceTicks: 90, qtyLots: 9 });
    const [late] = amend();
    expect(late).toMatchObject({ reason: Refusal.OrderNotOpen, state: OrderState.Filled });
    expect(late!["filledLots"]).toBe(9);
  });
});
