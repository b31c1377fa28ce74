// `alphapulse journal dump|hash|at|export|verify` on the journal of a real run, through the command
// line, once as a process of its own.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";

import { Kind, Role, Scope, Side } from "../../../asm/vocab.ts";
import { main } from "../../../src/cli/main.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { Engine } from "../../../src/oms/engine.ts";
import { Follower } from "../../../src/oms/follower.ts";
import { put, record, setupRecords, ticks } from "../../asm/spine-core.ts";
import { Hands } from "../oms/hands.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
let dir = "";
let journal = "";
let last = 0;
let endHash = "";

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "alphapulse-journal-"));
  journal = join(dir, "journal");
  const build = loadBuild();
  const place = { dir: journal, stream: 0, segmentBytes: 1 << 16 };
  const clock = new Hands().clock();
  const engine = new Engine({ build, clock, roles: Role.Both, isRecorded: true, journal: place });
  engine.start();
  const limits = { scope: Scope.Account, account: 1, currency: 1, qtyLotsMax: 40 };
  engine.configure([...setupRecords(), record(Kind.RiskLimits, limits)]);
  const order = { instrument: 1, account: 1, clientId: 77, side: Side.Buy, qtyLots: 3, type: 2 };
  for (const [at, bytes] of ticks(600).entries()) {
    put(engine.feed, bytes);
    if (at === 200)
      put(engine.command, record(Kind.OrderNew, { ...order, tif: 1, priceTicks: 9000 }));
    if (at % 5 === 0) engine.turn();
  }
  while (engine.core.isBusy()) engine.turn();
  const follower = new Follower({ build, dir: journal, stream: 0, roles: Role.Both, keep: 9 });
  while (follower.step(64) > 0);
  follower.snapshot();
  follower.close();
  await engine.stop();
  last = engine.core.sequence;
  endHash = engine.core.stateHashText();
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, "write").mockImplementation((text) => ((err += String(text)), true));
  const code = await main(["journal", ...argv]);
  vi.restoreAllMocks();
  process.exitCode = undefined;
  return { code, out, err };
}

const linesOf = (text: string): string[] => text.trimEnd().split("\n");
const jsonLines = (text: string): Record<string, unknown>[] =>
  linesOf(text).map((line) => JSON.parse(line) as Record<string, unknown>);

test("dump prints fields in the instrument's units, and says where it stopped", async () => {
  const { code, out } = await run("dump", journal, "--kind", "ordernew");
  expect(code).toBe(0);
  const [order, end] = linesOf(out);
  expect(order).toMatch(
    /^#\d+ {2}2026-\S+Z {2}OrderNew {2}TEST-1 {2}account=1 clientId=77 price=90\.00 qty=3 type=Lim/,
  );
  expect(end).toMatch(
    /^records shown: 1, the last is #\d+; sequence 1 to \d+ was read to its end$/,
  );
  const cash = await run("dump", journal, "--kind", "CashAdjust", "--account", "1");
  expect(cash.out).toContain("currency=1 amount=10000000.00 USD");
  const bounded = linesOf((await run("dump", journal, "--from", "20", "--limit", "5")).out);
  expect(bounded.length).toBe(6);
  expect(bounded[5]).toBe("5 lines shown; go on with --from 25, or --limit 0 for all");
  const all = await run("dump", journal, "--limit", "0", "--json");
  expect(jsonLines(all.out).map(({ sequence }) => Number(sequence))).toEqual(
    Array.from({ length: last }, (_, at) => at + 1),
  );
  expect(jsonLines(all.out).some(({ symbol }) => symbol === "TEST-1")).toBe(true);
});

test("a range may be given in times; the instrument by its name", async () => {
  const all = jsonLines((await run("dump", journal, "--limit", "0", "--json")).out);
  const [from, to] = [all[100]!, all[300]!];
  const range = ["--from", String(from["time"]), "--to", String(to["time"])];
  const { out } = await run("dump", journal, "--json", "--limit", "0", ...range);
  const within = all.filter(
    ({ time }) => String(time) >= String(from["time"]) && String(time) <= String(to["time"]),
  );
  expect(jsonLines(out)).toEqual(within);
  const trades = ["--kind", "Trade", "--instrument", "TEST-1", "--limit", "0", "--json"];
  const named = jsonLines((await run("dump", journal, ...trades)).out);
  expect(named).toEqual(all.filter(({ name }) => name === "Trade"));
  expect((await run("dump", journal, "--instrument", "OTHER")).out).toMatch(/^no record found;/);
});

