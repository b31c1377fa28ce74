// Export of an incident: the slice replays elsewhere to the same hash, no secret is in it, and as a
// test it fails while the bug is there.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync, inflateSync } from "node:zlib";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { Role } from "../../../asm/vocab.ts";
import { openKeys } from "../../../src/access/keys.ts";
import { main } from "../../../src/cli/main.ts";
import { writeRunFile } from "../../../src/cli/run-file.ts";
import { makeConfig, OPTION_KEYS, OPTIONS } from "../../../src/config.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { createHasher } from "../../../src/core/hasher.ts";
import { checkIncident, readIncidentFile } from "../../../src/incident/check.ts";
import { IncidentWriter } from "../../../src/incident/format.ts";
import { exportedOptions, OPTIONS_EXPORTED } from "../../../src/incident/manifest.ts";
import { scanBlocks } from "../../../src/journal/scan.ts";
import { openSlice, sliceOf } from "../../../src/incident/slice.ts";
import { emptyRecovery, recoverBlock } from "../../../src/oms/recovery.ts";
import { Follower } from "../../../src/oms/follower.ts";
import { liveInline } from "../../acceptance/traders.ts";

const ROUNDS = 400;
const build = loadBuild();
let dir = "";
let hashLive = "";

/** A journal of 400 rounds with a snapshot behind round 200. */
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "alphapulse-incident-"));
  const journal = join(dir, "journal");
  let follower: Follower | undefined;
  hashLive = await liveInline(build, journal, ROUNDS, (round) => {
    if (round !== 200) return;
    follower = new Follower({ build, dir: journal, stream: 0, roles: Role.Both, keep: 1 });
    while (follower.step(64) > 0);
    follower.snapshot();
    follower.close();
  });
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const stdout = vi
    .spyOn(process.stdout, "write")
    .mockImplementation((text) => ((out += String(text)), true));
  const stderr = vi
    .spyOn(process.stderr, "write")
    .mockImplementation((text) => ((err += String(text)), true));
  vi.stubEnv("ALPHAPULSE_DATA_DIR", dir);
  try {
    return { code: await main(argv), out, err };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

async function hashOf(path: string): Promise<{ hash: string; records: number; from: number }> {
  const incident = await readIncidentFile(path);
  const { core, scan, firstIndex, recovery } = openSlice(sliceOf(incident), incident.build);
  const into = emptyRecovery();
  for (const { header, bytes } of scanBlocks(scan)) {
    if (header.index >= firstIndex) recoverBlock(core, bytes, into, () => undefined);
  }
  const from = recovery.snapshot?.sequence ?? 0;
  return { hash: core.stateHashText(), records: into.records, from };
}

test("the slice replays from its snapshot, with the core in it, to the engine's hash", async () => {
  const path = join(dir, "end.apx");
  const { code, out, err } = await run("incident", "export", path, "--records", "100");
  expect(err).toBe("");
  expect(code).toBe(0);
  const found = await hashOf(path);
  expect(found.hash).toBe(hashLive);
  expect(found.from, "it begins with the snapshot").toBeGreaterThan(1000);
  expect(out).toContain(hashLive);
  const shown = await run("incident", "show", path, "--json");
  const { manifest } = JSON.parse(shown.out) as { manifest: Record<string, unknown> };
  expect(manifest).toMatchObject({ stateHash: hashLive, trap: "", records: found.records });
});

test("a range before the snapshot takes the journal from its beginning", async () => {
  const path = join(dir, "early.apx");
  await run("incident", "export", path, "--around", "500", "--records", "50");
  const { manifest, files } = await readIncidentFile(path);
  expect(manifest).toMatchObject({ snapshotSequence: 0, fromSequence: 450, toSequence: 550 });
  expect(manifest.lastSequence, "blocks are whole").toBeGreaterThanOrEqual(550);
  expect(manifest.lastSequence).toBeLessThan(600);
  expect((await hashOf(path)).hash).toBe(manifest.stateHash);
  expect(files.list().some(({ name }) => name.endsWith(".aps"))).toBe(false);
});

test("a time names the range like a sequence does", async () => {
  const path = join(dir, "time.apx");
  const second = 1_790_000_005;
  const around = new Date(second * 1000).toISOString();
  await run("incident", "export", path, "--around", around, "--seconds", "0.5");
  const { manifest } = await readIncidentFile(path);
  expect(Number(BigInt(manifest.fromNanos) / 1_000_000n)).toBe(second * 1000 - 500);
  const last = Number(BigInt(manifest.lastNanos) / 1_000_000n);
  expect(last).toBeGreaterThanOrEqual(second * 1000 + 500);
  expect(last).toBeLessThan(second * 1000 + 600);
});

test("what cannot be exported is told with a remedy, and leaves no file", async () => {
  const path = join(dir, "none.apx");
  const cases: [string[], string][] = [
    [["--around", "99999999"], "INCIDENT_RANGE"],
    [["--around", "soon"], "CONFIG_INVALID"],
    [["--seconds", "1", "--records", "1"], "CONFIG_INVALID"],
    [["--stream", "7"], "JOURNAL_NOT_FOUND"],
    [["--around", "900", "--records", "10", "--max-mb", "1"], ""],
    [["--records", "100", "--expect", "hash"], "CONFIG_INVALID"],
  ];
  for (const [argv, code] of cases) {
    const { err } = await run("incident", "export", path, ...argv);
    expect(err.slice(0, code.length), argv.join(" ")).toBe(code);
    expect(existsSync(path), argv.join(" ")).toBe(code === "");
    rmSync(path, { force: true });
  }
  expect((await run("incident", "show", join(dir, "nothing.apx"))).err).toMatch("INCIDENT_MISSING");
  writeFileSync(path, "text of somebody");
  expect((await run("incident", "show", path)).err).toMatch("INCIDENT_FORMAT");
  rmSync(path);
});

test("an option is exported only when the list names it", () => {
  const texts = OPTION_KEYS.filter((key) => OPTIONS[key].type === "text");
  expect(OPTIONS_EXPORTED.filter((key) => (texts as string[]).includes(key))).toEqual([]);
  const input = { dataDir: "SECRET", strategy: "SECRET", binanceRestUrl: "https://u:SECRET@x" };
  const shown = JSON.stringify(exportedOptions(makeConfig([{ where: "test", input }])));
  expect(shown).not.toContain("SECRET");
});

/** All text of an incident file: as it is, and every chunk unpacked. */
function everyByte(path: string): string {
  const bytes = readFileSync(path);
  const parts = [bytes];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 64; at < bytes.length;) {
    const stored = view.getUint32(at + 4, true);
    const isDeflated = (view.getUint32(at + 44, true) & 1) !== 0;
    const content = bytes.subarray(at + 128, at + 128 + stored);
    if (isDeflated) parts.push(inflateSync(content));
    at += 128 + stored;
  }
  expect(parts.length, "chunks were unpacked").toBeGreaterThan(3);
  return Buffer.concat(parts).toString("latin1");
}

