// Opens the journal of one core instance.
//
// tidy: tested by test/src/oms/engine.test.ts
import { pathToFileURL } from "node:url";

import type { CoreBuild } from "../core/core.ts";
import { createHasher } from "../core/hasher.ts";
import { buildPath } from "../core/paths.ts";
import { Journal, type JournalTail } from "../journal/journal.ts";

/** Where a core instance keeps its journal. */
export interface JournalPlace {
  dir: string;
  /** Core instance: 0 orders or inline, 1.. market workers. */
  stream: number;
  segmentBytes?: number | undefined;
}

/** A journal that stands behind its last block, and what was found. */
export interface OpenJournal {
  journal: Journal;
  tail: JournalTail;
}

/** Opens, locks and verifies the journal; throws what Journal.open throws. */
export function openJournal(
  place: JournalPlace,
  build: CoreBuild,
  onSynced: (sequence: number) => void,
  onFault: (fault: unknown) => void,
): OpenJournal {
  return Journal.open({
    dir: place.dir,
    stream: place.stream,
    build: build.id,
    hash: createHasher(build),
    worker: pathToFileURL(buildPath("workers", "journal.js")),
    onSynced,
    onFault,
    ...(place.segmentBytes === undefined ? {} : { segmentBytes: place.segmentBytes }),
  });
}
