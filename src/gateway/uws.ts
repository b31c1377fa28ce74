// The gateway on uWebSockets.js: the preferred server.
//
// Its package carries native code from outside the registry's source, so the file for this platform
// is compared with the sha256 recorded when it was examined, before it is loaded. It must stay on
// the thread that opened it and be closed by a call: ending its worker would end the process.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as Uws from "uWebSockets.js";
import type { HttpRequest, HttpResponse, TemplatedApp, WebSocket } from "uWebSockets.js";
import { AlphaError } from "../errors.ts";
import { Sent } from "./door.ts";
import type { Arrival, Socket } from "./door.ts";
import { SAFE_HEADERS, text } from "./page.ts";
import type { Answer } from "./page.ts";
import { IDLE_SECONDS, STREAM_PATH } from "./server.ts";
import type { Listening, Server, ServerParts } from "./server.ts";

type UwsModule = typeof Uws;
type ListenSocket = Uws.us_listen_socket;
/** The typed `listen` lacks the form with host and options. */
type Listen = (
  host: string,
  port: number,
  options: number,
  done: (socket: ListenSocket | false) => void,
) => TemplatedApp;

/** sha256 of the binaries that were examined, by platform, architecture and module version. */
export const KNOWN_BINARIES: Readonly<Record<string, string>> = {
  linux_x64_115: "6f8d96d761a64beddb060f1f7f0e617dd293ed127ec1d57507aa561a0083171e",
  linux_x64_127: "8cabc918bbf9a07323e54f89a33882491080b2eb35df0607f473ccdb1f3c31af",
};

/** Bytes a socket may hold back before `send` drops: more than a snapshot of every order. */
const BACKPRESSURE_BYTES_MAX = 32 * 1024 * 1024;

/** LIBUS_LISTEN_EXCLUSIVE_PORT, which the types name only as an enum without values. */
const EXCLUSIVE_PORT = 1;

/** Keeps a connection's socket between its callbacks. */
interface UserData {
  arrival: Arrival;
  socket: UwsSocket | undefined;
}

/**
 * Loads the server, or says in a line why it does not run here. Throws UWS_TAMPERED when the binary
 * differs from the recorded one.
 */
export async function loadUws(): Promise<Server | string> {
  const key = `${process.platform}_${process.arch}_${process.versions.modules}`;
  const file = findBinary(key);
  if (file === undefined) {
    return `uWebSockets.js has no binary for ${key} (Node ${process.version})`;
  }
  const notice = checkBinary(key, readFileSync(file), KNOWN_BINARIES);
  let uws: UwsModule;
  try {
    uws = await import("uWebSockets.js");
  } catch (fault) {
    const why = fault instanceof Error ? fault.message : String(fault);
    return `uWebSockets.js does not load (${why.split("\n", 1)[0] ?? ""})`;
  }
  return { name: "uws", notice, listen: (parts) => listen(uws, parts) };
}

/**
 * Compares a binary with the recorded sums: a notice when none is recorded for this platform (the
 * sum is in it), empty when it agrees; throws UWS_TAMPERED when it differs.
 */
export function checkBinary(
  key: string,
  bytes: Uint8Array,
  known: Readonly<Record<string, string>>,
): string {
  const sum = createHash("sha256").update(bytes).digest("hex");
  const expected = known[key];
  if (expected === undefined) {
    return `uWebSockets.js for ${key} was not examined before: its binary has sha256 ${sum}`;
  }
  if (expected === sum) return "";
  throw new AlphaError(
    "UWS_TAMPERED",
    `the uWebSockets.js binary for ${key} has sha256 ${sum}, recorded is ${expected}`,
    "run `npm ci`; if it stays so, start with --gateway ws and report it",
  );
}

function findBinary(key: string): string | undefined {
  const folders = createRequire(import.meta.url).resolve.paths("uWebSockets.js") ?? [];
  return folders
    .map((folder) => join(folder, "uWebSockets.js", "dist", "bin", `uws_${key}.node`))
    .find((path) => existsSync(path));
}

