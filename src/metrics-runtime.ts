// What the JavaScript engine does to a thread: event-loop lag and garbage collection pauses.
//
// Both are seen from inside, per thread, and cost nothing on the hot path: Node's own timer samples
// the loop, V8 reports each collection after it. Call it once in each thread that matters.
// tidy: tested by test/src/metrics.test.ts

import { constants, monitorEventLoopDelay, PerformanceObserver } from "node:perf_hooks";
import type { LatencyHistogram, MetricsRegistry } from "./metrics.ts";

/** Period of the loop's sample; a lag shorter than this is seen with luck only. */
const RESOLUTION_MILLIS = 10;

const GC_KINDS: readonly [number, string][] = [
  [constants.NODE_PERFORMANCE_GC_MINOR, "minor"],
  [constants.NODE_PERFORMANCE_GC_MAJOR, "major"],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, "incremental"],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, "weak"],
];

const QUANTILES: readonly number[] = [0.5, 0.9, 0.99, 0.999];

/** What stops the collectors of a thread. */
export interface RuntimeMetrics {
  close(): void;
}

/**
 * Starts collecting for the calling thread, labeled `thread`: `alphapulse_process_loop_lag_seconds`
 * (gauges by quantile, since start; the sample's own period is taken off) and
 * `alphapulse_process_gc_pause_seconds` (histogram by kind).
 */
export function collectRuntime(registry: MetricsRegistry, thread: string): RuntimeMetrics {
  const lag = monitorEventLoopDelay({ resolution: RESOLUTION_MILLIS });
  lag.enable();
  const lagSeconds = (nanos: number): number => {
    return Math.max(0, nanos - RESOLUTION_MILLIS * 1e6) / 1e9;
  };
  const help = "Time the event loop came late, seconds since start.";
  const name = "alphapulse_process_loop_lag_seconds";
  for (const quantile of QUANTILES) {
    const labels = { thread, quantile: String(quantile) };
    registry.read("gauge", name, help, labels, () => lagSeconds(lag.percentile(quantile * 100)));
  }
  registry.read("gauge", name, help, { thread, quantile: "1" }, () =>
    // An empty histogram answers with nonsense: no sample yet is no lag yet.
    lag.count === 0 ? 0 : lagSeconds(lag.max),
  );
  const observer = observeGc(registry, thread);
  return {
    close: () => {
      lag.disable();
      observer.disconnect();
    },
  };
}

function observeGc(registry: MetricsRegistry, thread: string): PerformanceObserver {
  const byKind = new Map<number, LatencyHistogram>();
  for (const [code, kind] of GC_KINDS) {
    const help = "Pauses for garbage collection, by kind of collection.";
    const labels = { thread, kind };
    byKind.set(code, registry.histogram("alphapulse_process_gc_pause_seconds", help, labels));
  }
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as unknown as { detail: { kind: number } }).detail;
      byKind.get(kind)?.record(entry.duration * 1e6);
    }
  });
  observer.observe({ entryTypes: ["gc"] });
  return observer;
}
