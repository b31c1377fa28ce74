// The words of the engine: record kinds, field offsets, ids, flags, refusals, journal header.
//
// Both compilers read this file (AssemblyScript for the core, TypeScript for the host), so it
// imports nothing and holds only enums and numeric constants. Every number here is wire and
// journal format: a number is never reused and never changes its meaning; new ones are added.
// tidy: long because it is one list of numbers, and two lists would be two truths.
// All integers are little-endian. A record is 1 to 4 cells of 64 bytes; header 32 bytes.

// ---------------------------------------------------------------------------- versions
/** Layout of records and blocks; a journal with another number is refused with a remedy. */
export const SCHEMA_VERSION: i32 = 1;
/** Meaning of records: raised when the same input gives another output. */
export const BEHAVIOR_VERSION: i32 = 3;

// ---------------------------------------------------------------------------- cells
export const CELL_BYTES: i32 = 64;
export const CELL_SHIFT: i32 = 6;
export const RECORD_CELLS_MAX: i32 = 4;
export const RECORD_BYTES_MAX: i32 = 256;

// Record header, the same for every kind.
export const REC_KIND: i32 = 0; // u16, enum Kind
export const REC_FLAGS: i32 = 2; // u16, enum Flag
export const REC_INSTRUMENT: i32 = 4; // u32, 0 = none
export const REC_SEQUENCE: i32 = 8; // u64, given by the sequencer (inputs) or the role (outputs)
export const REC_TS_ENGINE: i32 = 16; // i64, nanoseconds since the Unix epoch
export const REC_CAUSE: i32 = 24; // u64, sequence of the input that produced this record
export const REC_PAYLOAD: i32 = 32;

/** Bits of a record's flags word. */
export enum Flag {
  /** Cell count minus one, 0 to 3. */
  CellsMask = 0x3,
  /** First record of a group (a book update or snapshot spread over several records). */
  First = 0x4,
  /** Last record of such a group. */
  Last = 0x8,
  /** From the market simulator; shown as SIMULATED wherever it surfaces. */
  Simulated = 0x10,
  /** The book or clock behind this value could not be trusted when it was made. */
  Untrusted = 0x20,
  /** Arrived after the candle it belongs to had closed. */
  Late = 0x40,
  /** The producer set tsEngine (recorded data); the sequencer keeps it, never going back. */
  Timed = 0x80,
  /** Sent again after a resume; the receiver may have seen it. */
  Replayed = 0x100,
  /** It stopped the core: part of the journal, never applied again. Only a rescue sets it. */
  Skipped = 0x200,
}

/** What a record is. Blocks of 256: transport, clock, configuration, market in, market out, ... */
export enum Kind {
  None = 0x0000,
  /** Fills the end of a ring so that a record never wraps. */
  Pad = 0x0001,

  // Clock and control (inputs).
  /** Wall clock of the run's base: payload +0 i64 nanoseconds since the epoch. */
  ClockBase = 0x0101,
  /** Time reached a deadline: payload +0 i64 deadline, +8 u8 role. */
  Timer = 0x0102,
  /** State hashes at this point, written at a clean stop; replay must agree. */
  Checkpoint = 0x0103,
  SessionOpen = 0x0104,
  SessionClose = 0x0105,
  EngineStart = 0x0106,
  EngineStop = 0x0107,
  /** A poison record is to be skipped on replay: payload +0 u64 sequence. */
  SkipRecord = 0x0108,
  /** Live trading armed until a time. */
  LiveArm = 0x0109,
  EpochChange = 0x010a,
  FeedStatus = 0x010b,
  FeedGap = 0x010c,
  /** The disk of the journal is full, so new orders are refused; or it has room again. */
  DiskSpace = 0x010d,

  // Configuration (inputs; the only source of limits, accounts, instruments, memory regions).
  CoreConfig = 0x0201,
  Currency = 0x0202,
  InstrumentSpec = 0x0203,
  InstrumentState = 0x0204,
  Tenant = 0x0205,
  Account = 0x0206,
  Strategy = 0x0207,
  CashAdjust = 0x0208,
  PositionAdjust = 0x0209,
  RiskLimits = 0x020a,
  FeeSchedule = 0x020b,
  KillSwitch = 0x020c,
  TradingState = 0x020d,
  Timeframe = 0x020e,
  Indicator = 0x020f,
  StructureConfig = 0x0210,
  FeatureConfig = 0x0211,
  ModelConfig = 0x0212,
  ModelWeights = 0x0213,
  StrategyParameter = 0x0214,
  RestrictedList = 0x0215,
  ConversionMark = 0x0216,
  MarginSchedule = 0x0217,
  FeatureFlag = 0x0218,
  VolumeCurve = 0x0219,
  SessionCalendar = 0x021a,

  // Market data (inputs, normalized).
  Trade = 0x0301,
  Quote = 0x0302,
  BookDelta = 0x0303,
  BookSnapshot = 0x0304,
  BookClear = 0x0305,
  BookChecksum = 0x0306,
  BookOrderAdd = 0x0307,
  BookOrderModify = 0x0308,
  BookOrderDelete = 0x0309,
  BookOrderExecute = 0x030a,
  MarkPrice = 0x030b,
  IndexPrice = 0x030c,
  FundingRate = 0x030d,
  OpenInterest = 0x030e,
  VenueLiquidation = 0x030f,
  CandleImport = 0x0310,
  AlternativeValue = 0x0311,
  NewsItem = 0x0312,
  AuctionImbalance = 0x0313,

  // Derived market data (outputs of the market role, inputs of the order role).
  TopOfBook = 0x0401,
  TradePrint = 0x0402,
  CandleClosed = 0x0403,
  CandleForming = 0x0404,
  IndicatorValue = 0x0405,
  StructureEvent = 0x0406,
  FeatureVector = 0x0407,
  Signal = 0x0408,
  Prediction = 0x0409,
  BookTrust = 0x040a,
  DriftAlarm = 0x040b,
  PatternEvent = 0x040c,
  LevelChange = 0x040d,
  MarketRefusal = 0x040e,
  /** A venue's mark price and next funding: echoes of MarkPrice and FundingRate. */
  MarkChange = 0x040f,
  FundingChange = 0x0410,

  // Commands (inputs of the order role).
  OrderNew = 0x0501,
  OrderCancel = 0x0502,
  OrderAmend = 0x0503,
  OrderReplace = 0x0504,
  MassCancel = 0x0505,
  MassQuote = 0x0506,
  AuctionCall = 0x0507,
  AuctionUncross = 0x0508,
  ParentNew = 0x0509,
  ParentCancel = 0x050a,
  PositionClose = 0x050b,
  RiskRelease = 0x050c,
  StateQuery = 0x050d,
  OutcomeOpen = 0x050e,
  OutcomeClose = 0x050f,
  Feedback = 0x0510,

  // Reports of venues (inputs of the order role).
  VenueAccepted = 0x0581,
  VenueRejected = 0x0582,
  VenueFill = 0x0583,
  VenueCanceled = 0x0584,
  VenueExpired = 0x0585,
  VenueAmended = 0x0586,
  VenueAmendRejected = 0x0587,
  VenueCancelRejected = 0x0588,
  VenueUnknown = 0x0589,
  VenueBalance = 0x058a,
  VenuePosition = 0x058b,
  ReconcileBegin = 0x058c,
  ReconcileEnd = 0x058d,
  VenueStatus = 0x058e,
  /** A venue takes a fill back (0 lots) or says that its price or quantity was another. */
  VenueFillCorrected = 0x058f,

  // Orders and money (outputs of the order role).
  OrderAccepted = 0x0601,
  OrderDenied = 0x0602,
  OrderRejected = 0x0603,
  OrderCanceled = 0x0604,
  OrderExpired = 0x0605,
  OrderAmended = 0x0606,
  AmendDenied = 0x0607,
  CancelDenied = 0x0608,
  OrderTriggered = 0x0609,
  OrderTrailed = 0x060a,
  OrderRefreshed = 0x060b,
  OrderReduced = 0x060c,
  OrderPending = 0x060d,
  OrderReleased = 0x060e,
  OrderDecremented = 0x060f,
  OrderInDoubt = 0x0610,
  Fill = 0x0620,
  FillCorrection = 0x0621,
  PositionChanged = 0x0622,
  BalanceChanged = 0x0623,
  FundingPaid = 0x0624,
  AccountChanged = 0x0625,
  MarginCall = 0x0626,
  LiquidationStarted = 0x0627,
  RiskEvent = 0x0628,
  TradingStateChanged = 0x0629,
  MassCanceled = 0x062a,
  AuctionIndicative = 0x062b,
  AuctionUncrossed = 0x062c,
  ParentProgress = 0x062d,
  ParentDone = 0x062e,
  ConfigAccepted = 0x062f,
  ConfigDenied = 0x0630,
  OutcomeOpened = 0x0631,
  OutcomeClosed = 0x0632,
  ExcursionChanged = 0x0633,
  /** A venue says what our books do not. */
  VenueFault = 0x0634,
  /** Public data of an internal book, so that its trades and quotes can feed the market role. */
  BookPrint = 0x0640,
  BookTop = 0x0641,
  BookLevel = 0x0642,

  // Requests to venues (outputs of the order role).
  VenueOrderNew = 0x0681,
  VenueOrderCancel = 0x0682,
  VenueOrderAmend = 0x0683,
  VenueMassCancel = 0x0684,
  VenueQuery = 0x0685,

  // Answers of the order role to StateQuery.
  AccountState = 0x0701,
  PositionState = 0x0702,
  OrderStateRow = 0x0703,
  StateQueryEnd = 0x0704,
  LimitState = 0x0705,
  /** An open parent, as ParentProgress tells it. */
  ParentStateRow = 0x0706,
  /** What a strategy has of a position; the rows of a position add up to its PositionState. */
  StrategyState = 0x0707,
}

// ---------------------------------------------------------------------------- domain enums
export enum Role {
  Market = 1,
  Order = 2,
  Both = 3,
}

export enum InstrumentKind {
  None = 0,
  Spot = 1,
  LinearPerpetual = 2,
  InversePerpetual = 3,
  Future = 4,
  InverseFuture = 5,
  Fx = 6,
  Equity = 7,
  Option = 8,
}

/** Where orders of an instrument meet. */
export enum Execution {
  None = 0,
  Internal = 1,
  Paper = 2,
  Routed = 3,
}

/** How a venue links its book updates; decides what a gap is. */
export enum BookRule {
  None = 0,
  /** First id must be the previous last id plus one (Binance spot). */
  FirstIsNext = 1,
  /** Previous id must be the previous last id (Binance futures, OKX). */
  PrevIsLast = 2,
  /** One sequence per instrument, each plus one (Coinbase, ITCH). */
  PlusOne = 3,
  /** No ids; a checksum follows (Kraken). */
  Checksum = 4,
  /** Order by order, begun amid the day: an id never seen rested before (LOBSTER, Bitstamp). */
  Unseen = 5,
  /** Previous ids where the venue sends them, and a checksum (OKX). */
  Okx = 6,
}

/** What an execution of a resting order says to the tape. */
export enum ExecutionPrint {
  /** Nothing: the trade is told by itself, or is none of the market's volume. */
  None = 0,
  /** A trade at the order's own price. */
  AtOrder = 1,
  /** A trade at the price of the record. */
  AtPrice = 2,
}

export enum InstrumentPhase {
  Unknown = 0,
  PreOpen = 1,
  Call = 2,
  Continuous = 3,
  Halted = 4,
  Closed = 5,
}

