// Outputs to sessions: routes what the engine wrote and sends it when its level is reached.
//
// The engine calls `collect` and `flush` once per loop turn, so nothing here makes an object per
// record; a frame costs the view it is sent with. Market data goes into frames of each
// subscription, own events into the account's buffer, answers to StateQuery into a snapshot.
//
// tidy: tested by test/src/gateway/server.test.ts
import {
  AckLevel,
  CANDLE_TIMEFRAME,
  CELL_SHIFT,
  FRAME_BYTES_MAX,
  FRAME_HEADER_BYTES,
  FrameType,
  Kind,
  ORDER_ACCOUNT,
  QUERY_SESSION,
  REC_CAUSE,
  REC_INSTRUMENT,
  REC_KIND,
  Refusal,
  SWITCH_ACCOUNT,
} from "../../asm/vocab.ts";
import { layoutOf, recordBytes, writeFrameHeader } from "../protocol.ts";
import type { ClientMessage, MarketRequest, ReferenceData } from "../protocol.ts";
import { CloseCode, Sent } from "./door.ts";
import type { OutputSink } from "../rings/sink.ts";
import type { Arrival, EngineDoor, Socket, SocketHandler } from "./door.ts";
import { Inbound } from "./inbound.ts";
import { MARKET_BUFFERED_MAX, MarketStream, Want, wantOf, wantsOf } from "./market.ts";
import { OWN_RECORDS_MAX, OwnStream } from "./own.ts";
import { Session, STREAMS_MAX } from "./session.ts";
import type { LoginRules, OwnSnapshot } from "./session.ts";
import { HISTORY_CANDLES, MarketMemory } from "./state.ts";

/** Unread bytes of a socket from which own events wait in the account's buffer. */
export const OWN_BUFFERED_MAX = 1024 * 1024;
/** Bytes of answers to one StateQuery. */
export const STATE_BYTES_MAX = 16 * 1024 * 1024;
/** How often forming candles are looked at and paced subscriptions are sent. */
const PULSE_MILLIS = 50;
const FORMING_PULSES = 5;
const REFERENCE_CHUNK = 100;

/** Sizes, lowered by tests that reach them. */
export interface HubLimits {
  ownRecords: number;
  historyCandles: number;
}

/** What the hub has counted since the start. */
export interface HubCounters {
  sessions: number;
  logins: number;
  framesOut: number;
  recordsOut: number;
  recordsConflated: number;
  slowClosed: number;
  /** By number of enum Refusal. */
  refusals: Map<number, number>;
}

/** A market stream and who gets it. */
interface Subscriber {
  session: Session;
  stream: MarketStream;
}

/** An account's own events and the sessions that are logged in to it. */
interface OwnAccount {
  stream: OwnStream;
  sessions: Session[];
}

/** How a kind of the order role's outputs finds its readers. */
enum OwnRoute {
  None = 0,
  /** To the account in the record. */
  Account = 1,
  /** Answers to configuration: to sessions without an account (administrators). */
  Config = 2,
  /** State of trading: to its account, or to everybody. */
  Switch = 3,
}

const OWN_ROUTES = ownRoutes();

/** Sessions, subscriptions and the engine's outputs. */
export class Hub implements OutputSink, SocketHandler {
  readonly inbound: Inbound;
  readonly counters: HubCounters = {
    sessions: 0,
    logins: 0,
    framesOut: 0,
    recordsOut: 0,
    recordsConflated: 0,
    slowClosed: 0,
    refusals: new Map(),
  };
  private readonly door: EngineDoor;
  private readonly rules: LoginRules;
  private readonly limits: HubLimits;
  private readonly memory: MarketMemory;
  private readonly sessions = new Map<Socket, Session>();
  private readonly byId = new Map<number, Session>();
  private readonly market = new Map<number, Subscriber[]>();
  private readonly subscribers: Subscriber[] = [];
  private readonly own = new Map<number, OwnAccount>();
  private readonly owners: OwnAccount[] = [];
  private readonly frame = new Uint8Array(FRAME_BYTES_MAX);
  private readonly frameWords = new Int32Array(this.frame.buffer);
  private readonly frameView = new DataView(this.frame.buffer);
  private source: Int32Array<ArrayBufferLike> = new Int32Array(0);
  private state = new Uint8Array(4096);
  private stateEnd = 0;
  /** Number of the turn whose outputs are being collected, and the last flushed, by level. */
  private turn = 1;
  private readonly flushedTurn = [0, 0];
  private durableSequence = 0;
  private isUnwritten = false;
  private sessionNext = 1;
  private pulses = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(door: EngineDoor, rules: LoginRules, limits: Partial<HubLimits> = {}) {
    this.door = door;
    this.rules = rules;
    this.limits = { ownRecords: OWN_RECORDS_MAX, historyCandles: HISTORY_CANDLES, ...limits };
    this.memory = new MarketMemory(this.limits.historyCandles);
    this.inbound = new Inbound(door);
    this.timer = setInterval(() => this.pulse(), PULSE_MILLIS);
    this.timer.unref();
  }

