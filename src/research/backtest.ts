// A backtest: recorded data through a core of its own, one strategy beside it, paper execution.
//
// The same core, host and strategy file as live; only the time comes from the data. After every
// input the strategy sees its outputs and its orders are applied before the next input, so a result
// depends on the inputs alone: the same files and parameters give the same state hash. There is no
// journal, and no latency yet: an order meets the quote that caused it.
import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { basename } from "node:path";

import { CELL_SHIFT, Kind, Role } from "../../asm/vocab.ts";
import { Clock } from "../clock.ts";
import { MINOR_EXPONENT } from "../core/catalog.ts";
import { loadBuild } from "../core/build.ts";
import { Core } from "../core/core.ts";
import type { CoreBuild } from "../core/core.ts";
import { AlphaError } from "../errors.ts";
import { currenciesOf, specFields, Venue } from "../feeds/instruments.ts";
import type { InstrumentInfo } from "../feeds/instruments.ts";
import { Parser } from "../feeds/parser.ts";
import { probeFiles } from "../feeds/probe.ts";
import type { ProbedFile, ProbeOptions } from "../feeds/probe.ts";
import { instrumentsOf, Replay } from "../feeds/replay.ts";
import { stepsOf } from "../units.ts";
import { StrategyHost } from "../strategies/host.ts";
import type { StrategyFault } from "../strategies/host.ts";
import { strategyInstrument } from "../strategies/instrument.ts";
import type { CurrencyFields, StrategyInstrument } from "../strategies/instrument.ts";
import { parseParameters } from "../strategies/parameters.ts";
import type { ParameterValues } from "../strategies/parameters.ts";
import { configRecord } from "../strategies/plan.ts";
import type { StrategyFactory } from "../strategies/strategy.ts";
import { performanceOf } from "./performance.ts";
import type { Performance } from "./performance.ts";
import { Recorder } from "./recorder.ts";
import type { Counts, Curve, InstrumentSummary, RoundTrip } from "./recorder.ts";

/** The one account and strategy of a backtest. */
export const BACKTEST_ACCOUNT = 1;
export const BACKTEST_STRATEGY = 1;

/** A fee of one basis point in parts per billion. */
const PER_BILLION_PER_BPS = 100_000;
const FEE_BPS_MAX = 1000;

/** Records between two reports of progress, and between two breaths of the event loop. */
const PROGRESS_RECORDS = 65_536;

export interface BacktestOptions {
  factory: StrategyFactory;
  parameters?: Readonly<Record<string, unknown>>;
  /** sha256 of the strategy's file, for the report. */
  strategySha256?: string;
  /** Recorded files, played in this order. */
  files: readonly string[];
  /** What the user says about the files, where guessing would be wrong. */
  probe?: ProbeOptions;
  /** Deposit in the settlement currency as decimal text; "100000" when left out. */
  cash?: string;
  /** Fees in basis points of notional; 10 and 10 when left out. */
  makerFeeBps?: number;
  takerFeeBps?: number;
  build?: CoreBuild;
  onProgress?: (progress: BacktestProgress) => void;
}

export interface BacktestProgress {
  records: number;
  /** Files finished and their number. */
  filesDone: number;
  files: number;
  /** Milliseconds since the epoch in the data. */
  dataMillis: number;
}

/** A file that was played. */
export interface BacktestFile {
  name: string;
  sha256: string;
  bytes: number;
  lines: number;
  records: number;
  rejects: number;
}

/** All there is to say about a run; what depends on the machine is under `speed`. */
export interface BacktestResult {
  strategy: { name: string; about: string; parameters: ParameterValues; sha256: string };
  files: BacktestFile[];
  coreSha256: string;
  /** Market and order state; the same inputs give the same text. */
  stateHash: string;
  currency: { code: string; minorExponent: number };
  cashStartMinor: number;
  cashEndMinor: number;
  equityEndMinor: number;
  makerFeeBps: number;
  takerFeeBps: number;
  fromMillis: number;
  toMillis: number;
  performance: Performance;
  instruments: InstrumentSummary[];
  trades: RoundTrip[];
  tradesDropped: number;
  curve: Curve;
  counts: Counts;
  /** Orders refused and canceled, by reason number. */
  denials: Map<number, number>;
  cancels: Map<number, number>;
  inferredInstruments: string[];
  /** Refused lines by reason. */
  rejects: Record<string, number>;
  /** Set when the strategy threw: the run ended there. */
  fault: { what: string } | undefined;
  log: readonly string[];
  speed: { wallSeconds: number; records: number; recordsPerSecond: number };
}

/**
 * Runs a backtest to the end of its files. Throws what the files, the parameters and the strategy's
 * factory throw, BACKTEST_CURRENCY, BACKTEST_FEE and BACKTEST_CONFIG; a strategy that throws while
 * it runs ends the run and is named in the result.
 */
export async function runBacktest(options: BacktestOptions): Promise<BacktestResult> {
  // First what is cheap to refuse: nobody waits for a file to learn of a mistyped parameter.
  parseParameters(options.factory.name, options.factory.parameters, options.parameters);
  const fees = feesOf(options);
  const files = await probeFiles(options.files, options.probe);
  const run = new BacktestRun(options, files, fees);
  await run.play();
  return run.result(await hashFiles(options.files));
}

