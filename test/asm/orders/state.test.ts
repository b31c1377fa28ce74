// The table of order states, from its own source: nothing but the listed transitions is legal.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { beforeAll, describe, expect, test } from "vitest";
import { ORDER_ROW_STATE } from "../../../asm/layout.ts";
import { OrderState } from "../../../asm/vocab.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const ENTRY = "state-entry.ts";
const SOURCE = `import { stateIsOpen, stateMayFollow, stateMove } from "./asm/orders/state";
export function isOpen(state: i32): bool { return stateIsOpen(state); }
export function mayFollow(from: i32, to: i32): bool { return stateMayFollow(from, to); }
export function move(row: usize, to: i32): void { stateMove(row, to); }
`;
const ROW = 4096;

const STATES = Object.values(OrderState).filter(
  (one): one is OrderState => typeof one === "number",
);
const ENDS = [OrderState.Filled, OrderState.Canceled, OrderState.Expired];
/** How an order at a venue may end, at any time; and the requests that may be out. */
const VENUE = [...ENDS, OrderState.Rejected];
const WORKS = [OrderState.Live, OrderState.PartlyFilled];
const ASKED = [OrderState.PendingCancel, OrderState.PendingAmend, OrderState.InDoubt];
const LEGAL: Partial<Record<OrderState, OrderState[]>> = {
  [OrderState.None]: [OrderState.Held, OrderState.Armed, OrderState.Pending, OrderState.Live],
  [OrderState.Held]: [OrderState.Armed, OrderState.Live, OrderState.Canceled, OrderState.Expired],
  [OrderState.Armed]: [OrderState.Live, OrderState.Canceled, OrderState.Expired],
  [OrderState.Pending]: [...WORKS, OrderState.PendingCancel, OrderState.InDoubt, ...VENUE],
  [OrderState.Live]: [OrderState.PartlyFilled, ...ASKED, ...VENUE],
  [OrderState.PartlyFilled]: [OrderState.PartlyFilled, ...ASKED, ...VENUE],
  [OrderState.PendingCancel]: [...WORKS, OrderState.PendingAmend, OrderState.InDoubt, ...VENUE],
  [OrderState.PendingAmend]: [...WORKS, OrderState.PendingCancel, OrderState.InDoubt, ...VENUE],
  [OrderState.InDoubt]: [...WORKS, OrderState.PendingCancel, ...VENUE],
};

interface Table {
  isOpen(state: number): number;
  mayFollow(from: number, to: number): number;
  move(row: number, to: number): void;
}

let table: Table;
let u8: Uint8Array;

beforeAll(async () => {
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
  if (binary === undefined) throw new Error("state.ts does not compile");
  const memory = new WebAssembly.Memory({ initial: 1 });
  u8 = new Uint8Array(memory.buffer);
  const abort = (): never => {
    throw new Error("assertion failed");
  };
  const module = new WebAssembly.Module(binary as BufferSource);
  const instance = new WebAssembly.Instance(module, { env: { memory, abort } });
  table = instance.exports as unknown as Table;
});

describe.each(STATES.map((from) => [OrderState[from], from] as const))("after %s", (_, from) => {
  test("only the listed states follow", () => {
    const followers = STATES.filter((to) => table.mayFollow(from, to) !== 0);
    expect(followers.map((to) => OrderState[to])).toEqual(
      [...(LEGAL[from] ?? [])].sort((a, b) => a - b).map((to) => OrderState[to]),
    );
  });

  test("a legal move is stored; an illegal one stops the engine and stores nothing", () => {
    for (const to of STATES) {
      u8[ROW + ORDER_ROW_STATE] = from;
      if (LEGAL[from]?.includes(to) === true) table.move(ROW, to);
      else expect(() => table.move(ROW, to), OrderState[to]).toThrow("assertion failed");
      const expected = LEGAL[from]?.includes(to) === true ? to : from;
      expect(u8[ROW + ORDER_ROW_STATE], OrderState[to]).toBe(expected);
    }
  });
});

test("an order is open between its acceptance and its end, and nowhere else", () => {
  const open = STATES.filter((state) => table.isOpen(state) !== 0).map(
    (state) => OrderState[state],
  );
  expect(open).toEqual([
    "Held",
    "Armed",
    "Pending",
    "Live",
    "PartlyFilled",
    "PendingCancel",
    "PendingAmend",
    "InDoubt",
  ]);
});

test("no terminal state has a follower, so a closed order never changes", () => {
  for (const from of [...ENDS, OrderState.Denied, OrderState.Rejected]) {
    expect(table.isOpen(from), OrderState[from]).toBe(0);
    for (const to of STATES) expect(table.mayFollow(from, to), `${from} ${to}`).toBe(0);
  }
});
