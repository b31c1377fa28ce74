// A real engine under orders at two levels of acknowledgement ends where it stands, again and
// again: what had been acknowledged is there at the next start, whatever ended it.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

import { AckLevel, Kind } from "../../asm/vocab.ts";
import type { Client } from "../../src/client/index.ts";
import { seeded } from "../reference/random.ts";
import { HAS_STRACE, refusedCalls, straced } from "../sim/strace.ts";
import {
  cleanUp,
  connectAs,
  endEngine,
  type RunningEngine,
  startEngine,
  temporaryFolder,
  until,
} from "./engine-process.ts";

const IS_DEEP = process.env["ALPHAPULSE_DEEP"] === "1";
const KILLS = IS_DEEP ? 200 : 5;
/** Another one: ALPHAPULSE_SEED. */
const SEED = Number(process.env["ALPHAPULSE_SEED"] ?? 1);
const DELAY_MILLIS_MAX = 400;
const WAIT_MILLIS_MAX = 20_000;
/** Its thread is nice to all others, so a loaded machine lets it wait. */
const SNAPSHOT_MILLIS_MAX = 120_000;
const REST_BELOW = 0.97;
/** Orders of a client that wait for their answer. */
const IN_FLIGHT = 8;
const OPTIONS = [
  ...["--topology", "inline", "--sim-instruments", "1", "--strategy", "none"],
  ...["--snapshot-records", "100", "--journal-reserve-bytes", "1048576"],
];

type Fields = Record<string, string | number | bigint>;

/** Sends resting orders as fast as they are answered, until its connection is gone. */
async function trade(client: Client, price: number, accepted: Set<string>): Promise<void> {
  let isOpen = true;
  const gone = new Promise<undefined>((done) => {
    client.on("status", ({ state }) => {
      if (state !== "closed") return;
      isOpen = false;
      done(undefined);
    });
  });
  const lane = async (): Promise<void> => {
    while (isOpen) {
      const id = client.order({ instrument: "SIM-BTC", side: "buy", type: "limit", qty: 1, price });
      // What had been sent still arrives before the news that it is gone.
      const outcome = await Promise.race([client.outcome(id).catch(() => undefined), gone]);
      if (outcome === undefined) return;
      // On a loaded machine a mark may be too old for a limit: a refusal promises nothing.
      if (outcome.kind === Kind.OrderAccepted) accepted.add(String(id));
    }
  };
  // Killed before that, it was never told anything.
  await client.subscribe({ own: true }).catch(() => (isOpen = false));
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}

/**
 * Open orders of the account by client id, and a price that rests. Thousands of rows come in many
 * frames: it waits for those that are wanted.
 */
async function look(
  client: Client,
  wanted: readonly string[],
): Promise<{ open: Set<string>; price: number }> {
  const open = new Set<string>();
  let [isWhole, askTicks] = [false, 0];
  const off = client.onRecord((received) => {
    if (received.kind === Kind.StateQueryEnd) isWhole = true;
    const fields = received.decoded() as unknown as Fields;
    if (received.kind === Kind.TopOfBook) askTicks = Number(fields["askTicks"]);
    if (received.kind === Kind.OrderStateRow) open.add(String(fields["clientId"]));
  });
  await client.subscribe({ own: true });
  await client.subscribe({ instrument: "SIM-BTC", ticks: true });
  await until(() => isWhole && askTicks > 0, WAIT_MILLIS_MAX, "own state and a quote");
  const isThere = (): boolean => wanted.every((id) => open.has(id));
  // What does not come is named by the caller.
  await until(isThere, WAIT_MILLIS_MAX).catch(() => undefined);
  off();
  return { open, price: Math.round(askTicks * REST_BELOW) };
}

/** One life of an engine, and what it acknowledged by level. */
class Lives {
  readonly dataDir = temporaryFolder("crash");
  readonly written = new Set<string>();
  readonly durable = new Set<string>();
  engine!: RunningEngine;
  price = 0;

