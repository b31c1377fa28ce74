// The command line in this process: run file, setup, configuration commands, findings, exit codes.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Kind, Role, QueueModel } from "../../../asm/vocab.ts";
import { examine } from "../../../src/cli/doctor.ts";
import { registerEngineMetrics } from "../../../src/cli/engine-metrics.ts";
import { main } from "../../../src/cli/main.ts";
import { ProgressBar } from "../../../src/cli/progress.ts";
import { isAlive, readRunFile, removeRunFile, writeRunFile } from "../../../src/cli/run-file.ts";
import { setupOf } from "../../../src/cli/setup.ts";
import { makeConfig, OPTION_KEYS } from "../../../src/config.ts";
import { Clock } from "../../../src/clock.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { Core } from "../../../src/core/core.ts";
import type { Hub } from "../../../src/gateway/hub.ts";
import { MetricsRegistry } from "../../../src/metrics.ts";
import { Topology } from "../../../src/oms/topology.ts";
import { decode } from "../../../src/protocol.ts";
import { put } from "../../asm/spine-core.ts";

let dir = "";
let home = "";
const RUN = {
  pid: process.pid,
  url: "http://127.0.0.1:1/",
  topology: "inline",
  gateway: "ws",
  feed: "none",
  ack: "written",
  startedAtUtc: "x",
};

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "alphapulse-cli-"));
  home = process.cwd();
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(dir, { recursive: true, force: true });
  process.exitCode = undefined;
  expect(process.cwd()).toBe(home);
});

/** Runs the command line in `dir`; texts are what it wrote. */
async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const cwd = vi.spyOn(process, "cwd").mockReturnValue(home);
  const stdout = vi
    .spyOn(process.stdout, "write")
    .mockImplementation((text) => ((out += String(text)), true));
  const stderr = vi
    .spyOn(process.stderr, "write")
    .mockImplementation((text) => ((err += String(text)), true));
  try {
    const code = await main(argv);
    return { code, out, err };
  } finally {
    for (const spy of [cwd, stdout, stderr]) spy.mockRestore();
    process.exitCode = undefined;
  }
}

test("the run file leads to a living engine, and says clearly when there is none", () => {
  const code = (expected: string): unknown => expect.objectContaining({ code: expected });
  expect(() => readRunFile(dir)).toThrow(code("NOT_RUNNING"));
  writeRunFile(join(dir, "deep"), RUN);
  expect(readRunFile(join(dir, "deep"))).toEqual(RUN);
  writeRunFile(dir, { ...RUN, pid: 0x3fffffff });
  expect(() => readRunFile(dir)).toThrow(/ended without saying so/);
  for (const text of [
    '{"pid": 1',
    "{}",
    "[]",
    "",
    JSON.stringify({ ...RUN, pid: 0 }),
    JSON.stringify({ ...RUN, pid: -1 }),
  ]) {
    writeFileSync(join(dir, "run.json"), text);
    expect(() => readRunFile(dir), text).toThrow(code("RUN_FILE"));
  }
  removeRunFile(dir);
  removeRunFile(dir);
  expect(existsSync(join(dir, "run.json"))).toBe(false);
  expect(isAlive(process.pid)).toBe(true);
});

test.each([
  ["a default setup", {}, [QueueModel.Through, 0]],
  ["a queue without cancels", { paperQueue: "riskAverse" }, [QueueModel.RiskAverse, 0]],
  ["a queue by powers", { paperQueue: "power", paperQueuePower: 8 }, [QueueModel.Power, 8]],
  ["orders at a venue", { paperQueue: "power", execution: "routed" }, [undefined, undefined]],
])("every configuration record of %s is accepted by the core", (_what, input, queue) => {
  const setup = setupOf(makeConfig([{ where: "test", input }]));
  for (const spec of setup.specs) expect([spec.queueModel, spec.queuePower]).toEqual(queue);
  const core = Core.create(loadBuild(), { roles: Role.Both });
  for (const bytes of setup.catalog.records) expect(put(core.control, bytes)).toBe(true);
  while (core.isBusy()) core.run(1, 4096);
  const denied: string[] = [];
  core.drain((from, to) => {
    for (let at = from; at < to; at += 64 * core.out.cellsAt(at)) {
      const one = decode(core.view, at);
      if (one.kind === (Kind.ConfigDenied as number))
        denied.push(`${Kind[Number(one["configKind"])]}: ${Number(one["reason"])}`);
    }
  });
  expect(denied).toEqual([]);
  expect(setup.specs).toHaveLength(20);
  expect(core.refused).toBe(0);
});

test("money of the configuration becomes exact units, fees parts per billion", () => {
  const input = {
    accountCash: "1000.50",
    limitNotional: "10",
    limitLossDay: "0",
    feeMakerBps: -0.5,
    feeTakerBps: 2.5,
    limitOrdersPerSecond: 0,
  };
  const records = setupOf(makeConfig([{ where: "test", input }])).catalog.records.map((bytes) =>
    decode(new DataView(bytes.buffer), 0),
  );
  const of = (kind: Kind): Record<string, unknown> =>
    records.find((one) => one.kind === (kind as number))!;
  expect(of(Kind.CashAdjust)["amountMinor"]).toBe(1_000_500_000);
  expect(of(Kind.RiskLimits)).toMatchObject({
    notionalMinorMax: 10_000_000,
    lossMinorMax: 0,
    rateMax: 0,
    rateWindowMillis: 0,
  });
  expect(of(Kind.FeeSchedule)).toMatchObject({
    makerPerBillion: -50_000,
    takerPerBillion: 250_000,
  });
  const poor = setupOf(makeConfig([{ where: "test", input: { accountCash: "0" } }]));
  expect(
    poor.catalog.records.some((bytes) => bytes[0] === (Kind.CashAdjust & 0xff) && bytes[1] === 2),
    "no empty deposit",
  ).toBe(false);
});