class UwsSocket implements Socket {
  isOpen = true;
  private readonly ws: WebSocket<UserData>;

  constructor(ws: WebSocket<UserData>) {
    this.ws = ws;
  }

  send(bytes: Uint8Array): Sent {
    if (!this.isOpen) return Sent.Dropped;
    // 1 with the system, 0 kept, 2 dropped.
    const status = this.ws.send(bytes, true, false);
    if (status === 1) return Sent.Sent;
    return status === 0 ? Sent.Buffered : Sent.Dropped;
  }

  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.ws.end(code, reason.slice(0, 120));
  }

  bufferedBytes(): number {
    return this.isOpen ? this.ws.getBufferedAmount() : 0;
  }
}

async function listen(uws: UwsModule, parts: ServerParts): Promise<Listening | undefined> {
  const app = uws.App();
  const allowed = { list: parts.allow(parts.port) };
  let connections = 0;
  app.ws<UserData>(STREAM_PATH, {
    maxPayloadLength: parts.frameBytesMax,
    maxBackpressure: BACKPRESSURE_BYTES_MAX,
    idleTimeout: IDLE_SECONDS,
    sendPingsAutomatically: true,
    upgrade: (res, req, context) => {
      const host = req.getHeader("host");
      const origin = req.getHeader("origin");
      const refused = allowed.list.refuseHost(host) ?? allowed.list.refuseOrigin(origin);
      if (refused !== undefined) return write(res, refused, true);
      if (connections >= parts.connectionsMax) return write(res, full(connections), true);
      res.upgrade<UserData>(
        { arrival: { host, origin }, socket: undefined },
        req.getHeader("sec-websocket-key"),
        req.getHeader("sec-websocket-protocol"),
        req.getHeader("sec-websocket-extensions"),
        context,
      );
    },
    open: (ws) => {
      connections += 1;
      const data = ws.getUserData();
      data.socket = new UwsSocket(ws);
      parts.handler.open(data.socket, data.arrival);
    },
    message: (ws, message, isBinary) => {
      const { socket } = ws.getUserData();
      if (socket !== undefined) parts.handler.message(socket, new Uint8Array(message), isBinary);
    },
    drain: (ws) => {
      const { socket } = ws.getUserData();
      if (socket !== undefined) parts.handler.drain(socket);
    },
    close: (ws) => {
      connections -= 1;
      const { socket } = ws.getUserData();
      if (socket === undefined) return;
      socket.isOpen = false;
      parts.handler.closed(socket);
    },
  });
  app.any("/*", (res: HttpResponse, req: HttpRequest) => {
    const method = req.getMethod().toUpperCase();
    const refused = allowed.list.refuseHost(req.getHeader("host"));
    write(res, refused ?? parts.page.answer(method, req.getUrl()), method !== "HEAD");
  });
  const socket = await new Promise<ListenSocket | false>((done) => {
    // Exclusive: else two engines would share the port and each get half of the connections.
    const begin = app.listen.bind(app) as unknown as Listen;
    begin(parts.host, parts.port, EXCLUSIVE_PORT, done);
  });
  if (socket === false) {
    app.close();
    return undefined;
  }
  const port = uws.us_socket_local_port(socket);
  allowed.list = parts.allow(port);
  const close = async (): Promise<void> => {
    app.close();
    // Connections end within this turn of the loop.
    await new Promise((done) => setImmediate(done));
  };
  return { port, close };
}

function full(connections: number): Answer {
  return text(503, "Service Unavailable", `${connections} connections are the most: try later\n`);
}

function write(res: HttpResponse, answer: Answer, hasBody: boolean): void {
  res.cork(() => {
    res.writeStatus(`${answer.status} ${answer.reason}`);
    for (const [name, value] of SAFE_HEADERS) res.writeHeader(name, value);
    res.writeHeader("Content-Type", answer.contentType);
    if (hasBody) res.end(answer.body);
    else res.end();
  });
}
