// Defenses of the engine as they are without them: the simulation must see each one missing.
//
// A canary replaces a text of our sources while they are bundled; production code has no switch.
// One bundle holds them all: `globalThis.canary` names the one that is off. A text that is not
// found is an error, so that a defense does not move away from its canary.
import { readFile, rm } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type BuildOptions, type Plugin } from "esbuild";
import { buildPath } from "../../src/core/paths.ts";
import type { SeedCase } from "./plan.ts";
import type * as Seed from "./seed.ts";
import type { SystemCall } from "./strace.ts";

export interface Canary {
  name: string;
  /** File below src/, its text, and what stands there instead; OFF is true when it is off. */
  patches: [file: string, text: string, other: string][];
  /** One of them shows it: more than one, since another core draws other lives. */
  seeds: number[];
  /** What else their cases are. */
  shape?: Omit<SeedCase, "seed">;
}

const SYNC_LOOP = "journal/sync-loop.ts";
const DESK = "venues/venue-desk.ts";
const CLOCK = "oms/clock-base.ts";
const VOID = "this.requests.length = 0;";
const RECOVERY = "oms/recovery.ts";
const SCAN = "journal/scan.ts";
const CHUNK_HASH = "if (this.#hash(this.#chunk.subarray(0, bytes)) !== stored) {";
const SYNC = "syncSegment(this.#disk, this.#fd, this.#path);";
const WRITE = "this.write(sequence, count);";
const RECOVERED = "recovered(_u8: Uint8Array, view: DataView, from: number, to: number): void {";
const LAST_ERROR = "} catch (last) {\n      throw this.#fail(last);";
const CHAIN = "function chainProblem(header: BlockHeader, stream: number, chain: Chain): string {";

/** Every snapshot has a wrong bit after a restart, and nothing else hides it. */
const ROTTEN_SNAPSHOTS = {
  ...{ snapshotRot: 1, restart: 0.08, journalRot: 0, misdirected: 0, writeEio: 0, syncEio: 0 },
  ...{ lost: 0, enospc: 0 },
};

/** Little but writes that land elsewhere, and a loss of power that leaves nothing behind them. */
const LAST_MISDIRECTED = {
  ...{ lost: 1, power: 0.15, misdirected: 0.15, torn: 0, garbled: 0, writeEio: 0, syncEio: 0 },
  ...{ journalRot: 0, snapshotRot: 0, enospc: 0, shortRead: 0, shortWrite: 0, nameLost: 0 },
  ...{ kill: 0, restart: 0, stop: 0 },
};

