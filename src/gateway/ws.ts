// The gateway on node:http and ws: the server where uWebSockets.js has no binary.
//
// Same rules, same answers. ws keeps the bytes it is given until the kernel takes them, so each
// frame is copied once here; that and one more layer is what the other server saves.
//
// tidy: tested by test/src/gateway/server.test.ts
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { RawData, WebSocket } from "ws";
import { Sent } from "./door.ts";
import type { Socket } from "./door.ts";
import { SAFE_HEADERS, text } from "./page.ts";
import type { Answer } from "./page.ts";
import { IDLE_SECONDS, STREAM_PATH } from "./server.ts";
import type { Listening, Server, ServerParts } from "./server.ts";

const BACKPRESSURE_BYTES_MAX = 32 * 1024 * 1024;

/** The server; it loads everywhere. */
export function wsServer(): Server {
  return { name: "ws", notice: "", listen };
}

class WsSocket implements Socket {
  private readonly ws: WebSocket;

  constructor(ws: WebSocket) {
    this.ws = ws;
  }

  send(bytes: Uint8Array): Sent {
    const { ws } = this;
    if (ws.readyState !== ws.OPEN || ws.bufferedAmount > BACKPRESSURE_BYTES_MAX) {
      return Sent.Dropped;
    }
    ws.send(Buffer.from(bytes), { binary: true, compress: false });
    return ws.bufferedAmount === 0 ? Sent.Sent : Sent.Buffered;
  }

  close(code: number, reason: string): void {
    this.ws.close(code, reason.slice(0, 120));
  }

  bufferedBytes(): number {
    return this.ws.bufferedAmount;
  }
}

async function listen(parts: ServerParts): Promise<Listening | undefined> {
  const http = createServer();
  const streams = new WebSocketServer({
    noServer: true,
    maxPayload: parts.frameBytesMax,
    perMessageDeflate: false,
  });
  let allow = parts.allow(parts.port);
  http.on("request", (req, res) => {
    const method = req.method ?? "GET";
    const refused = allow.refuseHost(req.headers.host ?? "");
    write(res, refused ?? parts.page.answer(method, pathOf(req)), method !== "HEAD");
  });
  http.on("upgrade", (req: IncomingMessage, stream: Duplex, head: Buffer) => {
    const host = req.headers.host ?? "";
    const origin = req.headers.origin ?? "";
    const refused =
      allow.refuseHost(host) ??
      (pathOf(req) === STREAM_PATH ? undefined : text(404, "Not Found", "use /stream\n")) ??
      allow.refuseOrigin(origin) ??
      (streams.clients.size >= parts.connectionsMax ? full(streams.clients.size) : undefined);
    if (refused !== undefined) return reject(stream, refused);
    streams.handleUpgrade(req, stream, head, (ws) => {
      attach(ws, stream, parts, { host, origin });
    });
  });
  const isListening = await new Promise<boolean>((done, fail) => {
    http.once("error", (fault: NodeJS.ErrnoException) => {
      if (fault.code === "EADDRINUSE") done(false);
      else fail(fault);
    });
    http.listen({ host: parts.host, port: parts.port, exclusive: true }, () => done(true));
  });
  if (!isListening) return undefined;
  const address = http.address();
  const port = address !== null && typeof address === "object" ? address.port : parts.port;
  allow = parts.allow(port);
  const pinger = setInterval(() => ping(streams.clients), (IDLE_SECONDS * 1000) / 2);
  pinger.unref();
  const close = async (): Promise<void> => {
    clearInterval(pinger);
    for (const ws of streams.clients) ws.terminate();
    http.closeAllConnections();
    await new Promise((done) => http.close(done));
  };
  return { port, close };
}

const alive = new WeakSet<WebSocket>();

/** Ends who has not answered the last ping, and pings the others. */
function ping(clients: Set<WebSocket>): void {
  for (const ws of clients) {
    if (!alive.has(ws)) ws.terminate();
    alive.delete(ws);
    if (ws.readyState === ws.OPEN) ws.ping();
  }
}

function attach(
  ws: WebSocket,
  stream: Duplex,
  { handler }: ServerParts,
  arrival: { host: string; origin: string },
): void {
  const socket = new WsSocket(ws);
  alive.add(ws);
  ws.on("pong", () => alive.add(ws));
  ws.on("message", (data: RawData, isBinary: boolean) => {
    alive.add(ws);
    // With the default binary type every message is one Buffer.
    if (data instanceof Buffer) handler.message(socket, data, isBinary);
  });
  stream.on("drain", () => handler.drain(socket));
  ws.on("close", () => handler.closed(socket));
  // A broken or oversize message: ws closes the connection itself; `close` follows.
  ws.on("error", () => undefined);
  handler.open(socket, arrival);
}

function pathOf(req: IncomingMessage): string {
  return (req.url ?? "/").split("?", 1)[0] ?? "/";
}

function full(connections: number): Answer {
  return text(503, "Service Unavailable", `${connections} connections are the most: try later\n`);
}

function headersOf(answer: Answer): [string, string][] {
  const length = String(Buffer.byteLength(answer.body));
  return [
    ...SAFE_HEADERS.map(([name, value]): [string, string] => [name, value]),
    ["Content-Type", answer.contentType],
    ["Content-Length", length],
  ];
}

function write(res: ServerResponse, answer: Answer, hasBody: boolean): void {
  res.writeHead(answer.status, answer.reason, headersOf(answer).flat());
  res.end(hasBody ? answer.body : undefined);
}

function reject(stream: Duplex, answer: Answer): void {
  const head = headersOf(answer).map(([name, value]) => `${name}: ${value}\r\n`);
  stream.on("error", () => stream.destroy());
  stream.write(`HTTP/1.1 ${answer.status} ${answer.reason}\r\n${head.join("")}`);
  stream.end(`Connection: close\r\n\r\n${String(answer.body)}`);
}
