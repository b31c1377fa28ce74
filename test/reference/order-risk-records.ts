// Records of the twin's risk: what configures it, what lets go, what it says by itself.
import { Kind, Refusal, Scope, Side, StateChange } from "../../asm/vocab.ts";
import { scopeKey, type TwinLimits, type TwinRisk, type TwinWho } from "./order-risk.ts";
import type { OrderTwin, Row } from "./order-twin.ts";

function n(row: Row, name: string): number {
  return Number(row[name] ?? 0);
}

/** Limits of a RiskLimits record. */
export function limitsOf(row: Row): TwinLimits {
  return {
    qtyLotsMax: n(row, "qtyLotsMax"),
    notionalMinorMax: n(row, "notionalMinorMax"),
    collarBps: n(row, "collarBps"),
    rateMax: n(row, "rateMax"),
    rateWindowMillis: n(row, "rateWindowMillis"),
    ordersOpenMax: n(row, "ordersOpenMax"),
    positionLotsMax: n(row, "positionLotsMax"),
    lossMinorMax: n(row, "lossMinorMax"),
    drawdownMinorMax: n(row, "drawdownMinorMax"),
    grossMinorMax: n(row, "grossMinorMax"),
    netMinorMax: n(row, "netMinorMax"),
    leverageMax: n(row, "leverageMax"),
    concentrationBps: n(row, "concentrationBps"),
    staleMillis: n(row, "staleMillis"),
    duplicateMillis: n(row, "duplicateMillis"),
    repeatsMax: n(row, "repeatsMax"),
    repeatsWindowMillis: n(row, "repeatsWindowMillis"),
    currency: n(row, "currency"),
  };
}

/** A count without its window, or a window without its count. */
export function limitsAreHalf(row: Row): boolean {
  const limits = limitsOf(row);
  const isHalfRate = (limits.rateMax === 0) !== (limits.rateWindowMillis === 0);
  return isHalfRate || (limits.repeatsMax === 0) !== (limits.repeatsWindowMillis === 0);
}

/** A RestrictedList record: sets or lifts sides for its scope. */
export function restricted(twin: OrderTwin, row: Row): number {
  const [scope, state, side] = [n(row, "scope"), n(row, "state"), n(row, "side")];
  const who = { account: n(row, "account"), strategy: 0, instrument: n(row, "instrument") };
  if (state > 1 || side > Side.Sell) return Refusal.ParameterInvalid;
  if (scope > Scope.Account) return Refusal.ScopeInvalid;
  if (!twin.instruments.has(who.instrument)) return Refusal.UnknownInstrument;
  if (scope === Scope.Account && !twin.accounts.has(who.account)) return Refusal.UnknownAccount;
  for (const one of side === 0 ? [Side.Buy, Side.Sell] : [side]) {
    const key = `${scopeKey(scope, who)} ${who.instrument} ${one}`;
    if (state === 1) twin.risk.restricted.add(key);
    else twin.risk.restricted.delete(key);
  }
  return 0;
}

/** A RiskRelease record and its answer. */
export function released(twin: OrderTwin, row: Row): Row[] {
  const reason = releaseRefusal(twin, row);
  const [strategy, account] = [n(row, "strategy"), n(row, "account")];
  const isFreed = reason === 0 && twin.risk.stopped.has(strategy);
  if (reason === 0) twin.risk.release(strategy);
  const kind = reason === 0 ? Kind.ConfigAccepted : Kind.ConfigDenied;
  const { instrument = 0 } = row;
  const answer = { kind, instrument, configKind: Kind.RiskRelease, reason };
  if (!isFreed) return [answer];
  const what = { scope: Scope.Strategy, state: 0, change: StateChange.Stopped };
  return [answer, { kind: Kind.TradingStateChanged, account, strategy, ...what }];
}

/** Sets the switch or mode of a scope; the record that says so when it is another. */
export function switched(twin: OrderTwin, kind: Kind, row: Row, key: string): Row[] {
  const { killed, modes } = twin.risk;
  const [scope, state, strategy] = [n(row, "scope"), n(row, "state"), n(row, "strategy")];
  const isKill = kind === Kind.KillSwitch;
  const before = isKill ? Number(killed.has(key)) : (modes.get(key) ?? 0);
  const isAccount = !isKill && scope === Scope.Account;
  if (isAccount && twin.margin.modeAfter(n(row, "account"), state)) return [];
  if (!isKill) modes.set(key, state);
  else if (state === 1) killed.add(key);
  else killed.delete(key);
  if (before === state) return [];
  const change = isKill ? StateChange.KillSwitch : StateChange.Mode;
  const out: Row = { kind: Kind.TradingStateChanged, scope, state, change };
  if (scope === Scope.Account) out["account"] = n(row, "account");
  if (scope === Scope.Strategy) {
    Object.assign(out, { strategy, account: twin.strategies.get(strategy) });
  }
  if (scope === Scope.Instrument) out["instrument"] = n(row, "instrument");
  return [out];
}

/** The disk of the journal is full or has room again; said when it was not so before. */
export function diskTaken(twin: OrderTwin, row: Row): Row[] {
  const isFull = n(row, "full") !== 0;
  if (twin.risk.isDiskFull === isFull) return [];
  twin.risk.isDiskFull = isFull;
  const what = { scope: Scope.Global, state: Number(isFull), change: StateChange.Disk };
  const reason = isFull ? Refusal.DiskFull : 0;
  return [{ kind: Kind.TradingStateChanged, ...what, reason }];
}

function releaseRefusal(twin: OrderTwin, row: Row): number {
  if (n(row, "scope") !== Scope.Strategy) return Refusal.ScopeInvalid;
  if (!twin.accounts.has(n(row, "account"))) return Refusal.UnknownAccount;
  const owner = twin.strategies.get(n(row, "strategy"));
  if (owner === undefined) return Refusal.UnknownStrategy;
  return owner === n(row, "account") ? 0 : Refusal.NotOwner;
}

/** What a fill of an order makes risk say. */
export function executed(risk: TwinRisk, who: TwinWho, isHouse: boolean): Row[] {
  const { account, strategy, instrument } = who;
  if (strategy === 0 || isHouse || !risk.execution(who)) return [];
  const what = { scope: Scope.Strategy, state: 1, reason: Refusal.RepeatedExecution };
  const stop = { scope: Scope.Strategy, state: 1, reason: what.reason };
  return [
    { kind: Kind.RiskEvent, instrument, account, strategy, ...what },
    { kind: Kind.TradingStateChanged, account, strategy, ...stop, change: StateChange.Stopped },
  ];
}
