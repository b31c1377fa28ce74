// One journal of a million inputs, one state: as the engine had it, replayed, from a snapshot and
// the tail, by a follower, by another Node, in Chromium by the page of an incident, and as a
// sharded engine has it that was given the same rounds.
//
// ALPHAPULSE_NODE_OTHER names another Node's binary (22 beside 20, or the other way round); without
// it that part is skipped. What the two topologies say on the way, and a sharded engine whose
// threads run as they like, are in sameness.test.ts. ALPHAPULSE_DEEP=1: a hundred million inputs.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { Role } from "../../asm/vocab.ts";
import { loadBuild } from "../../src/core/build.ts";
import { buildPath } from "../../src/core/paths.ts";
import { Follower } from "../../src/oms/follower.ts";
import { Timeline } from "../../src/oms/timeline.ts";
import { ROOT } from "./engine-process.ts";
import { inlineLife, live, shardedLife } from "./traders.ts";

const isDeep = process.env["ALPHAPULSE_DEEP"] === "1";
const INPUTS = isDeep ? 100_000_000 : 1_000_000;
/** A round gives 7.7 to 7.9 inputs. */
const ROUNDS = Math.ceil(INPUTS / 7.5);
const ROUNDS_PER_TURN = 16;
const MILLIS_MAX = isDeep ? 6 * 3_600_000 : 240_000;

const otherNode = process.env["ALPHAPULSE_NODE_OTHER"] ?? "";
const browserPath = [
  process.env["ALPHAPULSE_CHROMIUM"] ?? "",
  ...["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
].find((path) => path !== "" && existsSync(path));

describe(`${INPUTS.toLocaleString("en-US")} inputs, one state`, () => {
  const build = loadBuild();
  let dir = "";
  let journal = "";
  let hashLive = "";
  let hashSharded = "";
  let hashFollowed = "";

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "alphapulse-million-"));
    journal = join(dir, "journal");
    let follower: Follower | undefined;
    const half = Math.floor(ROUNDS / 2 / ROUNDS_PER_TURN) * ROUNDS_PER_TURN;
    const follow = (): void => {
      follower ??= new Follower({ build, dir: journal, stream: 0, roles: Role.Both, keep: 3 });
      while (follower.step(256) > 0);
    };
    const lives = [inlineLife(build, journal), await shardedLife(build, join(dir, "sharded"))];
    const snapshotAtHalf = (round: number): void => {
      if (round !== half) return;
      follow();
      follower?.snapshot();
    };
    const hashes = await live(lives, ROUNDS, snapshotAtHalf, ROUNDS_PER_TURN);
    [hashLive = "", hashSharded = ""] = hashes;
    follow();
    hashFollowed = follower?.core.stateHashText() ?? "";
    follower?.close();
  }, MILLIS_MAX);

  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test("a sharded engine, its market worker in a thread of its own", () => {
    expect(hashSharded).toBe(hashLive);
  });

  test("the follower that read it meanwhile", () => {
    expect(hashFollowed).toBe(hashLive);
  });

  test(
    "a snapshot of the middle and the tail",
    () => {
      const timeline = new Timeline({ dir: journal, stream: 0, build });
      expect(timeline.range.lastSequence).toBeGreaterThan(INPUTS);
      const { core, recovery } = timeline.stateAt(timeline.range.lastSequence);
      expect(recovery.snapshot?.sequence).toBeGreaterThan(INPUTS / 3);
      expect(recovery.snapshot?.sequence).toBeLessThan((INPUTS * 2) / 3);
      expect(core.stateHashText()).toBe(hashLive);
    },
    MILLIS_MAX,
  );

  /** The whole journal through a process of its own. */
  async function hashBy(node: string): Promise<string> {
    const argv = [join(ROOT, "scripts/alphapulse.mjs"), "journal", "hash", journal];
    const options = { maxBuffer: 1 << 24, cwd: dir };
    const { stdout } = await promisify(execFile)(node, [...argv, "--whole", "--json"], options);
    const [{ market, order } = { market: "", order: "" }] = JSON.parse(stdout) as {
      market: string;
      order: string;
    }[];
    return `${market}-${order}`;
  }

  test.concurrent(
    `a replay of all of it in a process of its own, Node ${process.version}`,
    async () => {
      await expect(hashBy(process.execPath)).resolves.toBe(hashLive);
    },
    MILLIS_MAX,
  );

  (otherNode === "" ? test.skip : test.concurrent)(
    "a replay by the Node that ALPHAPULSE_NODE_OTHER names",
    async () => {
      await expect(hashBy(otherNode)).resolves.toBe(hashLive);
    },
    MILLIS_MAX,
  );

  (browserPath === undefined ? test.skip : test.concurrent)(
    "a replay by the page of an incident in Chromium",
    async () => {
      // The journal's own files with the core: in the deep run they are more than one segment.
      const folder = join(journal, "0");
      const segments = readdirSync(folder).filter((name) => name.startsWith("segment-"));
      const files = [...segments.map((name) => join(folder, name)), buildPath("core.wasm")];
      const args = ["--no-sandbox", "--headless=new"];
      const browser = await chromium.launch({ executablePath: browserPath ?? "", args });
      try {
        const page = await browser.newPage();
        await page.goto(pathToFileURL(buildPath("dashboard", "incident.html")).href);
        await page.getByTestId("files").setInputFiles(files);
        const verdict = page.getByTestId("verdict");
        await verdict.waitFor({ timeout: MILLIS_MAX });
        expect(await verdict.textContent()).toContain("Checkpoint equal");
        const title = await verdict.getAttribute("title");
        expect(title?.split("\n")[0]).toContain(`: ${hashLive}`);
      } finally {
        await browser.close();
      }
    },
    MILLIS_MAX,
  );
});
