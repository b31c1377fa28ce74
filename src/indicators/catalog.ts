// Every indicator by name: what a user may type, and the settings the core is asked for.
import type { IndicatorKind } from "../../asm/vocab.ts";
import { PriceSource } from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import { AVERAGES } from "./averages.ts";
import { BASIC } from "./basic.ts";
import { CYCLES } from "./cycles.ts";
import { type IndicatorEntry, type IndicatorSettings, UNITS } from "./entry.ts";
import { LEVELS } from "./levels.ts";
import { MOMENTUM } from "./momentum.ts";
import { STATISTICS } from "./statistics.ts";
import { TREND } from "./trend.ts";
import { VOLATILITY } from "./volatility.ts";
import { VOLUME } from "./volume.ts";

export type { IndicatorEntry, IndicatorSettings } from "./entry.ts";

/** All indicators, family by family. */
export const INDICATOR_CATALOG: readonly IndicatorEntry[] = [
  ...[BASIC, AVERAGES, MOMENTUM, TREND, VOLATILITY, VOLUME, STATISTICS, LEVELS, CYCLES].flat(),
];

const byName = new Map(INDICATOR_CATALOG.map((entry) => [entry.name, entry]));
const byKind = new Map(INDICATOR_CATALOG.map((entry) => [entry.kind, entry]));
const SOURCES = new Map(
  Object.entries(PriceSource)
    .filter((pair): pair is [string, PriceSource] => typeof pair[1] === "number")
    .map(([name, source]) => [name.toLowerCase(), source]),
);
const PERIODS = ["period", "period2", "period3", "period4"] as const;
const FACTORS = ["factor", "factor2", "factor3"] as const;

/** The entry of a kind; throws for a kind that has none. */
export function entryOf(kind: IndicatorKind): IndicatorEntry {
  const entry = byKind.get(kind);
  if (entry === undefined) throw new Error(`indicator kind ${kind} is in no catalog`);
  return entry;
}

/** The entry a name stands for; throws UNKNOWN_INDICATOR. */
export function entryNamed(name: string): IndicatorEntry {
  const entry = byName.get(name.toLowerCase());
  if (entry !== undefined) return entry;
  throw new AlphaError(
    "UNKNOWN_INDICATOR",
    `there is no indicator "${name}"`,
    `one of ${[...byName.keys()].sort().join(", ")}`,
  );
}

/** An entry's settings where nothing is chosen, every field filled. */
export function initialSettings(entry: IndicatorEntry): Required<IndicatorSettings> {
  const [period = 0, period2 = 0, period3 = 0, period4 = 0] = (entry.periods ?? []).map(initialOf);
  const [factor = 0, factor2 = 0, factor3 = 0] = (entry.factors ?? []).map(initialOf);
  const [source = 0, source2 = 0] = entry.sources ?? [];
  return {
    ...{ indicatorKind: entry.kind, period, period2, period3, period4 },
    ...{ factor, factor2, factor3, indicatorFlags: 0, source, source2, anchorSeconds: 0 },
  };
}

function initialOf({ initial }: { initial: number }): number {
  return initial;
}

/**
 * Settings from text: "NAME" or "NAME:setting=value,setting=value". Throws UNKNOWN_INDICATOR,
 * UNKNOWN_SETTING; whether a value is in range the core decides.
 */
export function parseIndicator(text: string): Required<IndicatorSettings> {
  const [name = "", rest = ""] = text.split(/:(.*)/s);
  const entry = entryNamed(name);
  const settings = initialSettings(entry);
  for (const pair of rest === "" ? [] : rest.split(",")) {
    const [key = "", value = ""] = pair.split("=");
    if (!set(entry, settings, key.trim(), value.trim())) throw unknownSetting(entry, pair);
  }
  return settings;
}

/** Takes one setting over; false when there is none of this name or value. */
function set(
  entry: IndicatorEntry,
  settings: Required<IndicatorSettings>,
  key: string,
  value: string,
): boolean {
  const number = value === "" ? Number.NaN : Number(value);
  const period = (entry.periods ?? []).findIndex(({ name }) => name === key);
  if (period >= 0) {
    settings[PERIODS[period]!] = number;
    return Number.isInteger(number);
  }
  const factor = (entry.factors ?? []).findIndex(({ name }) => name === key);
  if (factor >= 0) {
    settings[FACTORS[factor]!] = number;
    return Number.isFinite(number);
  }
  const choice = entry.choices?.find(({ name }) => name === key);
  if (choice !== undefined) {
    const at = choice.values.indexOf(value.toLowerCase());
    const mask = (1 << Math.ceil(Math.log2(choice.values.length))) - 1;
    settings.indicatorFlags &= ~(mask << choice.shift);
    settings.indicatorFlags |= at << choice.shift;
    return at >= 0;
  }
  if (key === "anchor" && entry.isAnchored === true) {
    settings.anchorSeconds = secondsOf(value);
    return settings.anchorSeconds >= 0;
  }
  const source = SOURCES.get(value.toLowerCase());
  const inputs = entry.sources?.length ?? 0;
  if (source === undefined) return false;
  if (key === "source" && inputs > 0) settings.source = source;
  else if (key === "source2" && inputs > 1) settings.source2 = source;
  else return false;
  return true;
}

/** Seconds of "HH:MM" since midnight, or of a date and time since 1970; -1 for what is neither. */
function secondsOf(text: string): number {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hours !== undefined) return Number(hours) * 3600 + Number(minutes) * 60;
  const seconds = Date.parse(text) / 1000;
  return Number.isInteger(seconds) && seconds < 2 ** 32 ? seconds : -1;
}

function unknownSetting(entry: IndicatorEntry, pair: string): AlphaError {
  const sources = [...SOURCES.keys()].join("|");
  const known = [
    ...[...(entry.periods ?? []), ...(entry.factors ?? [])].map(
      ({ name, initial }) => `${name}=${initial}`,
    ),
    ...(entry.choices ?? []).map(({ name, values }) => `${name}=${values.join("|")}`),
    ...(entry.isAnchored === true ? ["anchor=HH:MM|DATE"] : []),
    ...(entry.sources ?? []).map((_, at) => `source${at === 0 ? "" : at + 1}=${sources}`),
  ];
  return new AlphaError(
    "UNKNOWN_SETTING",
    `"${pair}" is no setting of ${entry.name}`,
    known.length === 0 ? `${entry.name} has no settings` : `settings: ${known.join(", ")}`,
  );
}

/**
 * What a line's number is multiplied with to have it in the instrument's own units: `tick` the
 * price of one tick, `lot` the quantity of one lot.
 */
export function unitFactor(entry: IndicatorEntry, line: number, tick: number, lot: number): number {
  const [ticks, lots] = UNITS[entry.lines[line]!.unit];
  return tick ** ticks * lot ** lots;
}
