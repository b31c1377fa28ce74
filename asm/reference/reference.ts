// The one door to reference data, for the sequencer.
import { CURRENCIES, CURRENCY_BYTES, INSTRUMENTS, INSTRUMENT_BYTES } from "../layout";
import { R_CURRENCIES, R_INSTRUMENTS } from "../layout";
import { xxh64 } from "../math/hash";
import { Kind, REC_KIND, Refusal } from "../vocab";
import { currencyApply } from "./currency";
import { instrumentApply } from "./instrument";

/** Takes a Currency or InstrumentSpec record; AlreadyConfigured when it changes nothing. */
export function referenceApply(rec: usize): Refusal {
  if (load<u16>(rec, REC_KIND) == Kind.Currency) return currencyApply(rec);
  return instrumentApply(rec);
}

/** XXH64 over the used part of the reference section, on top of `seed`. */
export function referenceHash(seed: u64): u64 {
  const currencies = <usize>load<u32>(R_CURRENCIES) * CURRENCY_BYTES;
  const instruments = <usize>load<u32>(R_INSTRUMENTS) * INSTRUMENT_BYTES;
  return xxh64(INSTRUMENTS, instruments, xxh64(CURRENCIES, currencies, seed));
}
