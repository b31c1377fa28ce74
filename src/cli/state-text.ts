// The state of a core in words: a line for each best price, balance, position, order and limit.
//
// tidy: tested by test/src/cli/journal-command.test.ts
import {
  LimitFlag,
  OrderType,
  PositionSide,
  Refusal,
  Scope,
  Side,
  TimeInForce,
  TradingMode,
} from "../../asm/vocab.ts";
import type { AccountView, StateView } from "../oms/state-query.ts";
import type {
  BalanceRecord,
  LimitStateRecord,
  OrderEventRecord,
  PartRecord,
  PositionRecord,
  QuoteRecord,
} from "../protocol.ts";
import { formatSteps } from "../units.ts";
import { RecordText } from "./record-text.ts";

/** Decimals of an average price below the tick. */
const AVERAGE_DECIMALS = 2;

/** Lines for best prices, then for each account what it has. */
export function stateLines(view: StateView): string[] {
  const text = new RecordText();
  for (const record of [...view.specs.values(), ...view.currencies.values()]) text.learn(record);
  const lines = view.tops.map((top) => topLine(top, text));
  for (const account of view.accounts) lines.push(...accountLines(account, text));
  if (view.accounts.length === 0) lines.push("no account is configured at this point");
  return lines;
}

function topLine(top: QuoteRecord, text: RecordText): string {
  const units = text.units(top.instrument);
  const side = (name: string, lots: number, ticks: number): string =>
    lots === 0 ? `no ${name}` : `${name} ${units.qty(lots)} at ${units.price(ticks)}`;
  const both = [side("bid", top.bidLots, top.bidTicks), side("ask", top.askLots, top.askTicks)];
  return `book      ${text.symbol(top.instrument)}: ${both.join(", ")}`;
}

function accountLines(view: AccountView, text: RecordText): string[] {
  return [
    `account ${view.account}: ${modeText(view.balances[0], text)}`,
    ...view.balances.map((one) => balanceLine(one, text)),
    ...view.positions.map((one) => positionLine(one, text)),
    ...view.parts.filter(isUsed).map((one) => partLine(one, text)),
    ...view.orders.map((one) => orderLine(one, text)),
    ...view.parents.map(
      (one) => `  parent    ${text.symbol(one.instrument)} ${text.fields(one).join(" ")}`,
    ),
    ...limitLines(view.limits, text),
    ...(view.left > 0 ? [`  ${view.left} more rows did not fit one answer`] : []),
  ];
}

function modeText(balance: BalanceRecord | undefined, text: RecordText): string {
  if (balance === undefined) return "no balance yet";
  const { mode, killed, ordersOpen, equityMinor, equityReason, reporting } = balance;
  const equity =
    equityReason === 0
      ? `equity ${text.money(equityMinor, reporting)}`
      : `equity unknown (${Refusal[equityReason] ?? equityReason})`;
  const switched = killed === 0 ? "" : ", KILL SWITCH ON";
  return `${TradingMode[mode] ?? mode}${switched}, ${ordersOpen} orders open, ${equity}`;
}

function balanceLine(one: BalanceRecord, text: RecordText): string {
  const money = (minor: number): string => text.money(minor, one.currency);
  const parts = [
    `cash ${money(one.cashMinor)}`,
    `locked ${money(one.lockedMinor)}`,
    `realized today ${money(one.realizedDayMinor)}`,
    `unrealized ${money(one.unrealizedMinor)}`,
    `fees ${money(one.feesMinor)}`,
  ];
  return `  balance   ${parts.join(", ")}`;
}

function positionLine(one: PositionRecord, text: RecordText): string {
  const units = text.units(one.instrument);
  const leg = one.side === 0 ? "" : ` ${PositionSide[one.side] ?? ""}`;
  const entry = one.lots === 0 ? "" : ` at ${averageOf(one, text)}`;
  const mark = one.markTicks === 0 ? "no mark" : `mark ${units.price(one.markTicks)}`;
  const lots = one.lots === 0 ? "flat" : units.qty(one.lots);
  const what = `${text.symbol(one.instrument)}${leg} ${lots}${entry}`;
  return `  position  ${what}, ${mark}${pnlText(one, text)}`;
}

