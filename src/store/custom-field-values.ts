import { sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { CustomFieldEntity, CustomFields } from "../domain/custom-fields/entity.ts";
import { conflict } from "../errors.ts";
import { violatedConstraint } from "../platform/database/database.ts";

/**
 * The custom fields of many entities of one kind, by entity id; each asked id has an entry. Values
 * of removed keys are hidden.
 */
export async function listCustomFields(
  db: CoreDb,
  environmentId: string,
  entity: CustomFieldEntity,
  entityIds: readonly string[],
): Promise<Map<string, CustomFields>> {
  const found = new Map<string, Record<string, string>>(entityIds.map((id) => [id, {}]));
  if (entityIds.length === 0) return found;
  const rows = await db
    .selectFrom("custom_field_values as stored")
    .innerJoin("custom_field_keys as known", (join) =>
      join
        .onRef("known.environment_id", "=", "stored.environment_id")
        .onRef("known.entity", "=", "stored.entity")
        .onRef("known.key", "=", "stored.key"),
    )
    .select(["stored.entity_id", "stored.key", "stored.value"])
    .where("stored.environment_id", "=", environmentId)
    .where("stored.entity", "=", entity)
    .where("stored.entity_id", "=", sql<string>`any(${entityIds}::uuid[])`)
    .where("known.removed_at", "is", null)
    .orderBy("stored.key")
    .execute();
  for (const { entity_id: id, key, value } of rows) {
    // Defined, not assigned: a key may be named like a property that every object inherits.
    Object.defineProperty(found.get(id), key, { value, enumerable: true, configurable: true });
  }
  return found;
}

export interface StoredCustomField {
  readonly key: string;
  readonly value: string;
  readonly unique: boolean;
}

/** Sets the given keys of one entity and leaves its others alone. */
export async function upsertCustomFields(
  tx: CoreTransaction,
  environmentId: string,
  entity: CustomFieldEntity,
  entityId: string,
  fields: readonly StoredCustomField[],
): Promise<void> {
  if (fields.length === 0) return;
  try {
    await tx
      .insertInto("custom_field_values")
      .values(
        fields.map(({ key, value, unique }) => ({
          environment_id: environmentId,
          entity,
          entity_id: entityId,
          key,
          value,
          unique_value: unique ? value : null,
        })),
      )
      .onConflict((clash) =>
        clash.columns(["environment_id", "entity", "entity_id", "key"]).doUpdateSet((row) => ({
          value: row.ref("excluded.value"),
          unique_value: row.ref("excluded.unique_value"),
        })),
      )
      .execute();
  } catch (error) {
    if (violatedConstraint(error) !== "custom_field_values_unique") throw error;
    throw conflict(
      `Another ${entity} has the same value in a custom field that must be unique`,
      "custom_field_not_unique",
    );
  }
}

/** One thing whose value of a key has more characters than `most`, with their number; or undefined. */
export async function findLongCustomField(
  db: CoreDb,
  environmentId: string,
  { entity, key }: { readonly entity: CustomFieldEntity; readonly key: string },
  most: number,
): Promise<{ readonly entityId: string; readonly length: number } | undefined> {
  return db
    .selectFrom("custom_field_values")
    .where("environment_id", "=", environmentId)
    .where("entity", "=", entity)
    .where("key", "=", key)
    .where(sql`length(value)`, ">", most)
    .select(["entity_id as entityId", sql<number>`length(value)`.as("length")])
    .limit(1)
    .executeTakeFirst();
}

/** Deletes the values of some keys of one entity. */
export async function deleteCustomFields(
  tx: CoreTransaction,
  environmentId: string,
  entity: CustomFieldEntity,
  entityId: string,
  keys: readonly string[],
): Promise<void> {
  await tx
    .deleteFrom("custom_field_values")
    .where("environment_id", "=", environmentId)
    .where("entity", "=", entity)
    .where("entity_id", "=", entityId)
    .where("key", "=", sql<string>`any(${keys}::text[])`)
    .execute();
}
