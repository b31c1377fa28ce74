// Risk: what the account uses of what it may, its trading state, and the kill switch.
import { TradingMode } from "../../asm/vocab.ts";
import { stepText, withSign } from "./format.ts";
import type { Page } from "./page.ts";
import { moneyText, notionalOf, tone, valueOf } from "./page.ts";
import { usesOf, type Use } from "./usage.ts";

const MODES: Record<number, string> = {
  [TradingMode.Active]: "Active",
  [TradingMode.ReduceOnly]: "Reduce only",
  [TradingMode.Halted]: "Halted",
  [TradingMode.Liquidating]: "Liquidating",
};

/** Usage of limits of the selected instrument's account, state, kill switch. */
export function Risk({ page }: { page: Page }) {
  const { store } = page;
  void store.versions.own.value;
  void store.versions.rows.value;
  const [balance] = store.own.balances.values();
  const isKilled = [...store.own.balances.values()].some((one) => one.killed !== 0);
  const instrument = store.instrument.value;
  const uses = usesOf(store.own, instrument, {
    valueOf: (position) => valueOf(store, position),
    notionalOf: (order) => notionalOf(store, order),
  });
  return (
    <section class="panel risk" aria-label="Risk" data-testid="risk">
      <div class="panel-head">
        <h2>Risk</h2>
        <span class={isKilled || balance?.mode ? "pill warn" : "pill"} data-testid="trading-state">
          {isKilled ? "Killed" : (MODES[balance?.mode ?? 0] ?? "Active")}
        </span>
        <span class="spring" />
        <button
          class={isKilled ? "plain" : "plain danger"}
          data-testid="kill-switch"
          title="Kill switch (k)"
          onClick={() => (page.dialog.value = "kill")}
        >
          {isKilled ? "Release" : "Kill switch"}
        </button>
      </div>
      <dl class="uses">
        {uses.map((use) => (
          <UseRow key={use.name} use={use} text={(value) => textOf(page, use, value)} />
        ))}
      </dl>
    </section>
  );
}

function textOf(page: Page, use: Use, value: number): string {
  const { store } = page;
  if (use.unit === "times") return `${(value / 100).toFixed(2)}×`;
  if (use.unit === "bps") return `${(value / 100).toFixed(2)} %`;
  if (use.unit === "minor") return moneyText(store, value, use.currency);
  const row = store.market.rows.get(store.instrument.peek());
  if (use.unit === "count" || row === undefined) return value.toLocaleString("en-US");
  return stepText(value, row.qty);
}

function UseRow({ use, text }: { use: Use; text: (value: number) => string }) {
  const share = use.limit === 0 ? 0 : Math.min(1, use.used / use.limit);
  const percent = Math.round(share * 100);
  const heat = share >= 0.9 ? "hot" : share >= 0.7 ? "warm" : "";
  const known = use.isSigned ? withSign(text(use.value), use.value) : text(use.value);
  const shown = use.isKnown ? known : "no price";
  return (
    <div class={`use ${heat}`} title={use.about}>
      <dt>{use.name}</dt>
      <dd class={use.isSigned ? tone(use.value) : "num"}>
        {shown}
        {use.limit !== 0 && <small> / {text(use.limit)}</small>}
      </dd>
      {use.limit !== 0 && (
        <div
          class="bar"
          role="meter"
          aria-label={`${use.name} of its limit`}
          aria-valuetext={`${shown} of ${text(use.limit)}`}
          aria-valuenow={percent}
          aria-valuemin={0}
          aria-valuemax={100}
        >
          <i style={{ width: `${percent}%` }} />
        </div>
      )}
    </div>
  );
}
