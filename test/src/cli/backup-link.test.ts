// The scheduled backup's thread: a bad folder is a line and a number, never a stop.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Role } from "../../../asm/vocab.ts";
import { BackupLink, registerBackupMetrics } from "../../../src/cli/backup-link.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { createHasher } from "../../../src/core/hasher.ts";
import { NODE_DISK } from "../../../src/journal/node-disk.ts";
import { verifyBackup } from "../../../src/journal/restore.ts";
import { MetricsRegistry } from "../../../src/metrics.ts";
import { Engine } from "../../../src/oms/engine.ts";
import { put, setupRecords, ticks } from "../../asm/spine-core.ts";
import { Hands } from "../oms/hands.ts";

async function until(isDone: () => boolean, what: string): Promise<void> {
  const endMillis = performance.now() + 20_000;
  while (!isDone()) {
    if (performance.now() > endMillis) throw new Error(`waited for: ${what}`);
    await new Promise((next) => setTimeout(next, 5));
  }
}

test("a folder that cannot be used is told and tried again, and the engine goes on", async () => {
  const root = mkdtempSync(join(tmpdir(), "alphapulse-backup-link-"));
  const [from, to] = [join(root, "journal"), join(root, "copy")];
  const build = loadBuild();
  const clock = new Hands().clock();
  const journal = { dir: from, stream: 0, segmentBytes: 1 << 16 };
  const engine = new Engine({ build, clock, roles: Role.Both, isRecorded: true, journal });
  engine.recover();
  engine.start();
  engine.configure(setupRecords());
  writeFileSync(to, "a file where the folder should be");
  const faults: string[] = [];
  let backups = 0;
  const link = new BackupLink(
    { from, to, everyMillis: 1 },
    () => (backups += 1),
    (fault) => faults.push(fault.line()),
  );
  const metrics = new MetricsRegistry();
  registerBackupMetrics(metrics, link);
  try {
    await until(() => faults.length > 0, "the fault");
    expect(faults[0]).toMatch(/^BACKUP_FAILED: .*copy.*; see that the folder is mounted/);
    const age = link.ageSeconds;
    for (const bytes of ticks(300)) put(engine.feed, bytes);
    while (engine.core.isBusy()) engine.turn();
    expect(engine.fault).toBeUndefined();
    rmSync(to);
    const goods = backups;
    await until(() => backups > goods, "a good backup");
    expect(link.ageSeconds, "young again").toBeLessThan(age + 20);
    const { streams } = verifyBackup({ disk: NODE_DISK, dir: to, hash: createHasher(build) });
    expect(streams[0]!.lastSequence).toBe(link.newest!.streams[0]!.lastSequence);
    expect(streams[0]!.lastSequence).toBe(engine.core.sequence);
    const text = metrics.render();
    expect(text).toMatch(/^alphapulse_backups_failed_runs_total [1-9]/m);
    expect(text).toMatch(/^alphapulse_backups_copied_bytes_total [1-9]\d{3,}/m);
    expect(text).toMatch(/^alphapulse_backups_age_seconds [0-9.]/m);
  } finally {
    await link.stop();
    await engine.stop();
    rmSync(root, { recursive: true, force: true });
  }
}, 60_000);
