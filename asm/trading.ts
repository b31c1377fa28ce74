// The order role: takes configuration, commands and derived market records, one at a time.
//
// State depends on what the records say and on tsEngine, never on their sequence or cause, so that
// the inline and the sharded topology give the same bytes.
import { accountApply, accountFind } from "./accounts/account";
import { balancesReport, cashApply } from "./accounts/balance";
import { conversionApply } from "./accounts/conversion";
import { feesApply } from "./accounts/fees";
import {
  ACCOUNT_ROWS,
  ACCOUNT_ROW_BYTES,
  AUCTION_ROWS,
  AUCTION_ROW_BYTES,
  BALANCE_ROWS,
  BALANCE_ROW_BYTES,
  CALL_ROWS,
  CALL_ROW_BYTES,
  CONVERSION_ROWS,
  CONVERSION_ROW_BYTES,
  CURRENCIES_MAX,
  CURVE_ROWS,
  CURVE_ROW_BYTES,
  FEE_DAYS_ROWS,
  FEE_DAYS_ROW_BYTES,
  FEE_TIERS_MAX,
  FEE_TIER_ROWS,
  FEE_TIER_ROW_BYTES,
  INTEREST_ROWS,
  INTEREST_ROW_BYTES,
  BESIDE_ROWS,
  BESIDE_ROW_BYTES,
  H_ORDER_ARENA,
  HOLD_ROWS,
  HOLD_ROW_BYTES,
  KIND_ROWS,
  KIND_ROW_BYTES,
  LEDGER_ROWS,
  LEDGER_ROW_BYTES,
  LIMITS_ROWS,
  LIMITS_ROW_BYTES,
  LOCK_ROWS,
  LOCK_ROW_BYTES,
  MARGIN_ROWS,
  MARGIN_ROW_BYTES,
  O_ACCOUNTS,
  O_ARMED,
  O_BALANCES,
  O_CONVERSIONS,
  O_HELD_FIRST,
  O_LIMITS,
  O_LIMITS_GENERATION,
  O_LIMITS_STATED,
  O_MARGINS,
  O_ORDERS,
  O_PARENTS,
  O_PARENTS_OPEN,
  O_PEAKS,
  O_POSITIONS,
  O_REPEATS,
  O_STEPS,
  O_STRATEGIES,
  O_SUBS,
  O_ROUTES,
  O_VENUES,
  ORDER_COLD_ROWS,
  ORDER_COLD_SHIFT,
  ORDER_END,
  ORDER_HEAD_BYTES,
  ORDER_MORE_ROWS,
  ORDER_MORE_SHIFT,
  ORDER_ROWS,
  ORDER_ROW_SHIFT,
  ORDER_TABLES_END,
  ORDER_TERMS_ROWS,
  ORDER_TERMS_SHIFT,
  PARENT_HEAP,
  PARENT_ROWS,
  PARENT_ROW_BYTES,
  PEAK_ROWS,
  PEAK_ROW_BYTES,
  POSITION_ROWS,
  POSITION_ROW_BYTES,
  QUEUE_ROWS,
  QUEUE_ROW_BYTES,
  RANGE_ROWS,
  RANGE_ROW_BYTES,
  R_INSTRUMENTS,
  ROUTED_ROWS,
  ROUTED_ROW_BYTES,
  ROUTE_ROWS,
  ROUTE_ROW_BYTES,
  VENUES_MAX,
  VENUE_FILL_ROWS,
  VENUE_ROWS,
  VENUE_ROW_BYTES,
  RECENT_ROWS,
  REPEAT_ROWS,
  REPEAT_ROW_BYTES,
  RESTRICTIONS_MAX,
  RESTRICTION_ROWS,
  RESTRICTION_ROW_BYTES,
  STRATEGY_ROWS,
  STRATEGY_ROW_BYTES,
  SUB_ROWS,
  SUB_ROW_BYTES,
  TENANTS_MAX,
  TENANT_LIMITS,
  TENANT_SWITCHES,
  TRAIL_BOOKS,
  TRAIL_BOOK_BYTES,
  TRADED_ROWS,
  TRADED_ROW_BYTES,
  VOLUME_ROWS,
  VOLUME_ROW_BYTES,
  WATCH_ROWS,
  WATCH_ROW_BYTES,
  ORDER,
  ORDER_ARENA_FLOOR,
} from "./layout";
import { xxh64 } from "./math/hash";
import { adjustApply, adjustRefusal } from "./orders/adjust";
import { orderAmend, orderCancel } from "./orders/amend";
import { orderNew } from "./orders/command";
import { auctionCall, auctionRefusal, auctionUncross } from "./orders/auction";
import { fundingPlan } from "./orders/funding";
import { heldOfInput } from "./orders/held";
import { modeRefusal } from "./orders/leg";
import { callsOfAccount, callsOfInput, callsOfSchedule } from "./orders/margin-call";
import { massCancel, switchCancel } from "./orders/mass";
import { parentCancel, parentNew } from "./orders/parent-command";
import { printApply, quoteApply, trustApply } from "./orders/paper";
import { phaseApply, phaseRefusal } from "./orders/phase";
import { stateQuery } from "./orders/query";
import { settlePlan } from "./orders/settle";
import { linkApply, listingBegin, listingEnd, positionReport } from "./orders/reconcile";
import { orderReplace } from "./orders/replace";
import { reportApply } from "./orders/report";
import { stopsOfTouched } from "./orders/stop";
import { timerApply } from "./orders/timer";
import { topsPublish } from "./orders/top";
import { fillsKnown } from "./orders/venue-fills";
import { curveApply } from "./orders/volume";
import { outBegin, outEnd } from "./output";
import { markApply, SPEC_MOVED, SPEC_OPENED, tradedOpen } from "./positions/traded";
import { peaksOfTouched } from "./risk/drawdown";
import { limitsApply, limitsExpire } from "./risk/limits";
import { marginApply } from "./risk/margin";
import { releaseTell, repeatsRelease, strategyIsStopped } from "./risk/repeats";
import { restrictedApply } from "./risk/restricted";
import { diskTell, switchTell } from "./risk/state-change";
import { diskApply, switchApply, switchNow } from "./risk/switch";
import { signalApply } from "./strategies/signal-follower";
import { strategyApply } from "./strategies/strategy";
import {
  ACCOUNT_ID,
  CONFIG_CELLS,
  CONFIG_KIND,
  CONFIG_REASON,
  DISK_FULL,
  Kind,
  MASS_SCOPE,
  REC_INSTRUMENT,
  REC_KIND,
  Refusal,
  Scope,
  SWITCH_CANCEL_OPEN,
  SWITCH_STATE,
} from "./vocab";

