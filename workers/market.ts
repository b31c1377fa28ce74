// Thread of one market worker: wires its loop to the order loop's questions.
import { parentPort, workerData } from "node:worker_threads";

import { CANDLE_CELLS, CELL_SHIFT, Role } from "../asm/vocab.ts";
import { PEEK } from "../asm/layout.ts";
import { Clock } from "../src/clock.ts";
import { loadBuild } from "../src/core/build.ts";
import { AlphaError } from "../src/errors.ts";
import { openJournal } from "../src/oms/open-journal.ts";
import { MarketLoop } from "../src/oms/market-loop.ts";
import type {
  MarketAnswer,
  MarketReady,
  MarketRequest,
  MarketWorkerData,
} from "../src/oms/market-link.ts";
import { Ring } from "../src/rings/ring.ts";

const data = workerData as MarketWorkerData;
const port = parentPort!;

function faultOf(error: unknown): NonNullable<MarketAnswer["fault"]> {
  if (error instanceof AlphaError) {
    return { code: error.code, what: error.message, remedy: error.remedy };
  }
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: "MARKET_WORKER", what, remedy: "restart the engine; the journal is intact" };
}

function ignore(): void {
  // Market records are acknowledged to nobody.
}

function report(error: unknown): void {
  port.postMessage({ id: 0, fault: faultOf(error) } satisfies MarketAnswer);
}

function answer(loop: MarketLoop, request: MarketRequest): unknown {
  switch (request.type) {
    case "configure":
      loop.configure(request.records);
      return undefined;
    case "drained":
      while (loop.turn() > 0);
      return loop.madeSequence;
    case "hash":
      return loop.core.stateHash(Role.Market);
    case "peek": {
      const peek = loop.core.exports["candlePeek"] as (i: number, t: number) => number;
      if (peek(request.instrument, request.timeframe) === 0) return undefined;
      return loop.core.u8.slice(PEEK, PEEK + (CANDLE_CELLS << CELL_SHIFT));
    }
    case "stop":
      while (loop.turn() > 0);
      loop.stop();
      return loop.core.stateHash(Role.Market);
  }
}

async function main(): Promise<void> {
  const build = loadBuild();
  const { journalDir, segmentBytes, reserveBytes, stream } = data;
  const kept =
    journalDir === undefined
      ? undefined
      : openJournal(
          { dir: journalDir, stream, segmentBytes, reserveBytes },
          { build, roles: Role.Market, seen: data.seen },
          ignore,
          report,
        );
  const loop = new MarketLoop({
    build,
    clock: Clock.shared(data.origin),
    stream,
    derived: new Ring(data.derivedBuffer, data.derivedAt),
    isRecorded: data.isRecorded,
    kept,
  });
  loop.recover(data.seen);
  port.on("message", (request: MarketRequest) => {
    try {
      port.postMessage({ id: request.id, value: answer(loop, request) } satisfies MarketAnswer);
    } catch (error) {
      port.postMessage({ id: request.id, fault: faultOf(error) } satisfies MarketAnswer);
    }
  });
  port.postMessage({
    ready: true,
    buffer: loop.core.buffer,
    recoveredRecords: loop.recovery.records,
    midway: loop.recovery.midway,
    feedRecords: loop.core.feedRecords,
  } satisfies MarketReady);
  await loop.loop();
  await kept?.journal.close();
  port.close();
}

main().catch((error: unknown) => {
  report(error);
  port.close();
});
