// `alphapulse why` on journals of real runs: the chain it prints is what the run itself said.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Algorithm, ChildStyle, Kind, Refusal, Role, Scope, Side } from "../../../asm/vocab.ts";
import { main } from "../../../src/cli/main.ts";
import { Clock } from "../../../src/clock.ts";
import { loadBuild } from "../../../src/core/build.ts";
import type { OutputSink } from "../../../src/oms/sink.ts";
import { Topology, type TopologyName } from "../../../src/oms/topology.ts";
import { decode, type DecodedRecord } from "../../../src/protocol.ts";
import type { Engine } from "../../../src/oms/engine.ts";
import { StrategyHost } from "../../../src/strategies/host.ts";
import { defineStrategy } from "../../../src/strategies/strategy.ts";
import { BASE_NANOS, put, record, setupRecords, ticks } from "../../asm/spine-core.ts";
import { instrument } from "../strategies/records.ts";

const build = loadBuild();
const ORDER_KINDS: readonly number[] = [Kind.OrderAccepted, Kind.OrderDenied, Kind.Fill];
let dir = "";

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "alphapulse-why-"));
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(dir, { recursive: true, force: true });
});

/** An order's record with the fields the tests name. */
type OrderRecord = DecodedRecord & { orderId: bigint; clientId: bigint; id: bigint };

/** What the run said about orders. */
class Heard implements OutputSink {
  readonly records: OrderRecord[] = [];

  ofStrategy(id: number): OrderRecord[] {
    return this.records.filter((one) => one["strategy"] === id);
  }

  collect(_u8: Uint8Array, view: DataView, from: number, to: number): void {
    for (let at = from; at < to; at += 64 * (1 + (view.getUint16(at + 2, true) & 3))) {
      if (ORDER_KINDS.includes(view.getUint16(at, true)))
        this.records.push(decode(view, at) as OrderRecord);
    }
  }

  flush(): void {
    // Nothing leaves.
  }
}

/** A run over recorded ticks whose journal stays in `dir`. */
async function trade(
  name: TopologyName,
  more: readonly Uint8Array[] = [],
  begin: (topology: Topology) => void = () => undefined,
): Promise<Heard> {
  const heard = new Heard();
  const topology = await Topology.open({
    ...{ name, build, clock: Clock.system(), isRecorded: true, segmentBytes: 1 << 22 },
    ...{ journalDir: join(dir, "journal"), sinks: () => [heard] },
  });
  topology.engine.start();
  await topology.configure([...setupRecords(), ...more]);
  for (const [at, bytes] of ticks(400).entries()) {
    while (!put(topology.feed, bytes)) await step(topology);
    if (at !== 30) continue;
    // The time of recorded data is that of the last tick taken in.
    await step(topology);
    begin(topology);
    await step(topology);
  }
  const last = async (): Promise<number> => (await topology.market?.drained()) ?? 0;
  const untilMillis = performance.now() + 20_000;
  for (let drained = await last(); ; drained = await last()) {
    await step(topology);
    const { core } = topology.engine;
    const isBehind = topology.market !== undefined && core.derivedSeen < drained;
    if (!core.isBusy() && !isBehind) break;
    if (performance.now() > untilMillis) throw new Error("not settled within 20 s");
  }
  await topology.stop();
  expect(heard.records.length, "the follower trades").toBeGreaterThan(4);
  return heard;
}

/** Buys at the end of every tenth candle and sells what a fill gave. */
const TURNER = defineStrategy({
  name: "turner",
  about: "answers to candles and to its own fills",
  parameters: {},
  needs: () => ({ timeframes: [1000], indicators: [] }),
  create: (context) => {
    let candles = 0;
    return {
      onCandle: (one) => {
        candles += 1;
        if (candles % 10 === 0) context.buy({ instrument: one, qtyLots: 2 });
      },
      onFill: (one, fill) => {
        if (fill.side === Side.Buy) context.sell({ instrument: one, qtyLots: fill.qtyLots });
      },
    };
  },
});

/** As `trade`, with a strategy in TypeScript beside the core's own. */
async function tradeTurner(name: TopologyName): Promise<Heard> {
  const heard = new Heard();
  let host: StrategyHost | undefined;
  const sinks = ({ core, command }: Engine): OutputSink[] => {
    host = new StrategyHost({ command, isDerivedInput: core.roles === Role.Order });
    return [heard, host];
  };
  const topology = await Topology.open({
    ...{ name, build, clock: Clock.system(), isRecorded: true, segmentBytes: 1 << 22 },
    ...{ journalDir: join(dir, "journal"), sinks },
  });
  topology.engine.start();
  host?.plan.takeTimeframe(0, 1000);
  const setup = { factory: TURNER, strategyId: 9, account: 1, instruments: [instrument(1)] };
  await topology.configure([...setupRecords(), ...(host?.add(setup) ?? [])]);
  host?.start();
  const isOver = (): boolean => heard.ofStrategy(9).filter(isFill).length >= 2;
  for (const bytes of ticks(400)) {
    while (!put(topology.feed, bytes)) await step(topology);
    await step(topology);
  }
  for (let count = 0; count < 2_000 && !isOver(); count++) await step(topology);
  await topology.stop();
  expect(isOver(), "the strategy turned").toBe(true);
  return heard;
}

