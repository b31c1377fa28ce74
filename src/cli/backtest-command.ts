// backtest: the command line's door to src/research/command.ts.
//
// tidy: tested by test/src/cli/cli.test.ts
import { join } from "node:path";
import type { Command } from "commander";

import { backtestCommand, strategyList, type BacktestCommandOptions } from "../research/command.ts";
import { configOf, withConfigOptions } from "./main.ts";

type Flags = Omit<BacktestCommandOptions, "strategy"> & Record<string, unknown>;

export function addBacktestCommand(root: Command): void {
  const command = root
    .command("backtest <strategy>")
    .description("run a strategy over recorded data and write a report")
    .requiredOption("--data <files...>", "recorded files: Binance collector lines or CSV trades")
    .option("--cash <amount>", "deposit in the settlement currency")
    .option("--param <name=value...>", "parameters of the strategy")
    .option("--maker-bps <bps>", "maker fee in basis points")
    .option("--taker-bps <bps>", "taker fee in basis points")
    .option("--venue <name>", "spot, usdm, coinm or file, where the file does not say")
    .option("--symbol <name>", "symbol of a CSV file")
    .option("--out <file>", "path of the HTML report")
    .option("--json", "for machines")
    .addHelpText("after", `\nStrategies that come with AlphaPulse:\n${strategyList()}`);
  withConfigOptions(command, ["dataDir"]).action(async (strategy: string, flags: Flags) => {
    const { dataDir } = configOf(flags);
    process.exitCode = await backtestCommand(
      { ...flags, strategy },
      {
        stdout: (text) => void process.stdout.write(text),
        stderr: (text) => void process.stderr.write(text),
        isTty: process.stderr.isTTY,
        cacheDir: join(dataDir, "cache"),
      },
    );
  });
}
