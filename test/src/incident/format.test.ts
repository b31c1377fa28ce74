// The container: what was put in comes out, and no byte of it can be lost, changed or exchanged.
import { readFileSync } from "node:fs";
import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";

import { LAYOUT_VERSION, MEMORY_PAGES } from "../../../asm/layout.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { createHasher } from "../../../src/core/hasher.ts";
import { buildPath } from "../../../src/core/paths.ts";
import { AlphaError } from "../../../src/errors.ts";
import { FileSet } from "../../../src/incident/file-set.ts";
import {
  CORE_NAME,
  INCIDENT_CHUNK_BYTES_MAX,
  IncidentWriter,
} from "../../../src/incident/format.ts";
import { readIncident } from "../../../src/incident/read.ts";

const hash = createHasher(loadBuild());
const coreBytes = readFileSync(buildPath("core.wasm"));
const isDeep = process.env["ALPHAPULSE_DEEP"] === "1";

function write(fill: (writer: IncidentWriter) => void, layout = LAYOUT_VERSION): Uint8Array {
  const parts: Uint8Array[] = [];
  const sink = { hash, deflate: deflateSync, write: (bytes: Uint8Array) => void parts.push(bytes) };
  const writer = new IncidentWriter(sink, 7n, 64e6);
  writer.add(CORE_NAME, 0, coreBytes);
  fill(writer);
  writer.addText("manifest.json", JSON.stringify({ layout, memoryPages: MEMORY_PAGES }));
  writer.end();
  return new Uint8Array(Buffer.concat(parts));
}

function read(bytes: Uint8Array, onProgress: (share: number) => void = () => undefined) {
  const own = Uint8Array.from(bytes);
  const source = {
    bytes: own.length,
    read: async (from: number, count: number) => own.slice(from, from + count),
  };
  return readIncident(source, onProgress);
}

async function codeOf(bytes: Uint8Array): Promise<string> {
  try {
    await read(bytes);
    return "";
  } catch (error) {
    return error instanceof AlphaError ? error.code : String(error);
  }
}

/** Bytes that do not pack. */
function noise(count: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

describe("an incident file", () => {
  test("gives back files, holes and texts, and tells how far it is", async () => {
    const large = noise(INCIDENT_CHUNK_BYTES_MAX * 2 + 5);
    const bytes = write((writer) => {
      writer.addText("note.txt", "what happened");
      writer.add("0/a", 0, Uint8Array.of(1, 2, 3));
      writer.add("0/a", 2_000_000_000, Uint8Array.of(9));
      writer.add("0/b", 0, large);
    });
    const shares: number[] = [];
    const { files, build } = await read(bytes, (share) => shares.push(share));
    expect(build.sha256).toBe(loadBuild().sha256);
    expect(files.text("note.txt")).toBe("what happened");
    expect(Buffer.compare(files.all("0/b"), large)).toBe(0);
    expect(shares.at(-1)).toBe(1);
    expect([...shares].sort((a, b) => a - b)).toEqual(shares);
    const disk = files.disk();
    expect(disk.list("0").sort()).toEqual(["a", "b"]);
    const fd = disk.open("0/a", "r");
    expect(disk.size(fd)).toBe(2_000_000_001);
    const into = new Uint8Array(4).fill(255);
    expect(disk.read(fd, into, 0, 4, 1)).toBe(4);
    expect([...into], "bytes that were left out are 0").toEqual([2, 3, 0, 0]);
    expect(disk.read(fd, into, 0, 4, 2_000_000_000)).toBe(1);
    expect(() => disk.open("0/c", "r")).toThrow("0/c");
    expect(() => disk.write(fd, into, 0, 1, 0)).toThrow("not written");
  });

  test("cut anywhere it is torn, changed anywhere it is refused", async () => {
    const bytes = write((writer) => writer.add("0/a", 0, noise(300)));
    const step = isDeep ? 1 : 1009;
    for (let at = 0; at < bytes.length; at += step) {
      const code = await codeOf(bytes.subarray(0, at));
      expect(["INCIDENT_TORN", "INCIDENT_FORMAT"], `cut at ${at}`).toContain(code);
    }
    const last = bytes.length - 700;
    const places = Array.from({ length: 100 }, (_, at) => at);
    for (let at = 100; at < bytes.length; at += at < last ? step * 40 : 13) places.push(at);
    for (const at of places) {
      const damaged = bytes.slice();
      damaged[at]! ^= 1 << (at % 8);
      expect(await codeOf(damaged), `bit flipped in byte ${at}`).toMatch(/^INCIDENT_|^CORE_/);
    }
    expect(await codeOf(bytes)).toBe("");
  });

  test("exchanged, doubled or lost chunks break the chain", async () => {
    const bytes = write((writer) => {
      for (const name of ["x", "y", "z"]) writer.add(name, 0, noise(200));
    });
    const chunk = 128 + 200;
    const at = Buffer.from(bytes).indexOf("x\0", 64 + 128 + 1000) - 48;
    const [x, y] = [bytes.slice(at, at + chunk), bytes.slice(at + chunk, at + 2 * chunk)];
    const swapped = bytes.slice();
    swapped.set(y, at);
    swapped.set(x, at + chunk);
    expect(await codeOf(swapped)).toBe("INCIDENT_CORRUPT");
    const lost = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + chunk)]);
    expect(await codeOf(lost)).toBe("INCIDENT_CORRUPT");
    const behind = Buffer.concat([bytes, Uint8Array.of(0)]);
    expect(await codeOf(behind)).toBe("INCIDENT_CORRUPT");
  });

  test("content that unpacks to more than it says is not taken", async () => {
    const bomb = write((writer) => writer.add("0/a", 0, new Uint8Array(100_000)));
    const at = Buffer.from(bomb).indexOf("0/a") - 48;
    const view = new DataView(bomb.buffer);
    const length = 128 + view.getUint32(at + 4, true);
    view.setUint32(at + 40, 10, true);
    view.setBigUint64(at + 16, 0n, true);
    view.setBigUint64(at + 16, hash(bomb.subarray(at, at + length)), true);
    await expect(read(bomb)).rejects.toThrow("more content than it says");
  });

  test("another memory layout is refused by name", async () => {
    const bytes = write(() => undefined, LAYOUT_VERSION + 1);
    await expect(read(bytes)).rejects.toMatchObject({ code: "INCIDENT_LAYOUT" });
  });

  test("content beyond the limit is refused with what to do", () => {
    const sink = { hash, deflate: deflateSync, write: () => undefined };
    const writer = new IncidentWriter(sink, 7n, 1000);
    writer.add("a", 0, new Uint8Array(1000));
    expect(() => writer.add("a", 1000, new Uint8Array(1))).toThrow("more than 0 MB");
  });
});

test("bytes at one place twice are refused", () => {
  const files = new FileSet();
  files.add("a", 0, new Uint8Array(10));
  expect(() => files.add("a", 9, new Uint8Array(1))).toThrow("twice");
});
