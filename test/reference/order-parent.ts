// Parents again, slowly: written from the rules in the room's README, with bigints and Math.sinh.
import {
  Algorithm,
  CancelReason,
  ChildStyle,
  Execution,
  Kind,
  OrderFlag,
  OrderState,
  OrderType,
  ParentFlag,
  ParentState,
  Refusal,
  Scope,
  Side,
  TimeInForce,
} from "../../asm/vocab.ts";
import { ceilDiv, floorDiv, flow, isInverse, scale, type TwinSpec } from "./order-kind.ts";
import { legRefusal } from "./order-leg.ts";
import type { OrderTwin, Row, TwinInstrument, TwinOrder } from "./order-twin.ts";

export interface TwinParent {
  row: Row;
  account: number;
  clientId: number;
  instrument: number;
  strategy: number;
  side: number;
  algorithm: number;
  state: number;
  flags: number;
  reason: number;
  qty: number;
  filled: number;
  target: number;
  limit: number;
  /** Place in the core's table, by which a query lists them. */
  slot: number;
  /** Times since the clock base. */
  start: number;
  end: number;
  due: number;
  slices: number;
  cost: bigint;
  fees: bigint;
  arrival: number;
  baseLots: number;
  baseTurnover: bigint;
  child: TwinOrder | undefined;
  /** How it ends once its child at a venue has ended. */
  ending: number | undefined;
  /** What the market traded in its life, once that is over. */
  life?: [number, bigint];
  /** Its end was told, for coverage. */
  isSaid?: boolean;
  children: number;
  refused: number;
  denials: number;
}

/** What parents ask of the twin that holds them. */
export interface ParentHost {
  twin: OrderTwin;
  /** Sends an order of the engine; 0 or why it was denied. */
  send(row: Row): number;
  cancel(order: TwinOrder, reason: number): void;
  say(row: Row): void;
  /** Why nobody of this account, strategy and instrument exists or trades, 0 when they do. */
  who(row: Row): number;
  deny(kind: Kind, row: Row, reason: number): void;
}

const RETRY_NANOS = 250e6;
const ICEBERG_NANOS = 1e9;
const WEEK_NANOS = 7 * 86_400e9;
const DENIALS_MAX = 6;
const PER_ACCOUNT_MAX = 64;
const SLICES_MAX = 16_384;
const HALF_HOURS = 48;
const PARENTS_MAX = 1024;
const CHILD_IDS = 3n << 62n;

export class TwinParents {
  readonly all: TwinParent[] = [];
  private readonly working = new Set<TwinParent>();
  /** The parent whose child is being made. */
  current: TwinParent | undefined;
  private readonly host: ParentHost;
  private readonly curves = new Map<number, number[]>();
  private readonly lots = new Map<number, number>();
  private readonly turnover = new Map<number, bigint>();
  private sent = 0n;
  private slots = 1;
  private readonly closed: TwinParent[] = [];

  constructor(host: ParentHost) {
    this.host = host;
  }

  private get now(): number {
    return this.host.twin.money.nowNanos;
  }

  open(): TwinParent[] {
    return [...this.working];
  }

  // Commands -----------------------------------------------------------------------------------

  start(row: Row): void {
    const reason = this.refusal(row);
    if (reason !== 0) {
      const { side = 0, limitTicks = 0, qtyLots = 0 } = row;
      const positionSide = row["positionSide"] ?? 0;
      const shape = { side, positionSide, priceTicks: limitTicks, leavesLots: qtyLots };
      const { instrument = 0, account = 0, strategy = 0, clientId = 0 } = row;
      const who = { instrument, account, strategy, clientId };
      const state = OrderState.Denied;
      return this.host.say({ kind: Kind.OrderDenied, ...who, ...shape, reason, state });
    }
    const start = this.startOf(row);
    const end = this.endOf(row);
    const interval = num(row, "intervalNanos");
    const parent: TwinParent = {
      row,
      account: num(row, "account"),
      clientId: num(row, "clientId"),
      instrument: num(row, "instrument"),
      strategy: num(row, "strategy"),
      side: num(row, "side"),
      algorithm: num(row, "algorithm"),
      state: ParentState.Waiting,
      flags: 0,
      reason: 0,
      qty: num(row, "qtyLots"),
      filled: 0,
      target: 0,
      limit: num(row, "limitTicks"),
      slot: this.slots < PARENTS_MAX ? this.slots++ : this.closed.shift()!.slot,
      start,
      end,
      due: start,
      slices: interval === 0 ? 1 : Math.ceil((end - start) / interval),
      cost: 0n,
      fees: 0n,
      arrival: 0,
      baseLots: this.lots.get(num(row, "instrument")) ?? 0,
      baseTurnover: this.turnover.get(num(row, "instrument")) ?? 0n,
      child: undefined,
      ending: undefined,
      children: 0,
      refused: 0,
      denials: 0,
    };
    this.all.push(parent);
    this.working.add(parent);
    this.report(Kind.ParentProgress, parent);
  }

