// Random parents among the inputs of the order stream, and quotes that let their children trade.
import { Algorithm, Kind, OrderType, Scope, TimeInForce } from "../../asm/vocab.ts";
import type { OrderTwin, Row } from "../reference/order-twin.ts";
import { QUEUE_SOME } from "./order-queue.ts";
import { ROUTED_NONE } from "./order-routed.ts";
import { ACCOUNTS, INTERNAL, OrderStream, PAPER, STRATEGIES } from "./order-stream.ts";

const SECOND = 1e9;
const STEP_NANOS = 100_000;
const INSTRUMENTS = [INTERNAL, PAPER];

export class ParentStream {
  nowNanos = 0;
  private readonly random: () => number;
  private readonly twin: OrderTwin;
  private readonly orders: OrderStream;
  private parents = 0;
  private made = 0;
  private killed = 0;
  private lastDue = 0;

  constructor(random: () => number, twin: OrderTwin) {
    this.random = random;
    this.twin = twin;
    // Orders at venues have a stream of their own: they would ask at each jump to a parent's turn.
    this.orders = new OrderStream(random, twin, QUEUE_SOME, ROUTED_NONE);
  }

  next(): [Kind, Row] {
    const input = this.input();
    this.nowNanos = this.orders.nowNanos;
    return input;
  }

  private input(): [Kind, Row] {
    const dice = this.random();
    if (dice > 0.3) return this.orders.next();
    this.orders.nowNanos += STEP_NANOS;
    // Mostly up to the next turn of a parent, so that their schedules are worked and not jumped.
    const due = this.twin.parents.first()?.due ?? Infinity;
    if (due !== Infinity && due > this.orders.nowNanos && due !== this.lastDue && dice < 0.2) {
      this.lastDue = due;
      this.orders.nowNanos = due + this.pick(2);
    }
    if (dice < 0.08) return [Kind.ParentNew, this.parent()];
    if (dice < 0.09) return [Kind.ParentCancel, this.cancel()];
    if (dice < 0.115) return [Kind.VolumeCurve, this.curve()];
    if (dice < 0.12) return this.kill();
    const bidTicks = 990 + this.pick(20);
    const [bidLots, askLots] = [this.pick(6) * 20, this.pick(6) * 20];
    if (dice < 0.17) return this.makers(bidTicks);
    if (dice < 0.22) {
      const askTicks = askLots === 0 ? 0 : bidTicks + 1 + this.pick(3);
      const bid = bidLots === 0 ? 0 : bidTicks;
      return [Kind.TopOfBook, { instrument: PAPER, bidTicks: bid, bidLots, askTicks, askLots }];
    }
    return [Kind.TradePrint, { instrument: PAPER, priceTicks: bidTicks, qtyLots: this.pick(90) }];
  }

  private pick(most: number): number {
    return Math.floor(this.random() * most);
  }

  private one<T>(list: readonly T[]): T {
    return list[this.pick(list.length)]!;
  }

  private chance(of: number): boolean {
    return this.random() < of;
  }

  private at(nanos: number): bigint {
    return this.twin.baseNanos + BigInt(nanos);
  }

