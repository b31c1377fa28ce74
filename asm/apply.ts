// One input in, its outputs out; and the sequencer that puts inputs into one order.
//
// `run` takes inputs from the rings, gives each a sequence and a time, copies it into the open
// journal block and applies it, one by one. Timers are inserted here, at their place between two
// inputs, so that the result does not depend on how many inputs a batch had. `replay` applies a
// block that was sequenced before. Nothing else changes the state.
import { marketApply } from "./market";
import {
  BLOCK_BODY,
  BLOCK_CELLS_MAX,
  H_BLOCK_CELLS,
  H_BLOCK_RECORDS,
  H_CAUSE,
  H_CLOCK_BASE,
  H_DEADLINE_MARKET,
  H_DEADLINE_ORDER,
  H_DERIVED_SEEN,
  H_FEED_RECORDS,
  H_FLAGS,
  H_MARKET_ARENA,
  H_MARKET_EVENT_HASH,
  H_ORDER_EVENT_HASH,
  H_REFUSED,
  H_ROLES,
  H_SEQUENCE,
  H_TIMERS,
  H_TS_ENGINE,
  MARKET,
  MARKET_ARENA_FLOOR,
  MARKET_END,
  OUT_CELLS_PER_INPUT_MAX,
  RING_COMMAND,
  RING_CONTROL,
  RING_DERIVED,
  RING_FEED,
  RING_OUT,
  RING_SOURCE,
} from "./layout";
import { mix64, xxh64 } from "./math/hash";
import { commandsAhead } from "./orders/ahead";
import { denySkipped } from "./orders/skipped";
import { outBegin, outEnd, outFinish, outHasRoom } from "./output";
import { referenceApply, referenceHash } from "./reference/reference";
import {
  copyCells,
  recordCells,
  ringMark,
  ringNext,
  ringRelease,
  ringRestart,
  ringSkip,
  zeroCells,
} from "./rings/ring";
import { orderApply, orderHash } from "./trading";
import {
  CELL_SHIFT,
  CLOCK_BASE_NANOS,
  CONFIG_CELLS,
  CONFIG_KIND,
  CONFIG_REASON,
  Flag,
  Kind,
  REC_CAUSE,
  REC_FLAGS,
  REC_INSTRUMENT,
  REC_KIND,
  REC_SEQUENCE,
  REC_TS_ENGINE,
  RECORD_CELLS_MAX,
  Refusal,
  RING_CAPACITY,
  RING_DATA,
  Role,
  TIMER_CELLS,
  TIMER_DEADLINE_NANOS,
  TIMER_ROLE,
} from "./vocab";

/** Bits of an input's flags that its outputs carry on. */
const INHERITED: u32 = Flag.Simulated | Flag.Timed;

// ------------------------------------------------------------------------------- sequencing

/**
 * Sequences and applies up to `recordsMax` waiting inputs and the timers that are due; returns how
 * many inputs (timers included) the open block now holds.
 *
 * `sinceBaseNanos` is the host's clock since the last ClockBase record. A negative value means that
 * time is the data's: only records with Flag.Timed move it, and commands happen at the last one.
 */
export function run(sinceBaseNanos: f64, recordsMax: i32): i32 {
  ringRestart(RING_OUT);
  const isLive = sinceBaseNanos >= 0;
  const sinceNanos = isLive ? <i64>sinceBaseNanos : -1;
  let left = takeRing(RING_CONTROL, sinceNanos, recordsMax);
  left = takeRing(RING_COMMAND, sinceNanos, left);
  left = takeRing(RING_DERIVED, sinceNanos, left);
  left = takeRing(RING_FEED, sinceNanos, left);
  takeRing(RING_SOURCE, sinceNanos, left);
  if (isLive) takeTimers(clockNanos(sinceNanos), 0);
  // Written by the core's own thread, so they may begin again and stay in its cache.
  ringRestart(RING_CONTROL);
  ringRestart(RING_COMMAND);
  outFinish();
  return load<u32>(H_BLOCK_RECORDS);
}

/** Takes up to `left` records of one ring and returns how many more may be taken. */
function takeRing(ring: usize, sinceNanos: i64, left: i32): i32 {
  // In recorded time a timer carries the data's time too, so that what it causes keeps that time
  // on its way to another core.
  const timerFlags = sinceNanos < 0 ? Flag.Timed : 0;
  // Commands left of those that were looked at before their turn.
  let near = ring == RING_COMMAND ? 0 : i32.MAX_VALUE;
  while (left > 0) {
    const rec = ringNext(ring);
    if (rec == 0) break;
    if (--near < 0) near = commandsAhead(ring, rec) - 1;
    const head = load<u32>(rec);
    const tsNanos = max(load<i64>(H_TS_ENGINE), timeOf(rec, head >> 16, sinceNanos));
    if (nextDeadline() <= tsNanos && !takeTimers(tsNanos, timerFlags)) break;
    const used = load<u32>(H_BLOCK_CELLS);
    if (!hasRoom(used)) break;
    const cells = 1 + ((head >> 16) & Flag.CellsMask);
    const at = cellOf(used);
    copyCells(at, rec, cells);
    ringSkip(ring, cells);
    const number = enter(at, used, cells, tsNanos);
    applyAt(at, head, tsNanos, number);
    left--;
  }
  ringRelease(ring);
  return left;
}

