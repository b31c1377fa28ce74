// What a parent's records say, in words and in the instrument's units.
//
// tidy: tested by test/src/cli/why-command.test.ts
import { Algorithm, Kind, ParentState, Refusal, Side } from "../../asm/vocab.ts";
import { isRecord, type RecordOf } from "../protocol.ts";

/** How prices and quantities are written. */
export interface UnitText {
  price(ticks: number): string;
  qty(lots: number): string;
}

type ParentRecord = RecordOf<Kind.ParentNew> | RecordOf<Kind.ParentProgress>;

/** "Twap sell 5: Working, 2 filled by 3 children". */
export function sayParent(record: ParentRecord, units: UnitText): string {
  const { algorithm, side, qtyLots } = record;
  const word = (Side[side] ?? "").toLowerCase();
  const what = `${Algorithm[algorithm] ?? algorithm} ${word} ${units.qty(qtyLots)}`;
  if (isRecord(record, Kind.ParentNew)) {
    const limit = record.limitTicks === 0 ? "" : ` not beyond ${units.price(record.limitTicks)}`;
    const seconds = record.intervalNanos / 1e9;
    return `${what}${limit}${seconds === 0 ? "" : `, a slice every ${seconds} s`}`;
  }
  if (!isRecord(record, Kind.ParentProgress, Kind.ParentDone)) return what;
  const { state, filledLots, children, reason } = record;
  const why = reason === 0 ? "" : `; refusal ${reason} ${Refusal[reason] ?? ""}`;
  const filled = `${units.qty(filledLots)} filled by ${children} children`;
  return `${what}: ${ParentState[state] ?? state}, ${filled}${why}`;
}
