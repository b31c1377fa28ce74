// What was not taken in, and why: a count per reason and the first examples as they came.
//
// Bad input never disappears silently and never fills a disk: examples are few and cut.
import { Refusal } from "../../asm/vocab.ts";

/** Examples kept over all reasons, and bytes of each. */
export const EXAMPLES_MAX = 10;
export const EXAMPLE_CHARACTERS_MAX = 120;

/** One refused message. */
export interface QuarantineExample {
  reason: string;
  /** Where it came from: `file:line`, or a stream's name. */
  place: string;
  text: string;
}

/** Counters of refused messages of one feed. */
export class Quarantine {
  readonly #counts = new Map<number, number>();
  readonly #examples: QuarantineExample[] = [];
  #total = 0;

  /** Counts one refusal; `text` is asked for only while examples are still kept. */
  add(code: number, place: string, text: () => string): void {
    this.#total += 1;
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
    if (this.#examples.length >= EXAMPLES_MAX) return;
    const whole = printable(text());
    const isLong = whole.length > EXAMPLE_CHARACTERS_MAX;
    const cut = isLong ? `${whole.slice(0, EXAMPLE_CHARACTERS_MAX)}...` : whole;
    this.#examples.push({ reason: reasonName(code), place, text: cut });
  }

  get total(): number {
    return this.#total;
  }

  /** Count of each reason, most frequent first. */
  counts(): Record<string, number> {
    const rows = [...this.#counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    return Object.fromEntries(rows.map(([code, count]) => [reasonName(code), count]));
  }

  count(code: Refusal): number {
    return this.#counts.get(code) ?? 0;
  }

  examples(): readonly QuarantineExample[] {
    return this.#examples;
  }

  /** Lines for a terminal: the counts, then the examples. Empty when nothing was refused. */
  lines(): string[] {
    if (this.#total === 0) return [];
    const counts = Object.entries(this.counts()).map(([name, count]) => `${name} ${count}`);
    const examples = this.#examples.map((one) => `  ${one.place}: ${one.reason}: ${one.text}`);
    return [`refused ${this.#total} (${counts.join(", ")})`, ...examples];
  }
}

/** Name of a refusal, or its number when this build does not know it. */
export function reasonName(code: number): string {
  return Refusal[code] ?? `refusal ${code}`;
}

/** Bytes of a garbage file do not reach a terminal. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}
