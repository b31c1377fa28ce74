// Structure from its definitions (asm/structure/SMC.md): every candle is kept and looked at again.
//
// Slow and plain on purpose. Levels, legs and swings are searched for in the whole history at every
// close; only what is a life (a zone's state, the trend) is remembered.
import {
  Side,
  StructureFamily as Family,
  StructureFlag as Flag,
  StructureKind as Kind,
  StructureOption,
  StructureState as State,
} from "../../asm/vocab.ts";
import { LiquidityTwin } from "./structure-liquidity.ts";

export interface Candle {
  /** From 1, without holes. */
  number: number;
  open: number;
  high: number;
  low: number;
  close: number;
  openNanos: number;
}

/** A StructureEvent record by its fields. */
export interface Told {
  kind: number;
  state: number;
  side: number;
  flags: number;
  touches: number;
  id: number;
  parent: number;
  low: number;
  high: number;
  originNanos: number;
  knownNanos: number;
  originIndex: number;
  knownIndex: number;
  fill: number;
  price: number;
}

/** A StructureConfig record with its defaults filled in; a gap minimum of 0 is any gap. */
export interface StructureSettings {
  flags: number;
  families: number;
  internal: number;
  external: number;
  sweep: number;
  gapTicks: number;
  gapFactor: number;
  bodyFactor: number;
  poolFactor: number;
  turnFactor: number;
}

export type Way = 1 | -1;

export interface Level {
  price: number;
  nanos: number;
  number: number;
  id: number;
}

/** What parts of the twin see of it. */
export interface Teller {
  readonly settings: StructureSettings;
  /** The last closed candle, and the average true range at its close. */
  readonly candle: Candle;
  readonly atr: number;
  /** Time and candle of what is being looked at. */
  readonly nanos: number;
  readonly number: number;
  has: (family: Family) => boolean;
  nextId: () => number;
  tell: (
    kind: number,
    state: number,
    side: number,
    flags: number,
    origin: { nanos: number; number: number; id: number },
    parent: number,
    low: number,
    high: number,
    price: number,
  ) => Told;
}

interface Half {
  /** The last swing confirmed, and whether it was not broken yet. */
  swing: Level | undefined;
  isLive: boolean;
  /** What changes character, and the candle of the break that set it. */
  guard: (Level & { since: number }) | undefined;
}

interface Scale {
  flag: number;
  candles: number;
  way: Way | 0;
  halves: Map<Way, Half>;
}

interface Zone {
  kind: Kind;
  way: Way;
  flags: number;
  id: number;
  parent: number;
  low: number;
  high: number;
  nanos: number;
  number: number;
  state: number;
  touches: number;
  seen: number;
  reached: number;
  /** The internal swing before a fresh block. */
  bait: (Level & { state: number }) | undefined;
}

const WAYS: readonly Way[] = [1, -1];
const ZONES_MAX = 64;
const ATR_PERIOD = 14;

const sideOf = (way: Way): Side => (way > 0 ? Side.Buy : Side.Sell);
const top = (candle: Candle, way: Way): number => (way > 0 ? candle.high : -candle.low);
const bottom = (candle: Candle, way: Way): number => (way > 0 ? candle.low : -candle.high);

export class StructureTwin implements Teller {
  nanos = 0;
  number = 0;
  private readonly candles: Candle[] = [];
  private readonly atrs: number[] = [];
  private told: Told[] = [];
  private lastId = 0;
  private readonly liquidity: LiquidityTwin;
  private readonly scales: Scale[];
  private readonly blocks: Zone[] = [];
  private readonly gaps: Zone[] = [];

  constructor(
    readonly settings: StructureSettings,
    windows: readonly (readonly [from: number, to: number][])[] = [],
  ) {
    this.liquidity = new LiquidityTwin(this, windows);
    this.scales = [scaleOf(settings.internal, Flag.Internal), scaleOf(settings.external, 0)];
  }

  /** A trade while candle (last + 1) forms. */
  trade(nanos: number, price: number): Told[] {
    this.told = [];
    this.nanos = nanos;
    this.number = (this.candles.at(-1)?.number ?? 0) + 1;
    for (const zone of [...this.blocks, ...this.gaps]) this.reach(zone, price, price);
    this.liquidity.trade(price);
    return this.told;
  }

