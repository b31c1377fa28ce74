// The client of the journey: sends ticks by schedule and times the fills that come back.
//
// It spins, never waits for an answer, and sends every tick that is due, so a stall of either side
// shows in the latency of all ticks it delayed. All frames are made before the clock starts, and
// what comes in is read in place: a client that allocates would measure its own collections.
import { connect as connectTcp, type Socket } from "node:net";
import {
  AckLevel,
  CELL_BYTES,
  FILL_FILLED_LOTS,
  FILL_LEAVES_LOTS,
  FILL_PRICE_TICKS,
  FILL_QTY_LOTS,
  FILL_SIDE,
  FILL_TAG,
  FRAME_HEADER_BYTES,
  FRAME_RECORDS,
  FRAME_TYPE,
  FrameType,
  Kind,
  REC_FLAGS,
  REC_KIND,
  Side,
  TRADE_ID,
  TRADE_PRICE_TICKS,
} from "../asm/vocab.ts";
import { clientKey } from "../src/access/keys.ts";
import {
  controlFrame,
  encode,
  loginBytes,
  PROTOCOL_VERSION,
  readServerMessage,
  writeFrameHeader,
} from "../src/protocol.ts";
import type { ClientMessage, ServerMessage } from "../src/protocol.ts";
import { answerParent } from "./child.ts";
import { INSTRUMENT, tickTicks, type ClientRequest, type RunAnswer } from "./journey-plan.ts";

const HOST = "127.0.0.1";
const READ_BYTES = 1 << 18;
const HELD_BYTES = 1 << 22;
const ANSWER_MILLIS_MAX = 15_000;
/** After the last tick, the longest silence that is still waited out. */
const SILENCE_MILLIS_MAX = 15_000;
/** A tick on the wire: WebSocket header with a mask of zeros, frame header, record. */
const SOCKET_HEADER_BYTES = 6;
const TICK_BYTES = SOCKET_HEADER_BYTES + FRAME_HEADER_BYTES + CELL_BYTES;
const OP_BINARY = 2;
const OP_CLOSE = 8;
const OP_PING = 9;
/** Gaps of the spinning loop are counted by microsecond up to this. */
const GAP_MICROS_MAX = 200_000;
/** Between the request to run and the first tick. */
const LEAD_MILLIS = 20;

/** One run in progress. Everything a callback touches is made before the first tick. */
class Run {
  readonly micros: Float64Array;
  readonly gaps = new Uint32Array(GAP_MICROS_MAX + 1);
  readonly periodMillis: number;
  received = 0;
  sent = 0;
  frames = 0;
  denied = 0;
  fault = "";
  startMillis = 0;
  lastSentMillis = 0;
  lastHeardMillis = 0;
  private hashA = 0x811c9dc5;
  private hashB = 0x9e3779b9;
  readonly request: ClientRequest & { type: "run" };

  constructor(request: ClientRequest & { type: "run" }) {
    this.request = request;
    this.micros = new Float64Array(request.ticks);
    this.periodMillis = 1000 / request.ratePerSecond;
  }

  /** One record of an own event at `at`; returns its bytes. */
  record(view: DataView, at: number, nowMillis: number): number {
    const kind = view.getUint16(at + REC_KIND, true);
    const bytes = ((view.getUint16(at + REC_FLAGS, true) & 3) + 1) * CELL_BYTES;
    if (kind === Kind.Fill) this.fill(view, at, nowMillis);
    else if (!isExpected(kind)) this.denied += 1;
    return bytes;
  }

  private fill(view: DataView, at: number, nowMillis: number): void {
    this.mix(view.getUint32(at + FILL_PRICE_TICKS, true));
    this.mix(view.getUint32(at + FILL_QTY_LOTS, true));
    this.mix(view.getUint8(at + FILL_SIDE));
    const leaves = view.getUint32(at + FILL_LEAVES_LOTS, true);
    if (leaves !== 0 || view.getUint32(at + FILL_FILLED_LOTS, true) === 0) return;
    const signal = view.getUint32(at + FILL_TAG, true);
    const tick = signal - this.request.firstSignal;
    if (tick !== this.received && this.fault === "") {
      this.fault = `fill of tick ${tick} came, tick ${this.received} was next`;
    }
    this.micros[this.received] = (nowMillis - this.startMillis - tick * this.periodMillis) * 1000;
    this.received += 1;
    this.lastHeardMillis = nowMillis;
  }

