// How other libraries name what we compute: which indicator of ours a function is, with which
// settings.
//
// tidy: tested by test/golden/statistics.test.ts

/** Libraries whose names are known. */
export type Library = "talib" | "tulip" | "trading-signals" | "technicalindicators" | "lean";

/** One function of a library. */
export interface LibraryName {
  library: Library;
  fn: string;
  /** Our name and what makes our rule theirs, as a user types it: "beta:source=high". */
  name: string;
  /** Our name of each of their options. */
  settings?: Readonly<Record<string, string>>;
  /** Our line of each of theirs; the only one unless said. */
  lines?: Readonly<Record<string, string>>;
  /** A factor that is the price of a tick. */
  priceOfTick?: string;
  /** A factor that is how many ticks a price of 1 is. */
  ticksOfOne?: string;
  /** Where their first values come earlier than ours, and what they are worth. */
  since?: string;
  /** Why theirs is not offered; the name is then the nearest of ours, or empty. */
  unsupported?: string;
}
