// Strategy sub-accounts of the twin: every strategy's part of a position, 0 among them, from the
// fills alone; what the core keeps no row of, strategy 0, is counted here and not taken off.
import { Side } from "../../asm/vocab.ts";
import { floorDiv, flow, isInverse, scale } from "./order-kind.ts";
import { flatPosition, type TwinMoney, type TwinPosition } from "./order-money.ts";

interface TwinPart {
  /** As a position of its own. */
  own: TwinPosition;
  /** Realized less fees, as the account booked them at its fills. */
  booked: bigint;
}

/** What orders without a strategy have of a position. */
interface TwinPlain {
  lots: number;
  traded: number;
  /** Exact flow. */
  out: bigint;
  /** What these lots alone would have paid of funding, and how often that was rounded. */
  funding: bigint;
  fundings: number;
}

type Row = Record<string, number | bigint>;

const COLUMNS = [
  ...(["cost", "realizedMinor", "feesMinor"] as const),
  ...(["unrealizedMinor", "bookedMinor", "fundingMinor"] as const),
];

export class TwinSubs {
  /** By position, the parts of strategies in the order in which they came. */
  private readonly parts = new Map<TwinPosition, Map<number, TwinPart>>();
  private readonly plain = new Map<TwinPosition, TwinPlain>();
  private readonly money: TwinMoney;

  constructor(money: TwinMoney) {
    this.money = money;
  }

  /** The strategy has a part of the position from now on. */
  take(p: TwinPosition, strategy: number): void {
    if (strategy === 0) return;
    let rows = this.parts.get(p);
    if (rows === undefined) this.parts.set(p, (rows = new Map<number, TwinPart>()));
    if (rows.has(strategy)) return;
    rows.set(strategy, { own: flatPosition(p.account, p.instrument, p.side), booked: 0n });
  }

  private plainOf(p: TwinPosition): TwinPlain {
    let known = this.plain.get(p);
    if (known === undefined) {
      known = { lots: 0, traded: 0, out: 0n, funding: 0n, fundings: 0 };
      this.plain.set(p, known);
    }
    return known;
  }

  /** A fill that the position has booked already. */
  fill(
    p: TwinPosition,
    strategy: number,
    side: number,
    price: number,
    qty: number,
    booked: bigint,
    fee: bigint,
  ): void {
    if (strategy === 0) return this.other(p, side, price, qty, true);
    const part = this.parts.get(p)!.get(strategy)!;
    this.money.trade(part.own, side, price, qty);
    part.own.fees += fee;
    part.booked += booked - fee;
  }

  /** A fill that its venue corrects. */
  correct(
    p: TwinPosition,
    strategy: number,
    to: { side: number; wasPrice: number; was: number; price: number; qty: number },
    booked: bigint,
    fee: bigint,
  ): void {
    const back = to.side === Side.Buy ? Side.Sell : Side.Buy;
    if (strategy === 0) {
      this.other(p, back, to.wasPrice, to.was, false);
      if (to.qty > 0) this.other(p, to.side, to.price, to.qty, false);
      this.plainOf(p).traded += to.qty - to.was;
      return;
    }
    const part = this.parts.get(p)!.get(strategy)!;
    const { traded } = part.own;
    this.money.trade(part.own, back, to.wasPrice, to.was);
    if (to.qty > 0) this.money.trade(part.own, to.side, to.price, to.qty);
    part.own.traded = traded - to.was + to.qty;
    part.own.fees += fee;
    part.booked += booked - fee;
  }

  /** Lots that came without a strategy: traded, or adjusted. */
  other(p: TwinPosition, side: number, price: number, qty: number, isTraded: boolean): void {
    const plain = this.plainOf(p);
    const signed = side === Side.Buy ? qty : -qty;
    plain.lots += signed;
    plain.out += flow(this.money.spec(p.instrument), price, signed);
    if (isTraded) plain.traded += qty;
  }

  /** A funding; `payment` is what so many lots pay alone. */
  fund(p: TwinPosition, payment: (lots: number) => bigint): void {
    for (const { own } of this.parts.get(p)?.values() ?? []) {
      if (own.lots !== 0) own.funding += payment(own.lots);
    }
    const plain = this.plainOf(p);
    if (plain.lots !== 0) plain.funding += payment(plain.lots);
    plain.fundings++;
  }

  /** Everyone is paid out at a price; `lots` are the account's, before. */
  settle(p: TwinPosition, lots: number, price: number): void {
    for (const { own } of this.parts.get(p)?.values() ?? []) {
      const { traded } = own;
      const side = own.lots > 0 ? Side.Sell : Side.Buy;
      if (own.lots !== 0) this.money.trade(own, side, price, Math.abs(own.lots));
      own.traded = traded;
    }
    const plain = this.plainOf(p);
    const side = plain.lots > 0 ? Side.Sell : Side.Buy;
    if (plain.lots !== 0) this.other(p, side, price, Math.abs(plain.lots), false);
    plain.traded += Math.abs(lots);
  }

  private partRow(own: TwinPosition, strategy: number, booked: bigint): Row {
    const { markSource, markStale, ...row } = this.money.row(own);
    void [markSource, markStale];
    return Object.assign(row, { strategy, bookedMinor: booked });
  }

  /** StrategyState rows of a position: strategy 0, then the others, newest first. */
  rows(p: TwinPosition): Row[] {
    const parts = this.parts.get(p);
    if (parts === undefined) return [];
    const others = [...parts].reverse().map(([strategy, part]) => {
      return this.partRow(part.own, strategy, part.booked);
    });
    const rest = this.partRow(p, 0, p.realized - p.fees);
    for (const row of others) {
      for (const name of COLUMNS) rest[name] = BigInt(rest[name]!) - BigInt(row[name]!);
    }
    const { lots, traded } = this.plainOf(p);
    return [Object.assign(rest, { lots, tradedLots: traded }), ...others];
  }

  /** The first thing that is wrong with any position's parts. */
  anyWrong(): string {
    for (const p of this.parts.keys()) {
      const wrong = this.wrong(p);
      if (wrong !== "") return wrong;
    }
    return "";
  }

  /**
   * What is wrong with a position's parts: lots that do not add up to the account's, or money of
   * strategy 0 that is not what its own fills made and its own lots paid, but for the rounding of
   * each row.
   */
  private wrong(p: TwinPosition): string {
    const parts = this.parts.get(p);
    if (parts === undefined) return "";
    const plain = this.plainOf(p);
    let lots = plain.lots;
    let rest = p.realized + this.money.unrealized(p);
    let late = p.funding - plain.funding;
    for (const { own } of parts.values()) {
      lots += own.lots;
      rest -= own.realized + this.money.unrealized(own);
      late -= own.funding;
    }
    if (lots !== p.lots) return `strategies have ${lots} lots, the account ${p.lots}`;
    // A value and a payment, of each part, of strategy 0 and of the account.
    const spare = BigInt(plain.fundings * 2 * (parts.size + 2));
    if (late > spare || late < -spare) return `strategy 0 of ${p.instrument} funds ${late} more`;
    const spec = this.money.spec(p.instrument);
    const { ticks } = this.money.mark(p.instrument);
    if (ticks === 0 || isInverse(spec)) return "";
    const [num, den] = scale(spec);
    const worth = flow(spec, ticks, plain.lots) - plain.out;
    const off = rest - floorDiv(worth * num, den);
    const most = BigInt(2 * parts.size + 2);
    return off > most || off < -most ? `strategy 0 of ${p.instrument} is off by ${off}` : "";
  }
}
