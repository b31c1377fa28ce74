// The HTTP side: health, metrics, and the dashboard's files; the same for both servers.
//
// Files are read once, when the server starts, and looked up by their exact path, so no request
// can name a file outside the folder. Every answer carries headers that let the page load shared
// memory and nothing from elsewhere.
//
// tidy: tested by test/src/gateway/server.test.ts
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { AlphaError } from "../errors.ts";

/** Bytes of all files of the page. */
const PAGE_BYTES_MAX = 64 * 1024 * 1024;

const CONTENT_TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
};
const TEXT = "text/plain; charset=utf-8";

const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  // The chart library sets styles from its code.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Headers of every answer. */
export const SAFE_HEADERS: readonly (readonly [name: string, value: string])[] = [
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["Cross-Origin-Embedder-Policy", "require-corp"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["Content-Security-Policy", CONTENT_SECURITY_POLICY],
  ["X-Content-Type-Options", "nosniff"],
  ["X-Frame-Options", "DENY"],
  ["Referrer-Policy", "no-referrer"],
  ["Cache-Control", "no-cache"],
];

/** An HTTP answer; `SAFE_HEADERS` and the type go with it. */
export interface Answer {
  status: number;
  reason: string;
  contentType: string;
  body: string | Uint8Array;
}

/** What the HTTP side shows. */
export interface PageSource {
  /** Folder of the built dashboard; undefined or absent: a line that says how to build it. */
  folder: string | undefined;
  /** Rendered metrics, Prometheus text. */
  metrics: () => string;
  /** Empty when the engine can take orders, or the reason why it cannot. */
  unready: () => string;
}

/** Answers requests by path. */
export class Page {
  private readonly source: PageSource;
  private readonly files = new Map<string, Answer>();

  constructor(source: PageSource) {
    this.source = source;
    if (source.folder !== undefined && existsSync(source.folder)) {
      this.read(source.folder, "", PAGE_BYTES_MAX);
    }
  }

  /**
   * The answer to a request; `path` is the part before "?". Never throws: a request that is left
   * without an answer ends the process under uWebSockets.js.
   */
  answer(method: string, path: string): Answer {
    try {
      return this.find(method, path);
    } catch (fault) {
      const why = fault instanceof Error ? fault.message : String(fault);
      return text(500, "Internal Server Error", `${path}: ${why}\n`);
    }
  }

  private find(method: string, path: string): Answer {
    if (method !== "GET" && method !== "HEAD") {
      return text(405, "Method Not Allowed", `${method} is not served here: use GET\n`);
    }
    switch (path) {
      case "/health/live":
        return text(200, "OK", "live\n");
      case "/health/ready": {
        const why = this.source.unready();
        if (why === "") return text(200, "OK", "ready\n");
        return text(503, "Service Unavailable", `not ready: ${why}\n`);
      }
      case "/metrics": {
        const answer = text(200, "OK", this.source.metrics());
        answer.contentType = "text/plain; version=0.0.4; charset=utf-8";
        return answer;
      }
      default:
        return this.files.get(path === "/" ? "/index.html" : path) ?? this.missing(path);
    }
  }

  private missing(path: string): Answer {
    if (path === "/" && !this.files.has("/index.html")) {
      const line = "the dashboard is not built: run `npm run build`, then start again\n";
      return text(404, "Not Found", line);
    }
    return text(404, "Not Found", "nothing here: try /, /health/ready or /metrics\n");
  }

  private read(folder: string, prefix: string, bytesLeft: number): number {
    let left = bytesLeft;
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) left = this.read(path, `${prefix}/${entry.name}`, left);
      // Neither links nor dot files: only what the build wrote.
      if (!entry.isFile() || entry.name.startsWith(".")) continue;
      const body = new Uint8Array(readFileSync(path));
      left -= body.length;
      if (left < 0) {
        throw new AlphaError(
          "PAGE_OVERSIZE",
          `${folder} holds more than ${PAGE_BYTES_MAX} bytes`,
          "point the dashboard folder at build/dashboard",
        );
      }
      const contentType = CONTENT_TYPES[extname(entry.name)] ?? "application/octet-stream";
      this.files.set(`${prefix}/${entry.name}`, { status: 200, reason: "OK", contentType, body });
    }
    return left;
  }
}

/** A plain text answer. */
export function text(status: number, reason: string, body: string): Answer {
  return { status, reason, contentType: TEXT, body };
}
