// Who listens to the engine's order loop; the shape belongs to the rings, which the gateway shares.
//
// tidy: tested by test/src/oms/engine.test.ts
export type { OutputSink } from "../rings/sink.ts";
