import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import {
  Flag,
  Kind,
  QUOTE_ASK_LOTS,
  QUOTE_ASK_TICKS,
  QUOTE_BID_LOTS,
  QUOTE_BID_TICKS,
  QUOTE_UPDATE_ID,
  QUOTE_VENUE,
  REC_FLAGS,
  REC_INSTRUMENT,
  REC_KIND,
  Side,
  TRADE_AGGRESSOR,
  TRADE_ID,
  TRADE_PRICE_TICKS,
  TRADE_QTY_LOTS,
} from "../../asm/vocab.ts";
import { loadBuild } from "../../src/core/build.ts";
import { nullTwin, simulatorConfig } from "../../src/feeds/simulator/config.ts";
import { SLOTS } from "../../src/feeds/simulator/desk.ts";
import {
  correlation,
  factsTable,
  hillIndex,
  midsOf,
  returnsBps,
  stylizedFacts,
} from "../../src/feeds/simulator/facts.ts";
import {
  SIMULATED_INSTRUMENTS,
  SIMULATOR_VENUE,
  withStartPrices,
} from "../../src/feeds/simulator/instruments.ts";
import { SIGNAL_SECONDS } from "../../src/feeds/simulator/latent.ts";
import { MAKERS } from "../../src/feeds/simulator/makers.ts";
import {
  Simulator,
  simulatorRingCells,
  standaloneSimulator,
} from "../../src/feeds/simulator/simulator.ts";
import { ACCOUNTS } from "../../src/feeds/simulator/takers.ts";
import { readI64 } from "../../src/protocol.ts";
import { Ring, ringBytes } from "../../src/rings/ring.ts";
import { hashWaiting, publicHash, record, SECOND } from "./simulator-run.ts";

const build = loadBuild();

describe("one seed is one market", () => {
  test("equal seeds give equal public streams, another seed another one", () => {
    const config = simulatorConfig({ seed: 77 });
    const hash = publicHash(build, config, 6 * SECOND);
    expect(publicHash(build, config, 6 * SECOND), "the same again").toBe(hash);
    expect(publicHash(build, simulatorConfig({ seed: 78 }), 6 * SECOND)).not.toBe(hash);
    expect(publicHash(build, nullTwin(config), 6 * SECOND), "the twin").not.toBe(hash);
  });
});

describe("every public record", () => {
  /** What is known of an instrument while its records are read in order. */
  interface Seen {
    bid: number;
    ask: number;
    trades: number;
    quotes: number;
    sweepSide: number;
    sweepTicks: number;
  }

  test("is whole: uncrossed quotes, trades at the quote they hit, ids without a gap", () => {
    const config = simulatorConfig({ seed: 5, instrumentFirst: 11, firstId: 1000 });
    const { simulator, ring } = standaloneSimulator(build, config);
    const view = ring.view;
    const seen = new Map<number, Seen>();
    const problems: string[] = [];
    let trades = 0;
    for (let second = 0; second < 60; second++) {
      expect(simulator.simulateSteps(SECOND)).toBe(SECOND);
      for (let at = ring.next(); at >= 0; at = ring.next()) {
        const kind = view.getUint16(at + REC_KIND, true);
        const instrument = view.getUint32(at + REC_INSTRUMENT, true);
        check(instrument >= 11 && instrument < 31, "an instrument of the table");
        check((view.getUint16(at + REC_FLAGS, true) & Flag.Simulated) !== 0, "marked simulated");
        const before = seen.get(instrument);
        if (kind === Kind.Quote) seen.set(instrument, checkQuote(at, before));
        else if (kind === Kind.Trade && before !== undefined) checkTrade(at, before);
        else check(false, `kind ${kind} may come here`);
        if (kind === Kind.Trade) trades++;
        ring.skip(ring.cellsAt(at));
      }
      ring.release();
    }
    expect(problems.slice(0, 10)).toEqual([]);
    expect(seen.size).toBe(20);
    expect(trades).toBe(simulator.trades);
    expect(trades).toBeGreaterThan(5000);
    expect(simulator.desk.refusals, "the agents' table agrees with the book").toBe(0);

    /** An expectation of every record would cost more than the market. */
    function check(isTrue: boolean, statement: string): void {
      if (!isTrue) problems.push(`step ${simulator.steps}: ${statement}`);
    }

    function checkQuote(at: number, before: Seen | undefined): Seen {
      const bid = readI64(view, at + QUOTE_BID_TICKS);
      const ask = readI64(view, at + QUOTE_ASK_TICKS);
      const bidLots = readI64(view, at + QUOTE_BID_LOTS);
      const askLots = readI64(view, at + QUOTE_ASK_LOTS);
      check(bidLots === 0 || askLots === 0 || bid < ask, `${bid} is below ${ask}`);
      const quotes = (before?.quotes ?? 0) + 1;
      check(readI64(view, at + QUOTE_UPDATE_ID) === 1000 + quotes - 1, "update ids have no gap");
      check(view.getUint16(at + QUOTE_VENUE, true) === SIMULATOR_VENUE, "the venue is ours");
      const side = { bid: bidLots > 0 ? bid : 0, ask: askLots > 0 ? ask : Infinity };
      return { ...side, quotes, trades: before?.trades ?? 0, sweepSide: 0, sweepTicks: 0 };
    }

    function checkTrade(at: number, before: Seen): void {
      const price = readI64(view, at + TRADE_PRICE_TICKS);
      const side = view.getUint8(at + TRADE_AGGRESSOR);
      check(side === Side.Buy || side === Side.Sell, "a trade has an aggressor");
      check(readI64(view, at + TRADE_QTY_LOTS) > 0, "a trade has lots");
      check(readI64(view, at + TRADE_ID) === 1000 + before.trades++, "trade ids have no gap");
      // At the quote, or further into the book as part of one sweep that began at it.
      if (before.sweepSide !== side) {
        const quoted = side === Side.Buy ? before.ask : before.bid;
        check(price === quoted, `a sweep begins at the quote ${quoted}, not at ${price}`);
      } else {
        const isOn = side === Side.Buy ? price >= before.sweepTicks : price <= before.sweepTicks;
        check(isOn, "a sweep goes away from the quote");
      }
      before.sweepSide = side;
      before.sweepTicks = price;
    }
  });
});

