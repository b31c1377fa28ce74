// One book on a core of its own: records in, levels and trust out. Captures of venues end here.
//
// tidy: tested by test/golden/books.test.ts
import type { BookRule } from "../../asm/vocab.ts";
import {
  Execution,
  Flag,
  InstrumentKind,
  InstrumentPhase,
  Kind,
  Refusal,
  Role,
} from "../../asm/vocab.ts";
import type { Level, RecordFields } from "../protocol.ts";
import { RecordCore, type Answer, type BookLevels } from "../core/record-core.ts";

/** Levels of one BookDelta or BookSnapshot record. */
const LEVELS_PER_RECORD = 12;

/** How a venue's numbers and messages are to be read. */
export interface BookSpec {
  bookRule: BookRule;
  /** Levels kept a side. */
  bookLevels: number;
  /** Orders kept; 0 = the book comes by price. */
  bookOrders?: number;
  tickExponent: number;
  lotExponent: number;
}

/** A level to send; quantities far from the market can be beyond 2^53 - 1 lots. */
export type SentLevel = [priceTicks: number | bigint, qtyLots: number | bigint];

/** A change of the book's trust. */
export interface Trust {
  isTrusted: boolean;
  /** Name of the refusal, "" when it was won. */
  reason: string;
}

/** One instrument's book, fed with records. */
export class BookRun {
  /** Every change of trust since the beginning. */
  readonly trusts: Trust[] = [];
  /** Trades the book's records told of. */
  trades = 0;
  records = 0;
  private readonly core = new RecordCore(Role.Market);

  constructor(spec: BookSpec) {
    const answers = this.core.send(Kind.InstrumentSpec, { ...SPEC, ...spec });
    for (const { kind, reason } of answers) {
      if (kind === Kind.ConfigDenied || kind === Kind.MarketRefusal) {
        throw new RangeError(`the book is refused: ${Refusal[reason as number]}`);
      }
    }
  }

  /** One record. */
  send(kind: Kind, fields: RecordFields): Answer[] {
    this.records += 1;
    const answers = this.core.send(kind, { instrument: 1, ...fields });
    for (const answer of answers) this.take(answer);
    return answers;
  }

  /** A snapshot or an update of any number of levels, as one group of records. */
  sendLevels(
    kind: Kind.BookSnapshot | Kind.BookDelta,
    sides: { bids: SentLevel[]; asks: SentLevel[] },
    fields: RecordFields = {},
    isEnd = true,
  ): void {
    const all = [
      ...sides.bids.map((level) => ({ level, isAsk: false })),
      ...sides.asks.map((level) => ({ level, isAsk: true })),
    ];
    for (let from = 0; from === 0 || from < all.length; from += LEVELS_PER_RECORD) {
      const part = all.slice(from, from + LEVELS_PER_RECORD);
      const isLast = isEnd && from + LEVELS_PER_RECORD >= all.length;
      const flags = (from === 0 ? Flag.First : 0) | (isLast ? Flag.Last : 0);
      // The encoder takes a bigint wherever it takes a number.
      const side = (isAsk: boolean): Level[] =>
        part
          .filter((one) => one.isAsk === isAsk)
          .map(({ level }) => ({ priceTicks: level[0] as number, qtyLots: level[1] as number }));
      this.send(kind, { ...fields, flags, bids: side(false), asks: side(true) });
    }
  }

  /** The best levels as they are. */
  levels(levelsMax: number): BookLevels {
    return this.core.levels(1, levelsMax);
  }

  private take({ kind, state, reason }: Answer): void {
    if (kind === Kind.TradePrint) this.trades += 1;
    if (kind === Kind.BookTrust) {
      const isTrusted = state === 1;
      this.trusts.push({ isTrusted, reason: isTrusted ? "" : Refusal[reason as number]! });
    }
    if (kind !== Kind.MarketRefusal) return;
    throw new RangeError(`a record is refused: ${Refusal[reason as number]}`);
  }
}

const SPEC = {
  instrument: 1,
  version: 1,
  specKind: InstrumentKind.Spot,
  execution: Execution.Paper,
  ...{ base: 1, quote: 1, settlement: 1 },
  ...{ tickMantissa: 1, lotMantissa: 1, multiplierNum: 1, multiplierDen: 1 },
  phase: InstrumentPhase.Continuous,
  symbol: "BOOK",
};
