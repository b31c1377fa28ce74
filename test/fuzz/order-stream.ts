// Random input of the order role: mostly sensible, sometimes not; switches and limits that go on
// and off again, so that trading goes on under all of them.
import {
  AmendField,
  Execution,
  InstrumentKind,
  InstrumentPhase,
  Kind,
  MarkSource,
  OrderState,
  OrderType,
  PositionMode,
  QueryPart,
  Scope,
  Side,
  SpecFlag,
  TimeInForce,
  TradingMode,
  TrailUnit,
} from "../../asm/vocab.ts";
import type { CoreBuild } from "../../src/core/core.ts";
import { BASE_NANOS, OrderCore } from "../asm/order-core.ts";
import {
  randomLimits,
  randomRelease,
  randomRestriction,
  randomSchedule,
  tightSchedule,
} from "./order-risk-stream.ts";
import { NO_BAND, type TwinBand } from "../reference/order-auction.ts";
import { addQueues, QUEUE_SOME, QueueStream } from "./order-queue.ts";
import { randomFees } from "./order-fees.ts";
import { addRoutes, ROUTED_SOME, RoutedStream } from "./order-routed.ts";
import { LINEAR } from "../reference/order-kind.ts";
import { OrderTwin, type Row, type TwinOrder } from "../reference/order-twin.ts";
import { withFields } from "../reference/row.ts";
import { expiryChange } from "./order-expiries.ts";
import { linkedLeg, linkedRow } from "./order-links.ts";
import { randomMark } from "./order-marks.ts";
import { randomRules } from "./order-rules.ts";
import { RepeatStream } from "./order-repeats.ts";

export const ACCOUNTS = [1, 2, 3, 4, 5];
/** What queries ask for in turn. */
const PARTS = [
  ...[QueryPart.State, QueryPart.Limits, QueryPart.State, QueryPart.Limits],
  QueryPart.Strategies,
];
/** Begins with legs; others take them on now and then while they are flat. */
export const HEDGING = 5;
/** Strategy 7 is account 1's, 8 is account 2's. */
export const STRATEGIES = [7, 8];
export const INTERNAL = 1;
export const PAPER = 2;
/** Mostly in auctions. */
export const OTHER = 3;
/** 4 and 5 model the queue, 9 is unknown. */
export const [SPOT, INVERSE, FUTURE, SPOT_PAPER] = [6, 7, 8, 10];
const SPECIAL = [
  SPOT,
  SPOT,
  SPOT,
  SPOT,
  SPOT,
  ...[1, 2, 3, 4].map(() => INVERSE),
  FUTURE,
  FUTURE,
  SPOT_PAPER,
];
const CASH = [SPOT, SPOT_PAPER];
/** Halts when a trade would leave its band. */
export const BANDED = 21;
/** A fixed band that only holds market orders. */
export const FIXED = 22;
const AUCTIONS = [Kind.AuctionCall, Kind.AuctionUncross];
const INSTRUMENTS = [INTERNAL, PAPER, OTHER, BANDED, FIXED];
const BANDS: Record<number, TwinBand> = {
  [BANDED]: { bps: 60, isVolatile: true, fixed: 0 },
  [FIXED]: { bps: 900, isVolatile: false, fixed: 1010 },
};
const STOP_TYPES = [
  OrderType.Stop,
  OrderType.StopLimit,
  OrderType.LimitIfTouched,
  OrderType.MarketIfTouched,
];
const TRAILING_TYPES = [OrderType.TrailingStop, OrderType.TrailingStopLimit];
/** Specs as they were first, by instrument. */
const RULES = new Map<number, Record<string, unknown>>();
const STALE_MILLIS = 60_000;
const STEP_NANOS = 100_000;
const HOUR_NANOS = 3_600e9;
/** Inputs from one full disk to the next, and how many one lasts; no draw, so no stream moves. */
const DISK_PERIOD = 2_000;
const DISK_LASTS = 24;
/** Switches and limits in force at once; one more first takes one off. */
const ACTIVE_MAX = 5;

