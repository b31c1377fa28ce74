// Margin of the twin: everyone is asked after every input, with sums made anew.
import {
  CancelReason,
  Execution,
  InstrumentPhase,
  Kind,
  OrderFlag,
  OrderType,
  Refusal,
  Scope,
  Side,
  StateChange,
  TimeInForce,
  TradingMode,
} from "../../asm/vocab.ts";
import { ceilDiv, flow, floorDiv, isCash, notional, scale } from "./order-kind.ts";
import type { TwinBalance, TwinPosition } from "./order-money.ts";
import { scopeKey } from "./order-risk.ts";
import type { OrderTwin, Row } from "./order-twin.ts";

interface Tier {
  from: bigint;
  initial: bigint;
  call: bigint;
  maintenance: bigint;
}

interface Sums {
  equity: bigint;
  call: bigint;
  maintenance: bigint;
  exposure: bigint;
}

interface Liquidation {
  account: number;
  due: number;
  after: number;
  /** Steps in a row that closed nothing. */
  idle: number;
}

type Rate = "initial" | "call" | "maintenance";

const BPS = 10_000n;
const TIERS = 8;
const PRICE_MOST = 2 ** 53 - 1;
const MONEY_MOST = 1n << 60n;
const RETRY_NANOS = 1e9;

function n(row: Row, name: string): number {
  return Number(row[name] ?? 0);
}

export class TwinMargin {
  readonly tiers = new Map<number, Tier[]>();
  /** Accounts in liquidation, longest first. */
  readonly liquidations: Liquidation[] = [];
  private isOn = false;
  private readonly called = new Set<TwinBalance>();
  private orders = 0n;
  private readonly twin: OrderTwin;
  private readonly say: (row: Row) => void;
  private readonly send: (row: Row, held: number) => void;

  constructor(twin: OrderTwin, say: (row: Row) => void, send: (row: Row, held: number) => void) {
    this.twin = twin;
    this.say = say;
    this.send = send;
  }

  /** A MarginSchedule record. */
  schedule(row: Row): number {
    const id = n(row, "instrument");
    const instrument = this.twin.instruments.get(id);
    if (instrument === undefined) return Refusal.UnknownInstrument;
    const [initial, maintenance] = [n(row, "initialBps"), n(row, "maintenanceBps")];
    const call = n(row, "callBps") || maintenance;
    const tier = n(row, "tier");
    if (Math.max(initial, call, maintenance) > 10_000) return Refusal.ParameterInvalid;
    if (call < maintenance || (initial !== 0 && initial < call)) return Refusal.ParameterInvalid;
    if (call !== 0 && isCash(this.twin.money.spec(id))) return Refusal.InstrumentKindUnsupported;
    if (call !== 0 && instrument.execution === Execution.Routed) {
      return Refusal.ExecutionUnsupported;
    }
    const known = this.tiers.get(id) ?? [];
    const from = BigInt(row["fromMinor"] ?? 0);
    const made: Tier = {
      from,
      initial: BigInt(initial),
      call: BigInt(call),
      maintenance: BigInt(maintenance),
    };
    const below = known[tier - 1];
    const isFirst = tier === 0 && from === 0n;
    const follows =
      below !== undefined &&
      from > below.from &&
      made.initial >= below.initial &&
      made.call >= below.call &&
      made.maintenance >= below.maintenance;
    if (tier >= TIERS || !(isFirst || follows)) return Refusal.ParameterInvalid;
    this.tiers.set(
      id,
      initial + call === 0 ? known.slice(0, tier) : [...known.slice(0, tier), made],
    );
    if (call !== 0) this.isOn = true;
    return 0;
  }

  /** True when orders in the instrument need initial margin. */
  hasInitial(instrument: number): boolean {
    return (this.tiers.get(instrument) ?? []).some((tier) => tier.initial !== 0n);
  }

  /** Margin of an exposure: each tier's share of what lies in it, rounded up. */
  need(instrument: number, exposure: bigint, rate: Rate): bigint {
    let sum = 0n;
    const tiers = this.tiers.get(instrument) ?? [];
    for (let at = 0; at < tiers.length; at++) {
      const end = tiers[at + 1]?.from ?? exposure;
      const inside = (end < exposure ? end : exposure) - tiers[at]!.from;
      if (inside <= 0n) break;
      sum += ceilDiv(inside * tiers[at]![rate], BPS);
    }
    return sum;
  }

  /** What a position is worth more than it cost, at a mark. */
  private gain(p: TwinPosition, ticks: number): bigint {
    const spec = this.twin.money.spec(p.instrument);
    const [num, den] = scale(spec);
    return floorDiv((flow(spec, ticks, p.lots) - p.cost) * num, den);
  }

