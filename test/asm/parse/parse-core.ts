// A real core with instruments configured through its control ring, and the data of the tests.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CELL_BYTES, Flag, Kind, REC_FLAGS, Role } from "../../../asm/vocab.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { Core } from "../../../src/core/core.ts";
import {
  currenciesOf,
  type InstrumentInfo,
  knownInstrument,
  specFields,
  Venue,
} from "../../../src/feeds/instruments.ts";
import { Parser } from "../../../src/feeds/parser.ts";
import { encode, recordBytes } from "../../../src/protocol.ts";
import type { Ring } from "../../../src/rings/ring.ts";

const ROOT = resolve(fileURLToPath(import.meta.url), "../../../..");

/** Captures of Binance of 2024-08-08, beside the repository; tests say so when they are absent. */
export const CAPTURES = join(ROOT, "../shared/data/binance-raw-collector");
export const CAPTURE_NAMES = ["spot-btcusdt", "usdm-btcusdt", "cm-btcusd_perp"] as const;
export const HAS_CAPTURES = existsSync(CAPTURES);
export const NO_CAPTURES = "skipped: ../shared/data/binance-raw-collector is not there";

export function capture(name: string, day = "20240808"): string {
  return join(CAPTURES, `${name}_${day}.gz`);
}

/** The three instruments of the captures: ids 1, 2, 3. */
export const SPOT = knownInstrument(Venue.BinanceSpot, "BTCUSDT", 1)!;
export const USDM = knownInstrument(Venue.BinanceUsdm, "BTCUSDT", 2)!;
export const COINM = knownInstrument(Venue.BinanceCoinm, "BTCUSD_PERP", 3)!;
export const KNOWN = [SPOT, USDM, COINM];

/** Sends the specs through the control ring, as the engine does. */
export function configure(core: Core, infos: readonly InstrumentInfo[]): void {
  const codes = currenciesOf(infos);
  const push = <K extends Kind>(kind: K, fields: Parameters<typeof encode<K>>[3]): void => {
    const scratch = new DataView(new ArrayBuffer(256));
    const bytes = encode(scratch, 0, kind, fields);
    core.control.push(new Int32Array(scratch.buffer), 0, bytes / CELL_BYTES);
  };
  codes.forEach((code, index) => {
    push(Kind.Currency, { id: index + 1, code, minorExponent: -8 });
  });
  for (const info of infos) {
    push(
      Kind.InstrumentSpec,
      specFields(info, (code) => codes.indexOf(code) + 1),
    );
  }
  core.control.publish();
  core.run(-1, 1000);
}

/** A core whose parser writes into its feed ring. */
export function parseCore(infos: readonly InstrumentInfo[] = KNOWN): {
  core: Core;
  parser: Parser;
} {
  const core = Core.create(loadBuild(), { roles: Role.Market });
  configure(core, infos);
  const parser = new Parser(core, core.parse);
  for (const info of infos) parser.register(info);
  return { core, parser };
}

/** Copies all waiting records out of a ring and gives their cells back. */
export function takeRecords(ring: Ring): Uint8Array[] {
  const records: Uint8Array[] = [];
  for (let at = ring.next(); at >= 0; at = ring.next()) {
    records.push(ring.u8.slice(at, at + recordBytes(ring.view, at)));
    ring.skip(ring.cellsAt(at));
  }
  ring.release();
  return records;
}

/** Cell count bits of a copied record, plus one. */
export function cellsOf(record: Uint8Array): number {
  return 1 + ((record[REC_FLAGS] ?? 0) & Flag.CellsMask);
}
