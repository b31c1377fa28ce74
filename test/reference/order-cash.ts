// Cash instruments of the twin: what orders hold back, added up anew whenever it is asked.
import { Contingency, Execution, OrderType, Refusal, SelfTrade, Side } from "../../asm/vocab.ts";
import { isCash, notional, ceilDiv, type TwinSpec } from "./order-kind.ts";
import type { TwinMoney } from "./order-money.ts";
import { openOf } from "./order-routed.ts";
import { priceAtVenue } from "./order-routed-cash.ts";
import type { TwinAccount, TwinInstrument, TwinOrder } from "./order-twin.ts";

/** What is asked of the twin. */
interface Twin {
  money: TwinMoney;
  accounts: Map<number, TwinAccount>;
  instruments: Map<number, TwinInstrument>;
  open: Map<number, TwinOrder[]>;
  touch(account: number, currency: number): void;
}

const ACCOUNT_HOUSE = 2;

export class TwinCash {
  private readonly twin: Twin;

  constructor(twin: Twin) {
    this.twin = twin;
    twin.money.locked = (account, currency) => this.locked(account, currency);
  }

  isCash(instrument: number): boolean {
    return isCash(this.twin.money.spec(instrument));
  }

  private currency(spec: TwinSpec, side: number): number {
    return side === Side.Buy ? spec.settlement : spec.base;
  }

  /** Held back of a balance by all open orders; by the legs of a pair together. */
  locked(account: number, currency: number): bigint {
    let sum = 0n;
    const known = new Set<TwinOrder>();
    for (const order of this.twin.open.get(account) ?? []) {
      const spec = this.twin.money.spec(order.instrument);
      if (!isCash(spec) || this.currency(spec, order.side) !== currency) continue;
      if (known.has(order)) continue;
      const other = partner(order);
      if (other !== undefined) known.add(other);
      sum += other === undefined ? order.lock : this.together(order, other);
    }
    return sum;
  }

  /** What two legs that take from one balance may cost: one of them, or the larger one's lots. */
  private together(order: Lock, other: Lock): bigint {
    const [a, b] = [order, other];
    const worst = (leg: Lock, lots: number): bigint => {
      const { instrument, side, lockPrice, lockRate } = leg;
      return lots === 0 ? 0n : this.want(instrument, side, lockPrice, lots, lockRate!);
    };
    const most = (x: bigint, y: bigint): bigint => (x > y ? x : y);
    const [more, fewer] = a.lockLots > b.lockLots ? [a, b] : [b, a];
    if (more.family.pair === Contingency.Oco || fewer.family.pair === Contingency.Oco) {
      return most(worst(a, a.lockLots), worst(b, b.lockLots));
    }
    const common = fewer.lockLots;
    return most(worst(a, common), worst(b, common)) + worst(more, more.lockLots - common);
  }

  free(account: number, currency: number): bigint {
    return this.twin.money.balance(account, currency).cash - this.locked(account, currency);
  }

  private want(
    instrument: number,
    side: number,
    price: number,
    lots: number,
    rate: bigint,
  ): bigint {
    const spec = this.twin.money.spec(instrument);
    if (side === Side.Sell) return BigInt(lots) * spec.baseMinor;
    if (price === 0 || lots === 0) return 0n;
    const value = notional(spec, price, lots, true);
    return value + ceilDiv(value * rate, 1_000_000_000n);
  }

  /** The refusal and the free balance; [0, 0n] when it covers the order. */
  refusal(
    order: { account: number; instrument: number; side: number; lockRate?: bigint },
    price: number,
    lots: number,
    held: bigint,
    pair?: [kind: number, other: TwinOrder],
  ): [number, number] {
    const { account, instrument, side } = order;
    if (this.twin.accounts.get(account)!.flags & ACCOUNT_HOUSE) return [0, 0];
    const currency = this.currency(this.twin.money.spec(instrument), side);
    const free = this.free(account, currency) + held;
    const rate = order.lockRate ?? this.twin.money.fees.dearest(account);
    let want = this.want(instrument, side, price, lots, rate);
    if (pair !== undefined) {
      const leg = { instrument, side, lockPrice: price, lockLots: lots, lockRate: rate };
      want = this.together({ ...leg, family: { pair: pair[0] } }, pair[1]);
    }
    if (want <= free) return [0, 0];
    return [Refusal.BalanceInsufficient, Number(free)];
  }

