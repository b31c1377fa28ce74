// What a core answered, decoded, for tests that read fields by name.
import type { LayoutKind, RecordOf } from "../../src/protocol.ts";

type AnyRecord = RecordOf<LayoutKind>;
type NameOf<R> = R extends unknown ? keyof R : never;
type ValueOf<R, N> = R extends unknown ? (N extends keyof R ? R[N] : never) : never;

/**
 * A decoded output with the fields of every kind, of the type each has where it exists. Which kind
 * it is a test expects anyway; a field its kind lacks reads as undefined and fails the expectation.
 */
export type Out = { [N in NameOf<AnyRecord>]: ValueOf<AnyRecord, N> };
