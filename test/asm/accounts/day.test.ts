// The bound of the day's PnL decides as the sum of all positions does, whatever marks do.
import { expect, test } from "vitest";
import { Kind, MarkSource, Refusal, Scope, Side, TimeInForce } from "../../../asm/vocab.ts";
import { seeded } from "../../reference/random.ts";
import { only, OrderCore, type Out } from "../order-core.ts";

const INSTRUMENTS = 6;
const MIDDLE_TICKS = 10_000;
const HOUR_NANOS = 3.6e12;

/** Six instruments: marks of two kinds, money of three scales, the last not priced at first. */
function market(lossMinorMax: number): OrderCore {
  const core = OrderCore.create();
  for (let id = 1; id <= INSTRUMENTS; id++) {
    core.instrument(id, {
      markSource: id === 2 || id === 4 ? MarkSource.Mid : MarkSource.Last,
      multiplierDen: id === 3 ? 7 : 1,
      multiplierNum: id === 4 ? 3 : 1,
      referenceTicks: id === INSTRUMENTS ? 0 : MIDDLE_TICKS,
    });
  }
  for (const id of [1, 2, 3]) core.account(id);
  core.send(Kind.RiskLimits, { scope: Scope.Account, account: 1, lossMinorMax });
  return core;
}

/** Sum of realized and unrealized as the account's own rows say it, and they walk. */
function pnlMinor(core: OrderCore, account: number): number {
  const [row] = only(core.send(Kind.StateQuery, { account }), Kind.AccountState) as [Out?];
  if (row === undefined) return 0;
  return Number(row["realizedDayMinor"]) + Number(row["unrealizedMinor"]);
}

test.each([1, 2, 3, 4])("denied exactly when the sum is below the limit, seed %i", (seed) => {
  const random = seeded(seed);
  const lossMinorMax = [300, 1_000, 3_000, 10_000][seed - 1]!;
  const core = market(lossMinorMax);
  const pick = (count: number): number => Math.floor(random() * count);
  let [denied, taken, middle] = [0, 0, MIDDLE_TICKS];
  for (let clientId = 1; clientId <= 6_000; clientId++) {
    core.nowNanos += pick(100) === 0 ? HOUR_NANOS * pick(20) : 1e6;
    const instrument = 1 + pick(INSTRUMENTS);
    const account = 1 + pick(3);
    const side = pick(2) === 0 ? Side.Buy : Side.Sell;
    middle += (pick(3) - 1) * 4;
    const priceTicks = middle + pick(9) - 4;
    const tif = pick(3) === 0 ? TimeInForce.Gtc : TimeInForce.Ioc;
    const before = account === 1 ? pnlMinor(core, 1) : 0;
    const outs = core.order({
      ...{ instrument, account, clientId, side, priceTicks, tif, qtyLots: 1 + pick(9) },
    });
    if (account !== 1) continue;
    const [refusal] = only(outs, Kind.OrderDenied);
    expect(refusal?.["reason"] === Refusal.LossLimit, `${clientId}: ${before}`).toBe(
      before < -lossMinorMax,
    );
    if (refusal === undefined) taken++;
    else denied++;
  }
  expect([denied > 50, taken > 50], `${denied} denied, ${taken} taken`).toEqual([true, true]);
});
