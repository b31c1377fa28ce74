// A fork with another latency at the venue, against an engine that really traded with such a venue
// from the point on.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
  Execution,
  InstrumentKind,
  InstrumentPhase,
  Kind,
  OrderType,
  Role,
  Scope,
  SpecFlag,
  TimeInForce,
} from "../../../asm/vocab.ts";
import { main } from "../../../src/cli/main.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { Random } from "../../../src/feeds/simulator/random.ts";
import { Engine } from "../../../src/oms/engine.ts";
import { runFork } from "../../../src/oms/fork.ts";
import type { OutputSink } from "../../../src/oms/sink.ts";
import { viewState } from "../../../src/oms/state-query.ts";
import { hashesOf, Timeline } from "../../../src/oms/timeline.ts";
import { decode, readI64, recordBytes } from "../../../src/protocol.ts";
import { HABITS, SimulatedVenue, type VenueHabits } from "../../../src/venues/simulated-venue.ts";
import { venueRecast } from "../../../src/venues/venue-stand-in.ts";
import type { ReportSink, VenueRequest } from "../../../src/venues/venue.ts";
import { put, record } from "../../asm/spine-core.ts";
import { Hands } from "../oms/hands.ts";

const VENUE = 900;
const build = loadBuild();
const TURNS = 400;
/** From here on no order is sent until the point, so that none is open there. */
const QUIET = 120;
const POINT = 200;
let dir = "";
let journal: Ran;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "alphapulse-stand-in-"));
  journal = await drive({ folder: dir });
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

const CONFIG = [
  record(Kind.Currency, { id: 1, minorExponent: -2, code: "USD" }),
  record(Kind.InstrumentSpec, {
    ...{ instrument: 1, version: 1, execution: Execution.Routed, symbol: "SIM-1" },
    ...{ specKind: InstrumentKind.LinearPerpetual, specFlags: SpecFlag.Simulated },
    ...{ venue: VENUE, base: 1, quote: 1, settlement: 1, phase: InstrumentPhase.Continuous },
    ...{ tickMantissa: 1, tickExponent: -2, lotMantissa: 1, multiplierNum: 1, multiplierDen: 1 },
  }),
  record(Kind.Account, { id: 1, currency: 1 }),
  record(Kind.CashAdjust, { account: 1, currency: 1, amountMinor: 1_000_000_000 }),
];

/** A latency without a range: times are whole milliseconds, which the hands hold exactly. */
function steady(millis: number): VenueHabits {
  return { ...HABITS, latencyNanosMin: millis * 1e6, latencyNanosMax: millis * 1e6 };
}

interface Wish {
  folder?: string;
  swap?: VenueHabits;
  /** Quotes come from a market worker, as inputs of the order core. */
  isSharded?: boolean;
}

interface Ran {
  at: number;
  to: number;
  hash: { market: string; order: string };
}

function random(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}

/** The venue's side of an engine: what it hears goes to the venue, in the way of the desk. */
class Wire implements OutputSink {
  venue: SimulatedVenue | undefined;
  nowNanos = 0;
  private requests: VenueRequest[] = [];

  collect(_u8: Uint8Array, view: DataView, from: number, to: number): void {
    this.venue?.advance(this.nowNanos);
    for (let at = from; at < to; at += recordBytes(view, at)) {
      const kind = view.getUint16(at, true);
      const [a, b] = [readI64(view, at + 32), readI64(view, at + 40)];
      if (kind === Kind.TradePrint) this.venue?.trade(1, a, b);
      if (kind >= Kind.VenueOrderNew && kind <= Kind.VenueQuery) {
        this.requests.push(decode(view, at) as unknown as VenueRequest);
      }
      if (kind !== Kind.TopOfBook) continue;
      const one = decode(view, at) as unknown as Record<string, number>;
      this.venue?.quote(
        1,
        [one["bidTicks"]!, one["bidLots"]!],
        [one["askTicks"]!, one["askLots"]!],
      );
    }
  }

