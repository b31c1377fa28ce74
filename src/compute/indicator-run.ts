// Candles through a core of its own: every indicator asked for, candle by candle.
//
// The candles go in as CandleImport records, so what is computed here is what a running engine
// would compute over the same candles.
import {
  CandleType,
  Execution,
  Flag,
  InstrumentKind,
  InstrumentPhase,
  Kind,
  Refusal,
  Role,
} from "../../asm/vocab.ts";
import { INDICATORS_MAX } from "../../asm/layout.ts";
import { RecordCore } from "../core/record-core.ts";
import { AlphaError } from "../errors.ts";
import {
  entryOf,
  type IndicatorEntry,
  type IndicatorSettings,
  unitFactor,
} from "../indicators/catalog.ts";
import type { CandleFile, FileCandle } from "./candle-file.ts";

/** Indicators of one run: the slots of a timeframe. */
export const INDICATORS_ASKED_MAX = INDICATORS_MAX;
const INSTRUMENT = 1;

/** Values of one candle: of each indicator its lines, undefined while it warms up. */
export type RunRow = (number[] | undefined)[];

export class IndicatorRun {
  private readonly core = new RecordCore(Role.Market);
  private readonly file: CandleFile;
  private readonly entries: IndicatorEntry[];
  private readonly factors: number[][];

  /** Throws INDICATOR_SETTINGS for what the core does not take. */
  constructor(file: CandleFile, asked: readonly Required<IndicatorSettings>[]) {
    if (asked.length > INDICATORS_ASKED_MAX) {
      throw new AlphaError(
        "INDICATOR_SETTINGS",
        `${asked.length} indicators are asked for`,
        `at most ${INDICATORS_ASKED_MAX} at a time`,
      );
    }
    this.file = file;
    this.entries = asked.map(({ indicatorKind }) => entryOf(indicatorKind));
    this.factors = this.entries.map((entry) =>
      entry.lines.map((_, line) => unitFactor(entry, line, file.tick, file.lot)),
    );
    this.core.send(Kind.InstrumentSpec, SPEC);
    const periodMillis = file.periodMillis;
    this.core.send(Kind.Timeframe, { ...OF, slot: 0, type: CandleType.Time, periodMillis });
    asked.forEach((settings, slot) => this.configure(settings, slot));
  }

  private configure(settings: Required<IndicatorSettings>, slot: number): void {
    const answers = this.core.send(Kind.Indicator, { ...OF, timeframe: 0, slot, ...settings });
    const denial = answers.find(({ kind }) => kind === Kind.ConfigDenied);
    if (denial === undefined) return;
    const { name } = this.entries[slot]!;
    const reason = Refusal[denial["reason"] as number] ?? String(denial["reason"]);
    const what = `${name} does not take these settings: ${reason}`;
    throw new AlphaError("INDICATOR_SETTINGS", what, "periods are 1 to 1024, factors above 0");
  }

  /** Takes the next candle. Throws CANDLE_REFUSED when it does not follow the one before. */
  push(candle: FileCandle): RunRow {
    const { openNanos, openTicks, highTicks, lowTicks, closeTicks, volumeLots } = candle;
    const { periodMillis } = this.file;
    const answers = this.core.send(Kind.CandleImport, {
      ...{ ...OF, flags: Flag.Timed, timeframe: 0, type: CandleType.Time, periodMillis },
      tsEngineNanos: openNanos + BigInt(periodMillis) * 1_000_000n,
      ...{ openNanos, openTicks, highTicks, lowTicks, closeTicks, volumeLots },
    });
    const row: RunRow = this.entries.map(() => undefined);
    let isTaken = false;
    for (const answer of answers) {
      if (answer.kind === Kind.CandleClosed) isTaken = true;
      if (answer.kind === Kind.IndicatorValue) this.read(answer, row);
    }
    if (isTaken) return row;
    const refusal = answers.find(({ kind }) => kind === Kind.MarketRefusal);
    const reason = Refusal[Number(refusal?.["reason"])] ?? "no answer";
    const what = `the candle of ${candle.time === "" ? String(openNanos) : candle.time}: ${reason}`;
    throw new AlphaError("CANDLE_REFUSED", what, "candles come in the order of their times");
  }

  private read(answer: Record<string, unknown>, row: RunRow): void {
    if (answer["warm"] !== 1) return;
    const slot = answer["slot"] as number;
    const from = answer["first"] as number;
    const factors = this.factors[slot]!;
    const values = (row[slot] ??= []);
    for (let i = 0; i < 3 && from + i < factors.length; i++) {
      values.push((answer[`value${i + 1}`] as number) * factors[from + i]!);
    }
  }
}

const OF = { instrument: INSTRUMENT };
const SPEC = {
  ...{ instrument: INSTRUMENT, version: 1, specKind: InstrumentKind.Spot },
  ...{ execution: Execution.Paper, base: 1, quote: 1, settlement: 1 },
  ...{ tickMantissa: 1, tickExponent: 0, lotMantissa: 1, lotExponent: 0 },
  ...{ multiplierNum: 1, multiplierDen: 1, phase: InstrumentPhase.Continuous, symbol: "FILE" },
};
