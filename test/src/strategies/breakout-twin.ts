// The breakout strategy and the core it needs, written down plainly: whole arrays, no state tricks.
//
// It reads the ticks of a generated file and says which orders must have been filled where.

/** One tick: a quote with plenty behind it, or a trade. */
export type Tick = { millis: number; bid: number; ask: number } | { millis: number; price: number };

export interface TwinParameters {
  timeframeSeconds: number;
  channelCandles: number;
  atrCandles: number;
  stopAtr: number;
  cooldownCandles: number;
  lots: number;
}

export interface TwinFill {
  millis: number;
  side: "buy" | "sell";
  price: number;
}

interface Candle {
  end: number;
  high: number;
  low: number;
  close: number;
}

/** Average true range of closed candles, Wilder's way; 0 while it warms up. */
export function atrOf(candles: readonly Candle[], period: number): number {
  if (candles.length <= period) return 0;
  const ranges = candles.slice(1).map((candle, index) => {
    const before = candles[index]!.close;
    return Math.max(candle.high, before) - Math.min(candle.low, before);
  });
  let average = ranges.slice(0, period).reduce((sum, range) => sum + range, 0) / period;
  for (const range of ranges.slice(period)) average = (average * (period - 1) + range) / period;
  return average;
}

/** Fills of the whole run, in order. */
export function breakoutTwin(ticks: readonly Tick[], p: TwinParameters): TwinFill[] {
  const periodMillis = p.timeframeSeconds * 1000;
  const closed: Candle[] = [];
  const fills: TwinFill[] = [];
  let forming: Candle | undefined;
  let quote = { bid: 0, ask: 0 };
  let position = 0;
  let stop = 0;
  let best = 0;
  let cooldown = 0;

  for (const tick of ticks) {
    let order: "buy" | "sell" | undefined;
    let isExit = false;
    if (forming !== undefined && tick.millis >= forming.end) {
      const before = closed.slice(-p.channelCandles);
      const distance = Math.max(1, Math.ceil(p.stopAtr * atrOf(closed, p.atrCandles)));
      const isWarm = closed.length >= p.channelCandles && closed.length > p.atrCandles;
      if (position !== 0) {
        if (closed.length > p.atrCandles) {
          best = position > 0 ? Math.max(best, forming.close) : Math.min(best, forming.close);
          stop = position > 0 ? Math.max(stop, best - distance) : Math.min(stop, best + distance);
        }
      } else if (cooldown > 0) cooldown -= 1;
      else if (isWarm && forming.close > Math.max(...before.map((one) => one.high))) order = "buy";
      else if (isWarm && forming.close < Math.min(...before.map((one) => one.low))) order = "sell";
      if (order !== undefined) {
        best = forming.close;
        stop = order === "buy" ? best - distance : best + distance;
      }
      closed.push(forming);
      forming = undefined;
    }
    if ("price" in tick) {
      const end = (Math.floor(tick.millis / periodMillis) + 1) * periodMillis;
      forming ??= { end, high: tick.price, low: tick.price, close: tick.price };
      forming.high = Math.max(forming.high, tick.price);
      forming.low = Math.min(forming.low, tick.price);
      forming.close = tick.price;
    } else quote = tick;
    if (order === undefined && position !== 0) {
      const long = "price" in tick ? tick.price : tick.bid;
      const short = "price" in tick ? tick.price : tick.ask;
      if (position > 0 ? long <= stop : short >= stop) {
        order = position > 0 ? "sell" : "buy";
        isExit = true;
      }
    }
    if (order === undefined) continue;
    position += order === "buy" ? p.lots : -p.lots;
    if (isExit) cooldown = p.cooldownCandles;
    fills.push({
      millis: tick.millis,
      side: order,
      price: order === "buy" ? quote.ask : quote.bid,
    });
  }
  return fills;
}
