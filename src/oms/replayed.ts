// The journal replayed block by block, and the inputs of a block: what a cause chain is read from.
//
// The journal is read without its lock; a running engine is not disturbed.
//
// tidy: tested by test/src/cli/why-command.test.ts
import { BLOCK_HEADER_BYTES, REC_KIND, REC_SEQUENCE, Role } from "../../asm/vocab.ts";
import { Core, type CoreBuild } from "../core/core.ts";
import { createHasher } from "../core/hasher.ts";
import { NODE_DISK } from "../journal/node-disk.ts";
import { streamFolder } from "../journal/format.ts";
import { scanBlocks, type Block } from "../journal/scan.ts";
import { decode, recordBytes, type DecodedRecord } from "../protocol.ts";
import { decisionsOf } from "./decisions.ts";

/** A record on the way to an order or from it. */
export interface CauseStep {
  /** Journal the input is in: 0 orders or inline, 1.. market workers. */
  stream: number;
  /** Sequence of the input: the record itself, or the cause of what the core made of it. */
  sequence: bigint;
  /** An input is in the journal; an output was made from it, then as now. */
  isInput: boolean;
  record: DecodedRecord;
}

/** Where the journal is, and who wants to know how far the replay is. */
export interface CauseOptions {
  /** Folder that holds the streams. */
  dir: string;
  streams: readonly number[];
  build: CoreBuild;
  /** Told after each block: segment file and the byte behind the block. */
  onProgress?: (path: string, doneBytes: number) => void;
}

/** Blocks of the order journal with a core that stands before them; the caller replays each. */
export function* replayed({ dir, build, onProgress }: CauseOptions): Generator<[Core, Block]> {
  const core = Core.create(build, { roles: Role.Both });
  const hash = createHasher(build);
  const scan = { disk: NODE_DISK, folder: streamFolder(dir, 0), stream: 0, hash };
  const decisions = decisionsOf(scan);
  for (const block of scanBlocks(scan)) {
    decisions.mark(block.bytes);
    yield [core, block];
    onProgress?.(block.path, block.offset + block.bytes.length);
  }
}

/** Inputs of a block, decoded, of which kind and sequence are wanted. */
export function* inputs(
  { bytes }: Block,
  isWanted: (kind: number, sequence: bigint) => boolean,
): Generator<DecodedRecord> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at: number = BLOCK_HEADER_BYTES; at < bytes.length; at += recordBytes(view, at)) {
    const kind = view.getUint16(at + REC_KIND, true);
    if (isWanted(kind, view.getBigUint64(at + REC_SEQUENCE, true))) yield decode(view, at);
  }
}

/** The input with this sequence, if it is in the block. */
export function inputOf(block: Block, stream: number, sequence: bigint): CauseStep[] {
  const found = inputs(block, (_kind, one) => one === sequence);
  return [...found].map((record) => ({ stream, sequence, isInput: true, record }));
}
