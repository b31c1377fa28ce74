// The order role again, slowly: arrays that are sorted, bigints that cannot overflow, no bounds.
//
// Written from the rules (oracles section 3 and the room's README), not from asm/: it is the second
// reading that the fuzz test holds against the core, record by record and field by field.
//
// tidy: long because it is one plain state machine, read beside the core's many modules.
import {
  AmendField,
  CancelReason,
  Execution,
  InstrumentPhase,
  Kind,
  Liquidity,
  MarkSource,
  OrderFlag,
  OrderState,
  OrderType,
  QueryPart,
  Refusal,
  Scope,
  SelfTrade,
  Side,
  TimeInForce,
  TradingMode,
} from "../../asm/vocab.ts";
import { TwinCash } from "./order-cash.ts";
import { TwinFunding } from "./order-funding.ts";
import { isCallable } from "./order-kind.ts";
import { closes, flagsOf, legRefusal, modeRefusal } from "./order-leg.ts";
import { expiryAmendRefusal } from "./order-expiry.ts";
import { limitStates } from "./order-limit-state.ts";
import { linkedId, noFamily, parted, TwinLinks, type TwinFamily } from "./order-links.ts";
import {
  bandOf,
  bandRefusal,
  isCrossed,
  newAuction,
  NO_BAND,
  TwinAuctions,
  type TwinAuction,
  type TwinBand,
} from "./order-auction.ts";
import {
  amendedTrail,
  followTrades,
  isTrailing,
  limitOf,
  newTrail,
  startTrail,
  stopOf,
  trailRefusal,
  type TwinTrail,
} from "./order-trail.ts";
import { keyOf, TwinRepeats } from "./order-repeat.ts";
import { replacement } from "./order-replace.ts";
import {
  amendStepRefusal,
  newStepRefusal,
  NO_RULES,
  qtyRefusal,
  rulesChange,
  type TwinRules,
} from "./order-rules.ts";
import { TwinMargin } from "./order-margin.ts";
import { flatPosition, TwinMoney, type TwinMark, type TwinPosition } from "./order-money.ts";
import { TwinParents, type TwinParent } from "./order-parent.ts";
import { TwinQueue } from "./order-queue.ts";
import { openOf, TwinRouted, type TwinRoute } from "./order-routed.ts";
import {
  diskTaken,
  executed,
  limitsAreHalf,
  limitsOf,
  released,
  restricted,
  switched,
} from "./order-risk-records.ts";
import { withFields } from "./row.ts";
import { scopeKey, TwinRisk, type TwinAsked, type TwinOpen, type TwinWho } from "./order-risk.ts";

/** Fields by the wire's names; what is left out is 0. */
export type Row = Record<string, number | bigint>;

export interface TwinOrder {
  id: bigint;
  /** A bigint beyond 2^53: the core's own. */
  clientId: number | bigint;
  /** The parent whose child it is. */
  parent?: TwinParent;
  account: number;
  instrument: number;
  side: number;
  type: number;
  tif: number;
  orderFlags: number;
  /** When it began to be held to its position, in turn; 0 = it is not. */
  reducing: number;
  selfTrade: number;
  strategy: number;
  /** The leg it is about: 1 long, 2 short; 0 in netting accounts. */
  positionSide: number;
  price: number;
  /** Since the clock base, Infinity = never. */
  expires: number;
  /** Orders that expire at one time go in this order. */
  expiresAfter: number;
  /** Trigger price, 0 = none. */
  stop: number;
  /** Lots of a slice, 0 = no iceberg. */
  display: number;
  /** Lots of the slice that rests. */
  shown: number;
  /** How the stop follows the trades. */
  trail?: TwinTrail;
  leaves: number;
  filled: number;
  state: number;
  /** Held back of a balance (cash instruments), and at which price. */
  lock: bigint;
  isLocked: boolean;
  lockPrice: number;
  /** Lots for which it holds back: its leaves, or those it will have when a fill is settled. */
  lockLots: number;
  /** Fee rate of when the order came. */
  lockRate?: bigint;
  /** What it has to do with other orders. */
  family: TwinFamily;
  /** What its venue has said of it. */
  route?: TwinRoute;
}

export interface TwinInstrument {
  id: number;
  execution: number;
  /** Resting orders, best price first, then by arrival. */
  buys: TwinOrder[];
  sells: TwinOrder[];
  /** Orders that wait for a trigger, by arrival. */
  armed: TwinOrder[];
  /** Trades the trailing stops have not followed yet. */
  unfollowed: number[];
  /** Stops through the market are refused. */
  isStrict: boolean;
  /** Queue positions of paper orders, where they are modeled. */
  queue?: TwinQueue;
  last: number;
  lastNanos: number;
  /** Enum MarkSource. */
  source: number;
  /** The venue's mark price, and its time. */
  mark: [number, number];
  quoteNanos: number;
  staleMillis: number;
  bid: [number, number];
  ask: [number, number];
  bidTaken: number;
  askTaken: number;
  quotes: number;
  top: [number, number, number, number];
  auction: TwinAuction;
  rules: TwinRules;
}

export interface TwinAccount {
  flags: number;
  selfTrade: number;
  /** PositionMode. */
  mode: number;
}

/** What a denial says of an order. */
const SHAPE = [
  ...["side", "type", "tif", "orderFlags", "priceTicks", "stopTicks"],
  ...["linkedClientId", "positionSide"],
];
const DAY_NANOS = 86_400e9;
const STOPS = [3, 4, 5, 6, 7, 8];
const PRICED = [2, 4, 6, 7];
const ACCOUNT_CLOSED = 1;
const ACCOUNT_HOUSE = 2;

export class OrderTwin {
  readonly instruments = new Map<number, TwinInstrument>();
  readonly accounts = new Map<number, TwinAccount>();
  /** Account of each strategy. */
  readonly strategies = new Map<number, number>();
  readonly orders = new Map<string, TwinOrder>();
  /** Open orders by account, newest first. */
  readonly open = new Map<number, TwinOrder[]>();
  readonly money: TwinMoney;
  readonly risk: TwinRisk;
  readonly cash: TwinCash;
  /** When each future expires, since the clock base. */
  readonly dues = new Map<number, number>();
  /** What each that expired settles at, once it is known, and since when. */
  readonly settling = new Map<number, { ticks: number; sinceNanos: number }>();
  readonly parents = new TwinParents({
    twin: this,
    send: (row) => this.sendChild(row),
    cancel: (order, reason) => this.close(order, reason),
    say: (row) => void this.outs.push(row),
    who: (row) => this.unknownWho(row),
    deny: (kind, row, reason) => this.deny(kind, row, reason, 0),
  });
  readonly margin = new TwinMargin(
    this,
    (row) => void this.outs.push(row),
    (row, held) => this.enter(row, held),
  );
  private readonly links = new TwinLinks(this);
  private readonly funding = new TwinFunding(this);
  readonly routed: TwinRouted;
  private readonly repeats = new TwinRepeats(this);
  /** Nanoseconds of the clock base. */
  baseNanos = 0n;
  private readonly auctions = new TwinAuctions({
    phaseOf: (id) => this.phaseOf(id),
    isCash: (id) => this.cash.isCash(id),
    isCallable: (id) => isCallable(this.money.spec(id)),
    phaseSet: (id, phase) => void this.risk.phases.set(id, phase),
    out: (row) => void this.outs.push(row),
    touch: (instrument) => this.touchInstrument(instrument),
    trade: (instrument, price, qty, aggressor) => this.trade(instrument, price, qty, aggressor),
    fill: (order, price, qty, liquidity) => this.fill(order, price, qty, liquidity),
    refresh: (order) => this.refresh(order),
    settle: (orders, qty) => this.links.traded(orders, qty),
    cancel: (order, reason) => this.close(order, reason),
    expire: (order) => this.expireNow(order),
    openOf: (id) => [...this.open.values()].flat().filter((order) => order.instrument === id),
  });
  /** Open orders that expire one day. */
  private readonly expiring = new Set<TwinOrder>();
  /** Orders that ever were held to their position. */
  private reductions = 0;
  private readonly byId = new Map<bigint, TwinOrder>();
  private outs: Row[] = [];
  /** What a configuration record changed, to be told behind its answer. */
  private told: Row[] = [];
  /** Books this input touched, in order. */
  private books: TwinInstrument[] = [];
  /** Orders made so far; each has a slot of its own, so a run ends before the core's come again. */
  slots = 0;
  private timed = 0;
  private fills = 0;
  private trades = 0;
  private canceled = 0;
  /** Account and currency of each balance this input changed, in order. */
  private touched: [number, number][] = [];

  constructor(accounts: number[], makerRate: number, takerRate: number) {
    this.money = new TwinMoney(makerRate, takerRate, (id) => this.mark(id));
    this.money.source = (id) => priceOf(this.instruments.get(id)!)[0];
    this.risk = new TwinRisk(this.money);
    this.risk.initial = (id, exposure) => this.margin.need(id, exposure, "initial");
    this.risk.hasInitial = (id) => this.margin.hasInitial(id);
    this.cash = new TwinCash(this);
    this.routed = new TwinRouted({
      money: this.money,
      out: (row) => void this.outs.push(row),
      event: (kind, order, reason) => this.event(kind, order, reason, 0),
      find: (id) => this.byId.get(id),
      forget: (order) => {
        this.forget(order);
        this.parents.left(order);
      },
      filled: (...fill) => this.parents.filledAtVenue(...fill),
      again: (order) => this.parents.again(order),
      touch: (account, currency) => this.touch(account, currency),
      nextFill: () => ++this.fills,
      positionRow: (position) => this.positionRow(position),
      executed: (order) => executed(this.risk, order, this.isHouse(order.account)),
      hold: (order) => this.cash.hold(order),
      keep: (order) => this.cash.keepAtVenue(order),
    });
    for (const account of accounts) this.account(account, 0, 0);
  }

