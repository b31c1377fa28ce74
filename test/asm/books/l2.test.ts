import { describe, expect, test } from "vitest";
import { MI_BOOK, MARKET_INSTRUMENTS, MARKET_INSTRUMENT_BYTES } from "../../../asm/layout.ts";
import { BookRule, Flag, Kind, Refusal } from "../../../asm/vocab.ts";
import { BookTwin } from "../../reference/l2.ts";
import type { TwinLevel } from "../../reference/l2.ts";
import { seeded } from "../../reference/random.ts";
import { MarketCore, marketModule, ofKind } from "../market-core.ts";
import type { Fields, Out } from "../market-core.ts";

const module = await marketModule();
const WHOLE = Flag.First | Flag.Last;
const { FirstIsNext, PrevIsLast, PlusOne } = BookRule;

const level = (priceTicks: number, qtyLots: number): Fields => ({ priceTicks, qtyLots });

function open(rule: BookRule, levelsMax = 20): MarketCore {
  const core = new MarketCore(module);
  core.spec(1, levelsMax, rule);
  return core;
}

interface Update {
  first?: number;
  last: number;
  prev?: number;
  bids?: TwinLevel[];
  asks?: TwinLevel[];
  flags?: number;
}

function send(core: MarketCore, kind: Kind, update: Update): Out[] {
  const { first = update.last, last, prev = 0, flags = WHOLE } = update;
  const bids = (update.bids ?? []).map(([price, qty]) => level(price, qty));
  const asks = (update.asks ?? []).map(([price, qty]) => level(price, qty));
  const fields = { instrument: 1, flags, firstId: first, lastId: last, prevId: prev, bids, asks };
  return core.apply(kind, fields, 0n);
}

const delta = (core: MarketCore, update: Update): Out[] => send(core, Kind.BookDelta, update);
const snapshot = (core: MarketCore, update: Update): Out[] =>
  send(core, Kind.BookSnapshot, { bids: [[99, 5]], asks: [[101, 6]], ...update });

/** Levels of the core's book, best first. */
function levels(core: MarketCore, isAsk: boolean): TwinLevel[] {
  const slot = MARKET_INSTRUMENTS + MARKET_INSTRUMENT_BYTES;
  const book = core.view.getUint32(slot + MI_BOOK, true);
  return Array.from({ length: core.call("bookCount", book, isAsk ? 1 : 0) }, (_, rank) => {
    const at = core.call("bookLevel", book, isAsk ? 1 : 0, rank);
    return [Number(core.view.getBigInt64(at, true)), Number(core.view.getBigInt64(at + 8, true))];
  });
}

const told = (outs: Out[]): unknown[] =>
  ofKind(outs, Kind.BookTrust).map((out) => [out.state, out.reason, out.expected, out.received]);
const WON = [1, 0, 0n, 0n];