  private startOf(row: Row): number {
    const start = Number(BigInt(row["startNanos"] ?? 0) - this.host.twin.baseNanos);
    return Math.max(start, this.now);
  }

  private endOf(row: Row): number {
    const end = BigInt(row["endNanos"] ?? 0);
    return end === 0n ? Infinity : Number(end - this.host.twin.baseNanos);
  }

  private refusal(row: Row): number {
    const { twin } = this.host;
    const known = this.host.who(row);
    if (known !== 0) return known;
    const leg = legRefusal(twin, row);
    if (leg !== 0) return leg;
    if (num(row, "side") !== Side.Buy && num(row, "side") !== Side.Sell) return Refusal.SideInvalid;
    const algorithm = num(row, "algorithm");
    if (Algorithm[algorithm] === undefined || algorithm === 0) return Refusal.AlgorithmUnsupported;
    const qty = num(row, "qtyLots");
    if (qty <= 0) return Refusal.QtyNotPositive;
    const { rules } = twin.instruments.get(num(row, "instrument"))!;
    if (qty < rules.qtyMin) return Refusal.QtyBelowMin;
    const isIceberg = algorithm === Algorithm.Iceberg;
    const limit = num(row, "limitTicks");
    if (isIceberg ? limit <= 0 : limit < 0) return Refusal.PriceNotPositive;
    const [least, most] = [num(row, "childMinLots"), num(row, "childMaxLots")];
    if (most !== 0 && least > most) return Refusal.DisplayInvalid;
    if (isIceberg && (most === 0 || least !== 0)) return Refusal.DisplayInvalid;
    if (num(row, "driftBps") > 10_000) return Refusal.ParameterInvalid;
    const share = num(row, "shareBps");
    const isPov = algorithm === Algorithm.Pov;
    if (isPov ? share < 1 || share > 5000 : share !== 0) return Refusal.ParameterInvalid;
    const times = this.timesRefusal(row, isIceberg);
    if (times !== 0) return times;
    const id = num(row, "clientId");
    const own = this.all.filter((one) => one.account === num(row, "account"));
    if (own.some((one) => one.clientId === id)) return Refusal.ClientOrderIdDuplicate;
    const open = own.filter((one) => one.state <= ParentState.Working);
    if (open.length >= PER_ACCOUNT_MAX) return Refusal.OrdersFull;
    const [account, strategy] = [num(row, "account"), num(row, "strategy")];
    const block = twin.risk.blocked({ account, strategy, instrument: num(row, "instrument") });
    if (block === (Refusal.KillSwitchOn as number)) return block;
    return twin.risk.isDiskFull ? Refusal.DiskFull : 0;
  }

