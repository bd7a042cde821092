import { type Kysely, type Selectable, sql, type Transaction } from "kysely";
import type { SecretKeysTable } from "../db/foundation-tables.ts";
import type { CollectDatabase } from "../db/tables.ts";
import type { KeyPermissions } from "../domain/key-permissions.ts";
import { missing } from "../errors.ts";
import { newId } from "../ids.ts";

export type SecretKeyRow = Selectable<SecretKeysTable>;

/** Whose a key is and what it may do. */
export interface KeyOwner {
  readonly accountId: string;
  readonly livemode: boolean;
  /** null: everything. */
  readonly permissions: KeyPermissions | null;
  readonly isConfigured: boolean;
  /** It works no longer, on real time. */
  readonly hasExpired: boolean;
}

const MINUTES_BETWEEN_MARKS = 1;

/**
 * Whose key this is, by its hash; undefined for one that is unknown. Notes the use of a key that
 * works, once a minute at most.
 */
export async function findKeyOwner(
  db: Kysely<CollectDatabase>,
  keyHash: string,
): Promise<KeyOwner | undefined> {
  const row = await db
    .selectFrom("secret_keys")
    .select(["id", "account_id", "livemode", "permissions", "is_configured"])
    .select([
      sql<boolean>`coalesce(last_used_at < now() - make_interval(mins => ${MINUTES_BETWEEN_MARKS}),
        true)`.as("stale"),
      sql<boolean>`coalesce(expires_at <= now(), false)`.as("has_expired"),
    ])
    .where("key_hash", "=", keyHash)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (row.stale && !row.has_expired) {
    await db
      .updateTable("secret_keys")
      .set({ last_used_at: sql`now()` })
      .where("id", "=", row.id)
      .execute();
  }
  return {
    accountId: row.account_id,
    livemode: row.livemode,
    permissions: row.permissions,
    isConfigured: row.is_configured,
    hasExpired: row.has_expired,
  };
}

/** A key to add. Instants are on real time. */
export interface NewKey {
  readonly keyHash: string;
  readonly accountId: string;
  readonly livemode: boolean;
  readonly createdAt: string;
  readonly name: string | null;
  readonly masked: string;
  readonly permissions: KeyPermissions | null;
  readonly expiresAt: string | null;
}

export async function insertKey(
  tx: Transaction<CollectDatabase>,
  key: NewKey,
): Promise<SecretKeyRow> {
  return tx
    .insertInto("secret_keys")
    .values({
      id: newId("key"),
      key_hash: key.keyHash,
      account_id: key.accountId,
      livemode: key.livemode,
      created_at: key.createdAt,
      name: key.name,
      masked: key.masked,
      permissions: key.permissions === null ? null : JSON.stringify(key.permissions),
      expires_at: key.expiresAt,
      last_used_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/**
 * Makes this the one key that the server's settings name: the one before stops working. A key that was
 * made through the API may become it, whatever end it had. Throws when it is another account's.
 */
export async function replaceConfiguredKey(
  tx: Transaction<CollectDatabase>,
  owner: Pick<KeyOwner, "accountId" | "livemode">,
  key: { readonly keyHash: string; readonly masked: string; readonly createdAt: string },
): Promise<void> {
  await tx
    .deleteFrom("secret_keys")
    .where("account_id", "=", owner.accountId)
    .where("livemode", "=", owner.livemode)
    .where("is_configured", "=", true)
    .where("key_hash", "<>", key.keyHash)
    .execute();
  const configured = await tx
    .insertInto("secret_keys")
    .values({
      id: newId("key"),
      key_hash: key.keyHash,
      account_id: owner.accountId,
      livemode: owner.livemode,
      created_at: key.createdAt,
      name: "configured",
      masked: key.masked,
      is_configured: true,
      expires_at: null,
      last_used_at: null,
    })
    .onConflict((clash) =>
      clash
        .column("key_hash")
        .doUpdateSet({ is_configured: true, masked: key.masked, expires_at: null })
        .where("secret_keys.account_id", "=", owner.accountId)
        .where("secret_keys.livemode", "=", owner.livemode),
    )
    .returning("id")
    .executeTakeFirst();
  if (configured === undefined) throw new Error("The configured key belongs to another account");
}

/** The keys of an account in these modes, newest first, with those that have expired. */
export async function listKeys(
  db: Kysely<CollectDatabase>,
  accountId: string,
  modes: readonly boolean[],
): Promise<SecretKeyRow[]> {
  return db
    .selectFrom("secret_keys")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("livemode", "in", modes)
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .execute();
}

/** Whether an account has, or ever had, a key of live mode. */
export async function hasLiveKey(db: Kysely<CollectDatabase>, accountId: string): Promise<boolean> {
  const row = await db
    .selectFrom("secret_keys")
    .select("id")
    .where("account_id", "=", accountId)
    .where("livemode", "=", true)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Locks one key of an account in one of these modes. Throws 404. */
export async function lockKey(
  tx: Transaction<CollectDatabase>,
  accountId: string,
  modes: readonly boolean[],
  id: string,
): Promise<SecretKeyRow> {
  const row = await tx
    .selectFrom("secret_keys")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("livemode", "in", modes)
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw missing("key", id, "key");
  return row;
}

/** A locked key stops working at an instant on real time. */
export async function expireKey(
  tx: Transaction<CollectDatabase>,
  id: string,
  expiresAt: string,
): Promise<SecretKeyRow> {
  return tx
    .updateTable("secret_keys")
    .set({ expires_at: expiresAt })
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
}