  /** Closes all sessions; the hub is used no more. */
  close(): void {
    clearInterval(this.timer);
    for (const session of this.byId.values()) session.close(CloseCode.GoingAway, "engine stops");
  }

  // ---------------------------------------------------------------------------- sockets

  open(socket: Socket, arrival: Arrival): void {
    const session = new Session(this, this.rules, this.sessionNext, socket, arrival);
    this.sessionNext += 1;
    this.sessions.set(socket, session);
    this.byId.set(session.id, session);
    this.counters.sessions += 1;
  }

  message(socket: Socket, bytes: Uint8Array, isBinary: boolean): void {
    this.sessions.get(socket)?.receive(bytes, isBinary);
  }

  drain(socket: Socket): void {
    const session = this.sessions.get(socket);
    if (session !== undefined) this.sendOwn(session);
  }

  closed(socket: Socket): void {
    const session = this.sessions.get(socket);
    if (session === undefined) return;
    session.end();
    this.sessions.delete(socket);
    this.byId.delete(session.id);
    this.leave(session);
  }

  // ---------------------------------------------------------------------------- outputs

  collect(u8: Uint8Array, view: DataView, from: number, to: number): void {
    this.look(u8.buffer);
    this.isUnwritten = true;
    for (let at = from; at < to;) {
      const bytes = recordBytes(view, at);
      const kind = view.getUint16(at + REC_KIND, true);
      const group = kind >> 8;
      if (group === 0x04) this.routeMarket(u8, view, at, kind, bytes >> CELL_SHIFT);
      else if (group === 0x06) this.routeOwn(view, at, kind, bytes >> CELL_SHIFT);
      else if (group === 0x07) this.routeState(u8, view, at, kind, bytes);
      at += bytes;
    }
  }

  /**
   * Histories outlive a restart: candles, values and last trades of the replay. Quotes do not: what
   * was bid before the crash is no state of the market now.
   */
  recovered(u8: Uint8Array, view: DataView, from: number, to: number): void {
    for (let at = from; at < to;) {
      const bytes = recordBytes(view, at);
      const kind = view.getUint16(at + REC_KIND, true);
      if (kind >> 8 === 0x04 && kind !== Kind.TopOfBook) {
        const instrument = view.getUint32(at + REC_INSTRUMENT, true);
        this.memory.keep(u8, at, kind, instrument, bytes >> CELL_SHIFT);
      }
      at += bytes;
    }
  }

  /** True while a session waits for the durable level. */
  get wantsDurable(): boolean {
    for (const owner of this.owners) {
      for (const session of owner.sessions) if (session.level === AckLevel.Durable) return true;
    }
    return false;
  }

  flush(level: AckLevel, sequence: number): void {
    if (level === AckLevel.Durable) {
      this.durableSequence = sequence;
    } else {
      this.flushedTurn[level] = this.turn;
      if (level === AckLevel.Written) {
        this.turn += 1;
        this.isUnwritten = false;
      }
    }
    // By index: iterators are objects until the compiler has seen enough turns.
    for (let index = 0; index < this.owners.length; index++) {
      const { stream, sessions } = this.owners[index]!;
      if (level === AckLevel.Durable) stream.reachDurable(sequence);
      else stream.reachAll(level);
      for (let at = 0; at < sessions.length; at++) {
        const session = sessions[at]!;
        if (session.level === level) this.sendOwn(session);
      }
    }
    if (level === AckLevel.Written) this.sendMarket();
  }