function isFill({ kind }: DecodedRecord): boolean {
  return kind === (Kind.Fill as number);
}

async function step(topology: Topology): Promise<void> {
  topology.feed.wake();
  topology.engine.schedule();
  await new Promise<void>((next) => setImmediate(next));
}

async function why(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, "write").mockImplementation((text) => ((err += String(text)), true));
  const code = await main(["why", "--data-dir", dir, ...argv]);
  vi.restoreAllMocks();
  return { code, out, err };
}

interface Step {
  stream: number;
  sequence: string;
  isInput: boolean;
  kind: string;
  says: string;
  record: Record<string, unknown>;
}

async function stepsOf(key: string): Promise<Step[]> {
  const { out, err } = await why(key, "--json");
  expect(err).toBe("");
  return (JSON.parse(out) as { steps: Step[] }).steps;
}

test("tick, signal, order and fill of one cause, as the run itself said them", async () => {
  const { records } = await trade("inline");
  const fill = records.filter(({ kind }) => kind === (Kind.Fill as number))[1]!;
  const steps = await stepsOf(String(fill.orderId));
  expect(steps.map(({ kind }) => kind)).toEqual(["Trade", "Signal", "OrderAccepted", "Fill"]);
  expect(new Set(steps.map(({ sequence }) => sequence))).toEqual(new Set([String(fill.cause)]));
  expect(steps.map(({ isInput }) => isInput)).toEqual([true, false, false, false]);
  const own = records.filter((one) => one["clientId"] === fill["clientId"]);
  const plain = (one: DecodedRecord): unknown =>
    JSON.parse(
      JSON.stringify(one, (_, value: unknown) =>
        typeof value === "bigint" ? String(value) : value,
      ),
    );
  expect(
    steps.slice(2).map((one) => one.record),
    "replayed equals said",
  ).toEqual(own.map(plain));
  const side = fill["side"] === Side.Buy ? "buy" : "sell";
  expect(steps[3]?.says).toContain(`: TEST-1 ${side} `);
  expect(steps[0]?.says).toMatch(/^TEST-1 \d+ at \d+\.\d\d$/);
});

test("account/client-id and fill/ID lead to one chain; the table names every step", async () => {
  const { records } = await trade("inline");
  const fill = records.find(({ kind }) => kind === (Kind.Fill as number))!;
  const byId = await stepsOf(String(fill.orderId));
  expect(await stepsOf(`1/${String(fill.clientId)}`)).toEqual(byId);
  const byFill = await stepsOf(`fill/${String(fill.id)}`);
  expect(byFill.map(({ kind }) => kind)).toEqual(["Trade", "Signal", "Fill"]);
  const { out, code } = await why(String(fill.orderId));
  expect(code).toBe(0);
  const lines = out.trimEnd().split("\n");
  expect(lines[0]).toBe(`order ${String(fill.orderId)}`);
  expect(lines[1]).toMatch(new RegExp(`^#${fill.cause}  20\\d\\d-.*Z +Trade: TEST-1 `));
  expect(lines[2]).toMatch(/^ +-> Signal: TEST-1 model 3 says Flip (buy|sell) at \d/);
  expect(lines[3]).toMatch(
    /-> OrderAccepted: 1\/\d+ of strategy 7, order \d+: TEST-1 (buy|sell) 5/,
  );
  expect(lines[4]).toMatch(/-> Fill: .*fill \d+: .* as taker; 0 open, fee 0 minor units$/);
});

test("a denied order is found by its client id, with the limit and what it was", async () => {
  const limits = { scope: Scope.Account, account: 1, currency: 1, qtyLotsMax: 4 };
  const { records } = await trade("inline", [record(Kind.RiskLimits, limits)]);
  const denied = records[0]!;
  expect(denied["reason"]).toBe(Refusal.QtyLimit);
  const steps = await stepsOf(`1/${String(denied.clientId)}`);
  expect(steps.at(-1)?.kind).toBe("OrderDenied");
  expect(steps.at(-1)?.says).toMatch(
    /refusal 403 QtyLimit: the limit is 4, the order was 5 lots at market$/,
  );
});

test("sharded, the tick comes from the market worker's journal", async () => {
  const { records } = await trade("sharded");
  const fill = records.find(({ kind }) => kind === (Kind.Fill as number))!;
  const steps = await stepsOf(String(fill.orderId));
  expect(steps.map(({ stream, kind }) => [stream, kind])).toEqual([
    [1, "Trade"],
    [0, "Signal"],
    [0, "OrderAccepted"],
    [0, "Fill"],
  ]);
  const [tick, signal] = steps;
  expect(signal?.isInput, "an input of the order loop").toBe(true);
  expect(tick?.record["tsEngineNanos"]).toBe(signal?.record["tsEngineNanos"]);
  expect(tick?.record["priceTicks"]).toBe(signal?.record["priceTicks"]);
});

