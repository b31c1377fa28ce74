// An auditor of the risk check: it keeps its own books from the records the core writes, and says,
// before each order or amend, which limits in force it would break. Plain numbers, no shortcuts:
// neither core nor twin is asked. Contracts of one minor unit per tick x lot, in one currency.
import { Refusal, Scope, Side } from "../../asm/vocab.ts";

/** One row of limits; what is left out is no limit. */
export type Limits = Partial<Record<LimitName, number>>;
export type LimitName =
  | "qtyLotsMax"
  | "notionalMinorMax"
  | "collarBps"
  | "rateMax"
  | "rateWindowMillis"
  | "ordersOpenMax"
  | "positionLotsMax"
  | "lossMinorMax"
  | "drawdownMinorMax"
  | "grossMinorMax"
  | "netMinorMax"
  | "leverageMax"
  | "concentrationBps"
  | "staleMillis"
  | "duplicateMillis"
  | "repeatsMax"
  | "repeatsWindowMillis";

/** Who sends an order: strategy 0 is a human. */
export interface Who {
  account: number;
  strategy: number;
  instrument: number;
}

/** What an order or amend would add; price 0 = at market and nobody is on the other side. */
export interface Wish extends Who {
  side: number;
  priceTicks: number;
  /** As it was given, 0 at market. */
  givenTicks: number;
  leaves: number;
  added: number;
  isNew: boolean;
  /** Rows that hold for it, with their scopes. */
  inForce: [number, Limits][];
}

export interface Position {
  lots: number;
  cost: number;
  buys: number;
  sells: number;
  orders: number;
  recent: { what: string; nanos: number }[];
}

interface Window {
  start: number;
  count: number;
}

interface Book {
  tenant: number;
  deposits: number;
  cash: number;
  dayRealized: number;
  day: number;
  orders: number;
  /** Highest PnL seen, undefined until it is asked for. */
  peak: number | undefined;
  positions: Map<number, Position>;
}

const MILLI = 1e6;
const DAY = 86_400e9;
const KEPT = 4;
const SCOPES = [
  Scope.Global,
  Scope.Tenant,
  Scope.Account,
  Scope.Strategy,
  Scope.Instrument,
  Scope.AccountInstrument,
];
const PAIRS = [Scope.Instrument, Scope.AccountInstrument] as number[];

export class RiskAudit {
  now = 0;
  /** Comparisons made, by what was compared. */
  readonly asked = new Map<Refusal, number>();
  readonly books = new Map<number, Book>();
  readonly rows = new Map<string, Limits>();
  readonly restricted = new Set<string>();
  readonly initialBps = new Map<number, number>();
  readonly stopped = new Set<number>();
  readonly marks = new Map<number, { ticks: number; nanos: number }>();
  private readonly windows = new Map<string, Window>();
  private readonly repeats = new Map<string, Window>();

  account(id: number, tenant: number, instruments: number[]): void {
    const none = { lots: 0, cost: 0, buys: 0, sells: 0, orders: 0 };
    const positions = new Map(instruments.map((one) => [one, { ...none, recent: [] }]));
    const money = { deposits: 0, cash: 0, dayRealized: 0, day: 0, orders: 0, peak: undefined };
    this.books.set(id, { tenant, ...money, positions });
  }

  deposit(account: number, minor: number): void {
    const book = this.books.get(account)!;
    book.deposits += minor;
    book.cash += minor;
  }

  position({ account, instrument }: { account: number; instrument: number }): Position {
    return this.books.get(account)!.positions.get(instrument)!;
  }

  /** Key of a scope's row. */
  key(scope: number, who: Who): string {
    const { account, strategy, instrument } = who;
    if (scope === Scope.Global) return "0:";
    if (scope === Scope.Tenant) return `1:${this.books.get(account)!.tenant}`;
    if (scope === Scope.Account) return `2:${account}`;
    if (scope === Scope.Strategy) return `3:${strategy}`;
    return scope === Scope.Instrument ? `4:${instrument}` : `5:${account}/${instrument}`;
  }

  /** Rows that hold for whoever asks, with their scopes. */
  inForce(who: Who): [number, Limits][] {
    const found: [number, Limits][] = [];
    for (const scope of SCOPES) {
      if (scope === Scope.Strategy && who.strategy === 0) continue;
      const row = this.rows.get(this.key(scope, who));
      if (row !== undefined) found.push([scope, row]);
    }
    return found;
  }