  /** Starts it and looks whether all that was acknowledged is there. */
  async begin(about: string, args: readonly string[], under: readonly string[]): Promise<void> {
    this.engine = await startEngine(this.dataDir, [...OPTIONS, ...args], under);
    const client = await connectAs(this.engine, "trader");
    const { open, price } = await look(client, [...this.written, ...this.durable]);
    client.close();
    this.price = price;
    const missing = (ids: Set<string>): string[] => [...ids].filter((id) => !open.has(id));
    expect(missing(this.written), `${about}: acknowledged as written`).toEqual([]);
    expect(missing(this.durable), `${about}: acknowledged as durable`).toEqual([]);
  }

  hasSnapshot(): boolean {
    const names = readdirSync(join(this.dataDir, "journal", "0"));
    return names.some((name) => name.endsWith(".aps"));
  }

  /** Trades at both levels until the engine is gone. */
  async trade(end: () => Promise<unknown>): Promise<void> {
    const levels: [AckLevel, Set<string>][] = [
      [AckLevel.Written, this.written],
      [AckLevel.Durable, this.durable],
    ];
    const clients = await Promise.all(
      levels.map(([level]) => connectAs(this.engine, "trader", { level })),
    );
    const trades = clients.map((client, at) => trade(client, this.price, levels[at]![1]));
    await end();
    await Promise.all(trades);
    for (const client of clients) client.close();
  }
}

afterAll(cleanUp);

test(`killed ${KILLS} times it has all it acknowledged, by level, seed ${SEED}`, async () => {
  const random = seeded(SEED);
  const lives = new Lives();
  let fromSnapshot = 0;
  let about = "the first start";
  for (let kill = 0; kill < KILLS; kill++) {
    await lives.begin(about, [], []);
    if (/^state of the snapshot at/m.test(lives.engine.stdout())) fromSnapshot += 1;
    const millis = Math.round(random() * DELAY_MILLIS_MAX);
    about = `kill ${kill} after ${millis} ms, seed ${SEED}`;
    await lives.trade(async () => {
      if (kill === 0) await until(() => lives.hasSnapshot(), SNAPSHOT_MILLIS_MAX, "a snapshot");
      await new Promise((next) => setTimeout(next, millis));
      await endEngine(lives.engine, "SIGKILL");
    });
  }
  await lives.begin(about, [], []);
  expect((await endEngine(lives.engine, "SIGTERM")).code).toBe(0);
  expect(lives.written.size, "acknowledged as written").toBeGreaterThan(KILLS);
  expect(lives.durable.size, "acknowledged as durable").toBeGreaterThan(KILLS);
  expect(fromSnapshot, "snapshots were at work").toBeGreaterThan(0);
}, 3_600_000);

describe.skipIf(!HAS_STRACE)("an engine whose disk fails (needs strace: npm run services)", () => {
  test.each([
    ["fdatasync", 40, "JOURNAL_SYNC_FAILED", "fdatasync failed with EIO"],
    ["pwrite64", 60, "JOURNAL_WRITE", "EIO: i/o error, write"],
  ] as const)(
    "%s number %i: no further acknowledgement, one line, exit 1, and all is there again",
    async (call, nth, code, what) => {
      const lives = new Lives();
      const log = join(lives.dataDir, "strace.log");
      // Without a reserve every such call of a thread is one of the journal's.
      const bare = ["--journal-reserve-bytes", "0", "--snapshot-records", "0"];
      await lives.begin("first", bare, straced(call, "EIO", nth, log));
      await lives.trade(() => lives.engine.ended);
      const { code: exit, stderr } = await lives.engine.ended;
      expect(refusedCalls(log), "one call was refused").toHaveLength(1);
      expect(refusedCalls(log)[0]).toMatch(/segment-\d+\.apj/);
      expect(exit, stderr).toBe(1);
      expect(stderr).toMatch(new RegExp(`^${code}: .*${what}.*; .*restart$`, "m"));
      expect(stderr.trim().split("\n"), "one line").toHaveLength(1);
      expect(lives.durable.size, "there were acknowledgements").toBeGreaterThan(0);
      await lives.begin(`after ${code}`, [], []);
      expect((await endEngine(lives.engine, "SIGTERM")).code).toBe(0);
    },
    60_000,
  );
});
