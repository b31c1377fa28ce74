// Why an order did what it did: its records and what caused them, from a replay of the journal.
//
// The journal holds inputs only, and every output names the input that caused it. So one replay,
// block by block, finds the order's records and looks the input up in the same block. A command of
// a TypeScript strategy names the input the strategy answered to, earlier in the journal; a second
// replay finds that, with the candles, signals and own order records it gave. In the sharded
// topology an input of the order loop may itself be an output of the market worker; it names the
// tick behind it, an input of the worker's journal, if that is still kept. A child order leads to
// the parent it works for.
//
// tidy: tested by test/src/cli/why-command.test.ts
import {
  BLOCK_HEADER_BYTES,
  Flag,
  Kind,
  ORDER_ACCOUNT,
  ORDER_STRATEGY,
  OrderFlag,
  REC_CAUSE,
  REC_INSTRUMENT,
  REC_KIND,
  REC_SEQUENCE,
} from "../../asm/vocab.ts";
import { createHasher } from "../core/hasher.ts";
import { AlphaError } from "../errors.ts";
import { streamFolder } from "../journal/format.ts";
import { NODE_DISK } from "../journal/node-disk.ts";
import type { Block } from "../journal/scan.ts";
import { blocksBetween, type SeekPlace } from "../journal/seek.ts";
import { recordBytes, decode, isRecord, type DecodedRecord, type SpecRecord } from "../protocol.ts";
import { parentSteps } from "./parent-chain.ts";
import { inputOf, inputs, replayed } from "./replayed.ts";
import type { CauseOptions, CauseStep } from "./replayed.ts";

export type { CauseOptions, CauseStep } from "./replayed.ts";

/** Which order: by the core's id, by account and client id, or by one of its fills. */
export type OrderKey =
  { orderId: bigint } | { account: number; clientId: bigint } | { fillId: bigint };

/** The chain in the order of sequences, and what is needed to say it in words. */
export interface CauseChain {
  steps: CauseStep[];
  specs: Map<number, SpecRecord>;
  /** True when another build wrote a part: what it answered then may differ from this replay. */
  isOtherBuild: boolean;
  /** Ticks of market workers that are wanted and no longer kept. */
  gone: bigint[];
}

/** Market records that lead from a tick to an order. */
const LEADING: readonly number[] = [Kind.CandleClosed, Kind.Signal];
const DERIVED_BLOCK = 0x04;
const COMMAND_BLOCK = 0x05;
const ORDER_BLOCK = 0x06;
/** A strategy that answers to its own orders has no first cause: so many commands are followed. */
export const CAUSES_MAX = 16;
/** Own order records shown of an input that a strategy answered to. */
const ANSWERED_MAX = 8;

/** Walks the journal; throws ORDER_UNKNOWN with the ids there are. */
export function causeChain(key: OrderKey, options: CauseOptions): CauseChain {
  const search = new Search(key);
  search.read(options);
  search.readParent(options);
  if (search.steps.length === 0) throw search.unknown();
  search.readCauses(options);
  search.readTicks(options);
  const { steps, specs, isOtherBuild, gone } = search;
  return { steps, specs, isOtherBuild, gone };
}

function isDerivedInput({ isInput, record }: CauseStep): boolean {
  return isInput && record.kind >> 8 === DERIVED_BLOCK;
}

function tickOf(place: SeekPlace, sequence: bigint): CauseStep[] {
  const steps: CauseStep[] = [];
  for (const block of blocksBetween(place, Number(sequence), Number(sequence))) {
    steps.push(...inputOf(block, place.stream, sequence));
  }
  return steps;
}

/** One search: what it looks for and what it found. */
class Search {
  steps: CauseStep[] = [];
  readonly specs = new Map<number, SpecRecord>();
  isOtherBuild = false;
  readonly gone: bigint[] = [];
  private key: OrderKey;
  private readonly accounts = new Map<number, { count: number; first: bigint; last: bigint }>();
  private orderFirst = 0n;
  private orderLast = 0n;
  /** Candles and signals of the current block, which came before the orders they led to. */
  private leading: DecodedRecord[] = [];
  private causesDone = new Set<bigint>();
  /** What commands answered to, by their sequence. */
  private readonly answers = new Map<bigint, bigint>();

  constructor(key: OrderKey) {
    this.key = key;
  }

  read(options: CauseOptions): void {
    for (const [core, block] of replayed(options)) {
      this.isOtherBuild ||= block.header.build !== options.build.id;
      this.leading = [];
      this.causesDone = new Set();
      this.readSpecs(block);
      this.readAnswers(block);
      const { view } = core;
      core.replayBlock(block.bytes, (from, to) => {
        for (let at = from; at < to; at += recordBytes(view, at)) this.output(view, at, block);
      });
    }
  }

