// The order role of build/core.wasm, for tests: records go in through the rings and `run`, one at a
// time, as in production, and what the core answers comes back decoded.
import {
  CELL_BYTES,
  Execution,
  InstrumentKind,
  InstrumentPhase,
  Kind,
  MarkSource,
  OrderType,
  Role,
  Side,
  TimeInForce,
} from "../../asm/vocab.ts";
import { loadBuild } from "../../src/core/build.ts";
import { Core, type CoreBuild } from "../../src/core/core.ts";
import { decode, encode, recordBytes, recordCells } from "../../src/protocol.ts";
import type { Ring } from "../../src/rings/ring.ts";
import type { Out } from "./out.ts";

export type { Out } from "./out.ts";

/** Fields as the wire's words name them; what is left out is 0. */
export type Fields = Record<string, unknown>;

/** Encodes a record of a kind at a byte of the view. */
type Write<F> = (view: DataView, at: number, kind: Kind, fields: F) => number;

const BATCH_RECORDS = 2048;
/** Turns of the core for one record; a jump over days of a venue that is silent takes some. */
const TURNS_MAX = 500;

let build: CoreBuild | undefined;

/** An order core to which records are sent one at a time. */
export class OrderCore {
  readonly core: Core;
  /** Nanoseconds since the clock base of the next record. */
  nowNanos = 0;

  constructor(build: CoreBuild) {
    this.core = Core.create(build, { roles: Role.Order });
    this.send(Kind.ClockBase, { baseNanos: BASE_NANOS });
    this.send(Kind.Currency, { id: 1, minorExponent: -2, code: "USD" });
  }

  /** Of `other`, or of the core that was built. */
  static create(other?: CoreBuild): OrderCore {
    return new OrderCore(other ?? (build ??= loadBuild()));
  }

  /** Sends one record and returns what the core answered. */
  send(kind: Kind, fields: Fields): Out[] {
    this.apply(kind, fields);
    const outs: Out[] = [];
    this.drain((from, to) => {
      for (let at = from; at < to; at += recordBytes(this.core.view, at)) {
        outs.push(decode(this.core.view, at) as unknown as Out);
      }
    });
    return outs;
  }

  /** Sends one record; the answers wait in the output ring. `write` is what encodes it. */
  apply<F extends Fields>(kind: Kind, fields: F, write: Write<F> = encode as Write<F>): void {
    const ring = this.ringOf(kind);
    const at = ring.reserve(recordCells(kind));
    if (at < 0) throw new Error("ring full");
    write(ring.view, at, kind, fields);
    ring.commit();
    ring.publish();
    this.run();
  }

  private run(): void {
    this.core.run(this.nowNanos, 1);
    this.core.discard();
  }

  /** Hands over the answers, as runs of bytes. */
  drain(onOutputs: (from: number, to: number) => void): void {
    this.core.drain(onOutputs);
    // A block holds so many Timers, the ring so many answers; the record waits for all before it.
    for (let turn = 0; this.core.isBusy(); turn++) {
      if (turn === TURNS_MAX) throw new Error("Timers follow each other without end");
      this.run();
      this.core.drain(onOutputs);
    }
  }

  /** Sends records in one turn of the core and forgets the answers. */
  applyAll(records: [Kind, Fields][]): void {
    for (const [kind, fields] of records) {
      const ring = this.ringOf(kind);
      const at = ring.reserve(recordCells(kind));
      if (at < 0) throw new Error("ring full");
      encode(ring.view, at, kind, fields as never);
      ring.commit();
    }
    this.flush();
  }

  /**
   * Sends `count` records that are equal but for what `patch` writes, in batches, and forgets the
   * answers: how a test reaches a bound without decoding a million records.
   */
  sendMany(
    kind: Kind,
    fields: Fields,
    count: number,
    patch: (view: DataView, at: number, index: number) => void,
  ): void {
    const ring = this.ringOf(kind);
    const cells = recordCells(kind);
    const model = new Uint8Array(cells * CELL_BYTES);
    encode(new DataView(model.buffer), 0, kind, fields as never);
    for (let index = 0; index < count; index++) {
      const at = ring.reserve(cells);
      if (at < 0) throw new Error("ring full");
      this.core.u8.set(model, at);
      patch(this.core.view, at, index);
      ring.commit();
      if ((index + 1) % BATCH_RECORDS === 0 || index + 1 === count) this.flush();
    }
  }

  private flush(): void {
    for (const ring of [this.core.command, this.core.control, this.core.derived]) ring.publish();
    do {
      this.core.run(this.nowNanos, BATCH_RECORDS);
      this.core.discard();
      this.core.drain(() => undefined);
    } while (this.core.isBusy());
  }

  private ringOf(kind: Kind): Ring {
    if (kind >> 8 === 0x05) return this.core.command;
    return kind >> 8 === 0x04 ? this.core.derived : this.core.control;
  }

  /** An instrument; internal, one minor unit per tick x lot, unless the fields say otherwise. */
  instrument(id: number, fields: Fields = {}): Out[] {
    return this.send(Kind.InstrumentSpec, OrderCore.specOf(id, fields));
  }

  /** The spec of `instrument`. */
  static specOf(id: number, fields: Fields): Fields {
    return {
      instrument: id,
      version: 1,
      specKind: InstrumentKind.LinearPerpetual,
      execution: Execution.Internal,
      base: 1,
      quote: 1,
      settlement: 1,
      tickMantissa: 1,
      tickExponent: -2,
      lotMantissa: 1,
      lotExponent: 0,
      multiplierNum: 1,
      multiplierDen: 1,
      phase: InstrumentPhase.Continuous,
      markSource: MarkSource.Last,
      symbol: `I${id}`,
      ...fields,
    };
  }

  account(id: number, fields: Fields = {}): Out[] {
    return this.send(Kind.Account, { id, currency: 1, ...fields });
  }

  /** A GTC limit order unless the fields say otherwise. */
  order(fields: Fields): Out[] {
    const rest = { instrument: 1, account: 1, type: OrderType.Limit, side: Side.Buy };
    return this.send(Kind.OrderNew, { ...rest, tif: TimeInForce.Gtc, qtyLots: 1, ...fields });
  }

  /** 0 when money is conserved in the currency. */
  money(currency = 1): bigint {
    const check = this.core.exports["moneyCheck"] as unknown as (currency: number) => bigint;
    return check(currency);
  }
}

/** Clock base of the tests: 2024-01-01T00:00:00Z. */
export const BASE_NANOS = 1_704_067_200_000_000_000n;

/** The answers of one kind. */
export function only(outs: Out[], kind: Kind): Out[] {
  return outs.filter((out) => out["kind"] === kind);
}
