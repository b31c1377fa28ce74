// Which timeframe and indicator slots strategies need, shared with what others have configured.
//
// Slots are small numbers of the core, strategies speak in periods and names. The plan gives equal
// needs the same slot on every instrument, so that two strategies with an ATR(14) cost one.
import { INDICATORS_MAX, TIMEFRAMES_MAX } from "../../asm/layout.ts";
import { IndicatorKind, Kind, RECORD_BYTES_MAX } from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import { encode } from "../protocol.ts";
import type { FieldsOf } from "../protocol.ts";
import type { IndicatorNeed, StrategyNeeds } from "./strategy.ts";

/** Fields of an Indicator record. */
export type IndicatorFields = FieldsOf<Kind.Indicator>;

/** Periods are multiples of this and at most a week. */
const PERIOD_STEP_MILLIS = 1000;
const PERIOD_MILLIS_MAX = 604_800_000;

/** One configuration record as bytes, as the engine's `configure` takes it. */
export function configRecord<K extends Kind>(
  kind: K,
  fields: Parameters<typeof encode<K>>[3],
): Uint8Array {
  const bytes = new Uint8Array(RECORD_BYTES_MAX);
  return bytes.slice(0, encode(new DataView(bytes.buffer), 0, kind, fields));
}

/** Slots of timeframes and indicators; the same on every instrument of the plan. */
export class MarketPlan {
  private readonly periods: (number | undefined)[] = [];
  private readonly indicators: (IndicatorFields | undefined)[][] = [];

  /** Takes over what is configured already, so that its slots are reused and not overwritten. */
  takeTimeframe(slot: number, periodMillis: number): void {
    this.periods[slot] = periodMillis;
    this.indicators[slot] ??= [];
  }

  /** As `takeTimeframe`, for an Indicator record's fields. */
  takeIndicator(fields: IndicatorFields): void {
    const row = (this.indicators[Number(fields.timeframe ?? 0)] ??= []);
    row[Number(fields.slot ?? 0)] = fields;
  }

  /** Slot of a timeframe, made when nobody had it. Throws TIMEFRAME_PERIOD and TIMEFRAMES_FULL. */
  timeframe(periodMillis: number): number {
    const known = this.periods.indexOf(periodMillis);
    if (known >= 0) return known;
    const isStep = Number.isInteger(periodMillis / PERIOD_STEP_MILLIS);
    if (!isStep || periodMillis <= 0 || periodMillis > PERIOD_MILLIS_MAX) {
      throw new AlphaError(
        "TIMEFRAME_PERIOD",
        `a timeframe of ${periodMillis} ms is not possible`,
        `use a multiple of ${PERIOD_STEP_MILLIS} ms up to ${PERIOD_MILLIS_MAX} ms`,
      );
    }
    const slot = firstFree(this.periods, TIMEFRAMES_MAX);
    if (slot < 0) throw full("TIMEFRAMES_FULL", "timeframes of an instrument", TIMEFRAMES_MAX);
    this.takeTimeframe(slot, periodMillis);
    return slot;
  }

  /** Slot pair of an indicator. Throws INDICATORS_FULL. */
  indicator(need: IndicatorNeed): { timeframe: number; slot: number } {
    const timeframe = this.timeframe(need.periodMillis);
    const row = (this.indicators[timeframe] ??= []);
    const known = row.findIndex((fields) => fields !== undefined && isSame(fields, need));
    if (known >= 0) return { timeframe, slot: known };
    const slot = firstFree(row, INDICATORS_MAX);
    if (slot < 0) throw full("INDICATORS_FULL", "indicators of a timeframe", INDICATORS_MAX);
    row[slot] = {
      timeframe,
      slot,
      indicatorKind: need.kind,
      period: need.period,
      period2: need.period2 ?? 0,
      period3: need.period3 ?? 0,
      factor: need.factor ?? 0,
    };
    return { timeframe, slot };
  }

  /** Timeframe and Indicator records that give one instrument what `needs` asks for. */
  records(instrument: number, needs: StrategyNeeds): Uint8Array[] {
    const periods = new Set([
      ...needs.timeframes,
      ...needs.indicators.map((need) => need.periodMillis),
    ]);
    const records = [...periods].map((periodMillis) =>
      configRecord(Kind.Timeframe, {
        instrument,
        slot: this.timeframe(periodMillis),
        periodMillis,
      }),
    );
    for (const need of needs.indicators) {
      const { timeframe, slot } = this.indicator(need);
      const fields = this.indicators[timeframe]?.[slot];
      records.push(configRecord(Kind.Indicator, { ...fields, instrument }));
    }
    return records;
  }
}

function firstFree(row: readonly unknown[], max: number): number {
  for (let slot = 0; slot < max; slot++) if (row[slot] === undefined) return slot;
  return -1;
}

function isSame(fields: IndicatorFields, need: IndicatorNeed): boolean {
  return (
    Number(fields.indicatorKind ?? IndicatorKind.None) === need.kind &&
    Number(fields.period ?? 0) === need.period &&
    Number(fields.period2 ?? 0) === (need.period2 ?? 0) &&
    Number(fields.period3 ?? 0) === (need.period3 ?? 0) &&
    Number(fields.factor ?? 0) === (need.factor ?? 0) &&
    Number(fields.factor2 ?? 0) === 0 &&
    Number(fields.indicatorFlags ?? 0) === 0
  );
}

function full(code: string, what: string, max: number): AlphaError {
  return new AlphaError(code, `more than ${max} ${what}`, "run fewer strategies, or share periods");
}
