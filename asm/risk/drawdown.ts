// Drawdown: how far PnL (equity less deposits) has fallen from the highest value seen.
//
// Seen when an order is asked for it, and from then on at the end of every input that changed the
// balance: a fill, a fee, a settlement. So what an account made and lost again between two of its
// orders counts as soon as it was realized or traded on. What marks alone made and took back
// between two such looks is not seen: following it would cost a walk with every mark of everyone.
//
// tidy: tested by test/asm/risk/drawdown.test.ts
import {
  balanceAt,
  BAL_ACCOUNT,
  BAL_CASH,
  BAL_CURRENCY,
  BAL_DEPOSITS,
  BAL_PEAK,
  BAL_TOUCHED_NEXT,
} from "../accounts/balance";
import { O_PEAKS, O_TOUCHED_FIRST, PEAK_ROWS, PEAK_ROW_BYTES } from "../layout";
import { accountUnrealizedMinor, POS_BALANCE } from "../positions/position";
import { LIM_DRAWDOWN } from "./limits";

/** Takes a look at a balance's PnL; returns how far it lies below its peak, minor, 0 or more. */
export function peakSee(slot: u32): i64 {
  const row = balanceAt(slot);
  const currency = <u32>load<u16>(row, BAL_CURRENCY);
  const unrealized = accountUnrealizedMinor(load<u32>(row, BAL_ACCOUNT), currency);
  const pnl = load<i64>(row, BAL_CASH) + unrealized - load<i64>(row, BAL_DEPOSITS);
  const peakAt = <usize>PEAK_ROWS + <usize>slot * PEAK_ROW_BYTES;
  const peak = max(load<i64>(peakAt), pnl);
  store<i64>(peakAt, peak);
  if (load<u8>(row, BAL_PEAK) == 0) {
    store<u8>(row, 1, BAL_PEAK);
    store<u32>(O_PEAKS, load<u32>(O_PEAKS) + 1);
  }
  return peak - pnl;
}

/** True when PnL in the position's settlement currency has fallen by more than the limit. */
export function isDrawnDown(limits: usize, position: usize): bool {
  const balance = load<u32>(position, POS_BALANCE);
  return balance != 0 && peakSee(balance) > load<i64>(limits, LIM_DRAWDOWN);
}

/** Looks at the watched balances this input changed; asked before they are reported. */
export function peaksOfTouched(): void {
  let slot = load<u32>(O_TOUCHED_FIRST);
  while (slot != 0) {
    const row = balanceAt(slot);
    if (load<u8>(row, BAL_PEAK) != 0) peakSee(slot);
    slot = load<u32>(row, BAL_TOUCHED_NEXT);
  }
}
