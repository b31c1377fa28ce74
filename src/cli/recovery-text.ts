// What an operator reads of a recovery.
import type { JournalTail } from "../journal/journal.ts";
import type { Recovery } from "../oms/recovery.ts";

/** What was brought back and how; empty for a first start. */
export function recoveryLines({ snapshot, refused, tail, blocks, records }: Recovery): string[] {
  const lines = refused.map((one) => `snapshot not used, ${one}`);
  if (snapshot !== undefined) lines.push(`state of the snapshot at sequence ${snapshot.sequence}`);
  if (tail !== undefined) lines.push(...cutLines(tail));
  if (blocks > 0) lines.push(`recovered ${records} records of ${blocks} blocks from the journal`);
  return lines;
}

/** What was cut from the journal's end by this start and, until the files are removed, before. */
function cutLines({ tornBytes, tornAt, cuts }: JournalTail): string[] {
  const lines: string[] = [];
  if (tornBytes > 0) lines.push(`${tornBytes} bytes of an incomplete block were cut: ${tornAt}`);
  if (cuts.length === 0) return lines;
  const files = cuts.length === 1 ? "1 file" : `${cuts.length} files`;
  const what = `${files} beside the journal keep what recovery has cut (${cuts.join(", ")})`;
  return [...lines, `${what}; if an acknowledged order is missing restore a backup, else remove`];
}
