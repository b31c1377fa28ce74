// The N-th write, fdatasync, fsync, rename or ftruncate of a journaling process fails: what it had
// acknowledged is there after a restart, and it ends or goes on as the rule for that file says.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadBuild } from "../../src/core/build.ts";
import { createHasher } from "../../src/core/hasher.ts";
import { buildPath } from "../../src/core/paths.ts";
import type { HashBytes } from "../../src/journal/format.ts";
import { Journal } from "../../src/journal/journal.ts";
import { BUILD, ROOT, Sealer } from "../src/journal/fixture.ts";
import { buildPatched, SYSTEM_CANARIES } from "./canaries.ts";
import {
  HAS_STRACE,
  refusedCalls,
  runToEnd,
  straced,
  type DiskErrno,
  type SystemCall,
} from "./strace.ts";

const NTH_MAX = process.env["ALPHAPULSE_DEEP"] === "1" ? 400 : 10;
const ERRORS: readonly DiskErrno[] = ["EIO", "ENOSPC"];
/** Enough segments that most threads make the tenth call; more where later ones are to fail. */
const BLOCKS = Math.max(160, NTH_MAX * 13);
const SEGMENT_BYTES = 8192;
const RESERVE_BYTES = 65_536;
/** Processes at a time: each waits for its disk most of the time. */
const LANES = 4;

/** What such a process said, and what was refused. */
interface Life {
  about: string;
  dir: string;
  code: number | null;
  lines: string[];
  refused: string[];
}

describe.skipIf(!HAS_STRACE)("a system call that fails (needs strace: npm run services)", () => {
  const folder = mkdtempSync(join(tmpdir(), "system-faults-"));
  const script = join(folder, "writer.mjs");
  const worker = pathToFileURL(buildPath("workers", "journal.js"));
  let hash: HashBytes;

  beforeAll(async () => {
    hash = createHasher(loadBuild());
    const entryPoints = [fileURLToPath(new URL("./journal-writer.ts", import.meta.url))];
    await build({ entryPoints, outfile: script, bundle: true, format: "esm", platform: "node" });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** `program`: the writer's bundle and its worker's. */
  async function live(
    call: SystemCall,
    error: DiskErrno,
    nth: number,
    program: readonly string[] = [script, worker.href],
  ): Promise<Life> {
    const dir = mkdtempSync(join(folder, `${call}-${error}-${nth}-`));
    const log = join(dir, "log");
    const [file, ...workerUrl] = program;
    const numbers = [BLOCKS, SEGMENT_BYTES, RESERVE_BYTES].map(String);
    const writer = [process.execPath, file!, dir, ...workerUrl, ...numbers];
    const { code, stdout } = await runToEnd([...straced(call, error, nth, log), ...writer], ROOT);
    const lines = stdout.split("\n").slice(0, -1);
    const about = `${call} number ${nth} fails with ${error}:\n${refusedCalls(log).join("\n")}`;
    return { about, dir, code, lines, refused: refusedCalls(log) };
  }

  /** Refusals of a prepared file cost nothing; of a segment or the folder they are the end. */
  function check({ about, code, lines, refused }: Life): void {
    const fault = lines.findIndex((line) => line.startsWith("fault"));
    const isPrepared = (line: string): boolean => /(spare|reserve)\.apj\.part/.test(line);
    // Where there is no room the reserve may help, or there may be none yet.
    const isOpen = (line: string): boolean => !isPrepared(line) && /ENOSPC/.test(line);
    const isFatal = refused.some((line) => !isPrepared(line) && !isOpen(line));
    const isSync = refused.some((line) => /sync\(.*segment-/.test(line));
    if (isFatal || isSync) expect(fault, `${about}\nends it`).toBeGreaterThanOrEqual(0);
    else if (!refused.some(isOpen)) expect(lines.at(-1), `${about}\ncosts nothing`).toBe("closed");
    expect(code, about).toBe(fault >= 0 ? 1 : 0);
    if (fault < 0) return;
    expect(lines[fault], about).toMatch(/^fault JOURNAL_[A-Z_]+: .*; .*(restart|again)/);
    const later = lines.slice(fault + 1);
    // What was written before it may still become durable, unless that is what failed.
    const isQuiet = lines[fault]!.includes("JOURNAL_SYNC_FAILED");
    const said = later.filter((line) => isQuiet || line.startsWith("written"));
    expect(said, `${about}\nno acknowledgement after ${lines[fault]}`).toEqual([]);
  }

  async function recover({ about, dir, lines }: Life): Promise<void> {
    const said = lines.map((line) => (/^(?:written|durable) (\d+)$/.exec(line) ?? [])[1]);
    const last = Math.max(0, ...said.map((one) => Number(one ?? 0)));
    const { journal, tail } = Journal.open({ dir, stream: 0, build: BUILD, hash });
    expect(tail.sequence, `${about}\nall that was acknowledged`).toBeGreaterThanOrEqual(last);
    const twin = new Sealer(hash);
    for (const block of journal.blocks()) {
      const { bytes } = twin.seal(1 + (twin.index % 6));
      if (Buffer.compare(bytes, block.bytes) !== 0) expect.fail(`${about}: block differs`);
    }
    expect(twin.sequence).toBe(tail.sequence);
    await journal.close();
  }

  async function judge(life: Life): Promise<void> {
    check(life);
    await recover(life);
  }

  test.each<SystemCall>(["pwrite64", "fdatasync", "fsync", "rename", "ftruncate"])(
    `%s number 1 to ${NTH_MAX} of a thread, EIO and ENOSPC: nothing acknowledged is lost`,
    async (call) => {
      const wishes = Array.from({ length: NTH_MAX }, (_, at) => at + 1).flatMap((nth) =>
        ERRORS.map((error) => ({ error, nth })),
      );
      let struck = 0;
      const lane = async (): Promise<void> => {
        for (let wish = wishes.shift(); wish !== undefined; wish = wishes.shift()) {
          const life = await live(call, wish.error, wish.nth);
          struck += life.refused.length > 0 ? 1 : 0;
          await judge(life);
          rmSync(life.dir, { recursive: true });
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      expect(struck, "most of them were refused a call").toBeGreaterThan(NTH_MAX);
    },
    3_600_000,
  );

  test.each(SYSTEM_CANARIES)("$call: the sweep turns red when $name", async (canary) => {
    const { call, nths, name } = canary;
    const out = join(folder, call);
    const entries = ["test/sim/journal-writer.ts", "workers/journal.ts"];
    await buildPatched([canary], {
      ...{ entryPoints: entries.map((file) => join(ROOT, file)), outdir: out },
      ...{ outExtension: { ".js": ".mjs" }, outbase: ROOT },
      banner: { js: `globalThis.canary = ${JSON.stringify(name)};` },
    });
    const [writer = "", sync = ""] = entries.map((file) => join(out, file.replace(/ts$/, "mjs")));
    const said: string[] = [];
    for (const nth of nths) {
      const life = await live(call, "EIO", nth, [writer, pathToFileURL(sync).href]);
      const problem = await judge(life).then(() => "nothing", String);
      if (problem.includes("ends it")) return;
      said.push(problem);
    }
    expect.fail(`number ${nths.join(" or ")} breaks: ${said.join("\n")}`);
  });
});
