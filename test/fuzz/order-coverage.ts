// What the compared inputs reached. Counted from records in which core and twin agreed, never from
// what was asked for, so that an input the core ignores counts as nothing.
import type { Scope } from "../../asm/vocab.ts";
import {
  CancelReason,
  Execution,
  Kind,
  Liquidity,
  OrderState,
  OrderType,
  QueryPart,
  Refusal,
  StateChange,
  TimeInForce,
} from "../../asm/vocab.ts";
import type { OrderTwin, Row } from "../reference/order-twin.ts";
import { auctionNote, auctionWanted } from "./auction-coverage.ts";
import { legsWanted, noteLegs } from "./order-leg-coverage.ts";
import { marginNote, marginWanted } from "./margin-coverage.ts";
import { cashWanted, noteCash } from "./order-cash-coverage.ts";
import { linksWanted, noteLinkExpiries, noteLinks } from "./order-link-coverage.ts";
import { noteRules, rulesWanted } from "./order-rules.ts";
import { noteRouted, routedWanted } from "./order-routed-coverage.ts";
import { noteRoutedCash } from "./order-routed-cash.ts";
import { noteRoutedParents } from "./order-routed-parents.ts";
import { ROUTED_FUTURE, ROUTES } from "./order-routed.ts";
import { QUEUE_POWER, QUEUES } from "./order-queue.ts";
import { expiriesWanted, noteExpiries } from "./order-expiries.ts";
import { noteRepeats, repeatsWanted } from "./order-repeats.ts";
import { FUTURE, INTERNAL, INVERSE, PAPER, SPOT, SPOT_PAPER } from "./order-stream.ts";

/** What of a strategy's part has a sign. */
const PART_COLUMNS = [
  ...["lots", "cost", "realizedMinor", "unrealizedMinor", "bookedMinor", "fundingMinor"],
];

const LIMITS = [
  Refusal.QtyLimit,
  Refusal.NotionalLimit,
  Refusal.PriceCollar,
  Refusal.RateLimit,
  Refusal.OpenOrdersLimit,
  Refusal.PositionLimit,
  Refusal.LossLimit,
  Refusal.DrawdownLimit,
  Refusal.GrossExposureLimit,
  Refusal.NetExposureLimit,
  Refusal.LeverageLimit,
  Refusal.ConcentrationLimit,
  Refusal.DuplicateOrder,
] as number[];
const STATED = [Refusal.NotionalLimit, Refusal.LossLimit, Refusal.DrawdownLimit] as number[];
/** Limits of which something can be used. */
const LIMIT_STATES = [
  ...["OpenOrdersLimit", "PositionLimit", "RateLimit", "LossLimit", "DrawdownLimit"],
  ...["GrossExposureLimit", "NetExposureLimit", "LeverageLimit", "ConcentrationLimit"],
  "MarginInsufficient",
];
/** What a full disk must not stop. */
const DISK_PASSES: readonly number[] = [Kind.OrderCanceled, Kind.OrderAmended, Kind.Fill];
const DENIED = [Kind.OrderDenied, Kind.AmendDenied, Kind.CancelDenied, Kind.ConfigDenied];
const SCOPES = [0, 1, 2, 3, 4, 5] as Scope[];

export class Coverage {
  private readonly seen = new Map<string, { times: number }>();
  /** Inputs compared. */
  inputs = 0;
  /** By account: the day it hit a loss limit, and which. */
  private lossDenied = new Map<number, { day: number; key: string }>();
  private taken = 0;

  private readonly count = (what: string): void => {
    const known = this.seen.get(what);
    if (known === undefined) this.seen.set(what, { times: 1 });
    else known.times++;
  };

  /** A run begins. */
  begin(): void {
    this.lossDenied = new Map();
    this.taken = 0;
  }