  private parent(): Row {
    const account = this.chance(0.02) ? 99 : this.one(ACCOUNTS);
    const owned = STRATEGIES[ACCOUNTS.indexOf(account)] ?? 0;
    const algorithm = this.chance(0.02) ? this.one([0, 6]) : 1 + this.pick(5);
    const isIceberg = algorithm === Algorithm.Iceberg;
    const isPov = algorithm === Algorithm.Pov;
    const slices = 1 + this.pick(8);
    const isLong = algorithm === Algorithm.Vwap || this.chance(0.1);
    const unit = isLong ? 60 * SECOND : STEP_NANOS * 10;
    const interval = (1 + this.pick(40)) * unit;
    const start = this.orders.nowNanos + (this.chance(0.3) ? this.pick(SECOND / 100) : 0);
    const end = start + interval * slices - this.pick(interval / 2);
    const hasLimit = isIceberg ? !this.chance(0.04) : this.chance(0.3);
    // An endless iceberg that only meets its own orders would fill the ring in a jump over a day.
    const hasEnd = isIceberg || !this.chance(0.03);
    const instrument = this.chance(0.02) ? 9 : this.one(INSTRUMENTS);
    return {
      instrument,
      account,
      positionSide: this.orders.leg(account, instrument),
      strategy: this.chance(0.02) ? 9 : this.chance(0.6) ? owned : 0,
      clientId: this.chance(0.1) ? this.pick(this.parents + 1) : ++this.parents,
      algorithm,
      side: this.chance(0.02) ? 0 : 1 + this.pick(2),
      style: this.pick(2),
      selfTrade: this.pick(6),
      qtyLots: this.chance(0.02) ? 0 : 1 + this.pick(this.chance(0.1) ? 5 : isPov ? 8 : 200),
      limitTicks: hasLimit ? 985 + this.pick(30) : 0,
      startNanos: this.chance(0.3) ? 0n : this.at(start),
      endNanos: hasEnd ? this.at(end) : 0n,
      intervalNanos: isIceberg !== this.chance(0.03) ? 0 : interval,
      childMinLots: !isIceberg && this.chance(0.2) ? this.pick(12) : 0,
      childMaxLots: isIceberg || this.chance(0.2) ? this.pick(30) : 0,
      driftBps: this.chance(0.02) ? 10_001 : this.chance(0.5) ? this.pick(3000) : 0,
      shareBps: isPov !== this.chance(0.02) ? 1 + this.pick(5050) : 0,
      riskAversion: this.chance(0.2) ? 0 : this.random() * 1e-2,
      volatility: this.random() * 3,
      impact: this.chance(0.05) ? 0 : 0.01 + this.random(),
      impactLasting: 0,
    };
  }

  /** An order that gives the children of an internal book somebody to trade with. */
  private makers(priceTicks: number): [Kind, Row] {
    const account = this.one(ACCOUNTS);
    const positionSide = this.orders.leg(account, INTERNAL);
    const who = { instrument: INTERNAL, account, positionSide, clientId: 1e6 + ++this.made };
    const what = { type: OrderType.Limit, side: 1 + this.pick(2), tif: TimeInForce.Gtc };
    return [Kind.OrderNew, Object.assign(who, what, { priceTicks, qtyLots: 50 + this.pick(150) })];
  }

  /** Kills the account of a parent whose child rests; the next kill is taken back first. */
  private kill(): [Kind, Row] {
    const open = this.twin.parents.open().find((one) => one.child !== undefined);
    const isOn = this.killed === 0 && open !== undefined;
    const account = isOn ? open.account : this.killed || this.one(ACCOUNTS);
    this.killed = isOn ? account : 0;
    const [state, cancelOpen] = isOn ? [1, this.pick(4) && 1] : [0, 0];
    return [Kind.KillSwitch, { scope: Scope.Account, account, state, cancelOpen }];
  }

  private cancel(): Row {
    const open = this.one(this.twin.parents.open());
    const isOpen = (open as unknown) !== undefined && this.chance(0.8);
    const account = this.chance(0.05) ? 99 : isOpen ? open.account : this.one(ACCOUNTS);
    return { account, clientId: isOpen ? open.clientId : this.pick(this.parents + 2) };
  }

  private curve(): Row {
    const bins = this.chance(0.1) ? this.one([7, 49, 0]) : this.one([1, 2, 24, 48]);
    const weight = (): number => (this.chance(0.2) ? 0 : this.pick(1_048_577));
    const weights = Array.from({ length: Math.min(bins, 48) }, weight);
    const at = this.twin.parents.open().find((one) => one.algorithm === Algorithm.Vwap);
    const instrument = this.chance(0.03) ? 9 : (at?.instrument ?? this.one(INSTRUMENTS));
    return { instrument, bins, weights: weights as unknown as number };
  }
}
