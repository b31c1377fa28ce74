// The memory map of core.wasm: every region begins where the one before ends.
//
// The map is fixed while compiling, so an address is a constant in the code and a snapshot of one
// run fits any other. The memory is reserved whole at start and never grows: pages cost nothing
// before they are touched. State hashes cover the reference, market and order sections; rings, the
// block buffer and scratch carry bytes in flight and are not state.
//
// Read by both compilers, like vocab.ts.
import { CELL_BYTES, BLOCK_HEADER_BYTES, RING_DATA } from "./vocab";

/** Raised when a region moves; a snapshot of another layout is refused. */
export const LAYOUT_VERSION: i32 = 3;

/** The compiler's constant data (assertion texts) must end below. */
export const DATA_END: i32 = 65536;

// ---------------------------------------------------------------------------- header
export const HEADER: i32 = DATA_END;
export const HEADER_BYTES: i32 = 4096;
export const HEADER_MAGIC_VALUE: i32 = 0x4f435041; // "APCO"
export const H_MAGIC: i32 = HEADER + 0; // u32
export const H_LAYOUT: i32 = HEADER + 4; // u32
export const H_ROLES: i32 = HEADER + 8; // u32, bits of Role
export const H_STREAM: i32 = HEADER + 12; // u32, core instance number
export const H_SEQUENCE: i32 = HEADER + 16; // u64, last sequence given to an input
export const H_TS_ENGINE: i32 = HEADER + 24; // i64, never goes back
export const H_CLOCK_BASE: i32 = HEADER + 32; // i64, from the last ClockBase record
export const H_DEADLINE_MARKET: i32 = HEADER + 40; // i64, NEVER when none
export const H_DEADLINE_ORDER: i32 = HEADER + 48; // i64
export const H_BLOCK_CELLS: i32 = HEADER + 56; // u32, cells in the open block
export const H_BLOCK_RECORDS: i32 = HEADER + 60; // u32
export const H_PREV_HASH: i32 = HEADER + 64; // u64, of the last sealed block
export const H_BLOCK_INDEX: i32 = HEADER + 72; // u64, of the next block to seal
export const H_EPOCH: i32 = HEADER + 80; // u64
export const H_BUILD: i32 = HEADER + 88; // u64
export const H_CAUSE: i32 = HEADER + 96; // u64, sequence of the input being applied
export const H_FLAGS: i32 = HEADER + 104; // u16 in u32: flags outputs inherit from their input
export const H_MARKET_OUT_SEQUENCE: i32 = HEADER + 112; // u64
export const H_ORDER_OUT_SEQUENCE: i32 = HEADER + 120; // u64
export const H_MARKET_EVENT_HASH: i32 = HEADER + 128; // u64, rolling over market outputs
export const H_ORDER_EVENT_HASH: i32 = HEADER + 136; // u64
export const H_FEED_RECORDS: i32 = HEADER + 144; // u64, inputs taken from the feed ring
export const H_TIMERS: i32 = HEADER + 152; // u64
// Bytes 160 to 163 are free.
export const H_REFUSED: i32 = HEADER + 164; // u32, inputs of a kind no role takes
export const H_MARKET_ARENA: i32 = HEADER + 168; // u32, lowest byte handed out, grows downwards
export const H_ORDER_ARENA: i32 = HEADER + 172; // u32
/** Cause of the last record seen from each market worker: an input of that worker. */
export const H_DERIVED_SEEN: i32 = HEADER + 256; // u64 x SHARDS_MAX
export const SHARDS_MAX: i32 = 16;
/** The bell of all input rings: the core's thread sleeps on one word. */
export const H_BELL: i32 = HEADER + 512;

// ---------------------------------------------------------------------------- rings
export const RING_CONTROL_CELLS: i32 = 16384;
export const RING_COMMAND_CELLS: i32 = 8192;
export const RING_FEED_CELLS: i32 = 65536;
export const RING_DERIVED_CELLS: i32 = 16384;
export const RING_OUT_CELLS: i32 = 262144;
export const RING_PARSE_CELLS: i32 = 16384;
export const RING_SOURCE_CELLS: i32 = 16384;
export const RING_CONTROL: i32 = HEADER + HEADER_BYTES;
export const RING_COMMAND: i32 = RING_CONTROL + RING_DATA + RING_CONTROL_CELLS * CELL_BYTES;
export const RING_FEED: i32 = RING_COMMAND + RING_DATA + RING_COMMAND_CELLS * CELL_BYTES;
export const RING_DERIVED: i32 = RING_FEED + RING_DATA + RING_FEED_CELLS * CELL_BYTES;
export const RING_OUT: i32 = RING_DERIVED + RING_DATA + RING_DERIVED_CELLS * CELL_BYTES;
export const RING_PARSE: i32 = RING_OUT + RING_DATA + RING_OUT_CELLS * CELL_BYTES;
/** Ticks of a feed worker; FEED belongs to the thread that runs the core. One producer each. */
export const RING_SOURCE: i32 = RING_PARSE + RING_DATA + RING_PARSE_CELLS * CELL_BYTES;
export const RINGS_END: i32 = RING_SOURCE + RING_DATA + RING_SOURCE_CELLS * CELL_BYTES;

/**
 * One input may write at most this many output cells (bounded sweeps, chunked timers); `run` stops
 * taking inputs while the output ring has less room, so an output is never lost.
 */
export const OUT_CELLS_PER_INPUT_MAX: i32 = 98304;