  /** A candle closed. */
  close(candle: Candle, endNanos: number): Told[] {
    this.told = [];
    this.nanos = endNanos;
    this.number = candle.number;
    this.candles.push(candle);
    this.average();
    for (const zones of [this.blocks, this.gaps]) this.zonesClose(zones, candle);
    this.liquidity.close(candle);
    this.gapClose();
    for (const scale of this.scales) {
      for (const way of WAYS) this.breakLevels(scale, way);
      for (const way of WAYS) this.confirm(scale, way);
    }
    return this.told;
  }

  // ---------------------------------------------------------------------------- candles

  private get last(): number {
    return this.candles.length - 1;
  }

  get candle(): Candle {
    return this.candles[this.last]!;
  }

  get atr(): number {
    return this.atrs[this.last] ?? 0;
  }

  has(family: Family): boolean {
    return (this.settings.families & family) !== 0;
  }

  /** TA-Lib's average true range at every candle; 0 until it is defined. */
  private average(): void {
    const ranges = this.candles.map((candle, i) => {
      const before = this.candles[i - 1]?.close ?? candle.close;
      return Math.max(candle.high, before) - Math.min(candle.low, before);
    });
    const i = this.last;
    if (i < ATR_PERIOD) this.atrs.push(0);
    else if (i === ATR_PERIOD) {
      const sum = ranges.slice(1).reduce((total, range) => total + range, 0);
      this.atrs.push(sum / ATR_PERIOD);
    } else this.atrs.push((this.atrs[i - 1]! * (ATR_PERIOD - 1) + ranges[i]!) / ATR_PERIOD);
  }

  private isLarge(i: number, way: Way): boolean {
    const { open, close } = this.candles[i]!;
    const atr = this.atrs[i]!;
    const body = way * (close - open);
    return atr > 0 && body > 0 && body >= this.settings.bodyFactor * atr;
  }

  /** Height of the gap of `way` that candle `i` completes, 0 when it is none. */
  private gapAt(i: number, way: Way): number {
    if (i < 2) return 0;
    const [first, middle, third] = this.candles.slice(i - 2, i + 1) as [Candle, Candle, Candle];
    if (way * (middle.close - middle.open) <= 0) return 0;
    const height = bottom(third, way) - top(first, way);
    const { gapTicks, gapFactor } = this.settings;
    return height > 0 && height >= gapTicks && height >= gapFactor * this.atrs[i]! ? height : 0;
  }

  // ------------------------------------------------------------------------------- gaps

  private gapClose(): void {
    const i = this.last;
    for (const way of WAYS) {
      if (this.gapAt(i, way) === 0 || !this.has(Family.FairValueGaps)) continue;
      const edges = [bottom(this.candles[i]!, way) * way, top(this.candles[i - 2]!, way) * way];
      const { openNanos, number } = this.candles[i - 1]!;
      const fields = {
        ...{ kind: Kind.FairValueGap, way, flags: 0, parent: 0, nanos: openNanos, number },
        ...{ low: Math.min(...edges), high: Math.max(...edges) },
      };
      this.form(this.gaps, fields, this.candles[i]!.close);
    }
  }

  // ------------------------------------------------------------------------------ swings

  private confirm(scale: Scale, way: Way): void {
    const { candles: k, flag } = scale;
    const p = this.last - k;
    const swing = this.candles[p];
    if (swing === undefined || p < k) return;
    for (let i = 1; i <= k; i++) {
      if (top(this.candles[p - i]!, way) >= top(swing, way)) return;
      if (top(this.candles[p + i]!, way) > top(swing, way)) return;
    }
    const half = scale.halves.get(way)!;
    const price = way * top(swing, way);
    half.swing = { price, nanos: swing.openNanos, number: swing.number, id: this.nextId() };
    half.isLive = true;
    const side = sideOf(-way as Way);
    if (this.has(Family.Swings)) {
      this.tell(Kind.Swing, State.Formed, side, flag, half.swing, 0, price, price, price);
    }
    if (flag !== 0) {
      this.liquidity.swing(way, half.swing);
      this.bait(-way as Way, half.swing);
      return;
    }
    const { guard } = scale.halves.get(-way as Way)!;
    if (scale.way !== way || guard === undefined) return;
    const reached = way * bottom(this.candles[this.extreme(p + 1, way)]!, way);
    this.liquidity.rangeForm(way, guard.price, half.swing, reached);
  }

