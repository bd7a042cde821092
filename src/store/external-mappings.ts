import { type Selectable, type SqlBool, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { ExternalMappingsTable } from "../db/tables/integrations.ts";
import type { MappedEntity } from "../domain/integrations/mapped-entity.ts";
import { conflict, notFound } from "../errors.ts";
import { violatedConstraint } from "../platform/database/database.ts";

/** What an entity of ours is called at another system. */
export interface MappingFacts {
  readonly entity: MappedEntity;
  readonly entityId: string;
  readonly externalSystem: string;
  readonly externalTable: string;
  readonly externalId: string;
  /** null: it holds for every configuration that has none of its own. */
  readonly configurationId: string | null;
}

export interface ExternalMapping extends MappingFacts {
  readonly id: string;
  readonly version: number;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  readonly updatedBy: string;
  readonly position: bigint;
}

const fromRow = (row: Selectable<ExternalMappingsTable>): ExternalMapping => ({
  id: row.id,
  entity: row.entity as MappedEntity,
  entityId: row.entity_id,
  externalSystem: row.external_system,
  externalTable: row.external_table,
  externalId: row.external_id,
  configurationId: row.configuration_id,
  version: row.version,
  createdAt: row.created_at,
  createdBy: row.created_by,
  updatedAt: row.updated_at,
  updatedBy: row.updated_by,
  position: row.position,
});

const toColumns = (facts: MappingFacts) => ({
  entity: facts.entity,
  entity_id: facts.entityId,
  external_system: facts.externalSystem,
  external_table: facts.externalTable,
  external_id: facts.externalId,
  configuration_id: facts.configurationId,
});

const mappingsIn = (db: CoreDb, environmentId: string) =>
  db.selectFrom("external_mappings").selectAll().where("environment_id", "=", environmentId);

/** A mapping of the environment. Throws not_found. */
export async function getMapping(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<ExternalMapping> {
  const row = await mappingsIn(db, environmentId).where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw notFound("external mapping", id);
  return fromRow(row);
}

/** As getMapping, held until the transaction ends. */
export async function lockMapping(
  tx: CoreTransaction,
  environmentId: string,
  id: string,
): Promise<ExternalMapping> {
  const row = await mappingsIn(tx, environmentId)
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw notFound("external mapping", id);
  return fromRow(row);
}

export interface MappingFilter extends Partial<MappingFacts> {
  /** Empty = any. */
  readonly entityIds?: readonly string[];
  readonly after: bigint | undefined;
  readonly limit: number;
}

/** Mappings, oldest first; one more than asked, to tell whether more follow. */
export async function listMappings(
  db: CoreDb,
  environmentId: string,
  { entityIds = [], after, limit, ...facts }: MappingFilter,
): Promise<ExternalMapping[]> {
  let query = mappingsIn(db, environmentId)
    .orderBy("position")
    .limit(limit + 1);
  if (after !== undefined) query = query.where("position", ">", after as never);
  if (facts.entity !== undefined) query = query.where("entity", "=", facts.entity);
  if (facts.entityId !== undefined) query = query.where("entity_id", "=", facts.entityId);
  if (facts.externalSystem !== undefined) {
    query = query.where("external_system", "=", facts.externalSystem);
  }
  if (facts.externalTable !== undefined) {
    query = query.where("external_table", "=", facts.externalTable);
  }
  if (facts.externalId !== undefined) query = query.where("external_id", "=", facts.externalId);
  if (facts.configurationId !== undefined) {
    query = query.where("configuration_id", "=", facts.configurationId);
  }
  if (entityIds.length > 0) {
    query = query.where(sql<SqlBool>`entity_id = any(${entityIds}::text[])`);
  }
  return (await query.execute()).map(fromRow);
}

/** One thing of ours has one name in one table, for one configuration or for all that have none. */
async function onceEach<Result>(facts: MappingFacts, write: () => Promise<Result>) {
  try {
    return await write();
  } catch (error) {
    if (violatedConstraint(error) !== "external_mappings_unique") throw error;
    const { entity, entityId, externalSystem, externalTable } = facts;
    throw conflict(
      `${entity} ${entityId} is mapped to a ${externalTable} of ${externalSystem} already`,
      "mapping_exists",
    );
  }
}

/** Who writes a mapping, and when. */
export interface MappingAuthor {
  readonly at: string;
  readonly by: string;
}

/** Adds a mapping. Throws conflict when the entity has one there already. */
export async function insertMapping(
  tx: CoreTransaction,
  environmentId: string,
  facts: MappingFacts,
  { at, by }: MappingAuthor,
): Promise<ExternalMapping> {
  const insert = tx
    .insertInto("external_mappings")
    .values({
      environment_id: environmentId,
      ...toColumns(facts),
      created_at: at,
      created_by: by,
      updated_at: at,
      updated_by: by,
    })
    .returningAll();
  return fromRow(await onceEach(facts, () => insert.executeTakeFirstOrThrow()));
}

/** Replaces a mapping. Throws conflict as insertMapping. */
export async function updateMapping(
  tx: CoreTransaction,
  { id, version }: Pick<ExternalMapping, "id" | "version">,
  facts: MappingFacts,
  { at, by }: MappingAuthor,
): Promise<ExternalMapping> {
  const update = tx
    .updateTable("external_mappings")
    .set({ ...toColumns(facts), version: version + 1, updated_at: at, updated_by: by })
    .where("id", "=", id)
    .returningAll();
  return fromRow(await onceEach(facts, () => update.executeTakeFirstOrThrow()));
}

/** Takes a mapping away. */
export async function deleteMapping(tx: CoreTransaction, id: string): Promise<void> {
  await tx.deleteFrom("external_mappings").where("id", "=", id).execute();
}

const TABLE_OF = {
  Account: "customers",
  Contract: "contracts",
  Product: "products",
  Aggregation: "billable_metrics",
} as const satisfies Record<MappedEntity, string>;

/** Whether the environment has this thing, and it was not archived. */
export async function hasMappedEntity(
  db: CoreDb,
  environmentId: string,
  { entity, entityId }: Pick<MappingFacts, "entity" | "entityId">,
): Promise<boolean> {
  const { rows } = await sql`select from ${sql.table(TABLE_OF[entity])}
    where environment_id = ${environmentId} and id = ${entityId} and archived_at is null`.execute(
    db,
  );
  return rows.length > 0;
}