  private timesRefusal(row: Row, isIceberg: boolean): number {
    const [start, end] = [this.startOf(row), this.endOf(row)];
    const interval = num(row, "intervalNanos");
    if (isIceberg) {
      if (interval !== 0) return Refusal.PeriodInvalid;
      return end > start ? 0 : Refusal.ExpiryInvalid;
    }
    if (end <= start || end === Infinity || end - start > WEEK_NANOS) return Refusal.ExpiryInvalid;
    if (interval < 1e6 || interval > end - start) return Refusal.PeriodInvalid;
    if (Math.ceil((end - start) / interval) > SLICES_MAX) return Refusal.PeriodInvalid;
    const algorithm = num(row, "algorithm");
    if (algorithm === Algorithm.Vwap) {
      const volume = this.usual(num(row, "instrument"), start, end);
      return volume > 0n ? 0 : Refusal.ParameterInvalid;
    }
    if (algorithm !== Algorithm.ImplementationShortfall) return 0;
    const seconds = interval / 1e9;
    const isGood = num(row, "impact") - (num(row, "impactLasting") * seconds) / 2 > 0;
    return isGood && num(row, "riskAversion") >= 0 ? 0 : Refusal.ParameterInvalid;
  }

  stop(row: Row): void {
    const { twin } = this.host;
    const account = num(row, "account");
    const parent = this.all.find(
      (one) => one.account === account && one.clientId === num(row, "clientId"),
    );
    if (parent?.ending !== undefined && parent.state <= ParentState.Working) {
      return this.host.deny(Kind.CancelDenied, row, Refusal.CancelPending);
    }
    if (parent !== undefined && parent.state <= ParentState.Working) {
      return this.end(parent, ParentState.Canceled, 0);
    }
    const unknown = twin.accounts.has(account) ? Refusal.UnknownOrder : Refusal.UnknownAccount;
    this.host.deny(Kind.CancelDenied, row, parent === undefined ? unknown : Refusal.OrderNotOpen);
  }

  /** How many open parents an account has. */
  openOf(account: number): number {
    return this.open().filter((one) => one.account === account).length;
  }

  /** A mass cancel: 0 means all. */
  cancelAll(account: number, strategy: number, instrument: number, side: number): void {
    for (const one of this.open()) {
      if (one.account !== account) continue;
      if (strategy !== 0 && one.strategy !== strategy) continue;
      if (instrument !== 0 && one.instrument !== instrument) continue;
      if (side === 0 || one.side === side) this.end(one, ParentState.Canceled, 0);
    }
  }

  kill(row: Row): void {
    const scope = num(row, "scope");
    for (const one of this.open()) {
      if (scope === Scope.Tenant && num(row, "tenant") !== 0) continue;
      if (scope === Scope.Account && one.account !== num(row, "account")) continue;
      if (scope === Scope.Strategy && one.strategy !== num(row, "strategy")) continue;
      if (scope === Scope.Instrument && one.instrument !== num(row, "instrument")) continue;
      this.end(one, ParentState.Canceled, Refusal.KillSwitchOn);
    }
  }

  // Market -------------------------------------------------------------------------------------

  curve(row: Row): number {
    const instrument = num(row, "instrument");
    if (!this.host.twin.instruments.has(instrument)) return Refusal.UnknownInstrument;
    const bins = num(row, "bins");
    const weights = row["weights"] as unknown as number[];
    if (bins > HALF_HOURS || (bins !== 0 && 1440 % bins !== 0)) return Refusal.ParameterInvalid;
    if (weights.some((one, bin) => one > (bin < bins ? 2 ** 20 : 0))) {
      return Refusal.ParameterInvalid;
    }
    this.curves.set(
      instrument,
      Array.from({ length: bins }, (_, bin) => weights[bin] ?? 0),
    );
    return 0;
  }

  print(instrument: number, price: number, qty: number): void {
    this.lots.set(instrument, (this.lots.get(instrument) ?? 0) + qty);
    const before = this.turnover.get(instrument) ?? 0n;
    this.turnover.set(instrument, before + this.worth(instrument, price, qty));
  }

  /** What a trade adds to a cost: ticks x lots, or the value of an inverse contract. */
  private worth(instrument: number, price: number, lots: number): bigint {
    if (lots === 0) return 0n;
    const spec = this.host.twin.money.spec(instrument);
    return isInverse(spec) ? flow(spec, price, -lots) : flow(spec, price, lots);
  }

