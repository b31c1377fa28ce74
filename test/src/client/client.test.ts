// The client against a real gateway, on both servers.
import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  Algorithm,
  Kind,
  OrderType,
  Refusal,
  Right,
  Scope,
  Side,
  TimeInForce,
} from "../../../asm/vocab.ts";
import { keyPath } from "../../../src/access/keys.ts";
import { connect } from "../../../src/client/index.ts";
import type { Client, ConnectOptions, Gap, Received } from "../../../src/client/index.ts";
import { ACCOUNT, Engine, openStage } from "../gateway/harness.ts";
import type { Stage } from "../gateway/harness.ts";
import type { DecodedRecord } from "../../../src/protocol.ts";

async function until<T>(condition: () => T | undefined | false): Promise<T> {
  const end = performance.now() + 30_000;
  for (;;) {
    const value = condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`did not come: ${condition.toString()}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}

describe.each(["uws", "ws"] as const)("client of a gateway on %s", (prefer) => {
  let stage: Stage;
  const clients: Client[] = [];
  beforeAll(async () => {
    stage = await openStage(prefer);
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });
  afterAll(() => stage.close());

  const open = async (name = "trader", options: ConnectOptions = {}): Promise<Client> => {
    const key = readFileSync(keyPath(stage.dataDir, name), "utf8");
    const client = await connect(stage.gateway.url, { key, ...options });
    clients.push(client);
    return client;
  };
  const commands = (count: number): Promise<DecodedRecord[]> => {
    const all: DecodedRecord[] = [];
    return until(() => {
      all.push(...Engine.take(stage.engine.command));
      return all.length >= count && all;
    });
  };
  /** Answers the StateQuery that a subscription to own events asks for. */
  const answerQuery = async (): Promise<void> => {
    const [query] = await commands(1);
    stage.engine.emit(Kind.AccountState, { account: ACCOUNT, cashMinor: 100 });
    stage.engine.emit(Kind.StateQueryEnd, { account: ACCOUNT, session: Number(query!.session) });
    stage.engine.turn(stage.hub);
  };

  test("logs in with a key and knows engine, account and instruments", async () => {
    const client = await open();
    expect(client.welcome).toMatchObject({ account: ACCOUNT, rights: Right.Read | Right.Trade });
    expect(client.challenge?.simulated).toBe(true);
    expect(client.instrumentOf("SIM-BTC").id).toBe(1);
    expect(() => client.instrumentOf("BTC")).toThrow(/no instrument BTC/);
    expect(await client.ping()).toBeLessThan(5000);
  });

  test("a key of another engine and a dead address are told in a line", async () => {
    const other = await openStage("ws");
    const key = readFileSync(keyPath(other.dataDir, "trader"), "utf8");
    await expect(connect(stage.gateway.url, { key })).rejects.toThrow(
      /BadLogin: key \w+ is unknown/,
    );
    await other.close();
    await expect(connect(other.gateway.url, { key })).rejects.toMatchObject({
      code: "CONNECT_FAILED",
    });
    await expect(connect(stage.gateway.url, { key: "no" })).rejects.toMatchObject({
      code: "KEY_INVALID",
    });
    await expect(connect(stage.gateway.url)).rejects.toMatchObject({ code: "LOGIN_MISSING" });
  });

  test("the printed address logs in with its token", async () => {
    const { token } = stage.tokens.issue({ rights: Right.Read, account: 0, tenant: 0 });
    const origin = stage.gateway.url.slice(0, -1);
    const client = await connect(`${stage.gateway.url}#token=${token}`, { origin });
    clients.push(client);
    expect(client.welcome?.rights).toBe(Right.Read);
  });

  test("market data comes raw and decoded, numbered", async () => {
    const client = await open();
    const seen: Received[] = [];
    const prices: unknown[] = [];
    client.onRecord((record) => {
      seen.push(record);
      prices.push(record.decoded().priceTicks);
    });
    const stream = await client.subscribe({ instrument: "SIM-BTC", ticks: true });
    for (const priceTicks of [101, 102]) {
      stage.engine.emit(Kind.TradePrint, { instrument: 1, priceTicks });
    }
    stage.engine.turn(stage.hub);
    await until(() => seen.length === 2);
    expect(prices).toEqual([101, 102]);
    expect(seen.map(({ sequence, kind }) => [sequence, kind])).toEqual([
      [1, Kind.TradePrint],
      [2, Kind.TradePrint],
    ]);
    expect(stream.next).toBe(3);
    await stream.close();
  });

  test("orders in text become ticks and lots; amends, cancels and switches follow", async () => {
    const client = await open();
    const side = "buy" as const;
    const base = { instrument: "SIM-BTC", side, type: "limit" as const };
    const clientId = client.order({ ...base, qty: "0.5", price: "100.25", tag: 4n });
    client.amend({ instrument: 1, clientId, price: "100.5" });
    client.cancel("SIM-BTC", clientId);
    client.massCancel("SIM-BTC", Side.Sell);
    const got = await commands(4);
    expect(got.map(({ name }) => name)).toEqual([
      "OrderNew",
      "OrderAmend",
      "OrderCancel",
      "MassCancel",
    ]);
    expect(got[0]).toMatchObject({
      account: ACCOUNT,
      clientId,
      priceTicks: 10025,
      qtyLots: 5000,
      type: OrderType.Limit,
      tif: TimeInForce.Gtc,
      side: Side.Buy,
      tag: 4n,
    });
    expect(got[1]).toMatchObject({ clientId, priceTicks: 10050, fields: 1 });
    expect(got[3]).toMatchObject({
      scope: Scope.AccountInstrument,
      side: Side.Sell,
      instrument: 1,
    });
    expect(() => client.order({ ...base, qty: "1", price: "0.001" })).toThrow(/multiple of 0.01/);
    client.kill();
    const [kill] = await until(() => {
      const records = Engine.take(stage.engine.control);
      return records.length > 0 && records;
    });
    expect(kill).toMatchObject({ account: ACCOUNT, state: 1, cancelOpen: 1 });
  });

  test("a parent travels with its algorithm, its times and the session that sent it", async () => {
    const client = await open();
    const base = { instrument: "SIM-BTC", side: "sell", qty: "0.5", tag: 6n } as const;
    const shortfall = { riskAversion: 0.5, volatility: 2, impact: 3 };
    const clientId = client.parent({
      ...base,
      algorithm: "shortfall",
      limit: "100.25",
      endNanos: 9n,
      intervalMillis: 250,
      childMax: "0.1",
      shortfall,
    });
    client.cancelParent("SIM-BTC", clientId);
    const [parent, cancel] = await commands(2);
    expect(parent).toMatchObject({
      name: "ParentNew",
      account: ACCOUNT,
      clientId,
      algorithm: Algorithm.ImplementationShortfall,
      side: Side.Sell,
      qtyLots: 5000,
      limitTicks: 10025,
      childMaxLots: 1000,
      intervalNanos: 250_000_000,
      endNanos: 9n,
      ...shortfall,
      tag: 6n,
    });
    expect(parent!["session"], "stamped by the gateway").toBe(client.welcome!.session);
    expect(cancel).toMatchObject({ name: "ParentCancel", account: ACCOUNT, clientId });
  });

  test("the outcome of an order is its first own event", async () => {
    const client = await open();
    const own = client.subscribe({ own: true });
    await answerQuery();
    await own;
    const clientId = client.order({ instrument: 1, side: "sell", type: "market", qty: 3 });
    const outcome = client.outcome(clientId);
    const [sent] = await commands(1);
    expect(sent).toMatchObject({ tif: TimeInForce.Ioc, qtyLots: 3, side: Side.Sell });
    const denied = { account: ACCOUNT, clientId, reason: Refusal.KillSwitchOn };
    stage.engine.emit(Kind.OrderDenied, denied);
    stage.engine.turn(stage.hub);
    expect(await outcome).toMatchObject({ name: "OrderDenied", reason: Refusal.KillSwitchOn });
  });

  test("a feed publishes more than one frame holds", async () => {
    const client = await open("feed");
    const fields = { instrument: 1, priceTicks: 5, qtyLots: 1 };
    const records = Array.from({ length: 1500 }, (_, id) => ({
      kind: Kind.Trade,
      fields: { ...fields, id },
    }));
    client.publish(records);
    const ids: unknown[] = [];
    await until(() => {
      ids.push(...Engine.take(stage.engine.feed).map(({ id }) => id));
      return ids.length === 1500;
    });
    expect(ids).toEqual(records.map(({ fields }) => BigInt(fields.id)));
  });

  test("what the server refuses without a request is an error event", async () => {
    const client = await open();
    const errors: string[] = [];
    client.on("error", ({ name, remedy }) => errors.push(`${name}: ${remedy}`));
    client.publish([{ kind: Kind.Trade, fields: { instrument: 1 } }]);
    await until(() => errors.length > 0);
    expect(errors[0]).toMatch(/^RightMissing: log in with a key/);
    await expect(client.candles(1, 3, 0)).rejects.toMatchObject({ code: "MalformedFrame" });
  });

  test("after a loss it comes back, resumes own events and renews the rest", async () => {
    const client = await open();
    const states: string[] = [];
    const gaps: Gap[] = [];
    const events: unknown[] = [];
    client.on("status", ({ state }) => states.push(state));
    client.on("gap", (gap) => gaps.push(gap));
    client.onRecord((record) => {
      if (record.kind === Kind.OrderAccepted) events.push(record.decoded().clientId);
      if (record.kind === Kind.TradePrint && !record.isSnapshot) events.push("trade");
    });
    const own = client.subscribe({ own: true });
    await answerQuery();
    await own;
    await client.subscribe({ instrument: 1, ticks: true });
    stage.engine.emit(Kind.OrderAccepted, { account: ACCOUNT, clientId: 1n });
    stage.engine.turn(stage.hub);
    await until(() => events.length === 1);
    // The server goes away with all connections; events happen; it comes back on the same port.
    (client as unknown as { transport: { close(): void } }).transport.close();
    await until(() => states.includes("lost"));
    stage.engine.emit(Kind.OrderAccepted, { account: ACCOUNT, clientId: 2n });
    stage.engine.turn(stage.hub);
    await until(() => events.includes(2n));
    await until(() => client.welcome !== undefined && states.at(-1) === "open");
    await until(() => {
      stage.engine.emit(Kind.TradePrint, { instrument: 1, priceTicks: 1 });
      stage.engine.turn(stage.hub);
      return events.includes("trade");
    });
    expect(events.filter((event) => event !== "trade")).toEqual([1n, 2n]);
    expect(gaps).toEqual([]);
    expect(states).toEqual(["lost", "open"]);
  });
});
