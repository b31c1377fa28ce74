// Where the fields of every record kind lie: the one table behind encoder, decoder and documents.
//
// Offsets come from asm/vocab.ts and are written nowhere else. A field has its constant's name
// without the prefix, in camel case; a name the header already has (kind, flags, name, sequence)
// keeps the prefix. The record types are derived from the tables and cannot disagree with them.
//
// tidy: long because it is one table of every kind, and two would be two truths.
// tidy: tested by test/src/protocol.test.ts
// tidy: long because it is one table, and two tables would be two truths.
import * as v from "../asm/vocab.ts";

const { Kind } = v;

/**
 * How a field lies in the record. `i64` is a number (exact below 2^53), `id` an unsigned and
 * `nanos` a signed 64-bit bigint, `wide` 128 bits, `text16` and `text32` zero-padded ASCII,
 * `levels` the bids and asks of a book record, `weights` the bins of a curve (0 if left out).
 */
export type FieldType =
  | "u8"
  | "i8"
  | "u16"
  | "i32"
  | "u32"
  | "i64"
  | "id"
  | "nanos"
  | "f64"
  | "wide"
  | "text16"
  | "text32"
  | "levels"
  | "weights";

/** One price of a book record; 0 lots removes the level. */
export interface Level {
  priceTicks: number;
  qtyLots: number;
}

/** Offset from the start of the record, and how the bytes are read. */
export type Field = readonly [offset: number, type: FieldType];
export type Fields = Readonly<Record<string, Field>>;

/** A kind's length in cells (0: as long as its levels need) and its fields by name. */
export interface Layout<F extends Fields = Fields> {
  readonly cells: number;
  readonly fields: F;
}

/** What `decode` gives for a field of a type. */
export type ValueOf<T extends FieldType> = T extends "id" | "nanos" | "wide"
  ? bigint
  : T extends "text16" | "text32"
    ? string
    : T extends "levels"
      ? Level[]
      : T extends "weights"
        ? number[]
        : number;

/** What `encode` takes for a field of a type. */
export type InputOf<T extends FieldType> = T extends "text16" | "text32"
  ? string
  : T extends "levels"
    ? readonly Level[]
    : T extends "weights"
      ? readonly number[]
      : number | bigint;

/** Decoded values of a table's fields. */
export type ValuesOf<F extends Fields> = { -readonly [N in keyof F]: ValueOf<F[N][1]> };

function layout<const F extends Fields>(cells: number, fields: F): Layout<F> {
  return { cells, fields };
}

const CLOCK = layout(v.CLOCK_CELLS, { baseNanos: [v.CLOCK_BASE_NANOS, "nanos"] });
const TIMER = layout(v.TIMER_CELLS, {
  deadlineNanos: [v.TIMER_DEADLINE_NANOS, "nanos"],
  role: [v.TIMER_ROLE, "u8"],
});
const CHECKPOINT = layout(v.CHECKPOINT_CELLS, {
  marketHash: [v.CHECKPOINT_MARKET_HASH, "id"],
  orderHash: [v.CHECKPOINT_ORDER_HASH, "id"],
  checkpointSequence: [v.CHECKPOINT_SEQUENCE, "id"],
});
const DISK = layout(v.DISK_CELLS, { full: [v.DISK_FULL, "u8"] });
const SESSION = layout(v.SESSION_CELLS, {
  id: [v.SESSION_ID, "u32"],
  account: [v.SESSION_ACCOUNT, "u32"],
  rights: [v.SESSION_RIGHTS, "u8"],
  level: [v.SESSION_LEVEL, "u8"],
});
const SKIP = layout(1, { skipSequence: [v.REC_PAYLOAD, "id"] });
const HEADER_ONLY = layout(1, {});