  account(id: number, flags: number, selfTrade: number, mode = 0): void {
    this.accounts.set(id, { flags, selfTrade: selfTrade || SelfTrade.Allow, mode });
    if (!this.open.has(id)) this.open.set(id, []);
  }

  instrument(
    id: number,
    execution: number,
    staleMillis: number,
    isStrict = false,
    band: TwinBand = NO_BAND,
  ): void {
    const none = { last: 0, lastNanos: 0, bidTaken: 0, askTaken: 0, quotes: 0, quoteNanos: 0 };
    const sides: Omit<TwinInstrument, keyof typeof none | "id" | "execution" | "isStrict"> = {
      staleMillis,
      source: MarkSource.Last,
      mark: [0, 0],
      auction: newAuction(band),
      rules: NO_RULES,
      armed: [],
      unfollowed: [],
      buys: [],
      sells: [],
      bid: [0, 0],
      ask: [0, 0],
      top: [0, 0, 0, 0],
    };
    this.instruments.set(id, { id, execution, isStrict, ...none, ...sides });
    if (execution === Execution.Internal) this.risk.callable.add(id);
  }

  markSource(id: number, source: MarkSource): void {
    this.instruments.get(id)!.source = source;
  }

  phaseOf(id: number): number {
    return this.risk.phases.get(id) ?? InstrumentPhase.Continuous;
  }

  isCall(id: number): boolean {
    return this.auctions.isCall(this.instruments.get(id)!);
  }

  /** Models the queue of a paper instrument; `power` 0 is risk-averse. */
  queueModel(id: number, power: number): void {
    this.instruments.get(id)!.queue = new TwinQueue(power);
  }

  private mark(id: number): TwinMark {
    const instrument = this.instruments.get(id);
    if (instrument === undefined) return { ticks: 0, isStale: false, ageNanos: 0, source: 0 };
    const { staleMillis, source } = instrument;
    const [ticks, nanos] = priceOf(instrument);
    const { fixed } = instrument.auction.band;
    if (ticks === 0) return { ticks: fixed, isStale: false, ageNanos: 0, source };
    const ageNanos = this.money.nowNanos - nanos;
    const isStale = staleMillis !== 0 && ageNanos > staleMillis * 1_000_000;
    return { ticks, isStale, ageNanos, source };
  }

  /** Applies one record at a time and returns what the core must say. */
  apply(kind: Kind, row: Row, nowNanos: number): Row[] {
    this.outs = [];
    this.touched = [];
    this.money.nowNanos = nowNanos;
    if (kind >> 8 === 0x02) this.config(kind, row);
    else if (kind === Kind.OrderNew) this.orderNew(row);
    else if (kind === Kind.OrderCancel) this.cancel(row);
    else if (kind === Kind.OrderAmend) this.amend(row);
    else if (kind === Kind.OrderReplace) this.replace(row);
    else if (kind === Kind.MassCancel) this.mass(row);
    else if (kind === Kind.StateQuery) this.query(row);
    else if (kind === Kind.RiskRelease) this.outs.push(...released(this, row));
    else if (kind === Kind.DiskSpace) this.outs.push(...diskTaken(this, row));
    else if (kind === Kind.AuctionCall || kind === Kind.AuctionUncross) {
      this.auctions.command(kind, row, this.instruments.get(n(row, "instrument")));
    } else if (kind === Kind.TopOfBook) this.quote(row);
    else if (kind === Kind.TradePrint) this.print(row);
    else if (kind === Kind.BookTrust) this.trust(row);
    else if (kind === Kind.MarkChange) this.markChange(row);
    else if (kind === Kind.FundingChange) this.funding.plan(row);
    else if (kind === Kind.ParentNew) this.parents.start(row);
    else if (kind === Kind.ParentCancel) this.parents.stop(row);
    else if (isReport(kind)) this.routed.apply(kind, row);
    return this.finish();
  }

  /** What every input ends with. */
  private finish(): Row[] {
    while (this.links.queue.length > 0) {
      this.release(this.instruments.get(this.links.queue[0]!.instrument)!);
    }
    for (const instrument of this.books) {
      if (instrument.execution === Execution.Internal) this.release(instrument);
    }
    // Which of several books speaks first says nothing; the core begins with the last one touched.
    for (const instrument of this.books.reverse()) this.publishTop(instrument);
    this.books = [];
    this.margin.ask([...this.touched]);
    this.report();
    return this.outs;
  }

  private report(): void {
    for (const [account, currency] of this.touched) {
      this.risk.lookAgain(account, currency);
      this.outs.push({ kind: Kind.BalanceChanged, ...this.balance(account, currency) });
    }
    this.touched = [];
  }

  touch(account: number, currency: number): void {
    const isKnown = this.touched.some((one) => one[0] === account && one[1] === currency);
    if (!isKnown) this.touched.push([account, currency]);
  }

  /** What Timers up to and at `nowNanos` do; each row says at what time. */
  expire(nowNanos: number): Row[] {
    const rows: Row[] = [];
    for (;;) {
      const tsNanos = this.nextDue();
      if (tsNanos > nowNanos) return rows;
      const parent = this.parents.first();
      this.outs = [];
      this.touched = [];
      this.money.nowNanos = tsNanos;
      if (this.funding.due() <= tsNanos) {
        this.outs.push(...this.funding.pay(tsNanos));
        for (const row of this.finish()) rows.push(Object.assign(row, { tsNanos }));
        continue;
      }
      // One instrument a Timer, the lowest first.
      let settling: number | undefined;
      for (const [id, at] of this.dues) {
        if (at <= tsNanos && (settling === undefined || id < settling)) settling = id;
      }
      if (settling !== undefined) this.settle(settling);
      const now: TwinOrder[] = [];
      for (const order of this.expiring) if (order.expires === tsNanos) now.push(order);
      if (now.length === 0 && settling === undefined) {
        if (this.margin.due() <= tsNanos) this.margin.turn();
        else if ((parent?.due ?? Infinity) <= tsNanos) this.parents.turn(parent!);
        else this.routed.timer();
      }
      for (const order of now.sort((a, b) => a.expiresAfter - b.expiresAfter)) {
        if (order.state >= OrderState.Filled) continue;
        this.expireNow(order);
      }
      for (const row of this.finish()) rows.push(Object.assign(row, { tsNanos }));
    }
  }

  /** When time alone does something next. */
  private nextDue(): number {
    let next = Math.min(this.margin.due(), this.routed.due(), this.funding.due());
    for (const { expires } of this.expiring) next = Math.min(next, expires);
    for (const due of this.dues.values()) next = Math.min(next, due);
    return Math.min(next, this.parents.first()?.due ?? Infinity);
  }

  private isRouted(id: number): boolean {
    return this.instruments.get(id)?.execution === Execution.Routed;
  }

  private expireNow(order: TwinOrder): void {
    order.state = OrderState.Expired;
    this.forget(order);
    this.event(Kind.OrderExpired, order, 0, 0);
    this.links.ended(order);
  }

  /** A future at its expiry: positions are paid out at its mark of before its orders expire. */
  private settle(id: number): void {
    const instrument = this.instruments.get(id)!;
    const ticks = this.settling.get(id)?.ticks ?? this.mark(id).ticks;
    if (ticks !== 0 && !this.settling.has(id)) {
      this.settling.set(id, { ticks, sinceNanos: this.money.nowNanos });
    }
    this.risk.phases.set(id, InstrumentPhase.Closed);
    const rising = instrument.armed.filter((order) => isRising(order.side, order.type));
    const falling = instrument.armed.filter((order) => !isRising(order.side, order.type));
    rising.sort((a, b) => a.stop - b.stop);
    falling.sort((a, b) => b.stop - a.stop);
    for (const order of [...instrument.buys, ...instrument.sells, ...rising, ...falling]) {
      if (order.state < OrderState.Filled) this.expireNow(order);
    }
    if (this.routed.isLeft(id)) {
      this.dues.set(id, this.money.nowNanos + 60e9);
      return;
    }
    if (ticks === 0) {
      this.dues.set(id, this.money.nowNanos + 60e9);
      return;
    }
    this.dues.delete(id);
    for (const position of this.money.holders(id)) {
      this.money.subs.settle(position, position.lots, ticks);
      if (position.lots === 0) continue;
      const side = position.lots > 0 ? Side.Sell : Side.Buy;
      const qty = Math.abs(position.lots);
      this.money.book(position, this.money.trade(position, side, ticks, qty), 0n);
      this.touch(position.account, this.money.spec(id).settlement);
      this.outs.push({ kind: Kind.PositionChanged, ...this.positionRow(position) });
    }
  }

  // Configuration ------------------------------------------------------------------------------

  private config(kind: Kind, row: Row): void {
    const reason = this.configRefusal(kind, row);
    this.outs.push({
      kind: reason === 0 ? Kind.ConfigAccepted : Kind.ConfigDenied,
      instrument: row["instrument"] ?? 0,
      configKind: kind,
      reason,
    });
    this.outs.push(...this.told.splice(0));
    if (kind === Kind.InstrumentState && reason === 0) {
      this.auctions.move(this.instruments.get(n(row, "instrument"))!, n(row, "state"), 0);
    }
    const isKill = kind === Kind.KillSwitch && reason === 0 && n(row, "state") === 1;
    if (isKill && n(row, "cancelOpen") === 1) this.killOpen(row);
    if (kind === Kind.PositionAdjust && reason === 0) this.adjustPosition(row);
  }

