// The life of a simulator worker: pace, obey, report, end by message.
//
// The thread sleeps in Atomics.wait on one control word; whoever posts a message also notifies that
// word, so a pause or a stop takes effect at once. Nothing here touches a clock or a port: both are
// handed in, and the loop runs in a test with hands.
//
// tidy: tested by test/sim/simulator-worker.test.ts
import { STEP_MILLIS } from "./config.ts";
import { Pacer } from "./pace.ts";
import type { Simulator } from "./simulator.ts";

/** Sleep while the ring is full or the market is paused; bounded so that messages are seen. */
const WAIT_MILLIS_MAX = 50;
/** Sleep between two looks at a full ring. */
const FULL_WAIT_MILLIS = 1;
/** Steps at full speed between two looks at the messages. */
const FREE_STEPS = 64;
export const SPEED_MAX = 1000;

/** What the engine's thread may tell a simulator. */
export type SimulatorCommand =
  { type: "pause" } | { type: "resume" } | { type: "speed"; speed: number } | { type: "stop" };

/** What a simulator tells the engine's thread. */
export interface SimulatorStatus {
  type: "started" | "status" | "stopped";
  isPaused: boolean;
  speed: number;
  steps: number;
  trades: number;
  quotes: number;
  quotesConflated: number;
  /** Steps dropped after stalls: time the market has lost against the clock. */
  stepsSkipped: number;
  /** Times a step had to wait for room in the ring. */
  ringFullWaits: number;
  /** Orders of agents that the private core refused; 0 unless something is wrong. */
  refusals: number;
}

/** Hands of the loop. */
export interface LoopPort {
  nowMillis(): number;
  /** Blocks until notified or the time is over. */
  sleep(millis: number): void;
  /** The next message, or undefined. */
  receive(): SimulatorCommand | undefined;
  post(status: SimulatorStatus): void;
}

/** How a loop runs. */
export interface LoopOptions {
  /** Simulated seconds per second; 0 = as fast as the ring is read (maxRate). */
  speed: number;
  /** Ends after so many steps; Infinity = when told to. */
  stepsMax: number;
  /** Milliseconds between status messages. */
  statusMillis: number;
}

/** Runs the market until a stop message or `stepsMax`; the last post is "stopped". */
export function runLoop(simulator: Simulator, port: LoopPort, options: LoopOptions): void {
  new Loop(simulator, port, options).run();
}

class Loop {
  private readonly simulator: Simulator;
  private readonly port: LoopPort;
  private readonly options: LoopOptions;
  private readonly pacer: Pacer;
  private speed: number;
  private isPaused = false;
  private isStopped = false;
  private ringFullWaits = 0;
  private owed = 0;
  private statusAtMillis: number;

  constructor(simulator: Simulator, port: LoopPort, options: LoopOptions) {
    this.simulator = simulator;
    this.port = port;
    this.options = options;
    this.speed = options.speed;
    this.pacer = new Pacer(STEP_MILLIS, Math.max(options.speed, 1e-3), port.nowMillis());
    this.statusAtMillis = port.nowMillis() + options.statusMillis;
  }

  run(): void {
    this.report("started");
    while (!this.isStopped && this.simulator.steps < this.options.stepsMax) {
      this.obey();
      if (this.isStopped) break;
      if (this.isPaused) this.port.sleep(WAIT_MILLIS_MAX);
      else this.advance();
      const nowMillis = this.port.nowMillis();
      if (nowMillis >= this.statusAtMillis) {
        this.statusAtMillis = nowMillis + this.options.statusMillis;
        this.report("status");
      }
    }
    this.report("stopped");
  }

  private advance(): void {
    const left = this.options.stepsMax - this.simulator.steps;
    if (this.speed === 0) this.owed = FREE_STEPS;
    else if (this.owed === 0) this.owed = this.pacer.take(this.port.nowMillis());
    const want = Math.min(this.owed, left);
    const done = this.simulator.simulateSteps(want);
    this.owed -= done;
    if (done < want) {
      // Nothing more is taken from the pacer before this is done: it then skips as after a stall.
      this.ringFullWaits++;
      this.port.sleep(FULL_WAIT_MILLIS);
    } else if (this.speed > 0) {
      const waitMillis = this.pacer.waitMillis(this.port.nowMillis());
      if (waitMillis > 0) this.port.sleep(Math.min(waitMillis, WAIT_MILLIS_MAX));
    }
  }

  private obey(): void {
    for (let message = this.port.receive(); message; message = this.port.receive()) {
      if (message.type === "stop") this.isStopped = true;
      else if (message.type === "pause") this.isPaused = true;
      else {
        if (message.type === "resume") this.isPaused = false;
        else this.speed = Math.min(SPEED_MAX, Math.max(0, message.speed));
        this.owed = 0;
        this.pacer.restart(Math.max(this.speed, 1e-3), this.port.nowMillis());
      }
    }
  }

  private report(type: SimulatorStatus["type"]): void {
    const simulator = this.simulator;
    this.port.post({
      type,
      isPaused: this.isPaused,
      speed: this.speed,
      steps: simulator.steps,
      trades: simulator.trades,
      quotes: simulator.quotes,
      quotesConflated: simulator.quotesConflated,
      stepsSkipped: this.pacer.skipped,
      ringFullWaits: this.ringFullWaits,
      refusals: simulator.desk.refusals,
    });
  }
}
