// The order ticket: fields that apply, what is wrong beside each, and one button that says it all.
import { useState } from "preact/hooks";
import { OrderType, PositionSide, Side, TrailUnit } from "../../asm/vocab.ts";
import { Check, Choice, Faults } from "./field.tsx";
import { stepText } from "./format.ts";
import type { MarketRow } from "./market.ts";
import { isHedging as hasLegs } from "./own.ts";
import type { Page } from "./page.ts";
import type { Attached, Field, Ticket, TicketContext } from "./ticket.ts";
import { attachable, closesLeg, faultsOf, fieldsOf, recordsOf } from "./ticket.ts";
import { TIF_NAMES, timesInForce, TYPE_NAMES, withType } from "./ticket.ts";

/** The first field, for the key `o`. */
export const TICKET_ID = "ticket-qty";

const ATTACHED: Record<Attached, string> = {
  none: "Nothing",
  bracket: "Bracket",
  oco: "OCO stop",
};

interface FormProps {
  page: Page;
  ticket: Ticket;
  faults: Map<Field, string>;
  /** Fields whose fault is shown: those that were left, all after a try to send. */
  touched: Set<Field>;
  touch: (field: Field) => void;
  /** The order has a leg. */
  isHedging: boolean;
}

/** The ticket of the selected instrument. */
export function OrderTicket({ page }: { page: Page }) {
  const { store, trader } = page;
  const [touched, setTouched] = useState(new Set<Field>());
  const row = store.market.rows.get(store.instrument.value);
  void store.reference.value;
  void store.versions.own.value;
  const access = trader.access.value;
  const ticket = page.ticket.value;
  if (row === undefined) return null;
  const context = contextOf(page, row);
  const faults = faultsOf(ticket, context);
  const touch = (field: Field): void => setTouched(new Set([...touched, field]));
  const submit = (event: Event): void => {
    event.preventDefault();
    if (access.phase !== "open") return void (page.dialog.value = "unlock");
    setTouched(new Set(fieldsOf(ticket, context.isHedging)));
    const now = contextOf(page, row);
    if (faultsOf(ticket, now).size > 0) return;
    trader.send((draw) => recordsOf(ticket, now, draw));
    setTouched(new Set());
  };
  const isBuy = ticket.side === Side.Buy;
  return (
    <section class="panel ticket" aria-label="Order ticket" data-testid="ticket">
      <div class="panel-head">
        <h2>Order</h2>
        <span class="name">{row.symbol}</span>
        <span class="spring" />
        <AccessPill page={page} />
      </div>
      <form class="scroll" onSubmit={submit} noValidate>
        <Fields {...{ page, ticket, faults, touched, touch, isHedging: context.isHedging }} />
        <div class="send">
          <Faults faults={faults} touched={touched} />
          <button class={`submit ${isBuy ? "buy" : "sell"}`} type="submit" data-testid="send">
            {access.phase === "open" ? sentence(ticket, row) : "Unlock trading to send"}
          </button>
        </div>
      </form>
    </section>
  );
}

function contextOf(page: Page, row: MarketRow): TicketContext {
  const { id, price, qty } = row;
  const isHedging = !row.cash && hasLegs(page.store.own);
  return { instrument: id, priceStep: price, qtyStep: qty, isHedging, nowMillis: Date.now() };
}

/** What the button will do: "Sell 0.5 SIM-BTC when 63,900 at 63,850". */
function sentence(ticket: Ticket, row: MarketRow): string {
  const shown = fieldsOf(ticket, false);
  const verb = ticket.side === Side.Buy ? "Buy" : "Sell";
  const unit = ticket.trailUnit === TrailUnit.Bps ? " %" : "";
  const trail = shown.has("trail") ? ` trailing ${ticket.trail || "…"}${unit}` : "";
  const trigger = shown.has("trigger") ? ` when ${ticket.trigger || "…"}` : "";
  // The limit of a trailing stop-limit is a distance, which "at" would make a price.
  const hasPrice = shown.has("price") && !shown.has("trail");
  const price = hasPrice ? ` at ${ticket.price || "…"}` : "";
  return `${verb} ${ticket.qty || "…"} ${row.symbol}${trail}${trigger}${price}`;
}

