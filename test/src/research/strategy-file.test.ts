import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { loadStrategy } from "../../../src/research/strategy-file.ts";
import { scratchDir, writeLines } from "./capture.ts";

const SOURCE = `
import { defineStrategy } from "alphapulse/strategy";
import { NAME } from "./name.ts";
export const strategy = defineStrategy({
  name: NAME, about: "from a file", parameters: {},
  needs: () => ({ timeframes: [], indicators: [] }),
  create: () => ({}),
});`;

test("a shipped name needs no file", async () => {
  const loaded = await loadStrategy("breakout");
  expect([loaded.factory.name, loaded.sha256]).toEqual(["breakout", ""]);
});

test("a TypeScript file is bundled with its imports and cached in the given folder", async () => {
  const dir = scratchDir();
  writeFileSync(join(dir, "name.ts"), `export const NAME: string = "mine";`);
  writeFileSync(join(dir, "mine.ts"), SOURCE);
  const loaded = await loadStrategy(join(dir, "mine.ts"), join(dir, "cache"));
  expect(loaded.factory.name).toBe("mine");
  expect(loaded.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(readdirSync(join(dir, "cache", "strategies"))).toHaveLength(1);
  expect(existsSync(join(dir, "mine.mjs"))).toBe(false);
});

test("an unknown name lists the strategies that exist", async () => {
  await expect(loadStrategy("brekout")).rejects.toMatchObject({
    code: "STRATEGY_UNKNOWN",
    remedy: expect.stringContaining("shipped: breakout"),
  });
  await expect(loadStrategy("gone.ts")).rejects.toThrow(/no file "gone.ts"/);
});

test("files that do not compile, throw or export nothing are told apart", async () => {
  const load = (text: string) => loadStrategy(writeLines("broken.ts", [text]));
  await expect(load("export const = 5")).rejects.toMatchObject({ code: "STRATEGY_BUILD" });
  await expect(load("throw new Error('at load')")).rejects.toThrow(/at load/);
  await expect(load("export const other = 5")).rejects.toMatchObject({ code: "STRATEGY_FILE" });
  await expect(load("export const strategy = { name: 'Bad Name' }")).rejects.toThrow(/no strategy/);
});