/** Makes the order role's tables empty: slot 0 of each means "none". Called once, before inputs. */
export function orderInit(): void {
  assert(ORDER_TABLES_END <= ORDER_ARENA_FLOOR, "the order tables end below the arena");
  store<u32>(O_ACCOUNTS, 1);
  store<u32>(O_STRATEGIES, 1);
  store<u32>(O_ORDERS, 1);
  store<u32>(O_POSITIONS, 1);
  store<u32>(O_BALANCES, 1);
  store<u32>(O_LIMITS, 1);
  store<u32>(O_CONVERSIONS, 1);
  store<u32>(O_LIMITS_GENERATION, 1);
}

/** Applies one record of any kind the order role takes; others are none of its business. */
export function orderApply(rec: usize): void {
  const kind = <i32>load<u16>(rec, REC_KIND);
  if (load<u32>(O_ORDERS) == 0) orderInit();
  if (kind >> 8 == 0x05) commandApply(kind, rec);
  else if (kind == Kind.Timer) timerApply();
  else if (kind >> 8 == 0x04) derivedApply(kind, rec);
  else if (kind >> 8 == 0x02) configApply(kind, rec);
  else if (kind == Kind.DiskSpace && diskApply(rec)) diskTell(load<u8>(rec, DISK_FULL));
  if (load<u32>(O_HELD_FIRST) != 0) heldOfInput();
  if (load<u32>(O_ARMED) != 0) stopsOfTouched();
  topsPublish();
  if (load<u8>(O_MARGINS) != 0) callsOfInput(rec);
  if (load<u32>(O_PEAKS) != 0) peaksOfTouched();
  balancesReport();
}