/** A core, of another build if one is given, and its twin, configured alike. */
export function makePair(seed: number, build?: CoreBuild): [OrderCore, OrderTwin] {
  const core = OrderCore.create(build);
  const [maker, taker] = [-20_000 * (seed % 3), 70_000 * (seed % 4)];
  const twin = new OrderTwin(ACCOUNTS, maker, taker);
  twin.baseNanos = BASE_NANOS;
  // 3/7 of a minor unit per tick x lot: every conversion has a remainder. A small window makes
  // prices leave it.
  const spec = { tickExponent: -2, multiplierNum: 3, multiplierDen: 7, ladderTicks: 64 };
  for (const id of INSTRUMENTS) {
    const execution = id === PAPER ? Execution.Paper : Execution.Internal;
    const isStrict = id === PAPER || id === OTHER;
    const band = BANDS[id] ?? NO_BAND;
    const specFlags =
      (isStrict ? SpecFlag.StopStrict : 0) |
      (band.isVolatile ? SpecFlag.VolatilityHalt : 0) |
      (band.fixed > 0 ? SpecFlag.BandStatic : 0);
    const bands = { bandBps: band.bps, referenceTicks: band.fixed };
    const fields = { ...spec, execution, staleMillis: STALE_MILLIS, specFlags, ...bands };
    core.instrument(id, fields);
    twin.instrument(id, execution, STALE_MILLIS, isStrict, band);
    RULES.set(id, OrderCore.specOf(id, fields));
  }
  addKinds(core, twin, seed);
  addQueues(core, twin, { ...spec, staleMillis: STALE_MILLIS });
  addRoutes(core, twin, seed, STALE_MILLIS);
  core.send(Kind.FeeSchedule, { makerPerBillion: maker, takerPerBillion: taker });
  for (const id of ACCOUNTS) {
    const positionMode = id === HEDGING ? PositionMode.Hedging : PositionMode.Netting;
    core.account(id, { positionMode });
    twin.account(id, 0, 0, positionMode);
    core.send(Kind.CashAdjust, { account: id, currency: 1, amountMinor: 10_000 * id });
    twin.money.deposit(id, 10_000n * BigInt(id));
    if (id < 3) continue;
    core.send(Kind.CashAdjust, { account: id, currency: 2, amountMinor: 700_000 * id });
    twin.money.deposit(id, 700_000n * BigInt(id), 2);
  }
  STRATEGIES.forEach((id, at) => {
    core.send(Kind.Strategy, { id, account: ACCOUNTS[at]! });
    twin.strategies.set(id, ACCOUNTS[at]!);
  });
  return [core, twin];
}

/** Spot on a book and on paper, an inverse perpetual, and a future that expires during the run. */
function addKinds(core: OrderCore, twin: OrderTwin, seed: number): void {
  core.send(Kind.Currency, { id: 2, minorExponent: -4, code: "BTC" });
  twin.money.currencies.exponents.set(2, -4);
  const rest = { tickExponent: -2, multiplierNum: 3, multiplierDen: 7, ladderTicks: 64 };
  const spec = { ...rest, staleMillis: STALE_MILLIS, base: 2 };
  const cash = { ...LINEAR, kind: InstrumentKind.Spot, base: 2 };
  for (const [id, execution] of [
    [SPOT, Execution.Internal],
    [SPOT_PAPER, Execution.Paper],
  ] as const) {
    // A lot is 0.21 of the base; a tick x lot is 0.21 cent of the quote.
    const fields = { ...spec, specKind: InstrumentKind.Spot, execution, multiplierDen: 1 };
    const markSource = id === SPOT ? MarkSource.Last : MarkSource.Mid;
    core.instrument(id, { ...fields, lotMantissa: 7, lotExponent: -2, markSource });
    twin.money.specs.set(id, { ...cash, num: 21n, den: 100n, baseMinor: 2_100n });
    twin.instrument(id, execution, STALE_MILLIS);
    twin.markSource(id, markSource);
  }
  // A lot is worth 3/7 of the quote, so at a price of 10.00 about 429 minor units of the base.
  const specKind = InstrumentKind.InversePerpetual;
  core.instrument(INVERSE, { ...spec, specKind, settlement: 2, markSource: MarkSource.Mark });
  const value = { inverseNum: 3_000_000n, inverseDen: 7n };
  twin.money.specs.set(INVERSE, { ...LINEAR, kind: specKind, settlement: 2, ...value });
  twin.instrument(INVERSE, Execution.Internal, STALE_MILLIS);
  twin.markSource(INVERSE, MarkSource.Mark);
  const expiry = (20 + 50 * (seed % 4)) * HOUR_NANOS;
  const expiryNanos = BASE_NANOS + BigInt(expiry);
  core.instrument(FUTURE, {
    ...spec,
    specKind: InstrumentKind.Future,
    expiryNanos,
    markSource: MarkSource.Mid,
  });
  twin.money.specs.set(FUTURE, { ...LINEAR, kind: InstrumentKind.Future });
  twin.instrument(FUTURE, Execution.Internal, STALE_MILLIS);
  twin.markSource(FUTURE, MarkSource.Mid);
  twin.dues.set(FUTURE, expiry);
}

/** Makes one input after the other; looks at the twin to name orders that exist. */
export class OrderStream {
  /** Time of the next input, since the clock base. */
  nowNanos = 0;
  private readonly random: () => number;
  private readonly twin: OrderTwin;
  private step = 0;
  private versions = 1;
  /** Records that take off what is in force. */
  private readonly active: [Kind, Row][] = [];
  private quote: Row = {};
  /** What comes before the future's expiry, and how far time then goes on. */
  private readonly before: [Kind, Row][] = [];
  private waited = 0;
  /** Whose state is asked for next, 0 = nobody's. */
  private asked = 0;
  /** The order sent last. */
  private last: [Kind, Row] | [Kind] = [Kind.OrderNew];
  private readonly queues: QueueStream;
  private readonly routes: RoutedStream;
  /** Mostly about venues. */
  private readonly isRouted: boolean;
  /** Share of inputs that only make way for what the rest of a seed seldom reaches. */
  private readonly rareShare: number;
  private readonly repeats: RepeatStream;
  private readonly replaces: RepeatStream;

