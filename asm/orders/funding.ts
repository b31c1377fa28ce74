// Funding of perpetuals: at the time the venue names, each position pays its share of its value.
//
// The newest rate counts, whatever was said before it. At its time the lots of every position are
// valued at the instrument's mark; a positive rate is paid by longs and got by shorts. Rounded
// against the account twice (value, then payment), the rest stays in the funding ledger, which so
// holds exactly what accounts paid; strategies' parts of it are booked by sub-account.ts. A Timer
// of its own comes before all else of that time; it pays a bounded part of one instrument, and the
// mark is that of the first Timer for all of them.
import { balanceFund } from "../accounts/balance";
import { accountAt, ACC_ID, ACC_TENANT } from "../accounts/account";
import { nowNanos } from "../clock";
import { FUNDED_PER_TIMER_MAX, O_FUNDING_DUE, R_INSTRUMENTS } from "../layout";
import { outBegin, outEnd } from "../output";
import {
  interestAt,
  INT_CURSOR,
  INT_DUE,
  INT_FIRST,
  INT_RATE,
  INT_STALE,
  INT_TICKS,
  BSD_FUNDING,
  BSD_NEXT,
  besideAt,
} from "../positions/beside";
import { interestMinor, interestValue, PER_TRILLION } from "../positions/interest";
import {
  positionAt,
  positionWrite,
  POS_ACCOUNT,
  POS_BALANCE,
  POS_LOTS,
} from "../positions/position";
import { subsFund } from "../positions/sub-account";
import {
  markIsStale,
  markTicks,
  tradedAt,
  TRD_FUNDED,
  TRD_KIND,
  TRD_MARK_SOURCE,
  TRD_SETTLEMENT,
} from "../positions/traded";
import {
  FUNDING_CELLS,
  FUNDING_DUE_NANOS,
  FUNDING_LOTS,
  FUNDING_MARK_SOURCE,
  FUNDING_MARK_STALE,
  FUNDING_MARK_TICKS,
  FUNDING_PAID_MINOR,
  FUNDING_RATE,
  FUNDING_REASON,
  FUNDING_SETTLEMENT,
  FUNDING_VALUE_MINOR,
  InstrumentKind,
  Kind,
  MARK_NEXT_NANOS,
  MARK_VALUE,
  ORDER_ACCOUNT,
  ORDER_TENANT,
  REC_INSTRUMENT,
  Refusal,
} from "../vocab";
import { deadlinePublish } from "./expiry";

/** Takes a FundingChange: the rate to the nearest part per trillion, and when it is paid. */
export function fundingPlan(rec: usize): void {
  const id = load<u32>(rec, REC_INSTRUMENT);
  const traded = tradedAt(id);
  if (traded == 0) return;
  const kind = <i32>load<u8>(traded, TRD_KIND);
  if (kind != InstrumentKind.LinearPerpetual && kind != InstrumentKind.InversePerpetual) return;
  const next = load<i64>(rec, MARK_NEXT_NANOS);
  const rate = load<f64>(rec, MARK_VALUE);
  // What the market role let through may have come after its time here.
  if (next <= nowNanos() || !(rate >= -1 && rate <= 1)) return;
  const row = interestAt(id);
  store<i64>(row, <i64>nearest<f64>(rate * <f64>PER_TRILLION), INT_RATE);
  if (load<i64>(row, INT_DUE) == next) return;
  store<i64>(row, next, INT_DUE);
  duePublish();
}

/** The earliest of all fundings, for the deadline. */
function duePublish(): void {
  let due: i64 = 0;
  for (let id: u32 = 1; id < load<u32>(R_INSTRUMENTS); id++) {
    const at = load<i64>(interestAt(id), INT_DUE);
    if (at != 0 && (due == 0 || at < due)) due = at;
  }
  store<i64>(O_FUNDING_DUE, due);
  deadlinePublish();
}

/** True when some instrument's funding is to be paid by now. */
// @ts-ignore: decorator
@inline
export function fundingIsDue(): bool {
  const due = load<i64>(O_FUNDING_DUE);
  return due != 0 && due <= nowNanos();
}

