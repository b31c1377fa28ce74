// Commands of the orders bench: exchange-core's published mix, 9 % GTC, 3 % IOC, 6 % cancel, 82 %
// move, over any number of instruments.
//
// The stream is made before the clock starts by a small model that knows which orders live, so that
// the mix stays what it says; orders that have traded away meanwhile are answered "not open", as
// they would be in the original workload.
import {
  AmendField,
  CELL_BYTES,
  CELL_SHIFT,
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
import { Core, type CoreBuild } from "../src/core/core.ts";
import { encode, recordCells } from "../src/protocol.ts";
import type { Ring } from "../src/rings/ring.ts";

export const ACCOUNTS = 8;
/** Bit of an account's flags, as in asm/accounts/account.ts. */
const ACCOUNT_HOUSE = 2;
/** Commands of one turn of the core. */
export const BATCH = 256;
/** Batches in the socket's buffer, and the cells they have at most. */
const STAGED_BATCHES = 8;
const STAGED_CELLS_MAX = STAGED_BATCHES * BATCH * 2;
const MIDDLE_TICKS = 10_000;
/** Live orders of an instrument stay between what is asked for and a fifth more. */
const LIVE_SLACK = 0.2;

/** One command, for the core and for the peers. */
export interface Command {
  kind: "new" | "ioc" | "cancel" | "move";
  /** Of the whole stream: what the peers know the order by. */
  id: number;
  instrument: number;
  account: number;
  /** The account's own number of the order, as clients count. */
  clientId: number;
  side: Side;
  priceTicks: number;
  qtyLots: number;
}

/** How large a stream is. */
export interface StreamSize {
  commands: number;
  instruments: number;
  /** Live orders of each instrument. */
  liveOrders: number;
}

/** Numbers in [0, 1), the same for a seed on every machine. */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

/** Orders that begin the run (`warm`) and the commands that are timed. */
export function makeCommands(size: StreamSize): { warm: Command[]; timed: Command[] } {
  const random = seededNumbers(20_240_101);
  const live = Array.from({ length: size.instruments }, () => [] as Command[]);
  let nextId = 0;
  const around = (side: Side, reach: number): number => {
    const away = Math.floor(random() * random() * 380 + 1) - reach;
    return side === Side.Buy ? MIDDLE_TICKS - away : MIDDLE_TICKS + away;
  };
  const open = (instrument: number): Command => {
    const side = random() < 0.5 ? Side.Buy : Side.Sell;
    const qtyLots = 1 + Math.floor(random() * 40);
    nextId++;
    const account = 1 + (nextId % ACCOUNTS);
    const clientId = 1 + Math.floor(nextId / ACCOUNTS);
    const priceTicks = around(side, 1);
    return { kind: "new", id: nextId, instrument, account, clientId, side, priceTicks, qtyLots };
  };
  const warm: Command[] = [];
  for (let turn = 0; turn < size.liveOrders; turn++) {
    for (let at = 0; at < size.instruments; at++) {
      const order = open(at + 1);
      live[at]!.push(order);
      warm.push(order);
    }
  }
  const liveMax = size.liveOrders * (1 + LIVE_SLACK);
  const timed: Command[] = [];
  while (timed.length < size.commands) {
    const dice = random();
    const instrument = size.instruments === 1 ? 0 : Math.floor(random() * size.instruments);
    const orders = live[instrument]!;
    const at = Math.floor(random() * orders.length);
    const order = orders[at]!;
    if (dice < 0.03) {
      const taker = open(instrument + 1);
      taker.priceTicks = taker.side === Side.Buy ? MIDDLE_TICKS + 20 : MIDDLE_TICKS - 20;
      timed.push({ ...taker, kind: "ioc" });
    } else if (dice < 0.12 && orders.length < liveMax) {
      const fresh = open(instrument + 1);
      orders.push(fresh);
      timed.push(fresh);
    } else if (dice < 0.18 && orders.length > 1) {
      timed.push({ ...order, kind: "cancel" });
      orders[at] = orders[orders.length - 1]!;
      orders.pop();
    } else {
      const priceTicks = around(order.side, random() < 0.03 ? 4 : 0);
      timed.push({ ...order, kind: "move", priceTicks });
    }
  }
  return { warm, timed };
}

/** Commands as cells, ready to be copied into the command ring, and where the batches end. */
export interface Stream {
  words: Int32Array;
  commands: number;
  /** Byte behind each batch. */
  batchEnds: number[];
}

/** Encodes commands in batches of `batch`. */
export function encodeCommands(commands: Command[], batch = BATCH): Stream {
  const bytes = new Uint8Array(commands.length * 2 * CELL_BYTES);
  const view = new DataView(bytes.buffer);
  const batchEnds: number[] = [];
  let at = 0;
  commands.forEach((command, index) => {
    const { kind, instrument, account, clientId, side, priceTicks, qtyLots } = command;
    const who = { instrument, account, clientId };
    if (kind === "cancel") at += encode(view, at, Kind.OrderCancel, who);
    else if (kind === "move") {
      at += encode(view, at, Kind.OrderAmend, { ...who, fields: AmendField.Price, priceTicks });
    } else {
      const tif = kind === "ioc" ? TimeInForce.Ioc : TimeInForce.Gtc;
      const order = { ...who, type: OrderType.Limit, side, tif, priceTicks, qtyLots };
      at += encode(view, at, Kind.OrderNew, order);
    }
    if ((index + 1) % batch === 0 || index === commands.length - 1) batchEnds.push(at);
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

/** Instruments, accounts with cash, and limits of seven kinds on all but house accounts. */
export function configuration(
  instruments: number,
  { accounts = ACCOUNTS, isHouse = false } = {},
): [Kind, object][] {
  const records: [Kind, object][] = [[Kind.Currency, { id: 1, minorExponent: -2, code: "USD" }]];
  for (let id = 1; id <= instruments; id++) {
    const spec = {
      ...{ instrument: id, version: 1, specKind: InstrumentKind.LinearPerpetual },
      ...{ symbol: `SIM-${id}`, phase: InstrumentPhase.Continuous },
      ...{ execution: Execution.Internal, lotMantissa: 1, multiplierNum: 1, multiplierDen: 1 },
      ...{ base: 1, quote: 1, settlement: 1, tickMantissa: 1, tickExponent: -2 },
      ...{ referenceTicks: MIDDLE_TICKS },
    };
    records.push([Kind.InstrumentSpec, spec]);
  }
  const fees = { makerPerBillion: -10_000, takerPerBillion: 50_000 };
  const limits = {
    ...{ scope: Scope.Global, qtyLotsMax: 1000, notionalMinorMax: 1_000_000_000, collarBps: 2000 },
    ...{ rateMax: 4_000_000_000, rateWindowMillis: 1000, positionLotsMax: 1_000_000_000 },
    ...{ ordersOpenMax: 1_000_000, lossMinorMax: 1_000_000_000_000 },
  };
  records.push([Kind.FeeSchedule, fees], [Kind.RiskLimits, limits]);
  for (let id = 1; id <= accounts; id++) {
    const accountFlags = isHouse ? ACCOUNT_HOUSE : 0;
    records.push([Kind.Account, { id, currency: 1, accountFlags }]);
    records.push([Kind.CashAdjust, { account: id, currency: 1, amountMinor: 1e12 }]);
  }
  return records;
}

/** A core that has taken the clock base and the configuration. */
export function makeCore(
  build: CoreBuild,
  instruments: number,
  options: { accounts?: number; isHouse?: boolean } = {},
): Core {
  const core = Core.create(build, { roles: Role.Order });
  core.warm();
  send(core, core.control, Kind.ClockBase, { baseNanos: 1_704_067_200_000_000_000n });
  for (const [kind, fields] of configuration(instruments, options)) {
    send(core, core.control, kind, fields);
  }
  return core;
}

/**
 * Pushes encoded commands through the ring in batches and drains the outputs; returns the
 * milliseconds it took. Some batches at a time are first copied, outside of that time, to where a
 * socket's buffer would be: in the cache, not in a file of millions of commands. `slow` is called
 * with the start of each such part.
 */
export function feed(
  core: Core,
  { words, batchEnds }: Stream,
  outputs: Int32Array,
  slow: (startMillis: number) => void = () => undefined,
): number {
  const count = (from: number, to: number): void => {
    outputs[0] = outputs[0]! + ((to - from) >> CELL_SHIFT);
  };
  const staged = new Int32Array(STAGED_CELLS_MAX * (CELL_BYTES >> 2));
  let millis = 0;
  let start = 0;
  for (let first = 0; first < batchEnds.length; first += STAGED_BATCHES) {
    const ends = batchEnds.slice(first, first + STAGED_BATCHES);
    staged.set(words.subarray(start >> 2, ends.at(-1) >> 2));
    const startMillis = performance.now();
    let from = 0;
    ends.forEach((end, batch) => {
      feedBatch(core, staged, from, end - start, (first + batch + 1) * BATCH * 100);
      core.drain(count);
      from = end - start;
    });
    slow(startMillis);
    millis += performance.now() - startMillis;
    start = ends.at(-1)!;
  }
  return millis;
}

function feedBatch(core: Core, words: Int32Array, from: number, to: number, nanos: number): void {
  const ring = core.command;
  if (ring.pushRun(words, from, to) !== to) throw new Error("the command ring is full");
  ring.publish();
  core.run(nanos, BATCH);
  core.discard();
}
