// A gateway on real sockets over real rings, and a hand that plays the engine behind it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { AckLevel, FRAME_HEADER_BYTES, FrameType, Kind, Right } from "../../../asm/vocab.ts";
import { keyPath, loadClientKey, openKeys } from "../../../src/access/keys.ts";
import { TokenStore } from "../../../src/access/tokens.ts";
import type { EngineDoor } from "../../../src/gateway/door.ts";
import { Hub } from "../../../src/gateway/hub.ts";
import type { HubLimits } from "../../../src/gateway/hub.ts";
import { openGateway } from "../../../src/gateway/server.ts";
import type { Gateway, GatewayOptions } from "../../../src/gateway/server.ts";
import {
  controlFrame,
  decode,
  encode,
  frameError,
  loginBytes,
  PROTOCOL_VERSION,
  readFrameHeader,
  readServerMessage,
  recordBytes,
  writeFrameHeader,
} from "../../../src/protocol.ts";
import type {
  ClientMessage,
  DecodedRecord,
  FrameHeader,
  RecordFields,
  ReferenceData,
  ServerMessage,
} from "../../../src/protocol.ts";
import { Ring, ringBytes } from "../../../src/rings/ring.ts";

export const ACCOUNT = 7;
export const REFERENCE: ReferenceData = {
  instruments: [
    {
      id: 1,
      symbol: "SIM-BTC",
      kind: 1,
      execution: 2,
      venue: 1,
      base: 1,
      quote: 2,
      settlement: 2,
      tickMantissa: "1",
      tickExponent: -2,
      lotMantissa: "1",
      lotExponent: -4,
      simulated: true,
    },
  ],
  currencies: [{ id: 2, code: "USD", minorExponent: -2 }],
  timeframes: [{ instrument: 0, slot: 0, candleType: 0, periodMillis: 60_000 }],
  indicators: [],
  strategies: [],
};

export interface Frame {
  header: FrameHeader;
  message: ServerMessage | undefined;
  records: DecodedRecord[];
}

/** The engine's side: rings to read, outputs to write. */
export class Engine implements EngineDoor {
  readonly control = ring(256);
  readonly command = ring(256);
  readonly feed = ring(2048);
  turns = 0;
  forming: RecordFields | undefined;
  private readonly out = new Uint8Array(new SharedArrayBuffer(1 << 20));
  private readonly outView = new DataView(this.out.buffer);
  private end = 0;

  schedule(): void {
    this.turns += 1;
  }

  peekCandle(instrument: number, timeframe: number, done: (v: DataView, at: number) => void): void {
    if (this.forming === undefined) return;
    const view = new DataView(new ArrayBuffer(256));
    encode(view, 64, Kind.CandleForming, { ...this.forming, instrument, timeframe });
    done(view, 64);
  }

  reference(): ReferenceData {
    return REFERENCE;
  }

  /** Where the clock stands; undefined = it runs. */
  heldNanos: number | undefined;

  readonly clockNanos = (): number => this.heldNanos ?? performance.now() * 1e6;

  emit(kind: Kind, fields: RecordFields): void {
    this.end += encode(this.outView, this.end, kind, fields);
  }

  /** Gives the sink what was emitted and flushes the levels of an ordinary turn. */
  turn(hub: Hub, levels = [AckLevel.Memory, AckLevel.Written], sequence = 0): void {
    hub.collect(this.out, this.outView, 0, this.end);
    this.end = 0;
    for (const level of levels) hub.flush(level, sequence);
  }

  static take(from: Ring): DecodedRecord[] {
    const records: DecodedRecord[] = [];
    for (let at = from.next(); at >= 0; at = from.next()) {
      records.push(decode(from.view, at));
      from.skip(from.cellsAt(at));
    }
    from.release();
    return records;
  }
}

function ring(cells: number): Ring {
  return Ring.create(new SharedArrayBuffer(ringBytes(cells)), 0, cells);
}

/** A running gateway with its engine, keys and tokens. */
export interface Stage {
  engine: Engine;
  hub: Hub;
  gateway: Gateway;
  tokens: TokenStore;
  dataDir: string;
  now: { millis: number };
  close(): Promise<void>;
}

