// Faults: what the world did to us, with a stable code and a remedy a person can act on.
//
// A refusal is a value (enum Refusal); a defect is an assertion. Only what comes from outside and
// stops an operation is thrown, and always as this class, so that the edges print one clear line.

/** A fault with a stable `code`, what happened with both values, and what to do about it. */
export class AlphaError extends Error {
  readonly code: string;
  readonly remedy: string;

  constructor(code: string, what: string, remedy: string, cause?: unknown) {
    super(what, cause === undefined ? undefined : { cause });
    this.name = "AlphaError";
    this.code = code;
    this.remedy = remedy;
  }

  /** One line for a terminal: code, what, remedy. */
  line(): string {
    return `${this.code}: ${this.message}; ${this.remedy}`;
  }
}

/** The line to print for anything thrown; a stack only for defects. */
export function describeError(error: unknown): string {
  if (error instanceof AlphaError) return error.line();
  if (error instanceof Error) return error.stack ?? error.message;
  return String(error);
}
