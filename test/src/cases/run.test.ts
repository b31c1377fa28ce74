// One command at a time: what the core does not support is said with the number it gives itself.
import { expect, test } from "vitest";

import { extraOf } from "../../../src/cases/extra.ts";
import type { Command } from "../../../src/cases/matching.ts";
import { CommandRun } from "../../../src/cases/run.ts";

const ORDER = { op: "new", id: "o", acct: "A", side: "S", type: "limit", qty: 5, px: 100 };
const command = (fields: object): Command => ({ ...ORDER, ...fields });

test("an order trades, and the words are those of the shared cases", () => {
  const run = new CommandRun();
  expect(run.step(command({ id: "b", acct: "B", side: "B", px: 101 })).events).toEqual([
    { e: "ack", id: "b", state: "live" },
  ]);
  const { events, unsupported } = run.step(command({ qty: 3 }));
  expect(unsupported).toBeUndefined();
  expect(events).toContainEqual({ e: "trade", maker: "b", taker: "o", px: 101, qty: 3 });
  expect(run.book.final()).toEqual({ bids: [[101, [["b", 2]]]], asks: [], stops: [] });
});

test("hidden orders are refused by the core's number and leave the book as it was", () => {
  for (const fields of [{ hidden: true }, { mes: 500 }]) {
    const run = new CommandRun();
    const { events, unsupported } = run.step(command(fields));
    expect(unsupported).toMatch(/minimum execution size: refusal 321 FlagUnsupported$/);
    expect(events).toMatchObject([
      { e: "reject", id: "o", reason: 321, refusal: "FlagUnsupported" },
    ]);
    expect(run.book.final()).toEqual({ bids: [], asks: [], stops: [] });
  }
});

test("a command that no record exists for is answered, not skipped", () => {
  const { events, unsupported } = new CommandRun().step({ op: "twist" } as unknown as Command);
  expect(events).toEqual([
    { e: "unsupported", why: "command twist", reason: 101, refusal: "UnknownKind" },
  ]);
  expect(unsupported).toBe("command twist: refusal 101 UnknownKind");
});

test("an order that may not trade is refused with its number and is not called unsupported", () => {
  const run = new CommandRun();
  run.step(command({ id: "b", acct: "B", side: "B", px: 101 }));
  const { events, unsupported } = run.step(command({ postOnly: true }));
  expect(events).toEqual([
    { e: "reject", id: "o", why: "post_only", reason: 313, refusal: "PostOnlyWouldTrade" },
  ]);
  expect(unsupported).toBeUndefined();
});

test("every feature beyond the translation reaches a field of the record", () => {
  const orders: [object, object][] = [
    [{ stop: 95 }, { type: 4, stopTicks: 95 }],
    [
      { stop: 95, type: "market" },
      { type: 3, stopTicks: 95 },
    ],
    [{ trail: 5 }, { type: 6, trailOffset: 5, trailUnit: 1 }],
    [{ display: 2 }, { displayLots: 2 }],
    [
      { tif: "GTD", expires: 50 },
      { tif: 4, expiresNanos: 50_000_000_000n },
    ],
    [{ reduceOnly: true }, { orderFlags: 2 }],
    [{ stp: "DC" }, { selfTrade: 5 }],
    [
      { op: "amend", px: 1, stop: 2, expires: 3 },
      { fields: 1 | 2 | 4 | 32, stopTicks: 2 },
    ],
  ];
  for (const [fields, expected] of orders) {
    expect(extraOf(command(fields)), JSON.stringify(fields)).toMatchObject(expected);
  }
});