  /** Words of the memory that records are copied from; made once per memory. */
  private look(buffer: ArrayBufferLike): void {
    if (this.source.buffer !== buffer) this.source = new Int32Array(buffer);
  }

  private routeMarket(
    u8: Uint8Array,
    view: DataView,
    at: number,
    kind: number,
    cells: number,
  ): void {
    const instrument = view.getUint32(at + REC_INSTRUMENT, true);
    this.memory.keep(u8, at, kind, instrument, cells);
    const want = wantOf(kind);
    if (want === 0) return;
    const timeframe = u8[at + CANDLE_TIMEFRAME] ?? 0;
    this.fan(this.market.get(instrument), want, timeframe, at, cells);
    this.fan(this.market.get(0), want, timeframe, at, cells);
  }

  private fan(
    subscribers: Subscriber[] | undefined,
    want: number,
    timeframe: number,
    at: number,
    cells: number,
  ): void {
    if (subscribers === undefined) return;
    for (const { stream } of subscribers) {
      if (stream.takes(want, timeframe)) stream.append(this.source, at, cells);
    }
  }

  private routeOwn(view: DataView, at: number, kind: number, cells: number): void {
    const route = OWN_ROUTES[kind & 0xff] ?? OwnRoute.None;
    if (route === OwnRoute.None) return;
    const cause = readCause(view, at);
    if (route === OwnRoute.Account) {
      const owner = this.own.get(view.getUint32(at + ORDER_ACCOUNT, true));
      owner?.stream.append(this.source, at, cells, cause);
      return;
    }
    const account = route === OwnRoute.Config ? 0 : view.getUint32(at + SWITCH_ACCOUNT, true);
    const toAll = route === OwnRoute.Switch && account === 0;
    for (const { stream } of this.owners) {
      const isAdmin = stream.account === 0;
      if (toAll || isAdmin || stream.account === account) {
        stream.append(this.source, at, cells, cause);
      }
    }
  }

  /** Gathers the answers to one StateQuery; they lie behind each other and end with its end. */
  private routeState(
    u8: Uint8Array,
    view: DataView,
    at: number,
    kind: number,
    bytes: number,
  ): void {
    const need = this.stateEnd + bytes;
    if (need > this.state.length) {
      if (need > STATE_BYTES_MAX) return;
      const larger = new Uint8Array(this.state.length * 2);
      larger.set(this.state);
      this.state = larger;
    }
    // The answers come rarely, so a view of the run is affordable here.
    this.state.set(u8.subarray(at, at + bytes), this.stateEnd);
    this.stateEnd = need;
    if (kind !== Kind.StateQueryEnd) return;
    const records = this.state.slice(0, this.stateEnd);
    this.stateEnd = 0;
    const session = this.byId.get(view.getUint32(at + QUERY_SESSION, true));
    const account = view.getUint32(at + ORDER_ACCOUNT, true);
    const owner = this.own.get(account);
    if (session === undefined || owner === undefined || session.account !== account) return;
    const next = owner.stream.next;
    session.ownSnapshots.push({ records, next, turn: this.turn, cause: readCause(view, at) });
  }

  // ---------------------------------------------------------------------------- own events

  /** Sends what has reached the session's level: snapshots and own events, in their order. */
  private sendOwn(session: Session): void {
    const stream = this.own.get(session.account)?.stream;
    if (stream === undefined || session.ownNext === 0) return;
    while (session.isOpen) {
      if (session.ownNext > 0 && session.ownNext < stream.first) return this.dropSlow(session);
      if (session.socket.bufferedBytes() > OWN_BUFFERED_MAX) return;
      const snapshot = session.ownSnapshots[0];
      const end = Math.min(stream.readyAt(session.level), snapshot?.next ?? Infinity);
      if (session.ownNext > 0 && session.ownNext < end) {
        this.sendEvents(session, stream, end);
      } else if (snapshot !== undefined && this.hasReached(session.level, snapshot)) {
        session.ownSnapshots.shift();
        session.ownNext = Math.max(session.ownNext, snapshot.next);
        this.sendRecords(
          session,
          FrameType.Snapshot,
          0,
          snapshot.next,
          recordsOf(snapshot.records),
        );
      } else {
        return;
      }
    }
  }