  private configRefusal(kind: Kind, row: Row): number {
    if (kind === Kind.CashAdjust) return this.adjust(row);
    if (kind === Kind.PositionAdjust) {
      if (!this.accounts.has(n(row, "account"))) return Refusal.UnknownAccount;
      if (!this.instruments.has(n(row, "instrument"))) return Refusal.UnknownInstrument;
      const leg = legRefusal(this, row);
      if (leg !== 0) return leg;
      if (this.isRouted(n(row, "instrument"))) return Refusal.ExecutionUnsupported;
      if (n(row, "lots") === 0) return Refusal.ParameterInvalid;
      if (n(row, "priceTicks") <= 0) return Refusal.PriceNotPositive;
      const side = n(row, "lots") > 0 ? Side.Buy : Side.Sell;
      // Looked for, not made: a refusal leaves no position.
      const held = this.money.positionsOf(n(row, "account")).find((position) => {
        return position.instrument === n(row, "instrument") && position.side === legOf(row);
      });
      const isBeyond = Math.abs(n(row, "lots")) > (held ? heldBy(held, side) : 0);
      if (closes(legOf(row), side) && isBeyond) return Refusal.ReduceOnlyWouldIncrease;
      return this.cash.adjustRefusal(n(row, "account"), n(row, "instrument"), n(row, "lots"));
    }
    if (kind === Kind.InstrumentSpec) {
      return rulesChange(this.instruments.get(n(row, "instrument"))!, row);
    }
    if (kind === Kind.ConversionMark) return this.money.currencies.mark(row, this.money.nowNanos);
    if (kind === Kind.FeeSchedule) {
      return this.money.fees.schedule(row, (account) => this.accounts.has(account));
    }
    if (kind === Kind.VolumeCurve) return this.parents.curve(row);
    if (kind === Kind.Account) {
      const [id, mode] = [n(row, "id"), n(row, "positionMode")];
      const refusal = modeRefusal(this, id, mode);
      if (refusal === 0) this.account(id, n(row, "accountFlags"), n(row, "selfTrade"), mode);
      return refusal;
    }
    if (kind === Kind.InstrumentState) {
      const instrument = this.instruments.get(n(row, "instrument"));
      return this.auctions.phaseRefusal(instrument, n(row, "state"));
    }
    const scope = n(row, "scope");
    const who = whoOf(row);
    if (kind === Kind.RiskLimits) {
      if (limitsAreHalf(row)) return Refusal.ParameterInvalid;
      const { exponents } = this.money.currencies;
      const isKnown = n(row, "currency") === 0 || exponents.has(n(row, "currency"));
      const refusal = isKnown ? this.unknown(scope, who) : Refusal.UnknownCurrency;
      if (refusal !== 0) return refusal;
      // The limits of a pair hang on its position, which a query then lists.
      if (scope === Scope.AccountInstrument) this.money.position(who.account, who.instrument);
      this.risk.limits.set(scopeKey(scope, who), limitsOf(row));
      return 0;
    }
    if (kind === Kind.RestrictedList) return restricted(this, row);
    if (kind === Kind.MarginSchedule) return this.margin.schedule(row);
    const state = n(row, "state");
    const isKill = kind === Kind.KillSwitch;
    if (state > (isKill ? 1 : TradingMode.Halted)) return Refusal.ParameterInvalid;
    const refusal =
      scope === Scope.AccountInstrument ? Refusal.ScopeInvalid : this.unknown(scope, who);
    if (refusal !== 0) return refusal;
    this.told = switched(this, kind, row, scopeKey(scope, who));
    return 0;
  }

  /** Why a scope names nobody. */
  private unknown(scope: number, who: TwinWho): number {
    const needsAccount = scope === Scope.Account || scope === Scope.AccountInstrument;
    const needsInstrument = scope === Scope.Instrument || scope === Scope.AccountInstrument;
    if (needsAccount && !this.accounts.has(who.account)) return Refusal.UnknownAccount;
    if (scope === Scope.Strategy && !this.strategies.has(who.strategy)) {
      return Refusal.UnknownStrategy;
    }
    if (needsInstrument && !this.instruments.has(who.instrument)) return Refusal.UnknownInstrument;
    return scope > Scope.AccountInstrument ? Refusal.ScopeInvalid : 0;
  }

  /** Lots booked at a price, without fee and not traded. */
  private adjustPosition(row: Row): void {
    const [account, instrument, lots] = [n(row, "account"), n(row, "instrument"), n(row, "lots")];
    const position = this.money.ready(account, instrument, legOf(row));
    const side = lots > 0 ? Side.Buy : Side.Sell;
    const realized = this.money.trade(position, side, n(row, "priceTicks"), Math.abs(lots));
    if (this.cash.isCash(instrument)) this.cash.adjust(position, lots, realized);
    else {
      this.money.book(position, realized, 0n);
      this.touch(account, this.money.spec(instrument).settlement);
    }
    position.traded -= Math.abs(lots);
    this.money.subs.other(position, side, n(row, "priceTicks"), Math.abs(lots), false);
    this.outs.push({ kind: Kind.PositionChanged, ...this.positionRow(position) });
    this.holdToPosition(position);
  }

  /** Reduce-only orders hold no more than there is to reduce; newest first. */
  private holdToPosition(position: TwinPosition): void {
    const open = this.open.get(position.account)!.filter((order) => order.reducing > 0);
    for (const order of open.sort((a, b) => b.reducing - a.reducing)) {
      if (!isOf(order, position) || order.state >= OrderState.Filled) continue;
      const held = heldBy(position, order.side);
      if (order.leaves <= held) continue;
      if (held === 0) {
        this.close(order, CancelReason.ReduceOnly);
        continue;
      }
      const limit = order.leaves - held;
      order.leaves = held;
      order.shown = Math.min(order.shown, held);
      this.cash.keep(order);
      if (order.state !== OrderState.Armed) this.touchBook(order);
      this.event(Kind.OrderReduced, order, 0, 0);
      this.outs.at(-1)["limit"] = limit;
    }
  }

  private adjust(row: Row): number {
    const account = n(row, "account");
    if (!this.accounts.has(account)) return Refusal.UnknownAccount;
    const currency = n(row, "currency");
    if (!this.money.currencies.exponents.has(currency)) return Refusal.UnknownCurrency;
    const held = this.cash.locked(account, currency);
    if (!this.money.deposit(account, BigInt(row["amountMinor"] ?? 0), currency, held)) {
      return Refusal.BalanceInsufficient;
    }
    this.touch(account, currency);
    return 0;
  }

  private killOpen(row: Row): void {
    const { instrument = 0, account = 0, strategy = 0, tenant = 0, scope = 0 } = row;
    const before = this.canceled;
    for (const [id, open] of this.open) {
      if (scope === Scope.Account && id !== account) continue;
      for (const order of [...open]) {
        if (order.state >= OrderState.Filled) continue;
        if (scope === Scope.Strategy && order.strategy !== strategy) continue;
        if (scope === Scope.Instrument && order.instrument !== instrument) continue;
        if (this.routed.isLeaving(order)) continue;
        this.close(order, CancelReason.KillSwitch);
      }
    }
    const done = this.canceled - before;
    const who = { instrument, account, strategy, tenant, scope };
    this.parents.kill(row);
    this.outs.push({ kind: Kind.MassCanceled, ...who, left: 0, done });
  }

  // Commands -----------------------------------------------------------------------------------

  private orderNew(row: Row): void {
    if (this.repeats.answer(row)) return;
    const [refusal, limit, held] = this.newRefusal(row);
    if (refusal === 0) return this.enter(row, held);
    this.repeats.denied(row, refusal, limit);
    this.deny(Kind.OrderDenied, row, refusal, limit);
  }

  /** Cancels an order and enters another in its place, or leaves it as it is. */
  private replace(row: Row): void {
    const [order, known] = this.named(row);
    if (this.repeats.replaceAnswer(row, order)) return;
    if (known !== 0) return this.deny(Kind.AmendDenied, row, known, 0, order);
    const it = order!;
    const asked = replacement(row, it, this.baseNanos, it.route !== undefined);
    let { refusal } = asked;
    let [limit, held] = [0, 0];
    if (refusal === 0) {
      const open = this.open.get(it.account)!;
      const at = open.indexOf(it);
      open.splice(at, 1);
      const rejoin = parted(it);
      const isKnown = this.orders.has(keyOf(asked.wanted));
      if (isKnown) refusal = Refusal.ClientOrderIdDuplicate;
      else [refusal, limit, held] = this.newRefusal(asked.wanted);
      open.splice(at, 0, it);
      if (refusal !== 0) rejoin();
    }
    if (refusal !== 0) {
      this.repeats.replaceDenied(row, refusal, limit);
      return this.deny(Kind.AmendDenied, row, refusal, limit, it);
    }
    this.close(it, CancelReason.Replaced);
    this.enter(asked.wanted, held);
    this.repeats.replaced(row);
  }