  constructor(
    random: () => number,
    twin: OrderTwin,
    queueShare = QUEUE_SOME,
    routedShare = ROUTED_SOME,
    rareShare = 0,
  ) {
    this.rareShare = rareShare;
    this.routes = new RoutedStream(random, twin, routedShare);
    this.random = random;
    this.twin = twin;
    this.queues = new QueueStream(random, queueShare);
    this.isRouted = routedShare.orders > 0.5;
    this.repeats = new RepeatStream(random, this.isRouted ? 0.1 : 0.05);
    this.replaces = new RepeatStream(random, 0.1);
  }

  next(): [Kind, Row] {
    this.step++;
    const jump = this.random();
    this.nowNanos += STEP_NANOS;
    if (jump < 0.01) {
      const nanos = jump < 0.002 ? 24 * HOUR_NANOS : Math.floor(this.random() * HOUR_NANOS);
      // A stuck liquidation tries again once a minute.
      const isStuck = this.twin.margin.liquidations.length > 0;
      const most = Math.min(nanos, this.routes.patienceNanos(), isStuck ? HOUR_NANOS : nanos);
      this.nowNanos += this.upToExpiry(most);
    }
    if (this.step < 4 && this.chance(0.1)) return this.accountMode();
    const disk = (this.step % DISK_PERIOD) - DISK_PERIOD / 2;
    // The second says nothing new.
    if (disk === 0 || disk === DISK_LASTS / 2) return [Kind.DiskSpace, { full: 1 }];
    if (disk === DISK_LASTS) return [Kind.DiskSpace, { full: 0 }];
    if (this.asked !== 0) return this.ask();
    const before = this.before.shift();
    if (before !== undefined) return before;
    if (this.waited > 0) {
      this.nowNanos += Math.min(this.waited, this.routes.patienceNanos());
      this.waited = 0;
    }
    if (this.chance(0.02)) return this.auction();
    if (this.chance(0.016)) return this.mark();
    if (this.chance(0.009)) return randomFees((most) => this.pick(most), this.account());
    if (this.rareShare > 0 && this.chance(this.rareShare)) return this.rare();
    if (this.queues.isNext()) return this.queues.market(this.drift());
    if (this.routes.isNext()) return this.routes.next(this.drift());
    const dice = this.random();
    if (dice < 0.07) return this.config();
    // Whom liquidation left in reduce-only trades again, as a human would let it.
    const stuck = dice < 0.09 ? ACCOUNTS.find((id) => this.twin.risk.modeOf(id) !== 0) : undefined;
    if (stuck !== undefined) return this.resume(stuck);
    if (dice < 0.074) return this.release();
    if (dice < 0.48) return this.order();
    if (dice < 0.82) return this.change(dice < 0.62);
    if (dice < 0.862) return this.many(dice < 0.855);
    if (dice < 0.93) return [Kind.TopOfBook, this.nextQuote()];
    const instrument = this.chance(0.02) ? INTERNAL : this.chance(0.15) ? SPOT_PAPER : PAPER;
    const priceTicks = this.drift() + this.pick(24) - 12;
    return [Kind.TradePrint, { instrument, priceTicks, qtyLots: this.lots() }];
  }

  /** Mostly not beyond the future's expiry before it has legs and a middle to settle at. */
  private upToExpiry(nanos: number): number {
    const due = this.twin.dues.get(FUTURE) ?? Infinity;
    const left = due - this.nowNanos;
    if (left > nanos || left < HOUR_NANOS / 60 || this.chance(0.1)) return nanos;
    const order = { instrument: FUTURE, type: OrderType.Limit, tif: TimeInForce.Gtc, qtyLots: 30 };
    const [buyer, seller] = this.chance(0.5) ? [3, 4] : [4, 3];
    const [low, high] = [this.drift() - this.pick(9) - 1, this.drift() + this.pick(9) + 1];
    const buy = { ...order, account: buyer, side: Side.Buy, priceTicks: low };
    const sell = { ...order, account: seller, side: Side.Sell, priceTicks: high };
    for (const [at, row] of [buy, sell].entries()) {
      const positionSide = this.leg(row.account, FUTURE);
      const clientId = 2_000_000 + this.step * 2 + at;
      this.before.push([Kind.OrderNew, { ...row, positionSide, clientId }]);
    }
    this.before.push(this.futureLeg(this.drift()));
    this.waited = nanos;
    return 0;
  }