  /** Finds what the order's commands answered to, back to the first input that is no answer. */
  readCauses(options: CauseOptions): void {
    const known = new Set(this.steps.map(({ sequence }) => sequence));
    const wanted = new Set<bigint>();
    let open = [...known];
    for (let depth = 0; open.length > 0 && depth < CAUSES_MAX; depth++) {
      const found = open.flatMap((sequence) => this.answers.get(sequence) ?? []);
      open = found.filter((cause) => !known.has(cause) && !wanted.has(cause));
      for (const cause of open) wanted.add(cause);
    }
    if (wanted.size === 0) return;
    const own = this.steps.find(({ record }) => record["account"] !== undefined)?.record;
    const last = [...wanted].reduce((a, b) => (a > b ? a : b));
    const found: CauseStep[] = [];
    for (const [core, block] of replayed(options)) {
      const [first, count] = [BigInt(block.header.firstSequence), BigInt(block.header.records)];
      for (const sequence of wanted) {
        const isHere = sequence >= first && sequence < first + count;
        if (isHere) found.push(...inputOf(block, 0, sequence));
      }
      const { view } = core;
      core.replayBlock(block.bytes, (from, to) => {
        for (let at = from; at < to; at += recordBytes(view, at)) {
          const sequence = view.getBigUint64(at + REC_CAUSE, true);
          if (!wanted.has(sequence) || !isAnswered(view, at, own)) continue;
          found.push({ stream: 0, sequence, isInput: false, record: decode(view, at) });
        }
      });
      if (first + count > last) break;
    }
    this.steps = [...few(found), ...this.steps].sort((a, b) => sign(a.sequence - b.sequence));
  }

  /** The parent of a child order; of a name that no order has, the parent and its children. */
  readParent(options: CauseOptions): void {
    const { key } = this;
    const asked =
      this.steps.length === 0 && "account" in key ? { ...key, isAsked: true } : undefined;
    const parent = asked ?? this.parentOf();
    if (parent === undefined) return;
    const known = new Set(this.steps.filter((one) => one.isInput).map((one) => one.sequence));
    const found = parentSteps(parent, options);
    const fresh = found.filter((one) => !one.isInput || !known.has(one.sequence));
    // An input comes before what was made of it, whoever found it.
    const all = [...fresh, ...this.steps].map((step, at) => ({ step, at }));
    all.sort((a, b) => {
      const order = sign(a.step.sequence - b.step.sequence);
      if (order !== 0) return order;
      return Number(b.step.isInput) - Number(a.step.isInput) || a.at - b.at;
    });
    this.steps = all.map(({ step }) => step);
  }

  /** Whose child the order is: an order of the engine names its parent as the linked one. */
  private parentOf(): { account: number; clientId: bigint; isAsked: boolean } | undefined {
    for (const { record } of this.steps) {
      const isEngine = (Number(record["orderFlags"] ?? 0) & OrderFlag.Engine) !== 0;
      const clientId = record["linkedClientId"];
      if (!isEngine || typeof clientId !== "bigint" || clientId === 0n) continue;
      return { account: Number(record["account"]), clientId, isAsked: false };
    }
    return undefined;
  }