  /** Notes an input and the records it gave. */
  note(kind: Kind, row: Row, outs: Row[], twin: OrderTwin): void {
    this.inputs++;
    const who = {
      account: Number(row["account"] ?? 0),
      strategy: Number(row["strategy"] ?? 0),
      instrument: Number(outs[0]?.["instrument"] ?? 0),
    };
    for (const out of outs) this.out(kind, row, out, twin);
    if (twin.risk.isDiskFull) this.disk(kind, outs);
    this.kinds(kind, outs);
    const first = outs[0]?.["kind"];
    const isOwn = kind === Kind.OrderCancel || kind === Kind.MassCancel;
    if (isOwn && first === Kind.OrderCanceled && twin.risk.blocked(who) !== 0) {
      this.count(`${Kind[kind]} passes while blocked by ${Refusal[twin.risk.blocked(who)]}`);
    }
    this.triggers(kind, outs);
    noteLinks(kind, row, outs, this.count);
    noteLegs(kind, row, outs, twin, this.count);
    auctionNote(kind, row, outs, this.count);
    noteCash(kind, row, outs, [SPOT, SPOT_PAPER], this.count);
    noteRules(kind, outs, this.count);
    noteRepeats(kind, outs, this.count);
    noteExpiries(kind, row, outs, this.count);
    this.paper(kind, row, outs, twin);
    this.lossDay(kind, row, outs, twin);
    this.queues(kind, row, outs, twin);
    noteRouted(twin, this.count);
    noteRoutedCash(row, outs, twin, this.count);
    noteRoutedParents(outs, twin, ROUTES, this.count);
  }

  /** What goes on while the disk is full. */
  private disk(kind: Kind, outs: Row[]): void {
    for (const out of outs) {
      if (DISK_PASSES.includes(Number(out["kind"]))) {
        this.count(`${Kind[Number(out["kind"])]} by ${Kind[kind]}, disk full`);
      }
    }
  }

  /** Limits of money stated in another currency than the instrument settles in. */
  private stated(reason: number, out: Row, twin: OrderTwin): void {
    const isMark = [Refusal.PriceUnknown, Refusal.PriceStale].includes(reason);
    if (isMark && Number(out["limit"]) === 0) this.count(`stated, ${Refusal[reason]}`);
    const row = twin.risk.limits.get(twin.risk.hitKey);
    const { settlement } = twin.money.spec(Number(out["instrument"]));
    const isOther = row !== undefined && row.currency !== 0 && row.currency !== settlement;
    if (isOther && STATED.includes(reason)) this.count(`stated, ${Refusal[reason]}`);
  }

  private queues(kind: Kind, row: Row, outs: Row[], twin: OrderTwin): void {
    for (const id of QUEUES) {
      const queue = twin.instruments.get(id)!.queue!;
      for (const note of queue.notes.splice(0)) this.count(`queue ${id} ${note}`);
    }
    if (kind !== Kind.TradePrint || !QUEUES.includes(Number(row["instrument"]))) return;
    const reached = outs.filter(
      (out) => out["kind"] === Kind.Fill && out["priceTicks"] === row["priceTicks"],
    );
    for (const fill of reached) {
      const left = fill["leavesLots"] === 0 ? "whole" : "part";
      this.count(`queue ${row["instrument"]} reached, ${left}, side ${fill["side"]}`);
    }
    if (reached.length > 1) this.count(`queue ${row["instrument"]} several reached`);
  }