// @ts-ignore: decorator
@inline
function timeOf(rec: usize, flags: u32, sinceNanos: i64): i64 {
  if (flags & Flag.Timed) return load<i64>(rec, REC_TS_ENGINE);
  return sinceNanos < 0 ? 0 : clockNanos(sinceNanos);
}

/** The base is read anew for each input: the one before may have been a ClockBase. */
// @ts-ignore: decorator
@inline
function clockNanos(sinceNanos: i64): i64 {
  return load<i64>(H_CLOCK_BASE) + sinceNanos;
}

/** Room for one more input in the block, and in the output ring for all it may cause. */
// @ts-ignore: decorator
@inline
function hasRoom(used: u32): bool {
  return (
    used + RECORD_CELLS_MAX <= <u32>BLOCK_CELLS_MAX && outHasRoom(OUT_CELLS_PER_INPUT_MAX)
  );
}

// @ts-ignore: decorator
@inline
function cellOf(index: u32): usize {
  return <usize>BLOCK_BODY + (<usize>index << CELL_SHIFT);
}

/** Makes the record behind the `used` cells of the block part of it; returns its number. */
// @ts-ignore: decorator
@inline
function enter(at: usize, used: u32, cells: u32, tsNanos: i64): u64 {
  const number = load<u64>(H_SEQUENCE) + 1;
  store<u64>(H_SEQUENCE, number);
  store<u64>(at, number, REC_SEQUENCE);
  store<i64>(at, tsNanos, REC_TS_ENGINE);
  store<u32>(H_BLOCK_CELLS, used + cells);
  store<u32>(H_BLOCK_RECORDS, load<u32>(H_BLOCK_RECORDS) + 1);
  return number;
}

// @ts-ignore: decorator
@inline
function nextDeadline(): i64 {
  return min(load<i64>(H_DEADLINE_ORDER), load<i64>(H_DEADLINE_MARKET));
}

/** Inserts a Timer for every deadline up to `tsNanos`; false when the block or ring is full. */
function takeTimers(tsNanos: i64, flags: i32): bool {
  while (true) {
    const order = load<i64>(H_DEADLINE_ORDER);
    const market = load<i64>(H_DEADLINE_MARKET);
    const deadline = min(order, market);
    if (deadline > tsNanos) return true;
    const used = load<u32>(H_BLOCK_CELLS);
    if (!hasRoom(used)) return false;
    const at = cellOf(used);
    zeroCells(at, TIMER_CELLS);
    store<u16>(at, Kind.Timer, REC_KIND);
    store<u16>(at, <u16>(flags | (TIMER_CELLS - 1)), REC_FLAGS);
    store<i64>(at, deadline, TIMER_DEADLINE_NANOS);
    store<u8>(at, <u8>(order <= market ? Role.Order : Role.Market), TIMER_ROLE);
    enter(at, used, TIMER_CELLS, max(load<i64>(H_TS_ENGINE), deadline));
    applyInput(at);
  }
}

// ---------------------------------------------------------------------------------- replay

/**
 * Applies the sequenced records of the block buffer from cell `fromCell` to `toCell`; stops early
 * when the output ring needs draining. Returns the cell to go on from.
 */
export function replay(fromCell: i32, toCell: i32): i32 {
  ringRestart(RING_OUT);
  let cell = fromCell;
  while (cell < toCell && outHasRoom(OUT_CELLS_PER_INPUT_MAX)) {
    const at = <usize>BLOCK_BODY + (<usize>cell << CELL_SHIFT);
    store<u64>(H_SEQUENCE, load<u64>(at, REC_SEQUENCE));
    if ((load<u16>(at, REC_FLAGS) & Flag.Skipped) == 0) applyInput(at);
    else skip(at);
    cell += recordCells(at);
  }
  outFinish();
  return cell;
}

/** A record that stopped the core has its number and its time; a command also has an answer. */
function skip(rec: usize): void {
  store<i64>(H_TS_ENGINE, load<i64>(rec, REC_TS_ENGINE));
  store<u64>(H_CAUSE, load<u64>(rec, REC_SEQUENCE));
  store<u32>(H_FLAGS, load<u16>(rec, REC_FLAGS) & INHERITED);
  const roles = load<u32>(H_ROLES);
  if (load<u16>(rec, REC_KIND) >> 8 == 0x05 && (roles & Role.Order) != 0) denySkipped(rec);
}

// ---------------------------------------------------------------------------------- applying

/** The function the engine is: the state and one sequenced input give the state and outputs. */
function applyInput(rec: usize): void {
  applyAt(rec, load<u32>(rec), load<i64>(rec, REC_TS_ENGINE), load<u64>(rec, REC_SEQUENCE));
}

