// What every way of order entry must survive: the scenario pack of venues.
//
// Lives: each order of arrival of up to six reports must give the same end. Schedules: random
// orders, cancels, amends and market moves against a venue that loses, repeats and reorders, whose
// link breaks at any time; after one last link the engine must hold exactly what the venue holds,
// and no order may have arrived twice. A failing schedule is shrunk to its fewest steps. A venue
// registers in one line.
import { describe, expect, test } from "vitest";
import { AmendField, Kind, OrderState, OrderType, Side, TimeInForce } from "../../asm/vocab.ts";
import type { VenueHabits, VenueOrder } from "../../src/venues/simulated-venue.ts";
import type { ReportSink, Venue, VenueMarket, VenueRequest } from "../../src/venues/venue.ts";
import { seeded } from "../reference/random.ts";
import type { Fields } from "../asm/order-core.ts";
import {
  ACCOUNT,
  BASE,
  CASH,
  cashBase,
  cashLock,
  cashValue,
  INSTRUMENTS,
  MARK_TICKS,
  QUOTE,
  START,
  VENUE,
  VenueDesk,
} from "./venue-desk.ts";
import { LIVES, permutations, type Life } from "./venue-lives.ts";

/** A venue under test: its own truth can be read, its manners can be set. */
export interface VenueUnderTest extends Venue, VenueMarket {
  readonly orders: ReadonlyMap<bigint, VenueOrder>;
  readonly positions: Map<number, number>;
  readonly repeated: number;
  nowNanos: number;
  habits: VenueHabits;
  connect(): void;
  disconnect(): void;
  expire(id: bigint): void;
}

export type MakeVenue = (
  id: number,
  habits: VenueHabits,
  draw: () => number,
  sink: ReportSink,
  numbersFrom: number,
) => VenueUnderTest;

export interface VenueCase {
  make: MakeVenue;
  schedules: number;
}

/** Registers the pack for one venue. */
export function venueContract(name: string, one: VenueCase): void {
  const desk = new VenueDesk();
  describe(`${name} keeps the contract of venues`, () => {
    const lives = LIVES.flatMap((life) => [
      [life.name, life, 1] as const,
      [`${life.name}, of cash`, life, CASH] as const,
    ]);
    test.each(lives)("every order of arrival ends right: %s", (_, life, instrument) => {
      desk.connect();
      for (const order of permutations(life.reports.length)) {
        liveOnce(desk, life, order, instrument);
      }
      for (const currency of [QUOTE, BASE]) expect(desk.core.money(currency), "money").toBe(0n);
    });
    const timeout = 3_000_000;
    test(`${one.schedules} random schedules end where the venue ends`, { timeout }, () => {
      for (let seed = 1; seed <= one.schedules; seed++) {
        const steps = stepsOf(seed);
        const wrong = scheduleWrong(desk, one.make, seed, steps);
        if (wrong === undefined) continue;
        const least = shrink(desk, one.make, seed, steps);
        const text = least.map((step) => JSON.stringify(step)).join("\n");
        expect.fail(`seed ${seed}: ${wrong}\n${text}`);
      }
      for (const currency of [QUOTE, BASE]) expect(desk.core.money(currency), "money").toBe(0n);
    });
  });
}

// Lives ----------------------------------------------------------------------------------------

let fillIds = 1_000_000_000;

