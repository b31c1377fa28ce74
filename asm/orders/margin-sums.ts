// What an account owns and what its positions need, in one settlement currency, at the marks.
//
// tidy: tested by test/asm/orders/margin-call.test.ts
import { accountAt, ACCOUNT_HOUSE, ACC_FLAGS, ACC_POSITIONS_FIRST } from "../accounts/account";
import { balanceAt, BAL_ACCOUNT, BAL_CASH, BAL_CURRENCY } from "../accounts/balance";
import {
  O_CALL_BALANCE,
  O_CALL_EQUITY,
  O_CALL_EXPOSURE,
  O_CALL_MAINTENANCE,
  O_CALL_NEED,
  O_CALL_POSITIONS,
} from "../layout";
import { isCash } from "../positions/kind";
import {
  positionAt,
  POS_INSTRUMENT,
  POS_LOTS,
  POS_NEXT,
  unrealizedAt,
} from "../positions/position";
import { markTicks, tradedAt, TRD_SETTLEMENT } from "../positions/traded";
import { exposureMinor, marginMinor, RATE_CALL, RATE_MAINTENANCE } from "../risk/margin";

const SUM_MAX: i64 = 1 << 62;

/**
 * Sums equity, margins and exposure of a balance's account in its currency at the marks, into
 * O_CALL_*. One pass over the account's positions; sums stop at 2^62.
 */
export function marginSums(balance: u32): void {
  const row = balanceAt(balance);
  const currency = load<u16>(row, BAL_CURRENCY);
  let equity = load<i64>(row, BAL_CASH);
  let need: i64 = 0;
  let maintenance: i64 = 0;
  let exposure: i64 = 0;
  let count: u32 = 0;
  let slot = load<u32>(accountAt(load<u32>(row, BAL_ACCOUNT)), ACC_POSITIONS_FIRST);
  while (slot != 0) {
    const position = positionAt(slot);
    slot = load<u32>(position, POS_NEXT);
    const lots = load<i64>(position, POS_LOTS);
    if (lots == 0) continue;
    const traded = tradedAt(load<u32>(position, POS_INSTRUMENT));
    if (load<u16>(traded, TRD_SETTLEMENT) != currency || isCash(traded)) continue;
    count++;
    const mark = markTicks(traded);
    if (mark <= 0) continue;
    equity = max(min(equity + unrealizedAt(position, traded, mark), SUM_MAX), -SUM_MAX);
    const money = exposureMinor(traded, mark, lots);
    const call = marginMinor(traded, money, RATE_CALL);
    if (call == 0) continue;
    need = min(need + call, SUM_MAX);
    maintenance = min(maintenance + marginMinor(traded, money, RATE_MAINTENANCE), SUM_MAX);
    exposure = min(exposure + money, SUM_MAX);
  }
  store<u32>(O_CALL_BALANCE, balance);
  store<u32>(O_CALL_POSITIONS, count);
  store<i64>(O_CALL_EQUITY, equity);
  store<i64>(O_CALL_NEED, need);
  store<i64>(O_CALL_MAINTENANCE, maintenance);
  store<i64>(O_CALL_EXPOSURE, exposure);
}

/** True when a balance's account owns less than its call margin in that currency. */
export function isShort(balance: u32): bool {
  const owner = accountAt(load<u32>(balanceAt(balance), BAL_ACCOUNT));
  marginSums(balance);
  if ((load<u8>(owner, ACC_FLAGS) & ACCOUNT_HOUSE) != 0) return false;
  return load<i64>(O_CALL_EQUITY) < load<i64>(O_CALL_NEED) && load<i64>(O_CALL_NEED) != 0;
}
