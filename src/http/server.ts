import { randomUUID } from "node:crypto";
import swagger from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
} from "fastify";
import type { CoreDb } from "../db/database.ts";
import { AppError } from "../errors.ts";
import type { Services } from "../operations/context.ts";
import { parseExact } from "../platform/json/exact-json.ts";
import { addAudit } from "./audit/audit-writes.ts";
import { addAuthentication } from "./authentication.ts";
import { addErrorHandler, refuseUrl } from "./error-handler.ts";
import { mergeGetBodies } from "./get-body.ts";
import { wrapHandlers } from "./handlers.ts";
import { addMetrics, type HttpMetrics } from "./metrics.ts";
import { toOpenApi } from "./openapi.ts";
import { routeShape } from "./route-shape.ts";
import { describeProblems, validatorOf } from "./validation.ts";

export interface ServerOptions {
  readonly db: CoreDb;
  readonly services: Services;
  readonly metrics: HttpMetrics;
}

const MAX_BODY_BYTES = 8 * 1024 * 1024;
const REQUEST_ID = /^[\w.:-]{1,64}$/;

/** JSON bodies keep every digit of their numbers; webhooks keep their raw bytes. */
function addBodyParsers(http: FastifyInstance): void {
  http.removeAllContentTypeParsers();
  http.addContentTypeParser(
    "*",
    { parseAs: "buffer" },
    async (request: FastifyRequest, body: Buffer) => {
      if (request.routeOptions.config.raw) return body;
      if (body.length === 0) return undefined;
      const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
      if (request.routeOptions.config.form && type === "application/x-www-form-urlencoded") {
        return Object.fromEntries(new URLSearchParams(body.toString("utf8")));
      }
      if (type !== "application/json") {
        throw new AppError("invalid", "invalid_argument", "Send the body as application/json");
      }
      return parseExact(body);
    },
  );
}

/** Reports all that is wrong with a request in one message; unknown fields may be a warning. */
function addValidation(http: FastifyInstance): void {
  http.setValidatorCompiler(({ schema, httpPart }) => validatorOf(schema as object, httpPart));
  http.addHook("onRoute", (route) => {
    route.attachValidation = true;
  });
  http.addHook("preHandler", async (request, reply) => {
    const errors = request.validationError?.validation;
    if (errors === undefined) return;
    const problems = describeProblems(errors as Parameters<typeof describeProblems>[0]);
    const lenient = request.headers["x-ignore-unknown-fields"] === "true";
    const fatal = problems.filter((problem) => !(lenient && problem.unknownField));
    // What we do not know comes first: it is most often the cause of what seems to be missing.
    fatal.sort((a, b) => Number(b.unknownField) - Number(a.unknownField));
    if (fatal[0] !== undefined) {
      const messages = [...new Set(fatal.slice(0, 5).map((problem) => problem.message))];
      throw new AppError("invalid", "invalid_argument", messages.join("; "), {
        field: fatal[0].field,
      });
    }
    const ignored = problems.map((problem) => problem.field);
    if (ignored.length > 0) reply.header("x-ignored-fields", ignored.join(", "));
  });
}

declare module "fastify" {
  interface FastifyInstance {
    /** Shapes of all routes declared so far. */
    declaredRoutes: Set<string>;
  }
}

function recordRoutes(http: FastifyInstance): void {
  const declared = new Set<string>();
  http.decorate("declaredRoutes", declared);
  http.addHook("onRoute", ({ method, url }) => {
    for (const one of [method].flat()) declared.add(routeShape(one, url));
  });
}

/** The core's HTTP server with everything that all routes share; routes are registered on it. */
export async function createServer({ db, services, metrics }: ServerOptions) {
  const http = Fastify({
    loggerInstance: services.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: "idle",
    frameworkErrors: refuseUrl,
    routerOptions: { maxParamLength: 512 },
    genReqId: (request) => {
      const given = request.headers["x-request-id"];
      return typeof given === "string" && REQUEST_ID.test(given) ? given : randomUUID();
    },
  }).withTypeProvider<TypeBoxTypeProvider>();
  http.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });
  recordRoutes(http as unknown as FastifyInstance);
  addBodyParsers(http as unknown as FastifyInstance);
  addErrorHandler(http as unknown as FastifyInstance);
  addMetrics(http as unknown as FastifyInstance, metrics);
  await http.register(swagger, toOpenApi());
  addAuthentication(http as unknown as FastifyInstance, db, services);
  mergeGetBodies(http as unknown as FastifyInstance);
  addValidation(http as unknown as FastifyInstance);
  addAudit(http as unknown as FastifyInstance, db, services);
  wrapHandlers(http as unknown as FastifyInstance, db, services);
  return http;
}

export type CoreServer = Awaited<ReturnType<typeof createServer>>;
