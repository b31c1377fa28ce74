// A million hostile frames against the one gate for bytes from outside.
import { describe, expect, test } from "vitest";
import type { Kind } from "../../asm/vocab.ts";
import {
  FRAME_BYTES,
  FRAME_HEADER_BYTES,
  FRAME_RECORDS,
  Flag,
  FrameType,
  Refusal,
} from "../../asm/vocab.ts";
import {
  bookCells,
  decode,
  encode,
  frameError,
  LAYOUTS,
  layoutOf,
  recordBytes,
  recordCells,
  writeFrameHeader,
} from "../../src/protocol.ts";

const INPUTS = 1_100_000;
const SEED = 0x5eed;
const BYTES = 1024;
const KINDS = Object.keys(LAYOUTS).map(Number);

/** xorshift32: 0 to `below` - 1. */
function draw(state: { value: number }, below: number): number {
  let x = state.value;
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  state.value = x;
  return (x >>> 0) % below;
}

/** A correct frame of random records. */
function fill(view: DataView, random: { value: number }): number {
  let end: number = FRAME_HEADER_BYTES;
  const records = 1 + draw(random, 3);
  for (let index = 0; index < records; index += 1) {
    const kind = KINDS[draw(random, KINDS.length)] as Kind;
    const levels = recordCells(kind) === 0 ? draw(random, 7) : 0;
    const level = { priceTicks: 1, qtyLots: 2 };
    const bids = Array.from({ length: levels }, () => level);
    end += encode(view, end, kind, levels > 0 ? { bids, asks: bids.slice(0, 5) } : {});
  }
  writeFrameHeader(view, {
    type: FrameType.Records,
    level: 1,
    bytes: end,
    streamSequence: 1,
    stream: 3,
    records,
    sentNanos: 0,
  });
  return end;
}

/** What acceptance promises, said in the slow and obvious way. */
function promised(view: DataView, length: number): boolean {
  let at: number = FRAME_HEADER_BYTES;
  let records = 0;
  while (at < length) {
    const kind = view.getUint16(at, true);
    const layout = layoutOf(kind);
    const bytes = recordBytes(view, at);
    if (layout === undefined || at + bytes > length) return false;
    const levels = view.getUint8(at + 60) + view.getUint8(at + 61);
    const cells = layout.cells === 0 ? bookCells(levels) : layout.cells;
    if (cells * 64 !== bytes) return false;
    records += 1;
    at += bytes;
  }
  return at === length && records === view.getUint32(FRAME_RECORDS, true);
}

describe("frame decoder", () => {
  test(`${INPUTS} changed frames: never throws, and what it accepts is whole, seed ${SEED}`, () => {
    // The frame lies at the very end of its memory: one byte further would throw.
    const random = { value: SEED };
    const views = Array.from({ length: 64 }, () => {
      const room = new DataView(new ArrayBuffer(BYTES));
      const length = fill(room, random);
      return new DataView(room.buffer.slice(0, length));
    });
    const counts = new Map<Refusal, number>();
    let broken = 0;
    for (let input = 0; input < INPUTS; input += 1) {
      const view = views[input & 63]!;
      const changes = draw(random, 4);
      const places: number[] = [];
      for (let change = 0; change < changes; change += 1) {
        // Half of the changes go where the structure is: frame header and record headers.
        const at = draw(random, 2) === 0 ? draw(random, 36) : draw(random, view.byteLength);
        places.push(at, view.getUint8(at));
        const value = draw(random, 3) === 0 ? draw(random, 256) : draw(random, 5);
        view.setUint8(at, value);
      }
      const length = draw(random, 8) === 0 ? draw(random, BYTES) : view.byteLength;
      const refusal = frameError(view, length);
      counts.set(refusal, (counts.get(refusal) ?? 0) + 1);
      const isRecords = view.getUint8(2) !== FrameType.Control;
      if (refusal === Refusal.None && isRecords && !promised(view, length)) broken += 1;
      for (let at = places.length - 2; at >= 0; at -= 2)
        view.setUint8(places[at]!, places[at + 1]!);
    }
    expect(broken, "accepted frames whose records are not whole").toBe(0);
    const reasons = [
      Refusal.MalformedFrame,
      Refusal.UnknownKind,
      Refusal.WrongLength,
      Refusal.None,
    ];
    for (const reason of reasons) {
      expect(counts.get(reason) ?? 0, `${Refusal[reason]} is reached`).toBeGreaterThan(1000);
    }
  });

  test("frames of pure noise are refused without a throw", () => {
    const random = { value: SEED + 1 };
    const view = new DataView(new ArrayBuffer(256));
    let accepted = 0;
    for (let input = 0; input < 100_000; input += 1) {
      for (let at = 0; at < 64; at += 4) view.setUint32(at, draw(random, 0xffff_ffff), true);
      // The first bytes right, so that the noise gets past them now and then.
      view.setUint32(0, 0x0001_01a7 | (draw(random, 6) << 16), true);
      view.setUint32(FRAME_BYTES, 256, true);
      if (frameError(view, 256) === Refusal.None) accepted += 1;
    }
    expect(accepted, "only control frames can look right by chance").toBeLessThan(20_000);
  });

  test("an accepted record is decoded without reading its neighbor", () => {
    const random = { value: SEED + 2 };
    for (let input = 0; input < 3000; input += 1) {
      const room = new DataView(new ArrayBuffer(BYTES));
      const length = fill(room, random);
      const view = new DataView(room.buffer, 0, length);
      for (let change = 0; change < 8; change += 1) {
        view.setUint8(FRAME_HEADER_BYTES + draw(random, length - 32), draw(random, 256));
      }
      if (frameError(view, length) !== Refusal.None) continue;
      for (let at: number = FRAME_HEADER_BYTES; at < length;) {
        const bytes = recordBytes(view, at);
        const alone = new DataView(room.buffer.slice(at, at + bytes));
        try {
          decode(alone, 0);
        } catch (fault) {
          // Values beyond 2^53 are refused by name; anything else is a read out of bounds.
          expect((fault as { code?: string }).code).toBe("UNIT_RANGE");
        }
        expect((alone.getUint16(2, true) & Flag.CellsMask) + 1).toBe(bytes / 64);
        at += bytes;
      }
    }
  });
});
