// No accepted order breaks a limit in force: looked at from outside, with sums of its own, before
// each command of the fuzz, whatever core and twin say.
import { expect, test } from "vitest";
import { AmendField, Kind, OrderState, OrderType, Scope, Side } from "../../asm/vocab.ts";
import { notional } from "../reference/order-kind.ts";
import type { OrderTwin, Row, TwinOrder } from "../reference/order-twin.ts";
import { seeded } from "../reference/random.ts";
import { OrderRun } from "./order-run.ts";
import { OrderStream } from "./order-stream.ts";

const INPUTS_PER_SEED = 4_000;
const SEEDS = process.env["ALPHAPULSE_DEEP"] === undefined ? 28 : 2_500;
const HOUSE = 2;

let asked = 0;

/** Rows in force, by whom they hold for. */
class Ledger {
  private readonly rows = new Map<string, Row>();
  private readonly house = new Set<number>();

  note(kind: Kind, row: Row): void {
    if (kind === Kind.Account && Number(row["accountFlags"] ?? 0) & HOUSE) {
      this.house.add(Number(row["id"]));
    } else if (kind === Kind.Account) this.house.delete(Number(row["id"]));
    if (kind !== Kind.RiskLimits) return;
    const { scope = 0, account = 0, strategy = 0, instrument = 0 } = row;
    const key: Record<number, string> = {
      [Scope.Global]: "",
      [Scope.Tenant]: "",
      [Scope.Account]: `${account}`,
      [Scope.Strategy]: `${strategy}`,
      [Scope.Instrument]: `${instrument}`,
      [Scope.AccountInstrument]: `${account}/${instrument}`,
    };
    this.rows.set(`${scope}:${key[Number(scope)]}`, row);
  }

  /**
   * Every limit of one kind that holds, and whether it is one of a pair's open orders. A limit of
   * money is told in the currency the instrument settles in; one that cannot be lets nothing pass.
   */
  of(name: string, { account, strategy, instrument }: Wish, twin: OrderTwin): [bigint, boolean][] {
    if (this.house.has(account)) return [];
    const { currencies, nowNanos } = twin.money;
    const { settlement } = twin.money.spec(instrument);
    const told = (limit: bigint, currency: number): bigint => {
      if (!name.includes("Minor") || currency === 0 || currency === settlement) return limit;
      const minor = currencies.convert(limit, currency, settlement, nowNanos);
      return typeof minor === "number" ? -1n : minor > 0n ? minor : 1n;
    };
    const keys = ["0:", "1:", `2:${account}`, `4:${instrument}`, `5:${account}/${instrument}`];
    if (strategy !== 0) keys.push(`3:${strategy}`);
    const found: [bigint, boolean][] = [];
    for (const key of keys) {
      const row = this.rows.get(key) ?? {};
      const limit = BigInt(row[name] ?? 0);
      const isPair = key.startsWith("4") || key.startsWith("5");
      if (limit !== 0n) found.push([told(limit, Number(row["currency"] ?? 0)), isPair]);
    }
    return found;
  }
}

const PRICED = [OrderType.Limit, OrderType.StopLimit, OrderType.LimitIfTouched] as number[];

/** What an order or amend would make of its account. */
interface Wish {
  account: number;
  strategy: number;
  instrument: number;
  side: number;
  /** The leg, 0 = netted. */
  positionSide: number;
  priceTicks: number;
  leaves: number;
  added: number;
  isNew: boolean;
}

function wishOf(kind: Kind, row: Row, twin: OrderTwin): Wish | undefined {
  const n = (name: string): number => Number(row[name] ?? 0);
  const account = n("account");
  if (kind === Kind.OrderNew) {
    const { strategy, instrument, side, priceTicks } = {
      ...{ strategy: n("strategy"), instrument: n("instrument"), side: n("side") },
      // A price that the type does not have says nothing.
      priceTicks: PRICED.includes(n("type")) ? n("priceTicks") : 0,
    };
    const leaves = n("qtyLots");
    const who = { account, strategy, instrument, side, positionSide: n("positionSide") };
    return { priceTicks, leaves, added: leaves, isNew: true, ...who };
  }
  if (kind !== Kind.OrderAmend) return undefined;
  const isNamed = (order: TwinOrder): boolean =>
    n("clientId") !== 0 ? order.clientId === n("clientId") : order.id === row["orderId"];
  const order = twin.open.get(account)?.find(isNamed);
  if (order === undefined) return undefined;
  const leaves = n("fields") & AmendField.Qty ? n("qtyLots") - order.filled : order.leaves;
  const priceTicks = n("fields") & AmendField.Price ? n("priceTicks") : order.price;
  const { strategy, instrument, side, positionSide } = order;
  const added = leaves - order.leaves;
  // Less of the same asks no limit.
  if (added <= 0) return undefined;
  const who = { account, strategy, instrument, side, positionSide };
  return { priceTicks, leaves, added, isNew: false, ...who };
}

/** A position, and what its open orders would make of it. */
interface Leg {
  id: number;
  leg: number;
  its: number;
  buys: number;
  sells: number;
}