  private sendEvents(session: Session, stream: OwnStream, end: number): void {
    const room = FRAME_BYTES_MAX - FRAME_HEADER_BYTES;
    const from = session.ownNext;
    const records = stream.copy(this.frameWords, FRAME_HEADER_BYTES, room, from, end);
    session.ownNext += records;
    const bytes = FRAME_HEADER_BYTES + stream.copiedBytes;
    if (!this.sendFrame(session, FrameType.Records, 0, from, records, bytes)) {
      this.dropSlow(session);
    }
  }

  private hasReached(level: AckLevel, snapshot: OwnSnapshot): boolean {
    if (level === AckLevel.Durable) return snapshot.cause <= this.durableSequence;
    return (this.flushedTurn[level] ?? 0) >= snapshot.turn;
  }

  /** Own events never drop: who cannot keep up is told and closed, and comes back. */
  private dropSlow(session: Session): void {
    this.counters.slowClosed += 1;
    session.refuse(
      Refusal.SlowConsumer,
      `own events from number ${session.ownNext} on were not taken in time`,
      "read faster; connect again and subscribe with the last number you have",
    );
    session.close(CloseCode.TryLater, "slow consumer");
  }

  // ---------------------------------------------------------------------------- market data

  private sendMarket(): void {
    const nowNanos = this.door.clockNanos();
    for (const subscriber of this.subscribers) {
      const { stream } = subscriber;
      if (stream.hasPending() && !stream.mayWait(nowNanos)) this.deliver(subscriber, nowNanos);
    }
  }

  private deliver({ session, stream }: Subscriber, nowNanos: number): void {
    if (!session.isOpen) return;
    const recordsBefore = stream.recordsOut;
    this.counters.framesOut += stream.flush(session.socket, nowNanos);
    this.counters.recordsOut += stream.recordsOut - recordsBefore;
    if (stream.lost === 0) return;
    if (session.socket.bufferedBytes() > MARKET_BUFFERED_MAX / 2) return;
    this.counters.recordsConflated += stream.lost;
    stream.resumeAfterLoss();
    const pieces = this.memory.snapshot(stream, 1);
    this.sendRecords(session, FrameType.Conflated, stream.stream, stream.next, pieces);
  }

  /** Between turns: paced subscriptions, forming candles, and receivers that have caught up. */
  private pulse(): void {
    if (this.isUnwritten) return;
    this.pulses += 1;
    if (this.pulses % FORMING_PULSES === 0) {
      for (const { stream } of this.subscribers) {
        if ((stream.wants & Want.Forming) !== 0) this.peek(stream);
      }
    }
    this.sendMarket();
    for (const owner of this.owners) {
      for (const session of owner.sessions) this.sendOwn(session);
    }
  }

  private peek(stream: MarketStream): void {
    for (let timeframe = 0; timeframe < 32; timeframe += 1) {
      if (!stream.takes(Want.Forming, timeframe)) continue;
      this.door.peekCandle(stream.instrument, timeframe, (view, at) => {
        this.look(view.buffer);
        const cells = recordBytes(view, at) >> CELL_SHIFT;
        stream.append(this.source, view.byteOffset + at, cells);
      });
    }
  }

  // ---------------------------------------------------------------------------- requests

  /** A login has succeeded. */
  admitted(session: Session): void {
    this.counters.logins += 1;
    let owner = this.own.get(session.account);
    if (owner === undefined) {
      const stream = new OwnStream(session.account, this.limits.ownRecords);
      owner = { stream, sessions: [] };
      this.own.set(session.account, owner);
      this.owners.push(owner);
    }
    owner.sessions.push(session);
  }

  /** Sends instruments, currencies, timeframes, indicators and strategies, in pieces. */
  sendReference(session: Session): void {
    const all = this.door.reference();
    const longest = Math.max(...Object.values(all).map((list) => list.length));
    for (let from = 0; from === 0 || from < longest; from += REFERENCE_CHUNK) {
      const to = from + REFERENCE_CHUNK;
      session.send({ type: "reference", more: to < longest, ...slices(all, from, to) });
    }
  }

