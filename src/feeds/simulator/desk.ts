// The agents' orders: which ones rest, and the commands that make, move and end them.
//
// Every resting order has a fixed slot of its instrument, and its client id names both, so that a
// fill finds its slot without a map. The table is updated when a command is written, before the
// core has answered: within a step takers come last, so what the table says is what the book holds.
// Answers of the core are checked against it and a disagreement is counted as a refusal.
//
// tidy: tested by test/sim/simulator.test.ts
import {
  AMEND_CELLS,
  AMEND_FIELDS,
  AMEND_PRICE_TICKS,
  AMEND_QTY_LOTS,
  AmendField,
  CANCEL_CELLS,
  Kind,
  NEW_CELLS,
  NEW_PRICE_TICKS,
  NEW_QTY_LOTS,
  NEW_SIDE,
  NEW_TIF,
  NEW_TYPE,
  ORDER_ACCOUNT,
  ORDER_CLIENT_ID,
  OrderType,
  REC_FLAGS,
  REC_INSTRUMENT,
  REC_KIND,
  Side,
  TimeInForce,
} from "../../../asm/vocab.ts";
import { AlphaError } from "../../errors.ts";
import type { Ring } from "../../rings/ring.ts";

/** Slots of one instrument; a client id has 8 bits for them. */
export const SLOTS = 40;
/** Slot of an order that never rests. */
export const TRANSIENT = 255;
const TWO_POW_32 = 4294967296;

/** Resting orders of all agents and the writer of their commands. */
export class Desk {
  /** Indexed by instrument x SLOTS + slot; 0 leaves = the slot is free. */
  readonly leavesLots: Float64Array;
  readonly priceTicks: Float64Array;
  readonly side: Uint8Array;
  /** Account of the order in a slot. */
  readonly account: Uint8Array;
  /** Signed lots, indexed by account x instruments + instrument. */
  readonly inventoryLots: Float64Array;
  /** Commands written. */
  commands = 0;
  /** Answers that the table did not expect: denials, cancels nobody asked for. */
  refusals = 0;
  private readonly filledLots: Float64Array;
  private readonly generation: Uint32Array;
  private readonly ring: Ring;
  private readonly instrumentFirst: number;
  private readonly instruments: number;
  private orders = 0;

  /** `ring` is the private core's command ring; accounts are numbered 1 to `accounts`. */
  constructor(ring: Ring, instrumentFirst: number, instruments: number, accounts: number) {
    const slots = instruments * SLOTS;
    this.ring = ring;
    this.instrumentFirst = instrumentFirst;
    this.instruments = instruments;
    this.leavesLots = new Float64Array(slots);
    this.priceTicks = new Float64Array(slots);
    this.side = new Uint8Array(slots);
    this.account = new Uint8Array(slots);
    this.filledLots = new Float64Array(slots);
    this.generation = new Uint32Array(slots);
    this.inventoryLots = new Float64Array((accounts + 1) * instruments);
  }

  /** Signed lots an account holds of an instrument. */
  inventoryOf(account: number, instrument: number): number {
    return this.inventoryLots[account * this.instruments + instrument]!;
  }

  /** Best price of a side among the orders of all accounts but one; 0 when there is none. */
  best(instrument: number, side: Side, exceptAccount: number): number {
    let best = 0;
    const end = (instrument + 1) * SLOTS;
    for (let at = instrument * SLOTS; at < end; at++) {
      if (this.leavesLots[at] === 0 || this.side[at] !== side) continue;
      if (this.account[at] === exceptAccount) continue;
      const price = this.priceTicks[at]!;
      if (best === 0 || (side === Side.Buy ? price > best : price < best)) best = price;
    }
    return best;
  }

  /** Lots that rest at a price of a side. */
  lotsAt(instrument: number, side: Side, priceTicks: number): number {
    let lots = 0;
    const end = (instrument + 1) * SLOTS;
    for (let at = instrument * SLOTS; at < end; at++) {
      if (this.side[at] === side && this.priceTicks[at] === priceTicks) {
        lots += this.leavesLots[at]!;
      }
    }
    return lots;
  }

  // ---------------------------------------------------------------------------- commands

  /** A limit order that rests in `slot`, which must be free. */
  rest(
    instrument: number,
    account: number,
    slot: number,
    side: Side,
    priceTicks: number,
    lots: number,
  ): void {
    const at = instrument * SLOTS + slot;
    this.leavesLots[at] = lots;
    this.priceTicks[at] = priceTicks;
    this.side[at] = side;
    this.account[at] = account;
    this.filledLots[at] = 0;
    const record = this.writeNew(instrument, account, slot, side, lots);
    this.generation[at] = this.orders;
    this.writeI64(record + NEW_PRICE_TICKS, priceTicks);
    this.ring.u8[record + NEW_TYPE] = OrderType.Limit;
    this.ring.u8[record + NEW_TIF] = TimeInForce.Gtc;
    this.ring.commit();
  }

