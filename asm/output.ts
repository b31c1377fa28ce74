// The way out: every record the core produces is written once, here, into the output ring.
//
// The rolling hash covers what a record says (kind, instrument, time, payload) and not where it
// stands (sequence, cause), so that both topologies give the same hash. Answers to configuration
// are left out: which core gives them depends on the topology.
import { mix64, mixLane } from "./math/hash";
import {
  H_CAUSE,
  H_FLAGS,
  H_MARKET_EVENT_HASH,
  H_MARKET_OUT_SEQUENCE,
  H_ORDER_EVENT_HASH,
  H_ORDER_OUT_SEQUENCE,
  H_TS_ENGINE,
  RING_OUT,
} from "./layout";
import {
  recordCells,
  ringCommit,
  ringHasRoom,
  ringPublish,
  ringReserveRaw,
  zeroCells,
} from "./rings/ring";
import {
  CELL_SHIFT,
  Kind,
  REC_CAUSE,
  REC_FLAGS,
  REC_INSTRUMENT,
  REC_KIND,
  REC_PAYLOAD,
  REC_SEQUENCE,
  REC_TS_ENGINE,
  RING_CAPACITY,
  RING_DATA,
  RING_HEAD,
  RING_NEXT,
} from "./vocab";

/** Where the four lanes of a record's digest begin: as XXH64's, for seed 0. */
const LANE_A: u64 = 0x60ea27eeadc0b5d6;
const LANE_B: u64 = 0xc2b2ae3d27d4eb4f;
const LANE_C: u64 = 0x27d4eb2f165667c5;
const LANE_D: u64 = 0x61c8864e7a143579;

/** Opens a zeroed record of `cells` cells with its header filled; close it with `outEnd`. */
export function outBegin(kind: i32, cells: i32, instrument: u32): usize {
  const at = ringReserveRaw(RING_OUT, cells);
  assert(at != 0, "the sequencer left room for every output of an input");
  zeroCells(at, cells);
  store<u16>(at, <u16>kind, REC_KIND);
  store<u16>(at, <u16>(load<u32>(H_FLAGS) | (cells - 1)), REC_FLAGS);
  store<u32>(at, instrument, REC_INSTRUMENT);
  store<i64>(at, load<i64>(H_TS_ENGINE), REC_TS_ENGINE);
  store<u64>(at, load<u64>(H_CAUSE), REC_CAUSE);
  return at;
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
  const capacity = load<u32>(RING_OUT, RING_CAPACITY);
  const end = load<u32>(RING_OUT, RING_NEXT);
  for (let index = load<u32>(RING_OUT, RING_HEAD); index != end; ) {
    const at = <usize>(RING_OUT + RING_DATA) + (<usize>(index & (capacity - 1)) << CELL_SHIFT);
    index += recordCells(at);
    if (load<u16>(at, REC_KIND) != Kind.Pad) number(at);
  }
  ringPublish(RING_OUT);
}

// @ts-ignore: decorator
@inline
function number(at: usize): void {
  const isMarket = load<u16>(at, REC_KIND) >> 8 == 0x04;
  const sequenceAt: usize = isMarket ? H_MARKET_OUT_SEQUENCE : H_ORDER_OUT_SEQUENCE;
  const hashAt: usize = isMarket ? H_MARKET_EVENT_HASH : H_ORDER_EVENT_HASH;
  if (!isConfigAnswer(at)) store<u64>(hashAt, fold(at, load<u64>(hashAt)));
  const sequence = load<u64>(sequenceAt) + 1;
  store<u64>(sequenceAt, sequence);
  store<u64>(at, sequence, REC_SEQUENCE);
}

// @ts-ignore: decorator
@inline
function isConfigAnswer(at: usize): bool {
  const kind = load<u16>(at, REC_KIND);
  return kind == Kind.ConfigAccepted || kind == Kind.ConfigDenied;
}

/**
 * Four lanes over header word, time and payload (whole 32 bytes), each word one multiplication,
 * joined with the running hash at the end only: the records of a batch are digested side by side,
 * and what waits for the one before is a single round.
 */
// @ts-ignore: decorator
@inline
function fold(at: usize, hash: u64): u64 {
  let a = mixLane(LANE_A, load<u64>(at));
  let b = mixLane(LANE_B, load<u64>(at, REC_TS_ENGINE));
  let c = LANE_C;
  let d = LANE_D;
  const end = at + (<usize>recordCells(at) << CELL_SHIFT);
  for (let word = at + REC_PAYLOAD; word < end; word += 32) {
    a = mixLane(a, load<u64>(word));
    b = mixLane(b, load<u64>(word, 8));
    c = mixLane(c, load<u64>(word, 16));
    d = mixLane(d, load<u64>(word, 24));
  }
  return mix64(hash, rotl<u64>(a, 1) + rotl<u64>(b, 7) + rotl<u64>(c, 12) + rotl<u64>(d, 18));
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
