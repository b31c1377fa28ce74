// A stream of orders that meets every limit, and the core under the auditor's eyes: orders, amends
// and cancels of six accounts in four books, under rows of limits that change all the time.
import * as v from "../../asm/vocab.ts";
import { Kind, OrderType, Refusal, Scope, Side, TimeInForce } from "../../asm/vocab.ts";
import { readI64 } from "../../src/protocol.ts";
import { OrderCore } from "../asm/order-core.ts";
import type { Row } from "../reference/order-twin.ts";
import { seeded } from "../reference/random.ts";
import { writeRow } from "./order-bytes.ts";
import { randomLimits } from "./order-risk-stream.ts";
import { RiskAudit, type Limits, type Who, type Wish } from "./risk-audit.ts";
import { withFields } from "../reference/row.ts";

const ACCOUNTS = [1, 2, 3, 4, 5, 6];
const STRATEGIES: Record<number, number> = { 1: 7, 2: 8 };
const INSTRUMENTS = [1, 2, 3, 4];
const REFERENCE = 1_000;
const TAKER_PER_BILLION = 50_000;
const RELEASE_ODDS = 0.004;

/** Refused behind the look at drawdown. */
const BEHIND = [
  Refusal.DrawdownLimit,
  Refusal.NetExposureLimit,
  Refusal.GrossExposureLimit,
  Refusal.LeverageLimit,
  Refusal.ConcentrationLimit,
  Refusal.MarginInsufficient,
  Refusal.DuplicateOrder,
] as number[];

/** Fields of an OrderNew. */
interface Sent extends Who, Row {
  clientId: number;
  side: number;
  type: number;
  tif: number;
  priceTicks: number;
  qtyLots: number;
}

interface Order extends Who {
  clientId: number;
  side: number;
  price: number;
  leaves: number;
}

/** One run of a seed: `step` sends one input and returns what is wrong with the answer. */
export class RiskOrders {
  readonly audit = new RiskAudit();
  readonly refused = new Map<number, number>();
  orders = 0;
  accepted = 0;
  private readonly core = OrderCore.create();
  private readonly random: () => number;
  private readonly open = new Map<number, Order>();
  private readonly ids: number[] = [];
  private readonly tops = new Map<number, [number, number]>();
  private clientId = 0;
  private touched = new Set<number>();
  private answer = 0;
  private reason = 0;
  /** The order sent last. */
  private last: Sent | undefined;

  constructor(seed: number) {
    this.random = seeded(seed);
    for (const id of INSTRUMENTS) {
      this.core.instrument(id, { referenceTicks: REFERENCE });
      this.audit.marks.set(id, { ticks: REFERENCE, nanos: -1 });
      this.tops.set(id, [0, 0]);
    }
    this.core.send(Kind.FeeSchedule, { takerPerBillion: TAKER_PER_BILLION });
    for (const account of ACCOUNTS) {
      const tenant = account % 2;
      this.core.account(account, { tenant });
      this.audit.account(account, tenant, INSTRUMENTS);
      this.cash(account, 60_000 * account);
    }
    for (const [account, id] of Object.entries(STRATEGIES)) {
      this.core.send(Kind.Strategy, { id, account: Number(account) });
    }
  }

  private pick = (most: number): number => Math.floor(this.random() * most);

  private one<T>(list: readonly T[]): T {
    return list[this.pick(list.length)]!;
  }

  private cash(account: number, amountMinor: number): void {
    const fields = { account, currency: 1, amountMinor };
    const first = this.core.send(Kind.CashAdjust, fields)[0]!;
    if (first["kind"] === Kind.ConfigAccepted) this.audit.deposit(account, amountMinor);
    if (first["kind"] === Kind.ConfigAccepted) this.seen(account);
  }

  /** A balance changed: drawdown is looked at where it was asked for. */
  private seen(account: number): void {
    if (this.audit.books.get(account)!.peak !== undefined) this.audit.look(account, true);
  }

  step(): string | undefined {
    this.core.nowNanos += 50_000;
    if (this.random() < 0.0003) this.core.nowNanos += 3_600e9 * (1 + this.pick(30));
    this.audit.now = this.core.nowNanos;
    const dice = this.random();
    if (dice < 0.004) return this.config();
    if (dice < 0.005) return void this.cash(this.one(ACCOUNTS), this.pick(60_000) - 20_000);
    for (const id of dice < 0.005 + RELEASE_ODDS ? this.audit.stopped : []) {
      return this.release(id);
    }
    if (dice < 0.3 && this.ids.length > 0) return this.change(dice < 0.22 || this.ids.length > 200);
    return this.order();
  }

  private release(strategy: number): undefined {
    const account = Number(
      Object.keys(STRATEGIES).find((id) => STRATEGIES[Number(id)] === strategy),
    );
    this.core.send(Kind.RiskRelease, { scope: Scope.Strategy, strategy, account });
    this.audit.release(strategy);
    return undefined;
  }

  // What is in force ---------------------------------------------------------------------------