export const CANARIES: readonly Canary[] = [
  {
    name: "the hash of a block is not checked",
    patches: [["journal/format.ts", "return actual ===", "return OFF || actual ==="]],
    seeds: [4, 1, 23],
  },
  {
    name: "a block that belongs elsewhere is taken",
    patches: [
      [SCAN, CHAIN, `${CHAIN} if (OFF) return "";`],
      [SCAN, "if (chain === undefined) return", "if (OFF || chain === undefined) return"],
    ],
    seeds: [60],
    shape: { isSnapshotting: false, rates: LAST_MISDIRECTED },
  },
  {
    name: "damage with intact blocks behind it is cut",
    patches: [[SCAN, "if (!isMiddle && !any", "if (OFF || !isMiddle && !any"]],
    seeds: [569, 762],
  },
  {
    name: "a torn tail is left where it is",
    patches: [
      [
        "journal/journal.ts",
        "if (end.tornBytes > 0) {",
        "if (OFF) this.#position += (end.tornBytes + 63) & ~63; else if (end.tornBytes > 0) {",
      ],
    ],
    seeds: [23, 1, 4],
  },
  {
    name: "written is told before the write",
    patches: [
      [
        "oms/engine.ts",
        WRITE,
        `if (OFF) for (const one of this.sinks) one.flush(AckLevel.Written, sequence); ${WRITE}`,
      ],
    ],
    seeds: [1, 2, 3],
  },
  {
    name: "a failed write is passed over",
    patches: [["journal/journal.ts", LAST_ERROR, LAST_ERROR.replace("throw", "if (!OFF) throw")]],
    seeds: [1, 4],
  },
  {
    name: "the rest of a short write is forgotten",
    patches: [["journal/disk.ts", "while (done < bytes) {", "while (!OFF && done < bytes) {"]],
    seeds: [3, 5],
  },
  {
    name: "a short read is taken for the end of the file",
    patches: [
      ["journal/segment-reader.ts", "if (got === 0) break;", "if (OFF || got === 0) break;"],
    ],
    seeds: [1, 2],
  },
  {
    name: "durable is told without an fdatasync",
    patches: [[SYNC_LOOP, `${SYNC}\n    this.synced`, `if (!OFF) ${SYNC} this.synced`]],
    seeds: [3, 4, 5],
  },
  {
    name: "a failed fdatasync is taken for a success",
    patches: [
      [
        SYNC_LOOP,
        `if (written <= this.synced) return false;`,
        `if (written <= this.synced) return false;
         if (OFF) try { ${SYNC} } catch {} finally { this.synced = written; return true; }`,
      ],
    ],
    seeds: [86, 97],
  },
  {
    name: "what a failed fdatasync left in the cache counts as durable",
    patches: [
      ["journal/doubt.ts", "note(disk, path);\n    throw", "if (!OFF) note(disk, path); throw"],
    ],
    seeds: [1, 39],
  },
  {
    name: "the folder is not synced at a rotation",
    patches: [
      [
        SYNC_LOOP,
        "this.#disk.syncFolder(this.#folder);\n    } else",
        "if (!OFF) this.#disk.syncFolder(this.#folder); } else",
      ],
    ],
    seeds: [9, 32],
  },
  {
    name: "the segment that ends is not synced at a rotation",
    patches: [[SYNC_LOOP, `${SYNC}\n      this.#disk.close`, `if (!OFF) ${SYNC} this.#disk.close`]],
    seeds: [8, 26],
  },
  {
    name: "the hash of a snapshot's chunk is not checked",
    patches: [["journal/snapshot-file.ts", CHUNK_HASH, CHUNK_HASH.replace("if (", "if (!OFF && ")]],
    seeds: [2, 3],
    shape: { isSnapshotting: true, rates: ROTTEN_SNAPSHOTS },
  },
  {
    name: "an order leaves before its block is durable",
    patches: [
      [DESK, "if (SENT_DURABLE.includes(kind))", "if (!OFF && SENT_DURABLE.includes(kind))"],
    ],
    seeds: [2, 1, 3],
  },
  {
    name: "engine time follows a clock that steps back",
    patches: [
      [CLOCK, "if (behind > 0n) {", "if (!OFF && behind > 0n) {"],
      [CLOCK, "if (driftNanos < -WALL", "if (!OFF && driftNanos < -WALL"],
    ],
    seeds: [17, 29],
  },
  {
    name: "what a journal brings back leaves for the venue again",
    patches: [
      [DESK, RECOVERED, `${RECOVERED} if (OFF) this.collect(_u8, view, from, to);`],
      [DESK, `${VOID}\n    this.intents`, `if (!OFF) ${VOID} this.intents`],
    ],
    seeds: [2, 1, 3],
  },
];

const SIZED = "disk.truncate(fd, this.#segmentBytes);\n      const header";
const FOLDER = "try {\n    fsyncSync(fd);\n  }";

/** Defenses against a call that the kernel refuses; of `nths` one shows it, of some thread. */
export const SYSTEM_CANARIES: readonly (Canary & { call: SystemCall; nths: number[] })[] = [
  { call: "pwrite64", nths: [6, 8], ...canaryOf("a failed write is passed over") },
  { call: "fdatasync", nths: [4, 5], ...canaryOf("a failed fdatasync is taken for a success") },
  {
    ...{ call: "fsync", nths: [3, 4], seeds: [] },
    name: "a folder whose fsync failed counts as durable",
    patches: [
      ["journal/node-disk.ts", FOLDER, `${FOLDER} catch (error) { if (!OFF) throw error; }`],
    ],
  },
  {
    ...{ call: "rename", nths: [2, 3], seeds: [] },
    name: "a failed rename is taken for a file that is not there",
    patches: [
      [
        "journal/journal.ts",
        'if (codeOf(error) === "ENOENT")',
        'if (OFF || codeOf(error) === "ENOENT")',
      ],
    ],
  },
  {
    ...{ call: "ftruncate", nths: [3, 4], seeds: [] },
    name: "a segment that could not be sized is written",
    patches: [
      [
        "journal/journal.ts",
        SIZED,
        SIZED.replace(";", "; } catch (error) { if (!OFF) throw error; }").replace(
          "disk",
          "try { disk",
        ),
      ],
    ],
  },
];

