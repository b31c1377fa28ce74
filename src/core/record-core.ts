// A core of the caller's own, fed with records one at a time; time is the records'.
//
// tidy: tested by test/scripts/conformance.test.ts
import type { Role } from "../../asm/vocab.ts";
import { CELL_SHIFT, Flag, Kind, REC_FLAGS, RECORD_BYTES_MAX } from "../../asm/vocab.ts";
import { decode, encode, type RecordFields } from "../protocol.ts";
import { loadBuild } from "./build.ts";
import { Core, type CoreBuild } from "./core.ts";

/** A decoded output, fields by name. */
export type Answer = Record<string, unknown> & { kind: number };

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
