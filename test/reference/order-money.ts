// Positions and cash of the twin: bigints, the rules written out.
import { Liquidity, Side } from "../../asm/vocab.ts";
import { TwinConversion } from "./order-conversion.ts";
import { TwinFees } from "./order-fees.ts";
import {
  ceilDiv,
  flow,
  floorDiv,
  isCash,
  isInverse,
  LINEAR,
  notional,
  scale,
} from "./order-kind.ts";
import type { TwinSpec } from "./order-kind.ts";
import { TwinSubs } from "./order-sub.ts";

export interface TwinPosition {
  account: number;
  instrument: number;
  /** The leg of a hedging account: 1 long, 2 short; 0 = netted. */
  side: number;
  lots: number;
  cost: bigint;
  /** Realized in ticks x lots, exact. */
  raw: bigint;
  realized: bigint;
  fees: bigint;
  /** Paid, > 0, or received. */
  funding: bigint;
  traded: number;
  /** Of the marks since it was opened. */
  low: number;
  high: number;
  /** Of the position before. */
  ended: [number, number];
}

/** What a position is valued at; 0 = unknown. */
export interface TwinMark {
  ticks: number;
  isStale: boolean;
  ageNanos: number;
  /** Enum MarkSource. */
  source: number;
}

export interface TwinBalance {
  account: number;
  currency: number;
  cash: bigint;
  deposits: bigint;
  /** Realized on `day`. */
  realized: bigint;
  day: number;
  fees: bigint;
}

const DAY_NANOS = 86_400e9;

export { ceilDiv, floorDiv } from "./order-kind.ts";

export class TwinMoney {
  /** Time of the record being applied, since 00:00 UTC of the day the run began. */
  nowNanos = 0;
  readonly mark: (instrument: number) => TwinMark;
  /** Price of the mark's source alone, 0 = unknown. */
  source: (instrument: number) => number = () => 0;
  private readonly positions = new Map<number, TwinPosition>();
  private readonly byInstrument = new Map<number, TwinPosition[]>();
  private readonly byAccount = new Map<number, TwinPosition[]>();
  private readonly cash = new Map<number, TwinBalance>();
  readonly currencies = new TwinConversion();
  readonly subs = new TwinSubs(this);
  /** Money of the instruments that are not LINEAR. */
  readonly specs = new Map<number, TwinSpec>();
  readonly fees: TwinFees;
  /** Held back by open orders; the cash side of the twin says it. */
  locked: (account: number, currency: number) => bigint = () => 0n;

  constructor(makerRate: number, takerRate: number, mark: (instrument: number) => TwinMark) {
    this.fees = new TwinFees(this, makerRate, takerRate);
    this.mark = mark;
  }

  /** The position of account x instrument x leg, made when missing. */
  position(account: number, instrument: number, side = 0): TwinPosition {
    const key = keyOf(account, instrument) * 4 + side;
    let known = this.positions.get(key);
    if (known === undefined) {
      known = flatPosition(account, instrument, side);
      this.positions.set(key, known);
      this.byInstrument.set(instrument, [...this.holders(instrument), known]);
      this.byAccount.set(account, [known, ...this.positionsOf(account)]);
    }
    return known;
  }

  spec(instrument: number): TwinSpec {
    return this.specs.get(instrument) ?? LINEAR;
  }

  /** The position an order is about, and the balances it needs. */
  ready(account: number, instrument: number, side = 0): TwinPosition {
    const spec = this.spec(instrument);
    const position = this.position(account, instrument, side);
    this.balance(account, spec.settlement);
    if (isCash(spec)) this.balance(account, spec.base);
    return position;
  }

  /** All positions of an instrument, oldest first. */
  holders(instrument: number): readonly TwinPosition[] {
    return this.byInstrument.get(instrument) ?? [];
  }

  /** The first thing that is wrong with the parts strategies have of positions. */
  partsWrong(): string {
    return this.subs.anyWrong();
  }

  /** Positions of an account, newest first. */
  positionsOf(account: number): readonly TwinPosition[] {
    return this.byAccount.get(account) ?? [];
  }

  /** Adds cash; false (and nothing done) when a withdrawal takes more than there is. */
  deposit(account: number, minor: bigint, currency = 1, held = 0n): boolean {
    const known = this.cash.get(keyOf(account, currency));
    if (minor < 0n && (known?.cash ?? 0n) - held + minor < 0n) return false;
    const balance = this.balance(account, currency);
    balance.cash += minor;
    balance.deposits += minor;
    return true;
  }