  private mix(value: number): void {
    this.hashA = Math.imul(this.hashA ^ value, 0x01000193);
    this.hashB = Math.imul((this.hashB << 5) ^ (this.hashB >>> 27) ^ value, 0x85ebca6b);
  }

  answer(): RunAnswer {
    const { ticks, dropTicks, ratePerSecond } = this.request;
    const plannedMillis = ticks * this.periodMillis;
    const tookMillis = this.lastSentMillis - this.startMillis + this.periodMillis;
    const word = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");
    return {
      micros: this.micros.slice(dropTicks),
      lost: ticks - this.received,
      denied: this.denied,
      achievedPerSecond: ratePerSecond * Math.min(1, plannedMillis / tookMillis),
      hash: word(this.hashA) + word(this.hashB),
      frames: this.frames,
      gapP999Micros: gapPercentile(this.gaps, 0.999),
      gapMaxMicros: this.gaps.findLastIndex((count) => count > 0),
      fault: this.fault,
    };
  }
}

/** Own events of an order that trades at once; anything else is a refusal or a cancel. */
function isExpected(kind: number): boolean {
  return (
    kind === Kind.OrderAccepted || kind === Kind.PositionChanged || kind === Kind.BalanceChanged
  );
}

function gapPercentile(gaps: Uint32Array, p: number): number {
  let left = gaps.reduce((sum, count) => sum + count, 0) * (1 - p);
  for (let micros = GAP_MICROS_MAX; micros > 0; micros--) {
    left -= gaps[micros]!;
    if (left < 0) return micros;
  }
  return 0;
}

/** One connection: handshake, login, then frames read in place. */
class Connection {
  run: Run | undefined;
  private socket!: Socket;
  private readonly held = Buffer.alloc(HELD_BYTES);
  private readonly view = new DataView(this.held.buffer, this.held.byteOffset, HELD_BYTES);
  private end = 0;
  private isUpgraded = false;
  private hasState = false;
  private fault = "";
  private readonly messages: ServerMessage[] = [];

  async open(port: number, pem: string, level: AckLevel): Promise<void> {
    await new Promise<void>((done, fail) => {
      this.socket = connectTcp(
        {
          ...{ port, host: HOST, noDelay: true },
          onread: {
            buffer: Buffer.alloc(READ_BYTES),
            callback: (bytes, buffer) => this.take(bytes, buffer as Buffer),
          },
        },
        done,
      );
      this.socket.once("error", fail);
    });
    this.socket.on("error", (error) => this.fail(error.message));
    this.socket.on("close", () => this.fail("the connection was closed"));
    this.socket.write(
      `GET /stream HTTP/1.1\r\nHost: ${HOST}:${port}\r\nUpgrade: websocket\r\n` +
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    );
    const challenge = await this.message("challenge");
    const key = clientKey(pem);
    const signature = key.sign(loginBytes(challenge.nonce, `${HOST}:${port}`, key.id));
    this.send({ type: "login", protocol: PROTOCOL_VERSION, keyId: key.id, signature, level });
    await this.message("welcome");
    this.send({ type: "subscribe", request: 1, own: {} });
    await this.message("subscribed");
    await this.until(() => (this.hasState ? true : undefined), "the state of the account");
  }

  close(): void {
    this.socket.removeAllListeners("close");
    this.socket.destroy();
  }