  /** Takes a fill into the books: average cost, realized money rounded as the lots close. */
  fill(who: Who, side: number, price: number, qty: number, fee: number): void {
    const book = this.books.get(who.account)!;
    const p = this.position(who);
    const sign = side === Side.Buy ? 1 : -1;
    const close = Math.sign(p.lots) === -sign ? Math.min(Math.abs(p.lots), qty) : 0;
    let realized = 0;
    if (close > 0) {
      const share = Math.trunc((p.cost * close) / Math.abs(p.lots));
      realized = -sign * close * price - share;
      p.cost -= share;
    }
    p.cost += sign * (qty - close) * price;
    p.lots += sign * qty;
    book.cash += realized - fee;
    const day = Math.floor(this.now / DAY);
    book.dayRealized = (book.day === day ? book.dayRealized : 0) + realized;
    book.day = day;
  }

  /** Counts an execution of a strategy. */
  execution(who: Who): void {
    let least: [number, number] | undefined;
    for (const [, row] of this.inForce(who)) {
      const [most, millis] = [row.repeatsMax ?? 0, row.repeatsWindowMillis ?? 0];
      if (most === 0) continue;
      const isStricter = least === undefined || most < least[0];
      if (isStricter || (most === least![0] && millis > least![1])) least = [most, millis];
    }
    if (least === undefined) return;
    const key = `${who.strategy}/${who.instrument}`;
    const window = this.repeats.get(key) ?? { start: -Infinity, count: 0 };
    this.repeats.set(key, window);
    if (this.now - window.start >= least[1] * MILLI) {
      Object.assign(window, { start: this.now, count: 0 });
    }
    if (++window.count >= least[0]) this.stopped.add(who.strategy);
  }

  release(strategy: number): void {
    this.stopped.delete(strategy);
    for (const [key, window] of this.repeats) if (key.startsWith(`${strategy}/`)) window.count = 0;
  }

  /** Counts a message; true when the window of a limit on messages is full. */
  message(who: Wish): boolean {
    for (const [scope, row] of who.inForce) {
      if ((row.rateMax ?? 0) === 0) continue;
      const { account, strategy, instrument } = who;
      const pair = PAIRS.includes(scope) ? `/${instrument}` : "";
      const key = `${scope} ${scope === Scope.Strategy ? `s${strategy}` : `${account}${pair}`}`;
      const window = this.windows.get(key) ?? { start: -Infinity, count: 0 };
      this.windows.set(key, window);
      if (this.now - window.start >= row.rateWindowMillis! * MILLI) {
        Object.assign(window, { start: this.now, count: 0 });
      }
      this.count(Refusal.RateLimit);
      if (window.count >= row.rateMax!) return true;
      window.count++;
    }
    return false;
  }

  private count(what: Refusal): void {
    this.asked.set(what, (this.asked.get(what) ?? 0) + 1);
  }

  private unrealized(account: number): number {
    let sum = 0;
    for (const [id, p] of this.books.get(account)!.positions) {
      sum += p.lots * this.marks.get(id)!.ticks - p.cost;
    }
    return sum;
  }

  /** PnL now; `see` remembers it when it is the highest. */
  look(account: number, see: boolean): [number, number] {
    const book = this.books.get(account)!;
    const pnl = book.cash + this.unrealized(account) - book.deposits;
    const peak = Math.max(book.peak ?? 0, pnl);
    if (see) book.peak = peak;
    return [pnl, peak];
  }

  /** Every limit in force that the wish would break. */
  broken(wish: Wish): Set<Refusal> {
    const found = new Set<Refusal>();
    const over = (what: Refusal, is: boolean): void => {
      this.count(what);
      if (is) found.add(what);
    };
    const { account, instrument, side, priceTicks, leaves, added, isNew } = wish;
    const book = this.books.get(account)!;
    const p = this.position(wish);
    const mark = this.marks.get(instrument)!;
    for (const [scope, row] of wish.inForce) {
      const has = (name: LimitName): number => row[name] ?? 0;
      if (has("qtyLotsMax")) over(Refusal.QtyLimit, leaves > has("qtyLotsMax"));
      const isPriced = has("notionalMinorMax") > 0 || has("collarBps") > 0;
      if (isPriced && priceTicks === 0) found.add(Refusal.PriceUnknown);
      else if (isPriced) {
        const money = has("notionalMinorMax") || Infinity;
        over(Refusal.NotionalLimit, priceTicks * leaves > money);
        const reach = mark.ticks * (has("collarBps") || Infinity);
        over(Refusal.PriceCollar, Math.abs(priceTicks - mark.ticks) * 10_000 > reach);
      }
      if (has("ordersOpenMax") && isNew) {
        const open = PAIRS.includes(scope) ? p.orders : book.orders;
        over(Refusal.OpenOrdersLimit, open + 1 > has("ordersOpenMax"));
      }
      const reach = (side === Side.Buy ? p.lots + p.buys : p.sells - p.lots) + added;
      if (has("positionLotsMax") && added > 0) {
        over(Refusal.PositionLimit, reach > has("positionLotsMax"));
      }
      if (has("lossMinorMax")) {
        const realized = book.day === Math.floor(this.now / DAY) ? book.dayRealized : 0;
        over(Refusal.LossLimit, realized + this.unrealized(account) < -has("lossMinorMax"));
      }
      if (has("staleMillis")) {
        const age = mark.nanos < 0 ? 0 : this.now - mark.nanos;
        over(Refusal.PriceStale, age > has("staleMillis") * MILLI);
      }
      if (has("drawdownMinorMax")) {
        const [pnl, peak] = this.look(account, false);
        over(Refusal.DrawdownLimit, peak - pnl > has("drawdownMinorMax"));
      }
      if (added > 0) this.exposures(wish, row, over);
      if (has("duplicateMillis") && isNew) {
        const what = `${side} ${wish.givenTicks} ${leaves}`;
        const since = this.now - has("duplicateMillis") * MILLI;
        const isKnown = p.recent.some((one) => one.what === what && one.nanos > since);
        over(Refusal.DuplicateOrder, isKnown);
      }
    }
    for (const scope of [Scope.Global, Scope.Tenant, Scope.Account]) {
      const isOut =
        this.restricted.size > 0 &&
        this.restricted.has(`${this.key(scope, wish)} ${instrument} ${side}`);
      over(Refusal.Restricted, isOut);
    }
    if (added > 0) this.margin(wish, over);
    return found;
  }