  /** Weight x milliseconds of the curve between two times. */
  private usual(instrument: number, from: number, to: number): bigint {
    const curve = this.curves.get(instrument) ?? [];
    if (curve.length === 0) return 0n;
    const binMillis = 86_400_000 / curve.length;
    const [first, last] = [Math.floor(from / 1e6), Math.floor(to / 1e6)];
    let sum = 0n;
    for (let at = first; at < last;) {
      const bin = Math.floor(at / binMillis);
      const until = Math.min(last, (bin + 1) * binMillis);
      sum += BigInt(curve[bin % curve.length]!) * BigInt(until - at);
      at = until;
    }
    return sum;
  }

  private targetOf(one: TwinParent, slices: number): number {
    if (one.algorithm === Algorithm.Iceberg) return one.qty;
    const qty = BigInt(one.qty);
    const { twin } = this.host;
    if (one.algorithm === Algorithm.Pov) {
      const isPaper = twin.instruments.get(one.instrument)!.execution === Execution.Paper;
      const all = (this.lots.get(one.instrument) ?? 0) - one.baseLots;
      const others = Math.max(0, all - (isPaper ? 0 : one.filled));
      const share = num(one.row, "shareBps");
      return Math.min(one.qty, Number((BigInt(others) * BigInt(share)) / BigInt(10_000 - share)));
    }
    if (slices >= one.slices) return one.qty;
    const interval = num(one.row, "intervalNanos");
    if (one.algorithm === Algorithm.Vwap) {
      const all = this.usual(one.instrument, one.start, one.end);
      const until = this.usual(one.instrument, one.start, one.start + slices * interval);
      if (all > 0n) return Number((qty * until) / all);
    }
    if (one.algorithm === Algorithm.ImplementationShortfall) {
      const seconds = interval / 1e9;
      const eta = num(one.row, "impact") - (num(one.row, "impactLasting") * seconds) / 2;
      const square = (num(one.row, "riskAversion") * num(one.row, "volatility") ** 2) / eta;
      const decay = 2 * Math.asinh((seconds / 2) * Math.sqrt(square));
      if (decay > 0) {
        const held = Math.sinh(decay * (one.slices - slices)) / Math.sinh(decay * one.slices);
        return Math.floor(one.qty * (1 - held));
      }
    }
    return Number((qty * BigInt(slices)) / BigInt(one.slices));
  }

  // Turns --------------------------------------------------------------------------------------

  /** The parent that acts first. */
  first(): TwinParent | undefined {
    let first: TwinParent | undefined;
    for (const one of this.working) {
      if (first === undefined || one.due < first.due) first = one;
    }
    return first;
  }

  turn(one: TwinParent): void {
    const { twin } = this.host;
    if (one.ending !== undefined) {
      one.flags = 0;
      const isFilled = one.filled >= one.qty;
      return this.end(one, isFilled ? ParentState.Filled : one.ending, isFilled ? 0 : one.reason);
    }
    if (one.filled >= one.qty) return this.end(one, ParentState.Filled, 0);
    if (this.now >= one.end) return this.end(one, ParentState.Expired, 0);
    const isDown = this.isRouted(one) && !twin.routed.venues.isUp(one.instrument);
    const isFull = twin.risk.isDiskFull;
    const block =
      twin.risk.blocked(one) || (isDown ? Refusal.VenueDown : 0) || (isFull ? Refusal.DiskFull : 0);
    if (block === (Refusal.KillSwitchOn as number)) {
      return this.end(one, ParentState.Canceled, block);
    }
    const instrument = twin.instruments.get(one.instrument)!;
    const wasBlocked = block !== 0 && block === one.reason;
    if (one.state === (ParentState.Waiting as number)) {
      one.state = ParentState.Working;
      one.baseLots = this.lots.get(one.instrument) ?? 0;
      one.baseTurnover = this.turnover.get(one.instrument) ?? 0n;
    }
    if (one.arrival === 0 && one.filled === 0) {
      one.arrival = this.middleOf(instrument);
    }
    one.flags = 0;
    one.reason = block;
    const isIceberg = one.algorithm === Algorithm.Iceberg;
    const interval = num(one.row, "intervalNanos");
    const slice = isIceberg
      ? 0
      : Math.min(one.slices - 1, Math.floor((this.now - one.start) / interval));
    const next = isIceberg ? this.now + ICEBERG_NANOS : one.start + (slice + 1) * interval;
    one.due = Math.min(one.end, next);
    let dueLots = one.target;
    if (isIceberg) dueLots = 0;
    else if (one.algorithm !== Algorithm.Pov) dueLots = this.targetOf(one, slice);
    one.target = this.targetOf(one, slice + 1);
    if (block === 0) this.work(one, instrument, dueLots);
    if (one.state > ParentState.Working) return;
    if (isIceberg && one.child !== undefined) one.due = one.end;
    if (!wasBlocked) this.report(Kind.ParentProgress, one);
  }

