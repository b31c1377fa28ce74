import { expect, test } from "vitest";
import { Refusal } from "../../../asm/vocab.ts";
import {
  EXAMPLE_CHARACTERS_MAX,
  EXAMPLES_MAX,
  Quarantine,
  reasonName,
} from "../../../src/normalize/quarantine.ts";

test("counts each reason by its name, most frequent first, and keeps the first examples", () => {
  const quarantine = new Quarantine();
  quarantine.add(Refusal.JsonMalformed, "a:1", () => "{");
  for (let i = 0; i < 20; i++) quarantine.add(Refusal.PriceNotOnTick, `a:${i + 2}`, () => `p${i}`);
  expect(quarantine.total).toBe(21);
  const counts = Object.entries(quarantine.counts());
  expect(counts.map((one) => one.join(" "))).toEqual(["PriceNotOnTick 20", "JsonMalformed 1"]);
  expect(quarantine.examples()).toHaveLength(EXAMPLES_MAX);
  expect(quarantine.lines()[0]).toBe("refused 21 (PriceNotOnTick 20, JsonMalformed 1)");
  expect(quarantine.lines()[1]).toBe("  a:1: JsonMalformed: {");
});

test("text is asked for only while examples are kept, is cut, and reaches no terminal raw", () => {
  const quarantine = new Quarantine();
  let asked = 0;
  const text = () => {
    asked++;
    return `\x1b[31m${"x".repeat(500)}`;
  };
  for (let i = 0; i < 100; i++) quarantine.add(Refusal.CsvMalformed, "f", text);
  expect(asked).toBe(EXAMPLES_MAX);
  const example = quarantine.examples()[0]!.text;
  expect(example).toMatch(/^\?\[31mx+\.\.\.$/);
  expect(example).toHaveLength(EXAMPLE_CHARACTERS_MAX + 3);
});

test("nothing refused is nothing to print; a number of a later build keeps its number", () => {
  expect(new Quarantine().lines()).toEqual([]);
  expect(reasonName(4711)).toBe("refusal 4711");
});
