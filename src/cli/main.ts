// The command line: commands, options from the configuration table, one clear line per error.
import { Command, CommanderError, Option as CommandOption } from "commander";

import {
  environmentInput,
  environmentName,
  fileInput,
  makeConfig,
  OPTION_KEYS,
  OPTIONS,
  parseOption,
  rangeText,
  type Config,
  type ConfigInput,
  type Option,
  type OptionKey,
} from "../config.ts";
import { AlphaError, describeError } from "../errors.ts";
import { addBackupCommand } from "./backup-command.ts";
import { addComputeCommand } from "./compute-command.ts";
import { addConfigCommand } from "./config-command.ts";
import { addDoctorCommand } from "./doctor.ts";
import { addIncidentCommand } from "./incident-command.ts";
import { addJournalCommand } from "./journal-command.ts";
import { addMatchCommand } from "./match-command.ts";
import { addReplayCommand } from "./replay-command.ts";
import { addStartCommand, addStatusCommand, addStopCommand } from "./run-commands.ts";
import { addBacktestCommand } from "./backtest-command.ts";
import { addUpgradeCommand } from "./upgrade-command.ts";
import { addWhyCommand } from "./why-command.ts";

/** Default name of the configuration file, in the working directory. */
export const CONFIG_FILE = "alphapulse.json";

/** Adds `--config` and one flag per key to a command. */
export function withConfigOptions(command: Command, keys: readonly OptionKey[]): Command {
  command.option("--config <file>", `configuration file (default: ${CONFIG_FILE} when it exists)`);
  for (const key of keys) {
    const option: Option = OPTIONS[key];
    const flag = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const value = option.type === "flag" ? "[value]" : "<value>";
    const about = `${option.why} (${rangeText(key)}; default ${JSON.stringify(option.default)})`;
    command.addOption(new CommandOption(`--${flag} ${value}`, about));
  }
  return command;
}

/** Configuration of a command from its flags, the environment and the file. */
export function configOf(flags: Record<string, unknown>): Config {
  const given: Record<string, unknown> = {};
  for (const key of OPTION_KEYS) {
    const value = flags[key];
    if (value === undefined) continue;
    const flag = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    given[key] = value === true ? true : parseOption(key, value as string, flag);
  }
  const path = typeof flags["config"] === "string" ? flags["config"] : undefined;
  const file: ConfigInput = fileInput(path ?? CONFIG_FILE, path !== undefined);
  return makeConfig([
    { where: path ?? CONFIG_FILE, input: file },
    { where: "environment", input: environmentInput(process.env) },
    { where: "command line", input: given },
  ]);
}

function program(): Command {
  const root = new Command("alphapulse");
  root
    .description("A low-latency trading engine: market data in, orders and fills out, journaled.")
    .version("0.1.0")
    .showHelpAfterError("(see --help)")
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text) });
  addStartCommand(root);
  addStatusCommand(root);
  addStopCommand(root);
  addConfigCommand(root);
  addReplayCommand(root);
  addBacktestCommand(root);
  addMatchCommand(root);
  addComputeCommand(root);
  addJournalCommand(root);
  addBackupCommand(root);
  addIncidentCommand(root);
  addUpgradeCommand(root);
  addWhyCommand(root);
  addDoctorCommand(root);
  root.addHelpText(
    "after",
    `\nEvery option has an environment variable: dataDir is ${environmentName("dataDir")}.`,
  );
  return root;
}

/** Runs the command line; returns the exit code: 0 done, 1 failed, 2 called wrongly. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    await program().parseAsync([...argv], { from: "user" });
    return typeof process.exitCode === "number" ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`${describeError(error)}\n`);
    return error instanceof AlphaError && error.code.startsWith("CONFIG_") ? 2 : 1;
  }
}
