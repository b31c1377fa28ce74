import { BaseSequencer, type TestSpecification } from "vitest/node";
import { defineConfig } from "vitest/config";

/** The files that take longest, longest first. */
const FIRST = ["order.test.ts", "risk-million.test.ts", "order-routed.test.ts", "risk.test.ts"].map(
  (name) => `test/fuzz/${name}`,
);

/** Begins with what takes longest: begun last, it would run alone at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = FIRST.findIndex((path) => moduleId.endsWith(path));
      return at < 0 ? FIRST.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

// Two forks: the gate runs on two cores, and a worker-thread test must not share a process with
// another file's shared memory. The fuzz makes short-lived rows by the million: a young generation
// of 64 MB copies few of them (a tenth less processor time than Node's 16 MB).
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    execArgv: ["--max-semi-space-size=64"],
    maxWorkers: 2,
    fileParallelism: true,
    sequence: { sequencer: LongestFirst },
    globals: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    passWithNoTests: true,
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      reportsDirectory: "coverage",
    },
  },
});
