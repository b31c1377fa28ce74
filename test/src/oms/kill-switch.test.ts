// Kill switches and what risk stopped by itself are state: a restart brings them back.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  EVENT_REASON,
  Kind,
  OrderType,
  Refusal,
  Role,
  Scope,
  Side,
  TimeInForce,
} from "../../../asm/vocab.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { Engine } from "../../../src/oms/engine.ts";
import { put, record, setupRecords } from "../../asm/spine-core.ts";
import { Hands } from "./hands.ts";

const build = loadBuild();
let dir = "";

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "alphapulse-switch-"));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** An engine on the journal of this test, and the reasons of the orders it denies. */
function open(): { engine: Engine; denied: number[] } {
  const journal = { dir, stream: 0, segmentBytes: 1 << 22 };
  const clock = new Hands().clock();
  const engine = new Engine({ build, clock, roles: Role.Both, isRecorded: true, journal });
  const denied: number[] = [];
  engine.addSink({
    collect: (_u8, view, from) => {
      const isDenied = view.getUint16(from, true) === Number(Kind.OrderDenied);
      if (isDenied) denied.push(view.getUint16(from + EVENT_REASON, true));
    },
    flush: () => undefined,
    recovered: () => undefined,
  });
  return { engine, denied };
}

function send(engine: Engine, kind: Kind, fields: Record<string, unknown>): void {
  const isCommand = kind >> 8 === 0x05;
  put(isCommand ? engine.core.command : engine.core.control, record(kind, fields));
  while (engine.core.isBusy()) engine.turn();
}

function order(engine: Engine, clientId: number): void {
  const who = { instrument: 1, account: 1, strategy: 7, clientId };
  const shape = { type: OrderType.Market, side: Side.Buy, tif: TimeInForce.Ioc, qtyLots: 1 };
  send(engine, Kind.OrderNew, { ...who, ...shape });
}

test.each([
  ["global", Scope.Global],
  ["tenant", Scope.Tenant],
  ["account", Scope.Account],
  ["strategy", Scope.Strategy],
  ["instrument", Scope.Instrument],
])("a kill switch of the %s scope outlives a restart until it is lifted", async (_name, scope) => {
  const who = { scope, account: 1, strategy: 7, instrument: 1 };
  const first = open();
  first.engine.start();
  first.engine.configure(setupRecords());
  send(first.engine, Kind.KillSwitch, { ...who, state: 1 });
  const hash = first.engine.core.stateHashText();
  await first.engine.stop();
  const { engine, denied } = open();
  engine.recover();
  expect(engine.core.stateHashText(), "state after the restart").toBe(hash);
  engine.start();
  order(engine, 1);
  expect(denied).toEqual([Refusal.KillSwitchOn]);
  send(engine, Kind.KillSwitch, { ...who, state: 0 });
  order(engine, 2);
  expect(denied.slice(1)).not.toContain(Refusal.KillSwitchOn);
  await engine.stop();
});