// @ts-ignore: decorator
@inline
function commandApply(kind: i32, rec: usize): void {
  switch (kind) {
    case Kind.OrderNew:
      return orderNew(rec);
    case Kind.OrderCancel:
      return orderCancel(rec);
    case Kind.OrderAmend:
      return orderAmend(rec);
    case Kind.OrderReplace:
      return orderReplace(rec);
    case Kind.MassCancel:
      return massCancel(rec);
    case Kind.StateQuery:
      return stateQuery(rec);
    case Kind.AuctionCall:
    case Kind.AuctionUncross:
      return auctionApply(kind, rec);
    case Kind.ParentNew:
      return parentNew(rec);
    case Kind.ParentCancel:
      return parentCancel(rec);
    case Kind.RiskRelease:
      return releaseRisk(rec);
    default:
      return venueApply(kind, rec);
  }
}

/** What venues say; other kinds of this family are not taken. */
function venueApply(kind: i32, rec: usize): void {
  if (kind >= Kind.VenueAccepted && kind <= Kind.VenueUnknown) return reportApply(kind, rec);
  switch (kind) {
    case Kind.VenueFillCorrected:
      return reportApply(kind, rec);
    case Kind.VenuePosition:
      return positionReport(rec);
    case Kind.ReconcileBegin:
      return listingBegin(rec);
    case Kind.ReconcileEnd:
      return listingEnd(rec);
    case Kind.VenueStatus:
      return answer(rec, linkApply(rec));
    default:
      return answer(rec, Refusal.KindNotAllowed);
  }
}

/** Whether an account is a house account decides which limits hold for it. */
function accountChange(rec: usize): Refusal {
  const mode = modeRefusal(rec);
  if (mode != Refusal.None) return mode;
  const refusal = accountApply(rec);
  if (refusal != Refusal.None) return refusal;
  limitsExpire();
  callsOfAccount(accountFind(load<u32>(rec, ACCOUNT_ID)));
  return Refusal.None;
}

/** A human lets go on what risk has stopped. */
function releaseRisk(rec: usize): void {
  const isStrategy = load<u8>(rec, MASS_SCOPE) == Scope.Strategy;
  const wasStopped = isStrategy && strategyIsStopped(rec);
  const refusal = isStrategy ? repeatsRelease(rec) : Refusal.ScopeInvalid;
  answer(rec, refusal);
  if (refusal == Refusal.None && wasStopped) releaseTell(rec);
}

function derivedApply(kind: i32, rec: usize): void {
  store<u32>(O_STEPS, 0);
  switch (kind) {
    case Kind.TopOfBook:
      return quoteApply(rec);
    case Kind.TradePrint:
      return printApply(rec);
    case Kind.Signal:
      return signalApply(rec);
    case Kind.BookTrust:
      return trustApply(rec);
    case Kind.MarkChange:
      return markApply(rec);
    case Kind.FundingChange:
      return fundingPlan(rec);
  }
}

/** Every configuration record meant for this role is answered, accepted or denied with a reason. */
function configApply(kind: i32, rec: usize): void {
  switch (kind) {
    case Kind.InstrumentSpec:
      return specify(rec);
    case Kind.Account:
      return answer(rec, accountChange(rec));
    case Kind.Strategy:
      return answer(rec, strategyApply(rec));
    case Kind.CashAdjust:
      return answer(rec, cashApply(rec));
    case Kind.PositionAdjust:
      return adjust(rec);
    case Kind.RiskLimits:
      return answer(rec, limitsApply(rec));
    case Kind.MarginSchedule:
      return scheduleTake(rec);
    case Kind.RestrictedList:
      return answer(rec, restrictedApply(rec));
    case Kind.FeeSchedule:
      return answer(rec, feesApply(rec));
    case Kind.ConversionMark:
      // Limits that are stated in a currency are folded at the newest marks.
      if (load<u8>(O_LIMITS_STATED) != 0) limitsExpire();
      return answer(rec, conversionApply(rec));
    case Kind.TradingState:
      switchTake(rec);
      return;
    case Kind.InstrumentState:
      return stateApply(rec);
    case Kind.VolumeCurve:
      return answer(rec, curveApply(rec));
    case Kind.KillSwitch:
      return killApply(rec);
  }
}

