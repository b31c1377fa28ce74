// What an operator reads about venues: orders there, and reports that changed nothing.
//
// A venue whose reports are ignored more and more has an adapter or a link that needs a look. The
// core counts them in its own memory, so they are the same after a restart.
import {
  O_ROUTES_OPEN,
  VENUES_MAX,
  VENUE_IGNORED,
  VENUE_ROWS,
  VENUE_ROW_BYTES,
} from "../../asm/layout.ts";
import { ReportIgnored } from "../../asm/vocab.ts";
import type { MetricsRegistry } from "../metrics.ts";

/** Registers what is read from the core's memory when /metrics is asked for. */
export function registerVenueMetrics(metrics: MetricsRegistry, view: DataView): void {
  metrics.read("gauge", "alphapulse_venues_open_orders", "Open orders at venues.", {}, () =>
    view.getUint32(O_ROUTES_OPEN, true),
  );
  for (const why of Object.values(ReportIgnored)) {
    if (typeof why !== "number") continue;
    metrics.read(
      "counter",
      "alphapulse_venues_ignored_reports_total",
      "Reports of venues that changed nothing, by reason.",
      { reason: ReportIgnored[why] },
      () => ignoredOf(view, why),
    );
  }
}

/** Of all venues; row 0 is of venues that are not known. */
function ignoredOf(view: DataView, why: ReportIgnored): number {
  let sum = 0;
  for (let row = 0; row < VENUES_MAX; row++) {
    sum += view.getUint32(VENUE_ROWS + row * VENUE_ROW_BYTES + VENUE_IGNORED + why * 4, true);
  }
  return sum;
}
