// The same OrderNew again, in the twin: every content ever sent under an id, as text.
import { Kind, OrderState, Refusal } from "../../asm/vocab.ts";
import type { Row, TwinOrder } from "./order-twin.ts";

/** All that an order says but who sent it. */
const CONTENT = [
  ...["instrument", "strategy", "priceTicks", "qtyLots", "type", "side", "tif", "orderFlags"],
  ...["selfTrade", "trigger", "contingency", "trailUnit", "stopTicks", "displayLots"],
  ...["trailOffset", "expiresNanos", "linkedClientId", "model", "algorithm", "positionSide", "tag"],
];

/** All that a replace says but whose it is, its new id and who sent it. */
const REPLACE = [
  ...["instrument", "strategy", "clientId", "orderId", "fields", "priceTicks", "qtyLots"],
  ...["stopTicks", "displayLots", "trailOffset", "expiresNanos", "tag"],
];

/** What the twin is asked for and told. */
interface Asked {
  orders: Map<string, TwinOrder>;
  accounts: Map<number, unknown>;
  event(kind: Kind, order: TwinOrder, reason: number, detail: number): void;
  deny(kind: Kind, row: Row, reason: number, limit: number, order?: TwinOrder): void;
  replayed(): void;
}

export class TwinRepeats {
  /** Content of the order of each id. */
  private readonly contents = new Map<string, string>();
  /** Denials of each id, by content. */
  private readonly denials = new Map<string, Map<string, [number, number]>>();

  private readonly twin: Asked;

  constructor(twin: Asked) {
    this.twin = twin;
  }

  made(row: Row): void {
    this.contents.set(keyOf(row), contentOf(row));
  }

  denied(row: Row, reason: number, limit: number): void {
    const id = BigInt(row["clientId"] ?? 0);
    const isOwn = id >= 1n << 63n;
    if (id === 0n || isOwn || !this.twin.accounts.has(Number(row["account"]))) return;
    if (isPassing(reason)) return;
    this.keep(row, contentOf(row), reason, limit);
  }

  private keep(row: Row, content: string, reason: number, limit: number): void {
    const known = this.denials.get(keyOf(row)) ?? new Map<string, [number, number]>();
    this.denials.set(keyOf(row), known.set(content, [reason, limit]));
  }

  /** Answers an order whose id or denial is known; false when it is new. */
  answer(row: Row): boolean {
    const order = this.twin.orders.get(keyOf(row));
    const denial = this.denials.get(keyOf(row))?.get(contentOf(row));
    if (order !== undefined && this.contents.get(keyOf(row)) === contentOf(row)) {
      this.say(order);
    } else if (denial !== undefined) {
      this.twin.deny(Kind.OrderDenied, row, ...denial);
      this.twin.replayed();
    } else if (order !== undefined) {
      this.twin.deny(Kind.OrderDenied, row, Refusal.ClientOrderIdDuplicate, 0);
    }
    return order !== undefined || denial !== undefined;
  }

  private say(order: TwinOrder): void {
    const isRejected = order.state === OrderState.Rejected;
    let kind = order.state === OrderState.Pending ? Kind.OrderPending : Kind.OrderAccepted;
    if (isRejected) kind = Kind.OrderRejected;
    this.twin.event(kind, order, isRejected ? order.route!.rejected! : 0, 0);
    this.twin.replayed();
  }

  /** An OrderReplace was done: its new order is that of this very request. */
  replaced(row: Row): void {
    this.contents.set(keyOf(newOf(row)), replaceOf(row));
  }

  replaceDenied(row: Row, reason: number, limit: number): void {
    const id = BigInt(row["newClientId"] ?? 0);
    const isKept = id !== 0n && id < 1n << 63n;
    if (!isKept || reason === Refusal.ClientOrderIdDuplicate || isPassing(reason)) return;
    this.keep(newOf(row), replaceOf(row), reason, limit);
  }

  /** Answers a replace that was done or denied before; `old` is the order it names. */
  replaceAnswer(row: Row, old: TwinOrder | undefined): boolean {
    const key = keyOf(newOf(row));
    const content = replaceOf(row);
    const order = this.twin.orders.get(key);
    const denial = this.denials.get(key)?.get(content);
    if (order !== undefined && this.contents.get(key) === content) this.say(order);
    else if (denial === undefined) return false;
    else {
      this.twin.deny(Kind.AmendDenied, row, ...denial, old);
      this.twin.replayed();
    }
    return true;
  }
}

/** The row with the new id as its own. */
function newOf(row: Row): Row {
  return { account: row["account"] ?? 0, clientId: row["newClientId"] ?? 0 };
}

function replaceOf(row: Row): string {
  return `replace ${REPLACE.map((name) => row[name] ?? 0).join(" ")}`;
}

function isPassing(reason: number): boolean {
  return reason === Refusal.RateLimit || reason >= Refusal.OrdersFull;
}

/** Account and client id. */
export function keyOf(row: Row): string {
  return `${row["account"] ?? 0}/${row["clientId"] ?? 0}`;
}

function contentOf(row: Row): string {
  let text = "";
  for (const name of CONTENT) text += `${row[name] ?? 0} `;
  return text;
}
