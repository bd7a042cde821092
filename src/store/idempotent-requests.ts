import { sql } from "kysely";
import type { CoreTransaction } from "../db/database.ts";
import { AppError } from "../errors.ts";

export interface IdempotentReply {
  readonly environmentId: string;
  readonly key: string;
  readonly requestHash: string;
  readonly status: number;
  readonly body: string;
}

/** Takes the key for this transaction; throws a conflict while another request holds it. */
export async function lockIdempotentReply(
  tx: CoreTransaction,
  environmentId: string,
  key: string,
): Promise<IdempotentReply | undefined> {
  const { rows } = await sql<{ locked: boolean }>`select pg_try_advisory_xact_lock(
    hashtextextended(${`idempotency:${environmentId}:${key}`}, 0)) as locked`.execute(tx);
  if (rows[0]?.locked !== true) {
    throw new AppError(
      "conflict",
      "idempotency_key_in_use",
      "A request with this Idempotency-Key is in progress.",
    );
  }
  const row = await tx
    .selectFrom("idempotent_requests")
    .where("environment_id", "=", environmentId)
    .where("key", "=", key)
    .select(["request_hash", "status", "body"])
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return { environmentId, key, requestHash: row.request_hash, status: row.status, body: row.body };
}

/** Keeps the reply under its key, in the transaction of the effect it reports. */
export async function insertIdempotentReply(
  tx: CoreTransaction,
  { environmentId, key, requestHash, status, body }: IdempotentReply,
): Promise<void> {
  await tx
    .insertInto("idempotent_requests")
    .values({ environment_id: environmentId, key, request_hash: requestHash, status, body })
    .execute();
}
