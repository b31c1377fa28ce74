import { expect, test } from "vitest";
import { recoveryLines } from "../../../src/cli/recovery-text.ts";
import type { JournalTail } from "../../../src/journal/journal.ts";
import { emptyRecovery } from "../../../src/oms/recovery.ts";

const TAIL: JournalTail = {
  ...{ sequence: 9, blockIndex: 3, prevHash: 1n, blocks: 3, tornBytes: 0, tornAt: "", cuts: [] },
  otherBuilds: [],
};

test("a first start has nothing to say", () => {
  expect(recoveryLines({ ...emptyRecovery(), tail: TAIL })).toEqual([]);
});

test("what was cut is told with its place and where it is kept", () => {
  const tail = {
    ...TAIL,
    tornBytes: 192,
    tornAt: "/j/0/segment-0.apj at byte 8",
    cuts: ["cut-0-8.bin"],
  };
  const lines = recoveryLines({ ...emptyRecovery(), tail, blocks: 3, records: 9 });
  expect(lines).toEqual([
    "192 bytes of an incomplete block were cut: /j/0/segment-0.apj at byte 8",
    expect.stringMatching(/1 file beside .*cut-0-8\.bin.*restore a backup/),
    "recovered 9 records of 3 blocks from the journal",
  ]);
});

test("an earlier cut is told until its file is gone", () => {
  const lines = recoveryLines({ ...emptyRecovery(), tail: { ...TAIL, cuts: ["a", "b"] } });
  expect(lines).toEqual([expect.stringMatching(/^2 files beside/)]);
});
