// Phases: what each takes and refuses, and what may not become continuous without an uncross.
import { beforeEach, expect, test } from "vitest";
import { InstrumentPhase, Kind, OrderType, Refusal, Scope, Side } from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

const { PreOpen, Call, Continuous, Halted, Closed } = InstrumentPhase;
let core: OrderCore;
let next = 1;

beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1);
  for (const id of [1, 2]) core.account(id);
  next = 1;
});

function order(side: Side, priceTicks: number, fields: Fields = {}): Out[] {
  return core.order({ account: side, clientId: next++, side, priceTicks, qtyLots: 5, ...fields });
}

function state(phase: InstrumentPhase): Out[] {
  return core.send(Kind.InstrumentState, { instrument: 1, state: phase });
}

test.each([
  [PreOpen, "InstrumentNotContinuous"],
  [Call, "None"],
  [Continuous, "None"],
  [Halted, "InstrumentHalted"],
  [Closed, "InstrumentClosed"],
])("phase %i: a new order and an amend hear %s, a cancel passes", (phase, word) => {
  order(Side.Buy, 90);
  state(phase);
  expect(Refusal[order(Side.Buy, 91)[0]!["reason"] as Refusal]).toBe(word);
  const amend = core.send(Kind.OrderAmend, { account: 1, clientId: 1, fields: 1, priceTicks: 92 });
  expect(Refusal[amend[0]!["reason"] as Refusal]).toBe(word);
  const cancel = core.send(Kind.OrderCancel, { account: 1, clientId: 1 });
  expect(cancel[0]!["kind"]).toBe(Kind.OrderCanceled);
  const mass = core.send(Kind.MassCancel, { account: 1, scope: Scope.Account });
  expect(only(mass, Kind.MassCanceled)[0]!["left"]).toBe(0);
});

test("each change is said once, the same phase again is not", () => {
  expect(state(Halted).map((out) => Kind[out["kind"] as Kind])).toEqual([
    "ConfigAccepted",
    "TradingStateChanged",
  ]);
  expect(state(Halted).length).toBe(1);
});

test("a crossed book becomes continuous by an uncross only", () => {
  state(Call);
  order(Side.Buy, 101);
  order(Side.Sell, 100);
  for (const phase of [Continuous, Halted, Continuous, Closed, Continuous]) {
    const isRefused = state(phase)[0]!["reason"] === Refusal.ConfigConflict;
    expect(isRefused, `phase ${phase}`).toBe(phase === Continuous);
  }
  core.send(Kind.AuctionCall, { instrument: 1 });
  const outs = core.send(Kind.AuctionUncross, { instrument: 1 });
  expect(only(outs, Kind.Fill).length).toBe(2);
  expect(state(Continuous)[0]!["reason"], "it is already").toBe(Refusal.None);
});

test("so does one in which market orders wait, until they are canceled", () => {
  state(Call);
  order(Side.Buy, 0, { type: OrderType.Market });
  expect(state(Continuous)[0]!["reason"]).toBe(Refusal.ConfigConflict);
  core.send(Kind.OrderCancel, { account: 1, clientId: 1 });
  expect(state(Continuous)[0]!["reason"]).toBe(Refusal.None);
});