  /** Exposure of each position when all orders of its worse side fill, the wish among them. */
  private worst(wish: Wish, id: number): number {
    const { lots, buys, sells } = this.books.get(wish.account)!.positions.get(id)!;
    const more = id === wish.instrument ? wish.added : 0;
    const isBuy = wish.side === Side.Buy;
    return Math.max(lots + buys + (isBuy ? more : 0), sells + (isBuy ? 0 : more) - lots);
  }

  private grows(wish: Wish): boolean {
    const { lots, buys, sells } = this.position(wish);
    return this.worst(wish, wish.instrument) > Math.max(lots + buys, sells - lots);
  }

  private owned(account: number): number {
    return Math.max(0, this.books.get(account)!.cash + this.unrealized(account));
  }

  private exposures(wish: Wish, row: Limits, over: (what: Refusal, is: boolean) => void): void {
    const { grossMinorMax = 0, netMinorMax = 0, leverageMax = 0, concentrationBps = 0 } = row;
    if (grossMinorMax + netMinorMax + leverageMax + concentrationBps === 0) return;
    let [gross, net] = [0, 0];
    for (const [id, { lots, buys, sells }] of this.books.get(wish.account)!.positions) {
      const { ticks } = this.marks.get(id)!;
      const more = id === wish.instrument ? wish.added : 0;
      gross += this.worst(wish, id) * ticks;
      net += ((wish.side === Side.Buy ? lots + buys : sells - lots) + more) * ticks;
    }
    if (netMinorMax) over(Refusal.NetExposureLimit, net > netMinorMax);
    if (!this.grows(wish)) return;
    const owned = this.owned(wish.account);
    const own = this.worst(wish, wish.instrument) * this.marks.get(wish.instrument)!.ticks;
    if (grossMinorMax) over(Refusal.GrossExposureLimit, gross > grossMinorMax);
    if (leverageMax) over(Refusal.LeverageLimit, gross * 100 > owned * leverageMax);
    if (concentrationBps) over(Refusal.ConcentrationLimit, own * 10_000 > owned * concentrationBps);
  }

  private margin(wish: Wish, over: (what: Refusal, is: boolean) => void): void {
    if ((this.initialBps.get(wish.instrument) ?? 0) === 0 || !this.grows(wish)) return;
    let need = 0;
    for (const id of this.books.get(wish.account)!.positions.keys()) {
      const exposure = this.worst(wish, id) * this.marks.get(id)!.ticks;
      need += Math.ceil((exposure * (this.initialBps.get(id) ?? 0)) / 10_000);
    }
    over(Refusal.MarginInsufficient, need > this.owned(wish.account));
  }

  /** The wish became an order, or came as far as the limits behind drawdown. */
  passed(wish: Wish, isAccepted: boolean): void {
    const { inForce } = wish;
    if (inForce.some(([, row]) => (row.drawdownMinorMax ?? 0) > 0)) this.look(wish.account, true);
    if (!isAccepted || !wish.isNew) return;
    if (!inForce.some(([, row]) => (row.duplicateMillis ?? 0) > 0)) return;
    const p = this.position(wish);
    const what = `${wish.side} ${wish.givenTicks} ${wish.leaves}`;
    p.recent = [{ what, nanos: this.now }, ...p.recent].slice(0, KEPT);
  }
}
