// The thread of the market simulator; src/feeds/simulator/worker-handle.ts starts and steers it.
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { Clock } from "../src/clock.ts";
import { AlphaError } from "../src/errors.ts";
import { type LoopPort, runLoop, type SimulatorCommand } from "../src/feeds/simulator/loop.ts";
import { Simulator } from "../src/feeds/simulator/simulator.ts";
import type { SimulatorWorkerData } from "../src/feeds/simulator/worker-handle.ts";

const port = parentPort;
if (port === null) {
  throw new AlphaError("SIMULATOR_WORKER", "no parent thread", "start it through SimulatorWorker");
}
const data = workerData as SimulatorWorkerData;
const clock = Clock.system();
const control = new Int32Array(data.control);
let seen = Atomics.load(control, 0);

const hands: LoopPort = {
  nowMillis: () => clock.nowNanos() / 1e6,
  sleep: (millis) => {
    // A message that came since the last look has changed the word: then this does not sleep.
    Atomics.wait(control, 0, seen, millis);
  },
  receive: () => {
    seen = Atomics.load(control, 0);
    return receiveMessageOnPort(port)?.message as SimulatorCommand | undefined;
  },
  post: (status) => port.postMessage(status),
};

runLoop(new Simulator(data.build, data.config, data.buffer, data.ringAt), hands, data.options);