const CURRENCY = layout(v.CURRENCY_CELLS, {
  id: [v.CURRENCY_ID, "u16"],
  minorExponent: [v.CURRENCY_MINOR_EXPONENT, "i8"],
  code: [v.CURRENCY_CODE, "text16"],
});
const SPEC = layout(v.SPEC_CELLS, {
  version: [v.SPEC_VERSION, "u32"],
  specKind: [v.SPEC_KIND, "u8"],
  execution: [v.SPEC_EXECUTION, "u8"],
  venue: [v.SPEC_VENUE, "u16"],
  base: [v.SPEC_BASE, "u16"],
  quote: [v.SPEC_QUOTE, "u16"],
  settlement: [v.SPEC_SETTLEMENT, "u16"],
  bookRule: [v.SPEC_BOOK_RULE, "u8"],
  phase: [v.SPEC_PHASE, "u8"],
  tickMantissa: [v.SPEC_TICK_MANTISSA, "i64"],
  tickExponent: [v.SPEC_TICK_EXPONENT, "i8"],
  lotExponent: [v.SPEC_LOT_EXPONENT, "i8"],
  bookLevels: [v.SPEC_BOOK_LEVELS, "u16"],
  markSource: [v.SPEC_MARK_SOURCE, "u8"],
  shard: [v.SPEC_SHARD, "u8"],
  ladderTicks: [v.SPEC_LADDER_TICKS, "u16"],
  lotMantissa: [v.SPEC_LOT_MANTISSA, "i64"],
  multiplierNum: [v.SPEC_MULTIPLIER_NUM, "i64"],
  multiplierDen: [v.SPEC_MULTIPLIER_DEN, "i64"],
  qtyMinLots: [v.SPEC_QTY_MIN_LOTS, "i64"],
  qtyMaxLots: [v.SPEC_QTY_MAX_LOTS, "i64"],
  priceMinTicks: [v.SPEC_PRICE_MIN_TICKS, "i64"],
  priceMaxTicks: [v.SPEC_PRICE_MAX_TICKS, "i64"],
  bandBps: [v.SPEC_BAND_BPS, "u32"],
  staleMillis: [v.SPEC_STALE_MILLIS, "u32"],
  notionalMinMinor: [v.SPEC_NOTIONAL_MIN_MINOR, "i64"],
  expiryNanos: [v.SPEC_EXPIRY_NANOS, "nanos"],
  symbol: [v.SPEC_SYMBOL, "text32"],
  specFlags: [v.SPEC_FLAGS, "u32"],
  tenant: [v.SPEC_TENANT, "u16"],
  queueModel: [v.SPEC_QUEUE_MODEL, "u8"],
  queuePower: [v.SPEC_QUEUE_POWER, "u8"],
  referenceTicks: [v.SPEC_REFERENCE_TICKS, "i64"],
  priceStepTicks: [v.SPEC_PRICE_STEP_TICKS, "u32"],
  qtyStepLots: [v.SPEC_QTY_STEP_LOTS, "u32"],
  bookOrders: [v.SPEC_BOOK_ORDERS, "u32"],
});
const ACCOUNT = layout(v.ACCOUNT_CELLS, {
  id: [v.ACCOUNT_ID, "u32"],
  tenant: [v.ACCOUNT_TENANT, "u16"],
  currency: [v.ACCOUNT_CURRENCY, "u16"],
  positionMode: [v.ACCOUNT_POSITION_MODE, "u8"],
  selfTrade: [v.ACCOUNT_SELF_TRADE, "u8"],
  accountFlags: [v.ACCOUNT_FLAGS, "u8"],
});
const STRATEGY = layout(v.STRATEGY_CELLS, {
  id: [v.STRATEGY_ID, "u16"],
  tenant: [v.STRATEGY_TENANT, "u16"],
  account: [v.STRATEGY_ACCOUNT, "u32"],
  strategyKind: [v.STRATEGY_KIND, "u8"],
  strategyFlags: [v.STRATEGY_FLAGS, "u8"],
  model: [v.STRATEGY_MODEL, "u16"],
  qtyLots: [v.STRATEGY_QTY_LOTS, "i64"],
  strategyName: [v.STRATEGY_NAME, "text32"],
});
const CASH = layout(v.CASH_CELLS, {
  account: [v.CASH_ACCOUNT, "u32"],
  currency: [v.CASH_CURRENCY, "u16"],
  amountMinor: [v.CASH_AMOUNT_MINOR, "i64"],
});
const ADJUST = layout(v.ADJUST_CELLS, {
  account: [v.ADJUST_ACCOUNT, "u32"],
  positionSide: [v.ADJUST_POSITION_SIDE, "u8"],
  lots: [v.ADJUST_LOTS, "i64"],
  priceTicks: [v.ADJUST_PRICE_TICKS, "i64"],
});
const LIMITS = layout(v.LIMITS_CELLS, {
  scope: [v.LIMITS_SCOPE, "u8"],
  tenant: [v.LIMITS_TENANT, "u16"],
  account: [v.LIMITS_ACCOUNT, "u32"],
  strategy: [v.LIMITS_STRATEGY, "u16"],
  currency: [v.LIMITS_CURRENCY, "u16"],
  collarBps: [v.LIMITS_COLLAR_BPS, "u32"],
  qtyLotsMax: [v.LIMITS_QTY_LOTS_MAX, "i64"],
  notionalMinorMax: [v.LIMITS_NOTIONAL_MINOR_MAX, "i64"],
  rateMax: [v.LIMITS_RATE_MAX, "u32"],
  rateWindowMillis: [v.LIMITS_RATE_WINDOW_MILLIS, "u32"],
  positionLotsMax: [v.LIMITS_POSITION_LOTS_MAX, "i64"],
  lossMinorMax: [v.LIMITS_LOSS_MINOR_MAX, "i64"],
  drawdownMinorMax: [v.LIMITS_DRAWDOWN_MINOR_MAX, "i64"],
  grossMinorMax: [v.LIMITS_GROSS_MINOR_MAX, "i64"],
  netMinorMax: [v.LIMITS_NET_MINOR_MAX, "i64"],
  ordersOpenMax: [v.LIMITS_ORDERS_OPEN_MAX, "u32"],
  leverageMax: [v.LIMITS_LEVERAGE_MAX, "u32"],
  repeatsMax: [v.LIMITS_REPEATS_MAX, "u32"],
  repeatsWindowMillis: [v.LIMITS_REPEATS_WINDOW_MILLIS, "u32"],
  concentrationBps: [v.LIMITS_CONCENTRATION_BPS, "u32"],
  staleMillis: [v.LIMITS_STALE_MILLIS, "u32"],
  duplicateMillis: [v.LIMITS_DUPLICATE_MILLIS, "u32"],
});
const FEES = layout(v.FEES_CELLS, {
  account: [v.FEES_ACCOUNT, "u32"],
  makerPerBillion: [v.FEES_MAKER_PER_BILLION, "i32"],
  takerPerBillion: [v.FEES_TAKER_PER_BILLION, "i32"],
  currency: [v.FEES_CURRENCY, "u16"],
  tier: [v.FEES_TIER, "u16"],
  volumeFromMinor: [v.FEES_VOLUME_FROM_MINOR, "i64"],
});
const CONVERSION = layout(v.CONVERSION_CELLS, {
  from: [v.CONVERSION_FROM, "u16"],
  to: [v.CONVERSION_TO, "u16"],
  staleMillis: [v.CONVERSION_STALE_MILLIS, "u32"],
  num: [v.CONVERSION_NUM, "i64"],
  den: [v.CONVERSION_DEN, "i64"],
});
const SWITCH = layout(v.SWITCH_CELLS, {
  scope: [v.SWITCH_SCOPE, "u8"],
  state: [v.SWITCH_STATE, "u8"],
  tenant: [v.SWITCH_TENANT, "u16"],
  account: [v.SWITCH_ACCOUNT, "u32"],
  strategy: [v.SWITCH_STRATEGY, "u16"],
  reason: [v.SWITCH_REASON, "u16"],
  cancelOpen: [v.SWITCH_CANCEL_OPEN, "u8"],
  user: [v.SWITCH_USER, "id"],
});
const STATE_CHANGE = layout(v.SWITCH_CELLS, {
  scope: [v.SWITCH_SCOPE, "u8"],
  state: [v.SWITCH_STATE, "u8"],
  tenant: [v.SWITCH_TENANT, "u16"],
  account: [v.SWITCH_ACCOUNT, "u32"],
  strategy: [v.SWITCH_STRATEGY, "u16"],
  reason: [v.SWITCH_REASON, "u16"],
  change: [v.SWITCH_CHANGE, "u8"],
  user: [v.SWITCH_USER, "id"],
});
const RESTRICT = layout(v.SWITCH_CELLS, {
  ...SWITCH.fields,
  side: [v.RESTRICT_SIDE, "u8"],
});
const MARGIN = layout(v.MARGIN_CELLS, {
  initialBps: [v.MARGIN_INITIAL_BPS, "u32"],
  maintenanceBps: [v.MARGIN_MAINTENANCE_BPS, "u32"],
  callBps: [v.MARGIN_CALL_BPS, "u32"],
  tier: [v.MARGIN_TIER, "u8"],
  fromMinor: [v.MARGIN_FROM_MINOR, "i64"],
});
const CALL = layout(v.CALL_CELLS, {
  account: [v.ORDER_ACCOUNT, "u32"],
  tenant: [v.ORDER_TENANT, "u16"],
  currency: [v.CALL_CURRENCY, "u16"],
  state: [v.CALL_STATE, "u8"],
  equityMinor: [v.CALL_EQUITY_MINOR, "i64"],
  needMinor: [v.CALL_NEED_MINOR, "i64"],
  maintenanceMinor: [v.CALL_MAINTENANCE_MINOR, "i64"],
  exposureMinor: [v.CALL_EXPOSURE_MINOR, "i64"],
});
const TIMEFRAME = layout(v.TIMEFRAME_CELLS, {
  slot: [v.TIMEFRAME_SLOT, "u8"],
  type: [v.TIMEFRAME_TYPE, "u8"],
  source: [v.TIMEFRAME_SOURCE, "u8"],
  measure: [v.TIMEFRAME_MEASURE, "u8"],
  periodMillis: [v.TIMEFRAME_PERIOD_MILLIS, "u32"],
  threshold: [v.TIMEFRAME_THRESHOLD, "i64"],
  windowCandles: [v.TIMEFRAME_WINDOW_CANDLES, "u32"],
});
const INDICATOR = layout(v.INDICATOR_CELLS, {
  timeframe: [v.INDICATOR_TIMEFRAME, "u8"],
  slot: [v.INDICATOR_SLOT, "u8"],
  indicatorKind: [v.INDICATOR_KIND, "u16"],
  period: [v.INDICATOR_PERIOD, "i32"],
  period2: [v.INDICATOR_PERIOD_2, "i32"],
  period3: [v.INDICATOR_PERIOD_3, "i32"],
  indicatorFlags: [v.INDICATOR_FLAGS, "u32"],
  factor: [v.INDICATOR_FACTOR, "f64"],
  factor2: [v.INDICATOR_FACTOR_2, "f64"],
  factor3: [v.INDICATOR_FACTOR_3, "f64"],
  period4: [v.INDICATOR_PERIOD_4, "i32"],
  anchorSeconds: [v.INDICATOR_ANCHOR_SECONDS, "u32"],
  source: [v.INDICATOR_SOURCE, "u8"],
  source2: [v.INDICATOR_SOURCE_2, "u8"],
});
const MODEL = layout(v.MODEL_CELLS, {
  id: [v.MODEL_ID, "u16"],
  rule: [v.MODEL_RULE, "u16"],
  timeframe: [v.MODEL_TIMEFRAME, "u8"],
  indicator: [v.MODEL_INDICATOR, "u8"],
  modelFlags: [v.MODEL_FLAGS, "u16"],
  threshold: [v.MODEL_THRESHOLD, "f64"],
});

