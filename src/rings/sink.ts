// Who listens to the engine: the gateway's hub, the host of in-process strategies, a recorder.
import type { AckLevel } from "../../asm/vocab.ts";
import type { StrategyPast } from "../strategy-past.ts";

/**
 * Receives what the core wrote, once per loop turn. Offsets are bytes into `u8` and `view` (the
 * core's memory) and are valid only during the call: copy what you keep. Implementations allocate
 * nothing per record.
 */
export interface OutputSink {
  /** A contiguous run of records, byte offsets [from, to). */
  collect(u8: Uint8Array, view: DataView, from: number, to: number): void;
  /**
   * Everything collected up to input `sequence` has reached `level`: Memory before the journal
   * write, Written after it, Durable when fdatasync covers it. What acknowledges may leave now.
   */
  flush(level: AckLevel, sequence: number): void;
  /** True while somebody waits for the Durable level: then every turn asks for an fdatasync. */
  readonly wantsDurable?: boolean;
  /** The same records while the journal is replayed at start: for histories, never to act on. */
  recovered?(u8: Uint8Array, view: DataView, from: number, to: number): void;
  /**
   * What strategies had done until a snapshot, whose records `recovered` has just had: the newest
   * of each kind in no order of time (oms/recollection.ts). Before the replay goes on behind it.
   */
  restored?(pasts: readonly StrategyPast[]): void;
}
