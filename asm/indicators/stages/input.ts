// What an indicator reads of a candle, as f64; ticks and lots below 2^53 are exact.
// tidy: tested by test/asm/indicators/families.test.ts
import { C_CLOSE, C_HIGH, C_LOW, C_OPEN, C_VOLUME } from "../../candles/candle";
import { PriceSource } from "../../vocab";

// @ts-ignore: decorator
@inline
export function openOf(candle: usize): f64 {
  return <f64>load<i64>(candle, C_OPEN);
}
// @ts-ignore: decorator
@inline
export function highOf(candle: usize): f64 {
  return <f64>load<i64>(candle, C_HIGH);
}
// @ts-ignore: decorator
@inline
export function lowOf(candle: usize): f64 {
  return <f64>load<i64>(candle, C_LOW);
}
// @ts-ignore: decorator
@inline
export function closeOf(candle: usize): f64 {
  return <f64>load<i64>(candle, C_CLOSE);
}
// @ts-ignore: decorator
@inline
export function volumeOf(candle: usize): f64 {
  return <f64>load<i64>(candle, C_VOLUME);
}
/** (high + low) / 2 in ticks. */
// @ts-ignore: decorator
@inline
export function medianOf(candle: usize): f64 {
  return <f64>(load<i64>(candle, C_HIGH) + load<i64>(candle, C_LOW)) / 2;
}
/** (high + low + close) / 3 in ticks. */
// @ts-ignore: decorator
@inline
export function typicalOf(candle: usize): f64 {
  return (
    <f64>(load<i64>(candle, C_HIGH) + load<i64>(candle, C_LOW) + load<i64>(candle, C_CLOSE)) / 3
  );
}

/** What `source` names, in ticks or lots. */
export function sourceOf(candle: usize, source: i32): f64 {
  switch (source) {
    case PriceSource.Close:
      return closeOf(candle);
    case PriceSource.Open:
      return openOf(candle);
    case PriceSource.High:
      return highOf(candle);
    case PriceSource.Low:
      return lowOf(candle);
    case PriceSource.Median:
      return medianOf(candle);
    case PriceSource.Typical:
      return typicalOf(candle);
    case PriceSource.Weighted: {
      const close = load<i64>(candle, C_CLOSE);
      return <f64>(load<i64>(candle, C_HIGH) + load<i64>(candle, C_LOW) + 2 * close) / 4;
    }
    case PriceSource.Average: {
      const body = load<i64>(candle, C_OPEN) + load<i64>(candle, C_CLOSE);
      return <f64>(body + load<i64>(candle, C_HIGH) + load<i64>(candle, C_LOW)) / 4;
    }
    default:
      assert(source == PriceSource.Volume, "a source has a name");
      return volumeOf(candle);
  }
}

/**
 * Greatest of high - low, |high - previous close|, |low - previous close|, in ticks.
 */
// @ts-ignore: decorator
@inline
export function trueRangeOf(candle: usize, previousClose: f64): f64 {
  return max(highOf(candle), previousClose) - min(lowOf(candle), previousClose);
}

/** a / b, and 0 where b is 0: the one rule for flat markets, as in TA-Lib. */
// @ts-ignore: decorator
@inline
export function ratio(a: f64, b: f64): f64 {
  return b == 0 ? 0 : a / b;
}
