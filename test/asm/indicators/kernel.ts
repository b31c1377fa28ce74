// One indicator slot in a real memory, pushed and peeked without a market around it.
import { H_MARKET_ARENA } from "../../../asm/layout.ts";
import { Kind } from "../../../asm/vocab.ts";
import type { IndicatorKind } from "../../../asm/vocab.ts";
import { encode } from "../../../src/protocol.ts";
import { MarketCore, marketModule } from "../market-core.ts";

/** Prices in ticks, volume in lots, `endMillis` the end of the candle. */
export interface Bar {
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  endMillis?: number;
}

/** Settings of an Indicator record. */
export interface Settings {
  indicatorKind: IndicatorKind;
  period?: number;
  period2?: number;
  period3?: number;
  indicatorFlags?: number;
  period4?: number;
  factor?: number;
  factor2?: number;
  factor3?: number;
  source?: number;
  source2?: number;
  anchorSeconds?: number;
}

const module = await marketModule();
const core = new MarketCore(module);
const RECORD = core.call("arenaAlloc", 1, 128);
const CANDLE = core.call("arenaAlloc", 1, 128);
const OUT = core.call("arenaAlloc", 1, 128);
const OUT_BYTES = 128;
/** Where the arena stands before a kernel is made, so that tests can make many. */
const ARENA = core.view.getUint32(H_MARKET_ARENA, true);
const offset = (name: string): number =>
  (core.exports as unknown as Record<string, WebAssembly.Global>)[name]!.value as number;
const [HIGH, LOW, CLOSE, VOLUME, OPEN, END] = [
  "C_HIGH",
  "C_LOW",
  "C_CLOSE",
  "C_VOLUME",
  "C_OPEN",
  "C_END",
].map(offset);
const WARM = 3;
/** Values in the slot of a kernel of its own; composed ones have as many as they have lines. */
const LINES_BASIC = 3;
const COMPOSED_FIRST = 32;

/** A slot of one indicator. */
export class Kernel {
  readonly at: number;
  readonly bytes: number;
  /** Values of a candle. */
  readonly lines: number;
  private readonly width: number;
  private readonly valuesAt: number;

  constructor(settings: Settings) {
    encode(core.view, RECORD, Kind.Indicator, { ...settings });
    const refusal = core.call("indicatorRefusal", RECORD);
    if (refusal !== 0) throw new Error(`settings refused: ${refusal}`);
    this.bytes = core.call("indicatorBytes", RECORD);
    this.at = core.call("arenaAlloc", 1, this.bytes);
    if (this.at === 0) throw new Error("arena full");
    core.call("indicatorInit", this.at, RECORD);
    this.lines = core.call("indicatorLines", settings.indicatorKind);
    this.width = settings.indicatorKind < COMPOSED_FIRST ? LINES_BASIC : this.lines;
    this.valuesAt = core.call("indicatorValues", this.at);
  }

  /** Gives the room of all kernels back; none made before may be used again. */
  static forget(): void {
    const from = core.view.getUint32(H_MARKET_ARENA, true);
    core.u8.fill(0, from, ARENA);
    core.view.setUint32(H_MARKET_ARENA, ARENA, true);
  }

  /** Closes a candle: its values, at least three, undefined while warming up. */
  push(bar: Bar): number[] | undefined {
    write(bar);
    core.call("indicatorPush", this.at, CANDLE);
    return this.values();
  }

  /** Values of the last close, undefined while warming up. */
  values(): number[] | undefined {
    const values = this.floats(this.valuesAt);
    if (core.u8[this.at + WARM] === 1) return values;
    if (values.some((value) => value !== 0)) throw new Error("values before the first one");
    return undefined;
  }

  /** What `push` would return. */
  peek(bar: Bar): number[] | undefined {
    write(bar);
    core.u8.fill(0, OUT, OUT + OUT_BYTES);
    return core.call("indicatorPeekAt", this.at, CANDLE, OUT) === 1 ? this.floats(OUT) : undefined;
  }

  /** A copy of the state. */
  copy(): Uint8Array {
    return core.u8.slice(this.at, this.at + this.bytes);
  }

  /** Takes over a copied state. */
  restore(state: Uint8Array): void {
    core.u8.set(state, this.at);
  }

  private floats(at: number): number[] {
    return Array.from({ length: this.width }, (_, line) =>
      core.view.getFloat64(at + line * 8, true),
    );
  }
}

function write(bar: Bar): void {
  const put = (at: number, value: number): void =>
    core.view.setBigInt64(CANDLE + at, BigInt(value), true);
  put(OPEN!, bar.open);
  put(HIGH!, bar.high);
  put(LOW!, bar.low);
  put(CLOSE!, bar.close);
  put(VOLUME!, bar.volume);
  core.view.setBigInt64(CANDLE + END!, BigInt(bar.endMillis ?? 60_000) * 1_000_000n, true);
}
