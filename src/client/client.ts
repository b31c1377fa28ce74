// A connection that lasts: login, reference data, subscriptions, orders, and coming back.
//
// Frames are checked and handed out as they come: raw (view and byte) for programs that are in a
// hurry, decoded on request for all others. After a loss of the connection it logs in again, renews
// every subscription, and resumes own events behind the last number it has.
import {
  AckLevel,
  FRAME_BYTES_MAX,
  FRAME_HEADER_BYTES,
  FrameType,
  Kind,
  Refusal,
  Scope,
  Side,
} from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import {
  controlFrame,
  decode,
  encode,
  frameError,
  isRecord,
  loginBytes,
  PROTOCOL_VERSION,
  readFrameHeader,
  readServerMessage,
  recordBytes,
  writeFrameHeader,
} from "../protocol.ts";
import type {
  ChallengeMessage,
  ClientMessage,
  DecodedRecord,
  ErrorMessage,
  FrameHeader,
  InstrumentInfo,
  MarketRequest,
  OrderEventRecord,
  RecordFields,
  ReferenceData,
  ServerMessage,
  WelcomeMessage,
} from "../protocol.ts";
import { StreamCursor } from "./cursor.ts";
import type { Gap } from "./cursor.ts";
import { amendFields, orderFields } from "./orders.ts";
import type { AmendRequest, OrderRequest } from "./orders.ts";
import { parentFields, type ParentRequest } from "./parents.ts";
import { signerFromPem } from "./signer.ts";
import type { Signer } from "./signer.ts";
import { openTransport } from "./transport.ts";
import type { Transport } from "./transport.ts";

const BACKOFF_MILLIS = 250;
const BACKOFF_MILLIS_MAX = 10_000;
const REQUEST_MILLIS = 10_000;

/** How to connect. One of `key` and `token`; a token in the address (`#token=`) counts. */
export interface ConnectOptions {
  /** PEM text of a private half, or something that signs. */
  key?: string | Signer;
  token?: string;
  /** Level of acknowledgements to wait for; the engine's default level unless given. */
  level?: AckLevel;
  /** Origin to show, for programs that log in with a token. */
  origin?: string;
  /** False: a lost connection stays lost. */
  reconnect?: boolean;
}

/** One record as it came. `view` is valid only during the call. */
export interface Received {
  view: DataView;
  /** First byte of the record in the view. */
  at: number;
  kind: number;
  /** What was subscribed to; undefined for a stream that has just been ended. */
  subscription: Subscription | undefined;
  /** Number in its stream, from 1; 0 in a snapshot. */
  sequence: number;
  level: AckLevel;
  /** Part of a state, not of the sequence of changes. */
  isSnapshot: boolean;
  /** The record as an object. */
  decoded(): DecodedRecord;
}

/** Market data of one instrument (0 or absent: all), or own events. */
export interface SubscribeRequest extends Omit<MarketRequest, "instrument"> {
  /** Id or symbol. */
  instrument?: number | string;
  /** Own order events, fills, positions, balances. Alone: not together with market data. */
  own?: boolean;
}

/** A subscription; it survives reconnects. */
export interface Subscription {
  /** Present stream id; changes when the connection does. */
  readonly stream: number;
  /** Number of the next record. */
  readonly next: number;
  close(): Promise<void>;
}

/** What a client tells. */
export interface ClientEvents {
  record: Received;
  /** Records are missing. For own events a fresh snapshot is already on its way. */
  gap: Gap;
  /** Refusals of the server that answer no request: of orders, of records. */
  error: ErrorMessage;
  reference: ReferenceData;
  /** "open" after each login, "lost" when the connection broke, "closed" at the end. */
  status: { state: "open" | "lost" | "closed"; reason: string };
}

class Live implements Subscription {
  stream = -1;
  cursor = new StreamCursor();
  readonly market: MarketRequest | undefined;
  private readonly client: Client;

  constructor(client: Client, market: MarketRequest | undefined) {
    this.client = client;
    this.market = market;
  }

  get next(): number {
    return this.cursor.next;
  }

