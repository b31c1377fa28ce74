// Runs of the simulator for tests: the built core, and ways to read what a run publishes.
import { createHash, type Hash } from "node:crypto";
import { CELL_SHIFT } from "../../asm/vocab.ts";
import type { CoreBuild } from "../../src/core/core.ts";
import { PublicColumns } from "../../src/feeds/simulator/columns.ts";
import type { SimulatorConfig } from "../../src/feeds/simulator/config.ts";
import { type Simulator, standaloneSimulator } from "../../src/feeds/simulator/simulator.ts";
import type { Ring } from "../../src/rings/ring.ts";

/** Steps of one simulated second. */
export const SECOND = 100;

/**
 * Takes all waiting records into a hash; returns how many. Filling at the ring's end is left out.
 */
export function hashWaiting(ring: Ring, hash: Hash): number {
  let records = 0;
  for (let at = ring.next(); at >= 0; at = ring.next()) {
    const cells = ring.cellsAt(at);
    hash.update(ring.u8.slice(at, at + (cells << CELL_SHIFT)));
    ring.skip(cells);
    records++;
  }
  ring.release();
  return records;
}

/** Hash of the public stream of a run in this thread. */
export function publicHash(build: CoreBuild, config: SimulatorConfig, steps: number): string {
  const { simulator, ring } = standaloneSimulator(build, config);
  const hash = createHash("sha256");
  while (simulator.steps < steps) {
    simulator.simulateSteps(Math.min(50, steps - simulator.steps));
    hashWaiting(ring, hash);
  }
  return hash.digest("hex");
}

/** Runs so many simulated seconds, collecting the tape; `onSecond` is called after each. */
export function record(
  build: CoreBuild,
  config: SimulatorConfig,
  seconds: number,
  onSecond: (simulator: Simulator, columns: PublicColumns, second: number) => void = () => {},
): { simulator: Simulator; columns: PublicColumns } {
  const { simulator, ring } = standaloneSimulator(build, { ...config, timedFromNanos: 0n });
  const columns = new PublicColumns();
  for (let second = 0; second < seconds; second++) {
    for (let left = SECOND; left > 0;) {
      left -= simulator.simulateSteps(left);
      columns.take(ring, 0n);
    }
    onSecond(simulator, columns, second);
  }
  return { simulator, columns };
}