  /** A leg of the future from outside, so that some are held when it settles. */
  private futureLeg(priceTicks: number): [Kind, Row] {
    const positionSide = 1 + this.pick(2);
    const lots = (positionSide === 1 ? 1 : -1) * (1 + this.pick(60));
    const leg = { instrument: FUTURE, account: HEDGING, positionSide, lots };
    return [Kind.PositionAdjust, { ...leg, priceTicks }];
  }

  /** What is left of the account a schedule was just made for. */
  private ask(): [Kind, Row] {
    const account = this.asked;
    this.asked = 0;
    return [Kind.StateQuery, { account, clientId: this.step, instrument: 0, part: 0 }];
  }

  private pick(most: number): number {
    return Math.floor(this.random() * most);
  }

  private chance(of: number): boolean {
    return this.random() < of;
  }

  private one<T>(list: readonly T[]): T {
    return list[this.pick(list.length)]!;
  }

  private drift(): number {
    return 1000 + Math.round(150 * Math.sin(this.step / 300));
  }

  private lots(): number {
    return this.chance(0.01) ? 0 : 1 + this.pick(70);
  }

  private price(): number {
    const spread = this.chance(0.1) ? 400 : 12;
    return this.chance(0.01) ? 0 : this.drift() + this.pick(spread * 2) - spread;
  }

  /** True when the band's book holds orders that a trade of today could not reach. */
  private isFar(): boolean {
    const { buys, sells, last, auction } = this.twin.instruments.get(BANDED)!;
    const reach = (last * auction.band.bps) / 10_000;
    const [bid, ask] = [buys.at(-1)?.price ?? last, sells.at(-1)?.price ?? last];
    return ask > last + reach || bid < last - reach;
  }

  private priceOf(instrument: number, type: OrderType): number {
    if (type === OrderType.TrailingStopLimit) return this.pick(30) - 15;
    return instrument === BANDED ? this.bandedPrice() : this.price();
  }

  /** Around the band's own middle, which the drift of the others leaves behind. */
  private bandedPrice(): number {
    const middle = this.twin.instruments.get(BANDED)!.last || this.drift();
    return middle + this.pick(13) - 6;
  }

  private instrument(): number {
    const dice = this.random();
    const called = [...INSTRUMENTS, SPOT].filter(
      (id) => this.twin.phaseOf(id) === InstrumentPhase.Call,
    );
    if (called.length > 0 && this.chance(0.3)) return this.one(called);
    if (dice < 0.3) return this.one(SPECIAL);
    if (dice < 0.88) return dice < 0.31 ? 9 : dice < 0.6 ? INTERNAL : PAPER;
    return dice < 0.94 ? OTHER : dice < 0.985 ? BANDED : FIXED;
  }

  private mark(): [Kind, Row] {
    const instrument = this.chance(0.6) ? INVERSE : this.instrument();
    const now = BASE_NANOS + BigInt(this.nowNanos);
    return randomMark((most) => this.pick(most), instrument, this.drift(), now);
  }

  /** Calls and uncrosses: what is not continuous becomes so, and OTHER begins another call. */
  private auction(): [Kind, Row] {
    const stuck = [...INSTRUMENTS, SPOT].filter(
      (id) => id !== PAPER && this.twin.phaseOf(id) !== InstrumentPhase.Continuous,
    );
    if (this.chance(0.03)) return [this.one(AUCTIONS), { instrument: 9 }];
    const begins = stuck.length === 0 || this.chance(0.25);
    const some = this.chance(0.2) ? SPOT : this.instrument();
    const instrument = begins ? (this.chance(0.6) ? OTHER : some) : this.one(stuck);
    const isCall = this.twin.phaseOf(instrument) === InstrumentPhase.Call;
    const kind =
      isCall !== this.chance(isCall ? 0.6 : 0.1) ? Kind.AuctionUncross : Kind.AuctionCall;
    const phase = this.chance(0.4) ? this.pick(7) : 0;
    const reference = this.chance(0.03) ? -1 : this.drift() + this.pick(30) - 15;
    return [kind, { instrument, phase, referenceTicks: this.chance(0.6) ? 0 : reference }];
  }

  private account(): number {
    return this.chance(0.01) ? 99 : this.one(ACCOUNTS);
  }

  private order(): [Kind, Row] {
    const isRejected = ({ account, clientId }: Row): boolean =>
      this.twin.orders.get(`${account}/${clientId}`)?.state === OrderState.Rejected;
    const again = this.repeats.again(this.isRouted ? isRejected : undefined);
    if (again !== undefined) return [Kind.OrderNew, again];
    const [kind, row] = this.orderFresh();
    return [kind, this.repeats.sent(row!)];
  }

