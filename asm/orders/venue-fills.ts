// Which fills of venues were taken: the last VENUE_FILLS_MAX (65536) of all venues, by the venue's
// own id. A fill repeated later than that many others would be booked again; a listing therefore
// begins where the link was lost, and never at the beginning of the year.
//
// A table in order of arrival and an index over it with linear probing and backward shift: the same
// fills give the same table, and nothing is walked.
//
// tidy: tested by test/asm/orders/venue-fills.test.ts
import {
  O_VENUE_FILLS,
  VENUE_FILLS_MAX,
  VENUE_FILL_ENTRIES,
  VENUE_FILL_INDEX,
  VENUE_FILL_ROWS,
} from "../layout";

const MASK: u32 = VENUE_FILL_ENTRIES - 1;

// @ts-ignore: decorator
@inline
function fillAt(place: u32): usize {
  return <usize>VENUE_FILL_ROWS + (<usize>place << 4);
}

// @ts-ignore: decorator
@inline
function entryAt(index: u32): usize {
  return <usize>VENUE_FILL_INDEX + (<usize>index << 2);
}

// @ts-ignore: decorator
@inline
function home(venue: u32, id: u64): u32 {
  const mixed = (id ^ (<u64>venue << 56)) * 0x9e3779b97f4a7c15;
  return <u32>(mixed >> 40) & MASK;
}

/** Index of the fill's entry, or of the empty one where it would lie. */
function find(venue: u32, id: u64): u32 {
  let index = home(venue, id);
  while (true) {
    const place = load<u32>(entryAt(index));
    if (place == 0) return index;
    const at = fillAt(place - 1);
    if (load<u64>(at) == id && load<u32>(at, 8) == venue) return index;
    index = (index + 1) & MASK;
  }
}

/** True when the venue's fill was taken before. */
export function fillIsKnown(venue: u32, id: u64): bool {
  return load<u32>(entryAt(find(venue, id))) != 0;
}

/** Remembers a fill that is not known; the oldest is forgotten when the table is full. */
export function fillNote(venue: u32, id: u64): void {
  const count = load<u64>(O_VENUE_FILLS);
  const place = <u32>(count % <u64>VENUE_FILLS_MAX);
  const at = fillAt(place);
  if (count >= <u64>VENUE_FILLS_MAX) remove(find(load<u32>(at, 8), load<u64>(at)));
  store<u64>(at, id);
  store<u32>(at, venue, 8);
  store<u32>(entryAt(find(venue, id)), place + 1);
  store<u64>(O_VENUE_FILLS, count + 1);
}

/** Empties an entry and shifts back those that were pushed past it. */
function remove(hole: u32): void {
  let index = hole;
  while (true) {
    index = (index + 1) & MASK;
    const place = load<u32>(entryAt(index));
    if (place == 0) break;
    const at = fillAt(place - 1);
    const from = home(load<u32>(at, 8), load<u64>(at));
    if (((index - from) & MASK) < ((index - hole) & MASK)) continue;
    store<u32>(entryAt(hole), place);
    hole = index;
  }
  store<u32>(entryAt(hole), 0);
}

/** Rows in use, for the hash of the state. */
export function fillsKnown(): usize {
  return <usize>min<u64>(load<u64>(O_VENUE_FILLS), <u64>VENUE_FILLS_MAX);
}
