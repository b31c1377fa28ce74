// Configuration: one table of options makes the help, the JSON schema, the environment overrides,
// the checks and the documentation. Units are in the key's name.
//
// Order of precedence: command line, environment (ALPHAPULSE_PORT), alphapulse.json, default.
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";

import { TIMEFRAMES_MAX } from "../asm/layout.ts";
import { AlphaError } from "./errors.ts";
import { TIMEFRAME_PATTERN, timeframeChoices } from "./timeframe.ts";
import { parseDecimal } from "./units.ts";

interface TextOption {
  type: "text";
  default: string;
}
interface DecimalOption {
  type: "decimal";
  default: string;
}
interface IntegerOption {
  type: "integer";
  default: number;
  min: number;
  max: number;
}
interface NumberOption {
  type: "number";
  default: number;
  min: number;
  max: number;
}
interface FlagOption {
  type: "flag";
  default: boolean;
}
interface ChoiceOption {
  type: "choice";
  default: string;
  choices: readonly string[];
}
interface ListOption {
  type: "list";
  default: readonly string[];
  pattern: RegExp;
  max: number;
}
type Shape =
  | TextOption
  | DecimalOption
  | IntegerOption
  | NumberOption
  | FlagOption
  | ChoiceOption
  | ListOption;

/** One row of the table: where the value comes from and why one would change it. */
export type Option = Shape & { why: string };

const SYMBOL = /^[A-Za-z0-9._-]{1,32}$/;
const ORIGIN = /^https?:\/\/[^/\s]+$/;

/** Every option of the engine. */
export const OPTIONS = {
  dataDir: {
    type: "text",
    default: ".alphapulse",
    why: "journal, keys and run file of one engine; another folder is another engine",
  },
  mode: {
    type: "choice",
    default: "paper",
    choices: ["paper"],
    why: "paper fills orders against the market seen; live venues are not part of this build",
  },
  feed: {
    type: "choice",
    default: "sim",
    choices: ["sim", "binance", "none"],
    why:
      "sim: the built-in SIMULATED market; binance: public data of Binance spot; none: ticks " +
      "come from clients with the feed right",
  },
  execution: {
    type: "choice",
    default: "paper",
    choices: ["paper", "routed"],
    why:
      "where orders of the sim feed go: paper fills them against the market seen; routed sends " +
      "them to a SIMULATED live venue that delays, rejects, loses and repeats",
  },
  paperQueue: {
    type: "choice",
    default: "through",
    choices: ["through", "riskAverse", "power"],
    why:
      "when a resting paper order fills: through its price only; riskAverse also behind the lots " +
      "shown at its price, which trades there take off; power also as others ahead cancel; of a " +
      "data directory it is settled at its first start",
  },
  paperQueuePower: {
    type: "integer",
    default: 3,
    min: 1,
    max: 8,
    why: "paperQueue power: how strongly cancels are taken to be behind us; 1 = by share",
  },
  topology: {
    type: "choice",
    default: "auto",
    choices: ["auto", "inline", "sharded"],
    why: "inline: one hot thread; sharded: market worker and order loop; auto: by cores",
  },
  gateway: {
    type: "choice",
    default: "auto",
    choices: ["auto", "uws", "ws"],
    why: "auto: uWebSockets.js, or ws where it has no binary for this Node",
  },
  ack: {
    type: "choice",
    default: "written",
    choices: ["memory", "written", "durable"],
    why: "level a reply waits for unless its session asks for another; durable survives power loss",
  },
  spin: {
    type: "flag",
    default: false,
    why: "keep the hot thread awake: lower latency, one core always busy",
  },
  host: {
    type: "text",
    default: "127.0.0.1",
    why: "address to listen on; anything but loopback needs a TLS proxy in front",
  },
  port: {
    type: "integer",
    default: 8080,
    min: 0,
    max: 65535,
    why: "first port to try, the next 20 follow; 0: any free port",
  },
  origins: {
    type: "list",
    default: [],
    pattern: ORIGIN,
    max: 64,
    why: "further web origins whose pages may connect, such as https://desk.example",
  },
  simInstruments: {
    type: "integer",
    default: 20,
    min: 1,
    max: 200,
    why: "instruments of the simulated market",
  },
  simSeed: {
    type: "integer",
    default: 1,
    min: 0,
    max: 4294967295,
    why: "the same seed gives the same simulated market",
  },
  simSpeed: {
    type: "number",
    default: 1,
    min: 0.01,
    max: 100,
    why: "simulated seconds per second",
  },
  binanceSymbols: {
    type: "list",
    default: ["BTCUSDT"],
    pattern: SYMBOL,
    max: 64,
    why: "symbols of the binance feed",
  },
  binanceStreamUrl: {
    type: "text",
    default: "wss://stream.binance.com:9443",
    why: "base address of the WebSocket streams",
  },
  binanceRestUrl: {
    type: "text",
    default: "https://api.binance.com",
    why: "base address of the REST depth snapshots",
  },
  timeframes: {
    type: "list",
    default: ["1s", "1m", "5m", "15m", "1h", "4h", "1d"],
    pattern: TIMEFRAME_PATTERN,
    max: TIMEFRAMES_MAX,
    why: "candles per instrument, at most 8: 1m (smhdw), trades:500, renkoTicks:5, heikinAshi:1m",
  },
  strategy: {
    type: "text",
    default: "breakout",
    why: "in-process strategy by name or file; none: no strategy",
  },
  accountCash: {
    type: "decimal",
    default: "1000000",
    why: "cash of the paper account in the quote currency, given once at the first start",
  },
  feeMakerBps: {
    type: "number",
    default: 1,
    min: -100,
    max: 1000,
    why: "maker fee in basis points of notional; negative: rebate",
  },
  feeTakerBps: {
    type: "number",
    default: 5,
    min: -100,
    max: 1000,
    why: "taker fee in basis points of notional",
  },
  limitNotional: {
    type: "decimal",
    default: "100000",
    why: "largest notional of one order in the quote currency; 0: no limit",
  },
  limitLossDay: {
    type: "decimal",
    default: "50000",
    why: "loss per UTC day after which only reducing orders pass; 0: no limit",
  },
  limitCollarBps: {
    type: "integer",
    default: 500,
    min: 0,
    max: 10000,
    why: "distance of an order's price from the mark, in basis points; 0: no limit",
  },
  limitOrdersPerSecond: {
    type: "integer",
    default: 100000,
    min: 0,
    max: 10000000,
    why: "order messages per second of the account; 0: no limit",
  },
  journalSegmentBytes: {
    type: "integer",
    default: 268435456,
    min: 8192,
    max: 2147479552,
    why: "size of one journal file, preallocated",
  },
  journalReserveBytes: {
    type: "integer",
    default: 16777216,
    min: 0,
    max: 1073741824,
    why:
      "space each journal keeps back: with it a full disk refuses new orders and cancels go on, " +
      "without (0) it stops the engine",
  },
  snapshotRecords: {
    type: "integer",
    default: 1000000,
    min: 0,
    max: 1000000000,
    why: "inputs between two snapshots, which bound what a start replays; 0: none are taken",
  },
  snapshotsKept: {
    type: "integer",
    default: 3,
    min: 1,
    max: 100,
    why: "snapshots kept beside the journal; older ones are removed",
  },
  backupDir: {
    type: "text",
    default: "none",
    why: "folder on another disk that gets a copy of journal and snapshots; none: no backups",
  },
  backupEverySeconds: {
    type: "integer",
    default: 300,
    min: 1,
    max: 86400,
    why: "time between two backups: what the loss of the machine may cost",
  },
  tickSegmentsMaxBytes: {
    type: "integer",
    default: 21474836480,
    min: 0,
    max: 1000000000000000,
    why:
      "tick journal of a market worker (sharded topology): the oldest files above this go once " +
      "snapshots make them needless; orders, and inline all, are always kept; 0: nothing goes",
  },
} as const satisfies Record<string, Option>;

