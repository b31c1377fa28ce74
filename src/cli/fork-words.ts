// Changes of a fork as they are written on a command line.
//
// tidy: tested by test/src/oms/fork.test.ts
import { Kind, Refusal, Scope } from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import { limitsChange, strategyChange, type Change, type LimitsOwner } from "../oms/fork-change.ts";
import { layoutOf } from "../protocol.ts";
import type { VenueLatency } from "../venues/venue-stand-in.ts";
import { wholeOf } from "./journal-place.ts";

const STRATEGY = /^strategy:(\d{1,5}),(.+)$/;

/** A strategy's number and its values, each "NAME=VALUE" or "NAME=BEFORE:VALUE". */
export interface StrategyWord {
  id: number;
  values: Record<string, { base?: string | undefined; fork: string }>;
}

/** What "strategy:ID,NAME=VALUE" says; undefined for another word. Throws CONFIG_INVALID. */
export function strategyOf(word: string): StrategyWord | undefined {
  const [, id, rest] = STRATEGY.exec(word) ?? [];
  if (id === undefined || rest === undefined) return undefined;
  const values: StrategyWord["values"] = {};
  for (const part of rest.split(",")) {
    const [, name = "", base, fork = ""] = /^(\w+)=(?:([^:]*):)?([^:]+)$/.exec(part) ?? [];
    if (name === "") {
      const what = `"${word}": "${part}" is no value`;
      throw new AlphaError("CONFIG_INVALID", what, "use NAME=VALUE, or NAME=BEFORE:VALUE");
    }
    values[name] = { base, fork };
  }
  return { id: Number(id), values };
}

const VENUE = /^venue:(.+)$/;

/** Whether a word changes the venue, which is there anew in both runs. */
export function isVenueWord(word: string): boolean {
  return VENUE.test(word);
}

/** Latency of "venue:latencyMillis=5,seed=3", and the seed of its luck; throws CONFIG_INVALID. */
export function venueOf(word: string): VenueLatency & { seed: number } {
  const names = ["latencyMillis", "latencyMillisMin", "latencyMillisMax", "seed"];
  const values: Record<string, number> = {};
  for (const part of (VENUE.exec(word)?.[1] ?? "").split(",")) {
    const [name = "", value = ""] = part.split("=");
    if (!names.includes(name)) {
      const what = `"${word}": a venue has no value "${name}"`;
      throw new AlphaError("CONFIG_INVALID", what, `it has: ${names.join(", ")}`);
    }
    values[name] = wholeOf(value, `${word}: ${name}`);
  }
  const {
    latencyMillis,
    latencyMillisMin = latencyMillis,
    latencyMillisMax = latencyMillis,
  } = values;
  if (latencyMillisMin === undefined || latencyMillisMax === undefined) {
    const remedy = "use venue:latencyMillis=5 or venue:latencyMillisMin=1,latencyMillisMax=20";
    throw new AlphaError("CONFIG_INVALID", `"${word}" names no latency`, remedy);
  }
  return { latencyMillisMin, latencyMillisMax, seed: values["seed"] ?? 1 };
}

/** A change as it is written; throws CONFIG_INVALID. */
export function changeOf(word: string): Change {
  const [, kind, rest = ""] = /^(limits|strategy):(.+)$/.exec(word) ?? [];
  if (kind === "limits") return limitsOf(word, rest);
  if (kind === "strategy") {
    const [id = "", ...values] = rest.split(",");
    return strategyChange(
      wholeOf(id, word),
      valuesOf(word, values, Kind.Strategy, ["id", "account"]),
    );
  }
  const remedy = "use limits:account=1,qtyLotsMax=5, strategy:7,qtyLots=3 or venue:latencyMillis=5";
  throw new AlphaError("CONFIG_INVALID", `"${word}" is no change`, remedy);
}

const OWNERS = ["tenant", "account", "strategy", "instrument"] as const;

function limitsOf(word: string, rest: string): Change {
  const all = valuesOf(word, rest.split(","), Kind.RiskLimits, ["scope"]);
  const owner: LimitsOwner = { scope: Scope.Global };
  for (const name of OWNERS) {
    if (all[name] === undefined) continue;
    owner[name] = all[name];
    delete all[name];
  }
  owner.scope = scopeOf(word, owner);
  if (Object.keys(all).length > 0) return limitsChange(owner, all);
  throw new AlphaError("CONFIG_INVALID", `"${word}" names no limit`, "add one: qtyLotsMax=5");
}

function scopeOf(word: string, owner: LimitsOwner): Scope {
  const names = OWNERS.filter((name) => owner[name] !== undefined).join(" and ");
  const scopes: Record<string, Scope> = {
    "": Scope.Global,
    tenant: Scope.Tenant,
    account: Scope.Account,
    strategy: Scope.Strategy,
    instrument: Scope.Instrument,
    "account and instrument": Scope.AccountInstrument,
  };
  const scope = scopes[names];
  if (scope !== undefined) return scope;
  const remedy = "name one of tenant, account, strategy, instrument, or account and instrument";
  throw new AlphaError("CONFIG_INVALID", `"${word}": there are no limits of ${names}`, remedy);
}

function valuesOf(
  word: string,
  parts: readonly string[],
  kind: Kind,
  hidden: readonly string[],
): Record<string, number> {
  const fields = Object.entries(layoutOf(kind)?.fields ?? {});
  const known = fields.filter(
    ([name, [, type]]) => !hidden.includes(name) && !type.startsWith("text"),
  );
  const names = [
    ...known.map(([name]) => name),
    ...(kind === Kind.RiskLimits ? ["instrument"] : []),
  ];
  const values: Record<string, number> = {};
  for (const part of parts) {
    const [name = "", value = ""] = part.split("=");
    if (!names.includes(name)) {
      const what = `"${word}": ${Kind[kind]} has no value "${name}"`;
      throw new AlphaError("CONFIG_INVALID", what, `it has: ${names.join(", ")}`);
    }
    values[name] = wholeOf(value, `${word}: ${name}`);
  }
  return values;
}

/** Refusals of `--allow-refused`; none named = all. Throws CONFIG_INVALID. */
export function reasonsOf(names: string[] | true): Refusal[] {
  if (names === true) return [];
  return names
    .flatMap((one) => one.split(","))
    .map((name) => {
      const value = (Refusal as unknown as Record<string, unknown>)[name];
      if (typeof value === "number") return value;
      const remedy = "refusals are named in dumps: QtyLimit, RateLimit, PositionLimit, ...";
      throw new AlphaError("CONFIG_INVALID", `--allow-refused "${name}" is no refusal`, remedy);
    });
}
