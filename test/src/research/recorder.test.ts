import { describe, expect, test } from "vitest";

import { Kind, Liquidity, Refusal, Side } from "../../../asm/vocab.ts";
import { CURVE_POINTS_MAX, floorDiv, Recorder } from "../../../src/research/recorder.ts";
import { instrument, Outputs } from "../strategies/records.ts";

const MILLI = 1_000_000n;
const START = 1_700_000_000_000n;
/** 0.01 x 0.001 in units of 10^-8: 1000 minor units a tick x lot. */
const WORTH = 1000;

class Script {
  readonly recorder = new Recorder(1, 1_000_000_000, [instrument(1), instrument(2)]);
  private cost = 0;
  private lots = 0;

  quote(millis: number, bidTicks: number, askTicks: number, id = 1): this {
    return this.play(
      (outputs, tsEngineNanos) =>
        outputs.add(Kind.TopOfBook, {
          ...{ instrument: id, tsEngineNanos, bidTicks, bidLots: 1, askTicks, askLots: 1 },
        }),
      millis,
    );
  }

  /** A fill as the core books it at average cost. */
  fill(millis: number, side: Side, priceTicks: number, qtyLots: number, feeMinor: number): this {
    const signed = side === Side.Buy ? qtyLots : -qtyLots;
    const closing = Math.sign(signed) === -Math.sign(this.lots);
    const closed = closing ? Math.min(qtyLots, Math.abs(this.lots)) : 0;
    const share = closed === 0 ? 0 : (this.cost * closed) / Math.abs(this.lots);
    const realized = closed * priceTicks * Math.sign(this.lots) - share;
    const opened = (qtyLots - closed) * Math.sign(signed);
    this.lots += signed;
    this.cost += opened * priceTicks - share;
    const own = { instrument: 1, account: 1 };
    return this.play(
      (outputs, tsEngineNanos) =>
        outputs
          .add(Kind.Fill, {
            ...{ ...own, tsEngineNanos, side, priceTicks, qtyLots, feeMinor },
            ...{ realizedMinor: realized * WORTH, liquidity: Liquidity.Taker },
          })
          .add(Kind.PositionChanged, {
            ...{ ...own, tsEngineNanos, lots: this.lots, cost: BigInt(this.cost) },
          }),
      millis,
    );
  }

  play(add: (outputs: Outputs, tsEngineNanos: bigint) => unknown, millis = 0): this {
    const outputs = new Outputs(4096);
    add(outputs, (START + BigInt(millis)) * MILLI);
    this.recorder.collect(outputs.view, 0, outputs.end);
    return this;
  }
}

describe("round trips", () => {
  test("several entries and exits make one trade with average prices", () => {
    const { recorder } = new Script()
      .quote(0, 99, 101)
      .fill(1000, Side.Buy, 100, 10, 5)
      .fill(2000, Side.Buy, 110, 10, 5)
      .fill(3000, Side.Sell, 120, 5, 3)
      .fill(5000, Side.Sell, 130, 15, 9);
    expect(recorder.trips).toEqual([
      {
        ...{ instrument: 1, side: Side.Buy, qtyLots: 20, entryTicks: 105, exitTicks: 127.5 },
        ...{ entryMillis: Number(START) + 1000, exitMillis: Number(START) + 5000 },
        ...{ grossMinor: 450 * WORTH, feesMinor: 22, fills: 4 },
      },
    ]);
    expect(recorder.cashMinor()).toBe(1_000_000_000 + 450 * WORTH - 22);
  });

  test("a fill that turns the position gives each trade its part of the fee", () => {
    const { recorder } = new Script()
      .fill(1000, Side.Sell, 200, 10, 4)
      .fill(2000, Side.Buy, 190, 30, 10)
      .fill(3000, Side.Sell, 185, 20, 6);
    expect(
      recorder.trips.map((one) => [one.side, one.qtyLots, one.grossMinor, one.feesMinor]),
    ).toEqual([
      [Side.Sell, 10, 100 * WORTH, 4 + 3],
      [Side.Buy, 20, -100 * WORTH, 7 + 6],
    ]);
    const fees = recorder.trips.reduce((sum, one) => sum + one.feesMinor, 0);
    expect(fees, "no fee is lost in the split").toBe(20);
  });
});

describe("equity", () => {
  test("open lots are valued at the middle of the quote, half ticks included", () => {
    const { recorder } = new Script().fill(0, Side.Buy, 100, 3, 0).quote(1, 104, 107);
    expect(recorder.equityMinor() - 1_000_000_000).toBe(16_500);
  });

  test("drawdown is seen at fills and once a second, from the highest equity before", () => {
    const { recorder } = new Script()
      .fill(0, Side.Buy, 100, 10, 0)
      .quote(1000, 200, 200)
      .quote(2000, 150, 150)
      .quote(2100, 10, 10)
      .quote(3000, 180, 180);
    recorder.finish();
    expect(recorder.peakMinor).toBe(1_000_000_000 + 1000 * WORTH);
    expect(recorder.drawdownMinorMax, "between two seconds nobody looks").toBe(500 * WORTH);
  });

  test("time in the market counts overlapping positions once", () => {
    const { recorder } = new Script()
      .quote(0, 100, 100)
      .fill(1000, Side.Buy, 100, 10, 0)
      .fill(3000, Side.Sell, 100, 10, 0)
      .fill(6000, Side.Sell, 100, 10, 0)
      .quote(10_000, 100, 100);
    recorder.finish();
    expect(recorder.marketMillis).toBe(2000 + 4000);
  });

  test("the curve is thinned to its limit and keeps its first and last point", () => {
    const script = new Script();
    const seconds = CURVE_POINTS_MAX * 3;
    for (let second = 0; second < seconds; second++) script.quote(second * 1000, 100, 100);
    script.recorder.finish();
    const { millis, equityMinor, priceTicks } = script.recorder.curve;
    expect(millis.length).toBeLessThanOrEqual(CURVE_POINTS_MAX + 1);
    expect(millis.length).toBeGreaterThan(CURVE_POINTS_MAX / 2);
    expect(millis[0]).toBe(Number(START));
    expect(millis.at(-1)).toBe(Number(START) + (seconds - 1) * 1000);
    expect([equityMinor.length, priceTicks.get(1)?.length]).toEqual([millis.length, millis.length]);
  });
});

describe("what else is kept", () => {
  test("refusals are counted by reason, other accounts are not looked at", () => {
    const { recorder } = new Script().play((outputs) =>
      outputs
        .add(Kind.OrderDenied, { account: 1, reason: Refusal.PriceUnknown })
        .add(Kind.OrderDenied, { account: 1, reason: Refusal.PriceUnknown })
        .add(Kind.OrderDenied, { account: 2, reason: Refusal.PriceUnknown })
        .add(Kind.ConfigDenied, { configKind: Kind.Timeframe, reason: Refusal.PeriodInvalid }),
    );
    expect(recorder.denials.get(Refusal.PriceUnknown)).toBe(2);
    expect(recorder.counts.ordersDenied).toBe(2);
    expect(recorder.refusedConfiguration).toEqual(["Timeframe: PeriodInvalid"]);
  });

  test("division rounds down on both sides of zero", () => {
    expect([floorDiv(7n, 2n), floorDiv(-7n, 2n), floorDiv(-8n, 2n)]).toEqual([3n, -4n, -4n]);
  });
});
