// The memory map: regions in order, none over another, all inside the memory.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as l from "../../asm/layout.ts";
import { BLOCK_HEADER_BYTES, CELL_BYTES, RING_DATA } from "../../asm/vocab.ts";

const ring = (at: number, cells: number): [number, number] => [at, RING_DATA + cells * CELL_BYTES];
const MI = l.MARKET_INSTRUMENTS;
/** Begin and bytes of every region, in the order of their addresses. */
const REGIONS: Record<string, [number, number]> = {
  header: [l.HEADER, l.HEADER_BYTES],
  control: ring(l.RING_CONTROL, l.RING_CONTROL_CELLS),
  command: ring(l.RING_COMMAND, l.RING_COMMAND_CELLS),
  feed: ring(l.RING_FEED, l.RING_FEED_CELLS),
  derived: ring(l.RING_DERIVED, l.RING_DERIVED_CELLS),
  out: ring(l.RING_OUT, l.RING_OUT_CELLS),
  parse: ring(l.RING_PARSE, l.RING_PARSE_CELLS),
  source: ring(l.RING_SOURCE, l.RING_SOURCE_CELLS),
  block: [l.BLOCK, BLOCK_HEADER_BYTES + l.BLOCK_CELLS_MAX * CELL_BYTES],
  scratch: [l.SCRATCH, l.SCRATCH_BYTES],
  referenceHead: [l.REFERENCE_HEAD, 4096],
  currencies: [l.CURRENCIES, l.CURRENCIES_MAX * l.CURRENCY_BYTES],
  instruments: [l.INSTRUMENTS, l.INSTRUMENTS_MAX * l.INSTRUMENT_BYTES],
  marketHead: [l.MARKET, 4096],
  timeframes: [l.MARKET_TIMEFRAMES, l.TIMEFRAMES_MAX * 64],
  indicators: [l.MARKET_INDICATORS, l.TIMEFRAMES_MAX * l.INDICATORS_MAX * 128],
  models: [l.MARKET_MODELS, l.MODELS_MAX * 128],
  deadlines: [l.MARKET_DEADLINES, l.INSTRUMENTS_MAX * 16],
  marketInstruments: [MI, l.INSTRUMENTS_MAX * l.MARKET_INSTRUMENT_BYTES],
  marketArena: [l.MARKET_ARENA_FLOOR, l.MARKET_END - l.MARKET_ARENA_FLOOR],
  orderHead: [l.ORDER, l.ORDER_HEAD_BYTES],
  accounts: [l.ACCOUNT_ROWS, l.ACCOUNTS_MAX * l.ACCOUNT_ROW_BYTES],
  accountIndex: [l.ACCOUNT_INDEX, l.ACCOUNT_INDEX_ENTRIES * 4],
  tenants: [l.TENANT_SWITCHES, l.TENANTS_MAX],
  strategies: [l.STRATEGY_ROWS, l.STRATEGIES_MAX * l.STRATEGY_ROW_BYTES],
  strategySlots: [l.STRATEGY_SLOTS, 65536 * 2],
  limits: [l.LIMITS_ROWS, l.LIMITS_MAX * l.LIMITS_ROW_BYTES],
  balances: [l.BALANCE_ROWS, l.BALANCES_MAX * l.BALANCE_ROW_BYTES],
  ledgers: [l.LEDGER_ROWS, l.CURRENCIES_MAX * l.LEDGER_ROW_BYTES],
  traded: [l.TRADED_ROWS, l.INSTRUMENTS_MAX * l.TRADED_ROW_BYTES],
  positions: [l.POSITION_ROWS, l.POSITIONS_MAX * l.POSITION_ROW_BYTES],
  positionIndex: [l.POSITION_INDEX, l.POSITION_INDEX_ENTRIES * 4],
  orders: [l.ORDER_ROWS, l.ORDERS_MAX << l.ORDER_ROW_SHIFT],
  ordersCold: [l.ORDER_COLD_ROWS, l.ORDERS_MAX << l.ORDER_COLD_SHIFT],
  ordersTerms: [l.ORDER_TERMS_ROWS, l.ORDERS_MAX << l.ORDER_TERMS_SHIFT],
  clientIndex: [l.CLIENT_INDEX, l.CLIENT_INDEX_ENTRIES << l.CLIENT_INDEX_SHIFT],
  queues: [l.QUEUE_ROWS, l.INSTRUMENTS_MAX * l.QUEUE_ROW_BYTES],
  conversions: [l.CONVERSION_ROWS, l.CONVERSIONS_MAX * l.CONVERSION_ROW_BYTES],
  conversionIndex: [l.CONVERSION_INDEX, l.CONVERSION_INDEX_ENTRIES * 4],
  ordersMore: [l.ORDER_MORE_ROWS, l.ORDERS_MAX << l.ORDER_MORE_SHIFT],
  trailBooks: [l.TRAIL_BOOKS, l.INSTRUMENTS_MAX * l.TRAIL_BOOK_BYTES],
  parents: [l.PARENT_ROWS, l.PARENTS_MAX * l.PARENT_ROW_BYTES],
  parentHeap: [l.PARENT_HEAP, l.PARENTS_MAX * 16],
  volumes: [l.VOLUME_ROWS, l.INSTRUMENTS_MAX * l.VOLUME_ROW_BYTES],
  curves: [l.CURVE_ROWS, l.INSTRUMENTS_MAX * l.CURVE_ROW_BYTES],
  tenantLimits: [l.TENANT_LIMITS, l.TENANTS_MAX * 4],
  effective: [l.EFFECTIVE_ROWS, l.POSITIONS_MAX * l.POSITION_ROW_BYTES],
  recent: [l.RECENT_ROWS, l.POSITIONS_MAX * l.POSITION_ROW_BYTES],
  watches: [l.WATCH_ROWS, l.ACCOUNTS_MAX * l.WATCH_ROW_BYTES],
  peaks: [l.PEAK_ROWS, l.BALANCES_MAX * l.PEAK_ROW_BYTES],
  restrictions: [l.RESTRICTION_ROWS, l.RESTRICTIONS_MAX * l.RESTRICTION_ROW_BYTES],
  restrictionFirst: [l.RESTRICTION_FIRST, l.INSTRUMENTS_MAX * 4],
  repeats: [l.REPEAT_ROWS, l.REPEATS_MAX * l.REPEAT_ROW_BYTES],
  repeatIndex: [l.REPEAT_INDEX, l.REPEAT_INDEX_ENTRIES * 4],
  margins: [l.MARGIN_ROWS, l.INSTRUMENTS_MAX * l.MARGIN_ROW_BYTES],
  holds: [l.HOLD_ROWS, l.POSITIONS_MAX * l.HOLD_ROW_BYTES],
  calls: [l.CALL_ROWS, l.BALANCES_MAX * l.CALL_ROW_BYTES],
  routes: [l.ROUTE_ROWS, l.ROUTES_MAX * l.ROUTE_ROW_BYTES],
  venues: [l.VENUE_ROWS, l.VENUES_MAX * l.VENUE_ROW_BYTES],
  routed: [l.ROUTED_ROWS, l.INSTRUMENTS_MAX * l.ROUTED_ROW_BYTES],
  venueFills: [l.VENUE_FILL_ROWS, l.VENUE_FILLS_MAX * 16],
  venueFillIndex: [l.VENUE_FILL_INDEX, l.VENUE_FILL_ENTRIES * 4],
  kinds: [l.KIND_ROWS, l.INSTRUMENTS_MAX * l.KIND_ROW_BYTES],
  locks: [l.LOCK_ROWS, l.ORDERS_MAX * l.LOCK_ROW_BYTES],
  auctions: [l.AUCTION_ROWS, l.INSTRUMENTS_MAX * l.AUCTION_ROW_BYTES],
  denials: [l.DENIAL_ROWS, (l.DENIALS_MAX + 2) * l.DENIAL_ROW_BYTES],
  "denial index": [l.DENIAL_INDEX, l.DENIAL_INDEX_ENTRIES * 2],
  beside: [l.BESIDE_ROWS, l.POSITIONS_MAX * l.BESIDE_ROW_BYTES],
  interest: [l.INTEREST_ROWS, l.INSTRUMENTS_MAX * l.INTEREST_ROW_BYTES],
  feeTiers: [l.FEE_TIER_ROWS, l.FEE_TIERS_MAX * l.FEE_TIER_ROW_BYTES],
  feeDays: [l.FEE_DAYS_ROWS, l.ACCOUNTS_MAX * l.FEE_DAYS_ROW_BYTES],
  ranges: [l.RANGE_ROWS, l.INSTRUMENTS_MAX * l.RANGE_ROW_BYTES],
  bounds: [l.BOUND_ROWS, l.BALANCES_MAX * l.BOUND_ROW_BYTES],
  drifts: [l.DRIFT_ROWS, l.INSTRUMENTS_MAX * l.DRIFT_ROW_BYTES],
  currencyDrifts: [l.DRIFT_CURRENCIES, l.CURRENCIES_MAX * 8],
  subs: [l.SUB_ROWS, l.SUBS_MAX * l.SUB_ROW_BYTES],
  subsFirst: [l.SUB_FIRST, l.POSITIONS_MAX * 4],
  orderArena: [l.ORDER_ARENA_FLOOR, l.ORDER_END - l.ORDER_ARENA_FLOOR],
};