interface Fees {
  makerBps: number;
  takerBps: number;
}

function feesOf(options: BacktestOptions): Fees {
  const fees = { makerBps: options.makerFeeBps ?? 10, takerBps: options.takerFeeBps ?? 10 };
  for (const bps of [fees.makerBps, fees.takerBps]) {
    if (Number.isFinite(bps) && Math.abs(bps) <= FEE_BPS_MAX) continue;
    const remedy = `give -${FEE_BPS_MAX} to ${FEE_BPS_MAX} basis points; below 0 is a rebate`;
    throw new AlphaError("BACKTEST_FEE", `a fee of ${bps} basis points is not possible`, remedy);
  }
  return fees;
}

class BacktestRun {
  readonly core: Core;
  readonly host: StrategyHost;
  readonly recorder: Recorder;
  private readonly options: BacktestOptions;
  private readonly fees: Fees;
  private readonly files: readonly ProbedFile[];
  private readonly infos: readonly InstrumentInfo[];
  private readonly currencies = new Map<number, CurrencyFields>();
  private readonly settlement: CurrencyFields;
  private readonly clock = Clock.system();
  private fault: StrategyFault | undefined;
  private records = 0;
  private wallNanos = 0;
  private parser: Parser | undefined;
  private replay: Replay | undefined;

  constructor(options: BacktestOptions, files: readonly ProbedFile[], fees: Fees) {
    this.options = options;
    this.fees = fees;
    this.files = files;
    this.infos = instrumentsOf(files);
    currenciesOf(this.infos).forEach((code, index) => {
      const id = index + 1;
      this.currencies.set(id, { id, code, minorExponent: MINOR_EXPONENT });
    });
    this.settlement = this.oneSettlement();
    const instruments = this.instruments();
    const exponent = Number(this.settlement.minorExponent);
    const cashMinor = stepsOf(options.cash ?? "100000", 1n, exponent);
    this.core = Core.create(options.build ?? loadBuild(), { roles: Role.Both });
    this.recorder = new Recorder(BACKTEST_ACCOUNT, cashMinor, instruments);
    this.host = new StrategyHost({
      command: this.core.command,
      onFault: (fault) => (this.fault ??= fault),
    });
    this.configure(cashMinor, instruments);
  }

  /** One account is measured in one currency: files that settle in several are refused. */
  private oneSettlement(): CurrencyFields {
    const codes = [...new Set(this.infos.map((info) => info.settlement))];
    const found = [...this.currencies.values()].find((one) => one.code === codes[0]);
    if (codes.length === 1 && found !== undefined) return found;
    throw new AlphaError(
      "BACKTEST_CURRENCY",
      codes.length === 0
        ? "the files name no instrument"
        : `the instruments settle in ${codes.join(", ")}`,
      "give files of recorded market data that settle in one currency",
    );
  }

  private readonly currencyId = (code: string): number => {
    for (const [id, currency] of this.currencies) if (currency.code === code) return id;
    return 0;
  };

  private instruments(): StrategyInstrument[] {
    return this.infos.map((info) =>
      strategyInstrument(info.id, specFields(info, this.currencyId), this.currencies),
    );
  }

  // --------------------------------------------------------------------------- setting up

  private configure(cashMinor: number, instruments: readonly StrategyInstrument[]): void {
    const currency = this.settlement.id ?? 0;
    const account = BACKTEST_ACCOUNT;
    const records = [
      ...[...this.currencies.values()].map((fields) => configRecord(Kind.Currency, fields)),
      ...this.infos.map((info) =>
        configRecord(Kind.InstrumentSpec, specFields(info, this.currencyId)),
      ),
      configRecord(Kind.Account, { id: account, currency }),
      configRecord(Kind.FeeSchedule, {
        account,
        makerPerBillion: Math.round(this.fees.makerBps * PER_BILLION_PER_BPS),
        takerPerBillion: Math.round(this.fees.takerBps * PER_BILLION_PER_BPS),
      }),
      configRecord(Kind.CashAdjust, { account, currency, amountMinor: cashMinor }),
      ...this.host.add({
        factory: this.options.factory,
        parameters: this.options.parameters ?? {},
        strategyId: BACKTEST_STRATEGY,
        account,
        instruments,
      }),
    ];
    for (const record of records) this.control(record);
    this.settle();
    if (this.recorder.refusedConfiguration.length === 0) return;
    throw new AlphaError(
      "BACKTEST_CONFIG",
      `the core refused ${this.recorder.refusedConfiguration.join("; ")}`,
      "check the strategy's timeframes and indicators, and the files' instruments",
    );
  }

  private control(record: Uint8Array): void {
    const at = this.core.control.reserve(record.length >> CELL_SHIFT);
    if (at < 0) {
      throw new AlphaError("BACKTEST_CONFIG", "the configuration is too long", "use fewer files");
    }
    this.core.u8.set(record, at);
    this.core.control.commit();
    this.core.control.publish();
  }