function liveOnce(desk: VenueDesk, life: Life, order: number[], instrument: number): void {
  const before = desk.held().get(instrument);
  const requests = ask(desk, life, instrument);
  const [first] = requests;
  const id = first!.orderId;
  fillIds += 16;
  const numbered = (kind: Kind): bigint =>
    requests.findLast((request) => request.kind === kind)?.number ?? 0n;
  const report = ([kind, fields]: Life["reports"][number], extra = {}): void => {
    const wants = fields["request"];
    let request = wants ?? 0;
    if (wants === "cancel") request = numbered(Kind.VenueOrderCancel);
    if (wants === "amend") request = numbered(Kind.VenueOrderAmend);
    const fillId = kind === Kind.VenueFill ? fillIds + Number(fields["fillId"]) : 0;
    desk.send(kind, { orderId: id, venue: VENUE, ...fields, ...extra, request, fillId });
  };
  for (const at of order) report(life.reports[at]!);
  answer(desk, life, id);
  const where = `${life.name}, reports ${order.join(" ")}`;
  const { state, filled, leaves } = desk.order(id);
  const { end } = life;
  const isLeft = !isOpen(end.state) || leaves === end.leaves;
  if (state !== end.state || filled !== end.filled || !isLeft) {
    const is = `${OrderState[state]} ${filled} filled ${leaves} left`;
    expect.fail(`${where}: ${is}, not ${OrderState[end.state]} ${end.filled} ${end.leaves}`);
  }
  const after = desk.held().get(instrument)!;
  const sign = life.side === Side.Buy ? 1 : -1;
  let flow = 0n;
  let paid = 0n;
  const seen = new Set<unknown>();
  for (const [kind, fields] of life.reports) {
    if (kind !== Kind.VenueFill || seen.has(fields["fillId"])) continue;
    seen.add(fields["fillId"]);
    const [qty, ticks] = [Number(fields["qtyLots"]), Number(fields["priceTicks"])];
    flow -= BigInt(sign * qty * ticks);
    paid += BigInt(sign) * cashValue(ticks, qty, sign > 0);
  }
  const open = isOpen(end.state) ? end.leaves : 0;
  expect(after.lots - (before?.lots ?? 0), `${where}: position`).toBe(sign * end.filled);
  const isCash = instrument === CASH;
  // A tick x lot of cash is no whole minor unit: its balances are looked at instead.
  if (!isCash) {
    expect(after.flow - (before?.flow ?? 0n), `${where}: money of the position`).toBe(flow);
  }
  const moved = (currency: number): bigint =>
    after.cash[currency]! - (before?.cash[currency] ?? START);
  const realized = after.realized - (before?.realized ?? 0n);
  expect(moved(QUOTE), `${where}: cash`).toBe(isCash ? -paid : realized);
  const lots = isCash ? sign * end.filled : 0;
  expect(moved(BASE), `${where}: base`).toBe(cashBase(lots));
  const isBuy = life.side === Side.Buy;
  const held = isCash && isBuy ? cashLock(end.priceTicks, open) : 0n;
  expect(after.locked[QUOTE], `${where}: quote held back`).toBe(held);
  const heldBase = isCash && !isBuy ? cashBase(open) : 0n;
  expect(after.locked[BASE], `${where}: base held back`).toBe(heldBase);
  const openLots = life.side === Side.Buy ? after.openBuyLots : after.openSellLots;
  expect(openLots, `${where}: open lots`).toBe(open);
  const news = requests.filter((request) => request.kind === Kind.VenueOrderNew).length;
  expect(news, `${where}: sent once`).toBe(1);
  if (open > 0) {
    desk.send(Kind.VenueCanceled, { orderId: id, venue: VENUE, filledLots: end.filled });
  }
}

function isOpen(state: OrderState): boolean {
  return state >= OrderState.Held && state <= OrderState.InDoubt;
}

/** Sends the order and what the life asks of it; all requests that left, also later ones. */
function ask(desk: VenueDesk, life: Life, instrument: number): VenueRequest[] {
  desk.requests = [];
  const who = { account: ACCOUNT, instrument };
  const clientId = desk.nextClientId();
  desk.send(Kind.OrderNew, {
    ...{ ...who, clientId, side: life.side, type: OrderType.Limit, tif: TimeInForce.Gtc },
    ...{ priceTicks: 990, qtyLots: life.qtyLots },
  });
  const id = desk.requests[0]!.orderId;
  for (const step of life.asks) {
    if (step === "cancel") desk.send(Kind.OrderCancel, { ...who, clientId });
    else if (step === "accept") {
      desk.send(Kind.VenueAccepted, { orderId: id, venue: VENUE, filledLots: 0 });
    } else {
      const qtyLots = step === "amend up" ? 20 : 5;
      const fields = AmendField.Price | AmendField.Qty;
      desk.send(Kind.OrderAmend, { ...who, clientId, fields, priceTicks: 985, qtyLots });
    }
  }
  return desk.requests;
}

/** The venue answers the question about the order that is out, if one is. */
function answer(desk: VenueDesk, life: Life, id: bigint): void {
  const query = desk.requests.findLast((request) => request.kind === Kind.VenueQuery);
  if (query === undefined) return;
  const { end } = life;
  const { state, filled, priceTicks } = end;
  const kinds: Partial<Record<OrderState, Kind>> = {
    [OrderState.Canceled]: Kind.VenueCanceled,
    [OrderState.Expired]: Kind.VenueExpired,
    [OrderState.Rejected]: Kind.VenueRejected,
  };
  desk.send(kinds[state] ?? Kind.VenueAccepted, {
    ...{ orderId: id, venue: VENUE, request: query.number, priceTicks },
    ...{ qtyLots: filled + end.leaves, filledLots: filled },
  });
}

