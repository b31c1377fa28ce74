// A parent in the journal: who asked for it, when it began, how it ended, its first children.
//
// tidy: tested by test/src/cli/why-command.test.ts
import { Kind, OrderFlag, REC_CAUSE, REC_KIND } from "../../asm/vocab.ts";
import { recordBytes, decode, isRecord, type DecodedRecord } from "../protocol.ts";
import { inputOf, inputs, replayed } from "./replayed.ts";
import type { CauseOptions, CauseStep } from "./replayed.ts";

/** A parent by its owner's name; `isAsked` says that its children are wanted too. */
export interface ParentKey {
  account: number;
  clientId: bigint;
  isAsked: boolean;
}

/** Children shown of a parent that is asked for. */
const CHILDREN_MAX = 8;
const COMMANDS: readonly number[] = [Kind.ParentNew, Kind.ParentCancel];

/** Records of the parent by sequence: commands, first progress, end, children; none if unknown. */
export function parentSteps(key: ParentKey, options: CauseOptions): CauseStep[] {
  const steps: CauseStep[] = [];
  let children = 0;
  let hasBegun = false;
  const isWanted = (record: DecodedRecord): boolean => {
    if (Number(record["account"]) !== key.account) return false;
    if (isRecord(record, Kind.OrderAccepted)) {
      const isChild = (record.orderFlags & OrderFlag.Engine) !== 0;
      if (!key.isAsked || !isChild || record.linkedClientId !== key.clientId) return false;
      children += 1;
      return children <= CHILDREN_MAX;
    }
    if (record["clientId"] !== key.clientId) return false;
    if (isRecord(record, Kind.ParentDone)) return true;
    // Each slice is told; the first says that it began.
    if (!isRecord(record, Kind.ParentProgress) || hasBegun) return false;
    hasBegun = true;
    return true;
  };
  for (const [core, block] of replayed(options)) {
    for (const record of inputs(block, (kind) => COMMANDS.includes(kind))) {
      const isOurs = record["account"] === key.account && record["clientId"] === key.clientId;
      if (isOurs) steps.push({ stream: 0, sequence: record.sequence, isInput: true, record });
    }
    const { view } = core;
    core.replayBlock(block.bytes, (from, to) => {
      for (let at = from; at < to; at += recordBytes(view, at)) {
        if (!KINDS.includes(view.getUint16(at + REC_KIND, true))) continue;
        const record = decode(view, at);
        if (!isWanted(record)) continue;
        const sequence = view.getBigUint64(at + REC_CAUSE, true);
        const isKnown = steps.some((one) => one.isInput && one.sequence === sequence);
        if (!isKnown) steps.push(...inputOf(block, 0, sequence));
        steps.push({ stream: 0, sequence, isInput: false, record });
      }
    });
  }
  return steps;
}

const KINDS: readonly number[] = [Kind.OrderAccepted, Kind.ParentProgress, Kind.ParentDone];
