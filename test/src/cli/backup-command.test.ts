// backup run, verify and restore as an operator has them.
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Role } from "../../../asm/vocab.ts";
import { main } from "../../../src/cli/main.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { Engine } from "../../../src/oms/engine.ts";
import { put, setupRecords, ticks } from "../../asm/spine-core.ts";
import { Hands } from "../oms/hands.ts";

let root = "";
let dataDir = "";
let to = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "alphapulse-backup-"));
  dataDir = join(root, "data");
  to = join(root, "copy");
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
  process.exitCode = undefined;
});

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const texts = { out: "", err: "" };
  const stdout = vi
    .spyOn(process.stdout, "write")
    .mockImplementation((text) => ((texts.out += String(text)), true));
  const stderr = vi
    .spyOn(process.stderr, "write")
    .mockImplementation((text) => ((texts.err += String(text)), true));
  try {
    return { code: await main(argv), ...texts };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

/** An engine that has not stopped yet, with an open journal. */
function startEngine(): Engine {
  const journal = { dir: join(dataDir, "journal"), stream: 0, segmentBytes: 1 << 16 };
  const clock = new Hands().clock();
  const engine = new Engine({
    ...{ build: loadBuild(), clock, roles: Role.Both, isRecorded: true, journal },
  });
  engine.recover();
  engine.start();
  engine.configure(setupRecords());
  for (const bytes of ticks(400)) put(engine.feed, bytes);
  while (engine.core.isBusy()) engine.turn();
  return engine;
}

test("run beside an engine, verify with its state, restore elsewhere", async () => {
  const engine = startEngine();
  const made = await run("backup", "run", to, "--data-dir", dataDir);
  const sequence = engine.core.sequence;
  const state = engine.core.stateHashText();
  await engine.stop();
  expect(made.err).toBe("");
  expect(made.code).toBe(0);
  expect(made.out).toMatch(/copied {5}\d+ files/);
  expect(made.out).toContain(`stream 0   up to sequence ${sequence}`);
  expect(readdirSync(to).sort(), "no key, no token, no configuration").toEqual([
    "0",
    "manifest.json",
  ]);

  const json = await run("backup", "verify", to, "--deep", "--json");
  const content = JSON.parse(json.out) as { deep: { market: string; order: string }[] };
  expect(content).toMatchObject({ streams: [{ stream: 0, lastSequence: sequence, hole: "" }] });
  const { market, order } = content.deep[0]!;
  for (const part of [market, order]) expect(state).toContain(part);
  expect(market.length + order.length).toBeGreaterThan(30);
  expect((await run("backup", "verify", to)).out).toMatch(/^whole {6}every file/m);

  const other = join(root, "other");
  const back = await run("backup", "restore", to, "--into", other);
  expect(back.code).toBe(0);
  expect(back.out).toContain(`sequence 1 to ${sequence}`);
  expect(back.out).toContain(`npx alphapulse start --data-dir ${other}`);
  const hashed = await run("journal", "hash", join(other, "journal"));
  expect(hashed.out).toContain(`market ${market}`);
  expect(hashed.out).toContain(`order ${order}`);
  const twice = await run("backup", "restore", to, "--into", other);
  expect(twice.code).toBe(1);
  expect(twice.err).toMatch(/^RESTORE_EXISTS: .*not empty/);
}, 60_000);

test("without a folder, a journal or a backup it says what to do", async () => {
  const unnamed = await run("backup", "run", "--data-dir", dataDir);
  expect(unnamed).toMatchObject({ code: 2 });
  expect(unnamed.err).toMatch(/CONFIG_INVALID: no folder .*backup run DIR/);
  expect((await run("backup", "run", to, "--data-dir", dataDir)).err).toMatch(/JOURNAL_NOT_FOUND/);
  expect(existsSync(to)).toBe(false);
  expect((await run("backup", "verify", to)).err).toMatch(/^BACKUP_NOT_FOUND/);
  expect((await run("backup", "restore", to)).code, "--into is needed").toBe(2);
});
