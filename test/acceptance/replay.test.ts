// `alphapulse replay` over real captures: every message counted, the same state every time, in both
// topologies, and after a kill in the middle.
import { readdirSync, readFileSync, readSync, openSync, closeSync, existsSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { ReplayReport } from "../../src/cli/replay.ts";
import { segmentIndexOf } from "../../src/journal/format.ts";
import {
  alphapulse,
  cleanUp,
  hasShared,
  launch,
  SHARED,
  temporaryFolder,
  until,
} from "./engine-process.ts";

const SET = "data/binance-raw-collector";
const FILES = [
  "spot-btcusdt_20240808.gz",
  "usdm-btcusdt_20240808.gz",
  "cm-btcusd_perp_20240808.gz",
  "spot-btcusdt_20240809.gz",
  "cm-btcusd_perp_20240809.gz",
].map((name) => join(SHARED, SET, name));
/** Bytes of journal after which the kill comes: well behind the first blocks, far from the end. */
const KILL_AT_BYTES = 4 * 1024 * 1024;
const KILL_MILLIS_MAX = 60_000;

/** What a file holds, counted with JSON.parse and nothing of ours. */
interface Counted {
  messages: number;
  trades: number;
  quotes: number;
  bookUpdates: number;
  bookSnapshots: number;
}

function countFile(path: string): Counted {
  const counted = { messages: 0, trades: 0, quotes: 0, bookUpdates: 0, bookSnapshots: 0 };
  for (const line of gunzipSync(readFileSync(path)).toString("utf8").split("\n")) {
    if (line === "") continue;
    counted.messages += 1;
    const message = JSON.parse(line.slice(line.indexOf(" ") + 1)) as {
      data?: { e?: string; u?: number };
      lastUpdateId?: number;
    };
    if (message.lastUpdateId !== undefined) counted.bookSnapshots += 1;
    else if (message.data?.e === "trade") counted.trades += 1;
    else if (message.data?.e === "depthUpdate") counted.bookUpdates += 1;
    else if (message.data?.e === "bookTicker" || message.data?.u !== undefined) counted.quotes += 1;
  }
  return counted;
}

function sum(all: readonly Counted[]): Counted {
  const total = { messages: 0, trades: 0, quotes: 0, bookUpdates: 0, bookSnapshots: 0 };
  for (const one of all) {
    for (const key of Object.keys(total) as (keyof Counted)[]) total[key] += one[key];
  }
  return total;
}

const isThere = hasShared(SET, "replay of real captures");

describe.skipIf(!isThere)("replay of the captures of 2024-08-08 and 2024-08-09", () => {
  let folder: string;
  let whole: ReplayReport;

  const replay = async (topology: string, extra: string[] = []): Promise<ReplayReport> => {
    const args = ["replay", ...FILES, "--topology", topology, "--json", ...extra];
    const { code, stdout, stderr } = await alphapulse(args, folder);
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout) as ReplayReport;
  };

  beforeAll(async () => {
    folder = temporaryFolder("replay");
    whole = await replay("inline");
  });

  afterAll(cleanUp);

  test("message, trade, quote and book counts equal an independent count", () => {
    const counted = FILES.map(countFile);
    const lines = whole.files.map((file) => [basename(file.path), file.lines]);
    const messages = FILES.map((path, at) => [basename(path), counted[at]!.messages]);
    expect(lines, "every line of every file").toEqual(messages);
    const { trades, quotes, bookUpdates, bookSnapshots } = whole;
    const total = sum(counted);
    expect(total.trades, "the files hold trades").toBeGreaterThan(10_000);
    expect({ trades, quotes, bookUpdates, bookSnapshots }).toEqual({
      trades: total.trades,
      quotes: total.quotes,
      bookUpdates: total.bookUpdates,
      bookSnapshots: total.bookSnapshots,
    });
    expect(whole.rejects, "nothing is refused").toEqual({});
  });

  test("a second run gives the same state", async () => {
    const again = await replay("inline");
    expect(again.stateHash).toBe(whole.stateHash);
    expect(again.records).toBe(whole.records);
  });

  test("sharded gives the state of inline, role by role", async () => {
    const sharded = await replay("sharded");
    expect(sharded.marketHash, "market role").toBe(whole.marketHash);
    expect(sharded.orderHash, "order role").toBe(whole.orderHash);
    expect(sharded.trades).toBe(whole.trades);
  });

  test.each(["inline", "sharded"])(
    "killed in the middle, the same command goes on to the same state, %s",
    async (topology) => {
      const keep = join(folder, `keep-${topology}`);
      const args = ["replay", ...FILES, "--topology", topology, "--json", "--keep", keep];
      const first = launch(args, folder);
      const stream = topology === "inline" ? "0" : "1";
      await until(
        () => first.child.exitCode !== null || hasJournal(join(keep, stream), KILL_AT_BYTES),
        KILL_MILLIS_MAX,
        "the first 4 MiB of the journal",
      );
      first.child.kill("SIGKILL");
      const { code, stdout } = await first.ended;
      expect({ code, stdout }, "it died in the middle, not at its end").toEqual({
        code: null,
        stdout: "",
      });
      const rest = await replay(topology, ["--keep", keep]);
      expect(rest.resumedAt, "records the first run had kept").toBeGreaterThan(10_000);
      expect(rest.records, "and the second one still took some").toBeGreaterThan(10_000);
      expect(rest.resumedAt + rest.records, "each record once").toBe(whole.records);
      expect(rest.marketHash).toBe(whole.marketHash);
      expect(rest.orderHash).toBe(whole.orderHash);
    },
  );
});

/** True when the first segment of a stream has data at the byte; segments are preallocated. */
function hasJournal(folder: string, byte: number): boolean {
  if (!existsSync(folder)) return false;
  const name = readdirSync(folder).find((one) => segmentIndexOf(one) === 0);
  if (name === undefined) return false;
  const fd = openSync(join(folder, name), "r");
  const bytes = Buffer.alloc(4096);
  readSync(fd, bytes, 0, bytes.length, byte);
  closeSync(fd);
  return bytes.some((one) => one !== 0);
}
