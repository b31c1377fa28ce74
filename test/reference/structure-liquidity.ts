// The other half of the structure twin, from its definitions (asm/structure/SMC.md): pools and
// sweeps, support and resistance, the dealing range, turn swings, days, weeks and sessions.
import {
  Side,
  StructureFamily as Family,
  StructureFlag as Flag,
  StructureKind as Kind,
  StructureState as State,
} from "../../asm/vocab.ts";
import type { Candle, Level, Teller, Way } from "./structure.ts";

interface Pool {
  way: Way;
  flags: number;
  touches: number;
  parent: number;
  low: number;
  high: number;
  nanos: number;
  number: number;
  id: number;
  state: number;
  taken: number;
}

interface Band {
  low: number;
  high: number;
  side: Side;
  touches: number;
  parent: number;
  nanos: number;
  number: number;
  /** 0 while one swing lies in it. */
  id: number;
  state: number;
}

interface Range {
  way: Way;
  low: number;
  high: number;
  reached: number;
  parent: number;
  nanos: number;
  number: number;
  id: number;
  state: number;
}

/** A span of candles: a day, a week, a session's window. */
interface Span {
  key: number;
  to: number;
  candles: Candle[];
  isWhole: boolean;
  id: number;
}

const MAX = 64;
const DAY = 86_400e9;
const WEEK = 7 * DAY;
const MONDAY = 4 * DAY;
/** Steps of a retracement in percent of the range. */
const STEPS: readonly [state: State, percent: number][] = [
  [State.Halved, 50],
  [State.Optimal, 62],
  [State.Deep, 79],
  [State.Filled, 100],
];

const sideOf = (way: Way): Side => (way > 0 ? Side.Buy : Side.Sell);

export class LiquidityTwin {
  private readonly pools: Pool[] = [];
  /** Swings without an equal, not closed beyond. */
  private readonly single: (Level & { way: Way })[] = [];
  private readonly bands: Band[] = [];
  private range: Range | undefined;
  private readonly spans = new Map<string, Span>();
  /** Trades since the last turn: what the running extreme is looked for in. */
  private readonly extremes = new Map<Way, Level>();
  private looks: Way | 0 = 0;

  constructor(
    private readonly teller: Teller,
    /** Windows by session slot. */
    private readonly windows: readonly (readonly [from: number, to: number][])[],
  ) {}

  trade(price: number): void {
    this.rangeReach(price, price);
    for (const pool of this.pools) this.take(pool, price, price);
    this.turn(price);
  }

  /** Before the breaks and swings of a close. */
  close(candle: Candle): void {
    this.rangeReach(candle.low, candle.high);
    this.spansClose(candle);
    this.poolsClose(candle);
    this.bandsClose(candle);
  }

  // ------------------------------------------------------------------------------- pools

  private form(fields: Omit<Pool, "id" | "state" | "taken">): void {
    if (!this.teller.has(Family.LiquidityPools)) return;
    const { close } = this.teller.candle;
    if (this.pools.length === MAX) this.tellPool(this.pools.shift()!, State.Evicted, close);
    const pool = { ...fields, id: this.teller.nextId(), state: 0, taken: 0 };
    this.pools.push(pool);
    this.tellPool(pool, State.Formed, close);
  }

  private tellPool(pool: Pool, state: State, price: number): void {
    pool.state = state;
    const { way, flags, parent, low, high, touches } = pool;
    const side = sideOf(-way as Way);
    const { LiquidityPool } = Kind;
    const told = this.teller.tell(
      LiquidityPool,
      state,
      side,
      flags,
      pool,
      parent,
      low,
      high,
      price,
    );
    told.touches = touches;
  }

  private take(pool: Pool, low: number, high: number): void {
    const { way } = pool;
    const [edge, price] = way > 0 ? [pool.high, high] : [pool.low, low];
    if (pool.state === State.Taken || way * price <= way * edge) return;
    pool.taken = this.teller.number;
    this.tellPool(pool, State.Taken, price);
  }

  private poolsClose({ low, high, close, number }: Candle): void {
    for (const pool of [...this.pools]) {
      this.take(pool, low, high);
      if (pool.state !== State.Taken) continue;
      const edge = pool.way > 0 ? pool.high : pool.low;
      const isBack = pool.way * close < pool.way * edge;
      const candles = number - pool.taken + 1;
      if (!isBack && candles < this.teller.settings.sweep) continue;
      this.tellPool(pool, isBack ? State.Swept : State.Broken, close);
      drop(this.pools, pool);
    }
    for (const swing of [...this.single]) {
      if (swing.way * close > swing.way * swing.price) drop(this.single, swing);
    }
  }

