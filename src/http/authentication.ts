import type { FastifyInstance } from "fastify";
import type { CoreDb } from "../db/database.ts";
import { AppError } from "../errors.ts";
import type { Environment } from "../operations/context.ts";
import { hashSecret } from "../platform/secrets/secret-hash.ts";
import { findToken } from "../store/api-tokens.ts";

export interface Token {
  readonly id: string;
  readonly name: string;
  readonly environment: Environment;
}

/** How long a token that was found is trusted before it is looked up again. */
const CACHE_MS = 2000;
const CACHE_SIZE = 1000;

const refuse = (message: string): AppError =>
  new AppError("unauthenticated", "unauthenticated", message);

/** Every route needs `Authorization: Bearer <token>` unless its config says it is public. */
export function addAuthentication(http: FastifyInstance, db: CoreDb): void {
  const cache = new Map<string, { token: Token; until: number }>();
  http.decorateRequest("token", undefined);
  http.addHook("onRequest", async (request) => {
    if (request.routeOptions.config.public || request.is404) return;
    const [scheme, secret] = (request.headers.authorization ?? "").split(" ", 2);
    if (scheme?.toLowerCase() !== "bearer" || !secret) {
      throw refuse("Send the API token as: Authorization: Bearer <token>");
    }
    const cached = cache.get(secret);
    if (cached !== undefined && cached.until > Date.now()) {
      request.token = cached.token;
      return;
    }
    const token = await findToken(db, hashSecret(secret));
    if (token === undefined) throw refuse("The API token is not valid");
    if (cache.size >= CACHE_SIZE) cache.clear();
    cache.set(secret, { token, until: Date.now() + CACHE_MS });
    request.token = token;
  });
}
