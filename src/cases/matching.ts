// Matching cases: orders of named accounts meet in an internal book; every event and the final book
// must be the case's. The command line's `match` sends its commands through the same book.
//
// tidy: tested by test/asm/orders/oracle-cases.test.ts
import {
  AmendField,
  CancelReason,
  Contingency,
  Execution,
  Flag,
  InstrumentKind,
  InstrumentPhase,
  Kind,
  Liquidity,
  OrderFlag,
  OrderState,
  OrderType,
  Refusal,
  Role,
  Scope,
  SelfTrade,
  Side,
  SpecFlag,
  StateChange,
  TimeInForce,
  TrailUnit,
} from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import type { RecordFields } from "../protocol.ts";
import { type Answer, RecordCore } from "../core/record-core.ts";
import { compared, type Outcome, unsupported } from "./outcome.ts";

/** A command by the words of a case; see the help of `alphapulse match`. */
export type Command = Record<string, unknown> & {
  op: string;
  id: string;
  acct: string;
  tif?: string;
  stp?: string;
};
type Levels = [number, [string, number, number][]][];

/** What a case begins with: a last trade, and whether a stop through the market is refused. */
export interface CaseConfig {
  last?: number;
  stopInMarket?: string;
}

/** Keys of CaseConfig. */
export const CASE_SETTINGS = ["last", "stopInMarket"];

/** One case of the file. */
export interface MatchingCase {
  id: string;
  title: string;
  config: CaseConfig;
  steps: { cmd: Command; events: unknown[] }[];
  final: { book: { bids: Levels; asks: Levels; stops?: [string, number, number][] } };
}

const RULES: Record<string, SelfTrade> = {
  CN: SelfTrade.CancelNewest,
  CO: SelfTrade.CancelOldest,
  CB: SelfTrade.CancelBoth,
  DC: SelfTrade.Decrement,
};
const TIFS: Record<string, TimeInForce> = {
  GTC: TimeInForce.Gtc,
  IOC: TimeInForce.Ioc,
  FOK: TimeInForce.Fok,
  GTD: TimeInForce.Gtd,
  OPEN: TimeInForce.AtOpen,
  CLOSE: TimeInForce.AtClose,
};
const PHASES: Record<number, string> = {
  [InstrumentPhase.PreOpen]: "preopen",
  [InstrumentPhase.Call]: "call",
  [InstrumentPhase.Continuous]: "continuous",
  [InstrumentPhase.Halted]: "halted",
  [InstrumentPhase.Closed]: "closed",
};
const CANCEL_WHY: Record<number, string> = {
  [CancelReason.User]: "user",
  [CancelReason.ImmediateOrCancel]: "ioc",
  [CancelReason.FillOrKill]: "fok",
  [CancelReason.NoLiquidity]: "no_liquidity",
  [CancelReason.SelfTrade]: "stp",
  [CancelReason.ReduceOnly]: "reduce_only",
  [CancelReason.Oco]: "oco",
  [CancelReason.Ouo]: "ouo",
  [CancelReason.Parent]: "parent",
  [CancelReason.Mass]: "mass",
  [CancelReason.Replaced]: "replaced",
  // Nobody was left for a market order in its auction.
  [CancelReason.Auction]: "no_liquidity",
};
const DENIAL_WHY: Record<number, string> = {
  [Refusal.PostOnlyWouldTrade]: "post_only",
  [Refusal.ReduceOnlyWouldIncrease]: "reduce_only",
  [Refusal.PriceUnknown]: "no_reference",
  [Refusal.StopThroughMarket]: "stop_would_trigger",
  [Refusal.ClientOrderIdDuplicate]: "duplicate_id",
  [Refusal.UnknownOrder]: "unknown_order",
  [Refusal.OrderNotOpen]: "unknown_order",
};
const ACK_STATE: Record<number, string> = {
  [OrderState.Armed]: "stop",
  [OrderState.Held]: "held",
};
/** Account ids above those of a case's own accounts. */
const OUTSIDERS = 1000;
/** Nanoseconds of one step of a case's clock. */
const CASE_NANOS = 1_000_000_000n;
const OPERATIONS = ["new", "cancel", "amend", "replace", "mass", "time", "pos", "auction"];