export enum Side {
  None = 0,
  Buy = 1,
  Sell = 2,
}

export enum OrderType {
  None = 0,
  Market = 1,
  Limit = 2,
  Stop = 3,
  StopLimit = 4,
  TrailingStop = 5,
  TrailingStopLimit = 6,
  LimitIfTouched = 7,
  MarketIfTouched = 8,
  Pegged = 9,
}

export enum TimeInForce {
  None = 0,
  Gtc = 1,
  Ioc = 2,
  Fok = 3,
  Gtd = 4,
  Day = 5,
  AtOpen = 6,
  AtClose = 7,
}

/** Bits of SPEC_FLAGS. */
export enum SpecFlag {
  Simulated = 1,
  /** Stops already through the market are refused; without it they trigger at once. */
  StopStrict = 2,
  /** A trade that would leave the price band halts the instrument instead (internal books). */
  VolatilityHalt = 4,
  /** The band lies around the spec's reference price only, not around the mark. */
  BandStatic = 8,
  /** A spot or currency pair traded on margin: a position in the quote, no balance of the base. */
  Margin = 64,
}

/** How a resting paper order gets to the front of the public lots at its price. */
export enum QueueModel {
  /** Never: it fills when the market trades through its price. */
  Through = 0,
  /** Trades at its price alone bring it forward, and a level smaller than what lay ahead. */
  RiskAverse = 1,
  /** As RiskAverse, and canceled lots lie ahead by a power of the share that does. */
  Power = 2,
}

/** Bits of an order's instruction byte. */
export enum OrderFlag {
  PostOnly = 1,
  ReduceOnly = 2,
  Hidden = 4,
  ClosePosition = 8,
  /** Made by the engine itself (stop child, liquidation, flatten). */
  Engine = 16,
}

export enum SelfTrade {
  /** Take the account's setting. */
  Account = 0,
  Allow = 1,
  CancelNewest = 2,
  CancelOldest = 3,
  CancelBoth = 4,
  Decrement = 5,
}

export enum TriggerSource {
  Last = 0,
  BidAsk = 1,
  Mark = 2,
  Index = 3,
}

export enum TrailUnit {
  None = 0,
  Ticks = 1,
  Bps = 2,
}

export enum Contingency {
  None = 0,
  /** One cancels the other. */
  Oco = 1,
  /** One updates the other. */
  Ouo = 2,
  /** Held until the parent fills. */
  Oto = 3,
  BracketStop = 4,
  BracketTarget = 5,
}

export enum Algorithm {
  None = 0,
  Twap = 1,
  Vwap = 2,
  Pov = 3,
  ImplementationShortfall = 4,
  Iceberg = 5,
}

/** How the children of a parent trade. */
export enum ChildStyle {
  /** A limit order at the best price of its own side. */
  Passive = 0,
  /** Crosses the spread: at the parent's limit or at market, at once or not at all. */
  Aggressive = 1,
}

/** States of a parent; from Filled on it is done. */
export enum ParentState {
  None = 0,
  /** Before its start. */
  Waiting = 1,
  Working = 2,
  Filled = 3,
  Canceled = 4,
  /** Its end came first. */
  Expired = 5,
  /** Its children were denied too often. */
  Denied = 6,
}

/** Bits of PROGRESS_FLAGS. */
export enum ParentFlag {
  /** It was behind its schedule by more than the limit, so the last child crossed the spread. */
  Behind = 1,
  /** It still is. */
  Breach = 2,
  /** It has more than its schedule asks for (a new volume curve), and pauses. */
  Ahead = 4,
  /** It ends as soon as its child at a venue has ended. */
  Ending = 8,
}

/** States of an order; only `orders/state.ts` knows the legal transitions. */
export enum OrderState {
  None = 0,
  /** Waits for its parent (bracket child). */
  Held = 1,
  /** Stop or if-touched order that waits for its trigger. */
  Armed = 2,
  /** Sent to a venue, no answer yet. */
  Pending = 3,
  Live = 4,
  PartlyFilled = 5,
  PendingCancel = 6,
  PendingAmend = 7,
  /** A send whose outcome is unknown; resolved by reconciliation. */
  InDoubt = 8,
  Filled = 9,
  Canceled = 10,
  Denied = 11,
  Rejected = 12,
  Expired = 13,
}

export enum CancelReason {
  None = 0,
  User = 1,
  ImmediateOrCancel = 2,
  FillOrKill = 3,
  NoLiquidity = 4,
  SelfTrade = 5,
  Oco = 6,
  Ouo = 7,
  ReduceOnly = 8,
  Parent = 9,
  Mass = 10,
  KillSwitch = 11,
  SweepLimit = 12,
  Disconnect = 13,
  InstrumentChange = 14,
  Liquidation = 15,
  Auction = 16,
  Venue = 17,
  /** Another order took its place (OrderReplace). */
  Replaced = 18,
  /** A limit refused a child when it was to be released. */
  Limit = 19,
  /** A released stop that the account's balance does not cover. */
  BalanceInsufficient = 20,
}

export enum Liquidity {
  None = 0,
  Maker = 1,
  Taker = 2,
  Auction = 3,
}

export enum PositionMode {
  Netting = 0,
  Hedging = 1,
}

/** Which leg of a hedging account; netting positions and cash instruments have none. */
export enum PositionSide {
  None = 0,
  /** Buys open it, sells close it. */
  Long = 1,
  /** Sells open it, buys close it. */
  Short = 2,
}

export enum MarkSource {
  Last = 0,
  Mid = 1,
  Mark = 2,
}

export enum Scope {
  Global = 0,
  Tenant = 1,
  Account = 2,
  Strategy = 3,
  Instrument = 4,
  AccountInstrument = 5,
}

export enum TradingMode {
  Active = 0,
  ReduceOnly = 1,
  Halted = 2,
  Liquidating = 3,
}

/** What a TradingStateChanged record is about: how its state is to be read. */
export enum StateChange {
  /** enum InstrumentPhase, of an instrument. */
  Phase = 0,
  /** 0 off, 1 on. */
  KillSwitch = 1,
  /** enum TradingMode. */
  Mode = 2,
  /** A strategy that traded too often: 1 stopped, 0 released. */
  Stopped = 3,
  /** The disk of the journal: 1 full, 0 with room. */
  Disk = 4,
}

export enum CandleType {
  Time = 0,
  Trades = 1,
  Volume = 2,
  Notional = 3,
  Imbalance = 4,
  Range = 5,
  HeikinAshi = 6,
  Renko = 7,
  Run = 8,
}

/** What imbalance and run candles add up, signed by the side of the aggressor. */
export enum CandleMeasure {
  Trades = 0,
  Volume = 1,
  /** Price x lots, in ticks x lots. */
  Notional = 2,
}

/** Bits of a candle's quality word. */
export enum CandleQuality {
  Good = 0,
  /** Touched by a gap or an untrusted book. */
  Gap = 1,
  /** Trades came after the close; they are counted, never folded in. */
  LateTrades = 2,
  /** The first candle after a start: it began in the middle of its period. */
  Partial = 4,
  /** History: a CandleImport made it, or part of it. */
  Imported = 8,
}

export enum IndicatorKind {
  None = 0,
  Sma = 1,
  Ema = 2,
  Rsi = 3,
  Macd = 4,
  Bollinger = 5,
  Atr = 6,
  Vwap = 7,
  // From here on kernels are composed of stages; numbers in families of 32.
  // Averages.
  Wma = 32,
  Dema = 33,
  Tema = 34,
  Ma = 35,
  Trima = 36,
  Kama = 37,
  Hma = 38,
  Zlema = 39,
  Vidya = 40,
  Vwma = 41,
  T3 = 42,
  Midpoint = 43,
  Midprice = 44,
  Price = 45,
  Alma = 46,
  Frama = 47,
  Relma = 48,
  // Momentum.
  Stoch = 64,
  Cci = 65,
  Mom = 66,
  Roc = 67,
  Rocp = 68,
  Rocr = 69,
  Rocr100 = 70,
  Cmo = 72,
  StochRsi = 73,
  Willr = 74,
  UltOsc = 75,
  Apo = 76,
  Ppo = 77,
  Trix = 78,
  Ao = 79,
  Bop = 80,
  Qstick = 81,
  Dpo = 82,
  Fisher = 83,
  Tsi = 84,
  ConnorsRsi = 85,
  Coppock = 86,
  Kst = 87,
  Stc = 88,
  DerivativeOsc = 89,
  RelativeVigor = 90,
  PremierStoch = 91,
  PriceSpike = 92,
  DeMarker = 93,
  CloseStrength = 94,
  Smi = 95,
  // Trend.
  Adx = 96,
  Aroon = 97,
  Adxr = 98,
  Dx = 99,
  Di = 100,
  Dm = 101,
  Sar = 102,
  SuperTrend = 103,
  Ichimoku = 104,
  Vhf = 105,
  Vortex = 106,
  TdSequential = 107,
  // Volatility.
  StdDev = 128,
  Variance = 129,
  TrueRange = 130,
  Natr = 131,
  MeanDeviation = 132,
  Volatility = 133,
  Cvi = 134,
  Keltner = 135,
  Donchian = 136,
  AccBands = 137,
  PercentB = 138,
  Bandwidth = 139,
  AverageRange = 140,
  Mass = 141,
  Choppiness = 142,
  Ulcer = 143,
  RelativeVolatility = 144,
  ChandeKroll = 145,
  // Volume.
  Obv = 160,
  Ad = 161,
  AdOsc = 162,
  Cmf = 163,
  Mfi = 164,
  Nvi = 165,
  Pvi = 166,
  Emv = 167,
  Kvo = 168,
  Vosc = 169,
  Wad = 170,
  MarketFi = 171,
  ForceIndex = 172,
  SmoothedObv = 173,
  VwapBands = 174,
  RelativeVolume = 175,
  // Statistics.
  Max = 192,
  Min = 193,
  Sum = 194,
  Lag = 195,
  LinReg = 196,
  LinRegSlope = 197,
  LinRegIntercept = 198,
  LinRegAngle = 199,
  Tsf = 200,
  Fosc = 201,
  StdErr = 202,
  LinRegError = 203,
  RSquared = 204,
  Correl = 205,
  Beta = 206,
  ZScore = 207,
  Median = 208,
  PercentRank = 209,
  MaxIndex = 210,
  MinIndex = 211,
  Decay = 212,
  EDecay = 213,
  Efficiency = 214,
  LogReturn = 215,
  Autocorrelation = 216,
  HalfLife = 217,
  Hurst = 218,
  VarianceRatio = 219,
  Sharpe = 220,
  Sortino = 221,
  ValueAtRisk = 222,
  // Levels.
  Pivots = 224,
  Fibonacci = 225,
  VolumeProfile = 226,
  SwingHigh = 227,
  SwingLow = 228,
  RsiDivergence = 229,
  MacdDivergence = 230,
  // Crossings of two inputs.
  CrossAny = 256,
  CrossOver = 257,
  // Cycles.
  SineWave = 288,
  Hilbert = 289,
}

/** What an indicator reads of a candle. */
export enum PriceSource {
  Close = 0,
  Open = 1,
  High = 2,
  Low = 3,
  /** (high + low) / 2. */
  Median = 4,
  /** (high + low + close) / 3. */
  Typical = 5,
  /** (high + low + 2 close) / 4. */
  Weighted = 6,
  /** (open + high + low + close) / 4. */
  Average = 7,
  Volume = 8,
}

