// What `npm run services` does on machines of each kind.
import { expect, test } from "vitest";
import { main, type Machine } from "../../scripts/services.ts";

/** A machine that has `there`; apt-get, if it is there, installs all but `refused`. */
function machineOf(there: string[], isRoot: boolean, refused: string[] = []) {
  const ran: string[] = [];
  const machine: Machine = {
    isThere: (command) => there.includes(command),
    isRoot,
    run: (command) => {
      ran.push(command.join(" "));
      if (command[1] === "install") {
        there.push(...command.slice(4).filter((name) => !refused.includes(name)));
      }
      return 0;
    },
  };
  const lines: string[] = [];
  const run = (...args: string[]): number => main(args, machine, (line) => lines.push(line));
  return { ran, lines, run };
}

test("installs nothing where all is there, under any of its names", () => {
  const { ran, lines, run } = machineOf(["strace", "faketime", "google-chrome"], true);
  expect(run()).toBe(0);
  expect(ran).toEqual([]);
  expect(lines.every((line) => line.startsWith("ok"))).toBe(true);
});

test("installs by apt-get as root, only what is missing", () => {
  const { ran, run } = machineOf(["apt-get", "strace"], true);
  expect(run()).toBe(0);
  expect(ran).toEqual([
    "apt-get update",
    "apt-get install -y --no-install-recommends faketime chromium",
  ]);
});

test.each([
  ["without root", ["apt-get"], false],
  ["without apt-get", [], true],
])("%s prints what to run, and says that suites skip", (_name, there, isRoot) => {
  const { ran, lines, run } = machineOf(there, isRoot);
  expect(run()).toBe(1);
  expect(ran).toEqual([]);
  expect(lines.join("\n")).toContain("as root: apt-get install -y strace faketime chromium");
  expect(lines.at(-1)).toContain("skip with a message");
});

test("what apt-get could not install is named", () => {
  const { lines, run } = machineOf(["apt-get"], true, ["chromium"]);
  expect(run()).toBe(1);
  expect(lines.filter((line) => line.startsWith("MISSING"))).toHaveLength(1);
  expect(lines.join("\n")).toContain("apt-get install -y chromium ");
});