function partLine(one: PartRecord, text: RecordText): string {
  const lots = one.lots === 0 ? "flat" : text.units(one.instrument).qty(one.lots);
  const what = `${one.strategy} in ${text.symbol(one.instrument)} ${lots}`;
  return `  strategy  ${what}${pnlText(one, text)}`;
}

function pnlText(one: PositionRecord | PartRecord, text: RecordText): string {
  const money = (minor: number): string => text.money(minor, one.settlement);
  const funding = one.fundingMinor === 0 ? "" : `, funding ${money(one.fundingMinor)}`;
  return (
    `, realized ${money(one.realizedMinor)}, unrealized ${money(one.unrealizedMinor)}, ` +
    `fees ${money(one.feesMinor)}${funding}`
  );
}

/** Sum of signed ticks x lots over the signed lots, cut two decimals below the tick. */
function averageOf({ instrument, cost, lots }: PositionRecord, text: RecordText): string {
  const spec = text.specs.get(instrument);
  const average = (cost * 10n ** BigInt(AVERAGE_DECIMALS)) / BigInt(lots);
  if (spec === undefined) return `${formatSteps(average, 1n, -AVERAGE_DECIMALS)} ticks`;
  return formatSteps(average, BigInt(spec.tickMantissa), spec.tickExponent - AVERAGE_DECIMALS);
}

function orderLine(one: OrderEventRecord, text: RecordText): string {
  const units = text.units(one.instrument);
  const word = (OrderType[one.type] ?? "").toLowerCase();
  const price = one.priceTicks === 0 ? "" : ` at ${units.price(one.priceTicks)}`;
  const stop = one.stopTicks === 0 ? "" : `, trigger ${units.price(one.stopTicks)}`;
  const side = (Side[one.side] ?? "").toLowerCase();
  const what = `${side} ${units.qty(one.leavesLots)} ${word}${price}`;
  const tif = (TimeInForce[one.tif] ?? "").toUpperCase();
  const name = `${one.account}/${one.clientId}, order ${one.orderId}`;
  const filled = `filled ${units.qty(one.filledLots)}`;
  return `  order     ${name}: ${text.symbol(one.instrument)} ${what} ${tif}${stop}, ${filled}`;
}

/** A strategy that never traded the instrument has a part of it too. */
function isUsed({ lots, tradedLots, realizedMinor, feesMinor }: PartRecord): boolean {
  return lots !== 0 || tradedLots !== 0 || realizedMinor !== 0 || feesMinor !== 0;
}

/** A limit of an account comes once for every instrument: equal ones share a line. */
function limitLines(limits: readonly LimitStateRecord[], text: RecordText): string[] {
  const symbols = new Map<string, string[]>();
  for (const one of limits) {
    const says = limitText(one, text);
    symbols.set(says, [...(symbols.get(says) ?? []), text.symbol(one.instrument)]);
  }
  return [...symbols].map(([says, [first, ...more]]) => {
    const where = more.length === 0 ? first : `${first} and ${more.length} more`;
    return `  limit     ${says}, ${where}`;
  });
}

function limitText(one: LimitStateRecord, text: RecordText): string {
  const value = (number: number): string => {
    if (one.currency !== 0) return text.money(number, one.currency);
    const isLots =
      one.reason === (Refusal.QtyLimit as number) ||
      one.reason === (Refusal.PositionLimit as number);
    return isLots ? text.units(one.instrument).qty(number) : String(number);
  };
  const isPerOrder = (one.limitFlags & LimitFlag.PerOrder) !== 0;
  const isUnknown = (one.limitFlags & LimitFlag.Unknown) !== 0;
  const used = isUnknown ? "an unknown part" : value(one.used);
  const use = isPerOrder ? `${value(one.limit)} an order` : `${used} of ${value(one.limit)} used`;
  const scope = one.scope === 0 ? "" : ` (${Scope[one.scope] ?? one.scope})`;
  return `${Refusal[one.reason] ?? one.reason}${scope}: ${use}`;
}
