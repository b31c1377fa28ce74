// Keys of an incident's page, and the one list of them.
//
// tidy: tested by test/acceptance/incident.test.ts
import type { IncidentState } from "./incident-state.ts";
import type { KeyList } from "./key-help.tsx";
import { keepTheme, showTheme } from "./theme.ts";

export const INCIDENT_KEYS: KeyList = [
  ["← →", "one input back or forwards"],
  ["Shift ← →", "last or next event of the chosen kind"],
  ["Page ↑ ↓", "one second of engine time back or forwards"],
  ["Home End", "beginning and end of the slice"],
  ["Space", "play or pause"],
  ["↑ ↓", "previous or next instrument"],
  ["1 – 9", "timeframe, shortest first"],
  ["i", "what is in the file"],
  ["t", "dark or light"],
  ["?", "this help"],
];

/** Does what a key asks for; typing in a field is never taken for a command. */
export function incidentKey(state: IncidentState, event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (state.helpOpen.peek() || state.factsOpen.peek()) return;
  const { target, key, shiftKey } = event;
  const isField = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
  if (isField && !(target instanceof HTMLInputElement && target.type === "range")) return;
  // A button that has the focus answers to the space bar itself.
  if (key === " " && target instanceof HTMLButtonElement) return;
  if (act(state, key, shiftKey)) event.preventDefault();
}

function act(state: IncidentState, key: string, isShift: boolean): boolean {
  const opened = state.opened.peek();
  if (key === "?") state.helpOpen.value = true;
  else if (key === "t") toggleTheme(state);
  else if (opened === undefined) return false;
  else if (key === "ArrowLeft") stepBy(state, -1, isShift);
  else if (key === "ArrowRight") stepBy(state, 1, isShift);
  else if (key === "PageUp") state.stepMillis(-1000);
  else if (key === "PageDown") state.stepMillis(1000);
  else if (key === "Home") state.go({ sequence: opened.firstSequence });
  else if (key === "End") state.go({ sequence: opened.end.sequence });
  else if (key === " ") state.togglePlay();
  else if (key === "i") state.factsOpen.value = true;
  else if (key === "ArrowUp" || key === "ArrowDown") moveInstrument(state, key === "ArrowUp");
  else if (/^[1-9]$/.test(key)) {
    const slot = opened.reference.timeframes[Number(key) - 1]?.["slot"];
    if (slot !== undefined) state.select(state.instrument.peek(), Number(slot));
  } else return false;
  return true;
}

function stepBy(state: IncidentState, by: 1 | -1, isEvent: boolean): void {
  if (isEvent) state.stepEvent(by);
  else state.step(by);
}

function moveInstrument(state: IncidentState, isUp: boolean): void {
  const specs = state.opened.peek()?.reference.specs ?? [];
  const at = specs.findIndex(({ instrument }) => instrument === state.instrument.peek());
  const next = specs[at + (isUp ? -1 : 1)];
  if (next !== undefined) state.select(next.instrument, state.timeframe.peek());
}

/** Dark or light, remembered. */
export function toggleTheme(state: IncidentState): void {
  const theme = state.theme.peek() === "dark" ? "light" : "dark";
  keepTheme(theme);
  showTheme(theme);
  state.theme.value = theme;
}
