// What a newcomer sees: one command, an address, a page, a market that moves, a
// strategy that trades.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { Kind } from "../../asm/vocab.ts";
import { connect } from "../../src/client/index.ts";
import {
  alphapulse,
  cleanUp,
  connectAs,
  metricValue,
  ROOT,
  type RunningEngine,
  startEngine,
  temporaryFolder,
  until,
} from "./engine-process.ts";

/** The first fill of the demonstration strategy comes within a minute of the start. */
const FILL_MILLIS_MAX = 60_000;
const WAIT_MILLIS_MAX = 20_000;
const STRATEGY_ID = 1;

describe("start with its defaults", () => {
  let engine: RunningEngine;
  let startedAtMillis: number;

  beforeAll(async () => {
    engine = await startEngine(temporaryFolder("demo"));
    startedAtMillis = performance.now();
    console.log(`address printed after ${Math.round(engine.startMillis)} ms`);
  }, 90_000);

  afterAll(cleanUp);

  test("prints the page's address, where the keys are, and that the market is simulated", () => {
    expect(engine.startMillis).toBeLessThan(60_000);
    expect(engine.stdout()).toMatch(/SIMULATED market, paper orders/);
    expect(engine.stdout()).toMatch(/^ {2}metrics +http:\/\/127\.0\.0\.1:\d+\/metrics$/m);
    expect(engine.stdout()).toMatch(/^ {2}keys +.*keys$/m);
    expect(engine.stdout()).toMatch(/^ {2}stop +Ctrl-C, or: npx alphapulse stop$/m);
    expect(engine.stderr()).toBe("");
  });

  test("status tells a person and a machine how it is", async () => {
    const { dataDir } = engine;
    const shown = await alphapulse(["status", "--data-dir", dataDir], dataDir);
    expect(shown.code, shown.stderr).toBe(0);
    expect(shown.stdout).toContain(engine.url);
    const json = await alphapulse(["status", "--data-dir", dataDir, "--json"], dataDir);
    const status = JSON.parse(json.stdout) as Record<string, unknown>;
    expect(status["pid"]).toBe(engine.child.pid);
    expect(status["ready"]).toBe(true);
    expect(status["feed"]).toBe("sim");
    expect(status["inputs"], "the simulator feeds it").toBeGreaterThan(0);
    expect(status["writtenSequence"], "and the journal takes it").toBeGreaterThan(0);
  });

  test("serves the page, its script and style, and the printed token opens it", async () => {
    const page = await fetch(engine.url);
    expect(page.status).toBe(200);
    const html = await page.text();
    const files = [...html.matchAll(/(?:src|href)="([^"]+\.(?:js|css|svg))"/g)].map(
      (one) => one[1]!,
    );
    expect(
      files.some((file) => file.endsWith(".js")),
      html,
    ).toBe(true);
    for (const file of files) {
      const answer = await fetch(new URL(file, engine.url));
      expect(answer.status, file).toBe(200);
      expect((await answer.arrayBuffer()).byteLength, file).toBeGreaterThan(50);
    }
    const { origin } = new URL(engine.url);
    const token = new URL(engine.pageUrl.replace("#", "?")).searchParams.get("token") ?? "";
    const reader = await connect(engine.url, { token, origin, reconnect: false });
    expect(reader.challenge?.simulated).toBe(true);
    expect(reader.reference.instruments.length).toBe(20);
    reader.close();
  });

  test("metrics hold a histogram of every stage with edges on the targets", async () => {
    const text = await (await fetch(`${engine.url}metrics`)).text();
    const name = "alphapulse_engine_stage_seconds";
    for (const stage of ["recv", "parse", "ring", "core", "journal", "send", "total"]) {
      for (const edge of ["0.01", "0.1", "+Inf"]) {
        const line = `${name}_bucket{stage="${stage}",le="${edge}"}`;
        expect(metricValue(text, line), line).toBeGreaterThanOrEqual(0);
      }
    }
    expect(metricValue(text, `${name}_count{stage="core"}`)).toBeGreaterThan(0);
    expect(metricValue(text, `${name}_count{stage="journal"}`)).toBeGreaterThan(0);
    expect(metricValue(text, 'alphapulse_rings_overrun_records_total{ring="source"}')).toBe(0);
  });

  test("the strategy has a fill within a minute", async () => {
    const client = await connectAs(engine, "trader");
    let isFilled = false;
    client.onRecord((received) => {
      const { kind } = received;
      const record = received.decoded() as unknown as Record<string, unknown>;
      if (kind === Kind.Fill && record["strategy"] === STRATEGY_ID) isFilled = true;
      // A fill before this client came shows as a position.
      if (kind === Kind.PositionState && Number(record["tradedLots"]) > 0) isFilled = true;
    });
    await client.subscribe({ own: true });
    const leftMillis = FILL_MILLIS_MAX - (performance.now() - startedAtMillis);
    await until(() => isFilled, leftMillis, "a fill of the demonstration strategy");
    console.log(
      `first fill seen ${Math.round(performance.now() - startedAtMillis)} ms after the address`,
    );
    client.close();
  }, 70_000);

  test("health says ready", async () => {
    expect((await fetch(`${engine.url}health/ready`)).status).toBe(200);
    expect((await fetch(`${engine.url}health/live`)).status).toBe(200);
  });

  test("stop ends it in order, exit code 0, nothing left behind", async () => {
    const { dataDir } = engine;
    const stop = await alphapulse(["stop", "--data-dir", dataDir], dataDir);
    expect(stop.code, stop.stderr).toBe(0);
    expect(stop.stdout).toContain(`engine of pid ${engine.child.pid} has ended`);
    const { code, stdout, stderr } = await engine.ended;
    expect(code, stderr).toBe(0);
    expect(stdout.trim().endsWith("stopped"), stdout).toBe(true);
    const status = await alphapulse(["status", "--data-dir", dataDir], dataDir);
    expect(status.code).toBe(1);
    expect(status.stderr).toMatch(/^NOT_RUNNING: no engine runs on /);
    const verify = await alphapulse(["journal", "verify", "--data-dir", dataDir], dataDir);
    expect(verify.code, verify.stdout + verify.stderr).toBe(0);
  });
});

describe("without the native gateway", () => {
  afterAll(cleanUp);

  test("--gateway ws serves the page and the stream", async () => {
    const dataDir = temporaryFolder("ws");
    const engine = await startEngine(dataDir, ["--gateway", "ws", "--sim-instruments", "2"]);
    expect(engine.stdout()).toContain("ws gateway");
    expect((await fetch(engine.url)).status).toBe(200);
    const client = await connectAs(engine, "trader");
    let trades = 0;
    client.onRecord(({ kind }) => (trades += kind === Kind.TradePrint ? 1 : 0));
    await client.subscribe({ instrument: "SIM-BTC", ticks: true });
    await until(() => trades > 2, WAIT_MILLIS_MAX, "trades over ws");
    client.close();
    engine.child.kill("SIGINT");
    const { code, stderr } = await engine.ended;
    expect(code, stderr).toBe(0);
  });
});

test("the package asks for nothing but npm ci and npm start", () => {
  const { scripts, bin } = JSON.parse(readFileSync(`${ROOT}/package.json`, "utf8")) as {
    scripts: Record<string, string>;
    bin: Record<string, string>;
  };
  expect(scripts["start"]).toBe(`node ${bin["alphapulse"]} start`);
});
