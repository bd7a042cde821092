import type { Kysely, Transaction } from "kysely";
import { FIRST_VERSION } from "../api-version.ts";
import type { CollectDatabase } from "../db/tables.ts";
import { newId } from "../ids.ts";

export interface KeyOwner {
  readonly accountId: string;
  readonly livemode: boolean;
}

/** Whose key this is, by its hash; undefined for an unknown key. */
export async function findKeyOwner(
  db: Kysely<CollectDatabase>,
  keyHash: string,
): Promise<KeyOwner | undefined> {
  const row = await db
    .selectFrom("secret_keys")
    .select(["account_id", "livemode"])
    .where("key_hash", "=", keyHash)
    .executeTakeFirst();
  return row && { accountId: row.account_id, livemode: row.livemode };
}

/** The API version an account's requests have when they name none. */
export async function getDefaultVersion(
  db: Kysely<CollectDatabase>,
  accountId: string,
): Promise<string> {
  const row = await db
    .selectFrom("accounts")
    .select("default_api_version")
    .where("id", "=", accountId)
    .executeTakeFirstOrThrow();
  return row.default_api_version;
}

/** The account of this name, made when it does not exist yet. `createdAt` is on real time. */
export async function ensureAccount(
  tx: Transaction<CollectDatabase>,
  name: string,
  createdAt: string,
): Promise<string> {
  await tx
    .insertInto("accounts")
    .values({ id: newId("acct"), name, created_at: createdAt, default_api_version: FIRST_VERSION })
    .onConflict((clash) => clash.column("name").doNothing())
    .execute();
  const row = await tx
    .selectFrom("accounts")
    .select("id")
    .where("name", "=", name)
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Makes this the only key of an account in one mode: an earlier one stops working. */
export async function replaceKey(
  tx: Transaction<CollectDatabase>,
  owner: KeyOwner,
  keyHash: string,
  createdAt: string,
): Promise<void> {
  await tx
    .deleteFrom("secret_keys")
    .where("account_id", "=", owner.accountId)
    .where("livemode", "=", owner.livemode)
    .where("key_hash", "<>", keyHash)
    .execute();
  await tx
    .insertInto("secret_keys")
    .values({
      key_hash: keyHash,
      account_id: owner.accountId,
      livemode: owner.livemode,
      created_at: createdAt,
    })
    .onConflict((clash) => clash.column("key_hash").doNothing())
    .execute();
}