  /** Why a new order is refused, the limit that was hit, and the lots it may reduce. */
  private newRefusal(row: Row): [number, number, number] {
    const instrument = this.instruments.get(n(row, "instrument"));
    let refusal = this.newShape(row, instrument);
    if (refusal === 0) refusal = this.routed.downRefusal(instrument!);
    let limit = 0;
    let held = 0;
    const isHeld = refusal === 0 && this.links.isChild(row);
    if (refusal === 0) {
      const who = whoOf(row);
      const position = this.money.ready(who.account, who.instrument, legOf(row));
      this.money.subs.take(position, who.strategy);
      const [side, qty, flags] = [n(row, "side"), n(row, "qtyLots"), flagsOf(row)];
      held = heldBy(position, side);
      const reducible = Math.max(0, held - this.openLots(position, side));
      const type = n(row, "type");
      const trail = isTrailing(type) ? newTrail(row, instrument!.last) : undefined;
      const stop = trail === undefined ? n(row, "stopTicks") : stopOf(side, trail);
      let price = isPriced(type) ? n(row, "priceTicks") : stop;
      if (trail !== undefined && isPriced(type)) price += stop;
      refusal = this.risk.entryBlocked(who);
      if (refusal === 0) refusal = this.auctions.newRefusal(instrument!, row);
      if (refusal === 0 && flags & OrderFlag.ReduceOnly && held === 0 && !isHeld) {
        refusal = Refusal.ReduceOnlyWouldIncrease;
      }
      const added = isHeld ? 0 : qty;
      if (refusal === 0 && added > reducible && this.risk.mode(who) !== TradingMode.Active) {
        refusal = Refusal.ReduceOnlyMode;
      }
      if (refusal === 0) [refusal, limit] = this.limit(who, side, price, qty, added, true);
      const asked = flags & OrderFlag.ReduceOnly ? Math.min(qty, held) : qty;
      if (refusal === 0 && !isHeld) [refusal, limit] = this.cashLimit(row, price, asked);
      if (refusal === 0 && isStop(type) && !isHeld) {
        refusal = trail === undefined ? this.through(instrument!, side, type, stop) : 0;
      } else if (
        refusal === 0 &&
        flags & OrderFlag.PostOnly &&
        this.wouldTrade(instrument!, side, price)
      ) {
        refusal = Refusal.PostOnlyWouldTrade;
      }
    }
    return [refusal, limit, held];
  }

  private enter(row: Row, held: number): void {
    const instrument = this.instruments.get(n(row, "instrument"));
    const isReducing = flagsOf(row) & OrderFlag.ReduceOnly && !this.links.isChild(row);
    const order = this.make(row, isReducing ? held : Infinity);
    if (isReducing) order.reducing = ++this.reductions;
    if (this.isRouted(order.instrument)) return this.routed.send(order);
    if (this.links.isChild(row)) order.state = OrderState.Held;
    if (this.links.make(row, order)) return;
    if (isTrailing(order.type)) startTrail(order, newTrail(row, instrument!.last));
    this.cash.hold(order);
    this.event(Kind.OrderAccepted, order, 0, 0);
    if (!isStop(order.type)) return this.work(order);
    instrument!.armed.push(order);
    this.release(instrument!);
  }

  private cashLimit(row: Row, price: number, lots: number): [number, number] {
    const { account, instrument } = whoOf(row);
    if (!this.cash.isCash(instrument)) return [0, 0];
    const side = n(row, "side");
    const rule = n(row, "selfTrade") || this.accounts.get(account)!.selfTrade;
    const isMarketBuy = price === 0 && side === Side.Buy;
    const named = price < 0 ? 1 : price;
    const at = isMarketBuy ? this.cash.reach(account, instrument, lots, rule) : named;
    if (at === 0 && isMarketBuy && this.isRouted(instrument)) return [Refusal.PriceUnknown, 0];
    const kind = n(row, "contingency");
    const other = kind === 0 ? undefined : this.links.named(row);
    return this.cash.refusalOfNew({ account, instrument, side }, at, lots, kind, other);
  }

  /** An order of a parent; 0 or why it was denied. */
  private sendChild(row: Row): number {
    const from = this.outs.length;
    this.orderNew(row);
    const first = this.outs[from];
    return first?.["kind"] === Kind.OrderDenied ? n(first, "reason") : 0;
  }

  private unknownWho(row: Row): number {
    const strategy = n(row, "strategy");
    const account = this.accounts.get(n(row, "account"));
    if (account === undefined) return Refusal.UnknownAccount;
    if (account.flags & ACCOUNT_CLOSED) return Refusal.AccountClosed;
    if (n(row, "clientId") === 0) return Refusal.ClientOrderIdMissing;
    if (!this.instruments.has(n(row, "instrument"))) return Refusal.UnknownInstrument;
    if (strategy !== 0) {
      const owner = this.strategies.get(strategy);
      if (owner === undefined) return Refusal.UnknownStrategy;
      if (owner !== n(row, "account")) return Refusal.NotOwner;
    }
    return 0;
  }

  private newShape(row: Row, instrument: TwinInstrument | undefined): number {
    const type = n(row, "type");
    const tif = n(row, "tif");
    const flags = n(row, "orderFlags");
    const known = this.unknownWho(row);
    if (known !== 0 || instrument === undefined) return known;
    const leg = legRefusal(this, row);
    if (leg !== 0) return leg;
    const atVenue = this.routed.shapeRefusal(row, instrument);
    if (atVenue !== 0) return atVenue;
    if (n(row, "side") !== Side.Buy && n(row, "side") !== Side.Sell) return Refusal.SideInvalid;
    const isPlain = type === OrderType.Market || type === OrderType.Limit;
    if (!isPlain && !isStop(type)) return Refusal.OrderTypeUnsupported;
    const isTimed = tif === TimeInForce.Gtd || tif === TimeInForce.Day;
    const isAtOnce = tif === TimeInForce.Ioc || tif === TimeInForce.Fok;
    const isAuction = tif === TimeInForce.AtOpen || tif === TimeInForce.AtClose;
    const isGood = isAuction || tif === TimeInForce.Gtc;
    const isKnown = isAtOnce || isGood || (isTimed && type !== OrderType.Market);
    if (!isKnown) return Refusal.TimeInForceUnsupported;
    const hasStop = n(row, "stopTicks") !== 0;
    if (isTrailing(type)) {
      const refused = trailRefusal(row, instrument.last);
      if (refused !== 0) return refused;
    } else if (isStop(type) ? n(row, "stopTicks") <= 0 : hasStop) return Refusal.StopPriceInvalid;
    else if (n(row, "trailUnit") !== 0 || n(row, "trailOffset") !== 0) return Refusal.TrailInvalid;
    const display = n(row, "displayLots");
    const showsPart = type === OrderType.Limit && !isAtOnce && display <= n(row, "qtyLots");
    const canHide = showsPart && instrument.execution === Execution.Internal;
    if (display !== 0 && !(canHide && display > 0)) return Refusal.DisplayInvalid;
    const expires = BigInt(row["expiresNanos"] ?? 0);
    const now = this.baseNanos + BigInt(this.money.nowNanos);
    if (tif === TimeInForce.Gtd ? expires <= now : expires !== 0n) return Refusal.ExpiryInvalid;
    const link = this.links.refusal(row);
    if (link !== 0) return link;
    if (n(row, "selfTrade") > SelfTrade.Decrement) return Refusal.SelfTradeInvalid;
    const rests = type === OrderType.Limit && !isAtOnce;
    if (flags & OrderFlag.PostOnly && !rests) return Refusal.FlagUnsupported;
    const size = newStepRefusal(instrument, row) || qtyRefusal(instrument, n(row, "qtyLots"));
    if (size !== 0) return size;
    return isPriced(type) && limitOf(row, instrument.last) <= 0 ? Refusal.PriceNotPositive : 0;
  }

  private isHouse(account: number): boolean {
    return (this.accounts.get(account)!.flags & ACCOUNT_HOUSE) !== 0;
  }

  limit(
    who: TwinWho,
    side: number,
    price: number,
    qtyLots: number,
    addedLots: number,
    isNew: boolean,
    isRelease = false,
  ): [number, number] {
    const { bid, ask, auction } = this.instruments.get(who.instrument)!;
    const priced = price !== 0 ? price : side === Side.Buy ? ask[0] : bid[0];
    const banded = bandRefusal(auction, priced, this.mark(who.instrument).ticks);
    if (banded !== 0) return [banded, auction.band.bps];
    if (this.isHouse(who.account)) return [0, 0];
    const position = this.money.position(who.account, who.instrument, who.positionSide ?? 0);
    const { account, strategy, instrument, positionSide = 0 } = who;
    return this.risk.refusal({
      account,
      strategy,
      instrument,
      positionSide,
      side,
      givenTicks: price,
      priceTicks: priced,
      qtyLots,
      addedLots,
      isNew,
      isRelease,
      ...this.openFor(position),
    });
  }

  /** What the risk check may ask of the open orders of a position's account. */
  private openFor(position: TwinPosition): TwinAsked {
    const open = this.open.get(position.account)!;
    let sums: Map<TwinPosition, TwinOpen> | undefined;
    return {
      position,
      open: () => (sums ??= this.openByPosition(position.account)),
      ordersOfAccount: open.length,
      ordersOfPair: () => open.filter((order) => isOf(order, position)).length,
    };
  }

  /** Leaves of an account's open orders, by position. */
  openByPosition(account: number): Map<TwinPosition, TwinOpen> {
    const sums = new Map<TwinPosition, TwinOpen>();
    for (const order of this.open.get(account) ?? []) {
      const { side, state } = order;
      if (state === OrderState.Held) continue;
      const position = this.positionOf(order);
      const sum = sums.get(position) ?? { buys: 0, sells: 0 };
      if (side === Side.Buy) sum.buys += openOf(order);
      else sum.sells += openOf(order);
      sums.set(position, sum);
    }
    return sums;
  }

  /** The position an order is about. */
  positionOf({ account, instrument, positionSide }: TwinOrder): TwinPosition {
    return this.money.position(account, instrument, positionSide);
  }

  private openLots(position: TwinPosition, side: number): number {
    let sum = 0;
    for (const order of this.open.get(position.account) ?? []) {
      if (order.state === OrderState.Held) continue;
      if (isOf(order, position) && order.side === side) sum += openOf(order);
    }
    return sum;
  }