test("no secret is in the file, packed or unpacked", async () => {
  const canary = (where: string): string => `CANARY-${where}-CANARY`;
  // Keys of a real key store, a token, passwords in addresses, texts, environment and run file.
  const keys = openKeys(dir, { account: 1, tenant: 0 });
  const secrets = ["trader", "feed"].map((name) =>
    readFileSync(join(keys.folder, `${name}.pem`), "utf8"),
  );
  writeFileSync(join(dir, "notes.txt"), canary("note"));
  vi.stubEnv("ALPHAPULSE_BINANCE_REST_URL", `https://user:${canary("url")}@api.example`);
  vi.stubEnv("ALPHAPULSE_BINANCE_STREAM_URL", `wss://x/?token=${canary("stream")}`);
  vi.stubEnv("ALPHAPULSE_STRATEGY", `/home/${canary("path")}/strategy.ts`);
  vi.stubEnv("ALPHAPULSE_HOST", canary("host"));
  vi.stubEnv("ALPHAPULSE_ORIGINS", `https://${canary("origin")}`);
  vi.stubEnv("ALPHAPULSE_SECRET_KEY", canary("environment"));
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", canary("cloud"));
  const config = join(dir, "alphapulse.json");
  writeFileSync(config, JSON.stringify({ binanceRestUrl: canary("file"), port: 1 }));
  const metrics = [
    "# HELP alphapulse_core_records_total Inputs.",
    "alphapulse_core_records_total 7",
    `leaked_token{value="${canary("metrics")}"} 1`,
    canary("line"),
  ].join("\n");
  const { createServer } = await import("node:http");
  const server = createServer((_, response) => response.end(metrics));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  const url = `http://127.0.0.1:${port}/`;
  const facts = { topology: "inline", gateway: "ws", feed: "none", ack: "written" };
  writeRunFile(dir, { pid: process.pid, url, ...facts, startedAtUtc: canary("run") });
  const path = join(dir, "canary.apx");
  try {
    const { err } = await run("incident", "export", path, "--records", "100", "--config", config);
    expect(err).toBe("");
  } finally {
    server.close();
    vi.unstubAllEnvs();
  }
  const text = everyByte(path);
  expect(text).toContain("alphapulse_core_records_total 7");
  expect(text).not.toContain("CANARY");
  expect(text).not.toContain("PRIVATE KEY");
  expect(text, "no folder of this machine").not.toContain(dir);
  for (const secret of secrets) {
    for (const line of secret.split("\n").filter((one) => one.length > 20)) {
      expect(text).not.toContain(line);
    }
  }
});

