import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { BookRule, Flag, Kind, Refusal } from "../../../asm/vocab.ts";
import { seeded } from "../../reference/random.ts";
import { MarketCore, marketModule, ofKind } from "../market-core.ts";
import type { Fields, Out } from "../market-core.ts";

const module = await marketModule();
const WHOLE = Flag.First | Flag.Last;
const DEEP = process.env["ALPHAPULSE_DEEP"] === "1";
type Level = [price: number, lots: number];

/** A step of a price or a quantity: mantissa x 10^exponent. */
interface Step {
  mantissa: number;
  exponent: number;
}

function open(bookRule: BookRule, tick: Step, lot: Step, levels = 40): MarketCore {
  const core = new MarketCore(module);
  const steps = { tickMantissa: tick.mantissa, tickExponent: tick.exponent };
  const lots = { lotMantissa: lot.mantissa, lotExponent: lot.exponent };
  core.spec(1, levels, bookRule, undefined, { ...steps, ...lots });
  return core;
}

const pairs = (levels: Level[]): Fields[] =>
  levels.map(([priceTicks, qtyLots]) => ({ priceTicks, qtyLots }));
function send(
  core: MarketCore,
  kind: Kind,
  bids: Level[],
  asks: Level[],
  more: Fields = {},
): Out[] {
  const sides = { bids: pairs(bids), asks: pairs(asks) };
  return core.apply(kind, { instrument: 1, flags: WHOLE, ...sides, ...more }, 0n);
}
const check = (core: MarketCore, value: number, flags = 0): Out[] =>
  core.apply(Kind.BookChecksum, { instrument: 1, flags, value }, 0n);
const trusts = (outs: Out[]): unknown[] =>
  ofKind(outs, Kind.BookTrust).map(({ state, reason, expected, received }) => [
    ...[state, reason, expected, received],
  ]);

// ------------------------------------------------------------- the venues' texts, from decimals