  private make(row: Row, qtyMax: number): TwinOrder {
    this.slots++;
    const type = n(row, "type");
    const order: TwinOrder = {
      id: (1n << 32n) | BigInt(this.slots),
      clientId: idOf(row),
      account: n(row, "account"),
      instrument: n(row, "instrument"),
      side: n(row, "side"),
      type,
      tif: n(row, "tif"),
      orderFlags: flagsOf(row),
      reducing: 0,
      positionSide: legOf(row),
      selfTrade: n(row, "selfTrade") || this.accounts.get(n(row, "account"))!.selfTrade,
      strategy: n(row, "strategy"),
      price: isPriced(type) ? n(row, "priceTicks") : 0,
      expires: this.expiry(row),
      expiresAfter: ++this.timed,
      stop: n(row, "stopTicks"),
      display: n(row, "displayLots"),
      shown: 0,
      leaves: Math.min(n(row, "qtyLots"), qtyMax),
      filled: 0,
      lock: 0n,
      isLocked: false,
      lockPrice: 0,
      lockLots: 0,
      state: isStop(type) ? OrderState.Armed : OrderState.Live,
      family: noFamily(),
    };
    this.orders.set(keyOf(row), order);
    this.repeats.sent(row);
    this.byId.set(order.id, order);
    if (order.expires !== Infinity) this.expiring.add(order);
    this.open.get(order.account)!.unshift(order);
    this.parents.adopt(order);
    return order;
  }

  private expiry(row: Row): number {
    if (n(row, "tif") === TimeInForce.Day) {
      return (Math.floor(this.money.nowNanos / DAY_NANOS) + 1) * DAY_NANOS;
    }
    const isGtd = n(row, "tif") === TimeInForce.Gtd;
    return isGtd ? Number(BigInt(row["expiresNanos"] ?? 0) - this.baseNanos) : Infinity;
  }

  private cancel(row: Row): void {
    const [order, refusal] = this.named(row);
    if (refusal !== 0) return this.deny(Kind.CancelDenied, row, refusal, 0, order);
    this.close(order!, CancelReason.User);
  }

  private named(row: Row): [TwinOrder | undefined, number] {
    const account = n(row, "account");
    if (!this.accounts.has(account)) return [undefined, Refusal.UnknownAccount];
    const id = BigInt(row["orderId"] ?? 0);
    const order =
      n(row, "clientId") !== 0 ? this.orders.get(`${account}/${idOf(row)}`) : this.byId.get(id);
    if (order === undefined) return [undefined, Refusal.UnknownOrder];
    if (order.account !== account) return [undefined, Refusal.NotOwner];
    if (order.state === OrderState.PendingCancel) return [order, Refusal.CancelPending];
    return [order, order.state < OrderState.Filled ? 0 : Refusal.OrderNotOpen];
  }

  private amend(row: Row): void {
    const [order, known] = this.named(row);
    if (known !== 0) return this.deny(Kind.AmendDenied, row, known, 0, order);
    const it = order!;
    if (it.orderFlags & OrderFlag.Engine) {
      return this.deny(Kind.AmendDenied, row, Refusal.NotOwner, 0, it);
    }
    if (n(row, "fields") & AmendField.Expires) return this.amendExpiry(row, it);
    if (it.state === OrderState.Armed) return this.amendStop(row, it);
    if (it.state === OrderState.Held) return this.links.amend(row, it);
    if (it.type === OrderType.Market) {
      return this.deny(Kind.AmendDenied, row, Refusal.FlagUnsupported, 0, it);
    }
    const fields = n(row, "fields");
    const price = fields & AmendField.Price ? n(row, "priceTicks") : it.price;
    const qty = fields & AmendField.Qty ? n(row, "qtyLots") : it.leaves + it.filled;
    const leaves = qty - it.filled;
    const kept = price === it.price && leaves < it.leaves;
    let limit = 0;
    let refusal = this.routed.busyRefusal(it);
    if (refusal === 0) refusal = this.amendShape(row, it, price, qty);
    if (refusal === 0) refusal = this.routed.downRefusal(this.instruments.get(it.instrument)!);
    const { account, instrument, strategy, side, positionSide } = it;
    const who = { account, instrument, strategy, positionSide };
    if (refusal === 0) refusal = this.risk.blocked(who);
    if (refusal === 0 && !kept) {
      const isMore = leaves > it.leaves;
      if (isMore) refusal = this.risk.moreBlocked(who);
      if (refusal === 0 && isMore) refusal = this.beyondHeld(it, leaves);
      if (refusal === 0) {
        [refusal, limit] = this.limit(who, side, price, leaves, leaves - it.leaves, false);
      }
      if (refusal === 0 && this.cash.isCash(instrument)) {
        [refusal, limit] = this.cash.refusalOfChange(it, price, leaves);
      }
      if (refusal === 0 && it.orderFlags & OrderFlag.PostOnly) {
        const traded = this.instruments.get(instrument)!;
        if (this.wouldTrade(traded, side, price)) refusal = Refusal.PostOnlyWouldTrade;
      }
    }
    if (refusal !== 0) return this.deny(Kind.AmendDenied, row, refusal, limit, it);
    if (it.route !== undefined) return this.routed.amend(it, price, qty);
    if (!kept) this.unrest(it);
    this.touchBook(it);
    it.leaves = leaves;
    it.shown = Math.min(it.shown, leaves);
    it.price = price;
    this.cash.hold(it);
    this.event(Kind.OrderAmended, it, 0, kept ? 1 : 0);
    if (!kept) this.work(it);
  }

  private amendExpiry(row: Row, it: TwinOrder): void {
    const refusal =
      expiryAmendRefusal(row, it, this.baseNanos, this.money.nowNanos) || this.risk.blocked(it);
    if (refusal !== 0) return this.deny(Kind.AmendDenied, row, refusal, 0, it);
    it.expires = this.expiry({ tif: it.tif, expiresNanos: row["expiresNanos"]! });
    it.expiresAfter = ++this.timed;
    this.event(Kind.OrderAmended, it, 0, 1);
  }

  private beyondHeld(order: TwinOrder, leaves: number): number {
    const position = this.positionOf(order);
    const isBeyond = leaves > order.leaves && leaves > heldBy(position, order.side);
    return order.orderFlags & OrderFlag.ReduceOnly && isBeyond
      ? Refusal.ReduceOnlyWouldIncrease
      : 0;
  }

  private amendShape(row: Row, order: TwinOrder, price: number, qty: number): number {
    const fields = n(row, "fields");
    const instrument = this.instruments.get(order.instrument)!;
    if (fields > 3) return Refusal.FlagUnsupported;
    if (fields === 0) return Refusal.AmendNothing;
    const step = amendStepRefusal(instrument, row, order.type);
    if (step !== 0) return step;
    const size = fields & AmendField.Qty ? qtyRefusal(instrument, qty) : 0;
    if (size !== 0) return size;
    if (fields & AmendField.Qty && qty <= order.filled) return Refusal.AmendBelowFilled;
    if (fields & AmendField.Price && price <= 0) return Refusal.PriceNotPositive;
    const isSame = price === order.price && qty === order.leaves + order.filled;
    return isSame ? Refusal.AmendNothing : 0;
  }

  private amendStop(row: Row, it: TwinOrder): void {
    if (it.trail !== undefined) return this.amendTrail(row, it, it.trail);
    const fields = n(row, "fields");
    const price = fields & AmendField.Price ? n(row, "priceTicks") : it.price;
    const leaves = fields & AmendField.Qty ? n(row, "qtyLots") : it.leaves;
    const stop = fields & AmendField.Stop ? n(row, "stopTicks") : it.stop;
    const isPlace = price === it.price && stop === it.stop;
    const kept = isPlace && leaves < it.leaves;
    const instrument = this.instruments.get(it.instrument)!;
    const { account, strategy, positionSide } = it;
    const who = { account, instrument: it.instrument, strategy, positionSide };
    let limit = 0;
    let refusal: number = stop <= 0 ? Refusal.StopPriceInvalid : 0;
    if (fields & AmendField.Price && price <= 0) refusal = Refusal.PriceNotPositive;
    if (fields & AmendField.Price && !isPriced(it.type)) refusal = Refusal.FlagUnsupported;
    if (fields & AmendField.Qty) refusal = qtyRefusal(instrument, leaves) || refusal;
    refusal = amendStepRefusal(instrument, row, it.type) || refusal;
    if (fields === 0) refusal = Refusal.AmendNothing;
    if (fields > 7) refusal = Refusal.FlagUnsupported;
    if (refusal === 0 && isPlace && leaves === it.leaves) refusal = Refusal.AmendNothing;
    if (refusal === 0) refusal = this.risk.blocked(who);
    if (refusal === 0 && !kept) {
      if (leaves > it.leaves) refusal = this.risk.moreBlocked(who);
      if (refusal === 0) {
        const worst = isPriced(it.type) ? price : stop;
        const added = leaves - it.leaves;
        refusal = this.beyondHeld(it, leaves);
        if (refusal === 0) {
          [refusal, limit] = this.limit(who, it.side, worst, leaves, added, false);
        }
        if (refusal === 0 && this.cash.isCash(it.instrument)) {
          [refusal, limit] = this.cash.refusalOfChange(it, worst, leaves);
        }
      }
      if (refusal === 0) refusal = this.through(instrument, it.side, it.type, stop);
    }
    if (refusal !== 0) return this.deny(Kind.AmendDenied, row, refusal, limit, it);
    Object.assign(it, { price, leaves, stop });
    this.cash.hold(it);
    if (!kept) {
      instrument.armed.splice(instrument.armed.indexOf(it), 1);
      instrument.armed.push(it);
    }
    this.event(Kind.OrderAmended, it, 0, kept ? 1 : 0);
    this.release(instrument);
  }

