// Two builds over one journal: a really different core is found at the very input, an equal one is
// equal. The other cores are this one with a constant changed, so that no test compiles a core.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { Kind, OrderType, Refusal, Role, Scope, Side, TimeInForce } from "../../../asm/vocab.ts";
import { main } from "../../../src/cli/main.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { compileBuild, Core } from "../../../src/core/core.ts";
import { buildPath } from "../../../src/core/paths.ts";
import { Engine } from "../../../src/oms/engine.ts";
import { Timeline } from "../../../src/oms/timeline.ts";
import { compareBuilds } from "../../../src/oms/upgrade.ts";
import { put, record, setupRecords, ticks } from "../../asm/spine-core.ts";
import { Hands } from "./hands.ts";

const build = loadBuild();
let dir = "";
let journal = "";
/** Sequence of the first order that met the quantity limit. */
let refused = 0;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "alphapulse-upgrade-"));
  journal = join(dir, "journal");
  const place = { dir: journal, stream: 0, segmentBytes: 1 << 16 };
  const clock = new Hands().clock();
  const engine = new Engine({ build, clock, roles: Role.Both, isRecorded: true, journal: place });
  engine.start();
  const limits = { scope: Scope.Account, account: 1, currency: 1, qtyLotsMax: 40 };
  engine.configure([...setupRecords(), record(Kind.RiskLimits, limits)]);
  const order = { instrument: 1, account: 1, side: Side.Buy, tif: TimeInForce.Gtc };
  for (const [at, bytes] of ticks(700).entries()) {
    put(engine.feed, bytes);
    if (at % 50 === 49) {
      const qtyLots = at > 400 ? 41 : 3;
      const what = { ...order, clientId: at, qtyLots, type: OrderType.Limit, priceTicks: 9000 };
      put(engine.command, record(Kind.OrderNew, what));
    }
    if (at % 5 !== 4) continue;
    engine.turn();
    // The command went first, the ticks of the turn behind it.
    if (at === 449) refused = engine.core.sequence - 5;
  }
  await engine.stop();
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** This core with every constant of these bytes changed; fails when there is none. */
function variant(from: readonly number[], to: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(readFileSync(buildPath("core.wasm")));
  let count = 0;
  for (let at = Buffer.from(bytes).indexOf(Buffer.from(from)); at >= 0;) {
    bytes.set(to, at);
    count += 1;
    at = Buffer.from(bytes).indexOf(Buffer.from(from), at + 1);
  }
  expect(count, "the constant is in the core").toBeGreaterThan(0);
  expect(WebAssembly.validate(bytes)).toBe(true);
  return bytes;
}

/** i32.const of a number from 128 to 8191. */
const constant = (value: number): number[] => [0x41, (value & 0x7f) | 0x80, value >> 7];

const otherRefusal = (): Uint8Array<ArrayBuffer> =>
  variant(constant(Refusal.QtyLimit), constant(Refusal.NotionalLimit));

function timeline(): Timeline {
  return new Timeline({ dir: journal, stream: 0, build });
}

test("the same build is equal over all records", () => {
  const line = timeline();
  const report = compareBuilds(line, build, line.range.lastSequence);
  expect(report.difference).toBeUndefined();
  expect(report.records).toBe(line.range.lastSequence);
  expect(report.theirHash).toEqual(report.ourHash);
});

test("another answer is found at its input, with both outputs", async () => {
  const line = timeline();
  const report = compareBuilds(line, await compileBuild(otherRefusal()), line.range.lastSequence);
  const { difference } = report;
  expect(difference).toMatchObject({ sequence: refused, isState: false });
  expect(difference!.input).toMatchObject({ name: "OrderNew", qtyLots: 41 });
  expect(difference!.ours.map((one) => one["reason"])).toEqual([Refusal.QtyLimit]);
  expect(difference!.theirs.map((one) => one["reason"])).toEqual([Refusal.NotionalLimit]);
  const before = compareBuilds(line, await compileBuild(otherRefusal()), refused - 1);
  expect(before.difference, "equal as far as that").toBeUndefined();
});

test("another state behind equal answers is found at its input too", () => {
  const line = timeline();
  // A core of the same build whose memory goes wrong at one record, where no output tells.
  type Replay = (this: Core, ...call: Parameters<Core["replayBlock"]>) => void;
  const replay: Replay = Object.getOwnPropertyDescriptor(Core.prototype, "replayBlock")!.value;
  const wrong = 517;
  vi.spyOn(Core.prototype, "replayBlock").mockImplementation(function (this: Core, block, hear) {
    const before = this.sequence;
    replay.call(this, block, hear);
    const isOther = this.build !== build;
    if (isOther && before < wrong && this.sequence >= wrong) this.u8[this.u8.length - 8]! ^= 1;
  });
  const report = compareBuilds(line, { ...build }, line.range.lastSequence);
  expect(report.difference).toMatchObject({ sequence: wrong, isState: true });
  expect(report.difference!.ours).toEqual(report.difference!.theirs);
  expect(report.difference!.input!.sequence).toBe(BigInt(wrong));
});

async function check(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, "write").mockImplementation((text) => ((err += String(text)), true));
  const code = await main(["upgrade", "check", journal, ...argv]);
  vi.restoreAllMocks();
  process.exitCode = undefined;
  return { code, out, err };
}

test("the command ends with 0 for equal builds, with 1 and the event for others", async () => {
  const equal = await check("--against", buildPath(".."));
  expect(equal.code).toBe(0);
  expect(equal.out).toMatch(/\nequal over \d+ records\n$/);
  const path = join(dir, "other.wasm");
  writeFileSync(path, otherRefusal());
  const other = await check("--against", path);
  expect(other.code).toBe(1);
  expect(other.out).toContain(`the first difference is at #${refused}\n`);
  expect(other.out).toMatch(/ {2}input {2}#\d+ .*OrderNew {2}TEST-1 .*qty=41/);
  expect(other.out).toMatch(/ {2}this {3}#.*OrderDenied .*reason=QtyLimit/);
  expect(other.out).toMatch(/ {2}other {2}#.*OrderDenied .*reason=NotionalLimit/);
});

test("what is no core of this engine is refused with a remedy", async () => {
  const missing = await check("--against", join(dir, "none"));
  expect([missing.code, missing.err]).toEqual([
    1,
    `CORE_MISSING: ${join(dir, "none")} does not exist; name a core.wasm or a checkout\n`,
  ]);
  mkdirSync(join(dir, "checkout"));
  expect((await check("--against", join(dir, "checkout"))).err).toMatch(
    /build that checkout: npm run/,
  );
  const path = join(dir, "text.wasm");
  writeFileSync(path, "not a module");
  expect((await check("--against", path)).err).toMatch(/^CORE_INVALID: 12 bytes/);
  writeFileSync(path, Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  expect((await check("--against", path)).err).toMatch(/^CORE_FOREIGN: /);
});
