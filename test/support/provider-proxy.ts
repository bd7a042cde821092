import { createServer, type IncomingHttpHeaders, request as openRequest } from "node:http";
import { type AddressInfo, createServer as createSocketServer } from "node:net";

/** One call of the product to its provider. */
export interface ProxiedCall {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What to do with a call: undefined lets it pass, "reset" breaks the connection. */
export type Intercept = (call: ProxiedCall) => Promise<Reply | "reset" | undefined>;

/** As Intercept; "twice" passes the call on a second time, as networks do. */
export type InterceptBefore = (call: ProxiedCall) => Promise<Reply | "reset" | "twice" | undefined>;

/** As Intercept, with what the provider answered. */
export type InterceptAfter = (
  call: ProxiedCall,
  reply: Reply,
) => Promise<Reply | "reset" | undefined>;

export interface ProviderProxy {
  readonly url: string;
  readonly calls: ProxiedCall[];
  /** Asked before a call is forwarded. */
  before: InterceptBefore | undefined;
  /** Asked when the provider has answered, before the caller hears of it. */
  after: InterceptAfter | undefined;
  close(): Promise<void>;
}

async function forward(target: string, url: string, call: ProxiedCall): Promise<Reply> {
  const { method, headers, body } = call;
  return new Promise((resolve, reject) => {
    const sent = openRequest(`${target}${url}`, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const kept = Object.entries(response.headers).filter(
          (entry): entry is [string, string] =>
            typeof entry[1] === "string" && entry[0] !== "transfer-encoding",
        );
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(kept),
          body: Buffer.concat(chunks).toString("utf8"),
        });
      });
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** An error as the provider words it. */
export const providerError = (
  status: number,
  error: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Reply => ({
  status,
  headers: { "content-type": "application/json", "request-id": "req_of_the_proxy", ...headers },
  body: JSON.stringify({ error: { type: "api_error", message: "Out of order", ...error } }),
});

/**
 * Stands between the product and its provider (STRIPE_API_BASE) and passes every call on to
 * `target`, unless it is told to disturb it.
 */
export async function startProviderProxy(target: string): Promise<ProviderProxy> {
  async function answer(url: string, call: ProxiedCall): Promise<Reply | "reset"> {
    proxy.calls.push(call);
    const instead = await proxy.before?.(call);
    if (instead !== undefined && instead !== "twice") return instead;
    if (instead === "twice") await forward(target, url, call);
    const reply = await forward(target, url, call);
    return (await proxy.after?.(call, reply)) ?? reply;
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = request.url ?? "";
      const call: ProxiedCall = {
        method: request.method ?? "",
        path: url.split("?")[0] ?? "",
        headers: request.headers,
        body: Buffer.concat(chunks).toString("utf8"),
      };
      answer(url, call).then(
        (reply) => {
          if (reply === "reset") request.socket.destroy();
          else response.writeHead(reply.status, reply.headers).end(reply.body);
        },
        () => request.socket.destroy(),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const proxy: ProviderProxy = {
    url: `http://127.0.0.1:${port}`,
    calls: [],
    before: undefined,
    after: undefined,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return proxy;
}

/** A port that nobody listens on just now. */
export async function findFreePort(): Promise<number> {
  const server = createSocketServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
