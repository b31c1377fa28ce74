// Best prices of the selected instrument and, price by price, the orders that rest in the core.
import { Kind, Side } from "../../asm/vocab.ts";
import { isRecord } from "../protocol.ts";
import { NO_VALUE, stepText } from "./format.ts";
import type { Opened, Shown } from "./incident-link.ts";
import { stepsOf } from "./incident-names.ts";
import type { IncidentState } from "./incident-state.ts";

/** Prices a side shows. */
const LEVELS_SHOWN = 10;

interface Level {
  priceTicks: number;
  /** Lots of the market at its best price; 0 elsewhere. */
  marketLots: number;
  ownLots: number;
  orders: number;
}

/** The book at the cursor. */
export function IncidentBook({ state }: { state: IncidentState }) {
  const [opened, shown] = [state.opened.value, state.shown.value];
  const instrument = state.instrument.value;
  if (opened === undefined || shown === undefined) return <section class="panel levels" />;
  const steps = stepsOf(opened, instrument);
  const [bids, asks] = sidesOf(shown, instrument);
  const isEmpty = bids.length + asks.length === 0;
  const row = (level: Level, isBid: boolean) => (
    <tr key={`${isBid}/${level.priceTicks}`} class={level.ownLots > 0 ? "own" : ""}>
      <td class={isBid ? "num up" : "num down"}>{stepText(level.priceTicks, steps.price)}</td>
      <td class="num">{level.marketLots > 0 ? stepText(level.marketLots, steps.qty) : NO_VALUE}</td>
      <td class="num">{level.ownLots > 0 ? stepText(level.ownLots, steps.qty) : NO_VALUE}</td>
      <td class="num faint">{level.orders > 0 ? level.orders : NO_VALUE}</td>
    </tr>
  );
  return (
    <section class="panel levels" aria-label="Book">
      <div class="panel-head">
        <h2>Book</h2>
        <Instruments opened={opened} state={state} />
      </div>
      <div class="scroll" tabIndex={0} data-testid="levels">
        <table class="data">
          <thead>
            <tr>
              <th class="num">Price</th>
              <th class="num">Market</th>
              <th class="num">Our lots</th>
              <th class="num">Orders</th>
            </tr>
          </thead>
          <tbody>
            {[...asks].reverse().map((level) => row(level, false))}
            {!isEmpty && (
              <tr class="middle">
                <td colSpan={4}>{spreadText(bids, asks)}</td>
              </tr>
            )}
            {bids.map((level) => row(level, true))}
          </tbody>
        </table>
        {isEmpty && <p class="empty">No price and no order of it at this point.</p>}
      </div>
    </section>
  );
}

/** Of the market; own orders of a paper account may lie through it without meeting anybody. */
function spreadText(bids: readonly Level[], asks: readonly Level[]): string {
  const isMarket = (level: Level): boolean => level.marketLots > 0;
  const bid = bids.find(isMarket) ?? bids[0];
  const ask = asks.find(isMarket) ?? asks[0];
  if (bid === undefined || ask === undefined) return "one side only";
  const ticks = ask.priceTicks - bid.priceTicks;
  return `spread ${ticks} ${ticks === 1 ? "tick" : "ticks"}`;
}

function Instruments({ opened, state }: { opened: Opened; state: IncidentState }) {
  return (
    <select
      class="select"
      aria-label="Instrument"
      data-testid="instrument"
      value={String(state.instrument.value)}
      onChange={(event) => state.select(Number(event.currentTarget.value), state.timeframe.peek())}
    >
      {opened.reference.specs.map(({ instrument, symbol }) => (
        <option key={instrument} value={String(instrument)}>
          {symbol}
        </option>
      ))}
    </select>
  );
}

/** Bids and asks, best first. */
function sidesOf(shown: Shown, instrument: number): [Level[], Level[]] {
  const sides = [new Map<number, Level>(), new Map<number, Level>()] as const;
  const level = (side: number, priceTicks: number): Level => {
    const levels = sides[side === Number(Side.Buy) ? 0 : 1];
    const found = levels.get(priceTicks) ?? { priceTicks, marketLots: 0, ownLots: 0, orders: 0 };
    levels.set(priceTicks, found);
    return found;
  };
  const top = shown.tops.find((one) => one.instrument === instrument);
  if (top !== undefined && isRecord(top, Kind.TopOfBook)) {
    if (top.bidLots > 0) level(Side.Buy, top.bidTicks).marketLots = top.bidLots;
    if (top.askLots > 0) level(Side.Sell, top.askTicks).marketLots = top.askLots;
  }
  for (const { orders } of shown.accounts) {
    for (const order of orders) {
      if (order.instrument !== instrument || order.priceTicks === 0) continue;
      const one = level(order.side, order.priceTicks);
      one.ownLots += order.leavesLots;
      one.orders += 1;
    }
  }
  const bids = [...sides[0].values()].sort((a, b) => b.priceTicks - a.priceTicks);
  const asks = [...sides[1].values()].sort((a, b) => a.priceTicks - b.priceTicks);
  return [bids.slice(0, LEVELS_SHOWN), asks.slice(0, LEVELS_SHOWN)];
}
