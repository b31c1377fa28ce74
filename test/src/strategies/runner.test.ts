import { describe, expect, test } from "vitest";

import { AmendField } from "../../../asm/vocab.ts";
import { decode } from "../../../src/protocol.ts";
import { LOG_CHARACTERS_MAX, LOG_LINES_MAX, Runner } from "../../../src/strategies/runner.ts";
import { Side } from "../../../src/strategies/strategy.ts";
import { commandRing, instrument } from "./records.ts";

function runner(): { runner: Runner; read: () => Record<string, unknown> } {
  const ring = commandRing();
  const setup = {
    ...{ name: "one", strategyId: 2, account: 5, tenant: 1, commandsPerSecondMax: 10 },
    instruments: [instrument(1)],
  };
  const read = (): Record<string, unknown> => {
    ring.publish();
    const at = ring.next();
    const record = decode(ring.view, at) as Record<string, unknown>;
    ring.skip(ring.cellsAt(at));
    return record;
  };
  return { runner: new Runner(setup, ring), read };
}

describe("commands", () => {
  test("cancel and amend name the order by the same client id", () => {
    const { runner: one, read } = runner();
    const [first] = one.instruments;
    const number = one.buy({ instrument: first!, qtyLots: 3, priceTicks: 7, tag: 9 });
    const { clientId } = read();
    one.cancel(first!, number);
    expect(read()).toMatchObject({ name: "OrderCancel", clientId, account: 5, tenant: 1 });
    one.amend(first!, number, { qtyLots: 8 });
    expect(read()).toMatchObject({
      ...{ name: "OrderAmend", clientId, qtyLots: 8, priceTicks: 0, fields: AmendField.Qty },
    });
    one.amend(first!, number, { priceTicks: 6, qtyLots: 8 });
    expect(read()).toMatchObject({ fields: AmendField.Qty | AmendField.Price, priceTicks: 6 });
  });

  test("what can never be an order is refused before it is sent", () => {
    const { runner: one } = runner();
    const [first] = one.instruments;
    const buy = (qtyLots: number, priceTicks?: number) => () =>
      one.buy({ instrument: first!, qtyLots, ...(priceTicks === undefined ? {} : { priceTicks }) });
    for (const bad of [buy(0), buy(-1), buy(1.5), buy(Number.NaN), buy(1, 0.5), buy(2 ** 60)]) {
      expect(bad).toThrow(expect.objectContaining({ code: "ORDER_SHAPE" }));
    }
    expect(() => one.order({ instrument: first!, side: Side.None, qtyLots: 1 })).toThrow(/side/);
    expect(() => one.buy({ instrument: instrument(2), qtyLots: 1 })).toThrow(/not configured/);
    expect(() => one.cancel(first!, 0)).toThrow(/order number/);
    expect([one.lastNumber, one.commands]).toEqual([0, 0]);
  });
});

describe("log", () => {
  test("keeps the newest lines and cuts long ones", () => {
    const { runner: one } = runner();
    for (let index = 0; index < LOG_LINES_MAX + 10; index++) one.log(`line ${index}`);
    one.log("x".repeat(LOG_CHARACTERS_MAX + 50));
    expect(one.log_).toHaveLength(LOG_LINES_MAX);
    expect(one.log_[0]).toBe("line 11");
    expect(one.log_.at(-1)).toHaveLength(LOG_CHARACTERS_MAX);
    expect(one.logLines).toBe(LOG_LINES_MAX + 11);
  });
});
