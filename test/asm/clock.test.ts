// Engine time is the header's word and nothing else.
import { expect, test } from "vitest";
import { H_TS_ENGINE } from "../../asm/layout.ts";
import { Kernels } from "./kernels.ts";

test("now is the time of the input being applied", async () => {
  const core = await Kernels.create();
  for (const nanos of [0n, 1n, 1_790_000_000_123_456_789n]) {
    core.view.setBigInt64(H_TS_ENGINE, nanos, true);
    expect(core.bigint("nowNanos")()).toBe(nanos);
  }
});
