// The page's frame: which panels there are and where they stand in the reading order.
import { Account } from "./account.tsx";
import { Fills, Positions } from "./blotter.tsx";
import { BookTop, TradeList } from "./book.tsx";
import { ChartPanel } from "./chart-panel.tsx";
import { Dialogs } from "./dialogs.tsx";
import { Header, Notices, SimulatedBanner } from "./header.tsx";
import { InstrumentList } from "./instrument-list.tsx";
import { KeyHelp, TRADING_KEYS } from "./key-help.tsx";
import { Latency } from "./latency.tsx";
import { Locked } from "./locked.tsx";
import { OpenOrders } from "./orders.tsx";
import type { Page } from "./page.ts";
import { Risk } from "./risk.tsx";
import { Strategies } from "./strategy-panel.tsx";
import { OrderTicket } from "./ticket-form.tsx";

/** Everything below the body. */
export function App({ page }: { page: Page }) {
  const link = page.store.link.value;
  const isStale = link.phase === "waiting";
  return (
    <>
      <Header page={page} />
      <SimulatedBanner page={page} />
      <Notices page={page} />
      {link.phase === "locked" ? (
        <Locked why={link.why} />
      ) : (
        <main class={isStale ? "grid stale" : "grid"}>
          <div class="side">
            <InstrumentList page={page} />
            <Risk page={page} />
            <Account page={page} />
            <Latency page={page} />
          </div>
          <ChartPanel page={page} />
          <div class="market">
            <BookTop page={page} />
            <OrderTicket page={page} />
            <TradeList page={page} />
          </div>
          <div class="blotter">
            <div class="blotter-left">
              <Positions page={page} />
              <OpenOrders page={page} />
            </div>
            <div class="blotter-right">
              <Fills page={page} />
              <Strategies page={page} />
            </div>
          </div>
        </main>
      )}
      <KeyHelp open={page.helpOpen} keys={TRADING_KEYS} />
      <Dialogs page={page} />
    </>
  );
}
