// Memory that configuration hands out.
import { expect, test } from "vitest";
import { MARKET_ARENA_FLOOR, MARKET_END, ORDER_ARENA_FLOOR, ORDER_END } from "../../asm/layout.ts";
import { Role } from "../../asm/vocab.ts";
import { Kernels } from "./kernels.ts";

const SECTIONS = [
  [Role.Market, MARKET_ARENA_FLOOR, MARKET_END],
  [Role.Order, ORDER_ARENA_FLOOR, ORDER_END],
] as const;

test.each(SECTIONS)(
  "section %i hands out aligned, zeroed pieces downwards until it is full",
  async (section, floor, end) => {
    const core = await Kernels.create();
    core.number("arenaInit")();
    const alloc = core.number("arenaAlloc");
    let below = end;
    for (const bytes of [1, 64, 65, 1000, 4096]) {
      core.u8.fill(0xff, below - 8192, below);
      const at = alloc(section, bytes);
      expect(at % 64).toBe(0);
      expect(at + bytes).toBeLessThanOrEqual(below);
      expect(below - at, "no more than rounding is lost").toBeLessThan(bytes + 64);
      expect(core.u8.slice(at, at + bytes).every((byte) => byte === 0)).toBe(true);
      below = at;
    }
    const rest = below - floor;
    expect(core.number("arenaHas")(section, rest)).toBe(1);
    expect(core.number("arenaHas")(section, rest + 1)).toBe(0);
    expect(alloc(section, rest + 1)).toBe(0);
    expect(alloc(section, rest)).toBe(floor);
    expect(alloc(section, 1), "full").toBe(0);
    expect(() => alloc(section, 0)).toThrow(/has bytes/);
  },
);

test("the sections do not take from each other", async () => {
  const core = await Kernels.create();
  core.number("arenaInit")();
  expect(core.number("arenaAlloc")(Role.Market, MARKET_END - MARKET_ARENA_FLOOR)).toBe(
    MARKET_ARENA_FLOOR,
  );
  expect(core.number("arenaAlloc")(Role.Order, 64)).toBe(ORDER_END - 64);
});
