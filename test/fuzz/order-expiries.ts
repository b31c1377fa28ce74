// Amends of the expiry: alone, with all else as it is, and with more than that.
import { AmendField, Kind } from "../../asm/vocab.ts";
import type { Row, TwinOrder } from "../reference/order-twin.ts";

/** An amend of an order's expiry; `expiresNanos` may be in the past. */
export function expiryChange(random: () => number, order: TwinOrder | undefined): Row {
  const isWhole = order !== undefined && random() < 0.4;
  const isMore = random() < 0.15;
  const more = isMore ? 1 << Math.floor(random() * 8) : 0;
  const fields = AmendField.Expires | more | (isWhole ? Math.floor(random() * 8) : 0);
  const { price = 0, leaves = 0, filled = 0, stop = 0 } = order ?? {};
  const off = random() < 0.1 ? 1 : 0;
  return { fields, priceTicks: price, qtyLots: leaves + filled + off, stopTicks: stop };
}

/** Notes expiries that moved. */
export function noteExpiries(
  kind: Kind,
  row: Row,
  outs: Row[],
  note: (what: string) => void,
): void {
  const [first] = outs;
  const isMeant = kind === Kind.OrderAmend && (Number(row["fields"]) & AmendField.Expires) !== 0;
  if (!isMeant || first?.["kind"] !== Kind.OrderAmended) return;
  note(`expiry moved, state ${first["state"]}`);
}

export function expiriesWanted(): string[] {
  const states = [1, 2, 4, 5].map((state) => `expiry moved, state ${state}`);
  return [...states, "AmendDenied ExpiryInvalid"];
}