describe("the market", () => {
  const seconds = 400;
  let run: ReturnType<typeof record>;
  let facts: Map<string, ReturnType<typeof stylizedFacts>>;
  beforeAll(() => {
    run = record(build, simulatorConfig({ seed: 1 }), seconds);
    facts = new Map(
      SIMULATED_INSTRUMENTS.map(({ symbol }, i) => [
        symbol,
        stylizedFacts(run.columns.trades.get(i + 1)!, run.columns.quotes.get(i + 1)!),
      ]),
    );
    if (process.env.ALPHAPULSE_PRINT !== undefined) console.log(factsTable(facts));
  }, 120_000);

  test("lives: 20 to 60 public records a second per instrument on average, none below 8", () => {
    const perInstrument = run.columns.records / seconds / SIMULATED_INSTRUMENTS.length;
    expect(perInstrument).toBeGreaterThan(20);
    expect(perInstrument).toBeLessThan(60);
    for (const [symbol, fact] of facts) {
      expect(fact.tradesPerSecond + fact.quotesPerSecond, symbol).toBeGreaterThan(8);
      expect(fact.tradesPerSecond + fact.quotesPerSecond, symbol).toBeLessThan(150);
    }
  });

  test("has spreads of one tick to some basis points", () => {
    for (const [symbol, fact] of facts) {
      expect(fact.spreadMedianTicks, symbol).toBeGreaterThanOrEqual(1);
      expect(fact.spreadMedianBps, symbol).toBeLessThan(10);
    }
  });

  test("conserves: inventories of all agents sum to zero, makers stay within bounds", () => {
    const desk = run.simulator.desk;
    SIMULATED_INSTRUMENTS.forEach(({ symbol, medianLots }, index) => {
      let sum = 0;
      let gross = 0;
      for (let account = 1; account <= ACCOUNTS; account++) {
        sum += desk.inventoryOf(account, index);
        gross += Math.abs(desk.inventoryOf(account, index));
      }
      expect(sum, symbol).toBe(0);
      expect(gross, `${symbol} has traded`).toBeGreaterThan(0);
      for (let maker = 1; maker <= MAKERS; maker++) {
        expect(Math.abs(desk.inventoryOf(maker, index)) / medianLots, symbol).toBeLessThan(250);
      }
    });
    expect(desk.leavesLots.every((lots) => lots >= 0)).toBe(true);
    expect(desk.leavesLots.length).toBe(20 * SLOTS);
    expect(desk.refusals).toBe(0);
  });

  test("stays with its fundamental value", () => {
    const { latent } = run.simulator;
    run.columns.quotes.forEach((quotes, instrument) => {
      const last = quotes.bidTicks.length - 1;
      const mid = (quotes.bidTicks[last]! + quotes.askTicks[last]!) / 2;
      const value = latent.valueTicks[instrument - 1]!;
      const deviation = latent.volatility[instrument - 1]! * value;
      expect(Math.abs(mid - value) / Math.max(1, deviation)).toBeLessThan(12);
    });
  });

  test("has fat tails and clustered volatility", () => {
    const all = [...facts.values()];
    for (const [symbol, fact] of facts) expect(fact.kurtosis, symbol).toBeGreaterThan(3.3);
    expect(meanOf(all.map(({ kurtosis }) => kurtosis))).toBeGreaterThan(6);
    // Ten returns a tail are too few for one instrument: the tail of all, each in its deviations.
    const scaled = SIMULATED_INSTRUMENTS.flatMap(({ symbol }, index) => {
      const returns = returnsBps(midsOf(run.columns.quotes.get(index + 1)!, 1000));
      return returns.map((value) => Math.abs(value) / facts.get(symbol)!.deviationBps);
    });
    const tail = hillIndex(scaled, Math.ceil(scaled.length * 0.025));
    expect(tail, "Hill, real markets 2.5 to 5").toBeGreaterThan(2.5);
    expect(tail).toBeLessThan(5);
    expect(meanOf(all.map(({ absReturnAcf10 }) => absReturnAcf10))).toBeGreaterThan(0.1);
    expect(meanOf(all.map(({ absReturnAcf60 }) => absReturnAcf60))).toBeGreaterThan(0.03);
    expect(Math.abs(meanOf(all.map(({ returnAcf1 }) => returnAcf1)))).toBeLessThan(0.1);
  });

  test("has order signs with long memory, and trades that move the price", () => {
    const all = [...facts.values()];
    for (const [symbol, fact] of facts) expect(fact.signAcf10, symbol).toBeGreaterThan(0.04);
    expect(meanOf(all.map(({ signAcf100 }) => signAcf100))).toBeGreaterThan(0.01);
    for (const [symbol, fact] of facts) expect(fact.impactHalfSpreads, symbol).toBeGreaterThan(0);
  });
});

