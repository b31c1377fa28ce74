import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { checkBinary, KNOWN_BINARIES, loadUws } from "../../../src/gateway/uws.ts";

const bytes = new Uint8Array([1, 2, 3]);
const sum = createHash("sha256").update(bytes).digest("hex");

test("a recorded binary is taken without a word", () => {
  expect(checkBinary("linux_x64_115", bytes, { linux_x64_115: sum })).toBe("");
});

test("a binary nobody recorded is taken, and its sum is told", () => {
  expect(checkBinary("plan9_mips_1", bytes, { linux_x64_115: sum })).toContain(sum);
});

test("a binary that differs from the record is refused before it is loaded", () => {
  expect(() => checkBinary("linux_x64_115", bytes, KNOWN_BINARIES)).toThrow(/recorded is 6f8d96d7/);
});

test("the installed binary is the recorded one", async () => {
  const key = `${process.platform}_${process.arch}_${process.versions.modules}`;
  const loaded = await loadUws();
  if (typeof loaded === "string") {
    // No binary for this Node: the line says which, and the gateway runs on ws.
    expect(loaded).toContain(key);
    return;
  }
  if (KNOWN_BINARIES[key] !== undefined) expect(loaded.notice).toBe("");
  else expect(loaded.notice).toContain("was not examined before");
});
