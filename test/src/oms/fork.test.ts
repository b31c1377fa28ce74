// Forks against engines that really ran with the change, from their first input on.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { Kind, OrderType, Refusal, Role, Scope, Side, TimeInForce } from "../../../asm/vocab.ts";
import { main } from "../../../src/cli/main.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { Engine } from "../../../src/oms/engine.ts";
import { runFork } from "../../../src/oms/fork.ts";
import { allowRefused, limitsChange, strategyChange } from "../../../src/oms/fork-change.ts";
import type { Change } from "../../../src/oms/fork-change.ts";
import { Rerun } from "../../../src/oms/rerun.ts";
import { hashesOf, Timeline } from "../../../src/oms/timeline.ts";
import { put, record, setupRecords } from "../../asm/spine-core.ts";
import { Hands } from "./hands.ts";

const build = loadBuild();
const TURNS = 300;
/** Turn after which the change is made, and the one with a later record of the same row. */
const CHANGED = 120;
const LATER = 200;
let dir = "";

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "alphapulse-fork-"));
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

const journals = new Map<number, Promise<{ ran: Ran; folder: string }>>();

/** The journal of a seed without a change; odd seeds are live, even ones recorded data. */
function journalOf(seed: number): Promise<{ ran: Ran; folder: string }> {
  const folder = join(dir, String(seed));
  const made =
    journals.get(seed) ??
    runEngine({ seed, isLive: seed % 2 === 1, folder }).then((ran) => ({ ran, folder }));
  journals.set(seed, made);
  return made;
}

function random(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}

type Row = Record<string, number>;
const rowRecord = (row: Row): Uint8Array =>
  record(Kind.RiskLimits, { scope: Scope.Account, account: 1, currency: 1, ...row });

interface Wish {
  seed: number;
  isLive: boolean;
  /** Absent: the journal's run. Records at the point, and what the later row becomes. */
  change?: { records: Uint8Array[]; later: (row: Row) => Row };
  folder?: string;
}

interface Ran {
  hash: { market: string; order: string };
  /** Last sequence before the change, and at the end. */
  at: number;
  to: number;
}

/** Ticks, orders that expire, cancels and a parent, at a clock that the seed moves. */
async function runEngine({ seed, isLive, change, folder }: Wish): Promise<Ran> {
  const draw = random(seed);
  const hands = new Hands();
  const journal = folder === undefined ? undefined : { dir: folder, stream: 0 };
  const clock = hands.clock();
  const engine = new Engine({ build, clock, roles: Role.Both, isRecorded: !isLive, journal });
  engine.start();
  const outside = record(Kind.Strategy, { id: 8, account: 1, strategyKind: 0, strategyFlags: 1 });
  engine.configure([...setupRecords(), outside, rowRecord({ qtyLotsMax: 30, ordersOpenMax: 12 })]);
  let [at, client, ticks] = [0, 0, 10_000];
  for (let turn = 0; turn < TURNS; turn++) {
    // The first record after the change comes at a later time, as in any journal.
    hands.pass(1 + draw(400));
    const tsNanos = BigInt(hands.wall) * 1_000_000n;
    ticks += draw(21) - 10;
    put(engine.feed, marketRecord(draw, ticks, isLive ? undefined : tsNanos));
    if (draw(2) === 0) put(engine.command, orderRecord(draw, ++client, ticks, tsNanos));
    if (draw(5) === 0) {
      put(engine.command, record(Kind.OrderCancel, { account: 1, clientId: 1 + draw(client + 1) }));
    }
    if (turn === 60) put(engine.command, parentRecord(tsNanos));
    if (turn === LATER) {
      const row = { qtyLotsMax: 25, ordersOpenMax: 10 };
      put(engine.control, rowRecord(change?.later(row) ?? row));
    }
    engine.turn();
    if (turn !== CHANGED) continue;
    at = engine.core.sequence;
    for (const one of change?.records ?? []) put(engine.control, one);
    if (change !== undefined) engine.turn();
  }
  expect(engine.fault).toBeUndefined();
  const { sequence: to } = engine.core;
  const hash = hashesOf(engine.core);
  await engine.stop();
  return { hash, at, to };
}

function marketRecord(
  draw: (below: number) => number,
  ticks: number,
  tsNanos: bigint | undefined,
): Uint8Array {
  const head = {
    instrument: 1,
    ...(tsNanos === undefined ? {} : { flags: 0x80, tsEngineNanos: tsNanos }),
  };
  if (draw(3) > 0) {
    const sides = {
      bidTicks: ticks - 1,
      bidLots: 1 + draw(60),
      askTicks: ticks + 1,
      askLots: 1 + draw(60),
    };
    return record(Kind.Quote, { ...head, ...sides });
  }
  return record(Kind.Trade, {
    ...head,
    priceTicks: ticks,
    qtyLots: 1 + draw(9),
    aggressor: 1 + draw(2),
  });
}

