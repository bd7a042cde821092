import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly body: string;
  readonly signature: string;
}

/**
 * Answers each POST with `answer()` (a status, or undefined = no answer at all) and remembers it. A
 * connection on which it did not answer well is not used again.
 */
export async function openReceiver(answer: () => number | undefined = () => 200) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({
        body: Buffer.concat(chunks).toString("utf8"),
        signature: String(request.headers["stripe-signature"]),
      });
      const status = answer();
      if (status === undefined) response.destroy();
      else {
        response.shouldKeepAlive = status < 300;
        response.writeHead(status, { location: "http://127.0.0.1:1/elsewhere" }).end("ok");
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