  /** Number in `candles` of the first lowest candle of [from, last], as `way` sees it. */
  private extreme(from: number, way: Way): number {
    let at = from;
    for (let i = from; i <= this.last; i++) {
      if (bottom(this.candles[i]!, way) < bottom(this.candles[at]!, way)) at = i;
    }
    return at;
  }

  private breakLevels(scale: Scale, way: Way): void {
    const half = scale.halves.get(way)!;
    const candle = this.candles[this.last]!;
    const byWick = (this.settings.flags & StructureOption.BreakByWick) !== 0;
    const price = byWick ? way * top(candle, way) : candle.close;
    const isBeyond = (level: Level | undefined): boolean =>
      level !== undefined && way * price > way * level.price;
    const isSwing = half.isLive && isBeyond(half.swing);
    if (isSwing) half.isLive = false;
    const isAgainst = scale.way === -way;
    if (scale.flag === 0 && isAgainst) {
      const { guard } = half;
      if (isBeyond(guard)) this.broken(scale, way, guard!, guard!.since, price, true);
    } else if (isSwing) {
      this.broken(scale, way, half.swing!, half.swing!.number + 1, price, isAgainst);
    }
  }

  /** `from` is the candle from which the leg's extreme is looked for. */
  private broken(
    scale: Scale,
    way: Way,
    level: Level,
    from: number,
    price: number,
    isChange: boolean,
  ): void {
    const first = this.candles[0]!.number;
    const start = this.extreme(from - first, way);
    const leg = this.candles.slice(start).map((_, i) => start + i);
    const isDisplaced =
      leg.some((i) => this.isLarge(i, way)) &&
      leg.some((i) => i >= start + 2 && this.gapAt(i, way) > 0);
    const flags = scale.flag | (isDisplaced ? Flag.Displaced : 0);
    const family = scale.flag === 0 ? Family.Breaks : Family.InternalBreaks;
    const kind = isChange ? Kind.ChangeOfCharacter : Kind.BreakOfStructure;
    scale.way = way;
    const origin = this.candles[start]!;
    const extreme = way * bottom(origin, way);
    const made = { nanos: level.nanos, number: level.number, id: this.nextId() };
    if (this.has(family)) {
      const { price: at } = level;
      this.tell(kind, State.Formed, sideOf(way), flags, made, level.id, at, at, price);
    }
    if (isDisplaced && isChange && this.has(family)) {
      const shift = { nanos: origin.openNanos, number: origin.number, id: this.nextId() };
      const [low, high] = [Math.min(extreme, price), Math.max(extreme, price)];
      const { Formed } = State;
      this.tell(Kind.StructureShift, Formed, sideOf(way), flags, shift, made.id, low, high, price);
    }
    if (isDisplaced) this.block(start, way, flags, made.id, price);
    if (scale.flag !== 0) return;
    this.liquidity.rangeEnd(price);
    const since = this.candles[this.last]!.number;
    const guard = { price: extreme, nanos: origin.openNanos, number: origin.number, id: made.id };
    scale.halves.get(-way as Way)!.guard = { ...guard, since };
    scale.halves.get(way)!.guard = undefined;
  }

  /** The last candle against `way` at or up to 16 candles before the leg's start. */
  private block(start: number, way: Way, flags: number, parent: number, price: number): void {
    if (!this.has(Family.OrderBlocks)) return;
    for (let i = start; i >= 0 && i >= start - 16; i--) {
      const { open, high, low, close, openNanos, number } = this.candles[i]!;
      if (way * (close - open) >= 0) continue;
      const isBody = (this.settings.flags & StructureOption.ZoneByBody) !== 0;
      const prices = isBody ? [open, close] : [low, high];
      const fields = {
        ...{ kind: Kind.OrderBlock, way, flags, parent, nanos: openNanos, number },
        ...{ low: Math.min(...prices), high: Math.max(...prices) },
      };
      this.form(this.blocks, fields, price);
      return;
    }
  }

  // ------------------------------------------------------------------------------- zones

  private form(
    zones: Zone[],
    fields: Omit<Zone, "id" | "state" | "touches" | "seen" | "reached" | "bait">,
    price: number,
  ): void {
    if (zones.length === ZONES_MAX) this.tellZone(zones.shift()!, State.Evicted, price);
    const life = { state: 0, touches: 0, seen: 0, reached: 0, bait: undefined };
    const zone = { ...fields, id: this.nextId(), ...life };
    zones.push(zone);
    this.tellZone(zone, State.Formed, price);
  }

