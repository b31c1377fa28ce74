// What a timeframe is called in the configuration, and the Timeframe record it stands for.
//
// Time candles by their period ("5m"); candles that trades complete by measure, unit and threshold
// ("volumeLots:1000"); adaptive ones with "+windowCandles:20" behind; smoothed ones by what they
// smooth ("heikinAshi:5m"). Thresholds are in the units of the core, the same for all instruments.
import { TIMEFRAMES_MAX } from "../asm/layout.ts";
import { CandleMeasure, CandleType } from "../asm/vocab.ts";
import { AlphaError } from "./errors.ts";

/** A timeframe in its slot, with the fields of its record. */
export interface TimeframeChoice {
  text: string;
  slot: number;
  type: CandleType;
  periodMillis: number;
  threshold: bigint;
  measure: CandleMeasure;
  windowCandles: number;
  /** HeikinAshi: slot of the candles it smooths. */
  source: number;
}

const DRIVEN: Record<string, readonly [type: CandleType, measure: CandleMeasure]> = {
  trades: [CandleType.Trades, CandleMeasure.Trades],
  volumeLots: [CandleType.Volume, CandleMeasure.Trades],
  notionalTickLots: [CandleType.Notional, CandleMeasure.Trades],
  rangeTicks: [CandleType.Range, CandleMeasure.Trades],
  renkoTicks: [CandleType.Renko, CandleMeasure.Trades],
  imbalanceTrades: [CandleType.Imbalance, CandleMeasure.Trades],
  imbalanceLots: [CandleType.Imbalance, CandleMeasure.Volume],
  imbalanceTickLots: [CandleType.Imbalance, CandleMeasure.Notional],
  runTrades: [CandleType.Run, CandleMeasure.Trades],
  runLots: [CandleType.Run, CandleMeasure.Volume],
  runTickLots: [CandleType.Run, CandleMeasure.Notional],
};
const HEIKIN_ASHI = "heikinAshi:";
const WINDOW_CANDLES_MAX = 1024;

/** Largest threshold by type; 2^60 for those that are not named. */
const MOST = new Map<CandleType, bigint>([
  [CandleType.Trades, 2n ** 32n - 1n],
  [CandleType.Range, 2n ** 52n],
  [CandleType.Renko, 2n ** 52n],
]);

const MEASURES = Object.keys(DRIVEN).join("|");
const NUMBER = "[1-9][0-9]*";
const ONE = `(?:${NUMBER}[smhdw]|(?:${MEASURES}):${NUMBER}(?:\\+windowCandles:${NUMBER})?)`;
/** Shape of every name; the numbers are checked by `timeframeChoices`. */
export const TIMEFRAME_PATTERN = new RegExp(`^(?:${HEIKIN_ASHI})?${ONE}$`);

/** "5s" -> 5000. Periods are whole seconds, at most one week; throws CONFIG_INVALID. */
export function periodMillis(text: string): number {
  const unit = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
  const millis = Number(text.slice(0, -1)) * unit[text.slice(-1) as keyof typeof unit];
  if (millis > 0 && millis <= unit.w && Number.isInteger(millis / 1000)) return millis;
  throw new AlphaError("CONFIG_INVALID", `timeframe "${text}" is not a period`, "use 1s up to 1w");
}

/**
 * The timeframes of a list of names in their slots: time candles by period, then driven ones as
 * they are named, then what smooths one of them. Throws CONFIG_INVALID with the name and a remedy.
 */
export function timeframeChoices(texts: readonly string[]): TimeframeChoice[] {
  const raw = texts.filter((text) => !text.startsWith(HEIKIN_ASHI)).map(choiceOf);
  const isTime = (one: TimeframeChoice): boolean => one.type === CandleType.Time;
  const times = raw.filter(isTime).sort((a, b) => a.periodMillis - b.periodMillis);
  const ordered = [...times, ...raw.filter((one) => !isTime(one))];
  ordered.forEach((one, slot) => {
    const same = ordered.slice(0, slot).find((other) => isSame(one, other));
    if (same !== undefined) throw twice(same.text, one.text);
    one.slot = slot;
  });
  for (const text of texts.filter((one) => one.startsWith(HEIKIN_ASHI))) {
    const wanted = choiceOf(text.slice(HEIKIN_ASHI.length));
    const source = ordered.find((one) => isSame(one, wanted));
    if (source === undefined) throw nothingToSmooth(text, wanted.text);
    const smooth = { ...source, text, type: CandleType.HeikinAshi, periodMillis: 0 };
    const one = { ...smooth, threshold: 0n, measure: 0, windowCandles: 0, source: source.slot };
    const same = ordered.find((other) => isSame(one, other));
    if (same !== undefined) throw twice(same.text, text);
    ordered.push({ ...one, slot: ordered.length });
  }
  if (ordered.length <= TIMEFRAMES_MAX) return ordered;
  const what = `${ordered.length} timeframes are too many`;
  throw new AlphaError("CONFIG_INVALID", what, `keep ${TIMEFRAMES_MAX} of them`);
}

function isSame(one: TimeframeChoice, other: TimeframeChoice): boolean {
  const keys = ["type", "periodMillis", "threshold", "measure", "windowCandles", "source"] as const;
  return keys.every((key) => one[key] === other[key]);
}

function choiceOf(text: string): TimeframeChoice {
  const none = { threshold: 0n, measure: CandleMeasure.Trades, windowCandles: 0, source: 0 };
  const [name, threshold, window] = text.split(/:|\+windowCandles:/);
  const known = DRIVEN[name ?? ""];
  if (known === undefined || threshold === undefined) {
    return { text, slot: 0, type: CandleType.Time, periodMillis: periodMillis(text), ...none };
  }
  const [type, measure] = known;
  const most = MOST.get(type) ?? 2n ** 60n;
  if (!/^[1-9][0-9]*$/.test(threshold) || BigInt(threshold) > most) {
    throw invalid(text, `has no threshold from 1 to ${most}`, `write ${name}:NUMBER`);
  }
  const windowCandles = Number(window ?? 0);
  const isAdaptive = type === CandleType.Imbalance || type === CandleType.Run;
  if (window !== undefined && !isAdaptive) {
    throw invalid(text, "cannot adapt", "leave windowCandles to imbalance and run");
  }
  if (windowCandles > WINDOW_CANDLES_MAX) {
    throw invalid(text, "looks back too far", `use windowCandles 1 to ${WINDOW_CANDLES_MAX}`);
  }
  return {
    text,
    slot: 0,
    type,
    periodMillis: 0,
    ...none,
    threshold: BigInt(threshold),
    measure,
    windowCandles,
  };
}

function invalid(text: string, what: string, remedy: string): AlphaError {
  return new AlphaError("CONFIG_INVALID", `timeframe "${text}" ${what}`, remedy);
}

function twice(one: string, other: string): AlphaError {
  const isPeriod = /^[0-9]/.test(one);
  const what = `timeframes "${one}" and "${other}" are the same ${isPeriod ? "period" : "candles"}`;
  return new AlphaError("CONFIG_INVALID", what, "keep one of them");
}

function nothingToSmooth(text: string, wanted: string): AlphaError {
  return invalid(text, `smooths "${wanted}", which is not configured`, `add "${wanted}"`);
}
