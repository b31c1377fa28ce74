// Broken messages for the scanner's fuzz: seeded, so that a failure is one number.

/** Small seeded generator (xorshift32); tests print the seed. */
export class Draw {
  #state: number;
  constructor(seed: number) {
    this.#state = seed | 1;
  }
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }
  below(count: number): number {
    return this.next() % count;
  }
}

const TOKENS = [
  '"',
  "\\",
  "\\u0031",
  "{",
  "}",
  "[",
  "]",
  ":",
  ",",
  "0",
  "-",
  ".",
  "e9",
  " ",
  "null",
]
  .concat([
    "true",
    '"s":',
    '"a":[',
    '"data":{',
    '"e":"trade",',
    "9999999999999999999",
    "\n",
    "\x00",
  ])
  .concat(['"b":[["1.0","2"]],', '"T":1,', '"pu":3,', "\xff", '"x":{"y":[1,{"z":"\\n"}]},'])
  .map((text) => Buffer.from(text, "latin1"));

/**
 * Copies `seed` into `to` with one to three mutations and returns the new length: bit flips, bytes
 * set, cuts, tokens put in, pieces doubled or removed, deep nesting.
 */
export function mutate(seed: Uint8Array, to: Uint8Array, draw: Draw): number {
  to.set(seed);
  let length = seed.length;
  for (let left = draw.below(3) === 0 ? 1 + draw.below(3) : 1; left > 0; left--) {
    length = mutateOnce(to, length, draw);
    if (length === 0) return 0;
  }
  return length;
}

function mutateOnce(to: Uint8Array, length: number, draw: Draw): number {
  const at = draw.below(length);
  switch (draw.below(9)) {
    case 0:
      to[at]! ^= 1 << draw.below(8);
      return length;
    case 1:
      to[at] = draw.below(256);
      return length;
    case 2:
      return at;
    case 3:
    case 4:
      return insert(to, length, at, TOKENS[draw.below(TOKENS.length)]!);
    case 5: {
      const bytes = Math.min(1 + draw.below(12), length - at);
      to.copyWithin(at, at + bytes, length);
      return length - bytes;
    }
    case 6: {
      const bytes = Math.min(1 + draw.below(40), length - at);
      return insert(to, length, at, to.slice(at, at + bytes));
    }
    case 7:
      // A digit for a digit: mostly still a message.
      for (let i = 0; i < 8; i++) {
        const where = (at + i) % length;
        if (to[where]! >= 0x30 && to[where]! <= 0x39) to[where] = 0x30 + draw.below(10);
      }
      return length;
    default:
      return insert(to, length, at, NESTS[draw.below(NESTS.length)]!);
  }
}

const NESTS = [3, 28, 29, 30, 31, 33, 200].map((depth) =>
  Buffer.from(`"n":${'{"k":['.repeat(depth >> 1)}${"]}".repeat(depth >> 1)},`),
);

function insert(to: Uint8Array, length: number, at: number, bytes: Uint8Array): number {
  to.copyWithin(at + bytes.length, at, length);
  to.set(bytes, at);
  return length + bytes.length;
}
