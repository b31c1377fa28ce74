// Who may talk to this port: Host and Origin allowlists.
//
// Host is checked on every request, so that a name somebody points at 127.0.0.1 (DNS rebinding)
// gets nothing; Origin on every WebSocket, so that a page of another site cannot open one. Programs
// that are no browser send no Origin; they get in and must log in with a key.
//
// tidy: tested by test/src/gateway/server.test.ts
import { text } from "./page.ts";
import type { Answer } from "./page.ts";

/** Names under which this machine reaches itself. */
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/** The two lists of one listening port. */
export class AllowList {
  private readonly hosts = new Set<string>();
  private readonly origins = new Set<string>();

  /** `extraHosts` like "desk.example:443", `extraOrigins` like "https://desk.example". */
  constructor(
    host: string,
    port: number,
    extraHosts: readonly string[],
    extraOrigins: readonly string[],
  ) {
    for (const name of [...LOOPBACK, host.includes(":") ? `[${host}]` : host]) {
      this.hosts.add(`${name}:${port}`);
      // A browser leaves out the port 80.
      if (port === 80) this.hosts.add(name);
    }
    for (const extra of extraHosts) this.hosts.add(extra.toLowerCase());
    for (const known of this.hosts) {
      this.origins.add(`http://${known}`);
      this.origins.add(`https://${known}`);
    }
    for (const extra of extraOrigins) this.origins.add(extra.toLowerCase());
  }

  /** An answer that refuses the request, or undefined when its Host is ours. */
  refuseHost(host: string): Answer | undefined {
    if (this.hosts.has(host.toLowerCase())) return undefined;
    const remedy = "open it by its own address, or add the name to gateway.hosts";
    return text(421, "Misdirected Request", `host "${printable(host)}" is not ours: ${remedy}\n`);
  }

  /** An answer that refuses the WebSocket, or undefined when its Origin is ours or absent. */
  refuseOrigin(origin: string): Answer | undefined {
    if (origin === "" || this.origins.has(origin.toLowerCase())) return undefined;
    const remedy = "open the engine's own page, or add the origin to gateway.origins";
    return text(403, "Forbidden", `origin "${printable(origin)}" is not allowed: ${remedy}\n`);
  }
}

function printable(value: string): string {
  return value.replace(/[^\x20-\x7e]/g, "?").slice(0, 100);
}