/** Why a case cannot run yet. */
export function reasonOf({ steps }: Pick<MatchingCase, "steps">): string | undefined {
  for (const { cmd } of steps) {
    if (!OPERATIONS.includes(cmd.op)) return `command ${cmd.op}`;
    const { tif, stp } = cmd;
    if (tif !== undefined && TIFS[tif] === undefined) return `time in force ${tif}`;
    if (stp !== undefined && RULES[stp] === undefined) return `self-trade rule ${stp}`;
  }
  return undefined;
}

/** Runs every case of a matching file. */
export function runMatching(cases: readonly MatchingCase[]): Outcome[] {
  return cases.map((one) => {
    const id = `${one.id} ${one.title}`;
    const reason = reasonOf(one);
    if (reason !== undefined) return unsupported(id, reason);
    const book = new CaseBook(one.config ?? {});
    for (const [at, { cmd, events }] of one.steps.entries()) {
      const step = compared(`${id}, step ${at + 1} ${JSON.stringify(cmd)}`, events, book.run(cmd));
      if (step.state === "failed") return step;
    }
    const { bids, asks, stops = [] } = one.final.book;
    const expected = { bids: plain(bids), asks: plain(asks), stops: [...stops].sort() };
    return compared(id, expected, book.final());
  });
}

/** Levels as [price, [[order, leaves]...]] in the order of priority. */
function plain(levels: Levels): unknown {
  return levels.map(([price, orders]) => [
    price,
    orders.map(([id, , leaves]) => [id, leaves]).sort(),
  ]);
}

/** A book to which a case's commands are sent by the case's names. */
export class CaseBook {
  /** What the core said to the last command, undigested. */
  answers: readonly Answer[] = [];
  private readonly core = new RecordCore(Role.Order);
  private readonly names = new Names();
  private readonly accounts: string[] = [];
  private readonly owner = new Map<string, number>();
  /** First order of each group. */
  private readonly groups = new Map<string, string>();
  /** The command asks for the indicative price; said unasked, it is no event of a case. */
  private isAsked = false;

  constructor({ last, stopInMarket }: CaseConfig) {
    const specFlags = stopInMarket === "reject" ? SpecFlag.StopStrict : 0;
    this.core.send(Kind.InstrumentSpec, { ...SPEC, specFlags });
    if (last !== undefined) this.tradeAt(last);
  }

  /** Two accounts no case names make the last trade a case begins with. */
  private tradeAt(priceTicks: number): void {
    const type = OrderType.Limit;
    const order = { instrument: 1, clientId: 1, type, tif: TimeInForce.Gtc, priceTicks };
    for (const side of [Side.Buy, Side.Sell]) {
      const account = OUTSIDERS + side;
      this.core.send(Kind.Account, { id: account, currency: 1 });
      this.core.send(Kind.OrderNew, { ...order, account, side, qtyLots: 1 });
    }
  }

  /** Sends a command; `extra` are record fields beyond its translation (see extra.ts). */
  run(cmd: Command, extra: RecordFields = {}): unknown[] {
    const { op } = cmd;
    if (op === "mass") {
      const account = this.account(cmd.acct);
      return this.events(this.core.send(Kind.MassCancel, { account, scope: Scope.Account }));
    }
    if (op === "pos") return this.setPosition(cmd);
    if (op === "time") {
      const tsEngineNanos = BigInt(cmd["t"] as number) * CASE_NANOS;
      return this.events(this.core.send(Kind.ClockBase, { flags: Flag.Timed, tsEngineNanos }));
    }
    if (op === "auction") return this.auction(cmd);
    const clientId = this.names.numberOf(cmd.id);
    if (op === "new") {
      const account = this.account(cmd.acct);
      if (!this.owner.has(cmd.id)) this.owner.set(cmd.id, account);
      return this.events(
        this.core.send(Kind.OrderNew, {
          ...shape(cmd),
          ...this.link(cmd),
          account,
          clientId,
          ...extra,
        }),
      );
    }
    const who = {
      instrument: 1,
      account: this.owner.get(cmd.id) ?? this.account(cmd.acct),
      clientId,
    };
    if (op === "cancel") return this.events(this.core.send(Kind.OrderCancel, who));
    const fields = { ...who, ...change(cmd), ...extra };
    if (op === "amend") return this.events(this.core.send(Kind.OrderAmend, fields));
    const newId = cmd["newId"] as string;
    if (!this.owner.has(newId)) this.owner.set(newId, who.account);
    const newClientId = this.names.numberOf(newId);
    return this.events(this.core.send(Kind.OrderReplace, { ...fields, newClientId }));
  }

