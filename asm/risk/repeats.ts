// Repeated executions: a strategy that trades too often in one instrument is stopped, and stays
// stopped until a human releases it.
//
// Executions are counted in fixed windows by (strategy, instrument) while a limit asks. With the
// last one that is allowed the strategy stops: new orders and amends are refused, what waits for a
// trigger is canceled when it is reached, what rests stays and may be canceled. Orders of no
// strategy are a human's and are not counted.
//
// tidy: tested by test/asm/risk/repeats.test.ts
import { accountAt, accountFind, ACC_ID, ACC_TENANT } from "../accounts/account";
import { nowNanos } from "../clock";
import {
  O_REPEATS,
  ORDER_ROW_ACCOUNT,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_STRATEGY,
  REPEATS_MAX,
  REPEAT_INDEX,
  REPEAT_INDEX_ENTRIES,
  REPEAT_ROWS,
  REPEAT_ROW_BYTES,
} from "../layout";
import { outBegin, outEnd } from "../output";
import { strategyAt, strategyFind, STR_ACCOUNT, STR_STOPPED } from "../strategies/strategy";
import {
  Kind,
  ORDER_ACCOUNT,
  ORDER_STRATEGY,
  Refusal,
  Scope,
  SWITCH_ACCOUNT,
  SWITCH_CELLS,
  SWITCH_REASON,
  SWITCH_SCOPE,
  SWITCH_STATE,
  SWITCH_STRATEGY,
  SWITCH_TENANT,
} from "../vocab";
import { effectiveAt } from "./effective";
import { LIM_REPEATS, LIM_REPEATS_MILLIS } from "./limits";
import { stopTell } from "./state-change";

const REP_STRATEGY: i32 = 0; // u32, strategy slot
const REP_INSTRUMENT: i32 = 4; // u32
const REP_START: i32 = 8; // i64
const REP_COUNT: i32 = 16; // u32

// @ts-ignore: decorator
@inline
function rowAt(slot: u32): usize {
  return <usize>REPEAT_ROWS + <usize>slot * REPEAT_ROW_BYTES;
}

/** Row of a strategy in an instrument; when no more rows are free, the one all others share. */
function rowTake(strategy: u32, instrument: u32): usize {
  const mask: u32 = REPEAT_INDEX_ENTRIES - 1;
  let index = ((((strategy << 12) ^ instrument) * 0x9e3779b1) >> 17) & mask;
  while (true) {
    const entry = <usize>REPEAT_INDEX + (<usize>index << 2);
    const slot = load<u32>(entry);
    const row = rowAt(slot);
    if (slot == 0) return rowMake(entry, strategy, instrument);
    const isSame = load<u32>(row, REP_STRATEGY) == strategy;
    if (isSame && load<u32>(row, REP_INSTRUMENT) == instrument) return row;
    index = (index + 1) & mask;
  }
}

function rowMake(entry: usize, strategy: u32, instrument: u32): usize {
  const slot = load<u32>(O_REPEATS) + 1;
  if (slot >= <u32>REPEATS_MAX) return rowAt(0);
  store<u32>(O_REPEATS, slot);
  store<u32>(entry, slot);
  store<u32>(rowAt(slot), strategy, REP_STRATEGY);
  store<u32>(rowAt(slot), instrument, REP_INSTRUMENT);
  return rowAt(slot);
}

/** Counts a fill of a strategy's order and stops the strategy when it was the last one allowed. */
export function executionNote(order: usize, position: usize, traded: usize): void {
  const strategy = strategyFind(load<u16>(order, ORDER_ROW_STRATEGY));
  const owner = accountAt(load<u32>(order, ORDER_ROW_ACCOUNT));
  const limits = effectiveAt(owner, strategy, position, traded);
  const most = load<u32>(limits, LIM_REPEATS);
  if (most == u32.MAX_VALUE) return;
  const row = rowTake(strategy, load<u32>(order, ORDER_ROW_INSTRUMENT));
  const now = nowNanos();
  if (now - load<i64>(row, REP_START) >= <i64>load<u32>(limits, LIM_REPEATS_MILLIS) * 1000000) {
    store<i64>(row, now, REP_START);
    store<u32>(row, 0, REP_COUNT);
  }
  const count = load<u32>(row, REP_COUNT) + 1;
  store<u32>(row, count, REP_COUNT);
  if (count < most || load<u8>(strategyAt(strategy), STR_STOPPED) != 0) return;
  store<u8>(strategyAt(strategy), 1, STR_STOPPED);
  const out = outBegin(Kind.RiskEvent, SWITCH_CELLS, load<u32>(order, ORDER_ROW_INSTRUMENT));
  store<u8>(out, Scope.Strategy, SWITCH_SCOPE);
  store<u8>(out, 1, SWITCH_STATE);
  store<u16>(out, load<u16>(owner, ACC_TENANT), SWITCH_TENANT);
  store<u32>(out, load<u32>(owner, ACC_ID), SWITCH_ACCOUNT);
  store<u16>(out, load<u16>(order, ORDER_ROW_STRATEGY), SWITCH_STRATEGY);
  store<u16>(out, Refusal.RepeatedExecution, SWITCH_REASON);
  outEnd(out);
  stopTell(load<u16>(order, ORDER_ROW_STRATEGY), 1, Refusal.RepeatedExecution);
}

/** Takes a RiskRelease of a strategy: it may trade again, and its counts begin anew. */
export function repeatsRelease(rec: usize): Refusal {
  const account = accountFind(load<u32>(rec, ORDER_ACCOUNT));
  if (account == 0) return Refusal.UnknownAccount;
  const strategy = strategyFind(load<u16>(rec, ORDER_STRATEGY));
  if (strategy == 0) return Refusal.UnknownStrategy;
  if (load<u32>(strategyAt(strategy), STR_ACCOUNT) != account) return Refusal.NotOwner;
  store<u8>(strategyAt(strategy), 0, STR_STOPPED);
  for (let slot: u32 = 0; slot <= load<u32>(O_REPEATS); slot++) {
    const row = rowAt(slot);
    if (slot == 0 || load<u32>(row, REP_STRATEGY) == strategy) store<u32>(row, 0, REP_COUNT);
  }
  return Refusal.None;
}

/** True when the strategy a RiskRelease names is stopped. */
export function strategyIsStopped(rec: usize): bool {
  const strategy = strategyFind(load<u16>(rec, ORDER_STRATEGY));
  return strategy != 0 && load<u8>(strategyAt(strategy), STR_STOPPED) != 0;
}

/** Tells that the strategy of a RiskRelease trades again. */
export function releaseTell(rec: usize): void {
  stopTell(load<u16>(rec, ORDER_STRATEGY), 0, Refusal.None);
}
