// The interface of a strategy file: the same file runs in backtest, on paper and live.
//
// A file exports `strategy`, made by `defineStrategy`. It sees events of the engine in order and
// sends orders; it reads no clock and draws no chance, so the same data gives the same orders. Its
// orders are commands in the journal: a replay reads them and does not run the strategy again.
import { IndicatorKind, OrderType, Side, TimeInForce } from "../../asm/vocab.ts";
import type { StrategyInstrument } from "./instrument.ts";
import type { ParameterTable, ParameterValues } from "./parameters.ts";
import type {
  CandleView,
  FillView,
  IndicatorView,
  OrderView,
  PositionView,
  QuoteView,
  TradeView,
} from "./views.ts";

export { CancelReason, CandleQuality, Kind, Liquidity, OrderFlag } from "../../asm/vocab.ts";
export { OrderState, Refusal } from "../../asm/vocab.ts";
export { IndicatorKind, OrderType, Side, TimeInForce };
export type { StrategyInstrument } from "./instrument.ts";
export type { Parameter, ParameterTable, ParameterValues } from "./parameters.ts";
export type {
  CandleView,
  FillView,
  IndicatorView,
  OrderView,
  PositionView,
  QuoteView,
  TradeView,
} from "./views.ts";

/** An order's number inside its strategy: 1, 2, 3 ... below 2^48, going on after a restart. */
export type OrderNumber = number;

/** A request to trade. `priceTicks` belongs to limit orders and is a whole number of ticks. */
export interface OrderRequest {
  instrument: StrategyInstrument;
  side: Side;
  qtyLots: number;
  /** Market when left out and no price is given, else Limit. */
  type?: OrderType;
  priceTicks?: number;
  /** Ioc for market orders and Gtc for limit orders when left out. */
  tif?: TimeInForce;
  /** Bits of OrderFlag. */
  flags?: number;
  /** Echoed in events; means nothing to the core. */
  tag?: number;
}

/** An order without its side: `buy` and `sell` add it. */
export type SidedRequest = Omit<OrderRequest, "side">;

/** The strategy's own position, from its own fills; one object per instrument, kept up to date. */
export interface OwnPosition {
  /** Signed: long > 0. */
  readonly lots: number;
  /** Average price of the open lots in ticks, a statistic; 0 when flat. */
  readonly entryTicks: number;
}

/** What a strategy may do. Every call belongs inside a callback. */
export interface StrategyContext {
  /** Name and id the host runs it under. */
  readonly name: string;
  readonly strategyId: number;
  /** Instruments it trades, in configured order. */
  readonly instruments: readonly StrategyInstrument[];
  /** Engine time of the current event, milliseconds since the epoch with a fraction. */
  readonly nowMillis: number;
  /** The same exact; makes a bigint. */
  readonly nowNanos: bigint;
  /**
   * Sends an order and returns its number. Throws ORDER_SHAPE for what can never be an order,
   * ORDER_RATE above the host's limit per second and COMMANDS_FULL; uncaught, the strategy stops.
   */
  order(request: OrderRequest): OrderNumber;
  buy(request: SidedRequest): OrderNumber;
  sell(request: SidedRequest): OrderNumber;
  /** Asks to cancel; the answer is an order event. */
  cancel(instrument: StrategyInstrument, order: OrderNumber): void;
  /** Asks for another price or total quantity (filled lots included). */
  amend(
    instrument: StrategyInstrument,
    order: OrderNumber,
    change: { priceTicks?: number; qtyLots?: number },
  ): void;
  position(instrument: StrategyInstrument): OwnPosition;
  /** Keeps a line; the newest 256 are kept, and a line is cut at 200 characters. */
  log(line: string): void;
}

/** An indicator of the core that the strategy wants at every close of a timeframe. */
export interface IndicatorNeed {
  /** The name `onIndicator` is called with. */
  name: string;
  kind: IndicatorKind;
  periodMillis: number;
  period: number;
  period2?: number;
  period3?: number;
  factor?: number;
}

/** What must be configured for the strategy on each of its instruments before it starts. */
export interface StrategyNeeds {
  /** Timeframes in milliseconds, multiples of 1000. */
  timeframes: readonly number[];
  indicators: readonly IndicatorNeed[];
}

/**
 * Callbacks, all optional: what is not there is not subscribed. Views are valid during the call
 * only. Whoever throws is stopped: its open orders are canceled, the engine goes on.
 */
export interface Strategy {
  onStart?(): void;
  onTrade?(instrument: StrategyInstrument, trade: TradeView): void;
  onQuote?(instrument: StrategyInstrument, quote: QuoteView): void;
  onCandle?(instrument: StrategyInstrument, periodMillis: number, candle: CandleView): void;
  onIndicator?(instrument: StrategyInstrument, name: string, value: IndicatorView): void;
  onOrder?(instrument: StrategyInstrument, order: OrderView): void;
  onFill?(instrument: StrategyInstrument, fill: FillView): void;
  onPosition?(instrument: StrategyInstrument, position: PositionView): void;
  onStop?(): void;
}

/** What a strategy file exports as `strategy`. */
export interface StrategyFactory<T extends ParameterTable = ParameterTable> {
  /** kebab-case, at most 32 characters: the name on the command line and in the journal. */
  readonly name: string;
  /** One sentence for lists and reports. */
  readonly about: string;
  readonly parameters: T;
  needs(parameters: ParameterValues<T>): StrategyNeeds;
  create(context: StrategyContext, parameters: ParameterValues<T>): Strategy;
}

/** Checks a factory while compiling and forgets its parameter types, so that lists can hold it. */
export function defineStrategy<const T extends ParameterTable>(
  factory: StrategyFactory<T>,
): StrategyFactory {
  return factory;
}

/** The client order id of an order, as the wire and the journal have it. */
export function clientOrderId(strategyId: number, order: OrderNumber): bigint {
  return (BigInt(strategyId) << 48n) | BigInt(order);
}
