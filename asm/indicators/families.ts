// The families of composed kernels, 32 kinds each: which row and which kernel a kind has.
// tidy: tested by test/asm/indicators/shape.test.ts
import { averagesRow, averagesRun } from "./averages";
import { cyclesRow, cyclesRun } from "./cycles";
import { levelsRow, levelsRun } from "./levels";
import { momentumRow, momentumRun } from "./momentum";
import { trendRow, trendRun } from "./trend";
import { volatilityRow, volatilityRun } from "./volatility";
import { volumeRow, volumeRun } from "./volume";
import { statisticsRow, statisticsRun } from "./statistics";
import { I_KIND } from "./slot";

/** Kinds of a family: 2 to this. */
const FAMILY_SHIFT: i32 = 5;

/** The row of a kind (row.ts), 0 when there is no such kernel. */
export function rowOf(kind: i32): u64 {
  switch (kind >> FAMILY_SHIFT) {
    case 1:
      return averagesRow(kind);
    case 2:
      return momentumRow(kind);
    case 3:
      return trendRow(kind);
    case 4:
      return volatilityRow(kind);
    case 5:
      return volumeRow(kind);
    case 6:
      return statisticsRow(kind);
    case 7:
      return levelsRow(kind);
    case 8:
      return momentumRow(kind);
    case 9:
      return cyclesRow(kind);
    default:
      return 0;
  }
}

/** Runs the kernel of the slot at `at`, state at `s`; see composed.ts. */
export function run(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const kind = <i32>load<u16>(at, I_KIND);
  switch (kind >> FAMILY_SHIFT) {
    case 1:
      return averagesRun(kind, at, s, candle, out, keep);
    case 2:
      return momentumRun(kind, at, s, candle, out, keep);
    case 3:
      return trendRun(kind, at, s, candle, out, keep);
    case 4:
      return volatilityRun(kind, at, s, candle, out, keep);
    case 5:
      return volumeRun(kind, at, s, candle, out, keep);
    case 8:
      return momentumRun(kind, at, s, candle, out, keep);
    case 9:
      return cyclesRun(kind, at, s, candle, out, keep);
    case 6:
      return statisticsRun(kind, at, s, candle, out, keep);
    default:
      assert(kind >> FAMILY_SHIFT == 7, "a slot has a kernel");
      return levelsRun(kind, at, s, candle, out, keep);
  }
}
