import { lookup } from "node:dns/promises";
import http from "node:http";
import https from "node:https";
import { isIP, isIPv6 } from "node:net";
import { AppError } from "../../errors.ts";
import { isPrivateAddress } from "./private-address.ts";

export interface OutgoingPolicy {
  /** Lets addresses that arrive through the API be loopback or private. */
  readonly allowPrivateNetwork: boolean;
  /** `host:port` of services that our own configuration names; they always may be private. */
  readonly trustedHosts: () => readonly string[];
  /** How names become addresses; the system's resolver when absent. */
  readonly resolveName?: (host: string) => Promise<readonly ResolvedAddress[]>;
}

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

export interface OutgoingRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** For the whole call, the resolution of the name included. */
  readonly timeoutMs: number;
  /** What is longer is cut off there. Default 64 KiB. */
  readonly maxResponseBytes?: number;
}

export type Method = "GET" | "POST" | "DELETE";

export interface OutgoingResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface Outgoing {
  /**
   * Calls an address that a user gave us. No redirects, bounded time and size, never to a
   * private network unless allowed. Throws AppError (invalid) when the address may not be called
   * and Error when it does not answer.
   */
  request(method: Method, url: string, request: OutgoingRequest): Promise<OutgoingResponse>;
  /** As request, a POST. */
  post(url: string, request: OutgoingRequest): Promise<OutgoingResponse>;
  /** Throws AppError (invalid) when `request` would refuse the address by its look alone. */
  check(url: string): void;
  /**
   * The address of a host that another client is going to call, for clients with protocols of their own.
   * Throws AppError (invalid) when it may not be called. Connect to this address and look up nothing.
   */
  locate(host: string, port?: number): Promise<ResolvedAddress>;
}

const MAX_RESPONSE_BYTES = 65_536;
const LOCATE_TIMEOUT_MS = 10_000;

const refuse = (message: string): AppError => new AppError("invalid", "address_refused", message);

function parseAddress(url: string): URL {
  if (!URL.canParse(url)) throw refuse("url must be an absolute http or https address");
  const parsed = new URL(url);
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") {
    throw refuse("url must start with http:// or https://");
  }
  if (parsed.username !== "" || parsed.password !== "") {
    throw refuse("url must not carry a user name or password");
  }
  return parsed;
}

const bareHost = (url: URL): string => url.hostname.replace(/^\[|\]$/g, "");

const privateRefusal = (host: string): AppError =>
  refuse(
    `${host} is on a private network. Start the server with ALLOW_PRIVATE_NETWORK=1 if it may be called`,
  );

/** `host:port` with the port that `URL` leaves out when it is the scheme's own. */
const hostAndPort = (url: URL): string =>
  `${url.hostname}:${url.port || (url.protocol === "https:" ? "443" : "80")}`;

const systemResolver = (host: string): Promise<readonly ResolvedAddress[]> =>
  lookup(host, { all: true, verbatim: true });

/** Connections that are kept for the next call: how many to one place, and how long. */
const KEPT = { keepAlive: true, maxFreeSockets: 16, timeout: 4000 };

/** The option of a call that names the address it must go to. */
interface Pinned {
  readonly pinnedAddress?: string;
}

/** Makes an agent reuse a connection only for calls to the very address that it goes to. */
function pinning<Agent extends http.Agent>(agent: Agent): Agent {
  const nameOf = agent.getName.bind(agent);
  agent.getName = (options: http.ClientRequestArgs & Pinned) =>
    `${nameOf(options)}|${options.pinnedAddress}`;
  return agent;
}

/** Rejects when `work` takes longer than the signal allows. */
function within<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

/** Guards every request to an address that came in through the API. */
export function createOutgoing(policy: OutgoingPolicy): Outgoing {
  const { resolveName = systemResolver } = policy;
  const agents = {
    http: pinning(new http.Agent(KEPT)),
    https: pinning(new https.Agent(KEPT)),
  };

  function mayBePrivate(url: URL): boolean {
    if (policy.allowPrivateNetwork) return true;
    const trusted = policy.trustedHosts();
    return trusted.includes(url.host) || trusted.includes(hostAndPort(url));
  }

  function check(text: string): URL {
    const url = parseAddress(text);
    const host = bareHost(url);
    if (mayBePrivate(url)) return url;
    const local = host === "localhost" || host.endsWith(".localhost");
    if (local || (isIP(host) !== 0 && isPrivateAddress(host))) throw privateRefusal(host);
    return url;
  }

  /** The address to connect to: the very one that was checked, so that DNS cannot change it after. */
  async function resolve(url: URL, signal: AbortSignal): Promise<ResolvedAddress> {
    const host = bareHost(url);
    const found = await within(signal, resolveName(host));
    const first = found[0];
    if (first === undefined) throw new Error(`${host} has no address`);
    if (!mayBePrivate(url) && found.some(({ address }) => isPrivateAddress(address))) {
      throw privateRefusal(host);
    }
    return first;
  }

  async function call(
    method: Method,
    text: string,
    request: OutgoingRequest,
  ): Promise<OutgoingResponse> {
    const url = check(text);
    const signal = AbortSignal.timeout(request.timeoutMs);
    const pinned = await resolve(url, signal);
    const agent = agents[url.protocol === "https:" ? "https" : "http"];
    return send(url, pinned, request, { method, signal, agent });
  }

  return {
    check: (text) => void check(text),
    async locate(host, port = 443) {
      const url = check(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`);
      return resolve(url, AbortSignal.timeout(LOCATE_TIMEOUT_MS));
    },
    request: call,
    post: (url, request) => call("POST", url, request),
  };
}

interface Way {
  readonly method: Method;
  readonly signal: AbortSignal;
  readonly agent: http.Agent | false;
}

/** A connection that was kept broke before an answer came: its other end had just closed it. */
const isGoneConnection = (call: http.ClientRequest, error: unknown): boolean =>
  call.reusedSocket &&
  error instanceof Error &&
  "code" in error &&
  (error.code === "ECONNRESET" || error.code === "EPIPE");

function send(
  url: URL,
  pinned: ResolvedAddress,
  request: OutgoingRequest,
  { method, signal, agent }: Way,
): Promise<OutgoingResponse> {
  const { headers, body, maxResponseBytes = MAX_RESPONSE_BYTES } = request;
  const transport = url.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const options: https.RequestOptions & Pinned = {
      method,
      agent,
      pinnedAddress: pinned.address,
      headers: { ...headers, "content-length": Buffer.byteLength(body) },
      signal,
      lookup: (_host, { all }, done) =>
        all ? done(null, [{ ...pinned }]) : done(null, pinned.address, pinned.family),
    };
    const call = transport.request(url, options, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size <= maxResponseBytes) chunks.push(chunk);
        else response.destroy();
      });
      response.on("error", reject);
      response.on("close", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString("utf8"),
        }),
      );
    });
    call.on("error", (error) => {
      if (!isGoneConnection(call, error)) reject(error);
      else send(url, pinned, request, { method, signal, agent: false }).then(resolve, reject);
    });
    call.end(body);
  });
}
