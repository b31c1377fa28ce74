// Positions and cash of the twin: bigints, the rules written out.
import { Liquidity, MarkSource, Side } from "../../asm/vocab.ts";
import { TwinConversion } from "./order-conversion.ts";

export interface TwinPosition {
  account: number;
  instrument: number;
  lots: number;
  cost: bigint;
  /** Realized in ticks x lots, exact. */
  raw: bigint;
  realized: bigint;
  fees: bigint;
  traded: number;
}

/** What a position is valued at; 0 = unknown. */
export interface TwinMark {
  ticks: number;
  isStale: boolean;
}

export interface TwinBalance {
  account: number;
  currency: number;
  cash: bigint;
  /** Realized on `day`. */
  realized: bigint;
  day: number;
  fees: bigint;
}

/**
 * Money worth of one tick x lot in the fuzz: num / den minor units, with a remainder on purpose.
 */
export const TWIN_NUM = 3n;
export const TWIN_DEN = 7n;
const DAY_NANOS = 86_400e9;

/** floor(a / b), b > 0. */
export function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return quotient * b > a ? quotient - 1n : quotient;
}

/** ceil(a / b), b > 0. */
export function ceilDiv(a: bigint, b: bigint): bigint {
  return -floorDiv(-a, b);
}

export class TwinMoney {
  /** Time of the record being applied, since 00:00 UTC of the day the run began. */
  nowNanos = 0;
  readonly mark: (instrument: number) => TwinMark;
  private readonly positions = new Map<string, TwinPosition>();
  private readonly cash = new Map<string, TwinBalance>();
  readonly currencies = new TwinConversion();
  private readonly makerRate: bigint;
  private readonly takerRate: bigint;

  constructor(makerRate: number, takerRate: number, mark: (instrument: number) => TwinMark) {
    this.makerRate = BigInt(makerRate);
    this.takerRate = BigInt(takerRate);
    this.mark = mark;
  }

  /** The position of account x instrument, made when missing. */
  position(account: number, instrument: number): TwinPosition {
    const key = `${account}/${instrument}`;
    let known = this.positions.get(key);
    if (known === undefined) {
      const zero = { lots: 0, cost: 0n, raw: 0n, realized: 0n, fees: 0n, traded: 0 };
      known = { account, instrument, ...zero };
      this.positions.set(key, known);
    }
    return known;
  }

  /** Positions of an account, newest first. */
  positionsOf(account: number): TwinPosition[] {
    return [...this.positions.values()].filter((one) => one.account === account).reverse();
  }

  /** Adds cash; false (and nothing done) when a withdrawal takes more than there is. */
  deposit(account: number, minor: bigint, currency = 1): boolean {
    const known = this.cash.get(`${account}/${currency}`);
    if (minor < 0n && (known?.cash ?? 0n) + minor < 0n) return false;
    this.balance(account, currency).cash += minor;
    return true;
  }

  /** The account's balance in a currency, made when missing. */
  balance(account: number, currency = 1): TwinBalance {
    const key = `${account}/${currency}`;
    let known = this.cash.get(key);
    if (known === undefined) {
      known = { account, currency, cash: 0n, realized: 0n, day: 0, fees: 0n };
      this.cash.set(key, known);
    }
    return known;
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
  dayMinor(account: number): bigint {
    return this.realizedToday(this.balance(account)) + this.unrealizedOf(account, 1);
  }

  /** Books a fill; returns what it realized and its fee, in minor units. */
  fill(
    p: TwinPosition,
    side: number,
    price: number,
    qty: number,
    liquidity: number,
  ): [bigint, bigint] {
    const sign = side === Side.Buy ? 1 : -1;
    const close = Math.sign(p.lots) === -sign ? Math.min(Math.abs(p.lots), qty) : 0;
    if (close > 0) {
      const share = (p.cost * BigInt(close)) / BigInt(Math.abs(p.lots));
      p.raw += BigInt(-sign * close) * BigInt(price) - share;
      p.cost -= share;
    }
    p.cost += BigInt(sign * (qty - close)) * BigInt(price);
    p.lots += sign * qty;
    p.traded += qty;
    const total = floorDiv(p.raw * TWIN_NUM, TWIN_DEN);
    const realized = total - p.realized;
    p.realized = total;
    const fee = this.fee(price, qty, liquidity);
    p.fees += fee;
    const balance = this.balance(p.account);
    balance.cash += realized - fee;
    balance.realized = this.realizedToday(balance) + realized;
    balance.day = this.today();
    balance.fees += fee;
    return [realized, fee];
  }

  private fee(price: number, qty: number, liquidity: number): bigint {
    const rate = liquidity === Liquidity.Maker ? this.makerRate : this.takerRate;
    const product = BigInt(price) * BigInt(qty) * TWIN_NUM;
    const notional = rate > 0n ? ceilDiv(product, TWIN_DEN) : floorDiv(product, TWIN_DEN);
    return ceilDiv(notional * rate, 1_000_000_000n);
  }

  unrealized(p: TwinPosition): bigint {
    if (p.lots === 0) return 0n;
    const { ticks } = this.mark(p.instrument);
    if (ticks === 0) return 0n;
    return floorDiv((BigInt(ticks) * BigInt(p.lots) - p.cost) * TWIN_NUM, TWIN_DEN);
  }

  private unrealizedOf(account: number, currency: number): bigint {
    let sum = 0n;
    for (const p of this.positions.values()) {
      if (p.account === account && currency === 1) sum += this.unrealized(p);
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

  /** Fields of a PositionChanged or PositionState record. */
  row(p: TwinPosition): Record<string, number | bigint> {
    const mark = this.mark(p.instrument);
    return {
      account: p.account,
      instrument: p.instrument,
      lots: p.lots,
      cost: p.cost,
      realizedMinor: p.realized,
      feesMinor: p.fees,
      unrealizedMinor: this.unrealized(p),
      markTicks: mark.ticks,
      markSource: MarkSource.Last,
      markStale: mark.isStale ? 1 : 0,
      settlement: 1,
      tradedLots: p.traded,
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
      unrealizedMinor: this.unrealizedOf(account, currency),
    };
  }

  /** What an AccountState record says besides. */
  equityRow(account: number): Record<string, number | bigint> {
    const [equityMinor, equityReason] = this.equity(account);
    return { reporting: 1, equityMinor, equityReason };
  }
}
