// What this room gives the host: the calls, and as constant globals the addresses and codes that
// only the host's side of parsing reads, so that no number is written a second time.
// tidy: tested by test/asm/parse/binance.test.ts
export { parseBinance } from "./binance";
export {
  FORMAT_BINANCE as PARSE_FORMAT_BINANCE,
  FORMAT_CSV as PARSE_FORMAT_CSV,
  parseChunk,
  parseReset,
} from "./chunk";
export { FALLBACK as PARSE_FALLBACK } from "./fields";
export {
  CHUNK_EXAMPLES,
  CHUNK_FALLBACK_AT,
  CHUNK_FALLBACK_BYTES,
  CHUNK_LINES,
  CHUNK_NOT_DATA,
  CHUNK_RECORDS,
  CHUNK_REJECTS,
  CHUNK_SKIP,
  EXAMPLE_BYTES,
  EXAMPLES,
} from "./frame";
export { tickerDefault, tickerRegister } from "./ticker";
