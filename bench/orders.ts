// The full order path on exchange-core's published mix (see order-stream.ts): one instrument with
// about 1000 live orders, the same commands one at a time, and 1000 instruments with 1000 orders.
//
// Several accounts with limits of seven kinds; the core and the peers get the same commands.
// Measured from the command ring to the drained output ring: sequencing, block body, risk,
// matching, positions, P&L, money, events, event hash. Left out: journal write, sockets, and making
// the records (they are copied).
import { createRequire } from "node:module";
import { CELL_SHIFT, Side } from "../asm/vocab.ts";
import { H_ORDER_EVENT_HASH } from "../asm/layout.ts";
import { loadBuild } from "../src/core/build.ts";
import { hex, type CoreBuild } from "../src/core/core.ts";
import { riskMetrics } from "./risk-stream.ts";
import { ACCOUNTS, BATCH, encodeCommands, feed, makeCommands, makeCore } from "./order-stream.ts";
import type { Command, Stream } from "./order-stream.ts";
import {
  distribution,
  plantedSlowdown,
  type BenchMetric,
  type BenchOptions,
  type BenchResult,
} from "./report.ts";

const LIVE_ORDERS = 1000;
const PEER_COMMANDS = 100_000;
/** An account that nobody opened: what names it is answered with a refusal and nothing else. */
const UNKNOWN_ACCOUNT = ACCOUNTS + 1;
const REPETITIONS = 5;
const WIDE_INSTRUMENTS = 1000;
const WIDE_COMMANDS = 1_000_000;
const WIDE_REPETITIONS = 3;

interface Measured {
  perSecond: number;
  hash: string;
  outputCells: number;
}

function runCore(build: CoreBuild, instruments: number, warm: Stream, timed: Stream): Measured {
  const core = makeCore(build, instruments);
  const outputs = new Int32Array(1);
  feed(core, warm, outputs);
  outputs[0] = 0;
  const seconds = feed(core, timed, outputs, plantedSlowdown("orders")) / 1000;
  const hash = hex(core.view.getBigUint64(H_ORDER_EVENT_HASH, true));
  const { commands } = timed;
  return { perSecond: commands / seconds, hash, outputCells: outputs[0] / commands };
}

/** What the two peers have in common; they speak the same interface. */
interface PeerBook {
  limit(order: object): unknown;
  cancel(id: string): unknown;
  modify(id: string, change: object): unknown;
}

const SIDES = { [Side.None]: "buy", [Side.Buy]: "buy", [Side.Sell]: "sell" };

function runPeer(name: string, warm: Command[], timed: Command[]): number {
  const require = createRequire(import.meta.url);
  const { OrderBook } = require(name) as { OrderBook: new () => PeerBook };
  const book = new OrderBook();
  const apply = (command: Command): void => {
    const id = String(command.id);
    const side = SIDES[command.side];
    const { qtyLots: size, priceTicks: price } = command;
    if (command.kind === "cancel") book.cancel(id);
    else if (command.kind === "move") book.modify(id, { side, size, price });
    else book.limit({ id, side, size, price, timeInForce: command.kind === "ioc" ? "IOC" : "GTC" });
  };
  for (const command of warm) apply(command);
  const startMillis = performance.now();
  for (const command of timed) apply(command);
  return timed.length / ((performance.now() - startMillis) / 1000);
}

/**
 * Microseconds of each command by itself: into the ring, run, answers drained, before the next one
 * is sent. The clock is read before and after, so its own cost is inside, and is the floor.
 */
function closedLoop(build: CoreBuild, warm: Stream, timed: Stream): Float64Array {
  const core = makeCore(build, 1);
  const outputs = new Int32Array(1);
  feed(core, warm, outputs);
  const samples = new Float64Array(timed.commands);
  const { words, batchEnds } = timed;
  const ring = core.command;
  const slow = plantedSlowdown("orders");
  const take = (): void => undefined;
  let from = 0;
  for (let index = 0; index < samples.length; index++) {
    const end = batchEnds[index]!;
    const startMillis = performance.now();
    // As a socket hands over one record; a run of many is copied through a view, made each time.
    ring.push(words, from, (end - from) >> CELL_SHIFT);
    ring.publish();
    core.run(1e9 + index * 100, 1);
    core.discard();
    core.drain(take);
    slow(startMillis);
    samples[index] = (performance.now() - startMillis) * 1000;
    from = end;
  }
  return samples;
}

