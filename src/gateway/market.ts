// Market data of one subscription: frames filled while outputs are collected, sent once a turn.
//
// A record is copied into the frame it will leave in, so sending is one call with a view. A
// receiver that is slow gets no queue: its frames are dropped and counted, its numbers move on, and
// the next frame is of type Conflated with the present state.
//
// tidy: tested by test/src/gateway/server.test.ts
import {
  AckLevel,
  CELL_SHIFT,
  FRAME_BYTES,
  FRAME_BYTES_MAX,
  FRAME_HEADER_BYTES,
  FRAME_RECORDS,
  FRAME_SENT_NANOS,
  FrameType,
  Kind,
} from "../../asm/vocab.ts";
import type { MarketRequest } from "../protocol.ts";
import { writeFrameHeader } from "../protocol.ts";
import { Sent } from "./door.ts";
import type { Socket } from "./door.ts";

/** First bytes of a subscription's frames, doubled up to the bound when a turn needs more. */
const BUFFER_BYTES = FRAME_BYTES_MAX;
/** Bytes of frames one turn (or interval) may fill for one subscription. */
export const TURN_BYTES_MAX = 16 * FRAME_BYTES_MAX;
/** Unread bytes of a socket from which market data is conflated. */
export const MARKET_BUFFERED_MAX = 256 * 1024;
/** A paced subscription sends earlier when so much waits. */
const PACED_BYTES = 32 * 1024;
const FRAMES_MAX = TURN_BYTES_MAX / FRAME_BYTES_MAX + 1;

/** What a subscription wants, as bits. */
export enum Want {
  Ticks = 1,
  Candles = 2,
  Forming = 4,
  Indicators = 8,
  Signals = 16,
}

/** Bits a request asks for. */
export function wantsOf(request: MarketRequest): number {
  let wants = 0;
  if (request.ticks === true) wants |= Want.Ticks;
  if ((request.candles?.length ?? 0) > 0) wants |= Want.Candles;
  if ((request.candles?.length ?? 0) > 0 && request.forming === true) wants |= Want.Forming;
  if (request.indicators === true) wants |= Want.Indicators;
  if (request.signals === true) wants |= Want.Signals;
  return wants;
}

/** The bit of a kind of market data; 0 = it is not sent. */
export function wantOf(kind: number): number {
  switch (kind) {
    case Kind.TradePrint:
    case Kind.TopOfBook:
      return Want.Ticks;
    case Kind.CandleClosed:
      return Want.Candles;
    case Kind.CandleForming:
      return Want.Forming;
    case Kind.IndicatorValue:
      return Want.Indicators;
    case Kind.Signal:
    case Kind.BookTrust:
    case Kind.MarketRefusal:
      return Want.Signals;
    default:
      return 0;
  }
}

/** One subscription of one session. */
export class MarketStream {
  readonly stream: number;
  /** 0 = every instrument. */
  readonly instrument: number;
  readonly wants: number;
  /** Bits of the timeframe slots whose candles are sent. */
  readonly timeframes: number;
  readonly intervalNanos: number;
  /** Number of the next record. */
  next = 1;
  /** Records handed to the socket so far. */
  recordsOut = 0;
  /** Records this receiver did not get since it last was told. */
  lost = 0;
  private buffer = new ArrayBuffer(BUFFER_BYTES);
  private u8 = new Uint8Array(this.buffer);
  private words = new Int32Array(this.buffer);
  private view = new DataView(this.buffer);
  /** Start of each frame in the buffer; the last one is open. */
  private readonly starts = new Int32Array(FRAMES_MAX);
  private frames = 0;
  private end = 0;
  private records = 0;
  private pending = 0;
  private dueNanos = 0;

  constructor(stream: number, request: MarketRequest) {
    this.stream = stream;
    this.instrument = request.instrument;
    this.wants = wantsOf(request);
    this.timeframes = (request.candles ?? []).reduce((bits, slot) => bits | (1 << slot), 0);
    this.intervalNanos = (request.intervalMillis ?? 0) * 1e6;
  }

  /** True when the record's bits and, for candles, its timeframe are asked for. */
  takes(want: number, timeframe: number): boolean {
    if ((this.wants & want) === 0) return false;
    if ((want & (Want.Candles | Want.Forming)) === 0) return true;
    return (this.timeframes & (1 << timeframe)) !== 0;
  }

