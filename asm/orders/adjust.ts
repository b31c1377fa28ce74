// PositionAdjust: lots booked into a position at a price, without an order.
//
// For positions that came to be elsewhere (another venue, a transfer, a correction). The street
// takes the other side at the same price, as with a paper fill, so lots still add up to nothing and
// every currency's sum stays where it was. No fee, no fill record, nothing traded. Of a cash
// instrument the base moves, from the street's ledger or to it; the price is what it counts as.
//
// tidy: tested by test/asm/orders/reduce.test.ts
import { accountAt, accountFind, ACC_TENANT } from "../accounts/account";
import {
  balanceAt,
  balanceBook,
  balanceGain,
  balanceMove,
  BAL_CASH,
  CASH_MINOR_MAX,
} from "../accounts/balance";
import { O_STEPS, O_WIDE } from "../layout";
import { isCash, kindAt, KND_BASE_MINOR, valueMinor } from "../positions/kind";
import { isClosing } from "../positions/leg";
import { PRICE_TICKS_MAX, QTY_LOTS_MAX } from "../positions/notional";
import {
  positionAt,
  positionFill,
  positionFind,
  positionWrite,
  POS_ACCOUNT,
  POS_BALANCE,
  POS_LOTS,
  POS_OPEN_BUY,
  POS_OPEN_SELL,
  POS_REDUCERS,
  POS_TRADED,
} from "../positions/position";
import { tradedAt, TRD_BUYS, TRD_ID, TRD_TENANT } from "../positions/traded";
import {
  ADJUST_ACCOUNT,
  ADJUST_LOTS,
  ADJUST_POSITION_SIDE,
  ADJUST_PRICE_TICKS,
  Kind,
  REC_INSTRUMENT,
  Refusal,
  Side,
} from "../vocab";
import { balanceOf, cashRefusal, wantMinor } from "./cash";
import { positionReady } from "./command";
import { streetBook } from "./fill";
import { legRefusal } from "./leg";
import { heldLots, reduceFollow } from "./reduce";

/**
 * Why a PositionAdjust is refused; makes the position (flat) when it finds nothing wrong. Lots are
 * added (signed, not 0), the price (1 to 2^53 - 1 ticks) is what they cost each.
 */
export function adjustRefusal(rec: usize): i32 {
  const account = accountFind(load<u32>(rec, ADJUST_ACCOUNT));
  if (account == 0) return Refusal.UnknownAccount;
  const instrument = load<u32>(rec, REC_INSTRUMENT);
  const traded = tradedAt(instrument);
  if (traded == 0) return Refusal.UnknownInstrument;
  const tenant = load<u16>(traded, TRD_TENANT);
  if (tenant != 0 && tenant != load<u16>(accountAt(account), ACC_TENANT)) {
    return Refusal.UnknownInstrument;
  }
  const leg = <u32>load<u8>(rec, ADJUST_POSITION_SIDE);
  const named = legRefusal(accountAt(account), leg, traded);
  if (named != Refusal.None) return named;
  if (load<u32>(traded, TRD_BUYS) == 0) return Refusal.ExecutionUnsupported;
  const lots = load<i64>(rec, ADJUST_LOTS);
  if (lots == 0) return Refusal.ParameterInvalid;
  const price = load<i64>(rec, ADJUST_PRICE_TICKS);
  if (price <= 0) return Refusal.PriceNotPositive;
  if (price > PRICE_TICKS_MAX) return Refusal.PriceOutsideSpec;
  const position = positionAt(positionFind(account, instrument, leg));
  const side = lots > 0 ? Side.Buy : Side.Sell;
  if (isClosing(<i32>leg, side) && abs(lots) > heldLots(position, side)) {
    return Refusal.ReduceOnlyWouldIncrease;
  }
  if (!fits(position, traded, lots, price)) return Refusal.NotionalOverflow;
  const slot = positionReady(account, traded, instrument, leg);
  if (slot == 0) return Refusal.PositionsFull;
  return isCash(traded) ? assetRefusal(account, positionAt(slot), traded, lots) : Refusal.None;
}

/** Of a cash instrument no more goes out than is there and free. */
function assetRefusal(account: u32, position: usize, traded: usize, lots: i64): i32 {
  const ticks: i64 = 0;
  if (lots < 0) return cashRefusal(account, position, traded, Side.Sell, ticks, -lots, 0, 0);
  const minor = wantMinor(0, traded, Side.Sell, ticks, lots);
  const base = balanceOf(account, position, traded, Side.Sell);
  if (minor < 0) return Refusal.NotionalOverflow;
  const after = load<i64>(balanceAt(base), BAL_CASH) + minor;
  return after > CASH_MINOR_MAX >> 1 ? Refusal.AmountOverflow : Refusal.None;
}

/** The bounds of a new order, for the position before and after with all that is open. */
function fits(position: usize, traded: usize, lots: i64, price: i64): bool {
  if (lots > QTY_LOTS_MAX || lots < -QTY_LOTS_MAX) return false;
  const before = load<i64>(position, POS_LOTS);
  const open = load<i64>(position, POS_OPEN_BUY) + load<i64>(position, POS_OPEN_SELL);
  const all = abs(before) + abs(lots) + open;
  if (all > QTY_LOTS_MAX) return false;
  return valueMinor(traded, price, all, true) >= 0;
}

/** Books a PositionAdjust that was not refused. */
export function adjustApply(rec: usize): void {
  const instrument = load<u32>(rec, REC_INSTRUMENT);
  const traded = tradedAt(instrument);
  const leg = <u32>load<u8>(rec, ADJUST_POSITION_SIDE);
  const slot = positionFind(accountFind(load<u32>(rec, ADJUST_ACCOUNT)), instrument, leg);
  const position = positionAt(slot);
  const lots = load<i64>(rec, ADJUST_LOTS);
  const price = load<i64>(rec, ADJUST_PRICE_TICKS);
  const side = lots > 0 ? Side.Buy : Side.Sell;
  const tradedLots = load<i64>(position, POS_TRADED);
  const realized = positionFill(position, traded, side, price, abs(lots), O_WIDE);
  store<i64>(position, tradedLots, POS_TRADED);
  streetBook(traded, side, price, abs(lots));
  if (isCash(traded)) assetMove(position, traded, lots, realized);
  else balanceBook(load<u32>(position, POS_BALANCE), realized, 0);
  positionWrite(Kind.PositionChanged, position);
  store<u32>(O_STEPS, 0);
  if (load<u32>(position, POS_REDUCERS) != 0) reduceFollow(position);
}

/** The base comes from the street or goes there; nobody pays, the price is what it counts as. */
function assetMove(position: usize, traded: usize, lots: i64, realizedMinor: i64): void {
  const base = balanceOf(load<u32>(position, POS_ACCOUNT), position, traded, Side.Sell);
  const quote = load<u32>(position, POS_BALANCE);
  balanceMove(base, lots * load<i64>(kindAt(load<u32>(traded, TRD_ID)), KND_BASE_MINOR));
  balanceMove(quote, 0);
  balanceGain(quote, realizedMinor);
}
