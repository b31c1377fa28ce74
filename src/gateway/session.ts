// One connection: its login, its place in the account's own events, its market subscriptions.
//
// Before the login a connection may send nothing but `login`; after it, control messages and
// records. Every refusal is told in one `error` message that says what and what to do, and counted;
// who keeps sending nonsense is closed. Rules of sending live in hub.ts, of records in inbound.ts.
//
// tidy: tested by test/src/gateway/server.test.ts
import { randomBytes } from "node:crypto";
import { AckLevel, FrameType, Refusal, Right } from "../../asm/vocab.ts";
import type { Grant, KeyStore } from "../access/keys.ts";
import type { TokenStore } from "../access/tokens.ts";
import { AlphaError } from "../errors.ts";
import {
  controlFrame,
  errorMessage,
  kindName,
  loginBytes,
  NONCE_BYTES,
  PROTOCOL_VERSION,
  readClientMessage,
  requestOf,
} from "../protocol.ts";
import type { ClientMessage, LoginMessage, ServerMessage, SubscribeMessage } from "../protocol.ts";
import { CloseCode, Sent } from "./door.ts";
import type { Arrival, Socket } from "./door.ts";
import type { Hub } from "./hub.ts";
import type { Sender } from "./inbound.ts";
import type { MarketStream } from "./market.ts";

/** Failed logins after which a connection is closed. */
export const LOGIN_FAILURES_MAX = 5;
/** Malformed frames after which a connection is closed. */
export const MALFORMED_MAX = 16;
/** Market subscriptions of one session. */
export const STREAMS_MAX = 64;
const LOGIN_WAIT_MILLIS = 10_000;
const FAILURE_DELAY_MILLIS = 100;

/** How a server introduces itself and checks who comes. */
export interface LoginRules {
  keys: KeyStore;
  tokens: TokenStore;
  engine: string;
  build: string;
  mode: string;
  simulated: boolean;
  /** Level of sessions that ask for none; default Written. */
  level?: AckLevel;
  /** Names this run of the engine. */
  run: string;
  /** Milliseconds since the Unix epoch. */
  wallMillis: () => number;
}

/** Records of a snapshot of own events that waits for its level. */
export interface OwnSnapshot {
  records: Uint8Array;
  /** Number of the own event that follows it. */
  next: number;
  turn: number;
  cause: number;
}

/** One connection. */
export class Session implements Sender {
  readonly id: number;
  readonly socket: Socket;
  level: AckLevel = AckLevel.Written;
  account = 0;
  tenant = 0;
  rights = 0;
  isOpen = true;
  isLoggedIn = false;
  /** Number of the next own event to send; 0 = not subscribed, -1 = waits for its snapshot. */
  ownNext = 0;
  readonly ownSnapshots: OwnSnapshot[] = [];
  readonly streams: MarketStream[] = [];
  private readonly hub: Hub;
  private readonly rules: LoginRules;
  private readonly arrival: Arrival;
  private readonly nonce = new Uint8Array(randomBytes(NONCE_BYTES));
  private readonly loginTimer: NodeJS.Timeout;
  private loginFailures = 0;
  private malformed = 0;
  private isWaiting = false;
  private streamNext = 1;

  constructor(hub: Hub, rules: LoginRules, id: number, socket: Socket, arrival: Arrival) {
    this.hub = hub;
    this.rules = rules;
    this.id = id;
    this.socket = socket;
    this.arrival = arrival;
    this.loginTimer = setTimeout(() => {
      this.refuse(Refusal.NotLoggedIn, "no login within 10 s", "connect again and log in");
      this.close(CloseCode.Policy, "no login");
    }, LOGIN_WAIT_MILLIS);
    this.loginTimer.unref();
    this.send({
      type: "challenge",
      protocol: PROTOCOL_VERSION,
      nonce: this.nonce,
      serverTimeMillis: rules.wallMillis(),
      engine: rules.engine,
      build: rules.build,
      mode: rules.mode,
      simulated: rules.simulated,
    });
  }

