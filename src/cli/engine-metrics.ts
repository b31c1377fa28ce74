// What an operator reads about a running engine: rings, turns, refusals, journal, sessions.
//
// tidy: tested by test/src/cli/cli.test.ts
import type { Hub } from "../gateway/hub.ts";
import type { MetricsRegistry } from "../metrics.ts";
import { reasonName } from "../normalize/quarantine.ts";
import type { FollowerLink } from "../oms/follower-link.ts";
import type { Topology } from "../oms/topology.ts";
import type { Ring } from "../rings/ring.ts";
import { O_DISK_FULL } from "../../asm/layout.ts";
import { Refusal } from "../../asm/vocab.ts";
import { registerVenueMetrics } from "./venue-metrics.ts";

/** Registers everything that is read from memory when /metrics is asked for. */
export function registerEngineMetrics(
  metrics: MetricsRegistry,
  topology: Topology,
  hub: Hub,
): void {
  const { engine } = topology;
  const { core } = engine;
  const rings: Record<string, Ring> = {
    control: core.control,
    command: core.command,
    derived: core.derived,
    feed: topology.feed,
    source: topology.source,
  };
  for (const [ring, view] of Object.entries(rings)) registerRing(metrics, ring, view);
  metrics.read(
    "counter",
    "alphapulse_engine_turns_total",
    "Loop turns taken.",
    {},
    () => engine.turns,
  );
  metrics.read(
    "counter",
    "alphapulse_engine_inputs_total",
    "Inputs sequenced.",
    {},
    () => engine.inputs,
  );
  metrics.read(
    "counter",
    "alphapulse_engine_refused_inputs_total",
    "Inputs of a kind that no role takes.",
    {},
    () => core.refused,
  );
  metrics.read(
    "counter",
    "alphapulse_engine_skipped_records_total",
    "Records that stopped the core and were passed by.",
    {},
    () => engine.rescues.count,
  );
  registerJournal(metrics, topology);
  topology.followers.forEach((follower, stream) => registerFollower(metrics, follower, stream));
  registerGateway(metrics, hub);
  registerVenueMetrics(metrics, core.view);
}

function registerRing(metrics: MetricsRegistry, ring: string, view: Ring): void {
  metrics.read(
    "gauge",
    "alphapulse_rings_waiting_cells",
    "Cells that wait to be read.",
    { ring },
    () => view.waiting(),
  );
  metrics.read(
    "gauge",
    "alphapulse_rings_capacity_cells",
    "Cells of the ring.",
    { ring },
    () => view.capacityCells,
  );
  metrics.read(
    "counter",
    "alphapulse_rings_overrun_records_total",
    "Records a producer could not place.",
    { ring },
    () => view.overrun,
  );
}

function registerFollower(metrics: MetricsRegistry, follower: FollowerLink, stream: number): void {
  const labels = { stream: String(stream) };
  metrics.read(
    "gauge",
    "alphapulse_snapshots_newest_records",
    "Last input in the newest snapshot of this run; 0 before the first.",
    labels,
    () => follower.newest?.sequence ?? 0,
  );
  metrics.read(
    "gauge",
    "alphapulse_snapshots_newest_bytes",
    "Size of the newest snapshot of this run.",
    labels,
    () => follower.newest?.bytes ?? 0,
  );
  metrics.read(
    "gauge",
    "alphapulse_snapshots_newest_seconds",
    "Time the newest snapshot of this run took, on the follower's thread.",
    labels,
    () => (follower.newest?.millis ?? 0) / 1000,
  );
}

function registerJournal(metrics: MetricsRegistry, topology: Topology): void {
  const kept = topology.engine.kept;
  if (kept === undefined) return;
  const { journal } = kept;
  const help = "Sequence of the last record at a level.";
  const name = "alphapulse_journal_sequence_records";
  metrics.read("gauge", name, help, { level: "written" }, () => journal.writtenSequence);
  metrics.read("gauge", name, help, { level: "durable" }, () => journal.syncedSequence);
  metrics.read(
    "gauge",
    "alphapulse_journal_full_disks",
    "1 while the journal's disk is full and new orders are refused, else 0.",
    {},
    () => topology.engine.core.view.getUint8(O_DISK_FULL),
  );
}

function registerGateway(metrics: MetricsRegistry, hub: Hub): void {
  const { counters } = hub;
  const counter = (name: string, help: string, read: () => number): void =>
    metrics.read("counter", `alphapulse_gateway_${name}_total`, help, {}, read);
  counter("opened_sessions", "Connections opened.", () => counters.sessions);
  counter("logged_sessions", "Logins accepted.", () => counters.logins);
  counter("sent_frames", "Frames sent.", () => counters.framesOut);
  counter("sent_records", "Records sent.", () => counters.recordsOut);
  counter(
    "conflated_records",
    "Market records left out for slow readers.",
    () => counters.recordsConflated,
  );
  counter(
    "slow_sessions",
    "Sessions closed because they could not keep up.",
    () => counters.slowClosed,
  );
  for (const code of Object.values(Refusal)) {
    if (typeof code !== "number" || code === Refusal.None) continue;
    metrics.read(
      "counter",
      "alphapulse_gateway_refused_frames_total",
      "What clients sent and was refused, by reason.",
      { reason: reasonName(code) },
      () => counters.refusals.get(code) ?? 0,
    );
  }
}