  close(): Promise<void> {
    return this.client.unsubscribe(this);
  }
}

interface Pending {
  resolve(message: ServerMessage): void;
  reject(fault: AlphaError): void;
  timer: ReturnType<typeof setTimeout>;
}

type Handlers = { [E in keyof ClientEvents]: Set<(value: ClientEvents[E]) => void> };

/**
 * Opens a connection and logs in. `url` is the address the engine printed ("http://127.0.0.1:8080/",
 * with its token) or that of the stream ("ws://.../stream"). Throws LOGIN_REFUSED, CONNECT_FAILED.
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Client> {
  const client = new Client(url, options);
  await client.open();
  return client;
}

/** A connection to an engine. Made by `connect`. */
export class Client {
  /** Data of the last login. */
  welcome: WelcomeMessage | undefined;
  /** Engine, build, mode, and whether the market is simulated. */
  challenge: ChallengeMessage | undefined;
  reference: ReferenceData = emptyReference();
  private readonly address: URL;
  private readonly options: ConnectOptions;
  private signer: Signer | undefined;
  private token: string | undefined;
  private transport: Transport | undefined;
  private readonly handlers: Handlers = {
    record: new Set(),
    gap: new Set(),
    error: new Set(),
    reference: new Set(),
    status: new Set(),
  };
  private readonly live = new Set<Live>();
  private readonly byStream = new Map<number, Live>();
  private readonly pending = new Map<number, Pending>();
  private readonly outcomes = new Map<bigint, (event: OrderEventRecord) => void>();
  private readonly bytes = new Uint8Array(FRAME_BYTES_MAX);
  private readonly out = new DataView(this.bytes.buffer);
  private outEnd = 0;
  private outRecords = 0;
  private partReference = emptyReference();
  private requestNext = 1;
  private frameNext = 1;
  private clientIdNext = firstClientId();
  private isClosed = false;
  private retries = 0;

  constructor(url: string, options: ConnectOptions) {
    this.address = streamAddress(url);
    this.options = options;
    this.token = options.token ?? tokenOf(url);
  }

  /** Adds a handler; the returned function takes it away. */
  on<E extends keyof ClientEvents>(
    event: E,
    handler: (value: ClientEvents[E]) => void,
  ): () => void {
    this.handlers[event].add(handler);
    return () => this.handlers[event].delete(handler);
  }

  /** Adds a handler of records. */
  onRecord(handler: (record: Received) => void): () => void {
    return this.on("record", handler);
  }

  /** Connects and logs in; `connect` calls it. */
  async open(): Promise<void> {
    const { key } = this.options;
    if (key !== undefined) this.signer = typeof key === "string" ? await signerFromPem(key) : key;
    if (this.signer === undefined && this.token === undefined) {
      const remedy = "pass a key, or the printed address with its token";
      throw new AlphaError("LOGIN_MISSING", "neither key nor token", remedy);
    }
    await this.dial();
  }

  /** Subscribes; resolves when the server has agreed, its snapshot follows as records. */
  async subscribe(request: SubscribeRequest): Promise<Subscription> {
    const { own, instrument, ...rest } = request;
    const id = instrument === undefined ? 0 : this.instrumentOf(instrument).id;
    const live = new Live(this, own === true ? undefined : { ...rest, instrument: id });
    await this.begin(live, false);
    this.live.add(live);
    return live;
  }

  /** Ends a subscription; `Subscription.close` calls it. */
  async unsubscribe(subscription: Subscription): Promise<void> {
    const live = [...this.live].find((one) => one === subscription);
    if (live === undefined) return;
    this.live.delete(live);
    this.byStream.delete(live.stream);
    await this.request({ type: "unsubscribe", request: 0, stream: live.stream });
  }

  /** The last closed candles of a timeframe slot as CandleClosed records, oldest first. */
  async candles(
    instrument: number | string,
    timeframe: number,
    count: number,
  ): Promise<DecodedRecord[]> {
    const { id } = this.instrumentOf(instrument);
    const asked = { type: "candles", request: 0, instrument: id, timeframe, count } as const;
    const answer = await this.request(asked);
    if (answer.type !== "history") throw unexpected(answer);
    const { records } = answer;
    const view = new DataView(records.buffer, records.byteOffset, records.length);
    const candles: DecodedRecord[] = [];
    for (let at = 0; at < records.length; at += recordBytes(view, at)) {
      candles.push(decode(view, at));
    }
    return candles;
  }

