import { IndicatorKind } from "../../../asm/vocab.ts";
import { sum } from "./series-math.ts";
import { read, type Twins } from "./twin.ts";

export const CYCLES_TWINS: Twins = {
  [IndicatorKind.SineWave]: (bars, { period, source }) => {
    const values = read(bars, source);
    return values.map((_, i) => {
      if (i + 1 < period) return undefined;
      const window = values.slice(i + 1 - period, i + 1).reverse();
      const part = (turn: (angle: number) => number): number =>
        sum(window.map((value, j) => value * turn((2 * Math.PI * j) / period)));
      const [real, imaginary] = [part(Math.cos), part(Math.sin)];
      const isWave = Math.hypot(real, imaginary) > 1e-9 * sum(window.map((v) => Math.abs(v)));
      if (period === 1 || !isWave) return [0, 0];
      const phase = Math.atan2(imaginary, real) + Math.PI / 2;
      return [Math.sin(phase), Math.sin(phase + Math.PI / 4)];
    });
  },
};
