// Control messages: MessagePack maps with a `type`, in frames of type Control.
//
// They are rare (login, subscribe, reference data, refusals), so they may cost objects. Both ends
// check them with the schemas below where they enter; a message that fails is answered with an
// `error` that names the place, and changes nothing.
//
// tidy: tested by test/src/protocol.test.ts
import { decode as unpack, encode as pack } from "@msgpack/msgpack";
import * as z from "zod/mini";
import {
  AckLevel,
  FRAME_BYTES_MAX,
  FRAME_HEADER_BYTES,
  FRAME_MAGIC_VALUE,
  FRAME_VERSION_VALUE,
  FrameType,
  Refusal,
} from "../asm/vocab.ts";
import { AlphaError } from "./errors.ts";
import { writeFrameHeader } from "./protocol-frame.ts";

/** Version of the control messages; a server refuses a login of another one. */
export const PROTOCOL_VERSION = 1;
export const NONCE_BYTES = 32;
export const SIGNATURE_BYTES = 64;
/** Candles one history answer holds at most. */
export const CANDLES_MAX = 500;

const u32 = z.int().check(z.gte(0), z.lte(0xffff_ffff));
const u16 = z.int().check(z.gte(0), z.lte(0xffff));
const count = z.int().check(z.gte(0));
const slot = z.int().check(z.gte(0), z.lte(31));
const level = z.int().check(z.gte(AckLevel.Memory), z.lte(AckLevel.Durable));
const text = (max: number) => z.string().check(z.maxLength(max));
const bytes = (length: number) =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length);

const login = z.strictObject({
  type: z.literal("login"),
  protocol: z.int(),
  /** Key login: the key's id and its signature of `loginBytes`. */
  keyId: z.optional(text(64)),
  signature: z.optional(bytes(SIGNATURE_BYTES)),
  /** Token login: the one-time token of the printed address, or the last `resumeToken`. */
  token: z.optional(text(128)),
  /** Level of acknowledgements this session waits for; `Written` when left out. */
  level: z.optional(level),
});

const market = z.strictObject({
  /** 0 = every instrument. */
  instrument: u32,
  /** TradePrint and TopOfBook. */
  ticks: z.optional(z.boolean()),
  /** Timeframe slots whose closed candles are sent. */
  candles: z.optional(z.array(slot).check(z.maxLength(32))),
  /** CandleForming of the same slots too, a few times a second. */
  forming: z.optional(z.boolean()),
  /** IndicatorValue of every slot. */
  indicators: z.optional(z.boolean()),
  /** Signal, BookTrust and MarketRefusal. */
  signals: z.optional(z.boolean()),
  /** Frames wait and are packed this long, 0 = one a loop turn. */
  intervalMillis: z.optional(z.int().check(z.gte(0), z.lte(10_000))),
});

const own = z.strictObject({
  /** Resume: the run (`welcome.run`) and the last number seen of stream 0. */
  run: z.optional(text(64)),
  after: z.optional(count),
});

const subscribe = z.strictObject({
  type: z.literal("subscribe"),
  request: u32,
  market: z.optional(market),
  own: z.optional(own),
});
const unsubscribe = z.strictObject({
  type: z.literal("unsubscribe"),
  request: u32,
  stream: u32,
});
const candles = z.strictObject({
  type: z.literal("candles"),
  request: u32,
  instrument: u32,
  timeframe: slot,
  /** The most recent so many, oldest first. */
  count: z.int().check(z.gte(1), z.lte(CANDLES_MAX)),
});
const ping = z.strictObject({ type: z.literal("ping"), request: u32 });

const fromClient = z.discriminatedUnion("type", [login, subscribe, unsubscribe, candles, ping]);

