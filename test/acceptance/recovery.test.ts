// A real engine trades, is killed without warning, and comes back with everything it had said.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import {
  BLOCK_HEADER_BYTES,
  CHECKPOINT_CELLS,
  Flag,
  Kind,
  OrderState,
  Role,
} from "../../asm/vocab.ts";
import type { Client, DecodedRecord, OrderRequest } from "../../src/client/index.ts";
import { Clock } from "../../src/clock.ts";
import { loadBuild } from "../../src/core/build.ts";
import { createHasher } from "../../src/core/hasher.ts";
import { NODE_DISK } from "../../src/journal/node-disk.ts";
import { streamFolder } from "../../src/journal/format.ts";
import { scanBlocks } from "../../src/journal/scan.ts";
import { Engine } from "../../src/oms/engine.ts";
import { decode, encode, recordBytes } from "../../src/protocol.ts";
import {
  alphapulse,
  cleanUp,
  connectAs,
  endEngine,
  type RunningEngine,
  startEngine,
  temporaryFolder,
  until,
} from "./engine-process.ts";

/** Far enough below any simulated price to rest, near enough for the collar of 500 bps. */
const REST_BELOW = 0.97;
const RESTING = 12;
const WAIT_MILLIS_MAX = 20_000;
/** The shortest timeframe has the first slot. */
const SLOT_1S = 0;
const MINUTE_MILLIS = 60_000;
/** 0.1 SIM-BTC in lots, within the default notional limit. */
const LARGE_LOTS = 10_000;

type Fields = Record<string, string | number | bigint> & { kind: number; instrument: number };

/** A decoded record with its fields by name. */
function fieldsOf(record: DecodedRecord): Fields {
  return record as unknown as Fields;
}

/** Own state of the account: a snapshot, and every event since folded in. */
class OwnState {
  readonly orders = new Map<string, Fields>();
  readonly positions = new Map<string, Fields>();
  readonly balances = new Map<string, Fields>();
  /** Everything that came, in order. */
  readonly events: Fields[] = [];
  private isWhole = false;

  /** Subscribes and waits for the snapshot; goes on folding until the client closes. */
  static async follow(client: Client): Promise<OwnState> {
    const state = new OwnState();
    client.onRecord((received) => {
      if (received.kind >> 8 >= 0x06) state.take(fieldsOf(received.decoded()));
    });
    await client.subscribe({ own: true });
    await until(() => state.isWhole, WAIT_MILLIS_MAX, "the snapshot of own state");
    return state;
  }

  private take(record: Fields): void {
    this.events.push(record);
    const { kind, instrument } = record;
    if (kind === Kind.StateQueryEnd) this.isWhole = true;
    else if (kind === Kind.PositionState || kind === Kind.PositionChanged) {
      this.positions.set(String(instrument), record);
    } else if (kind === Kind.AccountState || kind === Kind.BalanceChanged) {
      this.balances.set(String(record["currency"]), record);
    } else if (record["clientId"] !== undefined) this.takeOrder(record);
  }

  private takeOrder(record: Fields): void {
    const id = String(record["clientId"]);
    const isOpen = OPEN_STATES.includes(record["state"] as OrderState);
    if (DENIALS.includes(record.kind)) return;
    if (!isOpen) this.orders.delete(id);
    else this.orders.set(id, { ...this.orders.get(id), ...record });
  }

  /** What must survive, as text: not the mark, which moves with the market. */
  lines(): string[] {
    const show = (name: string, rows: Map<string, Fields>, fields: readonly string[]): string[] =>
      [...rows].map(([id, row]) => {
        const values = fields.map((field) => `${field}=${String(row[field])}`);
        return `${name} ${id} ${values.join(" ")}`;
      });
    return [
      ...show("order", this.orders, ["instrument", "side", "leavesLots", "filledLots", "tag"]),
      ...show("position", this.positions, ["lots", "realizedMinor", "feesMinor", "tradedLots"]),
      ...show("balance", this.balances, ["cashMinor", "feesMinor"]),
    ].sort();
  }
}

const OPEN_STATES = [OrderState.Armed, OrderState.Live, OrderState.PartlyFilled];
const DENIALS: readonly number[] = [Kind.OrderDenied, Kind.CancelDenied, Kind.AmendDenied];

/**
 * The two hashes of the journal's last block, which a clean stop makes a Checkpoint, and how many
 * times the core had been told that time reached a deadline.
 */
function lastCheckpoint(dataDir: string): { market: bigint; order: bigint; timers: number } {
  const folder = streamFolder(join(dataDir, "journal"), 0);
  const hash = createHasher(loadBuild());
  let found: Fields | undefined;
  let timers = 0;
  for (const { bytes } of scanBlocks({ disk: NODE_DISK, folder, stream: 0, hash })) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = BLOCK_HEADER_BYTES; at < bytes.length; at += recordBytes(view, at)) {
      found = fieldsOf(decode(view, at));
      if (found.kind === Kind.Timer) timers += 1;
    }
  }
  expect(found?.kind, "the last record is a checkpoint").toBe(Kind.Checkpoint);
  const [market, order] = [found!["marketHash"] as bigint, found!["orderHash"] as bigint];
  return { market, order, timers };
}

