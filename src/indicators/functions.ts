// Functions over arrays of numbers that are no indicators of candles: arithmetic and trigonometry
// element by element, and crossings of two lines, as Tulip Indicators names them.
//
// They run on the host for whoever computes over files. Nothing of them enters the core, so the
// host's own mathematics may be used.

/** Arrays of one length in, one array out, aligned at the last element. */
export interface ArrayFunction {
  /** Arrays it takes. */
  inputs: 1 | 2;
  compute: (left: readonly number[], right: readonly number[]) => number[];
}

function each(compute: (value: number) => number): ArrayFunction {
  return { inputs: 1, compute: (left) => left.map((value) => compute(value)) };
}

function pairs(compute: (left: number, right: number) => number): ArrayFunction {
  return { inputs: 2, compute: (left, right) => left.map((value, i) => compute(value, right[i]!)) };
}

/** 1 where the lines cross after element i - 1, from element 1 on. */
function crossings(isDownToo: boolean): ArrayFunction {
  return {
    inputs: 2,
    compute: (left, right) =>
      left.slice(1).map((value, i) => {
        const isUp = value > right[i + 1]! && left[i]! <= right[i]!;
        const isDown = value < right[i + 1]! && left[i]! >= right[i]!;
        return isUp || (isDownToo && isDown) ? 1 : 0;
      }),
  };
}

/** Half away from zero, as in C; the host rounds halves up. */
function roundAway(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value));
}

/** Every function by name. */
export const ARRAY_FUNCTIONS: Readonly<Record<string, ArrayFunction>> = {
  ...{ abs: each(Math.abs), ceil: each(Math.ceil), floor: each(Math.floor) },
  ...{ round: each(roundAway), trunc: each(Math.trunc), sqrt: each(Math.sqrt) },
  ...{ exp: each(Math.exp), ln: each(Math.log), log10: each(Math.log10) },
  ...{ sin: each(Math.sin), cos: each(Math.cos), tan: each(Math.tan) },
  ...{ asin: each(Math.asin), acos: each(Math.acos), atan: each(Math.atan) },
  ...{ sinh: each(Math.sinh), cosh: each(Math.cosh), tanh: each(Math.tanh) },
  todeg: each((value) => (value * 180) / Math.PI),
  torad: each((value) => (value * Math.PI) / 180),
  add: pairs((left, right) => left + right),
  sub: pairs((left, right) => left - right),
  mul: pairs((left, right) => left * right),
  div: pairs((left, right) => left / right),
  crossover: crossings(false),
  crossany: crossings(true),
};