// ---------------------------------------------------------------------------- block and scratch
/** The open journal block: header, then the sequenced cells of this turn, written as they lie. */
export const BLOCK: i32 = RINGS_END;
export const BLOCK_BODY: i32 = BLOCK + BLOCK_HEADER_BYTES;
export const BLOCK_CELLS_MAX: i32 = 16384;
export const SCRATCH: i32 = BLOCK_BODY + BLOCK_CELLS_MAX * CELL_BYTES;
/** Raw bytes to parse (up to PARSE_BYTES_MAX) and answers of peeks. */
export const SCRATCH_BYTES: i32 = 4194304;
export const PARSE_BYTES_MAX: i32 = 2097152;
export const PEEK: i32 = SCRATCH + PARSE_BYTES_MAX;
/** What is known of the next commands, and one word of all that was read (orders/ahead.ts). */
export const AHEAD: i32 = SCRATCH + SCRATCH_BYTES;
export const AHEAD_BYTES: i32 = 4096;
export const AHEAD_SUM: i32 = AHEAD + AHEAD_BYTES - 8; // u64
export const SCRATCH_END: i32 = AHEAD + AHEAD_BYTES;

// ---------------------------------------------------------------------------- reference section
export const INSTRUMENTS_MAX: i32 = 4096;
/** Per instrument: its spec record (256 bytes), then what is derived from it. */
export const INSTRUMENT_BYTES: i32 = 320;
export const CURRENCIES_MAX: i32 = 1024;
export const CURRENCY_BYTES: i32 = 32;
export const REFERENCE: i32 = (SCRATCH_END + 4095) & ~4095;
export const REFERENCE_HEAD: i32 = REFERENCE; // counts, 4096 bytes
export const R_INSTRUMENTS: i32 = REFERENCE + 0; // u32, highest instrument id + 1
export const R_CURRENCIES: i32 = REFERENCE + 4; // u32
export const CURRENCIES: i32 = REFERENCE + 4096;
export const INSTRUMENTS: i32 = CURRENCIES + CURRENCIES_MAX * CURRENCY_BYTES;
/** Behind the spec record: settlement minor units per tick x lot, a reduced fraction. */
export const INSTRUMENT_MINOR_NUM: i32 = 256; // i64
export const INSTRUMENT_MINOR_DEN: i32 = 264; // i64
export const REFERENCE_END: i32 = INSTRUMENTS + INSTRUMENTS_MAX * INSTRUMENT_BYTES;

// ---------------------------------------------------------------------------- market section
export const MARKET: i32 = (REFERENCE_END + 4095) & ~4095;
export const MARKET_BYTES: i32 = 167772160; // 160 MiB
export const MARKET_END: i32 = MARKET + MARKET_BYTES;
/** The market arena is handed out from MARKET_END down to here; fixed tables lie below. */
export const MARKET_ARENA_FLOOR: i32 = MARKET + 33554432; // 32 MiB of tables

export const TIMEFRAMES_MAX: i32 = 8; // of one instrument
export const INDICATORS_MAX: i32 = 16; // of one timeframe
export const MODELS_MAX: i32 = 8; // of one instrument
export const SESSIONS_MAX: i32 = 8;
/** Instruments one Timer record closes at most; the deadline stays due for the rest. */
export const TIMER_INSTRUMENTS_MAX: i32 = 256;
export const MARKET_DEADLINE_COUNT: i32 = MARKET + 0; // u32, instruments in the deadline heap
/** Two windows of each session, this one and the next: i64 open, i64 close. */
export const MARKET_SESSIONS: i32 = MARKET + 2048; // 32 bytes x SESSIONS_MAX
/** As those below: 128 bytes x timeframe slot, StructureConfig of every instrument. */
export const MARKET_STRUCTURES: i32 = MARKET + 1024;
/** Configuration records of instrument 0, kept whole: they are applied to every instrument. */
export const MARKET_TIMEFRAMES: i32 = MARKET + 4096; // 64 bytes x slot
export const MARKET_INDICATORS: i32 = MARKET_TIMEFRAMES + TIMEFRAMES_MAX * 64; // 128 bytes x slot
export const MARKET_MODELS: i32 = MARKET_INDICATORS + TIMEFRAMES_MAX * INDICATORS_MAX * 128;
/** Heap of (i64 earliest candle end, u32 instrument, u32 0), 16 bytes each. */
export const MARKET_DEADLINES: i32 = (MARKET_MODELS + MODELS_MAX * 128 + 4095) & ~4095;
/** One slot an instrument; what a trade touches lies in its first 64 bytes. */
export const MARKET_INSTRUMENTS: i32 = MARKET_DEADLINES + INSTRUMENTS_MAX * 16;
export const MARKET_INSTRUMENT_BYTES: i32 = 256;
export const MARKET_TABLES_END: i32 =
  MARKET_INSTRUMENTS + INSTRUMENTS_MAX * MARKET_INSTRUMENT_BYTES;
export const MI_END: i32 = 0; // i64, earliest end of a begun candle, i64.MAX_VALUE = none
export const MI_START: i32 = 8; // i64, from here to MI_END a trade folds into every root
export const MI_KNOWN: i32 = 16; // u8, 1 = specified
export const MI_ROOTS: i32 = 17; // u8, timeframes fed by trades
export const MI_TIMEFRAMES: i32 = 18; // u8
export const MI_MODELS: i32 = 19; // u8
export const MI_BOOK: i32 = 20; // u32, address of the L2 book, 0 = none
export const MI_HEAP: i32 = 24; // u32, place in the deadline heap, from 1, 0 = none
export const MI_UNTRUSTED: i32 = 28; // u8, 1 = there is a book and it is not trusted
export const MI_TOP_IS_BOOK: i32 = 29; // u8, 1 = the top came from the book, 0 = from a quote
export const MI_DRIVEN: i32 = 30; // u8, timeframes that trades complete, behind those of time
export const MI_STRUCTURES: i32 = 31; // u8, timeframes with structure
export const MI_ROOT: i32 = 32; // u32 x TIMEFRAMES_MAX, addresses of the roots, shortest first
export const MI_TOP: i32 = 64; // i64 bid ticks, bid lots, ask ticks, ask lots
export const MI_TOP_ID: i32 = 96; // u64, update id of the top, 0 = unknown
export const MI_ABOVE: i32 = 104; // i64, a trade at or above it may change structure
export const MI_BELOW: i32 = 112; // i64, a trade at or below it may
export const MI_IMPORTED: i32 = 120; // u8, 1 = a begun candle grew from imported ones last
export const MI_TIMEFRAME: i32 = 128; // u32 x TIMEFRAMES_MAX, addresses by slot
export const MI_SORTED: i32 = 160; // u32 x TIMEFRAMES_MAX, addresses, shortest period first
export const MI_MODEL: i32 = 192; // u32 x MODELS_MAX, addresses
export const MI_STRUCTURE: i32 = 224; // u32 x TIMEFRAMES_MAX, addresses by slot

