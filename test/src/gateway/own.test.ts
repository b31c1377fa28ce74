// Own events against a plain list, over many wraps of the buffer.
import { expect, test } from "vitest";
import { AckLevel, Kind } from "../../../asm/vocab.ts";
import { OwnStream } from "../../../src/gateway/own.ts";
import { decode, encode, recordBytes } from "../../../src/protocol.ts";

const KINDS = [Kind.MassCanceled, Kind.OrderAccepted, Kind.Fill] as const;

test("keeps the last records in their order, whatever their lengths", () => {
  const stream = new OwnStream(7, 16);
  const source = new Uint8Array(256);
  const view = new DataView(source.buffer);
  const words = new Int32Array(source.buffer);
  const target = new Int32Array(16384);
  const targetView = new DataView(target.buffer);
  for (let number = 1; number <= 400; number += 1) {
    const kind = KINDS[(number * 7) % 3 === 0 ? (number * 5) % 3 : 2]!;
    const cells = encode(view, 0, kind, { clientId: BigInt(number) }) / 64;
    stream.append(words, 0, cells, number * 2);
    expect(stream.next).toBe(number + 1);
    const held = stream.next - stream.first;
    expect(held).toBeLessThanOrEqual(16);
    if (number > 20) expect(held, "room for 16 of the longest").toBeGreaterThanOrEqual(15);
    const count = stream.copy(target, 32, 65504, stream.first, stream.next);
    expect(count).toBe(held);
    let at = 32;
    for (let index = 0; index < count; index += 1) {
      expect(decode(targetView, at).clientId).toBe(BigInt(stream.first + index));
      at += recordBytes(targetView, at);
    }
    expect(at - 32).toBe(stream.copiedBytes);
  }
});

test("a copy ends where the room does", () => {
  const stream = new OwnStream(7, 16);
  const words = new Int32Array(64);
  const view = new DataView(words.buffer);
  encode(view, 0, Kind.Fill, {});
  for (let count = 0; count < 5; count += 1) stream.append(words, 0, 3, 1);
  expect(stream.copy(new Int32Array(4096), 0, 3 * 192 + 191, 1, 6)).toBe(3);
});

test("durable moves with the inputs that are on disk, in order", () => {
  const stream = new OwnStream(7, 16);
  const words = new Int32Array(64);
  encode(new DataView(words.buffer), 0, Kind.OrderAccepted, {});
  for (const cause of [5, 5, 8]) stream.append(words, 0, 2, cause);
  stream.reachDurable(4);
  expect(stream.readyAt(AckLevel.Durable)).toBe(1);
  stream.reachDurable(7);
  expect(stream.readyAt(AckLevel.Durable)).toBe(3);
  stream.reachDurable(8);
  expect(stream.readyAt(AckLevel.Durable)).toBe(4);
  expect(stream.readyAt(AckLevel.Written)).toBe(1);
});
