import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from "fastify";
import type { CoreDb } from "../db/database.ts";
import type { Services } from "../operations/context.ts";
import { inTransaction } from "../platform/database/database.ts";
import { writeExact } from "../platform/json/exact-json.ts";
import { auditOf, runAudited } from "./audit/audit-writes.ts";
import { idempotencyKeyOf, runOnce } from "./idempotency.ts";
import { toOperationContext } from "./request-context.ts";

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** Nothing becomes an empty body: several endpoints answer a bare 200. */
const toBody = (payload: unknown): string => (payload === undefined ? "" : writeExact(payload));

function send(reply: FastifyReply, body: string): FastifyReply {
  if (body === "") return reply.send();
  return reply.type("application/json; charset=utf-8").send(body);
}

/**
 * Gives every authenticated route its operation context, its exact JSON reply and, on POST, the
 * Idempotency-Key rule. Handlers return the payload, or undefined for an empty 200. A write runs in
 * one transaction with its row in the audit log, so a handler must have no effect outside of it:
 * it may run again. Routes whose config says `plain` do all that themselves.
 */
export function wrapHandlers(http: FastifyInstance, db: CoreDb, services: Services): void {
  http.decorateRequest("operation", undefined);
  http.addHook("onRoute", (route) => {
    if (route.config?.public || route.config?.plain) return;
    const handle = route.handler as unknown as Handler;
    const wrapped: Handler = async (request, reply) => {
      const key = idempotencyKeyOf(request);
      const found = auditOf(request);
      const audit = found?.apart ? undefined : found;
      // Read before a transaction holds a connection: reading the clock takes another one.
      const context = await toOperationContext(request, db, services);
      const run = async (scope: CoreDb): Promise<string> => {
        const ctx = { ...context, db: scope };
        request.operation = ctx;
        const work = async () => toBody(await handle.call(http, request, reply));
        return audit === undefined ? work() : runAudited(ctx, audit, { request, reply }, work);
      };
      if (key !== undefined) {
        const { vault } = services;
        return send(reply, await runOnce(request, reply, { db, vault, key }, run));
      }
      if (audit === undefined) return send(reply, await run(db));
      const { oneSnapshot = false } = request.routeOptions.config;
      return send(reply, await inTransaction(db, run, { oneSnapshot }));
    };
    route.handler = wrapped as unknown as RouteHandlerMethod;
  });
}
