// Limits, switches and phases of the twin: rows in a map, one key a scope, asked one by one.
import { InstrumentPhase, Refusal, Scope, Side, TradingMode } from "../../asm/vocab.ts";
import { ceilDiv, TWIN_DEN, TWIN_NUM, type TwinMoney, type TwinPosition } from "./order-money.ts";

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
}

/** Who asks: an account, its strategy (0 = none) and the instrument. */
export interface TwinWho {
  account: number;
  strategy: number;
  instrument: number;
}

/** What the risk check must know of an order or an amend. */
export interface TwinRequest extends TwinWho {
  side: number;
  /** Limit price, or the opposite best of a market order, 0 when there is none. */
  priceTicks: number;
  qtyLots: number;
  addedLots: number;
  isNew: boolean;
  position: TwinPosition;
  openLots: number;
  ordersOfAccount: number;
  ordersOfPair: number;
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

const LIMIT_SCOPES = [
  Scope.Global,
  Scope.Account,
  Scope.Strategy,
  Scope.Instrument,
  Scope.AccountInstrument,
];
const RATE_SCOPES = [
  Scope.Global,
  Scope.Account,
  Scope.Instrument,
  Scope.AccountInstrument,
  Scope.Strategy,
];
const SWITCH_SCOPES = [Scope.Global, Scope.Tenant, Scope.Account, Scope.Strategy, Scope.Instrument];

export class TwinRisk {
  readonly limits = new Map<string, TwinLimits>();
  readonly killed = new Set<string>();
  readonly modes = new Map<string, number>();
  readonly phases = new Map<number, number>();
  /** Instruments whose call takes orders. */
  readonly callable = new Set<number>();
  readonly untrusted = new Set<number>();
  /** Scope and key of the limits row that was asked last: after a refusal, the one that refused. */
  hitScope = 0;
  hitKey = "";
  private readonly windows = new Map<string, { startNanos: number; count: number }>();
  private readonly money: TwinMoney;

  constructor(money: TwinMoney) {
    this.money = money;
  }

  /** Why no order may enter, 0 when it may. */
  blocked(who: TwinWho): number {
    if (this.scopes(who, SWITCH_SCOPES).some((key) => this.killed.has(key))) {
      return Refusal.KillSwitchOn;
    }
    if (this.mode(who) === TradingMode.Halted) return Refusal.TradingHalted;
    const phase = this.phases.get(who.instrument) ?? InstrumentPhase.Continuous;
    if (phase === InstrumentPhase.Halted) return Refusal.InstrumentHalted;
    if (phase === InstrumentPhase.Closed) return Refusal.InstrumentClosed;
    const isCall = phase === InstrumentPhase.Call && this.callable.has(who.instrument);
    if (phase !== InstrumentPhase.Continuous && !isCall) return Refusal.InstrumentNotContinuous;
    return this.untrusted.has(who.instrument) ? Refusal.BookUntrusted : 0;
  }

  /** The strictest trading mode of the scopes. */
  mode(who: TwinWho): number {
    let mode = 0;
    for (const key of this.scopes(who, SWITCH_SCOPES)) {
      mode = Math.max(mode, this.modes.get(key) ?? 0);
    }
    return mode;
  }

  private scopes(who: TwinWho, scopes: Scope[]): string[] {
    return scopes
      .filter((scope) => scope !== Scope.Strategy || who.strategy !== 0)
      .map((scope) => scopeKey(scope, who));
  }

  /** The refusal and the value of the limit that was hit. */
  refusal(request: TwinRequest): [number, number] {
    const rate = this.rateHit(request);
    if (rate !== 0) return [Refusal.RateLimit, rate];
    for (const scope of LIMIT_SCOPES) {
      if (scope === Scope.Strategy && request.strategy === 0) continue;
      const row = this.limits.get(scopeKey(scope, request));
      if (row === undefined) continue;
      const isPair = scope === Scope.Instrument || scope === Scope.AccountInstrument;
      this.asked(scope, request);
      const hit = this.rowHit(row, request, isPair);
      if (hit[0] !== 0) return hit;
    }
    return [0, 0];
  }

  private asked(scope: Scope, who: TwinWho): void {
    this.hitScope = scope;
    this.hitKey = scopeKey(scope, who);
  }

  /** Value of the message limit that is full, 0 when none is; the windows asked before it count. */
  private rateHit(request: TwinRequest): number {
    for (const scope of RATE_SCOPES) {
      if (scope === Scope.Strategy && request.strategy === 0) continue;
      const row = this.limits.get(scopeKey(scope, request));
      if (row === undefined || row.rateMax === 0) continue;
      // Global and instrument limits are counted by account: nobody can use up another's messages.
      const isPair = scope === Scope.Instrument || scope === Scope.AccountInstrument;
      const owner = isPair
        ? scopeKey(Scope.AccountInstrument, request)
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

  private rowHit(row: TwinLimits, request: TwinRequest, isPair: boolean): [number, number] {
    const { priceTicks, qtyLots, position, side, addedLots, isNew } = request;
    if (row.qtyLotsMax !== 0 && qtyLots > row.qtyLotsMax) return [Refusal.QtyLimit, row.qtyLotsMax];
    if (row.notionalMinorMax !== 0) {
      if (priceTicks === 0) return [Refusal.PriceUnknown, row.notionalMinorMax];
      const notional = ceilDiv(BigInt(priceTicks) * BigInt(qtyLots) * TWIN_NUM, TWIN_DEN);
      if (notional > BigInt(row.notionalMinorMax)) {
        return [Refusal.NotionalLimit, row.notionalMinorMax];
      }
    }
    if (row.collarBps !== 0) {
      const refusal = this.collarRefusal(request, row.collarBps);
      if (refusal !== 0) return [refusal, row.collarBps];
    }
    const orders = (isPair ? request.ordersOfPair : request.ordersOfAccount) + 1;
    if (isNew && row.ordersOpenMax !== 0 && orders > row.ordersOpenMax) {
      return [Refusal.OpenOrdersLimit, row.ordersOpenMax];
    }
    const worst =
      (side === Side.Buy ? position.lots : -position.lots) + request.openLots + addedLots;
    if (row.positionLotsMax !== 0 && addedLots > 0 && worst > row.positionLotsMax) {
      return [Refusal.PositionLimit, row.positionLotsMax];
    }
    const isLossOver =
      row.lossMinorMax !== 0 && this.money.dayMinor(request.account) < -BigInt(row.lossMinorMax);
    return isLossOver ? [Refusal.LossLimit, row.lossMinorMax] : [0, 0];
  }

  private collarRefusal({ instrument, priceTicks }: TwinRequest, bps: number): number {
    const mark = this.money.mark(instrument);
    if (mark.ticks === 0 || priceTicks === 0) return Refusal.PriceUnknown;
    if (mark.isStale) return Refusal.PriceStale;
    const distance = Math.abs(priceTicks - mark.ticks);
    return distance > Math.floor((mark.ticks * bps) / 10_000) ? Refusal.PriceCollar : 0;
  }
}
