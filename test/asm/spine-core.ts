// One market on a whole core, for tests of the sequencer and of the loops around it.
import {
  CandleType,
  Execution,
  Flag,
  IndicatorKind,
  InstrumentKind,
  Kind,
  ModelRule,
  RECORD_BYTES_MAX,
  Side,
  StrategyKind,
} from "../../asm/vocab.ts";
import { encode } from "../../src/protocol.ts";
import type { Ring } from "../../src/rings/ring.ts";

export type Fields = Record<string, unknown>;

export const BASE_NANOS = 1_790_000_000_000_000_000n;

/** The bytes of one record. */
export function record(kind: Kind, fields: Fields): Uint8Array {
  const bytes = new Uint8Array(RECORD_BYTES_MAX);
  return bytes.slice(0, encode(new DataView(bytes.buffer), 0, kind as Kind.Trade, fields as never));
}

/** Puts a record into a ring, published; false when it is full. */
export function put(ring: Ring, bytes: Uint8Array): boolean {
  const at = ring.reserve(bytes.length >> 6);
  if (at < 0) return false;
  ring.u8.set(bytes, at);
  ring.commit();
  ring.publish();
  return true;
}

/** A market with a signal rule and a follower that trades it: timers, derived records, fills. */
export function setupRecords(): Uint8Array[] {
  const spec = {
    ...{
      instrument: 1,
      version: 1,
      specKind: InstrumentKind.LinearPerpetual,
      execution: Execution.Paper,
    },
    ...{ base: 1, quote: 1, settlement: 1, tickMantissa: 1, tickExponent: -2, lotMantissa: 1 },
    ...{ multiplierNum: 1, multiplierDen: 1, symbol: "TEST-1" },
  };
  const follower = { strategyKind: StrategyKind.SignalFollower, strategyFlags: 1 };
  const rule = {
    rule: ModelRule.CrossForming,
    timeframe: 0,
    indicator: 0,
    modelFlags: 1,
    threshold: 0,
  };
  const ema = { timeframe: 0, slot: 0, indicatorKind: IndicatorKind.Ema, period: 3 };
  return [
    record(Kind.Currency, { id: 1, minorExponent: -2, code: "USD" }),
    record(Kind.Timeframe, { slot: 0, type: CandleType.Time, periodMillis: 1000 }),
    record(Kind.Indicator, ema),
    record(Kind.ModelConfig, { id: 3, ...rule }),
    record(Kind.InstrumentSpec, spec),
    record(Kind.Account, { id: 1, currency: 1 }),
    record(Kind.CashAdjust, { account: 1, currency: 1, amountMinor: 1_000_000_000 }),
    record(Kind.Strategy, { id: 7, account: 1, ...follower, model: 3, qtyLots: 5 }),
  ];
}

/** Recorded quotes and trades, some 40 ms to 3 s apart, so that most candles close by timer. */
export function ticks(count: number): Uint8Array[] {
  let state = 12345;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  let tsNanos = BASE_NANOS;
  let price = 10_000;
  return Array.from({ length: count }, (_, index) => {
    tsNanos += BigInt(40_000_000 + (draw(5) === 0 ? draw(3_000_000_000) : draw(100_000_000)));
    price += draw(41) - 20;
    const head = { instrument: 1, flags: Flag.Timed, tsEngineNanos: tsNanos };
    if (index % 3 === 0) {
      const sides = { bidTicks: price - 1, bidLots: 50, askTicks: price + 1, askLots: 50 };
      return timed(record(Kind.Quote, { ...head, ...sides }), tsNanos);
    }
    const aggressor = draw(2) === 0 ? Side.Buy : Side.Sell;
    return timed(
      record(Kind.Trade, { ...head, priceTicks: price, qtyLots: 1 + draw(9), aggressor }),
      tsNanos,
    );
  });
}

function timed(bytes: Uint8Array, tsNanos: bigint): Uint8Array {
  const view = new DataView(bytes.buffer);
  view.setUint16(2, view.getUint16(2, true) | Flag.Timed, true);
  view.setBigInt64(16, tsNanos, true);
  return bytes;
}
