// A bench's own child process: from build/bench, asked one thing at a time, never left behind.
//
// A child ends when its parent does: the channel between them closes and the child exits. Answers
// carry typed arrays (structured clone), so samples travel as they are.
import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { repositoryRoot } from "./report.ts";

/** Longest answer: a full run of 11 s with its preparation, on a busy machine. */
const ANSWER_MILLIS_MAX = 120_000;
const CLOSE_MILLIS_MAX = 10_000;

/** What a child sends back. */
type Answer = { value: unknown } | { fault: string };

/** The parent's end. */
export class Child {
  private readonly name: string;
  private readonly process: ChildProcess;
  private readonly exited: Promise<void>;
  private settle: ((answer: Answer) => void) | undefined;

  constructor(name: string, execArgv: readonly string[] = []) {
    this.name = name;
    this.process = fork(join(repositoryRoot(), "build/bench", `${name}.js`), [], {
      execArgv: ["--enable-source-maps", ...execArgv],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.process.on("message", (answer: Answer) => this.take(answer));
    this.process.on("error", (error) => this.take({ fault: error.message }));
    this.exited = new Promise((done) => {
      this.process.once("exit", (code, signal) => {
        this.take({ fault: `ended with ${code ?? signal ?? "nothing"}` });
        done();
      });
    });
  }

  /** Sends one request and resolves with its answer; rejects when the child fails or dies. */
  ask<T>(request: object): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.take({ fault: `silent for ${ANSWER_MILLIS_MAX} ms` }),
        ANSWER_MILLIS_MAX,
      );
      this.settle = (answer) => {
        clearTimeout(timer);
        this.settle = undefined;
        if ("fault" in answer) reject(new Error(`${this.name}: ${answer.fault}`));
        else resolve(answer.value as T);
      };
      this.process.send(request, (error) => {
        if (error !== null) this.take({ fault: error.message });
      });
    });
  }

  /** Lets the child end by itself, and ends it when it does not. */
  async close(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    if (this.process.connected) this.process.disconnect();
    const timer = setTimeout(() => this.process.kill("SIGKILL"), CLOSE_MILLIS_MAX);
    await this.exited;
    clearTimeout(timer);
  }

  private take(answer: Answer): void {
    this.settle?.(answer);
  }
}

/**
 * The child's end: answers requests one by one; `atEnd` runs when the parent closes the channel or
 * dies, then the process exits.
 */
export function answerParent<Request>(
  answer: (request: Request) => Promise<unknown>,
  atEnd: () => Promise<void>,
): void {
  process.on("message", (request: Request) => {
    answer(request).then(
      (value) => process.send?.({ value } satisfies Answer),
      (error: unknown) => {
        const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
        process.send?.({ fault } satisfies Answer);
      },
    );
  });
  process.once("disconnect", () => {
    atEnd().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}
