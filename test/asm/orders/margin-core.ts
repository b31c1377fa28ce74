// A core with margin, for the tests of calls and liquidation: account 9 makes marks and markets.
import { Kind, OrderType, Refusal, Side, TimeInForce } from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

export const MAKER = 9;
export const MARK = 10_000;

/** Instruments 1 and 2 at 10,000, accounts 1 to `accounts` with 100,000 minor units each. */
export class MarginCore {
  readonly core = OrderCore.create();
  private clientId = 0;

  constructor(accounts = 3) {
    for (const id of [1, 2]) this.core.instrument(id, { referenceTicks: MARK });
    for (let id = 1; id <= accounts; id++) {
      this.core.account(id);
      this.cash(id, 100_000);
    }
    this.core.account(MAKER, { accountFlags: 2 });
    this.cash(MAKER, 1_000_000_000);
  }

  cash(account: number, amountMinor: number): Out[] {
    return this.core.send(Kind.CashAdjust, { account, currency: 1, amountMinor });
  }

  schedule(fields: Fields): Out[] {
    return this.core.send(Kind.MarginSchedule, { instrument: 1, ...fields });
  }

  order(fields: Fields): Out[] {
    return this.core.order({ clientId: ++this.clientId, priceTicks: MARK, ...fields });
  }

  /** The account buys (or sells) from account 9 at a price. */
  trade(account: number, lots: number, instrument = 1, priceTicks = MARK): Out[] {
    const [side, other] = lots > 0 ? [Side.Buy, Side.Sell] : [Side.Sell, Side.Buy];
    const qtyLots = Math.abs(lots);
    this.order({ account: MAKER, side: other, qtyLots, instrument, priceTicks });
    return this.order({ account, side, qtyLots, instrument, priceTicks });
  }

  /** Account 9 trades one lot with itself: the mark moves. */
  mark(priceTicks: number, instrument = 1): Out[] {
    const rest = { account: MAKER, instrument, priceTicks };
    const outs = this.order({ ...rest, side: Side.Sell });
    const tif = TimeInForce.Ioc;
    return [...outs, ...this.order({ ...rest, tif, type: OrderType.Limit })];
  }
}

/** Margin calls of the answers, as account and state. */
export function calls(outs: Out[]): number[][] {
  return only(outs, Kind.MarginCall).map((out) => [Number(out["account"]), Number(out["state"])]);
}

export function reason(outs: Out[]): string {
  return Refusal[Number(outs[0]!["reason"])]!;
}