const CURVE = layout(v.CURVE_CELLS, {
  bins: [v.CURVE_BINS, "u8"],
  weights: [v.CURVE_WEIGHTS, "weights"],
});
const TRADE = layout(v.TRADE_CELLS, {
  priceTicks: [v.TRADE_PRICE_TICKS, "i64"],
  qtyLots: [v.TRADE_QTY_LOTS, "i64"],
  id: [v.TRADE_ID, "id"],
  venueOffsetMicros: [v.TRADE_VENUE_OFFSET_MICROS, "i32"],
  aggressor: [v.TRADE_AGGRESSOR, "u8"],
  conditions: [v.TRADE_CONDITIONS, "u8"],
  venue: [v.TRADE_VENUE, "u16"],
});
const QUOTE = layout(v.QUOTE_CELLS, {
  bidTicks: [v.QUOTE_BID_TICKS, "i64"],
  bidLots: [v.QUOTE_BID_LOTS, "i64"],
  askTicks: [v.QUOTE_ASK_TICKS, "i64"],
  askLots: [v.QUOTE_ASK_LOTS, "i64"],
  updateId: [v.QUOTE_UPDATE_ID, "id"],
  venueOffsetMicros: [v.QUOTE_VENUE_OFFSET_MICROS, "i32"],
  venue: [v.QUOTE_VENUE, "u16"],
});
const BOOK = layout(0, {
  firstId: [v.BOOK_FIRST_ID, "id"],
  lastId: [v.BOOK_LAST_ID, "id"],
  prevId: [v.BOOK_PREV_ID, "id"],
  venueOffsetMicros: [v.BOOK_VENUE_OFFSET_MICROS, "i32"],
  bids: [v.BOOK_BIDS, "levels"],
  asks: [v.BOOK_ASKS, "levels"],
  venue: [v.BOOK_VENUE, "u16"],
});
const BOOK_CHECKSUM = layout(v.BOOK_CHECKSUM_CELLS, {
  value: [v.BOOK_CHECKSUM_VALUE, "u32"],
  venueOffsetMicros: [v.BOOK_CHECKSUM_VENUE_OFFSET_MICROS, "i32"],
  venue: [v.BOOK_CHECKSUM_VENUE, "u16"],
});
const BOOK_ORDER = layout(v.BOOK_ORDER_CELLS, {
  id: [v.BOOK_ORDER_ID, "id"],
  priceTicks: [v.BOOK_ORDER_PRICE_TICKS, "i64"],
  qtyLots: [v.BOOK_ORDER_QTY_LOTS, "i64"],
  side: [v.BOOK_ORDER_SIDE, "u8"],
  printable: [v.BOOK_ORDER_PRINTABLE, "u8"],
  venue: [v.BOOK_ORDER_VENUE, "u16"],
  venueOffsetMicros: [v.BOOK_ORDER_VENUE_OFFSET_MICROS, "i32"],
  newId: [v.BOOK_ORDER_NEW_ID, "id"],
  tradeId: [v.BOOK_ORDER_TRADE_ID, "id"],
});
const MARK = layout(v.MARK_CELLS, {
  priceTicks: [v.MARK_PRICE_TICKS, "i64"],
  value: [v.MARK_VALUE, "f64"],
  nextNanos: [v.MARK_NEXT_NANOS, "nanos"],
  venueOffsetMicros: [v.MARK_VENUE_OFFSET_MICROS, "i32"],
});

