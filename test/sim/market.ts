// What comes in: ticks of a market that wanders, with gaps, repeats, late and nonsensical ones, and
// commands of accounts that know their own orders only.
import { type Core } from "../../src/core/core.ts";
import { record } from "../asm/spine-core.ts";
import {
  BOOK_LEVELS,
  BOOK_ASKS,
  BOOK_BIDS,
  BookRule,
  CandleType,
  CELL_BYTES,
  Contingency,
  Execution,
  Flag,
  IndicatorKind,
  InstrumentKind,
  InstrumentPhase,
  Kind,
  LEVEL_BYTES,
  LEVEL_PRICE_TICKS,
  LEVEL_QTY_LOTS,
  MarkSource,
  ModelRule,
  OrderType,
  REC_FLAGS,
  Scope,
  SelfTrade,
  Side,
  StrategyKind,
  TimeInForce,
} from "../../asm/vocab.ts";
import { writeI64 } from "../../src/protocol.ts";
import type { Ring } from "../../src/rings/ring.ts";
import { writeRow } from "../fuzz/order-bytes.ts";
import type { Row } from "../reference/order-twin.ts";
import type { Draw, Profile } from "./plan.ts";

export const [INTERNAL, PAPER, ROUTED] = [1, 2, 3];
const INSTRUMENTS = [INTERNAL, PAPER, ROUTED];
export const VENUE = 7;
export const ACCOUNTS = [1, 2, 3, 4];
/** Account of the strategy that runs in the core. */
const STRATEGY_ACCOUNT = 4;
const PRICE_START_TICKS = 10_000;
const KNOWN_MAX = 64;
/** The book's sides never meet, or it would not be trusted and a gap would change nothing. */
const BOOK_MIDDLE_TICKS = 10_000;
/** Levels a side of a snapshot. */
const SNAPSHOT_LEVELS = 3;

/** Everything a core is told before it trades. */
export const SETUP: readonly Uint8Array[] = setup();

function setup(): Uint8Array[] {
  const spec = (instrument: number, more: Record<string, unknown>): Uint8Array =>
    record(Kind.InstrumentSpec, {
      ...{ instrument, version: 1, specKind: InstrumentKind.LinearPerpetual },
      ...{ base: 1, quote: 1, settlement: 1, tickMantissa: 1, tickExponent: -2, lotMantissa: 1 },
      ...{ multiplierNum: 3, multiplierDen: 7, symbol: `SIM-${instrument}` },
      ...{ phase: InstrumentPhase.Continuous, ladderTicks: 64, ...more },
    });
  const rule = { rule: ModelRule.CrossForming, timeframe: 0, indicator: 0, modelFlags: 1 };
  const follower = { strategyKind: StrategyKind.SignalFollower, strategyFlags: 1 };
  return [
    record(Kind.Currency, { id: 1, minorExponent: -2, code: "USD" }),
    record(Kind.Timeframe, { slot: 0, type: CandleType.Time, periodMillis: 1000 }),
    record(Kind.Indicator, {
      ...{ timeframe: 0, slot: 0, indicatorKind: IndicatorKind.Ema, period: 3 },
    }),
    record(Kind.ModelConfig, { id: 3, ...rule, threshold: 0 }),
    spec(INTERNAL, { execution: Execution.Internal, markSource: MarkSource.Last }),
    spec(PAPER, {
      ...{ execution: Execution.Paper, markSource: MarkSource.Mid },
      ...{ bookRule: BookRule.FirstIsNext, bookLevels: 16 },
    }),
    spec(ROUTED, { execution: Execution.Routed, venue: VENUE, markSource: MarkSource.Mid }),
    record(Kind.FeeSchedule, { makerPerBillion: -20_000, takerPerBillion: 70_000 }),
    ...ACCOUNTS.flatMap((id) => [
      record(Kind.Account, { id, currency: 1 }),
      record(Kind.CashAdjust, { account: id, currency: 1, amountMinor: 1_000_000_000 }),
    ]),
    record(Kind.RiskLimits, { scope: Scope.Account, account: 2, qtyLotsMax: 40 }),
    record(Kind.RiskLimits, { scope: Scope.Account, account: 3, positionLotsMax: 120 }),
    record(Kind.Strategy, { id: 7, account: STRATEGY_ACCOUNT, ...follower, model: 3, qtyLots: 5 }),
  ];
}