  write(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  private fail(fault: string): void {
    if (this.fault === "") this.fault = fault;
    if (this.run !== undefined && this.run.fault === "") this.run.fault = fault;
  }

  private async message<T extends ServerMessage["type"]>(
    type: T,
  ): Promise<Extract<ServerMessage, { type: T }>> {
    return this.until(() => {
      const found = this.messages.find((message) => message.type === type);
      return found as Extract<ServerMessage, { type: T }> | undefined;
    }, type);
  }

  private async until<T>(look: () => T | undefined, what: string): Promise<T> {
    const endMillis = performance.now() + ANSWER_MILLIS_MAX;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.fault !== "") throw new Error(this.fault);
      if (performance.now() > endMillis) throw new Error(`${what} did not come`);
      await new Promise((next) => setTimeout(next, 1));
    }
  }

  private send(message: ClientMessage): void {
    const frame = controlFrame(message);
    const head = Buffer.alloc(8);
    head[0] = 0x80 | OP_BINARY;
    if (frame.length < 126) {
      head[1] = 0x80 | frame.length;
      this.socket.write(Buffer.concat([head.subarray(0, SOCKET_HEADER_BYTES), frame]));
      return;
    }
    head[1] = 0x80 | 126;
    head.writeUInt16BE(frame.length, 2);
    this.socket.write(Buffer.concat([head, frame]));
  }

  /** Bytes from the socket; the time is that of their arrival here. */
  private take(bytes: number, buffer: Buffer): boolean {
    const nowMillis = performance.now();
    if (this.end + bytes > HELD_BYTES) {
      this.fail("a message is longer than this client holds");
      return false;
    }
    buffer.copy(this.held, this.end, 0, bytes);
    this.end += bytes;
    let from = this.isUpgraded ? 0 : this.upgrade();
    if (!this.isUpgraded) return true;
    for (;;) {
      const next = this.socketMessage(from, nowMillis);
      if (next < 0) break;
      from = next;
    }
    if (from > 0) {
      this.held.copyWithin(0, from, this.end);
      this.end -= from;
    }
    return true;
  }

  private upgrade(): number {
    const end = this.held.subarray(0, this.end).indexOf("\r\n\r\n");
    if (end < 0) return 0;
    const line = this.held.toString("latin1", 0, this.held.indexOf("\r\n"));
    if (!line.includes(" 101 ")) this.fail(`no upgrade: ${line}`);
    this.isUpgraded = true;
    return end + 4;
  }

  /** Handles the WebSocket message at `from`; byte behind it, -1 while it is incomplete. */
  private socketMessage(from: number, nowMillis: number): number {
    if (this.end - from < 2) return -1;
    const op = this.held[from]! & 0x0f;
    let length = this.held[from + 1]! & 0x7f;
    let at = from + 2;
    if (length === 126) {
      if (this.end - from < 4) return -1;
      length = this.view.getUint16(at);
      at += 2;
    } else if (length === 127) {
      if (this.end - from < 10) return -1;
      length = this.view.getUint32(at + 4);
      at += 8;
    }
    if (at + length > this.end) return -1;
    if (op === OP_BINARY) this.frame(at, length, nowMillis);
    else if (op === OP_PING) this.socket.write(Buffer.from([0x8a, 0x80, 0, 0, 0, 0]));
    else if (op === OP_CLOSE) {
      this.fail(`closed by the engine: ${this.held.toString("utf8", at + 2, at + length)}`);
    }
    return at + length;
  }

  private frame(at: number, length: number, nowMillis: number): void {
    const { run, view } = this;
    const type = view.getUint8(at + FRAME_TYPE);
    if (type === FrameType.Control) return this.control(at, length);
    if (run !== undefined) run.frames += 1;
    let record = at + FRAME_HEADER_BYTES;
    for (let left = view.getUint32(at + FRAME_RECORDS, true); left > 0; left--) {
      if (run !== undefined) {
        record += run.record(view, record, nowMillis);
        continue;
      }
      if (view.getUint16(record + REC_KIND, true) === Kind.StateQueryEnd) this.hasState = true;
      record += ((view.getUint16(record + REC_FLAGS, true) & 3) + 1) * CELL_BYTES;
    }
  }

  private control(at: number, length: number): void {
    const message = readServerMessage(new Uint8Array(this.held.subarray(at, at + length)));
    if (message.type === "error") this.fail(`${message.name}: ${message.what}`);
    this.messages.push(message);
  }
}

