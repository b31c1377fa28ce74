// What nobody in the market sees whole: fundamental values, volatility, regimes, the signal.
//
// Value: a multiplicative random walk of one market factor and one own factor. Its volatility has a
// fast, a slow and a market-wide component, so returns cluster; jumps and turbulent regimes make
// the tails heavy; a weak pull to the start price keeps a run of weeks in a sane range.
//
// Signal: an AR(1) of unit variance with decay time T = SIGNAL_SECONDS that drives the value's
// drift by k standard deviations. Over a horizon T its correlation with the return is
//   alpha = k T (1 - 1/e) / sqrt(T + 2 k^2 T^2 / e),
// which `signalGain` solves for k: the planted alpha is known and not fitted. Jumps, the drift of
// regimes and the market factor's are noise on top, so the measured correlation is slightly lower.
import { type SimulatorConfig, STEP_SECONDS } from "./config.ts";
import { Random } from "./random.ts";

/** Decay time of the signal, and the horizon on which `alpha` is defined. */
export const SIGNAL_SECONDS = 10;

/** Labels of the regimes; the truth for detectors. */
export enum Regime {
  Calm = 0,
  Rising = 1,
  Falling = 2,
  Turbulent = 3,
}

/** Per regime: share of entries, mean duration, volatility factor, sign of the drift. */
const REGIMES = [
  { share: 0.4, seconds: 180, volatility: 0.75, drift: 0 },
  { share: 0.2, seconds: 120, volatility: 1, drift: 1 },
  { share: 0.2, seconds: 120, volatility: 1, drift: -1 },
  { share: 0.2, seconds: 60, volatility: 2, drift: 0 },
] as const;

/** Log-volatility components: standard deviation and decay time. */
const FAST = { deviation: 0.45, seconds: 30 };
const SLOW = { deviation: 0.4, seconds: 900 };
const COMMON = { deviation: 0.3, seconds: 300 };
/** E[exp(sum)] of the three, taken out so that the configured volatility is the mean one. */
const LOG_CENTER = (FAST.deviation ** 2 + SLOW.deviation ** 2 + COMMON.deviation ** 2) / 2;

const JUMP_SECONDS = 300;
const MARKET_JUMP_SECONDS = 1200;
/** Size of a jump in standard deviations of a second: Pareto from min, cut at max. */
const JUMP = { tail: 2.5, min: 4, max: 15 };
/** Pull to the start price: decay time of the deviation. */
const ANCHOR_SECONDS = 172_800;

const SQRT_STEP = Math.sqrt(STEP_SECONDS);
/** Steps between updates of volatility and of the signal. */
const SLOW_STEPS = Math.round(1 / STEP_SECONDS);
const SIGNAL_STEPS = Math.round(0.1 / STEP_SECONDS);
const STREAM_MARKET = 1;
const STREAM_FIRST = 1000;

/** k of the header for a wanted alpha in [0, ALPHA_MAX]; standard deviations per second. */
export function signalGain(alpha: number): number {
  const rise = 1 - Math.exp(-1);
  const square = alpha * alpha;
  return Math.sqrt(square / (SIGNAL_SECONDS * (rise * rise - 2 * Math.exp(-1) * square)));
}

/** Coefficients of an AR(1) with this decay time, stepped every `seconds`. */
function persistence(decaySeconds: number, seconds: number): [keep: number, noise: number] {
  const keep = Math.exp(-seconds / decaySeconds);
  return [keep, Math.sqrt(1 - keep * keep)];
}

const [FAST_KEEP, FAST_NOISE] = persistence(FAST.seconds, 1);
const [SLOW_KEEP, SLOW_NOISE] = persistence(SLOW.seconds, 1);
const [COMMON_KEEP, COMMON_NOISE] = persistence(COMMON.seconds, 1);
const [SIGNAL_KEEP, SIGNAL_NOISE] = persistence(SIGNAL_SECONDS, 0.1);

/** The hidden state of all instruments; everything is indexed by the instrument's place. */
export class Latent {
  /** Fundamental value in ticks, a fraction. */
  readonly valueTicks: Float64Array;
  /** Standard deviation of one second now, as a fraction of the price. */
  readonly volatility: Float64Array;
  /** The same divided by the configured one: how lively the instrument is, mean near 1. */
  readonly liveliness: Float64Array;
  /** What informed traders know; standard normal, decays in SIGNAL_SECONDS. */
  readonly signal: Float64Array;
  /** enum Regime. */
  readonly regime: Uint8Array;
  /** Jumps so far, own and market-wide. */
  readonly jumps: Uint32Array;
  private readonly config: SimulatorConfig;
  private readonly gain: number;
  private readonly market: Random;
  private readonly own: Random[];
  private readonly regimeLeft: Float64Array;
  private readonly fast: Float64Array;
  private readonly slow: Float64Array;
  private common = 0;
  private stepIndex = 0;

