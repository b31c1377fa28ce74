// replay: recorded files through the engine; rates, counts and the state hash.
//
// tidy: tested by test/acceptance/replay.test.ts
import type { Command } from "commander";

import { Venue } from "../feeds/instruments.ts";
import { chooseTopology } from "../oms/topology.ts";
import { AlphaError } from "../errors.ts";
import { configOf, withConfigOptions } from "./main.ts";
import { ProgressBar } from "./progress.ts";
import { replayFiles, type ReplayReport } from "./replay.ts";

const VENUES: Record<string, Venue> = {
  spot: Venue.BinanceSpot,
  usdm: Venue.BinanceUsdm,
  coinm: Venue.BinanceCoinm,
  file: Venue.File,
};

interface Flags extends Record<string, unknown> {
  json?: boolean;
  speed?: string;
  venue?: string;
  symbol?: string;
  keep?: string;
}

export function addReplayCommand(root: Command): void {
  const command = root
    .command("replay <files...>")
    .description("play recorded files (Binance collector lines, CSV trades; plain or gzip)")
    .option("--speed <factor>", "recorded seconds per second; default: as fast as it goes")
    .option("--venue <name>", "spot, usdm, coinm or file, where the file does not say")
    .option("--symbol <name>", "symbol of a CSV file")
    .option("--keep <dir>", "keep a journal there; the same command again goes on where it stopped")
    .option("--json", "for machines");
  withConfigOptions(command, ["topology", "timeframes"]).action(
    async (files: string[], flags: Flags) => {
      const report = await replayFlags(files, flags);
      if (flags.json === true) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      else printReport(report);
    },
  );
}

async function replayFlags(files: readonly string[], flags: Flags): Promise<ReplayReport> {
  const config = configOf(flags);
  const bar = new ProgressBar("replay", flags.json !== true);
  const venue = flags.venue === undefined ? undefined : venueOf(flags.venue);
  try {
    return await replayFiles({
      files,
      topology: chooseTopology(config.topology),
      timeframes: config.timeframes,
      dataDir: flags.keep,
      speed: flags.speed === undefined ? undefined : speedOf(flags.speed),
      probe: {
        ...(venue === undefined ? {} : { venue }),
        ...(flags.symbol === undefined ? {} : { name: flags.symbol }),
      },
      onProgress: (share, records) => bar.show(share, `${records} records`),
    });
  } finally {
    bar.end();
  }
}

function venueOf(name: string): Venue {
  const venue = VENUES[name];
  if (venue !== undefined) return venue;
  const known = Object.keys(VENUES).join(", ");
  throw new AlphaError("CONFIG_INVALID", `--venue "${name}" is not known`, `use one of ${known}`);
}

function speedOf(text: string): number {
  const speed = Number(text);
  if (speed > 0 && Number.isFinite(speed)) return speed;
  throw new AlphaError("CONFIG_INVALID", `--speed "${text}" is no factor`, "use a number above 0");
}

function printReport(report: ReplayReport): void {
  const out = (line: string): void => void process.stdout.write(`${line}\n`);
  for (const file of report.files) {
    out(`${file.path}`);
    out(`  ${file.lines} lines, ${file.records} records, ${file.rejects} refused`);
  }
  for (const one of report.instruments) {
    out(
      `instrument ${one.id} ${one.symbol}${one.inferred ? " (steps inferred from the file)" : ""}`,
    );
  }
  for (const line of report.rejectLines) out(line);
  if (report.resumedAt > 0) out(`went on behind record ${report.resumedAt}`);
  out(
    `trades ${report.trades}, quotes ${report.quotes}, book updates ${report.bookUpdates}, ` +
      `book snapshots ${report.bookSnapshots}`,
  );
  out(
    `${report.records} records in ${report.seconds.toFixed(3)} s, ` +
      `${Math.round(report.recordsPerSecond)} records/s, ${report.topology}`,
  );
  out(
    `core p50 ${us(report.coreNanos.p50Nanos)} p99 ${us(report.coreNanos.p99Nanos)} max ` +
      `${us(report.coreNanos.maxNanos)} per turn of up to 4096 records`,
  );
  out(`state hash ${report.stateHash}  (market ${report.marketHash}, order ${report.orderHash})`);
}

function us(nanos: number): string {
  return `${(nanos / 1000).toFixed(1)} us`;
}
