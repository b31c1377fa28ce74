// The one thing a fork changes: inputs added at its point, and inputs after it taken otherwise.
//
// A configuration record replaces its whole row, so a change begins with the row that holds and
// puts its own values over it; the same is done to every later record of that row.
//
// tidy: tested by test/src/oms/fork.test.ts
import type { Scope } from "../../asm/vocab.ts";
import { Kind, RECORD_BYTES_MAX, Refusal, REC_KIND, StrategyKind } from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import { encode, isRecord, layoutOf, type FieldInput, type LimitsRecord } from "../protocol.ts";
import type { Configured } from "./recovery.ts";
import { decodeBytes } from "./state-query.ts";

/** See the top of the file. */
export interface Change {
  /** One line for the report. */
  says: string;
  /** Records for the point of the fork. */
  begin(configured: Configured): Uint8Array[];
  /** What the fork takes for an input; the input itself when nothing is changed. */
  input(record: Uint8Array): Uint8Array;
}

/** Whose row: what is left out is 0 in the record. */
export interface LimitsOwner {
  scope: Scope;
  tenant?: number;
  account?: number;
  strategy?: number;
  instrument?: number;
}

/** Limits of a scope become others; names and units are those of RiskLimits, 0 = no limit. */
export function limitsChange(owner: LimitsOwner, values: Readonly<Record<string, number>>): Change {
  const whole = { tenant: 0, account: 0, strategy: 0, instrument: 0, ...owner };
  const isRow = (record: Uint8Array): boolean => {
    const limits = limitsIn(record);
    return limits !== undefined && OWNER.every((name) => limits[name] === whole[name]);
  };
  const input = (record: Uint8Array): Uint8Array =>
    isRow(record) ? patched(record, values) : record;
  const what = Object.entries(values).map(([name, value]) => `${name} ${value}`);
  return {
    says: `limits of ${ownerText(owner)}: ${what.join(", ")}`,
    begin: (configured) => {
      const rows = [...configured.records()].filter(isRow);
      if (rows.length > 0) return rows.map(input);
      return [encodeRecord(Kind.RiskLimits, { ...owner, ...values })];
    },
    input,
  };
}

const OWNER = ["scope", "tenant", "account", "strategy", "instrument"] as const;

function ownerText(owner: LimitsOwner): string {
  const parts = Object.entries(owner).filter(([name]) => name !== "scope");
  return parts.length === 0 ? "everyone" : parts.map((part) => part.join(" ")).join(", ");
}

/** Fields of RiskLimits that make an order meet a refusal; 0 lifts them. */
const LIMIT_OF: Readonly<Partial<Record<Refusal, readonly string[]>>> = {
  [Refusal.QtyLimit]: ["qtyLotsMax"],
  [Refusal.NotionalLimit]: ["notionalMinorMax"],
  [Refusal.PriceCollar]: ["collarBps"],
  [Refusal.RateLimit]: ["rateMax", "rateWindowMillis"],
  [Refusal.PositionLimit]: ["positionLotsMax"],
  [Refusal.LossLimit]: ["lossMinorMax"],
  [Refusal.DrawdownLimit]: ["drawdownMinorMax"],
  [Refusal.OpenOrdersLimit]: ["ordersOpenMax"],
  [Refusal.GrossExposureLimit]: ["grossMinorMax"],
  [Refusal.NetExposureLimit]: ["netMinorMax"],
  [Refusal.ConcentrationLimit]: ["concentrationBps"],
  [Refusal.PriceStale]: ["staleMillis"],
  [Refusal.DuplicateOrder]: ["duplicateMillis"],
  [Refusal.RepeatedExecution]: ["repeatsMax", "repeatsWindowMillis"],
  [Refusal.LeverageLimit]: ["leverageMax"],
};

/** Refusals whose limit can be lifted. */
export const LIFTABLE: readonly Refusal[] = Object.keys(LIMIT_OF).map(Number);