// ------------------------------------------------------------------------------ as a test

/** The same incident with one byte of its recorded outputs changed. */
async function tamper(from: string, to: string): Promise<void> {
  const { files, hash } = await readIncidentFile(from);
  const parts: Uint8Array[] = [];
  const sink = { hash, deflate: deflateSync, write: (bytes: Uint8Array) => void parts.push(bytes) };
  const writer = new IncidentWriter(sink, 7n, 1e9);
  for (const { name, bytes } of files.list()) {
    const content = new Uint8Array(bytes);
    files.read(name, content, 0, bytes, 0);
    if (name === "outputs.bin") content[40]! ^= 1;
    writer.add(name, 0, content);
  }
  writer.end();
  writeFileSync(to, Buffer.concat(parts));
}

test("as a test it passes on the build of the record, then names what differs first", async () => {
  const folder = join(dir, "as-test");
  const { out } = await run(
    ...["incident", "export", "--records", "200", "--as-test", folder, "--note", "too many"],
  );
  expect(out).toContain("passes on this build");
  const path = join(folder, "incident.apx");
  const text = readFileSync(join(folder, "incident.test.ts"), "utf8");
  expect(text).toContain("// too many");
  await checkIncident(path, ["outputs", "hash", "replays"]);
  await tamper(path, path);
  await expect(checkIncident(path, ["outputs"])).rejects.toThrow(
    /output 1 of \d+ differs: \w+ caused by sequence \d+\n {2}\w+: recorded .+, now /,
  );
});

test("as a test it fails while an output is there that is not wanted, or is missing", async () => {
  const path = join(dir, "as-test", "incident.apx");
  await expect(checkIncident(path, ["never OrderDenied"])).rejects.toThrow(
    /never should be: OrderDenied .*clientId=/,
  );
  await checkIncident(path, ["some OrderDenied", "never LiquidationStarted"]);
  await expect(checkIncident(path, ["some OrderDenied clientId=7777777"])).rejects.toThrow(
    /none of the \d+ outputs is a OrderDenied clientId=7777777/,
  );
  for (const wrong of [
    "nevr Fill",
    "never Fil",
    "never Fill price=3",
    "never Fill price",
    "hash 1",
  ]) {
    await expect(checkIncident(path, [wrong]), wrong).rejects.toMatchObject({
      code: "INCIDENT_EXPECT",
    });
  }
  const { out } = await run(
    ...["incident", "export", "--records", "200", "--as-test", join(dir, "denied")],
    ...["--expect", "never OrderDenied"],
  );
  expect(out).toMatch(/FAILS: there is an output that never should be: OrderDenied/);
});

test("the written file is a vitest file that fails by itself", () => {
  const folder = join(process.cwd(), "build", `as-test-${process.pid}`);
  try {
    execFileSync("cp", ["-r", join(dir, "denied"), folder]);
    const file = join(folder, "incident.test.ts");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace(/from ".*check\.ts"/, 'from "../../src/incident/check.ts"'));
    const result = runVitest(folder);
    expect(result).toContain("there is an output that never should be: OrderDenied");
    expect(result).toMatch(/1 failed/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function runVitest(folder: string): string {
  try {
    const argv = ["node_modules/vitest/vitest.mjs", "run", "--root", ".", "--dir", folder];
    const include = ["--config", join(folder, "none.config.ts")];
    writeFileSync(include[1]!, "export default { test: { include: ['**/*.test.ts'] } };\n");
    return execFileSync(process.execPath, [...argv, ...include], { encoding: "utf8" });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return stdout + stderr;
  }
}

test("a slice of which the hash was made with another core is told apart", async () => {
  const incident = await readIncidentFile(join(dir, "end.apx"));
  expect(incident.hash(Uint8Array.of(1, 2, 3))).toBe(createHasher(build)(Uint8Array.of(1, 2, 3)));
  const { refused } = openSlice({ ...sliceOf(incident), core: "ff" }, incident.build).recovery;
  expect(refused.join()).toContain("of core");
});
