// The same OrderNew again, in the twin: every row ever sent under an id, compared field by field.
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

/** A row and what of it counts. */
interface Sent {
  row: Row;
  content: string[];
}

/** What the twin is asked for and told. */
interface Asked {
  orders: Map<string, TwinOrder>;
  accounts: Map<number, unknown>;
  event(kind: Kind, order: TwinOrder, reason: number, detail: number): void;
  deny(kind: Kind, row: Row, reason: number, limit: number, order?: TwinOrder): void;
  replayed(): void;
}

export class TwinRepeats {
  /** What made the order of each id. */
  private readonly made = new Map<string, Sent>();
  /** What was denied under each id, and the answers. */
  private readonly denials = new Map<string, { sent: Sent; answer: [number, number] }[]>();

  private readonly twin: Asked;

  constructor(twin: Asked) {
    this.twin = twin;
  }

  sent(row: Row): void {
    this.made.set(keyOf(row), { row, content: CONTENT });
  }

  denied(row: Row, reason: number, limit: number): void {
    const id = BigInt(row["clientId"] ?? 0);
    const isOwn = id >= 1n << 63n;
    if (id === 0n || isOwn || !this.twin.accounts.has(Number(row["account"]))) return;
    if (isPassing(reason)) return;
    this.keep(keyOf(row), { row, content: CONTENT }, [reason, limit]);
  }

  private keep(key: string, sent: Sent, answer: [number, number]): void {
    let known = this.denials.get(key);
    if (known === undefined) this.denials.set(key, (known = []));
    const again = known.find((one) => isSame(one.sent, sent));
    if (again === undefined) known.push({ sent, answer });
    else again.answer = answer;
  }

  /** The answer when the same was denied before. */
  private denial(key: string, sent: Sent): [number, number] | undefined {
    return this.denials.get(key)?.find((one) => isSame(one.sent, sent))?.answer;
  }

  /** Answers an order whose id or denial is known; false when it is new. */
  answer(row: Row): boolean {
    const key = keyOf(row);
    const order = this.twin.orders.get(key);
    const sent = { row, content: CONTENT };
    const denial = this.denial(key, sent);
    if (order !== undefined && isSame(this.made.get(key), sent)) {
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
    this.made.set(keyOf(newOf(row)), { row, content: REPLACE });
  }

  replaceDenied(row: Row, reason: number, limit: number): void {
    const id = BigInt(row["newClientId"] ?? 0);
    const isKept = id !== 0n && id < 1n << 63n;
    if (!isKept || reason === Refusal.ClientOrderIdDuplicate || isPassing(reason)) return;
    this.keep(keyOf(newOf(row)), { row, content: REPLACE }, [reason, limit]);
  }

  /** Answers a replace that was done or denied before; `old` is the order it names. */
  replaceAnswer(row: Row, old: TwinOrder | undefined): boolean {
    const key = keyOf(newOf(row));
    const sent = { row, content: REPLACE };
    const order = this.twin.orders.get(key);
    const denial = this.denial(key, sent);
    if (order !== undefined && isSame(this.made.get(key), sent)) this.say(order);
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

/** Both orders, or both replaces, and nothing in them differs. */
function isSame(known: Sent | undefined, { row, content }: Sent): boolean {
  if (known === undefined || known.content !== content) return false;
  return content.every((name) => BigInt(known.row[name] ?? 0) === BigInt(row[name] ?? 0));
}

function isPassing(reason: number): boolean {
  return reason === Refusal.RateLimit || reason >= Refusal.OrdersFull;
}

/** Account and client id. */
export function keyOf(row: Row): string {
  return `${row["account"] ?? 0}/${row["clientId"] ?? 0}`;
}
