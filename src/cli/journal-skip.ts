// journal skip: a person decides to go on without a record that stops the core; and the line for a
// record the engine passed by itself.
//
// tidy: tested by test/src/oms/rescue.test.ts
import type { Command } from "commander";

import { decide } from "../oms/decide.ts";
import type { Poison } from "../oms/rescue.ts";
import {
  folderOf,
  timelineOf,
  wholeOf,
  withPlaceOptions,
  type PlaceFlags,
} from "./journal-place.ts";

export function addSkip(journal: Command): void {
  const command = journal
    .command("skip")
    .description("decide to go on without a record that stops the core at a start")
    .argument("<sequence>", "the record that RECOVERY_POISON names")
    .argument("[dir]", "folder of the journal (default: that of the data directory)");
  withPlaceOptions(command)
    .addHelpText(
      "after",
      "\nThe engine must be stopped. The record stays in the journal; the decision is written\n" +
        "behind its last record, and every replay passes the record by from then on. A record\n" +
        "that does not stop the core cannot be skipped.",
    )
    .action(async (text: string, dir: string | undefined, flags: PlaceFlags) => {
      const sequence = wholeOf(text, "sequence");
      const timeline = timelineOf(dir, flags);
      await decide(timeline, folderOf(dir, flags), sequence);
      const done = { stream: timeline.stream, skipped: sequence };
      process.stdout.write(
        flags.json === true
          ? `${JSON.stringify(done)}\n`
          : `record ${sequence} of stream ${timeline.stream} is passed by from now on: start\n`,
      );
    });
}

/** What an operator reads when the engine went on without a record. */
export function poisonLine({ sequence, kind, instrument, trap, millis }: Poison): string {
  const where = instrument === 0 ? "" : ` of instrument ${instrument}`;
  return (
    `ALERT record ${sequence} (${kind}${where}) stopped the core and was passed by after ` +
    `${Math.round(millis)} ms: ${trap}; report it with: ` +
    `alphapulse incident export poison-${sequence}.apx --around ${sequence}`
  );
}
