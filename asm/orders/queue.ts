// Where a resting paper order stands among the public lots of its price.
//
// Public depth does not know our orders, so each carries the public lots ahead of it. It joins
// behind all that are shown; trades at its price bring it forward, and what is left of a trade
// behind them is ours, own orders of one price by time. Canceled lots lie ahead or behind, nobody
// says which: the risk-averse model takes them from behind as long as the level allows, the model
// by powers ahead by share^n, where share is ahead^n against ahead^n + behind^n, in doubles and
// rounded down. A price deeper than the best is not seen: there an order waits with an unknown
// number ahead, and has all shown lots ahead when its price becomes the best. When in doubt an
// order stands further back: fewer fills rather than too many.
//
// tidy: tested by test/asm/orders/queue.test.ts
import { l3After, l3Best, l3First } from "../books/ladder";
import {
  FILLS_PER_COMMAND_MAX,
  O_STEPS,
  ORDER_COLD_TERMS,
  ORDER_ROW_PRICE,
  ORDER_ROW_SIDE,
  ORDER_TERMS_AHEAD,
  QUEUE_ORDERS_MAX,
  QUEUE_ROWS,
  QUEUE_ROW_BYTES,
} from "../layout";
import {
  TRD_ASK_LOTS,
  TRD_ASK_TICKS,
  TRD_BID_LOTS,
  TRD_BID_TICKS,
  TRD_BUYS,
  TRD_ID,
  TRD_QUEUE_MODEL,
  TRD_QUEUE_POWER,
  TRD_SELLS,
} from "../positions/traded";
import {
  QueueModel,
  QUOTE_ASK_LOTS,
  QUOTE_ASK_TICKS,
  QUOTE_BID_LOTS,
  QUOTE_BID_TICKS,
  Side,
  TRADE_AGGRESSOR,
  TRADE_PRICE_TICKS,
  TRADE_QTY_LOTS,
} from "../vocab";
import { makerFill } from "./paper";
import { orderAt, orderColdAt, orderTermsAt } from "./pool";

const UNKNOWN: i64 = -1;
const POWER_DEFAULT: i32 = 3;

/** Address of the lots traded at a side's best price since its lots changed. */
// @ts-ignore: decorator
@inline
function tradedLotsAt(traded: usize, isBuy: bool): usize {
  const row = <usize>QUEUE_ROWS + <usize>load<u32>(traded, TRD_ID) * QUEUE_ROW_BYTES;
  return row + (isBuy ? 0 : 8);
}

/** An order joins its price last, there or with another price than before. */
export function queueJoin(slot: u32, traded: usize): void {
  const order = orderAt(slot);
  const isBuy = load<u8>(order, ORDER_ROW_SIDE) == Side.Buy;
  const best = load<i64>(traded + (isBuy ? TRD_BID_TICKS : TRD_ASK_TICKS));
  const lots = load<i64>(traded + (isBuy ? TRD_BID_LOTS : TRD_ASK_LOTS));
  const better = load<i64>(order, ORDER_ROW_PRICE) - best;
  let ahead = UNKNOWN;
  // A side that shows nothing teaches nothing.
  if (lots != 0 && better == 0) ahead = lots;
  else if (lots != 0 && (isBuy ? better > 0 : better < 0)) ahead = 0;
  store<u8>(orderColdAt(slot), 1, ORDER_COLD_TERMS);
  store<i64>(orderTermsAt(slot), ahead, ORDER_TERMS_AHEAD);
}

// Quotes ---------------------------------------------------------------------------------------

/** Takes a TopOfBook before it is stored: what own orders learn from the best of their side. */
export function queueQuote(traded: usize, rec: usize, isBlocked: bool): void {
  const bid = load<i64>(rec, QUOTE_BID_TICKS);
  const ask = load<i64>(rec, QUOTE_ASK_TICKS);
  sideQuote(traded, true, bid, load<i64>(rec, QUOTE_BID_LOTS), isBlocked);
  sideQuote(traded, false, ask, load<i64>(rec, QUOTE_ASK_LOTS), isBlocked);
}

function sideQuote(traded: usize, isBuy: bool, ticks: i64, lots: i64, isBlocked: bool): void {
  const wasTicks = load<i64>(traded + (isBuy ? TRD_BID_TICKS : TRD_ASK_TICKS));
  const wasLots = load<i64>(traded + (isBuy ? TRD_BID_LOTS : TRD_ASK_LOTS));
  // The same quote again says nothing yet about the trades since.
  if (ticks == wasTicks && lots == wasLots) return;
  const tradedLots = load<i64>(tradedLotsAt(traded, isBuy));
  store<i64>(tradedLotsAt(traded, isBuy), 0);
  if (isBlocked || lots == 0) return;
  // What lay there without the lots that traded; 0 when the price was not the best before.
  const before = ticks == wasTicks ? max<i64>(wasLots - tradedLots, 0) : 0;
  const resting: usize = load<u32>(traded + (isBuy ? TRD_BUYS : TRD_SELLS));
  const rank = isBuy ? ticks : -ticks;
  if (l3Best(resting) < rank) return;
  const power = powerOf(traded);
  let slot = l3First(resting);
  for (let count = 0; slot != 0 && count < QUEUE_ORDERS_MAX; count++) {
    const price = load<i64>(orderAt(slot), ORDER_ROW_PRICE);
    if ((isBuy ? price : -price) < rank) return;
    const at = orderTermsAt(slot) + ORDER_TERMS_AHEAD;
    // Nothing is shown at a price better than the best.
    store<i64>(at, price == ticks ? aheadAfter(load<i64>(at), before, lots, power) : 0);
    slot = l3After(resting, slot);
  }
}

