// A million orders under limits of every kind: none that an auditor of its own finds beyond a limit
// is accepted, and none is refused by a limit that it does not break.
import { expect, test } from "vitest";
import { Refusal } from "../../asm/vocab.ts";
import { RiskOrders } from "./risk-orders.ts";

/** Orders of one seed; the deep run has a hundred million. */
const ORDERS_PER_SEED = 100_000;
const SEEDS = process.env["ALPHAPULSE_DEEP"] === undefined ? 10 : 1_000;
const AUDITED = [
  Refusal.QtyLimit,
  Refusal.NotionalLimit,
  Refusal.PriceCollar,
  Refusal.RateLimit,
  Refusal.PositionLimit,
  Refusal.LossLimit,
  Refusal.DrawdownLimit,
  Refusal.OpenOrdersLimit,
  Refusal.GrossExposureLimit,
  Refusal.NetExposureLimit,
  Refusal.MarginInsufficient,
  Refusal.ConcentrationLimit,
  Refusal.Restricted,
  Refusal.PriceStale,
  Refusal.DuplicateOrder,
  Refusal.RepeatedExecution,
  Refusal.LeverageLimit,
];
/** Refusals of each kind, and orders that nothing was found against, of a seed on average. */
const REFUSED_LEAST = 5;
const ACCEPTED_LEAST = 20_000;
/** Of the seed whose limits are tightest: of a thousand it was 13,793. */
const ACCEPTED_TIGHT = 10_000;

const refused = new Map<number, number>();
let orders = 0;
let accepted = 0;

test.each(Array.from({ length: SEEDS }, (_, index) => 20_001 + index))(
  "the auditor agrees with every answer, seed %i",
  (seed) => {
    const run = new RiskOrders(seed);
    for (let step = 0; run.orders < ORDERS_PER_SEED; step++) {
      const wrong = run.step();
      if (wrong !== undefined) expect.fail(`seed ${seed} step ${step}: ${wrong}`);
    }
    orders += run.orders;
    accepted += run.accepted;
    for (const [reason, count] of run.refused) {
      refused.set(reason, (refused.get(reason) ?? 0) + count);
    }
    expect(run.accepted, "the limits let enough pass").toBeGreaterThan(ACCEPTED_TIGHT);
  },
  60_000,
);

test("every limit refused often enough to say so, and let enough pass", () => {
  const least = REFUSED_LEAST * SEEDS;
  const seldom = AUDITED.filter((reason) => (refused.get(reason) ?? 0) < least);
  expect(seldom.map((reason) => `${Refusal[reason]} ${refused.get(reason) ?? 0}`)).toEqual([]);
  expect(accepted, "of all seeds").toBeGreaterThan(ACCEPTED_LEAST * SEEDS);
  expect(orders).toBeGreaterThanOrEqual(ORDERS_PER_SEED * SEEDS);
});
