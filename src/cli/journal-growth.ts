// How fast the journals of a data directory grow, and when their disk is full: for doctor.
//
// Measured from the segments themselves: when each was begun and how large it is. The fastest of
// the last few counts, because an engine that stood still for a night says nothing about the day.
//
// tidy: tested by test/src/cli/journal-growth.test.ts
import { createHasher } from "../core/hasher.ts";
import { loadBuild } from "../core/build.ts";
import type { Disk } from "../journal/disk.ts";
import { SEGMENT_HEADER_BYTES, streamFolder, type HashBytes } from "../journal/format.ts";
import { segmentSizes } from "../journal/segment-cap.ts";
import { SegmentReader } from "../journal/segment-reader.ts";
import { journalRange, seekBlock } from "../journal/seek.ts";
import { streamsOf } from "../oms/timeline.ts";

/** Segments at the end whose speed is looked at. */
const SEGMENTS_MEASURED = 8;
/** A shorter time says nothing about an hour. */
const MEASURED_SECONDS_MIN = 60;
const NANOS_PER_HOUR = 3.6e12;

/** One stream's journal. */
export interface Growth {
  stream: number;
  /** Of all its segment files. */
  bytes: number;
  /** Undefined while there is too little to measure. */
  bytesPerHour: number | undefined;
}

/** Growth of every stream below a journal folder; throws JOURNAL_NOT_FOUND. */
export function growthOf(disk: Disk, dir: string): Growth[] {
  const hash = createHasher(loadBuild());
  return streamsOf(dir).map((stream) => {
    const folder = streamFolder(dir, stream);
    const sizes = segmentSizes(disk, folder);
    const bytes = sizes.reduce((sum, one) => sum + one.bytes, 0);
    const speeds = sealedSpeeds(disk, sizes.slice(-SEGMENTS_MEASURED), hash);
    if (speeds.length > 0) return { stream, bytes, bytesPerHour: Math.max(...speeds) };
    return { stream, bytes, bytesPerHour: openSpeed(disk, folder, stream, hash, sizes) };
  });
}

/** A segment was filled in the time until the next one was begun. */
function sealedSpeeds(
  disk: Disk,
  segments: readonly { path: string; bytes: number }[],
  hash: HashBytes,
): number[] {
  const begun = segments.map(({ path }) => begunNanos(disk, path, hash));
  return segments.slice(0, -1).flatMap(({ bytes }, at) => {
    const [from, to] = [begun[at], begun[at + 1]];
    return from === undefined || to === undefined ? [] : speed(bytes, to - from);
  });
}

function begunNanos(disk: Disk, path: string, hash: HashBytes): bigint | undefined {
  const reader = new SegmentReader(disk, path);
  try {
    return reader.header(hash)?.createdEpochNanos;
  } finally {
    reader.close();
  }
}

/** Without a full segment: what the first one holds, over the time since it was begun. */
function openSpeed(
  disk: Disk,
  folder: string,
  stream: number,
  hash: HashBytes,
  segments: readonly { path: string }[],
): number | undefined {
  const place = { disk, folder, stream, hash };
  const last = seekBlock(place, { sequence: Infinity });
  const begun = segments[0] && begunNanos(disk, segments[0].path, hash);
  if (last === undefined || begun === undefined) return undefined;
  // Engine time begins before the clock is set, so the segment's own time is the beginning.
  return speed(last.offset - SEGMENT_HEADER_BYTES, journalRange(place).tsLastNanos - begun)[0];
}

function speed(bytes: number, nanos: bigint): number[] {
  if (nanos < BigInt(MEASURED_SECONDS_MIN) * 1_000_000_000n) return [];
  return [(bytes * NANOS_PER_HOUR) / Number(nanos)];
}

/**
 * Hours until `freeBytes` are used up; Infinity when nothing grows. Streams of ticks stop growing
 * at `tickBytesMax` (0: they do not).
 */
export function hoursUntilFull(
  growths: readonly Growth[],
  freeBytes: number,
  tickBytesMax: number,
): number {
  let [left, hours] = [freeBytes, 0];
  let growing = growths.map(({ stream, bytes, bytesPerHour = 0 }) => ({
    bytesPerHour,
    room: stream > 0 && tickBytesMax > 0 ? Math.max(0, tickBytesMax - bytes) : Infinity,
  }));
  for (;;) {
    growing = growing.filter(({ bytesPerHour, room }) => bytesPerHour > 0 && room > 0);
    const total = growing.reduce((sum, one) => sum + one.bytesPerHour, 0);
    if (total === 0) return Infinity;
    const next = Math.min(...growing.map(({ bytesPerHour, room }) => room / bytesPerHour));
    if (total * next >= left) return hours + left / total;
    hours += next;
    left -= total * next;
    // The one that is full first has exactly no room, whatever rounding says.
    growing = growing.map((one) => {
      const isFull = one.room / one.bytesPerHour === next;
      return { ...one, room: isFull ? 0 : one.room - one.bytesPerHour * next };
    });
  }
}
