// Limits, switches and phases of the twin: rows in a map, one key a scope, the strictest of each
// kind looked for anew whenever it is asked.
//
// tidy: long because every limit is told once, in the order in which it is asked.
import { InstrumentPhase, Refusal, Scope, Side, TradingMode } from "../../asm/vocab.ts";
import { notional } from "./order-kind.ts";
import { closes, worstLots } from "./order-leg.ts";
import type { TwinMoney, TwinPosition } from "./order-money.ts";

/** One limits row; 0 = no limit of this kind. */
export interface TwinLimits {
  qtyLotsMax: number;
  notionalMinorMax: number;
  collarBps: number;
  rateMax: number;
  rateWindowMillis: number;
  ordersOpenMax: number;
  positionLotsMax: number;
  lossMinorMax: number;
  drawdownMinorMax: number;
  grossMinorMax: number;
  netMinorMax: number;
  leverageMax: number;
  concentrationBps: number;
  staleMillis: number;
  duplicateMillis: number;
  repeatsMax: number;
  repeatsWindowMillis: number;
  /** In which limits of money are stated, 0 = each in the currency it is asked in. */
  currency: number;
}

/** Limits of money. */
const STATED = [
  ...(["notionalMinorMax", "lossMinorMax", "drawdownMinorMax"] as const),
  ...(["grossMinorMax", "netMinorMax"] as const),
];

/** Who asks: an account, its strategy (0 = none) and the instrument. */
export interface TwinWho {
  account: number;
  strategy: number;
  instrument: number;
  /** The leg of a hedging account. */
  positionSide?: number;
}

/** What may be asked of the open orders of a position's account; summed when it is asked. */
export interface TwinAsked {
  position: TwinPosition;
  /** Leaves of the account's open orders, by position. */
  open: () => ReadonlyMap<TwinPosition, TwinOpen>;
  ordersOfAccount: number;
  ordersOfPair: () => number;
}

/** What the risk check must know of an order or an amend. */
export interface TwinRequest extends TwinWho, TwinAsked {
  side: number;
  /** Limit price, or the opposite best of a market order, 0 when there is none. */
  priceTicks: number;
  /** Limit price as it was given, 0 at market. */
  givenTicks: number;
  qtyLots: number;
  addedLots: number;
  isNew: boolean;
  /** Nobody sends a message when a held order is released. */
  isRelease: boolean;
  /** Rows of limits that hold for it. */
  rows?: [Scope, TwinLimits][];
}

/** Leaves of open buys and sells. */
export interface TwinOpen {
  buys: number;
  sells: number;
}

const NANOS_PER_MILLI = 1_000_000;

/** Key of a scope in every map below. */
export function scopeKey(scope: number, who: TwinWho): string {
  if (scope === Scope.Global) return "all";
  if (scope === Scope.Tenant) return "tenant";
  if (scope === Scope.Account) return `account ${who.account}`;
  if (scope === Scope.Strategy) return `strategy ${who.strategy}`;
  if (scope === Scope.Instrument) return `instrument ${who.instrument}`;
  return `pair ${who.account} ${who.instrument}`;
}

/** Every scope, in the order in which messages are counted. */
const LIMIT_SCOPES = [
  Scope.Global,
  Scope.Tenant,
  Scope.Account,
  Scope.Strategy,
  Scope.Instrument,
  Scope.AccountInstrument,
];
const KEPT_ORDERS = 4;
const SWITCHES = [Scope.Global, Scope.Tenant, Scope.Account, Scope.Strategy, Scope.Instrument];
const SWITCHES_OF_NOBODY = SWITCHES.filter((scope) => scope !== Scope.Strategy);

/** Exposure of an account in minor units; `own` is that of the position asked about. */
export interface TwinExposure {
  gross: bigint;
  net: bigint;
  own: bigint;
  /** Initial margin of all positions. */
  margin: bigint;
}

