// The floor of the journey: 64 bytes to another process and back over loopback TCP, on node:net.
//
// One message in flight, both sides asleep in epoll between messages, no protocol, no work: what a
// Node program on this machine cannot beat while it sleeps. One process is the echo, one pings.
import { connect, createServer, type Server, type Socket } from "node:net";
import { answerParent } from "./child.ts";

const MESSAGE_BYTES = 64;
/** Round trips before the first sample: both sides compile their callbacks. */
const WARM_TRIPS = 2000;

/** What the processes are asked. */
export type FloorRequest = { type: "echo" } | { type: "ping"; port: number; samples: number };

/** Port of the new echo. */
export interface EchoAnswer {
  port: number;
}

/** Microseconds of each round trip. */
export interface PingAnswer {
  micros: Float64Array;
}

let server: Server | undefined;

function echo(): Promise<EchoAnswer> {
  return new Promise((done) => {
    server = createServer({ noDelay: true }, (socket) => {
      socket.on("data", (bytes) => socket.write(bytes));
      socket.on("error", () => socket.destroy());
    });
    server.listen(0, "127.0.0.1", () => {
      const address = server?.address();
      done({ port: typeof address === "object" ? (address?.port ?? 0) : 0 });
    });
  });
}

function ping(port: number, samples: number): Promise<PingAnswer> {
  const micros = new Float64Array(samples);
  const message = Buffer.alloc(MESSAGE_BYTES, 1);
  let trip = -WARM_TRIPS;
  let sentMillis = 0;
  let got = 0;
  return new Promise((done, fail) => {
    const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => send());
    const send = (): void => {
      sentMillis = performance.now();
      socket.write(message);
    };
    socket.on("error", fail);
    socket.on("data", (bytes) => {
      got += bytes.length;
      if (got < MESSAGE_BYTES) return;
      got = 0;
      if (trip >= 0) micros[trip] = (performance.now() - sentMillis) * 1000;
      trip += 1;
      if (trip < samples) return send();
      socket.destroy();
      done({ micros });
    });
  });
}

if (process.send !== undefined) {
  answerParent(
    async (request: FloorRequest) =>
      request.type === "echo" ? echo() : ping(request.port, request.samples),
    async () => {
      server?.close();
    },
  );
}