function AccessPill({ page }: { page: Page }) {
  const access = page.trader.access.value;
  if (access.phase === "open") {
    return (
      <button class="link" type="button" onClick={() => page.trader.lock()} title="Forget the key">
        Account {access.account} · Lock
      </button>
    );
  }
  const words = access.phase === "lost" ? "Reconnecting" : "Read only";
  return (
    <button class="link" type="button" onClick={() => (page.dialog.value = "unlock")}>
      {words} · Unlock
    </button>
  );
}

function Fields(props: FormProps) {
  const { page, ticket, faults, touched, isHedging } = props;
  const shown = fieldsOf(ticket, isHedging);
  const change = changeOf(page);
  return (
    <>
      <SideChoice ticket={ticket} change={change} />
      {shown.has("positionSide") && <LegChoice ticket={ticket} change={change} />}
      <Terms {...props} />
      <div class="pair">
        <Prices {...props} />
        <Attachment {...props} />
      </div>
      {shown.has("expires") && (
        <label class="field">
          <span>Until, UTC</span>
          <input
            type="datetime-local"
            value={ticket.expires}
            aria-invalid={touched.has("expires") && faults.has("expires")}
            data-testid="field-expires"
            onInput={(event) => change({ expires: event.currentTarget.value })}
          />
        </label>
      )}
      <div class="checks">
        {shown.has("postOnly") && (
          <Check
            label="Post only"
            title="Refused when it would trade at once"
            isOn={ticket.postOnly}
            set={(postOnly) => change({ postOnly })}
          />
        )}
        {shown.has("reduceOnly") && (
          <Check
            label="Reduce only"
            title="Never opens or turns a position"
            isOn={ticket.reduceOnly}
            set={(reduceOnly) => change({ reduceOnly })}
          />
        )}
      </div>
    </>
  );
}

type Change = (part: Partial<Ticket>) => void;

function changeOf(page: Page): Change {
  return (part) => {
    page.ticket.value = { ...page.ticket.peek(), ...part };
  };
}

/** Type and time in force. */
function Terms({ page, ticket }: FormProps) {
  const tifs = TIF_NAMES.filter(([tif]) => timesInForce(ticket.type).includes(tif));
  return (
    <div class="pair terms">
      <Choice label="Type">
        <select
          value={ticket.type}
          data-testid="field-type"
          onChange={(event) => {
            page.ticket.value = withType(ticket, Number(event.currentTarget.value));
          }}
        >
          {TYPE_NAMES.map(([type, name]) => (
            <option key={type} value={type}>
              {name}
            </option>
          ))}
        </select>
      </Choice>
      <Choice label="In force">
        <select
          value={ticket.tif}
          data-testid="field-tif"
          onChange={(event) => changeOf(page)({ tif: Number(event.currentTarget.value) })}
        >
          {tifs.map(([tif, name, meaning]) => (
            <option key={tif} value={tif} title={meaning}>
              {name}
            </option>
          ))}
        </select>
      </Choice>
    </div>
  );
}

/** Quantity, and the prices the type has. */
function Prices(props: FormProps) {
  const { page, ticket, isHedging } = props;
  const shown = fieldsOf(ticket, isHedging);
  const isApart = ticket.type === OrderType.TrailingStopLimit;
  const percent = ticket.trailUnit === TrailUnit.Bps;
  return (
    <>
      <TextField {...props} field="qty" label="Quantity" id={TICKET_ID} />
      {shown.has("price") && (
        <TextField {...props} field="price" label={isApart ? "Limit from stop" : "Price"} />
      )}
      {shown.has("trigger") && <TextField {...props} field="trigger" label="Trigger price" />}
      {shown.has("trail") && (
        <TextField {...props} field="trail" label={percent ? "Trails by %" : "Trails by"} />
      )}
      {shown.has("trailUnit") && (
        <Choice label="Distance in">
          <select
            value={ticket.trailUnit}
            onChange={(event) => changeOf(page)({ trailUnit: Number(event.currentTarget.value) })}
          >
            <option value={TrailUnit.Ticks}>price</option>
            <option value={TrailUnit.Bps}>percent</option>
          </select>
        </Choice>
      )}
      {shown.has("shown") && (
        <TextField {...props} field="shown" label="Show only" hint="all of it" />
      )}
    </>
  );
}

