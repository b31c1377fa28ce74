// What a core says of its own state: the answers to StateQuery, for every account there is.
//
// The questions are applied as inputs of a core that nobody else uses, behind its last record and
// at its time, so no timer runs. The state is another one afterwards: take its hash before.
//
// tidy: tested by test/src/oms/timeline.test.ts
import {
  BLOCK_HEADER_BYTES,
  Kind,
  QueryPart,
  REC_KIND,
  RECORD_BYTES_MAX,
} from "../../asm/vocab.ts";
import type { Core } from "../core/core.ts";
import { decode, encode, isRecord, recordBytes } from "../protocol.ts";
import type {
  BalanceRecord,
  CurrencyRecord,
  DecodedRecord,
  LimitStateRecord,
  OrderEventRecord,
  ParentRecord,
  PartRecord,
  PositionRecord,
  QuoteRecord,
  SpecRecord,
} from "../protocol.ts";
import type { StateAt } from "./timeline.ts";

/** What one account has and may do. */
export interface AccountView {
  account: number;
  balances: BalanceRecord[];
  positions: PositionRecord[];
  /** Parts strategies have of the positions. */
  parts: PartRecord[];
  orders: OrderEventRecord[];
  parents: ParentRecord[];
  limits: LimitStateRecord[];
  /** Rows that did not fit an answer. */
  left: number;
}

/** The state in records. */
export interface StateView {
  specs: Map<number, SpecRecord>;
  currencies: Map<number, CurrencyRecord>;
  accounts: AccountView[];
  /** Best prices by instrument, the last that were said. */
  tops: QuoteRecord[];
}

/** Asks a core that has no further use for all it has; see the top of the file. */
export function viewState({ core, recovery, recollection }: StateAt): StateView {
  const view: StateView = { specs: new Map(), currencies: new Map(), accounts: [], tops: [] };
  const accounts = new Set<number>();
  for (const bytes of recovery.configured.records()) {
    const record = decodeBytes(bytes);
    if (isRecord(record, Kind.InstrumentSpec)) view.specs.set(record.instrument, record);
    else if (isRecord(record, Kind.Currency)) view.currencies.set(record.id, record);
    else if (isRecord(record, Kind.Account)) accounts.add(record.id);
  }
  for (const bytes of recollection.records()) {
    const record = decodeBytes(bytes);
    if (isRecord(record, Kind.TopOfBook, Kind.BookTop)) view.tops.push(record);
  }
  for (const account of accounts) view.accounts.push(askAccount(core, account));
  return view;
}

/** What one account has; the state is another one afterwards. */
export function askAccount(core: Core, account: number): AccountView {
  const answer: AccountView = {
    ...{ account, balances: [], positions: [], parts: [], orders: [], parents: [] },
    ...{ limits: [], left: 0 },
  };
  for (const record of [
    ...ask(core, account, QueryPart.State),
    ...ask(core, account, QueryPart.Limits),
  ]) {
    if (isRecord(record, Kind.AccountState)) answer.balances.push(record);
    else if (isRecord(record, Kind.PositionState)) answer.positions.push(record);
    else if (isRecord(record, Kind.StrategyState)) answer.parts.push(record);
    else if (isRecord(record, Kind.OrderStateRow)) answer.orders.push(record);
    else if (isRecord(record, Kind.ParentStateRow)) answer.parents.push(record);
    else if (isRecord(record, Kind.LimitState)) answer.limits.push(record);
    else if (isRecord(record, Kind.StateQueryEnd)) answer.left += record.left;
  }
  return answer;
}

/** An account's balances alone: its orders, which may be thousands, are not decoded. */
export function askBalances(core: Core, account: number): BalanceRecord[] {
  const found = ask(core, account, QueryPart.State, Kind.AccountState);
  return found.filter((record) => isRecord(record, Kind.AccountState));
}

/** Answers to a question, all or those of one kind. */
function ask(core: Core, account: number, part: QueryPart, wanted?: Kind): DecodedRecord[] {
  const block = new Uint8Array(BLOCK_HEADER_BYTES + RECORD_BYTES_MAX);
  const view = new DataView(block.buffer);
  const bytes = encode(view, BLOCK_HEADER_BYTES, Kind.StateQuery, {
    ...{ account, part },
    sequence: core.sequence + 1,
    tsEngineNanos: core.tsEngineNanos,
  });
  const found: DecodedRecord[] = [];
  core.replayBlock(block.subarray(0, BLOCK_HEADER_BYTES + bytes), (from, to) => {
    for (let at = from; at < to; at += recordBytes(core.view, at)) {
      const kind = core.view.getUint16(at + REC_KIND, true) as Kind;
      const isWanted = wanted === undefined ? kind !== Kind.Pad : kind === wanted;
      if (isWanted) found.push(decode(core.view, at));
    }
  });
  return found;
}

/** A record by itself, decoded. */
export function decodeBytes(bytes: Uint8Array): DecodedRecord {
  return decode(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
}
