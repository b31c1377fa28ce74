// Transfer of 64-byte records between two threads, one producer, one consumer, both spinning.
//
// `single` publishes after every record, `batch 64` after 64; the peer moves the same bytes in the
// same batches through ringbuf.js. The consumer reads every record it takes and sums a field, so
// nothing is skipped; the sum is the hash. Both consumers make the same pause after an empty look.
//
// The peer copies element by element, so its speed is its element type's. A record mixes integers
// of 2 to 8 bytes; as doubles they pass only where an engine happens to keep the bits of every NaN,
// which the language does not promise. So the peer of a goal is its faster integer type, and its
// doubles stand in a line of their own. The floor is a hand-over without a queue: whole blocks of
// 256 KiB, one flag each, which is what the two cores can move at all. Rounds of all engines take
// turns, because a host moves its guests: the same two threads were seen at 5 and at 18 M
// records/s a minute apart.
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { RingBuffer } from "ringbuf.js";

import { CELL_BYTES, CELL_SHIFT, Kind, REC_KIND, TRADE_PRICE_TICKS } from "../asm/vocab.ts";
import { Ring, ringBytes } from "../src/rings/ring.ts";
import {
  plantedSlowdown,
  type BenchMetric,
  type BenchOptions,
  type BenchResult,
} from "./report.ts";

const CELLS = 16384;
const WORDS = CELL_BYTES / 4;
const ROUNDS = 9;

/** Element types of the peer's ring, and ours. */
const PEERS = { Int32Array, Uint32Array, Float64Array };
type Engine = "alphapulse" | "blocks" | keyof typeof PEERS;
const ENGINES: Engine[] = ["alphapulse", "blocks", "Int32Array", "Uint32Array", "Float64Array"];

/** The floor hands over blocks of so many records, four in the place of a ring. */
const BLOCK_RECORDS = CELLS / 4;
const BLOCK_WORDS = BLOCK_RECORDS * WORDS;
/** Words between the blocks' flags. */
const FLAG_WORDS = 32;
const BLOCKS_AT = 4 * FLAG_WORDS;

interface Job {
  engine: Engine;
  buffer: SharedArrayBuffer;
  records: number;
  batch: number;
}

// ------------------------------------------------------------------------------- producers

function produce(job: Job): void {
  if (job.engine === "alphapulse") produceRing(job);
  else if (job.engine === "blocks") produceBlocks(job);
  else producePeer(job, PEERS[job.engine]);
}