  /** Tells every session that reference data has changed. */
  referenceChanged(): void {
    for (const session of this.byId.values()) {
      if (session.isLoggedIn) this.sendReference(session);
    }
  }

  subscribeMarket(session: Session, request: number, wanted: MarketRequest): void {
    const fault = marketFault(wanted, this.door.reference());
    if (fault !== undefined) return session.refuse(fault.code, fault.what, fault.remedy, request);
    if (session.streams.length >= STREAMS_MAX) {
      const what = `${STREAMS_MAX} subscriptions are the most`;
      return session.refuse(Refusal.TooManySubscriptions, what, "unsubscribe one first", request);
    }
    const stream = new MarketStream(session.nextStream(), wanted);
    const pieces = this.memory.snapshot(stream, this.limits.historyCandles);
    session.send({
      type: "subscribed",
      request,
      stream: stream.stream,
      snapshotRecords: pieces.length,
      nextSequence: stream.next,
      resumed: false,
    });
    this.sendRecords(session, FrameType.Snapshot, stream.stream, stream.next, pieces);
    session.streams.push(stream);
    const subscriber = { session, stream };
    this.subscribers.push(subscriber);
    const list = this.market.get(stream.instrument);
    if (list === undefined) this.market.set(stream.instrument, [subscriber]);
    else list.push(subscriber);
    if ((stream.wants & Want.Forming) !== 0 && !this.isUnwritten) {
      this.peek(stream);
      this.deliver(subscriber, this.door.clockNanos());
    }
  }

  /** Ends a market subscription, or own events with stream 0; false when there is none. */
  unsubscribe(session: Session, stream: number): boolean {
    if (stream === 0) {
      const was = session.ownNext !== 0;
      session.ownNext = 0;
      session.ownSnapshots.length = 0;
      return was;
    }
    const index = session.streams.findIndex((one) => one.stream === stream);
    const found = session.streams[index];
    if (found === undefined) return false;
    session.streams.splice(index, 1);
    this.forget(found);
    return true;
  }

  subscribeOwn(
    session: Session,
    request: number,
    wanted: { run?: string | undefined; after?: number | undefined },
    run: string,
  ): void {
    const stream = this.own.get(session.account)?.stream;
    if (stream === undefined) return;
    const after = wanted.after ?? -1;
    const canResume = wanted.run === run && after + 1 >= stream.first && after < stream.next;
    // Without an account there is nothing to take a snapshot of.
    const isLive = canResume || session.account === 0;
    const from = canResume ? after + 1 : stream.next;
    session.ownSnapshots.length = 0;
    session.ownNext = isLive ? from : -1;
    if (!isLive && !this.inbound.query(session)) {
      session.ownNext = 0;
      const remedy = "the engine is behind: subscribe again in a moment";
      return session.refuse(Refusal.RingFull, "own events", remedy, request);
    }
    session.send({
      type: "subscribed",
      request,
      stream: 0,
      snapshotRecords: isLive ? 0 : -1,
      nextSequence: isLive ? from : 0,
      resumed: canResume,
    });
    if (isLive) this.sendOwn(session);
    else this.door.schedule();
  }

  history(session: Session, asked: Extract<ClientMessage, { type: "candles" }>): void {
    const { request, instrument, timeframe, count } = asked;
    const records = this.memory.candles(instrument, timeframe, count);
    session.send({ type: "history", request, instrument, timeframe, records });
  }

  /** Counts a refusal by its reason. */
  countRefusal(code: Refusal): void {
    const { refusals } = this.counters;
    refusals.set(code, (refusals.get(code) ?? 0) + 1);
  }

  // ---------------------------------------------------------------------------- sending

  /** Sends records (one a piece) in as few frames as they fit. */
  private sendRecords(
    session: Session,
    type: FrameType,
    stream: number,
    sequence: number,
    pieces: readonly Uint8Array[],
  ): void {
    let end: number = FRAME_HEADER_BYTES;
    let records = 0;
    for (const piece of pieces) {
      if (end + piece.length > FRAME_BYTES_MAX) {
        this.sendFrame(session, type, stream, sequence, records, end);
        end = FRAME_HEADER_BYTES;
        records = 0;
      }
      this.frame.set(piece, end);
      end += piece.length;
      records += 1;
    }
    this.sendFrame(session, type, stream, sequence, records, end);
  }