export class TwinRisk {
  readonly limits = new Map<string, TwinLimits>();
  readonly killed = new Set<string>();
  readonly modes = new Map<string, number>();
  readonly phases = new Map<number, number>();
  /** The disk of the journal is full: nothing new, nothing larger. */
  isDiskFull = false;
  /** Instruments whose call takes orders. */
  readonly callable = new Set<number>();
  readonly untrusted = new Set<number>();
  /** `scope key, instrument, side` of everything nobody of the scope may trade. */
  readonly restricted = new Set<string>();
  /** Initial margin of an exposure in an instrument, and whether there is any. */
  initial = (_instrument: number, _exposure: bigint): bigint => 0n;
  hasInitial = (_instrument: number): boolean => false;
  /** Strategies that traded too often. */
  readonly stopped = new Set<number>();
  readonly peaks = new Map<string, bigint>();
  private readonly recent = new Map<string, { what: string; nanos: number }[]>();
  private readonly repeats = new Map<string, { startNanos: number; count: number }>();
  /** Scope and key of the limits row that was asked last: after a refusal, the one that refused. */
  hitScope = 0;
  hitKey = "";
  readonly windows = new Map<string, { startNanos: number; count: number }>();
  private readonly money: TwinMoney;

  constructor(money: TwinMoney) {
    this.money = money;
  }

  /** Why no order may enter, 0 when it may. */
  blocked(who: TwinWho): number {
    for (const scope of switchesOf(who)) {
      if (this.killed.has(scopeKey(scope, who))) return Refusal.KillSwitchOn;
    }
    if (this.mode(who) === TradingMode.Halted) return Refusal.TradingHalted;
    if (this.stopped.has(who.strategy)) return Refusal.RepeatedExecution;
    const phase = this.phases.get(who.instrument) ?? InstrumentPhase.Continuous;
    if (phase === InstrumentPhase.Halted) return Refusal.InstrumentHalted;
    if (phase === InstrumentPhase.Closed) return Refusal.InstrumentClosed;
    const isCall = phase === InstrumentPhase.Call && this.callable.has(who.instrument);
    if (phase !== InstrumentPhase.Continuous && !isCall) return Refusal.InstrumentNotContinuous;
    return this.untrusted.has(who.instrument) ? Refusal.BookUntrusted : 0;
  }

  /** Why one more order may not enter. */
  entryBlocked(who: TwinWho): number {
    return this.blocked(who) || (this.isDiskFull ? Refusal.DiskFull : 0);
  }

  /** Why an open order may not become larger, where nothing blocks it. */
  moreBlocked(who: TwinWho): number {
    if (this.isDiskFull) return Refusal.DiskFull;
    return this.mode(who) === TradingMode.Active ? 0 : Refusal.ReduceOnlyMode;
  }

  /** The strictest trading mode of the scopes. */
  mode(who: TwinWho): number {
    let mode = 0;
    for (const scope of switchesOf(who)) {
      const its = this.modes.get(scopeKey(scope, who)) ?? 0;
      if (its === TradingMode.Halted) return its;
      mode = Math.max(mode, its);
    }
    return mode;
  }

  /** The account's own mode. */
  modeOf(account: number): number {
    return this.modes.get(scopeKey(Scope.Account, { account, strategy: 0, instrument: 0 })) ?? 0;
  }

  /** Rows that hold for whoever asks, with their scopes. */
  rows(who: TwinWho): [Scope, TwinLimits][] {
    const found: [Scope, TwinLimits][] = [];
    for (const scope of LIMIT_SCOPES) {
      if (scope === Scope.Strategy && who.strategy === 0) continue;
      const row = this.limits.get(scopeKey(scope, who));
      if (row !== undefined) found.push([scope, this.told(row, who)]);
    }
    return found;
  }

  /** A row with its limits of money in the settlement currency, at the newest mark. */
  private told(row: TwinLimits, who: TwinWho): TwinLimits {
    const { settlement } = this.money.spec(who.instrument);
    if (row.currency === 0 || row.currency === settlement) return row;
    const told = { ...row };
    for (const name of STATED) {
      if (row[name] === 0) continue;
      const minor = this.money.currencies.newest(BigInt(row[name]), row.currency, settlement);
      // Without a mark there is nothing to compare with, and the order is refused for that.
      told[name] = minor === undefined ? 0 : Math.max(Number(minor), 1);
    }
    return told;
  }

  /** Why limits of another currency cannot be told now. */
  private statedRefusal(who: TwinWho): number {
    const { settlement } = this.money.spec(who.instrument);
    let why = 0;
    for (const scope of LIMIT_SCOPES) {
      const row = this.limits.get(scopeKey(scope, who));
      const isOwn = row === undefined || row.currency === 0 || row.currency === settlement;
      if (isOwn || (scope === Scope.Strategy && who.strategy === 0)) continue;
      if (STATED.every((name) => row[name] === 0)) continue;
      const { currencies, nowNanos } = this.money;
      const told = currencies.convert(1n, row.currency, settlement, nowNanos);
      if (told === Number(Refusal.PriceUnknown)) return told;
      if (typeof told === "number") why = told;
    }
    return why;
  }

