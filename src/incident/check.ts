// What a test made of an incident asks: the slice through the core of this checkout, and whether
// what came out is what somebody expects.
//
// A replay that traps or that contradicts a checkpoint of the journal fails whatever is expected.
// Beyond that an expectation is one of
//   outputs              every output of the range is, byte for byte, the one that was recorded
//   hash                 the state behind the last input has the recorded hash
//   replays              nothing beyond
//   never KIND [f=v ..]  no output of the range is of that kind with these fields
//   some KIND [f=v ..]   at least one is
//
// tidy: tested by test/src/cli/incident-command.test.ts
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

import { Kind, REC_CAUSE, REC_KIND } from "../../asm/vocab.ts";
import { loadBuild } from "../core/build.ts";
import type { CoreBuild } from "../core/core.ts";
import { AlphaError, describeError } from "../errors.ts";
import { scanBlocks } from "../journal/scan.ts";
import { recoverBlock } from "../oms/recovery.ts";
import { split } from "../oms/snapshot.ts";
import { decode, layoutOf, recordBytes, type DecodedRecord, type FieldValue } from "../protocol.ts";
import { OUTPUTS_NAME } from "./collect.ts";
import { readIncident, type Incident } from "./read.ts";
import { noSnapshot, openSlice, sliceOf } from "./slice.ts";

/** Differences of one record that are shown. */
const FIELDS_SHOWN_MAX = 8;

/** Fields that every record has. */
const HEADER_FIELDS = ["instrument", "flags", "sequence", "tsEngineNanos", "cause"];

/** Reads and checks an incident file. */
export async function readIncidentFile(
  path: string,
  onProgress: (share: number) => void = () => undefined,
): Promise<Incident> {
  const fd = openSync(path, "r");
  try {
    const source = {
      bytes: fstatSync(fd).size,
      read: async (from: number, bytes: number) => {
        const into = new Uint8Array(bytes);
        return into.subarray(0, readSync(fd, into, 0, bytes, from));
      },
    };
    return await readIncident(source, onProgress);
  } finally {
    closeSync(fd);
  }
}

/**
 * Replays the slice of an incident file through the core of this checkout; throws an Error that
 * shows the first thing that is not as expected.
 */
export async function checkIncident(
  path: string,
  expected: readonly string[],
  build: CoreBuild = loadBuild(),
): Promise<void> {
  const wanted = expected.map(parseExpectation);
  const incident = await readIncidentFile(path);
  const { outputs, stateHash } = replayRange(incident, build);
  for (const one of wanted) {
    if (one.word === "outputs") compareOutputs(incident, outputs);
    else if (one.word === "hash") compareHash(incident, stateHash);
    else if (one.word !== "replays") compareKind(one, outputs);
  }
}

/** Outputs of the range and the hash at the end; throws where the replay ends before. */
function replayRange(
  incident: Incident,
  build: CoreBuild,
): { outputs: Uint8Array[]; stateHash: string } {
  const { fromSequence, toSequence } = incident.manifest;
  const { core, recovery, scan, firstIndex } = openSlice(sliceOf(incident), build);
  const outputs: Uint8Array[] = [];
  let isFirst = scan.start === undefined;
  const keep = (from: number, to: number): void => {
    for (let at = from; at < to; at += recordBytes(core.view, at)) {
      if (core.view.getUint16(at + REC_KIND, true) === (Kind.Pad as number)) continue;
      const cause = Number(core.view.getBigUint64(at + REC_CAUSE, true));
      if (cause < fromSequence || cause > toSequence) continue;
      outputs.push(core.u8.slice(at, at + recordBytes(core.view, at)));
    }
  };
  for (const { header, bytes } of scanBlocks(scan)) {
    if (header.index < firstIndex) continue;
    if (isFirst && header.index !== 0) throw noSnapshot(header.index, recovery.refused);
    isFirst = false;
    try {
      recoverBlock(core, bytes, recovery, keep);
    } catch (error) {
      const why = error instanceof AlphaError ? error.message : describeError(error).split("\n")[0];
      const last = header.firstSequence + header.records - 1;
      throw new Error(
        `the replay ends in the block of sequences ${header.firstSequence} to ${last}, behind ` +
          `${core.sequence}: ${why}`,
        { cause: error },
      );
    }
  }
  return { outputs, stateHash: core.stateHashText() };
}

