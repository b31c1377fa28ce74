// Core and catalog agree on what each indicator asks for.
import { expect, test } from "vitest";
import { IndicatorKind, Kind, Refusal } from "../../../asm/vocab.ts";
import { INDICATOR_CATALOG, initialSettings } from "../../../src/indicators/catalog.ts";
import { encode } from "../../../src/protocol.ts";
import { MarketCore, marketModule } from "../market-core.ts";

const core = new MarketCore(await marketModule());
const RECORD = core.call("arenaAlloc", 1, 128);

function refusal(fields: Record<string, unknown>): Refusal {
  encode(core.view, RECORD, Kind.Indicator, fields);
  return core.call("indicatorRefusal", RECORD);
}

test("every kind has one entry, and every entry a kind", () => {
  const kinds = Object.values(IndicatorKind).filter((kind) => typeof kind === "number");
  const entries = INDICATOR_CATALOG.map(({ kind }) => kind).sort((a, b) => a - b);
  expect(entries).toEqual(
    kinds.filter((kind) => kind !== IndicatorKind.None).sort((a, b) => a - b),
  );
});

test.each(INDICATOR_CATALOG.map((entry) => [entry.name, entry] as const))(
  "%s: the settings of its entry, no fewer and no more",
  (_, entry) => {
    const settings = initialSettings(entry);
    expect(refusal({ ...settings }), "as they begin").toBe(Refusal.None);
    expect(core.call("indicatorLines", entry.kind), "lines").toBe(entry.lines.length);
    const periods = ["period", "period2", "period3", "period4"] as const;
    periods.slice(0, entry.periods?.length ?? 0).forEach((name, i) => {
      const least = entry.periods![i]!.least ?? 1;
      expect(refusal({ ...settings, [name]: least - 1 }), name).toBe(Refusal.PeriodInvalid);
      expect(refusal({ ...settings, [name]: least }), name).toBe(Refusal.None);
      expect(refusal({ ...settings, [name]: 1024 }), name).toBe(Refusal.None);
      expect(refusal({ ...settings, [name]: 1025 }), name).toBe(Refusal.PeriodInvalid);
    });
    const flags = Math.max(
      0,
      ...(entry.choices ?? []).map(({ shift, values }) => (values.length - 1) << shift),
    );
    expect(refusal({ ...settings, indicatorFlags: flags }), "flags").toBe(Refusal.None);
    expect(refusal({ ...settings, indicatorFlags: 256 }), "flags").toBe(Refusal.ParameterInvalid);
  },
);

// The seven with kernels of their own pass over settings that they do not use.
test.each(
  INDICATOR_CATALOG.filter(({ kind }) => kind >= 32).map((entry) => [entry.name, entry] as const),
)("%s: what it does not use must be 0", (_, entry) => {
  const settings = initialSettings(entry);
  const periods = ["period", "period2", "period3", "period4"].slice(entry.periods?.length ?? 0);
  for (const name of periods) {
    expect(refusal({ ...settings, [name]: 1 }), name).toBe(Refusal.PeriodInvalid);
  }
  const factors = ["factor", "factor2", "factor3"].slice(entry.factors?.length ?? 0);
  for (const name of factors) {
    expect(refusal({ ...settings, [name]: 1 }), name).toBe(Refusal.ParameterInvalid);
  }
  for (const name of ["factor", "factor2", "factor3"].slice(0, entry.factors?.length ?? 0)) {
    for (const bad of [0, -1, 1001]) {
      expect(refusal({ ...settings, [name]: bad }), `${name} ${bad}`).toBe(
        Refusal.ParameterInvalid,
      );
    }
  }
  expect(refusal({ ...settings, anchorSeconds: 1 }), "anchor").toBe(
    entry.isAnchored === true ? Refusal.None : Refusal.ParameterInvalid,
  );
  const sources = ["source", "source2"];
  sources.forEach((name, i) => {
    const isUsed = i < (entry.sources?.length ?? 0);
    expect(refusal({ ...settings, [name]: 8 }), name).toBe(
      isUsed ? Refusal.None : Refusal.ParameterInvalid,
    );
    expect(refusal({ ...settings, [name]: 9 }), name).toBe(Refusal.ParameterInvalid);
  });
});
