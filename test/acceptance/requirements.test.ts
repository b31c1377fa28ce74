// Keeps requirements.md true: every command and every test it names is there, and every
// row that is not finished says what is missing.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { alphapulse, cleanUp, ROOT, temporaryFolder } from "./engine-process.ts";

const TEXT = readFileSync(join(ROOT, "test/acceptance/requirements.md"), "utf8");
const IDS = "E1 E2 E3 E6 E7 E8 E9 E11 E12 S1 S9 T2 D1 R1 R2 R9".split(" ");

interface Row {
  id: string;
  command: string;
  file: string;
  state: string;
}

const rows: Row[] = TEXT.split("\n")
  .filter((line) => /^\| [A-Z]\d/.test(line))
  .map((line) => {
    const [, id, , command, file, state] = line.split("|").map((cell) => cell.trim());
    const bare = (cell = ""): string => cell.replace(/^`|`$/g, "");
    return { id: id ?? "", command: bare(command), file: bare(file), state: state ?? "" };
  });

test("lists the capabilities of this state, each once", () => {
  expect(rows.map(({ id }) => id)).toEqual(IDS);
});

test.each(rows)("$id names a test that exists and holds tests: $file", ({ file }) => {
  expect(existsSync(join(ROOT, file)), file).toBe(true);
  expect(readFileSync(join(ROOT, file), "utf8")).toMatch(/\btest(\.each|\.skipIf|\.runIf)?\(/);
});

test.each(rows)("$id says `works`, or what is missing", ({ state }) => {
  expect(state).toMatch(/^works$|^thin: .{20,}/);
});

test("every file named anywhere in the text exists", () => {
  const named = [...TEXT.matchAll(/`(test\/[^`]+\.ts)`/g)].map((one) => one[1]!);
  expect(named.length).toBeGreaterThan(IDS.length);
  expect(named.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});

test("every command exists, with the options it is shown with", async () => {
  const folder = temporaryFolder("requirements");
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const commands = [...new Set(rows.map(({ command }) => command))];
  const missing: string[] = [];
  const check = async (command: string): Promise<void> => {
    const words = command.split(" ");
    if (words[0] === "npm") {
      const script = words[1] === "run" ? words[2] : words[1];
      if (scripts[script ?? ""] === undefined) missing.push(command);
      return;
    }
    const path = words.slice(2).filter((word) => /^[a-z]+$/.test(word));
    const options = words.filter((word) => word.startsWith("--"));
    // A subcommand is a word that help lists below its parent; "breakout" is an argument.
    const names = path[0] === "backtest" || options.length > 0 ? path.slice(0, 1) : path;
    const { code, stdout } = await alphapulse([...names, "--help"], folder);
    const usage = stdout.split("\n")[0] ?? "";
    const isThere = code === 0 && usage.includes(`alphapulse ${names.join(" ")}`);
    if (!isThere || options.some((option) => !stdout.includes(option))) missing.push(command);
  };
  for (const command of commands) await check(command);
  expect(missing).toEqual([]);
  await cleanUp();
});