  private who(): Who {
    const account = this.one(ACCOUNTS);
    const strategy = this.random() < 0.7 ? (STRATEGIES[account] ?? 0) : 0;
    return { account, strategy, instrument: this.one(INSTRUMENTS) };
  }

  private config(): undefined {
    const account = this.one([1, 2, 3, 1, 2, 4, 5, 6]);
    const who = { account, strategy: STRATEGIES[account] ?? 7, instrument: this.one(INSTRUMENTS) };
    const tenant = this.audit.books.get(account)!.tenant;
    const dice = this.random();
    if (dice < 0.08) {
      const initialBps = this.pick(2) * (1_000 + this.pick(9_000));
      this.core.send(Kind.MarginSchedule, { instrument: who.instrument, initialBps });
      this.audit.initialBps.set(who.instrument, initialBps);
      return undefined;
    }
    if (dice < 0.2) {
      const scope = this.pick(3);
      const [side, state] = [this.pick(3), Number(this.random() < 0.35)];
      this.core.send(Kind.RestrictedList, { ...who, tenant, scope, side, state });
      for (const one of side === 0 ? [Side.Buy, Side.Sell] : [side]) {
        const key = `${this.audit.key(scope, who)} ${who.instrument} ${one}`;
        if (state === 1) this.audit.restricted.add(key);
        else this.audit.restricted.delete(key);
      }
      return undefined;
    }
    const scope = this.pick(6);
    const limits = this.random() < 0.86 ? {} : this.limits();
    const outs = this.core.send(Kind.RiskLimits, { ...limits, ...who, tenant, scope });
    if (outs[0]!["kind"] === Kind.ConfigAccepted) {
      this.audit.rows.set(this.audit.key(scope, who), limits);
    }
    return undefined;
  }

  /** Of the sizes this stream meets: twenty lots at a thousand. */
  private limits(): Limits {
    const limits = randomLimits(this.pick) as Limits;
    if (limits.ordersOpenMax !== undefined) limits.ordersOpenMax += 4;
    if (limits.qtyLotsMax !== undefined) limits.qtyLotsMax = 5 + this.pick(16);
    if (limits.repeatsMax !== undefined) limits.repeatsMax += 20;
    return limits;
  }

  // Orders -------------------------------------------------------------------------------------

  private order(): string | undefined {
    const who = this.who();
    const isMarket = this.random() < 0.1;
    const middle = this.audit.marks.get(who.instrument)!.ticks * 0.9 + REFERENCE * 0.1;
    const fields: Sent = {
      clientId: 0,
      account: who.account,
      strategy: who.strategy,
      instrument: who.instrument,
      side: 1 + this.pick(2),
      type: isMarket ? OrderType.Market : OrderType.Limit,
      tif: isMarket || this.random() < 0.2 ? TimeInForce.Ioc : TimeInForce.Gtc,
      priceTicks: isMarket ? 0 : Math.max(1, Math.round(middle) + this.pick(41) - 20),
      qtyLots: 1 + this.pick(20),
    };
    const isAgain = this.random() < 0.03;
    this.last = isAgain && this.last !== undefined ? this.last : fields;
    const sent = this.last;
    sent.clientId = ++this.clientId;
    const { account, strategy, instrument, side, qtyLots, priceTicks: givenTicks } = sent;
    const [bid, ask] = this.tops.get(instrument)!;
    const market = side === Side.Buy ? ask : bid;
    this.orders++;
    return this.ask(Kind.OrderNew, sent, {
      account,
      strategy,
      instrument,
      side,
      priceTicks: givenTicks === 0 ? market : givenTicks,
      givenTicks,
      leaves: qtyLots,
      added: qtyLots,
      isNew: true,
      inForce: this.audit.inForce({ account, strategy, instrument }),
    });
  }

  private change(isCancel: boolean): string | undefined {
    const at = this.pick(this.ids.length);
    const order = this.open.get(this.ids[at]!);
    if (order === undefined) {
      this.ids[at] = this.ids.at(-1)!;
      this.ids.pop();
      return undefined;
    }
    const { account, strategy, instrument, side, clientId } = order;
    const who = { account, instrument, clientId };
    if (isCancel) {
      this.send(Kind.OrderCancel, who);
      return this.answer === Kind.OrderCanceled ? undefined : "a cancel did not cancel";
    }
    const added = 1 + this.pick(6);
    const priceTicks = order.price;
    const leaves = order.leaves + added;
    const inForce = this.audit.inForce(order);
    const wish = {
      account,
      strategy,
      instrument,
      side,
      priceTicks,
      givenTicks: priceTicks,
      inForce,
    };
    const qtyLots = leaves + this.filled(order);
    return this.ask(
      Kind.OrderAmend,
      withFields(who, { strategy, fields: v.AmendField.Qty, qtyLots }),
      withFields(wish, { leaves, added, isNew: false }),
    );
  }

  private readonly filledOf = new Map<number, number>();

  private filled(order: Order): number {
    return this.filledOf.get(order.clientId) ?? 0;
  }

