import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Call, Reply } from "./call.ts";

/** "cut" destroys the connection, "hold" answers when `release` is called. */
export interface Answer {
  readonly reply: Reply;
  readonly instead?: "cut" | "hold";
}

export interface Server {
  readonly url: string;
  release(): void;
  close(): Promise<void>;
}

/** A server on a port of its own that answers each call, whose body it reads whole and as it came. */
export async function openServer(
  answer: (call: Call) => Promise<Answer>,
  port: number,
): Promise<Server> {
  const held = new Set<() => void>();
  const send = (response: ServerResponse, { status, headers, body }: Reply): void => {
    if (!response.destroyed) response.writeHead(status, headers).end(body);
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url ?? "", "http://stand-in");
      const call: Call = {
        method: request.method ?? "",
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body: Buffer.concat(chunks).toString("utf8"),
      };
      answer(call).then(
        ({ reply, instead }) => {
          if (instead === "cut") request.socket.destroy();
          else if (instead === "hold") held.add(() => send(response, reply));
          else send(response, reply);
        },
        (error: unknown) => {
          console.error(error);
          request.socket.destroy();
        },
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const release = () => {
    for (const answerHeld of held) answerHeld();
    held.clear();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    release,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
