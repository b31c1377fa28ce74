// Which instrument a venue means by a name, and the steps its prices and quantities come in.
//
// The same table the parser of the core has, for the slow path and for everything that prints.
// Names match in either case and per venue: BTCUSDT is two instruments on two venues.

/** An instrument as feeds see it; the full InstrumentSpec record holds the rest. */
export interface FeedInstrument {
  /** Id inside the core, > 0. */
  id: number;
  venue: number;
  /** The venue's name of it, ASCII, at most 32 bytes. */
  name: string;
  /** Price tick = mantissa x 10^exponent. */
  tickMantissa: bigint;
  tickExponent: number;
  lotMantissa: bigint;
  lotExponent: number;
}

/** Instruments by venue and name, and one per venue for messages that name none. */
export class InstrumentMap {
  readonly #byName = new Map<string, FeedInstrument>();
  readonly #byId = new Map<number, FeedInstrument>();
  /** Instrument of messages that name none; undefined refuses them. */
  fallback: FeedInstrument | undefined;

  /** Adds the instrument, or replaces the one of that name. */
  add(instrument: FeedInstrument): void {
    this.#byName.set(keyOf(instrument.venue, instrument.name), instrument);
    this.#byId.set(instrument.id, instrument);
  }

  find(venue: number, name: string): FeedInstrument | undefined {
    return this.#byName.get(keyOf(venue, name));
  }

  byId(id: number): FeedInstrument | undefined {
    return this.#byId.get(id);
  }

  all(): FeedInstrument[] {
    return [...this.#byId.values()];
  }
}

/** Only ASCII letters have a case here, as in the parser of the core. */
function keyOf(venue: number, name: string): string {
  return `${venue}:${name.replace(/[a-z]/g, (letter) => letter.toUpperCase())}`;
}
