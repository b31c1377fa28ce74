// System calls that fail where a test says so: strace injects the error, the kernel does nothing.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** False where strace is absent or may not trace; `npm run services` installs it where it can. */
export const HAS_STRACE =
  process.platform === "linux" && spawnSync("strace", ["-qq", "true"]).status === 0;

export type SystemCall = "pwrite64" | "fdatasync" | "fsync" | "rename" | "ftruncate";
export type DiskErrno = "EIO" | "ENOSPC";

/** Command and arguments under which the `nth` such call of every thread fails; log to `log`. */
export function straced(
  call: SystemCall,
  error: DiskErrno,
  nth: number,
  log: string,
): readonly string[] {
  const inject = `inject=${call}:error=${error}:when=${nth}`;
  const trace = ["-e", `trace=${call}`, "-e", inject];
  // Only the named call stops the process, and descriptors are shown with their paths.
  return ["strace", "-f", "--seccomp-bpf", "-qq", "-y", "-s", "0", "-o", log, ...trace];
}

/** The calls that were refused, as strace writes them. */
export function refusedCalls(log: string): string[] {
  return readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => line.includes("(INJECTED)"));
}

/** Runs a command to its end. */
export function runToEnd(
  command: readonly string[],
  cwd: string,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((done, fail) => {
    const child = spawn(command[0]!, command.slice(1), { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.on("error", fail);
    child.on("close", (code) => done({ code, stdout, stderr }));
  });
}