  /** An internal swing was confirmed. */
  swing(way: Way, swing: Level): void {
    this.band(way, swing, () => this.pair(way, swing));
  }

  private pair(way: Way, swing: Level): void {
    if (!this.teller.has(Family.LiquidityPools)) return;
    const { price } = swing;
    const { atr, settings } = this.teller;
    const isNear = (other: number): boolean =>
      atr > 0 && Math.abs(price - other) <= settings.poolFactor * atr;
    const pool = this.pools.find(
      (one) =>
        (one.flags & Flag.Equal) !== 0 &&
        one.way === way &&
        one.state !== State.Taken &&
        isNear(way > 0 ? one.high : one.low),
    );
    if (pool !== undefined) {
      pool.low = Math.min(pool.low, price);
      pool.high = Math.max(pool.high, price);
      pool.touches += 1;
      this.tellPool(pool, State.Touched, price);
      return;
    }
    const equal = this.single.find((one) => one.way === way && isNear(one.price));
    if (equal === undefined) {
      if (this.single.length === MAX) this.single.shift();
      this.single.push({ ...swing, way });
      return;
    }
    drop(this.single, equal);
    const { nanos, number, id } = equal;
    const edges = { low: Math.min(equal.price, price), high: Math.max(equal.price, price) };
    this.form({ way, flags: Flag.Equal, touches: 2, parent: id, nanos, number, ...edges });
  }

  // ------------------------------------------------------------------------------- bands

  private band(way: Way, swing: Level, pair: () => void): void {
    pair();
    const { atr, settings } = this.teller;
    if (!this.teller.has(Family.Levels) || atr === 0) return;
    const { price, nanos, number } = swing;
    const side = sideOf(-way as Way);
    const band = this.bands.find(({ low, high }) => price >= low && price <= high);
    if (band !== undefined) {
      band.touches += 1;
      band.side = side;
      const isFormed = band.id !== 0;
      if (!isFormed) band.id = this.teller.nextId();
      this.tellBand(band, isFormed ? State.Touched : State.Formed, price);
      return;
    }
    if (this.bands.length === MAX) {
      const oldest = this.bands.shift()!;
      if (oldest.id !== 0) this.tellBand(oldest, State.Evicted, price);
    }
    const half = Math.floor(settings.poolFactor * atr);
    const edges = { low: price - half, high: price + half };
    const rest = { side, touches: 1, parent: swing.id, nanos, number, id: 0, state: 0 };
    this.bands.push({ ...edges, ...rest });
  }

  private tellBand(band: Band, state: State, price: number): void {
    band.state = state;
    const { side, parent, low, high, touches } = band;
    const told = this.teller.tell(Kind.Level, state, side, 0, band, parent, low, high, price);
    told.touches = touches;
  }

  private bandsClose({ close }: Candle): void {
    for (const band of [...this.bands]) {
      const isSupport = band.side === Side.Buy;
      if (band.id === 0 || (isSupport ? close >= band.low : close <= band.high)) continue;
      if (band.state === State.Broken) {
        this.tellBand(band, State.Dead, close);
        drop(this.bands, band);
        continue;
      }
      band.side = isSupport ? Side.Sell : Side.Buy;
      this.tellBand(band, State.Broken, close);
    }
  }

  // ------------------------------------------------------------------------------- range

  /** An external swing with the trend; `reached` is the extreme against it since. */
  rangeForm(way: Way, guard: number, swing: Level, reached: number): void {
    const isUpright = way * swing.price > way * guard;
    if (!this.teller.has(Family.DealingRanges) || !isUpright) return;
    this.rangeEnd(reached);
    const { price, nanos, number } = swing;
    const edges = { low: Math.min(guard, price), high: Math.max(guard, price), reached: price };
    const id = this.teller.nextId();
    this.range = { way, ...edges, parent: swing.id, nanos, number, id, state: 0 };
    this.tellRange(State.Formed, price);
    this.rangeReach(reached, reached);
  }

  rangeEnd(price: number): void {
    if (this.range !== undefined) this.tellRange(State.Dead, price);
    this.range = undefined;
  }

  private tellRange(state: State, price: number): void {
    const range = this.range!;
    range.state = state;
    const { way, low, high, parent, reached } = range;
    const { DealingRange } = Kind;
    const side = sideOf(way);
    const told = this.teller.tell(DealingRange, state, side, 0, range, parent, low, high, price);
    const back = way > 0 ? high - reached : reached - low;
    told.fill = Math.min(1, back / (high - low));
  }