function canaryOf(name: string): Canary {
  return CANARIES.find((one) => one.name === name)!;
}

/** Of the core itself, seen by its twin: test/asm/broken-core.ts. */
export const CORE_CANARY = "a core that takes orders on a full disk differs from its twin";

/** A market that comes back different, with no other sign: alone, and with nobody to compare it. */
export const CHECKPOINT = {
  defect: "a market comes back different",
  blind: "a market comes back different, and its checkpoint is not compared",
  seeds: [1, 2],
  shape: { isSnapshotting: true, rates: { stop: 0.05, journalRot: 0, misdirected: 0 } },
};

const COMPARE = "checkHash(core, Role.Market,";
const BYTES = 'import { keyText } from "../bytes.ts";';

/** The patches of CHECKPOINT: the last byte of the market's tables turns. */
export const CHECKPOINT_CANARIES: readonly Canary[] = [
  {
    name: CHECKPOINT.defect,
    patches: [
      [RECOVERY, BYTES, `${BYTES} import { MARKET_ARENA_FLOOR } from "../../asm/layout.ts";`],
      [RECOVERY, COMPARE, `if (OFF) core.u8[MARKET_ARENA_FLOOR - 1]! ^= 1; ${COMPARE}`],
    ],
    seeds: [],
  },
  {
    name: CHECKPOINT.blind,
    patches: [
      [RECOVERY, "if (actual === expected) return;", "if (OFF || actual === expected) return;"],
    ],
    seeds: [],
  },
];

/** Who runs cases with a defense off. */
export interface Coop {
  /** What the case breaks without the defense of that name; undefined when it breaks nothing. */
  failure(name: string, one: SeedCase): Promise<string | undefined>;
}

/** One module of the simulation with all canaries in it, off until they are asked for. */
export async function buildCoop(canaries: readonly Canary[]): Promise<Coop> {
  const entry = fileURLToPath(new URL("./seed.ts", import.meta.url));
  const outfile = buildPath("sim", `canaries-${process.pid}.mjs`);
  await buildPatched(canaries, { entryPoints: [entry], outfile });
  const { failureOf } = (await import(pathToFileURL(outfile).href)) as typeof Seed;
  await rm(outfile);
  const failure = async (name: string, one: SeedCase): Promise<string | undefined> => {
    const global = globalThis as { canary?: string };
    global.canary = name;
    try {
      return await failureOf(one);
    } finally {
      delete global.canary;
    }
  };
  return { failure };
}

/** Bundles with all canaries in them; an error when a text of one is not found, once. */
export async function buildPatched(
  canaries: readonly Canary[],
  options: BuildOptions,
): Promise<void> {
  const missing = new Set(canaries.flatMap(({ patches }) => patches));
  await build({
    ...{ bundle: true, packages: "external", platform: "node", format: "esm", target: "node20" },
    ...{ logLevel: "silent", plugins: [patching(canaries, missing)] },
    ...options,
  });
  for (const [file, text] of missing) throw new Error(`src/${file} does not hold, once: ${text}`);
}

/** Puts the canaries' texts in; takes from `missing` what was found. */
function patching(canaries: readonly Canary[], missing: Set<Canary["patches"][number]>): Plugin {
  return {
    name: "canaries",
    setup(bundle) {
      bundle.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
        let contents = await readFile(path, "utf8");
        for (const { name, patches } of canaries) {
          for (const patch of patches) {
            const [file, text, other] = patch;
            if (!path.endsWith(`/src/${file}`) || contents.split(text).length !== 2) continue;
            const off = `(globalThis.canary?.includes(${JSON.stringify(name)}) === true)`;
            contents = contents.replace(text, () => other.replaceAll("OFF", off));
            missing.delete(patch);
          }
        }
        return { contents, loader: "ts" };
      });
    },
  };
}
