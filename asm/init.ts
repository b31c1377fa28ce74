// The first bytes of a memory: header, rings, arenas. Everything else comes from records.
import { arenaInit } from "./arena";
import {
  H_BELL,
  H_DEADLINE_MARKET,
  H_DEADLINE_ORDER,
  H_LAYOUT,
  H_MAGIC,
  H_ROLES,
  H_STREAM,
  HEADER_MAGIC_VALUE,
  LAYOUT_VERSION,
  RING_COMMAND,
  RING_COMMAND_CELLS,
  RING_CONTROL,
  RING_CONTROL_CELLS,
  RING_DERIVED,
  RING_DERIVED_CELLS,
  RING_FEED,
  RING_FEED_CELLS,
  RING_OUT,
  RING_OUT_CELLS,
  RING_PARSE,
  RING_PARSE_CELLS,
  RING_SOURCE,
  RING_SOURCE_CELLS,
} from "./layout";
import { ringInit } from "./rings/ring";
import { RING_BELL } from "./vocab";

/**
 * Makes an empty core of `roles` (bits of Role) as instance `stream` of its process. Once a memory:
 * asserts that nothing lives there yet.
 */
export function init(roles: i32, stream: i32): void {
  assert(load<u32>(H_MAGIC) == 0, "a memory is initialized once");
  assert(roles >= 1 && roles <= 3, "a core plays at least one role");
  store<u32>(H_LAYOUT, LAYOUT_VERSION);
  store<u32>(H_ROLES, roles);
  store<u32>(H_STREAM, stream);
  store<i64>(H_DEADLINE_MARKET, i64.MAX_VALUE);
  store<i64>(H_DEADLINE_ORDER, i64.MAX_VALUE);
  ringInit(RING_CONTROL, RING_CONTROL_CELLS, H_BELL);
  ringInit(RING_COMMAND, RING_COMMAND_CELLS, H_BELL);
  ringInit(RING_FEED, RING_FEED_CELLS, H_BELL);
  ringInit(RING_DERIVED, RING_DERIVED_CELLS, H_BELL);
  ringInit(RING_OUT, RING_OUT_CELLS, RING_OUT + RING_BELL);
  ringInit(RING_PARSE, RING_PARSE_CELLS, RING_PARSE + RING_BELL);
  ringInit(RING_SOURCE, RING_SOURCE_CELLS, H_BELL);
  arenaInit();
  store<u32>(H_MAGIC, HEADER_MAGIC_VALUE);
}