  private out(kind: Kind, row: Row, out: Row, twin: OrderTwin): void {
    const name = Kind[Number(out["kind"])]!;
    const reason = Number(out["reason"] ?? 0);
    this.count(name);
    if (out["kind"] === Kind.StrategyState) this.part(out);
    if (out["kind"] === Kind.StateQueryEnd && Number(out["done"]) > 0) {
      this.count(`asked for ${QueryPart[Number(out["part"])]}`);
    }
    if (out["kind"] === Kind.AccountState) {
      this.count(`equity ${Refusal[Number(out["equityReason"])]}, currency ${out["currency"]}`);
    }
    if (Number(out["maeTicks"] ?? 0) > 0 && Number(out["mfeTicks"]) > 0) {
      this.count(`${name} with excursions, instrument ${out["instrument"]}`);
    }
    if (out["kind"] === Kind.LimitState) {
      const use = Number(out["used"] ?? 0) > 0 ? "used" : "unused";
      this.count(`${name} ${Refusal[reason]}, ${use}`);
    }
    if (out["kind"] === Kind.OrderCanceled) this.count(`canceled ${CancelReason[reason]}`);
    if (kind === Kind.OrderReplace && out["kind"] === Kind.OrderAccepted) {
      this.count(`replaced, type ${out["type"]}`);
      if (out["instrument"] === SPOT) this.count(`replaced, cash, side ${out["side"]}`);
    }
    if (kind === Kind.OrderReplace && DENIED.includes(Number(out["kind"]))) {
      this.count(`OrderReplace ${name} ${Refusal[reason]}`);
    }
    if (out["kind"] === Kind.OrderAmended) this.count(`amended, place kept ${out["detail"]}`);
    if (out["kind"] === Kind.ConfigAccepted) {
      this.count(`${Kind[kind]} accepted, scope ${row["scope"] ?? "-"}`);
    }
    if (out["kind"] === Kind.MassCanceled && Number(out["done"]) > 0) {
      this.count(`${Kind[kind]} canceled, scope ${row["scope"]}`);
    }
    if (DENIED.includes(Number(out["kind"]))) {
      this.count(`${name} ${Refusal[reason]}`);
      if (reason === Refusal.Restricted) this.count(`restricted side ${row["side"] ?? "of amend"}`);
      if (LIMITS.includes(reason)) this.count(`${Refusal[reason]} scope ${twin.risk.hitScope}`);
      this.stated(reason, out, twin);
      if (reason === Refusal.KillSwitchOn && twin.risk.killed.size === 1) {
        this.count(`killed by ${[...twin.risk.killed][0]!.split(" ")[0]}`);
      }
    }
    if (out["kind"] === Kind.RiskEvent) this.count(`RiskEvent ${Refusal[reason]}`);
    marginNote(out, this.count);
    if (out["kind"] === Kind.TradingStateChanged) {
      this.count(`told ${String(out["change"] ?? 0)}, scope ${String(out["scope"])}`);
    }
    if (out["kind"] !== Kind.OrderAccepted) return;
    this.count(`type ${row["type"]} tif ${row["tif"]} instrument ${row["instrument"]}`);
    this.count(`flags ${row["orderFlags"]} selfTrade ${row["selfTrade"]}`);
  }

  /** What a strategy has of a position. */
  private part(out: Row): void {
    const who = out["strategy"] === 0 ? "no strategy" : "a strategy";
    for (const name of PART_COLUMNS) {
      const value = Number(out[name]);
      if (value !== 0) this.count(`${who} has ${value > 0 ? "positive" : "negative"} ${name}`);
    }
    if (Number(out["side"]) !== 0) this.count(`${who} has a part of a leg`);
    this.count(`${who} has a part of instrument ${out["instrument"]}`);
  }

  private kinds(kind: Kind, outs: Row[]): void {
    for (const out of outs) {
      const instrument = out["instrument"];
      if (out["kind"] === Kind.Fill) {
        const isElsewhere = out["feeCurrency"] !== out["settlement"];
        const paid = Number(out["feeMinor"]) > 0 ? "a fee" : "a rebate";
        if (isElsewhere) this.count(`${paid} in another currency, instrument ${instrument}`);
        const result = Number(out["realizedMinor"]);
        const what = result === 0 ? "nothing" : result > 0 ? "a gain" : "a loss";
        this.count(`instrument ${instrument} side ${out["side"]} realizes ${what}`);
      }
      const isShort = out["reason"] === Refusal.BalanceInsufficient;
      if (isShort && out["kind"] !== Kind.ConfigDenied) {
        this.count(`${Kind[kind]} side ${out["side"]} is not covered`);
      }
      if (Number(out["lockedMinor"]) > 0) this.count(`held back, currency ${out["currency"]}`);
    }
  }