  private readonly onOutputs = (from: number, to: number): void => {
    const { u8, view } = this.core;
    this.recorder.collect(view, from, to);
    this.host.collect(u8, view, from, to);
  };

  // --------------------------------------------------------------------------- running

  /** Applies one input and what follows from it. */
  private step(): void {
    this.core.run(-1, 1);
    this.core.drain(this.onOutputs);
    this.core.discard();
  }

  /** Applies configuration and commands until none is left. */
  private settle(): void {
    const { control, command } = this.core;
    while (control.waiting() > 0 || command.waiting() > 0) this.step();
  }

  async play(): Promise<void> {
    this.parser = new Parser(this.core, this.core.feed);
    const replay = new Replay(this.parser, this.files);
    this.replay = replay;
    const startNanos = this.clock.nowNanos();
    this.host.start();
    this.settle();
    try {
      for (let done = false; !done && this.fault === undefined;) {
        done = (await replay.pump()).done;
        this.drainFeed();
      }
    } finally {
      await replay.close();
    }
    this.host.stop();
    this.settle();
    this.recorder.finish();
    this.wallNanos = this.clock.nowNanos() - startNanos;
    if (this.records === 0) throw this.nothingPlayed();
  }

  private nothingPlayed(): AlphaError {
    const refused = this.parser?.quarantine.lines().slice(0, 3).join("; ") ?? "";
    return new AlphaError(
      "BACKTEST_EMPTY",
      `the files gave no record${refused === "" ? "" : `: ${refused}`}`,
      "give a capture of Binance messages, or CSV lines of time,price,quantity,side",
    );
  }

  /** One input at a time: the strategy's orders go before the next one. */
  private drainFeed(): void {
    const { feed, command } = this.core;
    while (feed.waiting() > 0 && this.fault === undefined) {
      const before = feed.waiting();
      this.step();
      while (command.waiting() > 0) this.step();
      if (feed.waiting() === before) throw stuck();
      this.records += 1;
      if (this.records % PROGRESS_RECORDS === 0) this.progress();
    }
    this.progress();
  }

  private progress(): void {
    this.options.onProgress?.({
      records: this.records,
      filesDone: this.replay?.reports.length ?? 0,
      files: this.files.length,
      dataMillis: this.recorder.lastMillis,
    });
  }

  // --------------------------------------------------------------------------- result

  result(hashes: ReadonlyMap<string, string>): BacktestResult {
    const { recorder, options, core } = this;
    const wallSeconds = this.wallNanos / 1e9;
    const status = this.host.status()[0]!;
    const { name, about } = options.factory;
    const sha256 = options.strategySha256 ?? "";
    return {
      strategy: { name, about, parameters: status.parameters, sha256 },
      files: this.fileResults(hashes),
      coreSha256: core.build.sha256,
      stateHash: core.stateHashText(),
      currency: {
        code: String(this.settlement.code),
        minorExponent: Number(this.settlement.minorExponent),
      },
      cashStartMinor: recorder.cashStartMinor,
      cashEndMinor: recorder.cashMinor(),
      equityEndMinor: recorder.equityMinor(),
      makerFeeBps: this.fees.makerBps,
      takerFeeBps: this.fees.takerBps,
      fromMillis: recorder.firstMillis,
      toMillis: recorder.lastMillis,
      performance: performanceOf(recorder),
      instruments: recorder.summaries(),
      trades: recorder.trips,
      tradesDropped: recorder.tripsDropped,
      curve: recorder.curve,
      counts: recorder.counts,
      denials: recorder.denials,
      cancels: recorder.cancels,
      inferredInstruments: this.infos.filter((one) => one.isInferred).map((one) => one.name),
      rejects: this.parser?.quarantine.counts() ?? {},
      fault: this.fault === undefined ? undefined : { what: this.fault.what },
      log: status.log,
      speed: {
        wallSeconds,
        records: this.records,
        recordsPerSecond: wallSeconds > 0 ? Math.round(this.records / wallSeconds) : 0,
      },
    };
  }

  private fileResults(hashes: ReadonlyMap<string, string>): BacktestFile[] {
    return this.files.map(({ path }, index) => {
      const report = this.replay?.reports[index];
      return {
        name: basename(path),
        sha256: hashes.get(path) ?? "",
        bytes: statSync(path).size,
        lines: report?.lines ?? 0,
        records: report?.records ?? 0,
        rejects: report?.rejects ?? 0,
      };
    });
  }
}

function stuck(): AlphaError {
  return new AlphaError(
    "BACKTEST_STUCK",
    "the core took no input although one was waiting",
    "this is a defect of the engine; report it with the files and parameters",
  );
}

async function hashFiles(paths: readonly string[]): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (const path of paths) {
    const hash = createHash("sha256");
    for await (const part of createReadStream(path)) hash.update(part as Buffer);
    hashes.set(path, hash.digest("hex"));
  }
  return hashes;
}

/** Venues a user may name for files that do not say. */
export const VENUE_NAMES: Readonly<Record<string, Venue>> = {
  spot: Venue.BinanceSpot,
  usdm: Venue.BinanceUsdm,
  coinm: Venue.BinanceCoinm,
  file: Venue.File,
};
