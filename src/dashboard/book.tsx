// Top of book with spread and imbalance, and the recent public trades of the selected instrument.
import { Side } from "../../asm/vocab.ts";
import { NO_VALUE, stepText, timeText } from "./format.ts";
import { imbalance, spreadTicks } from "./market.ts";
import type { MarketRow, TradeLine } from "./market.ts";
import type { Page } from "./page.ts";

/** Best bid and ask of the selected instrument. */
export function BookTop({ page }: { page: Page }) {
  const { store } = page;
  void store.versions.rows.value;
  const row = store.market.rows.get(store.instrument.value);
  const spread = row && spreadTicks(row);
  const share = row ? imbalance(row) : 0.5;
  return (
    <section class="panel book" aria-label="Top of book">
      <div class="panel-head">
        <h2>Top of book</h2>
        {row?.untrusted === true && <span class="pill warn">not trusted</span>}
        <span class="spring" />
        <span class="stat">
          <small>Spread</small>{" "}
          {spread === undefined ? NO_VALUE : `${spread} ${spread === 1 ? "tick" : "ticks"}`}
        </span>
      </div>
      <div class="book-sides" data-testid="book">
        <BookSide row={row} side={Side.Buy} />
        <BookSide row={row} side={Side.Sell} />
      </div>
      <div
        class="imbalance"
        role="img"
        aria-label={`Bid share of the best level ${Math.round(share * 100)} percent`}
        title="Share of bid and ask in the lots of the best level"
      >
        <i class="bid" style={{ width: `${share * 100}%` }} />
      </div>
    </section>
  );
}

function BookSide({ row, side }: { row: MarketRow | undefined; side: Side }) {
  const isBid = side === Side.Buy;
  const lots = row === undefined ? 0 : isBid ? row.bidLots : row.askLots;
  const ticks = row === undefined ? 0 : isBid ? row.bidTicks : row.askTicks;
  const has = row !== undefined && lots > 0;
  return (
    <div class={isBid ? "bid" : "ask"}>
      <small>{isBid ? "Bid" : "Ask"}</small>
      <b class={isBid ? "num up" : "num down"}>{has ? stepText(ticks, row.price) : NO_VALUE}</b>
      <span class="num">{has ? stepText(lots, row.qty) : NO_VALUE}</span>
    </div>
  );
}

/** The last trades of everybody, newest first. */
export function TradeList({ page }: { page: Page }) {
  const { store } = page;
  void store.versions.trades.value;
  const row = store.market.rows.get(store.instrument.value);
  const { trades } = store.market;
  return (
    <section class="panel trades" aria-label="Recent trades">
      <div class="panel-head">
        <h2>Trades</h2>
      </div>
      <div class="trade-line head" aria-hidden="true">
        <span>Time</span>
        <span class="num">Price</span>
        <span class="num">Quantity</span>
      </div>
      <div class="scroll" tabIndex={0} data-testid="trades">
        {row && trades.map((trade) => <Line key={trade.key} trade={trade} row={row} />)}
        {trades.length === 0 && <p class="empty">No trade since you selected this instrument.</p>}
      </div>
    </section>
  );
}

function Line({ trade, row }: { trade: TradeLine; row: MarketRow }) {
  const isBuy = trade.aggressor === Side.Buy;
  return (
    <div class="trade-line">
      <span class="faint">{timeText(trade.millis)}</span>
      <span class={isBuy ? "num up" : "num down"} title={isBuy ? "Buyer took" : "Seller took"}>
        {stepText(trade.priceTicks, row.price)}
      </span>
      <span class="num">{stepText(trade.qtyLots, row.qty)}</span>
    </div>
  );
}
