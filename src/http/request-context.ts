import type { FastifyRequest } from "fastify";
import type { CoreDb } from "../db/database.ts";
import { assert } from "../errors.ts";
import type { OperationContext, Services } from "../operations/context.ts";
import type { Token } from "./authentication.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Set by authentication; absent on public routes. */
    token: Token | undefined;
    /** What the request's operations stand on; set when the request is valid. */
    operation: OperationContext | undefined;
  }
  interface FastifyContextConfig {
    /** No token needed: health, metrics, documents, webhooks with a signature of their own. */
    public?: boolean;
    /** 400s carry a `code` beside the message, and what is missing is a 400 too. */
    codes?: boolean;
    /** With `codes`: what is missing stays a 404, with its code. */
    missingIs404?: boolean;
    /** With `codes`: what a request is called that is not valid. Default: InvalidArgument. */
    invalidCode?: string;
    /** The body is the exact bytes of the request. */
    raw?: boolean;
    /** A form body is accepted beside JSON. */
    form?: boolean;
    /** The handler makes its own context and reply. */
    plain?: boolean;
    /** Of a write: its operation asks for one snapshot, so the whole request has one. */
    oneSnapshot?: boolean;
  }
}

/** The operation context of an authenticated request. */
export function operationOf(request: FastifyRequest): OperationContext {
  assert(request.operation !== undefined, "route needs authentication");
  return request.operation;
}

/** Builds the context an authenticated request runs in, on the given handle. */
export async function toOperationContext(
  request: FastifyRequest,
  db: CoreDb,
  services: Services,
): Promise<OperationContext> {
  const { token } = request;
  assert(token !== undefined, "request is authenticated");
  return {
    db,
    environment: token.environment,
    now: await services.clock.now(token.environment.name),
    actor: token.name,
    services,
  };
}
