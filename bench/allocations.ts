// What the hot path leaves to the garbage collector: nothing from ring to ring, little at a socket.
//
// Two ways of counting that check each other. Between rings a process with the smallest young
// generation counts collections over millions of events, and V8's heap profiler then counts single
// objects. At the socket the profiler counts while a client in another process sends ticks and
// takes fills, and objects are divided by the frames that went in and out.
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { AckLevel } from "../asm/vocab.ts";
import type { LoopAnswer, LoopRequest } from "./allocations-loop.ts";
import { Child } from "./child.ts";
import { journalPlace } from "./journey.ts";
import type {
  ClientRequest,
  EngineRequest,
  OpenAnswer,
  EngineProfileAnswer,
  ProfileAnswer,
  RunAnswer,
} from "./journey-plan.ts";
import type { BenchMetric, BenchOptions, BenchResult } from "./report.ts";

/** The smallest young generation; V8 rounds it to its own steps. */
const LOOP_FLAGS = ["--max-semi-space-size=1", "--min-semi-space-size=1"];
/** Bytes V8 can allocate before the young generation is full. */
const SEMI_SPACE_BYTES = 1 << 20;
/** The smallest object of V8: a number on the heap. */
const OBJECT_BYTES = 16;
/** Loop turns a second: slow enough that all ticks sent together make one turn. */
const TURNS_PER_SECOND = 20;
/**
 * Ticks sent together, each in a frame of its own, in the two socket runs. Both are bursts: with
 * one frame a turn V8 folds other objects of a turn than with many, and that difference would be
 * counted as the frames'.
 */
const BURSTS = [256, 1024] as const;
/** Slow enough that most ticks get a loop turn of their own. */
const WARM_PER_SECOND = 6000;
/**
 * Ticks the engine owes a fill at most, or two bursts. Objects are counted here, not time, so an
 * engine that other processes hold up is waited for; it would be overrun, or take ten in a turn.
 */
const OPEN_TICKS = 64;
const PLACES_SHOWN = 24;

/** How much is counted. */
export interface AllocationPlan {
  events: number;
  /** Loop turns in each of the two socket runs. */
  socketTurns: number;
  /** Ticks of the client before the first count. */
  warmTicks: number;
}

/** Runs the bench; see bench/report.ts. */
export function main(options: BenchOptions): Promise<BenchResult> {
  return allocations({
    events: options.small ? 1_000_000 : 10_000_000,
    socketTurns: options.small ? 200 : 600,
    warmTicks: 30_000,
  });
}

/** Runs a plan. */
export async function allocations(plan: AllocationPlan): Promise<BenchResult> {
  const tick = await loop("tick", plan.events);
  const order = await loop("order", plan.events);
  const socket = await atSocket(plan);
  const metrics: BenchMetric[] = [
    { metric: "ring to ring, objects per tick", value: perEvent(tick, plan), unit: "objects" },
    { metric: "ring to ring, objects per order", value: perEvent(order, plan), unit: "objects" },
    { metric: "at the socket, objects per frame", value: socket.perFrame, unit: "objects" },
    { metric: "loop turn, objects per turn", value: socket.perTurn, unit: "objects" },
  ];
  return {
    name: "allocations",
    hash: tick.hash + order.hash,
    scope:
      "ring to ring: push, Core.run with both roles, seal, drain. Bytes are the young " +
      "generation's size for each collection plus its growth, objects are bytes / 16, the " +
      "smallest object there is, so the number is an upper bound. At the socket: every object" +
      " the engine's thread allocates, counted by V8's heap profiler at a step of one byte " +
      "while a client sends ticks and takes fills; two runs, 256 and 1024 frames in a loop " +
      "turn, tell a frame's objects from a turn's (clock readings, setImmediate, bell, " +
      "timers, journal). An object folded by the compiler into another counts " +
      "with it",
    metrics,
    conditions: {
      events: plan.events,
      ...describeLoop("tick", tick, plan),
      ...describeLoop("order", order, plan),
      socketTurns: socket.small.turns + socket.large.turns,
      socketFrames: socket.small.frames + socket.large.frames,
      placesPerTurn: places(socket.small.profile, socket.small.turns),
      placesPerFrame: places(socket.large.profile, socket.large.frames),
    },
  };
}

async function loop(what: LoopRequest["what"], events: number): Promise<LoopAnswer> {
  const child = new Child("allocations-loop", LOOP_FLAGS);
  try {
    // Whole rounds of two ticks or three orders and whole batches, so that sizes compare.
    const warm = 192 * 4 * 400;
    const profiled = 192 * 50;
    const asked: LoopRequest = { what, warm, events: events - (events % 192), profiled };
    return await child.ask<LoopAnswer>(asked);
  } finally {
    await child.close();
  }
}