  /** A position is set by what is missing to it, at a price (`px`, else 1) no case looks at. */
  private setPosition(cmd: Command): unknown[] {
    const account = this.account(cmd.acct);
    const held = this.core
      .send(Kind.StateQuery, { account })
      .find((row) => row.kind === Kind.PositionState && row["instrument"] === 1);
    const lots = (cmd["qty"] as number) - ((held?.["lots"] as number | undefined) ?? 0);
    if (lots === 0) return this.events([]);
    const priceTicks = (cmd["px"] as number | undefined) ?? 1;
    const fields = { instrument: 1, account, lots, priceTicks };
    return this.events(this.core.send(Kind.PositionAdjust, fields));
  }

  /** A case names groups: the first order of one is plain, the next names it. */
  private link(cmd: Command): RecordFields {
    const { oco, ouo, parent } = cmd as { oco?: string; ouo?: string; parent?: string };
    const group = `${cmd.acct} ${oco ?? ""} ${ouo ?? ""} ${parent ?? ""}`;
    const isPair = oco !== undefined || ouo !== undefined;
    const first = isPair ? this.groups.get(group) : undefined;
    if (isPair && first === undefined) this.groups.set(group, cmd.id);
    const named = first ?? parent;
    if (named === undefined) return {};
    const pair = oco === undefined ? Contingency.Ouo : Contingency.Oco;
    const contingency = first === undefined ? Contingency.Oto : pair;
    return { contingency, linkedClientId: this.names.numberOf(named) };
  }

  /** A call said again in its phase is the request for the indicative price. */
  private auction(cmd: Command): unknown[] {
    this.isAsked = cmd["phase"] === "indicative";
    const kind = cmd["phase"] === "uncross" ? Kind.AuctionUncross : Kind.AuctionCall;
    const referenceTicks = (cmd["ref"] as number | undefined) ?? 0;
    const events = this.events(this.core.send(kind, { instrument: 1, referenceTicks }));
    this.isAsked = false;
    return events;
  }

  private account(name: string): number {
    const isNew = !this.accounts.includes(name);
    const id = numberOf(this.accounts, name);
    if (isNew) this.core.send(Kind.Account, { id, currency: 1 });
    return id;
  }

  /** The case's name of the order an answer is about. */
  name(answer: Answer): string {
    return this.names.nameOf(Number(answer["clientId"]));
  }

