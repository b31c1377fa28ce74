// Makes recorded files for tests: lines of a Binance spot capture, and trades as CSV.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** 2024-08-08 00:00:00 UTC. */
export const START_MILLIS = 1_723_075_200_000;

const made: string[] = [];
afterAll(() => made.forEach((dir) => rmSync(dir, { recursive: true, force: true })));

/** A folder that goes when the test file ends. */
export function scratchDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "alphapulse-test-"));
  made.push(dir);
  return dir;
}

/** Writes lines to `name` in a scratch folder and returns the path. */
export function writeLines(name: string, lines: readonly string[]): string {
  const path = join(scratchDir(), name);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

/** A price of 0.01 ticks. */
export function price(ticks: number): string {
  return (ticks / 100).toFixed(2);
}

/** A quantity of 0.00001 lots. */
export function qty(lots: number): string {
  return (lots / 100_000).toFixed(5);
}

let ids = 1;

/** A best bid and ask of TESTUSDT. */
export function quoteLine(
  millis: number,
  bidTicks: number,
  bidLots: number,
  askTicks: number,
  askLots: number,
): string {
  const data = {
    ...{ u: ids++, s: "TESTUSDT", b: price(bidTicks), B: qty(bidLots) },
    ...{ a: price(askTicks), A: qty(askLots) },
  };
  return `${millis}000000 ${JSON.stringify({ stream: "testusdt@bookTicker", data })}`;
}

/** A trade of TESTUSDT at venue time = receive time. */
export function tradeLine(
  millis: number,
  ticks: number,
  lots: number,
  sellerTook: boolean,
): string {
  const data = {
    ...{ e: "trade", E: millis, s: "TESTUSDT", t: ids++, p: price(ticks), q: qty(lots) },
    ...{ T: millis, m: sellerTook, M: true },
  };
  return `${millis}000000 ${JSON.stringify({ stream: "testusdt@trade", data })}`;
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