test("a Binance symbol whose steps are not known is refused by name", () => {
  const input = { feed: "binance", binanceSymbols: ["NOPEUSDT"] };
  expect(() => setupOf(makeConfig([{ where: "test", input }]))).toThrow(/"NOPEUSDT"/);
  const known = setupOf(makeConfig([{ where: "test", input: { feed: "binance" } }]));
  expect(known.live.map((info) => info.name)).toEqual(["BTCUSDT"]);
});

test("exit codes: 0 done, 1 failed, 2 called wrongly, each with one clear line", async () => {
  expect((await run("--version")).code).toBe(0);
  const unknown = await run("fly");
  expect(unknown.code).toBe(2);
  expect(unknown.err).toMatch(/unknown command 'fly'/);
  expect((await run("backtest", "breakout")).err).toMatch(/required option .*--data/);
  const status = await run("status", "--data-dir", dir);
  expect(status.code).toBe(1);
  expect(status.err).toMatch(/^NOT_RUNNING: .*; start one: npm start\n$/);
  const wrong = await run("doctor", "--port", "many");
  expect([wrong.code, wrong.err]).toEqual([
    2,
    'CONFIG_INVALID: --port: "many" is no number; port is a whole number from 0 to 65535\n',
  ]);
  const missing = await run("config", "check", "--config", join(dir, "none.json"));
  expect(missing.code).toBe(2);
  expect(missing.err).toMatch(/^CONFIG_MISSING/);
  const verify = await run("journal", "verify", dir);
  expect([verify.code, verify.err.startsWith("JOURNAL_NOT_FOUND")]).toEqual([1, true]);
  const replay = await run("replay", join(dir, "none.csv"), "--speed", "-1");
  expect([replay.code, replay.err]).toEqual([
    2,
    'CONFIG_INVALID: --speed "-1" is no factor; use a number above 0\n',
  ]);
});

test("config check and show read a file, name sources, and refuse mistakes", async () => {
  const path = join(dir, "mine.json");
  writeFileSync(path, '{"port": 9100}');
  expect((await run("config", "check", "--config", path)).out).toBe("the configuration is good\n");
  const shown = await run("config", "show", "--config", path);
  expect(shown.out).toContain(`port = 9100  (${path})`);
  expect(shown.out).toContain('ack = "written"  (default)');
  expect(
    Object.keys(
      JSON.parse((await run("config", "show", "--config", path, "--json")).out) as object,
    ),
  ).toEqual(OPTION_KEYS);
  writeFileSync(path, '{"prt": 9100}');
  expect((await run("config", "check", "--config", path)).err).toMatch(/no option "prt"/);
});

test("doctor finds a good machine fit, and a data directory it cannot use unfit", async () => {
  const config = makeConfig([{ where: "test", input: { dataDir: join(dir, "data"), port: 0 } }]);
  const findings = await examine(config);
  const state = Object.fromEntries(findings.map((one) => [one.check, one.state]));
  expect(state).toMatchObject({ node: "ok", core: "ok", port: "ok", journal: "ok" });
  writeFileSync(join(dir, "file"), "");
  const bad = await examine(
    makeConfig([{ where: "test", input: { dataDir: join(dir, "file", "below"), port: 0 } }]),
  );
  const data = bad.find((one) => one.check === "data")!;
  expect([data.state, data.remedy]).toEqual(["bad", "set dataDir to a folder you may write"]);
});

test("metrics read rings, turns and the journal from the running engine", async () => {
  const topology = await Topology.open({
    name: "inline",
    build: loadBuild(),
    clock: Clock.system(),
    journalDir: dir,
    segmentBytes: 1 << 22,
  });
  const metrics = new MetricsRegistry();
  const counters = {
    refusals: new Map<number, number>(),
    sessions: 3,
    logins: 0,
    framesOut: 0,
    recordsOut: 0,
    recordsConflated: 0,
    slowClosed: 0,
  };
  registerEngineMetrics(metrics, topology, { counters } as unknown as Hub);
  topology.engine.start();
  const text = metrics.render();
  expect(text).toMatch(/alphapulse_engine_inputs_total 1\n/);
  expect(text).toMatch(/alphapulse_journal_sequence_records\{level="written"\} 1\n/);
  expect(text).toMatch(/alphapulse_rings_waiting_cells\{ring="command"\} 0\n/);
  expect(text).toMatch(/alphapulse_gateway_opened_sessions_total 3\n/);
  await topology.stop();
});

test("a progress bar writes nothing where nobody looks", () => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const bar = new ProgressBar("replay", false);
  bar.show(0.5, "half");
  bar.end();
  expect(write).not.toHaveBeenCalled();
});

test("config show --schema is the schema of the file", async () => {
  const schema = JSON.parse((await run("config", "show", "--schema")).out) as {
    properties: object;
  };
  expect(Object.keys(schema.properties)).toContain("$schema");
  expect(readFileSync(join(process.cwd(), "package.json"), "utf8")).toContain("alphapulse");
});
