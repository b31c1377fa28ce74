// The answer of a command that stopped the core: it is in the journal, marked, and was passed by.
//
// tidy: tested by test/asm/orders/skipped.test.ts
import { O_LIMIT_VALUE } from "../layout";
import { outEnd } from "../output";
import { Kind, REC_KIND, Refusal } from "../vocab";
import { denialBegin, denyAmend, denyCancel, denyMass } from "./event";
import { denyParent } from "./parent-command";

/** Answers a command that stopped the core; what names no order has no answer of its own. */
export function denySkipped(rec: usize): void {
  store<i64>(O_LIMIT_VALUE, 0);
  switch (<i32>load<u16>(rec, REC_KIND)) {
    case Kind.OrderNew:
      return outEnd(denialBegin(rec, Refusal.PoisonRecord));
    case Kind.ParentNew:
      return denyParent(rec, Refusal.PoisonRecord);
    case Kind.OrderCancel:
    case Kind.ParentCancel:
      return denyCancel(rec, 0, Refusal.PoisonRecord);
    case Kind.MassCancel:
      return denyMass(rec, Refusal.PoisonRecord);
    case Kind.OrderAmend:
    case Kind.OrderReplace:
      return denyAmend(rec, 0, Refusal.PoisonRecord);
  }
}