  private work(one: TwinParent, instrument: TwinInstrument, dueLots: number): void {
    const need = one.target - one.filled;
    if (need <= 0) {
      this.cancelChild(one);
      if (need < 0) one.flags = ParentFlag.Ahead;
      return;
    }
    const bps = num(one.row, "driftBps");
    const drift = bps === 0 ? Infinity : Number((BigInt(one.qty) * BigInt(bps)) / 10_000n);
    const isBehind = dueLots - one.filled > drift;
    if (isBehind) one.flags = ParentFlag.Behind;
    this.serve(one, instrument, need, isBehind);
    if (isBehind && dueLots - one.filled > drift) one.flags |= ParentFlag.Breach;
  }

  private serve(one: TwinParent, it: TwinInstrument, need: number, isBehind: boolean): void {
    const isBuy = one.side === Side.Buy;
    const [own, other] = isBuy ? [it.bid, it.ask] : [it.ask, it.bid];
    const most = Math.min(num(one.row, "childMaxLots") || Infinity, it.rules.qtyMax || Infinity);
    const qty = Math.min(need, most);
    if (qty < num(one.row, "childMinLots") && qty < one.qty - one.filled) return;
    const isIceberg = one.algorithm === Algorithm.Iceberg;
    const wants = isBehind || num(one.row, "style") === ChildStyle.Aggressive;
    let crosses = false;
    if (wants && !isIceberg) {
      const isWithin = one.limit === 0 || (isBuy ? other[0] <= one.limit : other[0] >= one.limit);
      crosses = other[1] !== 0 && isWithin;
      if (other[1] === 0) one.reason = Refusal.PriceUnknown;
      else if (!isWithin) one.reason = Refusal.PriceOutsideBand;
    }
    let price = one.limit;
    if (!crosses && !isIceberg) {
      if (own[1] === 0) {
        one.reason = Refusal.PriceUnknown;
        return;
      }
      const bound = one.limit || own[0];
      price = isBuy ? Math.min(own[0], bound) : Math.max(own[0], bound);
    }
    const { child } = one;
    if (!crosses && child !== undefined) {
      if (isIceberg || (child.price === price && child.leaves === qty)) return;
    }
    if (child?.route !== undefined) {
      // It counts as working until its venue has ended it.
      if (child.tif === Number(TimeInForce.Gtc)) this.cancelChild(one);
      return;
    }
    this.cancelChild(one);
    this.send(one, crosses, price, qty);
  }

  private send(one: TwinParent, crosses: boolean, priceTicks: number, qtyLots: number): void {
    this.current = one;
    const reason = this.host.send({
      instrument: one.instrument,
      account: one.account,
      strategy: one.strategy,
      clientId: CHILD_IDS | ++this.sent,
      priceTicks,
      qtyLots,
      type: priceTicks === 0 ? OrderType.Market : OrderType.Limit,
      side: one.side,
      tif: crosses ? TimeInForce.Ioc : TimeInForce.Gtc,
      orderFlags: OrderFlag.Engine,
      positionSide: one.row["positionSide"] ?? 0,
      selfTrade: one.row["selfTrade"] ?? 0,
    });
    this.current = undefined;
    if (reason === 0) return;
    one.refused++;
    one.denials++;
    one.reason = reason;
    if (one.refused >= DENIALS_MAX) return this.end(one, ParentState.Denied, reason);
    one.due = Math.min(one.end, this.now + RETRY_NANOS * 2 ** (one.refused - 1));
  }

