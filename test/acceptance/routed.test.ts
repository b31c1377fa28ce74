// Orders to a live venue, simulated, as a user has them: sent, confirmed, filled; and a crash after
// which nothing is sent twice.
import { afterAll, expect, test } from "vitest";
import { Execution, Kind } from "../../asm/vocab.ts";
import type { Client } from "../../src/client/index.ts";
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

const ROUTED = ["--execution", "routed", "--strategy", "none", "--sim-instruments", "2"];
const FILL_MILLIS_MAX = 30_000;
/** The venue rejects and loses some: whoever wants a fill asks again. */
const AGAIN_MILLIS = 500;

afterAll(cleanUp);

type Fields = { [name: string]: unknown };

async function follow(client: Client): Promise<Fields[]> {
  const seen: Fields[] = [];
  client.onRecord((received) => {
    if (received.kind >> 8 >= 0x06) seen.push({ ...received.decoded() });
  });
  await client.subscribe({ own: true });
  return seen;
}

async function fillOne(engine: RunningEngine): Promise<Fields[]> {
  const client = await connectAs(engine, "trader");
  const seen = await follow(client);
  const isFill = (one: Fields): boolean => one["kind"] === Kind.Fill;
  let againAt = 0;
  await until(
    () => {
      if (seen.some(isFill)) return true;
      if (performance.now() > againAt) {
        client.order({ instrument: "SIM-BTC", side: "buy", type: "market", qty: 10 });
        againAt = performance.now() + AGAIN_MILLIS;
      }
      return false;
    },
    FILL_MILLIS_MAX,
    "a fill at the venue",
  );
  client.close();
  return seen;
}

test("an order goes to the venue and comes back as a fill and a position", async () => {
  const dataDir = temporaryFolder("routed");
  const engine = await startEngine(dataDir, ROUTED);
  expect(engine.stdout()).toMatch(/SIMULATED market, routed orders/);
  const seen = await fillOne(engine);
  const kinds = seen.map((one) => one["kind"]);
  expect(kinds).toContain(Kind.OrderPending);
  expect(kinds).toContain(Kind.PositionChanged);
  const fill = seen.find((one) => one["kind"] === Kind.Fill)!;
  expect(fill["execution"]).toBe(Execution.Routed);
  expect(fill["venueId"], "the venue's own id").toBeGreaterThan(0n);

  await endEngine(engine, "SIGKILL");
  const again = await startEngine(dataDir, ROUTED);
  const client = await connectAs(again, "trader");
  const state = await follow(client);
  await until(
    () =>
      state.some((one) => one["kind"] === Kind.StateQueryEnd || one["kind"] === Kind.PositionState),
    FILL_MILLIS_MAX,
    "the snapshot",
  );
  const held = state.find((one) => one["kind"] === Kind.PositionState);
  expect(Number(held?.["lots"]), "the position is there after a crash").toBeGreaterThan(0);
  client.close();
  await fillOne(again);
  await endEngine(again, "SIGTERM");
  const verify = await alphapulse(["journal", "verify", "--data-dir", dataDir], dataDir);
  expect(verify.code, verify.stdout + verify.stderr).toBe(0);
}, 180_000);
