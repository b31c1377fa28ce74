// An engine that keeps a journal on the project's disk, and commands of the published mix for it.
import { mkdirSync, rmSync } from "node:fs";

import { CELL_SHIFT, Role, type AckLevel, type Stage } from "../asm/vocab.ts";
import { Clock } from "../src/clock.ts";
import type { CoreBuild } from "../src/core/core.ts";
import { buildPath } from "../src/core/paths.ts";
import { Engine } from "../src/oms/engine.ts";
import type { OutputSink } from "../src/oms/sink.ts";
import { encode, recordCells } from "../src/protocol.ts";
import {
  ACCOUNTS,
  BATCH,
  configuration,
  encodeCommands,
  makeCommands,
  type Stream,
} from "./order-stream.ts";

/** Folder that is gone after `use`: on the disk of the project, not in a memory file system. */
export async function inFolder<T>(name: string, use: (dir: string) => Promise<T>): Promise<T> {
  const dir = buildPath("bench-data", name);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  try {
    return await use(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Somebody who waits for the durable level, and hears of it. */
export class DurableSink implements OutputSink {
  readonly wantsDurable = true;
  onDurable: (sequence: number) => void = () => undefined;

  collect(): void {
    // Outputs are for others.
  }

  flush(level: AckLevel, sequence: number): void {
    if (level === 2) this.onDurable(sequence);
  }
}

/** What an engine of these benches is made with. */
export interface JournaledOptions {
  build: CoreBuild;
  /** Absent: it keeps nothing. */
  dir?: string | undefined;
  /** Accounts that `passes` of the mix need. */
  accounts: number;
  sink?: OutputSink;
  onStage?: (stage: Stage, nanos: number) => void;
}

/** An engine that has recovered what the folder holds, started and been configured. */
export function startEngine(options: JournaledOptions): Engine {
  const engine = openEngine(options);
  engine.recover();
  engine.start();
  engine.configure(
    configuration(1, options).map(([kind, fields]) => {
      const bytes = new Uint8Array(recordCells(kind) << CELL_SHIFT);
      encode(new DataView(bytes.buffer), 0, kind, fields as never);
      return bytes;
    }),
  );
  return engine;
}

/** The same before its recovery. */
export function openEngine({ build, dir, sink, onStage }: JournaledOptions): Engine {
  const engine = new Engine({
    build,
    clock: Clock.system(),
    roles: Role.Order,
    // Time is the data's, so that the state is the same in every run.
    isRecorded: true,
    journal: dir === undefined ? undefined : { dir, stream: 0 },
    onStage,
    onFault: (fault) => {
      throw fault;
    },
  });
  if (sink !== undefined) engine.addSink(sink);
  return engine;
}

/** `passes` times the same commands, each time of accounts of its own: their ids are new again. */
export function* passes(commands: number, count: number, batch = BATCH): Generator<Stream, void> {
  const { warm, timed } = makeCommands({ commands, instruments: 1, liveOrders: 1000 });
  const all = [...warm, ...timed].slice(0, commands);
  for (let pass = 0; pass < count; pass++) {
    const shift = pass * ACCOUNTS;
    yield encodeCommands(
      all.map((command) => ({ ...command, account: command.account + shift })),
      batch,
    );
  }
}

/** Sends a stream in turns of the engine; lets the event loop run now and then. */
export async function feedEngine(engine: Engine, { words, batchEnds }: Stream): Promise<void> {
  let from = 0;
  for (const [batch, end] of batchEnds.entries()) {
    if (engine.command.pushRun(words, from, end) !== end) throw new Error("the ring is full");
    engine.command.publish();
    engine.turn();
    from = end;
    if (batch % 64 === 0) await new Promise((next) => setImmediate(next));
  }
}