  constructor(config: SimulatorConfig) {
    const count = config.instruments.length;
    this.config = config;
    this.gain = signalGain(config.alpha);
    this.market = new Random(config.seed, STREAM_MARKET);
    this.own = config.instruments.map((_, index) => new Random(config.seed, STREAM_FIRST + index));
    this.valueTicks = Float64Array.from(config.instruments, ({ startTicks }) => startTicks);
    this.volatility = new Float64Array(count);
    this.liveliness = new Float64Array(count);
    this.signal = Float64Array.from(this.own, (random) => random.normal());
    this.regime = new Uint8Array(count);
    this.jumps = new Uint32Array(count);
    this.regimeLeft = new Float64Array(count);
    this.fast = Float64Array.from(this.own, (random) => random.normal() * FAST.deviation);
    this.slow = Float64Array.from(this.own, (random) => random.normal() * SLOW.deviation);
    for (let index = 0; index < count; index++) this.updateVolatility(index);
  }

  /** Moves everything one step ahead. */
  step(): void {
    const marketNoise = this.market.normal();
    const marketJump = this.jumpOf(this.market, MARKET_JUMP_SECONDS);
    if (this.stepIndex % SLOW_STEPS === 0) {
      this.common = COMMON_KEEP * this.common;
      this.common += COMMON_NOISE * COMMON.deviation * this.market.normal();
    }
    for (let index = 0; index < this.own.length; index++) {
      // Instruments take turns, so that no step does the work of all.
      const turn = this.stepIndex + index * 7;
      if (turn % SLOW_STEPS === 0) this.updateVolatility(index);
      if (turn % SIGNAL_STEPS === 0) {
        const noise = SIGNAL_NOISE * this.own[index]!.normal();
        this.signal[index] = SIGNAL_KEEP * this.signal[index]! + noise;
      }
      this.move(index, marketNoise, marketJump);
    }
    this.stepIndex++;
  }

  private move(index: number, marketNoise: number, marketJump: number): void {
    const random = this.own[index]!;
    const spec = this.config.instruments[index]!;
    const shared = spec.marketCorrelation;
    const noise = shared * marketNoise + Math.sqrt(1 - shared * shared) * random.normal();
    const trend = this.config.drift * REGIMES[this.regime[index]!]!.drift;
    const drift = this.gain * this.signal[index]! + trend;
    const jump = this.jumpOf(random, JUMP_SECONDS) + shared * marketJump;
    if (jump !== 0) this.jumps[index]!++;
    const value = this.valueTicks[index]!;
    const pull = ((value / spec.startTicks - 1) * STEP_SECONDS) / ANCHOR_SECONDS;
    const moved = noise * SQRT_STEP + drift * STEP_SECONDS + jump;
    this.valueTicks[index] = value * (1 + this.volatility[index]! * moved - pull);
  }

  private jumpOf(random: Random, meanSeconds: number): number {
    if (random.chance() * meanSeconds >= STEP_SECONDS) return 0;
    const size = random.pareto(JUMP.tail, JUMP.min, JUMP.max);
    return random.chance() < 0.5 ? size : -size;
  }

  private updateVolatility(index: number): void {
    const random = this.own[index]!;
    this.regimeLeft[index]! -= 1;
    if (this.regimeLeft[index]! <= 0) this.enterRegime(index, random);
    this.fast[index] =
      FAST_KEEP * this.fast[index]! + FAST_NOISE * FAST.deviation * random.normal();
    this.slow[index] =
      SLOW_KEEP * this.slow[index]! + SLOW_NOISE * SLOW.deviation * random.normal();
    const log = this.fast[index] + this.slow[index] + this.common - LOG_CENTER;
    const factor = REGIMES[this.regime[index]!]!.volatility * Math.exp(log);
    this.liveliness[index] = factor;
    this.volatility[index] = (this.config.instruments[index]!.volatilityBps / 10_000) * factor;
  }

  private enterRegime(index: number, random: Random): void {
    let draw = random.chance();
    let regime = 0;
    while (regime < REGIMES.length - 1 && draw >= REGIMES[regime]!.share) {
      draw -= REGIMES[regime]!.share;
      regime++;
    }
    this.regime[index] = regime;
    this.regimeLeft[index] = random.exponential(REGIMES[regime]!.seconds);
  }
}