/** What a StructureEvent is about; the definitions are in asm/structure/SMC.md. */
export enum StructureKind {
  None = 0,
  /** A fractal high or low, internal or external. */
  Swing = 1,
  /** A high or low that price has turned from by a multiple of the average true range. */
  TurnSwing = 2,
  BreakOfStructure = 3,
  ChangeOfCharacter = 4,
  /** A change of character with displacement (MSS). */
  StructureShift = 5,
  OrderBlock = 6,
  FairValueGap = 7,
  /** Resting stops: equal highs or lows, the extremes of a day, a week or a session. */
  LiquidityPool = 8,
  Inducement = 9,
  DealingRange = 10,
  Session = 11,
  /** Support or resistance. */
  Level = 12,
}

/** What became of the object. */
export enum StructureState {
  None = 0,
  Formed = 1,
  /** First trade in the zone, or one more at the level. */
  Touched = 2,
  /** Half of the zone: a block is mitigated, a gap's consequent encroachment, a range's middle. */
  Halved = 3,
  /** The whole zone was traded through. */
  Filled = 4,
  /** A candle closed through: the block is invalid, the gap inverted, the pool or level broken. */
  Broken = 5,
  /** The broken zone was met from its other side: a breaker. */
  Flipped = 6,
  Dead = 7,
  /** Alive, but there was no room for it any more: the oldest of its kind gave way. */
  Evicted = 8,
  /** Price went beyond the pool or the inducement. */
  Taken = 9,
  /** Price went beyond the pool and a candle closed back. */
  Swept = 10,
  /** The retracement of a dealing range reached 62 %, the optimal entry. */
  Optimal = 11,
  /** It went beyond 79 %. */
  Deep = 12,
  /** The session is over. */
  Closed = 13,
}

/** Bits of STRUCTURE_FLAGS. */
export enum StructureFlag {
  Internal = 1,
  /** The leg had a large body and left a gap. */
  Displaced = 2,
  InducementTaken = 4,
  /** What a pool is made of. */
  Equal = 8,
  PreviousDay = 16,
  PreviousWeek = 32,
  SessionExtreme = 64,
}

/** Candlestick patterns: bits of PatternEvent, in the order and by the definitions of TA-Lib. */
export enum CandlePattern {
  Doji = 0,
  DragonflyDoji = 1,
  GravestoneDoji = 2,
  LongLeggedDoji = 3,
  RickshawMan = 4,
  Takuri = 5,
  Hammer = 6,
  HangingMan = 7,
  InvertedHammer = 8,
  ShootingStar = 9,
  SpinningTop = 10,
  HighWave = 11,
  ShortLine = 12,
  LongLine = 13,
  Marubozu = 14,
  ClosingMarubozu = 15,
  BeltHold = 16,
  Engulfing = 17,
  Harami = 18,
  HaramiCross = 19,
  Piercing = 20,
  DarkCloudCover = 21,
  DojiStar = 22,
  MorningStar = 23,
  MorningDojiStar = 24,
  EveningStar = 25,
  EveningDojiStar = 26,
  AbandonedBaby = 27,
  ThreeInside = 28,
  ThreeOutside = 29,
  ThreeWhiteSoldiers = 30,
  ThreeBlackCrows = 31,
}

/** Bits of SMC_FAMILIES: what is looked for. */
export enum StructureFamily {
  Swings = 1,
  TurnSwings = 2,
  /** Breaks of external structure, shifts. */
  Breaks = 4,
  InternalBreaks = 8,
  OrderBlocks = 16,
  FairValueGaps = 32,
  LiquidityPools = 64,
  Inducements = 128,
  DealingRanges = 256,
  Sessions = 512,
  Levels = 1024,
  Patterns = 2048,
  All = 4095,
}

/** Bits of SMC_FLAGS. */
export enum StructureOption {
  /** A level is broken by a wick, not by a close. */
  BreakByWick = 1,
  /** An order block is the candle's body, not its range. */
  ZoneByBody = 2,
}

export enum SignalKind {
  None = 0,
  Entry = 1,
  Exit = 2,
  Flip = 3,
}

export enum StrategyKind {
  /** Runs outside the core (TypeScript in process, or a remote client). */
  External = 0,
  /** Trades each Signal addressed to it to a target position, at market. */
  SignalFollower = 1,
}

/** What a reply may promise; named in the header of every frame that acknowledges. */
export enum AckLevel {
  /** In memory only. */
  Memory = 0,
  /** In the operating system's page cache: survives the death of the process. */
  Written = 1,
  /** fdatasync returned: survives loss of power. */
  Durable = 2,
}

/** What a session may do; bits. */
export enum Right {
  Read = 1,
  Trade = 2,
  Feed = 4,
  Admin = 8,
}

/** Latency stages, fixed names: recv, parse, ring, core, journal, send. */
export enum Stage {
  Recv = 0,
  Parse = 1,
  Ring = 2,
  Core = 3,
  Journal = 4,
  Send = 5,
  /** From the first byte received to the last byte of the answer handed to the socket. */
  Total = 6,
}
export const STAGE_COUNT: i32 = 7;

/** What a venue says that our books do not: reason of a VenueFault record, never a correction. */
export enum VenueFault {
  None = 0,
  /** A fill of an order that had ended; it is booked. */
  LateFill = 1,
  /** A fill beyond the order's lots; it is booked whole. */
  Overfill = 2,
  /** A fill of an order nobody here made; kept with the instrument, booked to no account. */
  OrphanFill = 3,
  /** A fill whose price or quantity no book can hold; not booked. */
  FillOutOfRange = 4,
  /** Lots at the venue differ from ours; 0 differ = they agree again. */
  PositionDifference = 5,
  /** An open order at the venue that nobody here made. */
  OrphanOrder = 6,
  /** The venue works an order that has ended here; it is asked to cancel it. */
  UnwantedOrder = 7,
  /** The venue forgot an order it had accepted. */
  OrderForgotten = 8,
  /** A fee in a currency that is not configured; the fill is booked without it. */
  FeeCurrencyUnknown = 9,
  /** A correction of a fill that never came, or of nobody's order; not booked. */
  CorrectionUnmatched = 10,
}

/** Why a venue's report changed nothing; each is counted by venue. */
export enum ReportIgnored {
  Stale = 0,
  Duplicate = 1,
  UnknownOrder = 2,
  Closed = 3,
  Malformed = 4,
  Listing = 5,
}

/** Where the link to a venue stands; orders enter only when it is Up. */
export enum LinkState {
  Down = 0,
  /** Connected; its open orders, fills and positions were asked for. */
  Asked = 1,
  /** They come in. */
  Listing = 2,
  Up = 3,
}

/** What a VenueQuery asks for. */
export enum QueryScope {
  Order = 0,
  Listing = 1,
  Position = 2,
}

/** Bits of a report's flags. */
export enum ReportFlag {
  /** Part of the listing whose number is in REPORT_REQUEST or LINK_LISTING. */
  Listed = 1,
  /** The fee is the venue's; without it the account's schedule counts. */
  FeeGiven = 2,
}

/**
 * Why something was refused. Blocks of 100: frame, reference data, order shape, risk, order state,
 * capacity, market data, routing, configuration. Journal format: numbers are never reused.
 */
export enum Refusal {
  None = 0,

  MalformedFrame = 100,
  UnknownKind = 101,
  WrongLength = 102,
  OversizeFrame = 103,
  NotLoggedIn = 104,
  RightMissing = 105,
  WrongOrigin = 106,
  BadLogin = 107,
  UnknownStream = 108,
  TooManySubscriptions = 109,
  SlowConsumer = 110,
  KindNotAllowed = 111,

  UnknownInstrument = 200,
  UnknownAccount = 201,
  UnknownStrategy = 202,
  UnknownCurrency = 203,
  UnknownTenant = 204,
  InstrumentKindUnsupported = 205,
  ExecutionUnsupported = 206,
  AccountClosed = 207,
  UnknownOrder = 208,
  UnknownTimeframe = 209,
  UnknownIndicator = 210,

  SideInvalid = 300,
  OrderTypeUnsupported = 301,
  TimeInForceUnsupported = 302,
  QtyNotPositive = 303,
  QtyBelowMin = 304,
  QtyAboveMax = 305,
  PriceNotPositive = 306,
  PriceOutsideBand = 307,
  StopPriceInvalid = 308,
  StopThroughMarket = 309,
  TrailInvalid = 310,
  DisplayInvalid = 311,
  ExpiryInvalid = 312,
  PostOnlyWouldTrade = 313,
  ReduceOnlyWouldIncrease = 314,
  SelfTradeInvalid = 315,
  ContingencyInvalid = 316,
  LinkedOrderUnknown = 317,
  ClientOrderIdMissing = 318,
  ClientOrderIdDuplicate = 319,
  NotionalBelowMin = 320,
  FlagUnsupported = 321,
  PriceOutsideSpec = 322,
  NotionalOverflow = 323,
  AlgorithmUnsupported = 324,
  /** An order of a hedging account that names no leg. */
  PositionSideMissing = 325,
  /** A leg where there are none: a netting account, a cash instrument; or no leg at all. */
  PositionSideInvalid = 326,

  KillSwitchOn = 400,
  TradingHalted = 401,
  ReduceOnlyMode = 402,
  QtyLimit = 403,
  NotionalLimit = 404,
  PriceCollar = 405,
  RateLimit = 406,
  PositionLimit = 407,
  LossLimit = 408,
  DrawdownLimit = 409,
  OpenOrdersLimit = 410,
  GrossExposureLimit = 411,
  NetExposureLimit = 412,
  MarginInsufficient = 413,
  BalanceInsufficient = 414,
  ConcentrationLimit = 415,
  Restricted = 416,
  PriceUnknown = 417,
  PriceStale = 418,
  BookUntrusted = 419,
  DuplicateOrder = 420,
  RepeatedExecution = 421,
  LeverageLimit = 422,
  LiveNotArmed = 423,
  CollateralUnknown = 424,

  OrderNotOpen = 500,
  AmendBelowFilled = 501,
  AmendNothing = 502,
  FillExceedsLeaves = 503,
  NotOwner = 504,
  InstrumentNotContinuous = 505,
  InstrumentHalted = 506,
  InstrumentClosed = 507,
  CancelPending = 508,

  OrdersFull = 600,
  AccountsFull = 601,
  InstrumentsFull = 602,
  PositionsFull = 603,
  ArenaFull = 604,
  LimitsFull = 605,
  StrategiesFull = 606,
  TimeframesFull = 607,
  IndicatorsFull = 608,
  ClientOrderIdsFull = 609,
  LevelsFull = 610,
  OutputFull = 611,
  JournalUnavailable = 612,
  DiskFull = 613,
  /** No room to keep the strategy's part of the position apart. */
  SubAccountsFull = 614,
  /** The command stopped the core and was passed by. */
  PoisonRecord = 615,

  SequenceGap = 700,
  DuplicateUpdate = 701,
  BookCrossed = 702,
  ChecksumMismatch = 703,
  TimeBackwards = 704,
  TimeFarAhead = 705,
  PriceNotOnTick = 706,
  QtyNotOnLot = 707,
  NumberMalformed = 708,
  NumberOverflow = 709,
  JsonMalformed = 710,
  SymbolUnknown = 711,
  MessageUnknown = 712,
  MessageTooLong = 713,
  RingFull = 714,
  CsvMalformed = 715,
  QtyNegative = 716,

  VenueDown = 800,
  VenueRejected = 801,
  VenueTimeout = 802,
  InDoubt = 803,
  /** A request about the order has not been answered by its venue yet. */
  RequestPending = 804,
  VenuesFull = 805,

