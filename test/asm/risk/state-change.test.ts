// Every change of a switch, a mode or a strategy's stop is told once, to whom it concerns.
import { beforeEach, expect, test } from "vitest";
import { Kind, Refusal, Scope, Side, StateChange, TradingMode } from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

let core: OrderCore;

beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1, { referenceTicks: 10_000 });
  for (const id of [1, 2]) {
    core.account(id, { tenant: id });
    core.send(Kind.CashAdjust, { account: id, currency: 1, amountMinor: 1_000_000 });
  }
  core.send(Kind.Strategy, { id: 7, account: 1 });
});

/** What was told, without its header. */
function told(outs: Out[]): Fields[] {
  return only(outs, Kind.TradingStateChanged).map((out) => {
    const { scope, state, tenant, account, strategy, instrument, reason, change, user } = out;
    const all = { scope, state, tenant, account, strategy, instrument, reason, change, user };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => Number(value) !== 0));
  });
}

const WHO = { account: 1, tenant: 2, strategy: 7, instrument: 1, reason: 9, user: 5 };
const LEVELS: [string, Scope, Fields][] = [
  ["global", Scope.Global, {}],
  ["tenant", Scope.Tenant, { tenant: 2 }],
  ["account", Scope.Account, { account: 1 }],
  ["strategy", Scope.Strategy, { account: 1, tenant: 1, strategy: 7 }],
  ["instrument", Scope.Instrument, { instrument: 1 }],
];

test.each(LEVELS)(
  "a kill switch of the %s scope is told when it changes",
  (_name, scope, named) => {
    const change = StateChange.KillSwitch;
    const what = scope === Scope.Global ? { change } : { scope, change };
    const rest = { ...what, ...named, reason: 9, user: 5n };
    const send = (state: number): Fields[] =>
      told(core.send(Kind.KillSwitch, { ...WHO, scope, state }));
    expect(send(0), "off already").toEqual([]);
    expect(send(1)).toEqual([{ ...rest, state: 1 }]);
    expect(send(1), "on already").toEqual([]);
    expect(send(0)).toEqual([rest]);
  },
);

test.each(LEVELS)("a mode of the %s scope is told when it changes", (_name, scope, named) => {
  const change = StateChange.Mode;
  const what = scope === Scope.Global ? { change } : { scope, change };
  const rest = { ...what, ...named, reason: 9, user: 5n };
  const send = (state: number): Fields[] => {
    return told(core.send(Kind.TradingState, { ...WHO, scope, state }));
  };
  expect(send(TradingMode.ReduceOnly)).toEqual([{ ...rest, state: TradingMode.ReduceOnly }]);
  expect(send(TradingMode.ReduceOnly)).toEqual([]);
  expect(send(TradingMode.Halted)).toEqual([{ ...rest, state: TradingMode.Halted }]);
  expect(send(TradingMode.Active)).toEqual([rest]);
});

test("what is refused changes nothing and is not told", () => {
  for (const fields of [
    { scope: Scope.Global, state: 2 },
    { scope: Scope.AccountInstrument, state: 1 },
    { scope: Scope.Account, account: 99, state: 1 },
  ]) {
    const outs = core.send(Kind.KillSwitch, fields);
    expect(outs.map((out) => Number(out.kind))).toEqual([Kind.ConfigDenied]);
  }
  const mode = { scope: Scope.Account, account: 1, state: TradingMode.Liquidating };
  const outs = core.send(Kind.TradingState, mode);
  expect(outs.map((out) => Refusal[Number(out["reason"])])).toEqual(["ParameterInvalid"]);
});

test("the change is told behind the answer and before the cancels it causes", () => {
  core.order({ clientId: 1, priceTicks: 9_000 });
  const kill = { scope: Scope.Account, account: 1, state: 1, cancelOpen: 1 };
  const kinds = core.send(Kind.KillSwitch, kill).map((out) => Kind[out.kind]);
  expect(kinds.slice(0, 3)).toEqual(["ConfigAccepted", "TradingStateChanged", "OrderCanceled"]);
});

test("a strategy that trades too often is told as stopped, and its release too", () => {
  core.send(Kind.RiskLimits, { scope: Scope.Global, repeatsMax: 1, repeatsWindowMillis: 10 });
  core.order({ clientId: 1, account: 2, side: Side.Sell, priceTicks: 10_000 });
  const stop = core.order({ clientId: 2, strategy: 7, priceTicks: 10_000 });
  const who = { scope: Scope.Strategy, account: 1, tenant: 1, strategy: 7 };
  const change = StateChange.Stopped;
  const reason = Refusal.RepeatedExecution;
  expect(told(stop)).toEqual([{ ...who, change, state: 1, reason }]);
  const release = { account: 1, strategy: 7, scope: Scope.Strategy };
  expect(told(core.send(Kind.RiskRelease, release))).toEqual([{ ...who, change }]);
  expect(told(core.send(Kind.RiskRelease, release)), "released already").toEqual([]);
});
