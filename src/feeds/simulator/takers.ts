// Who takes liquidity: children of large orders, people without a view, informed traders.
//
// Children take at most what rests at the best price (traders wait for liquidity), the others have
// sizes with a heavy tail and may sweep several levels. Informed traders compare the best prices
// with the value they expect at the end of the signal's horizon; without alpha they do the same,
// but what they believe about the signal is wrong.
//
// tidy: tested by test/sim/simulator.test.ts
import { Side } from "../../../asm/vocab.ts";
import { type SimulatorConfig, STEP_SECONDS } from "./config.ts";
import type { Desk } from "./desk.ts";
import { Flow } from "./flow.ts";
import { type Latent, SIGNAL_SECONDS, signalGain } from "./latent.ts";
import { MAKERS } from "./makers.ts";
import { Random } from "./random.ts";

/** Account of large orders and of takers without a view. */
export const TAKER_ACCOUNT = MAKERS + 2;
export const INFORMED_ACCOUNT = MAKERS + 3;
/** Accounts of the private core: 1 to this. */
export const ACCOUNTS = INFORMED_ACCOUNT;

/** Sizes: lognormal around the median; a share of orders without a view comes from the tail. */
const SIZE_DEVIATION = 0.7;
const TAIL_SHARE = 0.06;
const SIZE_TAIL = 1.6;
const TAIL_SIZES_MAX = 60;
/** How far such an order may sweep, in deviations of a second; one in ten has no limit. */
const SWEEP_DEVIATIONS = 2;
const MARKET_SHARE = 0.1;

/** Looks of the informed a second at activity 1, and the edge they ask for, in deviations. */
const INFORMED_PER_SECOND = 2;
const INFORMED_COST = 0.15;
const INFORMED_SIZES = 1.5;
/** What the informed of a market without alpha believe: the strength of the default market. */
const BELIEVED_ALPHA_MIN = 0.15;
/** How strongly large orders prefer the cheap side, per deviation, and the limit of it. */
const CHEAP_PULL = 0.25;
const CHANCE_MIN = 0.15;
const STREAM_SIZE = 5000;
const STREAM_INFORMED = 6000;

/** All takers of all instruments. */
export class Takers {
  private readonly config: SimulatorConfig;
  private readonly desk: Desk;
  private readonly latent: Latent;
  private readonly flow: Flow;
  private readonly sizes: Random[];
  private readonly informed: Random[];
  /** Expected move over the rest of the signal's life, in deviations of a second. */
  private readonly belief: number;

  constructor(config: SimulatorConfig, desk: Desk, latent: Latent) {
    this.config = config;
    this.desk = desk;
    this.latent = latent;
    this.flow = new Flow(config);
    this.sizes = config.instruments.map((_, i) => new Random(config.seed, STREAM_SIZE + i));
    this.informed = config.instruments.map((_, i) => new Random(config.seed, STREAM_INFORMED + i));
    this.belief = signalGain(Math.max(config.alpha, BELIEVED_ALPHA_MIN)) * SIGNAL_SECONDS;
  }

  /** Passes one step; before any `act`. */
  step(): void {
    this.flow.step();
  }

  /** What the takers of an instrument do in this step; after the makers. */
  act(index: number): void {
    this.lookInformed(index);
    const count = this.flow.arrivals(index, this.latent.liveliness[index]!);
    for (let taker = 0; taker < count; taker++) {
      const side = this.flow.side(index, this.buyChance(index));
      if (this.flow.isChild) this.takeBest(index, side);
      else this.sweep(index, side);
    }
  }

  /**
   * Large orders rather buy what is cheap against its value. Makers who hold too much quote below
   * the value, so this is also how their inventories come back.
   */
  private buyChance(index: number): number {
    const bid = this.desk.best(index, Side.Buy, 0);
    const ask = this.desk.best(index, Side.Sell, 0);
    if (bid === 0 || ask === 0) return bid === 0 ? 1 - CHANCE_MIN : CHANCE_MIN;
    const cheap = this.latent.valueTicks[index]! - (bid + ask) / 2;
    const chance = 0.5 + (CHEAP_PULL * cheap) / this.deviationTicks(index);
    return Math.max(CHANCE_MIN, Math.min(1 - CHANCE_MIN, chance));
  }

  private takeBest(index: number, side: Side): void {
    const opposite = side === Side.Buy ? Side.Sell : Side.Buy;
    const best = this.desk.best(index, opposite, 0);
    if (best === 0) return;
    const resting = this.desk.lotsAt(index, opposite, best);
    const lots = Math.max(1, Math.min(resting, this.lognormal(index)));
    this.desk.take(index, TAKER_ACCOUNT, side, best, lots);
  }

  private sweep(index: number, side: Side): void {
    const random = this.sizes[index]!;
    const median = this.config.instruments[index]!.medianLots;
    const isTail = random.chance() < TAIL_SHARE;
    const lots = isTail
      ? Math.round(random.pareto(SIZE_TAIL, 4 * median, TAIL_SIZES_MAX * median))
      : this.lognormal(index);
    const best = this.desk.best(index, side === Side.Buy ? Side.Sell : Side.Buy, 0);
    if (best === 0) return;
    if (random.chance() < MARKET_SHARE) {
      this.desk.take(index, TAKER_ACCOUNT, side, 0, Math.max(1, lots));
      return;
    }
    const reach = Math.round(SWEEP_DEVIATIONS * this.deviationTicks(index));
    const limit = side === Side.Buy ? best + reach : Math.max(1, best - reach);
    this.desk.take(index, TAKER_ACCOUNT, side, limit, Math.max(1, lots));
  }

  private lookInformed(index: number): void {
    const random = this.informed[index]!;
    const spec = this.config.instruments[index]!;
    const rate = INFORMED_PER_SECOND * spec.activity * Math.sqrt(this.latent.liveliness[index]!);
    if (random.chance() >= rate * STEP_SECONDS) return;
    const deviation = this.deviationTicks(index);
    const edge = deviation * this.belief * this.latent.signal[index]!;
    const fair = this.latent.valueTicks[index]! + edge;
    const cost = INFORMED_COST * deviation;
    const ask = this.desk.best(index, Side.Sell, 0);
    const bid = this.desk.best(index, Side.Buy, 0);
    const size = INFORMED_SIZES * spec.medianLots * (0.5 + random.chance());
    const lots = Math.max(1, Math.round(size));
    if (ask > 0 && ask < fair - cost) {
      this.desk.take(index, INFORMED_ACCOUNT, Side.Buy, Math.floor(fair - cost), lots);
    } else if (bid > 0 && bid > fair + cost) {
      const limit = Math.max(1, Math.ceil(fair + cost));
      this.desk.take(index, INFORMED_ACCOUNT, Side.Sell, limit, lots);
    }
  }

  private lognormal(index: number): number {
    const spec = this.config.instruments[index]!;
    return Math.round(spec.medianLots * Math.exp(SIZE_DEVIATION * this.sizes[index]!.normal()));
  }

  /** Standard deviation of one second of the fundamental value, in ticks. */
  private deviationTicks(index: number): number {
    return this.latent.volatility[index]! * this.latent.valueTicks[index]!;
  }
}
