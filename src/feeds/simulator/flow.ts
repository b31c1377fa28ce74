// When somebody takes liquidity, and on which side.
//
// Arrivals excite themselves (Hawkes, exponential kernel) and, weaker, those of every other
// instrument. Sides come from large orders that are split: lengths have a power-law tail, so the
// signs of trades stay correlated over hundreds of trades (Lillo, Mike and Farmer 2005: a tail
// index of 1.5 gives an autocorrelation that decays as lag^-0.5).
import { Side } from "../../../asm/vocab.ts";
import { type SimulatorConfig, STEP_SECONDS } from "./config.ts";
import { Random } from "./random.ts";

/** Takers a second of an instrument with activity 1, on average. */
export const TAKERS_PER_SECOND = 9;
/** Takers that one taker causes: in its instrument, and in the whole market. */
const BRANCH_OWN = 0.5;
const BRANCH_MARKET = 0.15;
const DECAY_PER_SECOND = 1.2;
/** Bound of the intensity, in takers a second; a burst ends. */
const INTENSITY_MAX = 40;
/** Takers of one instrument in one step. */
export const TAKERS_STEP_MAX = 3;

/** Large orders that are being worked at the same time in an instrument. */
const PARENTS = 3;
const PARENT_TAIL = 1.5;
const PARENT_CHILDREN_MIN = 2;
const PARENT_CHILDREN_MAX = 300;
/** Share of takers that are children of a large order; the others have no memory. */
const CHILD_SHARE = 0.8;

const STREAM_FIRST = 2000;

/** Arrivals and sides of all instruments. */
export class Flow {
  /** Takers a second now. */
  readonly intensity: Float64Array;
  private readonly config: SimulatorConfig;
  private readonly randoms: Random[];
  private readonly excited: Float64Array;
  private readonly parentSide: Uint8Array;
  private readonly parentLeft: Int32Array;
  private marketExcited = 0;
  private lastWasChild = false;

  constructor(config: SimulatorConfig) {
    const count = config.instruments.length;
    this.config = config;
    this.randoms = config.instruments.map((_, i) => new Random(config.seed, STREAM_FIRST + i));
    this.intensity = new Float64Array(count);
    this.excited = new Float64Array(count);
    this.parentSide = new Uint8Array(count * PARENTS);
    this.parentLeft = new Int32Array(count * PARENTS);
  }

  /** Lets the excitement of one step pass. Once per step, before any `arrivals`. */
  step(): void {
    const keep = 1 - DECAY_PER_SECOND * STEP_SECONDS;
    this.marketExcited *= keep;
    for (let index = 0; index < this.excited.length; index++) this.excited[index]! *= keep;
  }

  /** Takers of an instrument in this step, 0 to TAKERS_STEP_MAX; `liveliness` has mean 1. */
  arrivals(index: number, liveliness: number): number {
    const spec = this.config.instruments[index]!;
    const rate = TAKERS_PER_SECOND * spec.activity;
    const base = rate * (1 - BRANCH_OWN - BRANCH_MARKET) * Math.sqrt(liveliness);
    const shared = (this.marketExcited * spec.activity) / this.excited.length;
    const intensity = Math.min(INTENSITY_MAX, base + this.excited[index]! + shared);
    this.intensity[index] = intensity;
    const random = this.randoms[index]!;
    // A geometric count whose mean is the intensity; p itself would give p / (1 - p).
    const chance = (intensity * STEP_SECONDS) / (1 + intensity * STEP_SECONDS);
    let count = 0;
    while (count < TAKERS_STEP_MAX && random.chance() < chance) count++;
    this.excited[index]! += count * BRANCH_OWN * DECAY_PER_SECOND;
    this.marketExcited += count * BRANCH_MARKET * DECAY_PER_SECOND;
    return count;
  }

  /**
   * Side of the next taker; `isChild` then tells whether it belongs to a large order. `buyChance`
   * is the probability that a new large order buys.
   */
  side(index: number, buyChance: number): Side {
    const random = this.randoms[index]!;
    this.lastWasChild = random.chance() < CHILD_SHARE;
    if (!this.lastWasChild) return random.chance() < 0.5 ? Side.Buy : Side.Sell;
    const at = index * PARENTS + random.below(PARENTS);
    if (this.parentLeft[at]! <= 0) {
      this.parentSide[at] = random.chance() < buyChance ? Side.Buy : Side.Sell;
      const children = random.pareto(PARENT_TAIL, PARENT_CHILDREN_MIN, PARENT_CHILDREN_MAX);
      this.parentLeft[at] = Math.floor(children);
    }
    this.parentLeft[at]!--;
    return this.parentSide[at] as Side;
  }

  /** Whether the last `side` was that of a child of a large order. */
  get isChild(): boolean {
    return this.lastWasChild;
  }
}
