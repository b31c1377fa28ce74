// Memory that configuration hands out: windows of indicators, ladders, levels.
//
// Each section has one arena that grows downwards from its end. Only configuration records
// allocate, and those are journaled, so a replay gives every region the same address.
import {
  H_MARKET_ARENA,
  H_ORDER_ARENA,
  MARKET_ARENA_FLOOR,
  MARKET_END,
  ORDER_ARENA_FLOOR,
  ORDER_END,
} from "./layout";
import { Role } from "./vocab";

/** Empties both arenas. */
export function arenaInit(): void {
  store<u32>(H_MARKET_ARENA, MARKET_END);
  store<u32>(H_ORDER_ARENA, ORDER_END);
}

/** True when the section (Role.Market or Role.Order) still has `bytes` bytes. */
export function arenaHas(section: i32, bytes: i32): bool {
  const next = section == Role.Market ? load<u32>(H_MARKET_ARENA) : load<u32>(H_ORDER_ARENA);
  const floor: u32 = section == Role.Market ? MARKET_ARENA_FLOOR : ORDER_ARENA_FLOOR;
  return next - floor >= ((<u32>bytes + 63) & ~63);
}

/** `bytes` zeroed bytes on a 64-byte boundary, or 0 when the arena is full. */
export function arenaAlloc(section: i32, bytes: i32): usize {
  assert(bytes > 0, "an allocation has bytes");
  if (!arenaHas(section, bytes)) return 0;
  const header: usize = section == Role.Market ? H_MARKET_ARENA : H_ORDER_ARENA;
  const at = load<u32>(header) - ((<u32>bytes + 63) & ~63);
  store<u32>(header, at);
  memory.fill(at, 0, bytes);
  return at;
}