  /** Notes what expired before an input. */
  expiries(outs: Row[], twin: OrderTwin): void {
    noteRoutedParents(outs, twin, ROUTES, this.count);
    for (const out of outs) marginNote(out, this.count);
    for (const out of outs.filter((one) => one["kind"] === Kind.FundingPaid)) {
      const paid = Number(out["paidMinor"] ?? 0);
      const how = paid > 0 ? "paid" : paid < 0 ? "received" : "nothing";
      const reason = Number(out["reason"] ?? 0);
      this.count(reason === 0 ? `funding ${how}, ${out["instrument"]}` : "funding without a mark");
    }
    for (const out of outs.filter((one) => one["kind"] === Kind.PositionChanged)) {
      const settling = twin.settling.get(Number(out["instrument"]));
      if (settling === undefined || Number(out["tsNanos"]) < settling.sinceNanos) continue;
      this.count(`future ${out["instrument"]} settles`);
      if (Number(out["side"]) !== 0) this.count("a leg settles");
    }
    const expired = outs.filter((out) => out["kind"] === Kind.OrderExpired);
    noteLinkExpiries(outs, this.count);
    for (const out of expired) {
      const how = out["tif"] === TimeInForce.Day ? "day" : "date";
      this.count(`expired by ${how}, instrument ${out["instrument"]}`);
      if (Number(out["stopTicks"]) !== 0) this.count("expired, a stop");
      if (Number(out["filledLots"]) > 0) this.count("expired, partly filled");
    }
    const times = new Set(expired.map((out) => out["tsNanos"]));
    if (times.size < expired.length) this.count("several expire at one time");
  }

  private triggers(kind: Kind, outs: Row[]): void {
    const released = outs.filter((out) => out["kind"] === Kind.OrderTriggered);
    for (const out of released) {
      this.count(`triggered by ${Kind[kind]}, instrument ${out["instrument"]}`);
    }
    if (released.length > 1) this.count("one input triggers several");
    for (const out of outs) {
      const isShort = Number(out["limit"]) === Number(out["leavesLots"]);
      if (out["kind"] === Kind.OrderDecremented) {
        this.count(`decremented ${out["detail"]} to zero ${out["leavesLots"] === 0}`);
      }
      if (out["kind"] === Kind.OrderRefreshed) this.count(`refreshed, last slice ${isShort}`);
      if (out["state"] === OrderState.Armed && out["kind"] === Kind.OrderAmended) {
        this.count(`amended while armed, place kept ${out["detail"]}`);
      }
      const isReduced = out["kind"] === Kind.OrderReduced;
      const isUp = out["kind"] === Kind.OrderCanceled && out["reason"] === CancelReason.ReduceOnly;
      if (isReduced || isUp) {
        const how = isReduced ? "shrinks" : "dies";
        this.count(`reduce-only ${how} by ${Kind[kind]}, instrument ${out["instrument"]}`);
        if (Number(out["stopTicks"]) !== 0) this.count(`reduce-only stop ${how}`);
      }
      if (out["kind"] === Kind.OrderTrailed) this.count(`trailed, type ${out["type"]}`);
      const wasTrailing = out["type"] === OrderType.TrailingStop && kind === Kind.OrderAmend;
      if (wasTrailing && out["kind"] === Kind.OrderAmended) {
        this.count(`amended while trailing, place kept ${out["detail"]}`);
      }
      const isKilled = out["reason"] === CancelReason.KillSwitch && kind !== Kind.KillSwitch;
      if (isKilled) this.count("a switch cancels what is triggered");
    }
  }

  private paper(kind: Kind, row: Row, outs: Row[], twin: OrderTwin): void {
    const fills = outs.filter(
      (out) => out["kind"] === Kind.Fill && out["execution"] === Execution.Paper,
    );
    for (const fill of fills) {
      const how = fill["liquidity"] === Liquidity.Maker ? "maker" : "taker";
      const left = fill["leavesLots"] === 0 ? "whole" : "part";
      this.count(`paper ${how} ${left} by ${Kind[kind]}`);
    }
    if (kind === Kind.OrderNew && fills.length > 0 && row["tif"] === TimeInForce.Fok) {
      this.count("paper FOK filled");
    }
    const canceled = outs.find((out) => out["kind"] === Kind.OrderCanceled);
    if (canceled !== undefined && canceled["instrument"] === PAPER && kind === Kind.OrderNew) {
      this.count(`paper canceled ${CancelReason[Number(canceled["reason"])]}`);
    }
    const { bidTaken, askTaken } = twin.instruments.get(PAPER)!;
    if (kind === Kind.TopOfBook && row["instrument"] === PAPER) {
      if (this.taken > 0 && bidTaken + askTaken >= this.taken) this.count("paper lots stay taken");
      if (this.taken > 0 && bidTaken + askTaken === 0) this.count("paper lots are back");
    }
    this.taken = bidTaken + askTaken;
  }