// ---------------------------------------------------------------------------- order section
export const ORDER: i32 = MARKET_END;
/** Counts, list heads and global switches. Slot 0 of every table below means "none". */
export const ORDER_HEAD_BYTES: i32 = 4096;
export const O_ACCOUNTS: i32 = ORDER + 0; // u32, account slots used, slot 0 included
export const O_STRATEGIES: i32 = ORDER + 4; // u32
export const O_ORDERS: i32 = ORDER + 8; // u32, order slots ever used (high-water mark)
export const O_ORDERS_FREE: i32 = ORDER + 12; // u32, first free slot, linked by ORDER_ROW_NEXT
export const O_ORDERS_OPEN: i32 = ORDER + 16; // u32
export const O_CLOSED_FIRST: i32 = ORDER + 20; // u32, oldest order that is closed but still known
export const O_CLOSED_LAST: i32 = ORDER + 24; // u32
export const O_CLOSED: i32 = ORDER + 28; // u32, how many
export const O_POSITIONS: i32 = ORDER + 32; // u32
export const O_BALANCES: i32 = ORDER + 36; // u32
export const O_LIMITS: i32 = ORDER + 40; // u32
export const O_KILLED: i32 = ORDER + 44; // u8, global kill switch
export const O_MODE: i32 = ORDER + 45; // u8, enum TradingMode, global
export const O_DISK_FULL: i32 = ORDER + 46; // u8, 1 = no new orders, the journal's disk is full
export const O_GLOBAL_LIMITS: i32 = ORDER + 48; // u32, limits slot
export const O_TOUCHED_FIRST: i32 = ORDER + 52; // u32, balances changed by this input
export const O_TOUCHED_LAST: i32 = ORDER + 56; // u32
export const O_TOPS_FIRST: i32 = ORDER + 60; // u32, internal books changed by this input
export const O_FILL_ID: i32 = ORDER + 64; // u64, last given
export const O_TRADE_ID: i32 = ORDER + 72; // u64, last given
export const O_FEES_MAKER: i32 = ORDER + 80; // i32, parts per billion, every account
export const O_FEES_TAKER: i32 = ORDER + 84; // i32
export const O_STEPS: i32 = ORDER + 88; // u32, fills and self-trade cancels of this input
export const O_ARMED: i32 = ORDER + 92; // u32, orders that wait for a trigger
export const O_LIMIT_VALUE: i32 = ORDER + 96; // i64, value of the limit that refused last
export const O_ARRIVAL: i32 = ORDER + 104; // u64, last number given to an order in a tree
export const O_DEFERRED: i32 = ORDER + 112; // u8, 1 = triggered orders are left for a Timer
export const O_CONVERSIONS: i32 = ORDER + 200; // u32, rows of conversion marks
export const O_DUE: i32 = ORDER + 208; // i64, next settlement of an instrument, 0 = none
export const O_EXPIRIES: i32 = ORDER + 116; // u32, root of the orders that expire
export const O_HELD_FIRST: i32 = ORDER + 224; // u32, held orders to release, by arrival
export const O_HELD_LAST: i32 = ORDER + 228; // u32
export const O_WORKING: i32 = ORDER + 232; // u32, the linked order that trades just now, in no book
export const O_WALK: i32 = ORDER + 236; // u32, the order a mass cancel looks at next
export const O_MET: i32 = ORDER + 240; // u32, legs an imagined sweep has met, 0 between inputs
export const O_ROUTES: i32 = ORDER + 2560; // u32, route rows ever used, row 0 included
export const O_ROUTES_FREE: i32 = ORDER + 2564; // u32, first free row
export const O_ROUTE_DEADLINES: i32 = ORDER + 2568; // u32, root of the routed orders that wait
export const O_VENUES: i32 = ORDER + 2572; // u32, venue rows used, row 0 included
export const O_ROUTE_DEADLINE: i32 = ORDER + 2576; // i64, when a venue's answer is missed, 0 = none
export const O_REQUESTS: i32 = ORDER + 2584; // u64, number of the last request to a venue
export const O_VENUE_FILLS: i32 = ORDER + 2592; // u64, fills of venues taken so far
export const O_ROUTES_OPEN: i32 = ORDER + 2600; // u32, open orders at venues
export const O_SUBS: i32 = ORDER + 2816; // u32, rows of strategies ever used, row 0 included
export const O_PARENTS: i32 = ORDER + 2048; // u32, parent rows ever used, row 0 included
export const O_PARENTS_OPEN: i32 = ORDER + 2052; // u32, all of them lie in the heap
export const O_PARENTS_CLOSED_FIRST: i32 = ORDER + 2056; // u32, closed the longest
export const O_PARENTS_CLOSED_LAST: i32 = ORDER + 2060; // u32
export const O_PARENT: i32 = ORDER + 2064; // u32, parent whose child is being made
export const O_DENIED: i32 = ORDER + 2068; // u16, enum Refusal: why the last child was denied
export const O_PARENT_NUMBER: i32 = ORDER + 2072; // u64, last given to a parent
export const O_CHILDREN: i32 = ORDER + 2080; // u64, last given to a child
/** Raised by every record that may change a limit: an effective row of another number is old. */
export const O_LIMITS_GENERATION: i32 = ORDER + 1024; // u32
export const O_RESTRICTIONS: i32 = ORDER + 1028; // u32
export const O_REPEATS: i32 = ORDER + 1032; // u32
export const O_PEAKS: i32 = ORDER + 1036; // u32, balances whose highest PnL is watched
/** What the last walk over an account's positions found, minor. */
export const O_GROSS: i32 = ORDER + 1040; // i64
export const O_SIDE_NET: i32 = ORDER + 1048; // i64
export const O_MARGIN_NEED: i32 = ORDER + 1056; // i64
export const O_MARGINS: i32 = ORDER + 1064; // u8, 1 = an instrument had maintenance margin once
export const O_CALLS_FIRST: i32 = ORDER + 1068; // u32, balances to ask for margin, by slot
export const O_CALLS: i32 = ORDER + 1072; // u32, how many
export const O_MARKS_FIRST: i32 = ORDER + 1076; // u32, instruments whose mark left its band
/** What the last sums of a balance's margin found: whose, then minor units. */
export const O_CALL_BALANCE: i32 = ORDER + 1080; // u32, 0 = none
export const O_CALL_POSITIONS: i32 = ORDER + 1084; // u32
export const O_CALL_EQUITY: i32 = ORDER + 1088; // i64
export const O_CALL_NEED: i32 = ORDER + 1096; // i64, call margin
export const O_CALL_MAINTENANCE: i32 = ORDER + 1104; // i64
export const O_CALL_EXPOSURE: i32 = ORDER + 1112; // i64
export const O_LIQUIDATION_FIRST: i32 = ORDER + 1120; // u32, account in liquidation the longest
export const O_LIQUIDATION_LAST: i32 = ORDER + 1124; // u32
export const O_LIQUIDATION_DUE: i32 = ORDER + 1128; // i64, when one of them acts, 0 = none is there
export const O_LIQUIDATION_ORDERS: i32 = ORDER + 1136; // u64, closing orders so far
export const O_BOUND_EPOCH: i32 = ORDER + 1200; // u32, bounds of another epoch say nothing
export const O_VISITS: i32 = ORDER + 248; // u32, levels and orders the present sweep looked at
/** An OrderNew made by a strategy of the core lies here while it is applied. */
export const O_COMMAND: i32 = ORDER + 256; // 128 bytes
export const O_FEES_TIERED: i32 = ORDER + 3080; // u8, 1 = a tier was configured
export const O_FEES_ASSET: i32 = ORDER + 3081; // u8, 1 = a schedule names a currency
export const O_LIMITS_STATED: i32 = ORDER + 3096; // u8, 1 = a limits row named a currency once
export const O_FEES_CURRENCY: i32 = ORDER + 3082; // u16, of everyone's schedule, 0 = settlement
export const O_FEES_GENERATION: i32 = ORDER + 3084; // u32, raised by every tier
export const O_FEE_MINOR: i32 = ORDER + 3088; // i64, fee of a fill in the making, in its currency
export const O_FUNDING_DUE: i32 = ORDER + 3072; // i64, when funding is paid next, 0 = never
export const O_WIDE: i32 = ORDER + 384; // 16 bytes, one 128-bit number of a fill in the making