// Schedules ------------------------------------------------------------------------------------

type Step =
  | { do: "new"; instrument: number; side: number; ticks: number; lots: number; tif: number }
  | { do: "cancel"; which: number }
  | { do: "amend"; which: number; ticks: number; lots: number }
  | { do: "expire"; which: number }
  | { do: "trade"; instrument: number; ticks: number; lots: number }
  | { do: "quote"; instrument: number; ticks: number; lots: number }
  | { do: "drop" }
  | { do: "link" }
  | { do: "mass" }
  | { do: "wait"; nanos: number };

const STEPS_MAX = 24;
const MILLI = 1e6;

function stepsOf(seed: number): Step[] {
  const draw = seeded(seed);
  const pick = (most: number): number => Math.floor(draw() * most);
  const instrument = (): number => INSTRUMENTS[pick(INSTRUMENTS.length)]!;
  const ticks = (): number => MARK_TICKS - 6 + pick(12);
  return Array.from({ length: 8 + pick(STEPS_MAX - 8) }, (_, at): Step => {
    const dice = at === 0 ? 0 : draw();
    const lots = 1 + pick(20);
    if (dice < 0.26) {
      const tif = draw() < 0.7 ? TimeInForce.Gtc : TimeInForce.Ioc + pick(2);
      return { do: "new", instrument: instrument(), side: 1 + pick(2), ticks: ticks(), lots, tif };
    }
    if (dice < 0.38) return { do: "cancel", which: pick(8) };
    if (dice < 0.48) return { do: "amend", which: pick(8), ticks: ticks(), lots: lots * 2 };
    if (dice < 0.5) return { do: "expire", which: pick(8) };
    if (dice < 0.62) return { do: "trade", instrument: instrument(), ticks: ticks(), lots };
    if (dice < 0.7) return { do: "quote", instrument: instrument(), ticks: ticks(), lots };
    if (dice < 0.75) return { do: "drop" };
    if (dice < 0.79) return { do: "link" };
    if (dice < 0.8) return { do: "mass" };
    return { do: "wait", nanos: pick(4) === 0 ? pick(400) * MILLI : pick(30) * MILLI };
  });
}

/** Habits of a schedule: from nearly perfect to hardly usable. */
function habitsOf(seed: number): VenueHabits {
  const draw = seeded(seed ^ 0x5bd1e995);
  const rate = (most: number): number => (draw() < 0.3 ? 0 : draw() * most);
  return {
    latencyNanosMin: 0,
    latencyNanosMax: 1 + draw() * 60 * MILLI,
    timeoutMillis: 100,
    rejectRate: rate(0.2),
    lossRate: rate(0.3),
    requestLossRate: rate(0.3),
    duplicateRate: rate(0.4),
    outageRate: rate(0.05),
    outageNanos: 150 * MILLI,
    queueLotsMax: 10,
    feeMinorPerLot: draw() < 0.5 ? 3 : 0,
    feeCurrency: draw() < 0.5 ? BASE : 0,
  };
}

/** One schedule in the making. */
class Run {
  readonly ids: bigint[] = [];
  readonly clientIds: number[] = [];
  readonly venue: VenueUnderTest;
  private readonly desk: VenueDesk;
  private readonly sent = new Map<bigint, number>();

  constructor(desk: VenueDesk, make: MakeVenue, seed: number, held: ReturnType<VenueDesk["held"]>) {
    this.desk = desk;
    numbersFrom += 10_000;
    const draw = seeded(seed ^ 0x2545f491);
    const sink: ReportSink = (kind, fields) => desk.send(kind, fields as Fields);
    this.venue = make(VENUE, habitsOf(seed), draw, sink, numbersFrom);
    this.venue.nowNanos = desk.nowNanos;
    for (const [id, { lots }] of held) this.venue.positions.set(id, lots);
    desk.onRequest = (request) => {
      if (request.kind === Kind.VenueOrderNew) {
        this.ids.push(request.orderId);
        this.sent.set(request.orderId, (this.sent.get(request.orderId) ?? 0) + 1);
      }
      this.venue.send(request);
    };
  }