  // Children -----------------------------------------------------------------------------------

  /** The order that was just made is the current parent's child. */
  adopt(order: TwinOrder): void {
    const one = this.current;
    if (one === undefined) return;
    this.current = undefined;
    order.parent = one;
    one.child = order;
    one.children++;
    if (!this.isRouted(one)) one.refused = 0;
  }

  fill(order: TwinOrder, price: number, qty: number, fee: bigint): void {
    const one = order.parent;
    if (one === undefined) return;
    one.filled += qty;
    one.cost += this.worth(one.instrument, price, qty);
    one.fees += fee;
    if (order.leaves === 0) this.left(order);
  }

  left(order: TwinOrder): void {
    const one = order.parent;
    if (one === undefined) return;
    if (order.route !== undefined) return this.leftVenue(order, one);
    one.child = undefined;
    const isFilled = order.state === OrderState.Filled;
    if (one.filled !== one.qty && one.algorithm !== Algorithm.Iceberg) return;
    one.due = Math.min(one.end, isFilled ? this.now : this.now + ICEBERG_NANOS);
  }

  // At venues ----------------------------------------------------------------------------------

  private isRouted(one: TwinParent): boolean {
    return this.host.twin.instruments.get(one.instrument)!.execution === Execution.Routed;
  }

  private cancelChild({ child }: TwinParent): void {
    if (child === undefined || this.host.twin.routed.isLeaving(child)) return;
    this.host.cancel(child, CancelReason.Parent);
  }

  private wake(one: TwinParent, due: number): void {
    one.due = Math.min(due, Math.max(this.now, one.end));
  }

  /** The venue has ended a child. */
  private leftVenue({ state, route }: TwinOrder, one: TwinParent): void {
    one.child = undefined;
    if (state === OrderState.Rejected) {
      one.refused++;
      one.denials++;
      if (one.ending === undefined) {
        one.reason = route!.rejected!;
        if (one.refused < DENIALS_MAX) {
          return this.wake(one, this.now + RETRY_NANOS * 2 ** (one.refused - 1));
        }
        one.ending = ParentState.Denied;
      }
      return this.wake(one, this.now);
    }
    one.refused = 0;
    const isAsked = route!.cancelReason === Number(CancelReason.Parent);
    if (one.filled >= one.qty || isAsked || one.ending !== undefined) this.wake(one, this.now);
    else if (one.algorithm === Number(Algorithm.Iceberg)) {
      this.wake(one, state === OrderState.Filled ? this.now : this.now + ICEBERG_NANOS);
    }
  }

  /** A fill there, or one that is taken back, `times` -1. */
  filledAtVenue(order: TwinOrder, price: number, lots: number, fee: bigint, times: number): void {
    const one = order.parent;
    if (one === undefined) return;
    one.filled += times * lots;
    one.cost += BigInt(times) * this.worth(one.instrument, price, lots);
    one.fees += fee;
    const isOpen = one.state <= ParentState.Working && one.ending === undefined;
    if (times < 0 || lots === 0 || !isOpen) return;
    if (one.child !== order || one.filled >= one.qty) this.wake(one, this.now);
  }

  /** A parent that was done says its figures again. */
  again(order: TwinOrder): void {
    const one = order.parent;
    if (one !== undefined && this.closed.includes(one)) this.report(Kind.ParentDone, one);
  }

  /** True when its end waits for its child at a venue. */
  private waits(one: TwinParent, state: number, reason: number): boolean {
    if (one.child?.route === undefined) return false;
    if (one.ending !== undefined) return true;
    Object.assign(one, { ending: state, reason, flags: ParentFlag.Ending });
    this.cancelChild(one);
    one.due = Infinity;
    this.report(Kind.ParentProgress, one);
    return true;
  }

  private end(one: TwinParent, state: number, reason: number): void {
    if (this.waits(one, state, reason)) return;
    this.cancelChild(one);
    one.state = state;
    this.working.delete(one);
    one.reason = reason;
    this.closed.push(one);
    this.report(Kind.ParentDone, one);
    one.life = this.marketOf(one);
  }

  // Records ------------------------------------------------------------------------------------

