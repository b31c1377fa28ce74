// match: a file of order commands through a core of its own; the events it gives.
import type { Command as CliCommand } from "commander";

import { COLUMNS, readCommandFile, type CommandCase } from "../cases/command-file.ts";
import { CommandRun, type CaseEvent, type StepResult } from "../cases/run.ts";
import { ProgressBar } from "./progress.ts";

/** Commands between two writes and two looks at the progress. */
const CHUNK_COMMANDS = 500;
/** A file below this is done before a bar could be read. */
const LONG_COMMANDS = 2000;
const COMMAND_COLUMNS = 52;

const HELP = `
FILE is one of
  JSON    a list "expected" of cases, or one case: {"id", "steps": [{"cmd": {...}}]}
  CSV     first line names columns, each further line is a command; "#" begins a comment:
            op,id,acct,side,type,qty,px,tif
            new,b1,A,B,limit,5,100,
            new,s1,C,S,limit,5,100,IOC
            amend,b1,,,,4,,
            cancel,b1,,,,,,
            replace as amend, with a column newId: the order is canceled and another one takes
            its place, at the back of its price, or both stay as they are
  cases   of CoinTossX: a folder, a ...Master.csv, or any Test<N>_...csv of a case

Columns of CSV and keys of a JSON command, prices in ticks, quantities in lots:
${Object.entries(COLUMNS)
  .map(([name, about]) => `  ${name.padEnd(11)} ${about}`)
  .join("\n")}

Each case begins with an empty internal book. What the core does not support is refused with the
number of its reason and counted below the events; a malformed file runs nothing.`;

interface Flags {
  json?: boolean;
  book?: boolean;
  case?: string;
}

/** What came of a file. */
interface Counts {
  commands: number;
  trades: number;
  refused: number;
  unsupported: Record<string, number>;
}

export function addMatchCommand(root: CliCommand): void {
  root
    .command("match <file>")
    .description("order commands through the core's own book; prints the events they give")
    .option("--case <id>", "only this case of the file")
    .option("--book", "print the orders that are open at the end")
    .option("--json", "for machines")
    .addHelpText("after", HELP)
    .action((file: string, flags: Flags) => {
      const cases = readCommandFile(file, flags.case);
      const total = cases.reduce((sum, { commands }) => sum + commands.length, 0);
      const printer = flags.json === true ? new JsonPrinter() : new TablePrinter();
      new MatchRun(printer, total, flags.book === true).run(cases);
    });
}

/** All cases of a file, printed in chunks with a bar below. */
class MatchRun {
  private readonly printer: Printer;
  private readonly total: number;
  private readonly withBook: boolean;
  private readonly bar: ProgressBar;
  private readonly counts: Counts = { commands: 0, trades: 0, refused: 0, unsupported: {} };

  constructor(printer: Printer, total: number, withBook: boolean) {
    this.printer = printer;
    this.total = total;
    this.withBook = withBook;
    this.bar = new ProgressBar("match", total >= LONG_COMMANDS);
  }

  run(cases: readonly CommandCase[]): void {
    const { printer } = this;
    printer.begin();
    for (const one of cases) this.runCase(one);
    printer.end(this.counts);
    this.flush();
  }

  private runCase(one: CommandCase): void {
    const run = new CommandRun(one.config);
    this.printer.beginCase(one);
    for (const cmd of one.commands) {
      const result = run.step(cmd);
      this.count(result);
      this.printer.step(result);
      if (this.counts.commands % CHUNK_COMMANDS === 0) this.flush();
    }
    this.printer.endCase(this.withBook ? run.book.final() : undefined);
  }

  private count({ events, unsupported }: StepResult): void {
    const { counts } = this;
    counts.commands += 1;
    for (const { e, reason } of events) {
      if (e === "trade") counts.trades += 1;
      if (reason !== undefined) counts.refused += 1;
    }
    if (unsupported === undefined) return;
    counts.unsupported[unsupported] = (counts.unsupported[unsupported] ?? 0) + 1;
  }

  private flush(): void {
    this.bar.end();
    process.stdout.write(this.printer.take());
    const { commands } = this.counts;
    if (commands < this.total) this.bar.show(commands / this.total, `${commands} commands`);
  }
}

interface Printer {
  begin(): void;
  beginCase(one: CommandCase): void;
  step(result: StepResult): void;
  endCase(book: Book | undefined): void;
  end(counts: Counts): void;
  /** What was printed since the last call. */
  take(): string;
}

type Book = { bids: unknown; asks: unknown };

/** One JSON document, written as it grows, so that a long file needs no room for its events. */
class JsonPrinter implements Printer {
  private text = "";
  private cases = 0;
  private steps = 0;

