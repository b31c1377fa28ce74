// Opening the gateway: which server, which port, and what to say when it is not the first choice.
//
// uWebSockets.js is preferred for its cost per message; where its binary does not load, `ws` on
// node:http does the same slower, and a notice says so. A taken port is not an error for a person
// who starts a second engine: the next free one is used and said aloud.
import { FRAME_BYTES_MAX } from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import { AllowList } from "./allow.ts";
import type { SocketHandler } from "./door.ts";
import { Page } from "./page.ts";
import type { PageSource } from "./page.ts";

/** Ports tried after the wanted one. */
export const PORT_TRIES = 20;
/** Path of the WebSocket. */
export const STREAM_PATH = "/stream";
/** A connection without traffic is closed after this; servers ping, so only dead peers are. */
export const IDLE_SECONDS = 60;

/** How the gateway listens. */
export interface GatewayOptions {
  /** "uws" falls back to ws when it cannot load; "ws" never tries. */
  prefer: "uws" | "ws";
  /** Address to listen on; 127.0.0.1 unless other machines may come. */
  host: string;
  /** Wanted port; 0 = any free one. */
  port: number;
  hosts: readonly string[];
  origins: readonly string[];
  connectionsMax: number;
  page: PageSource;
  handler: SocketHandler;
}

/** A gateway that listens. */
export interface Gateway {
  readonly name: "uws" | "ws";
  readonly host: string;
  readonly port: number;
  /** Address of the page. */
  readonly url: string;
  /** What to tell the person who started it: fallback, another port, an unknown binary. */
  readonly notices: readonly string[];
  /** Closes the port and all connections. */
  close(): Promise<void>;
}

/** What a server implementation is given. */
export interface ServerParts {
  host: string;
  port: number;
  allow: (port: number) => AllowList;
  connectionsMax: number;
  page: Page;
  handler: SocketHandler;
  frameBytesMax: number;
}

/** A listening server; undefined from `listen` when the port is taken. */
export interface Listening {
  port: number;
  close(): Promise<void>;
}

/** One of the two servers. */
export interface Server {
  name: "uws" | "ws";
  /** About the binary, empty when there is nothing to say. */
  notice: string;
  listen(parts: ServerParts): Promise<Listening | undefined>;
}

/**
 * Opens the gateway. Throws GATEWAY_PORT when no port is free, and UWS_TAMPERED when the binary of
 * uWebSockets.js is not the one that was recorded.
 */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const notices: string[] = [];
  const server = await chooseServer(options.prefer, notices);
  if (server.notice !== "") notices.push(server.notice);
  const page = new Page(options.page);
  const { host, connectionsMax, handler } = options;
  const last = options.port === 0 ? 0 : Math.min(options.port + PORT_TRIES, 65535);
  for (let port = options.port; port <= last; port += 1) {
    const allow = (actual: number): AllowList =>
      new AllowList(host, actual, options.hosts, options.origins);
    const frameBytesMax = FRAME_BYTES_MAX;
    const parts = { host, port, allow, connectionsMax, page, handler, frameBytesMax };
    const listening = await server.listen(parts);
    if (listening === undefined) continue;
    if (options.port !== 0 && listening.port !== options.port) {
      notices.push(`port ${options.port} is taken: listening on ${listening.port} instead`);
    }
    const shown = host.includes(":") ? `[${host}]` : host;
    const url = `http://${shown}:${listening.port}/`;
    const close = (): Promise<void> => listening.close();
    return { name: server.name, host, port: listening.port, url, notices, close };
  }
  throw new AlphaError(
    "GATEWAY_PORT",
    `no free port on ${host} from ${options.port} to ${last}`,
    "stop what listens there, or set gateway.port",
  );
}

async function chooseServer(prefer: "uws" | "ws", notices: string[]): Promise<Server> {
  if (prefer === "uws") {
    const { loadUws } = await import("./uws.ts");
    const loaded = await loadUws();
    if (typeof loaded !== "string") return loaded;
    notices.push(`${loaded}: the gateway runs on ws, which costs more time per message`);
  }
  const { wsServer } = await import("./ws.ts");
  return wsServer();
}
