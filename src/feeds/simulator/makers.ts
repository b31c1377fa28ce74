// Who offers liquidity: market makers around their own view, and noise orders that come and go.
//
// A maker sees the fundamental value late (it looks at random times) and with an error of its own.
// It quotes LEVELS prices a side, leans against its inventory, and moves an order only when it has
// drifted beyond a tolerance: that keeps queues and makes the quote change some ten times a second.
// It quotes inside the others' orders, and takes those that lie far on the wrong side of its view;
// who is too slow is taken by it or by informed traders.
//
// tidy: tested by test/sim/simulator.test.ts
import { Side } from "../../../asm/vocab.ts";
import { type SimulatorConfig, STEP_SECONDS } from "./config.ts";
import type { Desk } from "./desk.ts";
import { SLOTS } from "./desk.ts";
import type { Latent } from "./latent.ts";
import { Random } from "./random.ts";

/** Market makers of every instrument; accounts 1 to MAKERS. */
export const MAKERS = 3;
/** Account of the noise orders. */
export const NOISE_ACCOUNT = MAKERS + 1;
/** Orders a maker keeps on each side. */
export const LEVELS = 4;
const MAKER_SLOTS = MAKERS * 2 * LEVELS;
const NOISE_SLOTS = SLOTS - MAKER_SLOTS;

/** Looks of one maker a second, at liveliness 1. */
const LOOKS_PER_SECOND = 10;
/** Half of the spread at liveliness 1, and distance of levels, in deviations of a second. */
const HALF_SPREAD = 0.55;
const LEVEL_GAP = 0.45;
/** Error of a maker's view, in half spreads, and its persistence from look to look. */
const VIEW_ERROR = 0.35;
const VIEW_KEEP = 0.9;
const VIEW_NOISE = Math.sqrt(1 - VIEW_KEEP * VIEW_KEEP);
/** Lots of the first level in median taker sizes; deeper levels hold more. */
const LEVEL_SIZES = [3, 5, 7, 8] as const;
/** Inventory, in median sizes, that moves the quotes by one half spread; and the largest move. */
const LEAN_SIZES = 25;
const LEAN_MAX = 4;
/** Orders this much beyond a maker's own price, in half spreads, are taken; lots in medians. */
const WRONG_SIDE = 0.5;
const WRONG_SIZES = 4;
/** Above this inventory a maker adds to it only at its last level, and little. */
const INVENTORY_SIZES_MAX = 150;

const NOISE_PER_SECOND = 4;
const NOISE_SECONDS = 3;
/** Share of noise orders inside the spread, and at the best price; the rest lies behind. */
const NOISE_INSIDE = 0.35;
const NOISE_AT_BEST = 0.75;
const STREAM_MAKER = 3000;
const STREAM_NOISE = 4000;

/** All makers of all instruments. */
export class Makers {
  private readonly config: SimulatorConfig;
  private readonly desk: Desk;
  private readonly latent: Latent;
  private readonly randoms: Random[];
  private readonly lookLeft: Float64Array;
  private readonly viewError: Float64Array;
  private readonly lastCenter: Float64Array;
  /** Limit of what a maker will take after all have quoted: > 0 buys, < 0 sells, 0 nothing. */
  private readonly wrongSide: Float64Array;

  constructor(config: SimulatorConfig, desk: Desk, latent: Latent) {
    const count = config.instruments.length;
    this.config = config;
    this.desk = desk;
    this.latent = latent;
    this.randoms = config.instruments.map((_, i) => new Random(config.seed, STREAM_MAKER + i));
    // The first maker quotes in the first step, so that a market is there from the beginning.
    this.lookLeft = new Float64Array(count * MAKERS).map((_, at) => (at % MAKERS) * 5);
    this.viewError = new Float64Array(count * MAKERS);
    this.lastCenter = new Float64Array(count * MAKERS);
    this.wrongSide = new Float64Array(count * MAKERS);
  }