export const ACCOUNTS_MAX: i32 = 16384;
export const ACCOUNT_ROW_BYTES: i32 = 128;
export const ACCOUNT_ROWS: i32 = ORDER + ORDER_HEAD_BYTES;
/** Open addressing by account id: u32 slot. */
export const ACCOUNT_INDEX_ENTRIES: i32 = 32768;
export const ACCOUNT_INDEX: i32 = ACCOUNT_ROWS + ACCOUNTS_MAX * ACCOUNT_ROW_BYTES;
export const TENANTS_MAX: i32 = 65536;
/** Per tenant u8: bit 0 killed, bits 1 and 2 TradingMode. */
export const TENANT_SWITCHES: i32 = ACCOUNT_INDEX + ACCOUNT_INDEX_ENTRIES * 4;
export const STRATEGIES_MAX: i32 = 1024;
export const STRATEGY_ROW_BYTES: i32 = 64;
export const STRATEGY_ROWS: i32 = TENANT_SWITCHES + TENANTS_MAX;
/** Strategy id to slot, u16. */
export const STRATEGY_SLOTS: i32 = STRATEGY_ROWS + STRATEGIES_MAX * STRATEGY_ROW_BYTES;
export const LIMITS_MAX: i32 = 65536;
export const LIMITS_ROW_BYTES: i32 = 128;
export const LIMITS_ROWS: i32 = STRATEGY_SLOTS + 65536 * 2;
export const BALANCES_MAX: i32 = 65536;
export const BALANCE_ROW_BYTES: i32 = 64;
export const BALANCE_ROWS: i32 = LIMITS_ROWS + LIMITS_MAX * LIMITS_ROW_BYTES;
/** House ledgers per currency: street, fees, deposits, funding, i64 each. */
export const LEDGER_ROW_BYTES: i32 = 32;
export const LEDGER_ROWS: i32 = BALANCE_ROWS + BALANCES_MAX * BALANCE_ROW_BYTES;
export const TRADED_ROW_BYTES: i32 = 256;
/** What the order role keeps of an instrument, by instrument id. */
export const TRADED_ROWS: i32 = LEDGER_ROWS + CURRENCIES_MAX * LEDGER_ROW_BYTES;
export const POSITIONS_MAX: i32 = 131072;
export const POSITION_ROW_BYTES: i32 = 128;
export const POSITION_ROWS: i32 = TRADED_ROWS + INSTRUMENTS_MAX * TRADED_ROW_BYTES;
/** Open addressing by (account slot, instrument): u32 slot. */
export const POSITION_INDEX_ENTRIES: i32 = 262144;
export const POSITION_INDEX: i32 = POSITION_ROWS + POSITIONS_MAX * POSITION_ROW_BYTES;
export const ORDERS_MAX: i32 = 1048576;
/** Closed orders whose client ids are still refused as duplicates, and answered as not open. */
export const ORDERS_CLOSED_MAX: i32 = 8192;
/** What matching touches; one cache line. */
export const ORDER_ROW_SHIFT: i32 = 6;
export const ORDER_ROWS: i32 = POSITION_INDEX + POSITION_INDEX_ENTRIES * 4;
export const ORDER_ROW_LEAVES: i32 = 0; // i64
export const ORDER_ROW_FILLED: i32 = 8; // i64
export const ORDER_ROW_PRICE: i32 = 16; // i64, ticks
export const ORDER_ROW_NEXT: i32 = 24; // u32, in its level, overflow, closed or free list
export const ORDER_ROW_PREV: i32 = 28; // u32
export const ORDER_ROW_ACCOUNT: i32 = 32; // u32, account slot
export const ORDER_ROW_INSTRUMENT: i32 = 36; // u32
export const ORDER_ROW_POSITION: i32 = 40; // u32, position slot
export const ORDER_ROW_GENERATION: i32 = 44; // u32, survives the slot's release
export const ORDER_ROW_STATE: i32 = 48; // u8, enum OrderState
export const ORDER_ROW_SIDE: i32 = 49; // u8
export const ORDER_ROW_TYPE: i32 = 50; // u8
export const ORDER_ROW_TIF: i32 = 51; // u8
export const ORDER_ROW_FLAGS: i32 = 52; // u8, bits of OrderFlag
export const ORDER_ROW_SELF_TRADE: i32 = 53; // u8
export const ORDER_ROW_STRATEGY: i32 = 54; // u16
export const ORDER_ROW_CLIENT_ID: i32 = 56; // u64
/** What only events and lists of an account need. */
export const ORDER_COLD_SHIFT: i32 = 5;
export const ORDER_COLD_ROWS: i32 = ORDER_ROWS + (ORDERS_MAX << ORDER_ROW_SHIFT);
export const ORDER_COLD_SESSION: i32 = 0; // u32
export const ORDER_COLD_MODEL: i32 = 4; // u16
export const ORDER_COLD_TERMS: i32 = 6; // u8, 1 = the order has a row of terms
export const ORDER_COLD_LINKS: i32 = 7; // u8, LINK bits of orders/contingency.ts
export const ORDER_COLD_TAG: i32 = 8; // u64
export const ORDER_COLD_NEXT: i32 = 16; // u32, next open order of the account
export const ORDER_COLD_PREV: i32 = 20; // u32
export const ORDER_COLD_LOCK: i32 = 24; // u8, 1 = the order holds back a balance
/** u32 over the lock: its upper 24 bits are a digest of the OrderNew, see orders/repeat.ts. */
export const ORDER_COLD_CONTENT: i32 = 24;
export const ORDER_COLD_ROUTE: i32 = 28; // u32, route row of an order at a venue, 0 = none
/**
 * What only orders of special terms have (stops and the like); zero for all others, which never
 * touch it. ORDER_COLD_TERMS says whether there is anything.
 */