  private orderFresh(): [Kind, Row] | [Kind] {
    const account = this.account();
    const instrument = this.instrument();
    const isCall = this.twin.phaseOf(instrument) === InstrumentPhase.Call;
    // Market orders that wait for an uncross, and such as walk out of a band.
    const isDeep = instrument === BANDED && !isCall && this.chance(this.isFar() ? 0.9 : 0.03);
    const isMarket = isDeep || (isCall && this.chance(0.2));
    const type = isMarket ? OrderType.Market : this.type();
    const deep = isDeep ? 8 : 1;
    const isAuctionOnly = isCall && this.chance(0.25);
    const plain = this.chance(0.02) ? this.pick(8) : this.chance(0.6) ? 1 : 1 + this.pick(5);
    const tif = isAuctionOnly ? 6 + this.pick(2) : plain;
    const hasStop = STOP_TYPES.includes(type) ? !this.chance(0.02) : this.chance(0.005);
    const trail = this.trail(type);
    // Sent again by mistake: the same order under another id.
    if (this.last[1] !== undefined && this.chance(0.13)) {
      return [Kind.OrderNew, withFields(this.last[1], { clientId: this.step })];
    }
    const owned = STRATEGIES[ACCOUNTS.indexOf(account)] ?? 0;
    this.last = [
      Kind.OrderNew,
      this.linked({
        instrument,
        account,
        strategy: this.chance(0.02) ? this.one([7, 8, 9]) : this.chance(0.75) ? owned : 0,
        clientId: this.chance(0.03) ? this.pick(this.chance(0.1) ? 1 : this.step) : this.step,
        priceTicks: this.priceOf(instrument, type),
        ...trail,
        stopTicks: hasStop ? this.drift() + this.pick(40) - 20 : 0,
        displayLots: this.chance(0.12) ? this.pick(16) - 1 : 0,
        // Round lots in a call, so that now and then nothing is left over.
        qtyLots: isCall && this.chance(0.6) ? 20 : this.lots() * deep,
        type,
        tif,
        expiresNanos: tif === TimeInForce.Gtd || this.chance(0.005) ? this.expiry() : 0,
        orderFlags: this.chance(0.7) ? 0 : this.chance(0.4) ? 1 : this.chance(0.1) ? 3 : 2,
        selfTrade: this.chance(0.02) ? 6 : this.pick(6),
        side: this.chance(0.01) ? 0 : 1 + this.pick(2),
        positionSide: this.leg(account, instrument),
        ...(this.chance(0.1) ? this.reducing(account) : {}),
      }),
    ];
    return this.last;
  }

  /** A leg where the account has them; now and then none, or one where there are none. */
  leg(account: number, instrument: number): number {
    const isHedging = this.twin.accounts.get(account)?.mode === PositionMode.Hedging;
    const hasLegs = isHedging && !CASH.includes(instrument);
    if (this.chance(hasLegs ? 0.05 : 0.004)) return this.chance(0.5) ? 0 : this.pick(4);
    return hasLegs ? 1 + this.pick(2) : 0;
  }

  /** Makes an order one that reduces a position there is. */
  private reducing(account: number): Row {
    const held = this.twin.money.positionsOf(account).filter(({ lots }) => lots !== 0);
    if (held.length === 0) return {};
    const { lots, instrument, side: positionSide } = this.one(held);
    const side = lots > 0 ? Side.Sell : Side.Buy;
    return { instrument, side, positionSide, orderFlags: 2, tif: 1 };
  }

  /** Close by, so that stops both move and trigger; now and then no distance at all. */
  private trail(type: OrderType): Row {
    const isMeant = TRAILING_TYPES.includes(type) ? !this.chance(0.02) : this.chance(0.003);
    if (!isMeant) return {};
    const trailUnit = this.chance(0.02) ? 3 : 1 + this.pick(2);
    const most = trailUnit === TrailUnit.Ticks ? 25 : 250;
    return { trailUnit, trailOffset: this.chance(0.02) ? this.pick(3) * 6_000 : this.pick(most) };
  }

  private amendTrail(who: Row, order: TwinOrder): [Kind, Row] {
    const isTicks = order.trail!.unit === TrailUnit.Ticks;
    const some = [AmendField.Price, AmendField.Qty, AmendField.Trail, AmendField.Stop];
    const fields = some.reduce((sum, bit) => (this.chance(0.35) ? sum | bit : sum), 0);
    const isOne = this.chance(0.5) ? AmendField.Qty : AmendField.Trail;
    const qtyLots = this.chance(0.5) ? order.leaves - 1 : this.lots();
    return [
      Kind.OrderAmend,
      withFields(who, {
        fields: this.chance(0.5) ? isOne : fields,
        priceTicks: this.chance(0.05) ? -5_000 : this.pick(30) - 15,
        trailOffset: this.chance(0.03) ? 20_000 : this.pick(isTicks ? 25 : 250),
        qtyLots,
      }),
    ];
  }

  /** Now and then an order that depends on another, mostly one that could. */
  private linked(row: Row): Row {
    const routed = this.routes.place(row);
    if (routed !== row) return routed;
    const placed = this.queues.place(row);
    if (placed !== row || !this.chance(0.46)) return placed;
    const linked = linkedRow(row, this.random, this.twin, [INTERNAL, SPOT]);
    const leg = Number(row["positionSide"]);
    return leg === 0 ? linked : linkedLeg(linked, leg, this.random, this.twin);
  }

