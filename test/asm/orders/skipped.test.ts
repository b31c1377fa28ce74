// Commands that stopped the core have an answer when they are passed by.
import { expect, test } from "vitest";
import { BLOCK_HEADER_BYTES, Flag, Kind, REC_FLAGS, Refusal, Role } from "../../../asm/vocab.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { Core } from "../../../src/core/core.ts";
import { decode, recordBytes, type DecodedRecord } from "../../../src/protocol.ts";
import { put, record, setupRecords } from "../spine-core.ts";

const build = loadBuild();
const whose = { account: 1, tenant: 3, strategy: 7, session: 5 };

/** The answers to one command, marked as skipped, in a block of its own. */
function answers(kind: Kind, fields: Record<string, unknown>, roles = Role.Both): DecodedRecord[] {
  const core = Core.create(build, { roles });
  for (const one of setupRecords()) put(core.control, one);
  core.run(0, 100);
  core.seal();
  core.drain(() => undefined);
  const before = core.stateHash(Role.Order);
  const input = record(kind, { instrument: 1, ...fields });
  const block = new Uint8Array(BLOCK_HEADER_BYTES + input.length);
  block.set(input, BLOCK_HEADER_BYTES);
  const view = new DataView(block.buffer);
  const sequence = BigInt(core.sequence + 1);
  view.setBigUint64(BLOCK_HEADER_BYTES + 8, sequence, true);
  view.setBigInt64(BLOCK_HEADER_BYTES + 16, core.tsEngineNanos + 5n, true);
  const flags = view.getUint16(BLOCK_HEADER_BYTES + REC_FLAGS, true) | Flag.Skipped;
  view.setUint16(BLOCK_HEADER_BYTES + REC_FLAGS, flags, true);
  const outs: DecodedRecord[] = [];
  core.replayBlock(block, (from, to) => {
    for (let at = from; at < to; at += recordBytes(core.view, at)) outs.push(decode(core.view, at));
  });
  expect(core.sequence, "it has its number").toBe(Number(sequence));
  for (const out of outs) expect(out.cause).toBe(sequence);
  if (outs.length === 0) expect(core.stateHash(Role.Order), "nothing happened").toBe(before);
  return outs;
}

test.each([
  [Kind.OrderNew, Kind.OrderDenied, { side: 1, priceTicks: 77n, qtyLots: 4n, tag: 8n }],
  [Kind.ParentNew, Kind.OrderDenied, { side: 1, qtyLots: 4n, tag: 8n }],
  [Kind.OrderCancel, Kind.CancelDenied, {}],
  [Kind.ParentCancel, Kind.CancelDenied, {}],
  [Kind.MassCancel, Kind.CancelDenied, {}],
  [Kind.OrderAmend, Kind.AmendDenied, { priceTicks: 77n, tag: 8n }],
  [Kind.OrderReplace, Kind.AmendDenied, { priceTicks: 77n, tag: 8n }],
] as const)("%i is answered with %i, by whom and why", (kind, answer, fields) => {
  const [out, ...others] = answers(kind, { ...whose, ...fields });
  expect(others).toEqual([]);
  expect(out).toMatchObject({ kind: answer, ...whose });
  expect(out).toMatchObject({ reason: Refusal.PoisonRecord });
});

test("what has no answer is passed by in silence", () => {
  expect(answers(Kind.StateQuery, { account: 1 })).toEqual([]);
  expect(answers(Kind.Trade, { priceTicks: 1n, qtyLots: 1n })).toEqual([]);
  expect(answers(Kind.OrderNew, { account: 1 }, Role.Market), "not this role's").toEqual([]);
});
