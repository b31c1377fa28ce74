// Ring to ring in a process of its own: ticks or orders in, outputs out, and what the heap did.
//
// The young generation is as small as V8 allows, so that a tenth of a byte an event is a collection
// in 10^7 events. Without a collection the growth of the heap is every byte that was allocated.
import {
  constants,
  PerformanceObserver,
  type NodeGCPerformanceDetail,
  type PerformanceEntry,
} from "node:perf_hooks";
import { getHeapSpaceStatistics } from "node:v8";
import {
  AmendField,
  CELL_SHIFT,
  Execution,
  Flag,
  InstrumentKind,
  InstrumentPhase,
  Kind,
  OrderType,
  RECORD_BYTES_MAX,
  Role,
  Side,
  TimeInForce,
} from "../asm/vocab.ts";
import { Catalog, INDICATORS } from "../src/core/catalog.ts";
import { loadBuild } from "../src/core/build.ts";
import { Core, hex } from "../src/core/core.ts";
import { encode, type FieldsFor } from "../src/protocol.ts";
import type { Ring } from "../src/rings/ring.ts";
import { answerParent } from "./child.ts";
import { HeapProfile } from "./heap-profile.ts";
import type { ProfileAnswer } from "./journey-plan.ts";

const BATCH = 64;
const CURRENCY = 1;
const MIDDLE_TICKS = 10_000;
const TICK_NANOS = 1_000_000;

/** What the process is asked; `profiled` events are counted one object at a time afterwards. */
export interface LoopRequest {
  what: "tick" | "order";
  warm: number;
  events: number;
  profiled: number;
}

/** What the events did to the heap. */
export interface LoopAnswer {
  scavenges: number;
  /** Other collections: their number must be 0 too. */
  others: number;
  /** Bytes allocated; exact when nothing was collected, else an estimate from below. */
  bytes: number;
  outputCells: number;
  hash: string;
  profile: ProfileAnswer;
}

/** Events and the state they run on; nothing below `run` may allocate. */
class Loop {
  readonly core: Core;
  readonly counts = new Float64Array(2);
  private readonly ring: Ring;
  private readonly words = new Int32Array((RECORD_BYTES_MAX * 4) >> 2);
  private readonly starts: Int32Array;
  private readonly now = new Float64Array(1);
  private next = 0;

  constructor(what: LoopRequest["what"]) {
    this.core = Core.create(loadBuild(), { roles: Role.Both });
    this.ring = what === "tick" ? this.core.feed : this.core.command;
    this.configure();
    this.starts = what === "tick" ? this.ticks() : this.orders();
  }

  private configure(): void {
    const catalog = new Catalog();
    catalog.add(Kind.ClockBase, { baseNanos: 1_704_067_200_000_000_000n });
    catalog.currencyWithId(CURRENCY, "USD", -2);
    catalog.market(["1m", "5m", "15m", "1h", "4h", "1d"], INDICATORS);
    catalog.instrument({
      instrument: 1,
      version: 1,
      symbol: "LOOP",
      specKind: InstrumentKind.LinearPerpetual,
      execution: Execution.Internal,
      phase: InstrumentPhase.Continuous,
      base: CURRENCY,
      quote: CURRENCY,
      settlement: CURRENCY,
      tickMantissa: 1,
      tickExponent: -2,
      lotMantissa: 1,
      lotExponent: 0,
      multiplierNum: 1,
      multiplierDen: 1,
      referenceTicks: MIDDLE_TICKS,
    });
    catalog.add(Kind.Account, { id: 1, currency: CURRENCY });
    catalog.add(Kind.Account, { id: 2, currency: CURRENCY });
    for (const record of catalog.records) {
      const words = new Int32Array(record.buffer, record.byteOffset, record.length >> 2);
      this.core.control.push(words, 0, record.length >> CELL_SHIFT);
    }
    this.core.control.publish();
    this.turn(catalog.records.length);
    if (this.core.refused > 0) throw new Error("configuration was refused");
  }

  /** Two trades, up and down in turn. */
  private ticks(): Int32Array {
    return this.prepare([
      [Kind.Trade, { instrument: 1, priceTicks: MIDDLE_TICKS + 5, qtyLots: 3 }],
      [Kind.Trade, { instrument: 1, priceTicks: MIDDLE_TICKS - 5, qtyLots: 2 }],
    ]);
  }

