// From a configuration to the records that set an engine up: market, account, limits, fees.
//
// tidy: tested by test/src/cli/cli.test.ts
import { Execution, Kind, QueueModel, Scope } from "../../asm/vocab.ts";
import type { Config } from "../config.ts";
import { Catalog, INDICATORS } from "../core/catalog.ts";
import { AlphaError } from "../errors.ts";
import {
  currenciesOf,
  knownInstrument,
  specFields,
  Venue,
  type InstrumentInfo,
} from "../feeds/instruments.ts";
import {
  SIMULATED_INSTRUMENTS,
  SIMULATOR_QUOTE_CODE,
  simulatedCurrencies,
  simulatedSpecs,
} from "../feeds/simulator/instruments.ts";
import type { FieldsOf } from "../protocol.ts";
import { stepsOf } from "../units.ts";

/** The one account of a fresh engine; the trader key and the shipped strategies are bound to it. */
export const ACCOUNT = 1;

const QUEUE_MODELS = {
  through: QueueModel.Through,
  riskAverse: QueueModel.RiskAverse,
  power: QueueModel.Power,
} as const;

/** What the engine trades in and what its feed must be told. */
export interface Setup {
  catalog: Catalog;
  specs: FieldsOf<Kind.InstrumentSpec>[];
  currencies: FieldsOf<Kind.Currency>[];
  /** Instruments of a venue's live feed; empty for the simulator. */
  live: InstrumentInfo[];
}

/** Builds all records but those of strategies, in the order in which they must be applied. */
export function setupOf(config: Config): Setup {
  const setup: Setup = { catalog: new Catalog(), specs: [], currencies: [], live: [] };
  setup.catalog.market(config.timeframes, INDICATORS);
  if (config.execution === "routed" && config.feed !== "sim") {
    const what = `execution is routed and feed is ${config.feed}`;
    throw new AlphaError("SETUP_EXECUTION", what, "only the sim feed has a venue: set feed to sim");
  }
  if (config.feed === "binance") addBinance(config, setup);
  else addSimulated(config, setup);
  const code = config.feed === "binance" ? "USDT" : SIMULATOR_QUOTE_CODE;
  const currency = setup.catalog.reference.currencies.find((one) => one.code === code);
  if (currency === undefined) {
    const what = `no instrument is quoted in ${code}`;
    throw new AlphaError("SETUP_QUOTE", what, "choose binanceSymbols that end in USDT");
  }
  addAccount(config, setup.catalog, currency.id, currency.minorExponent);
  return setup;
}

function addSimulated(config: Config, setup: Setup): void {
  const count = Math.min(config.simInstruments, SIMULATED_INSTRUMENTS.length);
  const table = SIMULATED_INSTRUMENTS.slice(0, count);
  for (const fields of simulatedCurrencies(table)) addCurrency(setup, fields);
  const execution = config.execution === "routed" ? Execution.Routed : Execution.Paper;
  for (const fields of simulatedSpecs(execution, table)) addSpec(config, setup, fields);
}

function addCurrency(setup: Setup, fields: FieldsOf<Kind.Currency>): void {
  setup.currencies.push(fields);
  setup.catalog.currencyWithId(
    Number(fields.id),
    String(fields.code),
    Number(fields.minorExponent),
  );
}

/** The spec as it comes from its table; paper instruments get the configured queue. */
function addSpec(config: Config, setup: Setup, fields: FieldsOf<Kind.InstrumentSpec>): void {
  const isPaper = fields.execution === Execution.Paper;
  const spec = isPaper ? { ...fields, ...queueOf(config) } : fields;
  setup.specs.push(spec);
  setup.catalog.instrument(spec);
}

/** Only the power model has a power: a spec that gives another one is denied. */
function queueOf({ paperQueue, paperQueuePower }: Config) {
  const queueModel = QUEUE_MODELS[paperQueue];
  return { queueModel, queuePower: queueModel === QueueModel.Power ? paperQueuePower : 0 };
}

function addBinance(config: Config, setup: Setup): void {
  setup.live = config.binanceSymbols.map((symbol, index) => {
    const info = knownInstrument(Venue.BinanceSpot, symbol, index + 1);
    if (info !== undefined) return info;
    const what = `steps of the Binance spot symbol "${symbol}" are not known`;
    throw new AlphaError(
      "SETUP_SYMBOL",
      what,
      "this build knows BTCUSDT; see src/feeds/instruments.ts",
    );
  });
  const { catalog } = setup;
  for (const code of currenciesOf(setup.live)) catalog.currency(code);
  for (const info of setup.live)
    addSpec(
      config,
      setup,
      specFields(info, (code) => catalog.currency(code)),
    );
  setup.currencies = catalog.reference.currencies.map(({ id, code, minorExponent }) => ({
    id,
    code,
    minorExponent,
  }));
}

function addAccount(config: Config, catalog: Catalog, currency: number, exponent: number): void {
  const minor = (text: string): number => stepsOf(text, 1n, exponent);
  catalog.add(Kind.Account, { id: ACCOUNT, currency });
  if (minor(config.accountCash) > 0) {
    const amountMinor = minor(config.accountCash);
    catalog.add(Kind.CashAdjust, { account: ACCOUNT, currency, amountMinor });
  }
  catalog.add(Kind.RiskLimits, {
    scope: Scope.Account,
    account: ACCOUNT,
    currency,
    collarBps: config.limitCollarBps,
    notionalMinorMax: minor(config.limitNotional),
    rateMax: config.limitOrdersPerSecond,
    rateWindowMillis: config.limitOrdersPerSecond > 0 ? 1000 : 0,
    lossMinorMax: minor(config.limitLossDay),
  });
  catalog.add(Kind.FeeSchedule, {
    makerPerBillion: Math.round(config.feeMakerBps * 100_000),
    takerPerBillion: Math.round(config.feeTakerBps * 100_000),
  });
}
