import { type SqlBool, sql } from "kysely";
import type { CoreDb } from "../db/database.ts";

/** Things of one kind of ours, at one provider. */
export interface MappedEntities {
  readonly environmentId: string;
  /** In m3ter's words: Account, Contract, Product. */
  readonly entity: string;
  readonly entityIds: readonly string[];
  /** In m3ter's words: the provider, and what of it. In any case. */
  readonly system: string;
  readonly table: string;
  /** A mapping that is linked to it comes before one that is linked to none; undefined: only those count. */
  readonly configurationId: string | undefined;
}

/** What entities of ours are called at a provider, by entity; those that are called nothing there are not in it. */
export async function listExternalIds(
  db: CoreDb,
  { environmentId, entity, entityIds, system, table, configurationId }: MappedEntities,
): Promise<ReadonlyMap<string, string>> {
  if (entityIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("external_mappings")
    .distinctOn("entity_id")
    .select(["entity_id", "external_id"])
    .where("environment_id", "=", environmentId)
    .where("entity_id", "in", [...entityIds])
    .where(sql<SqlBool>`lower(entity) = lower(${entity})`)
    .where(sql<SqlBool>`lower(external_system) = lower(${system})`)
    .where(sql<SqlBool>`lower(external_table) = lower(${table})`)
    .where((eb) =>
      eb.or([
        eb("configuration_id", "is", null),
        ...(configurationId === undefined ? [] : [eb("configuration_id", "=", configurationId)]),
      ]),
    )
    .orderBy("entity_id")
    .orderBy(sql`configuration_id nulls last`)
    .orderBy("position")
    .execute();
  return new Map(rows.map((row) => [row.entity_id, row.external_id]));
}

/** What an entity of ours is called at a provider, or undefined. */
export async function findExternalId(
  db: CoreDb,
  { entityId, ...mapped }: Omit<MappedEntities, "entityIds"> & { readonly entityId: string },
): Promise<string | undefined> {
  return (await listExternalIds(db, { ...mapped, entityIds: [entityId] })).get(entityId);
}