/** Runs `journal at --serve` until `use` is through with it. */
async function served(use: (url: string, out: string) => Promise<void>): Promise<number> {
  let out = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((out += String(text)), true));
  const ended = main(["journal", "at", "end", journal, "--serve", "0"]);
  const endMillis = performance.now() + 20_000;
  while (!out.includes("served")) {
    if (performance.now() > endMillis) throw new Error("nothing is served");
    await new Promise((next) => setTimeout(next, 5));
  }
  try {
    await use(/http:\S+/.exec(out)![0], out);
  } finally {
    process.emit("SIGINT");
  }
  return await ended;
}

test("at --serve answers with the records of --json until it is told to end", async () => {
  const whole = JSON.parse((await run("at", "end", journal, "--json")).out) as {
    accounts: { positions: unknown[]; orders: unknown[] }[];
    books: unknown[];
  };
  let gone = "";
  const code = await served(async (url, out) => {
    gone = url;
    expect(out).toMatch(
      /state {5}sequence \d+ of \d+.*\n.*\n.*\nserved {4}http:\/\/127\.0\.0\.1:\d+ /,
    );
    const json = async (path: string): Promise<unknown> => await (await fetch(url + path)).json();
    expect(await json("/")).toEqual(whole);
    expect(await json("/accounts")).toEqual(whole.accounts);
    expect(await json("/positions")).toEqual(whole.accounts[0]!.positions);
    expect(await json("/orders?account=1")).toEqual(whole.accounts[0]!.orders);
    expect(await json("/prices")).toEqual(whole.books);
    expect(whole.accounts[0]!.orders, "there is something to see").not.toEqual([]);
    const other = await fetch(`${url}/fills`);
    expect(other.status).toBe(404);
    expect(await other.json()).toEqual({
      error: "there are / /accounts /positions /orders /prices",
    });
    expect((await fetch(url, { method: "POST" })).status).toBe(405);
    const { port } = new URL(url);
    const status = await new Promise<number | undefined>((done) => {
      const headers = { host: `state.example.com:${port}` };
      get({ host: "127.0.0.1", port, headers }, (answer) => done(answer.resume().statusCode));
    });
    expect(status, "a name that is not ours").toBe(403);
    const taken = await main(["journal", "at", "end", journal, "--serve", port]);
    expect(taken, "the port is taken").toBe(1);
  });
  expect(code).toBe(0);
  await expect(fetch(gone)).rejects.toThrow();
  expect((await run("at", "end", journal, "--serve", "65536")).err).toMatch(/no port/);
});

test("hash agrees with the engine that ran, at the end and from place to place", async () => {
  const { out } = await run("hash", journal, "--json");
  const [end] = JSON.parse(out) as { sequence: number; market: string; order: string }[];
  // The checkpoint behind the engine's last state changes neither hash.
  expect([end!.sequence, `${end!.market}-${end!.order}`]).toEqual([last, endHash]);
  const every = linesOf((await run("hash", journal, "--every", "200")).out);
  expect(every.length).toBe(Math.floor(last / 200) + 1);
  expect(every.at(-1)).toBe(linesOf((await run("hash", journal, "--whole")).out)[0]);
  const at = (await run("hash", journal, "--at", "400")).out;
  expect(every[1]).toBe(at.trimEnd());
});

test("at shows the open order while it is open, and the limits that hold", async () => {
  const dumped = await run("dump", journal, "--kind", "OrderNew", "--json");
  const order = Number(jsonLines(dumped.out)[0]!["sequence"]);
  const before = await run("at", String(order - 1), journal);
  expect(before.out).not.toContain("1/77");
  const { out } = await run("at", String(order), journal);
  expect(out).toContain(`state     sequence ${order} of ${last}, 2026-`);
  expect(out).toMatch(/ {2}order {5}1\/77, order \d+: TEST-1 buy 3 limit at 90\.00 GTC, filled 0/);
  expect(out).toMatch(/account 1: Active, 1 orders open, equity \d+\.\d\d USD/);
  expect(out).toContain("  limit     QtyLimit: 40 an order, TEST-1");
  expect(out).toMatch(/book {6}TEST-1: bid 50 at \d+\.\d\d, ask 50 at \d+\.\d\d/);
  const json = JSON.parse((await run("at", "end", journal, "--json")).out) as {
    snapshot: string;
    hash: Record<string, string>;
    accounts: { positions: { lots: number }[] }[];
  };
  expect(json.snapshot, "begun from the snapshot").toContain("snapshot-");
  expect(`${json.hash["market"]}-${json.hash["order"]}`).toBe(endHash);
  expect(json.accounts[0]!.positions).toHaveLength(1);
});

