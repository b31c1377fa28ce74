// Cash instruments of the twin: what orders hold back, added up anew whenever it is asked.
import { Execution, OrderState, Refusal, SelfTrade, Side } from "../../asm/vocab.ts";
import { isCash, notional, ceilDiv, type TwinSpec } from "./order-kind.ts";
import type { TwinMoney } from "./order-money.ts";
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

  /** Held back of a balance by all open orders. */
  locked(account: number, currency: number): bigint {
    let sum = 0n;
    for (const order of this.twin.open.get(account) ?? []) {
      const spec = this.twin.money.spec(order.instrument);
      if (isCash(spec) && this.currency(spec, order.side) === currency) sum += order.lock;
    }
    return sum;
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
  ): [number, number] {
    const { account, instrument, side } = order;
    if (this.twin.accounts.get(account)!.flags & ACCOUNT_HOUSE) return [0, 0];
    const currency = this.currency(this.twin.money.spec(instrument), side);
    const free = this.free(account, currency) + held;
    const rate = order.lockRate ?? this.twin.money.fees.dearest(account);
    if (this.want(instrument, side, price, lots, rate) <= free) return [0, 0];
    return [Refusal.BalanceInsufficient, Number(free)];
  }

  /** Price of the deepest order a market buy would reach. */
  reach(account: number, instrument: number, lots: number, rule: number): number {
    const it = this.twin.instruments.get(instrument)!;
    if (it.execution === Execution.Paper) return it.ask[1] === 0 ? 0 : it.ask[0];
    let [price, left] = [0, lots];
    for (const maker of it.sells) {
      if (left <= 0) break;
      if (maker.account === account && rule !== SelfTrade.Allow) continue;
      price = maker.price;
      left -= maker.leaves;
    }
    return price;
  }

  private heldAt(order: TwinOrder): number {
    if (order.side === Side.Sell) return 0;
    const isPriced = [2, 4, 6, 7].includes(order.type);
    if (isPriced) return order.price;
    if (order.state === Number(OrderState.Armed)) return order.stop;
    return this.reach(order.account, order.instrument, order.leaves, order.selfTrade);
  }

  /** Holds back anew. */
  hold(order: TwinOrder): void {
    if (!this.isCash(order.instrument)) return;
    order.lockRate ??= this.twin.money.fees.dearest(order.account);
    order.lockPrice = this.heldAt(order);
    this.keep(order);
  }

  /** Holds back what the leaves need; returns what was let go. */
  keep(order: TwinOrder): bigint {
    if (!this.isCash(order.instrument)) return 0n;
    const { instrument, side, lockPrice, leaves, lockRate } = order;
    const before = order.lock;
    order.lock = this.want(instrument, side, lockPrice, leaves, lockRate!);
    if (order.lock !== before) this.touch(order);
    return before - order.lock;
  }

  /** A released stop: false when the balance does not cover what it has become. */
  release(order: TwinOrder): boolean {
    if (!this.isCash(order.instrument)) return true;
    const price = this.heldAt(order);
    if (this.refusal(order, price, order.leaves, order.lock)[0] !== 0) return false;
    order.lockPrice = price;
    this.keep(order);
    return true;
  }

  leave(order: TwinOrder): void {
    if (order.lock !== 0n) this.touch(order);
    order.lock = 0n;
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
    const most = this.keep(order);
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