  /** Some time soon, on a grid so that several orders share it; now and then in the past. */
  private expiry(): bigint {
    const grid = STEP_NANOS * 16;
    const soon = (Math.floor(this.nowNanos / grid) + this.pick(60)) * grid;
    return BASE_NANOS + BigInt(soon);
  }

  private type(): OrderType {
    if (this.chance(0.01)) return OrderType.Pegged;
    if (this.chance(0.23)) return this.one(STOP_TYPES);
    if (this.chance(0.08)) return this.one(TRAILING_TYPES);
    return this.chance(0.15) ? OrderType.Market : OrderType.Limit;
  }

  private change(isCancel: boolean): [Kind, Row] {
    const account = this.account();
    const own = this.twin.open.get(account) ?? [];
    const order = this.chance(0.9) ? own[this.pick(own.length)] : undefined;
    const clientId = order?.clientId ?? this.pick(this.step + 2);
    const byId = this.chance(0.4) && order !== undefined;
    const who = {
      instrument: this.instrument(),
      account: this.chance(0.03) ? ACCOUNTS[0]! : account,
      ...(byId ? { clientId: 0, orderId: order.id } : { clientId }),
    };
    if (isCancel) return [Kind.OrderCancel, who];
    if (this.chance(0.32)) return this.replace(who, order);
    if (this.chance(order?.tif === TimeInForce.Gtd ? 0.35 : 0.01)) {
      const what = expiryChange(this.random, order);
      return [Kind.OrderAmend, Object.assign(who, what, { expiresNanos: this.expiry() })];
    }
    const isArmed = order?.state === OrderState.Armed;
    if (order?.trail !== undefined && isArmed) return this.amendTrail(who, order);
    const fields = this.pick(this.chance(0.05) ? 16 : isArmed ? 8 : 4);
    const stopTicks = this.chance(0.06) ? 0 : this.drift() + this.pick(40) - 20;
    // Now and then a little less of the same, which keeps its place.
    const isLess = order !== undefined && this.chance(0.2);
    // Now and then more than a margin covers.
    // Now and then more than there is margin for.
    const hasMargin = (this.twin.margin.tiers.get(order?.instrument ?? 0) ?? []).length > 0;
    const many = this.chance(hasMargin ? 0.3 : 0.1) ? 25 : 1;
    const qtyLots = isLess ? order.filled + order.leaves - 1 : this.lots() * many;
    const what = { fields, priceTicks: this.price(), stopTicks, qtyLots };
    return [Kind.OrderAmend, Object.assign(who, what)];
  }

  private replace(who: Row, order: TwinOrder | undefined): [Kind, Row] {
    const again = this.replaces.again();
    if (again !== undefined) return [Kind.OrderReplace, again];
    const trails = order?.type === OrderType.TrailingStopLimit;
    const isKnown = order !== undefined && this.chance(0.04);
    const newClientId = isKnown ? order.clientId : this.step;
    const isLess = order !== undefined && this.chance(0.4);
    const what = {
      fields: this.chance(0.03)
        ? 64 + this.pick(64)
        : this.chance(0.2)
          ? this.pick(64)
          : this.pick(4),
      newClientId,
      priceTicks: trails ? this.pick(30) - 15 : this.price(),
      stopTicks: this.drift() + this.pick(40) - 20,
      // Of cash instruments now and then more than the account can pay for.
      qtyLots: isLess
        ? order.filled + order.leaves - 1
        : this.lots() * (CASH.includes(order?.instrument ?? 0) && this.chance(0.4) ? 60 : 1),
      displayLots: this.pick(10),
      trailOffset: this.pick(25),
      expiresNanos: this.expiry(),
    };
    return [Kind.OrderReplace, this.replaces.sent(withFields(who, what))];
  }

  private many(isCancel: boolean): [Kind, Row] {
    const [instrument, account] = [this.instrument(), this.account()];
    if (!isCancel) {
      const which = {
        instrument: this.step % 3 === 0 ? 0 : instrument,
        part: PARTS[this.step % 5]!,
      };
      return [Kind.StateQuery, { account, clientId: this.step, ...which }];
    }
    const scope = this.chance(0.1)
      ? Scope.Global
      : this.one([Scope.Account, Scope.AccountInstrument, Scope.AccountInstrument, Scope.Strategy]);
    const strategy = scope === Scope.Strategy ? this.one(STRATEGIES) : 0;
    const side = this.pick(3);
    return [Kind.MassCancel, { instrument, account, strategy, clientId: this.step, scope, side }];
  }

