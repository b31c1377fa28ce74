// Reads a WebAssembly binary as far as the engine's promises can be seen in it: imports, globals,
// start, data segments, and every instruction of every function.
//
// The code is walked instruction by instruction, because a byte that looks like memory.grow may be
// part of a constant. An opcode the walker does not know is an error, never skipped.

export interface WasmFacts {
  /** `module.name` of every import. */
  imports: string[];
  mutableGlobals: number;
  hasStart: boolean;
  functions: number;
  /** First byte after the last data segment; segments without a fixed place count as infinite. */
  dataEnd: number;
  memory: { pagesMin: number; pagesMax: number; isShared: boolean } | undefined;
  /** How often each instruction of interest occurs. */
  memoryGrow: number;
  atomicWait: number;
  relaxedSimd: number;
}

const SECTION = { import: 2, memory: 5, global: 6, start: 8, code: 10, data: 11 } as const;

class Reader {
  at: number;
  readonly end: number;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  byte(): number {
    const value = this.bytes[this.at];
    if (value === undefined || this.at >= this.end) throw new Error(`cut short at ${this.at}`);
    this.at += 1;
    return value;
  }

  /** Unsigned LEB128 below 2^53. */
  u32(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  /** Signed LEB128; only its length matters beyond 32 bits. */
  s64(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return (byte & 64) !== 0 ? value - scale * 128 : value;
    }
  }

  skip(count: number): void {
    this.at += count;
  }

  name(): string {
    const count = this.u32();
    const text = new TextDecoder().decode(this.bytes.subarray(this.at, this.at + count));
    this.skip(count);
    return text;
  }

  sub(count: number): Reader {
    const inner = new Reader(this.bytes, this.at, this.at + count);
    this.skip(count);
    return inner;
  }
}

export function readWasm(bytes: Uint8Array): WasmFacts {
  const facts: WasmFacts = {
    imports: [],
    mutableGlobals: 0,
    hasStart: false,
    functions: 0,
    dataEnd: 0,
    memory: undefined,
    memoryGrow: 0,
    atomicWait: 0,
    relaxedSimd: 0,
  };
  const reader = new Reader(bytes, 8, bytes.length);
  while (reader.at < reader.end) {
    const id = reader.byte();
    const section = reader.sub(reader.u32());
    if (id === SECTION.import) readImports(section, facts);
    else if (id === SECTION.memory) {
      if (section.u32() > 0) facts.memory = readLimits(section);
    } else if (id === SECTION.global) readGlobals(section, facts);
    else if (id === SECTION.start) facts.hasStart = true;
    else if (id === SECTION.code) readCode(section, facts);
    else if (id === SECTION.data) readData(section, facts);
  }
  return facts;
}

function readImports(section: Reader, facts: WasmFacts): void {
  for (let left = section.u32(); left > 0; left -= 1) {
    facts.imports.push(`${section.name()}.${section.name()}`);
    const kind = section.byte();
    if (kind === 0) section.u32();
    else if (kind === 1) {
      section.byte();
      readLimits(section);
    } else if (kind === 2) facts.memory = readLimits(section);
    else if (kind === 3) {
      section.byte();
      if (section.byte() === 1) facts.mutableGlobals += 1;
    } else throw new Error(`import kind ${kind}`);
  }
}

function readLimits(section: Reader): NonNullable<WasmFacts["memory"]> {
  const flags = section.byte();
  const pagesMin = section.u32();
  const pagesMax = (flags & 1) !== 0 ? section.u32() : Infinity;
  return { pagesMin, pagesMax, isShared: (flags & 2) !== 0 };
}

function readGlobals(section: Reader, facts: WasmFacts): void {
  for (let left = section.u32(); left > 0; left -= 1) {
    section.byte();
    if (section.byte() === 1) facts.mutableGlobals += 1;
    readConstant(section);
  }
}

