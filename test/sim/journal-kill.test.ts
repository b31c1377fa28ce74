import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadBuild } from "../../src/core/build.ts";
import { createHasher } from "../../src/core/hasher.ts";
import { buildPath } from "../../src/core/paths.ts";
import type { AlphaError } from "../../src/errors.ts";
import type { HashBytes } from "../../src/journal/format.ts";
import { Journal } from "../../src/journal/journal.ts";
import { seeded } from "../reference/random.ts";
import { BUILD, ROOT, Sealer } from "../src/journal/fixture.ts";

/** Together with test/acceptance/crash.test.ts, where whole engines are killed: 20, deep 1,000. */
const KILLS = process.env["ALPHAPULSE_DEEP"] === "1" ? 800 : 15;
/** Another one: ALPHAPULSE_SEED. */
const SEED = Number(process.env["ALPHAPULSE_SEED"] ?? 1);
const DELAY_MILLIS_MAX = 113;
const folder = mkdtempSync(join(tmpdir(), "journal-kill-"));
const script = join(folder, "writer.mjs");
const worker = pathToFileURL(buildPath("workers", "journal.js"));
let hash: HashBytes;

beforeAll(async () => {
  hash = createHasher(loadBuild());
  const entryPoints = [fileURLToPath(new URL("./journal-writer.ts", import.meta.url))];
  const packages = { bundle: true, format: "esm", platform: "node" } as const;
  await build({ entryPoints, outfile: script, ...packages });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the writer, kills it some milliseconds after it said `word`, returns what it said. */
function killed(
  dir: string,
  word: string,
  afterMillis: number,
): Promise<{ written: number; durable: number }> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [script, dir, worker.href], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    let isTimed = false;
    const line = new RegExp(`^${word} \\d+\n`, "m");
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      // A whole line: what was cut off by the kill was never said.
      if (isTimed || !line.test(text)) return;
      isTimed = true;
      setTimeout(() => child.kill("SIGKILL"), afterMillis);
    });
    child.on("error", fail);
    child.on("close", () => {
      const lines = text.split("\n").slice(0, -1);
      if (lines.some((line) => line.startsWith("fault"))) fail(new Error(lines.join("\n")));
      const last = (word: string): number =>
        Number(lines.findLast((line) => line.startsWith(word))?.split(" ")[1] ?? 0);
      done({ written: last("written"), durable: last("durable") });
    });
  });
}

test(`killed ${KILLS} times it has all that it said was written, seed ${SEED}`, async () => {
  const dir = join(folder, "j");
  const random = seeded(SEED);
  const delays = Array.from({ length: KILLS }, () => Math.floor(random() * DELAY_MILLIS_MAX));
  let before = 0;
  let durableSeen = 0;
  for (const [at, delay] of delays.entries()) {
    // Half of them die before the worker has started, half after its first sync.
    const said = await killed(dir, at % 2 === 0 ? "written" : "durable", delay);
    // The dead owner's lock must not stop us either.
    const { journal, tail } = Journal.open({ dir, stream: 0, build: BUILD, hash });
    const about = `kill ${at} after ${delay} ms, seed ${SEED}`;
    expect(tail.sequence, about).toBeGreaterThanOrEqual(said.written);
    expect(said.written, `${about}: it wrote`).toBeGreaterThan(before);
    expect(said.durable, `${about}: durable follows written`).toBeLessThanOrEqual(said.written);
    durableSeen += said.durable > 0 ? 1 : 0;
    before = tail.sequence;
    await journal.close();
  }
  expect(durableSeen, "the durable level was at work").toBeGreaterThanOrEqual(
    Math.floor(KILLS / 2),
  );
  const { journal } = Journal.open({ dir, stream: 0, build: BUILD, hash });
  const twin = new Sealer(hash);
  for (const block of journal.blocks()) {
    const { bytes } = twin.seal(block.header.records);
    if (Buffer.compare(bytes, block.bytes) !== 0)
      expect.fail(`block ${block.header.index} differs`);
  }
  expect(twin.sequence, "compared to the end").toBe(before);
  await journal.close();
});

describe("a full disk", () => {
  const isRoot = process.platform === "linux" && process.getuid?.() === 0;

  test.skipIf(!isRoot)(
    "(tmpfs of 1 MiB; needs root) ends in JOURNAL_DISK_FULL, whole",
    async () => {
      const dir = mkdtempSync(join(tmpdir(), "journal-full-"));
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", dir]);
      try {
        const options = { dir, stream: 0, build: BUILD, hash, segmentBytes: 262_144 };
        const { journal } = Journal.open(options);
        const sealer = new Sealer(hash);
        let written = 0;
        let fault: unknown;
        while (fault === undefined) {
          const { bytes, firstSequence, records } = sealer.seal(50);
          try {
            journal.append(bytes, 0, bytes.length, firstSequence, records);
            written = sealer.sequence;
          } catch (error) {
            fault = error;
          }
        }
        expect((fault as AlphaError).code).toBe("JOURNAL_DISK_FULL");
        expect((fault as AlphaError).line()).toContain("free space on this disk");
        await journal.close();
        const again = Journal.open(options);
        expect(again.tail).toMatchObject({ sequence: written, tornBytes: 0 });
        expect(readFileSync("/proc/self/mounts", "utf8")).toContain(dir);
        await again.journal.close();
      } finally {
        execFileSync("umount", [dir]);
        rmSync(dir, { recursive: true });
      }
    },
  );
});