  private rangeReach(low: number, high: number): void {
    const { range } = this;
    if (range === undefined || range.state === State.Filled) return;
    const price = range.way > 0 ? low : high;
    range.reached = range.way * Math.min(range.way * price, range.way * range.reached);
    const back = range.way > 0 ? range.high - price : price - range.low;
    const done = STEPS.findIndex(([state]) => state === range.state);
    for (const [state, percent] of STEPS.slice(done + 1)) {
      if (100 * back < percent * (range.high - range.low)) return;
      this.tellRange(state, price);
    }
  }

  // ------------------------------------------------------------------------- turn swings

  private turn(price: number): void {
    const { atr, settings, nanos, number } = this.teller;
    if (!this.teller.has(Family.TurnSwings) || atr === 0) return;
    const here = (): Level => ({ price, nanos, number, id: 0 });
    for (const way of [1, -1] as const) {
      if (this.looks === -way) continue;
      const extreme = this.extremes.get(way) ?? here();
      this.extremes.set(way, way * price > way * extreme.price ? here() : extreme);
      if (way * price > Math.floor(way * extreme.price - settings.turnFactor * atr)) continue;
      const swing = { ...extreme, id: this.teller.nextId() };
      const side = sideOf(-way as Way);
      const { price: at } = swing;
      this.teller.tell(Kind.TurnSwing, State.Formed, side, 0, swing, 0, at, at, price);
      this.looks = -way as Way;
      this.extremes.set(this.looks, here());
      return;
    }
  }

  // ------------------------------------------------------------------------------- spans

  private spansClose(candle: Candle): void {
    if (this.teller.has(Family.Sessions)) {
      this.windows.forEach((windows, slot) => this.session(`session ${slot}`, windows, candle));
    }
    if (!this.teller.has(Family.LiquidityPools)) return;
    this.period("day", Math.floor(candle.openNanos / DAY), Flag.PreviousDay, candle);
    const week = Math.floor((candle.openNanos - MONDAY) / WEEK);
    this.period("week", week, Flag.PreviousWeek, candle);
  }

  private period(name: string, key: number, flag: Flag, candle: Candle): void {
    const span = this.spans.get(name);
    if (span?.key === key) {
      span.candles.push(candle);
      return;
    }
    if (span?.isWhole === true) {
      for (const pool of this.pools.filter(({ flags }) => (flags & flag) !== 0)) {
        this.tellPool(pool, State.Dead, candle.close);
        drop(this.pools, pool);
      }
      this.leave(span, flag);
    }
    const isWhole = span !== undefined;
    this.spans.set(name, { key, to: 0, candles: [candle], isWhole, id: 0 });
  }

  private session(
    name: string,
    windows: readonly (readonly [number, number])[],
    candle: Candle,
  ): void {
    const span = this.spans.get(name);
    if (span !== undefined && candle.openNanos < span.to) {
      span.candles.push(candle);
      return;
    }
    if (span !== undefined) {
      this.tellSession(span, State.Closed, candle.close);
      this.leave(span, Flag.SessionExtreme);
      this.spans.delete(name);
    }
    const at = candle.openNanos;
    const window = windows.find(([from, to]) => at >= from && at < to);
    if (window === undefined) return;
    const [key, to] = window;
    const begun = { key, to, candles: [candle], isWhole: false, id: this.teller.nextId() };
    this.spans.set(name, begun);
    this.tellSession(begun, State.Formed, candle.close);
  }

  private tellSession({ candles, id }: Span, state: State, price: number): void {
    const { openNanos: nanos, number } = candles[0]!;
    const low = Math.min(...candles.map((candle) => candle.low));
    const high = Math.max(...candles.map((candle) => candle.high));
    this.teller.tell(Kind.Session, state, Side.None, 0, { nanos, number, id }, 0, low, high, price);
  }

  /** The extremes of a span become pools, each at the first candle that has it. */
  private leave({ candles, id }: Span, flags: Flag): void {
    const high = Math.max(...candles.map((candle) => candle.high));
    const low = Math.min(...candles.map((candle) => candle.low));
    const top = candles.find((candle) => candle.high === high)!;
    const bottom = candles.find((candle) => candle.low === low)!;
    for (const [way, at, price] of [[1, top, high] as const, [-1, bottom, low] as const]) {
      const { openNanos: nanos, number } = at;
      this.form({ way, flags, touches: 0, parent: id, low: price, high: price, nanos, number });
    }
  }
}

function drop<T>(list: T[], one: T): void {
  list.splice(list.indexOf(one), 1);
}