/** Pays what is due, a bounded part of one instrument; the rest finds the next Timer. */
export function fundingPay(): void {
  for (let id: u32 = 1; id < load<u32>(R_INSTRUMENTS); id++) {
    const due = load<i64>(interestAt(id), INT_DUE);
    if (due == 0 || due > nowNanos()) continue;
    if (payPart(id, interestAt(id), tradedAt(id))) store<i64>(interestAt(id), 0, INT_DUE);
    break;
  }
  duePublish();
}

/** Pays the next positions of an instrument; true when the last of them is done. */
function payPart(id: u32, row: usize, traded: usize): bool {
  let slot = load<u32>(row, INT_CURSOR);
  if (slot == 0) {
    const ticks = markTicks(traded);
    if (ticks <= 0) {
      unpaidWrite(id, row, traded);
      return true;
    }
    store<i64>(row, ticks, INT_TICKS);
    store<u8>(row, <u8>markIsStale(traded), INT_STALE);
    store<u8>(traded, 1, TRD_FUNDED);
    slot = load<u32>(row, INT_FIRST);
  }
  for (let done = 0; slot != 0 && done < FUNDED_PER_TIMER_MAX; done++) {
    const position = positionAt(slot);
    if (load<i64>(position, POS_LOTS) != 0) payOne(slot, id, row, traded);
    // Strategies that cover each other pay each other, also where the account pays nothing.
    subsFund(position, traded, load<i64>(row, INT_TICKS), load<i64>(row, INT_RATE));
    slot = load<u32>(besideAt(slot), BSD_NEXT);
  }
  store<u32>(row, slot, INT_CURSOR);
  return slot == 0;
}

function payOne(slot: u32, id: u32, row: usize, traded: usize): void {
  const position = positionAt(slot);
  const lots = load<i64>(position, POS_LOTS);
  const rate = load<i64>(row, INT_RATE);
  const value = interestValue(traded, lots, load<i64>(row, INT_TICKS), rate);
  const paid = interestMinor(lots, value, rate);
  const beside = besideAt(slot);
  store<i64>(beside, load<i64>(beside, BSD_FUNDING) + paid, BSD_FUNDING);
  balanceFund(load<u32>(position, POS_BALANCE), paid);
  const out = recordBegin(id, row, traded);
  const owner = accountAt(load<u32>(position, POS_ACCOUNT));
  store<u32>(out, load<u32>(owner, ACC_ID), ORDER_ACCOUNT);
  store<u16>(out, load<u16>(owner, ACC_TENANT), ORDER_TENANT);
  store<i64>(out, lots, FUNDING_LOTS);
  store<i64>(out, load<i64>(row, INT_TICKS), FUNDING_MARK_TICKS);
  store<i64>(out, paid, FUNDING_PAID_MINOR);
  store<i64>(out, value, FUNDING_VALUE_MINOR);
  store<u8>(out, load<u8>(row, INT_STALE), FUNDING_MARK_STALE);
  outEnd(out);
  positionWrite(Kind.PositionChanged, position);
}

/** Nobody knows what the positions are worth, so nothing is paid, and that is said. */
function unpaidWrite(id: u32, row: usize, traded: usize): void {
  const out = recordBegin(id, row, traded);
  store<u16>(out, Refusal.PriceUnknown, FUNDING_REASON);
  outEnd(out);
}

function recordBegin(id: u32, row: usize, traded: usize): usize {
  const out = outBegin(Kind.FundingPaid, FUNDING_CELLS, id);
  store<i64>(out, load<i64>(row, INT_RATE), FUNDING_RATE);
  store<i64>(out, load<i64>(row, INT_DUE), FUNDING_DUE_NANOS);
  store<u16>(out, load<u16>(traded, TRD_SETTLEMENT), FUNDING_SETTLEMENT);
  store<u8>(out, load<u8>(traded, TRD_MARK_SOURCE), FUNDING_MARK_SOURCE);
  return out;
}
