// The whole journey of a tick: socket, candles, signal, order, risk, match, journal, fill, socket.
//
// The client and the engine are processes of their own. The client sends each tick at its intended
// time whatever comes back, every tick makes one signal and one order, and the latency of a tick
// runs from its intended time to the arrival of the fill that completes its order. A tick without
// its fill, a refusal, a late schedule or a fill that differs between runs ends the bench.
import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AckLevel } from "../asm/vocab.ts";
import type { TopologyName } from "../src/oms/topology.ts";
import { Child } from "./child.ts";
import type { EchoAnswer, FloorRequest, PingAnswer } from "./floor.ts";
import type {
  ClientRequest,
  EngineRequest,
  LagAnswer,
  OpenAnswer,
  RunAnswer,
} from "./journey-plan.ts";
import {
  distribution,
  repositoryRoot,
  type BenchMetric,
  type BenchOptions,
  type BenchResult,
} from "./report.ts";

/** Share of the schedule that must be kept. */
const ACHIEVED_MIN = 0.999;
/** Tries of a run whose client lost its schedule: a stall at the last tick is not the engine's. */
const TRIES_MAX = 3;
/** File systems that live in memory: fdatasync means nothing there. */
const MEMORY_FILE_SYSTEMS = [0x01021994, 0x858458f6];
/** The client's young generation: its collections would be measured as ours. */
const CLIENT_FLAGS = ["--max-semi-space-size=64"];

/** One connection's load. */
export interface Load {
  level: AckLevel;
  ratePerSecond: number;
  seconds: number;
  /** The first so many seconds are sent, filled and checked, but not timed. */
  dropSeconds: number;
  /** Beginning of the metrics' names. */
  label: string;
}

/** One engine and what is asked of it. */
export interface Scene {
  topology: TopologyName;
  spin: boolean;
  loads: Load[];
}

/** What a bench run consists of. */
export interface Plan {
  scenes: Scene[];
  /** Ticks through each engine before the first client. */
  warmTicks: number;
  /** Round trips of the floor, before the scenes and again after them. */
  floorSamples: number;
  /** False: a machine that is late fails nothing; for tests of the bench itself. */
  isScheduleChecked: boolean;
}

const RATES = [10_000, 100_000];
const LEVELS = [AckLevel.Memory, AckLevel.Written, AckLevel.Durable];

function load(ratePerSecond: number, level: AckLevel, seconds: number, prefix = ""): Load {
  const label = `${prefix}${ratePerSecond / 1000}k/s ${AckLevel[level].toLowerCase()}`;
  return { level, ratePerSecond, seconds, dropSeconds: Math.min(1, seconds / 3), label };
}

/** The plan of each size. */
export function planOf(options: BenchOptions): Plan {
  const inline = { topology: "inline", spin: false } as const;
  if (options.small) {
    const loads = [load(10_000, AckLevel.Written, 1.5), load(100_000, AckLevel.Written, 1)];
    const scenes: Scene[] = [{ ...inline, loads }];
    return { scenes, warmTicks: 100_000, floorSamples: 5000, isScheduleChecked: true };
  }
  const loads = LEVELS.flatMap((level) => RATES.map((rate) => load(rate, level, 11)));
  const one = (prefix: string): Load[] => [load(10_000, AckLevel.Written, 11, prefix)];
  const scenes: Scene[] = [
    { ...inline, loads },
    { topology: "sharded", spin: false, loads: one("sharded ") },
    { topology: "inline", spin: true, loads: one("spin ") },
  ];
  return { scenes, warmTicks: 200_000, floorSamples: 20_000, isScheduleChecked: true };
}

/** Runs the bench; see bench/report.ts. */
export function main(options: BenchOptions): Promise<BenchResult> {
  return journey(planOf(options));
}

/** Runs a plan. */
export async function journey(plan: Plan): Promise<BenchResult> {
  const notes: Record<string, string | number> = {};
  const hashes = new Map<number, string>();
  const before = await floor(plan.floorSamples);
  const timed: { label: string; micros: Float64Array }[] = [];
  for (const scene of plan.scenes) {
    const answers = await play(scene, plan, notes);
    scene.loads.forEach((one, index) => {
      const answer = answers[index]!;
      sameFills(hashes, ticksOf(one), answer.hash, one.label);
      timed.push({ label: one.label, micros: answer.micros });
    });
  }
  const after = await floor(plan.floorSamples);
  const trips = Float64Array.from([...before, ...after]);
  const metrics = timed.flatMap((one) => metricsOf(one.label, one.micros, trips));
  return {
    name: "journey",
    hash: [...hashes.values()].join(""),
    scope:
      "from the intended send time of a tick to the arrival of the fill that completes its " +
      "order, both in the client: WebSocket frame in, 7 timeframes with 7 indicators and one " +
      "more EMA, signal, market order of a strategy in the core, six limits, match, journal, " +
      "own events out. The client is another process that spins and whose stalls are inside; " +
      "loopback, no TLS. Floor: 64 B to a second process and back on node:net, both asleep " +
      "between, the percentile of the same name over samples before and after",
    metrics,
    conditions: {
      ticks: [...hashes.keys()].join(" and "),
      floorSamples: trips.length,
      journalFileSystem: journalPlace().kind,
      ...notes,
    },
  };
}

