import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { CoreDb } from "../db/database.ts";
import { conflict, invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import type { Vault } from "../platform/secrets/encryption.ts";
import { insertIdempotentReply, lockIdempotentReply } from "../store/idempotent-requests.ts";

const MAX_KEY_LENGTH = 255;

/** The caller's `Idempotency-Key` on a POST, or undefined. */
export function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const key = request.headers["idempotency-key"];
  if (request.method !== "POST" || key === undefined) return undefined;
  if (typeof key !== "string" || key === "" || key.length > MAX_KEY_LENGTH) {
    throw invalid(`Idempotency-Key must have 1 to ${MAX_KEY_LENGTH} characters`);
  }
  return key;
}

const hashRequest = (request: FastifyRequest): string =>
  createHash("sha256")
    .update(`${request.method} ${request.url}\n${JSON.stringify(request.body ?? null)}`)
    .digest("hex");

/**
 * Runs a POST whose effect and reply are stored in one transaction, so that repeating it gives the
 * first reply and changes nothing, also when the process died in between. A reply that refuses the
 * request is not stored. Replies are stored encrypted: some show a new secret.
 */
export async function runOnce(
  request: FastifyRequest,
  reply: FastifyReply,
  { db, vault, key }: { readonly db: CoreDb; readonly vault: Vault; readonly key: string },
  handle: (db: CoreDb) => Promise<string>,
): Promise<string> {
  const environmentId = request.token?.environment.id ?? "";
  const requestHash = hashRequest(request);
  return inTransaction(db, async (tx) => {
    const stored = await lockIdempotentReply(tx, environmentId, key);
    if (stored !== undefined) {
      if (stored.requestHash !== requestHash) {
        throw conflict(
          "This Idempotency-Key was used with other parameters.",
          "idempotency_key_reused",
        );
      }
      reply.header("idempotent-replayed", "true").code(stored.status);
      return vault.decrypt(stored.body);
    }
    const body = await handle(tx);
    const sealed = vault.encrypt(body);
    await insertIdempotentReply(tx, { environmentId, key, requestHash, status: 200, body: sealed });
    return body;
  });
}
