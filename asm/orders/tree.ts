// Orders in a tree by key, then by arrival: which stop is next, which order expires first.
//
// A treap whose nodes lie in the orders' own rows of terms: no memory beside them, any number of
// trees, and no operation walks a list, however far from the market an order waits. A node's
// place depends on its slot and arrival number only, so the same orders give the same tree.
//
// tidy: tested by test/asm/orders/tree.test.ts
import {
  NODE_ARRIVAL,
  NODE_KEY,
  NODE_LEFT,
  NODE_RIGHT,
  MORE_TRAIL,
  O_ARRIVAL,
  ORDER_MORE_ROWS,
  ORDER_MORE_SHIFT,
  ORDER_TERMS_ROWS,
  ORDER_TERMS_SHIFT,
} from "../layout";

const MIX: u64 = 0x9e3779b97f4a7c15;

// @ts-ignore: decorator
@inline
function nodeAt(slot: u32, node: i32): usize {
  if (node >= MORE_TRAIL) {
    return <usize>ORDER_MORE_ROWS + (<usize>slot << ORDER_MORE_SHIFT) + (node - MORE_TRAIL);
  }
  return <usize>ORDER_TERMS_ROWS + (<usize>slot << ORDER_TERMS_SHIFT) + node;
}

/** How near the root a node lies; a mix of its arrival, so that sorted keys make no list. */
// @ts-ignore: decorator
@inline
function priority(at: usize, slot: u32): u64 {
  const mixed = (load<u64>(at, NODE_ARRIVAL) + ((<u64>slot) << 32)) * MIX;
  return (mixed ^ (mixed >> 29)) * MIX;
}

/** True when the first node's place is before the second's. */
// @ts-ignore: decorator
@inline
function isBefore(a: usize, b: usize): bool {
  const keyA = load<i64>(a, NODE_KEY);
  const keyB = load<i64>(b, NODE_KEY);
  if (keyA != keyB) return keyA < keyB;
  return load<u64>(a, NODE_ARRIVAL) < load<u64>(b, NODE_ARRIVAL);
}

/** The order that comes first in the tree whose root is kept at `root`, 0 when it is empty. */
export function treeFirst(root: usize, node: i32): u32 {
  let slot = load<u32>(root);
  if (slot == 0) return 0;
  while (true) {
    const left = load<u32>(nodeAt(slot, node), NODE_LEFT);
    if (left == 0) return slot;
    slot = left;
  }
}

/** Key of an order in its tree. */
// @ts-ignore: decorator
@inline
export function treeKey(slot: u32, node: i32): i64 {
  return load<i64>(nodeAt(slot, node), NODE_KEY);
}

/** Adds an order behind all of the same key. */
export function treeAdd(root: usize, node: i32, slot: u32, key: i64): void {
  const at = nodeAt(slot, node);
  const arrival = load<u64>(O_ARRIVAL) + 1;
  store<u64>(O_ARRIVAL, arrival);
  store<i64>(at, key, NODE_KEY);
  store<u64>(at, arrival, NODE_ARRIVAL);
  const own = priority(at, slot);
  let link = root;
  let next = load<u32>(link);
  while (next != 0 && priority(nodeAt(next, node), next) >= own) {
    const other = nodeAt(next, node);
    link = other + (isBefore(at, other) ? NODE_LEFT : NODE_RIGHT);
    next = load<u32>(link);
  }
  store<u32>(link, slot);
  split(at, node, next);
}

/** Parts the tree under `slot` into what lies before and behind the node at `at`. */
function split(at: usize, node: i32, slot: u32): void {
  let before = at + NODE_LEFT;
  let behind = at + NODE_RIGHT;
  while (slot != 0) {
    const other = nodeAt(slot, node);
    if (isBefore(other, at)) {
      store<u32>(before, slot);
      before = other + NODE_RIGHT;
      slot = load<u32>(before);
    } else {
      store<u32>(behind, slot);
      behind = other + NODE_LEFT;
      slot = load<u32>(behind);
    }
  }
  store<u32>(before, 0);
  store<u32>(behind, 0);
}

/** Takes an order out; it must be in the tree. */
export function treeRemove(root: usize, node: i32, slot: u32): void {
  const at = nodeAt(slot, node);
  let link = root;
  while (load<u32>(link) != slot) {
    assert(load<u32>(link) != 0, "the order is in its tree");
    const other = nodeAt(load<u32>(link), node);
    link = other + (isBefore(at, other) ? NODE_LEFT : NODE_RIGHT);
  }
  let left = load<u32>(at, NODE_LEFT);
  let right = load<u32>(at, NODE_RIGHT);
  store<u64>(at, 0, NODE_LEFT);
  while (left != 0 && right != 0) {
    const before = nodeAt(left, node);
    const behind = nodeAt(right, node);
    if (priority(before, left) >= priority(behind, right)) {
      store<u32>(link, left);
      link = before + NODE_RIGHT;
      left = load<u32>(link);
    } else {
      store<u32>(link, right);
      link = behind + NODE_LEFT;
      right = load<u32>(link);
    }
  }
  store<u32>(link, left | right);
}
