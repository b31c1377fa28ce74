// A progress bar on a terminal; nothing where nobody looks.
//
// tidy: tested by test/src/cli/cli.test.ts

const WIDTH = 30;
const MILLIS_BETWEEN = 100;

/** One bar on stderr, redrawn in place. */
export class ProgressBar {
  private readonly label: string;
  private readonly isShown: boolean;
  private lastMillis = 0;

  constructor(label: string, wanted: boolean) {
    this.label = label;
    this.isShown = wanted && process.stderr.isTTY;
  }

  /** `share` is 0 to 1; `note` follows the bar. */
  show(share: number, note: string): void {
    const nowMillis = performance.now();
    if (!this.isShown || nowMillis - this.lastMillis < MILLIS_BETWEEN) return;
    this.lastMillis = nowMillis;
    const full = Math.round(Math.min(1, Math.max(0, share)) * WIDTH);
    const bar = "#".repeat(full).padEnd(WIDTH, ".");
    const percent = `${Math.round(share * 100)}`.padStart(3);
    process.stderr.write(`\r${this.label} [${bar}] ${percent} % ${note}\x1b[K`);
  }

  /** Clears the line. */
  end(): void {
    if (this.isShown) process.stderr.write("\r\x1b[K");
  }
}
