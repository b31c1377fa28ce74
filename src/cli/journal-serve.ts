// journal at --serve: the state at a point as JSON over HTTP, for tools of this machine.
//
// It holds what was asked once: a few documents that never change. A page of the web that a browser
// shows could reach the port under a name of its own, so only our own names are answered.
//
// tidy: tested by test/src/cli/journal-command.test.ts
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { AlphaError } from "../errors.ts";
import { codeOf } from "../journal/disk.ts";
import { wholeOf } from "./journal-place.ts";

const HOST = "127.0.0.1";
const PORT_MAX = 65_535;

/** A port as it was named; throws CONFIG_INVALID. */
export function portOf(text: string): number {
  const port = wholeOf(text, "--serve");
  if (port <= PORT_MAX) return port;
  const what = `--serve ${port} is no port`;
  throw new AlphaError("CONFIG_INVALID", what, `use 1 to ${PORT_MAX}, or 0 for a free one`);
}

/** Documents being served. */
export interface StateServer {
  url: string;
  close: () => Promise<void>;
}

/** Serves JSON documents by their path ("/", "/orders"); port 0 is any free one. SERVE_PORT. */
export async function serveState(
  documents: ReadonlyMap<string, string>,
  port: number,
): Promise<StateServer> {
  const server = createServer((request, response) => answer(documents, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      const what = `port ${port} of ${HOST} cannot be served: ${codeOf(cause)}`;
      reject(new AlphaError("SERVE_PORT", what, "name another port, or 0 for a free one", cause));
    });
    server.listen(port, HOST, resolve);
  });
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function answer(
  documents: ReadonlyMap<string, string>,
  { method, url = "", headers, socket }: IncomingMessage,
  response: ServerResponse,
): void {
  const names = [`${HOST}:${socket.localPort}`, `localhost:${socket.localPort}`];
  const found = documents.get(url.split("?")[0] ?? "");
  if (!names.includes(headers.host ?? "")) return send(response, 403, refusal("unknown host name"));
  if (method !== "GET" && method !== "HEAD") return send(response, 405, refusal("only GET"));
  if (found !== undefined) return send(response, 200, found);
  send(response, 404, refusal(`there are ${[...documents.keys()].join(" ")}`));
}

function refusal(error: string): string {
  return `${JSON.stringify({ error })}\n`;
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(body);
}
