// config init, check, show: the configuration file and where each value comes from.
//
// tidy: tested by test/src/cli/cli.test.ts
import { existsSync, writeFileSync } from "node:fs";
import type { Command } from "commander";

import {
  configJsonSchema,
  environmentInput,
  environmentName,
  fileInput,
  OPTION_KEYS,
  OPTIONS,
  rangeText,
  type Option,
} from "../config.ts";
import { AlphaError } from "../errors.ts";
import { CONFIG_FILE, configOf } from "./main.ts";

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function addConfigCommand(root: Command): void {
  const config = root.command("config").description("make, check and show the configuration");
  config
    .command("init")
    .description(`write ${CONFIG_FILE} with every option at its default, and its JSON schema`)
    .option("--force", "overwrite an existing file")
    .action((flags: { force?: boolean }) => init(flags.force === true));
  config
    .command("check")
    .description("read file and environment and say what is wrong")
    .option("--config <file>", "configuration file")
    .action((flags: Record<string, unknown>) => {
      configOf(flags);
      say("the configuration is good");
    });
  config
    .command("show")
    .description("every option: value, source, range, reason")
    .option("--config <file>", "configuration file")
    .option("--json", "for machines")
    .option("--schema", "print the JSON schema instead")
    .action((flags: Record<string, unknown>) => show(flags));
}

function init(isForced: boolean): void {
  if (existsSync(CONFIG_FILE) && !isForced) {
    const remedy = "edit it, or overwrite it: npx alphapulse config init --force";
    throw new AlphaError("CONFIG_EXISTS", `${CONFIG_FILE} exists`, remedy);
  }
  const schemaFile = "alphapulse.schema.json";
  const values = Object.fromEntries(OPTION_KEYS.map((key) => [key, OPTIONS[key].default]));
  const file = { $schema: `./${schemaFile}`, ...values };
  writeFileSync(schemaFile, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  writeFileSync(CONFIG_FILE, `${JSON.stringify(file, null, 2)}\n`);
  say(`wrote ${CONFIG_FILE} and ${schemaFile}`);
}

function show(flags: Record<string, unknown>): void {
  if (flags["schema"] === true) {
    say(JSON.stringify(configJsonSchema(), null, 2));
    return;
  }
  const config = configOf(flags);
  if (flags["json"] === true) {
    say(JSON.stringify(config, null, 2));
    return;
  }
  const path = typeof flags["config"] === "string" ? flags["config"] : CONFIG_FILE;
  const file = fileInput(path, false);
  const environment = environmentInput(process.env);
  for (const key of OPTION_KEYS) {
    const option: Option = OPTIONS[key];
    const source = key in environment ? environmentName(key) : key in file ? path : "default";
    say(`${key} = ${JSON.stringify(config[key])}  (${source})`);
    say(`    ${option.why}; ${rangeText(key)}`);
  }
}
