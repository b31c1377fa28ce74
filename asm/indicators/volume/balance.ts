// What volume says, composed of stages; VWAP has a kernel of its own.
// tidy: tested by test/asm/indicators/families.test.ts
import { countWith, putValue } from "../slot";
import { closeOf, volumeOf } from "../stages/input";

/** OBV in lots: volume added when the close rises, taken away when it falls; begins with itself. */
export function obv(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const close = closeOf(candle);
  const before = load<f64>(s, 8);
  const isFirst = countWith(at) == 1;
  const sign = isFirst || close > before ? 1.0 : close < before ? -1.0 : 0.0;
  const total = load<f64>(s) + sign * volumeOf(candle);
  if (keep) {
    store<f64>(s, total);
    store<f64>(s, close, 8);
  }
  putValue(out, 0, total);
  return true;
}
