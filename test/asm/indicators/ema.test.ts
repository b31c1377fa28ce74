import { IndicatorKind } from "../../../asm/vocab.ts";
import { indicatorContract } from "../../contract/indicator.ts";
import { emaTwin } from "../../reference/indicators.ts";

indicatorContract("EMA 10", {
  settings: { indicatorKind: IndicatorKind.Ema, period: 10 },
  firstCandle: 10,
  lines: 1,
  twin: (bars) => emaTwin(bars, 10),
  tolerance: 1e-12,
});
indicatorContract("EMA 1", {
  settings: { indicatorKind: IndicatorKind.Ema, period: 1 },
  firstCandle: 1,
  lines: 1,
  twin: (bars) => emaTwin(bars, 1),
  tolerance: 0,
});
