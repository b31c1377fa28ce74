// Kill switches and trading modes: set by a record, and they stay until another record unsets them;
// nothing in the core clears a switch by itself. Phases are moved by orders/phase.ts.
//
// A full disk is a switch of the engine's own: it lets through all that exists already (cancels,
// smaller amends, triggers, reports of venues), and nothing that would be more to keep.
//
// tidy: tested by test/asm/risk/limits.test.ts
import { accountAt, accountFind, ACC_KILLED, ACC_MODE, ACC_TENANT } from "../accounts/account";
import { O_DISK_FULL, O_KILLED, O_MODE, TENANT_SWITCHES } from "../layout";
import {
  GUARD_CALL,
  tradedAt,
  TRD_GUARD,
  TRD_KILLED,
  TRD_MODE,
  TRD_PHASE,
  TRD_UNTRUSTED,
} from "../positions/traded";
import {
  strategyAt,
  strategyFind,
  STR_KILLED,
  STR_MODE,
  STR_STOPPED,
} from "../strategies/strategy";
import {
  DISK_FULL,
  InstrumentPhase,
  Kind,
  REC_INSTRUMENT,
  REC_KIND,
  Refusal,
  Scope,
  SWITCH_ACCOUNT,
  SWITCH_SCOPE,
  SWITCH_STATE,
  SWITCH_STRATEGY,
  SWITCH_TENANT,
  TradingMode,
} from "../vocab";

import { watchAt, WATCH_MODE_AFTER } from "./watch";

const TENANT_KILLED: u8 = 1;
const TENANT_MODE_SHIFT: u8 = 1;

// @ts-ignore: decorator
@inline
function tenantAt(tenant: u32): usize {
  return <usize>TENANT_SWITCHES + <usize>(tenant & 0xffff);
}

/**
 * What the scope of a KillSwitch or TradingState record is set to now; of a scope that names nobody
 * it says nothing.
 */
export function switchNow(rec: usize): u8 {
  const isKill = load<u16>(rec, REC_KIND) == Kind.KillSwitch;
  const account = accountAt(accountFind(load<u32>(rec, SWITCH_ACCOUNT)));
  const strategy = strategyAt(strategyFind(load<u16>(rec, SWITCH_STRATEGY)));
  const traded = tradedAt(load<u32>(rec, REC_INSTRUMENT));
  const tenant = load<u8>(tenantAt(load<u16>(rec, SWITCH_TENANT)));
  switch (<i32>load<u8>(rec, SWITCH_SCOPE)) {
    case Scope.Global:
      return load<u8>(isKill ? O_KILLED : O_MODE);
    case Scope.Tenant:
      return isKill ? tenant & TENANT_KILLED : tenant >> TENANT_MODE_SHIFT;
    case Scope.Account:
      return load<u8>(account + (isKill ? ACC_KILLED : ACC_MODE));
    case Scope.Strategy:
      return load<u8>(strategy + (isKill ? STR_KILLED : STR_MODE));
    default:
      return traded == 0 ? 0 : load<u8>(traded + (isKill ? TRD_KILLED : TRD_MODE));
  }
}

/** Takes a KillSwitch or TradingState record; canceling open orders is the caller's. */
export function switchApply(rec: usize): Refusal {
  const isKill = load<u16>(rec, REC_KIND) == Kind.KillSwitch;
  const state = load<u8>(rec, SWITCH_STATE);
  if (state > <u8>(isKill ? 1 : TradingMode.Halted)) return Refusal.ParameterInvalid;
  const account = accountFind(load<u32>(rec, SWITCH_ACCOUNT));
  const strategy = strategyFind(load<u16>(rec, SWITCH_STRATEGY));
  const traded = tradedAt(load<u32>(rec, REC_INSTRUMENT));
  switch (<i32>load<u8>(rec, SWITCH_SCOPE)) {
    case Scope.Global:
      store<u8>(isKill ? O_KILLED : O_MODE, state);
      return Refusal.None;
    case Scope.Tenant:
      return tenantSet(load<u16>(rec, SWITCH_TENANT), isKill, state);
    case Scope.Account:
      if (account == 0) return Refusal.UnknownAccount;
      if (!isKill) return modeSet(accountAt(account), state);
      store<u8>(accountAt(account) + ACC_KILLED, state);
      return Refusal.None;
    case Scope.Strategy:
      if (strategy == 0) return Refusal.UnknownStrategy;
      store<u8>(strategyAt(strategy) + (isKill ? STR_KILLED : STR_MODE), state);
      return Refusal.None;
    case Scope.Instrument:
      if (traded == 0) return Refusal.UnknownInstrument;
      store<u8>(traded + (isKill ? TRD_KILLED : TRD_MODE), state);
      return Refusal.None;
    default:
      return Refusal.ScopeInvalid;
  }
}

/** Takes a DiskSpace record; true when it says what was not so before. */
export function diskApply(rec: usize): bool {
  const isFull = <u8>(load<u8>(rec, DISK_FULL) != 0);
  const isNew = load<u8>(O_DISK_FULL) != isFull;
  store<u8>(O_DISK_FULL, isFull);
  return isNew;
}

/** DiskFull while the disk of the journal is full, else None. */
// @ts-ignore: decorator
@inline
export function diskRefusal(): Refusal {
  return load<u8>(O_DISK_FULL) != 0 ? Refusal.DiskFull : Refusal.None;
}

/** While an account is liquidated its mode is the engine's; what is set then holds afterwards. */
function modeSet(owner: usize, mode: u8): Refusal {
  const isLiquidating = load<u8>(owner, ACC_MODE) == TradingMode.Liquidating;
  store<u8>(isLiquidating ? watchAt(owner) + WATCH_MODE_AFTER : owner + ACC_MODE, mode);
  return Refusal.None;
}