  /** One message from the peer. */
  receive(bytes: Uint8Array, isBinary: boolean): void {
    if (!this.isOpen || this.isWaiting) return;
    if (!isBinary) {
      return this.malform(Refusal.MalformedFrame, "a text message", "send binary frames only");
    }
    const { inbound } = this.hub;
    const refusal = inbound.load(bytes);
    if (refusal !== Refusal.None) return this.malform(refusal, ...frameFault(refusal, bytes));
    if (inbound.type === FrameType.Control) return this.control(bytes);
    if (!this.isLoggedIn) {
      return this.malform(Refusal.NotLoggedIn, "records before login", "log in first");
    }
    if (inbound.type !== FrameType.Records) {
      const remedy = "send type Records; Snapshot and Conflated come from the server";
      return this.malform(Refusal.MalformedFrame, `frame type ${inbound.type}`, remedy);
    }
    const refused = inbound.push(bytes.length, this);
    if (refused === Refusal.None) return;
    const place = `record ${inbound.faultIndex} (${kindName(inbound.faultKind)})`;
    const what = refused === Refusal.RingFull ? "the ring is full" : place;
    this.refuse(refused, `${what}: frame not taken`, recordRemedy(refused));
  }

  /** Sends a control message. */
  send(message: ServerMessage): Sent {
    if (!this.isOpen) return Sent.Dropped;
    return this.socket.send(controlFrame(message));
  }

  /** Tells a refusal and counts it. */
  refuse(code: Refusal, what: string, remedy: string, request = 0): void {
    this.hub.countRefusal(code);
    this.send(errorMessage(code, what, remedy, request));
  }

