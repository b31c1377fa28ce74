import { defineConfig } from "vitest/config";

// Two forks: the gate runs on two cores, and a worker-thread test must not share a process with
// another file's shared memory.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    fileParallelism: true,
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
