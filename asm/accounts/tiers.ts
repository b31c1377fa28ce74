// Fee tiers: rates of everyone's schedule that an account earns by what it traded.
//
// What counts is the value of its fills of the 30 UTC days before today, rounded down, in its
// reporting currency; a fill whose currency has no conversion mark counts nothing, as one for which
// a venue named the fee. Today counts from tomorrow on, so an account's rates hold for a whole day.
// An account with a schedule of its own has no tiers.
//
// tidy: tested by test/asm/accounts/tiers.test.ts
import { ACC_CURRENCY } from "./account";
import { dayNow } from "./balance";
import { convertMinor, UNCONVERTED } from "./conversion";
import {
  ACCOUNT_ROWS,
  ACCOUNT_ROW_BYTES,
  FEE_DAYS_ROWS,
  FEE_DAYS_ROW_BYTES,
  FEE_TIERS_MAX,
  FEE_TIER_ROWS,
  FEE_TIER_ROW_BYTES,
  O_FEES_GENERATION,
} from "../layout";
import {
  FEES_MAKER_PER_BILLION,
  FEES_TAKER_PER_BILLION,
  FEES_TIER,
  FEES_VOLUME_FROM_MINOR,
} from "../vocab";

const TIER_FROM: i32 = 0; // i64, minor of the reporting currency, 0 = no such tier
const TIER_MAKER: i32 = 8; // i32, parts per billion
const TIER_TAKER: i32 = 12; // i32

const DAYS_DAY: i32 = 0; // i64, UTC day of the newest bucket
const DAYS_TIER: i32 = 8; // u32, tier of that day
const DAYS_GENERATION: i32 = 12; // u32, of the tiers it was found among
const DAYS_BUCKETS: i32 = 16; // i64 x 32, by day modulo 32

/** UTC days before today that count. */
export const FEE_DAYS: i32 = 30;
const BUCKETS: i64 = 32;
/** Most that a day counts: 30 of them fit. */
const DAY_MINOR_MAX: i64 = 1 << 57;

// @ts-ignore: decorator
@inline
function tierAt(tier: u32): usize {
  return <usize>FEE_TIER_ROWS + <usize>tier * FEE_TIER_ROW_BYTES;
}

// @ts-ignore: decorator
@inline
function daysOf(account: usize): usize {
  const slot = (account - <usize>ACCOUNT_ROWS) / ACCOUNT_ROW_BYTES;
  return <usize>FEE_DAYS_ROWS + slot * FEE_DAYS_ROW_BYTES;
}

// @ts-ignore: decorator
@inline
function bucketAt(days: usize, day: i64): usize {
  return days + DAYS_BUCKETS + (<usize>(day & (BUCKETS - 1)) << 3);
}

/** Takes a tier of everyone's schedule; a volume of 0 takes the tier off. */
export function tierApply(rec: usize): void {
  const row = tierAt(load<u16>(rec, FEES_TIER));
  store<i64>(row, load<i64>(rec, FEES_VOLUME_FROM_MINOR), TIER_FROM);
  store<i32>(row, load<i32>(rec, FEES_MAKER_PER_BILLION), TIER_MAKER);
  store<i32>(row, load<i32>(rec, FEES_TAKER_PER_BILLION), TIER_TAKER);
  store<u32>(O_FEES_GENERATION, load<u32>(O_FEES_GENERATION) + 1);
}

/** Tier of an account today: the one with the highest volume it reaches, 0 = none. */
export function tierOf(account: usize): u32 {
  const days = daysOf(account);
  const today = dayNow();
  const generation = load<u32>(O_FEES_GENERATION);
  const isKnown = load<i64>(days, DAYS_DAY) == today;
  if (isKnown && load<u32>(days, DAYS_GENERATION) == generation) return load<u32>(days, DAYS_TIER);
  daysRoll(days, today);
  const volume = volumeBefore(days, today);
  let tier: u32 = 0;
  let from: i64 = 0;
  for (let other: u32 = 1; other < <u32>FEE_TIERS_MAX; other++) {
    const at = load<i64>(tierAt(other), TIER_FROM);
    if (at == 0 || at > volume || at < from) continue;
    tier = other;
    from = at;
  }
  store<u32>(days, tier, DAYS_TIER);
  store<u32>(days, generation, DAYS_GENERATION);
  return tier;
}

/** Empties the buckets of days that have come since the account was looked at. */
function daysRoll(days: usize, today: i64): void {
  const from = max(load<i64>(days, DAYS_DAY) + 1, today - BUCKETS + 1);
  for (let day = from; day <= today; day++) store<i64>(bucketAt(days, day), 0);
  store<i64>(days, today, DAYS_DAY);
}

function volumeBefore(days: usize, today: i64): i64 {
  let sum: i64 = 0;
  for (let day = today - FEE_DAYS; day < today; day++) sum += load<i64>(bucketAt(days, day));
  return sum;
}

/** The rate of a tier, above 0, in parts per billion. */
export function tierRate(tier: u32, isMaker: bool): i64 {
  return load<i32>(tierAt(tier) + (isMaker ? TIER_MAKER : TIER_TAKER));
}

/** Counts a fill of a value in a settlement currency. */
export function volumeCount(account: usize, valueMinor: i64, currency: u32): void {
  tierOf(account);
  const value = convertMinor(valueMinor, currency, load<u16>(account, ACC_CURRENCY));
  if (value == UNCONVERTED) return;
  const at = bucketAt(daysOf(account), dayNow());
  store<i64>(at, min(DAY_MINOR_MAX, load<i64>(at) + min(value, DAY_MINOR_MAX)));
}