  flush(): void {
    for (const request of this.requests.splice(0)) this.venue?.send(request);
  }
}

/** Quotes and orders of one seed; at the point the venue may be replaced by one of other habits. */
async function drive({ folder, swap, isSharded = false }: Wish): Promise<Ran> {
  const draw = random(3);
  const hands = new Hands();
  const place = folder === undefined ? undefined : { dir: folder, stream: 0 };
  const clock = hands.clock();
  const engine = new Engine({
    build,
    clock,
    roles: isSharded ? Role.Order : Role.Both,
    journal: place,
  });
  const wire = new Wire();
  engine.addSink(wire);
  engine.start();
  engine.configure(CONFIG);
  const report: ReportSink = (kind, fields) =>
    void put(engine.control, record(kind, fields as never));
  const startMillis = hands.wall;
  const make = (habits: VenueHabits, from: number): SimulatedVenue => {
    const chance = new Random(7, VENUE);
    return new SimulatedVenue(VENUE, habits, () => chance.chance(), report, from);
  };
  const life = (venue: SimulatedVenue): void => {
    wire.venue = venue;
    report(Kind.VenueStatus, { venue: VENUE, state: 0 });
    engine.turn();
    venue.open();
  };
  life(make(steady(10), hands.wall * 1000));
  let [at, client, ticks, originMillis] = [0, 0, 10_000, startMillis];
  for (let turn = 0; turn < TURNS; turn++) {
    const nextMillis = hands.wall + 1 + draw(60);
    // Reports arrive one by one, each at its own time.
    for (;;) {
      const dueNanos = wire.venue!.nextNanos();
      if (dueNanos > (nextMillis - originMillis) * 1e6) break;
      hands.pass(originMillis + dueNanos / 1e6 - hands.wall);
      wire.nowNanos = dueNanos;
      wire.venue!.advance(dueNanos);
      engine.turn();
    }
    hands.pass(nextMillis - hands.wall);
    wire.nowNanos = (hands.wall - originMillis) * 1e6;
    ticks += draw(21) - 10;
    const sides = { bidTicks: ticks - 1, bidLots: 1 + draw(60), askTicks: ticks + 1, askLots: 9 };
    if (!isSharded) put(engine.feed, record(Kind.Quote, { instrument: 1, ...sides }));
    else
      put(
        engine.core.derived,
        record(Kind.TopOfBook, { instrument: 1, cause: turn + 1, ...sides }),
      );
    engine.turn();
    const isQuiet = turn >= QUIET && turn <= POINT;
    const order = { instrument: 1, account: 1, clientId: ++client, side: 1 + draw(2) };
    const terms = { qtyLots: 1 + draw(9), type: OrderType.Limit, tif: TimeInForce.Gtc };
    const one = record(Kind.OrderNew, { ...order, ...terms, priceTicks: ticks + draw(9) - 4 });
    if (!isQuiet) put(engine.command, one);
    engine.turn();
    if (turn % 4 === 0)
      put(engine.command, record(Kind.MassCancel, { scope: Scope.Account, account: 1 }));
    engine.turn();
    if (turn !== POINT) continue;
    at = engine.core.sequence;
    if (swap === undefined) continue;
    const { positions } = wire.venue!;
    originMillis = hands.wall;
    wire.nowNanos = 0;
    const venue = make(swap, hands.wall * 1000);
    for (const [instrument, lots] of positions) venue.positions.set(instrument, lots);
    venue.quote(1, [sides.bidTicks, sides.bidLots], [sides.askTicks, sides.askLots]);
    life(venue);
  }
  expect(engine.fault).toBeUndefined();
  const ran = { at, to: engine.core.sequence, hash: hashesOf(engine.core) };
  await engine.stop();
  return ran;
}

