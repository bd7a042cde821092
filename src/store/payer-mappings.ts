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

/** As findExternalId, of several entities of one kind; those that are called nothing there are not in it. */
export async function listExternalIds(
  db: CoreDb,
  {
    environmentId,
    entity,
    entityIds,
    system,
    table,
    configurationId,
  }: Omit<MappedEntity, "entityId" | "configurationId"> & {
    readonly entityIds: readonly string[];
    /** undefined: only mappings that are linked to none. */
    readonly configurationId: string | undefined;
  },
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