  /** Closes the connection; the socket's own close event does the rest. */
  close(code: CloseCode, reason: string): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    clearTimeout(this.loginTimer);
    this.socket.close(code, reason);
  }

  /** The socket is gone. */
  end(): void {
    this.isOpen = false;
    clearTimeout(this.loginTimer);
  }

  /** Id of the next market stream. */
  nextStream(): number {
    this.streamNext += 1;
    return this.streamNext - 1;
  }

  private malform(code: Refusal, what: string, remedy: string, request = 0): void {
    this.malformed += 1;
    this.refuse(code, what, remedy, request);
    if (this.malformed > MALFORMED_MAX) {
      this.close(CloseCode.Policy, `more than ${MALFORMED_MAX} malformed frames`);
    }
  }

  private control(bytes: Uint8Array): void {
    let message: ClientMessage;
    try {
      message = readClientMessage(bytes);
    } catch (fault) {
      if (!(fault instanceof AlphaError)) throw fault;
      const { message: what, remedy } = fault;
      return this.malform(Refusal.MalformedFrame, what, remedy, requestOf(bytes));
    }
    if (message.type === "login") return this.login(message);
    if (!this.isLoggedIn) {
      return this.malform(Refusal.NotLoggedIn, `"${message.type}" before login`, "log in first");
    }
    if (message.type === "subscribe") return this.subscribe(message);
    if (message.type === "unsubscribe") {
      const { request, stream } = message;
      if (this.hub.unsubscribe(this, stream)) {
        this.send({ type: "unsubscribed", request, stream });
        return;
      }
      const remedy = "use the number that `subscribed` gave";
      return this.refuse(Refusal.UnknownStream, `stream ${stream}`, remedy, request);
    }
    if (message.type === "candles") return this.hub.history(this, message);
    const serverTimeMillis = this.rules.wallMillis();
    this.send({ type: "pong", request: message.request, serverTimeMillis });
  }

  private subscribe({ request, market, own }: SubscribeMessage): void {
    if ((market === undefined) === (own === undefined)) {
      const remedy = "name either `market` or `own`";
      return this.malform(Refusal.MalformedFrame, "subscribe", remedy, request);
    }
    if ((this.rights & Right.Read) === 0) {
      return this.refuse(Refusal.RightMissing, "subscribe", "log in with Right.Read", request);
    }
    if (market !== undefined) this.hub.subscribeMarket(this, request, market);
    else if (own !== undefined) this.hub.subscribeOwn(this, request, own, this.rules.run);
  }

  private login(message: LoginMessage): void {
    if (this.isLoggedIn) {
      return this.malform(Refusal.BadLogin, "a second login", "open another connection");
    }
    if (message.protocol !== PROTOCOL_VERSION) {
      const what = `protocol ${message.protocol}, this server speaks ${PROTOCOL_VERSION}`;
      return this.fail(Refusal.BadLogin, what, "use the client of this build");
    }
    const { keyId, signature, token } = message;
    let grant: Grant | undefined;
    if (keyId !== undefined && signature !== undefined && token === undefined) {
      const signed = loginBytes(this.nonce, this.arrival.host, keyId);
      grant = this.rules.keys.verify(keyId, signed, signature);
    } else if (token !== undefined && keyId === undefined && signature === undefined) {
      if (this.arrival.origin === "") {
        const remedy = "tokens open the page in a browser; programs log in with a key";
        return this.fail(Refusal.WrongOrigin, "a token without Origin", remedy);
      }
      grant = this.rules.tokens.take(token);
    } else {
      return this.fail(Refusal.BadLogin, "login", "give keyId and signature, or token");
    }
    if (grant === undefined) {
      const [what, remedy] =
        token === undefined
          ? [`key ${keyId ?? ""} is unknown or did not sign`, "check the key and the dialed host"]
          : ["the token is unknown, used or over", "take the address the engine printed last"];
      return this.fail(Refusal.BadLogin, what, remedy);
    }
    this.admit(grant, message.level ?? this.rules.level ?? AckLevel.Written);
  }

  private admit(grant: Grant, level: AckLevel): void {
    clearTimeout(this.loginTimer);
    this.isLoggedIn = true;
    this.account = grant.account;
    this.tenant = grant.tenant;
    this.rights = grant.rights;
    this.level = level;
    const isToken = grant.keyId === "";
    const resume = isToken ? this.rules.tokens.resume(grant) : { token: "", expiresMillis: 0 };
    this.send({
      type: "welcome",
      session: this.id,
      account: this.account,
      tenant: this.tenant,
      rights: this.rights,
      level,
      run: this.rules.run,
      resumeToken: resume.token,
      resumeExpiresMillis: resume.expiresMillis,
    });
    this.hub.sendReference(this);
    this.hub.admitted(this);
  }

  /** Answers a failed login late, so that guessing is slow, and reads nothing meanwhile. */
  private fail(code: Refusal, what: string, remedy: string): void {
    this.loginFailures += 1;
    this.isWaiting = true;
    const delayMillis = FAILURE_DELAY_MILLIS * this.loginFailures;
    setTimeout(() => {
      this.isWaiting = false;
      this.refuse(code, what, remedy);
      if (this.loginFailures >= LOGIN_FAILURES_MAX) {
        this.close(CloseCode.Policy, `${LOGIN_FAILURES_MAX} failed logins`);
      }
    }, delayMillis).unref();
  }
}

function frameFault(refusal: Refusal, bytes: Uint8Array): [what: string, remedy: string] {
  const size = `frame of ${bytes.length} bytes`;
  switch (refusal) {
    case Refusal.OversizeFrame:
      return [`${size} is over the limit`, "split it into frames of at most 65536 bytes"];
    case Refusal.UnknownKind:
      return [`${size} holds a record of a kind nobody defined`, "use kinds of PROTOCOL.md"];
    case Refusal.WrongLength:
      return [
        `${size}: its header, its records and its length disagree`,
        "set bytes, records and each record's cell count as PROTOCOL.md says",
      ];
    default:
      return [`${size} has no valid header`, "begin each message with the 32 bytes of PROTOCOL.md"];
  }
}

function recordRemedy(refusal: Refusal): string {
  switch (refusal) {
    case Refusal.RightMissing:
      return "log in with a key that has the right and, for orders, an account";
    case Refusal.RingFull:
      return "the engine is behind: wait and send it again";
    case Refusal.ScopeInvalid:
      return "name a scope within your own account";
    case Refusal.FlagUnsupported:
      return "leave OrderFlag.Engine to the engine";
    default:
      return "this kind does not come from outside";
  }
}
