// The answer of a fork: tables for a person, everything for a machine.
//
// tidy: tested by test/src/oms/fork.test.ts
import { Side } from "../../asm/vocab.ts";
import type { ForkReport } from "../oms/fork.ts";
import type { OrderDifference, OrderFate } from "../oms/fork-difference.ts";
import type { AccountView, StateView } from "../oms/state-query.ts";
import { RecordText, toJson } from "./record-text.ts";

/** Orders that a table shows; --json has them all. */
const ROWS_MAX = 40;

/** What holds of a fork; said in every answer. */
function assumptionOf({ baseSays }: ForkReport): string {
  const venues = baseSays === "" ? "venues " : "";
  const others = `clients, TypeScript strategies, ${venues}and the market`;
  return `nobody else reacts: ${others} do what they did`;
}

function baseLines({ base, journal, baseSays }: ForkReport): string[] {
  const hash = (one: typeof base): string => `market ${one.market}, order ${one.order}`;
  if (baseSays === "") return [`base line  equals the journal: ${hash(base)}`];
  return [
    `base line  ${baseSays}: ${hash(base)}`,
    `journal    the inputs alone give it again: ${hash(journal)}`,
  ];
}

/** Every difference as JSON. */
export function forkJson(report: ForkReport): string {
  const { difference, baseState, forkState, ...rest } = report;
  const { first, fills, denied, uncounted } = difference;
  const rows = moneyRows(baseState, forkState);
  const orders = difference.orders();
  const counts = { different: orders.length + uncounted, listed: orders.length };
  const whole = {
    ...rest,
    assumption: assumptionOf(report),
    first,
    denied,
    fills,
    counts,
    orders,
    ...rows,
  };
  return `${toJson(whole, 2)}\n`;
}

/** Tables: the change, what differs first, orders, positions, balances. */
export function forkText(report: ForkReport): string {
  const { difference, forkState, baseState } = report;
  const text = new RecordText();
  for (const one of [...forkState.specs.values(), ...forkState.currencies.values()])
    text.learn(one);
  const lines = [
    ...report.says.map((one) => `change     ${one}`),
    `from       behind sequence ${report.at}, ${report.atTime}`,
    `to         sequence ${report.to}, ${report.toTime}`,
    ...baseLines(report),
    `fork                           market ${report.fork.market}, order ${report.fork.order}`,
    `assumed    ${assumptionOf(report)}`,
  ];
  if (report.isOtherBuild) {
    lines.push("note       another build wrote a part of this journal; this build ran all of it");
  }
  const { first } = difference;
  if (first === undefined) return `${[...lines, "", "no record differs"].join("\n")}\n`;
  lines.push("", `first difference, at input #${first.sequence}`);
  lines.push(`  base  ${first.base === undefined ? "nothing more" : text.line(first.base)}`);
  lines.push(`  fork  ${first.fork === undefined ? "nothing more" : text.line(first.fork)}`);
  lines.push("", ...countLines(difference), "", ...orderLines(report, text));
  const rows = moneyRows(baseState, forkState);
  lines.push("", ...positionLines(rows, text), ...accountLines(rows, text));
  return `${lines.join("\n")}\n`;
}

function countLines({ fills, denied }: ForkReport["difference"]): string[] {
  const reasons = new Set([...Object.keys(denied.base), ...Object.keys(denied.fork)]);
  return [
    `fills      ${fills.base.fills} -> ${fills.fork.fills}`,
    `lots       ${fills.base.lots} -> ${fills.fork.lots}`,
    ...[...reasons].map(
      (one) => `refused    ${one}: ${denied.base[one] ?? 0} -> ${denied.fork[one] ?? 0} orders`,
    ),
  ];
}

function orderLines({ difference }: ForkReport, text: RecordText): string[] {
  const orders = difference.orders();
  const total = orders.length + difference.uncounted;
  const lines = orders.slice(0, ROWS_MAX).map((one) => orderLine(one, text));
  const more = total > ROWS_MAX ? [`  ... and ${total - ROWS_MAX} more; --json lists them`] : [];
  return [`${total} orders differ`, ...lines, ...more];
}

