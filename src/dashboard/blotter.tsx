// The session's own side: positions and fills.
import { Liquidity, PositionSide, Side } from "../../asm/vocab.ts";
import type { FillRecord, PositionRecord } from "../protocol.ts";
import type { Step } from "./format.ts";
import {
  averageText,
  millisOf,
  NO_VALUE,
  stepText,
  timeText,
  withSign,
  UNKNOWN_STEP,
} from "./format.ts";
import type { Page } from "./page.ts";
import { currencyCode, moneyText, tone, valueOf } from "./page.ts";

/** Open and past positions of the account. */
export function Positions({ page }: { page: Page }) {
  const { store } = page;
  void store.versions.own.value;
  void store.versions.rows.value;
  const positions = [...store.own.positions.values()].sort((a, b) => a.instrument - b.instrument);
  return (
    <section class="panel positions" aria-label="Positions">
      <div class="panel-head">
        <h2>Positions</h2>
        <Count of={positions.filter(({ lots }) => lots !== 0).length} />
      </div>
      <div class="scroll" tabIndex={0} data-testid="positions">
        <table class="data">
          <thead>
            <tr>
              <th>Instrument</th>
              <th class="num">Position</th>
              <th class="num">Average</th>
              <th class="num">Mark</th>
              <th class="num">Unrealized</th>
              <th class="num">Realized</th>
              <th class="num">Fees</th>
              <th>In</th>
            </tr>
          </thead>
          <tbody>
            {positions.map((one) => (
              <PositionRow
                key={`${one.account}/${one.instrument}/${one.side}`}
                position={one}
                page={page}
              />
            ))}
          </tbody>
        </table>
        {positions.length === 0 && <p class="empty">No position yet.</p>}
      </div>
    </section>
  );
}

function PositionRow({ position, page }: { position: PositionRecord; page: Page }) {
  const { store } = page;
  const row = store.market.rows.get(position.instrument);
  const price = row?.price ?? UNKNOWN_STEP;
  const { settlement, lots } = position;
  const value = valueOf(store, position);
  const money = (minor: number): string => withSign(moneyText(store, minor, settlement), minor);
  return (
    <tr onClick={() => page.selectInstrument(position.instrument)}>
      <td>
        {row?.symbol ?? `#${position.instrument}`}
        <LegWord leg={position.side} />
      </td>
      <td class={tone(lots)}>{withSign(stepText(lots, row?.qty ?? UNKNOWN_STEP), lots)}</td>
      <td class="num">{averageText(position.cost, lots, price)}</td>
      <td class={value.isLive ? "num" : "num faint"}>
        {value.markTicks === 0 ? NO_VALUE : markText(value.markTicks, price)}
      </td>
      <td class={tone(value.unrealizedMinor)}>{money(value.unrealizedMinor)}</td>
      <td class={tone(position.realizedMinor)}>{money(position.realizedMinor)}</td>
      <td class="num">{moneyText(store, position.feesMinor, settlement)}</td>
      <td class="faint">{currencyCode(store, settlement)}</td>
    </tr>
  );
}

/** What the account traded, newest first. */
export function Fills({ page }: { page: Page }) {
  const { store } = page;
  void store.versions.own.value;
  const { fills } = store.own;
  return (
    <section class="panel fills" aria-label="Fills">
      <div class="panel-head">
        <h2>Fills</h2>
        <Count of={fills.length} />
      </div>
      <div class="scroll" tabIndex={0} data-testid="fills">
        {fills.length > 0 && (
          <table class="data">
            <thead>
              <tr>
                <th>Time</th>
                <th>Instrument</th>
                <th>Side</th>
                <th class="num">Quantity</th>
                <th class="num">Price</th>
                <th class="num">Fee</th>
                <th class="num">Realized</th>
              </tr>
            </thead>
            <tbody>
              {fills.map((fill) => (
                <FillRow
                  key={`${fill.instrument}/${fill.id}/${fill.sequence}`}
                  {...{ fill, page }}
                />
              ))}
            </tbody>
          </table>
        )}
        {fills.length === 0 && <p class="empty">No fill since this page was opened.</p>}
      </div>
    </section>
  );
}

function FillRow({ fill, page }: { fill: FillRecord; page: Page }) {
  const { store } = page;
  const row = store.market.rows.get(fill.instrument);
  const realized = moneyText(store, fill.realizedMinor, fill.settlement);
  return (
    <tr>
      <td class="faint">{timeText(millisOf(fill.tsEngineNanos))}</td>
      <td>{row?.symbol ?? `#${fill.instrument}`}</td>
      <td>
        <SideWord side={fill.side} />
        <LegWord leg={fill.positionSide} />
      </td>
      <td class="num">{stepText(fill.qtyLots, row?.qty ?? UNKNOWN_STEP)}</td>
      <td class="num" title={words(Liquidity[fill.liquidity])}>
        {stepText(fill.priceTicks, row?.price ?? UNKNOWN_STEP)}
      </td>
      <td class="num faint">{moneyText(store, fill.feeMinor, fill.feeCurrency)}</td>
      <td class={tone(fill.realizedMinor)}>
        {fill.realizedMinor === 0 ? NO_VALUE : withSign(realized, fill.realizedMinor)}
      </td>
    </tr>
  );
}

/** The leg of a hedging account behind a name; nothing for a netted position. */
export function LegWord({ leg }: { leg: number }) {
  if (leg === Number(PositionSide.None)) return null;
  return <small class="faint"> {leg === Number(PositionSide.Long) ? "long" : "short"}</small>;
}

/** The side as a colored word. */
export function SideWord({ side }: { side: number }) {
  const isBuy = side === Number(Side.Buy);
  return <span class={isBuy ? "up" : "down"}>{isBuy ? "Buy" : "Sell"}</span>;
}

/** A number beside a heading; nothing for 0. */
export function Count({ of }: { of: number }) {
  return of > 0 ? <span class="count">{of}</span> : null;
}

/** A mid price may lie between two ticks: shown with one more decimal then. */
function markText(ticks: number, step: Step): string {
  if (Number.isInteger(ticks)) return stepText(ticks, step);
  return stepText(Math.round(ticks * 10), { ...step, exponent: step.exponent - 1 });
}

/** "PartlyFilled" as "partly filled". */
export function words(name: string | undefined): string {
  return (name ?? "").replace(/\B([A-Z])/g, " $1").toLowerCase();
}
