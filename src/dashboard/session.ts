// The page's connection: logs in, subscribes to what is shown, fills the store, and comes back.
//
// Three streams: all instruments four times a second for the list, the selected one as it happens
// for chart, book and trades, and the account's own events. Reconnecting is done here and not in
// the client, because the page shows the countdown and lets the visitor cut it short. A refused
// token ends the attempts: it will not become valid.
//
// tidy: tested by test/acceptance/dashboard.test.ts
import { Kind, QueryPart } from "../../asm/vocab.ts";
import { Client } from "../client/index.ts";
import type { Received, Subscription } from "../client/index.ts";
import { AlphaError } from "../errors.ts";
import { CANDLES_MAX } from "../protocol.ts";
import { ClockSkew } from "./clock-skew.ts";
import { millisOf } from "./format.ts";
import { SCRAPE_MILLIS, StageWindow } from "./stage-latency.ts";
import type { Store } from "./store.ts";
import { keepResumeToken, readResumeToken } from "./token.ts";

const OVERVIEW_INTERVAL_MILLIS = 250;
/** One animation frame: sending more often would only cost frames on the wire. */
const DETAIL_INTERVAL_MILLIS = 16;
const PING_MILLIS = 2000;
/** Between two questions for limits and parts: each is an input that the journal keeps. */
const LIMITS_MILLIS = 5000;
const ROUND_TRIPS_MAX = 10;
/** Instruments whose day is asked for; others show the change since their first trade. */
const DAYS_MAX = 200;
const DAY_POLL_MILLIS = 50;
const DAY_POLLS_MAX = 20;
const BACKOFF_MILLIS = 500;
const BACKOFF_MILLIS_MAX = 10_000;

/** One page's session; lives as long as the page. */
export class Session {
  readonly #store: Store;
  readonly #address: string;
  readonly #skew = new ClockSkew();
  readonly #stages = new StageWindow();
  /** Of the last pings: the shortest is the way, the rest is waiting. */
  readonly #roundTripsMillis: number[] = [];
  /** Token of the page's address, until it was used. */
  #token: string;
  #client: Client | undefined;
  #overview: Subscription | undefined;
  #detail: Subscription | undefined;
  /** Counts selections: an answer to an older one is dropped. */
  #selection = 0;
  #attempt = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  /** `address` is that of the page; `token` the one it was opened with, "" when none. */
  constructor(store: Store, address: string, token: string) {
    this.#store = store;
    this.#address = address;
    this.#token = token;
  }

