// The page's start: token out of the address, theme, store, session, keys, and the first picture.
import { signal } from "@preact/signals";
import { render } from "preact";
import { App } from "./app.tsx";
import { FILTER_ID, moveSelection } from "./instrument-list.tsx";
import type { KeyAction } from "./keyboard.ts";
import { keyAction } from "./keyboard.ts";
import type { Page } from "./page.ts";
import { Session } from "./session.ts";
import { Store } from "./store.ts";
import "./style.css";
import { firstTheme, keepTheme, showTheme, storedTheme } from "./theme.ts";
import { emptyTicket } from "./ticket.ts";
import { TICKET_ID } from "./ticket-form.tsx";
import { takeToken } from "./token.ts";
import { Trader } from "./trader.ts";

// Before anything can fail or be photographed.
const { token, address } = takeToken(location.href);
history.replaceState(null, "", address);

const systemLight = matchMedia("(prefers-color-scheme: light)");
const store = new Store((run) => requestAnimationFrame(run));
const session = new Session(store, location.href, token);

const page: Page = {
  store,
  theme: signal(firstTheme(storedTheme(), systemLight.matches)),
  helpOpen: signal(false),
  trader: new Trader(
    location.href,
    (what, remedy) => (store.fault.value = { what, remedy }),
    (record) => store.applyOwn(record),
  ),
  ticket: signal(emptyTicket()),
  dialog: signal<"none" | "unlock" | "kill">("none"),
  selectInstrument(id) {
    if (store.select(id)) void session.followSelection();
  },
  selectTimeframe(slot) {
    if (store.selectTimeframe(slot)) void session.followSelection();
  },
  toggleTheme() {
    const theme = page.theme.peek() === "dark" ? "light" : "dark";
    keepTheme(theme);
    show(theme);
  },
  retry: () => session.retry(),
};

/** Colors first: the chart reads them when the signal moves. */
function show(theme: "dark" | "light"): void {
  showTheme(theme);
  page.theme.value = theme;
}

function act(action: KeyAction): void {
  const filter = document.getElementById(FILTER_ID);
  if (action.do === "move") moveSelection(page, action.by);
  else if (action.do === "filter") filter?.focus();
  else if (action.do === "theme") page.toggleTheme();
  else if (action.do === "help") page.helpOpen.value = true;
  else if (action.do === "order") document.getElementById(TICKET_ID)?.focus();
  else if (action.do === "kill") page.dialog.value = "kill";
  else if (action.do === "leave" && document.activeElement instanceof HTMLElement) {
    document.activeElement.blur();
  } else if (action.do === "timeframe") {
    const slot = store.timeframes()[action.index]?.slot;
    if (slot !== undefined) page.selectTimeframe(slot);
  }
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || page.helpOpen.peek()) return;
  if (page.dialog.peek() !== "none") return;
  const { target } = event;
  const typing = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
  const action = keyAction(event.key, typing);
  if (action === undefined) return;
  // Lists and number fields have their own arrow keys.
  if (typing && action.do === "move" && (target as HTMLElement).id !== FILTER_ID) return;
  // A table that has the focus scrolls with its own arrow keys.
  const focused = document.activeElement;
  const isTable = focused?.classList.contains("scroll") === true;
  if (action.do === "move" && isTable && focused?.getAttribute("role") !== "listbox") return;
  event.preventDefault();
  act(action);
}

show(page.theme.peek());
systemLight.addEventListener("change", () => {
  if (storedTheme() === null) show(firstTheme(null, systemLight.matches));
});
document.addEventListener("keydown", onKey);
const root = document.getElementById("app");
if (root !== null) render(<App page={page} />, root);
session.start();