function orderRecord(
  draw: (below: number) => number,
  clientId: number,
  ticks: number,
  tsNanos: bigint,
): Uint8Array {
  const tif = [TimeInForce.Gtc, TimeInForce.Ioc, TimeInForce.Gtd][draw(3)]!;
  const expires =
    tif === TimeInForce.Gtd ? { expiresNanos: tsNanos + BigInt(draw(9000)) * 1_000_000n } : {};
  const type = draw(4) === 0 && tif === TimeInForce.Ioc ? OrderType.Market : OrderType.Limit;
  const price = type === OrderType.Market ? {} : { priceTicks: ticks + draw(9) - 4 };
  const side = draw(2) === 0 ? Side.Buy : Side.Sell;
  const what = { instrument: 1, account: 1, clientId, side, qtyLots: 1 + draw(40), type, tif };
  return record(Kind.OrderNew, { ...what, ...price, ...expires });
}

function parentRecord(tsNanos: bigint): Uint8Array {
  return record(Kind.ParentNew, {
    ...{ instrument: 1, account: 1, clientId: 9001, algorithm: 1, side: Side.Buy, qtyLots: 60 },
    ...{ style: 1, intervalNanos: 2_000_000_000, endNanos: tsNanos + 40_000_000_000n },
  });
}

interface Case {
  name: string;
  change: Change;
  records: Uint8Array[];
  later: (row: Row) => Row;
}

const account = { scope: Scope.Account, account: 1 };
const CASES: Case[] = [
  {
    name: "a stricter limit of an account",
    change: limitsChange(account, { qtyLotsMax: 8 }),
    records: [rowRecord({ qtyLotsMax: 8, ordersOpenMax: 12 })],
    later: (row) => ({ ...row, qtyLotsMax: 8 }),
  },
  {
    name: "limits lifted for refused orders",
    change: allowRefused([]),
    records: [rowRecord({})],
    later: () => ({}),
  },
  {
    name: "one of two limits lifted",
    change: allowRefused([Refusal.OpenOrdersLimit]),
    records: [rowRecord({ qtyLotsMax: 30 })],
    later: (row) => ({ ...row, ordersOpenMax: 0 }),
  },
  {
    name: "a row that was not there",
    change: limitsChange({ scope: Scope.Instrument, instrument: 1 }, { positionLotsMax: 50 }),
    records: [
      record(Kind.RiskLimits, { scope: Scope.Instrument, instrument: 1, positionLotsMax: 50 }),
    ],
    later: (row) => row,
  },
  {
    name: "the quantity of a strategy of the core",
    change: strategyChange(7, { qtyLots: 2 }),
    records: [setupRecords().at(-1)].map((one) => {
      const bytes = one.slice();
      bytes[bytes.indexOf(5, 40)] = 2;
      return bytes;
    }),
    later: (row) => row,
  },
];

const SEEDS = process.env["ALPHAPULSE_DEEP"] === "1" ? 40 : 2;
const seeds = Array.from({ length: SEEDS }, (_, at) => at + 1);

describe.each(CASES)("$name", ({ change, records, later }) => {
  test.each(seeds)("gives what an engine with the change gives, seed %i", async (seed) => {
    const { ran, folder } = await journalOf(seed);
    const changed = await runEngine({ seed, isLive: seed % 2 === 1, change: { records, later } });
    const timeline = new Timeline({ dir: folder, stream: 0, build });
    const report = runFork(timeline, { at: ran.at, to: ran.to, changes: [change] });
    expect(report.base, "the base line is the journal").toEqual(ran.hash);
    expect(report.fork, "the run with the change").toEqual(changed.hash);
    expect(report.fork.order).not.toBe(report.base.order);
  });
});

test("from anywhere to anywhere the base line is the journal", async () => {
  for (const seed of [1, 2]) {
    const { ran, folder } = await journalOf(seed);
    const timeline = new Timeline({ dir: folder, stream: 0, build });
    const change = limitsChange(account, { qtyLotsMax: 8 });
    for (let at = 20; at + 150 < ran.to; at += 97) {
      const to = at + 1 + ((at * 7) % 140);
      const report = runFork(timeline, { at, to, changes: [change] });
      const end = timeline.stateAt(report.to);
      expect(report.base, `${at} to ${to}`).toEqual(hashesOf(end.core));
      expect(report.to, "timers that are due belong to it").toBeGreaterThanOrEqual(to);
      expect(report.to - to, "and nothing else").toBeLessThan(8);
    }
  }
});

test("a base line that is not the journal is refused, whatever the change gave", async () => {
  const { ran, folder } = await journalOf(1);
  const timeline = new Timeline({ dir: folder, stream: 0, build });
  const take = vi.spyOn(Rerun.prototype, "take");
  // One order gets lost on its way into both runs.
  const lost = take.getMockImplementation();
  const real: unknown = Object.getOwnPropertyDescriptor(Rerun.prototype, "take")?.value;
  expect([lost, typeof real]).toEqual([undefined, "function"]);
  take.mockImplementation(() => undefined);
  const changes = [limitsChange(account, { qtyLotsMax: 8 })];
  const plan = { at: ran.at, to: ran.at + 40, changes };
  expect(() => runFork(timeline, plan)).toThrow(expect.objectContaining({ code: "FORK_BASELINE" }));
});

