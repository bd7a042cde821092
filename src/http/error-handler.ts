import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AppError, type ErrorKind } from "../errors.ts";

/** The one table from what went wrong to a status. A new kind does not compile until it chooses. */
const STATUS = {
  invalid: 400,
  unsupported: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
} as const satisfies Record<ErrorKind, number>;

/** Answers that the official SDK would repeat by itself although repeating cannot help. */
const POINTLESS_TO_RETRY: ReadonlySet<ErrorKind> = new Set(["conflict", "unsupported"]);

/** The codes that the matched API shows; ours are finer and all mean that the request is not valid. */
const WIRE_CODE = /^[A-Z]\w+NotFound$/;

const toAppError = (error: FastifyError | AppError): AppError | undefined => {
  if (error instanceof AppError) return error;
  const status = error.statusCode ?? 500;
  if (status === 413)
    return new AppError("too_large", "too_large", "The request body is too large");
  if (status === 415) {
    return new AppError("invalid", "invalid_argument", "Send the body as application/json");
  }
  if (status >= 400 && status < 500) {
    return new AppError("invalid", "invalid_argument", error.message);
  }
  return undefined;
};

function sendKnown(error: AppError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { codes = false, missingIs404 = false, invalidCode } = request.routeOptions.config;
  const isMissing = error.kind === "not_found";
  const status = codes && isMissing && !missingIs404 ? 400 : STATUS[error.kind];
  if (POINTLESS_TO_RETRY.has(error.kind)) reply.header("x-should-retry", "false");
  if (status === 401) reply.header("www-authenticate", "Bearer");
  const code = WIRE_CODE.test(error.code) ? error.code : (invalidCode ?? "InvalidArgument");
  const hasCode = codes && (status === 400 || isMissing);
  return reply
    .code(status)
    .send(hasCode ? { message: error.message, code } : { message: error.message });
}

/** Answers a request that never reached a route: its URL cannot be read. */
export function refuseUrl(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  request.log.debug({ err: error }, "unreadable URL");
  reply.code(error.statusCode ?? 400).send({ message: error.message });
}

/** Every failure becomes `{"message": ...}`; a fault of ours says no more than the request's id. */
export function addErrorHandler(http: FastifyInstance): void {
  http.setErrorHandler<FastifyError | AppError>((error, request, reply) => {
    const known = toAppError(error);
    if (known !== undefined && known.kind !== "internal") return sendKnown(known, request, reply);
    request.log.error({ err: error }, "request failed");
    return reply
      .code(500)
      .send({ message: `Internal error. Quote request id ${request.id} when you report it.` });
  });
  http.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send({ message: `No such route: ${request.method} ${request.url.split("?")[0]}` }),
  );
}