  ConfigInvalid = 900,
  ConfigConflict = 901,
  ScopeInvalid = 902,
  PeriodInvalid = 903,
  ParameterInvalid = 904,
  SchemaVersionUnsupported = 905,
  AlreadyConfigured = 906,
  AmountOverflow = 907,
}

// ---------------------------------------------------------------------------- payload offsets
// Offsets count from the start of the record. CELLS is the record's length.

// ClockBase, Timer, Checkpoint, DiskSpace.
export const CLOCK_CELLS: i32 = 1;
export const CLOCK_BASE_NANOS: i32 = 32; // i64
export const TIMER_CELLS: i32 = 1;
export const TIMER_DEADLINE_NANOS: i32 = 32; // i64
export const TIMER_ROLE: i32 = 40; // u8, enum Role: whose deadline
export const CHECKPOINT_CELLS: i32 = 1;
export const CHECKPOINT_MARKET_HASH: i32 = 32; // u64
export const CHECKPOINT_ORDER_HASH: i32 = 40; // u64
export const CHECKPOINT_SEQUENCE: i32 = 48; // u64
export const DISK_CELLS: i32 = 1;
export const DISK_FULL: i32 = 32; // u8, 1 = full, 0 = has room

// Session open and close.
export const SESSION_CELLS: i32 = 1;
export const SESSION_ID: i32 = 32; // u32
export const SESSION_ACCOUNT: i32 = 36; // u32
export const SESSION_RIGHTS: i32 = 40; // u8, bits of Right
export const SESSION_LEVEL: i32 = 41; // u8, enum AckLevel

// Currency.
export const CURRENCY_CELLS: i32 = 1;
export const CURRENCY_ID: i32 = 32; // u16
export const CURRENCY_MINOR_EXPONENT: i32 = 34; // i8, smallest unit = 10^this
export const CURRENCY_CODE: i32 = 40; // 16 bytes ASCII, zero padded

// InstrumentSpec.
export const SPEC_CELLS: i32 = 4;
export const SPEC_VERSION: i32 = 32; // u32, starts at 1
export const SPEC_KIND: i32 = 36; // u8, enum InstrumentKind
export const SPEC_EXECUTION: i32 = 37; // u8, enum Execution
export const SPEC_VENUE: i32 = 38; // u16
export const SPEC_BASE: i32 = 40; // u16 currency
export const SPEC_QUOTE: i32 = 42; // u16 currency
export const SPEC_SETTLEMENT: i32 = 44; // u16 currency
export const SPEC_BOOK_RULE: i32 = 46; // u8, enum BookRule
export const SPEC_PHASE: i32 = 47; // u8, enum InstrumentPhase
export const SPEC_TICK_MANTISSA: i32 = 48; // i64 > 0
export const SPEC_TICK_EXPONENT: i32 = 56; // i8
export const SPEC_LOT_EXPONENT: i32 = 57; // i8
export const SPEC_BOOK_LEVELS: i32 = 58; // u16, levels kept a side in the external book
export const SPEC_MARK_SOURCE: i32 = 60; // u8, enum MarkSource
export const SPEC_SHARD: i32 = 61; // u8, market worker
export const SPEC_LADDER_TICKS: i32 = 62; // u16, window of the internal book, power of two
export const SPEC_LOT_MANTISSA: i32 = 64; // i64 > 0
export const SPEC_MULTIPLIER_NUM: i32 = 72; // i64 > 0
export const SPEC_MULTIPLIER_DEN: i32 = 80; // i64 > 0
export const SPEC_QTY_MIN_LOTS: i32 = 88; // i64, 0 = 1
export const SPEC_QTY_MAX_LOTS: i32 = 96; // i64, 0 = none
export const SPEC_PRICE_MIN_TICKS: i32 = 104; // i64
export const SPEC_PRICE_MAX_TICKS: i32 = 112; // i64, 0 = none
export const SPEC_BAND_BPS: i32 = 120; // u32, price band around the reference, 0 = none
export const SPEC_STALE_MILLIS: i32 = 124; // u32, a mark older than this is stale, 0 = never
export const SPEC_NOTIONAL_MIN_MINOR: i32 = 128; // i64, 0 = none
export const SPEC_EXPIRY_NANOS: i32 = 136; // i64, 0 = none
export const SPEC_SYMBOL: i32 = 144; // 32 bytes ASCII, zero padded; text for the edges only
export const SPEC_SYMBOL_BYTES: i32 = 32;
export const SPEC_FLAGS: i32 = 176; // u32, bits of SpecFlag
export const SPEC_TENANT: i32 = 180; // u16, 0 = all
export const SPEC_QUEUE_MODEL: i32 = 182; // u8, enum QueueModel, of paper instruments only
export const SPEC_QUEUE_POWER: i32 = 183; // u8, QueueModel.Power: exponent 1 to 8, 0 = 3
export const SPEC_REFERENCE_TICKS: i32 = 184; // i64, static reference price, 0 = none
/** u32, prices asked for are whole multiples of this; 0 = 1. Venues that widen their tick. */
export const SPEC_PRICE_STEP_TICKS: i32 = 192;
export const SPEC_QTY_STEP_LOTS: i32 = 196; // u32, as above for quantities
/** u32, orders kept of an external book that comes order by order; 0 = it comes by price. */
export const SPEC_BOOK_ORDERS: i32 = 200;

// Account, strategy, cash.
export const ACCOUNT_CELLS: i32 = 1;
export const ACCOUNT_ID: i32 = 32; // u32, > 0
export const ACCOUNT_TENANT: i32 = 36; // u16
export const ACCOUNT_CURRENCY: i32 = 38; // u16, reporting currency
export const ACCOUNT_POSITION_MODE: i32 = 40; // u8, enum PositionMode; changes only while flat
export const ACCOUNT_SELF_TRADE: i32 = 41; // u8
export const ACCOUNT_FLAGS: i32 = 42; // u8, bit 0: closed, bit 1: house (no risk checks)
export const STRATEGY_CELLS: i32 = 2;
export const STRATEGY_ID: i32 = 32; // u16, > 0
export const STRATEGY_TENANT: i32 = 34; // u16
export const STRATEGY_ACCOUNT: i32 = 36; // u32
export const STRATEGY_KIND: i32 = 40; // u8, enum StrategyKind
export const STRATEGY_FLAGS: i32 = 41; // u8, bit 0: running
export const STRATEGY_MODEL: i32 = 42; // u16, signals of this model are followed
export const STRATEGY_QTY_LOTS: i32 = 48; // i64, target position of a follower
export const STRATEGY_NAME: i32 = 64; // 32 bytes ASCII
export const CASH_CELLS: i32 = 1;
export const CASH_ACCOUNT: i32 = 32; // u32
export const CASH_CURRENCY: i32 = 36; // u16
export const CASH_AMOUNT_MINOR: i32 = 40; // i64, > 0 deposit, < 0 withdrawal

// PositionAdjust: lots booked into a position at a price; the street takes the other side.
export const ADJUST_CELLS: i32 = 1;
export const ADJUST_ACCOUNT: i32 = 32; // u32
export const ADJUST_POSITION_SIDE: i32 = 36; // u8, enum PositionSide
export const ADJUST_LOTS: i32 = 40; // i64, added: > 0 bought, < 0 sold
export const ADJUST_PRICE_TICKS: i32 = 48; // i64 > 0

// RiskLimits: 0 always means "no limit of this kind".
export const LIMITS_CELLS: i32 = 4;
export const LIMITS_SCOPE: i32 = 32; // u8, enum Scope
export const LIMITS_TENANT: i32 = 34; // u16
export const LIMITS_ACCOUNT: i32 = 36; // u32
export const LIMITS_STRATEGY: i32 = 40; // u16
export const LIMITS_CURRENCY: i32 = 42; // u16, of the money limits below
export const LIMITS_COLLAR_BPS: i32 = 44; // u32, distance from the reference price
export const LIMITS_QTY_LOTS_MAX: i32 = 48; // i64 per order
export const LIMITS_NOTIONAL_MINOR_MAX: i32 = 56; // i64 per order
export const LIMITS_RATE_MAX: i32 = 64; // u32 messages a window
export const LIMITS_RATE_WINDOW_MILLIS: i32 = 68; // u32
export const LIMITS_POSITION_LOTS_MAX: i32 = 72; // i64, worst case over open orders
export const LIMITS_LOSS_MINOR_MAX: i32 = 80; // i64 per UTC day, realized and unrealized
export const LIMITS_DRAWDOWN_MINOR_MAX: i32 = 88; // i64 from the peak
export const LIMITS_GROSS_MINOR_MAX: i32 = 96; // i64
export const LIMITS_NET_MINOR_MAX: i32 = 104; // i64
export const LIMITS_ORDERS_OPEN_MAX: i32 = 112; // u32
export const LIMITS_LEVERAGE_MAX: i32 = 116; // u32, in hundredths
export const LIMITS_REPEATS_MAX: i32 = 120; // u32 executions a window
export const LIMITS_REPEATS_WINDOW_MILLIS: i32 = 124; // u32
export const LIMITS_CONCENTRATION_BPS: i32 = 128; // u32
export const LIMITS_STALE_MILLIS: i32 = 132; // u32
export const LIMITS_DUPLICATE_MILLIS: i32 = 136; // u32

// FeeSchedule: rates in parts per billion of notional; negative = rebate. A tier is everyone's and
// counts for who traded its volume in the 30 UTC days before today, in the reporting currency.
export const FEES_CELLS: i32 = 1;
export const FEES_ACCOUNT: i32 = 32; // u32, 0 = every account
export const FEES_MAKER_PER_BILLION: i32 = 36; // i32
export const FEES_TAKER_PER_BILLION: i32 = 40; // i32
export const FEES_CURRENCY: i32 = 44; // u16, 0 = settlement currency
export const FEES_TIER: i32 = 46; // u16, below 16; 0 = the schedule itself
export const FEES_VOLUME_FROM_MINOR: i32 = 48; // i64, > 0 for tiers; 0 takes a tier off

// ConversionMark: one unit of FROM is worth NUM / DEN units of TO, both as currencies are quoted.
export const CONVERSION_CELLS: i32 = 1;
export const CONVERSION_FROM: i32 = 32; // u16
export const CONVERSION_TO: i32 = 34; // u16
export const CONVERSION_STALE_MILLIS: i32 = 36; // u32, older marks convert nothing, 0 = never
export const CONVERSION_NUM: i32 = 40; // i64 > 0
export const CONVERSION_DEN: i32 = 48; // i64 > 0

// MarginSchedule: of the instrument in the header; 0 = positions in it need no margin.
export const MARGIN_CELLS: i32 = 1;
export const MARGIN_INITIAL_BPS: i32 = 32; // u32, of the exposure, at most 10,000
export const MARGIN_MAINTENANCE_BPS: i32 = 36; // u32, below it the account is liquidated
export const MARGIN_CALL_BPS: i32 = 40; // u32, below it the account is called, 0 = maintenance
export const MARGIN_TIER: i32 = 44; // u8, from 0; a tier drops those above it
export const MARGIN_FROM_MINOR: i32 = 48; // i64, rates are of the exposure above it; tier 0: 0