function compareHash({ manifest }: Incident, actual: string): void {
  if (actual === manifest.stateHash) return;
  throw new Error(
    `the state behind sequence ${manifest.lastSequence} has hash ${actual}, recorded was ` +
      (manifest.stateHash || `none, the replay ended ${manifest.trap}`),
  );
}

function compareOutputs({ files }: Incident, outputs: readonly Uint8Array[]): void {
  const recorded = files.has(OUTPUTS_NAME) ? [...split(files.all(OUTPUTS_NAME))] : [];
  const count = Math.max(recorded.length, outputs.length);
  for (let at = 0; at < count; at++) {
    const [before, now] = [recorded[at], outputs[at]];
    if (before !== undefined && now !== undefined && isSame(before, now)) continue;
    throw new Error(`output ${at + 1} of ${recorded.length} ${differenceText(before, now)}`);
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** The record that differs: its fields with both values. */
function differenceText(before: Uint8Array | undefined, now: Uint8Array | undefined): string {
  if (before === undefined || now === undefined) {
    const one = decodeOne((before ?? now)!);
    return `${now === undefined ? "is missing" : "is new"}: ${recordText(one)}`;
  }
  const [was, is] = [decodeOne(before), decodeOne(now)];
  const names = Object.keys({ ...was, ...is }).filter(
    (name) => fieldText(was[name]) !== fieldText(is[name]),
  );
  const lines = names
    .slice(0, FIELDS_SHOWN_MAX)
    .map((name) => `\n  ${name}: recorded ${fieldText(was[name])}, now ${fieldText(is[name])}`);
  return `differs: ${was.name} caused by sequence ${was.cause}${lines.join("")}`;
}

function compareKind({ word, kind, fields }: Expectation, outputs: readonly Uint8Array[]): void {
  const found = outputs.map(decodeOne).find((record) => {
    if (record.kind !== kind) return false;
    return fields.every(([name, value]) => fieldText(record[name]) === value);
  });
  if (word === "never" && found !== undefined) {
    throw new Error(`there is an output that never should be: ${recordText(found)}`);
  }
  if (word === "some" && found === undefined) {
    const what = [Kind[kind], ...fields.map(([name, value]) => `${name}=${value}`)].join(" ");
    throw new Error(`none of the ${outputs.length} outputs is a ${what}`);
  }
}

interface Expectation {
  word: string;
  kind: number;
  fields: readonly [name: string, value: string][];
}

/** Throws INCIDENT_EXPECT for anything but the forms above. */
export function parseExpectation(text: string): Expectation {
  const [word = "", kindName = "", ...rest] = text.trim().split(/\s+/);
  const fault = (what: string): AlphaError =>
    new AlphaError(
      "INCIDENT_EXPECT",
      `"${text}": ${what}`,
      'use outputs, hash, replays, "never KIND field=value ..." or "some KIND field=value ..."',
    );
  if (["outputs", "hash", "replays"].includes(word)) {
    if (kindName !== "") throw fault(`${word} stands alone`);
    return { word, kind: 0, fields: [] };
  }
  if (word !== "never" && word !== "some") throw fault("not an expectation");
  const kind = (Kind as unknown as Record<string, number>)[kindName];
  if (kind === undefined) throw fault(`there is no kind "${kindName}"`);
  const names = [...HEADER_FIELDS, ...Object.keys(layoutOf(kind)?.fields ?? {})];
  const fields = rest.map((pair): [string, string] => {
    const [name = "", value] = pair.split("=");
    if (value === undefined) throw fault(`"${pair}" is not field=value`);
    // A name that is not there would make "never" true of everything.
    if (!names.includes(name)) throw fault(`${kindName} has no "${name}"; ${names.join(", ")}`);
    return [name, value];
  });
  return { word, kind, fields };
}

function decodeOne(bytes: Uint8Array): DecodedRecord {
  return decode(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
}

function recordText(record: DecodedRecord): string {
  const fields = Object.entries(record).filter(([name]) => !["kind", "name"].includes(name));
  return `${record.name} ${fields.map(([name, value]) => `${name}=${fieldText(value)}`).join(" ")}`;
}

function fieldText(value: FieldValue | undefined): string {
  return typeof value === "object" ? JSON.stringify(value) : `${value}`;
}