  /** As `refusal` of a new order, which may be a leg of a pair with `other`. */
  refusalOfNew(
    order: { account: number; instrument: number; side: number },
    price: number,
    lots: number,
    kind: number,
    other: TwinOrder | undefined,
  ): [number, number] {
    const isShared = other?.isLocked === true && other.side === order.side;
    if (!isShared) return this.refusal(order, price, lots, 0n);
    return this.refusal(order, price, lots, other.lock, [kind, other]);
  }

  /** As `refusal` of what an open order would be from now on. */
  refusalOfChange(order: TwinOrder, price: number, lots: number): [number, number] {
    const { pair, sibling } = order.family;
    if (order.route !== undefined) {
      // Until the venue answers it may be either.
      const [dearer, more] = [Math.max(price, order.price), Math.max(lots, order.leaves)];
      return this.refusal(order, dearer, more, order.lock);
    }
    // A child that is released finds the other leg holding back already.
    const isShared = sibling?.isLocked === true && sibling.side === order.side;
    if (!isShared) return this.refusal(order, price, lots, order.lock);
    const held = order.isLocked ? this.together(order, sibling) : sibling.lock;
    return this.refusal(order, price, lots, held, [pair, sibling]);
  }

  /** False when the balance does not cover a child that is released or grows. */
  covers(order: TwinOrder, lots: number): boolean {
    if (!this.isCash(order.instrument)) return true;
    return this.refusalOfChange(order, this.heldAt(order, lots), lots)[0] === 0;
  }

  /** Price of the deepest order a market buy would reach. */
  reach(account: number, instrument: number, lots: number, rule: number): number {
    const it = this.twin.instruments.get(instrument)!;
    if (it.execution !== Execution.Internal) return it.ask[1] === 0 ? 0 : it.ask[0];
    let [price, left] = [0, lots];
    for (const maker of it.sells) {
      if (left <= 0) break;
      if (maker.account === account && rule !== SelfTrade.Allow) continue;
      price = maker.price;
      left -= maker.leaves;
    }
    return price;
  }

  private heldAt(order: TwinOrder, lots: number): number {
    if (order.side === Side.Sell) return 0;
    const isPriced = [2, 4, 6, 7].includes(order.type);
    if (isPriced) return order.price;
    if (order.type !== Number(OrderType.Market)) return order.stop;
    return this.reach(order.account, order.instrument, lots, order.selfTrade);
  }

  /** Holds back anew. */
  hold(order: TwinOrder): void {
    if (!this.isCash(order.instrument)) return;
    order.lockRate ??= this.twin.money.fees.dearest(order.account);
    if (!order.isLocked) order.lockLots = 0;
    order.isLocked = true;
    this.keep(order, this.heldAt(order, order.leaves));
  }

  /** Holds back what the leaves need, of a pair for both legs. */
  keep(order: TwinOrder, price = order.lockPrice): void {
    const other = partner(order);
    this.change(order, price, other?.leaves ?? 0);
  }

  /** As `keep` for what will be left once the fill or trigger is settled; returns what is free. */
  private settled(order: TwinOrder, price = order.lockPrice): bigint {
    const other = partner(order);
    const isOnly = order.family.pair === Number(Contingency.Oco);
    const left = isOnly || !other ? 0 : Math.min(order.leaves, other.leaves);
    return this.change(order, price, left);
  }

  private change(order: TwinOrder, price: number, otherLots: number): bigint {
    if (!order.isLocked) return 0n;
    const before = this.held(order);
    const { instrument, side, leaves, lockRate } = order;
    order.lock = this.want(instrument, side, price, leaves, lockRate!);
    order.lockPrice = price;
    order.lockLots = leaves;
    const other = partner(order);
    if (other !== undefined) other.lockLots = otherLots;
    const free = before - this.held(order);
    if (free !== 0n) this.touch(order);
    return free;
  }

