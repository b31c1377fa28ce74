// Orders, positions, balances and fills of every account at the cursor, as the core tells them.
import { Kind, OrderState, OrderType, TimeInForce, TradingMode } from "../../asm/vocab.ts";
import type { FillRecord } from "../protocol.ts";
import { isRecord } from "../protocol.ts";
import { Count, SideWord, words } from "./blotter.tsx";
import { averageText, millisOf, NO_VALUE, stepText, timeText, withSign } from "./format.ts";
import type { Opened } from "./incident-link.ts";
import { codeOf, moneyOf, stepsOf } from "./incident-names.ts";
import type { IncidentState } from "./incident-state.ts";
import { tone } from "./page.ts";

/** Orders that are open at the cursor. */
export function IncidentOrders({ state }: { state: IncidentState }) {
  const [opened, shown] = [state.opened.value, state.shown.value];
  if (opened === undefined || shown === undefined) return <section class="panel own-orders" />;
  const orders = shown.accounts.flatMap((one) => one.orders);
  const left = shown.accounts.reduce((sum, one) => sum + one.left, 0);
  return (
    <section class="panel own-orders" aria-label="Open orders">
      <div class="panel-head">
        <h2>Open orders</h2>
        <Count of={orders.length} />
        {left > 0 && <span class="pill warn">{left} more</span>}
      </div>
      <div class="scroll" tabIndex={0} data-testid="orders">
        {orders.length > 0 && (
          <table class="data">
            <thead>
              <tr>
                <th>Account</th>
                <th>Order</th>
                <th>Instrument</th>
                <th>Side</th>
                <th>Type</th>
                <th class="num">Leaves</th>
                <th class="num">Filled</th>
                <th class="num">Price</th>
                <th>State</th>
              </tr>
            </thead>
            <tbody>
              {orders.map((order) => {
                const steps = stepsOf(opened, order.instrument);
                const ticks = order.priceTicks || order.stopTicks;
                return (
                  <tr
                    key={`${order.account}/${order.clientId}/${order.orderId}`}
                    onClick={() => state.select(order.instrument, state.timeframe.peek())}
                  >
                    <td class="faint">{order.account}</td>
                    <td class="faint">{String(order.clientId)}</td>
                    <td>{steps.symbol}</td>
                    <td>
                      <SideWord side={order.side} />
                    </td>
                    <td>
                      {words(OrderType[order.type])}{" "}
                      <small>{(TimeInForce[order.tif] ?? "").toUpperCase()}</small>
                    </td>
                    <td class="num">{stepText(order.leavesLots, steps.qty)}</td>
                    <td class="num">{stepText(order.filledLots, steps.qty)}</td>
                    <td class="num">{ticks === 0 ? NO_VALUE : stepText(ticks, steps.price)}</td>
                    <td>{words(OrderState[order.state])}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        )}
        {orders.length === 0 && <p class="empty">No order is open at this point.</p>}
      </div>
    </section>
  );
}

/** Balances and positions at the cursor. */
export function IncidentAccounts({ state }: { state: IncidentState }) {
  const [opened, shown] = [state.opened.value, state.shown.value];
  if (opened === undefined || shown === undefined) return <section class="panel accounts" />;
  const isNone = shown.accounts.length === 0;
  return (
    <section class="panel accounts" aria-label="Accounts and positions">
      <div class="panel-head">
        <h2>Accounts</h2>
        {shown.accounts.map(({ account, balances }) => {
          const [one] = balances;
          const isStopped = one !== undefined && one.mode !== Number(TradingMode.Active);
          const why = one?.killed === 1 ? "kill switch on" : words(TradingMode[one?.mode ?? 0]);
          if (!isStopped && one?.killed !== 1) return null;
          return (
            <span key={account} class="pill warn">
              {account} {why}
            </span>
          );
        })}
      </div>
      <div class="scroll" tabIndex={0} data-testid="accounts">
        {isNone ? (
          <p class="empty">This stream has no accounts: it is a market worker’s.</p>
        ) : (
          <table class="data">
            <thead>
              <tr>
                <th>Account</th>
                <th class="num">Position</th>
                <th class="num">Average</th>
                <th class="num">Unrealized</th>
                <th class="num">Realized</th>
                <th class="num">Equity</th>
              </tr>
            </thead>
            <tbody>
              {shown.accounts.map((one) => (
                <AccountRows key={one.account} {...{ opened, state, one }} />
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  );
}

type Account = NonNullable<IncidentState["shown"]["value"]>["accounts"][number];

function AccountRows({
  opened,
  state,
  one,
}: {
  opened: Opened;
  state: IncidentState;
  one: Account;
}) {
  const money = (minor: number, currency: number): string => moneyOf(opened, minor, currency);
  return (
    <>
      {one.balances.map((balance) => (
        <tr key={`c${balance.currency}`} class="sum">
          <td>
            {one.account} <small>{codeOf(opened, balance.currency)}</small>
          </td>
          <td colSpan={2} class="num" title="Cash">
            <small>cash</small> {money(balance.cashMinor, balance.currency)}
          </td>
          <td class={tone(balance.unrealizedMinor)}>
            {withSign(money(balance.unrealizedMinor, balance.currency), balance.unrealizedMinor)}
          </td>
          <td class={tone(balance.realizedDayMinor)}>
            {withSign(money(balance.realizedDayMinor, balance.currency), balance.realizedDayMinor)}
          </td>
          <td class="num" data-testid="equity">
            {money(balance.equityMinor, balance.currency)}
          </td>
        </tr>
      ))}
      {one.positions.map((position) => {
        const steps = stepsOf(opened, position.instrument);
        const { lots, settlement } = position;
        return (
          <tr
            key={`p${position.instrument}/${position.side}`}
            onClick={() => state.select(position.instrument, state.timeframe.peek())}
          >
            <td>{steps.symbol}</td>
            <td class={tone(lots)}>{withSign(stepText(lots, steps.qty), lots)}</td>
            <td class="num">{averageText(position.cost, lots, steps.price)}</td>
            <td class={tone(position.unrealizedMinor)}>
              {withSign(money(position.unrealizedMinor, settlement), position.unrealizedMinor)}
            </td>
            <td class={tone(position.realizedMinor)}>
              {withSign(money(position.realizedMinor, settlement), position.realizedMinor)}
            </td>
            <td />
          </tr>
        );
      })}
    </>
  );
}

/** The last fills up to the cursor, newest first; a click goes there. */
export function IncidentFills({ state }: { state: IncidentState }) {
  const [opened, shown] = [state.opened.value, state.shown.value];
  if (opened === undefined || shown === undefined) return <section class="panel" />;
  const fills = shown.fills.flatMap((one) => (isRecord(one, Kind.Fill) ? [one] : []));
  return (
    <section class="panel" aria-label="Fills">
      <div class="panel-head">
        <h2>Fills up to here</h2>
        <Count of={fills.length} />
      </div>
      <div class="scroll" tabIndex={0} data-testid="fills">
        {fills.length > 0 && (
          <table class="data">
            <tbody>
              {fills.map((fill) => (
                <FillRow key={`${fill.sequence}`} {...{ opened, state, fill }} />
              ))}
            </tbody>
          </table>
        )}
        {fills.length === 0 && <p class="empty">No fill in this slice so far.</p>}
      </div>
    </section>
  );
}

function FillRow({
  opened,
  state,
  fill,
}: {
  opened: Opened;
  state: IncidentState;
  fill: FillRecord;
}) {
  const steps = stepsOf(opened, fill.instrument);
  return (
    <tr onClick={() => state.go({ sequence: Number(fill.cause) })} title="Go there">
      <td class="faint">{timeText(millisOf(fill.tsEngineNanos))}</td>
      <td class="faint">{fill.account}</td>
      <td>{steps.symbol}</td>
      <td>
        <SideWord side={fill.side} />
      </td>
      <td class="num">{stepText(fill.qtyLots, steps.qty)}</td>
      <td class="num">{stepText(fill.priceTicks, steps.price)}</td>
      <td class={tone(fill.realizedMinor)}>
        {fill.realizedMinor === 0
          ? NO_VALUE
          : withSign(moneyOf(opened, fill.realizedMinor, fill.settlement), fill.realizedMinor)}
      </td>
    </tr>
  );
}
