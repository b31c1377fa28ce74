// The contract of a gateway, for both servers, against real sockets.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  AckLevel,
  Flag,
  FrameType,
  Kind,
  OrderFlag,
  Refusal,
  Right,
  Scope,
} from "../../../asm/vocab.ts";
import { keyPath, loadClientKey } from "../../../src/access/keys.ts";
import { loginBytes, PROTOCOL_VERSION } from "../../../src/protocol.ts";
import { ACCOUNT, Engine, openStage, Peer, recordFrame } from "./harness.ts";
import type { Stage } from "./harness.ts";

interface HttpReply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

function http(stage: Stage, path: string, headers = {}, method = "GET"): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    // Not fetch: it would tidy the path up before it is sent.
    const { port } = stage.gateway;
    const sent = request({ host: "127.0.0.1", port, path, headers, method }, (res) => {
      let body = "";
      res.on("data", (chunk) => (body += String(chunk)));
      res.on("end", () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

const order = {
  instrument: 1,
  clientId: 5n,
  priceTicks: 100,
  qtyLots: 2,
  type: 2,
  side: 1,
  tif: 1,
};
const accepted = (clientId: bigint, cause = 1n): Record<string, number | bigint> => ({
  account: ACCOUNT,
  clientId,
  cause,
  instrument: 1,
});

describe.each(["uws", "ws"] as const)("gateway on %s", (prefer) => {
  let stage: Stage;
  const peers: Peer[] = [];
  const folder = mkdtempSync(join(tmpdir(), "alphapulse-page-"));

  beforeAll(async () => {
    writeFileSync(join(folder, "index.html"), "<!doctype html><title>page</title>");
    mkdirSync(join(folder, "assets"));
    writeFileSync(join(folder, "assets", "main.js"), "export {};");
    writeFileSync(join(folder, ".secret"), "hidden");
    writeFileSync(join(folder, "..", "alphapulse-outside.txt"), "outside");
    symlinkSync("/etc/hostname", join(folder, "link.txt"));
    stage = await openStage(
      prefer,
      { page: { folder, metrics: () => "alphapulse_up 1\n", unready: () => "recovering" } },
      { ownRecords: 64, historyCandles: 5 },
    );
  });
  afterEach(() => {
    for (const peer of peers.splice(0)) peer.ws.terminate();
    for (const ring of [stage.engine.command, stage.engine.feed, stage.engine.control]) {
      Engine.take(ring);
    }
  });
  afterAll(async () => {
    await stage.close();
    rmSync(folder, { recursive: true });
    rmSync(join(folder, "..", "alphapulse-outside.txt"));
  });

  const peer = (headers: Record<string, string> = {}): Peer => {
    const one = new Peer(stage, headers);
    peers.push(one);
    return one;
  };
  const origin = (): Record<string, string> => ({
    origin: `http://127.0.0.1:${stage.gateway.port}`,
  });
  const ownStream = async (one: Peer): Promise<void> => {
    one.send({ type: "subscribe", request: 9, own: {} });
    await one.message("subscribed");
    const [query] = await one.until(() => {
      const asked = Engine.take(stage.engine.command);
      return asked.length > 0 && asked;
    });
    stage.engine.emit(Kind.AccountState, { account: ACCOUNT, cashMinor: 100 });
    stage.engine.emit(Kind.StateQueryEnd, { account: ACCOUNT, session: Number(query!.session) });
    stage.engine.turn(stage.hub);
  };

  test("the server asked for is the one that runs", () => {
    expect(stage.gateway.name).toBe(prefer);
    expect(stage.gateway.notices).toEqual([]);
  });

  test("a key logs in and gets its account, rights and the reference data", async () => {
    const one = await peer().login(stage);
    const welcome = await one.message("welcome");
    expect(welcome).toMatchObject({
      account: ACCOUNT,
      tenant: 3,
      rights: Right.Read | Right.Trade,
    });
    expect((await one.message("reference")).instruments[0]?.symbol).toBe("SIM-BTC");
    expect((await one.message("challenge")).simulated).toBe(true);
  });

  test("a signature for another host does not log in, and five failures close", async () => {
    const one = peer();
    const { nonce } = await one.message("challenge");
    const key = loadClientKey(keyPath(stage.dataDir, "trader"));
    const signature = key.sign(loginBytes(nonce, "evil.example:8080", key.id));
    for (let failure = 1; failure <= 5; failure += 1) {
      one.send({ type: "login", protocol: PROTOCOL_VERSION, keyId: key.id, signature });
      const count = (): number => one.frames.filter((f) => f.message?.type === "error").length;
      await one.until(() => count() === failure, `refusal ${failure}`);
    }
    expect((await one.message("error")).code).toBe(Refusal.BadLogin);
    expect((await one.gone()).code).toBe(1008);
  });

  test("a token opens a page once, its resume token the next, an old one nothing", async () => {
    const { token } = stage.tokens.issue({ rights: Right.Read, account: ACCOUNT, tenant: 3 });
    const first = peer(origin());
    await first.message("challenge");
    first.send({ type: "login", protocol: PROTOCOL_VERSION, token });
    const { resumeToken, rights } = await first.message("welcome");
    expect(rights).toBe(Right.Read);
    const again = peer(origin());
    await again.message("challenge");
    again.send({ type: "login", protocol: PROTOCOL_VERSION, token });
    expect((await again.message("error")).code).toBe(Refusal.BadLogin);
    again.send({ type: "login", protocol: PROTOCOL_VERSION, token: resumeToken });
    await again.message("welcome");
    const late = stage.tokens.issue({ rights: Right.Read, account: 0, tenant: 0 });
    stage.now.millis = late.expiresMillis + 1;
    const last = peer(origin());
    await last.message("challenge");
    last.send({ type: "login", protocol: PROTOCOL_VERSION, token: late.token });
    expect((await last.message("error")).what).toMatch(/unknown, used or over/);
  });

  test("a token without Origin is refused", async () => {
    const { token } = stage.tokens.issue({ rights: Right.Read, account: 0, tenant: 0 });
    const one = peer();
    await one.message("challenge");
    one.send({ type: "login", protocol: PROTOCOL_VERSION, token });
    expect((await one.message("error")).code).toBe(Refusal.WrongOrigin);
  });

  test("a foreign Origin and a foreign Host get no socket", async () => {
    for (const headers of [{ origin: "http://evil.example" }, { host: "evil.example" }]) {
      const one = peer(headers);
      await one.gone();
      expect(one.frames).toEqual([]);
    }
    expect((await http(stage, "/", { host: "evil.example" })).status).toBe(421);
  });

  test("nothing but a login is taken before the login", async () => {
    const one = peer();
    await one.message("challenge");
    one.push([Kind.OrderNew, order]);
    expect((await one.message("error")).code).toBe(Refusal.NotLoggedIn);
    expect(Engine.take(stage.engine.command)).toEqual([]);
  });

  test("an order reaches the ring with the login's account, not the writer's", async () => {
    const one = await peer().login(stage);
    const { session } = await one.message("welcome");
    const lies = {
      account: 99,
      tenant: 9,
      session: 4242,
      sequence: 5,
      cause: 6,
      flags: Flag.Timed,
    };
    one.push([Kind.OrderNew, { ...order, ...lies, tsEngineNanos: 7 }]);
    const [got] = await one.until(() => {
      const records = Engine.take(stage.engine.command);
      return records.length > 0 && records;
    });
    expect(got).toMatchObject({ account: ACCOUNT, tenant: 3, session, clientId: 5n, qtyLots: 2 });
    expect(got).toMatchObject({ sequence: 0n, cause: 0n, tsEngineNanos: 0n, flags: 1 });
  });

  test.each([
    ["feed", "trader", Kind.Trade, {}, Refusal.RightMissing],
    ["an order", "feed", Kind.OrderNew, order, Refusal.RightMissing],
    ["a limit", "trader", Kind.RiskLimits, {}, Refusal.RightMissing],
    ["a parent", "feed", Kind.ParentNew, {}, Refusal.RightMissing],
    ["a curve", "trader", Kind.VolumeCurve, {}, Refusal.RightMissing],
    [
      "the engine's flag",
      "trader",
      Kind.OrderNew,
      { orderFlags: OrderFlag.Engine },
      Refusal.FlagUnsupported,
    ],
    ["a global kill", "trader", Kind.KillSwitch, { scope: Scope.Global }, Refusal.ScopeInvalid],
    ["a global mass cancel", "trader", Kind.MassCancel, {}, Refusal.ScopeInvalid],
    ["a clock", "admin", Kind.ClockBase, {}, Refusal.KindNotAllowed],
  ])(
    "%s from the wrong key is refused: nothing of its frame goes in",
    async (_, key, kind, fields, code) => {
      const one = await peer().login(stage, key);
      const good: [Kind, object] = key === "trader" ? [Kind.OrderNew, order] : [Kind.Trade, {}];
      const before = key === "admin" ? [] : [good as [Kind, Record<string, number>]];
      one.push(...before, [kind, fields]);
      const error = await one.message("error");
      expect(error.code).toBe(code);
      expect(error.what, "names the place").toContain(`record ${before.length} (`);
      expect(Engine.take(stage.engine.command)).toEqual([]);
      expect(Engine.take(stage.engine.feed)).toEqual([]);
    },
  );

  test("a trader's kill switch carries its own account", async () => {
    const one = await peer().login(stage);
    one.push([Kind.KillSwitch, { scope: Scope.Account, state: 1, account: 99 }]);
    const [got] = await one.until(() => {
      const records = Engine.take(stage.engine.control);
      return records.length > 0 && records;
    });
    expect(got).toMatchObject({ account: ACCOUNT, state: 1, scope: Scope.Account });
  });

  test("market data from a feed key reaches the feed ring whole, across a wrap", async () => {
    const one = await peer().login(stage, "feed");
    const many = Array.from({ length: 900 }, (_, id): [Kind, Record<string, number>] => [
      Kind.Trade,
      { instrument: 1, priceTicks: 100 + id, qtyLots: 1, id },
    ]);
    const got: unknown[] = [];
    for (let round = 0; round < 5; round += 1) {
      one.push(...many);
      await one.until(() => {
        got.push(...Engine.take(stage.engine.feed).map((record) => record.id));
        return got.length >= 900 * (round + 1);
      });
    }
    expect(got).toEqual(Array.from({ length: 4500 }, (_, n) => BigInt(n % 900)));
    for (let round = 0; round < 3; round += 1) one.push(...many);
    expect((await one.message("error")).code, "the third does not fit").toBe(Refusal.RingFull);
    expect(Engine.take(stage.engine.feed).length).toBe(1800);
  });

  test("malformed frames are told by reason, and seventeen close", async () => {
    const one = await peer().login(stage);
    const good = recordFrame([[Kind.OrderNew, order]]);
    const changed = (at: number, value: number): Uint8Array => {
      const copy = good.slice();
      copy[at] = value;
      return copy;
    };
    const cases: [Uint8Array, Refusal][] = [
      [new Uint8Array(0), Refusal.MalformedFrame],
      [good.slice(0, 31), Refusal.MalformedFrame],
      [changed(0, 1), Refusal.MalformedFrame],
      [changed(1, 9), Refusal.MalformedFrame],
      [changed(2, 77), Refusal.MalformedFrame],
      [changed(4, 1), Refusal.WrongLength],
      [changed(20, 2), Refusal.WrongLength],
      [changed(32, 0xff), Refusal.UnknownKind],
      [changed(34, 0), Refusal.WrongLength],
      [good.slice(0, 100), Refusal.WrongLength],
    ];
    for (const [bytes, code] of cases) {
      one.frames.length = 0;
      one.ws.send(bytes);
      const error = await one.message("error");
      expect(Refusal[error.code], `${error.what}: ${error.remedy}`).toBe(Refusal[code]);
      expect(error.remedy.length).toBeGreaterThan(5);
    }
    one.frames.length = 0;
    one.ws.send("text");
    expect((await one.message("error")).what).toBe("a text message");
    expect(Engine.take(stage.engine.command), "nothing went in").toEqual([]);
    for (let count = cases.length + 1; count < 17; count += 1) one.ws.send(new Uint8Array(3));
    expect(await one.gone()).toMatchObject({ code: 1008, reason: "more than 16 malformed frames" });
  });

  test("an oversize message closes the connection", async () => {
    const one = await peer().login(stage);
    one.ws.send(new Uint8Array(65537));
    await one.gone();
  });

  test("a control message of the wrong shape is told with the place", async () => {
    const one = await peer().login(stage);
    one.send({ type: "candles", request: 1, instrument: 1, timeframe: 0, count: 0 });
    expect((await one.message("error")).what).toMatch(/^count: /);
    one.frames.length = 0;
    one.send({ type: "subscribe", request: 2, market: { instrument: 55, ticks: true } });
    expect(await one.message("error")).toMatchObject({
      code: Refusal.UnknownInstrument,
      request: 2,
    });
  });

  test("a subscription begins with the state and goes on with numbered changes", async () => {
    const { engine, hub } = stage;
    for (let index = 0; index < 8; index += 1) {
      engine.emit(Kind.CandleClosed, {
        instrument: 1,
        timeframe: 0,
        index,
        closeTicks: 10 + index,
      });
    }
    engine.emit(Kind.TopOfBook, { instrument: 1, bidTicks: 99, askTicks: 101 });
    engine.emit(Kind.IndicatorValue, { instrument: 1, slot: 2, value1: 0.5 });
    engine.turn(hub);
    engine.forming = { closeTicks: 77 };
    const one = await peer().login(stage);
    const market = { instrument: 1, ticks: true, candles: [0], indicators: true, forming: true };
    one.send({ type: "subscribe", request: 3, market });
    const { stream, snapshotRecords } = await one.message("subscribed");
    expect(snapshotRecords, "5 of history, 1 value, 1 top of book").toBe(7);
    await one.until(() => one.records(stream).length >= 8);
    engine.emit(Kind.TradePrint, { instrument: 1, priceTicks: 100, id: 1 });
    engine.emit(Kind.TradePrint, { instrument: 2, priceTicks: 100, id: 2 });
    engine.emit(Kind.Signal, { instrument: 1 });
    engine.turn(hub, [AckLevel.Memory]);
    engine.emit(Kind.TradePrint, { instrument: 1, priceTicks: 101, id: 3 });
    engine.turn(hub);
    await one.until(() => one.records(stream).some(({ id }) => id === 3n));
    const [snapshot, ...changes] = one.of(stream);
    expect(snapshot?.header).toMatchObject({ type: FrameType.Snapshot, streamSequence: 1 });
    const closes = snapshot!.records.filter(({ name }) => name === "CandleClosed");
    expect(closes.map(({ index }) => index)).toEqual([3n, 4n, 5n, 6n, 7n]);
    const flat = changes.flatMap(({ header, records }) =>
      records.map((record, index) => [header.streamSequence + index, record.name, record.id]),
    );
    const prints = flat.filter(([, name]) => name === "TradePrint");
    expect(
      prints.map(([, , id]) => id),
      "only what was asked for",
    ).toEqual([1n, 3n]);
    expect(flat.map(([number]) => number)).toEqual(flat.map((_, index) => index + 1));
    expect(flat.some(([, name]) => name === "CandleForming")).toBe(true);
    engine.forming = undefined;
    one.send({ type: "candles", request: 4, instrument: 1, timeframe: 0, count: 3 });
    expect((await one.message("history")).records.length).toBe(3 * 128);
    one.send({ type: "unsubscribe", request: 5, stream });
    await one.message("unsubscribed");
    one.send({ type: "unsubscribe", request: 6, stream });
    expect((await one.message("error")).code).toBe(Refusal.UnknownStream);
  });

  test("own events: snapshot, then each level at its time, durable only when it is", async () => {
    const { engine, hub } = stage;
    const memory = await peer().login(stage, "trader", AckLevel.Memory);
    const written = await peer().login(stage, "trader", AckLevel.Written);
    const durable = await peer().login(stage, "trader", AckLevel.Durable);
    for (const one of [memory, written, durable]) await ownStream(one);
    hub.flush(AckLevel.Durable, 100);
    for (const one of [memory, written, durable]) {
      await one.until(() => one.records(0).at(-1)?.name === "StateQueryEnd");
      expect(one.of(0)[0]?.header.type).toBe(FrameType.Snapshot);
    }
    const events = (one: Peer): unknown[] =>
      one.records(0).flatMap(({ name, clientId }) => (name === "OrderAccepted" ? [clientId] : []));
    engine.emit(Kind.OrderAccepted, accepted(1n, 101n));
    engine.emit(Kind.OrderAccepted, accepted(2n, 102n));
    engine.emit(Kind.OrderAccepted, { ...accepted(3n, 102n), account: 8 });
    engine.turn(hub, [AckLevel.Memory]);
    await memory.until(() => events(memory).length === 2);
    await new Promise((done) => setTimeout(done, 120));
    expect(events(written), "not before the journal has it").toEqual([]);
    hub.flush(AckLevel.Written, 0);
    await written.until(() => events(written).length === 2);
    hub.flush(AckLevel.Durable, 101);
    await durable.until(() => events(durable).length === 1);
    await new Promise((done) => setTimeout(done, 120));
    expect(events(durable), "102 is not on disk").toEqual([1n]);
    hub.flush(AckLevel.Durable, 102);
    await durable.until(() => events(durable).length === 2);
    expect(events(memory), "of its own account only").toEqual([1n, 2n]);
    expect(durable.of(0).at(-1)?.header.level).toBe(AckLevel.Durable);
  });

  test("own events go on where a lost connection stopped, or begin with a snapshot", async () => {
    const { engine, hub } = stage;
    const first = await peer().login(stage);
    await ownStream(first);
    engine.emit(Kind.OrderAccepted, accepted(11n));
    engine.turn(hub);
    await first.until(() => first.records(0).some(({ clientId }) => clientId === 11n));
    const after = first.of(0).at(-1).header.streamSequence;
    first.ws.terminate();
    engine.emit(Kind.OrderAccepted, accepted(12n));
    engine.emit(Kind.Fill, accepted(12n));
    engine.turn(hub);
    const second = await peer().login(stage);
    second.send({ type: "subscribe", request: 1, own: { run: "run-1", after } });
    expect(await second.message("subscribed")).toMatchObject({
      resumed: true,
      nextSequence: after + 1,
    });
    await second.until(() => second.records(0).length === 2);
    expect(second.records(0).map(({ name }) => name)).toEqual(["OrderAccepted", "Fill"]);
    for (let id = 0; id < 100; id += 1) engine.emit(Kind.OrderAccepted, accepted(BigInt(id + 50)));
    engine.turn(hub);
    for (const own of [
      { run: "run-1", after },
      { run: "run-0", after: after + 100 },
    ]) {
      const late = await peer().login(stage);
      late.send({ type: "subscribe", request: 1, own });
      expect((await late.message("subscribed")).resumed, JSON.stringify(own)).toBe(false);
    }
  });

  test("an explicit StateQuery is answered by a snapshot behind earlier events", async () => {
    const { engine, hub } = stage;
    const one = await peer().login(stage);
    await ownStream(one);
    await one.until(() => one.of(0).length === 1);
    const { session } = await one.message("welcome");
    engine.emit(Kind.OrderAccepted, accepted(21n));
    engine.emit(Kind.StateQueryEnd, { account: ACCOUNT, session });
    engine.emit(Kind.OrderAccepted, accepted(22n));
    engine.turn(hub);
    await one.until(() => one.records(0).some(({ clientId }) => clientId === 22n));
    const order = one.of(0).map(({ header, records }) => [header.type, records.length]);
    expect(order.slice(1)).toEqual([
      [FrameType.Records, 1],
      [FrameType.Snapshot, 1],
      [FrameType.Records, 1],
    ]);
  });

  test("a slow reader's market data is conflated, and told so", async () => {
    const { engine, hub } = stage;
    const one = await peer().login(stage);
    one.send({ type: "subscribe", request: 1, market: { instrument: 1, ticks: true } });
    const { stream } = await one.message("subscribed");
    one.ws.pause();
    let sent = 0;
    const before = hub.counters.recordsConflated;
    const turn = (): void => {
      for (let index = 0; index < 500; index += 1) {
        engine.emit(Kind.TradePrint, { instrument: 1, id: sent++ });
      }
      engine.turn(hub);
    };
    for (let turns = 0; turns < 400; turns += 1) {
      turn();
      if (turns % 10 === 0) await new Promise((done) => setImmediate(done));
    }
    one.ws.resume();
    await one.until(() => one.of(stream).some(({ header }) => header.type === FrameType.Conflated));
    turn();
    await one.until(() => one.records(stream).at(-1)?.id === BigInt(sent - 1));
    const frames = one.of(stream).filter(({ header }) => header.type !== FrameType.Snapshot);
    let next = 1;
    let lost = 0;
    for (const { header, records } of frames) {
      if (header.type === FrameType.Conflated) {
        expect(header.streamSequence).toBeGreaterThan(next);
        lost += header.streamSequence - next;
        next = header.streamSequence;
        expect(
          records.some(({ name }) => name === "TradePrint"),
          "carries the state",
        ).toBe(true);
      } else {
        expect(header.streamSequence, "no gap that is not told").toBe(next);
        next += records.length;
      }
    }
    expect(next - 1, "every record is counted").toBe(sent);
    expect(hub.counters.recordsConflated - before).toBe(lost);
  });

  test("a slow reader of own events is closed, never skipped", async () => {
    const { engine, hub } = stage;
    const one = await peer().login(stage);
    await ownStream(one);
    await one.until(() => one.of(0).length === 1);
    one.ws.pause();
    const before = hub.counters.slowClosed;
    let id = 0n;
    for (let turns = 0; turns < 4000 && hub.counters.slowClosed === before; turns += 1) {
      for (let index = 0; index < 60; index += 1) engine.emit(Kind.Fill, accepted((id += 1n)));
      engine.turn(hub);
      if (turns % 20 === 0) await new Promise((done) => setImmediate(done));
    }
    expect(hub.counters.slowClosed, "the bound was reached").toBe(before + 1);
    one.ws.resume();
    await one.gone();
    expect((await one.message("error")).code).toBe(Refusal.SlowConsumer);
    const fills = one.of(0).filter(({ header }) => header.type === FrameType.Records);
    let next = fills[0]!.header.streamSequence;
    for (const { header, records } of fills) {
      expect(header.streamSequence).toBe(next);
      next += records.length;
    }
  });

  test("a paced subscription is packed", async () => {
    const { engine, hub } = stage;
    const one = await peer().login(stage);
    const market = { instrument: 1, ticks: true, intervalMillis: 200 };
    one.send({ type: "subscribe", request: 1, market });
    const { stream } = await one.message("subscribed");
    // Held, so that the interval lasts until all of them are made, however slow the machine.
    engine.heldNanos = engine.clockNanos();
    for (let id = 100; id < 120; id += 1) {
      engine.emit(Kind.TradePrint, { instrument: 1, id });
      engine.turn(hub);
    }
    await one.until(() => one.records(stream).some((record) => record.id === 100n));
    engine.heldNanos = undefined;
    await one.until(() => one.records(stream).some((record) => record.id === 119n));
    expect(one.of(stream).length, "snapshot, first, rest").toBe(3);
  });

  test("health, metrics and files; nothing outside the folder", async () => {
    expect(await http(stage, "/health/live")).toMatchObject({ status: 200, body: "live\n" });
    const ready = await http(stage, "/health/ready");
    expect(ready).toMatchObject({ status: 503, body: "not ready: recovering\n" });
    expect((await http(stage, "/metrics")).body).toBe("alphapulse_up 1\n");
    const page = await http(stage, "/?x=1");
    expect(page.body).toContain("<title>page</title>");
    expect(page.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
      "x-content-type-options": "nosniff",
    });
    expect(page.headers["content-security-policy"]).toContain("default-src 'self'");
    const script = await http(stage, "/assets/main.js");
    expect(script.headers["content-type"]).toBe("text/javascript; charset=utf-8");
    const head = await http(stage, "/", {}, "HEAD");
    expect([head.status, head.body]).toEqual([200, ""]);
    expect((await http(stage, "/", {}, "POST")).status).toBe(405);
    for (const path of [
      "/../alphapulse-outside.txt",
      "/assets/../../alphapulse-outside.txt",
      "/%2e%2e/alphapulse-outside.txt",
      "/..%2falphapulse-outside.txt",
      "//etc/hostname",
      "/.secret",
      "/link.txt",
      "/assets",
      "/__proto__",
    ]) {
      expect((await http(stage, path)).status, path).toBe(404);
    }
  });

  test("a taken port moves on to the next and says so", async () => {
    const blocker = createServer();
    await new Promise<void>((done) => blocker.listen(0, "127.0.0.1", done));
    const { port } = blocker.address() as AddressInfo;
    const other = await openStage(prefer, { port });
    const third = await openStage(prefer, { port });
    expect(other.gateway.port).toBeGreaterThan(port);
    expect(other.gateway.notices[0]).toContain(`port ${port} is taken`);
    expect(third.gateway.port, "two engines do not share a port").toBeGreaterThan(
      other.gateway.port,
    );
    await third.close();
    await other.close();
    await new Promise((done) => blocker.close(done));
  });

  test("more connections than the limit are turned away", async () => {
    const small = await openStage(prefer, { connectionsMax: 1 });
    const first = new Peer(small);
    await first.message("challenge");
    const second = new Peer(small);
    await second.gone();
    expect(second.frames).toEqual([]);
    await small.close();
    await first.gone();
  });
});