  /** Takes what there is up to `limitTicks` and ends; 0 ticks is a market order. */
  take(instrument: number, account: number, side: Side, limitTicks: number, lots: number): void {
    const record = this.writeNew(instrument, account, TRANSIENT, side, lots);
    if (limitTicks > 0) this.writeI64(record + NEW_PRICE_TICKS, limitTicks);
    this.ring.u8[record + NEW_TYPE] = limitTicks > 0 ? OrderType.Limit : OrderType.Market;
    this.ring.u8[record + NEW_TIF] = TimeInForce.Ioc;
    this.ring.commit();
  }

  /** Moves a resting order to another price and sets its open lots. */
  move(instrument: number, slot: number, priceTicks: number, lots: number): void {
    const at = instrument * SLOTS + slot;
    const record = this.write(Kind.OrderAmend, AMEND_CELLS, instrument, this.account[at]!);
    this.writeClientId(record, instrument, slot, this.generation[at]!);
    this.ring.u8[record + AMEND_FIELDS] = AmendField.Price | AmendField.Qty;
    this.writeI64(record + AMEND_PRICE_TICKS, priceTicks);
    this.writeI64(record + AMEND_QTY_LOTS, this.filledLots[at]! + lots);
    this.ring.commit();
    this.priceTicks[at] = priceTicks;
    this.leavesLots[at] = lots;
  }

  /** Ends a resting order. */
  cancel(instrument: number, slot: number): void {
    const at = instrument * SLOTS + slot;
    const record = this.write(Kind.OrderCancel, CANCEL_CELLS, instrument, this.account[at]!);
    this.writeClientId(record, instrument, slot, this.generation[at]!);
    this.ring.commit();
    this.leavesLots[at] = 0;
  }

  private writeNew(
    instrument: number,
    account: number,
    slot: number,
    side: Side,
    lots: number,
  ): number {
    const record = this.write(Kind.OrderNew, NEW_CELLS, instrument, account);
    this.orders = (this.orders + 1) >>> 0;
    this.writeClientId(record, instrument, slot, this.orders);
    this.writeI64(record + NEW_QTY_LOTS, lots);
    this.ring.u8[record + NEW_SIDE] = side;
    return record;
  }

  private write(kind: Kind, cells: number, instrument: number, account: number): number {
    const record = this.ring.reserve(cells);
    if (record < 0) {
      const what = "the simulator wrote more commands in one step than its core's ring holds";
      throw new AlphaError("SIMULATOR_STEP", what, "simulate fewer instruments in one process");
    }
    const view = this.ring.view;
    view.setUint16(record + REC_KIND, kind, true);
    view.setUint16(record + REC_FLAGS, cells - 1, true);
    view.setUint32(record + REC_INSTRUMENT, this.instrumentFirst + instrument, true);
    view.setUint32(record + ORDER_ACCOUNT, account, true);
    this.commands++;
    return record;
  }

  /** Low half: place of the order; high half: number of the order. Unique until 2^32 orders. */
  private writeClientId(record: number, instrument: number, slot: number, order: number): void {
    this.ring.view.setUint32(record + ORDER_CLIENT_ID, (instrument << 8) | slot, true);
    this.ring.view.setUint32(record + ORDER_CLIENT_ID + 4, order, true);
  }

  private writeI64(at: number, value: number): void {
    this.ring.view.setUint32(at, value >>> 0, true);
    this.ring.view.setUint32(at + 4, Math.floor(value / TWO_POW_32), true);
  }

  // ---------------------------------------------------------------------------- answers

  /** One fill of an agent's order: `low` and `high` are the halves of its client id. */
  onFill(account: number, low: number, high: number, side: Side, lots: number): void {
    const instrument = low >>> 8;
    const signed = side === Side.Buy ? lots : -lots;
    this.inventoryLots[account * this.instruments + instrument]! += signed;
    const at = this.slotOf(low, high);
    if (at < 0) return;
    this.leavesLots[at]! -= lots;
    this.filledLots[at]! += lots;
    if (this.leavesLots[at]! < 0) {
      const what = `order ${high} of account ${account} filled beyond its lots`;
      throw new AlphaError("SIMULATOR_FILL", what, "this is a defect; keep the seed");
    }
  }

  /** An order ended or was never made; expected only for orders that do not rest. */
  onEnd(low: number, high: number, isRefused: boolean): void {
    const at = this.slotOf(low, high);
    if (isRefused) this.refusals++;
    if (at < 0 || this.leavesLots[at] === 0) return;
    this.leavesLots[at] = 0;
    if (!isRefused) this.refusals++;
  }

  /** Place of a resting order, -1 for one that never rests or whose slot another one has now. */
  private slotOf(low: number, high: number): number {
    const slot = low & 255;
    if (slot === TRANSIENT) return -1;
    const at = (low >>> 8) * SLOTS + slot;
    return this.generation[at] === high ? at : -1;
  }
}
