import { expect, test } from "vitest";
import { keyAction } from "../../../src/dashboard/keyboard.ts";

test("keys of the page do what the help says", () => {
  expect(keyAction("/", false)).toEqual({ do: "filter" });
  expect(keyAction("?", false)).toEqual({ do: "help" });
  expect(keyAction("t", false)).toEqual({ do: "theme" });
  expect(keyAction("o", false)).toEqual({ do: "order" });
  expect(keyAction("k", false)).toEqual({ do: "kill" });
  expect(keyAction("3", false)).toEqual({ do: "timeframe", index: 2 });
  expect(keyAction("ArrowUp", false)).toEqual({ do: "move", by: -1 });
  expect(keyAction("x", false)).toBeUndefined();
  expect(keyAction("0", false)).toBeUndefined();
});

test("typing in a field is text, except for leaving it and moving the selection", () => {
  for (const key of ["/", "?", "t", "o", "k", "3"]) expect(keyAction(key, true)).toBeUndefined();
  expect(keyAction("Escape", true)).toEqual({ do: "leave" });
  expect(keyAction("ArrowDown", true)).toEqual({ do: "move", by: 1 });
});