  /** Connects, and keeps measuring as long as the page lives. */
  start(): void {
    void this.#connect();
    setInterval(() => void this.#ping(), PING_MILLIS);
    setInterval(() => void scrapeStages(this.#store, this.#stages), SCRAPE_MILLIS);
    setInterval(() => this.#askLimits(), LIMITS_MILLIS);
  }

  /** Tries now instead of at the end of the countdown. */
  retry(): void {
    if (this.#retryTimer === undefined) return;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    void this.#connect();
  }

  /** Moves the detail stream to what the store has selected. */
  async followSelection(): Promise<void> {
    this.#askLimits();
    this.#selection += 1;
    const selection = this.#selection;
    const before = this.#detail;
    this.#detail = undefined;
    try {
      await before?.close();
      if (selection === this.#selection) await this.#openDetail(selection);
    } catch (fault) {
      this.#report(fault);
    }
  }

  async #openDetail(selection: number): Promise<void> {
    const [client, store] = [this.#client, this.#store];
    const instrument = store.instrument.peek();
    const timeframe = store.timeframe.peek();
    if (client === undefined || instrument === 0) return;
    const candles = timeframe < 0 ? [] : [timeframe];
    const detail = await client.subscribe({
      ...{ instrument, ticks: true, candles, forming: true, indicators: true },
      intervalMillis: DETAIL_INTERVAL_MILLIS,
    });
    if (selection !== this.#selection) return detail.close();
    this.#detail = detail;
    if (timeframe < 0) return store.loadHistory(instrument, timeframe, []);
    const history = await client.candles(instrument, timeframe, CANDLES_MAX);
    store.loadHistory(instrument, timeframe, history);
  }

  async #connect(): Promise<void> {
    const store = this.#store;
    const token = this.#token === "" ? readResumeToken(sessionStorage) : this.#token;
    if (token === "") {
      const why = "The address has no token, and this tab has not been let in before.";
      store.link.value = { phase: "locked", why };
      return;
    }
    if (store.link.peek().phase !== "waiting") store.link.value = { phase: "connecting" };
    const client = new Client(this.#address, { token, reconnect: false });
    client.onRecord((received) => this.#take(received));
    client.on("gap", ({ stream }) => {
      // The client takes a fresh snapshot of own events; market data goes on by itself.
      if (stream === 0) store.own.beginSnapshot();
    });
    client.on("error", ({ what, remedy }) => {
      if (client === this.#client) store.fault.value = { what, remedy };
    });
    client.on("status", ({ state, reason }) => {
      if (state === "closed" && client === this.#client) this.#lost(reason);
    });
    try {
      await client.open();
    } catch (fault) {
      return this.#refused(fault);
    }
    await this.#opened(client);
  }

  async #opened(client: Client): Promise<void> {
    const store = this.#store;
    this.#client = client;
    this.#token = "";
    this.#attempt = 0;
    if (client.welcome !== undefined) {
      keepResumeToken(sessionStorage, client.welcome.resumeToken);
      store.level.value = client.welcome.level;
    }
    const { challenge } = client;
    if (challenge !== undefined) {
      const { engine, build, mode, simulated } = challenge;
      store.engine.value = { engine, build, mode, simulated };
    }
    store.setReference(client.reference);
    store.fault.value = undefined;
    store.link.value = { phase: "live" };
    void scrapeStages(store, this.#stages);
    try {
      store.own.beginSnapshot();
      await client.subscribe({ own: true });
      this.#detail = undefined;
      await this.followSelection();
      const day = store.daySlot();
      this.#overview = await client.subscribe({
        ...{ ticks: true, signals: true, intervalMillis: OVERVIEW_INTERVAL_MILLIS },
        ...(day === undefined ? {} : { candles: [day] }),
      });
      await this.#ping();
      if (day !== undefined) await this.#readDays(client, day);
    } catch (fault) {
      this.#report(fault);
    }
  }

  /**
   * Asks each instrument once for the open of the day that forms; the server has no list of them.
   */
  async #readDays(client: Client, day: number): Promise<void> {
    for (const row of [...this.#store.market.rows.values()].slice(0, DAYS_MAX)) {
      if (client !== this.#client) return;
      if (row.openIsDay) continue;
      const { id } = row;
      const stream = await client.subscribe({ instrument: id, candles: [day], forming: true });
      for (let wait = 0; wait < DAY_POLLS_MAX && !row.openIsDay; wait += 1) {
        await new Promise((done) => setTimeout(done, DAY_POLL_MILLIS));
      }
      await stream.close();
    }
  }

  #take(received: Received): void {
    const { subscription, isSnapshot } = received;
    if (subscription === undefined) return;
    if (subscription === this.#detail) {
      const record = received.decoded();
      if (!isSnapshot) this.#skew.push(millisOf(record.tsEngineNanos), Date.now());
      this.#store.applyDetail(record, isSnapshot);
    } else if (subscription === this.#overview) {
      // The detail stream tells the same of the selected instrument, and earlier.
      const record = received.decoded();
      const isSelected = record.instrument === this.#store.instrument.peek();
      this.#store.applyOverview(record, isSelected && this.#detail !== undefined);
    } else if (subscription.stream === 0) this.#store.applyOwn(received.decoded());
    else this.#store.applyOverview(received.decoded(), true);
  }

  #refused(fault: unknown): void {
    if (!(fault instanceof AlphaError)) throw fault;
    if (fault.code !== "LOGIN_REFUSED") return this.#wait(fault.message);
    // A used link in a tab that was let in before: its own token may still be good.
    const isLink = this.#token !== "";
    this.#token = "";
    if (isLink && readResumeToken(sessionStorage) !== "") return void this.#connect();
    keepResumeToken(sessionStorage, "");
    const why = isLink
      ? "The token in the address was used before, or is too old."
      : "This tab's access has ended: the engine was started anew, or too much time has passed.";
    this.#store.link.value = { phase: "locked", why };
  }

  #lost(reason: string): void {
    this.#client = undefined;
    this.#overview = undefined;
    this.#detail = undefined;
    this.#wait(reason);
  }

  #wait(why: string): void {
    const millis = Math.min(BACKOFF_MILLIS * 2 ** this.#attempt, BACKOFF_MILLIS_MAX);
    this.#attempt += 1;
    const retryAtMillis = Date.now() + millis;
    this.#store.link.value = { phase: "waiting", attempt: this.#attempt, retryAtMillis, why };
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      void this.#connect();
    }, millis);
  }

  /**
   * Asks what is used of the limits in the selected instrument, and what strategies have of the
   * positions, which no event tells; the answers are own snapshots.
   */
  #askLimits(): void {
    const client = this.#client;
    const instrument = this.#store.instrument.peek();
    if (client === undefined || document.hidden || instrument === 0) return;
    const fields = { instrument, account: client.welcome?.account ?? 0 };
    const asked = [QueryPart.Limits, QueryPart.Strategies];
    try {
      client.publish(asked.map((part) => ({ kind: Kind.StateQuery, fields: { ...fields, part } })));
    } catch (fault) {
      this.#report(fault);
    }
  }

  async #ping(): Promise<void> {
    const client = this.#client;
    if (client === undefined || document.hidden) return;
    try {
      const roundTripMillis = await client.ping();
      this.#roundTripsMillis.push(roundTripMillis);
      if (this.#roundTripsMillis.length > ROUND_TRIPS_MAX) this.#roundTripsMillis.shift();
      const skewMillis = this.#skew.skewMillis(Math.min(...this.#roundTripsMillis));
      this.#store.pulse.value = { roundTripMillis, skewMillis };
    } catch (fault) {
      this.#report(fault);
    }
  }

  /** Shows a refused request; a broken connection has its own notice. */
  #report(fault: unknown): void {
    if (!(fault instanceof AlphaError)) throw fault;
    if (["CONNECTION_LOST", "NOT_CONNECTED", "CLOSED"].includes(fault.code)) return;
    this.#store.fault.value = { what: fault.message, remedy: fault.remedy };
  }
}

async function scrapeStages(store: Store, stages: StageWindow): Promise<void> {
  if (document.hidden || store.link.peek().phase !== "live") return;
  try {
    const answer = await fetch("metrics", { cache: "no-store" });
    if (!answer.ok) {
      store.stagesFault.value = `The engine answered ${answer.status} for its metrics.`;
      return;
    }
    store.stages.value = stages.push(await answer.text());
    store.stagesFault.value = "";
  } catch {
    // The connection's own notice says that the engine is gone.
    store.stagesFault.value = "The engine's metrics cannot be read now.";
  }
}
