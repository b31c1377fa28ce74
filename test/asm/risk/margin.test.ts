// Margin schedules: which are taken, and what they need of an order.
import { beforeEach, expect, test } from "vitest";
import { MARGIN_TIERS_MAX } from "../../../asm/layout.ts";
import { Execution, InstrumentKind, Kind, Refusal } from "../../../asm/vocab.ts";
import { OrderCore, type Fields } from "../order-core.ts";

let core: OrderCore;
let clientId = 0;

beforeEach(() => {
  core = OrderCore.create();
  core.send(Kind.Currency, { id: 2, minorExponent: 0, code: "ACME" });
  core.instrument(1, { referenceTicks: 1_000 });
  core.instrument(2, { specKind: InstrumentKind.Spot, base: 2 });
  core.instrument(3, { execution: Execution.Routed, venue: 1 });
  core.account(1);
  core.send(Kind.CashAdjust, { account: 1, currency: 1, amountMinor: 10_000 });
  clientId = 0;
});

function schedule(fields: Fields): string {
  const out = core.send(Kind.MarginSchedule, { instrument: 1, ...fields })[0]!;
  return Refusal[Number(out["reason"])]!;
}

function order(qtyLots: number): string {
  const out = core.order({ clientId: ++clientId, priceTicks: 900, qtyLots })[0]!;
  return Refusal[Number(out["reason"])]!;
}

test.each([
  ["more than all", { initialBps: 10_001 }],
  ["maintenance above initial", { initialBps: 500, maintenanceBps: 501 }],
  ["a call below maintenance", { initialBps: 900, maintenanceBps: 500, callBps: 499 }],
  ["a call above initial", { initialBps: 900, maintenanceBps: 500, callBps: 901 }],
  ["more than all at the call", { maintenanceBps: 500, callBps: 10_001 }],
  ["a first tier that begins later", { initialBps: 500, fromMinor: 1 }],
  ["a tier without one below", { initialBps: 500, tier: 1, fromMinor: 1 }],
  ["a tier beyond the last", { initialBps: 500, tier: MARGIN_TIERS_MAX, fromMinor: 1 }],
])("a schedule with %s is denied", (_what, fields) => {
  expect(schedule(fields)).toBe("ParameterInvalid");
});

test("what nobody can liquidate has no maintenance margin, and initial margin all the same", () => {
  expect(schedule({ instrument: 2, maintenanceBps: 1 })).toBe("InstrumentKindUnsupported");
  expect(schedule({ instrument: 3, maintenanceBps: 1 })).toBe("ExecutionUnsupported");
  expect(schedule({ instrument: 2, initialBps: 1 })).toBe("None");
  expect(schedule({ instrument: 9, initialBps: 1 })).toBe("UnknownInstrument");
});

test("a tier begins above the one below, at no lower rate, up to the bound", () => {
  const tier = (at: number, fromMinor: number, rate: number): string =>
    schedule({ tier: at, fromMinor, initialBps: rate, maintenanceBps: rate, callBps: rate });
  expect(tier(0, 0, 100)).toBe("None");
  expect(tier(1, 0, 200), "begins where the one below does").toBe("ParameterInvalid");
  expect(tier(1, 5, 99), "a lower rate").toBe("ParameterInvalid");
  for (let at = 1; at < MARGIN_TIERS_MAX; at++) expect(tier(at, at * 10, 100 + at)).toBe("None");
  expect(tier(MARGIN_TIERS_MAX, 1_000, 500)).toBe("ParameterInvalid");
  expect(tier(2, 15, 150), "drops those above it").toBe("None");
  expect(tier(4, 100, 500)).toBe("ParameterInvalid");
});

test("each tier asks its rate of the exposure inside it, rounded up", () => {
  schedule({ initialBps: 1_000 });
  schedule({ tier: 1, fromMinor: 20_000, initialBps: 2_500 });
  schedule({ tier: 2, fromMinor: 40_000, initialBps: 5_000 });
  // 2,000 + 5,000 + 3,000 = 10,000 at 46 lots of 1,000.
  expect(order(46)).toBe("None");
  expect(order(1)).toBe("MarginInsufficient");
  expect(schedule({ initialBps: 1_000 }), "tier 0 alone").toBe("None");
  expect(order(54)).toBe("None");
  expect(order(1)).toBe("MarginInsufficient");
  expect(schedule({ initialBps: 0 })).toBe("None");
  expect(order(1)).toBe("None");
});

test("a tier's share is rounded up", () => {
  core.send(Kind.CashAdjust, { account: 1, currency: 1, amountMinor: -9_999 });
  // 15 basis points of 1,000 are 1.5, and 1 is owned.
  schedule({ initialBps: 15 });
  expect(order(1)).toBe("MarginInsufficient");
  schedule({ initialBps: 10 });
  expect(order(1)).toBe("None");
});
