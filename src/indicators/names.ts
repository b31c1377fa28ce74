// What a row of a table says that maps another library's function to an indicator of ours.
//
// tidy: tested by test/golden/foreign.ts

/** One function of another library, by our text name and settings. */
export interface ForeignName {
  library: "talib" | "tulip" | "trading-signals" | "technicalindicators" | "lean";
  fn: string;
  /** Our name, with the settings that make their convention: "dx:start=with". */
  name: string;
  /**
   * Their options in their order, each with our setting: "period", or several: "period+change". An
   * option of several spellings is written "short|short period".
   */
  settings?: Readonly<Record<string, string>>;
  /** Their line to ours; without it their only line is our first. */
  lines?: Readonly<Record<string, string>>;
  /** The row holds only where their option has this value. */
  when?: Readonly<Record<string, number>>;
  /** Their number is ours times this. */
  scale?: number;
  /** Their first value comes before or after ours; from the later one on they are equal. */
  since?: "earlier" | "later";
  /** Values are equal only from this candle on, counted from 0, with the reason. */
  from?: readonly [number, string];
  /** Why we do not offer what they do. */
  unsupported?: string;
}

/** Rows of one library with the same settings. */
export function namesOf(
  library: ForeignName["library"],
  settings: ForeignName["settings"],
  pairs: Readonly<Record<string, string>>,
): ForeignName[] {
  return Object.entries(pairs).map(([fn, name]) => ({
    library,
    fn,
    name,
    ...(settings === undefined ? {} : { settings }),
  }));
}
