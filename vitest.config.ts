import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin as BundlePlugin } from "esbuild";
import { defineConfig, type Plugin } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files that take longest, longest first. */
const LONGEST = [
  "fuzz/order.test.ts",
  "src/venues/simulated-venue.test.ts",
  "fuzz/risk-million.test.ts",
  "fuzz/order-routed.test.ts",
  "sim/simulation-odd.test.ts",
  "sim/simulation-even.test.ts",
  "fuzz/order-parent.test.ts",
  "fuzz/risk.test.ts",
  "fuzz/order-queue.test.ts",
].map((name) => `test/${name}`);

/** Place in the list; its length for a file that is not there. */
function rankOf(path: string): number {
  const at = LONGEST.findIndex((name) => path.endsWith(name));
  return at < 0 ? LONGEST.length : at;
}

/** Begins with what takes longest: begun last, it would run alone at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rankOf(a.moduleId) - rankOf(b.moduleId));
  }
}

/** In a bundle `import.meta` is the test's; every file keeps its own address. */
const OWN_ADDRESS: BundlePlugin = {
  name: "own-address",
  setup(bundle) {
    bundle.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const url = JSON.stringify(pathToFileURL(path).href);
      const folder = JSON.stringify(dirname(path));
      const contents = text
        .replaceAll("import.meta.dirname", folder)
        .replaceAll("import.meta.url", url);
      return { contents, loader: "ts" };
    });
  },
};

/**
 * Each of the longest with all it imports of this project as one module. Vitest gives modules to
 * each other through an object with getters, which every use of an imported name asks: 80 seeds of
 * the order fuzz took 26 s of processor time that way, and take 19 s as one module. Files that do
 * little lose more by the making of the module than they gain.
 */
const ONE_MODULE: Plugin = {
  name: "one-module",
  enforce: "pre",
  async load(id) {
    const [path = ""] = id.split("?");
    if (rankOf(path) === LONGEST.length) return undefined;
    const { outputFiles, metafile } = await build({
      entryPoints: [path],
      bundle: true,
      packages: "external",
      platform: "node",
      format: "esm",
      target: "node20",
      sourcemap: "external",
      outfile: `${path}.js`,
      write: false,
      metafile: true,
      logLevel: "silent",
      plugins: [OWN_ADDRESS],
    });
    for (const input of Object.keys(metafile.inputs)) this.addWatchFile(resolve(input));
    const text = (end: string): string =>
      outputFiles.find((file) => file.path.endsWith(end))?.text ?? "";
    return { code: text(".js"), map: text(".map") };
  },
};

// Two forks: the gate runs on two cores, and a worker-thread test must not share a process with
// another file's shared memory. The fuzz makes short-lived rows by the million: a young generation
// of 64 MB copies few of them (a tenth less processor time than Node's 16 MB).
export default defineConfig({
  plugins: [ONE_MODULE],
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
