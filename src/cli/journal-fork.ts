// journal fork: what would have been, had one thing been otherwise from a point on.
//
// tidy: tested by test/src/oms/fork.test.ts
import type { Command } from "commander";

import { Kind, StrategyKind } from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import { Random } from "../feeds/simulator/random.ts";
import { runFork, type ForkReport } from "../oms/fork.ts";
import { allowRefused, type Change } from "../oms/fork-change.ts";
import type { Recast } from "../oms/stand-in.ts";
import { decodeBytes, viewState } from "../oms/state-query.ts";
import type { Configured } from "../oms/recovery.ts";
import { isRecord } from "../protocol.ts";
import { loadStrategy } from "../research/strategy-file.ts";
import { strategyRecast } from "./strategy-stand-in.ts";
import type { Timeline } from "../oms/timeline.ts";
import { venueRecast } from "../venues/venue-stand-in.ts";
import { forkJson, forkText } from "./fork-text.ts";
import {
  changeOf,
  isVenueWord,
  reasonsOf,
  strategyOf,
  venueOf,
  type StrategyWord,
} from "./fork-words.ts";
import {
  POINT_HELP,
  pointOf,
  sequenceBar,
  timelineOf,
  withPlaceOptions,
  type PlaceFlags,
} from "./journal-place.ts";

interface ForkFlags extends PlaceFlags {
  dir?: string;
  at: string;
  strategyFile?: string;
  allowRefused?: string[] | true;
}

const HELP = `${POINT_HELP}

A CHANGE is one of
  limits:NAME=VALUE,...             of everyone, or of the owner named among the values:
  limits:account=1,qtyLotsMax=5     tenant, account, strategy, instrument (account and instrument
                                    together are one scope); 0 lifts a limit, others of the row stay
  strategy:ID,NAME=VALUE,...        a strategy of the core: qtyLots, model, strategyFlags (1 = runs)
  strategy:ID,NAME=BEFORE:VALUE     a TypeScript strategy, run again from the point on: its
                                    parameters; BEFORE where the journal's run had no default
  venue:latencyMillis=5             the simulated venue of routed instruments: the time on the way,
                                    each way, or latencyMillisMin and latencyMillisMax; seed=N
--allow-refused lifts the limits that refused orders, all or those named (QtyLimit RateLimit ...).
Names and units are those of the records RiskLimits and Strategy: lots, ticks, minor units.

The base line is the same run without the change; it must end in the journal's own state, or nothing
is told. Nobody else reacts: clients, TypeScript strategies, venues and the market do what they did.
Reports of a venue are those of the journal, so an order that only the fork sends to a venue stays
unanswered there; orders of paper and internal books are matched again. With venue: the venue is
simulated anew in both runs, as after its restart, with the same luck: its own times are in no
journal, so there the base line is that run and not the journal. So it is with a TypeScript
strategy, which begins as after a restart: with its orders and books, without what it remembers.`;

export function addFork(journal: Command): void {
  const command = journal
    .command("fork")
    .description("change one thing at a point, replay the rest, show the difference")
    .argument("[changes...]", "what to change: limits:... strategy:... venue:...")
    .requiredOption("--at <point>", "last record before the change: a sequence or a time")
    .option("--to <point>", "last record to take (default: the last there is)")
    .option("--allow-refused [reasons...]", "what would refused orders have done?")
    .option("--strategy-file <path>", "code of a strategy outside the core (default: shipped)")
    .option("--dir <folder>", "folder of the journal (default: that of the data directory)");
  withPlaceOptions(command)
    .addHelpText("after", HELP)
    .action(async (words: string[], flags: ForkFlags) => {
      if (words.length === 0 && flags.allowRefused === undefined) {
        const remedy = "name one: limits:account=1,qtyLotsMax=5, or --allow-refused";
        throw new AlphaError("CONFIG_INVALID", "a fork without a change is the journal", remedy);
      }
      const refused = flags.allowRefused;
      const lifted = refused === undefined ? [] : [allowRefused(reasonsOf(refused))];
      const { changes, recast } = await planOf(words, flags);
      changes.push(...lifted);
      const { timeline, at, to } = rangeOfFork(flags);
      const bar = sequenceBar("fork", at, to, flags.json !== true);
      let report: ForkReport;
      try {
        report = runFork(timeline, { at, to, changes, recast }, bar.show);
      } finally {
        bar.end();
      }
      process.stdout.write(flags.json === true ? forkJson(report) : forkText(report));
    });
}

/** The journal and the records a fork is about. */
function rangeOfFork(flags: ForkFlags): { timeline: Timeline; at: number; to: number } {
  const timeline = timelineOf(flags.dir, flags);
  const at = timeline.sequenceOf(pointOf(flags.at, "--at"));
  const to = timeline.sequenceOf(pointOf(flags.to ?? "end", "--to"));
  if (to > at) return { timeline, at, to };
  const what = `no record lies between --at ${at} and --to ${to}`;
  throw new AlphaError("JOURNAL_POINT", what, "name a later --to");
}

/** What the words ask for; who is made anew needs the journal to be told from who is not. */
async function planOf(
  words: readonly string[],
  flags: ForkFlags,
): Promise<{ changes: Change[]; recast: Recast | undefined }> {
  const changes: Change[] = [];
  const recasts: Recast[] = [];
  for (const word of words) {
    const strategy = strategyOf(word);
    if (isVenueWord(word)) recasts.push(venueAgain(word, flags));
    else {
      const again = strategy && (await strategyAgain(strategy, flags));
      if (again === undefined) changes.push(changeOf(word));
      else recasts.push(again);
    }
  }
  if (recasts.length <= 1) return { changes, recast: recasts[0] };
  const what = "a venue and a strategy outside the core are each made anew";
  throw new AlphaError("CONFIG_INVALID", what, "change one of them a fork");
}

/** A strategy outside the core, run again; undefined for one that lives in it. */
async function strategyAgain(
  { id, values }: StrategyWord,
  flags: ForkFlags,
): Promise<Recast | undefined> {
  const { timeline, at } = rangeOfFork(flags);
  const configured = timeline.configuredAt(at);
  const name = outsideName(configured, id);
  if (name === undefined) return undefined;
  const { factory } = await loadStrategy(flags.strategyFile ?? name);
  return strategyRecast(id, factory, configured, values);
}

function outsideName(configured: Configured, id: number): string | undefined {
  let name: string | undefined;
  for (const bytes of configured.records()) {
    const one = decodeBytes(bytes);
    if (!isRecord(one, Kind.Strategy) || one.id !== id) continue;
    const isOutside = one.strategyKind === (StrategyKind.External as number);
    name = isOutside ? one.strategyName : undefined;
  }
  return name;
}

/** The venue of the journal with another latency; both runs draw from the same seed. */
function venueAgain(word: string, flags: ForkFlags): Recast {
  const { timeline, at } = rangeOfFork(flags);
  const { seed, ...latency } = venueOf(word);
  return venueRecast(viewState(timeline.stateAt(at)), latency, () => {
    const random = new Random(seed, 0);
    return () => random.chance();
  });
}