  /** Copies one record into the open frame; beyond the turn's bound it is lost and counted. */
  append(source: Int32Array, from: number, cells: number): void {
    const bytes = cells << CELL_SHIFT;
    const open = this.frames === 0 ? 0 : (this.starts[this.frames - 1] ?? 0);
    const startsFrame = this.frames === 0 || this.end - open + bytes > FRAME_BYTES_MAX;
    const need = this.end + bytes + (startsFrame ? FRAME_HEADER_BYTES : 0);
    if (this.lost > 0 || need > TURN_BYTES_MAX) {
      this.lost += 1;
      this.next += 1;
      return;
    }
    if (need > this.buffer.byteLength) this.grow();
    if (startsFrame) this.startFrame();
    let to = this.end >> 2;
    let word = from >> 2;
    for (const end = word + (bytes >> 2); word < end; word += 1) {
      this.words[to] = source[word] ?? 0;
      to += 1;
    }
    this.end += bytes;
    this.records += 1;
    this.pending += 1;
    this.next += 1;
  }

  /** True when records, or the news that records were lost, wait to be sent. */
  hasPending(): boolean {
    return this.pending > 0 || this.lost > 0;
  }

  /** True when a paced subscription may wait longer. */
  mayWait(nowNanos: number): boolean {
    return this.intervalNanos > 0 && nowNanos < this.dueNanos && this.end < PACED_BYTES;
  }

  /**
   * Sends what waits, or drops it when the receiver is slow; `lost` then stays above 0 until
   * `resumeAfterLoss`. Returns the frames sent.
   */
  flush(socket: Socket, nowNanos: number): number {
    this.dueNanos = nowNanos + this.intervalNanos;
    if (this.pending === 0) return 0;
    const isSlow = socket.bufferedBytes() > MARKET_BUFFERED_MAX;
    const sent = isSlow ? 0 : this.sendFrames(socket, nowNanos);
    this.lost += this.pending;
    this.frames = 0;
    this.end = 0;
    this.records = 0;
    this.pending = 0;
    return sent;
  }

  /** Sends frame by frame; what is sent is no longer pending. */
  private sendFrames(socket: Socket, nowNanos: number): number {
    this.closeFrame();
    for (let frame = 0; frame < this.frames; frame += 1) {
      const start = this.starts[frame] ?? 0;
      const bytes = this.view.getUint32(start + FRAME_BYTES, true);
      this.view.setFloat64(start + FRAME_SENT_NANOS, nowNanos, true);
      if (socket.send(this.u8.subarray(start, start + bytes)) === Sent.Dropped) return frame;
      const records = this.view.getUint32(start + FRAME_RECORDS, true);
      this.pending -= records;
      this.recordsOut += records;
    }
    return this.frames;
  }

  /** The loss has been told; numbers go on from `next`. */
  resumeAfterLoss(): void {
    this.lost = 0;
  }

  private startFrame(): void {
    this.closeFrame();
    this.starts[this.frames] = this.end;
    this.frames += 1;
    const view = new DataView(this.buffer, this.end, FRAME_HEADER_BYTES);
    writeFrameHeader(view, {
      type: FrameType.Records,
      level: AckLevel.Written,
      bytes: 0,
      streamSequence: this.next,
      stream: this.stream,
      records: 0,
      sentNanos: 0,
    });
    this.end += FRAME_HEADER_BYTES;
  }

  private closeFrame(): void {
    if (this.frames === 0) return;
    const start = this.starts[this.frames - 1] ?? 0;
    this.view.setUint32(start + FRAME_BYTES, this.end - start, true);
    this.view.setUint32(start + FRAME_RECORDS, this.records, true);
    this.records = 0;
  }

  private grow(): void {
    const larger = new ArrayBuffer(Math.min(this.buffer.byteLength * 2, TURN_BYTES_MAX));
    new Uint8Array(larger).set(this.u8);
    this.buffer = larger;
    this.u8 = new Uint8Array(larger);
    this.words = new Int32Array(larger);
    this.view = new DataView(larger);
  }
}