  /** The smallest limit of one kind over all rows, 0 when there is none; notes its scope. */
  strictest(who: TwinRequest, name: keyof TwinLimits, scopes = LIMIT_SCOPES): number {
    let least = 0;
    for (const [scope, row] of (who.rows ??= this.rows(who))) {
      if (!scopes.includes(scope) || row[name] === 0) continue;
      if (least !== 0 && row[name] >= least) continue;
      least = row[name];
      this.asked(scope, who);
    }
    return least;
  }

  /** The refusal and the value of the limit that was hit. */
  refusal(request: TwinRequest): [number, number] {
    const rate = request.isRelease ? 0 : this.rateHit(request);
    if (rate !== 0) return [Refusal.RateLimit, rate];
    const order = this.orderHit(request);
    if (order[0] !== 0) return order;
    const sums = this.sumsHit(request);
    if (sums[0] !== 0) return sums;
    const rare = this.rareHit(request);
    if (rare[0] !== 0) return rare;
    const exposure = this.exposureHit(request);
    return exposure[0] !== 0 ? exposure : this.duplicateHit(request);
  }

  private asked(scope: Scope, who: TwinWho): void {
    this.hitScope = scope;
    this.hitKey = scopeKey(scope, who);
  }

  /** Value of the message limit that is full, 0 when none is; the windows asked before it count. */
  private rateHit(request: TwinRequest): number {
    for (const [scope, row] of (request.rows ??= this.rows(request))) {
      if (row.rateMax === 0) continue;
      // Limits of many accounts are counted by account: nobody can use up another's messages.
      const isPair = scope === Scope.Instrument || scope === Scope.AccountInstrument;
      const owner = isPair
        ? positionKey(request)
        : scopeKey(scope === Scope.Strategy ? scope : Scope.Account, request);
      this.asked(scope, request);
      if (this.windowFull(`${scope} ${owner}`, row)) return row.rateMax;
    }
    return 0;
  }

  private windowFull(key: string, row: TwinLimits): boolean {
    const now = this.money.nowNanos;
    let window = this.windows.get(key);
    const isOver =
      window !== undefined && now - window.startNanos >= row.rateWindowMillis * NANOS_PER_MILLI;
    if (window === undefined || isOver) {
      this.windows.set(key, (window = { startNanos: now, count: 0 }));
    }
    if (window.count >= row.rateMax) return true;
    window.count++;
    return false;
  }

  /** Quantity, notional and collar of one order. */
  private orderHit(request: TwinRequest): [number, number] {
    const { priceTicks, qtyLots } = request;
    const qty = this.strictest(request, "qtyLotsMax");
    if (qty !== 0 && qtyLots > qty) return [Refusal.QtyLimit, qty];
    const most = this.strictest(request, "notionalMinorMax");
    if (most !== 0) {
      if (priceTicks === 0) return [Refusal.PriceUnknown, most];
      const spec = this.money.spec(request.instrument);
      if (notional(spec, priceTicks, qtyLots, true) > BigInt(most))
        return [Refusal.NotionalLimit, most];
    }
    const collar = this.strictest(request, "collarBps");
    const refusal = collar === 0 ? 0 : this.collarRefusal(request, collar);
    return refusal === 0 ? [0, 0] : [refusal, collar];
  }

  /** Open orders, position and loss of the day. */
  private sumsHit(request: TwinRequest): [number, number] {
    const { position, side, addedLots, isNew, ordersOfAccount, ordersOfPair } = request;
    const pairs = [Scope.Instrument, Scope.AccountInstrument];
    if (isNew) {
      const wide = LIMIT_SCOPES.filter((scope) => !pairs.includes(scope));
      const ofAccount = this.strictest(request, "ordersOpenMax", wide);
      if (ofAccount !== 0 && ordersOfAccount >= ofAccount) {
        return [Refusal.OpenOrdersLimit, ofAccount];
      }
      const ofPair = this.strictest(request, "ordersOpenMax", pairs);
      if (ofPair !== 0 && ordersOfPair() >= ofPair) return [Refusal.OpenOrdersLimit, ofPair];
    }
    const most = this.strictest(request, "positionLotsMax");
    if (most !== 0 && addedLots > 0 && !closes(position.side, side)) {
      const open = openOf(request, position);
      const isBuy = side === Side.Buy;
      const worst = isBuy ? position.lots + open.buys : open.sells - position.lots;
      if (worst + addedLots > most) return [Refusal.PositionLimit, most];
    }
    const loss = this.strictest(request, "lossMinorMax");
    const isLost =
      loss !== 0 &&
      this.money.dayMinor(request.account, this.money.spec(request.instrument).settlement) <
        -BigInt(loss);
    return isLost ? [Refusal.LossLimit, loss] : [0, 0];
  }

