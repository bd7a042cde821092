import type { FastifyInstance } from "fastify";
import type { CoreDb } from "../db/database.ts";
import { AppError } from "../errors.ts";
import { isAccessToken, readAccessToken } from "../operations/access-tokens.ts";
import type { Environment, Services } from "../operations/context.ts";
import { hashSecret } from "../platform/secrets/secret-hash.ts";
import { findToken, findTokenById } from "../store/api-tokens.ts";

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

/** The token behind what was sent, an API token or an access token, and until when it may be trusted. */
async function findSent(
  db: CoreDb,
  { vault }: Pick<Services, "vault">,
  secret: string,
): Promise<{ token: Token; until: number } | undefined> {
  const until = Date.now() + CACHE_MS;
  if (!isAccessToken(secret)) {
    const token = await findToken(db, hashSecret(secret));
    return token && { token, until };
  }
  const { tokenId, untilMs } = readAccessToken(vault, secret, Date.now());
  const token = await findTokenById(db, tokenId);
  return token && { token, until: Math.min(until, untilMs) };
}

/** Every route needs `Authorization: Bearer <token>` unless its config says it is public. */
export function addAuthentication(
  http: FastifyInstance,
  db: CoreDb,
  services: Pick<Services, "vault">,
): void {
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
    const found = await findSent(db, services, secret);
    if (found === undefined) throw refuse("The API token is not valid");
    if (cache.size >= CACHE_SIZE) cache.clear();
    cache.set(secret, found);
    request.token = found.token;
  });
}