test("regions follow each other without overlap and end with the memory", () => {
  let end = l.DATA_END;
  for (const [name, [at, bytes]] of Object.entries(REGIONS)) {
    expect(at, `${name} begins behind the region before`).toBeGreaterThanOrEqual(end);
    expect(bytes, name).toBeGreaterThan(0);
    end = at + bytes;
  }
  expect(end).toBe(l.MEMORY_BYTES);
  expect(l.MEMORY_BYTES).toBe(768 * 1024 * 1024);
});

test("rings, blocks, sections and tables begin on a cache line", () => {
  for (const [name, [at]] of Object.entries(REGIONS)) expect(at % 64, name).toBe(0);
  for (const at of [l.REFERENCE, l.MARKET, l.ORDER]) expect(at % 4096).toBe(0);
});

test("rings are powers of two, and a block holds what a turn may take", () => {
  for (const [name, value] of Object.entries(l)) {
    if (!/^RING_\w+_CELLS$/.test(name) || typeof value !== "number") continue;
    expect(value & (value - 1), name).toBe(0);
    expect(value, name).toBeGreaterThanOrEqual(8);
  }
  expect(l.RING_OUT_CELLS).toBeGreaterThan(l.OUT_CELLS_PER_INPUT_MAX * 2);
});

test("words of the header lie inside it and on no other's bytes", () => {
  const text = readFileSync(new URL("../../asm/layout.ts", import.meta.url), "utf8");
  const words = [
    ...text.matchAll(/^export const (H_\w+): i32 = HEADER(?: \+ (\d+))?; \/\/ ([ui])(\d+)/gm),
  ];
  const fields = words.map(([, name, at, , bits]) => ({
    name,
    at: Number(at ?? 0),
    bytes: Number(bits) / 8,
  }));
  expect(fields.length).toBeGreaterThan(20);
  fields.sort((a, b) => a.at - b.at);
  fields.forEach((field, index) => {
    const next = fields[index + 1];
    expect(field.at % field.bytes, `${field.name} is aligned`).toBe(0);
    if (next !== undefined)
      expect(field.at + field.bytes, `${field.name} | ${next.name}`).toBeLessThanOrEqual(next.at);
    expect(field.at + field.bytes).toBeLessThanOrEqual(l.HEADER_BYTES);
  });
  expect(l.H_DERIVED_SEEN + l.SHARDS_MAX * 8).toBeLessThanOrEqual(l.H_BELL);
});

test("indexes of open addressing have room beyond their tables, and are powers of two", () => {
  const pairs = [
    [l.ACCOUNT_INDEX_ENTRIES, l.ACCOUNTS_MAX],
    [l.POSITION_INDEX_ENTRIES, l.POSITIONS_MAX],
    [l.CLIENT_INDEX_ENTRIES, l.ORDERS_MAX],
  ] as const;
  for (const [entries, rows] of pairs) {
    expect(entries & (entries - 1)).toBe(0);
    expect(entries).toBeGreaterThanOrEqual(rows * 2);
  }
});