function specify(rec: usize): void {
  const done = tradedOpen(rec);
  if (done == SPEC_OPENED) settlePlan(load<u32>(rec, REC_INSTRUMENT));
  else if (done == SPEC_MOVED) callsOfSchedule(rec);
}

function scheduleTake(rec: usize): void {
  const refusal = marginApply(rec);
  answer(rec, refusal);
  if (refusal == Refusal.None) callsOfSchedule(rec);
}

function adjust(rec: usize): void {
  const refusal = adjustRefusal(rec);
  answer(rec, refusal);
  if (refusal == Refusal.None) adjustApply(rec);
}

function stateApply(rec: usize): void {
  const refusal = phaseRefusal(rec);
  answer(rec, refusal);
  if (refusal == Refusal.None) phaseApply(rec);
}

function auctionApply(kind: i32, rec: usize): void {
  const refusal = auctionRefusal(rec);
  answer(rec, refusal);
  if (refusal != Refusal.None) return;
  if (kind == Kind.AuctionCall) auctionCall(rec);
  else auctionUncross(rec);
}

/** Sets a switch or mode and says so when it is another. */
function switchTake(rec: usize): Refusal {
  const before = switchNow(rec);
  const refusal = switchApply(rec);
  answer(rec, refusal);
  if (refusal == Refusal.None && before != switchNow(rec)) switchTell(rec);
  return refusal;
}

function killApply(rec: usize): void {
  const refusal = switchTake(rec);
  if (refusal != Refusal.None || load<u8>(rec, SWITCH_CANCEL_OPEN) == 0) return;
  if (load<u8>(rec, SWITCH_STATE) != 0) switchCancel(rec);
}

function answer(rec: usize, refusal: i32): void {
  const kind = refusal == Refusal.None ? Kind.ConfigAccepted : Kind.ConfigDenied;
  const out = outBegin(kind, CONFIG_CELLS, load<u32>(rec, REC_INSTRUMENT));
  store<u16>(out, load<u16>(rec, REC_KIND), CONFIG_KIND);
  store<u16>(out, <u16>refusal, CONFIG_REASON);
  outEnd(out);
}

/**
 * XXH64 over the used part of the order section on top of `seed`. The indexes (account, position,
 * client id, strategy) are left out: they are made of the rows, which are in.
 */
