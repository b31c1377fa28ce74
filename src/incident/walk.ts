// Forwards and back through a journal slice: one core, and images of it to go back to.
//
// A step forward replays. A step back begins with the newest image before the goal, in a memory of
// its own (a fresh one costs a millisecond, emptying the old one would cost a search of all of it),
// and replays from there. Images lie so far apart that a replay between two is short; when there
// are too many, every second goes. Who steps back far from an image leaves one close behind the
// goal, so that the next step back is short. What the cursor shows is asked of the core itself.
//
// tidy: tested by test/src/incident/walk.test.ts
import { H_BELL, HEADER, ORDER, ORDER_HEAD_BYTES, PEEK } from "../../asm/layout.ts";
import {
  BLOCK_HEADER_BYTES,
  BLOCK_RECORDS,
  Kind,
  REC_CAUSE,
  REC_INSTRUMENT,
  REC_KIND,
  REC_SEQUENCE,
  REC_TS_ENGINE,
  Role,
} from "../../asm/vocab.ts";
import { Core, type CoreBuild } from "../core/core.ts";
import { imagePage, imagePageBytes, imagePages } from "../core/image.ts";
import { AlphaError } from "../errors.ts";
import { segmentIndexOf } from "../journal/format.ts";
import { scanBlocks, type Block, type ScanEnd, type ScanStart } from "../journal/scan.ts";
import { recoverBlock, type Recovery } from "../oms/recovery.ts";
import { split } from "../oms/snapshot.ts";
import { askAccount, askBalances, type AccountView } from "../oms/state-query.ts";
import { decode, isRecord, recordBytes } from "../protocol.ts";
import type { BalanceRecord, DecodedRecord } from "../protocol.ts";
import { noSnapshot, openSlice, type Slice, type SliceSource } from "./slice.ts";
import { WalkIndex } from "./walk-index.ts";

/** Images kept, and inputs between two at first. */
export const IMAGES_MAX = 32;
const IMAGE_EVERY = 10_000;
/** A replay on the way back leaves an image when it was longer, so far behind the goal. */
const NEAR_FAR = 4_000;
const NEAR_BEHIND = 1_000;
/** Outputs of the input at the cursor that are shown. */
const OUTPUTS_SHOWN_MAX = 64;
/** Kinds that the market role gives out. */
const MARKET_BLOCK = 0x04;
/** Outputs of which the last of each instrument is shown. */
const NOTED: readonly number[] = [Kind.TopOfBook, Kind.BookTop, Kind.TradePrint];
/** Blocks between two reports of progress. */
const BLOCKS_A_STEP = 256;

/** A core behind one input, as pages, and where the journal goes on. */
interface Image {
  sequence: number;
  start: ScanStart;
  /** Index of the first block that is not whole in the state. */
  pages: Uint32Array;
  bytes: Uint8Array;
  tops: Map<number, Uint8Array>;
  trades: Map<number, Uint8Array>;
}

/** The end of a slice and what its replay said. */
export interface WalkEnd {
  sequence: number;
  stateHash: string;
  /** Checkpoints of the journal that agreed. */
  checkpoints: number;
  /** Why the replay ended before the slice; "" when it did not. */
  trap: string;
  tornBytes: number;
}

/** What the cursor shows. */
export interface WalkView {
  sequence: number;
  tsNanos: bigint;
  record: DecodedRecord | undefined;
  outputs: DecodedRecord[];
  accounts: AccountView[];
  tops: DecodedRecord[];
  trades: DecodedRecord[];
}

/** One slice, one cursor. `index` runs to its end before anything else is asked. */
export class Walk {
  readonly index: WalkIndex;
  /** First input that can be stepped to; one less is the state the slice begins with. */
  firstSequence = 0;
  readonly end: WalkEnd = { sequence: 0, stateHash: "", checkpoints: 0, trap: "", tornBytes: 0 };
  private readonly source: SliceSource;
  private readonly build: CoreBuild;
  private readonly slice: Slice;
  private core: Core;
  private readonly images: Image[] = [];
  private imageEvery = IMAGE_EVERY;
  private blocks: Iterator<Block, ScanEnd> | undefined;
  private block: Block | undefined;
  private tops = new Map<number, Uint8Array>();
  private trades = new Map<number, Uint8Array>();
  private record: Uint8Array | undefined;
  private outputs: Uint8Array[] = [];
  private isIndexing = false;

