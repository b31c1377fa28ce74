// The gateway's two borders: the engine behind it and the sockets before it.
//
// The engine owns rings and loop; the gateway writes into rings, asks for a turn, and is handed
// outputs. Sockets come in two kinds (uWebSockets.js and ws) that look the same from here. Nothing
// in these shapes is a promise or an object per record: they are called on the hot path.
//
// tidy: tested by test/src/gateway/server.test.ts
import type { ReferenceData } from "../protocol.ts";

/** The producer's side of a ring, as `Ring` of src/rings gives it. */
export interface RecordRing {
  /** Copies one record of `cells` cells from byte `from`; false when the ring is full. */
  push(source: Int32Array, from: number, cells: number): boolean;
  /** Shows the copied records to the consumer. */
  publish(): void;
  /** Wakes a consumer that waits. */
  wake(): void;
  /** Cells that are free. */
  room(): number;
}

/** What the gateway needs from an engine. */
export interface EngineDoor {
  readonly control: RecordRing;
  readonly command: RecordRing;
  readonly feed: RecordRing;
  /** A loop turn is due: rings have inputs. */
  schedule(): void;
  /**
   * Shows the CandleForming record of a slot, valid only during the call; not called at all when
   * the slot has no open candle.
   */
  peekCandle(
    instrument: number,
    timeframe: number,
    done: (view: DataView, at: number) => void,
  ): void;
  reference(): ReferenceData;
  /** Nanoseconds since the run's ClockBase. */
  readonly clockNanos: () => number;
}

/** What became of bytes given to a socket. */
export enum Sent {
  /** With the operating system. */
  Sent = 0,
  /** Kept in memory until the peer reads. */
  Buffered = 1,
  /** Gone: the socket is closed or its buffer is over its bound. */
  Dropped = 2,
}

/** One open WebSocket. */
export interface Socket {
  /** Sends one binary message; the bytes may be reused when the call returns. */
  send(bytes: Uint8Array): Sent;
  /** Says why and closes, after what is buffered. */
  close(code: number, reason: string): void;
  /** Bytes the peer has not taken yet. */
  bufferedBytes(): number;
}

/** How a socket came in; checked against the allowlists before. */
export interface Arrival {
  /** Host header, as the client dialed. */
  host: string;
  /** Origin header; empty for clients that are no browser. */
  origin: string;
}

/** What a server calls with its sockets; all four on one thread. */
export interface SocketHandler {
  open(socket: Socket, arrival: Arrival): void;
  /** One message; the bytes are valid only during the call. `isBinary` false: a text message. */
  message(socket: Socket, bytes: Uint8Array, isBinary: boolean): void;
  /** The peer has taken buffered bytes. */
  drain(socket: Socket): void;
  /** The connection is gone; the socket takes no more bytes. */
  closed(socket: Socket): void;
}

/** WebSocket close codes used here. */
export enum CloseCode {
  Normal = 1000,
  GoingAway = 1001,
  Policy = 1008,
  TooBig = 1009,
  TryLater = 1013,
}