describe("levels", () => {
  test.each([
    [1, 5],
    [2, 20],
    [3, 1000],
  ])("equal a Map over random updates, seed %i, %i levels", (seed, levelsMax) => {
    const core = open(FirstIsNext, levelsMax);
    const twin = new BookTwin(levelsMax);
    const random = seeded(seed);
    snapshot(core, { last: 1, bids: [[500, 1]], asks: [[501, 1]] });
    twin.set(false, 500, 1);
    twin.set(true, 501, 1);
    for (let id = 2; id < 3000; id++) {
      // The best levels stay, so that no side crosses or runs empty.
      const bids: TwinLevel[] = [];
      const asks: TwinLevel[] = [];
      for (let i = Math.floor(random() * 12); i >= 0; i--) {
        const qty = random() < 0.4 ? 0 : 1 + Math.floor(random() * 50);
        const away = Math.floor(random() ** 3 * 400);
        const isAsk = random() < 0.5;
        if (isAsk) asks.push([501 + away, away === 0 ? qty + 1 : qty]);
        else bids.push([500 - away, away === 0 ? qty + 1 : qty]);
      }
      for (const [price, qty] of bids) twin.set(false, price, qty);
      for (const [price, qty] of asks) twin.set(true, price, qty);
      const outs = delta(core, { last: id, bids, asks });
      expect(told(outs), `update ${id}`).toEqual([]);
      if (id % 50 !== 0) continue;
      expect(levels(core, false), `bids after ${id}`).toEqual(twin.levels(false));
      expect(levels(core, true), `asks after ${id}`).toEqual(twin.levels(true));
    }
  });

  test("lie in order at the far ends of the numbers", () => {
    const core = open(FirstIsNext);
    const far = Number.MAX_SAFE_INTEGER;
    snapshot(core, { last: 1, bids: [[-far, 1]], asks: [[far, 1]] });
    // A difference of prices beyond 63 bits must not turn their order around.
    const at = MARKET_INSTRUMENTS + MARKET_INSTRUMENT_BYTES;
    const book = core.view.getUint32(at + MI_BOOK, true);
    for (const [isAsk, price] of [
      [0, -(2n ** 63n)],
      [0, 2n ** 62n],
      [1, 2n ** 63n - 1n],
      [1, -(2n ** 62n)],
    ] as const) {
      core.call("setLevel", book, isAsk, price, 5n);
    }
    const prices = (isAsk: 0 | 1): bigint[] =>
      [0, 1, 2].map((rank) =>
        core.view.getBigInt64(core.call("bookLevel", book, isAsk, rank), true),
      );
    expect(prices(0)).toEqual([2n ** 62n, -BigInt(far), -(2n ** 63n)]);
    expect(prices(1)).toEqual([-(2n ** 62n), BigInt(far), 2n ** 63n - 1n]);
  });

  test("removing what is not there changes nothing", () => {
    const core = open(FirstIsNext);
    snapshot(core, { last: 1 });
    expect(delta(core, { last: 2, bids: [[50, 0]], asks: [[500, 0]] })).toEqual([]);
    expect(levels(core, false)).toEqual([[99, 5]]);
  });

  test("a side that was cut short and runs empty is not trusted", () => {
    const core = open(FirstIsNext, 2);
    snapshot(core, {
      last: 1,
      bids: [
        [99, 1],
        [98, 1],
        [97, 1],
      ],
    });
    const outs = delta(core, {
      last: 2,
      bids: [
        [99, 0],
        [98, 0],
      ],
    });
    expect(told(outs)).toEqual([[0, Refusal.LevelsFull, 0n, 0n]]);
  });
});

describe("a snapshot", () => {
  test("of several records counts when its last one came, and replaces all", () => {
    const core = open(FirstIsNext);
    snapshot(core, {
      last: 1,
      bids: [
        [99, 5],
        [90, 5],
      ],
    });
    expect(snapshot(core, { last: 5, flags: Flag.First, bids: [[80, 1]], asks: [] })).toEqual([]);
    const outs = snapshot(core, { last: 5, flags: Flag.Last, bids: [], asks: [[82, 2]] });
    expect(ofKind(outs, Kind.TopOfBook).map((out) => [out.bidTicks, out.askTicks])).toEqual([
      [80, 82],
    ]);
    expect(levels(core, false)).toEqual([[80, 1]]);
  });

  test("older than the book in step is passed over", () => {
    const core = open(FirstIsNext);
    snapshot(core, { last: 10 });
    delta(core, { last: 11, bids: [[100, 1]] });
    expect(snapshot(core, { last: 10 })).toEqual([]);
    expect(told(delta(core, { last: 12, bids: [[98, 1]] }))).toEqual([]);
    expect(levels(core, false)).toEqual([
      [100, 1],
      [99, 5],
      [98, 1],
    ]);
  });

  test("torn by a delta is not trusted", () => {
    const core = open(FirstIsNext);
    snapshot(core, { last: 1 });
    snapshot(core, { last: 5, flags: Flag.First });
    expect(told(delta(core, { last: 6 }))[0]).toEqual([0, Refusal.SequenceGap, 5n, 6n]);
    expect(told(snapshot(core, { last: 5, flags: Flag.Last })), "its rest").toEqual([]);
    expect(told(snapshot(core, { last: 6 }))).toEqual([WON]);
  });
});

