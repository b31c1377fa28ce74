// Demonstration, not advice: Donchian breakout with an ATR trailing stop.
//
// A candle that closes beyond the highest high or lowest low of the candles before it opens a
// position at market; the stop trails the best close by a multiple of ATR and never moves back. It
// exists to show the whole path from tick to fill and loses money where fees exceed the moves it
// catches. The stop is synthetic: it lives in this process and dies with it. It moves to a stop
// order at the venue when the core has those.
import { defineStrategy, IndicatorKind, OrderState, Side } from "./strategy.ts";
import type {
  CandleView,
  FillView,
  IndicatorView,
  OrderView,
  ParameterValues,
  QuoteView,
  Strategy,
  StrategyContext,
  StrategyInstrument,
  TradeView,
} from "./strategy.ts";

const PARAMETERS = {
  timeframeSeconds: {
    type: "number",
    unit: "s",
    default: 60,
    min: 1,
    max: 86_400,
    whole: true,
    about: "length of the candles it looks at",
  },
  channelCandles: {
    type: "number",
    unit: "candles",
    default: 20,
    min: 2,
    max: 500,
    whole: true,
    about: "candles whose high and low make the channel, the current one not counted",
  },
  atrCandles: {
    type: "number",
    unit: "candles",
    default: 14,
    min: 1,
    max: 500,
    whole: true,
    about: "period of the average true range",
  },
  stopAtr: {
    type: "number",
    unit: "ATR",
    default: 3,
    min: 0.1,
    max: 50,
    about: "distance of the trailing stop",
  },
  riskQuote: {
    type: "number",
    unit: "settlement currency",
    default: 100,
    min: 0.01,
    max: 1_000_000_000,
    about: "loss at the first stop, before fees and slippage; sets the quantity",
  },
  notionalQuoteMax: {
    type: "number",
    unit: "settlement currency",
    default: 10_000,
    min: 0.01,
    max: 1_000_000_000_000,
    about: "most that one position may be worth when it opens",
  },
  cooldownCandles: {
    type: "number",
    unit: "candles",
    default: 3,
    min: 0,
    max: 10_000,
    whole: true,
    about: "closed candles to wait after an exit",
  },
  direction: {
    type: "choice",
    choices: ["both", "long", "short"],
    default: "both",
    about: "sides it may open",
  },
} as const;

const ATR = "atr";

/** Engine time to wait after a refused order: an untrusted book refuses every one of them. */
const RETRY_DENIED_MILLIS = 1000;
/** After an order that filled in part: the best level is empty until its quote changes. */
const RETRY_REST_MILLIS = 100;

/** States in which an order can trade no more. */
function isDone(state: OrderState): boolean {
  return state >= OrderState.Filled;
}

/** State and rules on one instrument. */
class Breakout {
  private readonly context: StrategyContext;
  private readonly instrument: StrategyInstrument;
  private readonly parameters: ParameterValues<typeof PARAMETERS>;
  private readonly highs: Float64Array;
  private readonly lows: Float64Array;
  private candles = 0;
  private atrTicks = 0;
  private bestTicks = 0;
  private stopTicks = 0;
  private cooldown = 0;
  /** The order on its way; one at a time. */
  private orderNumber = 0;
  private isExit = false;
  private retryMillis = 0;

  constructor(
    context: StrategyContext,
    instrument: StrategyInstrument,
    parameters: ParameterValues<typeof PARAMETERS>,
  ) {
    this.context = context;
    this.instrument = instrument;
    this.parameters = parameters;
    this.highs = new Float64Array(parameters.channelCandles);
    this.lows = new Float64Array(parameters.channelCandles);
  }

  /** The newest value. It follows its candle, so `candle` sees that of the candle before. */
  setAtr(value: IndicatorView): void {
    this.atrTicks = value.isWarm ? value.value : 0;
  }

  candle(candle: CandleView): void {
    const closeTicks = candle.closeTicks;
    const lots = this.context.position(this.instrument).lots;
    if (lots !== 0) this.trail(closeTicks, Math.sign(lots));
    else if (this.cooldown > 0) this.cooldown -= 1;
    else this.look(closeTicks);
    this.keep(candle.highTicks, candle.lowTicks);
  }

  private keep(highTicks: number, lowTicks: number): void {
    const place = this.candles % this.highs.length;
    this.highs[place] = highTicks;
    this.lows[place] = lowTicks;
    this.candles += 1;
  }

  /** Opens when the close lies outside the channel of the candles before it. */
  private look(closeTicks: number): void {
    if (this.candles < this.highs.length || this.atrTicks <= 0 || !this.maySend()) return;
    let high = this.highs[0]!;
    let low = this.lows[0]!;
    for (let index = 1; index < this.highs.length; index++) {
      high = Math.max(high, this.highs[index]!);
      low = Math.min(low, this.lows[index]!);
    }
    const direction = this.parameters.direction;
    if (closeTicks > high && direction !== "short") this.enter(Side.Buy, closeTicks);
    else if (closeTicks < low && direction !== "long") this.enter(Side.Sell, closeTicks);
  }

  private maySend(): boolean {
    return this.orderNumber === 0 && this.context.nowMillis >= this.retryMillis;
  }

  private enter(side: Side, closeTicks: number): void {
    const distanceTicks = this.stopDistance();
    const qtyLots = this.lotsFor(closeTicks, distanceTicks);
    if (qtyLots < this.instrument.qtyMinLots) return;
    this.bestTicks = closeTicks;
    this.stopTicks = side === Side.Buy ? closeTicks - distanceTicks : closeTicks + distanceTicks;
    this.isExit = false;
    this.orderNumber = this.context.order({ instrument: this.instrument, side, qtyLots });
  }