  private readAnswers({ bytes }: Block): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at: number = BLOCK_HEADER_BYTES; at < bytes.length; at += recordBytes(view, at)) {
      if (view.getUint16(at + REC_KIND, true) >> 8 !== COMMAND_BLOCK) continue;
      const cause = view.getBigUint64(at + REC_CAUSE, true);
      if (cause !== 0n) this.answers.set(view.getBigUint64(at + REC_SEQUENCE, true), cause);
    }
  }

  /** Finds the ticks that market workers' records came of: each is the record's cause. */
  readTicks({ dir, streams, build }: CauseOptions): void {
    const causes = this.steps.filter(isDerivedInput).map(({ record }) => record.cause);
    const hash = createHasher(build);
    const found = [...new Set(causes)]
      .sort((a, b) => sign(a - b))
      .flatMap((cause) => {
        const ticks = streams.flatMap((stream) => {
          const place = { disk: NODE_DISK, folder: streamFolder(dir, stream), stream, hash };
          return stream === 0 ? [] : tickOf(place, cause);
        });
        if (ticks.length === 0) this.gone.push(cause);
        return ticks;
      });
    this.steps = [...found, ...this.steps];
  }

  private readSpecs(block: Block): void {
    for (const record of inputs(block, (kind) => kind === (Kind.InstrumentSpec as number))) {
      if (isRecord(record, Kind.InstrumentSpec)) this.specs.set(record.instrument, record);
    }
  }

  private output(view: DataView, at: number, block: Block): void {
    const kind = view.getUint16(at + REC_KIND, true);
    if (LEADING.includes(kind)) this.leading.push(decode(view, at));
    const isOrder = kind >> 8 === ORDER_BLOCK && kind <= (Kind.Fill as number);
    if (!isOrder) return;
    const record = decode(view, at);
    this.count(record);
    if (!this.matches(record)) return;
    const { cause } = record;
    if (!this.causesDone.has(cause)) this.begin(record, block);
    this.steps.push({ stream: 0, sequence: cause, isInput: false, record });
  }

  /** The input behind an order's record, and the market records it gave on the way. */
  private begin(record: DecodedRecord, block: Block): void {
    const { cause, instrument } = record;
    this.causesDone.add(cause);
    this.steps.push(...inputOf(block, 0, cause));
    for (const one of this.leading) {
      if (one.cause !== cause || one.instrument !== instrument) continue;
      this.steps.push({ stream: 0, sequence: cause, isInput: false, record: one });
    }
  }

  private matches(record: DecodedRecord): boolean {
    const { key } = this;
    const [account, clientId] = [Number(record["account"]), record["clientId"] as bigint];
    if ("account" in key) return key.account === account && key.clientId === clientId;
    const isFound =
      "orderId" in key
        ? record["orderId"] === key.orderId
        : record.kind === (Kind.Fill as number) && record["id"] === key.fillId;
    // From its first record on the order is known by its owner's name for it.
    if (isFound && "orderId" in key) this.key = { account, clientId };
    return isFound;
  }

  private count(record: DecodedRecord): void {
    const kinds: readonly number[] = [Kind.OrderAccepted, Kind.OrderDenied];
    // An order that was sent again is counted once.
    if (!kinds.includes(record.kind) || (record.flags & Flag.Replayed) !== 0) return;
    const [account, clientId] = [Number(record["account"]), record["clientId"] as bigint];
    const row = this.accounts.get(account) ?? { count: 0, first: clientId, last: clientId };
    this.accounts.set(account, { count: row.count + 1, first: row.first, last: clientId });
    const orderId = record["orderId"] as bigint;
    if (orderId === 0n) return;
    if (this.orderFirst === 0n) this.orderFirst = orderId;
    this.orderLast = orderId;
  }

  unknown(): AlphaError {
    const rows = [...this.accounts].map(
      ([account, { count, first, last }]) =>
        `account ${account}: ${count} orders, ${account}/${first} to ${account}/${last}`,
    );
    const ids = this.orderFirst === 0n ? "" : `order ids ${this.orderFirst} to ${this.orderLast}; `;
    const there = rows.length === 0 ? "the journal holds no order" : `it holds ${ids}`;
    return new AlphaError(
      "ORDER_UNKNOWN",
      `the journal has no record of ${keyText(this.key)}`,
      there + rows.join("; "),
    );
  }
}

/** How an order is called on the command line. */
export function keyText(key: OrderKey): string {
  if ("orderId" in key) return `order ${key.orderId}`;
  if ("fillId" in key) return `fill ${key.fillId}`;
  return `order ${key.account}/${key.clientId}`;
}

/** True for what a strategy may have answered to: market records that lead, its own orders. */
function isAnswered(view: DataView, at: number, own: DecodedRecord | undefined): boolean {
  const kind = view.getUint16(at + REC_KIND, true);
  if (own === undefined) return false;
  if (LEADING.includes(kind)) return view.getUint32(at + REC_INSTRUMENT, true) === own.instrument;
  if (kind >> 8 !== ORDER_BLOCK || kind > (Kind.Fill as number)) return false;
  return (
    view.getUint32(at + ORDER_ACCOUNT, true) === own["account"] &&
    view.getUint16(at + ORDER_STRATEGY, true) === own["strategy"]
  );
}

/** At most ANSWERED_MAX outputs of each input. */
function few(steps: CauseStep[]): CauseStep[] {
  const counts = new Map<bigint, number>();
  return steps.filter(({ isInput, sequence }) => {
    if (isInput) return true;
    const count = (counts.get(sequence) ?? 0) + 1;
    counts.set(sequence, count);
    return count <= ANSWERED_MAX;
  });
}

function sign(difference: bigint): number {
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
