// Engine time: the sequencer's word, read from the header. The core has no other clock.
import { H_TS_ENGINE } from "./layout";

/** A UTC day; engine days begin at 00:00 UTC. */
export const DAY_NANOS: i64 = 86400000000000;

/** tsEngine of the input being applied, nanoseconds since the Unix epoch. */
// @ts-ignore: decorator
@inline
export function nowNanos(): i64 {
  return load<i64>(H_TS_ENGINE);
}