interface KnownOrder {
  account: number;
  clientId: number;
  instrument: number;
  side: number;
  priceTicks: number;
  qtyLots: number;
}

/** A gap the core must see: ids it was not given before what it was. */
export interface Gap {
  /** Id the core expects and the one it gets. */
  expected: number;
  received: number;
}

/** Makes inputs and puts them into the rings; survives crashes of the engine, as the world does. */
export class Market {
  /** Pairs of client ids of which one cancels the other, by account and client id. */
  readonly pairs = new Map<number, number>();
  /** What happened, by kind. */
  readonly counts: Record<string, number> = {};
  /** Gaps sent that were not answered for. */
  gaps: Gap[] = [];
  private readonly draw: Draw;
  private readonly profile: Profile;
  private readonly prices = new Map(INSTRUMENTS.map((id) => [id, PRICE_START_TICKS]));
  private readonly known: KnownOrder[] = [];
  private nextClientId = 1;
  private tradeId = 0;
  private updateId = 1;
  /** The stream's last id that the core was given; 0 = it has no snapshot. */
  private bookId = 0;
  private readonly last = new Uint8Array(4 * CELL_BYTES);
  private lastBytes = 0;

  constructor(draw: Draw, profile: Profile) {
    this.draw = draw;
    this.profile = profile;
  }

  private count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  /** The engine begins anew and its book with it, unless the journal has brought it back. */
  reconnect(): void {
    this.bookId = 0;
    this.gaps = [];
  }

  private put(ring: Ring, kind: Kind, row: Row, cells: number): number {
    const at = ring.reserve(cells);
    if (at < 0) {
      this.count("ring full");
      return -1;
    }
    writeRow(ring.view, at, kind, row);
    return at;
  }

  private send(ring: Ring, kind: Kind, row: Row, cells: number): boolean {
    if (this.put(ring, kind, row, cells) < 0) return false;
    ring.commit();
    ring.publish();
    return true;
  }

  // ---------------------------------------------------------------------------- ticks

  tick(core: Core): void {
    const { draw, profile } = this;
    if (draw.chance(profile.feedGarbage)) return this.garbage(core);
    const dice = draw.next();
    const instrument = dice < 0.55 ? PAPER : ROUTED;
    const priceTicks = Math.max(500, this.prices.get(instrument)! + draw.between(-6, 6));
    this.prices.set(instrument, priceTicks);
    if (instrument === PAPER && dice < 0.3) return this.book(core);
    const venueOffsetMicros = draw.chance(profile.feedLate) ? -this.late() : -draw.below(3000);
    const lots = draw.between(1, 40);
    if (draw.chance(0.5)) {
      const sides = { bidTicks: priceTicks - 1, bidLots: lots, askTicks: priceTicks + 1 };
      const row = { instrument, ...sides, askLots: draw.between(1, 40), venueOffsetMicros };
      this.feed(core, Kind.Quote, row, 2);
    } else {
      const aggressor = draw.chance(0.5) ? Side.Buy : Side.Sell;
      const id = ++this.tradeId;
      const row = { instrument, priceTicks, qtyLots: lots, aggressor, id, venueOffsetMicros };
      this.feed(core, Kind.Trade, row, 1);
    }
  }

  private late(): number {
    this.count("feedLate");
    return 1_500_000 + this.draw.below(3_000_000);
  }

  private feed(core: Core, kind: Kind, row: Row, cells: number): void {
    const isTwice = this.draw.chance(this.profile.feedDuplicate);
    if (!this.send(core.feed, kind, row, cells) || !isTwice) return;
    this.count("feedDuplicate");
    this.send(core.feed, kind, row, cells);
  }

