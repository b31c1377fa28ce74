import { expect, test } from "vitest";

import { CancelReason, Kind, OrderState, Refusal, Side } from "../../../asm/vocab.ts";
import type { Opened } from "../../../src/dashboard/incident-link.ts";
import {
  codeOf,
  fieldText,
  moneyOf,
  stepsOf,
  stepValueText,
  tellingFields,
  timeOf,
} from "../../../src/dashboard/incident-names.ts";
import { placeOf } from "../../../src/dashboard/incident-timeline.tsx";
import { decode, encode, type DecodedRecord, type RecordFields } from "../../../src/protocol.ts";

function record(kind: Kind, fields: RecordFields): DecodedRecord {
  const view = new DataView(new ArrayBuffer(256));
  encode(view, 0, kind, fields as never);
  return decode(view, 0);
}

const spec = { instrument: 7, symbol: "BTC", tickMantissa: 5, tickExponent: -1, settlement: 2 };
const opened = {
  reference: {
    specs: [record(Kind.InstrumentSpec, { ...spec, lotMantissa: 1, lotExponent: -3 })],
    currencies: [record(Kind.Currency, { id: 2, code: "USD", minorExponent: -8 })],
    timeframes: [],
    strategies: [],
  },
  samples: [{ sequence: 1, millis: Date.parse("2026-11-22T03:00:00Z"), equityMinor: {} }],
} as unknown as Opened;

test("ticks, lots and codes have their meaning beside the number", () => {
  const order = { instrument: 7, priceTicks: 3, qtyLots: 1500, side: Side.Buy };
  const one = record(Kind.OrderNew, order);
  expect(fieldText(opened, one, "priceTicks")).toBe("1.5 (3)");
  expect(fieldText(opened, one, "qtyLots")).toBe("1.500 (1500)");
  expect(fieldText(opened, one, "side")).toBe("Buy (1)");
  expect(tellingFields(one)).toEqual(expect.arrayContaining(["priceTicks", "qtyLots", "side"]));
  expect(tellingFields(one)).not.toContain("stopTicks");
});

test("a reason is a refusal or why an order ended, a state is an order's", () => {
  const denied = { reason: Refusal.RateLimit ?? 1, state: OrderState.Denied };
  const one = record(Kind.OrderDenied, denied);
  expect(fieldText(opened, one, "reason")).toBe(`${Refusal[denied.reason]} (${denied.reason})`);
  expect(fieldText(opened, one, "state")).toBe("Denied (11)");
  const ended = record(Kind.OrderCanceled, { reason: CancelReason.Mass });
  expect(fieldText(opened, ended, "reason")).toBe("Mass (10)");
});

test("what the configuration does not name keeps its number", () => {
  expect(stepsOf(opened, 9)).toMatchObject({ symbol: "#9", settlement: 0 });
  expect(stepsOf(opened, 7).symbol).toBe("BTC");
  expect(codeOf(opened, 2)).toBe("USD");
  expect(codeOf(opened, 3)).toBe("");
  expect(moneyOf(opened, 123_456_789n, 2)).toBe("1.23");
});

test("times and sizes are read by people", () => {
  expect(timeOf(1_795_316_400_123_456_789n)).toMatch(/^\d\d:\d\d:\d\d\.123456$/);
  expect(stepValueText(900)).toBe("1 kB");
  expect(stepValueText(2_500_000)).toBe("2.5 MB");
});

test("a place is a sequence, a time of the day or a whole time", () => {
  expect(placeOf("12,345", opened)).toEqual({ sequence: 12_345 });
  const half = Date.parse("2026-11-22T03:24:29.5Z");
  expect(placeOf("03:24:29.5", opened)).toEqual({ millis: half });
  expect(placeOf("3:24", opened)).toEqual({ millis: Date.parse("2026-11-22T03:24:00Z") });
  expect(placeOf("2026-11-22T03:24:29.5Z", opened)).toEqual({ millis: half });
  expect(placeOf("soon", opened)).toBeUndefined();
});
