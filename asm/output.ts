// The way out: every record the core produces is written once, here, into the output ring.
//
// The rolling hash covers what a record says (kind, instrument, time, payload) and not where it
// stands (sequence, cause), so that both topologies give the same hash. Answers to configuration
// are left out: which core gives them depends on the topology.
import { mix64, mixPair } from "./math/hash";
import {
  H_CAUSE,
  H_FLAGS,
  H_MARKET_EVENT_HASH,
  H_MARKET_OUT_SEQUENCE,
  H_ORDER_EVENT_HASH,
  H_ORDER_OUT_SEQUENCE,
  H_TS_ENGINE,
  RING_OUT,
  RING_OUT_CELLS,
} from "./layout";
import { ringCommit, ringHasRoom, ringPublish, ringReserveRaw } from "./rings/ring";
import {
  CELL_SHIFT,
  Flag,
  Kind,
  REC_CAUSE,
  REC_FLAGS,
  REC_KIND,
  REC_SEQUENCE,
  REC_TS_ENGINE,
  RING_DATA,
  RING_HEAD,
  RING_NEXT,
  RING_PENDING,
  RING_TAIL_SEEN,
} from "./vocab";

/** Where the two lanes of a record's digest begin. */
const LANE_A: u64 = 0x60ea27eeadc0b5d6;
const LANE_B: u64 = 0xc2b2ae3d27d4eb4f;

/** Opens a zeroed record of `cells` cells with its header filled; close it with `outEnd`. */
// @ts-ignore: decorator
@inline
export function outBegin(kind: i32, cells: i32, instrument: u32): usize {
  const at = outOpen(kind, cells, instrument);
  zeroPayload(at, cells);
  return at;
}

/**
 * As `outBegin` with the old bytes left in the payload: for the records of which there are many,
 * whose writers set every word of it.
 */
// @ts-ignore: decorator
@inline
export function outOpen(kind: i32, cells: i32, instrument: u32): usize {
  const at = reserve(cells);
  // One word: the digest reads it whole, and a word written in parts is slow to read back.
  const head = <u64>(kind | ((cells - 1) << 16)) | (<u64>load<u32>(H_FLAGS) << 16);
  store<u64>(at, head | (<u64>instrument << 32));
  store<i64>(at, load<i64>(H_TS_ENGINE), REC_TS_ENGINE);
  store<u64>(at, load<u64>(H_CAUSE), REC_CAUSE);
  return at;
}

/** The ring's size is a constant of the layout; a Pad or a stale tail is left to the ring. */
// @ts-ignore: decorator
@inline
function reserve(cells: i32): usize {
  const next = load<u32>(RING_OUT, RING_NEXT);
  const position = next & (RING_OUT_CELLS - 1);
  const used = next + cells - load<u32>(RING_OUT, RING_TAIL_SEEN);
  if (position + cells > <u32>RING_OUT_CELLS || used > <u32>RING_OUT_CELLS) {
    return reserveSlow(cells);
  }
  store<u32>(RING_OUT, cells, RING_PENDING);
  return cellAt(next);
}

function reserveSlow(cells: i32): usize {
  const at = ringReserveRaw(RING_OUT, cells);
  assert(at != 0, "the sequencer left room for every output of an input");
  return at;
}

// @ts-ignore: decorator
@inline
function cellAt(index: u32): usize {
  return <usize>(RING_OUT + RING_DATA) + (<usize>(index & (RING_OUT_CELLS - 1)) << CELL_SHIFT);
}

/** Without a loop: a stack check and a comparison a cell cost as much as the stores. */
// @ts-ignore: decorator
@inline
function zeroPayload(at: usize, cells: i32): void {
  const zero = v128.splat<i64>(0);
  v128.store(at, zero, 32);
  v128.store(at, zero, 48);
  if (cells == 1) return;
  v128.store(at, zero, 64);
  v128.store(at, zero, 80);
  v128.store(at, zero, 96);
  v128.store(at, zero, 112);
  if (cells == 2) return;
  v128.store(at, zero, 128);
  v128.store(at, zero, 144);
  v128.store(at, zero, 160);
  v128.store(at, zero, 176);
  if (cells == 3) return;
  v128.store(at, zero, 192);
  v128.store(at, zero, 208);
  v128.store(at, zero, 224);
  v128.store(at, zero, 240);
}

/** Closes the open record; `outFinish` numbers and hashes it. */
// @ts-ignore: decorator
@inline
export function outEnd(at: usize): void {
  ringCommit(RING_OUT);
}