  begin(): void {
    this.text += '{"cases":[';
  }

  beginCase({ id, title, missing, unapplied }: CommandCase): void {
    const head = JSON.stringify({ id, title, missing, unapplied });
    this.text += `${this.cases > 0 ? "," : ""}\n${head.slice(0, -1)},"steps":[`;
    this.cases += 1;
    this.steps = 0;
  }

  step(result: StepResult): void {
    this.text += `${this.steps > 0 ? "," : ""}\n${JSON.stringify(result)}`;
    this.steps += 1;
  }

  endCase(book: Book | undefined): void {
    this.text += `]${book === undefined ? "" : `,"book":${JSON.stringify(book)}`}}`;
  }

  end(counts: Counts): void {
    this.text += `],"counts":${JSON.stringify(counts)}}\n`;
  }

  take(): string {
    const { text } = this;
    this.text = "";
    return text;
  }
}

/** A table: the command on the left, its events on the right, one a line. */
class TablePrinter implements Printer {
  private text = "";
  private at = 0;

  begin(): void {
    this.at = 0;
  }

  beginCase({ id, title, missing, unapplied }: CommandCase): void {
    this.at = 0;
    this.text += `case ${id}${title === "" ? "" : `: ${title}`}\n`;
    if (missing !== undefined) this.text += `  files not there: ${missing.join(", ")}\n`;
    if (unapplied !== undefined) this.text += `  not applied: ${JSON.stringify(unapplied)}\n`;
  }

  step({ cmd, events }: StepResult): void {
    this.at += 1;
    const left = `${String(this.at).padStart(5)}  ${commandText(cmd)}`;
    const [first = "", ...rest] = events.map(eventText);
    this.text += `${left.padEnd(COMMAND_COLUMNS)}  ${first}`.trimEnd() + "\n";
    for (const more of rest) this.text += `${"".padEnd(COMMAND_COLUMNS)}  ${more}\n`;
  }

  endCase(book: Book | undefined): void {
    if (book === undefined) return;
    this.text += bookText("bids", book.bids as Levels) + bookText("asks", book.asks as Levels);
  }

  end({ commands, trades, refused, unsupported }: Counts): void {
    this.text += `${commands} commands, ${trades} trades, ${refused} refused\n`;
    for (const [reason, count] of Object.entries(unsupported)) {
      this.text += `unsupported ${count} x ${reason}\n`;
    }
  }

  take(): string {
    const { text } = this;
    this.text = "";
    return text;
  }
}

type Levels = [price: number, orders: [id: string, lots: number][]][];

function bookText(side: string, levels: Levels): string {
  if (levels.length === 0) return `  ${side} none\n`;
  const rows = levels.map(([price, orders]) => {
    const lots = orders.reduce((sum, [, one]) => sum + one, 0);
    const names = orders.map(([id, one]) => `${id} ${one}`).join(", ");
    return `  ${side} ${String(price).padStart(12)} ${String(lots).padStart(10)}  ${names}\n`;
  });
  return rows.join("");
}

/** A command in words: "new s1 C: sell 5 limit at 100 IOC". */
function commandText(cmd: Record<string, unknown>): string {
  const { op, id, acct, side, type, qty, px, ...rest } = cmd;
  const words = [op, op === "mass" || op === "pos" ? acct : id].filter((one) => one !== undefined);
  if (op === "new") words.push(`${String(acct)}:`, side === "B" ? "buy" : "sell");
  if (qty !== undefined) words.push(qty);
  if (type !== undefined) words.push(type);
  if (px !== undefined) words.push("at", px);
  for (const [name, value] of Object.entries(rest)) words.push(`${name} ${String(value)}`);
  return words.map(String).join(" ");
}

type EventWords = Record<string, string | number | boolean | undefined> & { e: string };

/** An event in words: "trade 5 at 101, s1 takes from b2". */
function eventText(event: CaseEvent): string {
  const { e, id, reason, refusal, limit, ...rest } = event as EventWords;
  if (e === "trade") {
    const { qty, px, taker, maker } = rest;
    return `trade ${String(qty)} at ${String(px)}, ${String(taker)} takes from ${String(maker)}`;
  }
  const values = Object.entries(rest)
    .filter(([, value]) => value !== undefined && !String(value).startsWith("refusal "))
    .map(([name, value]) => (name === "state" ? String(value) : `${name} ${String(value)}`));
  const words = [e, id, ...values].filter((one) => one !== undefined).map(String);
  if (reason !== undefined) words.push(`(${String(reason)} ${String(refusal)})`);
  if (limit !== undefined) words.push(`limit ${String(limit)}`);
  return words.join(" ");
}
