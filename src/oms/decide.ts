// A person's decision to pass by a record that stops the core, written to the journal's end.
//
// tidy: tested by test/src/oms/rescue.test.ts
import { H_SEQUENCE, H_TS_ENGINE } from "../../asm/layout.ts";
import { Kind } from "../../asm/vocab.ts";
import { Core, PoisonError } from "../core/core.ts";
import { AlphaError } from "../errors.ts";
import { encode } from "../protocol.ts";
import { openJournal } from "./open-journal.ts";
import type { Timeline } from "./timeline.ts";

/**
 * Writes the decision to pass a record by to the end of its journal, which no engine may have open.
 * Throws DECISION_REFUSED unless a replay stops at that very record: to skip one that was applied
 * would take back what was acknowledged.
 */
export async function decide(timeline: Timeline, dir: string, sequence: number): Promise<void> {
  const stopped = stoppedAt(timeline, sequence);
  if (stopped !== sequence) {
    throw new AlphaError(
      "DECISION_REFUSED",
      stopped === 0
        ? `record ${sequence} of stream ${timeline.stream} does not stop this core`
        : `record ${stopped} stops this core before record ${sequence}`,
      stopped === 0
        ? "nothing needs to be skipped: start"
        : `decide first: journal skip ${stopped}`,
    );
  }
  const { build, roles, stream, range } = timeline;
  const ignore = (): void => undefined;
  const { journal, tail } = openJournal({ dir, stream }, { build, roles }, ignore, ignore);
  const core = Core.create(build, { roles, stream });
  core.setChain(tail.prevHash, BigInt(tail.blockIndex));
  core.view.setBigUint64(H_SEQUENCE, BigInt(tail.sequence), true);
  core.view.setBigInt64(H_TS_ENGINE, range.tsLastNanos, true);
  const at = core.control.reserve(1);
  encode(core.view, at, Kind.SkipRecord, { skipSequence: BigInt(sequence) });
  core.control.commit();
  core.control.publish();
  const records = core.run(-1, 1);
  const bytes = core.seal();
  try {
    journal.append(core.u8, core.blockAt, bytes, tail.sequence + 1, records);
    journal.requestSync();
  } finally {
    await journal.close();
  }
}

/** The record that stops a replay up to `sequence`; 0 when none does. */
function stoppedAt(timeline: Timeline, sequence: number): number {
  try {
    timeline.stateAt(timeline.sequenceOf({ sequence }));
    return 0;
  } catch (error) {
    if (error instanceof PoisonError) return error.sequence;
    throw error;
  }
}
