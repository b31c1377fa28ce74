// Latency of each stage over the last minute, against the target.
import { NO_VALUE, secondsText } from "./format.ts";
import type { Page } from "./page.ts";
import type { StageRow } from "./stage-latency.ts";
import { TARGET_SECONDS } from "./stage-latency.ts";

/** Shortest duration the log scale of the line shows. */
const SCALE_FROM = 1e-6;

/** One row a stage: median, 99th percentile, maximum, and the 99th on a log scale. */
export function Latency({ page }: { page: Page }) {
  const rows = page.store.stages.value;
  const fault = page.store.stagesFault.value;
  return (
    <section class="panel latency" aria-label="Latency">
      <div class="panel-head">
        <h2>Latency</h2>
        <span class="spring" />
        <span class="stat faint">last minute · target 10 ms</span>
      </div>
      {rows === undefined ? (
        <p class="empty">{fault === "" ? "Waiting for the first measurement." : fault}</p>
      ) : (
        <table class="data" data-testid="latency">
          <thead>
            <tr>
              <th>Stage</th>
              <th />
              <th class="num">p50</th>
              <th class="num">p99</th>
              <th class="num">max ≤</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Stage key={row.stage} row={row} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** Why a stage may stay empty while everything works. */
const NOT_PASSED: Partial<Record<string, string>> = {
  recv: ": frames of clients and of a venue's feed; the simulated market sends none",
  parse: ": text of a venue's feed; the simulated market speaks in records",
  journal: ": the journal may be off",
};

function Stage({ row }: { row: StageRow }) {
  const isSlow = row.p99 > TARGET_SECONDS;
  const since = row.sinceStart ? "since the engine's start" : "in the last minute";
  const max = row.max === Infinity ? "over 10 s" : secondsText(row.max);
  return (
    <tr
      class={`${isSlow ? "slow" : "fast"} ${row.stage === "total" ? "total" : ""}`}
      title={
        row.count === 0
          ? `Nothing passed this stage ${since}${NOT_PASSED[row.stage] ?? ""}`
          : `${row.count.toLocaleString("en-US")} samples ${since}`
      }
    >
      <td>{row.stage}</td>
      <td>
        <i class="meter" aria-hidden="true">
          <i style={{ width: `${shareOf(row.p99) * 100}%` }} />
        </i>
      </td>
      <td class="num">{secondsText(row.p50)}</td>
      <td class="num p99">{secondsText(row.p99)}</td>
      <td class="num faint">{Number.isNaN(row.max) ? NO_VALUE : max}</td>
    </tr>
  );
}

/** Place on a log scale from 1 microsecond to the target, 0 to 1. */
function shareOf(seconds: number): number {
  if (!(seconds > SCALE_FROM)) return 0;
  return Math.min(1, Math.log(seconds / SCALE_FROM) / Math.log(TARGET_SECONDS / SCALE_FROM));
}
