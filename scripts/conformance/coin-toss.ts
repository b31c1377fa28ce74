// The cases of CoinTossX through the core: trades in order, and every order that stays open.
//
// A case is unsupported, with the rule named, where it asks for another priority than price and
// time (hidden orders behind visible ones, minimum execution sizes), for what the core refuses by
// number, or where its own files contradict each other, so that no engine could agree with them.
import type { Command } from "../../src/cases/matching.ts";
import { OrderState, Side } from "../../asm/vocab.ts";
import {
  type CoinTossCase,
  namesOf,
  orderCommand,
  type OrderRow,
  readMasters,
  replaceCommand,
} from "../../src/cases/coin-toss.ts";
import { compared, failed, type Outcome, unsupported } from "../../src/cases/outcome.ts";
import { type CaseEvent, CommandRun } from "../../src/cases/run.ts";

/** Rules of that venue that show only in what comes out. */
const RELEASE_ORDER =
  "stops that one trade releases together: ours go one by one, buys from the lowest stop, " +
  "sells from the highest";

/** Runs all cases below a folder, or those of one master file. */
export function runCoinToss(path: string): Outcome[] {
  return readMasters(path).map((one) => {
    const id = `${one.id} ${one.title}`;
    const reason = missingReason(one) ?? ruleReason(one) ?? contradiction(one);
    return reason === undefined ? new Attempt(one, id).run() : unsupported(id, reason);
  });
}

/** A list may name cases that were never published beside it; without files nothing is checked. */
function missingReason({ missing }: CoinTossCase): string | undefined {
  return missing.length === 0 ? undefined : "files that the list names are not there";
}

/** A rule of that venue that is none of ours. */
function ruleReason({ init, input }: CoinTossCase): string | undefined {
  const rows = [...init, ...input];
  if (rows.some(({ type }) => type === 5)) {
    return (
      "hidden orders, behind visible ones at their price and at the midpoint of the book: " +
      "our priority is price, then time"
    );
  }
  if (rows.every(({ mes }) => mes === 0)) return undefined;
  return "minimum execution sizes: an order of ours trades with whatever is first in line";
}

/** What an expected order or quantity contradicts in the case's own orders. */
function contradiction(one: CoinTossCase): string | undefined {
  const isNew = one.rule === "orders" || one.rule === "auction";
  const entered = isNew ? [...one.init, ...one.input] : one.init;
  const replaced = one.rule === "replaces" ? one.input : [];
  for (const row of one.expected) {
    const known = [...entered, ...replaced].filter(({ id }) => id === row.id);
    const say = (what: string): string => `its own files disagree: order ${row.id} ${what}`;
    if (known.length === 0) return say("stays open and was never entered");
    const last = replaced.filter(({ id }) => id === row.id);
    const may = last.length > 0 ? last : known;
    if (!may.some(({ side }) => side === row.side)) return say("changes its side");
    if (!may.some(({ px }) => px === row.px)) return say("changes its price unasked");
    if (!may.some(({ qty }) => qty >= row.qty)) return say("grows unasked");
    // Only a trade releases a stop.
    const isAsEntered = may.some(({ type }) => type === row.type);
    if (one.trades.length === 0 && !isAsEntered) return say("changes its type without a trade");
  }
  return lotsReason(one, entered, replaced);
}

/** Lots entered by orders that can rest are traded or still there; of others they may vanish. */
function lotsReason(
  one: CoinTossCase,
  entered: readonly OrderRow[],
  replaced: readonly OrderRow[],
): string | undefined {
  const traded = one.trades.reduce((sum, { qty }) => sum + qty, 0);
  const gone = one.rule === "cancels" ? one.input.map(({ id }) => id) : [];
  for (const side of ["B", "S"] as const) {
    const mine = entered
      .map((row) => replaced.find(({ id }) => id === row.id) ?? row)
      .filter((row) => row.side === side && !gone.includes(row.id));
    const lots = (rows: readonly OrderRow[]): number => rows.reduce((sum, { qty }) => sum + qty, 0);
    const left = lots(one.expected.filter((row) => row.side === side));
    const isResting = mine.every(({ type, tif }) => (type === 2 || type === 4) && tif < 2);
    const missing = lots(mine) - traded - left;
    if (missing === 0 || (missing > 0 && !isResting)) continue;
    // A replace counts from what is open then, so what was filled before comes on top.
    if (missing < 0 && replaced.length > 0) continue;
    const name = side === "B" ? "bought" : "sold";
    const found = `${traded} traded, ${left} left`;
    return `its own files disagree: ${lots(mine)} lots to be ${name}, ${found}`;
  }
  return undefined;
}

/** One case on its way through a book. */
class Attempt {
  private readonly one: CoinTossCase;
  private readonly id: string;
  private readonly commands = new CommandRun();
  private readonly trades: [px: number, qty: number][] = [];
  private readonly filled = new Map<string, number>();
  private reason: string | undefined;

  constructor(one: CoinTossCase, id: string) {
    this.one = one;
    this.id = id;
  }

