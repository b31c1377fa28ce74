// A strategy of this process beside a fork: its commands of the journal are left out, and it runs
// again on what the core says now.
//
// It begins as after a restart: with its books and order numbers, without what it had in mind. That
// holds for the base line too, whose parameters are given, because no journal has them.
//
// tidy: tested by test/src/cli/strategy-stand-in.test.ts
import { Kind, ORDER_STRATEGY, REC_KIND, Role, SpecFlag } from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import type { Configured } from "../oms/recovery.ts";
import type { Arrival, Heard, Recast, StandIn } from "../oms/stand-in.ts";
import { decodeBytes } from "../oms/state-query.ts";
import type { StateAt } from "../oms/timeline.ts";
import { isRecord, type CurrencyRecord, type SpecRecord } from "../protocol.ts";
import { DEMO_PARAMETERS } from "../strategies/breakout.ts";
import { StrategyHost } from "../strategies/host.ts";
import { strategyInstrument } from "../strategies/instrument.ts";
import { parseParameters } from "../strategies/parameters.ts";
import type { StrategyFactory } from "../strategies/strategy.ts";

/** Parameters by name, as texts of a command line; what is left out has its default. */
export type GivenParameters = Readonly<Record<string, unknown>>;

/** The strategy with other parameters; throws PARAMETER_UNKNOWN, PARAMETER_RANGE. */
export function strategyRecast(
  id: number,
  factory: StrategyFactory,
  configured: Configured,
  changes: Readonly<Record<string, { base?: string | undefined; fork: string }>>,
): Recast {
  const usual = factory.name === "breakout" && isSimulated(configured) ? DEMO_PARAMETERS : {};
  const base: Record<string, unknown> = { ...usual };
  for (const [name, one] of Object.entries(changes)) {
    if (one.base !== undefined) base[name] = one.base;
  }
  const forked = Object.fromEntries(Object.entries(changes).map(([name, one]) => [name, one.fork]));
  const before = parseParameters(factory.name, factory.parameters, base);
  const after = parseParameters(factory.name, factory.parameters, { ...base, ...forked });
  const what = Object.keys(changes).map(
    (name) => `${name} ${after[name]} instead of ${before[name]}`,
  );
  const all = Object.entries(before).map((pair) => pair.join(" "));
  return {
    says: `strategy ${id} (${factory.name}): ${what.join(", ")}`,
    baseSays: `strategy ${id} run again with ${all.join(", ") || "no parameters"}`,
    base: (state) => new StrategyStandIn(id, factory, before, state),
    fork: (state) => new StrategyStandIn(id, factory, after, state),
  };
}

function isSimulated(configured: Configured): boolean {
  const specs = [...configured.records()].map(decodeBytes);
  const isReal = specs.some(
    (one) => isRecord(one, Kind.InstrumentSpec) && (one.specFlags & SpecFlag.Simulated) === 0,
  );
  return !isReal;
}

/** See the top of the file. */
class StrategyStandIn implements StandIn {
  private readonly id: number;
  private readonly host: StrategyHost;
  private readonly arrivals: Arrival[] = [];
  private isStarted = false;

  constructor(id: number, factory: StrategyFactory, parameters: GivenParameters, state: StateAt) {
    this.id = id;
    const { core, recovery, recollection } = state;
    this.host = new StrategyHost({
      command: core.command,
      isDerivedInput: core.roles === Role.Order,
      onFault: ({ what }) => {
        throw new AlphaError("FORK_STRATEGY", `strategy ${id} stopped: ${what}`, "mend it first");
      },
    });
    const { specs, currencies, account } = this.learn(recovery.configured);
    const instruments = specs.map((spec) => strategyInstrument(spec.instrument, spec, currencies));
    const records = this.host.add({ factory, parameters, strategyId: id, account, instruments });
    const tsNanos = core.tsEngineNanos;
    for (const record of records) {
      if (!recovery.configured.holds(record)) this.arrivals.push({ record, tsNanos });
    }
    this.host.restored(recollection.pasts.list());
  }

  owns(record: Uint8Array): boolean {
    const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
    const kind = view.getUint16(REC_KIND, true);
    const isCommand = kind >= Kind.OrderNew && kind < Kind.VenueAccepted;
    return isCommand && view.getUint16(ORDER_STRATEGY, true) === this.id;
  }

  hear({ u8, view }: Heard, from: number, to: number): void {
    if (this.isStarted) this.host.collect(u8, view, from, to);
  }

  /** Its commands are in the core's own ring; only its configuration arrives. */
  next(): Arrival | undefined {
    const arrival = this.arrivals.shift();
    if (arrival !== undefined || this.isStarted) return arrival;
    this.isStarted = true;
    this.host.start();
    return undefined;
  }

  private learn(configured: Configured) {
    const specs: SpecRecord[] = [];
    const currencies = new Map<number, CurrencyRecord>();
    let account = 0;
    for (const bytes of configured.records()) {
      const one = decodeBytes(bytes);
      if (isRecord(one, Kind.InstrumentSpec)) specs.push(one);
      else if (isRecord(one, Kind.Currency)) currencies.set(one.id, one);
      else if (isRecord(one, Kind.Strategy) && one.id === this.id) account = one.account;
      else if (isRecord(one, Kind.Timeframe)) {
        this.host.plan.takeTimeframe(one.slot, one.periodMillis);
      } else if (isRecord(one, Kind.Indicator)) {
        const { timeframe, slot, indicatorKind, period, period2, period3, factor, factor2 } = one;
        const shape = { indicatorKind, period, period2, period3, factor, factor2 };
        this.host.plan.takeIndicator({ timeframe, slot, ...shape });
      }
    }
    return { specs, currencies, account };
  }
}
