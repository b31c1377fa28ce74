// The order loop's end of a market worker: its rings, and the few questions asked by message.
//
// tidy: tested by test/src/oms/topology.test.ts
import { Worker } from "node:worker_threads";

import { RING_CONTROL, RING_FEED, RING_SOURCE } from "../../asm/layout.ts";
import type { ClockOrigin } from "../clock.ts";
import type { Core } from "../core/core.ts";
import { buildPath } from "../core/paths.ts";
import { AlphaError } from "../errors.ts";
import { Ring } from "../rings/ring.ts";
import type { MarketMark } from "./market-mark.ts";
import type { Midway } from "./midway.ts";

/** What workers/market.ts is started with. */
export interface MarketWorkerData {
  stream: number;
  origin: ClockOrigin;
  isRecorded: boolean;
  journalDir: string | undefined;
  segmentBytes: number | undefined;
  reserveBytes: number | undefined;
  derivedBuffer: SharedArrayBuffer;
  derivedAt: number;
  /** What of its records the order loop has seen. */
  seen: MarketMark;
}

/** Questions to the worker; every one is answered with the same `id`. */
export type MarketRequest =
  | { id: number; type: "configure"; records: Uint8Array[] }
  | { id: number; type: "drained" }
  | { id: number; type: "hash" }
  | { id: number; type: "peek"; instrument: number; timeframe: number }
  | { id: number; type: "stop" };

export interface MarketAnswer {
  id: number;
  value?: unknown;
  fault?: { code: string; what: string; remedy: string };
}

export interface MarketReady {
  ready: true;
  buffer: SharedArrayBuffer;
  recoveredRecords: number;
  /** Where its state begins when the journal's beginning is gone. */
  midway: Midway | undefined;
  feedRecords: number;
}

type Pending = { resolve: (value: unknown) => void; reject: (reason: unknown) => void };

/** One market worker. Close it by `stop`, never by terminate. */
export class MarketLink {
  readonly feed: Ring;
  readonly source: Ring;
  readonly control: Ring;
  readonly buffer: SharedArrayBuffer;
  readonly feedRecords: number;
  /** Where its state begins when the journal's beginning is gone and no snapshot could be used. */
  readonly midway: Midway | undefined;
  private readonly worker: Worker;
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  private hasExited = false;

  private constructor(worker: Worker, ready: MarketReady, onFault: (fault: unknown) => void) {
    this.worker = worker;
    this.buffer = ready.buffer;
    this.feedRecords = ready.feedRecords;
    this.midway = ready.midway;
    this.feed = new Ring(ready.buffer, RING_FEED);
    this.source = new Ring(ready.buffer, RING_SOURCE);
    this.control = new Ring(ready.buffer, RING_CONTROL);
    worker.on("message", (answer: MarketAnswer) => this.settle(answer, onFault));
    worker.on("error", onFault);
    worker.on("exit", () => this.abandon());
  }

  /** Starts the worker; resolves when it has recovered its journal. */
  static async open(
    order: Core,
    data: Omit<MarketWorkerData, "derivedBuffer" | "derivedAt">,
    onFault: (fault: unknown) => void,
  ): Promise<MarketLink> {
    const workerData: MarketWorkerData = {
      ...data,
      derivedBuffer: order.buffer,
      derivedAt: order.derived.at,
    };
    const worker = new Worker(buildPath("workers", "market.js"), { workerData });
    const ready = await new Promise<MarketReady>((resolve, reject) => {
      worker.once("error", reject);
      worker.once("message", (message: MarketReady | MarketAnswer) => {
        worker.off("error", reject);
        if ("ready" in message) resolve(message);
        else reject(toError(message.fault));
      });
    });
    return new MarketLink(worker, ready, onFault);
  }

  private settle(answer: MarketAnswer, onFault: (fault: unknown) => void): void {
    const pending = this.pending.get(answer.id);
    this.pending.delete(answer.id);
    if (pending === undefined) onFault(toError(answer.fault));
    else if (answer.fault !== undefined) pending.reject(toError(answer.fault));
    else pending.resolve(answer.value);
  }

  /** A thread that has ended answers nothing: whoever waits must hear of it. */
  private abandon(): void {
    this.hasExited = true;
    for (const { reject } of this.pending.values()) reject(ended());
    this.pending.clear();
  }

  private ask(request: Record<string, unknown>): Promise<unknown> {
    if (this.hasExited) return Promise.reject(ended());
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.worker.postMessage({ id, ...request });
    });
  }

  async configure(records: readonly Uint8Array[]): Promise<void> {
    await this.ask({ type: "configure", records });
  }

  /** Resolves with the last input market records came of, once the worker's rings are empty. */
  async drained(): Promise<number> {
    return (await this.ask({ type: "drained" })) as number;
  }

  async stateHash(): Promise<bigint> {
    return (await this.ask({ type: "hash" })) as bigint;
  }

  /** Bytes of the CandleForming record, undefined when there is none. */
  async peekCandle(instrument: number, timeframe: number): Promise<Uint8Array | undefined> {
    return (await this.ask({ type: "peek", instrument, timeframe })) as Uint8Array | undefined;
  }

  /** Lets the worker take its last turn and close its journal; resolves with its state hash. */
  async stop(): Promise<bigint> {
    const hash = (await this.ask({ type: "stop" })) as bigint;
    if (!this.hasExited) await new Promise<void>((done) => this.worker.once("exit", () => done()));
    return hash;
  }
}

function ended(): AlphaError {
  return new AlphaError("MARKET_WORKER", "the market worker has ended", "see its fault in the log");
}

function toError(fault: MarketAnswer["fault"]): AlphaError {
  if (fault === undefined) return new AlphaError("MARKET_WORKER", "no answer", "see the log");
  return new AlphaError(fault.code, fault.what, fault.remedy);
}
