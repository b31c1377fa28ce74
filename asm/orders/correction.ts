// A venue takes a fill back, or says that its price or quantity was another.
//
// Sums cannot forget: what was booked is booked again with the other sign, at the price it was
// booked at, and then as the venue says it was. So the flow of money comes out to the minor unit as
// if the wrong fill had never been; what was realized in between stays where it was earned. The
// report names the fill and what it said; one of a fill that never came changes nothing, for the
// fill may still come. The order's lots come back to its venue, not to us: while it is open the
// venue is asked what is left of it.
//
// tidy: tested by test/asm/orders/correction.test.ts
import { balanceGain } from "../accounts/balance";
import {
  O_WIDE,
  ORDER_ROW_FILLED,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_LEAVES,
  ORDER_ROW_POSITION,
  ORDER_ROW_PRICE,
  ORDER_ROW_SIDE,
  ORDER_ROW_STATE,
  ORDER_ROW_STRATEGY,
} from "../layout";
import { outEnd } from "../output";
import { isCash } from "../positions/kind";
import { PRICE_TICKS_MAX, QTY_LOTS_MAX } from "../positions/notional";
import {
  positionAt,
  positionFill,
  positionWrite,
  POS_BALANCE,
  POS_TRADED,
} from "../positions/position";
import { subCorrect } from "../positions/sub-account";
import { tradedAt, TRD_SETTLEMENT } from "../positions/traded";
import {
  CORRECTION_REFERENCE,
  CORRECTION_WAS_PRICE_TICKS,
  CORRECTION_WAS_QTY_LOTS,
  FILL_CORRECTED_ID,
  FILL_WAS_PRICE_TICKS,
  FILL_WAS_QTY_LOTS,
  Kind,
  REPORT_FEE_MINOR,
  REPORT_FILL_ID,
  REPORT_FLAGS,
  REPORT_PRICE_TICKS,
  REPORT_QTY_LOTS,
  ReportFlag,
  ReportIgnored,
  Side,
  VenueFault,
} from "../vocab";
import { streetBook } from "./fill";
import { venueAgain, venueFilled } from "./parent-venue";
import { orderAt } from "./pool";
import { faultReport } from "./request";
import { routeDoubt, routeOf, routeSettle, venueIgnore } from "./route";
import { routedAsk, routedTerms } from "./routed";
import { routedCashMove } from "./routed-cash";
import { feeCurrency, feeMoney } from "./routed-fee";
import { bookIsInRange, fillOpen } from "./routed-fill";
import { stateIsOpen } from "./state";
import { fillIsKnown, fillNote } from "./venue-fills";

/** Takes a VenueFillCorrected; `slot` is its order, 0 when nobody here made it. */
export function venueCorrection(rec: usize, venue: u32, slot: u32): void {
  const id = load<u64>(rec, REPORT_FILL_ID);
  const qty = load<i64>(rec, REPORT_QTY_LOTS);
  if (id != 0 && fillIsKnown(venue, id)) return venueIgnore(venue, ReportIgnored.Duplicate);
  const wasQty = load<i64>(rec, CORRECTION_WAS_QTY_LOTS);
  const isKnown = fillIsKnown(venue, load<u64>(rec, CORRECTION_REFERENCE));
  if (id == 0 || slot == 0 || !isKnown) {
    faultReport(rec, venue, slot, VenueFault.CorrectionUnmatched, wasQty, qty);
    return venueIgnore(venue, id == 0 ? ReportIgnored.Malformed : ReportIgnored.UnknownOrder);
  }
  fillNote(venue, id);
  if (!isInRange(rec, slot, wasQty, qty)) {
    faultReport(rec, venue, slot, VenueFault.FillOutOfRange, wasQty, qty);
    return venueIgnore(venue, ReportIgnored.Malformed);
  }
  correct(rec, venue, slot, wasQty, qty);
}

/** Nothing more is taken back than was filled; both bookings stay in the bounds of a book. */
function isInRange(rec: usize, slot: u32, wasQty: i64, qty: i64): bool {
  const filled = load<i64>(orderAt(slot), ORDER_ROW_FILLED);
  const wasTicks = load<i64>(rec, CORRECTION_WAS_PRICE_TICKS);
  const ticks = load<i64>(rec, REPORT_PRICE_TICKS);
  if (wasQty <= 0 || wasQty > filled || wasTicks <= 0 || wasTicks > PRICE_TICKS_MAX) return false;
  if (qty < 0 || qty > QTY_LOTS_MAX - filled || (qty > 0 && ticks <= 0)) return false;
  if (ticks < 0 || ticks > PRICE_TICKS_MAX) return false;
  return bookIsInRange(rec, slot, max(wasTicks, ticks), wasQty + qty);
}