/** A constant expression; the last integer in it, NaN when there is none. */
function readConstant(section: Reader): number {
  let value = NaN;
  for (;;) {
    const opcode = section.byte();
    if (opcode === 0x0b) return value;
    if (opcode === 0x41 || opcode === 0x42) value = section.s64();
    else if (opcode === 0x43) section.skip(4);
    else if (opcode === 0x44) section.skip(8);
    else if (opcode === 0x23 || opcode === 0xd2) section.u32();
    else if (opcode === 0xd0) section.byte();
    else if (opcode === 0xfd && section.u32() === 12) section.skip(16);
    else throw new Error(`opcode ${opcode} in a constant`);
  }
}

function readData(section: Reader, facts: WasmFacts): void {
  for (let left = section.u32(); left > 0; left -= 1) {
    const flags = section.u32();
    if (flags === 2) section.u32();
    const at = flags === 1 ? NaN : readConstant(section);
    const count = section.u32();
    section.skip(count);
    const end = at + count;
    facts.dataEnd = Number.isNaN(end) ? Infinity : Math.max(facts.dataEnd, end);
  }
}

function readCode(section: Reader, facts: WasmFacts): void {
  facts.functions = section.u32();
  for (let left = facts.functions; left > 0; left -= 1) {
    const body = section.sub(section.u32());
    for (let groups = body.u32(); groups > 0; groups -= 1) {
      body.u32();
      body.byte();
    }
    while (body.at < body.end) readInstruction(body, facts);
  }
}

function readInstruction(body: Reader, facts: WasmFacts): void {
  const opcode = body.byte();
  if (opcode === 0xfc) return readBulk(body);
  if (opcode === 0xfd) return readSimd(body, facts);
  if (opcode === 0xfe) return readAtomic(body, facts);
  if (opcode >= 0x02 && opcode <= 0x04) return void body.s64();
  if (opcode === 0x0e) {
    for (let left = body.u32(); left >= 0; left -= 1) body.u32();
    return;
  }
  if (opcode === 0x1c) {
    for (let left = body.u32(); left > 0; left -= 1) body.byte();
    return;
  }
  if (opcode >= 0x28 && opcode <= 0x3e) return readMemoryArgument(body);
  if (opcode === 0x40) facts.memoryGrow += 1;
  if (opcode === 0x41 || opcode === 0x42) return void body.s64();
  if (opcode === 0x43) return body.skip(4);
  if (opcode === 0x44) return body.skip(8);
  if (opcode === 0x11 || opcode === 0x13) {
    body.u32();
    body.u32();
    return;
  }
  // br, br_if, call, return_call, locals, globals, tables, memory.size and grow, ref.null, ref.func
  const ONE = [0x0c, 0x0d, 0x10, 0x12, 0x3f, 0x40, 0xd0, 0xd2];
  if (ONE.includes(opcode) || (opcode >= 0x20 && opcode <= 0x26)) return void body.u32();
  const isPlain =
    [0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b, 0xd1].includes(opcode) ||
    (opcode >= 0x45 && opcode <= 0xc4);
  if (!isPlain) throw new Error(`opcode 0x${opcode.toString(16)} at ${body.at - 1}`);
}

function readMemoryArgument(body: Reader): void {
  // Bit 6 of the alignment announces a memory index.
  if ((body.u32() & 64) !== 0) body.u32();
  body.u32();
}

function readBulk(body: Reader): void {
  const opcode = body.u32();
  if (opcode <= 7) return;
  if (opcode > 17) throw new Error(`opcode 0xfc ${opcode}`);
  body.u32();
  // memory.init, memory.copy, table.init and table.copy name two things, the others one.
  if ([8, 10, 12, 14].includes(opcode)) body.u32();
}

function readSimd(body: Reader, facts: WasmFacts): void {
  const opcode = body.u32();
  if (opcode >= 0x100) facts.relaxedSimd += 1;
  if (opcode <= 11 || opcode === 92 || opcode === 93) return readMemoryArgument(body);
  if (opcode === 12 || opcode === 13) return body.skip(16);
  if (opcode >= 21 && opcode <= 34) return body.skip(1);
  if (opcode >= 84 && opcode <= 91) {
    readMemoryArgument(body);
    body.skip(1);
  }
}

function readAtomic(body: Reader, facts: WasmFacts): void {
  const opcode = body.u32();
  if (opcode === 1 || opcode === 2) facts.atomicWait += 1;
  if (opcode === 3) return body.skip(1);
  readMemoryArgument(body);
}
