// The state of a core as pages: what a snapshot holds, and the way back into a fresh memory.
//
// State lies in the first words of the header and behind the scratch memory; rings, the open block
// and scratch are no state. Most of the memory was never written, so a page of zeros is left out.
// It is for a core that nobody else uses: the follower's, or one that has not begun.
//
// tidy: tested by test/src/core/image.test.ts
import {
  H_BELL,
  H_MARKET_ARENA,
  H_ORDER_ARENA,
  HEADER,
  MARKET_ARENA_FLOOR,
  MEMORY_BYTES,
  O_ORDERS,
  ORDER_ARENA_FLOOR,
  ORDER_COLD_ROWS,
  ORDER_COLD_SHIFT,
  ORDER_MORE_ROWS,
  ORDER_MORE_SHIFT,
  ORDER_ROW_SHIFT,
  ORDER_ROWS,
  ORDER_TERMS_ROWS,
  ORDER_TERMS_SHIFT,
  ORDERS_MAX,
  REFERENCE,
} from "../../asm/layout.ts";
import { isZero } from "../bytes.ts";
import type { Core } from "./core.ts";

/** Bytes of a page of the image; both ends of the state lie on its borders. */
export const IMAGE_PAGE_BYTES = 4096;

/** Page that begins with the header; behind the words of state it has the bell, which is none. */
const HEADER_PAGE = HEADER / IMAGE_PAGE_BYTES;
const HEADER_STATE_BYTES = H_BELL - HEADER;
/** Pages looked at together. */
const RUN_PAGES = 64;
const FIRST_PAGE = REFERENCE / IMAGE_PAGE_BYTES;
const END_PAGE = MEMORY_BYTES / IMAGE_PAGE_BYTES;

/** Numbers of the pages that hold anything, ascending, the header's first. */
export function imagePages(core: Core): Uint32Array {
  const pages = [HEADER_PAGE];
  let page = FIRST_PAGE;
  for (const [from, to] of [...untouched(core), [MEMORY_BYTES, MEMORY_BYTES] as const]) {
    const end = Math.ceil(from / IMAGE_PAGE_BYTES);
    while (page < end) {
      const next = Math.min(end, page + RUN_PAGES);
      addPages(core, page, next, pages);
      page = next;
    }
    page = Math.max(page, Math.floor(to / IMAGE_PAGE_BYTES));
  }
  return Uint32Array.from(pages);
}

/** Adds the pages of [from, to) that hold anything; most runs hold nothing. */
function addPages({ u8, i32 }: Core, from: number, to: number, pages: number[]): void {
  if (isZero(u8.subarray(from * IMAGE_PAGE_BYTES, to * IMAGE_PAGE_BYTES))) return;
  for (let page = from; page < to; page++) if (!isZeroPage(i32, page)) pages.push(page);
}

/**
 * Bytes [from, to) that were never written, ascending: what the arenas have not handed out yet, and
 * rows of orders that never were. Two thirds of the memory, which need no look and no page of the
 * kernel.
 */
function untouched({ view }: Core): (readonly [number, number])[] {
  const orders = view.getUint32(O_ORDERS, true);
  const rows = (table: number, shift: number): readonly [number, number] => [
    table + (orders << shift),
    table + (ORDERS_MAX << shift),
  ];
  return [
    [MARKET_ARENA_FLOOR, view.getUint32(H_MARKET_ARENA, true)],
    rows(ORDER_ROWS, ORDER_ROW_SHIFT),
    rows(ORDER_COLD_ROWS, ORDER_COLD_SHIFT),
    rows(ORDER_TERMS_ROWS, ORDER_TERMS_SHIFT),
    rows(ORDER_MORE_ROWS, ORDER_MORE_SHIFT),
    [ORDER_ARENA_FLOOR, view.getUint32(H_ORDER_ARENA, true)],
  ];
}

function isZeroPage(i32: Int32Array, page: number): boolean {
  const words = IMAGE_PAGE_BYTES >> 2;
  const from = page * words;
  for (let word = from; word < from + words; word += 8) {
    const some =
      i32[word]! |
      i32[word + 1]! |
      i32[word + 2]! |
      i32[word + 3]! |
      i32[word + 4]! |
      i32[word + 5]! |
      i32[word + 6]! |
      i32[word + 7]!;
    if (some !== 0) return false;
  }
  return true;
}

/** Bytes of a page, a view of the core's memory; the header's is shorter than the others. */
export function imagePage(core: Core, page: number): Uint8Array {
  const from = page * IMAGE_PAGE_BYTES;
  return core.u8.subarray(from, from + imagePageBytes(page));
}

/** Bytes a page has in the image. */
export function imagePageBytes(page: number): number {
  return page === HEADER_PAGE ? HEADER_STATE_BYTES : IMAGE_PAGE_BYTES;
}

/** True for a number that `imagePages` may give. */
export function isImagePage(page: number): boolean {
  return page === HEADER_PAGE || (page >= FIRST_PAGE && page < END_PAGE);
}

/** Makes the state of `to` that of `from`; rings and scratch stay as they are. */
export function copyState(from: Core, to: Core): void {
  for (let page = FIRST_PAGE; page < END_PAGE; page++) {
    if (!isZeroPage(from.i32, page) || !isZeroPage(to.i32, page)) copyPage(from, to, page);
  }
  copyPage(from, to, HEADER_PAGE);
}

function copyPage(from: Core, to: Core, page: number): void {
  to.u8.set(imagePage(from, page), page * IMAGE_PAGE_BYTES);
}
