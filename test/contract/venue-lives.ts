// Lives of an order at a venue as the reports that tell them, and the only right end of each: in
// whatever order the reports come in, the end is the same.
import { CancelReason, Kind, OrderState, Refusal, Side } from "../../asm/vocab.ts";
import type { Fields } from "../asm/order-core.ts";

export interface Life {
  name: string;
  /** Sent after the order, each when all before it was done; "accept" confirms the order first. */
  asks: readonly ("accept" | "cancel" | "amend up" | "amend down")[];
  side: Side;
  qtyLots: number;
  reports: readonly (readonly [Kind, Fields])[];
  end: { state: OrderState; filled: number; leaves: number; priceTicks: number };
}

const PRICE = 990;
const accepted = [Kind.VenueAccepted, { filledLots: 0 }] as const;
const fill = (fillId: number, qtyLots: number, priceTicks = PRICE): readonly [Kind, Fields] => [
  Kind.VenueFill,
  { fillId, qtyLots, priceTicks, filledLots: -1 },
];
const canceled = (filledLots: number): readonly [Kind, Fields] => [
  Kind.VenueCanceled,
  { filledLots, reason: CancelReason.None },
];
const late = [
  Kind.VenueCancelRejected,
  { request: "cancel", reason: Refusal.OrderNotOpen },
] as const;
const busy = [
  Kind.VenueCancelRejected,
  { request: "cancel", reason: Refusal.VenueRejected },
] as const;
const amended = (qtyLots: number, priceTicks = 985): readonly [Kind, Fields] => [
  Kind.VenueAmended,
  { request: "amend", qtyLots, priceTicks },
];
const refused = [Kind.VenueAmendRejected, { request: "amend" }] as const;

function ends(state: OrderState, filled: number, leaves = 0, priceTicks = PRICE): Life["end"] {
  return { state, filled, leaves, priceTicks };
}

const buy = { side: Side.Buy, qtyLots: 10 };
const sell = { side: Side.Sell, qtyLots: 10 };

/** Six reports each, duplicates among them: 720 orders of arrival. */
export const LIVES: readonly Life[] = [
  {
    ...{ name: "filled in three, nothing asked", asks: [], ...buy },
    reports: [accepted, fill(1, 4), fill(2, 5), fill(3, 1), fill(1, 4), accepted],
    end: ends(OrderState.Filled, 10),
  },
  {
    ...{ name: "a cancel that came too late", asks: ["cancel"], ...buy },
    reports: [accepted, fill(1, 4), fill(2, 6), late, fill(2, 6), accepted],
    end: ends(OrderState.Filled, 10),
  },
  {
    ...{ name: "canceled after two fills", asks: ["cancel"], ...sell },
    reports: [accepted, fill(1, 3), fill(2, 2), canceled(5), fill(1, 3), canceled(5)],
    end: ends(OrderState.Canceled, 5, 5),
  },
  {
    ...{ name: "canceled by a venue that counts no fills", asks: ["cancel"], ...buy },
    reports: [accepted, fill(1, 3), fill(2, 2), canceled(-1), fill(1, 3), canceled(-1)],
    end: ends(OrderState.Canceled, 5, 5),
  },
  {
    ...{ name: "canceled with all fills behind the cancel", asks: ["cancel"], ...buy },
    reports: [accepted, canceled(9), fill(1, 3), fill(2, 3), fill(3, 3), late],
    end: ends(OrderState.Canceled, 9, 1),
  },
  {
    ...{ name: "a cancel the venue was too busy for", asks: ["cancel"], ...sell },
    reports: [accepted, fill(1, 4), busy, fill(1, 4), busy, accepted],
    end: ends(OrderState.PartlyFilled, 4, 6),
  },
  {
    ...{ name: "raised while it fills", asks: ["accept", "amend up"], ...buy },
    reports: [accepted, fill(1, 10), amended(20), fill(2, 10, 985), amended(20), fill(1, 10)],
    end: ends(OrderState.Filled, 20),
  },
  {
    ...{ name: "raised and left open", asks: ["accept", "amend up"], ...sell },
    reports: [fill(1, 4), amended(20), fill(2, 4), amended(20), fill(2, 4), accepted],
    end: ends(OrderState.PartlyFilled, 8, 12, 985),
  },
  {
    ...{ name: "lowered to what fills meanwhile", asks: ["accept", "amend down"], ...buy },
    reports: [fill(1, 3), amended(5), fill(2, 2), amended(5), fill(1, 3), accepted],
    end: ends(OrderState.Filled, 5),
  },
  {
    ...{ name: "an amend refused, then filled", asks: ["accept", "amend up"], ...sell },
    reports: [fill(1, 4), refused, fill(2, 6), refused, fill(2, 6), accepted],
    end: ends(OrderState.Filled, 10),
  },
  {
    ...{ name: "amended, then canceled", asks: ["accept", "amend up", "cancel"], ...buy },
    reports: [amended(20), fill(1, 7), canceled(7), amended(20), fill(1, 7), canceled(7)],
    end: ends(OrderState.Canceled, 7, 13, 985),
  },
  {
    ...{ name: "expired by the venue", asks: [], ...sell },
    reports: [
      accepted,
      fill(1, 1),
      fill(2, 2),
      [Kind.VenueExpired, { filledLots: 3 }],
      [Kind.VenueExpired, { filledLots: 3 }],
      fill(2, 2),
    ],
    end: ends(OrderState.Expired, 3, 7),
  },
  {
    ...{ name: "rejected, said often", asks: ["cancel"], ...buy },
    reports: [
      [Kind.VenueRejected, { filledLots: 0 }],
      [Kind.VenueRejected, { filledLots: 0 }],
      [Kind.VenueRejected, { filledLots: -1 }],
      [Kind.VenueCancelRejected, { request: "cancel", reason: Refusal.UnknownOrder }],
      [Kind.VenueCancelRejected, { request: "cancel", reason: Refusal.UnknownOrder }],
      [Kind.VenueUnknown, { request: 1 }],
    ],
    end: ends(OrderState.Rejected, 0, 10),
  },
];

/** All orders of 0 to count - 1. */
export function permutations(count: number): number[][] {
  if (count === 0) return [[]];
  return permutations(count - 1).flatMap((rest) =>
    Array.from({ length: count }, (_, at) => [...rest.slice(0, at), count - 1, ...rest.slice(at)]),
  );
}