  /** The account's balance in a currency, made when missing. */
  balance(account: number, currency = 1): TwinBalance {
    const key = keyOf(account, currency);
    let known = this.cash.get(key);
    if (known === undefined) {
      known = flatBalance(account, currency);
      this.cash.set(key, known);
    }
    return known;
  }

  /** As `balance`; a question makes none. */
  private known(account: number, currency: number): TwinBalance {
    return this.cash.get(keyOf(account, currency)) ?? flatBalance(account, currency);
  }

  /** All balances, oldest first. */
  balances(): Iterable<TwinBalance> {
    return this.cash.values();
  }

  /** Balances of an account, newest first. */
  balancesOf(account: number): TwinBalance[] {
    return [...this.cash.values()].filter((one) => one.account === account).reverse();
  }

  private today(): number {
    return Math.floor(this.nowNanos / DAY_NANOS);
  }

  private realizedToday(balance: TwinBalance): bigint {
    return balance.day === this.today() ? balance.realized : 0n;
  }

  /** What the account made or lost today: realized of this UTC day, and unrealized. */
  dayMinor(account: number, currency: number): bigint {
    const realized = this.realizedToday(this.known(account, currency));
    return realized + this.unrealizedOf(account, currency);
  }

  /** Cash and unrealized PnL in a currency. */
  settledEquity(account: number, currency: number): bigint {
    return this.known(account, currency).cash + this.unrealizedOf(account, currency);
  }

  /** What the account has made or lost so far: equity less what was deposited. */
  pnl(account: number, currency: number): bigint {
    return this.settledEquity(account, currency) - this.known(account, currency).deposits;
  }

  /** Books a fill into the position alone; returns what it realized, in minor units. */
  trade(p: TwinPosition, side: number, price: number, qty: number): bigint {
    const spec = this.spec(p.instrument);
    const sign = side === Side.Buy ? 1 : -1;
    const whole = flow(spec, price, sign * qty);
    const close = Math.sign(p.lots) === -sign ? Math.min(Math.abs(p.lots), qty) : 0;
    const closed = close === 0 ? 0n : flow(spec, price, sign * close);
    if (close === Math.abs(p.lots)) {
      if (close > 0) p.ended = excursions(spec, p);
      Object.assign(p, { low: Infinity, high: -Infinity });
      if (qty > close) see(p, this.source(p.instrument));
    }
    if (close > 0) {
      const share = (p.cost * BigInt(close)) / BigInt(Math.abs(p.lots));
      p.raw += -closed - share;
      p.cost -= share;
    }
    if (qty > close) p.cost += whole - closed;
    p.lots += sign * qty;
    p.traded += qty;
    const [num, den] = scale(spec);
    const total = floorDiv(p.raw * num, den);
    const realized = total - p.realized;
    p.realized = total;
    return realized;
  }

  /** Books realized money and a fee into the balance of the settlement currency. */
  book(p: TwinPosition, realized: bigint, fee: bigint): void {
    const balance = this.balance(p.account, this.spec(p.instrument).settlement);
    balance.cash += realized - fee;
    balance.fees += fee;
    this.gain(balance, realized);
  }

  /** Counts a gain of today. */
  gain(balance: TwinBalance, realized: bigint): void {
    balance.realized = this.realizedToday(balance) + realized;
    balance.day = this.today();
  }

  /** Fee of a fill before what a balance can bear. */
  fee(p: TwinPosition, price: number, qty: number, liquidity: number): bigint {
    if (liquidity === Liquidity.None) return 0n;
    const spec = this.spec(p.instrument);
    this.fees.count(p.account, notional(spec, price, qty, false), spec.settlement);
    const rate = this.fees.rate(p.account, liquidity);
    const value = notional(spec, price, qty, rate > 0n);
    return ceilDiv(value * rate, 1_000_000_000n);
  }

  /** The balance if there is one. */
  balanceOf(account: number, currency: number): TwinBalance | undefined {
    return this.cash.get(keyOf(account, currency));
  }

  unrealized(p: TwinPosition): bigint {
    if (p.lots === 0) return 0n;
    const { ticks } = this.mark(p.instrument);
    if (ticks === 0) return 0n;
    const spec = this.spec(p.instrument);
    const [num, den] = scale(spec);
    return floorDiv((flow(spec, ticks, p.lots) - p.cost) * num, den);
  }

