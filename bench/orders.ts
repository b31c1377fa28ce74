// The full order path on exchange-core's published mix: 9 % GTC, 3 % IOC, 6 % cancel, 82 % move.
//
// One instrument, about 1000 live orders, several accounts with limits of every measured kind. The
// stream is made before the clock starts by a small model that knows which orders live, so that the
// mix stays what it says; the core and the peers get the same commands. Measured from the command
// ring to the drained output ring: sequencing, block body, risk, matching, positions, P&L, money,
// events, event hash. Left out: journal write, sockets, and making the records (they are copied).
import { createRequire } from "node:module";
import {
  AmendField,
  CELL_BYTES,
  Execution,
  InstrumentKind,
  InstrumentPhase,
  Kind,
  OrderType,
  Role,
  Scope,
  Side,
  TimeInForce,
} from "../asm/vocab.ts";
import { H_ORDER_EVENT_HASH } from "../asm/layout.ts";
import { Core, hex, loadBuild, type CoreBuild } from "../src/core/core.ts";
import { encode, recordCells } from "../src/protocol.ts";
import type { Ring } from "../src/rings/ring.ts";
import { plantedSlowdown, type BenchOptions, type BenchResult } from "./report.ts";

const ACCOUNTS = 8;
const LIVE_ORDERS = 1000;
const PEER_COMMANDS = 100_000;
const REPETITIONS = 5;
const BATCH = 256;
const MIDDLE_TICKS = 10_000;

/** One command, for the core and for the peers. */
interface Command {
  kind: "new" | "ioc" | "cancel" | "move";
  /** Of the whole stream: what the peers know the order by. */
  id: number;
  account: number;
  /** The account's own number of the order, as clients count. */
  clientId: number;
  side: Side;
  priceTicks: number;
  qtyLots: number;
}

function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

/**
 * Commands in the published mix. The model keeps only which ids may live; orders that have traded
 * away meanwhile are answered "not open", as they would be in the original workload.
 */
function makeCommands(count: number): { warm: Command[]; timed: Command[] } {
  const random = generator(20_240_101);
  const live: Command[] = [];
  let nextId = 0;
  const around = (side: Side, reach: number): number => {
    const away = Math.floor(random() * random() * 380 + 1) - reach;
    return side === Side.Buy ? MIDDLE_TICKS - away : MIDDLE_TICKS + away;
  };
  const open = (): Command => {
    const side = random() < 0.5 ? Side.Buy : Side.Sell;
    const qtyLots = 1 + Math.floor(random() * 40);
    nextId++;
    const account = 1 + (nextId % ACCOUNTS);
    const clientId = 1 + Math.floor(nextId / ACCOUNTS);
    const priceTicks = around(side, 1);
    return { kind: "new", id: nextId, account, clientId, side, priceTicks, qtyLots };
  };
  const warm: Command[] = [];
  while (live.length < LIVE_ORDERS) {
    const order = open();
    live.push(order);
    warm.push(order);
  }
  const timed: Command[] = [];
  while (timed.length < count) {
    const dice = random();
    const at = Math.floor(random() * live.length);
    const order = live[at]!;
    if (dice < 0.03) {
      const taker = open();
      taker.priceTicks = taker.side === Side.Buy ? MIDDLE_TICKS + 20 : MIDDLE_TICKS - 20;
      timed.push({ ...taker, kind: "ioc" });
    } else if (dice < 0.12 && live.length < LIVE_ORDERS + 200) {
      const fresh = open();
      live.push(fresh);
      timed.push(fresh);
    } else if (dice < 0.18 && live.length > 1) {
      timed.push({ ...order, kind: "cancel" });
      live[at] = live[live.length - 1]!;
      live.pop();
    } else {
      const priceTicks = around(order.side, random() < 0.03 ? 4 : 0);
      timed.push({ ...order, kind: "move", priceTicks });
    }
  }
  return { warm, timed };
}

/** Commands as cells, ready to be copied into the command ring, and where the batches end. */
interface Stream {
  words: Int32Array;
  commands: number;
  /** Byte behind each batch. */
  batchEnds: number[];
}

function encodeCommands(commands: Command[]): Stream {
  const bytes = new Uint8Array(commands.length * 2 * CELL_BYTES);
  const view = new DataView(bytes.buffer);
  const batchEnds: number[] = [];
  let at = 0;
  commands.forEach(({ kind, account, clientId, side, priceTicks, qtyLots }, index) => {
    const who = { instrument: 1, account, clientId };
    if (kind === "cancel") at += encode(view, at, Kind.OrderCancel, who);
    else if (kind === "move") {
      at += encode(view, at, Kind.OrderAmend, { ...who, fields: AmendField.Price, priceTicks });
    } else {
      const tif = kind === "ioc" ? TimeInForce.Ioc : TimeInForce.Gtc;
      const order = { ...who, type: OrderType.Limit, side, tif, priceTicks, qtyLots };
      at += encode(view, at, Kind.OrderNew, order);
    }
    if ((index + 1) % BATCH === 0 || index === commands.length - 1) batchEnds.push(at);
  });
  const words = new Int32Array(bytes.buffer, 0, at >> 2);
  return { words, commands: commands.length, batchEnds };
}

