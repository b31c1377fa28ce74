// Requests leave after the journal has them and never again; a restart asks instead of sending.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  AckLevel,
  Execution,
  InstrumentKind,
  InstrumentPhase,
  Kind,
  OrderType,
  QueryScope,
  REC_KIND,
  Role,
  Side,
  TimeInForce,
} from "../../../asm/vocab.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { Engine } from "../../../src/oms/engine.ts";
import type { OutputSink } from "../../../src/oms/sink.ts";
import { recordBytes } from "../../../src/protocol.ts";
import { VenueDesk } from "../../../src/venues/venue-desk.ts";
import type { ReportSink, Venue, VenueRequest } from "../../../src/venues/venue.ts";
import { put, record } from "../../asm/spine-core.ts";
import { Hands } from "../oms/hands.ts";

const VENUE = 7;
const build = loadBuild();
let dir = "";

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "alphapulse-venue-"));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A venue of which the test says everything. */
class SpokenVenue implements Venue {
  readonly id = VENUE;
  readonly sent: VenueRequest[] = [];
  readonly report: ReportSink;

  constructor(report: ReportSink) {
    this.report = report;
  }

  open(): void {
    this.report(Kind.VenueStatus, { venue: VENUE, state: 1, timeoutMillis: 1000 });
  }

  send(request: VenueRequest): void {
    this.sent.push(request);
  }

  advance(): void {
    // Nothing happens by itself.
  }

  nextNanos(): number {
    return Infinity;
  }

  close(): void {
    // Nothing is open.
  }

  of(kind: Kind): VenueRequest[] {
    return this.sent.filter((request) => request.kind === kind);
  }
}

class Kinds implements OutputSink {
  readonly seen: number[] = [];
  collect(_u8: Uint8Array, view: DataView, from: number, to: number): void {
    for (let at = from; at < to; at += recordBytes(view, at)) {
      this.seen.push(view.getUint16(at + REC_KIND, true));
    }
  }
  flush(): void {
    // Only what was said counts.
  }
}

const CONFIG = [
  record(Kind.Currency, { id: 1, minorExponent: -2, code: "USD" }),
  record(Kind.InstrumentSpec, {
    ...{ instrument: 1, version: 1, execution: Execution.Routed },
    specKind: InstrumentKind.LinearPerpetual,
    ...{ venue: VENUE, base: 1, quote: 1, settlement: 1, phase: InstrumentPhase.Continuous },
    ...{ tickMantissa: 1, tickExponent: -2, lotMantissa: 1, multiplierNum: 1, multiplierDen: 1 },
    ...{ symbol: "AT", referenceTicks: 100 },
  }),
  record(Kind.Account, { id: 1, currency: 1 }),
];

interface Life {
  engine: Engine;
  venue: SpokenVenue;
  kinds: Kinds;
  desk: VenueDesk;
  held: number[][];
}

function live(hands: Hands): Life {
  const engine = new Engine({
    ...{ build, clock: hands.clock(), roles: Role.Both },
    journal: { dir, stream: 0, segmentBytes: 1 << 22 },
  });
  const held: number[][] = [];
  const desk = new VenueDesk({
    ring: engine.control,
    schedule: () => undefined,
    clockNanos: engine.clockNanos,
    venue: (report) => new SpokenVenue(report),
    onHeld: (instrument, lots) => held.push([instrument, lots]),
    onFault: (fault) => expect.fail(String(fault)),
  });
  const kinds = new Kinds();
  engine.addSink(desk);
  engine.addSink(kinds);
  engine.recover();
  engine.start();
  engine.configure(CONFIG);
  desk.start();
  engine.turn();
  const venue = desk.venue as SpokenVenue;
  const listings = venue.of(Kind.VenueQuery).filter((one) => one.scope === QueryScope.Listing);
  const listing = listings[0]!.number;
  venue.report(Kind.ReconcileBegin, { venue: VENUE, listing });
  venue.report(Kind.ReconcileEnd, { venue: VENUE, listing, records: 0 });
  engine.turn();
  return { engine, venue, kinds, desk, held };
}

function order(engine: Engine, clientId: number): void {
  const what = { type: OrderType.Limit, side: Side.Buy, tif: TimeInForce.Gtc, qtyLots: 5 };
  put(
    engine.command,
    record(Kind.OrderNew, { instrument: 1, account: 1, clientId, priceTicks: 90, ...what }),
  );
  engine.turn();
}

/** The process dies: no checkpoint, nothing told to the venue. */
async function die({ engine, desk }: Life): Promise<void> {
  desk.stop();
  await engine.kept!.journal.close();
  await engine.stop();
}

