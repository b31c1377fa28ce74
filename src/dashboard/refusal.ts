// Refusals in words: what happened, and what a person can do now.
import { Refusal } from "../../asm/vocab.ts";

const REMEDIES: Partial<Record<Refusal, string>> = {
  [Refusal.RightMissing]: "Unlock trading with a key that may trade.",
  [Refusal.ScopeInvalid]: "This key may only switch its own account.",
  [Refusal.UnknownInstrument]: "Choose an instrument of the list.",
  [Refusal.UnknownAccount]: "Unlock with a key of an account that exists.",
  [Refusal.ExecutionUnsupported]: "This instrument cannot be traded here yet.",
  [Refusal.InstrumentKindUnsupported]: "The engine does not book this kind of instrument.",
  [Refusal.AccountClosed]: "The account is closed: an administrator can open it.",
  [Refusal.UnknownOrder]: "It ended a while ago, or never was.",
  [Refusal.OrderTypeUnsupported]: "This engine does not take this type yet: use another.",
  [Refusal.TimeInForceUnsupported]: "Use another time in force with this type.",
  [Refusal.QtyBelowMin]: "Ask for more: the instrument has a smallest quantity.",
  [Refusal.QtyAboveMax]: "Ask for less: the instrument has a largest quantity.",
  [Refusal.PriceOutsideBand]: "Use a price nearer to the market.",
  [Refusal.PriceOutsideSpec]: "Use a price within the instrument's bounds.",
  [Refusal.StopPriceInvalid]: "Give stops a trigger price, and only stops.",
  [Refusal.StopThroughMarket]: "The market is there already: move the trigger, or trade at once.",
  [Refusal.TrailInvalid]: "Give a trailing stop a distance above zero, and only it.",
  [Refusal.DisplayInvalid]: "Only a resting limit order of an internal book can show a part.",
  [Refusal.ExpiryInvalid]: "Choose a time in the future, with GTD only.",
  [Refusal.PostOnlyWouldTrade]: "Move the price away from the market, or allow it to take.",
  [Refusal.ReduceOnlyWouldIncrease]: "There is no position to reduce on this side.",
  [Refusal.ContingencyInvalid]: "These orders cannot be attached to each other.",
  [Refusal.LinkedOrderUnknown]: "The order it is attached to was refused or has ended.",
  [Refusal.ClientOrderIdDuplicate]: "It was sent before: look at the open orders.",
  [Refusal.NotionalBelowMin]: "Ask for more: the order is worth too little.",
  [Refusal.FlagUnsupported]: "Leave out post-only or reduce-only with this type.",
  [Refusal.NotionalOverflow]: "Ask for less: the amount is beyond what is booked exactly.",
  [Refusal.KillSwitchOn]: "Release the kill switch first.",
  [Refusal.TradingHalted]: "Trading is halted: an administrator can resume it.",
  [Refusal.ReduceOnlyMode]: "Only orders that make the position smaller are taken now.",
  [Refusal.DiskFull]: "The engine's disk is full: cancels work, new orders wait for room there.",
  [Refusal.PoisonRecord]: "The engine could not take it and went on without it: report it.",
  [Refusal.QtyLimit]: "Ask for less: the limit is per order.",
  [Refusal.NotionalLimit]: "Ask for less, or at a lower price: the limit is per order.",
  [Refusal.PriceCollar]: "Use a price nearer to the market.",
  [Refusal.RateLimit]: "Wait a moment: too many messages.",
  [Refusal.PositionLimit]: "Close a part first, or cancel open orders: they count as filled.",
  [Refusal.LossLimit]: "The day's loss limit is reached; it begins anew at 00:00 UTC.",
  [Refusal.DrawdownLimit]: "The account is too far below its peak: an administrator decides.",
  [Refusal.OpenOrdersLimit]: "Cancel an open order first.",
  [Refusal.GrossExposureLimit]: "Close positions or cancel orders first.",
  [Refusal.NetExposureLimit]: "Close positions or cancel orders first.",
  [Refusal.MarginInsufficient]: "Deposit, ask for less, or close positions.",
  [Refusal.BalanceInsufficient]: "Deposit, or ask for less.",
  [Refusal.ConcentrationLimit]: "Too much of the account lies in this instrument.",
  [Refusal.Restricted]: "The instrument is on the restricted list.",
  [Refusal.PriceUnknown]: "Wait for a first price of the instrument.",
  [Refusal.PriceStale]: "Wait for a fresh price: the last one is too old.",
  [Refusal.BookUntrusted]: "Wait until the book can be trusted again.",
  [Refusal.DuplicateOrder]: "The same order was sent a moment ago.",
  [Refusal.RepeatedExecution]: "Too many executions: a person has to release this first.",
  [Refusal.LeverageLimit]: "Ask for less: the leverage would be too high.",
  [Refusal.OrderNotOpen]: "It has filled or ended already.",
  [Refusal.AmendBelowFilled]: "More than that has filled already: cancel the rest instead.",
  [Refusal.AmendNothing]: "Change the price or the quantity.",
  [Refusal.InstrumentNotContinuous]: "Wait for continuous trading.",
  [Refusal.InstrumentHalted]: "The instrument is halted: only cancels are taken.",
  [Refusal.InstrumentClosed]: "The instrument is closed: only cancels are taken.",
  [Refusal.OrdersFull]: "The engine's order table is full: cancel orders.",
};

/** A refusal's name in plain words: "Price collar". */
export function refusalName(reason: number): string {
  const name = Refusal[reason];
  if (name === undefined) return `Refusal ${reason}`;
  const words = name.replace(/\B([A-Z])/g, " $1").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What can be done about it; the number when there is nothing better. */
export function refusalRemedy(reason: number): string {
  return REMEDIES[reason as Refusal] ?? `Refusal number ${reason}: see the engine's log.`;
}
