// A core with defects, for tests that must see them: one binary for all, since making it takes
// seconds.
import { Kind, NEW_TAG, TRADE_QTY_LOTS } from "../../asm/vocab.ts";
import type { CoreBuild } from "../../src/core/core.ts";
import { variantBuild, type Patch } from "./variant.ts";

/** Tag of an order, lots of a trade, and refused inputs at which a Timer, that stop it. */
export const POISON = 666;

const trap = (when: string): string => `if (${when}) unreachable();`;
const isTrade = `load<u16>(rec) == ${Kind.Trade} && load<i64>(rec, ${TRADE_QTY_LOTS}) == ${POISON}`;

/** Behind what they do: the memory is half changed by then. */
const TRAPS: Patch[] = [
  [
    "asm/trading.ts",
    "      return orderNew(rec);",
    `      orderNew(rec); ${trap(`load<u64>(rec, ${NEW_TAG}) == ${POISON}`)} return;`,
  ],
  ["asm/apply.ts", "  marketApply(rec);\n", `  marketApply(rec); ${trap(isTrade)}\n`],
  [
    "asm/apply.ts",
    "    store<u64>(H_TIMERS, load<u64>(H_TIMERS) + 1);\n",
    `    store<u64>(H_TIMERS, load<u64>(H_TIMERS) + 1); ${trap("load<u32>(H_REFUSED) > 0")}\n`,
  ],
];

/** What is new or larger passes on a full disk. */
const ON_FULL_DISK: Patch[] = [
  ["asm/risk/switch.ts", "state > TradingMode.Liquidating || load<u8>(O_DISK_FULL) == 0;", "true;"],
  ["asm/risk/switch.ts", "  if (load<u8>(O_DISK_FULL) != 0) return Refusal.DiskFull;\n", ""],
];

/** Stops at POISON and takes orders on a full disk; is the core in all else. */
export function brokenCore(): Promise<CoreBuild> {
  return variantBuild(...TRAPS, ...ON_FULL_DISK);
}
