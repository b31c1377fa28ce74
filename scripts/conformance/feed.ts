// Feed vectors: a snapshot and its updates as records; the book is then read back by taking its
// best levels away one by one, because tops are what the core says about it.
import {
  BookRule,
  Execution,
  Flag,
  InstrumentKind,
  InstrumentPhase,
  Kind,
  Role,
} from "../../asm/vocab.ts";
import { BookRun, type SentLevel } from "../../src/cases/book-run.ts";
import { scaled } from "../../src/cases/capture.ts";
import type { Level } from "../../src/protocol.ts";
import { compared, type Outcome, unsupported } from "../../src/cases/outcome.ts";
import { type Answer, RecordCore } from "../../src/core/record-core.ts";

type TextLevels = [price: string, qty: string][];

interface DepthInputs {
  lastUpdateId: number;
  bids: TextLevels;
  asks: TextLevels;
  events: { U: number; u: number; pu?: number; b: TextLevels; a: TextLevels }[];
}

/** One entry of the file. */
export interface FeedCase {
  id: string;
  inputs: unknown;
  expected: Record<string, unknown>;
}

const RULES: Record<string, BookRule> = {
  "binance-spot-sync-ok": BookRule.FirstIsNext,
  "binance-futures-sync": BookRule.PrevIsLast,
};
const CHECKSUMS = /^(kraken-v2|okx-book|crc32)/;
const REASONS: readonly [prefix: string, reason: string][] = [
  ["bitfinex", "no Bitfinex book yet"],
  ["coinbase", "no Coinbase feed yet"],
  ["itch50", "no ITCH reader yet"],
  ["lobster", "no LOBSTER reader yet"],
  ["fix", "no FIX session yet"],
  ["questdb", "no QuestDB writer yet"],
  ["sbe", "no SBE reader yet"],
];
/** No vector's book is deeper. */
const LEVELS_MAX = 20;

/** Runs every entry of a feed file. */
export function runFeeds(cases: readonly FeedCase[]): Outcome[] {
  return cases.map((one, at) => {
    const id = `${at} ${one.id}`;
    const rule = RULES[one.id];
    if (rule !== undefined) return runDepth(id, rule, one);
    if (CHECKSUMS.test(one.id)) return runChecksum(id, one, cases);
    const reason = REASONS.find(([prefix]) => one.id.startsWith(prefix))?.[1];
    return unsupported(id, reason ?? "no runner for this vector");
  });
}

interface ChecksumInputs {
  bids?: TextLevels;
  asks?: TextLevels;
  /** Another vector whose book this one changes. */
  start?: string;
  updates?: { bids: TextLevels; asks: TextLevels };
  /** Digits that are summed as they are. */
  ascii?: string;
}

/** What the core says the book sums to, when it is told another sum. */
function runChecksum(id: string, one: FeedCase, cases: readonly FeedCase[]): Outcome {
  const inputs = one.inputs as ChecksumInputs;
  const { crc32, crc32_signed: signed } = one.expected as Record<string, number>;
  const start = cases.find((other) => other.id === inputs.start)?.inputs as ChecksumInputs;
  if (inputs.start !== undefined && start === undefined) {
    return unsupported(id, `its start ${inputs.start} is not in the file`);
  }
  const first = start ?? (inputs.ascii === undefined ? inputs : digitBook(inputs.ascii));
  if (first === undefined) return unsupported(id, "a sum of other characters than digits");
  const bookRule = one.id.startsWith("okx") ? BookRule.Okx : BookRule.Checksum;
  const received = checksumOf(first, inputs.updates, bookRule);
  return signed === undefined
    ? compared(id, { crc32 }, { crc32: received })
    : compared(id, { crc32_signed: signed }, { crc32_signed: received | 0 });
}

/** A book of one ask that Kraken's rule writes as these digits. */
function digitBook(digits: string): ChecksumInputs | undefined {
  if (!/^[1-9]\d*[1-9]\d{0,8}$/.test(digits)) return undefined;
  const at = digits.search(/[1-9]\d{0,8}$/);
  const from = at === 0 ? digits.search(/(?<=.)[1-9]/) : at;
  return { bids: [], asks: [[digits.slice(0, from), digits.slice(from)]] };
}

