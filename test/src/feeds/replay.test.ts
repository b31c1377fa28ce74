import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { PARSE_BYTES_MAX } from "../../../asm/layout.ts";
import { Kind, REC_KIND } from "../../../asm/vocab.ts";
import { AlphaError } from "../../../src/errors.ts";
import { type ProbeOptions, probeFiles } from "../../../src/feeds/probe.ts";
import { instrumentsOf, Replay } from "../../../src/feeds/replay.ts";
import { capture, CAPTURE_NAMES, HAS_CAPTURES, NO_CAPTURES } from "../../asm/parse/parse-core.ts";
import { parseCore, takeRecords } from "../../asm/parse/parse-core.ts";

const folder = mkdtempSync(join(tmpdir(), "replay-"));
afterAll(() => rmSync(folder, { recursive: true }));
if (!HAS_CAPTURES) console.log(NO_CAPTURES);

function file(name: string, bytes: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** Plays files through a core of their own instruments; a fault is kept beside what came. */
async function play(paths: string[], options: ProbeOptions & { skip?: number } = {}) {
  const files = await probeFiles(paths, options);
  const { core, parser } = parseCore(instrumentsOf(files));
  const replay = new Replay(parser, files, options.skip ?? 0);
  const records: Uint8Array[] = [];
  let counted = 0;
  let fault: unknown;
  try {
    for (let done = false; !done;) {
      const step = await replay.pump();
      counted += step.records;
      done = step.done;
      records.push(...takeRecords(core.parse));
    }
  } catch (error) {
    fault = error;
    records.push(...takeRecords(core.parse));
  }
  return { files, records, counted, fault, replay, quarantine: parser.quarantine };
}

function kindOf(record: Uint8Array): Kind {
  return record[REC_KIND]! | (record[REC_KIND + 1]! << 8);
}

const line = (index: number) =>
  `${1723161255000000000n + BigInt(index)} {"stream":"btcusdt@trade","data":{"e":"trade",` +
  `"E":1723161255343,"s":"BTCUSDT","t":${index + 1},"p":"61837.63000000","q":"0.02000000",` +
  `"T":1723161255342,"m":true,"M":true}}\n`;
const lines = (count: number) => Array.from({ length: count }, (_, index) => line(index)).join("");

test.skipIf(!HAS_CAPTURES).each(CAPTURE_NAMES)(
  "every message of the %s capture becomes the records an independent count expects",
  async (name) => {
    const expected = countCapture(capture(name));
    const { records, counted, replay, quarantine, files } = await play([capture(name)]);
    expect(quarantine.lines(), "nothing is off tick, lot or time").toEqual([]);
    const count = (...kinds: Kind[]) => records.filter((one) => kinds.includes(kindOf(one))).length;
    expect({
      trades: count(Kind.Trade),
      quotes: count(Kind.Quote),
      books: count(Kind.BookDelta, Kind.BookSnapshot),
      messages: replay.reports[0]!.lines,
    }).toEqual(expected);
    expect(counted).toBe(records.length);
    expect(replay.reports[0]!.slow, "the scanner reads all of it itself").toBe(0);
    expect(files[0]!.instruments.map((one) => one.isInferred)).toEqual([false]);
  },
);

/** What a capture holds, counted with nothing of ours. */
function countCapture(path: string) {
  const text = gunzipSync(readFileSync(path)).toString("latin1");
  const found = { trades: 0, quotes: 0, books: 0, messages: 0 };
  for (const one of text.split("\n")) {
    if (one === "") continue;
    found.messages++;
    const top = JSON.parse(one.slice(one.indexOf(" ") + 1));
    const data = (top.data ?? top) as Record<string, unknown[]>;
    if (String(data["e"]) === "trade") found.trades++;
    else if (String(data["e"]) === "depthUpdate") found.books += groups(data, "b", "a");
    else if (data["lastUpdateId"] !== undefined) found.books += groups(data, "bids", "asks");
    else found.quotes++;
  }
  return found;
}

function groups(data: Record<string, unknown[]>, bids: string, asks: string): number {
  return Math.max(1, Math.ceil((data[bids]!.length + data[asks]!.length) / 12));
}

test("plain and gzip give the same records, whatever the batch border", async () => {
  const text = lines(9000);
  const plain = await play([file("plain.log", text)]);
  const packed = await play([file("packed.gz", gzipSync(text))]);
  expect(plain.records).toHaveLength(9000);
  expect(Buffer.concat(plain.records).equals(Buffer.concat(packed.records))).toBe(true);
});

test("files are played one after another in the order given", async () => {
  const a = file("a.log", line(1) + line(2));
  const b = file("b.log", line(0));
  const { records, files } = await play([a, b]);
  expect(records.map((one) => one[48])).toEqual([2, 3, 1]);
  expect(files[1]!.instruments[0], "one instrument in both files").toBe(files[0]!.instruments[0]);
});

test.each([1, 2, 700, 1999, 2000, 2500])(
  "a resume after %i records gives the rest",
  async (skip) => {
    const names = [file("r1.log", lines(1200)), file("r2.gz", gzipSync(lines(800)))];
    const whole = await play(names);
    const rest = await play(names, { skip });
    expect(Buffer.concat(rest.records).equals(Buffer.concat(whole.records.slice(skip)))).toBe(true);
    expect(rest.counted, "skipped ones are counted").toBe(2000);
  },
);

test("a resume inside a group of book records gives the rest of the group", async () => {
  const b = Array.from({ length: 30 }, (_, i) => [`${i + 1}.00000000`, "1.00000000"]);
  const levels = JSON.stringify(b);
  const delta = (name: string) =>
    `1723161255000000000 {"e":"depthUpdate","E":1723161255343,"s":"${name}",` +
    `"U":1,"u":2,"b":${levels},"a":[]}\n`;
  const path = file("group.log", delta("BTCUSDT") + delta("BTC\\u0055SDT"));
  const whole = await play([path]);
  expect(whole.records).toHaveLength(6);
  expect(whole.replay.reports[0]!.slow, "the second line goes the slow path").toBe(1);
  for (const skip of [1, 2, 4, 5]) {
    const rest = await play([path], { skip });
    expect(Buffer.concat(rest.records).equals(Buffer.concat(whole.records.slice(skip)))).toBe(true);
  }
});

test("a cut gzip file delivers its whole lines, then says what is missing", async () => {
  const whole = gzipSync(lines(5000));
  const path = file("cut.gz", whole.subarray(0, whole.length / 2));
  const { fault, records } = await play([path]);
  expect(fault).toBeInstanceOf(AlphaError);
  const { code, message } = fault as AlphaError;
  expect(code).toBe("FEED_TRUNCATED");
  expect(message).toContain(`"${path}"`);
  expect(message).toContain(`after ${whole.length >> 1} bytes`);
  expect(message).toContain(`${records.length} whole lines (${records.length} records)`);
  expect(records.length).toBeGreaterThan(1000);
  const all = await play([file("all.log", lines(5000))]);
  const first = all.records.slice(0, records.length);
  expect(Buffer.concat(records).equals(Buffer.concat(first)), "no half line").toBe(true);
});

test("a damaged gzip file is told from a cut one", async () => {
  const bytes = gzipSync(lines(5000));
  const middle = bytes.length >> 1;
  bytes.fill(0xff, middle, middle + 64);
  const { fault } = await play([file("damaged.gz", bytes)]);
  expect((fault as AlphaError).code).toBe("FEED_DAMAGED");
});

test("a missing file, a directory and no file are faults with a remedy", async () => {
  const code = async (paths: string[]) =>
    probeFiles(paths).then(
      () => "none",
      (error: AlphaError) => `${error.code}: ${error.remedy}`,
    );
  expect(await code([join(folder, "nope.gz")])).toBe("FEED_FILE_MISSING: check the path");
  expect(await code([folder])).toMatch(/^FEED_FILE_UNREADABLE: name a readable file/);
  expect(await code([])).toMatch(/^FEED_NO_FILES/);
});

test("a garbage file is counted by line, with printable examples", async () => {
  const garbage = Buffer.alloc(300_000);
  for (let i = 0; i < garbage.length; i++) garbage[i] = (i * 7919 + (i >> 7)) & 0xff;
  const { quarantine, records, replay } = await play([file("garbage.bin", garbage)]);
  expect(records).toHaveLength(0);
  const report = replay.reports[0]!;
  expect(report.rejects).toBe(quarantine.total);
  expect(report.rejects).toBeGreaterThan(10);
  expect(quarantine.examples()).toHaveLength(10);
  for (const one of quarantine.examples()) expect(one.text).toMatch(/^[\x20-\x7e]*$/);
  expect(quarantine.examples()[0]!.place).toMatch(/garbage\.bin:\d+$/);
});

test("a line longer than a message can be is refused, the lines around it are not", async () => {
  const long = `1723161255000000000 {"x":"${"y".repeat(PARSE_BYTES_MAX * 2)}"}\n`;
  const { quarantine, records } = await play([
    file("long.log", line(0) + long + line(1) + "bad\n"),
  ]);
  expect(records).toHaveLength(2);
  expect(quarantine.counts()).toEqual({ MessageTooLong: 1, NumberMalformed: 1 });
  expect(quarantine.examples().map((one) => one.place.split(":").pop())).toEqual(["2", "4"]);
});

test("a last line without a line end is whole; an empty file is no fault", async () => {
  expect((await play([file("last.log", line(0) + line(1).trim())])).records).toHaveLength(2);
  expect((await play([file("empty.log", "")])).counted).toBe(0);
  expect((await play([file("empty.gz", gzipSync(""))])).fault).toBeUndefined();
});

test("a trades file infers its steps and plays", async () => {
  const rows = Array.from({ length: 100 }, (_, i) => `${1723161255000 + i},1.2${i},0.5,sell`);
  const path = file("ETHBTC-trades.csv", `time,price,qty,side\n${rows.join("\n")}\n`);
  const { records, files, quarantine } = await play([path]);
  expect(records).toHaveLength(100);
  expect(quarantine.total).toBe(0);
  expect(files[0]!.instruments[0]).toMatchObject({
    ...{ name: "ETHBTC", isInferred: true, base: "ETH", quote: "BTC" },
    ...{ tickExponent: -3, lotExponent: -1 },
  });
});
