import { IndicatorKind } from "../../../asm/vocab.ts";
import { sum } from "./series-math.ts";
import { read, type Twins } from "./twin.ts";

export const CYCLES_TWINS: Twins = {
  [IndicatorKind.Hilbert]: (bars, { period, factor, factor2, source }) => {
    const values = read(bars, source);
    const moves = values.map((value, i) => (i < period ? 0 : value - values[i - period]!));
    const [inPhase, quadrature]: [number[], number[]] = [[], []];
    const old = (line: number[], i: number): number => line[i] ?? 0;
    moves.forEach((move, i) => {
      const ready = i >= period + 2;
      const part = 1.25 * (old(moves, i - 3) - factor * old(moves, i - 1));
      inPhase.push(ready ? part + factor * old(inPhase, i - 3) : 0);
      const other = old(moves, i - 1) - factor2 * move + factor2 * old(quadrature, i - 2);
      quadrature.push(i < period ? 0 : other);
    });
    return moves.map((_, i) => (i < period + 2 ? undefined : [inPhase[i]!, quadrature[i]!]));
  },
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
