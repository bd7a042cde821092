import { sql } from "kysely";
import { instant, instantText, Temporal } from "../../domain/time.ts";
import { unseal } from "../../platform/secrets/encryption.ts";
import type { Scope } from "../scope.ts";

const KEPT_HOURS = 24;
const PURGE_BATCH = 20;

export interface StoredReply {
  readonly requestHash: string;
  readonly status: number;
  readonly body: string;
  readonly requestId: string;
}

/**
 * Takes a key for the rest of the transaction. False when another request holds it just now. The
 * lock is the database's, so it ends with the transaction, whatever ends that.
 */
export async function tryLockKey(scope: Scope, key: string): Promise<boolean> {
  const name = `${scope.accountId}/${scope.livemode}/${key}`;
  const { rows } = await sql<{ locked: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as locked`.execute(scope.tx);
  return rows[0]?.locked ?? false;
}

/** The reply that was given under this key in the last 24 hours of the scope's clock. */
export async function findReply(scope: Scope, key: string): Promise<StoredReply | undefined> {
  const row = await scope.tx
    .selectFrom("idempotency_keys")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("key", "=", key)
    .where("expires_at", ">", scope.nowAt)
    .executeTakeFirst();
  return (
    row && {
      requestHash: row.request_hash,
      status: row.status,
      body: unseal(scope.vault, row.body),
      requestId: row.request_id,
    }
  );
}

/** Keeps a reply under its key, sealed since it may hold a secret, in the transaction that holds the reply's effects. */
export async function insertReply(scope: Scope, key: string, reply: StoredReply): Promise<void> {
  const expiresAt = instant(scope.nowAt).add(Temporal.Duration.from({ hours: KEPT_HOURS }));
  const values = {
    request_hash: reply.requestHash,
    status: reply.status,
    body: scope.vault.encrypt(reply.body),
    request_id: reply.requestId,
    expires_at: instantText(expiresAt),
  };
  await scope.tx
    .insertInto("idempotency_keys")
    .values({ account_id: scope.accountId, livemode: scope.livemode, key, ...values })
    .onConflict((clash) => clash.columns(["account_id", "livemode", "key"]).doUpdateSet(values))
    .execute();
}

/** Forgets some expired keys, so that the table stays as large as a day's requests. */
export async function purgeExpired(scope: Scope): Promise<void> {
  await sql`delete from collect.idempotency_keys where ctid in (
    select ctid from collect.idempotency_keys
    where account_id = ${scope.accountId} and livemode = ${scope.livemode}
      and expires_at <= ${scope.nowAt}::timestamptz
    limit ${PURGE_BATCH} for update skip locked)`.execute(scope.tx);
}