  private ask(kind: Kind, fields: Row, wish: Wish): string | undefined {
    const { audit } = this;
    const isStopped = audit.stopped.has(wish.strategy);
    const isOver = !isStopped && audit.message(wish);
    const broken = isStopped || isOver ? new Set<Refusal>() : audit.broken(wish);
    if (isOver) broken.add(Refusal.RateLimit);
    if (isStopped) broken.add(Refusal.RepeatedExecution);
    const before = this.reason;
    this.send(kind, fields, wish);
    const isAccepted = this.answer === Kind.OrderAccepted || this.answer === Kind.OrderAmended;
    if (!isAccepted) this.refused.set(this.reason, (this.refused.get(this.reason) ?? 0) + 1);
    if (isAccepted) this.accepted++;
    if (isAccepted ? broken.size === 0 : broken.has(this.reason)) return undefined;
    const names = [...broken].map((one) => Refusal[one]).join(", ");
    const what = `${Kind[kind]} ${JSON.stringify(wish)}`;
    if (isAccepted) return `${what} was accepted against ${names}`;
    return `${what} was refused by ${Refusal[this.reason]}, not ${names} (${before})`;
  }

  // Answers ------------------------------------------------------------------------------------

  /** Sends an input and takes what the core says into the books. */
  private send(kind: Kind, fields: Row, wish?: Wish): void {
    this.answer = 0;
    this.touched = new Set();
    this.core.apply(kind, fields, writeRow);
    const { view } = this.core.core;
    this.core.core.drain((from, to) => {
      for (let at = from; at < to;) {
        this.take(view, at, wish, fields);
        at += ((view.getUint16(at + v.REC_FLAGS, true) & v.Flag.CellsMask) + 1) * v.CELL_BYTES;
      }
    });
    for (const account of this.touched) this.seen(account);
  }

  private take(view: DataView, at: number, wish: Wish | undefined, fields: Row): void {
    const kind = view.getUint16(at, true);
    const isFirst = this.answer === 0;
    if (isFirst) {
      this.answer = kind;
      this.reason = view.getUint16(at + v.EVENT_REASON, true);
      const isAccepted = kind === Number(Kind.OrderAccepted) || kind === Number(Kind.OrderAmended);
      const came = isAccepted || BEHIND.includes(this.reason);
      if (wish !== undefined && came) this.audit.passed(wish, isAccepted);
    }
    const instrument = view.getUint32(at + v.REC_INSTRUMENT, true);
    if (kind === Number(Kind.BookPrint)) {
      const ticks = readI64(view, at + v.TRADE_PRICE_TICKS);
      this.audit.marks.set(instrument, { ticks, nanos: this.audit.now });
    } else if (kind === Number(Kind.BookTop)) {
      const bid = readI64(view, at + v.QUOTE_BID_TICKS);
      this.tops.set(instrument, [bid, readI64(view, at + v.QUOTE_ASK_TICKS)]);
    } else if (kind >> 8 === 0x06) this.orderRecord(kind, view, at, wish, fields);
  }

  private orderRecord(
    kind: number,
    view: DataView,
    at: number,
    wish: Wish | undefined,
    fields: Row,
  ): void {
    const clientId = view.getUint32(at + v.ORDER_CLIENT_ID, true);
    if (kind === Number(Kind.OrderAccepted)) {
      const { account, strategy, instrument, side } = wish!;
      const price = Number(fields["priceTicks"]);
      this.open.set(clientId, { account, strategy, instrument, side, clientId, price, leaves: 0 });
      this.ids.push(clientId);
      this.count(this.open.get(clientId)!, wish!.leaves, 1);
      return;
    }
    const order = this.open.get(clientId);
    if (order === undefined) return;
    if (kind === Number(Kind.OrderAmended)) this.count(order, wish!.added, 0);
    else if (kind === Number(Kind.OrderCanceled)) this.count(order, -order.leaves, -1);
    else if (kind === Number(Kind.Fill)) this.fill(order, view, at);
  }

  /** Counts lots (and the order) in or out of what is open. */
  private count(order: Order, lots: number, orders: number): void {
    const p = this.audit.position(order);
    order.leaves += lots;
    if (order.side === Side.Buy) p.buys += lots;
    else p.sells += lots;
    p.orders += orders;
    this.audit.books.get(order.account)!.orders += orders;
    if (orders < 0) this.open.delete(order.clientId);
  }

  private fill(order: Order, view: DataView, at: number): void {
    const price = readI64(view, at + v.FILL_PRICE_TICKS);
    const qty = readI64(view, at + v.FILL_QTY_LOTS);
    const isTaker = view.getUint8(at + v.FILL_LIQUIDITY) === Number(v.Liquidity.Taker);
    const fee = isTaker ? Math.ceil((price * qty * TAKER_PER_BILLION) / 1e9) : 0;
    this.filledOf.set(order.clientId, this.filled(order) + qty);
    this.audit.fill(order, order.side, price, qty, fee);
    this.touched.add(order.account);
    this.count(order, -qty, order.leaves === qty ? -1 : 0);
    if (order.strategy !== 0) this.audit.execution(order);
  }
}
