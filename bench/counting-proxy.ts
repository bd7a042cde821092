import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

export interface CountingProxy {
  readonly url: string;
  /** Calls that were answered since the last reset. */
  calls(): number;
  /** Of those, the ones that were answered 429. */
  throttled(): number;
  reset(): void;
  close(): Promise<void>;
}

/** Passes every call on to `target` as it comes, and counts. */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const { hostname, port } = new URL(target);
  const agent = new Agent({ keepAlive: true });
  let calls = 0;
  let throttled = 0;
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const call = request({ agent, hostname, port, method, path, headers }, (answer) => {
      calls += 1;
      if (answer.statusCode === 429) throttled += 1;
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    call.on("error", () => outgoing.destroy());
    incoming.pipe(call);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => calls,
    throttled: () => throttled,
    reset() {
      calls = 0;
      throttled = 0;
    },
    close: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