function fork(latencyMillisMin: number, latencyMillisMax: number, of = journal, folder = dir) {
  const timeline = new Timeline({ dir: folder, stream: 0, build });
  const { at, to } = of;
  const makeDraw = (): (() => number) => {
    const chance = new Random(7, VENUE);
    return () => chance.chance();
  };
  const view = viewState(timeline.stateAt(at));
  const recast = venueRecast(view, { latencyMillisMin, latencyMillisMax }, makeDraw);
  return runFork(timeline, { at, to, changes: [], recast });
}

test.each([3, 90])("a fork to %i ms is what an engine with this venue gives", async (millis) => {
  const swap = steady(millis);
  const report = fork(millis, millis);
  expect(report.journal, "the inputs alone give the journal").toEqual(journal.hash);
  expect(report.fork).toEqual((await drive({ swap })).hash);
  const { fills } = report.difference;
  expect(fills.base.fills).toBeGreaterThan(20);
  expect(fills.fork.fills).toBeGreaterThan(20);
  expect(report.difference.orders().length).toBeGreaterThan(5);
});

test("sharded, the venue sees the quotes that come in from the market worker", async () => {
  const folder = join(dir, "sharded");
  mkdirSync(join(folder, "1"), { recursive: true });
  const own = await drive({ folder, isSharded: true });
  const report = fork(90, 90, own, folder);
  expect(report.journal.order).toBe(own.hash.order);
  const really = await drive({ isSharded: true, swap: steady(90) });
  expect(report.fork.order).toBe(really.hash.order);
  expect(report.difference.fills.fork.fills).toBeGreaterThan(20);
});

test("the same latency changes nothing", () => {
  const report = fork(HABITS.latencyNanosMin / 1e6, HABITS.latencyNanosMax / 1e6);
  expect(report.fork).toEqual(report.base);
  expect(report.difference.first).toBeUndefined();
  expect(report.difference.orders()).toEqual([]);
});

test("where it cannot be it is refused with a reason", () => {
  const timeline = new Timeline({ dir, stream: 0, build });
  const draw = (): (() => number) => () => 0.5;
  const latency = { latencyMillisMin: 1, latencyMillisMax: 2 };
  const whenOpen = [...Array(60).keys()]
    .map((one) => viewState(timeline.stateAt(60 + one)))
    .find(({ accounts }) => accounts.some(({ orders }) => orders.length > 0))!;
  expect(() => venueRecast(whenOpen, latency, draw)).toThrow(/is open at the venue at this point/);
  const quiet = viewState(timeline.stateAt(journal.at));
  const swapped = { latencyMillisMin: 3, latencyMillisMax: 2 };
  expect(() => venueRecast(quiet, swapped, draw)).toThrow(/3 to 2 ms is no range/);
  const [spec] = quiet.specs.values();
  const as = (change: object): typeof quiet => ({
    ...quiet,
    specs: new Map([[1, { ...spec!, ...change }]]),
  });
  expect(() => venueRecast(as({ specFlags: 0 }), latency, draw)).toThrow(/a real venue/);
  expect(() => venueRecast(as({ execution: Execution.Paper }), latency, draw)).toThrow(/no venue/);
});

test("the command says what the base line is", async () => {
  let out = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((out += String(text)), true));
  const where = ["--dir", dir, "--at", String(journal.at), "--to", String(journal.to)];
  const code = await main([
    "journal",
    "fork",
    "venue:latencyMillisMin=90,latencyMillisMax=250",
    ...where,
  ]);
  vi.restoreAllMocks();
  expect(code).toBe(0);
  expect(out).toContain("change     venue 900: latency 90 to 250 ms instead of 1 to 20 ms\n");
  expect(out).toContain(
    "base line  venue 900 simulated anew with its own latency of 1 to 20 ms: market",
  );
  expect(out).toContain(`journal    the inputs alone give it again: market ${journal.hash.market}`);
  expect(out).toMatch(/\d+ orders differ\n {2}1\/\d+ SIM-1 /);
});