  /** Round trip in milliseconds of a control message. */
  async ping(): Promise<number> {
    const before = performance.now();
    await this.request({ type: "ping", request: 0 });
    return performance.now() - before;
  }

  // ---------------------------------------------------------------------------- orders

  /** A client order id nobody has had: for orders that name each other before they are sent. */
  drawClientId(): bigint {
    return this.clientIdNext++;
  }

  /**
   * Sends an order and returns its client id; what became of it comes as own events. After a lost
   * connection the same request with the same `clientId` may be sent again: the engine answers with
   * the order there is (flag Replayed) and enters no second one.
   */
  order(request: OrderRequest): bigint {
    const spec = this.instrumentOf(request.instrument);
    const clientId = request.clientId ?? this.drawClientId();
    this.put(Kind.OrderNew, { ...orderFields(request, spec, clientId) });
    this.flush();
    return clientId;
  }

  /** The first own event of an order: accepted, denied, rejected. Needs a subscription to own. */
  outcome(clientId: bigint): Promise<OrderEventRecord> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.outcomes.delete(clientId);
        const what = `no event of order ${clientId} within ${REQUEST_MILLIS} ms`;
        reject(new AlphaError("ORDER_SILENT", what, "subscribe to own events first"));
      }, REQUEST_MILLIS);
      this.outcomes.set(clientId, (event) => {
        clearTimeout(timer);
        resolve(event);
      });
    });
  }

  /** Cancels an order by its client id. */
  cancel(instrument: number | string, clientId: bigint): void {
    this.put(Kind.OrderCancel, { instrument: this.instrumentOf(instrument).id, clientId });
    this.flush();
  }

  /** Changes price, quantity or stop of a resting order. */
  amend(request: AmendRequest): void {
    const spec = this.instrumentOf(request.instrument);
    this.put(Kind.OrderAmend, { ...amendFields(request, spec) });
    this.flush();
  }

  /** Sends an order that the engine works over time, and returns its client id. */
  parent(request: ParentRequest): bigint {
    const spec = this.instrumentOf(request.instrument);
    const clientId = request.clientId ?? this.clientIdNext++;
    this.put(Kind.ParentNew, { ...parentFields(request, spec, clientId) });
    this.flush();
    return clientId;
  }

  /** Ends such an order; its open child is canceled. */
  cancelParent(instrument: number | string, clientId: bigint): void {
    this.put(Kind.ParentCancel, { instrument: this.instrumentOf(instrument).id, clientId });
    this.flush();
  }

  /** Cancels all open orders of the account, or those of one instrument or side. */
  massCancel(instrument?: number | string, side: Side = Side.None): void {
    const id = instrument === undefined ? 0 : this.instrumentOf(instrument).id;
    const scope = id === 0 ? Scope.Account : Scope.AccountInstrument;
    this.put(Kind.MassCancel, { instrument: id, scope, side });
    this.flush();
  }

  /** Kill switch of the own account: on stops all orders and cancels the open ones. */
  kill(isOn = true): void {
    const state = isOn ? 1 : 0;
    this.put(Kind.KillSwitch, { scope: Scope.Account, state, cancelOpen: state });
    this.flush();
  }

  /** Sends market data (Right.Feed): many records a call travel in few frames. */
  publish(records: readonly { kind: Kind; fields: RecordFields }[]): void {
    for (const { kind, fields } of records) this.put(kind, fields);
    this.flush();
  }

  /** Closes the connection for good. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.transport?.close(1000, "client closes");
    this.failPending("CLOSED", "the client was closed");
    this.emit("status", { state: "closed", reason: "closed by the client" });
  }

  /** An instrument of the reference data by id or symbol; throws INSTRUMENT_UNKNOWN. */
  instrumentOf(instrument: number | string): InstrumentInfo {
    const found = this.reference.instruments.find(
      ({ id, symbol }) => id === instrument || symbol === instrument,
    );
    if (found !== undefined) return found;
    const known = this.reference.instruments.slice(0, 10).map(({ symbol }) => symbol);
    const remedy = `use one of ${known.join(", ") || "none: the engine has no instruments"}`;
    throw new AlphaError("INSTRUMENT_UNKNOWN", `no instrument ${instrument}`, remedy);
  }

  // ---------------------------------------------------------------------------- connection

  private async dial(): Promise<void> {
    const transport = await openTransport(this.address.href, this.options.origin);
    this.transport = transport;
    await new Promise<void>((resolve, reject) => {
      let why = "";
      let isIn = false;
      transport.onerror = (event) => {
        why = event.message ?? "";
      };
      transport.onmessage = (event) => {
        const bytes = new Uint8Array(event.data as ArrayBuffer);
        this.receive(bytes, (fault) => {
          if (isIn) return;
          if (fault === undefined) {
            isIn = true;
            resolve();
          } else {
            reject(fault);
            transport.close();
          }
        });
      };
      transport.onclose = (event) => {
        const reason = event.reason || why || `code ${event.code}`;
        if (isIn) return this.lost(reason);
        const what = `${this.address.host}: ${reason}`;
        reject(new AlphaError("CONNECT_FAILED", what, "is the engine running at this address?"));
      };
    });
    this.retries = 0;
    this.emit("status", { state: "open", reason: "" });
  }

  private lost(reason: string): void {
    this.transport = undefined;
    this.byStream.clear();
    this.outEnd = 0;
    this.outRecords = 0;
    this.failPending("CONNECTION_LOST", reason);
    if (this.isClosed) return;
    if (this.options.reconnect === false) {
      this.isClosed = true;
      return this.emit("status", { state: "closed", reason });
    }
    this.emit("status", { state: "lost", reason });
    this.retry();
  }

  private retry(): void {
    const millis = Math.min(BACKOFF_MILLIS * 2 ** this.retries, BACKOFF_MILLIS_MAX);
    this.retries += 1;
    setTimeout(() => void this.comeBack(), millis);
  }

  private async comeBack(): Promise<void> {
    if (this.isClosed) return;
    try {
      await this.dial();
      for (const live of this.live) await this.begin(live, true);
    } catch (fault) {
      if (!(fault instanceof AlphaError)) throw fault;
      if (this.isClosed) return;
      if (fault.code === "LOGIN_REFUSED") {
        this.isClosed = true;
        return this.emit("status", { state: "closed", reason: fault.line() });
      }
      if (fault.code === "CONNECT_FAILED") return this.retry();
      // Once open, `onclose` is what tries again: also when a subscription is not renewed.
      this.transport?.close(4000, "subscription not renewed");
    }
  }

  private async begin(live: Live, isAgain: boolean): Promise<void> {
    const run = this.welcome?.run;
    if (!isAgain || live.market !== undefined) live.cursor = new StreamCursor();
    const after = live.cursor.next - 1;
    const resume = isAgain && after >= 0 && this.runBefore === run ? { run, after } : {};
    const wish = live.market === undefined ? { own: resume } : { market: live.market };
    const done = this.request({ type: "subscribe", request: 0, ...wish }, (answer) => {
      // Set before the next frame is read: the snapshot follows at once.
      if (answer.type !== "subscribed") return;
      live.stream = answer.stream;
      this.byStream.set(answer.stream, live);
      if (!answer.resumed) live.cursor.next = answer.nextSequence;
      this.runBefore = run;
    });
    await done;
  }

  /** Run of the engine that own events were numbered by. */
  private runBefore: string | undefined;

  private async login(challenge: ChallengeMessage): Promise<void> {
    const { level } = this.options;
    const wish = level === undefined ? {} : { level };
    const head = { type: "login", protocol: PROTOCOL_VERSION, ...wish } as const;
    if (this.signer === undefined) {
      this.control({ ...head, ...(this.token === undefined ? {} : { token: this.token }) });
      return;
    }
    const { id } = this.signer;
    const nonce = new Uint8Array(challenge.nonce);
    const signature = await this.signer.sign(loginBytes(nonce, this.address.host, id));
    this.control({ ...head, keyId: id, signature });
  }

  // ---------------------------------------------------------------------------- receiving

  private receive(bytes: Uint8Array, onLogin: (fault?: AlphaError) => void): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const refusal = frameError(view, bytes.length);
    if (refusal !== Refusal.None) {
      const what = `the server sent a frame that is ${Refusal[refusal]}`;
      onLogin(new AlphaError("FRAME_INVALID", what, "use the client of the engine's build"));
      this.transport?.close(1002, "malformed frame");
      return;
    }
    const frame = readFrameHeader(view);
    if (frame.type === FrameType.Control) this.answer(readServerMessage(bytes), onLogin);
    else this.hand(view, bytes.length, frame);
  }

  private answer(message: ServerMessage, onLogin: (fault?: AlphaError) => void): void {
    switch (message.type) {
      case "challenge":
        this.challenge = message;
        this.login(message).catch((fault: unknown) => {
          const remedy = "check the key";
          onLogin(new AlphaError("LOGIN_REFUSED", `signing failed: ${String(fault)}`, remedy));
        });
        return;
      case "welcome":
        this.welcome = message;
        if (message.resumeToken !== "") this.token = message.resumeToken;
        return;
      case "reference":
        return this.takeReference(message, onLogin);
      case "error":
        return this.refused(message, onLogin);
      default:
        this.settle(message.request)?.resolve(message);
    }
  }

  private takeReference(
    message: Extract<ServerMessage, { type: "reference" }>,
    onLogin: () => void,
  ): void {
    const part = this.partReference;
    part.instruments.push(...message.instruments);
    part.currencies.push(...message.currencies);
    part.timeframes.push(...message.timeframes);
    part.indicators.push(...message.indicators);
    part.strategies.push(...message.strategies);
    if (message.more) return;
    this.reference = part;
    this.partReference = emptyReference();
    onLogin();
    this.emit("reference", this.reference);
  }

  private refused(message: ErrorMessage, onLogin: (fault: AlphaError) => void): void {
    const fault = new AlphaError(message.name, message.what, message.remedy);
    const pending = this.settle(message.request);
    if (pending !== undefined) return pending.reject(fault);
    if (this.welcome === undefined || this.isLoginRefusal(message)) {
      const what = `${message.name}: ${message.what}`;
      onLogin(new AlphaError("LOGIN_REFUSED", what, message.remedy));
    }
    this.emit("error", message);
  }

  private isLoginRefusal({ code }: ErrorMessage): boolean {
    return code === Refusal.BadLogin || code === Refusal.WrongOrigin;
  }

  /** Hands out the records of a frame, after looking at its numbers. */
  private hand(view: DataView, length: number, frame: FrameHeader): void {
    const live = this.byStream.get(frame.stream);
    const taken = live?.cursor.take(frame);
    if (taken?.gap !== undefined) {
      this.emit("gap", taken.gap);
      if (live?.market === undefined && live !== undefined) {
        // Without the missing events the own state cannot be trusted: take it anew.
        void this.begin(live, false).catch(() => this.transport?.close(4000, "no snapshot"));
      }
    }
    const isSnapshot = frame.type !== FrameType.Records;
    let index = 0;
    for (let at: number = FRAME_HEADER_BYTES; at < length; index += 1) {
      if (index >= (taken?.skip ?? 0)) {
        const kind = view.getUint16(at, true);
        const place = at;
        this.emit("record", {
          view,
          at,
          kind,
          subscription: live,
          sequence: isSnapshot ? 0 : frame.streamSequence + index,
          level: frame.level,
          isSnapshot,
          decoded: () => decode(view, place),
        });
        if (this.outcomes.size > 0 && kind >> 8 === 0x06) this.settleOrder(decode(view, at));
      }
      at += recordBytes(view, at);
    }
  }

  private settleOrder(record: DecodedRecord): void {
    if (!isRecord(record, Kind.OrderAccepted, Kind.OrderDenied, Kind.OrderRejected)) return;
    const resolve = this.outcomes.get(record.clientId);
    this.outcomes.delete(record.clientId);
    resolve?.(record);
  }

  // ---------------------------------------------------------------------------- sending

  private request(
    message: Extract<ClientMessage, { request: number }>,
    onAnswer: (answer: ServerMessage) => void = () => undefined,
  ): Promise<ServerMessage> {
    const number = this.requestNext++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.pending.delete(number);
        const what = `"${message.type}" was not answered within ${REQUEST_MILLIS} ms`;
        reject(new AlphaError("REQUEST_SILENT", what, "look at the engine's log"));
      }, REQUEST_MILLIS);
      this.pending.set(number, {
        resolve: (answer) => {
          onAnswer(answer);
          resolve(answer);
        },
        reject,
        timer,
      });
      try {
        this.control({ ...message, request: number });
      } catch (fault) {
        this.settle(number)?.reject(fault as AlphaError);
      }
    });
  }

  private settle(request: number): Pending | undefined {
    const pending = this.pending.get(request);
    if (pending === undefined) return undefined;
    clearTimeout(pending.timer);
    this.pending.delete(request);
    return pending;
  }

  private failPending(code: string, why: string): void {
    for (const request of [...this.pending.keys()]) {
      this.settle(request)?.reject(new AlphaError(code, why, "try again when it is open"));
    }
  }

  private control(message: ClientMessage): void {
    this.connected().send(controlFrame(message));
  }

  private connected(): Transport {
    if (this.transport !== undefined && this.transport.readyState === 1) return this.transport;
    const remedy = "wait for the status `open`; nothing was sent";
    throw new AlphaError("NOT_CONNECTED", "the connection is not open", remedy);
  }

  /** Adds a record to the frame that is being filled. */
  private put(kind: Kind, fields: RecordFields): void {
    if (this.outEnd === 0) this.outEnd = FRAME_HEADER_BYTES;
    // The largest record, so that encode never writes over the end.
    if (this.outEnd + 256 > FRAME_BYTES_MAX) {
      this.flush();
      this.outEnd = FRAME_HEADER_BYTES;
    }
    this.outEnd += encode(this.out, this.outEnd, kind, fields);
    this.outRecords += 1;
  }

  private flush(): void {
    const bytes = this.outEnd;
    const records = this.outRecords;
    this.outEnd = 0;
    this.outRecords = 0;
    if (records === 0) return;
    writeFrameHeader(this.out, {
      type: FrameType.Records,
      level: AckLevel.Memory,
      bytes,
      streamSequence: this.frameNext++,
      stream: 0,
      records,
      sentNanos: 0,
    });
    this.connected().send(this.bytes.slice(0, bytes));
  }

  private emit<E extends keyof ClientEvents>(event: E, value: ClientEvents[E]): void {
    for (const handler of this.handlers[event]) handler(value);
  }
}

function emptyReference(): ReferenceData {
  return { instruments: [], currencies: [], timeframes: [], indicators: [], strategies: [] };
}

/** A start that two clients of one account will not share: 46 random bits, then a counter. */
function firstClientId(): bigint {
  const random = globalThis.crypto.getRandomValues(new Uint32Array(2));
  const high = BigInt((random[0] ?? 0) & 0x3fff) * 0x1_0000_0000n + BigInt(random[1] ?? 0);
  return high * 0x1_0000n + 1n;
}

function streamAddress(url: string): URL {
  const address = new URL(url);
  address.protocol = address.protocol.replace("http", "ws");
  if (address.pathname === "/") address.pathname = "/stream";
  address.hash = "";
  address.search = "";
  return address;
}

/** The token of a printed address: behind "#", where no server and no log sees it. */
function tokenOf(url: string): string | undefined {
  return new URLSearchParams(new URL(url).hash.slice(1)).get("token") ?? undefined;
}

function unexpected(answer: ServerMessage): AlphaError {
  const remedy = "use the client of the engine's build";
  return new AlphaError("ANSWER_UNEXPECTED", `the server answered "${answer.type}"`, remedy);
}