  /** Restricted list, age of the mark, drawdown. */
  private rareHit(request: TwinRequest): [number, number] {
    const { account, instrument, side } = request;
    for (const scope of [Scope.Global, Scope.Tenant, Scope.Account]) {
      if (this.restricted.has(`${scopeKey(scope, request)} ${instrument} ${side}`)) {
        return [Refusal.Restricted, 0];
      }
    }
    const stated = this.statedRefusal(request);
    if (stated !== 0) return [stated, 0];
    const stale = this.strictest(request, "staleMillis");
    if (stale !== 0) {
      const mark = this.money.mark(instrument);
      if (mark.ticks === 0) return [Refusal.PriceUnknown, stale];
      if (mark.ageNanos > stale * NANOS_PER_MILLI) return [Refusal.PriceStale, stale];
    }
    const drawdown = this.strictest(request, "drawdownMinorMax");
    if (drawdown === 0) return [0, 0];
    const { settlement } = this.money.spec(instrument);
    const [pnl, peak] = this.look(account, settlement);
    return peak - pnl > BigInt(drawdown) ? [Refusal.DrawdownLimit, drawdown] : [0, 0];
  }

  /** PnL now and at its peak, which begins at 0. */
  private look(account: number, currency: number): [bigint, bigint] {
    const pnl = this.money.pnl(account, currency);
    const key = `${account}/${currency}`;
    const before = this.peaks.get(key) ?? 0n;
    const peak = pnl > before ? pnl : before;
    this.peaks.set(key, peak);
    return [pnl, peak];
  }

  /** A balance changed: whoever was ever asked for drawdown is looked at. */
  lookAgain(account: number, currency: number): void {
    if (this.peaks.has(`${account}/${currency}`)) this.look(account, currency);
  }

  /** Net, gross, leverage, concentration: over all positions, as large as orders make them. */
  private exposureHit(request: TwinRequest): [number, number] {
    const net = this.strictest(request, "netMinorMax");
    const gross = this.strictest(request, "grossMinorMax");
    const leverage = this.strictest(request, "leverageMax");
    const share = this.strictest(request, "concentrationBps");
    const hasInitial = this.hasInitial(request.instrument);
    if (request.addedLots <= 0) return [0, 0];
    if (net + gross + leverage + share === 0 && !hasInitial) return [0, 0];
    const sums = this.exposure(request, request.side, request.addedLots);
    if (sums === undefined) return [Refusal.PriceUnknown, 0];
    if (net !== 0 && sums.net > BigInt(net)) {
      this.strictest(request, "netMinorMax");
      return [Refusal.NetExposureLimit, net];
    }
    const before = this.worst(request, request.position, 0, 0);
    if (this.worst(request, request.position, request.side, request.addedLots) <= before) {
      return [0, 0];
    }
    if (gross !== 0 && sums.gross > BigInt(gross)) {
      this.strictest(request, "grossMinorMax");
      return [Refusal.GrossExposureLimit, gross];
    }
    const equity = this.money.settledEquity(
      request.account,
      this.money.spec(request.instrument).settlement,
    );
    const owned = equity > 0n ? equity : 0n;
    if (leverage !== 0 && sums.gross * 100n > owned * BigInt(leverage)) {
      this.strictest(request, "leverageMax");
      return [Refusal.LeverageLimit, leverage];
    }
    if (share !== 0 && sums.own * 10_000n > owned * BigInt(share)) {
      this.strictest(request, "concentrationBps");
      return [Refusal.ConcentrationLimit, share];
    }
    const isShort = hasInitial && sums.margin > owned;
    return isShort ? [Refusal.MarginInsufficient, Number(owned)] : [0, 0];
  }

  /** Lots of a position if the worse side's orders fill, with `added` more on one side. */
  private worst(request: TwinRequest, p: TwinPosition, side: number, added: number): number {
    const more = (of: Side): number => (p === request.position && side === of ? added : 0);
    const extra = { buys: more(Side.Buy), sells: more(Side.Sell) };
    return worstLots(p, openOf(request, p), extra);
  }

