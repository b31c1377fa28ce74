// Fee schedules of the twin: a list of fills, added up whenever a rate is asked for.
import { Liquidity, Refusal, Side } from "../../asm/vocab.ts";
import type { TwinConversion } from "./order-conversion.ts";
import { ceilDiv, isCash, type TwinSpec } from "./order-kind.ts";
import type { Row } from "./order-twin.ts";

interface Schedule {
  maker: bigint;
  taker: bigint;
  currency: number;
}

/** What is asked of the money. */
interface Money {
  nowNanos: number;
  currencies: TwinConversion;
  balanceOf(account: number, currency: number): { cash: bigint } | undefined;
  locked(account: number, currency: number): bigint;
}

const BILLION = 1_000_000_000n;
const DAY_NANOS = 86_400e9;
const TIERS = 16;

export class TwinFees {
  /** Volumes count from the first tier on. */
  private hasTiers = false;
  private readonly money: Money;
  private readonly schedules = new Map<number, Schedule>();
  private readonly tiers = new Map<number, Schedule & { from: bigint }>();
  /** Day and reporting value of each fill, by account. */
  private readonly volumes = new Map<number, [number, bigint][]>();

  constructor(money: Money, maker: number, taker: number) {
    this.money = money;
    this.schedules.set(0, { maker: BigInt(maker), taker: BigInt(taker), currency: 0 });
  }

  /** Takes a FeeSchedule; the refusal, 0 when it is taken. */
  schedule(row: Row, isKnown: (account: number) => boolean): number {
    const [account, tier] = [Number(row["account"] ?? 0), Number(row["tier"] ?? 0)];
    const [maker, taker] = [
      BigInt(row["makerPerBillion"] ?? 0),
      BigInt(row["takerPerBillion"] ?? 0),
    ];
    const currency = Number(row["currency"] ?? 0);
    const from = BigInt(row["volumeFromMinor"] ?? 0);
    for (const rate of [maker, taker]) {
      if (rate > BILLION || rate < -BILLION) return Refusal.ParameterInvalid;
    }
    if (tier !== 0) {
      const isBad = account !== 0 || currency !== 0 || from < 0n || tier >= TIERS;
      if (isBad) return Refusal.ParameterInvalid;
      this.hasTiers = true;
      this.tiers.delete(tier);
      if (from > 0n) this.tiers.set(tier, { maker, taker, currency, from });
      return 0;
    }
    if (from !== 0n) return Refusal.ParameterInvalid;
    const isCurrency = currency === 0 || this.money.currencies.exponents.has(currency);
    if (!isCurrency) return Refusal.UnknownCurrency;
    if (account !== 0 && !isKnown(account)) return Refusal.UnknownAccount;
    this.schedules.set(account, { maker, taker, currency });
    return 0;
  }

  private today(): number {
    return Math.floor(this.money.nowNanos / DAY_NANOS);
  }

  /** What an account traded in the 30 days before today. */
  private volume(account: number): bigint {
    let sum = 0n;
    for (const [day, value] of this.volumes.get(account) ?? []) {
      if (day < this.today() && day >= this.today() - 30) sum += value;
    }
    return sum;
  }

  rate(account: number, liquidity: number): bigint {
    const own = this.schedules.get(account);
    const volume = this.volume(account);
    const reached = [...this.tiers.entries()].filter(([, { from }]) => from <= volume);
    reached.sort(([a, one], [b, two]) => Number(two.from - one.from) || b - a);
    const { maker, taker } = own ?? reached[0]?.[1] ?? this.schedules.get(0)!;
    return liquidity === Liquidity.Maker ? maker : taker;
  }

  /** The higher of an account's two rates, 0 when both are rebates. */
  dearest(account: number): bigint {
    const both = [Liquidity.Maker, Liquidity.Taker].map((one) => this.rate(account, one));
    return both.reduce((a, b) => (a > b ? a : b), 0n);
  }

  /** Counts a fill; nothing until there are tiers. */
  count(account: number, value: bigint, currency: number): void {
    if (!this.hasTiers) return;
    const told = this.money.currencies.convert(value, currency, 1, this.money.nowNanos);
    if (typeof told === "number") return;
    const fills = this.volumes.get(account) ?? [];
    const last = fills.at(-1);
    if (last !== undefined && last[0] === this.today()) last[1] += told;
    else fills.push([this.today(), told]);
    this.volumes.set(account, fills);
  }

  /** Currency other than the settlement's, and the fee in it; undefined when there is none. */
  asset(
    spec: TwinSpec,
    account: number,
    side: number,
    qty: number,
    liquidity: number,
    fee: bigint,
  ): [number, bigint] | undefined {
    const { currency } = this.schedules.get(account) ?? this.schedules.get(0)!;
    if (currency === 0 || currency === spec.settlement || fee === 0n) return undefined;
    if (isCash(spec) && side === Number(Side.Buy) && spec.base === currency) {
      const got = BigInt(qty) * spec.baseMinor;
      return [currency, ceilDiv(got * this.rate(account, liquidity), BILLION)];
    }
    const { currencies, nowNanos } = this.money;
    const told = currencies.convert(-fee, spec.settlement, currency, nowNanos);
    if (typeof told === "number") return undefined;
    const cash = this.money.balanceOf(account, currency)?.cash ?? 0n;
    const free = cash - this.money.locked(account, currency);
    if (-told > (free > 0n ? free : 0n)) return undefined;
    return [currency, -told];
  }
}
