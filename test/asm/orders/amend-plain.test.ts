// The short way of a plain amend against the long one: the same command with the quantity that the
// order already has is no plain amend, means the same, and must end the same.
import { expect, test } from "vitest";
import { AmendField, Kind, MarkSource, Refusal, Scope, Side } from "../../../asm/vocab.ts";
import { seeded } from "../../reference/random.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

const INPUTS = 8_000;
const MIDDLE_TICKS = 10_000;

/** Three instruments (whole money, money in sevenths, marks of the middle), limits that bite. */
function market(): OrderCore {
  const core = OrderCore.create();
  core.instrument(1, { referenceTicks: MIDDLE_TICKS });
  core.instrument(2, { referenceTicks: MIDDLE_TICKS, multiplierDen: 7, priceMaxTicks: 10_030 });
  core.instrument(3, { markSource: MarkSource.Mid, priceMinTicks: 9_970 });
  for (const id of [1, 2, 3]) core.account(id);
  core.send(Kind.RiskLimits, {
    ...{ scope: Scope.Global, qtyLotsMax: 8, notionalMinorMax: 80_010, collarBps: 40 },
    ...{ rateMax: 7, rateWindowMillis: 1000, lossMinorMax: 1500, positionLotsMax: 60 },
  });
  return core;
}

const reasons = new Set<unknown>();
let amended = 0;

/** What an answer says but for the fields that were asked. */
function said({ detail: _detail, leavesLots, ...out }: Out): Fields {
  return out["kind"] === Kind.AmendDenied ? out : { ...out, leavesLots };
}

test.each([1, 2, 3])("short and long way of an amend end alike, seed %i", (seed) => {
  const random = seeded(seed);
  const pick = (count: number): number => Math.floor(random() * count);
  const cores = [market(), market()];
  const open = new Map<string, { account: number; clientId: number; qtyLots: number }>();
  const both = (kind: Kind, short: Fields, long: Fields = short): void => {
    const millis = pick(150);
    const answers = [short, long].map((fields, index) => {
      cores[index]!.nowNanos += millis * 1e6;
      return cores[index]!.send(kind, fields);
    });
    expect(answers[0]!.map(said)).toEqual(answers[1]!.map(said));
    for (const out of answers[0]!) {
      if (out["kind"] === Kind.OrderAmended) amended++;
      if (out["kind"] === Kind.AmendDenied) reasons.add(out["reason"]);
    }
  };
  for (let clientId = 1; clientId <= INPUTS; clientId++) {
    const account = 1 + pick(3);
    const side = pick(2) === 0 ? Side.Buy : Side.Sell;
    const priceTicks = MIDDLE_TICKS + pick(80) - 40;
    const dice = pick(100);
    if (dice < 25) {
      const qtyLots = 1 + pick(9);
      const order = { instrument: 1 + pick(3), account, clientId, qtyLots };
      both(Kind.OrderNew, { ...order, type: 2, tif: 1, side, priceTicks });
      open.set(String(clientId), order);
    } else if (dice === 25) {
      both(Kind.TradingState, {
        scope: Scope.Account,
        account,
        state: pick(4) === 0 ? 1 + pick(2) : 0,
      });
    } else {
      const known = [...open.values()].slice(-40);
      const order = known[pick(known.length)];
      if (order === undefined) continue;
      const { qtyLots, clientId: id } = order;
      const amend = { account: order.account, clientId: id, priceTicks, tag: pick(3) };
      const asked = { ...amend, fields: AmendField.Price };
      const lots = { fields: AmendField.Price | AmendField.Qty, qtyLots };
      both(Kind.OrderAmend, asked, { ...amend, ...lots });
    }
  }
  expect(only(cores[0]!.send(Kind.StateQuery, { account: 1 }), Kind.OrderStateRow)).toEqual(
    only(cores[1]!.send(Kind.StateQuery, { account: 1 }), Kind.OrderStateRow),
  );
});

test("the commands met every limit, and many were taken", () => {
  expect(amended).toBeGreaterThan(1_000);
  const limits = [Refusal.PriceCollar, Refusal.NotionalLimit, Refusal.RateLimit, Refusal.LossLimit];
  const others = [Refusal.AmendNothing, Refusal.PriceOutsideSpec, Refusal.TradingHalted];
  for (const reason of [...limits, ...others]) {
    expect(reasons, Refusal[reason]).toContain(reason);
  }
});