function send(core: Core, ring: Ring, kind: Kind, fields: object): void {
  const at = ring.reserve(recordCells(kind));
  encode(ring.view, at, kind, fields as never);
  ring.commit();
  ring.publish();
  core.run(0, 1);
  core.discard();
  core.drain(() => undefined);
}

function makeCore(build: CoreBuild): Core {
  const core = Core.create(build, { roles: Role.Order });
  const control = core.control;
  send(core, control, Kind.ClockBase, { baseNanos: 1_704_067_200_000_000_000n });
  send(core, control, Kind.Currency, { id: 1, minorExponent: -2, code: "USD" });
  send(core, control, Kind.InstrumentSpec, {
    ...{ instrument: 1, version: 1, specKind: InstrumentKind.LinearPerpetual, symbol: "SIM-ONE" },
    ...{ execution: Execution.Internal, phase: InstrumentPhase.Continuous },
    ...{ base: 1, quote: 1, settlement: 1, tickMantissa: 1, tickExponent: -2 },
    ...{ lotMantissa: 1, multiplierNum: 1, multiplierDen: 1, referenceTicks: MIDDLE_TICKS },
  });
  send(core, control, Kind.FeeSchedule, { makerPerBillion: -10_000, takerPerBillion: 50_000 });
  send(core, control, Kind.RiskLimits, {
    ...{ scope: Scope.Global, qtyLotsMax: 1000, notionalMinorMax: 1_000_000_000, collarBps: 2000 },
    ...{ rateMax: 4_000_000_000, rateWindowMillis: 1000, positionLotsMax: 1_000_000_000 },
    ...{ ordersOpenMax: 100_000, lossMinorMax: 1_000_000_000_000 },
  });
  for (let id = 1; id <= ACCOUNTS; id++) {
    send(core, control, Kind.Account, { id, currency: 1 });
    send(core, control, Kind.CashAdjust, { account: id, currency: 1, amountMinor: 1e12 });
  }
  return core;
}

/** Pushes encoded commands through the ring in batches and drains the outputs. */
function feed(core: Core, { words, batchEnds }: Stream, outputs: Int32Array): void {
  const ring = core.command;
  const count = (from: number, to: number): void => {
    outputs[0] = outputs[0]! + ((to - from) >> 6);
  };
  let from = 0;
  batchEnds.forEach((end, batch) => {
    if (ring.pushRun(words, from, end) !== end) throw new Error("the command ring is full");
    ring.publish();
    core.run((batch + 1) * BATCH * 100, BATCH);
    core.discard();
    core.drain(count);
    from = end;
  });
}

interface Measured {
  perSecond: number;
  hash: string;
  outputCells: number;
}

function runCore(build: CoreBuild, warm: Stream, timed: Stream): Measured {
  const core = makeCore(build);
  const outputs = new Int32Array(1);
  feed(core, warm, outputs);
  outputs[0] = 0;
  const startMillis = performance.now();
  feed(core, timed, outputs);
  plantedSlowdown("orders")(startMillis);
  const seconds = (performance.now() - startMillis) / 1000;
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

/** Runs the bench; `small` times 200k commands of the core, else 3 million as published. */
export async function main(options: BenchOptions): Promise<BenchResult> {
  const count = options.small ? 200_000 : 3_000_000;
  const { warm, timed } = makeCommands(count);
  const [warmStream, timedStream] = [encodeCommands(warm), encodeCommands(timed)];
  // One module: the first repetition is the compiler's warm-up.
  const build = loadBuild();
  const runs = Array.from({ length: REPETITIONS }, () => runCore(build, warmStream, timedStream));
  if (runs.some((run) => run.hash !== runs[0]!.hash)) throw new Error("two runs, two event hashes");
  const best = Math.max(...runs.map((run) => run.perSecond)) / 1e6;
  const peerCommands = timed.slice(0, PEER_COMMANDS);
  const metrics = ["nodejs-order-book", "hft-limit-order-book"].map((peerName) => {
    const peers = Array.from({ length: REPETITIONS }, () => runPeer(peerName, warm, peerCommands));
    const peer = Math.max(...peers) / 1e6;
    return { metric: "full path, 1 instrument", value: best, unit: "M/s", peer, peerName };
  });
  metrics[1]!.metric = "full path, 1 instrument, second peer";
  await Promise.resolve();
  return {
    name: "orders",
    hash: runs[0]!.hash,
    scope:
      "command ring to drained output ring: sequencing, journal block body, risk with seven " +
      "limits, matching, positions, fees, P&L, events, event hash; without journal write and " +
      "sockets; " +
      `peers: matching only, the first ${PEER_COMMANDS} commands of the same stream`,
    metrics,
    conditions: {
      ...{ commands: count, accounts: ACCOUNTS, liveOrders: LIVE_ORDERS, batch: BATCH },
      outputCellsPerCommand: Math.round(runs[0]!.outputCells * 100) / 100,
    },
  };
}
