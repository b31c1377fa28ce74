// Random market and orders of paper instruments that model the queue: a touch that stays for a
// while, so that levels grow and shrink, and trades at its prices.
import { Execution, Kind, OrderType, QueueModel, Side } from "../../asm/vocab.ts";
import type { Fields, OrderCore } from "../asm/order-core.ts";
import type { OrderTwin, Row } from "../reference/order-twin.ts";
import { withFields } from "../reference/row.ts";

export const QUEUE_AVERSE = 4;
export const QUEUE_POWER = 5;
export const QUEUES = [QUEUE_AVERSE, QUEUE_POWER];
const POWER = 3;

/** How much of a stream is about queues: quotes and trades of all inputs, orders of all orders. */
export interface QueueShare {
  market: number;
  orders: number;
}
export const QUEUE_SOME: QueueShare = { market: 0.08, orders: 0.11 };
export const QUEUE_MOST: QueueShare = { market: 0.6, orders: 0.95 };

/** Gives core and twin an instrument a model. */
export function addQueues(core: OrderCore, twin: OrderTwin, spec: Fields & Row): void {
  for (const id of QUEUES) {
    const isPower = id === QUEUE_POWER;
    const queueModel = isPower ? QueueModel.Power : QueueModel.RiskAverse;
    core.instrument(id, { ...spec, execution: Execution.Paper, queueModel });
    twin.instrument(id, Execution.Paper, Number(spec["staleMillis"]));
    twin.queueModel(id, isPower ? POWER : 0);
  }
}

interface Touch {
  bidTicks: number;
  bidLots: number;
  askTicks: number;
  askLots: number;
}

export class QueueStream {
  private readonly random: () => number;
  private readonly touch = new Map<number, Touch>();

  private readonly share: QueueShare;

  constructor(random: () => number, share: QueueShare) {
    this.random = random;
    this.share = share;
  }

  /** True when the next input is a quote or a trade of these instruments. */
  isNext(): boolean {
    return this.random() < this.share.market;
  }

  private pick(most: number): number {
    return Math.floor(this.random() * most);
  }

  /** A quote or a trade of one of the instruments, near `drift`. */
  market(drift: number): [Kind, Row] {
    const instrument = QUEUES[this.pick(2)]!;
    const touch = this.touch.get(instrument);
    if (touch === undefined || this.random() < 0.55) {
      return [Kind.TopOfBook, { instrument, ...this.quote(instrument, drift, touch) }];
    }
    const isSale = this.random() < 0.5;
    const [ticks, lots] = isSale
      ? [touch.bidTicks, touch.bidLots]
      : [touch.askTicks, touch.askLots];
    const aggressor = this.random() < 0.3 ? Side.None : isSale ? Side.Sell : Side.Buy;
    const through = this.random() < 0.15 ? 1 : 0;
    const priceTicks = Math.max(1, ticks + (isSale ? -through : through));
    const qtyLots = 1 + this.pick(lots + (this.random() < 0.3 ? 120 : 10));
    return [Kind.TradePrint, { instrument, priceTicks, qtyLots, aggressor }];
  }

  /** The touch with another lot count, or moved by a tick, or a new one near `drift`. */
  private quote(instrument: number, drift: number, before: Touch | undefined): Row {
    const touch = { ...(before ?? this.around(drift)) };
    const dice = this.random();
    if (dice < 0.4) touch.bidLots = Math.max(1, touch.bidLots + this.pick(31) - 17);
    else if (dice < 0.8) touch.askLots = Math.max(1, touch.askLots + this.pick(31) - 17);
    else if (dice < 0.9) touch.bidTicks += touch.askTicks - touch.bidTicks > 1 ? 1 : -1;
    else if (dice < 0.97) Object.assign(touch, this.worse(touch));
    else Object.assign(touch, this.around(drift));
    this.touch.set(instrument, touch);
    const isBare = this.random() < 0.02;
    return isBare ? withFields(touch, { bidTicks: 0, bidLots: 0 }) : { ...touch };
  }

  /** A side goes one tick away, to orders that wait deeper. */
  private worse({ bidTicks, askTicks }: Touch): Partial<Touch> {
    return this.random() < 0.5 ? { bidTicks: bidTicks - 1 } : { askTicks: askTicks + 1 };
  }

  private around(drift: number): Touch {
    const bidTicks = drift + this.pick(6) - 3;
    const [bidLots, askLots] = [5 + this.pick(30), 5 + this.pick(30)];
    return { bidTicks, bidLots, askTicks: bidTicks + 1 + this.pick(3), askLots };
  }

  /** Now and then puts a new order near the touch of one of the instruments. */
  place(order: Row): Row {
    if (this.random() >= this.share.orders) return order;
    const instrument = QUEUES[this.pick(2)]!;
    const touch = this.touch.get(instrument);
    if (touch === undefined || order["type"] !== OrderType.Limit) return order;
    const isBuy = order["side"] === Side.Buy;
    const away = this.random() < 0.55 ? 0 : this.pick(3) - 1;
    const priceTicks = isBuy ? touch.bidTicks - away : touch.askTicks + away;
    return withFields(order, { instrument, priceTicks });
  }
}