describe.each(["inline", "sharded"])("an engine that is killed while it trades, %s", (topology) => {
  const live = ["--topology", topology, "--sim-instruments", "3"];
  const still = [...live, "--feed", "none", "--strategy", "none"];
  let dataDir: string;
  let engine: RunningEngine;
  let client: Client;
  let before: OwnState;
  let after: OwnState;
  const acknowledged: bigint[] = [];
  const sent: (OrderRequest & { clientId: bigint })[] = [];
  let candlesBefore: DecodedRecord[];
  let candlesAfter: DecodedRecord[];

  /** The best ask of an instrument, in ticks. */
  async function askTicks(symbol: string): Promise<number> {
    let ticks = 0;
    const off = client.onRecord((received) => {
      if (received.kind !== Kind.TopOfBook) return;
      ticks = Number(fieldsOf(received.decoded())["askTicks"]);
    });
    const subscription = await client.subscribe({ instrument: symbol, ticks: true });
    await until(() => ticks > 0, WAIT_MILLIS_MAX, `a quote of ${symbol}`);
    off();
    await subscription.close();
    return ticks;
  }

  const hasEvent = (kind: Kind, clientId: bigint): boolean =>
    before.events.some((one) => one.kind === kind && one["clientId"] === clientId);

  async function send(wish: Omit<OrderRequest, "instrument">): Promise<bigint> {
    const request = { instrument: "SIM-BTC", clientId: client.drawClientId(), ...wish };
    const id = client.order(request);
    sent.push(request);
    expect((await client.outcome(id)).kind, `order ${id}`).toBe(Kind.OrderAccepted);
    return id;
  }

  async function trade(): Promise<void> {
    const ask = await askTicks("SIM-BTC");
    const market = await send({ side: "buy", type: "market", qty: 3 });
    // More than any level shows: a part trades now, the rest waits above the bid.
    const large = await send({ side: "buy", type: "limit", qty: LARGE_LOTS, price: ask + 50 });
    for (let one = 0; one < RESTING; one++) {
      const price = Math.round(ask * REST_BELOW) - one;
      acknowledged.push(await send({ side: "buy", type: "limit", qty: 1 + one, price, tag: 7n }));
    }
    const canceled = acknowledged.pop()!;
    client.cancel("SIM-BTC", canceled);
    await until(() => hasEvent(Kind.OrderCanceled, canceled), WAIT_MILLIS_MAX, "the cancel");
    await until(() => hasEvent(Kind.Fill, market), WAIT_MILLIS_MAX, "the market order's fill");
    await until(() => hasEvent(Kind.Fill, large), WAIT_MILLIS_MAX, "a part of the large order");
    // Moved away from the market: it stays open with a part filled, and fills no more.
    client.amend({ instrument: "SIM-BTC", clientId: large, price: Math.round(ask * REST_BELOW) });
    await until(() => hasEvent(Kind.OrderAmended, large), WAIT_MILLIS_MAX, "the amend");
    acknowledged.push(large);
  }

  beforeAll(async () => {
    dataDir = temporaryFolder(`recovery-${topology}`);
    engine = await startEngine(dataDir, live);
    client = await connectAs(engine, "trader");
    before = await OwnState.follow(client);
    await trade();
    await until(
      async () => (await client.candles("SIM-BTC", SLOT_1S, 100)).length >= 2,
      WAIT_MILLIS_MAX,
      "two closed candles",
    );
    candlesBefore = await client.candles("SIM-BTC", SLOT_1S, 100);
    // Killed where it stands. What it had sent still arrives, before the news that it is gone.
    const gone = new Promise<void>((done) => {
      client.on("status", ({ state }) => state === "closed" && done());
    });
    await endEngine(engine, "SIGKILL");
    await gone;
    client.close();
    engine = await startEngine(dataDir, still);
    client = await connectAs(engine, "trader");
    after = await OwnState.follow(client);
    candlesAfter = await client.candles("SIM-BTC", SLOT_1S, 500);
  }, 120_000);

  afterAll(cleanUp);

  test("says what it recovered", () => {
    expect(engine.stdout()).toMatch(/^recovered \d+ records of \d+ blocks from the journal$/m);
  });

  test("has every order it had acknowledged, and no order it had ended", () => {
    const ids = [...after.orders.keys()];
    expect(ids).toEqual(expect.arrayContaining(acknowledged.map(String)));
    expect(ids.length).toBe(before.orders.size);
    const partly = [...after.orders.values()].filter((one) => (one["filledLots"] as number) > 0);
    expect(partly.length, "one of them is filled in part").toBe(1);
  });

  test("open orders, positions and balances are what the client had seen last", () => {
    expect(before.positions.size, "there are positions").toBeGreaterThan(0);
    expect(after.lines()).toEqual(before.lines());
  });

  test("orders sent again are answered as they are now, and trade no second time", async () => {
    expect(sent.length).toBeGreaterThan(RESTING);
    const states = new Set<OrderState>();
    for (const request of sent) {
      const outcome = client.outcome(client.order(request));
      const { kind, flags, state } = await outcome;
      expect(kind).toBe(Kind.OrderAccepted);
      expect(flags & Flag.Replayed, `order ${request.clientId}`).toBe(Flag.Replayed);
      states.add(state);
    }
    const all = [OrderState.Live, OrderState.PartlyFilled, OrderState.Filled, OrderState.Canceled];
    expect([...states].sort((a, b) => a - b)).toEqual(all);
    expect(after.lines()).toEqual(before.lines());
  });

  test("every candle that had closed is there, with the same content", () => {
    expect(candlesBefore.length, "candles of one second").toBeGreaterThan(0);
    const byOpen = new Map(candlesAfter.map((one) => [fieldsOf(one)["openNanos"], plain(one)]));
    for (const one of candlesBefore) {
      expect(byOpen.get(fieldsOf(one)["openNanos"])).toEqual(plain(one));
    }
  });

  test("a clean stop writes a checkpoint, and the next start agrees with it", async () => {
    client.close();
    await untilCandlesRest();
    const stopped = await endEngine(engine, "SIGTERM");
    expect(stopped.code, stopped.stderr).toBe(0);
    const first = lastCheckpoint(dataDir);
    expect(first.order).not.toBe(0n);
    engine = await startEngine(dataDir, still);
    expect((await endEngine(engine, "SIGTERM")).code).toBe(0);
    const second = lastCheckpoint(dataDir);
    expect(second.order, "no order happened in between").toBe(first.order);
    // A start on a loaded machine may last until a candle ends; a Timer then says so.
    if (second.timers === first.timers) {
      expect(second.market, "no candle closed in between").toBe(first.market);
    }
  });

  test("goes on trading from there", async () => {
    engine = await startEngine(dataDir, live);
    client = await connectAs(engine, "trader");
    before = await OwnState.follow(client);
    expect([...before.orders.keys()]).toEqual(expect.arrayContaining(acknowledged.map(String)));
    await askTicks("SIM-BTC");
    const id = await send({ side: "sell", type: "market", qty: 1 });
    await until(() => hasEvent(Kind.Fill, id), WAIT_MILLIS_MAX, "a fill after the recovery");
    client.massCancel("SIM-BTC");
    const isFlat = (): boolean => acknowledged.every((one) => hasEvent(Kind.OrderCanceled, one));
    await until(isFlat, WAIT_MILLIS_MAX, "the cancel of what rested through the crash");
    client.close();
    expect((await endEngine(engine, "SIGTERM")).code).toBe(0);
  });
});

