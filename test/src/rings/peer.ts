// The other thread of a ring test, as code for `new Worker(code, { eval: true })`: tests run from
// sources that a worker thread of Node 20 cannot load.
import { build } from "esbuild";

export interface PeerData {
  buffer: SharedArrayBuffer;
  at: number;
  /** `echo` answers what `ask` asks through a second ring; both sleep on bells. */
  act: "produce" | "consume" | "ask" | "echo";
  count: number;
  /** Present: this side of the ring is the wasm one. */
  wasm?: { module: WebAssembly.Module; memory: WebAssembly.Memory };
  /** The ring of the answers. */
  answerAt?: number;
}

const SOURCE = `
import { parentPort, workerData } from "node:worker_threads";
import { Ring } from "./src/rings/ring.ts";
const { buffer, at, act, count, wasm, answerAt } = workerData;
const ring = new Ring(buffer, at);
const calls = wasm && new WebAssembly.Instance(wasm.module, {
  env: { memory: wasm.memory, abort: () => { throw new Error("assertion"); } },
}).exports;
const cellsOf = (i) => 1 + ((i * 7 + (i >>> 3)) & 3);
const pause = new Int32Array(new SharedArrayBuffer(4));
function produce() {
  for (let i = 0; i < count; i++) {
    const cells = cellsOf(i);
    let to;
    for (;;) {
      to = wasm ? calls.ringReserve(at, cells) || -1 : ring.reserve(cells);
      if (to >= 0) break;
      wasm ? calls.ringPublish(at) : ring.publish();
      ring.wake();
      Atomics.wait(pause, 0, 0, 0.05);
    }
    ring.view.setUint16(to, 0x301, true);
    ring.view.setUint16(to + 2, cells - 1, true);
    ring.view.setUint32(to + 32, i, true);
    ring.view.setUint32(to + cells * 64 - 4, i ^ 0x5a5a5a5a, true);
    wasm ? calls.ringCommit(at) : ring.commit();
    if (i % 97 === 0) { wasm ? calls.ringPublish(at) : ring.publish(); ring.wake(); }
  }
  wasm ? calls.ringPublish(at) : ring.publish();
  ring.wake();
}
function consume() {
  let i = 0;
  while (i < count) {
    const from = wasm ? calls.ringNext(at) || -1 : ring.next();
    if (from < 0) {
      wasm ? calls.ringRelease(at) : ring.release();
      ring.bell.wait(ring.isBusy, 20);
      continue;
    }
    const cells = ring.cellsAt(from);
    if (ring.view.getUint32(from + 32, true) !== i) throw new Error(i + " is out of order");
    if (cells !== cellsOf(i)) throw new Error("record " + i + " has another length");
    const last = ring.view.getUint32(from + cells * 64 - 4, true);
    if (last !== ((i ^ 0x5a5a5a5a) >>> 0)) throw new Error("record " + i + " is torn");
    wasm ? calls.ringSkip(at, cells) : ring.skip(cells);
    i += 1;
    if (i % 61 === 0) wasm ? calls.ringRelease(at) : ring.release();
  }
  wasm ? calls.ringRelease(at) : ring.release();
}
function sleepUntilNext(ring) {
  let slow = 0;
  let at;
  while ((at = ring.next()) < 0) {
    const before = performance.now();
    ring.bell.wait(ring.isBusy, 2000);
    if (performance.now() - before > 1500) slow += 1;
    if (slow > 2) throw new Error("nobody rings");
  }
  const value = ring.view.getUint32(at + 32, true);
  ring.skip(1);
  ring.release();
  return { value, slow };
}
function send(ring, value) {
  const to = ring.reserve(1);
  ring.view.setUint32(to + 32, value, true);
  ring.view.setUint16(to, 0x301, true);
  ring.commit();
  ring.publish();
  ring.wake();
}
function ask() {
  const answer = new Ring(buffer, answerAt);
  let slow = 0;
  for (let i = 0; i < count; i++) {
    send(ring, i);
    const got = sleepUntilNext(answer);
    if (got.value !== i) throw new Error("asked " + i + ", got " + got.value);
    slow += got.slow;
  }
  return slow;
}
function echo() {
  const answer = new Ring(buffer, answerAt);
  let slow = 0;
  for (let i = 0; i < count; i++) {
    const got = sleepUntilNext(ring);
    slow += got.slow;
    send(answer, got.value);
  }
  return slow;
}
const slow = { produce, consume, ask, echo }[act]();
parentPort.postMessage({ slow: slow ?? 0 });
`;

let code: Promise<string> | undefined;

/** The bundled code of the thread. */
export function peerCode(): Promise<string> {
  code ??= build({
    stdin: { contents: SOURCE, resolveDir: process.cwd(), loader: "js" },
    bundle: true,
    platform: "node",
    format: "cjs",
    write: false,
  }).then((result) => result.outputFiles[0]!.text);
  return code;
}
