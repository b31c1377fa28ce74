// Every indicator of the catalog: what all of them promise, and equality with its slow twin over
// random settings and every shape of market.
import { describe, expect, test } from "vitest";
import {
  type IndicatorEntry,
  INDICATOR_CATALOG,
  type IndicatorSettings,
  initialSettings,
} from "../../../src/indicators/catalog.ts";
import { UNITS } from "../../../src/indicators/entry.ts";
import { indicatorContract } from "../../contract/indicator.ts";
import { TWINS } from "../../reference/indicators/all.ts";
import { type Candle, shapedSeries, SHAPES } from "../../reference/indicators/series.ts";
import { type Row } from "../../reference/indicators.ts";
import { seeded } from "../../reference/random.ts";
import { Kernel } from "./kernel.ts";

const isDeep = process.env["ALPHAPULSE_DEEP"] === "1";
/** Random settings over all kinds; 10^7 in the deep run. */
const CONFIGURATIONS = isDeep ? 10_000_000 : 100_000;
const CANDLES = 48;
const PERIOD_MAX = 16;
/** Relative distance that rounding may make, and of the greatest price where terms cancel. */
const RELATIVE = 1e-9;
const CANCELING = 1e-11;

const each = INDICATOR_CATALOG.map((entry): [string, IndicatorEntry] => [entry.name, entry]);

describe.each(each)("%s", (name, entry) => {
  const settings = initialSettings(entry);
  indicatorContract(name, {
    settings,
    firstCandle: entry.first(settings),
    lines: entry.lines.length,
    twin: (bars) => TWINS[entry.kind]!(bars as Candle[], settings),
    tolerance: 1e-9,
  });

  test("equals its twin whatever the settings and the market", () => {
    const random = seeded(entry.kind);
    const count = Math.ceil(CONFIGURATIONS / INDICATOR_CATALOG.length);
    let series: Candle[] = [];
    for (let i = 0; i < count; i++) {
      // A series serves several settings: making it costs more than a kernel does.
      if (i % 8 === 0) series = shapedSeries(SHAPES[(i >> 3) % SHAPES.length]!, i, CANDLES);
      const chosen = randomSettings(entry, random);
      const from = Math.floor(random() * 8);
      compare(entry, chosen, series.slice(from), `configuration ${i}`);
      if (i % 256 === 255) Kernel.forget();
    }
    Kernel.forget();
  });
});

function randomSettings(entry: IndicatorEntry, random: () => number): Required<IndicatorSettings> {
  const settings = initialSettings(entry);
  const period = (): number => 1 + Math.floor(random() * PERIOD_MAX);
  const names = ["period", "period2", "period3", "period4"] as const;
  entry.periods?.forEach(({ least = 1 }, i) => (settings[names[i]!] = Math.max(least, period())));
  const factors = ["factor", "factor2", "factor3"] as const;
  entry.factors?.forEach(({ greatest = 4 }, i) => {
    settings[factors[i]!] = (greatest * (1 + Math.floor(random() * 16))) / 16;
  });
  for (const { shift, values } of entry.choices ?? []) {
    settings.indicatorFlags |= Math.floor(random() * values.length) << shift;
  }
  if (entry.isAnchored === true) settings.anchorSeconds = Math.floor(random() * 20_000);
  const sources = ["source", "source2"] as const;
  entry.sources?.forEach((_, i) => (settings[sources[i]!] = Math.floor(random() * 9)));
  return settings;
}

function compare(
  entry: IndicatorEntry,
  settings: Required<IndicatorSettings>,
  bars: readonly Candle[],
  what: string,
): void {
  const kernel = new Kernel(settings);
  const twin = TWINS[entry.kind]!(bars, settings);
  const first = entry.first(settings);
  bars.forEach((bar, i) => {
    const row = kernel.push(bar);
    const other = i + 1 < first ? undefined : twin[i];
    if (isNear(entry, bars, row, other)) return;
    expect.fail(
      `${entry.name} ${what}, candle ${i}: ${String(row)} against ${String(other)}\n` +
        `${JSON.stringify(settings)}\n${JSON.stringify(bars.slice(0, i + 1))}`,
    );
  });
}

function isNear(
  entry: IndicatorEntry,
  bars: readonly Candle[],
  row: number[] | undefined,
  other: Row,
): boolean {
  if (row === undefined || other === undefined) return row === other;
  return entry.lines.every(({ unit }, line) => {
    const [value, expected] = [row[line]!, other[line]!];
    const distance = Math.abs(value - expected);
    if (distance <= RELATIVE * Math.max(Math.abs(value), Math.abs(expected))) return true;
    const [ticks, lots] = UNITS[unit];
    return distance <= CANCELING * 100 * greatest(bars, ticks, lots);
  });
}

/** The greatest number of a unit in a series. */
function greatest(bars: readonly Candle[], ticks: number, lots: number): number {
  const price = Math.max(...bars.map(({ high }) => high));
  const volume = Math.max(1, ...bars.map((bar) => bar.volume));
  return price ** ticks * volume ** lots;
}