function bytesOf({ scavenges, bytes }: LoopAnswer): number {
  return scavenges * SEMI_SPACE_BYTES + Math.max(0, bytes);
}

function perEvent(answer: LoopAnswer, plan: AllocationPlan): number {
  if (answer.outputCells < plan.events) throw new Error("the core wrote less than it was given");
  return bytesOf(answer) / OBJECT_BYTES / plan.events;
}

function describeLoop(
  what: string,
  answer: LoopAnswer,
  plan: AllocationPlan,
): Record<string, string | number> {
  const bytes = (bytesOf(answer) / plan.events).toFixed(4);
  const collections = `${answer.scavenges} scavenges, ${answer.others} other collections`;
  return {
    [`${what}, heap`]: `${collections}, ${bytes} bytes each`,
    [`${what}, places`]: places(answer.profile, 192 * 50),
  };
}

function places({ places: all }: ProfileAnswer, events: number): string {
  const shown = all.slice(0, PLACES_SHOWN);
  return shown.map(({ place, objects }) => `${place}: ${(objects / events).toFixed(3)}`).join("; ");
}

interface SocketAnswer {
  perFrame: number;
  perTurn: number;
  small: SocketRun;
  large: SocketRun;
}

/** One profiled run. */
interface SocketRun {
  /** In and out. */
  frames: number;
  turns: number;
  profile: ProfileAnswer;
}

/**
 * Counts objects of the engine's thread with few and with many frames in a turn; the two sums give
 * the objects of a frame, in or out, and those of a turn.
 */
async function atSocket({ socketTurns: turns, warmTicks }: AllocationPlan): Promise<SocketAnswer> {
  const dir = mkdtempSync(join(journalPlace().folder, "alphapulse-allocations-"));
  const engine = new Child("journey-engine");
  const client = new Child("journey-client");
  try {
    const inline: EngineRequest = {
      ...{ type: "open", topology: "inline", spin: false, dir, warmTicks: 100_000 },
    };
    const open = await engine.ask<OpenAnswer>(inline);
    const { port, pem } = open;
    const dial: ClientRequest = { type: "connect", port, pem, level: AckLevel.Written };
    await client.ask(dial);
    const desk = new Desk(engine, client, open);
    // Compiled code holds numbers that the interpreter puts on the heap.
    await desk.run(warmTicks, 1, WARM_PER_SECOND);
    for (const burst of BURSTS) {
      await desk.run(burst * TURNS_PER_SECOND, burst, burst * TURNS_PER_SECOND);
    }
    const small = await desk.profile(turns, BURSTS[0]);
    const large = await desk.profile(turns, BURSTS[1]);
    return { ...solve(small, large), small, large };
  } finally {
    await client.close();
    await engine.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Objects = perFrame x frames + perTurn x turns, from two runs. */
function solve(one: SocketRun, two: SocketRun): { perFrame: number; perTurn: number } {
  const determinant = one.frames * two.turns - two.frames * one.turns;
  const [a, b] = [one.profile.objects, two.profile.objects];
  return {
    perFrame: (a * two.turns - b * one.turns) / determinant,
    perTurn: (one.frames * b - two.frames * a) / determinant,
  };
}

/** Runs of one client against one engine, ticks numbered on. */
class Desk {
  private readonly engine: Child;
  private readonly client: Child;
  private tick: number;
  private signal: number;

  constructor(engine: Child, client: Child, open: OpenAnswer) {
    this.engine = engine;
    this.client = client;
    this.tick = open.ticks;
    this.signal = open.signals + 1;
  }

  async run(ticks: number, burst: number, ratePerSecond: number): Promise<RunAnswer> {
    const place = { firstTick: this.tick, firstSignal: this.signal };
    const asked: ClientRequest = {
      ...{ type: "run", ...place, ticks, ratePerSecond, dropTicks: 0, burst },
      openTicksMax: Math.max(OPEN_TICKS, 2 * burst),
    };
    const answer = await this.client.ask<RunAnswer>(asked);
    if (answer.lost > 0 || answer.fault !== "") {
      throw new Error(`${answer.lost} ticks without their fill: ${answer.fault}`);
    }
    this.tick += ticks;
    this.signal += ticks;
    return answer;
  }

  async profile(turns: number, burst: number): Promise<SocketRun> {
    const framesIn = turns * burst;
    await this.engine.ask({ type: "profile", on: true } satisfies EngineRequest);
    const { frames } = await this.run(framesIn, burst, TURNS_PER_SECOND * burst);
    const asked: EngineRequest = { type: "profile", on: false };
    const profile = await this.engine.ask<EngineProfileAnswer>(asked);
    return { frames: framesIn + frames, turns: profile.turns, profile };
  }
}