export function orderHash(seed: u64): u64 {
  let hash = xxh64(ORDER, ORDER_HEAD_BYTES, seed);
  hash = rowsHash(ACCOUNT_ROWS, O_ACCOUNTS, ACCOUNT_ROW_BYTES, hash);
  hash = xxh64(TENANT_SWITCHES, TENANTS_MAX, hash);
  hash = rowsHash(STRATEGY_ROWS, O_STRATEGIES, STRATEGY_ROW_BYTES, hash);
  hash = rowsHash(LIMITS_ROWS, O_LIMITS, LIMITS_ROW_BYTES, hash);
  hash = rowsHash(BALANCE_ROWS, O_BALANCES, BALANCE_ROW_BYTES, hash);
  hash = xxh64(LEDGER_ROWS, CURRENCIES_MAX * LEDGER_ROW_BYTES, hash);
  hash = rowsHash(TRADED_ROWS, R_INSTRUMENTS, TRADED_ROW_BYTES, hash);
  hash = rowsHash(POSITION_ROWS, O_POSITIONS, POSITION_ROW_BYTES, hash);
  hash = rowsHash(ORDER_ROWS, O_ORDERS, 1 << ORDER_ROW_SHIFT, hash);
  hash = rowsHash(ORDER_COLD_ROWS, O_ORDERS, 1 << ORDER_COLD_SHIFT, hash);
  hash = rowsHash(ORDER_TERMS_ROWS, O_ORDERS, 1 << ORDER_TERMS_SHIFT, hash);
  hash = rowsHash(KIND_ROWS, R_INSTRUMENTS, KIND_ROW_BYTES, hash);
  hash = rowsHash(LOCK_ROWS, O_ORDERS, LOCK_ROW_BYTES, hash);
  hash = routesHash(hash);
  hash = rowsHash(QUEUE_ROWS, R_INSTRUMENTS, QUEUE_ROW_BYTES, hash);
  hash = rowsHash(AUCTION_ROWS, R_INSTRUMENTS, AUCTION_ROW_BYTES, hash);
  hash = rowsHash(CONVERSION_ROWS, O_CONVERSIONS, CONVERSION_ROW_BYTES, hash);
  hash = rowsHash(ORDER_MORE_ROWS, O_ORDERS, 1 << ORDER_MORE_SHIFT, hash);
  hash = rowsHash(TRAIL_BOOKS, R_INSTRUMENTS, TRAIL_BOOK_BYTES, hash);
  hash = rowsHash(PARENT_ROWS, O_PARENTS, PARENT_ROW_BYTES, hash);
  hash = rowsHash(VOLUME_ROWS, R_INSTRUMENTS, VOLUME_ROW_BYTES, hash);
  hash = rowsHash(CURVE_ROWS, R_INSTRUMENTS, CURVE_ROW_BYTES, hash);
  // The heap holds times that no row has.
  hash = xxh64(PARENT_HEAP, <usize>load<u32>(O_PARENTS_OPEN) * 16, hash);
  hash = rowsHash(BESIDE_ROWS, O_POSITIONS, BESIDE_ROW_BYTES, hash);
  hash = rowsHash(INTEREST_ROWS, R_INSTRUMENTS, INTEREST_ROW_BYTES, hash);
  hash = xxh64(FEE_TIER_ROWS, FEE_TIERS_MAX * FEE_TIER_ROW_BYTES, hash);
  hash = rowsHash(RANGE_ROWS, R_INSTRUMENTS, RANGE_ROW_BYTES, hash);
  hash = rowsHash(FEE_DAYS_ROWS, O_ACCOUNTS, FEE_DAYS_ROW_BYTES, hash);
  hash = riskHash(hash);
  hash = rowsHash(SUB_ROWS, O_SUBS, SUB_ROW_BYTES, hash);
  const arena = load<u32>(H_ORDER_ARENA);
  return xxh64(arena, ORDER_END - arena, hash);
}

/** Rows of venues, of orders there, and their fills; none of all that without a venue. */
function routesHash(seed: u64): u64 {
  if (load<u32>(O_VENUES) == 0) return seed;
  let hash = rowsHash(ROUTE_ROWS, O_ROUTES, ROUTE_ROW_BYTES, seed);
  hash = xxh64(VENUE_ROWS, VENUES_MAX * VENUE_ROW_BYTES, hash);
  hash = rowsHash(ROUTED_ROWS, R_INSTRUMENTS, ROUTED_ROW_BYTES, hash);
  return xxh64(VENUE_FILL_ROWS, fillsKnown() << 4, hash);
}

/** What risk keeps beside the rows of others; effective limits are made of rows, which are in. */
function riskHash(seed: u64): u64 {
  let hash = xxh64(TENANT_LIMITS, TENANTS_MAX * 4, seed);
  hash = rowsHash(RECENT_ROWS, O_POSITIONS, POSITION_ROW_BYTES, hash);
  hash = rowsHash(WATCH_ROWS, O_ACCOUNTS, WATCH_ROW_BYTES, hash);
  hash = rowsHash(PEAK_ROWS, O_BALANCES, PEAK_ROW_BYTES, hash);
  hash = rowsHash(MARGIN_ROWS, R_INSTRUMENTS, MARGIN_ROW_BYTES, hash);
  hash = rowsHash(HOLD_ROWS, O_POSITIONS, HOLD_ROW_BYTES, hash);
  hash = rowsHash(CALL_ROWS, O_BALANCES, CALL_ROW_BYTES, hash);
  hash = xxh64(RESTRICTION_ROWS, RESTRICTIONS_MAX * RESTRICTION_ROW_BYTES, hash);
  return xxh64(REPEAT_ROWS, <usize>(load<u32>(O_REPEATS) + 1) * REPEAT_ROW_BYTES, hash);
}

// @ts-ignore: decorator
@inline
function rowsHash(rows: usize, countAt: usize, rowBytes: i32, seed: u64): u64 {
  return xxh64(rows, <usize>load<u32>(countAt) * rowBytes, seed);
}
