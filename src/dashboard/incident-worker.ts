// The thread of an incident's page: opens the files, goes through the slice, answers where it is.
//
// It runs the engine's own readers and core. Their memory is shared by its type but with nobody: no
// header of a server is needed for that, so the page works from a file or a plain server.
//
// tidy: tested by test/acceptance/incident.test.ts
import { Kind } from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import { openBlobs } from "../incident/blobs.ts";
import { Walk } from "../incident/walk.ts";
import { decode, isRecord } from "../protocol.ts";
import type { Answer, Ask, Opened, Reference, Shown } from "./incident-link.ts";
import { GROUP_NAMES } from "./incident-link.ts";

const CANDLES_SHOWN = 300;
const FILLS_SHOWN = 100;
/** Readings of progress between which the page could not draw anyway. */
const PROGRESS_MILLIS = 50;

/** Only workers have it, so the page's own types do not. */
declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

let walk: Walk | undefined;

function say(answer: Answer): void {
  postMessage(answer);
}

onmessage = async ({ data }: MessageEvent<Ask>) => {
  try {
    if (data.do === "open") await open(data.id, data.files);
    else if (walk !== undefined) show(data.id, data, walk);
  } catch (error) {
    const { code, message, remedy } =
      error instanceof AlphaError
        ? error
        : { code: "PAGE_FAULT", message: String(error), remedy: memoryRemedy(error) };
    say({ id: data.id, fault: { code, what: message, remedy } });
  }
};

function memoryRemedy(error: unknown): string {
  return error instanceof RangeError
    ? "the browser did not give 768 MB of memory twice: close other pages, or use a desktop browser"
    : "keep the file: it shows what this page cannot do";
}

async function open(id: number, files: readonly File[]): Promise<void> {
  let last = 0;
  const progress = (part: string, share: number): void => {
    const now = performance.now();
    if (now - last < PROGRESS_MILLIS) return;
    last = now;
    say({ id, progress: { part, share } });
  };
  const reader = new FileReaderSync();
  const given = files.map((file) => ({ name: file.name, blob: file }));
  const opened = await openBlobs(
    given,
    (blob) => reader.readAsArrayBuffer(blob),
    (share) => progress("Reading", share),
  );
  const { source, build, manifest, texts, bytes } = opened;
  walk = undefined;
  const found = new Walk(source, build);
  const total = manifest?.records ?? 0;
  for (const sequence of found.run()) {
    const done = sequence - found.firstSequence;
    progress("Replaying", total === 0 ? 0.5 : done / total);
  }
  walk = found;
  say({ id, opened: openedOf(found, manifest, texts, bytes, build.sha256) });
}

function openedOf(
  found: Walk,
  manifest: Opened["manifest"],
  texts: Record<string, string>,
  bytes: number,
  core: string,
): Opened {
  const { events, left, samples } = found.index;
  return {
    ...{ manifest, texts, bytes, core, samples },
    end: found.end,
    firstSequence: found.firstSequence,
    snapshotSequence: found.recovery.snapshot?.sequence ?? 0,
    refused: found.recovery.refused,
    reference: referenceOf(found),
    eventsLeft: left,
    marks: {
      sequence: Float64Array.from(events, (one) => one.sequence),
      millis: Float64Array.from(events, (one) => one.millis),
      group: Uint8Array.from(events, (one) => GROUP_NAMES.indexOf(one.group)),
    },
  };
}

/** Names of what records name by number. */
function referenceOf(found: Walk): Reference {
  const reference: Reference = { specs: [], currencies: [], timeframes: [], strategies: [] };
  for (const bytes of found.index.configured.records()) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const record = decode(view, 0);
    if (isRecord(record, Kind.InstrumentSpec)) reference.specs.push(record);
    else if (isRecord(record, Kind.Currency)) reference.currencies.push(record);
    else if (isRecord(record, Kind.Timeframe)) reference.timeframes.push(record);
    else if (isRecord(record, Kind.Strategy)) reference.strategies.push(record);
  }
  return reference;
}

function show(id: number, ask: Extract<Ask, { do: "show" }>, found: Walk): void {
  const { instrument, timeframe } = ask;
  found.go("millis" in ask.at ? found.sequenceAt(nanosOf(ask.at.millis)) : ask.at.sequence);
  const { sequence } = found;
  const shown: Shown = {
    ...found.view(),
    ...{ instrument, timeframe },
    candles: found.index.candlesAt(sequence, instrument, timeframe, CANDLES_SHOWN),
    forming: found.forming(instrument, timeframe),
    fills: found.index.eventsAt(sequence, "fill", FILLS_SHOWN),
    stateHash: ask.wantsHash ? found.stateHash() : "",
  };
  say({ id, shown });
}

function nanosOf(millis: number): bigint {
  return BigInt(Math.round(millis * 1000)) * 1000n;
}
