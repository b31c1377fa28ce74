// Keys of the whole page. Typing in a field is never taken for a command.

/** What a key asks for. */
export type KeyAction =
  | { do: "move"; by: number }
  | { do: "filter" }
  | { do: "timeframe"; index: number }
  | { do: "theme" }
  | { do: "help" }
  | { do: "order" }
  | { do: "kill" }
  | { do: "leave" };

/** The action of a key, undefined when it is not ours; `typing`: the focus is in a field. */
export function keyAction(key: string, typing: boolean): KeyAction | undefined {
  if (key === "Escape") return typing ? { do: "leave" } : undefined;
  if (key === "ArrowUp") return { do: "move", by: -1 };
  if (key === "ArrowDown") return { do: "move", by: 1 };
  if (typing) return undefined;
  if (key === "/") return { do: "filter" };
  if (key === "t") return { do: "theme" };
  if (key === "?") return { do: "help" };
  if (key === "o") return { do: "order" };
  if (key === "k") return { do: "kill" };
  if (/^[1-9]$/.test(key)) return { do: "timeframe", index: Number(key) - 1 };
  return undefined;
}