  /** Sums of an account in a currency; one position may be counted at another mark. */
  private sums(account: number, currency: number, moved?: number, ticks = 0): Sums {
    const { money } = this.twin;
    const { cash } = money.balance(account, currency);
    const sums = { equity: cash, call: 0n, maintenance: 0n, exposure: 0n };
    for (const p of money.positionsOf(account)) {
      const spec = money.spec(p.instrument);
      if (p.lots === 0 || spec.settlement !== currency || isCash(spec)) continue;
      const mark = p.instrument === moved ? ticks : money.mark(p.instrument).ticks;
      if (mark === 0) continue;
      sums.equity += this.gain(p, mark);
      if ((this.tiers.get(p.instrument) ?? []).length === 0) continue;
      const its = notional(spec, mark, Math.abs(p.lots), true);
      const call = this.need(p.instrument, its, "call");
      sums.call += call;
      sums.maintenance += this.need(p.instrument, its, "maintenance");
      if (call > 0n) sums.exposure += its;
    }
    return sums;
  }

  /** Accounts that have a position with a margin. */
  private owing(): Set<number> {
    const accounts = new Set<number>();
    for (const [instrument, tiers] of this.tiers) {
      if (tiers.length === 0) continue;
      for (const p of this.twin.money.holders(instrument))
        if (p.lots !== 0) accounts.add(p.account);
    }
    return accounts;
  }

  private isHouse(account: number): boolean {
    return (this.twin.accounts.get(account)!.flags & 2) !== 0;
  }

  private isShort(account: number, { equity, call }: Sums): boolean {
    return !this.isHouse(account) && call > 0n && equity < call;
  }

  /** Asks first those whose balance changed, then everyone. */
  ask(touched: [number, number][]): void {
    if (!this.isOn) return;
    const { money } = this.twin;
    const owing = this.owing();
    if (owing.size === 0 && this.called.size === 0) return;
    for (const [account, currency] of touched) this.askOne(money.balance(account, currency), owing);
    for (const balance of money.balances()) this.askOne(balance, owing);
  }

  private askOne(balance: TwinBalance, owing: Set<number>): void {
    const { account, currency } = balance;
    // Who owes nothing now and did not before has nothing to be told.
    if (!this.called.has(balance) && !owing.has(account)) return;
    const sums = this.sums(account, currency);
    const isShort = this.isShort(account, sums);
    if (isShort !== this.called.has(balance)) {
      if (isShort) this.called.add(balance);
      else this.called.delete(balance);
      this.write(Kind.MarginCall, account, currency, isShort ? 1 : 0, sums);
    }
    const isIn = this.liquidations.some((one) => one.account === account);
    const isBelow = sums.maintenance > 0n && sums.equity < sums.maintenance;
    if (!isShort || isIn || !isBelow) return;
    this.write(Kind.LiquidationStarted, account, currency, 1, sums);
    const { modes } = this.twin.risk;
    const mode = scopeKey(Scope.Account, { account, strategy: 0, instrument: 0 });
    const after = Math.max(modes.get(mode) ?? 0, TradingMode.ReduceOnly);
    this.liquidations.push({ account, due: this.twin.money.nowNanos, after, idle: 0 });
    this.modeSet(account, TradingMode.Liquidating);
  }

  private write(kind: Kind, account: number, currency: number, state: number, sums: Sums): void {
    const { equity, call, maintenance, exposure } = sums;
    this.say({
      kind,
      account,
      currency,
      state,
      equityMinor: equity,
      needMinor: call,
      maintenanceMinor: maintenance,
      exposureMinor: exposure,
    });
  }

  private modeSet(account: number, state: number): void {
    const key = scopeKey(Scope.Account, { account, strategy: 0, instrument: 0 });
    this.twin.risk.modes.set(key, state);
    const what = { scope: Scope.Account, state, change: StateChange.Mode };
    const reason = Refusal.MarginInsufficient;
    this.say({ kind: Kind.TradingStateChanged, account, reason, ...what });
  }

  /** The mode of an account in liquidation is set for afterwards; false when it is not in one. */
  modeAfter(account: number, mode: number): boolean {
    const one = this.liquidations.find((known) => known.account === account);
    if (one !== undefined) one.after = mode;
    return one !== undefined;
  }

  /** When the next step is due. */
  due(): number {
    return this.liquidations.reduce((next, one) => Math.min(next, one.due), Infinity);
  }

