// `alphapulse/client`: one connection to an engine, for programs and pages.
export { Client, connect } from "./client.ts";
export type {
  ClientEvents,
  ConnectOptions,
  Received,
  Subscription,
  SubscribeRequest,
} from "./client.ts";
export type { Gap } from "./cursor.ts";
export type { AmendRequest, Amount, OrderRequest } from "./orders.ts";
export { lotsOf, ticksOf } from "./orders.ts";
export type { ParentRequest } from "./parents.ts";
export { signerFromPem } from "./signer.ts";
export type { Signer } from "./signer.ts";
export * from "../protocol.ts";
export { AckLevel, Flag, FrameType, Kind, Refusal, Right, Side } from "../../asm/vocab.ts";
export { AlphaError } from "../errors.ts";
