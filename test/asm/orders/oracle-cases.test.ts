// The shared matching cases through the real core: events of every step, and the final book.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import {
  AmendField,
  CancelReason,
  Kind,
  OrderFlag,
  OrderType,
  Refusal,
  SelfTrade,
  Side,
  TimeInForce,
} from "../../../asm/vocab.ts";
import { OrderCore, type Out } from "../order-core.ts";

const PATH = join(
  fileURLToPath(new URL("../../..", import.meta.url)),
  "../shared/oracles/matching_cases.json",
);

type Command = Record<string, unknown> & { op: string; id: string; acct: string };
type Event = Record<string, unknown> & { e: string };
interface Level {
  bids: [number, [string, number, number][]][];
  asks: [number, [string, number, number][]][];
}
interface Case {
  id: string;
  title: string;
  steps: { cmd: Command; events: Event[] }[];
  final: { book: Level };
}

const RULES: Record<string, SelfTrade> = {
  CN: SelfTrade.CancelNewest,
  CO: SelfTrade.CancelOldest,
  CB: SelfTrade.CancelBoth,
};
const TIFS: Record<string, TimeInForce> = {
  GTC: TimeInForce.Gtc,
  IOC: TimeInForce.Ioc,
  FOK: TimeInForce.Fok,
};
const WHY: Record<number, string> = {
  [CancelReason.User]: "user",
  [CancelReason.ImmediateOrCancel]: "ioc",
  [CancelReason.FillOrKill]: "fok",
  [CancelReason.NoLiquidity]: "no_liquidity",
  [CancelReason.SelfTrade]: "stp",
  [CancelReason.Mass]: "mass",
};
const REJECT: Record<number, string> = {
  [Refusal.PostOnlyWouldTrade]: "post_only",
  [Refusal.ClientOrderIdDuplicate]: "duplicate_id",
  [Refusal.UnknownOrder]: "unknown_order",
  [Refusal.OrderNotOpen]: "unknown_order",
};
const UNSUPPORTED = ["stop", "trail", "display", "oco", "ouo", "parent", "expires", "reduceOnly"];

/** Why the core cannot run a case yet, or undefined. */
function unsupported(one: Case): string | undefined {
  for (const { cmd } of one.steps) {
    if (!["new", "cancel", "amend", "mass"].includes(cmd.op)) return `command ${cmd.op}`;
    for (const name of UNSUPPORTED) if (cmd[name] !== undefined) return name;
    if (cmd["stp"] !== undefined && RULES[cmd["stp"] as string] === undefined) {
      return `self-trade rule ${cmd["stp"] as string}`;
    }
  }
  return undefined;
}

/** Runs commands by the case's names and turns what the core says into the case's events. */
class Runner {
  private readonly names: string[] = [];
  private readonly accounts: string[] = [];
  private readonly owner = new Map<string, number>();
  private readonly core: OrderCore;

  constructor(core: OrderCore) {
    this.core = core;
    core.instrument(1);
  }

  private account(name: string): number {
    if (!this.accounts.includes(name)) {
      this.accounts.push(name);
      this.core.account(this.accounts.length);
    }
    return this.accounts.indexOf(name) + 1;
  }

  private clientId(name: string): number {
    if (!this.names.includes(name)) this.names.push(name);
    return this.names.indexOf(name) + 1;
  }

  run(cmd: Command): Event[] {
    const clientId = this.clientId(cmd.id);
    if (cmd.op === "mass") {
      const account = this.account(cmd.acct);
      return this.events(this.core.send(Kind.MassCancel, { account, scope: 2 }));
    }
    if (cmd.op === "new") {
      const account = this.account(cmd.acct);
      if (!this.owner.has(cmd.id)) this.owner.set(cmd.id, account);
      return this.events(this.core.order({ clientId, account, ...this.shape(cmd) }));
    }
    const who = { account: this.owner.get(cmd.id), clientId };
    if (cmd.op === "cancel") return this.events(this.core.send(Kind.OrderCancel, who));
    const fields =
      (cmd["px"] === undefined ? 0 : AmendField.Price) |
      (cmd["qty"] === undefined ? 0 : AmendField.Qty);
    const change = { priceTicks: cmd["px"] ?? 0, qtyLots: cmd["qty"] ?? 0 };
    return this.events(this.core.send(Kind.OrderAmend, { ...who, fields, ...change }));
  }

