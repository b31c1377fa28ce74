// Bytes, also where Node's Buffer is not: what reads a journal runs in browsers too.

/** Its memcmp is ten times as fast as a loop; a browser has none. */
const node = (globalThis as { Buffer?: { compare(a: Uint8Array, b: Uint8Array): number } }).Buffer;
const ZEROS = new Uint8Array(1 << 16);

/** Whether all bytes are 0. */
export function isZero(bytes: Uint8Array): boolean {
  if (node === undefined) return isZeroByWords(bytes);
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const some = bytes.subarray(at, at + ZEROS.length);
    if (node.compare(some, ZEROS.subarray(0, some.length)) !== 0) return false;
  }
  return true;
}

/** As `isZero`, where there is no memcmp. */
export function isZeroByWords(bytes: Uint8Array): boolean {
  let at = 0;
  const { length } = bytes;
  while (at < length && ((bytes.byteOffset + at) & 3) !== 0) {
    if (bytes[at++] !== 0) return false;
  }
  if (at === length) return true;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (length - at) >> 2);
  // Eight words a step: a segment's rest of some hundred megabytes is searched at every start.
  let word = 0;
  for (; word + 8 <= words.length; word += 8) {
    const some =
      words[word]! |
      words[word + 1]! |
      words[word + 2]! |
      words[word + 3]! |
      words[word + 4]! |
      words[word + 5]! |
      words[word + 6]! |
      words[word + 7]!;
    if (some !== 0) return false;
  }
  for (at += word * 4; at < length; at += 1) if (bytes[at] !== 0) return false;
  return true;
}

/** Two hexadecimal digits a byte. */
export function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Bytes of hexadecimal digits. */
export function hexBytes(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** One character a byte: a key for a map, never shown. For short runs only. */
export function keyText(bytes: Uint8Array): string {
  return String.fromCharCode.apply(undefined, bytes as unknown as number[]);
}
