import type { Socket } from "node:net";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { AppError, type ErrorKind } from "../../errors.ts";
import { newId } from "../ids.ts";
import { accountAdminEndpoints } from "./administration/account-endpoints.ts";
import type { AdminEndpoint } from "./administration/admin-endpoint.ts";
import { dispatchAdmin } from "./administration/dispatch-admin.ts";
import { keyAdminEndpoints } from "./administration/key-endpoints.ts";
import { type DispatchContext, dispatch, type IncomingRequest } from "./dispatch.ts";
import type { Endpoint } from "./endpoint.ts";
import { toErrorReply } from "./error-body.ts";
import { addPages } from "./pages.ts";

/** 250 lines with everything on them are under 2 MB. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** For all of a request to arrive; who drips its bytes holds a connection no longer than this. */
const REQUEST_TIMEOUT_MS = 60_000;
const FORM = "application/x-www-form-urlencoded";
const JSON_BODY = "application/json";
/** Where accounts are managed; bodies may be JSON there. */
const ADMINISTRATION = "/ledgerline/";
const KIND_BY_STATUS: Readonly<Record<number, ErrorKind>> = { 413: "too_large" };

const header = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

/** Matches every path of a template, to tell "no such path" from "no such method". */
const toPattern = (path: string): RegExp => new RegExp(`^${path.replace(/:\w+/g, "[^/]+")}$`);

const noSuchUrl = (method: string, url: string): AppError =>
  new AppError(
    "not_found",
    "invalid_argument",
    `Unrecognized request URL (${method}: ${url}). Please see https://docs.stripe.com or the compatibility notes of this server.`,
  );

/** What Fastify itself refuses (too large, malformed) in our words; other things pass as they are. */
function fromTransport(error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  const status = "statusCode" in error ? Number(error.statusCode) : 500;
  if (!(status >= 400 && status < 500)) return error;
  return new AppError(KIND_BY_STATUS[status] ?? "invalid", "invalid_argument", error.message);
}

function sendError(reply: FastifyReply, logger: Logger, requestId: string, cause: unknown) {
  const error = fromTransport(cause);
  const { status, body } = toErrorReply(error, requestId);
  if (status >= 500) logger.error({ err: error, requestId }, "request failed");
  // The reason a conflict or fault is worth another try; the official client obeys this header.
  reply.header("stripe-should-retry", status >= 500 || status === 409 ? "true" : "false");
  return reply.code(status).type("application/json").send(JSON.stringify(body));
}

