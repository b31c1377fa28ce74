// Two builds side by side over one journal: the first event that differs, or none.
//
// Outputs are compared block by block, byte for byte. A state may also differ before any output
// tells: the state hashes are compared at stops, and between two stops again at closer ones, until
// the record is known. A build with another memory layout cannot be driven by this one's host.
//
// tidy: tested by test/src/oms/upgrade.test.ts
import { H_LAYOUT, LAYOUT_VERSION } from "../../asm/layout.ts";
import { BLOCK_HEADER_BYTES, REC_CAUSE, REC_SEQUENCE } from "../../asm/vocab.ts";
import { Core, type CoreBuild } from "../core/core.ts";
import { AlphaError } from "../errors.ts";
import { recordBytes, type DecodedRecord } from "../protocol.ts";
import { requireFirst } from "./recovery.ts";
import { decodeBytes } from "./state-query.ts";
import { hashesOf, pieces, type Timeline } from "./timeline.ts";

/** Stops of one pass between which the states are compared. */
const STOPS = 64;

/** Where two builds part. */
export interface BuildDifference {
  /** The input they answer differently, or the first behind which their states differ. */
  sequence: number;
  input: DecodedRecord | undefined;
  /** What each made of it, or why it could not. */
  ours: DecodedRecord[];
  theirs: DecodedRecord[];
  ourFault: string;
  theirFault: string;
  /** True when both say the same and only the states differ. */
  isState: boolean;
}

export interface UpgradeReport {
  ours: string;
  theirs: string;
  /** Records both have taken, and their states behind the last of these. */
  records: number;
  ourHash: { market: string; order: string };
  theirHash: { market: string; order: string };
  difference: BuildDifference | undefined;
}

/** Replays up to a sequence in both builds; throws UPGRADE_LAYOUT, RECOVERY_GAP. */
export function compareBuilds(
  timeline: Timeline,
  theirs: CoreBuild,
  to: number,
  onProgress: (sequence: number) => void = () => undefined,
): UpgradeReport {
  let from = 0;
  let end = to;
  for (;;) {
    const pass = new Pass(timeline, theirs);
    const every = Math.max(1, Math.ceil((end - from) / STOPS));
    const found = pass.run(from, end, every, onProgress);
    const isFound = found === undefined || !("window" in found);
    if (isFound || every === 1) return pass.report(isFound ? found : pass.stateAt(found.window[1]));
    [from, end] = found.window;
  }
}

/** States differ somewhere behind the first and at the latest behind the second record. */
interface Window {
  window: [number, number];
}

/** Both cores from the first record on. */
class Pass {
  private readonly timeline: Timeline;
  private readonly ours: Half;
  private readonly theirs: Half;
  private last: Uint8Array | undefined;

  constructor(timeline: Timeline, theirs: CoreBuild) {
    this.timeline = timeline;
    this.ours = new Half(timeline, timeline.build);
    this.theirs = new Half(timeline, theirs);
    const layout = this.theirs.core.view.getUint32(H_LAYOUT, true);
    if (layout === LAYOUT_VERSION) return;
    const what = `the other core has memory layout ${layout}, this host reads ${LAYOUT_VERSION}`;
    const remedy = "run the check of that checkout against this one's core.wasm, or compare hashes";
    throw new AlphaError("UPGRADE_LAYOUT", what, remedy);
  }

  /** Undefined when both end alike. */
  run(
    from: number,
    to: number,
    every: number,
    onProgress: (sequence: number) => void,
  ): BuildDifference | Window | undefined {
    let alike = from;
    const { range } = this.timeline;
    for (const block of this.timeline.replayBlocks(range.firstSequence, to)) {
      if (block.header.firstSequence === range.firstSequence) {
        requireFirst(block.header.index, block.path);
      }
      const isBefore = block.header.firstSequence + block.header.records - 1 <= from;
      for (const piece of pieces(block, to, isBefore ? Infinity : every)) {
        const difference = this.take(piece);
        if (difference !== undefined) return difference;
        const { sequence } = this.ours.core;
        const isStop = sequence > from && (sequence % every === 0 || sequence === to);
        if (!isStop) continue;
        if (!this.isAlike()) return { window: [alike, sequence] };
        alike = sequence;
      }
      onProgress(this.ours.core.sequence);
    }
    return undefined;
  }

