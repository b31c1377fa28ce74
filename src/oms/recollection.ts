// What those who listen must have seen of the past when a snapshot stands for it.
//
// After a full replay the sinks have heard every output. A snapshot gives them the few that still
// say something: last candles, values, trades, best prices and positions, and what each strategy
// did. Every list has the bound of what it is about: a recollection does not grow with the journal.
//
// tidy: tested by test/src/oms/recollection.test.ts
import {
  CANDLE_TIMEFRAME,
  Kind,
  ORDER_ACCOUNT,
  POSITION_SIDE,
  REC_INSTRUMENT,
  REC_KIND,
  VALUE_SLOT,
  VALUE_TIMEFRAME,
} from "../../asm/vocab.ts";
import { recordBytes } from "../protocol.ts";
import { StrategyPasts } from "../strategy-past.ts";

/** Closed candles kept of each instrument and timeframe: what the gateway shows of the past. */
export const CANDLES_KEPT = 600;

/** Newest records of one kind and key, oldest overwritten. */
class Latest {
  readonly #records: Uint8Array[] = [];
  readonly #most: number;
  #next = 0;

  constructor(most: number) {
    this.#most = most;
  }

  put(u8: Uint8Array, from: number, to: number): void {
    const old = this.#records[this.#next];
    if (old?.length === to - from) old.set(u8.subarray(from, to));
    else this.#records[this.#next] = u8.slice(from, to);
    this.#next = (this.#next + 1) % this.#most;
  }

  /** Oldest first. */
  *inOrder(): Generator<Uint8Array, void> {
    const { length } = this.#records;
    const first = length < this.#most ? 0 : this.#next;
    for (let at = 0; at < length; at += 1) yield this.#records[(first + at) % length]!;
  }
}

/** The fold; the follower feeds it with all outputs. */
export class Recollection {
  readonly pasts = new StrategyPasts();
  readonly #latest = new Map<number, Map<number, Latest>>();

  /** Takes a run of records, bytes [from, to). */
  collect(u8: Uint8Array, view: DataView, from: number, to: number): void {
    for (let at = from; at < to;) {
      const end = at + recordBytes(view, at);
      const kind = view.getUint16(at + REC_KIND, true);
      const key = keyOf(view, at, kind);
      if (key !== undefined) this.#take(kind, key).put(u8, at, end);
      this.pasts.note(view, at, kind);
      at = end;
    }
  }

  /** Records in an order in which a sink may take them: each key's oldest first. */
  *records(): Generator<Uint8Array, void> {
    for (const byKey of this.#latest.values()) {
      for (const latest of byKey.values()) yield* latest.inOrder();
    }
  }

  #take(kind: number, key: number): Latest {
    let byKey = this.#latest.get(kind);
    if (byKey === undefined) {
      byKey = new Map<number, Latest>();
      this.#latest.set(kind, byKey);
    }
    let latest = byKey.get(key);
    if (latest === undefined) {
      latest = new Latest(kind === Kind.CandleClosed ? CANDLES_KEPT : 1);
      byKey.set(key, latest);
    }
    return latest;
  }
}

/** What a record is the newest of, below 2^53; undefined when nobody needs it later. */
function keyOf(view: DataView, at: number, kind: number): number | undefined {
  const instrument = view.getUint32(at + REC_INSTRUMENT, true);
  switch (kind) {
    case Kind.TradePrint:
    case Kind.TopOfBook:
    case Kind.BookTop:
      return instrument;
    case Kind.CandleClosed:
      return instrument * 256 + view.getUint8(at + CANDLE_TIMEFRAME);
    case Kind.IndicatorValue: {
      const slot = view.getUint8(at + VALUE_TIMEFRAME) * 256 + view.getUint8(at + VALUE_SLOT);
      return instrument * 65_536 + slot;
    }
    case Kind.PositionChanged: {
      const account = view.getUint32(at + ORDER_ACCOUNT, true);
      // Instruments stay far below 2^16 (INSTRUMENTS_MAX), sides below 4.
      return (account * 65_536 + instrument) * 4 + view.getUint8(at + POSITION_SIDE);
    }
    default:
      return undefined;
  }
}
