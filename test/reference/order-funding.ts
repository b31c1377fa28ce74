// Funding of the twin: what was said last, and at its time a sum for each position.
import { InstrumentKind, Kind, Refusal } from "../../asm/vocab.ts";
import { ceilDiv, notional } from "./order-kind.ts";
import type { TwinMoney, TwinPosition } from "./order-money.ts";
import type { Row } from "./order-twin.ts";
import { withFields } from "./row.ts";

interface Plan {
  /** Parts per trillion. */
  rate: bigint;
  /** Since the clock base. */
  due: number;
}

/** What is asked of the twin. */
interface Host {
  money: TwinMoney;
  instruments: Map<number, unknown>;
  baseNanos: bigint;
  touch(account: number, currency: number): void;
  positionRow(position: TwinPosition): Row;
}

const TRILLION = 1_000_000_000_000n;
const PERPETUALS = [InstrumentKind.LinearPerpetual, InstrumentKind.InversePerpetual];

export class TwinFunding {
  private readonly host: Host;
  private readonly plans = new Map<number, Plan>();

  constructor(host: Host) {
    this.host = host;
  }

  /** Takes a FundingChange. */
  plan(row: Row): void {
    const id = Number(row["instrument"]);
    const due = Number(BigInt(row["nextNanos"] ?? 0) - this.host.baseNanos);
    const share = Number(row["value"] ?? 0);
    const { kind } = this.host.money.spec(id);
    if (!this.host.instruments.has(id) || !PERPETUALS.includes(kind)) return;
    if (due <= this.host.money.nowNanos) return;
    if (!(Math.abs(share) <= 1)) return;
    this.plans.set(id, { rate: BigInt(Math.round(share * Number(TRILLION))), due });
  }

  /** When funding is paid next. */
  due(): number {
    let next = Infinity;
    for (const { due } of this.plans.values()) next = Math.min(next, due);
    return next;
  }

  /** Pays the first instrument that is due. */
  pay(nowNanos: number): Row[] {
    const ids = [...this.plans.keys()].sort((a, b) => a - b);
    const id = ids.find((one) => this.plans.get(one)!.due <= nowNanos)!;
    const { rate, due } = this.plans.get(id)!;
    this.plans.delete(id);
    const { money, baseNanos } = this.host;
    const spec = money.spec(id);
    const { ticks, isStale, source } = money.mark(id);
    const dueNanos = baseNanos + BigInt(due);
    const what = { kind: Kind.FundingPaid, instrument: id, rate, dueNanos, markSource: source };
    const settlement = spec.settlement;
    if (ticks === 0) return [withFields(what, { settlement, reason: Refusal.PriceUnknown })];
    const parts = rate < 0n ? -rate : rate;
    const payment = (lots: number): { valueMinor: bigint; paidMinor: bigint } => {
      const isPaying = lots > 0 === rate > 0n;
      const valueMinor = notional(spec, ticks, Math.abs(lots), isPaying);
      const paidMinor = ceilDiv((isPaying ? valueMinor : -valueMinor) * parts, TRILLION);
      return { valueMinor, paidMinor };
    };
    const rows: Row[] = [];
    for (const p of money.holders(id)) {
      money.subs.fund(p, (lots) => payment(lots).paidMinor);
      if (p.lots === 0) continue;
      const { valueMinor, paidMinor } = payment(p.lots);
      p.funding += paidMinor;
      const balance = money.balance(p.account, settlement);
      balance.cash -= paidMinor;
      money.gain(balance, -paidMinor);
      this.host.touch(p.account, settlement);
      const { account, lots } = p;
      const paid = { account, lots, markTicks: ticks, paidMinor, valueMinor, settlement };
      rows.push(Object.assign({}, what, paid, { markStale: isStale ? 1 : 0 }));
      rows.push({ kind: Kind.PositionChanged, ...this.host.positionRow(p) });
    }
    return rows;
  }
}
