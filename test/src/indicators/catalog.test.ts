import { expect, test } from "vitest";
import { IndicatorKind, PriceSource } from "../../../asm/vocab.ts";
import {
  entryOf,
  INDICATOR_CATALOG,
  initialSettings,
  parseIndicator,
  unitFactor,
} from "../../../src/indicators/catalog.ts";
import { AlphaError } from "../../../src/errors.ts";

test("names are lower case words, each used once", () => {
  const names = INDICATOR_CATALOG.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9]*$/);
});

test("every entry's settings have names of their own", () => {
  for (const {
    name,
    periods = [],
    factors = [],
    choices = [],
    sources = [],
  } of INDICATOR_CATALOG) {
    const own = [...periods, ...factors, ...choices].map((setting) => setting.name);
    const all = [...own, ...["source", "source2"].slice(0, sources.length)];
    expect(new Set(all).size, name).toBe(all.length);
  }
});

test("text becomes settings", () => {
  expect(parseIndicator("RSI").period).toBe(14);
  expect(parseIndicator("dema:period=10,seed=first,source=typical")).toMatchObject({
    indicatorKind: IndicatorKind.Dema,
    period: 10,
    indicatorFlags: 1,
    source: PriceSource.Typical,
  });
  expect(parseIndicator("bbands:factor=2.5").factor).toBe(2.5);
  expect(parseIndicator("cci").source).toBe(PriceSource.Typical);
  expect(parseIndicator("vwapbands:anchor=14:30").anchorSeconds).toBe(52_200);
  const dated = parseIndicator("vwapbands:session=none,anchor=2026-11-20T14:30:00Z");
  expect(dated.anchorSeconds).toBe(Date.UTC(2026, 10, 20, 14, 30) / 1000);
});

test.each([
  ["rsy", "UNKNOWN_INDICATOR", /adx.*rsi/],
  ["rsi:length=14", "UNKNOWN_SETTING", /period=14/],
  ["rsi:period=a", "UNKNOWN_SETTING", /period=14/],
  ["dema:seed=last", "UNKNOWN_SETTING", /seed=mean\|first/],
  ["ad:period=3", "UNKNOWN_SETTING", /no settings/],
  ["vwapbands:anchor=24:00", "UNKNOWN_SETTING", /anchor=HH:MM/],
  ["vwap:anchor=14:30", "UNKNOWN_SETTING", /session=day/],
  ["wma:source=middle", "UNKNOWN_SETTING", /source=close\|open/],
])("%s is refused with what there is", (text, code, remedy) => {
  let error: unknown;
  try {
    parseIndicator(text);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(AlphaError);
  expect((error as AlphaError).code).toBe(code);
  expect((error as AlphaError).remedy).toMatch(remedy);
});

test("a line's unit turns ticks and lots into the instrument's own", () => {
  expect(unitFactor(entryOf(IndicatorKind.Sma), 0, 0.01, 0.1)).toBe(0.01);
  expect(unitFactor(entryOf(IndicatorKind.Rsi), 0, 0.01, 0.1)).toBe(1);
  expect(unitFactor(entryOf(IndicatorKind.Obv), 0, 0.01, 0.1)).toBe(0.1);
  expect(initialSettings(entryOf(IndicatorKind.Macd))).toMatchObject({ period3: 9 });
});
