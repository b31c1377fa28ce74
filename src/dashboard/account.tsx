// Money of the account and the strategies that run on it.
import { TradingMode } from "../../asm/vocab.ts";
import type { BalanceRecord } from "../protocol.ts";
import { withSign } from "./format.ts";
import type { Page } from "./page.ts";
import { currencyCode, moneyText, tone, valueOf } from "./page.ts";
import { sumAccount } from "./valuation.ts";

/** Equity, cash, PnL and fees of each currency, and what trades. */
export function Account({ page }: { page: Page }) {
  const { store } = page;
  void store.versions.own.value;
  void store.versions.rows.value;
  void store.reference.value;
  const balances = [...store.own.balances.values()].sort((a, b) => a.currency - b.currency);
  const strategies = store.strategies();
  const mode = balances.find((one) => one.mode !== Number(TradingMode.Active));
  return (
    <section class="panel account" aria-label="Account">
      <div class="panel-head">
        <h2>Account</h2>
        {balances.some((one) => one.killed !== 0) && <span class="pill warn">kill switch on</span>}
        {mode && <span class="pill warn">{TradingMode[mode.mode]}</span>}
      </div>
      <div class="scroll" data-testid="account">
        {balances.map((one) => (
          <Balance key={`${one.account}/${one.currency}`} balance={one} page={page} />
        ))}
        {balances.length === 0 && <p class="empty">No cash is booked on this account.</p>}
        <ul class="strategies">
          {strategies.map(({ id, name, running }) => (
            <li key={id}>
              <i class={running ? "dot on" : "dot"} />
              <span class="name">{name}</span>
              <span class="faint">{running ? "running" : "stopped"}</span>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

function Balance({ balance, page }: { balance: BalanceRecord; page: Page }) {
  const { store } = page;
  const positions = store.own.positions.values();
  const sum = sumAccount(balance, positions, (position) => valueOf(store, position));
  const money = (minor: number): string => moneyText(store, minor, balance.currency);
  const signed = (minor: number) => <dd class={tone(minor)}>{withSign(money(minor), minor)}</dd>;
  return (
    <dl class="balance">
      <dt class="equity">Equity</dt>
      <dd class="num equity">
        {money(sum.equityMinor)} <small>{currencyCode(store, balance.currency)}</small>
      </dd>
      <dt>Cash</dt>
      <dd class="num">{money(balance.cashMinor)}</dd>
      <dt>Unrealized</dt>
      {signed(sum.unrealizedMinor)}
      <dt>Realized</dt>
      {signed(sum.realizedMinor)}
      <dt>Fees</dt>
      <dd class="num">{money(balance.feesMinor)}</dd>
    </dl>
  );
}