  /** Lets the makers of an instrument look whose time has come. */
  step(index: number): void {
    for (let maker = 0; maker < MAKERS; maker++) {
      const at = index * MAKERS + maker;
      this.lookLeft[at]! -= 1;
      if (this.lookLeft[at]! > 0) continue;
      const hurry = LOOKS_PER_SECOND * Math.sqrt(this.latent.liveliness[index]!);
      this.lookLeft[at] = this.randoms[index]!.exponential(1 / (hurry * STEP_SECONDS));
      this.quote(index, maker, at);
    }
  }

  /** Takes what lies on the wrong side; when nobody moves orders of the instrument any more. */
  take(index: number): void {
    for (let maker = 0; maker < MAKERS; maker++) {
      const limit = this.wrongSide[index * MAKERS + maker]!;
      if (limit === 0) continue;
      this.wrongSide[index * MAKERS + maker] = 0;
      const lots = Math.round(WRONG_SIZES * this.config.instruments[index]!.medianLots);
      this.desk.take(index, maker + 1, limit > 0 ? Side.Buy : Side.Sell, Math.abs(limit), lots);
    }
  }

  private quote(index: number, maker: number, at: number): void {
    const random = this.randoms[index]!;
    const valueTicks = this.latent.valueTicks[index]!;
    const deviation = this.latent.volatility[index]! * valueTicks;
    const half = Math.max(0.5, HALF_SPREAD * deviation);
    this.viewError[at] = VIEW_KEEP * this.viewError[at]! + VIEW_NOISE * random.normal();
    const median = this.config.instruments[index]!.medianLots;
    const inventory = this.desk.inventoryOf(maker + 1, index) / median;
    const lean = Math.max(-LEAN_MAX, Math.min(LEAN_MAX, inventory / LEAN_SIZES));
    const center = valueTicks + half * (VIEW_ERROR * this.viewError[at] - lean);
    const gap = Math.max(1, LEVEL_GAP * deviation);
    const isRising = center >= this.lastCenter[at]!;
    this.lastCenter[at] = center;
    // The side that moves away goes first: the other one may then follow without meeting it.
    for (let turn = 0; turn < 2; turn++) {
      const isBid = (turn === 1) === isRising;
      const isFull = isBid ? inventory > INVENTORY_SIZES_MAX : inventory < -INVENTORY_SIZES_MAX;
      this.quoteSide(index, maker, isBid, center, half, gap, isFull);
    }
  }

  /** Brings the orders of one side to where they shall be; a full maker keeps the last level. */
  private quoteSide(
    index: number,
    maker: number,
    isBid: boolean,
    center: number,
    half: number,
    gap: number,
    isFull: boolean,
  ): void {
    const desk = this.desk;
    const side = isBid ? Side.Buy : Side.Sell;
    const away = isBid ? -1 : 1;
    const opposite = desk.best(index, isBid ? Side.Sell : Side.Buy, maker + 1);
    const median = this.config.instruments[index]!.medianLots;
    const firstSlot = (maker * 2 + (isBid ? 0 : 1)) * LEVELS;
    let price = outward(center + away * half, isBid);
    if (opposite > 0 && (isBid ? price >= opposite : price <= opposite)) {
      const beyond = Math.abs(price - opposite);
      if (beyond > WRONG_SIDE * half) this.wrongSide[index * MAKERS + maker] = -away * price;
      price = opposite + away;
    }
    for (let level = 0; level < LEVELS; level++) {
      if (level > 0) price += away * Math.max(1, Math.round(gap * (1 + 0.3 * level)));
      const slot = firstSlot + level;
      const at = index * SLOTS + slot;
      const leaves = desk.leavesLots[at]!;
      if (price < 1 || (isFull && level < LEVELS - 1)) {
        if (leaves > 0) desk.cancel(index, slot);
        continue;
      }
      const want = isFull ? median : LEVEL_SIZES[level]! * median;
      const drift = Math.abs(desk.priceTicks[at]! - price);
      if (leaves > 0 && drift <= 0.3 * half * (1 + level) && leaves > 0.3 * want) continue;
      const lots = Math.max(1, Math.round(want * (0.6 + 0.8 * this.randoms[index]!.chance())));
      if (leaves > 0) desk.move(index, slot, price, lots);
      else desk.rest(index, maker + 1, slot, side, price, lots);
    }
  }
}