  /** Loads the state the slice begins with; throws what a scan throws, and INCIDENT_SNAPSHOT. */
  constructor(source: SliceSource, build: CoreBuild) {
    this.source = source;
    this.build = build;
    this.slice = openSlice(source, build);
    this.core = this.slice.core;
    const records = this.slice.restored?.records;
    for (const record of records === undefined ? [] : split(records)) this.note(record);
    this.index = new WalkIndex(this.slice.recovery.configured);
    if (records !== undefined) for (const record of split(records)) this.index.past(record);
  }

  /** The cursor: last input applied. */
  get sequence(): number {
    return this.core.sequence;
  }

  /** True when the state began with a snapshot. */
  get recovery(): Recovery {
    return this.slice.recovery;
  }

  /** Goes through the whole slice once; yields the last sequence now and then. */
  *run(): Generator<number, void> {
    this.isIndexing = true;
    this.firstSequence = this.core.sequence + 1;
    let imageAt = -1;
    let imageMillis = 0;
    let imagedMillis = 0;
    for (let count = 0; this.nextBlock(); count += 1) {
      const block = this.block!;
      const now = performance.now();
      // An image costs a search of the memory: at most a fifth of the time goes into them.
      if (this.core.sequence >= imageAt && now - imagedMillis >= 4 * imageMillis) {
        this.takeImage(block);
        imagedMillis = performance.now();
        imageMillis = imagedMillis - now;
        imageAt = this.core.sequence + this.imageEvery;
      }
      if (!this.apply(block.header.firstSequence + block.header.records - 1)) break;
      this.index.block(block, this.core, () => this.balances());
      if (count % BLOCKS_A_STEP === 0) yield this.core.sequence;
    }
    this.isIndexing = false;
    this.end.sequence = this.core.sequence;
    this.end.checkpoints = this.recovery.checkpoints;
    if (this.end.trap === "") this.end.stateHash = this.core.stateHashText();
    this.index.finish(this.core.sequence, this.core.tsEngineNanos, this.balances());
  }

  /** Puts the cursor behind an input of the slice; what lies outside is its end or beginning. */
  go(goal: number): void {
    const sequence = Math.max(this.firstSequence - 1, Math.min(goal, this.end.sequence));
    if (sequence === this.core.sequence) return;
    if (sequence < this.core.sequence || this.blocks === undefined) this.back(sequence);
    // The last input by itself: what it is and what came of it are shown.
    this.forward(sequence - 1);
    this.outputs = [];
    this.record = undefined;
    this.forward(sequence);
  }

  /** First input at or after a time; the end when there is none. */
  sequenceAt(tsNanos: bigint): number {
    const before = this.index.before(tsNanos);
    const image = this.imageBefore(before);
    for (const block of scanBlocks({ ...this.slice.scan, start: image?.start })) {
      if (block.header.tsLastNanos < tsNanos) continue;
      const view = viewOf(block.bytes);
      for (let at = BLOCK_HEADER_BYTES; at < block.bytes.length; at += recordBytes(view, at)) {
        if (view.getBigInt64(at + REC_TS_ENGINE, true) < tsNanos) continue;
        return Number(view.getBigUint64(at + REC_SEQUENCE, true));
      }
    }
    return this.end.sequence;
  }

  /** Market and order hash of the state at the cursor. */
  stateHash(): string {
    return this.core.stateHashText();
  }

  /** What the cursor shows. */
  view(): WalkView {
    const { core, record, outputs } = this;
    return {
      sequence: core.sequence,
      tsNanos: core.tsEngineNanos,
      record: record && decode(viewOf(record), 0),
      outputs: outputs.map((one) => decode(viewOf(one), 0)),
      accounts: this.accounts(),
      tops: [...this.tops.values()].map((one) => decode(viewOf(one), 0)),
      trades: [...this.trades.values()].map((one) => decode(viewOf(one), 0)),
    };
  }