// MarginCall, LiquidationStarted: of an account in one settlement currency, at the marks.
export const CALL_CELLS: i32 = 2;
export const CALL_CURRENCY: i32 = 40; // u16
export const CALL_STATE: i32 = 42; // u8, MarginCall: 1 = begins, 0 = is over
export const CALL_EQUITY_MINOR: i32 = 48; // i64
export const CALL_NEED_MINOR: i32 = 56; // i64, call margin of all its positions
export const CALL_MAINTENANCE_MINOR: i32 = 64; // i64
export const CALL_EXPOSURE_MINOR: i32 = 72; // i64, of the positions that need margin

// KillSwitch, TradingState, InstrumentState.
export const SWITCH_CELLS: i32 = 1;
export const SWITCH_SCOPE: i32 = 32; // u8, enum Scope
export const SWITCH_STATE: i32 = 33; // u8: KillSwitch 0 off 1 on; TradingMode; InstrumentPhase
export const SWITCH_TENANT: i32 = 34; // u16
export const SWITCH_ACCOUNT: i32 = 36; // u32
export const SWITCH_STRATEGY: i32 = 40; // u16
export const SWITCH_REASON: i32 = 42; // u16, enum Refusal
export const SWITCH_CANCEL_OPEN: i32 = 44; // u8, 1 = cancel open orders too
export const SWITCH_USER: i32 = 48; // u64, who
// RestrictedList is a switch of an instrument's side; RiskRelease is laid out as MassCancel, and
// RiskEvent and TradingStateChanged as a switch: what was stopped, and why.
export const RESTRICT_SIDE: i32 = 45; // u8, enum Side, 0 = both
export const SWITCH_CHANGE: i32 = 46; // u8, TradingStateChanged: enum StateChange

// Timeframe and indicator of an instrument (instrument 0 in the header = every instrument that
// is configured later in the same journal).
export const TIMEFRAME_CELLS: i32 = 1;
export const TIMEFRAME_SLOT: i32 = 32; // u8
export const TIMEFRAME_TYPE: i32 = 33; // u8, enum CandleType
export const TIMEFRAME_SOURCE: i32 = 34; // u8, HeikinAshi: slot of the candles it smooths, lower
export const TIMEFRAME_MEASURE: i32 = 35; // u8, Imbalance and Run: enum CandleMeasure
export const TIMEFRAME_PERIOD_MILLIS: i32 = 36; // u32, a multiple of 1000, at most one week
export const TIMEFRAME_THRESHOLD: i32 = 40; // i64, for candles not of time: trades, lots or ticks
/** u32, Imbalance and Run: candles whose averages the threshold follows, 0 = it is fixed. */
export const TIMEFRAME_WINDOW_CANDLES: i32 = 48;
export const INDICATOR_CELLS: i32 = 2;
export const INDICATOR_TIMEFRAME: i32 = 32; // u8 slot
export const INDICATOR_SLOT: i32 = 33; // u8
export const INDICATOR_KIND: i32 = 34; // u16, enum IndicatorKind
export const INDICATOR_PERIOD: i32 = 36; // i32
export const INDICATOR_PERIOD_2: i32 = 40; // i32
export const INDICATOR_PERIOD_3: i32 = 44; // i32
export const INDICATOR_FLAGS: i32 = 48; // u32
export const INDICATOR_SOURCE: i32 = 52; // u8, enum PriceSource
export const INDICATOR_SOURCE_2: i32 = 53; // u8, enum PriceSource
export const INDICATOR_FACTOR: i32 = 56; // f64
export const INDICATOR_FACTOR_2: i32 = 64; // f64
export const INDICATOR_FACTOR_3: i32 = 72; // f64
export const INDICATOR_PERIOD_4: i32 = 80; // i32
export const INDICATOR_ANCHOR_SECONDS: i32 = 84; // u32 since the epoch; where sums begin

// StructureConfig: what structure is looked for in the candles of a timeframe. A number of 0 is the
// default; a gap minimum below 0 is none. Instrument 0 as above.
export const SMC_CELLS: i32 = 2;
export const SMC_TIMEFRAME: i32 = 32; // u8 slot
export const SMC_FLAGS: i32 = 33; // u8, bits of StructureOption
export const SMC_FAMILIES: i32 = 34; // u16, bits of StructureFamily, 0 = all
export const SMC_INTERNAL_CANDLES: i32 = 36; // u16, k of internal swings, 1..100, default 5
export const SMC_EXTERNAL_CANDLES: i32 = 38; // u16, k of external swings, 1..100, default 50
export const SMC_SWEEP_CANDLES: i32 = 40; // u16, to close back within, 1..100, default 3
export const SMC_GAP_TICKS: i32 = 44; // i32, smallest gap, default 2, -1 = any
export const SMC_GAP_FACTOR: i32 = 48; // f64, smallest gap in average true ranges, default 0.1
export const SMC_BODY_FACTOR: i32 = 56; // f64, body of displacement in those, default 1.5
export const SMC_POOL_FACTOR: i32 = 64; // f64, equal highs differ at most so many, default 0.1
export const SMC_TURN_FACTOR: i32 = 72; // f64, a turn swing retraces so many, default 1.5

// SessionCalendar: the next window of a session, for every instrument. The host knows time zones;
// the windows of a slot come in order and the last two are kept.
export const CALENDAR_CELLS: i32 = 1;
export const CALENDAR_SLOT: i32 = 32; // u8, 0..7
export const CALENDAR_OPEN_NANOS: i32 = 40; // i64 UTC
export const CALENDAR_CLOSE_NANOS: i32 = 48; // i64 UTC, the first nanosecond behind the session

// ModelConfig: signal rules of the market role.
export const MODEL_CELLS: i32 = 2;
export const MODEL_ID: i32 = 32; // u16
export const MODEL_RULE: i32 = 34; // u16, enum ModelRule
export const MODEL_TIMEFRAME: i32 = 36; // u8 slot
export const MODEL_INDICATOR: i32 = 37; // u8 slot
export const MODEL_FLAGS: i32 = 38; // u16, bit 0: on
export const MODEL_THRESHOLD: i32 = 40; // f64, in ticks

/** Signal rules that need no trained model. */
export enum ModelRule {
  None = 0,
  /** Flip when the last trade crosses the indicator's value of the forming candle. */
  CrossForming = 1,
}

// VolumeCurve: relative volume of the bins of a UTC day, the same every day.
export const CURVE_CELLS: i32 = 4;
export const CURVE_BINS: i32 = 32; // u8, 1 to CURVE_BINS_MAX, a divisor of 1440; 0 = no curve
export const CURVE_WEIGHTS: i32 = 64; // 192 bytes: u32 x CURVE_BINS_MAX, at most CURVE_WEIGHT_MAX
export const CURVE_BINS_MAX: i32 = 48;
export const CURVE_WEIGHT_MAX: i32 = 1048576;

// Trade, and TradePrint (market role's echo), BookPrint (internal book's public trade).
export const TRADE_CELLS: i32 = 1;
export const TRADE_PRICE_TICKS: i32 = 32; // i64
export const TRADE_QTY_LOTS: i32 = 40; // i64
export const TRADE_ID: i32 = 48; // u64
export const TRADE_VENUE_OFFSET_MICROS: i32 = 56; // i32, venue time minus tsEngine
export const TRADE_AGGRESSOR: i32 = 60; // u8, enum Side
export const TRADE_CONDITIONS: i32 = 61; // u8
export const TRADE_VENUE: i32 = 62; // u16

// Quote, TopOfBook, BookTop: a missing side has 0 lots.
export const QUOTE_CELLS: i32 = 2;
export const QUOTE_BID_TICKS: i32 = 32; // i64
export const QUOTE_BID_LOTS: i32 = 40; // i64
export const QUOTE_ASK_TICKS: i32 = 48; // i64
export const QUOTE_ASK_LOTS: i32 = 56; // i64
export const QUOTE_UPDATE_ID: i32 = 64; // u64
export const QUOTE_VENUE_OFFSET_MICROS: i32 = 72; // i32
export const QUOTE_VENUE: i32 = 76; // u16

// BookDelta and BookSnapshot: bids first, then asks; a level with 0 lots is removed.
export const BOOK_FIRST_ID: i32 = 32; // u64
export const BOOK_LAST_ID: i32 = 40; // u64
export const BOOK_PREV_ID: i32 = 48; // u64
export const BOOK_VENUE_OFFSET_MICROS: i32 = 56; // i32
export const BOOK_BIDS: i32 = 60; // u8, bid levels in this record
export const BOOK_ASKS: i32 = 61; // u8
export const BOOK_VENUE: i32 = 62; // u16
export const BOOK_LEVELS: i32 = 64; // levels follow
export const LEVEL_BYTES: i32 = 16;
export const LEVEL_PRICE_TICKS: i32 = 0; // i64
export const LEVEL_QTY_LOTS: i32 = 8; // i64
export const BOOK_LEVELS_MAX: i32 = 12; // in one record of 4 cells

// BookChecksum: with Flag.Last it ends the group of levels before it.
export const BOOK_CHECKSUM_CELLS: i32 = 1;
export const BOOK_CHECKSUM_VALUE: i32 = 32; // u32, as the book's rule writes and sums it
export const BOOK_CHECKSUM_VENUE_OFFSET_MICROS: i32 = 36; // i32
export const BOOK_CHECKSUM_VENUE: i32 = 40; // u16

// BookOrder* (order-by-order feeds). Flag.Last ends a group; a snapshot lies between a BookSnapshot
// with Flag.First and one with Flag.Last, and is empty when one record has both.
export const BOOK_ORDER_CELLS: i32 = 2;
export const BOOK_ORDER_ID: i32 = 32; // u64, > 0
export const BOOK_ORDER_PRICE_TICKS: i32 = 40; // i64
/** i64: of the order now (Add, Modify), taken from it (Delete, 0 = all), executed (Execute). */
export const BOOK_ORDER_QTY_LOTS: i32 = 48;
export const BOOK_ORDER_SIDE: i32 = 56; // u8, of the order; needed in Add and under BookRule.Unseen
export const BOOK_ORDER_PRINTABLE: i32 = 57; // u8, enum ExecutionPrint
export const BOOK_ORDER_VENUE: i32 = 58; // u16
export const BOOK_ORDER_VENUE_OFFSET_MICROS: i32 = 60; // i32
export const BOOK_ORDER_NEW_ID: i32 = 64; // u64, Modify: the order's id from now on, 0 = as it was
export const BOOK_ORDER_TRADE_ID: i32 = 72; // u64, Execute

// MarkPrice, IndexPrice, FundingRate, OpenInterest; MarkChange, FundingChange.
export const MARK_CELLS: i32 = 1;
export const MARK_PRICE_TICKS: i32 = 32; // i64, of MarkPrice and IndexPrice
export const MARK_VALUE: i32 = 40; // f64; FundingRate: share of the value, -1 to 1, > 0 longs pay
export const MARK_NEXT_NANOS: i32 = 48; // i64; FundingRate: when it is paid
export const MARK_VENUE_OFFSET_MICROS: i32 = 56; // i32

// CandleClosed and CandleForming.
export const CANDLE_CELLS: i32 = 2;
export const CANDLE_OPEN_NANOS: i32 = 32; // i64, start of the period
export const CANDLE_PERIOD_MILLIS: i32 = 40; // u32
export const CANDLE_TIMEFRAME: i32 = 44; // u8 slot
export const CANDLE_TYPE: i32 = 45; // u8, enum CandleType
export const CANDLE_QUALITY: i32 = 46; // u16, bits of CandleQuality
export const CANDLE_OPEN_TICKS: i32 = 48; // i64
export const CANDLE_HIGH_TICKS: i32 = 56; // i64
export const CANDLE_LOW_TICKS: i32 = 64; // i64
export const CANDLE_CLOSE_TICKS: i32 = 72; // i64
export const CANDLE_VOLUME_LOTS: i32 = 80; // i64
export const CANDLE_BUY_LOTS: i32 = 88; // i64, of aggressive buyers
export const CANDLE_TURNOVER_LOW: i32 = 96; // u64, sum of ticks x lots, low half
export const CANDLE_TURNOVER_HIGH: i32 = 104; // i64, high half
export const CANDLE_TRADES: i32 = 112; // u32
export const CANDLE_LATE_TRADES: i32 = 116; // u32
export const CANDLE_INDEX: i32 = 120; // u64, candles closed so far in this slot

