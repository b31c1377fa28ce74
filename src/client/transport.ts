// One WebSocket, in Node and in browsers.
//
// Browsers have one built in; Node gets `ws`, loaded only then, so that a page never carries it.
// Also where Node has its own: that one cannot show an Origin, nor say that an address is dead.
//
// tidy: tested by test/src/client/client.test.ts
import type * as Ws from "ws";
import { AlphaError } from "../errors.ts";

/** What the client needs of a WebSocket; both kinds have it. */
export interface Transport {
  binaryType: string;
  readonly readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: { message?: string }) => void) | null;
  send(bytes: Uint8Array): void;
  close(code?: number, reason?: string): void;
}

/** Makes the WebSocket; it may still fail to open. */
export async function openTransport(url: string, origin: string | undefined): Promise<Transport> {
  const builtIn = (globalThis as { WebSocket?: new (url: string) => unknown }).WebSocket;
  let transport: Transport;
  if (builtIn !== undefined && !isNode()) {
    transport = new builtIn(url) as Transport;
  } else {
    const { WebSocket } = await loadWs();
    const options = { perMessageDeflate: false, ...(origin === undefined ? {} : { origin }) };
    transport = new WebSocket(url, options) as unknown as Transport;
  }
  transport.binaryType = "arraybuffer";
  return transport;
}

function isNode(): boolean {
  return typeof process !== "undefined" && typeof process.versions?.node === "string";
}

async function loadWs(): Promise<typeof Ws> {
  try {
    return await import("ws");
  } catch (fault) {
    const remedy = "npm install ws";
    throw new AlphaError("WS_MISSING", "this Node has no WebSocket", remedy, fault);
  }
}
