// The tree of waiting orders against a sorted list.
import asc from "assemblyscript/asc";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeEach, expect, test } from "vitest";
import {
  MEMORY_PAGES,
  NODE_LEFT,
  NODE_RIGHT,
  ORDER_HEAD_BYTES,
  ORDER,
  ORDER_TERMS_ROWS,
  ORDER_TERMS_SHIFT,
} from "../../../asm/layout.ts";
import { seeded } from "../../reference/random.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const ENTRY = "tree-entry.ts";
const SOURCE = `import { treeAdd, treeFirst, treeKey, treeRemove } from "./asm/orders/tree";
export function add(slot: u32, key: i32): void { treeAdd(4096, 0, slot, key); }
export function first(): u32 { return treeFirst(4096, 0); }
export function key(slot: u32): i32 { return <i32>treeKey(slot, 0); }
export function remove(slot: u32): void { treeRemove(4096, 0, slot); }
`;
const ROOT_AT = 4096;

interface Tree {
  add(slot: number, key: number): void;
  first(): number;
  key(slot: number): number;
  remove(slot: number): void;
}

let binaryOnce: WebAssembly.Module | undefined;
let tree: Tree;
let view: DataView;

async function compiled(): Promise<WebAssembly.Module> {
  let binary: Uint8Array | undefined;
  const args = [ENTRY, "--outFile", "out.wasm", "--runtime", "stub", "--importMemory", "-O1"];
  await asc.main(args, {
    readFile: (name: string) => {
      if (name === ENTRY) return SOURCE;
      return name.startsWith("asm/") ? readFileSync(`${ROOT}/${name}`, "utf8") : null;
    },
    writeFile: (_name: string, contents: Uint8Array | string) => {
      if (typeof contents !== "string") binary = contents;
    },
    listFiles: () => [],
  });
  return new WebAssembly.Module(binary as unknown as BufferSource);
}

beforeEach(async () => {
  binaryOnce ??= await compiled();
  const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES });
  view = new DataView(memory.buffer);
  const abort = (): never => {
    throw new Error("assertion failed");
  };
  const instance = new WebAssembly.Instance(binaryOnce, { env: { memory, abort } });
  tree = instance.exports as unknown as Tree;
});

function depth(): number {
  let most = 0;
  const open: [number, number][] = [[view.getUint32(ROOT_AT, true), 1]];
  for (;;) {
    const [slot, at] = open.pop() ?? [0, 0];
    if (at === 0) return most;
    if (slot === 0) continue;
    most = Math.max(most, at);
    const node = ORDER_TERMS_ROWS + slot * (1 << ORDER_TERMS_SHIFT);
    for (const side of [NODE_LEFT, NODE_RIGHT]) {
      open.push([view.getUint32(node + side, true), at + 1]);
    }
  }
}

test.each([1, 2, 3])("gives the lowest key first, equal keys by arrival, seed %i", (seed) => {
  const random = seeded(seed);
  const list: [number, number][] = [];
  for (let step = 1; step <= 4_000; step++) {
    if (list.length > 0 && random() < 0.45) {
      const [[slot]] = list.splice(Math.floor(random() * list.length), 1) as [[number, number]];
      tree.remove(slot);
    } else {
      const key = Math.floor(random() * 40) - 20;
      let at = list.length;
      while (at > 0 && list[at - 1]![1] > key) at--;
      list.splice(at, 0, [step, key]);
      tree.add(step, key);
    }
    expect(tree.first()).toBe(list[0]?.[0] ?? 0);
    if (list.length > 0) expect(tree.key(tree.first())).toBe(list[0]![1]);
  }
  for (const [slot] of list) {
    expect(tree.first()).toBe(slot);
    tree.remove(slot);
  }
  expect(view.getUint32(ROOT_AT, true)).toBe(0);
});

test.each([1, -1])("sorted keys (%i) make no list: 20000 orders lie within 50 steps", (sign) => {
  for (let slot = 1; slot <= 20_000; slot++) tree.add(slot, sign * slot);
  expect(depth()).toBeLessThan(50);
});

test("removing an order that is in no tree stops the engine", () => {
  tree.add(1, 5);
  expect(() => {
    tree.remove(2);
  }).toThrow("assertion failed");
});

test("the arrival number is part of the state", () => {
  tree.add(1, 5);
  const head = new Uint8Array(view.buffer, ORDER, ORDER_HEAD_BYTES);
  expect(head.some((byte) => byte !== 0)).toBe(true);
});