  /** An account that lost too much yesterday trades today under the same limits. */
  private lossDay(kind: Kind, row: Row, outs: Row[], twin: OrderTwin): void {
    if (kind !== Kind.OrderNew) return;
    const account = Number(row["account"]);
    const day = Math.floor(twin.money.nowNanos / 86_400e9);
    const denied = this.lossDenied.get(account);
    if (outs[0]?.["reason"] === Refusal.LossLimit) {
      this.lossDenied.set(account, { day, key: twin.risk.hitKey });
    }
    if (outs[0]?.["kind"] !== Kind.OrderAccepted || denied === undefined) return;
    const isInForce = (twin.risk.limits.get(denied.key)?.lossMinorMax ?? 0) !== 0;
    if (isInForce && day > denied.day) this.count("loss of yesterday is forgotten");
  }

  /** What was reached fewer than `least` times. */
  missing(least: number, among = wanted()): string[] {
    return among.filter((what) => (this.seen.get(what)?.times ?? 0) < least);
  }
}

function wanted(): string[] {
  const all = ["Fill", "BookTop", "BookPrint", "PositionChanged", "BalanceChanged"];
  for (const why of ["None", "PriceUnknown", "PriceStale"]) {
    for (const currency of [1, 2]) all.push(`equity ${why}, currency ${currency}`);
  }
  all.push("ConversionMark accepted, scope -");
  for (const side of [1, 2]) all.push(`instrument ${FUTURE} side ${side} realizes nothing`);
  for (const instrument of [SPOT, INVERSE, SPOT_PAPER]) {
    for (const side of [1, 2]) {
      for (const what of ["nothing", "a gain", "a loss"]) {
        all.push(`instrument ${instrument} side ${side} realizes ${what}`);
      }
    }
  }
  for (const side of [1, 2]) all.push(`OrderNew side ${side} is not covered`);
  all.push("OrderAmend side 1 is not covered");
  all.push("held back, currency 1", "held back, currency 2");
  for (const id of [FUTURE, ROUTED_FUTURE]) all.push(`future ${id} settles`);
  all.push("AccountState", "PositionState", "OrderStateRow", "StateQueryEnd");
  all.push("asked for State", "asked for Limits", "asked for Strategies");
  for (const who of ["no strategy", "a strategy"]) {
    for (const name of PART_COLUMNS) {
      all.push(`${who} has positive ${name}`, `${who} has negative ${name}`);
    }
    for (const id of [1, 2, SPOT, INVERSE, FUTURE])
      all.push(`${who} has a part of instrument ${id}`);
    all.push(`${who} has a part of a leg`);
  }
  for (const limit of LIMIT_STATES) all.push(`LimitState ${limit}, used`);
  for (const limit of ["QtyLimit", "NotionalLimit"]) all.push(`LimitState ${limit}, unused`);
  all.push("amended, place kept 0", "amended, place kept 1", "loss of yesterday is forgotten");
  for (const how of ["OrderNew, instrument 1", "OrderAmend, instrument 1"]) {
    all.push(`triggered by ${how}`);
  }
  all.push("triggered by TradePrint, instrument 2", "one input triggers several");
  all.push("amended while armed, place kept 0", "amended while armed, place kept 1");
  all.push("a switch cancels what is triggered", "funding without a mark");
  for (const id of [INTERNAL, SPOT, INVERSE]) {
    all.push(`a fee in another currency, instrument ${id}`);
  }
  for (const id of [INTERNAL, PAPER, INVERSE, SPOT_PAPER]) {
    for (const kind of ["PositionState", "PositionChanged"]) {
      all.push(`${kind} with excursions, instrument ${id}`);
    }
  }
  all.push(`a rebate in another currency, instrument ${SPOT}`);
  all.push("FeeSchedule accepted, scope -");
  for (const id of [INTERNAL, INVERSE]) {
    for (const how of ["paid", "received", "nothing"]) all.push(`funding ${how}, ${id}`);
  }
  for (const side of [Liquidity.Maker, Liquidity.Taker]) {
    all.push(`decremented ${side} to zero true`, `decremented ${side} to zero false`);
  }
  for (const how of ["shrinks", "dies"]) {
    for (const by of ["OrderNew, instrument 1", "OrderNew, instrument 2"]) {
      all.push(`reduce-only ${how} by ${by}`);
    }
    all.push(`reduce-only ${how} by TopOfBook, instrument 2`, `reduce-only stop ${how}`);
    all.push(`reduce-only ${how} by PositionAdjust, instrument 1`);
  }
  all.push("AmendDenied ReduceOnlyWouldIncrease", "PositionAdjust accepted, scope -");
  all.push("ConfigDenied PriceNotPositive");
  for (const type of [2, 3, 4, 5, 6, 7, 8]) all.push(`replaced, type ${type}`);
  for (const why of ["ClientOrderIdDuplicate", "FlagUnsupported", "AmendBelowFilled"]) {
    all.push(`OrderReplace AmendDenied ${why}`);
  }
  for (const why of ["PostOnlyWouldTrade", "PositionLimit", "KillSwitchOn", "OrderNotOpen"]) {
    all.push(`OrderReplace AmendDenied ${why}`);
  }
  all.push("canceled Replaced", "replaced, cash, side 1", "replaced, cash, side 2");
  for (const side of [1, 2]) all.push(`OrderReplace side ${side} is not covered`);
  all.push("trailed, type 5", "trailed, type 6");
  all.push("amended while trailing, place kept 0", "amended while trailing, place kept 1");
  all.push("OrderDenied TrailInvalid", "AmendDenied TrailInvalid");
  all.push("refreshed, last slice true", "refreshed, last slice false");
  for (const how of ["day", "date"]) {
    all.push(`expired by ${how}, instrument 1`, `expired by ${how}, instrument 2`);
  }
  all.push("expired, a stop", "expired, partly filled", "several expire at one time");
  for (const type of [2, 3, 4, 7, 8]) {
    for (const tif of [4, 5]) all.push(`type ${type} tif ${tif} instrument 1`);
  }
  for (const type of [1, 2, 3, 4, 5, 6, 7, 8]) {
    for (const tif of [1, 2, 3]) {
      for (const instrument of [1, 2]) all.push(`type ${type} tif ${tif} instrument ${instrument}`);
    }
  }
  for (const rule of [0, 1, 2, 3, 4, 5]) all.push(`flags 0 selfTrade ${rule}`);
  all.push("flags 1 selfTrade 0", "flags 2 selfTrade 0");
  for (const why of ["User", "ImmediateOrCancel", "FillOrKill", "NoLiquidity", "SelfTrade"]) {
    all.push(`canceled ${why}`);
  }
  all.push("canceled Mass", "canceled KillSwitch", "canceled Auction");
  for (const scope of SCOPES) {
    for (const limit of LIMITS) all.push(`${Refusal[limit]} scope ${scope}`);
    all.push(`RiskLimits accepted, scope ${scope}`);
  }
  for (const scope of [0, 1, 2, 3, 4]) {
    for (const what of [StateChange.KillSwitch, StateChange.Mode]) {
      all.push(`told ${what}, scope ${scope}`);
    }
  }
  all.push("told 4, scope 0", "OrderDenied DiskFull", "AmendDenied DiskFull");
  all.push("OrderReplace AmendDenied DiskFull", "OrderCanceled by OrderCancel, disk full");
  all.push("OrderCanceled by MassCancel, disk full", "OrderAmended by OrderAmend, disk full");
  all.push("Fill by TradePrint, disk full");
  all.push("told 0, scope 4", "told 3, scope 3", ...marginWanted());
  all.push("RiskEvent RepeatedExecution", "RiskRelease accepted, scope 3");
  all.push("restricted side 1", "restricted side 2", "restricted side of amend");
  for (const scope of [0, 1, 2]) all.push(`RestrictedList accepted, scope ${scope}`);
  for (const scope of [0, 1, 2, 3, 4]) {
    all.push(`KillSwitch accepted, scope ${scope}`, `TradingState accepted, scope ${scope}`);
    all.push(`KillSwitch canceled, scope ${scope}`);
  }
  for (const who of ["all", "tenant", "account", "strategy", "instrument"]) {
    all.push(`killed by ${who}`);
  }
  for (const scope of [2, 3, 5]) all.push(`MassCancel canceled, scope ${scope}`);
  for (const how of ["OrderCancel", "MassCancel"]) {
    all.push(`${how} passes while blocked by KillSwitchOn`);
    all.push(`${how} passes while blocked by TradingHalted`);
  }
  all.push("OrderCancel passes while blocked by InstrumentHalted");
  const others = [
    ...repeatsWanted(),
    ...expiriesWanted(),
    ...linksWanted(),
    ...legsWanted(),
    ...cashWanted(),
    ...[...STATED, Refusal.PriceUnknown, Refusal.PriceStale].map(
      (why) => `stated, ${Refusal[why]}`,
    ),
    ...rulesWanted(),
    ...queuesWanted(false),
    ...auctionWanted(),
    ...paperWanted(),
  ];
  return [...all, ...others, ...refusalsWanted(), ...routedWanted(false)];
}

