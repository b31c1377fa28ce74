import { expect, test } from "vitest";
import { Flag, Kind, Side } from "../../../asm/vocab.ts";
import { writeBook, writeMark, writeTrade } from "../../../src/normalize/records.ts";
import { decode } from "../../../src/protocol.ts";
import { Ring, ringBytes } from "../../../src/rings/ring.ts";

const head = { instrument: 3, venue: 1, recvNanos: 5n, timed: true, offsetMicros: -7 };

function ringOf(cells: number): Ring {
  return Ring.create(new SharedArrayBuffer(ringBytes(cells)), 0, cells);
}

function take(ring: Ring) {
  ring.publish();
  const records = [];
  for (let at = ring.next(); at >= 0; at = ring.next()) {
    records.push(decode(ring.view, at));
    ring.skip(ring.cellsAt(at));
  }
  ring.release();
  return records;
}

test("a timed trade keeps its receive time, a live one leaves it to the sequencer", () => {
  const ring = ringOf(64);
  const trade = { ticks: 10n, lots: 2n, id: 9n, aggressor: Side.Buy };
  expect(writeTrade(ring, head, trade)).toBe(1);
  expect(writeTrade(ring, { ...head, timed: false }, trade)).toBe(1);
  const [timed, live] = take(ring);
  expect(timed).toMatchObject({ tsEngineNanos: 5n, flags: Flag.Timed, venueOffsetMicros: -7 });
  expect(live).toMatchObject({ tsEngineNanos: 0n, flags: 0, priceTicks: 10, qtyLots: 2 });
});

test("a group that may not fit writes nothing", () => {
  const ring = ringOf(8);
  const level = { ticks: 1n, lots: 1n };
  const book = { kind: Kind.BookDelta, firstId: 1n, lastId: 2n, prevId: 0n, asks: [] } as const;
  expect(writeBook(ring, head, { ...book, bids: Array(13).fill(level) })).toBe(0);
  expect(take(ring)).toEqual([]);
  expect(writeBook(ring, head, { ...book, bids: Array(12).fill(level) })).toBe(1);
  expect(take(ring)).toHaveLength(1);
});

test("a gap is a record of its instrument; a full ring says so", () => {
  const ring = ringOf(8);
  for (let pair = 0; pair < 4; pair++) {
    expect(writeMark(ring, Kind.FeedGap, 4)).toBe(true);
    expect(writeMark(ring, Kind.FeedStatus, 4)).toBe(true);
  }
  expect(writeMark(ring, Kind.FeedGap, 4), "the ninth finds no room").toBe(false);
  const taken = take(ring);
  expect(taken).toHaveLength(8);
  expect(taken.slice(0, 2)).toMatchObject([
    { kind: Kind.FeedGap, instrument: 4 },
    { kind: Kind.FeedStatus, instrument: 4 },
  ]);
});
