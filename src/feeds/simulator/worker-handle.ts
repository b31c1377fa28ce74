// The engine's side of a simulator worker: start it, steer it, end it by message.
//
// A worker is never terminated: it publishes what it has begun, says "stopped" and leaves by
// itself.
//
// tidy: tested by test/sim/simulator-worker.test.ts
import { Worker } from "node:worker_threads";
import type { CoreBuild } from "../../core/core.ts";
import { buildPath } from "../../core/paths.ts";
import { AlphaError } from "../../errors.ts";
import type { SimulatorConfig } from "./config.ts";
import type { LoopOptions, SimulatorCommand, SimulatorStatus } from "./loop.ts";

/** What workers/simulator.ts finds in its workerData. */
export interface SimulatorWorkerData {
  build: CoreBuild;
  config: SimulatorConfig;
  options: LoopOptions;
  /** Memory of the engine's core and byte offset of its SOURCE ring. */
  buffer: SharedArrayBuffer;
  ringAt: number;
  /** One i32 to sleep on. */
  control: SharedArrayBuffer;
}

/** What `SimulatorWorker.start` needs. */
export interface SimulatorWorkerOptions {
  build: CoreBuild;
  config: SimulatorConfig;
  buffer: SharedArrayBuffer;
  ringAt: number;
  /** Simulated seconds per second, default 1; 0 = maxRate. */
  speed?: number;
  /** Default: runs until told to stop. */
  stepsMax?: number;
  /** Default 1000. */
  statusMillis?: number;
  /** Called with every report of the worker. */
  onStatus?: (status: SimulatorStatus) => void;
  /** Called once when the worker dies without having been told to. */
  onFault?: (fault: AlphaError) => void;
  /** Bundled worker; default build/workers/simulator.js. */
  file?: string;
}

const STOP_MILLIS_MAX = 10_000;

/** A market in a thread of its own. */
export class SimulatorWorker {
  /** The last report. */
  status: SimulatorStatus | undefined;
  private readonly worker: Worker;
  private readonly control: Int32Array;
  private readonly ended: Promise<number>;

  private constructor(options: SimulatorWorkerOptions) {
    const control = new SharedArrayBuffer(4);
    const workerData: SimulatorWorkerData = {
      build: options.build,
      config: options.config,
      options: {
        speed: options.speed ?? 1,
        stepsMax: options.stepsMax ?? Infinity,
        statusMillis: options.statusMillis ?? 1000,
      },
      buffer: options.buffer,
      ringAt: options.ringAt,
      control,
    };
    this.control = new Int32Array(control);
    const file = options.file ?? buildPath("workers", "simulator.js");
    this.worker = new Worker(file, { workerData, name: "simulator" });
    this.worker.on("message", (status: SimulatorStatus) => {
      this.status = status;
      options.onStatus?.(status);
    });
    let cause: unknown;
    this.worker.on("error", (error) => (cause = error));
    this.ended = new Promise((done) => {
      this.worker.once("exit", (code) => {
        if (code !== 0) options.onFault?.(endFault(code, cause));
        done(code);
      });
    });
  }

  /** Starts a market; resolves when its first report has come, or throws SIMULATOR_WORKER. */
  static async start(options: SimulatorWorkerOptions): Promise<SimulatorWorker> {
    let fault: AlphaError | undefined;
    const onFault = (end: AlphaError): void => {
      fault = end;
      options.onFault?.(end);
    };
    const handle = new SimulatorWorker({ ...options, onFault });
    const first = new Promise<void>((done) => handle.worker.once("message", () => done()));
    await Promise.race([first, handle.ended]);
    if (handle.status === undefined) throw fault ?? endFault(0, undefined);
    return handle;
  }

  /** Simulated time stands still. */
  pause(): void {
    this.send({ type: "pause" });
  }

  resume(): void {
    this.send({ type: "resume" });
  }

  /** Simulated seconds per second; 0 = as fast as the ring is read. */
  setSpeed(speed: number): void {
    this.send({ type: "speed", speed });
  }

  /** Resolves with the last report when the worker has left by itself; throws when it does not. */
  async stop(): Promise<SimulatorStatus> {
    this.send({ type: "stop" });
    return this.finished(STOP_MILLIS_MAX);
  }

  /** Resolves when the worker has ended (`stepsMax`, or after `stop`). */
  async finished(millisMax = 2 ** 31 - 1): Promise<SimulatorStatus> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((done) => {
      timer = setTimeout(() => done(undefined), millisMax);
    });
    const code = await Promise.race([this.ended, late]);
    clearTimeout(timer);
    const status = this.status;
    if (code === 0 && status?.type === "stopped") return status;
    const what = code === undefined ? `no end within ${millisMax} ms` : `exit code ${code}`;
    throw new AlphaError("SIMULATOR_WORKER", `simulator worker: ${what}`, "restart the engine");
  }

  private send(command: SimulatorCommand): void {
    this.worker.postMessage(command);
    Atomics.add(this.control, 0, 1);
    Atomics.notify(this.control, 0);
  }
}

function endFault(code: number, cause: unknown): AlphaError {
  const why = cause instanceof Error ? `: ${cause.message}` : "";
  const what = `the simulator worker ended with code ${code}${why}`;
  return new AlphaError("SIMULATOR_WORKER", what, "restart the engine", cause);
}