// IndicatorValue.
export const VALUE_CELLS: i32 = 1;
export const VALUE_TIMEFRAME: i32 = 32; // u8 slot
export const VALUE_SLOT: i32 = 33; // u8
export const VALUE_KIND: i32 = 34; // u16, enum IndicatorKind
export const VALUE_WARM: i32 = 36; // u8, 0 = not ready: the values are 0 and mean nothing
export const VALUE_COUNT: i32 = 37; // u8, of the indicator; more than 3 come in several records
export const VALUE_FIRST: i32 = 38; // u8, number of value 1 among them, from 0
export const VALUE_1: i32 = 40; // f64
export const VALUE_2: i32 = 48; // f64
export const VALUE_3: i32 = 56; // f64

// StructureEvent: one step in the life of an object. Nothing is rewritten: what changes is told
// again under the same id.
export const STRUCTURE_CELLS: i32 = 2;
export const STRUCTURE_TIMEFRAME: i32 = 32; // u8 slot
export const STRUCTURE_KIND: i32 = 33; // u8, enum StructureKind
export const STRUCTURE_STATE: i32 = 34; // u8, enum StructureState
export const STRUCTURE_SIDE: i32 = 35; // u8, enum Side: Buy = points up (a low, a break upward)
export const STRUCTURE_FLAGS: i32 = 36; // u16, bits of StructureFlag
export const STRUCTURE_TOUCHES: i32 = 38; // u16
export const STRUCTURE_ID: i32 = 40; // u32, of the object in its instrument and timeframe, from 1
export const STRUCTURE_PARENT: i32 = 44; // u32, id of what it grew from, 0 = nothing
export const STRUCTURE_LOW_TICKS: i32 = 48; // i64
export const STRUCTURE_HIGH_TICKS: i32 = 56; // i64
export const STRUCTURE_ORIGIN_NANOS: i32 = 64; // i64, open of the candle it lies at
export const STRUCTURE_KNOWN_NANOS: i32 = 72; // i64, venue time of the close or trade that told it
export const STRUCTURE_ORIGIN_INDEX: i32 = 80; // u64, CANDLE_INDEX of that candle
export const STRUCTURE_KNOWN_INDEX: i32 = 88; // u64, of the candle that closed, or was forming
export const STRUCTURE_FILL: i32 = 96; // f64, part of the zone that was traded into, 0 to 1
export const STRUCTURE_PRICE_TICKS: i32 = 104; // i64, the price that told it

// PatternEvent: the candlestick patterns a closed candle completes; none, no record.
export const PATTERN_CELLS: i32 = 1;
export const PATTERN_TIMEFRAME: i32 = 32; // u8 slot
export const PATTERN_BULLISH: i32 = 36; // u32, bits of CandlePattern
export const PATTERN_BEARISH: i32 = 40; // u32
export const PATTERN_INDEX: i32 = 48; // u64, CANDLE_INDEX of the candle
export const PATTERN_KNOWN_NANOS: i32 = 56; // i64, its end

// Signal.
export const SIGNAL_CELLS: i32 = 2;
export const SIGNAL_MODEL: i32 = 32; // u16
export const SIGNAL_KIND: i32 = 34; // u16, enum SignalKind
export const SIGNAL_SIDE: i32 = 36; // u8, enum Side
export const SIGNAL_TIMEFRAME: i32 = 37; // u8
export const SIGNAL_CALIBRATED: i32 = 38; // u8, 0 = the confidence field is empty
export const SIGNAL_CONFIDENCE: i32 = 40; // f64, 0 to 1
export const SIGNAL_PRICE_TICKS: i32 = 48; // i64
export const SIGNAL_EXPIRES_NANOS: i32 = 56; // i64, 0 = none
export const SIGNAL_STOP_TICKS: i32 = 64; // i64, 0 = none
export const SIGNAL_TARGET_TICKS: i32 = 72; // i64, 0 = none
export const SIGNAL_ID: i32 = 80; // u64

// BookTrust, MarketRefusal.
export const TRUST_CELLS: i32 = 1;
export const TRUST_STATE: i32 = 32; // u8, 1 = trusted
export const TRUST_REASON: i32 = 34; // u16, enum Refusal
export const TRUST_EXPECTED: i32 = 40; // u64
export const TRUST_RECEIVED: i32 = 48; // u64

// Order commands share their first fields: who, which.
export const ORDER_ACCOUNT: i32 = 32; // u32
export const ORDER_STRATEGY: i32 = 36; // u16, 0 = none
export const ORDER_TENANT: i32 = 38; // u16
export const ORDER_CLIENT_ID: i32 = 40; // u64, unique per account, > 0

// OrderNew.
export const NEW_CELLS: i32 = 2;
export const NEW_PRICE_TICKS: i32 = 48; // i64
export const NEW_QTY_LOTS: i32 = 56; // i64
export const NEW_TYPE: i32 = 64; // u8, enum OrderType
export const NEW_SIDE: i32 = 65; // u8, enum Side
export const NEW_TIF: i32 = 66; // u8, enum TimeInForce
export const NEW_FLAGS: i32 = 67; // u8, bits of OrderFlag
export const NEW_SELF_TRADE: i32 = 68; // u8, enum SelfTrade
export const NEW_TRIGGER: i32 = 69; // u8, enum TriggerSource
export const NEW_CONTINGENCY: i32 = 70; // u8, enum Contingency
export const NEW_TRAIL_UNIT: i32 = 71; // u8, enum TrailUnit
export const NEW_STOP_TICKS: i32 = 72; // i64
export const NEW_DISPLAY_LOTS: i32 = 80; // i64, 0 = all
export const NEW_TRAIL_OFFSET: i32 = 88; // i64
export const NEW_EXPIRES_NANOS: i32 = 96; // i64, 0 = none
export const NEW_LINKED_CLIENT_ID: i32 = 104; // u64, parent or sibling
export const NEW_SESSION: i32 = 112; // u32
export const NEW_MODEL: i32 = 116; // u16
export const NEW_ALGORITHM: i32 = 118; // u8
export const NEW_POSITION_SIDE: i32 = 119; // u8, enum PositionSide
export const NEW_TAG: i32 = 120; // u64, echoed, means nothing to the core

// OrderCancel.
export const CANCEL_CELLS: i32 = 1;
export const CANCEL_ORDER_ID: i32 = 48; // u64, used when the client id is 0
export const CANCEL_SESSION: i32 = 56; // u32

// OrderAmend, OrderReplace.
export const AMEND_CELLS: i32 = 2;
export const AMEND_ORDER_ID: i32 = 48; // u64, used when the client id is 0
export const AMEND_SESSION: i32 = 56; // u32
export const AMEND_FIELDS: i32 = 60; // u8, bits of AmendField
export const AMEND_PRICE_TICKS: i32 = 64; // i64
export const AMEND_QTY_LOTS: i32 = 72; // i64, total including what is filled
export const AMEND_STOP_TICKS: i32 = 80; // i64
export const AMEND_DISPLAY_LOTS: i32 = 88; // i64
export const AMEND_TRAIL_OFFSET: i32 = 96; // i64
export const AMEND_EXPIRES_NANOS: i32 = 104; // i64
export const AMEND_NEW_CLIENT_ID: i32 = 112; // u64, OrderReplace
export const AMEND_TAG: i32 = 120; // u64
export enum AmendField {
  Price = 1,
  Qty = 2,
  Stop = 4,
  Display = 8,
  Trail = 16,
  Expires = 32,
}

// ParentNew. ParentCancel is an OrderCancel that names its parent by client id.
export const PARENT_CELLS: i32 = 3;
export const PARENT_LIMIT_TICKS: i32 = 48; // i64, worst price of a child, 0 = none
export const PARENT_QTY_LOTS: i32 = 56; // i64
export const PARENT_ALGORITHM: i32 = 64; // u8, enum Algorithm
export const PARENT_SIDE: i32 = 65; // u8, enum Side
export const PARENT_STYLE: i32 = 66; // u8, enum ChildStyle
export const PARENT_SELF_TRADE: i32 = 67; // u8, enum SelfTrade
export const PARENT_DRIFT_BPS: i32 = 68; // u32, of the quantity, 0 = no limit
export const PARENT_START_NANOS: i32 = 72; // i64, 0 or past = now
export const PARENT_END_NANOS: i32 = 80; // i64; 0 = none, icebergs only
export const PARENT_INTERVAL_NANOS: i32 = 88; // i64, from slice to slice; 0 for icebergs
export const PARENT_CHILD_MIN_LOTS: i32 = 96; // i64, 0 = none
export const PARENT_CHILD_MAX_LOTS: i32 = 104; // i64, 0 = none; an iceberg's slice
export const PARENT_SESSION: i32 = 112; // u32
export const PARENT_MODEL: i32 = 116; // u16
export const PARENT_SHARE_BPS: i32 = 118; // u16, participation: own share of all that trades
export const PARENT_TAG: i32 = 120; // u64
// Implementation shortfall: one unit of price is a tick, of quantity a lot, of time a second.
export const PARENT_RISK_AVERSION: i32 = 128; // f64, per tick x lot
export const PARENT_VOLATILITY: i32 = 136; // f64, ticks per square root of a second
export const PARENT_IMPACT: i32 = 144; // f64, temporary: ticks per lot a second
export const PARENT_IMPACT_LASTING: i32 = 152; // f64, permanent: ticks per lot
export const PARENT_POSITION_SIDE: i32 = 160; // u8, enum PositionSide, of every child

// MassCancel.
export const MASS_CELLS: i32 = 1;
export const MASS_SCOPE: i32 = 48; // u8, enum Scope
export const MASS_SIDE: i32 = 49; // u8, enum Side, 0 = both
export const MASS_LEFT: i32 = 52; // u32, MassCanceled: orders still open in the scope
export const MASS_SESSION: i32 = 56; // u32
export const MASS_DONE: i32 = 60; // u32, MassCanceled: orders canceled

// AuctionCall, AuctionUncross (inputs), AuctionIndicative, AuctionUncrossed (outputs). A call says
// the phase that follows its uncross (0 = Continuous), an uncross may name another (0 = that one).
export const AUCTION_CELLS: i32 = 2;
export const AUCTION_PHASE: i32 = 32; // u8, enum InstrumentPhase: the one that follows
export const AUCTION_SIDE: i32 = 33; // u8, enum Side of the surplus, 0 = none
export const AUCTION_PRICE_TICKS: i32 = 40; // i64, 0 = nothing would trade
export const AUCTION_QTY_LOTS: i32 = 48; // i64, lots that trade at the price
export const AUCTION_SURPLUS_LOTS: i32 = 56; // i64, lots of `side` left over at the price
export const AUCTION_REFERENCE_TICKS: i32 = 64; // i64, 0 = last trade, else the spec's reference

