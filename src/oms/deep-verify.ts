// Does the journal still give what was said of it: a replay against every checkpoint in it and
// every snapshot beside it.
//
// A checkpoint that disagrees ends the replay, as it ends a start. A snapshot is asked twice: what
// its header says against the replay, and what its pages give against its header.
//
// tidy: tested by test/src/oms/timeline.test.ts
import { Role } from "../../asm/vocab.ts";
import { Core, hex } from "../core/core.ts";
import { AlphaError } from "../errors.ts";
import { snapshotPaths, SnapshotReader, type SnapshotFacts } from "../journal/snapshot-file.ts";
import { emptyRecovery } from "./recovery.ts";
import { loadSnapshot } from "./snapshot.ts";
import { hashesOf, type Timeline } from "./timeline.ts";

/** What became of one snapshot. */
export interface SnapshotVerdict {
  path: string;
  sequence: number;
  /** "" when replay and snapshot agree. */
  problem: string;
  /** Why it could not be compared; "" when it was. */
  passedBy: string;
}

export interface DeepReport {
  stream: number;
  /** Records replayed, and the snapshot the replay had to begin from; "" from the first block. */
  records: number;
  begunFrom: string;
  checkpoints: number;
  snapshots: SnapshotVerdict[];
  /** State hashes at the end. */
  market: string;
  order: string;
  isOtherBuild: boolean;
}

interface Expected {
  facts: SnapshotFacts;
  verdict: SnapshotVerdict;
}

/** Replays all of a stream; throws RECOVERY_HASH, RECOVERY_GAP and what reading throws. */
export function verifyDeep(
  timeline: Timeline,
  onProgress: (sequence: number) => void = () => undefined,
): DeepReport {
  const verdicts: SnapshotVerdict[] = [];
  const expected = new Map<number, Expected>();
  for (const path of snapshotPaths(timeline.place.disk, timeline.place.folder)) {
    const one = expectationOf(timeline, path);
    verdicts.push(one.verdict);
    if (one.facts !== undefined) {
      expected.set(one.facts.blockIndex, { facts: one.facts, verdict: one.verdict });
    }
  }
  const { core, recovery, isOtherBuild } = timeline.stateAt(timeline.range.lastSequence, {
    begin: timeline.range.firstSequence === 1 ? "none" : "oldest",
    onBlock: (sequence, { header }, at) => {
      onProgress(sequence);
      const one = expected.get(header.index + 1);
      if (one === undefined) return;
      one.verdict.passedBy = "";
      if (one.facts.prevHash !== header.hash) one.verdict.problem = "the journal has another block";
      else one.verdict.problem = differenceOf(hashesOf(at), one.facts, "the replay");
    },
  });
  for (const one of expected.values()) {
    if (one.verdict.problem === "") one.verdict.problem = pagesProblem(timeline, one);
  }
  return {
    ...{ stream: timeline.stream, records: recovery.records, checkpoints: recovery.checkpoints },
    ...{ begunFrom: recovery.snapshot?.path ?? "", snapshots: verdicts.reverse() },
    ...{ ...hashesOf(core), isOtherBuild },
  };
}

function expectationOf(
  { place, build, roles }: Timeline,
  path: string,
): { facts: SnapshotFacts | undefined; verdict: SnapshotVerdict } {
  const verdict: SnapshotVerdict = { path, sequence: 0, problem: "", passedBy: "" };
  try {
    const reader = new SnapshotReader(place.disk, path, place.hash);
    reader.close();
    const { facts } = reader;
    verdict.sequence = facts.sequence;
    if (facts.core !== build.sha256) {
      verdict.passedBy = `of core ${facts.core.slice(0, 16)}, this is ${build.sha256.slice(0, 16)}`;
    } else if (facts.roles !== (roles as number)) verdict.passedBy = "of a core with other roles";
    if (verdict.passedBy !== "") return { facts: undefined, verdict };
    // Until the replay comes to it.
    verdict.passedBy = "the replay did not come to its block";
    return { facts, verdict };
  } catch (error) {
    if (!(error instanceof AlphaError)) throw error;
    return { facts: undefined, verdict: { ...verdict, problem: error.message } };
  }
}

/** What the pages of a snapshot give, against its header. */
function pagesProblem(
  { build, roles, stream, place }: Timeline,
  { facts, verdict }: Expected,
): string {
  const core = Core.create(build, { roles, stream });
  try {
    loadSnapshot(core, { path: verdict.path, facts }, place, emptyRecovery().configured);
  } catch (error) {
    if (!(error instanceof AlphaError)) throw error;
    return error.message;
  }
  return differenceOf(hashesOf(core), facts, "its own pages");
}

function differenceOf(
  found: { market: string; order: string },
  { marketHash, orderHash, roles }: SnapshotFacts,
  of: string,
): string {
  const problems: string[] = [];
  if ((roles & Role.Market) !== 0 && hex(marketHash) !== found.market) {
    problems.push(`market state of ${of} is ${found.market}, the snapshot says ${hex(marketHash)}`);
  }
  if ((roles & Role.Order) !== 0 && hex(orderHash) !== found.order) {
    problems.push(`order state of ${of} is ${found.order}, the snapshot says ${hex(orderHash)}`);
  }
  return problems.join("; ");
}