const CANDLE = layout(v.CANDLE_CELLS, {
  openNanos: [v.CANDLE_OPEN_NANOS, "nanos"],
  periodMillis: [v.CANDLE_PERIOD_MILLIS, "u32"],
  timeframe: [v.CANDLE_TIMEFRAME, "u8"],
  type: [v.CANDLE_TYPE, "u8"],
  quality: [v.CANDLE_QUALITY, "u16"],
  openTicks: [v.CANDLE_OPEN_TICKS, "i64"],
  highTicks: [v.CANDLE_HIGH_TICKS, "i64"],
  lowTicks: [v.CANDLE_LOW_TICKS, "i64"],
  closeTicks: [v.CANDLE_CLOSE_TICKS, "i64"],
  volumeLots: [v.CANDLE_VOLUME_LOTS, "i64"],
  buyLots: [v.CANDLE_BUY_LOTS, "i64"],
  turnover: [v.CANDLE_TURNOVER_LOW, "wide"],
  trades: [v.CANDLE_TRADES, "u32"],
  lateTrades: [v.CANDLE_LATE_TRADES, "u32"],
  index: [v.CANDLE_INDEX, "id"],
});
const VALUE = layout(v.VALUE_CELLS, {
  timeframe: [v.VALUE_TIMEFRAME, "u8"],
  slot: [v.VALUE_SLOT, "u8"],
  valueKind: [v.VALUE_KIND, "u16"],
  warm: [v.VALUE_WARM, "u8"],
  count: [v.VALUE_COUNT, "u8"],
  first: [v.VALUE_FIRST, "u8"],
  value1: [v.VALUE_1, "f64"],
  value2: [v.VALUE_2, "f64"],
  value3: [v.VALUE_3, "f64"],
});
const STRUCTURE_CONFIG = layout(v.SMC_CELLS, {
  timeframe: [v.SMC_TIMEFRAME, "u8"],
  smcFlags: [v.SMC_FLAGS, "u8"],
  families: [v.SMC_FAMILIES, "u16"],
  internalCandles: [v.SMC_INTERNAL_CANDLES, "u16"],
  externalCandles: [v.SMC_EXTERNAL_CANDLES, "u16"],
  sweepCandles: [v.SMC_SWEEP_CANDLES, "u16"],
  gapTicks: [v.SMC_GAP_TICKS, "i32"],
  gapFactor: [v.SMC_GAP_FACTOR, "f64"],
  bodyFactor: [v.SMC_BODY_FACTOR, "f64"],
  poolFactor: [v.SMC_POOL_FACTOR, "f64"],
  turnFactor: [v.SMC_TURN_FACTOR, "f64"],
});
const CALENDAR = layout(v.CALENDAR_CELLS, {
  slot: [v.CALENDAR_SLOT, "u8"],
  openNanos: [v.CALENDAR_OPEN_NANOS, "nanos"],
  closeNanos: [v.CALENDAR_CLOSE_NANOS, "nanos"],
});
const PATTERN = layout(v.PATTERN_CELLS, {
  timeframe: [v.PATTERN_TIMEFRAME, "u8"],
  bullish: [v.PATTERN_BULLISH, "u32"],
  bearish: [v.PATTERN_BEARISH, "u32"],
  index: [v.PATTERN_INDEX, "id"],
  knownNanos: [v.PATTERN_KNOWN_NANOS, "nanos"],
});
const STRUCTURE = layout(v.STRUCTURE_CELLS, {
  timeframe: [v.STRUCTURE_TIMEFRAME, "u8"],
  structureKind: [v.STRUCTURE_KIND, "u8"],
  state: [v.STRUCTURE_STATE, "u8"],
  side: [v.STRUCTURE_SIDE, "u8"],
  structureFlags: [v.STRUCTURE_FLAGS, "u16"],
  touches: [v.STRUCTURE_TOUCHES, "u16"],
  id: [v.STRUCTURE_ID, "u32"],
  parent: [v.STRUCTURE_PARENT, "u32"],
  lowTicks: [v.STRUCTURE_LOW_TICKS, "i64"],
  highTicks: [v.STRUCTURE_HIGH_TICKS, "i64"],
  originNanos: [v.STRUCTURE_ORIGIN_NANOS, "nanos"],
  knownNanos: [v.STRUCTURE_KNOWN_NANOS, "nanos"],
  originIndex: [v.STRUCTURE_ORIGIN_INDEX, "id"],
  knownIndex: [v.STRUCTURE_KNOWN_INDEX, "id"],
  fill: [v.STRUCTURE_FILL, "f64"],
  priceTicks: [v.STRUCTURE_PRICE_TICKS, "i64"],
});
const SIGNAL = layout(v.SIGNAL_CELLS, {
  model: [v.SIGNAL_MODEL, "u16"],
  signalKind: [v.SIGNAL_KIND, "u16"],
  side: [v.SIGNAL_SIDE, "u8"],
  timeframe: [v.SIGNAL_TIMEFRAME, "u8"],
  calibrated: [v.SIGNAL_CALIBRATED, "u8"],
  confidence: [v.SIGNAL_CONFIDENCE, "f64"],
  priceTicks: [v.SIGNAL_PRICE_TICKS, "i64"],
  expiresNanos: [v.SIGNAL_EXPIRES_NANOS, "nanos"],
  stopTicks: [v.SIGNAL_STOP_TICKS, "i64"],
  targetTicks: [v.SIGNAL_TARGET_TICKS, "i64"],
  id: [v.SIGNAL_ID, "id"],
});
const TRUST = layout(v.TRUST_CELLS, {
  state: [v.TRUST_STATE, "u8"],
  reason: [v.TRUST_REASON, "u16"],
  expected: [v.TRUST_EXPECTED, "id"],
  received: [v.TRUST_RECEIVED, "id"],
});

