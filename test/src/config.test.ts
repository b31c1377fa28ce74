// The table of options: checks, sources, precedence, schema.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  configJsonSchema,
  environmentInput,
  environmentName,
  fileInput,
  makeConfig,
  OPTION_KEYS,
  OPTIONS,
  parseOption,
  rangeText,
  type OptionKey,
} from "../../src/config.ts";
import { periodMillis } from "../../src/timeframe.ts";
import { AlphaError } from "../../src/errors.ts";

let dir = "";

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "alphapulse-config-"));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

function refusal(input: Record<string, unknown>): string {
  try {
    makeConfig([{ where: "test", input }]);
  } catch (error) {
    expect(error).toBeInstanceOf(AlphaError);
    expect((error as AlphaError).code).toBe("CONFIG_INVALID");
    return (error as AlphaError).line();
  }
  return "";
}

test("without any input every option has its default, and every default is good", () => {
  const config = makeConfig([]);
  for (const key of OPTION_KEYS) expect(config[key], key).toEqual(OPTIONS[key].default);
  const given = Object.fromEntries(OPTION_KEYS.map((key) => [key, OPTIONS[key].default]));
  expect(makeConfig([{ where: "file", input: given }])).toEqual(config);
});

test("an unknown key is refused with the nearest name, or with where to look", () => {
  expect(refusal({ simSeeds: 1 })).toMatch(/no option "simSeeds".*did you mean simSeed\?/);
  expect(refusal({ datadir: "x" })).toMatch(/did you mean dataDir\?/);
  expect(refusal({ quux: 1 })).toMatch(/config show/);
  for (const name of ["constructor", "toString", "__proto__x"])
    expect(refusal({ [name]: 1 })).toMatch(/no option/);
});

const WRONG: [OptionKey, unknown, RegExp][] = [
  ["port", "8080", /port is "8080".*whole number from 0 to 65535/],
  ["port", 65536, /65535/],
  ["port", -1, /from 0/],
  ["port", 80.5, /whole number/],
  ["port", Number.NaN, /port/],
  ["simSpeed", 0, /0.01 to 100/],
  ["simSpeed", Infinity, /simSpeed/],
  ["spin", "true", /true or false/],
  ["paperQueue", "fifo", /through, riskAverse, power/],
  ["paperQueuePower", 9, /from 1 to 8/],
  ["ack", "disk", /memory, written, durable/],
  ["accountCash", 100, /decimal text/],
  ["accountCash", "1e6", /decimal text/],
  ["accountCash", "-5", /decimal text/],
  ["dataDir", "", /dataDir/],
  ["binanceSymbols", "BTCUSDT", /list/],
  ["binanceSymbols", ["BTC/USDT"], /list/],
  ["origins", ["https://desk.example/path"], /list/],
  ["timeframes", ["1x"], /timeframes/],
  ["timeframes", ["0m"], /timeframes/],
  ["timeframes", ["2w"], /"2w" is not a period/],
  ["timeframes", ["1m", "60s"], /"1m" and "60s" are the same period/],
  ["timeframes", ["volume:5"], /timeframes/],
  ["timeframes", ["volumeLots:0"], /timeframes/],
  ["timeframes", ["trades:5", "trades:5"], /"trades:5" and "trades:5" are the same candles/],
  ["timeframes", ["trades:4294967296"], /no threshold from 1 to 4294967295/],
  ["timeframes", ["rangeTicks:5+windowCandles:9"], /cannot adapt/],
  ["timeframes", ["runLots:5+windowCandles:1025"], /looks back too far/],
  ["timeframes", ["heikinAshi:5m"], /smooths "5m", which is not configured/],
  ["timeframes", ["1s", "2s", "3s", "4s", "5s", "6s", "7s", "8s", "9s"], /at most 8/],
];

test.each(WRONG)("%s: %j is refused, saying what it must be", (key, value, expected) => {
  expect(refusal({ [key]: value })).toMatch(expected);
});

test("the last input wins, and a mistake names where it stands", () => {
  const inputs = [
    { where: "file", input: { port: 1, simSeed: 5 } },
    { where: "environment", input: { port: 2 } },
    { where: "command line", input: { port: 3 } },
  ];
  const config = makeConfig(inputs);
  expect([config.port, config.simSeed]).toEqual([3, 5]);
  inputs[1]!.input = { port: -2 };
  expect(() => makeConfig(inputs), "even where a later one would win").toThrow(
    /environment: port is -2/,
  );
});

test("environment variables are named after the options and read as their types", () => {
  expect(environmentName("dataDir")).toBe("ALPHAPULSE_DATA_DIR");
  expect(new Set(OPTION_KEYS.map(environmentName)).size).toBe(OPTION_KEYS.length);
  const input = environmentInput({
    ALPHAPULSE_PORT: "9000",
    ALPHAPULSE_SPIN: "1",
    ALPHAPULSE_TIMEFRAMES: "1s,1m",
    ALPHAPULSE_ACCOUNT_CASH: "10.5",
    PATH: "x",
  });
  expect(input).toEqual({ port: 9000, spin: true, timeframes: ["1s", "1m"], accountCash: "10.5" });
  expect(() => environmentInput({ ALPHAPULSE_PORT: "many" })).toThrow(
    /ALPHAPULSE_PORT: "many" is no number/,
  );
  expect(() => environmentInput({ ALPHAPULSE_PORT: " " })).toThrow(/no number/);
  expect(() => environmentInput({ ALPHAPULSE_SPIN: "maybe" })).toThrow(/no flag/);
  expect(parseOption("spin", "false", "flag")).toBe(false);
  expect(parseOption("origins", "", "flag")).toEqual([]);
});

test("the file must be a JSON object; it may be absent unless it was named", () => {
  const path = join(dir, "alphapulse.json");
  expect(fileInput(path, false)).toEqual({});
  expect(() => fileInput(path, true)).toThrow(expect.objectContaining({ code: "CONFIG_MISSING" }));
  for (const text of ["[1]", "null", "3", "{", ""]) {
    writeFileSync(path, text);
    expect(() => fileInput(path, false), text).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  }
  writeFileSync(path, '{"$schema":"./x.json","port":7}');
  expect(makeConfig([{ where: path, input: fileInput(path, true) }]).port).toBe(7);
});

test("the JSON schema names every option with reason and range, and no other", () => {
  const schema = configJsonSchema() as {
    properties: Record<string, Record<string, unknown>>;
    additionalProperties: boolean;
  };
  expect(Object.keys(schema.properties).sort()).toEqual(["$schema", ...OPTION_KEYS].sort());
  expect(schema.additionalProperties).toBe(false);
  for (const key of OPTION_KEYS) {
    expect(schema.properties[key]!["description"], key).toBe(OPTIONS[key].why);
    expect(schema.properties[key]!["default"], key).toEqual(OPTIONS[key].default);
  }
  expect(schema.properties["port"]).toMatchObject({ minimum: 0, maximum: 65535, type: "integer" });
});

test("periods are whole seconds up to a week", () => {
  expect(["1s", "5m", "4h", "1d", "1w", "7d"].map(periodMillis)).toEqual([
    1000, 300_000, 14_400_000, 86_400_000, 604_800_000, 604_800_000,
  ]);
  for (const text of ["8d", "0s", "m", "1", "-1s", "1.5s", "1y"])
    expect(() => periodMillis(text), text).toThrow(AlphaError);
});

test("every option tells its range", () => {
  for (const key of OPTION_KEYS) expect(rangeText(key).length, key).toBeGreaterThan(3);
});
