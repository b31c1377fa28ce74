// The follower's orders take the client path: target positions, risk, its own client ids.
import { beforeEach, expect, test } from "vitest";
import { H_ORDER_EVENT_HASH } from "../../../asm/layout.ts";
import {
  Execution,
  Kind,
  Refusal,
  Role,
  Scope,
  Side,
  SignalKind,
  StrategyKind,
} from "../../../asm/vocab.ts";
import { BASE_NANOS, only, OrderCore, type Out } from "../order-core.ts";

let core: OrderCore;

function makeCore(): OrderCore {
  const core = OrderCore.create();
  core.instrument(1, { execution: Execution.Paper });
  core.account(1);
  const follower = { strategyKind: StrategyKind.SignalFollower, flags: 0, strategyFlags: 1 };
  const out = core.send(Kind.Strategy, { id: 7, account: 1, ...follower, model: 3, qtyLots: 5 });
  expect(Refusal[out[0]!["reason"]]).toBe("None");
  const sides = { bidTicks: 99, bidLots: 100, askTicks: 101, askLots: 100 };
  core.send(Kind.TopOfBook, { instrument: 1, ...sides });
  return core;
}

beforeEach(() => {
  core = makeCore();
});

function signal(signalKind: SignalKind, side: Side, model = 3): Out[] {
  return core.send(Kind.Signal, { instrument: 1, model, signalKind, side });
}

function position(outs: Out[]): number {
  return only(outs, Kind.PositionChanged).at(-1)["lots"];
}

test("enters, flips through zero, stays, and exits", () => {
  expect(position(signal(SignalKind.Entry, Side.Buy))).toBe(5);
  expect(signal(SignalKind.Flip, Side.Buy), "already there").toEqual([]);
  const flip = signal(SignalKind.Flip, Side.Sell);
  expect(position(flip)).toBe(-5);
  expect(only(flip, Kind.Fill)[0]!["qtyLots"]).toBe(10);
  expect(position(signal(SignalKind.Exit, Side.None))).toBe(0);
  expect(core.money()).toBe(0n);
});

test("follows its model only, and only while it runs", () => {
  expect(signal(SignalKind.Entry, Side.Buy, 4)).toEqual([]);
  const stopped = { strategyKind: StrategyKind.SignalFollower, strategyFlags: 0 };
  core.send(Kind.Strategy, { id: 7, account: 1, ...stopped, model: 3, qtyLots: 5 });
  expect(signal(SignalKind.Entry, Side.Buy)).toEqual([]);
});

test("its orders are refused by limits like any client's, under ids of its own", () => {
  core.send(Kind.RiskLimits, { scope: Scope.Strategy, strategy: 7, qtyLotsMax: 4 });
  const denied = signal(SignalKind.Entry, Side.Buy)[0]!;
  expect(Refusal[denied["reason"]]).toBe("QtyLimit");
  expect(denied["clientId"]).toBe((1n << 63n) | (7n << 40n) | 1n);
});

test("equal records give equal state and event hashes, whatever their sequence", () => {
  const hashes = [0, 5].map((extraInputs) => {
    const one = makeCore();
    // A ClockBase takes a sequence number and says nothing.
    for (let extra = 0; extra < extraInputs; extra++) {
      one.send(Kind.ClockBase, { baseNanos: BASE_NANOS });
    }
    const entry = { instrument: 1, model: 3, signalKind: SignalKind.Entry, side: Side.Buy };
    one.send(Kind.Signal, entry);
    one.order({ clientId: 1, priceTicks: 99, qtyLots: 2 });
    const events = one.core.view.getBigUint64(H_ORDER_EVENT_HASH, true);
    return { sequence: one.core.sequence, state: one.core.stateHash(Role.Order), events };
  });
  const [plain, shifted] = hashes;
  expect(shifted!.sequence).toBe(plain!.sequence + 5);
  expect(shifted!.state, "state").toBe(plain!.state);
  expect(shifted!.events, "events").toBe(plain!.events);
});
