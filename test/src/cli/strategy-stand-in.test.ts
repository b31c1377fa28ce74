// A fork that runs a TypeScript strategy again with another parameter, against an engine in which
// it ran with that parameter.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Role, Side } from "../../../asm/vocab.ts";
import { main } from "../../../src/cli/main.ts";
import { strategyRecast } from "../../../src/cli/strategy-stand-in.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { Engine } from "../../../src/oms/engine.ts";
import { runFork } from "../../../src/oms/fork.ts";
import { hashesOf, Timeline } from "../../../src/oms/timeline.ts";
import { StrategyHost } from "../../../src/strategies/host.ts";
import { defineStrategy } from "../../../src/strategies/strategy.ts";
import { put, setupRecords, ticks } from "../../asm/spine-core.ts";
import { Hands } from "../oms/hands.ts";
import { instrument } from "../strategies/records.ts";

const build = loadBuild();
let dir = "";
let journal: Ran;

const TEXT = `
export const strategy = {
  name: "turner",
  about: "answers to trades and to its own fills",
  parameters: {
    every: { type: "number", unit: "trades", default: 9, min: 1, max: 99, whole: true, about: "x" },
  },
  needs: () => ({ timeframes: [], indicators: [] }),
  create: (context, { every }) => {
    let trades = 0;
    return {
      onTrade: (one) => {
        trades += 1;
        if (trades % every === 0) context.buy({ instrument: one, qtyLots: 2 });
      },
      onFill: (one, fill) => {
        if (fill.side === 1) context.sell({ instrument: one, qtyLots: fill.qtyLots });
      },
    };
  },
};
`;

const TURNER = defineStrategy({
  name: "turner",
  about: "answers to trades and to its own fills",
  parameters: {
    every: { type: "number", unit: "trades", default: 9, min: 1, max: 99, whole: true, about: "x" },
  },
  needs: () => ({ timeframes: [], indicators: [] }),
  create: (context, { every }) => {
    let trades = 0;
    return {
      onTrade: (one) => {
        trades += 1;
        if (trades % every === 0) context.buy({ instrument: one, qtyLots: 2 });
      },
      onFill: (one, fill) => {
        if (fill.side === Side.Buy) context.sell({ instrument: one, qtyLots: fill.qtyLots });
      },
    };
  },
});

interface Ran {
  at: number;
  to: number;
  hash: { market: string; order: string };
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "alphapulse-strategy-"));
  journal = await run(9, join(dir, "journal"));
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Recorded ticks, one a turn; what the strategy answers is taken before the next. */
async function run(every: number, folder?: string): Promise<Ran> {
  const clock = new Hands().clock();
  const place = folder === undefined ? undefined : { dir: folder, stream: 0 };
  const engine = new Engine({ build, clock, roles: Role.Both, isRecorded: true, journal: place });
  const host = new StrategyHost({ command: engine.command });
  engine.addSink(host);
  engine.start();
  const parameters = { every };
  const setup = { factory: TURNER, parameters, strategyId: 9, account: 1 };
  engine.configure([...setupRecords(), ...host.add({ ...setup, instruments: [instrument(1)] })]);
  const at = engine.core.sequence;
  host.start();
  for (const bytes of ticks(300)) {
    put(engine.feed, bytes);
    while (engine.core.isBusy()) engine.turn();
  }
  const ran = { at, to: engine.core.sequence, hash: hashesOf(engine.core) };
  await engine.stop();
  return ran;
}

function fork(every: { base?: string; fork: string }, at = journal.at) {
  const timeline = new Timeline({ dir: join(dir, "journal"), stream: 0, build });
  const recast = strategyRecast(9, TURNER, timeline.configuredAt(at), { every });
  return runFork(timeline, { at, to: journal.to, changes: [], recast });
}

test("base line and fork are what engines with these parameters give", async () => {
  const report = fork({ fork: "4" });
  expect(report.journal).toEqual(journal.hash);
  expect(report.base, "run again it does what it did").toEqual(journal.hash);
  expect(report.fork).toEqual((await run(4)).hash);
  const { fills } = report.difference;
  expect(fills.fork.fills).toBeGreaterThan(fills.base.fills);
  expect(report.says).toEqual(["strategy 9 (turner): every 4 instead of 9"]);
  const other = fork({ base: "4", fork: "9" });
  expect([other.base, other.fork]).toEqual([report.fork, report.base]);
});

test("later on it goes on behind its orders, as after a restart", () => {
  const report = fork({ fork: "9" }, journal.at + 150);
  expect(report.fork, "the same parameter changes nothing").toEqual(report.base);
  expect(report.difference.fills.base.fills).toBeGreaterThan(5);
  expect(report.difference.denied.base, "no order number comes twice").toEqual({});
});

test("the command takes the strategy's file, and refuses what it cannot run", async () => {
  const path = join(dir, "turner.mjs");
  writeFileSync(path, TEXT);
  const call = async (...argv: string[]): Promise<{ code: number; out: string; err: string }> => {
    let [out, err] = ["", ""];
    vi.spyOn(process.stdout, "write").mockImplementation((text) => ((out += String(text)), true));
    vi.spyOn(process.stderr, "write").mockImplementation((text) => ((err += String(text)), true));
    const where = ["--dir", join(dir, "journal"), "--at", String(journal.at)];
    const code = await main(["journal", "fork", ...where, ...argv]);
    vi.restoreAllMocks();
    process.exitCode = undefined;
    return { code, out, err };
  };
  const { code, out, err } = await call("strategy:9,every=4", "--strategy-file", path);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toContain("change     strategy 9 (turner): every 4 instead of 9\n");
  expect(out).toContain("base line  strategy 9 run again with every 9: market");
  expect((await call("strategy:9,every=4")).err).toMatch(/^STRATEGY_UNKNOWN: .*"turner"/);
  const unknown = await call("strategy:9,evry=4", "--strategy-file", path);
  expect(unknown.err).toMatch(/^PARAMETER_UNKNOWN: .*"evry"; it has: every/);
  const two = await call("strategy:9,every=4", "strategy:9,every=5", "--strategy-file", path);
  expect(two.err).toMatch(/one of them a fork/);
});