  /** Sums at the marks, undefined when one is missing. */
  exposure(request: TwinRequest, side: number, added: number): TwinExposure | undefined {
    const sums = { gross: 0n, net: 0n, own: 0n, margin: 0n };
    for (const p of this.money.positionsOf(request.account)) {
      const spec = this.money.spec(p.instrument);
      if (spec.settlement !== this.money.spec(request.instrument).settlement) continue;
      const worst = this.worst(request, p, side, added);
      if (worst === 0) continue;
      const { ticks } = this.money.mark(p.instrument);
      if (ticks === 0) return undefined;
      const money = (lots: number): bigint => notional(spec, ticks, lots, true);
      sums.gross += money(worst);
      sums.margin += this.initial(p.instrument, money(worst));
      if (p === request.position) sums.own = money(worst);
      const { buys, sells } = openOf(request, p);
      const more = p === request.position ? added : 0;
      const net = (side === Side.Buy ? p.lots + buys : sells - p.lots) + more;
      // What closes a leg leaves nothing on the other side of it.
      sums.net += money(closes(p.side, side) ? Math.min(net, 0) : net);
    }
    return sums;
  }

  private duplicateHit(request: TwinRequest): [number, number] {
    // The longest window is the strictest.
    let millis = 0;
    for (const [scope, row] of (request.rows ??= this.rows(request))) {
      if (row.duplicateMillis > millis) this.asked(scope, request);
      millis = Math.max(millis, row.duplicateMillis);
    }
    if (!request.isNew || millis === 0) return [0, 0];
    const key = positionKey(request);
    const what = `${request.side} ${request.givenTicks} ${request.qtyLots}`;
    const known = this.recent.get(key) ?? [];
    const now = this.money.nowNanos;
    const isKnown = known.some(
      (order) => order.what === what && now - order.nanos < millis * NANOS_PER_MILLI,
    );
    if (isKnown) return [Refusal.DuplicateOrder, millis];
    this.recent.set(key, [{ what, nanos: now }, ...known].slice(0, KEPT_ORDERS));
    return [0, 0];
  }

  /** Counts a fill of a strategy's order; true when it stops the strategy. */
  execution(who: TwinWho): boolean {
    let most: TwinLimits | undefined;
    for (const [, row] of this.rows(who)) {
      if (row.repeatsMax === 0) continue;
      const isLonger = row.repeatsWindowMillis > (most?.repeatsWindowMillis ?? 0);
      const isSame = row.repeatsMax === most?.repeatsMax;
      if (most === undefined || row.repeatsMax < most.repeatsMax || (isSame && isLonger)) {
        most = row;
      }
    }
    if (most === undefined) return false;
    const key = `${who.strategy} ${who.instrument}`;
    const now = this.money.nowNanos;
    let window = this.repeats.get(key);
    if (window === undefined) this.repeats.set(key, (window = { startNanos: -Infinity, count: 0 }));
    if (now - window.startNanos >= most.repeatsWindowMillis * NANOS_PER_MILLI) {
      Object.assign(window, { startNanos: now, count: 0 });
    }
    window.count++;
    if (window.count < most.repeatsMax || this.stopped.has(who.strategy)) return false;
    this.stopped.add(who.strategy);
    return true;
  }

  /** A human lets a strategy trade again. */
  release(strategy: number): void {
    this.stopped.delete(strategy);
    for (const [key, window] of this.repeats) {
      if (key.startsWith(`${strategy} `)) window.count = 0;
    }
  }

  private collarRefusal({ instrument, priceTicks }: TwinRequest, bps: number): number {
    const mark = this.money.mark(instrument);
    if (mark.ticks === 0 || priceTicks === 0) return Refusal.PriceUnknown;
    if (mark.isStale) return Refusal.PriceStale;
    const distance = Math.abs(priceTicks - mark.ticks);
    return distance > Math.floor((mark.ticks * bps) / 10_000) ? Refusal.PriceCollar : 0;
  }
}

/** Scopes whose switches hold for whoever asks. */
function switchesOf({ strategy }: TwinWho): Scope[] {
  return strategy === 0 ? SWITCHES_OF_NOBODY : SWITCHES;
}

function openOf(request: TwinRequest, position: TwinPosition): TwinOpen {
  return request.open().get(position) ?? { buys: 0, sells: 0 };
}

/** What is counted by position is counted by leg. */
export function positionKey(who: TwinWho): string {
  return `${scopeKey(Scope.AccountInstrument, who)} ${who.positionSide ?? 0}`;
}