export const ORDER_TERMS_SHIFT: i32 = 7;
export const ORDER_TERMS_ROWS: i32 = ORDER_COLD_ROWS + (ORDERS_MAX << ORDER_COLD_SHIFT);
export const ORDER_TERMS_TRIGGER: i32 = 0; // node of its trigger tree
export const ORDER_TERMS_EXPIRY: i32 = 24; // node of the expiry tree
export const ORDER_TERMS_STOP: i32 = 48; // i64, ticks
export const ORDER_TERMS_DISPLAY: i32 = 56; // i64, lots of a slice, 0 = all are shown
export const ORDER_TERMS_HIDDEN: i32 = 64; // i64, lots behind the slice that rests
export const ORDER_TERMS_LINK_PARENT: i32 = 84; // u32, of a child
export const ORDER_TERMS_CHILD: i32 = 84; // u32, first one of a parent; no order is both
export const ORDER_TERMS_CHILD_NEXT: i32 = 88; // u32, next child of the same parent
export const ORDER_TERMS_SIBLING: i32 = 92; // u32, the other leg of its pair
/** i64, lots of a child: while it is held those to release, later those it may still get. */
export const ORDER_TERMS_LINK_LOTS: i32 = 96;
export const ORDER_TERMS_PARENT: i32 = 104; // u32, row of the parent whose child it is, 0 = none
export const ORDER_TERMS_PARENT_NUMBER: i32 = 108; // u32, of an order at a venue: which parent
export const ORDER_TERMS_AHEAD: i32 = 112; // i64, public lots ahead of a paper order, -1 = unknown
export const ORDER_TERMS_TRAIL_OFFSET: i32 = 72; // i64, ticks or basis points
export const ORDER_TERMS_TRAIL_UNIT: i32 = 80; // u8, enum TrailUnit
/** A node: its key, the number that orders equal keys, and the nodes below it. */
export const NODE_KEY: i32 = 0; // i64
export const NODE_ARRIVAL: i32 = 8; // u64
export const NODE_LEFT: i32 = 16; // u32, order slot
export const NODE_RIGHT: i32 = 20; // u32
/** Open addressing by (account slot, client id): client id u64, account slot u32, order u32. */
export const CLIENT_INDEX_ENTRIES: i32 = 2097152;
export const CLIENT_INDEX_SHIFT: i32 = 4;
export const CLIENT_INDEX: i32 = ORDER_TERMS_ROWS + (ORDERS_MAX << ORDER_TERMS_SHIFT);
export const CLIENT_INDEX_END: i32 = CLIENT_INDEX + (CLIENT_INDEX_ENTRIES << CLIENT_INDEX_SHIFT);
/** Paper queues, by instrument id: lots traded at the bid, at the ask, since their lots changed. */
export const QUEUE_ROW_BYTES: i32 = 16;
export const QUEUE_ROWS: i32 = CLIENT_INDEX_END;
export const QUEUES_END: i32 = QUEUE_ROWS + INSTRUMENTS_MAX * QUEUE_ROW_BYTES;
/** What one currency is worth in another, as ConversionMark records say; slot 0 means "none". */
export const CONVERSIONS_MAX: i32 = 4096;
export const CONVERSION_ROW_BYTES: i32 = 32;
export const CONVERSION_ROWS: i32 = QUEUES_END;
/** Open addressing by (from, to): u32 slot. */
export const CONVERSION_INDEX_ENTRIES: i32 = 8192;
export const CONVERSION_INDEX: i32 = CONVERSION_ROWS + CONVERSIONS_MAX * CONVERSION_ROW_BYTES;
export const CONVERSIONS_END: i32 = CONVERSION_INDEX + CONVERSION_INDEX_ENTRIES * 4;
/** What trailing and reduce-only orders have beside their terms; zero for all others. */
export const ORDER_MORE_SHIFT: i32 = 6;
export const ORDER_MORE_ROWS: i32 = CONVERSIONS_END;
/** Node of a trail tree: nodes of this table are told from those in terms by their offset. */
export const MORE_TRAIL: i32 = 1 << ORDER_TERMS_SHIFT; // 24 bytes, at 0 of the row
export const MORE_ANCHOR: i32 = 24; // i64, ticks of the trade that moved the stop last
export const MORE_LIMIT_OFFSET: i32 = 32; // i64, ticks from stop to limit
export const MORE_REDUCE_NEXT: i32 = 40; // u32, next reduce-only order of the position
export const MORE_REDUCE_PREV: i32 = 44; // u32
export const MORE_FIRST_LOTS: i32 = 48; // i64, lots the order was accepted with
export const MORE_FIRST_STOP: i32 = 56; // i64, stop the order was accepted with
/** By instrument: which orders trail there, and the trades they have not followed yet. */
export const TRAIL_BOOK_BYTES: i32 = 32;
export const TRAIL_BOOKS: i32 = ORDER_MORE_ROWS + (ORDERS_MAX << ORDER_MORE_SHIFT);
export const TRAIL_SELLS: i32 = 0; // u32, root of the sells by the price that moves them next
export const TRAIL_BUYS: i32 = 4; // u32
export const TRAIL_HIGH: i32 = 8; // i64, highest trade not followed yet, 0 = none
export const TRAIL_LOW: i32 = 16; // i64
export const TRAIL_BOOKS_END: i32 = TRAIL_BOOKS + INSTRUMENTS_MAX * TRAIL_BOOK_BYTES;
/** Parent orders; row 0 means "none". A closed one stays known until its row is needed again. */
export const PARENTS_MAX: i32 = 1024;
export const PARENTS_PER_ACCOUNT_MAX: i32 = 64;
export const PARENT_ROW_BYTES: i32 = 256;
export const PARENT_ROWS: i32 = TRAIL_BOOKS_END;
/** Heap of open parents by the time they act next: i64 due, u32 parent, u32 0. */
export const PARENT_HEAP: i32 = PARENT_ROWS + PARENTS_MAX * PARENT_ROW_BYTES;
/** By instrument: what its market traded while parents worked there. */
export const VOLUME_ROW_BYTES: i32 = 32;
export const VOLUME_ROWS: i32 = PARENT_HEAP + PARENTS_MAX * 16;
/** By instrument: bins of the day u32, and from CURVE_ROW_WEIGHTS on their weights u32. */
export const CURVE_ROW_BYTES: i32 = 256;
export const CURVE_ROW_WEIGHTS: i32 = 64;
export const CURVE_ROWS: i32 = VOLUME_ROWS + INSTRUMENTS_MAX * VOLUME_ROW_BYTES;
export const CURVES_END: i32 = CURVE_ROWS + INSTRUMENTS_MAX * CURVE_ROW_BYTES;
/** Limits slot by tenant, u32. */
export const TENANT_LIMITS: i32 = CURVES_END;
/**
 * By position: the strictest of all limits that apply to it, made of their rows when it is asked
 * for, and the orders it saw last. Both as long as a position, so that its address names them too.
 */