/**
 * Numbers the records closed since the last call, folds each into its role's event hash and shows
 * them to the host. Once a batch and not in `outEnd`: reading words that were just written byte by
 * byte would stall the processor at every record.
 */
export function outFinish(): void {
  const end = load<u32>(RING_OUT, RING_NEXT);
  // Nothing else writes it meanwhile: the answers to configuration are numbered only.
  let hash = load<u64>(H_ORDER_EVENT_HASH);
  let index = load<u32>(RING_OUT, RING_HEAD);
  while (index != end) {
    const at = cellAt(index);
    const head = load<u64>(at);
    index += 1 + (<u32>(head >> 16) & Flag.CellsMask);
    if (isOrderEvent(<u32>head & 0xffff)) {
      hash = mix64(hash, digest(at, head));
      number(at, H_ORDER_OUT_SEQUENCE);
    } else {
      finishOther(at, head);
    }
  }
  store<u64>(H_ORDER_EVENT_HASH, hash);
  ringPublish(RING_OUT);
}

/**
 * The records of the order role but its answers to configuration, which follow each other; the rest
 * is market output, such answers and Pads.
 */
// @ts-ignore: decorator
@inline
function isOrderEvent(kind: u32): bool {
  return kind >> 8 > 0x04 && kind - <u32>Kind.ConfigAccepted > 1;
}

function finishOther(at: usize, head: u64): void {
  const kind = <i32>(head & 0xffff);
  if (kind == Kind.Pad) return;
  if (kind >> 8 == 0x04) {
    store<u64>(H_MARKET_EVENT_HASH, mix64(load<u64>(H_MARKET_EVENT_HASH), digest(at, head)));
    return number(at, H_MARKET_OUT_SEQUENCE);
  }
  number(at, H_ORDER_OUT_SEQUENCE);
}

// @ts-ignore: decorator
@inline
function number(at: usize, sequenceAt: usize): void {
  const sequence = load<u64>(sequenceAt) + 1;
  store<u64>(sequenceAt, sequence);
  store<u64>(at, sequence, REC_SEQUENCE);
}

/**
 * Two lanes over header word, time and payload, two words a multiplication, joined with the running
 * hash at the end only: the records of a batch are digested side by side, and what waits for the
 * one before is a single round.
 */
// @ts-ignore: decorator
@inline
function digest(at: usize, head: u64): u64 {
  let a = mixPair(LANE_A, head, load<u64>(at, REC_TS_ENGINE));
  let b = mixPair(LANE_B, load<u64>(at, 32), load<u64>(at, 40));
  a = mixPair(a, load<u64>(at, 48), load<u64>(at, 56));
  const more = <i32>(head >> 16) & Flag.CellsMask;
  if (more != 0) {
    b = mixPair(b, load<u64>(at, 64), load<u64>(at, 72));
    a = mixPair(a, load<u64>(at, 80), load<u64>(at, 88));
    b = mixPair(b, load<u64>(at, 96), load<u64>(at, 104));
    a = mixPair(a, load<u64>(at, 112), load<u64>(at, 120));
    if (more > 1) {
      b = mixPair(b, load<u64>(at, 128), load<u64>(at, 136));
      a = mixPair(a, load<u64>(at, 144), load<u64>(at, 152));
      b = mixPair(b, load<u64>(at, 160), load<u64>(at, 168));
      a = mixPair(a, load<u64>(at, 176), load<u64>(at, 184));
      if (more > 2) {
        b = mixPair(b, load<u64>(at, 192), load<u64>(at, 200));
        a = mixPair(a, load<u64>(at, 208), load<u64>(at, 216));
        b = mixPair(b, load<u64>(at, 224), load<u64>(at, 232));
        a = mixPair(a, load<u64>(at, 240), load<u64>(at, 248));
      }
    }
  }
  return a + rotl<u64>(b, 17);
}

/** Sets flag bits (Untrusted, Late, First, Last) of the open record. */
// @ts-ignore: decorator
@inline
export function outFlag(at: usize, bits: i32): void {
  store<u16>(at, <u16>(load<u16>(at, REC_FLAGS) | bits), REC_FLAGS);
}

/** True when the output ring takes `cells` more cells. */
// @ts-ignore: decorator
@inline
export function outHasRoom(cells: u32): bool {
  return ringHasRoom(RING_OUT, cells);
}