function tenantSet(tenant: u32, isKill: bool, state: u8): Refusal {
  const at = tenantAt(tenant);
  const before = load<u8>(at);
  if (isKill) store<u8>(at, (before & ~TENANT_KILLED) | state);
  else store<u8>(at, (before & TENANT_KILLED) | (state << TENANT_MODE_SHIFT));
  return Refusal.None;
}

/**
 * The trading mode of this account, strategy slot (0 = none) and instrument, or why no order may
 * enter: a TradingMode, or a Refusal, which is larger than every mode.
 */
// @ts-ignore: decorator
@inline
export function switchState(account: usize, strategy: u32, traded: usize): i32 {
  return isQuiet(account, strategy, traded)
    ? TradingMode.Active
    : switchAsk(account, strategy, traded);
}

/** As `switchState` of what would be one more order, which a full disk refuses too. */
// @ts-ignore: decorator
@inline
export function entryState(account: usize, strategy: u32, traded: usize): i32 {
  return isQuiet(account, strategy, traded)
    ? TradingMode.Active
    : entryAsk(account, strategy, traded);
}

/** Why an open order may not become larger in this `switchState`; None if it may. */
export function moreRefusal(state: i32): Refusal {
  if (load<u8>(O_DISK_FULL) != 0) return Refusal.DiskFull;
  return state == TradingMode.Active ? Refusal.None : Refusal.ReduceOnlyMode;
}

/** Why no order of this account, strategy and instrument may enter; None if it may. */
// @ts-ignore: decorator
@inline
export function switchRefusal(account: usize, strategy: u32, traded: usize): Refusal {
  const state = switchState(account, strategy, traded);
  return state > TradingMode.Liquidating ? state : Refusal.None;
}

/**
 * 0 when no switch is on, every mode is Active, the disk has room, and the instrument trades and is
 * trusted: what nearly every order meets. Switch and mode lie side by side in each row, and phase,
 * switch, mode and trust of an instrument are four bytes in a row: each row is asked with one load.
 */
// @ts-ignore: decorator
@inline
export function switchesSet(account: usize, traded: usize): u32 {
  const tenant = load<u8>(tenantAt(load<u16>(account, ACC_TENANT)));
  const instrument = load<u32>(traded, TRD_PHASE) ^ InstrumentPhase.Continuous;
  return load<u32>(O_KILLED) | load<u16>(account, ACC_KILLED) | tenant | instrument;
}

// @ts-ignore: decorator
@inline
function isQuiet(account: usize, strategy: u32, traded: usize): bool {
  const set = switchesSet(account, traded);
  return (strategy == 0 ? set : set | load<u32>(strategyAt(strategy), STR_KILLED)) == 0;
}

function switchAsk(account: usize, strategy: u32, traded: usize): i32 {
  let killed = load<u8>(O_KILLED) | load<u8>(account, ACC_KILLED) | load<u8>(traded, TRD_KILLED);
  killed |= load<u8>(tenantAt(load<u16>(account, ACC_TENANT))) & TENANT_KILLED;
  if (strategy != 0) killed |= load<u8>(strategyAt(strategy), STR_KILLED);
  if (killed != 0) return Refusal.KillSwitchOn;
  const mode = modeOf(account, strategy, traded);
  if (mode == TradingMode.Halted) return Refusal.TradingHalted;
  if (strategy != 0 && load<u8>(strategyAt(strategy), STR_STOPPED) != 0) {
    return Refusal.RepeatedExecution;
  }
  const phase = <i32>load<u8>(traded, TRD_PHASE);
  // A call of an internal book takes orders; phases are in orders/phase.ts.
  const isCall = (<i32>load<u8>(traded, TRD_GUARD) & GUARD_CALL) != 0;
  if (phase != InstrumentPhase.Continuous && !isCall) return phaseRefusal(phase);
  return load<u8>(traded, TRD_UNTRUSTED) != 0 ? Refusal.BookUntrusted : mode;
}

function entryAsk(account: usize, strategy: u32, traded: usize): i32 {
  const state = switchAsk(account, strategy, traded);
  const isRefused = state > TradingMode.Liquidating || load<u8>(O_DISK_FULL) == 0;
  return isRefused ? state : Refusal.DiskFull;
}

function phaseRefusal(phase: i32): Refusal {
  if (phase == InstrumentPhase.Halted) return Refusal.InstrumentHalted;
  if (phase == InstrumentPhase.Closed) return Refusal.InstrumentClosed;
  return Refusal.InstrumentNotContinuous;
}

/** The strictest trading mode that applies. */
// @ts-ignore: decorator
@inline
export function tradingMode(account: usize, strategy: u32, traded: usize): i32 {
  return isQuiet(account, strategy, traded)
    ? TradingMode.Active
    : modeOf(account, strategy, traded);
}

/** Of two modes the one that allows less; one that liquidates lets what reduces pass. */
// @ts-ignore: decorator
@inline
export function stricter(a: i32, b: i32): i32 {
  if (a == TradingMode.Halted || b == TradingMode.Halted) return TradingMode.Halted;
  return max(a, b);
}

function modeOf(account: usize, strategy: u32, traded: usize): i32 {
  const tenant = load<u8>(tenantAt(load<u16>(account, ACC_TENANT))) >> TENANT_MODE_SHIFT;
  let mode = stricter(<i32>load<u8>(O_MODE), <i32>load<u8>(account, ACC_MODE));
  mode = stricter(stricter(mode, <i32>tenant), <i32>load<u8>(traded, TRD_MODE));
  return strategy != 0 ? stricter(mode, <i32>load<u8>(strategyAt(strategy), STR_MODE)) : mode;
}
