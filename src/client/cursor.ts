// Numbers of one stream: what comes next, what was lost, what was seen before.
import { FrameType } from "../../asm/vocab.ts";
import type { FrameHeader } from "../protocol.ts";

/** Own records of a stream that never came, or market data the server left out. */
export interface Gap {
  stream: number;
  /** Number of the first record that is missing. */
  expected: number;
  /** Number of the next one that came. */
  received: number;
  /** True when the server said so itself: this receiver was too slow for market data. */
  isConflated: boolean;
}

/** Follows the numbers of one stream. */
export class StreamCursor {
  /** Number of the next record; 0 = not known yet. */
  next = 0;

  /**
   * Takes a frame: `skip` of its records were seen before; `gap` when numbers are missing before
   * it. State frames (Snapshot, Conflated) carry no numbered records: they set what comes next.
   */
  take(frame: FrameHeader): { skip: number; gap: Gap | undefined } {
    const { stream, streamSequence: received } = frame;
    const expected = this.next;
    if (frame.type === FrameType.Snapshot) {
      this.next = received;
      return { skip: 0, gap: undefined };
    }
    const isConflated = frame.type === FrameType.Conflated;
    const isAhead = expected !== 0 && received > expected;
    const gap = isAhead ? { stream, expected, received, isConflated } : undefined;
    if (isConflated) {
      this.next = received;
      return { skip: 0, gap };
    }
    const skip = expected > received ? Math.min(expected - received, frame.records) : 0;
    this.next = Math.max(expected, received + frame.records);
    return { skip, gap };
  }
}