  private reach(zone: Zone, low: number, high: number): void {
    const { way } = zone;
    const [near, far] = way > 0 ? [zone.high, zone.low] : [zone.low, zone.high];
    if (zone.state === State.Broken) {
      const back = way > 0 ? high : low;
      if (way * back >= way * far) this.tellZone(zone, State.Flipped, back);
      return;
    }
    const price = way > 0 ? low : high;
    if (zone.bait?.state === State.Formed && way * price < way * zone.bait.price) {
      zone.flags |= Flag.InducementTaken;
      this.tellBait(zone, State.Taken, price);
    }
    if (zone.state > State.Broken || way * price > way * near) return;
    if (zone.seen !== this.number) zone.touches = Math.min(65535, zone.touches + 1);
    zone.seen = this.number;
    const isFirst = zone.state === State.Formed;
    zone.reached = isFirst ? price : way * Math.min(way * price, way * zone.reached);
    if (zone.state === State.Formed) this.tellZone(zone, State.Touched, price);
    const isHalf = 2 * way * price <= way * (near + far);
    if (zone.state === State.Touched && isHalf) this.tellZone(zone, State.Halved, price);
    const isAll = way * price <= way * far;
    if (zone.state === State.Halved && isAll) this.tellZone(zone, State.Filled, price);
  }

  /** An internal swing of `way` is the inducement of fresh blocks that it lies before. */
  private bait(way: Way, swing: Level): void {
    if (!this.has(Family.Inducements)) return;
    for (const block of this.blocks) {
      const near = block.way > 0 ? block.high : block.low;
      const isBefore = block.way === way && way * swing.price > way * near;
      if (block.state !== State.Formed || block.bait !== undefined || !isBefore) continue;
      block.bait = { ...swing, id: this.nextId(), state: 0 };
      this.tellBait(block, State.Formed, swing.price);
    }
  }

  private tellBait(block: Zone, state: number, price: number): void {
    const bait = block.bait!;
    bait.state = state;
    const side = sideOf(block.way);
    this.tell(Kind.Inducement, state, side, 0, bait, block.id, bait.price, bait.price, price);
  }

  private zonesClose(zones: Zone[], { low, high, close }: Candle): void {
    for (const zone of [...zones]) {
      this.reach(zone, low, high);
      const { way } = zone;
      const [near, far] = way > 0 ? [zone.high, zone.low] : [zone.low, zone.high];
      if (zone.state < State.Broken) {
        if (way * close < way * far) this.tellZone(zone, State.Broken, close);
      } else if (way * close > way * near) {
        this.tellZone(zone, State.Dead, close);
        zones.splice(zones.indexOf(zone), 1);
      }
    }
  }

  private tellZone(zone: Zone, state: number, price: number): void {
    zone.state = state;
    const { low, high, way, touches, reached } = zone;
    const near = way > 0 ? high : low;
    const part = high === low ? 1 : Math.min(1, Math.abs(near - reached) / (high - low));
    this.tell(zone.kind, state, sideOf(way), zone.flags, zone, zone.parent, low, high, price);
    Object.assign(this.told.at(-1), { touches, fill: touches === 0 ? 0 : part });
  }

  // ------------------------------------------------------------------------------ events

  nextId(): number {
    return (this.lastId += 1);
  }

  tell(
    kind: number,
    state: number,
    side: number,
    flags: number,
    origin: { nanos: number; number: number; id: number },
    parent: number,
    low: number,
    high: number,
    price: number,
  ): Told {
    const told = {
      ...{ kind, state, side, flags, touches: 0, id: origin.id, parent, low, high },
      ...{ originNanos: origin.nanos, knownNanos: this.nanos },
      ...{ originIndex: origin.number, knownIndex: this.number, fill: 0, price },
    };
    this.told.push(told);
    return told;
  }
}

function scaleOf(candles: number, flag: number): Scale {
  const half = (): Half => ({ swing: undefined, isLive: false, guard: undefined });
  return {
    flag,
    candles,
    way: 0,
    halves: new Map([
      [1, half()],
      [-1, half()],
    ]),
  };
}
