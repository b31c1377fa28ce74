// One decision, all who replay: a start, the follower, the state at a point, the cause chain, a
// fork and the comparison of two builds pass by the same records. The core is a real one that traps
// in the middle of certain records, which another build took.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  Flag,
  Kind,
  NEW_TAG,
  OrderType,
  REC_FLAGS,
  Refusal,
  Role,
  Scope,
  Side,
  TimeInForce,
  TRADE_QTY_LOTS,
} from "../../../asm/vocab.ts";
import { loadBuild } from "../../../src/core/build.ts";
import type { CoreBuild } from "../../../src/core/core.ts";
import { causeChain } from "../../../src/oms/cause-chain.ts";
import { decide } from "../../../src/oms/decide.ts";
import { decisionsOf } from "../../../src/oms/decisions.ts";
import { Engine } from "../../../src/oms/engine.ts";
import { Follower } from "../../../src/oms/follower.ts";
import { runFork } from "../../../src/oms/fork.ts";
import { limitsChange } from "../../../src/oms/fork-change.ts";
import { Timeline } from "../../../src/oms/timeline.ts";
import { compareBuilds } from "../../../src/oms/upgrade.ts";
import { put, record, setupRecords, ticks } from "../../asm/spine-core.ts";
import { variantBuild } from "../../asm/variant.ts";
import { Hands } from "./hands.ts";

/** Tag of an order and lots of a trade that stop the core. */
const POISON = 666;
const healthy = loadBuild();
const data = ticks(900);
let poisoned: CoreBuild;
let dir = "";
let hands: Hands;

beforeAll(async () => {
  const trap = (when: string): string => `if (${when}) unreachable();`;
  const isKind = `load<u16>(rec) == ${Kind.Trade}`;
  const isTrade = `${isKind} && load<i64>(rec, ${TRADE_QTY_LOTS}) == ${POISON}`;
  poisoned = await variantBuild(
    [
      "asm/trading.ts",
      "      return orderNew(rec);",
      `      orderNew(rec); ${trap(`load<u64>(rec, ${NEW_TAG}) == ${POISON}`)} return;`,
    ],
    ["asm/apply.ts", "  marketApply(rec);\n", `  marketApply(rec); ${trap(isTrade)}\n`],
  );
}, 120_000);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "alphapulse-decisions-"));
  hands = new Hands();
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

function open(build: CoreBuild, isRecorded: boolean): Engine {
  const journal = { dir, stream: 0, segmentBytes: 1 << 16 };
  const engine = new Engine({ build, clock: hands.clock(), roles: Role.Both, isRecorded, journal });
  engine.recover();
  engine.start();
  const limits = { scope: Scope.Account, account: 1, currency: 1, qtyLotsMax: 30 };
  engine.configure([...setupRecords(), record(Kind.RiskLimits, limits)]);
  return engine;
}

/** Ticks a turn each, five at a time; live ones have the clock's time. */
function feed(engine: Engine, from: number, to: number, isRecorded: boolean): void {
  for (let at = from; at < to; at += 5) {
    for (const bytes of data.slice(at, at + 5)) put(engine.feed, isRecorded ? bytes : live(bytes));
    hands.pass(300);
    while (engine.core.isBusy()) engine.turn();
  }
}

function live(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  view.setUint16(REC_FLAGS, view.getUint16(REC_FLAGS, true) & ~Flag.Timed, true);
  return copy;
}

function order(clientId: number, tag = 0): Uint8Array {
  return record(Kind.OrderNew, {
    ...{ instrument: 1, account: 1, clientId: BigInt(clientId), side: Side.Buy, qtyLots: 1n },
    ...{ type: OrderType.Limit, tif: TimeInForce.Gtc, priceTicks: 9_000n, tag: BigInt(tag) },
  });
}

/** An order that stops the other core, between two that do not, and such a trade among ticks. */
function sendPoison(engine: Engine, isRecorded: boolean): { order: number; trade: number } {
  hands.pass(700);
  for (const bytes of [order(1), order(2, POISON), order(3)]) put(engine.command, bytes);
  while (engine.core.isBusy()) engine.turn();
  const third = engine.core.sequence;
  feed(engine, 300, 400, isRecorded);
  const trade = data.slice(400, 420).find((bytes) => kindOf(bytes) === (Kind.Trade as number))!;
  const poison = trade.slice();
  new DataView(poison.buffer).setBigInt64(TRADE_QTY_LOTS, BigInt(POISON), true);
  put(engine.feed, isRecorded ? poison : live(poison));
  hands.pass(2_500);
  engine.turn();
  const traded = engine.core.sequence;
  feed(engine, 420, 600, isRecorded);
  return { order: third - 1, trade: traded };
}

function kindOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint16(0, true);
}

function timeline(build: CoreBuild): Timeline {
  return new Timeline({ dir, stream: 0, build });
}

/** Two lives of the healthy core, the second with both records; the decisions; a third life. */
async function decided(isRecorded: boolean): Promise<{ order: number; trade: number }> {
  const first = open(healthy, isRecorded);
  feed(first, 0, 300, isRecorded);
  await first.stop();
  const second = open(healthy, isRecorded);
  const at = sendPoison(second, isRecorded);
  await second.stop();
  await decide(timeline(poisoned), dir, at.order);
  await decide(timeline(poisoned), dir, at.trade);
  const third = open(poisoned, isRecorded);
  feed(third, 600, 700, isRecorded);
  await third.stop();
  return at;
}

describe.each([
  ["recorded", true],
  ["live", false],
] as const)("%s", (_name, isRecorded) => {
  test("whoever replays passes by the records that were decided upon", async () => {
    const at = await decided(isRecorded);
    const line = timeline(poisoned);
    const { lastSequence } = line.range;
    const hash = line.stateAt(lastSequence).core.stateHashText();
    expect(line.stateAt(at.order).core.sequence, "a point before the decision").toBe(at.order);
    const chain = causeChain({ account: 1, clientId: 2n }, { dir, streams: [0], build: poisoned });
    expect(chain.steps.map(({ record: { name } }) => name)).toEqual(["OrderNew", "OrderDenied"]);
    expect(chain.steps[1]!.record).toMatchObject({ reason: Refusal.PoisonRecord });

    const plan = { at: at.order - 40, to: lastSequence };
    const one = limitsChange({ scope: Scope.Account, account: 1 }, { ordersOpenMax: 1 });
    const fork = runFork(line, { ...plan, changes: [one] });
    expect(`${fork.base.market}-${fork.base.order}`, "over restarts and decisions").toBe(hash);
    expect(fork.fork.market, "the market is the same").toBe(fork.base.market);
    expect(fork.fork.order).not.toBe(fork.base.order);

    const follower = new Follower({ build: poisoned, dir, stream: 0, roles: Role.Both, keep: 3 });
    while (follower.step(64) > 0);
    expect(follower.core.stateHashText()).toBe(hash);
    follower.close();
    const engine = open(poisoned, isRecorded);
    // Before the records, and behind the decisions; the one between vouches for another state.
    expect(engine.recovery.checkpoints).toBe(2);
    await engine.stop();
  }, 60_000);

  test("a fork passes by what the engine passed by itself", async () => {
    const engine = open(poisoned, isRecorded);
    feed(engine, 0, 300, isRecorded);
    const before = engine.core.sequence;
    sendPoison(engine, isRecorded);
    expect(engine.rescues.count).toBe(2);
    await engine.stop();
    const line = timeline(poisoned);
    const report = runFork(line, { at: before, to: line.range.lastSequence, changes: [] });
    expect(report.base).toEqual(report.journal);
  }, 60_000);
});

test("two builds are compared over what both pass by", async () => {
  await decided(true);
  const line = timeline(poisoned);
  const { lastSequence } = line.range;
  const report = compareBuilds(line, healthy, lastSequence);
  expect(report).toMatchObject({ difference: undefined, records: lastSequence });
}, 60_000);

test("a decision stands alone in its block, anything else is none", async () => {
  const engine = open(healthy, true);
  feed(engine, 0, 50, true);
  put(engine.control, record(Kind.SkipRecord, { skipSequence: 20n }));
  put(engine.feed, data[50]!);
  engine.turn();
  await engine.stop();
  const line = timeline(healthy);
  const end = line.range.lastSequence;
  expect(decisionsOf(line.place).voids(21)).toBe(false);
  const again = open(healthy, true);
  put(again.control, record(Kind.SkipRecord, { skipSequence: 20n }));
  again.turn();
  await again.stop();
  const decisions = decisionsOf(line.place);
  expect(decisions.voids(21)).toBe(true);
  expect(decisions.voids(20)).toBe(false);
  expect(decisions.voids(end + 3)).toBe(false);
});
