// One command after the other through a book of its own; nothing is skipped.
import { Kind, Refusal } from "../../asm/vocab.ts";
import { beyondOf, extraOf } from "./extra.ts";
import { type CaseConfig, CaseBook, type Command } from "./matching.ts";

/** What the core said, by the words of the shared cases; `e` is the event's word. */
export type CaseEvent = Record<string, unknown> & { e: string };

/** A command and what came of it. */
export interface StepResult {
  cmd: Command;
  events: CaseEvent[];
  /** What the core does not support, with its numbered reason. */
  unsupported?: string;
}

/** Commands the core takes; for all others there is no record. */
const SENT = ["new", "cancel", "amend", "replace", "mass", "pos", "auction"];
const DENIALS: readonly number[] = [Kind.OrderDenied, Kind.CancelDenied, Kind.AmendDenied];
const DENIED = ["reject", "cancel_reject", "amend_reject"];
/** Refusals that say that the engine does not do this, not that this order may not. */
const UNSUPPORTED: readonly number[] = [
  Refusal.UnknownKind,
  Refusal.InstrumentKindUnsupported,
  Refusal.ExecutionUnsupported,
  Refusal.OrderTypeUnsupported,
  Refusal.TimeInForceUnsupported,
  Refusal.FlagUnsupported,
  Refusal.AlgorithmUnsupported,
];

/** A book and the commands that were sent to it. */
export class CommandRun {
  readonly book: CaseBook;

  constructor(config: CaseConfig = {}) {
    this.book = new CaseBook(config);
  }

  /** Sends one command; its refusals carry `reason` and `refusal`, number and word. */
  step(cmd: Command): StepResult {
    const beyond = beyondOf(cmd);
    if (beyond !== undefined && !SENT.includes(cmd.op)) return this.unsent(cmd, beyond);
    const extra = beyond === undefined ? {} : extraOf(cmd);
    const events = this.book.run(cmd, extra) as CaseEvent[];
    const denials = this.book.answers.filter(({ kind }) => DENIALS.includes(kind));
    let unsupported: string | undefined;
    for (const event of events.filter(({ e }) => DENIED.includes(e))) {
      const denial = denials.shift();
      if (denial === undefined) break;
      const { reason, limit } = denial as unknown as { reason: number; limit: number };
      Object.assign(event, { reason, refusal: refusalName(reason) });
      if (limit !== 0) event["limit"] = limit;
      if (beyond === undefined && !UNSUPPORTED.includes(reason)) continue;
      unsupported = `${beyond ?? "this order"}: refusal ${reason} ${refusalName(reason)}`;
    }
    return { cmd, events, ...(unsupported === undefined ? {} : { unsupported }) };
  }

  /** A command that no record exists for. */
  private unsent(cmd: Command, beyond: string): StepResult {
    const reason = Refusal.UnknownKind;
    const refusal = refusalName(reason);
    const event = { e: "unsupported", ...(cmd.id === undefined ? {} : { id: cmd.id }) };
    return {
      cmd,
      events: [{ ...event, why: beyond, reason, refusal }],
      unsupported: `${beyond}: refusal ${reason} ${refusal}`,
    };
  }
}

/** The word of a refusal: "OrderTypeUnsupported". */
export function refusalName(reason: number): string {
  return Refusal[reason] ?? `refusal ${reason}`;
}