const challenge = z.object({
  type: z.literal("challenge"),
  protocol: z.int(),
  nonce: bytes(NONCE_BYTES),
  /** Milliseconds since the Unix epoch. */
  serverTimeMillis: z.number(),
  engine: z.string(),
  build: z.string(),
  /** "paper", "live", "replay", ... */
  mode: z.string(),
  /** True when the market is made up; shown as SIMULATED wherever it surfaces. */
  simulated: z.boolean(),
});
const welcome = z.object({
  type: z.literal("welcome"),
  session: u32,
  /** 0 = none. */
  account: u32,
  tenant: u16,
  /** Bits of enum Right. */
  rights: z.number(),
  level,
  /** Names this run of the engine: stream numbers of another run mean nothing here. */
  run: z.string(),
  /** Replaces the token of a token login; empty after a key login. */
  resumeToken: z.string(),
  resumeExpiresMillis: z.number(),
});
const subscribed = z.object({
  type: z.literal("subscribed"),
  request: u32,
  /** Stream id of the frames that follow; 0 for own events. */
  stream: u32,
  /** Records of the snapshot that follows; -1: it ends with StateQueryEnd. */
  snapshotRecords: z.number(),
  /** Number of the first record after the snapshot. */
  nextSequence: z.number(),
  /** True when own events go on behind `after`, without a snapshot. */
  resumed: z.boolean(),
});
const unsubscribed = z.object({ type: z.literal("unsubscribed"), request: u32, stream: u32 });
const history = z.object({
  type: z.literal("history"),
  request: u32,
  instrument: u32,
  timeframe: slot,
  /** CandleClosed records, oldest first. */
  records: z.custom<Uint8Array>((value) => value instanceof Uint8Array),
});
const pong = z.object({ type: z.literal("pong"), request: u32, serverTimeMillis: z.number() });
const error = z.object({
  type: z.literal("error"),
  /** The request it answers, 0 when none. */
  request: u32,
  /** enum Refusal. */
  code: u16,
  name: z.string(),
  what: z.string(),
  remedy: z.string(),
});

const instrumentInfo = z.object({
  id: u32,
  symbol: z.string(),
  kind: z.number(),
  execution: z.number(),
  venue: z.number(),
  base: z.number(),
  quote: z.number(),
  settlement: z.number(),
  /** Price step = tickMantissa x 10^tickExponent, as decimal text of the mantissa. */
  tickMantissa: z.string(),
  tickExponent: z.number(),
  lotMantissa: z.string(),
  lotExponent: z.number(),
  simulated: z.boolean(),
  /** Fills move balances, so hedging accounts have no legs in it; left out: they may. */
  cash: z.optional(z.boolean()),
});
const currencyInfo = z.object({ id: u16, code: z.string(), minorExponent: z.number() });
const timeframeInfo = z.object({
  instrument: u32,
  slot,
  candleType: z.number(),
  periodMillis: z.number(),
  /** As it was configured: "5m", "volumeLots:1000". */
  label: z.optional(z.string()),
});
const indicatorInfo = z.object({
  instrument: u32,
  timeframe: slot,
  slot: z.number(),
  kind: z.number(),
  /** For people: "EMA 20". */
  label: z.string(),
});
const strategyInfo = z.object({
  id: u16,
  name: z.string(),
  account: u32,
  kind: z.number(),
  running: z.boolean(),
});
const referenceData = z.object({
  instruments: z.array(instrumentInfo),
  currencies: z.array(currencyInfo),
  timeframes: z.array(timeframeInfo),
  indicators: z.array(indicatorInfo),
  strategies: z.array(strategyInfo),
});
const reference = z.extend(referenceData, {
  type: z.literal("reference"),
  /** True when another `reference` follows; their lists are joined. */
  more: z.boolean(),
});

const fromServer = z.discriminatedUnion("type", [
  challenge,
  welcome,
  reference,
  subscribed,
  unsubscribed,
  history,
  pong,
  error,
]);