/** What Node's parser refuses before there is a request (an address of 20,000 characters), in our words. */
function refuseUnreadable(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const tooLong = error.code === "HPE_HEADER_OVERFLOW";
  const refusal = new AppError(
    "invalid",
    "invalid_argument",
    tooLong
      ? "The address and headers of this request are too long; long parameters belong in the body of a POST."
      : "This is not a readable HTTP request.",
  );
  const requestId = newId("req");
  const body = JSON.stringify(toErrorReply(refusal, requestId).body);
  const status = tooLong ? "431 Request Header Fields Too Large" : "400 Bad Request";
  socket.end(
    `HTTP/1.1 ${status}\r\nrequest-id: ${requestId}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

const wrongContentType = (): AppError =>
  new AppError(
    "invalid",
    "invalid_argument",
    `Invalid request (check that your POST content type is ${FORM}).`,
  );

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of a body. Throws 400 when its bytes are none. */
function decodeBody(body: Buffer): string {
  try {
    return UTF8.decode(body);
  } catch {
    throw new AppError("invalid", "parameter_invalid", "The body of the request is not UTF-8.");
  }
}

function assertPlainBody(encoding: string | undefined): void {
  if (encoding === undefined || encoding.toLowerCase() === "identity") return;
  throw new AppError(
    "invalid",
    "invalid_argument",
    "Bodies are read as they are: send this one without Content-Encoding, not compressed.",
  );
}

/** The HTTP surface: every reply is JSON, carries the request's id and, when it failed, `error`. */
export function createServer(
  context: DispatchContext,
  endpoints: readonly Endpoint[],
): FastifyInstance {
  const server = Fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    exposeHeadRoutes: false,
    clientErrorHandler: refuseUnreadable,
    genReqId: () => newId("req"),
    routerOptions: { maxParamLength: 255 },
    frameworkErrors: (error, request, reply) => {
      void sendError(reply, context.logger, request.id, error);
    },
  });
  server.addHook("onRequest", async (request, reply) => {
    reply.header("request-id", request.id);
    const key = header(request, "idempotency-key");
    if (key !== undefined) reply.header("idempotency-key", key);
    const version = header(request, "stripe-version");
    if (version !== undefined) reply.header("stripe-version", version);
    assertPlainBody(header(request, "content-encoding"));
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    FORM,
    { parseAs: "buffer" },
    async (_request: FastifyRequest, body: Buffer) => decodeBody(body),
  );
  server.addContentTypeParser(
    JSON_BODY,
    { parseAs: "buffer" },
    async (request: FastifyRequest, body: Buffer) => {
      if (!request.url.startsWith(ADMINISTRATION)) throw wrongContentType();
      return decodeBody(body);
    },
  );
  server.addContentTypeParser("*", (_request, _payload, done) => {
    done(wrongContentType());
  });
  server.setErrorHandler((error, request, reply) =>
    sendError(reply, context.logger, request.id, error),
  );
  const routes = [...endpoints, ...ADMIN_ENDPOINTS].map(({ method, path }) => ({
    method,
    pattern: toPattern(path),
  }));
  server.setNotFoundHandler((request, reply) => {
    const url = request.url.split("?")[0] ?? "";
    const allowed = routes.filter(({ pattern }) => pattern.test(url)).map(({ method }) => method);
    if (allowed.length === 0) {
      return sendError(reply, context.logger, request.id, noSuchUrl(request.method, url));
    }
    const error = new AppError(
      "invalid",
      "invalid_argument",
      `${request.method} is not allowed on ${url}`,
    );
    const { body } = toErrorReply(error, request.id);
    reply.code(405).header("allow", [...new Set(allowed)].sort().join(", "));
    return reply.type("application/json").send(JSON.stringify(body));
  });
  for (const endpoint of endpoints) addRoute(server, context, endpoint);
  for (const endpoint of ADMIN_ENDPOINTS) addAdminRoute(server, context, endpoint);
  addPages(server, context);
  return server;
}

const ADMIN_ENDPOINTS: readonly AdminEndpoint[] = [...accountAdminEndpoints, ...keyAdminEndpoints];

/** A request without what HTTP wraps around it. */
function toIncoming(request: FastifyRequest): IncomingRequest {
  // An id with a NUL cannot be in the database, and may not be asked for there.
  if (request.url.includes("%00")) throw noSuchUrl(request.method, request.url);
  const [url = "", query = ""] = request.url.split(/\?(.*)/s, 2);
  return {
    id: request.id,
    url,
    query,
    body: typeof request.body === "string" ? request.body : "",
    path: request.params as Readonly<Record<string, string>>,
    authorization: request.headers.authorization,
    account: header(request, "stripe-account"),
    version: header(request, "stripe-version"),
    idempotencyKey: header(request, "idempotency-key"),
  };
}

function addAdminRoute(
  server: FastifyInstance,
  context: DispatchContext,
  endpoint: AdminEndpoint,
): void {
  server.route({
    method: endpoint.method,
    url: endpoint.path,
    handler: async (request, reply) => {
      const isJson = header(request, "content-type")?.startsWith(JSON_BODY) ?? false;
      const body = await dispatchAdmin(context, endpoint, { ...toIncoming(request), isJson });
      return reply.type("application/json").send(body);
    },
  });
}

function addRoute(server: FastifyInstance, context: DispatchContext, endpoint: Endpoint): void {
  server.route({
    method: endpoint.method,
    url: endpoint.path,
    handler: async (request, reply) => {
      const answer = await dispatch(context, endpoint, toIncoming(request));
      if (answer.replayedFrom !== undefined) {
        reply.header("idempotent-replayed", "true").header("original-request", answer.replayedFrom);
      }
      return reply.code(answer.status).type("application/json").send(answer.body);
    },
  });
}