  /** What no honest feed sends: crossed, empty, negative, of nobody. */
  private garbage(core: Core): void {
    this.count("feedGarbage");
    const { draw } = this;
    // Not of the routed one: the simulated venue trades at what the engine sees, and no venue does.
    const instrument = [PAPER, 0, 4095, 99][draw.below(4)]!;
    const price =
      instrument === PAPER ? [1, PRICE_START_TICKS][draw.below(2)]! : -5 + draw.below(9);
    if (draw.chance(0.5)) {
      const sides = { bidTicks: price + 50, bidLots: draw.below(3) - 1, askTicks: price };
      this.send(core.feed, Kind.Quote, { instrument, ...sides, askLots: 1 }, 2);
    } else {
      const row = { instrument, priceTicks: price, qtyLots: draw.below(3) - 1, id: 1 };
      this.send(core.feed, Kind.Trade, row, 1);
    }
  }

  /** A delta of the book's stream, or the snapshot that makes it whole. */
  private book(core: Core): void {
    const { draw } = this;
    if (this.bookId === 0) return this.snapshot(core);
    const firstId = ++this.updateId;
    if (draw.chance(this.profile.feedGap)) {
      this.count("feedGap");
      return;
    }
    if (draw.chance(0.02)) return this.snapshot(core);
    const isBid = draw.chance(0.5);
    const ticks = BOOK_MIDDLE_TICKS + (isBid ? -1 : 1) * draw.between(1, 7);
    const isHole = firstId !== this.bookId + 1;
    const isSent = this.levels(
      core,
      Kind.BookDelta,
      firstId,
      isBid ? [[ticks, draw.below(30)]] : [],
      [...(isBid ? [] : [[ticks, draw.below(30)] as const])],
    );
    if (!isSent) return;
    if (isHole) this.gaps.push({ expected: this.bookId + 1, received: firstId });
    this.bookId = isHole ? 0 : firstId;
  }

  private snapshot(core: Core): void {
    const { draw } = this;
    const side = (sign: number): [number, number][] =>
      Array.from({ length: SNAPSHOT_LEVELS }, (_, at) => [
        BOOK_MIDDLE_TICKS + sign * (1 + at * 2),
        draw.between(1, 50),
      ]);
    const isSent = this.levels(core, Kind.BookSnapshot, this.updateId, side(-1), side(1));
    if (isSent) this.bookId = this.updateId;
  }

  private levels(
    core: Core,
    kind: Kind,
    id: number,
    bids: readonly (readonly [number, number])[],
    asks: readonly (readonly [number, number])[],
  ): boolean {
    const count = bids.length + asks.length;
    const cells = 1 + Math.ceil((count * LEVEL_BYTES) / CELL_BYTES);
    const ring = core.feed;
    const at = ring.reserve(cells);
    if (at < 0) return false;
    const { view } = ring;
    for (let byte = 0; byte < cells * CELL_BYTES; byte += 4) view.setInt32(at + byte, 0, true);
    view.setUint16(at, kind, true);
    view.setUint16(at + REC_FLAGS, (cells - 1) | Flag.First | Flag.Last, true);
    view.setUint32(at + 4, PAPER, true);
    writeI64(view, at + 32, id);
    writeI64(view, at + 40, id);
    writeI64(view, at + 48, id - 1);
    view.setUint8(at + BOOK_BIDS, bids.length);
    view.setUint8(at + BOOK_ASKS, asks.length);
    [...bids, ...asks].forEach(([ticks, lots], level) => {
      const place = at + BOOK_LEVELS + level * LEVEL_BYTES;
      writeI64(view, place + LEVEL_PRICE_TICKS, ticks);
      writeI64(view, place + LEVEL_QTY_LOTS, lots);
    });
    ring.commit();
    ring.publish();
    return true;
  }

  // ---------------------------------------------------------------------------- commands