  /** In whole ticks, at least one; rounded up, so that the quantity is rounded toward less risk. */
  private stopDistance(): number {
    return Math.max(1, Math.ceil(this.parameters.stopAtr * this.atrTicks));
  }

  /** Lots that lose `riskQuote` over the stop's distance, within the notional limit; floored. */
  private lotsFor(priceTicks: number, distanceTicks: number): number {
    const scale = 10 ** -this.instrument.settlementMinorExponent;
    const perLot = this.instrument.minorPerTickLot;
    const byRisk = (this.parameters.riskQuote * scale) / (distanceTicks * perLot);
    const byNotional = (this.parameters.notionalQuoteMax * scale) / (priceTicks * perLot);
    return Math.floor(Math.min(byRisk, byNotional, this.instrument.qtyMaxLots));
  }

  private trail(closeTicks: number, sign: number): void {
    if (this.atrTicks <= 0) return;
    const distanceTicks = this.stopDistance();
    if (sign > 0) {
      this.bestTicks = Math.max(this.bestTicks, closeTicks);
      this.stopTicks = Math.max(this.stopTicks, this.bestTicks - distanceTicks);
    } else {
      this.bestTicks = Math.min(this.bestTicks, closeTicks);
      this.stopTicks = Math.min(this.stopTicks, this.bestTicks + distanceTicks);
    }
  }

  /** Looks at a price at which a long (bid) or a short (ask) could be closed, 0 = unknown. */
  price(longTicks: number, shortTicks: number): void {
    const lots = this.context.position(this.instrument).lots;
    if (lots === 0 || !this.maySend()) return;
    const isHit =
      lots > 0
        ? longTicks > 0 && longTicks <= this.stopTicks
        : shortTicks > 0 && shortTicks >= this.stopTicks;
    if (!isHit) return;
    const side = lots > 0 ? Side.Sell : Side.Buy;
    this.isExit = true;
    this.orderNumber = this.context.order({
      instrument: this.instrument,
      side,
      qtyLots: Math.abs(lots),
    });
  }

  /** An IOC order is over when it filled or when the rest was canceled or refused. */
  order(number: number, state: OrderState): void {
    if (number !== this.orderNumber || !isDone(state)) return;
    this.orderNumber = 0;
    if (state !== OrderState.Filled) {
      const isDenied = state === OrderState.Denied;
      const waitMillis = isDenied ? RETRY_DENIED_MILLIS : RETRY_REST_MILLIS;
      this.retryMillis = this.context.nowMillis + waitMillis;
    }
    const lots = this.context.position(this.instrument).lots;
    // A part that did not trade keeps the stop: the next price sends the rest.
    if (this.isExit && lots === 0) this.cooldown = this.parameters.cooldownCandles;
  }
}

/** The callbacks, handed to the state of the instrument they are about. */
class BreakoutStrategy implements Strategy {
  private readonly byId: Breakout[] = [];
  private readonly periodMillis: number;

  constructor(context: StrategyContext, parameters: ParameterValues<typeof PARAMETERS>) {
    this.periodMillis = parameters.timeframeSeconds * 1000;
    for (const instrument of context.instruments) {
      this.byId[instrument.id] = new Breakout(context, instrument, parameters);
    }
  }

  onCandle(instrument: StrategyInstrument, periodMillis: number, candle: CandleView): void {
    if (periodMillis === this.periodMillis) this.byId[instrument.id]!.candle(candle);
  }

  onIndicator(instrument: StrategyInstrument, _name: string, value: IndicatorView): void {
    this.byId[instrument.id]!.setAtr(value);
  }

  onQuote(instrument: StrategyInstrument, quote: QuoteView): void {
    const bidTicks = quote.bidLots > 0 ? quote.bidTicks : 0;
    this.byId[instrument.id]!.price(bidTicks, quote.askLots > 0 ? quote.askTicks : 0);
  }

  onTrade(instrument: StrategyInstrument, trade: TradeView): void {
    const priceTicks = trade.priceTicks;
    this.byId[instrument.id]!.price(priceTicks, priceTicks);
  }

  onOrder(instrument: StrategyInstrument, order: OrderView): void {
    this.byId[instrument.id]!.order(order.orderNumber, order.state);
  }

  onFill(instrument: StrategyInstrument, fill: FillView): void {
    this.byId[instrument.id]!.order(fill.orderNumber, fill.state);
  }
}

/** The demonstration that `npm start` runs on the simulator, with a timeframe of one second. */
export const strategy = defineStrategy({
  name: "breakout",
  about: "Donchian breakout with an ATR trailing stop; a demonstration, not advice",
  parameters: PARAMETERS,
  needs: (parameters) => ({
    timeframes: [parameters.timeframeSeconds * 1000],
    indicators: [
      {
        name: ATR,
        kind: IndicatorKind.Atr,
        periodMillis: parameters.timeframeSeconds * 1000,
        period: parameters.atrCandles,
      },
    ],
  }),
  create: (context, parameters) => new BreakoutStrategy(context, parameters),
});

/**
 * Parameters with which it trades within the first minute of a lively market: one-second candles
 * and short windows. For the demonstration only.
 */
export const DEMO_PARAMETERS = {
  timeframeSeconds: 1,
  channelCandles: 8,
  atrCandles: 5,
  stopAtr: 3,
  cooldownCandles: 2,
} as const;
