// A core of the caller's own, fed with records one at a time; time is the records'.
//
// tidy: tested by test/scripts/conformance.test.ts
import { PEEK } from "../../asm/layout.ts";
import type { Role } from "../../asm/vocab.ts";
import { CELL_SHIFT, Flag, Kind, REC_FLAGS, RECORD_BYTES_MAX } from "../../asm/vocab.ts";
import { decode, encode, type Level, type RecordFields } from "../protocol.ts";
import { loadBuild } from "./build.ts";
import { Core, type CoreBuild } from "./core.ts";

/** A decoded output, fields by name. */
export type Answer = Record<string, unknown> & { kind: number };

/** Price in ticks and lots. */
export type BookLevel = [priceTicks: number, qtyLots: number];

/** The best levels of a book, best first. */
export interface BookLevels {
  isTrusted: boolean;
  bids: BookLevel[];
  asks: BookLevel[];
}

interface LevelsRecord {
  flags: number;
  bids: Level[];
  asks: Level[];
}

let build: CoreBuild | undefined;

/** The shipped core.wasm as records see it: one in, its answers out. Time is the records'. */
export class RecordCore {
  private readonly core: Core;
  private readonly answers: Answer[] = [];
  private readonly scratch = new DataView(new ArrayBuffer(RECORD_BYTES_MAX));

  constructor(roles: Role) {
    build ??= loadBuild();
    this.core = Core.create(build, { roles });
    this.send(Kind.Currency, { id: 1, minorExponent: -2, code: "USD" });
  }

  /** Sends one record through the ring it belongs to; returns what the core answered. */
  send(kind: Kind, fields: RecordFields): Answer[] {
    const ring = this.ringOf(kind);
    // Book records are as long as their levels, so the length is known after encoding.
    const bytes = encode(this.scratch, 0, kind as never, fields as never);
    if (!ring.push(new Int32Array(this.scratch.buffer), 0, bytes >> CELL_SHIFT)) {
      throw new RangeError("a ring holds one record at a time here, yet it is full");
    }
    ring.publish();
    this.core.run(-1, 1);
    this.core.discard();
    this.answers.length = 0;
    this.core.drain(this.take);
    return [...this.answers];
  }

  /** The best levels of an instrument's book as it is, `levelsMax` a side. */
  levels(instrument: number, levelsMax: number): BookLevels {
    const { view, exports } = this.core;
    const peek = exports["levelsPeek"] as (instrument: number, levelsMax: number) => number;
    const found: BookLevels = { isTrusted: true, bids: [], asks: [] };
    for (let rest = peek(instrument, levelsMax), at = PEEK; rest > 0; rest--) {
      const { bids, asks, flags } = decode(view, at) as unknown as LevelsRecord;
      found.isTrusted &&= (flags & Flag.Untrusted) === 0;
      for (const { priceTicks, qtyLots } of bids) found.bids.push([priceTicks, qtyLots]);
      for (const { priceTicks, qtyLots } of asks) found.asks.push([priceTicks, qtyLots]);
      at += RECORD_BYTES_MAX;
    }
    return found;
  }

  private ringOf(kind: Kind): Core["feed"] {
    const { core } = this;
    if (kind >> 8 === 0x05) return core.command;
    return kind >> 8 === 0x03 ? core.feed : core.control;
  }

  private readonly take = (from: number, to: number): void => {
    const { view } = this.core;
    for (let at = from; at < to;) {
      this.answers.push(decode(view, at));
      at += (1 + (view.getUint16(at + REC_FLAGS, true) & Flag.CellsMask)) << CELL_SHIFT;
    }
  };
}
