// What only some limits and margin keep of an account, beside its row.
//
// tidy: tested by test/asm/risk/limits.test.ts
import { ACCOUNT_ROWS, ACCOUNT_ROW_BYTES, WATCH_ROWS, WATCH_ROW_BYTES } from "../layout";

export const WATCH_RATE_TENANT: i32 = 0; // i64 window start, u32 messages
export const WATCH_LIQUIDATION_NEXT: i32 = 44; // u32, account that went into liquidation next
export const WATCH_LIQUIDATION_DUE: i32 = 48; // i64, when this one acts
export const WATCH_LIQUIDATION_IDLE: i32 = 57; // u8, steps in a row that closed nothing
export const WATCH_MODE_AFTER: i32 = 56; // u8, enum TradingMode when it is over

/** Address of what is watched of the account whose row lies at `owner`. */
// @ts-ignore: decorator
@inline
export function watchAt(owner: usize): usize {
  const slot = (owner - <usize>ACCOUNT_ROWS) / ACCOUNT_ROW_BYTES;
  return <usize>WATCH_ROWS + slot * WATCH_ROW_BYTES;
}

/** Address of the account's messages under its tenant's limit. */
export function rateTenantAt(owner: usize): usize {
  return watchAt(owner) + WATCH_RATE_TENANT;
}