// StateQuery: answers are AccountState, PositionState, OrderStateRow, ParentStateRow, or LimitState
// (of the instrument, 0 = of every position), then StateQueryEnd.
export const QUERY_CELLS: i32 = 1;
export const QUERY_PART: i32 = 48; // u8, enum QueryPart
export const QUERY_LEFT: i32 = 52; // u32, StateQueryEnd: rows that did not fit
export const QUERY_SESSION: i32 = 56; // u32
export const QUERY_DONE: i32 = 60; // u32, StateQueryEnd: rows written

/** What a StateQuery asks for. */
export enum QueryPart {
  State = 0,
  Limits = 1,
  /** The parts strategies have of the account's positions. */
  Strategies = 2,
}

// LimitState: one limit that holds for the account in the instrument, and what is used of it.
export const LIMIT_STATE_CELLS: i32 = 1;
export const LIMIT_STATE_LIMIT: i32 = 40; // i64, lots, minor, count, hundredths or bps of equity
export const LIMIT_STATE_USED: i32 = 48; // i64, in the limit's unit, may be above it
export const LIMIT_STATE_REASON: i32 = 56; // u16, enum Refusal an order beyond it meets
export const LIMIT_STATE_CURRENCY: i32 = 58; // u16, of money, else 0
export const LIMIT_STATE_SCOPE: i32 = 60; // u8, enum Scope of what is counted, 0 = one for all
export const LIMIT_FLAGS: i32 = 61; // u8, bits of LimitFlag
export const LIMIT_STATE_SIDE: i32 = 62; // u8, enum PositionSide: the leg that is asked
/** Ratios to an equity of nothing, or nearly, stop here. */
export const LIMIT_STATE_USED_MAX: i32 = 2000000000;

/** Bits of LIMIT_FLAGS. */
export enum LimitFlag {
  /** The limit is on one order; nothing is used of it. */
  PerOrder = 1,
  /** A mark is missing, so the use is not known. */
  Unknown = 2,
}

// Order events: OrderAccepted to OrderInDoubt, AmendDenied, CancelDenied, OrderStateRow.
export const EVENT_CELLS: i32 = 2;
export const EVENT_ORDER_ID: i32 = 48; // u64, (generation << 32) | slot, 0 = none was made
export const EVENT_SESSION: i32 = 56; // u32
export const EVENT_REASON: i32 = 60; // u16, enum Refusal, or CancelReason for OrderCanceled
export const EVENT_STATE: i32 = 62; // u8, enum OrderState
export const EVENT_SIDE: i32 = 63; // u8, enum Side
export const EVENT_PRICE_TICKS: i32 = 64; // i64
export const EVENT_LEAVES_LOTS: i32 = 72; // i64
export const EVENT_FILLED_LOTS: i32 = 80; // i64
export const EVENT_STOP_TICKS: i32 = 88; // i64
export const EVENT_TYPE: i32 = 96; // u8
export const EVENT_TIF: i32 = 97; // u8
export const EVENT_FLAGS: i32 = 98; // u8
export const EVENT_DETAIL: i32 = 99; // u8, kind-specific: priority kept by an amend, and so on
export const EVENT_POSITION_SIDE: i32 = 100; // u8, enum PositionSide
export const EVENT_LINKED_CLIENT_ID: i32 = 104; // u64
export const EVENT_TAG: i32 = 112; // u64
/**
 * i64: the limit hit (OrderDenied), lots shown (OrderRefreshed), taken off (OrderDecremented,
 * OrderReduced), set free (OrderReleased; its detail is 1 when the order had been released before).
 */
export const EVENT_LIMIT: i32 = 120;

// Fill.
export const FILL_CELLS: i32 = 3;
export const FILL_ORDER_ID: i32 = 48; // u64
export const FILL_SESSION: i32 = 56; // u32
export const FILL_SIDE: i32 = 60; // u8
export const FILL_LIQUIDITY: i32 = 61; // u8, enum Liquidity
export const FILL_STATE: i32 = 62; // u8, enum OrderState after the fill
export const FILL_EXECUTION: i32 = 63; // u8, enum Execution
export const FILL_PRICE_TICKS: i32 = 64; // i64
export const FILL_QTY_LOTS: i32 = 72; // i64
export const FILL_LEAVES_LOTS: i32 = 80; // i64
export const FILL_FILLED_LOTS: i32 = 88; // i64, cumulative
export const FILL_FEE_MINOR: i32 = 96; // i64, > 0 paid
export const FILL_ID: i32 = 104; // u64
export const FILL_REALIZED_MINOR: i32 = 112; // i64, of this fill, before fees
export const FILL_POSITION_LOTS: i32 = 120; // i64, after the fill
export const FILL_TAG: i32 = 128; // u64, the order's tag
export const FILL_FEE_CURRENCY: i32 = 136; // u16
export const FILL_SETTLEMENT: i32 = 138; // u16
export const FILL_VENUE_OFFSET_MICROS: i32 = 140; // i32
export const FILL_VENUE_ID: i32 = 144; // u64
export const FILL_TRIGGER: i32 = 152; // u64, cause of the order: its command's or signal's input
// FillCorrection is a Fill as it shall have been (0 lots = it never was), the fee's change, and:
export const FILL_WAS_PRICE_TICKS: i32 = 160; // i64
export const FILL_WAS_QTY_LOTS: i32 = 168; // i64
export const FILL_CORRECTED_ID: i32 = 176; // u64, venue's id of the fill that was wrong
export const FILL_POSITION_SIDE: i32 = 184; // u8, enum PositionSide

// ParentProgress, ParentDone. Sums, from which averages follow; costs are > 0 when we paid.
export const PROGRESS_CELLS: i32 = 4;
export const PROGRESS_CHILDREN: i32 = 48; // u32
export const PROGRESS_DENIALS: i32 = 52; // u32
export const PROGRESS_SESSION: i32 = 56; // u32
export const PROGRESS_REASON: i32 = 60; // u16, enum Refusal: why it does nothing, or gave up
export const PROGRESS_STATE: i32 = 62; // u8, enum ParentState
export const PROGRESS_SIDE: i32 = 63; // u8
export const PROGRESS_QTY_LOTS: i32 = 64; // i64
export const PROGRESS_FILLED_LOTS: i32 = 72; // i64
export const PROGRESS_TARGET_LOTS: i32 = 80; // i64, the schedule at the end of this slice
export const PROGRESS_ARRIVAL_HALF_TICKS: i32 = 88; // i64, bid + ask at the start, 0 = unknown
// Sums of ticks x lots are of inverse contracts the values of fills, 1/1024 minor of the base.
export const PROGRESS_COST_LOW: i32 = 96; // u64, sum of ticks x lots filled, low half
export const PROGRESS_COST_HIGH: i32 = 104; // i64, high half
export const PROGRESS_MARKET_LOTS: i32 = 112; // i64, all the market traded since the start
export const PROGRESS_FEES_MINOR: i32 = 120; // i64
export const PROGRESS_TURNOVER_LOW: i32 = 128; // u64, sum of ticks x lots of the market, low half
export const PROGRESS_TURNOVER_HIGH: i32 = 136; // i64, high half
export const PROGRESS_SHORTFALL_LOW: i32 = 144; // u64, against arrival, half ticks x lots, low half
export const PROGRESS_SHORTFALL_HIGH: i32 = 152; // i64, high half
export const PROGRESS_SLIPPAGE_LOW: i32 = 160; // u64, against the market's average, ticks x lots
export const PROGRESS_SLIPPAGE_HIGH: i32 = 168; // i64, high half
export const PROGRESS_SHORTFALL_MINOR: i32 = 176; // i64, without fees, rounded against us
export const PROGRESS_SLIPPAGE_MINOR: i32 = 184; // i64, without fees, rounded against us
export const PROGRESS_START_NANOS: i32 = 192; // i64
export const PROGRESS_END_NANOS: i32 = 200; // i64, 0 = none
export const PROGRESS_SHARE_BPS: i32 = 208; // u32, own share of all that traded, rounded down
export const PROGRESS_ALGORITHM: i32 = 212; // u8, enum Algorithm
export const PROGRESS_FLAGS: i32 = 213; // u8, bits of ParentFlag
export const PROGRESS_POSITION_SIDE: i32 = 214; // u8, enum PositionSide
export const PROGRESS_TAG: i32 = 216; // u64
export const PROGRESS_NOW_HALF_TICKS: i32 = 224; // i64, bid + ask now, 0 = unknown
/** i64, what the lots not filled would cost more now than at arrival, rounded against us. */
export const PROGRESS_OPPORTUNITY_MINOR: i32 = 232;

// PositionChanged, PositionState.
export const POSITION_CELLS: i32 = 3;
export const POSITION_LOTS: i32 = 40; // i64, signed
export const POSITION_COST_LOW: i32 = 48; // u64, sum of signed ticks x lots still open, low half
export const POSITION_COST_HIGH: i32 = 56; // i64, high half
export const POSITION_REALIZED_MINOR: i32 = 64; // i64, since the position slot was made
export const POSITION_FEES_MINOR: i32 = 72; // i64
export const POSITION_UNREALIZED_MINOR: i32 = 80; // i64, at the mark
export const POSITION_MARK_TICKS: i32 = 88; // i64, 0 = unknown
export const POSITION_MARK_SOURCE: i32 = 96; // u8, enum MarkSource
export const POSITION_MARK_STALE: i32 = 97; // u8, 1 = the mark is older than the spec allows
export const POSITION_SIDE: i32 = 98; // u8, enum PositionSide
export const POSITION_SETTLEMENT: i32 = 100; // u16
export const POSITION_OPEN_BUY_LOTS: i32 = 104; // i64, leaves of open buys
export const POSITION_OPEN_SELL_LOTS: i32 = 112; // i64
/**
 * i64, how far the mark went against the position, and for it, since it was opened: from its
 * average entry, at least 0. In PositionState, and in the PositionChanged that ends a position.
 */
export const POSITION_MAE_TICKS: i32 = 120;
export const POSITION_MFE_TICKS: i32 = 128; // i64
export const POSITION_TRADED_LOTS: i32 = 136; // i64
/** i64, PositionState: mark below maintenance margin, other marks as they are; 0 = none. */
export const POSITION_LIQUIDATION_TICKS: i32 = 184;
export const POSITION_FUNDING_MINOR: i32 = 144; // i64, since the position slot was made, > 0 paid

// FundingPaid: one per position. Without a mark nothing is paid; the one record that says so names
// no account.
export const FUNDING_CELLS: i32 = 2;
export const FUNDING_LOTS: i32 = 40; // i64, signed
export const FUNDING_MARK_TICKS: i32 = 48; // i64
export const FUNDING_PAID_MINOR: i32 = 56; // i64, > 0 paid, < 0 received
export const FUNDING_RATE: i32 = 64; // i64, parts per trillion of the value, > 0 longs pay
export const FUNDING_DUE_NANOS: i32 = 72; // i64
export const FUNDING_VALUE_MINOR: i32 = 80; // i64, of the lots at the mark, not signed
export const FUNDING_SETTLEMENT: i32 = 88; // u16
export const FUNDING_REASON: i32 = 90; // u16, enum Refusal: why nothing was paid
export const FUNDING_MARK_SOURCE: i32 = 92; // u8, enum MarkSource
export const FUNDING_MARK_STALE: i32 = 93; // u8, 1 = the mark was older than the spec allows