test.each<TopologyName>(["inline", "sharded"])(
  "%s: the order of a TypeScript strategy begins at the candle it answered to",
  async (name) => {
    const heard = (await tradeTurner(name)).ofStrategy(9);
    const entry = heard.find(isFill)!;
    const steps = await stepsOf(String(entry.orderId));
    const kinds = steps.map(({ kind }) => kind);
    expect(kinds.slice(-4)).toEqual(["CandleClosed", "OrderNew", "OrderAccepted", "Fill"]);
    expect(["Trade", "Timer"]).toContain(kinds[0]);
    const [candle, command] = steps.slice(-4) as [Step, Step, Step, Step];
    expect(command.isInput).toBe(true);
    expect(command.record["cause"], "the journal keeps what was answered").toBe(candle.sequence);
    expect(steps.at(-1)?.record["id"]).toBe(String(entry["id"]));

    // The exit answers to the entry's fill, which goes back to the same candle.
    const exit = heard.filter(isFill)[1]!;
    const chain = await stepsOf(String(exit.orderId));
    expect(chain.slice(0, steps.length)).toEqual(steps);
    const rest = chain.slice(steps.length);
    expect(rest.map(({ kind }) => kind)).toEqual(["OrderNew", "OrderAccepted", "Fill"]);
    expect(rest[0]?.record["cause"]).toBe(command.sequence);
    const { out } = await why(String(exit.orderId));
    expect(out).toContain(`OrderNew in answer to #${candle.sequence}: 1/`);
  },
);

test("a child order leads to its parent, whose name lists its children", async () => {
  const heard = await trade("inline", [], (topology) => {
    const parent = {
      ...{ instrument: 1, account: 1, clientId: 77, algorithm: Algorithm.Twap, side: Side.Sell },
      ...{ qtyLots: 20, style: ChildStyle.Aggressive, intervalNanos: 1_500_000_000 },
      endNanos: BASE_NANOS + 16_000_000_000n,
    };
    put(topology.engine.command, record(Kind.ParentNew, parent));
  });
  const isChild = (one: DecodedRecord): boolean => one["linkedClientId"] === 77n;
  const children = heard.records.filter(
    (one) => one.kind === (Kind.OrderAccepted as number) && isChild(one),
  );
  expect(children.length, "the parent worked").toBeGreaterThan(1);
  const child = children[1]!;
  const steps = await stepsOf(String(child.orderId));
  const kinds = steps.map(({ kind }) => kind);
  expect(kinds.slice(0, 2)).toEqual(["ParentNew", "ParentProgress"]);
  expect(kinds).toContain("OrderAccepted");
  expect(kinds.indexOf("ParentNew")).toBeLessThan(kinds.indexOf("OrderAccepted"));
  expect(steps[0]?.says).toBe("1/77: TEST-1 Twap sell 20, a slice every 1.5 s");
  const sequences = steps.map(({ sequence }) => Number(sequence));
  expect(sequences).toEqual([...sequences].sort((a, b) => a - b));

  const whole = await stepsOf("1/77");
  const accepted = whole.filter(({ kind }) => kind === "OrderAccepted");
  expect(accepted.length).toBe(Math.min(8, children.length));
  expect(accepted[1]?.record["orderId"]).toBe(String(child.orderId));
  const done = whole.filter(({ kind }) => kind === "ParentDone");
  expect(done.map(({ says }) => says)).toEqual([
    expect.stringMatching(/^1\/77: TEST-1 Twap sell 20: (Filled|Expired), \d+ filled by \d+ chil/),
  ]);
});

test("what cannot be found says what there is, and a wrong word is a wrong call", async () => {
  const empty = await why("1/1");
  expect([empty.code, empty.out]).toEqual([1, ""]);
  expect(empty.err).toMatch(/^JOURNAL_NOT_FOUND: no journal in .*; name its data directory/);
  const { records } = await trade("inline");
  const accepted = records.filter(({ kind }) => kind === (Kind.OrderAccepted as number));
  const [first, last] = [accepted[0]!, accepted.at(-1)];
  const { code, err } = await why("99");
  expect(code).toBe(1);
  expect(err).toBe(
    `ORDER_UNKNOWN: the journal has no record of order 99; it holds order ids ` +
      `${String(first.orderId)} to ${String(last.orderId)}; account 1: ${accepted.length} ` +
      `orders, 1/${String(first.clientId)} to 1/${String(last.clientId)}\n`,
  );
  for (const word of ["mine", "1/2/3", "-1", "99999999999/1", "99999999999999999999999"]) {
    const wrong = await why("--", word);
    expect([wrong.code, wrong.out], word).toEqual([2, ""]);
  }
  expect((await why("mine")).err).toMatch(
    /^CONFIG_INVALID: "mine" names no order; use an order id/,
  );
});