  /** One step of the account that is due first. */
  turn(): void {
    const due = this.due();
    const one = this.liquidations.find((known) => known.due === due)!;
    const next = this.step(one.account);
    const now = this.twin.money.nowNanos;
    one.due = next === "nothing" ? now + RETRY_NANOS * 2 ** one.idle : now;
    one.idle = next === "nothing" ? Math.min(6, one.idle + 1) : 0;
    if (next === "over") {
      this.liquidations.splice(this.liquidations.indexOf(one), 1);
      this.modeSet(one.account, one.after);
    }
  }

  private step(account: number): "done" | "nothing" | "over" {
    const { twin } = this;
    const open = twin.open.get(account)!;
    const parents = twin.parents.openOf(account);
    const before = open.length + parents;
    for (const order of [...open]) {
      // What its venue has been asked to cancel is not asked for again.
      if (open.includes(order) && !twin.routed.isLeaving(order)) {
        twin.close(order, CancelReason.Liquidation);
      }
    }
    twin.parents.cancelAll(account, 0, 0, 0);
    if (open.length + twin.parents.openOf(account) !== before) return "done";
    let isLeft = false;
    for (const { currency } of twin.money.balancesOf(account)) {
      if (!this.isShort(account, this.sums(account, currency))) continue;
      isLeft = true;
      const position = this.dearest(account, currency);
      if (position !== undefined) return this.closeOut(position) ? "done" : "nothing";
    }
    return isLeft ? "nothing" : "over";
  }

  private dearest(account: number, currency: number): TwinPosition | undefined {
    const { money, risk } = this.twin;
    let [found, most]: [TwinPosition | undefined, bigint] = [undefined, 0n];
    for (const p of money.positionsOf(account)) {
      const spec = money.spec(p.instrument);
      const { ticks } = money.mark(p.instrument);
      if (p.lots === 0 || ticks === 0 || spec.settlement !== currency || isCash(spec)) continue;
      const who = { account, strategy: 0, instrument: p.instrument };
      const isOpen = this.twin.phaseOf(p.instrument) === InstrumentPhase.Continuous;
      if (!isOpen || risk.blocked(who) !== 0) continue;
      const exposure = notional(spec, ticks, Math.abs(p.lots), true);
      const need = this.need(p.instrument, exposure, "call");
      if (need > most) [found, most] = [p, need];
    }
    return found;
  }

  /** True when the order closes any of it. */
  private closeOut(p: TwinPosition): boolean {
    const clientId = (5n << 61n) | ++this.orders;
    const { account, instrument } = p;
    const { lots } = p;
    // A changed spec may take less at once than there is.
    const most = this.twin.instruments.get(instrument)!.rules.qtyMax || Infinity;
    const qtyLots = Math.min(Math.abs(lots), most);
    const shape = { type: OrderType.Market, tif: TimeInForce.Ioc, qtyLots };
    const side = p.lots > 0 ? Side.Sell : Side.Buy;
    const orderFlags = OrderFlag.ReduceOnly | OrderFlag.Engine;
    const positionSide = p.side;
    this.send({ account, instrument, clientId, ...shape, side, positionSide, orderFlags }, qtyLots);
    return p.lots !== lots;
  }

  /** First mark at which the account is below maintenance, all other marks as they are. */
  liquidationTicks(p: TwinPosition): number {
    const { money } = this.twin;
    const spec = money.spec(p.instrument);
    const { ticks } = money.mark(p.instrument);
    if (!this.isOn || p.lots === 0 || ticks === 0 || isCash(spec)) return 0;
    if (this.isHouse(p.account)) return 0;
    const own = notional(spec, ticks, Math.abs(p.lots), true);
    if (this.need(p.instrument, own, "maintenance") === 0n) return 0;
    const isBelow = (mark: number): boolean => {
      const sums = this.sums(p.account, spec.settlement, p.instrument, mark);
      return sums.equity < sums.maintenance;
    };
    if (isBelow(ticks)) return ticks;
    let [held, below] = [ticks, p.lots > 0 ? 1 : PRICE_MOST];
    const legs = money
      .positionsOf(p.account)
      .filter((one) => one.instrument === p.instrument && one.side !== 0 && one.lots !== 0);
    if (legs.length === 2) {
      // Two legs are not looked at where one of them is worth more than money can be.
      const most = Math.max(...legs.map(({ lots }) => Math.abs(lots)));
      const isUncounted = (): boolean => notional(spec, below, most, true) > MONEY_MOST;
      while (below !== ticks && isUncounted()) below = ticks + Math.trunc((below - ticks) / 2);
    }
    if (!isBelow(below)) return 0;
    while (Math.abs(held - below) > 1) {
      const middle = Number((BigInt(held) + BigInt(below)) >> 1n);
      if (isBelow(middle)) below = middle;
      else held = middle;
    }
    return below;
  }
}
