// Open orders with cancel and amend, and below them what was refused, with what to do.
import { useState } from "preact/hooks";
import { Kind, OrderState, OrderType, Refusal } from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import type { OrderEventRecord } from "../protocol.ts";
import { formatSteps, stepsOf } from "../units.ts";
import { Count, LegWord, SideWord, words } from "./blotter.tsx";
import type { Step } from "./format.ts";
import { millisOf, NO_VALUE, stepText, timeText, UNKNOWN_STEP } from "./format.ts";
import type { Page } from "./page.ts";
import { currencyCode, moneyText } from "./page.ts";
import { refusalName, refusalRemedy } from "./refusal.ts";
import { WorkedOrders } from "./worked.tsx";

const LOT_LIMITS: readonly number[] = [Refusal.QtyLimit, Refusal.PositionLimit];
const MONEY_LIMITS: readonly number[] = [
  ...[Refusal.NotionalLimit, Refusal.LossLimit, Refusal.DrawdownLimit],
  ...[Refusal.GrossExposureLimit, Refusal.NetExposureLimit],
];
/** Refusals shown; older ones are in the journal. */
const REFUSALS_SHOWN = 5;

/** Orders that can still trade, and the newest refusals. */
export function OpenOrders({ page }: { page: Page }) {
  const { store, trader } = page;
  const [amended, setAmended] = useState(0n);
  void store.versions.own.value;
  const orders = [...store.own.orders.values()].reverse();
  const isOpen = trader.access.value.phase === "open";
  return (
    <section class="panel orders" aria-label="Open orders">
      <div class="panel-head">
        <h2>Open orders</h2>
        <Count of={orders.length} />
        <span class="spring" />
        {orders.length > 0 && isOpen && (
          <button class="link" data-testid="cancel-all" onClick={() => trader.cancelAll()}>
            Cancel all
          </button>
        )}
      </div>
      <div class="scroll" tabIndex={0} data-testid="orders">
        <WorkedOrders page={page} />
        {orders.length > 0 && (
          <table class="data">
            <thead>
              <tr>
                <th>Instrument</th>
                <th>Side</th>
                <th>Type</th>
                <th class="num">Price</th>
                <th class="num">Leaves</th>
                <th class="num">Filled</th>
                <th>State</th>
                {isOpen && <th class="num">Change</th>}
              </tr>
            </thead>
            <tbody>
              {orders.map((order) => (
                <OrderRow
                  key={`${order.account}/${order.orderId}`}
                  {...{ order, page, isOpen }}
                  isAmended={amended === order.orderId}
                  setAmended={setAmended}
                />
              ))}
            </tbody>
          </table>
        )}
        {orders.length + store.own.parents.size === 0 && <p class="empty">No order is open.</p>}
        <Refusals page={page} />
      </div>
    </section>
  );
}

interface RowProps {
  order: OrderEventRecord;
  page: Page;
  /** The page may trade. */
  isOpen: boolean;
  isAmended: boolean;
  setAmended: (orderId: bigint) => void;
}

function OrderRow({ order, page, isOpen, isAmended, setAmended }: RowProps) {
  const row = page.store.market.rows.get(order.instrument);
  const qty = row?.qty ?? UNKNOWN_STEP;
  if (isAmended && isOpen) {
    return <AmendRow {...{ order, page }} close={() => setAmended(0n)} />;
  }
  return (
    <tr>
      <td>{row?.symbol ?? `#${order.instrument}`}</td>
      <td>
        <SideWord side={order.side} />
        <LegWord leg={order.positionSide} />
      </td>
      <td>{words(OrderType[order.type])}</td>
      <td class="num">{priceText(order, row?.price ?? UNKNOWN_STEP)}</td>
      <td class="num">{stepText(order.leavesLots, qty)}</td>
      <td class="num">{stepText(order.filledLots, qty)}</td>
      <td class="faint">{words(OrderState[order.state])}</td>
      {isOpen && (
        <td class="num actions">
          <button class="link" onClick={() => setAmended(order.orderId)}>
            Amend
          </button>
          <button class="link" onClick={() => page.trader.cancel(order)}>
            Cancel
          </button>
        </td>
      )}
    </tr>
  );
}

/** The limit; of what waits for a trigger the trigger too: "stop 63,900.00 → 63,850.00". */
function priceText({ priceTicks, stopTicks, state }: OrderEventRecord, step: Step): string {
  const limit = priceTicks === 0 ? "" : stepText(priceTicks, step);
  const isWaiting = state === OrderState.Armed || state === OrderState.Held;
  if (stopTicks === 0 || !isWaiting) return limit === "" ? NO_VALUE : limit;
  const trigger = `stop ${stepText(stopTicks, step)}`;
  return limit === "" ? trigger : `${trigger} → ${limit}`;
}

