import { describe, expect, test } from "vitest";
import { Execution, Kind, MarkSource } from "../../../../asm/vocab.ts";
import { simulatorConfig } from "../../../../src/feeds/simulator/config.ts";
import {
  SIMULATED_INSTRUMENTS,
  simulatedCurrencies,
  simulatedSpecs,
  withStartPrices,
} from "../../../../src/feeds/simulator/instruments.ts";
import { decode, encode, isRecord } from "../../../../src/protocol.ts";

const view = new DataView(new ArrayBuffer(256));

describe("the simulated instruments", () => {
  test("are 20, and every symbol and currency says SIM-", () => {
    expect(SIMULATED_INSTRUMENTS).toHaveLength(20);
    expect(new Set(SIMULATED_INSTRUMENTS.map(({ symbol }) => symbol)).size).toBe(20);
    for (const { symbol } of SIMULATED_INSTRUMENTS) expect(symbol).toMatch(/^SIM-[A-Z]+$/);
    for (const { code } of simulatedCurrencies()) expect(code).toMatch(/^SIM-/);
  });

  test("have ticks of 0.05 to 3 basis points and a median size of one lot or more", () => {
    for (const { symbol, startTicks, medianLots } of SIMULATED_INSTRUMENTS) {
      expect(10_000 / startTicks, symbol).toBeGreaterThan(0.05);
      expect(10_000 / startTicks, symbol).toBeLessThan(3);
      expect(medianLots, symbol).toBeGreaterThan(0);
    }
  });

  test("make the engine's spec records: paper, simulated, mark at mid, with a start price", () => {
    const specs = simulatedSpecs(Execution.Paper, SIMULATED_INSTRUMENTS, { instrumentFirst: 7 });
    specs.forEach((fields, index) => {
      encode(view, 0, Kind.InstrumentSpec, fields);
      const spec = decode(view, 0);
      if (!isRecord(spec, Kind.InstrumentSpec)) throw new Error("not a spec");
      expect(spec.instrument).toBe(7 + index);
      expect(spec.execution).toBe(Execution.Paper);
      expect(spec.specFlags & 1).toBe(1);
      expect(spec.markSource).toBe(MarkSource.Mid);
      expect(spec.referenceTicks).toBe(SIMULATED_INSTRUMENTS[index]!.startTicks);
      expect(spec.symbol).toBe(SIMULATED_INSTRUMENTS[index]!.symbol);
    });
  });

  test("make currency records, each id once, that the specs use", () => {
    const ids = simulatedCurrencies().map((fields) => {
      encode(view, 0, Kind.Currency, fields);
      return Number(fields.id);
    });
    expect(new Set(ids).size).toBe(21);
    for (const spec of simulatedSpecs(Execution.Internal)) {
      expect(ids).toContain(spec.base);
      expect(ids).toContain(spec.quote);
      expect(ids).toContain(spec.settlement);
    }
  });

  test("take other start prices, and refuse one that is no price", () => {
    const moved = withStartPrices(SIMULATED_INSTRUMENTS, { "SIM-ETH": 61_234, "SIM-NONE": 5 });
    expect(moved[1]!.startTicks).toBe(61_234);
    expect(moved[0]).toEqual(SIMULATED_INSTRUMENTS[0]);
    expect(() => withStartPrices(SIMULATED_INSTRUMENTS, { "SIM-ETH": 0 })).toThrow(/SIM-ETH/);
  });

  test("refuse a name that could be taken for a real market", () => {
    const real = [{ ...SIMULATED_INSTRUMENTS[0]!, symbol: "BTC-USD" }];
    expect(() => simulatedSpecs(Execution.Paper, real)).toThrow(/BTC-USD/);
  });
});

describe("the configuration", () => {
  test.each([
    [{ seed: -1 }, "seed"],
    [{ alpha: 0.7 }, "alpha"],
    [{ drift: Number.NaN }, "drift"],
    [{ instruments: [] }, "instruments"],
    [{ firstId: 0 }, "firstId"],
  ])("refuses %o and names the key", (given, key) => {
    expect(() => simulatorConfig(given)).toThrow(new RegExp(key));
  });
});