/** Turns that reach the disk, until `isTrue`. */
async function until(isTrue: () => boolean): Promise<void> {
  const endMillis = performance.now() + 30_000;
  while (!isTrue()) {
    if (performance.now() > endMillis) throw new Error("not within 30 s");
    await new Promise((next) => setTimeout(next, 1));
  }
}

/** As `order`, until its request has left. */
async function sentOrder(life: Life, clientId: number): Promise<VenueRequest> {
  const sent = life.venue.of(Kind.VenueOrderNew).length;
  order(life.engine, clientId);
  await until(() => life.venue.of(Kind.VenueOrderNew).length > sent);
  return life.venue.of(Kind.VenueOrderNew)[sent]!;
}

function cancel(engine: Engine, clientId: number): void {
  put(engine.command, record(Kind.OrderCancel, { instrument: 1, account: 1, clientId }));
  engine.turn();
}

test("an order leaves when its block is durable, and not before", async () => {
  const life = live(new Hands());
  const { engine, desk, venue } = life;
  const levels: [AckLevel, number][] = [];
  const inner = desk.flush.bind(desk);
  desk.flush = (level, sequence) => {
    inner(level, sequence);
    levels.push([level, venue.of(Kind.VenueOrderNew).length]);
  };
  order(engine, 1);
  expect(desk.wantsDurable, "nobody waits for the next idle fdatasync").toBe(true);
  expect(levels).toEqual([
    [AckLevel.Memory, 0],
    [AckLevel.Written, 0],
  ]);
  // An fdatasync of the blocks before may still come between.
  await until(() => levels.at(-1)?.[1] === 1);
  expect(levels.at(-1)).toEqual([AckLevel.Durable, 1]);
  expect(desk.wantsDurable).toBe(false);
  await die(life);
});

test("a cancel leaves when it is written, but behind the order it is about", async () => {
  const life = live(new Hands());
  const { engine, venue } = life;
  const kinds = (): number[] =>
    venue.sent.map((one) => one.kind).filter((kind) => kind !== (Kind.VenueQuery as number));
  await sentOrder(life, 1);
  cancel(engine, 1);
  expect(kinds(), "at once").toEqual([Kind.VenueOrderNew, Kind.VenueOrderCancel]);
  order(engine, 2);
  cancel(engine, 2);
  expect(kinds(), "neither has left").toHaveLength(2);
  await until(() => kinds().length === 4);
  expect(kinds().slice(2)).toEqual([Kind.VenueOrderNew, Kind.VenueOrderCancel]);
  await die(life);
});

test("what waits for a disk that fails never leaves", async () => {
  const life = live(new Hands());
  order(life.engine, 1);
  await die(life);
  life.desk.flush(AckLevel.Durable, 1e9);
  expect(life.venue.of(Kind.VenueOrderNew)).toEqual([]);
});

test("after a crash nothing is sent again: what may not have left is asked for", async () => {
  const hands = new Hands();
  const first = live(hands);
  const arrived = await sentOrder(first, 1);
  const lost = await sentOrder(first, 2);
  const fill = { venue: VENUE, orderId: arrived.orderId, priceTicks: 90 };
  first.venue.report(Kind.VenueFill, { ...fill, fillId: 1n, qtyLots: 2 });
  first.engine.turn();
  await die(first);

  hands.pass(1000);
  const second = live(hands);
  const { venue, engine, kinds } = second;
  expect(second.held, "the venue is told what the journal holds").toEqual([[1, 2]]);
  expect(venue.of(Kind.VenueOrderNew), "no order goes out twice").toEqual([]);
  expect(kinds.seen.filter((kind) => kind === Kind.OrderInDoubt)).toHaveLength(2);
  const asked = (): VenueRequest[] =>
    venue.of(Kind.VenueQuery).filter((request) => request.scope === QueryScope.Order);
  expect(new Set(asked().map((request) => request.orderId))).toEqual(
    new Set([arrived.orderId, lost.orderId]),
  );
  const about = (id: bigint): bigint => asked().findLast((one) => one.orderId === id)!.number;
  const status = { ...fill, qtyLots: 5, filledLots: 5, request: about(arrived.orderId) };
  venue.report(Kind.VenueFill, { ...fill, fillId: 1n, qtyLots: 2 });
  venue.report(Kind.VenueFill, { ...fill, fillId: 2n, qtyLots: 3 });
  venue.report(Kind.VenueAccepted, status);
  for (let round = 0; round < 2; round++) {
    const request = about(lost.orderId);
    venue.report(Kind.VenueUnknown, { venue: VENUE, orderId: lost.orderId, request });
    engine.turn();
    hands.pass(5000);
    engine.turn();
  }
  const count = (kind: Kind): number => kinds.seen.filter((one) => one === kind).length;
  expect(count(Kind.Fill), "the fill of the first life is known").toBe(1);
  expect(count(Kind.OrderRejected), "the lost one never got there").toBe(1);
  await die(second);
});