export const EFFECTIVE_ROWS: i32 = TENANT_LIMITS + TENANTS_MAX * 4;
export const RECENT_ROWS: i32 = EFFECTIVE_ROWS + POSITIONS_MAX * POSITION_ROW_BYTES;
/** By account: what only some limits and margin need. */
export const WATCH_ROW_BYTES: i32 = 64;
export const WATCH_ROWS: i32 = RECENT_ROWS + POSITIONS_MAX * POSITION_ROW_BYTES;
/** By balance: i64 highest PnL seen, minor. */
export const PEAK_ROW_BYTES: i32 = 8;
export const PEAK_ROWS: i32 = WATCH_ROWS + ACCOUNTS_MAX * WATCH_ROW_BYTES;
/** Entries of the restricted list, linked by instrument. */
export const RESTRICTIONS_MAX: i32 = 4096;
export const RESTRICTION_ROW_BYTES: i32 = 16;
export const RESTRICTION_ROWS: i32 = PEAK_ROWS + BALANCES_MAX * PEAK_ROW_BYTES;
/** First entry by instrument, u32. */
export const RESTRICTION_FIRST: i32 = RESTRICTION_ROWS + RESTRICTIONS_MAX * RESTRICTION_ROW_BYTES;
/** Executions of a strategy in an instrument; the last row counts what finds no row of its own. */
export const REPEATS_MAX: i32 = 16384;
export const REPEAT_ROW_BYTES: i32 = 32;
export const REPEAT_ROWS: i32 = RESTRICTION_FIRST + INSTRUMENTS_MAX * 4;
/** Open addressing by (strategy slot, instrument): u32 slot. */
export const REPEAT_INDEX_ENTRIES: i32 = 32768;
export const REPEAT_INDEX: i32 = REPEAT_ROWS + REPEATS_MAX * REPEAT_ROW_BYTES;
export const REPEATS_END: i32 = REPEAT_INDEX + REPEAT_INDEX_ENTRIES * 4;
/** Margin by instrument: its schedule, and the marks that mean nothing to those who hold it. */
export const MARGIN_TIERS_MAX: i32 = 8;
export const MARGIN_ROW_BYTES: i32 = 192;
export const MARGIN_ROWS: i32 = REPEATS_END;
/** By position: its place among the holders of its instrument, and the marks that mean nothing. */
export const HOLD_ROW_BYTES: i32 = 32;
export const HOLD_ROWS: i32 = MARGIN_ROWS + INSTRUMENTS_MAX * MARGIN_ROW_BYTES;
/** By balance: whether its account was called, and its place among those to ask. */
export const CALL_ROW_BYTES: i32 = 8;
export const CALL_ROWS: i32 = HOLD_ROWS + POSITIONS_MAX * HOLD_ROW_BYTES;
export const MARGINS_END: i32 = CALL_ROWS + BALANCES_MAX * CALL_ROW_BYTES;
/** What only orders at a venue have, open or still known; see orders/route.ts. */
export const ROUTES_MAX: i32 = 24832;
export const ROUTE_ROW_BYTES: i32 = 96;
export const ROUTE_ROWS: i32 = MARGINS_END;
export const VENUES_MAX: i32 = 64;
export const VENUE_ROW_BYTES: i32 = 128;
/** Where a venue's row counts ignored reports: u32 by ReportIgnored. Row 0 is of unknown venues. */
export const VENUE_IGNORED: i32 = 32;
export const VENUE_ROWS: i32 = ROUTE_ROWS + ROUTES_MAX * ROUTE_ROW_BYTES;
/** Per instrument: what its venue says we hold, and fills that belong to nobody. */
export const ROUTED_ROW_BYTES: i32 = 32;
export const ROUTED_ROWS: i32 = VENUE_ROWS + VENUES_MAX * VENUE_ROW_BYTES;
/** The last fills of venues, so that none is booked twice: id u64, venue row u32, 16 bytes each. */
export const VENUE_FILLS_MAX: i32 = 65536;
export const VENUE_FILL_ROWS: i32 = ROUTED_ROWS + INSTRUMENTS_MAX * ROUTED_ROW_BYTES;
/** Open addressing by (venue, fill id): u32 place in the table above + 1. */
export const VENUE_FILL_ENTRIES: i32 = 131072;
export const VENUE_FILL_INDEX: i32 = VENUE_FILL_ROWS + VENUE_FILLS_MAX * 16;
export const VENUE_FILLS_END: i32 = VENUE_FILL_INDEX + VENUE_FILL_ENTRIES * 4;
/** What only kinds other than a plain linear contract need, by instrument id. */
export const KIND_ROW_BYTES: i32 = 128;
export const KIND_ROWS: i32 = VENUE_FILLS_END;
/** By order slot: what an order of a cash instrument holds back; plain orders never touch it. */
export const LOCK_ROW_BYTES: i32 = 24;
export const LOCK_MINOR: i32 = 0; // i64, held back
export const LOCK_ROWS: i32 = KIND_ROWS + INSTRUMENTS_MAX * KIND_ROW_BYTES;
export const LOCKS_END: i32 = LOCK_ROWS + ORDERS_MAX * LOCK_ROW_BYTES;
/** Auctions of internal books, by instrument id. */
export const AUCTION_ROW_BYTES: i32 = 128;
export const AUCTION_ROWS: i32 = LOCKS_END;
export const AUC_PRICE: i32 = 0; // i64, of the uncross that goes on
export const AUC_LEFT: i32 = 8; // i64, lots it still trades
export const AUC_REFERENCE: i32 = 16; // i64, as the call or uncross gave it, 0 = none
export const AUC_BUY_LOTS: i32 = 24; // i64, lots of the market orders that wait
export const AUC_SELL_LOTS: i32 = 32; // i64
export const AUC_BUY_FIRST: i32 = 40; // u32, market orders by arrival, linked as a level is
export const AUC_BUY_LAST: i32 = 44; // u32
export const AUC_SELL_FIRST: i32 = 48; // u32
export const AUC_SELL_LAST: i32 = 52; // u32
export const AUC_ONLY: i32 = 56; // u32, root of the orders that live for this auction only
export const AUC_NEXT_PHASE: i32 = 60; // u8, enum InstrumentPhase after the uncross
export const AUC_UNCROSSING: i32 = 61; // u8, 1 while an uncross waits for its next Timer
export const AUC_HIDDEN: i32 = 64; // i64, lots of icebergs behind the slices of this book
export const AUC_SAID_PRICE: i32 = 72; // i64, indicative price, lots and surplus said last
export const AUC_SAID_LOTS: i32 = 80; // i64
export const AUC_SAID_SURPLUS: i32 = 88; // i64, > 0 buys
export const AUC_FOUND_PRICE: i32 = 96; // i64, what the last sweep found
export const AUC_FOUND_LOTS: i32 = 104; // i64
export const AUC_FOUND_SURPLUS: i32 = 112; // i64
/** The last denials, so that the same order again gets the same answer; see orders/repeat.ts. */
export const DENIALS_MAX: i32 = 8192;
export const DENIAL_ROW_BYTES: i32 = 32;
export const DENIAL_ROWS: i32 = AUCTION_ROWS + INSTRUMENTS_MAX * AUCTION_ROW_BYTES;
/** Row 0 counts: u64, denials remembered so far. */
export const O_DENIALS: i32 = DENIAL_ROWS;
/** Open addressing by (account slot, client id, content): u16 row. */
export const DENIAL_INDEX_ENTRIES: i32 = 32768;
export const DENIAL_INDEX: i32 = DENIAL_ROWS + (DENIALS_MAX + 2) * DENIAL_ROW_BYTES;
export const DENIALS_END: i32 = DENIAL_INDEX + DENIAL_INDEX_ENTRIES * 2;
/** By position: what its fills never touch (positions/beside.ts). */
export const BESIDE_ROW_BYTES: i32 = 64;
export const BESIDE_ROWS: i32 = DENIALS_END;
/** By instrument: its positions, oldest first, and its funding. */
export const INTEREST_ROW_BYTES: i32 = 64;
export const INTEREST_ROWS: i32 = BESIDE_ROWS + POSITIONS_MAX * BESIDE_ROW_BYTES;
export const INTEREST_END: i32 = INTEREST_ROWS + INSTRUMENTS_MAX * INTEREST_ROW_BYTES;
/** Tiers of everyone's fee schedule; tier 0 is the schedule itself. */
export const FEE_TIERS_MAX: i32 = 16;
export const FEE_TIER_ROW_BYTES: i32 = 16;
export const FEE_TIER_ROWS: i32 = INTEREST_END;
/** By account: what it traded on each of the last days. */
export const FEE_DAYS_ROW_BYTES: i32 = 272;
export const FEE_DAYS_ROWS: i32 = FEE_TIER_ROWS + FEE_TIERS_MAX * FEE_TIER_ROW_BYTES;
export const FEE_DAYS_END: i32 = FEE_DAYS_ROWS + ACCOUNTS_MAX * FEE_DAYS_ROW_BYTES;
/** By instrument: extremes of its mark since positions were opened (positions/range.ts). */
export const RANGE_MARKS_MAX: i32 = 64;
export const RANGE_ROW_BYTES: i32 = 64 + RANGE_MARKS_MAX * 32;
export const RANGE_ROWS: i32 = FEE_DAYS_END;
export const RANGES_END: i32 = RANGE_ROWS + INSTRUMENTS_MAX * RANGE_ROW_BYTES;
/** By balance, instrument and currency: what bounds the day's PnL; see accounts/day.ts. */
export const BOUND_ROW_BYTES: i32 = 32;
export const BOUND_ROWS: i32 = RANGES_END;
export const DRIFT_ROW_BYTES: i32 = 16;
export const DRIFT_ROWS: i32 = BOUND_ROWS + BALANCES_MAX * BOUND_ROW_BYTES;
export const DRIFT_CURRENCIES: i32 = DRIFT_ROWS + INSTRUMENTS_MAX * DRIFT_ROW_BYTES;
export const DRIFTS_END: i32 = DRIFT_CURRENCIES + CURRENCIES_MAX * 8;
/** What of a position belongs to a strategy (positions/sub-account.ts); row 0 means "none". */
export const SUBS_MAX: i32 = 24576;
export const SUB_ROW_BYTES: i32 = 96;
export const SUB_ROWS: i32 = DRIFTS_END;
/** First row by position, u32. */
export const SUB_FIRST: i32 = SUB_ROWS + SUBS_MAX * SUB_ROW_BYTES;
export const SUBS_END: i32 = SUB_FIRST + POSITIONS_MAX * 4;
export const ORDER_TABLES_END: i32 = SUBS_END;