test("export writes what dump says, and a journal that replays to the same state", async () => {
  const csv = join(dir, "out.csv");
  const { out } = await run("export", journal, "--out", csv, "--format", "csv", "--kind", "Trade");
  const rows = linesOf(readFileSync(csv, "utf8")).map((line) => line.split(","));
  const trades = jsonLines(
    (await run("dump", journal, "--kind", "Trade", "--limit", "0", "--json")).out,
  );
  expect(out).toContain(`${trades.length} records written to ${csv}`);
  expect(rows.length).toBe(trades.length + 1);
  const price = rows[0]!.indexOf("priceTicks");
  expect(rows.slice(1).map((row) => Number(row[price]))).toEqual(
    trades.map(({ priceTicks }) => priceTicks),
  );
  const lines = join(dir, "out.jsonl");
  await run("export", journal, "--out", lines, "--to", "50");
  const dumped = await run("dump", journal, "--json", "--to", "50");
  expect(readFileSync(lines, "utf8")).toBe(dumped.out);
  const again = await run("export", journal, "--out", lines);
  expect([again.code, again.err.startsWith("EXPORT_EXISTS")]).toEqual([1, true]);

  const slice = join(dir, "slice");
  await run("export", journal, "--out", slice, "--format", "journal", "--to", "400");
  expect((await run("verify", slice)).code).toBe(0);
  const hash = async (...more: string[]): Promise<string> => (await run("hash", ...more)).out;
  expect(await hash(slice, "--at", "400")).toBe(await hash(journal, "--at", "400"));
  const late = join(dir, "late");
  await run("export", journal, "--out", late, "--format", "journal", "--from", "300");
  expect((await run("stat", late)).out).toContain("chain      whole");
  expect((await run("at", "end", late)).err).toMatch(/^RECOVERY_GAP: /);
  const filtered = await run(
    "export",
    journal,
    "--out",
    "x",
    "--format",
    "journal",
    "--kind",
    "Trade",
  );
  expect([filtered.code, existsSync("x")]).toEqual([2, false]);
});

test("verify --deep compares checkpoint and snapshot; a process of its own agrees", async () => {
  const { code, out } = await run("verify", journal, "--deep");
  expect(code).toBe(0);
  expect(out).toContain("checkpoint 1 compared, all agree");
  expect(out).toMatch(/snapshot {3}agrees at sequence \d+, .*\.aps/);
  const script = join(ROOT, "scripts/alphapulse.mjs");
  const said = execFileSync(process.execPath, [script, "journal", "hash", journal], { cwd: dir });
  expect(String(said)).toContain(`${last}  `);
  expect(String(said)).toContain(`market ${endHash.slice(0, 16)}`);
});

test.each([
  [["dump", "--kind", "Foo"], 2, /^CONFIG_INVALID: --kind "Foo" is no kind of record; kinds are/],
  [["dump", "--from", "yesterday"], 2, /^CONFIG_INVALID: --from "yesterday" is no point/],
  [["dump", "--from", "90", "--to", "80"], 1, /^JOURNAL_POINT: no record lies between --from 90/],
  [["dump", "--stream", "4"], 1, /^JOURNAL_NOT_FOUND: .* has no stream 4; it has: 0$/m],
  [["hash", "--at", "9999999"], 1, /^JOURNAL_POINT: .*sequence 9999999; it holds sequence 1 to /],
  [["hash", "--every", "0"], 2, /^CONFIG_INVALID: --every 0/],
  [["dump", "--limit", "few"], 2, /^CONFIG_INVALID: --limit "few" is no whole number/],
])("%j is told with a remedy", async ([name, ...flags], code, says) => {
  const found = await run(name!, journal, ...flags);
  expect([found.code, found.out]).toEqual([code, ""]);
  expect(found.err).toMatch(says);
});