  /** An order that rests, its amend, an order that takes it all: the same ids again and again. */
  private orders(): Int32Array {
    const rest = { instrument: 1, account: 1, clientId: 1, priceTicks: MIDDLE_TICKS, qtyLots: 2 };
    const limit = { type: OrderType.Limit, tif: TimeInForce.Gtc };
    const price = { fields: AmendField.Price, priceTicks: MIDDLE_TICKS + 1 };
    return this.prepare([
      [Kind.OrderNew, { ...rest, ...limit, side: Side.Sell }],
      [Kind.OrderAmend, { instrument: 1, account: 1, clientId: 1, ...price }],
      [
        Kind.OrderNew,
        {
          ...{ instrument: 1, account: 2, clientId: 1, qtyLots: 2, side: Side.Buy },
          ...{ type: OrderType.Market, tif: TimeInForce.Ioc },
        },
      ],
    ]);
  }

  private prepare<K extends Kind>(records: [K, FieldsFor<K>][]): Int32Array {
    const view = new DataView(this.words.buffer);
    const starts: number[] = [];
    let at = 0;
    for (const [kind, fields] of records) {
      starts.push(at);
      at += encode(view, at, kind, fields);
    }
    return Int32Array.from(starts);
  }

  /** Pushes `events` events in batches, each followed by a turn and the drain of its outputs. */
  run(events: number): void {
    for (let done = 0; done < events; done += BATCH) {
      const count = Math.min(BATCH, events - done);
      for (let event = 0; event < count; event++) this.push();
      this.ring.publish();
      this.turn(count);
    }
  }

  private push(): void {
    const at = this.starts[this.next]!;
    const cells = ((this.words[at >> 2]! >>> 16) & Flag.CellsMask) + 1;
    if (!this.ring.push(this.words, at, cells)) throw new Error("the ring is full");
    this.next = this.next + 1 === this.starts.length ? 0 : this.next + 1;
  }

  private turn(count: number): void {
    const now = this.now[0]! + count * TICK_NANOS;
    this.now[0] = now;
    this.core.run(now, count);
    this.core.seal();
    this.core.drain(this.onOutputs);
  }

  private readonly onOutputs = (from: number, to: number): void => {
    this.counts[0] = this.counts[0]! + ((to - from) >> CELL_SHIFT);
    // The outputs were not all refusals: their kinds are summed into the hash's companion.
    this.counts[1] = this.counts[1]! + this.core.view.getUint16(from, true);
  };
}

/** Bytes in the young generation, where programs allocate; compiled code goes elsewhere. */
function youngBytes(): number {
  const spaces = getHeapSpaceStatistics();
  return spaces.find(({ space_name: name }) => name === "new_space")?.space_used_size ?? 0;
}

async function measure({ what, warm, events, profiled }: LoopRequest): Promise<LoopAnswer> {
  const loop = new Loop(what);
  const collections = { scavenges: 0, others: 0 };
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { detail } = entry as PerformanceEntry & { detail: NodeGCPerformanceDetail };
      const { kind } = detail;
      if (kind === constants.NODE_PERFORMANCE_GC_MINOR) collections.scavenges += 1;
      else collections.others += 1;
    }
  });
  // Several stretches with breaks: compiled code is put in place between them.
  for (let part = 0; part < 4; part++) {
    loop.run(warm / 4);
    await new Promise((next) => setTimeout(next, 20));
  }
  observer.observe({ entryTypes: ["gc"] });
  await new Promise((next) => setTimeout(next, 20));
  collections.scavenges = 0;
  collections.others = 0;
  const beforeBytes = youngBytes();
  loop.run(events);
  const bytes = youngBytes() - beforeBytes;
  await new Promise((next) => setTimeout(next, 20));
  observer.disconnect();
  const profile = new HeapProfile();
  await profile.start();
  loop.run(profiled);
  const counted = await profile.stop();
  const hash = hex(loop.core.stateHash(Role.Market)) + hex(loop.core.stateHash(Role.Order));
  return {
    ...collections,
    bytes,
    outputCells: loop.counts[0]!,
    hash,
    profile: counted,
  };
}

if (process.send !== undefined) answerParent(measure, async () => undefined);