  private amendTrail(row: Row, it: TwinOrder, was: TwinTrail): void {
    const instrument = this.instruments.get(it.instrument)!;
    const { account, strategy, positionSide } = it;
    const who = { account, instrument: it.instrument, strategy, positionSide };
    const asked = amendedTrail(row, it, was, instrument);
    const { trail, stop, price, leaves, isKept } = asked;
    let { refusal } = asked;
    let limit = 0;
    if (refusal === 0) refusal = this.risk.blocked(who);
    if (refusal === 0 && !isKept) {
      const added = leaves - it.leaves;
      if (added > 0) refusal = this.risk.moreBlocked(who);
      if (refusal === 0) {
        const worst = isPriced(it.type) ? price : stop;
        refusal = this.beyondHeld(it, leaves);
        if (refusal === 0) {
          [refusal, limit] = this.limit(who, it.side, worst, leaves, added, false);
        }
        if (refusal === 0 && this.cash.isCash(it.instrument)) {
          [refusal, limit] = this.cash.refusalOfChange(it, worst, leaves);
        }
      }
      if (refusal === 0) refusal = this.through(instrument, it.side, it.type, stop);
    }
    if (refusal !== 0) return this.deny(Kind.AmendDenied, row, refusal, limit, it);
    it.leaves = leaves;
    if (!isKept) {
      startTrail(it, trail);
      instrument.armed.splice(instrument.armed.indexOf(it), 1);
      instrument.armed.push(it);
    }
    this.cash.hold(it);
    this.event(Kind.OrderAmended, it, 0, isKept ? 1 : 0);
    this.release(instrument);
  }

  private mass(row: Row): void {
    const { instrument = 0, account = 0, strategy = 0, clientId = 0, scope = 0, side = 0 } = row;
    const open = this.open.get(Number(account));
    if (open === undefined) return this.deny(Kind.CancelDenied, row, Refusal.UnknownAccount, 0);
    if (scope !== Scope.Account && scope !== Scope.Strategy && scope !== Scope.AccountInstrument) {
      return this.deny(Kind.CancelDenied, row, Refusal.ScopeInvalid, 0);
    }
    const before = this.canceled;
    for (const order of [...open]) {
      if (order.state >= OrderState.Filled) continue;
      if (scope === Scope.AccountInstrument && order.instrument !== instrument) continue;
      if (scope === Scope.Strategy && order.strategy !== strategy) continue;
      if (side !== 0 && order.side !== side) continue;
      if (this.routed.isLeaving(order)) continue;
      this.close(order, CancelReason.Mass);
    }
    const done = this.canceled - before;
    const only = scope === Scope.AccountInstrument ? Number(instrument) : 0;
    const of = scope === Scope.Strategy ? Number(strategy) : 0;
    this.parents.cancelAll(Number(account), of, only, Number(side));
    const what = { instrument, account, strategy, clientId, scope, side };
    this.outs.push({ kind: Kind.MassCanceled, ...what, left: 0, done });
  }

  private query(row: Row): void {
    const { instrument = 0, account = 0, clientId = 0 } = row;
    const before = this.outs.length;
    const part = n(row, "part");
    if (part === QueryPart.Limits) {
      this.outs.push(...this.limitRows(Number(account), Number(instrument)));
    } else if (part === QueryPart.Strategies) {
      this.partRows(Number(account));
    } else if (this.accounts.has(Number(account))) {
      for (const { currency } of this.money.balancesOf(Number(account))) {
        const equity = this.money.equityRow(Number(account), currency);
        const row = withFields(this.balance(Number(account), currency), equity);
        this.outs.push({ kind: Kind.AccountState, ...row });
      }
      for (const position of this.money.positionsOf(Number(account))) {
        const liquidationTicks = this.margin.liquidationTicks(position);
        const state = Object.assign(this.money.excursions(position), { liquidationTicks });
        this.outs.push({ kind: Kind.PositionState, ...this.positionRow(position), ...state });
      }
      this.partRows(Number(account));
      for (const order of this.open.get(Number(account))!) {
        this.event(Kind.OrderStateRow, order, 0, 0);
      }
      this.parents.list(Number(account));
    }
    const done = this.outs.length - before;
    const end = { instrument, account, clientId, part, left: 0, done };
    this.outs.push({ kind: Kind.StateQueryEnd, ...end });
  }

  /** What strategies have of the account's positions. */
  private partRows(account: number): void {
    for (const position of this.money.positionsOf(account)) {
      for (const row of this.money.subs.rows(position)) {
        this.outs.push({ kind: Kind.StrategyState, ...row });
      }
    }
  }

  /** What the account uses of its limits, in one instrument or where it has positions. */
  private limitRows(account: number, instrument: number): Row[] {
    if (!this.accounts.has(account) || this.isHouse(account)) return [];
    const known = this.money.positionsOf(account);
    const here = known.filter((one) => one.instrument === instrument);
    const hasLegs = this.accounts.get(account)!.mode === 1;
    const legs = hasLegs ? here.filter(({ side }) => side !== 0) : [];
    const netted = here.find(({ side }) => side === 0) ?? flatPosition(account, instrument);
    const isKnown = instrument !== 0 && this.instruments.has(instrument);
    const one = legs.length > 0 ? legs.sort((a, b) => a.side - b.side) : isKnown ? [netted] : [];
    const asked = instrument === 0 ? known : one;
    const no = { isNew: false, isRelease: false };
    const nothing = { side: 0, givenTicks: 0, priceTicks: 0, qtyLots: 0, addedLots: 0, ...no };
    return asked.flatMap((position) =>
      limitStates(this.risk, this.money, {
        account,
        strategy: 0,
        instrument: position.instrument,
        positionSide: position.side,
        ...nothing,
        ...this.openFor(position),
      }),
    );
  }

  private markChange(row: Row): void {
    const instrument = this.instruments.get(n(row, "instrument"));
    if (instrument === undefined || n(row, "priceTicks") <= 0) return;
    instrument.mark = [n(row, "priceTicks"), this.money.nowNanos];
    this.money.see(instrument.id);
  }

  private trust(row: Row): void {
    const instrument = this.instruments.get(n(row, "instrument"));
    if (instrument === undefined || instrument.execution === Execution.Internal) return;
    if (n(row, "state") === 1) this.risk.untrusted.delete(instrument.id);
    else this.risk.untrusted.add(instrument.id);
  }

  // Triggers -----------------------------------------------------------------------------------

  private through(instrument: TwinInstrument, side: number, type: number, stop: number): Refusal {
    const isThrough = instrument.isStrict && reached(instrument.last, side, type, stop);
    return isThrough ? Refusal.StopThroughMarket : Refusal.None;
  }

  /** Releases what the last trade reached: rising lowest first, then falling highest first. */
  private release(instrument: TwinInstrument): void {
    for (;;) {
      if (this.links.releaseNext()) continue;
      for (const moved of followTrades(instrument)) this.event(Kind.OrderTrailed, moved, 0, 0);
      if (this.phaseOf(instrument.id) !== InstrumentPhase.Continuous) return;
      const due = instrument.armed.filter((order) =>
        reached(instrument.last, order.side, order.type, order.stop),
      );
      const up = due.filter((order) => isRising(order.side, order.type));
      const down = due.filter((order) => !isRising(order.side, order.type));
      const order =
        up.sort((a, b) => a.stop - b.stop)[0] ?? down.sort((a, b) => b.stop - a.stop)[0];
      if (order === undefined) return;
      if (this.risk.blocked(order) !== 0) {
        this.close(order, CancelReason.KillSwitch);
        continue;
      }
      instrument.armed.splice(instrument.armed.indexOf(order), 1);
      order.type = isPriced(order.type) ? OrderType.Limit : OrderType.Market;
      order.state = OrderState.Live;
      if (!this.cash.release(order)) {
        this.close(order, CancelReason.BalanceInsufficient);
        continue;
      }
      this.event(Kind.OrderTriggered, order, 0, 0);
      this.links.triggered(order);
      this.work(order);
    }
  }

  // Trading ------------------------------------------------------------------------------------

  private queue(instrument: TwinInstrument, side: number): TwinOrder[] {
    return side === Side.Buy ? instrument.buys : instrument.sells;
  }

  private rest(order: TwinOrder): void {
    order.shown = order.display === 0 ? order.leaves : Math.min(order.display, order.leaves);
    const instrument = this.instruments.get(order.instrument)!;
    this.touchBook(order);
    if (order.type === OrderType.Market) return void instrument.auction.waiting.push(order);
    const queue = this.queue(instrument, order.side);
    const sign = order.side === Side.Buy ? 1 : -1;
    let at = queue.length;
    while (at > 0 && (order.price - queue[at - 1]!.price) * sign > 0) at--;
    queue.splice(at, 0, order);
    instrument.queue?.join(order, instrument);
  }

  private unrest(order: TwinOrder): void {
    const instrument = this.instruments.get(order.instrument)!;
    const waiting = instrument.armed.indexOf(order);
    if (waiting >= 0) instrument.armed.splice(waiting, 1);
    const market = instrument.auction.waiting.indexOf(order);
    if (market >= 0) {
      instrument.auction.waiting.splice(market, 1);
      return this.touchBook(order);
    }
    const queue = this.queue(instrument, order.side);
    const at = queue.indexOf(order);
    if (at < 0) return;
    queue.splice(at, 1);
    this.touchBook(order);
  }

  /** Puts an order that grew behind its equals, if it waits anywhere. */
  requeue(order: TwinOrder): void {
    const { armed, buys, sells } = this.instruments.get(order.instrument)!;
    const isArmed = armed.includes(order);
    if (!isArmed && !buys.includes(order) && !sells.includes(order)) return;
    this.unrest(order);
    if (isArmed) armed.push(order);
    else this.rest(order);
  }

