// What the core has ignored is told to whoever scrapes, by reason and over all venues.
import { expect, test } from "vitest";
import { Execution, Kind } from "../../../asm/vocab.ts";
import { registerVenueMetrics } from "../../../src/cli/venue-metrics.ts";
import { MetricsRegistry } from "../../../src/metrics.ts";
import { OrderCore, only } from "../../asm/order-core.ts";

test("reports that changed nothing are counted by reason, those of unknown venues too", () => {
  const core = OrderCore.create();
  core.instrument(1, { execution: Execution.Routed, venue: 7, referenceTicks: 100 });
  core.account(1);
  const metrics = new MetricsRegistry();
  registerVenueMetrics(metrics, core.core.view);
  const asked = core.send(Kind.VenueStatus, { venue: 7, state: 1, timeoutMillis: 100 });
  const listing = only(asked, Kind.VenueQuery)[0]!["number"];
  core.send(Kind.ReconcileBegin, { venue: 7, listing });
  core.send(Kind.ReconcileEnd, { venue: 7, listing });
  const sent = core.order({ clientId: 1, priceTicks: 100, qtyLots: 10 });
  const orderId = only(sent, Kind.OrderPending)[0]!["orderId"];
  core.send(Kind.VenueAccepted, { venue: 7, orderId });
  for (let at = 0; at < 3; at++) core.send(Kind.VenueAccepted, { venue: 7, orderId });
  core.send(Kind.VenueAccepted, { venue: 7, orderId: 99n << 32n });
  core.send(Kind.VenueAccepted, { venue: 8, orderId });
  const lines = metrics.render().split("\n");
  const ignored = (reason: string): string =>
    `alphapulse_venues_ignored_reports_total{reason="${reason}"}`;
  expect(lines).toContain(`${ignored("Duplicate")} 3`);
  expect(lines, "of a known and of an unknown venue").toContain(`${ignored("UnknownOrder")} 2`);
  expect(lines).toContain(`${ignored("Stale")} 0`);
  expect(lines).toContain("alphapulse_venues_open_orders 1");
});