  /** Runs venue and core forward together. */
  wait(nanos: number): void {
    const end = this.desk.nowNanos + nanos;
    for (;;) {
      const next = Math.min(this.venue.nextNanos(), this.desk.deadlineNanos);
      if (next > end) break;
      this.desk.nowNanos = Math.max(this.desk.nowNanos, next);
      this.venue.advance(this.desk.nowNanos);
      this.desk.tick();
    }
    this.desk.nowNanos = end;
    this.venue.advance(end);
  }

  step(step: Step): void {
    const { desk, venue } = this;
    const who = { account: ACCOUNT, instrument: 1 };
    if (step.do === "new") {
      const clientId = desk.nextClientId();
      this.clientIds.push(clientId);
      desk.send(Kind.OrderNew, {
        ...{ account: ACCOUNT, instrument: step.instrument, clientId, side: step.side },
        ...{ type: OrderType.Limit, tif: step.tif, priceTicks: step.ticks, qtyLots: step.lots },
      });
    } else if (step.do === "cancel" || step.do === "amend") {
      const clientId = this.clientIds[step.which % Math.max(this.clientIds.length, 1)] ?? 1;
      if (step.do === "cancel") return desk.send(Kind.OrderCancel, { ...who, clientId });
      const fields = AmendField.Price | AmendField.Qty;
      const { ticks: priceTicks, lots: qtyLots } = step;
      desk.send(Kind.OrderAmend, { ...who, clientId, fields, priceTicks, qtyLots });
    } else if (step.do === "expire") {
      venue.expire(this.ids[step.which % Math.max(this.ids.length, 1)] ?? 0n);
    } else if (step.do === "trade") venue.trade(step.instrument, step.ticks, step.lots);
    else if (step.do === "quote") {
      const ask = [step.ticks + 1, step.lots] as const;
      venue.quote(step.instrument, [step.ticks, step.lots], ask);
    } else if (step.do === "drop") venue.disconnect();
    else if (step.do === "link") venue.connect();
    else if (step.do === "mass") desk.send(Kind.MassCancel, { ...who, scope: 2, clientId: 1 });
    else this.wait(step.nanos);
  }

  /** The venue behaves from now on; its link breaks once more, and all that is out comes in. */
  settle(): void {
    const { latencyNanosMin, latencyNanosMax, timeoutMillis } = this.venue.habits;
    const { feeMinorPerLot, feeCurrency } = this.venue.habits;
    const none = {
      rejectRate: 0,
      lossRate: 0,
      requestLossRate: 0,
      duplicateRate: 0,
      outageRate: 0,
    };
    this.venue.habits = {
      ...{ latencyNanosMin, latencyNanosMax, timeoutMillis, feeMinorPerLot, feeCurrency, ...none },
      ...{ outageNanos: 0, queueLotsMax: 0 },
    };
    this.wait(200 * MILLI);
    this.venue.disconnect();
    this.venue.connect();
    for (let round = 0; round < 200; round++) {
      if (Math.min(this.venue.nextNanos(), this.desk.deadlineNanos) === Infinity) return;
      this.wait(200 * MILLI);
    }
  }

