// Seeded random numbers for tests: one seed, one run, on every machine.

/** Numbers in [0, 1) of the mulberry32 generator. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A random candle that starts near `close`. */
export function randomBar(
  random: () => number,
  close: number,
): { open: number; high: number; low: number; close: number; volume: number } {
  const step = (): number => Math.round((random() - 0.5) * 60);
  const open = close + step();
  const next = Math.max(10, open + step());
  const high = Math.max(open, next) + Math.floor(random() * 20);
  const low = Math.min(open, next) - Math.floor(random() * 20);
  return { open, high, low, close: next, volume: 1 + Math.floor(random() * 1000) };
}
