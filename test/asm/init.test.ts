// The first bytes of a memory.
import { expect, test } from "vitest";
import {
  H_BELL,
  H_DEADLINE_MARKET,
  H_DEADLINE_ORDER,
  H_LAYOUT,
  H_MAGIC,
  H_ROLES,
  H_STREAM,
  HEADER_MAGIC_VALUE,
  LAYOUT_VERSION,
  RING_FEED,
  RING_OUT,
} from "../../asm/layout.ts";
import { RING_BELL, RING_BELL_AT, Role } from "../../asm/vocab.ts";
import { Kernels } from "./kernels.ts";

test("a memory is initialized once, with at least one role", async () => {
  const core = await Kernels.create();
  const init = core.number("init");
  expect(() => init(0, 0)).toThrow(/at least one role/);
  expect(() => init(4, 0)).toThrow(/at least one role/);
  init(Role.Order, 3);
  expect(core.view.getUint32(H_MAGIC, true)).toBe(HEADER_MAGIC_VALUE);
  expect(core.view.getUint32(H_LAYOUT, true)).toBe(LAYOUT_VERSION);
  expect(core.view.getUint32(H_ROLES, true)).toBe(Role.Order);
  expect(core.view.getUint32(H_STREAM, true)).toBe(3);
  for (const at of [H_DEADLINE_MARKET, H_DEADLINE_ORDER]) {
    expect(core.view.getBigInt64(at, true), "no deadline").toBe(2n ** 63n - 1n);
  }
  expect(() => init(Role.Order, 3)).toThrow(/initialized once/);
});

test("all input rings share one bell; the output ring has its own", async () => {
  const core = await Kernels.create();
  core.number("init")(Role.Both, 0);
  expect(core.view.getUint32(RING_FEED + RING_BELL_AT, true)).toBe(H_BELL);
  expect(core.view.getUint32(RING_OUT + RING_BELL_AT, true)).toBe(RING_OUT + RING_BELL);
});
