import { IndicatorKind } from "../../../asm/vocab.ts";
import { indicatorContract } from "../../contract/indicator.ts";
import { atrTwin } from "../../reference/indicators.ts";

indicatorContract("ATR 14", {
  settings: { indicatorKind: IndicatorKind.Atr, period: 14 },
  firstCandle: 15,
  lines: 1,
  twin: (bars) => atrTwin(bars, 14),
  tolerance: 1e-12,
});
indicatorContract("ATR 1", {
  settings: { indicatorKind: IndicatorKind.Atr, period: 1 },
  firstCandle: 2,
  lines: 1,
  twin: (bars) => atrTwin(bars, 1),
  tolerance: 0,
});
