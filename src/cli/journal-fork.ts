// journal fork: what would have been, had one thing been otherwise from a point on.
//
// tidy: tested by test/src/oms/fork.test.ts
import type { Command } from "commander";

import { AlphaError } from "../errors.ts";
import { Random } from "../feeds/simulator/random.ts";
import { runFork, type ForkReport } from "../oms/fork.ts";
import { allowRefused } from "../oms/fork-change.ts";
import type { Recast } from "../oms/stand-in.ts";
import { viewState } from "../oms/state-query.ts";
import type { Timeline } from "../oms/timeline.ts";
import { venueRecast } from "../venues/venue-stand-in.ts";
import { forkJson, forkText } from "./fork-text.ts";
import { changeOf, isVenueWord, reasonsOf, venueOf } from "./fork-words.ts";
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
  allowRefused?: string[] | true;
}

const HELP = `${POINT_HELP}

A CHANGE is one of
  limits:NAME=VALUE,...             of everyone, or of the owner named among the values:
  limits:account=1,qtyLotsMax=5     tenant, account, strategy, instrument (account and instrument
                                    together are one scope); 0 lifts a limit, others of the row stay
  strategy:ID,NAME=VALUE,...        a strategy of the core: qtyLots, model, strategyFlags (1 = runs)
  venue:latencyMillis=5             the simulated venue of routed instruments: the time on the way,
                                    each way, or latencyMillisMin and latencyMillisMax; seed=N
--allow-refused lifts the limits that refused orders, all or those named (QtyLimit RateLimit ...).
Names and units are those of the records RiskLimits and Strategy: lots, ticks, minor units.

The base line is the same run without the change; it must end in the journal's own state, or nothing
is told. Nobody else reacts: clients, TypeScript strategies, venues and the market do what they did.
Reports of a venue are those of the journal, so an order that only the fork sends to a venue stays
unanswered there; orders of paper and internal books are matched again. With venue: the venue is
simulated anew in both runs, as after its restart, with the same luck: its own times are in no
journal, so there the base line is that run and not the journal.`;

export function addFork(journal: Command): void {
  const command = journal
    .command("fork")
    .description("change one thing at a point, replay the rest, show the difference")
    .argument("[changes...]", "what to change: limits:... strategy:... venue:...")
    .requiredOption("--at <point>", "last record before the change: a sequence or a time")
    .option("--to <point>", "last record to take (default: the last there is)")
    .option("--allow-refused [reasons...]", "what would refused orders have done?")
    .option("--dir <folder>", "folder of the journal (default: that of the data directory)");
  withPlaceOptions(command)
    .addHelpText("after", HELP)
    .action((words: string[], flags: ForkFlags) => {
      const changes = words.filter((word) => !isVenueWord(word)).map(changeOf);
      const [venue, second] = words.filter(isVenueWord);
      if (flags.allowRefused !== undefined)
        changes.push(allowRefused(reasonsOf(flags.allowRefused)));
      if (second !== undefined || (changes.length === 0 && venue === undefined)) {
        const remedy = "name one: limits:account=1,qtyLotsMax=5, or --allow-refused";
        const what = "a fork without a change is the journal, and a venue changes once";
        throw new AlphaError("CONFIG_INVALID", what, remedy);
      }
      const timeline = timelineOf(flags.dir, flags);
      const at = timeline.sequenceOf(pointOf(flags.at, "--at"));
      const to = timeline.sequenceOf(pointOf(flags.to ?? "end", "--to"));
      if (to <= at) {
        const what = `no record lies between --at ${at} and --to ${to}`;
        throw new AlphaError("JOURNAL_POINT", what, "name a later --to");
      }
      const recast = venue === undefined ? undefined : recastOf(venue, timeline, at);
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

/** The venue of the journal with another latency; both runs draw from the same seed. */
function recastOf(word: string, timeline: Timeline, at: number): Recast {
  const { seed, ...latency } = venueOf(word);
  return venueRecast(viewState(timeline.stateAt(at)), latency, () => {
    const random = new Random(seed, 0);
    return () => random.chance();
  });
}