function correct(rec: usize, venue: u32, slot: u32, wasQty: i64, qty: i64): void {
  const order = orderAt(slot);
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  const wasTicks = load<i64>(rec, CORRECTION_WAS_PRICE_TICKS);
  const ticks = load<i64>(rec, REPORT_PRICE_TICKS);
  const tradedLots = load<i64>(position, POS_TRADED) - wasQty + qty;
  const back = side == Side.Buy ? Side.Sell : Side.Buy;
  streetBook(traded, back, wasTicks, wasQty);
  let realized = positionFill(position, traded, back, wasTicks, wasQty, O_WIDE);
  if (qty > 0) {
    streetBook(traded, side, ticks, qty);
    realized += positionFill(position, traded, side, ticks, qty, O_WIDE);
  }
  store<i64>(position, tradedLots, POS_TRADED);
  store<i64>(order, load<i64>(order, ORDER_ROW_FILLED) - wasQty + qty, ORDER_ROW_FILLED);
  const currency = feeCurrency(rec, venue, slot, traded);
  const fee = feeChange(rec, slot, position, traded, currency, realized);
  const own = currency == <u32>load<u16>(traded, TRD_SETTLEMENT) ? fee : 0;
  const strategy = <u32>load<u16>(order, ORDER_ROW_STRATEGY);
  if (strategy != 0) {
    subCorrect(
      position, traded, strategy, side, wasTicks, wasQty, ticks, qty, realized, own,
    );
  }
  venueFilled(slot, wasTicks, wasQty, own, -1);
  venueFilled(slot, ticks, qty, 0, 1);
  const begins = reopen(slot);
  const out = fillOpen(Kind.FillCorrection, rec, slot, traded, fee, currency, realized);
  store<i64>(out, wasTicks, FILL_WAS_PRICE_TICKS);
  store<i64>(out, wasQty, FILL_WAS_QTY_LOTS);
  store<u64>(out, load<u64>(rec, CORRECTION_REFERENCE), FILL_CORRECTED_ID);
  outEnd(out);
  positionWrite(Kind.PositionChanged, position);
  venueAgain(slot);
  if (begins) routedAsk(slot, routeOf(slot));
}

/** Books what was realized and what the fee has changed by, if the venue says that it has. */
function feeChange(
  rec: usize,
  slot: u32,
  position: usize,
  traded: usize,
  currency: u32,
  realized: i64,
): i64 {
  const isGiven = (<i32>load<u8>(rec, REPORT_FLAGS) & ReportFlag.FeeGiven) != 0;
  const fee = isGiven && currency != 0 ? load<i64>(rec, REPORT_FEE_MINOR) : 0;
  const isMoved = isCash(traded);
  if (isMoved) {
    cashChange(rec, slot, traded);
    balanceGain(load<u32>(position, POS_BALANCE), realized);
  }
  feeMoney(slot, position, traded, isMoved ? 0 : realized, currency, fee);
  return fee;
}

/** Both balances get back what the wrong fill moved, and move for the right one. */
function cashChange(rec: usize, slot: u32, traded: usize): void {
  const wasTicks = load<i64>(rec, CORRECTION_WAS_PRICE_TICKS);
  routedCashMove(slot, traded, wasTicks, load<i64>(rec, CORRECTION_WAS_QTY_LOTS), -1);
  const qty = load<i64>(rec, REPORT_QTY_LOTS);
  if (qty > 0) routedCashMove(slot, traded, load<i64>(rec, REPORT_PRICE_TICKS), qty, 1);
}

/** What is left of an open order only its venue knows now; true when it is to be asked. */
function reopen(slot: u32): bool {
  const order = orderAt(slot);
  if (!stateIsOpen(load<u8>(order, ORDER_ROW_STATE))) return false;
  const route = routeOf(slot);
  const lots = load<i64>(order, ORDER_ROW_FILLED) + load<i64>(order, ORDER_ROW_LEAVES);
  routedTerms(slot, route, load<i64>(order, ORDER_ROW_PRICE), lots);
  const begins = routeDoubt(slot, route);
  routeSettle(slot, route);
  return begins;
}
