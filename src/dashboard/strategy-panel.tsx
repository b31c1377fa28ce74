// What each strategy made, and what of the account's positions is its own.
import type { StrategySum } from "./strategies.ts";
import { strategySums } from "./strategies.ts";
import { Count, LegWord } from "./blotter.tsx";
import { NO_VALUE, stepText, UNKNOWN_STEP, withSign } from "./format.ts";
import type { Page } from "./page.ts";
import { currencyCode, moneyText, tone } from "./page.ts";

/** One line a strategy, and below it the parts of positions that it holds. */
export function Strategies({ page }: { page: Page }) {
  const { store } = page;
  void store.versions.own.value;
  void store.versions.rows.value;
  void store.reference.value;
  const sums = strategySums(store.own);
  const hasMore = new Set(sums.map(({ settlement }) => settlement)).size > 1;
  return (
    <section class="panel by-strategy" aria-label="Strategies">
      <div class="panel-head">
        <h2>Strategies</h2>
        <Count of={new Set(sums.filter(({ strategy }) => strategy !== 0).map(idOf)).size} />
      </div>
      <div class="scroll" tabIndex={0} data-testid="strategies">
        {sums.length > 0 && (
          <table class="data">
            <thead>
              <tr>
                <th>Strategy</th>
                <th class="num">Position</th>
                <th class="num">Unrealized</th>
                <th class="num">Realized</th>
                <th class="num">Fees</th>
                <th class="num">Funding</th>
                <th class="num">Orders</th>
              </tr>
            </thead>
            {sums.map((sum) => (
              <StrategyRows key={`${sum.strategy}/${sum.settlement}`} {...{ sum, page, hasMore }} />
            ))}
          </table>
        )}
        {sums.length === 0 && <p class="empty">No strategy has traded yet.</p>}
      </div>
    </section>
  );
}

const idOf = ({ strategy }: StrategySum): number => strategy;

/** `hasMore`: there are sums in several currencies, so each says its own. */
function StrategyRows({ sum, page, hasMore }: { sum: StrategySum; page: Page; hasMore: boolean }) {
  const { store } = page;
  const known = store.strategies().find(({ id }) => id === sum.strategy);
  const name = sum.strategy === 0 ? "no strategy" : (known?.name ?? `#${sum.strategy}`);
  return (
    <tbody>
      <tr class="sum">
        <td>
          {name}
          {hasMore && <small class="faint"> {currencyCode(store, sum.settlement)}</small>}
        </td>
        <td class="num faint" title="Positions it holds a part of">
          {sum.parts.length === 0 ? "flat" : sum.parts.length}
        </td>
        <Money of={sum} {...{ page }} settlement={sum.settlement} />
        <td class="num">{sum.orders === 0 ? NO_VALUE : sum.orders}</td>
      </tr>
      {sum.parts.map((part) => {
        const row = store.market.rows.get(part.instrument);
        const lots = withSign(stepText(part.lots, row?.qty ?? UNKNOWN_STEP), part.lots);
        return (
          <tr
            key={`${part.instrument}/${part.side}`}
            class="part"
            onClick={() => page.selectInstrument(part.instrument)}
          >
            <td>
              {row?.symbol ?? `#${part.instrument}`}
              <LegWord leg={part.side} />
            </td>
            <td class={tone(part.lots)}>{lots}</td>
            <Money of={part} {...{ page }} settlement={sum.settlement} />
            <td />
          </tr>
        );
      })}
    </tbody>
  );
}

type Figures = Pick<
  StrategySum,
  "realizedMinor" | "unrealizedMinor" | "feesMinor" | "fundingMinor"
>;

function Money({ of, page, settlement }: { of: Figures; page: Page; settlement: number }) {
  const money = (minor: number): string => moneyText(page.store, minor, settlement);
  const signed = (minor: number) => <td class={tone(minor)}>{withSign(money(minor), minor)}</td>;
  return (
    <>
      {signed(of.unrealizedMinor)}
      {signed(of.realizedMinor)}
      <td class="num">{money(of.feesMinor)}</td>
      <td class="num" title="Above zero: paid">
        {money(of.fundingMinor)}
      </td>
    </>
  );
}
