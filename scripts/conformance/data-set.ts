// Data sets by folder name: recorded files through the engine, counted beside an independent count.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";

import { replayFiles } from "../../src/cli/replay.ts";
import { captureRun } from "../../src/cases/capture.ts";
import { lobsterMessages, lobsterRows, lobsterRun } from "../../src/cases/lobster.ts";
import { compared, type Outcome, unsupported } from "../../src/cases/outcome.ts";

/** Folders there is a runner for, by how their names begin. */
const RUNNERS: readonly [prefix: string, run: (folder: string) => Promise<Outcome[]>][] = [
  ["binance-raw-collector", runCollector],
  ["lobster-", runLobster],
  ["exchange-raw-captures", runCaptures],
  ["kraken", runCaptures],
  ["okx", runCaptures],
];
export const DATA_SETS: readonly string[] = RUNNERS.map(([prefix]) => prefix);

interface Counts {
  messages: number;
  trades: number;
  quotes: number;
  bookUpdates: number;
  bookSnapshots: number;
  refused: number;
}

/** Runs what the folder's name says it is. */
export async function runDataSet(folder: string): Promise<Outcome[]> {
  return runnerOf(folder)!(folder);
}

function runnerOf(folder: string): ((folder: string) => Promise<Outcome[]>) | undefined {
  return RUNNERS.find(([prefix]) => basename(folder).startsWith(prefix))?.[1];
}

/** Each pair of files: every row equals the book, but for prices that come into sight. */
async function runLobster(folder: string): Promise<Outcome[]> {
  const names = readdirSync(folder).filter((name) => name.includes("_message_"));
  return names.sort().map((name) => {
    const other = readdirSync(folder).find((one) =>
      one.startsWith(name.replace("_message_", "_orderbook_").replace(/\.csv.*$/, "")),
    );
    if (other === undefined) return unsupported(name, "its order book file is not there");
    const messages = lobsterMessages(readText(join(folder, name)));
    const { differing } = lobsterRun(messages, lobsterRows(readText(join(folder, other))));
    return compared(`${name}, rows that differ`, [], differing);
  });
}

/** Every book with checksums in the captures of a folder and of those in it. */
async function runCaptures(folder: string): Promise<Outcome[]> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => /(^|\/)(KRAKEN|OKX)\.ws\./.test(name)).sort();
  return files.flatMap((name) =>
    captureRun(readText(join(folder, name)))
      .filter(({ checksums }) => checksums > 0)
      .map(({ symbol, checksums, mismatches }) =>
        compared(`${name} ${symbol}, ${checksums} checksums, mismatches`, 0, mismatches),
      ),
  );
}

function readText(path: string): string {
  const bytes = readFileSync(path);
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
}

/** Plays each file of the folder alone, then all in the other topology against the same hashes. */
async function runCollector(folder: string): Promise<Outcome[]> {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(".gz"))
    .sort();
  const outcomes: Outcome[] = [];
  for (const name of names) {
    const path = join(folder, name);
    const counted = countCollector(path);
    const inline = await replayFiles({
      files: [path],
      topology: "inline",
      timeframes: ["1s", "1m"],
    });
    const { trades, quotes, bookUpdates, bookSnapshots, files, rejects } = inline;
    const refused = Object.values(rejects).reduce((sum, count) => sum + count, 0);
    const messages = files[0]?.lines ?? 0;
    const actual = { messages, trades, quotes, bookUpdates, bookSnapshots, refused };
    outcomes.push(compared(`${name}, counts`, counted, actual));
    const sharded = await replayFiles({
      files: [path],
      topology: "sharded",
      timeframes: ["1s", "1m"],
    });
    const hashes = ({ marketHash, orderHash }: typeof inline): string =>
      `${marketHash} ${orderHash}`;
    outcomes.push(compared(`${name}, inline and sharded state`, hashes(inline), hashes(sharded)));
  }
  return outcomes;
}

/** Lines "nanoseconds JSON" by JSON.parse, with nothing of the engine's. */
function countCollector(path: string): Counts {
  const counts: Counts = {
    messages: 0,
    trades: 0,
    quotes: 0,
    bookUpdates: 0,
    bookSnapshots: 0,
    refused: 0,
  };
  for (const line of gunzipSync(readFileSync(path)).toString("utf8").split("\n")) {
    if (line === "") continue;
    counts.messages += 1;
    const { data, lastUpdateId } = JSON.parse(line.slice(line.indexOf(" ") + 1)) as {
      data?: { e?: string };
      lastUpdateId?: number;
    };
    if (lastUpdateId !== undefined) counts.bookSnapshots += 1;
    else if (data?.e === "trade") counts.trades += 1;
    else if (data?.e === "depthUpdate") counts.bookUpdates += 1;
    else counts.quotes += 1;
  }
  return counts;
}

/** True for a folder this module can play. */
export function isDataSet(folder: string): boolean {
  return runnerOf(folder) !== undefined && existsSync(folder);
}