/** Limits the wish breaks, as text. */
function breaches(wish: Wish, twin: OrderTwin, ledger: Ledger): string[] {
  const { account, instrument, side, positionSide, leaves, added, isNew } = wish;
  const broken: string[] = [];
  const over = (name: string, value: bigint, isPair?: boolean): void => {
    for (const [limit, ofPair] of ledger.of(name, wish, twin)) {
      if (isPair !== undefined && isPair !== ofPair) continue;
      asked++;
      if (value > limit) broken.push(`${name} ${limit} by ${value}`);
    }
  };
  const spec = twin.money.spec(instrument);
  over("qtyLotsMax", BigInt(leaves));
  if (wish.priceTicks !== 0) {
    over("notionalMinorMax", notional(spec, wish.priceTicks, leaves, true));
  }
  const open = twin.open.get(account) ?? [];
  if (isNew) {
    over("ordersOpenMax", BigInt(open.length + 1), false);
    const isOwn = (order: TwinOrder): boolean =>
      order.instrument === instrument && order.positionSide === positionSide;
    const own = open.filter(isOwn);
    over("ordersOpenMax", BigInt(own.length + 1), true);
  }
  const held = twin.money.positionsOf(account);
  let [gross, net, worstWas, worstIs] = [0n, 0n, 0, 0];
  const legs = new Map<string, Leg>();
  const legOf = (id: number, leg: number): Leg => {
    const key = `${id}/${leg}`;
    const known = legs.get(key) ?? { id, leg, its: 0, buys: 0, sells: 0 };
    if (!legs.has(key)) legs.set(key, known);
    return known;
  };
  legOf(instrument, positionSide);
  for (const order of open) {
    // A child that waits for its parent is asked again when it is released.
    if (order.state === OrderState.Held) continue;
    const leg = legOf(order.instrument, order.positionSide);
    leg[order.side === Side.Buy ? "buys" : "sells"] += order.leaves;
  }
  for (const one of held) legOf(one.instrument, one.side).its = one.lots;
  for (const sums of legs.values()) {
    const { id, leg, its } = sums;
    const isAsked = id === instrument && leg === positionSide;
    // A leg reaches as far as its own side's orders take it; what closes it ends at zero.
    const reachOf = (one: Side): number => {
      const reach = one === Side.Buy ? its + sums.buys : sums.sells - its;
      return leg === 0 || leg === (one as number) ? reach : Math.min(reach, 0);
    };
    const worstOf = (): number => Math.max(reachOf(Side.Buy), reachOf(Side.Sell));
    const was = worstOf();
    if (isAsked) sums[side === Side.Buy ? "buys" : "sells"] += added;
    const reach = reachOf(side);
    if (isAsked) [worstWas, worstIs] = [was, worstOf()];
    if (isAsked) over("positionLotsMax", BigInt(reach));
    const [kind, { ticks }] = [twin.money.spec(id), twin.money.mark(id)];
    if (kind.settlement !== spec.settlement || ticks === 0) continue;
    gross += notional(kind, ticks, worstOf(), true);
    net += notional(kind, ticks, reach, true);
  }
  over("netMinorMax", net);
  if (worstIs > worstWas) over("grossMinorMax", gross);
  const funded = twin.money.balancesOf(account).some((one) => one.currency === spec.settlement);
  if (funded) over("lossMinorMax", -twin.money.dayMinor(account, spec.settlement));
  return broken;
}

test.each(Array.from({ length: SEEDS }, (_, index) => 10_001 + index))(
  "no accepted order is beyond a limit in force, seed %i",
  (seed) => {
    const run = new OrderRun(seed);
    const stream = new OrderStream(seeded(seed), run.twin);
    const ledger = new Ledger();
    for (let step = 0; step < INPUTS_PER_SEED; step++) {
      const [kind, row] = stream.next();
      // What falls due before the input is no part of it.
      run.twin.money.nowNanos = stream.nowNanos;
      const wish = wishOf(kind, row, run.twin);
      const known =
        wish !== undefined &&
        run.twin.instruments.has(wish.instrument) &&
        run.twin.accounts.has(wish.account);
      const broken = known ? breaches(wish, run.twin, ledger) : [];
      const { outs, wrong, expired } = run.apply({ nowNanos: stream.nowNanos, kind, row });
      if (wrong !== undefined) expect.fail(`seed ${seed} step ${step}: ${wrong}`);
      const first = outs[0]?.["kind"];
      if (first === Kind.ConfigAccepted) ledger.note(kind, row);
      const isHeld = outs[0]?.["state"] === OrderState.Held;
      const isNew = outs[0]?.["replayed"] !== 1;
      const isAccepted =
        isNew && !isHeld && (first === Kind.OrderAccepted || first === Kind.OrderAmended);
      // Orders that expired first made room.
      if (isAccepted && broken.length > 0 && expired.length === 0) {
        expect.fail(`seed ${seed} step ${step} ${JSON.stringify(wish)}: ${broken.join(", ")}`);
      }
    }
  },
);

test("limits were asked often enough to say so", () => {
  expect(asked).toBeGreaterThan(20_000);
});
