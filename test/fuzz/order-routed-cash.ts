// A cash instrument at a venue among the random ones, and what the compared inputs reached of it.
import {
  Execution,
  InstrumentKind,
  Kind,
  MarkSource,
  OrderState,
  OrderType,
  Refusal,
  Side,
} from "../../asm/vocab.ts";
import type { OrderCore } from "../asm/order-core.ts";
import { LINEAR } from "../reference/order-kind.ts";
import type { OrderTwin, Row } from "../reference/order-twin.ts";

export const ROUTED_SPOT = 14;
const STATES = [
  OrderState.Pending,
  OrderState.Live,
  OrderState.PartlyFilled,
  OrderState.PendingCancel,
  OrderState.PendingAmend,
  OrderState.InDoubt,
];
const ENDS = ["Filled", "Canceled", "Rejected", "Expired"];
const SIDES = ["Buy", "Sell"];

/** A lot is 0.21 of the base, a tick x lot 0.21 cent of the quote: each fill leaves a fraction. */
export function addRoutedSpot(
  core: OrderCore,
  twin: OrderTwin,
  rest: Record<string, unknown>,
): void {
  const lot = { lotMantissa: 7, lotExponent: -2, multiplierNum: 3, multiplierDen: 1 };
  const markSource = MarkSource.Mid;
  const specKind = InstrumentKind.Spot;
  const what = { execution: Execution.Routed, venue: 7, specKind, markSource };
  core.instrument(ROUTED_SPOT, { ...rest, ...lot, ...what });
  twin.instrument(ROUTED_SPOT, Execution.Routed, Number(rest["staleMillis"]));
  twin.markSource(ROUTED_SPOT, markSource);
  twin.routed.instrument(ROUTED_SPOT, 7);
  const money = { num: 21n, den: 100n, base: 2, baseMinor: 2_100n };
  twin.money.specs.set(ROUTED_SPOT, { ...LINEAR, kind: specKind, ...money });
}

/** Counts the records of one input about it. */
export function noteRoutedCash(
  row: Row,
  outs: Row[],
  twin: OrderTwin,
  count: (what: string) => void,
): void {
  const note = (what: string): void => count(`venue cash: ${what}`);
  for (const out of outs) {
    if (out["instrument"] !== ROUTED_SPOT) continue;
    const is = Number(out["kind"]);
    const side = Side[Number(out["side"])];
    const state = OrderState[Number(out["state"])];
    const why = Refusal[Number(out["reason"] ?? 0)];
    if (is === Kind.OrderDenied || is === Kind.AmendDenied) {
      const type = out["type"] === OrderType.Market ? " at market" : "";
      note(`${Kind[is]} ${why}${why === "PriceUnknown" ? type : ""}`);
    }
    if (is === Kind.Fill || is === Kind.FillCorrection) {
      note(`${Kind[is]}, ${side}, in ${Number(out["state"]) < 9 ? "open" : "ended"}`);
      const isGiven = (Number(row["reportFlags"] ?? 0) & 2) !== 0;
      note(`fee ${isGiven ? "given" : "of the schedule"} in ${out["feeCurrency"]}`);
      const account = Number(out["account"]);
      for (const currency of [1, 2]) {
        if (twin.cash.free(account, currency) < 0n) note(`${currency} is less than is held back`);
      }
    }
    const order = twin.orders.get(`${out["account"]}/${out["clientId"]}`);
    if (order?.route === undefined || is === Kind.OrderDenied) continue;
    if (order.lock > 0n && is !== Kind.Fill) note(`held in ${state}, ${side}`);
    if (Number(out["state"]) >= 9) note(`${state}, ${side}`);
  }
}

export function routedCashWanted(): string[] {
  const all: string[] = [];
  for (const side of SIDES) {
    for (const state of STATES) all.push(`held in ${OrderState[state]}, ${side}`);
    for (const end of ENDS) all.push(`${end}, ${side}`);
    for (const kind of ["Fill", "FillCorrection"]) {
      all.push(`${kind}, ${side}, in open`, `${kind}, ${side}, in ended`);
    }
  }
  for (const currency of [1, 2]) {
    all.push(`fee given in ${currency}`, `fee of the schedule in ${currency}`);
    all.push(`${currency} is less than is held back`);
  }
  all.push("fee given in 0", "OrderDenied BalanceInsufficient", "AmendDenied BalanceInsufficient");
  all.push("OrderDenied PriceUnknown at market");
  return all.map((what) => `venue cash: ${what}`);
}