function clockMicros(count: number): Float64Array {
  const samples = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    const startMillis = performance.now();
    samples[index] = (performance.now() - startMillis) * 1000;
  }
  return samples;
}

function closedLoopMetrics(build: CoreBuild, warm: Command[], timed: Command[]): BenchMetric[] {
  const [warmStream, timedStream] = [encodeCommands(warm), encodeCommands(timed, 1)];
  closedLoop(build, warmStream, timedStream);
  const core = distribution(closedLoop(build, warmStream, timedStream));
  clockMicros(timed.length);
  const clock = distribution(clockMicros(timed.length));
  return [
    { metric: "per command p99", value: core.p99, unit: "us", floor: clock.p99, ...core },
    { metric: "per command p99.9", value: core.p999, unit: "us", floor: clock.p999, ...core },
  ];
}

/** A million live orders: what of the path is not in a cache. */
function wideMetric(build: CoreBuild): BenchMetric {
  const size = { instruments: WIDE_INSTRUMENTS, liveOrders: LIVE_ORDERS, commands: WIDE_COMMANDS };
  const { warm, timed } = makeCommands(size);
  const [warmStream, timedStream] = [encodeCommands(warm), encodeCommands(timed)];
  const rates = Array.from({ length: WIDE_REPETITIONS }, () => {
    return runCore(build, WIDE_INSTRUMENTS, warmStream, timedStream).perSecond;
  });
  const metric = `full path, ${WIDE_INSTRUMENTS} instruments x ${LIVE_ORDERS} orders`;
  return { metric, value: Math.max(...rates) / 1e6, unit: "M/s" };
}

/**
 * Runs the bench; `small` times 200k commands of the core and leaves the million orders out, else 3
 * million commands as published.
 */
export async function main(options: BenchOptions): Promise<BenchResult> {
  const commands = options.small ? 200_000 : 3_000_000;
  const { warm, timed } = makeCommands({ commands, instruments: 1, liveOrders: LIVE_ORDERS });
  const [warmStream, timedStream] = [encodeCommands(warm), encodeCommands(timed)];
  // One module: the first repetition is the compiler's warm-up.
  const build = loadBuild();
  const runs = Array.from({ length: REPETITIONS }, () => {
    return runCore(build, 1, warmStream, timedStream);
  });
  if (runs.some((run) => run.hash !== runs[0]!.hash)) throw new Error("two runs, two event hashes");
  const best = Math.max(...runs.map((run) => run.perSecond)) / 1e6;
  const denied = encodeCommands(timed.map((command) => ({ ...command, account: UNKNOWN_ACCOUNT })));
  const floors = runs.map(() => runCore(build, 1, warmStream, denied).perSecond);
  const floor = Math.max(...floors) / 1e6;
  const peerCommands = timed.slice(0, PEER_COMMANDS);
  const metrics: BenchMetric[] = ["nodejs-order-book", "hft-limit-order-book"].map((peerName) => {
    const peers = Array.from({ length: REPETITIONS }, () => runPeer(peerName, warm, peerCommands));
    const peer = Math.max(...peers) / 1e6;
    return { metric: "full path, 1 instrument", value: best, unit: "M/s", floor, peer, peerName };
  });
  metrics[1]!.metric = "full path, 1 instrument, second peer";
  metrics.push(...closedLoopMetrics(build, warm, timed.slice(0, 1_000_000)));
  if (!options.small) metrics.push(wideMetric(build), ...riskMetrics(build));
  await Promise.resolve();
  return {
    name: "orders",
    hash: runs[0]!.hash,
    scope:
      "command ring to drained output ring: sequencing, journal block body, risk with seven " +
      "limits, matching, positions, fees, P&L, events, event hash; without journal write and " +
      "sockets; floor: the same commands, each refused as of an account nobody has; " +
      "per command: closed loop, one command in the ring at a time, floor: the clock; " +
      "risk checks: what limits add to an amend, floor: the same amend of a house account; " +
      `peers: matching only, the first ${PEER_COMMANDS} commands of the same stream`,
    metrics,
    conditions: {
      ...{ commands, accounts: ACCOUNTS, liveOrders: LIVE_ORDERS, batch: BATCH },
      outputCellsPerCommand: Math.round(runs[0]!.outputCells * 100) / 100,
    },
  };
}