  /** The candle that forms at the cursor; undefined without trades in its period. */
  forming(instrument: number, timeframe: number): DecodedRecord | undefined {
    if ((this.source.roles & Role.Market) === 0) return undefined;
    const peek = this.core.exports["candlePeek"] as (id: number, timeframe: number) => number;
    return peek(instrument, timeframe) === 0 ? undefined : decode(this.core.view, PEEK);
  }

  private accounts(): AccountView[] {
    return [...this.ask(askAccount)];
  }

  /** A sample needs no more, and there are hundreds. */
  private balances(): BalanceRecord[] {
    return [...this.ask(askBalances)].flat();
  }

  /**
   * Asks the core, for each account. A question writes the header's counters and scratch words of
   * the order role, and both are put back: the state is what it was, or no checkpoint behind it
   * would agree.
   */
  private *ask<T>(question: (core: Core, account: number) => T): Generator<T, void> {
    if ((this.source.roles & Role.Order) === 0) return;
    const { core } = this;
    const header = core.u8.slice(HEADER, H_BELL);
    const words = core.u8.slice(ORDER, ORDER + ORDER_HEAD_BYTES);
    for (const record of this.recovery.configured.records()) {
      const one = decode(viewOf(record), 0);
      if (!isRecord(one, Kind.Account)) continue;
      const answer = question(core, one.id);
      core.u8.set(header, HEADER);
      core.u8.set(words, ORDER);
      yield answer;
    }
  }

  // ---------------------------------------------------------------------------- replay

  /** Applies up to an input; ends before it where the journal or the core does. */
  private forward(sequence: number): void {
    while (this.core.sequence < sequence) {
      const { block } = this;
      const last = block === undefined ? 0 : block.header.firstSequence + block.header.records - 1;
      if (block === undefined || this.core.sequence >= last) {
        if (!this.nextBlock()) return;
      } else if (!this.apply(Math.min(last, sequence))) return;
    }
  }

  /** Applies inputs of the present block up to a sequence; false when the core refuses. */
  private apply(sequence: number): boolean {
    const piece = pieceOf(this.block!, this.core.sequence + 1, sequence);
    if (!this.isIndexing && this.core.sequence + 1 === sequence) {
      this.record = piece.slice(BLOCK_HEADER_BYTES);
    }
    if (this.isIndexing) this.index.inputs(piece);
    try {
      recoverBlock(this.core, piece, this.recovery, this.onOutputs);
      return true;
    } catch (error) {
      const why = error instanceof AlphaError ? error.line() : String(error);
      this.end.trap = `behind sequence ${this.core.sequence}: ${why}`;
      return false;
    }
  }

  private readonly onOutputs = (from: number, to: number): void => {
    const { view, u8 } = this.core;
    for (let at = from; at < to;) {
      const end = at + recordBytes(view, at);
      // Most outputs of a long replay are looked at by nobody, and are not copied.
      const kind = view.getUint16(at + REC_KIND, true);
      const isNoted = NOTED.includes(kind);
      const isWanted = this.isIndexing
        ? this.index.wants(kind)
        : kind !== (Kind.Pad as number) && this.outputs.length < OUTPUTS_SHOWN_MAX;
      if (isNoted || isWanted) {
        const record = u8.slice(at, end);
        if (isNoted) this.note(record);
        if (isWanted && this.isIndexing) this.index.output(record, this.inputOf(record));
        else if (isWanted) this.outputs.push(record);
      }
      at = end;
    }
  };

  /** Sequence of the input a record is or comes from: of a market worker's it is its own. */
  private inputOf(record: Uint8Array): number {
    const view = viewOf(record);
    const isMarket = view.getUint16(REC_KIND, true) >> 8 === MARKET_BLOCK;
    const isInput = isMarket && this.source.roles === Role.Order;
    return Number(view.getBigUint64(isInput ? REC_SEQUENCE : REC_CAUSE, true));
  }

  private note(record: Uint8Array): void {
    const view = viewOf(record);
    const kind = view.getUint16(REC_KIND, true);
    const instrument = view.getUint32(REC_INSTRUMENT, true);
    if (kind === Kind.TopOfBook || kind === Kind.BookTop) this.tops.set(instrument, record);
    else if (kind === Kind.TradePrint) this.trades.set(instrument, record);
  }