// @ts-ignore: decorator
@inline
function powerOf(traded: usize): i32 {
  if (load<u8>(traded, TRD_QUEUE_MODEL) != QueueModel.Power) return 0;
  const power = <i32>load<u8>(traded, TRD_QUEUE_POWER);
  return power == 0 ? POWER_DEFAULT : power;
}

/** Lots ahead when a level of `before` lots has become `lots`; `power` 0: risk-averse. */
function aheadAfter(ahead: i64, before: i64, lots: i64, power: i32): i64 {
  if (ahead == UNKNOWN) return lots;
  const canceled = before - lots;
  if (canceled <= 0 || power == 0) return min(ahead, lots);
  const share = aheadShare(ahead, max<i64>(before - ahead, 0), power);
  // More may have been canceled ahead than was left there.
  return min(max<i64>(ahead - <i64>Math.floor(<f64>canceled * share), 0), lots);
}

function aheadShare(ahead: i64, behind: i64, power: i32): f64 {
  let front: f64 = 1;
  let back: f64 = 1;
  for (let index = 0; index < power; index++) {
    front *= <f64>ahead;
    back *= <f64>behind;
  }
  return ahead == 0 ? 0 : front / (front + back);
}

// Trades ---------------------------------------------------------------------------------------

/**
 * Takes a TradePrint after the orders it went through; `left` of its lots were not taken by those.
 * It reaches the side its aggressor hit; without an aggressor the side whose best it printed at.
 */
export function queueTrade(traded: usize, rec: usize, left: i64): void {
  const ticks = load<i64>(rec, TRADE_PRICE_TICKS);
  const isBuy = hitsBid(traded, load<u8>(rec, TRADE_AGGRESSOR), ticks);
  if (!isBuy && !hitsAsk(traded, load<u8>(rec, TRADE_AGGRESSOR), ticks)) return;
  if (load<i64>(traded + (isBuy ? TRD_BID_TICKS : TRD_ASK_TICKS)) == ticks) {
    const at = tradedLotsAt(traded, isBuy);
    store<i64>(at, load<i64>(at) + load<i64>(rec, TRADE_QTY_LOTS));
  }
  const resting: usize = load<u32>(traded + (isBuy ? TRD_BUYS : TRD_SELLS));
  queueReach(traded, resting, isBuy ? ticks : -ticks, left);
}

// @ts-ignore: decorator
@inline
function hitsBid(traded: usize, aggressor: i32, ticks: i64): bool {
  if (aggressor != Side.None) return aggressor == Side.Sell;
  return load<i64>(traded, TRD_BID_LOTS) != 0 && ticks <= load<i64>(traded, TRD_BID_TICKS);
}

// @ts-ignore: decorator
@inline
function hitsAsk(traded: usize, aggressor: i32, ticks: i64): bool {
  if (aggressor != Side.None) return aggressor == Side.Buy;
  return load<i64>(traded, TRD_ASK_LOTS) != 0 && ticks >= load<i64>(traded, TRD_ASK_TICKS);
}

/** Fills own orders at `rank` with what a trade of `lots` has behind the lots ahead of each. */
function queueReach(traded: usize, resting: usize, rank: i64, lots: i64): void {
  let left = lots;
  let ahead: i64 = 0;
  while (left > ahead && l3Best(resting) == rank) {
    const slot = l3First(resting);
    const own = load<i64>(orderTermsAt(slot), ORDER_TERMS_AHEAD);
    if (own == UNKNOWN) break;
    // Nobody passes an own order that came before.
    ahead = max(ahead, own);
    if (left <= ahead) break;
    const steps = load<u32>(O_STEPS);
    if (steps >= <u32>FILLS_PER_COMMAND_MAX) break;
    store<u32>(O_STEPS, steps + 1);
    left -= makerFill(slot, traded, resting, left - ahead);
  }
  if (left <= 0 || l3Best(resting) != rank) return;
  let slot = l3First(resting);
  const ticks = load<i64>(orderAt(slot), ORDER_ROW_PRICE);
  for (let count = 0; slot != 0 && count < QUEUE_ORDERS_MAX; count++) {
    if (load<i64>(orderAt(slot), ORDER_ROW_PRICE) != ticks) return;
    const at = orderTermsAt(slot) + ORDER_TERMS_AHEAD;
    const own = load<i64>(at);
    if (own != UNKNOWN) store<i64>(at, max<i64>(own - left, 0));
    slot = l3After(resting, slot);
  }
}
