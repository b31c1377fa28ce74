import { expect, test } from "vitest";
import { Refusal } from "../../../asm/vocab.ts";
import { refusalName, refusalRemedy } from "../../../src/dashboard/refusal.ts";

test("a refusal is named in words", () => {
  expect(refusalName(Refusal.PostOnlyWouldTrade)).toBe("Post only would trade");
  expect(refusalName(9999)).toBe("Refusal 9999");
});

test("every refusal of the risk check has a remedy of its own", () => {
  const risk = Object.values(Refusal).filter(
    (one): one is Refusal => typeof one === "number" && one >= 400 && one < 423,
  );
  expect(risk.length).toBeGreaterThan(20);
  for (const one of risk) expect(refusalRemedy(one), Refusal[one]).not.toContain("Refusal number");
  expect(refusalRemedy(9999)).toContain("9999");
});