  private nextQuote(): Row {
    if (this.chance(0.2) && this.quote["instrument"] !== undefined) return this.quote;
    const bidTicks = this.drift() + this.pick(10) - 6;
    const [bidLots, askLots] = [this.pick(5) * 10, this.pick(5) * 10];
    this.quote = {
      instrument: this.chance(0.02) ? INTERNAL : this.chance(0.2) ? SPOT_PAPER : PAPER,
      bidTicks: bidLots === 0 ? 0 : bidTicks,
      askTicks: askLots === 0 ? 0 : bidTicks + 1 + this.pick(4),
      bidLots,
      askLots,
    };
    return this.quote;
  }

  // Configuration ------------------------------------------------------------------------------

  private config(): [Kind, Row] {
    const isOff = this.active.length >= ACTIVE_MAX || this.chance(0.3);
    if (isOff && this.active.length > 0) {
      return this.active.splice(this.pick(this.active.length), 1)[0]!;
    }
    const dice = this.random();
    if (dice < 0.52) return this.limits();
    if (dice < 0.54) return this.restrict();
    if (dice < 0.61) return this.margin();
    if (dice < 0.645) return this.switchOn(Kind.KillSwitch, 1);
    if (dice < 0.74) return this.switchOn(Kind.TradingState, 1 + this.pick(2));
    if (dice < 0.8) return this.phase();
    if (dice < 0.86) return this.trust();
    if (dice < 0.89) return this.accountFlags();
    if (dice < 0.95) return this.positionAdjust();
    if (dice < 0.96) return this.conversion();
    if (dice < 0.98) return this.rules();
    const amountMinor = this.pick(40_000) - 20_000;
    const currency = this.chance(0.8) ? 1 : 1 + this.pick(3);
    return [Kind.CashAdjust, { account: this.account(), currency, amountMinor }];
  }

  /** Other rules for a while; now and then what may not change. */
  private rules(): [Kind, Row] {
    const id = this.one(INSTRUMENTS);
    const row = RULES.get(id) as Row;
    const on = randomRules((most) => this.pick(most), row);
    const version = (): number => (this.chance(0.05) ? 1 : ++this.versions);
    const isBad = this.chance(0.1) ? { tickExponent: -3 } : {};
    const change: Row = Object.assign({}, row, on, isBad, { version: version() });
    return this.on(Kind.InstrumentSpec, change, withFields(row, { version: version() }));
  }

  /** A mark of the second currency, in either direction; some are soon stale, some are wrong. */
  private conversion(): [Kind, Row] {
    const from = this.chance(0.05) ? this.pick(4) : 1 + this.pick(2);
    const to = this.chance(0.05) ? this.pick(4) : 3 - from;
    const [num, den] = [this.pick(40_000), this.chance(0.5) ? 1 : this.pick(3_000)];
    const staleMillis = this.chance(0.5) ? 0 : 1 + this.pick(20);
    return [Kind.ConversionMark, { from, to, num, den, staleMillis }];
  }

  private scope(): Row {
    const strategy = this.chance(0.02) ? 9 : this.one(STRATEGIES);
    const account = this.account();
    const instrument = this.chance(0.8) ? this.one([INTERNAL, PAPER]) : this.instrument();
    return { scope: this.pick(this.chance(0.05) ? 7 : 6), account, strategy, instrument };
  }

  private on(kind: Kind, on: Row, off: Row): [Kind, Row] {
    this.active.push([kind, off]);
    return [kind, on];
  }

  /** A limit of one pair, a fee in another currency, steps of an instrument: most rarely met. */
  private rare(): [Kind, Row] {
    const dice = this.pick(3);
    if (dice === 0) return this.rules();
    if (dice === 1) return this.limits(Scope.AccountInstrument);
    const currency = 1 + this.pick(3);
    return [Kind.FeeSchedule, { makerPerBillion: -5_000_000, takerPerBillion: 0, currency }];
  }

  private limits(of?: Scope): [Kind, Row] {
    const scope = this.scope();
    if (of !== undefined) scope["scope"] = of;
    const on: Row = withFields(
      scope,
      randomLimits((most) => this.pick(most)),
    );
    const isTold = this.twin.money.currencies.newest(1n, 1, 2) !== undefined;
    if (this.chance(isTold ? 0.3 : 0.05)) on["currency"] = this.chance(0.05) ? 3 : 1 + this.pick(2);
    // The rarest refusal: of one pair, a share of what the account has elsewhere too.
    if (scope["scope"] === Scope.AccountInstrument && this.step % 4 === 0) {
      on["concentrationBps"] = 2_000;
    }
    return this.on(Kind.RiskLimits, on, scope);
  }

  private restrict(): [Kind, Row] {
    const row = randomRestriction((most) => this.pick(most), this.scope());
    return this.on(
      Kind.RestrictedList,
      withFields(row, { state: 1 }),
      withFields(row, { state: 0 }),
    );
  }

