import { expect, test } from "vitest";
import { firstTheme } from "../../../src/dashboard/theme.ts";

test("the visitor's choice wins over the system's preference", () => {
  expect(firstTheme("dark", true)).toBe("dark");
  expect(firstTheme("light", false)).toBe("light");
  expect(firstTheme(null, true)).toBe("light");
  expect(firstTheme(null, false)).toBe("dark");
  expect(firstTheme("purple", false), "what is stored may be anything").toBe("dark");
});
