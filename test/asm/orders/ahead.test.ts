// Commands looked at before their turn end as commands that come one by one.
//
// One core gets a stream command by command, so that there is never a next one to look at, another
// in batches. With enough open orders the look goes as far as it can, and the stream holds what no
// order, account or instrument stands behind: whatever is read then, nothing may come of it.
import { expect, test } from "vitest";
import { AHEAD_SUM } from "../../../asm/layout.ts";
import { AmendField, Kind, Role, Side, TimeInForce } from "../../../asm/vocab.ts";
import { seeded } from "../../reference/random.ts";
import { OrderCore, type Fields } from "../order-core.ts";

const INSTRUMENTS = 20;
const ACCOUNTS = 5;
/** Above what asm/orders/ahead.ts takes for few. */
const ORDERS = 12_000;
const COMMANDS = 20_000;
const BATCH = 100;
const MIDDLE_TICKS = 10_000;

function market(): OrderCore {
  const core = OrderCore.create();
  for (let id = 1; id <= INSTRUMENTS; id++) core.instrument(id, { referenceTicks: MIDDLE_TICKS });
  for (let id = 1; id <= ACCOUNTS; id++) core.account(id);
  return core;
}

/** Orders that rest, then new ones, amends, cancels, and commands that name nothing. */
function stream(orders: number): [Kind, Fields][] {
  const random = seeded(7);
  const pick = (count: number): number => Math.floor(random() * count);
  const fresh = (index: number, reach: number): [Kind, Fields] => {
    const side = pick(2) === 0 ? Side.Buy : Side.Sell;
    const away = 1 + pick(300) - reach;
    const priceTicks = side === Side.Buy ? MIDDLE_TICKS - away : MIDDLE_TICKS + away;
    const who = { instrument: 1 + (index % INSTRUMENTS), account: 1 + (index % ACCOUNTS) };
    const tif = pick(9) === 0 && reach > 0 ? TimeInForce.Ioc : TimeInForce.Gtc;
    const order = { ...who, clientId: index, side, priceTicks, qtyLots: 1 + pick(9) };
    return [Kind.OrderNew, { ...order, type: 2, tif }];
  };
  const all = Array.from({ length: orders }, (_, index) => fresh(index + 1, 0));
  for (let index = orders + 1; index <= orders + COMMANDS; index++) {
    const dice = pick(20);
    const id = 1 + pick(index + 50);
    const who = { instrument: 1 + (id % INSTRUMENTS), account: 1 + (id % ACCOUNTS), clientId: id };
    const price = { fields: AmendField.Price, priceTicks: MIDDLE_TICKS + pick(600) - 300 };
    if (dice < 3) all.push(fresh(index, 4));
    else if (dice < 5) all.push([Kind.OrderCancel, who]);
    else if (dice === 5) all.push([Kind.OrderAmend, { ...who, ...price, instrument: 2 ** 32 - 1 }]);
    else if (dice === 6) all.push([Kind.OrderAmend, { ...who, ...price, account: 2 ** 32 - 1 }]);
    else if (dice === 7) {
      all.push([Kind.OrderAmend, { ...who, ...price, priceTicks: -(2n ** 63n) }]);
    } else if (dice === 8) all.push([Kind.OrderNew, { ...who, instrument: 4095, side: 255 }]);
    else if (dice === 9) all.push([Kind.StateQuery, { account: 1 + pick(ACCOUNTS) }]);
    else all.push([Kind.OrderAmend, { ...who, ...price }]);
  }
  return all;
}

test.each([200, ORDERS])("batches end as commands one by one, with %i orders at rest", (orders) => {
  const [alone, batched] = [market(), market()];
  const commands = stream(orders);
  for (let at = 0; at < commands.length; at += BATCH) {
    const part = commands.slice(at, at + BATCH);
    for (const [kind, fields] of part) alone.apply(kind, fields);
    alone.core.drain(() => undefined);
    batched.applyAll(part);
  }
  expect(alone.core.view.getBigUint64(AHEAD_SUM, true)).toBe(0n);
  expect(batched.core.view.getBigUint64(AHEAD_SUM, true)).not.toBe(0n);
  expect(batched.core.stateHash(Role.Order)).toBe(alone.core.stateHash(Role.Order));
});
