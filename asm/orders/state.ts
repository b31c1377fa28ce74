// The states of an order and the only transitions there are.
//
// One table instead of scattered stores: a state that cannot follow is our defect and stops the
// engine before a wrong fill leaves it. States only move forward; terminal states never change.
import { ORDER_ROW_STATE } from "../layout";
import { OrderState } from "../vocab";

/** True while an order can still trade or be canceled. */
// @ts-ignore: decorator
@inline
export function stateIsOpen(state: i32): bool {
  return state >= OrderState.Held && state <= OrderState.InDoubt;
}

/** Bits of the states that may follow `from`. */
// @ts-ignore: decorator
@inline
function followers(from: i32): u32 {
  const ends: u32 =
    (1 << OrderState.Filled) | (1 << OrderState.Canceled) | (1 << OrderState.Expired);
  // An order at a venue: what is asked for and not answered yet, and what nobody answered. Its
  // venue may end it at any time, also by rejecting what it had accepted.
  const works: u32 = (1 << OrderState.Live) | (1 << OrderState.PartlyFilled);
  const asked: u32 = (1 << OrderState.PendingCancel) | (1 << OrderState.PendingAmend);
  const venue: u32 = ends | (1 << OrderState.Rejected) | (1 << OrderState.InDoubt);
  const starts: u32 =
    (1 << OrderState.Live) | (1 << OrderState.Armed) | (1 << OrderState.Held) |
    (1 << OrderState.Pending);
  switch (from) {
    case OrderState.None:
      return starts;
    case OrderState.Held:
      return (1 << OrderState.Live) | (1 << OrderState.Armed) | ends & ~(1 << OrderState.Filled);
    case OrderState.Pending:
      return venue | works | (1 << OrderState.PendingCancel);
    case OrderState.PendingCancel:
      return venue | works | (1 << OrderState.PendingAmend);
    case OrderState.PendingAmend:
      return venue | works | (1 << OrderState.PendingCancel);
    case OrderState.InDoubt:
      return (venue ^ (1 << OrderState.InDoubt)) | works | (1 << OrderState.PendingCancel);
    case OrderState.Armed:
      return (1 << OrderState.Live) | ends & ~(1 << OrderState.Filled);
    case OrderState.Live:
    case OrderState.PartlyFilled:
      return venue | asked | (1 << OrderState.PartlyFilled);
    default:
      return 0;
  }
}

/** True when an order may go from one state to the other. */
export function stateMayFollow(from: i32, to: i32): bool {
  return ((followers(from) >> to) & 1) != 0;
}

/**
 * Moves the order at `row` to `to`; a transition that is not in the table is a defect. The state is
 * written with the word it lies in, which an event reads whole soon after.
 */
// @ts-ignore: decorator
@inline
export function stateMove(row: usize, to: i32): void {
  const traits = load<u64>(row, ORDER_ROW_STATE);
  const from = <i32>(traits & 0xff);
  assert(stateMayFollow(from, to), "legal order transition");
  store<u64>(row, traits ^ <u64>(from ^ to), ORDER_ROW_STATE);
}
