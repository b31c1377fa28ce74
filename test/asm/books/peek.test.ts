import { expect, test } from "vitest";
import { PEEK } from "../../../asm/layout.ts";
import { BookRule, Flag, Kind, RECORD_BYTES_MAX } from "../../../asm/vocab.ts";
import { decode } from "../../../src/protocol.ts";
import { MarketCore, marketModule } from "../market-core.ts";
import type { Out } from "../market-core.ts";

const module = await marketModule();
type Levels = { priceTicks: number; qtyLots: number }[];

function peek(core: MarketCore, levelsMax: number): Out[] {
  const records = core.call("levelsPeek", 1, levelsMax);
  return Array.from({ length: records }, (_, i) => {
    return decode(core.view, PEEK + i * RECORD_BYTES_MAX) as unknown as Out;
  });
}

function joined(outs: Out[], side: "bids" | "asks"): [number, number][] {
  return outs.flatMap((out) =>
    (out[side] as Levels).map(({ priceTicks, qtyLots }): [number, number] => [priceTicks, qtyLots]),
  );
}

const side = (count: number, step: number): Levels =>
  Array.from({ length: count }, (_, i) => ({ priceTicks: 100 + step * (i + 1), qtyLots: i + 1 }));

test.each([
  [0, 0],
  [1, 0],
  [5, 7],
  [12, 12],
  [13, 30],
  [40, 3],
])("a book of %i bids and %i asks comes back as it was told, cut where asked", (bids, asks) => {
  const core = new MarketCore(module);
  core.spec(1, 50, BookRule.FirstIsNext);
  expect(peek(core, 50).map(({ flags }) => flags & Flag.Untrusted)).toEqual([Flag.Untrusted]);
  const told = { bids: side(bids, -1), asks: side(asks, 1) };
  for (let i = 0; i === 0 || i < 50; i += 6) {
    const flags = (i === 0 ? Flag.First : 0) | (i + 6 >= 50 ? Flag.Last : 0);
    const part = { bids: told.bids.slice(i, i + 6), asks: told.asks.slice(i, i + 6) };
    core.apply(Kind.BookSnapshot, { instrument: 1, flags, firstId: 7, lastId: 7, ...part }, 0n);
  }
  const hash = core.stateHash();
  for (const levelsMax of [1, 10, 50]) {
    const outs = peek(core, levelsMax);
    const pairs = (levels: Levels): [number, number][] =>
      levels.slice(0, levelsMax).map(({ priceTicks, qtyLots }) => [priceTicks, qtyLots]);
    expect(joined(outs, "bids")).toEqual(pairs(told.bids));
    expect(joined(outs, "asks")).toEqual(pairs(told.asks));
    const groups = outs.map(({ flags }) => flags & (Flag.First | Flag.Last | Flag.Untrusted));
    expect(groups[0]! & Flag.First).toBe(Flag.First);
    expect(groups.filter((flags) => flags & Flag.Last).length, "one group").toBe(1);
    expect(groups.at(-1) & Flag.Last).toBe(Flag.Last);
    expect(outs.every(({ lastId, flags }) => lastId === 7n && !(flags & Flag.Untrusted))).toBe(
      true,
    );
  }
  expect(core.stateHash(), "a look changes nothing").toBe(hash);
});

test("there is none without a book", () => {
  const core = new MarketCore(module);
  core.spec(1);
  expect(peek(core, 10)).toEqual([]);
  expect(core.call("levelsPeek", 2, 10)).toBe(0);
});
