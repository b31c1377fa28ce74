// Orders the engine works over time: how far each has come, what it cost, and a way to end it.
import { Algorithm, ParentFlag, ParentState } from "../../asm/vocab.ts";
import type { ParentRecord } from "../protocol.ts";
import { SideWord, words } from "./blotter.tsx";
import { averageText, stepText, UNKNOWN_STEP } from "./format.ts";
import type { Page } from "./page.ts";
import { currencyCode, moneyText } from "./page.ts";
import { refusalName } from "./refusal.ts";

const NAMES: Partial<Record<number, string>> = {
  [Algorithm.Twap]: "TWAP",
  [Algorithm.Vwap]: "VWAP",
  [Algorithm.Pov]: "POV",
  [Algorithm.ImplementationShortfall]: "Shortfall",
  [Algorithm.Iceberg]: "Iceberg",
};

/** Open ones, then those that ended last; nothing when there is none. */
export function WorkedOrders({ page }: { page: Page }) {
  const { own } = page.store;
  const all = [...[...own.parents.values()].reverse(), ...own.parentsDone];
  if (all.length === 0) return null;
  return (
    <table class="data worked" data-testid="worked" aria-label="Worked orders">
      <thead>
        <tr>
          <th>Instrument</th>
          <th>Side</th>
          <th>Works by</th>
          <th class="num">Filled</th>
          <th class="num">Average</th>
          <th class="num">Cost</th>
          <th>State</th>
          <th />
        </tr>
      </thead>
      <tbody>
        {all.map((parent) => (
          <WorkedRow key={`${parent.account}/${parent.clientId}`} {...{ parent, page }} />
        ))}
      </tbody>
    </table>
  );
}

function WorkedRow({ parent, page }: { parent: ParentRecord; page: Page }) {
  const { store, trader } = page;
  const row = store.market.rows.get(parent.instrument);
  const [price, qty] = [row?.price ?? UNKNOWN_STEP, row?.qty ?? UNKNOWN_STEP];
  const isOpen = isWorking(parent);
  const isBehind = (parent.progressFlags & ParentFlag.Breach) !== 0;
  return (
    <tr>
      <td>{row?.symbol ?? `#${parent.instrument}`}</td>
      <td>
        <SideWord side={parent.side} />
      </td>
      <td>{NAMES[parent.algorithm] ?? Algorithm[parent.algorithm]}</td>
      <td class="num">
        {stepText(parent.filledLots, qty)} <small>/ {stepText(parent.qtyLots, qty)}</small>
        <Progress parent={parent} isBehind={isBehind} />
      </td>
      <td class="num">{averageText(parent.cost, parent.filledLots, price)}</td>
      <td class="num" title={costTitle(page, parent)}>
        {row === undefined ? "" : moneyText(store, parent.shortfallMinor, row.settlement)}
      </td>
      <td class={isBehind ? "down" : "faint"}>{stateText(parent, isBehind)}</td>
      <td class="num actions">
        {isOpen && trader.access.value.phase === "open" && (
          <button class="link" onClick={() => trader.cancelParent(parent)}>
            Cancel
          </button>
        )}
      </td>
    </tr>
  );
}

/** What is filled, and a mark where the schedule wants it to be. */
function Progress({ parent, isBehind }: { parent: ParentRecord; isBehind: boolean }) {
  const percent = (lots: number): number => Math.round((100 * lots) / parent.qtyLots);
  return (
    <div
      class={isBehind ? "bar behind" : "bar"}
      role="meter"
      aria-label="Filled of the quantity"
      aria-valuenow={percent(parent.filledLots)}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <i style={{ width: `${percent(parent.filledLots)}%` }} />
      {isWorking(parent) && parent.targetLots !== 0 && (
        <b style={{ left: `${percent(parent.targetLots)}%` }} title="Schedule" />
      )}
    </div>
  );
}

/** The costs in words: positive is paid. */
function costTitle({ store }: Page, parent: ParentRecord): string {
  const row = store.market.rows.get(parent.instrument);
  if (row === undefined) return "";
  const money = (minor: number): string => moneyText(store, minor, row.settlement);
  return [
    `Against the middle at its start: ${money(parent.shortfallMinor)}`,
    `against the market's average: ${money(parent.slippageMinor)}`,
    `what is not filled, at the middle now: ${money(parent.opportunityMinor)}`,
    `fees: ${money(parent.feesMinor)} ${currencyCode(store, row.settlement)}`,
  ].join("; ");
}

function isWorking({ state }: ParentRecord): boolean {
  return state === Number(ParentState.Waiting) || state === Number(ParentState.Working);
}

function stateText({ state, reason }: ParentRecord, isBehind: boolean): string {
  const name = isBehind ? "behind its schedule" : words(ParentState[state]);
  return reason === 0 ? name : `${name}: ${refusalName(reason)}`;
}