  /** The last record taken as the place where the states part. */
  stateAt(sequence: number): BuildDifference {
    const { last } = this;
    const input = last === undefined ? undefined : inputIn(last, sequence);
    const said = (half: Half): DecodedRecord[] => half.causedBy(sequence);
    const faults = { ourFault: "", theirFault: "" };
    return {
      sequence,
      input,
      ours: said(this.ours),
      theirs: said(this.theirs),
      ...faults,
      isState: true,
    };
  }

  report(difference: BuildDifference | undefined): UpgradeReport {
    const { ours, theirs } = this;
    return {
      ours: ours.core.build.sha256,
      theirs: theirs.core.build.sha256,
      records: ours.core.sequence,
      ourHash: hashesOf(ours.core),
      theirHash: hashesOf(theirs.core),
      difference,
    };
  }

  private take(bytes: Uint8Array): BuildDifference | undefined {
    this.last = bytes;
    this.ours.take(bytes);
    this.theirs.take(bytes);
    const sequence = firstDifference(this.ours, this.theirs);
    if (sequence === undefined) return undefined;
    return {
      ...{ sequence, input: inputIn(bytes, sequence) },
      ...{ ours: this.ours.causedBy(sequence), theirs: this.theirs.causedBy(sequence) },
      ...{ ourFault: this.ours.fault, theirFault: this.theirs.fault, isState: false },
    };
  }

  private isAlike(): boolean {
    const [a, b] = [hashesOf(this.ours.core), hashesOf(this.theirs.core)];
    return a.market === b.market && a.order === b.order;
  }
}

/** One core and what it said of the last records. */
class Half {
  readonly core: Core;
  /** Why it stopped; "" while it runs. */
  fault = "";
  said: Uint8Array[] = [];

  constructor({ roles, stream }: Timeline, build: CoreBuild) {
    try {
      this.core = Core.create(build, { roles, stream });
    } catch (error) {
      if (error instanceof AlphaError) throw error;
      const what = `the other core cannot be loaded here: ${(error as Error).message}`;
      throw new AlphaError("CORE_FOREIGN", what, "name the core.wasm of a build of this engine");
    }
  }

  take(block: Uint8Array): void {
    this.said = [];
    try {
      this.core.replayBlock(block, (from, to) => this.said.push(this.core.u8.slice(from, to)));
    } catch (error) {
      // A trap or an assertion: the other build may go on where this one stops.
      this.fault = error instanceof Error ? error.message : String(error);
    }
  }

  *records(): Generator<Uint8Array, void> {
    for (const run of this.said) {
      const view = viewOf(run);
      for (let at = 0; at < run.length;) {
        const end = at + recordBytes(view, at);
        yield run.subarray(at, end);
        at = end;
      }
    }
  }

  causedBy(sequence: number): DecodedRecord[] {
    const own = [...this.records()].filter((one) => causeOf(one) === sequence);
    return own.map(decodeBytes);
  }
}

/** Sequence of the first input that was answered differently; undefined when none was. */
function firstDifference(ours: Half, theirs: Half): number | undefined {
  if (isSame(ours.said, theirs.said) && ours.fault === theirs.fault) return undefined;
  const [a, b] = [[...ours.records()], [...theirs.records()]];
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [one, other] = [a[at], b[at]];
    if (one !== undefined && other !== undefined && Buffer.compare(one, other) === 0) continue;
    const causes = [one, other].flatMap((record) =>
      record === undefined ? [] : [causeOf(record)],
    );
    return Math.min(...causes);
  }
  if (ours.fault === theirs.fault) return undefined;
  // Both said the same and one of them stopped.
  return (ours.fault === "" ? theirs : ours).core.sequence;
}

function isSame(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((run, at) => Buffer.compare(run, b[at]!) === 0);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function causeOf(record: Uint8Array): number {
  return Number(viewOf(record).getBigUint64(REC_CAUSE, true));
}

function inputIn(block: Uint8Array, sequence: number): DecodedRecord | undefined {
  const view = viewOf(block);
  for (let at: number = BLOCK_HEADER_BYTES; at < block.length; at += recordBytes(view, at)) {
    if (Number(view.getBigUint64(at + REC_SEQUENCE, true)) !== sequence) continue;
    return decodeBytes(block.subarray(at, at + recordBytes(view, at)));
  }
  return undefined;
}