  /** Arms or works a held order that is released. */
  start(order: TwinOrder, lots: number): void {
    order.state = isStop(order.type) ? OrderState.Armed : OrderState.Live;
    if (order.orderFlags & OrderFlag.ReduceOnly) order.reducing = ++this.reductions;
    this.cash.hold(order);
    this.event(Kind.OrderReleased, order, 0, 0, lots);
    if (isStop(order.type)) this.instruments.get(order.instrument)!.armed.push(order);
    else this.work(order);
  }

  touchBook(order: TwinOrder): void {
    this.touchInstrument(this.instruments.get(order.instrument)!);
  }

  private touchInstrument(instrument: TwinInstrument): void {
    if (!this.books.includes(instrument)) this.books.push(instrument);
  }

  private crosses(taker: TwinOrder, price: number): boolean {
    if (taker.type === OrderType.Market) return true;
    return taker.side === Side.Buy ? price <= taker.price : price >= taker.price;
  }

  private wouldTrade(instrument: TwinInstrument, side: number, price: number): boolean {
    const buys = side === Side.Buy;
    if (instrument.execution === Execution.Routed) return false;
    if (instrument.execution === Execution.Paper) {
      const [ticks, lots] = buys ? instrument.ask : instrument.bid;
      return lots > 0 && (buys ? price >= ticks : price <= ticks);
    }
    const best = this.queue(instrument, buys ? Side.Sell : Side.Buy)[0];
    return best !== undefined && (buys ? best.price <= price : best.price >= price);
  }

  private work(order: TwinOrder): void {
    const instrument = this.instruments.get(order.instrument)!;
    if (this.auctions.isCall(instrument)) return this.rest(order);
    const isPaper = instrument.execution === Execution.Paper;
    if (order.tif === TimeInForce.Fok && !this.couldFill(order, instrument)) {
      return this.close(order, CancelReason.FillOrKill);
    }
    if (isPaper) this.takeQuote(order, instrument);
    else if (!this.matchAll(order, instrument)) return;
    if (order.state >= OrderState.Filled) return;
    if (order.type === OrderType.Market) return this.close(order, CancelReason.NoLiquidity);
    if (order.tif === TimeInForce.Ioc || order.tif === TimeInForce.Fok) {
      return this.close(order, CancelReason.ImmediateOrCancel);
    }
    this.rest(order);
  }

  private couldFill(order: TwinOrder, instrument: TwinInstrument): boolean {
    if (instrument.execution === Execution.Paper) {
      return this.reachable(order, instrument) >= order.leaves;
    }
    let wanted = order.leaves;
    const met: TwinOrder[] = [];
    const band = bandOf(instrument.auction, order, this.mark(instrument.id).ticks);
    for (const maker of this.queue(instrument, 3 - order.side)) {
      if (band !== undefined && (maker.price < band[0] || maker.price > band[1])) return false;
      if (!this.crosses(order, maker.price)) return false;
      const isSelf = maker.account === order.account && order.selfTrade !== SelfTrade.Allow;
      if (isSelf && order.selfTrade !== SelfTrade.CancelOldest) return false;
      const { sibling } = maker.family;
      // The second leg of a pair goes with the first one's fill.
      if (!isSelf && !(sibling !== undefined && met.includes(sibling))) wanted -= maker.leaves;
      if (!isSelf && sibling === order) return false;
      met.push(maker);
      if (wanted <= 0) return true;
    }
    return false;
  }

  /** False when the self-trade rule ended the order. */
  private matchAll(order: TwinOrder, instrument: TwinInstrument): boolean {
    const band = bandOf(instrument.auction, order, this.mark(instrument.id).ticks);
    while (order.leaves > 0) {
      const maker = this.queue(instrument, 3 - order.side)[0];
      if (maker === undefined || !this.crosses(order, maker.price)) break;
      if (band !== undefined && (maker.price < band[0] || maker.price > band[1])) {
        const { isVolatile } = instrument.auction.band;
        const reason = Refusal.PriceOutsideBand;
        if (isVolatile) this.auctions.move(instrument, InstrumentPhase.Halted, reason);
        break;
      }
      if (maker.account === order.account && order.selfTrade !== SelfTrade.Allow) {
        if (order.selfTrade === SelfTrade.Decrement) {
          this.decrement(maker, order);
          if (order.leaves === 0 || order.state >= OrderState.Filled) return false;
          continue;
        }
        if (order.selfTrade !== SelfTrade.CancelNewest) this.close(maker, CancelReason.SelfTrade);
        if (order.state >= OrderState.Filled) return false;
        if (order.selfTrade === SelfTrade.CancelOldest) continue;
        this.close(order, CancelReason.SelfTrade);
        return false;
      }
      const qty = Math.min(maker.shown, order.leaves);
      this.trade(instrument, maker.price, qty, order.side);
      this.fill(maker, maker.price, qty, Liquidity.Maker);
      this.fill(order, maker.price, qty, Liquidity.Taker);
      if (maker.leaves > 0 && maker.shown === 0) this.refresh(maker);
      this.links.traded([maker, order], qty);
      if (order.state >= OrderState.Filled) return false;
    }
    return true;
  }

  private trade(instrument: TwinInstrument, price: number, qty: number, aggressor: number): void {
    instrument.last = price;
    instrument.unfollowed.push(price);
    instrument.lastNanos = this.money.nowNanos;
    this.money.see(instrument.id);
    this.parents.print(instrument.id, price, qty);
    const print = { id: ++this.trades, priceTicks: price, qtyLots: qty, aggressor };
    this.outs.push({ kind: Kind.BookPrint, instrument: instrument.id, ...print });
  }

  private refresh(order: TwinOrder): void {
    this.unrest(order);
    this.rest(order);
    this.event(Kind.OrderRefreshed, order, 0, 0);
  }

  private decrement(maker: TwinOrder, taker: TwinOrder): void {
    const limit = Math.min(maker.leaves, taker.leaves);
    for (const order of [maker, taker]) order.leaves -= limit;
    maker.shown = Math.min(maker.shown, maker.leaves);
    this.touchBook(maker);
    for (const order of [maker, taker]) {
      this.cash.keep(order);
      this.event(Kind.OrderDecremented, order, 0, order === maker ? 1 : 2);
      this.outs.at(-1)["limit"] = limit;
    }
    for (const order of [maker, taker]) {
      const isOpen = order.state < OrderState.Filled;
      if (isOpen && order.leaves === 0) this.close(order, CancelReason.SelfTrade);
    }
  }

  private reachable(order: TwinOrder, instrument: TwinInstrument): number {
    const buys = order.side === Side.Buy;
    const [ticks, lots] = buys ? instrument.ask : instrument.bid;
    if (lots === 0 || !this.crosses(order, ticks)) return 0;
    return Math.max(0, lots - (buys ? instrument.askTaken : instrument.bidTaken));
  }

  private takeQuote(order: TwinOrder, instrument: TwinInstrument): void {
    const qty = Math.min(this.reachable(order, instrument), order.leaves);
    if (qty === 0) return;
    const buys = order.side === Side.Buy;
    if (buys) instrument.askTaken += qty;
    else instrument.bidTaken += qty;
    this.fill(order, buys ? instrument.ask[0] : instrument.bid[0], qty, Liquidity.Taker);
    this.links.traded([order], qty);
  }

  private quote(row: Row): void {
    const instrument = this.instruments.get(n(row, "instrument"));
    if (instrument === undefined || instrument.execution === Execution.Internal) return;
    const bid: [number, number] = [n(row, "bidTicks"), n(row, "bidLots")];
    const ask: [number, number] = [n(row, "askTicks"), n(row, "askLots")];
    if ([bid, ask].some(([ticks, lots]) => ticks <= 0 && lots > 0)) return;
    instrument.queue?.quote(instrument, row, this.risk.untrusted.has(instrument.id));
    const { bid: bidWas, ask: askWas } = instrument;
    if (bid[0] !== bidWas[0] || bid[1] !== bidWas[1]) instrument.bidTaken = 0;
    if (ask[0] !== askWas[0] || ask[1] !== askWas[1]) instrument.askTaken = 0;
    instrument.bid = bid;
    instrument.ask = ask;
    instrument.quoteNanos = this.money.nowNanos;
    this.money.see(instrument.id);
    if (this.risk.untrusted.has(instrument.id)) return;
    for (let order; (order = instrument.buys[0]) !== undefined;) {
      const qty = Math.min(order.leaves, ask[1] - instrument.askTaken);
      if (qty <= 0 || order.price < ask[0]) break;
      instrument.askTaken += qty;
      this.fill(order, order.price, qty, Liquidity.Maker);
      this.links.traded([order], qty);
    }
    for (let order; (order = instrument.sells[0]) !== undefined;) {
      const qty = Math.min(order.leaves, bid[1] - instrument.bidTaken);
      if (qty <= 0 || order.price > bid[0]) break;
      instrument.bidTaken += qty;
      this.fill(order, order.price, qty, Liquidity.Maker);
      this.links.traded([order], qty);
    }
  }

