// The exports of core.wasm: the few calls a host makes. Everything else is a record in a ring.
export { moneyCheck } from "./accounts/money-check";
export { deadlineSinceBase, replay, run, stateHash } from "./apply";
export { discard, seal } from "./block";
export { init } from "./init";
export { candlePeek, indicatorPeek, instrumentPeek, levelsPeek } from "./market";
export { xxh64 } from "./math/hash";
export * from "./parse/exports";
