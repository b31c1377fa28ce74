import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { H_CLOCK_BASE } from "../../../asm/layout.ts";
import { Kind, Refusal } from "../../../asm/vocab.ts";
import { Clock } from "../../../src/clock.ts";
import { BinanceLive, type BinanceLiveOptions } from "../../../src/feeds/binance-live.ts";
import { Venue } from "../../../src/feeds/instruments.ts";
import { decode, type DecodedRecord } from "../../../src/protocol.ts";
import { parseCore, SPOT, takeRecords } from "../../asm/parse/parse-core.ts";

/** A venue on loopback: a stream that plays what the test says, and snapshots over HTTP. */
class LocalVenue {
  readonly sockets: WebSocket[] = [];
  readonly urls: string[] = [];
  readonly requests: string[] = [];
  snapshot: (attempt: number) => { status: number; body: string };
  readonly #http: Server;
  readonly #ws: WebSocketServer;

  constructor(onStream: (socket: WebSocket, index: number) => void, autoPong = true) {
    this.snapshot = () => ({ status: 200, body: snapshotOf(100) });
    this.#http = createServer((request, response) => {
      this.requests.push(request.url ?? "");
      const { status, body } = this.snapshot(this.requests.length);
      response.writeHead(status).end(body);
    });
    this.#ws = new WebSocketServer({ server: this.#http, autoPong });
    this.#ws.on("connection", (socket, request) => {
      this.urls.push(request.url ?? "");
      this.sockets.push(socket);
      onStream(socket, this.sockets.length - 1);
    });
  }

  async open(): Promise<number> {
    await new Promise<void>((done) => this.#http.listen(0, "127.0.0.1", done));
    return (this.#http.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    this.#ws.close();
    this.#http.closeAllConnections();
    await new Promise((done) => this.#http.close(done));
  }
}

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function feed(venue: LocalVenue, options: Partial<BinanceLiveOptions> = {}) {
  const port = await venue.open();
  const { core, parser } = parseCore([SPOT]);
  const clock = Clock.system();
  core.view.setBigInt64(H_CLOCK_BASE, clock.baseEpochNanos, true);
  const live = new BinanceLive(parser, {
    ...{ venue: Venue.BinanceSpot, instruments: [SPOT], draw: () => 0.5 },
    ...{ nowNanos: () => clock.nowNanos(), backoffMillisMin: 10, backoffMillisMax: 40 },
    ...{ streamUrl: `ws://127.0.0.1:${port}`, restUrl: `http://127.0.0.1:${port}` },
    ...options,
  });
  open.push(async () => {
    live.stop();
    await venue.close();
  });
  const records: DecodedRecord[] = [];
  const take = () => {
    for (const one of takeRecords(core.parse)) records.push(decode(new DataView(one.buffer), 0));
    return records;
  };
  const kinds = () => take().map((one) => one.kind as Kind);
  live.start();
  return { live, parser, records, take, kinds };
}

/** Waits until `isTrue`, at most half a minute. */
async function until(isTrue: () => boolean, what: string): Promise<void> {
  const untilMillis = performance.now() + 30_000;
  while (!isTrue()) {
    if (performance.now() > untilMillis) expect.fail(`never came: ${what}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}

const trade = (id: number) =>
  `{"stream":"btcusdt@trade","data":{"e":"trade","E":${Date.now()},"s":"BTCUSDT","t":${id},` +
  `"p":"61837.63000000","q":"0.02000000","T":${Date.now()},"m":true,"M":true}}`;
const delta = (first: number, last: number) =>
  `{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":${Date.now()},"s":"BTCUSDT",` +
  `"U":${first},"u":${last},"b":[["61737.63000000","0.50000000"]],"a":[]}}`;
const snapshotOf = (id: number) =>
  `{"lastUpdateId":${id},"bids":[["61737.60000000","1.00000000"]],` +
  `"asks":[["61738.00000000","2.0"]]}`;

test("delivers the snapshot before the deltas that came while it was fetched", async () => {
  const venue = new LocalVenue((socket) => {
    for (const text of [trade(1), delta(95, 99), delta(100, 104), delta(105, 109)])
      socket.send(text);
  });
  const { live, take, parser } = await feed(venue);
  await until(() => take().filter((one) => one.kind === Kind.BookDelta).length === 3, "deltas");
  expect(venue.urls).toEqual([
    "/stream?streams=btcusdt@trade/btcusdt@bookTicker/btcusdt@depth@100ms",
  ]);
  expect(venue.requests).toEqual(["/api/v3/depth?symbol=BTCUSDT&limit=1000"]);
  const books = take().filter((one) => one.kind !== Kind.Trade && one.kind !== Kind.FeedStatus);
  expect(books.map((one) => [one.kind, one["lastId"]])).toEqual([
    [Kind.BookSnapshot, 100n],
    [Kind.BookDelta, 99n],
    [Kind.BookDelta, 104n],
    [Kind.BookDelta, 109n],
  ]);
  expect(live.counts).toMatchObject({ connects: 1, snapshots: 1, messages: 4, ringFull: 0 });
  expect(parser.quarantine.lines()).toEqual([]);
});

test("a lost connection is a gap, then a new snapshot; trades sent again drop", async () => {
  const venue = new LocalVenue((socket, index) => {
    socket.send(trade(1));
    socket.send(trade(2));
    if (index > 0) socket.send(trade(3));
    socket.send(delta(101, 104));
  });
  const { live, kinds, take } = await feed(venue);
  await until(() => kinds().includes(Kind.BookDelta), "first book");
  venue.sockets[0]!.terminate();
  await until(() => kinds().filter((one) => one === Kind.BookSnapshot).length === 2, "second book");
  await until(() => kinds().filter((one) => one === Kind.Trade).length === 3, "third trade");
  const gap = kinds().indexOf(Kind.FeedGap);
  expect(gap).toBeGreaterThan(kinds().indexOf(Kind.BookSnapshot));
  expect(take()[gap]).toMatchObject({ instrument: SPOT.id });
  const trades = take().filter((one) => one.kind === Kind.Trade);
  expect(trades.map((one) => one["id"])).toEqual([1n, 2n, 3n]);
  expect(live.counts).toMatchObject({ connects: 2, disconnects: 1, duplicates: 2 });
});

test("garbage is counted with its reason and stops nothing", async () => {
  const venue = new LocalVenue((socket) => {
    for (const text of ["", "{", "\x00\xff", '{"result":null,"id":1}', trade(1).slice(9)]) {
      socket.send(text);
    }
    socket.send(Buffer.alloc(64), { binary: true });
    socket.send(trade(7));
  });
  const { kinds, parser } = await feed(venue);
  await until(() => kinds().includes(Kind.Trade), "trade");
  expect(parser.quarantine.counts()).toEqual({ JsonMalformed: 4, MessageUnknown: 1 });
  expect(parser.quarantine.examples()[3]!.place).toBe("binance BinanceSpot");
});

test("a snapshot that fails is asked for again and the book still comes whole", async () => {
  const venue = new LocalVenue((socket) => {
    socket.send(delta(101, 104));
    socket.send(delta(105, 106));
  });
  venue.snapshot = (attempt) => {
    if (attempt === 1) return { status: 429, body: '{"code":-1003}' };
    return { status: 200, body: attempt === 2 ? "<html>" : snapshotOf(102) };
  };
  const { live, kinds, parser } = await feed(venue);
  await until(() => kinds().filter((one) => one === Kind.BookDelta).length === 2, "deltas");
  expect(live.counts).toMatchObject({ snapshots: 1, snapshotFailures: 2 });
  expect(parser.quarantine.count(Refusal.VenueDown)).toBe(1);
  expect(parser.quarantine.examples()[0]!.text).toContain("HTTP 429");
  expect(parser.quarantine.count(Refusal.JsonMalformed)).toBe(1);
});

test("a book that lost trust is fetched again on request", async () => {
  const venue = new LocalVenue((socket) => socket.send(delta(101, 104)));
  const { live, kinds } = await feed(venue);
  await until(() => kinds().includes(Kind.BookDelta), "book");
  live.resnapshot(SPOT.id);
  venue.sockets[0]!.send(delta(200, 210));
  await until(() => kinds().filter((one) => one === Kind.BookSnapshot).length === 2, "snapshot");
  await until(() => kinds().filter((one) => one === Kind.BookDelta).length === 2, "delta");
  expect(kinds().slice(-2)).toEqual([Kind.BookSnapshot, Kind.BookDelta]);
});

test("a silent connection is pinged, and dropped when nothing answers", async () => {
  const dead = new LocalVenue(() => undefined, false);
  const { live } = await feed(dead, { silenceMillisMax: 90 });
  await until(() => live.counts.connects >= 2, "second connection");
  expect(live.counts.disconnects).toBeGreaterThanOrEqual(1);
  live.stop();
  // Silence is measured on hands, so that a slow machine is not taken for a silent venue.
  const silenceMillisMax = 90;
  const hands = { nanos: 0 };
  let pings = 0;
  const alive = new LocalVenue((socket) => socket.on("ping", () => (pings += 1)));
  const other = await feed(alive, { silenceMillisMax, nowNanos: () => hands.nanos });
  await until(() => other.live.counts.connects === 1, "connection");
  const askedForAnswers = (): boolean => {
    hands.nanos += (silenceMillisMax / 30) * 1e6;
    return hands.nanos > 10 * silenceMillisMax * 1e6;
  };
  await until(askedForAnswers, "ten times the silence");
  expect(other.live.counts.disconnects, "pongs keep it").toBe(0);
  expect(pings, "asked again and again").toBeGreaterThan(5);
});

test("leaves before the venue's daily close", async () => {
  const venue = new LocalVenue(() => undefined);
  const { live } = await feed(venue, { lifetimeMillisMax: 60 });
  await until(() => live.counts.connects >= 3, "third connection");
});

test("a venue that is down is tried again until it is there; stop ends it", async () => {
  const probe = new LocalVenue(() => undefined);
  const port = await probe.open();
  await probe.close();
  const other = new LocalVenue(() => undefined);
  const { live } = await feed(other, { streamUrl: `ws://127.0.0.1:${port}` });
  await until(() => live.counts.disconnects >= 3, "three failed attempts");
  expect(live.counts.connects).toBe(0);
  live.stop();
  const count = live.counts.disconnects;
  await new Promise((done) => setTimeout(done, 120));
  expect(live.counts.disconnects, "no attempt after stop").toBe(count);
});