/** All tick frames of a run, one behind the other. */
function tape({ firstTick, ticks }: ClientRequest & { type: "run" }): Buffer {
  const bytes = Buffer.alloc(ticks * TICK_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const one = new Uint8Array(TICK_BYTES);
  one[0] = 0x80 | OP_BINARY;
  one[1] = 0x80 | (FRAME_HEADER_BYTES + CELL_BYTES);
  const body = new DataView(one.buffer, SOCKET_HEADER_BYTES);
  writeFrameHeader(body, {
    ...{ type: FrameType.Records, level: AckLevel.Memory, stream: 0, records: 1 },
    ...{ bytes: FRAME_HEADER_BYTES + CELL_BYTES, streamSequence: 1, sentNanos: 0 },
  });
  for (const n of [firstTick, firstTick + 1]) {
    const aggressor = n % 2 === 0 ? Side.Buy : Side.Sell;
    const fields = { instrument: INSTRUMENT, priceTicks: 1, qtyLots: 1, aggressor };
    encode(body, FRAME_HEADER_BYTES, Kind.Trade, fields);
    for (let index = n - firstTick; index < ticks; index += 2) {
      const record = index * TICK_BYTES + SOCKET_HEADER_BYTES + FRAME_HEADER_BYTES;
      bytes.set(one, index * TICK_BYTES);
      view.setUint32(record + TRADE_PRICE_TICKS, tickTicks(firstTick + index), true);
      view.setUint32(record + TRADE_ID, firstTick + index + 1, true);
    }
  }
  return bytes;
}

/** Sends by schedule, spinning, until every tick is filled or nothing comes any more. */
function drive(connection: Connection, run: Run): Promise<void> {
  const { ticks, burst, openTicksMax } = run.request;
  const bytes = tape(run.request);
  const isHeld = (): boolean => openTicksMax > 0 && run.sent - run.received >= openTicksMax;
  connection.run = run;
  run.startMillis = performance.now() + LEAD_MILLIS;
  let beforeMillis = performance.now();
  return new Promise((done) => {
    const spin = (): void => {
      const nowMillis = performance.now();
      const gapMicros = Math.min(GAP_MICROS_MAX, Math.round((nowMillis - beforeMillis) * 1000));
      if (run.sent < ticks) run.gaps[gapMicros]! += 1;
      beforeMillis = nowMillis;
      const passed = Math.floor((nowMillis - run.startMillis) / run.periodMillis / burst);
      // With a bound on what is open, what a stall delayed is sent burst by burst, not at once.
      const dueMax = openTicksMax > 0 ? run.sent + burst : ticks;
      const due = isHeld() ? run.sent : Math.min(ticks, dueMax, (passed + 1) * burst);
      if (due > run.sent) {
        connection.write(bytes.subarray(run.sent * TICK_BYTES, due * TICK_BYTES));
        run.sent = due;
        run.lastSentMillis = nowMillis;
        run.lastHeardMillis = nowMillis;
      }
      const isSilent = run.sent === ticks && nowMillis - run.lastHeardMillis > SILENCE_MILLIS_MAX;
      if (run.received >= ticks || run.fault !== "" || isSilent) return done();
      setImmediate(spin);
    };
    setImmediate(spin);
  });
}

if (process.send !== undefined) {
  let connection: Connection | undefined;
  answerParent(
    async (request: ClientRequest): Promise<RunAnswer | undefined> => {
      if (request.type === "connect") {
        connection?.close();
        connection = new Connection();
        await connection.open(request.port, request.pem, request.level);
        return undefined;
      }
      if (connection === undefined) throw new Error("not connected");
      const run = new Run(request);
      await drive(connection, run);
      connection.run = undefined;
      return run.answer();
    },
    async () => connection?.close(),
  );
}
