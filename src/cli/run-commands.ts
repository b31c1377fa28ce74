// start, status, stop: the life of one engine process.
//
// tidy: tested by test/src/cli/cli.test.ts
import type { Command } from "commander";

import { sleep } from "../clock.ts";
import { OPTION_KEYS, type Config } from "../config.ts";
import { AlphaError, describeError } from "../errors.ts";
import { configOf, withConfigOptions } from "./main.ts";
import { isAlive, readRunFile, removeRunFile, writeRunFile } from "./run-file.ts";
import { startEngine, type RunningEngine } from "./start.ts";

/** How long `stop` and a signal wait for an orderly end. */
const STOP_MILLIS_MAX = 30_000;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function addStartCommand(root: Command): void {
  const command = root.command("start").description("run the engine until it is stopped");
  withConfigOptions(command, OPTION_KEYS).action(async (flags: Record<string, unknown>) => {
    await runUntilStopped(flags);
  });
}

async function runUntilStopped(flags: Record<string, unknown>): Promise<void> {
  const config = configOf(flags);
  let failed: unknown;
  let end!: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const engine = await startEngine(config, {
    note: say,
    fault: (error) => {
      failed ??= error;
      end();
    },
  });
  // Before anybody can learn that we run: who reads the address may end us in the same instant.
  const onSignal = (): void => end();
  process.once("SIGINT", onSignal);
  process.once("SIGTERM", onSignal);
  writeRunFile(config.dataDir, {
    pid: process.pid,
    url: engine.url,
    topology: engine.topology.name,
    gateway: engine.gateway.name,
    feed: config.feed,
    ack: config.ack,
    startedAtUtc: new Date().toISOString(),
  });
  announce(engine, config);
  await ended;
  await stopEngine(engine, config.dataDir);
  if (failed === undefined) return;
  process.stderr.write(`${describeError(failed)}\n`);
  process.exitCode = 1;
}

function announce(engine: RunningEngine, { feed, execution }: Config): void {
  const market = feed === "sim" ? "SIMULATED market" : `${feed} market data`;
  const shape = `${engine.topology.name}, ${engine.gateway.name} gateway`;
  say(`AlphaPulse ${shape}, ${market}, ${execution} orders`);
  say(`  page     ${engine.pageUrl}`);
  say(`  metrics  ${engine.url}metrics`);
  say(`  keys     ${engine.keysDir}`);
  say("  stop     Ctrl-C, or: npx alphapulse stop");
}

async function stopEngine(engine: RunningEngine, dataDir: string): Promise<void> {
  say("stopping: last turn, checkpoint, journal");
  const stopped = new AbortController();
  const late = sleep(STOP_MILLIS_MAX, stopped.signal).then(() => {
    if (stopped.signal.aborted) return;
    throw new AlphaError(
      "STOP_LATE",
      "the engine did not stop within 30 s",
      "kill it; the journal recovers",
    );
  });
  try {
    await Promise.race([engine.stop(), late]);
  } finally {
    // A timer that still waits would keep the process alive for the rest of the 30 s.
    stopped.abort();
    removeRunFile(dataDir);
  }
  say("stopped");
}

export function addStatusCommand(root: Command): void {
  const command = root.command("status").description("where the engine runs and how it is");
  command.option("--json", "for machines");
  withConfigOptions(command, ["dataDir"]).action(async (flags: Record<string, unknown>) => {
    const run = readRunFile(configOf(flags).dataDir);
    const ready = await fetch(`${run.url}health/ready`);
    const text = (await ready.text()).trim();
    const metrics = await (await fetch(`${run.url}metrics`)).text();
    const figures = {
      ...run,
      ready: ready.ok,
      health: text,
      inputs: metric(metrics, "alphapulse_engine_inputs_total"),
      sentFrames: metric(metrics, "alphapulse_gateway_sent_frames_total"),
      writtenSequence: metric(metrics, 'alphapulse_journal_sequence_records{level="written"}'),
      durableSequence: metric(metrics, 'alphapulse_journal_sequence_records{level="durable"}'),
      diskFull: metric(metrics, "alphapulse_journal_full_disks") === 1,
    };
    if (flags["json"] === true) say(JSON.stringify(figures, null, 2));
    else for (const [key, value] of Object.entries(figures)) say(`${key.padEnd(16)} ${value}`);
    if (!ready.ok) process.exitCode = 1;
  });
}

function metric(text: string, name: string): number {
  const line = text.split("\n").find((one) => one.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(name.length + 1));
}

export function addStopCommand(root: Command): void {
  const command = root.command("stop").description("end the engine in order");
  withConfigOptions(command, ["dataDir"]).action(async (flags: Record<string, unknown>) => {
    const run = readRunFile(configOf(flags).dataDir);
    process.kill(run.pid, "SIGTERM");
    const untilMillis = performance.now() + STOP_MILLIS_MAX;
    while (isAlive(run.pid)) {
      if (performance.now() > untilMillis) {
        const what = `pid ${run.pid} is still alive after 30 s`;
        throw new AlphaError(
          "STOP_LATE",
          what,
          `kill it: kill -9 ${run.pid}; the journal recovers`,
        );
      }
      await sleep(50);
    }
    say(`engine of pid ${run.pid} has ended`);
  });
}