export type OptionKey = keyof typeof OPTIONS;
type ValueOf<O> = O extends { type: "integer" | "number" }
  ? number
  : O extends { type: "flag" }
    ? boolean
    : O extends { type: "choice"; choices: readonly (infer C)[] }
      ? C
      : O extends { type: "list" }
        ? readonly string[]
        : string;
/** The checked configuration. */
export type Config = { readonly [K in OptionKey]: ValueOf<(typeof OPTIONS)[K]> };
/** Values that were given; the rest are defaults. */
export type ConfigInput = Readonly<Record<string, unknown>>;

/** Keys in the order of the table. */
export const OPTION_KEYS = Object.keys(OPTIONS) as OptionKey[];

function schemaOf(option: Option): z.ZodType {
  switch (option.type) {
    case "text":
      return z.string().min(1).max(512);
    case "decimal":
      return z.string().refine(isDecimal, { message: 'expected a decimal text such as "1000.50"' });
    case "integer":
      return z.number().int().min(option.min).max(option.max);
    case "number":
      return z.number().min(option.min).max(option.max);
    case "flag":
      return z.boolean();
    case "choice":
      return z.enum(option.choices as readonly [string, ...string[]]);
    case "list":
      return z.array(z.string().regex(option.pattern)).max(option.max);
  }
}

function isDecimal(text: string): boolean {
  try {
    return parseDecimal(text).mantissa >= 0n;
  } catch {
    return false;
  }
}

const schema = z.strictObject(
  Object.fromEntries(
    OPTION_KEYS.map((key) => {
      const option: Option = OPTIONS[key];
      return [
        key,
        schemaOf(option)
          .default(option.default as never)
          .describe(option.why),
      ];
    }),
  ),
);