  /** Sends the first `bytes` of the frame buffer; false when the socket has dropped them. */
  private sendFrame(
    session: Session,
    type: FrameType,
    stream: number,
    streamSequence: number,
    records: number,
    bytes: number,
  ): boolean {
    const level = stream === 0 ? session.level : AckLevel.Written;
    const sentNanos = this.door.clockNanos();
    writeFrameHeader(this.frameView, {
      type,
      level: this.isUnwritten && stream !== 0 ? AckLevel.Memory : level,
      bytes,
      streamSequence,
      stream,
      records,
      sentNanos,
    });
    this.counters.framesOut += 1;
    this.counters.recordsOut += records;
    return session.socket.send(this.frame.subarray(0, bytes)) !== Sent.Dropped;
  }

  private leave(session: Session): void {
    const sessions = this.own.get(session.account)?.sessions;
    const index = sessions?.indexOf(session) ?? -1;
    if (index >= 0) sessions?.splice(index, 1);
    for (const stream of session.streams) this.forget(stream);
    session.streams.length = 0;
  }

  private forget(stream: MarketStream): void {
    this.counters.recordsConflated += stream.lost;
    for (const list of [this.subscribers, this.market.get(stream.instrument) ?? []]) {
      const index = list.findIndex((one) => one.stream === stream);
      if (index >= 0) list.splice(index, 1);
    }
  }
}

function ownRoutes(): Uint8Array {
  const routes = new Uint8Array(256);
  for (let low = 0; low < 0x40; low += 1) {
    // What has no layout cannot be read by a client; books' own prints begin at 0x40.
    if (layoutOf(0x0600 | low) !== undefined) routes[low] = OwnRoute.Account;
  }
  routes[Kind.ConfigAccepted & 0xff] = OwnRoute.Config;
  routes[Kind.ConfigDenied & 0xff] = OwnRoute.Config;
  routes[Kind.TradingStateChanged & 0xff] = OwnRoute.Switch;
  // An auction is everybody's: its records name no account there.
  routes[Kind.AuctionIndicative & 0xff] = OwnRoute.Switch;
  routes[Kind.AuctionUncrossed & 0xff] = OwnRoute.Switch;
  return routes;
}

/** The input's number: exact below 2^53. */
function readCause(view: DataView, at: number): number {
  const high = view.getUint32(at + REC_CAUSE + 4, true);
  return high * 0x1_0000_0000 + view.getUint32(at + REC_CAUSE, true);
}

function recordsOf(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = recordBytes(view, at);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

function slices(all: ReferenceData, from: number, to: number): ReferenceData {
  return {
    instruments: all.instruments.slice(from, to),
    currencies: all.currencies.slice(from, to),
    timeframes: all.timeframes.slice(from, to),
    indicators: all.indicators.slice(from, to),
    strategies: all.strategies.slice(from, to),
  };
}

interface RequestFault {
  code: Refusal;
  what: string;
  remedy: string;
}

function marketFault(wanted: MarketRequest, known: ReferenceData): RequestFault | undefined {
  const { instrument } = wanted;
  if (instrument !== 0 && !known.instruments.some(({ id }) => id === instrument)) {
    const what = `instrument ${instrument} does not exist`;
    return { code: Refusal.UnknownInstrument, what, remedy: "use an id of the reference data" };
  }
  const has = (slot: number): boolean =>
    known.timeframes.some(
      ({ slot: have, instrument: of }) =>
        have === slot && (instrument === 0 || of === 0 || of === instrument),
    );
  const slot = wanted.candles?.find((one) => !has(one));
  if (slot !== undefined) {
    const what = `instrument ${instrument} has no timeframe slot ${slot}`;
    return { code: Refusal.UnknownTimeframe, what, remedy: "use a slot of the reference data" };
  }
  if (wanted.forming === true && instrument === 0) {
    const remedy = "name one instrument; forming candles are looked up one by one";
    return { code: Refusal.MalformedFrame, what: "forming candles of everything", remedy };
  }
  if (wantsOf(wanted) !== 0) return undefined;
  const remedy = "ask for ticks, candles, indicators or signals";
  return { code: Refusal.MalformedFrame, what: "a subscription to nothing", remedy };
}
