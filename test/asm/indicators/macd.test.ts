import { expect, test } from "vitest";
import { IndicatorKind } from "../../../asm/vocab.ts";
import { indicatorContract, randomSeries } from "../../contract/indicator.ts";
import { macdTwin } from "../../reference/indicators.ts";
import { Kernel } from "./kernel.ts";

indicatorContract("MACD 12, 26, 9", {
  settings: { indicatorKind: IndicatorKind.Macd, period: 12, period2: 26, period3: 9 },
  firstCandle: 34,
  lines: 3,
  twin: (bars) => macdTwin(bars, 12, 26, 9),
  tolerance: 1e-12,
});

test("takes its two periods in any order, as TA-Lib does", () => {
  const settings = { indicatorKind: IndicatorKind.Macd, period3: 9 };
  const left = new Kernel({ ...settings, period: 12, period2: 26 });
  const right = new Kernel({ ...settings, period: 26, period2: 12 });
  for (const bar of randomSeries(9, 100)) expect(right.push(bar)).toEqual(left.push(bar));
});