describe("trust", () => {
  test("is missing before the first snapshot, said once, and deltas wait for it", () => {
    const core = open(FirstIsNext);
    expect(told(delta(core, { first: 5, last: 7, bids: [[98, 9]] }))).toEqual([
      [0, Refusal.SequenceGap, 0n, 5n],
    ]);
    expect(delta(core, { first: 8, last: 9, bids: [[98, 3]] })).toEqual([]);
    expect(told(snapshot(core, { last: 8 }))).toEqual([WON]);
    expect(levels(core, false), "5-7 is in the snapshot, 8-9 bridges").toEqual([
      [99, 5],
      [98, 3],
    ]);
    expect(told(delta(core, { first: 10, last: 10 }))).toEqual([]);
  });

  test.each([
    ["spot: spans the snapshot's id", FirstIsNext, { first: 7, last: 12 }, true],
    ["spot: begins with the next id", FirstIsNext, { first: 9, last: 9 }, true],
    ["spot: leaves one out", FirstIsNext, { first: 10, last: 11 }, false],
    ["futures: holds the snapshot's id", PrevIsLast, { first: 7, last: 8, prev: 3 }, true],
    ["futures: begins behind it", PrevIsLast, { first: 9, last: 12, prev: 6 }, false],
    ["futures: follows it by id", PrevIsLast, { first: 9, last: 12, prev: 8 }, true],
    ["one each: the next", PlusOne, { last: 9 }, true],
    ["one each: the one after", PlusOne, { last: 10 }, false],
  ])("across the bridge, %s", (name, rule, update, fits) => {
    const core = open(rule);
    snapshot(core, { last: 8 });
    expect(told(delta(core, update)).length, name).toBe(fits ? 0 : 1);
  });

  test.each([
    [FirstIsNext, { first: 12, last: 13 }, [0, Refusal.SequenceGap, 11n, 12n]],
    [PrevIsLast, { first: 12, last: 13, prev: 11 }, [0, Refusal.SequenceGap, 10n, 11n]],
    [PlusOne, { last: 12 }, [0, Refusal.SequenceGap, 11n, 12n]],
  ])("ends at a gap, rule %i, until the next snapshot", (rule, update, told1) => {
    const core = open(rule);
    snapshot(core, { last: 9 });
    expect(told(delta(core, { last: 10, first: 10, prev: 9 }))).toEqual([]);
    expect(told(delta(core, update))).toEqual([told1]);
    expect(delta(core, { first: 14, last: 14, prev: 13, bids: [[100, 1]] }), "silent").toEqual([]);
    expect(told(snapshot(core, { last: 13 }))).toEqual([WON]);
    expect(levels(core, false)[0], "14 waited").toEqual([100, 1]);
  });

  test("passes over what the book already has", () => {
    const core = open(FirstIsNext);
    snapshot(core, { last: 9 });
    expect(delta(core, { first: 5, last: 9, bids: [[99, 0]] })).toEqual([]);
    expect(levels(core, false)).toEqual([[99, 5]]);
  });

  test("ends when a group of several records lost its end or its beginning", () => {
    for (const flags of [Flag.First, 0, Flag.Last]) {
      const core = open(FirstIsNext);
      snapshot(core, { last: 9 });
      const outs = delta(core, { last: 10, flags });
      outs.push(...delta(core, { last: 11 }));
      expect(told(outs).length, `flags ${flags}`).toBe(1);
    }
  });

  test("ends when the sides meet, and on a gap of the feed", () => {
    const core = open(FirstIsNext);
    snapshot(core, { last: 9 });
    const crossed = delta(core, { last: 10, bids: [[101, 1]] });
    expect(told(crossed)).toEqual([[0, Refusal.BookCrossed, 101n, 101n]]);
    expect(ofKind(crossed, Kind.TopOfBook), "a crossed top is not published").toEqual([]);
    snapshot(core, { last: 11 });
    expect(told(core.apply(Kind.FeedGap, { instrument: 0 }, 0n))).toEqual([
      [0, Refusal.SequenceGap, 0n, 0n],
    ]);
  });

  test("waits with the newest deltas when more come than are kept", () => {
    const core = open(FirstIsNext);
    for (let id = 1; id <= 1000; id++) delta(core, { last: id, bids: [[id % 90, id]] });
    expect(told(snapshot(core, { last: 940 }))).toEqual([WON]);
    expect(levels(core, false)[0]).toEqual([99, 5]);
    expect(told(delta(core, { last: 1001 })), "all of 941 to 1000 had waited").toEqual([]);
  });
});
