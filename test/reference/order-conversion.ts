// Conversion marks of the twin: rates as they were said, multiplied out with bigints each time.
import { Refusal } from "../../asm/vocab.ts";

interface TwinRate {
  num: bigint;
  den: bigint;
  staleMillis: number;
  nanos: number;
}

const NANOS_PER_MILLI = 1_000_000;

export class TwinConversion {
  /** Exponent of each currency's smallest unit. */
  readonly exponents = new Map<number, number>([[1, -2]]);
  private readonly rates = new Map<string, TwinRate>();

  /** Takes a ConversionMark's fields; the refusal, 0 when it is taken. */
  mark(row: Record<string, number | bigint>, nanos: number): number {
    const [from, to] = [Number(row["from"] ?? 0), Number(row["to"] ?? 0)];
    if (!this.exponents.has(from) || !this.exponents.has(to)) return Refusal.UnknownCurrency;
    const [num, den] = [BigInt(row["num"] ?? 0), BigInt(row["den"] ?? 0)];
    if (from === to || num <= 0n || den <= 0n) return Refusal.ParameterInvalid;
    const staleMillis = Number(row["staleMillis"] ?? 0);
    this.rates.set(`${from}/${to}`, { num, den, staleMillis, nanos });
    return 0;
  }

  /** `minor` of one currency in the other, rounded down; a refusal as a number if it cannot be. */
  convert(minor: bigint, from: number, to: number, nanos: number): bigint | number {
    if (from === to || minor === 0n) return minor;
    const rate = this.rates.get(`${from}/${to}`) ?? this.rates.get(`${to}/${from}`);
    if (rate === undefined) return Refusal.PriceUnknown;
    const age = nanos - rate.nanos;
    if (rate.staleMillis !== 0 && age > rate.staleMillis * NANOS_PER_MILLI) {
      return Refusal.PriceStale;
    }
    return this.newest(minor, from, to)!;
  }

  /** As `convert` at the newest mark however old it is, undefined without one. */
  newest(minor: bigint, from: number, to: number): bigint | undefined {
    const direct = this.rates.get(`${from}/${to}`);
    const rate = direct ?? this.rates.get(`${to}/${from}`);
    if (rate === undefined) return undefined;
    const [num, den] = direct === undefined ? [rate.den, rate.num] : [rate.num, rate.den];
    const shift = this.exponents.get(from)! - this.exponents.get(to)!;
    const up = 10n ** BigInt(Math.max(shift, 0));
    const down = 10n ** BigInt(Math.max(-shift, 0));
    const [above, below] = [minor * num * up, den * down];
    const quotient = above / below;
    return quotient * below > above ? quotient - 1n : quotient;
  }
}