const WHO = {
  account: [v.ORDER_ACCOUNT, "u32"],
  strategy: [v.ORDER_STRATEGY, "u16"],
  tenant: [v.ORDER_TENANT, "u16"],
} as const;
const WHICH = { ...WHO, clientId: [v.ORDER_CLIENT_ID, "id"] } as const;
const NEW = layout(v.NEW_CELLS, {
  ...WHICH,
  priceTicks: [v.NEW_PRICE_TICKS, "i64"],
  qtyLots: [v.NEW_QTY_LOTS, "i64"],
  type: [v.NEW_TYPE, "u8"],
  side: [v.NEW_SIDE, "u8"],
  tif: [v.NEW_TIF, "u8"],
  orderFlags: [v.NEW_FLAGS, "u8"],
  selfTrade: [v.NEW_SELF_TRADE, "u8"],
  trigger: [v.NEW_TRIGGER, "u8"],
  contingency: [v.NEW_CONTINGENCY, "u8"],
  trailUnit: [v.NEW_TRAIL_UNIT, "u8"],
  stopTicks: [v.NEW_STOP_TICKS, "i64"],
  displayLots: [v.NEW_DISPLAY_LOTS, "i64"],
  trailOffset: [v.NEW_TRAIL_OFFSET, "i64"],
  expiresNanos: [v.NEW_EXPIRES_NANOS, "nanos"],
  linkedClientId: [v.NEW_LINKED_CLIENT_ID, "id"],
  session: [v.NEW_SESSION, "u32"],
  model: [v.NEW_MODEL, "u16"],
  algorithm: [v.NEW_ALGORITHM, "u8"],
  positionSide: [v.NEW_POSITION_SIDE, "u8"],
  tag: [v.NEW_TAG, "id"],
});
const CANCEL = layout(v.CANCEL_CELLS, {
  ...WHICH,
  orderId: [v.CANCEL_ORDER_ID, "id"],
  session: [v.CANCEL_SESSION, "u32"],
});
const AMEND = layout(v.AMEND_CELLS, {
  ...WHICH,
  orderId: [v.AMEND_ORDER_ID, "id"],
  session: [v.AMEND_SESSION, "u32"],
  fields: [v.AMEND_FIELDS, "u8"],
  priceTicks: [v.AMEND_PRICE_TICKS, "i64"],
  qtyLots: [v.AMEND_QTY_LOTS, "i64"],
  stopTicks: [v.AMEND_STOP_TICKS, "i64"],
  displayLots: [v.AMEND_DISPLAY_LOTS, "i64"],
  trailOffset: [v.AMEND_TRAIL_OFFSET, "i64"],
  expiresNanos: [v.AMEND_EXPIRES_NANOS, "nanos"],
  newClientId: [v.AMEND_NEW_CLIENT_ID, "id"],
  tag: [v.AMEND_TAG, "id"],
});
const PARENT = layout(v.PARENT_CELLS, {
  ...WHICH,
  limitTicks: [v.PARENT_LIMIT_TICKS, "i64"],
  qtyLots: [v.PARENT_QTY_LOTS, "i64"],
  algorithm: [v.PARENT_ALGORITHM, "u8"],
  side: [v.PARENT_SIDE, "u8"],
  style: [v.PARENT_STYLE, "u8"],
  selfTrade: [v.PARENT_SELF_TRADE, "u8"],
  driftBps: [v.PARENT_DRIFT_BPS, "u32"],
  startNanos: [v.PARENT_START_NANOS, "nanos"],
  endNanos: [v.PARENT_END_NANOS, "nanos"],
  intervalNanos: [v.PARENT_INTERVAL_NANOS, "i64"],
  childMinLots: [v.PARENT_CHILD_MIN_LOTS, "i64"],
  childMaxLots: [v.PARENT_CHILD_MAX_LOTS, "i64"],
  session: [v.PARENT_SESSION, "u32"],
  model: [v.PARENT_MODEL, "u16"],
  shareBps: [v.PARENT_SHARE_BPS, "u16"],
  tag: [v.PARENT_TAG, "id"],
  riskAversion: [v.PARENT_RISK_AVERSION, "f64"],
  volatility: [v.PARENT_VOLATILITY, "f64"],
  impact: [v.PARENT_IMPACT, "f64"],
  impactLasting: [v.PARENT_IMPACT_LASTING, "f64"],
  positionSide: [v.PARENT_POSITION_SIDE, "u8"],
});
const MASS = layout(v.MASS_CELLS, {
  ...WHICH,
  scope: [v.MASS_SCOPE, "u8"],
  side: [v.MASS_SIDE, "u8"],
  session: [v.MASS_SESSION, "u32"],
  left: [v.MASS_LEFT, "u32"],
  done: [v.MASS_DONE, "u32"],
});
const LIMIT_STATE = layout(v.LIMIT_STATE_CELLS, {
  account: [v.ORDER_ACCOUNT, "u32"],
  strategy: [v.ORDER_STRATEGY, "u16"],
  tenant: [v.ORDER_TENANT, "u16"],
  limit: [v.LIMIT_STATE_LIMIT, "i64"],
  used: [v.LIMIT_STATE_USED, "i64"],
  reason: [v.LIMIT_STATE_REASON, "u16"],
  currency: [v.LIMIT_STATE_CURRENCY, "u16"],
  scope: [v.LIMIT_STATE_SCOPE, "u8"],
  limitFlags: [v.LIMIT_FLAGS, "u8"],
  side: [v.LIMIT_STATE_SIDE, "u8"],
});

const QUERY = layout(v.QUERY_CELLS, {
  ...WHICH,
  part: [v.QUERY_PART, "u8"],
  session: [v.QUERY_SESSION, "u32"],
  left: [v.QUERY_LEFT, "u32"],
  done: [v.QUERY_DONE, "u32"],
});