  private print(row: Row): void {
    const instrument = this.instruments.get(n(row, "instrument"));
    if (instrument === undefined || instrument.execution === Execution.Internal) return;
    if (n(row, "priceTicks") <= 0) return;
    instrument.last = n(row, "priceTicks");
    instrument.lastNanos = this.money.nowNanos;
    this.money.see(instrument.id);
    this.parents.print(instrument.id, instrument.last, n(row, "qtyLots"));
    if (this.risk.untrusted.has(instrument.id)) return;
    instrument.unfollowed.push(instrument.last);
    let lots = n(row, "qtyLots");
    const through = (): TwinOrder | undefined =>
      instrument.buys.find((order) => order.price > instrument.last) ??
      instrument.sells.find((order) => order.price < instrument.last);
    for (let order; (order = through()) !== undefined;) {
      const qty = Math.min(order.leaves, lots);
      if (qty === 0) break;
      lots -= qty;
      this.fill(order, order.price, qty, Liquidity.Maker);
      this.links.traded([order], qty);
    }
    instrument.queue?.trade(instrument, row, lots, (order, qty) => {
      this.fill(order, order.price, qty, Liquidity.Maker);
      this.links.traded([order], qty);
    });
    this.release(instrument);
  }

  private fill(order: TwinOrder, price: number, qty: number, liquidity: number): void {
    order.leaves -= qty;
    order.shown -= qty;
    order.filled += qty;
    order.state = order.leaves === 0 ? OrderState.Filled : OrderState.PartlyFilled;
    this.touchBook(order);
    const position = this.positionOf(order);
    const spec = this.money.spec(order.instrument);
    const realized = this.money.trade(position, order.side, price, qty);
    let fee = this.money.fee(position, price, qty, liquidity);
    const asset = this.money.fees.asset(spec, order.account, order.side, qty, liquidity, fee);
    let taken = asset === undefined ? fee : 0n;
    if (this.cash.isCash(order.instrument)) {
      taken = this.cash.fill(order, price, qty, taken, realized);
    } else {
      this.money.book(position, realized, taken);
      this.touch(order.account, spec.settlement);
    }
    if (asset === undefined) fee = taken;
    else this.feeIn(order.account, ...asset);
    position.fees += fee;
    this.money.subs.fill(position, order.strategy, order.side, price, qty, realized, fee);
    if (order.leaves === 0) this.forget(order);
    this.outs.push({
      kind: Kind.Fill,
      ...who(order),
      liquidity,
      positionSide: order.positionSide,
      execution: this.instruments.get(order.instrument)!.execution,
      priceTicks: price,
      qtyLots: qty,
      leavesLots: order.leaves,
      filledLots: order.filled,
      feeMinor: asset?.[1] ?? taken,
      id: ++this.fills,
      realizedMinor: realized,
      positionLots: position.lots,
      feeCurrency: asset?.[0] ?? spec.settlement,
      settlement: spec.settlement,
    });
    this.outs.push({ kind: Kind.PositionChanged, ...this.positionRow(position) });
    this.parents.fill(order, price, qty, fee);
    this.outs.push(...executed(this.risk, order, this.isHouse(order.account)));
    this.holdToPosition(position);
  }

  /** A fee in another currency than the settlement's. */
  private feeIn(account: number, currency: number, fee: bigint): void {
    const balance = this.money.balance(account, currency);
    balance.cash -= fee;
    balance.fees += fee;
    this.money.gain(balance, 0n);
    this.touch(account, currency);
  }

  close(order: TwinOrder, reason: number): void {
    if (order.route !== undefined) {
      this.canceled++;
      return this.routed.cancel(order, reason);
    }
    order.state = OrderState.Canceled;
    this.canceled++;
    this.forget(order);
    this.event(Kind.OrderCanceled, order, reason, 0);
    this.links.ended(order);
    this.parents.left(order);
  }

  private forget(order: TwinOrder): void {
    this.unrest(order);
    this.cash.leave(order);
    this.expiring.delete(order);
    this.routed.left(order);
    const open = this.open.get(order.account)!;
    open.splice(open.indexOf(order), 1);
  }

  // Records ------------------------------------------------------------------------------------

  positionRow(position: TwinPosition): Row {
    const row = this.money.row(position);
    row["openBuyLots"] = this.openLots(position, Side.Buy);
    row["openSellLots"] = this.openLots(position, Side.Sell);
    return position.lots === 0 ? Object.assign(row, this.money.excursions(position)) : row;
  }

  private balance(account: number, currency: number): Row {
    const who = { account, strategy: 0, instrument: 0 };
    const key = scopeKey(Scope.Account, who);
    return {
      lockedMinor: this.cash.locked(account, currency),
      ordersOpen: this.open.get(account)!.length,
      mode: this.risk.modes.get(key) ?? 0,
      killed: this.risk.killed.has(key) ? 1 : 0,
      positionMode: this.accounts.get(account)!.mode,
      ...this.money.balanceRow(account, currency),
    };
  }

  event(kind: Kind, order: TwinOrder, reason: number, detail: number, changed = 0): void {
    this.outs.push({
      kind,
      account: order.account,
      instrument: order.instrument,
      strategy: order.strategy,
      clientId: order.clientId,
      orderId: order.id,
      side: order.side,
      state: order.state,
      priceTicks: order.price,
      leavesLots: order.leaves,
      filledLots: order.filled,
      type: order.type,
      tif: order.tif,
      orderFlags: order.orderFlags,
      positionSide: order.positionSide,
      stopTicks: order.stop,
      limit: kind === Kind.OrderRefreshed ? order.shown : changed,
      linkedClientId: order.parent?.clientId ?? linkedId(order),
      reason,
      detail,
    });
  }

  /** The answer given last was given before. */
  replayed(): void {
    this.outs.at(-1)["replayed"] = 1;
  }

  deny(kind: Kind, row: Row, reason: number, limit: number, order?: TwinOrder): void {
    const { instrument = 0, account = 0, strategy = 0, clientId = 0 } = row;
    const out: Row = { kind, instrument, account, strategy, clientId, reason, limit };
    if (kind === Kind.OrderDenied) {
      for (const name of SHAPE) out[name] = row[name] ?? 0;
      out["leavesLots"] = row["qtyLots"] ?? 0;
      out["state"] = OrderState.Denied;
    } else out["orderId"] = row["orderId"] ?? 0;
    if (kind === Kind.AmendDenied) {
      const { priceTicks = 0, qtyLots = 0, fields = 0 } = row;
      Object.assign(out, { priceTicks, leavesLots: qtyLots, detail: fields });
    }
    if (order !== undefined) {
      Object.assign(out, who(order), { strategy, filledLots: order.filled });
    }
    this.outs.push(out);
  }

  private publishTop(instrument: TwinInstrument): void {
    if (instrument.execution !== Execution.Internal) return;
    const isCall = this.auctions.isCall(instrument);
    const isHidden = isCall || isCrossed(instrument);
    const [bidTicks, bidLots] = bestOf(isHidden ? [] : instrument.buys);
    const [askTicks, askLots] = bestOf(isHidden ? [] : instrument.sells);
    if (isCall) this.auctions.publish(instrument);
    const top: TwinInstrument["top"] = [bidTicks, bidLots, askTicks, askLots];
    if (top.every((value, at) => value === instrument.top[at])) return;
    instrument.top = top;
    instrument.bid = [bidTicks, bidLots];
    instrument.ask = [askTicks, askLots];
    instrument.quoteNanos = this.money.nowNanos;
    this.money.see(instrument.id);
    const quote = { bidTicks, bidLots, askTicks, askLots, updateId: ++instrument.quotes };
    this.outs.push({ kind: Kind.BookTop, instrument: instrument.id, ...quote });
  }
}

/** What an instrument's mark is made of, and since when; 0 = unknown. */
function priceOf(it: TwinInstrument): [number, number] {
  if (it.source === Number(MarkSource.Last)) return [it.last, it.lastNanos];
  if (it.source === Number(MarkSource.Mark)) return it.mark;
  if (it.bid[1] === 0 || it.ask[1] === 0) return [0, 0];
  return [Math.floor((it.bid[0] + it.ask[0]) / 2), it.quoteNanos];
}

/** Price and lots of the first level; 0, 0 when there is none. */
function bestOf(queue: TwinOrder[]): [number, number] {
  const price = queue[0]?.price ?? 0;
  let lots = 0;
  for (const order of queue) {
    if (order.price !== price) break;
    lots += order.shown;
  }
  return [price, lots];
}

function isReport(kind: number): boolean {
  return kind >= Kind.VenueAccepted && kind <= Kind.VenueFillCorrected;
}

function isStop(type: number): boolean {
  return STOPS.includes(type);
}

function isPriced(type: number): boolean {
  return PRICED.includes(type);
}

/** Buy stops and sell if-touched orders wait for a trade at or above their price. */
function isRising(side: number, type: number): boolean {
  const isTouched = type === OrderType.LimitIfTouched || type === OrderType.MarketIfTouched;
  return (side === Side.Buy) !== isTouched;
}

function reached(last: number, side: number, type: number, stop: number): boolean {
  if (last === 0) return false;
  return isRising(side, type) ? last >= stop : last <= stop;
}

/** Lots of a position that an order of this side may close. */
function heldBy(position: TwinPosition, side: number): number {
  return Math.max(0, side === Side.Buy ? -position.lots : position.lots);
}

function whoOf(row: Row): TwinWho {
  const [account, strategy] = [n(row, "account"), n(row, "strategy")];
  return { account, strategy, instrument: n(row, "instrument"), positionSide: legOf(row) };
}

function legOf(row: Row): number {
  return n(row, "positionSide");
}

/** True when the order is about the position. */
function isOf(order: TwinOrder, position: TwinPosition): boolean {
  return order.instrument === position.instrument && order.positionSide === position.side;
}

/** The client id as it came, a number where that is exact. */
function idOf(row: Row): number | bigint {
  const id = BigInt(row["clientId"] ?? 0);
  return id <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(id) : id;
}

function n(row: Row, name: string): number {
  return Number(row[name] ?? 0);
}

function who(order: TwinOrder): Row {
  const { account, instrument, strategy, clientId, side, state } = order;
  return { account, instrument, strategy, clientId, orderId: order.id, side, state };
}
