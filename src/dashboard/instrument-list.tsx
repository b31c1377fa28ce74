// All instruments with last price, change and spread; one is selected, by click or arrow keys.
import { signal } from "@preact/signals";
import { NO_VALUE, percentText, stepText } from "./format.ts";
import type { MarketRow } from "./market.ts";
import { changePercent, spreadTicks } from "./market.ts";
import type { Page } from "./page.ts";
import { tone } from "./page.ts";

/** Id of the filter box, for the `/` key. */
export const FILTER_ID = "instrument-filter";

const filter = signal("");

/** Rows whose name contains the filter's text, by name. */
export function shownRows(rows: Iterable<MarketRow>, text: string): MarketRow[] {
  const wanted = text.trim().toUpperCase();
  return [...rows]
    .filter(({ symbol }) => symbol.toUpperCase().includes(wanted))
    .sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
}

/** Selects the row above (-1) or below (1) the selected one. */
export function moveSelection(page: Page, by: number): void {
  const rows = shownRows(page.store.market.rows.values(), filter.peek());
  const at = rows.findIndex(({ id }) => id === page.store.instrument.peek());
  const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
  if (next === undefined) return;
  page.selectInstrument(next.id);
  document.getElementById(`instrument-${next.id}`)?.scrollIntoView({ block: "nearest" });
}

/** The list with its filter box. */
export function InstrumentList({ page }: { page: Page }) {
  const { store } = page;
  void store.versions.rows.value;
  const selected = store.instrument.value;
  const rows = shownRows(store.market.rows.values(), filter.value);
  return (
    <section class="panel instruments" aria-label="Instruments">
      <div class="panel-head">
        <h2>Instruments</h2>
        <input
          id={FILTER_ID}
          class="filter"
          type="search"
          placeholder="Filter  /"
          aria-label="Filter instruments"
          value={filter.value}
          onInput={(event) => (filter.value = event.currentTarget.value)}
        />
      </div>
      <div class="row-head" aria-hidden="true">
        <span>Name</span>
        <span class="num">Last</span>
        <span class="num">Change</span>
        <span class="num">Spread</span>
      </div>
      <div
        class="scroll rows"
        role="listbox"
        tabIndex={0}
        aria-label="Instruments"
        aria-activedescendant={`instrument-${selected}`}
      >
        {rows.map((row) => (
          <Row key={row.id} row={row} isSelected={row.id === selected} page={page} />
        ))}
        {rows.length === 0 && <Nothing hasAny={store.market.rows.size > 0} />}
      </div>
    </section>
  );
}

function Row({ row, isSelected, page }: { row: MarketRow; isSelected: boolean; page: Page }) {
  const spread = spreadTicks(row);
  const change = changePercent(row);
  const since = row.openIsDay ? "since the UTC day's open" : "since the first trade seen";
  return (
    <div
      id={`instrument-${row.id}`}
      class={`row${isSelected ? " selected" : ""}${row.untrusted ? " untrusted" : ""}`}
      role="option"
      aria-selected={isSelected}
      onClick={() => page.selectInstrument(row.id)}
      title={row.untrusted ? "The book cannot be trusted now: orders are blocked" : row.symbol}
    >
      <span class="name">{row.symbol}</span>
      <span class="num">{row.lastTicks === 0 ? NO_VALUE : stepText(row.lastTicks, row.price)}</span>
      <span class={tone(change ?? 0)} title={since}>
        {change === undefined ? NO_VALUE : percentText(change)}
      </span>
      <span class="num faint">{spread === undefined ? NO_VALUE : stepText(spread, row.price)}</span>
    </div>
  );
}

function Nothing({ hasAny }: { hasAny: boolean }) {
  if (hasAny) return <p class="empty">No instrument has this in its name.</p>;
  return <p class="empty">Waiting for the engine's instruments.</p>;
}
