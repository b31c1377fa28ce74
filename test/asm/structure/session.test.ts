// Sessions through the market role: windows the host sends, what opens, closes and is left behind.
import { describe, expect, test } from "vitest";
import {
  Kind,
  Refusal,
  Side,
  StructureFamily,
  StructureFlag,
  StructureKind,
  StructureState,
} from "../../../asm/vocab.ts";
import { MarketCore, marketModule, ofKind } from "../market-core.ts";
import type { Fields, Out } from "../market-core.ts";

const module = await marketModule();
const MINUTE = 60_000_000_000n;
const DAY = 1440n * MINUTE;
/** A Wednesday, 00:00 UTC. */
const BASE = 1_723_593_600_000_000_000n;
const { Formed, Closed, Taken, Swept, Dead } = StructureState;

function machine(families: number): MarketCore {
  const core = new MarketCore(module);
  core.spec(1);
  core.apply(Kind.Timeframe, { slot: 0, periodMillis: 60_000 }, BASE);
  core.apply(Kind.StructureConfig, { timeframe: 0, families }, BASE);
  return core;
}

const trade = (core: MarketCore, minute: number, priceTicks: number, part = 0n): Out[] =>
  ofKind(
    core.apply(
      Kind.Trade,
      { instrument: 1, priceTicks, qtyLots: 1, aggressor: Side.Buy },
      BASE + BigInt(minute) * MINUTE + part,
    ),
    Kind.StructureEvent,
  );
const about = (out: Out): unknown[] => [out.structureKind, out.state, out.lowTicks, out.highTicks];

describe("a session", () => {
  const { Session, LiquidityPool } = StructureKind;

  test("opens with its first candle, ends with the first behind it and leaves two pools", () => {
    const core = machine(StructureFamily.Sessions | StructureFamily.LiquidityPools);
    const window = { slot: 2, openNanos: BASE + 2n * MINUTE, closeNanos: BASE + 5n * MINUTE };
    const [answer] = core.apply(Kind.SessionCalendar, window, BASE);
    expect(answer!.name).toBe("ConfigAccepted");
    const outs = [100, 101, 110, 120, 95, 105, 121, 112, 112].map((price, minute) =>
      trade(core, minute, price).map(about),
    );
    expect(outs).toEqual([
      ...[[], [], []],
      [[Session, Formed, 110, 110]],
      ...[[], []],
      // The candle of minute 5 closed: it is the first behind the window.
      [
        [Session, Closed, 95, 120],
        [LiquidityPool, Formed, 120, 120],
        [LiquidityPool, Formed, 95, 95],
        [LiquidityPool, Taken, 120, 120],
      ],
      [],
      // Minute 7 closed back below the high that minute 6 took.
      [[LiquidityPool, Swept, 120, 120]],
    ]);
  });

  test.each<[string, Fields]>([
    ["slot 8", { slot: 8 }],
    ["no length", { closeNanos: BASE }],
    ["a window before the last", { openNanos: BASE - MINUTE, closeNanos: BASE }],
    ["one instrument", { instrument: 1 }],
  ])("with %s is denied", (_, fields) => {
    const core = machine(StructureFamily.Sessions);
    const first = { slot: 0, openNanos: BASE - MINUTE, closeNanos: BASE };
    core.apply(Kind.SessionCalendar, first, BASE);
    const hash = core.stateHash();
    const record = { slot: 0, openNanos: BASE, closeNanos: BASE + MINUTE, ...fields };
    const [answer] = core.apply(Kind.SessionCalendar, record, BASE);
    expect([answer!.name, answer!.reason]).toEqual(["ConfigDenied", Refusal.ParameterInvalid]);
    expect(core.stateHash(), "state after a denial").toBe(hash);
  });
});

test("a whole day leaves its extremes as pools, and takes those of the day before away", () => {
  const core = machine(StructureFamily.LiquidityPools);
  const day = Number(DAY / MINUTE);
  const prices = [100, 103, 97, 110, 90, 100, 120, 80, 100];
  // Three trades a day; the first day may have begun before we looked.
  const outs = prices.flatMap((price, i) => trade(core, Math.floor(i / 3) * day + (i % 3), price));
  // A quiet day: what the third left is still there when the fifth begins.
  outs.push(...trade(core, 3 * day, 100), ...trade(core, 4 * day, 100));
  outs.push(...trade(core, 4 * day + 1, 100));
  const told = outs.filter((out) => (out.structureFlags & StructureFlag.PreviousDay) > 0);
  const { Sell, Buy } = Side;
  expect(told.map((out) => [out.state, out.side, out.highTicks])).toEqual([
    ...[
      [Formed, Sell, 110],
      [Formed, Buy, 90],
    ],
    ...[
      [Taken, Sell, 110],
      [Taken, Buy, 90],
    ],
    ...[
      [Swept, Sell, 110],
      [Swept, Buy, 90],
    ],
    ...[
      [Formed, Sell, 120],
      [Formed, Buy, 80],
    ],
    ...[
      [Dead, Sell, 120],
      [Dead, Buy, 80],
    ],
    ...[
      [Formed, Sell, 100],
      [Formed, Buy, 100],
    ],
  ]);
});
