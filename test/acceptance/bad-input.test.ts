// What comes in wrong gives one clear line, and nothing else changes.
import { existsSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { closeSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";

import {
  CELL_BYTES,
  FRAME_BYTES,
  FRAME_BYTES_MAX,
  FRAME_HEADER_BYTES,
  FrameType,
  Kind,
  REC_KIND,
} from "../../asm/vocab.ts";
import { type Client, connect } from "../../src/client/index.ts";
import { encode, readServerMessage, writeFrameHeader } from "../../src/protocol.ts";
import {
  alphapulse,
  cleanUp,
  connectAs,
  endEngine,
  type Finished,
  launch,
  metricValue,
  type RunningEngine,
  startEngine,
  temporaryFolder,
  until,
} from "./engine-process.ts";

const WAIT_MILLIS_MAX = 10_000;
const STILL = ["--feed", "none", "--strategy", "none", "--sim-instruments", "2"];
const JOURNAL_SEGMENT = "segment-00000000000000000000.apj";

/** A frame with one OrderNew that would be accepted if somebody were logged in. */
function orderFrame(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + 2 * CELL_BYTES);
  const view = new DataView(bytes.buffer);
  encode(view, FRAME_HEADER_BYTES, Kind.OrderNew, { instrument: 1, clientId: 1n, qtyLots: 1 });
  const head = { type: FrameType.Records, level: 0, bytes: bytes.length, streamSequence: 1 };
  writeFrameHeader(view, { ...head, stream: 0, records: 1, sentNanos: 0 });
  return bytes;
}

/** The line of a failed command: exactly one, with a code, and no stack. */
function theLine({ stderr }: Finished): string {
  const lines = stderr.trim().split("\n");
  expect(lines, stderr).toHaveLength(1);
  expect(lines[0]).toMatch(/^[A-Z][A-Z_]+: /);
  return lines[0]!;
}

afterAll(cleanUp);

describe("frames and connections", () => {
  let engine: RunningEngine;
  let witness: Client;

  const inputs = async (): Promise<number> => {
    const text = await (await fetch(`${engine.url}metrics`)).text();
    return metricValue(text, "alphapulse_engine_inputs_total");
  };
  const refusals = async (reason: string): Promise<number> => {
    const text = await (await fetch(`${engine.url}metrics`)).text();
    return metricValue(text, `alphapulse_gateway_refused_frames_total{reason="${reason}"}`);
  };

  beforeAll(async () => {
    engine = await startEngine(temporaryFolder("frames"), STILL);
    witness = await connectAs(engine, "trader");
  }, 90_000);

  /** Sends bytes on a connection of its own and returns what it was told. */
  async function tell(bytes: Uint8Array | string): Promise<{ said: string[]; code: number }> {
    const ws = new WebSocket(`${engine.url.replace("http", "ws")}stream`);
    ws.binaryType = "arraybuffer";
    const said: string[] = [];
    let code = 0;
    ws.on("message", (data) => {
      const message = readServerMessage(new Uint8Array(data as ArrayBuffer));
      if (message.type === "error")
        said.push(`${message.name}: ${message.what}; ${message.remedy}`);
      if (message.type === "challenge") ws.send(bytes);
    });
    ws.on("error", () => undefined);
    ws.on("close", (closed) => (code = closed));
    await until(() => said.length > 0 || code > 0, WAIT_MILLIS_MAX, "an answer to a bad frame");
    await new Promise((next) => setTimeout(next, 30));
    ws.terminate();
    return { said, code };
  }

  function changed(change: (view: DataView) => void): Uint8Array {
    const bytes = orderFrame();
    change(new DataView(bytes.buffer));
    return bytes;
  }

  test.each([
    ["a malformed frame", () => changed((view) => view.setUint8(0, 0x00)), "MalformedFrame"],
    ["text where bytes belong", () => "hello", "MalformedFrame"],
    [
      "an unknown kind",
      () => changed((view) => view.setUint16(FRAME_HEADER_BYTES + REC_KIND, 0x7f7f, true)),
      "UnknownKind",
    ],
    [
      "a wrong length",
      () => changed((view) => view.setUint32(FRAME_BYTES, view.byteLength + CELL_BYTES, true)),
      "WrongLength",
    ],
    ["an order before the login", () => orderFrame(), "NotLoggedIn"],
  ])("%s gets one clear line and reaches no ring", async (_name, make, refusal) => {
    const before = await inputs();
    const { said } = await tell(make());
    expect(said, said.join("\n")).toHaveLength(1);
    expect(said[0]).toMatch(new RegExp(`^${refusal}: .+; .+`));
    expect(await inputs(), "no input was made of it").toBe(before);
  });

  test("an oversize payload is told so, or closes that connection", async () => {
    const before = await inputs();
    const { said, code } = await tell(new Uint8Array(FRAME_BYTES_MAX + 4 * CELL_BYTES));
    const isTold = said.some((line) => line.startsWith("OversizeFrame: "));
    expect(isTold || code === 1009 || code === 1006, `told ${said.join()}, closed ${code}`).toBe(
      true,
    );
    expect(await inputs()).toBe(before);
  });

  test("a bad login is refused by name and counted", async () => {
    const counted = await refusals("bad-login");
    const { origin } = new URL(engine.url);
    const wrong = connect(engine.url, { token: "not-a-token", origin, reconnect: false });
    await expect(wrong).rejects.toThrow(/BadLogin: .+/);
    await expect(wrong).rejects.toMatchObject({ code: "LOGIN_REFUSED" });
    expect(await refusals("bad-login")).toBe(counted + 1);
  });

  test("a wrong Origin is refused before any frame", async () => {
    const ws = new WebSocket(`${engine.url.replace("http", "ws")}stream`, {
      headers: { origin: "https://elsewhere.example" },
    });
    const refused = await new Promise<string>((done) => {
      ws.on("unexpected-response", (_request, response) => {
        let body = "";
        response.on("data", (chunk: Buffer) => (body += chunk.toString()));
        response.on("end", () => done(`${response.statusCode} ${body.trim()}`));
      });
      ws.on("error", (error) => done(error.message));
      ws.on("open", () => done("opened"));
    });
    expect(refused).toMatch(/^403 origin "https:\/\/elsewhere\.example" is not allowed: .+/);
  });

  test("the session that behaved goes on, and the engine says ready", async () => {
    expect(await witness.ping()).toBeLessThan(WAIT_MILLIS_MAX);
    await witness.subscribe({ own: true });
    const price = 1;
    const id = witness.order({ instrument: 1, side: "buy", type: "limit", qty: 1, price });
    expect((await witness.outcome(id)).clientId).toBe(id);
    expect((await fetch(`${engine.url}health/ready`)).status).toBe(200);
    expect(engine.child.exitCode).toBeNull();
    expect(engine.stderr()).toBe("");
  });

  test("a second engine on the same data directory is refused; the first goes on", async () => {
    const args = ["start", "--data-dir", engine.dataDir, "--port", "0", ...STILL];
    const second = await alphapulse(args, engine.dataDir);
    expect(second.code).toBe(1);
    expect(theLine(second)).toMatch(
      new RegExp(`^JOURNAL_LOCKED: .*${engine.child.pid}.*; stop that engine`),
    );
    expect(await witness.ping()).toBeLessThan(WAIT_MILLIS_MAX);
    const status = await alphapulse(
      ["status", "--data-dir", engine.dataDir, "--json"],
      engine.dataDir,
    );
    expect((JSON.parse(status.stdout) as { pid: number }).pid).toBe(engine.child.pid);
  });

  test("a journal damaged in the middle stops the start, with file, byte and remedy", async () => {
    witness.close();
    expect((await endEngine(engine, "SIGTERM")).code).toBe(0);
    const path = join(engine.dataDir, "journal", "0", JOURNAL_SEGMENT);
    // Inside the first block's body, behind the segment's and the block's header.
    const at = 4096 + 128 + 40;
    const fd = openSync(path, "r+");
    writeSync(fd, Buffer.from([0xff, 0xfe, 0xfd]), 0, 3, at);
    closeSync(fd);
    const damaged = readFileSync(path);
    const args = ["start", "--data-dir", engine.dataDir, "--port", "0", ...STILL];
    const refused = await alphapulse(args, engine.dataDir);
    expect(refused.code).toBe(1);
    const line = theLine(refused);
    expect(line).toContain(`JOURNAL_CORRUPT: ${path} at byte 4096: block hash`);
    expect(line).toContain("put back a copy of this file");
    expect(readFileSync(path).equals(damaged), "the file is as it was").toBe(true);
    expect(existsSync(join(engine.dataDir, "run.json"))).toBe(false);
    const verify = await alphapulse(
      ["journal", "verify", "--data-dir", engine.dataDir],
      engine.dataDir,
    );
    expect(verify.code).toBe(1);
  });
});

describe("files to replay", () => {
  const line = (second: number): string =>
    `${1723161254000000000n + BigInt(second) * 1_000_000_000n} {"stream":"btcusdt@trade","data":` +
    `{"e":"trade","E":${1723161254000 + second * 1000},"s":"BTCUSDT","t":${second},` +
    `"p":"61000.10","q":"0.00100","T":${1723161254000 + second * 1000},"m":true,"M":true}}`;
  const lines = Array.from({ length: 50 }, (_, second) => line(second));
  let folder: string;

  const replay = (path: string): Promise<Finished> =>
    alphapulse(["replay", path, "--venue", "spot", "--json", "--topology", "inline"], folder);

  beforeAll(() => {
    folder = temporaryFolder("files");
  });

  test("a garbled JSON line is counted with its reason; every other line is taken", async () => {
    const garbled = [...lines];
    garbled[20] = garbled[20]!.slice(0, 90);
    const path = join(folder, "garbled.log");
    writeFileSync(path, `${garbled.join("\n")}\n`);
    const { code, stdout, stderr } = await replay(path);
    expect(code, stderr).toBe(0);
    const report = JSON.parse(stdout) as {
      trades: number;
      rejects: Record<string, number>;
      rejectLines: string[];
    };
    expect(report.trades).toBe(49);
    expect(Object.values(report.rejects)).toEqual([1]);
    expect(report.rejectLines.join("\n")).toContain("garbled.log:21");
  });

  test("a truncated gzip is refused with what was delivered before the cut", async () => {
    const whole = gzipSync(`${lines.join("\n")}\n`);
    const path = join(folder, "cut.gz");
    writeFileSync(path, whole.subarray(0, whole.length - 40));
    const finished = await replay(path);
    expect(finished.code).toBe(1);
    expect(theLine(finished)).toMatch(/^FEED_(TRUNCATED|DAMAGED): .*cut\.gz.*; .+/);
  });

  test("a missing file is named", async () => {
    const path = join(folder, "absent.gz");
    const finished = await replay(path);
    expect(finished.code).toBe(1);
    expect(theLine(finished)).toMatch(/^FEED_FILE_MISSING: .*absent\.gz.*; .+/);
  });
});

describe("configuration", () => {
  test.each([
    [
      "a wrong unit",
      { journalSegmentMegabytes: 256 },
      /"journalSegmentMegabytes"; did you mean journalSegmentBytes\?/,
    ],
    ["an unknown key", { hue: "red" }, /there is no option "hue"; see: npx alphapulse config show/],
    ["a key of every object", { constructor: 1 }, /there is no option "constructor"/],
    [
      "a value out of range",
      { port: 70000 },
      /port is 70000; port is a whole number from 0 to 65535/,
    ],
    [
      "a value of a wrong type",
      { accountCash: 5 },
      /accountCash is 5; accountCash is a decimal text/,
    ],
  ])("%s is refused before anything is opened", async (_name, content, expected) => {
    const folder = temporaryFolder("config");
    writeFileSync(join(folder, "alphapulse.json"), JSON.stringify(content));
    const finished = await alphapulse(["start"], folder);
    expect(finished.code).toBe(2);
    expect(theLine(finished)).toMatch(expected);
    expect(readdirSync(folder), "nothing was made").toEqual(["alphapulse.json"]);
  });

  test("a flag that does not exist is refused as a call", async () => {
    const folder = temporaryFolder("flag");
    const { code, stderr } = await alphapulse(["start", "--prot", "80"], folder);
    expect(code).toBe(2);
    expect(stderr).toContain("unknown option '--prot'");
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("the port", () => {
  test("in use: the next free one is taken, and that is said", async () => {
    const blocker = createServer();
    const port = await new Promise<number>((done) => {
      blocker.listen(0, "127.0.0.1", () => done((blocker.address() as { port: number }).port));
    });
    const dataDir = temporaryFolder("port");
    const started = launch(
      ["start", "--data-dir", dataDir, "--port", String(port), ...STILL],
      dataDir,
    );
    await until(() => /^ {2}page/m.test(started.stdout()), 60_000, "the address");
    blocker.close();
    const printed = Number(/page +http:\/\/127\.0\.0\.1:(\d+)/.exec(started.stdout())?.[1]);
    expect(printed).toBeGreaterThan(port);
    expect(started.stdout(), "said before the address").toMatch(
      new RegExp(`${port}.*(in use|taken)`),
    );
    expect((await fetch(`http://127.0.0.1:${printed}/health/live`)).status).toBe(200);
    expect((await endEngine(started, "SIGTERM")).code).toBe(0);
  });
});