  /** Tells of the account's open parents. */
  list(account: number): void {
    const own = this.open().filter((one) => one.account === account);
    for (const one of own.sort((a, b) => a.slot - b.slot)) this.report(Kind.ParentStateRow, one);
  }

  /** What the market traded since the start. */
  private marketOf({ instrument, baseLots, baseTurnover }: TwinParent): [number, bigint] {
    const turnover = (this.turnover.get(instrument) ?? 0n) - baseTurnover;
    return [(this.lots.get(instrument) ?? 0) - baseLots, turnover];
  }

  /** Bid plus ask as published; without both, twice the mark; 0 when unknown. */
  private middleOf({ id, bid, ask }: TwinInstrument): number {
    if (bid[1] !== 0 && ask[1] !== 0) return bid[0] + ask[0];
    return 2 * this.host.twin.money.mark(id).ticks;
  }

  /** Half ticks x lots, or the value of lots at half ticks. */
  private atHalf(spec: TwinSpec, halfTicks: number, lots: number): bigint {
    if (!isInverse(spec)) return BigInt(halfTicks) * BigInt(lots);
    const parts = 2n * BigInt(lots) * spec.inverseNum * 1024n;
    return floorDiv(parts, spec.inverseDen * BigInt(halfTicks));
  }

  private report(kind: Kind, one: TwinParent): void {
    const { twin } = this.host;
    const isPaper = twin.instruments.get(one.instrument)!.execution === Execution.Paper;
    const [marketLots, turnover] = one.life ?? this.marketOf(one);
    const spec = twin.money.spec(one.instrument);
    const [up, den] = scale(spec);
    // A buy of inverse contracts pays in value what it does not get.
    const isInv = isInverse(spec);
    const [paid, half] = isInv ? [-1n, 1n] : [1n, 2n];
    const filled = BigInt(one.filled);
    const sign = one.side === Side.Buy ? 1n : -1n;
    const hasArrival = one.arrival !== 0 && one.filled !== 0;
    const shortfall = hasArrival
      ? paid * sign * (half * one.cost - this.atHalf(spec, one.arrival, one.filled))
      : 0n;
    const hasMarket = marketLots > 0 && one.filled !== 0;
    const fair = hasMarket ? (turnover * filled) / BigInt(marketLots) : one.cost;
    const slippage = paid * sign * (one.cost - fair);
    const nowHalfTicks = this.middleOf(twin.instruments.get(one.instrument)!);
    const isKnown = nowHalfTicks !== 0 && one.arrival !== 0 && one.filled < one.qty;
    const open = one.qty - one.filled;
    const from = isKnown ? this.atHalf(spec, one.arrival, open) : 0n;
    const waited = isKnown ? paid * (this.atHalf(spec, nowHalfTicks, open) - from) : 0n;
    const all = isPaper ? marketLots + one.filled : Math.max(marketLots, one.filled);
    this.host.say({
      kind,
      instrument: one.instrument,
      account: one.account,
      strategy: one.strategy,
      clientId: one.clientId,
      children: one.children,
      denials: one.denials,
      reason: one.reason,
      state: one.state,
      side: one.side,
      positionSide: one.row["positionSide"] ?? 0,
      qtyLots: one.qty,
      filledLots: one.filled,
      targetLots: one.target,
      arrivalHalfTicks: one.arrival,
      cost: one.cost,
      marketLots,
      feesMinor: one.fees,
      turnover,
      shortfall,
      slippage,
      shortfallMinor: ceilDiv(shortfall * up, half * den),
      slippageMinor: ceilDiv(slippage * up, den),
      nowHalfTicks,
      opportunityMinor: ceilDiv(sign * waited * up, half * den),
      startNanos: twin.baseNanos + BigInt(one.start),
      endNanos: one.end === Infinity ? 0n : twin.baseNanos + BigInt(one.end),
      shareBps: all > 0 ? Math.floor((one.filled * 10_000) / all) : 0,
      algorithm: one.algorithm,
      progressFlags: one.flags,
    });
  }
}

function num(row: Row, name: string): number {
  return Number(row[name] ?? 0);
}