const EVENT = layout(v.EVENT_CELLS, {
  ...WHICH,
  orderId: [v.EVENT_ORDER_ID, "id"],
  session: [v.EVENT_SESSION, "u32"],
  reason: [v.EVENT_REASON, "u16"],
  state: [v.EVENT_STATE, "u8"],
  side: [v.EVENT_SIDE, "u8"],
  priceTicks: [v.EVENT_PRICE_TICKS, "i64"],
  leavesLots: [v.EVENT_LEAVES_LOTS, "i64"],
  filledLots: [v.EVENT_FILLED_LOTS, "i64"],
  stopTicks: [v.EVENT_STOP_TICKS, "i64"],
  type: [v.EVENT_TYPE, "u8"],
  tif: [v.EVENT_TIF, "u8"],
  orderFlags: [v.EVENT_FLAGS, "u8"],
  detail: [v.EVENT_DETAIL, "u8"],
  positionSide: [v.EVENT_POSITION_SIDE, "u8"],
  linkedClientId: [v.EVENT_LINKED_CLIENT_ID, "id"],
  tag: [v.EVENT_TAG, "id"],
  limit: [v.EVENT_LIMIT, "i64"],
});
const FILL = layout(v.FILL_CELLS, {
  ...WHICH,
  orderId: [v.FILL_ORDER_ID, "id"],
  session: [v.FILL_SESSION, "u32"],
  side: [v.FILL_SIDE, "u8"],
  liquidity: [v.FILL_LIQUIDITY, "u8"],
  state: [v.FILL_STATE, "u8"],
  execution: [v.FILL_EXECUTION, "u8"],
  priceTicks: [v.FILL_PRICE_TICKS, "i64"],
  qtyLots: [v.FILL_QTY_LOTS, "i64"],
  leavesLots: [v.FILL_LEAVES_LOTS, "i64"],
  filledLots: [v.FILL_FILLED_LOTS, "i64"],
  feeMinor: [v.FILL_FEE_MINOR, "i64"],
  id: [v.FILL_ID, "id"],
  realizedMinor: [v.FILL_REALIZED_MINOR, "i64"],
  positionLots: [v.FILL_POSITION_LOTS, "i64"],
  tag: [v.FILL_TAG, "id"],
  feeCurrency: [v.FILL_FEE_CURRENCY, "u16"],
  settlement: [v.FILL_SETTLEMENT, "u16"],
  venueOffsetMicros: [v.FILL_VENUE_OFFSET_MICROS, "i32"],
  venueId: [v.FILL_VENUE_ID, "id"],
  trigger: [v.FILL_TRIGGER, "id"],
  positionSide: [v.FILL_POSITION_SIDE, "u8"],
});
const FILL_CORRECTION = layout(v.FILL_CELLS, {
  ...FILL.fields,
  wasPriceTicks: [v.FILL_WAS_PRICE_TICKS, "i64"],
  wasQtyLots: [v.FILL_WAS_QTY_LOTS, "i64"],
  correctedId: [v.FILL_CORRECTED_ID, "id"],
});
const PROGRESS = layout(v.PROGRESS_CELLS, {
  ...WHICH,
  children: [v.PROGRESS_CHILDREN, "u32"],
  denials: [v.PROGRESS_DENIALS, "u32"],
  session: [v.PROGRESS_SESSION, "u32"],
  reason: [v.PROGRESS_REASON, "u16"],
  state: [v.PROGRESS_STATE, "u8"],
  side: [v.PROGRESS_SIDE, "u8"],
  qtyLots: [v.PROGRESS_QTY_LOTS, "i64"],
  filledLots: [v.PROGRESS_FILLED_LOTS, "i64"],
  targetLots: [v.PROGRESS_TARGET_LOTS, "i64"],
  arrivalHalfTicks: [v.PROGRESS_ARRIVAL_HALF_TICKS, "i64"],
  cost: [v.PROGRESS_COST_LOW, "wide"],
  marketLots: [v.PROGRESS_MARKET_LOTS, "i64"],
  feesMinor: [v.PROGRESS_FEES_MINOR, "i64"],
  turnover: [v.PROGRESS_TURNOVER_LOW, "wide"],
  shortfall: [v.PROGRESS_SHORTFALL_LOW, "wide"],
  slippage: [v.PROGRESS_SLIPPAGE_LOW, "wide"],
  shortfallMinor: [v.PROGRESS_SHORTFALL_MINOR, "i64"],
  slippageMinor: [v.PROGRESS_SLIPPAGE_MINOR, "i64"],
  startNanos: [v.PROGRESS_START_NANOS, "nanos"],
  endNanos: [v.PROGRESS_END_NANOS, "nanos"],
  shareBps: [v.PROGRESS_SHARE_BPS, "u32"],
  algorithm: [v.PROGRESS_ALGORITHM, "u8"],
  progressFlags: [v.PROGRESS_FLAGS, "u8"],
  positionSide: [v.PROGRESS_POSITION_SIDE, "u8"],
  tag: [v.PROGRESS_TAG, "id"],
  nowHalfTicks: [v.PROGRESS_NOW_HALF_TICKS, "i64"],
  opportunityMinor: [v.PROGRESS_OPPORTUNITY_MINOR, "i64"],
});
const POSITION = layout(v.POSITION_CELLS, {
  ...WHO,
  lots: [v.POSITION_LOTS, "i64"],
  cost: [v.POSITION_COST_LOW, "wide"],
  realizedMinor: [v.POSITION_REALIZED_MINOR, "i64"],
  feesMinor: [v.POSITION_FEES_MINOR, "i64"],
  unrealizedMinor: [v.POSITION_UNREALIZED_MINOR, "i64"],
  markTicks: [v.POSITION_MARK_TICKS, "i64"],
  markSource: [v.POSITION_MARK_SOURCE, "u8"],
  markStale: [v.POSITION_MARK_STALE, "u8"],
  side: [v.POSITION_SIDE, "u8"],
  settlement: [v.POSITION_SETTLEMENT, "u16"],
  openBuyLots: [v.POSITION_OPEN_BUY_LOTS, "i64"],
  openSellLots: [v.POSITION_OPEN_SELL_LOTS, "i64"],
  maeTicks: [v.POSITION_MAE_TICKS, "i64"],
  mfeTicks: [v.POSITION_MFE_TICKS, "i64"],
  tradedLots: [v.POSITION_TRADED_LOTS, "i64"],
  liquidationTicks: [v.POSITION_LIQUIDATION_TICKS, "i64"],
  fundingMinor: [v.POSITION_FUNDING_MINOR, "i64"],
});
const FUNDING = layout(v.FUNDING_CELLS, {
  account: [v.ORDER_ACCOUNT, "u32"],
  strategy: [v.ORDER_STRATEGY, "u16"],
  tenant: [v.ORDER_TENANT, "u16"],
  lots: [v.FUNDING_LOTS, "i64"],
  markTicks: [v.FUNDING_MARK_TICKS, "i64"],
  paidMinor: [v.FUNDING_PAID_MINOR, "i64"],
  rate: [v.FUNDING_RATE, "i64"],
  dueNanos: [v.FUNDING_DUE_NANOS, "nanos"],
  valueMinor: [v.FUNDING_VALUE_MINOR, "i64"],
  settlement: [v.FUNDING_SETTLEMENT, "u16"],
  reason: [v.FUNDING_REASON, "u16"],
  markSource: [v.FUNDING_MARK_SOURCE, "u8"],
  markStale: [v.FUNDING_MARK_STALE, "u8"],
});
const PART = layout(v.PART_CELLS, {
  ...WHO,
  lots: [v.PART_LOTS, "i64"],
  cost: [v.PART_COST_LOW, "wide"],
  realizedMinor: [v.PART_REALIZED_MINOR, "i64"],
  feesMinor: [v.PART_FEES_MINOR, "i64"],
  unrealizedMinor: [v.PART_UNREALIZED_MINOR, "i64"],
  markTicks: [v.PART_MARK_TICKS, "i64"],
  side: [v.PART_SIDE, "u8"],
  settlement: [v.PART_SETTLEMENT, "u16"],
  bookedMinor: [v.PART_BOOKED_MINOR, "i64"],
  tradedLots: [v.PART_TRADED_LOTS, "i64"],
  fundingMinor: [v.PART_FUNDING_MINOR, "i64"],
});
const BALANCE = layout(v.BALANCE_CELLS, {
  ...WHO,
  currency: [v.BALANCE_CURRENCY, "u16"],
  minorExponent: [v.BALANCE_MINOR_EXPONENT, "i8"],
  reporting: [v.BALANCE_REPORTING, "u16"],
  equityReason: [v.BALANCE_EQUITY_REASON, "u16"],
  cashMinor: [v.BALANCE_CASH_MINOR, "i64"],
  realizedDayMinor: [v.BALANCE_REALIZED_DAY_MINOR, "i64"],
  unrealizedMinor: [v.BALANCE_UNREALIZED_MINOR, "i64"],
  feesMinor: [v.BALANCE_FEES_MINOR, "i64"],
  ordersOpen: [v.BALANCE_ORDERS_OPEN, "u32"],
  mode: [v.BALANCE_MODE, "u8"],
  killed: [v.BALANCE_KILLED, "u8"],
  positionMode: [v.BALANCE_POSITION_MODE, "u8"],
  lockedMinor: [v.BALANCE_LOCKED_MINOR, "i64"],
  equityMinor: [v.BALANCE_EQUITY_MINOR, "i64"],
});
const AUCTION = layout(v.AUCTION_CELLS, {
  phase: [v.AUCTION_PHASE, "u8"],
  side: [v.AUCTION_SIDE, "u8"],
  priceTicks: [v.AUCTION_PRICE_TICKS, "i64"],
  qtyLots: [v.AUCTION_QTY_LOTS, "i64"],
  surplusLots: [v.AUCTION_SURPLUS_LOTS, "i64"],
  referenceTicks: [v.AUCTION_REFERENCE_TICKS, "i64"],
});
const CONFIG = layout(v.CONFIG_CELLS, {
  configKind: [v.CONFIG_KIND, "u16"],
  reason: [v.CONFIG_REASON, "u16"],
  session: [v.CONFIG_SESSION, "u32"],
});

