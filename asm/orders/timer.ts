// Timers of the order role: what falls due without a command.
//
// A Timer is an input like any other, inserted by the sequencer before the first input of a later
// time. Its work is bounded; what is left keeps the deadline due and is done by the next Timer.
//
// tidy: tested by test/asm/orders/stop.test.ts
import { nowNanos } from "../clock";
import { O_DEFERRED, O_DUE, O_ROUTE_DEADLINE, O_STEPS, R_INSTRUMENTS } from "../layout";
import { tradedAt } from "../positions/traded";
import { isUncrossing, uncrossGo } from "./auction";
import { deadlinePublish, expiriesApply, expiryIsDue } from "./expiry";
import { liquidationIsDue, liquidationTurn } from "./liquidation";
import { fundingIsDue, fundingPay } from "./funding";
import { parentDueNanos } from "./parent";
import { parentTurn } from "./parent-step";
import { settleApply } from "./settle";
import { routedTimer } from "./routed";
import { stopsRelease } from "./stop";

/** Takes a Timer of this role. */
export function timerApply(): void {
  store<u32>(O_STEPS, 0);
  // Who holds what is asked before anything of this time can change it.
  if (fundingIsDue()) return fundingPay();
  const isDeferred = load<u8>(O_DEFERRED) != 0;
  if (isDeferred) deferredApply();
  const isSettling = load<i64>(O_DUE) != 0 && load<i64>(O_DUE) <= nowNanos();
  if (isSettling) settleApply();
  // A parent's turn may be a whole sweep, so it has a Timer of its own, behind all that expires.
  if (expiryIsDue()) expiriesApply();
  else if (!isDeferred && !isSettling && liquidationIsDue()) liquidationTurn();
  else if (!isDeferred && !isSettling && parentDueNanos() <= nowNanos()) parentTurn();
  else if (!isDeferred && load<i64>(O_ROUTE_DEADLINE) != 0) routedTimer();
  deadlinePublish();
}

/** Goes on with an uncross that was not done, and with orders an input could not release. */
function deferredApply(): void {
  store<u8>(O_DEFERRED, 0);
  for (let id: u32 = 1; id < load<u32>(R_INSTRUMENTS); id++) {
    const traded = tradedAt(id);
    if (traded == 0) continue;
    if (isUncrossing(traded) && load<u8>(O_DEFERRED) == 0) uncrossGo(traded);
    stopsRelease(traded);
  }
}
