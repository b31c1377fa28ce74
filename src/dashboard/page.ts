// What components share: the store, and what a visitor can ask for.
//
// Components get this object instead of reaching for modules, so a page has exactly one of each and
// a panel names what it can do.
//
// tidy: tested by test/acceptance/dashboard.test.ts
import type { Signal } from "@preact/signals";
import type { CurrencyInfo, OrderEventRecord, PositionRecord } from "../protocol.ts";
import { minorText } from "./format.ts";
import type { Store } from "./store.ts";
import type { Theme } from "./theme.ts";
import type { Ticket } from "./ticket.ts";
import type { Trader } from "./trader.ts";
import type { Valuation } from "./valuation.ts";
import { orderMinor, valuePosition } from "./valuation.ts";

/** Decimals of money on the page; the engine's own figures have all of them. */
const MONEY_DECIMALS = 2;

/** The page's one store and its actions. */
export interface Page {
  store: Store;
  theme: Signal<Theme>;
  helpOpen: Signal<boolean>;
  trader: Trader;
  ticket: Signal<Ticket>;
  /** The dialog that is open over the page. */
  dialog: Signal<"none" | "unlock" | "kill">;
  selectInstrument(id: number): void;
  selectTimeframe(slot: number): void;
  toggleTheme(): void;
  /** Connects now instead of at the end of the countdown. */
  retry(): void;
}

/** A currency of the reference data. */
export function currencyOf(store: Store, id: number): CurrencyInfo | undefined {
  return store.reference.peek()?.currencies.find((one) => one.id === id);
}

/** Money of a currency as text, without its code. */
export function moneyText(store: Store, minor: number, currency: number): string {
  const exponent = currencyOf(store, currency)?.minorExponent ?? 0;
  return minorText(minor, exponent, MONEY_DECIMALS);
}

/** Code of a currency; its number when the reference data lacks it. */
export function currencyCode(store: Store, id: number): string {
  return currencyOf(store, id)?.code ?? `#${id}`;
}

/** What a position is worth now. */
export function valueOf(store: Store, position: PositionRecord): Valuation {
  const row = store.market.rows.get(position.instrument);
  return valuePosition(position, row, currencyOf(store, position.settlement));
}

/**
 * Money an open order is about, at its price or its trigger, else at the last trade; undefined
 * without a price. In the core's words: price x lots, rounded up.
 */
export function notionalOf(store: Store, order: OrderEventRecord): number | undefined {
  const row = store.market.rows.get(order.instrument);
  const priceTicks = order.priceTicks || order.stopTicks || row?.lastTicks || 0;
  if (row === undefined || priceTicks === 0) return undefined;
  const currency = currencyOf(store, row.settlement);
  if (currency === undefined) return undefined;
  return orderMinor(priceTicks, order.leavesLots, row, currency);
}

/** The class of a signed figure: color is the second sign, the text has the first. */
export function tone(value: number): string {
  return value > 0 ? "num up" : value < 0 ? "num down" : "num";
}