/** What a stream must reach of the queues; one that is mostly about them also what is rare. */
export function queuesWanted(isMost: boolean): string[] {
  return QUEUES.flatMap((id) => {
    const all: string[] = [];
    for (const left of ["whole", "part"]) {
      for (const side of [1, 2]) all.push(`queue ${id} reached, ${left}, side ${side}`);
    }
    if (!isMost) return all;
    if (id === QUEUE_POWER) all.push(`queue ${id} canceled ahead`);
    const rare = ["place learned", "several reached", "level shrank below"];
    return [...all, ...rare.map((what) => `queue ${id} ${what}`)];
  });
}

function paperWanted(): string[] {
  const all = ["paper FOK filled", "paper lots stay taken", "paper lots are back"];
  for (const left of ["whole", "part"]) {
    all.push(`paper maker ${left} by TopOfBook`, `paper maker ${left} by TradePrint`);
    all.push(`paper taker ${left} by OrderNew`, `paper taker ${left} by OrderAmend`);
  }
  for (const why of ["FillOrKill", "ImmediateOrCancel", "NoLiquidity"]) {
    all.push(`paper canceled ${why}`);
  }
  return all;
}

function refusalsWanted(): string[] {
  const switches = ["KillSwitchOn", "TradingHalted", "ReduceOnlyMode", "InstrumentHalted"];
  switches.push("InstrumentClosed", "InstrumentNotContinuous", "BookUntrusted");
  const both = [...switches, ...LIMITS.map((limit) => Refusal[limit]!), "PostOnlyWouldTrade"];
  both.push("RepeatedExecution", "Restricted", "MarginInsufficient");
  both.push("StopPriceInvalid", "StopThroughMarket");
  both.push("FlagUnsupported", "QtyNotPositive", "PriceNotPositive", "PriceUnknown", "PriceStale");
  const news = ["UnknownAccount", "AccountClosed", "UnknownInstrument", "UnknownStrategy"];
  news.push("NotOwner", "SideInvalid", "OrderTypeUnsupported", "TimeInForceUnsupported");
  news.push("SelfTradeInvalid", "ClientOrderIdDuplicate", "ClientOrderIdMissing");
  news.push("ReduceOnlyWouldIncrease", "ExpiryInvalid", "DisplayInvalid", "VenueDown");
  const amends = ["UnknownAccount", "UnknownOrder", "OrderNotOpen", "NotOwner", "AmendNothing"];
  amends.push("AmendBelowFilled", "RequestPending", "CancelPending", "InDoubt");
  const isAmend = (name: string): boolean =>
    name !== "OpenOrdersLimit" &&
    name !== "DuplicateOrder" &&
    name !== "PriceUnknown" &&
    name !== "PriceStale";
  const cancels = ["UnknownAccount", "UnknownOrder", "OrderNotOpen", "NotOwner", "ScopeInvalid"];
  const configs = ["UnknownAccount", "UnknownStrategy", "UnknownInstrument", "ScopeInvalid"];
  configs.push("ParameterInvalid", "BalanceInsufficient", "UnknownCurrency", "NotOwner");
  return [
    ...[...both, ...news].map((name) => `OrderDenied ${name}`),
    ...[...both.filter(isAmend), ...amends].map((name) => `AmendDenied ${name}`),
    ...cancels.map((name) => `CancelDenied ${name}`),
    ...configs.map((name) => `ConfigDenied ${name}`),
  ];
}