/** A trigger can be moved while it waits; one that trails moves by itself. */
function hasTrigger({ type, stopTicks, state }: OrderEventRecord): boolean {
  const isTrailing = type === OrderType.TrailingStop || type === OrderType.TrailingStopLimit;
  return stopTicks !== 0 && state === OrderState.Armed && !isTrailing;
}

/** The row as a small form: another price, trigger, total quantity. */
function AmendRow({
  order,
  page,
  close,
}: {
  order: OrderEventRecord;
  page: Page;
  close: () => void;
}) {
  const row = page.store.market.rows.get(order.instrument);
  const [price, qty] = [row?.price ?? UNKNOWN_STEP, row?.qty ?? UNKNOWN_STEP];
  const total = order.leavesLots + order.filledLots;
  const isStop = hasTrigger(order);
  const [priceText, setPrice] = useState(plainText(order.priceTicks, price));
  const [stopText, setStop] = useState(plainText(order.stopTicks, price));
  const [qtyText, setQty] = useState(plainText(total, qty));
  const [fault, setFault] = useState("");
  const act = (): void => {
    try {
      const ticks = order.priceTicks === 0 ? 0 : stepsOf(priceText, price.mantissa, price.exponent);
      const stop = isStop ? stepsOf(stopText, price.mantissa, price.exponent) : order.stopTicks;
      const lots = stepsOf(qtyText, qty.mantissa, qty.exponent);
      const change = {
        priceTicks: ticks === order.priceTicks ? undefined : ticks,
        stopTicks: stop === order.stopTicks ? undefined : stop,
        qtyLots: lots === total ? undefined : lots,
      };
      if (Object.values(change).some((one) => one !== undefined)) page.trader.amend(order, change);
      close();
    } catch (why) {
      if (!(why instanceof AlphaError)) throw why;
      setFault(`${why.message}; ${why.remedy}`);
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter") act();
    if (event.key === "Escape") close();
  };
  return (
    <tr class="amend" onKeyDown={onKeyDown}>
      <td>{row?.symbol ?? `#${order.instrument}`}</td>
      <td>
        <SideWord side={order.side} />
      </td>
      <td>{fault === "" ? words(OrderType[order.type]) : <span class="down">{fault}</span>}</td>
      <td class="num">
        {order.priceTicks === 0 && !isStop && NO_VALUE}
        {isStop && (
          <input
            class="cell"
            aria-label="New trigger"
            title="Trigger"
            autoFocus
            value={stopText}
            onInput={(event) => setStop(event.currentTarget.value)}
          />
        )}
        {order.priceTicks !== 0 && (
          <input
            class="cell"
            aria-label="New price"
            title="Limit price"
            autoFocus={!isStop}
            value={priceText}
            onInput={(event) => setPrice(event.currentTarget.value)}
          />
        )}
      </td>
      <td class="num" colSpan={2}>
        <input
          class="cell"
          aria-label="New total quantity"
          value={qtyText}
          onInput={(event) => setQty(event.currentTarget.value)}
        />
      </td>
      <td class="faint">total</td>
      <td class="num actions">
        <button class="link" data-testid="amend" onClick={act}>
          Send
        </button>
        <button class="link" onClick={close}>
          Back
        </button>
      </td>
    </tr>
  );
}

function plainText(count: number, step: Step): string {
  return formatSteps(count, step.mantissa, step.exponent);
}

const REFUSED_WORDS: Partial<Record<number, string>> = {
  [Kind.OrderDenied]: "Order denied",
  [Kind.OrderRejected]: "Order rejected",
  [Kind.AmendDenied]: "Amend denied",
  [Kind.CancelDenied]: "Cancel denied",
};

function Refusals({ page }: { page: Page }) {
  const { own, market } = page.store;
  return (
    <ul class="refusals" data-testid="refusals">
      {own.refused.slice(0, REFUSALS_SHOWN).map((one) => (
        <li key={`${one.sequence}/${one.clientId}`}>
          <span class="faint">{timeText(millisOf(one.tsEngineNanos))}</span>{" "}
          <span class="down">{REFUSED_WORDS[one.kind] ?? "Refused"}</span>{" "}
          {market.rows.get(one.instrument)?.symbol ?? ""}: <b>{refusalName(one.reason)}</b>{" "}
          <span class="faint">({one.reason})</span>
          {limitText(page, one)}. {refusalRemedy(one.reason)}
        </li>
      ))}
    </ul>
  );
}

/** The limit that was hit, in the unit it has. */
function limitText({ store }: Page, { limit, reason, instrument }: OrderEventRecord): string {
  if (limit === 0) return "";
  const row = store.market.rows.get(instrument);
  if (MONEY_LIMITS.includes(reason) && row !== undefined) {
    const code = currencyCode(store, row.settlement);
    return ` (limit ${moneyText(store, limit, row.settlement)} ${code})`;
  }
  const isLots = LOT_LIMITS.includes(reason) && row !== undefined;
  return ` (limit ${isLots ? stepText(limit, row.qty) : limit})`;
}
