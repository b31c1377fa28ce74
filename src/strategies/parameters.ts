// Parameters of a strategy: one table says name, unit, default and range; zod checks against it.
//
// The table and not a schema is what an author writes, because the command line, the report and
// the documents print it: a range that is only code cannot be shown to the person who broke it.
import { z } from "zod";

import { AlphaError } from "../errors.ts";

/** A number with a unit; `whole` refuses fractions. Both bounds are allowed values. */
export interface NumberParameter {
  type: "number";
  unit: string;
  default: number;
  min: number;
  max: number;
  whole?: boolean;
  about: string;
}

/** One of a few words. */
export interface ChoiceParameter {
  type: "choice";
  choices: readonly string[];
  default: string;
  about: string;
}

export type Parameter = NumberParameter | ChoiceParameter;
/** Parameters by name, in the order in which they are shown. */
export type ParameterTable = Readonly<Record<string, Parameter>>;

/** Checked values of a table. */
export type ParameterValues<T extends ParameterTable = ParameterTable> = {
  readonly [N in keyof T]: T[N] extends NumberParameter ? number : string;
};

/** Names longer than this in a message are cut: they came from outside. */
const SHOWN_CHARACTERS_MAX = 60;

function schemaOf(parameter: Parameter): z.ZodType {
  if (parameter.type === "choice") {
    return z.enum(parameter.choices as [string, ...string[]]).default(parameter.default);
  }
  const number = z.number().min(parameter.min).max(parameter.max);
  return (parameter.whole === true ? number.int() : number).default(parameter.default);
}

/** What a value may be, for messages and pages: "2 to 500 candles", "both, long". */
export function rangeText(parameter: Parameter): string {
  if (parameter.type === "choice") return parameter.choices.join(", ");
  const kind = parameter.whole === true ? "whole, " : "";
  return `${kind}${parameter.min} to ${parameter.max} ${parameter.unit}`.trim();
}

/**
 * Checks given values (numbers, or texts as a command line has them) and fills in defaults. Throws
 * PARAMETER_UNKNOWN naming the known ones, PARAMETER_RANGE naming the range. The result is frozen.
 */
export function parseParameters<T extends ParameterTable>(
  strategy: string,
  table: T,
  given: Readonly<Record<string, unknown>> = {},
): ParameterValues<T> {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(table, name)) continue;
    const known = Object.keys(table).join(", ");
    throw new AlphaError(
      "PARAMETER_UNKNOWN",
      `strategy "${strategy}" has no parameter "${shown(name)}"`,
      known === "" ? "it takes none" : `it has: ${known}`,
    );
  }
  const values: Record<string, unknown> = {};
  for (const [name, parameter] of Object.entries(table)) {
    const result = schemaOf(parameter).safeParse(fromText(parameter, given[name]));
    if (!result.success) {
      throw new AlphaError(
        "PARAMETER_RANGE",
        `parameter "${name}" of strategy "${strategy}" cannot be "${shown(String(given[name]))}"`,
        `allowed: ${rangeText(parameter)}; default ${parameter.default}`,
      );
    }
    values[name] = result.data;
  }
  return Object.freeze(values) as ParameterValues<T>;
}

/** A command line gives texts; "12" is the number 12, "" and "abc" stay what they are. */
function fromText(parameter: Parameter, value: unknown): unknown {
  if (parameter.type !== "number" || typeof value !== "string") return value;
  return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

function shown(text: string): string {
  return text.length <= SHOWN_CHARACTERS_MAX ? text : `${text.slice(0, SHOWN_CHARACTERS_MAX)}...`;
}