export async function openStage(
  prefer: "uws" | "ws",
  options: Partial<GatewayOptions> = {},
  limits: Partial<HubLimits> = {},
): Promise<Stage> {
  const dataDir = mkdtempSync(join(tmpdir(), "alphapulse-gateway-"));
  const now = { millis: 1_700_000_000_000 };
  const wallMillis = (): number => now.millis;
  const keys = openKeys(dataDir, { account: ACCOUNT, tenant: 3 });
  const tokens = new TokenStore(wallMillis);
  const engine = new Engine();
  const rules = {
    keys,
    tokens,
    engine: "alphapulse",
    build: "test",
    mode: "paper",
    simulated: true,
    run: "run-1",
    wallMillis,
  };
  const hub = new Hub(engine, rules, limits);
  const gateway = await openGateway({
    prefer,
    host: "127.0.0.1",
    port: 0,
    hosts: [],
    origins: [],
    connectionsMax: 100,
    page: { folder: undefined, metrics: () => "alphapulse_up 1\n", unready: () => "" },
    handler: hub,
    ...options,
  });
  const close = async (): Promise<void> => {
    hub.close();
    await gateway.close();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { engine, hub, gateway, tokens, dataDir, now, close };
}

/** A bare client: frames in, frames out, nothing understood. */
export class Peer {
  readonly frames: Frame[] = [];
  readonly ws: WebSocket;
  closed: { code: number; reason: string } | undefined;
  private waiting: (() => void)[] = [];

  constructor(stage: Stage, headers: Record<string, string> = {}) {
    this.ws = new WebSocket(`ws://127.0.0.1:${stage.gateway.port}/stream`, {
      headers,
      perMessageDeflate: false,
    });
    this.ws.binaryType = "arraybuffer";
    this.ws.on("message", (data) => {
      this.frames.push(readFrame(new Uint8Array(data as ArrayBuffer)));
      this.wake();
    });
    this.ws.on("error", () => undefined);
    this.ws.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.wake();
    });
  }

  private wake(): void {
    for (const done of this.waiting.splice(0)) done();
  }

  /** Waits until the condition gives a value. */
  async until<T>(condition: () => T | undefined | false, what = "condition"): Promise<T> {
    const end = performance.now() + 30_000;
    for (;;) {
      const value = condition();
      if (value !== undefined && value !== false) return value;
      const left = end - performance.now();
      if (left <= 0) throw new Error(`${what} did not come; have ${this.describe()}`);
      await new Promise<void>((done) => {
        const timer = setTimeout(done, Math.min(left, 100));
        this.waiting.push(() => {
          clearTimeout(timer);
          done();
        });
      });
    }
  }

  message<T extends ServerMessage["type"]>(
    type: T,
    test: (message: Extract<ServerMessage, { type: T }>) => boolean = () => true,
  ): Promise<Extract<ServerMessage, { type: T }>> {
    return this.until(() => {
      const found = this.frames.find(
        ({ message }) =>
          message?.type === type && test(message as Extract<ServerMessage, { type: T }>),
      );
      return found?.message as Extract<ServerMessage, { type: T }> | undefined;
    }, type);
  }

  /** Frames of records of one stream. */
  of(stream: number): Frame[] {
    return this.frames.filter(({ header }) => {
      return header.type !== FrameType.Control && header.stream === stream;
    });
  }

  records(stream: number): DecodedRecord[] {
    return this.of(stream).flatMap(({ records }) => records);
  }

  send(message: ClientMessage): void {
    this.ws.send(controlFrame(message));
  }

  push(...records: [Kind, RecordFields][]): void {
    this.ws.send(recordFrame(records));
  }

  async login(stage: Stage, name = "trader", level: AckLevel = AckLevel.Written): Promise<this> {
    const { nonce } = await this.message("challenge");
    const key = loadClientKey(keyPath(stage.dataDir, name));
    const host = `127.0.0.1:${stage.gateway.port}`;
    const signature = key.sign(loginBytes(nonce, host, key.id));
    this.send({ type: "login", protocol: PROTOCOL_VERSION, keyId: key.id, signature, level });
    await this.message("welcome");
    await this.message("reference");
    return this;
  }

  gone(): Promise<{ code: number; reason: string }> {
    return this.until(() => this.closed, "close");
  }

  private describe(): string {
    const seen = this.frames.map(({ message, header }) => message?.type ?? `frame ${header.type}`);
    const errors = this.frames.flatMap(({ message }) =>
      message?.type === "error" ? [`${message.name}: ${message.what}`] : [],
    );
    return `${seen.join(" ")} ${errors.join("; ")} closed=${JSON.stringify(this.closed)}`;
  }
}

export function recordFrame(records: [Kind, RecordFields][]): Uint8Array {
  const bytes = new Uint8Array(65536);
  const view = new DataView(bytes.buffer);
  let end: number = FRAME_HEADER_BYTES;
  for (const [kind, fields] of records) end += encode(view, end, kind, fields);
  writeFrameHeader(view, {
    type: FrameType.Records,
    level: 0,
    bytes: end,
    streamSequence: 1,
    stream: 0,
    records: records.length,
    sentNanos: 0,
  });
  return bytes.slice(0, end);
}

function readFrame(bytes: Uint8Array): Frame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const refusal = frameError(view, bytes.length);
  if (refusal !== 0) throw new Error(`the server sent a bad frame: ${refusal}`);
  const header = readFrameHeader(view);
  if (header.type === FrameType.Control) {
    return { header, message: readServerMessage(bytes), records: [] };
  }
  const records: DecodedRecord[] = [];
  for (let at: number = FRAME_HEADER_BYTES; at < bytes.length; at += recordBytes(view, at)) {
    records.push(decode(view, at));
  }
  return { header, message: undefined, records };
}

export const TRADER_RIGHTS = Right.Read | Right.Trade;
