import { expect, test } from "vitest";
import { FrameType } from "../../../asm/vocab.ts";
import { StreamCursor } from "../../../src/client/cursor.ts";
import type { FrameHeader } from "../../../src/protocol.ts";

const frame = (type: FrameType, streamSequence: number, records: number): FrameHeader => ({
  type,
  streamSequence,
  records,
  level: 1,
  bytes: 0,
  stream: 4,
  sentNanos: 0,
});
const { Records, Snapshot, Conflated } = FrameType;

test("numbers that follow each other are no gap", () => {
  const cursor = new StreamCursor();
  cursor.take(frame(Snapshot, 1, 30));
  expect(cursor.take(frame(Records, 1, 3))).toEqual({ skip: 0, gap: undefined });
  expect(cursor.take(frame(Records, 4, 1)).gap).toBeUndefined();
  expect(cursor.next).toBe(5);
});

test("missing numbers are a gap, told once", () => {
  const cursor = new StreamCursor();
  cursor.next = 5;
  const gap = { stream: 4, expected: 5, received: 9, isConflated: false };
  expect(cursor.take(frame(Records, 9, 2)).gap).toEqual(gap);
  expect(cursor.take(frame(Records, 11, 2)).gap).toBeUndefined();
});

test("a conflated frame says what was left out and counts none of its own records", () => {
  const cursor = new StreamCursor();
  cursor.next = 5;
  const gap = { stream: 4, expected: 5, received: 100, isConflated: true };
  expect(cursor.take(frame(Conflated, 100, 2)).gap).toEqual(gap);
  expect(cursor.take(frame(Records, 100, 1)).gap).toBeUndefined();
});

test("records that were seen are skipped", () => {
  const cursor = new StreamCursor();
  cursor.next = 5;
  expect(cursor.take(frame(Records, 3, 4))).toEqual({ skip: 2, gap: undefined });
  expect(cursor.next).toBe(7);
  expect(cursor.take(frame(Records, 3, 2))).toEqual({ skip: 2, gap: undefined });
  expect(cursor.next).toBe(7);
});
