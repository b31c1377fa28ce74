// `npm run services`: the tools that some suites want, installed where this machine lets us.
//
// Debian and its kin by apt-get, as root or not at all; elsewhere the command to run is printed.
// Suites that find a tool missing skip with a message, so nothing depends on this.
import { spawnSync } from "node:child_process";

/** A tool, the Debian package that has it, and what is not tested without it. */
interface Tool {
  command: string;
  names: readonly string[];
  package: string;
  why: string;
}

const TOOLS: readonly Tool[] = [
  {
    command: "strace",
    names: ["strace"],
    package: "strace",
    why: "system calls that fail (test/sim/system-faults.test.ts, test/acceptance/crash.test.ts)",
  },
  {
    command: "faketime",
    names: ["faketime"],
    package: "faketime",
    why: "wall clocks that jump under a real process",
  },
  {
    command: "chromium",
    names: ["chromium", "chromium-browser", "google-chrome"],
    package: "chromium",
    why: "the dashboard and the core in a browser",
  },
];

/** What a machine lets us do. */
export interface Machine {
  isThere: (command: string) => boolean;
  isRoot: boolean;
  /** Runs a command with its output shown; its exit code. */
  run: (command: readonly string[]) => number;
}

const HERE: Machine = {
  isThere: (command) => spawnSync("which", [command]).status === 0,
  isRoot: process.getuid?.() === 0,
  run: ([command = "", ...args]) => spawnSync(command, args, { stdio: "inherit" }).status ?? 1,
};

/** Says what is there, installs what is not; 0 when nothing is missing in the end. */
export function main(
  args: readonly string[],
  machine = HERE,
  say: (line: string) => void = (line) => void process.stdout.write(`${line}\n`),
): number {
  if (args.length > 0) {
    say("services: takes no arguments; it installs strace, faketime and chromium where it may");
    return args.includes("--help") ? 0 : 2;
  }
  const missing = (): Tool[] => TOOLS.filter(({ names }) => !names.some(machine.isThere));
  const before = missing();
  const packages = before.map((tool) => tool.package);
  if (packages.length > 0 && machine.isRoot && machine.isThere("apt-get")) {
    say(`installing ${packages.join(", ")}`);
    machine.run(["apt-get", "update"]);
    machine.run(["apt-get", "install", "-y", "--no-install-recommends", ...packages]);
  }
  const after = packages.length === 0 ? before : missing();
  for (const { command, why } of TOOLS) {
    const isMissing = after.some((tool) => tool.command === command);
    say(`${isMissing ? "MISSING" : "ok     "} ${command.padEnd(10)} ${why}`);
  }
  if (after.length === 0) return 0;
  const names = after.map((tool) => tool.package).join(" ");
  say(`as root: apt-get install -y ${names}   (or what your system calls them)`);
  say("until then the suites that want them skip with a message");
  return 1;
}