  private events(answers: readonly Answer[]): unknown[] {
    this.answers = answers;
    const events: unknown[] = [];
    let maker = "";
    for (const answer of answers) {
      const { liquidity = answer["detail"] } = answer;
      const hasTwoSides = answer.kind === Kind.Fill || answer.kind === Kind.OrderDecremented;
      const isAuction = liquidity === Liquidity.Auction;
      const isFirst = isAuction && answer["side"] === Side.Buy;
      if (hasTwoSides && (liquidity === Liquidity.Maker || isFirst)) {
        maker = this.name(answer);
        continue;
      }
      const event = this.event(answer, maker);
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  private event(answer: Answer, maker: string): unknown {
    const id = this.name(answer);
    const { leavesLots: qty, priceTicks: px, reason, detail, qtyLots } = answer;
    const why = DENIAL_WHY[reason as number] ?? `refusal ${String(reason)}`;
    switch (answer.kind) {
      case Kind.OrderAccepted:
        return {
          e: "ack",
          id,
          state: ACK_STATE[answer["state"] as number] ?? "live",
          ...trailOf(answer),
          ...(((answer["flags"] as number) & Flag.Replayed) === 0 ? {} : { replayed: true }),
        };
      case Kind.OrderReleased:
        if (detail === 1) return { e: "grow", id, qty };
        return { e: "ack", id, state: ACK_STATE[answer["state"] as number] ?? "live" };
      case Kind.OrderReduced:
        return { e: "shrink", id, qty };
      case Kind.OrderTrailed:
        return { e: "trail", id, stop: answer["stopTicks"] };
      case Kind.OrderTriggered:
        return { e: "trigger", id };
      case Kind.OrderDenied:
        return { e: "reject", id, why };
      case Kind.CancelDenied:
        return { e: "cancel_reject", id, why };
      case Kind.AmendDenied:
        return { e: "amend_reject", id, why };
      case Kind.OrderAmended:
        return { e: "amended", id, px, qty, kept: detail === 1 };
      case Kind.OrderRefreshed:
        return { e: "refresh", id, display: answer["limit"] };
      case Kind.OrderReduced:
        return { e: "shrink", id, qty };
      case Kind.OrderDecremented:
        return { e: "stp_decrement", maker, taker: id, qty: answer["limit"] };
      case Kind.OrderExpired:
        return { e: "expire", id, qty };
      case Kind.OrderCanceled:
        return { e: "cancel", id, qty, why: CANCEL_WHY[reason as number] };
      case Kind.TradingStateChanged:
        if (answer["change"] !== StateChange.Phase) return undefined;
        return { e: "phase", phase: PHASES[answer["state"] as number] };
      case Kind.AuctionIndicative:
        return this.isAsked ? { e: "indicative", ...found(answer) } : undefined;
      case Kind.AuctionUncrossed:
        return { e: "uncross", ...found(answer) };
      case Kind.Fill:
        if (answer["liquidity"] === Liquidity.Auction) {
          return { e: "trade", buy: maker, sell: id, px, qty: qtyLots };
        }
        return { e: "trade", maker, taker: id, px, qty: qtyLots };
      default:
        return undefined;
    }
  }

  /** Open orders from the accounts' own answers. */
  rows(): Answer[] {
    const rows = this.accounts.flatMap((_, at) =>
      this.core.send(Kind.StateQuery, { account: at + 1 }),
    );
    const left = rows.reduce((sum, row) => sum + ((row["left"] as number | undefined) ?? 0), 0);
    if (left > 0) {
      const what = `${left} open orders do not fit one answer of the core`;
      throw new AlphaError(
        "BOOK_TOO_LONG",
        what,
        "spread them over more accounts, or leave --book",
      );
    }
    return rows.filter((row) => row.kind === Kind.OrderStateRow);
  }

  /** Open orders, best first, and those that wait for their trigger. */
  final(): { bids: unknown; asks: unknown; stops: unknown[] } {
    const known = this.rows();
    const isArmed = (row: Answer): boolean => row["state"] === OrderState.Armed;
    const isHeld = (row: Answer): boolean => row["state"] === OrderState.Held;
    const open = known.filter((row) => !isArmed(row) && !isHeld(row));
    const stops = known.filter(isArmed).map((row) => {
      return [this.name(row), row["stopTicks"], row["leavesLots"]];
    });
    const [bids, asks] = [this.side(open, Side.Buy, -1), this.side(open, Side.Sell, 1)];
    return { bids, asks, stops: stops.sort() };
  }

  private side(open: readonly Answer[], side: Side, sign: number): unknown {
    const mine = open.filter((row) => row["side"] === side);
    const prices = [...new Set(mine.map((row) => row["priceTicks"] as number))];
    prices.sort((a, b) => sign * (a - b));
    return prices.map((price) => {
      const level = mine.filter((row) => row["priceTicks"] === price);
      return [
        price === 0 ? null : price,
        level.map((row) => [this.name(row), row["leavesLots"]]).sort(),
      ];
    });
  }
}

/** Client ids of the orders' names; a long file has too many of them for a search. */
class Names {
  private readonly names: string[] = [];
  private readonly numbers = new Map<string, number>();

  numberOf(name: string): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    this.numbers.set(name, this.names.push(name));
    return this.names.length;
  }

  nameOf(number: number): string {
    return this.names[number - 1] ?? "?";
  }
}

/** Place of a name from 1, given at its first mention. */
function numberOf(names: string[], name: string): number {
  if (!names.includes(name)) names.push(name);
  return names.indexOf(name) + 1;
}

/** An auction's price, null when there is none, and its surplus: sells below zero. */
function found({ priceTicks, qtyLots, surplusLots, side }: Answer): object {
  const surplus = side === Side.Sell ? -(surplusLots as number) : surplusLots;
  return { px: priceTicks === 0 ? null : priceTicks, qty: qtyLots, surplus };
}

function shape(cmd: Command): RecordFields {
  return {
    instrument: 1,
    side: cmd["side"] === "B" ? Side.Buy : Side.Sell,
    type: typeOf(cmd),
    tif: TIFS[cmd.tif ?? "GTC"]!,
    qtyLots: cmd["qty"] as number,
    priceTicks: (cmd["px"] as number | undefined) ?? 0,
    stopTicks: (cmd["stop"] as number | undefined) ?? 0,
    trailUnit: cmd["trail"] === undefined ? TrailUnit.None : TrailUnit.Ticks,
    trailOffset: (cmd["trail"] as number | undefined) ?? 0,
    displayLots: (cmd["display"] as number | undefined) ?? 0,
    expiresNanos: BigInt((cmd["expires"] as number | undefined) ?? 0) * CASE_NANOS,
    orderFlags:
      (cmd["postOnly"] === true ? OrderFlag.PostOnly : 0) |
      (cmd["reduceOnly"] === true ? OrderFlag.ReduceOnly : 0),
    selfTrade: RULES[cmd.stp ?? ""] ?? SelfTrade.Allow,
  };
}

function typeOf(cmd: Command): OrderType {
  const isMarket = cmd["type"] === "market";
  if (cmd["trail"] !== undefined) {
    return isMarket ? OrderType.TrailingStop : OrderType.TrailingStopLimit;
  }
  if (cmd["stop"] === undefined) return isMarket ? OrderType.Market : OrderType.Limit;
  return isMarket ? OrderType.Stop : OrderType.StopLimit;
}

/** The stop a trailing order begins with is the core's to say. */
function trailOf(answer: Answer): object {
  const isTrailing = [OrderType.TrailingStop, OrderType.TrailingStopLimit] as unknown[];
  return isTrailing.includes(answer["type"]) ? { stop: answer["stopTicks"] } : {};
}

function change(cmd: Command): RecordFields {
  const fields =
    (cmd["px"] === undefined ? 0 : AmendField.Price) |
    (cmd["qty"] === undefined ? 0 : AmendField.Qty) |
    (cmd["stop"] === undefined ? 0 : AmendField.Stop) |
    (cmd["trail"] === undefined ? 0 : AmendField.Trail) |
    (cmd["display"] === undefined ? 0 : AmendField.Display) |
    (cmd["expires"] === undefined ? 0 : AmendField.Expires);
  const all = cmd as Record<string, number | undefined>;
  const { px = 0, qty = 0, stop = 0, trail = 0, display = 0, expires = 0 } = all;
  const expiresNanos = BigInt(expires) * CASE_NANOS;
  const lots = { priceTicks: px, qtyLots: qty, displayLots: display };
  return { fields, ...lots, stopTicks: stop, trailOffset: trail, expiresNanos };
}

const SPEC = {
  instrument: 1,
  version: 1,
  specKind: InstrumentKind.LinearPerpetual,
  execution: Execution.Internal,
  base: 1,
  quote: 1,
  settlement: 1,
  tickMantissa: 1,
  tickExponent: -2,
  lotMantissa: 1,
  lotExponent: 0,
  multiplierNum: 1,
  multiplierDen: 1,
  phase: InstrumentPhase.Continuous,
  symbol: "CASE",
};
