// What the compared inputs reached of orders at venues.
import { Kind, OrderState, ReportIgnored, VenueFault } from "../../asm/vocab.ts";
import type { OrderTwin } from "../reference/order-twin.ts";
import { routedCashWanted } from "./order-routed-cash.ts";
import { routedParentsWanted } from "./order-routed-parents.ts";

const STATES = [
  OrderState.Pending,
  OrderState.Live,
  OrderState.PartlyFilled,
  OrderState.PendingCancel,
  OrderState.PendingAmend,
  OrderState.InDoubt,
  OrderState.Filled,
  OrderState.Canceled,
  OrderState.Rejected,
  OrderState.Expired,
];
const FIRST = Kind.VenueAccepted as number;
const REPORTS = [
  ...Array.from({ length: 9 }, (_, at): Kind => FIRST + at),
  Kind.VenueFillCorrected,
];

/** Counts what the twin noted since the last input. */
export function noteRouted(twin: OrderTwin, count: (what: string) => void): void {
  const { venues } = twin.routed;
  for (const note of venues.notes) count(`venue: ${note}`);
  venues.notes = [];
}

/** What a stream must reach; one that is mostly about venues each report in each state. */
export function routedWanted(isMost: boolean): string[] {
  const all: string[] = [];
  for (const state of isMost ? STATES : []) {
    for (const kind of REPORTS) all.push(`${Kind[kind]} in ${OrderState[state]}`);
  }
  for (let why = 0; why <= 5; why++) all.push(`ignored ${ReportIgnored[why]}`);
  for (let fault = 1; fault <= 10; fault++) all.push(`fault ${VenueFault[fault]}`);
  for (const state of ["Pending", "InDoubt"]) all.push(`no answer in ${state}`);
  for (const state of ["PendingCancel", "PendingAmend"]) all.push(`no answer in ${state}`);
  for (const state of ["Asked", "Listing"]) all.push(`no listing in ${state}`);
  all.push("a listing begins", "a listing has a hole", "a listing is whole");
  all.push("an end with missing fills", "a position waits for doubts", "a position is asked for");
  for (const from of ["Down", "Asked", "Listing", "Up"]) {
    all.push(`link ${from} to Asked`, `link ${from} to Down`);
  }
  for (const what of ["busted", "another"]) {
    for (const isOpen of [true, false]) all.push(`a correction, ${what}, open ${isOpen}`);
  }
  if (isMost) all.push("an answer older than a fill");
  if (isMost) all.push("positions differ", "positions agree", "positions agree again");
  const again = ["denied again, VenueRejected", "denied again, VenueTimeout"];
  const said = isMost ? ["AmendDenied VenueDown", ...again] : [];
  const cash = isMost ? [...routedCashWanted(), ...routedParentsWanted()] : [];
  return [...said, ...cash, ...all.map((what) => `venue: ${what}`)];
}
