// Transfer of 64-byte records between two threads, one producer, one consumer, both spinning.
//
// `single` publishes after every record, `batch 64` after 64; the peer moves the same bytes in the
// same batches through ringbuf.js. The consumer reads every record it takes and sums a field, so
// nothing is skipped; the sum is the hash. Both consumers make the same pause after an empty look.
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { RingBuffer } from "ringbuf.js";

import { CELL_BYTES, CELL_SHIFT, Kind, REC_KIND, TRADE_PRICE_TICKS } from "../asm/vocab.ts";
import { Ring, ringBytes } from "../src/rings/ring.ts";
import { plantedSlowdown, type BenchOptions, type BenchResult } from "./report.ts";

const CELLS = 16384;
const WORDS = CELL_BYTES / 4;
const FLOATS = CELL_BYTES / 8;
const ROUNDS = 5;

interface Job {
  engine: "alphapulse" | "ringbuf.js";
  buffer: SharedArrayBuffer;
  records: number;
  batch: number;
}

// ------------------------------------------------------------------------------- producers

function produce(job: Job): void {
  if (job.engine === "alphapulse") produceRing(job);
  else producePeer(job);
}

/** One prepared trade a batch slot; the price is its number, so that the sum tells them apart. */
function prepared(batch: number): Uint32Array {
  const bytes = new ArrayBuffer(batch * CELL_BYTES);
  const view = new DataView(bytes);
  for (let slot = 0; slot < batch; slot++) {
    view.setUint16(slot * CELL_BYTES + REC_KIND, Kind.Trade, true);
    view.setUint32(slot * CELL_BYTES + TRADE_PRICE_TICKS, slot + 1, true);
  }
  return new Uint32Array(bytes);
}

function produceRing({ buffer, records, batch }: Job): void {
  const ring = new Ring(buffer, 0);
  const source = prepared(batch);
  for (let sent = 0; sent < records; sent += batch) {
    if (batch === 1) while (!ring.push(source, 0, 1));
    else pushWhole(ring, source, batch * CELL_BYTES);
    ring.publish();
  }
}

function pushWhole(ring: Ring, source: Uint32Array, bytes: number): void {
  for (let at = 0; at < bytes;) at = ring.pushRun(source, at, bytes);
}

function producePeer({ buffer, records, batch }: Job): void {
  const ring = new RingBuffer(buffer, Float64Array);
  const source = new Float64Array(prepared(batch).buffer);
  for (let sent = 0; sent < records; sent += batch) {
    let from = 0;
    while (from < source.length) from += ring.push(source, source.length - from, from);
  }
}

// ------------------------------------------------------------------------------- consumers

/** Turns of the pause below: some microseconds. */
const PAUSE_TURNS = 2048;

/**
 * What both consumers do after they found nothing: stay off the producer's cache line for some
 * microseconds, so that the next look finds a run.
 */
function pauseSpin(): void {
  for (let turn = 0; turn < PAUSE_TURNS; turn++);
}

function consumeRing(buffer: SharedArrayBuffer, records: number): number {
  const ring = new Ring(buffer, 0);
  const words = ring.u32;
  let sum = 0;
  for (let taken = 0; taken < records;) {
    const from = ring.next();
    if (from < 0) {
      pauseSpin();
      continue;
    }
    const to = ring.skipRun();
    for (let at = from; at < to; at += CELL_BYTES) sum += words[(at + TRADE_PRICE_TICKS) >> 2]!;
    ring.release();
    taken += (to - from) >> CELL_SHIFT;
  }
  return sum;
}

function consumePeer(buffer: SharedArrayBuffer, records: number, batch: number): number {
  const ring = new RingBuffer(buffer, Float64Array);
  const target = new Float64Array(Math.max(batch, 1) * FLOATS);
  const words = new Uint32Array(target.buffer);
  let sum = 0;
  for (let taken = 0; taken < records;) {
    const floats = ring.pop(target, target.length);
    for (let word = TRADE_PRICE_TICKS >> 2; word < floats * 2; word += WORDS) sum += words[word]!;
    if (floats === 0) pauseSpin();
    taken += floats / FLOATS;
  }
  return sum;
}

// ------------------------------------------------------------------------------- runs

/** Moves `records` records and returns millions per second; best of ROUNDS, sums must agree. */
async function measure(
  engine: Job["engine"],
  batch: number,
  records: number,
): Promise<{ rate: number; sum: number }> {
  let best = 0;
  let sum = 0;
  const slowdown = plantedSlowdown("rings");
  const worker = new Worker(new URL(import.meta.url), { workerData: "producer" });
  for (let round = 0; round < ROUNDS; round++) {
    const buffer =
      engine === "alphapulse"
        ? new SharedArrayBuffer(ringBytes(CELLS))
        : RingBuffer.getStorageForCapacity(CELLS * FLOATS, Float64Array);
    if (engine === "alphapulse") Ring.create(buffer, 0, CELLS);
    const started = new Promise((resolve) => worker.once("message", resolve));
    worker.postMessage({ engine, buffer, records, batch } satisfies Job);
    await started;
    const startMillis = performance.now();
    sum =
      engine === "alphapulse" ? consumeRing(buffer, records) : consumePeer(buffer, records, batch);
    if (engine === "alphapulse") slowdown(startMillis);
    best = Math.max(best, records / (performance.now() - startMillis) / 1000);
  }
  worker.postMessage(null);
  return { rate: best, sum };
}

/** Runs the bench; see bench/report.ts. */
export async function main(options: BenchOptions): Promise<BenchResult> {
  const metrics = [];
  let hash = 0n;
  for (const [name, batch] of [
    ["single", 1],
    ["batch 64", 64],
  ] as const) {
    const records = (options.small ? 1 : 8) * 64 * (batch === 1 ? 20_000 : 60_000);
    const ours = await measure("alphapulse", batch, records);
    const peer = await measure("ringbuf.js", batch, records);
    if (ours.sum !== peer.sum) throw new Error(`${name}: sums ${ours.sum} and ${peer.sum} differ`);
    hash = hash * 31n + BigInt(ours.sum);
    const peerName = "ringbuf.js 0.4.0, same batch";
    metrics.push({
      metric: name,
      value: ours.rate,
      unit: "M records/s",
      peer: peer.rate,
      peerName,
    });
  }
  const scope =
    "64-byte record copied in, published, read and released across two spinning threads; " +
    "both consumers pause 4.5 us after an empty look; thread start and wake-ups left out";
  return { name: "rings", hash: BigInt.asUintN(64, hash).toString(16), scope, metrics };
}

if (!isMainThread && workerData === "producer") {
  parentPort!.on("message", (job: Job | null) => {
    if (job === null) {
      parentPort!.close();
      return;
    }
    parentPort!.postMessage("started");
    produce(job);
  });
}
