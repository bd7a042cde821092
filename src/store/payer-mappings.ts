import { type SqlBool, sql } from "kysely";
import type { CoreDb } from "../db/database.ts";

export interface MappedEntity {
  readonly environmentId: string;
  /** In m3ter's words: Account, Contract. */
  readonly entity: string;
  readonly entityId: string;
  /** In m3ter's words: the provider, and what of it. In any case. */
  readonly system: string;
  readonly table: string;
  /** A mapping that is linked to it comes before one that is linked to none. */
  readonly configurationId: string;
}

/** What an entity of ours is called at a provider, or undefined. */
export async function findExternalId(
  db: CoreDb,
  { environmentId, entity, entityId, system, table, configurationId }: MappedEntity,
): Promise<string | undefined> {
  const row = await db
    .selectFrom("external_mappings")
    .select("external_id")
    .where("environment_id", "=", environmentId)
    .where("entity_id", "=", entityId)
    .where(sql<SqlBool>`lower(entity) = lower(${entity})`)
    .where(sql<SqlBool>`lower(external_system) = lower(${system})`)
    .where(sql<SqlBool>`lower(external_table) = lower(${table})`)
    .where((eb) =>
      eb.or([eb("configuration_id", "=", configurationId), eb("configuration_id", "is", null)]),
    )
    .orderBy(sql`configuration_id nulls last`)
    .orderBy("position")
    .limit(1)
    .executeTakeFirst();
  return row?.external_id;
}
