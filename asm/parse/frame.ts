// Where a parser keeps what it knows while it reads one message: the tail of the scratch region.
//
// Nothing here is state: tickers are registered again by the host at every start, the rest lives no
// longer than one call. It lies in the memory and not in globals because every thread that parses
// has its own core, and a field of a message may be asked for in any order once it is scanned.
// tidy: tested by test/asm/parse/binance.test.ts
import { INSTRUMENTS_MAX, SCRATCH_END } from "../layout";

/** First byte that no text to parse and no answer of a peek may touch. */
export const PARSE_TAIL: usize = <usize>SCRATCH_END - 1048576;

/** Ticker slots: u32 instrument (0 = empty), u16 venue, u16 bytes, text upper-cased. */
export const TICKERS: usize = PARSE_TAIL;
export const TICKER_SLOTS: u32 = 8192;
export const TICKER_BYTES: usize = 40;
export const TICKER_TEXT_MAX: u32 = 32;
export const TICKER_TEXT: usize = 8;

/** Levels of the message being read, LEVEL_BYTES each, until all of it proved right. */
export const LEVELS_STAGED_MAX: i32 = 8192;
export const STAGE_BIDS: usize = TICKERS + <usize>TICKER_SLOTS * TICKER_BYTES;
export const STAGE_ASKS: usize = STAGE_BIDS + <usize>LEVELS_STAGED_MAX * 16;

/** The message: what was seen, and 64 fields by letter (or one of the longer names). */
export const FRAME: usize = STAGE_ASKS + <usize>LEVELS_STAGED_MAX * 16;
export const F_MASK: usize = FRAME + 0; // u64, fields seen
export const F_CODE: usize = FRAME + 8; // i32, why scanning stopped
export const F_CURSOR: usize = FRAME + 16; // usize, behind the number read last
export const F_INSTRUMENT: usize = FRAME + 24; // u32, of the message; 0 = not known yet
export const F_VENUE: usize = FRAME + 28; // u32
export const F_DATA: usize = FRAME + 32; // u32, 1 when fields came from "data"
export const F_TICK_SCALE: usize = FRAME + 36; // i32, decimals of a tick
export const F_TICK_DIVISOR: usize = FRAME + 40; // i64, in units of 10^-scale
export const F_LOT_SCALE: usize = FRAME + 48; // i32
export const F_LOT_DIVISOR: usize = FRAME + 56; // i64
export const F_RECV_NANOS: usize = FRAME + 64; // i64, since the Unix epoch
export const F_FLAGS: usize = FRAME + 72; // u32, Flag.Timed or 0
export const F_DEFAULT: usize = FRAME + 76; // u32, instrument of messages that name none
export const F_RING: usize = FRAME + 80; // usize
export const F_VALUES: usize = FRAME + 128; // u64 x 64
export const F_TAGS: usize = F_VALUES + 512; // u8 x 64

/** Highest trade id taken from a live feed, u64 per instrument: trades, then aggregated trades. */
export const SEEN_TRADES: usize = FRAME + 4096;
export const SEEN_AGGREGATES: usize = SEEN_TRADES + <usize>INSTRUMENTS_MAX * 8;

/** Counters of chunked parsing, read by the host after each chunk (f64 and i32: no bigint). */
export const CHUNK: usize = FRAME + 1024;
export const CHUNK_LINES: usize = CHUNK + 0; // f64, lines taken since `parseReset`
export const CHUNK_RECORDS: usize = CHUNK + 8; // f64
export const CHUNK_REJECTS: usize = CHUNK + 16; // f64
export const CHUNK_FALLBACK_AT: usize = CHUNK + 24; // i32, line start, offset in scratch
export const CHUNK_FALLBACK_BYTES: usize = CHUNK + 28; // i32, 0 = none waits
export const CHUNK_EXAMPLES: usize = CHUNK + 32; // i32, rejected lines described in this chunk
export const CHUNK_SKIP: usize = CHUNK + 40; // f64, records still to be dropped (resume)
export const CHUNK_NOT_DATA: usize = CHUNK + 48; // f64, header and empty lines
/** Examples: f64 line number, i32 offset, i32 bytes, i32 refusal, 4 spare. */
export const EXAMPLES: usize = CHUNK + 128;
export const EXAMPLE_BYTES: usize = 24;
export const EXAMPLES_MAX: i32 = 10;
