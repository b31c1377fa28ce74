// A real engine, a real client and a disk that is full: orders are refused, cancels work, a crash
// changes nothing of that, and orders are taken again when there is room.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { Kind, Refusal } from "../../asm/vocab.ts";
import type { Client, OrderRequest } from "../../src/client/index.ts";
import { CAN_MOUNT, SmallDisk } from "../sim/small-disk.ts";
import {
  alphapulse,
  cleanUp,
  connectAs,
  endEngine,
  metricValue,
  type RunningEngine,
  startEngine,
  until,
} from "./engine-process.ts";

const WAIT_MILLIS_MAX = 20_000;
const RESERVE_BYTES = 2 << 20;
const OPTIONS = [
  ...["--topology", "inline", "--sim-instruments", "1", "--strategy", "none"],
  ...["--journal-segment-bytes", "1048576", "--journal-reserve-bytes", String(RESERVE_BYTES)],
  ...["--snapshot-records", "100", "--snapshots-kept", "1"],
];

type Fields = Record<string, string | number | bigint>;

describe.skipIf(!CAN_MOUNT)("an engine on a full disk (tmpfs of 16 MiB; needs root)", () => {
  let disk: SmallDisk;
  let dataDir: string;
  let engine: RunningEngine;
  let client: Client;
  let askTicks = 0;
  const events: { kind: number; clientId: bigint }[] = [];

  const folder = (): string[] => readdirSync(join(dataDir, "journal", "0"));
  const run = (...args: string[]): ReturnType<typeof alphapulse> =>
    alphapulse([...args, "--data-dir", dataDir], dataDir);

  async function connect(): Promise<void> {
    client = await connectAs(engine, "trader");
    client.onRecord((received) => {
      const fields = received.decoded() as unknown as Fields;
      if (received.kind === Kind.TopOfBook) askTicks = Number(fields["askTicks"]);
      const clientId = fields["clientId"];
      if (clientId !== undefined) {
        events.push({ kind: received.kind, clientId: BigInt(clientId) });
      }
    });
    await client.subscribe({ own: true });
    await client.subscribe({ instrument: "SIM-BTC", ticks: true });
    await until(() => askTicks > 0, WAIT_MILLIS_MAX, "a quote");
  }

  const happened = (kind: Kind, clientId: bigint): Promise<void> =>
    until(
      () => events.some((one) => one.kind === kind && one.clientId === clientId),
      WAIT_MILLIS_MAX,
      `${Kind[kind]} of ${clientId}`,
    );

  async function order(): Promise<{ id: bigint; said: string }> {
    const price = Math.round(askTicks * 0.97);
    const wish: OrderRequest = {
      instrument: "SIM-BTC",
      side: "buy",
      type: "limit",
      qty: 10,
      price,
    };
    const id = client.order(wish);
    const record = await client.outcome(id);
    const { reason } = record as unknown as Fields;
    return { id, said: `${Kind[record.kind]} ${Refusal[Number(reason ?? 0)]}` };
  }

  beforeAll(async () => {
    disk = new SmallDisk(16);
    dataDir = disk.dir;
    engine = await startEngine(dataDir, [...OPTIONS]);
    await connect();
    await until(() => folder().includes("reserve.apj"), WAIT_MILLIS_MAX, "the reserve");
  }, 60_000);

  afterAll(async () => {
    client?.close();
    await cleanUp();
    disk.remove();
  });

  const resting: bigint[] = [];

  test("full at an append: orders are refused, cancels and smaller amends work", async () => {
    for (let one = 0; one < 4; one++) {
      const { id, said } = await order();
      expect(said).toBe("OrderAccepted None");
      resting.push(id);
    }
    disk.fill();
    await until(() => engine.stdout().includes("DISK FULL:"), WAIT_MILLIS_MAX, "the mode");
    expect((await order()).said).toBe("OrderDenied DiskFull");
    client.amend({ instrument: "SIM-BTC", clientId: resting[0]!, qty: 5 });
    await happened(Kind.OrderAmended, resting[0]!);
    client.amend({ instrument: "SIM-BTC", clientId: resting[0]!, qty: 50 });
    await happened(Kind.AmendDenied, resting[0]!);
    client.cancel("SIM-BTC", resting[1]!);
    await happened(Kind.OrderCanceled, resting[1]!);
    expect(engine.stdout()).toMatch(
      /free at least \d+ MB and orders are taken again by themselves/,
    );
  });

  test("metrics, status and doctor say so", async () => {
    const metrics = await (await fetch(`${engine.url}metrics`)).text();
    expect(metricValue(metrics, "alphapulse_journal_full_disks")).toBe(1);
    const status = JSON.parse((await run("status", "--json")).stdout) as Record<string, unknown>;
    expect(status["diskFull"]).toBe(true);
    const { stdout } = await run("doctor");
    expect(stdout).toMatch(/^note journal +\d+ records, no reserve for a full disk beside them/m);
  });

  test("full while a snapshot is due: it is put off with a line, and leaves no part", async () => {
    const line = /a snapshot is put off: SNAPSHOT_NO_ROOM: .* bytes are free, the journal wants/;
    await until(() => line.test(engine.stdout()), WAIT_MILLIS_MAX, "the line");
    expect(folder().filter((name) => name.endsWith(".part"))).toEqual([]);
    expect(engine.child.exitCode, "trading goes on").toBe(null);
  });

  test("killed and started without any room, it says why it cannot, and what to do", async () => {
    client.close();
    await endEngine(engine, "SIGKILL");
    disk.fill();
    const { code, stderr } = await run("start", "--port", "0", ...OPTIONS);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^JOURNAL_DISK_FULL: .*; orders are no longer taken: free space/);
    expect(stderr.trim().split("\n"), "one line").toHaveLength(1);
  });

  test("started with too little room, it refuses orders from the first one on", async () => {
    disk.empty();
    disk.fill(RESERVE_BYTES / 2);
    engine = await startEngine(dataDir, [...OPTIONS]);
    expect(engine.stdout()).toContain("DISK FULL:");
    await connect();
    expect((await order()).said).toBe("OrderDenied DiskFull");
    client.cancel("SIM-BTC", resting[2]!);
    await happened(Kind.OrderCanceled, resting[2]!);
  });

  test("when space comes back orders are taken by themselves, and the end is clean", async () => {
    disk.empty();
    const line = /has room again: orders are taken$/m;
    await until(() => line.test(engine.stdout()), WAIT_MILLIS_MAX, "the end of the mode");
    expect((await order()).said).toBe("OrderAccepted None");
    const metrics = await (await fetch(`${engine.url}metrics`)).text();
    expect(metricValue(metrics, "alphapulse_journal_full_disks")).toBe(0);
    client.close();
    const { code, stderr } = await endEngine(engine, "SIGTERM");
    expect(code, stderr).toBe(0);
    expect((await run("journal", "verify")).code).toBe(0);
  });
});