  private nextBlock(): boolean {
    this.blocks ??= scanBlocks(this.slice.scan);
    for (;;) {
      const step = this.blocks.next();
      if (step.done === true) {
        this.end.tornBytes = step.value.tornBytes;
        this.block = undefined;
        return false;
      }
      const { header } = step.value;
      this.block = step.value;
      if (header.firstSequence + header.records - 1 <= this.core.sequence) continue;
      if (header.firstSequence > this.core.sequence + 1) {
        throw noSnapshot(header.index, this.recovery.refused);
      }
      return true;
    }
  }

  // ---------------------------------------------------------------------------- images

  private back(sequence: number): void {
    const image = this.restore(sequence);
    const far = sequence - NEAR_BEHIND;
    if (image === undefined || sequence - image.sequence < NEAR_FAR) return;
    this.forward(far);
    if (this.block !== undefined) this.takeImage(this.block);
  }

  private restore(sequence: number): Image | undefined {
    const image = this.imageBefore(sequence);
    const { roles, stream } = this.source;
    this.core = Core.create(this.build, { roles, stream });
    if (image === undefined) {
      throw new AlphaError("INCIDENT_RANGE", "the slice holds no input", "export a longer range");
    }
    let at = 0;
    for (const page of image.pages) {
      const bytes = imagePageBytes(page);
      imagePage(this.core, page)
        .subarray(0, bytes)
        .set(image.bytes.subarray(at, at + bytes));
      at += bytes;
    }
    this.tops = new Map(image.tops);
    this.trades = new Map(image.trades);
    this.blocks = scanBlocks({ ...this.slice.scan, start: image.start });
    this.block = undefined;
    return image;
  }

  private imageBefore(sequence: number): Image | undefined {
    return this.images.findLast((one) => one.sequence <= sequence) ?? this.images[0];
  }

  /** Keeps the state as it is; `block` is the one to go on with. */
  private takeImage(block: Block): void {
    const { core, images } = this;
    const { index, firstSequence, prevHash } = block.header;
    const pages = imagePages(core);
    const bytes = new Uint8Array(pages.reduce((sum, page) => sum + imagePageBytes(page), 0));
    let at = 0;
    for (const page of pages) {
      bytes.set(imagePage(core, page).subarray(0, imagePageBytes(page)), at);
      at += imagePageBytes(page);
    }
    const segment = segmentIndexOf(block.path.slice(block.path.lastIndexOf("/") + 1));
    const chain = { index, sequence: firstSequence, prevHash };
    const start = { segment, offset: block.offset, chain };
    const maps = { tops: new Map(this.tops), trades: new Map(this.trades) };
    images.push({ sequence: core.sequence, start, pages, bytes, ...maps });
    images.sort((a, b) => a.sequence - b.sequence);
    if (images.length <= IMAGES_MAX) return;
    if (this.isIndexing) this.imageEvery *= 2;
    // The first stays: it is the only way to the beginning.
    const kept = images.filter((_, place) => place % 2 === 0);
    images.splice(0, images.length, ...kept);
  }
}

/** Inputs [from, to] of a block as a block; itself when they are all of it. */
function pieceOf({ header, bytes }: Block, from: number, to: number): Uint8Array {
  const { firstSequence, records } = header;
  if (from <= firstSequence && to >= firstSequence + records - 1) return bytes;
  const view = viewOf(bytes);
  let at: number = BLOCK_HEADER_BYTES;
  for (let one = firstSequence; one < from; one += 1) at += recordBytes(view, at);
  const begin = at;
  for (let one = from; one <= to; one += 1) at += recordBytes(view, at);
  const piece = new Uint8Array(BLOCK_HEADER_BYTES + at - begin);
  piece.set(bytes.subarray(0, BLOCK_HEADER_BYTES));
  piece.set(bytes.subarray(begin, at), BLOCK_HEADER_BYTES);
  viewOf(piece).setUint32(BLOCK_RECORDS, to - from + 1, true);
  return piece;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
