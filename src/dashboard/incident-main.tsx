// The page of an incident: files in, theme, keys, and the first picture.
import { render } from "preact";
import { IncidentApp } from "./incident-app.tsx";
import { incidentKey } from "./incident-keys.ts";
import { IncidentState } from "./incident-state.ts";
import "./style.css";
import "./incident.css";
import { firstTheme, showTheme, storedTheme } from "./theme.ts";

const systemLight = matchMedia("(prefers-color-scheme: light)");
const state = new IncidentState(firstTheme(storedTheme(), systemLight.matches));

showTheme(state.theme.peek());
document.addEventListener("keydown", (event) => incidentKey(state, event));
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  state.open([...(event.dataTransfer?.files ?? [])]);
});
const root = document.getElementById("app");
if (root !== null) render(<IncidentApp state={state} />, root);