/** The exact decimal of value x step, all decimals of the step written. */
function decimal(value: number, { mantissa, exponent }: Step): string {
  const whole = BigInt(value) * BigInt(mantissa);
  if (exponent >= 0) return String(whole * 10n ** BigInt(exponent));
  const digits = String(whole).padStart(1 - exponent, "0");
  return `${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
}

/** Kraken: the point out, then the zeros in front; top ten, asks first. */
function krakenText(bids: Level[], asks: Level[], tick: Step, lot: Step): string {
  const digits = (text: string): string => text.replace(".", "").replace(/^0+/, "");
  return [asks, bids]
    .flatMap((side) => side.slice(0, 10))
    .map(([price, lots]) => digits(decimal(price, tick)) + digits(decimal(lots, lot)))
    .join("");
}

/** OKX: numbers as short as they can be written, bid and ask in turn, 25 a side. */
function okxText(bids: Level[], asks: Level[], tick: Step, lot: Step): string {
  const short = (text: string): string =>
    text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
  const words: string[] = [];
  for (let rank = 0; rank < 25; rank++) {
    for (const level of [bids[rank], asks[rank]]) {
      if (level === undefined) continue;
      words.push(short(decimal(level[0], tick)), short(decimal(level[1], lot)));
    }
  }
  return words.join(":");
}

const TEXTS = [
  { name: "Kraken", rule: BookRule.Checksum, text: krakenText },
  { name: "OKX", rule: BookRule.Okx, text: okxText },
];

describe.each(TEXTS)("the checksum of $name", ({ rule, text }) => {
  const seeds = Array.from({ length: DEEP ? 3000 : 60 }, (_, i) => i + 1);

  test("equals CRC-32 of the text made of decimals, over random books and steps", () => {
    for (const seed of seeds) {
      const random = seeded(seed);
      const below = (count: number): number => Math.floor(random() * count);
      const step = (): Step => ({
        mantissa: [1, 1, 5, 25, 125][below(5)]!,
        exponent: below(14) - 10,
      });
      const [tick, lot] = [step(), step()];
      const core = open(rule, tick, lot);
      const middle = [50, 30_000, 2 ** 40][below(3)]!;
      const side = (sign: number): Level[] =>
        Array.from({ length: below(7) }, (_, i): Level => {
          const round = random() < 0.3 ? 1000 : 1;
          return [middle + sign * (3 * i + 1 + below(2)), (1 + below(10 ** below(13))) * round];
        });
      const [bids, asks] = [side(-1), side(1)];
      const expected = crc32(text(bids, asks, tick, lot));
      send(core, Kind.BookSnapshot, bids, asks);
      expect(trusts(check(core, expected)), `seed ${seed}`).toEqual([]);
      const wrong = (expected ^ 1) >>> 0;
      const reason = [0, Refusal.ChecksumMismatch, BigInt(wrong), BigInt(expected)];
      expect(trusts(check(core, wrong)), `seed ${seed}`).toEqual([reason]);
    }
  });

  test("sums the best levels only", () => {
    const [tick, lot] = [
      { mantissa: 1, exponent: -1 },
      { mantissa: 1, exponent: -4 },
    ];
    const core = open(rule, tick, lot);
    const side = (sign: number): Level[] =>
      Array.from({ length: 36 }, (_, i): Level => [1000 + sign * (i + 1), i + 1]);
    for (let from = 0; from < 36; from += 6) {
      const flags = (from === 0 ? Flag.First : 0) | (from === 30 ? Flag.Last : 0);
      const part = (sign: number): Level[] => side(sign).slice(from, from + 6);
      send(core, Kind.BookSnapshot, part(-1), part(1), { flags });
    }
    expect(trusts(check(core, crc32(text(side(-1), side(1), tick, lot))))).toEqual([]);
  });
});

describe("a checksum", () => {
  const step = { mantissa: 1, exponent: 0 };
  const text = (bids: Level[], asks: Level[]): number => crc32(krakenText(bids, asks, step, step));

  test("that disagrees ends trust until a snapshot, whatever comes in between", () => {
    const core = open(BookRule.Checksum, step, step);
    send(core, Kind.BookSnapshot, [[99, 1]], [[101, 1]]);
    const actual = BigInt(text([[99, 1]], [[101, 1]]));
    expect(trusts(check(core, 5))).toEqual([[0, Refusal.ChecksumMismatch, 5n, actual]]);
    expect(send(core, Kind.BookDelta, [[98, 1]], []), "untrusted books take nothing").toEqual([]);
    expect(check(core, Number(actual)), "not even what would agree").toEqual([]);
    expect(trusts(send(core, Kind.BookSnapshot, [[99, 1]], [[101, 1]]))).toEqual([[1, 0, 0n, 0n]]);
    expect(check(core, Number(actual))).toEqual([]);
  });

  test("that ends a group is looked at before the group's top is said", () => {
    const core = open(BookRule.Checksum, step, step);
    send(core, Kind.BookSnapshot, [[99, 1]], [[101, 1]]);
    const open100 = (): Out[] => send(core, Kind.BookDelta, [[100, 1]], [], { flags: Flag.First });
    expect(open100()).toEqual([]);
    const bids: Level[] = [
      [100, 1],
      [99, 1],
    ];
    const good = check(core, text(bids, [[101, 1]]), Flag.Last);
    expect(ofKind(good, Kind.TopOfBook).map(({ bidTicks }) => bidTicks)).toEqual([100]);
    send(core, Kind.BookDelta, [[102, 1]], [[101, 0]], { flags: Flag.First });
    expect(
      check(core, 1, Flag.Last).map(({ kind }) => kind),
      "never the wrong top",
    ).toEqual([Kind.BookTrust]);
  });

  test("may come with a snapshot, and decides whether it lands", () => {
    const core = open(BookRule.Okx, step, step);
    const begin = (): Out[] =>
      send(core, Kind.BookSnapshot, [[9, 1]], [[11, 2]], { flags: Flag.First });
    begin();
    expect(check(core, 1, Flag.Last), "untrusted as it was, and not landed").toEqual([]);
    begin();
    const won = check(core, crc32("9:1:11:2"), Flag.Last);
    expect(won.map(({ kind }) => kind)).toEqual([Kind.BookTrust, Kind.TopOfBook]);
  });

  test("is refused where the venue sends none, and nothing to a book without a snapshot", () => {
    const core = open(BookRule.FirstIsNext, step, step);
    send(core, Kind.BookSnapshot, [[99, 1]], [[101, 1]]);
    expect(check(core, 1).map(({ kind, reason }) => [kind, reason])).toEqual([
      [Kind.MarketRefusal, Refusal.KindNotAllowed],
    ]);
    const empty = open(BookRule.Checksum, step, step);
    expect(trusts(check(empty, 1))).toEqual([[0, Refusal.SequenceGap, 0n, 0n]]);
    expect(check(empty, 1)).toEqual([]);
  });
});

test("a book of Kraken is cut behind a message, not within it", () => {
  const step = { mantissa: 1, exponent: 0 };
  const core = open(BookRule.Checksum, step, step, 2);
  const bids: Level[] = [
    [98, 1],
    [97, 1],
  ];
  send(core, Kind.BookSnapshot, bids, [[101, 1]]);
  // 99 comes and goes within the message: what was worst meanwhile is still there.
  send(core, Kind.BookDelta, [[99, 1]], [], { flags: Flag.First });
  send(core, Kind.BookDelta, [[99, 0]], [], { flags: Flag.Last });
  expect(trusts(check(core, crc32("1011" + "981" + "971")))).toEqual([]);
  send(core, Kind.BookDelta, [[99, 1]], []);
  send(core, Kind.BookDelta, [[99, 0]], []);
  expect(trusts(check(core, crc32("1011" + "981"))), "cut behind the first").toEqual([]);
});

test("ids of OKX are linked by the previous one, where there are any", () => {
  const step = { mantissa: 1, exponent: 0 };
  const core = open(BookRule.Okx, step, step);
  const ids = (lastId: number, prevId: number): Fields => ({ firstId: lastId, lastId, prevId });
  send(core, Kind.BookSnapshot, [[99, 1]], [[101, 1]], ids(10, 0));
  expect(trusts(send(core, Kind.BookDelta, [[98, 1]], [], ids(15, 10)))).toEqual([]);
  expect(trusts(send(core, Kind.BookDelta, [], [], ids(15, 15))), "nothing new").toEqual([]);
  expect(trusts(send(core, Kind.BookDelta, [[98, 2]], [], ids(12, 11))), "old").toEqual([]);
  expect(trusts(send(core, Kind.BookDelta, [[97, 1]], [], ids(3, 15))), "begun anew").toEqual([]);
  expect(trusts(send(core, Kind.BookDelta, [[96, 1]], [], ids(5, 4)))).toEqual([
    [0, Refusal.SequenceGap, 4n, 5n],
  ]);
});