/** As `applyInput`, with what the sequencer has in hand: first word, time and number of `rec`. */
// @ts-ignore: decorator
@inline
function applyAt(rec: usize, head: u32, tsNanos: i64, number: u64): void {
  store<i64>(H_TS_ENGINE, tsNanos);
  store<u64>(H_CAUSE, number);
  store<u32>(H_FLAGS, (head >> 16) & INHERITED);
  const roles = load<u32>(H_ROLES);
  const family = (head >> 8) & 0xff;
  // Commands first, by themselves: a jump through a table costs more than one comparison.
  if (family == 0x05) applyOrder(rec, roles);
  else applyOther(rec, roles, family);
}

function applyOther(rec: usize, roles: u32, family: u32): void {
  switch (family) {
    case 0x01:
      return applyControl(rec, roles);
    case 0x02:
      return applyConfig(rec, roles);
    case 0x03:
      store<u64>(H_FEED_RECORDS, load<u64>(H_FEED_RECORDS) + 1);
      return applyMarket(rec, roles);
    case 0x04:
      store<u64>(H_DERIVED_SEEN, load<u64>(rec, REC_CAUSE));
      return applyOrder(rec, roles);
    default:
      return refuse();
  }
}

function refuse(): void {
  store<u32>(H_REFUSED, load<u32>(H_REFUSED) + 1);
}

function applyControl(rec: usize, roles: u32): void {
  const kind = load<u16>(rec, REC_KIND);
  if (kind == Kind.ClockBase) return store<i64>(H_CLOCK_BASE, load<i64>(rec, CLOCK_BASE_NANOS));
  if (kind == Kind.Timer) {
    store<u64>(H_TIMERS, load<u64>(H_TIMERS) + 1);
    if (load<u8>(rec, TIMER_ROLE) == Role.Market) return applyMarket(rec, roles);
    return applyOrder(rec, roles);
  }
  if (kind == Kind.FeedGap) return applyMarket(rec, roles);
  if (kind == Kind.DiskSpace) return applyOrder(rec, roles);
  // The rest of the block is for readers of the journal: checkpoints, sessions, starts and stops.
  if (<i32>kind < Kind.ClockBase || <i32>kind > Kind.FeedGap) refuse();
}

/** Reference data first, so that both roles see only instruments that hold together. */
function applyConfig(rec: usize, roles: u32): void {
  const kind = load<u16>(rec, REC_KIND);
  if (kind == Kind.Currency || kind == Kind.InstrumentSpec) {
    const refusal = referenceApply(rec);
    answerConfig(rec, refusal == Refusal.AlreadyConfigured ? Refusal.None : refusal);
    if (refusal != Refusal.None) return;
  }
  if (roles & Role.Market) applyMarket(rec, roles);
  if (roles & Role.Order) orderApply(rec);
}

function answerConfig(rec: usize, refusal: Refusal): void {
  const kind = refusal == Refusal.None ? Kind.ConfigAccepted : Kind.ConfigDenied;
  const out = outBegin(kind, CONFIG_CELLS, load<u32>(rec, REC_INSTRUMENT));
  store<u16>(out, load<u16>(rec, REC_KIND), CONFIG_KIND);
  store<u16>(out, <u16>refusal, CONFIG_REASON);
  outEnd(out);
}

// @ts-ignore: decorator
@inline
function applyOrder(rec: usize, roles: u32): void {
  if ((roles & Role.Order) == 0) return refuse();
  orderApply(rec);
}

/** The market role; inline, the order role then reads what it has just written. */
function applyMarket(rec: usize, roles: u32): void {
  if ((roles & Role.Market) == 0) return refuse();
  const from = ringMark(RING_OUT);
  marketApply(rec);
  if (roles & Role.Order) derive(from, ringMark(RING_OUT));
}

/** Hands the market records in [from, to) of the output ring to the order role. */
function derive(from: u32, to: u32): void {
  const capacity = load<u32>(RING_OUT, RING_CAPACITY);
  for (let index = from; index != to; ) {
    const at = <usize>(RING_OUT + RING_DATA) + (<usize>(index & (capacity - 1)) << CELL_SHIFT);
    const kind = load<u16>(at, REC_KIND);
    if (kind >> 8 == 0x04) orderApply(at);
    index += recordCells(at);
  }
}

/** Nanoseconds from the clock base to the next deadline; infinite when there is none. */
export function deadlineSinceBase(): f64 {
  const deadline = nextDeadline();
  if (deadline == i64.MAX_VALUE) return f64.MAX_VALUE;
  return <f64>(deadline - load<i64>(H_CLOCK_BASE));
}

// ---------------------------------------------------------------------------------- hashes

/** XXH64 over the state of one role: equal states give equal hashes in both topologies. */
export function stateHash(role: i32): u64 {
  const reference = referenceHash(<u64>role);
  if (role == Role.Order) return mix64(orderHash(reference), load<u64>(H_ORDER_EVENT_HASH));
  assert(role == Role.Market, "a hash is of one role");
  const tables = xxh64(MARKET, MARKET_ARENA_FLOOR - MARKET, reference);
  const arena = <usize>load<u32>(H_MARKET_ARENA);
  return mix64(xxh64(arena, <usize>MARKET_END - arena, tables), load<u64>(H_MARKET_EVENT_HASH));
}
