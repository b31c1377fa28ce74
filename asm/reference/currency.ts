// Currencies: the unit in which money is counted. Text codes live here for the edges only.
//
// tidy: tested by test/asm/reference/reference.test.ts
import { CURRENCIES, CURRENCIES_MAX, CURRENCY_BYTES, R_CURRENCIES } from "../layout";
import {
  CURRENCY_CODE,
  CURRENCY_ID,
  CURRENCY_MINOR_EXPONENT,
  Refusal,
} from "../vocab";

// One slot: known u32, minor exponent i32, code 16 bytes.
const SLOT_KNOWN: i32 = 0;
const SLOT_MINOR_EXPONENT: i32 = 4;
const SLOT_CODE: i32 = 8;

// @ts-ignore: decorator
@inline
function slotAt(id: u32): usize {
  return <usize>CURRENCIES + <usize>id * CURRENCY_BYTES;
}

/** True when the currency has been configured. */
export function currencyIsKnown(id: u32): bool {
  return id > 0 && id < <u32>CURRENCIES_MAX && load<u32>(slotAt(id), SLOT_KNOWN) != 0;
}

/** Exponent of the currency's smallest unit, -18 to 0: USDT counted in 10^-8 gives -8. */
export function currencyMinorExponent(id: u32): i32 {
  assert(currencyIsKnown(id), "the currency is configured");
  return load<i32>(slotAt(id), SLOT_MINOR_EXPONENT);
}

/** Takes a Currency record; the same one again is fine, another under the same id is not. */
export function currencyApply(rec: usize): Refusal {
  const id = <u32>load<u16>(rec, CURRENCY_ID);
  const exponent = <i32>load<i8>(rec, CURRENCY_MINOR_EXPONENT);
  if (id == 0 || id >= <u32>CURRENCIES_MAX) return Refusal.UnknownCurrency;
  if (exponent > 0 || exponent < -18) return Refusal.ConfigInvalid;
  if (load<u8>(rec, CURRENCY_CODE) == 0) return Refusal.ConfigInvalid;
  const slot = slotAt(id);
  if (load<u32>(slot, SLOT_KNOWN) != 0) {
    const isSame =
      load<i32>(slot, SLOT_MINOR_EXPONENT) == exponent &&
      memory.compare(slot + SLOT_CODE, rec + CURRENCY_CODE, 16) == 0;
    return isSame ? Refusal.AlreadyConfigured : Refusal.ConfigConflict;
  }
  store<u32>(slot, 1, SLOT_KNOWN);
  store<i32>(slot, exponent, SLOT_MINOR_EXPONENT);
  memory.copy(slot + SLOT_CODE, rec + CURRENCY_CODE, 16);
  if (id >= load<u32>(R_CURRENCIES)) store<u32>(R_CURRENCIES, id + 1);
  return Refusal.None;
}