/** The next whole price away from the middle. */
function outward(price: number, isBid: boolean): number {
  return isBid ? Math.floor(price) : Math.ceil(price);
}

/** Limit orders of people without a view; they fill gaps, improve prices and expire. */
export class NoiseOrders {
  private readonly config: SimulatorConfig;
  private readonly desk: Desk;
  private readonly latent: Latent;
  private readonly randoms: Random[];
  private readonly expiryStep: Float64Array;
  private readonly expiryFirst: Float64Array;
  private stepIndex = 0;

  constructor(config: SimulatorConfig, desk: Desk, latent: Latent) {
    const count = config.instruments.length;
    this.config = config;
    this.desk = desk;
    this.latent = latent;
    this.randoms = config.instruments.map((_, i) => new Random(config.seed, STREAM_NOISE + i));
    this.expiryStep = new Float64Array(count * NOISE_SLOTS);
    this.expiryFirst = new Float64Array(count).fill(Infinity);
  }

  /** Passes one step; before any `act`. */
  step(): void {
    this.stepIndex++;
  }

  /** Ends what has expired in an instrument, and perhaps adds an order. */
  act(index: number): void {
    if (this.stepIndex >= this.expiryFirst[index]!) this.expire(index);
    const random = this.randoms[index]!;
    const lively = Math.sqrt(this.latent.liveliness[index]!);
    const rate = NOISE_PER_SECOND * this.config.instruments[index]!.activity * lively;
    if (random.chance() >= rate * STEP_SECONDS) return;
    const bid = this.desk.best(index, Side.Buy, 0);
    const ask = this.desk.best(index, Side.Sell, 0);
    const slot = this.freeSlot(index);
    if (bid === 0 || ask === 0 || slot < 0) return;
    const isBid = random.chance() < 0.5;
    const price = this.price(index, isBid, bid, ask);
    if (price < 1) return;
    const median = this.config.instruments[index]!.medianLots;
    const lots = Math.max(1, Math.round(random.pareto(1.8, 0.4 * median, 30 * median)));
    this.desk.rest(index, NOISE_ACCOUNT, slot, isBid ? Side.Buy : Side.Sell, price, lots);
    const life = random.exponential(NOISE_SECONDS / STEP_SECONDS / lively);
    const expiry = this.stepIndex + 1 + Math.floor(life);
    this.expiryStep[index * NOISE_SLOTS + slot - MAKER_SLOTS] = expiry;
    this.expiryFirst[index] = Math.min(this.expiryFirst[index]!, expiry);
  }

  private price(index: number, isBid: boolean, bid: number, ask: number): number {
    const random = this.randoms[index]!;
    const where = random.chance();
    const room = ask - bid - 1;
    if (where < NOISE_INSIDE && room > 0) {
      const step = 1 + Math.floor(random.chance() * room);
      return isBid ? bid + step : ask - step;
    }
    const best = isBid ? bid : ask;
    if (where < NOISE_AT_BEST) return best;
    const deviation = this.latent.volatility[index]! * this.latent.valueTicks[index]!;
    const behind = 1 + Math.floor(random.exponential(Math.max(1, deviation)));
    return isBid ? best - behind : best + behind;
  }

  private freeSlot(index: number): number {
    for (let slot = MAKER_SLOTS; slot < SLOTS; slot++) {
      if (this.desk.leavesLots[index * SLOTS + slot] === 0) return slot;
    }
    return -1;
  }

  private expire(index: number): void {
    let first = Infinity;
    for (let slot = MAKER_SLOTS; slot < SLOTS; slot++) {
      if (this.desk.leavesLots[index * SLOTS + slot] === 0) continue;
      const expiry = this.expiryStep[index * NOISE_SLOTS + slot - MAKER_SLOTS]!;
      if (expiry <= this.stepIndex) this.desk.cancel(index, slot);
      else first = Math.min(first, expiry);
    }
    this.expiryFirst[index] = first;
  }
}
