import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Refusal } from "../../../asm/vocab.ts";
import { refusalsText } from "./refusals.ts";

const PATH = fileURLToPath(new URL("../../../asm/risk/REFUSALS.md", import.meta.url));

test("REFUSALS.md has every refusal of this build", async () => {
  await expect(refusalsText(), "renew: npx vitest run FILE -u").toMatchFileSnapshot(PATH);
  const numbers = Object.values(Refusal).filter((value) => typeof value === "number" && value > 0);
  const rows = readFileSync(PATH, "utf8").match(/^\| \d+ \|/gm) ?? [];
  expect(rows.length).toBe(numbers.length);
});