function checksumOf(
  book: ChecksumInputs,
  updates: ChecksumInputs["updates"],
  bookRule: BookRule,
): number {
  const all = [book, updates ?? {}].flatMap(({ bids = [], asks = [] }: ChecksumInputs) => [
    ...[...bids, ...asks],
  ]);
  const scale = (at: 0 | 1): number =>
    Math.max(0, ...all.map((level) => level[at].split(".")[1]?.length ?? 0));
  const [tick, lot] = [scale(0), scale(1)];
  const run = new BookRun({ bookRule, bookLevels: 25, tickExponent: -tick, lotExponent: -lot });
  const whole = ({ bids = [], asks = [] }: ChecksumInputs): SentSides => {
    const side = (levels: TextLevels): SentLevel[] =>
      levels.map(([price, qty]) => [scaled(price, tick), scaled(qty, lot)]);
    return { bids: side(bids), asks: side(asks) };
  };
  run.sendLevels(Kind.BookSnapshot, whole(book));
  if (updates !== undefined) run.sendLevels(Kind.BookDelta, whole(updates));
  for (const value of [0, 1]) {
    const answers = run.send(Kind.BookChecksum, { value });
    const lost = answers.find(({ kind }) => kind === Kind.BookTrust);
    if (lost !== undefined) return Number(lost["received"]);
  }
  throw new RangeError("a book cannot sum to both 0 and 1");
}

type SentSides = { bids: SentLevel[]; asks: SentLevel[] };

function runDepth(id: string, bookRule: BookRule, { inputs, expected }: FeedCase): Outcome {
  const { lastUpdateId, bids, asks, events } = inputs as DepthInputs;
  const core = new RecordCore(Role.Market);
  core.send(Kind.InstrumentSpec, { ...SPEC, bookRule });
  const group = { instrument: 1, flags: Flag.First | Flag.Last };
  const ids = { firstId: lastUpdateId, lastId: lastUpdateId };
  const snapshot = { ...group, ...ids, bids: levels(bids), asks: levels(asks) };
  const answers = core.send(Kind.BookSnapshot, snapshot);
  let lastId = lastUpdateId;
  for (const { U, u, pu, b, a } of events) {
    const update = { firstId: U, lastId: u, prevId: pu ?? 0, bids: levels(b), asks: levels(a) };
    answers.push(...core.send(Kind.BookDelta, { ...group, ...update }));
    lastId = Math.max(lastId, u);
  }
  const resync = answers.some((one) => one.kind === Kind.BookTrust && one["reason"] !== 0);
  const book = peel(core, lastTop(answers), lastId);
  const { bids: bidsExpected, asks: asksExpected } = expected;
  return compared(
    id,
    { resync: expected["resync"], bids: bidsExpected, asks: asksExpected },
    { resync, ...book },
  );
}

function levels(text: TextLevels): Level[] {
  return text.map(([price, qty]) => ({ priceTicks: Number(price), qtyLots: Number(qty) }));
}

function lastTop(answers: readonly Answer[]): Answer | undefined {
  return answers.filter((one) => one.kind === Kind.TopOfBook).pop();
}

/** All levels of the book, best first; the book is empty afterwards. */
function peel(
  core: RecordCore,
  first: Answer | undefined,
  lastId: number,
): { bids: TextLevels; asks: TextLevels } {
  const book = { bids: [] as TextLevels, asks: [] as TextLevels };
  let top = first;
  for (let taken = 0; top !== undefined && taken < LEVELS_MAX; taken++) {
    const gone = { bids: [] as Level[], asks: [] as Level[] };
    for (const side of ["bid", "ask"] as const) {
      const lots = top[`${side}Lots`] as number;
      if (lots === 0) continue;
      const priceTicks = top[`${side}Ticks`] as number;
      book[`${side}s`].push([String(priceTicks), String(lots)]);
      gone[`${side}s`].push({ priceTicks, qtyLots: 0 });
    }
    if (gone.bids.length + gone.asks.length === 0) break;
    const id = { firstId: lastId + 1, lastId: lastId + 1, prevId: lastId };
    const group = { instrument: 1, flags: Flag.First | Flag.Last };
    top = lastTop(core.send(Kind.BookDelta, { ...group, ...id, ...gone }));
    lastId += 1;
  }
  return book;
}

const SPEC = {
  instrument: 1,
  version: 1,
  specKind: InstrumentKind.Spot,
  execution: Execution.Paper,
  base: 1,
  quote: 1,
  settlement: 1,
  tickMantissa: 1,
  tickExponent: 0,
  lotMantissa: 1,
  lotExponent: 0,
  multiplierNum: 1,
  multiplierDen: 1,
  bookLevels: LEVELS_MAX,
  phase: InstrumentPhase.Continuous,
  symbol: "FEED",
};
