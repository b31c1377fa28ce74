// What every indicator's state begins with: 64 bytes of settings and the values of the last close.
//
// A kernel is three functions over such a slot: `xPeek` gives the values the candle would have if
// it closed now and changes nothing, `xPush` closes it, `xBytes` says how much state follows. Push
// asks peek first, so that the forming value and the closed one cannot disagree.
// tidy: tested by test/contract/indicator.ts

export const I_KIND: i32 = 0; // u16, enum IndicatorKind
export const I_SLOT: i32 = 2; // u8
export const I_WARM: i32 = 3; // u8, 1 = the values mean something
export const I_PERIOD: i32 = 4; // i32
export const I_PERIOD_2: i32 = 8; // i32
export const I_PERIOD_3: i32 = 12; // i32
export const I_COUNT: i32 = 16; // u32, candles pushed
export const I_FLAGS: i32 = 20; // u32
export const I_FACTOR: i32 = 24; // f64
export const I_FACTOR_2: i32 = 32; // f64
export const I_VALUES: i32 = 40; // f64 x 3, of the last closed candle, 0 while it warms up
/** State of the kernel follows. */
export const I_STATE: i32 = 64;
export const VALUES_BYTES: i32 = 24;

// Composed kernels (composed.ts) have more settings, one of them where other kinds have values,
// and their values behind those.
export const I_ANCHOR: i32 = 40; // u32, seconds since the epoch
export const I_SOURCE: i32 = 64; // u8, enum PriceSource
export const I_SOURCE_2: i32 = 65; // u8
export const I_LINES: i32 = 66; // u8
export const I_PERIOD_4: i32 = 68; // i32
export const I_FACTOR_3: i32 = 72; // f64
/** Their values, f64 x lines, of the last closed candle; state of the kernel follows. */
export const I_WIDE: i32 = 80;
/** Values one IndicatorValue record carries; further ones come in further records. */
export const LINES_PER_RECORD: i32 = 3;
/** Values a kernel may have. */
export const LINES_MAX: i32 = 12;
/** Kinds below are the ones with kernels of their own; see indicator.ts. */
export const COMPOSED_FIRST: i32 = 32;

/** Greatest factor a record may ask for. */
export const FACTOR_MAX: f64 = 1000;

/** Candles pushed, counting the one that is being looked at. */
// @ts-ignore: decorator
@inline
export function countWith(at: usize): i32 {
  return load<i32>(at, I_COUNT) + 1;
}

/** Stores one value for a candle that is warm; `line` 0 to 2. */
// @ts-ignore: decorator
@inline
export function putValue(out: usize, line: usize, value: f64): void {
  // Infinities and NaN would enter records and state hashes; no kernel may make one.
  assert(value - value == 0, "an indicator's value is finite");
  store<f64>(out + (line << 3), value);
}

/** Ends a push: the values were written by peek, the candle counts. */
// @ts-ignore: decorator
@inline
export function closeSlot(at: usize, isWarm: bool): void {
  store<u8>(at, <u8>isWarm, I_WARM);
  // Saturates: a count beyond every period means the same for ever.
  if (load<i32>(at, I_COUNT) < i32.MAX_VALUE) store<i32>(at, load<i32>(at, I_COUNT) + 1, I_COUNT);
}
