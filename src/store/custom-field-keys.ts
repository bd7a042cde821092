import { sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { CustomFieldEntity } from "../domain/custom-fields/entity.ts";
import { conflict } from "../errors.ts";
import { violatedConstraint } from "../platform/database/database.ts";

export interface CustomFieldKey {
  readonly entity: CustomFieldEntity;
  readonly key: string;
  readonly enforceUniqueness: boolean;
  readonly removedAt: string | null;
  readonly position: bigint;
}

const columns = [
  "entity",
  "key",
  "enforce_uniqueness as enforceUniqueness",
  "removed_at as removedAt",
  "position",
] as const;

/** Every key that values of this entity may have, held against removal until the transaction ends. */
export async function lockCustomFieldKeys(
  tx: CoreTransaction,
  environmentId: string,
  entity: CustomFieldEntity,
): Promise<CustomFieldKey[]> {
  const rows = await tx
    .selectFrom("custom_field_keys")
    .select(columns)
    .where("environment_id", "=", environmentId)
    .where("entity", "=", entity)
    .where("removed_at", "is", null)
    .orderBy("key")
    .forShare()
    .execute();
  return rows.map((row) => ({ ...row, entity }));
}

/** One page of keys, oldest first; one row more than `limit`. No entities means all of them. */
export async function listCustomFieldKeys(
  db: CoreDb,
  environmentId: string,
  entities: readonly CustomFieldEntity[],
  after: bigint | undefined,
  limit: number,
): Promise<CustomFieldKey[]> {
  let query = db
    .selectFrom("custom_field_keys")
    .select(columns)
    .where("environment_id", "=", environmentId)
    .where("removed_at", "is", null)
    .where("position", ">", after ?? 0n);
  if (entities.length > 0) query = query.where("entity", "in", entities);
  const rows = await query
    .orderBy("position")
    .limit(limit + 1)
    .execute();
  return rows.map((row) => ({ ...row, entity: row.entity as CustomFieldEntity }));
}

/** The key, removed or not, held until the end of the transaction; undefined when never added. */
export async function lockCustomFieldKey(
  tx: CoreTransaction,
  environmentId: string,
  entity: CustomFieldEntity,
  key: string,
): Promise<CustomFieldKey | undefined> {
  const row = await tx
    .selectFrom("custom_field_keys")
    .select(columns)
    .where("environment_id", "=", environmentId)
    .where("entity", "=", entity)
    .where("key", "=", key)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? undefined : { ...row, entity };
}

/** Adds a key, or brings a removed one back with the values it had. */
export async function upsertCustomFieldKey(
  tx: CoreTransaction,
  environmentId: string,
  { entity, key, enforceUniqueness }: Omit<CustomFieldKey, "position" | "removedAt">,
): Promise<void> {
  await tx
    .insertInto("custom_field_keys")
    .values({ environment_id: environmentId, entity, key, enforce_uniqueness: enforceUniqueness })
    .onConflict((clash) =>
      clash
        .columns(["environment_id", "entity", "key"])
        .doUpdateSet({ enforce_uniqueness: enforceUniqueness, removed_at: null }),
    )
    .execute();
  try {
    await tx
      .updateTable("custom_field_values")
      .set({ unique_value: enforceUniqueness ? sql.ref("value") : null })
      .where("environment_id", "=", environmentId)
      .where("entity", "=", entity)
      .where("key", "=", key)
      .execute();
  } catch (error) {
    if (violatedConstraint(error) !== "custom_field_values_unique") throw error;
    throw conflict(`Stored values of the key "${key}" are not unique`, "custom_field_not_unique");
  }
}

/** Hides a key and its stored values. */
export async function removeCustomFieldKey(
  tx: CoreTransaction,
  environmentId: string,
  entity: CustomFieldEntity,
  key: string,
  removedAt: string,
): Promise<void> {
  await tx
    .updateTable("custom_field_keys")
    .set({ removed_at: removedAt })
    .where("environment_id", "=", environmentId)
    .where("entity", "=", entity)
    .where("key", "=", key)
    .execute();
}