// StrategyState: laid out as a PositionState. Strategy 0 is the position less all other rows.
export const PART_CELLS: i32 = 3;
export const PART_LOTS: i32 = 40; // i64, signed
export const PART_COST_LOW: i32 = 48; // u64
export const PART_COST_HIGH: i32 = 56; // i64
export const PART_REALIZED_MINOR: i32 = 64; // i64, by the strategy's own average
export const PART_FEES_MINOR: i32 = 72; // i64
export const PART_UNREALIZED_MINOR: i32 = 80; // i64, at the mark
export const PART_MARK_TICKS: i32 = 88; // i64, 0 = unknown
export const PART_SIDE: i32 = 98; // u8, enum PositionSide
export const PART_SETTLEMENT: i32 = 100; // u16
export const PART_BOOKED_MINOR: i32 = 104; // i64, realized less fees, as the account did
export const PART_TRADED_LOTS: i32 = 136; // i64
export const PART_FUNDING_MINOR: i32 = 144; // i64, by the strategy's own lots, > 0 paid

// BalanceChanged, AccountState.
export const BALANCE_CELLS: i32 = 2;
export const BALANCE_CURRENCY: i32 = 40; // u16
export const BALANCE_MINOR_EXPONENT: i32 = 42; // i8
export const BALANCE_REPORTING: i32 = 44; // u16, AccountState: currency of the equity below
export const BALANCE_EQUITY_REASON: i32 = 46; // u16, enum Refusal: why it is unknown, 0 = it is
export const BALANCE_CASH_MINOR: i32 = 48; // i64, deposits + realized - fees
export const BALANCE_REALIZED_DAY_MINOR: i32 = 56; // i64, since 00:00 UTC
export const BALANCE_UNREALIZED_MINOR: i32 = 64; // i64, at the marks; AccountState only, else 0
export const BALANCE_FEES_MINOR: i32 = 72; // i64
export const BALANCE_ORDERS_OPEN: i32 = 80; // u32
export const BALANCE_MODE: i32 = 84; // u8, enum TradingMode
export const BALANCE_KILLED: i32 = 85; // u8
export const BALANCE_POSITION_MODE: i32 = 86; // u8, enum PositionMode
export const BALANCE_LOCKED_MINOR: i32 = 88; // i64
export const BALANCE_EQUITY_MINOR: i32 = 96; // i64, AccountState: of the whole account

// ConfigAccepted, ConfigDenied: answer to every configuration record.
export const CONFIG_CELLS: i32 = 1;
export const CONFIG_KIND: i32 = 32; // u16, the kind answered
export const CONFIG_REASON: i32 = 34; // u16, enum Refusal
export const CONFIG_SESSION: i32 = 36; // u32

// VenueAccepted to VenueUnknown, VenueFill: what a venue says about one order.
export const REPORT_CELLS: i32 = 2;
export const REPORT_ORDER_ID: i32 = 32; // u64, the order id that was sent with the order
export const REPORT_VENUE_ORDER_ID: i32 = 40; // u64, 0 = none
export const REPORT_REQUEST: i32 = 48; // u64, number of the request or listing answered, 0 = none
export const REPORT_VENUE: i32 = 56; // u16
export const REPORT_REASON: i32 = 58; // u16, enum Refusal; VenueCanceled: CancelReason, 0 = none
export const REPORT_FLAGS: i32 = 60; // u8, bits of ReportFlag
export const REPORT_LIQUIDITY: i32 = 61; // u8, enum Liquidity
export const REPORT_FEE_CURRENCY: i32 = 62; // u16, 0 = settlement currency
export const REPORT_PRICE_TICKS: i32 = 64; // i64, of the order; VenueFill: of the fill
export const REPORT_QTY_LOTS: i32 = 72; // i64, of the order in all, 0 = unknown; of the fill
export const REPORT_FILLED_LOTS: i32 = 80; // i64, filled at the venue in all, -1 = unknown
export const REPORT_FILL_ID: i32 = 88; // u64, VenueFill: the venue's, > 0
export const REPORT_FEE_MINOR: i32 = 96; // i64, > 0 paid
export const REPORT_SIDE: i32 = 104; // u8, enum Side, of a fill; 0 = unknown
export const REPORT_VENUE_OFFSET_MICROS: i32 = 108; // i32

// VenueFillCorrected: a report with the correction's own id, the fill as it is now (0 lots = it
// never was), the fee's change, and what is corrected.
export const CORRECTION_CELLS: i32 = 3;
export const CORRECTION_REFERENCE: i32 = 112; // u64, REPORT_FILL_ID of the fill that was wrong
export const CORRECTION_WAS_PRICE_TICKS: i32 = 120; // i64
export const CORRECTION_WAS_QTY_LOTS: i32 = 128; // i64

// VenueStatus, ReconcileBegin, ReconcileEnd, VenuePosition (its instrument is in the header).
export const LINK_CELLS: i32 = 1;
export const LINK_VENUE: i32 = 32; // u16
export const LINK_STATE: i32 = 34; // u8, VenueStatus: 1 = connected
export const LINK_FLAGS: i32 = 35; // u8, bits of ReportFlag
export const LINK_TIMEOUT_MILLIS: i32 = 36; // u32, VenueStatus: until an answer is missed, 0 = 5000
export const LINK_LISTING: i32 = 40; // u64, number of the VenueQuery that asked for the listing
export const LINK_RECORDS: i32 = 48; // u32, ReconcileEnd: listed records since ReconcileBegin
export const LINK_LOTS: i32 = 56; // i64, VenuePosition: signed

// VenueOrderNew, VenueOrderCancel, VenueOrderAmend, VenueQuery; who and which stand before.
export const REQUEST_CELLS: i32 = 2;
export const REQUEST_ORDER_ID: i32 = 48; // u64, the venue's client order id is made of it, 0 = none
export const REQUEST_NUMBER: i32 = 56; // u64, counts the requests of this journal from 1
export const REQUEST_PRICE_TICKS: i32 = 64; // i64
export const REQUEST_QTY_LOTS: i32 = 72; // i64, with what is filled
export const REQUEST_FILLED_LOTS: i32 = 80; // i64, what we know
export const REQUEST_VENUE_ORDER_ID: i32 = 88; // u64, 0 = unknown
export const REQUEST_VENUE: i32 = 96; // u16
export const REQUEST_SIDE: i32 = 98; // u8
export const REQUEST_TYPE: i32 = 99; // u8
export const REQUEST_TIF: i32 = 100; // u8
export const REQUEST_FLAGS: i32 = 101; // u8, bits of OrderFlag
export const REQUEST_SCOPE: i32 = 102; // u8, enum QueryScope

// VenueFault.
export const FAULT_CELLS: i32 = 2;
export const FAULT_ORDER_ID: i32 = 48; // u64, 0 = none
export const FAULT_VENUE_ORDER_ID: i32 = 56; // u64
export const FAULT_FILL_ID: i32 = 64; // u64
export const FAULT_EXPECTED: i32 = 72; // i64, lots
export const FAULT_RECEIVED: i32 = 80; // i64, lots; FeeCurrencyUnknown: minor units
export const FAULT_PRICE_TICKS: i32 = 88; // i64
export const FAULT_VENUE: i32 = 96; // u16
export const FAULT_FAULT: i32 = 98; // u16, enum VenueFault
export const FAULT_SIDE: i32 = 100; // u8

// ---------------------------------------------------------------------------- rings
// A ring: control block, then a power of two of cells. Indexes count cells and wrap at 2^32.
export const RING_HEAD: i32 = 0; // u32, written by the producer
export const RING_OVERRUN: i32 = 4; // u32, records the producer could not place
export const RING_CAPACITY: i32 = 8; // u32, cells, constant after init
export const RING_NEXT: i32 = 12; // u32, producer's head not yet published
export const RING_PENDING: i32 = 16; // u32, cells of the record being written, pad included
export const RING_TAIL_SEEN: i32 = 20; // u32, tail the producer saw last
export const RING_TAIL: i32 = 128; // u32, written by the consumer
export const RING_READ: i32 = 136; // u32, consumer's tail not yet released
export const RING_HEAD_SEEN: i32 = 140; // u32, head the consumer saw last
export const RING_BELL_AT: i32 = 24; // u32, address of the bell that wakes the consumer
export const RING_BELL: i32 = 192; // the ring's own bell, used unless it shares one
export const RING_DATA: i32 = 256;
// A bell: the word a consumer sleeps on; one bell may serve several rings of one consumer.
export const BELL_COUNT: i32 = 0; // i32, raised by a producer that finds the consumer parked
export const BELL_PARKED: i32 = 4; // i32, 1 while the consumer sleeps or is about to

// ---------------------------------------------------------------------------- journal blocks
export const BLOCK_HEADER_BYTES: i32 = 128;
export const BLOCK_MAGIC_VALUE: i32 = 0x424a5041; // "APJB"
export const BLOCK_MAGIC: i32 = 0; // u32
export const BLOCK_SCHEMA: i32 = 4; // u16, SCHEMA_VERSION
export const BLOCK_HEADER_LENGTH: i32 = 6; // u16
export const BLOCK_FIRST_SEQUENCE: i32 = 8; // u64
export const BLOCK_RECORDS: i32 = 16; // u32
export const BLOCK_CELLS: i32 = 20; // u32, body = this x 64 bytes
export const BLOCK_TS_FIRST: i32 = 24; // i64
export const BLOCK_TS_LAST: i32 = 32; // i64
export const BLOCK_PREV_HASH: i32 = 40; // u64, BLOCK_HASH of the block before
export const BLOCK_HASH: i32 = 48; // u64, XXH64 of header (this field 0) and body
export const BLOCK_EPOCH: i32 = 56; // u64, fencing
export const BLOCK_BEHAVIOR: i32 = 64; // u32, BEHAVIOR_VERSION
export const BLOCK_KEY_ID: i32 = 68; // u32, encryption key, 0 = plain
export const BLOCK_FLAGS: i32 = 72; // u32
export const BLOCK_STREAM: i32 = 76; // u32, core instance: 0 orders or inline, 1.. market workers
export const BLOCK_BUILD: i32 = 80; // u64, first 8 bytes of the sha256 of core.wasm
export const BLOCK_INDEX: i32 = 88; // u64, number of this block, from 0
export const BLOCK_SEAL: i32 = 96; // 32 bytes, reserved for a cryptographic seal

// ---------------------------------------------------------------------------- wire frames
// A binary WebSocket message is one frame: this header, then cells or MessagePack.
export const FRAME_HEADER_BYTES: i32 = 32;
export const FRAME_MAGIC_VALUE: i32 = 0xa7;
export const FRAME_VERSION_VALUE: i32 = 1;
export const FRAME_MAGIC: i32 = 0; // u8
export const FRAME_VERSION: i32 = 1; // u8
export const FRAME_TYPE: i32 = 2; // u8, enum FrameType
export const FRAME_LEVEL: i32 = 3; // u8, enum AckLevel of what it acknowledges
export const FRAME_BYTES: i32 = 4; // u32, whole frame
export const FRAME_STREAM_SEQUENCE: i32 = 8; // f64, first record's number in this stream, from 1
export const FRAME_STREAM: i32 = 16; // u32, subscription id, 0 = the session itself
export const FRAME_RECORDS: i32 = 20; // u32
export const FRAME_SENT_NANOS: i32 = 24; // f64, sender's clock since its ClockBase, 0 = unset
export const FRAME_BYTES_MAX: i32 = 65536;
export enum FrameType {
  None = 0,
  /** MessagePack map with a `type`. */
  Control = 1,
  /** Cells, as the core wrote them. */
  Records = 2,
  /** Cells that make a snapshot; deltas of the same stream follow. */
  Snapshot = 3,
  /** Tells a receiver that its stream lost records (market data only). */
  Conflated = 4,
}