/** One prepared trade a batch slot; the price is its number, so that the sum tells them apart. */
function prepared(batch: number): Int32Array {
  const bytes = new ArrayBuffer(batch * CELL_BYTES);
  const view = new DataView(bytes);
  for (let slot = 0; slot < batch; slot++) {
    view.setUint16(slot * CELL_BYTES + REC_KIND, Kind.Trade, true);
    view.setUint32(slot * CELL_BYTES + TRADE_PRICE_TICKS, slot + 1, true);
  }
  return new Int32Array(bytes);
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

function pushWhole(ring: Ring, source: Int32Array, bytes: number): void {
  for (let at = 0; at < bytes;) at = ring.pushRun(source, at, bytes);
}

function produceBlocks({ buffer, records }: Job): void {
  const words = new Int32Array(buffer);
  const source = prepared(BLOCK_RECORDS);
  for (let sent = 0, block = 0; sent < records; sent += BLOCK_RECORDS, block = (block + 1) & 3) {
    while (Atomics.load(words, block * FLAG_WORDS) !== 0) pauseSpin();
    words.set(source, BLOCKS_AT + block * BLOCK_WORDS);
    Atomics.store(words, block * FLAG_WORDS, 1);
  }
}

type PeerType = (typeof PEERS)[keyof typeof PEERS];

function producePeer({ buffer, records, batch }: Job, type: PeerType): void {
  const ring = new RingBuffer(buffer, type);
  const source = new type(prepared(batch).buffer as ArrayBuffer);
  for (let sent = 0; sent < records; sent += batch) {
    let from = 0;
    while (from < source.length) from += ring.push(source, source.length - from, from);
  }
}

// ------------------------------------------------------------------------------- consumers

/** Roots of the pause below: some 4 us. */
const PAUSE_TURNS = 450;
const rested = new Float64Array(1);

/**
 * What both consumers do after they found nothing: stay off the producer's cache line, so that the
 * next look finds a run. Each root waits for the one before, which leaves the core to a producer
 * that may share it.
 */
function pauseSpin(): void {
  let root = rested[0]!;
  for (let turn = 0; turn < PAUSE_TURNS; turn++) root = Math.sqrt(root + 2.5) / 1.5;
  rested[0] = root;
}

function consumeRing(buffer: SharedArrayBuffer, records: number): number {
  const ring = new Ring(buffer, 0);
  const words = ring.i32;
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

function consumeBlocks({ buffer, records }: Job): number {
  const words = new Int32Array(buffer);
  let sum = 0;
  for (let taken = 0, block = 0; taken < records; taken += BLOCK_RECORDS, block = (block + 1) & 3) {
    while (Atomics.load(words, block * FLAG_WORDS) === 0) pauseSpin();
    let word = BLOCKS_AT + block * BLOCK_WORDS + (TRADE_PRICE_TICKS >> 2);
    for (const end = word + BLOCK_WORDS; word < end; word += WORDS) sum += words[word]!;
    Atomics.store(words, block * FLAG_WORDS, 0);
  }
  return sum;
}

function consume(job: Job): number {
  if (job.engine === "alphapulse") return consumeRing(job.buffer, job.records);
  return job.engine === "blocks" ? consumeBlocks(job) : consumePeer(job, PEERS[job.engine]);
}

function consumePeer({ buffer, records, batch }: Job, type: PeerType): number {
  const ring = new RingBuffer(buffer, type);
  const elements = CELL_BYTES / type.BYTES_PER_ELEMENT;
  const target = new type(batch * elements);
  const words = new Int32Array(target.buffer);
  let sum = 0;
  for (let taken = 0; taken < records;) {
    const records = ring.pop(target, target.length) / elements;
    const end = records * WORDS;
    for (let word = TRADE_PRICE_TICKS >> 2; word < end; word += WORDS) sum += words[word]!;
    if (records === 0) pauseSpin();
    taken += records;
  }
  return sum;
}

// ------------------------------------------------------------------------------- runs

/** An engine's producer thread and what its rounds gave. */
class Entry {
  readonly engine: Engine;
  /** Millions of records per second, best round. */
  best = 0;
  sum = 0;
  private readonly worker = new Worker(new URL(import.meta.url), { workerData: "producer" });
  private readonly slowdown = plantedSlowdown("rings");

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** Moves `records` records once. */
  async round(batch: number, records: number): Promise<void> {
    const { engine, worker } = this;
    const job: Job = { engine, buffer: ringOf(engine), records, batch };
    const started = new Promise((resolve) => worker.once("message", resolve));
    worker.postMessage(job);
    await started;
    const startMillis = performance.now();
    this.sum = consume(job);
    if (engine === "alphapulse") this.slowdown(startMillis);
    this.best = Math.max(this.best, records / (performance.now() - startMillis) / 1000);
  }

  close(): void {
    this.worker.postMessage(null);
  }
}

function ringOf(engine: Engine): SharedArrayBuffer {
  if (engine === "blocks") return new SharedArrayBuffer((BLOCKS_AT + 4 * BLOCK_WORDS) * 4);
  if (engine !== "alphapulse") {
    const type = PEERS[engine];
    return RingBuffer.getStorageForCapacity((CELLS * CELL_BYTES) / type.BYTES_PER_ELEMENT, type);
  }
  const buffer = new SharedArrayBuffer(ringBytes(CELLS));
  Ring.create(buffer, 0, CELLS);
  return buffer;
}

/** Every engine once a round, so that all of them meet the machine in the same moods. */
async function race(batch: number, records: number): Promise<Map<Engine, Entry>> {
  const entries = ENGINES.map((engine) => new Entry(engine));
  for (let round = 0; round < ROUNDS; round++) {
    for (const entry of entries) await entry.round(batch, records);
  }
  for (const entry of entries) {
    entry.close();
    const ours = entries[0]!.sum;
    if (entry.engine !== "blocks" && entry.sum !== ours)
      throw new Error(`${entry.engine}: sum ${entry.sum}, ours ${ours}`);
  }
  return new Map(entries.map((entry) => [entry.engine, entry]));
}

/** Runs the bench; see bench/report.ts. */
export async function main(options: BenchOptions): Promise<BenchResult> {
  const metrics: BenchMetric[] = [];
  let hash = 0n;
  for (const [name, batch] of [
    ["single", 1],
    ["batch 64", 64],
  ] as const) {
    const records = (options.small ? 1 : 4) * BLOCK_RECORDS * (batch === 1 ? 160 : 480);
    const entries = await race(batch, records);
    const rate = (engine: Engine): number => entries.get(engine)!.best;
    const value = rate("alphapulse");
    const integer = rate("Int32Array") > rate("Uint32Array") ? "Int32Array" : "Uint32Array";
    hash = hash * 31n + BigInt(entries.get("alphapulse")!.sum);
    const unit = "M records/s";
    for (const [suffix, peer] of [
      ["", integer],
      [", peer with doubles", "Float64Array"],
    ] as const) {
      const peerName = `ringbuf.js 0.4.0, ${peer}, same batch`;
      const ratios = { floor: rate("blocks"), peer: rate(peer), peerName };
      metrics.push({ metric: `${name}${suffix}`, value, unit, ...ratios });
    }
  }
  const scope =
    "64-byte record copied in, published, read and released across two spinning threads; both " +
    "consumers pause 4 us after an empty look; thread start and wake-ups left out; best of " +
    `${ROUNDS} rounds each, taken in turns`;
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