function orderLine(one: OrderDifference, text: RecordText): string {
  const units = text.units(one.instrument);
  const terms = ({ side, qtyLots, priceTicks }: OrderFate): string => {
    const price = priceTicks === 0 ? "" : ` at ${units.price(priceTicks)}`;
    return `${(Side[side] ?? "").toLowerCase()} ${units.qty(qtyLots)}${price}`;
  };
  const asked = one.base ?? one.fork;
  const what = asked === undefined ? "" : terms(asked);
  const fate = (run: OrderFate | undefined): string => {
    if (run === undefined) return "no such order";
    const why =
      run.reason === "" ? "" : ` (${run.reason}${run.limit === 0 ? "" : ` ${run.limit}`})`;
    const filled = run.filledLots === 0 ? "" : `, filled ${units.qty(run.filledLots)}`;
    const lots = BigInt(Math.max(1, run.filledLots));
    const average = run.turnover === 0n ? "" : ` at ${units.price(Number(run.turnover / lots))}`;
    const other = terms(run) === what ? "" : `${terms(run)} `;
    return `${other}${run.state}${why}${filled}${average}`;
  };
  const name = `${one.account}/${one.clientId} ${text.symbol(one.instrument)}`;
  return `  ${name} ${what}: ${fate(one.base)} -> ${fate(one.fork)}`;
}

interface MoneyRow {
  account: number;
  /** Of a position; 0 in an account's row. */
  instrument: number;
  currency: number;
  base: Record<string, number>;
  fork: Record<string, number>;
}

/** Positions and balances that differ. */
function moneyRows(
  base: StateView,
  fork: StateView,
): { positions: MoneyRow[]; accounts: MoneyRow[] } {
  const [a, b] = [tableOf(base.accounts), tableOf(fork.accounts)];
  const rows = { positions: [] as MoneyRow[], accounts: [] as MoneyRow[] };
  for (const key of new Set([...a.keys(), ...b.keys()])) {
    const [one, other] = [a.get(key), b.get(key)];
    const known = (one ?? other) as Money;
    const row = { ...known.of, base: one?.values ?? known.zero, fork: other?.values ?? known.zero };
    const isDifferent = Object.keys(known.zero).some((name) => row.base[name] !== row.fork[name]);
    if (isDifferent) rows[known.of.instrument === 0 ? "accounts" : "positions"].push(row);
  }
  return rows;
}

interface Money {
  of: { account: number; instrument: number; currency: number };
  values: Record<string, number>;
  zero: Record<string, number>;
}

function tableOf(accounts: readonly AccountView[]): Map<string, Money> {
  const table = new Map<string, Money>();
  const put = (key: string, of: Money["of"], values: Record<string, number>): void => {
    const zero = Object.fromEntries(Object.keys(values).map((name) => [name, 0]));
    table.set(key, { of, values, zero });
  };
  for (const { account, positions, balances } of accounts) {
    for (const one of positions) {
      const { instrument, settlement: currency, side, lots } = one;
      const { realizedMinor, unrealizedMinor, feesMinor, fundingMinor } = one;
      const values = { lots, realizedMinor, unrealizedMinor, feesMinor, fundingMinor };
      put(`${account} ${instrument} ${side}`, { account, instrument, currency }, values);
    }
    for (const one of balances) {
      const { currency, cashMinor, lockedMinor, unrealizedMinor, feesMinor, ordersOpen } = one;
      const values = { cashMinor, lockedMinor, unrealizedMinor, feesMinor, ordersOpen };
      put(`${account} ${currency}`, { account, instrument: 0, currency }, values);
    }
  }
  return table;
}

function positionLines({ positions }: { positions: MoneyRow[] }, text: RecordText): string[] {
  const lines = positions.map((row) => {
    const units = text.units(row.instrument);
    const lots = `${units.qty(row.base["lots"] ?? 0)} -> ${units.qty(row.fork["lots"] ?? 0)}`;
    const name = `${row.account} ${text.symbol(row.instrument)}`;
    const money = moneyText(row, ["realized", "unrealized", "fees", "funding"], text);
    return `  ${name}: ${lots}${money}`;
  });
  return [`${positions.length} positions differ`, ...lines];
}

function accountLines({ accounts }: { accounts: MoneyRow[] }, text: RecordText): string[] {
  const lines = accounts.map((row) => {
    const said = moneyText(row, ["cash", "locked", "unrealized", "fees"], text);
    return `  account ${row.account}${said}`;
  });
  return [`${accounts.length} balances differ`, ...lines];
}

function moneyText({ base, fork, currency }: MoneyRow, names: string[], text: RecordText): string {
  return names
    .map((name) => [name, base[`${name}Minor`] ?? 0, fork[`${name}Minor`] ?? 0] as const)
    .filter(([, a, b]) => a !== b)
    .map(([name, a, b]) => `, ${name} ${text.money(a, currency)} -> ${text.money(b, currency)}`)
    .join("");
}