/** The limits behind these refusals are lifted, for everybody; none named = all that can be. */
export function allowRefused(reasons: readonly Refusal[]): Change {
  const all = reasons.length === 0 ? LIFTABLE : reasons;
  const zeros: Record<string, number> = {};
  for (const reason of all) {
    const fields = LIMIT_OF[reason];
    if (fields === undefined) throw cannotLift(reason);
    for (const name of fields) zeros[name] = 0;
  }
  const input = (record: Uint8Array): Uint8Array => {
    const limits = limitsIn(record);
    const isHit =
      limits !== undefined && Object.keys(zeros).some((name) => numberIn(limits, name) !== 0);
    return isHit ? patched(record, zeros) : record;
  };
  const what = reasons.length === 0 ? "every limit" : reasons.map((one) => Refusal[one]).join(", ");
  return {
    says: `refused orders are allowed: ${what} lifted, for everybody`,
    begin: (configured) =>
      [...configured.records()].flatMap((record) => {
        const lifted = input(record);
        return lifted === record ? [] : [lifted];
      }),
    input,
  };
}

function cannotLift(reason: Refusal): AlphaError {
  const names = LIFTABLE.map((one) => Refusal[one]).join(", ");
  const what = `${Refusal[reason] ?? reason} is no limit of RiskLimits, so nothing can be lifted`;
  return new AlphaError("FORK_CHANGE", what, `limits that can be lifted: ${names}`);
}

/** Values of a strategy of the core (its Strategy record: qtyLots, model, strategyFlags). */
export function strategyChange(id: number, values: Readonly<Record<string, number>>): Change {
  const isRow = (record: Uint8Array): boolean => {
    const one = decodeBytes(record);
    return isRecord(one, Kind.Strategy) && one.id === id;
  };
  const input = (record: Uint8Array): Uint8Array => {
    const isStrategy = kindOf(record) === (Kind.Strategy as number);
    return isStrategy && isRow(record) ? patched(record, values) : record;
  };
  const what = Object.entries(values).map(([name, value]) => `${name} ${value}`);
  return {
    says: `strategy ${id}: ${what.join(", ")}`,
    begin: (configured) => {
      const rows = [...configured.records()].filter(isRow);
      const last = rows.at(-1);
      if (last !== undefined) return [patched(requireInCore(last, id), values)];
      const remedy = "name a strategy that is configured at the point of the fork";
      throw new AlphaError("FORK_CHANGE", `there is no strategy ${id} at this point`, remedy);
    },
    input,
  };
}

/** A strategy outside the core is not replayed: its commands are inputs of the journal. */
function requireInCore(record: Uint8Array, id: number): Uint8Array {
  const one = decodeBytes(record);
  const isOutside = isRecord(one, Kind.Strategy) && one.strategyKind === StrategyKind.External;
  if (!isOutside) return record;
  const what = `strategy ${id} runs outside the core: the journal has its commands, not its code`;
  const remedy = "try its parameters with: alphapulse backtest, over the same market data";
  throw new AlphaError("FORK_CHANGE", what, remedy);
}

function kindOf(record: Uint8Array): number {
  return (record[REC_KIND] ?? 0) | ((record[REC_KIND + 1] ?? 0) << 8);
}

function limitsIn(record: Uint8Array): LimitsRecord | undefined {
  if (kindOf(record) !== (Kind.RiskLimits as number)) return undefined;
  const one = decodeBytes(record);
  return isRecord(one, Kind.RiskLimits) ? one : undefined;
}

function numberIn(record: object, name: string): number {
  return Number((record as Record<string, unknown>)[name] ?? 0);
}

/** The record with other values in some fields; its header stays. */
function patched(record: Uint8Array, values: Readonly<Record<string, number>>): Uint8Array {
  const one = decodeBytes(record);
  const fields: Record<string, FieldInput> = {};
  for (const name of Object.keys(layoutOf(one.kind)?.fields ?? {})) {
    fields[name] = values[name] ?? one[name] ?? 0;
  }
  const { instrument, flags, sequence, tsEngineNanos, cause } = one;
  const header = { instrument, flags, sequence, tsEngineNanos, cause };
  return encodeRecord(one.kind, { ...fields, ...header });
}

function encodeRecord(kind: Kind, fields: Record<string, FieldInput>): Uint8Array {
  const bytes = new Uint8Array(RECORD_BYTES_MAX);
  return bytes.slice(
    0,
    encode(new DataView(bytes.buffer), 0, kind as Kind.RiskLimits, fields as never),
  );
}