describe("the planted alpha", () => {
  // Without a market factor every horizon of every instrument is one independent observation.
  const instruments = SIMULATED_INSTRUMENTS.map((one) => ({ ...one, marketCorrelation: 0 }));
  const seconds = 300;

  /** Correlation of the signal with the mid's return over its horizon, and its standard error. */
  function measure(alpha: number): { correlation: number; error: number } {
    const signals: number[] = [];
    const returns: number[] = [];
    let last: { mids: number[]; signal: number[]; volatility: number[] } | undefined;
    const config = simulatorConfig({ seed: 6, alpha, drift: 0, instruments });
    record(build, config, seconds, ({ latent }, { quotes }, second) => {
      if (second % SIGNAL_SECONDS !== 0) return;
      const mids = instruments.map((_, index) => {
        const of = quotes.get(index + 1)!;
        return (of.bidTicks.at(-1) + of.askTicks.at(-1)) / 2;
      });
      mids.forEach((mid, index) => {
        if (last === undefined) return;
        const scaled = (mid / last.mids[index]! - 1) / last.volatility[index]!;
        returns.push(Math.max(-10, Math.min(10, scaled)));
        signals.push(last.signal[index]!);
      });
      last = { mids, signal: [...latent.signal], volatility: [...latent.volatility] };
    });
    return { correlation: correlation(signals, returns), error: 1 / Math.sqrt(signals.length) };
  }

  test("predicts returns of the traded price with its stated strength", () => {
    const { correlation: found, error } = measure(0.3);
    expect(found).toBeGreaterThan(0.7 * 0.3 - 2 * error);
    expect(found).toBeLessThan(0.3 + 3 * error);
    expect(found / error, "standard errors from zero").toBeGreaterThan(5);
  });

  test("predicts nothing at zero, though the same traders trade on it", () => {
    const { correlation: found, error } = measure(0);
    expect(Math.abs(found) / error, "standard errors from zero").toBeLessThan(2.5);
  });
});

describe("a full ring", () => {
  test("holds the market up, loses nothing, and the stream goes on as if nothing had been", () => {
    const config = simulatorConfig({ seed: 31 });
    const { simulator, ring } = standaloneSimulator(build, config);
    expect(simulator.simulateSteps(100 * SECOND), "nobody reads").toBeLessThan(100 * SECOND);
    expect(simulator.stepsRefused).toBe(1);
    const steps = simulator.steps;
    expect(simulator.step()).toBe(false);
    expect(simulator.steps, "simulated time stands still").toBe(steps);
    expect(ring.overrun, "no record was refused by the ring").toBe(0);
    const hash = createHash("sha256");
    const waiting = hashWaiting(ring, hash);
    expect(waiting).toBe(simulator.trades + simulator.quotes);
    expect(simulator.simulateSteps(SECOND)).toBe(SECOND);
    expect(hashWaiting(ring, hash)).toBeGreaterThan(0);
    expect(hash.digest("hex")).toBe(publicHash(build, config, steps + SECOND));
  });

  test("that is too small for one step is refused at once", () => {
    const cells = simulatorRingCells(20) / 2;
    const buffer = new SharedArrayBuffer(ringBytes(cells));
    Ring.create(buffer, 0, cells);
    expect(() => new Simulator(build, simulatorConfig(), buffer, 0)).toThrow(/ring of \d+ cells/);
  });
});

describe("start prices", () => {
  test("are where the market goes on", () => {
    const instruments = withStartPrices(SIMULATED_INSTRUMENTS, { "SIM-BTC": 99_000 });
    const { columns } = record(build, simulatorConfig({ instruments }), 5);
    const first = columns.quotes.get(1)!;
    const twoSided = first.bidTicks.findIndex((_, row) => {
      return first.bidLots[row]! > 0 && first.askLots[row]! > 0;
    });
    expect(Math.abs(first.bidTicks[twoSided]! / 99_000 - 1)).toBeLessThan(0.001);
  });
});

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
