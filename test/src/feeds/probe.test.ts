import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Venue } from "../../../src/feeds/instruments.ts";
import { probeFiles } from "../../../src/feeds/probe.ts";

const folder = mkdtempSync(join(tmpdir(), "probe-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function probe(name: string, text: string, options = {}) {
  writeFileSync(join(folder, name), text);
  return (await probeFiles([join(folder, name)], options))[0]!;
}

const at = "1723161255000000000 ";
const delta = (more: string) =>
  `${at}{"e":"depthUpdate","s":"XRPUSDT",${more}"U":1,"u":2,"b":[["0.5123","12.5"]],"a":[]}\n`;

test("the shape tells the venue: pu futures, ps coin-margined, neither spot", async () => {
  expect((await probe("a", delta(""))).venue).toBe(Venue.BinanceSpot);
  expect((await probe("b", delta('"pu":1,'))).venue).toBe(Venue.BinanceUsdm);
  expect((await probe("c", delta('"pu":1,"ps":"XRPUSD",'))).venue).toBe(Venue.BinanceCoinm);
});

test("an option goes before the shape, the shape before the file's name", async () => {
  expect((await probe("usdm-x", delta(""))).venue).toBe(Venue.BinanceSpot);
  const quotes = `${at}{"u":1,"s":"XRPUSDT","b":"0.5","B":"1","a":"0.6","A":"1"}\n`;
  expect((await probe("usdm-x", quotes)).venue).toBe(Venue.BinanceUsdm);
  expect((await probe("x", delta(""), { venue: Venue.BinanceUsdm })).venue).toBe(Venue.BinanceUsdm);
});

test("steps of unknown instruments are the finest decimals written", async () => {
  const { instruments } = await probe("d", delta("") + delta("").replace("12.5", "3.125"));
  expect(instruments).toMatchObject([
    { name: "XRPUSDT", tickExponent: -4, lotExponent: -3, id: 1 },
  ]);
});

test("a trades file is known by its first field, named by file or option", async () => {
  const csv = "1723161255000,1.25,3,buy\n";
  const file = await probe("SOLUSDT-trades-2024.csv", csv);
  expect(file).toMatchObject({ format: "csv", venue: Venue.File });
  expect(file.instruments).toMatchObject([{ name: "SOLUSDT", quote: "USDT", tickExponent: -2 }]);
  expect((await probe("t.csv", csv, { name: "ADAUSD" })).instruments[0]!.name).toBe("ADAUSD");
});

test("ids count on over the instruments of all files", async () => {
  const text = delta("") + delta("").replace("XRPUSDT", "ADAUSDT");
  const { instruments } = await probe("two", text, { firstId: 40 });
  expect(instruments.map((one) => one.id)).toEqual([40, 41]);
});
