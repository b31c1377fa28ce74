// What a composed kernel asks for, read from its row: lines, settings, bytes of state.
// tidy: tested by test/asm/indicators/shape.test.ts
import {
  INDICATOR_ANCHOR_SECONDS,
  INDICATOR_FACTOR,
  INDICATOR_FACTOR_2,
  INDICATOR_FACTOR_3,
  INDICATOR_FLAGS,
  INDICATOR_KIND,
  INDICATOR_PERIOD,
  INDICATOR_PERIOD_2,
  INDICATOR_PERIOD_3,
  INDICATOR_PERIOD_4,
  INDICATOR_SOURCE,
  INDICATOR_SOURCE_2,
  PriceSource,
  Refusal,
} from "../vocab";
import { rowOf } from "./families";
import { FACTOR_MAX, I_WIDE } from "./slot";
import { PERIOD_MAX } from "./window";

// @ts-ignore: decorator
@inline
function bits(row: u64, at: u64, count: u64): i32 {
  return <i32>((row >> at) & ((1 << count) - 1));
}

/** Values of a composed kind. */
export function shapeLines(kind: i32): i32 {
  return bits(rowOf(kind), 0, 4);
}

/** True when value 1 is a price. */
export function shapeIsPrice(kind: i32): bool {
  return bits(rowOf(kind), 6, 1) != 0;
}

/** Bytes of the slot that a valid record of a composed kind asks for. */
export function shapeBytes(rec: usize): i32 {
  const row = rowOf(<i32>load<u16>(rec, INDICATOR_KIND));
  const words =
    bits(row, 22, 9) +
    bits(row, 31, 5) * load<i32>(rec, INDICATOR_PERIOD) +
    bits(row, 36, 5) * load<i32>(rec, INDICATOR_PERIOD_2) +
    bits(row, 41, 5) * load<i32>(rec, INDICATOR_PERIOD_3) +
    bits(row, 46, 5) * load<i32>(rec, INDICATOR_PERIOD_4);
  return I_WIDE + ((bits(row, 0, 4) + words) << 3);
}

/** What is wrong with the settings of a composed kind; what it does not use must be 0. */
export function shapeRefusal(rec: usize): Refusal {
  const row = rowOf(<i32>load<u16>(rec, INDICATOR_KIND));
  if (row == 0) return Refusal.UnknownIndicator;
  const count = bits(row, 7, 3);
  const least = 1 + bits(row, 10, 2);
  if (!isPeriod(load<i32>(rec, INDICATOR_PERIOD), count > 0, least)) return Refusal.PeriodInvalid;
  if (!isPeriod(load<i32>(rec, INDICATOR_PERIOD_2), count > 1, 1)) return Refusal.PeriodInvalid;
  if (!isPeriod(load<i32>(rec, INDICATOR_PERIOD_3), count > 2, 1)) return Refusal.PeriodInvalid;
  if (!isPeriod(load<i32>(rec, INDICATOR_PERIOD_4), count > 3, 1)) return Refusal.PeriodInvalid;
  const used = bits(row, 12, 2);
  if (
    !isFactor(load<f64>(rec, INDICATOR_FACTOR), used > 0) ||
    !isFactor(load<f64>(rec, INDICATOR_FACTOR_2), used > 1) ||
    !isFactor(load<f64>(rec, INDICATOR_FACTOR_3), used > 2)
  ) {
    return Refusal.ParameterInvalid;
  }
  if (load<u32>(rec, INDICATOR_FLAGS) > <u32>bits(row, 14, 8)) return Refusal.ParameterInvalid;
  if (bits(row, 51, 1) == 0 && load<u32>(rec, INDICATOR_ANCHOR_SECONDS) != 0) {
    return Refusal.ParameterInvalid;
  }
  const inputs = bits(row, 4, 2);
  const isSource =
    isSourceOf(load<u8>(rec, INDICATOR_SOURCE), inputs > 0) &&
    isSourceOf(load<u8>(rec, INDICATOR_SOURCE_2), inputs > 1);
  return isSource ? Refusal.None : Refusal.ParameterInvalid;
}

function isPeriod(period: i32, isUsed: bool, least: i32): bool {
  return isUsed ? period >= least && period <= PERIOD_MAX : period == 0;
}

/** False for NaN too. */
function isFactor(factor: f64, isUsed: bool): bool {
  return isUsed ? factor > 0 && factor <= FACTOR_MAX : factor == 0;
}

function isSourceOf(source: u8, isUsed: bool): bool {
  return isUsed ? source <= <u8>PriceSource.Volume : source == 0;
}