const REPORT = layout(v.REPORT_CELLS, {
  orderId: [v.REPORT_ORDER_ID, "id"],
  venueOrderId: [v.REPORT_VENUE_ORDER_ID, "id"],
  request: [v.REPORT_REQUEST, "id"],
  venue: [v.REPORT_VENUE, "u16"],
  reason: [v.REPORT_REASON, "u16"],
  reportFlags: [v.REPORT_FLAGS, "u8"],
  liquidity: [v.REPORT_LIQUIDITY, "u8"],
  feeCurrency: [v.REPORT_FEE_CURRENCY, "u16"],
  priceTicks: [v.REPORT_PRICE_TICKS, "i64"],
  qtyLots: [v.REPORT_QTY_LOTS, "i64"],
  filledLots: [v.REPORT_FILLED_LOTS, "i64"],
  fillId: [v.REPORT_FILL_ID, "id"],
  feeMinor: [v.REPORT_FEE_MINOR, "i64"],
  side: [v.REPORT_SIDE, "u8"],
  venueOffsetMicros: [v.REPORT_VENUE_OFFSET_MICROS, "i32"],
});
const CORRECTION = layout(v.CORRECTION_CELLS, {
  ...REPORT.fields,
  reference: [v.CORRECTION_REFERENCE, "id"],
  wasPriceTicks: [v.CORRECTION_WAS_PRICE_TICKS, "i64"],
  wasQtyLots: [v.CORRECTION_WAS_QTY_LOTS, "i64"],
});
const LINK = layout(v.LINK_CELLS, {
  venue: [v.LINK_VENUE, "u16"],
  state: [v.LINK_STATE, "u8"],
  linkFlags: [v.LINK_FLAGS, "u8"],
  timeoutMillis: [v.LINK_TIMEOUT_MILLIS, "u32"],
  listing: [v.LINK_LISTING, "id"],
  records: [v.LINK_RECORDS, "u32"],
  lots: [v.LINK_LOTS, "i64"],
});
const REQUEST = layout(v.REQUEST_CELLS, {
  ...WHICH,
  orderId: [v.REQUEST_ORDER_ID, "id"],
  number: [v.REQUEST_NUMBER, "id"],
  priceTicks: [v.REQUEST_PRICE_TICKS, "i64"],
  qtyLots: [v.REQUEST_QTY_LOTS, "i64"],
  filledLots: [v.REQUEST_FILLED_LOTS, "i64"],
  venueOrderId: [v.REQUEST_VENUE_ORDER_ID, "id"],
  venue: [v.REQUEST_VENUE, "u16"],
  side: [v.REQUEST_SIDE, "u8"],
  type: [v.REQUEST_TYPE, "u8"],
  tif: [v.REQUEST_TIF, "u8"],
  orderFlags: [v.REQUEST_FLAGS, "u8"],
  scope: [v.REQUEST_SCOPE, "u8"],
});
const FAULT = layout(v.FAULT_CELLS, {
  ...WHICH,
  orderId: [v.FAULT_ORDER_ID, "id"],
  venueOrderId: [v.FAULT_VENUE_ORDER_ID, "id"],
  fillId: [v.FAULT_FILL_ID, "id"],
  expected: [v.FAULT_EXPECTED, "i64"],
  received: [v.FAULT_RECEIVED, "i64"],
  priceTicks: [v.FAULT_PRICE_TICKS, "i64"],
  venue: [v.FAULT_VENUE, "u16"],
  fault: [v.FAULT_FAULT, "u16"],
  side: [v.FAULT_SIDE, "u8"],
});