  run(): Outcome {
    const { one, id } = this;
    const denied = this.enter() ?? this.input();
    if (this.reason !== undefined) return unsupported(id, this.reason);
    if (denied !== undefined) {
      return failed(`${id}, ${JSON.stringify(denied.cmd)}`, "accepted", denied.event);
    }
    const trades = one.trades.map(({ px, qty }): [number, number] => [px, qty]);
    const isAuction = one.rule === "auction";
    const expected = { trades: isAuction ? sorted(trades) : trades, open: this.expected() };
    const actual = { trades: isAuction ? sorted(this.trades) : this.trades, open: this.open() };
    const outcome = compared(id, expected, actual);
    if (outcome.state !== "failed" || !this.hasStopsInTurn()) return outcome;
    const bySize = { ...expected, trades: sorted(trades) };
    const isSame = compared(id, bySize, { ...actual, trades: sorted(this.trades) });
    return isSame.state === "passed" ? unsupported(id, RELEASE_ORDER) : outcome;
  }

  /** Stops of one side at different prices, which one trade may release together. */
  private hasStopsInTurn(): boolean {
    const stops = [...this.one.init, ...this.one.input].filter(
      ({ type }) => type === 3 || type === 4,
    );
    return ["B", "S"].some((side) => {
      const prices = stops.filter((row) => row.side === side).map(({ stop }) => stop);
      return new Set(prices).size > 1;
    });
  }

  /** The initial orders; those of a cancel case stand there without having met. */
  private enter(): Denied | undefined {
    const { rule, init, input } = this.one;
    const rows = rule === "orders" ? [...init, ...input] : init;
    const names = namesOf(rows);
    if (rule === "auction") this.send({ op: "auction", phase: "call" } as unknown as Command);
    for (const [at, row] of rows.entries()) {
      const cmd = orderCommand(row, names[at] ?? row.id);
      const event = this.send(cmd).find(({ e }) => e === "reject");
      if (event !== undefined) return { cmd, event };
    }
    if (rule === "auction") this.send({ op: "auction", phase: "uncross" } as unknown as Command);
    if (rule === "cancels" && this.trades.length > 0) {
      this.reason = "initial orders that cross and have not met: our book is never crossed";
    }
    return undefined;
  }

  /** Cancels or replaces; an order that is not open refuses both. */
  private input(): Denied | undefined {
    const { rule, init, input } = this.one;
    if (rule !== "cancels" && rule !== "replaces") return undefined;
    for (const row of input) {
      const was = init.find(({ id }) => id === row.id);
      const isOpen = was !== undefined && (this.filled.get(row.id) ?? 0) < was.qty;
      const cmd =
        rule === "replaces"
          ? replaceCommand(row, was, this.filled.get(row.id) ?? 0)
          : ({ op: "cancel", id: row.id, acct: "T1" } as Command);
      const event = this.send(cmd).find(({ e }) => e === "amend_reject" || e === "cancel_reject");
      if (isOpen && event !== undefined) return { cmd, event };
    }
    return undefined;
  }

  private send(cmd: Command): CaseEvent[] {
    const { events, unsupported: reason } = this.commands.step(cmd);
    this.reason ??= reason;
    for (const event of events) {
      if (event.e !== "trade") continue;
      const { px, qty, ...who } = event as unknown as Trade;
      this.trades.push([px, qty]);
      for (const name of Object.values(who).filter((one) => one !== "trade"))
        this.filled.set(name, (this.filled.get(name) ?? 0) + qty);
    }
    return events;
  }

  private expected(): string[] {
    return this.one.expected.map((row) => said(row, row.type === 3 || row.type === 4)).sort();
  }

  /** Open orders from the core itself; what waits for its trigger is said with its stop. */
  private open(): string[] {
    const { book } = this.commands;
    const rows = book.rows().map((row) => {
      const { side, leavesLots, priceTicks, stopTicks, state } = row as unknown as OpenRow;
      const id = book.name(row).replace(/#\d+$/, "");
      const one = { id, side: side === Side.Buy ? "B" : "S", qty: leavesLots };
      return said({ ...one, px: priceTicks, stop: stopTicks }, state === OrderState.Armed);
    });
    return rows.sort();
  }
}

interface Denied {
  cmd: Command;
  event: CaseEvent;
}

interface Trade {
  px: number;
  qty: number;
  maker: string;
  taker: string;
}

interface OpenRow {
  side: Side;
  leavesLots: number;
  priceTicks: number;
  stopTicks: number;
  state: OrderState;
}

/** An open order in words; a stop at market has no price of its own. */
function said(
  row: { id: string; side: string; qty: number; px: number; stop: number; type?: number },
  isArmed: boolean,
): string {
  const at = isArmed && (row.type === 3 || row.px === 0) ? "market" : String(row.px);
  return `${row.side} ${row.id}: ${row.qty} at ${at}${isArmed ? `, stop ${row.stop}` : ""}`;
}

function sorted(trades: readonly [number, number][]): [number, number][] {
  return [...trades].sort(([a, b], [c, d]) => a - c || b - d);
}