  command(core: Core): void {
    const dice = this.draw.next();
    const order = this.known[this.draw.below(this.known.length)];
    if (dice < 0.6 || order === undefined) return this.order(core);
    if (dice < 0.8) return this.cancel(core, order);
    if (dice < 0.93) return this.amend(core, order);
    if (dice < 0.96) return this.pair(core);
    const account = ACCOUNTS[this.draw.below(ACCOUNTS.length)]!;
    if (dice < 0.985) this.send(core.command, Kind.StateQuery, { account }, 1);
    else this.send(core.command, Kind.MassCancel, { account, scope: Scope.Account }, 1);
  }

  private order(core: Core): void {
    const { draw } = this;
    const instrument = INSTRUMENTS[draw.below(3)]!;
    const type = draw.chance(0.12) ? OrderType.Market : OrderType.Limit;
    const tif = draw.chance(0.8) ? TimeInForce.Gtc : TimeInForce.Ioc + draw.below(2);
    this.enter(core, {
      ...{ account: ACCOUNTS[draw.below(4)]!, instrument, type, tif },
      side: draw.chance(0.5) ? Side.Buy : Side.Sell,
      priceTicks:
        type === OrderType.Market ? 0 : this.prices.get(instrument)! + draw.between(-4, 4),
      qtyLots: draw.between(1, 50),
    });
  }

  private enter(core: Core, order: Omit<KnownOrder, "clientId"> & Row): number {
    const clientId = this.nextClientId++;
    if (!this.send(core.command, Kind.OrderNew, { ...order, clientId }, 2)) return 0;
    const { account, instrument, side, priceTicks, qtyLots } = order;
    const known = { account, clientId, instrument, side, priceTicks, qtyLots };
    if (this.known.length < KNOWN_MAX) this.known.push(known);
    else this.known[this.draw.below(KNOWN_MAX)] = known;
    return clientId;
  }

  /** Two orders of which the first to fill ends the other. */
  private pair(core: Core): void {
    const { draw } = this;
    const account = ACCOUNTS[draw.below(3)]!;
    const middle = this.prices.get(INTERNAL)!;
    const rest = { account, instrument: INTERNAL, type: OrderType.Limit, tif: TimeInForce.Gtc };
    const qtyLots = draw.between(1, 20);
    // An amend may bring the legs together; they are not to trade with each other.
    const selfTrade = SelfTrade.CancelNewest;
    const [low, high] = [middle - draw.between(1, 3), middle + draw.between(1, 3)];
    const first = this.enter(core, {
      ...rest,
      selfTrade,
      side: Side.Buy,
      priceTicks: low,
      qtyLots,
    });
    const link = { contingency: Contingency.Oco, linkedClientId: first };
    const sell = { ...rest, selfTrade, side: Side.Sell, priceTicks: high, qtyLots, ...link };
    const second = first === 0 ? 0 : this.enter(core, sell);
    if (second === 0) return;
    this.count("oco");
    this.pairs.set(pairKey(account, first), second);
    this.pairs.set(pairKey(account, second), first);
  }

  private cancel(core: Core, { account, clientId, instrument }: KnownOrder): void {
    this.send(core.command, Kind.OrderCancel, { account, clientId, instrument }, 1);
  }

  private amend(core: Core, order: KnownOrder): void {
    const { account, clientId, instrument } = order;
    const priceTicks = order.priceTicks + this.draw.between(-3, 3);
    const row = { account, clientId, instrument, fields: 3, priceTicks };
    this.send(core.command, Kind.OrderAmend, { ...row, qtyLots: this.draw.between(1, 60) }, 2);
  }

  /** Commands until the ring takes no more: it has an end, and says so. */
  flood(core: Core): void {
    this.count("flood");
    const row = { account: 1, instrument: INTERNAL, clientId: 1 };
    while (this.send(core.command, Kind.OrderCancel, row, 1));
  }
}

/** One number for an account's client id. */
export function pairKey(account: number, clientId: number): number {
  return account * 2 ** 32 + clientId;
}