function ticksOf({ ratePerSecond, seconds }: Load): number {
  // Even, so that every run begins with a tick above the line.
  return Math.round((ratePerSecond * seconds) / 2) * 2;
}

/** Equal ticks must give equal fills at every level and in every shape of the engine. */
function sameFills(hashes: Map<number, string>, ticks: number, hash: string, label: string): void {
  const known = hashes.get(ticks);
  if (known !== undefined && known !== hash) {
    throw new Error(`${label}: ${ticks} ticks gave fills ${hash}, before they gave ${known}`);
  }
  hashes.set(ticks, hash);
}

function metricsOf(label: string, micros: Float64Array, trips: Float64Array): BenchMetric[] {
  const ours = distribution(micros);
  const least = distribution(trips);
  const line = (name: string, key: keyof typeof ours): BenchMetric => ({
    ...{ metric: `${label} ${name}`, value: ours[key], unit: "us", floor: least[key] },
  });
  return [line("p50", "p50"), line("p99", "p99"), line("p99.9", "p999"), line("max", "max")];
}

// ------------------------------------------------------------------------------- floor

async function floor(samples: number): Promise<Float64Array> {
  const [echo, ping] = [new Child("floor"), new Child("floor")];
  try {
    const { port } = await echo.ask<EchoAnswer>({ type: "echo" } satisfies FloorRequest);
    const asked: FloorRequest = { type: "ping", port, samples };
    return (await ping.ask<PingAnswer>(asked)).micros;
  } finally {
    await Promise.all([ping.close(), echo.close()]);
  }
}

// ------------------------------------------------------------------------------- scenes

/** Where the journals lie: the system's folder for such things unless that is memory. */
export function journalPlace(): { folder: string; kind: string } {
  const isMemory = MEMORY_FILE_SYSTEMS.includes(Number(statfsSync(tmpdir()).type));
  const folder = isMemory ? join(repositoryRoot(), "build") : tmpdir();
  return { folder, kind: `0x${Number(statfsSync(folder).type).toString(16)}` };
}

/** Runs all loads of one engine, one after the other. */
async function play(
  scene: Scene,
  plan: Plan,
  notes: Record<string, string | number>,
): Promise<RunAnswer[]> {
  const dir = mkdtempSync(join(journalPlace().folder, "alphapulse-journey-"));
  const engine = new Child("journey-engine");
  const client = new Child("journey-client", CLIENT_FLAGS);
  try {
    const { topology, spin } = scene;
    const { warmTicks } = plan;
    const asked: EngineRequest = { type: "open", topology, spin, dir, warmTicks };
    const open = await engine.ask<OpenAnswer>(asked);
    const place = { tick: open.ticks, signal: open.signals + 1 };
    const answers: RunAnswer[] = [];
    for (const one of scene.loads) {
      const { port, pem } = open;
      const dial: ClientRequest = { type: "connect", port, pem, level: one.level };
      await client.ask(dial);
      answers.push(await attempt({ engine, client, place, plan, load: one, notes }));
    }
    return answers;
  } finally {
    await client.close();
    await engine.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Attempt {
  engine: Child;
  client: Child;
  /** Number of the next tick and of its signal; moves on with every run. */
  place: { tick: number; signal: number };
  plan: Plan;
  load: Load;
  notes: Record<string, string | number>;
}

/** Runs one load until its schedule was kept, at most TRIES_MAX times. */
async function attempt(parts: Attempt): Promise<RunAnswer> {
  const { engine, client, place, plan, load: one, notes } = parts;
  const ticks = ticksOf(one);
  for (let tries = 1; ; tries++) {
    const asked: ClientRequest = {
      ...{ type: "run", firstTick: place.tick, firstSignal: place.signal, ticks },
      ratePerSecond: one.ratePerSecond,
      dropTicks: Math.round(one.dropSeconds * one.ratePerSecond),
      ...{ burst: 1, openTicksMax: 0 },
    };
    await engine.ask<LagAnswer>({ type: "lag" } satisfies EngineRequest);
    const answer = await client.ask<RunAnswer>(asked);
    const lag = await engine.ask<LagAnswer>({ type: "lag" } satisfies EngineRequest);
    place.tick += ticks;
    place.signal += ticks;
    check(`${one.label} (engine's loop stood up to ${lag.maxMillis.toFixed(0)} ms)`, answer);
    const kept = answer.achievedPerSecond / one.ratePerSecond;
    notes[`${one.label}, hiccups`] =
      `client turns p99.9 ${answer.gapP999Micros} us, max ${answer.gapMaxMicros} us; ` +
      `engine's loop p99.9 ${lag.p999Millis.toFixed(1)} ms, max ${lag.maxMillis.toFixed(1)} ms; ` +
      `${answer.frames} frames; turn p50: ${lag.stages}; tries ${tries}`;
    if (kept >= ACHIEVED_MIN || !plan.isScheduleChecked) return answer;
    if (tries === TRIES_MAX) {
      const percent = (kept * 100).toFixed(2);
      throw new Error(`${one.label}: ${percent} % of the schedule was kept: the machine is busy`);
    }
  }
}

function check(label: string, { fault, lost, denied }: RunAnswer): void {
  if (fault === "" && lost === 0 && denied === 0) return;
  const why = fault === "" ? "" : `: ${fault}`;
  throw new Error(`${label}: ${lost} ticks without their fill, ${denied} refusals${why}`);
}
