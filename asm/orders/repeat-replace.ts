// The same OrderReplace again: its new order as it is now, or the same denial, marked Replayed.
//
// A replace has an id of its own, the new order's. Sent again it finds the old order closed by
// itself; the new one keeps a digest of the replace instead of one of an OrderNew, so the two are
// told apart and an OrderNew under that id is refused. Denials lie where those of orders do, by
// the new id. An OrderAmend has no id: it names a price and a total quantity, so again it changes
// nothing, and hears that (AmendNothing, or OrderNotOpen with what is filled), as at venues.
//
// tidy: tested by test/asm/orders/repeat.test.ts
import { O_DENIALS, ORDER_COLD_CONTENT, ORDER_ROW_ACCOUNT } from "../layout";
import { avalanche, mixPair } from "../math/hash";
import { outEnd, outFlag } from "../output";
import {
  AMEND_DISPLAY_LOTS,
  AMEND_EXPIRES_NANOS,
  AMEND_FIELDS,
  AMEND_NEW_CLIENT_ID,
  AMEND_ORDER_ID,
  AMEND_PRICE_TICKS,
  AMEND_QTY_LOTS,
  AMEND_SESSION,
  AMEND_STOP_TICKS,
  AMEND_TAG,
  AMEND_TRAIL_OFFSET,
  Flag,
  ORDER_CLIENT_ID,
  ORDER_STRATEGY,
  REC_INSTRUMENT,
  Refusal,
} from "../vocab";
import { amendDenialBegin, denyAmend } from "./event";
import { orderAt, orderByClientId, orderColdAt } from "./pool";
import {
  denialKeep,
  denialOf,
  isMadeBy,
  isPassing,
  MARK_MASK,
  markOf,
  orderSay,
  OWN_IDS,
} from "./repeat";

const LANE: u64 = 0x9fb21c651e98df25;

/** Digest of all an OrderReplace says but its account, new client id and session. */
function contentOf(rec: usize): u64 {
  const strategy = <u64>load<u16>(rec, ORDER_STRATEGY);
  const fields = <u64>load<u8>(rec, AMEND_FIELDS);
  const where = <u64>load<u32>(rec, REC_INSTRUMENT) | (strategy << 32) | (fields << 48);
  const stop = load<i64>(rec, AMEND_STOP_TICKS);
  let hash = mixPair(LANE, load<u64>(rec, ORDER_CLIENT_ID), load<u64>(rec, AMEND_ORDER_ID));
  hash = mixPair(hash, where, load<u64>(rec, AMEND_TAG));
  hash = mixPair(hash, load<u64>(rec, AMEND_PRICE_TICKS), load<u64>(rec, AMEND_QTY_LOTS));
  hash = mixPair(hash, stop, load<u64>(rec, AMEND_DISPLAY_LOTS));
  hash = mixPair(hash, load<u64>(rec, AMEND_TRAIL_OFFSET), load<u64>(rec, AMEND_EXPIRES_NANOS));
  return avalanche(hash);
}

/** Answers an OrderReplace that was sent before; `old` is the order it names, 0 for none. */
export function replaceAnswer(rec: usize, account: u32, old: u32): bool {
  const id = load<u64>(rec, AMEND_NEW_CLIENT_ID);
  if (account == 0 || id == 0 || id >= OWN_IDS) return false;
  const known = orderByClientId(account, id);
  if (known == 0 && load<u64>(O_DENIALS) == 0) return false;
  const content = contentOf(rec);
  if (known != 0 && isMadeBy(known, content)) {
    orderSay(known, load<u32>(rec, AMEND_SESSION));
    return true;
  }
  const reason = denialOf(account, id, content);
  if (reason == 0) return false;
  const isOwn = old != 0 && load<u32>(orderAt(old), ORDER_ROW_ACCOUNT) == account;
  const out = amendDenialBegin(rec, isOwn ? old : 0, reason);
  outFlag(out, Flag.Replayed);
  outEnd(out);
  return true;
}

/** Notes on the new order which replace made it; it may have ended already. */
export function replaceNote(rec: usize, account: u32): void {
  const slot = orderByClientId(account, load<u64>(rec, AMEND_NEW_CLIENT_ID));
  if (slot == 0) return;
  const at = orderColdAt(slot) + ORDER_COLD_CONTENT;
  store<u32>(at, (load<u32>(at) & ~MARK_MASK) | markOf(contentOf(rec)));
}

/** Denies an OrderReplace, and remembers it when the answer would be the same again. */
export function refuseReplace(rec: usize, account: u32, slot: u32, reason: i32): void {
  const id = load<u64>(rec, AMEND_NEW_CLIENT_ID);
  // An id that names another order does so as long as that is known.
  const isKept = id != 0 && id < OWN_IDS && reason != Refusal.ClientOrderIdDuplicate;
  if (isKept && !isPassing(reason)) denialKeep(account, id, contentOf(rec), reason);
  denyAmend(rec, slot, reason);
}