test("a checkpoint that disagrees with the replayed state stops the start", async () => {
  const dataDir = temporaryFolder("checkpoint");
  const dir = join(dataDir, "journal");
  const build = loadBuild();
  const journal = { dir, stream: 0 };
  const engine = new Engine({ build, clock: Clock.system(), roles: Role.Both, journal });
  engine.recover();
  engine.start();
  const at = engine.control.reserve(CHECKPOINT_CELLS);
  encode(engine.control.view, at, Kind.Checkpoint, { orderHash: 1n, marketHash: 1n });
  engine.control.commit();
  engine.control.publish();
  engine.turn();
  await engine.stop();
  const { code, stderr } = await alphapulse(
    ["start", "--data-dir", dataDir, "--port", "0"],
    dataDir,
  );
  expect(code).toBe(1);
  expect(stderr).toMatch(/^RECOVERY_HASH: market state after replay is [0-9a-f]{16}, /);
  expect(stderr.trim().split("\n"), "one line").toHaveLength(1);
  await cleanUp();
});

/** Waits until hardly a candle can close: those of a second have, and no minute ends soon. */
async function untilCandlesRest(): Promise<void> {
  await new Promise((next) => setTimeout(next, 1200));
  const passedMillis = Date.now() % MINUTE_MILLIS;
  const waitMillis = passedMillis > MINUTE_MILLIS - 15_000 ? MINUTE_MILLIS - passedMillis : 0;
  if (waitMillis > 0 || passedMillis < 1000) {
    await new Promise((next) => setTimeout(next, waitMillis + 1000));
  }
}

/** A candle without what a delivery adds. */
function plain(candle: DecodedRecord): Fields {
  return { ...fieldsOf(candle), flags: 0, sequence: 0n, cause: 0n };
}
