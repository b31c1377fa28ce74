// Trading from the page: a second connection, with a key the visitor pastes.
//
// The page's own token may only read, so that an address in a history or a screenshot trades
// nothing. The key is asked for when somebody wants to trade, stays in this tab's memory, is never
// stored, and is gone with a reload or "Lock". What became of an order arrives with the account's
// own events on the page's connection; here only what the server refuses to take is heard.
//
// tidy: tested by test/acceptance/dashboard.test.ts
import { signal } from "@preact/signals";
import { AmendField, Kind, Right, Scope } from "../../asm/vocab.ts";
import { Client } from "../client/index.ts";
import type { Subscription } from "../client/index.ts";
import { AlphaError } from "../errors.ts";
import type { DecodedRecord, FieldsOf, OrderEventRecord, ParentRecord } from "../protocol.ts";
import { refusalName, refusalRemedy } from "./refusal.ts";

/** Whether orders can be sent, and why not. */
export type Access =
  | { phase: "locked"; why: string }
  | { phase: "unlocking" }
  | { phase: "open"; account: number }
  | { phase: "lost"; account: number };

/** Tells a person what went wrong and what to do. */
export type Report = (what: string, remedy: string) => void;

/** What an amend asks for; the quantity is the total, with what is filled. */
export interface OrderChange {
  priceTicks?: number | undefined;
  stopTicks?: number | undefined;
  qtyLots?: number | undefined;
}

/** The page's one trading connection. */
export class Trader {
  readonly access = signal<Access>({ phase: "locked", why: "" });
  readonly #address: string;
  readonly #report: Report;
  readonly #onState: (record: DecodedRecord) => void;
  #client: Client | undefined;
  #own: Subscription | undefined;

  /** `onState` is given the account's state after a switch, which no event of its own tells. */
  constructor(address: string, report: Report, onState: (record: DecodedRecord) => void) {
    this.#address = address;
    this.#report = report;
    this.#onState = onState;
  }

  /** Logs in with the PEM text of a key's private half. `account` is the one the page shows. */
  async unlock(pem: string, account: number): Promise<void> {
    this.lock();
    this.access.value = { phase: "unlocking" };
    const client = new Client(this.#address, { key: pem });
    client.on("error", ({ code, what, remedy }) => {
      const isKnown = code !== 0;
      this.#report(isKnown ? `${refusalName(code)}: ${what}` : what, remedy || refusalRemedy(code));
    });
    client.onRecord((received) => {
      if (received.kind === Number(Kind.AccountState)) this.#onState(received.decoded());
    });
    client.on("status", ({ state }) => {
      if (client === this.#client) this.#moved(state, client);
    });
    try {
      await client.open();
      this.#client = client;
      this.#allow(client, account);
    } catch (fault) {
      if (!(fault instanceof AlphaError)) throw fault;
      client.close();
      this.#client = undefined;
      this.access.value = { phase: "locked", why: `${fault.message}. ${fault.remedy}` };
    }
  }

  /** Forgets the key. */
  lock(why = ""): void {
    const client = this.#client;
    this.#client = undefined;
    this.#own = undefined;
    client?.close();
    this.access.value = { phase: "locked", why };
  }

  /** Sends orders that may name each other; `make` is given what draws client ids. */
  send(make: (draw: () => bigint) => readonly FieldsOf<Kind.OrderNew>[]): void {
    const client = this.#open();
    const orders = make(() => client.drawClientId());
    client.publish(orders.map((fields) => ({ kind: Kind.OrderNew, fields: { ...fields } })));
  }

  cancel(order: OrderEventRecord): void {
    const { instrument, clientId, orderId } = order;
    this.#open().publish([{ kind: Kind.OrderCancel, fields: { instrument, clientId, orderId } }]);
  }

  /** Asks for another price, trigger or total quantity; what is left out stays as it is. */
  amend(order: OrderEventRecord, { priceTicks, stopTicks, qtyLots }: OrderChange): void {
    const { instrument, clientId, orderId } = order;
    const fields =
      (priceTicks === undefined ? 0 : AmendField.Price) |
      (stopTicks === undefined ? 0 : AmendField.Stop) |
      (qtyLots === undefined ? 0 : AmendField.Qty);
    const prices = { priceTicks: priceTicks ?? 0, stopTicks: stopTicks ?? 0 };
    const change = { fields, ...prices, qtyLots: qtyLots ?? 0 };
    const row = { instrument, clientId, orderId, ...change };
    this.#open().publish([{ kind: Kind.OrderAmend, fields: row }]);
  }

  /** Ends an order worked over time, and its child. */
  cancelParent({ instrument, clientId }: ParentRecord): void {
    this.#open().publish([{ kind: Kind.ParentCancel, fields: { instrument, clientId } }]);
  }

  /** Cancels every open order of the account. */
  cancelAll(): void {
    this.#open().publish([{ kind: Kind.MassCancel, fields: { scope: Scope.Account } }]);
  }

  /** The account's kill switch; on cancels its open orders too. */
  kill(isOn: boolean): void {
    const client = this.#open();
    client.kill(isOn);
    void this.#readState(client);
  }

  /** Subscribes anew: the state that comes first was asked for behind the switch. */
  async #readState(client: Client): Promise<void> {
    const before = this.#own;
    this.#own = undefined;
    try {
      await before?.close();
      this.#own = await client.subscribe({ own: true });
    } catch (fault) {
      if (!(fault instanceof AlphaError)) throw fault;
      this.#report(fault.message, fault.remedy);
    }
  }

  #allow(client: Client, account: number): void {
    const welcome = client.welcome;
    if (welcome === undefined || (welcome.rights & Right.Trade) === 0) {
      return this.lock("This key may not trade. Use trader.pem of the engine's keys folder.");
    }
    if (account !== 0 && welcome.account !== account) {
      const whose = `This key trades account ${welcome.account}, the page shows ${account}.`;
      return this.lock(`${whose} Use a key of account ${account}.`);
    }
    this.access.value = { phase: "open", account: welcome.account };
  }

  #moved(state: "open" | "lost" | "closed", client: Client): void {
    const account = client.welcome?.account ?? 0;
    if (state === "closed") this.lock("The engine has ended this key's access.");
    else this.access.value = { phase: state, account };
  }

  #open(): Client {
    const client = this.#client;
    if (client !== undefined && this.access.peek().phase === "open") return client;
    throw new AlphaError("TRADING_LOCKED", "trading is locked", "unlock trading with a key");
  }
}