  /** The first thing in which the engine and the venue do not agree. */
  wrong(before: ReturnType<VenueDesk["held"]>): string | undefined {
    const { desk, venue } = this;
    if (venue.repeated > 0) return `${venue.repeated} orders arrived twice`;
    for (const [id, count] of this.sent)
      if (count > 1) return `order ${id} was sent ${count} times`;
    const lots = new Map<number, number>();
    const flow = new Map<number, bigint>();
    const locked: Record<number, bigint> = { [QUOTE]: 0n, [BASE]: 0n };
    const moved: Record<number, bigint> = { [QUOTE]: 0n, [BASE]: 0n };
    const open = new Map<string, number>();
    for (const id of this.ids) {
      const truth = venue.orders.get(id);
      const is = desk.order(id);
      const said = `order ${id} is ${OrderState[is.state]}, ${is.filled} filled`;
      if (!isRight(is.state, truth) || is.filled !== (truth?.filledLots ?? 0)) {
        const state = truth === undefined ? "unknown" : OrderState[truth.state];
        return `${said}; at the venue ${state}, ${truth?.filledLots ?? 0} filled`;
      }
      if (truth === undefined) continue;
      const { instrument, side } = truth;
      const sign = side === Side.Buy ? 1 : -1;
      for (const fill of truth.fills) {
        const [ticks, qty] = [Number(fill.priceTicks), sign * Number(fill.qtyLots)];
        lots.set(instrument, (lots.get(instrument) ?? 0) + qty);
        flow.set(instrument, (flow.get(instrument) ?? 0n) - BigInt(ticks * qty));
        if (instrument !== CASH) continue;
        const isBuy = side === Side.Buy;
        moved[BASE]! += cashBase(qty);
        moved[QUOTE]! -= BigInt(sign) * cashValue(ticks, Math.abs(qty), isBuy);
      }
      if (truth.state !== OrderState.Live) continue;
      if (is.leaves !== truth.qtyLots - truth.filledLots) return `${said}, ${is.leaves} left`;
      const key = `${instrument} ${side}`;
      open.set(key, (open.get(key) ?? 0) + is.leaves);
      if (instrument !== CASH) continue;
      if (side === Side.Buy) locked[QUOTE]! += cashLock(truth.priceTicks, is.leaves);
      else locked[BASE]! += cashBase(is.leaves);
    }
    const none = { lots: 0, flow: 0n };
    for (const [instrument, held] of desk.held()) {
      const was = before.get(instrument) ?? none;
      const moved = held.lots - was.lots;
      if (moved !== (lots.get(instrument) ?? 0)) return `position of ${instrument} moved ${moved}`;
      if (held.lots !== (venue.positions.get(instrument) ?? 0)) return `position of ${instrument}`;
      const isMoney = held.flow - was.flow === (flow.get(instrument) ?? 0n);
      if (instrument !== CASH && !isMoney) return `money of ${instrument}`;
      if (held.openBuyLots !== (open.get(`${instrument} 1`) ?? 0)) return `buys of ${instrument}`;
      if (held.openSellLots !== (open.get(`${instrument} 2`) ?? 0)) return `sells of ${instrument}`;
    }
    return balancesWrong(before, desk.held(), moved, locked);
  }
}

/** Contracts move what they realized, cash what it is worth; open orders of cash hold it back. */
function balancesWrong(
  before: ReturnType<VenueDesk["held"]>,
  after: ReturnType<VenueDesk["held"]>,
  moved: Record<number, bigint>,
  locked: Record<number, bigint>,
): string | undefined {
  const [one] = after.values();
  if (one === undefined) return undefined;
  const [was] = before.values();
  let realized = 0n;
  for (const [instrument, held] of after) {
    if (instrument === CASH) continue;
    realized += held.realized - (before.get(instrument)?.realized ?? 0n);
  }
  for (const currency of [QUOTE, BASE]) {
    const cash = one.cash[currency]! - (was?.cash[currency] ?? START);
    const wants = moved[currency]! + (currency === QUOTE ? realized : 0n);
    if (cash !== wants) return `cash in ${currency} moved ${cash}, not ${wants}`;
    const held = one.locked[currency];
    if (held !== locked[currency]) return `${currency}: ${held} held, not ${locked[currency]}`;
  }
  return undefined;
}

/** Every life of a venue numbers its orders and fills anew. */
let numbersFrom = 0;

/** An order that arrived after two answers that it was unknown is Rejected here and ended there. */
function isRight(state: OrderState, truth: VenueOrder | undefined): boolean {
  if (truth === undefined) return state === OrderState.Rejected;
  if (truth.state === OrderState.Live) {
    return state === (truth.filledLots > 0 ? OrderState.PartlyFilled : OrderState.Live);
  }
  return state === truth.state || state === OrderState.Rejected;
}

function scheduleWrong(
  desk: VenueDesk,
  make: MakeVenue,
  seed: number,
  steps: readonly Step[],
): string | undefined {
  const before = desk.held();
  const run = new Run(desk, make, seed, before);
  run.venue.connect();
  run.wait(150 * MILLI);
  for (const step of steps) run.step(step);
  run.settle();
  let wrong = run.wrong(before);
  // Nothing stays open, or the next schedule would find it.
  desk.send(Kind.MassCancel, { account: ACCOUNT, scope: 2, clientId: 1 });
  run.wait(300 * MILLI);
  run.settle();
  wrong ??= run.wrong(before);
  run.venue.disconnect();
  return wrong;
}

/** Takes steps out as long as the schedule stays wrong. */
function shrink(desk: VenueDesk, make: MakeVenue, seed: number, steps: readonly Step[]): Step[] {
  let least = [...steps];
  for (let at = 0; at < least.length;) {
    const fewer = least.filter((_, index) => index !== at);
    if (scheduleWrong(new VenueDesk(), make, seed, fewer) === undefined) at += 1;
    else least = fewer;
  }
  return least;
}
