// Currencies and instruments: what is taken, what is refused, and what a tick x lot is worth.
import { beforeEach, expect, test } from "vitest";
import {
  CURRENCIES_MAX,
  INSTRUMENT_MINOR_DEN,
  INSTRUMENT_MINOR_NUM,
  INSTRUMENTS_MAX,
  SCRATCH,
} from "../../../asm/layout.ts";
import { Execution, InstrumentKind, Kind, Refusal, SPEC_SYMBOL } from "../../../asm/vocab.ts";
import { encode } from "../../../src/protocol.ts";
import { Kernels } from "../kernels.ts";

let core: Kernels;

function apply(kind: Kind, fields: Record<string, unknown>): string {
  core.u8.fill(0, SCRATCH, SCRATCH + 256);
  encode(core.view, SCRATCH, kind as Kind.Trade, fields as never);
  return Refusal[core.number("referenceApply")(SCRATCH)]!;
}

const currency = (fields: Record<string, unknown> = {}): string =>
  apply(Kind.Currency, { id: 1, minorExponent: -8, code: "USDT", ...fields });

function spec(fields: Record<string, unknown> = {}): string {
  return apply(Kind.InstrumentSpec, {
    ...{ instrument: 7, version: 1, specKind: InstrumentKind.Spot, execution: Execution.Paper },
    ...{ base: 1, quote: 1, settlement: 1, tickMantissa: 1, tickExponent: -2, lotMantissa: 1 },
    ...{ lotExponent: -5, multiplierNum: 1, multiplierDen: 1, symbol: "BTCUSDT", ...fields },
  });
}

const hash = (): bigint => core.bigint("referenceHash")(0n);
const at = (id: number): number => core.number("instrumentAt")(id);

beforeEach(async () => {
  core = await Kernels.create();
  expect(currency()).toBe("None");
});

test("a currency is taken once; again changes nothing, another is a conflict", () => {
  const before = hash();
  expect(currency()).toBe("AlreadyConfigured");
  expect(currency({ minorExponent: -2 })).toBe("ConfigConflict");
  expect(currency({ code: "USDC" })).toBe("ConfigConflict");
  expect(hash()).toBe(before);
  expect(currency({ id: 2, minorExponent: -18, code: "ETH" })).toBe("None");
  expect(core.number("currencyMinorExponent")(2)).toBe(-18);
  expect(hash()).not.toBe(before);
});

test("currencies out of range are refused and change nothing", () => {
  const before = hash();
  expect(currency({ id: 0 })).toBe("UnknownCurrency");
  expect(currency({ id: CURRENCIES_MAX })).toBe("UnknownCurrency");
  expect(currency({ id: 3, minorExponent: 1 })).toBe("ConfigInvalid");
  expect(currency({ id: 3, minorExponent: -19 })).toBe("ConfigInvalid");
  expect(currency({ id: 3, code: "" })).toBe("ConfigInvalid");
  expect(hash()).toBe(before);
  expect(core.number("currencyIsKnown")(3)).toBe(0);
  expect(() => core.number("currencyMinorExponent")(3)).toThrow(/configured/);
  expect(currency({ id: CURRENCIES_MAX - 1 })).toBe("None");
});

test("an instrument lies in its slot as it came, and nowhere before", () => {
  expect(at(7)).toBe(0);
  expect(spec()).toBe("None");
  expect(Buffer.from(core.u8.slice(at(7) + SPEC_SYMBOL, at(7) + SPEC_SYMBOL + 7)).toString()).toBe(
    "BTCUSDT",
  );
  for (const id of [0, 6, 8, INSTRUMENTS_MAX, 0xffffffff]) expect(at(id), `id ${id}`).toBe(0);
  expect(spec()).toBe("AlreadyConfigured");
  expect(spec({ tickExponent: -3 })).toBe("ConfigConflict");
  expect(spec({ instrument: INSTRUMENTS_MAX })).toBe("InstrumentsFull");
  expect(spec({ instrument: 0 })).toBe("UnknownInstrument");
});

const REFUSED: [string, Record<string, unknown>][] = [
  ["ConfigInvalid", { specKind: 0 }],
  ["ConfigInvalid", { specKind: 99 }],
  ["ConfigInvalid", { execution: 0 }],
  ["ConfigInvalid", { version: 0 }],
  ["ConfigInvalid", { symbol: "" }],
  ["UnknownCurrency", { base: 9 }],
  ["UnknownCurrency", { quote: 0 }],
  ["UnknownCurrency", { settlement: 9 }],
  ["ConfigInvalid", { tickMantissa: 0 }],
  ["ConfigInvalid", { lotMantissa: -1 }],
  ["ConfigInvalid", { multiplierNum: 0 }],
  ["ConfigInvalid", { multiplierDen: 0 }],
  ["ConfigInvalid", { tickExponent: 19 }],
  ["ConfigInvalid", { lotExponent: -19 }],
  ["ConfigInvalid", { ladderTicks: 100 }],
  ["ConfigInvalid", { ladderTicks: 32 }],
  ["ConfigInvalid", { qtyMinLots: 5, qtyMaxLots: 4 }],
  ["ConfigInvalid", { qtyMinLots: -1 }],
  ["ConfigInvalid", { priceMinTicks: 5, priceMaxTicks: 4 }],
  ["NotionalOverflow", { tickExponent: 18, lotExponent: 18 }],
  ["NotionalOverflow", { tickExponent: -18, lotExponent: -18 }],
  ["NotionalOverflow", { tickMantissa: 2 ** 52, lotMantissa: 2 ** 52 }],
];

test.each(REFUSED)("refuses with %s: %j", (reason, fields) => {
  const before = hash();
  expect(spec(fields)).toBe(reason);
  expect(hash()).toBe(before);
  expect(at(7)).toBe(0);
});

test("the worth of a tick x lot is an exact, reduced fraction of the smallest unit", () => {
  const cases: [Record<string, unknown>, bigint, bigint][] = [
    [{}, 10n, 1n],
    [{ tickExponent: -4 }, 1n, 10n],
    [{ tickMantissa: 5, tickExponent: -1, lotExponent: 0 }, 50_000_000n, 1n],
    [{ tickMantissa: 25, tickExponent: -2, lotMantissa: 4, lotExponent: -8 }, 1n, 1n],
    [{ multiplierNum: 3, multiplierDen: 7 }, 30n, 7n],
    [{ multiplierNum: 1, multiplierDen: 100 }, 1n, 10n],
  ];
  cases.forEach(([fields, num, den], index) => {
    expect(spec({ instrument: index + 10, ...fields })).toBe("None");
    const slot = at(index + 10);
    const found = [INSTRUMENT_MINOR_NUM, INSTRUMENT_MINOR_DEN].map((offset) =>
      core.view.getBigInt64(slot + offset, true),
    );
    expect(found, JSON.stringify(fields)).toEqual([num, den]);
  });
});