  private shape(cmd: Command): Record<string, unknown> {
    return {
      side: cmd["side"] === "B" ? Side.Buy : Side.Sell,
      type: cmd["type"] === "market" ? OrderType.Market : OrderType.Limit,
      tif: TIFS[(cmd["tif"] as string | undefined) ?? "GTC"],
      qtyLots: cmd["qty"],
      priceTicks: cmd["px"] ?? 0,
      orderFlags: cmd["postOnly"] === true ? OrderFlag.PostOnly : 0,
      selfTrade: RULES[(cmd["stp"] as string | undefined) ?? ""] ?? SelfTrade.Allow,
    };
  }

  private name(out: Out): string {
    return this.names[Number(out["clientId"]) - 1]!;
  }

  private events(outs: Out[]): Event[] {
    const events: Event[] = [];
    let maker = "";
    for (const out of outs) {
      const kind = out["kind"] as Kind;
      const id = this.name(out);
      const [qty, px] = [out["leavesLots"], out["priceTicks"]];
      const why = REJECT[out["reason"]] ?? "?";
      if (kind === Kind.OrderAccepted) events.push({ e: "ack", id, state: "live" });
      if (kind === Kind.OrderDenied) events.push({ e: "reject", id, why });
      if (kind === Kind.CancelDenied) events.push({ e: "cancel_reject", id, why });
      if (kind === Kind.AmendDenied) events.push({ e: "amend_reject", id, why });
      if (kind === Kind.OrderAmended)
        events.push({ e: "amended", id, px, qty, kept: out["detail"] === 1 });
      if (kind === Kind.OrderCanceled) {
        events.push({ e: "cancel", id, qty, why: WHY[out["reason"]] });
      }
      if (kind !== Kind.Fill) continue;
      if (out["liquidity"] === 1) maker = id;
      else events.push({ e: "trade", maker, taker: id, px, qty: out["qtyLots"] });
    }
    return events;
  }

  /** Open orders of the case, best first, from the accounts' own answers. */
  book(): { bids: unknown[]; asks: unknown[] } {
    const rows = this.accounts.flatMap((_, at) =>
      this.core.send(Kind.StateQuery, { account: at + 1 }),
    );
    const open = rows.filter((row) => row["kind"] === Kind.OrderStateRow);
    const side = (which: Side, sign: number): unknown[] => {
      const prices = [
        ...new Set(open.filter((o) => o["side"] === which).map((o) => o["priceTicks"])),
      ];
      return prices
        .sort((a, b) => sign * (a - b))
        .map((price) => [
          price,
          open
            .filter((o) => o["side"] === which && o["priceTicks"] === price)
            .map((o): [string, number] => [this.name(o), o["leavesLots"]])
            .sort(),
        ]);
    };
    return { bids: side(Side.Buy, -1), asks: side(Side.Sell, 1) };
  }
}

const cases = existsSync(PATH)
  ? (JSON.parse(readFileSync(PATH, "utf8")) as { expected: Case[] }).expected
  : [];
const reasons = new Map<string, number>();
const supported = cases.filter((one) => {
  const reason = unsupported(one);
  if (reason !== undefined) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  return reason === undefined;
});

describe.skipIf(cases.length === 0)("shared matching cases", () => {
  test.each(supported.map((one) => [one.id, one.title, one] as const))(
    "%s: %s",
    (_id, _title, one) => {
      const runner = new Runner(OrderCore.create());
      for (const { cmd, events } of one.steps)
        expect(runner.run(cmd), JSON.stringify(cmd)).toEqual(events);
      const plain = (levels: Level["bids"]): unknown[] =>
        levels.map(([price, orders]) => [
          price,
          orders.map(([id, , leaves]) => [id, leaves]).sort(),
        ]);
      const { bids, asks } = one.final.book;
      expect(runner.book(), "final book").toEqual({ bids: plain(bids), asks: plain(asks) });
    },
  );

  test("at least the cases of limit, market, IOC, FOK, post-only, amend and cancel run", () => {
    console.log(
      `matching cases: ${supported.length} run, unsupported ${JSON.stringify([...reasons])}`,
    );
    expect(supported.length).toBeGreaterThanOrEqual(26);
  });
});

test.runIf(cases.length === 0)("shared matching cases are absent: nothing to check here", () => {
  console.log(`${PATH} is not there; the matching cases were skipped`);
  expect(cases.length).toBe(0);
});