  private margin(): [Kind, Row] {
    if (this.chance(0.06)) {
      // An inverse long, whose liquidation price lies far below.
      const longs = this.twin.money.holders(INVERSE).filter(({ lots }) => lots > 0);
      this.asked = longs.length > 0 ? this.one(longs).account : 0;
      const row = { instrument: INVERSE, maintenanceBps: 100 + this.pick(900) };
      return this.on(Kind.MarginSchedule, row, { instrument: INVERSE, initialBps: 0 });
    }
    // Mostly where somebody holds something, and more than its margin lets.
    const account = this.one([1, 1, 2, 2, 3, 4]);
    const held = this.twin.money
      .positionsOf(account)
      .filter((one) => one.lots !== 0 && !CASH.includes(one.instrument));
    if (held.length > 0 && this.chance(0.7)) {
      const { instrument } = this.one(held);
      const row = tightSchedule((most) => this.pick(most), instrument);
      return this.on(Kind.MarginSchedule, row, { instrument, initialBps: 0 });
    }
    const instrument = this.chance(0.25) ? INVERSE : this.instrument();
    const known = this.twin.margin.tiers.get(instrument) ?? [];
    const row = randomSchedule((most) => this.pick(most), instrument, known.length);
    if (Number(row["tier"] ?? 0) > 0) return [Kind.MarginSchedule, row];
    return this.on(Kind.MarginSchedule, row, { instrument, initialBps: 0 });
  }

  private resume(account: number): [Kind, Row] {
    if (this.chance(0.4)) {
      return [Kind.CashAdjust, { account, currency: 1 + this.pick(2), amountMinor: 20_000 }];
    }
    return [Kind.TradingState, { scope: Scope.Account, account, state: 0 }];
  }

  private release(): [Kind, Row] {
    const at = this.pick(STRATEGIES.length);
    const strategy = this.chance(0.03) ? 9 : STRATEGIES[at]!;
    const account = this.chance(0.06) ? this.account() : ACCOUNTS[at]!;
    const who = { strategy, account, instrument: this.instrument(), clientId: this.step };
    return randomRelease((most) => this.pick(most), who);
  }

  private switchOn(kind: Kind, state: number): [Kind, Row] {
    const scope = this.scope();
    const cancelOpen = kind === Kind.KillSwitch && this.chance(0.75) ? 1 : 0;
    const mode = this.chance(0.02) ? TradingMode.Liquidating : state;
    const on = withFields(scope, { state: mode, cancelOpen });
    return this.on(kind, on, withFields(scope, { state: 0 }));
  }

  private phase(): [Kind, Row] {
    const instrument = this.instrument();
    const on = { instrument, state: this.pick(7) };
    return this.on(Kind.InstrumentState, on, { instrument, state: InstrumentPhase.Continuous });
  }

  private trust(): [Kind, Row] {
    const instrument = this.chance(0.8) ? PAPER : INTERNAL;
    return this.on(Kind.BookTrust, { instrument, state: 0 }, { instrument, state: 1 });
  }

  private positionAdjust(): [Kind, Row] {
    const priceTicks = this.chance(0.1) ? 0 : this.price();
    if (this.chance(0.1)) return this.futureLeg(priceTicks);
    const reducing = [...this.twin.open.values()].flat().filter((order) => order.orderFlags & 2);
    if (reducing.length > 0 && this.chance(0.6)) {
      const inside = reducing.filter((order) => order.instrument === INTERNAL);
      const paired = reducing.filter((order) => order.family.pair !== 0);
      const isPaired = paired.length > 0 && this.chance(0.4);
      const some = isPaired ? paired : inside.length > 0 && this.chance(0.4) ? inside : reducing;
      const { account, instrument, side, leaves, positionSide } = this.one(some);
      // Half of them leave a part of what the order would reduce.
      const held = Math.abs(this.twin.money.position(account, instrument, positionSide).lots);
      const part = Math.max(1, held - 1 - this.pick(leaves));
      const qty = isPaired ? held : this.chance(0.5) ? part : 1 + this.pick(leaves * 2);
      const lots = (side === Side.Sell ? -1 : 1) * qty;
      return [Kind.PositionAdjust, { instrument, account, positionSide, lots, priceTicks }];
    }
    const lots = this.chance(0.1) ? 0 : this.pick(120) - 60;
    const [instrument, account] = [this.instrument(), this.account()];
    const positionSide = this.chance(0.15) ? this.pick(4) : this.leg(account, instrument);
    return [Kind.PositionAdjust, { instrument, account, positionSide, lots, priceTicks }];
  }

  /** The other position mode: refused unless the account is flat and has nothing open. */
  private accountMode(): [Kind, Row] {
    const id = this.one(ACCOUNTS);
    const positionMode = 1 - this.twin.accounts.get(id)!.mode;
    return [Kind.Account, { id, currency: 1, positionMode }];
  }

  private accountFlags(): [Kind, Row] {
    const id = this.one(ACCOUNTS);
    if (this.chance(0.1)) return this.accountMode();
    const positionMode = this.twin.accounts.get(id)!.mode;
    const account = { id, currency: 1, selfTrade: this.pick(6), positionMode };
    return this.on(Kind.Account, withFields(account, { accountFlags: 1 + this.pick(2) }), account);
  }
}
