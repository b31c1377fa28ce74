// The restricted list: sides of an instrument that nobody, a tenant or an account may trade.
//
// A RestrictedList record sets (state 1) or lifts (state 0) one side, or both, for its scope. The
// entries of an instrument are a list; each position knows its own answer (effective.ts), so the
// list is walked when something changes, not before every order.
//
// tidy: tested by test/asm/risk/exposure.test.ts
import { accountFind, ACCOUNT_HOUSE, ACC_FLAGS, ACC_ID, ACC_TENANT } from "../accounts/account";
import {
  O_RESTRICTIONS,
  RESTRICTIONS_MAX,
  RESTRICTION_FIRST,
  RESTRICTION_ROWS,
  RESTRICTION_ROW_BYTES,
} from "../layout";
import { tradedAt, TRD_ID } from "../positions/traded";
import {
  REC_INSTRUMENT,
  Refusal,
  RESTRICT_SIDE,
  Scope,
  Side,
  SWITCH_ACCOUNT,
  SWITCH_SCOPE,
  SWITCH_STATE,
  SWITCH_TENANT,
} from "../vocab";
import { limitsExpire } from "./limits";

const RES_HOLDER: i32 = 0; // u32, tenant or account id, 0 for all
const RES_NEXT: i32 = 4; // u32, next entry of the instrument
const RES_SCOPE: i32 = 8; // u8, enum Scope
const RES_SIDES: i32 = 9; // u8, bit of a side: 1 << Side

const SIDES_BOTH: i32 = (1 << Side.Buy) | (1 << Side.Sell);

// @ts-ignore: decorator
@inline
function rowAt(slot: u32): usize {
  return <usize>RESTRICTION_ROWS + <usize>slot * RESTRICTION_ROW_BYTES;
}

// @ts-ignore: decorator
@inline
function firstAt(instrument: u32): usize {
  return <usize>RESTRICTION_FIRST + (<usize>instrument << 2);
}

/** Takes a RestrictedList record: scope global, tenant or account, one instrument. */
export function restrictedApply(rec: usize): Refusal {
  const instrument = load<u32>(rec, REC_INSTRUMENT);
  const scope = <i32>load<u8>(rec, SWITCH_SCOPE);
  const side = <i32>load<u8>(rec, RESTRICT_SIDE);
  const state = load<u8>(rec, SWITCH_STATE);
  if (side > Side.Sell || state > 1) return Refusal.ParameterInvalid;
  if (scope > Scope.Account) return Refusal.ScopeInvalid;
  if (tradedAt(instrument) == 0) return Refusal.UnknownInstrument;
  let holder: u32 = 0;
  if (scope == Scope.Tenant) holder = load<u16>(rec, SWITCH_TENANT);
  if (scope == Scope.Account) {
    holder = load<u32>(rec, SWITCH_ACCOUNT);
    if (accountFind(holder) == 0) return Refusal.UnknownAccount;
  }
  const slot = entryTake(instrument, scope, holder);
  if (slot == 0) return Refusal.LimitsFull;
  const sides = side == Side.None ? SIDES_BOTH : 1 << side;
  const before = <i32>load<u8>(rowAt(slot), RES_SIDES);
  store<u8>(rowAt(slot), <u8>(state == 1 ? before | sides : before & ~sides), RES_SIDES);
  limitsExpire();
  return Refusal.None;
}

/** The entry of a scope, made when missing; 0 when the table is full. */
function entryTake(instrument: u32, scope: i32, holder: u32): u32 {
  let slot = load<u32>(firstAt(instrument));
  while (slot != 0) {
    const row = rowAt(slot);
    if (load<u8>(row, RES_SCOPE) == scope && load<u32>(row, RES_HOLDER) == holder) return slot;
    slot = load<u32>(row, RES_NEXT);
  }
  slot = load<u32>(O_RESTRICTIONS) + 1;
  if (slot >= <u32>RESTRICTIONS_MAX) return 0;
  store<u32>(O_RESTRICTIONS, slot);
  const row = rowAt(slot);
  store<u32>(row, holder, RES_HOLDER);
  store<u32>(row, load<u32>(firstAt(instrument)), RES_NEXT);
  store<u8>(row, <u8>scope, RES_SCOPE);
  store<u32>(firstAt(instrument), slot);
  return slot;
}

/** Sides the account may not trade in the instrument, a bit each: 1 << Side. */
export function restrictedSides(account: usize, traded: usize): i32 {
  assert((load<u8>(account, ACC_FLAGS) & ACCOUNT_HOUSE) == 0, "a house account has no limits");
  let sides: i32 = 0;
  let slot = load<u32>(firstAt(load<u32>(traded, TRD_ID)));
  while (slot != 0) {
    const row = rowAt(slot);
    const scope = <i32>load<u8>(row, RES_SCOPE);
    let holder: u32 = 0;
    if (scope == Scope.Tenant) holder = load<u16>(account, ACC_TENANT);
    if (scope == Scope.Account) holder = load<u32>(account, ACC_ID);
    if (load<u32>(row, RES_HOLDER) == holder) sides |= <i32>load<u8>(row, RES_SIDES);
    slot = load<u32>(row, RES_NEXT);
  }
  return sides;
}