/** What a client may send. */
export type ClientMessage = z.infer<typeof fromClient>;
export type LoginMessage = z.infer<typeof login>;
export type SubscribeMessage = z.infer<typeof subscribe>;
export type MarketRequest = z.infer<typeof market>;
/** What a server sends. */
export type ServerMessage = z.infer<typeof fromServer>;
export type ChallengeMessage = z.infer<typeof challenge>;
export type WelcomeMessage = z.infer<typeof welcome>;
export type SubscribedMessage = z.infer<typeof subscribed>;
export type ErrorMessage = z.infer<typeof error>;
/** What can be traded and drawn; `instrument` 0 in timeframes and indicators = every instrument. */
export type ReferenceData = z.infer<typeof referenceData>;
export type InstrumentInfo = z.infer<typeof instrumentInfo>;
export type CurrencyInfo = z.infer<typeof currencyInfo>;
export type TimeframeInfo = z.infer<typeof timeframeInfo>;
export type IndicatorInfo = z.infer<typeof indicatorInfo>;
export type StrategyInfo = z.infer<typeof strategyInfo>;

/** A whole Control frame with this message; throws FRAME_OVERSIZE when it does not fit one. */
export function controlFrame(message: ClientMessage | ServerMessage): Uint8Array<ArrayBuffer> {
  const body = pack(message);
  const length = FRAME_HEADER_BYTES + body.length;
  if (length > FRAME_BYTES_MAX) {
    throw new AlphaError(
      "FRAME_OVERSIZE",
      `message "${message.type}" has ${length} bytes, a frame holds ${FRAME_BYTES_MAX}`,
      "ask for less at once",
    );
  }
  const frame = new Uint8Array(length);
  writeFrameHeader(new DataView(frame.buffer), {
    type: FrameType.Control,
    level: AckLevel.Memory,
    bytes: length,
    streamSequence: 0,
    stream: 0,
    records: 0,
    sentNanos: 0,
  });
  frame.set(body, FRAME_HEADER_BYTES);
  return frame;
}

/** The client's message of a Control frame; throws CONTROL_INVALID with the place of the fault. */
export function readClientMessage(frame: Uint8Array): ClientMessage {
  return readMessage(frame, fromClient);
}

/** The request number of a message that could not be read, so that its refusal finds it; else 0. */
export function requestOf(frame: Uint8Array): number {
  try {
    const value = unpack(frame.subarray(FRAME_HEADER_BYTES));
    const request = (value as { request?: unknown } | null)?.request;
    return z.safeParse(u32, request).data ?? 0;
  } catch {
    // Not MessagePack: there is no number to find.
    return 0;
  }
}

/** The server's message of a Control frame; throws CONTROL_INVALID with the place of the fault. */
export function readServerMessage(frame: Uint8Array): ServerMessage {
  return readMessage(frame, fromServer);
}

function readMessage<T>(frame: Uint8Array, schema: z.ZodMiniType<T>): T {
  const remedy = "send a MessagePack map as PROTOCOL.md describes it";
  let value: unknown;
  try {
    value = unpack(frame.subarray(FRAME_HEADER_BYTES));
  } catch (fault) {
    const why = fault instanceof Error ? fault.message : String(fault);
    throw new AlphaError("CONTROL_INVALID", `not MessagePack: ${why}`, remedy, fault);
  }
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const place = issue === undefined || issue.path.length === 0 ? "message" : issue.path.join(".");
  throw new AlphaError("CONTROL_INVALID", `${place}: ${issue?.message ?? "unreadable"}`, remedy);
}

/** An error message for a refusal; `name` is the word of the code. */
export function errorMessage(
  code: Refusal,
  what: string,
  remedy: string,
  request = 0,
): ErrorMessage {
  return { type: "error", request, code, name: Refusal[code], what, remedy };
}

/**
 * The bytes a key signs to log in. They begin with words no other use of the key has, and hold the
 * host the client believes it talks to, so that another server cannot pass the signature on.
 */
export function loginBytes(
  nonce: Uint8Array,
  host: string,
  keyId: string,
): Uint8Array<ArrayBuffer> {
  const head = `alphapulse/login/${FRAME_MAGIC_VALUE}.${FRAME_VERSION_VALUE}\0${keyId}\0${host}\0`;
  const words = new TextEncoder().encode(head.toLowerCase());
  const result = new Uint8Array(words.length + nonce.length);
  result.set(words);
  result.set(nonce, words.length);
  return result;
}