  /** Holds back what an order at a venue may still cost there. */
  keepAtVenue(order: TwinOrder): void {
    if (!order.isLocked) return;
    const before = order.lock;
    order.lockPrice = priceAtVenue(order) ?? order.lockPrice;
    const { instrument, side, lockPrice, lockRate } = order;
    order.lock = this.want(instrument, side, lockPrice, openOf(order), lockRate!);
    if (order.lock !== before) this.touch(order);
  }

  /** Of the balance an order takes from. */
  private held(order: TwinOrder): bigint {
    const currency = this.currency(this.twin.money.spec(order.instrument), order.side);
    return this.locked(order.account, currency);
  }

  /** Two legs that are no pair any more, or again one. */
  relink(order: TwinOrder, other: TwinOrder): void {
    for (const leg of [order, other]) leg.lockLots = leg.leaves;
  }

  /** A released stop: false when the balance does not cover what it has become. */
  release(order: TwinOrder): boolean {
    if (!this.isCash(order.instrument)) return true;
    const price = this.heldAt(order, order.leaves);
    const other = partner(order);
    // The trigger of an OCO leg ends the other: what both held back is its own.
    const isOnly = other !== undefined && order.family.pair === Number(Contingency.Oco);
    const [refusal] = isOnly
      ? this.refusal(order, price, order.leaves, this.together(order, other))
      : this.refusalOfChange(order, price, order.leaves);
    if (refusal !== 0) return false;
    if (isOnly) this.settled(order, price);
    else this.keep(order, price);
    return true;
  }

  /** Of an asset no more goes out than is there and free. */
  adjustRefusal(account: number, instrument: number, lots: number): number {
    if (lots > 0 || !this.isCash(instrument)) return 0;
    this.twin.money.ready(account, instrument);
    return this.refusal({ account, instrument, side: Side.Sell }, 0, -lots, 0n)[0];
  }

  /** The base moves against the street, nobody pays. */
  adjust(position: { account: number; instrument: number }, lots: number, gained: bigint): void {
    const { money } = this.twin;
    const spec = money.spec(position.instrument);
    money.balance(position.account, spec.base).cash += BigInt(lots) * spec.baseMinor;
    money.gain(money.balance(position.account, spec.settlement), gained);
    this.twin.touch(position.account, spec.base);
    this.twin.touch(position.account, spec.settlement);
  }

  leave(order: TwinOrder): void {
    const other = partner(order);
    if (other !== undefined) this.relink(order, other);
    if (order.lock !== 0n) this.touch(order);
    order.lock = 0n;
    order.isLocked = false;
  }

  private touch(order: TwinOrder): void {
    const spec = this.twin.money.spec(order.instrument);
    this.twin.touch(order.account, this.currency(spec, order.side));
  }

  /** Moves base and quote of a fill; returns the fee. */
  fill(order: TwinOrder, price: number, qty: number, fee: bigint, gained: bigint): bigint {
    const { money } = this.twin;
    const spec = money.spec(order.instrument);
    const isBuy = order.side === Side.Buy;
    const most = this.settled(order);
    const value = notional(spec, price, qty, isBuy);
    const paid = isBuy && most < value ? most : value;
    const least = isBuy ? most - paid : value;
    const taken = fee < least ? fee : least;
    const base = money.balance(order.account, spec.base);
    const quote = money.balance(order.account, spec.settlement);
    base.cash += (isBuy ? 1n : -1n) * BigInt(qty) * spec.baseMinor;
    quote.cash += (isBuy ? -paid : paid) - taken;
    quote.fees += taken;
    money.gain(quote, gained);
    this.twin.touch(order.account, spec.base);
    this.twin.touch(order.account, spec.settlement);
    return taken;
  }
}

/** What an order, or one that is asked for, holds back. */
type Lock = Pick<TwinOrder, "instrument" | "side" | "lockPrice" | "lockLots" | "lockRate"> & {
  family: { pair: number };
};

/** The other leg of its pair when both hold back from one balance. */
function partner(order: TwinOrder): TwinOrder | undefined {
  const { sibling } = order.family;
  const isShared = order.isLocked && sibling?.isLocked === true && sibling.side === order.side;
  return isShared ? sibling : undefined;
}