  private unrealizedOf(account: number, currency: number): bigint {
    let sum = 0n;
    for (const p of this.positionsOf(account)) {
      const spec = this.spec(p.instrument);
      if (spec.settlement !== currency || isCash(spec)) continue;
      sum += this.unrealized(p);
    }
    return sum;
  }

  /** The account's worth in its reporting currency (1), or why it is unknown. */
  private equity(account: number): [bigint, number] {
    let sum = 0n;
    for (const { currency, cash } of this.balancesOf(account)) {
      const worth = cash + this.unrealizedOf(account, currency);
      const converted = this.currencies.convert(worth, currency, 1, this.nowNanos);
      if (typeof converted === "number") return [0n, converted];
      sum += converted;
    }
    return [sum, 0];
  }

  /** The mark of an instrument changed. */
  see(instrument: number): void {
    const price = this.source(instrument);
    for (const p of this.holders(instrument)) if (p.lots !== 0) see(p, price);
  }

  /** What a PositionState says of excursions, and the record that ends a position. */
  excursions(p: TwinPosition): Record<string, number> {
    const open = p.lots !== 0;
    const [maeTicks, mfeTicks] = open ? excursions(this.spec(p.instrument), p) : p.ended;
    return { maeTicks, mfeTicks };
  }

  /** Fields of a PositionChanged or PositionState record. */
  row(p: TwinPosition): Record<string, number | bigint> {
    const mark = this.mark(p.instrument);
    return {
      account: p.account,
      instrument: p.instrument,
      side: p.side,
      lots: p.lots,
      cost: p.cost,
      realizedMinor: p.realized,
      feesMinor: p.fees,
      unrealizedMinor: this.unrealized(p),
      markTicks: mark.ticks,
      markSource: mark.source,
      markStale: mark.isStale ? 1 : 0,
      settlement: this.spec(p.instrument).settlement,
      tradedLots: p.traded,
      fundingMinor: p.funding,
    };
  }

  /** Fields of a BalanceChanged record. */
  balanceRow(account: number, currency = 1): Record<string, number | bigint> {
    const balance = this.balance(account, currency);
    return {
      account,
      currency,
      minorExponent: this.currencies.exponents.get(currency)!,
      cashMinor: balance.cash,
      realizedDayMinor: this.realizedToday(balance),
      feesMinor: balance.fees,
    };
  }

  /** What an AccountState record says besides. */
  equityRow(account: number, currency = 1): Record<string, number | bigint> {
    const [equityMinor, equityReason] = this.equity(account);
    const unrealizedMinor = this.unrealizedOf(account, currency);
    return { reporting: 1, unrealizedMinor, equityMinor, equityReason };
  }
}

/** One number of two small ones, for a map. */
function keyOf(account: number, id: number): number {
  return account * 2 ** 16 + id;
}

function see(p: TwinPosition, price: number): void {
  if (price === 0) return;
  p.low = Math.min(p.low, price);
  p.high = Math.max(p.high, price);
}

/** Worst and best distance of the marks from the average entry, rounded against the position. */
function excursions(spec: TwinSpec, p: TwinPosition): [number, number] {
  const isLong = p.lots > 0;
  const qty = BigInt(Math.abs(p.lots));
  const cost = p.cost < 0n ? -p.cost : p.cost;
  if (cost === 0n || p.low === Infinity) return [0, 0];
  const divide = isLong ? ceilDiv : floorDiv;
  const parts = qty * spec.inverseNum * 1024n;
  const isInv = isInverse(spec);
  const average = Number(isInv ? divide(parts, spec.inverseDen * cost) : divide(cost, qty));
  const [below, above] = [Math.max(0, average - p.low), Math.max(0, p.high - average)];
  return isLong ? [below, above] : [above, below];
}

function flatBalance(account: number, currency: number): TwinBalance {
  return { account, currency, cash: 0n, deposits: 0n, realized: 0n, day: 0, fees: 0n };
}

/** A position that was never opened. */
export function flatPosition(account: number, instrument: number, side = 0): TwinPosition {
  const money = { cost: 0n, raw: 0n, realized: 0n, fees: 0n, funding: 0n };
  const range = { low: Infinity, high: -Infinity, ended: [0, 0] as [number, number] };
  return { account, instrument, side, lots: 0, ...money, traded: 0, ...range };
}
