import { IndicatorKind } from "../../../asm/vocab.ts";
import type { Twins } from "./twin.ts";

export const VOLUME_TWINS: Twins = {
  [IndicatorKind.Obv]: (bars) => {
    let total = 0;
    return bars.map((bar, i) => {
      const before = i === 0 ? -Infinity : bars[i - 1]!.close;
      total += Math.sign(bar.close - before) * bar.volume;
      return [total];
    });
  },
};
