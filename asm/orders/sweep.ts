// What a fill-or-kill would find of pairs: of two legs in its way only the first one's lots,
// because the second goes with the first one's fill.
//
// tidy: tested by test/asm/orders/contingency.test.ts
import { l3After } from "../books/ladder";
import { O_MET, ORDER_TERMS_SIBLING } from "../layout";
import { LINK_MET, LINK_PAIR, linksChange, linksOf } from "./contingency";
import { orderTermsAt } from "./pool";

/**
 * True when an imagined sweep of `slot` finds the lots of a resting linked order: not those of a
 * pair's second leg, which goes with the first one's fill. Forget the sweep with `sweepForget`.
 */
export function sweepFinds(maker: u32): bool {
  if ((linksOf(maker) & LINK_MET) != 0) return false;
  const sibling = load<u32>(orderTermsAt(maker), ORDER_TERMS_SIBLING);
  if ((linksOf(maker) & LINK_PAIR) == 0) return true;
  linksChange(sibling, LINK_MET, 0);
  store<u32>(O_MET, load<u32>(O_MET) + 1);
  return true;
}

/** Forgets which legs a sweep of the orders from `maker` on has met. */
export function sweepForget(resting: usize, maker: u32): void {
  while (load<u32>(O_MET) != 0) {
    const sibling = load<u32>(orderTermsAt(maker), ORDER_TERMS_SIBLING);
    if ((linksOf(maker) & LINK_PAIR) != 0 && (linksOf(sibling) & LINK_MET) != 0) {
      linksChange(sibling, 0, LINK_MET);
      store<u32>(O_MET, load<u32>(O_MET) - 1);
    }
    maker = l3After(resting, maker);
  }
}

/** True when `maker` is the other leg of an order: their trade changes both. */
export function isSibling(slot: u32, maker: u32): bool {
  const isLeg = (linksOf(slot) & LINK_PAIR) != 0;
  return isLeg && load<u32>(orderTermsAt(slot), ORDER_TERMS_SIBLING) == maker;
}