/** Every kind with a layout. A kind that is missing here is refused on the wire. */
export const LAYOUTS = {
  [Kind.ClockBase]: CLOCK,
  [Kind.Timer]: TIMER,
  [Kind.Checkpoint]: CHECKPOINT,
  [Kind.SessionOpen]: SESSION,
  [Kind.SessionClose]: SESSION,
  [Kind.EngineStart]: HEADER_ONLY,
  [Kind.EngineStop]: HEADER_ONLY,
  [Kind.SkipRecord]: SKIP,
  [Kind.FeedStatus]: HEADER_ONLY,
  [Kind.FeedGap]: HEADER_ONLY,
  [Kind.DiskSpace]: DISK,
  [Kind.Currency]: CURRENCY,
  [Kind.InstrumentSpec]: SPEC,
  [Kind.InstrumentState]: SWITCH,
  [Kind.Account]: ACCOUNT,
  [Kind.Strategy]: STRATEGY,
  [Kind.CashAdjust]: CASH,
  [Kind.PositionAdjust]: ADJUST,
  [Kind.RiskLimits]: LIMITS,
  [Kind.FeeSchedule]: FEES,
  [Kind.ConversionMark]: CONVERSION,
  [Kind.KillSwitch]: SWITCH,
  [Kind.TradingState]: SWITCH,
  [Kind.RestrictedList]: RESTRICT,
  [Kind.MarginSchedule]: MARGIN,
  [Kind.Timeframe]: TIMEFRAME,
  [Kind.Indicator]: INDICATOR,
  [Kind.StructureConfig]: STRUCTURE_CONFIG,
  [Kind.SessionCalendar]: CALENDAR,
  [Kind.ModelConfig]: MODEL,
  [Kind.VolumeCurve]: CURVE,
  [Kind.Trade]: TRADE,
  [Kind.Quote]: QUOTE,
  [Kind.BookDelta]: BOOK,
  [Kind.BookSnapshot]: BOOK,
  [Kind.BookClear]: HEADER_ONLY,
  [Kind.BookChecksum]: BOOK_CHECKSUM,
  [Kind.BookOrderAdd]: BOOK_ORDER,
  [Kind.BookOrderModify]: BOOK_ORDER,
  [Kind.BookOrderDelete]: BOOK_ORDER,
  [Kind.BookOrderExecute]: BOOK_ORDER,
  [Kind.CandleImport]: CANDLE,
  [Kind.MarkPrice]: MARK,
  [Kind.IndexPrice]: MARK,
  [Kind.FundingRate]: MARK,
  [Kind.OpenInterest]: MARK,
  [Kind.MarkChange]: MARK,
  [Kind.FundingChange]: MARK,
  [Kind.TopOfBook]: QUOTE,
  [Kind.TradePrint]: TRADE,
  [Kind.CandleClosed]: CANDLE,
  [Kind.CandleForming]: CANDLE,
  [Kind.IndicatorValue]: VALUE,
  [Kind.StructureEvent]: STRUCTURE,
  [Kind.PatternEvent]: PATTERN,
  [Kind.Signal]: SIGNAL,
  [Kind.BookTrust]: TRUST,
  [Kind.MarketRefusal]: TRUST,
  [Kind.OrderNew]: NEW,
  [Kind.OrderCancel]: CANCEL,
  [Kind.OrderAmend]: AMEND,
  [Kind.OrderReplace]: AMEND,
  [Kind.MassCancel]: MASS,
  [Kind.ParentNew]: PARENT,
  [Kind.ParentCancel]: CANCEL,
  [Kind.RiskRelease]: MASS,
  [Kind.AuctionCall]: AUCTION,
  [Kind.AuctionUncross]: AUCTION,
  [Kind.StateQuery]: QUERY,
  [Kind.VenueAccepted]: REPORT,
  [Kind.VenueRejected]: REPORT,
  [Kind.VenueFill]: REPORT,
  [Kind.VenueCanceled]: REPORT,
  [Kind.VenueExpired]: REPORT,
  [Kind.VenueAmended]: REPORT,
  [Kind.VenueAmendRejected]: REPORT,
  [Kind.VenueCancelRejected]: REPORT,
  [Kind.VenueUnknown]: REPORT,
  [Kind.VenuePosition]: LINK,
  [Kind.ReconcileBegin]: LINK,
  [Kind.ReconcileEnd]: LINK,
  [Kind.VenueStatus]: LINK,
  [Kind.VenueFillCorrected]: CORRECTION,
  [Kind.OrderAccepted]: EVENT,
  [Kind.OrderDenied]: EVENT,
  [Kind.OrderRejected]: EVENT,
  [Kind.OrderCanceled]: EVENT,
  [Kind.OrderExpired]: EVENT,
  [Kind.OrderAmended]: EVENT,
  [Kind.AmendDenied]: EVENT,
  [Kind.CancelDenied]: EVENT,
  [Kind.OrderTriggered]: EVENT,
  [Kind.OrderTrailed]: EVENT,
  [Kind.OrderRefreshed]: EVENT,
  [Kind.OrderReduced]: EVENT,
  [Kind.OrderPending]: EVENT,
  [Kind.OrderReleased]: EVENT,
  [Kind.OrderDecremented]: EVENT,
  [Kind.OrderInDoubt]: EVENT,
  [Kind.Fill]: FILL,
  [Kind.PositionChanged]: POSITION,
  [Kind.BalanceChanged]: BALANCE,
  [Kind.MarginCall]: CALL,
  [Kind.LiquidationStarted]: CALL,
  [Kind.FundingPaid]: FUNDING,
  [Kind.RiskEvent]: SWITCH,
  [Kind.VenueFault]: FAULT,
  [Kind.FillCorrection]: FILL_CORRECTION,
  [Kind.TradingStateChanged]: STATE_CHANGE,
  [Kind.MassCanceled]: MASS,
  [Kind.ParentProgress]: PROGRESS,
  [Kind.ParentDone]: PROGRESS,
  [Kind.AuctionIndicative]: AUCTION,
  [Kind.AuctionUncrossed]: AUCTION,
  [Kind.ConfigAccepted]: CONFIG,
  [Kind.ConfigDenied]: CONFIG,
  [Kind.BookPrint]: TRADE,
  [Kind.BookTop]: QUOTE,
  [Kind.VenueOrderNew]: REQUEST,
  [Kind.VenueOrderCancel]: REQUEST,
  [Kind.VenueOrderAmend]: REQUEST,
  [Kind.VenueQuery]: REQUEST,
  [Kind.AccountState]: BALANCE,
  [Kind.PositionState]: POSITION,
  [Kind.StrategyState]: PART,
  [Kind.OrderStateRow]: EVENT,
  [Kind.StateQueryEnd]: QUERY,
  [Kind.LimitState]: LIMIT_STATE,
  [Kind.ParentStateRow]: PROGRESS,
} as const satisfies Readonly<Record<number, Layout>>;

/** A kind that has a layout. */
export type LayoutKind = keyof typeof LAYOUTS;

/** What every record has; `name` is the kind's word, `flags` bits of enum Flag. */
export interface RecordHeader {
  kind: number;
  name: string;
  flags: number;
  /** 0 = none. */
  instrument: number;
  sequence: bigint;
  tsEngineNanos: bigint;
  /** Sequence of the input that produced this record. */
  cause: bigint;
}

/** The decoded record of one kind. */
export type RecordOf<K extends LayoutKind> = RecordHeader & ValuesOf<(typeof LAYOUTS)[K]["fields"]>;

export type TradeRecord = RecordOf<v.Kind.Trade>;
export type QuoteRecord = RecordOf<v.Kind.Quote>;
export type BookRecord = RecordOf<v.Kind.BookDelta>;
export type CandleRecord = RecordOf<v.Kind.CandleClosed>;
export type IndicatorRecord = RecordOf<v.Kind.IndicatorValue>;
export type SignalRecord = RecordOf<v.Kind.Signal>;
export type TrustRecord = RecordOf<v.Kind.BookTrust>;
export type OrderNewRecord = RecordOf<v.Kind.OrderNew>;
export type OrderAmendRecord = RecordOf<v.Kind.OrderAmend>;
export type OrderEventRecord = RecordOf<v.Kind.OrderAccepted>;
export type LimitStateRecord = RecordOf<v.Kind.LimitState>;
/** ParentProgress, ParentDone or ParentStateRow. */
export type ParentRecord = RecordOf<v.Kind.ParentProgress>;
export type PartRecord = RecordOf<v.Kind.StrategyState>;
export type FillRecord = RecordOf<v.Kind.Fill>;
export type PositionRecord = RecordOf<v.Kind.PositionChanged>;
export type BalanceRecord = RecordOf<v.Kind.BalanceChanged>;
export type SpecRecord = RecordOf<v.Kind.InstrumentSpec>;
export type CurrencyRecord = RecordOf<v.Kind.Currency>;
export type SwitchRecord = RecordOf<v.Kind.KillSwitch>;
export type LimitsRecord = RecordOf<v.Kind.RiskLimits>;
export type ConfigRecord = RecordOf<v.Kind.ConfigAccepted>;

const BY_KIND = new Map<number, Layout>(
  Object.entries(LAYOUTS).map(([kind, one]) => [Number(kind), one as Layout]),
);

/** The layout of a kind, undefined when it has none. */
export function layoutOf(kind: number): Layout | undefined {
  return BY_KIND.get(kind);
}