// Bounds of one input's work.
export const FILLS_PER_COMMAND_MAX: i32 = 4096;
export const CANCELS_PER_COMMAND_MAX: i32 = 8192;
/**
 * Steps after which an input releases no more triggered orders (each release is a step too): the
 * rest follows with Timer records of the same time, and each finds at least half of the steps.
 */
export const TRIGGER_STEPS_MAX: i32 = 2048;
/** Strategies with a part of one position; a fill of theirs looks for it among all of them. */
export const SUBS_PER_POSITION_MAX: i32 = 64;
/** Balances one input asks for margin beside those it changed; the rest follow with Timers. */
export const CALLS_PER_INPUT_MAX: i32 = 1024;
/** Reduce-only orders of one position; each of its fills asks them all. */
export const REDUCERS_MAX: i32 = 64;
/** Orders one Timer expires; the deadline stays due for the rest. */
export const EXPIRIES_PER_TIMER_MAX: i32 = 4096;
/** Position rows one Timer looks at when an instrument settles; the rest follow at that time. */
export const SETTLED_PER_TIMER_MAX: i32 = 4096;
/** Positions one Timer pays funding for; the rest follow at that time, at the same mark. */
export const FUNDED_PER_TIMER_MAX: i32 = 4096;
/** Trades and cancels of an uncross in one input; the rest follows with Timers of the same time. */
export const AUCTION_STEPS_MAX: i32 = 2048;
/** Levels (or orders of icebergs) an unasked indicative price looks at; deeper: on request only. */
export const INDICATIVE_VISITS_MAX: i32 = 1024;
/** Own orders at the touch whose place one quote or trade moves; those behind keep theirs. */
export const QUEUE_ORDERS_MAX: i32 = 4096;
export const QUERY_ROWS_MAX: i32 = 16384;
/** Children of one parent. */
export const CHILDREN_MAX: i32 = 8;
/** Routed orders open at once: a lost link puts each in doubt with one input, 4 cells an order. */
export const ROUTES_OPEN_MAX: i32 = 16384;
/** Missed answers one Timer looks after; the deadline stays due for the rest. */
export const ROUTES_PER_TIMER_MAX: i32 = 4096;
/** Slices of a parent's schedule, and children it may send: about one for each of them. */
export const PARENT_SLICES_MAX: i32 = 16384;
export const PARENT_CHILDREN_MAX: i32 = 32768;
/** Denials in a row after which a parent gives up; the pause before the next try doubles. */
export const PARENT_DENIALS_MAX: i32 = 6;
/** Ticks of an internal book's window: default and largest (a two-level bitmap of 64 words). */
export const BOOK_WINDOW_TICKS: i32 = 1024;
export const BOOK_WINDOW_TICKS_MAX: i32 = 4096;

// ---------------------------------------------------------------------------- end
export const MEMORY_PAGES: i32 = 12288; // 768 MiB
export const MEMORY_BYTES: i32 = MEMORY_PAGES * 65536;
export const ORDER_END: i32 = MEMORY_BYTES;
/** The order arena is handed out from ORDER_END down to here; fixed tables lie below. */
export const ORDER_ARENA_FLOOR: i32 = ORDER_END - 100663296; // 96 MiB of arena
