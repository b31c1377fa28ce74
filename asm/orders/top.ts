// The public face of an internal book: its trades, and its best bid and ask when they change.
//
// These records are what another core takes as its feed (the simulator's venue), so they carry
// prices and lots and nothing about who traded. A book touched by an input is published once, when
// the input is done, and only if price or lots of a side are not what was published last.
//
// tidy: tested by test/asm/books/ladder.test.ts
import { markMoved } from "../accounts/day";
import { l3Best, l3BestLots, NO_RANK } from "../books/ladder";
import { nowNanos } from "../clock";
import {
  O_MARGINS,
  O_PARENTS_OPEN,
  O_TOPS_FIRST,
  O_TRADE_ID,
  TRADED_ROWS,
  TRADED_ROW_BYTES,
} from "../layout";
import { outBegin, outEnd } from "../output";
import { rangeQuoted } from "../positions/range";
import {
  TRD_ASK_LOTS,
  TRD_ASK_TICKS,
  TRD_BID_LOTS,
  TRD_BID_TICKS,
  TRD_BUYS,
  TRD_EXECUTION,
  TRD_ID,
  TRD_PHASE,
  TRD_QUOTE_ID,
  TRD_QUOTE_NANOS,
  TRD_SELLS,
  TRD_TOP_CHANGED,
  TRD_TOP_NEXT,
} from "../positions/traded";
import {
  Execution,
  InstrumentPhase,
  Kind,
  MarkSource,
  QUOTE_ASK_LOTS,
  QUOTE_ASK_TICKS,
  QUOTE_BID_LOTS,
  QUOTE_BID_TICKS,
  QUOTE_CELLS,
  QUOTE_UPDATE_ID,
  TRADE_AGGRESSOR,
  TRADE_CELLS,
  TRADE_ID,
  TRADE_PRICE_TICKS,
  TRADE_QTY_LOTS,
} from "../vocab";
import { indicativePublish } from "./auction";
import { marginSee } from "./margin-call";
import { volumeAdd } from "./volume";

/** Puts an internal book on this input's list of books to publish. */
// @ts-ignore: decorator
@inline
export function topTouch(traded: usize): void {
  if (load<u8>(traded, TRD_TOP_CHANGED) != 0) return;
  if (load<u8>(traded, TRD_EXECUTION) != Execution.Internal) return;
  store<u8>(traded, 1, TRD_TOP_CHANGED);
  store<u32>(traded, load<u32>(O_TOPS_FIRST), TRD_TOP_NEXT);
  store<u32>(O_TOPS_FIRST, load<u32>(traded, TRD_ID));
}

/** Publishes the books this input touched. */
// @ts-ignore: decorator
@inline
export function topsPublish(): void {
  let id = load<u32>(O_TOPS_FIRST);
  store<u32>(O_TOPS_FIRST, 0);
  while (id != 0) {
    const traded = <usize>TRADED_ROWS + <usize>id * TRADED_ROW_BYTES;
    id = load<u32>(traded, TRD_TOP_NEXT);
    store<u32>(traded, 0, TRD_TOP_NEXT);
    store<u8>(traded, 0, TRD_TOP_CHANGED);
    topPublish(traded);
    if (load<u8>(O_MARGINS) != 0) marginSee(traded);
  }
}

function topPublish(traded: usize): void {
  const buys: usize = load<u32>(traded, TRD_BUYS);
  const sells: usize = load<u32>(traded, TRD_SELLS);
  // Ranks of buys are prices, of sells their negatives.
  const bid = l3Best(buys);
  const ask = l3Best(sells);
  let bidTicks = bid == NO_RANK ? 0 : bid;
  let askTicks = ask == NO_RANK ? 0 : -ask;
  let bidLots = l3BestLots(buys);
  let askLots = l3BestLots(sells);
  const isCall = load<u8>(traded, TRD_PHASE) == InstrumentPhase.Call;
  // Nobody can trade with what rests in a call, or crosses since one was broken off.
  if (isCall || (bidTicks >= askTicks && askTicks != 0)) {
    bidTicks = askTicks = bidLots = askLots = 0;
    if (isCall) indicativePublish(traded);
  }
  const isSame =
    bidTicks == load<i64>(traded, TRD_BID_TICKS) &&
    bidLots == load<i64>(traded, TRD_BID_LOTS) &&
    askTicks == load<i64>(traded, TRD_ASK_TICKS) &&
    askLots == load<i64>(traded, TRD_ASK_LOTS);
  if (isSame) return;
  store<i64>(traded, bidTicks, TRD_BID_TICKS);
  store<i64>(traded, bidLots, TRD_BID_LOTS);
  store<i64>(traded, askTicks, TRD_ASK_TICKS);
  store<i64>(traded, askLots, TRD_ASK_LOTS);
  store<i64>(traded, nowNanos(), TRD_QUOTE_NANOS);
  rangeQuoted(traded, MarkSource.Mid);
  store<u64>(traded, load<u64>(traded, TRD_QUOTE_ID) + 1, TRD_QUOTE_ID);
  markMoved(traded);
  const out = outBegin(Kind.BookTop, QUOTE_CELLS, load<u32>(traded, TRD_ID));
  store<i64>(out, bidTicks, QUOTE_BID_TICKS);
  store<i64>(out, bidLots, QUOTE_BID_LOTS);
  store<i64>(out, askTicks, QUOTE_ASK_TICKS);
  store<i64>(out, askLots, QUOTE_ASK_LOTS);
  store<u64>(out, load<u64>(traded, TRD_QUOTE_ID), QUOTE_UPDATE_ID);
  outEnd(out);
}

/** Publishes a trade of an internal book. */
export function tradePrint(traded: usize, priceTicks: i64, qtyLots: i64, aggressor: i32): void {
  if (load<u32>(O_PARENTS_OPEN) != 0) volumeAdd(load<u32>(traded, TRD_ID), priceTicks, qtyLots);
  const id = load<u64>(O_TRADE_ID) + 1;
  store<u64>(O_TRADE_ID, id);
  const out = outBegin(Kind.BookPrint, TRADE_CELLS, load<u32>(traded, TRD_ID));
  store<i64>(out, priceTicks, TRADE_PRICE_TICKS);
  store<i64>(out, qtyLots, TRADE_QTY_LOTS);
  store<u64>(out, id, TRADE_ID);
  store<u8>(out, <u8>aggressor, TRADE_AGGRESSOR);
  outEnd(out);
}