/** JSON schema (draft 2020-12) of alphapulse.json. */
export function configJsonSchema(): unknown {
  const file = schema.extend({
    $schema: z.string().optional().describe("this schema, for editors"),
  });
  return z.toJSONSchema(file, { io: "input", unrepresentable: "any" });
}

/** Environment variable of an option: dataDir -> ALPHAPULSE_DATA_DIR. */
export function environmentName(key: OptionKey): string {
  return `ALPHAPULSE_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** Reads one option from text: environment variables and command-line values. */
export function parseOption(key: OptionKey, text: string, where: string): unknown {
  const option: Option = OPTIONS[key];
  if (option.type === "integer" || option.type === "number") {
    if (text.trim() === "" || Number.isNaN(Number(text))) {
      throw new AlphaError("CONFIG_INVALID", `${where}: "${text}" is no number`, hint(key));
    }
    return Number(text);
  }
  if (option.type === "flag") return parseFlag(key, text, where);
  if (option.type === "list") return text === "" ? [] : text.split(",");
  return text;
}

function parseFlag(key: OptionKey, text: string, where: string): boolean {
  if (text === "true" || text === "1" || text === "") return true;
  if (text === "false" || text === "0") return false;
  throw new AlphaError(
    "CONFIG_INVALID",
    `${where}: "${text}" is no flag`,
    `use true or false (${key})`,
  );
}

/** What a value of this option must be, for people. */
export function rangeText(key: OptionKey): string {
  const option: Option = OPTIONS[key];
  if (option.type === "integer" || option.type === "number") {
    const kind = option.type === "integer" ? "whole number" : "number";
    return `${kind} from ${option.min} to ${option.max}`;
  }
  if (option.type === "choice") return `one of ${option.choices.join(", ")}`;
  if (option.type === "flag") return "true or false";
  if (option.type === "decimal") return 'decimal text, such as "1000.50"';
  if (option.type === "list")
    return `list of at most ${option.max} texts like ${option.pattern.source}`;
  return "text";
}

function hint(key: OptionKey): string {
  return `${key} is a ${rangeText(key)}`;
}

/** Values of the environment variables that are set. */
export function environmentInput(env: Readonly<Record<string, string | undefined>>): ConfigInput {
  const input: Record<string, unknown> = {};
  for (const key of OPTION_KEYS) {
    const name = environmentName(key);
    const text = env[name];
    if (text !== undefined) input[key] = parseOption(key, text, name);
  }
  return input;
}

/** Reads alphapulse.json; an empty input when the default path does not exist. */
export function fileInput(path: string, isRequired: boolean): ConfigInput {
  if (!existsSync(path)) {
    if (!isRequired) return {};
    const remedy = "give an existing file, or make one: npx alphapulse config init";
    throw new AlphaError("CONFIG_MISSING", `${path} does not exist`, remedy);
  }
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new Error("no object");
    return value as ConfigInput;
  } catch (cause) {
    const what = `${path} is not a JSON object: ${(cause as Error).message}`;
    throw new AlphaError(
      "CONFIG_INVALID",
      what,
      "mend the file, or: npx alphapulse config init",
      cause,
    );
  }
}

/** Checks the inputs, later ones first in rank, and fills in defaults; throws CONFIG_INVALID. */
export function makeConfig(inputs: readonly { where: string; input: ConfigInput }[]): Config {
  const merged: Record<string, unknown> = {};
  for (const { where, input } of inputs) {
    for (const [key, value] of Object.entries(input)) {
      if (key === "$schema") continue;
      checkKey(key, where);
      checkValue(key as OptionKey, value, where);
      merged[key] = value;
    }
  }
  const config = schema.parse(merged) as unknown as Config;
  timeframeChoices(config.timeframes);
  return config;
}

function checkKey(key: string, where: string): void {
  if (Object.hasOwn(OPTIONS, key)) return;
  const near = nearest(key);
  const what = `${where}: there is no option "${key}"`;
  const remedy = near === undefined ? "see: npx alphapulse config show" : `did you mean ${near}?`;
  throw new AlphaError("CONFIG_INVALID", what, remedy);
}

function checkValue(key: OptionKey, value: unknown, where: string): void {
  const result = schemaOf(OPTIONS[key]).safeParse(value);
  if (result.success) return;
  const what = `${where}: ${key} is ${JSON.stringify(value)}`;
  throw new AlphaError("CONFIG_INVALID", what, hint(key));
}

/** The option whose name shares the longest beginning, or differs by unit only. */
function nearest(key: string): OptionKey | undefined {
  let best: OptionKey | undefined;
  let bestLength = 3;
  for (const candidate of OPTION_KEYS) {
    let length = 0;
    while (length < key.length && key[length] === candidate[length]) length += 1;
    if (length > bestLength) {
      best = candidate;
      bestLength = length;
    }
  }
  return best;
}
