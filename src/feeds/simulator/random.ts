// The simulator's only source of chance: xoshiro128**, all in 32-bit integers.
//
// Math.random cannot be seeded, and a 64-bit generator would need bigints. Streams of one seed are
// independent for our purpose, so every agent draws from its own and a change of one agent's
// parameters leaves the numbers of the others alone: that is what makes a twin run comparable.
// `normal` and `exponential` use Math.log, and an instrument's constants Math.exp; their last bit
// is V8's affair, which is acceptable because simulator output is an input of the engine:
// journaled.

const TWO_POW_MINUS_32 = 1 / 4294967296;
const TWO_POW_MINUS_53 = 1 / 9007199254740992;

/** One stream of pseudo-random numbers; equal (seed, stream) give equal numbers everywhere. */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;
  private spare = 0;
  private hasSpare = false;

  /** `seed` and `stream` are u32; every pair is its own sequence. */
  constructor(seed: number, stream: number) {
    const mix = splitMix32((seed ^ Math.imul(stream + 1, 0x9e3779b9)) >>> 0);
    mix();
    this.a = (mix() ^ stream) >>> 0;
    this.b = mix();
    this.c = (mix() ^ seed) >>> 0;
    this.d = mix();
    if ((this.a | this.b | this.c | this.d) === 0) this.a = 1;
  }

  /** A generator in the given state of four u32, not all 0; for reference vectors. */
  static ofState(a: number, b: number, c: number, d: number): Random {
    const random = new Random(0, 0);
    random.a = a >>> 0;
    random.b = b >>> 0;
    random.c = c >>> 0;
    random.d = d >>> 0;
    return random;
  }

  /** The next u32. */
  u32(): number {
    const product = Math.imul(this.b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result;
  }

  /** Uniform in [0, 1) on a grid of 2^-32: decisions. */
  chance(): number {
    return this.u32() * TWO_POW_MINUS_32;
  }

  /** Uniform in (0, 1) with 53 bits: the argument of a logarithm, never 0. */
  open(): number {
    const high = this.u32() >>> 5;
    const low = this.u32() >>> 6;
    return (high * 67108864 + low + 0.5) * TWO_POW_MINUS_53;
  }

  /** Whole number in [0, count), count at most 2^16 so that the bias stays below 2^-16. */
  below(count: number): number {
    return Math.floor(this.chance() * count);
  }

  /** Standard normal, by the polar method. */
  normal(): number {
    if (this.hasSpare) {
      this.hasSpare = false;
      return this.spare;
    }
    for (;;) {
      const x = 2 * this.open() - 1;
      const y = 2 * this.open() - 1;
      const square = x * x + y * y;
      if (square >= 1) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.spare = y * factor;
      this.hasSpare = true;
      return x * factor;
    }
  }

  /** Exponential with the given mean. */
  exponential(mean: number): number {
    return -mean * Math.log(this.open());
  }

  /** Pareto from `min` with tail index `tail`, cut at `max`. */
  pareto(tail: number, min: number, max: number): number {
    return Math.min(max, min * Math.exp(-Math.log(this.open()) / tail));
  }
}

/** Spreads one u32 over a state; a generator used for nothing else. */
function splitMix32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let value = state ^ (state >>> 16);
    value = Math.imul(value, 0x21f0aaad);
    value ^= value >>> 15;
    value = Math.imul(value, 0x735a2d97);
    return (value ^ (value >>> 15)) >>> 0;
  };
}