/** What is attached to the order, and its prices. */
function Attachment(props: FormProps) {
  const { page, ticket, isHedging } = props;
  const shown = fieldsOf(ticket, isHedging);
  if (!shown.has("attached")) return null;
  return (
    <>
      <Choice label="Attach">
        <select
          value={ticket.attached}
          data-testid="attach"
          onChange={(event) => changeOf(page)({ attached: event.currentTarget.value as Attached })}
        >
          {attachable(ticket, isHedging).map((one) => (
            <option key={one} value={one}>
              {ATTACHED[one]}
            </option>
          ))}
        </select>
      </Choice>
      {shown.has("stop") && <TextField {...props} field="stop" label="Stop" />}
      {shown.has("target") && <TextField {...props} field="target" label="Target" />}
      {shown.has("otherStop") && <TextField {...props} field="otherStop" label="Other stop" />}
    </>
  );
}

interface ChoiceProps {
  ticket: Ticket;
  change: Change;
}

/** Which leg of a hedging account, and what the order does to it. */
function LegChoice({ ticket, change }: ChoiceProps) {
  const does = closesLeg(ticket) ? "Closes" : "Opens";
  return (
    <Choice label={`${does} the`}>
      <select
        value={ticket.positionSide}
        data-testid="field-position-side"
        onChange={(event) => change({ positionSide: Number(event.currentTarget.value) })}
      >
        <option value={PositionSide.Long}>long position</option>
        <option value={PositionSide.Short}>short position</option>
      </select>
    </Choice>
  );
}

function SideChoice({ ticket, change }: ChoiceProps) {
  const sides: [Side, string, string][] = [
    [Side.Buy, "Buy", "buy"],
    [Side.Sell, "Sell", "sell"],
  ];
  return (
    <div class="sides" role="radiogroup" aria-label="Side">
      {sides.map(([side, word, name]) => (
        <label key={name} class={ticket.side === side ? `side-choice ${name} on` : "side-choice"}>
          <input
            type="radio"
            name="side"
            checked={ticket.side === side}
            onChange={() => change({ side })}
          />
          {word}
        </label>
      ))}
    </div>
  );
}

interface TextFieldProps extends FormProps {
  field: Field;
  label: string;
  id?: string;
  hint?: string;
}

function TextField(props: TextFieldProps) {
  const { page, ticket, faults, touched, touch, field, label, id, hint } = props;
  const isBad = touched.has(field) && faults.has(field);
  return (
    <label class="field">
      <span>{label}</span>
      <input
        id={id}
        type="text"
        inputMode="decimal"
        autoComplete="off"
        placeholder={hint ?? placeholderOf(page, field)}
        value={String(ticket[field])}
        aria-invalid={isBad}
        aria-describedby={isBad ? `fault-${field}` : undefined}
        data-testid={`field-${field}`}
        onInput={(event) => {
          page.ticket.value = { ...page.ticket.peek(), [field]: event.currentTarget.value };
        }}
        onBlur={() => {
          if (ticket[field] !== "") touch(field);
        }}
      />
    </label>
  );
}

/** The market's price, as a help to type one. */
function placeholderOf(page: Page, field: Field): string {
  const { store } = page;
  const row = store.market.rows.get(store.instrument.peek());
  if (row === undefined || !["price", "trigger", "stop", "target", "otherStop"].includes(field)) {
    return "";
  }
  if (page.ticket.peek().type === OrderType.TrailingStopLimit && field === "price") return "0";
  return row.lastTicks === 0 ? "" : stepText(row.lastTicks, row.price);
}