test("orders that differ are told with both fates, and nothing else is", async () => {
  const { ran, folder } = await journalOf(1);
  const timeline = new Timeline({ dir: folder, stream: 0, build });
  const changes = [limitsChange(account, { qtyLotsMax: 8 })];
  const { difference } = runFork(timeline, { at: ran.at, to: ran.to, changes });
  const orders = difference.orders();
  const isRefused = ({ fork }: (typeof orders)[0]): boolean => fork?.reason === "QtyLimit";
  expect(orders.filter(isRefused).length).toBeGreaterThan(10);
  for (const one of orders.filter(isRefused)) {
    expect([one.fork!.state, one.fork!.limit, one.fork!.qtyLots > 8]).toEqual(["Denied", 8, true]);
    expect(one.base).not.toEqual(one.fork);
  }
  const { base, fork } = difference.denied;
  expect(fork["QtyLimit"]!).toBeGreaterThan(base["QtyLimit"] ?? 0);
  const { first } = difference;
  expect(first!.sequence, "not before the change").toBeGreaterThan(ran.at);
  expect([first!.base!.name, first!.fork!.name]).toEqual(["OrderAccepted", "OrderDenied"]);
  const same = runFork(timeline, {
    ...{ at: ran.at, to: ran.to },
    changes: [limitsChange(account, { qtyLotsMax: 30, ordersOpenMax: 12, collarBps: 0 })],
  });
  const isBefore = (same.difference.first?.sequence ?? Infinity) > ran.at + 80;
  expect(isBefore, "the same values change nothing until the row is replaced").toBe(true);
});

// ------------------------------------------------------------------------ the command

async function fork(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, "write").mockImplementation((text) => ((err += String(text)), true));
  const code = await main(["journal", "fork", ...argv]);
  vi.restoreAllMocks();
  process.exitCode = undefined;
  return { code, out, err };
}

test("the command says change, base line, assumption and every difference", async () => {
  const { ran, folder } = await journalOf(1);
  const where = ["--dir", folder, "--at", String(ran.at), "--to", String(ran.to)];
  const { code, out, err } = await fork("limits:account=1,qtyLotsMax=8", ...where);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toContain("change     limits of account 1: qtyLotsMax 8\n");
  expect(out).toContain(
    `base line  equals the journal: market ${ran.hash.market}, order ${ran.hash.order}`,
  );
  expect(out).toContain("assumed    nobody else reacts");
  expect(out).toMatch(/1\/\d+ TEST-1 (buy|sell) \d+.*: .* -> Denied \(QtyLimit 8\)/);
  expect(out).toMatch(/1 positions differ\n {2}1 TEST-1: -?\d+ -> -?\d+, /);
  const json = JSON.parse((await fork("--allow-refused", "QtyLimit", "--json", ...where)).out) as {
    base: Record<string, string>;
    denied: Record<string, Record<string, number>>;
    orders: { base: { reason: string }; fork: { state: string; reason: string } }[];
    positions: { base: { lots: number }; fork: { lots: number } }[];
  };
  expect(json.base).toEqual(ran.hash);
  expect(json.denied["base"]!["QtyLimit"]).toBeGreaterThan(0);
  expect(json.denied["fork"]!["QtyLimit"]).toBeUndefined();
  const freed = json.orders.filter((one) => one.base?.reason === "QtyLimit");
  expect(freed.length).toBeGreaterThan(0);
  expect(freed.every((one) => one.fork.reason !== "QtyLimit")).toBe(true);
});

test.each([
  [["limits:account=1"], 2, /"limits:account=1" names no limit/],
  [["limits:accunt=1"], 2, /RiskLimits has no value "accunt"; it has: tenant, account/],
  [["limits:tenant=1,account=1,qtyLotsMax=1"], 2, /no limits of tenant and account/],
  [["latency=4"], 2, /"latency=4" is no change; use limits:/],
  [[], 2, /a fork without a change is the journal/],
  [["--allow-refused", "KillSwitchOn"], 1, /^FORK_CHANGE: KillSwitchOn is no limit .*QtyLimit/],
  [["--allow-refused", "Nothing"], 2, /"Nothing" is no refusal/],
  [["strategy:9,qtyLots=1"], 1, /^FORK_CHANGE: there is no strategy 9 at this point/],
  [["strategy:8,qtyLots=1"], 1, /^STRATEGY_UNKNOWN: there is no strategy ""/],
  [["limits:account=1,rateMax=4"], 1, /^FORK_CHANGE: the core refuses .*: ParameterInvalid/],
  [["limits:account=44,qtyLotsMax=4"], 1, /^FORK_CHANGE: the core refuses .*: UnknownAccount/],
])("%j is refused with a reason", async (words, code, says) => {
  const { folder } = await journalOf(1);
  const found = await fork(...words, "--dir", folder, "--at", "100");
  expect([found.code, found.out]).toEqual([code, ""]);
  expect(found.err).toMatch(says);
});
